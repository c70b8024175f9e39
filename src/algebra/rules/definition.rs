//! Operators through simpler ones.

use super::is;
use crate::algebra::definedness::{minus, plus};
use crate::algebra::proof::Condition;
use crate::algebra::signs::Signs;
use crate::graph::{Graph, Id, Node};
use crate::number::{Binary, Unary};

/// An operator through simpler ones.
pub(super) fn definition(graph: &mut Graph, from: Id) -> Option<(Id, Vec<Condition>)> {
    let two = graph.integer(2);
    let no = Vec::new;
    Some(match graph.node(from) {
        Node::Unary(operator, x) => match operator {
            Unary::Log1p => {
                let above = plus(graph, x, 1);
                (graph.log(above), no())
            }
            Unary::Expm1 => {
                let e = graph.exp(x);
                (plus(graph, e, -1), no())
            }
            Unary::Sqrt => {
                let log = graph.log(x);
                let half = graph.div(log, two);
                (graph.exp(half), vec![is(x, Signs::POSITIVE)])
            }
            Unary::Sinh | Unary::Cosh => {
                let down = graph.neg(x);
                let (up, down) = (graph.exp(x), graph.exp(down));
                let sum = if operator == Unary::Sinh {
                    graph.sub(up, down)
                } else {
                    graph.add(up, down)
                };
                (graph.div(sum, two), no())
            }
            Unary::Tanh => {
                let double = graph.mul(two, x);
                let e = graph.exp(double);
                let (above, below) = (plus(graph, e, -1), plus(graph, e, 1));
                (graph.div(above, below), no())
            }
            Unary::Asinh | Unary::Acosh => {
                let square = graph.square(x);
                let one = if operator == Unary::Asinh { 1 } else { -1 };
                let under = plus(graph, square, one);
                let root = graph.unary(Unary::Sqrt, under);
                let sum = graph.add(x, root);
                (graph.log(sum), no())
            }
            Unary::Atanh => {
                let (above, below) = (plus(graph, x, 1), minus(graph, 1, x));
                let (above, below) = (graph.log(above), graph.log(below));
                let difference = graph.sub(above, below);
                (graph.div(difference, two), no())
            }
            Unary::Sigmoid => {
                let down = graph.neg(x);
                let e = graph.exp(down);
                let below = plus(graph, e, 1);
                let one = graph.integer(1);
                (graph.div(one, below), no())
            }
            Unary::Softplus => {
                let e = graph.exp(x);
                let sum = plus(graph, e, 1);
                (graph.log(sum), no())
            }
            Unary::Erf | Unary::Erfc => {
                // erf x = 2Φ(√2 x) − 1.
                let root = graph.unary(Unary::Sqrt, two);
                let scaled = graph.mul(root, x);
                let phi = graph.unary(Unary::NormalCdf, scaled);
                let double = graph.mul(two, phi);
                let value = if operator == Unary::Erf {
                    plus(graph, double, -1)
                } else {
                    minus(graph, 2, double)
                };
                (value, no())
            }
            Unary::ErfInv => {
                let above = plus(graph, x, 1);
                let u = graph.div(above, two);
                let quantile = graph.unary(Unary::NormalIcdf, u);
                let root = graph.unary(Unary::Sqrt, two);
                (graph.div(quantile, root), no())
            }
            Unary::NormalLogCdf => {
                let phi = graph.unary(Unary::NormalCdf, x);
                (graph.log(phi), no())
            }
            Unary::Tan => {
                let (s, c) = (graph.unary(Unary::Sin, x), graph.unary(Unary::Cos, x));
                (graph.div(s, c), no())
            }
            Unary::Acos => {
                let (pi, arcus) = (graph.pi(), graph.unary(Unary::Asin, x));
                let quarter = graph.div(pi, two);
                (graph.sub(quarter, arcus), no())
            }
            Unary::Ceil => {
                let down = graph.neg(x);
                let floor = graph.unary(Unary::Floor, down);
                (graph.neg(floor), no())
            }
            Unary::Not => (minus(graph, 1, x), no()),
            Unary::StopGradient => (x, no()),
            Unary::Neg
            | Unary::Exp
            | Unary::Log
            | Unary::Abs
            | Unary::Sign
            | Unary::Floor
            | Unary::Round
            | Unary::Sin
            | Unary::Cos
            | Unary::Asin
            | Unary::Atan
            | Unary::NormalCdf
            | Unary::NormalIcdf
            | Unary::Lgamma
            | Unary::Polygamma(_)
            | Unary::LogBesselI0
            | Unary::BesselRatio => return None,
        },
        Node::Binary(operator, x, y) => match operator {
            Binary::Pow => {
                let log = graph.log(x);
                let exponent = graph.mul(y, log);
                (graph.exp(exponent), vec![is(x, Signs::POSITIVE)])
            }
            Binary::GammaQ => {
                let p = graph.binary(Binary::GammaP, x, y);
                (minus(graph, 1, p), no())
            }
            Binary::And => (graph.mul(x, y), no()),
            Binary::Or => {
                let (sum, product) = (graph.add(x, y), graph.mul(x, y));
                (graph.sub(sum, product), no())
            }
            Binary::Mod => {
                // To the same side of zero as y.
                let quotient = graph.div(x, y);
                let floor = graph.unary(Unary::Floor, quotient);
                let whole = graph.mul(y, floor);
                (graph.sub(x, whole), vec![is(y, Signs::NONZERO)])
            }
            Binary::Add
            | Binary::Sub
            | Binary::Mul
            | Binary::Div
            | Binary::Min
            | Binary::Max
            | Binary::Atan2
            | Binary::GammaP
            | Binary::GammaPDa
            | Binary::Less
            | Binary::LessEqual
            | Binary::Equal => return None,
        },
        Node::Constant(_) | Node::Pi | Node::Infinity | Node::Symbol(_) | Node::Ternary(..) => {
            return None;
        }
    })
}
