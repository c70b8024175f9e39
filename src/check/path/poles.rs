//! Whether a formula stays finite between the ends of the noise: no denominator, and no argument of
//! a logarithm or of a negative power, vanishes there.

use super::domination::{Class, Moving, Tail, class};
use super::germ::End;
use super::germs::Germs;
use super::jumps::Coordinate;
use crate::check::points::{Point, Space};
use crate::check::surfaces;
use crate::check::univariate::{ends, numbers};
use crate::graph::{Graph, Id, Node};
use crate::model::Model;
use crate::number::text;
use crate::number::{Binary, Interval, Number, Unary};
use crate::tape::Tape;

/// How far into an infinite range intervals look; beyond it the tails are known by asymptotics.
const FAR: f64 = 200.0;

/// How close to a finite end they look.
const NEAR: f64 = 1e-12;

/// What interior poles leave of the class of f: everything, where there are none.
///
/// # Errors
/// Where a pole moves with the parameters, or may.
pub(super) fn poles(
    model: &Model,
    space: &Space,
    point: &Point,
    coordinates: &[Coordinate],
    moving: Moving,
) -> Result<Class, String> {
    let graph = &model.graph;
    let random = super::random_symbols(model);
    let mut total = Class::ALL;
    let below: Vec<(Id, Vec<Id>)> = denominators(graph, &moving.roots())
        .into_iter()
        .map(|term| {
            let symbols = graph.symbols_of(&[term]).into_iter();
            (term, symbols.filter(|s| random.contains(s)).collect())
        })
        .filter(|(_, used): &(Id, Vec<Id>)| !used.is_empty())
        .collect();
    if below.is_empty() {
        return Ok(total);
    }
    let Some(boxed) = noise_box(graph, space, point, coordinates) else {
        total.exact = false;
        return Ok(total);
    };
    for (vanishing, used) in below {
        let Ok(tape) = Tape::new(graph, &space.symbols, &[vanishing]) else {
            continue;
        };
        let values = tape.evaluate(&boxed, &())[0];
        if matches!(graph.node(vanishing), Node::Unary(Unary::Tan, _)) {
            // Its poles are not zeros; within a period there is none.
            total.exact &= within_a_period(graph, space, &boxed, vanishing);
            continue;
        }
        if values.certainly_nonzero() || never_zero(graph, vanishing) {
            continue;
        }
        let [symbol] = used[..] else {
            total.exact = false;
            continue;
        };
        let Some(coordinate) = coordinates.iter().find(|c| c.variable.symbols == [symbol]) else {
            total.exact = false;
            continue;
        };
        let at = numbers(point);
        let place = space.symbols.iter().position(|s| *s == symbol);
        let range = ends(graph, &space.symbols, &at, &coordinate.variable.domain);
        let (Some(place), Some((lower, upper))) = (place, range) else {
            total.exact = false;
            continue;
        };
        let zeros = surfaces::zeros(graph, &space.symbols, &at, place, core(graph, vanishing));
        let sign_at = |x: f64| {
            let Ok(tape) = Tape::new(graph, &space.symbols, &[core(graph, vanishing)]) else {
                return None;
            };
            let mut inputs = Interval::rational_each(point, &());
            inputs[place] = Interval::point(x);
            let value = tape.evaluate(&inputs, &())[0];
            super::size::sign(value)
        };
        // Underflow makes zeros of its own: a zero has different signs beside it.
        let is_real = |x: f64| {
            let step = 1e-6 * (1.0 + x.abs());
            let (below, above) = (sign_at(x - step), sign_at(x + step));
            below.is_some() && above.is_some() && below != above
        };
        let mut zeros = zeros
            .into_iter()
            .filter(|x| *x > lower + NEAR && *x < upper - NEAR && is_real(*x));
        let Some(zero) = zeros.next() else {
            // None was seen on a ladder of values.
            total.exact = false;
            continue;
        };
        let parameters: Vec<Id> = model
            .parameters
            .iter()
            .flat_map(|p| p.symbols.clone())
            .collect();
        let depends = graph.symbols_of(&[vanishing]);
        if depends.iter().any(|s| parameters.contains(s)) || zero.abs() > 1e-12 {
            return Err(format!(
                "{} vanishes at {} = {}, within the support",
                graph.display(vanishing),
                graph.display(symbol),
                text::rounded(zero, 6)
            ));
        }
        for side in [1.0, -1.0] {
            let tail = Tail {
                symbol,
                end: End::Finite(0.0, side),
                log_density: coordinate.log_density,
            };
            let at = (space.symbols.as_slice(), point.as_slice());
            let mut germs = Germs::new(graph, at.0, at.1, (symbol, tail.end));
            match class(&mut germs, at, &tail, moving) {
                Some(one) => total = total.and(one),
                None => {
                    return Err(format!(
                        "the path derivative next to {} = 0 is not known",
                        graph.display(symbol)
                    ));
                }
            }
        }
    }
    Ok(total)
}

/// Whether the argument of a tangent stays within (−π/2, π/2).
fn within_a_period(graph: &Graph, space: &Space, boxed: &[Interval], tangent: Id) -> bool {
    let Some(argument) = graph.node(tangent).arguments().next() else {
        return false;
    };
    let Ok(tape) = Tape::new(graph, &space.symbols, &[argument]) else {
        return false;
    };
    let value = tape.evaluate(boxed, &())[0];
    let quarter = std::f64::consts::FRAC_PI_2;
    value.is_finite() && value.lo() > -quarter && value.hi() < quarter
}

/// The point with every noise component ranging over its support.
fn noise_box(
    graph: &Graph,
    space: &Space,
    point: &Point,
    coordinates: &[Coordinate],
) -> Option<Vec<Interval>> {
    let at = numbers(point);
    let mut boxed = Interval::rational_each(point, &());
    for coordinate in coordinates {
        let place = space
            .symbols
            .iter()
            .position(|s| *s == coordinate.variable.symbols[0])?;
        let (lower, upper) = ends(graph, &space.symbols, &at, &coordinate.variable.domain)?;
        let low = if lower.is_finite() {
            lower + NEAR
        } else {
            -FAR
        };
        let high = if upper.is_finite() { upper - NEAR } else { FAR };
        boxed[place] = Interval::new(low, high.max(low));
    }
    Some(boxed)
}

/// Terms at whose zeros the roots are not finite.
fn denominators(graph: &Graph, roots: &[Id]) -> Vec<Id> {
    let mut found = Vec::new();
    for id in graph.reachable(roots) {
        match graph.node(id) {
            Node::Binary(Binary::Div, _, y) => found.push(y),
            Node::Unary(Unary::Tan, _) => found.push(id),
            Node::Unary(Unary::Log | Unary::Lgamma | Unary::Polygamma(_), x) => found.push(x),
            Node::Binary(Binary::Pow, x, y) => {
                let harmless = graph
                    .as_constant(y)
                    .is_some_and(|e| *e >= crate::number::Rational::ZERO);
                if !harmless {
                    found.push(x);
                }
            }
            Node::Constant(_)
            | Node::Pi
            | Node::Infinity
            | Node::Symbol(_)
            | Node::Unary(..)
            | Node::Binary(..)
            | Node::Ternary(..) => {}
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// What changes sign where a term vanishes: a square root, absolute value or power of it does not.
fn core(graph: &Graph, term: Id) -> Id {
    match graph.node(term) {
        Node::Unary(Unary::Abs | Unary::Sqrt | Unary::Neg, x) | Node::Binary(Binary::Pow, x, _) => {
            core(graph, x)
        }
        Node::Constant(_)
        | Node::Pi
        | Node::Infinity
        | Node::Symbol(_)
        | Node::Unary(..)
        | Node::Binary(..)
        | Node::Ternary(..) => term,
    }
}

/// Whether a term is seen to be positive from its form.
fn never_zero(graph: &Graph, term: Id) -> bool {
    match graph.node(term) {
        Node::Unary(
            Unary::Exp | Unary::Sigmoid | Unary::Softplus | Unary::Cosh | Unary::NormalCdf,
            _,
        ) => true,
        Node::Unary(Unary::Sqrt | Unary::Neg, x) => never_zero(graph, x),
        Node::Binary(Binary::Mul | Binary::Div, x, y) => {
            never_zero(graph, x) && never_zero(graph, y)
        }
        Node::Binary(Binary::Pow, x, _) => never_zero(graph, x),
        Node::Constant(_) => graph
            .as_constant(term)
            .is_some_and(|c| *c != crate::number::Rational::ZERO),
        Node::Pi => true,
        Node::Binary(Binary::Add, x, y) => is_positive(graph, x) && is_positive(graph, y),
        Node::Infinity
        | Node::Symbol(_)
        | Node::Unary(..)
        | Node::Binary(..)
        | Node::Ternary(..) => false,
    }
}

/// Whether a term is seen to be above 0 from its form.
fn is_positive(graph: &Graph, term: Id) -> bool {
    match graph.node(term) {
        Node::Unary(
            Unary::Exp | Unary::Sigmoid | Unary::Softplus | Unary::Cosh | Unary::NormalCdf,
            _,
        )
        | Node::Pi => true,
        Node::Unary(Unary::Sqrt, x) | Node::Binary(Binary::Pow, x, _) => is_positive(graph, x),
        Node::Binary(Binary::Mul | Binary::Div | Binary::Add, x, y) => {
            is_positive(graph, x) && is_positive(graph, y)
        }
        Node::Constant(_) => graph
            .as_constant(term)
            .is_some_and(|c| *c > crate::number::Rational::ZERO),
        Node::Infinity
        | Node::Symbol(_)
        | Node::Unary(..)
        | Node::Binary(..)
        | Node::Ternary(..) => false,
    }
}
