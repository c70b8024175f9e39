//! The report as plain data; one file per format beside this one.

pub mod derived;
pub mod diagnostics;
pub mod github;
pub mod html;
pub mod json;
pub mod junit;
pub mod latex;
mod math;
mod outline;
mod picture;
pub mod sarif;
mod standing;
pub mod text;

use crate::check::{Finding, Verdict};
use std::collections::BTreeMap;

/// How a spec came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Every verdict is as it should be.
    Passed,
    /// Something was refuted, or did not come out as `expect` says.
    Failed,
    /// Nothing refuted, something inconclusive.
    Inconclusive,
    /// The spec could not be read.
    Error,
}

/// One check of one spec: the weakest finding over its sizes.
#[derive(Clone, Debug)]
pub struct CheckReport {
    /// The name of the check.
    pub check: &'static str,
    /// What was found.
    pub finding: Finding,
    /// The sizes at which it was found; empty without `dimensions`.
    pub sizes: BTreeMap<String, usize>,
    /// The verdict that `expect` states.
    pub expected: Option<Verdict>,
    /// Whether it is not as it should be, and was accepted before (`--baseline`).
    pub known: bool,
    /// Wall time over all sizes, in seconds.
    pub seconds: f64,
}

/// One spec file.
#[derive(Clone, Debug)]
pub struct SpecReport {
    /// The name in the spec, or the file's stem where it could not be read.
    pub name: String,
    /// The path as given or found.
    pub path: String,
    /// The file's text, for showing places in it; empty where it could not be read.
    pub source: String,
    /// How it came out.
    pub outcome: Outcome,
    /// In the order of the list of checks.
    pub checks: Vec<CheckReport>,
    /// Errors and warnings of the file.
    pub diagnostics: Vec<crate::diagnostic::Diagnostic>,
}

/// A whole run.
#[derive(Clone, Debug)]
pub struct Report {
    /// The seed of every random stream.
    pub seed: u64,
    /// In the order of the paths.
    pub specs: Vec<SpecReport>,
}
