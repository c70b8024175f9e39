//! Each line of a derivation equals the line above it, at z = g(ε).

use super::decide::CERTIFIED_BITS;
use super::judge::{Statement, judge};
use super::points::Space;
use super::{Context, Finding, Verdict};
use crate::model::{Claim, Model};

pub(crate) fn run(context: &Context, model: &mut Model) -> Finding {
    if model.derivations.is_empty() {
        return Finding::skipped("there are no derivations");
    }
    let space = Space::new(&model.graph, model.base_variables());
    let mut all: Option<Finding> = None;
    for derivation in model.derivations.clone() {
        for (i, pair) in derivation.lines.windows(2).enumerate() {
            let number = i + 2;
            let finding = match (&pair[0], &pair[1]) {
                (Ok(above), Ok(line)) => equal(
                    context,
                    model,
                    &space,
                    above,
                    line,
                    &derivation.name,
                    number,
                ),
                (_, Err((span, reason))) | (Err((span, reason)), _) => Finding::inconclusive(
                    format!("line {number} of `{}`: {reason}", derivation.name),
                )
                .at(span.clone()),
            };
            let refuted = finding.verdict == Verdict::Refuted;
            all = Some(match all {
                None => finding,
                Some(before) => before.and(finding),
            });
            if refuted {
                // Lines below a false one may still follow from it; the first is what to mend.
                break;
            }
        }
    }
    let mut finding = all.expect("invariant: a derivation has at least two lines");
    if finding.verdict == Verdict::Certified {
        let steps: usize = model.derivations.iter().map(|d| d.lines.len() - 1).sum();
        let points = finding
            .evidence
            .get("certified_points")
            .and_then(serde_json::Value::as_u64);
        finding.message = format!(
            "each of {steps} steps holds at exact points, to within 2^-{} at {} or more of them",
            CERTIFIED_BITS,
            points.unwrap_or(1)
        );
    }
    finding
}

fn equal(
    context: &Context,
    model: &mut Model,
    space: &Space,
    above: &Claim,
    line: &Claim,
    name: &str,
    number: usize,
) -> Finding {
    if above.elements.len() != line.elements.len() {
        let reason =
            format!("line {number} of `{name}` does not have the shape of the line above it");
        return Finding::inconclusive(reason).at(line.span.clone());
    }
    let (left, right) = (format!("line {number}"), format!("line {}", number - 1));
    let statement = Statement {
        left: &left,
        right: &right,
        sides: line
            .elements
            .iter()
            .copied()
            .zip(above.elements.iter().copied())
            .collect(),
        span: line.span.clone(),
        almost_everywhere: false,
    };
    let mut finding = judge(context, model, space, &statement, |_, failure| {
        let (l, r) = (failure.left.midpoint_f64(), failure.right.midpoint_f64());
        if failure.left.is_certainly_undefined() || r == 0.0 {
            String::new()
        } else {
            format!(
                "there line {number} is {:.9} times line {}",
                l / r,
                number - 1
            )
        }
    });
    if finding.verdict == Verdict::Refuted {
        finding.message = format!("line {number} of `{name}` is not equal to the line above it");
    }
    finding
}
