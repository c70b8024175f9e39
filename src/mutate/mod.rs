//! Mistakes planted in right specs, one at a time, to measure what the checks see.
//!
//! A mutant is a spec with one mistake in one formula, made on the text of the file. It is
//! *refuted* if a check refutes it that does not refute the original, *equivalent* if the algebra
//! room proves that the formula means the same with the mistake as without, *unreadable* if it is
//! no spec any more; what is left *survives*. The score is the share of refuted ones among those
//! that are refuted or survive.
//!
//! Law: what is equivalent is never refuted, and every mistake can be read back from the file it
//! was planted in (tests `equivalent_mutants_are_not_refuted` and `a_mistake_is_where_it_is_said`
//! in `tests/power.rs`).

mod define;
mod equivalent;
mod json;
mod judge;
mod kind;
mod names;
mod place;
mod plant;
mod table;

pub use json::json;
pub use judge::Original;
pub use kind::Kind;
pub use place::{Place, Role, places};
pub use table::text;

use crate::check::{CHECKS, Effort, Verdict};
use crate::diagnostic::{Diagnostic, line_column};
use crate::stats::Stream;
use names::Interchangeable;
use rand::RngExt;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is asked for.
#[derive(Clone, Default)]
pub struct Options {
    /// Only these kinds; all when none.
    pub kinds: Option<Vec<Kind>>,
    /// At most so many mutants of each spec; all when none.
    pub sample: Option<usize>,
    /// The seed of the sample and of every random stream.
    pub seed: u64,
    /// How hard the checks try.
    pub effort: Effort,
    /// The most threads; 0 for as many as there are processors.
    pub jobs: usize,
    /// Called with how many mutants there are, then after each.
    pub progress: Option<Progress>,
}

/// What is told while mutants are judged.
#[derive(Clone)]
pub struct Progress {
    /// How many there will be.
    pub total: Arc<dyn Fn(usize) + Send + Sync>,
    /// One more is judged.
    pub tick: Arc<dyn Fn() + Send + Sync>,
}

/// A spec with one mistake.
#[derive(Clone, Debug)]
pub struct Mutant {
    /// The number of the formula among [`places`].
    pub place: usize,
    /// The keys of the formula, such as `target.log_density`.
    pub formula: String,
    /// What the formula says.
    pub role: Role,
    /// What kind of mistake it is.
    pub kind: Kind,
    /// Where it begins in the file, counted from 1.
    pub line: usize,
    /// Where it begins in the line, counted from 1.
    pub column: usize,
    /// The part of the formula that shows it, as it was.
    pub before: String,
    /// The same part with the mistake.
    pub after: String,
    /// The whole formula with the mistake.
    pub text: String,
    /// The whole file with the mistake.
    pub source: String,
}

/// What became of a mutant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// A check refutes it: the first in the order of [`CHECKS`], with what it says.
    Refuted {
        /// The check.
        check: &'static str,
        /// Its message.
        message: String,
    },
    /// Proved to mean what the original means.
    Equivalent,
    /// No spec any more; why.
    Unreadable(String),
    /// Everything that is claimed of what was changed is proved of the change, too: another spec,
    /// and a right one.
    True,
    /// No check refutes it.
    Survives {
        /// What each check that may look at the formula says of it.
        verdicts: Vec<(&'static str, Verdict)>,
        /// Checks that decided the original and cannot decide it.
        shaken: Vec<&'static str>,
    },
}

/// A mutant and what became of it.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The mutant.
    pub mutant: Mutant,
    /// What became of it.
    pub fate: Fate,
}

/// The mutants of one spec.
#[derive(Clone, Debug)]
pub struct SpecMutants {
    /// The name of the spec.
    pub name: String,
    /// The path of its file.
    pub path: String,
    /// Why no mistakes are planted in it: it is wrong already.
    pub set_aside: Option<String>,
    /// What is wrong with the file, where it cannot be read.
    pub errors: Vec<Diagnostic>,
    /// In the order of the file.
    pub mutants: Vec<Judged>,
}

/// How many mutants came out how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Refuted by a check.
    pub refuted: usize,
    /// Not refuted.
    pub survived: usize,
    /// Proved to be no mistake.
    pub equivalent: usize,
    /// No spec any more.
    pub unreadable: usize,
    /// Proved to be right.
    pub still_true: usize,
}

impl Counts {
    /// Counts fates.
    pub fn of<'a>(fates: impl IntoIterator<Item = &'a Fate>) -> Counts {
        let mut counts = Counts::default();
        for fate in fates {
            *match fate {
                Fate::Refuted { .. } => &mut counts.refuted,
                Fate::Survives { .. } => &mut counts.survived,
                Fate::Equivalent => &mut counts.equivalent,
                Fate::Unreadable(_) => &mut counts.unreadable,
                Fate::True => &mut counts.still_true,
            } += 1;
        }
        counts
    }

    /// All of them.
    pub fn total(self) -> usize {
        self.refuted + self.survived + self.equivalent + self.still_true + self.unreadable
    }

    /// Refuted over those that are mistakes; 1 where there are none.
    pub fn score(self) -> f64 {
        let mistakes = self.refuted + self.survived;
        if mistakes == 0 {
            return 1.0;
        }
        self.refuted as f64 / mistakes as f64
    }
}

/// Plants mistakes in every spec, given as its path and its bytes, and judges each.
pub fn run(files: &[(String, Vec<u8>)], options: &Options) -> Vec<SpecMutants> {
    let all = || {
        let originals: Vec<Result<Original, Box<SpecMutants>>> = files
            .par_iter()
            .map(|(path, bytes)| Original::new(path, bytes, options))
            .collect();
        let work: Vec<(usize, Mutant)> = originals
            .iter()
            .enumerate()
            .filter_map(|(i, original)| Some((i, original.as_ref().ok()?)))
            .flat_map(|(i, original)| {
                let mutants = chosen(mutants(&original.raw, &original.source), original, options);
                mutants.into_iter().map(move |mutant| (i, mutant))
            })
            .collect();
        if let Some(progress) = &options.progress {
            (progress.total)(work.len());
        }
        let judged: Vec<(usize, Judged)> = work
            .into_par_iter()
            .map(|(i, mutant)| {
                let original = originals[i].as_ref().expect("invariant: only read specs");
                let fate = original.judge(&mutant);
                if let Some(progress) = &options.progress {
                    (progress.tick)();
                }
                (i, Judged { mutant, fate })
            })
            .collect();
        let mut results: Vec<SpecMutants> = originals
            .into_iter()
            .map(|original| match original {
                Ok(original) => SpecMutants {
                    name: original.raw.name.value,
                    path: original.path,
                    set_aside: None,
                    errors: Vec::new(),
                    mutants: Vec::new(),
                },
                Err(set_aside) => *set_aside,
            })
            .collect();
        for (i, judged) in judged {
            results[i].mutants.push(judged);
        }
        results
    };
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(options.jobs)
        .build();
    // A machine that gives no threads still has this one.
    pool.map_or_else(|_| all(), |pool| pool.install(all))
}

/// Every mutant of a spec, formula by formula.
pub fn mutants(raw: &crate::spec::RawSpec, source: &str) -> Vec<Mutant> {
    let names = Interchangeable::new(raw);
    let mut all = Vec::new();
    let places = places(raw);
    let is_open = |place: &Place| match place.role {
        Role::Definition(i) => define::is_compared(raw, &places, i),
        _ => true,
    };
    for (number, place) in places.iter().enumerate().filter(|(_, p)| is_open(p)) {
        let Place {
            role,
            name,
            formula,
        } = place.clone();
        let site = plant::Site {
            names: &names,
            is_log_det: role == Role::LogDet,
            is_differentiated: role.is_differentiated(raw),
        };
        let text = &formula.text;
        let mut mistakes = match role {
            Role::Support => plant::in_support(text, &site),
            Role::Distribution => plant::in_distribution(text, &site),
            _ => plant::in_expression(text, &site),
        };
        mistakes.retain(|m| m.kind == Kind::Detach || role.is_claimed(raw));
        for mistake in mistakes {
            let mut mutated = source.to_owned();
            for ((start, end), new) in mistake.edits.iter().rev() {
                mutated.replace_range(formula.locate(*start..*end), new);
            }
            let changed = mistake.apply(text, (0, text.len()));
            if text.starts_with('[') && !reads_as(&mutated, number, &changed) {
                // A sequence of YAML stands alone; with something beside it, it has to be quoted.
                mutated.clear();
                mutated.push_str(source);
                mutated.replace_range(formula.span(), &format!("\"{changed}\""));
            }
            let start = mistake.edits.first().map_or(0, |edit| edit.0.0);
            let (line, column) = line_column(source, formula.locate(start..start).start);
            all.push(Mutant {
                place: number,
                formula: name.clone(),
                role,
                kind: mistake.kind,
                line,
                column,
                before: text[mistake.shown.0..mistake.shown.1].to_owned(),
                after: mistake.apply(text, mistake.shown),
                text: changed,
                source: mutated,
            });
        }
    }
    all
}

/// Whether the formula with a number reads as a text in a file.
fn reads_as(source: &str, number: usize, text: &str) -> bool {
    crate::spec::read(source).is_ok_and(|(raw, _)| {
        let place = places(&raw).into_iter().nth(number);
        place.is_some_and(|place| place.formula.text == text)
    })
}

/// The mutants that are asked for: of the kinds given, and a sample that takes from each kind in
/// turn, by a stream keyed by the mutant; another formula in the spec changes the key of none.
fn chosen(mut all: Vec<Mutant>, original: &Original, options: &Options) -> Vec<Mutant> {
    if let Some(kinds) = &options.kinds {
        all.retain(|mutant| kinds.contains(&mutant.kind));
    }
    let Some(sample) = options.sample else {
        return all;
    };
    let sizes = BTreeMap::new();
    let mut keyed: Vec<(Kind, u64, usize)> = all
        .iter()
        .enumerate()
        .map(|(i, mutant)| {
            let purpose = format!("{}: {}", mutant.formula, mutant.text);
            let stream = Stream {
                seed: options.seed,
                spec: &original.raw.name.value,
                check: "mutate",
                sizes: &sizes,
                purpose: &purpose,
            };
            (mutant.kind, stream.rng().random(), i)
        })
        .collect();
    keyed.sort_unstable();
    let mut rank = 0;
    let mut last = None;
    let mut order: Vec<(usize, u64, usize)> = keyed
        .into_iter()
        .map(|(kind, key, i)| {
            rank = if last == Some(kind) { rank + 1 } else { 0 };
            last = Some(kind);
            (rank, key, i)
        })
        .collect();
    order.sort_unstable();
    let mut keep = vec![false; all.len()];
    order.iter().take(sample).for_each(|o| keep[o.2] = true);
    let mut keep = keep.into_iter();
    all.retain(|_| keep.next().unwrap_or(false));
    all
}

/// Which of the checks refuted mutants of each kind, how often.
pub(crate) fn matrix<'a>(
    all: impl IntoIterator<Item = &'a Judged>,
) -> BTreeMap<Kind, BTreeMap<&'static str, usize>> {
    let mut matrix: BTreeMap<Kind, BTreeMap<&'static str, usize>> = BTreeMap::new();
    for judged in all {
        if let Fate::Refuted { check, .. } = judged.fate {
            let row = matrix.entry(judged.mutant.kind).or_default();
            *row.entry(check).or_default() += 1;
        }
    }
    matrix
}

/// The place of a check in the order of reports.
pub(crate) fn place_of(check: &str) -> usize {
    let place = CHECKS.iter().position(|c| c.name == check);
    place.unwrap_or(CHECKS.len())
}
