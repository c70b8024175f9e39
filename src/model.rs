//! One spec at one choice of sizes: parameters, inputs, noise, outputs and every claim as terms of
//! one scalar graph.
//!
//! Points live over *base symbols*: parameters and inputs, then the noise where there is a
//! `transform`, else the outputs (an implicit reparameterization, or a target alone).
//! [`Model::rebase`] writes any term over them. Law: after it no other symbol is left, except `u`
//! in quantiles (test `terms_are_over_base_symbols`).

mod build;
mod lines;
mod opaque;

pub use build::build;
pub use opaque::{Application, Integral, Opaque, Over};

use crate::diagnostic::Span;
use crate::distribution::{self, Instance};
use crate::graph::{Graph, Id};
use crate::language::Domain;
use crate::spec::raw::Measure;
use crate::tape::Tape;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// A named quantity with a domain.
#[derive(Clone, Debug)]
pub struct Variable {
    /// The name in the spec.
    pub name: String,
    /// Its shape; empty for a scalar.
    pub shape: Vec<usize>,
    /// Its components, row by row.
    pub symbols: Vec<Id>,
    /// Where each component, or the whole, lies.
    pub domain: Domain,
    /// Narrower limits for numeric checks: lower and upper, one element or one for each component.
    pub range: Option<[Vec<Id>; 2]>,
}

/// A noise variable with its law.
#[derive(Clone, Debug)]
pub struct Noise {
    /// The name, and as domain the support of the first copy.
    pub variable: Variable,
    /// The built-in law with its arguments.
    pub law: Instance,
    /// The support of each independent copy.
    pub domains: Vec<Domain>,
    /// log p of each copy.
    pub log_densities: Vec<Id>,
    /// The distribution function at each component, where the law has one.
    pub cdf: Option<Vec<Id>>,
}

impl Noise {
    /// Whether the law has masses rather than a density.
    pub fn is_discrete(&self) -> bool {
        self.law.distribution.discrete
    }

    /// The name of the law.
    pub fn law_name(&self) -> &'static str {
        self.law.distribution.name
    }

    /// The independent copies, each as a variable of its own.
    pub fn copies(&self) -> Vec<Variable> {
        let size = self.variable.symbols.len() / self.domains.len().max(1);
        let event = if self.law.distribution.multivariate {
            self.variable.shape.last().copied().into_iter().collect()
        } else {
            Vec::new()
        };
        self.domains
            .iter()
            .zip(self.variable.symbols.chunks(size.max(1)))
            .map(|(domain, symbols)| Variable {
                shape: event.clone(),
                symbols: symbols.to_vec(),
                domain: domain.clone(),
                ..self.variable.clone()
            })
            .collect()
    }

    /// A sampler for each copy at values `at` of `symbols`; none where an argument depends on
    /// something else or is out of its domain.
    pub fn samplers(
        &self,
        graph: &Graph,
        symbols: &[Id],
        at: &[f64],
    ) -> Option<Vec<distribution::Sampler>> {
        self.law
            .arguments()
            .iter()
            .map(|arguments| {
                let values: Option<Vec<Vec<f64>>> = arguments
                    .iter()
                    .map(|value| {
                        let tape = Tape::new(graph, symbols, &value.elements).ok()?;
                        Some(tape.evaluate(at, &()))
                    })
                    .collect();
                distribution::Sampler::new(self.law.distribution, &values?).ok()
            })
            .collect()
    }
}

/// A claimed value: one term for each component, and where it is claimed.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The terms.
    pub elements: Vec<Id>,
    /// Where it stands in the file.
    pub span: Span,
}

/// What defines the reparameterization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Definition {
    /// z = g(ε).
    Transform,
    /// ε = S(z), an implicit reparameterization.
    Standardization,
    /// A distribution alone.
    Target,
}

/// Built-in distributions that z is drawn from, where no noise is modelled.
#[derive(Clone, Debug)]
pub struct Sampler {
    /// A draw of each output.
    pub draws: Vec<Noise>,
    /// Where it stands in the file.
    pub span: Span,
}

/// The law that z is claimed to have.
#[derive(Clone, Debug)]
pub struct Target {
    /// Where it stands in the file.
    pub span: Span,
    /// Whether a support is stated.
    pub support: Option<Span>,
    /// log q(z), or log of the mass.
    pub log_density: Option<Claim>,
    /// Whether it is a mass.
    pub discrete: bool,
    /// log-density of the built-in distribution named.
    pub distribution: Option<Claim>,
    /// Built-in distributions that draw z.
    pub sampler: Option<Sampler>,
    /// Whether formulas are claimed outside the support too.
    pub whole_line: bool,
    /// Whether the density is claimed up to a factor only.
    pub unnormalized: bool,
    /// What the density is a density of.
    pub measure: Measure,
    /// Claims by name: cdf, quantile, mean, variance, skewness, kurtosis, mode, score; one term
    /// for each component of z.
    pub moments: BTreeMap<&'static str, Claim>,
    /// The claimed entropy.
    pub entropy: Option<Claim>,
    /// The symbol u of quantiles.
    pub u: Option<Id>,
}

/// How the gradient of an expectation is estimated.
#[derive(Clone, Debug)]
pub enum Estimator {
    /// ∇φ f(g(ε, φ)).
    Pathwise,
    /// f ∇φ log q.
    Score,
    /// Only the value is claimed.
    Value,
    /// One term for each component of a parameter.
    Custom(Vec<(String, Claim)>),
}

/// An objective.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// The name given, or the formula.
    pub name: String,
    /// f.
    pub f: Claim,
    /// Its claimed expectation.
    pub value: Option<Claim>,
    /// The claimed gradient by parameter.
    pub gradient: Vec<(String, Claim)>,
    /// The estimator claimed to be unbiased.
    pub estimator: Estimator,
}

/// A chain of equalities.
#[derive(Clone, Debug)]
pub struct Derivation {
    /// Its name.
    pub name: String,
    /// Each line's value, or why it could not be turned into a term.
    pub lines: Vec<Result<Claim, (Span, String)>>,
}

/// A spec at one choice of sizes.
#[derive(Clone, Debug)]
pub struct Model {
    /// The arena of every term.
    pub graph: Graph,
    /// The name of the spec.
    pub name: String,
    /// The sizes chosen.
    pub sizes: BTreeMap<String, usize>,
    /// φ.
    pub parameters: Vec<Variable>,
    /// x.
    pub inputs: Vec<Variable>,
    /// ε.
    pub noise: Vec<Noise>,
    /// z; the domain is the stated support, or the whole space.
    pub outputs: Vec<Variable>,
    /// What defines z.
    pub definition: Definition,
    /// g(ε) for each component of z, when there is a transform.
    pub transform: Option<Claim>,
    /// The claimed (or defining) g⁻¹(z) for each component of ε.
    pub inverse: Option<Claim>,
    /// The claimed log |det ∂g/∂ε|.
    pub log_abs_det_jacobian: Option<Claim>,
    /// Claimed path derivatives by parameter: ∂z/∂φ, a row for each component of z and a column
    /// for each of the parameter.
    pub velocity: Vec<(String, Claim)>,
    /// The claimed law.
    pub target: Option<Target>,
    /// Objectives.
    pub expectations: Vec<Expectation>,
    /// Chains of equalities.
    pub derivations: Vec<Derivation>,
    /// What symbols in derivations stand for: integrals, and the unspecified f.
    pub opaque: Opaque,
    pub(crate) base: FxHashMap<Id, Id>,
}

impl Target {
    /// log q(z) as it is written out, or else that of the built-in distribution named.
    pub(crate) fn density(&self) -> Option<&Claim> {
        self.log_density.as_ref().or(self.distribution.as_ref())
    }

    /// The log-mass of a discrete z.
    pub(crate) fn log_mass(&self) -> Option<Id> {
        let claim = self.density();
        claim.filter(|_| self.discrete).map(|c| c.elements[0])
    }
}

impl Model {
    /// The components of ε, one variable after another.
    pub fn noise_symbols(&self) -> Vec<Id> {
        self.noise
            .iter()
            .flat_map(|n| n.variable.symbols.iter().copied())
            .collect()
    }

    /// The components of z.
    pub fn output_symbols(&self) -> Vec<Id> {
        self.outputs
            .iter()
            .flat_map(|v| v.symbols.iter().copied())
            .collect()
    }

    /// Parameters and inputs.
    pub fn givens(&self) -> Vec<Variable> {
        self.parameters
            .iter()
            .chain(&self.inputs)
            .cloned()
            .collect()
    }

    /// The variables that points range over.
    pub fn base_variables(&self) -> Vec<Variable> {
        let mut variables = self.givens();
        match self.definition {
            Definition::Transform => {
                for noise in &self.noise {
                    // Copies with supports of their own are variables of their own.
                    if noise.domains.iter().all(|d| *d == noise.domains[0]) {
                        variables.push(noise.variable.clone());
                    } else {
                        variables.extend(noise.copies());
                    }
                }
            }
            Definition::Standardization | Definition::Target => {
                variables.extend(self.outputs.iter().cloned());
            }
        }
        variables
    }

    /// Terms over base symbols: z replaced by g(ε), or ε by S(z).
    pub fn rebase(&mut self, terms: &[Id]) -> Vec<Id> {
        let base = std::mem::take(&mut self.base);
        let result = self.graph.substitute(terms, &base);
        self.base = base;
        result
    }

    /// One term over base symbols.
    pub fn rebased(&mut self, term: Id) -> Id {
        self.rebase(&[term])[0]
    }

    /// log p(ε).
    pub fn log_noise(&mut self) -> Id {
        let terms: Vec<Id> = self
            .noise
            .iter()
            .flat_map(|n| n.log_densities.clone())
            .collect();
        self.graph.sum(&terms)
    }

    /// Each output in one piece, also one whose components are variables of their own because their
    /// bounds differ; that is then a vector.
    pub fn whole_outputs(&self) -> Vec<Variable> {
        let mut whole: Vec<Variable> = Vec::new();
        for output in &self.outputs {
            match whole.last_mut() {
                Some(before) if before.name == output.name => {
                    before.symbols.extend(&output.symbols);
                    before.shape = vec![before.symbols.len()];
                }
                _ => whole.push(output.clone()),
            }
        }
        whole
    }

    /// The places of the free coordinates among the components of z.
    pub fn free_outputs(&self) -> Vec<usize> {
        let mut offset = 0;
        let mut free = Vec::new();
        for output in &self.outputs {
            free.extend(
                free_coordinates(&output.domain, &output.shape)
                    .iter()
                    .map(|i| i + offset),
            );
            offset += output.symbols.len();
        }
        free
    }
}

/// The free coordinates of a domain among its components, as the table of domains lists them.
pub fn free_coordinates(domain: &Domain, shape: &[usize]) -> Vec<usize> {
    let size: usize = shape.iter().product();
    let last = shape.last().copied().unwrap_or(1);
    let in_matrix = |keep: fn(usize, usize) -> bool| {
        (0..size)
            .filter(|k| keep((k / last) % last, k % last))
            .collect()
    };
    match domain {
        Domain::Simplex | Domain::UnitVector => (0..size).filter(|k| k % last + 1 < last).collect(),
        Domain::LowerCholesky | Domain::PositiveDefinite => in_matrix(|i, j| j <= i),
        Domain::CorrCholesky => in_matrix(|i, j| j < i),
        Domain::Real
        | Domain::Positive
        | Domain::Nonnegative
        | Domain::Negative
        | Domain::Nonzero
        | Domain::UnitInterval
        | Domain::Interval(..)
        | Domain::GreaterThan(_)
        | Domain::LessThan(_)
        | Domain::Boolean
        | Domain::IntegerInterval(..)
        | Domain::NonnegativeInteger
        | Domain::OneHot
        | Domain::Ordered
        | Domain::PositiveOrdered => (0..size).collect(),
    }
}
