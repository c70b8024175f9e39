//! Test vectors: points of a spec at which every quantity is known to the last digit, for holding
//! a library against it.
//!
//! What a library is given (parameters, inputs, noise, and the z at which densities are taken) are
//! binary64 numbers, exactly; what it should compute is enclosed rigorously at exactly these
//! numbers. So an error in a library is its own: nothing is lost on the way there.
//!
//! Law: a library that rounds correctly has no error above half a unit in the last place (test
//! `filled_in_vectors_are_within_half_a_unit` in `tests/vectors.rs`).

mod compare;
mod csv;
mod draw;
mod evaluate;
mod file;
mod json;

pub use compare::{Comparison, Limits, Miss, Quantity, compare};
pub use csv::write as csv;
pub use evaluate::Evaluator;
pub use file::read;
pub use json::write as json;

use crate::diagnostic::Diagnostic;
use crate::number::Enclosure;
use crate::run::read_whole;
use std::collections::BTreeMap;

/// Values of named quantities, each with its components row by row. A name is a path: `noise/eps`,
/// `z/z`, `log_density`, `velocity/mu/z`.
pub type Values<T> = BTreeMap<String, Vec<T>>;

/// A point of a spec with what is to be computed there.
#[derive(Clone, Debug)]
pub struct Point {
    /// Its number, counted from zero.
    pub id: usize,
    /// How its values were chosen: `simple`, `random` or `corner`; `given` when read.
    pub kind: String,
    /// The sizes.
    pub sizes: BTreeMap<String, usize>,
    /// `parameters/…`, `inputs/…`, `noise/…` and `z/…`.
    pub given: Values<f64>,
    /// What should come out; none where it is not known to 30 digits.
    pub expected: Values<Option<Enclosure>>,
    /// What a library computed; none where it did not.
    pub actual: Values<Option<f64>>,
}

/// All points of a spec.
#[derive(Clone, Debug)]
pub struct Vectors {
    /// The name of the spec.
    pub spec: String,
    /// The shape of each quantity, by sizes and name.
    pub shapes: BTreeMap<(BTreeMap<String, usize>, String), Vec<usize>>,
    /// In order.
    pub points: Vec<Point>,
}

impl Vectors {
    /// The shape of a quantity of a point.
    fn shape(&self, point: &Point, name: &str) -> &[usize] {
        self.shapes
            .get(&(point.sizes.clone(), name.to_owned()))
            .map_or(&[], Vec::as_slice)
    }
}

/// One evaluator for each choice of sizes of a spec, with its name.
///
/// # Errors
/// What is wrong with the spec, or keeps its points from being binary64 numbers.
pub fn evaluators(source: &str) -> Result<(String, Vec<Evaluator>), Vec<Diagnostic>> {
    let (raw, models) = read_whole(source)?;
    let models = models
        .into_iter()
        .map(Evaluator::new)
        .collect::<Result<Vec<_>, _>>()?;
    Ok((raw.name.value, models))
}

/// The vectors of a spec: `count` points at each choice of sizes.
///
/// # Errors
/// As [`evaluators`].
pub fn vectors(source: &str, count: usize, seed: u64) -> Result<Vectors, Vec<Diagnostic>> {
    let (spec, evaluators) = evaluators(source)?;
    let mut all = Vectors {
        spec,
        shapes: BTreeMap::new(),
        points: Vec::new(),
    };
    for evaluator in &evaluators {
        let sizes = &evaluator.model.sizes;
        for (name, shape) in evaluator.shapes() {
            all.shapes.insert((sizes.clone(), name), shape);
        }
        for (kind, base) in draw::points(evaluator, count, seed) {
            let Ok(given) = evaluator.given(&base) else {
                continue;
            };
            let Ok(expected) = evaluator.expected(&given) else {
                continue;
            };
            all.points.push(Point {
                id: all.points.len(),
                kind: kind.to_owned(),
                sizes: sizes.clone(),
                given,
                expected,
                actual: Values::new(),
            });
        }
    }
    Ok(all)
}
