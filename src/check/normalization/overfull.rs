//! A density that holds more than 1 on a part of its support already: its integral over the whole, which
//! may be infinite, need not be known.
//!
//! Law: the part is a finite interval inside the support, so that ∫ q over it is at most ∫ q.

use super::{DISTRUST, TOO_COARSE};
use crate::check::points::{Point, Space};
use crate::check::univariate::{Line, is_settled};
use crate::check::{Counterexample, Finding, Verdict};
use crate::model::Model;
use crate::number::text;

/// How far a part reaches where the support has no end.
const REACHES: [f64; 3] = [10.0, 100.0, 1000.0];

/// How near a part comes to an end of the support, as a share of its length.
const APPROACHES: [f64; 2] = [1e-4, 1e-12];

/// Refutes a density of one coordinate whose integral was not reached.
pub(super) fn part(model: &Model, space: &Space, point: &Point, line: &Line) -> Option<Finding> {
    let (mass, ends) = parts(line.lower, line.upper).into_iter().find_map(|ends| {
        let part = Line::new(line.log_density.clone(), ends);
        let integral = part.mass(Some(ends));
        let slack = DISTRUST * integral.error + TOO_COARSE * integral.value.abs();
        (is_settled(&integral) && integral.value - slack > 1.0).then_some((integral, ends))
    })?;
    let mut finding = Finding::new(
        Verdict::Refuted,
        "the density does not integrate to 1 over the stated support",
    );
    finding.counterexample = Some(
        Counterexample::at_point(model, space, point)
            .sides(
                (
                    "∫ q over a part of it",
                    text::estimated(mass.value, mass.error),
                ),
                ("a density", "at most 1".to_owned()),
            )
            .explained(format!(
                "the part is that between {} and {}",
                text::rounded(ends.0, 6),
                text::rounded(ends.1, 6)
            )),
    );
    Some(finding)
}

/// Finite intervals inside a support, small ones first.
fn parts(lower: f64, upper: f64) -> Vec<(f64, f64)> {
    match (lower.is_finite(), upper.is_finite()) {
        (true, true) => {
            let middle = lower + (upper - lower) / 2.0;
            let near = |share: f64| {
                let gap = share * (upper - lower);
                [(lower + gap, middle), (middle, upper - gap)]
            };
            APPROACHES.into_iter().flat_map(near).collect()
        }
        (true, false) => {
            let near = APPROACHES.map(|share| (lower + share, lower + 1.0));
            let far = REACHES.map(|reach| (lower + 1.0, lower + reach));
            near.into_iter().chain(far).collect()
        }
        (false, true) => parts(-upper, f64::INFINITY)
            .into_iter()
            .map(|(a, b)| (-b, -a))
            .collect(),
        (false, false) => REACHES
            .iter()
            .flat_map(|&reach| [(1.0, reach), (-reach, -1.0)])
            .collect(),
    }
}
