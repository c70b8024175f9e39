//! The command: arguments, files, exit codes. The only input and output of the crate.

use crate::check::CHECKS;
use crate::diagnostic::nearest;
use crate::report::text::TextOptions;
use crate::report::{Outcome, Report, json, text};
use crate::run::{self, Effort, Options};
use crate::spec::MAX_BYTES;
use clap::{Parser, Subcommand, ValueEnum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

const EXAMPLES: &str = "\
Examples:
  reparam-check specs/                         check every *.yaml below a folder
  reparam-check a.yaml --checks density,law    only these checks
  reparam-check specs/ --format json --output report.json
  reparam-check specs/ --deny stability        numeric trouble counts, too
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
    /// How the report is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Write the report to a file, whole or not at all
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
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
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs: schema 1
    Json,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum EffortName {
    Quick,
    Standard,
    Thorough,
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

fn check_files(arguments: &Arguments) -> Result<u8, Vec<String>> {
    let files = read_files(&arguments.paths)?;
    let output = match &arguments.output {
        Some(path) => Some(Output::open(path).map_err(|error| vec![error])?),
        None => None,
    };
    let bar = progress_bar(files.len());
    let ticked = bar.clone();
    let start = Instant::now();
    let options = Options {
        seed: arguments.seed,
        effort: match arguments.effort {
            EffortName::Quick => Effort::Quick,
            EffortName::Standard => Effort::Standard,
            EffortName::Thorough => Effort::Thorough,
        },
        checks: arguments.checks.clone(),
        deny: arguments.deny.clone(),
        jobs: arguments.jobs,
        progress: Some(Arc::new(move || {
            if ticked.is_hidden() && start.elapsed() > Duration::from_secs(1) {
                ticked.set_draw_target(ProgressDrawTarget::stderr());
            }
            ticked.inc(1);
        })),
    };
    let report = run::run(&files, &options);
    bar.finish_and_clear();
    let shown = match arguments.format {
        Format::Json => json::json(&report, arguments.timings),
        Format::Text => {
            let color = match arguments.color {
                When::Always => true,
                When::Never => false,
                When::Auto => output.is_none() && terminal_has_color(),
            };
            let options = TextOptions {
                color,
                quiet: arguments.quiet,
                timings: arguments.timings,
                deny: arguments.deny.clone(),
            };
            text::text(&report, &options)
        }
    };
    match output {
        Some(output) => output.write(&shown).map_err(|error| vec![error])?,
        None => print(&shown)?,
    }
    Ok(exit_code(&report))
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

/// Whoever reads no further has seen what they wanted.
fn print(text: &str) -> Result<(), Vec<String>> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(vec![format!("cannot write the report: {error}")])
        }
        _ => Ok(()),
    }
}

/// By <https://no-color.org>: any value but the empty one turns colours off.
fn terminal_has_color() -> bool {
    io::stdout().is_terminal()
        && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        && std::env::var_os("TERM").is_none_or(|value| value != "dumb")
}

/// Hidden until the run has taken a second; and where nobody looks, for good.
fn progress_bar(specs: usize) -> ProgressBar {
    let length = u64::try_from(specs).unwrap_or(u64::MAX);
    let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::hidden());
    match ProgressStyle::with_template("{bar:40} {pos}/{len} specs") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// The bytes of each file, by the path as given or found.
fn read_files(paths: &[PathBuf]) -> Result<Vec<(String, Vec<u8>)>, Vec<String>> {
    let mut found: Vec<PathBuf> = Vec::new();
    let mut errors = Vec::new();
    for path in paths {
        if !path.is_dir() {
            found.push(path.clone());
            continue;
        }
        let before = (found.len(), errors.len());
        find_specs(path, &mut found, &mut errors);
        found[before.0..].sort();
        if before == (found.len(), errors.len()) {
            errors.push(format!("the folder `{}` has no *.yaml", path.display()));
        }
    }
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for path in found {
        let name = path.display().to_string();
        if files.iter().any(|(other, _)| *other == name) {
            continue;
        }
        match read_bytes(&path) {
            Ok(bytes) => files.push((name, bytes)),
            Err(error) => errors.push(format!("cannot read `{name}`: {error}")),
        }
    }
    if errors.is_empty() {
        Ok(files)
    } else {
        Err(errors)
    }
}

/// One byte more than is allowed shows that a file is too large; a link to a folder is not
/// followed, so there is no way around in circles.
fn read_bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(MAX_BYTES)
        .unwrap_or(u64::MAX)
        .saturating_add(1);
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn find_specs(folder: &Path, found: &mut Vec<PathBuf>, errors: &mut Vec<String>) {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let mut visit = || -> io::Result<()> {
            for entry in std::fs::read_dir(&folder)? {
                let entry = entry?;
                let path = entry.path();
                if entry.file_type()?.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|e| e == "yaml") && !path.is_dir() {
                    found.push(path);
                }
            }
            Ok(())
        };
        if let Err(error) = visit() {
            errors.push(format!(
                "cannot read the folder `{}`: {error}",
                folder.display()
            ));
        }
    }
}

/// A file that is written whole or not at all: beside it first, then renamed. What is no ordinary
/// file (a device, a pipe) is written as it is.
struct Output {
    path: PathBuf,
    temporary: Option<PathBuf>,
    file: File,
}

impl Output {
    fn open(path: &Path) -> Result<Output, String> {
        let cannot = |error: io::Error| format!("cannot write `{}`: {error}", path.display());
        // A link stays a link: what it leads to is replaced.
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if std::fs::metadata(&path).is_ok_and(|m| !m.is_file()) {
            let file = File::options().write(true).open(&path).map_err(cannot)?;
            return Ok(Output {
                path,
                temporary: None,
                file,
            });
        }
        let mut name = path.file_name().map(OsString::from).unwrap_or_default();
        name.push(format!(".{}.tmp", std::process::id()));
        let temporary = path.with_file_name(name);
        let file = File::create_new(&temporary).map_err(cannot)?;
        Ok(Output {
            path,
            temporary: Some(temporary),
            file,
        })
    }

    fn write(mut self, text: &str) -> Result<(), String> {
        let written =
            self.file
                .write_all(text.as_bytes())
                .and_then(|()| match self.temporary.as_ref() {
                    Some(temporary) => std::fs::rename(temporary, &self.path),
                    None => Ok(()),
                });
        if written.is_ok() {
            self.temporary = None;
        }
        written.map_err(|error| format!("cannot write `{}`: {error}", self.path.display()))
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            let _ = std::fs::remove_file(temporary);
        }
    }
}
