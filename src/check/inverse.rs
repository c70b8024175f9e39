//! g⁻¹(g(ε)) = ε and g(g⁻¹(z)) = z; with no claim, that g is one-to-one and onto.

mod coupled;
mod derived;
mod image;
mod one_to_one;
mod unclaimed;

pub(crate) use one_to_one::{OneToOne, Shown, one_to_one};

use super::decide::{Failure, complexity};
use super::judge::{Statement, judge};
use super::points::{Kind, Point, Space};
use super::{Context, Counterexample, Finding, Verdict, explain, support};
use crate::graph::Id;
use crate::model::{Definition, Model};
use crate::number::{Enclosure, Interval, Number, Precision, Rational};
use crate::tape::Tape;
use rustc_hash::FxHashMap;

pub(crate) fn run(context: &Context, model: &mut Model) -> Finding {
    match model.definition {
        Definition::Target => Finding::skipped("there is no transform"),
        Definition::Standardization => unclaimed::unclaimed(context, model),
        Definition::Transform => match model.inverse.clone() {
            None => unclaimed::unclaimed(context, model),
            Some(claim) => claimed(context, model, &claim.elements, claim.span),
        },
    }
}

fn claimed(
    context: &Context,
    model: &mut Model,
    inverse: &[Id],
    span: crate::diagnostic::Span,
) -> Finding {
    let space = Space::new(&model.graph, model.base_variables());
    let noise = model.noise_symbols();
    let back = model.rebase(inverse);
    let statement = Statement {
        left: "claimed inverse at g(ε)",
        right: "ε",
        sides: back.iter().copied().zip(noise.iter().copied()).collect(),
        span: span.clone(),
        almost_everywhere: true,
    };
    let there = judge(context, model, &space, &statement, |model, failure| {
        explain::inverse(model, &space, &back, &noise, failure)
    });
    if there.verdict == Verdict::Refuted
        || model.target.as_ref().is_none_or(|t| t.support.is_none())
    {
        return there;
    }
    let onto = onto(context, model, inverse, span);
    there.and(onto)
}

/// g(g⁻¹(z)) = z on the stated support, where g⁻¹(z) must be possible noise.
fn onto(
    context: &Context,
    model: &mut Model,
    inverse: &[Id],
    span: crate::diagnostic::Span,
) -> Finding {
    let mut variables = model.givens();
    variables.extend(model.outputs.iter().cloned());
    let space = Space::new(&model.graph, variables);
    let noise = model.noise_symbols();
    let replaced: FxHashMap<Id, Id> = noise.iter().copied().zip(inverse.iter().copied()).collect();
    let transform = model
        .transform
        .clone()
        .expect("invariant: there is a transform")
        .elements;
    let round_trip = model.graph.substitute(&transform, &replaced);
    let statement = Statement {
        left: "g(claimed inverse(z))",
        right: "z",
        sides: round_trip
            .iter()
            .copied()
            .zip(model.output_symbols())
            .collect(),
        span: span.clone(),
        almost_everywhere: true,
    };
    let back = judge(context, model, &space, &statement, |_, _| {
        "the claimed inverse does not lead back to z everywhere on the stated support".to_owned()
    });
    if back.verdict == Verdict::Refuted {
        return back;
    }
    // Every z of the support must come from noise that can occur.
    let mut conditions = Vec::new();
    for n in model.noise.clone() {
        conditions.extend(support::conditions(&mut model.graph, &n.variable));
    }
    conditions.retain(|c| !c.vanishes);
    let terms: Vec<Id> = conditions.iter().map(|c| c.term).collect();
    let terms = model.graph.substitute(&terms, &replaced);
    let Ok(tape) = Tape::new(&model.graph, &space.symbols, &terms) else {
        return back;
    };
    let mut rng = context.stream("onto");
    let mut points: Vec<Point> = (0..context.effort.points() / 4)
        .filter_map(|i| {
            let kind = [
                Kind::Simple(2 + i / 4),
                Kind::Random,
                Kind::Corner,
                Kind::Equal,
            ][i % 4];
            space.draw(kind, &mut rng)
        })
        .collect();
    points.sort_by_cached_key(|p| complexity(p));
    let precision = Precision(192);
    let zero = Enclosure::exact(&Rational::ZERO, precision);
    for point in points {
        // Cheap intervals first: what they hold above 0 is not certainly below it.
        let near = Interval::rational_each(&point, &());
        if tape.evaluate(&near, &()).iter().all(|v| v.lo() >= 0.0) {
            continue;
        }
        let inputs = Enclosure::exact_each(&point, precision);
        let values = tape.evaluate(&inputs, &precision);
        if let Some(i) = values.iter().position(|v| v.certainly_less(&zero)) {
            let says = &conditions[i].says;
            let mut finding = Finding::new(
                Verdict::Refuted,
                "a z of the stated support comes from no noise",
            )
            .at(span);
            finding.counterexample = Some(
                Counterexample::at_point(model, &space, &point)
                    .sides(
                        (
                            "claimed inverse of z",
                            noise_text(model, inverse, &space, &point),
                        ),
                        ("noise support", says.clone()),
                    )
                    .explained("the stated support is wider than the range of g"),
            );
            return finding;
        }
    }
    back
}

fn noise_text(model: &Model, inverse: &[Id], space: &Space, point: &[Rational]) -> String {
    let Ok(tape) = Tape::new(&model.graph, &space.symbols, inverse) else {
        return String::new();
    };
    let precision = Precision(128);
    let inputs = Enclosure::exact_each(point, precision);
    let values: Vec<String> = tape
        .evaluate(&inputs, &precision)
        .iter()
        .map(super::counterexample::value_text)
        .collect();
    let names = model.noise_symbols();
    names
        .iter()
        .zip(values)
        .map(|(&id, value)| format!("{} = {value}", model.graph.display(id)))
        .collect::<Vec<_>>()
        .join(", ")
}

/// The place of a failure among the noise components.
pub(crate) fn component(model: &Model, failure: &Failure) -> String {
    let noise = model.noise_symbols();
    noise
        .get(failure.equation)
        .map_or(String::new(), |&id| model.graph.display(id))
}
