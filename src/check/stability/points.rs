//! Where float64 is tried: binary64 numbers, taken exactly.
//!
//! Noise lies between its 10⁻⁹ and 1 − 10⁻⁹ quantiles, parameters between 10⁻³ and 10³ in size or in
//! their range, and nearer to zero where that is a hole between values of both signs; z is the binary64
//! nearest to g(ε), and none where rounding has pushed it out of the support.

use super::accuracy::nearest;
use super::formulas;
use crate::check::Context;
use crate::check::points::{Kind, Space, power_of_ten};
use crate::graph::{Graph, Id, Node};
use crate::language::Domain;
use crate::model::Model;
use crate::number::{Binary, Interval, Rational};
use crate::tape::Tape;
use rand::RngExt;

/// Powers of ten at which a value stands that approaches a hole at zero.
const NEAR_HOLE: [i32; 3] = [-6, -9, -12];

/// Places of the givens of either sign that have a hole at zero: the domain leaves it out, or a
/// formula divides by them. There a formula is a limit, and its digits are lost all the sooner.
fn holes(model: &Model) -> Vec<usize> {
    let terms: Vec<Id> = formulas(model).into_iter().flat_map(|f| f.terms).collect();
    let divisors: Vec<Id> = model
        .graph
        .reachable(&terms)
        .into_iter()
        .filter_map(|id| match model.graph.node(id) {
            Node::Binary(Binary::Div, _, divisor) => Some(divisor),
            Node::Constant(_)
            | Node::Pi
            | Node::Infinity
            | Node::Symbol(_)
            | Node::Unary(..)
            | Node::Binary(..)
            | Node::Ternary(..) => None,
        })
        .flat_map(|divisor| factors(&model.graph, divisor))
        .collect();
    let givens = model.givens();
    let places = givens
        .iter()
        .flat_map(|v| v.symbols.iter().map(move |s| (v, s)));
    places
        .enumerate()
        .filter(|(_, (variable, symbol))| {
            variable.range.is_none()
                && (matches!(variable.domain, Domain::Nonzero)
                    || matches!(variable.domain, Domain::Real) && divisors.contains(symbol))
        })
        .map(|(place, _)| place)
        .collect()
}

/// The factors of a product.
fn factors(graph: &Graph, product: Id) -> Vec<Id> {
    let (mut open, mut found) = (vec![product], Vec::new());
    while let Some(id) = open.pop() {
        match graph.node(id) {
            Node::Binary(Binary::Mul, x, y) => open.extend([x, y]),
            Node::Constant(_)
            | Node::Pi
            | Node::Infinity
            | Node::Symbol(_)
            | Node::Unary(..)
            | Node::Binary(..)
            | Node::Ternary(..) => found.push(id),
        }
    }
    found
}

/// Values of parameters and inputs, noise, z and u, in that order; not a number where there is none.
pub(super) fn points(
    context: &Context,
    model: &mut Model,
    given: usize,
    noise: usize,
) -> Vec<Vec<f64>> {
    let space = Space::new(&model.graph, model.givens());
    let z_space = {
        let mut variables = model.givens();
        variables.extend(model.outputs.iter().cloned());
        Space::new(&model.graph, variables)
    };
    let transform = model.transform.as_ref().map(|t| t.elements.clone());
    let outputs = model.output_symbols().len();
    let mut inputs = space.symbols.clone();
    inputs.extend(model.noise_symbols());
    let map = transform.and_then(|t| Tape::new(&model.graph, &inputs, &t).ok());
    let mut rng = context.stream("points");
    let mut found = Vec::new();
    let holes = holes(model);
    let regular = context.effort.certified_points() * 40;
    for i in 0..regular + holes.len() * NEAR_HOLE.len() * 4 {
        let near = i.checked_sub(regular).map(|i| i / 4);
        let kind = match (near, i % 4) {
            (None, 0) | (Some(_), _) => Kind::Simple(4 + i % 16),
            (None, 1) => Kind::Random,
            (None, _) => Kind::Corner,
        };
        // Where no noise makes z it is drawn with the parameters, on which its domain may depend.
        let source = if map.is_some() { &space } else { &z_space };
        let Some(mut point) = source.draw(kind, &mut rng) else {
            continue;
        };
        if let Some(near) = near {
            let place = holes[near / NEAR_HOLE.len()];
            let size = power_of_ten(NEAR_HOLE[near % NEAR_HOLE.len()]);
            point[place] = if i % 2 == 0 { size } else { -size };
            if !space.admits(&point[..given], place) {
                continue;
            }
        }
        let numbers = |values: &[Rational]| -> Vec<f64> {
            values.iter().map(|v| v.to_f64().value()).collect()
        };
        let drawn_z = numbers(&point[given..]);
        let mut values = numbers(&point[..given]);
        if values
            .iter()
            .any(|v| *v != 0.0 && !(1e-3..=1e3).contains(&v.abs()))
            && kind == Kind::Corner
        {
            continue;
        }
        let level = |rng: &mut rand_chacha::ChaCha8Rng| {
            let tail = [1e-9, 1e-6, 1e-3, 0.1, 0.5][rng.random_range(0..5usize)];
            if rng.random() {
                (tail, 1.0 - tail)
            } else {
                (1.0 - tail, tail)
            }
        };
        let drawn = draw_noise(model, &space.symbols, &values, &mut || level(&mut rng));
        values.extend(drawn.unwrap_or_else(|| vec![f64::NAN; noise]));
        let z: Vec<f64> = match &map {
            Some(map) if values.iter().all(|v| !v.is_nan()) => {
                image(map, &values).unwrap_or_else(|| vec![f64::NAN; outputs])
            }
            Some(_) => vec![f64::NAN; outputs],
            None => drawn_z,
        };
        // A z that rounding has pushed to the edge of the support is outside it.
        let mut at = values[..given].to_vec();
        at.extend(&z);
        let exact: Option<Vec<Rational>> = at.iter().map(|&v| Rational::try_from(v).ok()).collect();
        let is_scalar = model.outputs.iter().all(|o| is_interval(&o.domain));
        let inside = exact.as_ref().is_some_and(|p| {
            let is_admitted = || (given..p.len()).all(|place| z_space.admits(p, place));
            p.len() == given || (map.is_none() && !is_scalar) || is_admitted()
        });
        values.extend(if inside { z } else { vec![f64::NAN; outputs] });
        if model.target.as_ref().is_some_and(|t| t.u.is_some()) {
            values.push(level(&mut rng).0);
        }
        found.push(values);
    }
    found
}

/// Whether each component of a domain lies in an interval by itself.
fn is_interval(domain: &Domain) -> bool {
    domain.is_elementwise()
        && !matches!(
            domain,
            Domain::Boolean | Domain::IntegerInterval(..) | Domain::NonnegativeInteger
        )
}

/// Noise at quantiles of given levels; none where a law has no quantile function.
fn draw_noise(
    model: &Model,
    symbols: &[Id],
    at: &[f64],
    level: &mut dyn FnMut() -> (f64, f64),
) -> Option<Vec<f64>> {
    let mut values = Vec::new();
    for noise in &model.noise {
        for sampler in noise.samplers(&model.graph, symbols, at)? {
            let (lower, upper) = level();
            values.push(sampler.quantile(lower, upper)?);
        }
    }
    values.iter().all(|v| v.is_finite()).then_some(values)
}

/// g(ε) in binary64, to within a few units in the last place; none where it overflows or
/// underflows, or where even that is not known.
fn image(map: &Tape, values: &[f64]) -> Option<Vec<f64>> {
    let holds = |v: f64| v.is_finite() && (v == 0.0 || v.abs() > 1e-300);
    let inputs: Vec<Interval> = values.iter().map(|&v| Interval::point(v)).collect();
    let enclosed = map.evaluate(&inputs, &());
    if enclosed
        .iter()
        .all(|z| z.is_finite() && z.width() <= 1e-14 * z.midpoint().abs())
    {
        return enclosed
            .iter()
            .map(|z| Some(z.midpoint()).filter(|v| holds(*v)))
            .collect();
    }
    nearest(map, values)
        .iter()
        .map(|(_, z)| z.filter(|v| holds(*v)))
        .collect()
}
