//! What is known of terms: ranges of symbols from their domains, signs that are assumed, and what
//! follows from them by interval reasoning over normal forms.
//!
//! Law: a sign that is excluded is taken by no value of the term, at no point where the ranges and
//! assumptions hold and the term is a number (test `signs_hold_at_points`). Nothing known is the
//! default.

use super::coefficient::Coefficient;
use super::factor::quotient;
use super::plain::{self, plain, times};
use super::polynomial::{Atom, Monomial, Polynomial};
use super::ring::{Head, Meaning, Ring, Stop};
use super::signs::{Range, Signs};
use crate::graph::{Graph, Id, Node};
use crate::number::{Binary, Rational, Ternary, Unary};
use rustc_hash::FxHashMap;

/// How deep facts about atoms are asked for inside facts.
const DEEPEST: usize = 12;

/// What is known.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    pub(super) ranges: FxHashMap<Id, Range>,
    pub(super) assumed: Vec<(Id, Signs)>,
    pub(super) definitions: Vec<(Id, Id)>,
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
        graph: &Graph,
        term: Id,
        signs: Signs,
    ) -> Result<Facts, Stop> {
        let mut facts = self.clone();
        facts.assumed.push((term, signs));
        let form = ring.form(graph, term)?;
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
            let entry = facts.ranges.entry(symbol).or_insert(Range::ALL);
            *entry = entry.and(&range);
        }
        Ok(facts)
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

    /// The signs that a polynomial may have.
    pub(super) fn signs_of(
        &self,
        ring: &mut Ring,
        graph: &Graph,
        p: &Polynomial,
        depth: usize,
    ) -> Signs {
        if let Some(c) = p.as_constant() {
            return Signs::of(&c);
        }
        // Each question costs a few passes over the terms.
        if depth > DEEPEST || ring.spend(8 * p.terms.len()).is_err() {
            return Signs::UNKNOWN;
        }
        let mut signs = self.range_of(ring, graph, p, depth).signs();
        if signs == Signs::UNKNOWN || Signs::ZERO.within(signs) {
            signs = signs.and(self.by_assumption(ring, graph, p, depth));
        }
        if (signs == Signs::UNKNOWN || Signs::ZERO.within(signs)) && p.terms.len() > 1 {
            signs = signs.and(
                self.by_coefficients(ring, graph, p, depth)
                    .unwrap_or(Signs::UNKNOWN),
            );
        }
        if signs == Signs::UNKNOWN || Signs::ZERO.within(signs) {
            signs = signs.and(self.by_difference(ring, graph, p, depth));
        }
        signs
    }

    /// By an assumption about a divisor of the polynomial, and the signs of the quotient.
    fn by_assumption(&self, ring: &mut Ring, graph: &Graph, p: &Polynomial, depth: usize) -> Signs {
        let mut signs = Signs::UNKNOWN;
        for &(term, assumed) in &self.assumed {
            let Ok(known) = ring.form(graph, term) else {
                continue;
            };
            if known.as_constant().is_some() {
                continue; // nothing to learn, and no way to end
            }
            let may_vanish = Signs::ZERO.within(assumed);
            if let Ok(Some(factor)) = divided(ring, p, &known, may_vanish) {
                let factor = self.signs_of(ring, graph, &factor, depth + 1);
                signs = signs.and(factor.times(assumed));
            }
        }
        signs
    }

    /// By the coefficients, once every letter of known range is written through positive ones.
    fn by_coefficients(
        &self,
        ring: &mut Ring,
        graph: &Graph,
        p: &Polynomial,
        depth: usize,
    ) -> Result<Signs, Stop> {
        // Divisors of known sign are multiplied out.
        let mut sign = Signs::POSITIVE;
        let mut cleared = p.clone();
        while let Some(atom) = cleared
            .atoms()
            .into_iter()
            .rev()
            .find(|&a| ring.meaning(a).head == Head::Inverse)
        {
            let divisor = ring.meaning(atom).arguments[0].clone();
            let power = cleared.degrees(atom).1;
            if power % 2 == 1 {
                let known = self.signs_of(ring, graph, &divisor, depth + 1);
                if known != Signs::POSITIVE && known != Signs::NEGATIVE {
                    return Ok(Signs::UNKNOWN);
                }
                sign = sign.times(known);
            }
            cleared = ring.times_divisor(&cleared, atom)?;
        }
        if cleared.is_zero() {
            return Ok(Signs::ZERO);
        }
        if cleared != *p {
            return Ok(self.signs_of(ring, graph, &cleared, depth + 1).times(sign));
        }
        let plain = plain(&[&cleared])?;
        for &(atom, n) in &plain.contents[0] {
            let range = self.atom_range(ring, graph, atom, depth + 1);
            sign = sign.times(range.signs().to_the(n));
        }
        let mut q = plain.polynomials[0].clone();
        let mut open = true;
        for letter in q.atoms() {
            let range = match plain.exponent_of(letter) {
                Some(exponent) => exponential(self.signs_of(ring, graph, exponent, depth + 1)),
                None => self.atom_range(ring, graph, letter, depth + 1),
            };
            if q.degrees(letter).0 < 0 {
                return Ok(Signs::UNKNOWN);
            }
            if (range.low.is_none() && range.high.is_none())
                || (range.low == Some((Coefficient::ZERO, true)) && range.high.is_none())
            {
                continue;
            }
            open &=
                range.low.as_ref().is_none_or(|e| e.1) && range.high.as_ref().is_none_or(|e| e.1);
            let Some(moved) = through_positive(&q, letter, &range) else {
                return Ok(Signs::UNKNOWN);
            };
            ring.spend(4 * moved.terms.len())?;
            q = moved;
        }
        // Letters that were moved are positive now; the others keep their signs.
        let mut total: Option<Signs> = None;
        for (monomial, c) in &q.terms {
            let mut term = Signs::of(c);
            for &(letter, n) in &monomial.powers {
                let range = match plain.exponent_of(letter) {
                    Some(_) => Range::of_signs(Signs::POSITIVE),
                    None => self.atom_range(ring, graph, letter, depth + 1),
                };
                let bounded = range.low.is_some() || range.high.is_some();
                let signs = if bounded {
                    Signs::POSITIVE
                } else {
                    Signs::UNKNOWN
                };
                term = term.times(signs.to_the(n));
            }
            total = Some(total.map_or(term, |t| t.plus(term)));
        }
        let total = total.unwrap_or(Signs::ZERO);
        let total = if open { total } else { total.or(Signs::ZERO) };
        Ok(total.times(sign))
    }

    /// The range of a polynomial, term by term.
    fn range_of(&self, ring: &mut Ring, graph: &Graph, p: &Polynomial, depth: usize) -> Range {
        let mut sum = Range::constant(&Coefficient::ZERO);
        for (monomial, c) in &p.terms {
            let term = self.monomial_range(ring, graph, monomial, depth);
            sum = sum.plus(&term.scaled(c));
            if sum == Range::ALL {
                break;
            }
        }
        sum
    }

    fn monomial_range(
        &self,
        ring: &mut Ring,
        graph: &Graph,
        monomial: &Monomial,
        depth: usize,
    ) -> Range {
        let mut product = Range::constant(&Coefficient::ONE);
        for &(atom, n) in &monomial.powers {
            let mut base = self.atom_range(ring, graph, atom, depth + 1);
            if n < 0 {
                base = base.inverted();
            }
            let signs = base.signs();
            let mut power = Range::constant(&Coefficient::ONE);
            for _ in 0..n.unsigned_abs() {
                power = power.times(&base);
            }
            product = product.times(&power.and(&Range::of_signs(signs.to_the(n))));
        }
        if let Some(exponent) = &monomial.exponent {
            let signs = self.signs_of(ring, graph, exponent, depth + 1);
            product = product.times(&exponential(signs));
        }
        product
    }

    /// The range of an atom.
    fn atom_range(&self, ring: &mut Ring, graph: &Graph, atom: Atom, depth: usize) -> Range {
        if depth > DEEPEST {
            return Range::ALL;
        }
        let Meaning { head, arguments } = ring.meaning(atom).clone();
        let mut range = match head {
            Head::Leaf(id) if graph.as_symbol(id).is_some() => {
                self.ranges.get(&id).cloned().unwrap_or(Range::ALL)
            }
            Head::Leaf(_) => Range::between(Some(3), Some(4)), // π
            Head::Inverse => {
                let divisor = self.range_of(ring, graph, &arguments[0], depth + 1);
                let signs = self.signs_of(ring, graph, &arguments[0], depth + 1);
                divisor.and(&Range::of_signs(signs)).inverted()
            }
            Head::Unary(operator) => {
                self.unary_range(ring, graph, operator, &arguments[0], depth + 1)
            }
            Head::Binary(operator) => match operator {
                Binary::GammaP
                | Binary::GammaQ
                | Binary::Less
                | Binary::LessEqual
                | Binary::Equal
                | Binary::And
                | Binary::Or => Range::including(Some(0), Some(1)),
                Binary::Atan2 => Range::between(Some(-4), Some(4)),
                Binary::Add
                | Binary::Sub
                | Binary::Mul
                | Binary::Div
                | Binary::Pow
                | Binary::Min
                | Binary::Max
                | Binary::Mod
                | Binary::GammaPDa => Range::ALL,
            },
            Head::Ternary(operator) => match operator {
                Ternary::BetaInc => Range::including(Some(0), Some(1)),
                Ternary::Select | Ternary::BetaIncDa => Range::ALL,
            },
        };
        for &(term, assumed) in &self.assumed {
            if ring
                .form(graph, term)
                .is_ok_and(|form| form.as_atom() == Some(atom))
            {
                range = range.and(&Range::of_signs(assumed));
            }
        }
        range
    }

    fn unary_range(
        &self,
        ring: &mut Ring,
        graph: &Graph,
        operator: Unary,
        argument: &Polynomial,
        depth: usize,
    ) -> Range {
        let signs_below = |ring: &mut Ring, by: (i64, i64)| {
            let less = argument.sub(&Polynomial::constant(Coefficient::fraction(by.0, by.1)));
            self.signs_of(ring, graph, &less, depth)
        };
        match operator {
            Unary::Log => Range::of_signs(signs_below(ring, (1, 1))),
            Unary::Sin | Unary::Cos => Range::including(Some(-1), Some(1)).and(&Range::of_signs(
                self.circular_signs(ring, graph, operator, argument, depth),
            )),
            Unary::Sign => {
                Range::including(Some(-1), Some(1)).and(&Range::of_signs(signs_below(ring, (0, 1))))
            }
            Unary::BesselRatio => {
                Range::between(Some(-1), Some(1)).and(&Range::of_signs(signs_below(ring, (0, 1))))
            }
            Unary::Atan | Unary::Asin => {
                Range::between(Some(-2), Some(2)).and(&Range::of_signs(signs_below(ring, (0, 1))))
            }
            Unary::Acos => Range::including(Some(0), None).and(&Range::between(None, Some(4))),
            Unary::Abs => Range::of_signs(signs_below(ring, (0, 1)).to_the(2)),
            Unary::Sqrt => Range::of_signs(signs_below(ring, (0, 1)).and(Signs::NONNEGATIVE)),
            Unary::LogBesselI0 => Range::of_signs(signs_below(ring, (0, 1)).to_the(2)),
            Unary::NormalCdf => Range::between(Some(0), Some(1)),
            Unary::NormalIcdf => Range::of_signs(signs_below(ring, (1, 2))),
            Unary::Tan => Range::ALL,
            Unary::Polygamma(1) if signs_below(ring, (0, 1)) == Signs::POSITIVE => {
                Range::of_signs(Signs::POSITIVE)
            }
            Unary::Sinh
            | Unary::Tanh
            | Unary::Asinh
            | Unary::Atanh
            | Unary::Erf
            | Unary::ErfInv
            | Unary::StopGradient
            | Unary::Expm1
            | Unary::Log1p => Range::of_signs(signs_below(ring, (0, 1))),
            Unary::Cosh | Unary::Softplus => Range::of_signs(Signs::POSITIVE),
            Unary::Sigmoid | Unary::Not => Range::including(Some(0), Some(1)),
            Unary::Erfc => Range::between(Some(0), Some(2)),
            Unary::NormalLogCdf => Range::of_signs(Signs::NEGATIVE),
            Unary::Neg
            | Unary::Exp
            | Unary::Floor
            | Unary::Ceil
            | Unary::Round
            | Unary::Acosh
            | Unary::Lgamma
            | Unary::Polygamma(_) => Range::ALL,
        }
    }
}

impl Facts {
    /// The signs of sin and cos of an angle in one of the half turns about 0.
    fn circular_signs(
        &self,
        ring: &mut Ring,
        graph: &Graph,
        operator: Unary,
        angle: &Polynomial,
        depth: usize,
    ) -> Signs {
        let Some(pi) = ring.pi() else {
            return Signs::UNKNOWN;
        };
        let within = |ring: &mut Ring, low: (i64, i64), high: (i64, i64)| {
            let bound = |(n, d): (i64, i64)| pi.scale(&Coefficient::fraction(n, d));
            let (above, below) = (angle.sub(&bound(low)), bound(high).sub(angle));
            self.signs_of(ring, graph, &above, depth) == Signs::POSITIVE
                && self.signs_of(ring, graph, &below, depth) == Signs::POSITIVE
        };
        let (positive, negative) = if operator == Unary::Sin {
            (within(ring, (0, 1), (1, 1)), within(ring, (-1, 1), (0, 1)))
        } else {
            (within(ring, (-1, 2), (1, 2)), within(ring, (1, 2), (3, 2)))
        };
        if positive {
            Signs::POSITIVE
        } else if negative {
            Signs::NEGATIVE
        } else {
            Signs::UNKNOWN
        }
    }

    /// By an assumption A ≥ 0 and p − c·A ≥ 0 for a positive c at which a term of p cancels.
    fn by_difference(&self, ring: &mut Ring, graph: &Graph, p: &Polynomial, depth: usize) -> Signs {
        for &(term, assumed) in &self.assumed {
            let (known, assumed) = match ring.form(graph, term) {
                Ok(known) if assumed.within(Signs::NONNEGATIVE) => (known, assumed),
                Ok(known) if assumed.within(Signs::NONPOSITIVE) => {
                    (std::rc::Rc::new(known.neg()), assumed.negated())
                }
                Ok(_) | Err(_) => continue,
            };
            for (monomial, c) in &p.terms {
                let Ok(place) = known.terms.binary_search_by(|t| t.0.cmp(monomial)) else {
                    continue;
                };
                let Some(below) = known.terms[place].1.recip() else {
                    continue;
                };
                let factor = c.mul(&below);
                let rest = p.sub(&known.scale(&factor));
                // Each step takes a term away, and goes on for a few only.
                if rest.terms.len() > p.terms.len() {
                    continue;
                }
                let scaled = if factor.signum() > 0 {
                    assumed
                } else {
                    assumed.negated()
                };
                let signs = self
                    .signs_of(ring, graph, &rest, depth + DEEPEST / 3)
                    .plus(scaled);
                if signs != Signs::UNKNOWN {
                    return signs;
                }
            }
        }
        Signs::UNKNOWN
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

/// p/d where it is a polynomial, multiplied out again. Where d may vanish the quotient must not
/// divide by anything that does: p = (p/d)·d says nothing there.
fn divided(
    ring: &mut Ring,
    p: &Polynomial,
    d: &Polynomial,
    may_vanish: bool,
) -> Result<Option<Polynomial>, Stop> {
    if p.terms.len() < d.terms.len() {
        return Ok(None);
    }
    ring.spend(4 * p.terms.len())?;
    let plain = plain(&[p, d])?;
    // A letter that p does not have is not worth dividing by: that would go on for ever.
    let is_useful = |&(atom, n): &(Atom, i32)| {
        let powers = &plain.contents[0];
        let there = powers.iter().find(|p| p.0 == atom).map_or(0, |p| p.1);
        if may_vanish { n <= there } else { there != 0 }
    };
    if !plain.contents[1].iter().all(is_useful) {
        return Ok(None);
    }
    let Some(q) = quotient(&plain.polynomials[0], &plain.polynomials[1]) else {
        return Ok(None);
    };
    let q = plain.restore(ring, &q)?;
    let content = |ring: &mut Ring, place: usize, sign: i32| {
        let powers = plain.contents[place]
            .iter()
            .map(|&(atom, n)| (atom, sign * n))
            .collect();
        let powers = Monomial {
            powers,
            exponent: None,
        };
        let scale = Coefficient::integer(i64::from(sign));
        let exponential = ring.exp(&plain.exponents[place].scale(&scale))?;
        ring.mul(&Polynomial::term(powers, Coefficient::ONE), &exponential)
    };
    let (above, below) = (content(ring, 0, 1)?, content(ring, 1, -1)?);
    let q = ring.mul(&q, &above)?;
    let q = ring.mul(&q, &below)?;
    Ok((ring.mul(&q, d)? == *p).then_some(q))
}

/// The range of e^E by the signs of E.
fn exponential(signs: Signs) -> Range {
    let mut range = Range::between(Some(0), None);
    if signs.within(Signs::NONPOSITIVE) {
        range.high = Some((Coefficient::ONE, signs == Signs::NEGATIVE));
    }
    if signs.within(Signs::NONNEGATIVE) {
        range.low = Some((Coefficient::ONE, signs == Signs::POSITIVE));
    }
    range
}

/// A polynomial with a letter v of a range replaced by a positive one s, times a positive factor:
/// v = low + s, high − s, or (low + high·s)/(1 + s).
fn through_positive(p: &Polynomial, letter: Atom, range: &Range) -> Option<Polynomial> {
    let s = Polynomial::atom(letter);
    let constant = |c: &Coefficient| Polynomial::constant(c.clone());
    let (above, below) = match (&range.low, &range.high) {
        (Some((low, _)), None) => (constant(low).add(&s), Polynomial::one()),
        (None, Some((high, _))) => (constant(high).sub(&s), Polynomial::one()),
        (Some((low, _)), Some((high, _))) => {
            (constant(low).add(&s.scale(high)), Polynomial::one().add(&s))
        }
        (None, None) => return Some(p.clone()),
    };
    let parts = plain::coefficients(p, letter);
    let degree = parts.len() - 1;
    let powers = |base: &Polynomial| {
        let mut list = vec![Polynomial::one()];
        for n in 0..degree {
            list.push(times(&list[n], base)?);
        }
        Some(list)
    };
    let (ups, downs) = (powers(&above)?, powers(&below)?);
    let mut result = Polynomial::default();
    for (n, c) in parts.iter().enumerate() {
        let factor = times(&ups[n], &downs[degree - n])?;
        result = result.add(&times(c, &factor)?);
    }
    (result.terms.len() <= 600).then_some(result)
}
