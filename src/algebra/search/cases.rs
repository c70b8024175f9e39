//! Absolute values and conditions: decided by the facts, or one case at a time.

use super::Search;
use crate::algebra::facts::Shown;
use crate::algebra::polynomial::Polynomial;
use crate::algebra::proof::{Case, Rule, Step};
use crate::algebra::replay::Checker;
use crate::algebra::rules;
use crate::algebra::signs::Signs;
use crate::graph::{Graph, Id, Node};
use crate::number::{Binary, Ternary, Unary};

/// Integers of more values are not taken one by one.
const MOST_VALUES: i64 = 8;

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

    /// By cases of the simplest term that is undecided, or whose sign a factor waits for.
    pub(super) fn split(&mut self, graph: &mut Graph, from: Id, to: Id, cases: &mut usize) -> bool {
        let undecided: Vec<Id> = std::mem::take(&mut self.undecided);
        let mut open: Vec<(usize, Id, Option<Id>)> = Vec::new();
        for id in undecided {
            if !matches!(graph.node(id), Node::Ternary(Ternary::Select, ..))
                && let Some(on) = rules::deciding(graph, id)
            {
                open.push((graph.reachable(&[on]).len(), on, Some(id)));
            }
        }
        for on in std::mem::take(&mut self.signless) {
            // Where it may be zero, no case of it helps.
            if self.is_nonzero(graph, on) {
                open.push((graph.reachable(&[on]).len(), on, None));
            }
        }
        open.sort_unstable();
        let first = open.into_iter().next();
        let first = first.map(|(_, on, id)| (on, id));
        let Some((on, id)) = first.or_else(|| self.value_by_value(graph, from, to)) else {
            return false;
        };
        let known = self.checker.facts.signs(&mut self.checker.ring, graph, on);
        let choices: &[Signs] = if id == Some(on) {
            &[Signs::ZERO, Signs::NONZERO]
        } else if self.is_nonzero(graph, on) {
            &[Signs::POSITIVE, Signs::NEGATIVE]
        } else {
            match id.map(|id| graph.node(id)) {
                Some(Node::Binary(Binary::Equal, ..)) => &[Signs::ZERO, Signs::NONZERO],
                Some(Node::Binary(Binary::Less, ..)) => &[Signs::POSITIVE, Signs::NONPOSITIVE],
                Some(Node::Unary(Unary::Sign, _)) => {
                    &[Signs::POSITIVE, Signs::ZERO, Signs::NEGATIVE]
                }
                _ => &[Signs::NONNEGATIVE, Signs::NEGATIVE],
            }
        };
        let mut branches = Vec::new();
        for &signs in choices {
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
            let mut inner = Search::new(checker, self.met.clone());
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

    /// An integer between bounds, at its least value or not.
    fn value_by_value(&mut self, graph: &mut Graph, from: Id, to: Id) -> Option<(Id, Option<Id>)> {
        let used = graph.symbols_of(&[from, to]);
        let values = self.checker.facts.few_values(MOST_VALUES);
        let (symbol, low) = values
            .into_iter()
            .find(|(s, _)| used.contains(s) && self.checker.ring.rewritten(*s).is_none())?;
        let low = graph.constant(low.rational());
        let on = graph.sub(symbol, low);
        Some((on, Some(on)))
    }

    /// Whether a term is zero nowhere, or on a set without mass only where that counts for nothing.
    fn is_nonzero(&mut self, graph: &Graph, on: Id) -> bool {
        let Checker { facts, ring, .. } = &mut self.checker;
        facts.shows(ring, graph, on, Signs::NONZERO) != Shown::No
    }

    /// Where what is assumed contradicts itself there is nothing to show: no case is left.
    pub(super) fn contradicts(&mut self, graph: &mut Graph, from: Id, to: Id) -> bool {
        let assumed: Vec<Id> = self.checker.facts.assumed.iter().map(|a| a.0).collect();
        let impossible = assumed.into_iter().find(|&term| {
            let Checker { facts, ring, .. } = &mut self.checker;
            facts.signs(ring, graph, term).is_empty()
        });
        let Some(on) = impossible else {
            return false;
        };
        let step = Step {
            rule: Rule::Cases(on),
            from,
            to,
            conditions: Vec::new(),
            branches: Vec::new(),
        };
        let accepted = self.checker.accept(graph, &step).is_ok();
        if accepted {
            self.steps.push(step);
        }
        accepted
    }
}
