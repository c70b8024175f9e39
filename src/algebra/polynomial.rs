//! Polynomials with exact rational coefficients in *atoms*, with any integer exponents, times
//! exponentials of such polynomials: the normal form of an expression.
//!
//! What an atom stands for is known to [`super::ring::Ring`] alone; here they are letters. Terms
//! are sorted and have no zero coefficient, so equal polynomials are equal values.

use super::coefficient::Coefficient;
use std::rc::Rc;

/// A letter of a polynomial; the number is its place in the ring's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Atom(pub(super) u32);

/// A product of powers of atoms and one exponential.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Monomial {
    /// Atoms with nonzero exponents, sorted by atom.
    pub(super) powers: Vec<(Atom, i32)>,
    /// E in the factor exp(E), never zero.
    pub(super) exponent: Option<Rc<Polynomial>>,
}

/// A sum of monomials with coefficients.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Polynomial {
    /// Sorted by monomial; no coefficient is zero.
    pub(super) terms: Vec<(Monomial, Coefficient)>,
}

impl Monomial {
    pub(super) const ONE: Monomial = Monomial {
        powers: Vec::new(),
        exponent: None,
    };

    pub(super) fn is_one(&self) -> bool {
        self.powers.is_empty() && self.exponent.is_none()
    }

    /// The atom of a monomial that is one atom to the first power.
    pub(super) fn as_atom(&self) -> Option<Atom> {
        match (self.powers.as_slice(), &self.exponent) {
            (&[(atom, 1)], None) => Some(atom),
            _ => None,
        }
    }

    /// The exponent of an atom.
    pub(super) fn power(&self, atom: Atom) -> i32 {
        self.powers
            .binary_search_by_key(&atom, |p| p.0)
            .map_or(0, |place| self.powers[place].1)
    }

    /// The same without an atom.
    pub(super) fn without(&self, atom: Atom) -> Monomial {
        let mut rest = self.clone();
        rest.powers.retain(|p| p.0 != atom);
        rest
    }
}

/// The product of two lists of powers.
pub(super) fn merge(a: &[(Atom, i32)], b: &[(Atom, i32)]) -> Vec<(Atom, i32)> {
    let mut result = Vec::with_capacity(a.len() + b.len());
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        match a[i].0.cmp(&b[j].0) {
            std::cmp::Ordering::Less => {
                result.push(a[i]);
                i += 1;
            }
            std::cmp::Ordering::Greater => {
                result.push(b[j]);
                j += 1;
            }
            std::cmp::Ordering::Equal => {
                // Far below 2³¹: the ring bounds the powers of every product.
                let sum = a[i].1 + b[j].1;
                if sum != 0 {
                    result.push((a[i].0, sum));
                }
                i += 1;
                j += 1;
            }
        }
    }
    result.extend_from_slice(&a[i..]);
    result.extend_from_slice(&b[j..]);
    result
}

impl Polynomial {
    pub(super) fn constant(value: Coefficient) -> Polynomial {
        Polynomial::term(Monomial::ONE, value)
    }

    pub(super) fn one() -> Polynomial {
        Polynomial::constant(Coefficient::ONE)
    }

    pub(super) fn term(monomial: Monomial, coefficient: Coefficient) -> Polynomial {
        if coefficient.is_zero() {
            return Polynomial::default();
        }
        Polynomial {
            terms: vec![(monomial, coefficient)],
        }
    }

    pub(super) fn atom(atom: Atom) -> Polynomial {
        let monomial = Monomial {
            powers: vec![(atom, 1)],
            exponent: None,
        };
        Polynomial::term(monomial, Coefficient::ONE)
    }

    pub(super) fn is_zero(&self) -> bool {
        self.terms.is_empty()
    }

    pub(super) fn is_one(&self) -> bool {
        self.as_constant() == Some(Coefficient::ONE)
    }

    /// The value of a polynomial without atoms.
    pub(super) fn as_constant(&self) -> Option<Coefficient> {
        match self.terms.as_slice() {
            [] => Some(Coefficient::ZERO),
            [(monomial, c)] if monomial.is_one() => Some(c.clone()),
            _ => None,
        }
    }

    pub(super) fn as_atom(&self) -> Option<Atom> {
        match self.terms.as_slice() {
            [(monomial, c)] if c.is_one() => monomial.as_atom(),
            _ => None,
        }
    }

    /// The coefficient of the monomial 1.
    pub(super) fn constant_term(&self) -> Coefficient {
        self.terms
            .iter()
            .find(|t| t.0.is_one())
            .map_or(Coefficient::ZERO, |t| t.1.clone())
    }

    /// From terms in any order, with repetitions.
    pub(super) fn collect(mut terms: Vec<(Monomial, Coefficient)>) -> Polynomial {
        terms.sort_by(|a, b| a.0.cmp(&b.0));
        let mut result: Vec<(Monomial, Coefficient)> = Vec::with_capacity(terms.len());
        for (monomial, c) in terms {
            match result.last_mut() {
                Some(last) if last.0 == monomial => last.1 = last.1.add(&c),
                _ => {
                    if result.last().is_some_and(|last| last.1.is_zero()) {
                        result.pop();
                    }
                    result.push((monomial, c));
                }
            }
        }
        if result.last().is_some_and(|last| last.1.is_zero()) {
            result.pop();
        }
        Polynomial { terms: result }
    }

    pub(super) fn add(&self, other: &Polynomial) -> Polynomial {
        let (a, b) = (&self.terms, &other.terms);
        let mut result = Vec::with_capacity(a.len() + b.len());
        let (mut i, mut j) = (0, 0);
        while i < a.len() && j < b.len() {
            match a[i].0.cmp(&b[j].0) {
                std::cmp::Ordering::Less => {
                    result.push(a[i].clone());
                    i += 1;
                }
                std::cmp::Ordering::Greater => {
                    result.push(b[j].clone());
                    j += 1;
                }
                std::cmp::Ordering::Equal => {
                    let sum = a[i].1.add(&b[j].1);
                    if !sum.is_zero() {
                        result.push((a[i].0.clone(), sum));
                    }
                    i += 1;
                    j += 1;
                }
            }
        }
        result.extend_from_slice(&a[i..]);
        result.extend_from_slice(&b[j..]);
        Polynomial { terms: result }
    }

    pub(super) fn scale(&self, factor: &Coefficient) -> Polynomial {
        if factor.is_zero() {
            return Polynomial::default();
        }
        let terms = self
            .terms
            .iter()
            .map(|(m, c)| (m.clone(), c.mul(factor)))
            .collect();
        Polynomial { terms }
    }

    pub(super) fn neg(&self) -> Polynomial {
        self.scale(&Coefficient::integer(-1))
    }

    pub(super) fn sub(&self, other: &Polynomial) -> Polynomial {
        self.add(&other.neg())
    }

    /// Every atom outside exponents, sorted.
    pub(super) fn atoms(&self) -> Vec<Atom> {
        let mut atoms: Vec<Atom> = self
            .terms
            .iter()
            .flat_map(|(m, _)| m.powers.iter().map(|p| p.0))
            .collect();
        atoms.sort_unstable();
        atoms.dedup();
        atoms
    }

    /// The smallest and the largest exponent of an atom.
    pub(super) fn degrees(&self, atom: Atom) -> (i32, i32) {
        let powers = self.terms.iter().map(|t| t.0.power(atom));
        powers.fold((i32::MAX, i32::MIN), |(low, high), p| {
            (low.min(p), high.max(p))
        })
    }

    /// The monomial common to all terms, as powers and exponent: each letter, also those of
    /// exponents, at its least exponent.
    ///
    /// Polynomials that differ by a monomial factor have the same quotient by it.
    pub(super) fn content(&self) -> (Vec<(Atom, i32)>, Polynomial) {
        let mut powers = Vec::new();
        for atom in self.atoms() {
            let low = self.degrees(atom).0;
            if low != 0 {
                powers.push((atom, low));
            }
        }
        let nothing = Polynomial::default();
        let exponents: Vec<&Polynomial> = self
            .terms
            .iter()
            .map(|t| t.0.exponent.as_deref().unwrap_or(&nothing))
            .collect();
        let mut monomials: Vec<&Monomial> = exponents
            .iter()
            .flat_map(|e| e.terms.iter().map(|t| &t.0))
            .collect();
        monomials.sort();
        monomials.dedup();
        let mut common = Vec::new();
        for monomial in monomials {
            let of = |e: &&Polynomial| {
                e.terms
                    .binary_search_by(|t| t.0.cmp(monomial))
                    .map_or(Coefficient::ZERO, |place| e.terms[place].1.clone())
            };
            let least = exponents
                .iter()
                .map(of)
                .min_by(|a, b| match a.add(&b.neg()).signum() {
                    -1 => std::cmp::Ordering::Less,
                    0 => std::cmp::Ordering::Equal,
                    _ => std::cmp::Ordering::Greater,
                })
                .unwrap_or(Coefficient::ZERO);
            if !least.is_zero() {
                common.push((monomial.clone(), least));
            }
        }
        (powers, Polynomial { terms: common })
    }
}
