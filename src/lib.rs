//! Decides whether a reparameterization z = g(ε, φ, x) is what it claims to be.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::print_stdout))]

pub mod algebra;
pub mod check;
pub mod cli;
pub mod diagnostic;
pub mod distribution;
pub mod graph;
pub mod language;
pub mod model;
pub mod number;
pub mod quadrature;
pub mod report;
pub mod run;
pub mod spec;
pub mod stats;
pub mod tape;
