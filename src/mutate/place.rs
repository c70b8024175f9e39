//! The formulas of a spec in which mistakes are planted, and the terms that each becomes.
//!
//! Law: [`places`] of a spec and of the same spec with one formula changed agree in number and
//! order, so a place found in one is found in the other by its number.

use crate::graph::Id;
use crate::language::{canonical_name, names_used, parse_applied, parse_expression};
use crate::model::{Claim, Definition, Estimator as Estimated, Model};
use crate::spec::Formula;
use crate::spec::raw::{Estimator, PerOutput, RawSpec};
use std::collections::BTreeSet;

/// What a formula says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// What a name stands for in other formulas: the definition with this number.
    Definition(usize),
    /// z = g(ε, φ, x).
    Transform,
    /// ε = g⁻¹(z, φ, x), a claim or a definition.
    Inverse,
    /// log |det ∂g/∂ε|.
    LogDet,
    /// ∂z/∂φ.
    Velocity,
    /// Where z lies.
    Support,
    /// log q(z).
    Density,
    /// A built-in law of z.
    Distribution,
    /// A claim of `target` by its key, such as `mean`.
    Moment(&'static str),
    /// The entropy.
    Entropy,
    /// f of the expectation with this number.
    Objective(usize),
    /// The claimed E f of it.
    Value(usize),
    /// The claimed ∇φ E f of it.
    Gradient(usize),
    /// Its own estimator.
    Estimator(usize),
    /// A line of a derivation: both by number.
    Line(usize, usize),
}

/// A formula with what it says.
#[derive(Clone, Debug)]
pub struct Place {
    /// What it says.
    pub role: Role,
    /// Its keys in the file, such as `target.log_density`.
    pub name: String,
    /// The formula.
    pub formula: Formula,
}

impl Role {
    /// Whether it is a domain or a distribution rather than an expression.
    pub fn is_applied(self) -> bool {
        matches!(self, Role::Support | Role::Distribution)
    }

    /// Whether a derivative in a parameter is taken of what it says, so that a parameter that is
    /// detached changes something.
    pub fn is_differentiated(self, spec: &RawSpec) -> bool {
        match self {
            Role::Transform => follows_the_path(spec),
            Role::Inverse => spec.transform.is_empty() && follows_the_path(spec),
            Role::Objective(i) => is_pathwise(&spec.expectations[i].estimator),
            Role::Line(chain, line) => spec.derivations[chain].1[line].expr.text.contains("grad("),
            Role::Definition(_)
            | Role::LogDet
            | Role::Velocity
            | Role::Support
            | Role::Density
            | Role::Distribution
            | Role::Moment(_)
            | Role::Entropy
            | Role::Value(_)
            | Role::Gradient(_)
            | Role::Estimator(_) => false,
        }
    }

    /// Whether something is claimed about its value; an f without a claim may be anything.
    pub fn is_claimed(self, spec: &RawSpec) -> bool {
        match self {
            Role::Objective(i) => {
                let expectation = &spec.expectations[i];
                expectation.value.is_some()
                    || !expectation.gradient.is_empty()
                    || matches!(expectation.estimator, Estimator::Custom(_))
            }
            Role::Definition(_)
            | Role::Transform
            | Role::Inverse
            | Role::LogDet
            | Role::Velocity
            | Role::Support
            | Role::Density
            | Role::Distribution
            | Role::Moment(_)
            | Role::Entropy
            | Role::Value(_)
            | Role::Gradient(_)
            | Role::Estimator(_)
            | Role::Line(..) => true,
        }
    }

    /// The checks that may look at it. What defines z or its law concerns all.
    pub fn concerns(self, check: &str) -> bool {
        match self {
            Role::Definition(_)
            | Role::Transform
            | Role::Inverse
            | Role::Support
            | Role::Density
            | Role::Distribution
            | Role::LogDet => true,
            Role::Velocity => matches!(check, "path" | "velocity" | "stability"),
            Role::Moment(_) | Role::Entropy => {
                matches!(check, "normalization" | "law" | "moments" | "stability")
            }
            Role::Objective(_) | Role::Value(_) | Role::Gradient(_) | Role::Estimator(_) => {
                matches!(check, "path" | "gradient" | "stability")
            }
            Role::Line(..) => check == "derivations",
        }
    }

    /// The terms of a model that it became, where these are all that it says.
    pub(super) fn terms(self, model: &Model, name: &str) -> Option<Vec<Id>> {
        let of = |claim: Option<&Claim>| claim.map(|c| c.elements.clone());
        let target = model.target.as_ref();
        let key = name.rsplit('.').next().unwrap_or(name);
        let by_parameter = |claims: &[(String, Claim)]| {
            let key = canonical_name(key);
            let claim = claims.iter().find(|(p, _)| canonical_name(p) == key);
            of(claim.map(|(_, claim)| claim))
        };
        match self {
            Role::Transform => of(model.transform.as_ref()),
            Role::Inverse => of(model.inverse.as_ref()),
            Role::LogDet => of(model.log_abs_det_jacobian.as_ref()),
            Role::Velocity => {
                let all = model.velocity.iter();
                Some(all.flat_map(|(_, claim)| claim.elements.clone()).collect())
            }
            Role::Density => of(target?.log_density.as_ref()),
            Role::Distribution => of(target?.distribution.as_ref()),
            Role::Moment(name) => of(target?.moments.get(name)),
            Role::Entropy => of(target?.entropy.as_ref()),
            Role::Objective(i) => of(Some(&model.expectations.get(i)?.f)),
            Role::Value(i) => of(model.expectations.get(i)?.value.as_ref()),
            Role::Gradient(i) => by_parameter(&model.expectations.get(i)?.gradient),
            Role::Estimator(i) => match &model.expectations.get(i)?.estimator {
                Estimated::Custom(claims) => by_parameter(claims),
                Estimated::Pathwise | Estimated::Score | Estimated::Value => None,
            },
            Role::Definition(_) | Role::Support | Role::Line(..) => None,
        }
    }

    /// Whether it is about z = g(ε) only, rather than about every z or u.
    pub(super) fn is_at_draws(self, model: &Model) -> bool {
        let along_noise = model.definition == Definition::Transform;
        match self {
            Role::Transform
            | Role::LogDet
            | Role::Velocity
            | Role::Objective(_)
            | Role::Value(_)
            | Role::Gradient(_)
            | Role::Estimator(_) => along_noise,
            Role::Definition(_)
            | Role::Inverse
            | Role::Support
            | Role::Density
            | Role::Distribution
            | Role::Moment(_)
            | Role::Entropy
            | Role::Line(..) => false,
        }
    }
}

/// Whether some claim rests on the derivative of g in a parameter: that of an expectation, or that
/// the density moves along.
fn follows_the_path(spec: &RawSpec) -> bool {
    let has_law = spec
        .target
        .as_ref()
        .is_some_and(|target| target.log_density.is_some() || target.distribution.is_some());
    let mut expectations = spec.expectations.iter();
    if spec.expectations.is_empty() {
        has_law
    } else {
        expectations.any(|e| is_pathwise(&e.estimator))
    }
}

fn is_pathwise(estimator: &Estimator) -> bool {
    match estimator {
        Estimator::Pathwise => true,
        Estimator::Score | Estimator::None | Estimator::Custom(_) => false,
    }
}

/// The names in each expression of a spec, definitions among them, and in each domain and law.
pub(super) fn formulas(spec: &RawSpec) -> Vec<BTreeSet<String>> {
    let variables = spec.parameters.iter().chain(&spec.inputs);
    let domains = variables.map(|(_, variable)| &variable.domain);
    let laws = spec.noise.iter().map(|(_, law)| law);
    let applied = domains.chain(laws).map(|formula| names(formula, true));
    let placed = places(spec).into_iter();
    applied
        .chain(placed.map(|place| names_in(&place)))
        .collect()
}

/// The names in the formula at a place.
pub(super) fn names_in(place: &Place) -> BTreeSet<String> {
    names(&place.formula, place.role.is_applied())
}

fn names(formula: &Formula, is_applied: bool) -> BTreeSet<String> {
    let used = if is_applied {
        parse_applied(&formula.text).map(|applied| applied.names_used())
    } else {
        parse_expression(&formula.text).map(|expr| names_used(&expr))
    };
    used.map_or_else(|_| BTreeSet::new(), |used| used.into_keys().collect())
}

/// Every formula in which mistakes are planted, in the order of the spec language's page.
pub fn places(spec: &RawSpec) -> Vec<Place> {
    let mut all = Vec::new();
    let mut add = |role: Role, name: String, formula: &Formula| {
        all.push(Place {
            role,
            name,
            formula: formula.clone(),
        });
    };
    for (i, (name, formula)) in spec.define.iter().enumerate() {
        add(
            Role::Definition(i),
            format!("define.{}", name.value),
            formula,
        );
    }
    for (name, formula) in &spec.transform {
        add(
            Role::Transform,
            format!("transform.{}", name.value),
            formula,
        );
    }
    for (name, formula) in &spec.inverse {
        add(Role::Inverse, format!("inverse.{}", name.value), formula);
    }
    if let Some(formula) = &spec.log_abs_det_jacobian {
        add(Role::LogDet, "log_abs_det_jacobian".to_owned(), formula);
    }
    for (name, formula) in &spec.velocity {
        add(Role::Velocity, format!("velocity.{}", name.value), formula);
    }
    if let Some(target) = &spec.target {
        let mut claim = |role: Role, key: &str, claim: &Option<PerOutput>| match claim {
            Some(PerOutput::One(formula)) => add(role, format!("target.{key}"), formula),
            Some(PerOutput::Each(each)) => {
                for (output, formula) in each {
                    add(role, format!("target.{key}.{}", output.value), formula);
                }
            }
            None => {}
        };
        claim(Role::Support, "support", &target.support);
        claim(Role::Distribution, "distribution", &target.distribution);
        let single = [
            (Role::Density, "log_density", &target.log_density),
            (Role::Density, "log_mass", &target.log_mass),
            (Role::Entropy, "entropy", &target.entropy),
        ];
        for (role, key, formula) in single {
            claim(role, key, &formula.clone().map(PerOutput::One));
        }
        for (key, formulas) in [
            ("cdf", &target.cdf),
            ("quantile", &target.quantile),
            ("mean", &target.mean),
            ("variance", &target.variance),
            ("skewness", &target.skewness),
            ("kurtosis", &target.kurtosis),
            ("mode", &target.mode),
            ("score", &target.score),
        ] {
            claim(Role::Moment(key), key, formulas);
        }
    }
    for (i, expectation) in spec.expectations.iter().enumerate() {
        let name = |key: &str| format!("expectations[{i}].{key}");
        add(Role::Objective(i), name("f"), &expectation.f);
        if let Some(formula) = &expectation.value {
            add(Role::Value(i), name("value"), formula);
        }
        for (parameter, formula) in &expectation.gradient {
            let key = format!("gradient.{}", parameter.value);
            add(Role::Gradient(i), name(&key), formula);
        }
        if let Estimator::Custom(section) = &expectation.estimator {
            for (parameter, formula) in section {
                let key = format!("estimator.{}", parameter.value);
                add(Role::Estimator(i), name(&key), formula);
            }
        }
    }
    for (i, (name, lines)) in spec.derivations.iter().enumerate() {
        for (j, line) in lines.iter().enumerate() {
            let key = format!("derivations.{}[{j}]", name.value);
            add(Role::Line(i, j), key, &line.expr);
        }
    }
    all.retain(|place| !place.formula.is_unread());
    all
}
