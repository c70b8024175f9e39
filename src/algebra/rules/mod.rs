//! The rules of proofs: which equations are instances, and under which conditions.
//!
//! Every rule is an identity of real functions wherever its conditions hold and both sides are
//! defined; each is also evaluated at points inside and on the boundary of its conditions (test
//! `rules_hold_at_points`). Identities: Abramowitz & Stegun (1972), chapters 4, 6, 7 and 26.

mod arguments;
mod cases;
mod definition;
mod undone;
mod value;
mod whole;

pub(super) use arguments::angles;
pub(super) use cases::deciding;
pub(super) use value::value;
pub(super) use whole::parity;

use super::proof::{Condition, Rule};
use super::ring::{Ring, Stop};
use super::signs::Signs;
use crate::graph::{Graph, Id, Node};
use crate::number::{Binary, Unary};
use arguments::{duplication, half_plane, reflection, shift, turn};
use cases::decided;
use definition::definition;
use undone::undone;
use whole::{half_turns, step, whole};

/// Shifts by more are not taken: the sums get long.
pub(super) const LONGEST_SHIFT: u32 = 24;

/// What `from` equals by a rule that leaves no choice, and the conditions; none where the rule
/// does not fit.
pub(super) fn instance(graph: &mut Graph, rule: Rule, from: Id) -> Option<(Id, Vec<Condition>)> {
    match rule {
        Rule::Definition => definition(graph, from),
        Rule::Decided(signs) => decided(graph, signs, from),
        Rule::Shift(n) if (1..=LONGEST_SHIFT).contains(&n) => shift(graph, n, from),
        Rule::Shift(_) => None,
        Rule::Reflection => reflection(graph, from),
        Rule::Turn(k) => turn(graph, k, from),
        Rule::Whole => whole(graph, from),
        Rule::Step(n) => step(graph, n, from),
        Rule::HalfTurns(t) => half_turns(graph, t, from),
        Rule::Duplication => duplication(graph, from),
        Rule::HalfPlane(which) => half_plane(graph, which, from),
        Rule::Logarithm
        | Rule::Absolute
        | Rule::Value
        | Rule::Parity
        | Rule::Angles(..)
        | Rule::Undone(_)
        | Rule::Ring
        | Rule::Cases(_) => None,
    }
}

/// The conditions under which `from = to` is an instance of a rule; none where it is not one.
pub(super) fn conditions(
    graph: &mut Graph,
    ring: &mut Ring,
    rule: Rule,
    from: Id,
    to: Id,
) -> Result<Option<Vec<Condition>>, Stop> {
    if let Some((expected, conditions)) = instance(graph, rule, from) {
        let same = expected == to || ring.same(graph, expected, to)?;
        return Ok(same.then_some(conditions));
    }
    Ok(match (rule, graph.node(from)) {
        (Rule::Logarithm, Node::Unary(Unary::Log, x)) => {
            let exponential = graph.unary(Unary::Exp, to);
            ring.same(graph, exponential, x)?
                .then(|| vec![is(x, Signs::POSITIVE)])
        }
        (Rule::Absolute, Node::Unary(Unary::Abs, x)) => {
            let (a, b) = (graph.square(to), graph.square(x));
            ring.same(graph, a, b)?
                .then(|| vec![is(to, Signs::NONNEGATIVE)])
        }
        (Rule::Absolute, Node::Unary(Unary::Sqrt, x)) => {
            let square = graph.square(to);
            ring.same(graph, square, x)?
                .then(|| vec![is(to, Signs::NONNEGATIVE)])
        }
        (Rule::Value, _) => match value(graph, ring, from)? {
            Some(expected) if expected == to || ring.same(graph, expected, to)? => Some(Vec::new()),
            _ => None,
        },
        (Rule::Parity, _) => match parity(graph, ring, from)? {
            Some((expected, conditions)) if expected == to || ring.same(graph, expected, to)? => {
                Some(conditions)
            }
            _ => None,
        },
        (Rule::Angles(l, r), Node::Unary(operator @ (Unary::Sin | Unary::Cos), x)) => {
            let sum = graph.binary(Binary::Add, l, r);
            let expected = angles(graph, operator, l, r);
            (ring.same(graph, sum, x)? && ring.same(graph, expected, to)?).then(Vec::new)
        }
        (Rule::Undone(t), Node::Unary(operator, x)) if t == to => {
            undone(graph, ring, operator, x, t)?
        }
        (Rule::Ring, _) => ring.same(graph, from, to)?.then(Vec::new),
        _ => None,
    })
}

fn is(of: Id, signs: Signs) -> Condition {
    Condition {
        of,
        signs,
        whole: false,
    }
}
