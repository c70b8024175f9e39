//! Proofs under attack: almost-identities are never proved, identities are; a proof is rejected
//! with any step, condition, case or side changed; what rules and facts say holds at points.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

mod entries;
mod forged;
mod mutations;
mod points;
mod statements;
