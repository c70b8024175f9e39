//! The transport equation ∂φ log q + v·∇ log q + ∇·v = 0 (Jankowiak & Obermeyer 2018).
//!
//! For an explicit g without a claimed velocity it is the derivative of the density identity along
//! the path, log q(g) + log |det J| in φ; so v need not be written in z. For an implicit one, and for
//! a claim, v and its divergence are written out by Cramer's rule.

use crate::algebra::determinant;
use crate::check::coordinates::{dependents, free_parameters, has_free_coordinates};
use crate::check::inverse::{OneToOne, Shown, one_to_one};
use crate::check::jacobian::{Jacobian, NoJacobian, jacobian};
use crate::check::judge::{Statement, judge};
use crate::check::points::Space;
use crate::check::{Context, Finding, Verdict};
use crate::diagnostic::Span;
use crate::graph::{Graph, Id, Node};
use crate::model::{Claim, Definition, Model};
use crate::number::{Ternary, Unary};
use rustc_hash::FxHashMap;

/// Velocities of more coordinates are not written out.
const MOST_COORDINATES: usize = 6;

/// ∂z/∂φ for each component of z, over base symbols.
pub(crate) fn path_derivative(model: &mut Model, parameter: Id) -> Result<Vec<Id>, String> {
    match model.definition {
        Definition::Transform => {
            let z = model.transform.clone().ok_or("there is no transform")?;
            model
                .graph
                .differentiate(&z.elements, parameter)
                .map_err(|e| e.to_string())
        }
        Definition::Standardization => {
            let found = jacobian(model).map_err(|e| e.to_string())?;
            let followed = followed(model);
            implicit(model, &found, &followed, parameter)
        }
        Definition::Target => Err("there is no path".to_owned()),
    }
}

/// S as it is written, row by row as in its Jacobian: what is behind `stop_gradient` there carries no
/// path derivative.
fn followed(model: &mut Model) -> Vec<Id> {
    let inverse = model.inverse.as_ref();
    let elements = inverse.map_or_else(Vec::new, |claim| claim.elements.clone());
    let (map, noise) = (dependent(model), model.noise_symbols());
    let mut tied = FxHashMap::default();
    for n in model.noise.clone() {
        tied.extend(dependents(model, &n.variable));
    }
    let rows = elements.into_iter().zip(noise);
    let free = rows.filter(|(_, noise)| !tied.contains_key(noise));
    let elements: Vec<Id> = free.map(|(row, _)| row).collect();
    model.graph.substitute(&elements, &map)
}

/// Whether g or S holds something behind `stop_gradient`: then its path derivative is another than
/// that of the map, and only the equation itself says whether it carries the law.
pub(crate) fn detaches(model: &Model) -> bool {
    let map = match model.definition {
        Definition::Transform => model.transform.as_ref(),
        Definition::Standardization => model.inverse.as_ref(),
        Definition::Target => None,
    };
    let elements = map.map_or_else(Vec::new, |claim| claim.elements.clone());
    let mut reachable = model.graph.reachable(&elements).into_iter();
    reachable.any(|id| matches!(model.graph.node(id), Node::Unary(Unary::StopGradient, _)))
}

/// −(∂z S)⁻¹ ∂φ S over the free coordinates of z, where ∂φ S is that of `followed`.
fn implicit(
    model: &mut Model,
    found: &Jacobian,
    followed: &[Id],
    parameter: Id,
) -> Result<Vec<Id>, String> {
    let n = found.symbols.len();
    if n > MOST_COORDINATES {
        return Err(format!("a velocity in {n} coordinates is not written out"));
    }
    let graph = &mut model.graph;
    let rate = graph
        .differentiate(followed, parameter)
        .map_err(|e| e.to_string())?;
    let whole = determinant(graph, &found.rows);
    Ok((0..n)
        .map(|k| {
            let mut rows = found.rows.clone();
            for (row, &r) in rows.iter_mut().zip(&rate) {
                row[k] = r;
            }
            let part = determinant(graph, &rows);
            let quotient = graph.div(part, whole);
            graph.neg(quotient)
        })
        .collect())
}

/// Decides the equation for every parameter.
pub(super) fn transported(
    context: &Context,
    model: &mut Model,
    claims: &[(String, Claim)],
    span: &Span,
) -> Finding {
    let Some(target) = model.target.clone() else {
        return Finding::skipped("no density is claimed that could be transported");
    };
    let density = target.density();
    let Some(log_q) = density.map(|c| c.elements[0]) else {
        return Finding::skipped("no density is claimed that could be transported");
    };
    let log_q = model.graph.attached(&[log_q])[0];
    if target.discrete {
        return Finding::skipped("z is discrete: nothing moves it continuously");
    }
    if target.unnormalized {
        return Finding::skipped("the density is claimed up to a factor only");
    }
    if claims.is_empty() && context.is_refuted("density") {
        return Finding::skipped("the density is not that of g(ε): see `density`");
    }
    let is_unclaimed = model.velocity.is_empty();
    if is_unclaimed && detaches(model) && !model.expectations.is_empty() {
        return Finding::skipped(
            "a part is behind `stop_gradient`: `gradient` judges what that leaves, for each f",
        );
    }
    let found = match jacobian(model) {
        Ok(found) => found,
        Err(NoJacobian::NotSquare { .. }) => {
            return Finding::skipped(
                "z has fewer coordinates than noise, so its velocity is random given z",
            );
        }
        Err(NoJacobian::Discrete) => {
            return Finding::skipped("some noise is discrete, so the velocity is random given z");
        }
        Err(reason) => return Finding::inconclusive(reason.to_string()).at(span.clone()),
    };
    let space = Space::new(&model.graph, model.base_variables());
    let known = if model.inverse.is_some() && context.holds("inverse") {
        OneToOne::Shown(Shown::default())
    } else {
        one_to_one(context, model, &space, &found)
    };
    if claims.is_empty()
        && model.definition == Definition::Transform
        && context.holds("density")
        && !detaches(model)
    {
        return match known {
            OneToOne::Changes(_) | OneToOne::Flat(_) => {
                Finding::skipped("g is not one-to-one, so the velocity is random given z")
            }
            OneToOne::Jumps => {
                Finding::skipped("g jumps, so its slope alone does not carry the law: see `path`")
            }
            OneToOne::Shown(_) | OneToOne::Unknown(_) => Finding::new(
                context.before["density"],
                "∂φ g carries the law: this is the derivative of the density identity along the path",
            )
            .at(span.clone()),
        };
    }
    if !has_free_coordinates(model) {
        return Finding::inconclusive("a parameter on a sphere has no free coordinates")
            .at(span.clone());
    }
    let (free, ties) = free_parameters(model);
    let mut sides = Vec::new();
    let mut place = span.clone();
    let zero = model.graph.integer(0);
    let log_q = model.graph.substitute(&[log_q], &ties)[0];
    let found = tied(model, found, &ties);
    for variable in model.parameters.clone() {
        let claim = claims.iter().find(|(name, _)| *name == variable.name);
        for (k, &parameter) in variable.symbols.iter().enumerate() {
            if !free.contains(&parameter) {
                continue;
            }
            let residual = match claim {
                None => unclaimed(model, &found, log_q, parameter),
                Some((_, claim)) => {
                    place = claim.span.clone();
                    let width = variable.symbols.len();
                    let v: Vec<Id> = claim
                        .elements
                        .iter()
                        .skip(k)
                        .step_by(width)
                        .copied()
                        .collect();
                    claimed(model, &found, log_q, parameter, &v)
                }
            };
            match residual {
                Ok(residual) => sides.push((residual, zero)),
                Err(reason) => return Finding::inconclusive(reason).at(place),
            }
        }
    }
    let residuals: Vec<Id> = sides.iter().map(|&(residual, _)| residual).collect();
    let branches = model
        .graph
        .reachable(&residuals)
        .into_iter()
        .any(|id| matches!(model.graph.node(id), Node::Ternary(Ternary::Select, ..)));
    let statement = Statement {
        left: "∂φ log q + v·∇ log q + ∇·v",
        right: "transport of q by v",
        sides,
        span: place,
        almost_everywhere: true,
    };
    let finding = judge(context, model, &space, &statement, |_, failure| {
        format!(
            "v moves mass in other places than those where q changes with parameter component {}",
            failure.equation
        )
    });
    let refuted = finding.verdict == Verdict::Refuted;
    if refuted && branches && claims.is_empty() {
        // The derivative of a branch that approximates is off by more than the branch itself.
        return Finding::inconclusive(
            "the transport equation fails, and a branch of `where` may approximate: see `density`",
        )
        .at(statement.span);
    }
    match known {
        OneToOne::Changes(_) | OneToOne::Flat(_) if refuted => Finding::skipped(
            "g is not one-to-one, so the velocity is random given z: `gradient` judges it",
        ),
        OneToOne::Unknown(reason) if refuted && model.definition == Definition::Transform => {
            Finding::inconclusive(format!(
                "the transport equation fails, and g is not known to be one-to-one: {reason}"
            ))
            .at(statement.span)
        }
        OneToOne::Jumps if refuted => Finding::inconclusive(
            "the transport equation fails, and g jumps, so it is not known to be one-to-one",
        )
        .at(statement.span),
        OneToOne::Shown(_)
        | OneToOne::Changes(_)
        | OneToOne::Flat(_)
        | OneToOne::Jumps
        | OneToOne::Unknown(_) => finding,
    }
}

/// A Jacobian with dependent components of the parameters written in the free ones.
fn tied(model: &mut Model, found: Jacobian, ties: &FxHashMap<Id, Id>) -> Jacobian {
    if ties.is_empty() {
        return found;
    }
    let graph = &mut model.graph;
    Jacobian {
        rows: found
            .rows
            .iter()
            .map(|row| graph.substitute(row, ties))
            .collect(),
        outputs: graph.substitute(&found.outputs, ties),
        factors: graph.substitute(&found.factors, ties),
        log_abs_det: graph.substitute(&[found.log_abs_det], ties)[0],
        ..found
    }
}

/// The residual of the path derivative itself.
fn unclaimed(model: &mut Model, found: &Jacobian, log_q: Id, parameter: Id) -> Result<Id, String> {
    if model.definition == Definition::Transform && detaches(model) {
        let z = model.transform.as_ref();
        let z = z.map_or_else(Vec::new, |claim| claim.elements.clone());
        let (_, ties) = free_parameters(model);
        let graph = &mut model.graph;
        let z = graph.substitute(&z, &ties);
        let v = graph
            .differentiate(&z, parameter)
            .map_err(|e| e.to_string())?;
        let v = graph.attached(&v);
        return claimed(model, found, log_q, parameter, &v);
    }
    if model.definition == Definition::Transform {
        let log_q = model.rebased(log_q);
        let total = model.graph.add(log_q, found.log_abs_det);
        let (_, ties) = free_parameters(model);
        let total = model.graph.substitute(&[total], &ties)[0];
        return model
            .graph
            .differentiate(&[total], parameter)
            .map(|d| d[0])
            .map_err(|e| e.to_string());
    }
    let followed = followed(model);
    let (_, ties) = free_parameters(model);
    let followed = model.graph.substitute(&followed, &ties);
    let v = implicit(model, found, &followed, parameter)?;
    let v = model.graph.attached(&v);
    residual(model, &found.symbols, log_q, parameter, &v)
}

/// Coordinates of z that the others determine, as formulas in these.
fn dependent(model: &mut Model) -> FxHashMap<Id, Id> {
    let outputs = model.outputs.clone();
    outputs.iter().flat_map(|o| dependents(model, o)).collect()
}

/// ∂φ log q + Σ vᵢ ∂ᵢ log q + Σ ∂ᵢ vᵢ, all of them formulas in z.
fn residual(model: &mut Model, z: &[Id], log_q: Id, parameter: Id, v: &[Id]) -> Result<Id, String> {
    let map = dependent(model);
    let graph = &mut model.graph;
    let log_q = graph.substitute(&[log_q], &map)[0];
    let slope = |graph: &mut Graph, term: Id, symbol: Id| {
        graph
            .differentiate(&[term], symbol)
            .map(|d| d[0])
            .map_err(|e| e.to_string())
    };
    let mut terms = vec![slope(graph, log_q, parameter)?];
    for (&z, &v) in z.iter().zip(v) {
        let along = slope(graph, log_q, z)?;
        terms.push(graph.mul(v, along));
        terms.push(slope(graph, v, z)?);
    }
    Ok(graph.sum(&terms))
}

/// The residual of a claimed velocity.
fn claimed(
    model: &mut Model,
    found: &Jacobian,
    log_q: Id,
    parameter: Id,
    v: &[Id],
) -> Result<Id, String> {
    let n = found.symbols.len();
    let z = model.output_symbols();
    if model.free_outputs().len() != z.len() || n != z.len() {
        return Err("a claimed velocity on a curved support is not decided".to_owned());
    }
    if n > MOST_COORDINATES {
        return Err(format!("a velocity in {n} coordinates is not judged"));
    }
    let noise = model.noise_symbols();
    let mentions_noise = model.graph.symbols_of(v).iter().any(|s| noise.contains(s));
    if !mentions_noise || model.definition == Definition::Standardization {
        // In z alone, or ε is a formula of z.
        let v = if mentions_noise {
            model.rebase(v)
        } else {
            v.to_vec()
        };
        let residual = residual(model, &z, log_q, parameter, &v)?;
        return Ok(model.rebased(residual));
    }
    // Along the path: ∇·v = tr(∂ε v · J⁻¹), each term by Cramer's rule.
    let v = model.rebase(v);
    let graph = &mut model.graph;
    let whole = determinant(graph, &found.rows);
    let slopes = graph
        .jacobian(&v, &found.symbols)
        .map_err(|e| e.to_string())?;
    let mut terms = Vec::new();
    for (i, row) in slopes.iter().enumerate() {
        let mut rows = found.rows.clone();
        rows[i].clone_from(row);
        let part = determinant(graph, &rows);
        terms.push(graph.div(part, whole));
    }
    let mut all = vec![
        graph
            .differentiate(&[log_q], parameter)
            .map_err(|e| e.to_string())?[0],
    ];
    for &z in &z {
        all.push(
            graph
                .differentiate(&[log_q], z)
                .map_err(|e| e.to_string())?[0],
        );
    }
    let all = model.rebase(&all);
    let graph = &mut model.graph;
    terms.push(all[0]);
    for (&v, &slope) in v.iter().zip(&all[1..]) {
        terms.push(graph.mul(v, slope));
    }
    Ok(graph.sum(&terms))
}
