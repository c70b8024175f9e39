//! Expectations and estimators of an implicit reparameterization, or of a density alone, with one
//! coordinate, by integrals over z: ε = S(z) is never inverted.

use crate::check::expect::Estimate;
use crate::check::moments::{Law, law, line};
use crate::check::points::Space;
use crate::check::univariate::{Curve, is_settled};
use crate::graph::Id;
use crate::model::{Definition, Model};

/// Whether this is such a law, and the law over which integrals are taken.
pub(super) fn law_of(model: &mut Model) -> Option<Law> {
    if model.definition == Definition::Transform || model.output_symbols().len() != 1 {
        return None;
    }
    Some(law(model)).filter(|law| law.components.is_some())
}

/// E[term] for a term in z.
pub(super) fn mean(model: &mut Model, law: &Law, at: &[f64], term: Id) -> Option<Estimate> {
    let space = Space::new(&model.graph, model.givens());
    let line = line(model, law, &space, at, 0)?;
    let z = *model.output_symbols().first()?;
    let weight = Curve::new(&model.graph, &space.symbols, at, z, term)?;
    let integral = line.integrate(&mut |x| weight.values(x), None);
    is_settled(&integral).then_some(Estimate {
        value: integral.value,
        error: integral.error,
    })
}

/// ∂φ f + f′·v, the pathwise estimator at z.
pub(super) fn pathwise(model: &mut Model, f: Id, parameter: Id) -> Result<Id, String> {
    let z = model.output_symbols();
    let v = crate::check::velocity::path_derivative(model, parameter)?;
    let graph = &mut model.graph;
    let mut total = graph
        .differentiate(&[f], parameter)
        .map_err(|e| e.to_string())?[0];
    for (&z, &v) in z.iter().zip(&v) {
        let slope = graph.differentiate(&[f], z).map_err(|e| e.to_string())?[0];
        let part = graph.mul(slope, v);
        total = graph.add(total, part);
    }
    Ok(total)
}
