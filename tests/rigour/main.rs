//! Enclosures against exact rationals, a table of true values, and themselves.

#![allow(clippy::unwrap_used)]

mod edges;
mod inclusion;
mod open;
mod rationals;
mod table;

use reparam_check::number::{Binary, Number, Rational, Ternary, Unary};

/// An operator of any number of arguments.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Operator {
    Unary(Unary),
    Binary(Binary),
    Ternary(Ternary),
}

impl Operator {
    pub(crate) fn apply<N: Number>(self, arguments: &[N], context: &N::Context) -> N {
        match (self, arguments) {
            (Operator::Unary(f), [x]) => N::unary(f, x, context),
            (Operator::Binary(f), [x, y]) => N::binary(f, x, y, context),
            (Operator::Ternary(f), [x, y, z]) => N::ternary(f, x, y, z, context),
            _ => panic!("{self:?} of {} arguments", arguments.len()),
        }
    }
}

/// An integer, a decimal with or without exponent, or a fraction, exactly.
pub(crate) fn rational(text: &str) -> Rational {
    if let Some((top, bottom)) = text.split_once('/') {
        return rational(top) / rational(bottom);
    }
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: dashu_int::IBig = format!("{whole}{fraction}").parse().unwrap();
    let exponent = exponent.parse::<isize>().unwrap() - fraction.len() as isize;
    Rational::from(digits) * Rational::from(10).pow(exponent)
}

/// Every operator, with ranges of arguments that meet its domain, its edge and beyond.
pub(crate) fn operators() -> Vec<(Operator, Vec<[f64; 2]>)> {
    use Unary::*;
    let unary: [(Unary, [f64; 2]); 40] = [
        (Neg, [-9.0, 9.0]),
        (Exp, [-40.0, 40.0]),
        (Log, [-0.5, 30.0]),
        (Log1p, [-1.2, 5.0]),
        (Expm1, [-5.0, 5.0]),
        (Sqrt, [-0.5, 9.0]),
        (Abs, [-9.0, 9.0]),
        (Sign, [-1.0, 1.0]),
        (Floor, [-4.0, 4.0]),
        (Ceil, [-4.0, 4.0]),
        (Round, [-4.0, 4.0]),
        (Sin, [-20.0, 20.0]),
        (Cos, [-20.0, 20.0]),
        (Tan, [-8.0, 8.0]),
        (Asin, [-1.1, 1.1]),
        (Acos, [-1.1, 1.1]),
        (Atan, [-9.0, 9.0]),
        (Sinh, [-9.0, 9.0]),
        (Cosh, [-9.0, 9.0]),
        (Tanh, [-9.0, 9.0]),
        (Asinh, [-9.0, 9.0]),
        (Acosh, [0.9, 9.0]),
        (Atanh, [-1.1, 1.1]),
        (Sigmoid, [-30.0, 30.0]),
        (Softplus, [-30.0, 30.0]),
        (Erf, [-4.0, 4.0]),
        (Erfc, [-4.0, 20.0]),
        (ErfInv, [-1.05, 1.05]),
        (NormalCdf, [-15.0, 6.0]),
        (NormalIcdf, [-0.05, 1.05]),
        (NormalLogCdf, [-40.0, 9.0]),
        (Lgamma, [-6.0, 9.0]),
        (Polygamma(0), [-5.0, 9.0]),
        (Polygamma(1), [-5.0, 9.0]),
        (Polygamma(2), [-5.0, 9.0]),
        (Polygamma(5), [-3.0, 5.0]),
        (LogBesselI0, [-90.0, 90.0]),
        (BesselRatio, [-90.0, 90.0]),
        (Not, [0.0, 1.0]),
        (StopGradient, [-3.0, 3.0]),
    ];
    let wide = [-5.0, 5.0];
    let binary: [(Binary, [[f64; 2]; 2]); 17] = [
        (Binary::Add, [wide, wide]),
        (Binary::Sub, [wide, wide]),
        (Binary::Mul, [wide, wide]),
        (Binary::Div, [wide, wide]),
        (Binary::Pow, [[-2.0, 6.0], wide]),
        (Binary::Min, [wide, wide]),
        (Binary::Max, [wide, wide]),
        (Binary::Mod, [[-20.0, 20.0], [-3.0, 6.0]]),
        (Binary::Atan2, [wide, wide]),
        (Binary::GammaP, [[-0.1, 12.0], [-0.5, 30.0]]),
        (Binary::GammaQ, [[-0.1, 12.0], [-0.5, 30.0]]),
        (Binary::GammaPDa, [[-0.1, 12.0], [-0.5, 30.0]]),
        (Binary::Less, [wide, wide]),
        (Binary::LessEqual, [wide, wide]),
        (Binary::Equal, [wide, wide]),
        (Binary::And, [[0.0, 1.0], [0.0, 1.0]]),
        (Binary::Or, [[0.0, 1.0], [0.0, 1.0]]),
    ];
    let ternary: [(Ternary, [[f64; 2]; 3]); 3] = [
        (Ternary::Select, [[0.0, 1.0], wide, wide]),
        (Ternary::BetaInc, [[-0.1, 9.0], [-0.1, 9.0], [-0.05, 1.05]]),
        (
            Ternary::BetaIncDa,
            [[-0.1, 9.0], [-0.1, 9.0], [-0.05, 1.05]],
        ),
    ];
    let mut all: Vec<(Operator, Vec<[f64; 2]>)> = Vec::new();
    all.extend(unary.map(|(f, range)| (Operator::Unary(f), vec![range])));
    all.extend(binary.map(|(f, ranges)| (Operator::Binary(f), ranges.to_vec())));
    all.extend(ternary.map(|(f, ranges)| (Operator::Ternary(f), ranges.to_vec())));
    all
}

/// A fixed sequence of numbers in [0, 1), for choosing points (SplitMix64).
pub(crate) struct Sequence(pub(crate) u64);

impl Sequence {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A point of a range; now and then a multiple of 1/2, where things happen.
    pub(crate) fn point(&mut self, [low, high]: [f64; 2]) -> f64 {
        let x = low + (high - low) * self.unit();
        if self.next().is_multiple_of(4) {
            ((2.0 * x).round() / 2.0).clamp(low, high)
        } else {
            x
        }
    }
}

pub(crate) fn exact(x: f64) -> Rational {
    Rational::try_from(x).unwrap()
}
