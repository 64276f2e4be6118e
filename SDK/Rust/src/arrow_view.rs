//! Reading batches of the host: moved here, checked once, released with the view.

use crate::abi::ArrowArray;
use crate::arrow_field::{ArrowType, Field};
use crate::failure::{PluginFailure, Result};

/// A batch of the host: read-only, bounds-checked, released when it is dropped. Drop it early: a large one lies in shared
/// memory of which there are two slots.
pub struct BatchView {
    array: ArrowArray,
    fields: Vec<Field>,
    /// Checked by `moving`; they point to buffers of `array`, which stay where they are, and are lent no longer than it.
    columns: Vec<ColumnView<'static>>,
    rows: usize,
}

impl Drop for BatchView {
    fn drop(&mut self) {
        if let Some(release) = self.array.release {
            unsafe { release(&mut self.array) };
        }
    }
}

impl BatchView {
    /// Move `source` here (its `release` becomes NULL) and check its layout against `fields`.
    ///
    /// Fails when a column or a buffer is missing or too short, offsets are not monotone, or the top holds nulls; the batch
    /// is released then.
    ///
    /// # Safety
    /// `source` points to an array as the Arrow C Data Interface has it.
    pub unsafe fn moving(source: *mut ArrowArray, fields: &[Field]) -> Result<BatchView> {
        if unsafe { (*source).release }.is_none() {
            return Err(PluginFailure::new("The batch was already released."));
        }
        let array = unsafe { source.read() };
        unsafe { (*source).release = None };
        // From here on Drop releases the array, also when a check fails.
        let rows = usize::try_from(array.length).unwrap_or(0);
        let mut view = BatchView { array, fields: fields.to_vec(), columns: Vec::new(), rows };
        let top = &view.array;
        if top.length < 0 || top.offset < 0 || top.n_children != fields.len() as i64 {
            return Err(PluginFailure::new("The batch does not have the columns of its schema."));
        }
        let has_bitmap = top.n_buffers > 0 && !top.buffers.is_null() && !unsafe { *top.buffers }.is_null();
        if top.null_count != 0 && has_bitmap {
            return Err(PluginFailure::new("The batch holds nulls at its top."));
        }
        for index in 0..fields.len() {
            let column = view.checked(index).ok_or_else(|| {
                PluginFailure::new(format!("Column {} of a batch is not laid out as its type demands.", index + 1))
            })?;
            view.columns.push(column);
        }
        Ok(view)
    }

    /// Rows of the batch.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The columns, as `begin` was told.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// A column by position; `None` when the batch has none there. Its layout was checked when the batch came, so this costs
    /// next to nothing.
    pub fn column(&self, index: usize) -> Option<ColumnView<'_>> {
        self.columns.get(index).copied()
    }

    /// A column by name; `None` when the batch has none.
    pub fn column_named(&self, name: &str) -> Option<ColumnView<'_>> {
        self.column(self.fields.iter().position(|field| field.name == name)?)
    }

    /// The column, or `None` when it is not laid out as its type demands. Every offset is looked at.
    fn checked(&self, index: usize) -> Option<ColumnView<'static>> {
        let data_type = self.fields[index].data_type;
        if self.array.children.is_null() {
            return None;
        }
        let child = unsafe { *self.array.children.add(index) };
        if child.is_null() {
            return None;
        }
        let child = unsafe { &*child };
        let start = self.array.offset.checked_add(child.offset)?;
        if child.offset < 0
            || !child.dictionary.is_null()
            || child.length < self.array.length.checked_add(self.array.offset)?
            || child.n_buffers != data_type.buffer_count()
            || child.buffers.is_null()
        {
            return None;
        }
        let buffer = |index: usize| unsafe { *child.buffers.add(index) } as *const u8;
        let column = ColumnView {
            data_type,
            rows: self.rows,
            start: usize::try_from(start).ok()?,
            validity: if child.null_count == 0 { std::ptr::null() } else { buffer(0) },
            offsets: if data_type.is_variable() { buffer(1) as *const i32 } else { std::ptr::null() },
            values: buffer(if data_type.is_variable() { 2 } else { 1 }),
            batch: std::marker::PhantomData,
        };
        if self.rows == 0 {
            return Some(column);
        }
        if child.null_count > 0 && column.validity.is_null() {
            return None;
        }
        if !data_type.is_variable() {
            return if column.values.is_null() { None } else { Some(column) };
        }
        if column.offsets.is_null() {
            return None;
        }
        let mut last = column.offset(0);
        let first = last;
        for row in 1..=self.rows {
            let next = column.offset(row);
            if next < last {
                return None;
            }
            last = next;
        }
        if first < 0 || (last > first && column.values.is_null()) {
            return None;
        }
        Some(column)
    }
}

/// One column of a batch. Rows count from 0; a row out of range is null, and so is a value of another type.
#[derive(Clone, Copy)]
pub struct ColumnView<'a> {
    data_type: ArrowType,
    rows: usize,
    start: usize,
    validity: *const u8,
    offsets: *const i32,
    values: *const u8,
    batch: std::marker::PhantomData<&'a BatchView>,
}

impl<'a> ColumnView<'a> {
    /// Rows of the column.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// What it holds.
    pub fn data_type(&self) -> ArrowType {
        self.data_type
    }

    fn offset(&self, row: usize) -> i32 {
        unsafe { self.offsets.add(self.start + row).read_unaligned() }
    }

    fn bit(&self, bits: *const u8, row: usize) -> bool {
        let at = self.start + row;
        unsafe { *bits.add(at / 8) >> (at % 8) & 1 == 1 }
    }

    /// Whether a row holds no value.
    pub fn is_null(&self, row: usize) -> bool {
        row >= self.rows || (!self.validity.is_null() && !self.bit(self.validity, row))
    }

    fn fixed<T>(&self, row: usize, types: &[ArrowType]) -> Option<T> {
        if self.is_null(row) || !types.contains(&self.data_type) {
            return None;
        }
        Some(unsafe { (self.values as *const T).add(self.start + row).read_unaligned() })
    }

    /// A value of an int64 or timestamp (microseconds) column.
    pub fn int64(&self, row: usize) -> Option<i64> {
        self.fixed(row, &[ArrowType::Int64, ArrowType::Timestamp])
    }

    /// A value of a float64 column.
    pub fn float64(&self, row: usize) -> Option<f64> {
        self.fixed(row, &[ArrowType::Float64])
    }

    /// A value of a date32 column, in days since 1970-01-01.
    pub fn date32(&self, row: usize) -> Option<i32> {
        self.fixed(row, &[ArrowType::Date32])
    }

    /// A value of a bool column.
    pub fn bool(&self, row: usize) -> Option<bool> {
        if self.is_null(row) || self.data_type != ArrowType::Bool {
            return None;
        }
        Some(self.bit(self.values, row))
    }

    /// The bytes of a utf8 or binary value, lent as long as the batch lives.
    pub fn bytes(&self, row: usize) -> Option<&'a [u8]> {
        if self.is_null(row) || !self.data_type.is_variable() {
            return None;
        }
        let (low, high) = (self.offset(row) as usize, self.offset(row + 1) as usize);
        if low == high {
            return Some(&[]);
        }
        Some(unsafe { std::slice::from_raw_parts(self.values.add(low), high - low) })
    }

    /// A utf8 value; `None` also for bytes that are not UTF-8.
    pub fn text(&self, row: usize) -> Option<&'a str> {
        self.bytes(row).and_then(|bytes| std::str::from_utf8(bytes).ok())
    }
}
