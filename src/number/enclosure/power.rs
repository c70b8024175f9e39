//! xʸ: by repeated multiplication for whole exponents, else as exp(y log x).
//!
//! A negative base has a value only at whole exponents: with an exponent that is certainly none
//! the power is certainly undefined, with one that may be one it is possibly undefined.

use super::Definedness::{Defined, PossiblyUndefined, Undefined};
use super::arithmetic::{Partial, unless};
use super::elementary::{exp, log};
use super::float::{self, Float};
use super::interval::Interval;

/// Whole exponents up to this are multiplied out.
const MULTIPLIED: i64 = 1 << 16;

/// xʸ.
pub(super) fn power(x: &Interval, y: &Interval, p: usize) -> Partial {
    if y.is_point() && float::is_integer(&y.lo) {
        return whole_power(x, &y.lo, p);
    }
    if y.is_point() && y.lo == float::power_of_two(-1) && !float::is_negative(&x.lo) {
        // Exact at squares.
        return (super::elementary::sqrt(x, p), Defined);
    }
    let has_whole = float::floor(&y.hi) >= y.lo;
    let negative = float::is_negative(&x.lo);
    if x.is_negative() && !has_whole {
        return (Interval::whole(), Undefined);
    }
    // The base at 0 or above.
    let mut range: Option<Interval> = None;
    let mut defined = Defined;
    if float::sign(&x.hi) >= 0 {
        let right = Interval::new(x.lo.clone().max(Float::zero()), x.hi.clone());
        let (value, right_defined) = nonnegative_power(&right, y, p);
        range = (right_defined != Undefined).then_some(value);
        defined = right_defined;
    }
    if negative {
        defined = if defined == Undefined && !has_whole {
            Undefined
        } else {
            PossiblyUndefined
        };
        if has_whole {
            let size = Interval::new(
                Float::zero().max(float::negate(&x.hi)),
                float::negate(&x.lo),
            );
            let (value, _) = nonnegative_power(&size, y, p);
            let either = value.hull(&value.neg());
            range = Some(range.map_or(either.clone(), |range| range.hull(&either)));
        }
    }
    (range.unwrap_or_else(Interval::whole), defined)
}

/// xʸ for x ≥ 0.
fn nonnegative_power(x: &Interval, y: &Interval, p: usize) -> Partial {
    let at_zero = float::sign(&x.lo) <= 0;
    let possible_pole = at_zero && float::is_negative(&y.lo);
    let certain_pole = x.is_zero() && y.is_negative();
    // 1^∞ and the like, where the exponent may be infinite.
    let infinite = !y.is_bounded() && x.contains(&Float::one());
    let certain_infinite = infinite && y.is_point() && x.is_point();
    let defined = unless(possible_pole || infinite, certain_pole || certain_infinite);
    if x.is_point() && x.lo == Float::one() && y.is_bounded() {
        return (Interval::one(), defined);
    }
    if x.is_zero() && !float::is_negative(&y.lo) {
        // 0⁰ = 1, else 0.
        let range = if y.is_positive() {
            Interval::zero()
        } else if y.is_zero() {
            Interval::one()
        } else {
            Interval::new(Float::zero(), Float::one())
        };
        return (range, defined);
    }
    // The absolute error of y·log x is the relative one of the power.
    let rough = y.mul(&log(x, 32), 32);
    let size = float::magnitude(&rough.lo)
        .max(float::magnitude(&rough.hi))
        .clamp(0, 64);
    let w = p + size.unsigned_abs() + 8;
    let value = exp(&y.mul(&log(x, w), w), p);
    // With 0^0 = 1 beside 0^y = 0, and y·log 0 taken as a bound, 1 may be missing.
    let value = if at_zero && y.contains_zero() {
        value.hull(&Interval::one())
    } else {
        value
    };
    (value, defined)
}

/// xⁿ for a whole n given as a float.
fn whole_power(x: &Interval, n: &Float, p: usize) -> Partial {
    if float::is_zero(n) {
        return (Interval::one(), Defined);
    }
    let pole = float::is_negative(n);
    let defined = unless(pole && x.contains_zero(), pole && x.is_zero());
    if defined == Undefined {
        return (Interval::whole(), Undefined);
    }
    let even = n.exponent() > 0;
    let small = float::to_integer(n, 62)
        .and_then(|n| i64::try_from(n).ok())
        .filter(|n| n.abs() <= MULTIPLIED);
    if let Some(n) = small {
        let size = x.power(n.unsigned_abs(), if pole { p + 8 } else { p });
        let value = if !pole {
            size
        } else if even && size.contains_zero() {
            Interval::new(Float::zero(), size.hi).reciprocal(p)
        } else {
            size.reciprocal(p)
        };
        return (value, defined);
    }
    let exponent = Interval::point(n.clone());
    let of_size = |x: &Interval| nonnegative_power(x, &exponent, p).0;
    let value = if even {
        of_size(&x.abs())
    } else if !float::is_negative(&x.lo) {
        of_size(x)
    } else if float::sign(&x.hi) <= 0 {
        of_size(&x.neg()).neg()
    } else {
        let right = of_size(&Interval::new(Float::zero(), x.hi.clone()));
        let left = of_size(&Interval::new(Float::zero(), float::negate(&x.lo)));
        right.hull(&left.neg())
    };
    (value, defined)
}
