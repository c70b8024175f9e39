//! Whether a moment exists: the power by which the density falls at an infinite end.
//!
//! ∫ z^p·z^s dz converges at infinity if and only if p + s < −1. The power s is read off the
//! log-density at 10¹⁰⁰ to 10⁴⁰⁰, where all but the leading power is far below rounding; it counts
//! only where the slopes between these places agree to 25 digits, which no logarithmic factor
//! allows, and no exponential of a power however small. The logarithms are enclosed, so that a
//! power of −1 is told from one a trillionth below.

use super::{Law, split};
use crate::check::decide::middle;
use crate::check::expect::Estimate;
use crate::check::normalization::scalars;
use crate::check::points::Space;
use crate::check::points::power_of_ten;
use crate::check::univariate::ends;
use crate::graph::Id;
use crate::model::Model;
use crate::number::{Enclosure, Precision, Rational};
use crate::tape::Tape;

/// Where the log-density is looked at, as powers of ten in equal steps.
const LADDER: [i32; 4] = [100, 200, 300, 400];

/// How well the rises from step to step must agree, to the size of the logarithms.
const SETTLED: f64 = 1e-25;

/// Rounding of a power between −1 and −5.
const ROUNDING: f64 = 2e-14;

/// How far below −1 a power has to be for the integral to exist for certain.
const BELOW: f64 = 1e-11;

/// What a moment truly is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Truth {
    /// A number.
    Number(Estimate),
    /// +∞ or −∞, by its sign, with the power of the integrand at that end.
    Infinite(f64, f64),
    /// It does not exist: both ends are infinite, or a lower moment is.
    Nothing(f64),
    /// A number that is not known, with the greatest power of the integrand at an infinite end.
    Finite(f64),
}

/// The log-density of each component of z without the terms that are free of it, which cost the
/// most and cancel; none where the components depend on one another.
pub(super) fn without_constants(model: &mut Model, law: &Law) -> Vec<Id> {
    let z = model.output_symbols();
    let components = law.components.clone().unwrap_or_default();
    let each = components.into_iter().zip(z);
    each.map(|(log_q, z)| {
        let parts = split(&mut model.graph, log_q, &[z]);
        parts.and_then(|p| p.0.first().copied()).unwrap_or(log_q)
    })
    .collect()
}

/// The powers by which a density falls at its lower and upper end.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tails {
    lower: Option<f64>,
    upper: Option<f64>,
    /// Whether the power is known at each end that is infinite.
    known: bool,
}

impl Tails {
    /// The tails of component i of z, of which `terms` are log-densities up to constants.
    pub(super) fn new(model: &Model, terms: &[Id], space: &Space, at: &[f64], i: usize) -> Tails {
        Self::found(model, terms, space, at, i).unwrap_or_default()
    }

    fn found(model: &Model, terms: &[Id], space: &Space, at: &[f64], i: usize) -> Option<Tails> {
        let z = model.outputs.iter().flat_map(scalars).nth(i)?;
        let ends = ends(&model.graph, &space.symbols, at, &z.domain)?;
        let inputs: Vec<Id> = [space.symbols.as_slice(), &z.symbols].concat();
        let tape = Tape::new(&model.graph, &inputs, &[*terms.get(i)?]).ok()?;
        let fixed: Option<Vec<Rational>> = at.iter().map(|&v| Rational::try_from(v).ok()).collect();
        let fixed = fixed?;
        let at_end = |end: f64| {
            end.is_infinite()
                .then(|| power(&tape, &fixed, end > 0.0))
                .flatten()
        };
        let (lower, upper) = (at_end(ends.0), at_end(ends.1));
        Some(Tails {
            lower,
            upper,
            known: lower.is_some() == ends.0.is_infinite()
                && upper.is_some() == ends.1.is_infinite(),
        })
    }

    /// That the moment is a number, where its integrand falls fast enough at every infinite end; up
    /// to a finite one a power of z is bounded.
    pub(super) fn finite(&self, what: &str) -> Option<Truth> {
        let order = order(what)?;
        let ends = [self.lower, self.upper].into_iter().flatten();
        let power = ends.map(|s| s + order).reduce(f64::max)?;
        (self.known && power < -1.0 - BELOW).then_some(Truth::Finite(power))
    }

    /// What the moment is, where it is not a number.
    pub(super) fn beyond(&self, what: &str) -> Option<Truth> {
        let order = order(what)?;
        // Without the moments below, a central one has no meaning.
        let below: &[f64] = match what {
            "mean" => &[],
            "variance" => &[1.0],
            _ => &[1.0, 2.0],
        };
        let diverges = |order: f64, power: Option<f64>| {
            power.map(|s| s + order).filter(|s| *s >= -1.0 - ROUNDING)
        };
        let lost = |order: f64| diverges(order, self.lower).or(diverges(order, self.upper));
        if let Some(power) = below.iter().find_map(|&order| lost(order)) {
            return Some(Truth::Nothing(power));
        }
        let even = order % 2.0 == 0.0;
        match (diverges(order, self.lower), diverges(order, self.upper)) {
            (None, None) => None,
            (Some(power), Some(_)) if !even => Some(Truth::Nothing(power)),
            (Some(power), None) if !even => Some(Truth::Infinite(-1.0, power)),
            (Some(power), _) | (None, Some(power)) => Some(Truth::Infinite(1.0, power)),
        }
    }
}

/// The power of z whose mean a moment is.
fn order(what: &str) -> Option<f64> {
    match what {
        "mean" => Some(1.0),
        "variance" => Some(2.0),
        "skewness" => Some(3.0),
        "kurtosis" => Some(4.0),
        _ => None,
    }
}

/// d log q/d log |z| far out; none where it does not settle.
fn power(tape: &Tape, fixed: &[Rational], upper: bool) -> Option<f64> {
    let precision = Precision(192);
    let log_at = |k: i32| {
        let size = power_of_ten(k);
        let place = if upper { size } else { -size };
        let inputs: Vec<Enclosure> = fixed
            .iter()
            .chain([&place])
            .map(|v| Enclosure::exact(v, precision))
            .collect();
        let value = tape.evaluate(&inputs, &precision).swap_remove(0);
        let narrow = value.is_finite() && value.absolute_bits().is_none_or(|b| b >= 96);
        narrow.then(|| middle(&value))
    };
    let logs = LADDER.map(log_at).into_iter().collect::<Option<Vec<_>>>()?;
    let rises: Vec<Rational> = logs.windows(2).map(|l| &l[1] - &l[0]).collect();
    let last = rises.last()?;
    let size = 1.0 + last.to_f64().value().abs();
    let settled = rises
        .iter()
        .all(|rise| (rise - last).to_f64().value().abs() <= SETTLED * size);
    let step = f64::from(LADDER[1] - LADDER[0]) * std::f64::consts::LN_10;
    settled.then(|| last.to_f64().value() / step)
}
