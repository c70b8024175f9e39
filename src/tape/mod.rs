//! A tape: a piece of the graph as straight-line code.
//!
//! Each shared subexpression is one step, each step has the node it came from, and a value is kept
//! only as long as a later step needs it. One tape runs over any number system
//! ([`Tape::evaluate`]), with every intermediate value shown ([`Tape::trace`]), or over columns of
//! binary64 ([`Tape::evaluate_batch`]).
//!
//! Law: a batch is lane by lane the scalar evaluation, up to the kernels of
//! [`crate::number::lanes`] (test `batches_are_lanes_of_scalars` in `tests/laws.rs`).

mod batch;
mod program;
mod schedule;

use crate::graph::{Graph, Id, Node, Symbol};
use crate::number::{Binary, Number, Rational, Ternary, Unary};
use program::Program;
use rustc_hash::FxHashMap;
use schedule::Schedule;
use std::sync::OnceLock;

/// A free variable that is not among the inputs of a tape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnboundSymbol {
    /// The variable.
    pub symbol: Symbol,
}

impl std::fmt::Display for UnboundSymbol {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "no value is given for {}", self.symbol)
    }
}

impl std::error::Error for UnboundSymbol {}

/// Where a step finds an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Input(usize),
    Constant(usize),
    /// The result of an earlier step.
    Step(usize),
}

/// An operator and where its arguments are.
#[derive(Clone, Copy, Debug)]
enum Step<P = Place> {
    Unary(Unary, P),
    Binary(Binary, P, P),
    Ternary(Ternary, P, P, P),
}

impl<P: Copy> Step<P> {
    fn places(self) -> impl Iterator<Item = P> {
        let (places, count) = match self {
            Step::Unary(_, x) => ([x, x, x], 1),
            Step::Binary(_, x, y) => ([x, y, x], 2),
            Step::Ternary(_, x, y, z) => ([x, y, z], 3),
        };
        places.into_iter().take(count)
    }

    fn map<Q>(self, to: impl Fn(P) -> Q) -> Step<Q> {
        match self {
            Step::Unary(operator, x) => Step::Unary(operator, to(x)),
            Step::Binary(operator, x, y) => Step::Binary(operator, to(x), to(y)),
            Step::Ternary(operator, x, y, z) => Step::Ternary(operator, to(x), to(y), to(z)),
        }
    }

    fn run<'a, N: Number + 'a>(self, at: impl Fn(P) -> &'a N, context: &N::Context) -> N {
        match self {
            Step::Unary(operator, x) => N::unary(operator, at(x), context),
            Step::Binary(operator, x, y) => N::binary(operator, at(x), at(y), context),
            Step::Ternary(operator, x, y, z) => N::ternary(operator, at(x), at(y), at(z), context),
        }
    }
}

#[derive(Clone, Debug)]
enum Constant {
    Rational(Rational),
    Pi,
    Infinity,
}

impl Constant {
    fn value<N: Number>(&self, context: &N::Context) -> N {
        match self {
            Constant::Rational(value) => N::rational(value, context),
            Constant::Pi => N::pi(context),
            Constant::Infinity => N::infinity(context),
        }
    }
}

/// Straight-line code for some nodes of a graph; it does not refer to the graph.
#[derive(Clone, Debug)]
pub struct Tape {
    inputs: Vec<Id>,
    constants: Vec<(Id, Constant)>,
    /// The constants in binary64: a batch is often a short one of many.
    floats: Vec<f64>,
    steps: Vec<(Id, Step)>,
    outputs: Vec<Place>,
    schedule: Schedule,
    /// What the first batch made of the tape.
    program: OnceLock<Program>,
}

impl Tape {
    /// The code that computes `outputs` from `inputs`. An input is usually a symbol, but any node
    /// will do: what it is made of is then not looked at. An unused input is fine; a symbol that
    /// is needed and not an input is an error.
    pub fn new(graph: &Graph, inputs: &[Id], outputs: &[Id]) -> Result<Tape, UnboundSymbol> {
        let mut places: FxHashMap<Id, Place> = FxHashMap::default();
        for (i, &input) in inputs.iter().enumerate() {
            places.entry(input).or_insert(Place::Input(i));
        }
        let (mut constants, mut steps) = (Vec::new(), Vec::new());
        for id in needed(graph, &places, outputs) {
            if places.contains_key(&id) {
                continue;
            }
            let node = graph.node(id);
            let at = |x: Id| places[&x];
            let step = match node {
                Node::Symbol(_) => {
                    let symbol = graph.as_symbol(id).expect("invariant: it is a symbol");
                    return Err(UnboundSymbol {
                        symbol: symbol.clone(),
                    });
                }
                Node::Constant(_) | Node::Pi | Node::Infinity => None,
                Node::Unary(operator, x) => Some(Step::Unary(operator, at(x))),
                Node::Binary(operator, x, y) => Some(Step::Binary(operator, at(x), at(y))),
                Node::Ternary(operator, x, y, z) => {
                    Some(Step::Ternary(operator, at(x), at(y), at(z)))
                }
            };
            if let Some(step) = step {
                places.insert(id, Place::Step(steps.len()));
                steps.push((id, step));
            } else {
                let constant = match graph.as_constant(id) {
                    Some(value) => Constant::Rational(value.clone()),
                    None if node == Node::Pi => Constant::Pi,
                    None => Constant::Infinity,
                };
                places.insert(id, Place::Constant(constants.len()));
                constants.push((id, constant));
            }
        }
        let outputs: Vec<Place> = outputs.iter().map(|id| places[id]).collect();
        let schedule = Schedule::new(&steps, &outputs, 0..steps.len());
        let floats = constants.iter().map(|(_, c)| c.value(&())).collect();
        Ok(Tape {
            inputs: inputs.to_vec(),
            constants,
            floats,
            steps,
            outputs,
            schedule,
            program: OnceLock::new(),
        })
    }

    /// How many operators one evaluation applies.
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// How many outputs there are.
    pub fn outputs(&self) -> usize {
        self.outputs.len()
    }

    /// Whether there is nothing to compute.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The outputs at one value for each input, in their orders.
    ///
    /// # Panics
    /// When the number of values is not that of the inputs.
    pub fn evaluate<N: Number>(&self, inputs: &[N], context: &N::Context) -> Vec<N> {
        assert_eq!(inputs.len(), self.inputs.len(), "one value for each input");
        let constants = self.constant_values::<N>(context);
        let mut registers: Vec<Option<N>> = vec![None; self.schedule.count];
        for (i, &(_, step)) in self.steps.iter().enumerate() {
            let value = step.run(
                |place| self.look(place, inputs, &constants, &registers),
                context,
            );
            registers[self.schedule.registers[i]] = Some(value);
        }
        self.outputs
            .iter()
            .map(|&place| self.look(place, inputs, &constants, &registers).clone())
            .collect()
    }

    /// Every value of one evaluation with the node it belongs to, arguments before what is made of
    /// them: for finding the sub-expression that loses the digits.
    ///
    /// # Panics
    /// When the number of values is not that of the inputs.
    pub fn trace<N: Number>(&self, inputs: &[N], context: &N::Context) -> Vec<(Id, N)> {
        assert_eq!(inputs.len(), self.inputs.len(), "one value for each input");
        let constants = self.constant_values::<N>(context);
        let mut results: Vec<N> = Vec::with_capacity(self.steps.len());
        for &(_, step) in &self.steps {
            let value = step.run(
                |place| match place {
                    Place::Input(i) => &inputs[i],
                    Place::Constant(i) => &constants[i],
                    Place::Step(i) => &results[i],
                },
                context,
            );
            results.push(value);
        }
        let inputs = self.inputs.iter().copied().zip(inputs.iter().cloned());
        let constants = self.constants.iter().map(|(id, _)| *id).zip(constants);
        let results = self.steps.iter().map(|(id, _)| *id).zip(results);
        let mut all: Vec<(Id, N)> = inputs.chain(constants).chain(results).collect();
        // Ids are in topological order; the sort is stable, so equal inputs keep theirs.
        all.sort_by_key(|(id, _)| *id);
        all
    }

    fn constant_values<N: Number>(&self, context: &N::Context) -> Vec<N> {
        let values = self.constants.iter().map(|(_, c)| c.value(context));
        values.collect()
    }

    fn look<'a, N>(
        &self,
        place: Place,
        inputs: &'a [N],
        constants: &'a [N],
        registers: &'a [Option<N>],
    ) -> &'a N {
        match place {
            Place::Input(i) => &inputs[i],
            Place::Constant(i) => &constants[i],
            Place::Step(i) => registers[self.schedule.registers[i]].as_ref().expect(
                "invariant: a step runs before its uses, and its register is kept for them",
            ),
        }
    }
}

/// The nodes that `outputs` need beyond `inputs`, inputs included, each after its arguments.
fn needed(graph: &Graph, inputs: &FxHashMap<Id, Place>, outputs: &[Id]) -> Vec<Id> {
    let Some(top) = outputs.iter().map(|id| id.index()).max() else {
        return Vec::new();
    };
    let mut seen = vec![false; top + 1];
    let mut stack = outputs.to_vec();
    let mut found = Vec::new();
    while let Some(id) = stack.pop() {
        if !std::mem::replace(&mut seen[id.index()], true) {
            found.push(id);
            if !inputs.contains_key(&id) {
                stack.extend(graph.node(id).arguments());
            }
        }
    }
    found.sort_unstable();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_symbol_is_named() {
        let mut graph = Graph::new();
        let (x, y) = (graph.symbol("x", &[]), graph.symbol("y", &[2]));
        let sum = graph.add(x, y);
        let error = Tape::new(&graph, &[x], &[sum]).unwrap_err();
        assert_eq!(error.to_string(), "no value is given for y[2]");
    }

    #[test]
    fn any_node_can_be_an_input() {
        let mut graph = Graph::new();
        let x = graph.symbol("x", &[]);
        let z = graph.exp(x);
        let out = graph.add(z, z);
        let tape = Tape::new(&graph, &[z], &[out, z]).unwrap();
        assert_eq!(tape.evaluate(&[3.0], &()), vec![6.0, 3.0]);
    }

    #[test]
    fn memory_follows_liveness_and_not_length() {
        let mut graph = Graph::new();
        let x = graph.symbol("x", &[]);
        let mut value = x;
        for _ in 0..1000 {
            let sine = graph.unary(Unary::Sin, value);
            value = graph.add(sine, x);
        }
        let tape = Tape::new(&graph, &[x], &[value]).unwrap();
        assert_eq!(tape.len(), 2000);
        assert!(tape.schedule.count <= 3);
    }

    #[test]
    fn a_trace_holds_every_node_in_order() {
        let mut graph = Graph::new();
        let x = graph.symbol("x", &[]);
        let two = graph.integer(2);
        let square = graph.binary(Binary::Pow, x, two);
        let out = graph.unary(Unary::Sqrt, square);
        let tape = Tape::new(&graph, &[x], &[out]).unwrap();
        let trace = tape.trace(&[-3.0], &());
        assert_eq!(
            trace,
            vec![(x, -3.0), (two, 2.0), (square, 9.0), (out, 3.0)]
        );
    }
}
