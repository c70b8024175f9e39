//! The entries of a block as sums of terms of the noise, with coefficients that are free of it.

use super::{LARGEST, MOST_TERMS};
use crate::algebra::Block;
use crate::check::jacobian::Jacobian;
use crate::graph::{Graph, Id, Node};
use crate::number::{Binary, Unary};
use std::collections::BTreeMap;

/// Entries of a block as sums of terms of the noise, with coefficients that are free of it.
pub(super) struct Split {
    pub(super) terms: Vec<Id>,
    /// For each entry, its coefficients: of 1, then of each term.
    pub(super) coefficients: Vec<Vec<Id>>,
}

/// The entries of a block taken apart; none where they are made of too many terms.
pub(super) fn split(graph: &mut Graph, jacobian: &Jacobian, block: &Block) -> Option<Split> {
    if block.size() > LARGEST || block.rows.len() != block.columns.len() {
        return None;
    }
    let entries: Vec<Id> = block
        .rows
        .iter()
        .flat_map(|&r| block.columns.iter().map(move |&c| (r, c)))
        .map(|(r, c)| jacobian.rows[r][c])
        .collect();
    let sums: Vec<Vec<(Id, Vec<Id>)>> = entries
        .iter()
        .map(|&entry| summands(graph, &jacobian.symbols, entry))
        .collect();
    let mut places: BTreeMap<Vec<Id>, usize> = BTreeMap::new();
    for (_, factors) in sums.iter().flatten() {
        let next = places.len();
        if !factors.is_empty() {
            places.entry(factors.clone()).or_insert(next);
        }
    }
    if places.len() > MOST_TERMS {
        return None;
    }
    let zero = graph.integer(0);
    let coefficients = sums
        .iter()
        .map(|sum| {
            let mut row = vec![zero; 1 + places.len()];
            for (coefficient, factors) in sum {
                let place = places.get(factors).map_or(0, |p| 1 + p);
                row[place] = graph.add(row[place], *coefficient);
            }
            row
        })
        .collect();
    let mut terms = vec![zero; places.len()];
    for (factors, place) in places {
        terms[place] = graph.product(&factors);
    }
    Some(Split {
        terms,
        coefficients,
    })
}

/// A term as a sum of products: of what is free of the symbols, and the factors that are not.
fn summands(graph: &mut Graph, symbols: &[Id], term: Id) -> Vec<(Id, Vec<Id>)> {
    let free = |graph: &Graph, id: Id| !graph.symbols_of(&[id]).iter().any(|s| symbols.contains(s));
    if free(graph, term) {
        return vec![(term, Vec::new())];
    }
    match graph.node(term) {
        Node::Unary(Unary::Neg, x) => summands(graph, symbols, x)
            .into_iter()
            .map(|(c, f)| (graph.neg(c), f))
            .collect(),
        Node::Binary(Binary::Add, x, y) => {
            let mut all = summands(graph, symbols, x);
            all.extend(summands(graph, symbols, y));
            all
        }
        Node::Binary(Binary::Sub, x, y) => {
            let mut all = summands(graph, symbols, x);
            for (c, f) in summands(graph, symbols, y) {
                all.push((graph.neg(c), f));
            }
            all
        }
        Node::Binary(Binary::Mul, x, y) => {
            let (a, b) = (summands(graph, symbols, x), summands(graph, symbols, y));
            if a.len() * b.len() > 2 * MOST_TERMS {
                let one = graph.integer(1);
                return vec![(one, vec![term])];
            }
            let mut all = Vec::new();
            for (c, f) in &a {
                for (d, g) in &b {
                    let mut factors = [f.as_slice(), g].concat();
                    factors.sort_unstable();
                    all.push((graph.mul(*c, *d), factors));
                }
            }
            all
        }
        Node::Binary(Binary::Div, x, y) if free(graph, y) => summands(graph, symbols, x)
            .into_iter()
            .map(|(c, f)| (graph.div(c, y), f))
            .collect(),
        Node::Constant(_)
        | Node::Pi
        | Node::Infinity
        | Node::Symbol(_)
        | Node::Unary(..)
        | Node::Binary(..)
        | Node::Ternary(..) => {
            let one = graph.integer(1);
            vec![(one, vec![term])]
        }
    }
}
