//! `vectors` and `compare`: what a library should compute, and whether it does.

use super::files::read_files;
use super::output::{Output, print};
use crate::check::Effort;
use crate::diagnostic::Diagnostic;
use crate::report::diagnostics::render;
use crate::report::text::{TextOptions, text};
use crate::report::{Outcome, Report};
use crate::run::{self, Options};
use crate::vectors::{self, Limits};
use clap::{Args, ValueEnum};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The checks that make sure that the quantities of a spec belong together.
pub(super) const BELONG_TOGETHER: [&str; 4] = ["support", "inverse", "jacobian", "density"];

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum VectorFormat {
    Json,
    Csv,
}

#[derive(Args)]
pub(super) struct VectorsArguments {
    /// The spec file
    spec: PathBuf,
    /// How the vectors are written
    #[arg(long, value_enum, default_value = "json")]
    format: VectorFormat,
    /// Write them to a file, whole or not at all
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// How many points at each choice of sizes, a third of them corners
    #[arg(long, value_name = "N", default_value_t = 24)]
    points: usize,
    /// Seed of the points
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
}

#[derive(Args)]
pub(super) struct CompareArguments {
    /// The spec file
    spec: PathBuf,
    /// Vectors with a library's values under `actual`, as JSON or CSV
    file: PathBuf,
    /// A value off by more than this, both absolutely and relatively, is refuted
    #[arg(long, value_name = "X", default_value_t = Limits::default().tolerance)]
    tolerance: f64,
    /// A value off by more units in the last place than this is refuted, too
    #[arg(long, value_name = "N")]
    max_ulps: Option<f64>,
}

pub(super) fn vectors(arguments: &VectorsArguments) -> Result<u8, Vec<String>> {
    let output = match &arguments.output {
        Some(path) => Some(Output::open(path).map_err(|error| vec![error])?),
        None => None,
    };
    let (path, bytes) = file(&arguments.spec)?;
    // Vectors of a spec that contradicts itself would refute every library.
    let options = Options {
        effort: Effort::Quick,
        checks: Some(BELONG_TOGETHER.map(str::to_owned).to_vec()),
        ..Options::default()
    };
    let report = run::run(&[(path.clone(), bytes.clone())], &options);
    if let Some(code) = refusal(&report) {
        return Ok(code);
    }
    let source = String::from_utf8_lossy(&bytes);
    let found = vectors::vectors(&source, arguments.points, arguments.seed)
        .map_err(|errors| shown(&errors, &path, &source))?;
    if found.points.is_empty() {
        return Err(vec![format!(
            "`{path}` has no points at which g is a float64"
        )]);
    }
    let text = match arguments.format {
        VectorFormat::Json => vectors::json(&found),
        VectorFormat::Csv => vectors::csv(&found),
    };
    match output {
        Some(output) => output.write(&text).map_err(|error| vec![error])?,
        None => print(&text)?,
    }
    Ok(0)
}

/// Says on standard error why a spec that contradicts itself is good for nothing.
pub(super) fn refusal(report: &Report) -> Option<u8> {
    let outcome = report.specs.iter().map(|s| s.outcome).next()?;
    let code = match outcome {
        Outcome::Passed | Outcome::Inconclusive => return None,
        Outcome::Failed => 1,
        Outcome::Error => 2,
    };
    let options = TextOptions {
        quiet: true,
        ..TextOptions::default()
    };
    let _ = write!(io::stderr(), "{}", text(report, &options));
    Some(code)
}

pub(super) fn compare(arguments: &CompareArguments) -> Result<u8, Vec<String>> {
    let (path, bytes) = file(&arguments.spec)?;
    let source = String::from_utf8_lossy(&bytes);
    let (_, evaluators) =
        vectors::evaluators(&source).map_err(|errors| shown(&errors, &path, &source))?;
    let name = arguments.file.display();
    let text = std::fs::read_to_string(&arguments.file)
        .map_err(|error| vec![format!("cannot read `{name}`: {error}")])?;
    let limits = Limits {
        tolerance: arguments.tolerance,
        ulps: arguments.max_ulps,
    };
    let compared = vectors::read(&text)
        .and_then(|points| vectors::compare(&evaluators, &points, limits))
        .map_err(|error| vec![format!("`{name}`: {error}")])?;
    if compared.quantities.is_empty() {
        let message = format!("`{name}` has no values under `actual`");
        return Err(vec![message]);
    }
    print(&compared.to_string())?;
    Ok(u8::from(!compared.passed()))
}

pub(super) fn file(path: &Path) -> Result<(String, Vec<u8>), Vec<String>> {
    if path.is_dir() {
        return Err(vec![format!("`{}` is a folder", path.display())]);
    }
    let mut files = read_files(&[path.to_owned()])?;
    Ok(files.remove(0))
}

pub(super) fn shown(errors: &[Diagnostic], path: &str, source: &str) -> Vec<String> {
    errors
        .iter()
        .map(|e| {
            let text = render(e, path, source, false);
            text.trim_start_matches("error: ").to_owned()
        })
        .collect()
}
