//! The meaning of every operator on enclosures: domains first, then the range over what is left.

use super::Definedness::{self, Defined, PossiblyUndefined, Undefined};
use super::arithmetic::{self, Partial, is_infinite, may_be_infinite, unless};
use super::float::{self, Float};
use super::interval::Interval;
use super::trigonometric;
use super::{Enclosure, Precision};
use super::{bessel, circular, elementary, error, gamma, incomplete_beta, incomplete_gamma, power};
use crate::number::{Binary, Number, Rational, Ternary, Unary};

impl Number for Enclosure {
    type Context = Precision;

    fn rational(value: &Rational, context: &Precision) -> Self {
        Enclosure::exact(value, *context)
    }

    fn pi(context: &Precision) -> Self {
        Enclosure::new(Interval::pi(context.bits()), Defined)
    }

    fn infinity(_context: &Precision) -> Self {
        Enclosure::new(Interval::point(Float::infinity()), Defined)
    }

    fn unary(operator: Unary, x: &Self, context: &Precision) -> Self {
        if x.defined == Undefined {
            return Enclosure::undefined();
        }
        finish(unary(operator, &x.range, context.bits()), x.defined)
    }

    fn binary(operator: Binary, x: &Self, y: &Self, context: &Precision) -> Self {
        let defined = x.defined.max(y.defined);
        if defined == Undefined {
            return Enclosure::undefined();
        }
        finish(
            binary(operator, &x.range, &y.range, context.bits()),
            defined,
        )
    }

    fn ternary(operator: Ternary, x: &Self, y: &Self, z: &Self, context: &Precision) -> Self {
        let p = context.bits();
        match operator {
            Ternary::Select => select(x, y, z),
            Ternary::BetaInc => beta(x, y, z, |a, b, x| incomplete_beta::beta_inc(a, b, x, p)),
            Ternary::BetaIncDa => beta(x, y, z, |a, b, x| incomplete_beta::beta_inc_da(a, b, x, p)),
        }
    }
}

fn finish((range, defined): Partial, arguments: Definedness) -> Enclosure {
    Enclosure::new(range, defined.max(arguments))
}

/// `where(condition, a, b)`: the branch not taken need not be defined.
fn select(condition: &Enclosure, a: &Enclosure, b: &Enclosure) -> Enclosure {
    let taken = match condition.defined {
        Undefined => return Enclosure::undefined(),
        Defined | PossiblyUndefined if condition.range == Interval::one() => a.clone(),
        Defined | PossiblyUndefined if !condition.range.contains(&Float::one()) => b.clone(),
        Defined | PossiblyUndefined => a.hull(b),
    };
    Enclosure::new(taken.range, taken.defined.max(condition.defined))
}

/// The part of x in [low, high], and whether some or all of x lies outside; `open` where the ends
/// are themselves outside.
fn within(
    x: &Interval,
    low: Option<Float>,
    high: Option<Float>,
) -> (Option<Interval>, Definedness) {
    let domain = Interval::new(
        low.unwrap_or_else(Float::neg_infinity),
        high.unwrap_or_else(Float::infinity),
    );
    let part = x.meet(&domain);
    let outside = x.lo < domain.lo || x.hi > domain.hi;
    let defined = unless(outside, part.is_none());
    (part, defined)
}

/// A function on [low, high].
fn on(
    x: &Interval,
    low: Option<Float>,
    high: Option<Float>,
    f: impl Fn(&Interval) -> Interval,
) -> Partial {
    match within(x, low, high) {
        (Some(part), defined) => (f(&part), defined),
        (None, _) => (Interval::whole(), Undefined),
    }
}

/// A function that is undefined at both infinities.
fn on_finite(x: &Interval, range: Interval) -> Partial {
    (range, unless(may_be_infinite(x), is_infinite(x)))
}

fn unary(operator: Unary, x: &Interval, p: usize) -> Partial {
    let one = || Some(Float::one());
    let minus_one = || Some(-Float::one());
    let zero = || Some(Float::zero());
    let total = |range: Interval| (range, Defined);
    match operator {
        Unary::Neg => total(x.neg()),
        Unary::Exp => total(elementary::exp(x, p)),
        Unary::Log => on(x, zero(), None, |x| elementary::log(x, p)),
        Unary::Log1p => on(x, minus_one(), None, |x| elementary::log1p(x, p)),
        Unary::Expm1 => total(elementary::expm1(x, p)),
        Unary::Sqrt => on(x, zero(), None, |x| elementary::sqrt(x, p)),
        Unary::Abs => total(x.abs()),
        Unary::Sign => total(arithmetic::sign(x)),
        Unary::Floor => total(arithmetic::floor(x)),
        Unary::Ceil => total(arithmetic::ceil(x)),
        Unary::Round => total(arithmetic::round(x)),
        Unary::Sin => on_finite(x, trigonometric::sin(x, p)),
        Unary::Cos => on_finite(x, trigonometric::cos(x, p)),
        Unary::Tan => match trigonometric::tan(x, p) {
            Some(range) => total(range),
            None => (Interval::whole(), unless(true, is_infinite(x))),
        },
        Unary::Asin => on(x, minus_one(), one(), |x| circular::asin(x, p)),
        Unary::Acos => on(x, minus_one(), one(), |x| circular::acos(x, p)),
        Unary::Atan => total(circular::atan(x, p)),
        Unary::Sinh => total(elementary::sinh(x, p)),
        Unary::Cosh => total(elementary::cosh(x, p)),
        Unary::Tanh => total(elementary::tanh(x, p)),
        Unary::Asinh => total(elementary::asinh(x, p)),
        Unary::Acosh => on(x, one(), None, |x| elementary::acosh(x, p)),
        Unary::Atanh => on(x, minus_one(), one(), |x| elementary::atanh(x, p)),
        Unary::Sigmoid => total(elementary::sigmoid(x, p)),
        Unary::Softplus => total(elementary::softplus(x, p)),
        Unary::Erf => total(error::erf(x, p)),
        Unary::Erfc => total(error::erfc(x, p)),
        Unary::ErfInv => on(x, minus_one(), one(), |x| error::erf_inv(x, p)),
        Unary::NormalCdf => total(error::normal_cdf(x, p)),
        Unary::NormalIcdf => on(x, zero(), one(), |x| error::normal_icdf(x, p)),
        Unary::NormalLogCdf => total(error::normal_log_cdf(x, p)),
        Unary::Lgamma => outside_poles(x, gamma::lgamma(x, p)),
        Unary::Polygamma(n) => outside_poles(x, gamma::polygamma(n, x, p)),
        Unary::LogBesselI0 => total(bessel::log_bessel_i0(x, p)),
        Unary::BesselRatio => total(bessel::bessel_ratio(x, p)),
        Unary::Not => total(Interval::one().sub(x, p)),
        Unary::StopGradient => total(x.clone()),
    }
}

/// A function with poles at 0, −1, −2, … and no value at −∞: `range` is none where x meets them.
fn outside_poles(x: &Interval, range: Option<Interval>) -> Partial {
    match range {
        Some(range) => (range, Defined),
        None => (Interval::whole(), unless(true, x.is_point())),
    }
}

fn binary(operator: Binary, x: &Interval, y: &Interval, p: usize) -> Partial {
    match operator {
        Binary::Add => arithmetic::add(x, y, p),
        Binary::Sub => arithmetic::add(x, &y.neg(), p),
        Binary::Mul => arithmetic::mul(x, y, p),
        Binary::Div => arithmetic::div(x, y, p),
        Binary::Pow => power::power(x, y, p),
        Binary::Min => (arithmetic::min(x, y), Defined),
        Binary::Max => (arithmetic::max(x, y), Defined),
        Binary::Mod => arithmetic::modulo(x, y, p),
        Binary::Atan2 => atan2(x, y, p),
        Binary::GammaP => on_quadrant(x, y, |a, x| incomplete_gamma::gamma_p(a, x, p)),
        Binary::GammaQ => on_quadrant(x, y, |a, x| incomplete_gamma::gamma_q(a, x, p)),
        Binary::GammaPDa => on_quadrant(x, y, |a, x| incomplete_gamma::gamma_p_da(a, x, p)),
        Binary::Less => (arithmetic::less(x, y), Defined),
        Binary::LessEqual => (arithmetic::less_equal(x, y), Defined),
        Binary::Equal => (arithmetic::equal(x, y), Defined),
        Binary::And => (arithmetic::min(x, y), Defined),
        Binary::Or => (arithmetic::max(x, y), Defined),
    }
}

/// The angle has no value at the origin, nor where both arguments are infinite.
fn atan2(y: &Interval, x: &Interval, p: usize) -> Partial {
    let origin = x.contains_zero() && y.contains_zero();
    let both_infinite = may_be_infinite(x) && may_be_infinite(y);
    let certain = (x.is_zero() && y.is_zero()) || (is_infinite(x) && is_infinite(y));
    if certain {
        return (Interval::whole(), Undefined);
    }
    (
        trigonometric::atan2(y, x, p),
        unless(origin || both_infinite, false),
    )
}

/// A function of a > 0, finite, and x ≥ 0.
fn on_quadrant(
    a: &Interval,
    x: &Interval,
    f: impl Fn(&Interval, &Interval) -> Interval,
) -> Partial {
    let a_outside = positive(a);
    let (x_part, x_outside) = within(x, Some(Float::zero()), None);
    let defined = a_outside.max(x_outside);
    match (within(a, Some(Float::zero()), None).0, x_part) {
        (Some(a), Some(x)) if defined != Undefined => (f(&a, &x), defined),
        _ => (Interval::whole(), Undefined),
    }
}

/// Whether a parameter is positive and finite.
fn positive(a: &Interval) -> Definedness {
    let possible = float::sign(&a.lo) <= 0 || a.hi.is_infinite();
    unless(
        possible,
        float::sign(&a.hi) <= 0 || a.lo == Float::infinity(),
    )
}

/// A function of a, b > 0, finite, and 0 ≤ x ≤ 1.
fn beta(
    a: &Enclosure,
    b: &Enclosure,
    x: &Enclosure,
    f: impl Fn(&Interval, &Interval, &Interval) -> Interval,
) -> Enclosure {
    let (x_part, x_outside) = within(&x.range, Some(Float::zero()), Some(Float::one()));
    let defined = [
        a.defined,
        b.defined,
        x.defined,
        positive(&a.range),
        positive(&b.range),
    ]
    .into_iter()
    .fold(x_outside, Definedness::max);
    let part = |v: &Enclosure| within(&v.range, Some(Float::zero()), None).0;
    match (part(a), part(b), x_part) {
        (Some(a), Some(b), Some(x)) if defined != Undefined => {
            Enclosure::new(f(&a, &b, &x), defined)
        }
        _ => Enclosure::undefined(),
    }
}
