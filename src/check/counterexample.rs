//! The point at which a claim fails, as it is shown.

use super::points::Space;
use crate::model::{Model, Variable};
use crate::number::text;
use crate::number::{Enclosure, Precision, Rational};
use crate::tape::Tape;

/// The point at which a claim fails.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Counterexample {
    /// Names and exact values of the parameters, in the order of the spec.
    pub parameters: Vec<(String, String)>,
    /// Names and exact values of the inputs.
    pub inputs: Vec<(String, String)>,
    /// Names and exact values of the noise.
    pub noise: Vec<(String, String)>,
    /// Names and values of further quantities at the point: z, u, a size.
    pub at: Vec<(String, String)>,
    /// What the left value is: "claimed log_abs_det_jacobian".
    pub left_label: String,
    /// The value of the left side, to the digits that are certain.
    pub left: String,
    /// What the right value is: "log |det J|".
    pub right_label: String,
    /// The value of the right side.
    pub right: String,
    /// What is off, in words; may be empty.
    pub explanation: String,
}

impl Counterexample {
    /// A point of a space, without values yet.
    pub(crate) fn at_point(model: &Model, space: &Space, point: &[Rational]) -> Counterexample {
        let mut example = Counterexample::default();
        let mut values = point.iter();
        for variable in &space.variables {
            let texts: Vec<String> = values
                .by_ref()
                .take(variable.symbols.len())
                .map(text::rational)
                .collect();
            let named = |variables: &[crate::model::Variable]| {
                variables.iter().any(|v| v.name == variable.name)
            };
            let list = if named(&model.parameters) {
                &mut example.parameters
            } else if named(&model.inputs) {
                &mut example.inputs
            } else if model.noise.iter().any(|n| n.variable.name == variable.name) {
                &mut example.noise
            } else {
                &mut example.at
            };
            show(list, variable, texts);
        }
        example
    }

    /// The same with the two sides.
    #[must_use]
    pub(crate) fn sides(mut self, left: (&str, String), right: (&str, String)) -> Counterexample {
        (self.left_label, self.left) = (left.0.to_owned(), left.1);
        (self.right_label, self.right) = (right.0.to_owned(), right.1);
        self
    }

    /// The same with an explanation.
    #[must_use]
    pub(crate) fn explained(mut self, explanation: impl Into<String>) -> Counterexample {
        self.explanation = explanation.into();
        self
    }
}

/// A value as it is shown: its certain digits, or that there is none.
pub(crate) fn value_text(value: &Enclosure) -> String {
    if value.is_certainly_undefined() {
        "undefined".to_owned()
    } else {
        value.digits(12)
    }
}

/// Two different values, with as many digits as it takes to see the difference.
pub(crate) fn distinct_texts(left: &Enclosure, right: &Enclosure) -> (String, String) {
    if left.is_certainly_undefined() || right.is_certainly_undefined() {
        return (value_text(left), value_text(right));
    }
    let mut texts = (String::new(), String::new());
    for digits in [7, 12, 18, 30, 60] {
        texts = (left.digits(digits), right.digits(digits));
        if texts.0 != texts.1 {
            break;
        }
    }
    texts
}

/// The values of z at a point of the noise.
pub(crate) fn images(model: &Model, space: &Space, point: &[Rational]) -> Vec<(String, String)> {
    let Some(transform) = &model.transform else {
        return Vec::new();
    };
    let Ok(tape) = Tape::new(&model.graph, &space.symbols, &transform.elements) else {
        return Vec::new();
    };
    let precision = Precision(128);
    let inputs = Enclosure::exact_each(point, precision);
    let mut values = tape.evaluate(&inputs, &precision).into_iter();
    let mut shown = Vec::new();
    for output in &model.outputs {
        let texts: Vec<String> = values
            .by_ref()
            .take(output.symbols.len())
            .map(|value| {
                if value.is_certainly_undefined() {
                    "undefined".to_owned()
                } else {
                    value.digits(8)
                }
            })
            .collect();
        show(&mut shown, output, texts);
    }
    shown
}

/// Adds the components of a variable to a list; those of one name, which are variables of their own
/// where their bounds differ, come as one.
fn show(list: &mut Vec<(String, String)>, variable: &Variable, texts: Vec<String>) {
    let text = texts.join(", ");
    match list.last_mut() {
        Some((name, before)) if *name == variable.name => {
            let inner = before.strip_prefix('[').and_then(|b| b.strip_suffix(']'));
            *before = format!("[{}, {text}]", inner.unwrap_or(before));
        }
        _ if texts.len() == 1 => list.push((variable.name.clone(), text)),
        _ => list.push((variable.name.clone(), format!("[{text}]"))),
    }
}
