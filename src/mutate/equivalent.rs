//! Whether a planted mistake is none: the formula is proved equal to what it was.
//!
//! The terms of the mutant are carried into the graph of the original, where the algebra room
//! searches a proof and replays it. Equal functions have equal derivatives, but `stop_gradient`
//! is no function: where it occurs, the derivatives in every variable have to be equal as well. A
//! line of a derivation is put below the line it was, and the check of derivations has to prove it.
//!
//! A g that is the original at mirrored noise, −ε for ε or 1 − u for u, draws the same z where the
//! law of the noise is its own mirror image and nothing else in the spec mentions the noise.

use super::define::{mentions, names_of};
use super::place::Role;
use super::{Mutant, places};
use crate::algebra::{Outcome, prove};
use crate::check::points::Space;
use crate::check::{CHECKS, Context, Effort, Verdict, facts};
use crate::graph::{Graph, Id, Node};
use crate::language::{Domain, canonical_name, names_used, parse_expression};
use crate::model::{self, Definition, Model};
use crate::number::{Rational, Unary};
use crate::spec::raw::RawSpec;
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn is_equivalent(
    original: &RawSpec,
    models: &[Model],
    changed: &RawSpec,
    changed_models: Vec<Model>,
    mutant: &Mutant,
) -> bool {
    if let Role::Line(chain, line) = mutant.role {
        return same_line(original, changed, chain, line, models);
    }
    let Some(place) = places(original).into_iter().nth(mutant.place) else {
        return false;
    };
    if let Role::Definition(_) = mutant.role {
        return same_everywhere(original, models, changed, &changed_models);
    }
    let hides_noise = mutant.role == Role::Transform && hides_noise(original);
    let mut pairs = models.iter().zip(changed_models);
    pairs.all(|(model, changed)| {
        hides_noise && is_mirrored(model.clone(), &changed)
            || same_terms(model.clone(), changed, mutant.role, &place.name)
    })
}

/// Whether every formula is the same, whatever names mean: lines of derivations and supports that
/// mention a definition are not looked into.
fn same_everywhere(
    original: &RawSpec,
    models: &[Model],
    changed: &RawSpec,
    changed_models: &[Model],
) -> bool {
    let is_changed = |i: usize| original.define[i].1.text != changed.define[i].1.text;
    let names = names_of(original, is_changed);
    let places = places(original).into_iter();
    places
        .filter(|place| !matches!(place.role, Role::Definition(_)) && mentions(place, &names))
        .all(|place| {
            let mut pairs = models.iter().zip(changed_models);
            pairs.all(|(model, changed)| {
                same_terms(model.clone(), changed.clone(), place.role, &place.name)
            })
        })
}

/// Whether nothing but g mentions the noise, by its name or by that of a definition.
fn hides_noise(spec: &RawSpec) -> bool {
    if !spec.inverse.is_empty() || !spec.derivations.is_empty() {
        return false;
    }
    let noise = spec.noise.iter();
    let mut of_noise: BTreeSet<String> = noise.map(|(n, _)| canonical_name(&n.value)).collect();
    let mentions = |text: &str, of_noise: &BTreeSet<String>| {
        parse_expression(text).map_or(true, |expr| {
            let used = names_used(&expr);
            of_noise.iter().any(|name| used.contains_key(name))
                || expr.functions_used().contains_key("p")
        })
    };
    // In the order of the file: a definition stands below those that it uses.
    for (name, formula) in &spec.define {
        if mentions(&formula.text, &of_noise) {
            of_noise.insert(canonical_name(&name.value));
        }
    }
    places(spec)
        .iter()
        .filter(|place| {
            let stands = matches!(place.role, Role::Transform | Role::Definition(_));
            !stands && !place.role.is_applied()
        })
        .all(|place| !mentions(&place.formula.text, &of_noise))
}

/// Whether the changed g is the original g where some of the noise is mirrored, and the law of the
/// noise its own mirror image.
fn is_mirrored(mut model: Model, changed: &Model) -> bool {
    let (Some(was), Some(is)) = (&model.transform, &changed.transform) else {
        return false;
    };
    let was = was.elements.clone();
    let is = model.graph.import(&changed.graph, &is.elements);
    let images = mirror_images(&mut model);
    let log_p = model.log_noise();
    let space = Space::new(&model.graph, model.base_variables());
    // Each noise variable as it is or mirrored, in every combination but the first.
    (1..1usize << images.len()).any(|chosen| {
        let chosen = images
            .iter()
            .enumerate()
            .filter(|(i, _)| chosen >> i & 1 == 1)
            .flat_map(|(_, image)| image.iter().copied());
        let at_mirror = model.graph.substitute(
            &[is.clone(), vec![log_p]].concat(),
            &FxHashMap::from_iter(chosen),
        );
        are_equal(
            &mut model,
            &space,
            &[was.clone(), vec![log_p]].concat(),
            &at_mirror,
        )
    })
}

/// Noise variables at most of which each may be mirrored by itself.
const MOST_MIRRORS: usize = 4;

/// For each noise variable on the line or between 0 and 1 its symbols with what they are mirrored to.
fn mirror_images(model: &mut Model) -> Vec<Vec<(Id, Id)>> {
    let mut images = Vec::new();
    for noise in model.noise.clone() {
        let mut domains = noise.domains.iter();
        let (line, unit) = (
            domains.clone().all(|d| *d == Domain::Real),
            domains.all(|d| *d == Domain::UnitInterval),
        );
        if line || unit {
            let centre = model.graph.integer(i64::from(unit));
            let symbols = noise.variable.symbols.iter();
            let image = symbols.map(|&symbol| (symbol, model.graph.sub(centre, symbol)));
            images.push(image.collect());
        }
    }
    if images.len() > MOST_MIRRORS {
        return vec![images.concat()];
    }
    images
}

fn same_line(
    original: &RawSpec,
    changed: &RawSpec,
    chain: usize,
    line: usize,
    models: &[Model],
) -> bool {
    let mut both = original.clone();
    let (name, lines) = &original.derivations[chain];
    let lines = vec![
        lines[line].clone(),
        changed.derivations[chain].1[line].clone(),
    ];
    both.derivations = vec![(name.clone(), lines)];
    let check = CHECKS.iter().find(|c| c.name == "derivations");
    let check = check.expect("invariant: the check is listed");
    models.iter().all(|model| {
        let Ok(mut model) = model::build(&both, &model.sizes) else {
            return false;
        };
        let sizes = model.sizes.clone();
        let context = Context {
            seed: 0,
            effort: Effort::Quick,
            spec: &both.name.value,
            check: check.name,
            sizes: &sizes,
            proofs: false,
            error_rate: 0.0,
            before: &BTreeMap::new(),
        };
        (check.run)(&context, &mut model).verdict == Verdict::Proved
    })
}

fn same_terms(mut model: Model, mut changed: Model, role: Role, name: &str) -> bool {
    let (Some(was), Some(is)) = (role.terms(&model, name), role.terms(&changed, name)) else {
        return false;
    };
    let is = model.graph.import(&changed.graph, &is);
    let mut variables = model.base_variables();
    match model.definition {
        Definition::Transform => variables.extend(model.outputs.iter().cloned()),
        Definition::Standardization => {
            variables.extend(model.noise.iter().map(|n| n.variable.clone()));
        }
        Definition::Target => {}
    }
    let space = Space::new(&model.graph, variables);
    if role == Role::Density
        && model.target.as_ref().is_some_and(|t| t.unnormalized)
        && same_up_to_a_factor(&mut model, &space, &was, &is)
    {
        return true;
    }
    if are_equal(&mut model, &space, &was, &is) {
        return true;
    }
    if !role.is_at_draws(&model) {
        return false;
    }
    // Each over its own noise: a changed g is another z.
    let was = model.rebase(&was);
    let is = role
        .terms(&changed, name)
        .map(|terms| changed.rebase(&terms));
    let is = model.graph.import(&changed.graph, &is.unwrap_or_default());
    are_equal(&mut model, &space, &was, &is)
}

/// Whether two lists of terms are proved equal over a space, with their derivatives where
/// something is detached.
fn are_equal(model: &mut Model, space: &Space, was: &[Id], is: &[Id]) -> bool {
    let both = [was, is].concat();
    let mut known = space.symbols.clone();
    let u = model.target.as_ref().and_then(|t| t.u);
    known.extend(u);
    // What a symbol stands for is the same in both graphs for variables only.
    let symbols = model.graph.symbols_of(&both);
    if was.len() != is.len() || symbols.iter().any(|s| !known.contains(s)) {
        return false;
    }
    let mut pairs: Vec<(Id, Id)> = was.iter().copied().zip(is.iter().copied()).collect();
    if detaches(&model.graph, &both) {
        for &symbol in &symbols {
            let Ok(derivatives) = model.graph.differentiate(&both, symbol) else {
                return false;
            };
            let (of_was, of_is) = derivatives.split_at(was.len());
            pairs.extend(of_was.iter().copied().zip(of_is.iter().copied()));
        }
    }
    let mut facts = facts::facts(&mut model.graph, space);
    if let Some(u) = u {
        let end = |value| Some((value, true));
        facts.bound(u, &end(Rational::ZERO), &end(Rational::ONE));
    }
    pairs.into_iter().all(|(a, b)| {
        a == b || matches!(prove(&mut model.graph, &facts, a, b), Outcome::Proved(..))
    })
}

fn detaches(graph: &Graph, terms: &[Id]) -> bool {
    let mut reachable = graph.reachable(terms).into_iter();
    reachable.any(|id| matches!(graph.node(id), Node::Unary(Unary::StopGradient, _)))
}

/// Whether two log-densities differ by what is free of z.
fn same_up_to_a_factor(model: &mut Model, space: &Space, was: &[Id], is: &[Id]) -> bool {
    let mut slopes = [Vec::new(), Vec::new()];
    for z in model.output_symbols() {
        for (terms, slopes) in [was, is].into_iter().zip(&mut slopes) {
            let Ok(derivatives) = model.graph.differentiate(terms, z) else {
                return false;
            };
            slopes.extend(derivatives);
        }
    }
    let [was, is] = slopes;
    !was.is_empty() && are_equal(model, space, &was, &is)
}
