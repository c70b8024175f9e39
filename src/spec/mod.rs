//! A spec as it is written: the YAML document, read into typed parts that keep their places.
//!
//! [`read`] takes the text of a file to a [`RawSpec`], or to everything that is wrong with it at
//! this level: syntax, unknown, missing and duplicate keys, values of the wrong kind. Expressions stay text (a
//! [`Formula`]), with a map that leads from any part of them back into the file.

mod formula;
mod names;
mod offsets;
pub mod raw;
mod read;
mod reader;
mod yaml;

pub use formula::Formula;
pub use names::names;
pub use raw::RawSpec;
pub use read::read;
pub use yaml::{MAX_BYTES, text};

use crate::diagnostic::Span;

/// A value and its place in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Byte offsets into the file.
    pub span: Span,
}
