//! Points on the surfaces that formulas name, and on both sides of them.

use super::{brackets, ladder, surfaces};
use crate::check::points::{Point, Space, power_of_ten, ratio};
use crate::graph::{Graph, Id, Node};
use crate::number::{Binary, Exact, Rational, Unary};
use crate::tape::Tape;
use rand::{Rng, RngExt};
use rustc_hash::FxHashSet;

/// Points for each surface and symbol.
const TRIES: usize = 2;

/// Points of the space on and beside the surfaces of `terms`, found from `bases`.
pub(crate) fn points(
    graph: &Graph,
    space: &Space,
    terms: &[Id],
    bases: &[Point],
    rng: &mut impl Rng,
) -> Vec<Point> {
    found(graph, space, terms, bases, &[-2, -9], rng)
}

/// The different ones of [`points`] at which no value is so large or small that an integral in binary64
/// would lose its mass.
pub(crate) fn moderate_points(
    graph: &Graph,
    space: &Space,
    terms: &[Id],
    bases: &[Point],
    rng: &mut impl Rng,
) -> Vec<Point> {
    let mut found = points(graph, space, terms, bases, rng);
    let (small, large) = (power_of_ten(-6), power_of_ten(6));
    let is_moderate = |v: &Rational| {
        let size = if *v < Rational::ZERO {
            -v.clone()
        } else {
            v.clone()
        };
        size.is_zero() || (small <= size && size <= large)
    };
    let mut seen: FxHashSet<Point> = FxHashSet::default();
    found.retain(|point| point.iter().all(is_moderate) && seen.insert(point.clone()));
    found
}

/// Points of the space on the surfaces of `terms`, and a hundredth beside them: for truths in
/// binary64, which closer to a hole have lost their digits.
pub(crate) fn points_apart(
    graph: &Graph,
    space: &Space,
    terms: &[Id],
    bases: &[Point],
    rng: &mut impl Rng,
) -> Vec<Point> {
    let mut all = guarded(graph, space, terms, bases);
    all.extend(found(graph, space, terms, bases, &[-2], rng));
    all
}

/// Points well inside and outside conditions that hold one side against a number: `x < d` and `|x| < d`
/// at half of d and at twice d, wherever on the scale d is.
fn guarded(graph: &Graph, space: &Space, terms: &[Id], bases: &[Point]) -> Vec<Point> {
    let mut found = Vec::new();
    let Some(base) = bases.first() else {
        return found;
    };
    for id in graph.reachable(terms) {
        let Node::Binary(Binary::Less | Binary::LessEqual, x, y) = graph.node(id) else {
            continue;
        };
        let is_number = |id| graph.symbols_of(&[id]).is_empty();
        let (side, number) = if is_number(y) { (x, y) } else { (y, x) };
        if is_number(side) || !is_number(number) {
            continue;
        }
        let inner = match graph.node(side) {
            Node::Unary(Unary::Abs, inner) => inner,
            _ => side,
        };
        let Ok(tape) = Tape::new(graph, &space.symbols, &[inner, number]) else {
            continue;
        };
        let used = graph.symbols_of(&[inner]);
        for (place, symbol) in space.symbols.iter().enumerate() {
            if !used.contains(symbol) {
                continue;
            }
            let with = |value: &Rational| replaced(base, place, value);
            let shares = [ratio(1, 2), ratio(2, 1), ratio(-1, 2)];
            let count = if inner == side { 2 } else { 3 };
            for share in &shares[..count] {
                let value = exact_zero(&tape, share, &with);
                let point = value.map(|value| with(&value));
                found.extend(point.filter(|point| space.admits(point, place)));
            }
        }
    }
    found
}

/// Points of the space on the surfaces of `terms`, and a billionth beside them, where the surfaces are
/// known exactly: for truths that are told from one another at that distance.
pub(crate) fn points_close(
    graph: &Graph,
    space: &Space,
    terms: &[Id],
    bases: &[Point],
    rng: &mut impl Rng,
) -> Vec<Point> {
    found(graph, space, terms, bases, &[-9], rng)
}

fn found(
    graph: &Graph,
    space: &Space,
    terms: &[Id],
    bases: &[Point],
    steps: &[i32],
    rng: &mut impl Rng,
) -> Vec<Point> {
    let mut found = Vec::new();
    if bases.is_empty() {
        return found;
    }
    let ladder = ladder();
    for (x, y) in surfaces(graph, terms) {
        let mut roots = vec![x];
        roots.extend(y);
        let Ok(tape) = Tape::new(graph, &space.symbols, &roots) else {
            continue;
        };
        let involved = graph.symbols_of(&roots);
        for (place, symbol) in space.symbols.iter().enumerate() {
            if !involved.contains(symbol) {
                continue;
            }
            for attempt in 0..TRIES {
                let base = if attempt == 0 {
                    &bases[0]
                } else {
                    &bases[rng.random_range(0..bases.len())]
                };
                along(&tape, space, base, place, (&ladder, steps), &mut found);
            }
        }
    }
    found
}

fn replaced(base: &Point, place: usize, value: &Rational) -> Point {
    let mut point = base.clone();
    point[place] = value.clone();
    point
}

/// Adds the zeros of the surface along one coordinate through `base`, and their neighbours.
fn along(
    tape: &Tape,
    space: &Space,
    base: &Point,
    place: usize,
    (ladder, steps): (&[f64], &[i32]),
    found: &mut Vec<Point>,
) {
    let with = |value: &Rational| replaced(base, place, value);
    let mut add = |value: Rational| {
        let point = with(&value);
        if space.admits(&point, place) {
            found.push(point);
        }
    };
    if let Some(zero) = exact_zero(tape, &Rational::ONE, &with) {
        add(zero.clone());
        // Between integers it is on neither.
        let whole = Rational::from(zero.floor());
        for beside in [-1, 0, 1, 2].map(|k| &whole + Rational::from(k)) {
            if space.is_integral(place) && beside != zero {
                add(beside);
            }
        }
        for &step in steps {
            add(&zero + power_of_ten(step));
            add(&zero - power_of_ten(step));
        }
        // A narrow band around zero ends at its threshold: its inside is at a share of that.
        if steps.len() > 1 && !zero.is_zero() {
            for share in [ratio(1, 2), ratio(999, 1000), ratio(2, 1)] {
                add(&zero * share);
            }
        }
        return;
    }
    // Zeros that are known roughly only are looked at closely or not at all.
    if steps.len() == 1 {
        return;
    }
    let floats: Vec<f64> = base.iter().map(|v| v.to_f64().value()).collect();
    for (low, high) in brackets(tape, &floats, place, ladder) {
        // The zero lies between two neighbouring binary64 numbers or so; look from both sides.
        let (Ok(low), Ok(high)) = (Rational::try_from(low), Rational::try_from(high)) else {
            continue;
        };
        let width = &high - &low;
        add(&low - &width);
        add(&high + &width);
        add(&low * ratio(999, 1000));
        add(&high * ratio(1001, 1000));
    }
}

fn exact(tape: &Tape, share: &Rational, point: &[Rational]) -> Option<Rational> {
    let inputs: Vec<Exact> = point.iter().cloned().map(Exact::new).collect();
    let mut values = tape.evaluate(&inputs, &()).into_iter();
    let x = values.next()?.value().cloned()?;
    match values.next() {
        Some(y) => Some(x - y.value().cloned()? * share),
        None => Some(x),
    }
}

/// Where the first side is that share of the second, if both are affine along the coordinate.
fn exact_zero(
    tape: &Tape,
    share: &Rational,
    with: &dyn Fn(&Rational) -> Point,
) -> Option<Rational> {
    let at = |n: i64| exact(tape, share, &with(&ratio(n, 4)));
    let (a, b, c) = (at(1)?, at(2)?, at(3)?);
    let slope = &b - &a;
    if &c - &b != slope || slope.is_zero() {
        return None;
    }
    Some(ratio(1, 4) - a / slope * ratio(1, 4))
}
