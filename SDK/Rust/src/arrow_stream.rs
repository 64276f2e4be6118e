//! A pulled sequence of batches, handed to the host as an Arrow C stream.

use crate::abi::{ArrowArray, ArrowArrayStream, ArrowSchema};
use crate::arrow_build::Batch;
use crate::arrow_field::{export_fields, Field};
use crate::boundary::{caught, quietly};
use crate::failure::{PluginFailure, Result};
use std::ffi::CString;
use std::os::raw::{c_char, c_int, c_void};

const EINVAL: c_int = 22;

type Next = Box<dyn FnMut() -> Result<Option<Batch>>>;

/// Batches of one schema. `next` returns `None` at the end; after an error it is not called again.
pub struct Stream {
    fields: Vec<Field>,
    next: Next,
}

impl Stream {
    /// A stream of batches of these columns.
    pub fn new(fields: Vec<Field>, next: impl FnMut() -> Result<Option<Batch>> + 'static) -> Stream {
        Stream { fields, next: Box::new(next) }
    }

    /// Fill `out` with a stream that the receiver owns and releases.
    pub(crate) unsafe fn export(self, out: *mut ArrowArrayStream) {
        let state = Box::new(State { fields: self.fields, next: Some(self.next), outcome: 0, message: None });
        unsafe {
            out.write(ArrowArrayStream {
                get_schema: Some(get_schema),
                get_next: Some(get_next),
                get_last_error: Some(get_last_error),
                release: Some(release),
                private_data: Box::into_raw(state) as *mut c_void,
            })
        };
    }
}

struct State {
    fields: Vec<Field>,
    /// Gone at the end and after an error.
    next: Option<Next>,
    /// The errno value that every later call repeats.
    outcome: c_int,
    message: Option<CString>,
}

impl State {
    fn pull(&mut self) -> Result<Option<Batch>> {
        let batch = match self.next.as_mut() {
            Some(next) => caught(next)?,
            None => None,
        };
        match batch {
            Some(batch) if batch.types().eq(self.fields.iter().map(|field| field.data_type)) => Ok(Some(batch)),
            Some(_) => Err(PluginFailure::new("A batch does not have the columns that its stream declared.")),
            None => {
                self.close();
                Ok(None)
            }
        }
    }

    fn close(&mut self) {
        let next = self.next.take();
        quietly(|| drop(next));
    }
}

unsafe fn state<'a>(stream: *mut ArrowArrayStream) -> Option<&'a mut State> {
    if stream.is_null() {
        return None;
    }
    unsafe { ((*stream).private_data as *mut State).as_mut() }
}

unsafe extern "C" fn get_schema(stream: *mut ArrowArrayStream, out: *mut ArrowSchema) -> c_int {
    match unsafe { state(stream) } {
        Some(state) if !out.is_null() => {
            unsafe { export_fields(&state.fields, out) };
            0
        }
        _ => EINVAL,
    }
}

unsafe extern "C" fn get_next(stream: *mut ArrowArrayStream, out: *mut ArrowArray) -> c_int {
    let state = match unsafe { state(stream) } {
        Some(state) if !out.is_null() => state,
        _ => return EINVAL,
    };
    if state.outcome != 0 {
        return state.outcome;
    }
    match state.pull() {
        // A released array is the end.
        Ok(None) => unsafe { std::ptr::write_bytes(out, 0, 1) },
        Ok(Some(batch)) => unsafe { batch.export(out) },
        Err(failure) => {
            let text: Vec<u8> = failure.message.bytes().filter(|byte| *byte != 0).collect();
            state.message = CString::new(text).ok();
            state.outcome = failure.code.errno();
            state.close();
        }
    }
    state.outcome
}

unsafe extern "C" fn get_last_error(stream: *mut ArrowArrayStream) -> *const c_char {
    let message = unsafe { state(stream) }.and_then(|state| state.message.as_ref());
    message.map_or(std::ptr::null(), |text| text.as_ptr())
}

unsafe extern "C" fn release(stream: *mut ArrowArrayStream) {
    if stream.is_null() || unsafe { (*stream).private_data }.is_null() {
        return;
    }
    let mut state = unsafe { Box::from_raw((*stream).private_data as *mut State) };
    state.close();
    unsafe { std::ptr::write_bytes(stream, 0, 1) };
}
