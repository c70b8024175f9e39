//! z = b + A ε with a matrix of the spec: solved by the language's own `solve`.

use super::lift;
use super::tidy::simplest;
use crate::algebra::Facts;
use crate::graph::Id;
use crate::language::Domain;
use crate::model::Model;
use rustc_hash::FxHashMap;

/// `solve(A, z - b)` where ∂g/∂ε is one matrix among the parameters and inputs; none where it is not.
pub(super) fn inverse(model: &mut Model, facts: &Facts) -> Option<String> {
    let ([noise], [output]) = (model.noise.as_slice(), model.outputs.as_slice()) else {
        return None;
    };
    let (noise, output) = (noise.variable.clone(), output.clone());
    let n = noise.symbols.len();
    if noise.shape.len() != 1 || output.shape != noise.shape || n < 2 {
        return None;
    }
    let transform = model.transform.as_ref()?.elements.clone();
    let zeros = super::work::zeros(model);
    let rows = model.graph.jacobian(&transform, &noise.symbols).ok()?;
    let entries: Vec<Id> = model.graph.substitute(&rows.concat(), &zeros);
    let entries: Vec<Id> = entries
        .into_iter()
        .map(|e| simplest(&mut model.graph, facts, e))
        .collect();
    let givens = model.givens();
    let matrix = givens.iter().find(|v| {
        let own: Vec<Id> = v
            .symbols
            .iter()
            .map(|s| zeros.get(s).copied().unwrap_or(*s))
            .collect();
        v.shape == [n, n] && own == entries
    })?;
    let nothing = model.graph.integer(0);
    let none: FxHashMap<Id, Id> = noise.symbols.iter().map(|&e| (e, nothing)).collect();
    let rest = model.graph.substitute(&transform, &none);
    let rest: Vec<Id> = rest
        .into_iter()
        .map(|r| simplest(&mut model.graph, facts, r))
        .collect();
    let function = match matrix.domain {
        Domain::LowerCholesky | Domain::CorrCholesky => "solve_lower",
        _ => "solve",
    };
    let (name, z) = (&matrix.name, &output.name);
    if rest.iter().all(|&r| model.graph.is_integer(r, 0)) {
        return Some(format!("{function}({name}, {z})"));
    }
    let shift = lift::texts(model, facts, &output.shape, &rest)
        .into_iter()
        .next()?;
    let is_name = shift.chars().all(|c| c.is_alphanumeric() || c == '_');
    let shift = if is_name { shift } else { format!("({shift})") };
    Some(format!("{function}({name}, {z} - {shift})"))
}
