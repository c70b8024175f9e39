//! Gradient and expectation may be exchanged along the path φ ↦ g(ε, φ).
//!
//! Four obligations: the law of the noise is free of φ; g(ε, ·), and f along it, have no jump at a
//! surface that moves with φ; no mass is put on a point; the difference quotients are dominated.
//! The last is said as a class of f: those that grow slower than a power of |z|.

mod divergence;
mod domination;
mod germ;
mod germs;
mod jumps;
mod poles;
mod size;
mod system;
#[cfg(test)]
mod tests;

pub(crate) use divergence::{Divergence, divergence};
pub(crate) use domination::{Tail, ends, orders};
pub(crate) use germs::Germs;

use self::domination::{Class, class, is_separable};
use self::jumps::{Coordinate, Jumps, Subject};
use super::expect::Expectations;
use super::judge::{Statement, judge};
use super::points::{Kind, Point, Space};
use super::univariate::{self, numbers};
use super::{Context, Counterexample, Finding, Verdict};
use crate::diagnostic::Span;
use crate::graph::{Id, Node};
use crate::model::{Definition, Estimator, Model, Variable};
use crate::number::{Binary, Interval, Number, Rational};
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
    let discrete = model.target.as_ref().is_some_and(|t| t.discrete);
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
        .and(dominated(context, model, &span, &objectives))
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
                    format!("probability {:.6}", m.value)
                });
                let condition = model.graph.display(happens);
                let mut finding =
                    Finding::new(Verdict::Refuted, "g puts mass on a point").at(span.clone());
                finding.counterexample = Some(
                    Counterexample::at_point(model, &space, &point)
                        .sides(
                            (&format!("the law of {name} at {z:.6}"), text),
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
        let inputs: Vec<Interval> = point.iter().map(|v| Interval::rational(v, &())).collect();
        tape.evaluate(&inputs, &())[0].certainly_positive()
    })
}

/// Parameter values at which tails are compared.
const PARAMETERS: usize = 2;

/// The class of f for which the difference quotients are dominated.
fn dominated(
    context: &Context,
    model: &mut Model,
    span: &Span,
    objectives: &[(Id, Span)],
) -> Finding {
    let slopes = match slopes(model) {
        Ok(slopes) => slopes,
        Err(reason) => return Finding::inconclusive(reason).at(span.clone()),
    };
    let mut found: Option<Class> = None;
    let (mut tried, mut without_mean) = (0, 0);
    let space = Space::new(&model.graph, model.base_variables());
    let coordinates = coordinates(model);
    let mut along = Vec::new();
    for (f, span) in objectives {
        for parameter in model
            .parameters
            .clone()
            .iter()
            .flat_map(|p| p.symbols.clone())
        {
            match model.graph.differentiate(&[*f], parameter) {
                Ok(slope) => along.push((slope[0], parameter, span.clone())),
                Err(error) => return Finding::inconclusive(error.to_string()).at(span.clone()),
            }
        }
    }
    let mut rng = context.stream("tails");
    for round in 0..3 * PARAMETERS {
        if tried >= PARAMETERS {
            break;
        }
        let Some(point) = space.draw(Kind::of_round(round), &mut rng) else {
            continue;
        };
        tried += 1;
        let mut total = Class::ALL;
        for (z, slope) in &slopes {
            match of_slope(model, &space, &point, &coordinates, Some(*z), *slope) {
                Ok(class) => total = total.and(class),
                Err(reason) => return Finding::inconclusive(reason).at(span.clone()),
            }
        }
        for (slope, parameter, span) in &along {
            match of_slope(model, &space, &point, &coordinates, None, *slope) {
                Ok(class) if class.mean < 1.0 => without_mean += 1,
                Ok(class) => total.exact &= class.exact,
                Err(reason) => {
                    let name = model.graph.display(*parameter);
                    return Finding::inconclusive(format!("∂f/∂{name}: {reason}")).at(span.clone());
                }
            }
        }
        found = Some(found.map_or(total, |before| before.and(total)));
    }
    let found = found.map(|class| Class {
        // Of an implicit map only q·v is known, and not v by itself.
        square: class
            .square
            .filter(|_| model.definition == Definition::Transform),
        ..class
    });
    let Some(class) = found else {
        return Finding::inconclusive("no parameters could be drawn").at(span.clone());
    };
    if without_mean > 0 && without_mean == along.len() * tried {
        return Finding::inconclusive("the slope of f along the path has no mean").at(span.clone());
    }
    let verdict = if class.exact {
        Verdict::Certified
    } else {
        Verdict::Tested
    };
    let text = |k: f64| {
        if k == f64::INFINITY {
            "every power of |z|".to_owned()
        } else {
            format!("|z|^k, k < {k:.4}")
        }
    };
    let message = match class.square.filter(|k| *k != class.mean) {
        None => format!("the exchange holds for f below {}", text(class.mean)),
        Some(square) => format!(
            "the exchange holds for f below {}, with a Monte-Carlo error below {}",
            text(class.mean),
            text(square)
        ),
    };
    let number = |k: f64| -> serde_json::Value {
        if k.is_finite() {
            k.into()
        } else {
            "every".into()
        }
    };
    let finding = Finding::new(verdict, message)
        .at(span.clone())
        .with("power", number(class.mean));
    match class.square {
        Some(k) => finding.with("power_with_error", number(k)),
        None => finding,
    }
}

/// Whether each term over base symbols has a mean and a second moment at a point of the parameters;
/// the reason where its tails are not known.
pub(crate) fn moments(
    context: &Context,
    model: &mut Model,
    givens: &[Rational],
    terms: &[Id],
) -> Vec<Result<(bool, bool), String>> {
    let space = Space::new(&model.graph, model.base_variables());
    let coordinates = coordinates(model);
    let mut rng = context.stream("moments of an estimator");
    let Some(mut point) = space.draw(Kind::Random, &mut rng) else {
        return vec![Err("the noise cannot be drawn".to_owned()); terms.len()];
    };
    point[..givens.len()].clone_from_slice(givens);
    terms
        .iter()
        .map(|&term| {
            let class = of_slope(model, &space, &point, &coordinates, None, term)?;
            Ok((class.mean >= 1.0, class.square.is_some_and(|k| k >= 1.0)))
        })
        .collect()
}

/// Each component of z with its path derivative in each parameter, where that is not 0.
fn slopes(model: &mut Model) -> Result<Vec<(Id, Id)>, String> {
    let parameters: Vec<Id> = model
        .parameters
        .iter()
        .flat_map(|p| p.symbols.clone())
        .collect();
    let terms = map(model);
    let implicit = model.definition == Definition::Standardization;
    let outputs = model.output_symbols();
    if implicit && terms.len() != 1 {
        // The velocity of a triangular map mixes components; velocity decides what it can.
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for (i, &term) in terms.iter().enumerate() {
        for &parameter in &parameters {
            let graph = &mut model.graph;
            let slope = graph
                .differentiate(&[term], parameter)
                .map_err(|e| e.to_string())?[0];
            if graph.is_integer(slope, 0) {
                continue;
            }
            let mut z = term;
            if implicit {
                // q·v = −p(S)·∂φS, of which p(S) is the weight.
                z = outputs[i];
            }
            found.push((z, slope));
        }
    }
    Ok(found)
}

/// The class of one slope at one point: the least over the components of the noise that it
/// depends on, and over both ends of each.
fn of_slope(
    model: &Model,
    space: &Space,
    point: &Point,
    coordinates: &[Coordinate],
    z: Option<Id>,
    slope: Id,
) -> Result<Class, String> {
    let graph = &model.graph;
    let random = random_symbols(model);
    let mut roots = vec![slope];
    roots.extend(z);
    let used: Vec<Id> = graph
        .symbols_of(&roots)
        .into_iter()
        .filter(|s| random.contains(s))
        .collect();
    let at = numbers(point);
    let mut total = poles::poles(model, space, point, coordinates, &roots)?;
    total.exact &= roots.iter().all(|r| is_separable(graph, *r, &random));
    for symbol in used {
        let Some(coordinate) = coordinates.iter().find(|c| c.variable.symbols == [symbol]) else {
            // Discrete components have no tail to speak of; others depend on one another.
            let discrete =
                |n: &crate::model::Noise| n.is_discrete() && n.variable.symbols.contains(&symbol);
            if model.noise.iter().any(discrete) {
                continue;
            }
            total.exact = false;
            continue;
        };
        let range = univariate::ends(graph, &space.symbols, &at, &coordinate.variable.domain)
            .ok_or("the support of the noise is not an interval")?;
        for end in ends(range) {
            let tail = Tail {
                symbol,
                end,
                log_density: coordinate.log_density,
            };
            let one = class(graph, (&space.symbols, point), &tail, z, slope).ok_or_else(|| {
                format!(
                    "the tail of the path derivative in {} is not known",
                    graph.display(symbol)
                )
            })?;
            total = total.and(one);
        }
    }
    Ok(total)
}
