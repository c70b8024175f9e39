//! Whether the mean of a sampled quantity is a stated value.

use super::{Look, Outcome, Plan, extend, run};

/// Tests that draws known to lie in [`lower`, `upper`] have mean `claimed`.
///
/// By the empirical Bernstein bound of Maurer & Pontil (2009, theorem 4): with probability 1 − δ
/// the mean of n draws is within √(2V·log(4/δ)/n) + 7(b − a)·log(4/δ)/(3(n − 1)) of the true one,
/// V the sample variance. It holds at every n, adapts to the variance, and so is close to
/// a z-test for large n. A draw outside the bounds is [`Outcome::Invalid`]. The resolution is in the
/// mean.
pub fn mean_is(
    plan: Plan,
    claimed: f64,
    (lower, upper): (f64, f64),
    mut fill: impl FnMut(&mut [f64]),
) -> Outcome {
    let moments = std::cell::Cell::new(Moments::default());
    let mut sample = Vec::new();
    // NaN bounds admit no draw.
    let range = upper - lower;
    run(
        plan,
        |size| {
            let old = sample.len();
            extend(&mut sample, size, &mut fill, |x| lower <= x && x <= upper)?;
            moments.set(sample[old..].iter().fold(moments.get(), Moments::with));
            Ok(())
        },
        |_| {
            let found = moments.get();
            found.look(
                claimed,
                found.bernstein_log_p((found.mean - claimed).abs(), range),
            )
        },
        |_, log_level| 2.0 * moments.get().bernstein_radius(log_level, range),
    )
}

/// Looks below this many draws decide nothing in the asymptotic test.
const LEAST_ASYMPTOTIC: usize = 1 << 12;

/// Tests that draws of a quantity without known bounds have mean `claimed`, by the central limit
/// theorem.
///
/// The tail of the Studentized mean T is that of the normal law up to a factor exp(O(1)·(1 + x)³ρ/√n),
/// ρ = E|X − μ|³/σ³ (Jing, Shao & Wang 2003, theorem 2.1, which needs only a finite third moment);
/// its leading term has the constant 1/3. The p-value used is 2·exp(−x²/2), above the normal tail by
/// the factor x√(2π). So a look decides only where n ≥ 4,096 and (1 + x)³ρ̂ ≤ 3√n at the critical x,
/// where that factor covers the correction; a heavier tail leaves the resolution infinite. Whether
/// the moments exist is for the caller to know: no sample shows it. The resolution is in the mean.
pub fn mean_is_asymptotic(plan: Plan, claimed: f64, mut fill: impl FnMut(&mut [f64])) -> Outcome {
    let mut sample = Vec::new();
    let moments = std::cell::Cell::new((Moments::default(), f64::INFINITY));
    let log_alpha = plan.alpha.max(0.0).ln();
    // Above the critical value of the look that takes so many draws.
    let critical = |draws: usize| {
        let look = (draws / plan.first.max(1)).max(1).ilog2() + 1;
        let log_level = log_alpha - (f64::from(look) * f64::from(look + 1)).ln();
        (2.0 * (2f64.ln() - log_level)).max(0.0).sqrt()
    };
    run(
        plan,
        |size| {
            let (mut so_far, _) = moments.get();
            let old = sample.len();
            extend(&mut sample, size, &mut fill, f64::is_finite)?;
            so_far = sample[old..].iter().fold(so_far, Moments::with);
            let sigma = so_far.variance().sqrt();
            let third = |x: &f64| ((x - so_far.mean) / sigma).abs().powi(3);
            let ratio = sample.iter().map(third).sum::<f64>() / so_far.count;
            moments.set((so_far, ratio));
            Ok(())
        },
        |draws| {
            let (found, ratio) = moments.get();
            let x = critical(draws);
            let normal_enough = (1.0 + x).powi(3) * ratio <= 3.0 * found.count.sqrt();
            let t = (found.mean - claimed).abs() * (found.count / found.variance()).sqrt();
            let decides = draws >= LEAST_ASYMPTOTIC && normal_enough && !t.is_nan();
            found.look(claimed, if decides { normal_tail(t) } else { 0.0 })
        },
        |draws, log_level| {
            let (found, ratio) = moments.get();
            let x = (2.0 * (2f64.ln() - log_level)).sqrt();
            let normal_enough = (1.0 + x).powi(3) * ratio <= 3.0 * found.count.sqrt();
            if draws >= LEAST_ASYMPTOTIC && normal_enough {
                // 2.33 standard errors cover the deviation of the mean with probability 0.99.
                (x + 2.33) * (found.variance() / found.count).sqrt()
            } else {
                f64::INFINITY
            }
        },
    )
}

/// log(2·exp(−t²/2)) capped at 0: above the two-sided normal tail, within a factor t.
fn normal_tail(t: f64) -> f64 {
    (2f64.ln() - t * t / 2.0).min(0.0)
}

/// Running mean and sum of squared deviations (Welford 1962).
#[derive(Clone, Copy, Default)]
struct Moments {
    count: f64,
    mean: f64,
    deviations: f64,
}

impl Moments {
    fn with(self, x: &f64) -> Self {
        let count = self.count + 1.0;
        let step = x - self.mean;
        let mean = self.mean + step / count;
        Moments {
            count,
            mean,
            deviations: self.deviations + step * (x - mean),
        }
    }

    fn variance(self) -> f64 {
        self.deviations / (self.count - 1.0).max(1.0)
    }

    fn look(self, claimed: f64, log_p: f64) -> Look {
        Look {
            // Not-a-number (a claim that is none) is no evidence.
            log_p: if log_p.is_nan() { 0.0 } else { log_p },
            at: claimed,
            observed: self.mean,
            expected: claimed,
        }
    }

    fn bernstein_radius(self, log_level: f64, range: f64) -> f64 {
        if self.count < 2.0 {
            return f64::INFINITY;
        }
        let log = 4f64.ln() - log_level;
        (2.0 * self.variance() * log / self.count).sqrt()
            + 7.0 * range * log / (3.0 * (self.count - 1.0))
    }

    /// The level at which the radius equals a deviation: with y = √log(4/δ), the positive root of
    /// c·y² + b·y = deviation.
    fn bernstein_log_p(self, deviation: f64, range: f64) -> f64 {
        if self.count < 2.0 {
            return 0.0;
        }
        let b = (2.0 * self.variance() / self.count).sqrt();
        let c = 7.0 * range / (3.0 * (self.count - 1.0));
        let root = 2.0 * deviation / (b + (b * b + 4.0 * c * deviation).sqrt());
        (4f64.ln() - root * root).min(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    fn uniform(seed: u64) -> impl FnMut(&mut [f64]) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        move |out| out.iter_mut().for_each(|x| *x = rng.random())
    }

    #[test]
    fn a_wrong_mean_is_refuted_and_the_right_one_is_not() {
        let plan = Plan::new(1e-8);
        assert!(
            matches!(mean_is(plan, 0.5, (0.0, 1.0), uniform(1)), Outcome::NotRefuted { resolution, .. } if resolution < 0.005)
        );
        assert!(matches!(
            mean_is(plan, 0.505, (0.0, 1.0), uniform(1)),
            Outcome::Refuted { .. }
        ));
        assert!(
            matches!(mean_is_asymptotic(plan, 0.5, uniform(2)), Outcome::NotRefuted { resolution, .. } if resolution < 0.005)
        );
        assert!(matches!(
            mean_is_asymptotic(plan, 0.505, uniform(2)),
            Outcome::Refuted { .. }
        ));
    }

    #[test]
    fn p_value_and_radius_are_inverse() {
        let moments = [0.1, 0.4, 0.9, 0.3]
            .iter()
            .fold(Moments::default(), Moments::with);
        for log_level in [-2.0, -10.0, -30.0] {
            let radius = moments.bernstein_radius(log_level, 1.0);
            assert!((moments.bernstein_log_p(radius, 1.0) - log_level).abs() < 1e-12);
        }
    }

    #[test]
    fn what_breaks_a_promise_decides_nothing() {
        let plan = Plan::new(0.01);
        let constant = |value: f64| move |out: &mut [f64]| out.fill(value);
        assert!(matches!(
            mean_is(plan, 0.5, (0.0, 1.0), constant(1.5)),
            Outcome::Invalid { draw: 0, .. }
        ));
        assert!(matches!(
            mean_is(plan, f64::NAN, (0.0, 1.0), constant(0.5)),
            Outcome::NotRefuted { .. }
        ));
        assert!(matches!(
            mean_is_asymptotic(plan, 0.0, constant(f64::INFINITY)),
            Outcome::Invalid { .. }
        ));
        // A constant has no variance to judge by.
        assert!(
            matches!(mean_is_asymptotic(plan, 0.0, constant(0.5)), Outcome::NotRefuted { resolution, .. } if resolution == f64::INFINITY)
        );
    }

    #[test]
    fn a_tail_too_heavy_for_the_limit_theorem_gives_no_verdict() {
        let mut draws = uniform(3);
        let outcome = mean_is_asymptotic(Plan::new(1e-8), 1.5, |out| {
            draws(out);
            out.iter_mut().for_each(|u| *u = u.powf(-1.0 / 1.5));
        });
        assert!(
            matches!(outcome, Outcome::NotRefuted { resolution, .. } if resolution == f64::INFINITY)
        );
    }
}
