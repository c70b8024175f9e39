//! The regularized incomplete gamma functions P(a, x), Q(a, x) and ∂P/∂a.
//!
//! Left of x = a: P = x^a e^(−x)/Γ(a+1) Σ xⁿ/((a+1)…(a+n)) (DLMF 8.7.1), positive terms whose
//! ratios fall, so a geometric series bounds the rest. Right of it: Q = x^(a−1) e^(−x)/Γ(a)
//! (1 + (a−1)/x + (a−1)(a−2)/x² + …), repeated integration by parts (DLMF 8.8.2); after N steps the
//! rest is (a−1)…(a−N) Γ(a−N, x), bounded in [`rest_factors`]. Where x is too small for that to
//! converge, Q = 1 − P.
//!
//! P rises in x and falls in a, which gives ranges from corners. ∂P/∂a has no such order and is
//! evaluated in interval arithmetic, the series differentiated term by term.

use super::elementary::{exp, log};
use super::float::{self, Float};
use super::gamma::{digamma_positive, lgamma_positive};
use super::interval::{Interval, refine};

/// No series is followed beyond this many terms; the answer is then wide, and sound.
const TERM_LIMIT: i64 = 60_000;

/// x^a e^(−x)/Γ(a+1) for narrow positive a and x.
fn front(a: &Interval, x: &Interval, w: usize) -> Interval {
    let size = float::magnitude(&a.hi)
        .max(float::magnitude(&x.hi))
        .clamp(0, 4096) as usize;
    let v = w + size + 24;
    let above = a.add_integer(1, v);
    let exponent = a
        .mul(&log(x, v), v)
        .sub(x, v)
        .sub(&lgamma_positive(&above, v), v);
    exp(&exponent, w)
}

/// P(a, x) by its power series, for narrow arguments, or as much of it as the limit allows.
fn lower_series(a: &Interval, x: &Interval, w: usize) -> Interval {
    let mut term = Interval::one();
    let mut sum = Interval::one();
    for n in 1..=TERM_LIMIT {
        let denominator = a.add_integer(n, w);
        term = term.mul(x, w).div(&denominator, w);
        sum = sum.add(&term, w);
        if float::magnitude(&term.hi) >= float::magnitude(&sum.lo) - w as isize - 2 {
            continue;
        }
        let ratio = x.div(&denominator.add_integer(1, 32), 32).hi;
        if is_falling(&ratio) {
            let rest = geometric_rest(&term.hi, &ratio);
            sum = sum.add(&Interval::new(Float::zero(), rest), w);
            return front(a, x, w).mul(&sum, w).within(0, 1);
        }
    }
    Interval::new(Float::zero(), Float::one())
}

/// Whether a ratio is far enough below 1 for a geometric bound to be of use.
fn is_falling(ratio: &Float) -> bool {
    *ratio < Float::one() - &float::power_of_two(-16)
}

/// term·r/(1 − r), rounded up, for 0 ≤ r < 1.
pub(super) fn geometric_rest(term: &Float, ratio: &Float) -> Float {
    let r = Interval::point(ratio.clone());
    let gap = Interval::one().sub(&r, 32);
    r.div(&gap, 32).mul(&Interval::point(term.clone()), 32).hi
}

/// G = Γ(b, x)/(x^(b−1)e^(−x)) and ∂G/∂b, for x > max(b − 1, 0).
///
/// G = ∫ x u^(b−1) e^(−x(u−1)) du over u > 1. With β = max(b − 1, 0), u^(b−1) ≤ e^(β(u−1)) and
/// log u ≤ u − 1, so 0 ≤ G ≤ x/(x − β) and 0 ≤ ∂G/∂b ≤ x/(x − β)².
fn rest_factors(b: &Interval, x: &Interval) -> Option<(Interval, Interval)> {
    let beta = b.add_integer(-1, 64).hi.max(Float::zero());
    let gap = x.sub(&Interval::point(beta), 64);
    if !gap.is_positive() {
        return None;
    }
    let g = x.div(&gap, 64);
    let slope = g.div(&gap, 64);
    Some((
        Interval::new(Float::zero(), g.hi),
        Interval::new(Float::zero(), slope.hi),
    ))
}

/// Whether the terms of Q's series grow from here on: |a − n| > x with a < n.
fn diverges(b: &Interval, x: &Interval) -> bool {
    b.neg().lo > x.hi
}

/// Q(a, x) by integration by parts; none where it does not converge to `w` bits.
fn upper_series(a: &Interval, x: &Interval, w: usize) -> Option<Interval> {
    let mut term = Interval::one();
    let mut sum = Interval::one();
    for n in 1..=TERM_LIMIT {
        // `term` is (a−1)…(a−n+1)/x^(n−1), already in the sum.
        let b = a.add_integer(-n, w);
        let next = term.mul(&b, w).div(x, w);
        let settled =
            float::magnitude(&next.abs().hi) < float::magnitude(&sum.abs().lo) - w as isize - 2;
        if settled || next.is_zero() {
            let (factor, _) = rest_factors(&b, x)?;
            let total = sum.add(&next.mul(&factor, w), w);
            // x^(a−1)e^(−x)/Γ(a) is the front of the other series times a/x.
            let lead = front(a, x, w).mul(a, w).div(x, w);
            return Some(lead.mul(&total, w).within(0, 1));
        }
        if diverges(&b, x) {
            return None;
        }
        term = next;
        sum = sum.add(&term, w);
    }
    None
}

/// Which of P and Q is summed.
fn is_left(a: &Float, x: &Float) -> bool {
    *x <= *a || *x < Float::one()
}

/// (P, Q) for positive narrow arguments at working precision w, the one wanted relatively.
fn both(a: &Interval, x: &Interval, w: usize, upper: bool) -> Interval {
    if is_left(&a.lo, &x.lo) {
        let p = lower_series(a, x, w);
        return if upper { Interval::one().sub(&p, w) } else { p };
    }
    let precision = if upper { w } else { w.min(tail_bits(a, x, w)) };
    if let Some(q) = upper_series(a, x, precision) {
        return if upper { q } else { Interval::one().sub(&q, w) };
    }
    if !upper {
        return lower_series(a, x, w);
    }
    let lost = (float::approximate(&x.hi) * std::f64::consts::LOG2_E) as usize + 16;
    let v = w + lost.min(4 * w + 4000);
    Interval::one().sub(&lower_series(a, x, v), v).within(0, 1)
}

/// How many bits of Q matter to P = 1 − Q: all but those below 2^−w, judged by e^(−x) x^a.
fn tail_bits(a: &Interval, x: &Interval, w: usize) -> usize {
    let (a, x) = (float::approximate(&a.hi), float::approximate(&x.lo));
    if !(a.is_finite() && x.is_finite()) || x <= 2.0 * a + 2.0 {
        return w;
    }
    let bits = (x - a * (x / a.max(1e-300)).ln().max(0.0) - a) * std::f64::consts::LOG2_E;
    let spare = if bits.is_finite() {
        bits.max(0.0) as usize
    } else {
        0
    };
    w.saturating_sub(spare).max(32) + 8
}

fn at(a: &Float, x: &Float, p: usize, upper: bool) -> Interval {
    let certain = |is_one: bool| Interval::integer(i64::from(is_one));
    if float::sign(x) <= 0 || a.is_infinite() {
        return certain(upper);
    }
    if float::sign(a) <= 0 || x.is_infinite() {
        // The limit a → 0 puts all mass at 0.
        return certain(!upper);
    }
    let unit = Interval::new(Float::zero(), Float::one());
    let bound = float::power_of_two(LARGEST);
    match (*a > bound, *x > bound) {
        (true, true) => return unit,
        // By monotonicity from the largest a, or the largest x, that is summed.
        (true, false) => {
            let at_bound = at(&bound, x, p, upper);
            return if upper {
                Interval {
                    lo: at_bound.lo,
                    hi: unit.hi,
                }
            } else {
                Interval {
                    lo: unit.lo,
                    hi: at_bound.hi,
                }
            };
        }
        (false, true) => {
            let at_bound = at(a, &bound, p, upper);
            return if upper {
                Interval {
                    lo: unit.lo,
                    hi: at_bound.hi,
                }
            } else {
                Interval {
                    lo: at_bound.lo,
                    hi: unit.hi,
                }
            };
        }
        (false, false) => {}
    }
    if !is_affordable(a, x, p) {
        return unit;
    }
    let (a, x) = (Interval::point(a.clone()), Interval::point(x.clone()));
    refine(p, |w| both(&a, &x, w, upper)).within(0, 1)
}

/// Larger a and x than 2 to this are not summed: the precision needed grows with it.
const LARGEST: isize = 64;

/// Whether a series can be expected to end within the limit: its terms fall by a/x or x/a, and at
/// least like a Gaussian of variance max(a, x).
fn is_affordable(a: &Float, x: &Float, w: usize) -> bool {
    let (a, x) = (float::approximate(a), float::approximate(x));
    let bits = w as f64 * std::f64::consts::LN_2;
    let (least, most) = (a.min(x), a.max(x));
    let terms = (2.0 * bits * most).sqrt().min(bits / (most / least).ln());
    terms.is_nan() || terms < 2.0 * TERM_LIMIT as f64
}

/// P over a box of a ≥ 0, x ≥ 0.
pub(super) fn gamma_p(a: &Interval, x: &Interval, p: usize) -> Interval {
    if a.is_point() && x.is_point() {
        return at(&a.lo, &x.lo, p, false);
    }
    Interval {
        lo: at(&a.hi, &x.lo, p, false).lo,
        hi: at(&a.lo, &x.hi, p, false).hi,
    }
}

/// Q over a box of a ≥ 0, x ≥ 0.
pub(super) fn gamma_q(a: &Interval, x: &Interval, p: usize) -> Interval {
    if a.is_point() && x.is_point() {
        return at(&a.lo, &x.lo, p, true);
    }
    Interval {
        lo: at(&a.lo, &x.hi, p, true).lo,
        hi: at(&a.hi, &x.lo, p, true).hi,
    }
}

/// ∂P/∂a by the differentiated power series, Σ tₙ(log x − ψ(a + n + 1)).
fn derivative_left(a: &Interval, x: &Interval, w: usize) -> Interval {
    let above = a.add_integer(1, w + 32);
    let mut slope = log(x, w).sub(&digamma_positive(&above, w), w);
    let mut term = Interval::one();
    let mut sum = slope.clone();
    for n in 1..=TERM_LIMIT {
        let denominator = a.add_integer(n, w);
        term = term.mul(x, w).div(&denominator, w);
        // The term n carries log x − ψ(a + n + 1) = slope − Σ 1/(a + k), k = 1 … n.
        slope = slope.sub(&denominator.reciprocal(w), w);
        let next = term.mul(&slope, w);
        sum = sum.add(&next, w);
        // A slope may vanish on the way, so the term alone must be small as well.
        let size = float::magnitude(&next.abs().hi).max(float::magnitude(&term.hi));
        if size >= float::magnitude(&sum.abs().hi) - w as isize - 2 {
            continue;
        }
        let ratio = x.div(&denominator.add_integer(1, 32), 32).hi;
        if is_falling(&ratio) {
            let rest = slope_rest(&term.hi, &slope, &ratio, &denominator);
            sum = sum.add(&rest, w);
            return front(a, x, w).mul(&sum, w);
        }
    }
    Interval::whole()
}

/// Σ over k ≥ 1 of t rᵏ (|s| + k/d) = t (|s| r/(1−r) + r/(d (1−r)²)), as an interval about 0: the
/// rest of a series whose terms fall by r and whose slopes s move by at most 1/d a step.
pub(super) fn slope_rest(
    term: &Float,
    slope: &Interval,
    ratio: &Float,
    step: &Interval,
) -> Interval {
    let r = Interval::point(ratio.clone());
    let gap = Interval::one().sub(&r, 32);
    let first = slope.abs().mul(&r, 32).div(&gap, 32);
    let second = r.div(&gap.square(32), 32).div(step, 32);
    let bound = first
        .add(&second, 32)
        .mul(&Interval::point(term.clone()), 32)
        .hi;
    Interval::new(float::negate(&bound), bound)
}

/// ∂P/∂a = −∂Q/∂a by the differentiated series of Q; none where it does not converge.
///
/// Q = front·S with S = Σ cₙ, cₙ = (a−1)…(a−n)/xⁿ, so ∂Q/∂a = front·[S(log x − ψ(a)) + S′]; the rest
/// of S is c_N G and that of S′ is c_N′ G + c_N ∂G/∂b.
fn derivative_right(a: &Interval, x: &Interval, w: usize) -> Option<Interval> {
    let mut term = Interval::one();
    let mut term_slope = Interval::zero();
    let mut sum = Interval::one();
    let mut sum_slope = Interval::zero();
    for n in 1..=TERM_LIMIT {
        let b = a.add_integer(-n, w);
        // d(t·b/x) = (t′·b + t)/x.
        let next_slope = term_slope.mul(&b, w).add(&term, w).div(x, w);
        let next = term.mul(&b, w).div(x, w);
        let size = float::magnitude(&next.abs().hi).max(float::magnitude(&next_slope.abs().hi));
        let least = float::magnitude(&sum.abs().lo);
        if size < least - w as isize - 2 {
            let (g, g_slope) = rest_factors(&b, x)?;
            let rest = next.mul(&g, w);
            let rest_slope = next_slope.mul(&g, w).add(&next.mul(&g_slope, w), w);
            let s = sum.add(&rest, w);
            let s_slope = sum_slope.add(&rest_slope, w);
            let lead = front(a, x, w).mul(a, w).div(x, w);
            let psi = digamma_positive(a, w);
            let inner = s.mul(&log(x, w).sub(&psi, w), w).add(&s_slope, w);
            return Some(lead.mul(&inner, w).neg());
        }
        if diverges(&b, x) {
            return None;
        }
        term = next;
        term_slope = next_slope;
        sum = sum.add(&term, w);
        sum_slope = sum_slope.add(&term_slope, w);
    }
    None
}

/// ∂P/∂a over a box of a > 0, x ≥ 0, both bounded: at most 0.
pub(super) fn gamma_p_da(a: &Interval, x: &Interval, p: usize) -> Interval {
    let never_positive = Interval::new(Float::neg_infinity(), Float::zero());
    let clip = |value: Interval| value.meet(&never_positive).unwrap_or(value);
    if x.is_zero() || (x.is_point() && x.lo.is_infinite()) {
        return Interval::zero();
    }
    if !a.is_positive() || !x.is_positive() || !a.is_bounded() || !x.is_bounded() {
        return never_positive;
    }
    let bound = float::power_of_two(LARGEST);
    if a.hi > bound || x.hi > bound || !is_affordable(&a.hi, &x.lo, p) {
        return never_positive;
    }
    let value = refine(p, |w| {
        let right = !is_left(&a.hi, &x.lo);
        right
            .then(|| derivative_right(a, x, w))
            .flatten()
            .unwrap_or_else(|| derivative_left(a, x, w))
    });
    clip(value)
}
