//! The command: arguments, files, exit codes. The only input and output of the crate.

mod derive;
mod earlier;
mod files;
mod formats;
mod init;
mod mutate;
mod output;
mod progress;
mod replay;
mod select;
mod vectors;

use crate::check::CHECKS;
use crate::diagnostic::nearest;
use crate::report::text::TextOptions;
use crate::report::{Outcome, Report};
use crate::run::{self, Effort, Options};
use clap::{CommandFactory, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use derive::DeriveArguments;
use earlier::Baseline;
use files::{Files, read_files};
use formats::{Format, Formats};
use mutate::MutateArguments;
use output::print;
use progress::Progress;
use select::Shard;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use vectors::{CompareArguments, VectorsArguments};

const EXAMPLES: &str = "\
Examples:
  reparam-check specs/                         check every *.yaml below a folder
  reparam-check a.yaml --checks density,law    only these checks
  reparam-check specs/ --format junit --output report.xml --format text
  reparam-check specs/ --deny stability        numeric trouble counts, too
  reparam-check derive a.yaml                  the formulas that a spec leaves out
  reparam-check explain density                what a check establishes, and how

Exit status: 0 every verdict is as it should be, 1 something is refuted, 2 a spec
cannot be read or wrong usage, 3 nothing is refuted but something is inconclusive.";

/// Decide whether reparameterizations z = g(ε, φ, x) have the Jacobians, densities, inverses,
/// moments and gradients that their specs claim.
#[derive(Parser)]
#[command(name = "reparam-check", version, after_help = EXAMPLES)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// Spec files, and folders to search for *.yaml
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// How the report is written; may be given several times
    #[arg(long, value_enum, default_value = "text")]
    format: Vec<Format>,
    /// Write the report to a file, whole or not at all; the first FILE is for the first format,
    /// and so on, `-` is standard output
    #[arg(long, short, value_name = "FILE")]
    output: Vec<PathBuf>,
    /// Seed of every random stream
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Threads to use; 0 for as many as there are processors
    #[arg(long, short, value_name = "N", default_value_t = 0)]
    jobs: usize,
    /// How much work is spent on a claim before it is called inconclusive
    #[arg(long, value_enum, default_value_t = EffortName::Standard)]
    effort: EffortName,
    /// Make only these checks
    #[arg(long, value_name = "CHECK,..", value_delimiter = ',', value_parser = check_name)]
    checks: Option<Vec<String>>,
    /// Let these checks count although they are advice by default (stability)
    #[arg(long, value_name = "CHECK,..", value_delimiter = ',', value_parser = check_name)]
    deny: Vec<String>,
    /// Let a JSON report carry the proofs, for `reparam-check replay`
    #[arg(long)]
    proofs: bool,
    /// Check only a part of the files: the K-th of N, by a hash of their paths
    #[arg(long, value_name = "K/N")]
    shard: Option<Shard>,
    /// Check only files that differ from a revision of git, or are new
    #[arg(long, value_name = "REV")]
    changed_since: Option<String>,
    /// Findings of this earlier JSON report do not count: fail on new ones only
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Report wall times
    #[arg(long)]
    timings: bool,
    /// Colours in text
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = When::Auto)]
    color: When,
    /// Print only what is not as it should be, and the summary
    #[arg(long, short)]
    quiet: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Print what a check establishes, and how
    Explain {
        /// The name of the check
        #[arg(value_parser = check_name)]
        check: String,
    },
    /// Derive what a spec leaves out: inverse, log |det J|, log-density, score, path derivatives
    Derive(DeriveArguments),
    /// Write points of a spec at which every quantity is known exactly, as test vectors
    Vectors(VectorsArguments),
    /// Compare what a library computed at test vectors with the truth
    Compare(CompareArguments),
    /// Plant mistakes in right specs, one at a time, and say which the checks see
    Mutate(MutateArguments),
    /// Put JSON reports of several shards together, sorted by path
    Merge {
        /// The reports
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Write the whole report to a file
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Check the proofs of a JSON report again, without the spec they came from
    Replay {
        /// A report written with `--format json --proofs`
        file: PathBuf,
    },
    /// Write a new spec file, like one that is known to pass
    Init {
        /// The name of the spec, and of the file
        name: String,
        /// The spec to start from
        #[arg(long, value_name = "SPEC", default_value = "normal")]
        like: String,
    },
    /// Print a JSON Schema: of a spec file, for an editor, or of a JSON report
    Schema {
        /// Of what
        #[arg(value_enum, default_value = "spec")]
        of: SchemaName,
    },
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page
    Man,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SchemaName {
    Spec,
    Report,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum EffortName {
    Quick,
    Standard,
    Thorough,
}

impl EffortName {
    fn effort(self) -> Effort {
        match self {
            EffortName::Quick => Effort::Quick,
            EffortName::Standard => Effort::Standard,
            EffortName::Thorough => Effort::Thorough,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum When {
    Auto,
    Always,
    Never,
}

const WRONG_USAGE: u8 = 2;

/// Runs the command with its arguments, the first of which is its own name.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version come this way, too; a closed pipe is no error of theirs.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(WRONG_USAGE));
        }
    };
    let done = match &arguments.command {
        Some(Command::Explain { check }) => explain(check),
        Some(Command::Derive(arguments)) => derive::derive(arguments),
        Some(Command::Vectors(arguments)) => vectors::vectors(arguments),
        Some(Command::Compare(arguments)) => vectors::compare(arguments),
        Some(Command::Mutate(arguments)) => mutate::mutate(arguments),
        Some(Command::Merge { files, output }) => earlier::merge(files, output.as_deref()),
        Some(Command::Replay { file }) => replay::replay(file),
        Some(Command::Init { name, like }) => init::init(name, like),
        Some(Command::Schema { of }) => print(schema(*of)).map(|()| 0),
        Some(Command::Completions { shell }) => completions(*shell),
        Some(Command::Man) => man(),
        None => check_files(&arguments),
    };
    ExitCode::from(done.unwrap_or_else(|messages| {
        for message in messages {
            let _ = writeln!(io::stderr(), "error: {message}");
        }
        WRONG_USAGE
    }))
}

fn explain(check: &str) -> Result<u8, Vec<String>> {
    match CHECKS.iter().find(|c| c.name == check) {
        Some(page) => print(page.page).map(|()| 0),
        None => Err(vec![format!("there is no page on `{check}`")]),
    }
}

fn schema(of: SchemaName) -> &'static str {
    match of {
        SchemaName::Spec => include_str!("../docs/src/schemas/spec-1.json"),
        SchemaName::Report => include_str!("../docs/src/schemas/report-1.json"),
    }
}

fn completions(shell: Shell) -> Result<u8, Vec<String>> {
    let mut script = Vec::new();
    let mut command = Arguments::command();
    clap_complete::generate(shell, &mut command, "reparam-check", &mut script);
    print(&String::from_utf8_lossy(&script)).map(|()| 0)
}

fn man() -> Result<u8, Vec<String>> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Arguments::command())
        .render(&mut page)
        .map_err(|error| vec![format!("cannot write the manual page: {error}")])?;
    print(&String::from_utf8_lossy(&page)).map(|()| 0)
}

/// The files that are asked for, and how many there are without a selection.
fn select(arguments: &Arguments) -> Result<(Files, usize), Vec<String>> {
    let mut files = read_files(&arguments.paths)?;
    let all = files.len();
    if let Some(shard) = arguments.shard {
        files.retain(|(path, _)| shard.holds(path));
    }
    if let Some(revision) = &arguments.changed_since {
        let changed = select::changed_since(revision).map_err(|error| vec![error])?;
        files.retain(|(path, _)| select::is_among(path, &changed));
    }
    Ok((files, all))
}

fn check_files(arguments: &Arguments) -> Result<u8, Vec<String>> {
    let formats = Formats::open(&arguments.format, &arguments.output)?;
    let (files, all) = select(arguments)?;
    spare_specs(&files, &arguments.output)?;
    let baseline = match &arguments.baseline {
        Some(path) => Some(Baseline::read(path).map_err(|error| vec![error])?),
        None => None,
    };
    let progress = Progress::of(files.len(), "specs");
    let options = Options {
        seed: arguments.seed,
        effort: arguments.effort.effort(),
        checks: arguments.checks.clone(),
        deny: arguments.deny.clone(),
        jobs: arguments.jobs,
        proofs: arguments.proofs,
        specs_in_budget: all,
        progress: Some(progress.tick()),
    };
    let mut report = run::run(&files, &options);
    progress.finish();
    if let Some(baseline) = &baseline {
        baseline.accept(&mut report, &arguments.deny);
    }
    let options = TextOptions {
        color: match arguments.color {
            When::Always => true,
            When::Never => false,
            When::Auto => formats.text_on_stdout() && terminal_has_color(),
        },
        quiet: arguments.quiet,
        timings: arguments.timings,
        deny: arguments.deny.clone(),
    };
    formats.write(&report, &options)?;
    Ok(exit_code(&report))
}

/// A report never takes the place of a spec that it is about.
fn spare_specs(files: &Files, outputs: &[PathBuf]) -> Result<(), Vec<String>> {
    let same = |path: &PathBuf, spec: &str| {
        let (path, spec) = (path.canonicalize(), PathBuf::from(spec).canonicalize());
        // A device may be both.
        path.is_ok_and(|path| path.is_file() && spec.is_ok_and(|spec| spec == path))
    };
    let taken = outputs
        .iter()
        .filter(|path| files.iter().any(|(spec, _)| same(path, spec)));
    let errors: Vec<String> = taken
        .map(|path| format!("`{}` is a spec, and would be overwritten", path.display()))
        .collect();
    if errors.is_empty() {
        Ok(())
    } else {
        Err(errors)
    }
}

/// What could not be read weighs more than a refutation: the run says nothing about it.
fn exit_code(report: &Report) -> u8 {
    let any = |outcome| report.specs.iter().any(|spec| spec.outcome == outcome);
    if any(Outcome::Error) {
        WRONG_USAGE
    } else if any(Outcome::Failed) {
        1
    } else if any(Outcome::Inconclusive) {
        3
    } else {
        0
    }
}

fn check_name(name: &str) -> Result<String, String> {
    let names: Vec<&str> = CHECKS.iter().map(|check| check.name).collect();
    if names.contains(&name) {
        return Ok(name.to_owned());
    }
    Err(match nearest(name, names.iter().copied()) {
        Some(near) => format!("unknown check; did you mean `{near}`?"),
        None => format!("unknown check; use one of {}", names.join(", ")),
    })
}

/// By <https://no-color.org>: any value but the empty one turns colours off.
fn terminal_has_color() -> bool {
    io::stdout().is_terminal()
        && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        && std::env::var_os("TERM").is_none_or(|value| value != "dumb")
}
