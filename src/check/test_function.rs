//! The unspecified f of derivations in two integrands: its values at equal arguments as one symbol,
//! and what they are multiplied by.

use super::by_parts::{self, Ends};
use super::points::Space;
use super::{Context, facts};
use crate::algebra::{Facts, Outcome, prove, vanishes};
use crate::graph::{Graph, Id};
use crate::language::Domain;
use crate::model::{Application, Model, Variable};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// Factors of f and its derivatives in an integrand, by the arguments differentiated by.
pub(super) type Factors = BTreeMap<Vec<usize>, Id>;

/// What is left of f in two integrands.
pub(super) struct Unified {
    /// Its values, as variables.
    pub(super) unspecified: Vec<Variable>,
    /// Whether they are multiples of f at z alone, whose factors are then what is compared.
    pub(super) decisive: bool,
    /// What is left out at the ends, where it took integration by parts to make them so.
    pub(super) by_parts: Option<Ends>,
}

/// Writes f at arguments that are equal as one symbol, and moves derivatives of it onto their
/// factors where nothing is left out.
pub(super) fn unify(
    context: &Context,
    model: &mut Model,
    sides: &mut [Id],
    over_output: bool,
) -> Result<Unified, String> {
    let z = if over_output {
        model.output_symbols()
    } else {
        let transform = model.transform.as_ref();
        transform.map_or_else(Vec::new, |claim| claim.elements.clone())
    };
    let variables = if over_output {
        let mut variables = model.givens();
        variables.extend(model.outputs.iter().cloned());
        variables
    } else {
        model.base_variables()
    };
    let space = Space::new(&model.graph, variables);
    let known = facts::facts(&mut model.graph, &space);
    let kinds = same_applications(model, &known, sides)?;
    if kinds
        .iter()
        .any(|(_, kind)| kind.arguments.len() != z.len())
    {
        return Err("`f` is a function of z, and takes its shape".to_owned());
    }
    let at_z = !kinds.is_empty()
        && (over_output || context.holds("inverse"))
        && kinds
            .iter()
            .all(|(_, kind)| all_equal(model, &known, &kind.arguments, &z));
    let factors: Option<Vec<Factors>> = if at_z {
        let each = sides.iter();
        each.map(|&side| factors(&mut model.graph, side, &kinds))
            .collect()
    } else {
        None
    };
    let (mut decisive, mut by_parts) = (false, None);
    if let Some(factors) = factors {
        if kinds.iter().all(|(_, kind)| kind.derivative.is_empty()) {
            for (side, factors) in sides.iter_mut().zip(&factors) {
                *side = factors[&Vec::new()];
            }
            decisive = true;
        } else if let Some(moved) = by_parts::moved(model, &known, factors, over_output) {
            sides.copy_from_slice(&moved.factors);
            (decisive, by_parts) = (true, Some(moved.ends));
        }
    }
    let symbols = kinds
        .iter()
        .filter(|_| !decisive)
        .map(|(symbol, _)| *symbol);
    Ok(Unified {
        unspecified: symbols.map(value_of_f).collect(),
        decisive,
        by_parts,
    })
}

/// A value of f as a variable of its own.
pub(super) fn value_of_f(symbol: Id) -> Variable {
    Variable {
        name: "f".to_owned(),
        shape: Vec::new(),
        symbols: vec![symbol],
        domain: Domain::Real,
        range: None,
    }
}

/// Writes f at arguments that are proved equal as one symbol; those that remain.
pub(super) fn same_applications(
    model: &mut Model,
    known: &Facts,
    sides: &mut [Id],
) -> Result<Vec<(Id, Application)>, String> {
    let mut kinds: Vec<(Id, Application)> = Vec::new();
    let mut one: FxHashMap<Id, Id> = FxHashMap::default();
    for &side in sides.iter() {
        for symbol in model.opaque.applications_in(&model.graph, side) {
            let application = model.opaque.application(symbol).cloned();
            let application = application.ok_or("an unknown value of f")?;
            let mut twin = None;
            for (other, kind) in &kinds {
                if kind.derivative == application.derivative
                    && all_equal(model, known, &kind.arguments, &application.arguments)
                {
                    twin = Some(*other);
                    break;
                }
            }
            if let Some(twin) = twin {
                one.insert(symbol, twin);
            } else {
                kinds.push((symbol, application));
            }
        }
    }
    for side in sides.iter_mut() {
        *side = model.graph.substitute(&[*side], &one)[0];
    }
    Ok(kinds)
}

fn all_equal(model: &mut Model, known: &Facts, a: &[Id], b: &[Id]) -> bool {
    a.len() == b.len()
        && a.iter().zip(b).all(|(&x, &y)| {
            x == y || matches!(prove(&mut model.graph, known, x, y), Outcome::Proved(..))
        })
}

/// An integrand as a sum of factors times f and its derivatives; none where it is more than that.
fn factors(graph: &mut Graph, side: Id, kinds: &[(Id, Application)]) -> Option<Factors> {
    let zero = graph.integer(0);
    let nothing: FxHashMap<Id, Id> = kinds.iter().map(|&(symbol, _)| (symbol, zero)).collect();
    let rest = graph.substitute(&[side], &nothing)[0];
    if !vanishes(graph, rest) {
        return None;
    }
    let mut factors = Factors::new();
    for (symbol, kind) in kinds {
        let factor = graph.differentiate(&[side], *symbol).ok()?[0];
        let used = graph.symbols_of(&[factor]);
        if kinds.iter().any(|(other, _)| used.contains(other)) {
            return None;
        }
        factors.insert(kind.derivative.clone(), factor);
    }
    Some(factors)
}
