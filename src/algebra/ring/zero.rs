//! Whether a normal form is zero: multiplied with its divisors, and modulo what squares are known.

use super::{DEEPEST, Head, Meaning, Ring, Stop};
use crate::algebra::coefficient::Coefficient;
use crate::algebra::polynomial::{Atom, Monomial, Polynomial, merge};
use crate::number::Unary;
use rustc_hash::FxHashMap;
use std::collections::hash_map::Entry;

impl Ring {
    /// Whether a polynomial is zero: by multiplying with every divisor, and with
    /// sin² = 1 − cos², |x|² = x² and √x² = x. `false` says nothing.
    pub(in crate::algebra) fn is_zero(&mut self, p: &Polynomial) -> Result<bool, Stop> {
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
    pub(in crate::algebra) fn cleared(&mut self, p: &Polynomial) -> Result<Polynomial, Stop> {
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
    pub(in crate::algebra) fn times_divisor(
        &mut self,
        p: &Polynomial,
        atom: Atom,
    ) -> Result<Polynomial, Stop> {
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
        let p = self.modulo_squares(p, |_| true)?;
        // Divisors may have come in.
        self.cleared(&p)
    }

    /// The remainder modulo what the squares of atoms with some heads are, times the least power of
    /// each such atom where that is negative.
    fn modulo_squares(
        &mut self,
        p: &Polynomial,
        meant: impl Fn(Unary) -> bool,
    ) -> Result<Polynomial, Stop> {
        let mut p = p.clone();
        for atom in p.atoms().into_iter().rev() {
            let (low, high) = p.degrees(atom);
            if low >= 0 && high <= 1 {
                continue; // no square of it
            }
            let Meaning { head, arguments } = self.meaning(atom).clone();
            let square = match head {
                Head::Unary(operator) if !meant(operator) => continue,
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
            let low = low.min(0);
            let mut powers: FxHashMap<i32, Polynomial> = FxHashMap::default();
            let mut terms = Vec::with_capacity(p.terms.len());
            for (monomial, c) in &p.terms {
                let n = monomial.power(atom) - low;
                let mut rest = monomial.without(atom);
                if n % 2 == 1 {
                    rest.powers = merge(&rest.powers, &[(atom, 1)]);
                }
                if n < 2 {
                    terms.push((rest, c.clone()));
                    continue;
                }
                let power = match powers.entry(n / 2) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(open) => open.insert(self.power(&square, i64::from(n / 2))?),
                };
                let term = Polynomial::term(rest, c.clone());
                terms.extend(self.mul(&term, power)?.terms);
            }
            // All at once: to add one after another is quadratic.
            p = self.bounded(Polynomial::collect(terms))?;
        }
        Ok(p)
    }

    /// A polynomial with sin² written as 1 − cos², where no sine divides: another of the same
    /// value.
    pub(in crate::algebra) fn without_sines(&mut self, p: &Polynomial) -> Result<Polynomial, Stop> {
        let sine = Head::Unary(Unary::Sin);
        let sines = p.atoms().into_iter();
        let mut sines = sines.filter(|&atom| self.meaning(atom).head == sine);
        if sines.all(|atom| p.degrees(atom).0 >= 0) {
            self.modulo_squares(p, |operator| operator == Unary::Sin)
        } else {
            Ok(p.clone())
        }
    }
}
