//! From a spec as written to a [`Model`]: every formula parsed, named, shaped and elaborated.
//!
//! Errors are collected over all sections, whatever else is wrong with the file. A name whose
//! definition failed is left out of the scope quietly, and what mentions it is not judged further,
//! so that one mistake is reported once.

mod claims;
mod densities;
mod formula;
mod outputs;
mod target;
mod variables;

use super::lines::Setting;
use super::{Definition, Model};
use crate::diagnostic::{Diagnostic, Span};
use crate::graph::{Graph, Id};
use crate::language::{Scope, Value, canonical_name};
use crate::spec::Formula;
use crate::spec::raw::RawSpec;
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
    /// The names that each definition mentions.
    mentioned: Vec<BTreeMap<String, Span>>,
    /// Definitions that mention what is not there yet.
    deferred: Vec<(String, &'a Formula)>,
    /// What the formulas of the section at hand must not depend on.
    hidden: Vec<Hidden>,
}

/// Variables that a formula must not depend on, though their names may be known.
struct Hidden {
    /// The name.
    name: String,
    /// Its components.
    symbols: Vec<Id>,
    /// Why not, as a clause.
    why: &'static str,
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
            mentioned: variables::mentioned(&spec.define),
            deferred: Vec::new(),
            hidden: Vec::new(),
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
        let (transform, outputs) = self.outputs(definition);
        self.deferred_defines();
        // What z is a function of says nothing about its law; where S defines ε, it is one of z.
        if definition == Definition::Transform {
            self.hide_noise(&noise, "a target is about z, given parameters and inputs");
        }
        let domains = self.output_domains(&outputs);
        self.hidden.clear();
        self.hide_noise(
            &noise,
            "an inverse is an expression in z, parameters and inputs",
        );
        let inverse = self.inverse(&noise);
        self.hidden.clear();
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
            .map(|t| self.target(t, &noise, &outputs, definition));
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
            .flat_map(|e| self.expectations(e, &noise, &outputs))
            .collect();
        let (derivations, opaque) = self.derivations(&Setting {
            noise: &noise,
            outputs: &outputs,
            transform: transform.as_ref(),
            base: &base,
            log_q: target
                .as_ref()
                .and_then(|t| t.density())
                .map(|claim| claim.elements[0]),
        });
        Model {
            graph: std::mem::take(&mut self.graph),
            name: spec.name.value.clone(),
            sizes: self.scope.sizes.clone(),
            parameters,
            inputs,
            noise,
            outputs: outputs::by_domain(outputs, &domains),
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
}
