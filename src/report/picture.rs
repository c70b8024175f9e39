//! Pictures of a map of one noise variable to one output: the claimed density over a histogram of
//! draws, the claimed CDF at draws, |det J|, the path derivatives, and how many digits of the density
//! identity binary64 keeps along a parameter; and for any spec the variances of its estimators.

mod plot;
mod variances;

pub(super) use plot::Plot;
pub(super) use variances::variances;

use super::SpecReport;
use crate::check::points::{Kind, Space};
use crate::graph::Id;
use crate::language::Domain;
use crate::model::{self, Definition, Model};
use crate::number::Unary;
use crate::number::text;
use crate::run::sizes;
use crate::spec;
use crate::stats::Stream;
use crate::tape::Tape;

const DRAWS: usize = 4_000;
const BINS: usize = 36;
const STEPS: usize = 160;
/// What is outside this part of the draws is not shown, on each side; of a law with long tails,
/// whose middle would be a single bar, the second one.
const TAILS: [f64; 2] = [0.005, 0.1];
/// Tails are long where the first part is this many times as wide as the second.
const LONG: f64 = 5.0;

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
        let mut texts = point.iter().map(text::rational);
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
        plots.extend(self.transformed());
        plots.extend(self.jacobian());
        plots.extend(self.velocities());
        plots.extend(self.residual());
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
        let bars = histogram(&z, low, high);
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
            bars,
        })
    }

    /// The claimed CDF at draws, the probability integral transform: flat where the claim is true.
    fn transformed(&mut self) -> Option<Plot> {
        let cdf = self.model.target.as_ref()?.moments.get("cdf")?.elements[0];
        let (cdf, eps) = (self.model.rebased(cdf), self.model.noise_symbols()[0]);
        let levels = self.values(cdf, eps, &self.noise)?;
        Some(Plot {
            title: "The claimed CDF at the draws".to_owned(),
            axis: "F(z)".to_owned(),
            curves: vec![("uniform".to_owned(), vec![(0.0, 1.0), (1.0, 1.0)])],
            bars: histogram(&levels, 0.0, 1.0),
        })
    }

    /// Digits to which both sides of the density identity agree in binary64, the worst of a few
    /// draws, while the first scalar parameter runs over four powers of ten.
    fn residual(&mut self) -> Option<Plot> {
        let place = self.model.parameters.iter().position(|p| {
            p.symbols.len() == 1 && matches!(p.domain, Domain::Positive | Domain::Real)
        })?;
        let before = self.model.parameters[..place].iter();
        let place_in_point: usize = before.map(|p| p.symbols.len()).sum();
        let name = self.model.parameters[place].name.clone();
        let log_q = self.model.target.as_ref()?.log_density.as_ref()?.elements[0];
        let (g, eps) = (self.transform()?, self.model.noise_symbols()[0]);
        let slope = *self.model.graph.differentiate(&[g], eps).ok()?.first()?;
        let log_q = self.model.rebased(log_q);
        let log_p = self.model.log_noise();
        let graph = &mut self.model.graph;
        let size = graph.unary(Unary::Abs, slope);
        let log_size = graph.unary(Unary::Log, size);
        let claimed = graph.add(log_q, log_size);
        let last = self.noise.len().checked_sub(1)?;
        let draws: Vec<f64> = [0.02, 0.3, 0.5, 0.8, 0.98]
            .map(|share| self.noise[(share * last as f64) as usize])
            .to_vec();
        let given = self.given.clone();
        let curve: Vec<(f64, f64)> = (0..=STEPS)
            .filter_map(|i| {
                let exponent = -2.0 + 4.0 * i as f64 / STEPS as f64;
                self.given[place_in_point] = 10f64.powf(exponent);
                let (left, right) = (
                    self.values(claimed, eps, &draws)?,
                    self.values(log_p, eps, &draws)?,
                );
                let digits = left.iter().zip(&right).map(|(&a, &b)| digits(a, b));
                let worst = digits.fold(f64::INFINITY, f64::min);
                worst.is_finite().then_some((exponent, worst))
            })
            .collect();
        self.given = given;
        (curve.len() > STEPS / 2).then(|| Plot {
            title: "Digits of log q + log |det J| = log p in float64".to_owned(),
            axis: format!("log10 {name}"),
            curves: vec![("worst of five draws".to_owned(), curve)],
            bars: Vec::new(),
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
        let size = self.model.graph.unary(Unary::Abs, slope);
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

/// Bars whose areas are the shares of values between two ends.
fn histogram(values: &[f64], low: f64, high: f64) -> Vec<(f64, f64, f64)> {
    let width = (high - low) / BINS as f64;
    let mut counts = [0u32; BINS];
    for &value in values.iter().filter(|v| (low..=high).contains(*v)) {
        counts[(((value - low) / width) as usize).min(BINS - 1)] += 1;
    }
    let bars = (0..BINS).map(|i| {
        let left = low + width * i as f64;
        let height = f64::from(counts[i]) / (width * DRAWS as f64);
        (left, left + width, height)
    });
    bars.collect()
}

/// Decimal digits to which two numbers agree, relative to the larger of them or to 1; at most 17.
fn digits(a: f64, b: f64) -> f64 {
    let scale = a.abs().max(b.abs()).max(1.0);
    (-((a - b).abs() / scale).log10()).clamp(0.0, 17.0)
}

/// The part of sorted values without its tails.
fn central(sorted: &[f64]) -> Option<(f64, f64)> {
    let within = |tail: f64| {
        let cut = (sorted.len() as f64 * tail) as usize;
        Some((
            *sorted.get(cut)?,
            *sorted.get(sorted.len().checked_sub(cut + 1)?)?,
        ))
    };
    let ((low, high), (inner_low, inner_high)) = (within(TAILS[0])?, within(TAILS[1])?);
    let long = high - low > LONG * (inner_high - inner_low) && inner_low < inner_high;
    let (low, high) = if long {
        (inner_low, inner_high)
    } else {
        (low, high)
    };
    (low < high && (high - low).is_finite()).then_some((low, high))
}

fn grid(low: f64, high: f64) -> Vec<f64> {
    let step = (high - low) / STEPS as f64;
    (0..=STEPS).map(|i| low + step * i as f64).collect()
}
