//! Pictures of a map of one noise variable to one output: the claimed density over a histogram of
//! draws, |det J|, and the path derivatives.

use super::SpecReport;
use crate::check::points::{Kind, Space};
use crate::graph::{Id, rational_text};
use crate::model::{self, Definition, Model};
use crate::run::sizes;
use crate::spec;
use crate::stats::Stream;
use crate::tape::Tape;
use maud::{Markup, html};

const DRAWS: usize = 4_000;
const BINS: usize = 36;
const STEPS: usize = 160;
/// What is outside this part of the draws is not shown, on each side.
const TAIL: f64 = 0.005;

/// Curves and bars over one axis.
pub(super) struct Plot {
    pub(super) title: String,
    axis: String,
    /// Each with its name.
    curves: Vec<(String, Vec<(f64, f64)>)>,
    /// Left, right, height.
    bars: Vec<(f64, f64, f64)>,
}

/// The pictures of a spec and the parameters at which they are drawn; none where z or the noise has
/// several components, or there is no transform.
pub(super) fn pictures(report: &SpecReport, seed: u64) -> Option<(String, Vec<Plot>)> {
    let (raw, _) = spec::read(&report.source).ok()?;
    let sizes = sizes(&raw).0.into_iter().next()?;
    let model = model::build(&raw, &sizes).ok()?;
    let [noise] = model.noise.as_slice() else {
        return None;
    };
    let scalar = noise.variable.symbols.len() == 1 && model.output_symbols().len() == 1;
    if model.definition != Definition::Transform || !scalar || noise.is_discrete() {
        return None;
    }
    Artist::new(model, seed)?.draw()
}

struct Artist {
    model: Model,
    /// Parameters and inputs.
    given: Vec<f64>,
    caption: String,
    /// Sorted.
    noise: Vec<f64>,
}

impl Artist {
    fn new(model: Model, seed: u64) -> Option<Artist> {
        let space = Space::new(&model.graph, model.givens());
        let mut rng = Stream {
            seed,
            spec: &model.name,
            check: "report",
            sizes: &model.sizes,
            purpose: "pictures",
        }
        .rng();
        let point = (0..20).find_map(|_| space.draw(Kind::Simple(2), &mut rng))?;
        let mut texts = point.iter().map(rational_text);
        let captions = space.variables.iter().map(|v| {
            let values: Vec<String> = texts.by_ref().take(v.symbols.len()).collect();
            format!("{} = {}", v.name, values.join(", "))
        });
        let caption = captions.collect::<Vec<_>>().join(", ");
        let given: Vec<f64> = point.iter().map(|v| v.to_f64().value()).collect();
        let mut samplers = model.noise[0].samplers(&model.graph, &space.symbols, &given)?;
        let sampler = samplers.pop()?;
        let mut noise = vec![0.0; DRAWS];
        for draw in noise.chunks_mut(1) {
            sampler.draw(&mut rng, draw);
        }
        noise.sort_by(f64::total_cmp);
        Some(Artist {
            model,
            given,
            caption,
            noise,
        })
    }

    fn draw(mut self) -> Option<(String, Vec<Plot>)> {
        let mut plots = Vec::new();
        plots.extend(self.density());
        plots.extend(self.jacobian());
        plots.extend(self.velocities());
        (!plots.is_empty()).then_some((self.caption, plots))
    }

    /// A term at values of one more symbol.
    fn values(&self, term: Id, symbol: Id, at: &[f64]) -> Option<Vec<f64>> {
        let mut symbols: Vec<Id> = Vec::new();
        for variable in self.model.givens() {
            symbols.extend(variable.symbols);
        }
        symbols.push(symbol);
        let tape = Tape::new(&self.model.graph, &symbols, &[term]).ok()?;
        let mut inputs = self.given.clone();
        inputs.push(0.0);
        let values = at.iter().map(|&x| {
            if let Some(last) = inputs.last_mut() {
                *last = x;
            }
            tape.evaluate(&inputs, &())[0]
        });
        Some(values.collect())
    }

    fn transform(&mut self) -> Option<Id> {
        let g = self.model.transform.as_ref()?.elements.clone();
        self.model.rebase(&g).first().copied()
    }

    fn density(&mut self) -> Option<Plot> {
        let (g, eps) = (self.transform()?, self.model.noise_symbols()[0]);
        let mut z = self.values(g, eps, &self.noise)?;
        z.retain(|v| v.is_finite());
        z.sort_by(f64::total_cmp);
        let (low, high) = central(&z)?;
        let width = (high - low) / BINS as f64;
        let mut counts = [0u32; BINS];
        for &value in z.iter().filter(|v| (low..high).contains(*v)) {
            counts[(((value - low) / width) as usize).min(BINS - 1)] += 1;
        }
        let bars = (0..BINS).map(|i| {
            let left = low + width * i as f64;
            let height = f64::from(counts[i]) / (width * DRAWS as f64);
            (left, left + width, height)
        });
        let mut curves = Vec::new();
        let target = self
            .model
            .target
            .clone()
            .filter(|t| !t.discrete && !t.unnormalized);
        if let Some(log_q) = target.and_then(|t| t.log_density.or(t.distribution)) {
            let grid = grid(low, high);
            let symbol = self.model.output_symbols()[0];
            if let Some(values) = self.values(log_q.elements[0], symbol, &grid) {
                let curve = grid.into_iter().zip(values.into_iter().map(f64::exp));
                curves.push(("claimed density".to_owned(), curve.collect()));
            }
        }
        Some(Plot {
            title: format!(
                "The density of {} and {DRAWS} draws",
                self.model.outputs[0].name
            ),
            axis: self.model.outputs[0].name.clone(),
            curves,
            bars: bars.collect(),
        })
    }

    fn over_noise(&self, title: &str, terms: Vec<(String, Id)>) -> Option<Plot> {
        let eps = self.model.noise_symbols()[0];
        let (low, high) = central(&self.noise)?;
        let grid = grid(low, high);
        let curves = terms.into_iter().filter_map(|(name, term)| {
            let values = self.values(term, eps, &grid)?;
            Some((name, grid.iter().copied().zip(values).collect()))
        });
        let curves: Vec<_> = curves.collect();
        (!curves.is_empty()).then(|| Plot {
            title: title.to_owned(),
            axis: self.model.noise[0].variable.name.clone(),
            curves,
            bars: Vec::new(),
        })
    }

    fn jacobian(&mut self) -> Option<Plot> {
        let (g, eps) = (self.transform()?, self.model.noise_symbols()[0]);
        let slope = *self.model.graph.differentiate(&[g], eps).ok()?.first()?;
        let size = self.model.graph.unary(crate::number::Unary::Abs, slope);
        self.over_noise("|det J|", vec![("|det J|".to_owned(), size)])
    }

    fn velocities(&mut self) -> Option<Plot> {
        let g = self.transform()?;
        let z = self.model.outputs[0].name.clone();
        let mut terms = Vec::new();
        for parameter in self.model.parameters.clone() {
            if let [symbol] = parameter.symbols[..]
                && let Ok(slope) = self.model.graph.differentiate(&[g], symbol)
            {
                terms.push((format!("∂{z}/∂{}", parameter.name), slope[0]));
            }
        }
        self.over_noise("Path derivatives", terms)
    }
}

/// The part of sorted values without its tails.
fn central(sorted: &[f64]) -> Option<(f64, f64)> {
    let cut = (sorted.len() as f64 * TAIL) as usize;
    let (low, high) = (
        *sorted.get(cut)?,
        *sorted.get(sorted.len().checked_sub(cut + 1)?)?,
    );
    (low < high && (high - low).is_finite()).then_some((low, high))
}

fn grid(low: f64, high: f64) -> Vec<f64> {
    let step = (high - low) / STEPS as f64;
    (0..=STEPS).map(|i| low + step * i as f64).collect()
}

const WIDTH: f64 = 340.0;
const HEIGHT: f64 = 190.0;
const LEFT: f64 = 46.0;
const BELOW: f64 = 30.0;
const ABOVE: f64 = 8.0;

impl Plot {
    /// As a picture for a page; colours are the page's.
    pub(super) fn svg(&self) -> Markup {
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
    pub(super) fn legend(&self) -> Vec<(String, String)> {
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
fn short(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let size = value.abs();
    if !(1e-3..1e4).contains(&size) {
        return format!("{value:.1e}");
    }
    let places = (2 - size.log10().floor() as i32).clamp(0, 5);
    let text = format!("{value:.*}", places.unsigned_abs() as usize);
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
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
            (1e9, "1.0e9"),
            (100.0, "100"),
        ] {
            assert_eq!(short(value), text);
        }
    }
}
