//! The length that a draw on a simplex or a sphere leaves out.
//!
//! A vector over its norm or over its sum, a softmax: every component depends on its own noise and
//! on one term r in all of the noise, zᵢ = tᵢ(εᵢ, r). With r as a variable of its own the components
//! come apart: εᵢ = hᵢ(zᵢ, r), and ε ↦ (z, r) is one-to-one where r(h(z, r)) = r, which is proved.
//! With the unit normal n of the surface on which z lies,
//!
//! |det ∂ε/∂(z, r)| = ∏ |∂hᵢ/∂zᵢ| · |Σ nᵢ ∂tᵢ/∂r|,
//!
//! for det [D·T, v] = det D · (n · D⁻¹v) up to its sign, with D diagonal and T an orthonormal basis
//! of the directions along the surface. A volume on a simplex is that of all components but one,
//! which is the area over √k: there n is a vector of ones.

use crate::algebra::{Outcome, Signs, prove, prove_sign};
use crate::check::coordinates::dependents;
use crate::check::facts;
use crate::check::points::Space;
use crate::graph::{Graph, Id};
use crate::language::Domain;
use crate::model::{Model, Variable};
use crate::number::Unary;
use crate::spec::raw::Measure;
use rustc_hash::FxHashMap;

/// The most terms that are tried for r.
const MOST_CANDIDATES: usize = 64;

/// The components of z with r in them as a symbol.
pub(super) struct Length {
    /// r.
    pub(super) variable: Variable,
    /// What r stands for, in the noise.
    meaning: Id,
    /// The tᵢ.
    pub(super) terms: Vec<Id>,
    /// A normal of the surface, in z.
    normal: Vec<Id>,
}

impl Length {
    /// log |Σ nᵢ ∂tᵢ/∂r| where the tᵢ are the components `z`, in the noise, z and r.
    pub(super) fn log_volume(&self, graph: &mut Graph, terms: &[Id], z: &[Id]) -> Option<Id> {
        let slopes = graph.differentiate(terms, self.variable.symbols[0]).ok()?;
        let places = terms.iter().copied().zip(z.iter().copied()).collect();
        let slopes = graph.substitute(&slopes, &places);
        let parts = slopes.iter().zip(&self.normal);
        let parts: Vec<Id> = parts.map(|(&t, &n)| graph.mul(t, n)).collect();
        let sum = graph.sum(&parts);
        Some(crate::algebra::log_abs(graph, sum))
    }

    /// Whether r comes out as it was put in: r(h(z, r)) = r wherever z is on the surface.
    pub(super) fn is_consistent(&self, model: &mut Model, solution: &FxHashMap<Id, Id>) -> bool {
        let back = model.graph.substitute(&[self.meaning], solution)[0];
        let mut variables = model.givens();
        variables.extend(model.outputs.iter().cloned());
        variables.push(self.variable.clone());
        let space = Space::new(&model.graph, variables);
        let known = facts::facts(&mut model.graph, &space);
        on_surface(model).into_iter().all(|place| {
            let graph = &mut model.graph;
            let sides = graph.substitute(&[back, self.variable.symbols[0]], &place);
            matches!(
                prove(graph, &known, sides[0], sides[1]),
                Outcome::Proved(..)
            )
        })
    }
}

/// The only output, where it lies on a simplex or a sphere.
fn surface(model: &Model) -> Option<&Variable> {
    match model.outputs.as_slice() {
        [z] if matches!(z.domain, Domain::Simplex | Domain::UnitVector) && z.shape.len() == 1 => {
            Some(z)
        }
        _ => None,
    }
}

/// What the last component is in the others, in each way that the surface allows.
fn on_surface(model: &mut Model) -> Vec<FxHashMap<Id, Id>> {
    let Some(z) = surface(model).cloned() else {
        return Vec::new();
    };
    if z.domain == Domain::Simplex {
        return vec![dependents(model, &z)];
    }
    let graph = &mut model.graph;
    let Some((&last, others)) = z.symbols.split_last() else {
        return Vec::new();
    };
    let squares: Vec<Id> = others.iter().map(|&z| graph.square(z)).collect();
    let (sum, one) = (graph.sum(&squares), graph.integer(1));
    let rest = graph.sub(one, sum);
    let root = graph.unary(Unary::Sqrt, rest);
    let other = graph.neg(root);
    [root, other]
        .map(|place| FxHashMap::from_iter([(last, place)]))
        .into()
}

/// The components `terms` of z, which all share one term in the noise components `noise`.
pub(super) fn length(model: &mut Model, terms: &[Id], noise: &[Id]) -> Option<Length> {
    let z = surface(model)?.clone();
    let lebesgue = model.target.as_ref()?.measure == Measure::Coordinates;
    if z.domain == Domain::UnitVector && lebesgue {
        return None;
    }
    let (meaning, terms) = shared(&mut model.graph, terms, noise)?;
    let space = Space::new(&model.graph, model.base_variables());
    let known = facts::facts(&mut model.graph, &space);
    let graph = &mut model.graph;
    let domain = if prove_sign(graph, &known, meaning, Signs::NONNEGATIVE) {
        Domain::Positive
    } else {
        Domain::Real
    };
    let normal = match z.domain {
        Domain::UnitVector => z.symbols.clone(),
        _ if lebesgue => vec![graph.integer(1); z.symbols.len()],
        _ => {
            let size = graph.integer(z.symbols.len() as i64);
            let root = graph.unary(Unary::Sqrt, size);
            let one = graph.integer(1);
            vec![graph.div(one, root); z.symbols.len()]
        }
    };
    Some(Length {
        variable: Variable {
            name: "length".to_owned(),
            shape: Vec::new(),
            symbols: vec![symbol(graph)],
            domain,
            range: None,
        },
        meaning,
        terms,
        normal,
    })
}

/// The symbol for r, which no spec can name.
fn symbol(graph: &mut Graph) -> Id {
    graph.symbol("length()", &[])
}

/// The largest term in all of the noise without which each component knows its own noise alone, and
/// the components with a symbol in its place.
fn shared(graph: &mut Graph, terms: &[Id], noise: &[Id]) -> Option<(Id, Vec<Id>)> {
    let (first, others) = terms.split_first()?;
    let mut common = graph.reachable(&[*first]);
    for term in others {
        let parts = graph.reachable(&[*term]);
        common.retain(|id| parts.binary_search(id).is_ok());
    }
    let symbol = symbol(graph);
    for candidate in common.into_iter().rev().take(MOST_CANDIDATES) {
        let used = graph.symbols_of(&[candidate]);
        if noise.len() < 2 || !noise.iter().all(|s| used.contains(s)) {
            continue;
        }
        let apart = graph.substitute(terms, &FxHashMap::from_iter([(candidate, symbol)]));
        let mut own = Vec::new();
        for term in &apart {
            let used = graph.symbols_of(&[*term]);
            let mut of_noise = noise.iter().filter(|s| used.contains(s));
            match (of_noise.next(), of_noise.next(), used.contains(&symbol)) {
                (Some(own_noise), None, true) => own.push(*own_noise),
                _ => break,
            }
        }
        own.sort_unstable();
        own.dedup();
        if own.len() == terms.len() {
            return Some((candidate, apart));
        }
    }
    None
}
