//! What the change of variables gives: the inverse, the log-determinant, the log-density.

use super::{equal, folded, only_text, settle, step};
use crate::algebra::Facts;
use crate::check::Finding;
use crate::check::jacobian::jacobian;
use crate::derive::work::{Part, Work};
use crate::derive::{Found, affine, solve, support};
use crate::graph::Id;
use crate::model::Model;
use rustc_hash::FxHashMap;

/// Each component of the noise as a formula in z: as claimed, or as found.
fn noise_of_z(model: &mut Model, facts: &Facts) -> Result<FxHashMap<Id, Id>, String> {
    let solution = match &model.inverse {
        Some(claim) => claim.elements.clone(),
        None => solve::inverse(model, facts)?,
    };
    Ok(model.noise_symbols().into_iter().zip(solution).collect())
}

pub(super) fn inverse(work: &mut Work) -> Found {
    if work.models[0].inverse.is_some() {
        return Found::Stated;
    }
    let terms = |model: &mut Model, facts: &Facts| {
        if let Some(text) = affine::inverse(model, facts)
            && let [noise] = model.noise.as_slice()
        {
            let noise = noise.variable.clone();
            // The components one by one where that can be, for want of anything better.
            let written = solve::inverse(model, facts).ok();
            return Ok(vec![Part {
                path: vec![noise.name.clone()],
                label: noise.name,
                shape: noise.shape,
                texts: vec![text],
                alternatives: written.into_iter().collect(),
            }]);
        }
        let all = solve::inverse(model, facts)?;
        let mut all = all.into_iter();
        let noise = model.noise.iter().map(|n| &n.variable);
        let parts = noise.map(|variable| Part {
            path: vec![variable.name.clone()],
            label: variable.name.clone(),
            shape: variable.shape.clone(),
            texts: Vec::new(),
            alternatives: vec![all.by_ref().take(variable.symbols.len()).collect()],
        });
        Ok(parts.collect())
    };
    let found = work.find("inverse", &terms, &|w| w.checked("inverse"));
    let steps = solve::steps(work.representative());
    settle(work, found, steps)
}

pub(super) fn log_abs_det(work: &mut Work) -> Found {
    if work.models[0].log_abs_det_jacobian.is_some() {
        return Found::Stated;
    }
    let terms = |model: &mut Model, facts: &Facts| {
        let found = jacobian(model).map_err(|e| e.to_string())?;
        let term = found.log_abs_det;
        let mut alternatives = vec![folded(model, &[term])];
        if !found.implicit
            && let Ok(map) = noise_of_z(model, facts)
        {
            alternatives.push(model.graph.substitute(&[term], &map));
        }
        Ok(vec![Part {
            path: Vec::new(),
            label: "log|det J|".to_owned(),
            shape: Vec::new(),
            texts: Vec::new(),
            alternatives,
        }])
    };
    let found = work.find("log_abs_det_jacobian", &terms, &|w| w.checked("jacobian"));
    let mut steps = Vec::new();
    if let Some(text) = only_text(&found) {
        let mut model = work.representative().clone();
        let triangular = jacobian(&mut model).is_ok_and(|j| j.blocks.iter().all(|b| b.size() == 1));
        let because = if triangular {
            "J is triangular"
        } else {
            "along the blocks of J"
        };
        steps.push(step("log(abs(det(J)))", text, because));
    }
    settle(work, found, steps)
}

pub(super) fn log_density(work: &mut Work) -> Found {
    let model = &work.models[0];
    if let Some(target) = &model.target {
        if target.log_density.is_some() {
            return Found::Stated;
        }
        if target.discrete {
            return Found::Missing("z is discrete: it has a mass, and no density".to_owned());
        }
        if target.distribution.is_some() {
            return log_density_of_distribution(work);
        }
    }
    let terms = |model: &mut Model, facts: &Facts| {
        let found = jacobian(model).map_err(|e| e.to_string())?;
        let log_p = model.log_noise();
        let whole = model.graph.sub(log_p, found.log_abs_det);
        let map = noise_of_z(model, facts)?;
        let in_z = model.graph.substitute(&[whole], &map);
        Ok(vec![density_part(in_z)])
    };
    let verify = |w: &Work| w.checked("density");
    let found = if work.models[0].target.is_none() {
        support::find(work, &terms)
    } else {
        work.find("target", &terms, &verify)
    };
    let mut steps = Vec::new();
    if let Some((_, text)) = found
        .as_ref()
        .ok()
        .and_then(|a| a.blocks.first())
        .and_then(|b| b.equations.last())
    {
        steps.push(step(
            "log(q(z))",
            "log(p(eps)) - log(abs(det(J)))",
            "change of variables",
        ));
        steps.push(step("", text.clone(), "p and the inverse inserted"));
    }
    settle(work, found, steps)
}

fn density_part(terms: Vec<Id>) -> Part {
    Part {
        path: vec!["log_density".to_owned()],
        label: "log q".to_owned(),
        shape: Vec::new(),
        texts: Vec::new(),
        alternatives: vec![terms],
    }
}

/// The log-density of the built-in distribution that is named.
pub(super) fn log_density_of_distribution(work: &mut Work) -> Found {
    let Some(target) = &work.models[0].target else {
        return Found::Missing("there is no target".to_owned());
    };
    if target.log_density.is_some() {
        return Found::Stated;
    }
    if target.discrete || target.distribution.is_none() {
        return Found::Missing("z is discrete: it has a mass, and no density".to_owned());
    }
    let named = |model: &Model| {
        let target = model.target.as_ref();
        let named = target.and_then(|t| t.distribution.as_ref());
        named.map(|c| c.elements[0])
    };
    let terms = |model: &mut Model, _: &Facts| {
        let term = named(model).ok_or("no distribution is named")?;
        Ok(vec![density_part(vec![term])])
    };
    let verify = |w: &Work| {
        w.judged(&|context, model| {
            let claimed = model.target.as_ref().and_then(|t| t.log_density.clone());
            let (Some(claimed), Some(truth)) = (claimed, named(model)) else {
                return Finding::inconclusive("there is no density");
            };
            equal(context, model, &[(claimed.elements[0], truth)], true)
        })
    };
    let found = work.find("target", &terms, &verify);
    let mut steps = Vec::new();
    if let Some(text) = only_text(&found) {
        steps.push(step("log(q(z))", text, "the distribution named"));
    }
    settle(work, found, steps)
}
