//! The gradient of E[f] by routes that do not use the estimator, nor g.

use super::estimator::claimed_density;
use super::in_z::InZ;
use super::joint::Joint;
use super::reference::edge_moves;
use crate::check::Context;
use crate::check::coordinates::free_parameters;
use crate::check::exact;
use crate::check::expect::{Estimate, Expectations};
use crate::check::masses::atoms;
use crate::check::moments::{law, split};
use crate::check::path;
use crate::check::points::Space;
use crate::check::surfaces::is_smooth;
use crate::check::univariate::value;
use crate::graph::{Id, Node};
use crate::language::Domain;
use crate::model::Model;
use crate::number::Ternary;
use rustc_hash::FxHashMap;

/// The gradient of E[f] in one parameter, by a route that does not use the estimator.
pub(super) enum Truth {
    /// The derivative of a claimed value that has been verified.
    OfValue(Id),
    /// The sum over the values of a discrete z of the mass times f ∂φ log q + ∂φ f.
    OverMasses(Id),
    /// Integrals in z-space over one coordinate each.
    InZ(InZ),
    /// One integral over all coordinates.
    Joint(Joint),
    /// The mean over the noise of the slope along the path, where the exchange is known to hold.
    AlongPath(Id),
}

impl Truth {
    /// The value at given parameters.
    pub(super) fn value(
        &self,
        context: &Context,
        model: &mut Model,
        at: &[f64],
    ) -> Option<Estimate> {
        match self {
            Truth::Joint(integral) => integral.value(context, model, at),
            Truth::InZ(integrals) => integrals.value(model, at),
            Truth::AlongPath(slope) => Expectations::new(model, at.to_vec()).of(*slope),
            Truth::OverMasses(term) => super::over_masses(model, at, *term),
            Truth::OfValue(slope) => {
                let symbols: Vec<Id> = model
                    .givens()
                    .iter()
                    .flat_map(|v| v.symbols.clone())
                    .collect();
                let slope = value(&model.graph, &symbols, at, *slope).filter(|v| v.is_finite())?;
                Some(Estimate {
                    value: slope,
                    error: slope.abs() * 1e-15,
                })
            }
        }
    }
}

/// ∂φ E[f] in z-space: Σ ∂φ ∫ qᵢ fᵢ dzᵢ for independent components and an f that is a sum over them,
/// else one integral.
pub(super) fn true_gradient(
    model: &mut Model,
    f: Id,
    verified: Option<Id>,
    parameter: Id,
) -> Result<Truth, String> {
    // Components that depend on others are no parameters of their own.
    let (_, ties) = free_parameters(model);
    let f = model.graph.attached(&[f])[0];
    if let Some(value) = verified {
        let value = model.graph.attached(&[value]);
        let value = model.graph.substitute(&value, &ties)[0];
        let slope = model
            .graph
            .differentiate(&[value], parameter)
            .map_err(|e| e.to_string())?[0];
        return Ok(Truth::OfValue(slope));
    }
    let law = law(model);
    let log_q = claimed_density(model)
        .or_else(|| law.log_density.filter(|&log_q| is_whole(model, log_q)))
        .ok_or("no density is claimed to take the gradient in")?;
    if let Some(value) = over_atoms(model, f) {
        let value = model.graph.substitute(&[value], &ties)[0];
        let slope = model
            .graph
            .differentiate(&[value], parameter)
            .map_err(|e| e.to_string())?[0];
        return Ok(Truth::OfValue(slope));
    }
    let noise = model.noise_symbols();
    if model
        .graph
        .symbols_of(&[f])
        .iter()
        .any(|s| noise.contains(s))
    {
        return Err("f mentions the noise itself".to_owned());
    }
    if super::log_mass(model) == Some(log_q) && !edge_moves(model, &[log_q]) {
        let terms = model.graph.substitute(&[f, log_q], &ties);
        let slopes = model
            .graph
            .differentiate(&terms, parameter)
            .map_err(|e| e.to_string())?;
        let score = model.graph.mul(terms[0], slopes[1]);
        let term = model.graph.add(slopes[0], score);
        return Ok(Truth::OverMasses(term));
    }
    let z = model.output_symbols();
    let apart = law
        .components
        .is_some()
        .then(|| split(&mut model.graph, f, &z))
        .flatten();
    let Some((parts, rest)) = apart else {
        return Joint::gradient(model, (f, log_q), parameter, &ties).map(Truth::Joint);
    };
    let rest = model
        .graph
        .differentiate(&[rest], parameter)
        .map_err(|e| e.to_string())?[0];
    let parts = parts
        .into_iter()
        .enumerate()
        .filter(|(_, part)| !model.graph.is_integer(*part, 0))
        .map(|(i, part)| (part, i))
        .collect();
    Ok(Truth::InZ(InZ {
        parameter,
        parts,
        rest,
        law,
    }))
}

/// The same where no density of z is at hand: the derivative of E[f] in closed form, else the mean of
/// the slope of f along the path, if the two may be exchanged.
pub(super) fn without_density(
    context: &Context,
    model: &mut Model,
    f: Id,
    parameter: Id,
) -> Option<Truth> {
    let (_, ties) = free_parameters(model);
    let along = model.rebased(f);
    let along = model.graph.attached(&[along])[0];
    let laws = model.noise.iter().flat_map(|n| n.log_densities.clone());
    let laws: Vec<Id> = laws.collect();
    if model.graph.symbols_of(&laws).contains(&parameter) {
        return None;
    }
    if let Some(mean) = exact::expectation(model, along) {
        let mean = model.graph.substitute(&[mean], &ties)[0];
        let slope = model.graph.differentiate(&[mean], parameter).ok()?[0];
        return Some(Truth::OfValue(slope));
    }
    // Whether an f jumps along the path is asked only where its estimator is pathwise.
    let noise = model.noise_symbols();
    if !is_smooth(&model.graph, along, &noise) || !path::run(context, model).verdict.holds() {
        return None;
    }
    let along = model.graph.substitute(&[along], &ties)[0];
    let slope = model.graph.differentiate(&[along], parameter).ok()?[0];
    Some(Truth::AlongPath(slope))
}

/// Whether a density that was derived from g is one formula on all of ℝ: then no end of its support
/// can move.
fn is_whole(model: &Model, log_q: Id) -> bool {
    let by_cases = |id| matches!(model.graph.node(id), Node::Ternary(Ternary::Select, ..));
    model.outputs.iter().all(|z| z.domain == Domain::Real)
        && !model.graph.reachable(&[log_q]).into_iter().any(by_cases)
}

/// Atoms of a discrete law are summed one by one up to this many.
const MOST_ATOMS: usize = 64;

/// E[f] of a discrete z with few values under its claimed masses, as a formula in the parameters.
pub(super) fn over_atoms(model: &mut Model, f: Id) -> Option<Id> {
    let log_mass =
        claimed_density(model).filter(|_| model.target.as_ref().is_some_and(|t| t.discrete))?;
    let space = Space::new(&model.graph, Vec::new());
    let atoms = atoms(model, &space, &[])
        .filter(|atoms| atoms.open == (false, false) && atoms.values.len() <= MOST_ATOMS)?;
    let z = model.output_symbols();
    let graph = &mut model.graph;
    let mut terms = Vec::new();
    for atom in atoms.values {
        let map: FxHashMap<Id, Id> = z
            .iter()
            .zip(&atom)
            .map(|(&z, &value)| (z, graph.integer(value as i64)))
            .collect();
        let there = graph.substitute(&[f, log_mass], &map);
        let mass = graph.exp(there[1]);
        terms.push(graph.mul(there[0], mass));
    }
    let total = graph.sum(&terms);
    let noise = model.noise_symbols();
    let used = model.graph.symbols_of(&[total]);
    (!used.iter().any(|s| noise.contains(s))).then_some(total)
}
