//! What is read off formulas without evaluating them: determinants along their sparsity, solutions.

mod determinant;
mod invert;

pub use determinant::{Factorization, determinant, factorize, log_abs, log_abs_det, volume_factor};
pub use invert::{Branch, invert};
