//! The claimed mean, variance, skewness, kurtosis, entropy, CDF, quantile, mode, score and
//! built-in distribution are those of the law.
//!
//! The law is the claimed density (its agreement with g is `density`'s business), or, without one,
//! that of g(ε). CDF, quantile, score and distribution are identities, certified point by point
//! and anchored by one integral; moments and entropy are integrals with estimated errors.

mod carried;
mod discrete;
mod integral;
mod mode;
mod pointwise;
mod tails;

pub(crate) use integral::line;
pub(crate) use pointwise::ends_of;

use super::marginal::marginal;
use super::univariate::Line;
use super::{Context, Finding};
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
        .and_then(|t| t.log_density.as_ref().or(t.distribution.as_ref()))
        .map(|c| c.elements[0]);
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

pub(crate) fn run(context: &Context, model: &mut Model) -> Finding {
    let Some(target) = model.target.clone() else {
        return Finding::skipped("no target is claimed");
    };
    let law = law(model);
    let mut findings = Vec::new();
    if let (Some(named), Some(density)) = (&target.distribution, &target.log_density) {
        findings.push(pointwise::distribution(
            context,
            model,
            density.elements[0],
            named,
        ));
    }
    let mut integrals = Vec::new();
    for (&what, claim) in &target.moments {
        match what {
            "cdf" => findings.push(match target.log_mass() {
                Some(mass) => discrete::cdf(context, model, mass, claim),
                None => pointwise::cdf(context, model, &law, claim),
            }),
            "quantile" => findings.push(match target.log_mass() {
                Some(mass) => discrete::quantile(context, model, mass, claim),
                None => pointwise::quantile(context, model, &law, claim),
            }),
            "score" => findings.push(pointwise::score(context, model, &law, claim)),
            "mode" => findings.push(mode::mode(context, model, &law, claim)),
            _ => integrals.push((what, claim.clone())),
        }
    }
    findings.extend(integral::moments(context, model, &law, &integrals));
    if let Some(entropy) = &target.entropy {
        findings.push(integral::entropy(context, model, &law, entropy));
    }
    if target.whole_line {
        findings.extend(pointwise::whole_line(context, model, &target));
    }
    let count = findings.len();
    match findings.into_iter().reduce(Finding::and) {
        None => Finding::skipped("no moment, CDF, quantile, mode or score is claimed"),
        Some(finding) => finding.with("claims", count),
    }
}
