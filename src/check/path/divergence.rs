//! Expectations that do not exist: |f| times the density of the noise has an infinite integral.
//!
//! Shown along one component of the noise, at its ends and at poles between, with the others fixed at
//! a point of no special place. The
//! orders of growth and the sign of the leading term are the same around that point, so the integral
//! is infinite over a set of positive probability, and with it E|f|.

use super::crossing::crossing;
use super::domination::{diverging, ends};
use super::jumps::Coordinate;
use super::size::Shape;
use crate::check::Context;
use crate::check::points::{Kind, Point, Space};
use crate::check::univariate::{self, numbers};
use crate::graph::{Graph, Id, Node};
use crate::model::{Definition, Model};
use crate::number::text;
use crate::number::{Binary, Rational, Unary};

/// Points that are drawn for one where no component of the noise is 0.
const DRAWS: usize = 16;

/// Where and how an expectation diverges.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Divergence {
    /// How |f|·p goes there, in words.
    pub(crate) text: String,
}

/// Whether E|term| over the noise, or over a z without any, is infinite at a point of the parameters;
/// none where it is finite, or not known.
pub(crate) fn divergence(
    context: &Context,
    model: &mut Model,
    givens: &[Rational],
    term: Id,
) -> Option<Divergence> {
    let coordinates = match model.definition {
        Definition::Transform => super::coordinates(model),
        Definition::Target => vec![drawn(model)?],
        Definition::Standardization => return None,
    };
    let space = Space::new(&model.graph, model.base_variables());
    let mut rng = context.stream("others fixed");
    // Nought is a special place of noise.
    let is_ordinary = |point: &Point| point[givens.len()..].iter().all(|v| *v != Rational::ZERO);
    let mut draws = (0..DRAWS).filter_map(|_| space.draw(Kind::Random, &mut rng));
    let mut point = draws.find(is_ordinary)?;
    point[..givens.len()].clone_from_slice(givens);
    let at = numbers(&point);
    let used = model.graph.symbols_of(&[term]);
    for coordinate in &coordinates {
        let [symbol] = coordinate.variable.symbols[..] else {
            continue;
        };
        if !used.contains(&symbol) {
            continue;
        }
        let domain = &coordinate.variable.domain;
        let range = univariate::ends(&model.graph, &space.symbols, &at, domain)?;
        let density = exponential(&mut model.graph, coordinate.log_density, 0);
        let whole = model.graph.mul(term, density);
        for (end, place) in ends(range).into_iter().zip([range.0, range.1]) {
            let along = (symbol, end);
            let Some(shape) = diverging(&model.graph, (&space.symbols, &point), along, whole)
            else {
                continue;
            };
            let name = model.graph.display(symbol);
            return Some(Divergence {
                text: format!(
                    "as {name} goes to {}, |f| times the density {}",
                    end_text(place),
                    how(shape, &name, place)
                ),
            });
        }
        let at = (space.symbols.as_slice(), point.as_slice());
        if let Some(zero) = crossing(&mut model.graph, at, symbol, range, whole) {
            let name = model.graph.display(symbol);
            let place = text::rounded(zero, 6);
            return Some(Divergence {
                text: format!(
                    "|f| has a pole at {name} = {place}, next to which its integral is infinite"
                ),
            });
        }
    }
    None
}

/// z itself, where it is one number with a density.
fn drawn(model: &Model) -> Option<Coordinate> {
    let target = model
        .target
        .as_ref()
        .filter(|t| !t.discrete && !t.unnormalized)?;
    let density = target.density()?;
    let [output] = model.outputs.as_slice() else {
        return None;
    };
    (output.symbols.len() == 1).then(|| Coordinate {
        variable: output.clone(),
        log_density: density.elements[0],
    })
}

/// Factors of e to a term that are looked for.
const DEEPEST: usize = 32;

/// e to a term, written without exponential where it is a sum of logarithms: so that its power of t
/// is exact, and 1/t is told from what falls a little faster.
fn exponential(graph: &mut Graph, term: Id, depth: usize) -> Id {
    if depth > DEEPEST {
        return graph.exp(term);
    }
    let (deeper, one) = (depth + 1, graph.integer(1));
    match graph.node(term) {
        Node::Binary(Binary::Add, a, b) => {
            let (a, b) = (exponential(graph, a, deeper), exponential(graph, b, deeper));
            graph.mul(a, b)
        }
        Node::Binary(Binary::Sub, a, b) => {
            let (a, b) = (exponential(graph, a, deeper), exponential(graph, b, deeper));
            graph.div(a, b)
        }
        Node::Unary(Unary::Neg, a) => {
            let a = exponential(graph, a, deeper);
            graph.div(one, a)
        }
        Node::Unary(Unary::Log, a) => a,
        Node::Unary(Unary::Log1p, a) => graph.add(one, a),
        Node::Binary(Binary::Mul, a, b) => match (logarithm(graph, a), logarithm(graph, b)) {
            (Some(base), _) => graph.pow(base, b),
            (None, Some(base)) => graph.pow(base, a),
            (None, None) => graph.exp(term),
        },
        Node::Binary(Binary::Div, a, b) => match logarithm(graph, a) {
            Some(base) => {
                let power = graph.div(one, b);
                graph.pow(base, power)
            }
            None => graph.exp(term),
        },
        Node::Constant(_)
        | Node::Pi
        | Node::Infinity
        | Node::Symbol(_)
        | Node::Unary(..)
        | Node::Binary(..)
        | Node::Ternary(..) => graph.exp(term),
    }
}

/// What a logarithm is of.
fn logarithm(graph: &mut Graph, term: Id) -> Option<Id> {
    match graph.node(term) {
        Node::Unary(Unary::Log, a) => Some(a),
        Node::Unary(Unary::Log1p, a) => {
            let one = graph.integer(1);
            Some(graph.add(one, a))
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

fn end_text(place: f64) -> String {
    if place == f64::INFINITY {
        "∞".to_owned()
    } else if place == f64::NEG_INFINITY {
        "-∞".to_owned()
    } else {
        text::exact(place)
    }
}

/// The shape carries the speed of t = |ε| or 1/|ε − end|.
fn how(shape: Shape, name: &str, place: f64) -> String {
    match shape {
        Shape::Power(p, _) if place.is_infinite() => {
            format!(
                "falls no faster than |{name}|^{}",
                text::rounded(p.lo().midpoint(p.hi()), 5)
            )
        }
        Shape::Power(p, _) => format!(
            "grows as the distance to the power {}",
            text::rounded(-2.0 - p.lo().midpoint(p.hi()), 5)
        ),
        Shape::Exponential(..) | Shape::Beyond(_) => "grows faster than every power".to_owned(),
    }
}
