//! The surface language: text to syntax tree to scalar graph.
//!
//! ```text
//! text ──lexer──► tokens ──parser──► Expr ──elaborate──► Value (a shape and its scalar nodes)
//! ```
//!
//! Vectors, matrices, comprehensions and sizes exist only here: elaboration unrolls them at the
//! sizes of a [`Scope`]. A formula is kept as written (no folding beyond `-2` and `1/3`, which
//! are the rationals they write), because stability is judged on what the user wrote.
//!
//! Laws: parsing what the graph prints gives the same node back; no text makes any of this panic
//! or recurse without bound (both in `tests/language.rs`). Every error is a
//! [`Diagnostic`](crate::diagnostic::Diagnostic) whose span lies in the formula's own text, and
//! all that can be found in one pass are reported together.

pub mod ast;
mod call;
pub mod domain;
pub mod elaborate;
mod expand;
mod index;
mod lexer;
mod matrix;
mod name;
mod number;
mod parser;
mod size;
pub mod table;

pub use ast::{
    Applied, Argument, BinaryOp, CompareOp, Expr, ExprKind, Index, IndexKind, names_used,
};
pub use domain::{Domain, elaborate_domain};
pub use elaborate::{Function, Scope, Value, elaborate, elaborate_definition};
pub use matrix::{DeterminantTooLarge, LARGEST_DETERMINANT, determinant_factors};
pub use name::canonical_name;
pub use parser::{parse_applied, parse_expression};
pub use size::elaborate_shape;
