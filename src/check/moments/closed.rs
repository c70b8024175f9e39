//! Moments and entropy in closed form: the claim against what the known means of the noise say,
//! where g(ε) is a sum of functions whose means are known.
//!
//! The truth is a term, so that the claim is judged as an identity is. A law with a density of its
//! own is that of g(ε) only where `density` holds, and the verdict is then no stronger than that one.

use super::compare::explanation;
use crate::check::judge::{Statement, judge};
use crate::check::points::Space;
use crate::check::{Context, Finding, Verdict, exact};
use crate::graph::Id;
use crate::model::{Claim, Model};
use crate::number::Rational;

/// Decides a claim by the moments of the noise, where g(ε) is a sum of functions whose means are
/// known; none where it is not.
pub(super) fn in_closed_form(
    context: &Context,
    model: &mut Model,
    what: &str,
    claim: &Claim,
) -> Option<Finding> {
    let claims_density = model
        .target
        .as_ref()
        .is_some_and(|t| t.log_density.is_some() || t.distribution.is_some());
    if claims_density && !context.holds("density") {
        return None;
    }
    let truths = if what == "entropy" {
        let log_p = model.log_noise();
        let log_det = crate::check::jacobian::jacobian(model).ok()?.log_abs_det;
        let surprise = model.graph.sub(log_det, log_p);
        vec![exact::expectation(model, surprise)?]
    } else {
        let terms = model.transform.as_ref()?.elements.clone();
        let moments = terms.iter().map(|&term| exact_moment(model, what, term));
        moments.collect::<Option<Vec<Id>>>()?
    };
    if truths.len() != claim.elements.len() {
        return None;
    }
    let (left, right) = (format!("claimed {what}"), format!("{what} of the law"));
    let statement = Statement {
        left: &left,
        right: &right,
        sides: claim.elements.iter().copied().zip(truths).collect(),
        span: claim.span.clone(),
        almost_everywhere: false,
    };
    let space = Space::new(&model.graph, model.givens());
    let mut finding = judge(context, model, &space, &statement, |_, failure| {
        let (claimed, truth) = (failure.left.midpoint_f64(), failure.right.midpoint_f64());
        explanation(what, claimed, truth)
    });
    match finding.verdict {
        Verdict::Inconclusive => return None,
        Verdict::Refuted => {
            finding.message = format!("the claimed {what} is not that of the law");
        }
        Verdict::Proved | Verdict::Certified | Verdict::Tested | Verdict::Skipped => {
            if let Some(&density) = context.before.get("density").filter(|_| claims_density) {
                finding.verdict = finding.verdict.weaker(density);
            }
            finding.message = format!("{what}: by known means of the noise");
        }
    }
    Some(finding)
}

/// A moment of a term over the noise.
fn exact_moment(model: &mut Model, what: &str, term: Id) -> Option<Id> {
    let mean = exact::expectation(model, term)?;
    let deviation = model.graph.sub(term, mean);
    let central = |model: &mut Model, power: i64| {
        let power = model.graph.integer(power);
        let term = model.graph.pow(deviation, power);
        exact::expectation(model, term)
    };
    match what {
        "mean" => Some(mean),
        "variance" => central(model, 2),
        "skewness" => {
            let (above, variance) = (central(model, 3)?, central(model, 2)?);
            let exponent = model.graph.constant(Rational::from(3) / Rational::from(2));
            let below = model.graph.pow(variance, exponent);
            Some(model.graph.div(above, below))
        }
        "kurtosis" => {
            let (above, variance) = (central(model, 4)?, central(model, 2)?);
            let below = model.graph.square(variance);
            let ratio = model.graph.div(above, below);
            let three = model.graph.integer(3);
            Some(model.graph.sub(ratio, three))
        }
        _ => None,
    }
}
