//! The mean of an estimator against that of the score-function estimator, from the same draws.
//!
//! Both estimate the gradient of E f; their difference has mean 0 if and only if the estimator is
//! unbiased. The test is sequential and spends the error rate of the check; it is made only where the
//! difference is known to have a fourth moment.

use crate::check::law::Draws;
use crate::check::path;
use crate::check::points::{Kind, Space};
use crate::check::univariate::numbers;
use crate::check::{Context, Counterexample, Finding, Verdict};
use crate::diagnostic::Span;
use crate::graph::Id;
use crate::model::Model;
use crate::stats::{Outcome, Plan, mean_is_asymptotic};

/// Parameter values at which draws are made.
const POINTS: usize = 2;

/// Two estimators of one gradient, over base symbols.
pub(super) struct Pair {
    /// The one in question.
    pub(super) estimator: Id,
    /// f ∂φ log q + ∂φ f.
    pub(super) score: Id,
    /// How the gradient is called.
    pub(super) what: String,
    /// Where the claim stands.
    pub(super) span: Span,
    /// Among how many tests the error rate is shared.
    pub(super) tests: usize,
}

/// Tests that both have the same mean; the reason where no test can be made.
pub(super) fn paired(context: &Context, model: &mut Model, pair: &Pair) -> Result<Finding, String> {
    let difference = model.graph.sub(pair.estimator, pair.score);
    let square = model.graph.square(difference);
    let space = Space::new(&model.graph, model.givens());
    let plan = Plan {
        alpha: context.error_rate / (POINTS * pair.tests.max(1)) as f64,
        first: 1 << 12,
        last: 32 * context.effort.draws(),
    };
    let mut rng = context.stream(&format!("{} sampled", pair.what));
    let (mut total, mut worst) = (0, 0.0f64);
    let (mut done, mut reason) = (0, "no parameters could be drawn".to_owned());
    for _ in 0..2 * POINTS {
        if done >= POINTS {
            break;
        }
        let Some(point) = space.draw(Kind::Random, &mut rng) else {
            continue;
        };
        // Fourth moments of the difference are second moments of its square.
        match path::moments(context, model, &point, &[square])[0] {
            Ok((_, true)) => {}
            Ok((_, false)) => {
                reason =
                    "the estimators have no fourth moment, so no test of their mean is made".into();
                continue;
            }
            Err(ref why) => {
                reason.clone_from(why);
                continue;
            }
        }
        let at = numbers(&point);
        let purpose = format!("{} noise", pair.what);
        let Some(mut draws) = Draws::of(context, model, &space, &at, &[difference], &purpose)
        else {
            return Err("the noise cannot be drawn".to_owned());
        };
        let outcome = mean_is_asymptotic(plan, 0.0, |out| {
            let [column] = draws.next(out.len()).try_into().unwrap_or([Vec::new()]);
            for (slot, value) in out.iter_mut().zip(column) {
                *slot = value;
            }
        });
        match outcome {
            Outcome::Refuted {
                draws,
                p_value,
                observed,
                ..
            } => {
                let mut finding = Finding::new(
                    Verdict::Refuted,
                    format!("the estimator of the {} is biased", pair.what),
                )
                .at(pair.span.clone());
                finding.counterexample = Some(
                    Counterexample::at_point(model, &space, &point)
                        .sides(
                            (
                                &format!(
                                    "estimator less score-function estimator, mean of {draws} draws"
                                ),
                                format!("{observed:.4}"),
                            ),
                            ("two estimators of one gradient", "0".to_owned()),
                        )
                        .explained(format!(
                            "the probability of this without a bias is below {:.0e}",
                            p_value.max(1e-300)
                        )),
                );
                return Ok(finding);
            }
            Outcome::NotRefuted {
                draws, resolution, ..
            } if resolution.is_finite() => {
                total = total.max(draws);
                worst = worst.max(resolution);
            }
            Outcome::NotRefuted { .. } | Outcome::Invalid { .. } => {
                reason = "the draws are too heavy-tailed for a test of their mean".to_owned();
                continue;
            }
        }
        done += 1;
    }
    if done == 0 {
        return Err(reason);
    }
    let message = format!(
        "{}: {total} paired draws show no bias; one of {worst:.2} would have been seen",
        pair.what
    );
    Ok(Finding::new(Verdict::Tested, message)
        .at(pair.span.clone())
        .with("resolution", worst))
}
