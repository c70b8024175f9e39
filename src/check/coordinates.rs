//! The free coordinates of φ: what a gradient is taken in.
//!
//! A component of a structured parameter that the others determine is written in them, so that a
//! derivative never leaves the domain.

use crate::graph::Id;
use crate::language::Domain;
use crate::model::{Model, Variable, free_coordinates};
use rustc_hash::FxHashMap;

/// The free components of the parameters, and what the others are in them.
pub(crate) fn free_parameters(model: &mut Model) -> (Vec<Id>, FxHashMap<Id, Id>) {
    let (mut free, mut dependent) = (Vec::new(), FxHashMap::default());
    for variable in model.parameters.clone() {
        let places = free_coordinates(&variable.domain, &variable.shape);
        free.extend(places.iter().map(|&i| variable.symbols[i]));
        dependent.extend(dependents(model, &variable));
    }
    (free, dependent)
}

/// The components of a variable that the others determine, as formulas in these.
pub(crate) fn dependents(model: &mut Model, variable: &Variable) -> FxHashMap<Id, Id> {
    let graph = &mut model.graph;
    let size = variable.shape.last().copied().unwrap_or(1).max(1);
    let (zero, one) = (graph.integer(0), graph.integer(1));
    let mut map = FxHashMap::default();
    for (i, row) in variable.symbols.chunks(size).enumerate() {
        let i = i % size;
        match variable.domain {
            Domain::Simplex => {
                if let Some((&last, others)) = row.split_last() {
                    let sum = graph.sum(others);
                    map.insert(last, graph.sub(one, sum));
                }
            }
            Domain::LowerCholesky => map.extend(row[i + 1..].iter().map(|&s| (s, zero))),
            Domain::CorrCholesky => {
                map.extend(row[i + 1..].iter().map(|&s| (s, zero)));
                let squares: Vec<Id> = row[..i].iter().map(|&s| graph.square(s)).collect();
                let sum = graph.sum(&squares);
                let rest = graph.sub(one, sum);
                map.insert(row[i], graph.unary(crate::number::Unary::Sqrt, rest));
            }
            Domain::PositiveDefinite => {
                for (j, &above) in row.iter().enumerate().skip(i + 1) {
                    map.insert(above, variable.symbols[j * size + i]);
                }
            }
            // Either sign of the last entry may be meant: it stays as it is, and a unit vector
            // among the parameters is judged in no direction.
            Domain::UnitVector
            | Domain::Real
            | Domain::Positive
            | Domain::Nonnegative
            | Domain::Negative
            | Domain::Nonzero
            | Domain::UnitInterval
            | Domain::Interval(..)
            | Domain::GreaterThan(_)
            | Domain::LessThan(_)
            | Domain::Boolean
            | Domain::IntegerInterval(..)
            | Domain::NonnegativeInteger
            | Domain::OneHot
            | Domain::Ordered
            | Domain::PositiveOrdered => {}
        }
    }
    map
}

/// Whether gradients are known to be taken along the domain of every parameter.
pub(crate) fn has_free_coordinates(model: &Model) -> bool {
    model
        .parameters
        .iter()
        .all(|p| !matches!(p.domain, Domain::UnitVector | Domain::OneHot))
}
