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

mod kernels;

use super::{Binary, Number, Ternary, Unary};
use kernels::{choose, exp, expm1, log, log1p, pow, sigmoid, softplus};

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
        let normal = (f64::MIN_POSITIVE..f64::INFINITY).contains(&power);
        !(normal && base > 0.0 && base < f64::INFINITY)
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
