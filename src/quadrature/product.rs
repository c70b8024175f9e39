//! Integrals over boxes of two or three dimensions by products of double-exponential rules (Takahasi
//! & Mori 1974): fast where the integrand is smooth at scale 1, and otherwise seen not to be.
//!
//! The error is judged from three steps, each half of the one before or nearly. Where the integrand is smooth
//! the changes shrink faster and faster, so that the last step is off by less than the last change;
//! where it has kinks or jumps they shrink slowly and irregularly, and the larger change counts.
//! Law: test `products_cover_the_truth`.

use super::Integral;

/// An integrand: its values, given all coordinates but the last and places of the last.
pub type BoxIntegrand<'a> = dyn FnMut(&[f64], &[f64]) -> Vec<f64> + 'a;

/// A product rule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Product {
    /// Whether the integrand is known to have no kink and no jump inside the box.
    pub smooth: bool,
}

/// Relative tolerance of `converged`.
const TOLERANCE: f64 = 1e-9;

/// Slices that hold less than this of the largest are left out at finer steps.
const NEGLIGIBLE: f64 = 1e-22;

/// A change between the first two steps above which the third, which costs most, is not taken in
/// three dimensions: of a smooth integrand, and of one that is not, whose error stays that large.
const HOPELESS: [f64; 2] = [0.1, 1e-3];

impl Product {
    /// ∫ f over a box, whose sides may be infinite: `f` is called with all coordinates but the last,
    /// and places of the last.
    pub fn integrate(self, ranges: &[(f64, f64)], f: &mut BoxIntegrand<'_>) -> Integral {
        let steps = self.steps(ranges.len());
        let mut sums = Sums {
            evaluations: 0,
            undefined_at: None,
            slices: Vec::new(),
        };
        let mut windows = vec![(-LONGEST, LONGEST); ranges.len()];
        let first = sums.sum(ranges, steps[0], &windows, f);
        // What the outermost places hold says how much lies beyond them: nothing, where the integral
        // exists and the rule suits it.
        let beyond: f64 = sums.ends();
        for (axis, window) in windows.iter_mut().enumerate() {
            *window = sums.window(axis, 1.0 / f64::from(steps[0]));
        }
        let coarse = sums.sum(ranges, steps[1], &windows, f);
        let before = (coarse - first).abs();
        let hopeless = HOPELESS[usize::from(!self.smooth)] * sums.size();
        let costly = ranges.len() > 2;
        let (value, change) = if costly && (before > hopeless || before.is_nan()) {
            (coarse, before)
        } else {
            let value = sums.sum(ranges, steps[2], &windows, f);
            (value, self.change(before, (value - coarse).abs()))
        };
        let error = change + 10.0 * beyond + 1e-13 * value.abs();
        Integral {
            value,
            error: if value.is_finite() && !error.is_nan() {
                error
            } else {
                f64::INFINITY
            },
            evaluations: sums.evaluations,
            converged: sums.undefined_at.is_none() && error <= TOLERANCE * value.abs().max(1.0),
            undefined_at: sums.undefined_at,
        }
    }

    fn steps(self, dimensions: usize) -> [i32; 3] {
        match (dimensions <= 2, self.smooth) {
            (true, _) => [6, 12, 24],
            (false, true) => [4, 8, 16],
            // Kinks and edges inside the box: the first step has to see them, and steps that are no
            // halves of one another meet them at other places.
            (false, false) => [8, 12, 17],
        }
    }

    /// How far apart the places of the finest rule are around one of a coordinate: what is narrower
    /// may be missed. Infinite beyond them all.
    pub fn spacing(ranges: &[(f64, f64)], axis: usize, x: f64) -> f64 {
        let [_, _, steps] = Product { smooth: true }.steps(ranges.len());
        let rule = double_exponential(ranges[axis], steps, (-LONGEST, LONGEST));
        let mut places: Vec<f64> = rule.iter().map(|node| node.x).collect();
        places.sort_by(f64::total_cmp);
        let gap = places.windows(2).find(|pair| pair[0] <= x && x <= pair[1]);
        gap.map_or(f64::INFINITY, |pair| pair[1] - pair[0])
    }

    /// The error of the last sum by the last two changes.
    fn change(self, before: f64, last: f64) -> f64 {
        if !self.smooth {
            last.max(before)
        } else if last == 0.0 {
            0.0
        } else {
            last * (4.0 * last / before).min(1.0)
        }
    }
}

struct Sums {
    evaluations: usize,
    undefined_at: Option<f64>,
    /// For each axis the places of the rule with what |f| sums to there.
    slices: Vec<Vec<(f64, f64)>>,
}

impl Sums {
    /// The sum of one step over all dimensions.
    fn sum(
        &mut self,
        ranges: &[(f64, f64)],
        steps: i32,
        windows: &[(f64, f64)],
        f: &mut BoxIntegrand<'_>,
    ) -> f64 {
        let rules: Vec<Vec<Node>> = ranges
            .iter()
            .zip(windows)
            .map(|(&range, &window)| double_exponential(range, steps, window))
            .collect();
        self.slices = rules
            .iter()
            .map(|rule| rule.iter().map(|node| (node.t, 0.0)).collect())
            .collect();
        let Some((last, others)) = rules.split_last() else {
            return 0.0;
        };
        if rules.iter().any(Vec::is_empty) {
            return f64::NAN;
        }
        let places: Vec<f64> = last.iter().map(|node| node.x).collect();
        let mut at = vec![0usize; others.len()];
        let mut total = 0.0;
        loop {
            let nodes = || others.iter().zip(&at).map(|(rule, &i)| &rule[i]);
            let fixed: Vec<f64> = nodes().map(|node| node.x).collect();
            let weight: f64 = nodes().map(|node| node.weight).product();
            let values = f(&fixed, &places);
            self.evaluations += values.len();
            let mut size = 0.0;
            for (k, (value, node)) in values.iter().zip(last).enumerate() {
                if value.is_finite() {
                    let part = value * weight * node.weight;
                    total += part;
                    size += part.abs();
                    self.slices[others.len()][k].1 += part.abs();
                } else {
                    self.undefined_at = Some(fixed.first().copied().unwrap_or(node.x));
                }
            }
            for (axis, &i) in at.iter().enumerate() {
                self.slices[axis][i].1 += size;
            }
            // The next place of the other coordinates, the last of them fastest.
            let Some(k) = (0..at.len()).rev().find(|&k| at[k] + 1 < others[k].len()) else {
                return total;
            };
            at[k] += 1;
            at[k + 1..].fill(0);
        }
    }

    /// ∫ |f|.
    fn size(&self) -> f64 {
        let slices = self.slices.first();
        slices.map_or(0.0, |s| s.iter().map(|slice| slice.1).sum())
    }

    /// What the outermost slices hold.
    fn ends(&self) -> f64 {
        let ends = self.slices.iter().flat_map(|s| [s.first(), s.last()]);
        ends.flatten().map(|slice| slice.1).sum()
    }

    /// Where an axis holds anything, and a step more.
    fn window(&self, axis: usize, step: f64) -> (f64, f64) {
        let slices = &self.slices[axis];
        let largest = slices.iter().fold(0.0f64, |a, s| a.max(s.1));
        let mut there = slices.iter().filter(|s| s.1 > NEGLIGIBLE * largest);
        match (there.next(), there.next_back()) {
            (Some(first), last) => (first.0 - step, last.unwrap_or(first).0 + step),
            (None, _) => (-LONGEST, LONGEST),
        }
    }
}

/// |t| stops here.
const LONGEST: f64 = 4.0;

/// A place of a rule.
struct Node {
    t: f64,
    x: f64,
    weight: f64,
}

/// The rule on a range with step 1/`steps` and t in a window.
fn double_exponential((lower, upper): (f64, f64), steps: i32, window: (f64, f64)) -> Vec<Node> {
    let half_pi = std::f64::consts::FRAC_PI_2;
    let h = 1.0 / f64::from(steps);
    let reach = (LONGEST / h).round() as i32;
    (-reach..=reach)
        .map(|k| f64::from(k) * h)
        .filter(|t| window.0 <= *t && *t <= window.1)
        .filter_map(|t| {
            let (s, ds) = (half_pi * t.sinh(), half_pi * t.cosh());
            let (x, dx) = match (lower.is_finite(), upper.is_finite()) {
                (false, false) => (s.sinh(), s.cosh() * ds),
                (true, false) => (lower + s.exp(), s.exp() * ds),
                (false, true) => (upper - s.exp(), s.exp() * ds),
                (true, true) => {
                    let half = (upper - lower) / 2.0;
                    let near = half / (s.abs().exp() * s.cosh());
                    let x = if s < 0.0 { lower + near } else { upper - near };
                    (x, half * ds / s.cosh().powi(2))
                }
            };
            (x > lower && x < upper && dx.is_finite() && dx > 1e-300).then_some(Node {
                t,
                x,
                weight: dx * h,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(x: &[f64]) -> f64 {
        let square: f64 = x.iter().map(|v| v * v).sum();
        (-square / 2.0).exp() / std::f64::consts::TAU.powf(x.len() as f64 / 2.0)
    }

    #[track_caller]
    fn check(
        smooth: bool,
        ranges: &[(f64, f64)],
        mut f: impl FnMut(&[f64]) -> f64,
        truth: f64,
        settles: bool,
    ) {
        let found = Product { smooth }.integrate(ranges, &mut |fixed, last| {
            last.iter().map(|&x| f(&[fixed, &[x]].concat())).collect()
        });
        let off = (found.value - truth).abs();
        assert!(off <= 100.0 * found.error, "off by {off:e}: {found:?}");
        assert_eq!(found.error <= 1e-7 * truth.abs(), settles, "{found:?}");
    }

    /// Means of functions of two and of three normal draws, and of draws on bounded sides.
    #[test]
    fn products_cover_the_truth() {
        let line = (f64::NEG_INFINITY, f64::INFINITY);
        check(
            true,
            &[line; 2],
            |x| normal(x) * (x[0] * x[1]).powi(2),
            1.0,
            true,
        );
        check(true, &[line; 3], normal, 1.0, true);
        let sum = |x: &[f64]| (x[0] + x[1] + x[2]).powi(4) * normal(x);
        // Right to nine digits, of which the estimate vouches for five.
        check(true, &[line; 3], sum, 27.0, false);
        let cube = |x: &[f64]| (x[0] * x[1] * x[2]).sqrt();
        check(true, &[(0.0, 1.0); 3], cube, 8.0 / 27.0, true);
        // An integral that does not exist is seen by what its ends hold.
        let pole = |x: &[f64]| 1.0 / (x[0] + x[1]).powi(2);
        let found = Product { smooth: true }.integrate(&[(0.0, 1.0); 2], &mut |fixed, last| {
            last.iter().map(|&x| pole(&[fixed[0], x])).collect()
        });
        assert!(found.error > 1e-2 * found.value, "{found:?}");
        // P(x₀ + x₁ + x₂ > 1) = Φ(−1/√3): the jump is seen by how little the sums settle.
        let jump = |x: &[f64]| f64::from(x[0] + x[1] + x[2] > 1.0) * normal(x);
        check(false, &[line; 3], jump, 0.281_851_430_825_386_5, false);
        // E max(x₀, x₁) = 1/√π.
        let kink = |x: &[f64]| x[0].max(x[1]) * normal(x);
        check(false, &[line; 2], kink, 0.564_189_583_547_756_3, false);
    }
}
