//! What is read off formulas without evaluating them: determinants along their sparsity, solutions,
//! and proofs.
//!
//! A proof that two terms are equal goes through four layers: `ring` knows the arithmetic, `rules`
//! the identities, `facts` the signs under which they hold, `replay` checks each step with these
//! three. `search` finds proofs, with `plain` and `factor`, and is not trusted.

mod certificate;
mod coefficient;
mod definedness;
mod determinant;
mod factor;
mod facts;
mod invert;
mod plain;
mod polynomial;
mod proof;
mod replay;
mod ring;
mod rules;
mod search;
mod signs;

pub use certificate::{NotAccepted, replay_written, write};
pub use determinant::{
    Block, Factorization, determinant, factorize, log_abs, log_abs_det, volume_factor,
};
pub use facts::{Bound, Facts};
pub use invert::{Branch, invert};
pub use proof::{Case, Condition, Proof, Rule, Step};
pub use replay::{Rejection, Replayed, replay};
pub use search::{Expanded, Factor, Outcome, expand, normal_form, prove, prove_sign, vanishes};
pub use signs::Signs;
