//! Whether a map without a claimed inverse is one-to-one.
//!
//! Its Jacobian is triangular in blocks. One entry alone must keep its sign along its own noise,
//! the rest fixed; a larger block is looked at by [`coupled`]. Determinants of two signs at two
//! points show that a continuous map is not one-to-one, in any dimension: its degree would be both.

use super::coupled::{Coupled, coupled};
use crate::check::decide::complexity;
use crate::check::jacobian::Jacobian;
use crate::check::points::{Kind, Point, Space};
use crate::check::{Context, surfaces};
use crate::graph::{Graph, Id, Node};
use crate::model::{Model, Variable};
use crate::number::{Binary, Enclosure, Interval, Number, Precision, Rational, Unary};
use crate::tape::Tape;

/// Components of a map along which its order is looked at.
const MOST_LINES: usize = 6;

/// What is known of a map without a claimed inverse.
#[derive(Clone, Debug)]
pub(crate) enum OneToOne {
    /// It is one-to-one as far as was seen.
    Shown(Shown),
    /// The sign of a determinant differs at two exact points with the same parameters.
    Changes(Box<(Point, Point)>),
    /// It has one value at two exact points, and all the way between them.
    Flat(Box<(Point, Point)>),
    /// It jumps, so that its derivative decides nothing.
    Jumps,
    /// Not decided, with the reason.
    Unknown(String),
}

/// What a map was seen to be one-to-one by.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shown {
    /// Exact points, drawn at random among others, at which a determinant of a block has its sign.
    pub(crate) points: usize,
    /// What is known of the blocks of several entries; none where there are none.
    pub(crate) coupled: Option<Coupled>,
    /// Whether a component leaps over values.
    pub(crate) leaps: bool,
}

/// What the sign of a determinant is compared along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Along {
    /// Nothing: it does not depend on the noise of its block, and only must not be 0.
    Nothing,
    /// The noise of its block, the other fixed.
    Own,
    /// All of the noise, of which it depends on that of its block alone.
    All,
}

/// Whether a determinant of a block depends on the noise of the block.
pub(super) fn varies(graph: &Graph, jacobian: &Jacobian, block: usize) -> bool {
    let used = graph.symbols_of(&[jacobian.factors[block]]);
    let own = &jacobian.blocks[block].columns;
    own.iter().any(|&c| used.contains(&jacobian.symbols[c]))
}

fn along(graph: &Graph, jacobian: &Jacobian, block: usize, elementwise: bool) -> Along {
    if !varies(graph, jacobian, block) {
        return Along::Nothing;
    }
    let used = graph.symbols_of(&[jacobian.factors[block]]);
    let own = &jacobian.blocks[block].columns;
    let others = (0..jacobian.symbols.len())
        .any(|c| !own.contains(&c) && used.contains(&jacobian.symbols[c]));
    if others && elementwise {
        Along::Own
    } else {
        Along::All
    }
}

/// Whether steps of the noise (of z) show in the map.
fn has_steps(graph: &Graph, jacobian: &Jacobian) -> bool {
    graph.reachable(&jacobian.outputs).into_iter().any(|id| {
        let argument = match graph.node(id) {
            Node::Unary(Unary::Floor | Unary::Ceil | Unary::Round, x) => x,
            Node::Binary(Binary::Mod, ..) => id,
            Node::Unary(..)
            | Node::Binary(..)
            | Node::Ternary(..)
            | Node::Constant(_)
            | Node::Pi
            | Node::Infinity
            | Node::Symbol(_) => return false,
        };
        let used = graph.symbols_of(&[argument]);
        used.iter().any(|s| jacobian.symbols.contains(s))
    })
}

/// Whether g (or S) is one-to-one in the noise (in z).
pub(crate) fn one_to_one(
    context: &Context,
    model: &Model,
    space: &Space,
    jacobian: &Jacobian,
) -> OneToOne {
    let graph = &model.graph;
    if has_steps(graph, jacobian) {
        return OneToOne::Jumps;
    }
    if jacobian.factors.is_empty() {
        return OneToOne::Unknown("the Jacobian is not square".to_owned());
    }
    let tape = |&factor: &Id| Tape::new(graph, &space.symbols, &[factor]).ok();
    let Some(tapes) = jacobian
        .factors
        .iter()
        .map(tape)
        .collect::<Option<Vec<_>>>()
    else {
        return OneToOne::Unknown(
            "a derivative depends on something that no point fixes".to_owned(),
        );
    };
    let points = match signs(context, model, space, jacobian, &tapes) {
        Ok(points) => points,
        Err(points) => return OneToOne::Changes(points),
    };
    if points == 0 {
        return OneToOne::Unknown("no derivative could be enclosed".to_owned());
    }
    let is_coupled = jacobian.blocks.iter().any(|block| block.size() > 1);
    let coupled = if is_coupled {
        match coupled(context, model, space, jacobian) {
            Ok(found) => Some(found),
            Err(reason) => return OneToOne::Unknown(reason),
        }
    } else {
        None
    };
    match order(context, model, space, jacobian) {
        Some(Order::Both) => OneToOne::Jumps,
        Some(Order::Flat(points)) => OneToOne::Flat(points),
        Some(order) => OneToOne::Shown(Shown {
            points,
            coupled,
            leaps: matches!(order, Order::Leaps),
        }),
        None => OneToOne::Unknown("the map depends on something that no point fixes".to_owned()),
    }
}

/// At how many exact points a determinant of a block has a sign; two points where it has another,
/// as an error.
fn signs(
    context: &Context,
    model: &Model,
    space: &Space,
    jacobian: &Jacobian,
    tapes: &[Tape],
) -> Result<usize, Box<(Point, Point)>> {
    let given: usize = model.givens().iter().map(|v| v.symbols.len()).sum();
    let mut rng = context.stream("signs");
    // The bounds of structured domains depend on no parameter.
    let each = |v: &Variable| vec![v.domain.is_elementwise(); v.symbols.len()];
    let elementwise: Vec<bool> = space.variables.iter().flat_map(each).collect();
    let single: Vec<usize> = (given..elementwise.len())
        .filter(|&place| elementwise[place])
        .collect();
    let all_single = single.len() == elementwise.len() - given;
    let along: Vec<Along> = (0..tapes.len())
        .map(|block| along(&model.graph, jacobian, block, all_single))
        .collect();
    let own = |block: usize| -> Vec<usize> {
        let columns = jacobian.blocks[block].columns.iter();
        let symbols = columns.map(|&c| jacobian.symbols[c]);
        symbols
            .filter_map(|s| space.symbols.iter().position(|t| *t == s))
            .collect()
    };
    let own: Vec<Vec<usize>> = (0..tapes.len()).map(own).collect();
    let mut seen = 0;
    for round in 0..context.effort.integrals() {
        let Some(base) = space.draw(Kind::Simple(3 + round), &mut rng) else {
            continue;
        };
        let mut signs: Vec<Option<(bool, Point)>> = vec![None; tapes.len()];
        for i in 0..48 {
            let kind = [Kind::Simple(4), Kind::Random, Kind::Corner][i % 3];
            let Some(mut drawn) = space.draw(kind, &mut rng) else {
                continue;
            };
            drawn[..given].clone_from_slice(&base[..given]);
            if single.iter().any(|&place| !space.admits(&drawn, place)) {
                continue;
            }
            for (block, sign) in signs.iter_mut().enumerate() {
                let mut point = drawn.clone();
                if along[block] == Along::Own {
                    point.clone_from(&base);
                    for &place in &own[block] {
                        point[place].clone_from(&drawn[place]);
                    }
                }
                let Some(positive) = sign_at(&tapes[block], &point) else {
                    continue;
                };
                seen += 1;
                match sign {
                    None => *sign = Some((positive, point)),
                    Some((before, other)) => {
                        if *before != positive && along[block] != Along::Nothing {
                            return Err(Box::new((other.clone(), point)));
                        }
                    }
                }
            }
        }
    }
    Ok(seen)
}

/// Whether a term is certainly positive, or certainly negative, at a point; none where neither is seen.
pub(super) fn sign_at(tape: &Tape, point: &[Rational]) -> Option<bool> {
    let inputs = Interval::rational_each(point, &());
    let quick = tape.evaluate(&inputs, &())[0];
    if quick.certainly_positive() || quick.certainly_negative() {
        return Some(quick.certainly_positive());
    }
    let precision = Precision(96);
    let zero = Enclosure::exact(&Rational::ZERO, precision);
    let inputs = Enclosure::exact_each(point, precision);
    let value = tape.evaluate(&inputs, &precision).swap_remove(0);
    let positive = zero.certainly_less(&value);
    (positive || value.certainly_less(&zero)).then_some(positive)
}

/// How the components of a map order their values, each along its own noise (its own z).
enum Order {
    /// As the noise or the other way round, as far as was seen.
    Kept,
    /// Both: with a derivative of one sign, that is a jump or a pole between.
    Both,
    /// As far as was seen, but by a jump that leaves values out.
    Leaps,
    /// Not at all: it has one value from one point to another.
    Flat(Box<(Point, Point)>),
}

/// The order at points drawn and on both sides of what the formulas name; none where the map cannot
/// be evaluated.
fn order(context: &Context, model: &Model, space: &Space, jacobian: &Jacobian) -> Option<Order> {
    let mut rng = context.stream("order");
    let mut leapt = false;
    let precision = Precision(96);
    let cells = jacobian.blocks.iter().zip(&jacobian.factors);
    let cells = cells.filter(|(block, _)| block.size() == 1);
    for (block, &factor) in cells.take(MOST_LINES) {
        let (row, column) = (block.rows[0], block.columns[0]);
        let output = jacobian.outputs[row];
        let map = Tape::new(&model.graph, &space.symbols, &[output]).ok()?;
        let slope = Tape::new(&model.graph, &space.symbols, &[factor]).ok()?;
        let symbol = jacobian.symbols[column];
        let is_rough = !surfaces::is_smooth(&model.graph, output, &[symbol]);
        let place = space.symbols.iter().position(|&s| s == symbol)?;
        for round in 0..context.effort.integrals() {
            let Some(base) = space.draw(Kind::of_round(round), &mut rng) else {
                continue;
            };
            let mut line: Vec<Point> = surfaces::points(
                &model.graph,
                space,
                &[output],
                std::slice::from_ref(&base),
                &mut rng,
            );
            line.retain(|p| (0..p.len()).all(|i| i == place || p[i] == base[i]));
            for i in 0..48 {
                let kind = [Kind::Simple(4), Kind::Random, Kind::Corner][i % 3];
                if let Some(other) = space.draw(kind, &mut rng) {
                    let mut point = base.clone();
                    point[place].clone_from(&other[place]);
                    line.push(point);
                }
            }
            line.retain(|p| space.admits(p, place));
            line.sort_by(|a, b| a[place].cmp(&b[place]));
            line.dedup();
            let images: Vec<(Point, Enclosure)> = line
                .into_iter()
                .map(|p| {
                    let inputs = Enclosure::exact_each(&p, precision);
                    (p, map.evaluate(&inputs, &precision).swap_remove(0))
                })
                .filter(|(_, image)| image.is_finite())
                .collect();
            let pairs = || images.windows(2).map(|pair| (&pair[0], &pair[1]));
            let flat = pairs()
                .filter(|(one, other)| {
                    one.1.overlaps(&other.1)
                        && is_zero_between(&slope, (&one.0, &other.0), place, precision)
                })
                .min_by_key(|(one, other)| complexity(&one.0) + complexity(&other.0));
            if let Some((one, other)) = flat {
                return Some(Order::Flat(Box::new((one.0.clone(), other.0.clone()))));
            }
            let up = pairs().any(|(one, other)| one.1.certainly_less(&other.1));
            let down = pairs().any(|(one, other)| other.1.certainly_less(&one.1));
            if up && down {
                return Some(Order::Both);
            }
            if is_rough
                && !leapt
                && pairs().any(|(one, other)| leaps(&map, (one, other), place, precision))
            {
                leapt = true;
            }
        }
    }
    Some(if leapt { Order::Leaps } else { Order::Kept })
}

/// Halvings by which a stretch gets too short for any slope to explain what happens on it.
const HALVINGS: usize = 64;

/// Whether a map keeps half of its way between two points that differ in one place however close they
/// are brought together.
fn leaps(
    map: &Tape,
    ((one, low), (other, high)): (&(Point, Enclosure), &(Point, Enclosure)),
    place: usize,
    precision: Precision,
) -> bool {
    let way = |a: f64, b: f64| (b - a).abs();
    let (mut left, mut right) = (one[place].clone(), other[place].clone());
    let (mut a, mut b) = (low.midpoint_f64(), high.midpoint_f64());
    let half = way(a, b) / 2.0;
    let mut inputs = Enclosure::exact_each(one, precision);
    for _ in 0..HALVINGS {
        let middle = (&left + &right) * Rational::from_parts(1.into(), 2u8.into());
        inputs[place] = Enclosure::exact(&middle, precision);
        let value = map.evaluate(&inputs, &precision).swap_remove(0);
        if !value.is_finite() {
            return false;
        }
        let m = value.midpoint_f64();
        if way(a, m) >= way(m, b) {
            (right, b) = (middle, m);
        } else {
            (left, a) = (middle, m);
        }
        if half.is_nan() || half <= 0.0 || way(a, b) < half {
            return false;
        }
    }
    true
}

/// Whether a derivative is 0 all the way between two points that differ in one place: its enclosure
/// over the stretch is.
fn is_zero_between(
    slope: &Tape,
    (one, other): (&Point, &Point),
    place: usize,
    precision: Precision,
) -> bool {
    let mut inputs = Enclosure::exact_each(one, precision);
    inputs[place] = Enclosure::between(&one[place], &other[place], precision);
    let value = slope.evaluate(&inputs, &precision).swap_remove(0);
    value.as_rational().is_some_and(|v| v == Rational::ZERO)
}
