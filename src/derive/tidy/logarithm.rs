//! Logarithms and absolute values of products, factor by factor where their signs are known.

use super::Tidier;
use super::monomial::Monomial;
use crate::graph::{Graph, Id, Node};
use crate::number::{Binary, Rational, Unary};

impl Tidier<'_> {
    /// log x over the factors of x that are known to be positive.
    pub(super) fn log(&mut self, x: Id) -> Id {
        let monomial = self.monomial(x);
        let is_number = |graph: &Graph, id: Id| matches!(graph.node(id), Node::Pi);
        let factors = monomial.powers.len() + usize::from(monomial.exponent.is_some());
        let plain = factors == 1
            && monomial.coefficient == Rational::ONE
            && monomial
                .powers
                .first()
                .is_some_and(|(_, p)| *p == Rational::ONE);
        let can = monomial.coefficient > Rational::ZERO
            && monomial
                .powers
                .clone()
                .iter()
                .all(|&(b, _)| self.is_positive(b));
        if plain || !can || factors == 0 {
            return self.log_of_one(x);
        }
        // 2π stays together.
        let (numbers, others): (Vec<_>, Vec<_>) = monomial
            .powers
            .iter()
            .cloned()
            .partition(|&(b, _)| is_number(self.graph, b));
        let mut terms = Vec::new();
        for (base, power) in others {
            let log = self.log_of_one(base);
            self.sum(log, &power, &mut terms);
        }
        if let Some(exponent) = monomial.exponent {
            self.sum(exponent, &Rational::ONE, &mut terms);
        }
        let numbers = Monomial {
            coefficient: monomial.coefficient,
            powers: numbers,
            exponent: None,
        };
        let number = self.product_of(&numbers, false);
        if !self.graph.is_integer(number, 1) {
            let log = self.graph.log(number);
            self.sum(log, &Rational::ONE, &mut terms);
        }
        self.written(terms)
    }

    /// log x, by log1p where x is 1 and something.
    fn log_of_one(&mut self, x: Id) -> Id {
        if let Node::Binary(Binary::Add | Binary::Sub, ..) = self.graph.node(x) {
            let mut terms = Vec::new();
            self.sum(x, &Rational::ONE, &mut terms);
            let one = terms.iter().position(|t| {
                t.powers.is_empty() && t.exponent.is_none() && t.coefficient == Rational::ONE
            });
            if let Some(one) = one {
                terms.remove(one);
                let rest = self.written(terms);
                if let Node::Unary(Unary::Expm1, y) = self.graph.node(rest) {
                    return y;
                }
                if let Node::Unary(Unary::Exp, y) = self.graph.node(rest) {
                    return self.graph.unary(Unary::Softplus, y);
                }
                return self.graph.unary(Unary::Log1p, rest);
            }
        }
        if let Node::Binary(Binary::Pow, base, exponent) = self.graph.node(x)
            && self.is_positive(base)
        {
            let log = self.log_of_one(base);
            let product = self.graph.binary(Binary::Mul, exponent, log);
            return self.expanded(product);
        }
        if let Node::Unary(Unary::Sigmoid, y) = self.graph.node(x) {
            let negative = self.graph.neg(y);
            let negative = self.arithmetic(negative);
            let softplus = self.graph.unary(Unary::Softplus, negative);
            return self.graph.neg(softplus);
        }
        self.graph.log(x)
    }

    pub(super) fn abs(&mut self, x: Id) -> Id {
        // But at zero, where no noise lies.
        if let Node::Unary(Unary::Sign, _) = self.graph.node(x) {
            return self.graph.integer(1);
        }
        match self.sign(x) {
            Some(true) => return x,
            Some(false) => {
                let negative = self.graph.neg(x);
                return self.arithmetic(negative);
            }
            None => {}
        }
        let mut monomial = self.monomial(x);
        if monomial.coefficient < Rational::ZERO {
            monomial.coefficient = -monomial.coefficient;
        }
        let powers = std::mem::take(&mut monomial.powers);
        for (base, power) in powers {
            let even = (&power / Rational::from(2)).is_int();
            let factor = match self.sign(base) {
                Some(true) => base,
                Some(false) => {
                    let negative = self.graph.neg(base);
                    self.arithmetic(negative)
                }
                None if even => base,
                None => match self.graph.node(base) {
                    Node::Unary(Unary::Sign, _) => continue,
                    _ => self.graph.unary(Unary::Abs, base),
                },
            };
            monomial.powers.push((factor, power));
        }
        self.signed(&monomial)
    }
}
