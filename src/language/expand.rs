//! Functions of the language that are not operators of the graph, in terms of those that are.
//!
//! Each keeps the form that is stable in floating point, as `stability` judges what is written
//! here too. Long sums and products are balanced trees, so that their rounding errors grow with
//! the logarithm of their length and their derivatives stay shallow.

use crate::graph::{Graph, Id};
use crate::number::{Binary, Ternary, Unary};

/// A balanced tree of one associative operator, as written; `terms` is not empty.
fn balanced(graph: &mut Graph, terms: &[Id], combine: &impl Fn(&mut Graph, Id, Id) -> Id) -> Id {
    if let [term] = terms {
        return *term;
    }
    let (left, right) = terms.split_at(terms.len() / 2);
    let left = balanced(graph, left, combine);
    let right = balanced(graph, right, combine);
    combine(graph, left, right)
}

fn tree(graph: &mut Graph, operator: Binary, terms: &[Id]) -> Id {
    balanced(graph, terms, &|graph, x, y| graph.binary(operator, x, y))
}

/// Σ xᵢ; 0 for none.
pub(super) fn sum(graph: &mut Graph, x: &[Id]) -> Id {
    if x.is_empty() {
        return graph.integer(0);
    }
    tree(graph, Binary::Add, x)
}

/// Π xᵢ; 1 for none.
pub(super) fn prod(graph: &mut Graph, x: &[Id]) -> Id {
    if x.is_empty() {
        return graph.integer(1);
    }
    tree(graph, Binary::Mul, x)
}

/// Σ xᵢ/n of at least one.
pub(super) fn mean(graph: &mut Graph, x: &[Id]) -> Id {
    let total = sum(graph, x);
    let count = graph.integer(x.len() as i64);
    graph.binary(Binary::Div, total, count)
}

/// The largest of at least one.
pub(super) fn max(graph: &mut Graph, x: &[Id]) -> Id {
    tree(graph, Binary::Max, x)
}

/// The smallest of at least one.
pub(super) fn min(graph: &mut Graph, x: &[Id]) -> Id {
    tree(graph, Binary::Min, x)
}

/// Whether all hold; true for none.
pub(super) fn all(graph: &mut Graph, x: &[Id]) -> Id {
    if x.is_empty() {
        let zero = graph.integer(0);
        return graph.binary(Binary::LessEqual, zero, zero);
    }
    tree(graph, Binary::And, x)
}

/// Whether one holds; false for none.
pub(super) fn any(graph: &mut Graph, x: &[Id]) -> Id {
    if x.is_empty() {
        let zero = graph.integer(0);
        return graph.binary(Binary::Less, zero, zero);
    }
    tree(graph, Binary::Or, x)
}

/// log Σ exp xᵢ of at least one, by log(eᵃ + eᵇ) = a + log(1 + eᵇ⁻ᵃ): smooth, and without
/// overflow for finite xᵢ.
pub(super) fn logsumexp(graph: &mut Graph, x: &[Id]) -> Id {
    balanced(graph, x, &|graph, a, b| {
        let difference = graph.binary(Binary::Sub, b, a);
        let rest = graph.unary(Unary::Softplus, difference);
        graph.binary(Binary::Add, a, rest)
    })
}

/// √Σ xᵢ².
pub(super) fn norm(graph: &mut Graph, x: &[Id]) -> Id {
    let squares: Vec<Id> = x.iter().map(|&x| square(graph, &[x])).collect();
    let total = sum(graph, &squares);
    graph.unary(Unary::Sqrt, total)
}

/// xᵢ − logsumexp(x).
pub(super) fn log_softmax(graph: &mut Graph, x: &[Id]) -> Vec<Id> {
    if x.is_empty() {
        return Vec::new();
    }
    let total = logsumexp(graph, x);
    x.iter()
        .map(|&x| graph.binary(Binary::Sub, x, total))
        .collect()
}

/// exp(xᵢ − logsumexp(x)).
pub(super) fn softmax(graph: &mut Graph, x: &[Id]) -> Vec<Id> {
    log_softmax(graph, x)
        .into_iter()
        .map(|x| graph.unary(Unary::Exp, x))
        .collect()
}

fn scan(graph: &mut Graph, operator: Binary, x: &[Id]) -> Vec<Id> {
    let mut so_far: Option<Id> = None;
    x.iter()
        .map(|&x| {
            let next = match so_far {
                Some(so_far) => graph.binary(operator, so_far, x),
                None => x,
            };
            so_far = Some(next);
            next
        })
        .collect()
}

/// x₀, x₀ + x₁, …
pub(super) fn cumsum(graph: &mut Graph, x: &[Id]) -> Vec<Id> {
    scan(graph, Binary::Add, x)
}

/// x₀, x₀·x₁, …
pub(super) fn cumprod(graph: &mut Graph, x: &[Id]) -> Vec<Id> {
    scan(graph, Binary::Mul, x)
}

/// The last first.
pub(super) fn reverse(_: &mut Graph, x: &[Id]) -> Vec<Id> {
    x.iter().rev().copied().collect()
}

/// x².
pub(super) fn square(graph: &mut Graph, x: &[Id]) -> Id {
    let two = graph.integer(2);
    graph.binary(Binary::Pow, x[0], two)
}

/// 1/x.
pub(super) fn reciprocal(graph: &mut Graph, x: &[Id]) -> Id {
    let one = graph.integer(1);
    graph.binary(Binary::Div, one, x[0])
}

/// min(max(x, low), high).
pub(super) fn clamp(graph: &mut Graph, x: &[Id]) -> Id {
    let raised = graph.binary(Binary::Max, x[0], x[1]);
    graph.binary(Binary::Min, raised, x[2])
}

/// log x − log(1 − x).
pub(super) fn logit(graph: &mut Graph, x: &[Id]) -> Id {
    let log = graph.unary(Unary::Log, x[0]);
    let negative = graph.unary(Unary::Neg, x[0]);
    let log_rest = graph.unary(Unary::Log1p, negative);
    graph.binary(Binary::Sub, log, log_rest)
}

/// −log(1 + e⁻ˣ).
pub(super) fn log_sigmoid(graph: &mut Graph, x: &[Id]) -> Id {
    let negative = graph.unary(Unary::Neg, x[0]);
    let softplus = graph.unary(Unary::Softplus, negative);
    graph.unary(Unary::Neg, softplus)
}

/// max(x, 0).
pub(super) fn relu(graph: &mut Graph, x: &[Id]) -> Id {
    let zero = graph.integer(0);
    graph.binary(Binary::Max, x[0], zero)
}

/// x where it is positive, else what `other` makes of it.
fn rectified(graph: &mut Graph, x: Id, other: impl Fn(&mut Graph) -> Id) -> Id {
    let zero = graph.integer(0);
    let positive = graph.binary(Binary::Less, zero, x);
    let other = other(graph);
    graph.ternary(Ternary::Select, positive, x, other)
}

/// x where it is positive, else slope·x.
pub(super) fn leaky_relu(graph: &mut Graph, x: &[Id]) -> Id {
    rectified(graph, x[0], |graph| graph.binary(Binary::Mul, x[1], x[0]))
}

/// x where it is positive, else α(eˣ − 1).
pub(super) fn elu(graph: &mut Graph, x: &[Id]) -> Id {
    rectified(graph, x[0], |graph| {
        let growth = graph.unary(Unary::Expm1, x[0]);
        graph.binary(Binary::Mul, x[1], growth)
    })
}

/// x/(1 + |x|).
pub(super) fn softsign(graph: &mut Graph, x: &[Id]) -> Id {
    let one = graph.integer(1);
    let size = graph.unary(Unary::Abs, x[0]);
    let below = graph.binary(Binary::Add, one, size);
    graph.binary(Binary::Div, x[0], below)
}

/// log B(a, b) = log Γ(a) + log Γ(b) − log Γ(a + b).
pub(super) fn lbeta(graph: &mut Graph, x: &[Id]) -> Id {
    let (a, b) = (x[0], x[1]);
    let (ga, gb) = (graph.unary(Unary::Lgamma, a), graph.unary(Unary::Lgamma, b));
    let total = graph.binary(Binary::Add, a, b);
    let gab = graph.unary(Unary::Lgamma, total);
    let above = graph.binary(Binary::Add, ga, gb);
    graph.binary(Binary::Sub, above, gab)
}
