//! log p(ε) = log q(g(ε)) + log |det J|; preimages summed, surplus noise integrated out.

use super::inverse::{OneToOne, one_to_one};
use super::jacobian::{Jacobian, NoJacobian, jacobian, routes_agree};
use super::judge::{Statement, judge, random_places};
use super::marginal::{Marginal, marginal};
use super::points::{Kind, Space};
use super::univariate::{self, is_settled, numbers};
use super::{Context, Counterexample, Finding, Verdict, explain, law};
use crate::diagnostic::Span;
use crate::graph::Id;
use crate::model::{Definition, Model};
use crate::number::text;

pub(crate) fn run(context: &Context, model: &mut Model) -> Finding {
    let Some(target) = model.target.clone() else {
        return Finding::skipped("no target is claimed");
    };
    if model.definition == Definition::Target {
        return Finding::skipped("there is no transform");
    }
    let Some(claim) = target.log_density.clone().or(target.distribution.clone()) else {
        return Finding::skipped("no density is claimed");
    };
    let span = claim.span.clone();
    if target.discrete {
        return Finding::skipped("z is discrete: its masses are the business of `law`").at(span);
    }
    let found = match jacobian(model) {
        Ok(found) => found,
        Err(NoJacobian::NotSquare { noise, outputs }) if noise < outputs => {
            return flat(context, model, span);
        }
        Err(NoJacobian::Singular) if model.definition == Definition::Transform => {
            return flat(context, model, span);
        }
        Err(NoJacobian::NotSquare { .. } | NoJacobian::Discrete) => {
            return summed(context, model, claim.elements[0], span);
        }
        Err(reason) => return Finding::inconclusive(reason.to_string()).at(span),
    };
    let space = Space::new(&model.graph, model.base_variables());
    if let Err(reason) = routes_agree(context, &model.graph, &space, &found) {
        return Finding::inconclusive(reason).at(span);
    }
    let mut jumps = false;
    let inverse = context.before.get("inverse");
    let known_one_to_one = if inverse == Some(&Verdict::Proved)
        || model.inverse.is_some() && context.holds("inverse")
    {
        true
    } else {
        match one_to_one(context, model, &space, &found) {
            OneToOne::Shown(_) => true,
            OneToOne::Changes(_) => return summed(context, model, claim.elements[0], span),
            OneToOne::Jumps => {
                jumps = true;
                false
            }
            OneToOne::Flat(_) | OneToOne::Unknown(_) => false,
        }
    };
    let claim = (claim.elements[0], span);
    let finding = pointwise(context, model, &space, &found, claim, known_one_to_one);
    // The law of one coordinate is tested by draws and its integral; that of several is not.
    if jumps && finding.verdict > Verdict::Inconclusive && model.free_outputs().len() > 1 {
        let reason = "q(g(ε))|det J| is p(ε), but g jumps and is not known to be one-to-one";
        return Finding {
            span: finding.span,
            ..Finding::inconclusive(reason)
        };
    }
    finding
}

/// Where the derivative has no full rank, the noise is mapped to a set without volume (Sard), on
/// which no density puts anything.
fn flat(context: &Context, model: &Model, span: Span) -> Finding {
    let space = Space::new(&model.graph, model.base_variables());
    let mut finding = Finding::new(
        Verdict::Refuted,
        "the law of g(ε) has no density: its values fill no volume",
    )
    .at(span);
    let mut rng = context.stream("points");
    let point = (0..64).find_map(|_| space.draw(Kind::Simple(2), &mut rng));
    finding.counterexample = point.map(|point| {
        let mut example = Counterexample::at_point(model, &space, &point)
            .sides(
                ("|det J|", "0".to_owned()),
                ("under a density", "p(ε)/q(g(ε)) > 0".to_owned()),
            )
            .explained("at every noise some direction of z is not reached");
        let images = super::counterexample::images(model, &space, &point);
        example.at.extend(images);
        example
    });
    finding
}

fn pointwise(
    context: &Context,
    model: &mut Model,
    space: &Space,
    found: &Jacobian,
    (log_q, span): (Id, Span),
    known_one_to_one: bool,
) -> Finding {
    let log_q = model.rebased(log_q);
    let log_p = model.log_noise();
    let log_p = model.rebased(log_p);
    let log_det = model.rebased(found.log_abs_det);
    let total = model.graph.add(log_q, log_det);
    if model.target.as_ref().is_some_and(|t| t.unnormalized) {
        return up_to_a_factor(context, model, space, total, log_p, span);
    }
    let statement = Statement {
        left: "log q(g(ε)) + log |det J|",
        right: "log p(ε)",
        sides: vec![(total, log_p)],
        span,
        almost_everywhere: true,
    };
    let mut too_large = false;
    let finding = judge(context, model, space, &statement, |model, failure| {
        too_large = failure.right.certainly_less(&failure.left);
        explain::density(model, space, total, log_p, log_det, failure)
    });
    if finding.verdict == Verdict::Refuted && too_large && !known_one_to_one {
        // q may owe its size to another preimage.
        return Finding::inconclusive(
            "q(g(ε))|det J| is larger than p(ε), and g is not known to be one-to-one",
        )
        .at(statement.span);
    }
    if finding.verdict == Verdict::Certified && !known_one_to_one {
        return finding.with("one_to_one", "assumed");
    }
    finding
}

/// log q + log |det J| − log p does not vary with the noise.
fn up_to_a_factor(
    context: &Context,
    model: &mut Model,
    space: &Space,
    total: Id,
    log_p: Id,
    span: Span,
) -> Finding {
    let residual = model.graph.sub(total, log_p);
    let zero = model.graph.integer(0);
    let mut sides = Vec::new();
    for place in random_places(model, space) {
        match model.graph.differentiate(&[residual], space.symbols[place]) {
            Ok(slope) => sides.push((slope[0], zero)),
            Err(error) => return Finding::inconclusive(error.to_string()).at(span),
        }
    }
    let statement = Statement {
        left: "the slope of log q(g(ε)) + log |det J| − log p(ε)",
        right: "a density up to a factor",
        sides,
        span,
        almost_everywhere: true,
    };
    judge(context, model, space, &statement, |_, _| {
        "the two densities differ by more than a factor free of z".to_owned()
    })
}

/// q(z) is the sum over preimages and atoms, integrated over surplus noise.
fn summed(context: &Context, model: &mut Model, log_q: Id, span: Span) -> Finding {
    let marginal = match marginal(model) {
        Ok(marginal) => marginal,
        Err(reason) => {
            let reason = format!("the density of g(ε) cannot be written: {reason}");
            return by_draws(context, model, Finding::inconclusive(reason).at(span));
        }
    };
    if model.target.as_ref().is_some_and(|t| t.unnormalized) {
        return Finding::inconclusive("an unnormalized density of a map that is not one-to-one")
            .at(span);
    }
    let mut variables = model.givens();
    variables.extend(model.outputs.iter().cloned());
    let space = Space::new(&model.graph, variables);
    if marginal.others.is_empty() {
        let log_sum = model.graph.log(marginal.density);
        let statement = Statement {
            left: "log q(z)",
            right: "log of the sum of p(ε)/|det J| over preimages",
            sides: vec![(log_q, log_sum)],
            span,
            almost_everywhere: true,
        };
        let nothing = model.graph.integer(0);
        return judge(context, model, &space, &statement, |model, failure| {
            explain::density(model, &space, log_q, log_sum, nothing, failure)
        })
        .with("preimages", marginal.branches);
    }
    let finding = integrated(context, model, &space, &marginal, log_q).at(span);
    if finding.verdict == Verdict::Inconclusive {
        return by_draws(context, model, finding);
    }
    finding
}

/// Where the density of one coordinate cannot be computed, draws still tell its law from others.
fn by_draws(context: &Context, model: &mut Model, open: Finding) -> Finding {
    if model.output_symbols().len() > 1 {
        return open;
    }
    let tested = law::draws(context, model, "g(ε)");
    if tested.verdict != Verdict::Tested {
        return open;
    }
    let message = format!("{}; {}", open.message, tested.message);
    Finding { message, ..tested }
}

/// Estimated errors are multiplied by this before they are believed: a difference within it
/// decides nothing.
const DISTRUST: f64 = 100.0;

/// An integral below this share of what is claimed may have missed the mass.
const MISSED: f64 = 1e-6;

fn integrated(
    context: &Context,
    model: &mut Model,
    space: &Space,
    marginal: &Marginal,
    log_q: Id,
) -> Finding {
    if marginal.others.len() > 2 {
        return Finding::inconclusive(format!(
            "{} surplus noise components",
            marginal.others.len()
        ));
    }
    let mut rng = context.stream("points");
    let (mut agreed, mut tried, mut worst) = (0usize, 0usize, 0.0f64);
    for i in 0..4 * context.effort.integrals() {
        if agreed >= context.effort.integrals() {
            break;
        }
        let kind = Kind::of_round(i);
        let Some(point) = space.draw(kind, &mut rng) else {
            continue;
        };
        tried += 1;
        let at = numbers(&point);
        let integral = univariate::integrate_over(
            &model.graph,
            &space.symbols,
            &at,
            marginal.density,
            &marginal.others,
            (&marginal.logs, false),
        );
        let Some(claimed) = univariate::value(&model.graph, &space.symbols, &at, log_q) else {
            continue;
        };
        let claimed = claimed.exp();
        let Some(integral) = integral.filter(|i| is_settled(i) && claimed.is_finite()) else {
            continue;
        };
        // A peak that no abscissa met leaves next to nothing: that is no evidence.
        if integral.value > 0.0 && integral.value < MISSED * claimed {
            continue;
        }
        let slack = DISTRUST * integral.error + 1e-12 * claimed.abs();
        if slack > 1e-5 * (integral.value.abs() + 1e-8) {
            continue; // too coarse to say anything
        }
        if (claimed - integral.value).abs() > slack {
            let mut finding = Finding::new(
                Verdict::Refuted,
                "q(z) differs from the density of g(ε), surplus noise integrated out",
            );
            let ratio = claimed / integral.value;
            finding.counterexample = Some(
                Counterexample::at_point(model, space, &point)
                    .sides(
                        ("q(z)", text::rounded(claimed, 10)),
                        (
                            "density of g(ε) at z",
                            text::estimated(integral.value, integral.error),
                        ),
                    )
                    .explained(format!(
                        "the claimed density is {} times the true one",
                        text::rounded(ratio, 6)
                    )),
            );
            return finding;
        }
        worst = worst.max(integral.error / integral.value.abs().max(1e-300));
        agreed += 1;
    }
    if agreed < 3 {
        return Finding::inconclusive(format!(
            "the integral over surplus noise converged at {agreed} of {tried} points only"
        ));
    }
    Finding::new(
        Verdict::Tested,
        format!(
            "equal at {agreed} points, surplus noise integrated out, {}",
            text::agreement(worst)
        ),
    )
    .with("points", agreed)
    .with("relative_error", worst)
}
