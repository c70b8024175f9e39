//! A bound on the powers of |z| that f may grow with, in words.

use super::formula::{Sample, formula};
use crate::model::Model;
use crate::number::text;

/// A bound on the powers of |z|.
pub(super) struct Power {
    /// The least at the parameters tried.
    pub(super) least: f64,
    /// A formula that fits at all of them, or the least.
    pub(super) text: String,
    /// Whether the text says it for all parameters.
    pub(super) is_formula: bool,
    /// What the power is called: no name of the spec.
    pub(super) name: &'static str,
}

impl Power {
    /// Of bounds at several points, as a formula where these are `exact` and one fits.
    pub(super) fn new(model: &Model, exact: bool, samples: &[Sample]) -> Power {
        let least = samples
            .iter()
            .map(|s| s.bound)
            .fold(f64::INFINITY, f64::min);
        let found = exact.then(|| formula(model, samples)).flatten();
        let given = || model.parameters.iter().chain(&model.inputs);
        let free = |name: &&str| given().all(|variable| variable.name != **name);
        Power {
            least,
            name: ["k", "r", "s", "t"]
                .into_iter()
                .find(free)
                .unwrap_or("power"),
            is_formula: found.is_some(),
            text: found.unwrap_or_else(|| text::rounded(least, 5)),
        }
    }

    /// The functions that it admits, in words.
    pub(super) fn class(&self) -> String {
        if self.least == f64::INFINITY {
            "every power of |z|".to_owned()
        } else {
            let name = self.name;
            format!("|z|^{name}, {name} < {}", self.text)
        }
    }

    /// The bound, for the evidence.
    pub(super) fn evidence(&self) -> serde_json::Value {
        if self.least == f64::INFINITY {
            "every".into()
        } else if let Ok(number) = self.text.parse::<f64>() {
            if number.is_finite() {
                number.into()
            } else {
                "none".into()
            }
        } else {
            self.text.clone().into()
        }
    }
}
