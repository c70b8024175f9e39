//! What is asked without expectations: the gradient of a bounded objective of the tool's choice.

use super::estimator::{claimed_density, estimator};
use super::reference::reference;
use super::{implicit, judge, sampled};
use crate::check::coordinates::has_free_coordinates;
use crate::check::moments::law;
use crate::check::{Context, Finding, Verdict};
use crate::diagnostic::Span;
use crate::graph::{Id, Node};
use crate::model::{Claim, Definition, Estimator, Expectation, Model};
use crate::number::{Binary, Rational};

/// The f of the tool's choice.
const BOUNDED: &str = "sum((1 + z)/(1 + z^2))";

/// Without expectations, f is a bounded smooth function of z: what holds for the law at all holds for
/// it. Where it cannot be decided nothing was claimed, so nothing is left open.
pub(super) fn by_default(context: &Context, model: &mut Model) -> Finding {
    let none = Finding::skipped("there are no expectations");
    let Some(target) = model.target.clone() else {
        return none;
    };
    let doubtful = ["support", "inverse", "density", "normalization"]
        .iter()
        .any(|check| context.is_refuted(check));
    // On a circle f would have to have its period.
    let wraps = model.transform.as_ref().is_some_and(|transform| {
        let nodes = model.graph.reachable(&transform.elements);
        let mut nodes = nodes.into_iter();
        nodes.any(|id| {
            matches!(
                model.graph.node(id),
                Node::Binary(Binary::Mod | Binary::Atan2, ..)
            )
        })
    });
    if doubtful
        || wraps
        || target.discrete
        || target.unnormalized
        || model.parameters.is_empty()
        || claimed_density(model).is_none()
        || model.definition == Definition::Target
        || !has_free_coordinates(model)
    {
        return none;
    }
    let f = bounded_objective(model);
    let implicit = model.definition == Definition::Standardization;
    if implicit && implicit::out_of_reach(model).is_some() {
        return none;
    }
    if !implicit && law(model).components.is_none() {
        return along_a_direction(context, model, f, &target.span).unwrap_or(none);
    }
    let claim = Claim {
        elements: vec![f],
        span: target.span.clone(),
    };
    let expectation = Expectation {
        name: "a bounded f".to_owned(),
        f: claim,
        value: None,
        gradient: Vec::new(),
        estimator: Estimator::Pathwise,
    };
    let finding = judge(context, model, &expectation)
        .into_iter()
        .reduce(Finding::and)
        .unwrap_or(none);
    match finding.verdict {
        Verdict::Inconclusive => Finding::skipped(format!(
            "there are no expectations, and for a bounded f of the tool's choice: {}",
            finding.message
        )),
        Verdict::Refuted
        | Verdict::Tested
        | Verdict::Certified
        | Verdict::Proved
        | Verdict::Skipped => finding.with("f", BOUNDED),
    }
}

/// A refutation by the bounded f of the tool's choice, where the expectations that are claimed do not
/// refute; it stands at the formula of g.
pub(super) fn refutation(context: &Context, model: &mut Model) -> Option<Finding> {
    let mut finding = by_default(context, model);
    if finding.verdict != Verdict::Refuted {
        return None;
    }
    let place = model.transform.as_ref().or(model.inverse.as_ref())?;
    finding.message = format!("for f = {BOUNDED}, {}", finding.message);
    Some(finding.at(place.span.clone()))
}

/// The derivative of E f along one direction of the parameters, by paired draws: one test for all.
fn along_a_direction(context: &Context, model: &mut Model, f: Id, span: &Span) -> Option<Finding> {
    if model.definition != Definition::Transform {
        return None;
    }
    let expectation = Expectation {
        name: "a bounded f".to_owned(),
        f: Claim {
            elements: vec![f],
            span: span.clone(),
        },
        value: None,
        gradient: Vec::new(),
        estimator: Estimator::Pathwise,
    };
    let parts = estimator(model, &expectation).ok()?;
    let (mut estimators, mut scores) = (Vec::new(), Vec::new());
    for (k, part) in parts.iter().enumerate() {
        // Weights of no pattern, so that errors do not cancel.
        let weight = Rational::from_parts((3 + 7 * (k % 5) as i64).into(), 10u8.into());
        let weight = model.graph.constant(weight);
        let score = reference(model, f, part.parameter).ok()?;
        estimators.push(model.graph.mul(weight, part.estimator));
        scores.push(model.graph.mul(weight, score));
    }
    let pair = sampled::Pair {
        estimator: model.graph.sum(&estimators),
        other: sampled::Other::Score(model.graph.sum(&scores)),
        what: "gradient along a direction".to_owned(),
        span: span.clone(),
        tests: 1,
    };
    match sampled::paired(context, model, &pair) {
        Ok(finding) => Some(finding.with("f", BOUNDED)),
        Err(reason) => Some(Finding::skipped(format!(
            "there are no expectations, and a bounded f of the tool's choice is not decided: {reason}"
        ))),
    }
}

/// Σ (1 + z)/(1 + z²) over the components: bounded, smooth, and neither even nor odd.
fn bounded_objective(model: &mut Model) -> Id {
    let z = model.output_symbols();
    let graph = &mut model.graph;
    let one = graph.integer(1);
    let terms: Vec<Id> = z
        .into_iter()
        .map(|z| {
            let square = graph.square(z);
            let (above, below) = (graph.add(one, z), graph.add(one, square));
            graph.div(above, below)
        })
        .collect();
    graph.sum(&terms)
}
