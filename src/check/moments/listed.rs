//! Moments and entropy of a discrete law of few values: sums over them, as identities.

use super::compare::explanation;
use crate::check::listed::Listed;
use crate::check::{Context, Finding, Verdict};
use crate::graph::Id;
use crate::model::{Claim, Model, Target};
use crate::number::Rational;

/// Decides a claim by the listed values; none where they do not decide it.
pub(super) fn decide(
    context: &Context,
    model: &mut Model,
    law: &Listed,
    what: &str,
    claim: &Claim,
) -> Option<Finding> {
    let truths = if what == "entropy" {
        let log_mass = model.target.as_ref().and_then(Target::log_mass)?;
        let surprise = model.graph.neg(log_mass);
        vec![law.mean(model, surprise)?]
    } else {
        let z = model.output_symbols();
        let each = z.iter().map(|&z| moment(model, law, what, z));
        each.collect::<Option<_>>()?
    };
    sum(context, model, law, what, claim, truths)
}

/// A moment of one component.
fn moment(model: &mut Model, law: &Listed, what: &str, z: Id) -> Option<Id> {
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
    law: &Listed,
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
