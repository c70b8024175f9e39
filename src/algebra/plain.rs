//! Polynomials with their exponentials as letters: what sign tests and common divisors work on.
//!
//! exp(c·m) for a monomial m becomes a power of the letter exp(m/n), n the common denominator of
//! all such c; every letter's exponents are shifted so that the least is zero.

use super::coefficient::Coefficient;
use super::polynomial::{Atom, Monomial, Polynomial, merge};
use super::ring::{Ring, Stop};

/// Letters for exponentials are numbered from here, beyond every atom of a ring.
const FIRST_LETTER: u32 = 1 << 24;

/// Degrees above this are left alone.
const HIGHEST_DEGREE: i64 = 48;

/// Several polynomials over common letters.
#[derive(Clone, Debug)]
pub(super) struct Plain {
    /// No exponentials, no negative powers, nothing to take out of all terms.
    pub(super) polynomials: Vec<Polynomial>,
    /// The atoms taken out of each, as powers.
    pub(super) contents: Vec<Vec<(Atom, i32)>>,
    /// The exponent of the exponential taken out of each.
    pub(super) exponents: Vec<Polynomial>,
    /// What the letters from [`FIRST_LETTER`] stand for: exp of these.
    pub(super) letters: Vec<Polynomial>,
}

impl Plain {
    /// What a letter for an exponential is the exponential of; none for a ring's own atom.
    pub(super) fn exponent_of(&self, letter: Atom) -> Option<&Polynomial> {
        let place = letter.0.checked_sub(FIRST_LETTER)?;
        self.letters.get(place as usize)
    }

    /// Letters replaced by what they stand for.
    pub(super) fn restore(&self, ring: &mut Ring, p: &Polynomial) -> Result<Polynomial, Stop> {
        let mut result = Polynomial::default();
        for (monomial, c) in &p.terms {
            let mut exponent = Polynomial::default();
            let mut powers = Vec::new();
            for &(atom, n) in &monomial.powers {
                match self.exponent_of(atom) {
                    Some(e) => {
                        exponent = exponent.add(&e.scale(&Coefficient::integer(i64::from(n))));
                    }
                    None => powers.push((atom, n)),
                }
            }
            let exponential = ring.exp(&exponent)?;
            let rest = Monomial {
                powers,
                exponent: None,
            };
            let term = ring.mul(&Polynomial::term(rest, c.clone()), &exponential)?;
            result = result.add(&term);
        }
        Ok(result)
    }
}

/// Polynomials over common letters.
pub(super) fn plain(sources: &[&Polynomial]) -> Result<Plain, Stop> {
    let nothing = Polynomial::default();
    let mut monomials: Vec<Monomial> = sources
        .iter()
        .flat_map(|p| &p.terms)
        .filter_map(|t| t.0.exponent.as_ref())
        .flat_map(|e| e.terms.iter().map(|t| t.0.clone()))
        .collect();
    monomials.sort();
    monomials.dedup();
    let coefficient_in = |e: &Polynomial, m: &Monomial| {
        e.terms
            .binary_search_by(|t| t.0.cmp(m))
            .map_or(Coefficient::ZERO, |place| e.terms[place].1.clone())
    };
    let contents: Vec<(Vec<(Atom, i32)>, Polynomial)> =
        sources.iter().map(|p| p.content()).collect();
    let mut letters = Vec::new();
    let mut scales = Vec::new();
    for m in &monomials {
        let mut scale = 1i64;
        for (p, (_, least)) in sources.iter().zip(&contents) {
            let low = coefficient_in(least, m);
            for (monomial, _) in &p.terms {
                let e = monomial.exponent.as_deref().unwrap_or(&nothing);
                let above = coefficient_in(e, m).add(&low.neg());
                let Coefficient::Small(_, d) = above else {
                    return Err(Stop::TooLarge);
                };
                scale = least_common_multiple(scale, d).ok_or(Stop::TooLarge)?;
            }
        }
        letters.push(Polynomial::term(m.clone(), Coefficient::fraction(1, scale)));
        scales.push(Coefficient::integer(scale));
    }
    let mut polynomials = Vec::new();
    for (p, (powers, least)) in sources.iter().zip(&contents) {
        let down: Vec<(Atom, i32)> = powers.iter().map(|&(a, n)| (a, -n)).collect();
        let mut terms = Vec::new();
        for (monomial, c) in &p.terms {
            let mut powers = merge(&monomial.powers, &down);
            let e = monomial.exponent.as_deref().unwrap_or(&nothing).sub(least);
            for (place, m) in monomials.iter().enumerate() {
                let n = coefficient_in(&e, m).mul(&scales[place]);
                match n.as_integer() {
                    Some(0) => {}
                    Some(n) if n <= HIGHEST_DEGREE => {
                        powers.push((Atom(FIRST_LETTER + place as u32), n as i32));
                    }
                    _ => return Err(Stop::TooLarge),
                }
            }
            let monomial = Monomial {
                powers,
                exponent: None,
            };
            terms.push((monomial, c.clone()));
        }
        polynomials.push(Polynomial::collect(terms));
    }
    let (contents, exponents) = contents.into_iter().unzip();
    Ok(Plain {
        polynomials,
        contents,
        exponents,
        letters,
    })
}

fn least_common_multiple(a: i64, b: i64) -> Option<i64> {
    let (mut x, mut y) = (a, b);
    while y != 0 {
        (x, y) = (y, x % y);
    }
    (a / x).checked_mul(b).filter(|&n| n <= 5040)
}

/// The product of polynomials without exponentials; none beyond a bound on size.
pub(super) fn times(a: &Polynomial, b: &Polynomial) -> Option<Polynomial> {
    if a.terms.len() * b.terms.len() > 20_000 {
        return None;
    }
    let mut terms = Vec::with_capacity(a.terms.len() * b.terms.len());
    for (m, c) in &a.terms {
        for (n, d) in &b.terms {
            let monomial = Monomial {
                powers: merge(&m.powers, &n.powers),
                exponent: None,
            };
            terms.push((monomial, c.mul(d)));
        }
    }
    Some(Polynomial::collect(terms))
}

/// The coefficients of the powers of a letter, from zero up.
pub(super) fn coefficients(p: &Polynomial, letter: Atom) -> Vec<Polynomial> {
    let degree = p.degrees(letter).1.max(0) as usize;
    let mut terms = vec![Vec::new(); degree + 1];
    for (monomial, c) in &p.terms {
        let n = monomial.power(letter).max(0) as usize;
        terms[n].push((monomial.without(letter), c.clone()));
    }
    terms.into_iter().map(Polynomial::collect).collect()
}

/// A letter to a power, times a polynomial.
pub(super) fn shifted(p: &Polynomial, letter: Atom, n: usize) -> Polynomial {
    if n == 0 {
        return p.clone();
    }
    let terms = p.terms.iter().map(|(monomial, c)| {
        let monomial = Monomial {
            powers: merge(&monomial.powers, &[(letter, n as i32)]),
            exponent: None,
        };
        (monomial, c.clone())
    });
    Polynomial::collect(terms.collect())
}
