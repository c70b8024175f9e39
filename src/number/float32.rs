//! Binary32: every operation rounded to 24 bits.
//!
//! Arithmetic and square root are IEEE 754. The other functions are computed in binary64 and
//! rounded, which differs from correct rounding about once in 2²⁹ arguments; a library's own
//! binary32 functions are no better, so this is the kindest binary32 there is.

use super::{Binary, Number, Rational, Ternary, Unary};

impl Number for f32 {
    type Context = ();

    fn rational(value: &Rational, (): &()) -> f32 {
        value.to_f32().value()
    }

    fn pi((): &()) -> f32 {
        std::f32::consts::PI
    }

    fn infinity((): &()) -> f32 {
        f32::INFINITY
    }

    fn unary(operator: Unary, x: &f32, (): &()) -> f32 {
        f64::unary(operator, &f64::from(*x), &()) as f32
    }

    /// Sums, differences, products, quotients and square roots of binary32 numbers, taken in
    /// binary64 and rounded, are the correctly rounded ones: 53 ≥ 2·24 + 2 (Figueroa 1995).
    fn binary(operator: Binary, x: &f32, y: &f32, (): &()) -> f32 {
        f64::binary(operator, &f64::from(*x), &f64::from(*y), &()) as f32
    }

    fn ternary(operator: Ternary, x: &f32, y: &f32, z: &f32, (): &()) -> f32 {
        f64::ternary(
            operator,
            &f64::from(*x),
            &f64::from(*y),
            &f64::from(*z),
            &(),
        ) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_is_that_of_binary32() {
        let values = [
            0.1f32,
            -3.7,
            1e-30,
            1e30,
            16_777_217.0,
            1.0 / 3.0,
            1e-40,
            f32::MAX,
            0.0,
        ];
        let same = |a: f32, b: f32| a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan());
        for x in values {
            assert!(same(f32::unary(Unary::Sqrt, &x, &()), x.sqrt()));
            for y in values {
                assert!(same(f32::binary(Binary::Add, &x, &y, &()), x + y));
                assert!(same(f32::binary(Binary::Sub, &x, &y, &()), x - y));
                assert!(same(f32::binary(Binary::Mul, &x, &y, &()), x * y));
                assert!(same(f32::binary(Binary::Div, &x, &y, &()), x / y));
            }
        }
    }

    #[test]
    fn overflow_comes_at_the_range_of_binary32() {
        assert_eq!(f32::unary(Unary::Exp, &90.0, &()), f32::INFINITY);
        assert_eq!(f32::unary(Unary::Exp, &-110.0, &()), 0.0);
    }
}
