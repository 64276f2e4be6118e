//! The C structs of `SDK/include/sluice`, member by member; their sizes are held against the headers at compile time, and
//! their offsets by the kit's tests.
#![allow(missing_docs)] // the headers say what each member is

use std::os::raw::{c_char, c_int, c_void};

pub const ABI_MAJOR: u32 = 0;
pub const ABI_MINOR: u32 = 1;

pub type Status = i32;
pub const OK: Status = 0;
pub const POLICY_BLOCK: Status = 1;
pub const DSL_REJECT: Status = 2;
pub const PROVIDER_UNHEALTHY: Status = 3;
pub const RATE_LIMIT: Status = 4;
pub const TIMEOUT: Status = 5;
pub const QUOTA_EXHAUSTED: Status = 6;
pub const TRANSIENT_ERROR: Status = 7;
pub const DETERMINISTIC_FAILURE: Status = 8;
pub const QUARANTINE_REQUIRED: Status = 9;

pub const KIND_PROVIDER: i32 = 1;
pub const KIND_CONNECTOR: i32 = 2;
pub const KIND_CHECK: i32 = 3;

pub const FINISH_VERDICT: i32 = 0;
pub const FINISH_STATE: i32 = 1;

/// No text and no bytes of a call are longer than this: 1 GiB.
pub const TEXT_MAX: u64 = 1 << 30;

pub type Handle = u64;
pub type Instance = *mut c_void;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Str {
    pub data: *const c_char,
    pub size: u64,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Bytes {
    pub data: *const u8,
    pub size: u64,
}

#[repr(C)]
pub struct Text {
    pub struct_size: u32,
    pub reserved: u32,
    pub data: *const c_char,
    pub size: u64,
    pub private_data: *mut c_void,
    pub release: Option<unsafe extern "C" fn(*mut Text)>,
}
pub const TEXT_SIZE_V1: u32 = 40;

#[repr(C)]
pub struct Floats {
    pub struct_size: u32,
    pub dimensions: u32,
    pub rows: u64,
    pub data: *const f32,
    pub private_data: *mut c_void,
    pub release: Option<unsafe extern "C" fn(*mut Floats)>,
}
pub const FLOATS_SIZE_V1: u32 = 40;

#[repr(C)]
pub struct Error {
    pub struct_size: u32,
    pub code: Status,
    pub message: Str,
    pub retryable: u32,
    pub reserved: u32,
    pub retry_after_ms: u64,
    pub private_data: *mut c_void,
    pub release: Option<unsafe extern "C" fn(*mut Error)>,
}
pub const ERROR_SIZE_V1: u32 = 56;

#[repr(C)]
pub struct ArrowSchema {
    pub format: *const c_char,
    pub name: *const c_char,
    pub metadata: *const c_char,
    pub flags: i64,
    pub n_children: i64,
    pub children: *mut *mut ArrowSchema,
    pub dictionary: *mut ArrowSchema,
    pub release: Option<unsafe extern "C" fn(*mut ArrowSchema)>,
    pub private_data: *mut c_void,
}
pub const ARROW_FLAG_NULLABLE: i64 = 2;

#[repr(C)]
pub struct ArrowArray {
    pub length: i64,
    pub null_count: i64,
    pub offset: i64,
    pub n_buffers: i64,
    pub n_children: i64,
    pub buffers: *mut *const c_void,
    pub children: *mut *mut ArrowArray,
    pub dictionary: *mut ArrowArray,
    pub release: Option<unsafe extern "C" fn(*mut ArrowArray)>,
    pub private_data: *mut c_void,
}

#[repr(C)]
pub struct ArrowArrayStream {
    pub get_schema: Option<unsafe extern "C" fn(*mut ArrowArrayStream, *mut ArrowSchema) -> c_int>,
    pub get_next: Option<unsafe extern "C" fn(*mut ArrowArrayStream, *mut ArrowArray) -> c_int>,
    pub get_last_error: Option<unsafe extern "C" fn(*mut ArrowArrayStream) -> *const c_char>,
    pub release: Option<unsafe extern "C" fn(*mut ArrowArrayStream)>,
    pub private_data: *mut c_void,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct HostTable {
    pub struct_size: u32,
    pub reserved: u32,
    pub log: Option<unsafe extern "C" fn(Handle, i32, Str)>,
    pub progress: Option<unsafe extern "C" fn(Handle, u64, u64)>,
    pub deadline: Option<unsafe extern "C" fn(Handle) -> i64>,
    pub cancelled: Option<unsafe extern "C" fn(Handle) -> u32>,
    pub read_at:
        Option<unsafe extern "C" fn(Handle, u32, u64, *mut c_void, u64, *mut u64, *mut Error) -> Status>,
    pub stream_size: Option<unsafe extern "C" fn(Handle, u32, *mut u64, *mut Error) -> Status>,
    pub resource: Option<unsafe extern "C" fn(Handle, Str, *mut Bytes, *mut Error) -> Status>,
    pub query: Option<unsafe extern "C" fn(Handle, Str, *mut Text, *mut Error) -> Status>,
    pub http: Option<unsafe extern "C" fn(Handle, Str, Bytes, *mut Text, *mut Text, *mut Error) -> Status>,
    pub get_extension: Option<unsafe extern "C" fn(Str) -> *const c_void>,
}
pub const HOST_SIZE_V1: u32 = 88;

#[repr(C)]
pub struct HostInfo {
    pub struct_size: u32,
    pub abi_major: u32,
    pub abi_minor: u32,
    pub reserved: u32,
    pub name: Str,
    pub version: Str,
    pub host: *const HostTable,
}
pub const HOST_INFO_SIZE_V1: u32 = 56;

#[repr(C)]
pub struct Plugin {
    pub struct_size: u32,
    pub abi_major: u32,
    pub abi_minor: u32,
    pub kind: i32,
    pub id: Str,
    pub version: Str,
    pub describe: Option<unsafe extern "C" fn(*mut Text, *mut Error) -> Status>,
    pub create: Option<unsafe extern "C" fn(Str, Handle, *mut Instance, *mut Error) -> Status>,
    pub destroy: Option<unsafe extern "C" fn(Instance)>,
    pub cancel: Option<unsafe extern "C" fn(Instance)>,
    pub ops: *const c_void,
    pub get_extension: Option<unsafe extern "C" fn(Str) -> *const c_void>,
}
pub const PLUGIN_SIZE_V1: u32 = 96;
// Everything in it is static and never changes.
unsafe impl Sync for Plugin {}

#[repr(C)]
pub struct ConnectorOps {
    pub struct_size: u32,
    pub reserved: u32,
    pub inventory: Option<unsafe extern "C" fn(Instance, *mut Text, *mut Error) -> Status>,
    pub schema:
        Option<unsafe extern "C" fn(Instance, Str, *mut ArrowSchema, *mut Text, *mut Error) -> Status>,
    pub split: Option<unsafe extern "C" fn(Instance, Str, u32, *mut Text, *mut Error) -> Status>,
    pub scan: Option<unsafe extern "C" fn(Instance, Str, *mut ArrowArrayStream, *mut Error) -> Status>,
}
pub const CONNECTOR_OPS_SIZE_V1: u32 = 40;

#[repr(C)]
pub struct CheckOps {
    pub struct_size: u32,
    pub reserved: u32,
    pub declare: Option<unsafe extern "C" fn(Instance, *mut Text, *mut Error) -> Status>,
    pub begin: Option<unsafe extern "C" fn(Instance, *const ArrowSchema, Str, *mut Error) -> Status>,
    pub update: Option<unsafe extern "C" fn(Instance, *mut ArrowArray, *mut Error) -> Status>,
    pub merge: Option<unsafe extern "C" fn(Instance, Bytes, *mut Error) -> Status>,
    pub finish: Option<unsafe extern "C" fn(Instance, i32, *mut Text, *mut Error) -> Status>,
}
pub const CHECK_OPS_SIZE_V1: u32 = 48;

#[repr(C)]
pub struct ProviderOps {
    pub struct_size: u32,
    pub reserved: u32,
    pub infer: Option<unsafe extern "C" fn(Instance, Str, *mut Text, *mut Error) -> Status>,
    pub embed: Option<unsafe extern "C" fn(Instance, Str, *mut Floats, *mut Error) -> Status>,
    pub token_estimate: Option<unsafe extern "C" fn(Instance, Str, Str, *mut u64, *mut Error) -> Status>,
    pub health: Option<unsafe extern "C" fn(Instance, *mut Text, *mut Error) -> Status>,
    pub submit: Option<unsafe extern "C" fn(Instance, Str, *mut Text, *mut Error) -> Status>,
    pub poll: Option<unsafe extern "C" fn(Instance, Str, *mut Text, *mut Error) -> Status>,
}
pub const PROVIDER_OPS_SIZE_V1: u32 = 56;

// The sizes of this version are those of version 1; a mistake in a struct does not compile.
macro_rules! size_is {
    ($($type:ty = $size:expr),+ $(,)?) => { $(const _: [(); $size as usize] = [(); std::mem::size_of::<$type>()];)+ };
}
#[cfg(target_pointer_width = "64")]
size_is!(
    Str = 16, Bytes = 16, Text = TEXT_SIZE_V1, Floats = FLOATS_SIZE_V1, Error = ERROR_SIZE_V1, ArrowSchema = 72,
    ArrowArray = 80, ArrowArrayStream = 40, HostTable = HOST_SIZE_V1, HostInfo = HOST_INFO_SIZE_V1,
    Plugin = PLUGIN_SIZE_V1, ConnectorOps = CONNECTOR_OPS_SIZE_V1, CheckOps = CHECK_OPS_SIZE_V1,
    ProviderOps = PROVIDER_OPS_SIZE_V1,
);
