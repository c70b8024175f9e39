//! The incomplete gamma functions and the polygamma functions.

use super::{Field, continued_fraction};
use crate::number::Dual;
use std::f64::consts::TAU;

/// Shapes from here on use Temme's uniform expansion: its terms in 1/a are then tiny, and the
/// series, which need about 9√a terms, would be long.
const LARGE_SHAPE: f64 = 1e4;

/// Series and continued fractions need fewer steps than this for shapes below [`LARGE_SHAPE`].
const STEPS: u32 = 20_000;

/// P(a, x), a > 0, x ≥ 0: relative error below 1e-14 where P > 1e-30, growing with |log P| to
/// about 2e-13 in the far tail.
pub fn gamma_p(a: f64, x: f64) -> f64 {
    match region(a, x) {
        Region::Outside => f64::NAN,
        Region::Constant(p, _) => p,
        Region::Uniform => temme(a, x).0,
        Region::Series => bulk(a, x) * series(a, x),
        Region::Fraction => 1.0 - upper(a, x),
    }
}

/// Q(a, x) = 1 − P(a, x), a > 0, x ≥ 0, with the relative accuracy of [`gamma_p`].
pub fn gamma_q(a: f64, x: f64) -> f64 {
    match region(a, x) {
        Region::Outside => f64::NAN,
        Region::Constant(_, q) => q,
        Region::Uniform => temme(a, x).1,
        Region::Series if a < 1.0 => upper_small_shape(a, x),
        Region::Series => 1.0 - bulk(a, x) * series(a, x),
        Region::Fraction => upper(a, x),
    }
}

/// ∂P(a, x)/∂a, a > 0, x ≥ 0: the series or continued fraction of P or Q differentiated term by
/// term. Relative error below 1e-12 in the bulk.
pub fn gamma_p_da(a: f64, x: f64) -> f64 {
    match region(a, x) {
        Region::Outside => f64::NAN,
        Region::Constant(..) => 0.0,
        Region::Uniform => temme(a, x).2,
        Region::Series => {
            let s = series(Dual::variable(a), x);
            let score = pxfm::f_log(x) - digamma(a + 1.0);
            bulk(a, x) * (s.value * score + s.derivative)
        }
        Region::Fraction => {
            let f = fraction(Dual::variable(a), x);
            let score = pxfm::f_log(x) - digamma(a);
            -bulk(a, x) * a * (f.value * score + f.derivative)
        }
    }
}

/// x^(a−1) e^(−x)/Γ(a), the density of the gamma law; a > 0, x ≥ 0.
pub fn gamma_density(a: f64, x: f64) -> f64 {
    if a.is_nan() || a <= 0.0 || x.is_nan() || x < 0.0 {
        f64::NAN
    } else if x > 0.0 {
        bulk(a, x) * a / x
    } else if a > 1.0 {
        0.0
    } else if a == 1.0 {
        1.0
    } else {
        f64::INFINITY
    }
}

enum Region {
    Outside,
    /// (P, Q) is this, to the last place, and flat in a.
    Constant(f64, f64),
    Uniform,
    Series,
    Fraction,
}

fn region(a: f64, x: f64) -> Region {
    if a.is_nan() || a <= 0.0 || a == f64::INFINITY || x.is_nan() || x < 0.0 {
        Region::Outside
    } else if x == 0.0 {
        Region::Constant(0.0, 1.0)
    } else if x == f64::INFINITY {
        Region::Constant(1.0, 0.0)
    } else if a >= LARGE_SHAPE {
        Region::Uniform
    } else if x < a + 1.0 {
        Region::Series
    } else {
        Region::Fraction
    }
}

/// D = x^a e^(−x)/Γ(a+1), the common factor of everything below.
///
/// For small shapes a product of correctly rounded functions (half powers squared, against
/// overflow); for larger ones D = e^(−aφ)/(√(2πa) Γ*(a)) with φ = μ − log(1+μ), μ = x/a − 1,
/// which does not cancel. Temme 1994, A set of algorithms for the incomplete gamma functions, §4.
fn bulk(a: f64, x: f64) -> f64 {
    if a <= 100.0 {
        if x > 2_000.0 {
            return 0.0;
        }
        let half = pxfm::f_pow(x, 0.5 * a) * pxfm::f_exp(-0.5 * x);
        return half * (half / pxfm::f_tgamma(1.0 + a));
    }
    pxfm::f_exp(a * log_excess(x, a)) / ((TAU * a).sqrt() * gamma_star(a))
}

/// log(x/a) − (x/a − 1) ≤ 0.
fn log_excess(x: f64, a: f64) -> f64 {
    if x > 0.5 * a {
        pxfm::f_log1pmx((x - a) / a)
    } else {
        pxfm::f_log(x / a) - (x - a) / a
    }
}

/// Γ*(a) = Γ(a) e^a a^(−a) √(a/2π), the factor by which Stirling's formula is off.
pub(super) fn gamma_star(a: f64) -> f64 {
    if a < 10.0 {
        let power = pxfm::f_pow(a, -a) * pxfm::f_exp(a);
        return pxfm::f_tgamma(a) * power * (a / TAU).sqrt();
    }
    // B₂ₖ/(2k(2k−1)a^(2k−1)); DLMF 5.11.1.
    const STIRLING: [f64; 8] = [
        1.0 / 12.0,
        -1.0 / 360.0,
        1.0 / 1260.0,
        -1.0 / 1680.0,
        1.0 / 1188.0,
        -691.0 / 360_360.0,
        1.0 / 156.0,
        -3617.0 / 122_400.0,
    ];
    pxfm::f_exp(horner(&STIRLING, 1.0 / (a * a)) / a)
}

fn horner(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c)
}

/// P/D = Σ xᵏ/((a+1)…(a+k)); DLMF 8.11.4.
fn series<T: Field>(a: T, x: f64) -> T {
    let (mut term, mut sum) = (T::from(1.0), T::from(1.0));
    for k in 1..STEPS {
        term = term * (T::from(x) / (a + T::from(f64::from(k))));
        sum = sum + term;
        if term.is_negligible(sum) {
            break;
        }
    }
    sum
}

/// Q/(aD) as Legendre's continued fraction; DLMF 8.9.2.
fn fraction<T: Field>(a: T, x: f64) -> T {
    let b0 = T::from(x + 1.0) - a;
    let value = continued_fraction(b0, STEPS, |k| {
        let k_ = T::from(k);
        (k_ * (a - k_), b0 + T::from(2.0 * k))
    });
    value.unwrap_or(T::from(f64::NAN))
}

fn upper(a: f64, x: f64) -> f64 {
    bulk(a, x) * a * fraction(a, x)
}

/// Q for a < 1 and x < 2, where 1 − P would cancel for small a:
/// Q = (1 − x^a/Γ(1+a)) − x^a/Γ(a) Σ (−x)ᵏ/(k!(a+k)), k ≥ 1; DLMF 8.7.1.
fn upper_small_shape(a: f64, x: f64) -> f64 {
    let exponent = a * pxfm::f_log(x) - lgamma1p(a);
    let (mut power, mut sum) = (1.0, 0.0);
    for k in 1..60 {
        let k = f64::from(k);
        power *= -x / k;
        sum += power / (a + k);
    }
    -pxfm::f_expm1(exponent) - a * pxfm::f_exp(exponent) * sum
}

/// log Γ(1 + a), keeping what is lost when 1 + a is rounded.
fn lgamma1p(a: f64) -> f64 {
    let s = 1.0 + a;
    let rest = a - (s - 1.0);
    pxfm::f_lgamma(s) + digamma(s) * rest
}

/// C₀ … C₃ of Temme's expansion as power series in η, from the recursion
/// Cₖ = (C′ₖ₋₁ − C′ₖ₋₁(0)·η/μ)/η, C₀ = 1/μ − 1/η, in exact rationals.
const TEMME: [&[f64]; 4] = [
    &[
        -0.3333333333333333,
        0.08333333333333333,
        -0.014814814814814815,
        0.0011574074074074073,
        0.0003527336860670194,
        -0.0001787551440329218,
        3.919263178522438e-05,
        -2.185448510679992e-06,
        -1.85406221071516e-06,
        8.296711340953087e-07,
        -1.7665952736826078e-07,
        6.707853543401498e-09,
        1.0261809784240309e-08,
        -4.382036018453353e-09,
        9.14769958223679e-10,
        -2.5514193994946248e-11,
        -5.830772132550426e-11,
    ],
    &[
        -0.001851851851851852,
        -0.003472222222222222,
        0.0026455026455026454,
        -0.0009902263374485596,
        0.00020576131687242798,
        -4.018775720164609e-07,
        -1.8098550334489977e-05,
        7.64916091608111e-06,
        -1.6120900894563446e-06,
    ],
    &[
        0.004133597883597883,
        -0.0026813271604938273,
        0.0007716049382716049,
        2.0093878600823047e-06,
        -0.0001073665322636516,
    ],
    &[
        0.0006494341563786008,
        0.00022947209362139917,
        -0.0004691894943952557,
    ],
];

/// (P, Q, ∂P/∂a) for large a: Q = erfc(η√(a/2))/2 + R, R = e^(−aη²/2)/√(2πa)·Σ Cₖ(η)a^(−k),
/// with η²/2 = μ − log(1+μ), μ = x/a − 1, η of the sign of μ. Temme 1979, The asymptotic
/// expansion of the incomplete gamma functions; DLMF 8.12.
fn temme(a: f64, x: f64) -> (f64, f64, f64) {
    let mu = (x - a) / a;
    let half_square = -log_excess(x, a);
    let exponent = a * half_square;
    if exponent > 760.0 {
        return if x < a {
            (0.0, 1.0, 0.0)
        } else {
            (1.0, 0.0, 0.0)
        };
    }
    let eta = (2.0 * half_square).sqrt().copysign(mu);
    let (mut sum, mut slope_eta, mut slope_a, mut scale) = (0.0, 0.0, 0.0, 1.0);
    for (k, coefficients) in (0i32..).zip(TEMME) {
        let c = horner_dual(coefficients, eta);
        sum += c.value * scale;
        slope_eta += c.derivative * scale;
        slope_a -= f64::from(k) * c.value * scale / a;
        scale /= a;
    }
    let z = exponent.sqrt().copysign(mu);
    let front = pxfm::f_exp(-exponent) / (TAU * a).sqrt();
    let p = 0.5 * pxfm::f_erfc(-z) - front * sum;
    let q = 0.5 * pxfm::f_erfc(z) + front * sum;
    // With x fixed, dη/da = −μ/(aη) (→ −1/a at the centre) and d(aη²/2)/da = η²/2 − μ.
    let eta_da = if eta == 0.0 { -1.0 } else { -mu / eta } / a;
    let first = front * (0.5 * eta + a * eta_da);
    let rest = front * (sum * (mu - half_square - 0.5 / a) + slope_eta * eta_da + slope_a);
    (p, q, first - rest)
}

fn horner_dual(coefficients: &[f64], x: f64) -> Dual {
    let x = Dual::variable(x);
    coefficients
        .iter()
        .rev()
        .fold(Dual::constant(0.0), |sum, &c| sum * x + Dual::from(c))
}

/// ψ⁽ⁿ⁾(x), x not a pole: relative error below 5e-15, away from the zeros that it has for x < 0.
///
/// For n ≥ 2, (−1)^(n+1) n! ζ(n+1, x); for x < 0 with the sum over all integers, which has period
/// 1, so that it is taken at the distance r from the nearest integer:
/// Σₖ (r+k)^(−s) = r^(−s) + ζ(s, 1+r) + (−1)^s ζ(s, 1−r), s = n + 1.
pub fn polygamma(n: u8, x: f64) -> f64 {
    if x.is_nan() || x == f64::NEG_INFINITY || (x <= 0.0 && x == x.floor()) {
        return f64::NAN;
    }
    match n {
        0 => return digamma(x),
        // `pxfm` gives not-a-number near the end of the range.
        1 if x > 1e17 => return 1.0 / x,
        1 if x > 0.0 => return pxfm::f_trigamma(x),
        _ => {}
    }
    if x == f64::INFINITY {
        return 0.0;
    }
    let sign = if n % 2 == 1 { 1.0 } else { -1.0 };
    if x > 0.0 {
        return sign * factorial_zeta(n, x);
    }
    let r = x - x.round_ties_even();
    // (−1)^s with s = n + 1 is `sign`.
    let near = if r > 0.0 { 1.0 } else { sign } * factorial_over_power(n, r.abs());
    let all = near + factorial_zeta(n, 1.0 + r) + sign * factorial_zeta(n, 1.0 - r);
    sign * (all - sign * factorial_zeta(n, 1.0 - x))
}

/// ψ(x), correctly rounded; not-a-number at a pole.
pub fn digamma(x: f64) -> f64 {
    // ψ(x) = log x − 1/2x − …; `pxfm` gives not-a-number near the end of the range.
    if x > 1e17 {
        pxfm::f_log(x)
    } else if x <= 0.0 && x == x.floor() {
        f64::NAN
    } else {
        pxfm::f_digamma(x)
    }
}

/// n!/x^(n+1), x > 0, without avoidable overflow.
fn factorial_over_power(n: u8, x: f64) -> f64 {
    let s = f64::from(n) + 1.0;
    let (factorial, power) = (pxfm::f_tgamma(s), pxfm::f_pow(x, -s));
    if factorial.is_finite() && power.is_normal() {
        factorial * power
    } else {
        pxfm::f_exp(pxfm::f_lgamma(s) - s * pxfm::f_log(x))
    }
}

/// n! ζ(n+1, x) for x > 0 by the Euler–Maclaurin formula; DLMF 25.11.5. Every term is taken
/// relative to the first, x^(−s), so that large n neither over- nor underflow.
fn factorial_zeta(n: u8, x: f64) -> f64 {
    // B₂ₖ/(2k)!
    const BERNOULLI: [f64; 10] = [
        0.08333333333333333,
        -0.001388888888888889,
        3.306878306878307e-05,
        -8.267195767195768e-07,
        2.08767569878681e-08,
        -5.284190138687493e-10,
        1.3382536530684679e-11,
        -3.3896802963225827e-13,
        8.586062056277845e-15,
        -2.174868698558062e-16,
    ];
    let s = f64::from(n) + 1.0;
    let mut sum = 0.0;
    let mut at = x;
    while at < s + 10.0 {
        sum += pxfm::f_pow(x / at, s);
        at += 1.0;
    }
    let power = pxfm::f_pow(x / at, s);
    let mut tail = at / (s - 1.0) + 0.5;
    let mut rising = s / at;
    for (k, b) in (1i32..).zip(BERNOULLI) {
        tail += b * rising;
        let next = s + f64::from(2 * k);
        rising *= (next - 1.0) * next / (at * at);
    }
    (sum + power * tail) * factorial_over_power(n, x)
}

#[cfg(test)]
mod tests {
    use super::super::normal::density;
    use super::*;

    #[test]
    fn the_uniform_expansion_meets_the_series() {
        for x in [
            9_000.0, 9_700.0, 9_999.0, 10_000.0, 10_001.0, 10_300.0, 11_000.0,
        ] {
            let a = LARGE_SHAPE;
            let (p, q, da) = temme(a, x);
            let want = if x < a + 1.0 {
                (bulk(a, x) * series(a, x), q)
            } else {
                (p, upper(a, x))
            };
            assert!((p / want.0 - 1.0).abs() < 2e-13, "P({a}, {x})");
            assert!((q / want.1 - 1.0).abs() < 2e-13, "Q({a}, {x})");
            let approximate = -density((x - a) / a.sqrt()) / a.sqrt();
            assert!(da < 0.0 && (x - a).abs() > 150.0 || (da / approximate - 1.0).abs() < 0.02);
        }
    }
}
