//! Closed intervals of the extended reals, and their arithmetic at a stated precision.
//!
//! Law (inclusion): the result of an operation holds the exact result for every choice of finite
//! points in its arguments. What an operation on an *attained* infinity means is decided one floor
//! up, in [`super::Enclosure`]; here an infinite end says that there is no bound.

use super::float::{self, Float};
use crate::number::Rational;

/// The interval [lo, hi], lo ≤ hi.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Interval {
    pub(super) lo: Float,
    pub(super) hi: Float,
}

impl From<(Float, Float)> for Interval {
    fn from((lo, hi): (Float, Float)) -> Self {
        Interval { lo, hi }
    }
}

/// The lower bound of a product of two end points, where 0·∞ = 0: an infinite end is a bound that
/// is not attained.
fn mul_down(a: &Float, b: &Float, p: usize) -> Float {
    if float::is_zero(a) || float::is_zero(b) {
        Float::zero()
    } else if a.is_infinite() || b.is_infinite() {
        infinity(float::sign(a) * float::sign(b))
    } else {
        float::lower(float::down(p).mul(a, b))
    }
}

fn mul_up(a: &Float, b: &Float, p: usize) -> Float {
    if float::is_zero(a) || float::is_zero(b) {
        Float::zero()
    } else if a.is_infinite() || b.is_infinite() {
        infinity(float::sign(a) * float::sign(b))
    } else {
        float::upper(float::up(p).mul(a, b))
    }
}

fn infinity(sign: i32) -> Float {
    if sign < 0 {
        Float::neg_infinity()
    } else {
        Float::infinity()
    }
}

impl Interval {
    pub(super) fn new(lo: Float, hi: Float) -> Self {
        debug_assert!(lo <= hi, "invariant: ends in order");
        Interval { lo, hi }
    }

    pub(super) fn point(x: Float) -> Self {
        Interval {
            lo: x.clone(),
            hi: x,
        }
    }

    pub(super) fn integer(n: i64) -> Self {
        Interval::point(float::integer(n))
    }

    pub(super) fn one() -> Self {
        Interval::integer(1)
    }

    pub(super) fn zero() -> Self {
        Interval::integer(0)
    }

    pub(super) fn whole() -> Self {
        Interval {
            lo: Float::neg_infinity(),
            hi: Float::infinity(),
        }
    }

    pub(super) fn rational(value: &Rational, p: usize) -> Self {
        // Dyadic constants are kept exactly up to a length at which arithmetic is still cheap.
        let exact_bits = p.max(2048);
        float::quotient(value.numerator(), value.denominator(), p, exact_bits).into()
    }

    pub(super) fn pi(p: usize) -> Self {
        float::pi(p).into()
    }

    pub(super) fn is_point(&self) -> bool {
        self.lo == self.hi
    }

    pub(super) fn is_bounded(&self) -> bool {
        self.lo.is_finite() && self.hi.is_finite()
    }

    pub(super) fn contains_zero(&self) -> bool {
        float::sign(&self.lo) <= 0 && float::sign(&self.hi) >= 0
    }

    pub(super) fn contains(&self, x: &Float) -> bool {
        self.lo <= *x && *x <= self.hi
    }

    pub(super) fn is_zero(&self) -> bool {
        float::is_zero(&self.lo) && float::is_zero(&self.hi)
    }

    /// lo > 0.
    pub(super) fn is_positive(&self) -> bool {
        float::sign(&self.lo) > 0
    }

    /// hi < 0.
    pub(super) fn is_negative(&self) -> bool {
        float::sign(&self.hi) < 0
    }

    pub(super) fn neg(&self) -> Self {
        Interval {
            lo: float::negate(&self.hi),
            hi: float::negate(&self.lo),
        }
    }

    pub(super) fn abs(&self) -> Self {
        if !float::is_negative(&self.lo) {
            self.clone()
        } else if float::sign(&self.hi) <= 0 {
            self.neg()
        } else {
            Interval {
                lo: Float::zero(),
                hi: float::negate(&self.lo).max(self.hi.clone()),
            }
        }
    }

    pub(super) fn add(&self, other: &Self, p: usize) -> Self {
        let infinite_lo = self.lo.is_infinite() || other.lo.is_infinite();
        let infinite_hi = self.hi.is_infinite() || other.hi.is_infinite();
        if infinite_lo || infinite_hi {
            return self.add_unbounded(other, p);
        }
        if self.is_point() && other.is_point() {
            return float::bracket(float::down(p).add(&self.lo, &other.lo), p).into();
        }
        Interval {
            lo: float::lower(float::down(p).add(&self.lo, &other.lo)),
            hi: float::upper(float::up(p).add(&self.hi, &other.hi)),
        }
    }

    fn add_unbounded(&self, other: &Self, p: usize) -> Self {
        // Where ends of opposite sign meet (−∞ below, +∞ for a point at +∞) the bound is lost.
        let lo = if self.lo == Float::neg_infinity() || other.lo == Float::neg_infinity() {
            Float::neg_infinity()
        } else if self.lo.is_infinite() || other.lo.is_infinite() {
            Float::infinity()
        } else {
            float::lower(float::down(p).add(&self.lo, &other.lo))
        };
        let hi = if self.hi == Float::infinity() || other.hi == Float::infinity() {
            Float::infinity()
        } else if self.hi.is_infinite() || other.hi.is_infinite() {
            Float::neg_infinity()
        } else {
            float::upper(float::up(p).add(&self.hi, &other.hi))
        };
        Interval { lo, hi }
    }

    pub(super) fn sub(&self, other: &Self, p: usize) -> Self {
        self.add(&other.neg(), p)
    }

    pub(super) fn mul(&self, other: &Self, p: usize) -> Self {
        if self.is_point() && other.is_point() && self.is_bounded() && other.is_bounded() {
            return float::bracket(float::down(p).mul(&self.lo, &other.lo), p).into();
        }
        let (a, b) = (self, other);
        let lo_sign = |x: &Interval| !float::is_negative(&x.lo);
        let hi_sign = |x: &Interval| float::sign(&x.hi) <= 0;
        if lo_sign(a) && lo_sign(b) {
            Interval {
                lo: mul_down(&a.lo, &b.lo, p),
                hi: mul_up(&a.hi, &b.hi, p),
            }
        } else if lo_sign(a) && hi_sign(b) {
            Interval {
                lo: mul_down(&a.hi, &b.lo, p),
                hi: mul_up(&a.lo, &b.hi, p),
            }
        } else if hi_sign(a) && lo_sign(b) {
            Interval {
                lo: mul_down(&a.lo, &b.hi, p),
                hi: mul_up(&a.hi, &b.lo, p),
            }
        } else if hi_sign(a) && hi_sign(b) {
            Interval {
                lo: mul_down(&a.hi, &b.hi, p),
                hi: mul_up(&a.lo, &b.lo, p),
            }
        } else {
            let ends = [
                (&a.lo, &b.lo),
                (&a.lo, &b.hi),
                (&a.hi, &b.lo),
                (&a.hi, &b.hi),
            ];
            let mut lo = Float::infinity();
            let mut hi = Float::neg_infinity();
            for (x, y) in ends {
                lo = lo.min(mul_down(x, y, p));
                hi = hi.max(mul_up(x, y, p));
            }
            Interval { lo, hi }
        }
    }

    pub(super) fn square(&self, p: usize) -> Self {
        let a = self.abs();
        a.mul(&a, p)
    }

    /// 1/self; the whole line where self holds 0 inside, one-sided where 0 is an end.
    pub(super) fn reciprocal(&self, p: usize) -> Self {
        let one = Float::one();
        if self.is_point() && self.is_bounded() && !self.is_zero() {
            return float::bracket(float::down(p).div(&one, &self.lo), p).into();
        }
        let (lo_sign, hi_sign) = (float::sign(&self.lo), float::sign(&self.hi));
        if (lo_sign < 0 && hi_sign > 0) || (lo_sign == 0 && hi_sign == 0) {
            return Interval::whole();
        }
        let lo = if hi_sign == 0 {
            Float::neg_infinity()
        } else if self.hi.is_infinite() {
            Float::zero()
        } else {
            float::lower(float::down(p).div(&one, &self.hi))
        };
        let hi = if lo_sign == 0 {
            Float::infinity()
        } else if self.lo.is_infinite() {
            Float::zero()
        } else {
            float::upper(float::up(p).div(&one, &self.lo))
        };
        Interval { lo, hi }
    }

    pub(super) fn div(&self, other: &Self, p: usize) -> Self {
        if other.is_point() && other.is_bounded() && !other.is_zero() && self.is_bounded() {
            let d = &other.lo;
            if self.is_point() {
                return float::bracket(float::down(p).div(&self.lo, d), p).into();
            }
            let (a, b) = if float::is_negative(d) {
                (&self.hi, &self.lo)
            } else {
                (&self.lo, &self.hi)
            };
            return Interval {
                lo: float::lower(float::down(p).div(a, d)),
                hi: float::upper(float::up(p).div(b, d)),
            };
        }
        self.mul(&other.reciprocal(p + 8), p)
    }

    pub(super) fn add_integer(&self, n: i64, p: usize) -> Self {
        self.add(&Interval::integer(n), p)
    }

    pub(super) fn mul_integer(&self, n: i64, p: usize) -> Self {
        self.mul(&Interval::integer(n), p)
    }

    /// self/n for n > 0.
    pub(super) fn div_integer(&self, n: u64, p: usize) -> Self {
        Interval {
            lo: float::over_integer_down(&self.lo, n, p),
            hi: float::negate(&float::over_integer_down(&float::negate(&self.hi), n, p)),
        }
    }

    /// self·2^k, exactly.
    pub(super) fn scale(&self, k: isize) -> Self {
        Interval {
            lo: float::scale(&self.lo, k),
            hi: float::scale(&self.hi, k),
        }
    }

    /// selfⁿ for n ≥ 0, by correctly rounded powers of the ends.
    pub(super) fn power(&self, n: u64, p: usize) -> Self {
        if n == 0 {
            return Interval::one();
        }
        let x = if n.is_multiple_of(2) {
            self.abs()
        } else {
            self.clone()
        };
        let at = |x: &Float| -> Interval {
            if x.is_infinite() || float::is_zero(x) {
                return Interval::point(x.clone());
            }
            float::bracket(float::down(p).powi(x, n.into()), p).into()
        };
        x.increasing(at)
    }

    /// The range of an increasing function, given by brackets at the ends.
    pub(super) fn increasing(&self, f: impl Fn(&Float) -> Interval) -> Self {
        let lo = f(&self.lo);
        if self.is_point() {
            return lo;
        }
        let hi = f(&self.hi);
        Interval {
            lo: lo.lo,
            hi: hi.hi,
        }
    }

    /// The range of a decreasing function, given by brackets at the ends.
    pub(super) fn decreasing(&self, f: impl Fn(&Float) -> Interval) -> Self {
        let hi = f(&self.lo);
        if self.is_point() {
            return hi;
        }
        let lo = f(&self.hi);
        Interval {
            lo: lo.lo,
            hi: hi.hi,
        }
    }

    pub(super) fn hull(&self, other: &Self) -> Self {
        Interval {
            lo: self.lo.clone().min(other.lo.clone()),
            hi: self.hi.clone().max(other.hi.clone()),
        }
    }

    /// What two enclosures of one value leave of it; none where they contradict each other.
    pub(super) fn meet(&self, other: &Self) -> Option<Self> {
        let lo = self.lo.clone().max(other.lo.clone());
        let hi = self.hi.clone().min(other.hi.clone());
        (lo <= hi).then_some(Interval { lo, hi })
    }

    /// The part of self within [lo, hi]: for results whose range is known.
    pub(super) fn within(&self, lo: i64, hi: i64) -> Self {
        let range = Interval::new(float::integer(lo), float::integer(hi));
        self.meet(&range).unwrap_or(range)
    }

    /// Ends rounded outward to `p` bits.
    pub(super) fn round(&self, p: usize) -> Self {
        Interval {
            lo: float::round_down(&self.lo, p),
            hi: float::round_up(&self.hi, p),
        }
    }

    /// The width hi − lo to a few bits, rounded up.
    pub(super) fn width(&self) -> Float {
        if !self.is_bounded() {
            return Float::infinity();
        }
        float::upper(float::up(32).sub(&self.hi, &self.lo))
    }

    /// How many bits of the value are known: log₂ of its least size over the width, rounded down;
    /// none where the sign is unknown or there is no bound; a point knows all of them.
    pub(super) fn relative_bits(&self) -> Option<isize> {
        if self.is_point() {
            return Some(isize::MAX / 4);
        }
        if self.contains_zero() || !self.is_bounded() {
            return None;
        }
        let least = float::magnitude(&self.lo).min(float::magnitude(&self.hi));
        Some(least - 1 - float::magnitude(&self.width()))
    }

    /// A float within a bounded interval, near its middle.
    pub(super) fn midpoint(&self, p: usize) -> Float {
        let sum = float::lower(float::down(p.max(8)).add(&self.lo, &self.hi));
        let middle = float::scale(&sum, -1);
        if self.contains(&middle) {
            middle
        } else {
            self.lo.clone()
        }
    }
}

/// Evaluates `f` at rising working precision until the value is known to `p` bits relatively.
///
/// `f(w)` encloses the value and gets narrower with w. Gives up (with what it has, which is sound)
/// where more precision does not help, as for an argument that is itself wide, or costs too much.
pub(super) fn refine(p: usize, f: impl Fn(usize) -> Interval) -> Interval {
    let limit = 24 * p + 6000;
    let mut work = p + 24;
    let mut best = f(work);
    for _ in 0..7 {
        let bits = best.relative_bits();
        if bits.is_some_and(|bits| bits > p as isize) || best.is_zero() {
            break;
        }
        let lost = bits.map_or(work + p, |bits| (work as isize - bits).max(8) as usize);
        let next = (p + lost + 16).max(work + 32);
        if next > limit {
            break;
        }
        let again = f(next);
        let Some(met) = best.meet(&again) else {
            debug_assert!(false, "invariant: enclosures of one value meet");
            return best.hull(&again);
        };
        let gained = match (best.relative_bits(), met.relative_bits()) {
            (Some(before), Some(after)) => after > before + 8,
            (None, _) => met.width() < best.width(),
            (Some(_), None) => false,
        };
        best = met;
        work = next;
        if !gained {
            break;
        }
    }
    best.round(p + 8)
}
