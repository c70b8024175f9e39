//! Numbers as people read them: one rule for all that is printed.
//!
//! A decimal has no idle zeros at its end. It stands with its point where it needs at most four zeros
//! to hold the place (`0.0001`, `50000`), and with an exponent beyond (`1e-5`, `2.5e9`). A rational
//! that is no short decimal is a fraction. Laws: tests `exact_text_reads_back` and below it.

use super::Rational;

/// The most zeros that hold the place of a point.
const MOST_ZEROS: i64 = 4;

/// The longest decimal that a rational is written as, in digits behind the point.
const MOST_PLACES: usize = 12;

/// d.ddd × 10^exponent from its digits: the one place where a number becomes text.
pub(crate) fn decimal(negative: bool, digits: &str, exponent: i64) -> String {
    let digits = digits.trim_end_matches('0');
    if digits.is_empty() {
        return "0".to_owned();
    }
    let sign = if negative { "-" } else { "" };
    let count = digits.len() as i64;
    let zeros = (-exponent).max(exponent + 1 - count);
    if zeros > MOST_ZEROS {
        return scientific(sign, digits, exponent);
    }
    if exponent < 0 {
        return format!("{sign}0.{}{digits}", "0".repeat((-exponent - 1) as usize));
    }
    let whole = exponent as usize + 1;
    if digits.len() <= whole {
        return format!("{sign}{digits}{}", "0".repeat(whole - digits.len()));
    }
    let (whole, part) = digits.split_at(whole);
    format!("{sign}{whole}.{part}")
}

fn scientific(sign: &str, digits: &str, exponent: i64) -> String {
    let (first, rest) = digits.split_at(1);
    let point = if rest.is_empty() { "" } else { "." };
    format!("{sign}{first}{point}{rest}e{exponent}")
}

/// The sign, the digits and the exponent of what Rust writes as d.ddde±x; none of what is no number.
fn parts(text: &str) -> Option<(bool, String, i64)> {
    let (mantissa, exponent) = text.split_once('e')?;
    let digits = mantissa.chars().filter(char::is_ascii_digit).collect();
    Some((mantissa.starts_with('-'), digits, exponent.parse().ok()?))
}

fn written(value: f64, text: &str) -> String {
    match parts(text) {
        Some((negative, digits, exponent)) => decimal(negative, &digits, exponent),
        None => value.to_string(),
    }
}

/// The shortest decimal that reads back as this binary64 number; `inf` and `NaN` as Rust has them.
pub(crate) fn exact(value: f64) -> String {
    written(value, &format!("{value:e}"))
}

/// A value to so many significant digits, and to more where they stand before the point: a zero in
/// place of a digit that is not shown would be a false one.
pub(crate) fn rounded(value: f64, digits: usize) -> String {
    let at = |digits: usize| format!("{value:.*e}", digits.max(1) - 1);
    let text = at(digits);
    match parts(&text) {
        Some((_, _, exponent)) if exponent >= digits as i64 && exponent <= MOST_ZEROS => {
            written(value, &at(exponent as usize + 1))
        }
        Some((negative, shown, exponent))
            if exponent >= digits as i64 && text.parse() != Ok(value) =>
        {
            let sign = if negative { "-" } else { "" };
            scientific(sign, shown.trim_end_matches('0'), exponent)
        }
        _ => written(value, &text),
    }
}

/// A probability to four digits, of its distance from 1 where that is small.
pub(crate) fn probability(value: f64) -> String {
    let nines = (-(1.0 - value).log10()).floor();
    rounded(
        value,
        if nines.is_finite() {
            4 + nines.max(0.0) as usize
        } else {
            4
        },
    )
}

/// A value known to an error: as many digits as it vouches for, ten at the most.
pub(crate) fn estimated(value: f64, error: f64) -> String {
    if error == 0.0 {
        return rounded(value, 10);
    }
    let decade = |x: f64| x.abs().log10().floor();
    let known = (decade(value) - decade(error) + 1.0).clamp(1.0, 10.0);
    let digits = if known.is_nan() { 10 } else { known as usize };
    format!("{} ± {}", rounded(value, digits), rounded(error, 1))
}

/// How closely estimates agree: by their estimated error relative to the value. Where that is 0, as
/// of sums of few terms, it is the tolerance that was applied.
pub(crate) fn agreement(error: f64) -> String {
    if error == 0.0 {
        "to ten digits".to_owned()
    } else {
        format!("to an estimated relative error of {error:.0e}")
    }
}

/// So many things of a name: `1 point`, `3 points`.
pub(crate) fn counted(count: usize, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}

/// An exact rational: a decimal where it is a short one, else a fraction.
pub(crate) fn rational(value: &Rational) -> String {
    let negative = *value < Rational::ZERO;
    let mut scaled = if negative {
        -value.clone()
    } else {
        value.clone()
    };
    for places in 0..=MOST_PLACES {
        if scaled.is_int() {
            let digits = scaled.numerator().to_string();
            let exponent = digits.len() as i64 - 1 - places as i64;
            return decimal(negative, &digits, exponent);
        }
        scaled *= Rational::from(10);
    }
    format!("{}/{}", value.numerator(), value.denominator())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_as_people_write_them() {
        let of = |n: i64, d: u64| rational(&Rational::from_parts(n.into(), d.into()));
        for (text, expected) in [
            (exact(50.0), "50"),
            (exact(-0.75), "-0.75"),
            (exact(0.0), "0"),
            (exact(1e-4), "0.0001"),
            (exact(2.5e-5), "2.5e-5"),
            (exact(50_000.0), "50000"),
            (exact(1e5), "1e5"),
            (exact(1_234_567.5), "1234567.5"),
            (exact(f64::NEG_INFINITY), "-inf"),
            (exact(f64::NAN), "NaN"),
            (rounded(2.0, 5), "2"),
            (rounded(0.751, 2), "0.75"),
            (rounded(123_456.0, 3), "1.23e5"),
            (rounded(120_000.0, 3), "120000"),
            (rounded(1234.4, 3), "1234"),
            (rounded(9.9999, 2), "10"),
            (estimated(1.176_470_588_3, 8e-8), "1.17647059 ± 8e-8"),
            (estimated(1.0, 3e-12), "1 ± 3e-12"),
            (estimated(0.0, 1e-9), "0 ± 1e-9"),
            (estimated(0.5, 0.0), "0.5"),
            (probability(0.12345), "0.1235"),
            (probability(0.999_998_2), "0.9999982"),
            (probability(1.0), "1"),
            (probability(0.0), "0"),
            (of(1, 3), "1/3"),
            (of(-9, 4), "-2.25"),
            (of(1, 1_000_000_000), "1e-9"),
            (of(3_000_000, 1), "3e6"),
            (of(12_345_678, 1), "12345678"),
        ] {
            assert_eq!(text, expected);
        }
    }

    proptest! {
        #[test]
        fn exact_text_reads_back(value in any::<f64>()) {
            prop_assume!(!value.is_nan());
            prop_assert_eq!(exact(value).parse::<f64>(), Ok(value));
        }

        /// What is shown is no further off than half of its last digit.
        #[test]
        fn rounded_text_is_near(value in -1e12f64..1e12, digits in 1usize..12) {
            let shown: f64 = rounded(value, digits).parse().expect("a number");
            let unit = 10f64.powf(value.abs().log10().floor() + 1.0 - digits as f64);
            prop_assert!((shown - value).abs() <= 0.500_001 * unit, "{} as {}", value, shown);
        }
    }
}
