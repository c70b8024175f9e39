//! Where the mass of a density is, found from its logarithm.
//!
//! The log-density of a narrow peak is seen from afar, where the density itself underflows to zero:
//! climbing on the logarithm finds what sampling the density would miss.

use super::{Abscissae, Integrand};

/// A local maximum so far below the highest holds no mass that binary64 could add.
const NEGLIGIBLE: f64 = 60.0;

/// Most maxima reported.
const MOST: usize = 16;

/// The local maxima of a log-density over (`lower`, `upper`), in increasing order, as hints for
/// [`super::Quadrature::integrate`].
///
/// `near` are places to look around (locations, means); the scan is logarithmic around them,
/// around 0 and around finite ends, so scales from 10⁻⁶ to 10⁹ are met, and each local maximum of
/// the scan is then polished. A maximum narrower than the scan between two higher ones can be
/// missed. Values −∞ are below everything, +∞ and not-a-number are passed over.
pub fn locate_mass(
    log_density: &mut Integrand<'_>,
    lower: f64,
    upper: f64,
    near: &[f64],
) -> Vec<f64> {
    let scan = scan(lower, upper, near);
    let mut value_at = |x: Vec<f64>| {
        let batch = Abscissae {
            from_lower: x.iter().map(|x| x - lower).collect(),
            to_upper: x.iter().map(|x| upper - x).collect(),
            x,
        };
        let mut values = log_density(&batch);
        values.resize(batch.x.len(), f64::NAN);
        for value in &mut values {
            if value.is_nan() || *value == f64::INFINITY {
                *value = f64::NEG_INFINITY;
            }
        }
        values
    };
    let values = value_at(scan.clone());
    let mut maxima: Vec<(f64, f64)> = Vec::new();
    for i in 0..scan.len() {
        let (left, right) = (i.saturating_sub(1), (i + 1).min(scan.len() - 1));
        // On a plateau, its first point stands for it.
        let rises = i == 0 || values[left] < values[i];
        if values[i] > f64::NEG_INFINITY && rises && values[right] <= values[i] {
            maxima.push(climb(
                &mut value_at,
                scan[left],
                scan[right],
                (scan[i], values[i]),
            ));
        }
    }
    maxima.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.total_cmp(&b.0)));
    let highest = maxima.first().map_or(0.0, |m| m.1);
    maxima.retain(|m| m.1 >= highest - NEGLIGIBLE);
    maxima.truncate(MOST);
    let mut places: Vec<f64> = maxima.into_iter().map(|m| m.0).collect();
    places.sort_by(f64::total_cmp);
    places.dedup_by(|a, b| (*a - *b).abs() <= 1e-9 * (a.abs() + b.abs()));
    places
}

/// Narrows a bracket of a maximum: nine places at once, the three around the best kept.
fn climb(
    value_at: &mut dyn FnMut(Vec<f64>) -> Vec<f64>,
    mut left: f64,
    mut right: f64,
    mut best: (f64, f64),
) -> (f64, f64) {
    for _ in 0..24 {
        if right - left <= 1e-12 * (left.abs() + right.abs()) {
            break;
        }
        let places: Vec<f64> = (1..10)
            .map(|i| left + (right - left) * f64::from(i) / 10.0)
            .collect();
        let width = (right - left) / 10.0;
        for (x, value) in places.iter().zip(value_at(places.clone())) {
            if value > best.1 {
                best = (*x, value);
            }
        }
        (left, right) = ((best.0 - width).max(left), (best.0 + width).min(right));
    }
    best
}

/// Places strictly inside the range, in increasing order.
fn scan(lower: f64, upper: f64, near: &[f64]) -> Vec<f64> {
    let mut centers: Vec<f64> = near.iter().copied().filter(|x| x.is_finite()).collect();
    centers.push(0.0);
    centers.extend([lower, upper].into_iter().filter(|x| x.is_finite()));
    let mut places = centers.clone();
    for center in &centers {
        for half_octaves in -40..=60 {
            let distance = 2f64.powf(f64::from(half_octaves) / 2.0);
            places.extend([center - distance, center + distance]);
        }
    }
    if (upper - lower).is_finite() {
        places.extend((1..128).map(|i| lower + (upper - lower) * f64::from(i) / 128.0));
    }
    places.retain(|&x| lower < x && x < upper);
    places.sort_by(f64::total_cmp);
    places.dedup();
    places
}
