//! The law that z is claimed to have, and what is claimed of it.

use super::Builder;
use crate::diagnostic::Diagnostic;
use crate::language::Value;
use crate::model::{Claim, Target, Variable};
use crate::spec::Formula;
use crate::spec::raw::{self, PerOutput};
use std::collections::BTreeMap;

impl Builder<'_> {
    pub(super) fn target(
        &mut self,
        raw: &raw::RawTarget,
        outputs: &[Variable],
        names: &[String],
    ) -> Target {
        let density = raw.log_density.as_ref().or(raw.log_mass.as_ref());
        let distribution = raw
            .distribution
            .as_ref()
            .and_then(|f| self.named_density(f, outputs));
        let (distribution, has_masses) = distribution.unzip();
        let mut target = Target {
            span: raw.span.clone(),
            support: raw.support.as_ref().map(|s| match s {
                PerOutput::One(f) => f.span(),
                PerOutput::Each(each) => each.first().map_or(raw.span.clone(), |(_, f)| f.span()),
            }),
            log_density: density.and_then(|f| self.single(f)),
            discrete: raw.log_mass.is_some() || (density.is_none() && has_masses == Some(true)),
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

    /// The log-density of a built-in distribution at z, and whether it is one of masses.
    pub(super) fn named_density(
        &mut self,
        formula: &Formula,
        outputs: &[Variable],
    ) -> Option<(Claim, bool)> {
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
        let claim = Claim {
            elements: vec![log_density],
            span: formula.span(),
        };
        Some((claim, law.distribution.discrete))
    }
}
