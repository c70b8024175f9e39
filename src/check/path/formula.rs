//! A bound on powers of |z| as a formula in the parameters and inputs, read off its values.
//!
//! Candidates are simple: c, c·a, c/a, c·a·b, c·a/b and one more than these, where a and b are
//! parameters, inputs or the least component of one, and c is a fraction of small numbers. A formula
//! counts only if it gives every value; what is said of other parameters rests on that.

use crate::model::Model;
use crate::number::text;

/// A bound at one point.
pub(super) struct Sample {
    /// The values of parameters and inputs.
    pub(super) at: Vec<f64>,
    /// The bound there.
    pub(super) bound: f64,
}

/// Points below which a formula with parameters is not believed.
const FEWEST: usize = 5;

/// Parameters that are looked at.
const MOST_ATOMS: usize = 24;

/// Bounds are known to about 1e-9, and drawn parameters have few digits.
const SLACK: f64 = 1e-7;

/// The simplest formula that gives every bound, and where there is one if not everywhere.
pub(super) fn formula(model: &Model, samples: &[Sample]) -> Option<String> {
    let finite: Vec<usize> = (0..samples.len())
        .filter(|&k| samples[k].bound.is_finite())
        .collect();
    let bounds: Vec<f64> = finite.iter().map(|&k| samples[k].bound).collect();
    let first = *bounds.first()?;
    let is_everywhere = finite.len() == samples.len();
    if is_everywhere && bounds.iter().all(|b| is_near(*b, first)) {
        return Some(number(first));
    }
    let all = atoms(model, samples);
    let fitted = atoms(model, finite.iter().map(|&k| &samples[k]));
    if finite.len() < FEWEST {
        return None;
    }
    let text = fit(&fitted, &bounds)?;
    if is_everywhere {
        return Some(text);
    }
    let halves = [(" > 0", 1.0), (" < 0", -1.0)];
    let sides = all.iter().flat_map(|atom| halves.map(|half| (atom, half)));
    let splits = |&(atom, (_, sign)): &(&Atom, (&str, f64))| {
        let mut pairs = atom.values.iter().zip(samples);
        pairs.all(|(value, sample)| (sign * value > 0.0) == sample.bound.is_finite())
    };
    let (atom, (relation, _)) = sides.into_iter().find(splits)?;
    Some(format!("{text} where {}{relation}", atom.text))
}

/// The simplest formula in some atoms that gives every bound.
fn fit(atoms: &[Atom], bounds: &[f64]) -> Option<String> {
    let columns = |shape: fn(f64, f64) -> f64, a: &Atom, b: &Atom| -> Vec<f64> {
        let pairs = a.values.iter().zip(&b.values);
        pairs.map(|(&a, &b)| shape(a, b)).collect()
    };
    let mut candidates: Vec<(String, String, Vec<f64>)> = Vec::new();
    for a in atoms {
        candidates.push((a.text.clone(), String::new(), a.values.clone()));
        let inverse = columns(|a, _| 1.0 / a, a, a);
        candidates.push((String::new(), a.text.clone(), inverse));
    }
    for (i, a) in atoms.iter().enumerate() {
        for b in atoms.iter().skip(i + 1) {
            let product = format!("{}*{}", a.text, b.text);
            candidates.push((product, String::new(), columns(|a, b| a * b, a, b)));
            candidates.push((a.text.clone(), b.text.clone(), columns(|a, b| a / b, a, b)));
            candidates.push((b.text.clone(), a.text.clone(), columns(|a, b| b / a, a, b)));
        }
    }
    for offset in [0.0, 1.0] {
        for (above, below, values) in &candidates {
            let scale = (bounds[0] - offset) / values[0];
            let fits = |(bound, value): (&f64, &f64)| is_near(*bound, scale * value + offset);
            let Some((n, d)) = fraction(scale) else {
                continue;
            };
            if bounds.iter().zip(values).all(fits) {
                let plus = if offset == 0.0 { "" } else { " + 1" };
                return Some(format!("{}{plus}", written(n, d, above, below)));
            }
        }
    }
    None
}

/// Something that a bound may be made of, with its value at each point.
struct Atom {
    text: String,
    values: Vec<f64>,
}

/// Parameters and inputs that are not 0 and do not stay the same.
fn atoms<'a>(model: &Model, samples: impl IntoIterator<Item = &'a Sample>) -> Vec<Atom> {
    let samples: Vec<&Sample> = samples.into_iter().collect();
    let mut found = Vec::new();
    let mut start = 0;
    for variable in model.givens() {
        let places = start..start + variable.symbols.len();
        start = places.end;
        let least = |sample: &&Sample| {
            let values = sample.at[places.clone()].iter();
            values.fold(f64::INFINITY, |a, &b| a.min(b))
        };
        if places.len() > 1 {
            found.push(Atom {
                text: format!("min({})", variable.name),
                values: samples.iter().map(least).collect(),
            });
        }
        for (place, &symbol) in places.zip(&variable.symbols) {
            found.push(Atom {
                text: model.graph.display(symbol),
                values: samples.iter().map(|s| s.at[place]).collect(),
            });
        }
    }
    found.retain(|atom: &Atom| {
        let first = atom.values.first().copied().unwrap_or(0.0);
        let moves = atom.values.iter().any(|v| !is_near(*v, first));
        moves && atom.values.iter().all(|v| *v != 0.0 && v.is_finite())
    });
    found.truncate(MOST_ATOMS);
    found
}

fn is_near(a: f64, b: f64) -> bool {
    (a - b).abs() <= SLACK * (1.0 + a.abs())
}

/// A number as a fraction of small numbers, where it is one.
fn fraction(value: f64) -> Option<(u32, u32)> {
    (1..=6u32).find_map(|d| {
        let n = value * f64::from(d);
        let is_small = n > 0.5 && n < 12.5 && is_near(n, n.round());
        is_small.then_some((n.round() as u32, d))
    })
}

/// A constant bound: as a fraction where it is one, else to four digits.
fn number(value: f64) -> String {
    if is_near(value, value.round()) {
        return format!("{:.0}", value.round() + 0.0);
    }
    match fraction(value) {
        Some((n, d)) => format!("{n}/{d}"),
        None => text::rounded(value, 5),
    }
}

/// (n/d)·above/below.
fn written(n: u32, d: u32, above: &str, below: &str) -> String {
    let above = match (n, above) {
        (n, "") => n.to_string(),
        (1, above) => above.to_owned(),
        (n, above) => format!("{n}*{above}"),
    };
    match (d, below) {
        (1, "") => above,
        (d, "") => format!("{above}/{d}"),
        (1, below) => format!("{above}/{below}"),
        (d, below) => format!("{above}/({d}*{below})"),
    }
}
