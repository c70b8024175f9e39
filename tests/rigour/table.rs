//! A table of true values, made by mpmath: see `tests/data/truth.py`.

use crate::{Operator, rational};
use reparam_check::number::{Binary, Definedness, Enclosure, Precision, Rational, Ternary, Unary};

const TABLE: &str = include_str!("../data/truth.csv");

fn operator(name: &str) -> Operator {
    let unary = |f| Operator::Unary(f);
    let binary = |f| Operator::Binary(f);
    match name {
        "exp" => unary(Unary::Exp),
        "log" => unary(Unary::Log),
        "log1p" => unary(Unary::Log1p),
        "expm1" => unary(Unary::Expm1),
        "sqrt" => unary(Unary::Sqrt),
        "sin" => unary(Unary::Sin),
        "cos" => unary(Unary::Cos),
        "tan" => unary(Unary::Tan),
        "asin" => unary(Unary::Asin),
        "acos" => unary(Unary::Acos),
        "atan" => unary(Unary::Atan),
        "sinh" => unary(Unary::Sinh),
        "cosh" => unary(Unary::Cosh),
        "tanh" => unary(Unary::Tanh),
        "asinh" => unary(Unary::Asinh),
        "acosh" => unary(Unary::Acosh),
        "atanh" => unary(Unary::Atanh),
        "sigmoid" => unary(Unary::Sigmoid),
        "softplus" => unary(Unary::Softplus),
        "erf" => unary(Unary::Erf),
        "erfc" => unary(Unary::Erfc),
        "erfinv" => unary(Unary::ErfInv),
        "normal_cdf" => unary(Unary::NormalCdf),
        "normal_icdf" => unary(Unary::NormalIcdf),
        "normal_log_cdf" => unary(Unary::NormalLogCdf),
        "lgamma" => unary(Unary::Lgamma),
        "log_bessel_i0" => unary(Unary::LogBesselI0),
        "bessel_ratio" => unary(Unary::BesselRatio),
        "pow" => binary(Binary::Pow),
        "atan2" => binary(Binary::Atan2),
        "gamma_p" => binary(Binary::GammaP),
        "gamma_q" => binary(Binary::GammaQ),
        "gamma_p_da" => binary(Binary::GammaPDa),
        "beta_inc" => Operator::Ternary(Ternary::BetaInc),
        "beta_inc_da" => Operator::Ternary(Ternary::BetaIncDa),
        _ => match name.strip_prefix("polygamma").map(str::parse) {
            Some(Ok(order)) => unary(Unary::Polygamma(order)),
            _ => panic!("unknown operator {name}"),
        },
    }
}

struct Row {
    text: &'static str,
    operator: Operator,
    arguments: Vec<Rational>,
    /// Around the true value: half a unit in the last digit of the table, and a little more.
    low: Rational,
    high: Rational,
}

fn rows() -> Vec<Row> {
    let row = |text: &'static str| {
        let fields: Vec<&str> = text.split(',').collect();
        let [name, arguments, value] = fields[..] else {
            panic!("three fields in {text}");
        };
        let value = rational(value);
        let slack = &value * rational("1e-39");
        let ends = [&value - &slack, &value + &slack];
        let [low, high] = if ends[0] < ends[1] {
            ends
        } else {
            [ends[1].clone(), ends[0].clone()]
        };
        Row {
            text,
            operator: operator(name),
            arguments: arguments.split(' ').map(rational).collect(),
            low,
            high,
        }
    };
    TABLE.lines().skip(1).map(row).collect()
}

/// Arguments so narrow that what is lost is the operator's own doing.
fn narrow(arguments: &[Rational]) -> Vec<Enclosure> {
    arguments
        .iter()
        .map(|x| Enclosure::exact(x, Precision(1600)))
        .collect()
}

#[test]
fn true_values_are_enclosed_narrowly() {
    let rows = rows();
    assert!(rows.len() >= 1000, "{} rows", rows.len());
    let mut failures = Vec::new();
    for row in &rows {
        for bits in [64, 128, 256] {
            let arguments = narrow(&row.arguments);
            let value = row.operator.apply(&arguments, &Precision(bits));
            let truth = Enclosure::between(&row.low, &row.high, Precision(300));
            let narrow = value
                .relative_bits()
                .is_none_or(|known| known >= bits as i64 - 8);
            let is_right = value.definedness() == Definedness::Defined && value.overlaps(&truth);
            if !is_right || !narrow {
                let what = if is_right { "wide" } else { "WRONG" };
                let known = value.relative_bits();
                failures.push(format!(
                    "{what} at {bits} bits: {} gives {} ({known:?} bits)",
                    row.text,
                    value.digits(40)
                ));
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{} failures:\n{}",
        failures.len(),
        failures.join("\n")
    );
}
