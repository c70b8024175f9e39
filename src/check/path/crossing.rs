//! Poles inside the support: a denominator that changes sign leaves no integral of a quotient.
//!
//! Theorem used: let h = c·n/d + r on [a, b] with d differentiable, d(a)·d(b) < 0, |d′| ≤ C, |c·n| ≥ m > 0
//! and |r| ≤ M. Then d vanishes at some x₀, |d(x)| ≤ C|x − x₀|, and ∫|h| ≥ ∫ m/(C|x − x₀|) − M(b − a) = ∞.
//! All of it is seen by enclosures over [a, b], so it holds around the point at which the rest is fixed.

use super::size;
use crate::check::surfaces;
use crate::check::univariate::numbers;
use crate::graph::{Graph, Id, Node};
use crate::number::{Binary, Interval, Number, Rational};
use crate::tape::Tape;
use rustc_hash::FxHashMap;

/// How far around a zero is looked, relatively.
const AROUND: f64 = 1.0 / 4096.0;

/// A zero of a denominator between two ends next to which |term| has no integral along a symbol.
pub(super) fn crossing(
    graph: &mut Graph,
    (symbols, point): (&[Id], &[Rational]),
    symbol: Id,
    range: (f64, f64),
    term: Id,
) -> Option<f64> {
    let place = symbols.iter().position(|s| *s == symbol)?;
    let at = numbers(point);
    for quotient in graph.reachable(&[term]) {
        let Node::Binary(Binary::Div, above, below) = graph.node(quotient) else {
            continue;
        };
        // A step changes sign without a zero.
        if !graph.symbols_of(&[below]).contains(&symbol)
            || !surfaces::is_smooth(graph, below, &[symbol])
        {
            continue;
        }
        let zeros = surfaces::zeros(graph, symbols, &at, place, below);
        let inside = |x: &f64| {
            let reach = AROUND * (1.0 + x.abs());
            x - reach > range.0 && x + reach < range.1
        };
        for zero in zeros.into_iter().filter(inside) {
            let parts = (quotient, above, below);
            if is_pole(graph, (symbols, point), (symbol, place), zero, term, parts) == Some(true) {
                return Some(zero);
            }
        }
    }
    None
}

fn is_pole(
    graph: &mut Graph,
    (symbols, point): (&[Id], &[Rational]),
    (symbol, place): (Id, usize),
    zero: f64,
    term: Id,
    (quotient, above, below): (Id, Id, Id),
) -> Option<bool> {
    let reach = AROUND * (1.0 + zero.abs());
    // term = factor·q + rest, where q stands for the quotient.
    let q = graph.symbol("quotient()", &[0]);
    let of_q = graph.substitute(&[term], &FxHashMap::from_iter([(quotient, q)]))[0];
    let factor = graph.differentiate(&[of_q], q).ok()?[0];
    if graph.symbols_of(&[factor]).contains(&q) {
        return None;
    }
    let nothing = graph.integer(0);
    let rest = graph.substitute(&[of_q], &FxHashMap::from_iter([(q, nothing)]))[0];
    let slope = graph.differentiate(&[below], symbol).ok()?[0];
    let mut inputs = Interval::rational_each(point, &());
    let tape = Tape::new(graph, symbols, &[below]).ok()?;
    let mut sign_at = |x: f64| {
        inputs[place] = Interval::point(x);
        size::sign(tape.evaluate(&inputs, &())[0])
    };
    let (low, high) = (sign_at(zero - reach)?, sign_at(zero + reach)?);
    if low == high {
        return None;
    }
    inputs[place] = Interval::new(zero - reach, zero + reach);
    let terms = [factor, above, slope, rest, below];
    let values = Tape::new(graph, symbols, &terms)
        .ok()?
        .evaluate(&inputs, &());
    let all_finite = values.iter().all(Interval::is_finite);
    Some(all_finite && values[0].certainly_nonzero() && values[1].certainly_nonzero())
}
