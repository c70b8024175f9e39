//! Where an operator is a real number: conditions on its arguments.
//!
//! Proofs are about real numbers. What these conditions do not grant (log 0 = −∞, say) is not
//! proved, whatever a number system makes of it.

use super::proof::Condition;
use super::signs::Signs;
use crate::graph::{Graph, Id, Node};
use crate::number::{Binary, Rational, Ternary, Unary};

/// Conditions under which a node is a real number when its arguments are; none where it may never
/// be one (+∞).
pub(super) fn conditions(graph: &mut Graph, id: Id) -> Option<Vec<Condition>> {
    let is = |of: Id, signs: Signs| vec![condition(of, signs)];
    let positive = |of: Id| is(of, Signs::POSITIVE);
    Some(match graph.node(id) {
        Node::Constant(_) | Node::Pi | Node::Symbol(_) => Vec::new(),
        Node::Infinity => return None,
        Node::Unary(operator, x) => match operator {
            Unary::Neg
            | Unary::Exp
            | Unary::Expm1
            | Unary::Abs
            | Unary::Sign
            | Unary::Floor
            | Unary::Ceil
            | Unary::Round
            | Unary::Sin
            | Unary::Cos
            | Unary::Atan
            | Unary::Sinh
            | Unary::Cosh
            | Unary::Tanh
            | Unary::Asinh
            | Unary::Sigmoid
            | Unary::Softplus
            | Unary::Erf
            | Unary::Erfc
            | Unary::NormalCdf
            | Unary::NormalLogCdf
            | Unary::LogBesselI0
            | Unary::BesselRatio
            | Unary::Not
            | Unary::StopGradient => Vec::new(),
            Unary::Log | Unary::Lgamma | Unary::Polygamma(_) => positive(x),
            Unary::Log1p => positive(plus(graph, x, 1)),
            Unary::Sqrt => is(x, Signs::NONNEGATIVE),
            Unary::Tan => is(graph.unary(Unary::Cos, x), Signs::NONZERO),
            Unary::Asin | Unary::Acos => {
                let (above, below) = (plus(graph, x, 1), minus(graph, 1, x));
                [is(above, Signs::NONNEGATIVE), is(below, Signs::NONNEGATIVE)].concat()
            }
            Unary::Acosh => is(plus(graph, x, -1), Signs::NONNEGATIVE),
            Unary::Atanh | Unary::ErfInv => {
                let (above, below) = (plus(graph, x, 1), minus(graph, 1, x));
                [positive(above), positive(below)].concat()
            }
            Unary::NormalIcdf => [positive(x), positive(minus(graph, 1, x))].concat(),
        },
        Node::Binary(operator, x, y) => match operator {
            Binary::Add
            | Binary::Sub
            | Binary::Mul
            | Binary::Min
            | Binary::Max
            | Binary::Less
            | Binary::LessEqual
            | Binary::Equal
            | Binary::And
            | Binary::Or => Vec::new(),
            Binary::Div | Binary::Mod => is(y, Signs::NONZERO),
            Binary::Pow => match graph.as_constant(y) {
                Some(n) if n.is_int() && *n >= Rational::ZERO => Vec::new(),
                Some(n) if n.is_int() => is(x, Signs::NONZERO),
                Some(n) if *n > Rational::ZERO => is(x, Signs::NONNEGATIVE),
                Some(_) | None => positive(x),
            },
            // At the origin there is no angle; the axis behind it is a jump.
            Binary::Atan2 => positive(y),
            Binary::GammaP | Binary::GammaQ | Binary::GammaPDa => {
                [positive(x), is(y, Signs::NONNEGATIVE)].concat()
            }
        },
        Node::Ternary(operator, a, b, x) => match operator {
            Ternary::Select => Vec::new(),
            Ternary::BetaInc | Ternary::BetaIncDa => [
                positive(a),
                positive(b),
                is(x, Signs::NONNEGATIVE),
                is(minus(graph, 1, x), Signs::NONNEGATIVE),
            ]
            .concat(),
        },
    })
}

fn condition(of: Id, signs: Signs) -> Condition {
    Condition {
        of,
        signs,
        whole: false,
    }
}

/// Other conditions under which a node is a real number; any of them will do.
pub(super) fn alternatives(graph: &Graph, id: Id) -> Vec<Vec<Condition>> {
    match graph.node(id) {
        // Off the axis of the angle there is one on either side of it.
        Node::Binary(Binary::Atan2, y, _) => {
            let signs = Signs::NONZERO;
            vec![vec![condition(y, signs)]]
        }
        // To an integer power any number but 0 can be raised.
        Node::Binary(Binary::Pow, x, y) => {
            let whole = Condition {
                whole: true,
                ..condition(y, Signs::UNKNOWN)
            };
            vec![vec![whole, condition(x, Signs::NONZERO)]]
        }
        Node::Constant(_)
        | Node::Pi
        | Node::Infinity
        | Node::Symbol(_)
        | Node::Unary(..)
        | Node::Binary(..)
        | Node::Ternary(..) => Vec::new(),
    }
}

pub(super) fn plus(graph: &mut Graph, x: Id, n: i64) -> Id {
    let n = graph.integer(n);
    graph.add(x, n)
}

pub(super) fn minus(graph: &mut Graph, n: i64, x: Id) -> Id {
    let n = graph.integer(n);
    graph.sub(n, x)
}
