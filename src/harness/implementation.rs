//! A library's own functions against a spec, point by point.

use super::{Comparison, Limits};
use crate::report::diagnostics::render;
use crate::vectors::{self, Values};
use std::collections::BTreeMap;

/// Points at each choice of sizes; a third of them are corners.
const POINTS: usize = 60;

/// Values of the parameters, inputs, noise or z of a spec, by name.
#[derive(Clone, Debug)]
pub struct Named<S = f64>(BTreeMap<String, Vec<S>>);

impl<S> Default for Named<S> {
    fn default() -> Self {
        Named(BTreeMap::new())
    }
}

impl<S: Copy> Named<S> {
    /// The value of a scalar.
    ///
    /// # Panics
    /// When the spec has no scalar of this name: the implementation does not fit the spec.
    #[track_caller]
    pub fn number(&self, name: &str) -> S {
        match self.vector(name) {
            [one] => *one,
            all => panic!("`{name}` has {} components", all.len()),
        }
    }

    /// The components, row by row.
    ///
    /// # Panics
    /// When the spec has nothing of this name.
    #[track_caller]
    pub fn vector(&self, name: &str) -> &[S] {
        match self.0.get(name) {
            Some(values) => values,
            None => panic!("the spec has no `{name}` here"),
        }
    }

    /// The same with one more value.
    #[must_use]
    pub fn with(mut self, name: &str, values: impl IntoIterator<Item = S>) -> Self {
        self.0.insert(name.to_owned(), values.into_iter().collect());
        self
    }

    /// The names, sorted.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// All components, one name after another.
    pub(super) fn flat(&self) -> Vec<S> {
        self.0.values().flatten().copied().collect()
    }

    /// The same names with other values.
    pub(super) fn map<T>(&self, mut f: impl FnMut(S) -> T) -> Named<T> {
        let of = |(name, values): (&String, &Vec<S>)| {
            (name.clone(), values.iter().map(|&v| f(v)).collect())
        };
        Named(self.0.iter().map(of).collect())
    }
}

/// What a library has of a reparameterization; what it does not have stays `None`.
///
/// `given` holds parameters and inputs, `noise` and `z` the values of these. Several components
/// come as one list, row by row, and several outputs one after another in the order of the spec.
pub trait Implementation {
    /// z = g(ε).
    fn transform(&self, given: &Named, noise: &Named) -> Option<Vec<f64>> {
        let _ = (given, noise);
        None
    }

    /// ε = g⁻¹(z).
    fn inverse(&self, given: &Named, z: &Named) -> Option<Vec<f64>> {
        let _ = (given, z);
        None
    }

    /// log q(z).
    fn log_density(&self, given: &Named, z: &Named) -> Option<f64> {
        let _ = (given, z);
        None
    }

    /// log |det ∂g/∂ε|, by noise; of an implicit reparameterization, by z.
    fn log_abs_det_jacobian(&self, given: &Named, at: &Named) -> Option<f64> {
        let _ = (given, at);
        None
    }

    /// ∂z/∂φ for one parameter: for each component of z, the derivatives in each component of it.
    fn velocity(&self, given: &Named, at: &Named, parameter: &str) -> Option<Vec<f64>> {
        let _ = (given, at, parameter);
        None
    }

    /// ∂ log q/∂z.
    fn score(&self, given: &Named, z: &Named) -> Option<Vec<f64>> {
        let _ = (given, z);
        None
    }
}

/// Calls an implementation at the points of a spec, given as its text, and compares.
///
/// # Errors
/// What is wrong with the spec, or where the implementation does not fit it.
///
/// # Example
/// ```
/// use reparam_check::harness::{Implementation, Limits, Named, check};
///
/// struct Exponential;
///
/// impl Implementation for Exponential {
///     fn transform(&self, given: &Named, noise: &Named) -> Option<Vec<f64>> {
///         Some(vec![-(-noise.number("u")).ln_1p() / given.number("rate")])
///     }
/// }
///
/// let spec = "
/// name: exponential
/// parameters: {rate: positive}
/// noise: {u: \"uniform(0, 1)\"}
/// transform: {z: -log1p(-u)/rate}
/// ";
/// let compared = check(spec, &Exponential, Limits::default()).unwrap();
/// assert!(compared.passed(), "{compared}");
/// ```
pub fn check(
    spec: &str,
    implementation: &impl Implementation,
    limits: Limits,
) -> Result<Comparison, String> {
    let errors = |errors: Vec<_>| -> String {
        let shown = errors.iter().map(|e| render(e, "spec", spec, false));
        shown.collect()
    };
    let mut all = vectors::vectors(spec, POINTS, 0).map_err(errors)?;
    let (_, evaluators) = vectors::evaluators(spec).map_err(errors)?;
    for point in &mut all.points {
        let group = |prefixes: &[&str]| {
            let of = |(name, values): (&String, &Vec<f64>)| {
                let (group, own) = name.split_once('/')?;
                prefixes
                    .contains(&group)
                    .then(|| (own.to_owned(), values.clone()))
            };
            Named(point.given.iter().filter_map(of).collect())
        };
        let given = group(&["parameters", "inputs"]);
        let (noise, z) = (group(&["noise"]), group(&["z"]));
        let mut actual = Values::new();
        for (name, expected) in &point.expected {
            let (quantity, rest) = name.split_once('/').unwrap_or((name, ""));
            let at = if noise.0.is_empty() { &z } else { &noise };
            let whole = match quantity {
                "transform" => implementation.transform(&given, &noise),
                "inverse" => implementation.inverse(&given, &z),
                "log_density" => implementation.log_density(&given, &z).map(|v| vec![v]),
                "log_abs_det_jacobian" => implementation
                    .log_abs_det_jacobian(&given, at)
                    .map(|v| vec![v]),
                "velocity" => {
                    let parameter = rest.split('/').next().unwrap_or(rest);
                    implementation.velocity(&given, at, parameter)
                }
                "score" => implementation.score(&given, &z),
                _ => None,
            };
            let Some(whole) = whole else { continue };
            // What comes before it in the list are the other outputs of this quantity.
            let before: usize = order(&evaluators, &point.sizes, name)
                .iter()
                .filter_map(|other| point.expected.get(other))
                .map(Vec::len)
                .sum();
            let own = whole.get(before..before + expected.len());
            let own = own.ok_or(format!(
                "`{quantity}` has {} components, too few for `{name}`",
                whole.len()
            ))?;
            actual.insert(name.clone(), own.iter().copied().map(Some).collect());
        }
        point.actual = actual;
    }
    vectors::compare(&evaluators, &all.points, limits)
}

/// The parts of a list that stand before one part, by name and in the order of the spec.
fn order(
    evaluators: &[vectors::Evaluator],
    sizes: &BTreeMap<String, usize>,
    name: &str,
) -> Vec<String> {
    let Some((group, last)) = name.rsplit_once('/') else {
        return Vec::new();
    };
    let Some(evaluator) = evaluators.iter().find(|e| e.model.sizes == *sizes) else {
        return Vec::new();
    };
    let model = &evaluator.model;
    let variables: Vec<&str> = if group == "inverse" {
        model
            .noise
            .iter()
            .map(|n| n.variable.name.as_str())
            .collect()
    } else {
        model.outputs.iter().map(|v| v.name.as_str()).collect()
    };
    variables
        .into_iter()
        .take_while(|v| *v != last)
        .map(|v| format!("{group}/{v}"))
        .collect()
}
