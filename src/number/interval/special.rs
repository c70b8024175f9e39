//! Special functions of one argument, each from something with a proved or stated bound.

use super::elementary::{at_ends, log, log1p, sqrt};
use super::{Defined, Interval, MARGIN, Undefined, down, unless, up};
use crate::number::{Number, Unary, special};
use std::f64::consts::PI;

const INF: f64 = f64::INFINITY;

fn number(value: f64) -> Interval {
    Interval::new(value, value)
}

fn pi() -> Interval {
    Interval::new(PI, PI.next_up())
}

/// Φ(x) = erfc(−x/√2)/2, with the quotient enclosed: the width in the tail is that of the quotient
/// magnified, about x² units in the last place.
pub(super) fn normal_cdf(x: Interval) -> Interval {
    at_ends(x, |x| {
        let t = -number(x) / sqrt(number(2.0));
        let twice = t.decreasing(pxfm::f_erfc, MARGIN, 0.0, 2.0);
        let value = twice * number(0.5);
        Interval::new(value.lo.max(0.0), value.hi.min(1.0))
    })
}

/// log Φ(x) at a point. For x ≥ 0 from Φ(−x); below −30 between neighbouring partial sums of the
/// asymptotic series of Mills' ratio, which alternate around it:
/// Φ(−t) = φ(t)/t·(1 − 1/t² + 3/t⁴ − 15/t⁶ + …).
pub(super) fn normal_log_cdf(x: f64) -> Interval {
    let value = if x >= 0.0 {
        log1p(-normal_cdf(number(-x)))
    } else if x > -30.0 {
        log(normal_cdf(number(x)))
    } else if x == -INF {
        return Interval::point(-INF);
    } else {
        let t = number(-x);
        let w = number(1.0) / (t * t);
        let fewer = -w * (number(1.0) - number(3.0) * w);
        let more = -w * (number(1.0) - number(3.0) * w * (number(1.0) - number(5.0) * w));
        let series = log1p(fewer.range_hull(&more));
        -(t * t) * number(0.5) - log(t) - log(number(2.0) * pi()) * number(0.5) + series
    };
    Interval::new(value.lo, value.hi.min(0.0))
}

/// The inverse of an increasing function at a point: the binary64 value, moved outward until
/// `forward` shows that it has been passed. `above(y)` and `below(y)` say that f(y) is certainly
/// at least, or at most, the point.
fn inverse(guess: f64, above: impl Fn(f64) -> bool, below: impl Fn(f64) -> bool) -> Interval {
    if guess.is_nan() {
        return Interval::WHOLE;
    }
    let search = |holds: &dyn Fn(f64) -> bool, side: f64| {
        let mut step = 2.0 * f64::EPSILON * guess.abs() + f64::MIN_POSITIVE;
        for _ in 0..60 {
            let candidate = guess + side * step;
            if holds(candidate) {
                return candidate;
            }
            step *= 2.0;
        }
        side * INF
    };
    Interval::new(search(&below, -1.0), search(&above, 1.0))
}

/// Φ⁻¹ on [0, 1].
pub(super) fn normal_icdf(p: Interval) -> Interval {
    let cdf = |t: f64| normal_cdf(number(t));
    let at = |p: f64| {
        if p == 0.0 || p == 1.0 {
            return Interval::point(if p == 0.0 { -INF } else { INF });
        }
        if p == 0.5 {
            return number(0.0);
        }
        let guess = special::normal_icdf(p);
        if p <= 0.5 {
            inverse(guess, |t| cdf(t).lo >= p, |t| cdf(t).hi <= p)
        } else {
            // By the upper tail, 1 − p, which is exact and does not saturate.
            let q = 1.0 - p;
            inverse(guess, |t| cdf(-t).hi <= q, |t| cdf(-t).lo >= q)
        }
    };
    if p.definedness == Undefined {
        p
    } else {
        at_ends(p, at)
    }
}

/// erf⁻¹ on [−1, 1].
pub(super) fn erfinv(y: Interval) -> Interval {
    let tail = |t: f64| number(t).decreasing(pxfm::f_erfc, MARGIN, 0.0, 2.0);
    let bulk = |t: f64| number(t).increasing(pxfm::f_erf, MARGIN, -1.0, 1.0);
    let positive = |y: f64| {
        let guess = special::erfinv(y);
        if y == 0.0 {
            number(0.0)
        } else if y == 1.0 {
            Interval::point(INF)
        } else if y < 0.5 {
            inverse(guess, |t| bulk(t).lo >= y, |t| bulk(t).hi <= y)
        } else {
            let q = 1.0 - y;
            inverse(guess, |t| tail(t).hi <= q, |t| tail(t).lo >= q)
        }
    };
    let at = |y: f64| if y < 0.0 { -positive(-y) } else { positive(y) };
    if y.definedness == Undefined {
        y
    } else {
        at_ends(y, at)
    }
}

/// Where x meets the poles 0, −1, −2, … (and −∞, where there is no value either).
fn poles(x: Interval) -> super::Definedness {
    let meets = x.lo <= 0.0 && (x.hi.min(0.0).floor() >= x.lo || x.lo == -INF);
    unless(meets, meets && x.is_point())
}

/// The one minimum of log Γ on the positive axis, 1.46163214496836234126…, from both sides; its
/// value is −0.1214862905358496080955….
const LEAST_AT: (f64, f64) = (1.461_632_144_968_362_2, 1.461_632_144_968_362_6);
const LEAST: f64 = -0.121_486_290_535_849_62;

/// log |Γ(x)|.
pub(super) fn lgamma(x: Interval) -> Interval {
    let at = |v: f64| {
        let value = pxfm::f_lgamma(v);
        Interval::new(down(value, MARGIN), up(value, MARGIN))
    };
    if x.lo > 0.0 || (x.lo == 0.0 && x.hi > 0.0) {
        let ends = at(x.lo).range_hull(&at(x.hi));
        let turns = x.lo <= LEAST_AT.1 && x.hi >= LEAST_AT.0;
        let range = Interval::new(if turns { LEAST } else { ends.lo }, ends.hi);
        return range.but(poles(x));
    }
    let definedness = poles(x);
    if definedness == Defined && x.is_point() {
        return at(x.lo);
    }
    Interval::WHOLE.but(definedness)
}

/// B₂ₖ/(2k)! as quotients of whole numbers, k = 1 … 8.
const BERNOULLI: [(f64, f64); 8] = [
    (1.0, 12.0),
    (-1.0, 720.0),
    (1.0, 30_240.0),
    (-1.0, 1_209_600.0),
    (1.0, 47_900_160.0),
    (-691.0, 1_307_674_368_000.0),
    (1.0, 74_724_249_600.0),
    (-3_617.0, 10_670_622_842_880_000.0),
];

/// ψ⁽ⁿ⁾(x): monotone on the positive axis. On the negative one ψ by reflection; for n ≥ 1 nothing
/// is said but whether there may be a pole.
pub(super) fn polygamma(n: u8, x: Interval) -> Interval {
    if x.lo > 0.0 {
        let increasing = n.is_multiple_of(2);
        let at = |v: f64| if n == 0 { digamma(v) } else { higher(n, v) };
        let (low, high) = if increasing {
            (x.lo, x.hi)
        } else {
            (x.hi, x.lo)
        };
        return Interval::new(at(low).lo, at(high).hi);
    }
    let definedness = poles(x);
    if n == 0 && definedness == Defined && x.lo.is_finite() {
        // ψ(x) = ψ(1−x) − π/tan(πx).
        let positive = number(1.0) - x;
        let tangent = Interval::unary(Unary::Tan, &(pi() * x), &());
        let value = polygamma(0, positive) - pi() / tangent;
        return Interval::new(value.lo, value.hi);
    }
    Interval::WHOLE.but(definedness)
}

/// ψ(x) at x > 0: ψ(x) = ψ(x+m) − Σ 1/(x+k), then log x − 1/2x − Σ B₂ₖ/(2k x^2k), of which the
/// error is less than the first term left out and of its sign (DLMF 5.11(ii)).
fn digamma(x: f64) -> Interval {
    if x == INF {
        return Interval::point(INF);
    }
    let one = number(1.0);
    let (mut at, mut sum) = (number(x), number(0.0));
    while at.lo < 12.0 {
        sum = sum + one / at;
        at = at + one;
    }
    let w = one / (at * at);
    let mut series = number(0.0);
    let mut factorial = 1.0; // (2k−1)!, exact up to 15!
    let mut power = w;
    for (k, (top, below)) in (1i32..).zip(BERNOULLI) {
        if k > 1 {
            factorial *= f64::from((2 * k - 2) * (2 * k - 1));
        }
        let term = number(top * factorial) / number(below) * power;
        series = if k == 8 {
            series + number(0.0).range_hull(&term)
        } else {
            series + term
        };
        power = power * w;
    }
    log(at) - one / (number(2.0) * at) - series - sum
}

/// ψ⁽ⁿ⁾(x), n ≥ 1, x > 0: (−1)^(n+1) n! Σ (x+k)^(−s), s = n + 1, by the Euler–Maclaurin formula,
/// of which the error is again bounded by the first term left out (the summand is completely
/// monotone).
fn higher(n: u8, x: f64) -> Interval {
    let odd = n % 2 == 1;
    if x == INF {
        let zero = if odd {
            (0.0, f64::MIN_POSITIVE)
        } else {
            (-f64::MIN_POSITIVE, 0.0)
        };
        return Interval::new(zero.0, zero.1);
    }
    let one = number(1.0);
    let s = number(f64::from(n) + 1.0);
    // Each term is n!(x+k)^(−s), kept in range for large n by dividing as it multiplies.
    let term = |at: Interval| (1..=n).fold(one / at, |term, j| term * (number(f64::from(j)) / at));
    let (mut at, mut sum) = (number(x), number(0.0));
    while at.lo < f64::from(n) + 12.0 {
        sum = sum + term(at);
        at = at + one;
    }
    let mut tail = at / (s - one) + number(0.5);
    let mut rising = s / at;
    for (k, (top, below)) in (1i32..).zip(BERNOULLI) {
        let next = number(top) / number(below) * rising;
        tail = if k == 8 {
            tail + number(0.0).range_hull(&next)
        } else {
            tail + next
        };
        let shift = number(f64::from(2 * k));
        rising = rising * (s + shift - one) * (s + shift) / (at * at);
    }
    let value = sum + term(at) * tail;
    let value = Interval::new(value.lo.max(0.0), value.hi);
    if odd { value } else { -value }
}

/// log I₀(x) at x ≥ 0. From 700 on by I₀(x) = eˣ/√(2πx)·(1 + 1/8x + r), |r| ≤ 0.15/x²
/// (DLMF 10.40.10–12 with two terms: 2·9/128·e^(1/4x), and e^(−2x), are below 0.15).
pub(super) fn log_bessel_i0(x: f64) -> Interval {
    let one = number(1.0);
    if x == INF {
        return Interval::point(INF);
    }
    let t = number(x);
    if x >= 700.0 {
        let w = one / t;
        let rest = Interval::new(-0.15, 0.15) * w * w;
        return t - log(number(2.0) * pi() * t) * number(0.5) + log1p(w / number(8.0) + rest);
    }
    // 1 + x²/4 ≤ I₀(x) ≤ exp(x²/4), term by term, keeps it sharp near 0.
    let square = t * t * number(0.25);
    let value = log(t.increasing(pxfm::f_i0, MARGIN, 1.0, INF));
    Interval::new(value.lo.max(log1p(square).lo), value.hi.min(square.hi))
}

/// I₁(x)/I₀(x): Gauss's continued fraction 1/(2/x + 1/(4/x + …)) with the tail in [0, 1] where it
/// is short, Amos's bounds x/(1/2 + √(x² + 9/4)) ≤ r ≤ x/(1/2 + √(x² + 1/4)) where it is not
/// (Amos 1974, Computation of modified Bessel functions and their ratios, eqs. 9 and 11).
pub(super) fn bessel_ratio(x: f64) -> Interval {
    if x < 0.0 {
        return -bessel_ratio(-x);
    }
    if x == 0.0 {
        return number(0.0);
    }
    let (one, t) = (number(1.0), number(x));
    let value = if x == INF {
        one
    } else if x > 100.0 {
        let bound = |c: f64| one / (number(0.5) / t + sqrt(one + number(c) / t / t));
        bound(2.25).range_hull(&bound(0.25))
    } else {
        let steps = 40 + x as i32;
        (1..=steps).rev().fold(Interval::new(0.0, 1.0), |tail, k| {
            one / (number(2.0 * f64::from(k)) / t + tail)
        })
    };
    Interval::new(value.lo.max(0.0), value.hi.min(1.0))
}
