//! Points whose values are binary64 numbers and lie in their domains exactly.

use super::Evaluator;
use crate::check::points::{Kind, Space};
use crate::language::Domain;
use crate::model::Variable;
use crate::number::{Enclosure, Rational};
use crate::stats::Stream;

/// Draws for one point, before it is given up.
const TRIES: usize = 40;

/// Parts of a simplex are multiples of 2⁻⁴⁰, so that their sum is exactly 1.
const SIMPLEX_BITS: u32 = 40;

/// Up to `count` different points with the name of their kind: simple, ordinary, and corners.
pub(super) fn points(
    evaluator: &Evaluator,
    count: usize,
    seed: u64,
) -> Vec<(&'static str, Vec<Rational>)> {
    let space = &evaluator.space;
    let mut rng = Stream {
        seed,
        spec: &evaluator.model.name,
        check: "vectors",
        sizes: &evaluator.model.sizes,
        purpose: "points",
    }
    .rng();
    let mut found: Vec<(&'static str, Vec<Rational>)> = Vec::new();
    for i in 0..count {
        let (name, kind) = match i % 3 {
            0 => ("simple", Kind::Simple(3 + i / 3)),
            1 => ("random", Kind::Random),
            _ => ("corner", Kind::Corner),
        };
        for _ in 0..TRIES {
            let rounded = space.draw(kind, &mut rng).map(|p| round(space, &p));
            if let Some(point) = rounded
                && lies_in(space, &point)
                && found.iter().all(|(_, other)| *other != point)
            {
                found.push((name, point));
                break;
            }
        }
    }
    found
}

/// The binary64 numbers nearest to a point; on a simplex, near it.
pub(super) fn round(space: &Space, point: &[Rational]) -> Vec<Rational> {
    let mut rounded = Vec::with_capacity(point.len());
    let mut start = 0;
    for variable in &space.variables {
        let end = start + variable.symbols.len();
        let values = &point[start..end];
        start = end;
        if variable.domain == Domain::Simplex {
            for part in values.chunks(last(variable)) {
                rounded.extend(round_on_simplex(part));
            }
        } else {
            rounded.extend(values.iter().map(nearest));
        }
    }
    rounded
}

fn last(variable: &Variable) -> usize {
    variable.shape.last().copied().unwrap_or(1).max(1)
}

fn nearest(value: &Rational) -> Rational {
    exact(value.to_f64().value()).unwrap_or_else(|| value.clone())
}

/// A binary64 as the rational it is; none where it is not finite.
pub(super) fn exact(value: f64) -> Option<Rational> {
    Enclosure::from_f64(value).as_rational()
}

fn round_on_simplex(values: &[Rational]) -> Vec<Rational> {
    let unit = Rational::from(1u64 << SIMPLEX_BITS);
    let mut rest = Rational::ONE;
    let (_, free) = values.split_last().unwrap_or((&Rational::ZERO, &[]));
    let mut rounded: Vec<Rational> = free
        .iter()
        .map(|v| {
            let part = Rational::from((v * &unit).round()) / &unit;
            rest -= &part;
            part
        })
        .collect();
    rounded.push(rest);
    rounded
}

/// Whether a point of binary64 numbers lies in its domains, structured ones included.
pub(super) fn lies_in(space: &Space, point: &[Rational]) -> bool {
    if !point.iter().all(|v| nearest(v) == *v) || !space.admits(point, usize::MAX) {
        return false;
    }
    let mut start = 0;
    space.variables.iter().all(|variable| {
        let end = start + variable.symbols.len();
        let values = &point[start..end];
        start = end;
        has_structure(variable, values)
    })
}

fn has_structure(variable: &Variable, values: &[Rational]) -> bool {
    let zero = &Rational::ZERO;
    let width = last(variable);
    match &variable.domain {
        Domain::Simplex => values.chunks(width).all(|part| {
            let sum = part.iter().fold(Rational::ZERO, |sum, v| sum + v);
            sum == Rational::ONE && part.iter().all(|v| v > zero)
        }),
        Domain::OneHot => values.chunks(width).all(|part| {
            part.iter().filter(|v| **v == Rational::ONE).count() == 1
                && part.iter().filter(|v| *v == zero).count() + 1 == part.len()
        }),
        Domain::Ordered => values.chunks(width).all(increases),
        Domain::PositiveOrdered => values
            .chunks(width)
            .all(|part| increases(part) && part.iter().all(|v| v > zero)),
        Domain::LowerCholesky => {
            values
                .iter()
                .enumerate()
                .all(|(k, v)| match ((k / width) % width, k % width) {
                    (i, j) if i < j => v == zero,
                    (i, j) if i == j => v > zero,
                    _ => true,
                })
        }
        Domain::PositiveDefinite => values
            .chunks(width * width)
            .all(|matrix| is_positive_definite(matrix, width)),
        Domain::Boolean => values.iter().all(|v| v == zero || *v == Rational::ONE),
        Domain::NonnegativeInteger => values.iter().all(|v| v.is_int() && v >= zero),
        Domain::IntegerInterval(..) => values.iter().all(Rational::is_int),
        // No binary64 point but a few lies on a sphere; specs with these have no evaluator.
        Domain::UnitVector | Domain::CorrCholesky => false,
        Domain::Real
        | Domain::Positive
        | Domain::Nonnegative
        | Domain::Negative
        | Domain::Nonzero
        | Domain::UnitInterval
        | Domain::Interval(..)
        | Domain::GreaterThan(_)
        | Domain::LessThan(_) => true,
    }
}

fn increases(values: &[Rational]) -> bool {
    values.windows(2).all(|pair| pair[0] < pair[1])
}

/// Symmetric with positive pivots, by exact elimination.
fn is_positive_definite(values: &[Rational], n: usize) -> bool {
    let mut rows: Vec<Vec<Rational>> = values.chunks(n).map(<[Rational]>::to_vec).collect();
    let symmetric = (0..n).all(|i| (0..i).all(|j| rows[i][j] == rows[j][i]));
    symmetric
        && (0..n).all(|k| {
            let pivot = rows[k][k].clone();
            if pivot <= Rational::ZERO {
                return false;
            }
            for i in k + 1..n {
                let factor = &rows[i][k] / &pivot;
                let above = rows[k].clone();
                for (entry, above) in rows[i].iter_mut().zip(&above).skip(k) {
                    *entry -= &factor * above;
                }
            }
            true
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::points::ratio;

    #[test]
    fn simplices_sum_to_one_after_rounding() {
        let rounded = round_on_simplex(&[ratio(1, 3), ratio(1, 7), ratio(11, 21)]);
        let sum = rounded.iter().fold(Rational::ZERO, |sum, v| sum + v);
        assert_eq!(sum, Rational::ONE);
        assert!(rounded.iter().all(|v| nearest(v) == *v));
    }

    #[test]
    fn pivots_tell_definite_matrices() {
        let of = |values: [i64; 4]| values.map(Rational::from).to_vec();
        assert!(is_positive_definite(&of([2, 1, 1, 1]), 2));
        assert!(!is_positive_definite(&of([1, 2, 2, 1]), 2));
        assert!(!is_positive_definite(&of([2, 1, 0, 1]), 2));
    }
}
