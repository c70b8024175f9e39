//! Whether counts follow stated masses.

use super::{Look, Outcome, POWER, Plan, run};
use std::f64::consts::LN_2;

/// Tests that draws fall into cells with the claimed `masses`; whatever they lack of 1 is one more
/// cell, "elsewhere".
///
/// The statistic is the likelihood ratio G/2 = n·KL(frequencies ‖ masses), to first order half of
/// Pearson's χ². Its tail is bounded at every n by e⁻ˣ(ex/(k − 1))^(k−1) for x > k − 1, k
/// cells (Agrawal 2020, Finite-sample concentration of the multinomial in relative entropy, theorem
/// 1.2), so cells may be as thin as they like. Beside it each cell alone is tested by the Chernoff bound
/// e^(−n·kl), which sees one cell that is off among hundreds; each of the two tests has half of the
/// level. A draw in a cell of mass zero refutes at once. The resolution is in total variation, by
/// Pinsker's inequality.
///
/// `fill` writes the cells of the next draws, counted from zero; a number that is no cell counts as
/// elsewhere. Masses that are negative, not numbers, or sum to more than 1 (by more than
/// rounding) are [`Outcome::Invalid`], with the place of the first such mass, or the sum.
pub fn has_masses(plan: Plan, masses: &[f64], mut fill: impl FnMut(&mut [usize])) -> Outcome {
    let total: f64 = masses.iter().sum();
    if let Some(draw) = masses.iter().position(|m| m.is_nan() || *m < 0.0) {
        let value = masses[draw];
        return Outcome::Invalid { draw, value };
    }
    if total > 1.0 + 1e-12 * (masses.len() as f64).max(1.0) {
        return Outcome::Invalid {
            draw: masses.len(),
            value: total,
        };
    }
    let mut cells = masses.to_vec();
    // A remainder of the size of rounding is none: it would turn one unlucky draw into proof.
    let rest = 1.0 - total;
    cells.push(if rest > 1e-12 { rest } else { 0.0 });
    let degrees = cells.iter().filter(|&&m| m > 0.0).count() as f64 - 1.0;
    let counts = std::cell::RefCell::new((vec![0u64; cells.len()], Vec::new()));
    run(
        plan,
        |size| {
            let (counts, buffer) = &mut *counts.borrow_mut();
            let seen: u64 = counts.iter().sum();
            buffer.clear();
            buffer.resize(size - seen as usize, usize::MAX);
            fill(buffer);
            for &cell in buffer.iter() {
                counts[cell.min(masses.len())] += 1;
            }
            Ok(())
        },
        |draws| likelihood_ratio(&counts.borrow().0, &cells, draws as f64, degrees),
        |draws, log_level| {
            let n = draws as f64;
            (critical(log_level - LN_2, degrees) / (2.0 * n)).sqrt()
                + (-(1.0 - POWER).ln() / (2.0 * n)).sqrt()
        },
    )
}

fn likelihood_ratio(counts: &[u64], cells: &[f64], n: f64, degrees: f64) -> Look {
    let (mut divergence, mut largest) = (0.0, 0.0f64);
    let mut worst = (0.0, 0.0, 0.0, 0.0);
    for (cell, (&count, &mass)) in counts.iter().zip(cells).enumerate() {
        let frequency = count as f64 / n;
        if mass == 0.0 && count > 0 {
            return Look {
                log_p: f64::NEG_INFINITY,
                at: cell as f64,
                observed: frequency,
                expected: 0.0,
            };
        }
        if count > 0 {
            divergence += frequency * (frequency / mass).ln();
        }
        largest = largest.max(bernoulli(frequency, mass));
        if mass > 0.0 {
            let pull = (frequency - mass).powi(2) / mass;
            if pull > worst.0 {
                worst = (pull, cell as f64, frequency, mass);
            }
        }
    }
    // Two sides of every cell.
    let in_one_cell = (2.0 * cells.len() as f64).ln() - n * largest;
    Look {
        log_p: (LN_2 + log_tail(n * divergence, degrees).min(in_one_cell)).min(0.0),
        at: worst.1,
        observed: worst.2,
        expected: worst.3,
    }
}

/// The divergence of a frequency from a probability.
fn bernoulli(frequency: f64, mass: f64) -> f64 {
    let part = |f: f64, m: f64| if f > 0.0 { f * (f / m).ln() } else { 0.0 };
    // Of a mass next to 1 the rest is known to rounding only.
    part(frequency, mass) + part(1.0 - frequency, (1.0 - mass).max(1e-15))
}

/// log of the bound on P(n·KL ≥ x).
fn log_tail(x: f64, degrees: f64) -> f64 {
    if degrees <= 0.0 || x <= degrees {
        return 0.0;
    }
    degrees - x + degrees * (x / degrees).ln()
}

/// The x at which the bound on the tail is a level, from above, by bisection.
fn critical(log_level: f64, degrees: f64) -> f64 {
    let (mut low, mut high) = (degrees.max(1e-9), degrees.max(1.0));
    while log_tail(high, degrees.max(1e-9)) > log_level && high < 1e300 {
        high *= 2.0;
    }
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if log_tail(middle, degrees.max(1e-9)) > log_level {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    fn die(seed: u64) -> impl FnMut(&mut [usize]) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        move |out| out.iter_mut().for_each(|x| *x = rng.random_range(0..6))
    }

    #[test]
    fn a_loaded_die_is_seen() {
        let plan = Plan::new(1e-9);
        let fair = [1.0 / 6.0; 6];
        assert!(
            matches!(has_masses(plan, &fair, die(1)), Outcome::NotRefuted { resolution, .. } if resolution < 0.01)
        );
        let loaded = [
            1.0 / 6.0 + 0.01,
            1.0 / 6.0 - 0.01,
            1.0 / 6.0,
            1.0 / 6.0,
            1.0 / 6.0,
            1.0 / 6.0,
        ];
        assert!(matches!(
            has_masses(plan, &loaded, die(1)),
            Outcome::Refuted { .. }
        ));
        // Five sides: the sixth is impossible.
        assert!(matches!(
            has_masses(plan, &[0.2; 5], die(1)),
            Outcome::Refuted {
                p_value: 0.0,
                draws: 1024,
                ..
            }
        ));
    }

    #[test]
    fn masses_that_are_none_decide_nothing() {
        let plan = Plan::new(0.01);
        assert!(matches!(
            has_masses(plan, &[0.5, f64::NAN], die(1)),
            Outcome::Invalid { draw: 1, .. }
        ));
        assert!(matches!(
            has_masses(plan, &[0.9, 0.9], die(1)),
            Outcome::Invalid { draw: 2, .. }
        ));
        assert!(matches!(
            has_masses(plan, &[1.0], |out| out.fill(0)),
            Outcome::NotRefuted { .. }
        ));
    }
}
