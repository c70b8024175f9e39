//! q(·), p(·) and g(·) as functions that formulas may call.

use super::Builder;
use crate::graph::Id;
use crate::language::{Function, Value};
use crate::model::{Claim, Definition, Noise, Target, Variable};
use crate::number::Unary;

impl Builder<'_> {
    /// q(·), p(·) and g(·) for the sections below; where what they are made of failed, they are lost
    /// with it.
    pub(super) fn densities(
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
            .and_then(|t| t.density())
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
}
