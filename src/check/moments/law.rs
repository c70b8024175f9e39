//! The law that moments are those of: log-densities of components of z that are independent of one
//! another, each with its integrals along a line.
//!
//! A normalizer that belongs to no component is shared out by normalizing each by itself.

use crate::check::marginal::marginal;
use crate::check::normalization::scalars;
use crate::check::points::Space;
use crate::check::surfaces;
use crate::check::univariate::{Curve, Line, ends, exact_ends};
use crate::graph::{Graph, Id, Node};
use crate::model::Model;
use crate::number::{Binary, Unary};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The law in question: log-densities of components of z that are independent of one another.
#[derive(Clone)]
pub(crate) struct Law {
    /// log q(z) over φ, x and z.
    pub(crate) log_density: Option<Id>,
    /// The log-density of each component, when they are independent and each is written apart.
    pub(crate) components: Option<Vec<Id>>,
    /// Components at parameters already met.
    lines: Lines,
}

/// Lines by parameters (their bits) and component.
type Lines = Rc<RefCell<BTreeMap<(Vec<u64>, usize), Option<Rc<Line>>>>>;

/// The law of a model: claimed, or derived from g where that can be written.
pub(crate) fn law(model: &mut Model) -> Law {
    let claimed = model
        .target
        .as_ref()
        .filter(|t| !t.discrete && !t.unnormalized)
        .and_then(|t| t.density())
        .map(|c| c.elements[0]);
    let claimed = claimed.map(|log_q| model.graph.attached(&[log_q])[0]);
    let log_density = claimed.or_else(|| {
        let derived = marginal(model).ok().filter(|m| m.others.is_empty())?;
        Some(model.graph.log(derived.density))
    });
    let components = log_density.and_then(|log_q| components(model, log_q));
    Law {
        log_density,
        components,
        lines: Lines::default(),
    }
}

/// Splits log q into a sum of terms in one component of z each; none where a normalizer belongs to
/// no component.
fn components(model: &mut Model, log_q: Id) -> Option<Vec<Id>> {
    let z = model.output_symbols();
    if model.outputs.iter().any(|o| !o.domain.is_elementwise()) {
        return None; // they determine one another
    }
    if z.len() == 1 {
        return Some(vec![log_q]);
    }
    let (parts, rest) = split(&mut model.graph, log_q, &z)?;
    model.graph.is_integer(rest, 0).then_some(parts)
}

/// A term as a sum of terms in one of the symbols each, and one in none of them.
pub(crate) fn split(graph: &mut Graph, term: Id, symbols: &[Id]) -> Option<(Vec<Id>, Id)> {
    let mut parts: Vec<Vec<Id>> = vec![Vec::new(); symbols.len() + 1];
    let mut open = vec![(term, false)];
    while let Some((term, negative)) = open.pop() {
        let used = graph.symbols_of(&[term]);
        let of: Vec<usize> = (0..symbols.len())
            .filter(|&i| used.contains(&symbols[i]))
            .collect();
        if let [] | [_] = of[..] {
            let term = if negative { graph.neg(term) } else { term };
            parts[of.first().copied().unwrap_or(symbols.len())].push(term);
            continue;
        }
        match graph.node(term) {
            Node::Binary(Binary::Add, a, b) => open.extend([(a, negative), (b, negative)]),
            Node::Binary(Binary::Sub, a, b) => open.extend([(a, negative), (b, !negative)]),
            Node::Unary(Unary::Neg, a) => open.push((a, !negative)),
            Node::Constant(_)
            | Node::Pi
            | Node::Infinity
            | Node::Symbol(_)
            | Node::Unary(..)
            | Node::Binary(..)
            | Node::Ternary(..) => return None,
        }
    }
    let mut sums: Vec<Id> = parts.iter().map(|terms| graph.sum(terms)).collect();
    let rest = sums.pop()?;
    Some((sums, rest))
}

/// Component i of z as a line, when it is independent of the others.
pub(crate) fn line(
    model: &Model,
    law: &Law,
    space: &Space,
    at: &[f64],
    i: usize,
) -> Option<Rc<Line>> {
    let key = (at.iter().map(|v| v.to_bits()).collect(), i);
    if let Some(known) = law.lines.borrow().get(&key) {
        return known.clone();
    }
    let line = new_line(model, law, space, at, i).map(Rc::new);
    law.lines.borrow_mut().insert(key, line.clone());
    line
}

fn new_line(model: &Model, law: &Law, space: &Space, at: &[f64], i: usize) -> Option<Line> {
    let components = law.components.as_ref()?;
    let log_q = *components.get(i)?;
    let z = model.outputs.iter().flat_map(scalars).nth(i)?;
    let ends = ends(&model.graph, &space.symbols, at, &z.domain)?;
    let curve = Curve::new(&model.graph, &space.symbols, at, z.symbols[0], log_q)?;
    let mut line = Line::new(curve, ends);
    line.exact = exact_ends(&model.graph, &z.domain);
    let (graph, symbols) = (&model.graph, &space.symbols);
    line.split_at(&surfaces::breaks(graph, symbols, at, z.symbols[0], log_q));
    if components.len() > 1 {
        // Constants may have been booked on another component: each is normalized by itself.
        line.normalize()?;
    }
    Some(line)
}
