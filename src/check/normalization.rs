//! ∫ q = 1 over the stated support: with `density`, the check that g is onto.

mod overfull;
mod valueless;

use super::listed::Listed;
use super::masses::Masses;
use super::points::{Kind, Point, Space};
use super::univariate::{
    Curve, Line, ends, exact_ends, has_far_peaks, integrate_over, is_settled, numbers,
};
use super::{Context, Counterexample, Finding, Verdict, chart, surfaces};
use crate::graph::Id;
use crate::model::{Definition, Model, Variable};
use crate::number::Rational;
use crate::number::text;
use crate::spec::raw::Measure;

/// Estimated errors are multiplied by this before they are believed.
pub(crate) const DISTRUST: f64 = 100.0;

/// Integrals with a larger relative uncertainty decide nothing.
pub(crate) const TOO_COARSE: f64 = 1e-5;

pub(crate) fn run(context: &Context, model: &mut Model) -> Finding {
    let Some(target) = model.target.clone() else {
        return Finding::skipped("no target is claimed");
    };
    let Some(claim) = target.log_density.clone().or(target.distribution.clone()) else {
        return Finding::skipped("no density is claimed");
    };
    let span = claim.span.clone();
    if target.unnormalized {
        return Finding::skipped("the density is claimed up to a factor only").at(span);
    }
    if target.support.is_none() && target.distribution.is_none() {
        return Finding::skipped("no support is stated").at(span);
    }
    if target.discrete {
        return masses(context, model, claim.elements[0]).at(span);
    }
    // An implicit S has been shown to preserve the density only: the integral is then the
    // probability of the noise that S reaches, which nothing has shown to be all.
    let carried = context.holds("density")
        && model.definition == Definition::Transform
        && context.holds("inverse")
        && target.support.is_some();
    let by_change_of_variables = |context: &Context| {
        Finding::new(
            context.before["density"].weaker(context.before["inverse"]),
            "by change of variables: the density is preserved and every z of the support is reached",
        )
        .at(span.clone())
    };
    let proved = context.before.get("inverse") == Some(&Verdict::Proved);
    if carried && (model.inverse.is_some() || proved) {
        return by_change_of_variables(context);
    }
    let over_the_domain = if target.measure == Measure::Hausdorff {
        chart::surface(model, claim.elements[0])
    } else {
        chart::free(model, claim.elements[0]).map(|free| (free.log_density, free.variables))
    };
    // Without a claimed inverse an integral, which owes nothing to g, says more.
    let (log_q, components) = match over_the_domain {
        Ok((_, components)) if carried && components.len() > 2 => {
            return by_change_of_variables(context);
        }
        Err(_) if carried => return by_change_of_variables(context),
        Ok(free) => free,
        Err(reason) => return Finding::inconclusive(reason).at(span),
    };
    match components.len() {
        1..=3 => {}
        n => {
            let reason = format!(
                "z has {n} coordinates, and no claimed inverse carries the integral over to the noise"
            );
            return Finding::inconclusive(reason).at(span);
        }
    }
    integrals(context, model, log_q, &components).at(span)
}

/// Each component as a variable of its own.
pub(crate) fn scalars(variable: &Variable) -> Vec<Variable> {
    variable
        .symbols
        .iter()
        .map(|&symbol| Variable {
            symbols: vec![symbol],
            shape: Vec::new(),
            ..variable.clone()
        })
        .collect()
}

fn integrals(context: &Context, model: &mut Model, log_q: Id, z: &[Variable]) -> Finding {
    let space = Space::new(&model.graph, model.givens());
    let mut rng = context.stream("parameters");
    let wanted = if space.symbols.is_empty() {
        1
    } else {
        context.effort.integrals()
    };
    let density = model.graph.exp(log_q);
    let (mut agreed, mut tried, mut worst, mut last) = (0usize, 0usize, 0.0f64, String::new());
    let mut too_much = None;
    // In the plane the adaptive rule, which takes a second where an integral diverges, is for what
    // the fast one reaches nowhere.
    let rounds = if z.len() == 2 { wanted } else { 0 };
    let drawn: Vec<Option<Point>> = (0..4 * wanted + rounds)
        .map(|i| space.draw(Kind::of_round(i), &mut rng))
        .collect();
    let mut named = if z.len() == 1 && !space.symbols.is_empty() {
        let bases: Vec<Point> = drawn.iter().flatten().cloned().collect();
        surfaces::moderate_points(&model.graph, &space, &[log_q], &bases, &mut rng)
    } else {
        Vec::new()
    };
    named.truncate(MOST_NAMED);
    let drawn = drawn.into_iter().enumerate();
    let drawn = drawn.map(|(i, point)| (point, i >= 4 * wanted, false));
    let named = named.into_iter().map(|point| (Some(point), false, true));
    for (point, exhaustive, is_named) in drawn.chain(named) {
        if !is_named && (agreed >= wanted || (agreed > 0 && exhaustive)) {
            continue;
        }
        let Some(point) = point else { continue };
        let at = numbers(&point);
        tried += 1;
        let mut line = None;
        let integral = if let [z] = z {
            let Some(ends) = ends(&model.graph, &space.symbols, &at, &z.domain) else {
                return Finding::inconclusive("the support is not an interval");
            };
            let Some(curve) = Curve::new(&model.graph, &space.symbols, &at, z.symbols[0], log_q)
            else {
                return Finding::inconclusive(
                    "the density depends on something that no point fixes",
                );
            };
            let line = line.insert(Line::new(curve, ends));
            line.exact = exact_ends(&model.graph, &z.domain);
            line.split_at(&surfaces::breaks(
                &model.graph,
                &space.symbols,
                &at,
                z.symbols[0],
                log_q,
            ));
            line.mass(None)
        } else {
            match integrate_over(
                &model.graph,
                &space.symbols,
                &at,
                density,
                z,
                (&[log_q], exhaustive),
            ) {
                Some(integral) => integral,
                None => return Finding::inconclusive("the support is not a product of intervals"),
            }
        };
        let slack = DISTRUST * integral.error + 1e-11;
        if let ([z], Some(place), Some(line)) = (z, integral.undefined_at, &line)
            && let Some(finding) = valueless::stretch(
                model,
                &space,
                &point,
                (z, log_q),
                (line.lower, line.upper),
                place,
            )
        {
            return finding;
        }
        if !is_settled(&integral) || slack > TOO_COARSE {
            if let (None, Some(line)) = (&too_much, &line) {
                too_much = overfull::part(model, &space, &point, line);
            }
            last = match integral.undefined_at {
                Some(place) => format!(
                    "the density is not a finite number near z = {}",
                    text::rounded(place, 6)
                ),
                None => format!(
                    "the integral is {}",
                    text::estimated(integral.value, integral.error)
                ),
            };
            continue;
        }
        let distance = (integral.value - 1.0).abs();
        if distance > slack {
            // Next to a hole of its formula a density loses digits that no quadrature misses.
            let rounding = line.map_or(0.0, |line| line.rounding(&point));
            if distance > slack + DISTRUST * rounding {
                let (graph, symbols) = (&model.graph, &space.symbols);
                if z.len() > 1
                    && integral.value < 1.0
                    && has_far_peaks(graph, symbols, &at, log_q, z)
                {
                    last = "the density has peaks far apart, and some may be missed".to_owned();
                    continue;
                }
                return refutation(model, &space, &point, integral.value, integral.error);
            }
            last = format!("rounding of the log-density is {rounding:.0e}");
            continue;
        }
        worst = worst.max(integral.error);
        agreed += 1;
    }
    // Where an integral over the whole converges to something else, that says more.
    if let Some(finding) = too_much {
        return finding;
    }
    if agreed == 0 {
        return Finding::inconclusive(format!(
            "no integral converged at {points}; {last}",
            points = text::counted(tried, "point")
        ));
    }
    Finding::new(
        Verdict::Tested,
        format!(
            "∫ q = 1 at {values}, by two quadrature rules with estimated error {worst:.0e}",
            values = text::counted(agreed, "parameter value")
        ),
    )
    .with("points", agreed)
    .with("error", worst)
}

/// Parameter values at most that a density names and is integrated at.
const MOST_NAMED: usize = 24;

fn refutation(model: &Model, space: &Space, point: &[Rational], value: f64, error: f64) -> Finding {
    let mut finding = Finding::new(
        Verdict::Refuted,
        "the density does not integrate to 1 over the stated support",
    );
    finding.counterexample = Some(
        Counterexample::at_point(model, space, point)
            .sides(
                ("∫ q over the support", text::estimated(value, error)),
                ("a density", "1".to_owned()),
            )
            .explained(factor_text(value)),
    );
    finding
}

/// What a wrong total says: a named factor, or a support that is too wide or too narrow.
fn factor_text(value: f64) -> String {
    let pi = std::f64::consts::PI;
    let named = [
        (2.0, "2"),
        (0.5, "1/2"),
        (pi, "pi"),
        (2.0 * pi, "2 pi"),
        ((2.0 * pi).sqrt(), "sqrt(2 pi)"),
        (pi.sqrt(), "sqrt(pi)"),
        (2f64.sqrt(), "sqrt(2)"),
    ];
    for (factor, name) in named {
        if (value / factor - 1.0).abs() < 1e-7 {
            return format!("the density is {name} times a density");
        }
        if (value * factor - 1.0).abs() < 1e-7 {
            return format!("the density is a density divided by {name}");
        }
    }
    if value < 1.0 {
        format!(
            "a share {} of the mass is missing: the normalizer is wrong, or mass lies outside the stated support",
            text::rounded(1.0 - value, 6)
        )
    } else {
        format!(
            "the total is {}: the normalizer is wrong, or the stated support is too wide",
            text::rounded(value, 7)
        )
    }
}

/// Σ of the masses of few values is 1, as an identity; none where it is not decided.
fn few_masses(context: &Context, model: &mut Model) -> Option<Finding> {
    let law = Listed::new(model)?;
    let sides = vec![(model.graph.sum(&law.masses), model.graph.integer(1))];
    let span = model.target.as_ref().map_or(0..0, |t| t.span.clone());
    let names = ("the sum of the masses", "1");
    let mut finding = law.equal(context, model, names, sides, span);
    finding.message = match finding.verdict {
        Verdict::Inconclusive => return None,
        Verdict::Refuted => "the masses do not sum to 1".to_owned(),
        Verdict::Proved | Verdict::Certified | Verdict::Tested | Verdict::Skipped => {
            format!("{} values sum to 1: {}", law.values.len(), finding.message)
        }
    };
    Some(finding)
}

/// Σ of the masses is 1.
fn masses(context: &Context, model: &mut Model, log_mass: Id) -> Finding {
    if let Some(finding) = few_masses(context, model) {
        return finding;
    }
    let space = Space::new(&model.graph, model.givens());
    let points = parameters(context, model, &space, log_mass);
    let (mut agreed, mut tried) = (0usize, 0usize);
    for point in &points {
        let at = numbers(point);
        tried += 1;
        let Some(masses) = Masses::new(model, &space, &at, log_mass) else {
            continue;
        };
        let Some(total) = masses.sum(&|_, _| 1.0) else {
            continue;
        };
        let slack = DISTRUST * total.error + 1e-12;
        if slack > TOO_COARSE {
            continue;
        }
        let distance = (total.value - 1.0).abs();
        if distance > slack {
            if distance <= slack + DISTRUST * masses.rounding_at(point) {
                continue;
            }
            return refutation(model, &space, point, total.value, total.error.max(1e-15));
        }
        agreed += 1;
    }
    if agreed == 0 {
        return Finding::inconclusive(format!(
            "no sum converged at {points}",
            points = text::counted(tried, "point")
        ));
    }
    Finding::new(
        Verdict::Tested,
        format!(
            "the masses sum to 1 at {values}",
            values = text::counted(agreed, "parameter value")
        ),
    )
    .with("points", agreed)
}

/// Parameter values at which sums are taken: simple and ordinary ones, some in the corners of the
/// domains, and those that the formula names.
fn parameters(context: &Context, model: &Model, space: &Space, log_mass: Id) -> Vec<Point> {
    if space.symbols.is_empty() {
        return vec![Vec::new()];
    }
    let mut rng = context.stream("parameters");
    let wanted = 4 * context.effort.integrals();
    let draw = |round: usize, rng: &mut _| {
        let kind = if round < wanted {
            Kind::of_round(round)
        } else {
            Kind::Corner
        };
        space.draw(kind, rng)
    };
    let mut points: Vec<Point> = (0..wanted + wanted / 2)
        .filter_map(|round| draw(round, &mut rng))
        .collect();
    let named = surfaces::moderate_points(&model.graph, space, &[log_mass], &points, &mut rng);
    points.extend(named.into_iter().take(MOST_NAMED));
    points
}
