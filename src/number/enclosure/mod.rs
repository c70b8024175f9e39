//! Rigorous enclosures: closed intervals of extended reals with binary ends of any precision.
//!
//! Law (inclusion): for all values that the arguments of an operation enclose, the exact result,
//! where it is defined, lies in the enclosure of the result, and where it is not defined for some
//! of them the result says so. `tests/rigour` holds this against exact rationals and a table of
//! true values made with another implementation.
//!
//! The value may be +∞ or −∞ itself, as log 0 is. An enclosure with an infinite end may hold
//! that infinity, so where an operator is undefined at infinities (∞ − ∞, 0·∞, sin ∞) such an
//! enclosure makes the result *possibly* undefined, and only a point at infinity *certainly*.

mod arithmetic;
mod bessel;
mod circular;
mod elementary;
mod error;
mod float;
mod gamma;
mod incomplete_beta;
mod incomplete_gamma;
mod interval;
mod logarithm;
mod operators;
mod power;
mod show;
mod trigonometric;

use crate::number::{Number, Rational};
use dashu_int::UBig;
use float::Float;
use interval::Interval;
use std::cmp::Ordering;

/// The working precision, in bits, of operations on enclosures; at least 16 are used.
///
/// Results have a relative width near 2^−bits, also in tails and near zeros of the special
/// functions, where the arguments are narrow enough to allow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Precision(pub usize);

impl Precision {
    /// Bounds that keep memory and time finite whatever is asked for.
    fn bits(self) -> usize {
        self.0.clamp(16, 1 << 16)
    }
}

/// Whether the enclosed expression has a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Definedness {
    /// It certainly has one.
    Defined,
    /// It cannot be told.
    PossiblyUndefined,
    /// It certainly has none.
    Undefined,
}

/// An interval that holds a value, and whether there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enclosure {
    range: Interval,
    defined: Definedness,
}

impl Enclosure {
    fn new(range: Interval, defined: Definedness) -> Self {
        match defined {
            Definedness::Undefined => Enclosure::undefined(),
            Definedness::Defined | Definedness::PossiblyUndefined => Enclosure { range, defined },
        }
    }

    /// No value.
    pub fn undefined() -> Self {
        Enclosure {
            range: Interval::whole(),
            defined: Definedness::Undefined,
        }
    }

    /// Any value or none: what is known when nothing is.
    pub fn unknown() -> Self {
        Enclosure {
            range: Interval::whole(),
            defined: Definedness::PossiblyUndefined,
        }
    }

    /// An exact number; dyadic ones (of up to 2048 bits) are kept as points.
    pub fn exact(value: &Rational, precision: Precision) -> Self {
        Enclosure::new(
            Interval::rational(value, precision.bits()),
            Definedness::Defined,
        )
    }

    /// Rational numbers, each to so many bits.
    pub fn exact_each(values: &[Rational], precision: Precision) -> Vec<Self> {
        Self::rational_each(values, &precision)
    }

    /// A binary64, exactly; not-a-number is undefined.
    pub fn from_f64(value: f64) -> Self {
        if value.is_nan() {
            return Enclosure::undefined();
        }
        let point = match float::from_f64(value) {
            Some(finite) if value.is_finite() => finite,
            _ if value > 0.0 => Float::infinity(),
            _ => Float::neg_infinity(),
        };
        Enclosure::new(Interval::point(point), Definedness::Defined)
    }

    /// All values between two, in either order.
    pub fn between(one: &Rational, other: &Rational, precision: Precision) -> Self {
        let p = precision.bits();
        let range = Interval::rational(one, p).hull(&Interval::rational(other, p));
        Enclosure::new(range, Definedness::Defined)
    }

    /// The least enclosure of both.
    #[must_use]
    pub fn hull(&self, other: &Self) -> Self {
        let defined = match (self.defined, other.defined) {
            (Definedness::Undefined, Definedness::Undefined) => Definedness::Undefined,
            (Definedness::Defined, Definedness::Defined) => Definedness::Defined,
            _ => Definedness::PossiblyUndefined,
        };
        // One that has no value adds none.
        let range = match (self.defined, other.defined) {
            (Definedness::Undefined, _) => other.range.clone(),
            (_, Definedness::Undefined) => self.range.clone(),
            _ => self.range.hull(&other.range),
        };
        Enclosure::new(range, defined)
    }

    /// Whether there is a value.
    pub fn definedness(&self) -> Definedness {
        self.defined
    }

    /// There is certainly no value.
    pub fn is_certainly_undefined(&self) -> bool {
        self.defined == Definedness::Undefined
    }

    /// There may be no value.
    pub fn is_possibly_undefined(&self) -> bool {
        self.defined != Definedness::Defined
    }

    /// The value exists and is a real number.
    pub fn is_finite(&self) -> bool {
        self.defined == Definedness::Defined && self.range.is_bounded()
    }

    /// 1 where the value is certainly +∞, −1 where it is certainly −∞.
    pub fn is_exactly_infinite(&self) -> Option<i8> {
        let infinite = self.defined == Definedness::Defined
            && self.range.is_point()
            && self.range.lo.is_infinite();
        infinite.then(|| {
            if float::is_negative(&self.range.lo) {
                -1
            } else {
                1
            }
        })
    }

    /// Whether the value is known exactly.
    pub fn is_point(&self) -> bool {
        self.defined == Definedness::Defined && self.range.is_point()
    }

    /// The value, where it is known exactly, finite, and of moderate length.
    pub fn as_rational(&self) -> Option<Rational> {
        if self.is_point() { self.lower() } else { None }
    }

    /// The lower end; none where it is infinite or too long to write out.
    pub fn lower(&self) -> Option<Rational> {
        to_rational(&self.range.lo)
    }

    /// The upper end; none where it is infinite or too long to write out.
    pub fn upper(&self) -> Option<Rational> {
        to_rational(&self.range.hi)
    }

    /// A binary64 not above the lower end.
    pub fn lower_f64(&self) -> f64 {
        float::to_f64_down(&self.range.lo)
    }

    /// A binary64 not below the upper end.
    pub fn upper_f64(&self) -> f64 {
        -float::to_f64_down(&float::negate(&self.range.hi))
    }

    /// Both values exist and this one is smaller, wherever they lie in their enclosures.
    pub fn certainly_less(&self, other: &Self) -> bool {
        self.both_defined(other) && self.range.hi < other.range.lo
    }

    /// Both values exist and they differ, wherever they lie: what refutes an equality.
    pub fn disjoint(&self, other: &Self) -> bool {
        self.certainly_less(other) || other.certainly_less(self)
    }

    /// Whether the values may be equal. A value that may not exist can be anything.
    pub fn overlaps(&self, other: &Self) -> bool {
        !self.disjoint(other)
    }

    fn both_defined(&self, other: &Self) -> bool {
        self.defined == Definedness::Defined && other.defined == Definedness::Defined
    }

    /// Whether a number lies in the enclosure.
    pub fn contains_rational(&self, value: &Rational) -> bool {
        self.defined != Definedness::Undefined
            && compare_rational(&self.range.lo, value) != Ordering::Greater
            && compare_rational(&self.range.hi, value) != Ordering::Less
    }

    /// Whether `other` lies within this enclosure, as a set.
    pub fn encloses(&self, other: &Self) -> bool {
        match other.defined {
            Definedness::Undefined => self.is_possibly_undefined(),
            Definedness::PossiblyUndefined | Definedness::Defined => {
                other.defined <= self.defined
                    && self.defined != Definedness::Undefined
                    && self.range.lo <= other.range.lo
                    && other.range.hi <= self.range.hi
            }
        }
    }

    /// −log₂ of the width, rounded down; none at width zero, i64::MIN where there is no bound.
    pub fn absolute_bits(&self) -> Option<i64> {
        if self.range.is_point() {
            return None;
        }
        let width = self.range.width();
        Some(if width.is_infinite() {
            i64::MIN
        } else {
            -(float::magnitude(&width) as i64)
        })
    }

    /// −log₂ of the width relative to the least size of the value, rounded down; none at width
    /// zero, i64::MIN where the sign is not known or there is no bound.
    pub fn relative_bits(&self) -> Option<i64> {
        if self.range.is_point() {
            return None;
        }
        Some(
            self.range
                .relative_bits()
                .map_or(i64::MIN, |bits| bits as i64),
        )
    }

    /// A binary64 near the middle; not a number where there is no value or no bound.
    pub fn midpoint_f64(&self) -> f64 {
        if self.defined == Definedness::Undefined {
            return f64::NAN;
        }
        if self.range.is_point() {
            return float::to_f64_nearest(&self.range.lo);
        }
        if !self.range.is_bounded() {
            return f64::NAN;
        }
        float::to_f64_nearest(&self.range.midpoint(80))
    }

    /// The binary64 nearest to the value, halves to even, where the enclosure is narrow enough
    /// to tell; ±∞ where it overflows.
    pub fn to_f64_nearest(&self) -> Option<f64> {
        let (lo, hi) = (&self.range.lo, &self.range.hi);
        let (lo, hi) = (float::to_f64_nearest(lo), float::to_f64_nearest(hi));
        (self.defined == Definedness::Defined && lo == hi).then_some(lo)
    }

    /// The binary32 nearest to the value, halves to even, where the enclosure is narrow enough
    /// to tell; ±∞ where it overflows.
    pub fn to_f32_nearest(&self) -> Option<f32> {
        let (lo, hi) = (&self.range.lo, &self.range.hi);
        let (lo, hi) = (float::to_f32_nearest(lo), float::to_f32_nearest(hi));
        (self.defined == Definedness::Defined && lo == hi).then_some(lo)
    }

    /// The certain digits in decimal, at most `count` significant ones: `0.6931471805599453`,
    /// `-1.5`, `2.3e-17`, `-inf`; `undefined`, and both ends where not even one digit is certain.
    pub fn digits(&self, count: usize) -> String {
        match self.defined {
            Definedness::Undefined => "undefined".to_owned(),
            Definedness::Defined => show::digits(&self.range, count),
            Definedness::PossiblyUndefined => {
                format!("{} or undefined", show::digits(&self.range, count))
            }
        }
    }
}

/// Ends longer than this many bits are not written out as rationals.
const WRITABLE_BITS: isize = 1 << 20;

fn to_rational(x: &Float) -> Option<Rational> {
    if x.is_infinite() {
        return None;
    }
    if float::is_zero(x) {
        return Some(Rational::ZERO);
    }
    if float::magnitude(x).abs() > WRITABLE_BITS {
        return None;
    }
    let (significand, exponent) = x.clone().into_parts();
    Some(if exponent >= 0 {
        Rational::from(significand << exponent.unsigned_abs())
    } else {
        Rational::from_parts(significand, UBig::ONE << exponent.unsigned_abs())
    })
}

/// A float against a rational, exactly.
fn compare_rational(x: &Float, value: &Rational) -> Ordering {
    use dashu_base::{BitTest, Signed};
    let sign = if value.is_zero() {
        0
    } else if value.numerator().is_negative() {
        -1
    } else {
        1
    };
    if float::sign(x) != sign || sign == 0 {
        return float::sign(x).cmp(&sign);
    }
    // 2^(m−2) < |value| < 2^m.
    let m = value.numerator().bit_len() as isize - value.denominator().bit_len() as isize + 1;
    let size = float::magnitude(x);
    let larger = if sign > 0 {
        Ordering::Greater
    } else {
        Ordering::Less
    };
    if size > m + 1 {
        return larger;
    }
    if size < m - 2 {
        return larger.reverse();
    }
    let product = x.clone() * &Float::new(value.denominator().clone().into(), 0);
    product.cmp(&Float::new(value.numerator().clone(), 0))
}
