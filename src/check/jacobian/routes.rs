//! Whether the symbolic Jacobian and its determinant are those of independent routes.
//!
//! Entries are compared with dual numbers and with finite differences extrapolated to step zero,
//! each in its own size, so that a wrong entry does not hide behind a large one: a few columns at each
//! point, and all of them at once along a direction, so that the cost grows as the number of entries
//! does. The determinant, factored along its sparsity, is held against other factorizations
//! (`volume`). Law: an entry or a determinant that is off by 10⁻⁴ of itself is seen (test
//! `planted_mistakes_are_seen`).

mod volume;

use super::Jacobian;
use crate::algebra::Block;
use crate::check::Context;
use crate::check::points::{Kind, Point, Space, ratio};
use crate::check::univariate::numbers;
use crate::graph::{Graph, Id};
use crate::number::{Dual, Enclosure, Interval, Precision, Rational};
use crate::tape::Tape;

/// Random points at which the routes are compared.
const POINTS: usize = 12;

/// Relative slack within which independent numeric derivatives must meet; finite differences are
/// good to about 1e-9 where the function is smooth at that scale.
const ROUTES: f64 = 1e-5;

/// What rounding may leave of the values that a derivative is made of, in units of the largest.
const ROUNDING: f64 = 1e-13;

/// The relative error in binary64 beyond which a formula decides nothing.
const LOST: f64 = 1e-10;

/// Columns that are looked at one by one at each point.
const COLUMNS: usize = 12;

/// What is compared.
struct Routes {
    map: Tape,
    entries: Tape,
    log_det: Tape,
    places: Vec<usize>,
    blocks: Vec<Block>,
    implicit: bool,
}

/// Points at which routes were compared.
pub(crate) struct Agreement {
    /// Those at which every derivative that was looked at is the symbolic one, and so is the
    /// determinant if it was.
    pub(crate) points: usize,
    /// Those of them at which another factorization gave the determinant.
    pub(crate) determinants: usize,
}

/// At how many points the symbolic Jacobian is that of dual numbers and of finite differences, and
/// the factored determinant that of nalgebra's.
///
/// # Errors
/// Where two routes that should meet do not: the tool, not the spec, is then in doubt.
pub(crate) fn routes_agree(
    context: &Context,
    graph: &Graph,
    space: &Space,
    jacobian: &Jacobian,
) -> Result<Agreement, String> {
    let entries: Vec<Id> = jacobian.rows.iter().flatten().copied().collect();
    let tape = |terms: &[Id]| {
        Tape::new(graph, &space.symbols, terms)
            .map_err(|_| "a formula depends on something that no point fixes".to_owned())
    };
    let routes = Routes {
        map: tape(&jacobian.outputs)?,
        entries: tape(&entries)?,
        log_det: tape(&[jacobian.log_abs_det])?,
        places: jacobian
            .symbols
            .iter()
            .filter_map(|s| space.symbols.iter().position(|t| t == s))
            .collect(),
        blocks: jacobian.blocks.clone(),
        implicit: jacobian.implicit,
    };
    let mut rng = context.stream("routes");
    let (mut agreed, mut determinants, mut apart, mut first) = (0, 0, 0, None);
    for k in 0..POINTS {
        let Some(point) = space.draw(Kind::Random, &mut rng) else {
            continue;
        };
        match routes.compare(&numbers(&off_zero(space, point)), k) {
            None => {}
            Some(Ok(with_determinant)) => {
                agreed += 1;
                determinants += usize::from(with_determinant);
            }
            Some(Err(which)) => {
                apart += 1;
                first = first.or(Some(which));
            }
        }
    }
    match first {
        // At a single point among many a kink is met, or rounding is worse than it looks.
        Some(which) if apart > 1 || agreed == 0 => Err(format!(
            "{which} disagrees with the symbolic derivative at {apart} of {} points",
            agreed + apart
        )),
        _ => Ok(Agreement {
            points: agreed,
            determinants,
        }),
    }
}

/// The same without zeros, where kinks are: a central difference across one at its middle settles,
/// on the mean of two slopes.
pub(crate) fn off_zero(space: &Space, mut point: Point) -> Point {
    for place in 0..point.len() {
        if point[place] == Rational::ZERO {
            point[place] = ratio(371 + place as i64, 1000);
            if !space.admits(&point, place) {
                point[place] = Rational::ZERO;
            }
        }
    }
    point
}

impl Routes {
    /// The first route that leads elsewhere at a point, else whether the determinant was compared;
    /// none where the symbolic route leads nowhere in binary64. `turn` says which columns are looked at.
    fn compare(&self, at: &[f64], turn: usize) -> Option<Result<bool, &'static str>> {
        // What binary64 makes of the formulas of entries is not in question here.
        let symbolic = true_values(&self.entries, at);
        if symbolic.iter().any(|v| v.is_nan()) {
            return None;
        }
        let (rows, n) = (self.map.outputs(), self.places.len());
        let (values, rounded) = (self.map.evaluate(at, &()), self.entries.evaluate(at, &()));
        let truth = true_values(&self.map, at);
        // Where binary64 loses digits of the formulas themselves it has no say.
        let is_kept = |a: f64, b: f64| (a - b).abs() <= LOST * b.abs();
        let is_steady: Vec<bool> = (0..rows).map(|i| is_kept(values[i], truth[i])).collect();
        let is_clear =
            |i: usize, j: usize| is_steady[i] && is_kept(rounded[i * n + j], symbolic[i * n + j]);
        for j in (0..n.min(COLUMNS)).map(|k| (turn * COLUMNS + k) % n) {
            let place = self.places[j];
            let mut dual: Vec<Dual> = at.iter().map(|&v| Dual::constant(v)).collect();
            dual[place] = Dual::variable(at[place]);
            let columns = self.map.evaluate(&dual, &());
            let slopes = richardson(&self.map, at, place);
            for i in (0..rows).filter(|&i| is_clear(i, j)) {
                let truth = symbolic[i * n + j];
                let near = |other: f64, slack: f64| {
                    (other - truth).abs() <= ROUTES * truth.abs().max(other.abs()) + slack
                };
                let size = values[i].abs().max(1e-300);
                let rounding = ROUNDING * size / at[place].abs().max(1e-3);
                if !near(columns[i].derivative, rounding) {
                    return Some(Err("a dual number"));
                }
                if let Some((slope, step)) = slopes[i]
                    && !near(slope, ROUNDING * size / step)
                {
                    return Some(Err("a finite difference"));
                }
            }
        }
        if n > COLUMNS && !self.is_slope_along(at, turn, &symbolic, &is_clear) {
            return Some(Err("a dual number along a direction"));
        }
        let log = true_values(&self.log_det, at)[0];
        if log.is_nan() {
            return Some(Ok(false));
        }
        let log = if self.implicit { -log } else { log };
        let mut compared = false;
        for (name, other) in volume::routes(rows, n, &symbolic, &self.blocks) {
            if (other.log - log).abs() > ROUTES * (1.0 + log.abs()) + other.error {
                return Some(Err(name));
            }
            compared = true;
        }
        Some(Ok(compared))
    }

    /// Whether Σⱼ Jᵢⱼ·rⱼ is the derivative of each output along a direction r, to the rounding of its
    /// largest summand.
    fn is_slope_along(
        &self,
        at: &[f64],
        turn: usize,
        symbolic: &[f64],
        is_clear: &dyn Fn(usize, usize) -> bool,
    ) -> bool {
        let n = self.places.len();
        // Steps of the golden ratio, of size ½ to 1: no summand is small by its weight.
        let weight = |j: usize| {
            let share = (0.618_033_988_749_894_9 * (1 + j + turn * n) as f64).fract();
            if j.is_multiple_of(2) {
                0.5 + share / 2.0
            } else {
                -0.5 - share / 2.0
            }
        };
        let mut dual: Vec<Dual> = at.iter().map(|&v| Dual::constant(v)).collect();
        for (j, &place) in self.places.iter().enumerate() {
            dual[place].derivative = weight(j);
        }
        let along = self.map.evaluate(&dual, &());
        (0..along.len()).all(|i| {
            if !(0..n).all(|j| is_clear(i, j)) {
                return true;
            }
            let terms = (0..n).map(|j| symbolic[i * n + j] * weight(j));
            let (sum, size) = terms.fold((0.0, 0.0), |(s, a): (f64, f64), t| (s + t, a + t.abs()));
            // Each entry may carry what `LOST` allows.
            !size.is_finite() || (sum - along[i].derivative).abs() <= 10.0 * LOST * size
        })
    }
}

/// The values of a tape at a point, each to a tenth of what is [`LOST`] at least; not-a-number
/// where one is no finite number.
fn true_values(tape: &Tape, at: &[f64]) -> Vec<f64> {
    let points: Vec<Interval> = at.iter().map(|&v| Interval::point(v)).collect();
    let quick: Vec<Interval> = tape.evaluate(&points, &());
    let is_sharp =
        |v: &Interval| v.is_finite() && v.width() <= 0.1 * LOST * v.lo().abs().min(v.hi().abs());
    if quick.iter().all(is_sharp) {
        return quick.iter().map(Interval::midpoint).collect();
    }
    let exact: Vec<Enclosure> = at.iter().map(|&v| Enclosure::from_f64(v)).collect();
    let values = tape.evaluate(&exact, &Precision(128));
    let number = |v: &Enclosure| {
        if v.is_finite() {
            v.midpoint_f64()
        } else {
            f64::NAN
        }
    };
    values.iter().map(number).collect()
}

/// Central differences extrapolated to step zero (Richardson 1911), for each output, with the
/// smallest step; none where the extrapolations do not settle, as next to a kink.
fn richardson(map: &Tape, at: &[f64], place: usize) -> Vec<Option<(f64, f64)>> {
    let difference = |step: f64| {
        let moved = |sign: f64| {
            let mut point = at.to_vec();
            point[place] += sign * step;
            map.evaluate(&point, &())
        };
        let (above, below) = (moved(1.0), moved(-1.0));
        above
            .into_iter()
            .zip(below)
            .map(|(a, b)| (a - b) / (2.0 * step))
            .collect::<Vec<f64>>()
    };
    let step = 1e-2
        * (at[place]
            .abs()
            .min(1.0 - at[place].abs())
            .abs()
            .clamp(1e-3, 1.0));
    let [a, b, c] = [step, step / 2.0, step / 4.0].map(difference);
    (0..a.len())
        .map(|i| {
            let coarse = b[i] + (b[i] - a[i]) / 3.0;
            let fine = c[i] + (c[i] - b[i]) / 3.0;
            let best = fine + (fine - coarse) / 15.0;
            ((best - fine).abs() <= 0.01 * ROUTES * (1e-300 + best.abs()))
                .then_some((best, step / 4.0))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Effort;
    use crate::check::jacobian::jacobian;
    use crate::model::build;
    use crate::spec::read;
    use std::collections::BTreeMap;

    /// Maps of triangular, full, implicit and tall Jacobians, with entries of very different sizes.
    const SPECS: [&str; 4] = [
        "noise: {e: \"normal(0, 1)[2]\"}\ntransform: {z: \"[1000*sinh(e[0]), e[1]/1000 + tanh(e[0])]\"}",
        "noise: {e: \"normal(0, 1)[2]\"}\ntransform: {z: \"[e[0] + exp(e[1])/5, 4*e[1] + sin(e[0])/50]\"}",
        "parameters: {a: positive}\nnoise: {u: \"uniform(0, 1)\"}\ninverse: {u: 1 - exp(-z^a)}\n\
         target: {support: positive, log_density: \"log(a) + (a - 1)*log(z) - z^a\"}",
        "noise: {v: \"uniform(0, 1)\"}\ntransform: {z: \"[cos(2*pi*v), sin(2*pi*v)]\"}\n\
         target: {support: \"unit_vector[2]\", measure: hausdorff, log_density: -log(2*pi)}",
    ];

    #[test]
    fn planted_mistakes_are_seen() {
        for text in SPECS {
            let text = format!("name: planted\n{text}\n");
            let spec = read(&text).expect("it can be read").0;
            let mut model = build(&spec, &BTreeMap::new()).expect("it has a model");
            let right = jacobian(&mut model).expect("it has a Jacobian");
            let space = Space::new(&model.graph, model.base_variables());
            let (sizes, before) = (BTreeMap::new(), BTreeMap::new());
            let context = Context {
                seed: 0,
                effort: Effort::Standard,
                spec: "planted",
                check: "jacobian",
                sizes: &sizes,
                proofs: false,
                error_rate: 1e-6,
                before: &before,
            };
            let agree = |graph: &Graph, jacobian: &Jacobian| {
                routes_agree(&context, graph, &space, jacobian)
            };
            let agreed = agree(&model.graph, &right).map(|a| (a.points, a.determinants));
            let agreed = agreed.expect(&text);
            assert!(agreed.0 >= 6 && agreed.1 >= 6, "{text}: {agreed:?}");
            let graph = &mut model.graph;
            let factor = graph.constant(ratio(10_001, 10_000));
            for i in 0..right.rows.len() {
                for j in 0..right.symbols.len() {
                    if graph.is_integer(right.rows[i][j], 0) {
                        continue;
                    }
                    let mut wrong = right.clone();
                    wrong.rows[i][j] = graph.mul(factor, wrong.rows[i][j]);
                    let found = agree(graph, &wrong);
                    assert!(found.is_err(), "{text}: entry {i}, {j}");
                }
            }
            let mut wrong = right.clone();
            let little = graph.constant(ratio(1, 2000));
            wrong.log_abs_det = graph.add(little, wrong.log_abs_det);
            let found = agree(graph, &wrong);
            assert!(found.is_err(), "{text}: determinant");
        }
    }
}
