//! Enclosures in decimal: the digits that are certain, and no others.

use super::elementary::{exp, log};
use super::float::{self, Float};
use super::interval::Interval;
use crate::number::text;
use dashu_base::{Abs, DivRem, Signed};
use dashu_int::{IBig, UBig};

/// Up to this many bits of exponent a number is converted to decimal exactly.
const EXACT_BITS: isize = 1 << 16;

/// A decimal d × 10^(exponent − count + 1) with `count` digits, d signed.
#[derive(Clone, PartialEq, Eq)]
struct Decimal {
    digits: IBig,
    exponent: i64,
}

/// The digits that both ends share, at most `count`.
pub(super) fn digits(x: &Interval, count: usize) -> String {
    let count = count.clamp(1, 1000);
    if x.is_point() && x.lo.is_infinite() {
        return if float::is_negative(&x.lo) {
            "-inf".to_owned()
        } else {
            "inf".to_owned()
        };
    }
    if x.is_zero() {
        return "0".to_owned();
    }
    if !x.contains_zero() && x.is_bounded() {
        // More digits than the width allows need not be tried.
        let known = x
            .relative_bits()
            .map_or(0, |bits| bits.max(0) / 3 + 2)
            .unsigned_abs();
        for digits in (1..=count.min(known)).rev() {
            if let Some(shared) = shared(x, digits) {
                return write(&shared);
            }
        }
    }
    let end = |x: &Float| {
        if x.is_infinite() {
            return if float::is_negative(x) {
                "-inf".to_owned()
            } else {
                "inf".to_owned()
            };
        }
        if float::is_zero(x) {
            return "0".to_owned();
        }
        shared(&Interval::point(x.clone()), 3).map_or_else(|| "?".to_owned(), |d| write(&d))
    };
    format!("[{}, {}]", end(&x.lo), end(&x.hi))
}

/// The decimal of `count` digits to which both ends round, if it is one.
fn shared(x: &Interval, count: usize) -> Option<Decimal> {
    let size = float::magnitude(&x.lo)
        .abs()
        .max(float::magnitude(&x.hi).abs());
    if size <= EXACT_BITS {
        let lo = decimal(&x.lo, count);
        return (lo == decimal(&x.hi, count)).then_some(lo);
    }
    // |x| = 10^(log₁₀ |x|), split into a whole exponent and a mantissa in [1, 10).
    let w = 64 + 4 * count + 64;
    let size = x.abs();
    let ten = log(&Interval::integer(10), w);
    let exponent = log(&size, w).div(&ten, w);
    let whole = float::floor(&exponent.lo);
    let mantissa = exp(
        &exponent
            .sub(&Interval::point(whole.clone()), w)
            .mul(&ten, w),
        w,
    );
    let (lo, hi) = (decimal(&mantissa.lo, count), decimal(&mantissa.hi, count));
    if lo != hi {
        return None;
    }
    let whole = i64::try_from(float::to_integer(&whole, 62)?).ok()?;
    let digits = if x.is_negative() {
        -lo.digits
    } else {
        lo.digits
    };
    Some(Decimal {
        digits,
        exponent: whole + lo.exponent,
    })
}

/// A nonzero float of moderate exponent, rounded to `count` digits, halves to even.
fn decimal(x: &Float, count: usize) -> Decimal {
    let negative = float::is_negative(x);
    let significand = x.significand().clone().abs();
    let binary = x.exponent();
    // log₁₀ of a number of magnitude m, to within one.
    let mut exponent =
        ((float::magnitude(x) - 1) as f64 * std::f64::consts::LOG10_2).floor() as i64;
    loop {
        let shift = count as i64 - 1 - exponent;
        let mut top = significand.clone();
        let mut bottom = IBig::ONE;
        let ten = IBig::from(UBig::from(10u8).pow(shift.unsigned_abs() as usize));
        if shift >= 0 {
            top *= ten
        } else {
            bottom *= ten
        }
        if binary >= 0 {
            top <<= binary.unsigned_abs()
        } else {
            bottom <<= binary.unsigned_abs()
        }
        let (mut digits, rest) = top.div_rem(&bottom);
        let twice = rest * IBig::from(2);
        if twice > bottom || (twice == bottom && &digits % IBig::from(2) == IBig::ONE) {
            digits += IBig::ONE;
        }
        if digits >= IBig::from(UBig::from(10u8).pow(count)) {
            exponent += 1;
            continue;
        }
        let digits = if negative { -digits } else { digits };
        return Decimal { digits, exponent };
    }
}

fn write(decimal: &Decimal) -> String {
    let negative = decimal.digits.is_negative();
    let digits = decimal.digits.clone().abs().to_string();
    text::decimal(negative, &digits, decimal.exponent)
}
