//! Values of each domain, made from those of a [`Source`] by rational operations, so that they lie in
//! it exactly. Law: test `points_lie_in_their_domains`.

use super::source::Source;
use super::{Limit, is_between, ratio};
use crate::language::Domain;
use crate::model::{Variable, free_coordinates};
use crate::number::Rational;

/// Values of a structured domain that are tried until one lies in its range.
const NARROWING: usize = 200;

/// A value strictly between two limits.
pub(super) fn between(low: &Limit, high: &Limit, source: &mut impl Source) -> Option<Rational> {
    match (low, high) {
        (None, None) => Some(source.real()),
        (Some(low), None) => Some(low + source.positive()),
        (None, Some(high)) => Some(high - source.positive()),
        (Some(low), Some(high)) => {
            let width = high - low;
            (width > Rational::ZERO).then(|| low + width * source.unit())
        }
    }
}

/// A value in a range, which may be a single one.
pub(super) fn in_range(low: &Limit, high: &Limit, source: &mut impl Source) -> Option<Rational> {
    match (low, high) {
        (Some(only), Some(high)) if only == high => Some(only.clone()),
        _ => between(low, high, source),
    }
}

fn integer_between(low: &Limit, high: &Limit, source: &mut impl Source) -> Option<Rational> {
    let low = low
        .as_ref()
        .map_or(dashu_int::IBig::from(-20), Rational::ceil);
    let high = high.as_ref().map_or(&low + 40, Rational::floor);
    if low > high {
        return None;
    }
    let count = u64::try_from(&high - &low)
        .unwrap_or(u64::MAX)
        .min(1_000_000)
        + 1;
    Some(Rational::from(low + source.index(count)))
}

/// A rational point of the unit sphere, by stereographic projection from the last axis; the last
/// coordinate is made positive when `upper` is set.
fn unit_vector(n: usize, upper: bool, source: &mut impl Source) -> Vec<Rational> {
    if n == 0 {
        return Vec::new();
    }
    let mut t: Vec<Rational> = (1..n).map(|_| source.real()).collect();
    let mut norm: Rational = t.iter().map(|v| v * v).fold(Rational::ZERO, |a, b| a + b);
    if upper && norm >= Rational::ONE {
        // Inversion maps the lower half to the upper one.
        for v in &mut t {
            *v = &*v / (&norm * ratio(2, 1));
        }
        norm = t.iter().map(|v| v * v).fold(Rational::ZERO, |a, b| a + b);
    }
    let below = Rational::ONE + &norm;
    let mut point: Vec<Rational> = t.iter().map(|v| v * ratio(2, 1) / &below).collect();
    point.push((Rational::ONE - norm) / below);
    point
}

pub(super) fn values_in<S: Source>(
    domain: &Domain,
    shape: &[usize],
    limits: &[Limit],
    source: &mut S,
) -> Option<Vec<Rational>> {
    let size: usize = shape.iter().product();
    let each = |source: &mut S, value: fn(&mut S, &[Limit]) -> Option<Rational>| {
        (0..size)
            .map(|_| value(source, limits))
            .collect::<Option<Vec<_>>>()
    };
    match domain {
        Domain::Real => each(source, |s, _| Some(s.real())),
        Domain::Positive | Domain::Nonnegative => each(source, |s, _| Some(s.positive())),
        Domain::Negative => each(source, |s, _| Some(-s.positive())),
        Domain::Nonzero => each(source, |s, _| Some(s.nonzero())),
        Domain::UnitInterval => each(source, |s, _| Some(s.unit())),
        Domain::Interval(..) => each(source, |s, l| between(&l[0], &l[1], s)),
        Domain::GreaterThan(_) => each(source, |s, l| between(&l[0], &None, s)),
        Domain::LessThan(_) => each(source, |s, l| between(&None, &l[0], s)),
        Domain::Boolean => each(source, |s, _| Some(Rational::from(s.index(2)))),
        Domain::IntegerInterval(..) => each(source, |s, l| integer_between(&l[0], &l[1], s)),
        Domain::NonnegativeInteger => each(source, |s, _| {
            integer_between(&Some(Rational::ZERO), &None, s)
        }),
        Domain::Simplex => Some(rows(shape, source, |n, s| {
            let weights: Vec<Rational> = (0..n).map(|_| s.positive()).collect();
            let total = weights.iter().fold(Rational::ZERO, |a, b| a + b);
            weights.iter().map(|w| w / &total).collect()
        })),
        Domain::OneHot => Some(rows(shape, source, |n, s| {
            let hot = s.index(n as u64) as usize;
            (0..n)
                .map(|i| {
                    if i == hot {
                        Rational::ONE
                    } else {
                        Rational::ZERO
                    }
                })
                .collect()
        })),
        Domain::Ordered | Domain::PositiveOrdered => Some(rows(shape, source, |n, s| {
            let mut at = if matches!(domain, Domain::Ordered) {
                s.real()
            } else {
                s.positive()
            };
            (0..n)
                .map(|_| {
                    let value = at.clone();
                    at = &at + s.positive();
                    value
                })
                .collect()
        })),
        Domain::UnitVector => Some(rows(shape, source, |n, s| unit_vector(n, false, s))),
        Domain::LowerCholesky => Some(lower(shape, source, |row, s| {
            (0..=row)
                .map(|j| if j == row { s.positive() } else { s.real() })
                .collect()
        })),
        Domain::CorrCholesky => Some(lower(shape, source, |row, s| unit_vector(row + 1, true, s))),
        Domain::PositiveDefinite => {
            let factor = lower(shape, source, |row, s| {
                (0..=row)
                    .map(|j| if j == row { s.positive() } else { s.real() })
                    .collect()
            });
            let n = shape.last().copied().unwrap_or(0);
            Some(
                (0..n * n)
                    .map(|k| {
                        let (i, j) = (k / n, k % n);
                        (0..n)
                            .map(|l| &factor[i * n + l] * &factor[j * n + l])
                            .fold(Rational::ZERO, |a, b| a + b)
                    })
                    .collect(),
            )
        }
    }
}

/// A value of a structured domain whose free components lie between the limits: those of a
/// triangular matrix are chosen there, of the others a value is kept that happens to.
pub(super) fn narrowed(
    variable: &Variable,
    limits: &[Limit],
    source: &mut impl Source,
) -> Option<Vec<Rational>> {
    let Variable { domain, shape, .. } = variable;
    let half = limits.len() / 2;
    let limits_of = |i: usize| (&limits[i.min(half - 1)], &limits[half + i.min(half - 1)]);
    let free = free_coordinates(domain, shape);
    if *domain == Domain::LowerCholesky {
        let n = shape.last().copied().unwrap_or(1).max(1);
        let mut values = vec![Rational::ZERO; variable.symbols.len()];
        for i in free {
            let (low, high) = limits_of(i);
            let on_diagonal = i / n % n == i % n;
            let low = match low {
                Some(low) if on_diagonal && *low < Rational::ZERO => &Some(Rational::ZERO),
                None if on_diagonal => &Some(Rational::ZERO),
                other => other,
            };
            values[i] = in_range(low, high, source)?;
        }
        return Some(values);
    }
    (0..NARROWING).find_map(|_| {
        let values = values_in(domain, shape, &[], source)?;
        let inside = free.iter().all(|&i| {
            let (low, high) = limits_of(i);
            is_between(&values[i], low, high)
        });
        inside.then_some(values)
    })
}

/// Values for each vector along the last axis.
fn rows<S: Source>(
    shape: &[usize],
    source: &mut S,
    mut row: impl FnMut(usize, &mut S) -> Vec<Rational>,
) -> Vec<Rational> {
    let n = shape.last().copied().unwrap_or(1);
    let count: usize = shape.iter().rev().skip(1).product();
    (0..count).flat_map(|_| row(n, source)).collect()
}

/// A lower triangular matrix from its rows up to the diagonal.
fn lower<S: Source>(
    shape: &[usize],
    source: &mut S,
    mut row: impl FnMut(usize, &mut S) -> Vec<Rational>,
) -> Vec<Rational> {
    let n = shape.last().copied().unwrap_or(0);
    (0..n)
        .flat_map(|i| {
            let mut values = row(i, source);
            values.resize(n, Rational::ZERO);
            values
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::points::{Kind, Space};
    use crate::graph::Graph;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    fn total(values: impl Iterator<Item = Rational>) -> Rational {
        values.fold(Rational::ZERO, |a, b| a + b)
    }

    fn norm(row: &[Rational]) -> Rational {
        total(row.iter().map(|v| v * v))
    }

    /// The leading minors of a 3×3 matrix.
    fn minors(m: &[Rational]) -> [Rational; 3] {
        let two = |a: usize, b: usize, c: usize, d: usize| &m[a] * &m[d] - &m[b] * &m[c];
        [
            m[0].clone(),
            two(0, 1, 3, 4),
            &m[0] * two(4, 5, 7, 8) - &m[1] * two(3, 5, 6, 8) + &m[2] * two(3, 4, 6, 7),
        ]
    }

    fn holds(domain: &Domain, v: &[Rational]) -> bool {
        let (zero, one) = (&Rational::ZERO, &Rational::ONE);
        let (low, high) = (&ratio(-3, 2), &ratio(7, 1));
        let above_is_zero = || [1, 2, 5].iter().all(|&k| v[k] == *zero);
        let diagonal = || [0, 4, 8].iter().all(|&k| v[k] > *zero);
        match domain {
            Domain::Real => true,
            Domain::Positive => v.iter().all(|v| v > zero),
            Domain::Nonnegative => v.iter().all(|v| v >= zero),
            Domain::Negative => v.iter().all(|v| v < zero),
            Domain::Nonzero => v.iter().all(|v| v != zero),
            Domain::UnitInterval => v.iter().all(|v| v > zero && v < one),
            Domain::Interval(..) => v.iter().all(|v| v > low && v < high),
            Domain::GreaterThan(_) => v.iter().all(|v| v > low),
            Domain::LessThan(_) => v.iter().all(|v| v < high),
            Domain::Boolean => v.iter().all(|v| v == zero || v == one),
            Domain::IntegerInterval(..) => v.iter().all(|v| v.is_int() && v >= low && v <= high),
            Domain::NonnegativeInteger => v.iter().all(|v| v.is_int() && v >= zero),
            Domain::Simplex => v.iter().all(|v| v > zero) && total(v.iter().cloned()) == *one,
            Domain::OneHot => {
                v.iter().all(|v| v == zero || v == one) && total(v.iter().cloned()) == *one
            }
            Domain::Ordered => v.windows(2).all(|p| p[0] < p[1]),
            Domain::PositiveOrdered => v[0] > *zero && v.windows(2).all(|p| p[0] < p[1]),
            Domain::UnitVector => norm(v) == *one,
            Domain::LowerCholesky => above_is_zero() && diagonal(),
            Domain::CorrCholesky => {
                above_is_zero() && diagonal() && v.chunks(3).all(|row| norm(row) == *one)
            }
            Domain::PositiveDefinite => {
                let symmetric = v[1] == v[3] && v[2] == v[6] && v[5] == v[7];
                symmetric && minors(v).iter().all(|minor| minor > zero)
            }
        }
    }

    #[test]
    fn points_lie_in_their_domains() {
        let mut graph = Graph::new();
        let low = graph.constant(ratio(-3, 2));
        let high = graph.constant(ratio(7, 1));
        let domains = [
            (Domain::Real, 3),
            (Domain::Positive, 3),
            (Domain::Nonnegative, 3),
            (Domain::Negative, 3),
            (Domain::Nonzero, 3),
            (Domain::UnitInterval, 3),
            (Domain::Interval(low, high), 3),
            (Domain::GreaterThan(low), 3),
            (Domain::LessThan(high), 3),
            (Domain::Boolean, 3),
            (Domain::IntegerInterval(low, high), 3),
            (Domain::NonnegativeInteger, 3),
            (Domain::Simplex, 3),
            (Domain::OneHot, 3),
            (Domain::Ordered, 3),
            (Domain::PositiveOrdered, 3),
            (Domain::UnitVector, 3),
            (Domain::LowerCholesky, 9),
            (Domain::CorrCholesky, 9),
            (Domain::PositiveDefinite, 9),
        ];
        let kinds = [
            Kind::Simple(3),
            Kind::Simple(12),
            Kind::Random,
            Kind::Corner,
            Kind::Equal,
        ];
        for (domain, size) in domains {
            let symbols = (0..size).map(|i| graph.symbol("v", &[i])).collect();
            let variable = Variable {
                name: "v".to_owned(),
                shape: if size == 9 { vec![3, 3] } else { vec![3] },
                symbols,
                domain: domain.clone(),
                range: None,
            };
            let space = Space::new(&graph, vec![variable]);
            let mut rng = ChaCha8Rng::seed_from_u64(7);
            for round in 0..200 {
                let kind = kinds[round % kinds.len()];
                let point = space.draw(kind, &mut rng).expect("the domain has room");
                assert!(holds(&domain, &point), "{domain:?}, {kind:?}: {point:?}");
            }
        }
    }
}
