//! The special surfaces that formulas name: thresholds of conditions, kinks of `abs`, `min` and
//! `max`, zeros of denominators and of arguments of logarithms. A mistake there never shows at random
//! points.

mod near;

pub(crate) use near::{moderate_points, points, points_apart, points_close};

use crate::graph::{Graph, Id, Node};
use crate::number::{Binary, Exact, Rational, Ternary, Unary};
use crate::tape::Tape;

/// At most this many surfaces are looked at: a formula of thousands of conditions repeats itself.
const MOST_SURFACES: usize = 24;

/// Pairs (a, b) such that something happens in `terms` where a = b; none for zero.
fn surfaces(graph: &Graph, terms: &[Id]) -> Vec<(Id, Option<Id>)> {
    let mut found = Vec::new();
    for id in graph.reachable(terms) {
        let surface = match graph.node(id) {
            Node::Unary(Unary::Abs | Unary::Sign | Unary::Log | Unary::Sqrt, x)
            | Node::Binary(Binary::Pow, x, _)
            | Node::Binary(Binary::Div | Binary::Mod, _, x) => (x, None),
            Node::Binary(
                Binary::Less | Binary::LessEqual | Binary::Equal | Binary::Min | Binary::Max,
                x,
                y,
            ) => (x, Some(y)),
            Node::Constant(_)
            | Node::Pi
            | Node::Infinity
            | Node::Symbol(_)
            | Node::Unary(..)
            | Node::Binary(..)
            | Node::Ternary(..) => continue,
        };
        // A surface without symbols is nowhere or everywhere, a bare symbol against zero is an
        // edge of its domain: the corners look there.
        let depends = !graph.symbols_of(&[surface.0]).is_empty()
            || surface
                .1
                .is_some_and(|y| !graph.symbols_of(&[y]).is_empty());
        let bare = surface.1.is_none() && graph.as_symbol(surface.0).is_some();
        if depends && !bare && !found.contains(&surface) {
            found.push(surface);
        }
    }
    // Conditions are named by the author; look at them before the rest.
    found.sort_by_key(|(_, y)| y.is_none());
    found.truncate(MOST_SURFACES);
    found
}

/// Whether a term has no kink and no jump in any of the symbols, as far as its operators show: none
/// of them chooses, compares or rounds, and no root is taken of what several of them bring to 0
/// together, as in the length of a vector. Other singularities (a pole) are not looked for.
pub(crate) fn is_smooth(graph: &Graph, term: Id, symbols: &[Id]) -> bool {
    let mut depends = rustc_hash::FxHashSet::default();
    for id in graph.reachable(&[term]) {
        let node = graph.node(id);
        if !symbols.contains(&id) && !node.arguments().any(|x| depends.contains(&x)) {
            continue;
        }
        let rough = match node {
            Node::Unary(operator, _) => match operator {
                Unary::Abs
                | Unary::Sign
                | Unary::Floor
                | Unary::Ceil
                | Unary::Round
                | Unary::Not => true,
                Unary::Log
                | Unary::Sqrt
                | Unary::Neg
                | Unary::Exp
                | Unary::Log1p
                | Unary::Expm1
                | Unary::Sin
                | Unary::Cos
                | Unary::Tan
                | Unary::Asin
                | Unary::Acos
                | Unary::Atan
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
                | Unary::NormalCdf
                | Unary::NormalIcdf
                | Unary::NormalLogCdf
                | Unary::Lgamma
                | Unary::Polygamma(_)
                | Unary::LogBesselI0
                | Unary::BesselRatio
                | Unary::StopGradient => false,
            },
            Node::Binary(operator, x, y) => match operator {
                // e^x ≤ 0 happens in binary64 only.
                Binary::LessEqual
                    if graph.is_integer(y, 0)
                        && matches!(graph.node(x), Node::Unary(Unary::Exp, _)) =>
                {
                    continue;
                }
                Binary::Less
                | Binary::LessEqual
                | Binary::Equal
                | Binary::Min
                | Binary::Max
                | Binary::Mod
                | Binary::Atan2
                | Binary::And
                | Binary::Or => true,
                Binary::Add
                | Binary::Sub
                | Binary::Mul
                | Binary::Div
                | Binary::Pow
                | Binary::GammaP
                | Binary::GammaQ
                | Binary::GammaPDa => false,
            },
            Node::Ternary(Ternary::Select, condition, ..) => depends.contains(&condition),
            Node::Ternary(Ternary::BetaInc | Ternary::BetaIncDa, ..)
            | Node::Constant(_)
            | Node::Pi
            | Node::Infinity
            | Node::Symbol(_) => false,
        };
        let is_cone = || match node {
            Node::Unary(Unary::Sqrt, x) => may_vanish(graph, x) && shared(graph, x, symbols),
            Node::Constant(_)
            | Node::Pi
            | Node::Infinity
            | Node::Symbol(_)
            | Node::Unary(..)
            | Node::Binary(..)
            | Node::Ternary(..) => false,
        };
        if rough || is_cone() {
            return false;
        }
        depends.insert(id);
    }
    true
}

/// Whether a term has two of the symbols or more.
fn shared(graph: &Graph, term: Id, symbols: &[Id]) -> bool {
    let used = graph.symbols_of(&[term]);
    used.iter().filter(|s| symbols.contains(s)).count() > 1
}

/// Whether a sum, as under a root, has no positive constant among its summands.
fn may_vanish(graph: &Graph, term: Id) -> bool {
    match graph.node(term) {
        Node::Binary(Binary::Add, x, y) => may_vanish(graph, x) && may_vanish(graph, y),
        Node::Constant(_) => graph.as_constant(term).is_none_or(|c| *c <= Rational::ZERO),
        Node::Pi => false,
        Node::Infinity
        | Node::Symbol(_)
        | Node::Unary(..)
        | Node::Binary(..)
        | Node::Ternary(..) => true,
    }
}

/// Whether a point lies where a condition of the terms asks for equality in symbols that it fixes:
/// a formula for a hole there is one of values, and its slope is not that of what the hole is in.
pub(crate) fn is_at_a_hole(
    graph: &Graph,
    symbols: &[Id],
    point: &[Rational],
    terms: &[Id],
) -> bool {
    graph.reachable(terms).into_iter().any(|id| {
        let (x, y) = match graph.node(id) {
            Node::Binary(Binary::Equal, x, y) => (x, y),
            Node::Constant(_)
            | Node::Pi
            | Node::Infinity
            | Node::Symbol(_)
            | Node::Unary(..)
            | Node::Binary(..)
            | Node::Ternary(..) => return false,
        };
        let used = graph.symbols_of(&[x, y]);
        !used.is_empty()
            && Tape::new(graph, symbols, &[x, y]).is_ok_and(|tape| {
                let inputs: Vec<Exact> = point.iter().cloned().map(Exact::new).collect();
                let values = tape.evaluate(&inputs, &());
                values[0].value().is_some() && values[0].value() == values[1].value()
            })
    })
}

/// Values along one coordinate at which the sign of a surface is asked for.
fn ladder() -> Vec<f64> {
    let mut ladder: Vec<f64> = (-24..=24).map(|k| 10f64.powf(f64::from(k) / 2.0)).collect();
    ladder.extend(ladder.clone().iter().map(|v| -v));
    ladder.extend((1..=12).map(|k| 1.0 - 10f64.powi(-k)));
    ladder.push(0.0);
    ladder.sort_by(f64::total_cmp);
    ladder
}

/// Narrow intervals at whose ends the surface has different signs, found in binary64 on a ladder
/// of values and bisected.
fn brackets(tape: &Tape, base: &[f64], place: usize, ladder: &[f64]) -> Vec<(f64, f64)> {
    let mut inputs = base.to_vec();
    let columns: Vec<&[f64]> = inputs
        .iter()
        .enumerate()
        .map(|(i, v)| {
            if i == place {
                ladder
            } else {
                std::slice::from_ref(v)
            }
        })
        .collect();
    let mut out = vec![Vec::new(); if tape.outputs() > 1 { 2 } else { 1 }];
    tape.evaluate_batch(&columns, &mut out);
    let heights: Vec<f64> = match out.as_slice() {
        [x, y] => x.iter().zip(y).map(|(x, y)| x - y).collect(),
        _ => out.swap_remove(0),
    };
    let mut value = |x: f64| {
        inputs[place] = x;
        let values = tape.evaluate(&inputs, &());
        values.get(1).map_or(values[0], |y| values[0] - y)
    };
    let mut found = Vec::new();
    for (xs, ys) in ladder.windows(2).zip(heights.windows(2)) {
        if ys.iter().any(|y| y.is_nan()) || (ys[0] < 0.0) == (ys[1] < 0.0) {
            continue;
        }
        let (mut low, mut high) = (xs[0], xs[1]);
        for _ in 0..60 {
            let middle = low + (high - low) / 2.0;
            if middle <= low || middle >= high {
                break;
            }
            if (value(middle) < 0.0) == (ys[0] < 0.0) {
                low = middle;
            } else {
                high = middle;
            }
        }
        found.push((low, high));
    }
    found
}

/// Where a term has a kink or a jump along one variable, the other symbols fixed.
pub(crate) fn breaks(
    graph: &Graph,
    symbols: &[Id],
    at: &[f64],
    variable: Id,
    term: Id,
) -> Vec<f64> {
    let mut inputs = symbols.to_vec();
    inputs.push(variable);
    let mut base = at.to_vec();
    base.push(0.0);
    let ladder = ladder();
    let mut found = Vec::new();
    for id in graph.reachable(&[term]) {
        let roots = match graph.node(id) {
            Node::Unary(Unary::Abs | Unary::Sign, x) => vec![x],
            Node::Binary(
                Binary::Less | Binary::LessEqual | Binary::Equal | Binary::Min | Binary::Max,
                x,
                y,
            ) => vec![x, y],
            Node::Constant(_)
            | Node::Pi
            | Node::Infinity
            | Node::Symbol(_)
            | Node::Unary(..)
            | Node::Binary(..)
            | Node::Ternary(..) => continue,
        };
        if !graph.symbols_of(&roots).contains(&variable) {
            continue;
        }
        let Ok(tape) = Tape::new(graph, &inputs, &roots) else {
            continue;
        };
        let zeros = brackets(&tape, &base, symbols.len(), &ladder);
        found.extend(zeros.iter().map(|(low, high)| f64::midpoint(*low, *high)));
    }
    found.sort_by(f64::total_cmp);
    found.dedup();
    found.truncate(16);
    found
}

/// Where a term changes sign along one of the symbols, the others fixed.
pub(crate) fn zeros(graph: &Graph, symbols: &[Id], at: &[f64], place: usize, term: Id) -> Vec<f64> {
    let Ok(tape) = Tape::new(graph, symbols, &[term]) else {
        return Vec::new();
    };
    brackets(&tape, at, place, &ladder())
        .iter()
        .map(|(low, high)| f64::midpoint(*low, *high))
        .collect()
}
