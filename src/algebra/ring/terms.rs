//! Normal forms written as terms of a graph again.

use super::{Head, Meaning, Ring};
use crate::algebra::coefficient::Coefficient;
use crate::algebra::polynomial::{Atom, Monomial, Polynomial};
use crate::graph::{Graph, Id};
use rustc_hash::FxHashMap;

/// Atoms written so far: they nest, and each holds others several times.
type Written = FxHashMap<Atom, Id>;

impl Ring {
    /// A term of the graph with this normal form.
    pub(in crate::algebra) fn term(&self, graph: &mut Graph, p: &Polynomial) -> Id {
        self.sum_term(graph, p, &mut Written::default())
    }

    /// A term that an atom is the value of.
    pub(in crate::algebra) fn atom_term(&self, graph: &mut Graph, atom: Atom) -> Id {
        self.written(graph, atom, &mut Written::default())
    }

    fn sum_term(&self, graph: &mut Graph, p: &Polynomial, written: &mut Written) -> Id {
        let terms: Vec<Id> = p
            .terms
            .iter()
            .map(|(monomial, c)| self.product_term(graph, (monomial, c), written))
            .collect();
        graph.sum(&terms)
    }

    fn product_term(
        &self,
        graph: &mut Graph,
        (monomial, c): (&Monomial, &Coefficient),
        written: &mut Written,
    ) -> Id {
        let size = if c.signum() < 0 { c.neg() } else { c.clone() };
        let mut above = Vec::new();
        let mut below = Vec::new();
        if !size.is_one() {
            above.push(graph.constant(size.rational()));
        }
        for &(atom, n) in &monomial.powers {
            let base = self.written(graph, atom, written);
            let exponent = graph.integer(i64::from(n.abs()));
            let power = graph.pow(base, exponent);
            if n > 0 { &mut above } else { &mut below }.push(power);
        }
        if let Some(exponent) = &monomial.exponent {
            let exponent = self.sum_term(graph, exponent, written);
            above.push(graph.exp(exponent));
        }
        let (above, below) = (graph.product(&above), graph.product(&below));
        let quotient = graph.div(above, below);
        if c.signum() < 0 {
            graph.neg(quotient)
        } else {
            quotient
        }
    }

    fn written(&self, graph: &mut Graph, atom: Atom, written: &mut Written) -> Id {
        if let Some(&known) = written.get(&atom) {
            return known;
        }
        let Meaning { head, arguments } = self.meaning(atom);
        let arguments: Vec<Id> = arguments
            .iter()
            .map(|p| self.sum_term(graph, p, written))
            .collect();
        let id = match *head {
            Head::Leaf(id) => id,
            Head::Inverse => {
                let one = graph.integer(1);
                graph.div(one, arguments[0])
            }
            Head::Unary(operator) => graph.unary(operator, arguments[0]),
            Head::Binary(operator) => graph.binary(operator, arguments[0], arguments[1]),
            Head::Ternary(operator) => {
                graph.ternary(operator, arguments[0], arguments[1], arguments[2])
            }
        };
        written.insert(atom, id);
        id
    }

    /// Whether an atom occurs in a polynomial, inside other atoms and exponents included.
    pub(in crate::algebra) fn mentions(&self, p: &Polynomial, atom: Atom) -> bool {
        p.terms.iter().any(|(monomial, _)| {
            let exponent = monomial.exponent.as_deref();
            exponent.is_some_and(|e| self.mentions(e, atom))
                || monomial.powers.iter().any(|&(other, _)| {
                    other == atom
                        || self
                            .meaning(other)
                            .arguments
                            .iter()
                            .any(|argument| self.mentions(argument, atom))
                })
        })
    }
}
