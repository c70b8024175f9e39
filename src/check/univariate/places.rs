//! Integrals along a line of formulas that know only the abscissa, with what rounding next to an end of
//! the range may hide.
//!
//! Law: next to an end other than zero an abscissa loses its distance from the end. What that may hide is
//! part of the error; where it matters the integrand is asked once more, by the distance (pair
//! `arcsine-entropy` in `tests/data/pairs`).

use super::is_settled;
use crate::quadrature::{Abscissae, Integral, Quadrature};

/// What is asked of integrals: integrands are densities times weights of moderate size, so an
/// absolute error of 10⁻¹¹ is small even where the integral vanishes by symmetry.
pub(super) const QUADRATURE: Quadrature = Quadrature {
    relative: 1e-9,
    absolute: 1e-11,
    evaluations: 30_000,
};

/// Places at which an integrand is asked for its values, moved inside the range.
pub(super) struct Places<'a> {
    /// The abscissae.
    pub(super) x: Vec<f64>,
    distances: Option<&'a Abscissae>,
    range: (f64, f64),
    /// Whether values next to an end are asked for by the distance from it.
    pub(super) by_distance: bool,
}

impl Places<'_> {
    fn alone(x: &[f64], range: (f64, f64)) -> Places<'static> {
        Places {
            x: x.to_vec(),
            distances: None,
            range,
            by_distance: false,
        }
    }

    /// The end that a place has all but met, with the distance to it.
    pub(super) fn lost(&self, i: usize) -> Option<(f64, f64)> {
        let (at, (lower, upper)) = (self.distances?, self.range);
        let near = |end: f64, t: f64| end != 0.0 && t > 0.0 && t < LOST * end.abs();
        if near(upper, at.to_upper[i]) && upper.is_finite() {
            Some((upper, -at.to_upper[i]))
        } else if near(lower, at.from_lower[i]) && lower.is_finite() {
            Some((lower, at.from_lower[i]))
        } else {
            None
        }
    }
}

/// An abscissa closer to an end than this share of it has lost half of its digits.
const LOST: f64 = 1e-9;

/// The same; where what formulas lose next to an end matters, once more by the distance from the end.
pub(super) fn integrate_by_distance(
    f: &mut dyn FnMut(&Places<'_>) -> Vec<f64>,
    range: (f64, f64),
    exact: (bool, bool),
    hints: &[f64],
) -> Integral {
    let first = integrate(f, range, hints);
    // From an end that is itself rounded no distance can be taken.
    let from = |end: f64, exact: bool| {
        if exact && end != 0.0 {
            end
        } else {
            f64::INFINITY
        }
    };
    let known = (from(range.0, exact.0), from(range.1, exact.1));
    let fine = is_settled(&first) && first.error <= FINE;
    if fine || !(known.0.is_finite() || known.1.is_finite()) {
        return first;
    }
    let mut left = MOST_DISTANCES;
    let mut second = QUADRATURE.integrate(
        &mut |at: &Abscissae| {
            let places = Places {
                x: inside(&at.x, range, 0.0),
                distances: Some(at),
                range: known,
                by_distance: true,
            };
            let asked = (0..at.x.len()).filter(|&i| places.lost(i).is_some());
            let asked = asked.count();
            if asked > left {
                return vec![f64::NAN; at.x.len()];
            }
            left -= asked;
            f(&places)
        },
        range.0,
        range.1,
        hints,
    );
    for (end, known, inward) in [(range.0, known.0, 1.0), (range.1, known.1, -1.0)] {
        if end == 0.0 || end.is_infinite() {
            second.error += out_of_reach(f, end, inward, range);
        } else if !known.is_finite() {
            second.error += hidden(f, end, inward, range);
        }
    }
    if is_settled(&second) && (!is_settled(&first) || second.error < first.error) {
        second
    } else {
        first
    }
}

/// Values by distance that one integral may ask for: each is an enclosure.
const MOST_DISTANCES: usize = 600;

/// An integral that is known as well as this loses nothing that matters next to an end.
const FINE: f64 = 1e-9;

/// ∫ f over an interval, for formulas that know only the abscissa.
pub(super) fn integrate(
    f: &mut dyn FnMut(&Places<'_>) -> Vec<f64>,
    range: (f64, f64),
    hints: &[f64],
) -> Integral {
    let mut attempt = |margin: f64| {
        QUADRATURE.integrate(
            &mut |at: &Abscissae| f(&Places::alone(&inside(&at.x, range, margin), range)),
            range.0,
            range.1,
            hints,
        )
    };
    let mut integral = attempt(0.0);
    let mut margin = 0.0;
    let ends = [range.0, range.1];
    if let Some(place) = integral.undefined_at
        && ends.iter().any(|end| (place - end).abs() < 1e-12)
    {
        // A formula such as log(1 − 2|u − ½|) is lost before its abscissa is.
        margin = 1e-14;
        integral = attempt(margin);
    }
    for (end, inward) in [(range.0, 1.0), (range.1, -1.0)] {
        if end != 0.0 || margin > 0.0 {
            integral.error += hidden(f, end, inward, range);
        }
        if end == 0.0 || end.is_infinite() {
            integral.error += out_of_reach(f, end, inward, range);
        }
    }
    integral
}

/// What lies out of reach next to zero or beyond all numbers, where a law falls by a small power: with
/// t·f(t) known at two distances the rest is extrapolated as a power of t.
fn out_of_reach(
    f: &mut dyn FnMut(&Places<'_>) -> Vec<f64>,
    end: f64,
    inward: f64,
    range: (f64, f64),
) -> f64 {
    // A formula may square its argument, which must not overflow.
    let (near, far) = if end == 0.0 {
        (1e-280, 1e-290)
    } else {
        (1e140, 1e150)
    };
    let sign = if end == 0.0 { inward } else { end.signum() };
    let values = f(&Places::alone(&[sign * near, sign * far], range));
    let (at_near, at_far) = (values[0].abs() * near, values[1].abs() * far);
    // Where there is no number the quadrature has met that as well.
    if at_far == 0.0 || !at_near.is_finite() || !at_far.is_finite() {
        return 0.0;
    }
    let power = (at_near / at_far).log10() / 10.0;
    if power <= 1e-12 {
        return f64::INFINITY;
    }
    at_far / (power * std::f64::consts::LN_10)
}

/// Abscissae that rounding has moved to an end, moved back inside, at least by a margin.
pub(super) fn inside(x: &[f64], (lower, upper): (f64, f64), margin: f64) -> Vec<f64> {
    let low = (lower + margin).max(lower.next_up());
    let high = (upper - margin).min(upper.next_down());
    // Ends that cross are reported by whoever integrates; here they must only do no harm.
    x.iter()
        .map(|v| if low <= high { v.clamp(low, high) } else { *v })
        .collect()
}

/// What rounding next to a finite end other than zero may hide: closer than one unit in the last
/// place the distance from the end is lost. With t·f(t) known at two distances it is extrapolated
/// as a power of t.
fn hidden(
    f: &mut dyn FnMut(&Places<'_>) -> Vec<f64>,
    end: f64,
    inward: f64,
    range: (f64, f64),
) -> f64 {
    if !end.is_finite() {
        return 0.0;
    }
    let scale = if end == 0.0 { 1.0 } else { end.abs() };
    let (far, near) = (1e-9 * scale, 1e-13 * scale);
    let values = f(&Places::alone(
        &[end + inward * far, end + inward * near],
        range,
    ));
    let (at_far, at_near) = (values[0].abs() * far, values[1].abs() * near);
    if at_near == 0.0 {
        return 0.0;
    }
    if !at_far.is_finite() || !at_near.is_finite() || at_near >= at_far {
        return f64::INFINITY;
    }
    // Four decades took a factor at_near/at_far; three and a half more lead to one unit. The
    // integral of c·t^(p−1) from 0 is t·f(t)/p, with p from the same two values.
    let ratio = at_near / at_far;
    let power = -ratio.log10() / 4.0;
    at_near * ratio.powf(3.5 / 4.0) / power.max(1e-3)
}
