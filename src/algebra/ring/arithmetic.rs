//! Products, powers, exponentials and quotients of normal forms.

use super::{DEEPEST, HIGHEST_POWER, Head, MOST_TERMS, Meaning, Ring, Stop};
use crate::algebra::coefficient::Coefficient;
use crate::algebra::factor::divided;
use crate::algebra::polynomial::{Atom, Monomial, Polynomial, merge};
use crate::number::{Binary, Unary};
use std::rc::Rc;

impl Ring {
    pub(in crate::algebra) fn mul(
        &mut self,
        a: &Polynomial,
        b: &Polynomial,
    ) -> Result<Polynomial, Stop> {
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
        let mut rest = Vec::new();
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
                        rest.extend(product.terms);
                        continue;
                    }
                };
                terms.push((Monomial { powers, exponent }, coefficient));
            }
        }
        // All at once: to add one after another is quadratic.
        terms.extend(rest);
        let product = Polynomial::collect(terms);
        let product = self.without_roots(product)?;
        self.bounded(product)
    }

    /// With √x² written as x, and |x|² as x².
    pub(super) fn without_roots(&mut self, p: Polynomial) -> Result<Polynomial, Stop> {
        let heads = [
            Head::Unary(Unary::Sqrt),
            Head::Unary(Unary::Abs),
            Head::Binary(Binary::Pow),
        ];
        if heads.iter().all(|&head| self.with_head(head).is_empty()) {
            return Ok(p);
        }
        let mut kept = Vec::new();
        let mut changed = Vec::new();
        for (monomial, c) in p.terms {
            let found = monomial
                .powers
                .iter()
                .find(|&&(atom, n)| n >= 2 && self.has_plain_square(atom))
                .copied();
            let Some((atom, n)) = found else {
                kept.push((monomial, c));
                continue;
            };
            let Meaning { head, arguments } = self.meaning(atom).clone();
            let mut rest = monomial.without(atom);
            rest.powers = merge(&rest.powers, &[(atom, n % 2)]);
            rest.powers.retain(|p| p.1 != 0);
            let halves = match head {
                Head::Unary(Unary::Sqrt) => 1,
                // (−1)ʸ, whose square is 1 = (−1)²; the base is the first argument.
                _ => 2,
            };
            let square = self.power(&arguments[0], i64::from(n / 2 * halves))?;
            let term = self.mul(&Polynomial::term(rest, c), &square)?;
            changed.extend(term.terms);
        }
        let kept = Polynomial { terms: kept };
        if changed.is_empty() {
            return Ok(kept);
        }
        Ok(kept.add(&Polynomial::collect(changed)))
    }

    /// Whether the square of an atom is known: √x, |x|, and (−1)ʸ, a number at integers y only.
    fn has_plain_square(&self, atom: Atom) -> bool {
        match self.meaning(atom).head {
            Head::Unary(operator) => matches!(operator, Unary::Sqrt | Unary::Abs),
            Head::Binary(Binary::Pow) => self.is_sign(atom),
            Head::Binary(_) | Head::Leaf(_) | Head::Inverse | Head::Ternary(_) => false,
        }
    }

    /// Whether an atom is (−1)ʸ.
    pub(in crate::algebra) fn is_sign(&self, atom: Atom) -> bool {
        let meaning = self.meaning(atom);
        meaning.head == Head::Binary(Binary::Pow)
            && meaning.arguments[0].as_constant() == Some(Coefficient::integer(-1))
    }

    /// pⁿ.
    pub(in crate::algebra) fn power(&mut self, p: &Polynomial, n: i64) -> Result<Polynomial, Stop> {
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

    /// A sum in which what a divisor divides is divided: a/(1 + b) + a·b/(1 + b) as a.
    fn without_whole_fractions(&mut self, p: &Polynomial) -> Result<Polynomial, Stop> {
        let mut p = p.clone();
        for atom in p.atoms().into_iter().rev() {
            let degrees = p.degrees(atom);
            if self.meaning(atom).head != Head::Inverse || degrees.0 < 0 || degrees.1 != 1 {
                continue;
            }
            let divisor = self.meaning(atom).arguments[0].clone();
            let (over, rest): (Vec<_>, Vec<_>) =
                p.terms.iter().cloned().partition(|t| t.0.power(atom) == 1);
            let over = over.into_iter().map(|(m, c)| (m.without(atom), c));
            let over = Polynomial::collect(over.collect());
            if let Some(whole) = divided(self, &over, &divisor, |_| true)? {
                p = Polynomial { terms: rest }.add(&whole);
            }
        }
        Ok(p)
    }

    /// e^E, with whole multiples of logarithms taken out as powers.
    pub(in crate::algebra) fn exp(&mut self, exponent: &Polynomial) -> Result<Polynomial, Stop> {
        let exponent = &self.without_whole_fractions(exponent)?;
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
    pub(in crate::algebra) fn primitive(
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
    pub(in crate::algebra) fn inverse(&mut self, p: &Polynomial) -> Result<Polynomial, Stop> {
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
        if let Some(inverse) = self.by_conjugate(&rest)? {
            return self.mul(&below, &inverse);
        }
        let atom = self.atom(Head::Inverse, vec![Rc::new(rest)])?;
        self.mul(&below, &atom)
    }

    /// 1/(a + b·e^E) as (a − b·e^E)/c, where (a + b·e^E)(a − b·e^E) is a constant c: of x + √(x² + 1),
    /// √(x² + 1) − x.
    fn by_conjugate(&mut self, p: &Polynomial) -> Result<Option<Polynomial>, Stop> {
        let mut exponents = p.terms.iter().filter_map(|t| t.0.exponent.as_ref());
        let Some(first) = exponents.next() else {
            return Ok(None);
        };
        if exponents.any(|e| e != first) {
            return Ok(None);
        }
        let turned = |(m, c): &(Monomial, Coefficient)| {
            let c = if m.exponent.is_some() {
                c.neg()
            } else {
                c.clone()
            };
            (m.clone(), c)
        };
        let conjugate = Polynomial {
            terms: p.terms.iter().map(turned).collect(),
        };
        let norm = self.mul(p, &conjugate)?.as_constant();
        Ok(norm.and_then(|c| c.recip()).map(|c| conjugate.scale(&c)))
    }

    pub(super) fn inverse_term(
        &mut self,
        monomial: &Monomial,
        c: &Coefficient,
    ) -> Result<Polynomial, Stop> {
        let c = c.recip().ok_or(Stop::DivisionByZero)?;
        let mut powers = Vec::new();
        let mut sums = Vec::new();
        for &(atom, n) in &monomial.powers {
            match self.meaning(atom) {
                Meaning {
                    head: Head::Inverse,
                    arguments,
                } => sums.push((arguments[0].clone(), n)),
                _ if self.is_sign(atom) => powers.push((atom, n)),
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
}
