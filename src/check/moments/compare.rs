//! Claimed numbers against true ones at several parameter values, where the truth is an integral with
//! an estimated error.
//!
//! Estimated errors count a hundredfold (`DISTRUST`); a truth that is too coarse then is no truth, and
//! a claim that has no number at a hole of g is not wrong there.

use super::claimed::{Claimed, Parameters, claimed_at, parameters};
use super::tails::Truth;
use crate::check::decide::is_finite_at;
use crate::check::expect::Estimate;
use crate::check::normalization::{DISTRUST, TOO_COARSE};
use crate::check::points::{Kind, Point, Space};
use crate::check::univariate::numbers;
use crate::check::{Context, Counterexample, Finding, Verdict};
use crate::model::{Claim, Model};
use crate::number::Rational;
use crate::number::text;
use crate::tape::Tape;

/// Points among which one is looked for at which a claim is a number.
const ELSEWHERE: usize = 64;

/// What is asked of the law at a point.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// The moment.
    Everything,
    /// Whether there is one, which costs next to nothing.
    Existence,
}

/// Why a point is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// It was drawn.
    Drawn,
    /// The claim names it.
    Named,
    /// It lies close beside what the claim names.
    Beside,
}

/// Compares a claim with the truth at several parameter values.
pub(super) fn decide(
    context: &Context,
    model: &mut Model,
    what: &'static str,
    claim: &Claim,
    mut truth: impl FnMut(&mut Model, &Space, &[f64], usize, Wanted) -> Option<Truth>,
) -> Finding {
    let space = Space::new(&model.graph, model.givens());
    let tapes: Result<Vec<Tape>, _> = claim
        .elements
        .iter()
        .map(|&element| Tape::new(&model.graph, &space.symbols, &[element]))
        .collect();
    let Ok(tapes) = tapes else {
        return Finding::inconclusive(format!(
            "the claimed {what} depends on something that no point fixes"
        ));
    };
    let Parameters {
        drawn,
        mut named,
        beside,
    } = parameters(context, model, &space, claim);
    let wanted = context.effort.integrals().min(drawn.len());
    let is_number = |point: &Point| {
        let claimed = |tape| matches!(claimed_at(tape, point), Claimed::Number(_));
        tapes.iter().any(claimed)
    };
    if !drawn.iter().take(4 * wanted).chain(&named).any(is_number) {
        // The claim may be infinite at all of these, and a wrong number elsewhere.
        let mut rng = context.stream("numbers");
        let elsewhere = (0..ELSEWHERE).filter_map(|round| {
            let point = space.draw(Kind::of_round(round), &mut rng)?;
            is_number(&point).then_some(point)
        });
        named.extend(elsewhere.take(wanted));
    }
    let (mut agreed, mut tried, mut worst, mut infinite) = (0usize, 0usize, 0.0f64, false);
    let mut agreed_in_number = 0;
    let of = |points, kind| std::iter::repeat(kind).zip(points);
    let all = of(&drawn, Asked::Drawn).chain(of(&named, Asked::Named));
    for (asked, point) in all.chain(of(&beside, Asked::Beside)) {
        let enough = agreed_in_number >= wanted || tried >= 4 * wanted;
        let is_drawn = asked == Asked::Drawn;
        let wants = if asked == Asked::Beside || enough && is_drawn {
            Wanted::Existence
        } else {
            Wanted::Everything
        };
        let at = numbers(point);
        tried += usize::from(wants == Wanted::Everything && is_drawn);
        let (mut all, mut by_number) = (true, false);
        for (i, tape) in tapes.iter().enumerate() {
            let claimed = claimed_at(tape, point);
            let compared = match claimed {
                Claimed::Number(claimed) if what == "variance" && claimed < 0.0 => {
                    Compared::negative_variance(claimed)
                }
                Claimed::Number(_)
                | Claimed::Infinite(_)
                | Claimed::Undefined
                | Claimed::Unknown => match truth(model, &space, &at, i, wants) {
                    Some(truth) => compare(what, claimed, truth, || {
                        !transform_has_value(context, model, point)
                    }),
                    None => Compared::Open,
                },
            };
            match compared {
                Compared::Equal(error) => {
                    by_number = true;
                    worst = worst.max(error);
                }
                Compared::BothInfinite => infinite = true,
                Compared::Open => all = false,
                Compared::Different { sides, why } => {
                    return refuted(model, &space, point, what, sides, &why).at(claim.span.clone());
                }
            }
        }
        agreed += usize::from(all && asked != Asked::Beside);
        agreed_in_number += usize::from(all && by_number);
    }
    if agreed == 0 {
        return Finding::inconclusive(format!(
            "the integral for the {what} was not reached at {points}",
            points = text::counted(tried, "point")
        ))
        .at(claim.span.clone());
    }
    let at = format!(
        "{what}: equal at {values}",
        values = text::counted(agreed, "parameter value")
    );
    let message = match (infinite, worst > 0.0) {
        (true, false) => format!("{at}, infinite by the power of its tail"),
        (true, true) | (false, _) => format!("{at} {}", text::agreement(worst)),
    };
    Finding::new(Verdict::Tested, message).at(claim.span.clone())
}

/// What a comparison at one point comes to.
enum Compared {
    /// Equal, to a relative error.
    Equal(f64),
    /// Both diverge, at the same end.
    BothInfinite,
    /// Nothing follows.
    Open,
    /// The claim is wrong: both sides, and why.
    Different {
        sides: (String, String),
        why: String,
    },
}

impl Compared {
    fn different(
        left: impl Into<String>,
        right: impl Into<String>,
        why: impl Into<String>,
    ) -> Self {
        Compared::Different {
            sides: (left.into(), right.into()),
            why: why.into(),
        }
    }

    fn negative_variance(claimed: f64) -> Self {
        Compared::different(
            text::rounded(claimed, 10),
            "at least 0",
            "no variance is negative",
        )
    }
}

/// A claim against the truth; `is_hole` says whether g itself has no value there.
fn compare(what: &str, claimed: Claimed, truth: Truth, is_hole: impl FnOnce() -> bool) -> Compared {
    let settled = |truth: Estimate, size: f64| {
        let slack = DISTRUST * truth.error + 1e-10 * size + 1e-14;
        (slack <= TOO_COARSE * (size + 1e-3)).then_some(slack)
    };
    match (claimed, truth) {
        (Claimed::Unknown, _)
        | (Claimed::Undefined, Truth::Infinite(..) | Truth::Nothing(_))
        | (Claimed::Infinite(_), Truth::Nothing(_)) => Compared::Open,
        (Claimed::Number(claimed), Truth::Number(truth)) => {
            let size = truth.value.abs().max(claimed.abs()).min(1e300);
            match settled(truth, size) {
                None => Compared::Open,
                Some(slack) if (claimed - truth.value).abs() > slack => {
                    let why = difference(what, claimed, truth);
                    Compared::different(
                        text::rounded(claimed, 10),
                        text::estimated(truth.value, truth.error),
                        why,
                    )
                }
                Some(_) => Compared::Equal(truth.error / size.max(1e-3)),
            }
        }
        (Claimed::Undefined | Claimed::Infinite(_), Truth::Number(truth)) => {
            let is_hole = matches!(claimed, Claimed::Undefined) && is_hole();
            if is_hole || settled(truth, truth.value.abs()).is_none() {
                return Compared::Open;
            }
            let left = match claimed {
                Claimed::Infinite(sign) => infinity(sign),
                Claimed::Undefined | Claimed::Number(_) | Claimed::Unknown => "undefined",
            };
            Compared::different(
                left,
                text::estimated(truth.value, truth.error),
                "the claim has no value there",
            )
        }
        (Claimed::Number(claimed), Truth::Infinite(_, power) | Truth::Nothing(power)) => {
            let right = match truth {
                Truth::Infinite(sign, _) => infinity(sign),
                Truth::Nothing(_) | Truth::Number(_) | Truth::Finite(_) => "does not exist",
            };
            let why = format!(
                "its integrand falls no faster than |z|^{}, so the integral diverges",
                text::rounded(power, 5)
            );
            Compared::different(text::rounded(claimed, 10), right, why)
        }
        (Claimed::Number(_) | Claimed::Undefined, Truth::Finite(_)) => Compared::Open,
        (Claimed::Infinite(sign), Truth::Finite(power)) => {
            let why = format!(
                "its integrand falls as |z|^{} or faster, so the integral converges",
                text::rounded(power, 8)
            );
            Compared::different(infinity(sign), "a finite number", why)
        }
        (Claimed::Infinite(claimed), Truth::Infinite(sign, _)) if claimed == sign => {
            Compared::BothInfinite
        }
        (Claimed::Infinite(claimed), Truth::Infinite(sign, _)) => Compared::different(
            infinity(claimed),
            infinity(sign),
            "it diverges at the other end",
        ),
    }
}

fn infinity(sign: f64) -> &'static str {
    if sign < 0.0 { "-inf" } else { "inf" }
}

/// Whether g is a number at a choice of parameters; without a transform nothing says otherwise.
fn transform_has_value(context: &Context, model: &Model, givens: &[Rational]) -> bool {
    let Some(transform) = &model.transform else {
        return true;
    };
    let space = Space::new(&model.graph, model.base_variables());
    let Ok(tape) = Tape::new(&model.graph, &space.symbols, &transform.elements) else {
        return false;
    };
    let mut rng = context.stream("holes");
    (0..4).any(|_| {
        space.draw(Kind::Random, &mut rng).is_some_and(|mut point| {
            point[..givens.len()].clone_from_slice(givens);
            is_finite_at(&tape, &point)
        })
    })
}

/// How a claim differs from an estimate, in words.
fn difference(what: &str, claimed: f64, truth: Estimate) -> String {
    // Of a truth that is zero but for its error there is no factor.
    if truth.value.abs() <= DISTRUST * truth.error + 1e-12 * claimed.abs() {
        return format!(
            "the claim is off by {}",
            text::rounded(claimed - truth.value, 6)
        );
    }
    explanation(what, claimed, truth.value)
}

pub(super) fn refuted(
    model: &Model,
    space: &Space,
    point: &[Rational],
    what: &str,
    (left, right): (String, String),
    why: &str,
) -> Finding {
    let message = format!("the claimed {what} is not that of the law");
    let mut finding = Finding::new(Verdict::Refuted, message);
    finding.counterexample = Some(
        Counterexample::at_point(model, space, point)
            .sides(
                (&format!("claimed {what}"), left),
                (&format!("{what} of the law"), right),
            )
            .explained(why),
    );
    finding
}

/// What a wrong moment is instead, in words.
pub(super) fn explanation(what: &str, claimed: f64, truth: f64) -> String {
    let ratio = claimed / truth;
    let difference = claimed - truth;
    let near = |a: f64, b: f64| (a - b).abs() < 1e-7 * b.abs();
    if near(ratio, -1.0) {
        format!("the claimed {what} has the wrong sign")
    } else if what == "variance" && near(claimed * claimed, truth) {
        "the claim is the standard deviation, not the variance".to_owned()
    } else if what == "entropy" && near(ratio, 1.0 / std::f64::consts::LN_2) {
        "the claim is in bits; entropy is in nats".to_owned()
    } else if near(ratio, ratio.round()) && ratio.round() != 0.0 && ratio.abs() < 100.0 {
        format!("the claim is {} times the true value", ratio.round())
    } else if near(1.0 / ratio, (1.0 / ratio).round()) && (1.0 / ratio).abs() < 100.0 {
        format!(
            "the true value is {} times the claim",
            (1.0 / ratio).round()
        )
    } else {
        let (difference, ratio) = (text::rounded(difference, 6), text::rounded(ratio, 6));
        format!("the claim is off by {difference}, a factor of {ratio}")
    }
}
