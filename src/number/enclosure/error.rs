//! The error function, the normal distribution function, their logarithm and inverses.
//!
//! Small arguments by the series of positive terms (DLMF 7.6.2), large ones by the asymptotic
//! series of the scaled complement, whose error is at most the first omitted term (DLMF 7.12.1,
//! 7.12(ii)). Tails keep their relative precision because e^(−x²) is kept apart. Inverses are found
//! by Newton's method and then *shown* to be where they are said to be, by the sign of the
//! function at both ends of the answer.

use super::elementary::{exp, log, log1p, sqrt};
use super::float::{self, Float};
use super::interval::{Interval, refine};
use crate::number::special;

/// erf(y) for y ≥ 0 narrow, by 2y/√π e^(−y²) Σ (2y²)ᵏ/(2k+1)!!.
fn erf_series(y: &Interval, w: usize) -> Interval {
    let square = y.square(w);
    let twice = square.scale(1);
    let mut term = Interval::one();
    let mut sum = Interval::one();
    let mut k: i64 = 0;
    loop {
        let ratio = twice.div_integer(2 * k.unsigned_abs() + 3, w);
        term = term.mul(&ratio, w);
        sum = sum.add(&term, w);
        k += 1;
        let next = twice.div_integer(2 * k.unsigned_abs() + 3, 32).hi;
        let small = float::magnitude(&term.hi) < float::magnitude(&sum.lo) - w as isize - 2;
        if small && next < float::power_of_two(-1) {
            // Ratios fall, so the rest is at most term·r/(1 − r) ≤ term.
            sum = sum.add(&Interval::new(Float::zero(), term.hi.clone()), w);
            break;
        }
        if k > SERIES_LIMIT {
            return Interval::new(Float::zero(), Float::one());
        }
    }
    let root = sqrt(&Interval::pi(w), w);
    let front = y.scale(1).div(&root, w).mul(&exp(&square.neg(), w), w);
    front.mul(&sum, w).within(0, 1)
}

/// More terms than any argument within the reach of the series needs.
const SERIES_LIMIT: i64 = 200_000;

/// Whether the asymptotic series reaches `w` bits at y: its least term is about e^(−y²).
fn is_asymptotic(y: &Interval, w: usize) -> bool {
    let reach = (0.7 * w as f64 + 4.0).sqrt().ceil() as i64;
    y.lo >= float::integer(reach)
}

/// e^(y²) erfc(y) for a narrow y ≥ 0.
fn erfcx(y: &Interval, w: usize) -> Interval {
    if !is_asymptotic(y, w) {
        // 1 − erf loses y²·log₂e bits.
        let size = float::approximate(&y.hi);
        let extra = (size * size * std::f64::consts::LOG2_E) as usize + 16;
        let complement = Interval::one().sub(&erf_series(y, w + extra), w + extra);
        return exp(&y.square(w + extra), w).mul(&complement, w);
    }
    let inverse = y.square(w).scale(1).reciprocal(w);
    let mut term = Interval::one();
    let mut sum = Interval::one();
    let mut k: i64 = 0;
    while float::magnitude(&term.abs().hi) >= -(w as isize) - 2 && k < SERIES_LIMIT {
        let next = term.mul(&inverse, w).mul_integer(-(2 * k + 1), w);
        if float::magnitude(&next.abs().hi) >= float::magnitude(&term.abs().hi) && k > 2 {
            break;
        }
        term = next;
        sum = sum.add(&term, w);
        k += 1;
    }
    // The sum up to a term is off by at most the next, which is no larger.
    let error = term.mul(&inverse, w).mul_integer(2 * k + 1, w).abs().hi;
    sum = sum.add(&Interval::new(float::negate(&error), error), w);
    let root = sqrt(&Interval::pi(w), w);
    sum.div(&y.mul(&root, w), w)
}

/// erfc(y) for a narrow y ≥ 0.
fn erfc_right(y: &Interval, w: usize) -> Interval {
    if y.lo.is_infinite() {
        return Interval::zero();
    }
    if float::magnitude(&y.hi) <= -1 {
        return Interval::one().sub(&erf_series(y, w), w);
    }
    exp(&y.square(w + 64).neg(), w)
        .mul(&erfcx(y, w), w)
        .within(0, 1)
}

/// erf(x) at a point.
fn erf_at(x: &Float, p: usize) -> Interval {
    if float::is_zero(x) {
        return Interval::zero();
    }
    let size = Interval::point(float::absolute(x));
    let value = if x.is_infinite() {
        Interval::one()
    } else if is_asymptotic(&size, p) {
        Interval::one().sub(&erfc_right(&size, 64), p + 8)
    } else if float::magnitude(x) < -(p as isize) {
        // 2x/√π (1 − x²) ≤ erf x ≤ 2x/√π
        let line = size.scale(1).div(&sqrt(&Interval::pi(p + 8), p + 8), p + 8);
        line.mul(
            &Interval::new(float::next_down(&Float::one(), p + 8), Float::one()),
            p + 8,
        )
    } else {
        refine(p, |w| erf_series(&size, w))
    };
    if float::is_negative(x) {
        value.neg()
    } else {
        value
    }
}

/// erf over an interval.
pub(super) fn erf(x: &Interval, p: usize) -> Interval {
    x.increasing(|x| erf_at(x, p))
}

fn erfc_at(x: &Float, p: usize) -> Interval {
    if float::is_negative(x) {
        return Interval::one().sub(&erf_at(x, p), p + 4);
    }
    if float::magnitude(x) < -(p as isize) {
        return Interval::one().sub(&erf_at(x, p), p + 4).within(0, 1);
    }
    refine(p, |w| erfc_right(&Interval::point(x.clone()), w))
}

/// erfc over an interval.
pub(super) fn erfc(x: &Interval, p: usize) -> Interval {
    x.decreasing(|x| erfc_at(x, p))
}

/// |x|/√2.
fn over_root_two(x: &Float, w: usize) -> Interval {
    let root = sqrt(&Interval::integer(2), w);
    Interval::point(float::absolute(x)).div(&root, w)
}

fn normal_cdf_at(x: &Float, p: usize) -> Interval {
    if x.is_infinite() {
        return if float::is_negative(x) {
            Interval::zero()
        } else {
            Interval::one()
        };
    }
    if float::magnitude(x) < -(p as isize) {
        // Φ(x) = 1/2 + x·c with 0 ≤ c < 1/2.
        let rest = Interval::point(x.clone()).mul(&Interval::new(Float::zero(), Float::one()), 8);
        return Interval::one().add(&rest, p + 8).scale(-1);
    }
    let right = !float::is_negative(x);
    // On the right only the bits of Φ = 1 − Q count, so an absolute error in Q will do.
    refine(p, |w| {
        let tail = erfc_right(&over_root_two(x, w), w).scale(-1);
        if right {
            Interval::one().sub(&tail, w)
        } else {
            tail
        }
    })
}

/// Φ over an interval.
pub(super) fn normal_cdf(x: &Interval, p: usize) -> Interval {
    x.increasing(|x| normal_cdf_at(x, p))
}

fn normal_log_cdf_at(x: &Float, p: usize) -> Interval {
    if x.is_infinite() {
        return if float::is_negative(x) {
            Interval::point(x.clone())
        } else {
            Interval::zero()
        };
    }
    if float::magnitude(x) < -(p as isize) {
        return log(&normal_cdf_at(x, p), p + 4);
    }
    refine(p, |w| {
        let y = over_root_two(x, w);
        if !float::is_negative(x) {
            return log1p(&erfc_right(&y, w).scale(-1).neg(), w);
        }
        let gauss = Interval::point(x.clone()).square(w).scale(-1);
        log(&erfcx(&y, w).scale(-1), w).sub(&gauss, w)
    })
}

/// log Φ over an interval.
pub(super) fn normal_log_cdf(x: &Interval, p: usize) -> Interval {
    x.increasing(|x| normal_log_cdf_at(x, p))
}

/// One equation for the inverses: find y ≥ 0 from erf(y) = s, or from erfc(y) = t where s > 7/8.
#[derive(Clone, Copy)]
enum Side {
    Centre,
    Tail,
}

impl Side {
    /// F(y) at a point, increasing in y: erf(y), or −log erfc(y).
    fn value(self, y: &Float, w: usize) -> Interval {
        let point = Interval::point(y.clone());
        match self {
            Side::Centre => erf_at(y, w),
            Side::Tail => refine(w, |w| {
                point.square(w + 64).sub(&log(&erfcx(&point, w), w), w)
            }),
        }
    }

    /// F′(y), for the steps only.
    fn slope(self, y: &Float, w: usize) -> Interval {
        let point = Interval::point(y.clone());
        let root = sqrt(&Interval::pi(w), w);
        match self {
            Side::Centre => exp(&point.square(w).neg(), w).scale(1).div(&root, w),
            Side::Tail => erfcx(&point, w).mul(&root, w).reciprocal(w).scale(1),
        }
    }
}

/// The y ≥ 0 with erf(y) = s, given narrow s and t = 1 − s, 0 < s < 1.
fn erf_inverse(s: &Interval, t: &Interval, p: usize) -> Interval {
    if float::magnitude(&s.hi) < -(p as isize) {
        // erf⁻¹(s) = s√π/2 (1 + O(s²)).
        let line = s.mul(&sqrt(&Interval::pi(p + 8), p + 8), p + 8);
        let slack = Interval::new(Float::one(), float::next_up(&Float::one(), p + 4));
        return line.scale(-1).mul(&slack, p + 8);
    }
    let seven_eighths = Float::new(7.into(), -3);
    let w = p + 32;
    let (side, target) = if s.hi <= seven_eighths {
        (Side::Centre, s.clone())
    } else {
        (Side::Tail, log(t, w).neg())
    };
    // binary64 has nearly all of its digits right, where it has room.
    let start = match side {
        Side::Centre => special::erfinv(float::approximate(&s.lo)),
        Side::Tail => {
            -special::normal_icdf(0.5 * float::approximate(&t.lo)) * std::f64::consts::FRAC_1_SQRT_2
        }
    };
    let mut y = if start.is_finite() && start > 0.0 {
        float::from_f64(start).unwrap_or_else(Float::one)
    } else {
        scaled_start(&s.lo, &target, side)
    };
    let size = float::magnitude(&y);
    // Newton, at a precision that doubles once the digits do; the last step is to be a full one.
    let mut bits = w;
    while bits > 88 {
        bits = bits / 2 + 4;
    }
    for step in 0..40 {
        let work = bits + 24;
        let f = side.value(&y, work).sub(&target, work);
        let delta = f.div(&side.slope(&y, work / 2 + 16), work).midpoint(work);
        let next = float::round_down(&(y.clone() - &float::round_down(&delta, work)), work);
        y = if float::sign(&next) > 0 {
            next
        } else {
            float::scale(&y, -1)
        };
        let moved = float::magnitude(&delta) - size;
        if moved < -(bits as isize) / 2 || step > 8 {
            if bits >= w {
                break;
            }
            bits = (2 * bits - 8).min(w);
        }
    }
    // Certify: F(y − δ) ≤ target ≤ F(y + δ), widening δ until it shows, from what the width of the
    // target makes of it.
    let mut slack = -(p as isize) - 8;
    if !target.is_point() {
        let slope = float::magnitude(&side.slope(&y, 64).lo);
        slack = slack.max(float::magnitude(&target.width()) - slope + 1 - float::magnitude(&y));
    }
    for _ in 0..24 {
        let delta = float::power_of_two(float::magnitude(&y) + slack);
        let (low, high) = (y.clone() - &delta, y.clone() + &delta);
        if float::sign(&low) > 0
            && side.value(&low, w).hi <= target.lo
            && side.value(&high, w).lo >= target.hi
        {
            return Interval::new(low, high).round(p + 12);
        }
        slack += 2 + (slack + p as isize + 8).max(0);
        if slack > 0 {
            break;
        }
    }
    Interval::new(Float::zero(), Float::infinity())
}

/// A starting point where binary64 has no room: s√π/2 near 0, √target far out.
fn scaled_start(s: &Float, target: &Interval, side: Side) -> Float {
    match side {
        Side::Centre => s.clone(),
        Side::Tail => sqrt(target, 64).lo,
    }
}

/// erf⁻¹ at a point of [−1, 1].
fn erf_inv_at(x: &Float, p: usize) -> Interval {
    if float::is_zero(x) {
        return Interval::zero();
    }
    let s = float::absolute(x);
    let size = if s >= Float::one() {
        Interval::point(Float::infinity())
    } else if float::magnitude(x) < -(p as isize) {
        erf_inverse(&Interval::point(s), &Interval::one(), p)
    } else {
        let t = Float::one() - &s;
        erf_inverse(&Interval::point(s), &Interval::point(t), p)
    };
    if float::is_negative(x) {
        size.neg()
    } else {
        size
    }
}

/// erf⁻¹ over a part of [−1, 1]; ±∞ at the ends.
pub(super) fn erf_inv(x: &Interval, p: usize) -> Interval {
    x.increasing(|x| erf_inv_at(x, p))
}

/// Φ⁻¹ at a point of [0, 1].
fn normal_icdf_at(u: &Float, p: usize) -> Interval {
    if float::sign(u) <= 0 {
        return Interval::point(Float::neg_infinity());
    }
    if *u >= Float::one() {
        return Interval::point(Float::infinity());
    }
    if *u == float::power_of_two(-1) {
        return Interval::zero();
    }
    normal_icdf_of(&Interval::point(u.clone()), p)
}

/// Φ⁻¹ of a narrow interval inside (0, 1) on one side of 1/2.
fn normal_icdf_of(u: &Interval, p: usize) -> Interval {
    let root = sqrt(&Interval::integer(2), p + 12);
    let below = u.hi < float::power_of_two(-1);
    let complement = |x: &Interval| Interval::new(Float::one() - &x.hi, Float::one() - &x.lo);
    // t = 2 min(u, 1 − u), s = 1 − t. A tiny u leaves s = 1 − 2u, which only its side is read from.
    let t = if below {
        u.scale(1)
    } else {
        complement(u).scale(1)
    };
    let s = if float::magnitude(&t.hi) < -64 {
        Interval::point(Float::new(15.into(), -4))
    } else {
        complement(&t)
    };
    let size = erf_inverse(&s, &t, p + 4).mul(&root, p + 12);
    if below { size.neg() } else { size }
}

/// Whether an interval lies inside (0, 1), on one side of 1/2, and is narrow against its distances
/// from all three.
fn is_narrow_probability(u: &Interval) -> bool {
    let (one, half) = (Interval::one(), Interval::point(float::power_of_two(-1)));
    // Rounded: what is exact would be as long as an exponent.
    let from_half = if u.hi < half.lo {
        half.sub(u, 64)
    } else {
        u.sub(&half, 64)
    };
    let distances = [u.lo.clone(), one.sub(u, 64).lo, from_half.lo];
    let width = float::magnitude(&u.width());
    distances
        .iter()
        .all(|d| float::sign(d) > 0 && width <= float::magnitude(d) - 8)
}

/// Φ⁻¹ over a part of [0, 1]; ±∞ at the ends.
pub(super) fn normal_icdf(u: &Interval, p: usize) -> Interval {
    if !u.is_point() && is_narrow_probability(u) {
        return normal_icdf_of(u, p);
    }
    u.increasing(|u| normal_icdf_at(u, p))
}
