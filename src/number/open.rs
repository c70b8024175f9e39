//! Intervals that know which of their ends are not attained, and where a formula is continuous.
//!
//! An [`Open`] holds the values of a formula on a box whose coordinates are real numbers. Its law
//! (test `open_intervals_hold_what_is_inside` in `tests/rigour/open.rs`): where it is *regular*, the formula has
//! a finite value at every point of the box and is continuous there, the value lies in the
//! interval, and it is not an end that is marked open. So `exp(x)` is known to be positive on the
//! whole line, where the closed interval [0, ∞] is not. Where it is not regular nothing is known:
//! the marks of the ends are then void.

use super::{Binary, Interval, Number, Rational, Ternary, Unary};

/// All values of a formula on a box.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Open {
    range: Interval,
    open_lo: bool,
    open_hi: bool,
    regular: bool,
}

impl Open {
    /// The real numbers between two ends, which are themselves no values where they are open;
    /// infinite ends always are.
    pub fn between((lo, open_lo): (f64, bool), (hi, open_hi): (f64, bool)) -> Open {
        Open::of(Interval::new(lo, hi), open_lo, open_hi, true)
    }

    fn of(range: Interval, open_lo: bool, open_hi: bool, regular: bool) -> Open {
        Open {
            range: Interval::new(range.lo(), range.hi()),
            open_lo: regular && (open_lo || range.lo() == f64::NEG_INFINITY),
            open_hi: regular && (open_hi || range.hi() == f64::INFINITY),
            regular,
        }
    }

    /// The two ends, and whether each is known not to be a value.
    pub fn ends(&self) -> [(f64, bool); 2] {
        [
            (self.range.lo(), self.open_lo),
            (self.range.hi(), self.open_hi),
        ]
    }

    /// Whether the formula is finite and continuous on the whole box.
    pub fn is_regular(&self) -> bool {
        self.regular
    }

    /// It has a value everywhere, above 0.
    pub fn is_positive(&self) -> bool {
        self.regular && (self.range.lo() > 0.0 || (self.range.lo() == 0.0 && self.open_lo))
    }

    /// It has a value everywhere, below 0.
    pub fn is_negative(&self) -> bool {
        self.regular && (self.range.hi() < 0.0 || (self.range.hi() == 0.0 && self.open_hi))
    }

    /// Every value is above a number.
    fn is_above(&self, bound: f64) -> bool {
        self.regular && (self.range.lo() > bound || (self.range.lo() == bound && self.open_lo))
    }

    /// Every value is below a number.
    fn is_below(&self, bound: f64) -> bool {
        self.regular && (self.range.hi() < bound || (self.range.hi() == bound && self.open_hi))
    }

    fn sign(&self) -> Option<bool> {
        match (self.is_positive(), self.is_negative()) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            (false, false) => None,
        }
    }

    /// The same, known to be above a number.
    fn above(self, bound: f64) -> Open {
        if !self.regular || self.range.lo() > bound {
            return self;
        }
        let range = Interval::new(bound, self.range.hi().max(bound));
        Open::of(range, true, self.open_hi, true)
    }

    /// The same, known to be below a number.
    fn below(self, bound: f64) -> Open {
        if !self.regular || self.range.hi() < bound {
            return self;
        }
        let range = Interval::new(self.range.lo().min(bound), bound);
        Open::of(range, self.open_lo, true, true)
    }

    /// The same, known to have the sign of another.
    fn like(self, x: &Open) -> Open {
        match x.sign() {
            Some(true) => self.above(0.0),
            Some(false) => self.below(0.0),
            None => self,
        }
    }

    /// A regular value of known sign, in a range that may touch 0.
    fn signed(range: Interval, positive: bool) -> Open {
        let value = Open::of(range, false, false, true);
        if positive {
            value.above(0.0)
        } else {
            value.below(0.0)
        }
    }

    /// The value of an operator that is continuous wherever it has a value, given whether it has one
    /// on the whole box; a bounded range shows that too.
    fn continuous(range: Interval, known: bool, regular_arguments: bool) -> Open {
        Open::of(
            range,
            false,
            false,
            regular_arguments && (known || range.is_finite()),
        )
    }

    /// The value of an increasing operator.
    fn increasing(range: Interval, x: &Open, known: bool) -> Open {
        let regular = x.regular && (known || range.is_finite());
        Open::of(range, x.open_lo, x.open_hi, regular)
    }

    /// The value of a decreasing operator.
    fn decreasing(range: Interval, x: &Open, known: bool) -> Open {
        let regular = x.regular && (known || range.is_finite());
        Open::of(range, x.open_hi, x.open_lo, regular)
    }

    /// The value of an operator that jumps: regular only where it is constant.
    fn stepped(range: Interval, x: &Open) -> Open {
        let constant = range.is_finite() && range.lo() == range.hi();
        Open::of(range, false, false, x.regular && constant)
    }

    /// A truth value; undecided ones are not regular, as what is chosen by them may jump.
    fn truth(value: Option<bool>) -> Open {
        let (lo, hi) = value.map_or((0.0, 1.0), |v| (f64::from(v), f64::from(v)));
        Open::of(Interval::new(lo, hi), false, false, value.is_some())
    }

    fn as_truth(&self) -> Option<bool> {
        let (lo, hi) = (self.range.lo(), self.range.hi());
        let known = self.regular && lo == hi && (lo == 0.0 || lo == 1.0);
        known.then_some(lo == 1.0)
    }

    fn power(range: Interval, x: &Open, y: &Open) -> Open {
        let both = x.regular && y.regular;
        if x.is_positive() && y.regular {
            return Open::signed(range, true);
        }
        // Of other bases only constant integer exponents are continuous.
        let exponent = y.range.lo();
        let is_integer = both && exponent == y.range.hi() && exponent.fract() == 0.0;
        if !is_integer || exponent.abs() > 1e9 {
            return Open::of(range, false, false, false);
        }
        let even = (exponent / 2.0).fract() == 0.0;
        match x.sign() {
            Some(positive) => Open::signed(range, positive || even),
            None => Open::of(range, false, false, exponent >= 0.0),
        }
    }
}

impl Number for Open {
    type Context = ();

    fn rational(value: &Rational, (): &()) -> Open {
        let range = Interval::rational(value, &());
        match (range.lo() >= 0.0, range.hi() <= 0.0) {
            (true, true) => Open::of(range, false, false, true),
            (true, false) => Open::signed(range, true),
            (false, true) => Open::signed(range, false),
            (false, false) => Open::of(range, false, false, true),
        }
    }

    fn pi((): &()) -> Open {
        Open::of(Interval::pi(&()), false, false, true)
    }

    fn infinity((): &()) -> Open {
        Open::of(Interval::infinity(&()), false, false, false)
    }

    fn unary(operator: Unary, x: &Open, (): &()) -> Open {
        let range = Interval::unary(operator, &x.range, &());
        let known = x.regular;
        match operator {
            Unary::Neg => Open::decreasing(range, x, known),
            Unary::Exp | Unary::Softplus => Open::increasing(range, x, known).above(0.0),
            Unary::Sigmoid | Unary::NormalCdf => {
                Open::increasing(range, x, known).above(0.0).below(1.0)
            }
            Unary::Erfc => Open::decreasing(range, x, known).above(0.0).below(2.0),
            Unary::Log => {
                let value = Open::increasing(range, x, x.is_positive());
                match (x.is_above(1.0), x.is_below(1.0)) {
                    (true, _) => value.above(0.0),
                    (_, true) => value.below(0.0),
                    (false, false) => value,
                }
            }
            Unary::Log1p => Open::increasing(range, x, x.is_above(-1.0)).like(x),
            Unary::Sqrt => Open::increasing(range, x, x.is_positive()).like(x),
            Unary::Acosh => Open::increasing(range, x, x.is_above(1.0)),
            Unary::Atanh | Unary::ErfInv => {
                Open::increasing(range, x, x.is_above(-1.0) && x.is_below(1.0)).like(x)
            }
            Unary::NormalIcdf => Open::increasing(range, x, x.is_above(0.0) && x.is_below(1.0)),
            Unary::Tanh | Unary::Erf | Unary::BesselRatio => {
                let value = Open::increasing(range, x, known).like(x);
                value.above(-1.0).below(1.0)
            }
            Unary::Expm1 | Unary::Atan | Unary::Sinh | Unary::Asinh | Unary::StopGradient => {
                Open::increasing(range, x, known).like(x)
            }
            Unary::NormalLogCdf => Open::increasing(range, x, known).below(0.0),
            Unary::Asin => Open::increasing(range, x, false).like(x),
            Unary::Acos => Open::decreasing(range, x, false),
            Unary::Abs => match x.sign() {
                Some(true) => *x,
                Some(false) => Open::of(range, x.open_hi, x.open_lo, true),
                None => Open::continuous(range, known, known),
            },
            Unary::Sign => match x.sign() {
                Some(true) => Open::of(Interval::point(1.0), false, false, true),
                Some(false) => Open::of(Interval::point(-1.0), false, false, true),
                None => Open::stepped(range, x),
            },
            Unary::Floor | Unary::Ceil | Unary::Round => Open::stepped(range, x),
            Unary::Sin | Unary::Cos | Unary::Cosh | Unary::LogBesselI0 => {
                Open::continuous(range, known, known)
            }
            Unary::Tan => Open::continuous(range, false, known),
            Unary::Lgamma => Open::continuous(range, x.is_positive(), known),
            Unary::Polygamma(order) if x.is_positive() => {
                // ψ⁽ⁿ⁾ has the sign of (−1)ⁿ⁺¹ for n ≥ 1.
                if order == 0 {
                    Open::increasing(range, x, true)
                } else {
                    Open::signed(range, order % 2 == 1)
                }
            }
            Unary::Polygamma(_) => Open::continuous(range, false, known),
            Unary::Not => Open::truth(x.as_truth().map(|v| !v)),
        }
    }

    fn binary(operator: Binary, x: &Open, y: &Open, (): &()) -> Open {
        let range = Interval::binary(operator, &x.range, &y.range, &());
        let both = x.regular && y.regular;
        match operator {
            Binary::Add => Open::of(range, x.open_lo || y.open_lo, x.open_hi || y.open_hi, both),
            Binary::Sub => Open::of(range, x.open_lo || y.open_hi, x.open_hi || y.open_lo, both),
            Binary::Mul => match (x.sign(), y.sign()) {
                (Some(a), Some(b)) => Open::signed(range, a == b),
                (None, _) | (_, None) => Open::of(range, false, false, both),
            },
            Binary::Div => match (x.sign(), y.sign()) {
                (Some(a), Some(b)) => Open::signed(range, a == b),
                (None, Some(_)) => Open::of(range, false, false, both),
                (_, None) => Open::of(range, false, false, false),
            },
            Binary::Pow => Open::power(range, x, y),
            Binary::Min => {
                let positive = x.is_positive() && y.is_positive();
                let negative = (x.is_negative() && y.regular) || (y.is_negative() && x.regular);
                match (positive, negative) {
                    (true, _) => Open::signed(range, true),
                    (_, true) => Open::signed(range, false),
                    (false, false) => Open::of(range, false, false, both),
                }
            }
            Binary::Max => {
                let positive = (x.is_positive() && y.regular) || (y.is_positive() && x.regular);
                let negative = x.is_negative() && y.is_negative();
                match (positive, negative) {
                    (true, _) => Open::signed(range, true),
                    (_, true) => Open::signed(range, false),
                    (false, false) => Open::of(range, false, false, both),
                }
            }
            // Jumps wherever x/y is an integer.
            Binary::Mod => Open::of(range, false, false, false),
            // Jumps across the half-line where its second argument is negative.
            Binary::Atan2 => Open::continuous(range, false, both && y.is_positive()),
            Binary::GammaP | Binary::GammaQ | Binary::GammaPDa => {
                let known = x.is_positive() && (y.is_above(0.0) || y.range.lo() >= 0.0);
                Open::continuous(range, false, both && known)
            }
            Binary::Less => Open::truth(if !both {
                None
            } else if x.is_below(y.range.lo()) || y.is_above(x.range.hi()) {
                Some(true)
            } else if x.range.lo() >= y.range.hi() {
                Some(false)
            } else {
                None
            }),
            Binary::LessEqual => Open::truth(if !both {
                None
            } else if x.range.hi() <= y.range.lo() {
                Some(true)
            } else if x.is_above(y.range.hi()) || y.is_below(x.range.lo()) {
                Some(false)
            } else {
                None
            }),
            Binary::Equal => {
                let apart = x.is_below(y.range.lo())
                    || y.is_above(x.range.hi())
                    || x.is_above(y.range.hi())
                    || y.is_below(x.range.lo());
                Open::truth((both && apart).then_some(false))
            }
            Binary::And => Open::truth(match (x.as_truth(), y.as_truth()) {
                (Some(a), Some(b)) => Some(a && b),
                (Some(false), None) | (None, Some(false)) => Some(false),
                (Some(true) | None, None) | (None, Some(true)) => None,
            }),
            Binary::Or => Open::truth(match (x.as_truth(), y.as_truth()) {
                (Some(a), Some(b)) => Some(a || b),
                (Some(true), None) | (None, Some(true)) => Some(true),
                (Some(false) | None, None) | (None, Some(false)) => None,
            }),
        }
    }

    fn ternary(operator: Ternary, x: &Open, y: &Open, z: &Open, (): &()) -> Open {
        let range = Interval::ternary(operator, &x.range, &y.range, &z.range, &());
        match operator {
            Ternary::Select => match x.as_truth() {
                Some(true) => *y,
                Some(false) => *z,
                None => Open::of(range, false, false, false),
            },
            Ternary::BetaInc | Ternary::BetaIncDa => {
                let inside = z.range.lo() >= 0.0 && z.range.hi() <= 1.0;
                let known = x.is_positive() && y.is_positive() && z.regular && inside;
                Open::continuous(range, false, known)
            }
        }
    }
}
