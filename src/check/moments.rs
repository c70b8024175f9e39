//! The claimed mean, variance, skewness, kurtosis, entropy, CDF, quantile, mode, score and
//! built-in distribution are those of the law.
//!
//! The law is the claimed density (its agreement with g is `density`'s business), or, without one,
//! that of g(ε). CDF, quantile, score and distribution are identities, certified point by point
//! and anchored by one integral; moments and entropy are integrals with estimated errors.

mod anchor;
mod carried;
mod claimed;
mod closed;
mod compare;
mod discrete;
mod integral;
mod law;
mod listed;
mod mode;
mod outside;
mod pointwise;
mod tails;

pub(crate) use law::{Law, law, line, split};
pub(crate) use outside::ends_of;

use super::listed::Listed;
use super::{Context, Finding};
use crate::model::{Claim, Model};

pub(crate) fn run(context: &Context, model: &mut Model) -> Finding {
    let Some(target) = model.target.clone() else {
        return Finding::skipped("no target is claimed");
    };
    let law = law(model);
    let mut findings = Vec::new();
    if let (Some(named), Some(density)) = (&target.distribution, &target.log_density) {
        findings.push(pointwise::distribution(
            context,
            model,
            density.elements[0],
            named,
        ));
    }
    let mut integrals = Vec::new();
    let few = Listed::new(model);
    let by_values = |model: &mut Model, what: &str, claim: &Claim| {
        let few = few.as_ref()?;
        listed::decide(context, model, few, what, claim)
    };
    for (&what, claim) in &target.moments {
        if let Some(finding) = by_values(model, what, claim) {
            findings.push(finding);
            continue;
        }
        match what {
            "cdf" => findings.push(match target.log_mass() {
                Some(mass) => discrete::cdf(context, model, mass, claim),
                None => pointwise::cdf(context, model, &law, claim),
            }),
            "quantile" => findings.push(match target.log_mass() {
                Some(mass) => discrete::quantile(context, model, mass, claim),
                None => pointwise::quantile(context, model, &law, claim),
            }),
            "score" => findings.push(pointwise::score(context, model, &law, claim)),
            "mode" => findings.push(mode::mode(context, model, &law, claim)),
            _ => integrals.push((what, claim.clone())),
        }
    }
    findings.extend(integral::moments(context, model, &law, &integrals));
    if let Some(entropy) = &target.entropy {
        let finding = by_values(model, "entropy", entropy)
            .unwrap_or_else(|| integral::entropy(context, model, &law, entropy));
        findings.push(finding);
    }
    if target.whole_line {
        findings.extend(outside::whole_line(context, model, &target));
    }
    let count = findings.len();
    match findings.into_iter().reduce(Finding::and) {
        None => Finding::skipped("no moment, CDF, quantile, mode or score is claimed"),
        Some(finding) => finding.with("claims", count),
    }
}
