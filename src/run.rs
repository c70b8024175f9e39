//! Spec files in, report out.

use crate::diagnostic::{Diagnostic, Severity};
use crate::report::{Outcome, Report, SpecReport};
use crate::spec;
use std::sync::Arc;

/// How much work is spent on a claim before it is called inconclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effort {
    /// For editing.
    Quick,
    /// For everyday use.
    #[default]
    Standard,
    /// For release.
    Thorough,
}

/// What a run depends on, beside the files.
#[derive(Clone, Default)]
pub struct Options {
    /// Of every random stream.
    pub seed: u64,
    /// How much work is spent.
    pub effort: Effort,
    /// The checks to make; all without a list.
    pub checks: Option<Vec<String>>,
    /// The checks that count although they are advice by default.
    pub deny: Vec<String>,
    /// The most threads; 0 for as many as there are processors.
    pub jobs: usize,
    /// Called after each spec.
    pub progress: Option<Arc<dyn Fn() + Send + Sync>>,
}

/// Reads each file, a path and its bytes.
pub fn run(files: &[(String, Vec<u8>)], options: &Options) -> Report {
    let specs = files
        .iter()
        .map(|(path, bytes)| {
            let report = one(path, bytes);
            if let Some(progress) = &options.progress {
                progress();
            }
            report
        })
        .collect();
    Report {
        seed: options.seed,
        specs,
    }
}

fn one(path: &str, bytes: &[u8]) -> SpecReport {
    let (source, read) = match spec::text(bytes) {
        Ok(source) => (source, spec::read(source)),
        Err(error) => ("", Err(vec![error])),
    };
    let (name, diagnostics): (Option<String>, Vec<Diagnostic>) = match read {
        Ok((spec, warnings)) => (Some(spec.name.value), warnings),
        Err(errors) => (None, errors),
    };
    let failed = diagnostics.iter().any(|d| d.severity == Severity::Error);
    SpecReport {
        name: name.unwrap_or_else(|| stem(path)),
        path: path.to_owned(),
        source: source.to_owned(),
        outcome: if failed {
            Outcome::Error
        } else {
            Outcome::Inconclusive
        },
        checks: Vec::new(),
        diagnostics,
    }
}

/// The name of a file without its folders and its ending.
fn stem(path: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    name.strip_suffix(".yaml").unwrap_or(name).to_owned()
}
