//! The regularized incomplete beta function I_x(a, b) and ∂I/∂a.
//!
//! I_x(a, b) = x^a (1−x)^b Γ(a+b)/(Γ(a+1)Γ(b)) Σ cₙ xⁿ, cₙ = (a+b)…(a+b+n−1)/((a+1)…(a+n)) (DLMF 8.17.8
//! with 15.2.1): positive terms. Their ratio (a+b+n)x/(a+1+n) tends to x monotonically, so from any n on
//! the larger of it and x bounds the rest by a geometric series. The other side comes by
//! I_x(a, b) = 1 − I_{1−x}(b, a); the side with fewer terms is taken unless it cancels too much.
//!
//! I rises in x and in b and falls in a, which gives ranges from corners. ∂I/∂a has no such order
//! and is evaluated in interval arithmetic, the series differentiated term by term.

use super::elementary::{exp, log};
use super::float::{self, Float};
use super::gamma::{digamma_positive, lgamma_positive};
use super::incomplete_gamma::{geometric_rest, slope_rest};
use super::interval::{Interval, refine};

/// No series is followed beyond this many terms; the answer is then wide, and sound.
const TERM_LIMIT: i64 = 60_000;

/// The arguments of one side: I_x(a, b) with y = 1 − x, all narrow and positive.
struct Side<'a> {
    a: &'a Interval,
    b: &'a Interval,
    x: &'a Interval,
    y: &'a Interval,
}

/// Which parameter a series is differentiated by.
#[derive(Clone, Copy)]
enum By {
    First,
    Second,
}

impl Side<'_> {
    /// log of x^a y^b Γ(a+b)/(Γ(a+1)Γ(b)).
    fn log_front(&self, w: usize) -> Interval {
        let size = float::magnitude(&self.a.hi).max(float::magnitude(&self.b.hi));
        let v = w + size.clamp(0, 4096) as usize + 24;
        let sum = self.a.add(self.b, v + 64);
        let above = self.a.add_integer(1, v + 64);
        let powers = self
            .a
            .mul(&log(self.x, v), v)
            .add(&self.b.mul(&log(self.y, v), v), v);
        let gammas = lgamma_positive(&sum, v)
            .sub(&lgamma_positive(&above, v), v)
            .sub(&lgamma_positive(self.b, v), v);
        powers.add(&gammas, v)
    }

    /// What bounds every later ratio of terms, from the ratio after term n on.
    fn later_ratio(&self, n: i64) -> Float {
        let top = self.a.add(self.b, 48).add_integer(n, 48);
        let ratio = top.mul(self.x, 48).div(&self.a.add_integer(n + 1, 48), 48);
        ratio.hi.max(self.x.hi.clone())
    }

    /// I_x(a, b) by this side's series; all of [0, 1] where the limit is reached.
    fn series(&self, w: usize) -> Interval {
        let mut term = Interval::one();
        let mut sum = Interval::one();
        let total = self.a.add(self.b, w + 64);
        for n in 0..TERM_LIMIT {
            let top = total.add_integer(n, w);
            let bottom = self.a.add_integer(n + 1, w);
            term = term.mul(self.x, w).mul(&top, w).div(&bottom, w);
            sum = sum.add(&term, w);
            if float::magnitude(&term.hi) >= float::magnitude(&sum.lo) - w as isize - 2 {
                continue;
            }
            let ratio = self.later_ratio(n + 1);
            if is_falling(&ratio) {
                let rest = geometric_rest(&term.hi, &ratio);
                sum = sum.add(&Interval::new(Float::zero(), rest), w);
                return exp(&self.log_front(w), w).mul(&sum, w).within(0, 1);
            }
        }
        Interval::new(Float::zero(), Float::one())
    }

    /// The derivative of this side's series with respect to a or b.
    fn derivative(&self, by: By, w: usize) -> Interval {
        let total = self.a.add(self.b, w + 64);
        let psi = |v: &Interval| digamma_positive(v, w);
        let mut slope = match by {
            By::First => {
                let above = self.a.add_integer(1, w + 64);
                log(self.x, w).add(&psi(&total), w).sub(&psi(&above), w)
            }
            By::Second => log(self.y, w).add(&psi(&total), w).sub(&psi(self.b), w),
        };
        let mut term = Interval::one();
        let mut sum = slope.clone();
        for n in 0..TERM_LIMIT {
            let top = total.add_integer(n, w);
            let bottom = self.a.add_integer(n + 1, w);
            term = term.mul(self.x, w).mul(&top, w).div(&bottom, w);
            // d log cₙ: 1/(a+b+n) by b, and 1/(a+b+n) − 1/(a+1+n) by a.
            slope = slope.add(&top.reciprocal(w), w);
            if let By::First = by {
                slope = slope.sub(&bottom.reciprocal(w), w);
            }
            let next = term.mul(&slope, w);
            sum = sum.add(&next, w);
            let size = float::magnitude(&next.abs().hi).max(float::magnitude(&term.hi));
            if size >= float::magnitude(&sum.abs().hi) - w as isize - 2 {
                continue;
            }
            let ratio = self.later_ratio(n + 1);
            if is_falling(&ratio) {
                // Both steps are at most the larger of their parts, and fall with n.
                let step = match by {
                    By::First => Interval::point(top.lo.clone().min(bottom.lo.clone())),
                    By::Second => top,
                };
                sum = sum.add(&slope_rest(&term.hi, &slope, &ratio, &step), w);
                return exp(&self.log_front(w), w).mul(&sum, w);
            }
        }
        Interval::whole()
    }

    /// About how many terms the series takes to `w` bits, for choosing a side only.
    fn cost(&self, w: usize) -> f64 {
        let [a, b, x, y] = [self.a, self.b, self.x, self.y].map(|v| float::approximate(&v.hi));
        let growing = ((a + b) * x - a).max(0.0) / y.max(1e-300);
        let bits = w as f64 * std::f64::consts::LN_2;
        let falling = bits / -(1.0 - y).clamp(1e-300, 1.0 - 1e-16).ln();
        // While n < a, terms fall like a Gaussian of this width.
        let gaussian = (2.0 * bits * (a + b) * (a + 1.0) / b.max(1e-300)).sqrt();
        let early = if gaussian < a {
            gaussian
        } else {
            f64::INFINITY
        };
        let cost = growing + falling.min(early);
        if cost.is_finite() { cost } else { f64::MAX }
    }
}

/// Whether a ratio is far enough below 1 for a geometric bound to be of use.
fn is_falling(ratio: &Float) -> bool {
    *ratio < Float::one() - &float::power_of_two(-16)
}

/// Larger parameters than 2 to this are not summed: the precision needed grows with it.
const LARGEST: isize = 64;

/// Whether either series can be expected to end within the limit.
fn is_affordable(direct: &Side, mirror: &Side, p: usize) -> bool {
    direct.cost(p).min(mirror.cost(p)) < 2.0 * TERM_LIMIT as f64
}

/// I_x(a, b) at a point of a, b > 0, 0 < x < 1.
fn inside(a: &Float, b: &Float, x: &Float, p: usize) -> Interval {
    let [a, b, x] = [a, b, x].map(|v| Interval::point(v.clone()));
    // 1 − x exactly, unless x is so small that it would be long.
    let exact_bits = if float::magnitude(&x.lo) > -2048 {
        2400 + x.lo.digits()
    } else {
        p + 64
    };
    let y = Interval::one().sub(&x, exact_bits);
    let direct = Side {
        a: &a,
        b: &b,
        x: &x,
        y: &y,
    };
    let mirror = Side {
        a: &b,
        b: &a,
        x: &y,
        y: &x,
    };
    if !is_affordable(&direct, &mirror, p) {
        return Interval::new(Float::zero(), Float::one());
    }
    let by_direct = || refine(p, |w| direct.series(w));
    if direct.cost(p) <= mirror.cost(p) {
        return by_direct();
    }
    let value = refine(p, |w| {
        Interval::one().sub(&mirror.series(w), w).within(0, 1)
    });
    // A tiny value is what the direct series is good at, however long.
    let is_narrow = value.relative_bits().is_some_and(|bits| bits >= p as isize);
    if is_narrow || direct.cost(p) > 2.0 * TERM_LIMIT as f64 {
        value
    } else {
        by_direct().meet(&value).unwrap_or(value)
    }
}

fn at(a: &Float, b: &Float, x: &Float, p: usize) -> Interval {
    if float::sign(x) <= 0 {
        return Interval::zero();
    }
    if *x >= Float::one() {
        return Interval::one();
    }
    // Limits: all mass at 0 for a → 0 or b → ∞, at 1 for b → 0 or a → ∞; opposed, nothing is known.
    let at_zero = float::sign(a) <= 0 || b.is_infinite();
    let at_one = float::sign(b) <= 0 || a.is_infinite();
    match (at_zero, at_one) {
        (true, true) => Interval::new(Float::zero(), Float::one()),
        (true, false) => Interval::one(),
        (false, true) => Interval::zero(),
        (false, false) => {
            let bound = float::power_of_two(LARGEST);
            let unit = Interval::new(Float::zero(), Float::one());
            match (*a > bound, *b > bound) {
                (true, true) => unit,
                // By monotonicity from the largest parameter that is summed.
                (true, false) => Interval {
                    lo: unit.lo,
                    hi: inside(&bound, b, x, p).hi,
                },
                (false, true) => Interval {
                    lo: inside(a, &bound, x, p).lo,
                    hi: unit.hi,
                },
                (false, false) => inside(a, b, x, p),
            }
        }
    }
}

/// I over a box of a, b ≥ 0 and 0 ≤ x ≤ 1.
pub(super) fn beta_inc(a: &Interval, b: &Interval, x: &Interval, p: usize) -> Interval {
    if a.is_point() && b.is_point() && x.is_point() {
        return at(&a.lo, &b.lo, &x.lo, p);
    }
    Interval {
        lo: at(&a.hi, &b.lo, &x.lo, p).lo,
        hi: at(&a.lo, &b.hi, &x.hi, p).hi,
    }
}

/// ∂I/∂a over a box of a, b > 0 and 0 ≤ x ≤ 1: at most 0.
pub(super) fn beta_inc_da(a: &Interval, b: &Interval, x: &Interval, p: usize) -> Interval {
    let never_positive = Interval::new(Float::neg_infinity(), Float::zero());
    let at_end = x.is_point() && (float::sign(&x.lo) <= 0 || x.lo >= Float::one());
    if at_end {
        return Interval::zero();
    }
    let inside = a.is_positive()
        && b.is_positive()
        && x.is_positive()
        && x.hi < Float::one()
        && a.is_bounded()
        && b.is_bounded();
    if !inside {
        return never_positive;
    }
    let exact_bits = if float::magnitude(&x.lo) > -2048 {
        4096 + p
    } else {
        p + 64
    };
    let y = Interval::one().sub(x, exact_bits);
    let direct = Side { a, b, x, y: &y };
    let mirror = Side {
        a: b,
        b: a,
        x: &y,
        y: x,
    };
    let bound = float::power_of_two(LARGEST);
    if a.hi > bound || b.hi > bound || !is_affordable(&direct, &mirror, p) {
        return never_positive;
    }
    // In a tail the derivative is as small as the tail: the series of that side does not cancel.
    let left = float::approximate(&x.lo) * (float::approximate(&a.lo) + float::approximate(&b.lo))
        < float::approximate(&a.lo);
    let (own, other) = if left {
        (&direct, &mirror)
    } else {
        (&mirror, &direct)
    };
    let affordable = own.cost(p) < TERM_LIMIT as f64 / 2.0 || own.cost(p) <= other.cost(p);
    let value = if left == affordable {
        refine(p, |w| direct.derivative(By::First, w))
    } else {
        refine(p, |w| mirror.derivative(By::Second, w).neg())
    };
    value.meet(&never_positive).unwrap_or(value)
}
