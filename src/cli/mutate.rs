//! `mutate`: what the checks see of mistakes planted in right specs.

use super::files::{Files, read_files};
use super::output::{Output, print};
use super::progress::Progress;
use super::{EffortName, WRONG_USAGE};
use crate::diagnostic::nearest;
use crate::mutate::{self, Counts, Fate, Kind, Options, SpecMutants};
use crate::report::diagnostics::render;
use clap::{Args, ValueEnum};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const EXAMPLES: &str = "\
Examples:
  reparam-check mutate normal.yaml             every mistake in every formula
  reparam-check mutate specs/ --sample 20      twenty mistakes for each spec
  reparam-check mutate a.yaml --kinds sign,term
  reparam-check mutate a.yaml --keep survivors write each survivor as a spec
  reparam-check mutate specs/ --minimum 0.95   fail below a score, for CI

A mutant is refuted if some check refutes it that does not refute the original;
the first such check in the order of reports is counted. Specs that are wrong
already are set aside.

Exit status: 0 done, 1 the score is below the minimum, 2 a spec cannot be read
or wrong usage.";

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum MutateFormat {
    Text,
    Json,
}

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct MutateArguments {
    /// Spec files, and folders to search for *.yaml
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// Only these kinds of mistake: sign, factor, exponent, swap, detach, logdet, term, log1p,
    /// reduction, bound, branch, constant
    #[arg(long, value_name = "KIND,..", value_delimiter = ',', value_parser = kind)]
    kinds: Option<Vec<Kind>>,
    /// At most so many mutants of each spec, from each kind in turn
    #[arg(long, value_name = "N")]
    sample: Option<usize>,
    /// Seed of the sample and of every random stream
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// How much work is spent on a claim before it is called inconclusive
    #[arg(long, value_enum, default_value_t = EffortName::Standard)]
    effort: EffortName,
    /// Threads to use; 0 for as many as there are processors
    #[arg(long, short, value_name = "N", default_value_t = 0)]
    jobs: usize,
    /// How the report is written
    #[arg(long, value_enum, default_value = "text")]
    format: MutateFormat,
    /// Write the report to a file, whole or not at all
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write every survivor to this folder as a spec of its own
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
    /// Exit with 1 if less than this share of the mistakes is refuted
    #[arg(long, value_name = "SHARE", value_parser = share)]
    minimum: Option<f64>,
    /// Print only the survivors and the score
    #[arg(long, short)]
    quiet: bool,
}

pub(super) fn mutate(arguments: &MutateArguments) -> Result<u8, Vec<String>> {
    let output = match &arguments.output {
        Some(path) => Some(Output::open(path).map_err(|error| vec![error])?),
        None => None,
    };
    let files = read_files(&arguments.paths)?;
    let progress = Progress::of(0, "mutants");
    let bar = progress.bar();
    let options = Options {
        kinds: arguments.kinds.clone(),
        sample: arguments.sample,
        seed: arguments.seed,
        effort: arguments.effort.effort(),
        jobs: arguments.jobs,
        progress: Some(mutate::Progress {
            total: Arc::new(move |total| bar.set_length(total as u64)),
            tick: progress.tick(),
        }),
    };
    let specs = mutate::run(&files, &options);
    progress.finish();
    if let Some(folder) = &arguments.keep {
        keep(folder, &specs).map_err(|error| vec![error])?;
    }
    let text = match arguments.format {
        MutateFormat::Text => mutate::text(&specs, arguments.quiet),
        MutateFormat::Json => mutate::json(&specs, arguments.seed),
    };
    match output {
        Some(output) => output.write(&text).map_err(|error| vec![error])?,
        None => print(&text)?,
    }
    if are_unread(&specs, &files) {
        return Ok(WRONG_USAGE);
    }
    let fates = specs.iter().flat_map(|spec| &spec.mutants).map(|j| &j.fate);
    let score = Counts::of(fates).score();
    Ok(u8::from(
        arguments.minimum.is_some_and(|least| score < least),
    ))
}

/// Says what is wrong with files that are no specs, on standard error.
fn are_unread(specs: &[SpecMutants], files: &Files) -> bool {
    let mut any = false;
    for (spec, (path, bytes)) in specs.iter().zip(files) {
        for error in &spec.errors {
            any = true;
            let source = String::from_utf8_lossy(bytes);
            let _ = writeln!(io::stderr(), "{}", render(error, path, &source, false));
        }
    }
    any
}

/// Writes every survivor as a spec, named by its spec and its number there.
fn keep(folder: &Path, specs: &[SpecMutants]) -> Result<(), String> {
    let cannot =
        |path: &Path, error: io::Error| format!("cannot write `{}`: {error}", path.display());
    std::fs::create_dir_all(folder).map_err(|error| cannot(folder, error))?;
    for spec in specs {
        for (number, judged) in spec.mutants.iter().enumerate() {
            if !matches!(judged.fate, Fate::Survives { .. }) {
                continue;
            }
            let kind = judged.mutant.kind.name();
            let path = folder.join(format!("{}-{number:03}-{kind}.yaml", spec.name));
            std::fs::write(&path, &judged.mutant.source).map_err(|error| cannot(&path, error))?;
        }
    }
    Ok(())
}

fn kind(name: &str) -> Result<Kind, String> {
    let names = Kind::ALL.map(Kind::name);
    if let Some(place) = names.iter().position(|n| *n == name) {
        return Ok(Kind::ALL[place]);
    }
    Err(match nearest(name, names) {
        Some(near) => format!("unknown kind; did you mean `{near}`?"),
        None => format!("unknown kind; use one of {}", names.join(", ")),
    })
}

fn share(text: &str) -> Result<f64, String> {
    let value: Option<f64> = text.parse().ok();
    value
        .filter(|v| (0.0..=1.0).contains(v))
        .ok_or_else(|| "expected a share from 0 to 1, such as 0.95".to_owned())
}
