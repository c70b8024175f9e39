//! Sums taken apart into products, and written again: positive summands first, one bar for a quotient.

use super::Tidier;
use super::monomial::Monomial;
use crate::graph::{Graph, Id, Node};
use crate::number::{Binary, Rational, Unary};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

impl Tidier<'_> {
    /// The summands of a term times a rational.
    pub(super) fn sum(&mut self, id: Id, factor: &Rational, terms: &mut Vec<Monomial>) {
        let kinds = terms.iter().map(Monomial::kind);
        let mut places: BTreeMap<_, usize> = kinds.zip(0..).collect();
        let mut stack = vec![(id, factor.clone())];
        while let Some((id, factor)) = stack.pop() {
            match self.graph.node(id) {
                Node::Binary(Binary::Add, a, b) => {
                    stack.push((b, factor.clone()));
                    stack.push((a, factor));
                }
                Node::Binary(Binary::Sub, a, b) => {
                    stack.push((b, -factor.clone()));
                    stack.push((a, factor));
                }
                Node::Unary(Unary::Neg, a) => stack.push((a, -factor)),
                Node::Constant(_)
                | Node::Pi
                | Node::Infinity
                | Node::Symbol(_)
                | Node::Unary(..)
                | Node::Binary(..)
                | Node::Ternary(..) => {
                    let mut monomial = self.monomial(id);
                    monomial.coefficient *= &factor;
                    let size = monomial.coefficient.clone();
                    // A sum in parentheses with nothing before it.
                    if let [(base, power)] = monomial.powers.as_slice()
                        && *power == Rational::ONE
                        && monomial.exponent.is_none()
                        && (size == Rational::ONE || size == -Rational::ONE)
                        && matches!(
                            self.graph.node(*base),
                            Node::Binary(Binary::Add | Binary::Sub, ..)
                        )
                    {
                        stack.push((*base, size));
                        continue;
                    }
                    match places.entry(monomial.kind()) {
                        Entry::Occupied(place) => {
                            terms[*place.get()].coefficient += monomial.coefficient;
                        }
                        Entry::Vacant(place) => {
                            place.insert(terms.len());
                            terms.push(monomial);
                        }
                    }
                }
            }
        }
    }

    /// A sum, positive summands first.
    pub(super) fn written(&mut self, mut terms: Vec<Monomial>) -> Id {
        terms.retain(|t| !t.coefficient.is_zero());
        // 1 − sigmoid(x) is sigmoid(−x).
        if let [a, b] = terms.as_slice() {
            let (one, other) = if a.powers.is_empty() { (a, b) } else { (b, a) };
            if one.powers.is_empty()
                && one.exponent.is_none()
                && one.coefficient == Rational::ONE
                && other.coefficient == -Rational::ONE
                && other.exponent.is_none()
                && let [(base, power)] = other.powers.as_slice()
            {
                let inside = match self.graph.node(*base) {
                    Node::Unary(Unary::Sigmoid, x) if *power == Rational::ONE => Some(x),
                    _ if *power == -Rational::ONE => {
                        self.one_and_exp(*base).map(|x| self.graph.neg(x))
                    }
                    _ => None,
                };
                if let Some(inside) = inside {
                    let negative = self.graph.neg(inside);
                    let negative = self.arithmetic(negative);
                    return self.graph.unary(Unary::Sigmoid, negative);
                }
            }
        }
        let (positive, negative): (Vec<_>, Vec<_>) = terms
            .into_iter()
            .partition(|t| t.coefficient > Rational::ZERO);
        let mut sum: Option<Id> = None;
        for term in positive.iter().chain(&negative) {
            let is_negative = term.coefficient < Rational::ZERO;
            sum = Some(match sum {
                None => self.product_of(term, is_negative),
                Some(sum) => {
                    let size = self.product_of(term, false);
                    if is_negative {
                        self.graph.sub(sum, size)
                    } else {
                        self.graph.add(sum, size)
                    }
                }
            });
        }
        sum.unwrap_or_else(|| self.graph.integer(0))
    }

    pub(super) fn signed(&mut self, monomial: &Monomial) -> Id {
        self.written(vec![monomial.clone()])
    }

    /// A product of which the coefficient is taken positive, or with a minus before its first
    /// factor: around the whole it would need parentheses.
    pub(super) fn product_of(&mut self, monomial: &Monomial, minus: bool) -> Id {
        let coefficient = if monomial.coefficient < Rational::ZERO {
            -monomial.coefficient.clone()
        } else {
            monomial.coefficient.clone()
        };
        let (mut above, mut below) = (Vec::new(), Vec::new());
        let top = Rational::from(coefficient.numerator().clone());
        let bottom = Rational::from(coefficient.denominator().clone());
        if top != Rational::ONE {
            above.push(self.graph.constant(top));
        }
        if bottom != Rational::ONE {
            below.push(self.graph.constant(bottom));
        }
        for (base, power) in &monomial.powers {
            if *power > Rational::ZERO {
                above.push(self.power(*base, power));
            } else if let Some(sigmoid) = self.one_over(*base) {
                above.push(self.power(sigmoid, &-power.clone()));
            } else if *power < Rational::ZERO {
                below.push(self.power(*base, &-power.clone()));
            }
        }
        if let Some(exponent) = monomial.exponent {
            above.push(self.graph.exp(exponent));
        }
        if minus {
            let one = self.graph.integer(1);
            let first = above.first().copied().unwrap_or(one);
            let negative = self.graph.neg(first);
            match above.first_mut() {
                Some(first) => *first = negative,
                None => above.push(negative),
            }
        }
        // As written: the constructors that fold would take the minus out again.
        let product = |graph: &mut Graph, factors: &[Id]| {
            let factors = factors.iter().copied();
            factors.reduce(|p, f| graph.binary(Binary::Mul, p, f))
        };
        let (above, below) = (product(self.graph, &above), product(self.graph, &below));
        let above = above.unwrap_or_else(|| self.graph.integer(1));
        match below {
            Some(below) => self.graph.binary(Binary::Div, above, below),
            None => above,
        }
    }

    /// 1/(1 + eˣ) as the sigmoid of −x.
    fn one_over(&mut self, base: Id) -> Option<Id> {
        let exponent = self.one_and_exp(base)?;
        let negative = self.graph.neg(exponent);
        let negative = self.arithmetic(negative);
        Some(self.graph.unary(Unary::Sigmoid, negative))
    }

    /// x of 1 + eˣ.
    fn one_and_exp(&mut self, term: Id) -> Option<Id> {
        let Node::Binary(Binary::Add, a, b) = self.graph.node(term) else {
            return None;
        };
        let other = if self.graph.is_integer(a, 1) {
            b
        } else if self.graph.is_integer(b, 1) {
            a
        } else {
            return None;
        };
        match self.graph.node(other) {
            Node::Unary(Unary::Exp, x) => Some(x),
            _ => None,
        }
    }

    pub(super) fn power(&mut self, base: Id, power: &Rational) -> Id {
        if *power == Rational::from_parts(1.into(), 2u8.into()) {
            return self.graph.unary(Unary::Sqrt, base);
        }
        let exponent = self.graph.constant(power.clone());
        self.graph.pow(base, exponent)
    }
}
