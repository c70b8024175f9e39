//! Logarithms taken apart into those of coprime factors.

use super::Search;
use crate::algebra::coefficient::Coefficient;
use crate::algebra::factor::{coprime_basis, monic, over_basis};
use crate::algebra::plain::{Plain, plain};
use crate::algebra::polynomial::Polynomial;
use crate::algebra::proof::Rule;
use crate::algebra::ring::{Head, Stop};
use crate::algebra::signs::Signs;
use crate::graph::{Graph, Id, Node};
use crate::number::{Rational, Unary};

impl Search {
    /// log x as a sum of logarithms of what x is visibly a product of.
    pub(super) fn expand(&mut self, graph: &mut Graph, id: Id) -> bool {
        let Node::Unary(Unary::Log, x) = graph.node(id) else {
            return false;
        };
        let Ok(Some(to)) = self.factored(graph, x) else {
            return false;
        };
        if to == id || !self.brings_something(graph, id, to) {
            return false;
        }
        self.visit(graph, to);
        self.take(graph, Rule::Logarithm, id, to)
    }

    /// A single logarithm of the same argument is no progress.
    pub(super) fn brings_something(&mut self, graph: &mut Graph, id: Id, to: Id) -> bool {
        let Node::Unary(Unary::Log, x) = graph.node(id) else {
            return false;
        };
        let Node::Unary(Unary::Log, y) = graph.node(to) else {
            return true;
        };
        let ring = &mut self.checker.ring;
        let (Ok(a), Ok(b)) = (ring.form(graph, x), ring.form(graph, y)) else {
            return false;
        };
        a != b
    }

    pub(super) fn factored(&mut self, graph: &mut Graph, x: Id) -> Result<Option<Id>, Stop> {
        let form = self.checker.ring.form(graph, x)?;
        let (p, mut factors) = self.over_divisors(&form)?;
        let p = self.checker.ring.without_sines(&p)?;
        let plain = plain(&[&p])?;
        let rest = &plain.polynomials[0];
        let c = match rest.as_constant() {
            Some(c) => c,
            None => {
                let factor = plain.restore(&mut self.checker.ring, &monic(rest))?;
                factors.push((factor, 1));
                rest.terms[0].1.clone()
            }
        };
        self.logarithm(graph, (&plain, 0), c, factors)
    }

    /// log of c, the content of a plain polynomial, and factors, as a sum; none where a sign is
    /// not known.
    pub(super) fn logarithm(
        &mut self,
        graph: &mut Graph,
        (plain, place): (&Plain, usize),
        c: Coefficient,
        mut factors: Vec<(Polynomial, i64)>,
    ) -> Result<Option<Id>, Stop> {
        for &(atom, n) in &plain.contents[place] {
            factors.push((Polynomial::atom(atom), i64::from(n)));
        }
        let mut sign = c.signum();
        let mut terms = Vec::new();
        let mut known = true;
        for (factor, n) in factors {
            known &= self.log_of(graph, &factor, n, &mut terms, &mut sign)?;
        }
        if !known || sign <= 0 {
            return Ok(None);
        }
        if !plain.exponents[place].is_zero() {
            terms.push(self.checker.ring.term(graph, &plain.exponents[place]));
        }
        let size = if c.signum() < 0 { c.neg() } else { c };
        terms.extend(log_of_rational(graph, &size.rational()));
        Ok(Some(graph.sum(&terms)))
    }

    /// A sum as one without divisors, and the divisors with negative powers.
    pub(super) fn over_divisors(
        &mut self,
        form: &Polynomial,
    ) -> Result<(Polynomial, Vec<(Polynomial, i64)>), Stop> {
        let mut above = form.clone();
        let mut divisors = Vec::new();
        while let Some(atom) = above
            .atoms()
            .into_iter()
            .rev()
            .find(|&a| self.checker.ring.meaning(a).head == Head::Inverse)
        {
            let power = above.degrees(atom).1;
            let divisor = self.checker.ring.meaning(atom).arguments[0].clone();
            above = self.checker.ring.times_divisor(&above, atom)?;
            divisors.push(((*divisor).clone(), -i64::from(power)));
        }
        Ok((above, divisors))
    }

    /// Adds n·log of a factor, turned positive; an even power of unknown sign by its absolute
    /// value. False where the sign is not known.
    pub(super) fn log_of(
        &mut self,
        graph: &mut Graph,
        base: &Polynomial,
        n: i64,
        terms: &mut Vec<Id>,
        sign: &mut i32,
    ) -> Result<bool, Stop> {
        let signs = self
            .checker
            .facts
            .signs_of(&mut self.checker.ring, graph, base, 0);
        let term = self.checker.ring.term(graph, base);
        let positive = if signs.within(Signs::NONNEGATIVE) {
            term
        } else if signs.within(Signs::NONPOSITIVE) {
            if n % 2 != 0 {
                *sign = -*sign;
            }
            graph.neg(term)
        } else if n % 2 == 0 {
            graph.unary(Unary::Abs, term)
        } else {
            self.signless.push(term);
            return Ok(false);
        };
        let log = graph.log(positive);
        let n = graph.integer(n);
        terms.push(graph.mul(n, log));
        Ok(true)
    }

    /// Takes logarithms apart over a common basis of coprime factors.
    pub(super) fn refine(&mut self, graph: &mut Graph) -> bool {
        let mut changed = false;
        for _ in 0..3 {
            let open: Vec<Id> = self
                .logarithms
                .iter()
                .copied()
                .filter(|&id| self.checker.ring.rewritten(id).is_none())
                .collect();
            let mut sources = Vec::new();
            let mut nodes = Vec::new();
            for id in open {
                if let Node::Unary(Unary::Log, x) = graph.node(id)
                    && let Ok(form) = self.checker.ring.form(graph, x)
                    && form.terms.len() > 1
                    && let Ok((p, divisors)) = self.over_divisors(&form)
                {
                    sources.push(p);
                    nodes.push((id, divisors));
                }
            }
            let references: Vec<&Polynomial> = sources.iter().collect();
            let Ok(common) = plain(&references) else {
                return changed;
            };
            let basis = coprime_basis(&common.polynomials);
            let mut again = false;
            for (place, (id, divisors)) in nodes.into_iter().enumerate() {
                let Some((c, powers)) = over_basis(&common.polynomials[place], &basis) else {
                    continue;
                };
                if powers.len() == 1 && powers[0].1 == 1 {
                    continue;
                }
                let factors: Result<Vec<_>, Stop> = powers
                    .into_iter()
                    .map(|(factor, n)| {
                        let base = common.restore(&mut self.checker.ring, &basis[factor])?;
                        Ok((base, n))
                    })
                    .collect();
                let Ok(mut factors) = factors else {
                    continue;
                };
                factors.extend(divisors);
                let Ok(Some(to)) = self.logarithm(graph, (&common, place), c, factors) else {
                    continue;
                };
                self.visit(graph, to);
                again |= self.take(graph, Rule::Logarithm, id, to);
            }
            if !again {
                return changed;
            }
            changed = true;
        }
        changed
    }
}

/// log of a positive rational as whole multiples of logarithms of primes, as far as they are small.
fn log_of_rational(graph: &mut Graph, value: &Rational) -> Vec<Id> {
    let mut terms = Vec::new();
    let parts = [
        (u64::try_from(value.numerator()), 1i64),
        (u64::try_from(value.denominator()), -1),
    ];
    let mut rest = value.clone();
    for (part, sign) in parts {
        let Ok(mut n) = part else {
            continue;
        };
        let mut prime = 2u64;
        while n > 1 && prime <= 1_000 {
            let mut times = 0i64;
            while n.is_multiple_of(prime) {
                n /= prime;
                times += 1;
                let factor = Rational::from(prime);
                rest = if sign > 0 {
                    rest / factor
                } else {
                    rest * factor
                };
            }
            if times > 0 {
                let base = graph.constant(Rational::from(prime));
                let (log, count) = (graph.log(base), graph.integer(sign * times));
                terms.push(graph.mul(count, log));
            }
            prime += 1;
        }
    }
    if rest != Rational::ONE {
        let rest = graph.constant(rest);
        terms.push(graph.log(rest));
    }
    terms
}
