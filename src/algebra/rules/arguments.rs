//! A function at one argument through itself at another: shifted, doubled, reflected, turned,
//! taken apart.

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

/// log Γ(x) = log Γ(x/2) + log Γ(x/2 + 1/2) + (x − 1) log 2 − log(π)/2 (Legendre), and its
/// derivatives.
pub(super) fn duplication(graph: &mut Graph, from: Id) -> Option<(Id, Vec<Condition>)> {
    let Node::Unary(operator @ (Unary::Lgamma | Unary::Polygamma(0 | 1)), x) = graph.node(from)
    else {
        return None;
    };
    let two = graph.integer(2);
    let low = graph.div(x, two);
    let half = graph.constant(Rational::ONE / Rational::from(2));
    let high = graph.add(low, half);
    let (a, b) = (graph.unary(operator, low), graph.unary(operator, high));
    let sum = graph.add(a, b);
    let log_two = graph.log(two);
    let to = match operator {
        Unary::Lgamma => {
            let pi = graph.pi();
            let log_pi = graph.log(pi);
            let root = graph.div(log_pi, two);
            let below = plus(graph, x, -1);
            let powers = graph.mul(below, log_two);
            let rest = graph.sub(powers, root);
            graph.add(sum, rest)
        }
        Unary::Polygamma(0) => {
            let mean = graph.div(sum, two);
            graph.add(mean, log_two)
        }
        _ => {
            let four = graph.integer(4);
            graph.div(sum, four)
        }
    };
    Some((to, vec![is(x, Signs::POSITIVE)]))
}

/// atan2(y, x) by the half plane that (x, y) lies in: right (0), upper (1) or lower (−1).
pub(super) fn half_plane(graph: &mut Graph, which: i32, from: Id) -> Option<(Id, Vec<Condition>)> {
    let Node::Binary(Binary::Atan2, y, x) = graph.node(from) else {
        return None;
    };
    if which == 0 {
        let slope = graph.div(y, x);
        let to = graph.unary(Unary::Atan, slope);
        return Some((to, vec![is(x, Signs::POSITIVE)]));
    }
    let (quarter, signs) = match which {
        1 => (Rational::ONE / Rational::from(2), Signs::POSITIVE),
        -1 => (Rational::from(-1) / Rational::from(2), Signs::NEGATIVE),
        _ => return None,
    };
    let (pi, quarter) = (graph.pi(), graph.constant(quarter));
    let turn = graph.mul(quarter, pi);
    let slope = graph.div(x, y);
    let rest = graph.unary(Unary::Atan, slope);
    Some((graph.sub(turn, rest), vec![is(y, signs)]))
}

/// f(x) through f(−x) or f(1 − x).
pub(super) fn reflection(graph: &mut Graph, from: Id) -> Option<(Id, Vec<Condition>)> {
    let no = Vec::new;
    Some(match graph.node(from) {
        Node::Unary(operator, x) => {
            let opposite = graph.neg(x);
            match operator {
                Unary::Sin
                | Unary::Atan
                | Unary::Asin
                | Unary::Asinh
                | Unary::BesselRatio
                | Unary::Sign => {
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
                // ψ(x) = ψ(1 − x) − π cos πx/sin πx, and ψ′(x) = π²/sin² πx − ψ′(1 − x).
                Unary::Polygamma(order @ (0 | 1)) => {
                    let (pi, other) = (graph.pi(), minus(graph, 1, x));
                    let angle = graph.mul(pi, x);
                    let (sine, cosine) = (
                        graph.unary(Unary::Sin, angle),
                        graph.unary(Unary::Cos, angle),
                    );
                    let value = graph.unary(operator, other);
                    let per_sine = graph.div(pi, sine);
                    let to = if order == 0 {
                        let rest = graph.mul(per_sine, cosine);
                        graph.sub(value, rest)
                    } else {
                        let rest = graph.square(per_sine);
                        graph.sub(rest, value)
                    };
                    (to, vec![is(x, Signs::POSITIVE), is(other, Signs::POSITIVE)])
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
