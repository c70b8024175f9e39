//! The interval over which one component of a variable ranges, those before it fixed.

use crate::algebra::determinant;
use crate::graph::{Graph, Id};
use crate::language::Domain;
use crate::model::Variable;
use crate::number::{Interval, Unary};
use crate::tape::Tape;

/// Ends of an interval, infinite where there is none.
pub(super) type Ends = [Option<Id>; 2];

/// The interval over which a component of a variable ranges, those before it fixed; none where it
/// is no interval. A point inside, as 0 of `nonzero`, does not count.
pub(super) fn slice(
    graph: &mut Graph,
    variable: &Variable,
    symbol: Id,
    before: &[Id],
) -> Option<Ends> {
    let (zero, one) = (graph.integer(0), graph.integer(1));
    let last = variable.shape.last().copied().unwrap_or(1).max(1);
    let place = variable.symbols.iter().position(|s| *s == symbol)?;
    let row = &variable.symbols[place / last * last..place / last * last + last];
    let known = |s: &&Id| before.contains(s);
    Some(match variable.domain {
        Domain::Real | Domain::Nonzero => [None, None],
        Domain::Positive | Domain::Nonnegative => [Some(zero), None],
        Domain::Negative => [None, Some(zero)],
        Domain::UnitInterval => [Some(zero), Some(one)],
        Domain::Interval(low, high) => [Some(low), Some(high)],
        Domain::GreaterThan(low) => [Some(low), None],
        Domain::LessThan(high) => [None, Some(high)],
        Domain::Simplex => {
            let others: Vec<Id> = row.iter().filter(known).copied().collect();
            let taken = graph.sum(&others);
            [Some(zero), Some(graph.sub(one, taken))]
        }
        Domain::Ordered | Domain::PositiveOrdered => {
            let positive = variable.domain == Domain::PositiveOrdered;
            let at = place % last;
            let below = row[..at].iter().rev().find(known).copied();
            let above = row[at + 1..].iter().find(known).copied();
            [below.or(positive.then_some(zero)), above]
        }
        Domain::LowerCholesky if place / last % last == place % last => [Some(zero), None],
        Domain::LowerCholesky => [None, None],
        Domain::CorrCholesky => {
            let at = place / last % last;
            let others = row[..at].iter().filter(known);
            let squares: Vec<Id> = others.map(|&s| graph.square(s)).collect();
            let taken = graph.sum(&squares);
            let left = graph.sub(one, taken);
            let end = graph.unary(Unary::Sqrt, left);
            [Some(graph.neg(end)), Some(end)]
        }
        Domain::PositiveDefinite => {
            let (i, j) = (place / last % last, place % last);
            // Row after row, the diagonal last, is the order in which the ends are simple.
            let entry = |i: usize, j: usize| variable.symbols[i.max(j) * last + i.min(j)];
            let later = |s: &Id| before.contains(s);
            let below = (i + 1..last).any(|r| (0..=r).any(|c| later(&entry(r, c))));
            let all = (0..i).all(|r| (0..=r).all(|c| later(&entry(r, c))));
            let row = (0..i).all(|c| later(&entry(i, c)));
            if below || !all || (i == j && !row) || (i != j && later(&entry(i, i))) {
                return None;
            }
            if i != j {
                return Some([None, None]);
            }
            // The leading minor is positive: it is the entry times the minor before it, plus what it
            // would be without.
            let minor = |graph: &mut Graph, size: usize, corner: Option<Id>| {
                let at = |r: usize, c: usize| match corner {
                    Some(corner) if r == i && c == i => corner,
                    _ => entry(r, c),
                };
                let rows: Vec<Vec<Id>> = (0..size)
                    .map(|r| (0..size).map(|c| at(r, c)).collect())
                    .collect();
                determinant(graph, &rows)
            };
            let without = minor(graph, i + 1, Some(zero));
            let before = minor(graph, i, None);
            let low = graph.div(without, before);
            [Some(graph.neg(low)), None]
        }
        Domain::Boolean
        | Domain::IntegerInterval(..)
        | Domain::NonnegativeInteger
        | Domain::OneHot
        | Domain::UnitVector => return None,
    })
}

/// Enclosures of ends at a point; none where they are not certainly numbers or infinite.
pub(super) fn at_point(
    graph: &Graph,
    symbols: &[Id],
    at: &[Interval],
    ends: &Ends,
) -> Option<[Interval; 2]> {
    let mut found = [f64::NEG_INFINITY, f64::INFINITY].map(Interval::point);
    for (end, found) in ends.iter().zip(&mut found) {
        if let Some(end) = end {
            let tape = Tape::new(graph, symbols, &[*end]).ok()?;
            *found = tape.evaluate(at, &())[0];
        }
        let infinite = found.lo() == found.hi();
        if !(found.is_finite() || infinite) {
            return None;
        }
    }
    Some(found)
}
