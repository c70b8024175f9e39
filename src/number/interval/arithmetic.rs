//! The operators of two arguments, with attained infinities.

use super::{Defined, Interval, MARGIN, PossiblyUndefined, Undefined, down, unless, up};
use crate::number::interval::families;
use crate::number::{Binary, special};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// Below this a product or quotient may be subnormal or its error may underflow, and the error is
/// not known exactly.
const TINY: f64 = 1e-280;

/// The two ends of an exact result of which `value` is the nearest binary64, given a number with
/// the sign of what is missing from it.
fn outward(value: f64, missing: f64) -> (f64, f64) {
    if missing == 0.0 {
        (value, value)
    } else if missing > 0.0 {
        (value, value.next_up())
    } else if missing < 0.0 {
        (value.next_down(), value)
    } else {
        (down(value, 1), up(value, 1))
    }
}

/// x + y, both ends. The error of a sum is a binary64 number (Knuth's two-sum), also where it
/// underflows.
fn sum(x: f64, y: f64) -> (f64, f64) {
    let s = x + y;
    if x.is_infinite() || y.is_infinite() {
        // Of an exact infinity and a number: exact. ∞ − ∞ bounds nothing.
        return (s, s);
    }
    let part = s - x;
    outward(s, (x - (s - part)) + (y - part))
}

/// x·y, both ends, with 0·∞ = 0: the bound that a value beside an infinity needs, the case of both
/// being attained is marked by the caller.
fn product(x: f64, y: f64) -> (f64, f64) {
    if x == 0.0 || y == 0.0 {
        return (0.0, 0.0);
    }
    let p = x * y;
    if x.is_infinite() || y.is_infinite() {
        return (p, p);
    }
    let known = p.abs() > TINY && p.is_finite();
    outward(p, if known { x.mul_add(y, -p) } else { f64::NAN })
}

/// x/y, both ends, y ≠ 0.
fn quotient(x: f64, y: f64) -> (f64, f64) {
    if x == 0.0 {
        return (0.0, 0.0);
    }
    let q = x / y;
    if x.is_infinite() || y.is_infinite() {
        return (q, q);
    }
    let known = q.abs() > TINY && q.is_finite() && x.abs() > TINY;
    // x − q·y has the sign of what is missing, times that of y.
    let rest = if known { (-q).mul_add(y, x) } else { f64::NAN };
    outward(q, if y < 0.0 { -rest } else { rest })
}

/// √x, both ends, x ≥ 0.
pub(super) fn root(x: f64) -> (f64, f64) {
    let r = x.sqrt();
    if x == 0.0 || x == f64::INFINITY {
        return (r, r);
    }
    let known = x > TINY;
    outward(r, if known { (-r).mul_add(r, x) } else { f64::NAN })
}

impl Neg for Interval {
    type Output = Interval;
    fn neg(self) -> Interval {
        Interval::new(-self.hi, -self.lo).but(self.definedness)
    }
}

impl Add for Interval {
    type Output = Interval;
    fn add(self, other: Interval) -> Interval {
        let up = |v: Interval| v.hi == f64::INFINITY;
        let down = |v: Interval| v.lo == f64::NEG_INFINITY;
        let possible = (up(self) && down(other)) || (down(self) && up(other));
        let certain = possible && self.is_infinite() && other.is_infinite();
        let (lo, _) = sum(self.lo, other.lo);
        let (_, hi) = sum(self.hi, other.hi);
        Interval::new(lo, hi)
            .but(self.definedness.max(other.definedness))
            .but(unless(possible, certain))
    }
}

impl Sub for Interval {
    type Output = Interval;
    fn sub(self, other: Interval) -> Interval {
        self + -other
    }
}

/// The hull of a binary function at the corners of two intervals.
fn corners(x: Interval, y: Interval, f: impl Fn(f64, f64) -> (f64, f64)) -> Interval {
    let ends = [f(x.lo, y.lo), f(x.lo, y.hi), f(x.hi, y.lo), f(x.hi, y.hi)];
    if ends.iter().any(|(lo, hi)| lo.is_nan() || hi.is_nan()) {
        return Interval::WHOLE;
    }
    let lo = ends.iter().fold(f64::INFINITY, |lo, end| lo.min(end.0));
    let hi = ends.iter().fold(f64::NEG_INFINITY, |hi, end| hi.max(end.1));
    Interval::new(lo, hi)
}

impl Mul for Interval {
    type Output = Interval;
    fn mul(self, other: Interval) -> Interval {
        let possible = (self.contains_zero() && other.may_be_infinite())
            || (other.contains_zero() && self.may_be_infinite());
        let certain =
            (self.is_zero() && other.is_infinite()) || (other.is_zero() && self.is_infinite());
        corners(self, other, product)
            .but(self.definedness.max(other.definedness))
            .but(unless(possible, certain))
    }
}

impl Div for Interval {
    type Output = Interval;
    fn div(self, other: Interval) -> Interval {
        let both_infinite = self.may_be_infinite() && other.may_be_infinite();
        let certain = other.is_zero() || (self.is_infinite() && other.is_infinite());
        let definedness = self
            .definedness
            .max(other.definedness)
            .max(unless(other.contains_zero() || both_infinite, certain));
        let range = if certain || both_infinite {
            Interval::WHOLE
        } else if self.is_zero() {
            Interval::new(0.0, 0.0)
        } else if !other.contains_zero() {
            corners(self, other, quotient)
        } else if other.lo == 0.0 && !(self.lo < 0.0 && self.hi > 0.0) {
            // Positive divisors down to 0: the quotient is unbounded on x's side.
            half_line(self, other.hi)
        } else if other.hi == 0.0 && !(self.lo < 0.0 && self.hi > 0.0) {
            -half_line(self, -other.lo)
        } else {
            Interval::WHOLE
        };
        range.but(definedness)
    }
}

/// x/y for x of one sign and 0 < y ≤ `largest`.
fn half_line(x: Interval, largest: f64) -> Interval {
    if x.lo >= 0.0 {
        Interval::new(quotient(x.lo, largest).0, f64::INFINITY)
    } else {
        Interval::new(f64::NEG_INFINITY, quotient(x.hi, largest).1)
    }
}

/// 0, 1 or undecided.
fn truth(certainly: bool, possibly: bool) -> Interval {
    let bit = |value: bool| f64::from(u8::from(value));
    Interval::new(bit(certainly), bit(possibly))
}

pub(super) fn binary(operator: Binary, x: Interval, y: Interval) -> Interval {
    match operator {
        Binary::Add => x + y,
        Binary::Sub => x - y,
        Binary::Mul => x * y,
        Binary::Div => x / y,
        Binary::Pow => power(x, y),
        Binary::Min | Binary::And => Interval::new(x.lo.min(y.lo), x.hi.min(y.hi)),
        Binary::Max | Binary::Or => Interval::new(x.lo.max(y.lo), x.hi.max(y.hi)),
        Binary::Mod => modulo(x, y),
        Binary::Atan2 => atan2(x, y),
        Binary::GammaP => families::gamma_p(&x, &y),
        Binary::GammaQ => families::gamma_q(&x, &y),
        Binary::GammaPDa => families::gamma_p_da(&x, &y),
        Binary::Less => truth(x.hi < y.lo, x.lo < y.hi),
        Binary::LessEqual => truth(x.hi <= y.lo, x.lo <= y.hi),
        Binary::Equal => truth(
            x.is_point() && y.is_point() && x.lo == y.lo,
            x.lo <= y.hi && y.lo <= x.hi,
        ),
    }
}

/// One value of xʸ, both ends.
fn power_ends(x: f64, y: f64) -> (f64, f64) {
    if y == 0.0 || x == 1.0 {
        return (1.0, 1.0);
    }
    if y == 1.0 || ((x == 0.0 || x.is_infinite()) && y > 0.0) {
        let exact = special::power(x, y);
        return (exact, exact);
    }
    let value = special::power(x, y);
    (down(value, MARGIN), up(value, MARGIN))
}

/// xʸ. A negative base has a value only at whole exponents.
pub(super) fn power(x: Interval, y: Interval) -> Interval {
    if y.is_point() && y.lo.is_finite() && y.lo == y.lo.floor() {
        return whole_power(x, y.lo);
    }
    if y.is_point() && y.lo == 0.5 && x.lo >= 0.0 {
        return Interval::new(root(x.lo).0, root(x.hi).1);
    }
    let has_whole = y.hi.floor() >= y.lo;
    let right = x.within(0.0, f64::INFINITY);
    if x.lo >= 0.0 {
        return nonnegative_power(right, y);
    }
    if !has_whole {
        return match right.definedness {
            Undefined => right,
            Defined | PossiblyUndefined => nonnegative_power(right, y).but(PossiblyUndefined),
        };
    }
    let size = nonnegative_power(x.magnitude(), y);
    size.range_hull(&-size).but(PossiblyUndefined)
}

/// xʸ for x ≥ 0: monotone in x for each y and in y for each x, so the extremes are at corners,
/// but for 0⁰ = 1 beside 0ʸ = 0 and the jump of 0ʸ, y < 0, which is undefined.
fn nonnegative_power(x: Interval, y: Interval) -> Interval {
    let pole = x.lo == 0.0 && y.lo < 0.0;
    let certain_pole = x.is_zero() && y.hi < 0.0;
    // 1^∞.
    let infinite = y.may_be_infinite() && x.contains(1.0);
    let definedness = x.definedness.max(unless(pole || infinite, certain_pole));
    let range = if infinite {
        Interval::new(0.0, f64::INFINITY)
    } else {
        corners(x, y, power_ends)
    };
    let range = if x.lo == 0.0 && y.contains_zero() {
        range.range_hull(&Interval::new(0.0, 1.0))
    } else {
        range
    };
    Interval::new(range.lo.max(0.0), range.hi).but(definedness)
}

/// xⁿ for a whole n.
fn whole_power(x: Interval, n: f64) -> Interval {
    if n == 0.0 {
        return Interval::new(1.0, 1.0);
    }
    let definedness = unless(n < 0.0 && x.contains_zero(), n < 0.0 && x.is_zero());
    let even = (n * 0.5) == (n * 0.5).floor();
    let range = if definedness == Undefined {
        Interval::WHOLE
    } else if even {
        let size = x.magnitude();
        let ends = |v: f64| {
            if n == 2.0 {
                product(v, v)
            } else {
                power_ends(v, n)
            }
        };
        let (first, last) = if n > 0.0 {
            (size.lo, size.hi)
        } else {
            (size.hi, size.lo)
        };
        Interval::new(ends(first).0.max(0.0), ends(last).1)
    } else if n > 0.0 {
        Interval::new(power_ends(x.lo, n).0, power_ends(x.hi, n).1)
    } else if n == -1.0 {
        Interval::new(1.0, 1.0) / x
    } else if !x.contains_zero() {
        Interval::new(power_ends(x.hi, n).0, power_ends(x.lo, n).1)
    } else if x.lo == 0.0 {
        Interval::new(power_ends(x.hi, n).0, f64::INFINITY)
    } else if x.hi == 0.0 {
        Interval::new(f64::NEG_INFINITY, power_ends(x.lo, n).1)
    } else {
        Interval::WHOLE
    };
    range.but(definedness)
}

/// x − y·⌊x/y⌋, between 0 and y.
fn modulo(x: Interval, y: Interval) -> Interval {
    let possible = y.contains_zero() || x.may_be_infinite() || y.may_be_infinite();
    let certain = y.is_zero() || x.is_infinite() || y.is_infinite();
    let range = Interval::new(y.lo.min(0.0), y.hi.max(0.0));
    if possible {
        return range.but(unless(true, certain));
    }
    if x.is_point() && y.is_point() {
        // The remainder of binary64 numbers is exact; moving it to y's side rounds once.
        let rest = x.lo % y.lo;
        let (lo, hi) = if rest != 0.0 && (rest < 0.0) != (y.lo < 0.0) {
            sum(rest, y.lo)
        } else {
            (rest, rest)
        };
        return Interval::new(lo.max(range.lo), hi.min(range.hi));
    }
    let quotient = x / y;
    let whole = quotient.lo.floor();
    if whole != quotient.hi.floor() || !whole.is_finite() {
        return range;
    }
    let value = x - y * Interval::new(whole, whole);
    value.intersect(&range).unwrap_or(range)
}

/// The angle of (x, y), which has no value at the origin nor where both are infinite.
fn atan2(y: Interval, x: Interval) -> Interval {
    let origin = x.contains_zero() && y.contains_zero();
    let both_infinite = x.may_be_infinite() && y.may_be_infinite();
    let certain = (x.is_zero() && y.is_zero()) || (x.is_infinite() && y.is_infinite());
    let definedness = unless(origin || both_infinite, certain);
    let half_turn = std::f64::consts::PI.next_up();
    let crosses_cut = x.lo < 0.0 && y.lo < 0.0 && y.hi >= 0.0;
    if origin || both_infinite || crosses_cut {
        return Interval::new(-half_turn, half_turn).but(definedness);
    }
    // Off the origin and the cut the angle is monotone along every edge. +0 and −0 are one number
    // here, and above the cut the angle of the negative axis is π.
    let plus = |v: f64| if v == 0.0 { 0.0 } else { v };
    let range = corners(y, x, |y, x| {
        let value = pxfm::f_atan2(plus(y), plus(x));
        (down(value, MARGIN), up(value, MARGIN))
    });
    Interval::new(range.lo.max(-half_turn), range.hi.min(half_turn)).but(definedness)
}
