//! The claimed values of expectations, and estimators of their gradients in one dimension.
//!
//! E[f] is taken over the noise, by quadrature of independent parts. The gradient of E[f] is taken
//! in z-space without g, as ∫ q (∂φ f + f ∂φ log q) dz, and held against the mean of the claimed
//! estimator over the noise.

use super::expect::{Estimate, Expectations};
use super::normalization::{DISTRUST, TOO_COARSE, scalars};
use super::points::{Kind, Space};
use super::univariate::{Curve, Line, ends, is_settled, numbers, value};
use super::{Context, Counterexample, Finding, Verdict};
use crate::diagnostic::Span;
use crate::graph::{Graph, Id, Node};
use crate::model::{Claim, Definition, Estimator, Expectation, Model};
use crate::number::{Rational, Unary};
use rustc_hash::FxHashMap;

pub(crate) fn run(context: &Context, model: &mut Model) -> Finding {
    if model.expectations.is_empty() {
        return Finding::skipped("there are no expectations");
    }
    if model.definition != Definition::Transform {
        return Finding::inconclusive(
            "expectations are taken over the noise of a transform, and there is none",
        );
    }
    let expectations = model.expectations.clone();
    let findings = expectations
        .iter()
        .flat_map(|e| judge(context, model, e))
        .collect::<Vec<_>>();
    findings
        .into_iter()
        .reduce(Finding::and)
        .unwrap_or_else(|| Finding::skipped("no value, gradient or estimator is claimed"))
}

fn judge(context: &Context, model: &mut Model, expectation: &Expectation) -> Vec<Finding> {
    let mut findings = Vec::new();
    let f: Vec<Id> = expectation.f.elements.clone();
    if let Some(claim) = &expectation.value {
        let truth: Vec<Id> = model
            .rebase(&f)
            .into_iter()
            .map(|t| tidy(&mut model.graph, t))
            .collect();
        findings.push(compare(
            context,
            model,
            claim,
            "value",
            move |model, at, i| Expectations::new(model, at.to_vec()).of(truth[i]),
        ));
    }
    if let Estimator::Value = expectation.estimator {
        return findings;
    }
    findings.push(match estimator(model, expectation) {
        Ok(parts) => estimators(context, model, &f, parts),
        Err(reason) => Finding::inconclusive(reason).at(expectation.f.span.clone()),
    });
    for (parameter, claim) in &expectation.gradient {
        findings.push(claimed_gradient(context, model, &f, parameter, claim));
    }
    findings
}

/// log(exp(x)) as x, so that log q(z) does not underflow on its way.
fn tidy(graph: &mut Graph, term: Id) -> Id {
    let logs: Vec<(Id, Id)> = graph
        .reachable(&[term])
        .into_iter()
        .filter_map(|id| match graph.node(id) {
            Node::Unary(Unary::Log, x) => match graph.node(x) {
                Node::Unary(Unary::Exp, inner) => Some((id, inner)),
                Node::Constant(_)
                | Node::Pi
                | Node::Infinity
                | Node::Symbol(_)
                | Node::Unary(..)
                | Node::Binary(..)
                | Node::Ternary(..) => None,
            },
            Node::Constant(_)
            | Node::Pi
            | Node::Infinity
            | Node::Symbol(_)
            | Node::Unary(..)
            | Node::Binary(..)
            | Node::Ternary(..) => None,
        })
        .collect();
    let map: FxHashMap<Id, Id> = logs.into_iter().collect();
    graph.substitute(&[term], &map)[0]
}

/// One estimator term with the parameter symbol whose gradient it estimates.
struct Part {
    parameter: Id,
    estimator: Id,
    span: Span,
}

fn estimator(model: &mut Model, expectation: &Expectation) -> Result<Vec<Part>, String> {
    let [f] = expectation.f.elements[..] else {
        return Err("the gradient of an f with several components is not decided".to_owned());
    };
    let span = expectation.f.span.clone();
    let mut parts = Vec::new();
    let parameters: Vec<(String, Vec<Id>)> = model
        .parameters
        .iter()
        .map(|p| (p.name.clone(), p.symbols.clone()))
        .collect();
    match &expectation.estimator {
        Estimator::Value => {}
        Estimator::Pathwise => {
            let along = model.rebased(f);
            let along = tidy(&mut model.graph, along);
            for (_, symbols) in parameters {
                for symbol in symbols {
                    let slope = model
                        .graph
                        .differentiate(&[along], symbol)
                        .map_err(|e| e.to_string())?[0];
                    parts.push(Part {
                        parameter: symbol,
                        estimator: slope,
                        span: span.clone(),
                    });
                }
            }
        }
        Estimator::Score => {
            let log_q = claimed_density(model).ok_or("no density is claimed")?;
            for (_, symbols) in parameters {
                for symbol in symbols {
                    let slopes = model
                        .graph
                        .differentiate(&[f, log_q], symbol)
                        .map_err(|e| e.to_string())?;
                    let score = model.graph.mul(f, slopes[1]);
                    let total = model.graph.add(slopes[0], score);
                    let estimator = model.rebased(total);
                    parts.push(Part {
                        parameter: symbol,
                        estimator,
                        span: span.clone(),
                    });
                }
            }
        }
        Estimator::Custom(claims) => {
            for (name, claim) in claims {
                let symbols = parameters
                    .iter()
                    .find(|(n, _)| n == name)
                    .map(|(_, s)| s.clone());
                for (&symbol, &element) in symbols.iter().flatten().zip(&claim.elements) {
                    let estimator = model.rebased(element);
                    parts.push(Part {
                        parameter: symbol,
                        estimator,
                        span: claim.span.clone(),
                    });
                }
            }
        }
    }
    Ok(parts)
}

fn claimed_density(model: &Model) -> Option<Id> {
    let target = model.target.as_ref()?;
    target
        .log_density
        .as_ref()
        .or(target.distribution.as_ref())
        .map(|c| c.elements[0])
}

/// ∂φ E[f] in z-space: ∫ q (∂φ f + f ∂φ log q) dz, for one coordinate with a fixed support.
fn true_gradient(model: &mut Model, f: Id, parameter: Id) -> Result<(Id, Id), String> {
    let log_q = claimed_density(model).ok_or("no density is claimed to take the gradient in")?;
    if model.output_symbols().len() != 1 {
        return Err("gradients are taken in one dimension".to_owned());
    }
    let bounds = model.outputs[0].domain.bounds();
    if model.graph.symbols_of(&bounds).contains(&parameter) {
        return Err("the support moves with the parameter".to_owned());
    }
    let noise = model.noise_symbols();
    if model
        .graph
        .symbols_of(&[f])
        .iter()
        .any(|s| noise.contains(s))
    {
        return Err("f mentions the noise itself".to_owned());
    }
    let slopes = model
        .graph
        .differentiate(&[f, log_q], parameter)
        .map_err(|e| e.to_string())?;
    let score = model.graph.mul(f, slopes[1]);
    Ok((model.graph.add(slopes[0], score), log_q))
}

fn in_z_space(model: &Model, at: &[f64], integrand: Id, log_q: Id) -> Option<Estimate> {
    let symbols: Vec<Id> = model
        .givens()
        .iter()
        .flat_map(|v| v.symbols.clone())
        .collect();
    let z = scalars(&model.outputs[0]).swap_remove(0);
    let ends = ends(&model.graph, &symbols, at, &z.domain)?;
    let line = Line::new(
        Curve::new(&model.graph, &symbols, at, z.symbols[0], log_q)?,
        ends,
    );
    if line.hides_mass() {
        return None;
    }
    let weight = Curve::new(&model.graph, &symbols, at, z.symbols[0], integrand)?;
    let integral = line.integrate(&mut |x| weight.values(x), None);
    is_settled(&integral).then_some(Estimate {
        value: integral.value,
        error: integral.error,
    })
}

fn estimators(context: &Context, model: &mut Model, f: &[Id], parts: Vec<Part>) -> Finding {
    let mut all: Option<Finding> = None;
    for part in parts {
        let name = model.graph.display(part.parameter);
        let finding = match true_gradient(model, f[0], part.parameter) {
            Err(reason) => {
                Finding::inconclusive(format!("gradient in {name}: {reason}")).at(part.span.clone())
            }
            Ok((integrand, log_q)) => {
                let what = format!("gradient in {name}");
                two_routes(context, model, &what, &part.span, |model, at| {
                    let mean = Expectations::new(model, at.to_vec()).of(part.estimator)?;
                    Some((mean, in_z_space(model, at, integrand, log_q)?))
                })
            }
        };
        all = Some(match all {
            None => finding,
            Some(before) => before.and(finding),
        });
    }
    all.unwrap_or_else(|| Finding::skipped("there are no parameters"))
}

fn claimed_gradient(
    context: &Context,
    model: &mut Model,
    f: &[Id],
    parameter: &str,
    claim: &Claim,
) -> Finding {
    let symbols = model
        .parameters
        .iter()
        .find(|p| p.name == parameter)
        .map_or(Vec::new(), |p| p.symbols.clone());
    let mut integrands = Vec::new();
    for symbol in symbols {
        match true_gradient(model, f[0], symbol) {
            Ok(pair) => integrands.push(pair),
            Err(reason) => return Finding::inconclusive(reason).at(claim.span.clone()),
        }
    }
    compare(context, model, claim, "gradient", move |model, at, i| {
        let (integrand, log_q) = *integrands.get(i)?;
        in_z_space(model, at, integrand, log_q)
    })
}

/// Compares a claimed formula with an estimate at several parameter values.
fn compare(
    context: &Context,
    model: &mut Model,
    claim: &Claim,
    what: &str,
    mut truth: impl FnMut(&mut Model, &[f64], usize) -> Option<Estimate>,
) -> Finding {
    let symbols: Vec<Id> = model
        .givens()
        .iter()
        .flat_map(|v| v.symbols.clone())
        .collect();
    let elements = claim.elements.clone();
    let mut result: Option<Finding> = None;
    for (i, element) in elements.into_iter().enumerate() {
        let finding = two_routes(context, model, what, &claim.span, |model, at| {
            let claimed = value(&model.graph, &symbols, at, element).filter(|v| v.is_finite())?;
            Some((Estimate::exact(claimed), truth(model, at, i)?))
        });
        result = Some(match result {
            None => finding,
            Some(before) => before.and(finding),
        });
    }
    result.unwrap_or_else(|| Finding::skipped("nothing is claimed"))
}

fn two_routes(
    context: &Context,
    model: &mut Model,
    what: &str,
    span: &Span,
    mut sides: impl FnMut(&mut Model, &[f64]) -> Option<(Estimate, Estimate)>,
) -> Finding {
    let space = Space::new(&model.graph, model.givens());
    let mut rng = context.stream(what);
    let wanted = if space.symbols.is_empty() {
        1
    } else {
        context.effort.integrals()
    };
    let (mut agreed, mut tried, mut worst) = (0usize, 0usize, 0.0f64);
    for round in 0..4 * wanted {
        if agreed >= wanted {
            break;
        }
        let kind = if round % 3 == 2 {
            Kind::Random
        } else {
            Kind::Simple(2 + round)
        };
        let Some(point) = space.draw(kind, &mut rng) else {
            continue;
        };
        tried += 1;
        let Some((left, right)) = sides(model, &numbers(&point)) else {
            continue;
        };
        let size = left.value.abs().max(right.value.abs());
        let slack = DISTRUST * (left.error + right.error) + 1e-10 * size + 1e-13;
        if slack > TOO_COARSE * (size + 1e-3) {
            continue;
        }
        if (left.value - right.value).abs() > slack {
            return refutation(model, &space, &point, what, left, right).at(span.clone());
        }
        worst = worst.max((left.error + right.error) / size.max(1e-3));
        agreed += 1;
    }
    if agreed == 0 {
        return Finding::inconclusive(format!(
            "{what}: the expectation was not reached at {tried} points"
        ))
        .at(span.clone());
    }
    Finding::new(
        Verdict::Tested,
        format!("{what}: equal at {agreed} parameter values to an estimated relative error of {worst:.0e}"),
    )
    .at(span.clone())
}

fn refutation(
    model: &Model,
    space: &Space,
    point: &[Rational],
    what: &str,
    left: Estimate,
    right: Estimate,
) -> Finding {
    let claimed = left.error == 0.0;
    let message = if claimed {
        format!("the claimed {what} is not that of the expectation")
    } else {
        format!("the estimator of the {what} is biased")
    };
    let text = |e: Estimate| {
        if e.error == 0.0 {
            format!("{:.10}", e.value)
        } else {
            format!("{:.10} ± {:.0e}", e.value, e.error)
        }
    };
    let (a, b) = if claimed {
        (format!("claimed {what}"), "by quadrature".to_owned())
    } else {
        (
            "mean of the estimator".to_owned(),
            format!("{what} of E[f]"),
        )
    };
    let explanation = if right.value.abs() > 1e-9 && left.value.abs() < 1e-9 * right.value.abs() {
        "the estimator is zero on average: a part that carries the gradient is detached or cancelled".to_owned()
    } else {
        format!("off by {:.6}", left.value - right.value)
    };
    let mut finding = Finding::new(Verdict::Refuted, message);
    finding.counterexample = Some(
        Counterexample::at_point(model, space, point)
            .sides((&a, text(left)), (&b, text(right)))
            .explained(explanation),
    );
    finding
}
