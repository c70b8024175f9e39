//! The kernels of the lanes: elementary functions without a branch, table or call, so that a loop
//! over them vectorizes. Each is inlined into the loops of the module above, which is why they are
//! many small `#[inline(always)]` functions. None uses a fused multiply-add (see there).

/// `a` or `b` without a branch: an `if` may become one, and then a loop over lanes stays scalar.
#[inline(always)]
pub(super) fn choose(condition: bool, a: f64, b: f64) -> f64 {
    std::hint::select_unpredictable(condition, a, b)
}

/// Adding and subtracting 1.5·2⁵² rounds to an integer, and leaves it in the low bits of the sum.
const ROUND: f64 = 6_755_399_441_055_744.0;
/// log 2 in two parts, the first with 32 trailing zero bits (Sun's fdlibm).
const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// 2^k for the integer in the low bits of `ROUND + k`, −1022 ≤ k ≤ 1023.
#[inline(always)]
fn power_of_two(rounded: f64) -> f64 {
    f64::from_bits(rounded.to_bits().wrapping_add(1023) << 52)
}

/// x = k·log 2 + r with |r| ≤ 0.35: (k, eʳ − 1).
#[inline(always)]
fn reduced_expm1(x: f64) -> (f64, f64) {
    let k = (x * std::f64::consts::LOG2_E + ROUND) - ROUND;
    let r = (x - k * LN_2_HIGH) - k * LN_2_LOW;
    // Taylor's coefficients 1/13! … 1/2!: the remainder is below 2⁻⁵⁷.
    let mut p = 1.0 / 6_227_020_800.0;
    p = p * r + 1.0 / 479_001_600.0;
    p = p * r + 1.0 / 39_916_800.0;
    p = p * r + 1.0 / 3_628_800.0;
    p = p * r + 1.0 / 362_880.0;
    p = p * r + 1.0 / 40_320.0;
    p = p * r + 1.0 / 5_040.0;
    p = p * r + 1.0 / 720.0;
    p = p * r + 1.0 / 120.0;
    p = p * r + 1.0 / 24.0;
    p = p * r + 1.0 / 6.0;
    p = p * r + 0.5;
    (k, r + r * r * p)
}

/// m·2^k in two exact steps (one, where the result is subnormal, rounds), |k| ≤ 1100.
#[inline(always)]
fn scale(m: f64, k: f64) -> f64 {
    let half = k * 0.5 + ROUND;
    let rest = (k - (half - ROUND)) + ROUND;
    m * power_of_two(half) * power_of_two(rest)
}

/// `x` held between bounds beyond which exp is 0 or ∞; not-a-number stays.
#[inline(always)]
fn clamp(x: f64) -> f64 {
    let x = choose(x > 720.0, 720.0, x);
    choose(x < -760.0, -760.0, x)
}

#[inline(always)]
pub(super) fn exp(x: f64) -> f64 {
    let (k, m) = reduced_expm1(clamp(x));
    scale(1.0 + m, k)
}

#[inline(always)]
pub(super) fn expm1(x: f64) -> f64 {
    let (k, m) = reduced_expm1(clamp(x));
    // 2^k as a number is fine up to 2^1023, and from 2^60 on the −1 no longer counts.
    let held = choose(k > 60.0, 60.0, k);
    let held = choose(held < -60.0, -60.0, held);
    let power = power_of_two(held + ROUND);
    let near = power * m + (power - 1.0);
    let far = choose(k > 60.0, scale(1.0 + m, k), -1.0);
    let value = choose((-60.0..=60.0).contains(&k), near, far);
    // −0 and subnormal arguments are their own image.
    choose(x.abs() < 1e-300 || x.is_nan(), x, value)
}

/// x = 2^e(1 + f), √½ ≤ 1 + f < √2, for positive normal x: (e, f).
#[inline(always)]
fn decompose(x: f64) -> (f64, f64) {
    const SQRT_HALF: u64 = 0x3fe6_a09e_0000_0000;
    let shifted = x.to_bits().wrapping_add(0x3ff0_0000_0000_0000 - SQRT_HALF);
    let m = f64::from_bits((shifted & 0x000f_ffff_ffff_ffff) + SQRT_HALF);
    // An integer below 2⁵² becomes a number by putting the exponent of 2⁵² over it.
    let e = f64::from_bits((shifted >> 52) | 0x4330_0000_0000_0000);
    (e - (4_503_599_627_370_496.0 + 1023.0), m - 1.0)
}

/// s·(f²/2 + R) with s = f/(2+f): log(1 + f) = f − f²/2 + this (Sun's fdlibm, e_log.c).
#[inline(always)]
fn log_tail(f: f64) -> f64 {
    let s = f / (2.0 + f);
    let z = s * s;
    let mut r = 1.479_819_860_511_658_6e-1;
    r = r * z + 1.531_383_769_920_937_3e-1;
    r = r * z + 1.818_357_216_161_805e-1;
    r = r * z + 2.222_219_843_214_978_4e-1;
    r = r * z + 2.857_142_874_366_239e-1;
    r = r * z + 3.999_999_999_940_942e-1;
    r = r * z + 6.666_666_666_666_735e-1;
    s * (0.5 * f * f + z * r)
}

/// log(x) + extra for tiny `extra`.
#[inline(always)]
fn log_plus(x: f64, extra: f64) -> f64 {
    let subnormal = x < f64::MIN_POSITIVE;
    let scaled = choose(subnormal, x * 18_014_398_509_481_984.0, x);
    let (e, f) = decompose(scaled);
    let e = choose(subnormal, e - 54.0, e);
    let half_square = 0.5 * f * f;
    let low = log_tail(f) + (e * LN_2_LOW + extra);
    let value = e * LN_2_HIGH - ((half_square - low) - f);
    let value = choose(x == 0.0, f64::NEG_INFINITY, value);
    let value = choose(x < 0.0, f64::NAN, value);
    choose(x < f64::INFINITY, value, x)
}

#[inline(always)]
pub(super) fn log(x: f64) -> f64 {
    log_plus(x, 0.0)
}

#[inline(always)]
pub(super) fn log1p(x: f64) -> f64 {
    let u = 1.0 + x;
    // What rounding 1 + x left out, to first order; nothing where the logarithm is infinite.
    let rest = choose(x < 1.0, x - (u - 1.0), 1.0 - (u - x));
    let rest = choose(u > 0.0 && u < f64::INFINITY, rest / u, 0.0);
    let value = log_plus(u, rest);
    choose(x.abs() < 1e-300, x, value)
}

#[inline(always)]
pub(super) fn sigmoid(x: f64) -> f64 {
    let e = exp(-x.abs());
    let above = 1.0 / (1.0 + e);
    choose(x < 0.0, e * above, above)
}

#[inline(always)]
pub(super) fn softplus(x: f64) -> f64 {
    let above = choose(x < 0.0, 0.0, x);
    above + log1p(exp(-x.abs()))
}

/// The upper 26 bits of the significand: a product of two such is exact.
#[inline(always)]
fn upper_half(x: f64) -> f64 {
    f64::from_bits(x.to_bits() & 0xffff_ffff_f800_0000)
}

/// e^(y·log x) for positive finite x. The logarithm is carried in two parts, because its relative
/// error is magnified by |y·log x|; what remains is below 10⁻¹⁷·|y| + 2⁻⁵³.
#[inline(always)]
pub(super) fn pow(x: f64, y: f64) -> f64 {
    let subnormal = x < f64::MIN_POSITIVE;
    let scaled = choose(subnormal, x * 18_014_398_509_481_984.0, x);
    let (e, f) = decompose(scaled);
    let e = choose(subnormal, e - 54.0, e);
    // e·log 2 + f − f²/2 as high + low; each first term is exact, each sum keeps its error.
    let two_sum = |a: f64, b: f64| {
        let sum = a + b;
        let b_part = sum - a;
        (sum, (a - (sum - b_part)) + (b - b_part))
    };
    let f_upper = upper_half(f);
    let (sum, rest) = two_sum(e * LN_2_HIGH, f);
    let (high, rest2) = two_sum(sum, -0.5 * f_upper * f_upper);
    let square_rest = 0.5 * (f - f_upper) * (f + f_upper);
    let low = rest + rest2 + (e * LN_2_LOW - square_rest) + log_tail(f);
    let (high, low) = two_sum(high, low);
    // y·(high + low), likewise.
    let product = y * high;
    let (y_upper, h_upper) = (upper_half(y), upper_half(high));
    let (y_lower, h_lower) = (y - y_upper, high - h_upper);
    let error =
        ((y_upper * h_upper - product) + y_upper * h_lower + y_lower * h_upper) + y_lower * h_lower;
    let (k, m) = reduced_expm1(clamp(product));
    let correction = error + y * low;
    // Beyond the range of exp the rest may be anything, and does not matter.
    let correction = choose(product.abs() > 750.0, 0.0, correction);
    scale(1.0 + (m + (1.0 + m) * correction), k)
}
