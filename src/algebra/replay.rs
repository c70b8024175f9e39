//! The checker of proofs: it believes the rules, the ring and the facts, and nothing of the search.
//!
//! Each step has to be an instance of its rule; each of its conditions has to be listed and to
//! follow from the facts; what a step introduces has to be a number. Both sides have to be numbers
//! everywhere and to have one normal form in the end. Anything else is no proof. Law: it accepts
//! what the search finds and rejects its mutations (test `mutated_proofs_are_rejected`).

use super::definedness;
use super::facts::{Facts, Shown};
use super::proof::{Condition, Proof, Rule, Step};
use super::ring::{Head, Ring, Stop};
use super::rules;
use super::signs::Signs;
use crate::graph::{Graph, Id, Node};
use crate::number::{Binary, Ternary, Unary};
use rustc_hash::{FxHashMap, FxHashSet};

/// Cases inside cases at most.
const DEEPEST_CASES: usize = 12;

/// Why a proof is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// A step is not an instance of its rule.
    NotAnInstance(&'static str),
    /// A condition of the rule is not among those of the step.
    NotListed(Condition),
    /// A condition does not follow from what is known.
    NotShown(Condition),
    /// A term may be no number.
    Undefined(Id),
    /// Cases that leave something out.
    Incomplete(Id),
    /// The two sides have different normal forms.
    Different,
    /// Beyond the limits of the normal form.
    TooLarge,
}

impl std::fmt::Display for Rejection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Rejection::NotAnInstance(rule) => {
                write!(f, "a step is not an instance of the rule `{rule}`")
            }
            Rejection::NotListed(condition) => write!(
                f,
                "a condition of a rule ({}) is missing from its step",
                condition.relation()
            ),
            Rejection::NotShown(condition) => write!(
                f,
                "a condition ({}) does not follow from the facts",
                condition.relation()
            ),
            Rejection::Undefined(_) => f.write_str("a term may be no number"),
            Rejection::Incomplete(_) => f.write_str("cases leave something out"),
            Rejection::Different => f.write_str("the two sides have different normal forms"),
            Rejection::TooLarge => f.write_str("it is beyond the limits of the checker"),
        }
    }
}

impl From<Stop> for Rejection {
    fn from(_: Stop) -> Rejection {
        Rejection::TooLarge
    }
}

/// What a checked proof rests on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Conditions that hold but for a set without mass; all others hold everywhere.
    pub almost_everywhere: Vec<Condition>,
}

/// Checks a proof against facts.
///
/// # Errors
/// The first thing that is not as a proof has to be.
pub fn replay(graph: &mut Graph, facts: &Facts, proof: &Proof) -> Result<Replayed, Rejection> {
    let mut checker = Checker::new(facts.clone());
    for step in &proof.steps {
        checker.accept(graph, step)?;
    }
    checker.equal(graph, proof.left, proof.right)?;
    let mut almost_everywhere: Vec<Condition> = checker.null.into_iter().collect();
    almost_everywhere.sort_unstable();
    Ok(Replayed { almost_everywhere })
}

/// Whether one condition is all that another asks for.
fn implies(one: Condition, other: Condition) -> bool {
    one.of == other.of && one.signs.within(other.signs) && (one.whole || !other.whole)
}

/// A proof so far.
#[derive(Clone, Debug)]
pub(super) struct Checker {
    pub(super) facts: Facts,
    pub(super) ring: Ring,
    rules: FxHashMap<Id, Rule>,
    numbers: FxHashSet<Id>,
    null: FxHashSet<Condition>,
    depth: usize,
}

impl Checker {
    pub(super) fn new(facts: Facts) -> Checker {
        Checker {
            ring: facts.ring(),
            facts,
            rules: FxHashMap::default(),
            numbers: FxHashSet::default(),
            null: FxHashSet::default(),
            depth: 0,
        }
    }

    /// Takes one step.
    pub(super) fn accept(&mut self, graph: &mut Graph, step: &Step) -> Result<(), Rejection> {
        if let Rule::Cases(on) = step.rule {
            self.cases(graph, step, on)?;
        } else {
            let required = rules::conditions(graph, &mut self.ring, step.rule, step.from, step.to)?
                .ok_or(Rejection::NotAnInstance(step.rule.name()))?;
            for condition in required {
                let listed = step.conditions.iter().any(|c| implies(*c, condition));
                if !listed {
                    return Err(Rejection::NotListed(condition));
                }
            }
            for &condition in &step.conditions {
                self.show(graph, condition)?;
            }
            self.number(graph, step.to)?;
        }
        self.ring.rewrite(step.from, step.to);
        self.rules.insert(step.from, step.rule);
        Ok(())
    }

    /// Both terms are numbers, and the same.
    fn equal(&mut self, graph: &mut Graph, left: Id, right: Id) -> Result<(), Rejection> {
        if !self.ring.same(graph, left, right)? {
            return Err(Rejection::Different);
        }
        self.number(graph, left)?;
        self.number(graph, right)
    }

    /// With one more assumption.
    pub(super) fn assuming(
        &self,
        graph: &mut Graph,
        on: Id,
        signs: Signs,
    ) -> Result<Checker, Rejection> {
        let mut case = self.clone();
        case.depth += 1;
        if case.depth > DEEPEST_CASES {
            return Err(Rejection::TooLarge);
        }
        case.facts = self.facts.assuming(&mut case.ring, graph, on, signs)?;
        case.ring.forget_signs();
        if signs == Signs::ZERO {
            case.solve(graph, on)?;
        }
        case.pin(graph, on)?;
        Ok(case)
    }

    /// Takes a symbol for what makes a term vanish, where the term is c·symbol + d with constant c
    /// and d free of it.
    fn solve(&mut self, graph: &mut Graph, on: Id) -> Result<(), Stop> {
        let form = self.ring.form(graph, on)?;
        for (monomial, c) in &form.terms {
            let Some(atom) = monomial.as_atom() else {
                continue;
            };
            let Head::Leaf(symbol) = self.ring.meaning(atom).head else {
                continue;
            };
            let rest = super::polynomial::Polynomial {
                terms: form
                    .terms
                    .iter()
                    .filter(|t| t.0 != *monomial)
                    .cloned()
                    .collect(),
            };
            if graph.as_symbol(symbol).is_none() || self.ring.mentions(&rest, atom) {
                continue;
            }
            let Some(below) = c.neg().recip() else {
                continue;
            };
            let value = self.ring.term(graph, &rest.scale(&below));
            self.ring.rewrite(symbol, value);
            return Ok(());
        }
        Ok(())
    }

    /// Takes the symbols of a term for their values, where only one is left of each.
    fn pin(&mut self, graph: &mut Graph, on: Id) -> Result<(), Stop> {
        for symbol in graph.symbols_of(&[on]) {
            if self.ring.rewritten(symbol).is_none()
                && let Some(value) = self.facts.only_value(symbol)
            {
                let value = graph.constant(value.rational());
                self.ring.rewrite(symbol, value);
            }
        }
        Ok(())
    }

    fn cases(&mut self, graph: &mut Graph, step: &Step, on: Id) -> Result<(), Rejection> {
        self.number(graph, on)?;
        // With no branch at all, every sign of the deciding term has to be impossible.
        let covered = step
            .branches
            .iter()
            .fold(Signs::NONE, |all, branch| all.or(branch.signs));
        self.show(
            graph,
            Condition {
                of: on,
                signs: covered,
                whole: false,
            },
        )
        .map_err(|_| Rejection::Incomplete(on))?;
        for branch in &step.branches {
            let mut case = self.assuming(graph, on, branch.signs)?;
            for inner in &branch.steps {
                case.accept(graph, inner)?;
            }
            case.equal(graph, step.from, step.to)?;
            self.null.extend(case.null);
        }
        self.number(graph, step.to)
    }

    /// Whether a term has one of some signs, but for a set without mass where that is allowed.
    pub(super) fn shows(&mut self, graph: &mut Graph, of: Id, signs: Signs) -> bool {
        self.facts.shows(&mut self.ring, graph, of, signs) != Shown::No
    }

    fn show(&mut self, graph: &mut Graph, condition: Condition) -> Result<(), Rejection> {
        let Condition { of, signs, whole } = condition;
        if whole && !self.facts.is_whole(&mut self.ring, graph, of) {
            return Err(Rejection::NotShown(condition));
        }
        let _ = self.ring.form(graph, of);
        if self.ring.pi().is_none()
            && [Unary::Sin, Unary::Cos]
                .into_iter()
                .any(|f| !self.ring.with_head(Head::Unary(f)).is_empty())
        {
            // What is known of an angle is known in half turns.
            let pi = graph.pi();
            self.ring.form(graph, pi)?;
        }
        match self.facts.shows(&mut self.ring, graph, of, signs) {
            Shown::Always => Ok(()),
            Shown::AlmostEverywhere => {
                self.null.insert(condition);
                Ok(())
            }
            Shown::No => Err(Rejection::NotShown(condition)),
        }
    }

    fn show_all(&mut self, graph: &mut Graph, conditions: Vec<Condition>) -> Result<(), Rejection> {
        conditions
            .into_iter()
            .try_for_each(|condition| self.show(graph, condition))
    }

    /// Shows that a term is a number. Branches of a `where` that is decided, and terms that are
    /// shown to be numbers case by case, are left out.
    pub(super) fn number(&mut self, graph: &mut Graph, id: Id) -> Result<(), Rejection> {
        let mut open = vec![id];
        // Shown only once everything below is: a failure must not be forgotten.
        let mut seen = FxHashSet::default();
        while let Some(id) = open.pop() {
            if self.numbers.contains(&id) || !seen.insert(id) {
                continue;
            }
            match (graph.node(id), self.rules.get(&id)) {
                (_, Some(Rule::Cases(_))) => continue,
                (Node::Ternary(Ternary::Select, condition, ..), Some(Rule::Decided(_))) => {
                    open.push(condition);
                    continue;
                }
                _ => {}
            }
            let plain = self.with_constant_exponent(graph, id);
            let conditions =
                definedness::conditions(graph, plain).ok_or(Rejection::Undefined(id))?;
            // What was shown on the way to a failure is no exception of this proof.
            let null = self.null.clone();
            let mut shown = self.show_all(graph, conditions);
            for other in definedness::alternatives(graph, id) {
                shown = shown.or_else(|_| {
                    self.null.clone_from(&null);
                    self.show_all(graph, other)
                });
            }
            shown?;
            open.extend(graph.node(id).arguments());
        }
        self.numbers.extend(seen);
        Ok(())
    }

    /// A power whose exponent is constant in the ring, with that constant in its place.
    fn with_constant_exponent(&mut self, graph: &mut Graph, id: Id) -> Id {
        let Node::Binary(Binary::Pow, x, y) = graph.node(id) else {
            return id;
        };
        let constant = self.ring.form(graph, y).ok().and_then(|y| y.as_constant());
        match constant {
            Some(constant) if graph.as_constant(y).is_none() => {
                let constant = graph.constant(constant.rational());
                graph.binary(Binary::Pow, x, constant)
            }
            Some(_) | None => id,
        }
    }
}
