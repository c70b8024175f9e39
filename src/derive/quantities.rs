//! Each quantity: the terms that it is, where its lines belong, and how it is judged.
//!
//! Long, since the six stand side by side: each is its terms, its judge and its steps.

use super::paste::Line;
use super::work::{Accepted, Part, Work};
use super::{Entry, Formula, Found, Quantity, Step, affine, solve, support};
use crate::algebra::Facts;
use crate::check::jacobian::jacobian;
use crate::check::judge::{Statement, judge};
use crate::check::points::Space;
use crate::check::velocity::path_derivative;
use crate::check::{Context, Finding, Verdict};
use crate::diagnostic::Span;
use crate::graph::{Graph, Id, Node};
use crate::model::{Definition, Model, Variable};
use rustc_hash::FxHashMap;

/// Path derivatives of more components are not written out.
const MOST_ENTRIES: usize = 64;

/// Everything, in the order in which one thing is used for the next.
pub(super) fn all(work: &mut Work) -> Vec<Entry> {
    let mut entries = Vec::new();
    let definition = work.models[0].definition;
    let mut add = |quantity, found| entries.push(Entry { quantity, found });
    if definition == Definition::Transform {
        add(Quantity::Inverse, inverse(work));
    }
    if definition != Definition::Target {
        add(Quantity::LogAbsDetJacobian, log_abs_det(work));
        add(Quantity::LogDensity, log_density(work));
    } else {
        add(Quantity::LogDensity, log_density_of_distribution(work));
    }
    add(Quantity::Score, score(work));
    if definition != Definition::Target {
        for parameter in work.models[0].parameters.clone() {
            let name = parameter.name;
            if definition == Definition::Standardization {
                let found = noise_derivative(work, &name);
                add(Quantity::NoiseDerivative(name.clone()), found);
            }
            let found = path(work, &name);
            add(Quantity::PathDerivative(name), found);
        }
    }
    entries
}

/// Takes what was found into the spec, if it can be pasted.
fn settle(work: &mut Work, accepted: Result<Accepted, String>, steps: Vec<Step>) -> Found {
    let accepted = match accepted {
        Ok(accepted) => accepted,
        Err(reason) => return Found::Missing(reason),
    };
    let lines = match accepted.work {
        Some((new, lines)) => {
            *work = new;
            Ok(lines)
        }
        None => Err("it differs from size to size".to_owned()),
    };
    Found::Derived(Box::new(Formula {
        blocks: accepted.blocks,
        finding: accepted.finding,
        lines,
        steps,
    }))
}

/// The one text of a quantity that holds at every size.
fn only_text(accepted: &Result<Accepted, String>) -> Option<String> {
    match accepted.as_ref().ok()?.blocks.as_slice() {
        [block] => match block.equations.as_slice() {
            [(_, text)] => Some(text.clone()),
            _ => None,
        },
        _ => None,
    }
}

fn step(left: &str, right: impl Into<String>, because: &str) -> Step {
    Step {
        left: (!left.is_empty()).then(|| left.to_owned()),
        right: right.into(),
        because: because.to_owned(),
    }
}

/// Terms in ε with z for what is g(ε), where that is more than a name.
fn folded(model: &mut Model, terms: &[Id]) -> Vec<Id> {
    let z = model.output_symbols();
    let Some(transform) = &model.transform else {
        return terms.to_vec();
    };
    let is_more = |graph: &Graph, id: Id| match graph.node(id) {
        Node::Unary(..) | Node::Binary(..) | Node::Ternary(..) => true,
        Node::Constant(_) | Node::Pi | Node::Infinity | Node::Symbol(_) => false,
    };
    let map: FxHashMap<Id, Id> = transform
        .elements
        .iter()
        .copied()
        .zip(z)
        .filter(|&(g, _)| is_more(&model.graph, g))
        .collect();
    model.graph.substitute(terms, &map)
}

/// Each component of the noise as a formula in z: as claimed, or as found.
fn noise_of_z(model: &mut Model, facts: &Facts) -> Result<FxHashMap<Id, Id>, String> {
    let solution = match &model.inverse {
        Some(claim) => claim.elements.clone(),
        None => solve::inverse(model, facts)?,
    };
    Ok(model.noise_symbols().into_iter().zip(solution).collect())
}

fn inverse(work: &mut Work) -> Found {
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
    let found = work.find("inverse", &terms, &|w| w.checked("inverse", &["support"]));
    let steps = solve::steps(work.representative());
    settle(work, found, steps)
}

fn log_abs_det(work: &mut Work) -> Found {
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
    let found = work.find("log_abs_det_jacobian", &terms, &|w| {
        w.checked("jacobian", &[])
    });
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

fn log_density(work: &mut Work) -> Found {
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
    let verify = |w: &Work| w.checked("density", &["support", "inverse", "jacobian"]);
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
fn log_density_of_distribution(work: &mut Work) -> Found {
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

/// Judges that terms are equal, over z or over the base symbols.
fn equal(context: &Context, model: &mut Model, sides: &[(Id, Id)], in_z: bool) -> Finding {
    let mut sides = sides.to_vec();
    let space = if in_z {
        let mut variables: Vec<Variable> = model.givens();
        variables.extend(model.outputs.iter().cloned());
        Space::new(&model.graph, variables)
    } else {
        for (a, b) in &mut sides {
            (*a, *b) = (model.rebased(*a), model.rebased(*b));
        }
        Space::new(&model.graph, model.base_variables())
    };
    let statement = Statement {
        left: "what was derived",
        right: "the derivative",
        sides,
        span: Span::default(),
        almost_everywhere: true,
    };
    judge(context, model, &space, &statement, |_, _| String::new())
}

fn score(work: &mut Work) -> Found {
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
type Slopes<'a> = &'a dyn Fn(&mut Model, Id) -> Result<Vec<Id>, String>;

/// ∂z/∂φ as a claimed velocity is laid out: a row for each component of z, a column for each of φ.
fn entries(model: &mut Model, name: &str, of: Slopes) -> Result<(Variable, Vec<Id>), String> {
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

fn path(work: &mut Work, name: &str) -> Found {
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
        let all = ["support", "inverse", "jacobian", "density"];
        let finding = work.checked("velocity", &all);
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
fn noise_derivative(work: &Work, name: &str) -> Found {
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

/// A line for the support of an output.
pub(super) fn support_line(name: Option<&str>, domain: &str) -> Line {
    let mut path = vec!["support".to_owned()];
    path.extend(name.map(str::to_owned));
    Line {
        section: "target",
        path,
        text: domain.to_owned(),
    }
}
