//! Dirichlet noise as a stick broken at independent places: ε₁ = t₁, ε₂ = (1 − t₁)·t₂, …, with
//! tᵢ ~ Beta(aᵢ, aᵢ₊₁ + … + aₖ) (Sethuraman 1994, section 3). Expectations of functions of its components
//! are then integrals over independent variables, one for each that a function mentions. Known moments
//! hold this in `tests/pairs.rs` (`dirichlet-variance`).

use crate::graph::{Graph, Id};
use crate::language::Domain;
use crate::model::{Model, Variable};
use crate::number::Unary;
use rustc_hash::FxHashMap;

/// One place at which a stick is broken.
pub(crate) struct Stick {
    /// The share that is broken off.
    pub(crate) variable: Variable,
    /// Its log-density, that of Beta(a, b).
    pub(crate) log_density: Id,
    /// (a, b).
    pub(crate) concentrations: (Id, Id),
}

/// All Dirichlet noise of a model.
#[derive(Default)]
pub(crate) struct Sticks {
    /// The sticks, independent of one another and of the other noise.
    pub(crate) each: Vec<Stick>,
    replaced: FxHashMap<Id, Id>,
}

impl Sticks {
    /// The sticks of the Dirichlet noise of a model.
    pub(crate) fn new(model: &mut Model) -> Sticks {
        let mut sticks = Sticks::default();
        let noise = model.noise.clone();
        for n in noise.iter().filter(|n| n.law_name() == "dirichlet") {
            let copies = n.copies();
            for (copy, arguments) in copies.iter().zip(n.law.arguments()) {
                let Some(concentrations) = arguments.first() else {
                    continue;
                };
                sticks.break_up(&mut model.graph, &copy.symbols, &concentrations.elements);
            }
        }
        sticks
    }

    fn break_up(&mut self, graph: &mut Graph, components: &[Id], concentrations: &[Id]) {
        let Some((&last, first)) = components.split_last() else {
            return;
        };
        if concentrations.len() != components.len() {
            return;
        }
        let one = graph.integer(1);
        let mut left = one;
        for (i, &component) in first.iter().enumerate() {
            let (a, b) = (concentrations[i], graph.sum(&concentrations[i + 1..]));
            let t = graph.symbol("stick()", &[self.each.len()]);
            self.replaced.insert(component, graph.mul(left, t));
            let rest = graph.sub(one, t);
            left = graph.mul(left, rest);
            self.each.push(Stick {
                variable: Variable {
                    name: format!("stick[{}]", self.each.len()),
                    shape: Vec::new(),
                    symbols: vec![t],
                    domain: Domain::UnitInterval,
                    range: None,
                },
                log_density: log_beta(graph, t, (a, b)),
                concentrations: (a, b),
            });
        }
        self.replaced.insert(last, left);
    }

    /// A term with the components written in sticks.
    pub(crate) fn broken(&self, graph: &mut Graph, term: Id) -> Id {
        if self.replaced.is_empty() {
            return term;
        }
        graph.substitute(&[term], &self.replaced)[0]
    }
}

/// (a − 1) log t + (b − 1) log(1 − t) − log B(a, b).
fn log_beta(graph: &mut Graph, t: Id, (a, b): (Id, Id)) -> Id {
    let one = graph.integer(1);
    let total = graph.add(a, b);
    let [lgamma_a, lgamma_b, lgamma_total] = [a, b, total].map(|x| graph.unary(Unary::Lgamma, x));
    let minus = graph.neg(t);
    let (below, above) = (graph.log(t), graph.unary(Unary::Log1p, minus));
    let (a, b) = (graph.sub(a, one), graph.sub(b, one));
    let parts = [graph.mul(a, below), graph.mul(b, above), lgamma_total];
    let sum = graph.sum(&parts);
    let constant = graph.add(lgamma_a, lgamma_b);
    graph.sub(sum, constant)
}
