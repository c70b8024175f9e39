//! Draws and quantiles in binary64.

use super::quantile::{self, Probability};
use super::{Distribution, Law};
use pxfm::{f_asin, f_exp, f_log};
use rand::{Rng, RngExt};
use rand_distr::{Distribution as _, Exp1, Gamma, Open01, Poisson, StandardNormal};
use std::f64::consts::PI;

/// A distribution with numbers for arguments.
#[derive(Clone, Debug)]
pub struct Sampler {
    law: Law,
    /// One list of numbers for each parameter.
    arguments: Vec<Vec<f64>>,
    length: usize,
}

/// An argument, by its name, that is not in its domain, not finite, or of the wrong length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArgumentOutOfDomain(pub &'static str);

impl std::fmt::Display for ArgumentOutOfDomain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "argument `{}` is out of its domain", self.0)
    }
}

impl std::error::Error for ArgumentOutOfDomain {}

/// How far binary64 probabilities may sum away from 1.
const SUM: f64 = 1e-9;

impl Sampler {
    /// A sampler for one copy; `arguments` holds for each parameter, in order, its number, the
    /// components of its vector, or the rows of its matrix, one after the other.
    ///
    /// # Errors
    /// The first argument that is missing, of the wrong length, not finite, or out of its domain.
    pub fn new(
        distribution: &Distribution,
        arguments: &[Vec<f64>],
    ) -> Result<Self, ArgumentOutOfDomain> {
        let length = arguments.first().map_or(1, Vec::len);
        for (i, parameter) in distribution.parameters.iter().enumerate() {
            let wrong = ArgumentOutOfDomain(parameter.name);
            let values = arguments.get(i).ok_or(wrong)?;
            let expected = match parameter.domain {
                "lower_cholesky[k]" => length * length,
                domain if domain.ends_with("[k]") => length,
                _ => 1,
            };
            let inside = match parameter.domain {
                "positive" | "positive[k]" => values.iter().all(|&v| v > 0.0),
                "unit_interval" => values.iter().all(|&v| v > 0.0 && v < 1.0),
                "greater_than(low)" => values > &arguments[0],
                "simplex[k]" => {
                    values.iter().all(|&v| v >= 0.0)
                        && (values.iter().sum::<f64>() - 1.0).abs() < SUM
                }
                "lower_cholesky[k]" => values.iter().step_by(length + 1).all(|&v| v > 0.0),
                _ => true,
            };
            if values.len() != expected
                || length == 0
                || !inside
                || values.iter().any(|v| !v.is_finite())
            {
                return Err(wrong);
            }
        }
        let sampler = Sampler {
            law: distribution.law,
            arguments: arguments.to_vec(),
            length: if distribution.multivariate { length } else { 1 },
        };
        if sampler.law == Law::Poisson && Poisson::new(sampler.number(0)).is_err() {
            return Err(ArgumentOutOfDomain("rate"));
        }
        Ok(sampler)
    }

    /// How many numbers one draw has: 1, or the length of the vector.
    pub fn length(&self) -> usize {
        self.length
    }

    fn number(&self, parameter: usize) -> f64 {
        self.arguments[parameter][0]
    }

    /// Writes one draw into the first [`Sampler::length`] places of `out`.
    ///
    /// # Panics
    /// When `out` is shorter than that.
    pub fn draw(&self, rng: &mut impl Rng, out: &mut [f64]) {
        match self.law {
            Law::Dirichlet => {
                // In logarithms: with small concentrations every gamma draw may underflow.
                let logs: Vec<f64> = self.arguments[0]
                    .iter()
                    .map(|&c| log_gamma_draw(c, rng))
                    .collect();
                let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let total: f64 = logs.iter().map(|l| f_exp(l - largest)).sum();
                for (place, log) in out[..self.length].iter_mut().zip(logs) {
                    *place = f_exp(log - largest) / total;
                }
            }
            Law::MultivariateNormal => {
                let k = self.length;
                let noise: Vec<f64> = (0..k).map(|_| StandardNormal.sample(rng)).collect();
                for (i, place) in out[..k].iter_mut().enumerate() {
                    let row = &self.arguments[1][i * k..=i * k + i];
                    let moved: f64 = row.iter().zip(&noise).map(|(l, e)| l * e).sum();
                    *place = self.arguments[0][i] + moved;
                }
            }
            Law::Normal
            | Law::Uniform
            | Law::Exponential
            | Law::Gumbel
            | Law::Logistic
            | Law::Laplace
            | Law::Cauchy
            | Law::StudentT
            | Law::Gamma
            | Law::Beta
            | Law::ChiSquared
            | Law::LogNormal
            | Law::Weibull
            | Law::Pareto
            | Law::HalfNormal
            | Law::HalfCauchy
            | Law::VonMises
            | Law::InverseGamma
            | Law::Bernoulli
            | Law::Categorical
            | Law::Poisson
            | Law::Rademacher => out[0] = self.scalar(rng),
        }
    }

    /// One draw of a distribution of numbers.
    fn scalar(&self, rng: &mut impl Rng) -> f64 {
        let a = |i: usize| self.number(i);
        let normal = |rng: &mut _| -> f64 { StandardNormal.sample(rng) };
        // log of this draw and ratios of two keep both tails: no probability is ever formed.
        let exponential = |rng: &mut _| -> f64 { Exp1.sample(rng) };
        match self.law {
            Law::Normal => a(0) + a(1) * normal(rng),
            Law::Uniform => {
                let u: f64 = Open01.sample(rng);
                a(0) + (a(1) - a(0)) * u
            }
            Law::Exponential => exponential(rng) / a(0),
            Law::Gumbel => a(0) - a(1) * f_log(exponential(rng)),
            Law::Logistic => a(0) + a(1) * f_log(exponential(rng) / exponential(rng)),
            Law::Laplace => a(0) + a(1) * (exponential(rng) - exponential(rng)),
            Law::Cauchy => a(0) + a(1) * (normal(rng) / normal(rng)),
            Law::StudentT => {
                let chi_squared = 2.0 * gamma_draw(a(0) / 2.0, rng);
                a(1) + a(2) * normal(rng) * (a(0) / chi_squared).sqrt()
            }
            Law::Gamma => gamma_draw(a(0), rng) / a(1),
            Law::Beta => {
                let odds = log_gamma_draw(a(1), rng) - log_gamma_draw(a(0), rng);
                1.0 / (1.0 + f_exp(odds))
            }
            Law::ChiSquared => 2.0 * gamma_draw(a(0) / 2.0, rng),
            Law::LogNormal => f_exp(a(0) + a(1) * normal(rng)),
            Law::Weibull => a(0) * f_exp(f_log(exponential(rng)) / a(1)),
            Law::Pareto => a(0) * f_exp(exponential(rng) / a(1)),
            Law::HalfNormal => a(0) * normal(rng).abs(),
            Law::HalfCauchy => a(0) * (normal(rng) / normal(rng)).abs(),
            Law::VonMises => a(0) + von_mises_draw(a(1), rng),
            Law::InverseGamma => a(1) / gamma_draw(a(0), rng),
            Law::Bernoulli => f64::from(rng.random::<f64>() < a(0)),
            Law::Categorical => {
                let mut left = rng.random::<f64>() * self.arguments[0].iter().sum::<f64>();
                let masses = &self.arguments[0];
                let found = masses.iter().position(|mass| {
                    left -= mass;
                    left < 0.0
                });
                // Rounding may leave nothing; the last cell that has mass takes it.
                let last = masses.iter().rposition(|&m| m > 0.0).unwrap_or(0);
                found.unwrap_or(last) as f64
            }
            Law::Poisson => Poisson::new(a(0)).map_or(f64::NAN, |law| law.sample(rng)),
            Law::Rademacher => {
                if rng.random::<bool>() {
                    1.0
                } else {
                    -1.0
                }
            }
            Law::Dirichlet | Law::MultivariateNormal => f64::NAN,
        }
    }

    /// The u-quantile, from `lower` = u and `upper` = 1 − u, both in (0, 1) (give the smaller one
    /// exactly); the least value of CDF at least u, where the law is discrete. None for vectors and for
    /// probabilities out of range.
    pub fn quantile(&self, lower: f64, upper: f64) -> Option<f64> {
        // 1 − u of a tiny u rounds to 1, which is right.
        let inside = |p: f64| p > 0.0 && p <= 1.0;
        if !inside(lower) || !inside(upper) || lower.min(upper) == 1.0 {
            return None;
        }
        let a = |i: usize| self.number(i);
        let p = Probability { lower, upper };
        Some(match self.law {
            Law::Normal => a(0) + a(1) * quantile::normal(p),
            Law::Uniform => quantile::uniform(p, a(0), a(1)),
            Law::Exponential => quantile::exponential(p) / a(0),
            Law::Gumbel => a(0) + a(1) * quantile::gumbel(p),
            Law::Logistic => a(0) + a(1) * quantile::logistic(p),
            Law::Laplace => a(0) + a(1) * quantile::laplace(p),
            Law::Cauchy => a(0) + a(1) * quantile::cauchy(p),
            Law::StudentT => a(1) + a(2) * quantile::student_t(p, a(0)),
            Law::Gamma => quantile::gamma(p, a(0)) / a(1),
            Law::Beta => quantile::beta(p, a(0), a(1)),
            Law::ChiSquared => 2.0 * quantile::gamma(p, a(0) / 2.0),
            Law::LogNormal => f_exp(a(0) + a(1) * quantile::normal(p)),
            Law::Weibull => a(0) * quantile::weibull(p, a(1)),
            Law::Pareto => a(0) * quantile::pareto(p, a(1)),
            Law::HalfNormal => a(0) * quantile::half_normal(p),
            Law::HalfCauchy => a(0) * quantile::half_cauchy(p),
            Law::VonMises => a(0) + quantile::von_mises(p, a(1)),
            Law::InverseGamma => {
                let reversed = Probability {
                    lower: upper,
                    upper: lower,
                };
                a(1) / quantile::gamma(reversed, a(0))
            }
            Law::Bernoulli => f64::from(upper < a(0)),
            Law::Categorical => {
                let masses = &self.arguments[0];
                let mut below = 0.0;
                let found = masses.iter().position(|mass| {
                    below += mass;
                    below >= lower
                });
                let last = masses.iter().rposition(|&m| m > 0.0).unwrap_or(0);
                found.unwrap_or(last).min(last) as f64
            }
            Law::Poisson => quantile::poisson(p, a(0)),
            Law::Rademacher => {
                if lower <= 0.5 {
                    -1.0
                } else {
                    1.0
                }
            }
            Law::Dirichlet | Law::MultivariateNormal => return None,
        })
    }
}

/// A draw of rate 1; 0 where it underflows.
fn gamma_draw(concentration: f64, rng: &mut impl Rng) -> f64 {
    if concentration < 1.0 {
        return f_exp(log_gamma_draw(concentration, rng));
    }
    Gamma::new(concentration, 1.0).map_or(f64::NAN, |law| law.sample(rng))
}

/// The logarithm of a draw of rate 1. Below concentration 1 by Γ(c) = Γ(c + 1)·U^(1/c) (Marsaglia &
/// Tsang 2000, section 6), which in logarithms does not underflow.
fn log_gamma_draw(concentration: f64, rng: &mut impl Rng) -> f64 {
    if concentration < 1.0 {
        let boost: f64 = Exp1.sample(rng);
        return log_gamma_draw(concentration + 1.0, rng) - boost / concentration;
    }
    f_log(gamma_draw(concentration, rng))
}

/// An angle in (−π, π), by Best & Fisher (1979): rejection from a wrapped Cauchy law. Its parameter r
/// and the cosine f enter as r − 1 and 1 − f, which keeps the digits at every concentration.
fn von_mises_draw(concentration: f64, rng: &mut impl Rng) -> f64 {
    if concentration >= quantile::NARROW {
        let noise: f64 = StandardNormal.sample(rng);
        return noise / concentration.sqrt();
    }
    let root = (1.0 + 4.0 * concentration * concentration).sqrt();
    let tau = 1.0 + root;
    let rho = tau.sqrt() * 2.0 * concentration / ((tau.sqrt() + 2f64.sqrt()) * tau);
    let rho_below_one = if concentration < 1.0 {
        1.0 - rho
    } else {
        ((2.0 * tau).sqrt() - 1.0 - 1.0 / (root + 2.0 * concentration)) / (2.0 * concentration)
    };
    let excess = rho_below_one * rho_below_one / (2.0 * rho);
    loop {
        let angle: f64 = PI * rng.random::<f64>();
        let one_minus_z = 2.0 * pxfm::f_sin(angle / 2.0).powi(2);
        let one_plus_z = 2.0 * pxfm::f_cos(angle / 2.0).powi(2);
        // A law so flat that r is infinite is uniform: 1 − f is then 1 − z.
        let one_minus_f = if excess.is_finite() {
            one_minus_z / (1.0 + one_plus_z / excess)
        } else {
            one_minus_z
        };
        let c = concentration * (excess + one_minus_f);
        let u: f64 = Open01.sample(rng);
        if f_log(c / u) + 1.0 - c >= 0.0 || !excess.is_finite() {
            let magnitude = 2.0 * f_asin((one_minus_f / 2.0).sqrt().min(1.0));
            return if rng.random::<bool>() {
                magnitude
            } else {
                -magnitude
            };
        }
    }
}
