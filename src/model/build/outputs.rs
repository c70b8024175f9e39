//! z: its names, shapes and stated domains, and the claims made of each output.

use super::Builder;
use super::formula::shape_text;
use crate::diagnostic::Diagnostic;
use crate::graph::Id;
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
        let stated = target.and_then(|t| t.support.as_ref().or(t.distribution.as_ref()));
        if let Some(PerOutput::Each(each)) = stated {
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
            None => match target.and_then(|t| t.distribution.as_ref()) {
                Some(PerOutput::Each(each)) => {
                    for (name, formula) in each {
                        let shape = self.instance(formula).map(|law| law.shape);
                        shapes.push((canonical_name(&name.value), shape));
                    }
                }
                Some(PerOutput::One(formula)) => {
                    let shape = self.instance(formula).map(|law| law.shape);
                    shapes.push((self.target_variable(), shape));
                }
                None => {
                    let shape = self.scope_shape_of_noise();
                    shapes.push((self.target_variable(), Some(shape)));
                }
            },
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
        let applied = self.parse_domain(formula)?;
        language::elaborate_domains(&applied, &self.scope, &mut self.graph)
            .map_err(|errors| self.report(formula, errors))
            .ok()
            .map(|(_, shape)| shape)
    }

    /// Where each output lies, by the stated support or else by that of the distribution: one
    /// domain, or one for each component.
    pub(super) fn output_domains(&mut self, outputs: &[Variable]) -> Vec<Vec<Domain>> {
        let mut domains = vec![vec![Domain::Real]; outputs.len()];
        let Some(target) = &self.spec.target else {
            return domains;
        };
        if let Some(support) = &target.support {
            let entries = self.placed(support, outputs, "support");
            let places: Vec<Option<usize>> = entries.iter().map(|(place, _)| *place).collect();
            if let Some(places) = places.into_iter().collect::<Option<BTreeSet<usize>>>() {
                self.names_every_output(support, &places, outputs, "support");
            }
            for (place, formula) in entries {
                let found = self.stated_domain(formula, place.and_then(|i| outputs.get(i)));
                if let (Some(place), Some(found)) = (place, found) {
                    domains[place] = found;
                }
            }
        } else if let Some(distribution) = &target.distribution {
            for (place, formula) in self.placed(distribution, outputs, "distribution") {
                let Some(law) = self.instance(formula) else {
                    continue;
                };
                let found = law.support(&mut self.graph);
                let found = found.map_err(|errors| self.report(formula, errors)).ok();
                let fits = place.is_some_and(|i| outputs[i].shape == law.shape);
                if let (Some(place), Some(mut found), true) = (place, found, fits) {
                    if law.distribution.multivariate {
                        found.truncate(1); // a domain of vectors, without bounds
                    }
                    domains[place] = found;
                }
            }
        }
        domains
    }

    /// A support as it is written; none where it does not fit the output.
    fn stated_domain(
        &mut self,
        formula: &Formula,
        output: Option<&Variable>,
    ) -> Option<Vec<Domain>> {
        let applied = self.parse_domain(formula)?;
        let found = language::elaborate_domains(&applied, &self.scope, &mut self.graph);
        let (domains, shape) = match found {
            Ok(found) => found,
            Err(errors) => {
                if !self.spec.transform.is_empty() {
                    self.report(formula, errors); // else reported when the shape was read
                }
                return None;
            }
        };
        let bounds: Vec<Id> = domains.iter().flat_map(Domain::bounds).collect();
        let in_place = self.is_in_place(formula, &bounds);
        let output = output.filter(|_| in_place)?;
        let is_each = shape.is_empty() && domains.iter().all(Domain::is_elementwise);
        if shape != output.shape && !is_each {
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
        Some(domains)
    }

    /// The formulas of a claim, each with the place of its output; none where that failed.
    pub(super) fn placed<'f>(
        &mut self,
        claim: &'f PerOutput,
        outputs: &[Variable],
        what: &str,
    ) -> Vec<(Option<usize>, &'f Formula)> {
        match claim {
            PerOutput::One(formula) if self.output_names().len() > 1 => {
                self.one_for_several(formula, what);
                Vec::new()
            }
            PerOutput::One(formula) => vec![((!outputs.is_empty()).then_some(0), formula)],
            PerOutput::Each(each) => self.by_output(each, outputs),
        }
    }

    pub(super) fn one_for_several(&mut self, formula: &Formula, what: &str) {
        let entries: Vec<String> = self
            .output_names()
            .iter()
            .map(|name| format!("{name}: …"))
            .collect();
        self.errors.push(
            Diagnostic::error(
                format!("`{what}` needs an entry for each output"),
                formula.span(),
            )
            .help(format!("write `{what}: {{{}}}`", entries.join(", "))),
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
        let entries = self.placed(claim, outputs, what);
        let complete = entries.iter().all(|(place, _)| place.is_some());
        let mut parts: BTreeMap<usize, Claim> = BTreeMap::new();
        let mut failed = entries.is_empty();
        for (place, formula) in entries {
            let Some(place) = place else {
                self.value(formula);
                continue;
            };
            let shape = outputs[place].shape.clone();
            match self.shaped(formula, &shape, &format!("`{what}`")) {
                Some(claim) => drop(parts.insert(place, claim)),
                None => failed = true,
            }
        }
        if failed || !complete {
            return None;
        }
        let named = parts.keys().copied().collect();
        if !self.names_every_output(claim, &named, outputs, what) {
            return None;
        }
        let span = parts.values().next()?.span.clone();
        Some(Claim {
            elements: parts.into_values().flat_map(|c| c.elements).collect(),
            span,
        })
    }

    /// Whether a map has an entry for each output; the outputs that it leaves out are reported.
    pub(super) fn names_every_output(
        &mut self,
        claim: &PerOutput,
        named: &BTreeSet<usize>,
        outputs: &[Variable],
        what: &str,
    ) -> bool {
        let left_out: Vec<String> = (0..outputs.len())
            .filter(|place| !named.contains(place))
            .map(|place| format!("`{}`", outputs[place].name))
            .collect();
        if left_out.is_empty() {
            return true;
        }
        if let PerOutput::Each(each) = claim {
            self.errors.extend(each.first().map(|(name, _)| {
                Diagnostic::error(
                    format!("`{what}` does not name every output"),
                    name.span.clone(),
                )
                .label(format!("no entry here is for {}", left_out.join(", ")))
                .help("give an entry for each output")
            }));
        }
        false
    }
}

/// The outputs with their domains; one whose components lie in different domains, as they do with
/// bounds of their own, becomes a variable for each.
pub(super) fn by_domain(outputs: Vec<Variable>, domains: &[Vec<Domain>]) -> Vec<Variable> {
    let mut all = Vec::new();
    for (output, domains) in outputs.into_iter().zip(domains) {
        let [first, rest @ ..] = domains.as_slice() else {
            all.push(output);
            continue;
        };
        if rest.iter().all(|domain| domain == first) {
            all.push(Variable {
                domain: first.clone(),
                ..output
            });
            continue;
        }
        let components = output.symbols.iter().zip(domains);
        all.extend(components.map(|(&symbol, domain)| Variable {
            shape: Vec::new(),
            symbols: vec![symbol],
            domain: domain.clone(),
            ..output.clone()
        }));
    }
    all
}
