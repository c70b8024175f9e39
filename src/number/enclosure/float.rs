//! End points: binary floating-point numbers of any precision, extended by ±∞.
//!
//! Every result comes as a bracket of two floats around the exact value. dashu-float rounds its
//! operations correctly, so one evaluation rounded down and the float above it bracket the value;
//! `tests/rigour` holds this against another implementation. Exponents are kept below
//! 2^42 in size: beyond it a bound gives way to ∞ or 0, outward, so that nothing allocates or loops
//! in proportion to an exponent.

use dashu_base::{DivEuclid, Sign};
use dashu_float::round::mode::{Down, Up};
use dashu_float::{ConstCache, Context, FBig, FpError, FpResult, Repr};
use dashu_int::{IBig, UBig};
use std::cell::RefCell;

/// A binary float or an infinity.
pub(super) type Float = Repr<2>;

/// Magnitudes are kept within 2^±LIMIT.
const LIMIT: isize = 1 << 42;

/// Up to this many bits of precision and argument, constants are kept between calls; a longer
/// series of π once cached makes every later use slower.
const CACHED_BITS: isize = 1536;

thread_local! {
    static CONSTANTS: RefCell<ConstCache> = const { RefCell::new(ConstCache::new()) };
}

/// The integer m with 2^(m−1) ≤ |x| < 2^m; far below everything for 0, far above for ±∞.
pub(super) fn magnitude(x: &Float) -> isize {
    if x.is_infinite() {
        isize::MAX / 4
    } else if x.significand().is_zero() {
        isize::MIN / 4
    } else {
        x.exponent().saturating_add_unsigned(x.digits())
    }
}

/// Whether x < 0.
pub(super) fn is_negative(x: &Float) -> bool {
    sign(x) < 0
}

/// Whether x = 0.
pub(super) fn is_zero(x: &Float) -> bool {
    x.is_finite() && x.significand().is_zero()
}

/// −1, 0 or 1.
pub(super) fn sign(x: &Float) -> i32 {
    if is_zero(x) {
        0
    } else if x.sign() == Sign::Negative {
        -1
    } else {
        1
    }
}

/// 2^k.
pub(super) fn power_of_two(k: isize) -> Float {
    Float::new(IBig::ONE, k)
}

/// An integer.
pub(super) fn integer(n: impl Into<IBig>) -> Float {
    Float::new(n.into(), 0)
}

/// −x, without a negative zero.
pub(super) fn negate(x: &Float) -> Float {
    if is_zero(x) {
        Float::zero()
    } else {
        -x.clone()
    }
}

/// |x|.
pub(super) fn absolute(x: &Float) -> Float {
    if is_negative(x) { negate(x) } else { x.clone() }
}

/// x·2^k, exactly (within the limits on exponents, outward of which the caller never goes).
pub(super) fn scale(x: &Float, k: isize) -> Float {
    if x.is_infinite() || is_zero(x) {
        return x.clone();
    }
    Float::new(x.significand().clone(), x.exponent() + k)
}

/// The float that bounds `x` from below with an exponent within the limits.
fn clamp_down(x: Float) -> Float {
    let m = magnitude(&x);
    if x.is_infinite() || (-LIMIT..=LIMIT).contains(&m) {
        x
    } else if m > LIMIT {
        if is_negative(&x) {
            Float::neg_infinity()
        } else {
            power_of_two(LIMIT)
        }
    } else if is_negative(&x) {
        negate(&power_of_two(-LIMIT))
    } else {
        Float::zero()
    }
}

fn clamp_up(x: Float) -> Float {
    negate(&clamp_down(negate(&x)))
}

/// A lower bound from an operation rounded down.
pub(super) fn lower(result: FpResult<FBig<Down, 2>>) -> Float {
    match result {
        Ok(value) => clamp_down(value.value().into_repr()),
        Err(FpError::Overflow(Sign::Positive)) => power_of_two(LIMIT),
        Err(FpError::Underflow(Sign::Positive)) => Float::zero(),
        Err(FpError::Underflow(Sign::Negative)) => negate(&power_of_two(-LIMIT)),
        Err(
            FpError::Overflow(Sign::Negative)
            | FpError::InfiniteInput
            | FpError::OutOfDomain
            | FpError::Indeterminate
            | FpError::ZivRetryLimitExceeded,
        ) => Float::neg_infinity(),
    }
}

/// An upper bound from an operation rounded up.
pub(super) fn upper(result: FpResult<FBig<Up, 2>>) -> Float {
    match result {
        Ok(value) => clamp_up(value.value().into_repr()),
        Err(FpError::Overflow(Sign::Negative)) => negate(&power_of_two(LIMIT)),
        Err(FpError::Underflow(Sign::Negative)) => Float::zero(),
        Err(FpError::Underflow(Sign::Positive)) => power_of_two(-LIMIT),
        Err(
            FpError::Overflow(Sign::Positive)
            | FpError::InfiniteInput
            | FpError::OutOfDomain
            | FpError::Indeterminate
            | FpError::ZivRetryLimitExceeded,
        ) => Float::infinity(),
    }
}

/// Both bounds from one operation rounded down to `p` bits.
pub(super) fn bracket(result: FpResult<FBig<Down, 2>>, p: usize) -> (Float, Float) {
    match result {
        Ok(dashu_base::Approximation::Exact(value)) => {
            let value = value.into_repr();
            (clamp_down(value.clone()), clamp_up(value))
        }
        Ok(dashu_base::Approximation::Inexact(value, _)) => {
            let value = value.into_repr();
            let above = next_up(&value, p);
            (clamp_down(value), clamp_up(above))
        }
        Err(FpError::Underflow(Sign::Positive)) => (Float::zero(), power_of_two(-LIMIT)),
        Err(FpError::Underflow(Sign::Negative)) => (negate(&power_of_two(-LIMIT)), Float::zero()),
        Err(FpError::Overflow(Sign::Positive)) => (power_of_two(LIMIT), Float::infinity()),
        Err(FpError::Overflow(Sign::Negative)) => {
            (Float::neg_infinity(), negate(&power_of_two(LIMIT)))
        }
        Err(
            FpError::InfiniteInput
            | FpError::OutOfDomain
            | FpError::Indeterminate
            | FpError::ZivRetryLimitExceeded,
        ) => (Float::neg_infinity(), Float::infinity()),
    }
}

/// A float at least one unit in the last of `p` places above a finite `x`.
pub(super) fn next_up(x: &Float, p: usize) -> Float {
    if x.is_infinite() {
        return x.clone();
    }
    if is_zero(x) {
        return power_of_two(-LIMIT);
    }
    let step = power_of_two(magnitude(x).saturating_sub_unsigned(p));
    clamp_up(x.clone() + &step)
}

/// A float at least one unit in the last of `p` places below a finite `x`.
pub(super) fn next_down(x: &Float, p: usize) -> Float {
    negate(&next_up(&negate(x), p))
}

/// The context that rounds down to `p` bits.
pub(super) fn down(p: usize) -> Context<Down> {
    Context::new(p)
}

/// The context that rounds up to `p` bits.
pub(super) fn up(p: usize) -> Context<Up> {
    Context::new(p)
}

/// x rounded down to `p` bits.
pub(super) fn round_down(x: &Float, p: usize) -> Float {
    if x.is_infinite() || x.digits() <= p {
        return clamp_down(x.clone());
    }
    let (significand, exponent) = x.clone().into_parts();
    let drop = x.digits() - p;
    // A right shift of an IBig rounds toward −∞.
    clamp_down(Float::new(significand >> drop, exponent + drop as isize))
}

/// x rounded up to `p` bits.
pub(super) fn round_up(x: &Float, p: usize) -> Float {
    negate(&round_down(&negate(x), p))
}

/// Evaluates an elementary function of dashu-float at `x`, rounded down to `p` bits.
pub(super) fn evaluate(
    x: &Float,
    p: usize,
    f: impl Fn(&Context<Down>, &Float, Option<&mut ConstCache>) -> FpResult<FBig<Down, 2>>,
) -> (Float, Float) {
    let size = magnitude(x).unsigned_abs().min(1 << 30) + p + x.digits();
    let result = if size as isize <= CACHED_BITS {
        CONSTANTS.with_borrow_mut(|cache| f(&down(p), x, Some(cache)))
    } else {
        f(&down(p), x, Some(&mut ConstCache::new()))
    };
    bracket(result, p)
}

/// π to `p` bits.
pub(super) fn pi(p: usize) -> (Float, Float) {
    let value = if p as isize <= CACHED_BITS {
        CONSTANTS.with_borrow_mut(|cache| cache.pi::<2, Down>(p))
    } else {
        ConstCache::new().pi::<2, Down>(p)
    };
    bracket(Ok(value), p)
}

/// The largest integer not above a finite `x`.
pub(super) fn floor(x: &Float) -> Float {
    if x.is_infinite() || x.exponent() >= 0 {
        return x.clone();
    }
    if magnitude(x) <= 0 {
        return if is_negative(x) {
            -Float::one()
        } else {
            Float::zero()
        };
    }
    let (significand, exponent) = x.clone().into_parts();
    Float::new(significand >> exponent.unsigned_abs(), 0)
}

/// The smallest integer not below a finite `x`.
pub(super) fn ceil(x: &Float) -> Float {
    negate(&floor(&negate(x)))
}

/// The nearest integer, halves to even.
pub(super) fn round_half_even(x: &Float) -> Float {
    if x.is_infinite() || x.exponent() >= 0 {
        return x.clone();
    }
    // Below 1/2 the sum with 1/2 could be long.
    if magnitude(x) < 0 {
        return Float::zero();
    }
    let half = power_of_two(-1);
    let below = floor(&(x.clone() + &half));
    let is_tie = x.exponent() == -1;
    if is_tie && below.exponent() == 0 && !is_zero(&below) {
        below - &Float::one()
    } else {
        below
    }
}

/// Whether a finite x is an integer.
pub(super) fn is_integer(x: &Float) -> bool {
    x.is_finite() && (x.exponent() >= 0 || is_zero(x))
}

/// An integer float as an integer; none where it has more than `bits` bits.
pub(super) fn to_integer(x: &Float, bits: isize) -> Option<IBig> {
    if !is_integer(x) || magnitude(x) > bits {
        return None;
    }
    if is_zero(x) {
        return Some(IBig::ZERO);
    }
    Some(x.significand().clone() << x.exponent().unsigned_abs())
}

/// The bounds of a quotient of integers to `p` bits; exact where it is dyadic and of at most
/// `exact_bits` bits.
pub(super) fn quotient(
    numerator: &IBig,
    denominator: &UBig,
    p: usize,
    exact_bits: usize,
) -> (Float, Float) {
    let a = Float::new(numerator.clone(), 0);
    let b = Float::new(denominator.clone().into(), 0);
    if b.significand() == &IBig::ONE && a.digits() <= exact_bits {
        let value = Float::new(a.significand().clone(), a.exponent() - b.exponent());
        return (value.clone(), value);
    }
    bracket(down(p).div(&a, &b), p)
}

/// x/n for n > 0, rounded down to `p` bits: a division by one word, which the general one is slow at.
pub(super) fn over_integer_down(x: &Float, n: u64, p: usize) -> Float {
    if x.is_infinite() || is_zero(x) {
        return x.clone();
    }
    let shift = (p + 64).saturating_sub(x.digits());
    let quotient = (x.significand() << shift).div_euclid(IBig::from(n));
    round_down(&Float::new(quotient, x.exponent() - shift as isize), p)
}

/// A binary64 near x, for starting points and choices of method only.
pub(super) fn approximate(x: &Float) -> f64 {
    if x.is_infinite() {
        return if is_negative(x) {
            f64::NEG_INFINITY
        } else {
            f64::INFINITY
        };
    }
    FBig::<Down, 2>::from_repr(round_down(x, 60), down(64))
        .to_f64()
        .value()
}

/// A finite binary64, exactly.
pub(super) fn from_f64(x: f64) -> Option<Float> {
    if x == 0.0 {
        return Some(Float::zero());
    }
    FBig::<Down, 2>::try_from(x).ok().map(FBig::into_repr)
}

/// The float of `precision` bits and exponents down to `least` nearest to a finite x, halves to
/// even, as a whole multiple (below 2^precision + 1) of a power of two.
fn nearest(x: &Float, precision: isize, least: isize) -> (f64, isize) {
    let unit = (magnitude(x) - precision).max(least);
    let multiple = round_half_even(&scale(x, -unit));
    let value = to_integer(&multiple, 64).and_then(|n| i64::try_from(n).ok());
    (
        value.expect("invariant: at most precision + 1 bits") as f64,
        unit,
    )
}

/// The nearest binary64, halves to even.
pub(super) fn to_f64_nearest(x: &Float) -> f64 {
    if x.is_infinite() || magnitude(x) > 1025 {
        return if is_negative(x) {
            f64::NEG_INFINITY
        } else {
            f64::INFINITY
        };
    }
    if magnitude(x) < -1080 {
        return 0.0;
    }
    let (multiple, unit) = nearest(x, 53, -1074);
    // Two exact steps: neither power of two need be a binary64 on its own otherwise.
    let half = unit / 2;
    multiple * 2f64.powi(half as i32) * 2f64.powi((unit - half) as i32)
}

/// The nearest binary32, halves to even.
pub(super) fn to_f32_nearest(x: &Float) -> f32 {
    if x.is_infinite() || magnitude(x) > 129 {
        return if is_negative(x) {
            f32::NEG_INFINITY
        } else {
            f32::INFINITY
        };
    }
    if magnitude(x) < -160 {
        return 0.0;
    }
    let (multiple, unit) = nearest(x, 24, -149);
    // Exact in binary64, and in binary32 unless it overflows.
    (multiple * 2f64.powi(unit as i32)) as f32
}

/// A binary64 not above x, and next to it.
pub(super) fn to_f64_down(x: &Float) -> f64 {
    let near = to_f64_nearest(x);
    let is_above = match from_f64(near) {
        Some(near) if near.is_finite() => near > *x,
        _ => near > 0.0 && x.is_finite(),
    };
    if is_above { near.next_down() } else { near }
}
