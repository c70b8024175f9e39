//! Gradient and expectation may be exchanged along the path φ ↦ g(ε, φ).
//!
//! Four obligations: the law of the noise is free of φ; g(ε, ·), and f along it, have no jump at a
//! surface that moves with φ; no mass is put on a point; the difference quotients are dominated
//! (`exchange`).

mod crossing;
mod divergence;
mod domination;
mod exchange;
mod formula;
mod germ;
mod germs;
mod jumps;
mod limits;
mod poles;
mod power;
mod simple;
mod size;
mod system;
#[cfg(test)]
mod tests;

pub(crate) use divergence::{Divergence, divergence};
pub(crate) use domination::{Tail, ends, orders};
pub(crate) use exchange::moments;
pub(crate) use germs::Germs;

use self::jumps::{Coordinate, Jumps, Subject};
use super::expect::Expectations;
use super::judge::{Statement, judge};
use super::points::{Point, Space};
use super::univariate::{self, numbers};
use super::{Context, Counterexample, Finding, Verdict};
use crate::diagnostic::Span;
use crate::graph::{Id, Node};
use crate::model::{Definition, Estimator, Model, Variable};
use crate::number::text;
use crate::number::{Binary, Interval, Number};
use crate::tape::Tape;
use rustc_hash::FxHashMap;

pub(crate) fn run(context: &Context, model: &mut Model) -> Finding {
    if model.parameters.is_empty() {
        return Finding::skipped("there are no parameters");
    }
    let span = match model.definition {
        Definition::Target => return Finding::skipped("there is no path: z has no noise"),
        Definition::Transform => model.transform.as_ref().map(|c| c.span.clone()),
        Definition::Standardization => model.inverse.as_ref().map(|c| c.span.clone()),
    };
    let span = span.unwrap_or_default();
    let law = base_law(context, model, &span);
    if law.verdict == Verdict::Refuted {
        return law;
    }
    let objectives = objectives(model);
    let discrete = match &model.target {
        Some(target) => target.discrete,
        None => moves_in_steps(model) && !model.expectations.is_empty(),
    };
    if discrete && objectives.is_empty() {
        return Finding::skipped("z is discrete, and no pathwise gradient of it is claimed");
    }
    let continuity = continuity(context, model, &span, &objectives);
    if continuity.verdict == Verdict::Refuted {
        return continuity;
    }
    if let Some(atom) = atom(context, model, &span) {
        return atom;
    }
    let components = map(model).len();
    if model.definition == Definition::Standardization && components > 1 {
        return law
            .and(continuity)
            .and(system::dominated(context, model, &span));
    }
    law.and(continuity)
        .and(exchange::dominated(context, model, &span, &objectives))
}

/// Whether z changes with the noise in steps only.
fn moves_in_steps(model: &mut Model) -> bool {
    let Some(transform) = model.transform.as_ref().map(|c| c.elements.clone()) else {
        return false;
    };
    let noise = model.noise_symbols();
    let zero = model.graph.integer(0);
    let continuous = model.noise.iter().all(|n| !n.is_discrete());
    let slopes = model.graph.jacobian(&transform, &noise);
    continuous && slopes.is_ok_and(|rows| rows.iter().flatten().all(|slope| *slope == zero))
}

/// The symbols that are random: the noise, or z where that is the base.
fn random_symbols(model: &Model) -> Vec<Id> {
    match model.definition {
        Definition::Transform => model.noise_symbols(),
        Definition::Standardization | Definition::Target => model.output_symbols(),
    }
}

/// The variables that are random.
fn random_variables(model: &Model) -> Vec<Variable> {
    let given = model.givens().len();
    model.base_variables().split_off(given)
}

/// What the path goes through: z = g(ε), or ε = S(z) where g is implicit.
fn map(model: &Model) -> Vec<Id> {
    match model.definition {
        Definition::Transform => model.transform.as_ref(),
        Definition::Standardization => model.inverse.as_ref(),
        Definition::Target => None,
    }
    .map_or_else(Vec::new, |c| c.elements.clone())
}

/// Each f whose gradient is claimed to be estimated along the path, over base symbols.
fn objectives(model: &mut Model) -> Vec<(Id, Span)> {
    if model.definition != Definition::Transform {
        return Vec::new();
    }
    let claims: Vec<_> = model
        .expectations
        .iter()
        .filter(|e| matches!(e.estimator, Estimator::Pathwise))
        .map(|e| e.f.clone())
        .collect();
    let mut found = Vec::new();
    for claim in claims {
        for f in model.rebase(&claim.elements) {
            found.push((f, claim.span.clone()));
        }
    }
    found
}

/// The law of the noise does not depend on φ.
fn base_law(context: &Context, model: &mut Model, span: &Span) -> Finding {
    let parameters: Vec<Id> = model
        .parameters
        .iter()
        .flat_map(|p| p.symbols.clone())
        .collect();
    let mut all = Finding::new(
        Verdict::Certified,
        "the law of the noise is free of the parameters",
    );
    for noise in model.noise.clone() {
        let bounds: Vec<Id> = noise.domains.iter().flat_map(|d| d.bounds()).collect();
        let ends = model.graph.symbols_of(&bounds);
        if parameters.iter().any(|p| ends.contains(p)) {
            all = all.and(
                Finding::inconclusive(format!(
                    "the support of the noise `{}` moves with a parameter, so its law does",
                    noise.variable.name
                ))
                .at(span.clone()),
            );
        }
        let used = model.graph.symbols_of(&noise.log_densities);
        let log_p = model.graph.sum(&noise.log_densities);
        let name = noise.variable.name.clone();
        for &parameter in parameters.iter().filter(|p| used.contains(p)) {
            let slope = match model.graph.differentiate(&[log_p], parameter) {
                Ok(slope) => slope[0],
                Err(error) => return Finding::inconclusive(error.to_string()).at(span.clone()),
            };
            let zero = model.graph.integer(0);
            let mut variables = model.givens();
            variables.push(noise.variable.clone());
            let space = Space::new(&model.graph, variables);
            let parameter = model.graph.display(parameter);
            let left = format!("∂ log p({name})/∂{parameter}");
            let statement = Statement {
                left: &left,
                right: "a law free of the parameters",
                sides: vec![(slope, zero)],
                span: span.clone(),
                almost_everywhere: true,
            };
            let mut finding = judge(context, model, &space, &statement, |_, _| {
                format!(
                    "the noise changes its law with {parameter}: the pathwise estimator misses E[f·{left}]"
                )
            });
            if finding.verdict == Verdict::Refuted {
                finding.message = format!("the law of the noise `{name}` depends on {parameter}");
                return finding;
            }
            all = all.and(finding);
        }
    }
    all.at(span.clone())
}

/// Components that are independent and continuous, with their densities.
fn coordinates(model: &mut Model) -> Vec<Coordinate> {
    if model.definition != Definition::Transform {
        let log_p = model.log_noise();
        let log_density = model.rebased(log_p);
        let [output] = model.outputs.as_slice() else {
            return Vec::new();
        };
        if output.symbols.len() != 1 || !output.domain.is_elementwise() {
            return Vec::new();
        }
        let variable = output.clone();
        return vec![Coordinate {
            variable,
            log_density,
        }];
    }
    let mut found = Vec::new();
    for noise in model.noise.iter().filter(|n| !n.is_discrete()) {
        if noise.log_densities.len() != noise.variable.symbols.len() {
            continue;
        }
        let copies = noise.copies();
        for ((copy, &symbol), &log_density) in copies
            .iter()
            .zip(&noise.variable.symbols)
            .zip(&noise.log_densities)
        {
            found.push(Coordinate {
                variable: Variable {
                    name: model.graph.display(symbol),
                    shape: Vec::new(),
                    symbols: vec![symbol],
                    ..copy.clone()
                },
                log_density,
            });
        }
    }
    found
}

/// No jump of g or of an objective along it.
fn continuity(
    context: &Context,
    model: &mut Model,
    span: &Span,
    objectives: &[(Id, Span)],
) -> Finding {
    let coordinates = coordinates(model);
    let mut subjects: Vec<(&str, Id, Span)> = map(model)
        .into_iter()
        .map(|term| ("z", term, span.clone()))
        .collect();
    let maps = subjects.len();
    subjects.extend(objectives.iter().map(|(f, s)| ("f", *f, s.clone())));
    let mut all: Option<Finding> = None;
    let mut seams = 0;
    // An objective is looked at first: what it misses can be computed for it.
    subjects.rotate_left(maps);
    for (name, term, span) in subjects {
        match jumps::jumps(context, model, &coordinates, &Subject { name, term, span }) {
            Jumps::None => {}
            Jumps::Seam => seams += 1,
            Jumps::Judged(finding) => {
                if finding.verdict == Verdict::Refuted {
                    return *finding;
                }
                all = Some(match all {
                    None => *finding,
                    Some(before) => before.and(*finding),
                });
            }
        }
    }
    let found = all.unwrap_or_else(|| {
        Finding::new(Verdict::Certified, "no surface of a jump moves").at(span.clone())
    });
    if seams > 0 {
        let seam = "the seam of `mod` moves, so f must have its period";
        return found
            .and(Finding::new(Verdict::Certified, seam))
            .with("seams", seams);
    }
    found
}

/// Mass that a clamped g puts on a point although a density is claimed.
fn atom(context: &Context, model: &mut Model, span: &Span) -> Option<Finding> {
    let claims_density = model
        .target
        .as_ref()
        .is_some_and(|t| !t.discrete && (t.log_density.is_some() || t.distribution.is_some()));
    if !claims_density || model.definition != Definition::Transform {
        return None;
    }
    let space = Space::new(&model.graph, model.base_variables());
    let random = random_symbols(model);
    let is_random = |model: &Model, id: Id| {
        model
            .graph
            .symbols_of(&[id])
            .iter()
            .any(|s| random.contains(s))
    };
    let outputs = model.output_symbols();
    for (i, term) in map(model).into_iter().enumerate() {
        if !is_random(model, term) {
            continue;
        }
        for id in model.graph.reachable(&[term]) {
            // Where the node is its second argument rather than its first.
            let clamped = match model.graph.node(id) {
                Node::Binary(Binary::Min, a, b) => [(a, b, false), (b, a, false)],
                Node::Binary(Binary::Max, a, b) => [(a, b, true), (b, a, true)],
                Node::Constant(_)
                | Node::Pi
                | Node::Infinity
                | Node::Symbol(_)
                | Node::Unary(..)
                | Node::Binary(..)
                | Node::Ternary(..) => continue,
            };
            for (moving, bound, is_max) in clamped {
                let there = FxHashMap::from_iter([(id, bound)]);
                let value = model.graph.substitute(&[term], &there)[0];
                if is_random(model, value) || !is_random(model, moving) {
                    continue;
                }
                let (small, large) = if is_max {
                    (moving, bound)
                } else {
                    (bound, moving)
                };
                let happens = model.graph.binary(Binary::Less, small, large);
                let Some(point) = certain_point(context, model, &space, happens) else {
                    continue;
                };
                let given: usize = model.givens().iter().map(|v| v.symbols.len()).sum();
                let at = numbers(&point);
                let z = univariate::value(&model.graph, &space.symbols, &at, value)?;
                let mass = Expectations::new(model, at[..given].to_vec()).of(happens);
                let name = model.graph.display(outputs[i]);
                let text = mass.map_or("a positive probability".to_owned(), |m| {
                    format!("probability {}", text::rounded(m.value, 6))
                });
                let condition = model.graph.display(happens);
                let mut finding =
                    Finding::new(Verdict::Refuted, "g puts mass on a point").at(span.clone());
                finding.counterexample = Some(
                    Counterexample::at_point(model, &space, &point)
                        .sides(
                            (&format!("the law of {name} at {}", text::rounded(z, 6)), text),
                            ("a law with a density", "0".to_owned()),
                        )
                        .explained(format!(
                            "wherever {condition}, {name} is the same number: no density has this law, and a derivative that fails there is met"
                        )),
                );
                return Some(finding);
            }
        }
    }
    None
}

/// A point at which a condition certainly holds, and so does around it.
fn certain_point(context: &Context, model: &Model, space: &Space, condition: Id) -> Option<Point> {
    let tape = Tape::new(&model.graph, &space.symbols, &[condition]).ok()?;
    let mut rng = context.stream("clamped");
    let points = super::decide::spread(space, 64, &mut rng);
    points.into_iter().find(|point| {
        let inputs = Interval::rational_each(point, &());
        tape.evaluate(&inputs, &())[0].certainly_positive()
    })
}
