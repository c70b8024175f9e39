//! A built-in distribution at numeric arguments, its formulas evaluated in binary64.

use reparam_check::distribution::{Instance, Sampler};
use reparam_check::graph::{Graph, Id, Node};
use reparam_check::language::{Scope, Value, parse_applied};
use reparam_check::number::Number;
use std::collections::BTreeMap;

/// The value of a node in binary64 at values of the symbols.
pub(crate) fn evaluate(graph: &Graph, root: Id, at: &BTreeMap<Id, f64>) -> f64 {
    let mut values: BTreeMap<Id, f64> = BTreeMap::new();
    for id in graph.reachable(&[root]) {
        let value = match graph.node(id) {
            Node::Constant(place) => f64::rational(graph.constant_value(place), &()),
            Node::Pi => f64::pi(&()),
            Node::Infinity => f64::INFINITY,
            Node::Symbol(_) => at[&id],
            Node::Unary(op, x) => f64::unary(op, &values[&x], &()),
            Node::Binary(op, x, y) => f64::binary(op, &values[&x], &values[&y], &()),
            Node::Ternary(op, x, y, z) => {
                f64::ternary(op, &values[&x], &values[&y], &values[&z], &())
            }
        };
        values.insert(id, value);
    }
    values[&root]
}

/// A distribution of ours at numeric arguments.
pub(crate) struct Ours {
    pub(crate) graph: Graph,
    pub(crate) z: Id,
    pub(crate) log_density: Id,
    pub(crate) cdf: Option<Id>,
    pub(crate) sampler: Sampler,
}

impl Ours {
    pub(crate) fn new(text: &str) -> Self {
        let mut graph = Graph::new();
        let applied = parse_applied(text).unwrap();
        let instance = Instance::new(&applied, &Scope::default(), &mut graph).unwrap();
        let z = graph.symbol("z", &[]);
        let at = Value::scalar(z);
        let log_density = instance.log_density(&at, &mut graph).unwrap();
        let cdf = instance
            .cdf(&at, &mut graph)
            .unwrap()
            .map(|v| v.elements[0]);
        let number = |id: &Id| evaluate(&graph, *id, &BTreeMap::new());
        let arguments: Vec<Vec<f64>> = instance.arguments()[0]
            .iter()
            .map(|v| v.elements.iter().map(number).collect())
            .collect();
        let sampler = Sampler::new(instance.distribution, &arguments).unwrap();
        Ours {
            graph,
            z,
            log_density,
            cdf,
            sampler,
        }
    }

    pub(crate) fn at(&self, formula: Id, z: f64) -> f64 {
        evaluate(&self.graph, formula, &BTreeMap::from([(self.z, z)]))
    }
}
