//! One- to three-dimensional integrals with error estimates that can be believed.
//!
//! Law: `|value − true| ≤ error`, or `converged` is false, for integrands that are resolved by the
//! abscissae (test `the_error_covers_the_truth`). Two rules must agree: double-exponential sums
//! (Takahasi & Mori 1974) and adaptive Gauss–Kronrod quadrature over a logarithmic variable. They
//! share no abscissa and no weight, and their difference is part of the error. What neither can
//! see, such as a peak between all abscissae, is not covered: say where the mass is by hints, from
//! [`locate_mass`] or from knowledge of the integrand.
//!
//! A range is split at its hints into pieces. On each piece the variable becomes s = log of the
//! distance from an end (logit of the position, where both ends are finite), so that algebraic
//! and logarithmic endpoint singularities, heavy tails, and a peak of any width at a hint all
//! become smooth bumps of moderate size. Integrands are given the distances from both ends of the
//! range beside the abscissa, because 1 − x cannot be recovered from an x that has been rounded.

mod exponential;
mod kronrod;
mod line;
mod peaks;
mod plane;
mod product;
#[cfg(test)]
mod tests;

pub use peaks::locate_mass;
pub use plane::Strip;
pub use product::{BoxIntegrand, Product};

use line::{Line, Sampled};

/// A batch of places at which an integrand is asked for its values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Abscissae {
    /// The places, within the range; rounded, so possibly equal to an end of it.
    pub x: Vec<f64>,
    /// x − lower, to full relative accuracy; +∞ where there is no lower end.
    pub from_lower: Vec<f64>,
    /// upper − x, to full relative accuracy; +∞ where there is no upper end.
    pub to_upper: Vec<f64>,
}

/// An integrand: one value for each abscissa.
pub type Integrand<'a> = dyn FnMut(&Abscissae) -> Vec<f64> + 'a;

/// A function of x alone as an integrand.
pub fn pointwise(mut f: impl FnMut(f64) -> f64) -> impl FnMut(&Abscissae) -> Vec<f64> {
    move |at| at.x.iter().map(|&x| f(x)).collect()
}

/// An integral as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Integral {
    /// The estimate.
    pub value: f64,
    /// A bound on its distance from the truth, as far as the abscissae show; may be infinite.
    pub error: f64,
    /// How many values of the integrand were used.
    pub evaluations: usize,
    /// Whether the error is within the tolerance and every value that matters was a number.
    pub converged: bool,
    /// Where the integrand was not a finite number although it mattered.
    pub undefined_at: Option<f64>,
}

/// What accuracy is asked for, and at what price.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quadrature {
    /// Tolerance relative to the integral's absolute value.
    pub relative: f64,
    /// Absolute tolerance; the larger of the two holds.
    pub absolute: f64,
    /// No refinement is begun after so many values of the integrand.
    pub evaluations: usize,
}

/// How often a disagreement of the two rules is looked into by finer panels.
const RETRIES: u32 = 3;

impl Default for Quadrature {
    /// Relative 1e-10, absolute 1e-300, a hundred thousand evaluations.
    fn default() -> Self {
        Quadrature {
            relative: 1e-10,
            absolute: 1e-300,
            evaluations: 100_000,
        }
    }
}

impl Quadrature {
    /// ∫ f over (`lower`, `upper`), either of which may be infinite; negative when they are
    /// reversed.
    ///
    /// `hints` are places where the mass is, or where f is not smooth; those outside the range are
    /// ignored. With none, an infinite range is split at 0. A bound that is not a number gives an
    /// integral that is not converged.
    pub fn integrate(
        &self,
        f: &mut Integrand<'_>,
        lower: f64,
        upper: f64,
        hints: &[f64],
    ) -> Integral {
        let mut with_error = |at: &Abscissae| {
            let values = f(at);
            (0..at.x.len())
                .map(|i| (values.get(i).copied().unwrap_or(f64::NAN), 0.0))
                .collect()
        };
        self.integrate_uncertain(&mut with_error, (lower, upper), hints)
    }

    /// The same for an integrand whose values come with error bounds.
    fn integrate_uncertain(
        &self,
        f: &mut dyn FnMut(&Abscissae) -> Vec<(f64, f64)>,
        (lower, upper): (f64, f64),
        hints: &[f64],
    ) -> Integral {
        if lower > upper {
            let integral = self.integrate_uncertain(f, (upper, lower), hints);
            return Integral {
                value: -integral.value,
                ..integral
            };
        }
        let mut total = Integral {
            value: 0.0,
            error: 0.0,
            evaluations: 0,
            converged: true,
            undefined_at: None,
        };
        if lower == upper {
            return total;
        }
        if lower.is_nan()
            || upper.is_nan()
            || (lower.is_finite() && upper.is_finite() && !(upper - lower).is_finite())
        {
            return Integral {
                error: f64::INFINITY,
                converged: false,
                ..total
            };
        }
        let cuts = cuts(lower, upper, hints);
        let lines: Vec<Line> = cuts
            .windows(2)
            .map(|ends| Line::new((lower, upper), (ends[0], ends[1])))
            .collect();

        // The coarse sums of all pieces set the scale that a tolerance is relative to.
        let mut pieces: Vec<(Sampled<'_>, kronrod::Panels)> = Vec::new();
        for line in &lines {
            let mut sampled = Sampled::new(line);
            let panels = kronrod::Panels::coarse(&mut sampled, f);
            total.undefined_at = total.undefined_at.or(sampled.undefined_at);
            pieces.push((sampled, panels));
        }
        let share = 1.0 / lines.len() as f64;
        for _ in 0..kronrod::SWEEPS {
            let (value, used) = progress(&pieces);
            let tolerance = 0.1 * share * self.tolerance(value);
            let mut refined = false;
            if used < self.evaluations {
                for (sampled, panels) in &mut pieces {
                    refined |= panels.refine(sampled, f, tolerance);
                }
            }
            if !refined {
                break;
            }
        }
        let tolerance = 0.1 * share * self.tolerance(progress(&pieces).0);
        for (sampled, panels) in &mut pieces {
            let found = self.settle(sampled, panels, f, tolerance);
            total.value += found.value;
            total.error += found.error;
            total.evaluations += sampled.evaluations;
            total.undefined_at = total.undefined_at.or(sampled.undefined_at);
        }
        if total.undefined_at.is_some() || total.error.is_nan() || !total.value.is_finite() {
            total.error = f64::INFINITY;
        }
        total.converged = total.error <= self.tolerance(total.value);
        total
    }

    /// The value and error of one piece from both rules.
    fn settle(
        &self,
        sampled: &mut Sampled<'_>,
        panels: &mut kronrod::Panels,
        f: &mut dyn FnMut(&Abscissae) -> Vec<(f64, f64)>,
        tolerance: f64,
    ) -> exponential::Sum {
        let remainder = sampled.remainder();
        if remainder > tolerance {
            sampled.undefined_at = sampled.undefined_at.or(sampled.left_out);
        }
        let tolerance = tolerance.max(0.1 * remainder);
        let mut round = 0;
        loop {
            let left = self.evaluations.saturating_sub(sampled.evaluations);
            let sum = exponential::sum(sampled, &panels.cuts(), f, tolerance, left);
            let difference = (sum.value - panels.value()).abs();
            let agree = sum.error + difference + panels.error() <= 4.0 * tolerance;
            if agree || round == RETRIES || left == 0 || sampled.undefined_at.is_some() {
                // The rule with the smaller error of its own gives the value.
                let (value, own) = if sum.error <= panels.error() {
                    (sum.value, sum.error)
                } else {
                    (panels.value(), panels.error())
                };
                return exponential::Sum {
                    value,
                    error: own + difference + remainder + sum.rounding + sum.uncertainty,
                    ..sum
                };
            }
            // A jump just inside a panel's end, beyond its outermost abscissa, is invisible to it
            // until the panel is halved.
            panels.halve_deep(sampled, f);
            while sampled.evaluations < self.evaluations && panels.refine(sampled, f, tolerance) {}
            round += 1;
        }
    }

    fn tolerance(&self, value: f64) -> f64 {
        self.absolute.max(self.relative * value.abs())
    }
}

fn progress(pieces: &[(Sampled<'_>, kronrod::Panels)]) -> (f64, usize) {
    pieces
        .iter()
        .fold((0.0, 0), |(value, used), (sampled, panels)| {
            (value + panels.value(), used + sampled.evaluations)
        })
}

/// The ends of the pieces: the range split at its hints, and at 0 when both ends are infinite and
/// there is no hint.
fn cuts(lower: f64, upper: f64, hints: &[f64]) -> Vec<f64> {
    let mut cuts: Vec<f64> = hints
        .iter()
        .copied()
        .filter(|&h| lower < h && h < upper)
        .collect();
    cuts.sort_by(f64::total_cmp);
    cuts.dedup();
    if cuts.is_empty() && lower == f64::NEG_INFINITY && upper == f64::INFINITY {
        cuts.push(0.0);
    }
    cuts.insert(0, lower);
    cuts.push(upper);
    cuts
}
