//! What a claim says at an exact choice of parameters, and the choices at which it is asked.
//!
//! A claim that has no number there says so: nothing is made of a hole but [`Claimed::Undefined`].

use crate::check::decide::is_narrow;
use crate::check::points::{Kind, Point, Space};
use crate::check::{Context, surfaces};
use crate::model::{Claim, Model};
use crate::number::{Enclosure, Precision, Rational};
use crate::tape::Tape;

/// The most parameter values that a claim names and is tried at.
const MOST_NAMED: usize = 9;

/// The most parameter values beside those at which it is asked whether the moment exists.
const MOST_BESIDE: usize = 12;

/// What a claim says at a point.
#[derive(Clone, Copy)]
pub(super) enum Claimed {
    Number(f64),
    Infinite(f64),
    Undefined,
    Unknown,
}

/// A claim at an exact point, by enclosures: binary64 may lose its digits next to a hole.
pub(super) fn claimed_at(tape: &Tape, point: &[Rational]) -> Claimed {
    for bits in [96, 384] {
        let precision = Precision(bits);
        let inputs = Enclosure::exact_each(point, precision);
        let value = tape.evaluate(&inputs, &precision).swap_remove(0);
        if value.is_certainly_undefined() {
            return Claimed::Undefined;
        }
        if let Some(sign) = value.is_exactly_infinite() {
            return Claimed::Infinite(f64::from(sign));
        }
        if is_narrow(&value) {
            // A midpoint next to 0 has no sign that is known.
            let zero = Enclosure::exact(&Rational::ZERO, precision);
            let near_zero = value.overlaps(&zero);
            let value = if near_zero { 0.0 } else { value.midpoint_f64() };
            // Beyond binary64 it is a number that no integral reaches.
            return if value.is_finite() {
                Claimed::Number(value)
            } else {
                Claimed::Unknown
            };
        }
    }
    Claimed::Unknown
}

/// Parameter values at which claims are held against integrals.
pub(super) struct Parameters {
    /// Drawn ones, the same for every claim, so that integrals are shared.
    pub(super) drawn: Vec<Point>,
    /// Those that the claim itself names.
    pub(super) named: Vec<Point>,
    /// Others on and beside what it names: a moment begins to exist at a threshold exactly.
    pub(super) beside: Vec<Point>,
}

/// Where a claim is asked.
pub(super) fn parameters(
    context: &Context,
    model: &Model,
    space: &Space,
    claim: &Claim,
) -> Parameters {
    let mut rng = context.stream("parameters");
    if space.symbols.is_empty() {
        return Parameters {
            drawn: vec![Vec::new()],
            named: Vec::new(),
            beside: Vec::new(),
        };
    }
    let mut drawn: Vec<Point> = (0..4 * context.effort.integrals())
        .filter_map(|round| space.draw(Kind::of_round(round), &mut rng))
        .collect();
    let graph = &model.graph;
    let mut named = surfaces::points_apart(graph, space, &claim.elements, &drawn, &mut rng);
    named.dedup();
    named.truncate(MOST_NAMED);
    let mut other = context.stream("beside thresholds");
    let mut beside = surfaces::points_close(graph, space, &claim.elements, &drawn, &mut other);
    beside.dedup();
    beside.retain(|point| !named.contains(point));
    beside.truncate(MOST_BESIDE);
    // Near the ends of the domains and ranges moments cease to exist.
    drawn.extend((0..6).filter_map(|_| space.draw(Kind::Corner, &mut rng)));
    Parameters {
        drawn,
        named,
        beside,
    }
}
