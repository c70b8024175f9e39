//! One integral that fixes the constant of a CDF or a quantile whose slope is right: the mass below a
//! place, at one place for each of several parameters.
//!
//! The claim is in binary64, so that a difference counts only beyond what rounding explains.

use super::Law;
use super::claimed::{Claimed, claimed_at};
use super::law::line;
use super::pointwise::space_with_outputs;
use crate::check::normalization::{DISTRUST, TOO_COARSE, scalars};
use crate::check::points::{Kind, Point, Space};
use crate::check::univariate::{is_settled, numbers, value};
use crate::check::{Context, Counterexample, Finding, Verdict, surfaces};
use crate::graph::Id;
use crate::model::{Claim, Model, Variable};
use crate::number::Rational;
use crate::number::text;
use crate::tape::Tape;
use rustc_hash::FxHashSet;

/// Points that a claim names at which its constant is looked at.
pub(super) const MOST_NAMED: usize = 8;

/// The mass below a place is what the claim says, at one place for each of several parameters.
pub(super) fn anchor(
    context: &Context,
    model: &mut Model,
    law: &Law,
    claim: &Claim,
    what: &'static str,
    mut place: impl FnMut(&Model, &[Id], &[f64], f64, usize) -> Option<(f64, f64)>,
    of_claim: impl Fn(&Model, &Space, &[Rational], usize) -> Option<f64>,
) -> Finding {
    let givens = Space::new(&model.graph, model.givens());
    let space = space_with_outputs(model);
    let mut rng = context.stream(what);
    let outputs: Vec<Variable> = model.outputs.iter().flat_map(scalars).collect();
    let wanted = if givens.symbols.is_empty() {
        1
    } else {
        context.effort.integrals()
    };
    let (mut agreed, mut tried) = (0usize, 0usize);
    let drawn: Vec<Point> = (0..4 * wanted)
        .filter_map(|round| space.draw(Kind::Simple(6 + round), &mut rng))
        .collect();
    let bases: Vec<Point> = drawn.clone();
    let elements = &claim.elements;
    let mut named = surfaces::moderate_points(&model.graph, &space, elements, &bases, &mut rng);
    // Of the points that the claim names those count that differ in the parameters.
    let mut seen: FxHashSet<Point> = FxHashSet::default();
    let given = |point: &Point| point[..givens.symbols.len()].to_vec();
    seen.extend(bases.iter().map(given));
    named.retain(|point| seen.insert(given(point)));
    named.truncate(MOST_NAMED);
    let drawn = drawn.into_iter().map(|point| (point, false));
    let named = named.into_iter().map(|point| (point, true));
    for (point, is_named) in drawn.chain(named) {
        if agreed >= wanted && !is_named {
            continue;
        }
        let all = numbers(&point);
        let at = &all[..givens.symbols.len()];
        tried += 1;
        let mut reached = true;
        for i in 0..outputs.len() {
            let Some(line) = line(model, law, &givens, at, i) else {
                reached = false;
                continue;
            };
            let z = all[givens.symbols.len() + i];
            let Some((end, claimed)) = place(model, &space.symbols, &all, z, i) else {
                reached = false;
                continue;
            };
            if end.is_nan() || claimed.is_nan() {
                reached = false;
                continue;
            }
            let end = end.clamp(line.lower, line.upper);
            let mass = line.mass(Some((line.lower, end)));
            let slack = DISTRUST * mass.error + 1e-10;
            if !is_settled(&mass) || slack > TOO_COARSE {
                reached = false;
                continue;
            }
            let distance = (mass.value - claimed).abs();
            if distance > slack {
                // Both are in binary64, which loses digits next to a hole of a formula.
                let rounding = line.rounding(&point[..givens.symbols.len()])
                    + of_claim(model, &space, &point, i).unwrap_or(f64::INFINITY);
                if distance <= slack + DISTRUST * rounding {
                    reached = false;
                    continue;
                }
                let mut finding = Finding::new(
                    Verdict::Refuted,
                    format!("the claimed {what} does not start at the right value"),
                )
                .at(claim.span.clone());
                finding.counterexample = Some(
                    Counterexample::at_point(model, &givens, &point[..givens.symbols.len()])
                        .sides(
                            (
                                &format!(
                                    "by the claimed {what}, mass below {}",
                                    text::rounded(end, 6)
                                ),
                                text::rounded(claimed, 10),
                            ),
                            ("∫ q up to there", text::estimated(mass.value, mass.error)),
                        )
                        .explained("the slope is right, so the claim is off by a constant"),
                );
                return finding;
            }
        }
        agreed += usize::from(reached);
    }
    if agreed == 0 {
        return Finding::inconclusive(format!(
            "{what}: no integral up to a point converged at {points}",
            points = text::counted(tried, "point")
        ))
        .at(claim.span.clone());
    }
    // The identity was certified; the anchor rests on estimated errors.
    Finding::new(
        Verdict::Tested,
        format!(
            "{what}: its constant agrees with ∫ q at {points}",
            points = text::counted(agreed, "point")
        ),
    )
    .at(claim.span.clone())
}

/// The error of a term in binary64 at an exact point.
pub(super) fn rounding(model: &Model, inputs: &[Id], point: &[Rational], term: Id) -> Option<f64> {
    let tape = Tape::new(&model.graph, inputs, &[term]).ok()?;
    let Claimed::Number(exact) = claimed_at(&tape, point) else {
        return None;
    };
    Some((tape.evaluate(&numbers(point), &())[0] - exact).abs())
}

/// The density at the claimed quantile of a point that ends in its level.
pub(super) fn density_there(
    model: &Model,
    law: &Law,
    givens: &Space,
    point: &[Rational],
    (u, i): (Id, usize),
    claim: Id,
) -> Option<f64> {
    let at = numbers(&point[..givens.symbols.len()]);
    let line = line(model, law, givens, &at, i)?;
    let inputs: Vec<Id> = givens.symbols.iter().copied().chain([u]).collect();
    let all = [at.as_slice(), &[point.last()?.to_f64().value()]].concat();
    let z = value(&model.graph, &inputs, &all, claim)?;
    Some(line.log_density.at(z).exp())
}
