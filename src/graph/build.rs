//! Constructors that fold constants and drop identities, for formulas the tool derives.
//!
//! Law: each returns an expression equal to the operator applied to its arguments wherever those
//! are defined and finite (test `folding_keeps_the_value` in `tests/laws.rs`).

use super::{Graph, Id, Node};
use crate::number::{Binary, Rational, Ternary, Unary};

impl Graph {
    /// Whether a node is the constant `value`.
    pub fn is_integer(&self, id: Id, value: i64) -> bool {
        self.as_constant(id)
            .is_some_and(|c| *c == Rational::from(value))
    }

    /// x + y.
    pub fn add(&mut self, x: Id, y: Id) -> Id {
        if self.is_integer(x, 0) {
            return y;
        }
        if self.is_integer(y, 0) {
            return x;
        }
        if let (Some(a), Some(b)) = (self.as_constant(x), self.as_constant(y)) {
            return self.constant(a + b);
        }
        if let Node::Unary(Unary::Neg, y) = self.node(y) {
            return self.sub(x, y);
        }
        self.binary(Binary::Add, x, y)
    }

    /// x − y.
    pub fn sub(&mut self, x: Id, y: Id) -> Id {
        if self.is_integer(y, 0) {
            return x;
        }
        if self.is_integer(x, 0) {
            return self.neg(y);
        }
        if x == y {
            return self.integer(0);
        }
        if let (Some(a), Some(b)) = (self.as_constant(x), self.as_constant(y)) {
            return self.constant(a - b);
        }
        if let Node::Unary(Unary::Neg, y) = self.node(y) {
            return self.add(x, y);
        }
        self.binary(Binary::Sub, x, y)
    }

    /// −x.
    pub fn neg(&mut self, x: Id) -> Id {
        if let Some(value) = self.as_constant(x) {
            return self.constant(-value);
        }
        if let Node::Unary(Unary::Neg, inner) = self.node(x) {
            return inner;
        }
        self.unary(Unary::Neg, x)
    }

    /// x·y.
    pub fn mul(&mut self, x: Id, y: Id) -> Id {
        if self.is_integer(x, 0) || self.is_integer(y, 1) {
            return x;
        }
        if self.is_integer(y, 0) || self.is_integer(x, 1) {
            return y;
        }
        if self.is_integer(x, -1) {
            return self.neg(y);
        }
        if self.is_integer(y, -1) {
            return self.neg(x);
        }
        if let (Some(a), Some(b)) = (self.as_constant(x), self.as_constant(y)) {
            return self.constant(a * b);
        }
        match (self.node(x), self.node(y)) {
            (Node::Unary(Unary::Neg, a), _) => {
                let product = self.mul(a, y);
                self.neg(product)
            }
            (_, Node::Unary(Unary::Neg, b)) => {
                let product = self.mul(x, b);
                self.neg(product)
            }
            _ => self.binary(Binary::Mul, x, y),
        }
    }

    /// x/y.
    pub fn div(&mut self, x: Id, y: Id) -> Id {
        if self.is_integer(y, 1) || (self.is_integer(x, 0) && !self.is_integer(y, 0)) {
            return x;
        }
        if let (Some(a), Some(b)) = (self.as_constant(x), self.as_constant(y))
            && !b.is_zero()
        {
            return self.constant(a / b);
        }
        if let Node::Unary(Unary::Neg, a) = self.node(x) {
            let quotient = self.div(a, y);
            return self.neg(quotient);
        }
        self.binary(Binary::Div, x, y)
    }

    /// xʸ.
    pub fn pow(&mut self, x: Id, y: Id) -> Id {
        if self.is_integer(y, 1) {
            return x;
        }
        if self.is_integer(y, 0) || self.is_integer(x, 1) {
            return self.integer(1);
        }
        self.binary(Binary::Pow, x, y)
    }

    /// x².
    pub fn square(&mut self, x: Id) -> Id {
        let two = self.integer(2);
        self.pow(x, two)
    }

    /// `where(condition, a, b)`.
    pub fn select(&mut self, condition: Id, a: Id, b: Id) -> Id {
        if a == b || self.is_integer(condition, 1) {
            return a;
        }
        if self.is_integer(condition, 0) {
            return b;
        }
        self.ternary(Ternary::Select, condition, a, b)
    }

    /// log x.
    pub fn log(&mut self, x: Id) -> Id {
        if self.is_integer(x, 1) {
            return self.integer(0);
        }
        self.unary(Unary::Log, x)
    }

    /// eˣ.
    pub fn exp(&mut self, x: Id) -> Id {
        if self.is_integer(x, 0) {
            return self.integer(1);
        }
        self.unary(Unary::Exp, x)
    }

    /// The sum of any number of terms, as a balanced tree (so that derivatives stay shallow).
    pub fn sum(&mut self, terms: &[Id]) -> Id {
        match terms {
            [] => self.integer(0),
            [term] => *term,
            _ => {
                let (left, right) = terms.split_at(terms.len() / 2);
                let (left, right) = (self.sum(left), self.sum(right));
                self.add(left, right)
            }
        }
    }

    /// The product of any number of factors, as a balanced tree.
    pub fn product(&mut self, factors: &[Id]) -> Id {
        match factors {
            [] => self.integer(1),
            [factor] => *factor,
            _ => {
                let (left, right) = factors.split_at(factors.len() / 2);
                let (left, right) = (self.product(left), self.product(right));
                self.mul(left, right)
            }
        }
    }
}
