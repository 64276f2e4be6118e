//! The connector @ID@: what the host calls. The format itself is in ltsv.rs.

mod ltsv;

use ltsv::Reader;
use sluice_sdk::{
    export_connector, reserved, ArrowType, BatchBuilder, Connector, Field, Host, Object, PluginFailure, Result,
    ScanRequest, Split, Stream, Table,
};

/// A batch is handed over when it is so large, if it has not enough rows before.
const BATCH_BYTES: usize = 4 << 20;

struct Ltsv {
    host: Host,
    /// What `schema` said: a source that has other columns in a scan has changed.
    announced: Option<Vec<String>>,
}

/// The source in blocks, as long as the call was not cancelled.
fn source(host: Host) -> impl FnMut(u64, &mut [u8]) -> Result<usize> {
    move |offset, buffer| {
        host.check_cancellation()?;
        host.read_at(0, offset, buffer)
    }
}

fn only_table(table: &str) -> Result<()> {
    if table.is_empty() {
        Ok(())
    } else {
        Err(PluginFailure::new("An LTSV file has one table, named \"\": ask for that."))
    }
}

impl Ltsv {
    /// The columns, from the first record; none for an empty source.
    fn columns(&self) -> Result<Vec<String>> {
        match Reader::new(source(self.host.clone())).next()? {
            None => Ok(Vec::new()),
            Some(line) => ltsv::columns_of(&line).map_err(|why| {
                PluginFailure::new(format!(
                    "The source gives no columns: {}. Check that it is LTSV, fields label:value with tabs between.",
                    why
                ))
            }),
        }
    }
}

impl Connector for Ltsv {
    // The host may tell the mode of the run in the config; this connector reads the same in each.
    fn new(_config: &Object, host: Host) -> Result<Self> {
        Ok(Ltsv { host, announced: None })
    }

    fn inventory(&mut self) -> Result<Vec<String>> {
        Ok(vec![String::new()])
    }

    fn schema(&mut self, table: &str) -> Result<Table> {
        only_table(table)?;
        let columns = self.columns()?;
        let fields = columns.iter().map(|name| Field::new(name, ArrowType::Utf8)).collect();
        self.announced = Some(columns);
        Ok(Table { fields, details: Object::new().with("format", "ltsv").with("encoding", "utf-8") })
    }

    /// One part: records have no fixed length, so where another part begins is known only behind a line feed.
    fn split(&mut self, table: &str, _parts: u32) -> Result<Vec<Split>> {
        only_table(table)?;
        Ok(vec![Split { id: "0".to_string(), hint_bytes: Some(self.host.stream_size(0)?) }])
    }

    fn scan(&mut self, request: &ScanRequest) -> Result<Stream> {
        only_table(&request.table)?;
        if request.split.as_deref().map_or(false, |part| part != "0") {
            return Err(PluginFailure::new("The source has one part, \"0\": ask for that or none."));
        }
        let columns = self.columns()?;
        if self.announced.as_ref().map_or(false, |announced| *announced != columns) {
            let message = "The source has other columns than before: it changed while it was read. Start again.";
            return Err(PluginFailure::new(message));
        }
        let wanted = wanted(request, &columns)?;
        let mut fields: Vec<Field> =
            wanted.iter().map(|at| Field::new(&columns[*at], ArrowType::Utf8)).collect();
        fields.push(Field::required(reserved::LINE, ArrowType::Int64));
        fields.push(Field::required(reserved::BYTE_OFFSET, ArrowType::Int64));
        fields.push(Field::new(reserved::REJECT, ArrowType::Utf8));

        let (batch_rows, mut left_out) = (request.batch_rows, request.skip_rows);
        let mut reader = Reader::new(source(self.host.clone()));
        let mut batch = BatchBuilder::new(&fields);
        Ok(Stream::new(fields, move || {
            let last = wanted.len();
            while batch.rows(last) < batch_rows && batch.size() < BATCH_BYTES {
                let line = match reader.next()? {
                    Some(line) => line,
                    None => break,
                };
                if left_out > 0 {
                    left_out -= 1;
                    continue;
                }
                let parsed = ltsv::parse(&line, &columns);
                for (column, at) in wanted.iter().enumerate() {
                    // Of a rejected record the columns are null.
                    batch.text(column, parsed.as_ref().ok().and_then(|values| values[*at]))?;
                }
                batch.int64(last, Some(line.number))?;
                batch.int64(last + 1, Some(line.offset as i64))?;
                batch.text(last + 2, parsed.err())?;
            }
            if batch.rows(last) == 0 {
                return Ok(None);
            }
            batch.finish().map(Some)
        }))
    }
}

/// Which columns are asked for, by their place in the source.
fn wanted(request: &ScanRequest, columns: &[String]) -> Result<Vec<usize>> {
    let names = match &request.columns {
        None => return Ok((0..columns.len()).collect()),
        Some(names) => names,
    };
    let missing = || PluginFailure::new("/columns names a column that the source does not have: take those of its schema.");
    names.iter().map(|name| columns.iter().position(|column| column == name).ok_or_else(missing)).collect()
}

export_connector!(Ltsv, "@ID@", "0.1.0", "Reads LTSV, labeled tab-separated values.");
