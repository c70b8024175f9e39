//! A function at one argument through itself at another: shifted, reflected, turned, taken apart.

use super::is;
use crate::algebra::definedness::{minus, plus};
use crate::algebra::proof::Condition;
use crate::algebra::signs::Signs;
use crate::graph::{Graph, Id, Node};
use crate::number::{Binary, Rational, Ternary, Unary};

/// f(x) through f(x − n): log Γ(x) = log Γ(x − n) + Σ log(x − n + j), and its derivatives;
/// P(a, x) = P(a − n, x) − Σ x^(a−n+j) e⁻ˣ/Γ(a − n + j + 1).
pub(super) fn shift(graph: &mut Graph, n: u32, from: Id) -> Option<(Id, Vec<Condition>)> {
    let (argument, x) = match graph.node(from) {
        Node::Unary(Unary::Lgamma | Unary::Polygamma(0 | 1), x) => (x, None),
        Node::Binary(Binary::GammaP, a, x) => (a, Some(x)),
        _ => return None,
    };
    let lower = plus(graph, argument, -i64::from(n));
    let mut terms = Vec::new();
    for j in 0..n {
        let at = plus(graph, lower, i64::from(j));
        let one = graph.integer(1);
        terms.push(match (graph.node(from), x) {
            (Node::Unary(Unary::Lgamma, _), _) => graph.log(at),
            (Node::Unary(Unary::Polygamma(0), _), _) => graph.div(one, at),
            (Node::Unary(..), _) => {
                let square = graph.square(at);
                let term = graph.div(one, square);
                graph.neg(term)
            }
            (_, Some(x)) => {
                let next = plus(graph, at, 1);
                let (log, gamma) = (graph.log(x), graph.unary(Unary::Lgamma, next));
                let power = graph.mul(at, log);
                let power = graph.sub(power, x);
                let exponent = graph.sub(power, gamma);
                let term = graph.exp(exponent);
                graph.neg(term)
            }
            (_, None) => return None,
        });
    }
    let rest = graph.sum(&terms);
    let mut conditions = vec![is(lower, Signs::POSITIVE)];
    let low = match (graph.node(from), x) {
        (Node::Unary(operator, _), _) => graph.unary(operator, lower),
        (_, Some(x)) => {
            conditions.push(is(x, Signs::POSITIVE));
            graph.binary(Binary::GammaP, lower, x)
        }
        (_, None) => return None,
    };
    Some((graph.add(low, rest), conditions))
}

/// f(x) through f(−x) or f(1 − x).
pub(super) fn reflection(graph: &mut Graph, from: Id) -> Option<(Id, Vec<Condition>)> {
    let no = Vec::new;
    Some(match graph.node(from) {
        Node::Unary(operator, x) => {
            let opposite = graph.neg(x);
            match operator {
                Unary::Sin | Unary::Atan | Unary::Asin | Unary::BesselRatio | Unary::Sign => {
                    let value = graph.unary(operator, opposite);
                    (graph.neg(value), no())
                }
                Unary::Cos | Unary::LogBesselI0 | Unary::Abs => {
                    (graph.unary(operator, opposite), no())
                }
                Unary::NormalCdf => {
                    let value = graph.unary(operator, opposite);
                    (minus(graph, 1, value), no())
                }
                Unary::NormalIcdf => {
                    let other = minus(graph, 1, x);
                    let value = graph.unary(operator, other);
                    (graph.neg(value), no())
                }
                Unary::Lgamma => {
                    // Γ(x)Γ(1 − x) = π/sin πx.
                    let (pi, other) = (graph.pi(), minus(graph, 1, x));
                    let angle = graph.mul(pi, x);
                    let sine = graph.unary(Unary::Sin, angle);
                    let (log_pi, log_sine) = (graph.log(pi), graph.log(sine));
                    let value = graph.unary(operator, other);
                    let rest = graph.sub(log_pi, log_sine);
                    (
                        graph.sub(rest, value),
                        vec![
                            is(x, Signs::POSITIVE),
                            is(other, Signs::POSITIVE),
                            is(sine, Signs::POSITIVE),
                        ],
                    )
                }
                Unary::Neg
                | Unary::Exp
                | Unary::Log
                | Unary::Log1p
                | Unary::Expm1
                | Unary::Sqrt
                | Unary::Floor
                | Unary::Ceil
                | Unary::Round
                | Unary::Tan
                | Unary::Acos
                | Unary::Sinh
                | Unary::Cosh
                | Unary::Tanh
                | Unary::Asinh
                | Unary::Acosh
                | Unary::Atanh
                | Unary::Sigmoid
                | Unary::Softplus
                | Unary::Erf
                | Unary::Erfc
                | Unary::ErfInv
                | Unary::NormalLogCdf
                | Unary::Polygamma(_)
                | Unary::Not
                | Unary::StopGradient => return None,
            }
        }
        Node::Ternary(Ternary::BetaInc, a, b, x) => {
            let other = minus(graph, 1, x);
            let value = graph.ternary(Ternary::BetaInc, b, a, other);
            (minus(graph, 1, value), no())
        }
        Node::Constant(_)
        | Node::Pi
        | Node::Infinity
        | Node::Symbol(_)
        | Node::Binary(..)
        | Node::Ternary(..) => return None,
    })
}

/// sin and cos after k quarter turns.
pub(super) fn turn(graph: &mut Graph, k: i32, from: Id) -> Option<(Id, Vec<Condition>)> {
    let Node::Unary(operator @ (Unary::Sin | Unary::Cos), x) = graph.node(from) else {
        return None;
    };
    let pi = graph.pi();
    let quarter = graph.constant(Rational::from(k) / Rational::from(2));
    let angle = graph.mul(quarter, pi);
    let rest = graph.sub(x, angle);
    let (s, c) = (graph.unary(Unary::Sin, rest), graph.unary(Unary::Cos, rest));
    let is_sine = operator == Unary::Sin;
    let to = match (k.rem_euclid(4), is_sine) {
        (0, true) | (3, false) => s,
        (1, true) | (0, false) => c,
        (2, true) | (1, false) => graph.neg(s),
        _ => graph.neg(c),
    };
    Some((to, Vec::new()))
}

/// sin and cos of l + r.
pub(in crate::algebra) fn angles(graph: &mut Graph, operator: Unary, l: Id, r: Id) -> Id {
    let (sl, cl) = (graph.unary(Unary::Sin, l), graph.unary(Unary::Cos, l));
    let (sr, cr) = (graph.unary(Unary::Sin, r), graph.unary(Unary::Cos, r));
    if operator == Unary::Sin {
        let (a, b) = (graph.mul(sl, cr), graph.mul(cl, sr));
        graph.add(a, b)
    } else {
        let (a, b) = (graph.mul(cl, cr), graph.mul(sl, sr));
        graph.sub(a, b)
    }
}
