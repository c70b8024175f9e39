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

use super::coefficient::Coefficient;
use super::polynomial::{Atom, Monomial, Polynomial, merge};
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
const MOST_WORK: usize = 400_000;

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
            }
        }
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

    pub(super) fn mul(&mut self, a: &Polynomial, b: &Polynomial) -> Result<Polynomial, Stop> {
        if a.is_one() {
            return Ok(b.clone());
        }
        if b.is_one() {
            return Ok(a.clone());
        }
        if a.terms.len() * b.terms.len() > 20 * MOST_TERMS {
            return Err(Stop::TooLarge);
        }
        self.spend(a.terms.len() * b.terms.len())?;
        let mut terms = Vec::with_capacity(a.terms.len() * b.terms.len());
        let mut rest = Polynomial::default();
        for (m, c) in &a.terms {
            for (n, d) in &b.terms {
                let coefficient = c.mul(d);
                let powers = merge(&m.powers, &n.powers);
                let exponent = match (&m.exponent, &n.exponent) {
                    (None, None) => None,
                    (Some(e), None) | (None, Some(e)) => Some(e.clone()),
                    (Some(e), Some(f)) => {
                        // Fractions of logarithms may add up to whole ones.
                        let exponential = self.exp(&e.add(f))?;
                        let monomial = Monomial {
                            powers,
                            exponent: None,
                        };
                        let product = match exponential.terms.as_slice() {
                            [(only, k)] => Polynomial::term(
                                Monomial {
                                    powers: merge(&monomial.powers, &only.powers),
                                    exponent: only.exponent.clone(),
                                },
                                coefficient.mul(k),
                            ),
                            _ => {
                                self.mul(&Polynomial::term(monomial, coefficient), &exponential)?
                            }
                        };
                        rest = rest.add(&product);
                        continue;
                    }
                };
                terms.push((Monomial { powers, exponent }, coefficient));
            }
        }
        let product = Polynomial::collect(terms).add(&rest);
        let product = self.without_roots(product)?;
        self.bounded(product)
    }

    /// With √x² written as x, and |x|² as x².
    fn without_roots(&mut self, p: Polynomial) -> Result<Polynomial, Stop> {
        let heads = [Unary::Sqrt, Unary::Abs].map(Head::Unary);
        if heads.iter().all(|&head| self.with_head(head).is_empty()) {
            return Ok(p);
        }
        let mut kept = Vec::new();
        let mut changed = Polynomial::default();
        for (monomial, c) in p.terms {
            let found = monomial
                .powers
                .iter()
                .find(|&&(atom, n)| n >= 2 && heads.contains(&self.meaning(atom).head))
                .copied();
            let Some((atom, n)) = found else {
                kept.push((monomial, c));
                continue;
            };
            let Meaning { head, arguments } = self.meaning(atom).clone();
            let mut rest = monomial.without(atom);
            rest.powers = merge(&rest.powers, &[(atom, n % 2)]);
            rest.powers.retain(|p| p.1 != 0);
            let halves = if head == Head::Unary(Unary::Sqrt) {
                1
            } else {
                2
            };
            let square = self.power(&arguments[0], i64::from(n / 2 * halves))?;
            let term = self.mul(&Polynomial::term(rest, c), &square)?;
            changed = changed.add(&term);
        }
        Ok(Polynomial { terms: kept }.add(&changed))
    }

    /// pⁿ.
    pub(super) fn power(&mut self, p: &Polynomial, n: i64) -> Result<Polynomial, Stop> {
        if n < 0 {
            let inverse = self.inverse(p)?;
            return self.power(&inverse, -n);
        }
        let mut result = Polynomial::one();
        let mut base = p.clone();
        let mut left = n;
        while left > 0 {
            if left & 1 == 1 {
                result = self.mul(&result, &base)?;
            }
            left >>= 1;
            if left > 0 {
                base = self.mul(&base, &base)?;
            }
        }
        Ok(result)
    }

    /// e^E, with whole multiples of logarithms taken out as powers.
    pub(super) fn exp(&mut self, exponent: &Polynomial) -> Result<Polynomial, Stop> {
        let mut kept = Vec::new();
        let mut factors = Vec::new();
        for (monomial, c) in &exponent.terms {
            let logarithm = monomial.as_atom().and_then(|atom| {
                let meaning = self.meaning(atom);
                (meaning.head == Head::Unary(Unary::Log)).then(|| meaning.arguments[0].clone())
            });
            match (logarithm, c.floor()) {
                (Some(argument), Some(n)) if n.abs() <= HIGHEST_POWER => {
                    if n != 0 {
                        factors.push((argument, n));
                    }
                    let rest = c.add(&Coefficient::integer(-n));
                    if !rest.is_zero() {
                        kept.push((monomial.clone(), rest));
                    }
                }
                _ => kept.push((monomial.clone(), c.clone())),
            }
        }
        let monomial = Monomial {
            powers: Vec::new(),
            exponent: (!kept.is_empty()).then(|| Rc::new(Polynomial { terms: kept })),
        };
        let mut result = Polynomial::term(monomial, Coefficient::ONE);
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Stop::TooLarge);
        }
        for (argument, n) in factors {
            let factor = self.power(&argument, n)?;
            result = self.mul(&result, &factor)?;
        }
        self.depth -= 1;
        Ok(result)
    }

    /// A polynomial as a monomial factor times one without: coefficient, monomial, the rest. The
    /// rest of polynomials that differ by a monomial factor is the same.
    pub(super) fn primitive(
        &mut self,
        p: &Polynomial,
    ) -> Result<(Coefficient, Polynomial, Polynomial), Stop> {
        let (powers, exponent) = p.content();
        let nothing = Monomial {
            powers: powers.clone(),
            exponent: None,
        };
        let monomial = self.exp(&exponent)?;
        let monomial = self.mul(&Polynomial::term(nothing, Coefficient::ONE), &monomial)?;
        let inverse_powers = Monomial {
            powers: powers.iter().map(|&(a, n)| (a, -n)).collect(),
            exponent: None,
        };
        let inverse = self.exp(&exponent.neg())?;
        let mut rest = self.mul(p, &Polynomial::term(inverse_powers, Coefficient::ONE))?;
        rest = self.mul(&rest, &inverse)?;
        let leading = rest.terms.first().map_or(Coefficient::ONE, |t| t.1.clone());
        let Some(below) = leading.recip() else {
            return Err(Stop::DivisionByZero);
        };
        Ok((leading, monomial, rest.scale(&below)))
    }

    /// 1/p.
    pub(super) fn inverse(&mut self, p: &Polynomial) -> Result<Polynomial, Stop> {
        if p.is_zero() || (p.terms.len() > 1 && self.is_zero(p)?) {
            return Err(Stop::DivisionByZero);
        }
        if let [(monomial, c)] = p.terms.as_slice() {
            return self.inverse_term(monomial, c);
        }
        let (c, monomial, rest) = self.primitive(p)?;
        let below = match monomial.terms.as_slice() {
            [(m, k)] => self.inverse_term(m, &k.mul(&c))?,
            // Taking out roots of sums has left a sum: take p as it stands.
            _ => return self.atom(Head::Inverse, vec![Rc::new(p.clone())]),
        };
        if let [(m, k)] = rest.terms.as_slice() {
            let inverse = self.inverse_term(m, k)?;
            return self.mul(&below, &inverse);
        }
        let atom = self.atom(Head::Inverse, vec![Rc::new(rest)])?;
        self.mul(&below, &atom)
    }

    fn inverse_term(&mut self, monomial: &Monomial, c: &Coefficient) -> Result<Polynomial, Stop> {
        let c = c.recip().ok_or(Stop::DivisionByZero)?;
        let mut powers = Vec::new();
        let mut sums = Vec::new();
        for &(atom, n) in &monomial.powers {
            match self.meaning(atom) {
                Meaning {
                    head: Head::Inverse,
                    arguments,
                } => sums.push((arguments[0].clone(), n)),
                _ => powers.push((atom, -n)),
            }
        }
        let mut result = Polynomial::term(
            Monomial {
                powers,
                exponent: None,
            },
            c,
        );
        if let Some(exponent) = &monomial.exponent {
            let exponential = self.exp(&exponent.neg())?;
            result = self.mul(&result, &exponential)?;
        }
        for (sum, n) in sums {
            let factor = self.power(&sum, i64::from(n))?;
            result = self.mul(&result, &factor)?;
        }
        Ok(result)
    }

    /// Whether a polynomial is zero: by multiplying with every divisor, and with
    /// sin² = 1 − cos², |x|² = x² and √x² = x. `false` says nothing.
    pub(super) fn is_zero(&mut self, p: &Polynomial) -> Result<bool, Stop> {
        self.spend(p.terms.len())?;
        if p.is_zero() {
            return Ok(true);
        }
        if p.terms.len() == 1 {
            return Ok(false);
        }
        let cleared = self.cleared(p)?;
        if cleared.is_zero() {
            return Ok(true);
        }
        Ok(self.without_squares(&cleared)?.is_zero())
    }

    /// A polynomial times its divisors: the same sign up to that of the divisors, and no atom 1/q.
    pub(super) fn cleared(&mut self, p: &Polynomial) -> Result<Polynomial, Stop> {
        let mut p = p.clone();
        for _ in 0..DEEPEST {
            // The newest first: its divisor may contain older ones.
            let divisor = p
                .atoms()
                .into_iter()
                .rev()
                .find(|&atom| self.meaning(atom).head == Head::Inverse);
            let Some(atom) = divisor else {
                return Ok(p);
            };
            p = self.times_divisor(&p, atom)?;
        }
        Err(Stop::TooLarge)
    }

    /// A polynomial times the power of a divisor that takes its atom away.
    pub(super) fn times_divisor(&mut self, p: &Polynomial, atom: Atom) -> Result<Polynomial, Stop> {
        let divisor = self.meaning(atom).arguments[0].clone();
        let most = p.degrees(atom).1;
        let mut by_power: FxHashMap<i32, Vec<(Monomial, Coefficient)>> = FxHashMap::default();
        for (monomial, c) in &p.terms {
            by_power
                .entry(most - monomial.power(atom))
                .or_default()
                .push((monomial.without(atom), c.clone()));
        }
        let mut missing: Vec<i32> = by_power.keys().copied().collect();
        missing.sort_unstable();
        let mut result = Polynomial::default();
        for n in missing {
            let terms = by_power.remove(&n).unwrap_or_default();
            self.spend(terms.len())?;
            let power = self.power(&divisor, i64::from(n))?;
            result = result.add(&self.mul(&Polynomial::collect(terms), &power)?);
        }
        self.bounded(result)
    }

    /// The remainder modulo sin² + cos² − 1, |x|² − x² and √x² − x.
    fn without_squares(&mut self, p: &Polynomial) -> Result<Polynomial, Stop> {
        let mut p = p.clone();
        for atom in p.atoms().into_iter().rev() {
            let Meaning { head, arguments } = self.meaning(atom).clone();
            let square = match head {
                Head::Unary(Unary::Sin) => {
                    let cosine = self.atom(Head::Unary(Unary::Cos), arguments)?;
                    let square = self.mul(&cosine, &cosine)?;
                    Polynomial::one().sub(&square)
                }
                Head::Unary(Unary::Abs) => self.mul(&arguments[0], &arguments[0])?,
                Head::Unary(Unary::Sqrt) => (*arguments[0]).clone(),
                Head::Leaf(_)
                | Head::Inverse
                | Head::Unary(_)
                | Head::Binary(_)
                | Head::Ternary(_) => continue,
            };
            // Even powers first, so that none is negative.
            let low = p.degrees(atom).0.min(0);
            let mut result = Polynomial::default();
            for (monomial, c) in &p.terms {
                let n = monomial.power(atom) - low;
                let mut rest = monomial.without(atom);
                if n % 2 == 1 {
                    rest.powers = merge(&rest.powers, &[(atom, 1)]);
                }
                let power = self.power(&square, i64::from(n / 2))?;
                let term = Polynomial::term(rest, c.clone());
                result = result.add(&self.mul(&term, &power)?);
            }
            p = self.bounded(result)?;
        }
        // Cosines of divisors may have come in.
        self.cleared(&p)
    }

    /// A polynomial with sin² written as 1 − cos², where that changes it to another of the same
    /// value.
    pub(super) fn without_sines(&mut self, p: &Polynomial) -> Result<Polynomial, Stop> {
        let simple = p
            .atoms()
            .into_iter()
            .all(|atom| self.meaning(atom).head != Head::Inverse && p.degrees(atom).0 >= 0);
        if simple {
            self.without_squares(p)
        } else {
            Ok(p.clone())
        }
    }

    /// Whether two terms have the same normal form.
    pub(super) fn same(&mut self, graph: &Graph, a: Id, b: Id) -> Result<bool, Stop> {
        let (a, b) = (self.form(graph, a)?, self.form(graph, b)?);
        self.is_zero(&a.sub(&b))
    }

    /// A term of the graph with this normal form.
    pub(super) fn term(&self, graph: &mut Graph, p: &Polynomial) -> Id {
        let terms: Vec<Id> = p
            .terms
            .iter()
            .map(|(monomial, c)| self.monomial_term(graph, monomial, c))
            .collect();
        graph.sum(&terms)
    }

    fn monomial_term(&self, graph: &mut Graph, monomial: &Monomial, c: &Coefficient) -> Id {
        let size = if c.signum() < 0 { c.neg() } else { c.clone() };
        let mut above = Vec::new();
        let mut below = Vec::new();
        if !size.is_one() {
            above.push(graph.constant(size.rational()));
        }
        for &(atom, n) in &monomial.powers {
            let base = self.atom_term(graph, atom);
            let exponent = graph.integer(i64::from(n.abs()));
            let power = graph.pow(base, exponent);
            if n > 0 { &mut above } else { &mut below }.push(power);
        }
        if let Some(exponent) = &monomial.exponent {
            let exponent = self.term(graph, exponent);
            above.push(graph.exp(exponent));
        }
        let (above, below) = (graph.product(&above), graph.product(&below));
        let quotient = graph.div(above, below);
        if c.signum() < 0 {
            graph.neg(quotient)
        } else {
            quotient
        }
    }

    /// A term that an atom is the value of.
    pub(super) fn atom_term(&self, graph: &mut Graph, atom: Atom) -> Id {
        let Meaning { head, arguments } = self.meaning(atom);
        let arguments: Vec<Id> = arguments.iter().map(|p| self.term(graph, p)).collect();
        match *head {
            Head::Leaf(id) => id,
            Head::Inverse => {
                let one = graph.integer(1);
                graph.div(one, arguments[0])
            }
            Head::Unary(operator) => graph.unary(operator, arguments[0]),
            Head::Binary(operator) => graph.binary(operator, arguments[0], arguments[1]),
            Head::Ternary(operator) => {
                graph.ternary(operator, arguments[0], arguments[1], arguments[2])
            }
        }
    }
}

impl Ring {
    /// Whether an atom occurs in a polynomial, inside other atoms and exponents included.
    pub(super) fn mentions(&self, p: &Polynomial, atom: Atom) -> bool {
        p.terms.iter().any(|(monomial, _)| {
            let exponent = monomial.exponent.as_deref();
            exponent.is_some_and(|e| self.mentions(e, atom))
                || monomial.powers.iter().any(|&(other, _)| {
                    other == atom
                        || self
                            .meaning(other)
                            .arguments
                            .iter()
                            .any(|argument| self.mentions(argument, atom))
                })
        })
    }
}
