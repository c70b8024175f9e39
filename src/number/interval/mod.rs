//! Intervals with binary64 ends: cheap rigorous enclosures, good to some 15 digits.
//!
//! Law (inclusion): for all values that the arguments hold, the exact result, where it is defined,
//! lies in the interval of the result, and where it is not defined for some of them the result
//! says so (test `intervals_hold_the_value` in `tests/laws.rs`). The conventions are those of the
//! enclosures of any precision: ends may be infinite and the infinity attained (log 0 = −∞), a
//! comparison is 0, 1 or [0, 1], and an undecided `where` is the hull of its branches.
//!
//! What the bounds rest on: the four operations and √ are IEEE 754, rounded outward by the sign of
//! their exact error; `pxfm` states half a unit in the last place for its elementary functions, of
//! which we allow it [`MARGIN`]; the rest is made of these here, with truncation errors bounded in
//! a comment, or the bound is left wide.

mod arithmetic;
mod elementary;
mod families;
mod special;

use super::{Binary, Definedness, Number, Rational, Ternary, Unary};
use Definedness::{Defined, PossiblyUndefined, Undefined};

/// Units in the last place by which a value of `pxfm` is moved outward, where it states 0.5.
const MARGIN: u32 = 2;

/// All numbers from `lo` to `hi`, and whether there is a value at all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    lo: f64,
    hi: f64,
    definedness: Definedness,
}

impl Interval {
    /// Every extended real.
    const WHOLE: Interval = Interval {
        lo: f64::NEG_INFINITY,
        hi: f64::INFINITY,
        definedness: Defined,
    };

    /// All numbers between two; an end that is not-a-number bounds nothing.
    pub fn new(lo: f64, hi: f64) -> Interval {
        if lo > hi {
            return Interval::new(hi, lo);
        }
        Interval {
            lo: if lo.is_nan() { f64::NEG_INFINITY } else { lo },
            hi: if hi.is_nan() { f64::INFINITY } else { hi },
            definedness: Defined,
        }
    }

    /// A single value; not-a-number is undefined.
    pub fn point(value: f64) -> Interval {
        if value.is_nan() {
            return Interval::undefined();
        }
        Interval::new(value, value)
    }

    /// No value.
    pub fn undefined() -> Interval {
        Interval::WHOLE.but(Undefined)
    }

    /// Any value or none.
    pub fn unknown() -> Interval {
        Interval::WHOLE.but(PossiblyUndefined)
    }

    /// The same, with less known about whether there is a value.
    fn but(mut self, definedness: Definedness) -> Interval {
        self.definedness = self.definedness.max(definedness);
        if self.definedness == Undefined {
            (self.lo, self.hi) = (f64::NEG_INFINITY, f64::INFINITY);
        }
        self
    }

    /// The lower end.
    pub fn lo(&self) -> f64 {
        self.lo
    }

    /// The upper end.
    pub fn hi(&self) -> f64 {
        self.hi
    }

    /// Whether there is a value.
    pub fn definedness(&self) -> Definedness {
        self.definedness
    }

    /// There is a value, and it is above 0.
    pub fn certainly_positive(&self) -> bool {
        self.definedness == Defined && self.lo > 0.0
    }

    /// There is a value, and it is below 0.
    pub fn certainly_negative(&self) -> bool {
        self.definedness == Defined && self.hi < 0.0
    }

    /// There is a value, and it is not 0.
    pub fn certainly_nonzero(&self) -> bool {
        self.certainly_positive() || self.certainly_negative()
    }

    /// Whether a number lies in the interval, if there is a value.
    pub fn contains(&self, value: f64) -> bool {
        self.definedness != Undefined && self.lo <= value && value <= self.hi
    }

    /// Both have values, and they differ.
    pub fn disjoint(&self, other: &Interval) -> bool {
        self.definedness == Defined
            && other.definedness == Defined
            && (self.hi < other.lo || other.hi < self.lo)
    }

    /// There is a value, and it is a real number.
    pub fn is_finite(&self) -> bool {
        self.definedness == Defined && self.lo.is_finite() && self.hi.is_finite()
    }

    /// The distance of the ends, rounded up; 0 for a point, infinite ones included.
    pub fn width(&self) -> f64 {
        if self.is_point() {
            0.0
        } else {
            (self.hi - self.lo).next_up()
        }
    }

    /// A finite number within, near the middle.
    pub fn midpoint(&self) -> f64 {
        let (lo, hi) = (self.lo.max(f64::MIN), self.hi.min(f64::MAX));
        (0.5 * lo + 0.5 * hi).clamp(lo.min(hi), hi.max(lo))
    }

    /// The least interval that holds both. One that has no value adds none.
    #[must_use]
    pub fn hull(&self, other: &Interval) -> Interval {
        match (self.definedness, other.definedness) {
            (Undefined, Undefined) => Interval::undefined(),
            (Undefined, _) => other.but(PossiblyUndefined),
            (_, Undefined) => self.but(PossiblyUndefined),
            (one, two) => self.range_hull(other).but(one).but(two),
        }
    }

    fn range_hull(&self, other: &Interval) -> Interval {
        Interval::new(self.lo.min(other.lo), self.hi.max(other.hi))
    }

    /// What both hold: for two enclosures of the same value. None if they are disjoint, or either
    /// has no value.
    pub fn intersect(&self, other: &Interval) -> Option<Interval> {
        let (lo, hi) = (self.lo.max(other.lo), self.hi.min(other.hi));
        let definedness = self.definedness.min(other.definedness);
        (lo <= hi && self.definedness != Undefined && other.definedness != Undefined)
            .then(|| Interval::new(lo, hi).but(definedness))
    }

    /// Two halves that overlap in the midpoint.
    pub fn split(&self) -> (Interval, Interval) {
        let middle = self.midpoint().clamp(self.lo, self.hi);
        (
            Interval {
                hi: middle,
                ..*self
            },
            Interval {
                lo: middle,
                ..*self
            },
        )
    }

    fn is_point(&self) -> bool {
        self.lo == self.hi
    }

    fn is_zero(&self) -> bool {
        self.lo == 0.0 && self.hi == 0.0
    }

    fn contains_zero(&self) -> bool {
        self.lo <= 0.0 && self.hi >= 0.0
    }

    fn may_be_infinite(&self) -> bool {
        self.lo == f64::NEG_INFINITY || self.hi == f64::INFINITY
    }

    fn is_infinite(&self) -> bool {
        self.is_point() && self.lo.is_infinite()
    }

    /// The part in [lo, hi], and whether some or all of it lies outside.
    fn within(&self, lo: f64, hi: f64) -> Interval {
        let part = Interval {
            definedness: Defined,
            ..*self
        };
        match part.intersect(&Interval::new(lo, hi)) {
            None => Interval::undefined(),
            Some(part) if part.lo > self.lo || part.hi < self.hi => part.but(PossiblyUndefined),
            Some(part) => part,
        }
    }

    /// `f`, increasing, with values of which the binary64 ones are off by `units` units in the
    /// last place at most, and held within [lo, hi].
    fn increasing(&self, f: impl Fn(f64) -> f64, units: u32, lo: f64, hi: f64) -> Interval {
        if self.definedness == Undefined {
            return *self;
        }
        let low = down(f(self.lo), units).max(lo);
        let high = up(f(self.hi), units).min(hi);
        Interval::new(low, high).but(self.definedness)
    }

    /// The same for a decreasing function.
    fn decreasing(&self, f: impl Fn(f64) -> f64, units: u32, lo: f64, hi: f64) -> Interval {
        if self.definedness == Undefined {
            return *self;
        }
        let low = down(f(self.hi), units).max(lo);
        let high = up(f(self.lo), units).min(hi);
        Interval::new(low, high).but(self.definedness)
    }

    /// |x|.
    fn magnitude(&self) -> Interval {
        let range = if self.lo >= 0.0 {
            Interval::new(self.lo, self.hi)
        } else if self.hi <= 0.0 {
            Interval::new(-self.hi, -self.lo)
        } else {
            Interval::new(0.0, self.hi.max(-self.lo))
        };
        range.but(self.definedness)
    }
}

/// Undefined at some arguments (`certain`: at all).
fn unless(possible: bool, certain: bool) -> Definedness {
    if certain {
        Undefined
    } else if possible {
        PossiblyUndefined
    } else {
        Defined
    }
}

/// Moved down by some units in the last place; not-a-number becomes −∞. An overflow to +∞ comes
/// back as the largest finite number, which is a true lower bound.
fn down(value: f64, units: u32) -> f64 {
    if value.is_nan() {
        return f64::NEG_INFINITY;
    }
    (0..units).fold(value, |v, _| v.next_down())
}

/// Moved up by some units in the last place; not-a-number becomes +∞.
fn up(value: f64, units: u32) -> f64 {
    -down(-value, units)
}

impl Number for Interval {
    type Context = ();

    fn rational(value: &Rational, (): &()) -> Interval {
        let nearest = value.to_f64().value();
        // Nearest, so off by at most one step, and by none if it reads back the same.
        match Rational::try_from(nearest) {
            Ok(exact) if exact == *value => Interval::point(nearest),
            Ok(exact) if exact < *value => Interval::new(nearest, nearest.next_up()),
            Ok(_) => Interval::new(nearest.next_down(), nearest),
            Err(_) if nearest > 0.0 => Interval::new(f64::MAX, f64::INFINITY),
            Err(_) => Interval::new(f64::NEG_INFINITY, f64::MIN),
        }
    }

    fn pi((): &()) -> Interval {
        // The double nearest to π lies below it.
        let below = std::f64::consts::PI;
        Interval::new(below, below.next_up())
    }

    fn infinity((): &()) -> Interval {
        Interval::point(f64::INFINITY)
    }

    fn unary(operator: Unary, x: &Interval, (): &()) -> Interval {
        if x.definedness == Undefined {
            return *x;
        }
        let range = Interval {
            definedness: Defined,
            ..*x
        };
        elementary::unary(operator, range).but(x.definedness)
    }

    fn binary(operator: Binary, x: &Interval, y: &Interval, (): &()) -> Interval {
        let definedness = x.definedness.max(y.definedness);
        if definedness == Undefined {
            return Interval::undefined();
        }
        let (x, y) = (
            Interval {
                definedness: Defined,
                ..*x
            },
            Interval {
                definedness: Defined,
                ..*y
            },
        );
        arithmetic::binary(operator, x, y).but(definedness)
    }

    fn ternary(operator: Ternary, x: &Interval, y: &Interval, z: &Interval, (): &()) -> Interval {
        match operator {
            Ternary::Select => {
                let taken = if x.definedness == Undefined {
                    *x
                } else if x.lo == 1.0 && x.hi == 1.0 {
                    *y
                } else if !x.contains(1.0) {
                    *z
                } else {
                    y.hull(z)
                };
                taken.but(x.definedness)
            }
            Ternary::BetaInc => families::beta_inc(x, y, z),
            Ternary::BetaIncDa => families::beta_inc_da(x, y, z),
        }
    }
}
