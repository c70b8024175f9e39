//! Integrals in the lines of derivations as means that are known: an integral over the noise is the
//! mean of its integrand over p(ε), one over z that of its integrand over q(z) at z = g(ε).
//!
//! Theorem used: E h(z) = E h(g(ε)) where g(ε) has the law of z, which is for `support`, `inverse`,
//! `density` and `normalization` to say; what follows is no stronger than the weakest of them. A
//! mean in closed form is a function of the parameters, whose derivatives are those of the integral.

use super::{Context, Verdict, exact};
use crate::graph::Id;
use crate::model::{Definition, Integral, Model, Over};
use rustc_hash::FxHashMap;

/// What the law of g(ε) being that of z rests on.
const NEEDED: [&str; 4] = ["support", "inverse", "density", "normalization"];

/// Terms with every integral in them replaced by its value, and what that rests on beside the known
/// means of the noise; none where one has no value that is known.
pub(crate) fn in_closed_form(
    context: &Context,
    model: &mut Model,
    terms: &[Id],
) -> Option<(Vec<Id>, Option<Verdict>)> {
    let mut symbols: Vec<Id> = Vec::new();
    for &term in terms {
        symbols.extend(model.opaque.integrals_in(&model.graph, term));
    }
    let mut values = FxHashMap::default();
    let mut rests_on: Option<Verdict> = None;
    for symbol in symbols {
        let integral = model.opaque.integral(symbol)?.clone();
        if integral.over == Over::Output {
            for check in NEEDED {
                let verdict = *context.before.get(check).filter(|v| v.holds())?;
                rests_on = Some(rests_on.map_or(verdict, |v| v.weaker(verdict)));
            }
        }
        values.insert(symbol, value(model, &integral)?);
    }
    Some((model.graph.substitute(terms, &values), rests_on))
}

fn value(model: &mut Model, integral: &Integral) -> Option<Id> {
    if model.definition != Definition::Transform {
        return None;
    }
    // Values of f vary with the draw, and an integral inside with the parameters, whatever their
    // symbols look like.
    let opaque = &model.opaque;
    if !opaque
        .applications_in(&model.graph, integral.integrand)
        .is_empty()
        || !opaque
            .integrals_in(&model.graph, integral.integrand)
            .is_empty()
    {
        return None;
    }
    let weight = match &integral.over {
        Over::Output => {
            let target = model.target.as_ref()?;
            if target.unnormalized || target.discrete || target.support.is_none() {
                return None;
            }
            let density = target.density()?;
            *density.elements.first()?
        }
        Over::Noise(names) => {
            let used = model.graph.symbols_of(&[integral.integrand]);
            let mut logs = Vec::new();
            for noise in &model.noise {
                if names.contains(&noise.variable.name) {
                    if noise.is_discrete() {
                        return None;
                    }
                    logs.extend(noise.log_densities.clone());
                } else if noise.variable.symbols.iter().any(|s| used.contains(s)) {
                    return None;
                }
            }
            model.graph.sum(&logs)
        }
    };
    let minus = model.graph.neg(weight);
    let inverse = model.graph.exp(minus);
    let averaged = model.graph.mul(integral.integrand, inverse);
    let base = model.base.clone();
    let averaged = model.opaque.substitute(&mut model.graph, averaged, &base);
    let mut mean = exact::expectation(model, averaged)?;
    for &parameter in &integral.by {
        mean = model.graph.differentiate(&[mean], parameter).ok()?[0];
    }
    Some(mean)
}
