//! Connectors: what an author implements, and the C functions that find it behind an instance pointer.

use crate::abi::{
    self, ArrowArrayStream, ArrowSchema, ConnectorOps, Error, Handle, Instance, Status, Str, Text,
};
use crate::arrow_field::{export_fields, Field};
use crate::arrow_stream::Stream;
use crate::boundary::{self, give_text, raw_text_in, required, text_in, text_out};
use crate::export::{self, author, Parts};
use crate::failure::{PluginFailure, Result};
use crate::host::Host;
use crate::json::{Json, Object};
use std::os::raw::c_void;

/// Reads one source and emits its tables as batches.
///
/// Calls to one instance, and to its streams, come one at a time on one thread. When the host asks a call to stop,
/// [`Host::is_cancelled`] tells.
pub trait Connector: Sized + 'static {
    /// `config` is a JSON object, possibly empty.
    fn new(config: &Object, host: Host) -> Result<Self>;

    /// The tables that the source holds; a file with one table names it "".
    fn inventory(&mut self) -> Result<Vec<String>>;

    /// The columns of a table without the reserved ones, and what was found out about the source.
    fn schema(&mut self, table: &str) -> Result<Table>;

    /// At most `parts` disjoint parts that together are the table.
    fn split(&mut self, table: &str, parts: u32) -> Result<Vec<Split>>;

    /// Stream a table or a part of it, in source order; the stream outlives the call.
    fn scan(&mut self, request: &ScanRequest) -> Result<Stream>;
}

/// What a connector says of a table.
#[derive(Clone, Debug)]
pub struct Table {
    /// The columns without the reserved ones.
    pub fields: Vec<Field>,
    /// What was found out about the source, such as `{"format":"csv"}`.
    pub details: Object,
}

/// One part of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// Its name, for [`ScanRequest::split`].
    pub id: String,
    /// How many bytes of the source it covers, when that is known.
    pub hint_bytes: Option<u64>,
}

/// What a scan is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanRequest {
    /// A table of the inventory.
    pub table: String,
    /// One part of it; `None` for the whole.
    pub split: Option<String>,
    /// The columns wanted, in their order; `None` for all.
    pub columns: Option<Vec<String>>,
    /// Rows a batch may have at most.
    pub batch_rows: usize,
    /// Rows to leave out at the beginning.
    pub skip_rows: u64,
}

impl ScanRequest {
    /// Read `request_json`; absent members have the defaults of connector.h.
    pub fn of(json: &Json) -> Result<ScanRequest> {
        let broken = |member: &str| PluginFailure::new(format!("The scan's request is malformed at /{}.", member));
        let object = json.as_object().ok_or_else(|| broken(""))?;
        let given = |key: &str| object.get(key).filter(|value| !value.is_null());
        let mut request =
            ScanRequest { table: String::new(), split: None, columns: None, batch_rows: 16384, skip_rows: 0 };
        if let Some(value) = given("table") {
            request.table = value.as_str().ok_or_else(|| broken("table"))?.to_string();
        }
        if let Some(value) = given("split") {
            request.split = Some(value.as_str().ok_or_else(|| broken("split"))?.to_string());
        }
        if let Some(value) = given("columns") {
            let names = value.as_array().ok_or_else(|| broken("columns"))?.iter();
            let names = names.map(|name| name.as_str().map(str::to_string));
            request.columns = Some(names.collect::<Option<Vec<_>>>().ok_or_else(|| broken("columns"))?);
        }
        if let Some(value) = given("batch_rows") {
            let rows = value.as_int().filter(|rows| (1..=1 << 31).contains(rows));
            request.batch_rows = rows.ok_or_else(|| broken("batch_rows"))? as usize;
        }
        if let Some(value) = given("skip_rows") {
            let rows = value.as_int().filter(|rows| *rows >= 0);
            request.skip_rows = rows.ok_or_else(|| broken("skip_rows"))? as u64;
        }
        Ok(request)
    }
}

unsafe extern "C" fn create<T: Connector>(
    config: Str,
    context: Handle,
    out: *mut Instance,
    error: *mut Error,
) -> Status {
    unsafe { export::create(config, context, out, error, T::new) }
}

unsafe extern "C" fn inventory<T: Connector>(instance: Instance, out: *mut Text, error: *mut Error) -> Status {
    unsafe {
        boundary::call(error, || {
            let out = text_out(out)?;
            let names = author::<T>(instance)?.inventory()?;
            let tables: Vec<Json> =
                names.into_iter().map(|name| Json::Object(Object::new().with("name", name))).collect();
            give_text(out, Json::Object(Object::new().with("tables", Json::Array(tables))).encoded());
            Ok(())
        })
    }
}

unsafe extern "C" fn schema<T: Connector>(
    instance: Instance,
    table: Str,
    out: *mut ArrowSchema,
    details: *mut Text,
    error: *mut Error,
) -> Status {
    unsafe {
        boundary::call(error, || {
            let out = required(out, "schema to fill")?;
            let details = text_out(details)?;
            let table = text_in(table, "table")?;
            let found = author::<T>(instance)?.schema(table)?;
            give_text(details, Json::Object(found.details).encoded());
            export_fields(&found.fields, out);
            Ok(())
        })
    }
}

unsafe extern "C" fn split<T: Connector>(
    instance: Instance,
    table: Str,
    parts: u32,
    out: *mut Text,
    error: *mut Error,
) -> Status {
    unsafe {
        boundary::call(error, || {
            let out = text_out(out)?;
            let table = text_in(table, "table")?;
            let splits = author::<T>(instance)?.split(table, parts)?;
            let splits = splits.into_iter().map(|split| {
                let mut object = Object::new().with("id", split.id);
                if let Some(bytes) = split.hint_bytes {
                    object.set("hint_bytes", bytes);
                }
                Json::Object(object)
            });
            give_text(out, Json::Object(Object::new().with("splits", Json::Array(splits.collect()))).encoded());
            Ok(())
        })
    }
}

unsafe extern "C" fn scan<T: Connector>(
    instance: Instance,
    request: Str,
    out: *mut ArrowArrayStream,
    error: *mut Error,
) -> Status {
    unsafe {
        boundary::call(error, || {
            let out = required(out, "stream to fill")?;
            let text = raw_text_in(request, "request")?;
            let connector = author::<T>(instance)?;
            let request = ScanRequest::of(&Json::parse(text)?)?;
            connector.scan(&request)?.export(out);
            Ok(())
        })
    }
}

struct Tables<T>(std::marker::PhantomData<T>);

impl<T: Connector> Tables<T> {
    const OPS: &'static ConnectorOps = &ConnectorOps {
        struct_size: std::mem::size_of::<ConnectorOps>() as u32,
        reserved: 0,
        inventory: Some(inventory::<T>),
        schema: Some(schema::<T>),
        split: Some(split::<T>),
        scan: Some(scan::<T>),
    };
}

/// What the table of a connector needs; for [`export_connector!`](crate::export_connector).
pub const fn parts<T: Connector>() -> Parts {
    Parts {
        kind: abi::KIND_CONNECTOR,
        create: create::<T>,
        destroy: export::destroy::<T>,
        cancel: export::cancel::<T>,
        ops: Tables::<T>::OPS as *const ConnectorOps as *const c_void,
    }
}
