//! A support that the map does not reach: refuted only with a bound on all its values, by enclosures on
//! boxes that cover the noise, and where the density claimed at a z beyond it is positive.

use super::slice::at_point;
use super::{Coordinate, Image};
use crate::check::monotone::{between, noise_side};
use crate::check::points::{Point, Space};
use crate::check::univariate::numbers;
use crate::check::{Counterexample, Finding, Verdict};
use crate::graph::Id;
use crate::model::{Definition, Model};
use crate::number::text;
use crate::number::{Enclosure, Interval, Number, Precision, Rational};
use crate::tape::Tape;

/// The most boxes on which a bound is looked for.
const MOST_BOXES: usize = 4000;

/// A limit that falls short of the support: refuted where that is certain.
pub(super) fn short(
    model: &mut Model,
    space: &Space,
    point: &Point,
    coordinate: &Coordinate,
    (side, limit): (usize, Interval),
) -> Image {
    let name = model.graph.display(coordinate.image);
    let at = Interval::rational_each(point, &());
    let moving = model.graph.display(coordinate.symbol);
    let unknown = |what: &str| {
        Image::Unknown(format!(
            "{name} tends to {} at an end of {moving}, short of the support, but {what}",
            text::rounded(limit.midpoint(), 6),
        ))
    };
    let wanted = at_point(&model.graph, &space.symbols, &at, &coordinate.wanted);
    let beyond = wanted.and_then(|ends| beyond(side, limit, ends[side]));
    let Some((bound, beyond)) = beyond.filter(|_| coordinate.alone) else {
        return unknown("the support depends on other coordinates");
    };
    if !stays(model, space, point, coordinate.value, side, bound) {
        return unknown("no bound on all of its values was found");
    }
    let relation = if side == 0 { "above" } else { "below" };
    let mut found = None;
    for place in beyond {
        match witness(model, point, coordinate, &place) {
            Claimed::Something(text, example) => {
                found = Some((text, example));
                break;
            }
            Claimed::Nothing => {}
            Claimed::Unknown => return unknown("the density beyond could not be evaluated"),
        }
    }
    let Some((text, example)) = found else {
        return Image::Empty(format!(
            "{name} {relation} {}",
            text::rounded(limit.midpoint(), 6)
        ));
    };
    let message = if model.definition == Definition::Transform {
        "a z of the stated support comes from no noise"
    } else {
        "noise that can occur comes from no z of the stated support"
    };
    let mut finding = Finding::new(Verdict::Refuted, message);
    finding.counterexample = Some(
        example
            .sides(
                (
                    "reached",
                    format!("{name} {relation} {}", text::rounded(bound, 8)),
                ),
                ("stated", text),
            )
            .explained(format!(
                "at the end of {moving} the map tends to {}: what lies {} is not reached",
                text::rounded(limit.midpoint(), 8),
                if side == 0 { "below" } else { "above" }
            )),
    );
    Image::Short(Box::new(finding))
}

/// A bound just beyond a limit, and rationals between it and the end of the support, the simplest
/// first.
pub(super) fn beyond(side: usize, limit: Interval, end: Interval) -> Option<(f64, Vec<Rational>)> {
    let (from, to) = match side {
        0 => (limit.lo(), end.hi()),
        _ => (limit.hi(), end.lo()),
    };
    let outward = if side == 0 { -1.0 } else { 1.0 };
    let shares = [0.5, 0.3, 0.7, 0.9];
    let steps = if to.is_finite() {
        shares.map(|share| share * (to - from).abs())
    } else {
        [1.0, 0.5, 8.0, 64.0]
    };
    let bound = from + outward * steps[1] / 2.0;
    let places: Vec<f64> = steps.iter().map(|step| from + outward * step).collect();
    let apart = (bound - from) * outward > 0.0;
    let inside = |x: &f64| (x - bound) * outward > 0.0 && (to - x) * outward > 0.0;
    let rationals: Vec<Rational> = places
        .into_iter()
        .filter(inside)
        .filter_map(|x| Rational::try_from(x).ok())
        .collect();
    (apart && !rationals.is_empty()).then_some((bound, rationals))
}

/// Whether all values of a term are on one side of a bound, over all of the noise (or z).
fn stays(model: &Model, space: &Space, point: &Point, term: Id, side: usize, bound: f64) -> bool {
    let graph = &model.graph;
    let givens = model.givens().len();
    let Ok(tape) = Tape::new(graph, &space.symbols, &[term]) else {
        return false;
    };
    let mut sides = Vec::new();
    for (i, variable) in space.variables.iter().enumerate() {
        let start = sides.len();
        for k in 0..variable.symbols.len() {
            let value = Interval::rational(&point[start + k], &());
            sides.push((value.lo(), value.hi()));
        }
        if i >= givens {
            let Some(side) = noise_side(graph, &variable.domain) else {
                return false;
            };
            sides[start..].fill(side);
        }
    }
    let used = graph.symbols_of(&[term]);
    let places: Vec<usize> = (0..sides.len())
        .filter(|&i| used.contains(&space.symbols[i]) && sides[i].0 < sides[i].1)
        .collect();
    let mut pending = vec![(sides, 0usize)];
    let mut seen = 0;
    while let Some((sides, depth)) = pending.pop() {
        seen += 1;
        if seen > MOST_BOXES || places.is_empty() {
            return false;
        }
        let inputs: Vec<Interval> = sides.iter().map(|s| Interval::new(s.0, s.1)).collect();
        let value = tape.evaluate(&inputs, &())[0];
        let holds = if side == 0 {
            value.lo() > bound
        } else {
            value.hi() < bound
        };
        if holds {
            continue;
        }
        let place = places[depth % places.len()];
        let (lo, hi) = sides[place];
        let middle = between(lo, hi);
        if !(lo < middle && middle < hi) {
            return false;
        }
        for part in [(middle, hi), (lo, middle)] {
            let mut half = sides.clone();
            half[place] = part;
            pending.push((half, depth + 1));
        }
    }
    true
}

/// What is claimed of a place that is not reached.
pub(super) enum Claimed {
    /// That it is, in words and as a counterexample.
    Something(String, Box<Counterexample>),
    /// A density of 0.
    Nothing,
    Unknown,
}

fn witness(
    model: &mut Model,
    point: &Point,
    coordinate: &Coordinate,
    beyond: &Rational,
) -> Claimed {
    let implicit = model.definition != Definition::Transform;
    let given: usize = model.givens().iter().map(|v| v.symbols.len()).sum();
    let mut variables = model.givens();
    let base = Space::new(&model.graph, model.base_variables()).symbols;
    let terms = if implicit {
        variables.extend(model.noise.iter().map(|n| n.variable.clone()));
        model.noise_symbols()
    } else {
        variables.extend(model.outputs.iter().cloned());
        model.output_symbols()
    };
    let images = model.rebase(&terms);
    let Ok(tape) = Tape::new(&model.graph, &base, &images) else {
        return Claimed::Unknown;
    };
    let mut values: Point = point[..given].to_vec();
    for value in tape.evaluate(&numbers(point), &()) {
        let Ok(value) = Rational::try_from(value) else {
            return Claimed::Unknown;
        };
        values.push(value);
    }
    let space = Space::new(&model.graph, variables);
    let Some(place) = space.symbols.iter().position(|s| *s == coordinate.image) else {
        return Claimed::Unknown;
    };
    values[place] = beyond.clone();
    let name = model.graph.display(coordinate.image);
    let number = format!("{name} = {}", text::rational(beyond));
    let example = Counterexample::at_point(model, &space, &values);
    let target = model.target.as_ref();
    let density = target.and_then(|t| t.density());
    let Some(claim) = density.filter(|_| !implicit) else {
        return Claimed::Something(number, Box::new(example));
    };
    let Ok(tape) = Tape::new(&model.graph, &space.symbols, &claim.elements) else {
        return Claimed::Unknown;
    };
    let precision = Precision(128);
    let inputs = Enclosure::exact_each(&values, precision);
    let log_q = tape.evaluate(&inputs, &precision).swap_remove(0);
    if log_q.is_exactly_infinite() == Some(-1) {
        return Claimed::Nothing;
    }
    if !log_q.is_finite() {
        return Claimed::Unknown;
    }
    let log_q = text::rounded(log_q.midpoint_f64(), 6);
    let text = format!("{number}, with log q = {log_q}");
    Claimed::Something(text, Box::new(example))
}
