//! Elementary functions of intervals: exponential, logarithm, hyperbolic and their inverses.
//!
//! All but cosh are monotone, so their range is the hull of brackets at the ends. Arguments so
//! small that a function is x(1 + O(x)) to the working precision, and so large that it saturates,
//! are answered from those bounds: a generic evaluation would work in proportion to the exponent.

use super::float::{self, Float};
use super::interval::Interval;
use super::logarithm;

/// Beyond 2^41 the exponential over- or underflows the exponents that are kept.
const EXP_LIMIT: isize = 41;

/// e^(2^41) lies above this power of two, and e^−(2^41) below its reciprocal.
const EXP_EXPONENT: isize = 1 << 41;

/// f(x) = x(1 + δ), |δ| ≤ 2^−p, for a nonzero x.
fn near_identity(x: &Float, p: usize) -> Interval {
    let x = Interval::point(x.clone()).round(p + 2);
    let slack = Interval::new(
        float::next_down(&Float::one(), p),
        float::next_up(&Float::one(), p),
    );
    x.mul(&slack, p + 2)
}

/// 1 + δ with |δ| ≤ 2^−p and the sign given.
pub(super) fn near_one(sign: i32, p: usize) -> Interval {
    let one = Float::one();
    if sign < 0 {
        Interval::new(float::next_down(&one, p), one)
    } else {
        Interval::new(one.clone(), float::next_up(&one, p))
    }
}

/// Whether |x| < 2^−(p+4), x ≠ 0.
pub(super) fn is_tiny(x: &Float, p: usize) -> bool {
    float::magnitude(x) < -(p as isize) - 4
}

/// A function that is odd up to O(x²), with f(x)/x = 1 + O(x) near 0: what to do near 0.
pub(super) fn odd_at(x: &Float, p: usize, f: impl Fn(&Float, usize) -> Interval) -> Interval {
    if float::is_zero(x) {
        Interval::zero()
    } else if is_tiny(x, p) {
        near_identity(x, p)
    } else {
        f(x, p)
    }
}

macro_rules! from_library {
    ($x:expr, $p:expr, $method:ident) => {
        Interval::from(float::evaluate($x, $p, |context, x, cache| {
            context.$method(x, cache)
        }))
    };
}
pub(super) use from_library;

fn exp_at(x: &Float, p: usize) -> Interval {
    if float::is_zero(x) {
        Interval::one()
    } else if x.is_infinite() {
        Interval::point(if float::is_negative(x) {
            Float::zero()
        } else {
            x.clone()
        })
    } else if float::magnitude(x) > EXP_LIMIT {
        if float::is_negative(x) {
            Interval::new(Float::zero(), float::power_of_two(-EXP_EXPONENT))
        } else {
            Interval::new(float::power_of_two(EXP_EXPONENT), Float::infinity())
        }
    } else if is_tiny(x, p) {
        near_one(float::sign(x), p)
    } else {
        from_library!(x, p, exp)
    }
}

/// Widths below 2^−NARROW of a scale, at which a bound by the slope is as good as a second value.
const NARROW: isize = 8;

/// eˣ.
pub(super) fn exp(x: &Interval, p: usize) -> Interval {
    let moderate = |x: &Float| x.is_finite() && float::magnitude(x) <= EXP_LIMIT;
    if !x.is_point() && moderate(&x.lo) && moderate(&x.hi) {
        let width = x.width();
        if float::magnitude(&width) <= -NARROW {
            // e^(x + d) ≤ eˣ(1 + d + d²) for d ≤ 1.
            let lo = exp_at(&x.lo, p);
            let d = Interval::point(width);
            let growth = d.square(p).add(&d, p).add(&Interval::one(), p);
            let hi = Interval::point(lo.hi).mul(&growth, p).hi;
            return Interval::new(lo.lo, hi);
        }
    }
    x.increasing(|x| exp_at(x, p))
}

/// eˣ − 1.
pub(super) fn expm1(x: &Interval, p: usize) -> Interval {
    x.increasing(|x| {
        odd_at(x, p, |x, p| {
            let beyond = x.is_infinite() || float::magnitude(x) > EXP_LIMIT;
            if beyond && float::is_negative(x) {
                let least = -Float::one();
                if x.is_infinite() {
                    return Interval::point(least);
                }
                return Interval::new(least.clone(), float::next_up(&least, p));
            } else if beyond {
                return exp_at(x, p).sub(&Interval::one(), p);
            }
            from_library!(x, p, exp_m1)
        })
    })
}

fn log_at(x: &Float, p: usize) -> Interval {
    if float::sign(x) <= 0 {
        Interval::point(Float::neg_infinity())
    } else if x.is_infinite() {
        Interval::point(x.clone())
    } else {
        // Next to 1 the difference is exact, and short where x is long.
        let beside = matches!(float::magnitude(x), 0 | 1).then(|| x.clone() - &Float::one());
        match beside.filter(is_beside) {
            Some(beside) => log1p_at(&beside, p),
            None if p <= logarithm::MOST_BITS => logarithm::elsewhere(x, p),
            None => from_library!(x, p, ln),
        }
    }
}

/// Whether 1 + x lies so close to 1 that its logarithm is told by x.
fn is_beside(x: &Float) -> bool {
    float::magnitude(x) < -6
}

/// Beyond 2^512, one more or less is nothing that is worth a long sum.
const LONG_SUM: isize = 512;

fn log1p_at(x: &Float, p: usize) -> Interval {
    odd_at(x, p, |x, p| {
        if *x <= -Float::one() {
            Interval::point(Float::neg_infinity())
        } else if x.is_infinite() {
            Interval::point(x.clone())
        } else if p > logarithm::MOST_BITS || float::magnitude(x) > LONG_SUM {
            from_library!(x, p, ln_1p)
        } else if is_beside(x) {
            logarithm::next_to_one(x, p)
        } else {
            logarithm::elsewhere(&(x.clone() + &Float::one()), p)
        }
    })
}

/// log x for x ≥ 0; −∞ at 0.
pub(super) fn log(x: &Interval, p: usize) -> Interval {
    if !x.is_point() && x.is_positive() && x.is_bounded() {
        let width = x.width();
        if float::magnitude(&width) <= float::magnitude(&x.lo) - NARROW {
            // log(x + d) ≤ log x + d/x.
            let lo = log_at(&x.lo, p);
            let more = Interval::point(width).div(&Interval::point(x.lo.clone()), p);
            let hi = Interval::point(lo.hi).add(&more, p).hi;
            return Interval::new(lo.lo, hi);
        }
    }
    x.increasing(|x| log_at(x, p))
}

/// log(1 + x) for x ≥ −1; −∞ at −1.
pub(super) fn log1p(x: &Interval, p: usize) -> Interval {
    x.increasing(|x| log1p_at(x, p))
}

/// √x for x ≥ 0.
pub(super) fn sqrt(x: &Interval, p: usize) -> Interval {
    x.increasing(|x| {
        if float::sign(x) <= 0 {
            Interval::zero()
        } else if x.is_infinite() {
            Interval::point(x.clone())
        } else {
            float::bracket(float::down(p).sqrt(x), p).into()
        }
    })
}

fn exponential_growth(x: &Float, p: usize, f: impl Fn(&Float, usize) -> Interval) -> Interval {
    if x.is_infinite() || float::magnitude(x) > EXP_LIMIT {
        // sinh and cosh lie between eˣ/4 and eˣ there.
        let size = exp_at(&float::absolute(x), p);
        return Interval {
            lo: float::scale(&size.lo, -2),
            hi: size.hi,
        };
    }
    f(x, p)
}

/// sinh x.
pub(super) fn sinh(x: &Interval, p: usize) -> Interval {
    x.increasing(|x| {
        odd_at(x, p, |x, p| {
            if x.is_finite() && float::magnitude(x) <= EXP_LIMIT {
                return from_library!(x, p, sinh);
            }
            let size = exponential_growth(x, p, |_, _| Interval::whole());
            if float::is_negative(x) {
                size.neg()
            } else {
                size
            }
        })
    })
}

/// cosh x: even, increasing in |x|.
pub(super) fn cosh(x: &Interval, p: usize) -> Interval {
    x.abs().increasing(|x| {
        if float::is_zero(x) {
            Interval::one()
        } else if is_tiny(x, p) {
            near_one(1, p)
        } else {
            exponential_growth(x, p, |x, p| from_library!(x, p, cosh))
        }
    })
}

/// tanh x.
pub(super) fn tanh(x: &Interval, p: usize) -> Interval {
    x.increasing(|x| {
        odd_at(x, p, |x, p| {
            let sign = i64::from(float::sign(x));
            if x.is_infinite() {
                return Interval::integer(sign);
            }
            // 1 − tanh x < 2e^(−2x) < 2^−p once 2x > p.
            if float::absolute(x) > float::integer(p) {
                let size = near_one(-1, p);
                return if sign < 0 { size.neg() } else { size };
            }
            from_library!(x, p, tanh).within(-1, 1)
        })
    })
}

/// asinh x: with t = |x|, log(1 + t + t²/(1 + √(1 + t²))), all terms positive.
pub(super) fn asinh(x: &Interval, p: usize) -> Interval {
    let w = p + 16;
    x.increasing(|x| {
        odd_at(x, p, |x, p| {
            if x.is_infinite() {
                return Interval::point(x.clone());
            }
            let t = Interval::point(float::absolute(x));
            let value = if float::magnitude(x) > w as isize {
                // asinh t − log 2t lies between 0 and 1/t².
                let gap = Interval::new(Float::zero(), float::power_of_two(-(w as isize)));
                log(&t.scale(1), w).add(&gap, w)
            } else {
                let square = t.square(w);
                let root = sqrt(&square.add_integer(1, w), w);
                let rest = square.div(&root.add_integer(1, w), w);
                log1p(&t.add(&rest, w), w)
            };
            let value = value.round(p + 4);
            if float::is_negative(x) {
                value.neg()
            } else {
                value
            }
        })
    })
}

/// acosh x for x ≥ 1.
///
/// Built from logarithms here, like asinh, atanh, asin and acos: those of dashu-float 0.6.2
/// panic for arguments much closer to 1 than the precision, or very large ones.
pub(super) fn acosh(x: &Interval, p: usize) -> Interval {
    let w = p + 16;
    x.increasing(|x| {
        if *x <= Float::one() {
            return Interval::zero();
        }
        if x.is_infinite() {
            return Interval::point(x.clone());
        }
        let point = Interval::point(x.clone());
        if float::magnitude(x) > w as isize {
            // log 2x − acosh x lies between 0 and 1/x².
            let gap = Interval::new(Float::zero(), float::power_of_two(-(w as isize)));
            return log(&point.scale(1), w).sub(&gap, w).round(p + 4);
        }
        // With t = x − 1: log(1 + t + √(t(t + 2))), all terms positive.
        let t = Interval::point(x.clone() - &Float::one());
        let root = sqrt(&t.mul(&t.add_integer(2, w), w), w);
        log1p(&t.add(&root, w), w).round(p + 4)
    })
}

/// atanh x for |x| ≤ 1; ±∞ at the ends.
pub(super) fn atanh(x: &Interval, p: usize) -> Interval {
    let w = p + 16;
    x.increasing(|x| {
        odd_at(x, p, |x, p| {
            let size = float::absolute(x);
            let value = if size >= Float::one() {
                Interval::point(Float::infinity())
            } else {
                let gap = Interval::point(Float::one() - &size);
                log1p(&Interval::point(size).scale(1).div(&gap, w), w).scale(-1)
            };
            let value = value.round(p + 4);
            if float::is_negative(x) {
                value.neg()
            } else {
                value
            }
        })
    })
}

/// 1/(1 + e⁻ˣ), from e^(−|x|) so that neither side cancels.
pub(super) fn sigmoid(x: &Interval, p: usize) -> Interval {
    let w = p + 8;
    x.increasing(|x| {
        let e = exp_at(&float::negate(&float::absolute(x)), w);
        let denominator = e.add(&Interval::one(), w);
        let numerator = if float::is_negative(x) {
            e
        } else {
            Interval::one()
        };
        numerator.div(&denominator, w).within(0, 1).round(p + 4)
    })
}

/// log(1 + eˣ) = max(x, 0) + log(1 + e^(−|x|)).
pub(super) fn softplus(x: &Interval, p: usize) -> Interval {
    let w = p + 8;
    x.increasing(|x| {
        if x.is_infinite() {
            return exp_at(x, w);
        }
        let rest = log1p(&exp_at(&float::negate(&float::absolute(x)), w), w);
        if float::is_negative(x) {
            return rest.round(p + 4);
        }
        Interval::point(x.clone()).add(&rest, w).round(p + 4)
    })
}
