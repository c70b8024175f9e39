//! The variable s ∈ ℝ of a piece: the logit of the position between two finite ends, or the log of
//! the distance from the finite one.

use super::Abscissae;

/// |s| stops here: distances between 10⁻³⁰⁰ and 10³⁰⁰ of the scale, all normal numbers.
pub(super) const REACH: f64 = 690.0;

/// A piece (lower, upper) of a range, at least one end of it finite.
pub(super) struct Line {
    lower: f64,
    upper: f64,
    /// lower − (lower end of the range), exactly 0 when they are the same end.
    before: f64,
    /// (upper end of the range) − upper.
    after: f64,
}

impl Line {
    pub(super) fn new(range: (f64, f64), (lower, upper): (f64, f64)) -> Self {
        let before = if lower == range.0 {
            0.0
        } else {
            lower - range.0
        };
        let after = if upper == range.1 {
            0.0
        } else {
            range.1 - upper
        };
        Line {
            lower,
            upper,
            before,
            after,
        }
    }

    /// Whether both ends are finite.
    pub(super) fn is_bounded(&self) -> bool {
        self.lower.is_finite() && self.upper.is_finite()
    }

    /// The place of `s`, unless it has been rounded to an end of the range or to infinity.
    fn interior(&self, s: f64) -> Option<f64> {
        let mut batch = Abscissae::default();
        self.place(s, &mut batch);
        let x = batch.x[0];
        let at_end =
            (x == self.lower && self.before == 0.0) || (x == self.upper && self.after == 0.0);
        (x.is_finite() && !at_end).then_some(x)
    }

    /// Appends the place of `s` to a batch and returns dx/ds there.
    fn place(&self, s: f64, batch: &mut Abscissae) -> f64 {
        let (from_lower, to_upper, slope, x);
        if self.is_bounded() {
            let length = self.upper - self.lower;
            // One of the two logistic factors is near 1 and the other is tiny: neither cancels.
            let (near, far) = (logistic(s), logistic(-s));
            (from_lower, to_upper) = (length * near, length * far);
            slope = length * near * far;
            x = if s < 0.0 {
                self.lower + from_lower
            } else {
                self.upper - to_upper
            };
        } else {
            let distance = s.exp();
            slope = distance;
            if self.lower.is_finite() {
                (from_lower, to_upper) = (distance, f64::INFINITY);
                x = self.lower + distance;
            } else {
                (from_lower, to_upper) = (f64::INFINITY, distance);
                x = self.upper - distance;
            }
        }
        batch.x.push(x);
        batch.from_lower.push(self.before + from_lower);
        batch.to_upper.push(self.after + to_upper);
        slope
    }
}

fn logistic(s: f64) -> f64 {
    1.0 / (1.0 + (-s).exp())
}

/// The integrand at one s.
#[derive(Clone, Copy)]
pub(super) struct Sample {
    /// f·dx/ds.
    pub(super) value: f64,
    /// The error that f came with, times dx/ds.
    pub(super) error: f64,
    /// f itself.
    pub(super) plain: f64,
    /// The size of the number by which the integrand knows the place: x, or a distance from an end.
    /// Its rounding moves the place by as much as this times the machine precision.
    pub(super) scale: f64,
}

const NOTHING: Sample = Sample {
    value: 0.0,
    error: 0.0,
    plain: 0.0,
    scale: 0.0,
};

/// A piece with what has been learnt of the integrand on it.
pub(super) struct Sampled<'a> {
    line: &'a Line,
    /// The integrand counts as 0 outside: there it is not a number all the way to the end, as
    /// x²·exp(−x²/2) is beyond 10¹⁵⁴. What that loses is estimated by `remainder`.
    valid: (f64, f64),
    /// The outermost samples (s, |f·dx/ds|), kept to extrapolate what lies beyond them.
    ends: Vec<(f64, f64)>,
    /// A place strictly inside the range that was left out so.
    pub(super) left_out: Option<f64>,
    pub(super) evaluations: usize,
    pub(super) undefined_at: Option<f64>,
}

impl<'a> Sampled<'a> {
    pub(super) fn new(line: &'a Line) -> Self {
        Sampled {
            line,
            valid: (f64::NEG_INFINITY, f64::INFINITY),
            ends: Vec::new(),
            left_out: None,
            evaluations: 0,
            undefined_at: None,
        }
    }

    pub(super) fn is_bounded(&self) -> bool {
        self.line.is_bounded()
    }

    /// The integrand at each s.
    pub(super) fn values(
        &mut self,
        at: &[f64],
        f: &mut dyn FnMut(&Abscissae) -> Vec<(f64, f64)>,
    ) -> Vec<Sample> {
        let mut batch = Abscissae::default();
        let slopes: Vec<f64> = at.iter().map(|&s| self.line.place(s, &mut batch)).collect();
        let values = f(&batch);
        self.evaluations += at.len();
        let mut samples = Vec::with_capacity(at.len());
        for (i, (&s, slope)) in at.iter().zip(slopes).enumerate() {
            let (plain, error) = values[i];
            let value = plain * slope;
            samples.push(if value.is_finite() && plain.is_finite() {
                Sample {
                    value,
                    error: error * slope,
                    plain,
                    scale: batch.x[i]
                        .abs()
                        .min(batch.from_lower[i])
                        .min(batch.to_upper[i]),
                }
            } else if slope == 0.0 || s < self.valid.0 || self.valid.1 < s {
                NOTHING
            } else {
                self.undefined_at = self.undefined_at.or(Some(batch.x[i]));
                Sample {
                    value: f64::NAN,
                    ..NOTHING
                }
            });
        }
        samples
    }

    /// The first, coarse samples in increasing s: sets the valid range, forgives what lies outside.
    pub(super) fn survey(
        &mut self,
        at: &[f64],
        f: &mut dyn FnMut(&Abscissae) -> Vec<(f64, f64)>,
    ) -> Vec<Sample> {
        let mut samples = self.values(at, f);
        let finite = |sample: &Sample| sample.value.is_finite();
        let (Some(first), Some(last)) = (
            samples.iter().position(finite),
            samples.iter().rposition(finite),
        ) else {
            return samples;
        };
        self.valid = (at[first], at[last]);
        for i in (0..first).rev().chain(last + 1..at.len()) {
            samples[i] = NOTHING;
            self.left_out = self.left_out.or_else(|| self.line.interior(at[i]));
        }
        if samples.iter().all(finite) {
            self.undefined_at = None;
        }
        self.ends = (first..=last)
            .map(|i| (at[i], samples[i].value.abs()))
            .collect();
        samples
    }

    /// An estimate of what lies beyond the outermost samples, on both sides: where the values fall
    /// by e^(−r·Δs), the rest is value/r. Doubled, for the fall is only estimated; infinite where
    /// they do not fall.
    pub(super) fn remainder(&self) -> f64 {
        beyond(self.ends.iter()) + beyond(self.ends.iter().rev())
    }
}

fn beyond<'a>(mut inward: impl Iterator<Item = &'a (f64, f64)>) -> f64 {
    let Some(&(end, value)) = inward.next() else {
        return 0.0;
    };
    if value == 0.0 {
        return 0.0;
    }
    match inward.find(|(s, _)| (s - end).abs() >= 2.0) {
        Some(&(s, inner)) if inner > value => 2.0 * value * (s - end).abs() / (inner / value).ln(),
        _ => f64::INFINITY,
    }
}
