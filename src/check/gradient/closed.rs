//! Expectations and their gradients in closed form, where f(g(ε)) and the estimators are sums of
//! functions of the noise whose means are known.

use crate::check::coordinates::{free_parameters, has_free_coordinates};
use crate::check::exact;
use crate::check::judge::{Statement, judge};
use crate::check::points::Space;
use crate::check::{Context, Finding, Verdict};
use crate::diagnostic::Span;
use crate::graph::{Id, Node};
use crate::model::{Claim, Model};
use crate::number::{Binary, text};

/// Whether a claimed value is the mean of f; none where that has no closed form.
pub(super) fn value(
    context: &Context,
    model: &mut Model,
    f: &[Id],
    claim: &Claim,
) -> Option<Finding> {
    let means: Option<Vec<Id>> = f.iter().map(|&f| exact::expectation(model, f)).collect();
    let means = means.filter(|m| m.len() == claim.elements.len())?;
    let sides = claim.elements.iter().copied().zip(means).collect();
    decided(
        context,
        model,
        sides,
        ("claimed value", "E f"),
        &claim.span,
        "value",
    )
}

/// Whether an estimator's mean is the derivative of E f; none where one of them has no closed form.
pub(super) fn estimator(
    context: &Context,
    model: &mut Model,
    mean: Id,
    (estimator, parameter): (Id, Id),
    span: &Span,
) -> Option<Finding> {
    if !has_free_coordinates(model) {
        return None;
    }
    // Components that depend on others are no parameters of their own.
    let (_, ties) = free_parameters(model);
    let mean = model.graph.substitute(&[mean], &ties)[0];
    // A formula for a single value of a parameter has no slope to compare there.
    let nodes = model.graph.reachable(&[mean, estimator]);
    if nodes
        .into_iter()
        .any(|id| matches!(model.graph.node(id), Node::Binary(Binary::Equal, ..)))
    {
        return None;
    }
    let slope = model.graph.differentiate(&[mean], parameter).ok()?[0];
    let drawn = exact::expectation(model, estimator)?;
    let what = format!("gradient in {}", model.graph.display(parameter));
    decided(
        context,
        model,
        vec![(drawn, slope)],
        ("mean of the estimator", "the derivative of E f"),
        span,
        &what,
    )
}

fn decided(
    context: &Context,
    model: &mut Model,
    sides: Vec<(Id, Id)>,
    (left, right): (&str, &str),
    span: &Span,
    what: &str,
) -> Option<Finding> {
    let statement = Statement {
        left,
        right,
        sides,
        span: span.clone(),
        almost_everywhere: false,
    };
    let space = Space::new(&model.graph, model.givens());
    let mut finding = judge(context, model, &space, &statement, |_, failure| {
        if failure.left.is_certainly_undefined() {
            return "the formula has no value there".to_owned();
        }
        let (claimed, truth) = (failure.left.midpoint_f64(), failure.right.midpoint_f64());
        format!("it is off by {}", text::rounded(claimed - truth, 6))
    });
    match finding.verdict {
        Verdict::Inconclusive | Verdict::Skipped => None,
        Verdict::Refuted => Some(finding),
        Verdict::Tested | Verdict::Certified | Verdict::Proved => {
            finding.message = format!("{what}: by known means of the noise");
            Some(finding)
        }
    }
}
