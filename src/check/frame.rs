//! Where a density of several coordinates has its mass: z = place + matrix·t with a lower triangular
//! matrix, an affine change of variables after which a product rule meets the density at scale 1
//! around 0. It changes no integral, whatever place and matrix are.

use crate::quadrature::{Abscissae, Product, locate_mass};
use nalgebra::DMatrix;

/// Rounds of climbing along each coordinate at most.
const ROUNDS: usize = 12;

/// A rise of the log-density that is no progress.
const FLAT: f64 = 1e-3;

/// How far the log-density falls over one width.
const FALL: f64 = 0.5;

/// A place with a scale for each coordinate.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    place: Vec<f64>,
    matrix: Vec<Vec<f64>>,
    /// Whether no higher place was found along any axis of the frame.
    settled: bool,
}

/// Widths of a peak beyond which another one is by itself.
const FAR: f64 = 5.0;

/// How much less the logarithm of a mass is that does not matter.
const FAINT: f64 = 25.0;

/// The log-density at places of one coordinate, the others fixed: those fixed, which, and where.
pub(crate) type Along<'a> = dyn FnMut(&[f64], usize, &[f64]) -> Vec<f64> + 'a;

impl Frame {
    /// No change at all.
    pub(crate) fn identity(n: usize) -> Frame {
        Frame::diagonal(vec![0.0; n], &vec![1.0; n])
    }

    fn diagonal(place: Vec<f64>, scales: &[f64]) -> Frame {
        let n = place.len();
        let row = |i: usize| {
            (0..n)
                .map(|j| if i == j { scales[i] } else { 0.0 })
                .collect()
        };
        Frame {
            matrix: (0..n).map(row).collect(),
            place,
            settled: true,
        }
    }

    /// By the mean and the Cholesky factor of the covariance of columns of draws, those far out left
    /// out.
    pub(crate) fn of_draws(columns: &[Vec<f64>]) -> Option<Frame> {
        let n = columns.len();
        // Quartiles, so that heavy tails do not count.
        let mut place = Vec::new();
        let mut spread = Vec::new();
        for column in columns {
            let mut sorted = column.clone();
            sorted.sort_by(f64::total_cmp);
            let quantile = |p: f64| sorted[(p * (sorted.len() - 1) as f64) as usize];
            place.push(quantile(0.5));
            spread.push((quantile(0.75) - quantile(0.25)) / 1.349);
        }
        let near: Vec<usize> = (0..columns[0].len())
            .filter(|&k| (0..n).all(|i| (columns[i][k] - place[i]).abs() <= 4.0 * spread[i]))
            .collect();
        let covariance = |i: usize, j: usize| {
            let products = near
                .iter()
                .map(|&k| (columns[i][k] - place[i]) * (columns[j][k] - place[j]));
            products.sum::<f64>() / near.len() as f64
        };
        let matrix = cholesky(n, &covariance)?;
        Some(Frame {
            place,
            matrix,
            settled: true,
        })
    }

    /// By a maximum of the log-density within the ranges and how it falls around it; none where
    /// nothing is found, or where it does not fall.
    pub(crate) fn of_peak(ranges: &[(f64, f64)], along: &mut Along<'_>) -> Option<Frame> {
        let start = ranges.iter().map(|&range| inside(range)).collect();
        Frame::climbed(start, ranges, along)
    }

    /// Whether climbs from far out in several directions end at other peaks that matter, too far from
    /// this one for a rule around it to meet.
    pub(crate) fn is_one_of_several(&self, ranges: &[(f64, f64)], along: &mut Along<'_>) -> bool {
        let n = ranges.len();
        let middle: Vec<f64> = ranges.iter().map(|&range| inside(range)).collect();
        let mass = |frame: &Frame, along: &mut Along<'_>| {
            along(&frame.place, 0, &[frame.place[0]])[0] + frame.determinant().ln()
        };
        let own = mass(self, along);
        (0..3usize.pow(n as u32)).any(|direction| {
            (-2..=10).any(|k| {
                let step = |i: usize| (direction / 3usize.pow(i as u32) % 3) as f64 - 1.0;
                let start: Vec<f64> = (0..n).map(|i| middle[i] + step(i) * 2f64.powi(k)).collect();
                let admitted = ranges.iter().zip(&start).all(|(r, v)| r.0 < *v && *v < r.1);
                admitted
                    && Frame::climbed(start, ranges, along).is_some_and(|other| {
                        self.distance(&other.place) > FAR && mass(&other, along) > own - FAINT
                    })
            })
        })
    }

    /// The largest coordinate of a place in the frame.
    fn distance(&self, at: &[f64]) -> f64 {
        let mut coordinates: Vec<f64> = Vec::new();
        for (i, row) in self.matrix.iter().enumerate() {
            let known = coordinates.iter().zip(row).map(|(t, m)| t * m);
            coordinates.push((at[i] - self.place[i] - known.sum::<f64>()) / row[i]);
        }
        coordinates.into_iter().map(f64::abs).fold(0.0, f64::max)
    }

    fn climbed(start: Vec<f64>, ranges: &[(f64, f64)], along: &mut Along<'_>) -> Option<Frame> {
        let n = ranges.len();
        let mut place = start;
        let mut height = f64::NEG_INFINITY;
        for _ in 0..ROUNDS {
            let before = height;
            for axis in 0..n {
                let (lower, upper) = ranges[axis];
                let mut line = |at: &Abscissae| along(&place, axis, &at.x);
                let found = locate_mass(&mut line, lower, upper, &[place[axis]]);
                let values = along(&place, axis, &found);
                let best = found.into_iter().zip(values);
                if let Some((x, value)) = best.max_by(|a, b| a.1.total_cmp(&b.1))
                    && value > height
                {
                    (place[axis], height) = (x, value);
                }
            }
            if height - before <= FLAT {
                break;
            }
        }
        let mut scales = Vec::new();
        for (axis, &range) in ranges.iter().enumerate() {
            scales.push(width(range, (&place, axis, height), along)?);
        }
        let mut frame = Frame::diagonal(place, &scales);
        if let Some(matrix) = curvature(&frame.place, &scales, height, along) {
            frame.matrix = matrix;
        }
        frame.settle(ranges, height, along);
        Some(frame)
    }

    /// Climbs along its own axes: on a narrow ridge no coordinate leads up, and an axis does.
    fn settle(&mut self, ranges: &[(f64, f64)], mut height: f64, along: &mut Along<'_>) {
        let n = self.place.len();
        for _ in 0..ROUNDS {
            let before = height;
            for axis in 0..n {
                let steps = (-8..=96).map(|k| 2f64.powf(f64::from(k) / 4.0));
                let moved: Vec<Vec<f64>> = steps
                    .flat_map(|step| [step, -step])
                    .map(|step| {
                        let coordinate = |i: usize| self.place[i] + step * self.matrix[i][axis];
                        (0..n).map(coordinate).collect()
                    })
                    .collect();
                for at in moved {
                    let inside = ranges.iter().zip(&at).all(|(r, v)| r.0 < *v && *v < r.1);
                    if !inside {
                        continue;
                    }
                    let value = along(&at, 0, &[at[0]])[0];
                    if value > height {
                        (self.place, height) = (at, value);
                    }
                }
            }
            if height - before <= FLAT {
                self.settled = true;
                return;
            }
        }
        self.settled = false;
    }

    /// Whether it is known to be where the density is highest.
    pub(crate) fn is_settled(&self) -> bool {
        self.settled
    }

    /// The factor of volume.
    pub(crate) fn determinant(&self) -> f64 {
        (0..self.place.len()).map(|i| self.matrix[i][i]).product()
    }

    /// All coordinates of z but the last, and the column of the last.
    pub(crate) fn places(&self, fixed: &[f64], last: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let row = |i: usize| -> f64 {
            let known = fixed.iter().zip(&self.matrix[i]).map(|(t, m)| t * m);
            self.place[i] + known.sum::<f64>()
        };
        let n = self.place.len() - 1;
        let start = row(n);
        (
            (0..n).map(row).collect(),
            last.iter().map(|t| start + self.matrix[n][n] * t).collect(),
        )
    }

    /// Whether a product rule on a box, which does not move with the frame, has places as close
    /// together around it as the density is wide there.
    pub(crate) fn is_met(&self, ranges: &[(f64, f64)]) -> bool {
        let wide = |i: usize| self.matrix[i].iter().map(|m| m * m).sum::<f64>().sqrt();
        self.settled
            && (0..ranges.len()).all(|i| Product::spacing(ranges, i, self.place[i]) <= wide(i))
    }
}

/// A place between two ends.
fn inside((lower, upper): (f64, f64)) -> f64 {
    match (lower.is_finite(), upper.is_finite()) {
        (true, true) => f64::midpoint(lower, upper),
        (true, false) => lower + 1.0,
        (false, true) => upper - 1.0,
        (false, false) => 0.0,
    }
}

/// How far from a maximum the log-density has fallen, on the side where that is nearer.
fn width(
    (lower, upper): (f64, f64),
    (place, axis, height): (&[f64], usize, f64),
    along: &mut Along<'_>,
) -> Option<f64> {
    let mut nearest: Option<f64> = None;
    for side in [-1.0, 1.0] {
        // From wide to narrow: the last step at which it has not yet fallen too far.
        let steps: Vec<f64> = (-200..=400)
            .rev()
            .map(|k| 2f64.powf(f64::from(k) / 4.0))
            .filter(|s| place[axis] + side * s > lower && place[axis] + side * s < upper)
            .collect();
        let places: Vec<f64> = steps.iter().map(|s| place[axis] + side * s).collect();
        let values = along(place, axis, &places);
        let far = values.iter().position(|v| height - v <= FALL)?;
        // Where the end comes first, the density need not fall.
        if far > 0 {
            nearest = Some(nearest.map_or(steps[far], |n| n.min(steps[far])));
        }
    }
    nearest.filter(|s| *s > 0.0)
}

/// The Cholesky factor of the inverse of minus the second derivatives.
fn curvature(
    place: &[f64],
    scales: &[f64],
    height: f64,
    along: &mut Along<'_>,
) -> Option<Vec<Vec<f64>>> {
    let n = place.len();
    let mut value = |steps: &[(usize, f64)]| {
        let mut at = place.to_vec();
        for &(axis, step) in steps {
            at[axis] += step * scales[axis];
        }
        along(&at, 0, &[at[0]])[0]
    };
    let second = DMatrix::from_fn(n, n, |i, j| {
        if i == j {
            return 2.0 * height - value(&[(i, 1.0)]) - value(&[(i, -1.0)]);
        }
        let same = value(&[(i, 1.0), (j, 1.0)]) + value(&[(i, -1.0), (j, -1.0)]);
        let other = value(&[(i, 1.0), (j, -1.0)]) + value(&[(i, -1.0), (j, 1.0)]);
        (other - same) / 4.0
    });
    let inverse = second.cholesky()?.inverse();
    cholesky(n, &|i, j| inverse[(i, j)] * scales[i] * scales[j])
}

/// L with L·Lᵀ = A, by rows; none where A is not positive definite.
fn cholesky(n: usize, a: &dyn Fn(usize, usize) -> f64) -> Option<Vec<Vec<f64>>> {
    let l = DMatrix::from_fn(n, n, a).cholesky()?.unpack();
    let usable = l.iter().all(|v| v.is_finite()) && (0..n).all(|i| l[(i, i)] > 0.0);
    usable.then(|| {
        l.row_iter()
            .map(|row| row.iter().copied().collect())
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A correlated normal law far from 0, and what its frame makes of it.
    #[test]
    fn peaks_are_found_far_from_zero() {
        let line = (f64::NEG_INFINITY, f64::INFINITY);
        let log = |x: f64, y: f64| {
            let (a, b) = ((x - 1840.0) / 0.075, (y + 3.0) / 16.0);
            -(a * a - 1.8 * a * b + b * b) / 0.38
        };
        let frame = Frame::of_peak(&[line; 2], &mut |at, axis, places| {
            let value = |&v: &f64| {
                if axis == 0 {
                    log(v, at[1])
                } else {
                    log(at[0], v)
                }
            };
            places.iter().map(value).collect()
        })
        .unwrap();
        assert!((frame.place[0] - 1840.0).abs() < 0.075, "{frame:?}");
        assert!((frame.place[1] + 3.0).abs() < 16.0, "{frame:?}");
        assert!((frame.matrix[0][0] / 0.075 - 1.0).abs() < 0.1, "{frame:?}");
        let determinant = 0.075 * 16.0 * (0.19f64).sqrt();
        assert!((frame.determinant() / determinant - 1.0).abs() < 0.2);
    }
}
