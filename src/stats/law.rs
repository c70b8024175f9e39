//! Whether draws follow a law: against its distribution function, or against another sampler.

use super::{Look, Outcome, POWER, Plan, coin_divergence, extend, run};

/// Tail levels 2⁻¹, 2⁻², … 2⁻⁴⁰ that are looked at on each side.
const TAIL_LEVELS: i32 = 40;

/// Tests that draws, put through the claimed distribution function, are uniform on (0, 1).
///
/// `fill` writes the next probability integral transforms F(z). Half of each look's level goes
/// to Kolmogorov's statistic by P(Dₙ ≥ d) ≤ 2·exp(−2nd²) (Dvoretzky, Kiefer & Wolfowitz 1956;
/// constant by Massart 1990), which sees defects in the bulk. The other half goes to the
/// frequencies of both tails at 2⁻ʲ by Chernoff's bound exp(−n·KL), with weight 1/(j(j+1)), which
/// sees a tail that is missing or too heavy. The resolution is in sup |F − claimed F|.
///
/// Values outside [0, 1] count as the end they lie beyond: such a "distribution function" is not
/// one, and is judged by where it puts its draws. A law with atoms only makes the test more
/// cautious at the atoms.
pub fn is_uniform(plan: Plan, mut fill: impl FnMut(&mut [f64])) -> Outcome {
    let sample = std::cell::RefCell::new(Vec::new());
    run(
        plan,
        |size| {
            let mut sample = sample.borrow_mut();
            extend(&mut sample, size, &mut fill, |x| !x.is_nan())
        },
        |_| {
            let mut sample = sample.borrow_mut();
            sample.sort_unstable_by(f64::total_cmp);
            uniformity(&sample)
        },
        |draws, log_level| {
            // Half of the level is Kolmogorov's, and its bound has the factor 2.
            radius(draws, log_level - 4f64.ln()) + radius(draws, (1.0 - POWER).ln())
        },
    )
}

/// √(log(1/level)/(2n)): Hoeffding's radius for a frequency.
fn radius(draws: usize, log_level: f64) -> f64 {
    (-log_level / (2.0 * draws as f64)).sqrt()
}

fn uniformity(sorted: &[f64]) -> Look {
    let size = sorted.len() as f64;
    let (mut distance, mut at, mut observed) = (0.0, 0.5, 0.5);
    for (i, &u) in sorted.iter().enumerate() {
        let u = u.clamp(0.0, 1.0);
        for frequency in [i as f64 / size, (i + 1) as f64 / size] {
            if (frequency - u).abs() > distance {
                (distance, at, observed) = ((frequency - u).abs(), u, frequency);
            }
        }
    }
    let mut look = Look {
        log_p: 4f64.ln() - 2.0 * size * distance * distance,
        at,
        observed,
        expected: at,
    };
    for j in 1..=TAIL_LEVELS {
        let level = 2f64.powi(-j);
        let below = sorted.partition_point(|&u| u <= level) as f64 / size;
        let above = 1.0 - sorted.partition_point(|&u| u < 1.0 - level) as f64 / size;
        for (frequency, upper) in [(below, false), (above, true)] {
            // Two directions of deviation, two tails, half of the level.
            let log_weight = -8f64.ln() - f64::from(j * (j + 1)).ln();
            let log_p = -size * coin_divergence(frequency, level) - log_weight;
            if log_p < look.log_p {
                let (at, observed) = if upper {
                    (1.0 - level, 1.0 - frequency)
                } else {
                    (level, frequency)
                };
                look = Look {
                    log_p,
                    at,
                    observed,
                    expected: at,
                };
            }
        }
    }
    look
}

/// Below this the two-sample bound with constant 2 is not proved (Wei & Dudley 2012).
const LEAST_PAIRS: usize = 458;

/// Tests that two samplers draw from the same law, where the law is known only by a sampler.
///
/// Both give the same number n of draws; P(sup |Fₙ − Gₙ| ≥ d) ≤ 2·exp(−n·d²) for n ≥ 458 (Wei &
/// Dudley 2012, Two-sample Dvoretzky–Kiefer–Wolfowitz inequalities); smaller looks decide nothing.
/// Ties between the samples make it more cautious. The resolution is in sup |F − G|; `at` is
/// the draw at which the frequencies `observed` and `expected` (of the second) differ most.
pub fn same_law(
    plan: Plan,
    mut first: impl FnMut(&mut [f64]),
    mut second: impl FnMut(&mut [f64]),
) -> Outcome {
    let samples = std::cell::RefCell::new((Vec::new(), Vec::new()));
    run(
        plan,
        |size| {
            let (left, right) = &mut *samples.borrow_mut();
            extend(left, size, &mut first, |x| !x.is_nan())?;
            extend(right, size, &mut second, |x| !x.is_nan())
        },
        |draws| {
            let (left, right) = &mut *samples.borrow_mut();
            left.sort_unstable_by(f64::total_cmp);
            right.sort_unstable_by(f64::total_cmp);
            let mut look = two_samples(left, right);
            if draws < LEAST_PAIRS {
                look.log_p = 0.0;
            }
            look
        },
        |draws, log_level| {
            if draws < LEAST_PAIRS {
                return f64::INFINITY;
            }
            // Frequencies of both samples deviate independently: at the worst place the sum of
            // 2n terms of range 1/n stays within √(log(1/level)/n), again by Hoeffding.
            (-(log_level - 2f64.ln()) / draws as f64).sqrt()
                + (-(1.0 - POWER).ln() / draws as f64).sqrt()
        },
    )
}

fn two_samples(left: &[f64], right: &[f64]) -> Look {
    let size = left.len() as f64;
    let (mut i, mut j) = (0, 0);
    let mut look = Look {
        log_p: 0.0,
        at: f64::NAN,
        observed: 0.0,
        expected: 0.0,
    };
    while i < left.len() && j < right.len() {
        let x = left[i].min(right[j]);
        while i < left.len() && left[i] <= x {
            i += 1;
        }
        while j < right.len() && right[j] <= x {
            j += 1;
        }
        let (observed, expected) = (i as f64 / size, j as f64 / size);
        let log_p = 2f64.ln() - size * (observed - expected).powi(2);
        if log_p < look.log_p {
            look = Look {
                log_p,
                at: x,
                observed,
                expected,
            };
        }
    }
    look
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    #[test]
    fn a_missing_tail_is_seen_though_kolmogorov_cannot() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let plan = Plan::new(1e-9);
        let outcome = is_uniform(plan, |out| {
            out.iter_mut()
                .for_each(|u| *u = rng.random::<f64>().clamp(1e-3, 1.0));
        });
        let Outcome::Refuted { draws, at, .. } = outcome else {
            panic!("{outcome:?}")
        };
        assert!(draws <= 1 << 16 && at < 1e-3, "{outcome:?}");
    }

    #[test]
    fn nan_is_neither_pass_nor_refutation() {
        let mut count = 0;
        let outcome = is_uniform(Plan::new(0.01), |out| {
            for u in out {
                count += 1;
                *u = if count == 1500 {
                    f64::NAN
                } else {
                    0.1 + 0.8 * f64::from(count % 97) / 97.0
                };
            }
        });
        assert!(matches!(
            outcome,
            Outcome::Invalid { draw: 1499, .. } | Outcome::Refuted { draws: 1024, .. }
        ));
        let outcome = same_law(
            Plan::new(0.01),
            |out| out.fill(f64::NAN),
            |out| out.fill(0.0),
        );
        assert!(matches!(outcome, Outcome::Invalid { draw: 0, .. }));
    }

    #[test]
    fn equal_constants_are_the_same_law() {
        let outcome = same_law(Plan::new(0.01), |out| out.fill(1.0), |out| out.fill(1.0));
        assert!(matches!(outcome, Outcome::NotRefuted { p_value: 1.0, .. }));
    }
}
