//! Parameters, inputs, noise and definitions: the names that formulas may use.
//!
//! A definition that mentions z waits until z has a shape.

use super::Builder;
use crate::diagnostic::{Diagnostic, Span};
use crate::language::{self, Domain, Value, canonical_name, names_used};
use crate::model::{Noise, Variable};
use crate::spec::Formula;
use crate::spec::raw::{Named, RawVariable};
use std::collections::{BTreeMap, BTreeSet};

impl Builder<'_> {
    pub(super) fn define_name(&mut self, name: &str, value: Option<Value>) {
        let name = canonical_name(name);
        match value {
            Some(value) => {
                self.scope.values.insert(name, value);
            }
            None => {
                self.broken.insert(name);
            }
        }
    }

    pub(super) fn variables(&mut self, section: &Named<RawVariable>) -> Vec<Variable> {
        let mut variables = Vec::new();
        for (name, raw) in section {
            self.early_defines();
            let domain = self.parse_domain(&raw.domain).and_then(|applied| {
                language::elaborate_domain(&applied, &self.scope, &mut self.graph)
                    .map_err(|errors| self.report(&raw.domain, errors))
                    .ok()
            });
            let Some((domain, shape)) = domain else {
                self.define_name(&name.value, None);
                continue;
            };
            let range = raw.range.as_ref().and_then(|[low, high]| {
                let (low, high) = (self.value(low), self.value(high));
                Some([low?.elements, high?.elements])
            });
            let name = canonical_name(&name.value);
            let value = Value::symbols(&mut self.graph, &name, &shape);
            let symbols = value.elements.clone();
            let value = self.determined(&domain, value);
            self.define_name(&name, Some(value));
            variables.push(Variable {
                name,
                shape,
                symbols,
                domain,
                range,
            });
        }
        variables
    }

    /// A matrix with the entries that its domain determines by the others: what is 0 above a diagonal
    /// is 0 in every formula, so that a product with it shows its sparsity.
    fn determined(&mut self, domain: &Domain, mut value: Value) -> Value {
        let is_triangular = match domain {
            Domain::LowerCholesky | Domain::CorrCholesky => true,
            Domain::PositiveDefinite => false,
            Domain::Real
            | Domain::Positive
            | Domain::Nonnegative
            | Domain::Negative
            | Domain::Nonzero
            | Domain::UnitInterval
            | Domain::Interval(..)
            | Domain::GreaterThan(_)
            | Domain::LessThan(_)
            | Domain::Boolean
            | Domain::IntegerInterval(..)
            | Domain::NonnegativeInteger
            | Domain::Simplex
            | Domain::OneHot
            | Domain::Ordered
            | Domain::PositiveOrdered
            | Domain::UnitVector => return value,
        };
        let n = value.shape.last().copied().unwrap_or(1).max(1);
        let zero = self.graph.integer(0);
        for matrix in value.elements.chunks_mut(n * n) {
            for (i, j) in (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j))) {
                matrix[i * n + j] = if is_triangular {
                    zero
                } else {
                    matrix[j * n + i]
                };
            }
        }
        value
    }

    pub(super) fn noise(&mut self) -> Vec<Noise> {
        let spec = self.spec;
        let mut noise = Vec::new();
        for (name, formula) in &spec.noise {
            self.early_defines();
            let one = self.one_noise(&name.value, formula);
            let value = one.as_ref().map(|n| Value {
                shape: n.variable.shape.clone(),
                elements: n.variable.symbols.clone(),
            });
            self.define_name(&name.value, value);
            noise.extend(one);
        }
        noise
    }

    pub(super) fn one_noise(&mut self, name: &str, formula: &Formula) -> Option<Noise> {
        let law = self.instance(formula)?.attached(&mut self.graph);
        let name = canonical_name(name);
        let at = Value::symbols(&mut self.graph, &name, &law.shape);
        let log_densities = law
            .log_densities(&at, &mut self.graph)
            .map_err(|errors| self.report(formula, errors))
            .ok()?;
        let domains = law
            .support(&mut self.graph)
            .map_err(|errors| self.report(formula, errors))
            .ok()?;
        let cdf = law
            .cdf(&at, &mut self.graph)
            .ok()
            .flatten()
            .map(|v| v.elements);
        let variable = Variable {
            name,
            shape: at.shape,
            symbols: at.elements,
            domain: domains.first()?.clone(),
            range: None,
        };
        Some(Noise {
            variable,
            law,
            domains,
            log_densities,
            cdf,
        })
    }

    /// Definitions of which everything they mention is there already, so that domains and noise may
    /// use them.
    pub(super) fn early_defines(&mut self) {
        let spec = self.spec;
        for (place, (name, formula)) in spec.define.iter().enumerate() {
            let Some(used) = self.mentioned.get(place) else {
                continue;
            };
            let known = |used: &String| self.scope.values.contains_key(used);
            if self.scope.values.contains_key(&canonical_name(&name.value))
                || used.is_empty() && formula.is_unread()
                || !used.keys().all(known)
                || self.defined_below(place).is_some()
            {
                continue;
            }
            let value = self.value(formula);
            self.define_name(&name.value, value);
        }
    }

    /// The first name that a definition mentions and that is defined at its place or below it.
    fn defined_below(&self, place: usize) -> Option<(&String, &Span)> {
        let below: BTreeSet<String> = self.spec.define[place..]
            .iter()
            .map(|(name, _)| canonical_name(&name.value))
            .collect();
        let used = self.mentioned.get(place)?.iter();
        used.filter(|(name, _)| below.contains(*name))
            .min_by_key(|(_, span)| span.start)
    }

    /// Definitions that can be made before the outputs are known; the others wait.
    pub(super) fn defines(&mut self) {
        let spec = self.spec;
        let outputs: BTreeSet<String> = self.output_names();
        let mut waiting: BTreeSet<String> = outputs;
        for (place, (name, formula)) in spec.define.iter().enumerate() {
            let canonical = canonical_name(&name.value);
            if self.scope.values.contains_key(&canonical) || self.broken.contains(&canonical) {
                continue; // made early
            }
            if self.parse(formula).is_none() {
                self.define_name(&name.value, None);
                continue;
            }
            if let Some((below, span)) = self.defined_below(place) {
                let error = Diagnostic::error(
                    format!("`{below}` is not defined yet"),
                    formula.locate(span.clone()),
                )
                .label("it is defined by this or below")
                .help("write the definitions in the order of their use");
                self.errors.push(error);
                self.define_name(&name.value, None);
                continue;
            }
            let mut used = self.mentioned[place].keys();
            if used.any(|used| waiting.contains(used)) {
                waiting.insert(canonical);
                self.deferred.push((name.value.clone(), formula));
            } else {
                let value = self.value(formula);
                self.define_name(&name.value, value);
            }
        }
    }

    pub(super) fn deferred_defines(&mut self) {
        for (name, formula) in std::mem::take(&mut self.deferred) {
            let value = self.value(formula);
            self.define_name(&name, value);
        }
    }
}

/// The names that each definition mentions, with a place of each.
pub(super) fn mentioned(define: &Named<Formula>) -> Vec<BTreeMap<String, Span>> {
    let names = |formula: &Formula| {
        let expr = language::parse_expression(&formula.text).ok();
        expr.map_or_else(BTreeMap::new, |expr| names_used(&expr))
    };
    define.iter().map(|(_, formula)| names(formula)).collect()
}
