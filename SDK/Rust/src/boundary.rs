//! What crosses: arguments are looked at before any is used, outputs are handed out with their `release`, and no panic
//! leaves a function.

use crate::abi::{self, Bytes, Error, Floats, Status, Str, Text};
use crate::failure::{Code, PluginFailure, Result};
use std::cell::RefCell;
use std::os::raw::{c_char, c_void};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    /// Where the last panic of this thread came from. Its message is left out: it may hold a value of a cell.
    static PLACE: RefCell<String> = RefCell::new(String::new());
}

/// Keep panics off standard error, where a value could be shown, and remember where they came from.
pub(crate) fn quiet_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        std::panic::set_hook(Box::new(|info| {
            let place = info.location().map_or(String::new(), |at| format!(" at {}:{}", at.file(), at.line()));
            let _ = PLACE.try_with(|last| *last.borrow_mut() = place);
        }));
    });
}

/// Run an author's code: a panic becomes a failure that names the place.
pub(crate) fn caught<T>(body: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|payload| {
        // A payload whose drop panics as well must not end the process.
        std::mem::forget(payload);
        let place = PLACE.try_with(|last| last.borrow().clone()).unwrap_or_default();
        Err(PluginFailure::new(format!("The plugin panicked{}: report it to its publisher.", place)))
    })
}

/// Run the body of a call for a C caller: what it returns becomes a status and a filled error.
///
/// # Safety
/// `error` is NULL or points to an error whose `struct_size` is true.
pub(crate) unsafe fn call(error: *mut Error, body: impl FnOnce() -> Result<()>) -> Status {
    match caught(body) {
        Ok(()) => abi::OK,
        Err(failure) => {
            unsafe { fill(error, &failure) };
            failure.code.status()
        }
    }
}

/// Run something that returns nothing; a panic ends here.
pub(crate) fn quietly(body: impl FnOnce()) {
    let _ = caught(|| {
        body();
        Ok(())
    });
}

/// The pointer, or a failure that names the argument.
pub(crate) fn required<T>(pointer: *mut T, argument: &str) -> Result<*mut T> {
    if pointer.is_null() {
        Err(PluginFailure::missing(argument))
    } else {
        Ok(pointer)
    }
}

/// # Safety
/// `out` is NULL or points to a text whose `struct_size` is true.
pub(crate) unsafe fn text_out(out: *mut Text) -> Result<*mut Text> {
    let out = required(out, "text to fill")?;
    if unsafe { (*out).struct_size } < abi::TEXT_SIZE_V1 {
        return Err(PluginFailure::new("The caller's sluice_text is smaller than version 1."));
    }
    Ok(out)
}

/// # Safety
/// As [`text_out`].
pub(crate) unsafe fn floats_out(out: *mut Floats) -> Result<*mut Floats> {
    let out = required(out, "floats to fill")?;
    if unsafe { (*out).struct_size } < abi::FLOATS_SIZE_V1 {
        return Err(PluginFailure::new("The caller's sluice_floats is smaller than version 1."));
    }
    Ok(out)
}

/// The borrowed bytes of an argument. Nothing is read when pointer and size contradict each other.
///
/// # Safety
/// `data` is NULL or lends `size` bytes, up to [`abi::TEXT_MAX`], as long as the caller's call runs.
pub(crate) unsafe fn bytes_in<'a>(bytes: Bytes, argument: &str) -> Result<&'a [u8]> {
    if bytes.size > abi::TEXT_MAX {
        return Err(PluginFailure::new(format!("The caller's {} is longer than 1 GiB.", argument)));
    }
    if bytes.size == 0 {
        return Ok(&[]);
    }
    if bytes.data.is_null() {
        return Err(PluginFailure::new(format!("The caller's {} has a size and no data.", argument)));
    }
    Ok(unsafe { std::slice::from_raw_parts(bytes.data, bytes.size as usize) })
}

/// # Safety
/// As [`bytes_in`].
pub(crate) unsafe fn raw_text_in<'a>(text: Str, argument: &str) -> Result<&'a [u8]> {
    unsafe { bytes_in(Bytes { data: text.data as *const u8, size: text.size }, argument) }
}

/// Borrowed text; text that is not UTF-8 is refused.
///
/// # Safety
/// As [`bytes_in`].
pub(crate) unsafe fn text_in<'a>(text: Str, argument: &str) -> Result<&'a str> {
    let bytes = unsafe { raw_text_in(text, argument)? };
    std::str::from_utf8(bytes).map_err(|_| PluginFailure::new(format!("The caller's {} is not UTF-8.", argument)))
}

/// A text of the kit's own as an argument for the host.
pub(crate) fn lend(text: &str) -> Str {
    Str { data: text.as_ptr() as *const c_char, size: text.len() as u64 }
}

/// Bytes on their own, behind one pointer: what `private_data` holds, so that a struct may be moved bit by bit.
fn own<T>(values: Vec<T>) -> (*mut T, *mut c_void) {
    let owner = Box::new(values);
    let data = owner.as_ptr() as *mut T;
    (data, Box::into_raw(owner) as *mut c_void)
}

/// Hand bytes to the caller.
///
/// # Safety
/// `out` came from [`text_out`].
pub(crate) unsafe fn give_text(out: *mut Text, bytes: Vec<u8>) {
    unsafe extern "C" fn release(text: *mut Text) {
        if text.is_null() {
            return;
        }
        let text = unsafe { &mut *text };
        if !text.private_data.is_null() {
            drop(unsafe { Box::from_raw(text.private_data as *mut Vec<u8>) });
        }
        text.private_data = std::ptr::null_mut();
        text.data = std::ptr::null();
        text.size = 0;
        text.release = None;
    }
    let size = bytes.len() as u64;
    let (data, owner) = own(bytes);
    let out = unsafe { &mut *out };
    out.data = data as *const c_char;
    out.size = size;
    out.private_data = owner;
    out.release = Some(release);
}

/// Hand vectors to the caller.
///
/// # Safety
/// `out` came from [`floats_out`].
pub(crate) unsafe fn give_floats(out: *mut Floats, dimensions: u32, rows: u64, values: Vec<f32>) {
    unsafe extern "C" fn release(floats: *mut Floats) {
        if floats.is_null() {
            return;
        }
        let floats = unsafe { &mut *floats };
        if !floats.private_data.is_null() {
            drop(unsafe { Box::from_raw(floats.private_data as *mut Vec<f32>) });
        }
        floats.private_data = std::ptr::null_mut();
        floats.data = std::ptr::null();
        floats.rows = 0;
        floats.release = None;
    }
    let (data, owner) = own(values);
    let out = unsafe { &mut *out };
    out.dimensions = dimensions;
    out.rows = rows;
    out.data = data;
    out.private_data = owner;
    out.release = Some(release);
}

/// Fill the caller's error, if it gave one of a size that we know.
unsafe fn fill(error: *mut Error, failure: &PluginFailure) {
    unsafe extern "C" fn release(error: *mut Error) {
        if error.is_null() {
            return;
        }
        let error = unsafe { &mut *error };
        if !error.private_data.is_null() {
            drop(unsafe { Box::from_raw(error.private_data as *mut Vec<u8>) });
        }
        error.private_data = std::ptr::null_mut();
        error.message = Str { data: std::ptr::null(), size: 0 };
        error.release = None;
    }
    if error.is_null() || unsafe { (*error).struct_size } < abi::ERROR_SIZE_V1 {
        return;
    }
    let (data, owner) = own(failure.message.clone().into_bytes());
    let error = unsafe { &mut *error };
    error.code = failure.code.status();
    error.message = Str { data: data as *const c_char, size: failure.message.len() as u64 };
    error.retryable = failure.is_retryable as u32;
    error.reserved = 0;
    error.retry_after_ms = failure.retry_after_ms;
    error.private_data = owner;
    error.release = Some(release);
}

/// A fresh error for a host service.
pub(crate) fn no_error() -> Error {
    Error {
        struct_size: abi::ERROR_SIZE_V1,
        code: abi::OK,
        message: Str { data: std::ptr::null(), size: 0 },
        retryable: 0,
        reserved: 0,
        retry_after_ms: 0,
        private_data: std::ptr::null_mut(),
        release: None,
    }
}

/// Ask a host service with a fresh error, and return what it reports.
pub(crate) fn ask(service: impl FnOnce(*mut Error) -> Status) -> Result<()> {
    let mut error = no_error();
    let status = service(&mut error);
    let outcome = match Code::of(status) {
        None => Ok(()),
        Some(code) => {
            // The host's message is text of its own; should it not be UTF-8, it is mended.
            let message = unsafe { raw_text_in(error.message, "message") }.unwrap_or(&[]);
            let mut message = String::from_utf8_lossy(message).into_owned();
            if message.is_empty() {
                message = format!("The host refused a service with status {}.", status);
            }
            let is_retryable = error.retryable != 0;
            Err(PluginFailure { code, message, is_retryable, retry_after_ms: error.retry_after_ms })
        }
    };
    if let Some(release) = error.release {
        unsafe { release(&mut error) };
    }
    outcome
}
