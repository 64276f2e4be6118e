//! The host's services for one instance.

use crate::abi::{self, Bytes, HostInfo, HostTable, Str, Text};
use crate::boundary::{ask, bytes_in, lend};
use crate::failure::{PluginFailure, Result};
use std::os::raw::c_void;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};
use std::sync::Arc;

/// Importance of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Level {
    Debug = 0,
    Info = 1,
    Warning = 2,
    Error = 3,
}

/// What an endpoint answered: a status of 400 and above is an answer, not a failure (docs/egress.md).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpAnswer {
    /// `{"status":…,"headers":{…},"code":…?,"retry_after_ms":…?}`
    pub response: Vec<u8>,
    /// The body as it came.
    pub body: Vec<u8>,
}

/// What the host offers to one instance: log, progress, deadline, source bytes, pinned resources, HTTP.
///
/// Every call may come from any thread. A service that the host does not offer to this kind of plugin, or that is older
/// than the host, fails with POLICY_BLOCK.
#[derive(Clone)]
pub struct Host {
    table: HostTable,
    context: abi::Handle,
    cancelled: Arc<AtomicBool>,
}

/// The table that the entry point was given, copied; never freed, because the process ends with the plugin.
static TABLE: AtomicPtr<HostTable> = AtomicPtr::new(std::ptr::null_mut());

const NO_SERVICES: HostTable = HostTable {
    struct_size: abi::HOST_SIZE_V1,
    reserved: 0,
    log: None,
    progress: None,
    deadline: None,
    cancelled: None,
    read_at: None,
    stream_size: None,
    resource: None,
    query: None,
    http: None,
    get_extension: None,
};

/// Take the host's table, whose members that an older host lacks become NULL; false when its ABI does not fit.
///
/// # Safety
/// `info` is NULL or points to structs whose `struct_size` is true.
pub(crate) unsafe fn accept(info: *const HostInfo) -> bool {
    if info.is_null() || unsafe { (*info).struct_size } < abi::HOST_INFO_SIZE_V1 {
        return false;
    }
    let info = unsafe { &*info };
    if info.abi_major != abi::ABI_MAJOR
        || info.host.is_null()
        || unsafe { (*info.host).struct_size } < abi::HOST_SIZE_V1
    {
        return false;
    }
    let mut table = NO_SERVICES;
    let known = std::mem::size_of::<HostTable>();
    let size = known.min(unsafe { (*info.host).struct_size } as usize);
    // Plain bytes of pointers; those behind `size` stay NULL.
    unsafe { std::ptr::copy_nonoverlapping(info.host as *const u8, &mut table as *mut _ as *mut u8, size) };
    table.struct_size = known as u32;
    TABLE.store(Box::into_raw(Box::new(table)), Ordering::Release);
    true
}

impl Host {
    /// The services for the instance of `context`; without any when the entry point was not called.
    pub(crate) fn of(context: abi::Handle, cancelled: Arc<AtomicBool>) -> Host {
        let table = TABLE.load(Ordering::Acquire);
        // A table that was stored is never freed and never changed.
        let table = if table.is_null() { NO_SERVICES } else { unsafe { *table } };
        Host { table, context, cancelled }
    }

    /// A host without a single service, for unit tests: what asks for one fails, and nothing is ever cancelled.
    pub fn without_services() -> Host {
        Host { table: NO_SERVICES, context: 0, cancelled: Arc::new(AtomicBool::new(false)) }
    }

    /// Write a line to the host's log, capped at 4 KiB; it must hold no value of a cell.
    pub fn log(&self, level: Level, message: &str) {
        if let Some(log) = self.table.log {
            unsafe { log(self.context, level as i32, lend(message)) };
        }
    }

    /// Report work done; `total` is 0 when unknown.
    pub fn progress(&self, done: u64, total: u64) {
        if let Some(progress) = self.table.progress {
            unsafe { progress(self.context, done, total) };
        }
    }

    /// Milliseconds left until the running call's deadline; `None` when it has none.
    pub fn deadline_ms(&self) -> Option<i64> {
        let deadline = self.table.deadline?;
        let left = unsafe { deadline(self.context) };
        if left == i64::MAX {
            None
        } else {
            Some(left)
        }
    }

    /// Whether the running call was cancelled: return soon, with [`PluginFailure::cancelled`].
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
            || self.table.cancelled.map_or(false, |cancelled| unsafe { cancelled(self.context) } != 0)
    }

    /// Fail once the running call was cancelled.
    pub fn check_cancellation(&self) -> Result<()> {
        if self.is_cancelled() {
            Err(PluginFailure::cancelled())
        } else {
            Ok(())
        }
    }

    /// Copy bytes at `offset` of source stream `stream` (0: the source itself) into `buffer`; file connectors alone.
    /// Returns how many: fewer than asked only near the end, and 0 at the end.
    pub fn read_at(&self, stream: u32, offset: u64, buffer: &mut [u8]) -> Result<usize> {
        let read = self.table.read_at.ok_or_else(|| PluginFailure::not_offered("read_at"))?;
        let mut done = 0;
        while done < buffer.len() {
            let rest = &mut buffer[done..];
            let mut got = 0;
            ask(|error| unsafe {
                let place = rest.as_mut_ptr() as *mut c_void;
                read(self.context, stream, offset + done as u64, place, rest.len() as u64, &mut got, error)
            })?;
            if got > rest.len() as u64 {
                return Err(PluginFailure::new("The host returned more bytes than were asked for."));
            }
            if got == 0 {
                break;
            }
            done += got as usize;
        }
        Ok(done)
    }

    /// The size of a source stream in bytes; file connectors alone.
    pub fn stream_size(&self, stream: u32) -> Result<u64> {
        let size_of = self.table.stream_size.ok_or_else(|| PluginFailure::not_offered("stream_size"))?;
        let mut size = 0;
        ask(|error| unsafe { size_of(self.context, stream, &mut size, error) })?;
        Ok(size)
    }

    /// A data file that the manifest names and pins: mapped read-only, valid until the process ends.
    pub fn resource(&self, name: &str) -> Result<&'static [u8]> {
        let resource = self.table.resource.ok_or_else(|| PluginFailure::not_offered("resource"))?;
        let mut bytes = Bytes { data: std::ptr::null(), size: 0 };
        ask(|error| unsafe { resource(self.context, lend(name), &mut bytes, error) })?;
        if bytes.data.is_null() || bytes.size == 0 {
            return Ok(&[]);
        }
        if bytes.size > isize::MAX as u64 {
            return Err(PluginFailure::new("The host returned a resource of impossible size."));
        }
        Ok(unsafe { std::slice::from_raw_parts(bytes.data, bytes.size as usize) })
    }

    /// Send one HTTP request to an endpoint that the manifest names; providers alone, in `infer`, `embed`,
    /// `health`, `submit` and `poll`.
    /// `request` is `{"endpoint":…,"method":…,"path":…,"headers":{…}}`; the host adds the credentials.
    pub fn http(&self, request: &str, body: &[u8]) -> Result<HttpAnswer> {
        let http = self.table.http.ok_or_else(|| PluginFailure::not_offered("http"))?;
        let (mut response, mut answer) = (no_text(), no_text());
        let sent = Bytes { data: body.as_ptr(), size: body.len() as u64 };
        let asked =
            ask(|error| unsafe { http(self.context, lend(request), sent, &mut response, &mut answer, error) });
        let (response, body) = (taken(response), taken(answer));
        asked?;
        Ok(HttpAnswer { response: response?, body: body? })
    }

    /// An optional table by immutable id (`org.name/1`), or NULL when the host has none of that id.
    pub fn extension(&self, id: &str) -> *const c_void {
        self.table.get_extension.map_or(std::ptr::null(), |get| unsafe { get(lend(id)) })
    }
}

fn no_text() -> Text {
    Text {
        struct_size: abi::TEXT_SIZE_V1,
        reserved: 0,
        data: std::ptr::null(),
        size: 0,
        private_data: std::ptr::null_mut(),
        release: None,
    }
}

/// A copy of a text of the host's, which is released.
fn taken(mut text: Text) -> Result<Vec<u8>> {
    let view = Str { data: text.data, size: text.size };
    let copy = unsafe { bytes_in(Bytes { data: view.data as *const u8, size: view.size }, "text") }.map(<[u8]>::to_vec);
    if let Some(release) = text.release {
        unsafe { release(&mut text) };
    }
    copy
}
