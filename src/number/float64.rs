//! Binary64: what a library would compute, on every machine the same.
//!
//! Arithmetic and square root are IEEE 754; the elementary functions are `pxfm`'s, within half a
//! unit in the last place; the rest is [`super::special`]. An undefined result is not-a-number,
//! with the conventions of IEEE 754 at the edges (1/0 = ∞, log 0 = −∞, 0⁻¹ = ∞, log |Γ(0)| = ∞).
//! Not-a-number propagates through every operator, comparisons and `min` included: a condition
//! on something undefined is undefined. Only the branch of `where` that is not taken may be.

use super::{Binary, Number, Rational, Ternary, Unary, special};

impl Number for f64 {
    type Context = ();

    fn rational(value: &Rational, (): &()) -> f64 {
        value.to_f64().value()
    }

    fn pi((): &()) -> f64 {
        std::f64::consts::PI
    }

    fn infinity((): &()) -> f64 {
        f64::INFINITY
    }

    fn unary(operator: Unary, x: &f64, (): &()) -> f64 {
        let x = *x;
        match operator {
            Unary::Neg => -x,
            Unary::Exp => pxfm::f_exp(x),
            Unary::Log => pxfm::f_log(x),
            Unary::Log1p => pxfm::f_log1p(x),
            Unary::Expm1 => pxfm::f_expm1(x),
            Unary::Sqrt => x.sqrt(),
            Unary::Abs => x.abs(),
            Unary::Sign if x == 0.0 || x.is_nan() => x,
            Unary::Sign => x.signum(),
            Unary::Floor => x.floor(),
            Unary::Ceil => x.ceil(),
            Unary::Round => x.round_ties_even(),
            Unary::Sin => pxfm::f_sin(x),
            Unary::Cos => pxfm::f_cos(x),
            Unary::Tan => pxfm::f_tan(x),
            Unary::Asin => pxfm::f_asin(x),
            Unary::Acos => pxfm::f_acos(x),
            Unary::Atan => pxfm::f_atan(x),
            Unary::Sinh => pxfm::f_sinh(x),
            Unary::Cosh => pxfm::f_cosh(x),
            Unary::Tanh => pxfm::f_tanh(x),
            Unary::Asinh => pxfm::f_asinh(x),
            Unary::Acosh => pxfm::f_acosh(x),
            Unary::Atanh => pxfm::f_atanh(x),
            // Below −40 it is eˣ to the last place; `f_logistic` gives 1 far out there.
            Unary::Sigmoid if x < -40.0 => pxfm::f_exp(x),
            Unary::Sigmoid => pxfm::f_logistic(x),
            Unary::Softplus => x.max(0.0) + pxfm::f_log1p(pxfm::f_exp(-x.abs())),
            Unary::Erf => pxfm::f_erf(x),
            Unary::Erfc => pxfm::f_erfc(x),
            Unary::ErfInv => special::erfinv(x),
            Unary::NormalCdf => special::normal_cdf(x),
            Unary::NormalIcdf => special::normal_icdf(x),
            Unary::NormalLogCdf => special::normal_log_cdf(x),
            Unary::Lgamma => pxfm::f_lgamma(x),
            Unary::Polygamma(n) => special::polygamma(n, x),
            Unary::LogBesselI0 => special::log_bessel_i0(x),
            Unary::BesselRatio => special::bessel_ratio(x),
            Unary::Not => 1.0 - x,
            Unary::StopGradient => x,
        }
    }

    fn binary(operator: Binary, x: &f64, y: &f64, (): &()) -> f64 {
        let (x, y) = (*x, *y);
        if x.is_nan() || y.is_nan() {
            return f64::NAN;
        }
        let truth = |value: bool| f64::from(u8::from(value));
        match operator {
            Binary::Add => x + y,
            Binary::Sub => x - y,
            Binary::Mul => x * y,
            Binary::Div => x / y,
            Binary::Pow => special::power(x, y),
            Binary::Min if y < x => y,
            Binary::Min => x,
            Binary::Max if x < y => y,
            Binary::Max => x,
            Binary::Mod => modulo(x, y),
            Binary::Atan2 => pxfm::f_atan2(x, y),
            Binary::GammaP => special::gamma_p(x, y),
            Binary::GammaQ => special::gamma_q(x, y),
            Binary::GammaPDa => special::gamma_p_da(x, y),
            Binary::Less => truth(x < y),
            Binary::LessEqual => truth(x <= y),
            Binary::Equal => truth(x == y),
            Binary::And => truth(x == 1.0 && y == 1.0),
            Binary::Or => truth(x == 1.0 || y == 1.0),
        }
    }

    fn ternary(operator: Ternary, x: &f64, y: &f64, z: &f64, (): &()) -> f64 {
        match operator {
            Ternary::Select if *x == 1.0 => *y,
            Ternary::Select if *x == 0.0 => *z,
            Ternary::Select => f64::NAN,
            Ternary::BetaInc => special::beta_inc(*x, *y, *z),
            Ternary::BetaIncDa => special::beta_inc_da(*x, *y, *z),
        }
    }
}

/// x − y·⌊x/y⌋ with the sign of y: the remainder, which is exact, moved to y's side.
fn modulo(x: f64, y: f64) -> f64 {
    let remainder = x % y;
    if remainder != 0.0 && (remainder < 0.0) != (y < 0.0) {
        remainder + y
    } else {
        remainder
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The function, true value and relative error, in units of 2⁻⁵³, of a line of the table.
    fn error(line: &str) -> (String, f64, f64) {
        let mut words = line.split(' ');
        let name = words.next().unwrap();
        let numbers: Vec<f64> = words.map(|w| w.parse().unwrap()).collect();
        let (want, arguments) = numbers.split_last().unwrap();
        let one = |operator| f64::unary(operator, &arguments[0], &());
        let two = |operator| f64::binary(operator, &arguments[0], &arguments[1], &());
        let three =
            |operator| f64::ternary(operator, &arguments[0], &arguments[1], &arguments[2], &());
        let got = match name {
            "normal_cdf" => one(Unary::NormalCdf),
            "normal_icdf" => one(Unary::NormalIcdf),
            "normal_log_cdf" => one(Unary::NormalLogCdf),
            "erfinv" => one(Unary::ErfInv),
            "erf" => one(Unary::Erf),
            "erfc" => one(Unary::Erfc),
            "lgamma" => one(Unary::Lgamma),
            "digamma" => one(Unary::Polygamma(0)),
            "trigamma" => one(Unary::Polygamma(1)),
            "polygamma_2" => one(Unary::Polygamma(2)),
            "polygamma_7" => one(Unary::Polygamma(7)),
            "log_bessel_i0" => one(Unary::LogBesselI0),
            "bessel_ratio" => one(Unary::BesselRatio),
            "sigmoid" => one(Unary::Sigmoid),
            "softplus" => one(Unary::Softplus),
            "gamma_p" => two(Binary::GammaP),
            "gamma_q" => two(Binary::GammaQ),
            "gamma_p_da" => two(Binary::GammaPDa),
            "beta_inc" => three(Ternary::BetaInc),
            "beta_inc_da" => three(Ternary::BetaIncDa),
            other => panic!("the table names an unknown function {other}"),
        };
        let units = ((got - want) / want).abs() * 2f64.powi(53);
        (name.to_owned(), *want, units)
    }

    /// What is allowed at a value, in the units of [`error`]: in the tails of the gamma and beta
    /// families the exponent's own rounding is magnified by its size.
    fn allowed(name: &str, value: f64) -> f64 {
        let tail = value.abs().ln().abs();
        match name {
            "gamma_p" | "gamma_q" | "beta_inc" => 100.0 + 4.0 * tail,
            "gamma_p_da" | "beta_inc_da" => 3_000.0 + 40.0 * tail,
            // Relative to the terms, which cancel at the zeros that ψ″ has for x < 0.
            "polygamma_2" | "polygamma_7" => 50.0 + 100.0 / value.abs(),
            _ => 3.0,
        }
    }

    #[test]
    fn special_functions_are_accurate() {
        // A longer table made by tests/data/special.py may stand in for the one kept here.
        let text = std::env::var("SPECIAL_TABLE").map_or_else(
            |_| include_str!("../../tests/data/special.txt").to_owned(),
            |path| std::fs::read_to_string(path).unwrap(),
        );
        let mut worst = std::collections::BTreeMap::<String, (f64, &str)>::new();
        for line in text.lines() {
            let (name, value, units) = error(line);
            let share = units / allowed(&name, value);
            assert!(share <= 1.0, "{units:.1} units off: {line}");
            let entry = worst.entry(name).or_insert((0.0, line));
            if units > entry.0 {
                *entry = (units, line);
            }
        }
        for (name, (units, line)) in &worst {
            println!("{name:15} {units:8.1} {line}");
        }
    }

    #[test]
    fn edges_follow_ieee_754() {
        let nan = f64::NAN;
        let one = |operator, x: f64| f64::unary(operator, &x, &());
        let two = |operator, x: f64, y: f64| f64::binary(operator, &x, &y, &());
        assert_eq!(one(Unary::Log, 0.0), f64::NEG_INFINITY);
        assert!(one(Unary::Log, -1.0).is_nan());
        assert_eq!(one(Unary::Round, 2.5), 2.0);
        assert_eq!(one(Unary::Softplus, -1e300), 0.0);
        assert_eq!(one(Unary::Softplus, f64::INFINITY), f64::INFINITY);
        assert_eq!(one(Unary::NormalIcdf, 0.0), f64::NEG_INFINITY);
        assert_eq!(one(Unary::ErfInv, 1.0), f64::INFINITY);
        assert!(one(Unary::ErfInv, 1.5).is_nan());
        assert!(one(Unary::Polygamma(3), -2.0).is_nan());
        assert_eq!(one(Unary::BesselRatio, f64::NEG_INFINITY), -1.0);
        assert!(two(Binary::Pow, -8.0, 1.0 / 3.0).is_nan());
        assert_eq!(two(Binary::Pow, 0.0, 0.0), 1.0);
        assert_eq!(two(Binary::Pow, -2.0, 3.0), -8.0);
        assert_eq!(two(Binary::Pow, 1e155, -2.0), 1e-310);
        assert_eq!(two(Binary::Pow, 2f64.powi(1022), -0.5), 2f64.powi(-511));
        assert_eq!(one(Unary::Sigmoid, -1e300), 0.0);
        assert_eq!(one(Unary::Polygamma(0), f64::MAX), 709.782712893384);
        assert_eq!(one(Unary::Polygamma(1), f64::MAX), 1.0 / f64::MAX);
        assert_eq!(two(Binary::Mod, -1.0, 3.0), 2.0);
        assert_eq!(two(Binary::Mod, 1.0, -3.0), -2.0);
        assert!(two(Binary::Min, nan, 1.0).is_nan());
        assert!(two(Binary::Less, nan, 1.0).is_nan());
        assert_eq!(two(Binary::GammaP, 2.0, f64::INFINITY), 1.0);
        assert!(two(Binary::GammaP, 0.0, 1.0).is_nan());
        assert_eq!(f64::ternary(Ternary::Select, &0.0, &nan, &2.0, &()), 2.0);
        assert!(f64::ternary(Ternary::BetaInc, &1.0, &1.0, &1.5, &()).is_nan());
    }
}
