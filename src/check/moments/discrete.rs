//! Claims about a discrete law: sums over its values, its steps, and its largest mass.

use super::integral::explanation;
use crate::check::counterexample::value_text;
use crate::check::decide::middle;
use crate::check::masses::{Masses, at};
use crate::check::points::{Kind, Point, Space};
use crate::check::{Context, Counterexample, Finding, Verdict};
use crate::graph::Id;
use crate::language::Domain;
use crate::model::{Claim, Model, Variable};
use crate::number::{Enclosure, Precision, Rational};
use crate::tape::Tape;

/// Digits, in bits, at which steps and masses are compared.
const PRECISION: Precision = Precision(128);

/// Decides a claim by the listed values; none where they do not decide it.
pub(super) fn decide(
    context: &Context,
    model: &mut Model,
    law: &Masses,
    what: &str,
    claim: &Claim,
) -> Option<Finding> {
    match what {
        "cdf" => cdf(context, model, law, claim),
        "quantile" => quantile(context, model, law, claim),
        "mode" => mode(context, model, law, claim),
        "entropy" => {
            let log_mass = model.target.as_ref()?;
            let log_mass = log_mass
                .log_density
                .as_ref()
                .or(log_mass.distribution.as_ref())?;
            let surprise = model.graph.neg(log_mass.elements[0]);
            let truth = law.mean(model, surprise)?;
            sum(context, model, law, what, claim, vec![truth])
        }
        _ => {
            let z = model.output_symbols();
            let truths: Option<Vec<Id>> = z.iter().map(|&z| moment(model, law, what, z)).collect();
            sum(context, model, law, what, claim, truths?)
        }
    }
}

/// A moment of one component.
fn moment(model: &mut Model, law: &Masses, what: &str, z: Id) -> Option<Id> {
    let mean = law.mean(model, z)?;
    let deviation = model.graph.sub(z, mean);
    let central = |model: &mut Model, power: i64| {
        let power = model.graph.integer(power);
        let term = model.graph.pow(deviation, power);
        law.mean(model, term)
    };
    let standardized = |model: &mut Model, above: i64, root: Rational| {
        let (above, variance) = (central(model, above)?, central(model, 2)?);
        let root = model.graph.constant(root);
        let scale = model.graph.pow(variance, root);
        Some(model.graph.div(above, scale))
    };
    match what {
        "mean" => Some(mean),
        "variance" => central(model, 2),
        "skewness" => standardized(model, 3, Rational::from_parts(3.into(), 2u8.into())),
        "kurtosis" => {
            let kurtosis = standardized(model, 4, Rational::from(2))?;
            let three = model.graph.integer(3);
            Some(model.graph.sub(kurtosis, three))
        }
        _ => None,
    }
}

fn sum(
    context: &Context,
    model: &mut Model,
    law: &Masses,
    what: &str,
    claim: &Claim,
    truths: Vec<Id>,
) -> Option<Finding> {
    let sides = claim.elements.iter().copied().zip(truths).collect();
    let (left, right) = (format!("claimed {what}"), format!("{what} of the law"));
    let mut finding = law.equal(context, model, (&left, &right), sides, claim.span.clone());
    match finding.verdict {
        Verdict::Inconclusive => return None,
        Verdict::Refuted => {
            finding.message = format!("the claimed {what} is not that of the law");
            if let Some(example) = &mut finding.counterexample
                && let (Ok(claimed), Ok(truth)) = (example.left.parse(), example.right.parse())
            {
                example.explanation = explanation(what, claimed, truth);
            }
        }
        Verdict::Proved | Verdict::Certified | Verdict::Tested | Verdict::Skipped => {
            finding.message = format!("{what}: by a sum over {} values", law.values.len());
        }
    }
    Some(finding)
}

/// At each value the claimed CDF is the mass up to it.
fn cdf(context: &Context, model: &mut Model, law: &Masses, claim: &Claim) -> Option<Finding> {
    let sums = law.cumulative(model)?;
    let z = model.output_symbols();
    let mut sides = Vec::new();
    for (value, total) in law.values.iter().zip(sums) {
        let there = at(model, &z, value, claim.elements[0]);
        sides.push((there, total));
    }
    let names = ("claimed cdf", "the mass up to a value");
    let mut finding = law.equal(context, model, names, sides, claim.span.clone());
    match finding.verdict {
        Verdict::Inconclusive => return None,
        Verdict::Refuted => {
            "the claimed cdf is not that of the law".clone_into(&mut finding.message)
        }
        Verdict::Proved | Verdict::Certified | Verdict::Tested | Verdict::Skipped => {
            let which = if law.complete { "each of" } else { "the first" };
            let count = law.values.len();
            finding.message = format!("cdf: the mass up to {which} {count} values");
        }
    }
    Some(finding)
}

/// Points of a space with the enclosures of terms there.
fn enclosed(
    context: &Context,
    model: &Model,
    space: &Space,
    terms: &[Id],
) -> Option<Vec<(Point, Vec<Enclosure>)>> {
    let tape = Tape::new(&model.graph, &space.symbols, terms).ok()?;
    let mut rng = context.stream("values");
    let mut all = Vec::new();
    for round in 0..2 * context.effort.certified_points() {
        let kind = [Kind::Simple(2 + round / 2), Kind::Random][round % 2];
        let Some(point) = space.draw(kind, &mut rng) else {
            continue;
        };
        let inputs: Vec<Enclosure> = point
            .iter()
            .map(|v| Enclosure::exact(v, PRECISION))
            .collect();
        let values = tape.evaluate(&inputs, &PRECISION);
        all.push((point, values));
    }
    Some(all)
}

/// Where u lies between two steps, the quantile is the value of the step above.
fn quantile(context: &Context, model: &mut Model, law: &Masses, claim: &Claim) -> Option<Finding> {
    let u = model.target.as_ref()?.u?;
    let sums = law.cumulative(model)?;
    let mut variables = model.givens();
    variables.push(Variable {
        name: "u".to_owned(),
        shape: Vec::new(),
        symbols: vec![u],
        domain: Domain::UnitInterval,
        range: None,
    });
    let space = Space::new(&model.graph, variables);
    let terms: Vec<Id> = sums.into_iter().chain([claim.elements[0]]).collect();
    let mut compared = 0usize;
    for (point, mut values) in enclosed(context, model, &space, &terms)? {
        let claimed = values.pop()?;
        let level = Enclosure::exact(point.last()?, PRECISION);
        let Some(step) = values.iter().position(|total| level.certainly_less(total)) else {
            continue;
        };
        if step > 0 && !values[step - 1].certainly_less(&level) {
            continue;
        }
        let truth = Enclosure::exact(&law.values[step][0], PRECISION);
        let differs = claimed.certainly_less(&truth) || truth.certainly_less(&claimed);
        if differs || claimed.is_certainly_undefined() {
            let message = "the claimed quantile is not that of the law";
            let mut finding = Finding::new(Verdict::Refuted, message).at(claim.span.clone());
            finding.counterexample = Some(Counterexample::at_point(model, &space, &point).sides(
                ("claimed quantile", value_text(&claimed)),
                ("the least value with mass u up to it", value_text(&truth)),
            ));
            return Some(finding);
        }
        compared += usize::from(claimed.is_finite());
    }
    let message = format!("quantile: the value of the step at {compared} points");
    (compared > 0).then(|| Finding::new(Verdict::Certified, message).at(claim.span.clone()))
}

/// No listed value has a larger mass than the claimed mode.
fn mode(context: &Context, model: &mut Model, law: &Masses, claim: &Claim) -> Option<Finding> {
    let space = Space::new(&model.graph, model.givens());
    let terms = [law.masses.as_slice(), &claim.elements].concat();
    let mut compared = 0usize;
    for (point, mut values) in enclosed(context, model, &space, &terms)? {
        let claimed = values.split_off(law.masses.len());
        if !claimed.iter().all(Enclosure::is_finite) {
            continue;
        }
        let place: Vec<String> = claimed.iter().map(value_text).collect();
        let refuted = |right: (&str, String), why: &str| {
            let message = "the claimed mode is not where the mass is largest";
            let mut finding = Finding::new(Verdict::Refuted, message).at(claim.span.clone());
            finding.counterexample = Some(
                Counterexample::at_point(model, &space, &point)
                    .sides(("claimed mode", place.join(", ")), right)
                    .explained(why),
            );
            Some(finding)
        };
        let near: Vec<Rational> = claimed
            .iter()
            .map(middle)
            .map(|m| Rational::from(m.round()))
            .collect();
        let apart = claimed.iter().zip(&near).any(|(value, near)| {
            let near = Enclosure::exact(near, PRECISION);
            value.certainly_less(&near) || near.certainly_less(value)
        });
        let known = law.values.iter().position(|value| *value == near);
        if apart || (known.is_none() && law.complete) {
            let what = ("the law", "has no such value".to_owned());
            return refuted(what, "the claimed mode is no value of z");
        }
        let Some(known) = known else {
            continue;
        };
        let larger = values
            .iter()
            .position(|mass| values[known].certainly_less(mass));
        if let Some(larger) = larger {
            let value = &law.values[larger];
            let value: Vec<String> = value
                .iter()
                .map(|v| value_text(&Enclosure::exact(v, PRECISION)))
                .collect();
            let what = ("a larger mass at", value.join(", "));
            return refuted(what, "another value has a larger mass");
        }
        compared += 1;
    }
    let message = format!("mode: no other value has a larger mass at {compared} parameter values");
    (compared > 0).then(|| Finding::new(Verdict::Certified, message).at(claim.span.clone()))
}
