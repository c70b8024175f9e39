//! From components at one size to text in vector notation.
//!
//! One component is written with its index left out, as an entry of a comprehension, or all are
//! written one by one; a sum likewise. These are guesses, the shortest first: whether the text says
//! the same at every size is judged afterwards.

use super::tidy::simplest;
use crate::algebra::Facts;
use crate::graph::{Graph, Id, Node};
use crate::model::Model;
use crate::number::{Binary, Rational, Unary};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};

/// Longer texts are not printed.
pub(super) const LONGEST: usize = 1_500;

/// Texts that may be the value of `shape` with these components, the best first; none where the
/// shortest is too long.
pub(super) fn texts(model: &mut Model, facts: &Facts, shape: &[usize], all: &[Id]) -> Vec<String> {
    let mut found = Vec::new();
    if shape.is_empty() || all.len() == 1 {
        if let Some(&term) = all.first() {
            found.extend(sums(model, facts, term));
            // A determinant may show itself as a product only when it is simplified.
            if found.is_empty() {
                let term = simplest(&mut model.graph, facts, term);
                found.extend(sums(model, facts, term));
            }
        }
        found.extend(written(model, facts, &[], all));
    } else {
        found.extend(alike(model, facts, shape, all));
        found.extend(written(model, facts, shape, all));
    }
    found.retain(|text| text.len() <= LONGEST && !text.contains('…'));
    found.dedup();
    found
}

/// Every component, simplified.
pub(super) fn written(
    model: &mut Model,
    facts: &Facts,
    shape: &[usize],
    all: &[Id],
) -> Option<String> {
    let texts: Vec<String> = all
        .iter()
        .map(|&term| {
            let term = simplest(&mut model.graph, facts, term);
            model.graph.display(term)
        })
        .collect();
    bracketed(shape, &texts)
}

/// Components in brackets, row by row.
fn bracketed(shape: &[usize], texts: &[String]) -> Option<String> {
    match shape {
        [] => texts.first().cloned(),
        [_] => Some(format!("[{}]", texts.join(", "))),
        [_, width] => {
            let rows = texts
                .chunks(*width)
                .map(|row| format!("[{}]", row.join(", ")));
            Some(format!("[{}]", rows.collect::<Vec<_>>().join(", ")))
        }
        // The language has no brackets for more axes; a claim may be one list.
        _ => Some(format!("[{}]", texts.join(", "))),
    }
}

/// An index that tells components apart from what is the same for all: the second along each axis.
fn representative(shape: &[usize]) -> Vec<usize> {
    shape.iter().map(|&n| usize::from(n > 1)).collect()
}

fn place(shape: &[usize], index: &[usize]) -> usize {
    shape.iter().zip(index).fold(0, |at, (&n, &i)| at * n + i)
}

/// One function of its own components for all.
fn alike(model: &mut Model, facts: &Facts, shape: &[usize], all: &[Id]) -> Vec<String> {
    let index = representative(shape);
    let Some(&term) = all.get(place(shape, &index)) else {
        return Vec::new();
    };
    let term = simplest(&mut model.graph, facts, term);
    let mut found = Vec::new();
    found.extend(elementwise(&mut model.graph, term, &index));
    if let [n] = shape {
        found.extend(comprehension(model, term, index[0], *n));
    }
    found
}

/// The component with its index left out everywhere.
pub(super) fn elementwise(graph: &mut Graph, term: Id, index: &[usize]) -> Option<String> {
    let renamed = renamed(graph, &[term], |name, own| {
        (own == index).then(|| name.to_owned())
    })?;
    Some(graph.display(renamed[0]))
}

/// `[… for i in 0..n]`.
fn comprehension(model: &mut Model, term: Id, index: usize, n: usize) -> Option<String> {
    let variable = fresh(model);
    let graph = &mut model.graph;
    let renamed = renamed(graph, &[term], |name, own| {
        if !own.contains(&index) {
            return None;
        }
        let own = own.iter().map(|&i| {
            if i == index {
                variable.clone()
            } else {
                i.to_string()
            }
        });
        Some(format!("{name}[{}]", own.collect::<Vec<_>>().join(", ")))
    })?;
    let body = graph.display(renamed[0]);
    Some(format!("[{body} for {variable} in 0..{}]", size(model, n)))
}

/// A letter that the spec does not use.
fn fresh(model: &Model) -> String {
    let noise = model.noise.iter().map(|n| &n.variable);
    let used: BTreeSet<&str> = model
        .parameters
        .iter()
        .chain(&model.inputs)
        .chain(&model.outputs)
        .chain(noise)
        .map(|v| v.name.as_str())
        .chain(model.sizes.keys().map(String::as_str))
        .collect();
    let letter = ["i", "j", "k", "n", "m"]
        .into_iter()
        .find(|l| !used.contains(l));
    letter.unwrap_or("index").to_owned()
}

/// A size by the name of its dimension.
fn size(model: &Model, n: usize) -> String {
    let named = model.sizes.iter().find(|(_, size)| **size == n);
    named.map_or_else(|| n.to_string(), |(name, _)| name.clone())
}

/// Terms with components of vectors under other names; none where one has no name.
fn renamed(
    graph: &mut Graph,
    terms: &[Id],
    name: impl Fn(&str, &[usize]) -> Option<String>,
) -> Option<Vec<Id>> {
    let mut names = FxHashMap::default();
    for id in graph.symbols_of(terms) {
        let Some(symbol) = graph.as_symbol(id).filter(|s| !s.index.is_empty()) else {
            continue;
        };
        let text = name(&symbol.name.clone(), &symbol.index.clone())?;
        names.insert(id, graph.symbol(&text, &[]));
    }
    Some(graph.substitute(terms, &names))
}

/// Summands by index, and those without one.
type Buckets = (BTreeMap<Vec<usize>, Vec<Id>>, Vec<Id>);

/// A scalar as a sum over components, with what belongs to none of them inside or beside it.
fn sums(model: &mut Model, facts: &Facts, term: Id) -> Vec<String> {
    let summands = summands(&mut model.graph, term);
    let Some((buckets, rest)) =
        buckets(&model.graph, &summands, true).or_else(|| buckets(&model.graph, &summands, false))
    else {
        return Vec::new();
    };
    let rest = model.graph.sum(&rest);
    if buckets.is_empty() {
        return scaled(model, facts, rest);
    }
    // The indices must be those of a whole vector or matrix.
    let Some(last) = buckets.keys().next_back().cloned() else {
        return Vec::new();
    };
    let shape: Vec<usize> = last.iter().map(|i| i + 1).collect();
    let count: usize = shape.iter().product();
    if count < 2 || buckets.len() != count {
        return Vec::new();
    }
    let index = representative(&shape);
    let Some(own) = buckets.get(&index).cloned() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let share = {
        let count = model.graph.integer(count as i64);
        model.graph.div(rest, count)
    };
    let inside = [own.clone(), vec![share]].concat();
    let inside = model.graph.sum(&inside);
    found.extend(summed(model, facts, inside, &index, &shape));
    let outside = simplest(&mut model.graph, facts, rest);
    if !model.graph.is_integer(outside, 0) {
        let own = model.graph.sum(&own);
        for sum in summed(model, facts, own, &index, &shape) {
            let whole = model.graph.symbol(&sum, &[]);
            let whole = model.graph.add(whole, outside);
            found.push(model.graph.display(whole));
        }
    }
    found
}

/// Summands by the index of their components; none where one mixes several. An index is that of one
/// running number, as in `L[i, i]`, or the whole.
fn buckets(graph: &Graph, summands: &[Id], running: bool) -> Option<Buckets> {
    let mut found: BTreeMap<Vec<usize>, Vec<Id>> = BTreeMap::new();
    let mut rest = Vec::new();
    for &summand in summands {
        let indices: BTreeSet<Vec<usize>> = graph
            .symbols_of(&[summand])
            .into_iter()
            .filter_map(|s| graph.as_symbol(s).map(|s| s.index.clone()))
            .filter(|index| !index.is_empty())
            .map(|index| {
                let alike = index.iter().all(|&i| i == index[0]);
                if running && alike {
                    vec![index[0]]
                } else {
                    index
                }
            })
            .collect();
        let mut indices = indices.into_iter();
        match (indices.next(), indices.next()) {
            (None, _) => rest.push(summand),
            (Some(index), None) if running && index.len() > 1 => return None,
            (Some(index), None) => found.entry(index).or_default().push(summand),
            (Some(_), Some(_)) => return None,
        }
    }
    Some((found, rest))
}

fn summed(
    model: &mut Model,
    facts: &Facts,
    body: Id,
    index: &[usize],
    shape: &[usize],
) -> Vec<String> {
    let body = simplest(&mut model.graph, facts, body);
    let mut found = Vec::new();
    if let Some(text) = elementwise(&mut model.graph, body, index) {
        found.push(match text.strip_prefix('-') {
            Some(rest) if is_product(&model.graph, body) => format!("-sum({rest})"),
            _ => format!("sum({text})"),
        });
    }
    if let [n] = shape
        && let Some(text) = comprehension(model, body, index[0], *n)
    {
        found.push(format!("sum({text})"));
    }
    found
}

/// Whether a term is the negative of something.
fn is_product(graph: &Graph, term: Id) -> bool {
    matches!(graph.node(term), Node::Unary(Unary::Neg, _))
}

/// A scalar that has no components, as it is or as a multiple of a size.
fn scaled(model: &mut Model, facts: &Facts, term: Id) -> Vec<String> {
    let term = simplest(&mut model.graph, facts, term);
    let mut found = vec![model.graph.display(term)];
    for (name, n) in model.sizes.clone() {
        if n < 2 {
            continue;
        }
        let n = model.graph.integer(n as i64);
        let share = model.graph.div(term, n);
        let share = simplest(&mut model.graph, facts, share);
        let name = model.graph.symbol(&name, &[]);
        let whole = model.graph.mul(name, share);
        found.push(model.graph.display(whole));
    }
    found
}

/// The terms that a sum is made of.
fn summands(graph: &mut Graph, term: Id) -> Vec<Id> {
    let mut found = Vec::new();
    let mut stack = vec![(term, Rational::ONE)];
    while let Some((id, factor)) = stack.pop() {
        match graph.node(id) {
            Node::Binary(Binary::Add, a, b) => {
                stack.push((b, factor.clone()));
                stack.push((a, factor));
            }
            Node::Binary(Binary::Sub, a, b) => {
                stack.push((b, -factor.clone()));
                stack.push((a, factor));
            }
            Node::Unary(Unary::Neg, a) => stack.push((a, -factor)),
            Node::Binary(Binary::Mul, a, b) if graph.as_constant(a).is_some() => {
                let constant = graph.as_constant(a).cloned().unwrap_or(Rational::ONE);
                stack.push((b, factor * constant));
            }
            Node::Binary(Binary::Mul, a, b) if graph.as_constant(b).is_some() => {
                let constant = graph.as_constant(b).cloned().unwrap_or(Rational::ONE);
                stack.push((a, factor * constant));
            }
            Node::Binary(Binary::Div, a, b)
                if graph.as_constant(b).is_some_and(|c| !c.is_zero()) =>
            {
                let constant = graph.as_constant(b).cloned().unwrap_or(Rational::ONE);
                stack.push((a, factor / constant));
            }
            Node::Constant(_)
            | Node::Pi
            | Node::Infinity
            | Node::Symbol(_)
            | Node::Unary(..)
            | Node::Binary(..)
            | Node::Ternary(..) => {
                let factor = graph.constant(factor);
                found.push(graph.mul(factor, id));
            }
        }
    }
    found
}
