//! Adaptive Gauss–Kronrod quadrature of 7 and 15 points (Piessens et al. 1983, QUADPACK) over s.

use super::Abscissae;
use super::line::{REACH, Sample, Sampled};

/// Rounds of refinement; each halves every panel that is not good enough.
pub(super) const SWEEPS: usize = 48;

/// A panel halved so often holds something that is not smooth.
const DEEP: u32 = 8;

/// More cuts than this are no localization.
const MOST_CUTS: usize = 24;

/// Ends of the first panels on the positive side; the scale of s grows outward because the
/// integrand falls exponentially there.
const FIRST: [f64; 10] = [0.0, 2.0, 5.0, 10.0, 20.0, 38.0, 80.0, 170.0, 350.0, REACH];

const NODES: [f64; 8] = [
    0.991_455_371_120_812_6,
    0.949_107_912_342_758_5,
    0.864_864_423_359_769_1,
    0.741_531_185_599_394_4,
    0.586_087_235_467_691_1,
    0.405_845_151_377_397_2,
    0.207_784_955_007_898_47,
    0.0,
];
const KRONROD: [f64; 8] = [
    0.022_935_322_010_529_224,
    0.063_092_092_629_978_55,
    0.104_790_010_322_250_18,
    0.140_653_259_715_525_92,
    0.169_004_726_639_267_9,
    0.190_350_578_064_785_4,
    0.204_432_940_075_298_9,
    0.209_482_141_084_727_83,
];
const GAUSS: [f64; 4] = [
    0.129_484_966_168_869_7,
    0.279_705_391_489_276_64,
    0.381_830_050_505_118_9,
    0.417_959_183_673_469_4,
];

#[derive(Clone, Copy)]
struct Panel {
    from: f64,
    to: f64,
    depth: u32,
    value: f64,
    error: f64,
}

/// The panels of a piece, in increasing s.
pub(super) struct Panels(Vec<Panel>);

impl Panels {
    /// The first panels of a piece.
    pub(super) fn coarse(
        sampled: &mut Sampled<'_>,
        f: &mut dyn FnMut(&Abscissae) -> Vec<(f64, f64)>,
    ) -> Self {
        let mut ends: Vec<f64> = FIRST[1..].iter().rev().map(|s| -s).collect();
        ends.extend(FIRST);
        let panels: Vec<Panel> = ends.windows(2).map(|e| Panel::new(e[0], e[1], 0)).collect();
        let at: Vec<f64> = panels.iter().flat_map(Panel::abscissae).collect();
        let values = sampled.survey(&at, f);
        Panels(judged(panels, &values))
    }

    pub(super) fn value(&self) -> f64 {
        self.0.iter().map(|p| p.value).sum()
    }

    pub(super) fn error(&self) -> f64 {
        self.0.iter().map(|p| p.error).sum()
    }

    /// Halves the panels whose errors exceed their share of the tolerance; whether there were any.
    pub(super) fn refine(
        &mut self,
        sampled: &mut Sampled<'_>,
        f: &mut dyn FnMut(&Abscissae) -> Vec<(f64, f64)>,
        tolerance: f64,
    ) -> bool {
        let share = tolerance / self.0.len() as f64;
        self.halve(sampled, f, |panel| panel.error > share)
    }

    /// Halves the panels that have already been halved often, whatever their errors seem to be.
    pub(super) fn halve_deep(
        &mut self,
        sampled: &mut Sampled<'_>,
        f: &mut dyn FnMut(&Abscissae) -> Vec<(f64, f64)>,
    ) {
        self.halve(sampled, f, |panel| panel.depth >= DEEP);
    }

    fn halve(
        &mut self,
        sampled: &mut Sampled<'_>,
        f: &mut dyn FnMut(&Abscissae) -> Vec<(f64, f64)>,
        which: impl Fn(&Panel) -> bool,
    ) -> bool {
        let chosen = |p: &Panel| {
            let narrowest = 4.0 * f64::EPSILON * p.from.abs().max(p.to.abs());
            which(p) && p.to - p.from > narrowest
        };
        let halves: Vec<Panel> = self
            .0
            .iter()
            .filter(|p| chosen(p))
            .flat_map(|p| {
                let middle = f64::midpoint(p.from, p.to);
                [
                    Panel::new(p.from, middle, p.depth + 1),
                    Panel::new(middle, p.to, p.depth + 1),
                ]
            })
            .collect();
        if halves.is_empty() {
            return false;
        }
        let at: Vec<f64> = halves.iter().flat_map(Panel::abscissae).collect();
        let values = sampled.values(&at, f);
        self.0.retain(|p| !chosen(p));
        self.0.extend(judged(halves, &values));
        self.0.sort_by(|a, b| a.from.total_cmp(&b.from));
        true
    }

    /// Where s should be cut before any other rule is tried: around the panels that had to be made
    /// much smaller than all others, which is where a kink or a jump is.
    pub(super) fn cuts(&self) -> Vec<f64> {
        let mut cuts = Vec::new();
        for run in self
            .0
            .chunk_by(|a, b| (a.depth >= DEEP) == (b.depth >= DEEP))
        {
            let deepest = run.iter().map(|p| p.depth).max().filter(|&d| d >= DEEP);
            // Halves come in pairs, so around one defect at most a few panels are the deepest.
            let smallest = run.iter().filter(|p| Some(p.depth) == deepest).take(4);
            cuts.extend(smallest.flat_map(|p| [p.from, p.to]));
        }
        cuts.dedup();
        if cuts.len() > MOST_CUTS {
            cuts.clear();
        }
        cuts
    }
}

impl Panel {
    fn new(from: f64, to: f64, depth: u32) -> Self {
        Panel {
            from,
            to,
            depth,
            value: 0.0,
            error: f64::INFINITY,
        }
    }

    fn abscissae(&self) -> impl Iterator<Item = f64> + use<> {
        let (center, half) = (
            f64::midpoint(self.from, self.to),
            (self.to - self.from) / 2.0,
        );
        (0..15).map(move |i| {
            if i < 8 {
                center - half * NODES[i]
            } else {
                center + half * NODES[14 - i]
            }
        })
    }

    /// QUADPACK's error of a panel, from the difference of the two rules.
    fn judge(mut self, values: &[Sample]) -> Self {
        let half = (self.to - self.from) / 2.0;
        let weight = |i: usize| KRONROD[if i < 8 { i } else { 14 - i }];
        let fifteen: f64 = (0..15).map(|i| weight(i) * values[i].value).sum();
        let seven: f64 = (0..7)
            .map(|j| GAUSS[if j < 4 { j } else { 6 - j }] * values[2 * j + 1].value)
            .sum();
        let mean = fifteen / 2.0;
        let spread: f64 = (0..15)
            .map(|i| weight(i) * (values[i].value - mean).abs())
            .sum();
        let size: f64 = (0..15).map(|i| weight(i) * values[i].value.abs()).sum();
        let difference = (fifteen - seven).abs();
        self.value = half * fifteen;
        self.error = if difference.is_nan() {
            f64::INFINITY
        } else if difference <= 2.0 * f64::EPSILON * size {
            0.0
        } else {
            half * spread * (200.0 * difference / spread).powf(1.5).min(1.0)
        };
        // Halving does not mend what is not a number; its place has been noted.
        if self.error.is_infinite() {
            (self.value, self.error) = (0.0, 0.0);
        }
        self
    }
}

fn judged(panels: Vec<Panel>, values: &[Sample]) -> Vec<Panel> {
    panels
        .into_iter()
        .zip(values.chunks_exact(15))
        .map(|(panel, values)| panel.judge(values))
        .collect()
}
