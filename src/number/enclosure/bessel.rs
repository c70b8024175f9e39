//! log I₀(x) and I₁(x)/I₀(x).
//!
//! Small x: the power series, of positive terms with falling ratios (DLMF 10.25.2). Large x:
//! e^x/√(2πx) Σ (−1)ᵏ aₖ(ν)/xᵏ, the real part of i/π K_ν(xe^{iπ}), whose error Olver bounds by
//! 2|a_ℓ(ν)| χ(ℓ) x^(−ℓ) exp(|ν² − ¼| χ(1)/x) (DLMF 10.40.10–12 at argument π, with 10.34.2),
//! χ(ℓ) = √π Γ(ℓ/2+1)/Γ(ℓ/2+½) ≤ ℓ + 1 and χ(1) = π/2.

use super::elementary::log;
use super::float::{self, Float};
use super::interval::{Interval, refine};

const TERM_LIMIT: i64 = 60_000;

/// Whether the asymptotic series reaches `w` bits: its least term is about e^(−2x).
fn is_asymptotic(x: &Float, w: usize) -> bool {
    *x >= float::integer((0.36 * w as f64) as i64 + 8)
}

/// Σ (−1)ᵏ aₖ(ν)/xᵏ with its error, for ν = 0 or 1 and a point x that is asymptotic.
fn asymptotic(nu: i64, x: &Interval, w: usize) -> Interval {
    let eighth = x.scale(3).reciprocal(w);
    let mut term = Interval::one();
    let mut sum = Interval::one();
    let mut k: i64 = 1;
    loop {
        // (−1)ᵏaₖ/xᵏ: the factor is ((2k−1)² − 4ν²)/(8kx).
        let factor = (2 * k - 1) * (2 * k - 1) - 4 * nu * nu;
        let next = term
            .mul(&eighth, w)
            .mul_integer(factor, w)
            .div_integer(k.unsigned_abs(), w);
        let size = float::magnitude(&next.abs().hi);
        if size < -(w as isize) - 2 || (k > 2 && size > float::magnitude(&term.abs().hi)) {
            // exp(|ν² − ¼|·(π/2)/x) ≤ e^(2/x) ≤ 2 as x ≥ 8.
            let bound = next.abs().mul_integer(4 * (k + 1), 32).hi;
            return sum.add(&Interval::new(float::negate(&bound), bound), w);
        }
        term = next;
        sum = sum.add(&term, w);
        k += 1;
    }
}

/// Σ (x²/4)ᵏ/(k!(k+ν)!)·ν!, for ν = 0 or 1.
fn power_series(nu: i64, x: &Interval, w: usize) -> Interval {
    let quarter = x.square(w).scale(-2);
    let mut term = Interval::one();
    let mut sum = Interval::one();
    for k in 1..=TERM_LIMIT {
        term = term
            .mul(&quarter, w)
            .div_integer((k * (k + nu)).unsigned_abs(), w);
        sum = sum.add(&term, w);
        if float::magnitude(&term.hi) >= float::magnitude(&sum.lo) - w as isize - 2 {
            continue;
        }
        let next = quarter
            .div_integer(((k + 1) * (k + 1 + nu)).unsigned_abs(), 32)
            .hi;
        if next < float::power_of_two(-1) {
            // Ratios fall, so the rest is at most the last term.
            return sum.add(&Interval::new(Float::zero(), term.hi), w);
        }
    }
    Interval::new(sum.lo, Float::infinity())
}

/// log I₀ at a point x ≥ 0.
fn log_bessel_i0_at(x: &Float, p: usize) -> Interval {
    if float::is_zero(x) {
        return Interval::zero();
    }
    if x.is_infinite() {
        return Interval::point(x.clone());
    }
    let point = Interval::point(x.clone());
    if float::magnitude(x) < -(p as isize) / 2 - 4 {
        // log I₀(x) = x²/4 (1 − x²/8 …), between x²/4(1 − x²/8) and x²/4.
        let slack = Interval::new(float::next_down(&Float::one(), p + 4), Float::one());
        return point.square(p + 8).scale(-2).mul(&slack, p + 8);
    }
    refine(p, |w| {
        if is_asymptotic(x, w) {
            let sum = log(&asymptotic(0, &point, w), w);
            let root = log(&Interval::pi(w).mul(&point, w).scale(1), w).scale(-1);
            point.sub(&root, w).add(&sum, w)
        } else {
            log(&power_series(0, &point, w), w)
        }
    })
}

/// log I₀ over an interval: even, increasing in |x|.
pub(super) fn log_bessel_i0(x: &Interval, p: usize) -> Interval {
    x.abs().increasing(|x| log_bessel_i0_at(x, p))
}

fn ratio_at(x: &Float, p: usize) -> Interval {
    if float::is_zero(x) {
        return Interval::zero();
    }
    let size = Interval::point(float::absolute(x));
    let value = if x.is_infinite() {
        Interval::one()
    } else if float::magnitude(x) < -(p as isize) / 2 - 4 {
        // x/2 (1 − x²/8) ≤ I₁/I₀ ≤ x/2.
        let slack = Interval::new(float::next_down(&Float::one(), p + 4), Float::one());
        size.scale(-1).mul(&slack, p + 8)
    } else {
        refine(p, |w| {
            if is_asymptotic(&size.lo, w) {
                asymptotic(1, &size, w)
                    .div(&asymptotic(0, &size, w), w)
                    .within(0, 1)
            } else {
                let (top, bottom) = (power_series(1, &size, w), power_series(0, &size, w));
                top.mul(&size, w).scale(-1).div(&bottom, w).within(0, 1)
            }
        })
    };
    if float::is_negative(x) {
        value.neg()
    } else {
        value
    }
}

/// I₁/I₀ over an interval: increasing.
pub(super) fn bessel_ratio(x: &Interval, p: usize) -> Interval {
    x.increasing(|x| ratio_at(x, p))
}
