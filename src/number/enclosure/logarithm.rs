//! Logarithms of points, in fixed point.
//!
//! With x = 2^e·m, ½ ≤ m < 1, and j the integer nearest to 256·m, log x = (e − 8)·log 2 + log j +
//! 2·atanh(s), s = (256m − j)/(256m + j), |s| ≤ 2⁻⁹; next to 1 it is 2·atanh(t/(2 + t)) with
//! t = x − 1 known exactly. The series s + s³/3 + s⁵/5 + … is summed in units of 2^−w. Every
//! operation rounds toward 0 by less than a unit, and the units are counted.

use super::float::{self, Float};
use super::interval::Interval;
use dashu_int::{IBig, UBig};
use std::cell::RefCell;

/// Beyond this precision the library is as fast.
pub(super) const MOST_BITS: usize = 1024;

/// Bits beyond the precision asked for: eight for the units of error, which number below 2⁹ up to
/// `MOST_BITS`, eight for a logarithm near 0.
const GUARD: usize = 24;

/// Kept logarithms of integers are known to a multiple of so many bits.
const STEP: usize = 128;

thread_local! {
    /// log j·2^bits for each small j, rounded down, with its bits.
    static INTEGERS: RefCell<Vec<(usize, UBig)>> = const { RefCell::new(Vec::new()) };
}

/// log(1 + t) for 0 < |t| < 2⁻⁶, to a relative 2^−p.
pub(super) fn next_to_one(t: &Float, p: usize) -> Interval {
    let w = p + GUARD + float::magnitude(t).unsigned_abs();
    let size = fixed(&float::absolute(t), w);
    let two = UBig::ONE << (w + 1);
    let below = if float::is_negative(t) {
        two - &size
    } else {
        two + &size
    };
    let (sum, error) = twice_atanh((size << w) / below, w);
    let value = IBig::from(sum);
    let value = if float::is_negative(t) { -value } else { value };
    // Two units for t itself.
    around(&value, error + 2, w, p)
}

/// log x for a positive finite x with |x − 1| ≥ 2⁻⁷, to a relative 2^−p.
pub(super) fn elsewhere(x: &Float, p: usize) -> Interval {
    let w = p + GUARD;
    let exponent = float::magnitude(x);
    let m = fixed(&float::scale(x, -exponent), w);
    let nearest = u64::try_from(((&m >> (w - 9)) + 1u8) >> 1).expect("invariant: m < 1");
    let (j, m) = (UBig::from(nearest) << w, m << 8);
    let is_below = m < j;
    let difference = if is_below { &j - &m } else { &m - &j };
    let (sum, error) = twice_atanh((difference << w) / (m + j), w);
    let sum = IBig::from(sum);
    let powers = exponent - 8;
    let more = powers.unsigned_abs().max(1).ilog2() as usize + 1;
    let twos = (IBig::from(log_integer(2, w + more)) * IBig::from(powers)) >> more;
    let rest = IBig::from(log_integer(nearest as usize, w));
    let value = twos + rest + if is_below { -sum } else { sum };
    // Two units for m, four for either logarithm of an integer.
    around(&value, error + 10, w, p)
}

/// Whole units of 2^−w in a number that is not negative.
fn fixed(x: &Float, w: usize) -> UBig {
    let shift = x.exponent() + w as isize;
    let significand = x.significand();
    let whole = if shift >= 0 {
        significand << shift.unsigned_abs()
    } else {
        significand >> shift.unsigned_abs()
    };
    UBig::try_from(whole).expect("invariant: not negative")
}

/// 2·atanh(s) for s < 2⁻⁵ that is a unit too small at most, and the error in units.
///
/// A power of s is two units too small at most, so a term adds three; what follows the first power
/// below a unit adds up to less than three.
fn twice_atanh(s: UBig, w: usize) -> (UBig, usize) {
    let square = (&s * &s) >> w;
    let mut power = s.clone();
    let mut sum = s;
    let mut n = 1u64;
    loop {
        power = (power * &square) >> w;
        if power.is_zero() {
            break;
        }
        n += 2;
        sum += &power / n;
    }
    (sum << 1, 3 * (n as usize + 1) + 8)
}

/// log j in whole units of 2^−w, one or two too small at most.
fn log_integer(j: usize, w: usize) -> UBig {
    INTEGERS.with_borrow_mut(|kept| {
        if kept.len() <= j {
            kept.resize(j + 1, (0, UBig::ZERO));
        }
        let (bits, value) = &mut kept[j];
        if *bits < w {
            *bits = w.next_multiple_of(STEP);
            // Below 8, so that three more bits make the unit.
            let (low, _) = float::evaluate(&float::integer(j), *bits + 4, |context, x, cache| {
                context.ln(x, cache)
            });
            *value = fixed(&low, *bits);
        }
        &*value >> (*bits - w)
    })
}

/// The interval of a value in units of 2^−w, within so many units.
fn around(value: &IBig, error: usize, w: usize, p: usize) -> Interval {
    let end = |units: IBig| Float::new(units, -(w as isize));
    Interval::new(
        end(value - IBig::from(error)),
        end(value + IBig::from(error)),
    )
    .round(p + 4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dashu_base::BitTest;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    /// Both are held against the library at twice the precision.
    #[test]
    fn the_logarithm_lies_inside_a_narrow_interval() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for round in 0..20_000 {
            let p = [24, 53, 96, 160, 256, 700][round % 6];
            let long = rng.random_range(1u128..1 << 100);
            let digits = i64::from(UBig::from(long).bit_len() as u32);
            let size = match round % 3 {
                0 => rng.random_range(-3..3),
                1 => rng.random_range(-2000..2000),
                _ => -rng.random_range(6..p as i64 + 4),
            };
            let x = Float::new(IBig::from(long), (size - digits) as isize);
            let (found, exact) = if round % 3 == 2 {
                let t = if round % 2 == 0 { x } else { -x };
                let exact = float::evaluate(&t, 2 * p + 16, |c, x, cache| c.ln_1p(x, cache));
                (next_to_one(&t, p), exact)
            } else {
                if float::magnitude(&(x.clone() - &Float::one())) < -6 {
                    continue;
                }
                let exact = float::evaluate(&x, 2 * p + 16, |c, x, cache| c.ln(x, cache));
                (elsewhere(&x, p), exact)
            };
            assert!(found.lo <= exact.0 && exact.1 <= found.hi, "{round}");
            let width = float::magnitude(&found.width());
            let least = float::magnitude(&exact.0) - p as isize;
            assert!(width <= least, "{round}: {width} against {least}");
        }
    }
}
