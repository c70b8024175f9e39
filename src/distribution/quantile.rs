//! Quantiles in binary64, accurate in both tails.
//!
//! Each takes a probability by both its halves, `lower` = u and `upper` = 1 − u, because
//! the upper tail cannot be recovered from a u that was rounded. The relative error is a few units
//! of the last place times the condition of the problem; where the distribution function has
//! no inverse in closed form, the boundary is found among the floating-point numbers by bisection.

use crate::number::special::{beta_inc, erfinv, gamma_p, gamma_q, normal_icdf};
use crate::quadrature::{Abscissae, Quadrature};
use pxfm::{f_exp, f_log, f_log1p, f_pow, f_sin, f_tan};
use std::f64::consts::{PI, SQRT_2};

/// A probability u by both its halves, in (0, 1) each.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Probability {
    pub(super) lower: f64,
    pub(super) upper: f64,
}

impl Probability {
    fn is_lower(self) -> bool {
        self.lower <= self.upper
    }

    fn reversed(self) -> Self {
        Probability {
            lower: self.upper,
            upper: self.lower,
        }
    }

    /// An odd quantile function from what it is in the lower half.
    fn odd(self, lower_half: impl Fn(Probability) -> f64) -> f64 {
        if self.is_lower() {
            lower_half(self)
        } else {
            -lower_half(self.reversed())
        }
    }
}

pub(super) fn normal(p: Probability) -> f64 {
    p.odd(|p| normal_icdf(p.lower))
}

pub(super) fn uniform(p: Probability, low: f64, high: f64) -> f64 {
    if p.is_lower() {
        low + (high - low) * p.lower
    } else {
        high - (high - low) * p.upper
    }
}

pub(super) fn exponential(p: Probability) -> f64 {
    if p.is_lower() {
        -f_log1p(-p.lower)
    } else {
        -f_log(p.upper)
    }
}

pub(super) fn gumbel(p: Probability) -> f64 {
    // exp(−e^(−z)) = u: −log u is the upper-tail exponential.
    -f_log(exponential(p.reversed()))
}

pub(super) fn logistic(p: Probability) -> f64 {
    // Near ½ the logarithms cancel, and atanh does not: logit u = 2·atanh(u − (1 − u)).
    if p.lower.min(p.upper) > 0.25 {
        2.0 * pxfm::f_atanh(p.lower - p.upper)
    } else {
        f_log(p.lower) - f_log(p.upper)
    }
}

pub(super) fn laplace(p: Probability) -> f64 {
    p.odd(|p| {
        if p.lower > 0.25 {
            f_log1p(p.lower - p.upper)
        } else {
            f_log(2.0 * p.lower)
        }
    })
}

pub(super) fn cauchy(p: Probability) -> f64 {
    p.odd(|p| {
        if p.lower > 0.25 {
            f_tan(PI * (p.lower - p.upper) / 2.0)
        } else {
            -1.0 / f_tan(PI * p.lower)
        }
    })
}

pub(super) fn half_normal(p: Probability) -> f64 {
    if p.is_lower() {
        SQRT_2 * erfinv(p.lower)
    } else {
        -normal_icdf(p.upper / 2.0)
    }
}

pub(super) fn half_cauchy(p: Probability) -> f64 {
    if p.is_lower() {
        f_tan(PI * p.lower / 2.0)
    } else {
        1.0 / f_tan(PI * p.upper / 2.0)
    }
}

pub(super) fn weibull(p: Probability, concentration: f64) -> f64 {
    f_pow(exponential(p), 1.0 / concentration)
}

pub(super) fn pareto(p: Probability, alpha: f64) -> f64 {
    f_exp(exponential(p) / alpha)
}

/// The least positive float at which a monotone condition holds, up to `last`.
fn least(last: f64, holds: impl Fn(f64) -> bool) -> f64 {
    // Positive floats are ordered as their bits are.
    let (mut fails, mut works) = (0u64, last.to_bits());
    while works - fails > 1 {
        let middle = fails + (works - fails) / 2;
        if holds(f64::from_bits(middle)) {
            works = middle;
        } else {
            fails = middle;
        }
    }
    f64::from_bits(works)
}

/// At rate 1.
pub(super) fn gamma(p: Probability, concentration: f64) -> f64 {
    least(f64::MAX, |x| {
        if p.is_lower() {
            gamma_p(concentration, x) >= p.lower
        } else {
            gamma_q(concentration, x) <= p.upper
        }
    })
}

pub(super) fn beta(p: Probability, a: f64, b: f64) -> f64 {
    let reached = |x: f64| {
        // 1 − x rounds; where x is so small that this counts, the lower tail is used instead.
        if p.is_lower() || x < 1e-4 {
            beta_inc(a, b, x) >= p.lower
        } else {
            beta_inc(b, a, 1.0 - x) <= p.upper
        }
    };
    if reached(0.5) {
        return least(0.5, reached);
    }
    let y = least(0.5, |y| {
        if !p.is_lower() || y < 1e-4 {
            beta_inc(b, a, y) >= p.upper
        } else {
            beta_inc(a, b, 1.0 - y) <= p.lower
        }
    });
    1.0 - y
}

/// From here on four terms of the expansion in 1/df are exact to the last place.
const NEARLY_NORMAL: f64 = 1e7;

pub(super) fn student_t(p: Probability, df: f64) -> f64 {
    p.odd(|p| {
        if df >= NEARLY_NORMAL {
            // Fisher & Cornish (1960); Abramowitz & Stegun 26.7.5.
            let z = normal_icdf(p.lower);
            let s = z * z;
            return z + z * ((s + 1.0) / 4.0 + ((5.0 * s + 16.0) * s + 3.0) / (96.0 * df)) / df;
        }
        if p.lower > 0.25 {
            // P(|T| < t) = I_y(½, df/2), y = t²/(df + t²).
            let center = p.upper - p.lower;
            if center == 0.0 {
                return 0.0;
            }
            let y = least(1.0, |y| beta_inc(0.5, df / 2.0, y) >= center);
            return -(df * y / (1.0 - y)).sqrt();
        }
        let x = least(1.0, |x| beta_inc(df / 2.0, 0.5, x) >= 2.0 * p.lower);
        -(df * (1.0 - x) / x).sqrt()
    })
}

/// From here on the von Mises law is normal to the last place.
pub(super) const NARROW: f64 = 1e15;

/// Of the angle about 0, in (−π, π).
pub(super) fn von_mises(p: Probability, concentration: f64) -> f64 {
    if concentration >= NARROW {
        return normal(p) / concentration.sqrt();
    }
    let rule = Quadrature {
        relative: 1e-13,
        evaluations: 20_000,
        ..Quadrature::default()
    };
    // exp(κ(cos θ − 1)) over θ from an angle to π; its size falls from the angle on.
    let beyond = |angle: f64| {
        let mut weight = |at: &Abscissae| {
            let half_sine = |x: &f64| f_sin(x / 2.0);
            at.x.iter()
                .map(|x| f_exp(-2.0 * concentration * half_sine(x) * half_sine(x)))
                .collect()
        };
        rule.integrate(&mut weight, angle, PI, &[]).value
    };
    let whole = 2.0 * beyond(0.0);
    p.odd(|p| -least(PI, |angle| beyond(angle) <= p.lower * whole))
}

/// The least integer n ≥ 0 with P(N ≤ n) ≥ u.
pub(super) fn poisson(p: Probability, rate: f64) -> f64 {
    let reached = |n: f64| {
        if p.is_lower() {
            gamma_q(n + 1.0, rate) >= p.lower
        } else {
            gamma_p(n + 1.0, rate) <= p.upper
        }
    };
    if reached(0.0) {
        return 0.0;
    }
    let (mut fails, mut works) = (0.0, 1.0);
    while !reached(works) && works < 1e300 {
        (fails, works) = (works, 2.0 * works);
    }
    // Beyond 2⁵³ integers are no longer one apart.
    while works - fails > 1.0 {
        let middle = f64::midpoint(fails, works).floor();
        if middle <= fails || middle >= works {
            break;
        }
        if reached(middle) {
            works = middle;
        } else {
            fails = middle;
        }
    }
    works
}
