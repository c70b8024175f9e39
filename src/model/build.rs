//! From a spec as written to a [`Model`]: every formula parsed, named, shaped and elaborated.
//!
//! Errors are collected over all sections, whatever else is wrong with the file. A name whose
//! definition failed is left out of the scope quietly, and what mentions it is not judged further,
//! so that one mistake is reported once.

use super::lines::Setting;
use super::{Claim, Definition, Estimator, Expectation, Model, Noise, Target, Variable};
use crate::diagnostic::{Diagnostic, nearest};
use crate::distribution::Instance;
use crate::graph::{Graph, Id};
use crate::language::{
    self, Applied, Domain, Expr, Function, Scope, Value, canonical_name, names_used,
};
use crate::number::Unary;
use crate::spec::raw::{self, Named, PerOutput, RawSpec, RawVariable};
use crate::spec::{Formula, Located};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};

/// The model of a spec at one choice of sizes.
///
/// # Errors
/// Everything in the formulas that cannot be understood, each at its place; nothing where all that
/// is wrong was reported when the file was read.
pub fn build(spec: &RawSpec, sizes: &BTreeMap<String, usize>) -> Result<Model, Vec<Diagnostic>> {
    let mut builder = Builder::new(spec, sizes);
    let model = builder.model();
    if builder.errors.is_empty() && !builder.has_holes {
        Ok(model)
    } else {
        Err(builder.errors)
    }
}

pub(super) struct Builder<'a> {
    pub(super) spec: &'a RawSpec,
    pub(super) graph: Graph,
    pub(super) scope: Scope,
    errors: Vec<Diagnostic>,
    /// Names whose definition failed: using them is not a second mistake.
    broken: BTreeSet<String>,
    /// Whether a formula could not be read, which the reader of the file has reported.
    has_holes: bool,
    /// Names that exist in the file but are not visible in the section at hand.
    deferred: Vec<(String, &'a Formula)>,
}

impl<'a> Builder<'a> {
    fn new(spec: &'a RawSpec, sizes: &BTreeMap<String, usize>) -> Self {
        let mut graph = Graph::new();
        let mut scope = Scope {
            sizes: sizes.clone(),
            ..Scope::default()
        };
        for (name, &size) in sizes {
            let value = graph.integer(size as i64);
            scope
                .values
                .insert(canonical_name(name), Value::scalar(value));
        }
        let dimensions = spec.dimensions.iter().map(|(name, _)| name);
        let unsized_names = dimensions
            .filter(|name| !sizes.contains_key(&name.value))
            .map(|name| canonical_name(&name.value));
        Builder {
            spec,
            graph,
            scope,
            errors: Vec::new(),
            broken: spec.lost.iter().cloned().chain(unsized_names).collect(),
            has_holes: false,
            deferred: Vec::new(),
        }
    }

    fn model(&mut self) -> Model {
        let spec = self.spec;
        let parameters = self.variables(&spec.parameters);
        let inputs = self.variables(&spec.inputs);
        let noise = self.noise();
        self.defines();
        let definition = if !spec.transform.is_empty() {
            Definition::Transform
        } else if !spec.inverse.is_empty() {
            Definition::Standardization
        } else {
            Definition::Target
        };
        let (transform, mut outputs) = self.outputs(definition);
        let output_names: Vec<String> = outputs.iter().map(|v| v.name.clone()).collect();
        self.deferred_defines();
        self.output_domains(&mut outputs);
        let inverse = self.inverse(&noise);
        let log_abs_det_jacobian = spec
            .log_abs_det_jacobian
            .as_ref()
            .and_then(|f| self.single(f));
        let mut base = FxHashMap::default();
        match definition {
            Definition::Transform => {
                if let Some(claim) = &transform {
                    let symbols = outputs.iter().flat_map(|v| v.symbols.iter().copied());
                    base.extend(symbols.zip(claim.elements.iter().copied()));
                }
            }
            Definition::Standardization => {
                if let Some(claim) = &inverse {
                    let symbols = noise
                        .iter()
                        .flat_map(|n| n.variable.symbols.iter().copied());
                    base.extend(symbols.zip(claim.elements.iter().copied()));
                }
            }
            Definition::Target => {}
        }
        let velocity = self.velocity(&outputs);
        let target = spec
            .target
            .as_ref()
            .map(|t| self.target(t, &outputs, &output_names));
        self.densities(
            &noise,
            &outputs,
            target.as_ref(),
            definition,
            transform.as_ref(),
        );
        let expectations = spec
            .expectations
            .iter()
            .map(|e| self.expectation(e))
            .collect();
        let (derivations, opaque) = self.derivations(&Setting {
            noise: &noise,
            outputs: &outputs,
            transform: transform.as_ref(),
            base: &base,
            log_q: target
                .as_ref()
                .and_then(|t| t.log_density.as_ref().or(t.distribution.as_ref()))
                .map(|claim| claim.elements[0]),
        });
        Model {
            graph: std::mem::take(&mut self.graph),
            name: spec.name.value.clone(),
            sizes: self.scope.sizes.clone(),
            parameters,
            inputs,
            noise,
            outputs,
            definition,
            transform,
            inverse,
            log_abs_det_jacobian,
            velocity,
            target,
            expectations,
            derivations,
            opaque,
            base,
        }
    }

    /// Reports diagnostics of a formula at their places in the file; those that only follow from
    /// an earlier failure are dropped.
    pub(super) fn report(&mut self, formula: &Formula, diagnostics: Vec<Diagnostic>) {
        for mut diagnostic in diagnostics {
            let rest = formula.text.get(diagnostic.span.end..).unwrap_or("");
            let named = formula.text.get(diagnostic.span.clone());
            if let Some(name) = named.map(canonical_name)
                && (self.broken.contains(&name) || !rest.starts_with('('))
                && self.is_lost(&name)
            {
                continue;
            }
            diagnostic.span = formula.locate(diagnostic.span);
            self.errors.push(diagnostic);
        }
    }

    /// Whether a name is unknown only because of an earlier failure.
    fn is_lost(&self, name: &str) -> bool {
        let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let is_known = self.scope.values.contains_key(name)
            || self.scope.functions.contains_key(name)
            || self.scope.sizes.contains_key(name);
        is_name && !is_known && self.is_broken(name)
    }

    /// Whether a name that an entry of a map is for may have been meant to exist.
    fn is_broken(&self, name: &str) -> bool {
        self.spec.names_missing || self.broken.contains(name)
    }

    /// Whether a formula can be looked at.
    fn is_read(&mut self, formula: &Formula) -> bool {
        self.has_holes |= formula.is_unread();
        !formula.is_unread()
    }

    pub(super) fn parse(&mut self, formula: &Formula) -> Option<Expr> {
        if !self.is_read(formula) {
            return None;
        }
        language::parse_expression(&formula.text)
            .map_err(|errors| self.report(formula, errors))
            .ok()
    }

    fn parse_applied(&mut self, formula: &Formula) -> Option<Applied> {
        if !self.is_read(formula) {
            return None;
        }
        language::parse_applied(&formula.text)
            .map_err(|errors| self.report(formula, errors))
            .ok()
    }

    fn value(&mut self, formula: &Formula) -> Option<Value> {
        if self.is_too_large() {
            return None;
        }
        let expr = self.parse(formula)?;
        language::elaborate_definition(&expr, &self.scope, &mut self.graph)
            .map_err(|errors| self.report(formula, errors))
            .ok()
    }

    /// A formula of one component.
    fn single(&mut self, formula: &Formula) -> Option<Claim> {
        let value = self.value(formula)?;
        if value.elements.len() != 1 {
            let message = "expected one number, found a value of several components";
            self.errors.push(
                Diagnostic::error(message, formula.span())
                    .label(format!("of shape {}", shape_text(&value.shape)))
                    .help("reduce it, for example with `sum(…)`"),
            );
            return None;
        }
        Some(Claim {
            elements: value.elements,
            span: formula.span(),
        })
    }

    /// A formula of a given shape; a single component stands for all.
    fn shaped(&mut self, formula: &Formula, shape: &[usize], what: &str) -> Option<Claim> {
        let value = self.value(formula)?;
        let size: usize = shape.iter().product();
        let elements = if value.shape == shape || (value.elements.len() == size && size == 1) {
            value.elements
        } else if value.elements.len() == 1 {
            vec![value.elements[0]; size]
        } else {
            let (found, wanted) = (shape_text(&value.shape), shape_text(shape));
            self.errors.push(
                Diagnostic::error(format!("{what} has the wrong shape"), formula.span())
                    .label(format!("expected shape {wanted}, found {found}")),
            );
            return None;
        };
        Some(Claim {
            elements,
            span: formula.span(),
        })
    }

    fn define_name(&mut self, name: &str, value: Option<Value>) {
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

    fn variables(&mut self, section: &Named<RawVariable>) -> Vec<Variable> {
        let mut variables = Vec::new();
        for (name, raw) in section {
            let domain = self.parse_applied(&raw.domain).and_then(|applied| {
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

    fn noise(&mut self) -> Vec<Noise> {
        let spec = self.spec;
        let mut noise = Vec::new();
        for (name, formula) in &spec.noise {
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

    fn one_noise(&mut self, name: &str, formula: &Formula) -> Option<Noise> {
        let law = self.instance(formula)?;
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

    /// Whether sizes have been found beyond the limit: then nothing more is unrolled, so that the
    /// refusal comes at once.
    fn is_too_large(&self) -> bool {
        let message = format!("more than {} nodes", self.scope.node_limit);
        self.errors.iter().any(|e| e.message == message)
    }

    /// The distribution that a formula names, with its arguments.
    fn instance(&mut self, formula: &Formula) -> Option<Instance> {
        if self.is_too_large() {
            return None;
        }
        let applied = self.parse_applied(formula)?;
        Instance::new(&applied, &self.scope, &mut self.graph)
            .map_err(|errors| self.report(formula, errors))
            .ok()
    }

    /// Definitions that can be made before the outputs are known; the others wait.
    fn defines(&mut self) {
        let spec = self.spec;
        let outputs: BTreeSet<String> = self.output_names();
        let mut waiting: BTreeSet<String> = outputs;
        for (name, formula) in &spec.define {
            let Some(expr) = self.parse(formula) else {
                self.define_name(&name.value, None);
                continue;
            };
            if names_used(&expr).keys().any(|used| waiting.contains(used)) {
                waiting.insert(canonical_name(&name.value));
                self.deferred.push((name.value.clone(), formula));
            } else {
                let value = self.value(formula);
                self.define_name(&name.value, value);
            }
        }
    }

    fn deferred_defines(&mut self) {
        for (name, formula) in std::mem::take(&mut self.deferred) {
            let value = self.value(formula);
            self.define_name(&name, value);
        }
    }

    /// The names of z as far as the file gives them.
    fn output_names(&self) -> BTreeSet<String> {
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

    fn target_variable(&self) -> String {
        let variable = self.spec.target.as_ref().and_then(|t| t.variable.as_ref());
        variable.map_or_else(|| "z".to_owned(), |name| canonical_name(&name.value))
    }

    /// The transform, and z with its shapes; the domains are set later, when z can be named.
    fn outputs(&mut self, definition: Definition) -> (Option<Claim>, Vec<Variable>) {
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

    fn name_outputs(&mut self, outputs: &[Variable]) {
        for output in outputs {
            let value = Value {
                shape: output.shape.clone(),
                elements: output.symbols.clone(),
            };
            self.define_name(&output.name, Some(value));
        }
    }

    fn scope_shape_of_noise(&self) -> Vec<usize> {
        let first = self
            .spec
            .noise
            .first()
            .map(|(name, _)| canonical_name(&name.value));
        first
            .and_then(|name| self.scope.values.get(&name))
            .map_or(Vec::new(), |v| v.shape.clone())
    }

    fn domain_shape(&mut self, formula: &Formula) -> Option<Vec<usize>> {
        let applied = self.parse_applied(formula)?;
        language::elaborate_domain(&applied, &self.scope, &mut self.graph)
            .map_err(|errors| self.report(formula, errors))
            .ok()
            .map(|(_, shape)| shape)
    }

    fn distribution_shape(&mut self, formula: &Formula) -> Option<Vec<usize>> {
        self.instance(formula).map(|law| law.shape)
    }

    /// The stated support of each output.
    fn output_domains(&mut self, outputs: &mut [Variable]) {
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

    fn one_for_several(&mut self, formula: &Formula, what: &str) {
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
    fn by_output<'f>(
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

    fn unknown(&mut self, name: &Located<String>, kind: &str, known: &[&str]) {
        let mut diagnostic = Diagnostic::error(
            format!("unknown {kind} `{}`", name.value),
            name.span.clone(),
        )
        .label(format!("no {kind} has this name"));
        if let Some(near) = nearest(&name.value, known.iter().copied()) {
            diagnostic = diagnostic.help(format!("write `{near}`"));
        }
        self.errors.push(diagnostic);
    }

    fn inverse(&mut self, noise: &[Noise]) -> Option<Claim> {
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

    /// A claim about each component of z.
    fn per_output(&mut self, claim: &PerOutput, outputs: &[Variable], what: &str) -> Option<Claim> {
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

    fn target(&mut self, raw: &raw::RawTarget, outputs: &[Variable], names: &[String]) -> Target {
        let density = raw.log_density.as_ref().or(raw.log_mass.as_ref());
        let distribution = raw
            .distribution
            .as_ref()
            .and_then(|f| self.named_density(f, outputs));
        let mut target = Target {
            span: raw.span.clone(),
            support: raw.support.as_ref().map(|s| match s {
                PerOutput::One(f) => f.span(),
                PerOutput::Each(each) => each.first().map_or(raw.span.clone(), |(_, f)| f.span()),
            }),
            log_density: density.and_then(|f| self.single(f)),
            discrete: raw.log_mass.is_some(),
            distribution,
            whole_line: raw.whole_line,
            unnormalized: raw.unnormalized,
            measure: raw
                .measure
                .as_ref()
                .map_or(raw::Measure::Coordinates, |m| m.value),
            moments: BTreeMap::new(),
            entropy: None,
            u: None,
        };
        let claims: [(&'static str, &Option<PerOutput>); 7] = [
            ("cdf", &raw.cdf),
            ("mean", &raw.mean),
            ("variance", &raw.variance),
            ("skewness", &raw.skewness),
            ("kurtosis", &raw.kurtosis),
            ("mode", &raw.mode),
            ("score", &raw.score),
        ];
        for (what, claim) in claims {
            if let Some(claim) = claim
                .as_ref()
                .and_then(|c| self.per_output(c, outputs, what))
            {
                target.moments.insert(what, claim);
            }
        }
        target.entropy = raw.entropy.as_ref().and_then(|f| self.single(f));
        if let Some(quantile) = &raw.quantile {
            let u = self.graph.symbol("u", &[]);
            let saved = self.scope.values.insert("u".to_owned(), Value::scalar(u));
            let hidden: Vec<(String, Option<Value>)> = names
                .iter()
                .map(|n| (n.clone(), self.scope.values.remove(n)))
                .collect();
            if let Some(claim) = self.per_output(quantile, outputs, "quantile") {
                target.moments.insert("quantile", claim);
            }
            for (name, value) in hidden {
                if let Some(value) = value {
                    self.scope.values.insert(name, value);
                }
            }
            match saved {
                Some(value) => self.scope.values.insert("u".to_owned(), value),
                None => self.scope.values.remove("u"),
            };
            target.u = Some(u);
        }
        target
    }

    /// The log-density of a built-in distribution at z.
    fn named_density(&mut self, formula: &Formula, outputs: &[Variable]) -> Option<Claim> {
        let count = self.output_names().len();
        if count > 1 {
            self.errors.push(
                Diagnostic::error("`distribution` names the law of one output", formula.span())
                    .label(format!("there are {count} outputs")),
            );
            return None;
        }
        let law = self.instance(formula)?;
        let output = outputs.first()?;
        let at = Value {
            shape: output.shape.clone(),
            elements: output.symbols.clone(),
        };
        let log_density = law
            .log_density(&at, &mut self.graph)
            .map_err(|errors| self.report(formula, errors))
            .ok()?;
        Some(Claim {
            elements: vec![log_density],
            span: formula.span(),
        })
    }

    /// q(·), p(·) and g(·) for the sections below; where what they are made of failed, they are lost
    /// with it.
    fn densities(
        &mut self,
        noise: &[Noise],
        outputs: &[Variable],
        target: Option<&Target>,
        definition: Definition,
        transform: Option<&Claim>,
    ) {
        if noise.len() < self.spec.noise.len() {
            self.broken.extend(["p", "q", "g", "J"].map(str::to_owned));
        }
        if outputs.is_empty() || (definition == Definition::Transform && transform.is_none()) {
            self.broken.extend(["q", "g", "J"].map(str::to_owned));
        }
        let raw = self.spec.target.as_ref();
        let claims_density = raw.is_some_and(|t| {
            t.log_density.is_some() || t.log_mass.is_some() || t.distribution.is_some()
        });
        if claims_density
            && target.is_none_or(|t| t.log_density.is_none() && t.distribution.is_none())
        {
            self.broken.insert("q".to_owned());
        }
        let as_arguments = |variables: &[&Variable]| -> Vec<(String, Value)> {
            variables
                .iter()
                .map(|v| {
                    let value = Value {
                        shape: v.shape.clone(),
                        elements: v.symbols.clone(),
                    };
                    (v.name.clone(), value)
                })
                .collect()
        };
        let noise_variables: Vec<&Variable> = noise.iter().map(|n| &n.variable).collect();
        let terms: Vec<Id> = noise.iter().flat_map(|n| n.log_densities.clone()).collect();
        let log_p = self.graph.sum(&terms);
        let p = self.graph.unary(Unary::Exp, log_p);
        if !noise.is_empty() {
            let parameters = as_arguments(&noise_variables);
            self.scope.functions.insert(
                "p".to_owned(),
                Function {
                    parameters,
                    body: Value::scalar(p),
                },
            );
        }
        let outputs: Vec<&Variable> = outputs.iter().collect();
        let log_q = target
            .and_then(|t| t.log_density.as_ref().or(t.distribution.as_ref()))
            .map(|claim| claim.elements[0]);
        if let Some(log_q) = log_q {
            let q = self.graph.unary(Unary::Exp, log_q);
            let parameters = as_arguments(&outputs);
            self.scope.functions.insert(
                "q".to_owned(),
                Function {
                    parameters,
                    body: Value::scalar(q),
                },
            );
        } else if definition == Definition::Transform
            && let Some(transform) = transform
        {
            // Without a claimed density, q(z) at z = g(ε) is p(ε)/|det J|; it can be asked for
            // only there, which is where objectives are evaluated.
            let symbols: Vec<Id> = noise_variables
                .iter()
                .flat_map(|v| v.symbols.iter().copied())
                .collect();
            if let Some(log_det) =
                crate::algebra::log_abs_det(&mut self.graph, &transform.elements, &symbols)
            {
                let log_q = self.graph.sub(log_p, log_det);
                let q = self.graph.unary(Unary::Exp, log_q);
                let parameters = as_arguments(&outputs);
                self.scope.functions.insert(
                    "q".to_owned(),
                    Function {
                        parameters,
                        body: Value::scalar(q),
                    },
                );
            }
        }
        if definition == Definition::Transform
            && let (Some(transform), [output]) = (transform, outputs.as_slice())
        {
            let body = Value {
                shape: output.shape.clone(),
                elements: transform.elements.clone(),
            };
            let parameters = as_arguments(&noise_variables);
            self.scope
                .functions
                .insert("g".to_owned(), Function { parameters, body });
        }
    }

    fn by_parameter(&mut self, section: &Named<Formula>) -> Vec<(String, Claim)> {
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
    fn velocity(&mut self, outputs: &[Variable]) -> Vec<(String, Claim)> {
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

    fn expectation(&mut self, raw: &raw::RawExpectation) -> Expectation {
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

fn shape_text(shape: &[usize]) -> String {
    let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
    format!("[{}]", sizes.join(", "))
}
