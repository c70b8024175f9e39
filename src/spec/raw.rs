//! The parts of a spec as they are written, in the order of the file.
//!
//! Nothing is resolved here: names are not looked up and expressions not parsed. What each key
//! means is said by the spec language; a field here has the name of its key.

use super::{Formula, Located};
use crate::diagnostic::Span;
use std::collections::BTreeSet;

/// A list of names with what each stands for, in the order of the file.
pub type Named<T> = Vec<(Located<String>, T)>;

/// A whole spec file.
#[derive(Clone, Debug, PartialEq)]
pub struct RawSpec {
    /// The name of the spec: `[a-z0-9_-]+`.
    pub name: Located<String>,
    /// One line that says what it is.
    pub summary: Option<String>,
    /// Where it comes from.
    pub references: Vec<String>,
    /// Sizes, at least one for each name, each at least 1.
    pub dimensions: Named<Vec<Located<usize>>>,
    /// φ.
    pub parameters: Named<RawVariable>,
    /// x.
    pub inputs: Named<RawVariable>,
    /// ε: name to distribution with shape.
    pub noise: Named<Formula>,
    /// Names for expressions used below.
    pub define: Named<Formula>,
    /// z = g(ε, φ, x).
    pub transform: Named<Formula>,
    /// ε = g⁻¹(z, φ, x).
    pub inverse: Named<Formula>,
    /// Claimed log |det ∂g/∂ε|.
    pub log_abs_det_jacobian: Option<Formula>,
    /// Parameter to claimed ∂z/∂φ.
    pub velocity: Named<Formula>,
    /// The law claimed for z.
    pub target: Option<RawTarget>,
    /// Objectives whose gradient must be unbiased.
    pub expectations: Vec<RawExpectation>,
    /// Chains of equalities of at least two lines.
    pub derivations: Named<Vec<RawLine>>,
    /// Check to verdict: one of [`CHECKS`] to one of [`VERDICTS`].
    pub expect: Vec<(Located<String>, Located<String>)>,
    /// Each top-level key that is given, with the place of the key.
    pub sections: Vec<(&'static str, Span)>,
    /// Names under unknown and repeated keys, in their canonical form: what they stand for is not
    /// read, but they were meant to exist.
    pub lost: BTreeSet<String>,
    /// Whether a section that defines names is missing or no map: any name may have been meant to
    /// stand there.
    pub names_missing: bool,
}

impl RawSpec {
    /// Where a top-level key stands, if it is given.
    pub fn section(&self, key: &str) -> Option<Span> {
        let found = self.sections.iter().find(|(name, _)| *name == key);
        found.map(|(_, span)| span.clone())
    }
}

/// A parameter or an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawVariable {
    /// Where its values lie, with its shape.
    pub domain: Formula,
    /// Narrows where numeric checks draw values: lower and upper bound.
    pub range: Option<[Formula; 2]>,
    /// For people.
    pub description: Option<String>,
}

/// A claim about z: one expression, or one for each output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PerOutput {
    /// About the only output.
    One(Formula),
    /// By the name of the output.
    Each(Named<Formula>),
}

/// What a density is a density of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Lebesgue measure on the free coordinates.
    Coordinates,
    /// Surface area.
    Hausdorff,
}

impl PerOutput {
    /// Every formula in it.
    pub fn formulas(&self) -> Vec<&Formula> {
        match self {
            PerOutput::One(formula) => vec![formula],
            PerOutput::Each(each) => each.iter().map(|(_, formula)| formula).collect(),
        }
    }

    /// Where its first formula stands.
    pub fn span(&self) -> Option<Span> {
        self.formulas().first().map(|formula| formula.span())
    }
}

/// The law claimed for z.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawTarget {
    /// The whole section.
    pub span: Span,
    /// Where z lies.
    pub support: Option<PerOutput>,
    /// log q(z); never beside `log_mass`.
    pub log_density: Option<Formula>,
    /// log of the mass of a discrete z.
    pub log_mass: Option<Formula>,
    /// A built-in distribution that z has.
    pub distribution: Option<PerOutput>,
    /// A built-in distribution that draws z, where no noise is modelled.
    pub sampler: Option<PerOutput>,
    /// The name of z where there is no transform.
    pub variable: Option<Located<String>>,
    /// What the density is a density of.
    pub measure: Option<Located<Measure>>,
    /// Formulas are claimed on all of ℝ.
    pub whole_line: bool,
    /// The density is claimed up to a factor free of z.
    pub unnormalized: bool,
    /// P(Z ≤ z).
    pub cdf: Option<PerOutput>,
    /// The inverse of the CDF, in u.
    pub quantile: Option<PerOutput>,
    /// E z.
    pub mean: Option<PerOutput>,
    /// Var z.
    pub variance: Option<PerOutput>,
    /// The third standardized moment.
    pub skewness: Option<PerOutput>,
    /// The fourth standardized moment less 3.
    pub kurtosis: Option<PerOutput>,
    /// In nats.
    pub entropy: Option<Formula>,
    /// Where the density is largest.
    pub mode: Option<PerOutput>,
    /// ∂ log q/∂z.
    pub score: Option<PerOutput>,
}

/// How the gradient of an expectation is estimated from one draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Estimator {
    /// By ∇φ f(g(ε, φ)).
    Pathwise,
    /// By f(z) ∇φ log q(z).
    Score,
    /// Not at all: only the value is claimed.
    None,
    /// By these expressions, each for a parameter.
    Custom(Named<Formula>),
}

/// An objective E f.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawExpectation {
    /// The function of z, ε, φ and x.
    pub f: Formula,
    /// The claimed E f.
    pub value: Option<Formula>,
    /// The claimed ∇φ E f, by parameter.
    pub gradient: Named<Formula>,
    /// How the gradient is estimated.
    pub estimator: Estimator,
    /// For people.
    pub name: Option<String>,
    /// The whole entry.
    pub span: Span,
}

/// A line of a derivation, equal to the line above it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawLine {
    /// The expression.
    pub expr: Formula,
    /// Why it is equal to the line above, for people.
    pub because: Option<String>,
}

/// The checks that `expect` may name.
pub const CHECKS: [&str; 12] = [
    "support",
    "inverse",
    "jacobian",
    "density",
    "normalization",
    "law",
    "moments",
    "path",
    "velocity",
    "gradient",
    "derivations",
    "stability",
];

/// The verdicts that `expect` may state.
pub const VERDICTS: [&str; 6] = [
    "proved",
    "certified",
    "tested",
    "refuted",
    "inconclusive",
    "skipped",
];

/// The keys of a spec.
pub const SPEC_KEYS: [&str; 16] = [
    "name",
    "summary",
    "references",
    "dimensions",
    "parameters",
    "inputs",
    "noise",
    "define",
    "transform",
    "inverse",
    "log_abs_det_jacobian",
    "velocity",
    "target",
    "expectations",
    "derivations",
    "expect",
];

/// The keys of `target`.
pub const TARGET_KEYS: [&str; 18] = [
    "support",
    "log_density",
    "log_mass",
    "distribution",
    "sampler",
    "variable",
    "measure",
    "whole_line",
    "unnormalized",
    "cdf",
    "quantile",
    "mean",
    "variance",
    "skewness",
    "kurtosis",
    "entropy",
    "mode",
    "score",
];

/// The keys of an entry of `expectations`.
pub const EXPECTATION_KEYS: [&str; 5] = ["f", "value", "gradient", "estimator", "name"];
