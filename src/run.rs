//! Files in, report out: parallel inside, ordered outside, plain data throughout.

pub use crate::check::Effort;

use crate::check::{CHECKS, Check, Context, Finding, Verdict, with_needed};
use crate::diagnostic::{Diagnostic, Severity, in_order};
use crate::model::{self, Model};
use crate::report::{CheckReport, Outcome, Report, SpecReport};
use crate::spec::{self, RawSpec};
use crate::stats::ErrorBudget;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

/// The probability with which a whole run may refute anything that is true, by chance.
pub const ERROR_RATE: f64 = 1e-6;

/// Most combinations of sizes that one spec is run at.
const MOST_SIZES: usize = 256;

/// The most threads that a run takes: more than files and checks can use.
const MOST_THREADS: usize = 256;

/// What a run is asked for.
#[derive(Clone, Default)]
pub struct Options {
    /// The seed of every random stream.
    pub seed: u64,
    /// How hard to try.
    pub effort: Effort,
    /// Only these checks; all when none.
    pub checks: Option<Vec<String>>,
    /// Whether findings carry their proofs.
    pub proofs: bool,
    /// Advisory checks whose refutation counts.
    pub deny: Vec<String>,
    /// The most threads; 0 for as many as there are processors.
    pub jobs: usize,
    /// How many specs share the error rate of the run, where these are a part of them.
    pub specs_in_budget: usize,
    /// Called after each spec.
    pub progress: Option<Arc<dyn Fn() + Send + Sync>>,
}

/// Runs every check on every file, given as its path and its bytes.
pub fn run(files: &[(String, Vec<u8>)], options: &Options) -> Report {
    let specs = files.len().max(options.specs_in_budget);
    let budget = ErrorBudget::new(ERROR_RATE).share(specs * CHECKS.len());
    let all = || {
        files
            .par_iter()
            .map(|(path, bytes)| {
                let report = run_file(path, bytes, options, budget);
                if let Some(progress) = &options.progress {
                    progress();
                }
                report
            })
            .collect()
    };
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(options.jobs.min(MOST_THREADS))
        .build();
    // A machine that gives no threads still has this one.
    let specs = pool.map_or_else(|_| all(), |pool| pool.install(all));
    Report {
        seed: options.seed,
        specs,
    }
}

fn run_file(path: &str, bytes: &[u8], options: &Options, budget: f64) -> SpecReport {
    let stem = std::path::Path::new(path)
        .file_stem()
        .map_or_else(String::new, |s| s.to_string_lossy().into_owned());
    let mut report = SpecReport {
        name: stem,
        path: path.to_owned(),
        source: String::new(),
        outcome: Outcome::Error,
        checks: Vec::new(),
        diagnostics: Vec::new(),
    };
    let source = match spec::text(bytes) {
        Ok(source) => source,
        Err(error) => {
            report.diagnostics.push(error);
            return report;
        }
    };
    report.source = source.to_owned();
    let (raw, found) = spec::read_what_stands(source);
    report.diagnostics = found;
    let Some(raw) = raw else {
        return report;
    };
    if !raw.name.value.is_empty() {
        report.name.clone_from(&raw.name.value);
    }
    let is_error = |d: &Diagnostic| d.severity == Severity::Error;
    let is_whole = !report.diagnostics.iter().any(is_error);
    // Where not all is read, what nothing mentions may be used in what is not.
    let names = spec::names(&raw);
    let names = names.into_iter().filter(|d| is_whole || is_error(d));
    report.diagnostics.extend(names);
    let (models, errors) = models(&raw);
    report.diagnostics.extend(errors);
    if !report.diagnostics.iter().any(is_error) {
        report.checks = check_models(&raw, models, options, budget);
        report.outcome = outcome(&report.checks, &options.deny);
    }
    report.diagnostics = in_order(report.diagnostics, &report.source);
    report
}

/// Every combination of sizes, the first name varying slowest; a dimension without a size is left
/// out. Beyond the limit only the first, and an error.
pub(crate) fn sizes(raw: &RawSpec) -> (Vec<BTreeMap<String, usize>>, Option<Diagnostic>) {
    let mut all = vec![BTreeMap::new()];
    let mut error = None;
    for (name, list) in raw.dimensions.iter().filter(|(_, list)| !list.is_empty()) {
        let mut list = list.as_slice();
        if all.len() * list.len() > MOST_SIZES {
            let message = format!("more than {MOST_SIZES} combinations of sizes");
            error.get_or_insert(
                Diagnostic::error(message, name.span.clone()).help("list fewer sizes"),
            );
            all.truncate(1);
            list = &list[..1];
        }
        all = all
            .iter()
            .flat_map(|sizes: &BTreeMap<String, usize>| {
                list.iter().map(move |size| {
                    let mut longer = sizes.clone();
                    longer.insert(name.value.clone(), size.value);
                    longer
                })
            })
            .collect();
    }
    (all, error)
}

/// The spec at each choice of sizes, and what is wrong with its formulas. What is wrong at one
/// place at several sizes is told for the first of them.
pub(crate) fn models(raw: &RawSpec) -> (Vec<Model>, Vec<Diagnostic>) {
    let (all, error) = sizes(raw);
    let built: Vec<_> = all
        .par_iter()
        .map(|sizes| model::build(raw, sizes))
        .collect();
    let mut models = Vec::new();
    let mut errors = Vec::from_iter(error);
    let mut places = BTreeSet::new();
    for (i, (result, sizes)) in built.into_iter().zip(&all).enumerate() {
        match result {
            Ok(model) => models.push(model),
            Err(found) => {
                let mut new = found;
                new.retain(|e| !places.contains(&(e.span.start, e.span.end)));
                places.extend(new.iter().map(|e| (e.span.start, e.span.end)));
                // It was not found at the first sizes, so it is theirs.
                let at = |(name, size): (&String, &usize)| format!("{name} = {size}");
                let at: Vec<String> = sizes.iter().map(at).collect();
                let note = (i > 0).then(|| format!("at {}", at.join(", ")));
                new.iter_mut().for_each(|e| e.notes.extend(note.clone()));
                errors.extend(new);
            }
        }
    }
    (models, errors)
}

/// A spec that has to be right as a whole, at each choice of sizes.
///
/// # Errors
/// Everything that is wrong with the file, in its order.
pub(crate) fn read_whole(source: &str) -> Result<(RawSpec, Vec<Model>), Vec<Diagnostic>> {
    let (raw, _) = spec::read(source).map_err(|errors| in_order(errors, source))?;
    let mut errors = spec::names(&raw);
    errors.retain(|d| d.severity == Severity::Error);
    let (models, more) = models(&raw);
    errors.extend(more);
    if errors.is_empty() {
        Ok((raw, models))
    } else {
        Err(in_order(errors, source))
    }
}

/// One check of the spec of a name at one choice of sizes, given what those before it said.
pub(crate) fn run_check(
    check: &Check,
    spec: &str,
    options: &Options,
    error_rate: f64,
    model: &mut Model,
    before: &BTreeMap<&'static str, Verdict>,
) -> Finding {
    let sizes = model.sizes.clone();
    let context = Context {
        seed: options.seed,
        effort: options.effort,
        spec,
        check: check.name,
        sizes: &sizes,
        proofs: options.proofs,
        error_rate,
        before,
    };
    (check.run)(&context, model)
}

/// Every check at every choice of sizes.
fn check_models(
    raw: &RawSpec,
    built: Vec<Model>,
    options: &Options,
    budget: f64,
) -> Vec<CheckReport> {
    let all: Vec<_> = built.iter().map(|model| model.sizes.clone()).collect();
    let asked = |check: &Check| {
        let names = options.checks.as_ref();
        names.is_none_or(|names| names.iter().any(|n| n == check.name))
    };
    // A verdict does not depend on which checks are asked for: what it rests on runs as well.
    let wanted = with_needed(asked);
    let share = budget / built.len().max(1) as f64;
    let one = |check: &Check, model: &mut Model, before: &BTreeMap<&'static str, Verdict>| {
        let start = Instant::now();
        let finding = run_check(check, &raw.name.value, options, share, model, before);
        (finding, start.elapsed().as_secs_f64())
    };
    // The first checks build on one another; the rest look at their verdicts only.
    let (first, rest): (Vec<&Check>, Vec<&Check>) = wanted
        .iter()
        .copied()
        .partition(|check| is_built_on(check.name));
    let by_size: Vec<Vec<(Finding, f64)>> = built
        .into_par_iter()
        .map(|mut model| {
            let mut before = BTreeMap::new();
            let mut findings = Vec::new();
            for check in &first {
                let finding = one(check, &mut model, &before);
                before.insert(check.name, finding.0.verdict);
                findings.push(finding);
            }
            let others: Vec<(Finding, f64)> = rest
                .par_iter()
                .map(|check| one(check, &mut model.clone(), &before))
                .collect();
            findings.extend(others);
            findings
        })
        .collect();
    let mut by_size: Vec<_> = by_size.into_iter().map(Vec::into_iter).collect();
    let mut reports = Vec::new();
    for check in wanted {
        let mut weakest: Option<(Finding, BTreeMap<String, usize>)> = None;
        let mut seconds = 0.0;
        for (findings, sizes) in by_size.iter_mut().zip(&all) {
            let (finding, time) = findings.next().expect("invariant: one finding a check");
            seconds += time;
            if weakest
                .as_ref()
                .is_none_or(|(w, _)| finding.verdict < w.verdict)
            {
                weakest = Some((finding, sizes.clone()));
            }
        }
        if !asked(check) {
            continue;
        }
        let (mut finding, mut sizes) = weakest.expect("invariant: at least one choice of sizes");
        if finding.verdict == Verdict::Proved
            && let Some(dimension) = spec::uniform(raw, check.name)
        {
            // The components are copies of one another: two sizes prove all.
            finding.message = format!("{}, for every {dimension}", finding.message);
            sizes.clear();
        }
        let expected = expected(raw, check.name);
        reports.push(CheckReport {
            check: check.name,
            finding,
            sizes,
            expected,
            known: false,
            seconds,
        });
    }
    reports
}

/// Whether a check stands at the head of the list, where each may build on those before it.
pub(crate) fn is_built_on(name: &str) -> bool {
    let (head, _) = CHECKS.split_at(last_needed(CHECKS.iter()));
    head.iter().any(|check| check.name == name)
}

/// How many checks at the head of the list it takes to have all that these need.
fn last_needed<'c>(checks: impl Iterator<Item = &'c Check>) -> usize {
    let needs = checks.flat_map(|check| check.needs);
    let places = needs.filter_map(|name| CHECKS.iter().position(|c| c.name == *name));
    places.max().map_or(0, |place| place + 1)
}

/// The verdict that a spec wants of a check.
fn expected(raw: &RawSpec, check: &str) -> Option<Verdict> {
    let (_, verdict) = raw.expect.iter().find(|(name, _)| name.value == check)?;
    Verdict::ALL.into_iter().find(|v| v.name() == verdict.value)
}

/// Checks whose refutation is advice.
pub const ADVISORY: &[&str] = &["stability"];

/// Whether a check came out as it should, as far as it counts.
pub fn judge(report: &CheckReport, deny: &[String]) -> Outcome {
    if report.known {
        return Outcome::Passed;
    }
    if let Some(expected) = report.expected {
        return if report.finding.verdict == expected {
            Outcome::Passed
        } else {
            Outcome::Failed
        };
    }
    let advisory = ADVISORY.contains(&report.check) && !deny.iter().any(|d| d == report.check);
    match report.finding.verdict {
        Verdict::Refuted | Verdict::Inconclusive if advisory => Outcome::Passed,
        Verdict::Refuted => Outcome::Failed,
        Verdict::Inconclusive => Outcome::Inconclusive,
        Verdict::Tested | Verdict::Certified | Verdict::Proved | Verdict::Skipped => {
            Outcome::Passed
        }
    }
}

/// How a spec came out whose checks came out so.
pub fn outcome(checks: &[CheckReport], deny: &[String]) -> Outcome {
    let outcomes: Vec<Outcome> = checks.iter().map(|c| judge(c, deny)).collect();
    if outcomes.contains(&Outcome::Failed) {
        Outcome::Failed
    } else if outcomes.contains(&Outcome::Inconclusive) {
        Outcome::Inconclusive
    } else {
        Outcome::Passed
    }
}
