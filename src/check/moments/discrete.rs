//! CDF, quantile and whole-line claims of a discrete law: sums of masses, value by value.

use super::claimed::{Claimed, Parameters, claimed_at, parameters};
use super::compare::refuted;
use crate::check::masses::Masses;
use crate::check::normalization::DISTRUST;
use crate::check::points::{Point, Space, ratio};
use crate::check::univariate::{Curve, numbers};
use crate::check::{Context, Finding, Verdict};
use crate::graph::Id;
use crate::model::{Claim, Model};
use crate::number::Rational;
use crate::number::text;
use crate::tape::Tape;

/// What the mass up to a value may be off beside the rounding of its terms.
const SLACK: f64 = 1e-11;

/// Levels at which quantiles are asked for, in thousandths.
const LEVELS: [i64; 15] = [
    1, 10, 50, 100, 200, 250, 375, 500, 600, 750, 900, 950, 990, 995, 999,
];

/// A law listed at one point, with the mass up to each value and what that may be off.
struct Ladder {
    places: Vec<f64>,
    up_to: Vec<(f64, f64)>,
}

impl Ladder {
    fn new(model: &Model, space: &Space, at: &[f64], log_mass: Id) -> Option<Ladder> {
        let masses = Masses::new(model, space, at, log_mass).filter(Masses::starts)?;
        // What the total is off has been lost somewhere.
        let all = masses.sum(&|_, _| 1.0)?;
        let (mut total, mut error) = (0.0, (all.value - 1.0).abs() + all.error);
        let mut ladder = Ladder {
            places: Vec::new(),
            up_to: Vec::new(),
        };
        for (atom, mass) in masses.each() {
            let [place] = atom else { return None };
            total += mass;
            error += mass * masses.rounding(atom);
            ladder.places.push(*place);
            ladder.up_to.push((total, DISTRUST * error + SLACK));
        }
        Some(ladder)
    }
}

/// F(k) is the sum of the masses up to k, for every k listed.
pub(super) fn cdf(context: &Context, model: &Model, log_mass: Id, claim: &Claim) -> Finding {
    let span = claim.span.clone();
    let (space, points) = places(context, model, log_mass, claim);
    let z = model.output_symbols();
    let inputs: Vec<Id> = [space.symbols.as_slice(), &z].concat();
    let Ok(tape) = Tape::new(&model.graph, &inputs, &claim.elements) else {
        return Finding::inconclusive("the claimed cdf depends on something that no point fixes")
            .at(span);
    };
    let (mut agreed, mut compared) = (0usize, 0usize);
    for point in &points {
        let at = numbers(point);
        let Some(ladder) = Ladder::new(model, &space, &at, log_mass) else {
            continue;
        };
        let Some(curve) = Curve::new(&model.graph, &space.symbols, &at, z[0], claim.elements[0])
        else {
            continue;
        };
        let values = curve.values(&ladder.places);
        let mut suspects = 0;
        for (i, (claimed, &(truth, slack))) in values.iter().zip(&ladder.up_to).enumerate() {
            if (claimed - truth).abs() <= slack {
                compared += 1;
                continue;
            }
            suspects += 1;
            if suspects > MOST_SUSPECTS {
                break;
            }
            let place = [point.as_slice(), &[Rational::from(ladder.places[i] as i64)]].concat();
            let left = match claimed_at(&tape, &place) {
                Claimed::Number(v) if (v - truth).abs() > slack => text::rounded(v, 10),
                Claimed::Undefined => "undefined".to_owned(),
                Claimed::Infinite(_) => "infinite".to_owned(),
                Claimed::Number(_) | Claimed::Unknown => continue,
            };
            let why = format!(
                "the masses up to z = {} add up to the other value",
                ladder.places[i]
            );
            return refuted(
                model,
                &space,
                point,
                "cdf",
                (left, text::rounded(truth, 10)),
                &why,
            )
            .at(span);
        }
        agreed += usize::from(suspects == 0);
    }
    finding("cdf", agreed, compared, points.len()).at(span)
}

/// Values at which a claim that looks wrong in binary64 is enclosed.
const MOST_SUSPECTS: usize = 20;

/// Q(u) is the least k with F(k) ≥ u.
pub(super) fn quantile(context: &Context, model: &Model, log_mass: Id, claim: &Claim) -> Finding {
    let span = claim.span.clone();
    let (space, points) = places(context, model, log_mass, claim);
    let u = model.target.as_ref().and_then(|t| t.u);
    let inputs: Vec<Id> = space.symbols.iter().copied().chain(u).collect();
    let Ok(tape) = Tape::new(&model.graph, &inputs, &claim.elements) else {
        return Finding::inconclusive(
            "the claimed quantile depends on something that no point fixes",
        )
        .at(span);
    };
    let (mut agreed, mut compared) = (0usize, 0usize);
    for point in &points {
        let Some(ladder) = Ladder::new(model, &space, &numbers(point), log_mass) else {
            continue;
        };
        let mut all = true;
        for level in LEVELS {
            let exact = ratio(level, 1000);
            let level = level as f64 / 1000.0;
            // The first value that reaches the level, clear of rounding on both sides.
            let Some(first) = ladder
                .up_to
                .iter()
                .position(|&(f, slack)| f + slack >= level)
            else {
                continue;
            };
            let (f, slack) = ladder.up_to[first];
            if f - slack < level {
                continue;
            }
            let truth = ladder.places[first];
            let place = [point.as_slice(), std::slice::from_ref(&exact)].concat();
            let left = match claimed_at(&tape, &place) {
                Claimed::Number(v) if (v - truth).abs() > 1e-9 => text::rounded(v, 10),
                Claimed::Undefined => "undefined".to_owned(),
                Claimed::Infinite(_) => "infinite".to_owned(),
                Claimed::Number(_) => {
                    compared += 1;
                    continue;
                }
                Claimed::Unknown => {
                    all = false;
                    continue;
                }
            };
            let why = format!("at u = {level} the masses first reach the level there");
            return refuted(
                model,
                &space,
                point,
                "quantile",
                (left, truth.to_string()),
                &why,
            )
            .at(span);
        }
        agreed += usize::from(all);
    }
    finding("quantile", agreed, compared, points.len()).at(span)
}

/// Parameter values: drawn ones, and those that the claim or the masses name.
fn places(context: &Context, model: &Model, log_mass: Id, claim: &Claim) -> (Space, Vec<Point>) {
    let space = Space::new(&model.graph, model.givens());
    let both = Claim {
        elements: claim.elements.iter().copied().chain([log_mass]).collect(),
        span: claim.span.clone(),
    };
    let Parameters { drawn, named, .. } = parameters(context, model, &space, &both);
    (space, drawn.into_iter().chain(named).collect())
}

fn finding(what: &str, agreed: usize, compared: usize, tried: usize) -> Finding {
    if agreed == 0 || compared == 0 {
        return Finding::inconclusive(format!(
            "{what}: no sum of masses was reached at {values}",
            values = text::counted(tried, "parameter value")
        ));
    }
    Finding::new(
        Verdict::Tested,
        format!(
            "{what}: agrees with sums of the masses at {values}",
            values = text::counted(agreed, "parameter value")
        ),
    )
}
