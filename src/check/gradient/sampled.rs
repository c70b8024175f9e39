//! The mean of an estimator by draws: against the gradient where that is known by another route,
//! otherwise against the score-function estimator from the same draws.
//!
//! Both estimators have the gradient of E f as their mean; their difference has mean 0 if and only if
//! the one in question is unbiased. The test is sequential and spends the error rate of the check; it is made only where the
//! difference is known to have a fourth moment.

use super::routes::is_at_a_hole;
use super::truth::Truth;
use crate::check::law::Draws;
use crate::check::normalization::DISTRUST;
use crate::check::path;
use crate::check::points::{Kind, Space};
use crate::check::univariate::numbers;
use crate::check::{Context, Counterexample, Finding, Verdict};
use crate::diagnostic::Span;
use crate::graph::Id;
use crate::model::Model;
use crate::number::text;
use crate::stats::{Outcome, Plan, mean_is_asymptotic};

/// A mean below this share of the mean size of an estimator is what rounding leaves: two formulas of
/// one estimator differ by as much, always to the same side.
const ROUNDING: f64 = 1e-9;

/// Parameter values at which draws are made.
const POINTS: usize = 2;

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
    let difference = match pair.other {
        Other::Score(score) => model.graph.sub(pair.estimator, score),
        Other::Known(_) => pair.estimator,
    };
    let square = model.graph.square(difference);
    let space = Space::new(&model.graph, model.givens());
    let plan = Plan {
        alpha: context.error_rate / (POINTS * pair.tests.max(1)) as f64,
        first: 1 << 12,
        last: 32 * context.effort.draws(),
    };
    let mut rng = context.stream(&format!("{} sampled", pair.what));
    let (mut total, mut worst, mut least) = (0, 0.0f64, 1.0f64);
    let (mut done, mut reason) = (0, "no parameters could be drawn".to_owned());
    for _ in 0..2 * POINTS {
        if done >= POINTS {
            break;
        }
        let Some(point) = space.draw(Kind::Random, &mut rng) else {
            continue;
        };
        if is_at_a_hole(model, &space, &point) {
            continue;
        }
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
        let expected = match pair.other {
            Other::Score(_) => 0.0,
            Other::Known(truth) => match truth.value(context, model, &at) {
                // Far below what draws resolve.
                Some(known) if DISTRUST * known.error <= 1e-6 * (1e-3 + known.value.abs()) => {
                    known.value
                }
                Some(_) | None => {
                    reason = "the gradient was not reached by integrals".to_owned();
                    continue;
                }
            },
        };
        let purpose = format!("{} noise", pair.what);
        let terms = [difference, pair.estimator];
        let Some(mut draws) = Draws::of(context, model, &space, &at, &terms, &purpose) else {
            return Err("the noise cannot be drawn".to_owned());
        };
        let mut size = (0.0, 0usize);
        let outcome = mean_is_asymptotic(plan, expected, |out| {
            let columns = draws.next(out.len());
            size.0 += columns[1].iter().map(|x| x.abs()).sum::<f64>();
            size.1 += columns[1].len();
            out.copy_from_slice(&columns[0]);
        });
        let floor = ROUNDING * size.0 / size.1.max(1) as f64;
        let outcome = match outcome {
            Outcome::Refuted {
                draws, observed, ..
            } if (observed - expected).abs() <= floor => Outcome::NotRefuted {
                draws,
                p_value: 1.0,
                resolution: floor,
            },
            other => other,
        };
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
                finding.counterexample = Some(
                    Counterexample::at_point(model, &space, &point)
                        .sides((&left, text::rounded(observed, 4)), (&right.0, right.1))
                        .explained(format!(
                            "the probability of this without a bias is below {:.0e}",
                            p_value.max(1e-300)
                        )),
                );
                return Ok(finding.with("p_value", p_value));
            }
            Outcome::NotRefuted {
                draws,
                p_value,
                resolution,
            } if resolution.is_finite() => {
                least = least.min(p_value);
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
    let draws = match pair.other {
        Other::Score(_) => "paired draws",
        Other::Known(_) => "draws",
    };
    let message = format!(
        "{}: {total} {draws} show no bias; one of {} would have been seen",
        pair.what,
        text::rounded(worst, 2)
    );
    Ok(Finding::new(Verdict::Tested, message)
        .at(pair.span.clone())
        .with("p_value", (least * done as f64).min(1.0))
        .with("resolution", worst))
}
