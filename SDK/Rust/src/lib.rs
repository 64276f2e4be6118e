//! The Rust kit for plugin authors: the C ABI as safe traits, JSON and Arrow, without a dependency.
//!
//! Implement [`Connector`], [`Check`] or [`Provider`] and export it once with [`export_connector!`], [`export_check!`] or
//! [`export_provider!`]. The kit keeps the rules of docs/abi.md: it refuses wrong arguments, owns what is handed out, and
//! turns an error or a panic of the author's code into a status. A panic never crosses the boundary; build with
//! `-C panic=unwind`, because with `panic=abort` it ends the process and with it the run's stage.
//!
//! Works from rustc 1.63 on. Every plugin carries its own copy of the kit; only C structs cross.

#![warn(missing_docs)]
#![deny(unsafe_op_in_unsafe_fn)]

pub mod abi;
mod arrow_build;
mod arrow_field;
mod arrow_stream;
mod arrow_view;
mod boundary;
mod check;
mod connector;
pub mod export;
mod failure;
mod host;
mod json;
mod json_read;
mod provider;

pub use arrow_build::{Batch, BatchBuilder};
pub use arrow_field::{export_fields, fields_of, ArrowType, Field};
pub use arrow_stream::Stream;
pub use arrow_view::{BatchView, ColumnView};
pub use check::{Check, CheckColumn, CheckParameters, Declaration, Finding, Verdict};
pub use connector::{Connector, ScanRequest, Split, Table};
pub use failure::{Code, PluginFailure, Result};
pub use host::{Host, HttpAnswer, Level};
pub use json::{Json, Object};
pub use provider::{Embeddings, Provider};

/// Columns that a file connector appends behind the source's own, all three or none (connector.h).
pub mod reserved {
    /// int64: line of the record's first byte, counted from 1.
    pub const LINE: &str = "sluice.line";
    /// int64: offset of the record's first byte in the source.
    pub const BYTE_OFFSET: &str = "sluice.byte_offset";
    /// utf8: null, or why the record could not be read.
    pub const REJECT: &str = "sluice.reject";
}

#[cfg(test)]
mod tests;
