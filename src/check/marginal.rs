//! The density of g(ε) at z as a term: preimages summed, discrete noise summed, surplus noise left
//! to be integrated.
//!
//! For one output coordinate, one continuous noise component is solved for by undoing g step by
//! step ([`invert`]); the others stay as variables of integration. With nothing left over the term
//! is exact, and a k-to-one map is judged point by point like any other.

use super::support;
use crate::algebra::{invert, log_abs};
use crate::graph::{Graph, Id};
use crate::model::{Model, Noise, Variable};
use crate::number::Binary;
use rustc_hash::FxHashMap;

/// The density of g(ε) at z.
#[derive(Clone, Debug)]
pub(crate) struct Marginal {
    /// The density, over φ, x, z and the components of `others`; zero where there is no preimage.
    pub(crate) density: Id,
    /// Noise components left to be integrated, as scalar variables with their supports.
    pub(crate) others: Vec<Variable>,
    /// Preimages and atoms that were summed.
    pub(crate) branches: usize,
}

/// A component of the noise with its own log-density.
struct Component<'a> {
    noise: &'a Noise,
    symbol: Id,
    log_density: Id,
}

/// The density of g(ε) at z, where it can be written; the reason where it cannot.
pub(crate) fn marginal(model: &mut Model) -> Result<Marginal, String> {
    let transform = model.transform.clone().ok_or("there is no transform")?;
    let outputs = model.output_symbols();
    let (&[term], &[z]) = (transform.elements.as_slice(), outputs.as_slice()) else {
        return Err("there are several output coordinates".to_owned());
    };
    let noise = model.noise.clone();
    let used = model.graph.symbols_of(&[term]);
    let mut continuous = Vec::new();
    let mut discrete = Vec::new();
    for n in &noise {
        if !n.variable.symbols.iter().any(|s| used.contains(s)) {
            continue;
        }
        if n.log_densities.len() != n.variable.symbols.len() {
            return Err(format!(
                "the components of `{}` are not independent",
                n.variable.name
            ));
        }
        for (&symbol, &log_density) in n.variable.symbols.iter().zip(&n.log_densities) {
            if used.contains(&symbol) {
                let component = Component {
                    noise: n,
                    symbol,
                    log_density,
                };
                if n.is_discrete() {
                    discrete.push(component)
                } else {
                    continuous.push(component)
                }
            }
        }
    }
    let graph = &mut model.graph;
    let atoms = atoms(graph, &discrete)?;
    for k in 0..continuous.len() {
        let Some((density, branches)) = solve_for(graph, term, z, &continuous, k, &atoms) else {
            continue;
        };
        let others = continuous
            .iter()
            .enumerate()
            .filter(|(i, _)| *i != k)
            .map(|(_, c)| Variable {
                name: graph.display(c.symbol),
                shape: Vec::new(),
                symbols: vec![c.symbol],
                domain: c.noise.variable.domain.clone(),
                range: None,
            })
            .collect();
        return Ok(Marginal {
            density,
            others,
            branches,
        });
    }
    Err("no noise component could be solved for".to_owned())
}

type Atom = (FxHashMap<Id, Id>, Id);

/// Every combination of values of discrete noise, with the log of its probability.
fn atoms(graph: &mut Graph, discrete: &[Component]) -> Result<Vec<Atom>, String> {
    let zero = graph.integer(0);
    let mut all: Vec<Atom> = vec![(FxHashMap::default(), zero)];
    for component in discrete {
        let values: Vec<i64> = match component.noise.law_name() {
            "bernoulli" => vec![0, 1],
            "rademacher" => vec![-1, 1],
            name => return Err(format!("the atoms of `{name}` are not listed")),
        };
        let mut next = Vec::new();
        for (map, weight) in &all {
            for &value in &values {
                let mut map = map.clone();
                let at = graph.integer(value);
                map.insert(component.symbol, at);
                let mass = graph.substitute(&[component.log_density], &map)[0];
                next.push((map, graph.add(*weight, mass)));
            }
        }
        if next.len() > 64 {
            return Err("the discrete noise takes too many values".to_owned());
        }
        all = next;
    }
    Ok(all)
}

fn solve_for(
    graph: &mut Graph,
    term: Id,
    z: Id,
    continuous: &[Component],
    k: usize,
    atoms: &[Atom],
) -> Option<(Id, usize)> {
    let solved = &continuous[k];
    let zero = graph.integer(0);
    let variable = Variable {
        name: "noise".to_owned(),
        shape: Vec::new(),
        symbols: vec![solved.symbol],
        domain: solved.noise.variable.domain.clone(),
        range: None,
    };
    let in_support = support::conditions(graph, &variable);
    let mut contributions = Vec::new();
    for (map, weight) in atoms {
        let at_atom = graph.substitute(&[term], map)[0];
        if !graph.symbols_of(&[at_atom]).contains(&solved.symbol) {
            return None; // an atom of z: there is no density
        }
        let slope = graph.differentiate(&[at_atom], solved.symbol).ok()?[0];
        let log_slope = log_abs(graph, slope);
        let log_mass = graph.sub(solved.log_density, log_slope);
        let log_mass = graph.add(log_mass, *weight);
        for branch in invert(graph, at_atom, solved.symbol, z)? {
            let there = FxHashMap::from_iter([(solved.symbol, branch.solution)]);
            let log_here = graph.substitute(&[log_mass], &there)[0];
            let mut conditions = branch.conditions.clone();
            for condition in &in_support {
                let term = graph.substitute(&[condition.term], &there)[0];
                conditions.push(graph.binary(Binary::Less, zero, term));
            }
            let mass = graph.exp(log_here);
            // Nested, so that a later condition is asked only where the earlier ones hold: the
            // solution need not be defined elsewhere.
            let contribution = conditions
                .iter()
                .rev()
                .fold(mass, |inner, &c| graph.select(c, inner, zero));
            contributions.push(contribution);
        }
    }
    let branches = contributions.len();
    let mut density = graph.sum(&contributions);
    for (i, other) in continuous.iter().enumerate() {
        if i != k {
            let p = graph.exp(other.log_density);
            density = graph.mul(density, p);
        }
    }
    Some((density, branches))
}
