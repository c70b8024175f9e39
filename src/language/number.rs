//! Decimal numerals as the exact rationals they write.

use crate::number::Rational;
use dashu_int::{IBig, UBig};

/// Most digits of a numeral, and largest size of its exponent: beyond it, no formula means it and
/// arithmetic on it would only serve to stall the tool.
pub(super) const MOST_DIGITS: usize = 10_000;

/// The numeral that `text` begins with, as its length in bytes; `text` begins with a digit, or
/// with a point and a digit.
///
/// Digits, an optional point and digits (a point before another point belongs to a range `0..n`),
/// an optional exponent (`e`, a sign, at least one digit).
pub(super) fn numeral_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        from + bytes[from..]
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .count()
    };
    let mut end = digits(0);
    if bytes.get(end) == Some(&b'.') && bytes.get(end + 1) != Some(&b'.') {
        end = digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        if exponent > end + 1 + sign {
            end = exponent;
        }
    }
    end
}

/// The value of a numeral; none if it has more than [`MOST_DIGITS`] digits or so large an
/// exponent.
pub(super) fn numeral_value(numeral: &str) -> Option<Rational> {
    let (mantissa, exponent) = match numeral.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (numeral, 0),
    };
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.len() + part.len() > MOST_DIGITS || exponent.unsigned_abs() > MOST_DIGITS as u64 {
        return None;
    }
    let digits = format!("0{whole}{part}");
    let digits = IBig::from_str_radix(&digits, 10).ok()?;
    let scale = exponent - part.len() as i64;
    let power = UBig::from(10u8).pow(scale.unsigned_abs() as usize);
    Some(if scale >= 0 {
        Rational::from(digits * IBig::from(power))
    } else {
        Rational::from_parts(digits, power)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numerals_are_exact() {
        for (text, length, numerator, denominator) in [
            ("0.1", 3, 1, 10u32),
            ("1e-3*x", 4, 1, 1000),
            (".5", 2, 1, 2),
            ("2.", 2, 2, 1),
            ("0..n", 1, 0, 1),
            ("1.e2", 4, 100, 1),
            ("2e", 1, 2, 1),
            ("2exp(x)", 1, 2, 1),
            ("1E+2", 4, 100, 1),
        ] {
            assert_eq!(numeral_length(text), length, "{text}");
            assert_eq!(
                numeral_value(&text[..length]),
                Some(Rational::from_parts(numerator.into(), denominator.into())),
                "{text}"
            );
        }
        assert_eq!(numeral_value("1e10001"), None);
        assert_eq!(numeral_value("1e99999999999999999999"), None);
        assert_eq!(numeral_value(&"1".repeat(20_000)), None);
        assert!(numeral_value("1e-10000").is_some());
    }
}
