//! The search for proofs: brings both sides to normal form, one accepted step at a time.
//!
//! Every step is put before a [`Checker`] at once and dropped where it is not accepted, so what is
//! kept is a proof so far. Node by node, arguments first: operators by their definitions; absolute
//! values and conditions by the facts; logarithms taken apart into those of coprime factors; the
//! gamma family shifted to common arguments. What stays undecided is split into cases.

use super::coefficient::Coefficient;
use super::factor::{coprime_basis, monic, over_basis};
use super::facts::Facts;
use super::plain::{Plain, plain};
use super::polynomial::{Monomial, Polynomial};
use super::proof::{Case, Proof, Rule, Step};
use super::replay::{Checker, Replayed, replay};
use super::ring::{Head, Ring, Stop};
use super::rules;
use super::signs::Signs;
use crate::graph::{Graph, Id, Node};
use crate::number::{Binary, Rational, Ternary, Unary};
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Ends of cases at most.
const MOST_CASES: usize = 48;

/// Nodes of the two sides at most.
const MOST_NODES: usize = 6_000;

/// Visits inside visits at most: what a step brings in brings in more.
const DEEPEST_VISIT: usize = 64;

/// What came of a search.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// A proof, replayed.
    Proved(Proof, Replayed),
    /// None was found; left − right in normal form, where it has one.
    Open(Option<Id>),
}

/// Whether a term is zero wherever it is a number, by arithmetic alone.
pub fn vanishes(graph: &Graph, term: Id) -> bool {
    let mut ring = Ring::default();
    let form = ring.form(graph, term);
    form.is_ok_and(|form| ring.is_zero(&form) == Ok(true))
}

/// Looks for a proof that two terms are equal wherever the facts hold.
pub fn prove(graph: &mut Graph, facts: &Facts, left: Id, right: Id) -> Outcome {
    let nodes = graph.reachable(&[left, right]);
    if nodes.len() > MOST_NODES {
        return Outcome::Open(None);
    }
    let residual = graph.binary(Binary::Sub, left, right);
    let zero = graph.integer(0);
    let angles = angles(graph, &nodes);
    let mut search = Search::new(Checker::new(facts.clone()), angles);
    let mut cases = MOST_CASES;
    let found = search.close(graph, residual, zero, &mut cases);
    if found {
        let proof = Proof {
            left: residual,
            right: zero,
            steps: search.steps,
        };
        if let Ok(replayed) = replay(graph, facts, &proof) {
            return Outcome::Proved(proof, replayed);
        }
        return Outcome::Open(None);
    }
    let form = search.checker.ring.form(graph, residual).ok();
    Outcome::Open(form.map(|p| search.checker.ring.term(graph, &p)))
}

#[derive(Clone)]
struct Search {
    checker: Checker,
    steps: Vec<Step>,
    seen: FxHashSet<Id>,
    logarithms: Vec<Id>,
    undecided: Vec<Id>,
    /// What sin and cos are taken of on the two sides.
    angles: Rc<[Id]>,
    depth: usize,
}

/// Whether a term is a number of certain signs wherever the facts hold, after the same steps as in
/// proofs.
pub fn prove_sign(graph: &mut Graph, facts: &Facts, term: Id, signs: Signs) -> bool {
    let Some((search, _)) = normalized(graph, facts, term) else {
        return false;
    };
    let mut checker = Checker::new(facts.clone());
    search
        .steps
        .iter()
        .all(|step| checker.accept(graph, step).is_ok())
        && checker.number(graph, term).is_ok()
        && checker.shows_always(graph, term, signs)
}

/// A term in normal form, brought about by the same steps as proofs; none where it has none.
pub fn normal_form(graph: &mut Graph, facts: &Facts, term: Id) -> Option<Id> {
    let (search, form) = normalized(graph, facts, term)?;
    Some(search.checker.ring.term(graph, &form))
}

/// What sin and cos are taken of.
fn angles(graph: &Graph, nodes: &[Id]) -> Rc<[Id]> {
    let angles = nodes.iter().filter_map(|&id| match graph.node(id) {
        Node::Unary(Unary::Sin | Unary::Cos, x) => Some(x),
        Node::Constant(_)
        | Node::Pi
        | Node::Infinity
        | Node::Symbol(_)
        | Node::Unary(..)
        | Node::Binary(..)
        | Node::Ternary(..) => None,
    });
    angles.collect()
}

fn normalized(graph: &mut Graph, facts: &Facts, term: Id) -> Option<(Search, Rc<Polynomial>)> {
    let nodes = graph.reachable(&[term]);
    if nodes.len() > MOST_NODES {
        return None;
    }
    let angles = angles(graph, &nodes);
    let mut search = Search::new(Checker::new(facts.clone()), angles);
    search.visit(graph, term);
    search.refine(graph);
    let form = search.checker.ring.form(graph, term).ok()?;
    Some((search, form))
}

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
/// one. What is found is to be proved equal to the term: see [`prove`].
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

impl Search {
    fn new(checker: Checker, angles: Rc<[Id]>) -> Search {
        Search {
            checker,
            angles,
            steps: Vec::new(),
            seen: FxHashSet::default(),
            logarithms: Vec::new(),
            undecided: Vec::new(),
            depth: 0,
        }
    }

    /// Looks for steps after which `from` and `to` have one normal form.
    fn close(&mut self, graph: &mut Graph, from: Id, to: Id, cases: &mut usize) -> bool {
        self.visit(graph, from);
        self.visit(graph, to);
        if self.is_closed(graph, from, to) {
            return true;
        }
        if self.refine(graph) && self.is_closed(graph, from, to) {
            return true;
        }
        self.split(graph, from, to, cases)
    }

    fn is_closed(&mut self, graph: &mut Graph, from: Id, to: Id) -> bool {
        self.checker.ring.same(graph, from, to) == Ok(true)
            && self.checker.number(graph, from).is_ok()
    }

    /// Takes a step if the checker does.
    fn take(&mut self, graph: &mut Graph, rule: Rule, from: Id, to: Id) -> bool {
        if from == to {
            return false;
        }
        let Ok(Some(conditions)) = rules::conditions(graph, &mut self.checker.ring, rule, from, to)
        else {
            return false;
        };
        let step = Step {
            rule,
            from,
            to,
            conditions,
            branches: Vec::new(),
        };
        let accepted = self.checker.accept(graph, &step).is_ok();
        if accepted {
            self.steps.push(step);
        }
        accepted
    }

    /// Takes a step by a rule that leaves no choice, and visits what it brings in.
    fn apply(&mut self, graph: &mut Graph, rule: Rule, from: Id) -> bool {
        let Some((to, _)) = rules::instance(graph, rule, from) else {
            return false;
        };
        // What comes in is brought to normal form first, so that its conditions can be seen.
        self.visit(graph, to);
        self.take(graph, rule, from, to)
    }

    fn visit(&mut self, graph: &mut Graph, root: Id) {
        if self.seen.contains(&root) || self.depth >= DEEPEST_VISIT {
            return;
        }
        self.depth += 1;
        // A decided `where` has one branch only, so nodes are not simply taken in order.
        let mut stack = vec![(root, false)];
        while let Some((id, ready)) = stack.pop() {
            if ready {
                if self.checker.ring.rewritten(id).is_none() {
                    self.normalize(graph, id);
                }
                continue;
            }
            if !self.seen.insert(id) {
                continue;
            }
            // What stands for it already may have more to it under a new assumption.
            if let Some(to) = self.checker.ring.rewritten(id) {
                stack.push((to, false));
                continue;
            }
            stack.push((id, true));
            match graph.node(id) {
                Node::Ternary(Ternary::Select, condition, ..) => stack.push((condition, false)),
                node => stack.extend(node.arguments().map(|x| (x, false))),
            }
        }
        self.depth -= 1;
    }

    fn normalize(&mut self, graph: &mut Graph, id: Id) {
        match graph.node(id) {
            Node::Constant(_) | Node::Pi | Node::Infinity | Node::Symbol(_) => {}
            Node::Unary(operator, x) => self.unary(graph, id, operator, x),
            Node::Binary(operator, ..) => match operator {
                Binary::Add
                | Binary::Sub
                | Binary::Mul
                | Binary::Div
                | Binary::Mod
                | Binary::Atan2
                | Binary::GammaPDa => {}
                Binary::Pow => {
                    let exponent = graph.node(id).arguments().nth(1);
                    let integer = exponent
                        .and_then(|y| self.checker.ring.form(graph, y).ok())
                        .and_then(|form| form.as_constant())
                        .is_some_and(|c| c.as_integer().is_some());
                    if !integer {
                        self.apply(graph, Rule::Definition, id);
                    }
                }
                Binary::GammaQ | Binary::And | Binary::Or => {
                    self.apply(graph, Rule::Definition, id);
                }
                Binary::GammaP => {
                    if !self.special(graph, id) {
                        self.shift(graph, id);
                    }
                }
                Binary::Min | Binary::Max | Binary::Less | Binary::LessEqual | Binary::Equal => {
                    self.decide(graph, id)
                }
            },
            Node::Ternary(Ternary::Select, ..) => self.decide(graph, id),
            Node::Ternary(Ternary::BetaInc, a, b, x) => {
                if !self.special(graph, id) {
                    // One of I_x(a, b) and I_(1−x)(b, a): the one that is there already.
                    let other = super::definedness::minus(graph, 1, x);
                    let twin = graph.ternary(Ternary::BetaInc, b, a, other);
                    if self.is_known(graph, twin) {
                        self.apply(graph, Rule::Reflection, id);
                    }
                }
            }
            Node::Ternary(Ternary::BetaIncDa, ..) => {}
        }
    }

    fn unary(&mut self, graph: &mut Graph, id: Id, operator: Unary, x: Id) {
        match operator {
            Unary::Neg | Unary::Exp => {}
            Unary::Log1p
            | Unary::Expm1
            | Unary::Sqrt
            | Unary::Sinh
            | Unary::Cosh
            | Unary::Tanh
            | Unary::Asinh
            | Unary::Acosh
            | Unary::Atanh
            | Unary::Sigmoid
            | Unary::Softplus
            | Unary::Erf
            | Unary::Erfc
            | Unary::ErfInv
            | Unary::NormalLogCdf
            | Unary::Tan
            | Unary::Not
            | Unary::StopGradient => {
                self.apply(graph, Rule::Definition, id);
            }
            Unary::Log => {
                self.logarithms.push(id);
                self.expand(graph, id);
            }
            Unary::Abs | Unary::Sign => self.decide(graph, id),
            Unary::Floor | Unary::Ceil | Unary::Round => {
                self.special(graph, id);
            }
            Unary::Sin | Unary::Cos => self.trigonometric(graph, id, x),
            Unary::Asin | Unary::Acos | Unary::Atan => {
                if !self.special(graph, id) && !self.undo(graph, id, operator, x) {
                    self.orient(graph, id, x);
                }
            }
            Unary::NormalCdf | Unary::NormalIcdf => {
                if !self.special(graph, id) && !self.undo(graph, id, operator, x) {
                    self.orient(graph, id, x);
                }
            }
            Unary::LogBesselI0 | Unary::BesselRatio => {
                if !self.special(graph, id) {
                    self.orient(graph, id, x);
                }
            }
            Unary::Lgamma | Unary::Polygamma(_) => {
                if !self.special(graph, id) {
                    self.shift(graph, id);
                }
            }
        }
    }

    /// Whether an equal term has been met before.
    fn is_known(&mut self, graph: &mut Graph, id: Id) -> bool {
        self.seen.contains(&id) || {
            let arguments: Result<Vec<_>, Stop> = graph
                .node(id)
                .arguments()
                .map(|x| self.checker.ring.form(graph, x))
                .collect();
            let head = match graph.node(id) {
                Node::Unary(operator, _) => Head::Unary(operator),
                Node::Binary(operator, ..) => Head::Binary(operator),
                Node::Ternary(operator, ..) => Head::Ternary(operator),
                Node::Constant(_) | Node::Pi | Node::Infinity | Node::Symbol(_) => return true,
            };
            arguments.is_ok_and(|arguments| {
                let ring = &self.checker.ring;
                ring.with_head(head)
                    .iter()
                    .any(|&atom| ring.meaning(atom).arguments == arguments)
            })
        }
    }

    fn special(&mut self, graph: &mut Graph, id: Id) -> bool {
        let Ok(Some(to)) = rules::value(graph, &mut self.checker.ring, id) else {
            return false;
        };
        self.visit(graph, to);
        self.take(graph, Rule::Value, id, to)
    }

    /// By the facts, where they decide; otherwise it is remembered.
    fn decide(&mut self, graph: &mut Graph, id: Id) {
        if let Node::Unary(Unary::Abs, x) = graph.node(id)
            && let Ok(form) = self.checker.ring.form(graph, x)
            && form.terms.len() == 1
            && self.absolute(graph, id, &form)
        {
            return;
        }
        let Some(on) = rules::deciding(graph, id) else {
            return;
        };
        self.visit(graph, on);
        let signs = self.checker.facts.signs(&mut self.checker.ring, graph, on);
        let narrowed = [signs, signs.without(Signs::ZERO)]
            .into_iter()
            .any(|signs| {
                // Where zero has no mass it need not be decided.
                rules::instance(graph, Rule::Decided(signs), id).is_some()
                    && self.apply(graph, Rule::Decided(signs), id)
            });
        if !narrowed {
            self.undecided.push(id);
        }
    }

    /// |c·Πfᵢ| as |c|·Π|fᵢ|.
    fn absolute(&mut self, graph: &mut Graph, id: Id, form: &Polynomial) -> bool {
        let [(monomial, c)] = form.terms.as_slice() else {
            return false;
        };
        if monomial.as_atom().is_some() && c.is_one() {
            return false;
        }
        let size = if c.signum() < 0 { c.neg() } else { c.clone() };
        let mut product = graph.constant(size.rational());
        for &(atom, n) in &monomial.powers {
            let base = self.checker.ring.atom_term(graph, atom);
            let magnitude = graph.unary(Unary::Abs, base);
            let n = graph.integer(i64::from(n));
            let power = graph.pow(magnitude, n);
            product = graph.mul(product, power);
        }
        if let Some(exponent) = &monomial.exponent {
            let exponent = self.checker.ring.term(graph, exponent);
            let factor = graph.exp(exponent);
            product = graph.mul(product, factor);
        }
        if product == id {
            return false;
        }
        self.visit(graph, product);
        self.take(graph, Rule::Absolute, id, product)
    }

    /// f(x) through f(−x) or f(1 − x), where that one has the first term of x positive.
    fn orient(&mut self, graph: &mut Graph, id: Id, x: Id) {
        let Ok(form) = self.checker.ring.form(graph, x) else {
            return;
        };
        let negative = match graph.node(id) {
            // Of u and 1 − u the one without the constant.
            Node::Unary(Unary::NormalIcdf, _) => {
                let first = form.terms.iter().find(|t| !t.0.is_one());
                first.is_some_and(|t| t.1.signum() < 0)
            }
            _ => form.terms.first().is_some_and(|t| t.1.signum() < 0),
        };
        if negative {
            self.apply(graph, Rule::Reflection, id);
        }
    }

    /// f(f⁻¹(t)) = t.
    fn undo(&mut self, graph: &mut Graph, id: Id, operator: Unary, x: Id) -> bool {
        let inner = match operator {
            Unary::NormalCdf => Unary::NormalIcdf,
            Unary::NormalIcdf => Unary::NormalCdf,
            Unary::Asin | Unary::Atan => Unary::Sin,
            Unary::Acos => Unary::Cos,
            _ => return false,
        };
        let Ok(form) = self.checker.ring.form(graph, x) else {
            return false;
        };
        let candidates: Vec<_> = form
            .atoms()
            .into_iter()
            .filter(|&atom| self.checker.ring.meaning(atom).head == Head::Unary(inner))
            .collect();
        for atom in candidates {
            let argument = self.checker.ring.meaning(atom).arguments[0].clone();
            let t = self.checker.ring.term(graph, &argument);
            let mut candidates = vec![t, graph.neg(t)];
            if operator == Unary::NormalCdf {
                candidates.push(super::definedness::minus(graph, 1, t));
            } else if operator != Unary::NormalIcdf {
                let (pi, two) = (graph.pi(), graph.integer(2));
                let quarter = graph.div(pi, two);
                candidates.extend([graph.sub(t, quarter), graph.sub(quarter, t)]);
            }
            for t in candidates {
                let image = graph.unary(inner, t);
                self.visit(graph, image);
                if operator == Unary::Atan {
                    let cosine = graph.unary(Unary::Cos, t);
                    self.visit(graph, cosine);
                }
                if self.take(graph, Rule::Undone(t), id, t) {
                    return true;
                }
            }
        }
        false
    }

    fn trigonometric(&mut self, graph: &mut Graph, id: Id, x: Id) {
        if self.special(graph, id) {
            return;
        }
        let Ok(form) = self.checker.ring.form(graph, x) else {
            return;
        };
        if let Some(atom) = form.as_atom() {
            let meaning = self.checker.ring.meaning(atom).clone();
            if matches!(meaning.head, Head::Unary(Unary::Asin | Unary::Acos)) {
                let t = self.checker.ring.term(graph, &meaning.arguments[0]);
                if self.take(graph, Rule::Undone(t), id, t) {
                    return;
                }
            }
        }
        let pi = graph.pi();
        let turns = self.checker.ring.form(graph, pi).ok().and_then(|pi| {
            let (monomial, _) = pi.terms.first()?;
            let (_, c) = form.terms.iter().find(|t| t.0 == *monomial)?;
            let quarters = c.mul(&Coefficient::integer(2));
            // To the nearest, at a tie to the lower: one of −π/4 and π/4 has to stay where it is, or
            // they would be turned into each other for ever.
            let half = Coefficient::fraction(1, 2);
            quarters.neg().add(&half).floor().map(|k| -k)
        });
        if let Some(k) = turns
            && k != 0
            && let Ok(k) = i32::try_from(k)
            && self.apply(graph, Rule::Turn(k), id)
        {
            return;
        }
        if form.terms.first().is_some_and(|t| t.1.signum() < 0) {
            self.apply(graph, Rule::Reflection, id);
            return;
        }
        // Twice an angle that is there, too.
        let half = form.scale(&Coefficient::fraction(1, 2));
        let is_double = self.angles.clone().iter().any(|&angle| {
            let form = self.checker.ring.form(graph, angle);
            form.is_ok_and(|form| *form == half)
        });
        if is_double {
            let h = self.checker.ring.term(graph, &half);
            if let Node::Unary(operator, _) = graph.node(id) {
                let to = rules::angles(graph, operator, h, h);
                self.visit(graph, to);
                self.take(graph, Rule::Angles(h, h), id, to);
            }
        }
    }

    /// To the smallest argument that differs by an integer and is positive: one that is there
    /// already, or for constants one in (0, 1].
    fn shift(&mut self, graph: &mut Graph, id: Id) {
        let x = match graph.node(id) {
            Node::Unary(Unary::Lgamma | Unary::Polygamma(0 | 1), x) => x,
            Node::Binary(Binary::GammaP, a, _) => a,
            _ => return,
        };
        let Ok(form) = self.checker.ring.form(graph, x) else {
            return;
        };
        if let Some(c) = form.as_constant() {
            let steps = c.add(&Coefficient::integer(-1)).neg().floor().map(|n| -n);
            if let Some(n) = steps
                && n > 0
                && let Ok(n) = u32::try_from(n)
            {
                self.apply(graph, Rule::Shift(n), id);
            }
            return;
        }
        // Down by whole numbers while the argument is known to stay positive.
        let whole = form.constant_term().floor().unwrap_or(0);
        for n in (1..=whole.clamp(0, i64::from(rules::LONGEST_SHIFT))).rev() {
            if let Ok(n) = u32::try_from(n)
                && self.apply(graph, Rule::Shift(n), id)
            {
                return;
            }
        }
    }

    /// log x as a sum of logarithms of what x is visibly a product of.
    fn expand(&mut self, graph: &mut Graph, id: Id) -> bool {
        let Node::Unary(Unary::Log, x) = graph.node(id) else {
            return false;
        };
        let Ok(Some(to)) = self.factored(graph, x) else {
            return false;
        };
        if to == id || !self.brings_something(graph, id, to) {
            return false;
        }
        self.visit(graph, to);
        self.take(graph, Rule::Logarithm, id, to)
    }

    /// A single logarithm of the same argument is no progress.
    fn brings_something(&mut self, graph: &mut Graph, id: Id, to: Id) -> bool {
        let Node::Unary(Unary::Log, x) = graph.node(id) else {
            return false;
        };
        let Node::Unary(Unary::Log, y) = graph.node(to) else {
            return true;
        };
        let ring = &mut self.checker.ring;
        let (Ok(a), Ok(b)) = (ring.form(graph, x), ring.form(graph, y)) else {
            return false;
        };
        a != b
    }

    fn factored(&mut self, graph: &mut Graph, x: Id) -> Result<Option<Id>, Stop> {
        let form = self.checker.ring.form(graph, x)?;
        let form = self.checker.ring.without_sines(&form)?;
        let (p, mut factors) = self.over_divisors(&form)?;
        let plain = plain(&[&p])?;
        let rest = &plain.polynomials[0];
        let c = match rest.as_constant() {
            Some(c) => c,
            None => {
                let factor = plain.restore(&mut self.checker.ring, &monic(rest))?;
                factors.push((factor, 1));
                rest.terms[0].1.clone()
            }
        };
        self.logarithm(graph, (&plain, 0), c, factors)
    }

    /// log of c, the content of a plain polynomial, and factors, as a sum; none where a sign is
    /// not known.
    fn logarithm(
        &mut self,
        graph: &mut Graph,
        (plain, place): (&Plain, usize),
        c: Coefficient,
        mut factors: Vec<(Polynomial, i64)>,
    ) -> Result<Option<Id>, Stop> {
        for &(atom, n) in &plain.contents[place] {
            factors.push((Polynomial::atom(atom), i64::from(n)));
        }
        let mut sign = c.signum();
        let mut terms = Vec::new();
        for (factor, n) in factors {
            if !self.log_of(graph, &factor, n, &mut terms, &mut sign)? {
                return Ok(None);
            }
        }
        if sign <= 0 {
            return Ok(None);
        }
        if !plain.exponents[place].is_zero() {
            terms.push(self.checker.ring.term(graph, &plain.exponents[place]));
        }
        let size = if c.signum() < 0 { c.neg() } else { c };
        terms.extend(log_of_rational(graph, &size.rational()));
        Ok(Some(graph.sum(&terms)))
    }

    /// A sum as one without divisors, and the divisors with negative powers.
    fn over_divisors(
        &mut self,
        form: &Polynomial,
    ) -> Result<(Polynomial, Vec<(Polynomial, i64)>), Stop> {
        let mut above = form.clone();
        let mut divisors = Vec::new();
        while let Some(atom) = above
            .atoms()
            .into_iter()
            .rev()
            .find(|&a| self.checker.ring.meaning(a).head == Head::Inverse)
        {
            let power = above.degrees(atom).1;
            let divisor = self.checker.ring.meaning(atom).arguments[0].clone();
            above = self.checker.ring.times_divisor(&above, atom)?;
            divisors.push(((*divisor).clone(), -i64::from(power)));
        }
        Ok((above, divisors))
    }

    /// Adds n·log of a factor, turned positive; an even power of unknown sign by its absolute
    /// value. False where the sign is not known.
    fn log_of(
        &mut self,
        graph: &mut Graph,
        base: &Polynomial,
        n: i64,
        terms: &mut Vec<Id>,
        sign: &mut i32,
    ) -> Result<bool, Stop> {
        let signs = self
            .checker
            .facts
            .signs_of(&mut self.checker.ring, graph, base, 0);
        let term = self.checker.ring.term(graph, base);
        let positive = if signs.within(Signs::NONNEGATIVE) {
            term
        } else if signs.within(Signs::NONPOSITIVE) {
            if n % 2 != 0 {
                *sign = -*sign;
            }
            graph.neg(term)
        } else if n % 2 == 0 {
            graph.unary(Unary::Abs, term)
        } else {
            return Ok(false);
        };
        let log = graph.log(positive);
        let n = graph.integer(n);
        terms.push(graph.mul(n, log));
        Ok(true)
    }

    /// Takes logarithms apart over a common basis of coprime factors.
    fn refine(&mut self, graph: &mut Graph) -> bool {
        let mut changed = false;
        for _ in 0..3 {
            let open: Vec<Id> = self
                .logarithms
                .iter()
                .copied()
                .filter(|&id| self.checker.ring.rewritten(id).is_none())
                .collect();
            let mut sources = Vec::new();
            let mut nodes = Vec::new();
            for id in open {
                if let Node::Unary(Unary::Log, x) = graph.node(id)
                    && let Ok(form) = self.checker.ring.form(graph, x)
                    && form.terms.len() > 1
                    && let Ok((p, divisors)) = self.over_divisors(&form)
                {
                    sources.push(p);
                    nodes.push((id, divisors));
                }
            }
            let references: Vec<&Polynomial> = sources.iter().collect();
            let Ok(common) = plain(&references) else {
                return changed;
            };
            let basis = coprime_basis(&common.polynomials);
            let mut again = false;
            for (place, (id, divisors)) in nodes.into_iter().enumerate() {
                let Some((c, powers)) = over_basis(&common.polynomials[place], &basis) else {
                    continue;
                };
                if powers.len() == 1 && powers[0].1 == 1 {
                    continue;
                }
                let factors: Result<Vec<_>, Stop> = powers
                    .into_iter()
                    .map(|(factor, n)| {
                        let base = common.restore(&mut self.checker.ring, &basis[factor])?;
                        Ok((base, n))
                    })
                    .collect();
                let Ok(mut factors) = factors else {
                    continue;
                };
                factors.extend(divisors);
                let Ok(Some(to)) = self.logarithm(graph, (&common, place), c, factors) else {
                    continue;
                };
                self.visit(graph, to);
                again |= self.take(graph, Rule::Logarithm, id, to);
            }
            if !again {
                return changed;
            }
            changed = true;
        }
        changed
    }

    /// By cases of the first undecided term.
    fn split(&mut self, graph: &mut Graph, from: Id, to: Id, cases: &mut usize) -> bool {
        let undecided: Vec<Id> = std::mem::take(&mut self.undecided);
        let Some(&id) = undecided
            .iter()
            .filter(|&&id| !matches!(graph.node(id), Node::Ternary(Ternary::Select, ..)))
            .min()
        else {
            return false;
        };
        let Some(on) = rules::deciding(graph, id) else {
            return false;
        };
        let known = self.checker.facts.signs(&mut self.checker.ring, graph, on);
        let both = |a: Signs, b: Signs| vec![a, b];
        let zero_is_null =
            self.checker
                .facts
                .shows(&mut self.checker.ring, graph, on, Signs::NONZERO)
                != super::facts::Shown::No;
        let choices = if zero_is_null {
            both(Signs::POSITIVE, Signs::NEGATIVE)
        } else {
            match graph.node(id) {
                Node::Binary(Binary::Equal, ..) => both(Signs::ZERO, Signs::NONZERO),
                Node::Binary(Binary::Less, ..) => both(Signs::POSITIVE, Signs::NONPOSITIVE),
                Node::Unary(Unary::Sign, _) => {
                    vec![Signs::POSITIVE, Signs::ZERO, Signs::NEGATIVE]
                }
                _ => both(Signs::NONNEGATIVE, Signs::NEGATIVE),
            }
        };
        let mut branches = Vec::new();
        for signs in choices {
            if known.and(signs).is_empty() {
                continue;
            }
            if *cases == 0 {
                return false;
            }
            *cases -= 1;
            let Ok(checker) = self.checker.assuming(graph, on, signs) else {
                return false;
            };
            // What was tried without the assumption is tried again.
            let mut inner = Search::new(checker, self.angles.clone());
            if !inner.close(graph, from, to, cases) {
                return false;
            }
            branches.push(Case {
                signs,
                steps: inner.steps,
            });
        }
        let step = Step {
            rule: Rule::Cases(on),
            from,
            to,
            conditions: Vec::new(),
            branches,
        };
        let accepted = self.checker.accept(graph, &step).is_ok();
        if accepted {
            self.steps.push(step);
        }
        accepted
    }
}

/// log of a positive rational as whole multiples of logarithms of primes, as far as they are small.
fn log_of_rational(graph: &mut Graph, value: &Rational) -> Vec<Id> {
    let mut terms = Vec::new();
    let parts = [
        (u64::try_from(value.numerator()), 1i64),
        (u64::try_from(value.denominator()), -1),
    ];
    let mut rest = value.clone();
    for (part, sign) in parts {
        let Ok(mut n) = part else {
            continue;
        };
        let mut prime = 2u64;
        while n > 1 && prime <= 1_000 {
            let mut times = 0i64;
            while n.is_multiple_of(prime) {
                n /= prime;
                times += 1;
                let factor = Rational::from(prime);
                rest = if sign > 0 {
                    rest / factor
                } else {
                    rest * factor
                };
            }
            if times > 0 {
                let base = graph.constant(Rational::from(prime));
                let (log, count) = (graph.log(base), graph.integer(sign * times));
                terms.push(graph.mul(count, log));
            }
            prime += 1;
        }
    }
    if rest != Rational::ONE {
        let rest = graph.constant(rest);
        terms.push(graph.log(rest));
    }
    terms
}
