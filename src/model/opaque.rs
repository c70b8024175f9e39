//! What derivations speak of and no formula computes: an unspecified test function at some
//! arguments, and integrals. In the graph each is a symbol of its own; the tables say of what.

use crate::graph::{Graph, Id, NotDifferentiable};
use rustc_hash::FxHashMap;

/// f, or a partial derivative of it, at some arguments.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Application {
    /// The arguments by which f is differentiated, in increasing order.
    pub derivative: Vec<usize>,
    /// Where it is taken.
    pub arguments: Vec<Id>,
}

/// What an integral runs over.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Over {
    /// The support of z.
    Output,
    /// The supports of noise variables, by name, sorted.
    Noise(Vec<String>),
}

/// An integral.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Integral {
    /// The domain.
    pub over: Over,
    /// What is integrated.
    pub integrand: Id,
    /// The parameters by which the whole is differentiated.
    pub by: Vec<Id>,
}

/// The tables.
#[derive(Clone, Debug, Default)]
pub struct Opaque {
    applications: FxHashMap<Id, Application>,
    integrals: FxHashMap<Id, Integral>,
    ids: FxHashMap<Application, Id>,
    integral_ids: FxHashMap<Integral, Id>,
}

impl Opaque {
    /// What a symbol is the value of, if it stands for f at some arguments.
    pub fn application(&self, symbol: Id) -> Option<&Application> {
        self.applications.get(&symbol)
    }

    /// Which integral a symbol stands for.
    pub fn integral(&self, symbol: Id) -> Option<&Integral> {
        self.integrals.get(&symbol)
    }

    /// The symbol for f at some arguments.
    pub fn apply(&mut self, graph: &mut Graph, application: Application) -> Id {
        if let Some(&id) = self.ids.get(&application) {
            return id;
        }
        // No name of a spec has a parenthesis.
        let id = graph.symbol("f()", &[self.applications.len()]);
        self.ids.insert(application.clone(), id);
        self.applications.insert(id, application);
        id
    }

    /// The symbol for an integral.
    pub fn integrate(&mut self, graph: &mut Graph, integral: Integral) -> Id {
        if let Some(&id) = self.integral_ids.get(&integral) {
            return id;
        }
        let id = graph.symbol("integral()", &[self.integrals.len()]);
        self.integral_ids.insert(integral.clone(), id);
        self.integrals.insert(id, integral);
        id
    }

    /// The applications that a term contains, in order of creation.
    pub fn applications_in(&self, graph: &Graph, term: Id) -> Vec<Id> {
        let symbols = graph.symbols_of(&[term]);
        symbols
            .into_iter()
            .filter(|id| self.applications.contains_key(id))
            .collect()
    }

    /// The integrals that a term contains.
    pub fn integrals_in(&self, graph: &Graph, term: Id) -> Vec<Id> {
        let symbols = graph.symbols_of(&[term]);
        symbols
            .into_iter()
            .filter(|id| self.integrals.contains_key(id))
            .collect()
    }

    /// A term with symbols replaced, also in the arguments of f; integrals are closed.
    pub fn substitute(
        &mut self,
        graph: &mut Graph,
        term: Id,
        replacements: &FxHashMap<Id, Id>,
    ) -> Id {
        let mut replacements = replacements.clone();
        for id in self.applications_in(graph, term) {
            let mut application = self.applications[&id].clone();
            application.arguments = graph.substitute(&application.arguments, &replacements);
            let new = self.apply(graph, application);
            replacements.insert(id, new);
        }
        graph.substitute(&[term], &replacements)[0]
    }

    /// ∂term/∂variable, through the arguments of f by the chain rule; of an integral it is a
    /// symbol of its own.
    ///
    /// # Errors
    /// Where a function has no derivative in closed form.
    pub fn differentiate(
        &mut self,
        graph: &mut Graph,
        term: Id,
        variable: Id,
    ) -> Result<Id, NotDifferentiable> {
        let mut parts = graph.differentiate(&[term], variable)?;
        for id in self.applications_in(graph, term) {
            let outer = graph.differentiate(&[term], id)?[0];
            let application = self.applications[&id].clone();
            let slopes = graph.differentiate(&application.arguments, variable)?;
            for (place, slope) in slopes.into_iter().enumerate() {
                if graph.is_integer(slope, 0) {
                    continue;
                }
                let mut inner = application.clone();
                inner.derivative.push(place);
                inner.derivative.sort_unstable();
                let inner = self.apply(graph, inner);
                let product = graph.mul(inner, slope);
                parts.push(graph.mul(outer, product));
            }
        }
        for id in self.integrals_in(graph, term) {
            let outer = graph.differentiate(&[term], id)?[0];
            let mut integral = self.integrals[&id].clone();
            integral.by.push(variable);
            integral.by.sort_unstable();
            let slope = self.integrate(graph, integral);
            parts.push(graph.mul(outer, slope));
        }
        Ok(graph.sum(&parts))
    }
}
