//! The claimed mode: no point has a higher density.

use super::Law;
use super::law::line;
use crate::check::counterexample::value_text;
use crate::check::decide::middle;
use crate::check::masses::Masses;
use crate::check::points::{Kind, Point, Space, power_of_ten};
use crate::check::surfaces;
use crate::check::univariate::numbers;
use crate::check::{Context, Counterexample, Finding, Verdict, support};
use crate::graph::Id;
use crate::model::{Claim, Model, Target};
use crate::number::{Enclosure, Interval, Number, Precision, Rational};
use crate::tape::Tape;

/// Parameter values that a claim names, at which it is looked at.
const MOST_NAMED: usize = 16;

/// Looks for a point of higher density than the claimed mode.
pub(crate) fn mode(context: &Context, model: &mut Model, law: &Law, claim: &Claim) -> Finding {
    let log_mass = model.target.as_ref().and_then(Target::log_mass);
    let Some(log_q) = law.log_density.or(log_mass) else {
        return Finding::inconclusive("there is no density to compare").at(claim.span.clone());
    };
    let givens = Space::new(&model.graph, model.givens());
    let mut variables = model.givens();
    variables.extend(model.outputs.iter().cloned());
    let space = Space::new(&model.graph, variables);
    let mut conditions = Vec::new();
    for output in model.outputs.clone() {
        conditions.extend(support::conditions(&mut model.graph, &output));
    }
    let (ties, conditions): (Vec<_>, Vec<_>) = conditions.into_iter().partition(|c| c.vanishes);
    let terms: Vec<Id> = conditions.iter().map(|c| c.term).collect();
    let vanishing: Vec<Id> = ties.iter().map(|c| c.term).collect();
    let tapes = (
        Tape::new(&model.graph, &givens.symbols, &claim.elements),
        Tape::new(&model.graph, &space.symbols, &[log_q]),
        Tape::new(&model.graph, &space.symbols, &terms),
        Tape::new(&model.graph, &space.symbols, &vanishing),
    );
    let (Ok(claimed), Ok(density), Ok(inside), Ok(tied)) = tapes else {
        return Finding::inconclusive("a formula depends on something that no point fixes")
            .at(claim.span.clone());
    };
    let mut rng = context.stream("mode");
    let precision = Precision(128);
    let zero = Enclosure::exact(&Rational::ZERO, precision);
    let given = givens.symbols.len();
    let enclose = |tape: &Tape, point: &[Rational], z: &[Enclosure]| {
        let mut inputs = Enclosure::exact_each(&point[..given], precision);
        inputs.extend_from_slice(z);
        tape.evaluate(&inputs, &precision)
    };
    let mut compared = 0usize;
    let mut points: Vec<Point> = (0..8 * context.effort.certified_points())
        .filter_map(|round| {
            let kind = [Kind::Simple(2 + round / 2), Kind::Random, Kind::Simple(14)][round % 3];
            space.draw(kind, &mut rng)
        })
        .collect();
    let graph = &model.graph;
    let mut named = surfaces::moderate_points(graph, &space, &claim.elements, &points, &mut rng);
    named.truncate(MOST_NAMED);
    points.extend(named);
    for point in points {
        let mode = enclose(&claimed, &point, &[]);
        let refuted = |left: String, right: (&str, String), explanation: &str| {
            let mut finding = Finding::new(
                Verdict::Refuted,
                "the claimed mode is not where the density is largest",
            )
            .at(claim.span.clone());
            finding.counterexample = Some(
                Counterexample::at_point(model, &givens, &point[..given])
                    .sides(("at the claimed mode", left), right)
                    .explained(explanation),
            );
            finding
        };
        if mode.iter().any(Enclosure::is_certainly_undefined) {
            let what = ("a mode", "a number".to_owned());
            return refuted(
                "undefined".to_owned(),
                what,
                "the formula has no value at these parameters",
            );
        }
        let place: Vec<String> = mode.iter().map(value_text).collect();
        let place = place.join(", ");
        let membership = enclose(&inside, &point, &mode);
        if log_mass.is_some() && mode.len() == 1 && is_no_integer(&mode[0]) {
            let what = ("the support", "integers".to_owned());
            return refuted(
                format!("z = {place}"),
                what,
                "the claimed mode is no integer",
            );
        }
        if let Some(i) = membership.iter().position(|v| v.certainly_less(&zero)) {
            let says = conditions[i].says.clone();
            return refuted(
                format!("z = {place}"),
                ("the support", says),
                "the claimed mode lies outside the support",
            );
        }
        let residuals = enclose(&tied, &point, &mode);
        if let Some(i) = residuals
            .iter()
            .position(|v| v.certainly_less(&zero) || zero.certainly_less(v))
        {
            let says = ties[i].says.clone();
            return refuted(
                format!("z = {place}"),
                ("the support", says),
                "the claimed mode lies outside the support",
            );
        }
        // On an edge of an open support the density is the limit from inside.
        let on_edge = !membership.iter().all(|v| zero.certainly_less(v));
        let heights: Vec<Enclosure> = if on_edge {
            nudged(&mode, precision)
                .iter()
                .filter(|z| {
                    enclose(&inside, &point, z)
                        .iter()
                        .all(|v| zero.certainly_less(v))
                })
                .map(|z| enclose(&density, &point, z).swap_remove(0))
                .collect()
        } else {
            vec![enclose(&density, &point, &mode).swap_remove(0)]
        };
        if heights.is_empty()
            || heights
                .iter()
                .any(|h| !h.is_finite() && h.is_exactly_infinite() != Some(-1))
        {
            continue;
        }
        let rivals = match log_mass {
            Some(log_mass) => largest(model, &givens, &point, log_mass),
            None => rivals(model, law, &givens, &space, &point, &mut rng),
        };
        let height = heights.iter().filter_map(Enclosure::lower).max();
        for rival in rivals {
            // Most are seen to be lower by intervals, which cost a hundredth.
            let below = |height: &Rational| {
                let inputs = Interval::rational_each(&rival, &());
                let highest = density.evaluate(&inputs, &())[0].hi();
                Rational::try_from(highest).is_ok_and(|highest| highest <= *height)
            };
            if height.as_ref().is_some_and(below) {
                compared += 1;
                continue;
            }
            let z = Enclosure::exact_each(&rival[given..], precision);
            let height = enclose(&density, &point, &z).swap_remove(0);
            compared += 1;
            let is_lower = |h: &Enclosure| h.certainly_less(&height);
            // A rival may be nearer to an edge than any of the points beside it.
            let near = || {
                let between = nearer(&mode, &rival[given..], precision);
                let mut heights = between
                    .iter()
                    .map(|z| enclose(&density, &point, z).swap_remove(0));
                heights.all(|h| is_lower(&h))
            };
            if heights.iter().all(is_lower) && (!on_edge || near()) {
                let at: Vec<String> = z.iter().map(value_text).collect();
                return refuted(
                    format!("log q({place}) = {}", value_text(&heights[0])),
                    (
                        "elsewhere",
                        format!("log q({}) = {}", at.join(", "), value_text(&height)),
                    ),
                    "another point has a higher density",
                );
            }
        }
    }
    if compared == 0 {
        return Finding::inconclusive("the density at the claimed mode could not be enclosed")
            .at(claim.span.clone());
    }
    Finding::new(
        Verdict::Certified,
        format!("mode: none of {compared} other points has a higher density"),
    )
    .at(claim.span.clone())
}

/// Whether no integer lies in an enclosure.
fn is_no_integer(value: &Enclosure) -> bool {
    match (value.lower(), value.upper()) {
        (Some(low), Some(high)) => Rational::from(low.ceil()) > high,
        (None, _) | (_, None) => false,
    }
}

/// The values of a discrete z with the largest masses.
fn largest(model: &Model, givens: &Space, point: &[Rational], log_mass: Id) -> Vec<Point> {
    let given = &point[..givens.symbols.len()];
    let Some(masses) = Masses::new(model, givens, &numbers(given), log_mass) else {
        return Vec::new();
    };
    let mut each: Vec<(&[f64], f64)> = masses.each().collect();
    each.sort_by(|a, b| b.1.total_cmp(&a.1));
    let exact = |atom: &[f64]| {
        atom.iter()
            .map(|&v| Rational::from(v as i64))
            .collect::<Point>()
    };
    let first = each.into_iter().take(3);
    first
        .map(|(atom, _)| [given, &exact(atom)].concat())
        .collect()
}

/// Points close to the mode in each direction, ever closer.
fn nudged(mode: &[Enclosure], precision: Precision) -> Vec<Vec<Enclosure>> {
    let mut all = Vec::new();
    for step in [-6, -12, -30] {
        for sign in [1i64, -1] {
            let shift = power_of_ten(step) * Rational::from(sign);
            all.push(
                mode.iter()
                    .map(|m| Enclosure::exact(&(middle(m) + &shift), precision))
                    .collect(),
            );
        }
    }
    all
}

/// Points on the way from a mode at an edge to another point, ever closer to the mode.
fn nearer(mode: &[Enclosure], other: &[Rational], precision: Precision) -> Vec<Vec<Enclosure>> {
    let between = |step| {
        let part = power_of_ten(step);
        let pairs = mode.iter().map(middle).zip(other);
        pairs
            .map(|(m, z)| Enclosure::exact(&(&m + (z - &m) * &part), precision))
            .collect()
    };
    [-1, -6, -12].into_iter().map(between).collect()
}

/// Places to compare with: maxima found numerically, and points at random.
fn rivals(
    model: &Model,
    law: &Law,
    givens: &Space,
    space: &Space,
    point: &[Rational],
    rng: &mut impl rand::Rng,
) -> Vec<Point> {
    let given = givens.symbols.len();
    let mut rivals = Vec::new();
    let at = numbers(&point[..given]);
    if point.len() == given + 1
        && let Some(line) = line(model, law, givens, &at, 0)
    {
        for &hint in &line.hints {
            if let Ok(z) = Rational::try_from(hint) {
                let mut rival = point[..given].to_vec();
                rival.push(z);
                rivals.push(rival);
            }
        }
    }
    for i in 0..12 {
        let kind = [Kind::Simple(8), Kind::Random, Kind::Corner][i % 3];
        let Some(other) = space.draw(kind, rng) else {
            continue;
        };
        let mut rival = point[..given].to_vec();
        rival.extend_from_slice(&other[given..]);
        // A simplex and its like are the same at all parameters, and drawn as a whole.
        let structured = model.outputs.iter().all(|o| !o.domain.is_elementwise());
        if structured || (given..rival.len()).all(|place| space.admits(&rival, place)) {
            rivals.push(rival);
        }
    }
    rivals
}
