//! The behaviour of a formula at an end of the support of one noise component: exact asymptotics.
//!
//! The end is approached as t → ∞, and a germ is the leading term there, with the next one where
//! the leading term is constant (so that 1 − u at u → 1 is known). Cancellation of leading terms
//! leaves a bound, or nothing; what is said is never more than holds. Law: the germ is the limit of
//! the values (test `germs_are_the_limits_of_values`).

use super::size::{Shape, Size, add, div, is_zero, mul, neg, number, sign, widened};
use crate::number::{Interval, Number, Unary};
use std::cmp::Ordering;

/// What is known of the difference from a constant leading term.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Rest {
    /// There is none.
    Zero,
    /// It is of this size.
    Known(Size),
    /// It tends to 0.
    Unknown,
}

/// A formula as t → ∞.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Germ {
    /// Exactly 0.
    Zero,
    /// Like its leading term.
    Like(Size, Rest),
    /// At most of this size, with any sign.
    AtMost(Shape),
    /// Anything.
    Unknown,
}

/// Where a noise component goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum End {
    /// To −∞ or ∞ as ∓t.
    Infinite(f64),
    /// To a finite end as end ± 1/t, from the side of the sign.
    Finite(f64, f64),
}

impl End {
    /// The component itself.
    pub(crate) fn germ(self) -> Germ {
        match self {
            End::Infinite(sign) => power(sign, 1.0),
            End::Finite(0.0, side) => power(side, -1.0),
            End::Finite(end, side) => Germ::Like(
                Size::constant(number(end)),
                Rest::Known(Size {
                    factor: number(side),
                    shape: Shape::power(number(-1.0)),
                }),
            ),
        }
    }

    /// |dε/dt|.
    pub(crate) fn speed(self) -> Shape {
        match self {
            End::Infinite(_) => Shape::one(),
            End::Finite(..) => Shape::power(number(-2.0)),
        }
    }
}

fn power(factor: f64, exponent: f64) -> Germ {
    Germ::Like(
        Size {
            factor: number(factor),
            shape: Shape::power(number(exponent)),
        },
        Rest::Unknown,
    )
}

/// A number.
pub(super) fn constant(value: Interval) -> Germ {
    if is_zero(value) {
        Germ::Zero
    } else if !value.is_finite() {
        Germ::Unknown
    } else if sign(value).is_some() {
        Germ::Like(Size::constant(value), Rest::Zero)
    } else {
        Germ::AtMost(Shape::one())
    }
}

/// A leading term; the rest of a term that is not constant does not matter.
fn like(size: Size) -> Germ {
    Germ::Like(size, Rest::Unknown)
}

/// A bounded function.
pub(super) fn bounded() -> Germ {
    Germ::AtMost(Shape::one())
}

impl Germ {
    /// A bound on the size; none for zero, an error where there is none.
    pub(crate) fn bound(self) -> Result<Option<Shape>, ()> {
        match self {
            Germ::Zero => Ok(None),
            Germ::Like(size, _) => Ok(Some(size.shape)),
            Germ::AtMost(shape) => Ok(Some(shape)),
            Germ::Unknown => Err(()),
        }
    }

    pub(super) fn negated(self) -> Germ {
        match self {
            Germ::Zero | Germ::AtMost(_) | Germ::Unknown => self,
            Germ::Like(size, rest) => Germ::Like(
                size.negated(),
                match rest {
                    Rest::Known(r) => Rest::Known(r.negated()),
                    Rest::Zero | Rest::Unknown => rest,
                },
            ),
        }
    }

    /// 1 or −1 where the sign is certain in the end, 0 for zero.
    pub(super) fn sign(self) -> Option<f64> {
        match self {
            Germ::Zero => Some(0.0),
            Germ::Like(size, _) => sign(size.factor),
            Germ::AtMost(_) | Germ::Unknown => None,
        }
    }

    /// The value of a formula that is constant.
    pub(super) fn fixed(self) -> Option<Interval> {
        match self {
            Germ::Zero => Some(number(0.0)),
            Germ::Like(size, Rest::Zero) => Some(size.factor),
            Germ::Like(..) | Germ::AtMost(_) | Germ::Unknown => None,
        }
    }

    pub(super) fn plus(self, other: Germ) -> Germ {
        match (self, other) {
            (Germ::Zero, x) | (x, Germ::Zero) => x,
            (Germ::Unknown, _) | (_, Germ::Unknown) => Germ::Unknown,
            (Germ::Like(a, ra), Germ::Like(b, rb)) => match a.shape.outgrows(b.shape) {
                None => a.shape.join(b.shape).map_or(Germ::Unknown, Germ::AtMost),
                Some(Ordering::Greater) => dominant(a, ra, b),
                Some(Ordering::Less) => dominant(b, rb, a),
                Some(Ordering::Equal) => balanced((a, ra), (b, rb)),
            },
            (Germ::AtMost(a), Germ::Like(Size { shape: b, .. }, _) | Germ::AtMost(b))
            | (Germ::Like(Size { shape: b, .. }, _), Germ::AtMost(a)) => match a.outgrows(b) {
                None => a.join(b).map_or(Germ::Unknown, Germ::AtMost),
                Some(Ordering::Less) => match (self, other) {
                    // A dominant leading term stays one.
                    (Germ::Like(size, _), _) | (_, Germ::Like(size, _)) => like(size),
                    _ => Germ::AtMost(b),
                },
                Some(Ordering::Greater | Ordering::Equal) => Germ::AtMost(a),
            },
        }
    }

    pub(crate) fn times(self, other: Germ) -> Germ {
        match (self, other) {
            (Germ::Zero, _) | (_, Germ::Zero) => Germ::Zero,
            (Germ::Unknown, _) | (_, Germ::Unknown) => Germ::Unknown,
            (Germ::Like(a, ra), Germ::Like(b, rb)) => {
                let Some(size) = a.times(b) else {
                    return Germ::Unknown;
                };
                if size.shape.direction().is_none() {
                    return Germ::AtMost(size.shape);
                }
                let rest = if size.shape.is_constant() && a.shape.is_constant() {
                    sum_of_rests(scaled(ra, b), scaled(rb, a))
                } else {
                    Rest::Unknown
                };
                Germ::Like(size, rest)
            }
            (Germ::AtMost(a), Germ::Like(Size { shape: b, .. }, _) | Germ::AtMost(b))
            | (Germ::Like(Size { shape: b, .. }, _), Germ::AtMost(a)) => {
                a.times(b).map_or(Germ::Unknown, Germ::AtMost)
            }
        }
    }

    pub(super) fn inverse(self) -> Germ {
        let Germ::Like(size, rest) = self else {
            return Germ::Unknown;
        };
        let Some(shape) = size.shape.raised(number(-1.0)) else {
            return Germ::Unknown;
        };
        let factor = div(number(1.0), size.factor);
        // 1/(c + r) = 1/c − r/c² + …
        let slope = Size::constant(neg(mul(factor, factor)));
        Germ::Like(Size { factor, shape }, scaled(rest, slope))
    }

    pub(super) fn raised(self, exponent: Interval) -> Germ {
        if is_zero(exponent) {
            return constant(number(1.0));
        }
        match self {
            Germ::Zero if exponent.certainly_positive() => Germ::Zero,
            Germ::Like(size, rest) => {
                let positive = sign(size.factor) == Some(1.0);
                let whole = exponent.lo() == exponent.hi() && exponent.lo().fract() == 0.0;
                if !positive && !whole {
                    return Germ::Unknown;
                }
                let Some(power) = size.raised(exponent) else {
                    return Germ::Unknown;
                };
                // (c + r)ᵉ = cᵉ + e·c^(e−1)·r + …
                let slope = div(mul(exponent, power.factor), size.factor);
                Germ::Like(power, scaled(rest, Size::constant(slope)))
            }
            Germ::AtMost(shape) if exponent.certainly_positive() => {
                shape.raised(exponent).map_or(Germ::Unknown, Germ::AtMost)
            }
            Germ::Zero | Germ::AtMost(_) | Germ::Unknown => Germ::Unknown,
        }
    }

    pub(crate) fn exp(self) -> Germ {
        let one = number(1.0);
        match self {
            Germ::Zero => constant(one),
            Germ::Unknown => Germ::Unknown,
            Germ::AtMost(shape) => match shape.direction() {
                Some(Ordering::Less | Ordering::Equal) => bounded(),
                Some(Ordering::Greater) | None => Germ::Unknown,
            },
            Germ::Like(size, rest) => {
                let (Some(direction), Some(sign)) = (size.shape.direction(), sign(size.factor))
                else {
                    return Germ::Unknown;
                };
                match direction {
                    Ordering::Less => Germ::Like(Size::constant(one), Rest::Known(size)),
                    Ordering::Equal => {
                        let value = Interval::unary(Unary::Exp, &size.factor, &());
                        if !value.certainly_positive() || !value.is_finite() {
                            return Germ::Unknown;
                        }
                        let slope = Size::constant(value);
                        Germ::Like(slope, scaled(rest, slope))
                    }
                    Ordering::Greater => like(Size {
                        factor: one,
                        shape: match size.shape {
                            Shape::Power(p, q) => exponential(size.factor, p, q),
                            Shape::Exponential(..) | Shape::Beyond(_) => Shape::Beyond(sign > 0.0),
                        },
                    }),
                }
            }
        }
    }

    pub(super) fn log(self) -> Germ {
        let Germ::Like(size, rest) = self else {
            return Germ::Unknown;
        };
        if !size.factor.certainly_positive() {
            return Germ::Unknown;
        }
        match size.shape {
            Shape::Power(p, q) if is_zero(p) && is_zero(q) => {
                let value = Interval::unary(Unary::Log, &size.factor, &());
                let relative = scaled(rest, Size::constant(div(number(1.0), size.factor)));
                if is_zero(value) {
                    return match relative {
                        Rest::Zero => Germ::Zero,
                        Rest::Known(r) => like(r),
                        Rest::Unknown => bounded(),
                    };
                }
                if sign(value).is_none() {
                    return bounded();
                }
                Germ::Like(Size::constant(value), relative)
            }
            Shape::Power(p, _) if sign(p).is_some() => like(Size {
                factor: p,
                shape: Shape::Power(number(0.0), number(1.0)),
            }),
            // log log t is below every power of log t.
            Shape::Power(p, q) if is_zero(p) => match sign(q) {
                Some(s) => like(Size {
                    factor: if s > 0.0 {
                        Interval::new(1e-300, 1e300)
                    } else {
                        Interval::new(-1e300, -1e-300)
                    },
                    shape: Shape::Power(number(0.0), Interval::new(1e-12, 1e-9)),
                }),
                None => Germ::Unknown,
            },
            Shape::Power(..) | Shape::Beyond(_) => Germ::Unknown,
            Shape::Exponential(rate, p, q) => like(Size {
                factor: rate,
                shape: Shape::Power(p, q),
            }),
        }
    }

    /// f(x) for a function that is smooth with f(0) = 0 and slope `slope` at 0; none where x does
    /// not tend to 0.
    pub(super) fn through_zero(self, slope: f64) -> Option<Germ> {
        match self {
            Germ::Zero => Some(Germ::Zero),
            Germ::Like(size, _) if size.shape.direction() == Some(Ordering::Less) => {
                like(size).times(constant(number(slope))).into()
            }
            Germ::Like(..) | Germ::AtMost(_) | Germ::Unknown => None,
        }
    }

    /// The sign with which it tends to ±∞.
    pub(super) fn towards_infinity(self) -> Option<f64> {
        match self {
            Germ::Like(size, _) if size.shape.direction() == Some(Ordering::Greater) => {
                sign(size.factor)
            }
            Germ::Zero | Germ::Like(..) | Germ::AtMost(_) | Germ::Unknown => None,
        }
    }
}

/// exp of a growing factor·tᵖ(log t)^q, of which the lower orders are not known.
fn exponential(factor: Interval, p: Interval, q: Interval) -> Shape {
    let unit = number(1.0);
    if !is_zero(p) || q.lo() > 1.0 {
        return Shape::Exponential(widened(factor), p, q);
    }
    if q == unit {
        return Shape::Power(widened(factor), number(0.0));
    }
    // Below every power of t.
    Shape::Power(widened(number(0.0)), number(0.0))
}

/// A sum of which one term outgrows the other.
fn dominant(a: Size, rest: Rest, b: Size) -> Germ {
    let rest = if a.shape.is_constant() {
        sum_of_rests(rest, Rest::Known(b))
    } else {
        Rest::Unknown
    };
    Germ::Like(a, rest)
}

/// A sum of two terms of one order.
fn balanced((a, ra): (Size, Rest), (b, rb): (Size, Rest)) -> Germ {
    let factor = add(a.factor, b.factor);
    let rest = if a.shape.is_constant() {
        sum_of_rests(ra, rb)
    } else {
        Rest::Unknown
    };
    if sign(factor).is_some() {
        let shape = a.shape;
        return Germ::Like(Size { factor, shape }, rest);
    }
    if is_zero(factor) && a.shape.is_constant() {
        return match rest {
            Rest::Zero => Germ::Zero,
            Rest::Known(r) => like(r),
            Rest::Unknown => bounded(),
        };
    }
    Germ::AtMost(a.shape)
}

fn scaled(rest: Rest, by: Size) -> Rest {
    match rest {
        Rest::Zero => Rest::Zero,
        Rest::Known(r) => r.times(by).map_or(Rest::Unknown, Rest::Known),
        Rest::Unknown => Rest::Unknown,
    }
}

fn sum_of_rests(a: Rest, b: Rest) -> Rest {
    match (a, b) {
        (Rest::Zero, x) | (x, Rest::Zero) => x,
        (Rest::Unknown, _) | (_, Rest::Unknown) => Rest::Unknown,
        (Rest::Known(a), Rest::Known(b)) => match like(a).plus(like(b)) {
            Germ::Like(size, _) => Rest::Known(size),
            Germ::Zero | Germ::AtMost(_) | Germ::Unknown => Rest::Unknown,
        },
    }
}

impl Germ {
    /// The same size with any sign.
    pub(super) fn bounded(self) -> Germ {
        match self {
            Germ::Like(size, _) => Germ::AtMost(size.shape),
            Germ::Zero | Germ::AtMost(_) | Germ::Unknown => self,
        }
    }

    pub(super) fn abs(self) -> Germ {
        match self.sign() {
            Some(s) if s < 0.0 => self.negated(),
            Some(_) => self,
            None => self.bounded(),
        }
    }
}

impl Germ {
    /// An enclosure of the limit, infinite ones included.
    pub(crate) fn limit(self) -> Option<Interval> {
        let zero = Some(number(0.0));
        match self {
            Germ::Zero => zero,
            Germ::Like(size, _) => match size.shape.direction()? {
                Ordering::Less => zero,
                Ordering::Equal => Some(size.factor),
                Ordering::Greater => sign(size.factor).map(|s| number(s * f64::INFINITY)),
            },
            Germ::AtMost(shape) => match shape.direction()? {
                Ordering::Less => zero,
                Ordering::Equal | Ordering::Greater => None,
            },
            Germ::Unknown => None,
        }
    }

    /// What is left of a term that has a limit other than 0 once that is taken away; none where it has
    /// none.
    pub(super) fn rest(self) -> Option<Germ> {
        match self {
            Germ::Like(size, rest) if size.shape.is_constant() => Some(match rest {
                Rest::Zero => Germ::Zero,
                Rest::Known(size) => like(size),
                Rest::Unknown => Germ::Unknown,
            }),
            Germ::Zero | Germ::Like(..) | Germ::AtMost(_) | Germ::Unknown => None,
        }
    }

    /// The same of a sum of two.
    pub(super) fn rest_of_sum(self, other: Germ) -> Option<Germ> {
        Some(self.rest()?.plus(other.rest()?))
    }

    /// A limit other than 0, and what is left beside it.
    pub(super) fn constant_with(value: Interval, rest: Germ) -> Germ {
        let rest = match rest {
            Germ::Zero => Rest::Zero,
            Germ::Like(size, _) => Rest::Known(size),
            Germ::AtMost(_) | Germ::Unknown => Rest::Unknown,
        };
        Germ::Like(Size::constant(value), rest)
    }

    /// The shape of e to this, up to a constant factor.
    pub(crate) fn exp_of_log(self) -> Option<Shape> {
        self.exp().bound().ok()?
    }

    /// The shape where the leading term is known, and not only a bound.
    pub(super) fn exact_shape(self) -> Option<Shape> {
        match self {
            Germ::Like(size, _) => sign(size.factor).map(|_| size.shape),
            Germ::Zero | Germ::AtMost(_) | Germ::Unknown => None,
        }
    }

    /// Whether it certainly does not tend to 0.
    pub(crate) fn is_away_from_zero(self) -> bool {
        match self {
            Germ::Like(size, _) => size.shape.direction().is_some_and(|d| d != Ordering::Less),
            Germ::Zero | Germ::AtMost(_) | Germ::Unknown => false,
        }
    }
}
