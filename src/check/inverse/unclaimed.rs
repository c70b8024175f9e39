//! The finding for a map without a claimed inverse: one-to-one, and onto what is stated.

use super::derived::derived;
use super::image::{Image, image};
use super::one_to_one::{OneToOne, Shown, one_to_one, sign_at, varies};
use crate::check::counterexample::images;
use crate::check::jacobian::{Jacobian, jacobian};
use crate::check::monotone::{Reach, givens_text, one_sign, one_sign_proved};
use crate::check::points::{Point, Space};
use crate::check::{Context, Counterexample, Finding, Verdict, surfaces};
use crate::graph::Id;
use crate::model::Model;
use crate::number::{Enclosure, Precision, Rational};
use crate::tape::Tape;

pub(super) fn unclaimed(context: &Context, model: &mut Model) -> Finding {
    let span = model
        .transform
        .as_ref()
        .or(model.inverse.as_ref())
        .map(|c| c.span.clone());
    let finding = judged(context, model);
    match span {
        Some(span) => finding.at(span),
        None => finding,
    }
}

fn judged(context: &Context, model: &mut Model) -> Finding {
    let found = match jacobian(model) {
        Ok(found) => found,
        Err(reason) => return Finding::skipped(format!("no inverse is claimed; {reason}")),
    };
    if let Some(proved) = derived(context, model, &found) {
        return proved;
    }
    let space = Space::new(&model.graph, model.base_variables());
    match one_to_one(context, model, &space, &found) {
        OneToOne::Shown(shown) => {
            let (outputs, factors) = along_own(model, &found);
            let proved = one_sign_proved(model, &space, &outputs, &factors);
            let finding = injective(context, model, &space, &found, &shown, proved);
            if shown.leaps {
                let message = format!(
                    "{}; it leaps over values: whether the law has mass there, `normalization` says",
                    finding.message
                );
                return Finding { message, ..finding };
            }
            match image(context, model, &space, &found, &shown) {
                Image::Unasked => finding,
                Image::Whole(points, by_limits) => onto(finding, &found, points, by_limits),
                Image::Short(refutation) => *refutation,
                Image::Empty(reached) => Finding {
                    verdict: finding.verdict.weaker(Verdict::Tested),
                    message: format!(
                        "{}; it reaches {reached} only, and the density is 0 where else it was tried",
                        finding.message
                    ),
                    ..finding
                },
                Image::Unknown(reason) => Finding {
                    verdict: Verdict::Inconclusive,
                    message: format!("{}; not known to be onto: {reason}", finding.message),
                    ..finding
                },
            }
        }
        OneToOne::Changes(points) => {
            if let Some(refuted) = turns(model, &space, &found, &points) {
                return refuted;
            }
            let mut turns = [points.0, points.1];
            turns.sort();
            let [one, other] = turns.map(|p| text(model, &space, &p));
            Finding::skipped(format!(
                "no inverse is claimed, and the map turns between {one} and {other}: it is not one-to-one"
            ))
        }
        OneToOne::Flat(points) => flat(model, &space, &points),
        OneToOne::Jumps => Finding::skipped(
            "no inverse is claimed, and the map jumps: its derivative does not tell whether it is \
             one-to-one",
        ),
        OneToOne::Unknown(_) if model.target.is_none() && model.log_abs_det_jacobian.is_none() => {
            Finding::skipped("no law is claimed that would need g to be one-to-one")
        }
        OneToOne::Unknown(_) if model.target.as_ref().is_some_and(|t| t.discrete) => {
            Finding::skipped("z is discrete: its masses need no g that is one-to-one")
        }
        OneToOne::Unknown(reason) => {
            Finding::inconclusive(format!("no inverse is claimed; {reason}"))
        }
    }
}

/// A map with one value on a stretch: no density can be its law, and without one nothing asks for it
/// to be one-to-one.
fn flat(model: &Model, space: &Space, points: &(Point, Point)) -> Finding {
    let [one, other] = [&points.0, &points.1].map(|p| text(model, space, p));
    let target = model.target.as_ref();
    if !target.is_some_and(|t| !t.discrete && (t.log_density.is_some() || t.distribution.is_some()))
    {
        return Finding::skipped(format!(
            "no inverse is claimed, and the map has one value from {one} to {other}: it is not one-to-one"
        ));
    }
    let [(_, value), (_, same)] = [&points.0, &points.1].map(|p| {
        let shown = images(model, space, p);
        shown.into_iter().next().unwrap_or_default()
    });
    let mut finding = Finding::new(
        Verdict::Refuted,
        "the map is not one-to-one: it is constant on a stretch",
    );
    finding.counterexample = Some(
        Counterexample::at_point(model, space, &points.0)
            .sides(
                (&format!("g at {one}"), value),
                (&format!("g at {other}"), same),
            )
            .explained("all noise between falls on one point, which under a density has no mass"),
    );
    finding
}

/// Stretches on which a map that turns over is seen to be continuous.
const STRETCHES: i64 = 64;

/// An S that turns over between two points of the support at which the density is a number, so that no
/// g inverts it. It is continuous there: it is made of smooth functions, and finite on stretches that
/// cover the way.
fn turns(
    model: &Model,
    space: &Space,
    found: &Jacobian,
    (one, other): &(Point, Point),
) -> Option<Finding> {
    let is_plain = model.outputs.iter().all(|o| o.domain.is_elementwise());
    if !found.implicit || !is_plain {
        return None;
    }
    let graph = &model.graph;
    let target = model.target.as_ref()?;
    let density = target.density()?;
    let cells = found.blocks.iter().zip(&found.factors);
    for (block, &factor) in cells.filter(|(block, _)| block.size() == 1) {
        let output = found.outputs[block.rows[0]];
        let symbol = found.symbols[block.columns[0]];
        if !surfaces::is_smooth(graph, output, &[symbol]) {
            continue;
        }
        let place = space.symbols.iter().position(|s| *s == symbol)?;
        let mut far = one.clone();
        far[place].clone_from(&other[place]);
        let slope = Tape::new(graph, &space.symbols, &[factor]).ok()?;
        let signs = (sign_at(&slope, one), sign_at(&slope, &far));
        let (Some(rises), Some(rises_there)) = signs else {
            continue;
        };
        let terms = [&[output], density.elements.as_slice()].concat();
        let tape = Tape::new(graph, &space.symbols, &terms).ok()?;
        if rises == rises_there || !is_finite_between(&tape, (one, &far), place) {
            continue;
        }
        let [here, there] = [one, &far].map(|p| text(model, space, p));
        let word = |rises: bool| if rises { "positive" } else { "negative" };
        let mut finding = Finding::new(
            Verdict::Refuted,
            "the map is not one-to-one: it turns over within the support",
        );
        finding.counterexample = Some(
            Counterexample::at_point(model, space, one)
                .sides(
                    (&format!("slope at {here}"), word(rises).to_owned()),
                    (&format!("slope at {there}"), word(rises_there).to_owned()),
                )
                .explained("two z have the same noise, so no z = g(ε) inverts it"),
        );
        return Some(finding);
    }
    None
}

/// Whether terms are finite all the way between two points that differ in one place.
fn is_finite_between(tape: &Tape, (one, far): (&Point, &Point), place: usize) -> bool {
    let precision = Precision(96);
    let mut inputs = Enclosure::exact_each(one, precision);
    let step = (&far[place] - &one[place]) / Rational::from(STRETCHES);
    (0..STRETCHES).all(|k| {
        let from = &one[place] + &step * Rational::from(k);
        let to = &from + &step;
        inputs[place] = Enclosure::between(&from, &to, precision);
        let values = tape.evaluate(&inputs, &precision);
        values.iter().all(Enclosure::is_finite)
    })
}

/// The coordinates that are monotone in a component of the noise each, and their derivatives, with
/// whether these depend on it.
fn along_own(model: &Model, found: &Jacobian) -> (Vec<Id>, Vec<(Id, bool)>) {
    let factors: Vec<(Id, bool)> = (0..found.blocks.len())
        .filter(|&block| found.blocks[block].size() == 1)
        .map(|block| (found.factors[block], varies(&model.graph, found, block)))
        .collect();
    let cells = found.blocks.iter().filter(|block| block.size() == 1);
    let outputs: Vec<Id> = cells.map(|block| found.outputs[block.rows[0]]).collect();
    (outputs, factors)
}

/// What a one-to-one map was found to be so by, as a finding.
fn injective(
    context: &Context,
    model: &Model,
    space: &Space,
    found: &Jacobian,
    shown: &Shown,
    proved: bool,
) -> Finding {
    let (outputs, factors) = along_own(model, found);
    let single = if factors.is_empty() {
        None
    } else if proved {
        let message = "one-to-one: the map is continuous, and its derivative is proved to vanish \
                       nowhere";
        Some(Finding::new(Verdict::Proved, message))
    } else {
        let covered = one_sign(model, &space.variables, &outputs, &factors);
        Some(along_each(context, model, found, shown.points, covered))
    };
    let coupled = shown.coupled.as_ref().map(|coupled| {
        let at = if model.givens().is_empty() {
            String::new()
        } else {
            format!(" at {} parameter values", coupled.points)
        };
        let (verdict, where_) = match coupled.reach {
            Reach::Whole => (Verdict::Certified, "the noise"),
            Reach::Quantiles => (
                Verdict::Tested,
                "the noise between its 10^-9 and 1 - 10^-9 quantiles",
            ),
        };
        let message = format!(
            "one-to-one: its Jacobian, times a constant matrix, is definite or has positive \
             principal minors on {} boxes that cover {where_}{at}",
            coupled.boxes
        );
        Finding::new(verdict, message)
            .with("boxes", coupled.boxes)
            .with("certified_points", coupled.points)
            .with("undecided_points", coupled.undecided)
    });
    match (single, coupled) {
        (Some(single), Some(coupled)) => single.and(coupled),
        (Some(finding), None) | (None, Some(finding)) => finding,
        (None, None) => Finding::skipped("there is no noise"),
    }
}

/// One-to-one in one component after another.
fn along_each(
    context: &Context,
    model: &Model,
    found: &Jacobian,
    seen: usize,
    covered: Option<(Reach, usize)>,
) -> Finding {
    let what = "the map is continuous and its derivative has one sign";
    let givens = givens_text(model);
    let domain = if found.implicit {
        "the support"
    } else {
        "the noise"
    };
    match covered {
        Some((Reach::Whole, boxes)) => {
            let message =
                format!("one-to-one: {what} on {boxes} boxes that cover {domain}{givens}");
            Finding::new(Verdict::Certified, message).with("boxes", boxes)
        }
        Some((Reach::Quantiles, boxes)) => {
            let message = format!(
                "one-to-one: {what} on {boxes} boxes that cover the noise between its 10^-9 \
                 and 1 - 10^-9 quantiles{givens}"
            );
            Finding::new(Verdict::Tested, message).with("boxes", boxes)
        }
        None => {
            // If a share s of the noise had the other sign, all draws would miss it with
            // probability (1 − s)^n.
            let resolution = -context.error_rate.ln() / seen as f64;
            Finding::new(
                Verdict::Tested,
                format!("one-to-one: the derivative has one sign at {seen} exact points"),
            )
            .with("points", seen)
            .with("resolution", resolution)
            .with("error_rate", context.error_rate)
        }
    }
}

/// The same, and onto.
fn onto(finding: Finding, found: &Jacobian, points: usize, by_limits: bool) -> Finding {
    let whole = if found.implicit { "noise" } else { "support" };
    let how = if by_limits {
        format!("its limits are the ends of the {whole}")
    } else {
        format!("it comes within 10^-6 of the ends of the {whole}, or beyond 10^6,")
    };
    Finding {
        // What is seen at points is no proof.
        verdict: finding.verdict.weaker(Verdict::Certified),
        message: format!("{}; onto: {how} at {points} exact points", finding.message),
        ..finding
    }
    .with("onto_points", points)
}

fn text(model: &Model, space: &Space, point: &Point) -> String {
    let example = Counterexample::at_point(model, space, point);
    let parts: Vec<String> = example
        .noise
        .iter()
        .chain(&example.at)
        .map(|(n, v)| format!("{n} = {v}"))
        .collect();
    parts.join(", ")
}
