//! Lanes of binary64: an operator applied to a column of values at a time.
//!
//! The loops are plain Rust, compiled once for what every machine has and once each for AVX2 and
//! AVX-512. They use no fused multiply-add, so a lane has the same bits whatever the machine, the
//! length of the column and the place in it.
//!
//! The kernels below (exp, log, log1p, expm1, sigmoid, softplus, powers) are within a few units in
//! the last place of `pxfm`, not equal to it: this is for search and sampling, and no verdict may
//! rest on it. Everything else is the operator of [`super::float64`], bit for bit. Tests
//! `kernels_agree_with_the_scalar_functions` here, `batches_are_lanes_of_scalars` in `tests/laws.rs`.

use super::{Binary, Number, Ternary, Unary};

/// An argument: one value for each lane, or one for all.
#[derive(Clone, Copy, Debug)]
pub enum Lanes<'a> {
    /// A value for each lane; at least as many as there are results.
    Column(&'a [f64]),
    /// The same value in every lane.
    Scalar(f64),
}

/// Runs an inlined body with the widest instructions this machine has.
///
/// Safety: each call is made only where the feature that its function enables was detected, which
/// is all that calling a safe function with `target_feature` asks.
macro_rules! widest {
    ($body:ident($($name:ident: $type:ty),*)) => {{
        #[cfg(target_arch = "x86_64")]
        {
            #[target_feature(enable = "avx512f,avx512dq,avx512vl")]
            fn avx512($($name: $type),*) {
                $body($($name),*);
            }
            #[target_feature(enable = "avx2")]
            fn avx2($($name: $type),*) {
                $body($($name),*);
            }
            if is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl")
            {
                // SAFETY: the three features were detected on the line above.
                return unsafe { avx512($($name),*) };
            }
            if is_x86_feature_detected!("avx2") {
                // SAFETY: the feature was detected on the line above.
                return unsafe { avx2($($name),*) };
            }
        }
        $body($($name),*);
    }};
}

/// `out[i] = operator(x[i])`.
pub fn unary(operator: Unary, x: &[f64], out: &mut [f64]) {
    widest!(unary_body(operator: Unary, x: &[f64], out: &mut [f64]));
}

/// `out[i] = operator(x[i], y[i])`.
pub fn binary(operator: Binary, x: Lanes, y: Lanes, out: &mut [f64]) {
    widest!(binary_body(operator: Binary, x: Lanes, y: Lanes, out: &mut [f64]));
}

impl Lanes<'_> {
    fn at(&self, i: usize) -> f64 {
        match self {
            Lanes::Column(values) => values[i],
            Lanes::Scalar(value) => *value,
        }
    }
}

/// A loop over lanes. A macro and not a function of a closure: a closure as long as the kernels
/// is not inlined, and then the loop is not vectorized (measured: 30 ns a lane against 2).
macro_rules! each {
    ($x:expr, $out:expr, |$v:ident| $value:expr) => {
        for (slot, &$v) in $out.iter_mut().zip($x) {
            *slot = $value;
        }
    };
}

/// The same for two arguments.
macro_rules! pairs {
    ($x:expr, $y:expr, $out:expr, |$v:ident, $w:ident| $value:expr) => {
        match ($x, $y) {
            (Lanes::Column(x), Lanes::Column(y)) => {
                for ((slot, &$v), &$w) in $out.iter_mut().zip(x).zip(y) {
                    *slot = $value;
                }
            }
            (Lanes::Column(x), Lanes::Scalar($w)) => each!(x, $out, |$v| $value),
            (Lanes::Scalar($v), Lanes::Column(y)) => each!(y, $out, |$w| $value),
            (Lanes::Scalar($v), Lanes::Scalar($w)) => $out.fill($value),
        }
    };
}

#[inline(always)]
fn unary_body(operator: Unary, x: &[f64], out: &mut [f64]) {
    match operator {
        Unary::Neg => each!(x, out, |x| -x),
        Unary::Exp => each!(x, out, |x| exp(x)),
        Unary::Log => each!(x, out, |x| log(x)),
        Unary::Log1p => each!(x, out, |x| log1p(x)),
        Unary::Expm1 => each!(x, out, |x| expm1(x)),
        Unary::Sqrt => each!(x, out, |x| x.sqrt()),
        Unary::Abs => each!(x, out, |x| x.abs()),
        Unary::Sigmoid => each!(x, out, |x| sigmoid(x)),
        Unary::Softplus => each!(x, out, |x| softplus(x)),
        Unary::Not => each!(x, out, |x| 1.0 - x),
        Unary::StopGradient => each!(x, out, |x| x),
        Unary::Sign
        | Unary::Floor
        | Unary::Ceil
        | Unary::Round
        | Unary::Sin
        | Unary::Cos
        | Unary::Tan
        | Unary::Asin
        | Unary::Acos
        | Unary::Atan
        | Unary::Sinh
        | Unary::Cosh
        | Unary::Tanh
        | Unary::Asinh
        | Unary::Acosh
        | Unary::Atanh
        | Unary::Erf
        | Unary::Erfc
        | Unary::ErfInv
        | Unary::NormalCdf
        | Unary::NormalIcdf
        | Unary::NormalLogCdf
        | Unary::Lgamma
        | Unary::Polygamma(_)
        | Unary::LogBesselI0
        | Unary::BesselRatio => each!(x, out, |x| f64::unary(operator, &x, &())),
    }
}

#[inline(always)]
fn binary_body(operator: Binary, x: Lanes, y: Lanes, out: &mut [f64]) {
    match operator {
        Binary::Add => pairs!(x, y, out, |x, y| x + y),
        Binary::Sub => pairs!(x, y, out, |x, y| x - y),
        Binary::Mul => pairs!(x, y, out, |x, y| x * y),
        Binary::Div => pairs!(x, y, out, |x, y| x / y),
        Binary::Pow => powers(x, y, out),
        Binary::Min => pairs!(x, y, out, |x, y| strict(x, y, choose(y < x, y, x))),
        Binary::Max => pairs!(x, y, out, |x, y| strict(x, y, choose(x < y, y, x))),
        Binary::Less => pairs!(x, y, out, |x, y| strict(x, y, truth(x < y))),
        Binary::LessEqual => pairs!(x, y, out, |x, y| strict(x, y, truth(x <= y))),
        Binary::Equal => pairs!(x, y, out, |x, y| strict(x, y, truth(x == y))),
        Binary::Mod
        | Binary::Atan2
        | Binary::GammaP
        | Binary::GammaQ
        | Binary::GammaPDa
        | Binary::And
        | Binary::Or => pairs!(x, y, out, |x, y| f64::binary(operator, &x, &y, &())),
    }
}

/// xʸ: the exponents that formulas have, then the general kernel, with every lane at an edge
/// (x ≤ 0, infinite, undefined; a result that over- or underflows) done again by the scalar
/// function.
#[inline(always)]
fn powers(x: Lanes, y: Lanes, out: &mut [f64]) {
    if let (Lanes::Column(x), Lanes::Scalar(y)) = (x, y) {
        if y == 2.0 {
            return each!(x, out, |x| x * x);
        } else if y == 1.0 {
            return each!(x, out, |x| x);
        } else if y == 3.0 {
            return each!(x, out, |x| x * x * x);
        } else if y == -1.0 {
            return each!(x, out, |x| 1.0 / x);
        } else if y == 0.5 {
            return each!(x, out, |x| x.sqrt());
        }
    }
    pairs!(x, y, out, |x, y| pow(x, y));
    let at_edge = |base: f64, power: f64| {
        !(base > 0.0 && base < f64::INFINITY && power >= f64::MIN_POSITIVE && power < f64::INFINITY)
    };
    // A first pass without branches tells whether the second is needed at all.
    let edges = match x {
        Lanes::Column(x) => {
            let lanes = x.iter().zip(out.iter());
            lanes.fold(0u64, |edges, (&base, &power)| {
                edges + u64::from(at_edge(base, power))
            })
        }
        Lanes::Scalar(_) => 1,
    };
    if edges > 0 {
        for (i, slot) in out.iter_mut().enumerate() {
            if at_edge(x.at(i), *slot) {
                *slot = f64::binary(Binary::Pow, &x.at(i), &y.at(i), &());
            }
        }
    }
}

/// `out[i] = operator(x[i], y[i], z[i])`.
pub fn ternary(operator: Ternary, x: Lanes, y: Lanes, z: Lanes, out: &mut [f64]) {
    if let (Ternary::Select, Lanes::Column(condition)) = (operator, x) {
        // One branch after the other: no lane waits for the way a branch goes.
        pairs!(x, z, out, |c, z| choose(c == 0.0, z, f64::NAN));
        for (i, (slot, &c)) in out.iter_mut().zip(condition).enumerate() {
            *slot = choose(c == 1.0, y.at(i), *slot);
        }
        return;
    }
    for (i, slot) in out.iter_mut().enumerate() {
        *slot = f64::ternary(operator, &x.at(i), &y.at(i), &z.at(i), &());
    }
}

/// `value` unless either argument is undefined.
#[inline(always)]
fn strict(x: f64, y: f64, value: f64) -> f64 {
    choose(x.is_nan() || y.is_nan(), f64::NAN, value)
}

#[inline(always)]
fn truth(value: bool) -> f64 {
    choose(value, 1.0, 0.0)
}

/// `a` or `b` without a branch: an `if` may become one, and then a loop over lanes stays scalar.
#[inline(always)]
fn choose(condition: bool, a: f64, b: f64) -> f64 {
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
fn exp(x: f64) -> f64 {
    let (k, m) = reduced_expm1(clamp(x));
    scale(1.0 + m, k)
}

#[inline(always)]
fn expm1(x: f64) -> f64 {
    let (k, m) = reduced_expm1(clamp(x));
    // 2^k as a number is fine up to 2^1023, and from 2^60 on the −1 no longer counts.
    let held = choose(k > 60.0, 60.0, k);
    let held = choose(held < -60.0, -60.0, held);
    let power = power_of_two(held + ROUND);
    let near = power * m + (power - 1.0);
    let far = choose(k > 60.0, scale(1.0 + m, k), -1.0);
    let value = choose(k > 60.0 || k < -60.0, far, near);
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
fn log(x: f64) -> f64 {
    log_plus(x, 0.0)
}

#[inline(always)]
fn log1p(x: f64) -> f64 {
    let u = 1.0 + x;
    // What rounding 1 + x left out, to first order; nothing where the logarithm is infinite.
    let rest = choose(x < 1.0, x - (u - 1.0), 1.0 - (u - x));
    let rest = choose(u > 0.0 && u < f64::INFINITY, rest / u, 0.0);
    let value = log_plus(u, rest);
    choose(x.abs() < 1e-300, x, value)
}

#[inline(always)]
fn sigmoid(x: f64) -> f64 {
    let e = exp(-x.abs());
    let above = 1.0 / (1.0 + e);
    choose(x < 0.0, e * above, above)
}

#[inline(always)]
fn softplus(x: f64) -> f64 {
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
fn pow(x: f64, y: f64) -> f64 {
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

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};

    /// How many binary64 numbers lie between; zero for two not-a-numbers.
    fn apart(a: f64, b: f64) -> u64 {
        if a.is_nan() && b.is_nan() {
            return 0;
        }
        let order = |x: f64| {
            let bits = x.to_bits() as i64;
            if bits < 0 {
                i64::MIN.wrapping_sub(bits)
            } else {
                bits
            }
        };
        if a.is_nan() || b.is_nan() {
            u64::MAX
        } else {
            order(a).abs_diff(order(b))
        }
    }

    fn edges() -> Vec<f64> {
        let mut edges = vec![
            0.0,
            1.0,
            0.5,
            2.0,
            5e-324,
            1e-310,
            f64::MIN_POSITIVE,
            f64::MAX,
            f64::INFINITY,
            f64::NAN,
            709.78,
            709.79,
            710.5,
            745.13,
            745.14,
            746.0,
            1e10,
            37.0,
            1e-17,
            1e-9,
        ];
        edges.extend(edges.clone().iter().map(|x| -x));
        edges
    }

    #[test]
    fn kernels_agree_with_the_scalar_functions() {
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(1);
        let mut values = edges();
        for _ in 0..60_000 {
            values.push(f64::from_bits(random.random()));
            values.push(random.random_range(-750.0..750.0));
            values.push(random.random_range(-2.0..2.0));
        }
        let mut out = vec![0.0; values.len()];
        for (operator, limit) in [
            (Unary::Exp, 1),
            (Unary::Log, 1),
            (Unary::Log1p, 2),
            (Unary::Expm1, 2),
            (Unary::Sigmoid, 3),
            (Unary::Softplus, 3),
        ] {
            unary(operator, &values, &mut out);
            for (x, got) in values.iter().zip(&out) {
                let want = f64::unary(operator, x, &());
                let off = apart(*got, want);
                assert!(
                    off <= limit,
                    "{operator:?}({x:e}) = {want:e}, got {got:e}, {off} apart"
                );
            }
        }
    }

    #[test]
    fn powers_agree_with_the_scalar_function() {
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(2);
        let edges = edges();
        let mut cases: Vec<(f64, f64)> = Vec::new();
        for x in &edges {
            cases.extend(edges.iter().map(|y| (*x, *y)));
            cases.extend([2.0, 3.0, -1.0, 0.5, -3.0].map(|y| (*x, y)));
        }
        for _ in 0..60_000 {
            cases.push((
                random.random_range(0.0..1.0),
                random.random_range(-20.0..20.0),
            ));
            cases.push((
                random.random_range(0.0..1e5),
                random.random_range(-60.0..60.0),
            ));
            cases.push((
                f64::from_bits(random.random()),
                f64::from_bits(random.random()),
            ));
        }
        let (x, y): (Vec<f64>, Vec<f64>) = cases.into_iter().unzip();
        let mut out = vec![0.0; x.len()];
        binary(Binary::Pow, Lanes::Column(&x), Lanes::Column(&y), &mut out);
        for ((x, y), got) in x.iter().zip(&y).zip(&out) {
            let want = f64::binary(Binary::Pow, x, y, &());
            let limit = 2 + (y.abs().min(400.0) * 0.1) as u64;
            assert!(
                apart(*got, want) <= limit,
                "{x:e}^{y:e} = {want:e}, got {got:e}"
            );
        }
    }

    #[test]
    fn a_lane_does_not_depend_on_its_place() {
        let values: Vec<f64> = (0..67).map(|i| 0.37 * f64::from(i) - 9.0).collect();
        let mut all = vec![0.0; values.len()];
        for operator in [Unary::Exp, Unary::Log1p, Unary::Expm1, Unary::Softplus] {
            unary(operator, &values, &mut all);
            for (x, want) in values.iter().zip(&all) {
                let mut one = [0.0];
                unary(operator, &[*x], &mut one);
                assert_eq!(one[0].to_bits(), want.to_bits());
            }
        }
    }
}
