//! A product taken apart: a rational times powers of terms times e to a term.
//!
//! What the powers of unknown sign allow is all that is done: a root is drawn of what is positive only.

use super::{Tidier, length};
use crate::algebra::normal_form;
use crate::graph::{Graph, Id, Node};
use crate::number::{Binary, Rational, Unary};

/// A rational times powers of terms times e to a term.
#[derive(Clone)]
pub(super) struct Monomial {
    pub(super) coefficient: Rational,
    pub(super) powers: Vec<(Id, Rational)>,
    pub(super) exponent: Option<Id>,
}

impl Monomial {
    pub(super) fn constant(coefficient: Rational) -> Monomial {
        Monomial {
            coefficient,
            powers: Vec::new(),
            exponent: None,
        }
    }

    fn atom(term: Id) -> Monomial {
        Monomial {
            powers: vec![(term, Rational::ONE)],
            ..Monomial::constant(Rational::ONE)
        }
    }

    /// All but the coefficient: equal for those that add up to one.
    pub(super) fn kind(&self) -> (Vec<(Id, Rational)>, Option<Id>) {
        let mut powers = self.powers.clone();
        powers.sort();
        (powers, self.exponent)
    }
}

/// Exponents beyond this are not written out.
fn small(value: &Rational) -> bool {
    let limit = Rational::from(32);
    *value <= limit && *value >= -limit
}

impl Tidier<'_> {
    /// The factors of a term that is no sum.
    pub(super) fn monomial(&mut self, id: Id) -> Monomial {
        match self.graph.node(id) {
            Node::Constant(_) => {
                let value = self.graph.as_constant(id).cloned();
                Monomial::constant(value.expect("invariant: it is a constant"))
            }
            Node::Unary(Unary::Neg, x) => {
                let mut monomial = self.monomial(x);
                monomial.coefficient = -monomial.coefficient;
                monomial
            }
            Node::Unary(Unary::Exp, x) => self.exponential(x),
            Node::Unary(Unary::Sqrt, x) => {
                let half = Rational::from_parts(1.into(), 2u8.into());
                self.root(id, x, &half)
            }
            Node::Binary(Binary::Mul, x, y) => {
                let (x, y) = (self.monomial(x), self.monomial(y));
                self.product(x, y)
            }
            Node::Binary(Binary::Div, x, y) => {
                let (x, y) = (self.monomial(x), self.monomial(y));
                match self.raised(&y, &-Rational::ONE) {
                    Some(y) => self.product(x, y),
                    None => Monomial::atom(id),
                }
            }
            Node::Binary(Binary::Pow, x, y) => match self.graph.as_constant(y).cloned() {
                Some(n) if n.is_int() && small(&n) => {
                    let base = self.monomial(x);
                    let raised = self.raised(&base, &n);
                    raised.unwrap_or_else(|| Monomial::atom(id))
                }
                Some(power) => self.root(id, x, &power),
                None => Monomial::atom(self.nested(id, x, y)),
            },
            Node::Pi
            | Node::Infinity
            | Node::Symbol(_)
            | Node::Unary(..)
            | Node::Binary(..)
            | Node::Ternary(..) => Monomial::atom(id),
        }
    }

    /// (xᵃ)ᵇ as xᵃᵇ for positive x.
    fn nested(&mut self, id: Id, base: Id, exponent: Id) -> Id {
        match self.graph.node(base) {
            Node::Binary(Binary::Pow, x, inner) if self.is_positive(x) => {
                let product = self.graph.binary(Binary::Mul, inner, exponent);
                let product = self.expanded(product);
                self.graph.pow(x, product)
            }
            _ => id,
        }
    }

    /// A product of sums multiplied out, where that is shorter.
    pub(super) fn expanded(&mut self, product: Id) -> Id {
        let mut best = self.arithmetic(product);
        if let Some(form) = normal_form(self.graph, self.facts, product) {
            let form = self.arithmetic(form);
            if length(self.graph, form) < length(self.graph, best) {
                best = form;
            }
        }
        best
    }

    /// A power that is no whole number, of something positive.
    fn root(&mut self, id: Id, base: Id, power: &Rational) -> Monomial {
        let monomial = self.monomial(base);
        let plain = monomial.coefficient == Rational::ONE
            && monomial.powers.iter().all(|&(b, _)| self.is_positive(b));
        let raised = plain.then(|| self.raised(&monomial, power)).flatten();
        raised.unwrap_or_else(|| Monomial::atom(id))
    }

    fn raised(&mut self, monomial: &Monomial, power: &Rational) -> Option<Monomial> {
        let mut coefficient = monomial.coefficient.clone();
        if coefficient.is_zero() {
            return None;
        }
        if coefficient != Rational::ONE {
            let n: i64 = i64::try_from(power.numerator().clone()).ok()?;
            let base = if n < 0 {
                Rational::ONE / coefficient
            } else {
                coefficient
            };
            coefficient = (0..n.unsigned_abs()).fold(Rational::ONE, |p, _| p * &base);
        }
        let exponent = monomial.exponent.map(|e| {
            let factor = self.graph.constant(power.clone());
            let product = self.graph.mul(factor, e);
            self.arithmetic(product)
        });
        Some(Monomial {
            coefficient,
            powers: monomial
                .powers
                .iter()
                .map(|(b, p)| (*b, p * power))
                .collect(),
            exponent,
        })
    }

    pub(super) fn product(&mut self, mut left: Monomial, right: Monomial) -> Monomial {
        left.coefficient *= right.coefficient;
        for (base, power) in right.powers {
            match left.powers.iter_mut().find(|(other, _)| *other == base) {
                Some((_, total)) => *total += power,
                None => left.powers.push((base, power)),
            }
        }
        left.exponent = match (left.exponent, right.exponent) {
            (Some(a), Some(b)) => {
                let sum = self.graph.binary(Binary::Add, a, b);
                let sum = self.arithmetic(sum);
                (!self.graph.is_integer(sum, 0)).then_some(sum)
            }
            (a, b) => a.or(b),
        };
        left.powers.retain(|(_, power)| !power.is_zero());
        self.merge_symbolic(left)
    }

    /// xᵃ·xᵇ as xᵃ⁺ᵇ for positive x, where a or b is no number.
    fn merge_symbolic(&mut self, mut monomial: Monomial) -> Monomial {
        let of = |graph: &Graph, id: Id| match graph.node(id) {
            Node::Binary(Binary::Pow, x, e) if graph.as_constant(e).is_none() => Some((x, e)),
            _ => None,
        };
        let bases: Vec<Id> = monomial
            .powers
            .iter()
            .filter_map(|&(b, _)| of(self.graph, b).map(|(x, _)| x))
            .collect();
        for x in bases {
            let (own, rest): (Vec<_>, Vec<_>) = monomial
                .powers
                .iter()
                .cloned()
                .partition(|&(b, _)| b == x || of(self.graph, b).is_some_and(|(y, _)| y == x));
            if own.len() < 2 || !self.is_positive(x) {
                continue;
            }
            let mut terms = Vec::new();
            for (b, power) in own {
                match of(self.graph, b) {
                    Some((_, e)) if b != x => {
                        let factor = self.graph.constant(power);
                        let product = self.graph.mul(factor, e);
                        self.sum(product, &Rational::ONE, &mut terms);
                    }
                    _ => {
                        let constant = self.graph.constant(power);
                        self.sum(constant, &Rational::ONE, &mut terms);
                    }
                }
            }
            let exponent = self.written(terms);
            monomial.powers = rest;
            match self.graph.as_constant(exponent).cloned() {
                Some(power) if power.is_zero() => {}
                Some(power) => monomial.powers.push((x, power)),
                None => {
                    let power = self.graph.pow(x, exponent);
                    monomial.powers.push((power, Rational::ONE));
                }
            }
        }
        monomial
    }

    /// eˣ, where logarithms among the summands of x become powers.
    pub(super) fn exponential(&mut self, x: Id) -> Monomial {
        let mut terms = Vec::new();
        self.sum(x, &Rational::ONE, &mut terms);
        let mut powers = Vec::new();
        let mut rest = Vec::new();
        for term in terms {
            let inside = match term.powers.as_slice() {
                [(base, power)] if *power == Rational::ONE && term.exponent.is_none() => {
                    match self.graph.node(*base) {
                        Node::Unary(Unary::Log, y) => Some(y),
                        _ => None,
                    }
                }
                _ => None,
            };
            match inside {
                Some(y) if small(&term.coefficient) => powers.push((y, term.coefficient)),
                _ => rest.push(term),
            }
        }
        let mut monomial = Monomial::constant(Rational::ONE);
        for (y, power) in powers {
            let base = self.monomial(y);
            let raised = if power.is_int() || base.coefficient == Rational::ONE {
                self.raised(&base, &power)
            } else {
                None
            };
            let raised = raised.unwrap_or(Monomial {
                powers: vec![(y, power)],
                ..Monomial::constant(Rational::ONE)
            });
            monomial = self.product(monomial, raised);
        }
        let exponent = self.written(rest);
        if !self.graph.is_integer(exponent, 0) {
            let factor = Monomial {
                exponent: Some(exponent),
                ..Monomial::constant(Rational::ONE)
            };
            monomial = self.product(monomial, factor);
        }
        monomial
    }
}
