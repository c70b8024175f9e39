//! What becomes of a mutant: the checks that may look at it, in the order of reports, up to the
//! first that refutes.

use super::{Fate, Mutant, Options, SpecMutants, equivalent, places};
use crate::check::{CHECKS, Check, Finding, Verdict};
use crate::diagnostic::Diagnostic;
use crate::model::Model;
use crate::run::{self, is_built_on, read_whole};
use crate::spec::{self, RawSpec};
use crate::stats::ErrorBudget;
use std::collections::BTreeMap;

/// What each check says at one choice of sizes.
type Verdicts = BTreeMap<&'static str, Verdict>;

/// A right spec, with what the checks say of it.
pub struct Original {
    pub(super) path: String,
    pub(super) source: String,
    pub(super) raw: RawSpec,
    models: Vec<Model>,
    /// For each choice of sizes.
    verdicts: Vec<Verdicts>,
    options: run::Options,
}

impl Original {
    /// Reads a spec and runs every check on it.
    ///
    /// # Errors
    /// A spec without mutants: it cannot be read, or is wrong already.
    pub fn new(path: &str, bytes: &[u8], options: &Options) -> Result<Original, Box<SpecMutants>> {
        let aside = |name: &str, set_aside: Option<String>, errors: Vec<Diagnostic>| {
            Box::new(SpecMutants {
                name: name.to_owned(),
                path: path.to_owned(),
                set_aside,
                errors,
                mutants: Vec::new(),
            })
        };
        let source = spec::text(bytes).map_err(|error| aside("", None, vec![error]))?;
        let (raw, models) = read_whole(source).map_err(|errors| aside("", None, errors))?;
        let mut original = Original {
            path: path.to_owned(),
            source: source.to_owned(),
            raw,
            models,
            verdicts: Vec::new(),
            options: run::Options {
                seed: options.seed,
                effort: options.effort,
                ..run::Options::default()
            },
        };
        original.verdicts = vec![Verdicts::new(); original.models.len()];
        let mut models = original.models.clone();
        for check in CHECKS {
            for (size, model) in models.iter_mut().enumerate() {
                let finding = original.run(check, model, &original.verdicts[size]);
                original.verdicts[size].insert(check.name, finding.verdict);
                let advice = run::ADVISORY.contains(&check.name);
                if finding.verdict == Verdict::Refuted && !advice {
                    let reason = format!("{} refutes it: {}", check.name, finding.message);
                    return Err(aside(&original.raw.name.value, Some(reason), Vec::new()));
                }
            }
        }
        Ok(original)
    }

    fn run(&self, check: &Check, model: &mut Model, verdicts: &Verdicts) -> Finding {
        let budget = ErrorBudget::new(run::ERROR_RATE).share(CHECKS.len());
        let error_rate = budget / self.models.len().max(1) as f64;
        // What the checks before said, as far as a run of all checks tells it.
        let mut before = verdicts.clone();
        before.retain(|name, _| {
            is_built_on(name) && super::place_of(name) < super::place_of(check.name)
        });
        let is_first = is_built_on(check.name);
        let name = &self.raw.name.value;
        if is_first {
            run::run_check(check, name, &self.options, error_rate, model, &before)
        } else {
            let model = &mut model.clone();
            run::run_check(check, name, &self.options, error_rate, model, &before)
        }
    }

    /// What becomes of a mutant of this spec.
    pub fn judge(&self, mutant: &Mutant) -> Fate {
        let (raw, models) = match read_whole(&mutant.source) {
            Ok(read) => read,
            Err(errors) => {
                let first = errors.into_iter().next();
                return Fate::Unreadable(first.map_or_else(String::new, |e| e.message));
            }
        };
        let planted = places(&raw).into_iter().nth(mutant.place);
        if planted.is_none_or(|place| place.formula.text != mutant.text) {
            return Fate::Unreadable("YAML reads something else".to_owned());
        }
        let mut verdicts = self.verdicts.clone();
        let mut changed = models.clone();
        let mut weakest: BTreeMap<&'static str, Verdict> = BTreeMap::new();
        let mut shaken = Vec::new();
        for check in CHECKS.iter().filter(|c| mutant.role.concerns(c.name)) {
            for (size, model) in changed.iter_mut().enumerate() {
                let was = self.verdicts[size][check.name];
                let finding = self.run(check, model, &verdicts[size]);
                verdicts[size].insert(check.name, finding.verdict);
                if finding.verdict == Verdict::Refuted && was != Verdict::Refuted {
                    return Fate::Refuted {
                        check: check.name,
                        message: finding.message,
                    };
                }
                if was.holds() && !finding.verdict.holds() && !shaken.contains(&check.name) {
                    shaken.push(check.name);
                }
                let weaker = weakest.entry(check.name).or_insert(Verdict::Skipped);
                *weaker = weaker.weaker(finding.verdict);
            }
        }
        if equivalent::is_equivalent(&self.raw, &self.models, &raw, models, mutant) {
            return Fate::Equivalent;
        }
        // Without a claim, `inverse` says that g is one-to-one, which nobody has claimed either.
        let unclaimed = |name: &str| name == "inverse" && self.raw.inverse.is_empty();
        shaken.retain(|name| !unclaimed(name));
        let applies = |name: &&'static str| weakest[name] != Verdict::Skipped && !unclaimed(name);
        let names = CHECKS.iter().map(|c| c.name);
        let names = names.filter(|name| weakest.contains_key(name));
        let verdicts: Vec<(&'static str, Verdict)> = names
            .filter(applies)
            .map(|name| (name, weakest[name]))
            .collect();
        let claims: Vec<Verdict> = verdicts
            .iter()
            .filter(|(name, _)| decides_a_claim(name))
            .map(|(_, verdict)| *verdict)
            .collect();
        let all_proved = claims.iter().all(|verdict| *verdict == Verdict::Proved);
        if all_proved && !claims.is_empty() && shaken.is_empty() {
            return Fate::True;
        }
        Fate::Survives { verdicts, shaken }
    }

    /// Whether a mutant is proved to mean what this spec means, whatever the checks say.
    pub fn is_equivalent(&self, mutant: &Mutant) -> bool {
        read_whole(&mutant.source).is_ok_and(|(raw, models)| {
            equivalent::is_equivalent(&self.raw, &self.models, &raw, models, mutant)
        })
    }
}

/// Whether a check decides what a spec claims, rather than what it takes for granted.
pub(super) fn decides_a_claim(check: &str) -> bool {
    !matches!(check, "path" | "stability" | "support")
}
