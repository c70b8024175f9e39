//! A library's values against the true ones, in units in the last place.
//!
//! A value is *refuted* where it is not-a-number or infinite although the truth is a float64, or
//! off by more than the tolerance both absolutely and relatively. The truth is enclosed at exactly
//! the numbers the library was given, so a refutation is never due to rounding on the way.

use super::draw::exact;
use super::{Evaluator, Point, Values};
use crate::number::{Enclosure, Rational};
use std::collections::BTreeMap;
use std::fmt;

/// What is too much.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A value off by more than this, both absolutely and relatively, is refuted.
    pub tolerance: f64,
    /// A value off by more units in the last place than this is refuted, too.
    pub ulps: Option<f64>,
}

impl Default for Limits {
    /// 10⁻⁶, as the check `stability` has it.
    fn default() -> Limits {
        Limits {
            tolerance: 1e-6,
            ulps: None,
        }
    }
}

/// How one quantity came out over all points.
#[derive(Clone, Debug, Default)]
pub struct Quantity {
    /// How many values were compared.
    pub values: usize,
    /// How many of them are refuted.
    pub refuted: usize,
    /// How many were left out, where others were not.
    pub missing: usize,
    /// The largest error among the others, in units in the last place, and the point where it is.
    pub worst: Option<(f64, usize)>,
}

/// A value that is refuted.
#[derive(Clone, Debug)]
pub struct Miss {
    /// The number of the point.
    pub point: usize,
    /// The quantity, with its component where it has several.
    pub quantity: String,
    /// What is given there.
    pub given: Values<f64>,
    /// What the library computed.
    pub actual: f64,
    /// The truth, to seventeen digits.
    pub expected: String,
    /// How far off it is, in units in the last place.
    pub ulps: f64,
}

/// All values of a library.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// How many points there were.
    pub points: usize,
    /// By name.
    pub quantities: BTreeMap<String, Quantity>,
    /// In the order of the points.
    pub misses: Vec<Miss>,
}

impl Comparison {
    /// Whether values were compared and none is refuted.
    pub fn passed(&self) -> bool {
        self.misses.is_empty() && self.quantities.values().any(|q| q.values > 0)
    }
}

/// Compares what a library computed at points of a spec. The truth is computed here; what else a
/// file says is not believed.
///
/// # Errors
/// When a point is not one of the spec, or names a quantity that the spec does not have.
pub fn compare(
    evaluators: &[Evaluator],
    points: &[Point],
    limits: Limits,
) -> Result<Comparison, String> {
    let mut all = Comparison {
        points: points.len(),
        ..Comparison::default()
    };
    let mut missing: BTreeMap<&str, usize> = BTreeMap::new();
    for point in points {
        let at = |what: String| format!("point {}: {what}", point.id);
        let evaluator = evaluators
            .iter()
            .find(|e| e.model.sizes == point.sizes)
            .ok_or_else(|| at("the spec has no such sizes".to_owned()))?;
        let expected = evaluator.expected(&point.given).map_err(at)?;
        for (name, actual) in &point.actual {
            let left_out = actual.iter().filter(|value| value.is_none()).count();
            *missing.entry(name).or_default() += left_out;
            // A quantity that nobody filled in is not asked for.
            if left_out == actual.len() {
                continue;
            }
            let truth = expected.get(name).ok_or_else(|| {
                let names: Vec<&str> = expected.keys().map(String::as_str).collect();
                let names = names.join("`, `");
                at(format!("the spec has no `{name}` there, but `{names}`"))
            })?;
            if truth.len() != actual.len() {
                let (found, right) = (actual.len(), truth.len());
                return Err(at(format!(
                    "`{name}` has {found} values instead of {right}"
                )));
            }
            for (i, (actual, truth)) in actual.iter().zip(truth).enumerate() {
                let (Some(actual), Some(truth)) = (*actual, truth) else {
                    continue;
                };
                let name = if expected[name].len() > 1 {
                    (name.as_str(), Some(i))
                } else {
                    (name.as_str(), None)
                };
                all.add(point, name, actual, truth, limits);
            }
        }
    }
    for (name, quantity) in &mut all.quantities {
        quantity.missing = missing.get(name.as_str()).copied().unwrap_or(0);
    }
    Ok(all)
}

impl Comparison {
    fn add(
        &mut self,
        point: &Point,
        (name, component): (&str, Option<usize>),
        actual: f64,
        truth: &Enclosure,
        limits: Limits,
    ) {
        let quantity = self.quantities.entry(name.to_owned()).or_default();
        quantity.values += 1;
        let error = Error::of(actual, truth);
        let refuted = error.relative > limits.tolerance && error.absolute > limits.tolerance
            || limits.ulps.is_some_and(|most| error.ulps > most);
        if refuted {
            quantity.refuted += 1;
            let quantity = match component {
                Some(i) => format!("{name}[{i}]"),
                None => name.to_owned(),
            };
            self.misses.push(Miss {
                point: point.id,
                quantity,
                given: point.given.clone(),
                actual,
                expected: truth.digits(17),
                ulps: error.ulps,
            });
        } else if quantity.worst.is_none_or(|(worst, _)| error.ulps > worst) {
            quantity.worst = Some((error.ulps, point.id));
        }
    }
}

struct Error {
    absolute: f64,
    relative: f64,
    ulps: f64,
}

impl Error {
    fn of(actual: f64, truth: &Enclosure) -> Error {
        let nearest = truth.to_f64_nearest().unwrap_or(f64::NAN);
        if actual == nearest && !actual.is_finite() {
            // The truth overflows, and so does the library.
            return Error {
                absolute: 0.0,
                relative: 0.0,
                ulps: 0.0,
            };
        }
        let (Some(actual), Some(lower), Some(upper)) =
            (exact(actual), truth.lower(), truth.upper())
        else {
            return Error {
                absolute: f64::INFINITY,
                relative: f64::INFINITY,
                ulps: f64::INFINITY,
            };
        };
        // A distance that is certain: to the nearer end of the enclosure.
        let distance = if actual < lower {
            &lower - actual
        } else if actual > upper {
            actual - &upper
        } else {
            Rational::ZERO
        };
        let size = if lower < Rational::ZERO {
            -upper
        } else {
            lower
        };
        let of = |unit: &Rational| {
            if distance == Rational::ZERO {
                0.0
            } else if *unit == Rational::ZERO {
                f64::INFINITY
            } else {
                (&distance / unit).to_f64().value()
            }
        };
        Error {
            absolute: distance.to_f64().value(),
            relative: of(&size),
            ulps: of(&unit_in_the_last_place(nearest)),
        }
    }
}

/// The distance from a float64 to the next one away from zero; of the largest, to the next below.
fn unit_in_the_last_place(value: f64) -> Rational {
    let value = value.abs().min(f64::MAX);
    let (low, high) = if value == f64::MAX {
        (value.next_down(), value)
    } else {
        (value, value.next_up())
    };
    match (exact(low), exact(high)) {
        (Some(low), Some(high)) => high - low,
        _ => Rational::ZERO,
    }
}

/// Misses beyond this many are counted, not shown.
const SHOWN: usize = 10;

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, quantity) in &self.quantities {
            write!(f, "{name:<24} {:>5} values", quantity.values)?;
            if quantity.refuted > 0 {
                write!(f, ", {} refuted", quantity.refuted)?;
            }
            if quantity.missing > 0 {
                write!(f, ", {} not filled in", quantity.missing)?;
            }
            match quantity.worst {
                Some((ulps, _)) if ulps <= 0.5 => writeln!(f, ", correctly rounded")?,
                Some((ulps, point)) => {
                    writeln!(f, ", at most {} ulp off (point {point})", shown(ulps))?;
                }
                None => writeln!(f)?,
            }
        }
        for miss in self.misses.iter().take(SHOWN) {
            writeln!(f, "\npoint {}: {} is refuted", miss.point, miss.quantity)?;
            for (name, values) in &miss.given {
                let values: Vec<String> = values.iter().map(|v| format!("{v:?}")).collect();
                writeln!(f, "    {name} = {}", values.join(", "))?;
            }
            writeln!(f, "    computed  {:?}", miss.actual)?;
            writeln!(f, "    true      {}", miss.expected)?;
            if miss.ulps.is_finite() {
                writeln!(f, "    off by    {} ulp", shown(miss.ulps))?;
            }
        }
        if self.misses.len() > SHOWN {
            writeln!(f, "\n{} more are refuted", self.misses.len() - SHOWN)?;
        }
        let values: usize = self.quantities.values().map(|q| q.values).sum();
        let refuted = self.misses.len();
        writeln!(
            f,
            "{} points, {values} values: {refuted} refuted",
            self.points
        )
    }
}

fn shown(ulps: f64) -> String {
    if ulps < 1000.0 {
        format!("{ulps:.1}")
    } else {
        format!("{ulps:.1e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::points::ratio;
    use crate::number::Precision;

    #[test]
    fn errors_count_units_in_the_last_place() {
        let third = Enclosure::exact(&ratio(1, 3), Precision(160));
        let error = Error::of(1.0 / 3.0, &third);
        assert!(error.ulps > 0.3 && error.ulps < 0.34, "{}", error.ulps);
        let next = Error::of((1.0f64 / 3.0).next_up(), &third);
        assert!((next.ulps - 0.67).abs() < 0.01, "{}", next.ulps);
        assert_eq!(Error::of(f64::NAN, &third).ulps, f64::INFINITY);
        let zero = Enclosure::exact(&Rational::ZERO, Precision(160));
        assert_eq!(Error::of(0.0, &zero).relative, 0.0);
        assert_eq!(Error::of(-0.0, &zero).ulps, 0.0);
        assert_eq!(Error::of(1e-9, &zero).relative, f64::INFINITY);
        assert_eq!(unit_in_the_last_place(1.0), ratio(1, 1 << 52));
        assert!(unit_in_the_last_place(f64::MAX) > Rational::ONE);
    }
}
