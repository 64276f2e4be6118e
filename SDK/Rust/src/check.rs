//! Checks: what an author implements, and the C functions that find it behind an instance pointer.

use crate::abi::{self, ArrowArray, ArrowSchema, Bytes, CheckOps, Error, Handle, Instance, Status, Str, Text};
use crate::arrow_field::{fields_of, Field};
use crate::arrow_view::BatchView;
use crate::boundary::{self, bytes_in, give_text, raw_text_in, required, text_out};
use crate::export::{self, author, Parts};
use crate::failure::{PluginFailure, Result};
use crate::host::Host;
use crate::json::{Json, Object};
use std::os::raw::c_void;

/// Looks at masked batches and returns a bounded verdict.
///
/// The order of calls is `begin`, then `update` and `merge` in any number, then `verdict` or `state`; afterwards `begin` may
/// start anew. Calls to one instance come one at a time on one thread. When the host asks a call to stop,
/// [`Host::is_cancelled`] tells.
pub trait Check: Sized + 'static {
    /// What every instance needs and may answer.
    fn declaration() -> Declaration;

    /// `config` is a JSON object, possibly empty.
    fn new(config: &Object, host: Host) -> Result<Self>;

    /// Start over. The first field is `sluice.ordinal`, then c0, c1, … with their companions.
    fn begin(&mut self, fields: &[Field], parameters: &CheckParameters) -> Result<()>;

    /// Take in one batch of the fields given to `begin`.
    fn update(&mut self, batch: &BatchView) -> Result<()>;

    /// Add the state of another instance.
    fn merge(&mut self, state: &[u8]) -> Result<()>;

    /// What was found.
    fn verdict(&mut self) -> Result<Verdict>;

    /// Everything that `merge` of another instance needs.
    fn state(&mut self) -> Result<Vec<u8>>;
}

/// What a check needs, and the only codes and metrics it may answer with. Ask for the least.
#[derive(Clone, Debug)]
pub struct Declaration {
    /// Companion columns wanted: key, shape, length, valid, bloom.
    pub companions: Vec<&'static str>,
    /// Codes of its findings.
    pub reason_codes: Vec<&'static str>,
    /// Metrics of its findings.
    pub metrics: Vec<&'static str>,
    /// False: columns come as empty texts and nulls, which is all that some checks need.
    pub reads_text: bool,
    /// True: only the columns of the key come.
    pub reads_key_alone: bool,
}

/// One column of the table under check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckColumn {
    /// c0, c1, …
    pub id: String,
    /// Whether the target takes nulls there.
    pub is_nullable: bool,
    /// Whether it is part of the key.
    pub is_key: bool,
}

/// What the host tells a check about the columns, and the thresholds that hold.
#[derive(Clone, Debug, Default)]
pub struct CheckParameters {
    /// The columns in order.
    pub columns: Vec<CheckColumn>,
    /// Named numbers of the threshold profile, such as `null_rate_max`.
    pub thresholds: Object,
}

impl CheckParameters {
    /// Read `params_json`; absent `nullable` means true, absent `key` false, and unknown keys are ignored.
    pub fn of(json: &Json) -> Result<CheckParameters> {
        let broken = || PluginFailure::new("The parameters of the check are malformed: docs/abi.md has their form.");
        let object = json.as_object().ok_or_else(broken)?;
        let mut parameters = CheckParameters::default();
        if let Some(columns) = object.get("columns").filter(|value| !value.is_null()) {
            for column in columns.as_array().ok_or_else(broken)? {
                let flag = |key, usual| column.get(key).and_then(Json::as_bool).unwrap_or(usual);
                parameters.columns.push(CheckColumn {
                    id: column.get("id").and_then(Json::as_str).ok_or_else(broken)?.to_string(),
                    is_nullable: flag("nullable", true),
                    is_key: flag("key", false),
                });
            }
        }
        if let Some(thresholds) = object.get("thresholds").filter(|value| !value.is_null()) {
            parameters.thresholds = thresholds.as_object().ok_or_else(broken)?.clone();
        }
        Ok(parameters)
    }
}

/// One finding about one column, several, or the table.
#[derive(Clone, Debug, Default, PartialEq)]
#[allow(missing_docs)]
pub struct Finding {
    pub column: Option<String>,
    pub columns: Option<Vec<String>>,
    pub metric: String,
    pub value: f64,
    pub count: u64,
    pub reason_code: String,
    /// Row ordinals, ascending, of which the first 100 are sent.
    pub ordinals: Vec<i64>,
}

/// A bounded verdict: numbers, declared codes and row ordinals, never a value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Verdict {
    /// Rows that were handed over.
    pub rows: u64,
    /// What was found in them.
    pub findings: Vec<Finding>,
}

/// A verdict may be this long at most (check.h).
const MOST_VERDICT_BYTES: usize = 1 << 20;

impl Verdict {
    fn encoded(&self) -> Result<Vec<u8>> {
        let findings = self.findings.iter().map(|finding| {
            let mut object = Object::new().with("column", finding.column.clone());
            if let Some(columns) = &finding.columns {
                object.set("columns", columns.clone());
            }
            let ordinals: Vec<i64> = finding.ordinals.iter().take(100).copied().collect();
            Json::Object(
                object
                    .with("metric", finding.metric.as_str())
                    .with("value", finding.value)
                    .with("count", finding.count)
                    .with("reason_code", finding.reason_code.as_str())
                    .with("ordinals", ordinals),
            )
        });
        let object = Object::new().with("rows", self.rows).with("findings", Json::Array(findings.collect()));
        let text = Json::Object(object).encoded();
        if text.len() > MOST_VERDICT_BYTES {
            return Err(PluginFailure::new("The verdict is longer than 1 MiB: report fewer findings."));
        }
        Ok(text)
    }
}

/// The author's check with the columns of the table that it was begun with.
struct Begun<T> {
    check: T,
    fields: Option<Vec<Field>>,
}

impl<T: Check> Begun<T> {
    fn fields(&self) -> Result<&[Field]> {
        self.fields.as_deref().ok_or_else(|| PluginFailure::new("begin has not been called: call it first."))
    }
}

unsafe extern "C" fn create<T: Check>(
    config: Str,
    context: Handle,
    out: *mut Instance,
    error: *mut Error,
) -> Status {
    unsafe {
        export::create(config, context, out, error, |config, host| {
            Ok(Begun { check: T::new(config, host)?, fields: None })
        })
    }
}

unsafe extern "C" fn declare<T: Check>(instance: Instance, out: *mut Text, error: *mut Error) -> Status {
    unsafe {
        boundary::call(error, || {
            let out = text_out(out)?;
            author::<Begun<T>>(instance)?;
            let declared = T::declaration();
            let object = Object::new()
                .with("companions", declared.companions)
                .with("reason_codes", declared.reason_codes)
                .with("metrics", declared.metrics)
                .with("reads", if declared.reads_text { "text" } else { "validity" })
                .with("columns", if declared.reads_key_alone { "key" } else { "all" });
            give_text(out, Json::Object(object).encoded());
            Ok(())
        })
    }
}

unsafe extern "C" fn begin<T: Check>(
    instance: Instance,
    schema: *const ArrowSchema,
    parameters: Str,
    error: *mut Error,
) -> Status {
    unsafe {
        boundary::call(error, || {
            let schema = required(schema as *mut ArrowSchema, "schema")?;
            let text = raw_text_in(parameters, "parameters")?;
            let begun = author::<Begun<T>>(instance)?;
            let fields = fields_of(schema)?;
            let parameters = CheckParameters::of(&Json::parse(text)?)?;
            begun.fields = None;
            begun.check.begin(&fields, &parameters)?;
            begun.fields = Some(fields);
            Ok(())
        })
    }
}

unsafe extern "C" fn update<T: Check>(instance: Instance, batch: *mut ArrowArray, error: *mut Error) -> Status {
    unsafe {
        boundary::call(error, || {
            let batch = required(batch, "batch")?;
            let begun = author::<Begun<T>>(instance)?;
            // Moved here first: from now on it is the check's, whatever happens.
            let view = BatchView::moving(batch, begun.fields()?)?;
            begun.check.update(&view)
        })
    }
}

unsafe extern "C" fn merge<T: Check>(instance: Instance, state: Bytes, error: *mut Error) -> Status {
    unsafe {
        boundary::call(error, || {
            let state = bytes_in(state, "state")?;
            let begun = author::<Begun<T>>(instance)?;
            begun.fields()?;
            begun.check.merge(state)
        })
    }
}

unsafe extern "C" fn finish<T: Check>(
    instance: Instance,
    mode: i32,
    out: *mut Text,
    error: *mut Error,
) -> Status {
    unsafe {
        boundary::call(error, || {
            let out = text_out(out)?;
            if mode != abi::FINISH_VERDICT && mode != abi::FINISH_STATE {
                let message = format!("finish knows no mode {}: ask for 0 or 1.", mode);
                return Err(PluginFailure::new(message));
            }
            let begun = author::<Begun<T>>(instance)?;
            begun.fields()?;
            let bytes =
                if mode == abi::FINISH_STATE { begun.check.state()? } else { begun.check.verdict()?.encoded()? };
            give_text(out, bytes);
            Ok(())
        })
    }
}

struct Tables<T>(std::marker::PhantomData<T>);

impl<T: Check> Tables<T> {
    const OPS: &'static CheckOps = &CheckOps {
        struct_size: std::mem::size_of::<CheckOps>() as u32,
        reserved: 0,
        declare: Some(declare::<T>),
        begin: Some(begin::<T>),
        update: Some(update::<T>),
        merge: Some(merge::<T>),
        finish: Some(finish::<T>),
    };
}

/// What the table of a check needs; for [`export_check!`](crate::export_check).
pub const fn parts<T: Check>() -> Parts {
    Parts {
        kind: abi::KIND_CHECK,
        create: create::<T>,
        destroy: export::destroy::<Begun<T>>,
        cancel: export::cancel::<Begun<T>>,
        ops: Tables::<T>::OPS as *const CheckOps as *const c_void,
    }
}
