//! The masses of a discrete law at one choice of parameters, and sums of them.
//!
//! A finite support is summed as it is. Of an infinite one the first [`LISTED`] values are, and the
//! rest is the integral of the same formula over the reals from half a step further on: where the
//! terms fall, that differs from the rest of the sum by no more than the last term. Laws with known sums
//! hold this in `tests/pairs.rs`: zeta and Yule-Simon by their tails, negative binomials by their masses.

use super::expect::Estimate;
use super::normalization::{DISTRUST, scalars};
use super::points::Space;
use super::univariate::{Curve, Line, is_settled, value};
use crate::graph::Id;
use crate::language::Domain;
use crate::model::{Model, Variable};
use crate::number::Rational;
use crate::tape::Tape;

/// Values of an infinite support that are listed in each direction.
const LISTED: u32 = 20_000;

/// The most combinations of the values of several components.
const MOST_TOGETHER: usize = 4096;

/// The most values of a finite support.
const MOST: f64 = 1e5;

/// Terms that fall faster than this power leave nothing beyond the listed ones that an integral
/// would have to find.
const STEEP: f64 = 20.0;

/// Rounding of the logarithm of a mass, as a share of k log k, which terms in it reach before they
/// cancel.
const ROUNDING: f64 = 1e-15;

/// The values of a discrete output, in rising order where it is a scalar.
pub(crate) struct Atoms {
    /// Each value, component by component.
    pub(crate) values: Vec<Vec<f64>>,
    /// Whether they go on below the first and above the last.
    pub(crate) open: (bool, bool),
}

/// The values of discrete outputs at a point: all of a finite support, many of an infinite one.
/// Components that are independent of one another take every combination of their values.
pub(crate) fn atoms(model: &Model, space: &Space, at: &[f64]) -> Option<Atoms> {
    let mut parts = Vec::new();
    for output in &model.outputs {
        if output.domain == Domain::OneHot {
            parts.push(output.clone());
        } else {
            parts.extend(scalars(output));
        }
    }
    if let [part] = parts.as_slice() {
        return atoms_of(model, space, at, part);
    }
    let mut all = vec![Vec::new()];
    for part in &parts {
        let Atoms { values, open } = atoms_of(model, space, at, part)?;
        if open != (false, false) || all.len() * values.len() > MOST_TOGETHER {
            return None;
        }
        all = all
            .iter()
            .flat_map(|atom: &Vec<f64>| values.iter().map(|v| [atom.as_slice(), v].concat()))
            .collect();
    }
    Some(Atoms {
        values: all,
        open: (false, false),
    })
}

/// The values of one scalar output, or of a vector of zeros and a single 1.
fn atoms_of(model: &Model, space: &Space, at: &[f64], output: &Variable) -> Option<Atoms> {
    let bound = |id: Id| value(&model.graph, &space.symbols, at, id);
    let n = output.symbols.len();
    let closed = |values| Atoms {
        values,
        open: (false, false),
    };
    let reach = f64::from(LISTED);
    match (&output.domain, n) {
        (Domain::Boolean, 1) => Some(closed(vec![vec![0.0], vec![1.0]])),
        (Domain::IntegerInterval(low, high), 1) => integers(bound(*low)?, bound(*high)?),
        (Domain::NonnegativeInteger, 1) => integers(0.0, f64::INFINITY),
        (Domain::OneHot, _) if f64::from(u32::try_from(n).ok()?) <= reach => Some(closed(
            (0..n)
                .map(|hot| (0..n).map(|i| f64::from(u8::from(i == hot))).collect())
                .collect(),
        )),
        _ => None,
    }
}

/// The integers from `low` to `high`, as far as they are listed.
fn integers(low: f64, high: f64) -> Option<Atoms> {
    let (low, high) = (low.ceil(), high.floor());
    let open = (low == f64::NEG_INFINITY, high == f64::INFINITY);
    let reach = f64::from(LISTED);
    let (first, last) = match open {
        (false, false) => (low, high),
        (false, true) => (low, low + reach),
        (true, false) => (high - reach, high),
        (true, true) => (-reach, reach),
    };
    let is_listed = first.abs() < 1e15 && last.abs() < 1e15 && last - first <= MOST;
    is_listed.then(|| Atoms {
        values: (first as i64..=last as i64)
            .map(|k| vec![k as f64])
            .collect(),
        open,
    })
}

/// The masses of a discrete output at one choice of parameters.
pub(crate) struct Masses {
    atoms: Atoms,
    logs: Vec<f64>,
    /// log mass as a function of a scalar z.
    curve: Option<Curve>,
}

impl Masses {
    /// Those that a log-mass gives; none where the support is not listed, or one has no value.
    pub(crate) fn new(model: &Model, space: &Space, at: &[f64], log_mass: Id) -> Option<Masses> {
        let atoms = atoms(model, space, at)?;
        let z: Vec<Variable> = model.outputs.iter().flat_map(scalars).collect();
        let (logs, curve) = if let [z] = z.as_slice() {
            let curve = Curve::new(&model.graph, &space.symbols, at, z.symbols[0], log_mass)?;
            let places: Vec<f64> = atoms.values.iter().map(|v| v[0]).collect();
            (curve.values(&places), Some(curve))
        } else {
            let mut inputs = space.symbols.clone();
            inputs.extend(model.output_symbols());
            let tape = Tape::new(&model.graph, &inputs, &[log_mass]).ok()?;
            let of = |atom: &Vec<f64>| tape.evaluate(&[at, atom.as_slice()].concat(), &())[0];
            (atoms.values.iter().map(of).collect(), None)
        };
        let all = logs.iter().all(|l| !l.is_nan() && *l < f64::INFINITY);
        all.then_some(Masses { atoms, logs, curve })
    }

    /// Those of a law on 0, 1, 2, … by its log-mass.
    pub(crate) fn of_counts(curve: Curve) -> Option<Masses> {
        let atoms = integers(0.0, f64::INFINITY)?;
        let places: Vec<f64> = atoms.values.iter().map(|v| v[0]).collect();
        let logs = curve.values(&places);
        let all = logs.iter().all(|l| !l.is_nan() && *l < f64::INFINITY);
        all.then_some(Masses {
            atoms,
            logs,
            curve: Some(curve),
        })
    }

    /// The values, with the mass of each.
    pub(crate) fn each(&self) -> impl Iterator<Item = (&[f64], f64)> {
        let values = self.atoms.values.iter().map(Vec::as_slice);
        values.zip(self.logs.iter().map(|log| log.exp()))
    }

    /// Whether nothing lies below the first value.
    pub(crate) fn starts(&self) -> bool {
        !self.atoms.open.0
    }

    /// Σ mass·weight(z, log mass); none where the rest of an infinite sum is not reached.
    pub(crate) fn sum(&self, weight: &dyn Fn(&[f64], f64) -> f64) -> Option<Estimate> {
        let mut total = Estimate::exact(0.0);
        for (atom, log) in self.atoms.values.iter().zip(&self.logs) {
            let term = term(weight, atom, *log);
            total = total.plus(Estimate {
                value: term,
                error: term.abs() * self.rounding(atom),
            });
        }
        if self.atoms.open.0 {
            total = total.plus(self.beyond(weight, false)?);
        }
        if self.atoms.open.1 {
            total = total.plus(self.beyond(weight, true)?);
        }
        total.value.is_finite().then_some(total)
    }

    /// The relative rounding of the mass of one value.
    pub(crate) fn rounding(&self, atom: &[f64]) -> f64 {
        let largest = |atom: &[f64]| atom.iter().fold(1.0f64, |a, v| a.max(v.abs()));
        // Formulas on a finite support mention its size.
        let closed = self.atoms.open == (false, false);
        let last = self.atoms.values.last().filter(|_| closed);
        let k = last.map_or(1.0, |v| largest(v)).max(largest(atom));
        ROUNDING * (1.0 + k * k.ln())
    }

    /// The terms beyond the listed ones at one end.
    fn beyond(&self, weight: &dyn Fn(&[f64], f64) -> f64, above: bool) -> Option<Estimate> {
        let n = self.logs.len();
        // The term at a distance from the listed end.
        let at = |inward: usize| {
            let i = if above { n - 1 - inward } else { inward };
            let size = term(weight, &self.atoms.values[i], self.logs[i]).abs();
            (self.atoms.values[i][0], size)
        };
        let (last, smallest) = at(0);
        if !self.has_fallen(above) {
            return None;
        }
        let near = [smallest, at(1).1, at(2).1, at(3).1];
        if near.iter().all(|&t| t == 0.0) {
            return Some(Estimate::exact(0.0));
        }
        // An integral stands for the sum only where the terms fall smoothly.
        let falls = near.windows(2).all(|t| t[0] < t[1] && t[0] > 0.9 * t[1]);
        let (half, larger) = at(n / 2);
        let power = (larger / smallest).ln() / (last / half).abs().ln();
        let reach = smallest * last.abs();
        if power > STEEP {
            return Some(Estimate {
                value: 0.0,
                error: reach / (power - 1.0),
            });
        }
        if !falls || power.is_nan() || power <= 1.0 {
            return None;
        }
        let curve = self.curve.as_ref()?;
        let range = if above {
            (last + 0.5, f64::INFINITY)
        } else {
            (f64::NEG_INFINITY, last - 0.5)
        };
        let line = Line::new(curve.clone(), range);
        let integral = line.integrate(&|x, log| weight(&[x], log));
        if is_settled(&integral) {
            return Some(Estimate {
                value: integral.value,
                error: integral.error + smallest / DISTRUST,
            });
        }
        // Far out the formula loses its digits; what is left is that of a power, as far as one holds.
        let end = if above { n - 1 } else { 0 };
        let sign = weight(&self.atoms.values[end], self.logs[end]).signum();
        let rest = reach / (power - 1.0);
        Some(Estimate {
            value: sign * rest,
            error: 0.05 * rest,
        })
    }
}

impl Masses {
    /// Whether the masses fall at the listed end and, by a look ever further out, beyond it: else
    /// most of the mass may lie there.
    fn has_fallen(&self, above: bool) -> bool {
        let Some(curve) = &self.curve else {
            return false;
        };
        let values = &self.atoms.values;
        let n = values.len();
        let [end, before] = [0, n / 8].map(|inward| if above { n - 1 - inward } else { inward });
        let (last, log) = (values[end][0], self.logs[end]);
        let ladder: Vec<f64> = (1..200).map(|k| (last * 1.2f64.powi(k)).trunc()).collect();
        let beyond = curve.values(&ladder);
        let falls = log < self.logs[before] || log == f64::NEG_INFINITY;
        falls && beyond.iter().all(|further| *further <= log)
    }

    /// What rounding of the logarithms of the largest masses may change a sum by, relatively: they
    /// lose digits next to a hole of their formula, or where its terms are large.
    pub(crate) fn rounding_at(&self, point: &[Rational]) -> f64 {
        let Some(curve) = &self.curve else {
            return 0.0;
        };
        let mut order: Vec<usize> = (0..self.logs.len()).collect();
        order.sort_by(|&i, &j| self.logs[j].total_cmp(&self.logs[i]));
        let places: Vec<f64> = order
            .iter()
            .take(8)
            .map(|&i| self.atoms.values[i][0])
            .collect();
        curve.rounding(point, &places)
    }
}

/// mass·weight, which is 0 where the mass is.
fn term(weight: &dyn Fn(&[f64], f64) -> f64, atom: &[f64], log: f64) -> f64 {
    let mass = log.exp();
    if mass == 0.0 {
        0.0
    } else {
        mass * weight(atom, log)
    }
}
