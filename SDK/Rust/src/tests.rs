//! The kit against the recorded ABI, against wrong arguments, and against itself.

use crate::abi::{self, *};
use crate::*;
use std::mem::{size_of, MaybeUninit};
use std::os::raw::{c_char, c_void};
use std::ptr::{null, null_mut};

macro_rules! members {
    ($type:ty as $name:literal: $($field:ident),+) => {{
        let room = MaybeUninit::<$type>::uninit();
        let base = room.as_ptr();
        let offsets = vec![$((stringify!($field), unsafe {
            std::ptr::addr_of!((*base).$field) as usize - base as usize
        })),+];
        ($name, size_of::<$type>(), offsets)
    }};
}

#[test]
fn structs_lie_as_the_recorded_abi_has_them() {
    let json = Json::parse(include_bytes!("../../abi.json")).unwrap();
    let all = [
        members!(Str as "sluice_str": data, size),
        members!(Bytes as "sluice_bytes": data, size),
        members!(Text as "sluice_text": struct_size, reserved, data, size, private_data, release),
        members!(Floats as "sluice_floats": struct_size, dimensions, rows, data, private_data, release),
        members!(Error as "sluice_error": struct_size, code, message, retryable, reserved, retry_after_ms, private_data,
            release),
        members!(ArrowSchema as "ArrowSchema": format, name, metadata, flags, n_children, children, dictionary, release,
            private_data),
        members!(ArrowArray as "ArrowArray": length, null_count, offset, n_buffers, n_children, buffers, children,
            dictionary, release, private_data),
        members!(ArrowArrayStream as "ArrowArrayStream": get_schema, get_next, get_last_error, release, private_data),
        members!(HostTable as "sluice_host": struct_size, reserved, log, progress, deadline, cancelled, read_at,
            stream_size, resource, query, http, get_extension),
        members!(HostInfo as "sluice_host_info": struct_size, abi_major, abi_minor, reserved, name, version, host),
        members!(Plugin as "sluice_plugin": struct_size, abi_major, abi_minor, kind, id, version, describe, create,
            destroy, cancel, ops, get_extension),
        members!(ConnectorOps as "sluice_connector_ops": struct_size, reserved, inventory, schema, split, scan),
        members!(CheckOps as "sluice_check_ops": struct_size, reserved, declare, begin, update, merge, finish),
        members!(ProviderOps as "sluice_provider_ops": struct_size, reserved, infer, embed, token_estimate, health,
            submit, poll),
    ];
    let structs = json.get("structs").and_then(Json::as_array).unwrap();
    assert_eq!(structs.len(), all.len());
    for (name, size, offsets) in all {
        let recorded = structs.iter().find(|one| one.get("name").and_then(Json::as_str) == Some(name)).unwrap();
        assert_eq!(recorded.get("size").and_then(Json::as_int), Some(size as i64), "{}", name);
        let fields = recorded.get("fields").and_then(Json::as_array).unwrap();
        let fields: Vec<(&str, usize)> = fields
            .iter()
            .map(|field| {
                let offset = field.get("offset").and_then(Json::as_int).unwrap() as usize;
                (field.get("name").and_then(Json::as_str).unwrap(), offset)
            })
            .collect();
        assert_eq!(fields, offsets, "{}", name);
    }
}

#[test]
fn constants_are_the_recorded_ones() {
    let json = Json::parse(include_bytes!("../../abi.json")).unwrap();
    let constants = json.get("constants").and_then(Json::as_array).unwrap();
    let value = |name: &str| {
        let found = constants.iter().find(|one| one.get("name").and_then(Json::as_str) == Some(name));
        found.unwrap_or_else(|| panic!("{} is not recorded", name)).get("value").unwrap().clone()
    };
    for (name, ours) in [
        ("SLUICE_ABI_MAJOR", ABI_MAJOR as i64), ("SLUICE_ABI_MINOR", ABI_MINOR as i64),
        ("SLUICE_POLICY_BLOCK", POLICY_BLOCK as i64), ("SLUICE_DSL_REJECT", DSL_REJECT as i64),
        ("SLUICE_PROVIDER_UNHEALTHY", PROVIDER_UNHEALTHY as i64), ("SLUICE_RATE_LIMIT", RATE_LIMIT as i64),
        ("SLUICE_TIMEOUT", TIMEOUT as i64), ("SLUICE_QUOTA_EXHAUSTED", QUOTA_EXHAUSTED as i64),
        ("SLUICE_TRANSIENT_ERROR", TRANSIENT_ERROR as i64),
        ("SLUICE_DETERMINISTIC_FAILURE", DETERMINISTIC_FAILURE as i64),
        ("SLUICE_QUARANTINE_REQUIRED", QUARANTINE_REQUIRED as i64), ("SLUICE_KIND_PROVIDER", KIND_PROVIDER as i64),
        ("SLUICE_KIND_CONNECTOR", KIND_CONNECTOR as i64), ("SLUICE_KIND_CHECK", KIND_CHECK as i64),
        ("SLUICE_TEXT_MAX", TEXT_MAX as i64), ("SLUICE_FINISH_STATE", FINISH_STATE as i64),
        ("ARROW_FLAG_NULLABLE", ARROW_FLAG_NULLABLE), ("SLUICE_LOG_ERROR", Level::Error as i64),
    ] {
        assert_eq!(value(name).as_int(), Some(ours), "{}", name);
    }
    assert_eq!(value("SLUICE_COLUMN_LINE").as_str(), Some(reserved::LINE));
    assert_eq!(value("SLUICE_COLUMN_BYTE_OFFSET").as_str(), Some(reserved::BYTE_OFFSET));
    assert_eq!(value("SLUICE_COLUMN_REJECT").as_str(), Some(reserved::REJECT));
}

#[test]
fn json_is_read_strictly_and_written_as_it_was() {
    for text in [
        r#"{"b":[1,-2.5,null,true,false],"a":{"x":"\"\\/\b\f\n\r\t"}}"#, "\"zo\u{eb} \u{1f600}\"", "-0", "[]", "{}",
        "9223372036854775807",
    ] {
        let value = Json::parse(text.as_bytes()).unwrap();
        assert_eq!(Json::parse(&value.encoded()).unwrap(), value, "{}", text);
    }
    assert_eq!(Json::parse(br#""\ud83d\ude00\u0041""#).unwrap(), Json::from("\u{1f600}A"));
    assert_eq!(Json::parse(b"1e2").unwrap().as_f64(), Some(100.0));
    let deep = "[".repeat(66) + &"]".repeat(66);
    for broken in [
        "", "{", "[1,]", "{\"a\":1,}", "{\"a\":1,\"a\":2}", "01", "1.", "-", "1e", "1e400", "nul", "\"", "\"\\x\"",
        "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\t\"", "1 2", "{a:1}", deep.as_str(),
    ] {
        assert!(Json::parse(broken.as_bytes()).is_err(), "{}", broken);
    }
    assert!(Json::parse(b"\"\xff\"").is_err());
    assert_eq!(Json::from(f64::NAN).encoded(), b"null");
    assert!(Object::new().with("a", 1i64).only(&["b"]).is_err());
}

/// A check whose calls do what its config says.
struct Fixture {
    mode: String,
    rows: u64,
}

impl Check for Fixture {
    fn declaration() -> Declaration {
        Declaration {
            companions: vec!["length"],
            reason_codes: vec!["R"],
            metrics: vec!["m"],
            reads_text: false,
            reads_key_alone: false,
        }
    }
    fn new(config: &Object, _host: Host) -> Result<Self> {
        let mode = config.get("mode").and_then(Json::as_str).unwrap_or("").to_string();
        if mode == "refuse" {
            return Err(PluginFailure::with_code(Code::QUOTA_EXHAUSTED, "no room"));
        }
        Ok(Fixture { mode, rows: 0 })
    }
    fn begin(&mut self, fields: &[Field], _parameters: &CheckParameters) -> Result<()> {
        assert_eq!(fields.len(), 2);
        self.rows = 0;
        Ok(())
    }
    fn update(&mut self, batch: &BatchView) -> Result<()> {
        if self.mode == "panic" {
            panic!("the cell holds SECRET");
        }
        let (numbers, texts) = (batch.column(0).unwrap(), batch.column_named("t").unwrap());
        for row in 0..batch.rows() {
            if row % 3 == 2 {
                assert!(texts.is_null(row) && texts.text(row).is_none());
            } else {
                assert_eq!(texts.text(row), Some("ab"));
            }
            assert_eq!(numbers.int64(row), Some(row as i64));
        }
        assert!(texts.is_null(batch.rows()) && numbers.text(0).is_none());
        self.rows += batch.rows() as u64;
        Ok(())
    }
    fn merge(&mut self, state: &[u8]) -> Result<()> {
        self.rows += state.len() as u64;
        Ok(())
    }
    fn verdict(&mut self) -> Result<Verdict> {
        let finding = Finding { metric: "m".into(), value: 0.5, count: 1, reason_code: "R".into(), ..Finding::default() };
        Ok(Verdict { rows: self.rows, findings: vec![finding] })
    }
    fn state(&mut self) -> Result<Vec<u8>> {
        Ok(vec![b'x'; self.rows as usize])
    }
}

mod entry {
    crate::export_check!(super::Fixture, "kit.fixture", "1.2.3", "A fixture.");
}

fn host_table(size: u32) -> HostTable {
    HostTable {
        struct_size: size, reserved: 0, log: None, progress: None, deadline: None, cancelled: None, read_at: None,
        stream_size: None, resource: None, query: None, http: None, get_extension: None,
    }
}

fn host_info(table: &HostTable) -> HostInfo {
    let empty = Str { data: null(), size: 0 };
    HostInfo {
        struct_size: HOST_INFO_SIZE_V1, abi_major: ABI_MAJOR, abi_minor: ABI_MINOR + 7, reserved: 0, name: empty,
        version: empty, host: table,
    }
}

fn plugin() -> &'static Plugin {
    let table = host_table(HOST_SIZE_V1);
    unsafe { entry::sluice_plugin_entry(&host_info(&table)).as_ref().unwrap() }
}

fn ops() -> &'static CheckOps {
    unsafe { (plugin().ops as *const CheckOps).as_ref().unwrap() }
}

fn text() -> Text {
    Text { struct_size: TEXT_SIZE_V1, reserved: 0, data: null(), size: 0, private_data: null_mut(), release: None }
}

fn str_of(text: &str) -> Str {
    Str { data: text.as_ptr() as *const c_char, size: text.len() as u64 }
}

/// Status and message of a call that must fail.
fn failure(call: impl FnOnce(*mut Error) -> Status) -> (Status, String) {
    let mut error = crate::boundary::no_error();
    let status = call(&mut error);
    assert_ne!(status, abi::OK);
    assert_eq!(error.code, status);
    let bytes = unsafe { std::slice::from_raw_parts(error.message.data as *const u8, error.message.size as usize) };
    let message = String::from_utf8(bytes.to_vec()).unwrap();
    // Moved bit by bit, as a C caller may.
    let mut moved = unsafe { std::ptr::read(&error) };
    unsafe { moved.release.unwrap()(&mut moved) };
    assert!(moved.release.is_none() && moved.private_data.is_null());
    (status, message)
}

fn instance(config: &str) -> Instance {
    let mut instance = null_mut();
    let status = unsafe { plugin().create.unwrap()(str_of(config), 1, &mut instance, null_mut()) };
    assert_eq!(status, abi::OK);
    instance
}

fn fields() -> Vec<Field> {
    vec![Field::required("n", ArrowType::Int64), Field::new("t", ArrowType::Utf8)]
}

fn batch(rows: usize) -> ArrowArray {
    let mut builder = BatchBuilder::new(&fields());
    for row in 0..rows {
        builder.int64(0, Some(row as i64)).unwrap();
        builder.text(1, if row % 3 == 2 { None } else { Some("ab") }).unwrap();
    }
    let mut array = MaybeUninit::uninit();
    unsafe {
        builder.finish().unwrap().export(array.as_mut_ptr());
        array.assume_init()
    }
}

fn schema() -> ArrowSchema {
    let mut schema = MaybeUninit::uninit();
    unsafe {
        export_fields(&fields(), schema.as_mut_ptr());
        schema.assume_init()
    }
}

fn taken(text: &mut Text) -> String {
    let bytes = unsafe { std::slice::from_raw_parts(text.data as *const u8, text.size as usize) }.to_vec();
    unsafe { text.release.unwrap()(text) };
    assert!(text.release.is_none() && text.data.is_null());
    String::from_utf8(bytes).unwrap()
}

fn begin(instance: Instance) {
    let mut schema = schema();
    unsafe {
        assert_eq!(ops().begin.unwrap()(instance, &schema, str_of("{\"columns\":[]}"), null_mut()), abi::OK);
        schema.release.unwrap()(&mut schema);
    }
}

#[test]
fn a_check_is_driven_through_its_tables() {
    let plugin = plugin();
    assert_eq!((plugin.kind, plugin.id.size, plugin.version.size), (KIND_CHECK, 11, 5));
    let mut out = text();
    unsafe {
        assert_eq!(plugin.describe.unwrap()(&mut out, null_mut()), abi::OK);
        assert_eq!(taken(&mut out), r#"{"summary":"A fixture."}"#);
        let one = instance("{}");
        assert_eq!(ops().declare.unwrap()(one, &mut out, null_mut()), abi::OK);
        assert!(taken(&mut out).contains(r#""companions":["length"]"#));
        begin(one);
        for rows in [0, 1, 9, 1000] {
            let mut array = batch(rows);
            assert_eq!(ops().update.unwrap()(one, &mut array, null_mut()), abi::OK);
            assert!(array.release.is_none());
        }
        let state = b"xyz";
        let state = Bytes { data: state.as_ptr(), size: 3 };
        assert_eq!(ops().merge.unwrap()(one, state, null_mut()), abi::OK);
        assert_eq!(ops().finish.unwrap()(one, FINISH_VERDICT, &mut out, null_mut()), abi::OK);
        assert_eq!(
            taken(&mut out),
            r#"{"rows":1013,"findings":[{"column":null,"metric":"m","value":0.5,"count":1,"reason_code":"R","ordinals":[]}]}"#
        );
        plugin.cancel.unwrap()(one);
        plugin.destroy.unwrap()(one);
    }
}

#[test]
fn wrong_arguments_are_refused_and_change_nothing() {
    let (plugin, ops, one) = (plugin(), ops(), instance(""));
    let long = Str { data: 16 as *const c_char, size: TEXT_MAX + 1 };
    let nothing = Str { data: null(), size: 5 };
    let mut out = text();
    let mut small = Text { struct_size: TEXT_SIZE_V1 - 8, ..text() };
    let mut array = batch(3);
    let mut released: ArrowArray = unsafe { std::mem::zeroed() };
    let mut schema = schema();
    let gone: ArrowSchema = unsafe { std::mem::zeroed() };
    let no_bytes = Bytes { data: null(), size: 1 };
    begin(one);
    unsafe {
        let calls: Vec<(&str, Box<dyn Fn(*mut Error) -> Status>)> = vec![
            ("describe", Box::new(|e| plugin.describe.unwrap()(null_mut(), e))),
            ("create", Box::new(|e| plugin.create.unwrap()(str_of("{}"), 1, null_mut(), e))),
            ("declare", Box::new(|e| ops.declare.unwrap()(one, null_mut(), e))),
            ("begin", Box::new(|e| ops.begin.unwrap()(one, null(), str_of("{}"), e))),
            ("update", Box::new(|e| ops.update.unwrap()(one, null_mut(), e))),
            ("merge", Box::new(|e| ops.merge.unwrap()(one, no_bytes, e))),
            ("finish", Box::new(|e| ops.finish.unwrap()(one, FINISH_VERDICT, null_mut(), e))),
        ];
        for (name, call) in &calls {
            assert_eq!(failure(call).0, DETERMINISTIC_FAILURE, "{}", name);
            // An error may be missing, or too short to fill.
            assert_eq!(call(null_mut()), DETERMINISTIC_FAILURE, "{}", name);
            let mut short = Error { struct_size: ERROR_SIZE_V1 - 8, ..crate::boundary::no_error() };
            assert_eq!(call(&mut short), DETERMINISTIC_FAILURE, "{}", name);
            assert!(short.code == 0 && short.release.is_none());
        }
        for text in [long, nothing] {
            let mut made = 1 as Instance;
            failure(|e| plugin.create.unwrap()(text, 1, &mut made, e));
            assert_eq!(made as usize, 1);
            failure(|e| ops.begin.unwrap()(one, &schema, text, e));
        }
        failure(|e| ops.declare.unwrap()(null_mut(), &mut out, e));
        failure(|e| ops.declare.unwrap()(one, &mut small, e));
        failure(|e| ops.begin.unwrap()(one, &gone, str_of("{}"), e));
        failure(|e| ops.begin.unwrap()(null_mut(), &schema, str_of("{}"), e));
        failure(|e| ops.update.unwrap()(one, &mut released, e));
        failure(|e| ops.update.unwrap()(null_mut(), &mut array, e));
        assert!(array.release.is_some(), "a refused batch stays the caller's");
        for mode in [-1, 2, i32::MAX] {
            failure(|e| ops.finish.unwrap()(one, mode, &mut out, e));
        }
        assert!(out.release.is_none() && small.release.is_none());
        plugin.destroy.unwrap()(null_mut());
        plugin.cancel.unwrap()(null_mut());
        // After all of that it works.
        assert_eq!(ops.update.unwrap()(one, &mut array, null_mut()), abi::OK);
        assert_eq!(ops.finish.unwrap()(one, FINISH_STATE, &mut out, null_mut()), abi::OK);
        assert_eq!(taken(&mut out), "xxx");
        plugin.destroy.unwrap()(one);
        schema.release.unwrap()(&mut schema);
    }
}

#[test]
fn a_panic_is_a_failure_that_shows_no_value() {
    let one = instance(r#"{"mode":"panic"}"#);
    begin(one);
    let mut array = batch(1);
    let (status, message) = failure(|e| unsafe { ops().update.unwrap()(one, &mut array, e) });
    assert_eq!(status, DETERMINISTIC_FAILURE);
    assert!(message.contains("panicked at") && message.contains("tests.rs") && !message.contains("SECRET"), "{}", message);
    assert!(array.release.is_none());
    unsafe { plugin().destroy.unwrap()(one) };
    let mut made = null_mut();
    let config = str_of(r#"{"mode":"refuse"}"#);
    let refused = failure(|e| unsafe { plugin().create.unwrap()(config, 1, &mut made, e) });
    assert_eq!(refused, (QUOTA_EXHAUSTED, "no room".to_string()));
}

#[test]
fn a_host_that_does_not_fit_gets_nothing_and_an_older_one_what_it_has() {
    unsafe {
        let table = host_table(HOST_SIZE_V1);
        assert!(!entry::sluice_plugin_entry(&host_info(&table)).is_null());
        assert!(!entry::sluice_plugin_entry(&host_info(&table)).is_null(), "the entry may be called twice");
        assert!(entry::sluice_plugin_entry(null()).is_null());
        assert!(entry::sluice_plugin_entry(&HostInfo { abi_major: ABI_MAJOR + 1, ..host_info(&table) }).is_null());
        assert!(entry::sluice_plugin_entry(&HostInfo { struct_size: 48, ..host_info(&table) }).is_null());
        assert!(entry::sluice_plugin_entry(&HostInfo { host: null(), ..host_info(&table) }).is_null());
        let short = host_table(HOST_SIZE_V1 - 8);
        assert!(entry::sluice_plugin_entry(&host_info(&short)).is_null());
    }
    let host = Host::without_services();
    let mut buffer = [0u8; 4];
    assert_eq!(host.read_at(0, 0, &mut buffer).unwrap_err().code, Code::POLICY_BLOCK);
    assert_eq!(host.http("{}", b"").unwrap_err().code, Code::POLICY_BLOCK);
    assert!(host.resource("x").unwrap_err().message.contains("resource"));
    assert!(!host.is_cancelled() && host.deadline_ms().is_none() && host.extension("org.name/1").is_null());
    host.log(Level::Info, "nobody hears this");
}

#[test]
fn a_moved_child_outlives_its_batch_and_slices_are_read_as_such() {
    let mut array = batch(10);
    let child = unsafe { *array.children.add(0) };
    let mut moved = unsafe { child.read() };
    unsafe {
        (*child).release = None;
        array.release.unwrap()(&mut array);
        assert_eq!(*(*moved.buffers.add(1) as *const i64).add(9), 9);
        moved.release.unwrap()(&mut moved);
    }
    let mut array = batch(10);
    array.offset = 3;
    array.length = 6;
    let view = unsafe { BatchView::moving(&mut array, &fields()) }.unwrap();
    assert_eq!(view.rows(), 6);
    assert_eq!(view.column(0).unwrap().int64(0), Some(3));
    assert!(view.column(1).unwrap().is_null(2) && view.column(1).unwrap().text(0) == Some("ab"));
    let breakages: [fn(&mut ArrowArray); 6] = [
        |array| array.length = 11,
        |array| array.n_children = 1,
        |array| array.offset = i64::MAX,
        |array| unsafe { (**array.children).n_buffers = 3 },
        |array| unsafe { *(**array.children.add(1)).buffers.add(1) = null() },
        |array| unsafe { *(*(**array.children.add(1)).buffers.add(1) as *mut i32).add(2) = 900 },
    ];
    for (index, breakage) in breakages.iter().enumerate() {
        let mut array = batch(10);
        let release = array.release;
        breakage(&mut array);
        assert!(unsafe { BatchView::moving(&mut array, &fields()) }.is_err(), "{}", index);
        assert!(release.is_some() && array.release.is_none());
    }
}

#[test]
fn a_column_is_checked_when_the_batch_comes_and_not_again() {
    let mut array = batch(10);
    let offsets = unsafe { *(**array.children.add(1)).buffers.add(1) as *mut i32 };
    let view = unsafe { BatchView::moving(&mut array, &fields()) }.unwrap();
    // Nobody may do this to a batch; here it shows whether somebody looks.
    let kept = unsafe { offsets.add(2).replace(900) };
    assert!(view.column(1).is_some() && view.column(2).is_none());
    unsafe { offsets.add(2).write(kept) };
}

#[test]
fn every_type_is_written_and_read_back() {
    let fields: Vec<Field> = ArrowType::ALL.iter().map(|one| Field::new("x", *one)).collect();
    let mut builder = BatchBuilder::new(&fields);
    for row in 0..20i64 {
        let some = row % 4 != 3;
        builder.bool(0, Some(row % 2 == 0).filter(|_| some)).unwrap();
        builder.int64(1, Some(row).filter(|_| some)).unwrap();
        builder.float64(2, Some(row as f64 / 2.0).filter(|_| some)).unwrap();
        builder.text(3, Some("zo\u{eb}").filter(|_| some)).unwrap();
        builder.binary(4, Some(&[0xff, 0][..]).filter(|_| some)).unwrap();
        builder.date32(5, Some(row as i32).filter(|_| some)).unwrap();
        builder.int64(6, Some(row * 1000).filter(|_| some)).unwrap();
    }
    assert!(builder.int64(3, None).is_err() && builder.null(7).is_err());
    assert_eq!(builder.rows(6), 20);
    let mut array = MaybeUninit::uninit();
    let mut array = unsafe {
        builder.finish().unwrap().export(array.as_mut_ptr());
        array.assume_init()
    };
    assert_eq!(builder.rows(0), 0);
    let view = unsafe { BatchView::moving(&mut array, &fields) }.unwrap();
    let column = |index: usize| view.column(index).unwrap();
    for row in 0..20 {
        let some = row % 4 != 3;
        assert_eq!(column(0).bool(row), Some(row % 2 == 0).filter(|_| some));
        assert_eq!(column(1).int64(row), Some(row as i64).filter(|_| some));
        assert_eq!(column(2).float64(row), Some(row as f64 / 2.0).filter(|_| some));
        assert_eq!(column(3).text(row), Some("zo\u{eb}").filter(|_| some));
        assert_eq!(column(4).bytes(row), Some(&[0xff, 0][..]).filter(|_| some));
        assert_eq!(column(5).date32(row), Some(row as i32).filter(|_| some));
        assert_eq!(column(6).int64(row), Some(row as i64 * 1000).filter(|_| some));
    }
}

#[test]
fn a_stream_gives_batches_the_end_and_stays_failed() {
    let run = |fails: bool, panics: bool| unsafe {
        let mut left = 2;
        let stream = Stream::new(fields(), move || {
            left -= 1;
            if left >= 0 {
                let mut builder = BatchBuilder::new(&fields());
                builder.int64(0, Some(1))?;
                builder.null(1)?;
                return builder.finish().map(Some);
            }
            assert!(!panics, "SECRET");
            assert!(left == -1, "called again behind the end");
            if fails { Err(PluginFailure::with_code(Code::TRANSIENT_ERROR, "gone")) } else { Ok(None) }
        });
        let mut out = MaybeUninit::<ArrowArrayStream>::uninit();
        stream.export(out.as_mut_ptr());
        let mut out = out.assume_init();
        let mut schema: ArrowSchema = std::mem::zeroed();
        assert_eq!(out.get_schema.unwrap()(&mut out, &mut schema), 0);
        assert_eq!(fields_of(&schema).unwrap(), fields());
        schema.release.unwrap()(&mut schema);
        let mut array: ArrowArray = std::mem::zeroed();
        for _ in 0..2 {
            assert_eq!(out.get_next.unwrap()(&mut out, &mut array), 0);
            array.release.unwrap()(&mut array);
        }
        let mut ends = Vec::new();
        for _ in 0..2 {
            ends.push(out.get_next.unwrap()(&mut out, &mut array));
            assert!(array.release.is_none());
        }
        assert_eq!(out.get_next.unwrap()(null_mut(), &mut array), 22);
        assert_eq!(out.get_next.unwrap()(&mut out, null_mut()), 22);
        let message = out.get_last_error.unwrap()(&mut out);
        let message = if message.is_null() { "" } else { std::ffi::CStr::from_ptr(message).to_str().unwrap() };
        let message = message.to_string();
        let mut moved = std::ptr::read(&out);
        moved.release.unwrap()(&mut moved);
        assert!(moved.release.is_none());
        (ends, message)
    };
    plugin(); // silences panics
    assert_eq!(run(false, false), (vec![0, 0], String::new()));
    assert_eq!(run(true, false), (vec![5, 5], "gone".to_string()));
    let (ends, message) = run(false, true);
    assert!(ends == [22, 22] && message.contains("panicked") && !message.contains("SECRET"), "{}", message);
}

/// A provider that offers batches and says back what it was asked.
struct Batches;

impl Provider for Batches {
    const OFFERS_BATCHES: bool = true;
    fn new(_config: &Object, _host: Host) -> Result<Self> {
        Ok(Batches)
    }
    fn submit(&mut self, request: &Json) -> Result<Json> {
        let items = request.get("items").and_then(Json::as_array).map_or(0, |items| items.len());
        Ok(Json::Object(Object::new().with("batch", format!("b{}", items).as_str())))
    }
    fn poll(&mut self, request: &Json) -> Result<Json> {
        let batch = request.get("batch").and_then(Json::as_str).ok_or_else(|| PluginFailure::new("no batch"))?;
        Ok(Json::Object(Object::new().with("state", "running").with("batch", batch)))
    }
    fn health(&mut self) -> Result<Object> {
        Ok(Object::new().with("healthy", true))
    }
}

#[test]
fn a_provider_that_offers_batches_is_asked_for_them() {
    let parts = crate::export::provider::<Batches>();
    let ops = unsafe { &*(parts.ops as *const ProviderOps) };
    let (submit, poll) = (ops.submit.unwrap(), ops.poll.unwrap());
    assert!(ops.infer.is_none());
    let mut one: *mut c_void = null_mut();
    let mut text = text();
    unsafe {
        assert_eq!((parts.create)(str_of("{}"), 0, &mut one, null_mut()), abi::OK);
        assert_eq!(submit(one, str_of(r#"{"items":[1,2]}"#), &mut text, null_mut()), abi::OK);
        assert_eq!(std::slice::from_raw_parts(text.data as *const u8, text.size as usize), br#"{"batch":"b2"}"#);
        text.release.unwrap()(&mut text);
        assert_eq!(poll(one, str_of(r#"{"batch":"b2"}"#), &mut text, null_mut()), abi::OK);
        text.release.unwrap()(&mut text);
        failure(|e| poll(one, str_of("{}"), &mut text, e));
        failure(|e| submit(one, str_of("{"), &mut text, e));
        failure(|e| submit(null_mut(), str_of("{}"), &mut text, e));
        (parts.destroy)(one);
    }
}

/// A provider that offers embed alone.
struct Vectors;

impl Provider for Vectors {
    const OFFERS_EMBED: bool = true;
    fn new(_config: &Object, _host: Host) -> Result<Self> {
        Ok(Vectors)
    }
    fn embed(&mut self, _model: Option<&str>, texts: &[&str]) -> Result<Embeddings> {
        Embeddings::new(2, texts.iter().flat_map(|text| vec![text.len() as f32, 1.0]).collect())
    }
    fn health(&mut self) -> Result<Object> {
        Ok(Object::new().with("healthy", true))
    }
}

#[test]
fn a_provider_gives_vectors_and_leaves_out_what_it_does_not_offer() {
    let parts = crate::export::provider::<Vectors>();
    let ops = unsafe { &*(parts.ops as *const ProviderOps) };
    assert!(ops.infer.is_none() && ops.token_estimate.is_none() && ops.submit.is_none() && ops.health.is_some());
    let mut one: *mut c_void = null_mut();
    let mut floats = Floats {
        struct_size: FLOATS_SIZE_V1, dimensions: 0, rows: 0, data: null(), private_data: null_mut(), release: None,
    };
    unsafe {
        assert_eq!((parts.create)(str_of("{}"), 0, &mut one, null_mut()), abi::OK);
        let request = str_of(r#"{"model":null,"texts":["a","abc",""]}"#);
        assert_eq!(ops.embed.unwrap()(one, request, &mut floats, null_mut()), abi::OK);
        assert_eq!((floats.rows, floats.dimensions), (3, 2));
        assert_eq!(std::slice::from_raw_parts(floats.data, 6), [1.0, 1.0, 3.0, 1.0, 0.0, 1.0]);
        floats.release.unwrap()(&mut floats);
        assert!(floats.release.is_none());
        failure(|e| ops.embed.unwrap()(one, str_of(r#"{"texts":[1]}"#), &mut floats, e));
        failure(|e| ops.embed.unwrap()(one, str_of("[]"), &mut floats, e));
        floats.struct_size = 8;
        failure(|e| ops.embed.unwrap()(one, request, &mut floats, e));
        (parts.destroy)(one);
    }
    assert!(Embeddings::new(2, vec![1.0]).is_err());
}
