//! Determinants of matrices of formulas, factored along their sparsity.
//!
//! A permutation of rows and columns brings a sparse matrix to block triangular form (a perfect
//! matching gives the diagonal, strongly connected components the blocks; Duff & Reid 1978), and
//! the determinant is the product of those of the blocks, up to sign. A triangular Jacobian comes
//! out as the product of its diagonal without having been announced as one.

use crate::graph::{Graph, Id, Node};
use crate::number::{Binary, Unary};
use rustc_hash::FxHashMap;

/// Blocks above this size are eliminated rather than expanded in minors: 2ⁿ minors are shared, so
/// this is a few hundred nodes.
const LARGEST_EXPANDED: usize = 7;

/// A determinant in factors, up to sign.
#[derive(Clone, Debug)]
pub struct Factorization {
    /// The determinants of the diagonal blocks.
    pub factors: Vec<Id>,
    /// The blocks, in the same order: each row has entries only in the columns of its own block and
    /// of those before.
    pub blocks: Vec<Block>,
}

/// A diagonal block of a matrix brought to triangular form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its rows.
    pub rows: Vec<usize>,
    /// Its columns; the entry of the first row and column is on the diagonal, and so on.
    pub columns: Vec<usize>,
}

impl Block {
    /// How many rows it has.
    pub fn size(&self) -> usize {
        self.rows.len()
    }
}

/// The determinant of a square matrix, factored; none when it vanishes by its sparsity alone.
pub fn factorize(graph: &mut Graph, rows: &[Vec<Id>]) -> Option<Factorization> {
    let zero = graph.integer(0);
    let pattern: Vec<Vec<usize>> = rows
        .iter()
        .map(|row| (0..row.len()).filter(|&j| row[j] != zero).collect())
        .collect();
    let column_of = perfect_matching(&pattern)?;
    let row_of: FxHashMap<usize, usize> = column_of
        .iter()
        .enumerate()
        .map(|(row, &column)| (column, row))
        .collect();
    let edges: Vec<Vec<usize>> = pattern
        .iter()
        .map(|columns| columns.iter().map(|c| row_of[c]).collect())
        .collect();
    let mut factors = Vec::new();
    let mut blocks = Vec::new();
    for mut own in strong_components(&edges) {
        own.sort_unstable();
        let columns: Vec<usize> = own.iter().map(|&i| column_of[i]).collect();
        let matrix: Vec<Vec<Id>> = own
            .iter()
            .map(|&i| columns.iter().map(|&c| rows[i][c]).collect())
            .collect();
        factors.push(determinant(graph, &matrix));
        blocks.push(Block { rows: own, columns });
    }
    Some(Factorization { factors, blocks })
}

/// The determinant of a small square matrix, with its sign, expanded in minors.
pub fn determinant(graph: &mut Graph, rows: &[Vec<Id>]) -> Id {
    if rows.len() > LARGEST_EXPANDED {
        return eliminate(graph, rows.to_vec());
    }
    let all: u32 = (1 << rows.len()) - 1;
    minor(graph, rows, all, &mut FxHashMap::default())
}

/// log |det ∂outputs/∂symbols|; none when it is not square, not differentiable or zero everywhere.
pub fn log_abs_det(graph: &mut Graph, outputs: &[Id], symbols: &[Id]) -> Option<Id> {
    if outputs.len() != symbols.len() {
        return None;
    }
    let rows = graph.jacobian(outputs, symbols).ok()?;
    let factorization = factorize(graph, &rows)?;
    let terms: Vec<Id> = factorization
        .factors
        .into_iter()
        .map(|factor| log_abs(graph, factor))
        .collect();
    Some(graph.sum(&terms))
}

/// log √det JᵀJ for a matrix with at least as many rows as columns: the factor by which a map into
/// a curved space stretches volume (Federer 1969, 3.2.3).
pub fn volume_factor(graph: &mut Graph, rows: &[Vec<Id>]) -> Option<Id> {
    let n = rows.first()?.len();
    let mut gram = vec![Vec::with_capacity(n); n];
    for (i, gram_row) in gram.iter_mut().enumerate() {
        for j in 0..n {
            let products: Vec<Id> = rows.iter().map(|row| graph.mul(row[i], row[j])).collect();
            gram_row.push(graph.sum(&products));
        }
    }
    let factorization = factorize(graph, &gram)?;
    let two = graph.integer(2);
    let logs: Vec<Id> = factorization
        .factors
        .into_iter()
        .map(|f| log_abs(graph, f))
        .collect();
    let sum = graph.sum(&logs);
    Some(graph.div(sum, two))
}

/// log |x|, taken apart into the logarithms of its factors where that is valid for every x.
pub fn log_abs(graph: &mut Graph, x: Id) -> Id {
    match graph.node(x) {
        Node::Unary(Unary::Exp, exponent) => exponent,
        Node::Unary(Unary::Neg | Unary::Abs, inner) => log_abs(graph, inner),
        Node::Unary(Unary::Sqrt, inner) => {
            let (log, two) = (log_abs(graph, inner), graph.integer(2));
            graph.div(log, two)
        }
        Node::Binary(Binary::Mul, a, b) => {
            let (a, b) = (log_abs(graph, a), log_abs(graph, b));
            graph.add(a, b)
        }
        Node::Binary(Binary::Div, a, b) => {
            let (a, b) = (log_abs(graph, a), log_abs(graph, b));
            graph.sub(a, b)
        }
        Node::Constant(_) => {
            let value = graph
                .as_constant(x)
                .cloned()
                .expect("invariant: it is a constant");
            let size = graph.constant(if value < crate::number::Rational::ZERO {
                -value
            } else {
                value
            });
            graph.log(size)
        }
        Node::Pi
        | Node::Infinity
        | Node::Symbol(_)
        | Node::Unary(..)
        | Node::Binary(..)
        | Node::Ternary(..) => {
            let size = graph.unary(Unary::Abs, x);
            graph.log(size)
        }
    }
}

/// The column matched with each row, all different; none when there is no such choice.
fn perfect_matching(pattern: &[Vec<usize>]) -> Option<Vec<usize>> {
    let n = pattern.len();
    let mut column_of: Vec<Option<usize>> = vec![None; n];
    let mut row_of: Vec<Option<usize>> = vec![None; n];
    for start in 0..n {
        // An augmenting path, breadth first; `from` is the row that reached a column.
        let mut from: Vec<Option<usize>> = vec![None; n];
        let mut queue = std::collections::VecDeque::from([start]);
        let mut end = None;
        while let (None, Some(row)) = (end, queue.pop_front()) {
            // The diagonal first: it keeps a triangular matrix as it is written.
            let diagonal = pattern[row].iter().filter(|&&c| c == row);
            for &column in diagonal.chain(&pattern[row]) {
                if from[column].is_none() {
                    from[column] = Some(row);
                    match row_of[column] {
                        Some(next) => queue.push_back(next),
                        None => end = end.or(Some(column)),
                    }
                }
            }
        }
        let mut column = end?;
        loop {
            let row = from[column].expect("invariant: the path leads back to its start");
            row_of[column] = Some(row);
            match column_of[row].replace(column) {
                Some(before) => column = before,
                None => break,
            }
        }
    }
    column_of.into_iter().collect()
}

/// Strongly connected components (Tarjan 1972), without recursion.
fn strong_components(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let n = edges.len();
    let mut order = vec![usize::MAX; n];
    let mut low = vec![0; n];
    let mut on_stack = vec![false; n];
    let (mut stack, mut components, mut count) = (Vec::new(), Vec::new(), 0);
    for start in 0..n {
        if order[start] != usize::MAX {
            continue;
        }
        let mut path = vec![(start, 0)];
        while let Some(&(node, edge)) = path.last() {
            if edge == 0 {
                order[node] = count;
                low[node] = count;
                count += 1;
                stack.push(node);
                on_stack[node] = true;
            }
            if let Some(&next) = edges[node].get(edge) {
                path.last_mut().expect("invariant: not empty").1 += 1;
                if order[next] == usize::MAX {
                    path.push((next, 0));
                } else if on_stack[next] {
                    low[node] = low[node].min(order[next]);
                }
                continue;
            }
            path.pop();
            if let Some(&(parent, _)) = path.last() {
                low[parent] = low[parent].min(low[node]);
            }
            if low[node] == order[node] {
                let at = stack
                    .iter()
                    .rposition(|&s| s == node)
                    .expect("invariant: on the stack");
                let component = stack.split_off(at);
                for &member in &component {
                    on_stack[member] = false;
                }
                components.push(component);
            }
        }
    }
    components
}

/// The determinant of the last rows and the columns in `columns`, expanded along the first of
/// those rows; minors are shared.
fn minor(
    graph: &mut Graph,
    matrix: &[Vec<Id>],
    columns: u32,
    known: &mut FxHashMap<u32, Id>,
) -> Id {
    if columns == 0 {
        return graph.integer(1);
    }
    if let Some(&id) = known.get(&columns) {
        return id;
    }
    let row = matrix.len() - columns.count_ones() as usize;
    let mut sum = graph.integer(0);
    let mut negative = false;
    for column in (0..matrix.len()).filter(|c| columns >> c & 1 == 1) {
        let entry = matrix[row][column];
        if !graph.is_integer(entry, 0) {
            let rest = minor(graph, matrix, columns & !(1 << column), known);
            let term = graph.mul(entry, rest);
            sum = if negative {
                graph.sub(sum, term)
            } else {
                graph.add(sum, term)
            };
        }
        negative = !negative;
    }
    known.insert(columns, sum);
    sum
}

/// The determinant by Gaussian elimination on formulas. A pivot that is not the
/// constant zero but vanishes at a point leaves the result undefined there, never wrong.
fn eliminate(graph: &mut Graph, mut rows: Vec<Vec<Id>>) -> Id {
    let n = rows.len();
    let mut pivots = Vec::with_capacity(n);
    let mut negative = false;
    for k in 0..n {
        let Some(pivot_row) = (k..n).find(|&i| !graph.is_integer(rows[i][k], 0)) else {
            return graph.integer(0);
        };
        if pivot_row != k {
            rows.swap(k, pivot_row);
            negative = !negative;
        }
        let pivot = rows[k].clone();
        pivots.push(pivot[k]);
        for row in rows.iter_mut().skip(k + 1) {
            if graph.is_integer(row[k], 0) {
                continue;
            }
            let factor = graph.div(row[k], pivot[k]);
            for j in k + 1..n {
                let product = graph.mul(factor, pivot[j]);
                row[j] = graph.sub(row[j], product);
            }
        }
    }
    let product = graph.product(&pivots);
    if negative {
        graph.neg(product)
    } else {
        product
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(graph: &mut Graph, pattern: &[&str]) -> Vec<Vec<Id>> {
        pattern
            .iter()
            .enumerate()
            .map(|(i, row)| {
                row.chars()
                    .enumerate()
                    .map(|(j, c)| match c {
                        '.' => graph.integer(0),
                        _ => graph.symbol("a", &[i, j]),
                    })
                    .collect()
            })
            .collect()
    }

    #[track_caller]
    fn check(pattern: &[&str], sizes: Option<&[usize]>) {
        let mut graph = Graph::new();
        let rows = matrix(&mut graph, pattern);
        let found = factorize(&mut graph, &rows).map(|f| {
            let mut sizes: Vec<usize> = f.blocks.iter().map(Block::size).collect();
            sizes.sort_unstable();
            sizes
        });
        assert_eq!(found.as_deref(), sizes);
    }

    #[test]
    fn sparsity_shows_the_blocks() {
        check(&["x..", "xx.", "xxx"], Some(&[1, 1, 1]));
        check(&["..x", ".xx", "xxx"], Some(&[1, 1, 1]));
        check(&["xx.", "xx.", "xxx"], Some(&[1, 2]));
        check(&["x.x", "xx.", ".xx"], Some(&[3]));
        check(&["xx.", "xx.", "xx."], None);
        check(&[".x.", "x..", "..x"], Some(&[1, 1, 1]));
    }

    /// Integer matrices, where the graph folds every determinant to a number.
    #[test]
    fn factors_multiply_to_the_determinant() {
        let cases: [(&[&[i64]], i64); 4] = [
            (&[&[2, 0, 0], &[5, 3, 0], &[1, 1, 4]], 24),
            (&[&[0, 0, 2], &[0, 3, 1], &[4, 1, 1]], 24),
            (&[&[1, 2, 3], &[4, 5, 6], &[7, 8, 10]], 3),
            (
                &[&[0, 1, 0, 0], &[0, 0, 1, 0], &[0, 0, 0, 1], &[7, 0, 0, 0]],
                7,
            ),
        ];
        for (values, expected) in cases {
            let mut graph = Graph::new();
            let rows: Vec<Vec<Id>> = values
                .iter()
                .map(|row| row.iter().map(|&v| graph.integer(v)).collect())
                .collect();
            let factors = factorize(&mut graph, &rows).unwrap().factors;
            let product = graph.product(&factors);
            let pivots = eliminate(&mut graph, rows);
            for id in [product, pivots] {
                assert!(
                    graph.is_integer(id, expected) || graph.is_integer(id, -expected),
                    "{values:?}"
                );
            }
        }
    }
}
