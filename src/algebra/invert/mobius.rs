//! A formula as (a + b·s)/(c + d·s) in a part s of it that holds the symbol, which is then solved for s.
//!
//! Law: the solution is the only one, where there is any (test `a_quotient_of_linear_formulas`).

use super::contains;
use crate::graph::{Graph, Id, Node};
use crate::number::{Binary, Unary};

/// (`top[0]` + `top[1]`·s)/(`bottom[0]` + `bottom[1]`·s).
#[derive(Clone, Copy)]
struct Fraction {
    top: [Id; 2],
    bottom: [Id; 2],
}

/// The largest part of a formula in which it is such a fraction, and what this part must be for the
/// formula to give y.
pub(super) fn solved(graph: &mut Graph, at: Id, symbol: Id, y: Id) -> Option<(Id, Id)> {
    let parts = graph.reachable(&[at]);
    let parts: Vec<Id> = parts
        .into_iter()
        .rev()
        .filter(|&part| part != at && contains(graph, part, symbol))
        .collect();
    for part in parts {
        let Some(Fraction { top, bottom }) = fraction(graph, at, part, symbol) else {
            continue;
        };
        let (down, up) = (graph.mul(y, bottom[0]), graph.mul(y, bottom[1]));
        let (numerator, denominator) = (graph.sub(down, top[0]), graph.sub(top[1], up));
        return Some((part, graph.div(numerator, denominator)));
    }
    None
}

fn fraction(graph: &mut Graph, at: Id, part: Id, symbol: Id) -> Option<Fraction> {
    let (zero, one) = (graph.integer(0), graph.integer(1));
    let over_one = |top| Fraction {
        top,
        bottom: [one, zero],
    };
    if at == part {
        return Some(over_one([zero, one]));
    }
    if !contains(graph, at, symbol) {
        return Some(over_one([at, zero]));
    }
    match graph.node(at) {
        Node::Unary(Unary::Neg, x) => {
            let x = fraction(graph, x, part, symbol)?;
            let top = x.top.map(|t| graph.neg(t));
            Some(Fraction { top, ..x })
        }
        Node::Binary(operator @ (Binary::Add | Binary::Sub), x, y) => {
            let x = fraction(graph, x, part, symbol)?;
            let y = fraction(graph, y, part, symbol)?;
            if x.bottom == y.bottom {
                let top = [0, 1].map(|i| combined(graph, operator, x.top[i], y.top[i]));
                return Some(Fraction { top, ..x });
            }
            // A common denominator that stays linear: one of the two is a constant.
            let (a, b) = (
                scale(graph, x.top, y.bottom)?,
                scale(graph, y.top, x.bottom)?,
            );
            let bottom = scale(graph, x.bottom, y.bottom)?;
            let top = [0, 1].map(|i| combined(graph, operator, a[i], b[i]));
            Some(Fraction { top, bottom })
        }
        Node::Binary(Binary::Mul, x, y) => {
            let x = fraction(graph, x, part, symbol)?;
            let y = fraction(graph, y, part, symbol)?;
            let top = scale(graph, x.top, y.top)?;
            let bottom = scale(graph, x.bottom, y.bottom)?;
            Some(Fraction { top, bottom })
        }
        Node::Binary(Binary::Div, x, y) => {
            let x = fraction(graph, x, part, symbol)?;
            let y = fraction(graph, y, part, symbol)?;
            if x.bottom == y.bottom {
                let (top, bottom) = (x.top, y.top);
                return Some(Fraction { top, bottom });
            }
            let top = scale(graph, x.top, y.bottom)?;
            let bottom = scale(graph, x.bottom, y.top)?;
            Some(Fraction { top, bottom })
        }
        Node::Constant(_)
        | Node::Pi
        | Node::Infinity
        | Node::Symbol(_)
        | Node::Unary(..)
        | Node::Binary(..)
        | Node::Ternary(..) => None,
    }
}

fn combined(graph: &mut Graph, operator: Binary, a: Id, b: Id) -> Id {
    if operator == Binary::Add {
        graph.add(a, b)
    } else {
        graph.sub(a, b)
    }
}

/// The product of two linear formulas of which one is a constant.
fn scale(graph: &mut Graph, a: [Id; 2], b: [Id; 2]) -> Option<[Id; 2]> {
    let (linear, factor) = if graph.is_integer(b[1], 0) {
        (a, b[0])
    } else if graph.is_integer(a[1], 0) {
        (b, a[0])
    } else {
        return None;
    };
    Some(linear.map(|t| graph.mul(t, factor)))
}
