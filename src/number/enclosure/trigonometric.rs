//! Sine, cosine, tangent of wide intervals, and the two-argument arctangent.
//!
//! The range over an interval is the hull of the values at its ends and of the extrema inside.
//! An extremum that cannot be told to lie outside is counted as inside.

use super::circular::{REDUCTION_BITS, atan, cos_at, sin_at, tan_at};
use super::float::{self, Float};
use super::interval::Interval;

/// The integers k with k + `offset` in [lo, hi]/π, as bounds on the first and the last; none where
/// the interval is longer than `periods` periods or beyond reduction.
fn crossings(x: &Interval, offset: f64, periods: i64, p: usize) -> Option<(Float, Float)> {
    let beyond = |end: &Float| float::magnitude(end) > REDUCTION_BITS;
    if beyond(&x.lo) || beyond(&x.hi) {
        return None;
    }
    // Enough bits that an extremum between which and x only the width of x stands is told apart.
    let size = float::magnitude(&x.lo).max(float::magnitude(&x.hi)).max(0);
    let fine = -float::magnitude(&x.width()).clamp(-(REDUCTION_BITS), 0);
    let w = p + (size + fine).unsigned_abs() + 16;
    let pi = Interval::pi(w);
    let shift = Interval::point(float::from_f64(offset)?);
    let at = |end: &Float| Interval::point(end.clone()).div(&pi, w).sub(&shift, w);
    let first = float::ceil(&at(&x.lo).lo);
    let last = float::floor(&at(&x.hi).hi);
    let count = last.clone() - &first;
    (count < float::integer(periods)).then_some((first, last))
}

fn is_even(k: &Float) -> bool {
    float::is_zero(k) || k.exponent() > 0
}

/// Range of a wave with maxima at (2k + offset)π and minima at (2k + 1 + offset)π.
fn wave(x: &Interval, offset: f64, p: usize, at: impl Fn(&Float, usize) -> Interval) -> Interval {
    if x.is_point() && x.is_bounded() {
        return at(&x.lo, p);
    }
    let full = Interval::new(-Float::one(), Float::one());
    if !x.is_bounded() {
        return full;
    }
    let Some((first, last)) = crossings(x, offset, 2, p) else {
        return full;
    };
    let mut range = at(&x.lo, p).hull(&at(&x.hi, p));
    let mut k = first;
    while k <= last {
        let extremum = if is_even(&k) {
            Interval::one()
        } else {
            Interval::integer(-1)
        };
        range = range.hull(&extremum);
        k = k + &Float::one();
    }
    range
}

/// sin over an interval of finite numbers.
pub(super) fn sin(x: &Interval, p: usize) -> Interval {
    wave(x, 0.5, p, sin_at)
}

/// cos over an interval of finite numbers.
pub(super) fn cos(x: &Interval, p: usize) -> Interval {
    wave(x, 0.0, p, cos_at)
}

/// tan over an interval of finite numbers; none where a pole may lie inside.
pub(super) fn tan(x: &Interval, p: usize) -> Option<Interval> {
    if x.is_point() && x.is_bounded() {
        return Some(tan_at(&x.lo, p));
    }
    if !x.is_bounded() {
        return None;
    }
    let (first, last) = crossings(x, 0.5, 1, p)?;
    (first > last).then(|| x.increasing(|x| tan_at(x, p)))
}

/// The angle of the point (x, y), finite and not the origin.
fn angle_at(y: &Float, x: &Float, p: usize) -> Interval {
    let pi = Interval::pi(p + 8);
    if float::is_zero(y) {
        return if float::is_negative(x) {
            pi
        } else {
            Interval::zero()
        };
    }
    let right = atan(
        &Interval::point(y.clone()).div(&Interval::point(x.clone()), p + 8),
        p + 8,
    );
    if float::is_zero(x) {
        let half = pi.scale(-1);
        return if float::is_negative(y) {
            half.neg()
        } else {
            half
        };
    }
    if !float::is_negative(x) {
        right
    } else if float::is_negative(y) {
        right.sub(&pi, p + 8)
    } else {
        right.add(&pi, p + 8)
    }
}

/// atan2(y, x) over a box of finite numbers without the origin.
pub(super) fn atan2(y: &Interval, x: &Interval, p: usize) -> Interval {
    let crosses_cut =
        float::is_negative(&x.lo) && float::is_negative(&y.lo) && !float::is_negative(&y.hi);
    if crosses_cut || !x.is_bounded() || !y.is_bounded() {
        let pi = Interval::pi(p);
        let low = if float::is_negative(&y.lo) {
            pi.neg()
        } else {
            Interval::zero()
        };
        let high = if float::is_negative(&y.hi) {
            Interval::zero()
        } else {
            pi
        };
        return low.hull(&high);
    }
    // Off the cut and the origin the angle is monotone along every edge: its extremes are at
    // corners, the origin's own corner aside, where every angle between its neighbours occurs.
    let mut range: Option<Interval> = None;
    for v in [&y.lo, &y.hi] {
        for u in [&x.lo, &x.hi] {
            if float::is_zero(u) && float::is_zero(v) {
                continue;
            }
            let angle = angle_at(v, u, p);
            range = Some(range.map_or(angle.clone(), |range| range.hull(&angle)));
        }
    }
    range.unwrap_or_else(Interval::whole)
}
