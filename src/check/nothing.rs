//! Claims of a number where there is none: the mean of what grows faster than the noise falls.

use super::gradient::tidy;
use super::path::{Divergence, divergence};
use super::points::{Kind, Point, Space};
use super::univariate::numbers;
use super::{Context, Counterexample, Finding, Verdict};
use crate::graph::Id;
use crate::model::{Claim, Model};
use crate::number::text;
use crate::tape::Tape;

/// Parameter values at which a mean is looked for.
const POINTS: usize = 8;

/// A parameter value at which E|f| is infinite.
pub(crate) fn lost(context: &Context, model: &mut Model, f: Id) -> Option<(Point, Divergence)> {
    lost_where(context, model, f, &|_| true)
}

fn lost_where(
    context: &Context,
    model: &mut Model,
    f: Id,
    asked: &dyn Fn(&Point) -> bool,
) -> Option<(Point, Divergence)> {
    let along = model.rebased(f);
    let along = tidy(&mut model.graph, along);
    let space = Space::new(&model.graph, model.givens());
    let mut rng = context.stream("existence");
    (0..POINTS).find_map(|round| {
        let point = space.draw(Kind::of_round(round + 1), &mut rng)?;
        let found = asked(&point).then(|| divergence(context, model, &point, along))??;
        Some((point, found))
    })
}

/// A number claimed where E|f| is infinite; the message says of what.
pub(crate) fn value_of_nothing(
    context: &Context,
    model: &mut Model,
    (message, f): (&str, &[Id]),
    claim: &Claim,
) -> Option<Finding> {
    let space = Space::new(&model.graph, model.givens());
    f.iter().zip(&claim.elements).find_map(|(&f, &claimed)| {
        let tape = Tape::new(&model.graph, &space.symbols, &[claimed]).ok()?;
        let value = |point: &Point| tape.evaluate(&numbers(point), &())[0];
        let (point, found) = lost_where(context, model, f, &|point| value(point).is_finite())?;
        let mut finding = Finding::new(Verdict::Refuted, message).at(claim.span.clone());
        finding.counterexample = Some(
            Counterexample::at_point(model, &space, &point)
                .sides(
                    ("claimed value", text::rounded(value(&point), 10)),
                    ("E|f|", "inf".to_owned()),
                )
                .explained(found.text),
        );
        Some(finding)
    })
}
