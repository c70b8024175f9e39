//! Functions of their inverses.

use super::is;
use crate::algebra::definedness::{minus, plus};
use crate::algebra::proof::Condition;
use crate::algebra::ring::{Ring, Stop};
use crate::algebra::signs::Signs;
use crate::graph::{Graph, Id};
use crate::number::{Rational, Unary};

/// The conditions under which f(x) = t: x = f⁻¹(t), and t where f⁻¹ is inverted by f.
pub(super) fn undone(
    graph: &mut Graph,
    ring: &mut Ring,
    f: Unary,
    x: Id,
    t: Id,
) -> Result<Option<Vec<Condition>>, Stop> {
    let between = |graph: &mut Graph, low: (i64, i64), high: (i64, i64), signs: Signs| {
        // low·π < t < high·π
        let pi = graph.pi();
        let mut bound = |(n, d): (i64, i64)| {
            let factor = graph.constant(Rational::from(n) / Rational::from(d));
            graph.mul(factor, pi)
        };
        let (low, high) = (bound(low), bound(high));
        vec![is(graph.sub(t, low), signs), is(graph.sub(high, t), signs)]
    };
    Ok(match f {
        Unary::Atan => {
            // x cos t = sin t.
            let (s, c) = (graph.unary(Unary::Sin, t), graph.unary(Unary::Cos, t));
            let product = graph.mul(x, c);
            ring.same(graph, product, s)?
                .then(|| between(graph, (-1, 2), (1, 2), Signs::POSITIVE))
        }
        Unary::Asin => {
            let s = graph.unary(Unary::Sin, t);
            ring.same(graph, s, x)?
                .then(|| between(graph, (-1, 2), (1, 2), Signs::NONNEGATIVE))
        }
        Unary::Acos => {
            let c = graph.unary(Unary::Cos, t);
            ring.same(graph, c, x)?
                .then(|| between(graph, (0, 1), (1, 1), Signs::NONNEGATIVE))
        }
        Unary::NormalIcdf => {
            let phi = graph.unary(Unary::NormalCdf, t);
            ring.same(graph, phi, x)?.then(Vec::new)
        }
        Unary::NormalCdf => {
            let quantile = graph.unary(Unary::NormalIcdf, t);
            let rest = minus(graph, 1, t);
            ring.same(graph, quantile, x)?
                .then(|| vec![is(t, Signs::POSITIVE), is(rest, Signs::POSITIVE)])
        }
        Unary::Sin | Unary::Cos => {
            // Of an arcus: sin(asin t) = t, cos(acos t) = t, −1 ≤ t ≤ 1.
            let inverse = if f == Unary::Sin {
                Unary::Asin
            } else {
                Unary::Acos
            };
            let arcus = graph.unary(inverse, t);
            let (above, below) = (plus(graph, t, 1), minus(graph, 1, t));
            ring.same(graph, arcus, x)?
                .then(|| vec![is(above, Signs::NONNEGATIVE), is(below, Signs::NONNEGATIVE)])
        }
        Unary::Neg
        | Unary::Exp
        | Unary::Log
        | Unary::Log1p
        | Unary::Expm1
        | Unary::Sqrt
        | Unary::Abs
        | Unary::Sign
        | Unary::Floor
        | Unary::Ceil
        | Unary::Round
        | Unary::Tan
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
        | Unary::Lgamma
        | Unary::Polygamma(_)
        | Unary::LogBesselI0
        | Unary::BesselRatio
        | Unary::Not
        | Unary::StopGradient => None,
    })
}
