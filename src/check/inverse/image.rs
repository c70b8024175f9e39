//! Whether a map without a claimed inverse is onto: g onto the stated support, or S onto the noise.
//!
//! Along one noise component, the components before it fixed, a continuous g takes every value
//! between its limits at the ends of the noise. Where these limits are the ends of the support,
//! given the coordinates before it, every value is taken; a triangular g is then onto one
//! coordinate after another. Limits come from exact asymptotics ([`Germs`]), at exact points; where
//! they are not known, enclosures next to the ends show how far the values go.
//!
//! A limit that falls short refutes only with a bound on all the values of the map, by enclosures
//! on boxes that cover the noise, and where the density claimed at a z beyond it is positive.

use super::one_to_one::Shown;
use crate::algebra::{Block, determinant};
use crate::check::jacobian::Jacobian;
use crate::check::monotone::{between, noise_side};
use crate::check::path::{Germs, ends};
use crate::check::points::{Kind, Point, Space};
use crate::check::univariate::numbers;
use crate::check::{Context, Counterexample, Finding, Verdict};
use crate::graph::{Graph, Id};
use crate::language::Domain;
use crate::model::{Definition, Model, Variable};
use crate::number::{Enclosure, Interval, Number, Precision, Rational, Unary};
use crate::tape::Tape;

/// How near to a finite end, as a share of the width (or of 1), values are asked to come where the
/// limit is not known; and, as the inverse of it, how far out.
const NEAR: f64 = 1e-6;

/// Steps towards an end of the noise, each half of what is left.
const STEPS: i32 = 60;

/// The most boxes on which a bound is looked for.
const MOST_BOXES: usize = 4000;

/// What a map reaches.
pub(super) enum Image {
    /// No support is stated.
    Unasked,
    /// All of the support, at this many exact points; and whether by limits alone.
    Whole(usize, bool),
    /// Not all of it.
    Short(Box<Finding>),
    /// Not all of it, but no density is claimed at any place tried that is not reached; what is
    /// reached, in words.
    Empty(String),
    /// Not decided, with the reason.
    Unknown(String),
}

/// Ends of an interval, infinite where there is none.
type Ends = [Option<Id>; 2];

/// One component that moves and the coordinate that it moves, over base symbols.
struct Coordinate {
    /// What moves, and between which ends.
    symbol: Id,
    source: Ends,
    /// The coordinate as a formula, and as a symbol.
    value: Id,
    image: Id,
    /// The ends that it is to have.
    wanted: Ends,
    /// Whether these are the same whatever the other coordinates are.
    alone: bool,
}

/// What the values of a coordinate do at one end of the support.
enum Reach {
    /// They tend to it.
    Limit,
    /// They come near it, or go beyond.
    Near,
    /// They tend to what lies inside.
    Short(Interval),
    Unknown,
}

/// What the map reaches of the stated support (of the noise, where it is implicit).
pub(super) fn image(
    context: &Context,
    model: &mut Model,
    space: &Space,
    jacobian: &Jacobian,
    shown: &Shown,
) -> Image {
    if model.target.as_ref().is_none_or(|t| t.support.is_none()) {
        return Image::Unasked;
    }
    let found = match coordinates(model, space, jacobian, shown) {
        Ok(found) => found,
        Err(reason) => return Image::Unknown(reason),
    };
    let wanted = if space.symbols.len() == 1 {
        1
    } else {
        4 * context.effort.certified_points()
    };
    let mut rng = context.stream("image");
    let (mut points, mut by_limits) = (0, true);
    for round in 0..2 * wanted {
        if points >= wanted {
            break;
        }
        let Some(point) = space.draw(Kind::of_round(round), &mut rng) else {
            continue;
        };
        for coordinate in &found {
            let reached = reached(&model.graph, space, &point, coordinate);
            let Some(reached) = reached else {
                let name = model.graph.display(coordinate.image);
                return Image::Unknown(format!("the ends of {name} could not be enclosed"));
            };
            for (side, reach) in reached.into_iter().enumerate() {
                match reach {
                    Reach::Limit => {}
                    Reach::Near => by_limits = false,
                    Reach::Short(limit) => {
                        return short(model, space, &point, coordinate, (side, limit));
                    }
                    Reach::Unknown => {
                        let name = model.graph.display(coordinate.image);
                        return Image::Unknown(format!(
                            "the limits of {name} at the ends of {} are not known",
                            model.graph.display(coordinate.symbol)
                        ));
                    }
                }
            }
        }
        points += 1;
    }
    if points == 0 {
        return Image::Unknown("no point could be drawn".to_owned());
    }
    Image::Whole(points, by_limits)
}

/// Each single entry of the triangle with its ends; a block of several is onto by itself, or not.
fn coordinates(
    model: &mut Model,
    space: &Space,
    jacobian: &Jacobian,
    shown: &Shown,
) -> Result<Vec<Coordinate>, String> {
    let free = model.free_outputs();
    let z = model.output_symbols();
    let z: Vec<Id> = free.iter().map(|&i| z[i]).collect();
    let noise = model.noise_symbols();
    let (sources, images) = if jacobian.implicit {
        (z, noise)
    } else {
        (noise, z)
    };
    let of_noise = &space.variables[model.givens().len()..];
    let (from, to): (Vec<Variable>, Vec<Variable>) = if jacobian.implicit {
        let copies = model.noise.iter().flat_map(|n| n.copies());
        (model.outputs.clone(), copies.collect())
    } else {
        (of_noise.to_vec(), model.outputs.clone())
    };
    let (mut moved, mut placed) = (Vec::new(), Vec::new());
    let mut found = Vec::new();
    for (place, Block { rows, columns }) in jacobian.blocks.iter().enumerate() {
        let of = |variables: &[Variable], symbol: Id| {
            let holds = |v: &&Variable| v.symbols.contains(&symbol);
            variables.iter().find(holds).cloned()
        };
        let no_interval = |graph: &Graph, symbol: Id| {
            format!("{} does not range over an interval", graph.display(symbol))
        };
        for (&row, &column) in rows.iter().zip(columns) {
            let (symbol, image) = (sources[column], images[row]);
            let mut interval = |variables: &[Variable], symbol: Id, before: &[Id]| {
                of(variables, symbol)
                    .and_then(|v| slice(&mut model.graph, &v, symbol, before))
                    .ok_or_else(|| no_interval(&model.graph, symbol))
            };
            let source = interval(&from, symbol, &moved)?;
            let wanted = interval(&to, image, &placed)?;
            if rows.len() > 1 {
                let coupled = shown.coupled.as_ref();
                let whole = coupled.is_some_and(|c| c.onto.contains(&place));
                if !whole || wanted != [None, None] {
                    return Err(
                        "no limits of outputs that the noise moves together were looked for"
                            .to_owned(),
                    );
                }
                continue;
            }
            let mut terms: Vec<Id> = wanted.iter().flatten().copied().collect();
            terms = model.rebase(&terms);
            let mut terms = terms.into_iter();
            let wanted = wanted.map(|end| end.and_then(|_| terms.next()));
            let alone = of(&to, image).is_some_and(|v| v.domain.is_elementwise());
            found.push(Coordinate {
                symbol,
                source,
                value: jacobian.outputs[row],
                image,
                wanted,
                alone,
            });
        }
        moved.extend(columns.iter().map(|&c| sources[c]));
        placed.extend(rows.iter().map(|&r| images[r]));
    }
    Ok(found)
}

/// The interval over which a component of a variable ranges, those before it fixed; none where it
/// is no interval. A point inside, as 0 of `nonzero`, does not count.
fn slice(graph: &mut Graph, variable: &Variable, symbol: Id, before: &[Id]) -> Option<Ends> {
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
fn at_point(graph: &Graph, symbols: &[Id], at: &[Interval], ends: &Ends) -> Option<[Interval; 2]> {
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

/// What a coordinate does at the lower and the upper end of the support.
fn reached(
    graph: &Graph,
    space: &Space,
    point: &Point,
    coordinate: &Coordinate,
) -> Option<[Reach; 2]> {
    let symbols = &space.symbols;
    let at: Vec<Interval> = point.iter().map(|v| Interval::rational(v, &())).collect();
    let source = at_point(graph, symbols, &at, &coordinate.source)?;
    let wanted = at_point(graph, symbols, &at, &coordinate.wanted)?;
    let exact = source.iter().all(|end| end.lo() == end.hi());
    let limits = ends((source[0].lo(), source[1].hi())).map(|end| {
        let moving = (coordinate.symbol, end);
        let limit = Germs::new(graph, symbols, point, moving).of(coordinate.value);
        limit.limit().filter(|_| exact)
    });
    let is_near = |limit: &Interval, end: &Interval| {
        let size = end.lo().abs().max(1.0);
        let narrow = limit.is_finite() && limit.width().max(end.width()) <= 1e-9 * size;
        limit == end || (narrow && !limit.disjoint(end))
    };
    let [low, high] = [0, 1].map(|side| {
        if limits.iter().flatten().any(|l| is_near(l, &wanted[side])) {
            return Reach::Limit;
        }
        if let [Some(a), Some(b)] = limits {
            let extreme = match side {
                0 if a.lo() < b.lo() => a,
                0 => b,
                _ if a.hi() > b.hi() => a,
                _ => b,
            };
            let inside = match side {
                0 => wanted[0].hi() < extreme.lo(),
                _ => extreme.hi() < wanted[1].lo(),
            };
            if inside {
                return Reach::Short(extreme);
            }
            let beyond = match side {
                0 => extreme.hi() < wanted[0].lo(),
                _ => wanted[1].hi() < extreme.lo(),
            };
            if beyond {
                return Reach::Near;
            }
        }
        Reach::Unknown
    });
    if !matches!((&low, &high), (Reach::Unknown, _) | (_, Reach::Unknown)) {
        return Some([low, high]);
    }
    let place = symbols.iter().position(|s| *s == coordinate.symbol)?;
    let tape = Tape::new(graph, symbols, &[coordinate.value]).ok()?;
    let values = next_to_ends(&tape, &at, place, &source);
    let scale = Some((wanted[1].hi() - wanted[0].lo()).min(1.0)).filter(|s| *s > 0.0)?;
    let goes = |side: usize| {
        let end = wanted[side];
        values.iter().any(|v| match (side, end.is_finite()) {
            (0, true) => v.hi() < end.lo() + NEAR * scale,
            (0, false) => v.hi() < -1.0 / NEAR,
            (_, true) => v.lo() > end.hi() - NEAR * scale,
            (_, false) => v.lo() > 1.0 / NEAR,
        })
    };
    let settled = |reach: Reach, side: usize| match reach {
        Reach::Unknown if goes(side) => Reach::Near,
        Reach::Limit | Reach::Near | Reach::Short(_) | Reach::Unknown => reach,
    };
    Some([settled(low, 0), settled(high, 1)])
}

/// Enclosures of the values nearer and nearer to both ends of what moves.
fn next_to_ends(
    tape: &Tape,
    at: &[Interval],
    place: usize,
    [low, high]: &[Interval; 2],
) -> Vec<Interval> {
    let mut values = Vec::new();
    for k in 0..STEPS {
        let step = 2f64.powi(-k);
        let (low, high) = (low.hi(), high.lo());
        let near = match (low.is_finite(), high.is_finite()) {
            (true, true) => {
                let width = 0.5 * (high - low) * step;
                [low + width, high - width]
            }
            (true, false) => [low + step, low + 1.0 / step],
            (false, true) => [high - 1.0 / step, high - step],
            (false, false) => [-1.0 / step, 1.0 / step],
        };
        for x in near.into_iter().filter(|x| low < *x && *x < high) {
            let mut inputs = at.to_vec();
            inputs[place] = Interval::point(x);
            let value = tape.evaluate(&inputs, &())[0];
            values.extend(value.is_finite().then_some(value));
        }
    }
    values
}

/// A limit that falls short of the support: refuted where that is certain.
fn short(
    model: &mut Model,
    space: &Space,
    point: &Point,
    coordinate: &Coordinate,
    (side, limit): (usize, Interval),
) -> Image {
    let name = model.graph.display(coordinate.image);
    let at: Vec<Interval> = point.iter().map(|v| Interval::rational(v, &())).collect();
    let moving = model.graph.display(coordinate.symbol);
    let unknown = |what: &str| {
        Image::Unknown(format!(
            "{name} tends to {:.6} at an end of {moving}, short of the support, but {what}",
            limit.midpoint(),
        ))
    };
    let wanted = at_point(&model.graph, &space.symbols, &at, &coordinate.wanted);
    let beyond = wanted.and_then(|ends| beyond(side, limit, ends[side]));
    let Some((bound, beyond)) = beyond.filter(|_| coordinate.alone) else {
        return unknown("the support depends on other coordinates");
    };
    if !stays(model, space, point, coordinate.value, side, bound) {
        return unknown("no bound on all of its values was found");
    }
    let relation = if side == 0 { "above" } else { "below" };
    let mut found = None;
    for place in beyond {
        match witness(model, point, coordinate, &place) {
            Claimed::Something(text, example) => {
                found = Some((text, example));
                break;
            }
            Claimed::Nothing => {}
            Claimed::Unknown => return unknown("the density beyond could not be evaluated"),
        }
    }
    let Some((text, example)) = found else {
        return Image::Empty(format!("{name} {relation} {:.6}", limit.midpoint()));
    };
    let message = if model.definition == Definition::Transform {
        "a z of the stated support comes from no noise"
    } else {
        "noise that can occur comes from no z of the stated support"
    };
    let mut finding = Finding::new(Verdict::Refuted, message);
    finding.counterexample = Some(
        example
            .sides(
                ("reached", format!("{name} {relation} {:.8}", bound)),
                ("stated", text),
            )
            .explained(format!(
                "at the end of {moving} the map tends to {:.8}: what lies {} is not reached",
                limit.midpoint(),
                if side == 0 { "below" } else { "above" }
            )),
    );
    Image::Short(Box::new(finding))
}

/// A bound just beyond a limit, and rationals between it and the end of the support, the simplest
/// first.
fn beyond(side: usize, limit: Interval, end: Interval) -> Option<(f64, Vec<Rational>)> {
    let (from, to) = match side {
        0 => (limit.lo(), end.hi()),
        _ => (limit.hi(), end.lo()),
    };
    let outward = if side == 0 { -1.0 } else { 1.0 };
    let shares = [0.5, 0.3, 0.7, 0.9];
    let steps = if to.is_finite() {
        shares.map(|share| share * (to - from).abs())
    } else {
        [1.0, 0.5, 8.0, 64.0]
    };
    let bound = from + outward * steps[1] / 2.0;
    let places: Vec<f64> = steps.iter().map(|step| from + outward * step).collect();
    let apart = (bound - from) * outward > 0.0;
    let inside = |x: &f64| (x - bound) * outward > 0.0 && (to - x) * outward > 0.0;
    let rationals: Vec<Rational> = places
        .into_iter()
        .filter(inside)
        .filter_map(|x| Rational::try_from(x).ok())
        .collect();
    (apart && !rationals.is_empty()).then_some((bound, rationals))
}

/// Whether all values of a term are on one side of a bound, over all of the noise (or z).
fn stays(model: &Model, space: &Space, point: &Point, term: Id, side: usize, bound: f64) -> bool {
    let graph = &model.graph;
    let givens = model.givens().len();
    let Ok(tape) = Tape::new(graph, &space.symbols, &[term]) else {
        return false;
    };
    let mut sides = Vec::new();
    for (i, variable) in space.variables.iter().enumerate() {
        let start = sides.len();
        for k in 0..variable.symbols.len() {
            let value = Interval::rational(&point[start + k], &());
            sides.push((value.lo(), value.hi()));
        }
        if i >= givens {
            let Some(side) = noise_side(graph, &variable.domain) else {
                return false;
            };
            sides[start..].fill(side);
        }
    }
    let used = graph.symbols_of(&[term]);
    let places: Vec<usize> = (0..sides.len())
        .filter(|&i| used.contains(&space.symbols[i]) && sides[i].0 < sides[i].1)
        .collect();
    let mut pending = vec![(sides, 0usize)];
    let mut seen = 0;
    while let Some((sides, depth)) = pending.pop() {
        seen += 1;
        if seen > MOST_BOXES || places.is_empty() {
            return false;
        }
        let inputs: Vec<Interval> = sides.iter().map(|s| Interval::new(s.0, s.1)).collect();
        let value = tape.evaluate(&inputs, &())[0];
        let holds = if side == 0 {
            value.lo() > bound
        } else {
            value.hi() < bound
        };
        if holds {
            continue;
        }
        let place = places[depth % places.len()];
        let (lo, hi) = sides[place];
        let middle = between(lo, hi);
        if !(lo < middle && middle < hi) {
            return false;
        }
        for part in [(middle, hi), (lo, middle)] {
            let mut half = sides.clone();
            half[place] = part;
            pending.push((half, depth + 1));
        }
    }
    true
}

/// What is claimed of a place that is not reached.
enum Claimed {
    /// That it is, in words and as a counterexample.
    Something(String, Box<Counterexample>),
    /// A density of 0.
    Nothing,
    Unknown,
}

fn witness(
    model: &mut Model,
    point: &Point,
    coordinate: &Coordinate,
    beyond: &Rational,
) -> Claimed {
    let implicit = model.definition != Definition::Transform;
    let given: usize = model.givens().iter().map(|v| v.symbols.len()).sum();
    let mut variables = model.givens();
    let base = Space::new(&model.graph, model.base_variables()).symbols;
    let terms = if implicit {
        variables.extend(model.noise.iter().map(|n| n.variable.clone()));
        model.noise_symbols()
    } else {
        variables.extend(model.outputs.iter().cloned());
        model.output_symbols()
    };
    let images = model.rebase(&terms);
    let Ok(tape) = Tape::new(&model.graph, &base, &images) else {
        return Claimed::Unknown;
    };
    let mut values: Point = point[..given].to_vec();
    for value in tape.evaluate(&numbers(point), &()) {
        let Ok(value) = Rational::try_from(value) else {
            return Claimed::Unknown;
        };
        values.push(value);
    }
    let space = Space::new(&model.graph, variables);
    let Some(place) = space.symbols.iter().position(|s| *s == coordinate.image) else {
        return Claimed::Unknown;
    };
    values[place] = beyond.clone();
    let name = model.graph.display(coordinate.image);
    let number = format!("{name} = {:.8}", beyond.to_f64().value());
    let example = Counterexample::at_point(model, &space, &values);
    let target = model.target.as_ref();
    let density = target.and_then(|t| t.log_density.as_ref().or(t.distribution.as_ref()));
    let Some(claim) = density.filter(|_| !implicit) else {
        return Claimed::Something(number, Box::new(example));
    };
    let Ok(tape) = Tape::new(&model.graph, &space.symbols, &claim.elements) else {
        return Claimed::Unknown;
    };
    let precision = Precision(128);
    let inputs: Vec<Enclosure> = values
        .iter()
        .map(|v| Enclosure::exact(v, precision))
        .collect();
    let log_q = tape.evaluate(&inputs, &precision).swap_remove(0);
    if log_q.is_exactly_infinite() == Some(-1) {
        return Claimed::Nothing;
    }
    if !log_q.is_finite() {
        return Claimed::Unknown;
    }
    let text = format!("{number}, with log q = {:.6}", log_q.midpoint_f64());
    Claimed::Something(text, Box::new(example))
}
