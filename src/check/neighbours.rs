//! Points next to a point, along the domains: what tells an isolated mistake from a real one.
//!
//! A component of an elementwise domain moves by itself; a vector or matrix of a structured domain
//! moves to another exact element of it. Law: neighbours lie in the domains
//! (`neighbours_lie_in_their_domains`).

use super::points::{Point, Space, power_of_ten, ratio};
use crate::language::Domain;
use crate::model::Variable;
use crate::number::Rational;

/// The relative size of a move.
const STEP: i32 = -12;

/// The point with `places` moved up, or down; what has no neighbour there stays.
pub(crate) fn neighbour(space: &Space, point: &[Rational], places: &[usize], up: bool) -> Point {
    let mut near = point.to_vec();
    let mut start = 0;
    for variable in &space.variables {
        let end = start + variable.symbols.len();
        if variable.domain.is_elementwise() {
            for place in places.iter().copied().filter(|p| (start..end).contains(p)) {
                let moved = shifted(&near[place], up);
                let before = std::mem::replace(&mut near[place], moved);
                if !space.admits(&near, place) {
                    // An integer has no neighbour.
                    near[place] = before;
                }
            }
        } else if places.iter().any(|p| (start..end).contains(p)) {
            moved(variable, &mut near[start..end], up);
        }
        start = end;
    }
    near
}

fn step(up: bool) -> Rational {
    power_of_ten(STEP) * ratio(if up { 1 } else { -1 }, 1)
}

fn shifted(value: &Rational, up: bool) -> Rational {
    let size = if *value < Rational::ZERO {
        -value.clone()
    } else {
        value.clone()
    };
    value + step(up) * (Rational::ONE + size)
}

/// Moves a value of a structured domain inside it, every row of it.
fn moved(variable: &Variable, values: &mut [Rational], up: bool) {
    let n = variable.shape.last().copied().unwrap_or(1).max(1);
    for (i, row) in values.chunks_mut(n).enumerate() {
        let i = i % n;
        match variable.domain {
            Domain::Simplex => towards_the_middle(row),
            Domain::UnitVector => reflect(row, up),
            Domain::CorrCholesky => reflect(&mut row[..=i], up),
            Domain::LowerCholesky => {
                for value in &mut row[..=i] {
                    *value = &*value * (Rational::ONE + step(up)) + lift(value, up);
                }
            }
            // Larger on the diagonal it stays definite.
            Domain::PositiveDefinite => row[i] = shifted(&row[i], true),
            // Steps between the components grow or shrink together, so that the order stays.
            Domain::Ordered | Domain::PositiveOrdered => {
                for value in row {
                    *value = &*value * (Rational::ONE + step(up));
                }
            }
            Domain::OneHot
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
            | Domain::NonnegativeInteger => {}
        }
    }
}

/// What moves a zero, which no factor does.
fn lift(value: &Rational, up: bool) -> Rational {
    if value.is_zero() {
        step(up)
    } else {
        Rational::ZERO
    }
}

/// A convex combination with a point inside that is not the centre, so that ties are broken.
fn towards_the_middle(row: &mut [Rational]) {
    let n = row.len() as i64;
    let total = ratio(n * (n + 1) / 2, 1);
    let mut inner: Vec<Rational> = (1..=n).map(|k| ratio(k, 1) / &total).collect();
    if row == inner.as_slice() {
        inner.reverse();
    }
    for (value, inner) in row.iter_mut().zip(inner) {
        *value = &*value + step(true) * (inner - &*value);
    }
}

/// Turns a vector a little without changing its norm, by a reflection in a plane that almost
/// holds it.
fn reflect(row: &mut [Rational], up: bool) {
    let direction: Vec<Rational> = (0..row.len())
        .map(|k| ratio(2 * k as i64 + 3, k as u64 + 1))
        .collect();
    let dot = |a: &[Rational], b: &[Rational]| {
        a.iter()
            .zip(b)
            .map(|(x, y)| x * y)
            .fold(Rational::ZERO, |s, t| s + t)
    };
    let along = dot(&direction, row);
    let norm = dot(row, row);
    let share = Rational::ONE - step(up);
    let normal: Vec<Rational> = direction
        .iter()
        .zip(row.iter())
        .map(|(d, v)| d - v * &along / &norm * &share)
        .collect();
    let length = dot(&normal, &normal);
    let across = dot(&normal, row);
    // Along the vector itself a reflection would turn it round.
    if length.is_zero() || &across * &across == &length * &norm {
        return;
    }
    let factor = across / length * ratio(2, 1);
    for (value, n) in row.iter_mut().zip(&normal) {
        *value = &*value - n * &factor;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::points::Kind;
    use crate::check::support::conditions;
    use crate::graph::Graph;
    use crate::number::Exact;
    use crate::tape::Tape;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    #[test]
    fn neighbours_lie_in_their_domains() {
        let domains = [
            (Domain::Simplex, vec![3]),
            (Domain::UnitVector, vec![3]),
            (Domain::UnitVector, vec![2]),
            (Domain::Ordered, vec![3]),
            (Domain::PositiveOrdered, vec![3]),
            (Domain::LowerCholesky, vec![2, 2]),
            (Domain::CorrCholesky, vec![3, 3]),
            (Domain::PositiveDefinite, vec![2, 2]),
        ];
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        for (domain, shape) in domains {
            let mut graph = Graph::new();
            let size: usize = shape.iter().product();
            let symbols: Vec<_> = (0..size).map(|i| graph.symbol("v", &[i])).collect();
            let variable = Variable {
                name: "v".to_owned(),
                shape,
                symbols,
                domain,
                range: None,
            };
            let wanted = conditions(&mut graph, &variable);
            let terms: Vec<_> = wanted.iter().map(|c| c.term).collect();
            let space = Space::new(&graph, vec![variable.clone()]);
            let tape = Tape::new(&graph, &space.symbols, &terms).unwrap();
            for kind in [Kind::Simple(4), Kind::Random, Kind::Equal] {
                for up in [true, false] {
                    let point = space.draw(kind, &mut rng).unwrap();
                    let near = neighbour(&space, &point, &[0], up);
                    assert_ne!(point, near, "{:?}", variable.domain);
                    let inputs: Vec<Exact> = near.into_iter().map(Exact::new).collect();
                    for (value, condition) in tape.evaluate(&inputs, &()).iter().zip(&wanted) {
                        let value = value.value().unwrap();
                        let holds = if condition.vanishes {
                            value.is_zero()
                        } else {
                            *value > Rational::ZERO
                        };
                        assert!(holds, "{:?}: {}", variable.domain, condition.says);
                    }
                }
            }
        }
    }
}
