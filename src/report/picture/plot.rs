//! Curves and bars over one axis, drawn as SVG whose colours are the page's.

use crate::number::text;
use maud::{Markup, html};

/// Curves and bars over one axis.
pub(in crate::report) struct Plot {
    pub(in crate::report) title: String,
    pub(super) axis: String,
    /// Each with its name.
    pub(super) curves: Vec<(String, Vec<(f64, f64)>)>,
    /// Left, right, height.
    pub(super) bars: Vec<(f64, f64, f64)>,
}

pub(super) const WIDTH: f64 = 340.0;
const HEIGHT: f64 = 190.0;
const LEFT: f64 = 46.0;
const BELOW: f64 = 30.0;
const ABOVE: f64 = 8.0;

impl Plot {
    /// As a picture for a page; colours are the page's.
    pub(in crate::report) fn svg(&self) -> Markup {
        let Some((x, y)) = self.ranges() else {
            return html! {};
        };
        let across = |v: f64| LEFT + (v - x.0) / (x.1 - x.0) * (WIDTH - LEFT - 4.0);
        let up = |v: f64| HEIGHT - BELOW - (v - y.0) / (y.1 - y.0) * (HEIGHT - BELOW - ABOVE);
        let base = up(y.0.max(0.0).min(y.1));
        html! {
            svg viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" aria-label=(self.title) {
                @for &(left, right, height) in &self.bars {
                    rect class="bar" x=(format!("{:.1}", across(left)))
                        y=(format!("{:.1}", up(height.min(y.1))))
                        width=(format!("{:.1}", (across(right) - across(left) - 0.5).max(0.1)))
                        height=(format!("{:.1}", (base - up(height.min(y.1))).max(0.0))) {}
                }
                path class="axis" d=(format!(
                    "M{LEFT} {ABOVE}V{:.1}H{WIDTH}", HEIGHT - BELOW
                )) {}
                @for (place, (_, points)) in self.curves.iter().enumerate() {
                    path class=(format!("curve c{}", place % 4)) d=(line(points, y, across, up)) {}
                }
                text x=(LEFT - 4.0) y=(ABOVE + 8.0) text-anchor="end" { (short(y.1)) }
                text x=(LEFT - 4.0) y=(HEIGHT - BELOW) text-anchor="end" { (short(y.0)) }
                text x=(LEFT) y=(HEIGHT - BELOW + 14.0) { (short(x.0)) }
                text x=(WIDTH - 4.0) y=(HEIGHT - BELOW + 14.0) text-anchor="end" { (short(x.1)) }
                text x=((LEFT + WIDTH) / 2.0) y=(HEIGHT - 4.0) text-anchor="middle" { (self.axis) }
            }
        }
    }

    /// The names of the curves, with the class of each; not where the title says it.
    pub(in crate::report) fn legend(&self) -> Vec<(String, String)> {
        let named = self.curves.iter().enumerate();
        let named = named.filter(|(_, (name, _))| *name != self.title);
        named
            .map(|(place, (name, _))| (format!("c{}", place % 4), name.clone()))
            .collect()
    }

    /// What is shown of each axis. A pole would flatten all the rest: the highest fiftieth of the
    /// values is cut where it stands far out.
    fn ranges(&self) -> Option<((f64, f64), (f64, f64))> {
        let points = self.curves.iter().flat_map(|(_, points)| points);
        let mut heights: Vec<f64> = points.map(|p| p.1).filter(|v| v.is_finite()).collect();
        heights.extend(self.bars.iter().map(|b| b.2));
        heights.sort_by(f64::total_cmp);
        let xs = self.curves.iter().flat_map(|(_, p)| p.iter().map(|p| p.0));
        let xs: Vec<f64> = xs
            .chain(self.bars.iter().flat_map(|b| [b.0, b.1]))
            .collect();
        let cut = heights.len() / 50;
        let (first, last) = (*heights.first()?, *heights.last()?);
        let (lower, upper) = (*heights.get(cut)?, *heights.get(heights.len() - 1 - cut)?);
        let spread = (upper - lower).max(f64::MIN_POSITIVE);
        let high = if last - upper > 2.0 * spread {
            upper
        } else {
            last
        };
        let low = if lower - first > 2.0 * spread {
            lower
        } else {
            first
        };
        // From zero where that is near.
        let low = if low > 0.0 && low < high { 0.0 } else { low };
        let (low, high) = if high - low > 0.0 {
            (low, high)
        } else if low > 0.0 {
            (0.0, 2.0 * low)
        } else {
            (low - 1.0, high + 1.0)
        };
        let left = xs.iter().copied().fold(f64::INFINITY, f64::min);
        let right = xs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        (left < right).then_some(((left, right), (low, high)))
    }
}

/// A path through the points that are shown, broken where there is nothing to show.
fn line(
    points: &[(f64, f64)],
    y: (f64, f64),
    across: impl Fn(f64) -> f64,
    up: impl Fn(f64) -> f64,
) -> String {
    let mut path = String::new();
    let mut pen_down = false;
    for &(x, height) in points {
        let shown = (y.0..=y.1).contains(&height);
        if shown {
            let command = if pen_down { 'L' } else { 'M' };
            path.push_str(&format!("{command}{:.1} {:.1}", across(x), up(height)));
        }
        pen_down = shown;
    }
    path
}

/// Three digits are enough on an axis.
pub(super) fn short(value: f64) -> String {
    text::rounded(value, 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_have_three_digits() {
        for (value, text) in [
            (0.0, "0"),
            (0.39894, "0.399"),
            (-2.5, "-2.5"),
            (1234.0, "1234"),
            (1e9, "1e9"),
            (100.0, "100"),
        ] {
            assert_eq!(short(value), text);
        }
    }
}
