//! Two numbers that should be one, at several parameter values.

use crate::check::expect::Estimate;
use crate::check::normalization::{DISTRUST, TOO_COARSE};
use crate::check::points::{Kind, Point, Space};
use crate::check::surfaces;
use crate::check::univariate::{numbers, value};
use crate::check::{Context, Counterexample, Finding, Verdict};
use crate::diagnostic::Span;
use crate::graph::Id;
use crate::model::{Claim, Model};
use crate::number::Rational;
use crate::number::text;

/// Compares a claimed formula with an estimate at several parameter values.
pub(super) fn compare(
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
        let (finding, _) = two_routes(
            context,
            model,
            what,
            (true, element),
            &claim.span,
            |model, at| {
                let claimed =
                    value(&model.graph, &symbols, at, element).filter(|v| v.is_finite())?;
                Some((Estimate::exact(claimed), truth(model, at, i)?))
            },
        );
        result = Some(match result {
            None => finding,
            Some(before) => before.and(finding),
        });
    }
    result.unwrap_or_else(|| Finding::skipped("nothing is claimed"))
}

/// Parameter values that a formula names, at which it is held against an integral as well.
const MOST_NAMED: usize = 6;

/// Compares two estimates, as a claim and its truth or as an estimator and the gradient; with the
/// point where they differ. The first is made of `formula`, and asked where its conditions hold.
pub(super) fn two_routes(
    context: &Context,
    model: &mut Model,
    what: &str,
    (claimed, formula): (bool, Id),
    span: &Span,
    sides: impl FnMut(&mut Model, &[f64]) -> Option<(Estimate, Estimate)>,
) -> (Finding, Option<Point>) {
    let (finding, place) = match estimates(context, model, what, &[formula], sides) {
        Routes::Apart(point, left, right) => {
            let space = Space::new(&model.graph, model.givens());
            let finding = refutation(model, &space, &point, what, claimed, (left, right));
            (finding, Some(point))
        }
        Routes::NotReached(tried) => {
            let reason = format!(
                "{what}: the expectation was not reached at {points}",
                points = text::counted(tried, "point")
            );
            (Finding::inconclusive(reason), None)
        }
        Routes::Equal(agreed, worst) => {
            let message = format!(
                "{what}: equal at {values} {closely}",
                values = text::counted(agreed, "parameter value"),
                closely = text::agreement(worst)
            );
            (Finding::new(Verdict::Tested, message), None)
        }
    };
    (finding.at(span.clone()), place)
}

/// How two estimates stand to each other.
pub(crate) enum Routes {
    /// Further apart than their errors allow, at values of parameters and inputs.
    Apart(Point, Estimate, Estimate),
    /// Equal at so many parameter values, to a relative error.
    Equal(usize, f64),
    /// Not both known at any of so many points.
    NotReached(usize),
}

/// Two estimates of one number at several values of parameters and inputs, up to the first at which
/// they are apart.
pub(crate) fn estimates(
    context: &Context,
    model: &mut Model,
    what: &str,
    formulas: &[Id],
    mut sides: impl FnMut(&mut Model, &[f64]) -> Option<(Estimate, Estimate)>,
) -> Routes {
    let space = Space::new(&model.graph, model.givens());
    let mut rng = context.stream(what);
    let wanted = if space.symbols.is_empty() {
        1
    } else {
        context.effort.integrals()
    };
    let (mut agreed, mut tried, mut worst) = (0usize, 0usize, 0.0f64);
    let drawn = (0..4 * wanted).filter_map(|round| space.draw(Kind::of_round(round), &mut rng));
    let drawn: Vec<Point> = drawn.collect();
    let mut other = context.stream("named");
    let mut named = surfaces::points_apart(&model.graph, &space, formulas, &drawn, &mut other);
    named.truncate(MOST_NAMED);
    let drawn = drawn.into_iter().map(|point| (point, false));
    for (point, is_named) in drawn.chain(named.into_iter().map(|point| (point, true))) {
        // What is reached nowhere on the first half will not be on the second.
        if !is_named && agreed >= wanted || agreed == 0 && tried >= 2 * wanted {
            continue;
        }
        // A gradient is asked for almost everywhere in the parameters.
        if what.starts_with("gradient") && is_at_a_hole(model, &space, &point) {
            continue;
        }
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
            return Routes::Apart(point, left, right);
        }
        worst = worst.max((left.error + right.error) / size.max(1e-3));
        agreed += 1;
    }
    if agreed == 0 {
        Routes::NotReached(tried)
    } else {
        Routes::Equal(agreed, worst)
    }
}

/// Whether parameters and inputs lie where g, a density or an f has a formula for a single value.
pub(crate) fn is_at_a_hole(model: &Model, space: &Space, point: &[Rational]) -> bool {
    let claims = [model.transform.as_ref(), model.inverse.as_ref()];
    let target = model.target.as_ref();
    let densities = target.map(|t| [t.log_density.as_ref(), t.distribution.as_ref()]);
    let of_f = model
        .expectations
        .iter()
        .flat_map(|e| [Some(&e.f), e.value.as_ref()]);
    let all = claims
        .into_iter()
        .chain(densities.into_iter().flatten())
        .chain(of_f);
    let terms: Vec<Id> = all
        .flatten()
        .flat_map(|claim| claim.elements.clone())
        .collect();
    surfaces::is_at_a_hole(&model.graph, &space.symbols, point, &terms)
}

/// An estimate as it is shown.
pub(crate) fn shown(estimate: Estimate) -> String {
    text::estimated(estimate.value, estimate.error)
}

fn refutation(
    model: &Model,
    space: &Space,
    point: &[Rational],
    what: &str,
    claimed: bool,
    (left, right): (Estimate, Estimate),
) -> Finding {
    let message = if claimed {
        format!("the claimed {what} is not that of the expectation")
    } else {
        format!("the estimator of the {what} is biased")
    };
    let (a, b) = if claimed {
        (format!("claimed {what}"), "by quadrature".to_owned())
    } else {
        (
            "mean of the estimator".to_owned(),
            format!("{what} of E[f]"),
        )
    };
    let explanation = if !claimed
        && right.value.abs() > 1e-9
        && left.value.abs() < 1e-9 * right.value.abs()
    {
        "the estimator is zero on average: a part that carries the gradient is detached or cancelled".to_owned()
    } else {
        format!("off by {}", text::rounded(left.value - right.value, 6))
    };
    let mut finding = Finding::new(Verdict::Refuted, message);
    finding.counterexample = Some(
        Counterexample::at_point(model, space, point)
            .sides((&a, shown(left)), (&b, shown(right)))
            .explained(explanation),
    );
    finding
}
