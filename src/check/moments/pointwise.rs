//! Claims that are identities: CDF, quantile, score, built-in distribution, values outside the
//! support.

use super::Law;
use super::carried::carried;
use super::claimed::{Claimed, claimed_at};
use super::law::line;
use crate::check::decide::middle;
use crate::check::judge::{Statement, judge};
use crate::check::normalization::{DISTRUST, TOO_COARSE, scalars};
use crate::check::points::{Kind, Point, Space, power_of_ten};
use crate::check::univariate::{is_settled, numbers, value};
use crate::check::{Context, Counterexample, Finding, Verdict, surfaces};
use crate::graph::Id;
use crate::language::Domain;
use crate::model::{Claim, Model, Target, Variable};
use crate::number::{Enclosure, Precision, Rational};
use crate::tape::Tape;
use rustc_hash::{FxHashMap, FxHashSet};

/// Points over parameters, inputs and z.
fn space_with_outputs(model: &Model) -> Space {
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

/// Points that a claim names at which its constant is looked at.
const MOST_NAMED: usize = 8;

/// The error of a term in binary64 at an exact point.
fn rounding(model: &Model, inputs: &[Id], point: &[Rational], term: Id) -> Option<f64> {
    let tape = Tape::new(&model.graph, inputs, &[term]).ok()?;
    let Claimed::Number(exact) = claimed_at(&tape, point) else {
        return None;
    };
    Some((tape.evaluate(&numbers(point), &())[0] - exact).abs())
}

/// The density at the claimed quantile of a point that ends in its level.
fn density_there(
    model: &Model,
    law: &Law,
    givens: &Space,
    point: &[Rational],
    (u, i): (Id, usize),
    claim: Id,
) -> Option<f64> {
    let at = numbers(&point[..givens.symbols.len()]);
    let line = line(model, law, givens, &at, i)?;
    let inputs: Vec<Id> = givens.symbols.iter().copied().chain([u]).collect();
    let all = [at.as_slice(), &[point.last()?.to_f64().value()]].concat();
    let z = value(&model.graph, &inputs, &all, claim)?;
    Some(line.log_density.at(z).exp())
}

/// The mass below a place is what the claim says, at one place for each of several parameters.
fn anchor(
    context: &Context,
    model: &mut Model,
    law: &Law,
    claim: &Claim,
    what: &'static str,
    mut place: impl FnMut(&Model, &[Id], &[f64], f64, usize) -> Option<(f64, f64)>,
    of_claim: impl Fn(&Model, &Space, &[Rational], usize) -> Option<f64>,
) -> Finding {
    let givens = Space::new(&model.graph, model.givens());
    let space = space_with_outputs(model);
    let mut rng = context.stream(what);
    let outputs: Vec<Variable> = model.outputs.iter().flat_map(scalars).collect();
    let wanted = if givens.symbols.is_empty() {
        1
    } else {
        context.effort.integrals()
    };
    let (mut agreed, mut tried) = (0usize, 0usize);
    let drawn: Vec<Point> = (0..4 * wanted)
        .filter_map(|round| space.draw(Kind::Simple(6 + round), &mut rng))
        .collect();
    let bases: Vec<Point> = drawn.clone();
    let elements = &claim.elements;
    let mut named = surfaces::moderate_points(&model.graph, &space, elements, &bases, &mut rng);
    // Of the points that the claim names those count that differ in the parameters.
    let mut seen: FxHashSet<Point> = FxHashSet::default();
    let given = |point: &Point| point[..givens.symbols.len()].to_vec();
    seen.extend(bases.iter().map(given));
    named.retain(|point| seen.insert(given(point)));
    named.truncate(MOST_NAMED);
    let drawn = drawn.into_iter().map(|point| (point, false));
    let named = named.into_iter().map(|point| (point, true));
    for (point, is_named) in drawn.chain(named) {
        if agreed >= wanted && !is_named {
            continue;
        }
        let all = numbers(&point);
        let at = &all[..givens.symbols.len()];
        tried += 1;
        let mut reached = true;
        for i in 0..outputs.len() {
            let Some(line) = line(model, law, &givens, at, i) else {
                reached = false;
                continue;
            };
            let z = all[givens.symbols.len() + i];
            let Some((end, claimed)) = place(model, &space.symbols, &all, z, i) else {
                reached = false;
                continue;
            };
            if end.is_nan() || claimed.is_nan() {
                reached = false;
                continue;
            }
            let end = end.clamp(line.lower, line.upper);
            let mass = line.integrate(&mut |x| vec![1.0; x.len()], Some((line.lower, end)));
            let slack = DISTRUST * mass.error + 1e-10;
            if !is_settled(&mass) || slack > TOO_COARSE {
                reached = false;
                continue;
            }
            let distance = (mass.value - claimed).abs();
            if distance > slack {
                // Both are in binary64, which loses digits next to a hole of a formula.
                let rounding = line.rounding(&point[..givens.symbols.len()])
                    + of_claim(model, &space, &point, i).unwrap_or(f64::INFINITY);
                if distance <= slack + DISTRUST * rounding {
                    reached = false;
                    continue;
                }
                let mut finding = Finding::new(
                    Verdict::Refuted,
                    format!("the claimed {what} does not start at the right value"),
                )
                .at(claim.span.clone());
                finding.counterexample = Some(
                    Counterexample::at_point(model, &givens, &point[..givens.symbols.len()])
                        .sides(
                            (
                                &format!("by the claimed {what}, mass below {end:.6}"),
                                format!("{claimed:.10}"),
                            ),
                            (
                                "∫ q up to there",
                                format!("{:.10} ± {:.0e}", mass.value, mass.error),
                            ),
                        )
                        .explained("the slope is right, so the claim is off by a constant"),
                );
                return finding;
            }
        }
        agreed += usize::from(reached);
    }
    if agreed == 0 {
        return Finding::inconclusive(format!(
            "{what}: no integral up to a point converged at {tried} points"
        ))
        .at(claim.span.clone());
    }
    // The identity was certified; the anchor rests on estimated errors.
    Finding::new(
        Verdict::Tested,
        format!("{what}: its constant agrees with ∫ q at {agreed} points"),
    )
    .at(claim.span.clone())
}

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

fn outside(
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
        let inputs: Vec<Enclosure> = point
            .iter()
            .map(|v| Enclosure::exact(v, precision))
            .collect();
        let limits = limit_tape.evaluate(&inputs, &precision);
        let (below, above) = outer_ends(&outputs[i].domain, &limits);
        for step in [power_of_ten(0), power_of_ten(-3), power_of_ten(6)] {
            for (end, sign) in [(&below, -1i64), (&above, 1)] {
                let Some(end) = end else { continue };
                let mut point = point.clone();
                point[place] = end + &step * Rational::from(sign);
                let inputs: Vec<Enclosure> = point
                    .iter()
                    .map(|v| Enclosure::exact(v, precision))
                    .collect();
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
    let at = |i: usize| limits.get(i).filter(|e| e.is_finite()).map(middle);
    match domain {
        Domain::Positive | Domain::Nonnegative => (Some(Rational::ZERO), None),
        Domain::Negative => (None, Some(Rational::ZERO)),
        Domain::UnitInterval => (Some(Rational::ZERO), Some(Rational::ONE)),
        Domain::Interval(..) => (at(0), at(1)),
        Domain::GreaterThan(_) => (at(0), None),
        Domain::LessThan(_) => (None, at(0)),
        Domain::Real
        | Domain::Nonzero
        | Domain::Boolean
        | Domain::IntegerInterval(..)
        | Domain::NonnegativeInteger
        | Domain::Simplex
        | Domain::OneHot
        | Domain::Ordered
        | Domain::PositiveOrdered
        | Domain::UnitVector
        | Domain::LowerCholesky
        | Domain::CorrCholesky
        | Domain::PositiveDefinite => (None, None),
    }
}
