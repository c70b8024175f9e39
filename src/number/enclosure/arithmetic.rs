//! The four operations, remainder, rounding and order, with attained infinities.

use super::Definedness::{self, Defined, PossiblyUndefined, Undefined};
use super::float::{self, Float};
use super::interval::Interval;

/// A range and whether there is a value, given values of the arguments.
pub(super) type Partial = (Interval, Definedness);

/// Undefined at some arguments within (`certain`: at all).
pub(super) fn unless(possible: bool, certain: bool) -> Definedness {
    if certain {
        Undefined
    } else if possible {
        PossiblyUndefined
    } else {
        Defined
    }
}

/// The value may be an infinity.
pub(super) fn may_be_infinite(x: &Interval) -> bool {
    !x.is_bounded()
}

/// The value is an infinity.
pub(super) fn is_infinite(x: &Interval) -> bool {
    x.is_point() && x.lo.is_infinite()
}

pub(super) fn add(x: &Interval, y: &Interval, p: usize) -> Partial {
    let up = |v: &Interval| v.hi == Float::infinity();
    let down = |v: &Interval| v.lo == Float::neg_infinity();
    let possible = (up(x) && down(y)) || (down(x) && up(y));
    let certain = possible && is_infinite(x) && is_infinite(y);
    (x.add(y, p), unless(possible, certain))
}

pub(super) fn mul(x: &Interval, y: &Interval, p: usize) -> Partial {
    let possible =
        (x.contains_zero() && may_be_infinite(y)) || (y.contains_zero() && may_be_infinite(x));
    let certain = (x.is_zero() && is_infinite(y)) || (y.is_zero() && is_infinite(x));
    (x.mul(y, p), unless(possible, certain))
}

pub(super) fn div(x: &Interval, y: &Interval, p: usize) -> Partial {
    let both_infinite = may_be_infinite(x) && may_be_infinite(y);
    let possible = y.contains_zero() || both_infinite;
    let certain = y.is_zero() || (is_infinite(x) && is_infinite(y));
    if x.is_zero() && !certain {
        return (Interval::zero(), unless(possible, false));
    }
    if may_be_infinite(x) && may_be_infinite(y) {
        // The bounds of a quotient of two unbounded intervals are lost, but for their sign.
        let nonnegative = |v: &Interval| !float::is_negative(&v.lo);
        let range = if nonnegative(x) && nonnegative(y) {
            Interval::new(Float::zero(), Float::infinity())
        } else {
            Interval::whole()
        };
        return (range, unless(true, certain));
    }
    (x.div(y, p), unless(possible, certain))
}

/// x − y⌊x/y⌋.
pub(super) fn modulo(x: &Interval, y: &Interval, p: usize) -> Partial {
    let possible = y.contains_zero() || may_be_infinite(x) || may_be_infinite(y);
    let certain = y.is_zero() || is_infinite(x) || is_infinite(y);
    if certain || (possible && !y.is_bounded()) {
        return (Interval::whole(), unless(true, certain));
    }
    // The result lies between 0 and y.
    let range = y.hull(&Interval::zero());
    if possible {
        return (range, PossiblyUndefined);
    }
    if let Some(exact) = modulo_exact(x, y) {
        return (exact, Defined);
    }
    // ⌊x/y⌋ at enough bits to tell it, up to a quotient of 4096 bits.
    let gap = float::magnitude(&x.abs().hi) - float::magnitude(&y.abs().lo);
    if gap > 4096 {
        return (range, Defined);
    }
    let w = p + gap.max(0).unsigned_abs() + 16;
    let quotient = x.div(y, w);
    let (first, last) = (float::floor(&quotient.lo), float::floor(&quotient.hi));
    if first != last {
        return (range, Defined);
    }
    let value = x.sub(&y.mul(&Interval::point(first), w), w);
    (value.meet(&range).unwrap_or(range).round(p), Defined)
}

/// The remainder of points whose exponents are not too far apart.
fn modulo_exact(x: &Interval, y: &Interval) -> Option<Interval> {
    if !x.is_point() || !y.is_point() {
        return None;
    }
    let (x, y) = (&x.lo, &y.lo);
    if float::is_zero(x) {
        return Some(Interval::zero());
    }
    let least = x.exponent().min(y.exponent());
    if x.exponent() - least > 1 << 16 || y.exponent() - least > 1 << 16 {
        return None;
    }
    let a = float::to_integer(&float::scale(x, -least), 1 << 17)?;
    let b = float::to_integer(&float::scale(y, -least), 1 << 17)?;
    let remainder = &a % &b;
    let is_off = !remainder.is_zero() && (remainder < 0.into()) != (b < 0.into());
    let remainder = if is_off { remainder + b } else { remainder };
    Some(Interval::point(Float::new(remainder, least)))
}

pub(super) fn floor(x: &Interval) -> Interval {
    x.increasing(|x| Interval::point(float::floor(x)))
}

pub(super) fn ceil(x: &Interval) -> Interval {
    x.increasing(|x| Interval::point(float::ceil(x)))
}

pub(super) fn round(x: &Interval) -> Interval {
    x.increasing(|x| Interval::point(float::round_half_even(x)))
}

pub(super) fn sign(x: &Interval) -> Interval {
    x.increasing(|x| Interval::integer(i64::from(float::sign(x))))
}

pub(super) fn min(x: &Interval, y: &Interval) -> Interval {
    Interval::new(
        x.lo.clone().min(y.lo.clone()),
        x.hi.clone().min(y.hi.clone()),
    )
}

pub(super) fn max(x: &Interval, y: &Interval) -> Interval {
    Interval::new(
        x.lo.clone().max(y.lo.clone()),
        x.hi.clone().max(y.hi.clone()),
    )
}

/// 1 where certainly true, 0 where certainly false, else [0, 1].
fn truth(certainly: bool, possibly: bool) -> Interval {
    Interval::new(
        float::integer(i64::from(certainly)),
        float::integer(i64::from(possibly)),
    )
}

pub(super) fn less(x: &Interval, y: &Interval) -> Interval {
    truth(x.hi < y.lo, x.lo < y.hi)
}

pub(super) fn less_equal(x: &Interval, y: &Interval) -> Interval {
    truth(x.hi <= y.lo, x.lo <= y.hi)
}

pub(super) fn equal(x: &Interval, y: &Interval) -> Interval {
    truth(x.is_point() && x == y, x.meet(y).is_some())
}
