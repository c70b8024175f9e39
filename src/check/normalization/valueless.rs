//! A density without a value on a stretch of its stated support: it is claimed there and says nothing.
//!
//! Law: the density is certainly undefined at every z of the stretch, by its enclosure over all of it,
//! so that no isolated hole of a formula is taken for one (pair `support-beyond-formula` in
//! `tests/data/pairs`).

use crate::check::points::Space;
use crate::check::{Counterexample, Finding, Verdict};
use crate::graph::{Id, rational_text};
use crate::model::{Model, Variable};
use crate::number::{Enclosure, Precision, Rational};
use crate::tape::Tape;

/// Enough to tell a value from none.
const PRECISION: Precision = Precision(96);

/// The stretch reaches this share of the distance to the nearer end, or of 1, to both sides.
const REACH: (i64, u64) = (1, 16);

/// Refutes where the density of one coordinate between two ends has no value on a stretch; `near` is a
/// place at which an integral met none.
pub(super) fn stretch(
    model: &Model,
    space: &Space,
    point: &[Rational],
    (z, log_q): (&Variable, Id),
    (lower, upper): (f64, f64),
    near: f64,
) -> Option<Finding> {
    let mut inputs = space.symbols.clone();
    inputs.push(z.symbols[0]);
    let tape = Tape::new(&model.graph, &inputs, &[log_q]).ok()?;
    let has_none = |low: &Rational, high: &Rational| {
        let mut at = Enclosure::exact_each(point, PRECISION);
        at.push(Enclosure::between(low, high, PRECISION));
        let value = tape.evaluate(&at, &PRECISION).swap_remove(0);
        value.is_certainly_undefined()
    };
    let middle = candidates((lower, upper), near)
        .into_iter()
        .find(|middle| {
            let reach = reach((lower, upper), middle);
            reach.is_some_and(|reach| has_none(&(middle - &reach), &(middle + &reach)))
        })?;
    let mut finding = Finding::new(
        Verdict::Refuted,
        "the density has no value on a part of the stated support",
    );
    let mut example = Counterexample::at_point(model, space, point)
        .sides(
            ("log q(z)", "undefined".to_owned()),
            ("on the support", "a number or -inf".to_owned()),
        )
        .explained("the stated support is too wide, or the formula is not meant there");
    example.at.push((z.name.clone(), rational_text(&middle)));
    finding.counterexample = Some(example);
    Some(finding)
}

/// Places inside the ends, simple ones first.
fn candidates((lower, upper): (f64, f64), near: f64) -> Vec<Rational> {
    let whole = (1..=4i64).flat_map(|n| [(n, 1), (-n, 1)]);
    let half = (0..=3i64).flat_map(|n| [(2 * n + 1, 2u64), (-2 * n - 1, 2)]);
    let simple = whole.chain(half);
    let mut places: Vec<Rational> = simple
        .map(|(n, d)| Rational::from_parts(n.into(), d.into()))
        .collect();
    let ends = [lower, upper].map(|end| end.is_finite().then_some(end));
    let further = match ends {
        [Some(a), Some(b)] => (1..16).map(|k| a + (b - a) * f64::from(k) / 16.0).collect(),
        [Some(a), None] => vec![a + 0.25, a + 1.0, a + 16.0],
        [None, Some(b)] => vec![b - 0.25, b - 1.0, b - 16.0],
        [None, None] => vec![16.0, -16.0],
    };
    let further = further.into_iter().chain([near]);
    places.extend(further.filter_map(|x| Rational::try_from(x).ok()));
    places.retain(|x| {
        let x = x.to_f64().value();
        lower < x && x < upper
    });
    places
}

/// How far a stretch around a place reaches; none where the place is no inner one.
fn reach((lower, upper): (f64, f64), middle: &Rational) -> Option<Rational> {
    let middle = middle.to_f64().value();
    let distance = (middle - lower).min(upper - middle).min(1.0);
    let distance = Rational::try_from(distance).ok()?;
    let share = Rational::from_parts(REACH.0.into(), REACH.1.into());
    (distance > Rational::ZERO).then(|| distance * share)
}
