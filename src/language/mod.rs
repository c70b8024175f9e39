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
//! or recurse without bound (both in `tests/language/`). Every error is a
//! [`Diagnostic`](crate::diagnostic::Diagnostic) whose span lies in the formula's own text, and
//! all that can be found in one pass are reported together.

pub mod ast;
mod call;
mod cursor;
mod determinant;
pub mod domain;
pub mod elaborate;
mod expand;
mod index;
mod lexer;
mod matrix;
mod name;
mod number;
mod parser;
pub mod scope;
mod size;
mod special;
pub mod table;

pub use ast::{
    Applied, Argument, BinaryOp, CompareOp, Expr, ExprKind, Index, IndexKind, names_used,
};
pub use determinant::{DeterminantTooLarge, LARGEST_DETERMINANT, determinant_factors};
pub use domain::{Domain, End, elaborate_domain, elaborate_domains};
pub use elaborate::{Places, elaborate, elaborate_definition, elaborate_with_places};
pub use name::canonical_name;
pub use parser::{parse_applied, parse_expression};
pub use scope::{Function, Scope, Value};
pub use size::elaborate_shape;
