//! The incomplete gamma and beta functions: monotone in each argument, so enclosed at corners, each
//! corner by a series of positive terms with a geometric bound of its tail.
//!
//! The complement is 1 minus that: good to the last places absolutely, not relatively. Where the
//! series would be long nothing is said but the range [0, 1].

use super::elementary::{exp, log};
use super::special::lgamma;
use super::{Interval, Undefined, unless};

const INF: f64 = f64::INFINITY;

/// Longer series are not worth the time; the enclosures of any precision do better.
const STEPS: u32 = 3_000;

fn number(value: f64) -> Interval {
    Interval::new(value, value)
}

/// A parameter that must be positive and finite.
fn shape(a: &Interval) -> Interval {
    let outside = unless(a.lo <= 0.0 || a.hi == INF, a.hi <= 0.0 || a.lo == INF);
    let part = a.within(0.0, INF);
    part.but(outside)
}

/// The part of each argument in the domain; none if one is certainly outside.
fn quadrant(a: &Interval, x: &Interval) -> Option<(Interval, Interval)> {
    let (a, x) = (shape(a), x.within(0.0, INF));
    (a.definedness != Undefined && x.definedness != Undefined).then_some((a, x))
}

/// P(a, x), decreasing in a and increasing in x.
pub(super) fn gamma_p(a: &Interval, x: &Interval) -> Interval {
    let Some((a, x)) = quadrant(a, x) else {
        return Interval::undefined();
    };
    let (low, high) = (lower_gamma(a.hi, x.lo), lower_gamma(a.lo, x.hi));
    Interval::new(low.lo, high.hi)
        .but(a.definedness)
        .but(x.definedness)
}

/// Q(a, x) = 1 − P(a, x).
pub(super) fn gamma_q(a: &Interval, x: &Interval) -> Interval {
    let value = number(1.0) - gamma_p(a, x);
    Interval::new(value.lo.max(0.0), value.hi.min(1.0)).but(value.definedness)
}

/// ∂P(a, x)/∂a ≤ 0, since P decreases in a; not bounded below here.
pub(super) fn gamma_p_da(a: &Interval, x: &Interval) -> Interval {
    match quadrant(a, x) {
        Some((a, x)) => Interval::new(-INF, 0.0)
            .but(a.definedness)
            .but(x.definedness),
        None => Interval::undefined(),
    }
}

/// 1 + Σ Π ratios, where the k-th ratio is `ratio(k)`, decreasing from some k on and then bounded
/// by `ratio(k)` itself and `limit`: the tail after a term t is at most t·r/(1 − r), r the greater
/// of the two. None if the terms do not become small in time.
fn series(ratio: impl Fn(f64) -> Interval, limit: f64) -> Option<Interval> {
    let (mut term, mut sum) = (number(1.0), number(1.0));
    for k in 0..STEPS {
        let r = ratio(f64::from(k));
        term = term * r;
        sum = sum + term;
        let most = r.hi.max(limit);
        if most < 0.999 && term.hi <= 1e-18 * sum.lo * (1.0 - most) {
            let tail = term * number(most) / (number(1.0) - number(most));
            return Some(sum + Interval::new(0.0, tail.hi));
        }
    }
    None
}

/// P(a, x) = x^a e^(−x)/Γ(a+1)·Σ xᵏ/((a+1)…(a+k)) at a point (DLMF 8.11.4); the ratios x/(a+k)
/// decrease to 0.
fn lower_gamma(a: f64, x: f64) -> Interval {
    let range = Interval::new(0.0, 1.0);
    if x == 0.0 && a > 0.0 {
        return number(0.0);
    }
    if !(a > 0.0 && a < INF && x < INF) {
        return range;
    }
    let (a, x) = (number(a), number(x));
    let above = a + number(1.0);
    let Some(sum) = series(|k| x / (above + number(k)), 0.0) else {
        return range;
    };
    let front = exp(a * log(x) - x - lgamma(above));
    clip(front * sum)
}

fn clip(value: Interval) -> Interval {
    value
        .intersect(&Interval::new(0.0, 1.0))
        .unwrap_or(Interval::new(0.0, 1.0))
}

/// The part of each argument in the domain; none if one is certainly outside.
fn octant(a: &Interval, b: &Interval, x: &Interval) -> Option<[Interval; 3]> {
    let parts = [shape(a), shape(b), x.within(0.0, 1.0)];
    let inside = parts.iter().all(|part| part.definedness != Undefined);
    inside.then_some(parts)
}

/// I_x(a, b), decreasing in a, increasing in b and x.
pub(super) fn beta_inc(a: &Interval, b: &Interval, x: &Interval) -> Interval {
    let Some([a, b, x]) = octant(a, b, x) else {
        return Interval::undefined();
    };
    let low = lower_beta(a.hi, b.lo, x.lo);
    let high = lower_beta(a.lo, b.hi, x.hi);
    Interval::new(low.lo, high.hi)
        .but(a.definedness)
        .but(b.definedness)
        .but(x.definedness)
}

/// ∂I_x(a, b)/∂a ≤ 0, since I decreases in a; not bounded below here.
pub(super) fn beta_inc_da(a: &Interval, b: &Interval, x: &Interval) -> Interval {
    match octant(a, b, x) {
        Some([a, b, x]) => Interval::new(-INF, 0.0)
            .but(a.definedness)
            .but(b.definedness)
            .but(x.definedness),
        None => Interval::undefined(),
    }
}

/// I_x(a, b) at a point, by the series on the side of the bulk where it is short.
fn lower_beta(a: f64, b: f64, x: f64) -> Interval {
    let shapes = a > 0.0 && a < INF && b > 0.0 && b < INF;
    if !shapes {
        return Interval::new(0.0, 1.0);
    }
    if x == 0.0 || x == 1.0 {
        return number(x);
    }
    let (x, y) = (number(x), number(1.0) - number(x));
    let (a_, b_) = (number(a), number(b));
    if x.hi <= (a + 1.0) / (a + b + 2.0) {
        beta_series(a_, b_, x, y)
    } else {
        clip(number(1.0) - beta_series(b_, a_, y, x))
    }
}

/// x^a y^b/(a B(a, b))·Σ (a+b)ₖ xᵏ/(a+1)ₖ, y = 1 − x (DLMF 8.17.7–8); the ratios
/// x(a+b+k)/(a+1+k) tend monotonically to x.
fn beta_series(a: Interval, b: Interval, x: Interval, y: Interval) -> Interval {
    let one = number(1.0);
    let n = a + b;
    let ratio = |k: f64| x * (n + number(k)) / (a + one + number(k));
    let Some(sum) = series(ratio, x.hi) else {
        return Interval::new(0.0, 1.0);
    };
    let normalizer = lgamma(n) - lgamma(a + one) - lgamma(b);
    // One exponential of the sum: the powers alone would underflow for large shapes.
    let front = exp(normalizer + a * log(x) + b * log(y));
    clip(front * sum)
}
