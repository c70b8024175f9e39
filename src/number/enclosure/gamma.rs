//! log |Γ| and the polygamma functions.
//!
//! For x > 0: the argument is shifted up by the recurrence and Stirling's series is summed there.
//! The remainder of the series for log Γ is completely monotone up to sign (Alzer, *On some
//! inequalities for the gamma and psi functions*, Math. Comp. 66, 1997, theorem 8), so for log Γ
//! and each of its derivatives the error is at most the first omitted term, with its sign. For x < 0: reflection
//! (DLMF 5.5.3, 5.15.6). Between poles log |Γ| and ψ⁽ⁿ⁾ for odd n are convex and ψ⁽ⁿ⁾ for even n
//! increases, which gives the range over wide intervals from values at points.

use super::circular::sin_cos_pi;
use super::elementary::log;
use super::float::{self, Float};
use super::interval::{Interval, refine};
use crate::number::Rational;
use dashu_int::{IBig, UBig};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::sync::OnceLock;

const BERNOULLI_COUNTS: [usize; 3] = [64, 256, 1024];

/// B₂, B₄, …: at least `count` of them, as far as the largest table goes.
fn bernoulli(count: usize) -> &'static [Rational] {
    static TABLES: [OnceLock<Vec<Rational>>; 3] = [const { OnceLock::new() }; 3];
    let which = BERNOULLI_COUNTS
        .iter()
        .position(|&size| count <= size)
        .unwrap_or(BERNOULLI_COUNTS.len() - 1);
    TABLES[which].get_or_init(|| bernoulli_table(BERNOULLI_COUNTS[which]))
}

/// From tangent numbers (Brent and Harvey, *Fast computation of Bernoulli, tangent and secant
/// numbers*, 2011, section 6): B₂ₙ = (−1)ⁿ⁻¹ 2n Tₙ / (4ⁿ(4ⁿ − 1)).
fn bernoulli_table(count: usize) -> Vec<Rational> {
    let mut tangent = vec![UBig::ONE; count + 1];
    for k in 2..=count {
        tangent[k] = &tangent[k - 1] * UBig::from(k - 1);
    }
    for k in 2..=count {
        for j in k..=count {
            tangent[j] = &tangent[j - 1] * UBig::from(j - k) + &tangent[j] * UBig::from(j - k + 2);
        }
    }
    (1..=count)
        .map(|n| {
            let four = UBig::ONE << (2 * n);
            let numerator = IBig::from(&tangent[n] * UBig::from(2 * n));
            let signed = if n.is_multiple_of(2) {
                -numerator
            } else {
                numerator
            };
            Rational::from_parts(signed, &four * (&four - UBig::ONE))
        })
        .collect()
}

/// How far to shift an argument up before Stirling's series serves at `w` bits.
fn shift(x: &Interval, w: usize, order: usize) -> i64 {
    let target = (0.35 * w as f64 + 4.0 + order as f64) as i64;
    if x.lo > float::integer(target) {
        return 0;
    }
    target - float::approximate(&x.lo).floor() as i64
}

/// ±B₂ₖ·c(k) y^−(2k+s) summed until it no longer matters, with the first omitted term as error.
fn stirling_tail(
    y: &Interval,
    first_power: u64,
    w: usize,
    scale: isize,
    coefficient: impl Fn(u64) -> Rational,
) -> Interval {
    let table = bernoulli(w / 6 + 16);
    let inverse = y.reciprocal(w);
    let step = inverse.square(w);
    let mut power = inverse.power(first_power, w);
    let mut sum = Interval::zero();
    let mut last = Interval::zero();
    for (index, b) in table.iter().enumerate() {
        let c = Interval::rational(&(b.clone() * coefficient(index as u64 + 1)), w);
        last = c.mul(&power, w);
        let size = float::magnitude(&last.hi).max(float::magnitude(&last.lo));
        if size < scale - w as isize {
            break;
        }
        sum = sum.add(&last, w);
        power = power.mul(&step, w);
    }
    if table.len() > 1 {
        // Where the table ran out, `last` has been added; as an enclosure of the remainder of the
        // sum without it, it still bounds |remainder| by its own size.
        let error = last.abs().hi;
        sum = sum.add(&Interval::new(float::negate(&error), error), w);
    }
    sum
}

/// log(2π)/2 at `w` bits, kept for the next call that asks for as many.
fn half_log_two_pi(w: usize) -> Interval {
    thread_local! {
        static LAST: RefCell<(usize, Interval)> = RefCell::new((0, Interval::whole()));
    }
    LAST.with_borrow_mut(|last| {
        if last.0 != w {
            *last = (w, log(&Interval::pi(w).scale(1), w).scale(-1));
        }
        last.1.clone()
    })
}

/// log Γ(x) for a narrow x > 0, by interval arithmetic: to about `w` bits of the larger of its value
/// and 1, so not relatively near its zeros 1 and 2.
pub(super) fn lgamma_positive(x: &Interval, w: usize) -> Interval {
    let m = shift(x, w, 0);
    let y = x.add_integer(m, w + 32);
    let ln_y = log(&y, w);
    let half = Interval::point(float::power_of_two(-1));
    let main = y.sub(&half, w + 8).mul(&ln_y, w).sub(&y, w);
    let tail = stirling_tail(&y, 1, w, 0, |k| {
        Rational::from_parts(IBig::ONE, UBig::from(2 * k * (2 * k - 1)))
    });
    let stirling = main.add(&half_log_two_pi(w), w).add(&tail, w);
    if m == 0 {
        return stirling;
    }
    let mut product = x.clone();
    for k in 1..m {
        product = product.mul(&x.add_integer(k, w), w);
    }
    stirling.sub(&log(&product, w), w)
}

/// ψ⁽ⁿ⁾(x) for x > 0 (DLMF 5.11.2, 5.15.8 with the recurrence 5.15.5).
fn polygamma_positive(n: u8, x: &Interval, w: usize) -> Interval {
    let order = u64::from(n);
    let m = shift(x, w, n as usize);
    let y = x.add_integer(m, w + 32);
    let inverse = y.reciprocal(w);
    let mut sum = Interval::zero();
    for k in 0..m {
        let term = x.add_integer(k, w).power(order + 1, w).reciprocal(w);
        sum = sum.add(&term, w);
    }
    if n == 0 {
        let scale = float::magnitude(&y.hi).min(0);
        let tail = stirling_tail(&y, 2, w, scale, |k| {
            Rational::from_parts(IBig::ONE, UBig::from(2 * k))
        });
        let half = inverse.scale(-1);
        return log(&y, w).sub(&half, w).sub(&tail, w).sub(&sum, w);
    }
    // (−1)ⁿ⁺¹ψ⁽ⁿ⁾(y) = (n−1)!/yⁿ + n!/(2yⁿ⁺¹) + Σ B₂ₖ (2k+n−1)!/((2k)! y²ᵏ⁺ⁿ).
    let lower_factorial = factorial(order - 1);
    let full_factorial = &lower_factorial * UBig::from(order);
    let lower_factorial = Interval::point(float::integer(lower_factorial)).round(w);
    let full_factorial = Interval::point(float::integer(full_factorial)).round(w);
    let power = inverse.power(order, w);
    let lead = power.mul(&lower_factorial, w);
    let next = power.mul(&inverse, w).mul(&full_factorial, w).scale(-1);
    let tail = stirling_tail(&y, order + 2, w, float::magnitude(&lead.hi), |k| {
        let rising: UBig = (2 * k + 1..2 * k + order).map(UBig::from).product();
        Rational::from(IBig::from(rising))
    });
    let shifted = full_factorial.mul(&sum, w);
    let size = lead.add(&next, w).add(&tail, w).add(&shifted, w);
    if n.is_multiple_of(2) {
        size.neg()
    } else {
        size
    }
}

fn factorial(n: u64) -> UBig {
    (1..=n).map(UBig::from).product()
}

/// ψ(x) for a narrow x > 0, to about `w` bits of the larger of its value and 1.
pub(super) fn digamma_positive(x: &Interval, w: usize) -> Interval {
    polygamma_positive(0, x, w)
}

/// Values at points, by order (−1 for log |Γ|), point and precision. Parameters stay while z moves, so
/// that the same few are asked for again and again.
type Kept = FxHashMap<(i16, IBig, isize, usize), Interval>;

/// Values kept at most.
const MOST_KEPT: usize = 256;

thread_local! {
    static KEPT: RefCell<Kept> = RefCell::new(Kept::default());
}

/// A value at a point, kept.
fn kept(order: i16, x: &Float, p: usize, compute: impl FnOnce() -> Interval) -> Interval {
    let key = (order, x.significand().clone(), x.exponent(), p);
    if let Some(known) = KEPT.with_borrow(|kept| kept.get(&key).cloned()) {
        return known;
    }
    let value = compute();
    KEPT.with_borrow_mut(|kept| {
        if kept.len() >= MOST_KEPT {
            kept.clear();
        }
        kept.insert(key, value.clone());
    });
    value
}

/// log |Γ(x)| at a finite point that is not a pole.
fn lgamma_at(x: &Float, p: usize) -> Interval {
    kept(-1, x, p, || compute_lgamma(x, p))
}

fn compute_lgamma(x: &Float, p: usize) -> Interval {
    if *x == Float::one() || *x == float::integer(2) {
        return Interval::zero();
    }
    let point = Interval::point(x.clone());
    if !float::is_negative(x) {
        // Beside the poles and far out the value is large, and near 1 and 2 it is small.
        return refine(p, |w| lgamma_positive(&point, w));
    }
    refine(p, |w| {
        let sine = sin_cos_pi(x, w).0.abs();
        let reflected = Interval::one().sub(&point, w + 64);
        log(&Interval::pi(w).div(&sine, w), w).sub(&lgamma_positive(&reflected, w), w)
    })
}

/// The coefficients of Qₙ with dⁿ cot(t)/dtⁿ = (−1)ⁿ Qₙ(cot t): Q₀ = c, Qₙ₊₁ = (1 + c²)Qₙ′.
/// All are ≥ 0 and of one parity, so that evaluating Qₙ does not cancel.
fn cotangent_derivative(n: u8) -> Vec<UBig> {
    let mut q = vec![UBig::ZERO, UBig::ONE];
    for _ in 0..n {
        let mut next = vec![UBig::ZERO; q.len() + 1];
        for (power, coefficient) in q.iter().enumerate().skip(1) {
            let derivative = coefficient * UBig::from(power);
            next[power - 1] += &derivative;
            next[power + 1] += derivative;
        }
        q = next;
    }
    q
}

/// ψ⁽ⁿ⁾(x) at a finite point that is not a pole.
fn polygamma_at(n: u8, x: &Float, p: usize) -> Interval {
    kept(i16::from(n), x, p, || compute_polygamma(n, x, p))
}

fn compute_polygamma(n: u8, x: &Float, p: usize) -> Interval {
    let point = Interval::point(x.clone());
    if !float::is_negative(x) {
        return refine(p, |w| polygamma_positive(n, &point, w));
    }
    let q = cotangent_derivative(n);
    // ψ⁽ⁿ⁾(x) = (−1)ⁿ [ψ⁽ⁿ⁾(1 − x) − πⁿ⁺¹ Qₙ(cot πx)], from ψ(1 − x) − ψ(x) = π cot πx.
    refine(p, |w| {
        let (sine, cosine) = sin_cos_pi(x, w);
        let cotangent = cosine.div(&sine, w);
        let square = cotangent.square(w);
        let mut value = Interval::zero();
        for coefficient in q.iter().rev().step_by(2) {
            let c = Interval::point(float::integer(coefficient.clone())).round(w);
            value = value.mul(&square, w).add(&c, w);
        }
        // Qₙ has the parity of n + 1.
        if n.is_multiple_of(2) {
            value = value.mul(&cotangent, w);
        }
        let scaled = value.mul(&Interval::pi(w).power(u64::from(n) + 1, w), w);
        let reflected = Interval::one().sub(&point, w + 64);
        let rest = polygamma_positive(n, &reflected, w);
        let difference = rest.sub(&scaled, w);
        if n.is_multiple_of(2) {
            difference
        } else {
            difference.neg()
        }
    })
}

/// Whether a pole 0, −1, −2, … lies in the interval.
fn holds_pole(x: &Interval) -> bool {
    let top = x.hi.clone().min(Float::zero());
    float::floor(&top) >= x.lo
}

/// The range of a convex function over an interval without a pole, its derivative increasing.
fn convex(
    x: &Interval,
    p: usize,
    at: impl Fn(&Float, usize) -> Interval,
    slope: impl Fn(&Float, usize) -> Interval,
) -> Interval {
    let left = at(&x.lo, p);
    if x.is_point() {
        return left;
    }
    let right = at(&x.hi, p);
    let top = left.hi.clone().max(right.hi.clone());
    // The minimum is bracketed by the sign of the slope, then bounded by both tangents.
    let (mut a, mut b) = (x.clone().lo, x.clone().hi);
    if !float::is_negative(&slope(&a, 32).lo) {
        return Interval::new(left.lo, top);
    }
    if float::sign(&slope(&b, 32).hi) <= 0 {
        return Interval::new(right.lo, top);
    }
    for _ in 0..p.min(64) {
        let bracket = Interval::new(a.clone(), b.clone());
        let middle = bracket.midpoint(64);
        if middle == a || middle == b {
            break;
        }
        let s = slope(&middle, 32);
        if s.is_positive() {
            b = middle;
        } else if s.is_negative() {
            a = middle;
        } else {
            break;
        }
    }
    let width = Interval::new(a.clone(), b.clone()).width();
    let width = Interval::new(Float::zero(), width);
    let from_left = at(&a, p).add(&slope(&a, p).mul(&width, p), p).lo;
    let from_right = at(&b, p).sub(&slope(&b, p).mul(&width, p), p).lo;
    let bottom = from_left.max(from_right);
    Interval::new(bottom.min(top.clone()), top)
}

/// log |Γ| over an interval; none where a pole lies inside.
pub(super) fn lgamma(x: &Interval, p: usize) -> Option<Interval> {
    if holds_pole(x) {
        return None;
    }
    if x.hi.is_infinite() {
        // Increasing beyond 2, and at least −1/8 on the positive axis.
        let low = if x.lo.is_infinite() {
            x.lo.clone()
        } else if x.lo >= float::integer(2) {
            lgamma_at(&x.lo, p).lo
        } else {
            -float::power_of_two(-3)
        };
        return Some(Interval::new(low, Float::infinity()));
    }
    if let Some(width) = narrow(x) {
        // |ψ(x)| ≤ |log x| + 1/x.
        let m = float::magnitude(&x.lo);
        let log = Interval::point(float::integer(m.unsigned_abs() + 2));
        let slope = log.add(&power_above(&x.lo, 1, p), p);
        return Some(widened(&lgamma_at(&x.lo, p), &width, &slope, p));
    }
    Some(convex(x, p, lgamma_at, |x, p| polygamma_at(0, x, p)))
}

/// The width of an interval of positive numbers that is small against them.
fn narrow(x: &Interval) -> Option<Float> {
    if x.is_point() || !x.is_positive() || !x.is_bounded() {
        return None;
    }
    let width = x.width();
    (float::magnitude(&width) <= float::magnitude(&x.lo) - 8).then_some(width)
}

/// x⁻ⁿ, as a bound.
fn power_above(x: &Float, n: u64, p: usize) -> Interval {
    Interval::point(x.clone()).reciprocal(p).power(n, p)
}

/// A value at the lower end of an interval, carried along it by a bound on the size of the slope.
fn widened(value: &Interval, width: &Float, slope: &Interval, p: usize) -> Interval {
    let reach = Interval::point(width.clone()).mul(slope, p).hi;
    value.add(&Interval::new(float::negate(&reach), reach), p)
}

/// ψ⁽ⁿ⁾ over an interval; none where a pole lies inside.
pub(super) fn polygamma(n: u8, x: &Interval, p: usize) -> Option<Interval> {
    if holds_pole(x) {
        return None;
    }
    let at_infinity = || match n {
        0 => Interval::point(Float::infinity()),
        _ => Interval::zero(),
    };
    let at = |x: &Float| {
        if x.is_infinite() {
            at_infinity()
        } else {
            polygamma_at(n, x, p)
        }
    };
    if let Some(width) = narrow(x) {
        // |ψ⁽ᵐ⁾(x)| = m! Σ 1/(x + k)ᵐ⁺¹ ≤ m!/xᵐ⁺¹ + (m − 1)!/xᵐ, the sum after its first term
        // being below its integral.
        let m = u64::from(n) + 1;
        let term = |factor: UBig, power: u64| {
            let factor = Interval::point(float::integer(factor)).round(p);
            factor.mul(&power_above(&x.lo, power, p), p)
        };
        let slope = term(factorial(m - 1), m).add(&term(factorial(m), m + 1), p);
        return Some(widened(&at(&x.lo), &width, &slope, p));
    }
    if n.is_multiple_of(2) {
        return Some(x.increasing(at));
    }
    if !float::is_negative(&x.lo) {
        return Some(x.decreasing(at));
    }
    // n = 255 is the last order, and there the slope has no order of its own in a byte: the
    // function is bounded below by 0 and above by its values at the ends.
    let Some(above) = n.checked_add(1) else {
        let top = at(&x.lo).hull(&at(&x.hi)).hi;
        return Some(Interval::new(Float::zero(), top));
    };
    Some(convex(
        x,
        p,
        |x, p| polygamma_at(n, x, p),
        |x, p| polygamma_at(above, x, p),
    ))
}
