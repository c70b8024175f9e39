//! A block of the Jacobian at one choice of parameters, J₀ + Σ sₖJₖ for terms sₖ of the noise, and
//! whether it is definite, or its principal minors are positive, wherever they lie in their ranges.
//!
//! Everything is enclosed; the matrix M that makes it so owes nothing to how it was found.

use super::multiplier::multiplier;
use super::split::Split;
use crate::algebra::Block;
use crate::check::monotone::{Cover, Reach, Sides};
use crate::graph::{Graph, Id};
use crate::number::{Binary, Interval, Number, Open};
use crate::tape::Tape;
use nalgebra::DMatrix;

/// The largest block of which all principal minors are enclosed.
const LARGEST_MINORS: usize = 4;

/// A block of the Jacobian at one choice of parameters: J₀, and the terms sₖ each with Jₖ.
pub(super) struct Pencil {
    constant: Vec<Interval>,
    parts: Vec<Vec<Interval>>,
    size: usize,
}

/// The coefficients at exact parameters; none where one is not a finite number.
pub(super) fn pencil(
    graph: &Graph,
    givens: &[Id],
    at: &[Interval],
    block: &Block,
    split: &Split,
) -> Option<Pencil> {
    let all: Vec<Id> = split.coefficients.iter().flatten().copied().collect();
    let values: Vec<Interval> = Tape::new(graph, givens, &all).ok()?.evaluate(at, &());
    if values.iter().any(|v| !v.is_finite()) {
        return None;
    }
    let width = 1 + split.terms.len();
    let part = |k: usize| values.iter().skip(k).step_by(width).copied().collect();
    Some(Pencil {
        constant: part(0),
        parts: (1..width).map(part).collect(),
        size: block.size(),
    })
}

/// The ranges of terms that are all continuous and bounded.
pub(super) fn ranges(values: &[Open]) -> Option<Vec<Interval>> {
    values
        .iter()
        .map(|value| {
            let [(lo, _), (hi, _)] = value.ends();
            let bounded = value.is_regular() && lo.is_finite() && hi.is_finite();
            bounded.then(|| Interval::new(lo, hi))
        })
        .collect()
}

/// What a block was decided by at one choice of parameters.
pub(super) struct Decided {
    pub(super) reach: Reach,
    pub(super) boxes: usize,
    /// Whether the bound from below is positive everywhere, by definiteness.
    pub(super) onto: bool,
}

impl Pencil {
    /// Whether the block is one-to-one by one theorem or the other, M being found from draws of the
    /// noise and the corners of what the terms range over.
    pub(super) fn decided(
        &self,
        graph: &Graph,
        cover: &Cover,
        (sides, given): (&Sides, usize),
        (draws, tape): (&[Vec<f64>], &Tape),
        terms: &[Id],
    ) -> Option<Decided> {
        let seen: Vec<DMatrix<f64>> = draws
            .iter()
            .map(|at| self.at(&tape.evaluate(at, &())))
            .filter(|j| j.iter().all(|v| v.is_finite()))
            .collect();
        let candidates = [
            multiplier(&self.corners(tape, sides, given)),
            multiplier(&seen),
        ];
        let by_definiteness = candidates.iter().flatten().find_map(|m| {
            let definite =
                |values: &[Open]| ranges(values).is_some_and(|ranges| self.is_definite(m, &ranges));
            cover.decide(graph, terms, sides, definite, true)
        });
        if let Some((reach, boxes)) = by_definiteness {
            let onto = true;
            return Some(Decided { reach, boxes, onto });
        }
        let m = candidates.into_iter().flatten().last()?;
        if self.size > LARGEST_MINORS {
            return None;
        }
        let minors = |values: &[Open]| {
            ranges(values).is_some_and(|ranges| self.has_positive_minors(&m, &ranges))
        };
        // Differentiable everywhere, the sides between boxes included.
        let (reach, boxes) = cover.decide(graph, terms, sides, minors, false)?;
        let onto = false;
        Some(Decided { reach, boxes, onto })
    }

    /// J in binary64.
    fn at(&self, terms: &[f64]) -> DMatrix<f64> {
        DMatrix::from_fn(self.size, self.size, |i, j| {
            let place = i * self.size + j;
            let parts = self.parts.iter().zip(terms);
            let sum: f64 = parts.map(|(part, s)| part[place].midpoint() * s).sum();
            self.constant[place].midpoint() + sum
        })
    }

    /// J where each term is at an end of its range over all of the noise; none where a range is not
    /// bounded.
    fn corners(&self, tape: &Tape, sides: &Sides, given: usize) -> Vec<DMatrix<f64>> {
        let inputs: Vec<Open> = sides
            .iter()
            .enumerate()
            .map(|(i, &(lo, hi))| Open::between((lo, i >= given), (hi, i >= given)))
            .collect();
        let Some(ranges) = ranges(&tape.evaluate(&inputs, &())) else {
            return Vec::new();
        };
        (0..1usize << ranges.len())
            .map(|corner| {
                let end = |(k, range): (usize, &Interval)| match corner >> k & 1 {
                    1 => range.hi(),
                    _ => range.lo(),
                };
                let terms: Vec<f64> = ranges.iter().enumerate().map(end).collect();
                self.at(&terms)
            })
            .collect()
    }

    /// M·J where each term lies in its range.
    fn product(&self, m: &DMatrix<f64>, terms: &[Interval]) -> Vec<Vec<Interval>> {
        let n = self.size;
        let entry = |place: usize| {
            let parts = self.parts.iter().zip(terms);
            parts.fold(self.constant[place], |sum, (part, &s)| {
                add(sum, mul(part[place], s))
            })
        };
        let j: Vec<Interval> = (0..n * n).map(entry).collect();
        let dot = |i: usize, c: usize| {
            (0..n).fold(Interval::point(0.0), |sum, k| {
                add(sum, mul(Interval::point(m[(i, k)]), j[k * n + c]))
            })
        };
        (0..n)
            .map(|i| (0..n).map(|c| dot(i, c)).collect())
            .collect()
    }

    /// Whether M·J + (M·J)ᵀ is positive definite wherever the terms lie in their ranges: it is
    /// affine in them, so that the ends of the ranges decide.
    fn is_definite(&self, m: &DMatrix<f64>, ranges: &[Interval]) -> bool {
        (0..1usize << ranges.len()).all(|corner| {
            let mut repeated = false;
            let terms: Vec<Interval> = ranges
                .iter()
                .enumerate()
                .map(|(k, range)| {
                    let high = corner >> k & 1 == 1;
                    repeated |= high && range.lo() == range.hi();
                    Interval::point(if high { range.hi() } else { range.lo() })
                })
                .collect();
            repeated || is_positive_definite(&self.product(m, &terms))
        })
    }

    /// Whether every principal minor of M·J is positive wherever the terms lie in their ranges.
    fn has_positive_minors(&self, m: &DMatrix<f64>, ranges: &[Interval]) -> bool {
        let product = self.product(m, ranges);
        (1..1usize << self.size).all(|chosen| {
            let kept: Vec<usize> = (0..self.size).filter(|i| chosen >> i & 1 == 1).collect();
            let rows: Vec<Vec<Interval>> = kept
                .iter()
                .map(|&i| kept.iter().map(|&j| product[i][j]).collect())
                .collect();
            determinant(&rows).certainly_positive()
        })
    }
}

pub(super) fn add(x: Interval, y: Interval) -> Interval {
    Interval::binary(Binary::Add, &x, &y, &())
}

fn sub(x: Interval, y: Interval) -> Interval {
    Interval::binary(Binary::Sub, &x, &y, &())
}

pub(super) fn mul(x: Interval, y: Interval) -> Interval {
    Interval::binary(Binary::Mul, &x, &y, &())
}

/// Whether A + Aᵀ is positive definite: every pivot of its elimination is positive.
fn is_positive_definite(a: &[Vec<Interval>]) -> bool {
    let n = a.len();
    let mut s: Vec<Vec<Interval>> = (0..n)
        .map(|i| (0..n).map(|j| add(a[i][j], a[j][i])).collect())
        .collect();
    for k in 0..n {
        let pivot = s[k][k];
        if !pivot.certainly_positive() {
            return false;
        }
        for i in k + 1..n {
            let factor = Interval::binary(Binary::Div, &s[i][k], &pivot, &());
            let above = s[k].clone();
            for (entry, &up) in s[i].iter_mut().zip(&above).skip(k + 1) {
                *entry = sub(*entry, mul(factor, up));
            }
        }
    }
    true
}

/// A determinant, expanded along its first row.
pub(super) fn determinant(rows: &[Vec<Interval>]) -> Interval {
    let Some((first, below)) = rows.split_first() else {
        return Interval::point(1.0);
    };
    let mut total = Interval::point(0.0);
    for (column, &entry) in first.iter().enumerate() {
        let rest: Vec<Vec<Interval>> = below
            .iter()
            .map(|row| [&row[..column], &row[column + 1..]].concat())
            .collect();
        let term = mul(entry, determinant(&rest));
        total = if column % 2 == 0 {
            add(total, term)
        } else {
            sub(total, term)
        };
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The matrices that are accepted have no vector that they turn by a right angle or more,
        /// at the corners and between them.
        #[test]
        fn definite_pencils_are_definite_inside(
            entries in prop::collection::vec(-4i32..=4, 12),
            share in prop::collection::vec(0u8..=8, 2),
            x in prop::collection::vec(-5i32..=5, 2),
        ) {
            let part = |k: usize| -> Vec<Interval> {
                entries[4 * k..4 * k + 4]
                    .iter()
                    .map(|&v| Interval::point(f64::from(v)))
                    .collect()
            };
            let pencil = Pencil { constant: part(0), parts: vec![part(1), part(2)], size: 2 };
            let ranges = [Interval::new(-0.5, 1.0), Interval::new(0.0, 2.0)];
            let identity = DMatrix::identity(2, 2);
            prop_assume!(x != [0, 0]);
            if pencil.is_definite(&identity, &ranges) {
                let at: Vec<f64> = ranges
                    .iter()
                    .zip(&share)
                    .map(|(r, &s)| r.lo() + (r.hi() - r.lo()) * f64::from(s) / 8.0)
                    .collect();
                let j = pencil.at(&at);
                let x = nalgebra::DVector::from_iterator(2, x.iter().map(|&v| f64::from(v)));
                prop_assert!(x.dot(&(&j * &x)) > 0.0);
            }
        }

        /// A matrix with positive principal minors turns the sign of no vector (Gale & Nikaido,
        /// theorem 2), and enclosed minors are those of the matrices inside.
        #[test]
        fn positive_minors_turn_no_vector(
            entries in prop::collection::vec(-4i32..=4, 9),
            x in prop::collection::vec(-5i32..=5, 3),
        ) {
            let constant = entries.iter().map(|&v| Interval::point(f64::from(v))).collect();
            let pencil = Pencil { constant, parts: Vec::new(), size: 3 };
            prop_assume!(x != [0, 0, 0]);
            if pencil.has_positive_minors(&DMatrix::identity(3, 3), &[]) {
                let j = pencil.at(&[]);
                let x = nalgebra::DVector::from_iterator(3, x.iter().map(|&v| f64::from(v)));
                let y = &j * &x;
                prop_assert!((0..3).any(|i| x[i] * y[i] > 0.0));
            }
        }
    }
}
