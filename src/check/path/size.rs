//! How large something becomes as t → ∞, up to a factor 1 + o(1): c·tᵖ(log t)^q, or
//! ±exp(r·tᵖ(log t)^q·(1 + o(1))), or beyond that.
//!
//! Exponents are intervals that hold the true ones, so a comparison is made only where it holds for
//! all of them. Where a lower-order factor is dropped, the exponent is widened by [`SLACK`]: the
//! factor is between t^−δ and t^δ for every δ > 0, once t is large.

use crate::number::{Binary, Interval, Number, Unary};
use std::cmp::Ordering;

/// What a dropped factor of lower order may add to an exponent.
const SLACK: f64 = 1e-9;

/// The order of growth, without factor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Shape {
    /// tᵖ(log t)^q.
    Power(Interval, Interval),
    /// exp(rate·tᵖ(log t)^q·(1 + o(1))), where tᵖ(log t)^q outgrows log t.
    Exponential(Interval, Interval, Interval),
    /// Larger than every exponential, or (false) smaller.
    Beyond(bool),
}

/// A size with its factor; only its sign counts where the shape is no power.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Size {
    /// The factor, never 0.
    pub(crate) factor: Interval,
    /// The order.
    pub(crate) shape: Shape,
}

/// A point interval.
pub(crate) fn number(value: f64) -> Interval {
    Interval::point(value)
}

pub(crate) fn add(x: Interval, y: Interval) -> Interval {
    Interval::binary(Binary::Add, &x, &y, &())
}

pub(crate) fn mul(x: Interval, y: Interval) -> Interval {
    Interval::binary(Binary::Mul, &x, &y, &())
}

pub(crate) fn div(x: Interval, y: Interval) -> Interval {
    Interval::binary(Binary::Div, &x, &y, &())
}

pub(crate) fn neg(x: Interval) -> Interval {
    Interval::unary(Unary::Neg, &x, &())
}

/// The same, made wider by what dropped factors may add.
pub(crate) fn widened(x: Interval) -> Interval {
    let slack = SLACK * (1.0 + x.lo().abs().max(x.hi().abs()));
    Interval::new(x.lo() - slack, x.hi() + slack)
}

/// Whether an interval is exactly 0.
pub(crate) fn is_zero(x: Interval) -> bool {
    x.lo() == 0.0 && x.hi() == 0.0
}

/// −1 or 1 where the sign is certain.
pub(crate) fn sign(x: Interval) -> Option<f64> {
    if x.certainly_positive() {
        Some(1.0)
    } else if x.certainly_negative() {
        Some(-1.0)
    } else {
        None
    }
}

/// How two numbers compare, where that is certain.
fn compare(x: Interval, y: Interval) -> Option<Ordering> {
    if x.hi() < y.lo() {
        Some(Ordering::Less)
    } else if y.hi() < x.lo() {
        Some(Ordering::Greater)
    } else if x.lo() == x.hi() && x == y {
        Some(Ordering::Equal)
    } else {
        None
    }
}

/// How two functions tᵖ(log t)^q compare.
fn compare_monomials(
    (p, q): (Interval, Interval),
    (r, s): (Interval, Interval),
) -> Option<Ordering> {
    match compare(p, r)? {
        Ordering::Equal => compare(q, s),
        unequal => Some(unequal),
    }
}

impl Shape {
    /// The shape of a constant.
    pub(crate) fn one() -> Shape {
        Shape::Power(number(0.0), number(0.0))
    }

    /// tᵖ.
    pub(crate) fn power(p: Interval) -> Shape {
        Shape::Power(p, number(0.0))
    }

    /// Whether it is exactly constant.
    pub(crate) fn is_constant(self) -> bool {
        matches!(self, Shape::Power(p, q) if is_zero(p) && is_zero(q))
    }

    /// Whether it tends to ∞ (1), to 0 (−1), or is constant (0), where that is certain.
    pub(crate) fn direction(self) -> Option<Ordering> {
        let zero = number(0.0);
        match self {
            Shape::Power(p, q) => compare_monomials((p, q), (zero, zero)),
            Shape::Exponential(rate, ..) => compare(rate, zero),
            Shape::Beyond(grows) => Some(if grows {
                Ordering::Greater
            } else {
                Ordering::Less
            }),
        }
    }

    /// The shape of a product; none where the orders cancel.
    pub(crate) fn times(self, other: Shape) -> Option<Shape> {
        Some(match (self, other) {
            (Shape::Beyond(a), Shape::Beyond(b)) => {
                if a != b {
                    return None;
                }
                self
            }
            (Shape::Beyond(_), _) => self,
            (_, Shape::Beyond(_)) => other,
            (Shape::Power(p, q), Shape::Power(r, s)) => Shape::Power(add(p, r), add(q, s)),
            (Shape::Exponential(rate, p, q), Shape::Power(..))
            | (Shape::Power(..), Shape::Exponential(rate, p, q)) => {
                Shape::Exponential(widened(rate), p, q)
            }
            (Shape::Exponential(a, p, q), Shape::Exponential(b, r, s)) => {
                match compare_monomials((p, q), (r, s))? {
                    Ordering::Greater => Shape::Exponential(widened(a), p, q),
                    Ordering::Less => Shape::Exponential(widened(b), r, s),
                    Ordering::Equal => {
                        // Rates that cancel leave a bound e^(δ·tᵖ…), of no known direction.
                        Shape::Exponential(widened(add(a, b)), p, q)
                    }
                }
            }
        })
    }

    /// The shape of a power with a fixed exponent.
    pub(crate) fn raised(self, exponent: Interval) -> Option<Shape> {
        let direction = sign(exponent)?;
        Some(match self {
            Shape::Power(p, q) => Shape::Power(mul(p, exponent), mul(q, exponent)),
            Shape::Exponential(rate, p, q) => Shape::Exponential(mul(rate, exponent), p, q),
            Shape::Beyond(grows) => Shape::Beyond(grows == (direction > 0.0)),
        })
    }

    /// How two sizes compare in the end.
    pub(crate) fn outgrows(self, other: Shape) -> Option<Ordering> {
        // Each shape on a scale: −2 and 2 beyond, −1 and 1 exponential, 0 a power.
        let level = |shape: Shape| {
            let direction = shape.direction()? as i32;
            Some(match shape {
                Shape::Beyond(_) => 2 * direction,
                Shape::Exponential(..) => direction,
                Shape::Power(..) => 0,
            })
        };
        if let (Shape::Power(p, q), Shape::Power(r, s)) = (self, other) {
            return compare_monomials((p, q), (r, s));
        }
        let (a, b) = (level(self)?, level(other)?);
        if a != b {
            return Some(a.cmp(&b));
        }
        match (self, other) {
            (Shape::Exponential(x, p, q), Shape::Exponential(y, r, s)) => {
                match compare_monomials((p, q), (r, s))? {
                    Ordering::Equal => compare(x, y).filter(|o| *o != Ordering::Equal),
                    more if a > 0 => Some(more),
                    more => Some(more.reverse()),
                }
            }
            _ => None,
        }
    }

    /// A shape that neither outgrows; none where the orders are too far apart to tell.
    pub(crate) fn join(self, other: Shape) -> Option<Shape> {
        let larger = |x: Interval, y: Interval| {
            widened(Interval::new(x.lo().max(y.lo()), x.hi().max(y.hi())))
        };
        match self.outgrows(other) {
            Some(Ordering::Less) => Some(other),
            Some(Ordering::Greater | Ordering::Equal) => Some(self),
            None => match (self, other) {
                (Shape::Power(p, _), Shape::Power(r, _)) => Some(Shape::power(larger(p, r))),
                (Shape::Exponential(a, p, q), Shape::Exponential(b, r, s)) => {
                    let same = compare_monomials((p, q), (r, s))? == Ordering::Equal;
                    same.then(|| Shape::Exponential(larger(a, b), p, q))
                }
                _ => None,
            },
        }
    }

    /// Whether its integral to ∞ is finite (true), infinite (false), or not known.
    pub(crate) fn is_integrable(self) -> Option<bool> {
        match self {
            Shape::Power(p, q) => match compare(p, number(-1.0))? {
                Ordering::Less => Some(true),
                Ordering::Greater => Some(false),
                Ordering::Equal => Some(compare(q, number(-1.0))? == Ordering::Less),
            },
            Shape::Exponential(..) | Shape::Beyond(_) => Some(self.direction()? == Ordering::Less),
        }
    }

    /// The order of the logarithm: its monomial, and its coefficient in it.
    pub(crate) fn logarithm(self) -> Option<((Interval, Interval), Interval)> {
        match self {
            Shape::Power(p, q) => {
                let rate = if is_zero(q) { p } else { widened(p) };
                Some(((number(0.0), number(1.0)), rate))
            }
            Shape::Exponential(rate, p, q) => Some(((p, q), rate)),
            Shape::Beyond(_) => None,
        }
    }
}

/// The largest k for which |z|ᵏ·rest is integrable, as an interval that holds it; ±∞ where every
/// or no k will do. `z` does not tend to 0 or a constant faster than it grows: it counts as 1 + |z|.
pub(crate) fn largest_power(z: Shape, rest: Shape) -> Option<Interval> {
    let (all, none) = (number(f64::INFINITY), number(f64::NEG_INFINITY));
    let without_z = |fits: bool| if fits { all } else { none };
    if z.direction()? != Ordering::Greater {
        return rest.is_integrable().map(without_z);
    }
    let (Some((zm, zr)), Some((rm, rr))) = (z.logarithm(), rest.logarithm()) else {
        return match (z, rest) {
            (Shape::Beyond(_), Shape::Beyond(_)) => None,
            (_, Shape::Beyond(grows)) => Some(without_z(!grows)),
            _ => None,
        };
    };
    let threshold = |m: (Interval, Interval)| {
        // A power of t is integrable below −1, an exponential below 0.
        number(if is_zero(m.0) && m.1 == number(1.0) {
            -1.0
        } else {
            0.0
        })
    };
    if sign(zr).is_none() {
        // Below every power of t: it matters only where nothing is to spare.
        let spare = compare(rr, threshold(rm))? != Ordering::Equal;
        return rest.is_integrable().filter(|_| spare).map(without_z);
    }
    match compare_monomials(zm, rm)? {
        Ordering::Less => rest.is_integrable().map(without_z),
        Ordering::Greater => rest.is_integrable()?.then(|| number(0.0)),
        Ordering::Equal => Some(div(add(threshold(zm), neg(rr)), zr)),
    }
}

impl Size {
    /// A constant that is not 0.
    pub(crate) fn constant(factor: Interval) -> Size {
        Size {
            factor,
            shape: Shape::one(),
        }
    }

    /// Both signs exchanged.
    pub(crate) fn negated(self) -> Size {
        Size {
            factor: neg(self.factor),
            ..self
        }
    }

    /// The product.
    pub(crate) fn times(self, other: Size) -> Option<Size> {
        Some(Size {
            factor: mul(self.factor, other.factor),
            shape: self.shape.times(other.shape)?,
        })
    }

    /// A power with a fixed exponent of a positive size.
    pub(crate) fn raised(self, exponent: Interval) -> Option<Size> {
        let factor = Interval::binary(Binary::Pow, &self.factor, &exponent, &());
        sign(factor)?;
        Some(Size {
            factor,
            shape: self.shape.raised(exponent)?,
        })
    }
}
