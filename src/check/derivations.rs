//! Each line of a derivation equals the line above it, at z = g(ε).

use super::decide::{CERTIFIED_BITS, Failure};
use super::judge::{Statement, judge};
use super::points::Space;
use super::{
    Context, Finding, Verdict, averages, by_parts, explain, facts, integrals, test_function,
    witness,
};
use crate::diagnostic::Span;
use crate::graph::Id;
use crate::model::{Claim, Model};
use crate::number::text;
use std::collections::BTreeMap;

pub(crate) fn run(context: &Context, model: &mut Model) -> Finding {
    if model.derivations.is_empty() {
        return Finding::skipped("there are no derivations");
    }
    let space = Space::new(&model.graph, model.base_variables());
    let mut all: Option<Finding> = None;
    let mut steps: BTreeMap<String, Vec<&'static str>> = BTreeMap::new();
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
            let verdicts = steps.entry(derivation.name.clone()).or_default();
            verdicts.push(finding.verdict.name());
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
    let count: usize = model.derivations.iter().map(|d| d.lines.len() - 1).sum();
    let each = match count {
        1 => "the one step".to_owned(),
        _ => format!("each of {count} steps"),
    };
    match finding.verdict {
        Verdict::Certified => {
            let points = finding
                .evidence
                .get("certified_points")
                .and_then(serde_json::Value::as_u64);
            finding.message = format!(
                "{each} holds at exact points, to within 2^-{} at {} or more of them",
                CERTIFIED_BITS,
                points.unwrap_or(1)
            );
        }
        Verdict::Proved => {
            let exchanged = finding.message.contains(TEST_FUNCTIONS);
            finding.message = format!("{each} is proved, and the proofs replayed");
            if exchanged {
                finding.message = format!("{}; {TEST_FUNCTIONS}", finding.message);
            }
        }
        Verdict::Refuted | Verdict::Inconclusive | Verdict::Tested | Verdict::Skipped => {}
    }
    finding.with("steps", serde_json::json!(steps))
}

/// For which f a derivative goes under an integral.
const TEST_FUNCTIONS: &str = "under integrals for every smooth f with compact support";

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
    let mut plain = Vec::new();
    let mut found: Option<Finding> = None;
    for (&right, &left) in above.elements.iter().zip(&line.elements) {
        let integrals = [left, right]
            .iter()
            .any(|&id| !model.opaque.integrals_in(&model.graph, id).is_empty());
        if integrals {
            let part = under_integrals(context, model, (left, right), &line.span, name, number);
            found = Some(match found {
                None => part,
                Some(before) => before.and(part),
            });
        } else {
            plain.push((left, right));
        }
    }
    if plain.is_empty() {
        return found.unwrap_or_else(|| Finding::inconclusive("an empty line"));
    }
    let (left, right) = (format!("line {number}"), format!("line {}", number - 1));
    let known = facts::facts(&mut model.graph, space);
    let mut flat: Vec<Id> = plain.iter().flat_map(|&(l, r)| [l, r]).collect();
    let values = match test_function::same_applications(model, &known, &mut flat) {
        Ok(values) => values,
        Err(reason) => return Finding::inconclusive(reason).at(line.span.clone()),
    };
    let statement = Statement {
        left: &left,
        right: &right,
        sides: flat.chunks(2).map(|pair| (pair[0], pair[1])).collect(),
        span: line.span.clone(),
        almost_everywhere: false,
    };
    let mut variables = space.variables.clone();
    variables.extend(
        values
            .iter()
            .map(|(symbol, _)| test_function::value_of_f(*symbol)),
    );
    let space = Space::new(&model.graph, variables);
    let mut finding = judge(context, model, &space, &statement, |model, failure| {
        times(model, &space, &statement.sides, failure, number)
    });
    if finding.verdict == Verdict::Refuted {
        let message = format!("line {number} of `{name}` is not equal to the line above it");
        if values.len() > 1 {
            // Arguments may be equal without a proof of it: only an f that is known decides.
            finding = at_a_bell(context, model, &statement, &message).unwrap_or_else(|| {
                Finding::inconclusive(format!(
                    "line {number} of `{name}`: f stands at several arguments"
                ))
                .at(line.span.clone())
            });
        } else {
            finding.message = message;
        }
    }
    match found {
        None => finding,
        Some(before) => before.and(finding),
    }
}

/// A refutation by what integration by parts leaves at an end of the domain.
fn at_the_ends(
    context: &Context,
    model: &mut Model,
    statement: &Statement,
    ends: &by_parts::Ends,
    message: String,
) -> Option<Finding> {
    let zero = model.graph.integer(0);
    let statement = Statement {
        left: "what is left at an end",
        right: "a smooth f may be anything there",
        sides: ends.open.iter().map(|&left| (left, zero)).collect(),
        span: statement.span.clone(),
        almost_everywhere: false,
    };
    let space = Space::new(&model.graph, model.base_variables());
    let finding = judge(context, model, &space, &statement, |_, _| {
        "by parts the integrands are equal, but f at an end of the domain has this factor"
            .to_owned()
    });
    (finding.verdict == Verdict::Refuted).then_some(Finding { message, ..finding })
}

/// The lines for one f that is known; none where it does not tell them apart.
fn at_a_bell(
    context: &Context,
    model: &mut Model,
    statement: &Statement,
    message: &str,
) -> Option<Finding> {
    let sides: Vec<Id> = statement.sides.iter().flat_map(|&(l, r)| [l, r]).collect();
    let (sides, bell) = witness::with_bell(model, &sides)?;
    let statement = Statement {
        sides: sides.chunks(2).map(|pair| (pair[0], pair[1])).collect(),
        span: statement.span.clone(),
        ..*statement
    };
    let space = Space::new(&model.graph, model.base_variables());
    let mut finding = judge(context, model, &space, &statement, |_, _| {
        format!("for f(z) = {bell}")
    });
    message.clone_into(&mut finding.message);
    (finding.verdict == Verdict::Refuted).then_some(finding)
}

/// What one line is of the other: everywhere, where that is short to say, else at the point.
fn times(
    model: &mut Model,
    space: &Space,
    sides: &[(Id, Id)],
    failure: &Failure,
    number: usize,
) -> String {
    let (l, r) = (failure.left.midpoint_f64(), failure.right.midpoint_f64());
    if failure.left.is_certainly_undefined() {
        return String::new();
    }
    let (line, above) = sides[failure.equation];
    if let Some(text) = explain::line(model, space, line, above) {
        return format!("line {number} is {text}");
    }
    if r == 0.0 {
        return String::new();
    }
    format!(
        "there line {number} is {} times line {}",
        text::rounded(l / r, 10),
        number - 1
    )
}

/// Lines of which every integral is a known mean of the noise; none where one is not, or nothing is
/// decided.
fn by_means(
    context: &Context,
    model: &mut Model,
    (line, above): (Id, Id),
    span: &Span,
    name: &str,
    number: usize,
) -> Option<Finding> {
    let (values, rests_on) = averages::in_closed_form(context, model, &[line, above])?;
    let (left, right) = (format!("line {number}"), format!("line {}", number - 1));
    let statement = Statement {
        left: &left,
        right: &right,
        sides: vec![(values[0], values[1])],
        span: span.clone(),
        almost_everywhere: false,
    };
    let space = Space::new(&model.graph, model.givens());
    let mut finding = judge(context, model, &space, &statement, |model, failure| {
        times(model, &space, &statement.sides, failure, number)
    });
    match finding.verdict {
        Verdict::Inconclusive | Verdict::Skipped => return None,
        Verdict::Refuted if rests_on.is_some_and(|v| v != Verdict::Proved) => return None,
        Verdict::Refuted => {
            finding.message =
                format!("line {number} of `{name}` is not equal to the line above it");
        }
        Verdict::Tested | Verdict::Certified | Verdict::Proved => {
            if let Some(rests_on) = rests_on {
                finding.verdict = finding.verdict.weaker(rests_on);
            }
            finding.message = format!("line {number} of `{name}`: by known means of the noise");
        }
    }
    Some(finding)
}

/// Lines with integrals, by their integrands.
fn under_integrals(
    context: &Context,
    model: &mut Model,
    (line, above): (Id, Id),
    span: &Span,
    name: &str,
    number: usize,
) -> Finding {
    let open = |context: &Context, model: &mut Model, reason: &str| {
        if let Some(finding) = by_means(context, model, (line, above), span, name, number) {
            return finding;
        }
        witness::compare(context, model, (line, above), name, number)
            .unwrap_or_else(|| {
                Finding::inconclusive(format!("line {number} of `{name}`: {reason}"))
            })
            .at(span.clone())
    };
    let found = match integrals::integrands(context, model, line, above) {
        Ok(found) => found,
        Err(reason) => return open(context, model, &reason),
    };
    let mut variables = if found.over_output {
        let mut variables = model.givens();
        variables.extend(model.outputs.iter().cloned());
        variables
    } else {
        model.base_variables()
    };
    variables.extend(found.unspecified.iter().cloned());
    let space = Space::new(&model.graph, variables);
    let what = match (found.decisive, &found.by_parts) {
        (true, Some(_)) => "the factor of f(z), by parts, in the integrand",
        (true, None) => "the factor of f(z) in the integrand",
        (false, _) => "the integrand",
    };
    let (left, right) = (
        format!("{what} of line {number}"),
        format!("{what} of line {}", number - 1),
    );
    let statement = Statement {
        left: &left,
        right: &right,
        sides: vec![found.sides],
        span: span.clone(),
        almost_everywhere: true,
    };
    let mut finding = judge(context, model, &space, &statement, |model, failure| {
        times(model, &space, &statement.sides, failure, number)
    });
    match finding.verdict {
        Verdict::Refuted if found.decisive => {
            finding.message =
                format!("line {number} of `{name}` is not equal to the line above it");
        }
        Verdict::Refuted => {
            let reason = "the integrands differ, and whether their integrals do is open";
            return open(context, model, reason);
        }
        Verdict::Proved | Verdict::Certified => {
            if let Some(ends) = found.by_parts.as_ref().filter(|ends| !ends.are_closed()) {
                let message =
                    format!("line {number} of `{name}` is not equal to the line above it");
                if let Some(refuted) = at_the_ends(context, model, &statement, ends, message) {
                    return refuted;
                }
                let reason = "what integration by parts leaves at an end is not known to be 0";
                return open(context, model, reason);
            }
            if let Some(rests_on) = found.rests_on {
                finding.verdict = finding.verdict.weaker(rests_on);
            }
            if found.interchanged || found.by_parts.is_some() {
                finding.message = format!("{}; {TEST_FUNCTIONS}", finding.message);
            }
        }
        Verdict::Inconclusive | Verdict::Tested | Verdict::Skipped => {}
    }
    finding
}
