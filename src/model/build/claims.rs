//! Claims of the transform: its inverse, its path derivatives, and gradients of expectations.

use super::Builder;
use crate::diagnostic::Diagnostic;
use crate::graph::Id;
use crate::language::{Value, canonical_name};
use crate::model::{Claim, Estimator, Expectation, Noise, Variable};
use crate::spec::Formula;
use crate::spec::raw::{self, Named};
use std::collections::BTreeMap;

impl Builder<'_> {
    pub(super) fn inverse(&mut self, noise: &[Noise]) -> Option<Claim> {
        let spec = self.spec;
        let first = spec.inverse.first()?;
        let names: Vec<&str> = noise.iter().map(|n| n.variable.name.as_str()).collect();
        let saved = self.scope.values.clone();
        let mut parts: BTreeMap<usize, Vec<Id>> = BTreeMap::new();
        for (name, formula) in &spec.inverse {
            let canonical = canonical_name(&name.value);
            let Some(place) = names.iter().position(|n| *n == canonical) else {
                if !self.is_broken(&canonical) {
                    self.unknown(name, "noise", &names);
                }
                self.value(formula);
                continue;
            };
            let shape = noise[place].variable.shape.clone();
            if let Some(claim) = self.shaped(formula, &shape, "the inverse") {
                // Entries below may mention this noise; there it is its formula in z.
                let value = Value {
                    shape,
                    elements: claim.elements.clone(),
                };
                self.scope.values.insert(canonical, value);
                parts.insert(place, claim.elements);
            }
        }
        self.scope.values = saved;
        if parts.len() < noise.len() {
            // An entry that failed, or whose name is misspelt, may be the one that is missing.
            if parts.len() == spec.inverse.len()
                && let Some(place) = (0..noise.len()).find(|i| !parts.contains_key(i))
            {
                let name = &noise[place].variable.name;
                self.errors.push(
                    Diagnostic::error(
                        format!("the inverse of noise `{name}` is missing"),
                        first.0.span.clone(),
                    )
                    .help("give an expression for each noise name"),
                );
            }
            return None;
        }
        let elements = parts.into_values().flatten().collect();
        Some(Claim {
            elements,
            span: first.1.span(),
        })
    }

    /// Claims about the gradient of f, by parameter: for each component of f those of the parameter,
    /// row by row. For f of the shape of the parameter the formula may be the diagonal.
    fn by_parameter(
        &mut self,
        section: &Named<Formula>,
        f: &[usize],
        what: &str,
    ) -> Vec<(String, Claim)> {
        let spec = self.spec;
        let known: Vec<String> = spec
            .parameters
            .iter()
            .map(|(name, _)| canonical_name(&name.value))
            .collect();
        let names: Vec<&str> = known.iter().map(String::as_str).collect();
        let mut claims = Vec::new();
        for (name, formula) in section {
            let canonical = canonical_name(&name.value);
            if !names.contains(&canonical.as_str()) {
                if !self.is_broken(&canonical) {
                    self.unknown(name, "parameter", &names);
                }
                self.value(formula);
                continue;
            }
            let Some(shape) = self.scope.values.get(&canonical).map(|v| v.shape.clone()) else {
                self.value(formula);
                continue;
            };
            if let Some(claim) = self.derivative(formula, f, &shape, what) {
                claims.push((canonical, claim));
            }
        }
        claims
    }

    /// A claimed derivative of a quantity in a variable: a row for each component of the quantity
    /// and a column for each of the variable. For one of the shape of the other it may be the
    /// diagonal; else it has both shapes, that of the quantity first.
    fn derivative(
        &mut self,
        formula: &Formula,
        of: &[usize],
        by: &[usize],
        what: &str,
    ) -> Option<Claim> {
        let value = self.value(formula)?;
        let (rows, columns): (usize, usize) = (of.iter().product(), by.iter().product());
        let full = [of, by].concat();
        let is_diagonal = columns > 1 && of == by;
        let elements = if is_diagonal && (value.shape == of || value.elements.len() == 1) {
            let zero = self.graph.integer(0);
            (0..rows * columns)
                .map(|k| match (k / columns, k % columns) {
                    (i, j) if i == j => value.elements[i.min(value.elements.len() - 1)],
                    _ => zero,
                })
                .collect()
        } else if value.elements.len() == 1 {
            vec![value.elements[0]; rows * columns]
        } else if value.shape == full
            || value.shape == [rows, columns]
            || (rows.min(columns) == 1 && value.elements.len() == rows * columns)
        {
            value.elements
        } else {
            self.wrong_shape(what, formula, &full, &value.shape);
            return None;
        };
        Some(Claim {
            elements,
            span: formula.span(),
        })
    }

    /// Claimed path derivatives as matrices.
    pub(super) fn velocity(&mut self, outputs: &[Variable]) -> Vec<(String, Claim)> {
        let shape = match outputs {
            [output] => output.shape.clone(),
            _ => vec![outputs.iter().map(|o| o.symbols.len()).sum()],
        };
        let spec = self.spec;
        self.by_parameter(&spec.velocity, &shape, "the velocity")
    }

    /// An objective for each component of f.
    pub(super) fn expectations(
        &mut self,
        raw: &raw::RawExpectation,
        noise: &[Noise],
        outputs: &[Variable],
    ) -> Vec<Expectation> {
        let f = self.value(&raw.f);
        let shape = f.as_ref().map_or(Vec::new(), |f| f.shape.clone());
        let custom = match &raw.estimator {
            raw::Estimator::Custom(section) => {
                Some(self.by_parameter(section, &shape, "the estimator"))
            }
            raw::Estimator::Pathwise | raw::Estimator::Score | raw::Estimator::None => None,
        };
        let why = "this is a number, given parameters and inputs";
        self.hide_noise(noise, why);
        self.hide(outputs.iter(), why);
        let value = raw
            .value
            .as_ref()
            .and_then(|formula| self.shaped(formula, &shape, "`value`"));
        let gradient = self.by_parameter(&raw.gradient, &shape, "the gradient");
        self.hidden.clear();
        let name = raw.name.as_ref().unwrap_or(&raw.f.text);
        let elements = f.map_or(Vec::new(), |f| f.elements);
        let count = elements.len();
        // The part of a claim that is about component i of f.
        let row = |claim: &Claim, i: usize| {
            let width = claim.elements.len() / count;
            Claim {
                elements: claim.elements[i * width..(i + 1) * width].to_vec(),
                span: claim.span.clone(),
            }
        };
        let rows = |claims: &[(String, Claim)], i: usize| -> Vec<(String, Claim)> {
            let claims = claims.iter();
            claims.map(|(name, c)| (name.clone(), row(c, i))).collect()
        };
        let component = |(i, &element): (usize, &Id)| Expectation {
            name: match index_text(&shape, i) {
                None => name.clone(),
                Some(index) if raw.name.is_some() => format!("{name}{index}"),
                Some(index) => format!("({name}){index}"),
            },
            f: Claim {
                elements: vec![element],
                span: raw.f.span(),
            },
            value: value.as_ref().map(|claim| row(claim, i)),
            gradient: rows(&gradient, i),
            estimator: match &raw.estimator {
                raw::Estimator::Pathwise => Estimator::Pathwise,
                raw::Estimator::Score => Estimator::Score,
                raw::Estimator::None => Estimator::Value,
                raw::Estimator::Custom(_) => {
                    Estimator::Custom(rows(custom.as_deref().unwrap_or_default(), i))
                }
            },
        };
        elements.iter().enumerate().map(component).collect()
    }
}

/// The indices of component i of a shape, `[1, 0]`; none for a scalar.
fn index_text(shape: &[usize], mut i: usize) -> Option<String> {
    let mut indices: Vec<String> = Vec::new();
    for size in shape.iter().rev() {
        indices.push((i % size).to_string());
        i /= size;
    }
    indices.reverse();
    (!shape.is_empty()).then(|| format!("[{}]", indices.join(", ")))
}
