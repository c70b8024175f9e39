//! `derive`: what a spec leaves out.

use super::output::{Output, print};
use super::vectors::{BELONG_TOGETHER, file, refusal, shown};
use crate::derive::{self, Derived};
use crate::report::Outcome;
use crate::report::derived::latex;
use crate::run::{self, Effort, Options};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum DeriveFormat {
    /// Formulas, each with how it is known
    Text,
    /// Lines to paste into the spec
    Yaml,
    /// An article: the definition, and how each formula follows
    Latex,
}

#[derive(Args)]
pub(super) struct DeriveArguments {
    /// The spec file
    spec: PathBuf,
    /// How it is written
    #[arg(long, value_enum, default_value = "text")]
    format: DeriveFormat,
    /// Write it to a file, whole or not at all
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) fn derive(arguments: &DeriveArguments) -> Result<u8, Vec<String>> {
    let output = match &arguments.output {
        Some(path) => Some(Output::open(path).map_err(|error| vec![error])?),
        None => None,
    };
    let (path, bytes) = file(&arguments.spec)?;
    // From what contradicts itself anything follows.
    let options = Options {
        effort: Effort::Quick,
        checks: Some(BELONG_TOGETHER.map(str::to_owned).to_vec()),
        ..Options::default()
    };
    let mut report = run::run(&[(path.clone(), bytes.clone())], &options);
    for spec in &mut report.specs {
        // What `expect` says of claims that are absent is no contradiction.
        for check in &mut spec.checks {
            check.expected = None;
        }
        if spec.outcome != Outcome::Error {
            spec.outcome = run::outcome(&spec.checks, &options.deny);
        }
    }
    if let Some(code) = refusal(&report) {
        return Ok(code);
    }
    let source = String::from_utf8_lossy(&bytes);
    let derived: Derived =
        derive::derive(&source).map_err(|errors| shown(&errors, &path, &source))?;
    let text = match arguments.format {
        DeriveFormat::Text => derive::text(&derived),
        DeriveFormat::Yaml => derive::yaml(&derived),
        DeriveFormat::Latex => latex(&derived),
    };
    match output {
        Some(output) => output.write(&text).map_err(|error| vec![error])?,
        None => print(&text)?,
    }
    Ok(0)
}
