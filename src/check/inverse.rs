//! g⁻¹(g(ε)) = ε and g(g⁻¹(z)) = z; with no claim, that g is one-to-one.

use super::decide::{Failure, complexity};
use super::jacobian::{Jacobian, NoJacobian, jacobian};
use super::judge::{Statement, judge};
use super::monotone::{Reach, givens_text, one_sign};
use super::points::{Kind, Point, Space};
use super::{Context, Counterexample, Finding, Verdict, explain, support, surfaces};
use crate::graph::{Graph, Id, Node};
use crate::model::{Definition, Model, Variable};
use crate::number::{Binary, Enclosure, Precision, Rational, Unary};
use crate::tape::Tape;
use rustc_hash::FxHashMap;

pub(crate) fn run(context: &Context, model: &mut Model) -> Finding {
    match model.definition {
        Definition::Target => Finding::skipped("there is no transform"),
        Definition::Standardization => one_to_one_finding(context, model),
        Definition::Transform => match model.inverse.clone() {
            None => one_to_one_finding(context, model),
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
        let inputs: Vec<Enclosure> = point
            .iter()
            .map(|v| Enclosure::exact(v, precision))
            .collect();
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
    let inputs: Vec<Enclosure> = point
        .iter()
        .map(|v| Enclosure::exact(v, precision))
        .collect();
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

/// Components of a map along which its order is looked at.
const MOST_LINES: usize = 6;

/// What is known of a map without a claimed inverse.
#[derive(Clone, Debug)]
pub(crate) enum OneToOne {
    /// Each diagonal factor of the triangular Jacobian has one sign at all of this many exact
    /// points, drawn at random among others.
    OneSign(usize),
    /// Its sign differs at two exact points with the same parameters: monotone it is not.
    Changes(Box<(Point, Point)>),
    /// It jumps, so that its derivative decides nothing.
    Jumps,
    /// Not decided, with the reason.
    Unknown(String),
}

/// Whether the Jacobian is free of what it is a derivative in: an affine map is one-to-one where its
/// determinant is not zero.
fn is_affine(graph: &Graph, jacobian: &Jacobian) -> bool {
    let entries: Vec<Id> = jacobian.rows.iter().flatten().copied().collect();
    let used = graph.symbols_of(&entries);
    !used.iter().any(|s| jacobian.symbols.contains(s))
}

/// Whether steps of the noise (of z) show in the map.
fn has_steps(graph: &Graph, jacobian: &Jacobian) -> bool {
    graph.reachable(&jacobian.outputs).into_iter().any(|id| {
        let argument = match graph.node(id) {
            Node::Unary(Unary::Floor | Unary::Ceil | Unary::Round, x) => x,
            Node::Binary(Binary::Mod, ..) => id,
            Node::Unary(..)
            | Node::Binary(..)
            | Node::Ternary(..)
            | Node::Constant(_)
            | Node::Pi
            | Node::Infinity
            | Node::Symbol(_) => return false,
        };
        let used = graph.symbols_of(&[argument]);
        used.iter().any(|s| jacobian.symbols.contains(s))
    })
}

/// Whether g (or S) is one-to-one in the noise (in z), from the signs of the diagonal of its
/// triangular Jacobian.
pub(crate) fn one_to_one(
    context: &Context,
    model: &Model,
    space: &Space,
    jacobian: &Jacobian,
    factors: &[Id],
) -> OneToOne {
    if has_steps(&model.graph, jacobian) {
        return OneToOne::Jumps;
    }
    if jacobian.blocks.iter().any(|&size| size > 1) && !is_affine(&model.graph, jacobian) {
        return OneToOne::Unknown(
            "the Jacobian is not triangular, and the sign of a determinant does not decide"
                .to_owned(),
        );
    }
    let Ok(tape) = Tape::new(&model.graph, &space.symbols, factors) else {
        return OneToOne::Unknown(
            "a derivative depends on something that no point fixes".to_owned(),
        );
    };
    let given: usize = model.givens().iter().map(|v| v.symbols.len()).sum();
    let mut rng = context.stream("signs");
    let precision = Precision(96);
    let zero = Enclosure::exact(&Rational::ZERO, precision);
    // The bounds of structured domains depend on no parameter.
    let each = |v: &Variable| vec![v.domain.is_elementwise(); v.symbols.len()];
    let elementwise: Vec<bool> = space.variables.iter().flat_map(each).collect();
    let single: Vec<usize> = (given..elementwise.len())
        .filter(|&place| elementwise[place])
        .collect();
    let mut seen = 0;
    for round in 0..context.effort.integrals() {
        let Some(base) = space.draw(Kind::Simple(3 + round), &mut rng) else {
            continue;
        };
        let mut signs: Vec<Option<(bool, Point)>> = vec![None; factors.len()];
        for i in 0..48 {
            let kind = [Kind::Simple(4), Kind::Random, Kind::Corner][i % 3];
            let Some(mut point) = space.draw(kind, &mut rng) else {
                continue;
            };
            point[..given].clone_from_slice(&base[..given]);
            if single.iter().any(|&place| !space.admits(&point, place)) {
                continue;
            }
            let inputs: Vec<Enclosure> = point
                .iter()
                .map(|v| Enclosure::exact(v, precision))
                .collect();
            for (sign, value) in signs.iter_mut().zip(tape.evaluate(&inputs, &precision)) {
                let positive = if zero.certainly_less(&value) {
                    true
                } else if value.certainly_less(&zero) {
                    false
                } else {
                    continue;
                };
                seen += 1;
                match sign {
                    None => *sign = Some((positive, point.clone())),
                    Some((before, _)) if *before == positive => {}
                    Some((_, other)) => {
                        return OneToOne::Changes(Box::new((other.clone(), point)));
                    }
                }
            }
        }
    }
    if seen == 0 {
        return OneToOne::Unknown("no derivative could be enclosed".to_owned());
    }
    match jumps(context, model, space, jacobian) {
        Some(true) => OneToOne::Jumps,
        Some(false) => OneToOne::OneSign(seen),
        None => OneToOne::Unknown("the map depends on something that no point fixes".to_owned()),
    }
}

/// Whether a component goes both up and down along its own noise (its own z), at points drawn and
/// on both sides of what the formulas name: with a derivative of one sign, that is a jump or a pole
/// between. None where the map cannot be evaluated.
fn jumps(context: &Context, model: &Model, space: &Space, jacobian: &Jacobian) -> Option<bool> {
    let mut rng = context.stream("order");
    let precision = Precision(96);
    for &(row, column) in jacobian.cells.iter().take(MOST_LINES) {
        let output = jacobian.outputs[row];
        let map = Tape::new(&model.graph, &space.symbols, &[output]).ok()?;
        let symbol = jacobian.symbols[column];
        let place = space.symbols.iter().position(|&s| s == symbol)?;
        for _ in 0..context.effort.integrals() {
            let Some(base) = space.draw(Kind::Random, &mut rng) else {
                continue;
            };
            let mut line: Vec<Point> = surfaces::points(
                &model.graph,
                space,
                &[output],
                std::slice::from_ref(&base),
                &mut rng,
            );
            line.retain(|p| (0..p.len()).all(|i| i == place || p[i] == base[i]));
            for i in 0..48 {
                let kind = [Kind::Simple(4), Kind::Random, Kind::Corner][i % 3];
                if let Some(other) = space.draw(kind, &mut rng) {
                    let mut point = base.clone();
                    point[place].clone_from(&other[place]);
                    line.push(point);
                }
            }
            line.retain(|p| space.admits(p, place));
            line.sort_by(|a, b| a[place].cmp(&b[place]));
            line.dedup();
            let images: Vec<Enclosure> = line
                .iter()
                .map(|p| {
                    let inputs: Vec<Enclosure> =
                        p.iter().map(|v| Enclosure::exact(v, precision)).collect();
                    map.evaluate(&inputs, &precision).swap_remove(0)
                })
                .filter(Enclosure::is_finite)
                .collect();
            let up = images.windows(2).any(|p| p[0].certainly_less(&p[1]));
            let down = images.windows(2).any(|p| p[1].certainly_less(&p[0]));
            if up && down {
                return Some(true);
            }
        }
    }
    Some(false)
}

fn one_to_one_finding(context: &Context, model: &mut Model) -> Finding {
    let span = model
        .transform
        .as_ref()
        .or(model.inverse.as_ref())
        .map(|c| c.span.clone());
    let at = |finding: Finding| match span.clone() {
        Some(span) => finding.at(span),
        None => finding,
    };
    let found = match jacobian(model) {
        Ok(found) => found,
        Err(reason @ (NoJacobian::NotSquare { .. } | NoJacobian::Discrete | NoJacobian::NoMap)) => {
            return at(Finding::skipped(format!("no inverse is claimed; {reason}")));
        }
        Err(reason) => return at(Finding::skipped(format!("no inverse is claimed; {reason}"))),
    };
    let space = Space::new(&model.graph, model.base_variables());
    let factors = diagonal(&mut model.graph, &found);
    at(match one_to_one(context, model, &space, &found, &factors) {
        OneToOne::Changes(points) => {
            let texts: Vec<String> = [&points.0, &points.1]
                .iter()
                .map(|p| {
                    let example = Counterexample::at_point(model, &space, p);
                    let parts: Vec<String> = example
                        .noise
                        .iter()
                        .chain(&example.at)
                        .map(|(n, v)| format!("{n} = {v}"))
                        .collect();
                    parts.join(", ")
                })
                .collect();
            Finding::skipped(format!(
                "no inverse is claimed, and the map turns between {} and {}: it is not one-to-one",
                texts[0], texts[1]
            ))
        }
        OneToOne::OneSign(seen) => {
            let covered = one_sign(model, &space.variables, &found.outputs, &factors);
            let what = if found.blocks.iter().all(|&size| size == 1) {
                "the map is continuous and its derivative has one sign"
            } else {
                "the map is affine and its determinant has one sign"
            };
            let givens = givens_text(model);
            let domain = if found.implicit {
                "the support"
            } else {
                "the noise"
            };
            if let Some((Reach::Whole, boxes)) = covered {
                let message =
                    format!("one-to-one: {what} on {boxes} boxes that cover {domain}{givens}");
                return at(Finding::new(Verdict::Certified, message).with("boxes", boxes));
            }
            if let Some((Reach::Quantiles, boxes)) = covered {
                let message = format!(
                    "one-to-one: {what} on {boxes} boxes that cover the noise between its 10^-9 \
                     and 1 - 10^-9 quantiles{givens}"
                );
                return at(Finding::new(Verdict::Tested, message).with("boxes", boxes));
            }
            // If a share s of the noise had the other sign, all draws would miss it with
            // probability (1 − s)^n.
            let resolution = -context.error_rate.ln() / seen as f64;
            Finding::new(
                Verdict::Tested,
                format!("one-to-one: the derivative has one sign at {seen} exact points"),
            )
            .with("points", seen)
            .with("resolution", resolution)
            .with("error_rate", context.error_rate)
        }
        OneToOne::Jumps => Finding::skipped(
            "no inverse is claimed, and the map jumps: its derivative does not tell whether it is \
             one-to-one",
        ),
        OneToOne::Unknown(_) if model.target.is_none() && model.log_abs_det_jacobian.is_none() => {
            Finding::skipped("no law is claimed that would need g to be one-to-one")
        }
        OneToOne::Unknown(reason) => {
            Finding::inconclusive(format!("no inverse is claimed; {reason}"))
        }
    })
}

/// The factors of the determinant.
pub(crate) fn diagonal(graph: &mut Graph, jacobian: &Jacobian) -> Vec<Id> {
    crate::algebra::factorize(graph, &jacobian.rows).map_or(Vec::new(), |f| f.factors)
}

/// The place of a failure among the noise components.
pub(crate) fn component(model: &Model, failure: &Failure) -> String {
    let noise = model.noise_symbols();
    noise
        .get(failure.equation)
        .map_or(String::new(), |&id| model.graph.display(id))
}
