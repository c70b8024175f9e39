//! The mean of a term over the noise by draws, against a number that is claimed or known.
//!
//! The test is sequential and spends its share of the error rate of the check. It is asymptotic, so it is made only
//! where the term is known to have a fourth moment: no sample shows one.

use super::gradient::routes::is_at_a_hole;
use super::law::Draws;
use super::path;
use super::points::{Kind, Point, Space};
use super::univariate::{numbers, value};
use super::{Context, Counterexample, Finding, Verdict};
use crate::graph::Id;
use crate::model::{Claim, Definition, Model};
use crate::number::text;
use crate::stats::{Outcome, Plan, mean_is_asymptotic};

/// A mean below this share of the mean size of what is drawn is what rounding leaves: two formulas of
/// one number differ by as much, always to the same side.
const ROUNDING: f64 = 1e-9;

/// Parameter values tried, of which some leave tails too heavy.
const TRIES: usize = 4;

/// Parameter values at which draws are made.
const POINTS: usize = 2;

/// What is averaged over the draws.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Average {
    /// The term: its mean.
    Term,
    /// Half the squared difference of two draws of the term: its variance.
    Spread,
}

/// What is drawn, and how.
pub(crate) struct Drawn {
    /// The term over base symbols.
    pub(crate) term: Id,
    /// What is averaged.
    pub(crate) average: Average,
    /// The term that says how large a mean is that rounding leaves.
    pub(crate) size: Id,
    /// The name of the stream of the points and draws.
    pub(crate) purpose: String,
    /// Among how many tests the error rate of the check is shared.
    pub(crate) tests: usize,
}

/// A claim of the means of terms over the noise, or of their variances.
pub(crate) struct ByDraws<'a> {
    /// What is claimed, an element for each term.
    pub(crate) claim: &'a Claim,
    /// What the claim is called.
    pub(crate) what: &'a str,
    /// Whose it is.
    pub(crate) of: &'a str,
    /// The terms over base symbols.
    pub(crate) terms: &'a [Id],
    /// What is claimed of them.
    pub(crate) average: Average,
}

/// What draws say of a mean.
pub(crate) enum Seen {
    /// It is another.
    Different {
        /// The parameters and inputs.
        point: Point,
        /// How many draws it took.
        draws: usize,
        /// Valid at any stopping time.
        p_value: f64,
        /// The mean of the draws.
        observed: f64,
        /// The number it was held against.
        expected: f64,
    },
    /// No difference was seen.
    Equal {
        /// Parameter values at which draws were made.
        points: usize,
        /// The most draws at one.
        draws: usize,
        /// Valid at any stopping time, over all points.
        p_value: f64,
        /// The difference that would have been seen.
        resolution: f64,
    },
}

impl Drawn {
    /// Tests the mean against a number at several parameter values; the reason where no test can be
    /// made. `expected` gives the number, or why there is none.
    pub(crate) fn test(
        &self,
        context: &Context,
        model: &mut Model,
        mut expected: impl FnMut(&mut Model, &[f64]) -> Result<f64, String>,
    ) -> Result<Seen, String> {
        let square = match self.average {
            Average::Term => model.graph.square(self.term),
            Average::Spread => {
                let square = model.graph.square(self.term);
                model.graph.square(square)
            }
        };
        let space = Space::new(&model.graph, model.givens());
        let plan = Plan {
            alpha: context.error_rate / (POINTS * self.tests.max(1)) as f64,
            first: 1 << 12,
            last: 32 * context.effort.draws(),
        };
        let mut rng = context.stream(&format!("{} sampled", self.purpose));
        let (mut total, mut worst, mut least) = (0, 0.0f64, 1.0f64);
        let (mut done, mut reason) = (0, "no parameters could be drawn".to_owned());
        // Without parameters there is one point only.
        let wanted = if space.symbols.is_empty() { 1 } else { POINTS };
        for _ in 0..TRIES {
            if done >= wanted {
                break;
            }
            let Some(point) = space.draw(Kind::Random, &mut rng) else {
                continue;
            };
            if is_at_a_hole(model, &space, &point) {
                continue;
            }
            // Fourth moments of what is averaged are second moments of its square.
            match path::moments(context, model, &point, &[square])[0] {
                Ok((_, true)) => {}
                Ok((_, false)) => {
                    reason =
                        "the draws have no fourth moment, so no test of their mean is made".into();
                    continue;
                }
                Err(ref why) => {
                    reason.clone_from(why);
                    continue;
                }
            }
            let at = numbers(&point);
            let expected = match expected(model, &at) {
                Ok(expected) => expected,
                Err(why) => {
                    reason = why;
                    continue;
                }
            };
            let purpose = format!("{} noise", self.purpose);
            let terms = [self.term, self.size];
            let Some(mut draws) = Draws::of(context, model, &space, &at, &terms, &purpose) else {
                return Err("the noise cannot be drawn".to_owned());
            };
            let mut size = (0.0, 0usize);
            let outcome = mean_is_asymptotic(plan, expected, |out| {
                let columns = match self.average {
                    Average::Term => draws.next(out.len()),
                    Average::Spread => spread(draws.next(2 * out.len())),
                };
                size.0 += columns[1].iter().map(|x| x.abs()).sum::<f64>();
                size.1 += columns[1].len();
                out.copy_from_slice(&columns[0]);
            });
            let floor = ROUNDING * size.0 / size.1.max(1) as f64;
            match outcome {
                Outcome::Refuted {
                    draws,
                    p_value,
                    observed,
                    ..
                } if (observed - expected).abs() > floor => {
                    return Ok(Seen::Different {
                        point,
                        draws,
                        p_value,
                        observed,
                        expected,
                    });
                }
                Outcome::Refuted { draws, .. } => {
                    total = total.max(draws);
                    worst = worst.max(floor);
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
        Ok(Seen::Equal {
            points: done,
            draws: total,
            p_value: (least * done as f64).min(1.0),
            resolution: worst,
        })
    }
}

/// What was found of a claim of means or variances, or where that decides nothing what draws say.
pub(crate) fn or_by_draws(
    context: &Context,
    model: &mut Model,
    found: Finding,
    by_draws: &ByDraws,
) -> Finding {
    if found.verdict != Verdict::Inconclusive || model.definition != Definition::Transform {
        return found;
    }
    match claim(context, model, by_draws) {
        Ok(tested) => tested,
        Err(reason) => {
            let message = format!("{}; {reason}", found.message);
            Finding { message, ..found }
        }
    }
}

fn claim(context: &Context, model: &mut Model, by_draws: &ByDraws) -> Result<Finding, String> {
    let ByDraws {
        claim,
        what,
        of,
        terms,
        average,
    } = *by_draws;
    let symbols = Space::new(&model.graph, model.givens()).symbols;
    let tests = terms.len() * (model.expectations.len() + model.outputs.len());
    let mut findings = Vec::new();
    for (i, (&term, &element)) in terms.iter().zip(&claim.elements).enumerate() {
        let drawn = Drawn {
            term,
            average,
            size: term,
            purpose: format!("{what} {} {i}", claim.span.start),
            tests,
        };
        let seen = drawn.test(context, model, |model, at| {
            value(&model.graph, &symbols, at, element)
                .filter(|v| v.is_finite())
                .ok_or_else(|| format!("the claimed {what} is not a number"))
        })?;
        let found = match seen {
            Seen::Different {
                point,
                draws,
                p_value,
                observed,
                expected,
            } => {
                let message = format!("the claimed {what} is not that of {of}");
                let mut finding = Finding::new(Verdict::Refuted, message);
                let space = Space::new(&model.graph, model.givens());
                let chance = format!(
                    "the probability of this if the claim were true is below {:.0e}",
                    p_value.max(1e-300)
                );
                finding.counterexample = Some(
                    Counterexample::at_point(model, &space, &point)
                        .sides(
                            (&format!("claimed {what}"), text::rounded(expected, 10)),
                            (&format!("by {draws} draws"), text::rounded(observed, 4)),
                        )
                        .explained(chance),
                );
                finding.with("p_value", p_value)
            }
            Seen::Equal {
                points,
                draws,
                p_value,
                resolution,
            } => {
                let message = format!(
                    "{what}: {draws} draws at each of {at} show no difference; one of {resolution} would have been seen",
                    at = text::counted(points, "parameter value"),
                    resolution = text::rounded(resolution, 2),
                );
                Finding::new(Verdict::Tested, message)
                    .with("p_value", p_value)
                    .with("resolution", resolution)
            }
        };
        findings.push(found.at(claim.span.clone()));
    }
    let all = findings.into_iter().reduce(Finding::and);
    all.ok_or_else(|| format!("nothing is claimed of the {what}"))
}

/// Half the squared differences of successive draws, whose mean is the variance.
fn spread(columns: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let half_square = |pair: &[f64]| (pair[0] - pair[1]).powi(2) / 2.0;
    let of = |column: Vec<f64>| column.chunks_exact(2).map(half_square).collect();
    columns.into_iter().map(of).collect()
}
