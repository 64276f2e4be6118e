//! From an author's type to the C tables; what the macros `export_*!` call.

use crate::abi::{self, Error, Handle, HostInfo, Instance, Plugin, Status, Str, Text};
use crate::boundary;
use crate::failure::{PluginFailure, Result};
use crate::host::{self, Host};
use crate::json::{Json, Object};
use std::cell::UnsafeCell;
use std::os::raw::{c_char, c_void};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

/// An instance behind its opaque C pointer: made by `create`, freed by `destroy`.
pub(crate) struct Held<T> {
    /// Calls to one instance come one at a time on one thread, so that one `&mut` exists at a time; `cancel`, which may
    /// come from any thread, touches the flag alone.
    author: UnsafeCell<T>,
    cancelled: Arc<AtomicBool>,
}

/// The author's object behind a pointer, for one call.
///
/// # Safety
/// `instance` is NULL or came from [`create`] of the same `T` and was not destroyed.
pub(crate) unsafe fn author<'a, T>(instance: Instance) -> Result<&'a mut T> {
    let held = boundary::required(instance as *mut Held<T>, "instance")?;
    unsafe {
        // A new call was not cancelled yet; the host's own word holds beside it.
        (*held).cancelled.store(false, Ordering::Relaxed);
        Ok(&mut *(*held).author.get())
    }
}

pub(crate) unsafe fn create<T>(
    config: Str,
    context: Handle,
    out: *mut Instance,
    error: *mut Error,
    make: impl FnOnce(&Object, Host) -> Result<T>,
) -> Status {
    unsafe {
        boundary::call(error, || {
            let out = boundary::required(out, "place for the instance")?;
            let text = boundary::raw_text_in(config, "configuration")?;
            let parsed = if text.is_empty() { Json::Object(Object::new()) } else { Json::parse(text)? };
            let config = parsed
                .as_object()
                .ok_or_else(|| PluginFailure::new("The configuration is not a JSON object: give one."))?;
            let cancelled = Arc::new(AtomicBool::new(false));
            let author = make(config, Host::of(context, cancelled.clone()))?;
            *out = Box::into_raw(Box::new(Held { author: UnsafeCell::new(author), cancelled })) as Instance;
            Ok(())
        })
    }
}

pub(crate) unsafe extern "C" fn destroy<T>(instance: Instance) {
    if !instance.is_null() {
        boundary::quietly(|| drop(unsafe { Box::from_raw(instance as *mut Held<T>) }));
    }
}

pub(crate) unsafe extern "C" fn cancel<T>(instance: Instance) {
    if let Some(held) = unsafe { (instance as *const Held<T>).as_ref() } {
        held.cancelled.store(true, Ordering::Relaxed);
    }
}

/// Answer `describe`; for the macros.
///
/// # Safety
/// As the ABI has it.
pub unsafe fn describe(summary: &str, out: *mut Text, error: *mut Error) -> Status {
    unsafe {
        boundary::call(error, || {
            let out = boundary::text_out(out)?;
            boundary::give_text(out, Json::Object(Object::new().with("summary", summary)).encoded());
            Ok(())
        })
    }
}

/// Take the host that calls the entry point, which may be called again; false when its ABI does not fit.
///
/// # Safety
/// As the ABI has it.
pub unsafe fn accept(info: *const HostInfo) -> bool {
    boundary::quiet_panics();
    unsafe { host::accept(info) }
}

pub(crate) type Create = unsafe extern "C" fn(Str, Handle, *mut Instance, *mut Error) -> Status;
pub(crate) type OnInstance = unsafe extern "C" fn(Instance);
/// What the macros make of a summary.
pub type Describe = unsafe extern "C" fn(*mut Text, *mut Error) -> Status;

/// What a kind's table needs of its author's type.
pub struct Parts {
    pub(crate) kind: i32,
    pub(crate) create: Create,
    pub(crate) destroy: OnInstance,
    pub(crate) cancel: OnInstance,
    pub(crate) ops: *const c_void,
}

/// The static table of a plugin; for the macros.
pub const fn table(parts: Parts, id: &'static str, version: &'static str, describe: Describe) -> Plugin {
    Plugin {
        struct_size: std::mem::size_of::<Plugin>() as u32,
        abi_major: abi::ABI_MAJOR,
        abi_minor: abi::ABI_MINOR,
        kind: parts.kind,
        id: Str { data: id.as_ptr() as *const c_char, size: id.len() as u64 },
        version: Str { data: version.as_ptr() as *const c_char, size: version.len() as u64 },
        describe: Some(describe),
        create: Some(parts.create),
        destroy: Some(parts.destroy),
        cancel: Some(parts.cancel),
        ops: parts.ops,
        get_extension: None,
    }
}

/// The entry point of a plugin; [`export_connector!`](crate::export_connector) and its sisters are what authors use.
#[doc(hidden)]
#[macro_export]
macro_rules! __export {
    ($parts:expr, $id:expr, $version:expr, $summary:expr) => {
        /// The one function that the plugin exports.
        #[no_mangle]
        pub unsafe extern "C" fn sluice_plugin_entry(
            info: *const $crate::abi::HostInfo,
        ) -> *const $crate::abi::Plugin {
            unsafe extern "C" fn describe(
                out: *mut $crate::abi::Text,
                error: *mut $crate::abi::Error,
            ) -> $crate::abi::Status {
                unsafe { $crate::export::describe($summary, out, error) }
            }
            static PLUGIN: $crate::abi::Plugin = $crate::export::table($parts, $id, $version, describe);
            if unsafe { $crate::export::accept(info) } {
                &PLUGIN
            } else {
                ::std::ptr::null()
            }
        }
    };
}

/// Export a connector: `export_connector!(Type, "publisher.name", "1.0.0", "What it reads.");` once in a plugin. Id and
/// version equal the manifest's.
#[macro_export]
macro_rules! export_connector {
    ($type:ty, $id:expr, $version:expr, $summary:expr $(,)?) => {
        $crate::__export!($crate::export::connector::<$type>(), $id, $version, $summary);
    };
}

/// Export a check: `export_check!(Type, "publisher.name", "1.0.0", "What it finds.");` once in a plugin. Id and version
/// equal the manifest's.
#[macro_export]
macro_rules! export_check {
    ($type:ty, $id:expr, $version:expr, $summary:expr $(,)?) => {
        $crate::__export!($crate::export::check::<$type>(), $id, $version, $summary);
    };
}

/// Export a provider: `export_provider!(Type, "publisher.name", "1.0.0", "What it offers.");` once in a plugin. Id and
/// version equal the manifest's.
#[macro_export]
macro_rules! export_provider {
    ($type:ty, $id:expr, $version:expr, $summary:expr $(,)?) => {
        $crate::__export!($crate::export::provider::<$type>(), $id, $version, $summary);
    };
}

pub use crate::check::parts as check;
pub use crate::connector::parts as connector;
pub use crate::provider::parts as provider;
