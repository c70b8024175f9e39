//! Signs of normal forms: from their ranges, from what is assumed of their divisors, from their
//! coefficients, and from differences to what is assumed.

use super::{DEEPEST, Facts};
use crate::algebra::coefficient::Coefficient;
use crate::algebra::factor::divided;
use crate::algebra::plain::{self, plain, times};
use crate::algebra::polynomial::{Atom, Polynomial};
use crate::algebra::ring::{Head, Ring, Stop};
use crate::algebra::signs::{End, Range, Signs};
use crate::graph::Graph;
use crate::number::Unary;
use rustc_hash::FxHashMap;

impl Facts {
    /// The signs that a polynomial may have.
    pub(in crate::algebra) fn signs_of(
        &self,
        ring: &mut Ring,
        graph: &Graph,
        p: &Polynomial,
        depth: usize,
    ) -> Signs {
        if let Some(c) = p.as_constant() {
            return Signs::of(&c);
        }
        if let Some(rest) = without_signs(ring, p) {
            return self
                .signs_of(ring, graph, &rest, depth + 1)
                .times(Signs::NONZERO);
        }
        if let Some(signs) = ring.known_signs(p, depth) {
            return signs;
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
        if (signs == Signs::UNKNOWN || Signs::ZERO.within(signs)) && p.terms.len() > 1 {
            signs = signs.and(self.by_order(ring, graph, p, depth));
            let found = self.by_ratio(ring, graph, p, depth);
            signs = signs.and(found.unwrap_or(Signs::UNKNOWN));
            let found = self.by_squares(ring, graph, p, depth);
            signs = signs.and(found.unwrap_or(Signs::UNKNOWN));
        }
        if (signs == Signs::UNKNOWN || Signs::ZERO.within(signs))
            && let Ok(other) = ring.without_sines(p)
            && other != *p
        {
            signs = signs.and(self.signs_of(ring, graph, &other, depth + 1));
        }
        // Where the work is used up, nothing was found out.
        if ring.spend(0).is_ok() {
            ring.remember_signs(p, depth, signs);
        }
        signs
    }

    /// By an assumption about a divisor of the polynomial, and the signs of the quotient.
    pub(super) fn by_assumption(
        &self,
        ring: &mut Ring,
        graph: &Graph,
        p: &Polynomial,
        depth: usize,
    ) -> Signs {
        let mut signs = Signs::UNKNOWN;
        for &(term, assumed) in &self.assumed {
            let Ok(known) = ring.form(graph, term) else {
                continue;
            };
            if known.as_constant().is_some() {
                continue; // nothing to learn, and no way to end
            }
            let may_vanish = Signs::ZERO.within(assumed);
            if let Ok(Some(factor)) = simpler_quotient(ring, p, &known, may_vanish) {
                let factor = self.signs_of(ring, graph, &factor, depth + 1);
                signs = signs.and(factor.times(assumed));
            }
        }
        signs
    }

    /// The signs of one atom, by its range and by what is assumed of it.
    fn atom_signs(&self, ring: &mut Ring, graph: &Graph, atom: Atom, depth: usize) -> Signs {
        let mut signs = self.atom_range(ring, graph, atom, depth).signs();
        for &(term, assumed) in &self.assumed {
            let Ok(known) = ring.form(graph, term) else {
                continue;
            };
            if let [(monomial, c)] = known.terms.as_slice()
                && monomial.as_atom() == Some(atom)
            {
                signs = signs.and(assumed.times(Signs::of(c)));
            }
        }
        if signs == Signs::UNKNOWN {
            let letter = Polynomial::atom(atom);
            signs = self.by_difference(ring, graph, &letter, depth);
        }
        signs
    }

    /// By the coefficients, once every letter of known range is written through positive ones.
    pub(super) fn by_coefficients(
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
            let signs = self.atom_signs(ring, graph, atom, depth + 1);
            sign = sign.times(signs.to_the(n));
        }
        let mut q = plain.polynomials[0].clone();
        let mut turned = FxHashMap::default();
        for letter in q.atoms() {
            if plain.exponent_of(letter).is_none()
                && let Some((p, range)) = in_quarter_turns(ring, &q, letter)
            {
                let signs = self.atom_range(ring, graph, letter, depth + 1).signs();
                turned.insert(letter, range.and(&Range::of_signs(signs)));
                q = p;
            }
        }
        let (mut open, mut may_vanish) = (true, Vec::new());
        for letter in q.atoms() {
            let range = match plain.exponent_of(letter) {
                Some(exponent) => exponential(self.signs_of(ring, graph, exponent, depth + 1)),
                None => match turned.remove(&letter) {
                    Some(range) => range,
                    None => self.atom_range(ring, graph, letter, depth + 1),
                },
            };
            if q.degrees(letter).0 < 0 {
                return Ok(Signs::UNKNOWN);
            }
            if (range.low.is_none() && range.high.is_none())
                || (range.low == Some((Coefficient::ZERO, true)) && range.high.is_none())
            {
                continue;
            }
            // An end that belongs to the range is at zero of the new letter, the second of two ends at
            // infinity.
            let closed = |end: &End| end.as_ref().is_some_and(|e| !e.1);
            let near = if range.low.is_some() {
                &range.low
            } else {
                &range.high
            };
            if closed(near) {
                may_vanish.push(letter);
            }
            open &= range.low.is_none() || !closed(&range.high);
            let Some(moved) = through_positive(&q, letter, &range) else {
                return Ok(Signs::UNKNOWN);
            };
            ring.spend(4 * moved.terms.len())?;
            q = moved;
        }
        // Letters that were moved are positive or zero now; the others keep their signs.
        let mut total: Option<Signs> = None;
        for (monomial, c) in &q.terms {
            let mut term = Signs::of(c);
            for &(letter, n) in &monomial.powers {
                let range = match plain.exponent_of(letter) {
                    Some(_) => Range::of_signs(Signs::POSITIVE),
                    None => self.atom_range(ring, graph, letter, depth + 1),
                };
                let bounded = range.low.is_some() || range.high.is_some();
                let signs = if may_vanish.contains(&letter) {
                    Signs::NONNEGATIVE
                } else if bounded {
                    Signs::POSITIVE
                } else {
                    self.atom_signs(ring, graph, letter, depth + 1)
                };
                term = term.times(signs.to_the(n));
            }
            total = Some(total.map_or(term, |t| t.plus(term)));
        }
        let total = total.unwrap_or(Signs::ZERO);
        let total = if open { total } else { total.or(Signs::ZERO) };
        Ok(total.times(sign))
    }

    /// By an assumption A ≥ 0 and p − c·A ≥ 0 for a positive c at which a term of p cancels.
    pub(super) fn by_difference(
        &self,
        ring: &mut Ring,
        graph: &Graph,
        p: &Polynomial,
        depth: usize,
    ) -> Signs {
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

/// A term without its powers of −1, where it has some.
fn without_signs(ring: &Ring, p: &Polynomial) -> Option<Polynomial> {
    let [(monomial, c)] = p.terms.as_slice() else {
        return None;
    };
    let signs: Vec<Atom> = monomial.powers.iter().map(|p| p.0).collect();
    let first = signs.into_iter().find(|&atom| ring.is_sign(atom))?;
    Some(Polynomial::term(monomial.without(first), c.clone()))
}

/// p/d where it is a polynomial and simpler. Where d may vanish the quotient must not divide by
/// anything that does: p = (p/d)·d says nothing there.
fn simpler_quotient(
    ring: &mut Ring,
    p: &Polynomial,
    d: &Polynomial,
    may_vanish: bool,
) -> Result<Option<Polynomial>, Stop> {
    divided(ring, p, d, |plain| {
        // A letter that p does not have is not worth dividing by: that would go on for ever.
        let is_useful = |&(atom, n): &(Atom, i32)| {
            let powers = &plain.contents[0];
            let there = powers.iter().find(|p| p.0 == atom).map_or(0, |p| p.1);
            let smaller = (there - n).abs() < there.abs();
            smaller && (!may_vanish || n <= there)
        };
        plain.contents[1].iter().all(is_useful)
    })
}

/// A polynomial with an angle atan x or asin x as a share of a quarter turn, beside which π is
/// there, and the range of the share.
fn in_quarter_turns(ring: &Ring, p: &Polynomial, letter: Atom) -> Option<(Polynomial, Range)> {
    let range = match ring.meaning(letter).head {
        Head::Unary(Unary::Atan) => Range::between(Some(-1), Some(1)),
        Head::Unary(Unary::Asin) => Range::including(Some(-1), Some(1)),
        Head::Leaf(_) | Head::Inverse | Head::Unary(_) | Head::Binary(_) | Head::Ternary(_) => {
            return None;
        }
    };
    let pi = ring.pi()?;
    if !p.atoms().contains(&pi.as_atom()?) || p.degrees(letter).0 < 0 {
        return None;
    }
    let angle = times(
        &pi.scale(&Coefficient::fraction(1, 2)),
        &Polynomial::atom(letter),
    )?;
    let mut power = Polynomial::one();
    let mut turned = Polynomial::default();
    for part in plain::coefficients(p, letter) {
        turned = turned.add(&times(&part, &power)?);
        power = times(&power, &angle)?;
    }
    Some((turned, range))
}

/// The range of e^E by the signs of E.
pub(super) fn exponential(signs: Signs) -> Range {
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
