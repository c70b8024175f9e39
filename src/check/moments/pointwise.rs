//! Claims that are identities: CDF, quantile, score, built-in distribution, values outside the
//! support.

use super::Law;
use super::anchor::{anchor, density_there, rounding};
use super::carried::carried;
use crate::check::judge::{Statement, judge};
use crate::check::points::Space;
use crate::check::univariate::value;
use crate::check::{Context, Finding, Verdict};
use crate::graph::Id;
use crate::language::Domain;
use crate::model::{Claim, Model, Variable};
use crate::number::{Enclosure, Rational};
use rustc_hash::FxHashMap;

/// Points over parameters, inputs and z.
pub(super) fn space_with_outputs(model: &Model) -> Space {
    let mut variables = model.givens();
    variables.extend(model.outputs.iter().cloned());
    Space::new(&model.graph, variables)
}

/// The built-in distribution has the claimed log-density.
pub(crate) fn distribution(
    context: &Context,
    model: &mut Model,
    log_q: Id,
    named: &Claim,
) -> Finding {
    let space = space_with_outputs(model);
    let statement = Statement {
        left: "claimed log_density",
        right: "log-density of the named distribution",
        sides: vec![(log_q, named.elements[0])],
        span: named.span.clone(),
        almost_everywhere: true,
    };
    judge(context, model, &space, &statement, |_, _| {
        "the named distribution and the formula are two different laws".to_owned()
    })
}

/// The claimed score is ∂ log q/∂z.
pub(crate) fn score(context: &Context, model: &mut Model, law: &Law, claim: &Claim) -> Finding {
    let Some(log_q) = law.log_density else {
        return Finding::inconclusive("there is no density to differentiate")
            .at(claim.span.clone());
    };
    let mut sides = Vec::new();
    for (&element, z) in claim.elements.iter().zip(model.output_symbols()) {
        match model.graph.differentiate(&[log_q], z) {
            Ok(slope) => sides.push((element, slope[0])),
            Err(error) => return Finding::inconclusive(error.to_string()).at(claim.span.clone()),
        }
    }
    let space = space_with_outputs(model);
    let statement = Statement {
        left: "claimed score",
        right: "∂ log q/∂z",
        sides,
        span: claim.span.clone(),
        almost_everywhere: true,
    };
    judge(context, model, &space, &statement, |_, _| String::new())
}

/// ∂F/∂z = q, and F(z₀) is the integral up to z₀ at one point for each of several parameters.
pub(crate) fn cdf(context: &Context, model: &mut Model, law: &Law, claim: &Claim) -> Finding {
    if let Some(finding) = carried(context, model, "cdf", claim) {
        return finding;
    }
    let Some(components) = law.components.clone() else {
        return Finding::inconclusive(
            "the components of z are not independent, or there is no density",
        )
        .at(claim.span.clone());
    };
    let mut sides = Vec::new();
    for (i, z) in model.output_symbols().into_iter().enumerate() {
        match model.graph.differentiate(&[claim.elements[i]], z) {
            Ok(slope) => sides.push((slope[0], model.graph.exp(components[i]))),
            Err(error) => return Finding::inconclusive(error.to_string()).at(claim.span.clone()),
        }
    }
    let space = space_with_outputs(model);
    let statement = Statement {
        left: "∂F/∂z of the claimed cdf",
        right: "q(z)",
        sides,
        span: claim.span.clone(),
        almost_everywhere: true,
    };
    let slope = judge(context, model, &space, &statement, |_, failure| {
        if failure.left.is_certainly_undefined() {
            "the claimed cdf has no value there".to_owned()
        } else if negated(&failure.left, &failure.right) {
            "the claimed cdf falls where it should rise: it is the survival function, or that of −z"
                .to_owned()
        } else {
            String::new()
        }
    });
    if slope.verdict == Verdict::Refuted {
        return slope;
    }
    let elements = claim.elements.clone();
    let anchor = anchor(
        context,
        model,
        law,
        claim,
        "cdf",
        move |model, inputs, at, z, i| {
            let claimed = value(&model.graph, inputs, at, elements[i])?;
            Some((z, claimed))
        },
        |model, space, point, i| rounding(model, &space.symbols, point, claim.elements[i]),
    );
    slope.and(anchor)
}

fn negated(left: &Enclosure, right: &Enclosure) -> bool {
    let (l, r) = (left.midpoint_f64(), right.midpoint_f64());
    (l + r).abs() <= 1e-9 * l.abs().max(r.abs())
}

/// q(Q(u))·Q′(u) = 1, and the mass below Q(u₀) is u₀ at one point for each of several parameters.
pub(crate) fn quantile(context: &Context, model: &mut Model, law: &Law, claim: &Claim) -> Finding {
    if let Some(finding) = carried(context, model, "quantile", claim) {
        return finding;
    }
    let u = model
        .target
        .as_ref()
        .and_then(|t| t.u)
        .expect("invariant: quantiles have a symbol");
    let Some(components) = law.components.clone() else {
        return Finding::inconclusive(
            "the components of z are not independent, or there is no density",
        )
        .at(claim.span.clone());
    };
    let mut sides = Vec::new();
    let one = model.graph.integer(1);
    for (i, z) in model.output_symbols().into_iter().enumerate() {
        let at = FxHashMap::from_iter([(z, claim.elements[i])]);
        let log_q = model.graph.substitute(&[components[i]], &at)[0];
        let slope = match model.graph.differentiate(&[claim.elements[i]], u) {
            Ok(slope) => slope[0],
            Err(error) => return Finding::inconclusive(error.to_string()).at(claim.span.clone()),
        };
        if components.len() == 1 {
            let density = model.graph.exp(log_q);
            sides.push((model.graph.mul(density, slope), one));
        } else {
            // Up to a constant: log q(Q(u)) + log Q′(u) does not vary with u.
            let log_slope = model.graph.log(slope);
            let total = model.graph.add(log_q, log_slope);
            match model.graph.differentiate(&[total], u) {
                Ok(bend) => sides.push((bend[0], model.graph.integer(0))),
                Err(error) => {
                    return Finding::inconclusive(error.to_string()).at(claim.span.clone());
                }
            }
        }
    }
    let mut variables = model.givens();
    variables.push(Variable {
        name: "u".to_owned(),
        shape: Vec::new(),
        symbols: vec![u],
        domain: Domain::UnitInterval,
        range: None,
    });
    let space = Space::new(&model.graph, variables);
    let statement = Statement {
        left: "q(Q(u))·Q′(u) of the claimed quantile",
        right: "1, which every quantile function gives",
        sides,
        span: claim.span.clone(),
        almost_everywhere: true,
    };
    let slope = judge(context, model, &space, &statement, |_, failure| {
        if negated(&failure.left, &failure.right) {
            "the claimed quantile falls where it should rise: it is that of 1 − u, or of −z"
                .to_owned()
        } else {
            String::new()
        }
    });
    if slope.verdict == Verdict::Refuted {
        return slope;
    }
    let elements = claim.elements.clone();
    let anchor = anchor(
        context,
        model,
        law,
        claim,
        "quantile",
        move |model, inputs, at, _, i| {
            // Away from ½, where symmetry hides mistakes.
            let level = 0.375;
            let (mut inputs, mut at) = (inputs.to_vec(), at.to_vec());
            inputs.push(u);
            at.push(level);
            Some((value(&model.graph, &inputs, &at, elements[i])?, level))
        },
        |model, space, point, i| {
            // As a share of the mass: the place moves by no more than the error times the density.
            let inputs: Vec<Id> = space.symbols.iter().copied().chain([u]).collect();
            let level = Rational::from(3) / Rational::from(8);
            let point = [point, &[level]].concat();
            let error = rounding(model, &inputs, &point, claim.elements[i])?;
            let givens = Space::new(&model.graph, model.givens());
            let density = density_there(model, law, &givens, &point, (u, i), claim.elements[i])?;
            Some(error * density)
        },
    );
    slope.and(anchor)
}
