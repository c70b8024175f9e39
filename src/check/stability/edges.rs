//! At a finite end of the support, which draws in floating point do reach: a formula must give the
//! limit from inside where that is finite.

use super::Formula;
use super::accuracy::EXACT;
use crate::check::points::{Kind, Space, power_of_ten, ratio};
use crate::check::{Context, Counterexample, Finding, Verdict};
use crate::model::Model;
use crate::number::Enclosure;
use crate::number::text;
use crate::tape::Tape;

/// To how much of its size (or of 1) a limit has settled.
const SETTLED: f64 = 1e-12;

/// At a finite end of the support: the limit from inside, where it is a finite number.
pub(super) fn edges(context: &Context, model: &mut Model, formulas: &[Formula]) -> Option<Finding> {
    let [output] = model.outputs.as_slice() else {
        return None;
    };
    let [z] = output.symbols[..] else { return None };
    let space = Space::new(&model.graph, model.givens());
    let bounds = output.domain.bounds();
    let limits = Tape::new(&model.graph, &space.symbols, &bounds).ok()?;
    let mut inputs = space.symbols.clone();
    inputs.push(z);
    let asked: Vec<(&Formula, Tape)> = formulas
        .iter()
        .filter(|f| f.of_z)
        .filter_map(|f| Some((f, Tape::new(&model.graph, &inputs, &f.terms).ok()?)))
        .collect();
    let mut rng = context.stream("edges");
    for round in 0..6 * context.effort.certified_points() {
        let Some(point) = space.draw(Kind::Simple(2 + round / 2), &mut rng) else {
            continue;
        };
        let at = Enclosure::exact_each(&point, EXACT);
        let ends = crate::check::moments::ends_of(&output.domain, &limits.evaluate(&at, &EXACT));
        for (end, inward) in [(ends.0, 1i64), (ends.1, -1)] {
            let Some(end) = end else { continue };
            let mut floats: Vec<f64> = point.iter().map(|v| v.to_f64().value()).collect();
            floats.push(end.to_f64().value());
            for (formula, tape) in &asked {
                let computed = tape.evaluate(&floats, &())[0];
                if computed.is_finite() {
                    continue;
                }
                let near = |k: i32| {
                    let mut at = at.clone();
                    at.push(Enclosure::exact(
                        &(&end + power_of_ten(-k) * ratio(inward, 1)),
                        EXACT,
                    ));
                    tape.evaluate(&at, &EXACT).swap_remove(0)
                };
                let (a, b) = (near(20), near(40));
                if !a.is_finite() || !b.is_finite() {
                    continue;
                }
                let (a, b) = (a.midpoint_f64(), b.midpoint_f64());
                // Settled to twelve digits over twenty decades: the limit is finite.
                if (a - b).abs() > SETTLED * (1.0 + b.abs()) {
                    continue;
                }
                let mut finding = Finding::new(
                    Verdict::Refuted,
                    format!(
                        "float64 has no finite value for {} at the end of the support",
                        formula.name
                    ),
                )
                .at(formula.span.clone());
                let mut example = Counterexample::at_point(model, &space, &point)
                    .sides(
                        ("in float64", text::exact(computed)),
                        ("the limit from inside", shown_limit(b)),
                    )
                    .explained("draws in floating point reach the end of the support");
                example.at.push((output.name.clone(), text::rational(&end)));
                finding.counterexample = Some(example);
                return Some(finding);
            }
        }
    }
    None
}

/// A limit to the twelve digits to which it has settled.
fn shown_limit(limit: f64) -> String {
    let is_zero = limit.abs() < SETTLED;
    text::rounded(if is_zero { 0.0 } else { limit }, 12)
}
