//! The claimed values of expectations, and the mean of estimators of their gradients.
//!
//! E[f] is taken over the noise, by quadrature of independent parts. The gradient of E[f] is taken
//! without g: as the derivative of a verified value, as a sum over the atoms of a discrete law, or as
//! ∫ q (∂φ f + f ∂φ log q) dz. Where none of these is reached, the estimator and the score-function
//! estimator are drawn in pairs.

mod along;
mod closed;
mod default;
mod estimator;
mod heavy;
mod implicit;
mod in_z;
pub(crate) mod joint;
mod reference;
pub(crate) mod routes;
mod sampled;
mod truth;
mod variance;

pub(crate) use self::estimator::tidy;
use self::estimator::{Part, estimator};
use self::reference::reference;
use self::routes::{compare, two_routes};
use self::sampled::Other;
use self::truth::{Truth, over_atoms, true_gradient, without_density};
use super::drawn::{Average, ByDraws, or_by_draws};
use super::expect::{Estimate, Expectations};
use super::masses::Masses;
use super::nothing::value_of_nothing;
use super::points::Space;
use super::velocity::detaches;
use super::{Context, Finding, Verdict, exact, facts};
use crate::graph::{Id, shortened};
use crate::model::{Claim, Definition, Estimator, Expectation, Model, Target};
use crate::tape::Tape;

pub(crate) fn run(context: &Context, model: &mut Model) -> Finding {
    if model.expectations.is_empty() {
        return default::by_default(context, model);
    }
    if model.definition == Definition::Target
        && log_mass(model).is_none()
        && !implicit::has_line(model)
    {
        return Finding::inconclusive(
            "expectations are taken over the noise of a transform, or over z where g is implicit or z has one coordinate",
        );
    }
    if let Some(reason) = implicit::out_of_reach(model) {
        return Finding::inconclusive(reason);
    }
    let expectations = model.expectations.clone();
    let mut findings: Vec<Finding> = expectations
        .iter()
        .filter_map(|e| {
            let mut found = judge(context, model, e).into_iter().reduce(Finding::and)?;
            if expectations.len() > 1 {
                let name = shortened(&e.name, LONGEST_NAME);
                found.message = format!("`{name}`: {}", found.message);
            }
            Some(found)
        })
        .collect();
    // A law is claimed of z, so g has to carry every f and not only those that miss what is detached.
    let follows = |e: &Expectation| matches!(e.estimator, Estimator::Pathwise);
    if detaches(model)
        && expectations.iter().any(follows)
        && findings.iter().all(|f| f.verdict != Verdict::Refuted)
    {
        findings.extend(default::refutation(context, model));
    }
    findings
        .into_iter()
        .reduce(Finding::and)
        .unwrap_or_else(|| Finding::skipped("no value, gradient or estimator is claimed"))
}

/// Characters of the name of an expectation, or of its formula, before what is said of it.
const LONGEST_NAME: usize = 60;

/// E[term] of a term over base symbols, by the route that the definition of z has.
fn mean(context: &Context, model: &mut Model, at: &[f64], term: Id) -> Option<Estimate> {
    if model.definition == Definition::Transform {
        return Expectations::new(model, at.to_vec()).of(term);
    }
    if log_mass(model).is_none() {
        return implicit::mean(context, model, at, term);
    }
    over_masses(model, at, term)
}

/// Σ mass·term over the values of a discrete z.
fn over_masses(model: &mut Model, at: &[f64], term: Id) -> Option<Estimate> {
    let log_mass = log_mass(model)?;
    let space = Space::new(&model.graph, model.givens());
    let masses = Masses::new(model, &space, at, log_mass)?;
    let inputs: Vec<Id> = [space.symbols, model.output_symbols()].concat();
    let tape = Tape::new(&model.graph, &inputs, &[term]).ok()?;
    masses.sum(&|z, _| tape.evaluate(&[at, z].concat(), &())[0])
}

/// The claimed log-mass of a discrete z.
fn log_mass(model: &Model) -> Option<Id> {
    model.target.as_ref().and_then(Target::log_mass)
}

/// A finding in closed form, where there is one; a refutation only where the other route does not
/// refute too, since that knows which words fit.
fn rather(closed: Option<Finding>, other: impl FnOnce() -> Finding) -> Finding {
    match closed {
        Some(closed) if closed.verdict == Verdict::Refuted => {
            let found = other();
            if found.verdict == Verdict::Refuted {
                found
            } else {
                closed
            }
        }
        Some(closed) => closed,
        None => other(),
    }
}

/// What is wrong with a value where E|f| is infinite.
const NO_MEAN: &str = "a value is claimed of an expectation that does not exist";

fn judge(context: &Context, model: &mut Model, expectation: &Expectation) -> Vec<Finding> {
    let mut findings = Vec::new();
    let f: Vec<Id> = expectation.f.elements.clone();
    if let Some(claim) = &expectation.value {
        let truth: Vec<Id> = model
            .rebase(&f)
            .into_iter()
            .map(|t| tidy(&mut model.graph, t))
            .collect();
        let in_closed_form = closed::value(context, model, &truth, claim);
        findings.push(rather(in_closed_form, || {
            if let Some(finding) = value_of_nothing(context, model, (NO_MEAN, &f), claim) {
                return finding;
            }
            let found = by_integrals(context, model, &f, &truth, claim);
            let found = or_again(found, || {
                let simple = truth.iter().map(|&t| facts::normal(model, t));
                let simple: Vec<Id> = simple.collect::<Option<_>>()?;
                Some(by_integrals(context, model, &f, &simple, claim))
            });
            let by_draws = ByDraws {
                claim,
                what: "value",
                of: "the expectation",
                terms: &truth,
                average: Average::Term,
            };
            or_by_draws(context, model, found, &by_draws)
        }));
    }
    match expectation.estimator {
        Estimator::Value => return findings,
        // A density alone has no path.
        Estimator::Pathwise if model.definition == Definition::Target => return findings,
        Estimator::Pathwise | Estimator::Score | Estimator::Custom(_) => {}
    }
    // A claimed value that has been verified can be differentiated.
    let verified = expectation
        .value
        .as_ref()
        .filter(|v| v.elements.len() == 1 && findings.iter().all(|f| f.verdict.holds()))
        .map(|v| v.elements[0]);
    findings.push(match estimator(model, expectation) {
        Ok(parts) => variance::with_variances(context, model, f[0], &parts, |context, model| {
            estimators(context, model, expectation, verified, &parts)
        }),
        Err(reason) => Finding::inconclusive(reason).at(expectation.f.span.clone()),
    });
    for (parameter, claim) in &expectation.gradient {
        findings.push(claimed_gradient(
            context, model, &f, verified, parameter, claim,
        ));
    }
    findings
}

/// A claimed value against integrals of f over the noise, or over the atoms of a discrete z.
fn by_integrals(
    context: &Context,
    model: &mut Model,
    f: &[Id],
    along: &[Id],
    claim: &Claim,
) -> Finding {
    let atoms: Vec<Option<Id>> = f.iter().map(|&f| over_atoms(model, f)).collect();
    compare(context, model, claim, "value", move |model, at, i| {
        let over_noise = mean(context, model, at, along[i]);
        let over_atoms = atoms[i].and_then(|sum| Truth::OfValue(sum).value(context, model, at));
        let both = over_noise.into_iter().chain(over_atoms);
        both.reduce(|a, b| if b.error < a.error { b } else { a })
    })
}

fn estimators(
    context: &Context,
    model: &mut Model,
    expectation: &Expectation,
    verified: Option<Id>,
    parts: &[Part],
) -> Finding {
    let f = expectation.f.elements[0];
    let along = model.rebased(f);
    let along = tidy(&mut model.graph, along);
    let mean = exact::expectation(model, along);
    let mut all: Option<Finding> = None;
    for part in parts {
        let of = (part.estimator, part.parameter);
        let in_closed_form =
            mean.and_then(|mean| closed::estimator(context, model, mean, of, &part.span));
        let finding = rather(in_closed_form, || {
            let decided = one_estimator(context, model, f, verified, part, parts.len());
            if decided.verdict != Verdict::Inconclusive {
                return decided;
            }
            let of = part.parameter;
            heavy::in_its_place(
                context,
                model,
                expectation,
                of,
                decided,
                |context, model, f, part| one_estimator(context, model, f, None, part, parts.len()),
            )
        });
        all = Some(match all {
            None => finding,
            Some(before) => before.and(finding),
        });
    }
    all.unwrap_or_else(|| Finding::skipped("there are no parameters"))
}

/// Decides one estimator as it stands, else in normal form, of which binary64 may keep what it loses
/// of the other.
fn one_estimator(
    context: &Context,
    model: &mut Model,
    f: Id,
    verified: Option<Id>,
    part: &Part,
    parts: usize,
) -> Finding {
    let found = as_it_stands(context, model, f, verified, part, parts);
    or_again(found, || {
        let simple = Part {
            estimator: facts::normal(model, part.estimator)?,
            parameter: part.parameter,
            is_own: part.is_own,
            span: part.span.clone(),
        };
        Some(as_it_stands(context, model, f, verified, &simple, parts))
    })
}

/// What was found, or where that decides nothing another attempt that does.
fn or_again(found: Finding, again: impl FnOnce() -> Option<Finding>) -> Finding {
    if found.verdict != Verdict::Inconclusive {
        return found;
    }
    again()
        .filter(|other| other.verdict != Verdict::Inconclusive)
        .unwrap_or(found)
}

/// Decides one estimator: by integrals of both sides, else by draws.
fn as_it_stands(
    context: &Context,
    model: &mut Model,
    f: Id,
    verified: Option<Id>,
    part: &Part,
    parts: usize,
) -> Finding {
    let name = model.graph.display(part.parameter);
    let what = format!("gradient in {name}");
    let truth = true_gradient(model, f, verified, part.parameter).or_else(|reason| {
        let found = without_density(context, model, f, part.parameter);
        let independent = found.filter(|truth| part.is_own || matches!(truth, Truth::OfValue(_)));
        independent.ok_or(reason)
    });
    let by_quadrature = match &truth {
        Err(reason) => Finding::inconclusive(format!("{what}: {reason}")).at(part.span.clone()),
        Ok(truth) => {
            let estimate = |model: &mut Model, at: &[f64]| mean(context, model, at, part.estimator);
            let (finding, place) = two_routes(
                context,
                model,
                &what,
                (false, part.estimator),
                &part.span,
                |model, at| Some((estimate(model, at)?, truth.value(context, model, at)?)),
            );
            match place {
                Some(point) => {
                    let of = (part.estimator, truth);
                    let mut value =
                        |model: &mut Model, at: &[f64]| Some(estimate(model, at)?.value);
                    along::table(model, of, &point, finding, &mut value)
                }
                None => finding,
            }
        }
    };
    if by_quadrature.verdict != Verdict::Inconclusive || model.definition != Definition::Transform {
        return by_quadrature;
    }
    let score = reference(model, f, part.parameter).ok().map(Other::Score);
    let known = truth.as_ref().ok().map(Other::Known);
    // An integral over one coordinate that was not reached will not be reached here.
    let known = known.filter(|_| !matches!(truth, Ok(Truth::InZ(_))));
    let mut open = by_quadrature;
    for other in known.into_iter().chain(score) {
        let pair = sampled::Pair {
            estimator: part.estimator,
            other,
            what: what.clone(),
            span: part.span.clone(),
            tests: 2 * parts * model.expectations.len().max(1),
        };
        match sampled::paired(context, model, &pair) {
            Ok(finding) => return finding,
            Err(reason) => open.message = format!("{}; {reason}", open.message),
        }
    }
    open
}

fn claimed_gradient(
    context: &Context,
    model: &mut Model,
    f: &[Id],
    verified: Option<Id>,
    parameter: &str,
    claim: &Claim,
) -> Finding {
    let symbols = model
        .parameters
        .iter()
        .find(|p| p.name == parameter)
        .map_or(Vec::new(), |p| p.symbols.clone());
    let mut integrands = Vec::new();
    for symbol in symbols {
        match true_gradient(model, f[0], verified, symbol) {
            Ok(pair) => integrands.push(pair),
            Err(reason) => match without_density(context, model, f[0], symbol) {
                Some(truth) => integrands.push(truth),
                None => return Finding::inconclusive(reason).at(claim.span.clone()),
            },
        }
    }
    compare(context, model, claim, "gradient", move |model, at, i| {
        integrands.get(i)?.value(context, model, at)
    })
}
