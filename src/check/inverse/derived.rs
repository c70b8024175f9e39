//! A map without a claimed inverse that has one in closed form: solved for one noise component after
//! another, and proved by substitution.
//!
//! Law: a map is proved one-to-one only where its solution, put back, is proved to give the noise
//! again, and onto only where the map of the solution is proved to give z again for every z of the
//! stated support, from noise that can occur (test `images_without_a_claimed_inverse`).

use crate::algebra::{Signs, invert, prove_sign};
use crate::check::jacobian::Jacobian;
use crate::check::judge::{Statement, proof};
use crate::check::points::Space;
use crate::check::{Context, Finding, facts, support};
use crate::diagnostic::Span;
use crate::graph::Id;
use crate::model::{Definition, Model};
use rustc_hash::FxHashMap;

/// A proof that g is one-to-one, and onto the support where one is stated; none where there is none.
pub(super) fn derived(context: &Context, model: &mut Model, found: &Jacobian) -> Option<Finding> {
    if model.definition != Definition::Transform || found.outputs.len() != found.symbols.len() {
        return None;
    }
    let free: Vec<Id> = {
        let symbols = model.output_symbols();
        model.free_outputs().iter().map(|&i| symbols[i]).collect()
    };
    let solution = solution(model, found, &free)?;
    let span = model.transform.as_ref()?.span.clone();
    let space = Space::new(&model.graph, model.base_variables());
    let there = statement(
        context,
        model,
        &space,
        (&solution, &found.symbols),
        &found.outputs,
        (&free, &span),
    )?;
    let one = "one-to-one: it has an inverse in closed form";
    if model.target.as_ref().is_none_or(|t| t.support.is_none()) {
        let message = format!("{one}, {}", there.message);
        return Some(Finding { message, ..there });
    }
    let mut variables = model.givens();
    variables.extend(model.outputs.iter().cloned());
    let space = Space::new(&model.graph, variables);
    if !comes_from_noise(model, &space, found, &solution) {
        return None;
    }
    let back = statement(
        context,
        model,
        &space,
        (&found.outputs, &free),
        &solution,
        (&found.symbols, &span),
    )?;
    let message = format!(
        "one-to-one and onto: it has an inverse in closed form, {}; {}",
        there.message, back.message
    );
    let finding = there.and(back);
    Some(Finding { message, ..finding })
}

/// The noise as formulas in z: each component from the coordinate on the diagonal, given those that
/// are solved already. None where a block is larger, or there are several branches.
fn solution(model: &mut Model, found: &Jacobian, free: &[Id]) -> Option<Vec<Id>> {
    let mut known: FxHashMap<Id, Id> = FxHashMap::default();
    let mut open: Vec<(usize, usize)> = Vec::new();
    for block in &found.blocks {
        let ([row], [column]) = (block.rows.as_slice(), block.columns.as_slice()) else {
            return None;
        };
        open.push((*row, *column));
    }
    // In whichever order the blocks come, one can be solved at a time.
    while !open.is_empty() {
        let place = open.iter().position(|&(row, column)| {
            let used = model.graph.symbols_of(&[found.outputs[row]]);
            let mut others = found.symbols.iter().enumerate();
            others.all(|(c, s)| c == column || !used.contains(s) || known.contains_key(s))
        })?;
        let (row, column) = open.swap_remove(place);
        let symbol = found.symbols[column];
        let term = model.graph.substitute(&[found.outputs[row]], &known)[0];
        let branches = invert(&mut model.graph, term, symbol, free[row])?;
        let [branch] = branches.as_slice() else {
            return None;
        };
        known.insert(symbol, branch.solution);
    }
    found
        .symbols
        .iter()
        .map(|s| known.get(s).copied())
        .collect()
}

/// A proof that terms are what they should be, with some symbols replaced.
fn statement(
    context: &Context,
    model: &mut Model,
    space: &Space,
    (terms, wanted): (&[Id], &[Id]),
    values: &[Id],
    (symbols, span): (&[Id], &Span),
) -> Option<Finding> {
    let replaced: FxHashMap<Id, Id> = symbols
        .iter()
        .copied()
        .zip(values.iter().copied())
        .collect();
    let terms = model.graph.substitute(terms, &replaced);
    let statement = Statement {
        left: "",
        right: "",
        sides: terms.into_iter().zip(wanted.iter().copied()).collect(),
        span: span.clone(),
        almost_everywhere: true,
    };
    proof(context, model, space, &statement)
}

/// Whether what a z of the support comes from is noise that can occur.
fn comes_from_noise(model: &mut Model, space: &Space, found: &Jacobian, solution: &[Id]) -> bool {
    let mut conditions = Vec::new();
    for noise in model.noise.clone() {
        conditions.extend(support::conditions(&mut model.graph, &noise.variable));
    }
    if conditions.iter().any(|c| c.vanishes) {
        return false;
    }
    let replaced: FxHashMap<Id, Id> = found
        .symbols
        .iter()
        .copied()
        .zip(solution.iter().copied())
        .collect();
    let terms: Vec<Id> = conditions.iter().map(|c| c.term).collect();
    let terms = model.graph.substitute(&terms, &replaced);
    let known = facts::facts(&mut model.graph, space);
    terms
        .into_iter()
        .all(|term| prove_sign(&mut model.graph, &known, term, Signs::POSITIVE))
}
