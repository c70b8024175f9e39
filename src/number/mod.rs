//! What each operator means in one number system; one file each, one trait.
//!
//! | system | file | use |
//! | --- | --- | --- |
//! | binary64, binary32 | `float64`, `float32` | search, sampling, and what a library would compute |
//! | lanes of binary64 | `lanes` | batches |
//! | dual numbers | `dual` | derivatives independent of the symbolic ones |
//! | binary64 intervals | `interval` | cheap rigorous enclosures |
//! | open intervals | `open` | signs over boxes whose ends are not attained |
//! | enclosures of any precision | `enclosure` | verdicts |
//! | exact rationals | `rational` | equality where no transcendental function is reached |

mod dual;
mod enclosure;
mod float32;
mod float64;
mod interval;
pub mod lanes;
mod open;
mod operator;
mod rational;
pub mod special;
pub(crate) mod text;

pub use dual::Dual;
pub use enclosure::{Definedness, Enclosure, Precision};
pub use interval::Interval;
pub use open::Open;
pub use operator::{Binary, Ternary, Unary};
pub use rational::Exact;

/// An exact rational number.
pub type Rational = dashu_ratio::RBig;

/// A number system: a meaning for each constant and operator.
///
/// `Context` is what an operation needs beside its arguments (the working precision of an
/// enclosure; nothing for binary64). A result outside an operator's domain is the system's own
/// notion of undefined (not-a-number, an enclosure marked undefined, …): operators never panic.
pub trait Number: Clone {
    /// What an operation needs beside its arguments.
    type Context;

    /// The value (or enclosure) of an exact rational.
    fn rational(value: &Rational, context: &Self::Context) -> Self;
    /// Rational constants, one after another.
    fn rational_each(values: &[Rational], context: &Self::Context) -> Vec<Self> {
        values.iter().map(|v| Self::rational(v, context)).collect()
    }
    /// π.
    fn pi(context: &Self::Context) -> Self;
    /// +∞.
    fn infinity(context: &Self::Context) -> Self;
    /// A unary operator.
    fn unary(operator: Unary, x: &Self, context: &Self::Context) -> Self;
    /// A binary operator.
    fn binary(operator: Binary, x: &Self, y: &Self, context: &Self::Context) -> Self;
    /// A ternary operator.
    fn ternary(operator: Ternary, x: &Self, y: &Self, z: &Self, context: &Self::Context) -> Self;
}
