//! Common divisors of polynomials in several letters over ℚ, and bases of coprime factors.
//!
//! What the search for proofs finds here is multiplied out again by the checker, and a quotient by
//! [`divided`] at once.
//! Divisors by primitive remainder sequences (Knuth 1997, 4.6.1), letter by letter.

use super::coefficient::Coefficient;
use super::plain::{Plain, coefficients, plain, shifted, times};
use super::polynomial::{Atom, Monomial, Polynomial};
use super::ring::{Ring, Stop};

/// Polynomials with more terms are taken to be coprime.
const MOST_TERMS: usize = 160;

/// So are those of a higher degree.
const HIGHEST_DEGREE: i32 = 16;

/// The quotient, when b divides a.
pub(super) fn quotient(a: &Polynomial, b: &Polynomial) -> Option<Polynomial> {
    if a.is_zero() {
        return Some(Polynomial::default());
    }
    if let Some(c) = b.as_constant() {
        return Some(a.scale(&c.recip()?));
    }
    let letter = *b.atoms().last()?;
    let divisor = coefficients(b, letter);
    let leading = divisor.last()?;
    let mut rest = coefficients(a, letter);
    let mut result = Polynomial::default();
    while rest.len() >= divisor.len() {
        let top = rest.pop()?;
        if top.is_zero() {
            continue;
        }
        let place = rest.len() + 1 - divisor.len();
        let c = quotient(&top, leading)?;
        for (i, d) in divisor[..divisor.len() - 1].iter().enumerate() {
            rest[place + i] = rest[place + i].sub(&times(&c, d)?);
        }
        result = result.add(&shifted(&c, letter, place));
    }
    rest.iter().all(Polynomial::is_zero).then_some(result)
}

/// With first coefficient 1.
pub(super) fn monic(p: &Polynomial) -> Polynomial {
    match p.terms.first().and_then(|t| t.1.recip()) {
        Some(below) => p.scale(&below),
        None => Polynomial::default(),
    }
}

/// The greatest common divisor, monic; 1 where it is too much work.
pub(super) fn common_divisor(a: &Polynomial, b: &Polynomial) -> Polynomial {
    let large = |p: &Polynomial| {
        p.terms.len() > MOST_TERMS || p.atoms().iter().any(|&l| p.degrees(l).1 > HIGHEST_DEGREE)
    };
    if large(a) || large(b) {
        return Polynomial::one();
    }
    divisor(a, b, &mut 4_000).unwrap_or_else(Polynomial::one)
}

fn divisor(a: &Polynomial, b: &Polynomial, work: &mut usize) -> Option<Polynomial> {
    *work = work.checked_sub(1)?;
    if a.is_zero() {
        return Some(monic(b));
    }
    if b.is_zero() {
        return Some(monic(a));
    }
    if a.as_constant().is_some() || b.as_constant().is_some() {
        return Some(Polynomial::one());
    }
    let (in_a, in_b) = (a.atoms(), b.atoms());
    // A letter in one of them only: the divisor divides all its coefficients.
    if let Some(&letter) = in_a.iter().find(|l| !in_b.contains(l)) {
        return content_with(a, letter, b, work);
    }
    if let Some(&letter) = in_b.iter().find(|l| !in_a.contains(l)) {
        return content_with(b, letter, a, work);
    }
    let letter = *in_a
        .iter()
        .min_by_key(|&&l| a.degrees(l).1.max(b.degrees(l).1))?;
    let (content_a, content_b) = (content(a, letter, work)?, content(b, letter, work)?);
    let common = divisor(&content_a, &content_b, work)?;
    let mut p = quotient(a, &content_a)?;
    let mut q = quotient(b, &content_b)?;
    if p.degrees(letter).1 < q.degrees(letter).1 {
        std::mem::swap(&mut p, &mut q);
    }
    loop {
        let r = pseudo_remainder(&p, &q, letter, work)?;
        if r.is_zero() {
            return Some(monic(&times(&common, &q)?));
        }
        if r.degrees(letter).1 <= 0 {
            return Some(monic(&common));
        }
        let below = content(&r, letter, work)?;
        p = q;
        q = monic(&quotient(&r, &below)?);
    }
}

/// The common divisor of b and every coefficient of a.
fn content_with(
    a: &Polynomial,
    letter: Atom,
    b: &Polynomial,
    work: &mut usize,
) -> Option<Polynomial> {
    let mut common = b.clone();
    for c in coefficients(a, letter) {
        common = divisor(&common, &c, work)?;
        if common.is_one() {
            break;
        }
    }
    Some(common)
}

fn content(p: &Polynomial, letter: Atom, work: &mut usize) -> Option<Polynomial> {
    content_with(p, letter, &Polynomial::default(), work)
}

fn pseudo_remainder(
    p: &Polynomial,
    q: &Polynomial,
    letter: Atom,
    work: &mut usize,
) -> Option<Polynomial> {
    let divisor = coefficients(q, letter);
    let leading = divisor.last()?;
    let mut rest = coefficients(p, letter);
    while rest.len() >= divisor.len() {
        *work = work.checked_sub(rest.len())?;
        let top = rest.pop()?;
        if top.is_zero() {
            continue;
        }
        let place = rest.len() + 1 - divisor.len();
        for r in &mut rest {
            *r = times(r, leading)?;
        }
        for (i, d) in divisor[..divisor.len() - 1].iter().enumerate() {
            rest[place + i] = rest[place + i].sub(&times(&top, d)?);
        }
    }
    let mut result = Polynomial::default();
    for (n, c) in rest.iter().enumerate() {
        result = result.add(&shifted(c, letter, n));
    }
    Some(result)
}

/// The derivative in a letter.
fn derivative(p: &Polynomial, letter: Atom) -> Polynomial {
    let mut result = Polynomial::default();
    for (n, c) in coefficients(p, letter).iter().enumerate().skip(1) {
        let c = c.scale(&Coefficient::integer(n as i64));
        result = result.add(&shifted(&c, letter, n - 1));
    }
    result
}

/// Monic polynomials, pairwise coprime as far as [`common_divisor`] sees, of which every given one
/// is a product up to a constant; without repeated factors.
pub(super) fn coprime_basis(given: &[Polynomial]) -> Vec<Polynomial> {
    let mut basis: Vec<Polynomial> = Vec::new();
    let mut open: Vec<Polynomial> = given.iter().map(monic).collect();
    let mut rounds = 0;
    while let Some(p) = open.pop() {
        rounds += 1;
        if p.as_constant().is_some() {
            continue;
        }
        if rounds > 400 {
            basis.push(p);
            continue;
        }
        if let Some(repeated) = p
            .atoms()
            .into_iter()
            .map(|letter| common_divisor(&p, &derivative(&p, letter)))
            .find(|d| d.as_constant().is_none())
            && let Some(rest) = quotient(&p, &repeated)
            && rest.as_constant().is_none()
        {
            open.push(monic(&rest));
            open.push(repeated);
            continue;
        }
        if let Some((place, common)) = basis.iter().enumerate().find_map(|(i, b)| {
            let common = common_divisor(&p, b);
            common.as_constant().is_none().then_some((i, common))
        }) {
            let other = basis.swap_remove(place);
            if let (Some(a), Some(b)) = (quotient(&p, &common), quotient(&other, &common)) {
                open.push(monic(&a));
                open.push(monic(&b));
                open.push(common);
            } else {
                basis.push(other);
                basis.push(p);
            }
        } else {
            basis.push(p);
        }
    }
    basis.sort();
    basis
}

/// How often each element of a basis divides p, and the constant that remains; none when
/// something else does.
pub(super) fn over_basis(
    p: &Polynomial,
    basis: &[Polynomial],
) -> Option<(Coefficient, Vec<(usize, i64)>)> {
    let mut rest = p.clone();
    let mut powers = Vec::new();
    for (place, factor) in basis.iter().enumerate() {
        let mut n = 0;
        while let Some(smaller) = quotient(&rest, factor) {
            rest = smaller;
            n += 1;
            if n > i64::from(HIGHEST_DEGREE) * 4 {
                return None;
            }
        }
        if n > 0 {
            powers.push((place, n));
        }
    }
    rest.as_constant().map(|c| (c, powers))
}

/// p/d where it is a polynomial, multiplied out again, if it is `wanted` by what the two have over
/// common letters.
pub(super) fn divided(
    ring: &mut Ring,
    p: &Polynomial,
    d: &Polynomial,
    wanted: impl FnOnce(&Plain) -> bool,
) -> Result<Option<Polynomial>, Stop> {
    if p.terms.len() < d.terms.len() {
        return Ok(None);
    }
    ring.spend(4 * p.terms.len())?;
    let plain = plain(&[p, d])?;
    if !wanted(&plain) {
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
