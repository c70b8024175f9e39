//! The normal form: terms of a graph as polynomials over atoms.
//!
//! Sums, products, quotients, integer powers and exponentials are arithmetic here; every other
//! operator is an *atom*, one for each operator and arguments that are equal in the ring (so
//! sin(a + b) and sin(b + a) are one atom). The quotient 1/p of a sum p is an atom, too, with the
//! relation p·(1/p) = 1; e^E·e^F is e^(E + F), and e^(n·log f) is fⁿ for integer n.
//!
//! Law: what two terms with equal normal form denote is equal wherever both are defined, as real
//! numbers: every logarithm's argument positive, every divisor nonzero. Who uses it shows that
//! they are (see [`super::definedness`]).

mod arithmetic;
mod terms;
mod zero;

use super::coefficient::Coefficient;
use super::polynomial::{Atom, Polynomial};
use super::signs::Signs;
use crate::graph::{Graph, Id, Node};
use crate::number::{Binary, Ternary, Unary};
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::Cell;
use std::rc::Rc;

/// Terms of a polynomial at most.
const MOST_TERMS: usize = 3_000;

/// Integer powers of sums at most.
const HIGHEST_POWER: i64 = 24;

/// Powers of one atom at most: far from what a machine word wraps at, and from what takes long.
const HIGHEST_DEGREE: u32 = 1 << 8;

/// Depth of formulas, and of atoms inside atoms, at most.
const DEEPEST: usize = 400;

/// Atoms at most.
const MOST_ATOMS: usize = 4_000;

/// Terms handled at most, in all: a bound on time that is the same on every machine.
const MOST_WORK: usize = 1_200_000;

/// Why there is no normal form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// A limit on terms, powers, depth or work was reached.
    TooLarge,
    /// A division by what is zero.
    DivisionByZero,
    /// The term is not a finite number.
    Infinite,
    /// A rewriting leads back to where it started.
    Circular,
}

/// What an atom is the value of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Head {
    /// A node without arguments: a symbol, or π.
    Leaf(Id),
    /// One over its argument, a sum.
    Inverse,
    /// An operator of one argument.
    Unary(Unary),
    /// Of two.
    Binary(Binary),
    /// Of three.
    Ternary(Ternary),
}

/// An atom's meaning.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Meaning {
    pub(super) head: Head,
    pub(super) arguments: Vec<Rc<Polynomial>>,
}

/// The table of atoms, and the equations between terms that are taken to hold.
#[derive(Clone, Debug, Default)]
pub(super) struct Ring {
    meanings: Vec<Meaning>,
    atoms: FxHashMap<Meaning, Atom>,
    of_head: FxHashMap<Head, Vec<Atom>>,
    forms: FxHashMap<Id, Rc<Polynomial>>,
    rewrites: FxHashMap<Id, Id>,
    pi: Option<Atom>,
    open: FxHashSet<Id>,
    /// Signs that were found under the facts that the ring is used with, by how deep the question
    /// was.
    signs: FxHashMap<(Polynomial, usize), Signs>,
    /// Shared by the copies that cases work on.
    work: Rc<Cell<usize>>,
    depth: usize,
}

impl Ring {
    pub(super) fn meaning(&self, atom: Atom) -> &Meaning {
        &self.meanings[atom.0 as usize]
    }

    /// Every atom with this head, oldest first.
    pub(super) fn with_head(&self, head: Head) -> &[Atom] {
        self.of_head.get(&head).map_or(&[], Vec::as_slice)
    }

    /// Takes `from` for `to` from now on.
    pub(super) fn rewrite(&mut self, from: Id, to: Id) {
        if self.rewrites.get(&from) != Some(&to) {
            self.rewrites.insert(from, to);
            // What was formed with the old meaning of `from` is no normal form any more.
            if self.forms.contains_key(&from) {
                self.forms.clear();
                self.signs.clear();
            }
        }
    }

    /// The signs found before of a polynomial at a depth.
    pub(super) fn known_signs(&self, p: &Polynomial, depth: usize) -> Option<Signs> {
        self.signs.get(&(p.clone(), depth)).copied()
    }

    /// Remembers the signs of a polynomial at a depth, for as long as the facts are the same.
    pub(super) fn remember_signs(&mut self, p: &Polynomial, depth: usize, signs: Signs) {
        self.signs.insert((p.clone(), depth), signs);
    }

    /// For use with other facts.
    pub(super) fn forget_signs(&mut self) {
        self.signs.clear();
    }

    /// Accounts for work.
    pub(super) fn spend(&self, terms: usize) -> Result<(), Stop> {
        self.work.set(self.work.get() + terms);
        if self.work.get() > MOST_WORK {
            return Err(Stop::TooLarge);
        }
        Ok(())
    }

    /// π, once it has been met.
    pub(super) fn pi(&self) -> Option<Polynomial> {
        self.pi.map(Polynomial::atom)
    }

    /// What a term is taken for; none where it is taken as it stands.
    pub(super) fn rewritten(&self, from: Id) -> Option<Id> {
        self.rewrites.get(&from).copied()
    }

    /// The normal form of a term.
    pub(super) fn form(&mut self, graph: &Graph, id: Id) -> Result<Rc<Polynomial>, Stop> {
        if let Some(form) = self.forms.get(&id) {
            return Ok(form.clone());
        }
        if self.open.len() >= DEEPEST {
            return Err(Stop::TooLarge);
        }
        if !self.open.insert(id) {
            return Err(Stop::Circular);
        }
        let form = match self.rewritten(id) {
            Some(to) => self.form(graph, to),
            None => self.translate(graph, id).map(Rc::new),
        };
        self.open.remove(&id);
        let form = form?;
        self.forms.insert(id, form.clone());
        Ok(form)
    }

    fn translate(&mut self, graph: &Graph, id: Id) -> Result<Polynomial, Stop> {
        match graph.node(id) {
            Node::Constant(place) => Ok(Polynomial::constant(Coefficient::from(
                graph.constant_value(place),
            ))),
            Node::Infinity => Err(Stop::Infinite),
            Node::Pi => {
                let pi = self.atom(Head::Leaf(id), Vec::new())?;
                self.pi = pi.as_atom();
                self.signs.clear();
                Ok(pi)
            }
            Node::Symbol(_) => self.atom(Head::Leaf(id), Vec::new()),
            Node::Unary(operator, x) => {
                let form = self.form(graph, x)?;
                match operator {
                    Unary::Neg => Ok(form.neg()),
                    Unary::Exp => self.exp(&form),
                    other => self.atom(Head::Unary(other), vec![form]),
                }
            }
            Node::Binary(operator, x, y) => {
                let (a, b) = (self.form(graph, x)?, self.form(graph, y)?);
                match operator {
                    Binary::Add => self.bounded(a.add(&b)),
                    Binary::Sub => self.bounded(a.sub(&b)),
                    Binary::Mul => self.mul(&a, &b),
                    Binary::Div => {
                        let inverse = self.inverse(&b)?;
                        self.mul(&a, &inverse)
                    }
                    Binary::Pow => match b.as_constant().and_then(|c| c.as_integer()) {
                        Some(n) if n.abs() <= HIGHEST_POWER => self.power(&a, n),
                        _ => self.atom(Head::Binary(operator), vec![a, b]),
                    },
                    other => self.atom(Head::Binary(other), vec![a, b]),
                }
            }
            Node::Ternary(operator, x, y, z) => {
                let arguments = vec![
                    self.form(graph, x)?,
                    self.form(graph, y)?,
                    self.form(graph, z)?,
                ];
                self.atom(Head::Ternary(operator), arguments)
            }
        }
    }

    fn bounded(&self, p: Polynomial) -> Result<Polynomial, Stop> {
        let mut powers = p.terms.iter().flat_map(|t| &t.0.powers);
        if p.terms.len() > MOST_TERMS || powers.any(|p| p.1.unsigned_abs() > HIGHEST_DEGREE) {
            return Err(Stop::TooLarge);
        }
        Ok(p)
    }

    /// The atom with a head and arguments; the same for arguments that are equal in the ring.
    pub(super) fn atom(
        &mut self,
        head: Head,
        arguments: Vec<Rc<Polynomial>>,
    ) -> Result<Polynomial, Stop> {
        let meaning = Meaning { head, arguments };
        if let Some(&atom) = self.atoms.get(&meaning) {
            return Ok(Polynomial::atom(atom));
        }
        for candidate in self.with_head(head).to_vec() {
            let known = self.meaning(candidate).arguments.clone();
            let mut same = true;
            for (a, b) in known.iter().zip(&meaning.arguments) {
                same = same && self.is_zero(&a.sub(b))?;
            }
            if same {
                self.atoms.insert(meaning, candidate);
                return Ok(Polynomial::atom(candidate));
            }
        }
        if self.meanings.len() >= MOST_ATOMS {
            return Err(Stop::TooLarge);
        }
        let atom = Atom(self.meanings.len() as u32);
        self.meanings.push(meaning.clone());
        self.atoms.insert(meaning, atom);
        self.of_head.entry(head).or_default().push(atom);
        Ok(Polynomial::atom(atom))
    }

    /// Whether two terms have the same normal form.
    pub(super) fn same(&mut self, graph: &Graph, a: Id, b: Id) -> Result<bool, Stop> {
        let (a, b) = (self.form(graph, a)?, self.form(graph, b)?);
        self.is_zero(&a.sub(&b))
    }
}
