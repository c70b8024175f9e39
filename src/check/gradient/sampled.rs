//! The mean of an estimator by draws: against the gradient where that is known by another route,
//! otherwise against the score-function estimator from the same draws.
//!
//! Both estimators have the gradient of E f as their mean; their difference has mean 0 if and only if
//! the one in question is unbiased. The test is sequential and spends the error rate of the check; it is made only where the
//! difference is known to have a fourth moment.

use super::truth::Truth;
use crate::check::drawn::{Average, Drawn, Seen};
use crate::check::normalization::DISTRUST;
use crate::check::points::Space;
use crate::check::{Context, Counterexample, Finding, Verdict};
use crate::diagnostic::Span;
use crate::graph::Id;
use crate::model::Model;
use crate::number::text;

/// What the mean of an estimator is held against.
pub(super) enum Other<'a> {
    /// The score-function estimator f ∂φ log q + ∂φ f, over base symbols.
    Score(Id),
    /// The gradient itself.
    Known(&'a Truth),
}

/// An estimator of a gradient, and what its mean is held against.
pub(super) struct Pair<'a> {
    /// The one in question, over base symbols.
    pub(super) estimator: Id,
    /// The other side.
    pub(super) other: Other<'a>,
    /// How the gradient is called.
    pub(super) what: String,
    /// Where the claim stands.
    pub(super) span: Span,
    /// Among how many tests the error rate is shared.
    pub(super) tests: usize,
}

/// Tests that both have the same mean; the reason where no test can be made.
pub(super) fn paired(context: &Context, model: &mut Model, pair: &Pair) -> Result<Finding, String> {
    let term = match pair.other {
        Other::Score(score) => model.graph.sub(pair.estimator, score),
        Other::Known(_) => pair.estimator,
    };
    let drawn = Drawn {
        term,
        average: Average::Term,
        size: pair.estimator,
        purpose: pair.what.clone(),
        tests: pair.tests,
    };
    let seen = drawn.test(context, model, |model, at| match pair.other {
        Other::Score(_) => Ok(0.0),
        Other::Known(truth) => truth
            .value(context, model, at)
            // Far below what draws resolve.
            .filter(|known| DISTRUST * known.error <= 1e-6 * (1e-3 + known.value.abs()))
            .map(|known| known.value)
            .ok_or_else(|| "the gradient was not reached by integrals".to_owned()),
    })?;
    Ok(match seen {
        Seen::Different {
            point,
            draws,
            p_value,
            observed,
            expected,
        } => {
            let message = format!("the estimator of the {} is biased", pair.what);
            let mut finding = Finding::new(Verdict::Refuted, message);
            let (left, right) = match pair.other {
                Other::Score(_) => (
                    format!("estimator less score-function estimator, mean of {draws} draws"),
                    ("two estimators of one gradient".to_owned(), "0".to_owned()),
                ),
                Other::Known(_) => (
                    format!("mean of {draws} draws of the estimator"),
                    (format!("{} of E[f]", pair.what), text::rounded(expected, 6)),
                ),
            };
            let space = Space::new(&model.graph, model.givens());
            finding.counterexample = Some(
                Counterexample::at_point(model, &space, &point)
                    .sides((&left, text::rounded(observed, 4)), (&right.0, right.1))
                    .explained(format!(
                        "the probability of this without a bias is below {:.0e}",
                        p_value.max(1e-300)
                    )),
            );
            finding.with("p_value", p_value)
        }
        Seen::Equal {
            draws,
            p_value,
            resolution,
            ..
        } => {
            let kind = match pair.other {
                Other::Score(_) => "paired draws",
                Other::Known(_) => "draws",
            };
            let message = format!(
                "{}: {draws} {kind} show no bias; one of {} would have been seen",
                pair.what,
                text::rounded(resolution, 2)
            );
            Finding::new(Verdict::Tested, message)
                .with("p_value", p_value)
                .with("resolution", resolution)
        }
    }
    .at(pair.span.clone()))
}
