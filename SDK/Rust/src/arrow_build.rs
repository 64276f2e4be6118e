//! Building batches: one growing column a field, handed over whole.

use crate::abi::ArrowArray;
use crate::arrow_field::{ArrowType, Field};
use crate::failure::{PluginFailure, Result};
use std::os::raw::c_void;

/// A growing column. `offsets` is for texts and bytes; `values` holds bits, numbers or bytes.
struct Column {
    data_type: ArrowType,
    rows: usize,
    nulls: usize,
    validity: Vec<u8>,
    offsets: Vec<i32>,
    values: Vec<u8>,
}

fn push_bit(bits: &mut Vec<u8>, index: usize, bit: bool) {
    if index % 8 == 0 {
        bits.push(0);
    }
    if let (true, Some(last)) = (bit, bits.last_mut()) {
        *last |= 1 << (index % 8);
    }
}

impl Column {
    fn new(data_type: ArrowType) -> Column {
        let offsets = if data_type.is_variable() { vec![0] } else { Vec::new() };
        Column { data_type, rows: 0, nulls: 0, validity: Vec::new(), offsets, values: Vec::new() }
    }

    /// Count a row whose value was written. The bitmap costs nothing until the first null.
    fn count(&mut self, is_valid: bool) {
        if !is_valid && self.nulls == 0 {
            self.validity = vec![0xff; self.rows / 8];
            if self.rows % 8 > 0 {
                self.validity.push((1 << (self.rows % 8)) - 1);
            }
        }
        self.nulls += !is_valid as usize;
        if self.nulls > 0 {
            push_bit(&mut self.validity, self.rows, is_valid);
        }
        self.rows += 1;
    }

    fn bytes(&mut self, value: Option<&[u8]>) -> Result<()> {
        let value_bytes = value.unwrap_or(&[]);
        if value_bytes.len() > i32::MAX as usize - self.values.len() {
            return Err(PluginFailure::new("The texts of a batch pass 2 GiB: finish batches earlier."));
        }
        self.values.extend_from_slice(value_bytes);
        self.offsets.push(self.values.len() as i32);
        self.count(value.is_some());
        Ok(())
    }

    fn fixed(&mut self, value: Option<&[u8]>, width: usize) {
        match value {
            Some(bytes) => self.values.extend_from_slice(bytes),
            None => self.values.resize(self.values.len() + width, 0),
        }
        self.count(value.is_some());
    }

    fn null(&mut self) -> Result<()> {
        match self.data_type {
            ArrowType::Utf8 | ArrowType::Binary => return self.bytes(None),
            ArrowType::Bool => {
                push_bit(&mut self.values, self.rows, false);
                self.count(false);
            }
            ArrowType::Date32 => self.fixed(None, 4),
            ArrowType::Int64 | ArrowType::Float64 | ArrowType::Timestamp => self.fixed(None, 8),
        }
        Ok(())
    }
}

/// Builds batches of one schema, column by column, and can be used again after each [`BatchBuilder::finish`].
pub struct BatchBuilder {
    fields: Vec<Field>,
    columns: Vec<Column>,
}

impl BatchBuilder {
    /// A builder for these columns.
    pub fn new(fields: &[Field]) -> BatchBuilder {
        BatchBuilder { fields: fields.to_vec(), columns: empty(fields) }
    }

    /// Rows so far in a column; 0 for one that there is not.
    pub fn rows(&self, column: usize) -> usize {
        self.columns.get(column).map_or(0, |column| column.rows)
    }

    /// Bytes so far in all values.
    pub fn size(&self) -> usize {
        self.columns.iter().map(|column| column.values.len()).sum()
    }

    fn column(&mut self, index: usize, types: &[ArrowType]) -> Result<&mut Column> {
        match self.columns.get_mut(index) {
            Some(column) if types.is_empty() || types.contains(&column.data_type) => Ok(column),
            Some(_) => Err(PluginFailure::new(format!("Column {} holds values of another type.", index + 1))),
            None => Err(PluginFailure::new(format!("A batch has no column {}.", index + 1))),
        }
    }

    /// Append a null to a column.
    pub fn null(&mut self, column: usize) -> Result<()> {
        self.column(column, &[])?.null()
    }

    /// Append to a utf8 column.
    pub fn text(&mut self, column: usize, value: Option<&str>) -> Result<()> {
        self.column(column, &[ArrowType::Utf8])?.bytes(value.map(str::as_bytes))
    }

    /// Append to a binary column.
    pub fn binary(&mut self, column: usize, value: Option<&[u8]>) -> Result<()> {
        self.column(column, &[ArrowType::Binary])?.bytes(value)
    }

    /// Append to an int64 column, or microseconds since 1970-01-01 UTC to a timestamp column.
    pub fn int64(&mut self, column: usize, value: Option<i64>) -> Result<()> {
        let bytes = value.map(i64::to_ne_bytes);
        let column = self.column(column, &[ArrowType::Int64, ArrowType::Timestamp])?;
        column.fixed(bytes.as_ref().map(|bytes| &bytes[..]), 8);
        Ok(())
    }

    /// Append to a float64 column.
    pub fn float64(&mut self, column: usize, value: Option<f64>) -> Result<()> {
        let bytes = value.map(f64::to_ne_bytes);
        let column = self.column(column, &[ArrowType::Float64])?;
        column.fixed(bytes.as_ref().map(|bytes| &bytes[..]), 8);
        Ok(())
    }

    /// Append days since 1970-01-01 to a date32 column.
    pub fn date32(&mut self, column: usize, value: Option<i32>) -> Result<()> {
        let bytes = value.map(i32::to_ne_bytes);
        self.column(column, &[ArrowType::Date32])?.fixed(bytes.as_ref().map(|bytes| &bytes[..]), 4);
        Ok(())
    }

    /// Append to a bool column.
    pub fn bool(&mut self, column: usize, value: Option<bool>) -> Result<()> {
        let column = self.column(column, &[ArrowType::Bool])?;
        let rows = column.rows;
        push_bit(&mut column.values, rows, value.unwrap_or(false));
        column.count(value.is_some());
        Ok(())
    }

    /// The rows so far as a batch; the builder is empty afterwards. Fails when the columns differ in length.
    pub fn finish(&mut self) -> Result<Batch> {
        let rows = self.rows(0);
        if self.columns.iter().any(|column| column.rows != rows) {
            return Err(PluginFailure::new("The columns of a batch differ in length."));
        }
        let columns = std::mem::replace(&mut self.columns, empty(&self.fields));
        Ok(Batch { rows, columns })
    }
}

fn empty(fields: &[Field]) -> Vec<Column> {
    fields.iter().map(|field| Column::new(field.data_type)).collect()
}

/// Columns of one length, ready to be handed over as an Arrow struct array.
pub struct Batch {
    rows: usize,
    columns: Vec<Column>,
}

/// What an exported array's `private_data` keeps alive.
struct Owner {
    _column: Option<Column>,
    buffers: Vec<*const c_void>,
    children: Vec<*mut ArrowArray>,
}

unsafe extern "C" fn release(array: *mut ArrowArray) {
    if array.is_null() || unsafe { (*array).release }.is_none() {
        return;
    }
    let array = unsafe { &mut *array };
    if !array.private_data.is_null() {
        let owner = unsafe { Box::from_raw(array.private_data as *mut Owner) };
        for child in owner.children.iter().copied() {
            // A child that was moved away has no release any more, and is another's to free.
            if let Some(release) = unsafe { (*child).release } {
                unsafe { release(child) };
            }
            drop(unsafe { Box::from_raw(child) });
        }
    }
    array.private_data = std::ptr::null_mut();
    array.buffers = std::ptr::null_mut();
    array.children = std::ptr::null_mut();
    array.release = None;
}

fn array(rows: usize, nulls: usize, owner: Owner) -> ArrowArray {
    let owner = Box::into_raw(Box::new(owner));
    let held = unsafe { &mut *owner };
    ArrowArray {
        length: rows as i64,
        null_count: nulls as i64,
        offset: 0,
        n_buffers: held.buffers.len() as i64,
        n_children: held.children.len() as i64,
        buffers: held.buffers.as_mut_ptr(),
        children: if held.children.is_empty() { std::ptr::null_mut() } else { held.children.as_mut_ptr() },
        dictionary: std::ptr::null_mut(),
        release: Some(release),
        private_data: owner as *mut c_void,
    }
}

/// Eight bytes that a buffer without a byte points to: consumers may demand a pointer for every buffer but validity.
static NOTHING: [u64; 1] = [0];

fn place<T>(values: &[T]) -> *const c_void {
    if values.is_empty() {
        NOTHING.as_ptr() as *const c_void
    } else {
        values.as_ptr() as *const c_void
    }
}

impl Batch {
    /// Rows of every column.
    pub fn rows(&self) -> usize {
        self.rows
    }

    pub(crate) fn types(&self) -> impl Iterator<Item = ArrowType> + '_ {
        self.columns.iter().map(|column| column.data_type)
    }

    /// Fill `out` with an array that the receiver owns and releases; a child may be moved out of it and outlive it.
    ///
    /// # Safety
    /// `out` points to room for an array; what it held is overwritten.
    pub unsafe fn export(self, out: *mut ArrowArray) {
        let rows = self.rows;
        let children = self
            .columns
            .into_iter()
            .map(|column| {
                let validity =
                    if column.nulls == 0 { std::ptr::null() } else { column.validity.as_ptr() as *const c_void };
                let mut buffers = vec![validity];
                if column.data_type.is_variable() {
                    buffers.push(place(&column.offsets));
                }
                // A vector's bytes stay where they are when the vector itself is moved. The system's allocator aligns
                // every block of 8 bytes and more to 16, which is more than the widest value needs.
                buffers.push(place(&column.values));
                let (rows, nulls) = (column.rows, column.nulls);
                Box::into_raw(Box::new(array(
                    rows,
                    nulls,
                    Owner { _column: Some(column), buffers, children: Vec::new() },
                )))
            })
            .collect();
        let top = Owner { _column: None, buffers: vec![std::ptr::null()], children };
        unsafe { out.write(array(rows, 0, top)) };
    }
}
