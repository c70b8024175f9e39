//! Special functions in binary64, to nearly full relative accuracy in both tails.
//!
//! `pxfm` rounds erf, erfc, lgamma, digamma and trigamma correctly, so those are used as they
//! are. Measured against true values, its inverse of erfc is good to 1e-9 only in the tail, and
//! its incomplete gamma and beta functions lose up to 1e-11 and more; those are ours.
//!
//! Law: against a table of true values the relative error stays below the bound stated at each
//! function (test `special_functions_are_accurate` in `float64`). An argument outside the domain
//! gives not-a-number; nothing here loops without a bound.

mod bessel;
mod beta;
mod gamma;
mod normal;

pub use bessel::{bessel_ratio, log_bessel_i0};
pub use beta::{beta_density, beta_inc, beta_inc_da};
pub use gamma::{digamma, gamma_density, gamma_p, gamma_p_da, gamma_q, polygamma};
pub use normal::{erfinv, normal_cdf, normal_icdf, normal_log_cdf};

use super::Dual;
use std::ops::{Add, Div, Mul, Sub};

/// xʸ, correctly rounded but for the two edges named here.
pub fn power(x: f64, y: f64) -> f64 {
    // `pxfm` takes 1/(x·x) for y = −2, which underflows, and fails to the last binades for y = −½.
    if y == -2.0 && x.abs() > 1e150 {
        return 1.0 / x / x;
    }
    if y == -0.5 && x > 1e300 && x < f64::INFINITY {
        let shift = 2f64.powi(-100);
        return pxfm::f_pow(x * shift, y) * 2f64.powi(-50);
    }
    pxfm::f_pow(x, y)
}

/// What a series or continued fraction needs of its terms: binary64, or dual numbers where its
/// derivative is wanted too.
trait Field:
    Copy + From<f64> + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self>
{
    /// Whether `self` no longer counts beside `total`, in value and in derivative.
    fn is_negligible(self, total: Self) -> bool;
    /// Whether the value is zero.
    fn is_zero(self) -> bool;
}

/// A quarter of the distance from 1 to its neighbour: smaller relative terms change nothing.
const NEGLIGIBLE: f64 = f64::EPSILON / 4.0;

impl Field for f64 {
    fn is_negligible(self, total: f64) -> bool {
        self.abs() <= NEGLIGIBLE * total.abs()
    }
    fn is_zero(self) -> bool {
        self == 0.0
    }
}

impl Field for Dual {
    fn is_negligible(self, total: Dual) -> bool {
        // Rounding leaves the derivative a few units of noise, which must not keep a loop going.
        let floor = 1e-4 * total.value.abs();
        self.value.is_negligible(total.value)
            && self.derivative.abs() <= NEGLIGIBLE * (16.0 * total.derivative.abs()).max(floor)
    }
    fn is_zero(self) -> bool {
        self.value == 0.0
    }
}

/// Lentz's evaluation of 1/(b₀ + a₁/(b₁ + a₂/(b₂ + …))), with the partial quotients (aₖ, bₖ)
/// given by `step(k)` for k ≥ 1 and `b0`; none when it has not settled after `limit` steps.
/// Source: Thompson & Barnett 1986, Coulomb and Bessel functions of complex arguments and order.
fn continued_fraction<T: Field>(b0: T, limit: u32, step: impl Fn(f64) -> (T, T)) -> Option<T> {
    let one = T::from(1.0);
    let guard = |v: T| if v.is_zero() { T::from(1e-300) } else { v };
    let mut d = one / guard(b0);
    let mut c = T::from(1e300);
    let mut h = d;
    for k in 1..=limit {
        let (a, b) = step(f64::from(k));
        d = one / guard(a * d + b);
        c = guard(b + a / c);
        let next = h * (c * d);
        if (next - h).is_negligible(next * T::from(4.0)) {
            return Some(next);
        }
        h = next;
    }
    None
}
