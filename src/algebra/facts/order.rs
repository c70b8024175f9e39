//! Signs of differences of one increasing function at two places: F(a) − F(b) has the sign of
//! a − b, and so has e^a·c − e^b·d that of a + log c − b − log d.

use super::{DEEPEST, Facts};
use crate::algebra::coefficient::Coefficient;
use crate::algebra::polynomial::{Atom, Monomial, Polynomial};
use crate::algebra::ring::{Head, Ring, Stop};
use crate::algebra::signs::Signs;
use crate::graph::Graph;
use crate::number::Unary;
use std::rc::Rc;

/// Sums of more terms are not searched for pairs.
const MOST_TERMS: usize = 12;

/// Whether a function grows strictly (true) or falls strictly wherever it has values.
fn grows(operator: Unary) -> Option<bool> {
    match operator {
        Unary::Log
        | Unary::Log1p
        | Unary::Expm1
        | Unary::Sqrt
        | Unary::Asin
        | Unary::Atan
        | Unary::Sinh
        | Unary::Tanh
        | Unary::Asinh
        | Unary::Acosh
        | Unary::Atanh
        | Unary::Sigmoid
        | Unary::Softplus
        | Unary::Erf
        | Unary::ErfInv
        | Unary::NormalCdf
        | Unary::NormalIcdf
        | Unary::NormalLogCdf
        | Unary::BesselRatio
        // The values at positive arguments are the ones that count as numbers.
        | Unary::Polygamma(0)
        | Unary::Exp => Some(true),
        Unary::Acos | Unary::Erfc | Unary::Polygamma(1) | Unary::Neg => Some(false),
        Unary::Abs
        | Unary::Sign
        | Unary::Floor
        | Unary::Ceil
        | Unary::Round
        | Unary::Sin
        | Unary::Cos
        | Unary::Tan
        | Unary::Cosh
        | Unary::Lgamma
        | Unary::Polygamma(_)
        | Unary::LogBesselI0
        | Unary::Not
        | Unary::StopGradient => None,
    }
}

/// r and s in F(y) = s − F(r − y).
fn centre(operator: Unary) -> Option<(i64, i64)> {
    match operator {
        Unary::Asin
        | Unary::Atan
        | Unary::Sinh
        | Unary::Tanh
        | Unary::Asinh
        | Unary::Atanh
        | Unary::Erf
        | Unary::ErfInv
        | Unary::BesselRatio => Some((0, 0)),
        Unary::NormalCdf => Some((0, 1)),
        Unary::NormalIcdf => Some((1, 0)),
        Unary::Neg
        | Unary::Exp
        | Unary::Log
        | Unary::Log1p
        | Unary::Expm1
        | Unary::Sqrt
        | Unary::Abs
        | Unary::Sign
        | Unary::Floor
        | Unary::Ceil
        | Unary::Round
        | Unary::Sin
        | Unary::Cos
        | Unary::Tan
        | Unary::Acos
        | Unary::Cosh
        | Unary::Acosh
        | Unary::Sigmoid
        | Unary::Softplus
        | Unary::Erfc
        | Unary::NormalLogCdf
        | Unary::Lgamma
        | Unary::Polygamma(_)
        | Unary::LogBesselI0
        | Unary::Not
        | Unary::StopGradient => None,
    }
}

impl Facts {
    /// By two terms c·m·F(a) − c·m·F(b), and the signs of the other terms.
    pub(super) fn by_order(
        &self,
        ring: &mut Ring,
        graph: &Graph,
        p: &Polynomial,
        depth: usize,
    ) -> Signs {
        if p.terms.len() > MOST_TERMS {
            return Signs::UNKNOWN;
        }
        let mut places = Vec::new();
        for (i, (monomial, c)) in p.terms.iter().enumerate() {
            for &(atom, n) in &monomial.powers {
                let operator = match ring.meaning(atom).head {
                    Head::Unary(operator) if n == 1 => operator,
                    _ => continue,
                };
                if let Some(up) = grows(operator) {
                    places.push((i, atom, operator, up, monomial.without(atom), c.clone()));
                }
            }
        }
        for (k, (i, a, operator, up, rest, c)) in places.iter().enumerate() {
            for (j, b, other, _, beside, d) in &places[k + 1..] {
                if i == j || operator != other || rest != beside {
                    continue;
                }
                let x = ring.meaning(*a).arguments[0].clone();
                let mut y = (*ring.meaning(*b).arguments[0]).clone();
                let others = p.terms.iter().enumerate().filter(|(n, _)| n != i && n != j);
                let mut others = Polynomial {
                    terms: others.map(|(_, t)| t.clone()).collect(),
                };
                let factor = Polynomial::term(rest.clone(), c.clone());
                if !c.add(d).is_zero() {
                    // F(y) = s − F(r − y), of functions with a centre.
                    let Some((r, s)) = centre(*operator).filter(|_| c == d) else {
                        continue;
                    };
                    y = Polynomial::constant(Coefficient::integer(r)).sub(&y);
                    others = others.add(&factor.scale(&Coefficient::integer(s)));
                }
                let mut signs = self.signs_of(ring, graph, &x.sub(&y), depth + 2);
                if !up {
                    signs = signs.negated();
                }
                signs = signs.times(self.signs_of(ring, graph, &factor, depth + 2));
                if !others.is_zero() && signs != Signs::UNKNOWN {
                    signs = signs.plus(self.signs_of(ring, graph, &others, depth + DEEPEST / 3));
                }
                if signs != Signs::UNKNOWN {
                    return signs;
                }
            }
        }
        Signs::UNKNOWN
    }

    /// Of two terms with exponentials, c·m·e^E − d·n·e^F for positive c and d: by the logarithm
    /// of their ratio, once what the monomials m and n share is taken out and the rest is positive.
    pub(super) fn by_ratio(
        &self,
        ring: &mut Ring,
        graph: &Graph,
        p: &Polynomial,
        depth: usize,
    ) -> Result<Signs, Stop> {
        let [(m, c), (n, d)] = p.terms.as_slice() else {
            return Ok(Signs::UNKNOWN);
        };
        if c.signum() == d.signum() || (m.exponent.is_none() && n.exponent.is_none()) {
            return Ok(Signs::UNKNOWN);
        }
        let nothing = Polynomial::default();
        let exponent = |m: &Monomial| m.exponent.as_deref().unwrap_or(&nothing).clone();
        let mut ratio = exponent(m).sub(&exponent(n));
        if ratio.is_zero() {
            return Ok(Signs::UNKNOWN);
        }
        let mut sign = Signs::of(c);
        let mut atoms: Vec<Atom> = [m, n]
            .iter()
            .flat_map(|m| m.powers.iter().map(|p| p.0))
            .collect();
        atoms.sort_unstable();
        atoms.dedup();
        for atom in atoms {
            let shared = m.power(atom).min(n.power(atom));
            let (above, below) = (m.power(atom) - shared, n.power(atom) - shared);
            let letter = Polynomial::atom(atom);
            let signs = self.signs_of(ring, graph, &letter, depth + 2);
            if shared != 0 {
                sign = sign.times(signs.to_the(shared));
            }
            if above == below {
                continue;
            }
            if signs != Signs::POSITIVE {
                return Ok(Signs::UNKNOWN);
            }
            let mut times = i64::from(above - below);
            let mut argument = Rc::new(letter);
            if ring.meaning(atom).head == Head::Inverse {
                // log(1/q) = −log q.
                argument = ring.meaning(atom).arguments[0].clone();
                times = -times;
            }
            let log = ring.atom(Head::Unary(Unary::Log), vec![argument])?;
            ratio = ratio.add(&log.scale(&Coefficient::integer(times)));
        }
        let size = c.mul(&d.neg().recip().ok_or(Stop::DivisionByZero)?);
        if !size.is_one() {
            let constant = Rc::new(Polynomial::constant(size));
            ratio = ratio.add(&ring.atom(Head::Unary(Unary::Log), vec![constant])?);
        }
        Ok(sign.times(self.signs_of(ring, graph, &ratio, depth + 2)))
    }

    /// Of T + R, where T² is free of the exponential in T: the sign is that of the one with the
    /// larger square.
    pub(super) fn by_squares(
        &self,
        ring: &mut Ring,
        graph: &Graph,
        p: &Polynomial,
        depth: usize,
    ) -> Result<Signs, Stop> {
        if p.terms.len() < 2 || p.terms.len() > MOST_TERMS {
            return Ok(Signs::UNKNOWN);
        }
        for (place, (monomial, c)) in p.terms.iter().enumerate() {
            if monomial.exponent.is_none() {
                continue;
            }
            let t = Polynomial::term(monomial.clone(), c.clone());
            let square = ring.mul(&t, &t)?;
            if square.terms.iter().any(|t| t.0.exponent.is_some()) {
                continue;
            }
            let rest: Vec<_> = p
                .terms
                .iter()
                .enumerate()
                .filter(|(i, _)| *i != place)
                .map(|(_, t)| t.clone())
                .collect();
            let rest = Polynomial { terms: rest };
            let own = self.signs_of(ring, graph, &t, depth + 2);
            let squares = ring.mul(&rest, &rest)?;
            let larger = self.signs_of(ring, graph, &square.sub(&squares), depth + 3);
            if larger.within(Signs::NONNEGATIVE) {
                return Ok(own.or(if larger == Signs::POSITIVE {
                    own
                } else {
                    Signs::ZERO
                }));
            }
            let other = self.signs_of(ring, graph, &rest, depth + 2);
            if larger.within(Signs::NONPOSITIVE) && other != Signs::UNKNOWN {
                return Ok(other.or(if larger == Signs::NEGATIVE {
                    other
                } else {
                    Signs::ZERO
                }));
            }
        }
        Ok(Signs::UNKNOWN)
    }
}
