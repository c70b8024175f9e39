//! The search for proofs: brings both sides to normal form, one accepted step at a time.
//!
//! Every step is put before a [`Checker`] at once and dropped where it is not accepted, so what is
//! kept is a proof so far. Node by node, arguments first: operators by their definitions; absolute
//! values and conditions by the facts; logarithms taken apart into those of coprime factors; the
//! gamma family shifted to common arguments. What stays undecided is split into cases.

mod cases;
mod expand;
mod functions;
mod logarithms;
mod roots;

pub use expand::{Expanded, Factor, expand};

use super::facts::Facts;
use super::polynomial::Polynomial;
use super::proof::{Proof, Rule, Step};
use super::replay::{Checker, Replayed, replay};
use super::ring::Ring;
use super::rules;
use super::signs::Signs;
use crate::graph::{Graph, Id, Node};
use crate::number::{Binary, Ternary, Unary};
use rustc_hash::FxHashSet;
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
    let met = Met::among(graph, &nodes);
    let mut search = Search::new(Checker::new(facts.clone()), met);
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
    /// Factors of logarithms whose signs are not known.
    signless: Vec<Id>,
    met: Rc<Met>,
    depth: usize,
}

/// Whether a term is a number of certain signs wherever the facts hold, after the same steps as in
/// proofs, or case by case.
pub fn prove_sign(graph: &mut Graph, facts: &Facts, term: Id, signs: Signs) -> bool {
    let Some((search, _)) = normalized(graph, facts, term) else {
        return false;
    };
    let mut checker = Checker::new(facts.clone());
    let shown = search
        .steps
        .iter()
        .all(|step| checker.accept(graph, step).is_ok())
        && checker.number(graph, term).is_ok()
        && checker.shows(graph, term, signs);
    shown || sign_by_cases(graph, facts, term, signs)
}

/// The same as a statement about what is 1 where the term has the signs, and 0 elsewhere.
fn sign_by_cases(graph: &mut Graph, facts: &Facts, term: Id, signs: Signs) -> bool {
    let (zero, one) = (graph.integer(0), graph.integer(1));
    let statement = match signs {
        Signs::POSITIVE => graph.binary(Binary::Less, zero, term),
        Signs::NONNEGATIVE => graph.binary(Binary::LessEqual, zero, term),
        Signs::NEGATIVE => graph.binary(Binary::Less, term, zero),
        Signs::NONPOSITIVE => graph.binary(Binary::LessEqual, term, zero),
        Signs::ZERO => graph.binary(Binary::Equal, term, zero),
        Signs::NONZERO => {
            let equal = graph.binary(Binary::Equal, term, zero);
            graph.unary(Unary::Not, equal)
        }
        _ => return false,
    };
    matches!(prove(graph, facts, statement, one), Outcome::Proved(..))
}

/// A term in normal form, brought about by the same steps as proofs; none where it has none.
pub fn normal_form(graph: &mut Graph, facts: &Facts, term: Id) -> Option<Id> {
    let (search, form) = normalized(graph, facts, term)?;
    Some(search.checker.ring.term(graph, &form))
}

/// What functions are taken of on the two sides, for which others are worth taking apart.
#[derive(Debug)]
struct Met {
    /// Arguments of sin, cos and tan.
    angles: Vec<Id>,
    /// Arguments of log Γ and its derivatives.
    gammas: Vec<Id>,
}

impl Met {
    fn among(graph: &Graph, nodes: &[Id]) -> Rc<Met> {
        let mut met = Met {
            angles: Vec::new(),
            gammas: Vec::new(),
        };
        for &id in nodes {
            match graph.node(id) {
                Node::Unary(Unary::Sin | Unary::Cos | Unary::Tan, x) => met.angles.push(x),
                Node::Unary(Unary::Lgamma | Unary::Polygamma(_), x) => met.gammas.push(x),
                Node::Constant(_)
                | Node::Pi
                | Node::Infinity
                | Node::Symbol(_)
                | Node::Unary(..)
                | Node::Binary(..)
                | Node::Ternary(..) => {}
            }
        }
        Rc::new(met)
    }
}

fn normalized(graph: &mut Graph, facts: &Facts, term: Id) -> Option<(Search, Rc<Polynomial>)> {
    let nodes = graph.reachable(&[term]);
    if nodes.len() > MOST_NODES {
        return None;
    }
    let met = Met::among(graph, &nodes);
    let mut search = Search::new(Checker::new(facts.clone()), met);
    search.visit(graph, term);
    search.refine(graph);
    let form = search.checker.ring.form(graph, term).ok()?;
    Some((search, form))
}

impl Search {
    fn new(checker: Checker, met: Rc<Met>) -> Search {
        Search {
            checker,
            met,
            steps: Vec::new(),
            seen: FxHashSet::default(),
            logarithms: Vec::new(),
            undecided: Vec::new(),
            signless: Vec::new(),
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
        self.contradicts(graph, from, to) || self.split(graph, from, to, cases)
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
                Binary::Add | Binary::Sub | Binary::Mul | Binary::Div | Binary::GammaPDa => {}
                Binary::Atan2 => self.half_plane(graph, id),
                Binary::Pow => {
                    let exponent = graph.node(id).arguments().nth(1);
                    let integer = exponent
                        .and_then(|y| self.checker.ring.form(graph, y).ok())
                        .and_then(|form| form.as_constant())
                        .is_some_and(|c| c.as_integer().is_some());
                    if !integer && !self.parity(graph, id) {
                        self.apply(graph, Rule::Definition, id);
                    }
                }
                Binary::Mod | Binary::GammaQ | Binary::And | Binary::Or => {
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
            | Unary::Sinh
            | Unary::Cosh
            | Unary::Tanh
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
            Unary::Sqrt => {
                if !self.root(graph, id, x) {
                    self.apply(graph, Rule::Definition, id);
                }
            }
            Unary::Log => {
                self.logarithms.push(id);
                self.expand(graph, id);
            }
            Unary::Abs | Unary::Sign => self.decide(graph, id),
            Unary::Floor | Unary::Ceil | Unary::Round => self.step(graph, id),
            Unary::Sin | Unary::Cos => self.trigonometric(graph, id, x),
            Unary::Acos => {
                if !self.special(graph, id) && !self.undo(graph, id, operator, x) {
                    self.apply(graph, Rule::Definition, id);
                }
            }
            Unary::Asin | Unary::Atan => {
                if !self.special(graph, id) && !self.undo(graph, id, operator, x) {
                    self.orient(graph, id, x);
                }
            }
            Unary::Asinh => {
                self.orient(graph, id, x);
                if self.checker.ring.rewritten(id).is_none() {
                    self.apply(graph, Rule::Definition, id);
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
}
