//! LTSV, labeled tab-separated values (<http://ltsv.org>): one record a line, fields `label:value` with tabs between them.
//!
//! The labels of the first record are the columns. A later record may have them in any order and leave some out, which are
//! null then; one with another label, a label twice or a field without a colon is rejected. Blank lines are no records.

/// Bytes that are read at once.
const BLOCK: usize = 256 << 10;
/// A longer line is rejected, and skipped without being kept.
pub const LONGEST_LINE: usize = 1 << 20;
const MOST_COLUMNS: usize = 4096;
const TAKEN: [&str; 3] = ["sluice.line", "sluice.byte_offset", "sluice.reject"];

/// One line that is not blank, without its end.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// Counted from 1, blank lines too.
    pub number: i64,
    /// Of the line's first byte in the source.
    pub offset: u64,
    /// Empty when the line is too long.
    pub bytes: &'a [u8],
    pub is_too_long: bool,
}

/// Cuts a source into lines. `read` copies bytes at an offset and returns how many: 0 at the end.
pub struct Reader<R> {
    read: R,
    buffer: Vec<u8>,
    start: usize,
    /// Of the buffer's first byte in the source.
    offset: u64,
    number: i64,
    is_at_end: bool,
}

impl<E, R: FnMut(u64, &mut [u8]) -> Result<usize, E>> Reader<R> {
    pub fn new(read: R) -> Reader<R> {
        Reader { read, buffer: Vec::new(), start: 0, offset: 0, number: 0, is_at_end: false }
    }

    /// The next line; `None` at the end.
    pub fn next(&mut self) -> Result<Option<Line<'_>>, E> {
        loop {
            let offset = self.offset + self.start as u64;
            let (mut searched, mut dropped) = (self.start, 0);
            // The end of the line, reading on as long as it is not there. Of a line that is too long only the end is sought.
            let feed = loop {
                let feed = self.buffer[searched..].iter().position(|byte| *byte == b'\n');
                if let Some(at) = feed {
                    break Some(searched + at);
                }
                if self.is_at_end {
                    break None;
                }
                searched = self.buffer.len() - self.start;
                if searched + dropped > LONGEST_LINE {
                    dropped += searched;
                    self.start = self.buffer.len();
                    searched = 0;
                }
                self.fill()?;
            };
            let stop = feed.unwrap_or(self.buffer.len());
            if feed.is_none() && stop == self.start && dropped == 0 {
                return Ok(None);
            }
            self.number += 1;
            let is_too_long = dropped + (stop - self.start) > LONGEST_LINE;
            let (from, to) = if is_too_long { (stop, stop) } else { (self.start, stop) };
            self.start = if feed.is_some() { stop + 1 } else { stop };
            let is_blank = matches!(&self.buffer[from..to], b"" | b"\r");
            if is_too_long || !is_blank {
                let bytes = &self.buffer[from..to];
                let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
                return Ok(Some(Line { number: self.number, offset, bytes, is_too_long }));
            }
        }
    }

    fn fill(&mut self) -> Result<(), E> {
        self.buffer.drain(..self.start);
        self.offset += self.start as u64;
        self.start = 0;
        let end = self.buffer.len();
        self.buffer.resize(end + BLOCK, 0);
        let outcome = (self.read)(self.offset + end as u64, &mut self.buffer[end..]);
        self.buffer.truncate(end + outcome.as_ref().map_or(0, |got| (*got).min(BLOCK)));
        self.is_at_end = outcome? == 0;
        Ok(())
    }
}

/// The fields of a line; `None` for one without a label.
fn fields(text: &str) -> impl Iterator<Item = Option<(&str, &str)>> {
    text.split('\t').map(|field| field.split_once(':').filter(|(label, _)| !label.is_empty()))
}

/// The labels of the first record, or in a sentence why it gives no columns.
pub fn columns_of(line: &Line<'_>) -> Result<Vec<String>, &'static str> {
    if line.is_too_long {
        return Err("its first record is longer than 1 MiB");
    }
    let text = std::str::from_utf8(line.bytes).map_err(|_| "its first record is not UTF-8")?;
    let mut columns: Vec<String> = Vec::new();
    for field in fields(text) {
        let (label, _) = field.ok_or("a field of its first record is not label:value")?;
        if columns.len() == MOST_COLUMNS {
            return Err("its first record has more than 4,096 fields");
        }
        if label.bytes().any(|byte| byte < b' ') {
            return Err("a label of its first record has a control character");
        }
        if columns.iter().any(|known| known == label) {
            return Err("its first record has a label twice");
        }
        if TAKEN.contains(&label) {
            return Err("a label is a reserved name (sluice.line, sluice.byte_offset, sluice.reject)");
        }
        columns.push(label.to_string());
    }
    Ok(columns)
}

/// The values of a record, one a column, `None` for one that it leaves out; or why it is rejected (connector.h).
pub fn parse<'a>(line: &Line<'a>, columns: &[String]) -> Result<Vec<Option<&'a str>>, &'static str> {
    if line.is_too_long {
        return Err("CELL_TOO_LARGE");
    }
    let text = std::str::from_utf8(line.bytes).map_err(|_| "INVALID_ENCODING")?;
    let mut values = vec![None; columns.len()];
    for (place, field) in fields(text).enumerate() {
        let (label, value) = field.ok_or("RAGGED_ROW")?;
        // Mostly a record has its labels in the order of the first one.
        let is_there = columns.get(place).map_or(false, |column| column == label);
        let at = if is_there { Some(place) } else { columns.iter().position(|column| column == label) };
        let at = at.filter(|at| values[*at].is_none()).ok_or("RAGGED_ROW")?;
        values[at] = Some(value);
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The whole source as text: `number@offset` and values, `-` for null, or the reason a record; read `most` bytes at a
    /// time.
    fn dump(source: &[u8], most: usize) -> String {
        let mut reader = Reader::new(|offset: u64, buffer: &mut [u8]| -> Result<usize, ()> {
            let rest = &source[source.len().min(offset as usize)..];
            let got = rest.len().min(most).min(buffer.len());
            buffer[..got].copy_from_slice(&rest[..got]);
            Ok(got)
        });
        let mut columns: Option<Vec<String>> = None;
        let mut out = String::new();
        while let Ok(Some(line)) = reader.next() {
            if columns.is_none() {
                match columns_of(&line) {
                    Ok(found) => columns = Some(found),
                    Err(why) => return why.to_string(),
                }
            }
            let row = match parse(&line, columns.as_ref().unwrap()) {
                Ok(values) => values.iter().map(|value| value.unwrap_or("-")).collect::<Vec<_>>().join("|"),
                Err(reason) => reason.to_string(),
            };
            out += &format!("{}@{} {}\n", line.number, line.offset, row);
        }
        out
    }

    /// However the source is cut into reads, the records are the same.
    fn gives(source: &[u8], wanted: &str) {
        for most in [1, 8, 64, 1 << 20] {
            assert_eq!(dump(source, most), wanted);
        }
    }

    #[test]
    fn fields_may_stand_in_any_order_and_be_missing() {
        gives(b"host:a\tuser:b\nuser:d\thost:c\n", "1@0 a|b\n2@14 c|d\n");
        gives(b"a:1\tb:2\r\n\r\n\na:3\n", "1@0 1|2\n4@12 3|-\n");
        gives(b"a:\tb:x:y", "1@0 |x:y\n");
        gives(b"", "");
    }

    #[test]
    fn what_does_not_fit_is_rejected_with_its_reason() {
        gives(
            b"a:1\nb:2\na:1\ta:2\nplain\n:x\na:4\t\n",
            "1@0 1\n2@4 RAGGED_ROW\n3@8 RAGGED_ROW\n4@16 RAGGED_ROW\n5@22 RAGGED_ROW\n6@25 RAGGED_ROW\n",
        );
        gives(b"a:1\na:\xff\na:3\n", "1@0 1\n2@4 INVALID_ENCODING\n3@8 3\n");
    }

    #[test]
    fn a_source_without_columns_is_refused() {
        gives(b"id,name\n", "a field of its first record is not label:value");
        gives(b"a:1\ta:2\n", "its first record has a label twice");
        gives(b"sluice.line:1\n", "a label is a reserved name (sluice.line, sluice.byte_offset, sluice.reject)");
    }

    #[test]
    fn a_line_above_1_mib_is_rejected_and_the_next_one_read() {
        let mut source = b"a:1\na:".to_vec();
        source.resize(source.len() + LONGEST_LINE + 100, b'x');
        let next = source.len() + 1;
        source.extend_from_slice(b"\na:3\n");
        assert_eq!(dump(&source, usize::MAX), format!("1@0 1\n2@4 CELL_TOO_LARGE\n3@{} 3\n", next));
    }
}
