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

/// Levels at which noise and `u` stand, and one less each: either may be the smaller.
const LEVELS: [f64; 5] = [1e-9, 1e-6, 1e-3, 0.1, 0.5];

/// What a point is made from.
#[derive(Clone)]
pub(super) struct Origin {
    /// Parameters and inputs.
    given: Vec<f64>,
    /// The level of each component of the noise, and one less it.
    levels: Vec<(f64, f64)>,
    /// z, where no noise makes it.
    drawn: Vec<f64>,
    /// The level of a quantile.
    u: f64,
}

/// Makes points of one model.
pub(super) struct Maker {
    space: Space,
    z_space: Space,
    map: Option<Tape>,
    outputs: usize,
    is_scalar: bool,
    has_u: bool,
}

impl Maker {
    pub(super) fn new(model: &Model) -> Maker {
        let space = Space::new(&model.graph, model.givens());
        let mut variables = model.givens();
        variables.extend(model.outputs.iter().cloned());
        let transform = model.transform.as_ref().map(|t| &t.elements);
        let mut inputs = space.symbols.clone();
        inputs.extend(model.noise_symbols());
        Maker {
            z_space: Space::new(&model.graph, variables),
            map: transform.and_then(|t| Tape::new(&model.graph, &inputs, t).ok()),
            outputs: model.output_symbols().len(),
            is_scalar: model.outputs.iter().all(|o| is_interval(&o.domain)),
            has_u: model.target.as_ref().is_some_and(|t| t.u.is_some()),
            space,
        }
    }

    /// Values of parameters and inputs, noise, z and u, in that order; not a number where there is none.
    pub(super) fn point(&self, model: &Model, origin: &Origin) -> Vec<f64> {
        let given = origin.given.len();
        let mut values = origin.given.clone();
        let drawn = draw_noise(model, &self.space.symbols, &values, &origin.levels);
        values.extend(drawn.unwrap_or_else(|| vec![f64::NAN; origin.levels.len()]));
        let z: Vec<f64> = match &self.map {
            Some(map) if values.iter().all(|v| !v.is_nan()) => {
                image(map, &values).unwrap_or_else(|| vec![f64::NAN; self.outputs])
            }
            Some(_) => vec![f64::NAN; self.outputs],
            None => origin.drawn.clone(),
        };
        // A z that rounding has pushed to the edge of the support is outside it.
        let mut at = values[..given].to_vec();
        at.extend(&z);
        let is_admitted = exactly(&at).is_some_and(|p| {
            let is_admitted = || (given..p.len()).all(|place| self.z_space.admits(&p, place));
            p.len() == given || (self.map.is_none() && !self.is_scalar) || is_admitted()
        });
        values.extend(if is_admitted {
            z
        } else {
            vec![f64::NAN; self.outputs]
        });
        if self.has_u {
            values.push(origin.u);
        }
        values
    }

    /// Origins that differ from one in a single value: each of moderate size and in its domain.
    pub(super) fn moves(&self, origin: &Origin) -> Vec<Origin> {
        let mut found = Vec::new();
        let mut all = origin.given.clone();
        if self.map.is_none() && self.is_scalar {
            all.extend(&origin.drawn);
        }
        let space = if all.len() > origin.given.len() {
            &self.z_space
        } else {
            &self.space
        };
        for place in 0..all.len() {
            for factor in FACTORS {
                let mut moved = all.clone();
                let size = (moved[place].abs() * factor).clamp(SMALLEST, LARGEST);
                moved[place] = size.copysign(moved[place]);
                let admitted = moved[place] != all[place]
                    && exactly(&moved).is_some_and(|p| {
                        (0..p.len()).all(|place| space.admits(&p, place) || p[place] == 0.into())
                    });
                if admitted {
                    let drawn = moved.split_off(origin.given.len());
                    let drawn = if drawn.is_empty() {
                        origin.drawn.clone()
                    } else {
                        drawn
                    };
                    let given = moved;
                    found.push(Origin {
                        given,
                        drawn,
                        ..origin.clone()
                    });
                }
            }
        }
        let levels = LEVELS.iter().flat_map(|&t| [(t, 1.0 - t), (1.0 - t, t)]);
        for level in levels {
            for place in 0..origin.levels.len() {
                let mut moved = origin.clone();
                moved.levels[place] = level;
                found.push(moved);
            }
            if self.has_u {
                found.push(Origin {
                    u: level.0,
                    ..origin.clone()
                });
            }
        }
        found
    }
}

/// Sizes that a value may have, unless it is zero or a domain asks for another.
const SMALLEST: f64 = 1e-3;
const LARGEST: f64 = 1e3;

/// What a value is multiplied by in a move.
const FACTORS: [f64; 10] = [
    0.0,
    0.1,
    0.5,
    0.8,
    0.93,
    1.07,
    1.3,
    2.0,
    10.0,
    f64::INFINITY,
];

/// Binary64 numbers as they are; none where one is no number.
fn exactly(values: &[f64]) -> Option<Vec<Rational>> {
    values.iter().map(|&v| Rational::try_from(v).ok()).collect()
}

/// Where formulas are tried first.
pub(super) fn origins(
    context: &Context,
    model: &Model,
    maker: &Maker,
    noise: usize,
) -> Vec<Origin> {
    let given = maker.space.symbols.len();
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
        let source = if maker.map.is_some() {
            &maker.space
        } else {
            &maker.z_space
        };
        let Some(mut point) = source.draw(kind, &mut rng) else {
            continue;
        };
        if let Some(near) = near {
            let place = holes[near / NEAR_HOLE.len()];
            let size = power_of_ten(NEAR_HOLE[near % NEAR_HOLE.len()]);
            point[place] = if i % 2 == 0 { size } else { -size };
            if !maker.space.admits(&point[..given], place) {
                continue;
            }
        }
        let numbers = |values: &[Rational]| -> Vec<f64> {
            values.iter().map(|v| v.to_f64().value()).collect()
        };
        let values = numbers(&point[..given]);
        if values
            .iter()
            .any(|v| *v != 0.0 && !(SMALLEST..=LARGEST).contains(&v.abs()))
            && kind == Kind::Corner
        {
            continue;
        }
        let mut level = || {
            let tail = LEVELS[rng.random_range(0..LEVELS.len())];
            if rng.random() {
                (tail, 1.0 - tail)
            } else {
                (1.0 - tail, tail)
            }
        };
        found.push(Origin {
            given: values,
            levels: (0..noise).map(|_| level()).collect(),
            drawn: numbers(&point[given..]),
            u: if maker.has_u { level().0 } else { f64::NAN },
        });
    }
    found
}

/// Whether each component of a domain lies in an interval by itself.
fn is_interval(domain: &Domain) -> bool {
    domain.is_elementwise() && !domain.is_integral()
}

/// Noise at quantiles of given levels; none where a law has no quantile function.
fn draw_noise(
    model: &Model,
    symbols: &[Id],
    at: &[f64],
    levels: &[(f64, f64)],
) -> Option<Vec<f64>> {
    let mut levels = levels.iter();
    let mut values = Vec::new();
    for noise in &model.noise {
        for sampler in noise.samplers(&model.graph, symbols, at)? {
            let (lower, upper) = *levels.next()?;
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
