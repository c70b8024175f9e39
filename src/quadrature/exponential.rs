//! Double-exponential sums over s: trapezoidal rules whose step is halved until two agree.
//!
//! On the whole line s = c·sinh t, which makes tanh-sinh quadrature of a bounded piece (c = π)
//! and exp-sinh quadrature of a half-line (c = π/2). Where the piece was cut, each part has a double
//! exponential variable of its own.

use super::Abscissae;
use super::line::{REACH, Sample, Sampled};
use std::f64::consts::{FRAC_PI_2, PI};

/// Halvings of the step; the last has steps of 1/256.
const LEVELS: u32 = 8;

/// Nothing is believed before this level.
const FIRST_LEVEL: u32 = 3;

/// What a sum came to.
#[derive(Default)]
pub(super) struct Sum {
    pub(super) value: f64,
    /// The difference of the last two levels.
    pub(super) error: f64,
    /// What rounding may have done to the values and to the places at which they were taken.
    pub(super) rounding: f64,
    /// The sum of the errors that the integrand's values came with.
    pub(super) uncertainty: f64,
}

/// A part of the s-line with its variable t.
#[derive(Clone, Copy)]
enum Part {
    Whole { scale: f64 },
    Below { end: f64 },
    Above { end: f64 },
    Between { from: f64, to: f64 },
}

/// Sums over the parts between `cuts`, each to its share of the tolerance.
pub(super) fn sum(
    sampled: &mut Sampled<'_>,
    cuts: &[f64],
    f: &mut dyn FnMut(&Abscissae) -> Vec<(f64, f64)>,
    tolerance: f64,
    evaluations: usize,
) -> Sum {
    let mut parts = Vec::new();
    if let (Some(&first), Some(&last)) = (cuts.first(), cuts.last()) {
        parts.push(Part::Below { end: first });
        parts.extend(cuts.windows(2).map(|c| Part::Between {
            from: c[0],
            to: c[1],
        }));
        parts.push(Part::Above { end: last });
    } else {
        let scale = if sampled.is_bounded() { PI } else { FRAC_PI_2 };
        parts.push(Part::Whole { scale });
    }
    let share = tolerance / parts.len() as f64;
    let limit = sampled.evaluations.saturating_add(evaluations);
    let mut total = Sum::default();
    for part in parts {
        let sum = part.sum(sampled, f, share, limit);
        total.value += sum.value;
        total.error += sum.error;
        total.rounding += sum.rounding;
        total.uncertainty += sum.uncertainty;
    }
    total
}

impl Part {
    /// The range of t, beyond which s is out of reach or the weight below 1e-17.
    fn range(self) -> (f64, f64) {
        match self {
            Part::Whole { scale } => {
                let end = (REACH / scale).asinh();
                (-end, end)
            }
            Part::Below { .. } | Part::Above { .. } => {
                let end = |log: f64| (log / FRAC_PI_2).asinh();
                (end(-40.0), end((2.0 * REACH).ln()))
            }
            Part::Between { .. } => {
                let end = (40.0 / PI).asinh();
                (-end, end)
            }
        }
    }

    /// s and ds/dt.
    fn at(self, t: f64) -> (f64, f64) {
        match self {
            Part::Whole { scale } => (scale * t.sinh(), scale * t.cosh()),
            Part::Below { end } => {
                let distance = (FRAC_PI_2 * t.sinh()).exp();
                (end - distance, distance * FRAC_PI_2 * t.cosh())
            }
            Part::Above { end } => {
                let distance = (FRAC_PI_2 * t.sinh()).exp();
                (end + distance, distance * FRAC_PI_2 * t.cosh())
            }
            Part::Between { from, to } => {
                let (near, far) = (logistic(PI * t.sinh()), logistic(-PI * t.sinh()));
                let s = if t < 0.0 {
                    from + (to - from) * near
                } else {
                    to - (to - from) * far
                };
                (s, (to - from) * near * far * PI * t.cosh())
            }
        }
    }

    fn sum(
        self,
        sampled: &mut Sampled<'_>,
        f: &mut dyn FnMut(&Abscissae) -> Vec<(f64, f64)>,
        tolerance: f64,
        limit: usize,
    ) -> Sum {
        let (from, to) = self.range();
        // Sums of f·weight, of |f|·weight and of errors·weight over all abscissae so far.
        let (mut plain, mut absolute, mut uncertain) = (0.0, 0.0, 0.0);
        let mut last = f64::INFINITY;
        let mut places = Vec::new();
        let mut best = Sum {
            error: f64::INFINITY,
            ..Sum::default()
        };
        for level in 1..=LEVELS {
            let step = 0.5f64.powi(level as i32);
            let (first, end) = ((from / step).ceil() as i64, (to / step).floor() as i64);
            let (mut at, mut weights) = (Vec::new(), Vec::new());
            for i in first..=end {
                let (s, weight) = self.at(i as f64 * step);
                if (level == 1 || i % 2 != 0) && s.abs() <= REACH {
                    at.push(s);
                    weights.push(weight);
                }
            }
            let samples = sampled.values(&at, f);
            for (sample, weight) in samples.iter().zip(weights) {
                plain += sample.value * weight;
                absolute += sample.value.abs() * weight;
                uncertain += sample.error * weight;
            }
            places.extend(at.into_iter().zip(samples));
            let value = step * plain;
            best = Sum {
                value,
                error: (value - last).abs(),
                rounding: 64.0 * f64::EPSILON * step * absolute,
                uncertainty: step * uncertain,
            };
            last = value;
            if value.is_nan() || sampled.evaluations >= limit {
                break;
            }
            // Zeros only: perhaps the abscissae are all beside the mass, so look closer.
            let seen = absolute > 0.0 || level >= LEVELS - 2;
            if level >= FIRST_LEVEL && seen && best.error <= tolerance {
                break;
            }
        }
        // A place known to within e moves the integral by at most ∫ |f′|·e: a narrow peak far from
        // zero is integrated no better than its place is known.
        places.sort_by(|a, b| a.0.total_cmp(&b.0));
        let moved = |pair: &[(f64, Sample)]| {
            let (a, b) = (pair[0].1, pair[1].1);
            (a.plain - b.plain).abs() * a.scale.min(b.scale) * f64::EPSILON / 2.0
        };
        best.rounding += places.windows(2).map(moved).sum::<f64>();
        best
    }
}

fn logistic(s: f64) -> f64 {
    1.0 / (1.0 + (-s).exp())
}
