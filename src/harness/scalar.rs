//! Numbers that a library's own code can be run with: plain f64, or dual numbers, which carry a
//! derivative through it.

use crate::number::{Binary, Dual, Number, Unary};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A number with the functions of f64, by the same names: code written for f64 needs only another
/// type in its signature.
pub trait Scalar:
    Copy
    + From<f64>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// The value without a derivative, for comparing.
    fn value(self) -> f64;
    /// eˣ.
    fn exp(self) -> Self;
    /// eˣ − 1.
    fn exp_m1(self) -> Self;
    /// log x.
    fn ln(self) -> Self;
    /// log(1 + x).
    fn ln_1p(self) -> Self;
    /// √x.
    fn sqrt(self) -> Self;
    /// |x|.
    fn abs(self) -> Self;
    /// xⁿ.
    fn powi(self, n: i32) -> Self;
    /// xʸ for positive x.
    fn powf(self, y: Self) -> Self;
    /// Sine.
    fn sin(self) -> Self;
    /// Cosine.
    fn cos(self) -> Self;
    /// Tangent.
    fn tan(self) -> Self;
    /// Inverse tangent.
    fn atan(self) -> Self;
    /// Hyperbolic sine.
    fn sinh(self) -> Self;
    /// Hyperbolic cosine.
    fn cosh(self) -> Self;
    /// Hyperbolic tangent.
    fn tanh(self) -> Self;
    /// Inverse hyperbolic sine.
    fn asinh(self) -> Self;
    /// Inverse hyperbolic tangent.
    fn atanh(self) -> Self;
    /// A function of the spec language, such as [`Unary::Lgamma`] or [`Unary::NormalCdf`], which f64
    /// does not have.
    fn special(self, function: Unary) -> Self;
}

macro_rules! plain {
    ($($name:ident),*) => {
        $(fn $name(self) -> f64 { f64::$name(self) })*
    };
}

impl Scalar for f64 {
    plain!(
        exp, exp_m1, ln, ln_1p, sqrt, abs, sin, cos, tan, atan, sinh, cosh, tanh, asinh, atanh
    );

    fn value(self) -> f64 {
        self
    }

    fn powi(self, n: i32) -> f64 {
        f64::powi(self, n)
    }

    fn powf(self, y: f64) -> f64 {
        f64::powf(self, y)
    }

    fn special(self, function: Unary) -> f64 {
        f64::unary(function, &self, &())
    }
}

macro_rules! dual {
    ($($name:ident: $operator:ident),*) => {
        $(fn $name(self) -> Dual { Dual::unary(Unary::$operator, &self, &()) })*
    };
}

impl Scalar for Dual {
    dual!(
        exp: Exp, exp_m1: Expm1, ln: Log, ln_1p: Log1p, sqrt: Sqrt, abs: Abs, sin: Sin, cos: Cos,
        tan: Tan, atan: Atan, sinh: Sinh, cosh: Cosh, tanh: Tanh, asinh: Asinh, atanh: Atanh
    );

    fn value(self) -> f64 {
        self.value
    }

    fn powi(self, n: i32) -> Dual {
        Dual::binary(Binary::Pow, &self, &f64::from(n).into(), &())
    }

    fn powf(self, y: Dual) -> Dual {
        Dual::binary(Binary::Pow, &self, &y, &())
    }

    fn special(self, function: Unary) -> Dual {
        Dual::unary(function, &self, &())
    }
}
