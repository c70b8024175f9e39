//! Expectations over the noise, by quadrature: sums are taken apart by linearity, products by
//! independence, so that what is integrated depends on one or two noise components at a time.

use super::masses::Masses;
use super::normalization::{DISTRUST, TOO_COARSE};
use super::sticks::Sticks;
use super::univariate::{self, Curve, integrate_over, is_settled};
use crate::graph::{Graph, Id, Node};
use crate::model::{Model, Variable};
use crate::number::{Binary, Rational, Unary};
use rustc_hash::FxHashMap;

/// A base with its exponent.
type Factor = (Id, Rational);

/// A number with a bound on its error, as far as quadrature knows it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Estimate {
    /// The value.
    pub(crate) value: f64,
    /// Its estimated error.
    pub(crate) error: f64,
}

impl Estimate {
    /// A number known exactly.
    pub(crate) fn exact(value: f64) -> Estimate {
        Estimate { value, error: 0.0 }
    }

    /// The sum.
    #[must_use]
    pub(crate) fn plus(self, other: Estimate) -> Estimate {
        Estimate {
            value: self.value + other.value,
            error: self.error + other.error,
        }
    }

    /// The product.
    #[must_use]
    pub(crate) fn times(self, other: Estimate) -> Estimate {
        Estimate {
            value: self.value * other.value,
            error: self.error * (other.value.abs() + other.error) + other.error * self.value.abs(),
        }
    }
}

/// Takes expectations over the noise of a model at fixed parameters.
pub(crate) struct Expectations<'a> {
    model: &'a mut Model,
    symbols: Vec<Id>,
    at: Vec<f64>,
    /// Scalar noise components by symbol: support, log-density, whether discrete.
    components: FxHashMap<Id, (Variable, Id)>,
    /// Dirichlet noise, as sticks.
    sticks: Sticks,
    known: FxHashMap<Id, Option<Estimate>>,
}

impl<'a> Expectations<'a> {
    /// Over the noise, at values `at` of the symbols of parameters and inputs.
    pub(crate) fn new(model: &'a mut Model, at: Vec<f64>) -> Expectations<'a> {
        let symbols: Vec<Id> = model
            .givens()
            .iter()
            .flat_map(|v| v.symbols.clone())
            .collect();
        let mut components = FxHashMap::default();
        for n in &model.noise {
            if n.log_densities.len() == n.variable.symbols.len() {
                for (&symbol, &log_density) in n.variable.symbols.iter().zip(&n.log_densities) {
                    let mut variable = n.variable.clone();
                    (variable.shape, variable.symbols) = (Vec::new(), vec![symbol]);
                    components.insert(symbol, (variable, log_density));
                }
            }
        }
        let sticks = Sticks::new(model);
        for stick in &sticks.each {
            let symbol = stick.variable.symbols[0];
            components.insert(symbol, (stick.variable.clone(), stick.log_density));
        }
        Expectations {
            model,
            symbols,
            at,
            components,
            sticks,
            known: FxHashMap::default(),
        }
    }

    /// The graph of the model.
    pub(crate) fn graph(&mut self) -> &mut Graph {
        &mut self.model.graph
    }

    /// E[term] for a term over parameters, inputs and noise; none where it is not reached.
    pub(crate) fn of(&mut self, term: Id) -> Option<Estimate> {
        if let Some(known) = self.known.get(&term) {
            return *known;
        }
        let broken = self.sticks.broken(&mut self.model.graph, term);
        let estimate = self
            .compute(broken)
            .filter(|e| e.value.is_finite() && e.error.is_finite());
        self.known.insert(term, estimate);
        estimate
    }

    /// The value of a term without noise.
    pub(crate) fn value(&self, term: Id) -> Option<f64> {
        univariate::value(&self.model.graph, &self.symbols, &self.at, term)
    }

    fn noise_of(&self, term: Id) -> Vec<Id> {
        let symbols = self.model.graph.symbols_of(&[term]);
        let noise = self.model.noise_symbols();
        let is_noise = |s: &Id| noise.contains(s) || self.components.contains_key(s);
        symbols.into_iter().filter(is_noise).collect()
    }

    fn compute(&mut self, term: Id) -> Option<Estimate> {
        let noise = self.noise_of(term);
        if noise.is_empty() {
            return self.value(term).map(Estimate::exact);
        }
        match self.model.graph.node(term) {
            Node::Binary(Binary::Add, a, b) => return Some(self.of(a)?.plus(self.of(b)?)),
            Node::Binary(Binary::Sub, a, b) => {
                let minus = self.of(b)?.times(Estimate::exact(-1.0));
                return Some(self.of(a)?.plus(minus));
            }
            Node::Unary(Unary::Neg, a) => return Some(self.of(a)?.times(Estimate::exact(-1.0))),
            Node::Constant(_)
            | Node::Pi
            | Node::Infinity
            | Node::Symbol(_)
            | Node::Unary(..)
            | Node::Binary(..)
            | Node::Ternary(..) => {}
        }
        let mut factors = Vec::new();
        self.factor(term, &Rational::ONE, &mut factors, 0);
        let groups = self.groups(&factors);
        if groups.len() > 1 {
            let mut product = Estimate::exact(1.0);
            for group in groups {
                product = product.times(self.of_group(&group)?);
            }
            return Some(product);
        }
        // What depends on one component is integrated as it is; the rest is first taken apart.
        if noise.len() > 1
            && let Some(expanded) = self.expand(term)
        {
            return self.of(expanded);
        }
        self.integral(term, &noise)
    }

    /// Writes a term as a product of powers.
    fn factor(&mut self, term: Id, power: &Rational, out: &mut Vec<(Id, Rational)>, depth: usize) {
        let node = self.model.graph.node(term);
        if depth < 40 {
            match node {
                Node::Binary(Binary::Mul, a, b) if power.is_int() => {
                    self.factor(a, power, out, depth + 1);
                    self.factor(b, power, out, depth + 1);
                    return;
                }
                Node::Binary(Binary::Div, a, b) if power.is_int() => {
                    self.factor(a, power, out, depth + 1);
                    self.factor(b, &-power.clone(), out, depth + 1);
                    return;
                }
                Node::Binary(Binary::Pow, a, exponent) => {
                    let exponent = self.model.graph.as_constant(exponent).cloned();
                    if let Some(exponent) = exponent.filter(|e| e.is_int() && power.is_int()) {
                        self.factor(a, &(power * exponent), out, depth + 1);
                        return;
                    }
                }
                // √x to an even power is x to half of it.
                Node::Unary(Unary::Sqrt, a) if (power / Rational::from(2)).is_int() => {
                    self.factor(a, &(power / Rational::from(2)), out, depth + 1);
                    return;
                }
                Node::Constant(_)
                | Node::Pi
                | Node::Infinity
                | Node::Symbol(_)
                | Node::Unary(..)
                | Node::Binary(..)
                | Node::Ternary(..) => {}
            }
        }
        out.push((term, power.clone()));
    }

    /// Factors that share noise, together.
    fn groups(&self, factors: &[(Id, Rational)]) -> Vec<Vec<(Id, Rational)>> {
        let mut groups: Vec<(Vec<Id>, Vec<Factor>)> = Vec::new();
        for factor in factors {
            let mut noise = self.noise_of(factor.0);
            let mut members = vec![factor.clone()];
            let (joined, rest): (Vec<_>, Vec<_>) = groups
                .into_iter()
                .partition(|(n, _)| n.iter().any(|s| noise.contains(s)));
            for (n, m) in joined {
                noise.extend(n);
                members.extend(m);
            }
            groups = rest;
            groups.push((noise, members));
        }
        groups.into_iter().map(|(_, members)| members).collect()
    }

    fn of_group(&mut self, group: &[(Id, Rational)]) -> Option<Estimate> {
        let mut term = self.model.graph.integer(1);
        for (base, power) in group {
            let power = self.model.graph.constant(power.clone());
            let factor = self.model.graph.pow(*base, power);
            term = self.model.graph.mul(term, factor);
        }
        self.of(term)
    }

    /// A square of a sum, or a product with a sum, multiplied out one step.
    fn expand(&mut self, term: Id) -> Option<Id> {
        let graph = &mut self.model.graph;
        match graph.node(term) {
            Node::Binary(Binary::Pow, base, exponent) if graph.is_integer(exponent, 2) => {
                let (a, b, negative) = sum_of(graph, base)?;
                let two = graph.integer(if negative { -2 } else { 2 });
                let (aa, bb, ab) = (graph.square(a), graph.square(b), graph.mul(a, b));
                let cross = graph.mul(two, ab);
                let sum = graph.add(aa, cross);
                Some(graph.add(sum, bb))
            }
            Node::Binary(Binary::Mul, x, y) => {
                let ((a, b, negative), other) = match sum_of(graph, x) {
                    Some(sum) => (sum, y),
                    None => (sum_of(graph, y)?, x),
                };
                let (left, right) = (graph.mul(a, other), graph.mul(b, other));
                Some(if negative {
                    graph.sub(left, right)
                } else {
                    graph.add(left, right)
                })
            }
            Node::Constant(_)
            | Node::Pi
            | Node::Infinity
            | Node::Symbol(_)
            | Node::Unary(..)
            | Node::Binary(..)
            | Node::Ternary(..) => None,
        }
    }

    fn integral(&mut self, term: Id, noise: &[Id]) -> Option<Estimate> {
        let mut weight = Vec::new();
        let mut continuous = Vec::new();
        for symbol in noise {
            let (variable, log_density) = self.components.get(symbol)?.clone();
            weight.push(log_density);
            continuous.push((*symbol, variable));
        }
        let discrete: Vec<Id> = self
            .model
            .noise
            .iter()
            .filter(|n| n.is_discrete())
            .flat_map(|n| n.variable.symbols.clone())
            .collect();
        if let Some(place) = noise.iter().position(|s| discrete.contains(s)) {
            return self.atoms(term, noise[place]);
        }
        let graph = &mut self.model.graph;
        let log_weight = graph.sum(&weight);
        let density = graph.exp(log_weight);
        let variables: Vec<Variable> = continuous.into_iter().map(|(_, v)| v).collect();
        // Where the density has underflowed, so has the integrand.
        let zero = graph.integer(0);
        let vanishes = graph.binary(Binary::LessEqual, density, zero);
        let product = graph.mul(term, density);
        let integrand = graph.select(vanishes, zero, product);
        let integral = integrate_over(
            graph,
            &self.symbols,
            &self.at,
            integrand,
            &variables,
            (&[], false),
        )?;
        // In space an integral takes a million evaluations: one that no comparison can use ends all.
        let useless = variables.len() > 2
            && DISTRUST * integral.error > TOO_COARSE * (integral.value.abs() + 1e-3);
        (is_settled(&integral) && !useless).then_some(Estimate {
            value: integral.value,
            error: integral.error,
        })
    }

    /// The sum over the values of one discrete component.
    fn atoms(&mut self, term: Id, symbol: Id) -> Option<Estimate> {
        let noise = self
            .model
            .noise
            .iter()
            .find(|n| n.variable.symbols.contains(&symbol))?;
        let log_mass = self.components.get(&symbol)?.1;
        let values: Vec<i64> = match noise.law_name() {
            "bernoulli" => vec![0, 1],
            "rademacher" => vec![-1, 1],
            "categorical" => {
                let arguments = noise.law.arguments().first();
                let probabilities = arguments.and_then(|a| a.first())?.elements.len();
                (0..i64::try_from(probabilities).ok()?).collect()
            }
            _ => return self.counts(term, symbol, log_mass),
        };
        let mut sum = Estimate::exact(0.0);
        for value in values {
            let graph = &mut self.model.graph;
            let at = graph.integer(value);
            let map = FxHashMap::from_iter([(symbol, at)]);
            let terms = graph.substitute(&[term, log_mass], &map);
            let mass = self.value(terms[1])?.exp();
            if mass > 0.0 {
                sum = sum.plus(self.of(terms[0])?.times(Estimate::exact(mass)));
            }
        }
        Some(sum)
    }

    /// The sum over the numbers of events of a term with no other noise.
    fn counts(&mut self, term: Id, symbol: Id, log_mass: Id) -> Option<Estimate> {
        let graph = &self.model.graph;
        let weight = Curve::new(graph, &self.symbols, &self.at, symbol, term)?;
        let log_mass = Curve::new(graph, &self.symbols, &self.at, symbol, log_mass)?;
        let masses = Masses::of_counts(log_mass)?;
        masses.sum(&|z, _| weight.at(z[0]))
    }
}

/// The summands of a sum or difference; true for a difference.
fn sum_of(graph: &Graph, term: Id) -> Option<(Id, Id, bool)> {
    match graph.node(term) {
        Node::Binary(Binary::Add, a, b) => Some((a, b, false)),
        Node::Binary(Binary::Sub, a, b) => Some((a, b, true)),
        Node::Constant(_)
        | Node::Pi
        | Node::Infinity
        | Node::Symbol(_)
        | Node::Unary(..)
        | Node::Binary(..)
        | Node::Ternary(..) => None,
    }
}
