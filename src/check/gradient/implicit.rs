//! Expectations and estimators of an implicit reparameterization, or of a density alone with one
//! coordinate, by integrals over z: ε = S(z) is never inverted.

use super::estimator::claimed_density;
use super::joint::Joint;
use crate::check::Context;
use crate::check::coordinates::dependents;
use crate::check::expect::Estimate;
use crate::check::moments::{law, line};
use crate::check::points::Space;
use crate::check::univariate::{Curve, is_settled};
use crate::graph::Id;
use crate::model::{Definition, Model};

/// Why no expectation of such a reparameterization can be taken; none where it can, or where this is
/// another kind.
pub(super) fn out_of_reach(model: &mut Model) -> Option<String> {
    if model.definition != Definition::Standardization
        || super::log_mass(model).is_some()
        || has_line(model)
    {
        return None;
    }
    let Some(log_q) = claimed_density(model) else {
        return Some("no density is claimed to take expectations in".to_owned());
    };
    let zero = model.graph.integer(0);
    Joint::mean(model, zero, log_q).err()
}

/// Whether z is one coordinate with a density of its own.
pub(super) fn has_line(model: &mut Model) -> bool {
    model.output_symbols().len() == 1 && law(model).components.is_some()
}

/// E[term] for a term in z.
pub(super) fn mean(context: &Context, model: &mut Model, at: &[f64], term: Id) -> Option<Estimate> {
    if !has_line(model) {
        let log_q = claimed_density(model)?;
        return Joint::mean(model, term, log_q)
            .ok()?
            .value(context, model, at);
    }
    let law = law(model);
    let space = Space::new(&model.graph, model.givens());
    let line = line(model, &law, &space, at, 0)?;
    let z = *model.output_symbols().first()?;
    let weight = Curve::new(&model.graph, &space.symbols, at, z, term)?;
    let integral = line.integrate_curve(&weight);
    is_settled(&integral).then_some(Estimate {
        value: integral.value,
        error: integral.error,
    })
}

/// ∂φ f + ∇f·v over the free coordinates of z, the pathwise estimator at z.
pub(super) fn pathwise(model: &mut Model, f: Id, parameter: Id) -> Result<Id, String> {
    let all = model.output_symbols();
    let z: Vec<Id> = model.free_outputs().iter().map(|&i| all[i]).collect();
    let v = crate::check::velocity::path_derivative(model, parameter)?;
    let outputs = model.outputs.clone();
    let ties = outputs.iter().flat_map(|o| dependents(model, o)).collect();
    let graph = &mut model.graph;
    let f = graph.substitute(&[f], &ties)[0];
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
