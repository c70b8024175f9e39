//! What is known of terms: ranges of symbols from their domains, signs that are assumed, and what
//! follows from them by interval reasoning over normal forms.
//!
//! Law: a sign that is excluded is taken by no value of the term, at no point where the ranges and
//! assumptions hold and the term is a number (test `signs_hold_at_points`). Nothing known is the
//! default.

mod order;
mod ranges;
mod reasons;
mod whole;

use super::coefficient::Coefficient;
use super::polynomial::Polynomial;
use super::ring::{Head, Ring, Stop};
use super::signs::{Range, Signs};
use crate::graph::{Graph, Id, Node};
use crate::number::{Binary, Rational, Unary};
use rustc_hash::{FxHashMap, FxHashSet};

/// How deep facts about atoms are asked for inside facts.
const DEEPEST: usize = 12;

/// What is known.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    pub(super) ranges: FxHashMap<Id, Range>,
    pub(super) assumed: Vec<(Id, Signs)>,
    pub(super) definitions: Vec<(Id, Id)>,
    /// Symbols that are integers.
    pub(super) integers: FxHashSet<Id>,
    /// Symbols with a continuous law: a set of their values without interior has no mass.
    pub(super) random: Vec<Id>,
    /// Whether what is to be shown may fail on a set without mass.
    pub(super) almost_everywhere: bool,
}

/// A bound of a symbol: a number, and whether it is left out.
pub type Bound = Option<(Rational, bool)>;

impl Facts {
    /// A symbol lies between bounds.
    pub fn bound(&mut self, symbol: Id, low: &Bound, high: &Bound) {
        let end = |b: &Bound| {
            b.as_ref()
                .map(|(value, open)| (Coefficient::from(value), *open))
        };
        let range = Range {
            low: end(low),
            high: end(high),
        };
        let entry = self.ranges.entry(symbol).or_insert(Range::ALL);
        *entry = entry.and(&range);
    }

    /// A term has one of these signs.
    pub fn assume(&mut self, term: Id, signs: Signs) {
        self.assumed.push((term, signs));
    }

    /// A symbol is a term in others.
    pub fn define(&mut self, symbol: Id, term: Id) {
        self.definitions.push((symbol, term));
    }

    /// Symbols with a continuous law, and whether a claim may fail on a set without mass.
    pub fn almost_everywhere(&mut self, random: Vec<Id>) {
        self.random = random;
        self.almost_everywhere = true;
    }

    /// A ring in which the definitions hold.
    pub(super) fn ring(&self) -> Ring {
        let mut ring = Ring::default();
        for &(symbol, term) in &self.definitions {
            ring.rewrite(symbol, term);
        }
        ring
    }

    /// The same with one more assumption; a symbol's range narrows where that says all of it.
    pub(super) fn assuming(
        &self,
        ring: &mut Ring,
        graph: &mut Graph,
        term: Id,
        signs: Signs,
    ) -> Result<Facts, Stop> {
        let mut facts = self.clone();
        facts.assumed.push((term, signs));
        let form = ring.form(graph, term)?;
        if let Some((cleared, signs)) = self.without_divisors(ring, graph, &form, signs)? {
            facts.assumed.push((ring.term(graph, &cleared), signs));
        }
        // c·s + d between constants.
        if let [(atom, c)] = form
            .terms
            .iter()
            .filter_map(|(m, c)| m.as_atom().map(|a| (a, c.clone())))
            .collect::<Vec<_>>()
            .as_slice()
            && form.terms.iter().filter(|t| !t.0.is_one()).count() == 1
            && let Head::Leaf(symbol) = ring.meaning(*atom).head
            && graph.as_symbol(symbol).is_some()
            && let Some(below) = c.recip()
        {
            let range = Range::of_signs(signs)
                .plus(&Range::constant(&form.constant_term().neg()))
                .scaled(&below);
            let value = form.constant_term().neg().mul(&below);
            let integer = facts.integers.contains(&symbol);
            let entry = facts.ranges.entry(symbol).or_insert(Range::ALL);
            *entry = entry.and(&range);
            if integer {
                *entry = entry.to_integers();
            }
            if signs == Signs::NONZERO {
                *entry = entry.without_end(&value);
            }
        }
        Ok(facts)
    }

    /// A sum of some signs times its divisors, where the signs of all of them are known: so it can be
    /// compared with others. None where it has no divisor.
    fn without_divisors(
        &self,
        ring: &mut Ring,
        graph: &Graph,
        p: &Polynomial,
        mut signs: Signs,
    ) -> Result<Option<(Polynomial, Signs)>, Stop> {
        let mut cleared = p.clone();
        loop {
            let atoms = cleared.atoms().into_iter().rev();
            let mut divisors = atoms.filter(|&a| ring.meaning(a).head == Head::Inverse);
            let Some(atom) = divisors.next() else {
                return Ok((cleared != *p).then_some((cleared, signs)));
            };
            let power = cleared.degrees(atom).1;
            let divisor = ring.meaning(atom).arguments[0].clone();
            let known = self.signs_of(ring, graph, &divisor, 0);
            if !known.within(Signs::NONZERO) || power < 1 {
                return Ok(None);
            }
            signs = signs.times(known.to_the(power));
            cleared = ring.times_divisor(&cleared, atom)?;
        }
    }

    /// The signs that a term may have.
    pub(super) fn signs(&self, ring: &mut Ring, graph: &Graph, id: Id) -> Signs {
        self.signs_in(ring, graph, id, 0)
    }

    /// By the normal form, and by the term as it is written: a sum of squares is one only there.
    fn signs_in(&self, ring: &mut Ring, graph: &Graph, id: Id, depth: usize) -> Signs {
        let signs = match ring.form(graph, id) {
            Ok(form) => self.signs_of(ring, graph, &form, 0),
            Err(_) => return Signs::UNKNOWN,
        };
        let is_open = signs == Signs::UNKNOWN || Signs::ZERO.within(signs);
        if !is_open || signs == Signs::ZERO || depth > DEEPEST / 2 {
            return signs;
        }
        if let Some(to) = ring.rewritten(id) {
            return signs.and(self.signs_in(ring, graph, to, depth + 1));
        }
        let mut of = |x: Id| self.signs_in(ring, graph, x, depth + 1);
        signs.and(match graph.node(id) {
            Node::Unary(Unary::Neg, x) => of(x).negated(),
            Node::Binary(Binary::Add, x, y) => of(x).plus(of(y)),
            Node::Binary(Binary::Sub, x, y) => of(x).plus(of(y).negated()),
            Node::Binary(Binary::Mul, x, y) if x == y => of(x).to_the(2),
            Node::Binary(Binary::Mul | Binary::Div, x, y) => of(x).times(of(y)),
            Node::Binary(Binary::Pow, x, n) => {
                let even = graph
                    .as_constant(n)
                    .is_some_and(|n| n.is_int() && (n / Rational::from(2)).is_int());
                if even {
                    of(x).to_the(2)
                } else {
                    Signs::UNKNOWN
                }
            }
            Node::Constant(_)
            | Node::Pi
            | Node::Infinity
            | Node::Symbol(_)
            | Node::Unary(..)
            | Node::Binary(..)
            | Node::Ternary(..) => Signs::UNKNOWN,
        })
    }

    /// Whether a term certainly has one of these signs, or vanishes on a set without mass where
    /// that is allowed.
    pub(super) fn shows(&self, ring: &mut Ring, graph: &Graph, id: Id, wanted: Signs) -> Shown {
        let signs = self.signs(ring, graph, id);
        if signs.within(wanted) {
            Shown::Always
        } else if self.almost_everywhere
            && signs.within(wanted.or(Signs::ZERO))
            && self.vanishes_nowhere_dense(ring, graph, id)
        {
            Shown::AlmostEverywhere
        } else {
            Shown::No
        }
    }

    /// Whether a term is c·s + d with s random, and c ≠ 0 and d free of s: its zeros have no mass.
    fn vanishes_nowhere_dense(&self, ring: &mut Ring, graph: &Graph, id: Id) -> bool {
        let Ok(form) = ring.form(graph, id) else {
            return false;
        };
        for &symbol in &self.random {
            let Ok(letter) = ring.form(graph, symbol) else {
                continue;
            };
            let Some(atom) = letter.as_atom() else {
                continue;
            };
            let mut slope = Vec::new();
            let mut affine = true;
            for (monomial, c) in &form.terms {
                let rest = monomial.without(atom);
                affine &= !ring.mentions(&Polynomial::term(rest.clone(), Coefficient::ONE), atom);
                match monomial.power(atom) {
                    0 => {}
                    1 => slope.push((rest, c.clone())),
                    _ => affine = false,
                }
            }
            let slope = Polynomial::collect(slope);
            if affine
                && !slope.is_zero()
                && self.signs_of(ring, graph, &slope, 0).within(Signs::NONZERO)
            {
                return true;
            }
        }
        false
    }
}

/// How far a condition is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// Wherever the facts hold.
    Always,
    /// But for a set without mass.
    AlmostEverywhere,
    /// Not at all.
    No,
}
