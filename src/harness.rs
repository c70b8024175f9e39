//! The same from a test: folders of specs, and a library's own code against a spec.
//!
//! In a test of a crate, one line checks every spec:
//!
//! ```no_run
//! reparam_check::harness::assert_specs("specs/**/*.yaml");
//! ```
//!
//! As the `main` of a test target with `harness = false`, each spec is a test of its own name, for
//! `cargo test` and `cargo nextest` alike:
//!
//! ```no_run
//! fn main() -> std::process::ExitCode {
//!     reparam_check::harness::Specs::at("specs/**/*.yaml").main()
//! }
//! ```
//!
//! [`check`] holds a library's own functions against a spec. Code that is generic over its numbers
//! ([`Generic`]) is differentiated by dual numbers on the way, and [`consistent`] holds its parts
//! against one another without a spec.

mod generic;
mod glob;
mod implementation;
mod own;
mod scalar;

pub use crate::number::Unary;
pub use crate::run::{Effort, Options};
pub use crate::vectors::{Comparison, Limits};
pub use generic::{Differentiated, Generic};
pub use implementation::{Implementation, Named, check};
pub use own::{Consistency, consistent};
pub use scalar::Scalar;

use crate::report::Outcome;
use crate::report::text::{TextOptions, text};
use crate::run::run;
use libtest_mimic::{Arguments, Failed, Trial};
use std::path::PathBuf;
use std::process::ExitCode;

/// Checks every spec that a pattern matches, each as the command does by default.
///
/// # Panics
/// With the report, where a spec does not pass; and where the pattern matches no file.
#[track_caller]
pub fn assert_specs(pattern: &str) {
    Specs::at(pattern).assert();
}

/// Spec files to be checked in a test.
#[derive(Clone)]
pub struct Specs {
    pattern: String,
    options: Options,
    deny_warnings: bool,
}

impl Specs {
    /// The files that match a pattern: `*` is any part of a name, `?` any character of it, `**` any
    /// folders. A folder is every `*.yaml` below it. Relative to the folder in which the test runs,
    /// which is that of its package.
    pub fn at(pattern: &str) -> Specs {
        Specs {
            pattern: pattern.to_owned(),
            options: Options::default(),
            deny_warnings: false,
        }
    }

    /// The same with other options: seed, effort, checks.
    #[must_use]
    pub fn options(mut self, options: Options) -> Specs {
        self.options = options;
        self
    }

    /// The same, where a warning fails a spec.
    #[must_use]
    pub fn deny_warnings(mut self) -> Specs {
        self.deny_warnings = true;
        self
    }

    /// Checks all of them together.
    ///
    /// # Panics
    /// As [`assert_specs`].
    #[track_caller]
    pub fn assert(&self) {
        let files: Result<Vec<_>, String> = self.files().and_then(|files| {
            let read = |file: &PathBuf| self.read(file).map(|bytes| (shown(file), bytes));
            files.iter().map(read).collect()
        });
        let failed = files.and_then(|files| self.passes(&files, &self.options));
        if let Err(message) = failed {
            panic!("{message}");
        }
    }

    /// The `main` of a test target with `harness = false`: each spec is a test, named by its path
    /// (`specs::wrong::pareto`). Takes the arguments that every test target takes.
    pub fn main(self) -> ExitCode {
        let arguments = Arguments::from_args();
        let trials = match self.files() {
            Ok(files) => files.into_iter().map(|file| self.trial(file)).collect(),
            Err(message) => vec![Trial::test("specs", || Err(Failed::from(message)))],
        };
        libtest_mimic::run(&arguments, trials).exit_code()
    }

    fn trial(&self, file: PathBuf) -> Trial {
        let path = shown(&file);
        let stem = path.trim_start_matches("./").trim_end_matches(".yaml");
        let name = stem.trim_start_matches('/').replace('/', "::");
        let specs = self.clone();
        // The specs already run side by side: one thread for each.
        let options = Options {
            jobs: 1,
            ..self.options.clone()
        };
        Trial::test(name, move || {
            let bytes = specs.read(&file)?;
            specs.passes(&[(path, bytes)], &options)?;
            Ok(())
        })
    }

    fn files(&self) -> Result<Vec<PathBuf>, String> {
        glob::find(&self.pattern)
            .map_err(|error| format!("cannot search `{}`: {error}", self.pattern))
            .and_then(|files| match files.as_slice() {
                [] => Err(format!("`{}` matches no file", self.pattern)),
                _ => Ok(files),
            })
    }

    fn read(&self, file: &PathBuf) -> Result<Vec<u8>, String> {
        std::fs::read(file).map_err(|error| format!("cannot read `{}`: {error}", file.display()))
    }

    /// The report of what does not pass, as the error.
    fn passes(&self, files: &[(String, Vec<u8>)], options: &Options) -> Result<(), String> {
        let mut report = run(files, options);
        report.specs.retain(|spec| {
            spec.outcome != Outcome::Passed || self.deny_warnings && !spec.diagnostics.is_empty()
        });
        if report.specs.is_empty() {
            return Ok(());
        }
        let options = TextOptions {
            deny: options.deny.clone(),
            ..TextOptions::default()
        };
        Err(text(&report, &options))
    }
}

/// The page of the book about this room, whose programs are compiled with the tests.
#[cfg(doctest)]
#[doc = include_str!("../docs/src/harness.md")]
pub struct Page;

/// A path as every machine writes it in a report.
fn shown(path: &std::path::Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}
