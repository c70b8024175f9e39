//! The distribution function of a line, tabulated where draws fall: their probability integral transform.
//!
//! A table whose mass is less certain than `HIDDEN` is none: it could not be told from an atom.

use crate::check::univariate::{Line, is_settled};

/// A table whose mass is less certain than this decides nothing.
const HIDDEN: f64 = 1e-6;

/// The distribution function of a line, tabulated at places where draws fall.
pub(super) struct Table {
    places: Vec<f64>,
    masses: Vec<f64>,
    densities: Vec<f64>,
}

impl Table {
    pub(super) fn new(line: &Line, mut pilot: Vec<f64>) -> Option<Table> {
        // Mass that rounding hides at an end of the support cannot be told from an atom there.
        let total = line.mass(Some((line.lower, line.upper)));
        if !is_settled(&total) || total.error > HIDDEN {
            return None;
        }
        let inside = |z: f64| z.is_finite() && z > line.lower && z < line.upper;
        pilot.retain(|z| inside(*z));
        pilot.sort_by(f64::total_cmp);
        pilot.dedup();
        let n = pilot.len();
        let (first, last) = (*pilot.first()?, *pilot.last()?);
        let step = (n / 160).max(1);
        let mut places: Vec<f64> = pilot.iter().copied().step_by(step).collect();
        // Every extreme of the pilot, and beyond it ever longer steps: tails are looked at closely.
        places.extend(pilot.iter().take(40).chain(pilot.iter().rev().take(40)));
        let (left, right) = (pilot[n / 8] - first, last - pilot[n - 1 - n / 8]);
        for k in -3..12 {
            let growth = 2f64.powi(k);
            places.extend([first - left * growth, last + right * growth]);
            // Towards a finite end, which doubling would jump over.
            let share = 0.5f64.powi(k + 4);
            places.push(line.lower + (first - line.lower) * share);
            places.push(line.upper - (line.upper - last) * share);
        }
        places.extend(&line.hints);
        places.retain(|z| inside(*z));
        places.sort_by(f64::total_cmp);
        places.dedup();
        // Draws that lie decades apart next to an end are no places to interpolate between.
        for (end, side) in [(line.lower, 1.0), (line.upper, -1.0)] {
            let between = decades(&places, end, side);
            places.extend(between.into_iter().filter(|z| inside(*z)));
            places.sort_by(f64::total_cmp);
            places.dedup();
        }
        let below = line.mass(Some((line.lower, places[0])));
        if !below.value.is_finite() {
            return None;
        }
        let middles: Vec<f64> = places
            .windows(2)
            .map(|p| f64::midpoint(p[0], p[1]))
            .collect();
        let wholes = gauss(line, places.windows(2).map(|p| (p[0], p[1])));
        let lefts = gauss(line, places.iter().copied().zip(middles.iter().copied()));
        let rights = gauss(
            line,
            middles.iter().copied().zip(places.iter().skip(1).copied()),
        );
        let mut masses = vec![below.value];
        for (i, pair) in places.windows(2).enumerate() {
            let halves = lefts[i] + rights[i];
            let mass = if (wholes[i] - halves).abs() <= 1e-9 {
                halves
            } else {
                line.mass(Some((pair[0], pair[1]))).value
            };
            masses.push(masses[i] + mass);
        }
        let densities = line
            .log_density
            .values(&places)
            .into_iter()
            .map(f64::exp)
            .collect();
        let finite = masses.iter().all(|m| m.is_finite());
        finite.then_some(Table {
            places,
            masses,
            densities,
        })
    }

    /// F(z), by cubic interpolation with the density as slope. A draw beyond the table gets half of
    /// the mass left there, which is below the resolution of any test.
    pub(super) fn transform(&self, z: f64) -> f64 {
        if z.is_nan() {
            return f64::NAN;
        }
        let n = self.places.len();
        let right = self.places.partition_point(|p| *p < z);
        if right == 0 {
            return self.masses[0] / 2.0;
        }
        if right == n {
            return f64::midpoint(1.0, self.masses[n - 1]);
        }
        let (x0, x1) = (self.places[right - 1], self.places[right]);
        let (y0, y1) = (self.masses[right - 1], self.masses[right]);
        let (d0, d1) = (self.densities[right - 1], self.densities[right]);
        let h = x1 - x0;
        let t = (z - x0) / h;
        let cubic = y0 * (1.0 + 2.0 * t) * (1.0 - t).powi(2)
            + d0 * h * t * (1.0 - t).powi(2)
            + y1 * t * t * (3.0 - 2.0 * t)
            + d1 * h * t * t * (t - 1.0);
        // Next to a kink the cubic may overshoot; the table itself is right.
        if cubic >= y0 && cubic <= y1 {
            cubic
        } else {
            y0 + (y1 - y0) * t
        }
    }
}

/// A distance from an end is no more than this times the one before.
const RATIO: f64 = 4.0;

/// Places to be put between two.
const MOST_BETWEEN: f64 = 600.0;

/// Places between those given, such that their distances from a finite end do not grow faster than
/// by [`RATIO`].
fn decades(places: &[f64], end: f64, side: f64) -> Vec<f64> {
    let mut found = Vec::new();
    if !end.is_finite() {
        return found;
    }
    for pair in places.windows(2) {
        let (a, b) = (side * (pair[0] - end), side * (pair[1] - end));
        let (near, far) = (a.min(b), a.max(b));
        let count = ((far / near).ln() / RATIO.ln()).ceil();
        if near > 0.0 && count > 1.0 && count <= MOST_BETWEEN {
            let step = (far / near).powf(1.0 / count);
            let inner = (1..count as i32).map(|k| end + side * near * step.powi(k));
            found.extend(inner);
        }
    }
    found
}

/// ∫ q over short intervals by Gauss–Legendre quadrature of eight points (Abramowitz & Stegun
/// 25.4.30), all in one batch.
fn gauss(line: &Line, intervals: impl Iterator<Item = (f64, f64)>) -> Vec<f64> {
    const NODES: [(f64, f64); 4] = [
        (0.183_434_642_495_649_8, 0.362_683_783_378_362),
        (0.525_532_409_916_329, 0.313_706_645_877_887_3),
        (0.796_666_477_413_626_7, 0.222_381_034_453_374_5),
        (0.960_289_856_497_536_3, 0.101_228_536_290_376_26),
    ];
    let mut halves = Vec::new();
    let mut x = Vec::new();
    for (low, high) in intervals {
        let (middle, half) = (f64::midpoint(low, high), (high - low) / 2.0);
        halves.push(half);
        x.extend(
            NODES
                .iter()
                .flat_map(|(node, _)| [middle - half * node, middle + half * node]),
        );
    }
    let logs = line.log_density.values(&x);
    halves
        .iter()
        .zip(logs.chunks(2 * NODES.len()))
        .map(|(half, logs)| {
            let pairs = NODES.iter().zip(logs.chunks(2));
            half * pairs
                .map(|((_, w), pair)| w * (pair[0].exp() + pair[1].exp()))
                .sum::<f64>()
        })
        .collect()
}
