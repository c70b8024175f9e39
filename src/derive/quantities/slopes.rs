//! Derivatives: the score, the path derivative of z, and that of S at fixed z.

use super::{equal, folded, only_text, settle, step};
use crate::algebra::Facts;
use crate::check::velocity::path_derivative;
use crate::check::{Finding, Verdict};
use crate::derive::Found;
use crate::derive::work::{Part, Work};
use crate::graph::Id;
use crate::model::{Definition, Model, Variable};

/// Path derivatives of more components are not written out.
const MOST_ENTRIES: usize = 64;

pub(super) fn score(work: &mut Work) -> Found {
    let Some(target) = &work.models[0].target else {
        return Found::Missing("there is no density".to_owned());
    };
    if target.moments.contains_key("score") {
        return Found::Stated;
    }
    if target.discrete {
        return Found::Missing("z is discrete".to_owned());
    }
    let model = &work.models[0];
    if model.free_outputs().len() != model.output_symbols().len() {
        return Found::Missing(
            "the components of z depend on one another, so the score depends on the coordinates"
                .to_owned(),
        );
    }
    let slopes = |model: &mut Model| -> Result<Vec<Id>, String> {
        let target = model.target.clone();
        let log_q = target.and_then(|t| t.log_density.or(t.distribution));
        let log_q = log_q.ok_or("there is no density")?.elements;
        let z = model.output_symbols();
        let rows = model.graph.jacobian(&log_q, &z);
        Ok(rows.map_err(|e| e.to_string())?.concat())
    };
    let terms = |model: &mut Model, _: &Facts| {
        let mut all = slopes(model)?.into_iter();
        let several = model.outputs.len() > 1;
        let parts = model.outputs.iter().map(|output| Part {
            path: if several {
                vec!["score".to_owned(), output.name.clone()]
            } else {
                vec!["score".to_owned()]
            },
            label: format!("d log q/d{}", output.name),
            shape: output.shape.clone(),
            texts: Vec::new(),
            alternatives: vec![all.by_ref().take(output.symbols.len()).collect()],
        });
        Ok(parts.collect())
    };
    let verify = |w: &Work| {
        w.judged(&|context, model| {
            let target = model.target.as_ref();
            let claimed = target.and_then(|t| t.moments.get("score").cloned());
            match (claimed, slopes(model)) {
                (Some(claimed), Ok(truth)) => {
                    let sides: Vec<(Id, Id)> = claimed.elements.into_iter().zip(truth).collect();
                    equal(context, model, &sides, true)
                }
                (_, Err(reason)) => Finding::inconclusive(reason),
                (None, _) => Finding::inconclusive("there is no score"),
            }
        })
    };
    let found = work.find("target", &terms, &verify);
    let mut steps = Vec::new();
    if let Some(text) = only_text(&found) {
        let z = work.models[0].outputs[0].name.clone();
        let left = format!("diff(log(q({z})), {z})");
        steps.push(step(&left, text, "differentiated by component"));
    }
    settle(work, found, steps)
}

/// The derivatives of some terms in one component of a parameter.
pub(super) type Slopes<'a> = &'a dyn Fn(&mut Model, Id) -> Result<Vec<Id>, String>;

/// ∂z/∂φ as a claimed velocity is laid out: a row for each component of z, a column for each of φ.
pub(super) fn entries(
    model: &mut Model,
    name: &str,
    of: Slopes,
) -> Result<(Variable, Vec<Id>), String> {
    let parameter = model.parameters.iter().find(|p| p.name == name).cloned();
    let parameter = parameter.ok_or("there is no such parameter")?;
    let mut columns = Vec::new();
    for &symbol in &parameter.symbols {
        columns.push(of(model, symbol)?);
    }
    let rows = columns.first().map_or(0, Vec::len);
    if rows * columns.len() > MOST_ENTRIES {
        let all = rows * columns.len();
        return Err(format!("its {all} components are not written out"));
    }
    let all = (0..rows).flat_map(|i| columns.iter().map(move |c| c[i]));
    Ok((parameter, all.collect()))
}

/// The shape of z among claimed velocities.
fn shape_of_z(model: &Model) -> Vec<usize> {
    match model.outputs.as_slice() {
        [output] => output.shape.clone(),
        outputs => vec![outputs.iter().map(|o| o.symbols.len()).sum()],
    }
}

fn velocity_part(
    model: &mut Model,
    parameter: &Variable,
    all: Vec<Id>,
    label: String,
) -> Vec<Part> {
    let mut all = folded(model, &all);
    let shape = shape_of_z(model);
    let n = parameter.symbols.len();
    let zero = model.graph.integer(0);
    let is_diagonal = |all: &[Id]| (0..all.len()).all(|k| k / n == k % n || all[k] == zero);
    let mut shape = if n > 1 && parameter.shape == shape && is_diagonal(&all) {
        all = (0..n).map(|i| all[i * n + i]).collect();
        shape
    } else {
        [shape, parameter.shape.clone()].concat()
    };
    // One number stands for all.
    if all.iter().all(|&id| id == all[0]) {
        all.truncate(1);
        shape.clear();
    }
    vec![Part {
        path: vec![parameter.name.clone()],
        label,
        shape,
        texts: Vec::new(),
        alternatives: vec![all],
    }]
}

/// Judges the claimed velocity of a parameter against what it should be.
fn verify_velocity(work: &Work, name: &str, of: Slopes) -> Finding {
    work.judged(&|context, model| {
        let claimed = model.velocity.iter().find(|(n, _)| n == name).cloned();
        match (claimed, entries(model, name, of)) {
            (Some((_, claimed)), Ok((_, truth))) => {
                let sides: Vec<(Id, Id)> = claimed.elements.into_iter().zip(truth).collect();
                equal(context, model, &sides, false)
            }
            (_, Err(reason)) => Finding::inconclusive(reason),
            (None, _) => Finding::inconclusive("there is no velocity"),
        }
    })
}

pub(super) fn path(work: &mut Work, name: &str) -> Found {
    if work.models[0].velocity.iter().any(|(n, _)| n == name) {
        return Found::Stated;
    }
    let z = z_name(work);
    let label = format!("d{z}/d{name}");
    let terms = |model: &mut Model, _: &Facts| {
        let (parameter, all) = entries(model, name, &path_derivative)?;
        Ok(velocity_part(model, &parameter, all, label.clone()))
    };
    let verify = |w: &Work| verify_velocity(w, name, &path_derivative);
    let found = work.find("velocity", &terms, &verify);
    let mut steps = Vec::new();
    if let Some(text) = only_text(&found) {
        let because = match work.models[0].definition {
            Definition::Standardization => "from S(z) held fixed",
            Definition::Transform | Definition::Target => "g at fixed noise",
        };
        steps.push(step(&format!("diff({z}, {name})"), text, because));
    }
    // The check may not be able to tell what follows by construction.
    let before = work.clone();
    let mut found = settle(work, found, steps);
    if let Found::Derived(formula) = &mut found
        && formula.lines.is_ok()
    {
        let finding = work.checked("velocity");
        if matches!(finding.verdict, Verdict::Refuted | Verdict::Inconclusive) {
            formula.lines = Err(format!("the check says: {}", finding.message));
            *work = before;
        }
    }
    found
}

fn z_name(work: &Work) -> String {
    match work.models[0].outputs.as_slice() {
        [output] => output.name.clone(),
        _ => "z".to_owned(),
    }
}

/// ∂S/∂φ at fixed z. No key of a spec holds it; that of the velocity lends its shape for judging.
pub(super) fn noise_derivative(work: &Work, name: &str) -> Found {
    let of = |model: &mut Model, parameter: Id| {
        let inverse = model.inverse.clone().ok_or("there is no standardization")?;
        let slopes = model.graph.differentiate(&inverse.elements, parameter);
        slopes.map_err(|e| e.to_string())
    };
    let mut scratch = work.clone();
    for model in &mut scratch.models {
        model.velocity.retain(|(n, _)| n != name);
    }
    if work.models[0].velocity.iter().any(|(n, _)| n == name) {
        return Found::Missing("it is judged where the spec claims no velocity".to_owned());
    }
    let noise: Vec<String> = work.models[0]
        .noise
        .iter()
        .map(|n| n.variable.name.clone())
        .collect();
    let label = format!("d{}/d{name}", noise.join(", "));
    let terms = |model: &mut Model, _: &Facts| {
        let (parameter, all) = entries(model, name, &of)?;
        Ok(velocity_part(model, &parameter, all, label.clone()))
    };
    let verify = |w: &Work| verify_velocity(w, name, &of);
    let found = work.find("velocity", &terms, &verify);
    let mut steps = Vec::new();
    if let (Some(text), [noise]) = (only_text(&found), noise.as_slice()) {
        let left = format!("diff({noise}, {name})");
        steps.push(step(&left, text, "S at fixed z"));
    }
    match settle(&mut scratch, found, steps) {
        Found::Derived(mut formula) => {
            formula.lines = Err("no key of a spec holds it".to_owned());
            Found::Derived(formula)
        }
        other => other,
    }
}
