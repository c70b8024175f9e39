//! The law that z is claimed to have, and what is claimed of it.

use super::Builder;
use crate::diagnostic::Span;
use crate::distribution::Instance;
use crate::graph::Id;
use crate::language::Value;
use crate::model::{Claim, Definition, Noise, Sampler, Target, Variable};
use crate::spec::raw::{self, PerOutput};
use std::collections::BTreeMap;

impl Builder<'_> {
    pub(super) fn target(
        &mut self,
        raw: &raw::RawTarget,
        noise: &[Noise],
        outputs: &[Variable],
        definition: Definition,
    ) -> Target {
        if definition == Definition::Transform {
            self.hide_noise(noise, "a target is about z, given parameters and inputs");
        }
        let density = raw.log_density.as_ref().or(raw.log_mass.as_ref());
        let log_density = density.and_then(|f| self.single(f));
        let mut moments = BTreeMap::new();
        for (what, claim) in [("cdf", &raw.cdf), ("score", &raw.score)] {
            let claim = claim.as_ref();
            moments.extend(claim.and_then(|c| Some((what, self.per_output(c, outputs, what)?))));
        }
        let u = self.quantile(raw, outputs, &mut moments);
        self.hidden.clear();
        self.hide_noise(noise, "this is a number, given parameters and inputs");
        self.hide(
            outputs.iter(),
            "this is a number, given parameters and inputs",
        );
        let claims: [(&'static str, &Option<PerOutput>); 5] = [
            ("mean", &raw.mean),
            ("variance", &raw.variance),
            ("skewness", &raw.skewness),
            ("kurtosis", &raw.kurtosis),
            ("mode", &raw.mode),
        ];
        for (what, claim) in claims {
            let claim = claim.as_ref();
            moments.extend(claim.and_then(|c| Some((what, self.per_output(c, outputs, what)?))));
        }
        let entropy = raw.entropy.as_ref().and_then(|f| self.single(f));
        let named = raw.distribution.as_ref();
        let laws = named.and_then(|named| self.laws(named, outputs, "distribution"));
        let sampler = raw.sampler.as_ref().and_then(|s| self.sampler(s, outputs));
        self.hidden.clear();
        let is_discrete = |(law, _): &(Instance, Span)| law.distribution.discrete;
        let discrete = laws
            .as_ref()
            .is_some_and(|laws| laws.iter().all(is_discrete));
        let support = raw.support.as_ref().or(named);
        Target {
            span: raw.span.clone(),
            support: support.and_then(PerOutput::span),
            log_density,
            discrete: raw.log_mass.is_some() || discrete,
            distribution: laws.and_then(|laws| self.joint_density(&laws, outputs)),
            sampler,
            whole_line: raw.whole_line,
            unnormalized: raw.unnormalized,
            measure: raw
                .measure
                .as_ref()
                .map_or(raw::Measure::Coordinates, |m| m.value),
            moments,
            entropy,
            u,
        }
    }

    /// Claimed quantiles are functions of u, and not of z.
    fn quantile(
        &mut self,
        raw: &raw::RawTarget,
        outputs: &[Variable],
        moments: &mut BTreeMap<&'static str, Claim>,
    ) -> Option<Id> {
        let quantile = raw.quantile.as_ref()?;
        // Noise called u is another quantity.
        let name = if self.scope.values.contains_key("u") {
            "probability"
        } else {
            "u"
        };
        let u = self.graph.symbol(name, &[]);
        let saved = self.scope.values.clone();
        for output in outputs {
            self.scope.values.remove(&output.name);
        }
        self.scope.values.insert("u".to_owned(), Value::scalar(u));
        let claim = self.per_output(quantile, outputs, "quantile");
        self.scope.values = saved;
        moments.extend(claim.map(|claim| ("quantile", claim)));
        Some(u)
    }

    /// The built-in law of each output, in their order.
    fn laws(
        &mut self,
        named: &PerOutput,
        outputs: &[Variable],
        what: &str,
    ) -> Option<Vec<(Instance, Span)>> {
        let entries = self.placed(named, outputs, what);
        let count = entries.len();
        let mut laws = BTreeMap::new();
        for (place, formula) in entries {
            if let (Some(law), Some(place)) = (self.instance(formula), place) {
                laws.insert(place, (law, formula.span()));
            }
        }
        if laws.len() < count || count == 0 {
            return None;
        }
        let placed = laws.keys().copied().collect();
        if !self.names_every_output(named, &placed, outputs, what) {
            return None;
        }
        Some(laws.into_values().collect())
    }

    /// The log-density of independent built-in distributions at z.
    fn joint_density(&mut self, laws: &[(Instance, Span)], outputs: &[Variable]) -> Option<Claim> {
        let mut terms = Vec::new();
        for ((law, span), output) in laws.iter().zip(outputs) {
            let at = Value {
                shape: output.shape.clone(),
                elements: output.symbols.clone(),
            };
            match law.log_density(&at, &mut self.graph) {
                Ok(term) => terms.push(term),
                Err(errors) => {
                    let errors = errors.into_iter();
                    self.errors.extend(errors.map(|mut error| {
                        error.span = span.clone();
                        error
                    }));
                }
            }
        }
        (terms.len() == laws.len()).then(|| Claim {
            elements: vec![self.graph.sum(&terms)],
            span: laws[0].1.clone(),
        })
    }

    /// Draws of the outputs, each as noise of its own.
    fn sampler(&mut self, named: &PerOutput, outputs: &[Variable]) -> Option<Sampler> {
        let entries = self.placed(named, outputs, "sampler");
        let count = entries.len();
        let mut draws = BTreeMap::new();
        for (place, formula) in entries {
            let output = place.and_then(|place| outputs.get(place));
            let name = output.map_or_else(String::new, |output| format!("drawn {}", output.name));
            let Some(noise) = self.one_noise(&name, formula) else {
                continue;
            };
            let (Some(place), Some(output)) = (place, output) else {
                continue;
            };
            if noise.variable.shape != output.shape {
                self.wrong_shape("`sampler`", formula, &output.shape, &noise.variable.shape);
                continue;
            }
            draws.insert(place, noise);
        }
        if draws.len() < count || count == 0 {
            return None;
        }
        let placed = draws.keys().copied().collect();
        if !self.names_every_output(named, &placed, outputs, "sampler") {
            return None;
        }
        Some(Sampler {
            draws: draws.into_values().collect(),
            span: named.span()?,
        })
    }
}
