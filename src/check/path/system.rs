//! Domination for an implicit map in several coordinates, whose path derivative is the solution of a
//! system: v = −(∂z S)⁻¹ ∂φ S mixes the coordinates, so no tail of one of them tells.
//!
//! For an f of bounded slope the exchange needs E|v| to be finite near φ. E √(1 + |v|²) is finite if
//! and only if E|v| is, and is smooth where |v| is not, so it is integrated over z; at the ends of
//! the support the rule shows whether anything is left. A second moment, for draws to have a standard
//! error, is asked for in the same way.

use crate::check::gradient::joint::Joint;
use crate::check::points::{Kind, Space};
use crate::check::univariate::numbers;
use crate::check::velocity::path_derivative;
use crate::check::{Context, Finding, Verdict};
use crate::diagnostic::Span;
use crate::graph::Id;
use crate::model::Model;
use crate::number::Unary;

/// Parameter values at which the mean is taken.
const PARAMETERS: usize = 2;

/// The relative error above which an integral is not known to be finite.
const SETTLED: f64 = 1e-3;

/// Whether E|v| is finite, at some parameters.
pub(super) fn dominated(context: &Context, model: &mut Model, span: &Span) -> Finding {
    match decided(context, model) {
        Ok(finding) => finding.at(span.clone()),
        Err(reason) => Finding::inconclusive(format!(
            "the mean of the path derivative of an implicit map in several dimensions is not known: {reason}"
        ))
        .at(span.clone()),
    }
}

fn decided(context: &Context, model: &mut Model) -> Result<Finding, String> {
    let target = model.target.as_ref().ok_or("no density is claimed")?;
    let density = target.density();
    let log_q = density.ok_or("no density is claimed")?.elements[0];
    let (free, ties) = crate::check::coordinates::free_parameters(model);
    let log_q = model.graph.substitute(&[log_q], &ties)[0];
    let mut integrals = Vec::new();
    for parameter in free {
        let v = path_derivative(model, parameter)?;
        let v = model.graph.substitute(&v, &ties);
        let squares: Vec<Id> = v.iter().map(|&v| model.graph.square(v)).collect();
        let square = model.graph.sum(&squares);
        let one = model.graph.integer(1);
        let sum = model.graph.add(one, square);
        let root = model.graph.unary(Unary::Sqrt, sum);
        integrals.push([
            Joint::mean(model, root, log_q)?,
            Joint::mean(model, square, log_q)?,
        ]);
    }
    let space = Space::new(&model.graph, model.givens());
    let mut rng = context.stream("tails");
    let (mut done, mut with_error) = (0, true);
    for round in 0..3 * PARAMETERS {
        if done >= PARAMETERS {
            break;
        }
        let Some(point) = space.draw(Kind::of_round(round), &mut rng) else {
            continue;
        };
        let at = numbers(&point);
        for [mean, square] in &integrals {
            let mut settles = |joint: &Joint| {
                let found = joint.value(context, model, &at);
                found.is_some_and(|e| e.error <= SETTLED * e.value.abs())
            };
            if !settles(mean) {
                return Err("its integral over z does not settle".to_owned());
            }
            with_error &= settles(square);
        }
        done += 1;
    }
    if done == 0 {
        return Err("no parameters could be drawn".to_owned());
    }
    let error = if with_error {
        ", with a Monte-Carlo error"
    } else {
        ""
    };
    Ok(Finding::new(
        Verdict::Tested,
        format!("the path derivative has a mean at {done} parameter values by integrals over z, so the exchange holds for f of bounded slope{error}"),
    )
    .with("power", 1.0))
}
