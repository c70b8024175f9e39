//! The built-in distributions, written in the language of specs.
//!
//! A distribution is data: its arguments with their domains, its support, and its formulas as text
//! (`table`). `instance` unrolls them into the graph for given arguments; `sampler` draws from
//! it and inverts its distribution function in binary64. Law: the formulas of one distribution
//! agree with each other (the density integrates to 1 and to the CDF, quantile and CDF are inverse,
//! mean, variance and entropy are those of the density: test `formulas_agree`) and with
//! statrs (`tests/reference.rs`).
//!
//! Parameterizations are those of the format's page, which are PyTorch's.

mod argument;
mod instance;
mod quantile;
mod sampler;
mod table;
#[cfg(test)]
mod tests;

pub use instance::Instance;
pub use sampler::{ArgumentOutOfDomain, Sampler};
pub use table::DISTRIBUTIONS;

/// Which distribution; for what cannot be written as a formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Law {
    Normal,
    Uniform,
    Exponential,
    Gumbel,
    Logistic,
    Laplace,
    Cauchy,
    StudentT,
    Gamma,
    Beta,
    ChiSquared,
    LogNormal,
    Weibull,
    Pareto,
    HalfNormal,
    HalfCauchy,
    VonMises,
    InverseGamma,
    Dirichlet,
    MultivariateNormal,
    Bernoulli,
    Categorical,
    Poisson,
    Rademacher,
}

/// An argument of a distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Its domain, in the language of specs; `k` is the length of a vector.
    pub domain: &'static str,
    /// What it is when it is not given; without one it has to be given.
    pub default: Option<&'static str>,
}

/// A distribution. Formulas are in the arguments' names, and in `z` and `u` as stated; for a
/// distribution of vectors, in the length `k` too. A formula that is none has no closed form in
/// the language. A moment that does not exist is written `0/0`, an infinite one `inf`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Distribution {
    /// Its name.
    pub name: &'static str,
    /// What it is, in one line.
    pub summary: &'static str,
    /// Its arguments, in order.
    pub parameters: &'static [Parameter],
    /// Its support, a domain.
    pub support: &'static str,
    /// log-density, or log-mass, at `z` in the support.
    pub log_density: &'static str,
    /// P(Z ≤ z) for `z` in the support.
    pub cdf: Option<&'static str>,
    /// The inverse of the CDF at `u` in (0, 1).
    pub quantile: Option<&'static str>,
    /// Mean; of each component, for vectors.
    pub mean: Option<&'static str>,
    /// Variance; of each component, for vectors.
    pub variance: Option<&'static str>,
    /// Entropy in nats.
    pub entropy: Option<&'static str>,
    /// Whether `log_density` is a log-mass.
    pub discrete: bool,
    /// Whether z is a vector of length `k`.
    pub multivariate: bool,
    law: Law,
}

impl Distribution {
    /// How it is written: `normal(loc=0, scale=1)`.
    pub fn signature(&self) -> String {
        let parameters: Vec<String> = self
            .parameters
            .iter()
            .map(|p| match p.default {
                Some(default) => format!("{}={default}", p.name),
                None => p.name.to_owned(),
            })
            .collect();
        format!("{}({})", self.name, parameters.join(", "))
    }
}

/// The distribution of a name.
pub fn find(name: &str) -> Option<&'static Distribution> {
    DISTRIBUTIONS.iter().find(|d| d.name == name)
}
