//! How far a formula in floating point is from the exact value.
//!
//! What z being rounded explains is no fault of the formula; what cannot be enclosed is unknown.

use crate::number::{Enclosure, Interval, Precision};
use crate::tape::Tape;
use std::ops::Range;

/// Larger errors, relative and absolute, are a failure.
const LARGEST_ERROR: f64 = 1e-6;

/// Precision at which the exact value is enclosed.
pub(super) const EXACT: Precision = Precision(192);

/// Precision at which it is enclosed first: most formulas lose few digits, and need no more.
const FIRST: Precision = Precision(96);

/// How a formula came out at one point.
pub(super) enum Came {
    /// With the errors in float64 and in float32; none in float32 where that overflows or is no
    /// number.
    Fine {
        error: f64,
        single: Option<f64>,
    },
    Failed {
        computed: f64,
        exact: Enclosure,
    },
    Unknown,
}

/// Each output of a tape exactly, with the binary64 nearest to it where that is known.
pub(super) fn nearest(tape: &Tape, values: &[f64]) -> Vec<(Enclosure, Option<f64>)> {
    let inputs: Vec<Enclosure> = values.iter().map(|&v| Enclosure::from_f64(v)).collect();
    let at = |precision: Precision| -> Vec<(Enclosure, Option<f64>)> {
        let exact = tape.evaluate(&inputs, &precision).into_iter();
        exact
            .map(|v| (v.to_f64_nearest(), v))
            .map(|(f, v)| (v, f))
            .collect()
    };
    let first = at(FIRST);
    if first.iter().all(|(v, f)| v.is_finite() && f.is_some()) {
        first
    } else {
        at(EXACT)
    }
}

/// Each output of a tape in floating point and exactly.
pub(super) fn come(tape: &Tape, point: &[f64], z: &Range<usize>) -> Vec<Came> {
    // Inputs that are not used may be missing; any number serves for them.
    let at: Vec<f64> = point
        .iter()
        .map(|v| if v.is_nan() { 0.5 } else { *v })
        .collect();
    let computed = tape.evaluate(&at, &());
    let singles: Vec<f32> = at.iter().map(|v| *v as f32).collect();
    let single = tape.evaluate(&singles, &());
    // A narrow interval bounds the error well enough; otherwise the exact value is enclosed.
    let points: Vec<Interval> = at.iter().map(|&v| Interval::point(v)).collect();
    let bounds = tape.evaluate(&points, &());
    let mut exact: Option<Vec<(Enclosure, Option<f64>)>> = None;
    let mut blurred: Option<Vec<Enclosure>> = None;
    let off = |value: f64, truth: f64| {
        let absolute = (value - truth).abs();
        if truth == 0.0 {
            absolute
        } else {
            absolute.min(absolute / truth.abs())
        }
    };
    (0..computed.len())
        .map(|i| {
            let (bound, value) = (&bounds[i], computed[i]);
            let scale = bound.midpoint().abs().max(1.0);
            let narrow = bound.is_finite() && bound.width() <= 0.1 * LARGEST_ERROR * scale;
            let (error, truth) = if narrow && bound.contains(value) {
                (bound.width() / scale, bound.midpoint())
            } else {
                let (exact, truth) = &exact.get_or_insert_with(|| nearest(tape, &at))[i];
                let Some(truth) = truth.filter(|_| exact.is_finite()) else {
                    return Came::Unknown;
                };
                if !truth.is_finite() {
                    return Came::Unknown; // binary64 cannot hold it: no formula could deliver it
                }
                if !value.is_finite() || off(value, truth) > LARGEST_ERROR {
                    let blurred = blurred.get_or_insert_with(|| blur(tape, &at, z));
                    if is_within(value, &blurred[i]) {
                        return Came::Unknown;
                    }
                    return Came::Failed {
                        computed: value,
                        exact: exact.clone(),
                    };
                }
                (off(value, truth), truth)
            };
            let single = f64::from(single[i]);
            Came::Fine {
                error,
                single: single.is_finite().then(|| off(single, truth)),
            }
        })
        .collect()
}

/// The exact values where z is known to a unit in its last place only. z is itself a rounded number:
/// what that alone does to the value is the condition of the problem, no fault of the formula.
fn blur(tape: &Tape, at: &[f64], z: &Range<usize>) -> Vec<Enclosure> {
    let inputs: Vec<Enclosure> = at
        .iter()
        .enumerate()
        .map(|(i, &v)| {
            if z.contains(&i) {
                Enclosure::from_f64(v.next_down()).hull(&Enclosure::from_f64(v.next_up()))
            } else {
                Enclosure::from_f64(v)
            }
        })
        .collect();
    tape.evaluate(&inputs, &EXACT)
}

/// Whether a computed value is one that the exact value may have, to [`LARGEST_ERROR`].
fn is_within(value: f64, exact: &Enclosure) -> bool {
    let slack = LARGEST_ERROR * value.abs().max(1.0);
    if value.is_finite() {
        exact.is_possibly_undefined()
            || (value + slack >= exact.lower_f64() && value - slack <= exact.upper_f64())
    } else {
        exact.is_possibly_undefined() || !exact.is_finite()
    }
}
