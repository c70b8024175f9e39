//! The operators of one argument.

use super::arithmetic::root;
use super::{Interval, MARGIN, special, unless};
use crate::number::Unary;
use std::f64::consts::PI;

const INF: f64 = f64::INFINITY;

pub(super) fn unary(operator: Unary, x: Interval) -> Interval {
    let exact = |f: fn(f64) -> f64| x.increasing(f, 0, -INF, INF);
    let rising = |f: fn(f64) -> f64, lo: f64, hi: f64| x.increasing(f, MARGIN, lo, hi);
    match operator {
        Unary::Neg => -x,
        Unary::Exp => exp(x),
        Unary::Log => log(x),
        Unary::Log1p => log1p(x),
        Unary::Expm1 => rising(pxfm::f_expm1, -1.0, INF),
        Unary::Sqrt => sqrt(x),
        Unary::Abs => x.magnitude(),
        Unary::Sign => exact(|v| if v == 0.0 { 0.0 } else { v.signum() }),
        Unary::Floor => exact(f64::floor),
        Unary::Ceil => exact(f64::ceil),
        Unary::Round => exact(f64::round_ties_even),
        Unary::Sin => wave(x, pxfm::f_sin, 0.5),
        Unary::Cos => wave(x, pxfm::f_cos, 0.0),
        Unary::Tan => tan(x),
        Unary::Asin => x.within(-1.0, 1.0).increasing(
            pxfm::f_asin,
            MARGIN,
            -0.5 * PI.next_up(),
            0.5 * PI.next_up(),
        ),
        Unary::Acos => x
            .within(-1.0, 1.0)
            .decreasing(pxfm::f_acos, MARGIN, 0.0, PI.next_up()),
        Unary::Atan => rising(pxfm::f_atan, -0.5 * PI.next_up(), 0.5 * PI.next_up()),
        Unary::Sinh => rising(pxfm::f_sinh, -INF, INF),
        Unary::Cosh => x.magnitude().increasing(pxfm::f_cosh, MARGIN, 1.0, INF),
        Unary::Tanh => rising(pxfm::f_tanh, -1.0, 1.0),
        Unary::Asinh => rising(pxfm::f_asinh, -INF, INF),
        Unary::Acosh => x
            .within(1.0, INF)
            .increasing(pxfm::f_acosh, MARGIN, 0.0, INF),
        Unary::Atanh => x
            .within(-1.0, 1.0)
            .increasing(pxfm::f_atanh, MARGIN, -INF, INF),
        Unary::Sigmoid => at_ends(x, sigmoid),
        Unary::Softplus => at_ends(x, softplus),
        Unary::Erf => rising(pxfm::f_erf, -1.0, 1.0),
        Unary::Erfc => x.decreasing(pxfm::f_erfc, MARGIN, 0.0, 2.0),
        Unary::ErfInv => special::erfinv(x.within(-1.0, 1.0)),
        Unary::NormalCdf => special::normal_cdf(x),
        Unary::NormalIcdf => special::normal_icdf(x.within(0.0, 1.0)),
        Unary::NormalLogCdf => at_ends(x, special::normal_log_cdf),
        Unary::Lgamma => special::lgamma(x),
        Unary::Polygamma(n) => special::polygamma(n, x),
        Unary::LogBesselI0 => at_ends(x.magnitude(), special::log_bessel_i0),
        Unary::BesselRatio => at_ends(x, special::bessel_ratio),
        Unary::Not => Interval::new(1.0, 1.0) - x,
        Unary::StopGradient => x,
    }
}

pub(super) fn exp(x: Interval) -> Interval {
    x.increasing(pxfm::f_exp, MARGIN, 0.0, INF)
}

pub(super) fn log(x: Interval) -> Interval {
    let x = x.within(0.0, INF);
    if x.is_point() && x.lo == 1.0 {
        return Interval::new(0.0, 0.0).but(x.definedness);
    }
    infinite_exactly(x, 0.0).unwrap_or_else(|| x.increasing(pxfm::f_log, MARGIN, -INF, INF))
}

pub(super) fn log1p(x: Interval) -> Interval {
    let x = x.within(-1.0, INF);
    infinite_exactly(x, -1.0).unwrap_or_else(|| x.increasing(pxfm::f_log1p, MARGIN, -INF, INF))
}

/// −∞ where a logarithm is taken exactly of 0, at `end`.
fn infinite_exactly(x: Interval, end: f64) -> Option<Interval> {
    (x.is_point() && x.lo == end).then(|| Interval::point(-INF).but(x.definedness))
}

pub(super) fn sqrt(x: Interval) -> Interval {
    let x = x.within(0.0, INF);
    Interval::new(root(x.lo.max(0.0)).0, root(x.hi.max(0.0)).1).but(x.definedness)
}

/// An increasing function from its enclosures at points.
pub(super) fn at_ends(x: Interval, f: impl Fn(f64) -> Interval) -> Interval {
    let (low, high) = (f(x.lo), f(x.hi));
    Interval::new(low.lo, high.hi).but(x.definedness)
}

fn sigmoid(x: f64) -> Interval {
    let one = Interval::new(1.0, 1.0);
    let e = exp(Interval::point(-x.abs()));
    let value = if x < 0.0 {
        e / (one + e)
    } else {
        one / (one + e)
    };
    Interval::new(value.lo.max(0.0), value.hi.min(1.0))
}

fn softplus(x: f64) -> Interval {
    let rest = log1p(exp(Interval::point(-x.abs())));
    Interval::point(x.max(0.0)) + rest
}

/// Whether an integer lies in (x − shift·π)/period, or may: none is missed.
fn may_hold_whole(x: Interval, shift: f64, period: Interval) -> bool {
    let pi = Interval::new(PI, PI.next_up());
    let scaled = (x - pi * Interval::point(shift)) / period;
    scaled.hi.floor() >= scaled.lo
}

/// A cosine of period 2π with its greatest value 1 at `peak`·π.
fn wave(x: Interval, f: impl Fn(f64) -> f64, peak: f64) -> Interval {
    if x.may_be_infinite() {
        return Interval::new(-1.0, 1.0).but(unless(true, x.is_infinite()));
    }
    let period = Interval::new(2.0 * PI, 2.0 * PI.next_up());
    let (low, high) = (
        Interval::new(x.lo, x.lo).increasing(&f, MARGIN, -1.0, 1.0),
        Interval::new(x.hi, x.hi).increasing(&f, MARGIN, -1.0, 1.0),
    );
    let range = low.range_hull(&high);
    // At a point the function itself is the better bound.
    let peaks = !x.is_point() && may_hold_whole(x, peak, period);
    let valleys = !x.is_point() && may_hold_whole(x, peak + 1.0, period);
    Interval::new(
        if valleys { -1.0 } else { range.lo },
        if peaks { 1.0 } else { range.hi },
    )
}

fn tan(x: Interval) -> Interval {
    let pi = Interval::new(PI, PI.next_up());
    if x.may_be_infinite() {
        return Interval::WHOLE.but(unless(true, x.is_infinite()));
    }
    // A pole is no binary64 number, so a point is never one.
    if !x.is_point() && may_hold_whole(x, 0.5, pi) {
        return Interval::unknown();
    }
    x.increasing(pxfm::f_tan, MARGIN, -INF, INF)
}
