//! log |det J| and log √det JᵀJ of numbers, by factorizations of nalgebra's, with what rounding may
//! have done to them.
//!
//! The LU factors are those of a matrix J + E with |E| ≤ γ|L||U| (Higham 2002, theorem 9.3), so the
//! logarithm of the determinant is off by tr(J⁻¹E) to first order. That bound does not grow with the
//! sizes of rows and columns, and is n·γ for a triangular matrix however badly conditioned. A route
//! whose bound is too wide is not taken.

use crate::algebra::Block;
use nalgebra::DMatrix;

/// A bound on the error of a logarithm above which it shows nothing.
const TOO_WIDE: f64 = 1e-6;

/// The relative error of an entry.
const ENTRY: f64 = 1e-11;

/// The ratio of singular values above which they show nothing, for matrices that are not square.
const CONDITION: f64 = 1e8;

/// Matrices up to this size are factored whole beside by blocks.
const WHOLE: usize = 32;

/// A logarithm of a volume.
pub(super) struct LogVolume {
    /// Its value.
    pub(super) log: f64,
    /// How far off it may be.
    pub(super) error: f64,
}

/// What is computed, and how it is called.
type Named = (&'static str, LogVolume);

/// The routes that can be taken with these entries, by rows.
pub(super) fn routes(rows: usize, n: usize, entries: &[f64], blocks: &[Block]) -> Vec<Named> {
    let matrix = DMatrix::from_row_slice(rows, n, entries);
    if rows != n {
        let singular = matrix.singular_values();
        if singular.min() * CONDITION < singular.max() {
            return Vec::new();
        }
        let log = singular.iter().map(|s| s.ln()).sum();
        let error = TOO_WIDE;
        return vec![("the volume by singular values", LogVolume { log, error })];
    }
    let mut found = Vec::new();
    let order = |of: fn(&Block) -> &[usize]| -> Vec<usize> {
        let reversed = blocks.iter().rev();
        reversed.flat_map(|b| of(b).iter().copied()).collect()
    };
    let (by_rows, by_columns) = (order(|b| &b.rows), order(|b| &b.columns));
    if by_rows.len() != n || by_columns.len() != n {
        return found;
    }
    if n <= WHOLE {
        // In this order it is upper triangular but for its blocks, and no pivot has to be looked for
        // outside of them. Another order of rows and columns changes the sign at most.
        let ordered = DMatrix::from_fn(n, n, |i, j| matrix[(by_rows[i], by_columns[j])]);
        found.extend(by_lu(ordered).map(|v| ("the LU determinant", v)));
    }
    let by_blocks = is_triangular(&matrix, &by_rows, &by_columns, blocks).then(|| {
        blocks.iter().try_fold(
            LogVolume {
                log: 0.0,
                error: 0.0,
            },
            |sum, block| {
                let size = block.size();
                let of = |i: usize, j: usize| matrix[(block.rows[i], block.columns[j])];
                let part = by_lu(DMatrix::from_fn(size, size, of))?;
                Some(LogVolume {
                    log: sum.log + part.log,
                    error: sum.error + part.error,
                })
            },
        )
    });
    let by_blocks = by_blocks.flatten().filter(|v| v.error <= TOO_WIDE);
    found.extend(by_blocks.map(|v| ("the determinant by blocks", v)));
    found
}

/// Whether each row and each column is in one block, and no entry is left of its own block.
fn is_triangular(
    matrix: &DMatrix<f64>,
    by_rows: &[usize],
    by_columns: &[usize],
    blocks: &[Block],
) -> bool {
    let is_permutation = |order: &[usize]| {
        let mut sorted = order.to_vec();
        sorted.sort_unstable();
        sorted.into_iter().eq(0..order.len())
    };
    if !is_permutation(by_rows) || !is_permutation(by_columns) {
        return false;
    }
    let mut before = 0;
    blocks.iter().rev().all(|block| {
        let outside = &by_columns[..before];
        before += block.size();
        let mut rows = block.rows.iter();
        rows.all(|&i| outside.iter().all(|&j| matrix[(i, j)] == 0.0))
    })
}

/// log |det| by LU with partial pivoting; none where it is not known closely.
fn by_lu(matrix: DMatrix<f64>) -> Option<LogVolume> {
    let n = matrix.nrows();
    if n == 1 {
        let log = matrix[(0, 0)].abs().ln();
        let error = ENTRY;
        return log.is_finite().then_some(LogVolume { log, error });
    }
    let lu = matrix.lu();
    let (lower, upper) = (lu.l(), lu.u());
    let log: f64 = (0..n).map(|i| upper[(i, i)].abs().ln()).sum();
    // (LU)⁻¹ without the permutation, which moves columns of it and rows of |L||U| alike.
    let half = lower.solve_lower_triangular(&DMatrix::identity(n, n))?;
    let inverse = upper.solve_upper_triangular(&half)?;
    let product = lower.abs() * upper.abs();
    let trace: f64 = inverse.abs().transpose().component_mul(&product).sum();
    let error = (n as f64 * f64::EPSILON + ENTRY) * trace;
    (log.is_finite() && error <= TOO_WIDE).then_some(LogVolume { log, error })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Stream;
    use rand::RngExt;
    use std::collections::BTreeMap;

    /// A triangular matrix of 64 random entries a row has a condition number near 10¹⁵ and a
    /// determinant that is known to the last digits; so has one with scaled rows.
    #[test]
    fn badly_conditioned_triangles_are_compared() {
        let stream = Stream {
            seed: 1,
            spec: "volume",
            check: "jacobian",
            sizes: &BTreeMap::new(),
            purpose: "entries",
        };
        let mut rng = stream.rng();
        for n in [8, 32, 64] {
            let mut entries = vec![0.0; n * n];
            let mut truth = 0.0;
            for i in 0..n {
                let scale = 10f64.powi(i as i32 % 7 - 3);
                for j in 0..=i {
                    let entry: f64 = rng.random_range(-1.0..1.0);
                    let entry = if i == j { entry.abs() + 0.1 } else { entry };
                    entries[i * n + j] = scale * entry;
                }
                truth += entries[i * n + i].ln();
            }
            let single = |i: usize| Block {
                rows: vec![i],
                columns: vec![i],
            };
            let blocks: Vec<Block> = (0..n).map(single).collect();
            let found = routes(n, n, &entries, &blocks);
            assert_eq!(found.len(), if n <= WHOLE { 2 } else { 1 });
            for (name, volume) in found {
                let off = (volume.log - truth).abs();
                assert!(off <= volume.error + 1e-12, "{name}, {n}: {off}");
            }
            // An entry that the blocks deny: they are then no route.
            entries[n - 1] = 1.0;
            let found = routes(n, n, &entries, &blocks);
            let by_blocks = |name: &str| name == "the determinant by blocks";
            assert!(found.iter().all(|(name, _)| !by_blocks(name)), "{n}");
        }
    }
}
