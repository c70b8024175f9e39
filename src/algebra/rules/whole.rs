//! What holds at integers: steps, half turns, and powers of −1.

use super::is;
use crate::algebra::coefficient::Coefficient;
use crate::algebra::definedness::{minus, plus};
use crate::algebra::polynomial::Polynomial;
use crate::algebra::proof::Condition;
use crate::algebra::ring::{Ring, Stop};
use crate::algebra::signs::Signs;
use crate::graph::{Graph, Id, Node};
use crate::number::{Binary, Unary};

fn integer(of: Id) -> Condition {
    Condition {
        of,
        signs: Signs::UNKNOWN,
        whole: true,
    }
}

/// ⌊n⌋ = ⌈n⌉ = n, and the nearest integer to n is n.
pub(super) fn whole(graph: &Graph, from: Id) -> Option<(Id, Vec<Condition>)> {
    match graph.node(from) {
        Node::Unary(Unary::Floor | Unary::Ceil | Unary::Round, x) => Some((x, vec![integer(x)])),
        Node::Unary(..)
        | Node::Binary(..)
        | Node::Ternary(..)
        | Node::Constant(_)
        | Node::Pi
        | Node::Infinity
        | Node::Symbol(_) => None,
    }
}

/// ⌊x⌋ = n, where n ≤ x < n + 1.
pub(super) fn step(graph: &mut Graph, n: i32, from: Id) -> Option<(Id, Vec<Condition>)> {
    let Node::Unary(Unary::Floor, x) = graph.node(from) else {
        return None;
    };
    let n = i64::from(n);
    let (above, below) = (plus(graph, x, -n), minus(graph, n + 1, x));
    let conditions = vec![is(above, Signs::NONNEGATIVE), is(below, Signs::POSITIVE)];
    Some((graph.integer(n), conditions))
}

/// sin and cos after t half turns, t an integer: a factor (−1)ᵗ.
pub(super) fn half_turns(graph: &mut Graph, t: Id, from: Id) -> Option<(Id, Vec<Condition>)> {
    let Node::Unary(operator @ (Unary::Sin | Unary::Cos), x) = graph.node(from) else {
        return None;
    };
    let (pi, minus_one) = (graph.pi(), graph.integer(-1));
    let angle = graph.mul(pi, t);
    let rest = graph.sub(x, angle);
    let value = graph.unary(operator, rest);
    let sign = graph.binary(Binary::Pow, minus_one, t);
    Some((graph.mul(sign, value), vec![integer(t)]))
}

/// (−1)^(Σ cᵢmᵢ) as the product of (−1)^mᵢ over odd cᵢ, all cᵢ and mᵢ integers.
pub(in crate::algebra) fn parity(
    graph: &mut Graph,
    ring: &mut Ring,
    from: Id,
) -> Result<Option<(Id, Vec<Condition>)>, Stop> {
    let Node::Binary(Binary::Pow, base, exponent) = graph.node(from) else {
        return Ok(None);
    };
    let minus_one = Coefficient::integer(-1);
    if ring.form(graph, base)?.as_constant() != Some(minus_one) {
        return Ok(None);
    }
    let form = ring.form(graph, exponent)?;
    let base = graph.integer(-1);
    let (mut factors, mut conditions) = (Vec::new(), Vec::new());
    for (monomial, c) in &form.terms {
        let Some(c) = c.as_integer() else {
            return Ok(None);
        };
        let odd = c % 2 != 0;
        if monomial.is_one() {
            if odd {
                factors.push(base);
            }
            continue;
        }
        let m = ring.term(graph, &Polynomial::term(monomial.clone(), Coefficient::ONE));
        conditions.push(integer(m));
        if odd {
            factors.push(graph.binary(Binary::Pow, base, m));
        }
    }
    Ok(Some((graph.product(&factors), conditions)))
}
