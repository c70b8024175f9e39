//! Absolute values and conditions: decided by the facts, or one case at a time.

use super::Search;
use crate::algebra::facts::Shown;
use crate::algebra::polynomial::Polynomial;
use crate::algebra::proof::{Case, Rule, Step};
use crate::algebra::rules;
use crate::algebra::signs::Signs;
use crate::graph::{Graph, Id, Node};
use crate::number::{Binary, Ternary, Unary};

impl Search {
    /// By the facts, where they decide; otherwise it is remembered.
    pub(super) fn decide(&mut self, graph: &mut Graph, id: Id) {
        if let Node::Unary(Unary::Abs, x) = graph.node(id)
            && let Ok(form) = self.checker.ring.form(graph, x)
            && form.terms.len() == 1
            && self.absolute(graph, id, &form)
        {
            return;
        }
        let Some(on) = rules::deciding(graph, id) else {
            return;
        };
        self.visit(graph, on);
        let signs = self.checker.facts.signs(&mut self.checker.ring, graph, on);
        let narrowed = [signs, signs.without(Signs::ZERO)]
            .into_iter()
            .any(|signs| {
                // Where zero has no mass it need not be decided.
                rules::instance(graph, Rule::Decided(signs), id).is_some()
                    && self.apply(graph, Rule::Decided(signs), id)
            });
        if !narrowed {
            self.undecided.push(id);
        }
    }

    /// |c·Πfᵢ| as |c|·Π|fᵢ|.
    pub(super) fn absolute(&mut self, graph: &mut Graph, id: Id, form: &Polynomial) -> bool {
        let [(monomial, c)] = form.terms.as_slice() else {
            return false;
        };
        if monomial.as_atom().is_some() && c.is_one() {
            return false;
        }
        let size = if c.signum() < 0 { c.neg() } else { c.clone() };
        let mut product = graph.constant(size.rational());
        for &(atom, n) in &monomial.powers {
            let base = self.checker.ring.atom_term(graph, atom);
            let magnitude = graph.unary(Unary::Abs, base);
            let n = graph.integer(i64::from(n));
            let power = graph.pow(magnitude, n);
            product = graph.mul(product, power);
        }
        if let Some(exponent) = &monomial.exponent {
            let exponent = self.checker.ring.term(graph, exponent);
            let factor = graph.exp(exponent);
            product = graph.mul(product, factor);
        }
        if product == id {
            return false;
        }
        self.visit(graph, product);
        self.take(graph, Rule::Absolute, id, product)
    }

    /// By cases of the first undecided term.
    pub(super) fn split(&mut self, graph: &mut Graph, from: Id, to: Id, cases: &mut usize) -> bool {
        let undecided: Vec<Id> = std::mem::take(&mut self.undecided);
        let Some(&id) = undecided
            .iter()
            .filter(|&&id| !matches!(graph.node(id), Node::Ternary(Ternary::Select, ..)))
            .min()
        else {
            return false;
        };
        let Some(on) = rules::deciding(graph, id) else {
            return false;
        };
        let known = self.checker.facts.signs(&mut self.checker.ring, graph, on);
        let both = |a: Signs, b: Signs| vec![a, b];
        let zero_is_null =
            self.checker
                .facts
                .shows(&mut self.checker.ring, graph, on, Signs::NONZERO)
                != Shown::No;
        let choices = if zero_is_null {
            both(Signs::POSITIVE, Signs::NEGATIVE)
        } else {
            match graph.node(id) {
                Node::Binary(Binary::Equal, ..) => both(Signs::ZERO, Signs::NONZERO),
                Node::Binary(Binary::Less, ..) => both(Signs::POSITIVE, Signs::NONPOSITIVE),
                Node::Unary(Unary::Sign, _) => {
                    vec![Signs::POSITIVE, Signs::ZERO, Signs::NEGATIVE]
                }
                _ => both(Signs::NONNEGATIVE, Signs::NEGATIVE),
            }
        };
        let mut branches = Vec::new();
        for signs in choices {
            if known.and(signs).is_empty() {
                continue;
            }
            if *cases == 0 {
                return false;
            }
            *cases -= 1;
            let Ok(checker) = self.checker.assuming(graph, on, signs) else {
                return false;
            };
            // What was tried without the assumption is tried again.
            let mut inner = Search::new(checker, self.angles.clone());
            if !inner.close(graph, from, to, cases) {
                return false;
            }
            branches.push(Case {
                signs,
                steps: inner.steps,
            });
        }
        let step = Step {
            rule: Rule::Cases(on),
            from,
            to,
            conditions: Vec::new(),
            branches,
        };
        let accepted = self.checker.accept(graph, &step).is_ok();
        if accepted {
            self.steps.push(step);
        }
        accepted
    }
}
