//! Draws of g(ε) follow the target: probability integral transforms, tested sequentially.
//!
//! Each component of z whose density is written apart is tested by itself; the distribution
//! function is the integral of the claimed density, tabulated. Discrete laws are tested by counts.

mod counts;
mod draws;
mod table;

mod sampler;

pub(crate) use draws::Draws;

use super::moments::{Law, law, line};
use super::points::{Kind, Space};
use super::univariate::numbers;
use super::{Context, Counterexample, Finding, Verdict};
use crate::model::{Definition, Model};
use crate::number::Rational;
use crate::number::text;
use crate::stats::{Outcome, Plan, is_uniform};
use counts::counts;
use table::Table;

/// Parameter values at which draws are made.
const PARAMETERS: usize = 2;

pub(crate) fn run(context: &Context, model: &mut Model) -> Finding {
    let Some(target) = model.target.clone() else {
        return Finding::skipped("no target is claimed");
    };
    let sampled = target.sampler.map(|s| sampler::run(context, model, &s));
    let drawn = if model.definition == Definition::Transform {
        draws(context, model, "g(ε)")
    } else {
        Finding::skipped("there is no transform to draw from")
    };
    match sampled {
        Some(sampled) => sampled.and(drawn),
        None => drawn,
    }
}

/// Draws of the transform; `what` is what they are draws of, in words.
pub(crate) fn draws(context: &Context, model: &mut Model, what: &'static str) -> Finding {
    let Some(target) = model.target.clone() else {
        return Finding::skipped("no target is claimed");
    };
    let Some(claim) = target.log_density.clone().or(target.distribution.clone()) else {
        return Finding::skipped("no density is claimed");
    };
    if target.unnormalized {
        return Finding::skipped("the density is claimed up to a factor only").at(claim.span);
    }
    let law = law(model);
    if !target.discrete && law.components.is_none() {
        let reason = "the components of z depend on one another; density and normalization decide their joint law";
        return Finding::skipped(reason).at(claim.span);
    }
    let space = Space::new(&model.graph, model.givens());
    let mut rng = context.stream("parameters");
    let components = model.output_symbols().len();
    let tests = PARAMETERS * components.max(1);
    let plan = Plan {
        alpha: context.error_rate / tests as f64,
        first: 1024,
        last: context.effort.draws(),
    };
    let mut finding: Option<Finding> = None;
    let wanted = if space.symbols.is_empty() {
        1
    } else {
        PARAMETERS
    };
    let (mut done, mut reason) = (0, "no parameters could be drawn".to_owned());
    // Not simple values: a rate of 1 hides that it stands for a scale.
    for _ in 0..6 * wanted {
        if done >= wanted {
            break;
        }
        let Some(point) = space.draw(Kind::Random, &mut rng) else {
            continue;
        };
        let at = numbers(&point);
        let Some(draws) = Draws::new(context, model, &space, &at, what) else {
            reason = "the noise cannot be drawn".to_owned();
            continue;
        };
        let one = if target.discrete {
            counts(model, &space, &point, &at, claim.elements[0], plan, draws)
        } else {
            transforms(model, &law, &space, &point, &at, plan, draws)
        };

        match one {
            Ok(one) => {
                done += 1;
                finding = Some(match finding {
                    None => one,
                    Some(before) => before.and(one),
                });
            }
            Err(why) => reason = why,
        }
    }
    match finding {
        Some(finding) => finding
            .at(claim.span)
            .with("error_rate", context.error_rate),
        None => Finding::inconclusive(reason).at(claim.span),
    }
}

/// Tests each component by its probability integral transform.
fn transforms(
    model: &mut Model,
    law: &Law,
    space: &Space,
    point: &[Rational],
    at: &[f64],
    plan: Plan,
    mut draws: Draws,
) -> Result<Finding, String> {
    let what = draws.what;
    let pilot = draws.next(2048);
    if draws.crowded > 2 {
        return Err(
            "draws of the noise crowd at an end of its support, where binary64 rounds them".into(),
        );
    }
    let mut tables = Vec::new();
    for (i, column) in pilot.into_iter().enumerate() {
        let line = line(model, law, space, at, i)
            .ok_or("the support is no interval, or no integral of the density over it is known")?;
        tables.push(Table::new(&line, column).ok_or("the density could not be integrated")?);
    }
    // All components are drawn together; each keeps what the others' tests have drawn.
    let mut kept: Vec<Vec<f64>> = vec![Vec::new(); tables.len()];
    let (mut resolution, mut least) = (0.0f64, 1.0f64);
    let mut total = 0;
    for i in 0..tables.len() {
        let mut used = 0;
        let outcome = is_uniform(plan, |out| {
            while kept[i].len() < used + out.len() {
                for (store, column) in kept.iter_mut().zip(draws.next(out.len())) {
                    store.extend(column);
                }
            }
            for value in out.iter_mut() {
                *value = tables[i].transform(kept[i][used]);
                used += 1;
            }
        });
        match outcome {
            Outcome::Refuted {
                draws,
                p_value,
                at: level,
                observed,
                expected,
            } => {
                let name = model.graph.display(model.output_symbols()[i]);
                let message = format!("draws of {} do not follow the target", what);
                let mut finding = Finding::new(Verdict::Refuted, message);
                finding.counterexample = Some(
                    Counterexample::at_point(model, space, point)
                        .sides(
                            (
                                &format!(
                                    "share of {draws} draws with F({name}) ≤ {}",
                                    text::probability(level)
                                ),
                                text::probability(observed),
                            ),
                            ("under the claimed law", text::probability(expected)),
                        )
                        .explained(format!(
                            "the probability of this under the claim is below {:.0e}",
                            p_value.max(1e-300)
                        )),
                );
                return Ok(finding.with("p_value", p_value));
            }
            Outcome::NotRefuted {
                draws,
                p_value,
                resolution: r,
            } => {
                least = least.min(p_value);
                resolution = resolution.max(r);
                total = total.max(draws);
            }
            Outcome::Invalid { value, .. } => return Err(format!("a draw has F(z) = {value}")),
        }
    }
    Ok(Finding::new(
        Verdict::Tested,
        format!("{total} draws follow the claimed law; a CDF off by {resolution:.3} would have been seen"),
    )
    .with("draws", total)
    .with("p_value", (least * tables.len() as f64).min(1.0))
    .with("resolution", resolution))
}
