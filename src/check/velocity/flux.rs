//! No flux through the ends of the support: q·(v − b) → 0, where b is the velocity of the end.
//!
//! For an explicit g without a claimed velocity the noise carries the mass and its ends are fixed, so
//! none is lost. Otherwise each end is approached, by exact asymptotics where they are known and by
//! values far out where not.

use crate::check::path::{Germs, Tail, ends, orders};
use crate::check::points::{Kind, Space};
use crate::check::univariate::{self, numbers};
use crate::check::{Context, Counterexample, Finding, Verdict};
use crate::diagnostic::Span;
use crate::graph::Id;
use crate::model::{Claim, Definition, Model};
use std::cmp::Ordering;

/// Parameter values at which ends are approached.
const PARAMETERS: usize = 2;

/// Decides the flux through each end of the support of the only coordinate of z.
pub(super) fn closed(
    context: &Context,
    model: &mut Model,
    claims: &[(String, Claim)],
    span: &Span,
) -> Finding {
    if claims.is_empty() && model.definition == Definition::Transform {
        // Of a map that is not one-to-one the path does not have a velocity in z.
        let one_to_one = context.before.get("inverse").copied();
        let verdict = one_to_one
            .filter(|&v| v == Verdict::Proved)
            .unwrap_or(Verdict::Certified);
        return Finding::new(
            verdict,
            "the noise carries the mass, so none leaves the support",
        );
    }
    let [output] = model.outputs.as_slice() else {
        return unexamined();
    };
    let output = output.clone();
    let target = model.target.as_ref();
    let density = target.and_then(|t| t.density());
    let log_q = density.map(|c| c.elements[0]);
    let (&[z], Some(log_q), true) = (
        output.symbols.as_slice(),
        log_q,
        output.domain.is_elementwise(),
    ) else {
        return unexamined();
    };
    // q·v = −p(S)·∂φS for the velocity of an implicit map: each factor is known at the ends.
    let log_p = model.log_noise();
    let log_p = model.rebased(log_p);
    let moves = output.domain.bounds().iter().any(|b| {
        let used = model.graph.symbols_of(&[*b]);
        let parameters = model.parameters.iter().flat_map(|p| &p.symbols);
        parameters.into_iter().any(|p| used.contains(p))
    });
    if moves && claims.is_empty() {
        return unexamined();
    }
    let mut fields = Vec::new();
    for parameter in model.parameters.clone() {
        let claim = claims.iter().find(|(name, _)| *name == parameter.name);
        for (k, &symbol) in parameter.symbols.iter().enumerate() {
            let v = match (claim, model.definition) {
                (Some((_, claim)), _) => claim.elements[k],
                (None, Definition::Standardization) => {
                    let map = model.inverse.clone().map_or_else(Vec::new, |c| c.elements);
                    let rate = model.graph.differentiate(&map, symbol);
                    let Ok([rate]) = rate.as_deref() else {
                        return unexamined();
                    };
                    fields.push((symbol, *rate, log_p));
                    continue;
                }
                (None, Definition::Transform | Definition::Target) => continue,
            };
            let used = model.graph.symbols_of(&[v]);
            let noise = model.noise_symbols();
            // Through the inverse, where there is one, v is a formula in z.
            let v = match &model.inverse {
                Some(inverse) if used.iter().any(|s| noise.contains(s)) => {
                    let map = noise.iter().copied().zip(inverse.elements.iter().copied());
                    let map = map.collect();
                    model.graph.substitute(&[v], &map)[0]
                }
                _ => v,
            };
            fields.push((symbol, v, log_q));
        }
    }
    let mut variables = model.givens();
    variables.push(output.clone());
    let space = Space::new(&model.graph, variables);
    let bounds = output.domain.bounds();
    let mut rng = context.stream("ends");
    let (mut exact, mut tried) = (true, 0);
    for round in 0..3 * PARAMETERS {
        if tried >= PARAMETERS {
            break;
        }
        let Some(point) = space.draw(Kind::of_round(round), &mut rng) else {
            continue;
        };
        tried += 1;
        let at = numbers(&point);
        let Some(range) = univariate::ends(&model.graph, &space.symbols, &at, &output.domain)
        else {
            return unexamined();
        };
        for &(parameter, v, log_weight) in &fields {
            for (side, end) in ends(range).into_iter().enumerate() {
                let relative = match bound(&bounds, side, range) {
                    None => v,
                    Some(bound) => {
                        let Ok(speed) = model.graph.differentiate(&[bound], parameter) else {
                            return unexamined();
                        };
                        model.graph.sub(v, speed[0])
                    }
                };
                let tail = Tail {
                    symbol: z,
                    end,
                    log_density: log_weight,
                };
                match vanishes(model, &space, &point, &tail, relative) {
                    Vanishes::Exactly => {}
                    Vanishes::Seen => exact = false,
                    Vanishes::Never => {
                        let name = model.graph.display(parameter);
                        let where_ = if side == 0 { "lower" } else { "upper" };
                        let mut finding = Finding::new(
                            Verdict::Refuted,
                            format!("mass flows through the {where_} end of the support"),
                        )
                        .at(span.clone());
                        finding.counterexample = Some(
                            Counterexample::at_point(model, &space, &point)
                                .sides(
                                    ("q·(v − b) at the end", "not 0".to_owned()),
                                    ("a closed support", "0".to_owned()),
                                )
                                .explained(format!("the total mass would change with {name}")),
                        );
                        return finding;
                    }
                    Vanishes::Unknown => {
                        let name = model.graph.display(parameter);
                        return Finding::inconclusive(format!(
                            "the flux through an end of the support is not known in {name}"
                        ))
                        .at(span.clone());
                    }
                }
            }
        }
    }
    Finding::new(
        if exact {
            Verdict::Certified
        } else {
            Verdict::Tested
        },
        format!("no flux through the ends of the support at {tried} parameter values"),
    )
    .at(span.clone())
}

/// In several coordinates the equation is judged, and the boundary is not.
fn unexamined() -> Finding {
    Finding::new(
        Verdict::Tested,
        "the flux through the boundary is not examined",
    )
}

/// The formula of an end that is finite.
fn bound(bounds: &[Id], side: usize, range: (f64, f64)) -> Option<Id> {
    let finite = if side == 0 { range.0 } else { range.1 }.is_finite();
    match bounds {
        [low, high] => finite.then_some(if side == 0 { *low } else { *high }),
        [only] => finite.then_some(*only),
        _ => None,
    }
}

/// How a flux behaves at an end.
enum Vanishes {
    /// It tends to 0.
    Exactly,
    /// Its values do.
    Seen,
    /// It tends to something else.
    Never,
    /// It is not known.
    Unknown,
}

fn vanishes(
    model: &Model,
    space: &Space,
    point: &[crate::number::Rational],
    tail: &Tail,
    v: Id,
) -> Vanishes {
    let mut germs = Germs::new(&model.graph, &space.symbols, point, (tail.symbol, tail.end));
    let flux = germs.of(tail.log_density).exp().times(germs.of(v));
    match flux.bound() {
        Ok(None) => return Vanishes::Exactly,
        Ok(Some(shape)) if shape.direction() == Some(Ordering::Less) => return Vanishes::Exactly,
        Ok(Some(_)) if flux.is_away_from_zero() => return Vanishes::Never,
        Ok(Some(_)) | Err(()) => {}
    }
    match orders(&model.graph, (&space.symbols, point), tail, v) {
        Some((density, speed)) if density + speed < -0.05 => Vanishes::Seen,
        Some(_) | None => Vanishes::Unknown,
    }
}
