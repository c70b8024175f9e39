//! Outside the support, where `whole_line` claims a formula there too: the log-density is −∞ and the CDF
//! 0 or 1.

use super::pointwise::space_with_outputs;
use crate::check::decide::middle;
use crate::check::normalization::scalars;
use crate::check::points::{Kind, power_of_ten};
use crate::check::{Context, Counterexample, Finding, Verdict};
use crate::graph::Id;
use crate::language::{Domain, End};
use crate::model::{Claim, Model, Target, Variable};
use crate::number::{Enclosure, Precision, Rational};
use crate::tape::Tape;

/// Outside the support the claimed log-density is −∞ and the CDF 0 or 1.
pub(crate) fn whole_line(context: &Context, model: &mut Model, target: &Target) -> Vec<Finding> {
    let outputs: Vec<Variable> = model.outputs.iter().flat_map(scalars).collect();
    let mut claims: Vec<(&str, Id, &Claim, usize, bool)> = Vec::new();
    for (i, _) in outputs.iter().enumerate() {
        if let Some(claim) = &target.log_density {
            claims.push(("log_density", claim.elements[0], claim, i, true));
        }
        if let Some(claim) = target.moments.get("cdf") {
            claims.push(("cdf", claim.elements[i], claim, i, false));
        }
    }
    claims
        .into_iter()
        .map(|(what, term, claim, i, is_density)| {
            outside(context, model, what, (term, claim), &outputs, i, is_density)
        })
        .collect()
}

pub(super) fn outside(
    context: &Context,
    model: &Model,
    what: &str,
    (term, claim): (Id, &Claim),
    outputs: &[Variable],
    i: usize,
    is_density: bool,
) -> Finding {
    let space = space_with_outputs(model);
    let Ok(tape) = Tape::new(&model.graph, &space.symbols, &[term]) else {
        return Finding::inconclusive("a formula depends on something that no point fixes")
            .at(claim.span.clone());
    };
    let limits: Vec<Id> = outputs[i].domain.bounds();
    let Ok(limit_tape) = Tape::new(&model.graph, &space.symbols, &limits) else {
        return Finding::inconclusive("the support depends on z").at(claim.span.clone());
    };
    let place = space.symbols.len() - outputs.len() + i;
    let mut rng = context.stream("outside");
    let precision = Precision(128);
    let (mut certified, mut unclear) = (0usize, 0usize);
    for round in 0..3 * context.effort.certified_points() {
        let Some(point) = space.draw(Kind::Simple(6 + round), &mut rng) else {
            continue;
        };
        let inputs = Enclosure::exact_each(&point, precision);
        let limits = limit_tape.evaluate(&inputs, &precision);
        let (below, above) = outer_ends(&outputs[i].domain, &limits);
        for step in [power_of_ten(0), power_of_ten(-3), power_of_ten(6)] {
            for (end, sign) in [(&below, -1i64), (&above, 1)] {
                let Some(end) = end else { continue };
                let mut point = point.clone();
                point[place] = end + &step * Rational::from(sign);
                let inputs = Enclosure::exact_each(&point, precision);
                let found = tape.evaluate(&inputs, &precision).swap_remove(0);
                let (right, expected) = if is_density {
                    (found.is_exactly_infinite() == Some(-1), "-inf")
                } else if sign < 0 {
                    (found.as_rational() == Some(Rational::ZERO), "0")
                } else {
                    (found.as_rational() == Some(Rational::ONE), "1")
                };
                let certainly_other = found.is_certainly_undefined()
                    || (is_density && found.is_finite())
                    || (!is_density
                        && found.is_finite()
                        && !found.contains_rational(&Rational::from(i64::from(sign > 0))));
                if right {
                    certified += 1;
                } else if certainly_other {
                    let value = crate::check::counterexample::value_text(&found);
                    let mut finding = Finding::new(
                        Verdict::Refuted,
                        format!("the claimed {what} is wrong outside the support"),
                    )
                    .at(claim.span.clone());
                    finding.counterexample = Some(
                        Counterexample::at_point(model, &space, &point)
                            .sides((&format!("claimed {what}"), value), ("outside the support", expected.to_owned()))
                            .explained("`whole_line` claims the formula on all of ℝ, and z lies outside the support"),
                    );
                    return finding;
                } else {
                    unclear += 1;
                }
            }
        }
    }
    if certified == 0 && unclear > 0 {
        return Finding::inconclusive(format!(
            "the {what} outside the support could not be enclosed"
        ))
        .at(claim.span.clone());
    }
    if certified == 0 {
        return Finding::skipped("nothing lies outside the support").at(claim.span.clone());
    }
    Finding::new(
        Verdict::Certified,
        format!("{what}: exact outside the support at {certified} points"),
    )
    .at(claim.span.clone())
}

/// The finite ends beyond which nothing of a domain lies, whether it is an interval or one of
/// integers.
fn outer_ends(domain: &Domain, limits: &[Enclosure]) -> (Option<Rational>, Option<Rational>) {
    let at = |i: usize| limits.get(i).filter(|e| e.is_finite()).map(middle);
    match domain {
        Domain::NonnegativeInteger => (Some(Rational::ZERO), None),
        Domain::Boolean => (Some(Rational::ZERO), Some(Rational::ONE)),
        Domain::IntegerInterval(..) => (at(0), at(1)),
        Domain::Real
        | Domain::Positive
        | Domain::Nonnegative
        | Domain::Negative
        | Domain::Nonzero
        | Domain::UnitInterval
        | Domain::Interval(..)
        | Domain::GreaterThan(_)
        | Domain::LessThan(_)
        | Domain::Simplex
        | Domain::OneHot
        | Domain::Ordered
        | Domain::PositiveOrdered
        | Domain::UnitVector
        | Domain::LowerCholesky
        | Domain::CorrCholesky
        | Domain::PositiveDefinite => ends_of(domain, limits),
    }
}

/// The finite ends of an interval from its limits.
pub(crate) fn ends_of(
    domain: &Domain,
    limits: &[Enclosure],
) -> (Option<Rational>, Option<Rational>) {
    let [low, high] = domain
        .interval()
        .unwrap_or([End::Infinite; 2])
        .map(|end| match end {
            End::Infinite => None,
            End::At(number) => Some(Rational::from(number)),
            End::Bound(place) => limits.get(place).filter(|e| e.is_finite()).map(middle),
        });
    (low, high)
}
