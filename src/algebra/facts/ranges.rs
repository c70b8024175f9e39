//! Ranges of normal forms, term by term, and of the atoms in them.

use super::reasons::exponential;
use super::{DEEPEST, Facts};
use crate::algebra::coefficient::Coefficient;
use crate::algebra::polynomial::{Atom, Monomial, Polynomial};
use crate::algebra::ring::{Head, Meaning, Ring};
use crate::algebra::signs::{Range, Signs};
use crate::graph::Graph;
use crate::number::{Binary, Ternary, Unary};

impl Facts {
    /// The range of a polynomial, term by term.
    pub(super) fn range_of(
        &self,
        ring: &mut Ring,
        graph: &Graph,
        p: &Polynomial,
        depth: usize,
    ) -> Range {
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

    pub(super) fn monomial_range(
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
    pub(super) fn atom_range(
        &self,
        ring: &mut Ring,
        graph: &Graph,
        atom: Atom,
        depth: usize,
    ) -> Range {
        if depth > DEEPEST {
            return Range::ALL;
        }
        let Meaning { head, arguments } = ring.meaning(atom).clone();
        let mut range = match head {
            Head::Leaf(id) if graph.as_symbol(id).is_some() => self.symbol_range(id),
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

    pub(super) fn unary_range(
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
            Unary::Abs => {
                let signs = Range::of_signs(signs_below(ring, (0, 1)).to_the(2));
                signs.and(&self.range_of(ring, graph, argument, depth).sizes())
            }
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

    /// The signs of sin and cos of an angle in one of the half turns about 0.
    pub(super) fn circular_signs(
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
}
