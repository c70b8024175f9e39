//! Draws of a discrete law, tested by how often each value comes.

use super::draws::Draws;
use crate::check::masses::atoms;
use crate::check::points::Space;
use crate::check::{Counterexample, Finding, Verdict};
use crate::graph::Id;
use crate::model::Model;
use crate::number::Rational;
use crate::number::text;
use crate::stats::{Outcome, Plan, has_masses};
use crate::tape::Tape;

/// Whether a draw is an atom but for rounding, as 1 + s − s is 1.
fn is_atom(atom: f64, drawn: f64) -> bool {
    (atom - drawn).abs() <= 16.0 * f64::EPSILON * (1.0 + atom.abs())
}

/// Tests the counts of a discrete z.
pub(super) fn counts(
    model: &mut Model,
    space: &Space,
    point: &[Rational],
    at: &[f64],
    log_mass: Id,
    plan: Plan,
    mut draws: Draws,
) -> Result<Finding, String> {
    let what = draws.what;
    let atoms = atoms(model, space, at).ok_or("the discrete support is not listed")?;
    let mut cells = atoms.values;
    if atoms.open.0 {
        // The listed end is as far out as it goes: what is nearest to zero comes first.
        cells.sort_by(|a, b| {
            a[0].abs()
                .total_cmp(&b[0].abs())
                .then(a[0].total_cmp(&b[0]))
        });
    }
    cells.truncate(512);
    let mut inputs = space.symbols.clone();
    inputs.extend(model.output_symbols());
    let tape = Tape::new(&model.graph, &inputs, &[log_mass]).map_err(|e| e.to_string())?;
    let masses: Vec<f64> = cells
        .iter()
        .map(|cell| tape.evaluate(&[at, cell.as_slice()].concat(), &())[0].exp())
        .collect();
    let outcome = has_masses(plan, &masses, |out| {
        let columns = draws.next(out.len());
        for (i, slot) in out.iter_mut().enumerate() {
            let z: Vec<f64> = columns.iter().map(|c| c[i]).collect();
            *slot = cells
                .iter()
                .position(|cell| cell.iter().zip(&z).all(|(a, b)| is_atom(*a, *b)))
                .unwrap_or(usize::MAX);
        }
    });
    match outcome {
        Outcome::Refuted { draws, p_value, at: cell, observed, expected } => {
            let value = cells.get(cell as usize).map_or("elsewhere".to_owned(), |c| format!("{c:?}"));
            let message = format!("draws of {what} do not follow the target");
            let mut finding = Finding::new(Verdict::Refuted, message);
            finding.counterexample = Some(
                Counterexample::at_point(model, space, point)
                    .sides(
                        (&format!("share of {draws} draws at z = {value}"), text::probability(observed)),
                        ("under the claimed law", text::probability(expected)),
                    )
                    .explained(format!("the probability of this under the claim is below {:.0e}", p_value.max(1e-300))),
            );
            Ok(finding.with("p_value", p_value))
        }
        Outcome::NotRefuted { draws, p_value, resolution } => Ok(Finding::new(
            Verdict::Tested,
            format!("{draws} draws follow the claimed masses; a total variation of {resolution:.3} would have been seen"),
        )
        .with("draws", draws)
        .with("p_value", p_value)
        .with("resolution", resolution)),
        Outcome::Invalid { value, .. } => Err(format!("the claimed masses are no probabilities: {value}")),
    }
}
