//! Terms as sums of products of functions of one variable each.

use super::normalized;
use crate::algebra::facts::Facts;
use crate::algebra::polynomial::{Monomial, Polynomial};
use crate::algebra::ring::{Head, Ring};
use crate::graph::{Graph, Id};
use crate::number::Unary;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What one variable contributes to a term of a sum: vⁿ·exp(slope·v), powers of v and 1 − v with
/// any exponents, and at most one logarithm.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Factor {
    /// n in vⁿ.
    pub power: u32,
    /// t in exp(t·v).
    pub slope: Option<Id>,
    /// s in v^s.
    pub exponent: Option<Id>,
    /// r in (1 − v)^r.
    pub other_exponent: Option<Id>,
    /// Logarithms of v, 1 − v and −log v, by how often they are factors.
    pub logarithms: [u32; 3],
}

/// A term of a sum: a coefficient free of the variables, and a factor for each variable in it.
pub type Expanded = (Id, BTreeMap<Id, Factor>);

/// A term as a sum of products of functions of one variable each; none where it is not seen to be
/// one. What is found is to be proved equal to the term: see `prove`.
pub fn expand(
    graph: &mut Graph,
    facts: &Facts,
    term: Id,
    variables: &[Id],
) -> Option<Vec<Expanded>> {
    let (mut search, form) = normalized(graph, facts, term)?;
    let ring = &mut search.checker.ring;
    let mut letters = Vec::new();
    for &v in variables {
        let letter = ring.form(graph, v).ok()?.as_atom()?;
        let log = |ring: &mut Ring, argument: Polynomial| {
            ring.atom(Head::Unary(Unary::Log), vec![Rc::new(argument)])
                .ok()?
                .as_atom()
        };
        let itself = Polynomial::atom(letter);
        let log_v = log(ring, itself.clone())?;
        let log_rest = log(ring, Polynomial::one().sub(&itself))?;
        let log_log = log(ring, Polynomial::atom(log_v).neg())?;
        letters.push((v, letter, [log_v, log_rest, log_log]));
    }
    let free = |ring: &Ring, p: &Polynomial| letters.iter().all(|l| !ring.mentions(p, l.1));
    let mut sum = Vec::new();
    for (monomial, c) in &form.terms {
        let mut factors: BTreeMap<Id, Factor> = BTreeMap::new();
        let mut rest = Vec::new();
        for &(atom, n) in &monomial.powers {
            let own = letters.iter().find_map(|(v, letter, logs)| {
                let log = logs.iter().position(|l| *l == atom);
                (*letter == atom || log.is_some()).then_some((*v, log))
            });
            match (own, u32::try_from(n)) {
                (Some((v, None)), Ok(n)) => factors.entry(v).or_default().power += n,
                (Some((v, Some(which))), Ok(n)) => {
                    factors.entry(v).or_default().logarithms[which] += n;
                }
                (Some((v, None)), Err(_)) => {
                    // A negative power: an exponent like any other.
                    let n = graph.integer(i64::from(n));
                    add_exponent(graph, &mut factors.entry(v).or_default().exponent, n);
                }
                (Some(_), Err(_)) => return None,
                (None, _) if free(ring, &Polynomial::atom(atom)) => rest.push((atom, n)),
                (None, _) => return None,
            }
        }
        let mut kept = Vec::new();
        for (m, d) in monomial.exponent.iter().flat_map(|e| &e.terms) {
            let whole = Polynomial::term(m.clone(), d.clone());
            if free(ring, &whole) {
                kept.push((m.clone(), d.clone()));
                continue;
            }
            let (v, which, atom) = letters.iter().find_map(|(v, letter, logs)| {
                let parts = [(0, *letter), (1, logs[0]), (2, logs[1])];
                let found = parts.into_iter().find(|(_, atom)| m.power(*atom) == 1);
                found.map(|(which, atom)| (*v, which, atom))
            })?;
            let factor = Polynomial::term(m.without(atom), d.clone());
            if !free(ring, &factor) {
                return None;
            }
            let factor = ring.term(graph, &factor);
            let entry = factors.entry(v).or_default();
            let place = match which {
                0 => &mut entry.slope,
                1 => &mut entry.exponent,
                _ => &mut entry.other_exponent,
            };
            add_exponent(graph, place, factor);
        }
        let coefficient = Monomial {
            powers: rest,
            exponent: (!kept.is_empty()).then(|| Rc::new(Polynomial { terms: kept })),
        };
        let coefficient = ring.term(graph, &Polynomial::term(coefficient, c.clone()));
        sum.push((coefficient, factors));
    }
    Some(sum)
}

fn add_exponent(graph: &mut Graph, place: &mut Option<Id>, term: Id) {
    *place = Some(match *place {
        Some(before) => graph.add(before, term),
        None => term,
    });
}
