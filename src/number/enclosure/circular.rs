//! Sine, cosine and tangent at points, and the inverses over intervals.
//!
//! An argument is reduced by a multiple of π/2 known to as many bits as it has; the arcsine and the
//! arccosine are arctangents of 1 + x and 1 − x, which are exact, so that nothing cancels at ±1.

use super::elementary::{from_library, is_tiny, near_one, odd_at, sqrt};
use super::float::{self, Float};
use super::interval::{Interval, refine};

/// Smaller arguments of sin, cos, tan than this many bits are reduced exactly; the sine of a
/// larger one is only known to lie in [−1, 1].
pub(super) const REDUCTION_BITS: isize = 4096;

/// x − kπ/2 in about [−π/4, π/4], and k.
///
/// The reduction is ours: dashu-float 0.6.2 returns an exact 0 for the sine of a number within
/// 2^−2p of a multiple of π.
fn reduce(x: &Float, w: usize) -> (Interval, Float) {
    let size = float::magnitude(x).max(0).unsigned_abs();
    let v = w + size + 8;
    let half_pi = Interval::pi(v).scale(-1);
    let point = Interval::point(x.clone());
    let k = float::round_half_even(&point.div(&half_pi, size + 16).lo);
    let rest = point.sub(
        &half_pi.mul(&Interval::point(k.clone()), v + size),
        v + size,
    );
    (rest, k)
}

/// (sin, cos) of r + kπ/2 from those of r, for a whole k.
fn turned((sine, cosine): (Interval, Interval), k: &Float) -> (Interval, Interval) {
    let fours = float::scale(&float::floor(&float::scale(k, -2)), 2);
    let turn = k.clone() - &fours;
    if float::is_zero(&turn) {
        (sine, cosine)
    } else if turn == Float::one() {
        (cosine, sine.neg())
    } else if turn == float::integer(2) {
        (sine.neg(), cosine.neg())
    } else {
        (cosine.neg(), sine)
    }
}

/// (sin r, cos r) for a narrow r in about [−π/4, π/4].
fn sin_cos_reduced(r: &Interval, w: usize) -> (Interval, Interval) {
    let sine = r.increasing(|x| odd_at(x, w, |x, w| from_library!(x, w, sin).within(-1, 1)));
    let cosine = r.abs().decreasing(|x| {
        if float::is_zero(x) {
            Interval::one()
        } else if is_tiny(x, w) {
            near_one(-1, w)
        } else {
            from_library!(x, w, cos).within(-1, 1)
        }
    });
    (sine, cosine)
}

/// (sin x, cos x) at a finite point, by one reduction.
fn sin_cos(x: &Float, w: usize) -> (Interval, Interval) {
    let (rest, turn) = reduce(x, w);
    turned(sin_cos_reduced(&rest, w), &turn)
}

/// sin x at a finite point.
pub(super) fn sin_at(x: &Float, p: usize) -> Interval {
    odd_at(x, p, |x, p| {
        if float::magnitude(x) > REDUCTION_BITS {
            return Interval::new(-Float::one(), Float::one());
        }
        refine(p, |w| sin_cos(x, w).0).within(-1, 1)
    })
}

/// cos x at a finite point.
pub(super) fn cos_at(x: &Float, p: usize) -> Interval {
    if float::is_zero(x) {
        Interval::one()
    } else if is_tiny(x, p) {
        near_one(-1, p)
    } else if float::magnitude(x) > REDUCTION_BITS {
        Interval::new(-Float::one(), Float::one())
    } else {
        refine(p, |w| sin_cos(x, w).1).within(-1, 1)
    }
}

/// tan x at a finite point.
pub(super) fn tan_at(x: &Float, p: usize) -> Interval {
    odd_at(x, p, |x, p| {
        if float::magnitude(x) > REDUCTION_BITS {
            return Interval::whole();
        }
        refine(p, |w| {
            let (sine, cosine) = sin_cos(x, w);
            sine.div(&cosine, w)
        })
    })
}

/// asin x = atan(x/√((1 − x)(1 + x))) for |x| ≤ 1.
pub(super) fn asin(x: &Interval, p: usize) -> Interval {
    let w = p + 16;
    x.increasing(|x| {
        odd_at(x, p, |x, p| {
            let (above, below) = around_one(x);
            let root = sqrt(&above.mul(&below, w), w);
            if root.is_zero() {
                let half = Interval::pi(p).scale(-1);
                return if float::is_negative(x) {
                    half.neg()
                } else {
                    half
                };
            }
            atan(&Interval::point(x.clone()).div(&root, w), w).round(p + 4)
        })
    })
}

/// (1 + x, 1 − x), exactly.
fn around_one(x: &Float) -> (Interval, Interval) {
    let one = Float::one();
    (Interval::point(one.clone() + x), Interval::point(one - x))
}

/// acos x = 2 atan √((1 − x)/(1 + x)) for |x| ≤ 1.
pub(super) fn acos(x: &Interval, p: usize) -> Interval {
    let w = p + 16;
    x.decreasing(|x| {
        if is_tiny(x, p + 4) || float::is_zero(x) {
            let slack = float::power_of_two(-(p as isize));
            let around = Interval::new(float::negate(&slack), slack);
            return Interval::pi(p + 4).scale(-1).add(&around, p + 4);
        }
        let (above, below) = around_one(x);
        if above.is_zero() {
            return Interval::pi(p);
        }
        atan(&sqrt(&below.div(&above, w), w), w)
            .scale(1)
            .round(p + 4)
    })
}

/// atan x.
pub(super) fn atan(x: &Interval, p: usize) -> Interval {
    x.increasing(|x| {
        odd_at(x, p, |x, p| {
            if x.is_finite() && float::magnitude(x) <= p as isize + 8 {
                return from_library!(x, p, atan);
            }
            // π/2 − atan x = atan(1/x) lies in [0, 2^−(p+7)] there.
            let half_pi = Interval::pi(p + 8).scale(-1);
            let gap = if x.is_infinite() {
                Interval::zero()
            } else {
                Interval::new(Float::zero(), float::power_of_two(-(p as isize) - 7))
            };
            let size = half_pi.sub(&gap, p + 8);
            if float::is_negative(x) {
                size.neg()
            } else {
                size
            }
        })
    })
}

/// (sin πx, cos πx) at a finite point; exact at multiples of 1/2.
pub(super) fn sin_cos_pi(x: &Float, w: usize) -> (Interval, Interval) {
    // 2x = k + 2r with |r| ≤ 1/4, exactly.
    let k = float::round_half_even(&float::scale(x, 1));
    let rest = x.clone() - &float::scale(&k, -1);
    let angle = Interval::pi(w).mul(&Interval::point(rest), w);
    turned(sin_cos_reduced(&angle, w), &k)
}
