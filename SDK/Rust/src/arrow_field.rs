//! Types and schemas of the Arrow C Data Interface that may cross (connector.h).

use crate::abi::{ArrowSchema, ARROW_FLAG_NULLABLE};
use crate::failure::{PluginFailure, Result};
use std::ffi::{CStr, CString};
use std::os::raw::c_char;

/// The types of values that may cross the boundary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum ArrowType {
    Bool,
    Int64,
    Float64,
    Utf8,
    Binary,
    /// Days since 1970-01-01, 32 bits.
    Date32,
    /// Microseconds since 1970-01-01 00:00 UTC, 64 bits.
    Timestamp,
}

impl ArrowType {
    /// Every type there is.
    pub const ALL: [ArrowType; 7] = [
        ArrowType::Bool,
        ArrowType::Int64,
        ArrowType::Float64,
        ArrowType::Utf8,
        ArrowType::Binary,
        ArrowType::Date32,
        ArrowType::Timestamp,
    ];

    /// The format string with the NUL that C wants.
    fn c_format(self) -> &'static [u8] {
        match self {
            ArrowType::Bool => b"b\0",
            ArrowType::Int64 => b"l\0",
            ArrowType::Float64 => b"g\0",
            ArrowType::Utf8 => b"u\0",
            ArrowType::Binary => b"z\0",
            ArrowType::Date32 => b"tdD\0",
            ArrowType::Timestamp => b"tsu:UTC\0",
        }
    }

    fn of_format(format: &[u8]) -> Option<ArrowType> {
        ArrowType::ALL.iter().copied().find(|known| known.c_format().split_last().map(|(_, text)| text) == Some(format))
    }

    pub(crate) fn is_variable(self) -> bool {
        matches!(self, ArrowType::Utf8 | ArrowType::Binary)
    }

    /// Validity, then values; for utf8 and binary offsets between them.
    pub(crate) fn buffer_count(self) -> i64 {
        if self.is_variable() {
            3
        } else {
            2
        }
    }
}

/// One column of a table: its name, its type, and whether it may hold nulls.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub struct Field {
    pub name: String,
    pub data_type: ArrowType,
    pub is_nullable: bool,
}

impl Field {
    /// A column that may hold nulls.
    pub fn new(name: &str, data_type: ArrowType) -> Field {
        Field { name: name.to_string(), data_type, is_nullable: true }
    }

    /// A column without nulls.
    pub fn required(name: &str, data_type: ArrowType) -> Field {
        Field { is_nullable: false, ..Field::new(name, data_type) }
    }
}

/// What a schema node owns; `release` frees the children that were not moved away.
struct Node {
    _name: CString,
    children: Vec<*mut ArrowSchema>,
}

unsafe extern "C" fn release(schema: *mut ArrowSchema) {
    if schema.is_null() || unsafe { (*schema).release }.is_none() {
        return;
    }
    let schema = unsafe { &mut *schema };
    if !schema.private_data.is_null() {
        let node = unsafe { Box::from_raw(schema.private_data as *mut Node) };
        for child in node.children.iter().copied() {
            if let Some(release) = unsafe { (*child).release } {
                unsafe { release(child) };
            }
            drop(unsafe { Box::from_raw(child) });
        }
    }
    schema.private_data = std::ptr::null_mut();
    schema.children = std::ptr::null_mut();
    schema.name = std::ptr::null();
    schema.release = None;
}

/// The node's pointers lead to the heap, so it may be moved bit by bit.
fn node(format: &'static [u8], name: &str, is_nullable: bool, children: Vec<*mut ArrowSchema>) -> ArrowSchema {
    // A name ends at its first NUL, as C would have it.
    let bytes: Vec<u8> = name.bytes().take_while(|byte| *byte != 0).collect();
    let owner = Box::into_raw(Box::new(Node { _name: CString::new(bytes).unwrap_or_default(), children }));
    let owner_ref = unsafe { &mut *owner };
    ArrowSchema {
        format: format.as_ptr() as *const c_char,
        name: owner_ref._name.as_ptr(),
        metadata: std::ptr::null(),
        flags: if is_nullable { ARROW_FLAG_NULLABLE } else { 0 },
        n_children: owner_ref.children.len() as i64,
        children: if owner_ref.children.is_empty() { std::ptr::null_mut() } else { owner_ref.children.as_mut_ptr() },
        dictionary: std::ptr::null_mut(),
        release: Some(release),
        private_data: owner as *mut std::os::raw::c_void,
    }
}

/// Fill `out` with a schema of these columns that the receiver owns and releases.
///
/// # Safety
/// `out` points to room for a schema; what it held is overwritten.
pub unsafe fn export_fields(fields: &[Field], out: *mut ArrowSchema) {
    let children = fields
        .iter()
        .map(|field| {
            let child = node(field.data_type.c_format(), &field.name, field.is_nullable, Vec::new());
            Box::into_raw(Box::new(child))
        })
        .collect();
    unsafe { out.write(node(b"+s\0", "", false, children)) };
}

/// The columns of a borrowed schema; fails when it is no flat struct of types that may cross.
///
/// # Safety
/// `schema` points to a schema as the Arrow C Data Interface has it.
pub unsafe fn fields_of(schema: *const ArrowSchema) -> Result<Vec<Field>> {
    let top = unsafe { &*schema };
    if top.release.is_none() {
        return Err(PluginFailure::new("The schema was already released."));
    }
    if top.format.is_null() || unsafe { CStr::from_ptr(top.format) }.to_bytes() != b"+s" || top.n_children < 0 {
        return Err(PluginFailure::new("The schema of a batch is not a struct."));
    }
    let mut fields = Vec::new();
    for index in 0..top.n_children as usize {
        let missing = || PluginFailure::new(format!("Column {} of the schema is missing.", index + 1));
        if top.children.is_null() {
            return Err(missing());
        }
        let child = unsafe { *top.children.add(index) };
        if child.is_null() || unsafe { (*child).format }.is_null() {
            return Err(missing());
        }
        let child = unsafe { &*child };
        let data_type = ArrowType::of_format(unsafe { CStr::from_ptr(child.format) }.to_bytes());
        let data_type = match data_type {
            Some(known) if child.dictionary.is_null() => known,
            _ => {
                let message = format!("Column {} has a type that may not cross the boundary.", index + 1);
                return Err(PluginFailure::new(message));
            }
        };
        let name = if child.name.is_null() {
            String::new()
        } else {
            unsafe { CStr::from_ptr(child.name) }.to_string_lossy().into_owned()
        };
        fields.push(Field { name, data_type, is_nullable: child.flags & ARROW_FLAG_NULLABLE != 0 });
    }
    Ok(fields)
}
