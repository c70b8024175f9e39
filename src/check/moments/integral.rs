//! Claims that are integrals: mean, variance, skewness, kurtosis, entropy.
//!
//! The truth is an integral over a line of the law, a sum over its atoms, or one over the noise;
//! where none of them settles there is no truth, and the claim stays open.

use super::closed::in_closed_form;
use super::compare::{Wanted, decide};
use super::law::{Law, line};
use super::tails::{Tails, Truth, without_constants};
use crate::check::drawn::{Average, ByDraws, or_by_draws};
use crate::check::expect::{Estimate, Expectations};
use crate::check::gradient::joint::Joint;
use crate::check::masses::Masses;
use crate::check::nothing::value_of_nothing;
use crate::check::points::Space;
use crate::check::univariate::{Line, is_settled};
use crate::check::{Context, Finding};
use crate::graph::Id;
use crate::model::{Claim, Definition, Model, Target};
use crate::number::{Rational, Unary};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Decides claimed moments of each component, all from one set of integrals.
pub(crate) fn moments(
    context: &Context,
    model: &mut Model,
    law: &Law,
    claims: &[(&'static str, Claim)],
) -> Vec<Finding> {
    let powers: Vec<i32> = [("variance", 2), ("skewness", 3), ("kurtosis", 4)]
        .into_iter()
        .filter(|(name, power)| {
            claims
                .iter()
                .any(|(what, _)| what == name || (*power == 2 && *what != "mean"))
        })
        .map(|(_, power)| power)
        .collect();
    let mut known: BTreeMap<(Vec<u64>, usize), Option<Central>> = BTreeMap::new();
    let mut tails: BTreeMap<(Vec<u64>, usize), Tails> = BTreeMap::new();
    let terms = without_constants(model, law);
    claims
        .iter()
        .map(|(what, claim)| {
            if let Some(finding) = in_closed_form(context, model, what, claim) {
                return finding;
            }
            let mut z = model
                .transform
                .as_ref()
                .map_or(Vec::new(), |t| t.elements.clone());
            if *what != "mean" {
                z.iter_mut().for_each(|z| *z = model.graph.square(*z));
            }
            let message = format!("a {what} is claimed that does not exist");
            if let Some(finding) = value_of_nothing(context, model, (&message, &z), claim) {
                return finding;
            }
            let found = decide(context, model, what, claim, |model, space, at, i, wants| {
                let key = (at.iter().map(|v| v.to_bits()).collect::<Vec<u64>>(), i);
                let tails = tails
                    .entry(key.clone())
                    .or_insert_with(|| Tails::new(model, &terms, space, at, i));
                if let Some(truth) = tails.beyond(what) {
                    return Some(truth);
                }
                if wants == Wanted::Existence {
                    return tails.finite(what);
                }
                let exists = tails.finite(what);
                let central = known
                    .entry(key)
                    .or_insert_with(|| {
                        from_masses(model, space, at, i, &powers)
                            .or_else(|| from_density(model, law, space, at, i, &powers))
                            .or_else(|| from_noise(model, at, i, &powers))
                            .or_else(|| from_all(context, model, law, at, i, &powers))
                    })
                    .clone();
                let Some(central) = central else {
                    return exists;
                };
                let of = |power: i32| central.get(&power).copied();
                let standardized =
                    |power, exponent, excess| ratio(of(power)?, of(2)?, exponent, excess);
                let moment = match *what {
                    "mean" => of(1),
                    "variance" => of(2),
                    "skewness" => standardized(3, 1.5, 0.0),
                    "kurtosis" => standardized(4, 2.0, 3.0),
                    _ => None,
                };
                moment.map(Truth::Number).or(exists)
            });
            let average = match *what {
                "mean" => Average::Term,
                "variance" => Average::Spread,
                _ => return found,
            };
            let Some(transform) = model.transform.clone() else {
                return found;
            };
            let by_draws = ByDraws {
                claim,
                what,
                of: "the law",
                terms: &transform.elements,
                average,
            };
            or_by_draws(context, model, found, &by_draws)
        })
        .collect()
}

/// The mean (power 1) and central moments by their power, as far as they exist.
type Central = BTreeMap<i32, Estimate>;

/// Decides the claimed entropy.
pub(crate) fn entropy(context: &Context, model: &mut Model, law: &Law, claim: &Claim) -> Finding {
    if let Some(finding) = in_closed_form(context, model, "entropy", claim) {
        return finding;
    }
    // With no density claimed the law is that of g, which is known where g is one-to-one.
    let is_claimed = law.log_density.is_some();
    let density_holds = context.holds("density") || (!is_claimed && context.holds("inverse"));
    let log_density = law.log_density;
    let law = law.clone();
    let found = decide(
        context,
        model,
        "entropy",
        claim,
        move |model, space, at, _, wants| {
            if wants == Wanted::Existence {
                return None;
            }
            if let Some(log_mass) = model.target.as_ref().and_then(Target::log_mass) {
                let masses = Masses::new(model, space, at, log_mass)?;
                return masses.sum(&|_, log| -log).map(Truth::Number);
            }
            if let Some(components) = &law.components {
                let lines: Option<Vec<Rc<Line>>> = (0..components.len())
                    .map(|i| line(model, &law, space, at, i))
                    .collect();
                if let Some(lines) = lines {
                    let mut total = Estimate::exact(0.0);
                    for line in &lines {
                        let integral = line.integrate(&|_, log| -log);
                        if !is_settled(&integral) {
                            return None;
                        }
                        total = total.plus(Estimate {
                            value: integral.value,
                            error: integral.error,
                        });
                    }
                    return Some(Truth::Number(total));
                }
            }
            if let Some(log_q) = law.log_density
                && let Some(entropy) = over_all(context, model, log_q, at)
            {
                return Some(Truth::Number(entropy));
            }
            if model.definition != Definition::Transform || !density_holds {
                return None;
            }
            // −log q(g(ε)) = log |det J| − log p(ε): density has established it, or q is defined so.
            let log_p = model.log_noise();
            let log_det = crate::check::jacobian::jacobian(model).ok()?.log_abs_det;
            let surprise = model.graph.sub(log_det, log_p);
            Expectations::new(model, at.to_vec())
                .of(surprise)
                .map(Truth::Number)
        },
    );
    let Some(log_q) = log_density.filter(|_| density_holds) else {
        return found;
    };
    let along = model.rebased(log_q);
    let surprise = model.graph.neg(along);
    let by_draws = ByDraws {
        claim,
        what: "entropy",
        of: "the law",
        terms: &[surprise],
        average: Average::Term,
    };
    or_by_draws(context, model, found, &by_draws)
}

/// −∫ q log q over all coordinates together.
fn over_all(context: &Context, model: &mut Model, log_q: Id, at: &[f64]) -> Option<Estimate> {
    let surprise = model.graph.neg(log_q);
    mean_over_all(context, model, (surprise, log_q), at)
}

/// The mean of a term in z over all coordinates together.
fn mean_over_all(
    context: &Context,
    model: &mut Model,
    (term, log_q): (Id, Id),
    at: &[f64],
) -> Option<Estimate> {
    let integral = Joint::mean(model, term, log_q).ok()?;
    integral.value(context, model, at)
}

/// Moments of a component that depends on others, over all coordinates together. The same without
/// signs has to settle too: opposite tails that cancel are no mean.
fn from_all(
    context: &Context,
    model: &mut Model,
    law: &Law,
    at: &[f64],
    i: usize,
    powers: &[i32],
) -> Option<Central> {
    let log_q = law.log_density?;
    let z = model.output_symbols().get(i).copied()?;
    let mut of = |center: f64, power: i32| {
        let center = model.graph.constant(Rational::try_from(center).ok()?);
        let deviation = model.graph.sub(z, center);
        let exponent = model.graph.integer(i64::from(power));
        let term = model.graph.pow(deviation, exponent);
        if power % 2 != 0 {
            let size = model.graph.unary(Unary::Abs, term);
            mean_over_all(context, model, (size, log_q), at)?;
        }
        mean_over_all(context, model, (term, log_q), at)
    };
    let mean = of(0.0, 1)?;
    let mut central = Central::from([(1, mean)]);
    for &power in powers {
        central.extend(of(mean.value, power).map(|m| (power, m)));
    }
    Some(central)
}

/// What integrals are asked for, and so the least error of a standardized moment, a number of order one:
/// estimates of smaller errors are luck where the integral vanishes by symmetry.
const ASKED: f64 = 1e-11;

/// moment/variance^power − excess.
fn ratio(moment: Estimate, variance: Estimate, power: f64, excess: f64) -> Option<Estimate> {
    let scale = variance.value.powf(power);
    let value = moment.value / scale;
    let error = moment.error / scale + value.abs() * power * variance.error / variance.value;
    let error = error.max(ASKED);
    (variance.value > 0.0).then_some(Estimate {
        value: value - excess,
        error,
    })
}

/// Moments of component i of a discrete law, as sums over its atoms.
fn from_masses(
    model: &Model,
    space: &Space,
    at: &[f64],
    i: usize,
    powers: &[i32],
) -> Option<Central> {
    let log_mass = model.target.as_ref()?.log_mass()?;
    let masses = Masses::new(model, space, at, log_mass)?;
    let total = masses.sum(&|_, _| 1.0)?;
    // What the total is off has been lost somewhere.
    let lost = (total.value - 1.0).abs() + total.error;
    if lost > 1e-9 {
        return None;
    }
    let sum = |weight: &dyn Fn(f64) -> f64| {
        let moment = masses.sum(&|z, _| weight(z[i]))?;
        let error = moment.error + lost * moment.value.abs();
        Some(Estimate { error, ..moment })
    };
    let Some(mean) = sum(&|z| z) else {
        return Some(Central::new());
    };
    let mut central = Central::from([(1, mean)]);
    for &power in powers {
        let moment = sum(&|z| (z - mean.value).powi(power));
        central.extend(moment.map(|m| (power, m)));
    }
    Some(central)
}

fn from_density(
    model: &Model,
    law: &Law,
    space: &Space,
    at: &[f64],
    i: usize,
    powers: &[i32],
) -> Option<Central> {
    let line = line(model, law, space, at, i)?;
    let integral = |weight: &dyn Fn(f64) -> f64| {
        let integral = line.integrate(&|x, _| weight(x));
        is_settled(&integral).then_some(Estimate {
            value: integral.value,
            error: integral.error,
        })
    };
    let mut central = Central::new();
    let Some(mean) = integral(&|x| x) else {
        return Some(central);
    };
    central.insert(1, mean);
    for &power in powers {
        let moment = integral(&|x| (x - mean.value).powi(power));
        central.extend(moment.map(|m| (power, m)));
    }
    Some(central)
}

/// Moments of g(ε), from independent parts of the noise.
fn from_noise(model: &mut Model, at: &[f64], i: usize, powers: &[i32]) -> Option<Central> {
    let term = model.transform.as_ref()?.elements.get(i).copied()?;
    let mut expectations = Expectations::new(model, at.to_vec());
    let mean = expectations.of(term)?;
    let mut central = Central::from([(1, mean)]);
    let center = expectations
        .graph()
        .constant(Rational::try_from(mean.value).ok()?);
    let deviation = expectations.graph().sub(term, center);
    for &power in powers {
        let graph = expectations.graph();
        let exponent = graph.integer(i64::from(power));
        let term = graph.pow(deviation, exponent);
        central.extend(expectations.of(term).map(|m| (power, m)));
    }
    Some(central)
}
