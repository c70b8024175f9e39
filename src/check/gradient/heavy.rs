//! Objectives whose tails leave no mean, or no standard error.
//!
//! Where E|f| is infinite a finite value of E f is false, and no gradient of it exists; where only the
//! variance is, no mean of draws says anything. The estimator is then held against the gradient of
//! f/(1 + f²), which is bounded, jumps where f jumps, and is detached where f is.

use super::estimator::{estimator, written_density};
use crate::check::nothing::lost;
use crate::check::points::Space;
use crate::check::surfaces::is_smooth;
use crate::check::univariate::numbers;
use crate::check::velocity::detaches;
use crate::check::{Context, Finding, Verdict};
use crate::graph::{Id, Node};
use crate::model::{Claim, Estimator, Expectation, Model};
use crate::number::Unary;

/// f/(1 + f²) with the same kind of estimator; none where the estimator is a formula of its own.
pub(super) fn bounded(model: &mut Model, expectation: &Expectation) -> Option<Expectation> {
    match expectation.estimator {
        Estimator::Pathwise | Estimator::Score => {}
        Estimator::Value | Estimator::Custom(_) => return None,
    }
    let [f] = expectation.f.elements[..] else {
        return None;
    };
    let graph = &mut model.graph;
    let (one, square) = (graph.integer(1), graph.square(f));
    let below = graph.add(one, square);
    let bounded = graph.div(f, below);
    Some(Expectation {
        f: Claim {
            elements: vec![bounded],
            span: expectation.f.span.clone(),
        },
        value: None,
        gradient: Vec::new(),
        ..expectation.clone()
    })
}

/// Whether an estimator follows a path that is detached in places, under a law that is claimed of z: the
/// path then has to carry every f that is smooth, and f/(1 + f²) is one.
fn carries_every_f(model: &Model, expectation: &Expectation) -> bool {
    let graph = &model.graph;
    let f = &expectation.f.elements;
    let is_detached = |id: &Id| matches!(graph.node(*id), Node::Unary(Unary::StopGradient, _));
    let symbols = [model.noise_symbols(), model.output_symbols()].concat();
    matches!(expectation.estimator, Estimator::Pathwise)
        && written_density(model).is_some()
        && detaches(model)
        && !graph.reachable(f).iter().any(is_detached)
        && f.iter().all(|&f| is_smooth(graph, f, &symbols))
}

/// What is said of an estimator that no integral and no draws decide, by that of a bounded objective.
pub(super) fn in_its_place(
    context: &Context,
    model: &mut Model,
    expectation: &Expectation,
    parameter: Id,
    open: Finding,
    decide: impl FnOnce(&Context, &mut Model, Id, &super::Part) -> Finding,
) -> Finding {
    let Some(bounded) = bounded(model, expectation) else {
        return open;
    };
    let lost = lost(context, model, expectation.f.elements[0]);
    let Ok(parts) = estimator(model, &bounded) else {
        return open;
    };
    let Some(part) = parts.iter().find(|p| p.parameter == parameter) else {
        return open;
    };
    let instead = decide(context, model, bounded.f.elements[0], part);
    if instead.verdict == Verdict::Refuted && lost.is_none() && carries_every_f(model, expectation)
    {
        let message = format!("for f/(1 + f^2) in place of f, {}", instead.message);
        return Finding { message, ..instead };
    }
    let name = model.graph.display(parameter);
    let found = instead
        .message
        .replacen(&format!("gradient in {name}: "), "", 1);
    let (verdict, why) = match &lost {
        Some((point, divergence)) => {
            let space = Space::new(&model.graph, model.givens());
            let values: Vec<String> = space
                .symbols
                .iter()
                .zip(numbers(point))
                .map(|(s, v)| format!("{} = {v}", model.graph.display(*s)))
                .collect();
            let why = format!(
                "E f does not exist at {}: {}",
                values.join(", "),
                divergence.text
            );
            (Verdict::Inconclusive, why)
        }
        None if instead.verdict == Verdict::Tested => (Verdict::Tested, open.message.clone()),
        None => (Verdict::Inconclusive, open.message.clone()),
    };
    let mut finding = open;
    finding.verdict = verdict;
    let what = format!("gradient in {name}");
    let why = why.trim_start_matches(&format!("{what}: ")).to_owned();
    finding.message = format!("{what}: {why}; for f/(1 + f^2) in its place: {found}");
    finding
        .evidence
        .insert("instead_of_f", "f/(1 + f^2)".into());
    finding
        .evidence
        .insert("verdict_instead", instead.verdict.name().into());
    for (name, value) in instead.evidence {
        finding.evidence.entry(name).or_insert(value);
    }
    finding
}
