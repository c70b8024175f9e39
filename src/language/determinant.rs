//! Determinants as products of factors.
//!
//! Entries that are the constant 0 are known to be so: a triangular matrix (also one with its rows
//! or columns permuted) has its determinant as the product of the entries it rests on, and only
//! what remains is expanded by minors.

use crate::graph::{Graph, Id};
use rustc_hash::FxHashMap;

/// Largest matrix without structural zeros whose determinant is expanded: by minors over subsets
/// of columns it takes n·2ⁿ⁻¹ products, 1024 here.
pub const LARGEST_DETERMINANT: usize = 8;

/// A determinant that is not expanded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeterminantTooLarge {
    /// How many rows are left after everything triangular has been split off.
    pub size: usize,
}

impl std::fmt::Display for DeterminantTooLarge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "the determinant of a full {n}×{n} matrix is not expanded beyond \
             {LARGEST_DETERMINANT}×{LARGEST_DETERMINANT}",
            n = self.size
        )
    }
}

impl std::error::Error for DeterminantTooLarge {}

/// The determinant of an n×n matrix, given row by row, as a list of factors (none for n = 0).
///
/// Rows and columns with one entry that is not the constant 0 are split off as factors, one after
/// the other, so that every permuted triangular matrix splits completely; the rest is expanded by
/// minors.
///
/// # Errors
/// The rest has more than [`LARGEST_DETERMINANT`] rows.
///
/// # Panics
/// `entries` does not hold n² nodes.
pub fn determinant_factors(
    graph: &mut Graph,
    n: usize,
    entries: &[Id],
) -> Result<Vec<Id>, DeterminantTooLarge> {
    assert_eq!(entries.len(), n * n, "a square matrix");
    let there: Vec<bool> = entries.iter().map(|&x| !graph.is_integer(x, 0)).collect();
    let mut rows: Vec<usize> = (0..n).collect();
    let mut columns: Vec<usize> = (0..n).collect();
    let mut in_row: Vec<usize> = (0..n)
        .map(|r| there[r * n..(r + 1) * n].iter().filter(|&&t| t).count())
        .collect();
    let mut in_column: Vec<usize> = (0..n)
        .map(|c| (0..n).filter(|r| there[r * n + c]).count())
        .collect();
    let mut factors = Vec::with_capacity(n);
    let mut negative = false;
    loop {
        if rows.iter().any(|&r| in_row[r] == 0) || columns.iter().any(|&c| in_column[c] == 0) {
            return Ok(vec![graph.integer(0)]);
        }
        let by_row = rows.iter().position(|&r| in_row[r] == 1).and_then(|i| {
            let j = columns.iter().position(|&c| there[rows[i] * n + c])?;
            Some((i, j))
        });
        let by_column = || {
            let j = columns.iter().position(|&c| in_column[c] == 1)?;
            let i = rows.iter().position(|&r| there[r * n + columns[j]])?;
            Some((i, j))
        };
        let Some((i, j)) = by_row.or_else(by_column) else {
            break;
        };
        let (row, column) = (rows.remove(i), columns.remove(j));
        negative ^= (i + j) % 2 == 1;
        factors.push(entries[row * n + column]);
        for &r in &rows {
            in_row[r] -= usize::from(there[r * n + column]);
        }
        for &c in &columns {
            in_column[c] -= usize::from(there[row * n + c]);
        }
    }
    if rows.len() > LARGEST_DETERMINANT {
        return Err(DeterminantTooLarge { size: rows.len() });
    }
    if !rows.is_empty() {
        let core: Vec<Vec<Id>> = rows
            .iter()
            .map(|&r| columns.iter().map(|&c| entries[r * n + c]).collect())
            .collect();
        let all = (1u32 << core.len()) - 1;
        factors.push(minor(graph, &core, 0, all, &mut FxHashMap::default()));
    }
    if negative {
        match factors.first_mut() {
            Some(first) => *first = graph.neg(*first),
            None => factors.push(graph.integer(-1)),
        }
    }
    Ok(factors)
}

/// The determinant of the rows from `row` on in the columns of a set, by the first of these rows.
fn minor(
    graph: &mut Graph,
    matrix: &[Vec<Id>],
    row: usize,
    columns: u32,
    known: &mut FxHashMap<u32, Id>,
) -> Id {
    if columns == 0 {
        return graph.integer(1);
    }
    if let Some(&id) = known.get(&columns) {
        return id;
    }
    let mut total = graph.integer(0);
    let mut negative = false;
    for (column, &entry) in matrix[row].iter().enumerate() {
        let bit = 1 << column;
        if columns & bit == 0 {
            continue;
        }
        if !graph.is_integer(entry, 0) {
            let rest = minor(graph, matrix, row + 1, columns & !bit, known);
            let term = graph.mul(entry, rest);
            total = if negative {
                graph.sub(total, term)
            } else {
                graph.add(total, term)
            };
        }
        negative = !negative;
    }
    known.insert(columns, total);
    total
}

/// Work of a determinant, for the prediction: its entries, and the minors of what may remain.
pub(super) fn determinant_cost(n: usize) -> usize {
    let core = n.min(LARGEST_DETERMINANT);
    n.saturating_mul(n).saturating_add((2 * core) << core)
}
