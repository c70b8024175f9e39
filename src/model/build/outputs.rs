//! z: its names, shapes and stated domains, and the claims made of each output.

use super::Builder;
use super::formula::shape_text;
use crate::diagnostic::Diagnostic;
use crate::language::{self, Domain, Value, canonical_name};
use crate::model::{Claim, Definition, Variable};
use crate::spec::Formula;
use crate::spec::raw::{Named, PerOutput};
use std::collections::{BTreeMap, BTreeSet};

impl Builder<'_> {
    /// The names of z as far as the file gives them.
    pub(super) fn output_names(&self) -> BTreeSet<String> {
        let spec = self.spec;
        if !spec.transform.is_empty() {
            return spec
                .transform
                .iter()
                .map(|(name, _)| canonical_name(&name.value))
                .collect();
        }
        let target = spec.target.as_ref();
        if let Some(PerOutput::Each(each)) = target.and_then(|t| t.support.as_ref()) {
            return each
                .iter()
                .map(|(name, _)| canonical_name(&name.value))
                .collect();
        }
        BTreeSet::from([self.target_variable()])
    }

    pub(super) fn target_variable(&self) -> String {
        let variable = self.spec.target.as_ref().and_then(|t| t.variable.as_ref());
        variable.map_or_else(|| "z".to_owned(), |name| canonical_name(&name.value))
    }

    /// The transform, and z with its shapes; the domains are set later, when z can be named.
    pub(super) fn outputs(&mut self, definition: Definition) -> (Option<Claim>, Vec<Variable>) {
        let spec = self.spec;
        let mut outputs = Vec::new();
        if definition == Definition::Transform {
            let mut elements = Vec::new();
            let mut complete = true;
            for (name, formula) in &spec.transform {
                let Some(value) = self.value(formula) else {
                    complete = false;
                    self.define_name(&name.value, None);
                    continue;
                };
                // Outputs below may mention this one; there it is its formula.
                self.define_name(&name.value, Some(value.clone()));
                let canonical = canonical_name(&name.value);
                let symbols = Value::symbols(&mut self.graph, &canonical, &value.shape).elements;
                elements.extend(value.elements);
                outputs.push(Variable {
                    name: canonical,
                    shape: value.shape,
                    symbols,
                    domain: Domain::Real,
                    range: None,
                });
            }
            self.name_outputs(&outputs);
            let span = spec.transform[0].1.span();
            return (complete.then_some(Claim { elements, span }), outputs);
        }
        let target = spec.target.as_ref();
        let mut shapes: Vec<(String, Option<Vec<usize>>)> = Vec::new();
        match target.and_then(|t| t.support.as_ref()) {
            Some(PerOutput::Each(each)) => {
                for (name, formula) in each {
                    shapes.push((canonical_name(&name.value), self.domain_shape(formula)));
                }
            }
            Some(PerOutput::One(formula)) => {
                shapes.push((self.target_variable(), self.domain_shape(formula)));
            }
            None => {
                let shape = match target.and_then(|t| t.distribution.as_ref()) {
                    Some(formula) => self.distribution_shape(formula),
                    None => Some(self.scope_shape_of_noise()),
                };
                shapes.push((self.target_variable(), shape));
            }
        }
        for (name, shape) in shapes {
            let Some(shape) = shape.filter(|_| !self.is_lost(&name)) else {
                self.define_name(&name, None);
                continue;
            };
            let symbols = Value::symbols(&mut self.graph, &name, &shape).elements;
            outputs.push(Variable {
                name,
                shape,
                symbols,
                domain: Domain::Real,
                range: None,
            });
        }
        self.name_outputs(&outputs);
        (None, outputs)
    }

    pub(super) fn name_outputs(&mut self, outputs: &[Variable]) {
        for output in outputs {
            let value = Value {
                shape: output.shape.clone(),
                elements: output.symbols.clone(),
            };
            self.define_name(&output.name, Some(value));
        }
    }

    pub(super) fn scope_shape_of_noise(&self) -> Vec<usize> {
        let first = self
            .spec
            .noise
            .first()
            .map(|(name, _)| canonical_name(&name.value));
        first
            .and_then(|name| self.scope.values.get(&name))
            .map_or(Vec::new(), |v| v.shape.clone())
    }

    pub(super) fn domain_shape(&mut self, formula: &Formula) -> Option<Vec<usize>> {
        let applied = self.parse_applied(formula)?;
        language::elaborate_domain(&applied, &self.scope, &mut self.graph)
            .map_err(|errors| self.report(formula, errors))
            .ok()
            .map(|(_, shape)| shape)
    }

    pub(super) fn distribution_shape(&mut self, formula: &Formula) -> Option<Vec<usize>> {
        self.instance(formula).map(|law| law.shape)
    }

    /// The stated support of each output.
    pub(super) fn output_domains(&mut self, outputs: &mut [Variable]) {
        let Some(target) = &self.spec.target else {
            return;
        };
        let formulas: Vec<(Option<usize>, &Formula)> = match &target.support {
            None => return,
            Some(PerOutput::One(formula)) => {
                if self.output_names().len() > 1 {
                    self.one_for_several(formula, "support");
                    return;
                }
                vec![(Some(0), formula)]
            }
            Some(PerOutput::Each(each)) => self.by_output(each, outputs),
        };
        for (place, formula) in formulas {
            let Some(applied) = self.parse_applied(formula) else {
                continue;
            };
            let found = language::elaborate_domain(&applied, &self.scope, &mut self.graph);
            match found {
                Err(errors) => {
                    if self.spec.transform.is_empty() {
                        continue; // reported when the shape was read
                    }
                    self.report(formula, errors);
                }
                Ok((domain, shape)) => {
                    let Some(output) = place.and_then(|place| outputs.get_mut(place)) else {
                        continue;
                    };
                    let fits =
                        shape == output.shape || (shape.is_empty() && domain.is_elementwise());
                    if !fits {
                        let (found, wanted) = (shape_text(&shape), shape_text(&output.shape));
                        self.errors.push(
                            Diagnostic::error(
                                "the support does not have the shape of the output",
                                formula.span(),
                            )
                            .label(format!(
                                "of shape {found}, but `{}` has {wanted}",
                                output.name
                            )),
                        );
                    }
                    output.domain = domain;
                }
            }
        }
    }

    pub(super) fn one_for_several(&mut self, formula: &Formula, what: &str) {
        self.errors.push(
            Diagnostic::error(
                format!("`{what}` needs an entry for each output"),
                formula.span(),
            )
            .help(format!(
                "write `{what}: {{z1: …, z2: …}}` with the names of the outputs"
            )),
        );
    }

    /// Entries of a map by output, each with the place of its output; none where that failed.
    pub(super) fn by_output<'f>(
        &mut self,
        each: &'f Named<Formula>,
        outputs: &[Variable],
    ) -> Vec<(Option<usize>, &'f Formula)> {
        let names: Vec<&str> = outputs.iter().map(|v| v.name.as_str()).collect();
        let mut found = Vec::new();
        for (name, formula) in each {
            let canonical = canonical_name(&name.value);
            let place = names.iter().position(|n| *n == canonical);
            if place.is_none() && !self.is_broken(&canonical) {
                self.unknown(name, "output", &names);
            }
            found.push((place, formula));
        }
        found
    }

    /// A claim about each component of z.
    pub(super) fn per_output(
        &mut self,
        claim: &PerOutput,
        outputs: &[Variable],
        what: &str,
    ) -> Option<Claim> {
        match claim {
            PerOutput::One(formula) => {
                if self.output_names().len() > 1 {
                    self.one_for_several(formula, what);
                    return None;
                }
                let Some(output) = outputs.first() else {
                    self.value(formula);
                    return None;
                };
                let shape = output.shape.clone();
                self.shaped(formula, &shape, &format!("`{what}`"))
            }
            PerOutput::Each(each) => {
                let entries = self.by_output(each, outputs);
                let mut parts: BTreeMap<usize, Claim> = BTreeMap::new();
                for (place, formula) in entries {
                    let Some(place) = place else {
                        self.value(formula);
                        continue;
                    };
                    let shape = outputs[place].shape.clone();
                    if let Some(claim) = self.shaped(formula, &shape, &format!("`{what}`")) {
                        parts.insert(place, claim);
                    }
                }
                if parts.len() < outputs.len() {
                    let (name, _) = each.first()?;
                    if parts.len() == each.len() {
                        self.errors.push(
                            Diagnostic::error(
                                format!("`{what}` does not name every output"),
                                name.span.clone(),
                            )
                            .label("each output needs an entry"),
                        );
                    }
                    return None;
                }
                let span = parts.values().next()?.span.clone();
                Some(Claim {
                    elements: parts.into_values().flat_map(|c| c.elements).collect(),
                    span,
                })
            }
        }
    }
}
