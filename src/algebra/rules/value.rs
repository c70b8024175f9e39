//! Functions where their arguments are special.

use crate::algebra::definedness::{minus, plus};
use crate::algebra::ring::{Head, Ring, Stop};
use crate::graph::{Graph, Id, Node};
use crate::number::{Binary, Rational, Ternary, Unary};

/// The value of a function where its arguments are special.
pub(in crate::algebra) fn value(
    graph: &mut Graph,
    ring: &mut Ring,
    from: Id,
) -> Result<Option<Id>, Stop> {
    let constant = |ring: &mut Ring, graph: &Graph, x: Id| {
        ring.form(graph, x)
            .map(|form| form.as_constant().map(|c| c.rational()))
    };
    let half = Rational::ONE / Rational::from(2);
    Ok(match graph.node(from) {
        Node::Unary(operator, x) => {
            let Some(at) = constant(ring, graph, x)? else {
                return of_arcus(graph, ring, operator, x);
            };
            let (zero, one) = (at == Rational::ZERO, at == Rational::ONE);
            match operator {
                Unary::Sin
                | Unary::Asin
                | Unary::Atan
                | Unary::LogBesselI0
                | Unary::BesselRatio
                    if zero =>
                {
                    Some(graph.integer(0))
                }
                Unary::Cos if zero => Some(graph.integer(1)),
                Unary::NormalCdf if zero => Some(graph.constant(half)),
                Unary::NormalIcdf if at == half => Some(graph.integer(0)),
                Unary::Lgamma if one => Some(graph.integer(0)),
                Unary::Lgamma if at == half => {
                    let pi = graph.pi();
                    let (log, two) = (graph.log(pi), graph.integer(2));
                    Some(graph.div(log, two))
                }
                Unary::Polygamma(0) if at == half => {
                    // ψ(½) = ψ(1) − 2 log 2.
                    let (one, two) = (graph.integer(1), graph.integer(2));
                    let (base, log) = (graph.unary(operator, one), graph.log(two));
                    let double = graph.mul(two, log);
                    Some(graph.sub(base, double))
                }
                Unary::Polygamma(1) if one || at == half => {
                    let pi = graph.pi();
                    let (square, below) =
                        (graph.square(pi), graph.integer(if one { 6 } else { 2 }));
                    Some(graph.div(square, below))
                }
                Unary::Asin | Unary::Acos | Unary::Atan if one => {
                    let (pi, below) = (
                        graph.pi(),
                        graph.integer(if operator == Unary::Atan { 4 } else { 2 }),
                    );
                    Some(if operator == Unary::Acos {
                        graph.integer(0)
                    } else {
                        graph.div(pi, below)
                    })
                }
                Unary::Floor | Unary::Ceil | Unary::Round if at.is_int() => {
                    Some(graph.constant(at))
                }
                _ => None,
            }
        }
        Node::Binary(Binary::GammaP, a, x) => match constant(ring, graph, a)? {
            Some(a) if a == Rational::ONE => {
                let down = graph.neg(x);
                let e = graph.exp(down);
                Some(minus(graph, 1, e))
            }
            Some(a) if a == half => {
                // P(½, x) = erf √x.
                let root = graph.unary(Unary::Sqrt, x);
                Some(graph.unary(Unary::Erf, root))
            }
            _ => None,
        },
        Node::Ternary(Ternary::BetaInc, a, b, x) => {
            let one = Some(Rational::ONE);
            if constant(ring, graph, b)? == one {
                Some(graph.pow(x, a))
            } else if constant(ring, graph, a)? == one {
                let rest = minus(graph, 1, x);
                let power = graph.pow(rest, b);
                Some(minus(graph, 1, power))
            } else {
                None
            }
        }
        Node::Constant(_)
        | Node::Pi
        | Node::Infinity
        | Node::Symbol(_)
        | Node::Binary(..)
        | Node::Ternary(..) => None,
    })
}

/// sin x = t/√(1 + t²) and cos x = 1/√(1 + t²) for x = atan t; cos x = √(1 − t²) for x = asin t.
fn of_arcus(
    graph: &mut Graph,
    ring: &mut Ring,
    operator: Unary,
    x: Id,
) -> Result<Option<Id>, Stop> {
    if !matches!(operator, Unary::Sin | Unary::Cos) {
        return Ok(None);
    }
    let Some(atom) = ring.form(graph, x)?.as_atom() else {
        return Ok(None);
    };
    let meaning = ring.meaning(atom).clone();
    let is_tangent = match meaning.head {
        Head::Unary(Unary::Atan) => true,
        Head::Unary(Unary::Asin) if operator == Unary::Cos => false,
        Head::Unary(_) | Head::Leaf(_) | Head::Inverse | Head::Binary(_) | Head::Ternary(_) => {
            return Ok(None);
        }
    };
    let t = ring.term(graph, &meaning.arguments[0]);
    let square = graph.square(t);
    let under = if is_tangent {
        plus(graph, square, 1)
    } else {
        minus(graph, 1, square)
    };
    let root = graph.unary(Unary::Sqrt, under);
    if !is_tangent {
        return Ok(Some(root));
    }
    let above = if operator == Unary::Sin {
        t
    } else {
        graph.integer(1)
    };
    Ok(Some(graph.div(above, root)))
}
