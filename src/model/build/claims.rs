//! Claims of the transform: its inverse, its path derivatives, and gradients of expectations.

use super::Builder;
use super::formula::shape_text;
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

    pub(super) fn by_parameter(&mut self, section: &Named<Formula>) -> Vec<(String, Claim)> {
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
            if let Some(claim) = self.shaped(formula, &shape, "the gradient") {
                claims.push((canonical, claim));
            }
        }
        claims
    }

    /// Claimed path derivatives as matrices. For a parameter of one component the formula has the
    /// shape of z; for one of the shape of z it may be the diagonal; else it has both shapes, that
    /// of z first.
    pub(super) fn velocity(&mut self, outputs: &[Variable]) -> Vec<(String, Claim)> {
        let spec = self.spec;
        let shape = match outputs {
            [output] => output.shape.clone(),
            _ => vec![outputs.iter().map(|o| o.symbols.len()).sum()],
        };
        let rows: usize = shape.iter().product();
        let names: Vec<String> = spec
            .parameters
            .iter()
            .map(|(name, _)| canonical_name(&name.value))
            .collect();
        let known: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut claims = Vec::new();
        for (name, formula) in &spec.velocity {
            let canonical = canonical_name(&name.value);
            if !known.contains(&canonical.as_str()) {
                self.unknown(name, "parameter", &known);
                continue;
            }
            let parameter = self.scope.values.get(&canonical);
            let own = parameter.map_or(Vec::new(), |v| v.shape.clone());
            let columns: usize = own.iter().product();
            let diagonal = columns > 1 && own == shape;
            let Some(value) = self.value(formula) else {
                continue;
            };
            let full = [shape.clone(), own].concat();
            let zero = self.graph.integer(0);
            let elements = if diagonal && (value.shape == shape || value.elements.len() == 1) {
                (0..rows * columns)
                    .map(|k| match (k / columns, k % columns) {
                        (i, j) if i == j => value.elements[i.min(value.elements.len() - 1)],
                        _ => zero,
                    })
                    .collect()
            } else if value.elements.len() == rows * columns {
                value.elements
            } else if value.elements.len() == 1 {
                vec![value.elements[0]; rows * columns]
            } else {
                let (found, wanted) = (shape_text(&value.shape), shape_text(&full));
                self.errors.push(
                    Diagnostic::error("the velocity has the wrong shape", formula.span())
                        .label(format!("expected shape {wanted}, found {found}")),
                );
                continue;
            };
            let span = formula.span();
            claims.push((canonical, Claim { elements, span }));
        }
        claims
    }

    pub(super) fn expectation(&mut self, raw: &raw::RawExpectation) -> Expectation {
        let span = raw.f.span();
        let f = self.value(&raw.f).map_or(Vec::new(), |v| v.elements);
        let value = raw.value.as_ref().and_then(|formula| {
            let value = self.value(formula)?;
            if value.elements.len() != f.len() && !f.is_empty() {
                self.errors.push(
                    Diagnostic::error("`value` does not have the shape of `f`", formula.span())
                        .label(format!("of shape {}", shape_text(&value.shape))),
                );
                return None;
            }
            Some(Claim {
                elements: value.elements,
                span: formula.span(),
            })
        });
        let estimator = match &raw.estimator {
            raw::Estimator::Pathwise => Estimator::Pathwise,
            raw::Estimator::Score => Estimator::Score,
            raw::Estimator::None => Estimator::Value,
            raw::Estimator::Custom(section) => Estimator::Custom(self.by_parameter(section)),
        };
        Expectation {
            name: raw.name.clone().unwrap_or_else(|| raw.f.text.clone()),
            f: Claim { elements: f, span },
            value,
            gradient: self.by_parameter(&raw.gradient),
            estimator,
        }
    }
}
