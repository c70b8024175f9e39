//! Roots of what is visibly a product with squares in it.

use super::Search;
use crate::algebra::factor::{coprime_basis, over_basis};
use crate::algebra::plain::plain;
use crate::algebra::polynomial::Polynomial;
use crate::algebra::proof::Rule;
use crate::algebra::ring::Stop;
use crate::algebra::signs::Signs;
use crate::graph::{Graph, Id};
use crate::number::{Rational, Unary};

impl Search {
    /// √(f²ᵏ·g) as |f|ᵏ·√g.
    pub(super) fn root(&mut self, graph: &mut Graph, id: Id, x: Id) -> bool {
        let Ok(Some(to)) = self.drawn_out(graph, x) else {
            return false;
        };
        self.visit(graph, to);
        self.take(graph, Rule::Absolute, id, to)
    }

    fn drawn_out(&mut self, graph: &mut Graph, x: Id) -> Result<Option<Id>, Stop> {
        let form = self.checker.ring.form(graph, x)?;
        let (p, mut factors) = self.over_divisors(&form)?;
        let p = self.checker.ring.without_sines(&p)?;
        let plain = plain(&[&p])?;
        let basis = coprime_basis(&plain.polynomials);
        let Some((c, powers)) = over_basis(&plain.polynomials[0], &basis) else {
            return Ok(None);
        };
        for (place, n) in powers {
            let factor = plain.restore(&mut self.checker.ring, &basis[place])?;
            factors.push((factor, n));
        }
        for &(atom, n) in &plain.contents[0] {
            factors.push((Polynomial::atom(atom), i64::from(n)));
        }
        if c.signum() <= 0 || factors.iter().all(|f| f.1.abs() < 2) {
            return Ok(None);
        }
        let (mut outside, mut inside) = (Vec::new(), Vec::new());
        for (factor, n) in factors {
            let ring = &mut self.checker.ring;
            let signs = self.checker.facts.signs_of(ring, graph, &factor, 0);
            let base = ring.term(graph, &factor);
            if n % 2 != 0 {
                inside.push(base);
            }
            let size = if signs.within(Signs::NONNEGATIVE) {
                base
            } else {
                graph.unary(Unary::Abs, base)
            };
            let half = graph.integer(n.div_euclid(2));
            outside.push(graph.pow(size, half));
        }
        let exponent = self.checker.ring.term(graph, &plain.exponents[0]);
        let two = graph.integer(2);
        let half = graph.div(exponent, two);
        outside.push(graph.exp(half));
        let value = c.rational();
        match rational_root(&value) {
            Some(root) => outside.push(graph.constant(root)),
            None => inside.push(graph.constant(value)),
        }
        if !inside.is_empty() {
            let under = graph.product(&inside);
            outside.push(graph.unary(Unary::Sqrt, under));
        }
        Ok(Some(graph.product(&outside)))
    }
}

/// The root of a rational number, where that is one.
fn rational_root(value: &Rational) -> Option<Rational> {
    let whole = |n: u64| {
        let root = n.isqrt();
        (root * root == n).then_some(root)
    };
    let above = whole(u64::try_from(value.numerator()).ok()?)?;
    let below = whole(u64::try_from(value.denominator()).ok()?)?;
    Some(Rational::from(above) / Rational::from(below))
}
