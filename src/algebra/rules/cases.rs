//! Operators that go by cases.

use super::is;
use crate::algebra::proof::Condition;
use crate::algebra::signs::Signs;
use crate::graph::{Graph, Id, Node};
use crate::number::{Binary, Ternary, Unary};

/// The term whose sign decides which case of an operator holds.
pub(in crate::algebra) fn deciding(graph: &mut Graph, id: Id) -> Option<Id> {
    match graph.node(id) {
        Node::Unary(Unary::Abs | Unary::Sign, x) => Some(x),
        Node::Binary(Binary::Min | Binary::Max, x, y) => Some(graph.sub(x, y)),
        Node::Binary(Binary::Less | Binary::LessEqual | Binary::Equal, x, y) => {
            Some(graph.sub(y, x))
        }
        Node::Ternary(Ternary::Select, condition, ..) => Some(condition),
        Node::Constant(_)
        | Node::Pi
        | Node::Infinity
        | Node::Symbol(_)
        | Node::Unary(..)
        | Node::Binary(..)
        | Node::Ternary(..) => None,
    }
}

pub(super) fn decided(graph: &mut Graph, signs: Signs, from: Id) -> Option<(Id, Vec<Condition>)> {
    let of = deciding(graph, from)?;
    let below = signs.within(Signs::NONPOSITIVE);
    let above = signs.within(Signs::NONNEGATIVE);
    let truth = |graph: &mut Graph, yes: Signs| {
        if signs.within(yes) {
            Some(graph.integer(1))
        } else if signs.and(yes).is_empty() {
            Some(graph.integer(0))
        } else {
            None
        }
    };
    let to = match graph.node(from) {
        Node::Unary(Unary::Abs, x) if above => x,
        Node::Unary(Unary::Abs, x) if below => graph.neg(x),
        Node::Unary(Unary::Sign, _) => match signs {
            Signs::POSITIVE => graph.integer(1),
            Signs::ZERO => graph.integer(0),
            Signs::NEGATIVE => graph.integer(-1),
            _ => return None,
        },
        Node::Binary(Binary::Min, x, y) if below || above => {
            if below {
                x
            } else {
                y
            }
        }
        Node::Binary(Binary::Max, x, y) if below || above => {
            if above {
                x
            } else {
                y
            }
        }
        Node::Binary(Binary::Less, ..) => truth(graph, Signs::POSITIVE)?,
        Node::Binary(Binary::LessEqual, ..) => truth(graph, Signs::NONNEGATIVE)?,
        Node::Binary(Binary::Equal, ..) => truth(graph, Signs::ZERO)?,
        Node::Ternary(Ternary::Select, _, a, b) => match signs {
            Signs::POSITIVE => a,
            Signs::ZERO => b,
            _ => return None,
        },
        Node::Constant(_)
        | Node::Pi
        | Node::Infinity
        | Node::Symbol(_)
        | Node::Unary(..)
        | Node::Binary(..)
        | Node::Ternary(..) => return None,
    };
    Some((to, vec![is(of, signs)]))
}
