//! What is known of a number's sign, and of the range it lies in.

use super::coefficient::Coefficient;

/// A set of possible signs; all three when nothing is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Signs(u8);

impl Signs {
    /// x < 0.
    pub const NEGATIVE: Signs = Signs(1);
    /// x = 0.
    pub const ZERO: Signs = Signs(2);
    /// x > 0.
    pub const POSITIVE: Signs = Signs(4);
    /// x ≤ 0.
    pub const NONPOSITIVE: Signs = Signs(3);
    /// x ≥ 0.
    pub const NONNEGATIVE: Signs = Signs(6);
    /// x ≠ 0.
    pub const NONZERO: Signs = Signs(5);
    /// No number: what is known contradicts itself.
    pub const NONE: Signs = Signs(0);
    /// Nothing known.
    pub const UNKNOWN: Signs = Signs(7);

    /// Whether these are among those.
    pub fn within(self, others: Signs) -> bool {
        self.0 & !others.0 == 0
    }

    /// What is in both.
    #[must_use]
    pub fn and(self, other: Signs) -> Signs {
        Signs(self.0 & other.0)
    }

    /// What is in either.
    #[must_use]
    pub fn or(self, other: Signs) -> Signs {
        Signs(self.0 | other.0)
    }

    /// What is left without some.
    #[must_use]
    pub fn without(self, others: Signs) -> Signs {
        Signs(self.0 & !others.0)
    }

    /// Whether no sign is possible: what is assumed contradicts itself.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The signs of −x.
    #[must_use]
    pub fn negated(self) -> Signs {
        Signs((self.0 & 2) | ((self.0 & 1) << 2) | ((self.0 & 4) >> 2))
    }

    /// The signs of x·y.
    #[must_use]
    pub fn times(self, other: Signs) -> Signs {
        let mut result = 0;
        for (a, sign_a) in [(1u8, -1i32), (2, 0), (4, 1)] {
            for (b, sign_b) in [(1u8, -1i32), (2, 0), (4, 1)] {
                if self.0 & a != 0 && other.0 & b != 0 {
                    result |= 1 << (sign_a * sign_b + 1);
                }
            }
        }
        Signs(result)
    }

    /// The signs of x + y.
    #[must_use]
    pub fn plus(self, other: Signs) -> Signs {
        let opposite = |a: Signs, b: Signs| {
            !a.and(Signs::NEGATIVE).is_empty() && !b.and(Signs::POSITIVE).is_empty()
        };
        if opposite(self, other) || opposite(other, self) {
            return Signs::UNKNOWN;
        }
        let mut result = self.or(other);
        if !Signs::ZERO.within(self) || !Signs::ZERO.within(other) {
            result = result.without(Signs::ZERO);
        }
        result
    }

    /// The signs of xⁿ, n ≠ 0.
    #[must_use]
    pub fn to_the(self, n: i32) -> Signs {
        if n % 2 == 0 {
            self.times(self).and(if Signs::ZERO.within(self) {
                Signs::NONNEGATIVE
            } else {
                Signs::POSITIVE
            })
        } else {
            self
        }
    }

    /// The sign of a constant.
    pub(super) fn of(c: &Coefficient) -> Signs {
        Signs(1 << (c.signum() + 1))
    }

    /// As a relation to zero.
    pub fn relation(self) -> &'static str {
        match self.0 {
            1 => "< 0",
            2 => "= 0",
            3 => "<= 0",
            4 => "> 0",
            5 => "!= 0",
            6 => ">= 0",
            7 => "is a number",
            _ => "is impossible",
        }
    }
}

/// An end of a range: a number, and whether it is left out; none is infinite.
pub(super) type End = Option<(Coefficient, bool)>;

/// Between two ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) low: End,
    pub(super) high: End,
}

impl Range {
    pub(super) const ALL: Range = Range {
        low: None,
        high: None,
    };

    /// Between two integers, left out.
    pub(super) fn between(low: Option<i64>, high: Option<i64>) -> Range {
        let end = |n: Option<i64>| n.map(|n| (Coefficient::integer(n), true));
        Range {
            low: end(low),
            high: end(high),
        }
    }

    /// The same between two integers that belong to it.
    pub(super) fn including(low: Option<i64>, high: Option<i64>) -> Range {
        let end = |n: Option<i64>| n.map(|n| (Coefficient::integer(n), false));
        Range {
            low: end(low),
            high: end(high),
        }
    }

    /// Every number with one of these signs.
    pub(super) fn of_signs(signs: Signs) -> Range {
        let end = |below: bool| {
            let strict = !Signs::ZERO.within(signs);
            below.then_some((Coefficient::ZERO, strict))
        };
        Range {
            low: end(!Signs::NEGATIVE.within(signs)),
            high: end(!Signs::POSITIVE.within(signs)),
        }
    }

    pub(super) fn signs(&self) -> Signs {
        let mut signs = Signs::UNKNOWN;
        if let Some((low, open)) = &self.low {
            if low.signum() >= 0 {
                signs = signs.without(Signs::NEGATIVE);
            }
            if low.signum() > 0 || (low.is_zero() && *open) {
                signs = signs.without(Signs::ZERO);
            }
        }
        if let Some((high, open)) = &self.high {
            if high.signum() <= 0 {
                signs = signs.without(Signs::POSITIVE);
            }
            if high.signum() < 0 || (high.is_zero() && *open) {
                signs = signs.without(Signs::ZERO);
            }
        }
        signs
    }

    pub(super) fn plus(&self, other: &Range) -> Range {
        let sum = |a: &End, b: &End| match (a, b) {
            (Some((x, p)), Some((y, q))) => Some((x.add(y), *p || *q)),
            _ => None,
        };
        Range {
            low: sum(&self.low, &other.low),
            high: sum(&self.high, &other.high),
        }
    }

    pub(super) fn scaled(&self, factor: &Coefficient) -> Range {
        let times = |end: &End| end.as_ref().map(|(x, open)| (x.mul(factor), *open));
        let (low, high) = (times(&self.low), times(&self.high));
        if factor.signum() < 0 {
            Range {
                low: high,
                high: low,
            }
        } else {
            Range { low, high }
        }
    }

    /// The product, as far as signs allow to say.
    pub(super) fn times(&self, other: &Range) -> Range {
        let (a, b) = (self.signs(), other.signs());
        let minus = Coefficient::integer(-1);
        let up = |range: &Range, signs: Signs| {
            if signs.within(Signs::NONNEGATIVE) {
                Some((range.clone(), false))
            } else if signs.within(Signs::NONPOSITIVE) {
                Some((range.scaled(&minus), true))
            } else {
                None
            }
        };
        let (Some((x, flip_x)), Some((y, flip_y))) = (up(self, a), up(other, b)) else {
            return Range::of_signs(a.times(b));
        };
        let low = match (&x.low, &y.low) {
            (Some((p, open_p)), Some((q, open_q))) => {
                let product = p.mul(q);
                let open = if product.is_zero() {
                    // Positive just when both are.
                    !Signs::ZERO.within(a) && !Signs::ZERO.within(b)
                } else {
                    *open_p || *open_q
                };
                Some((product, open))
            }
            _ => Some((Coefficient::ZERO, false)),
        };
        let high = match (&x.high, &y.high) {
            (Some((p, open_p)), Some((q, open_q))) => {
                let product = p.mul(q);
                // Where one is zero so is the product, however the other is bounded.
                let open = !product.is_zero() && (*open_p || *open_q);
                Some((product, open))
            }
            _ => None,
        };
        let product = Range { low, high };
        if flip_x != flip_y {
            product.scaled(&minus)
        } else {
            product
        }
    }

    /// 1/x, x of one sign; everything where that is not known.
    pub(super) fn inverted(&self) -> Range {
        let signs = self.signs();
        if signs == Signs::NEGATIVE {
            let minus = Coefficient::integer(-1);
            return self.scaled(&minus).inverted().scaled(&minus);
        }
        if signs != Signs::POSITIVE {
            return Range::ALL;
        }
        let flip = |end: &End| {
            end.as_ref()
                .and_then(|(x, open)| x.recip().map(|r| (r, *open)))
        };
        Range {
            low: flip(&self.high).or(Some((Coefficient::ZERO, true))),
            high: flip(&self.low),
        }
    }

    /// |x|: bounded above where x is bounded on both sides.
    pub(super) fn sizes(&self) -> Range {
        let high = match (&self.low, &self.high) {
            (Some((low, p)), Some((high, q))) => {
                let below = low.neg();
                Some(match below.add(&high.neg()).signum() {
                    1 => (below, *p),
                    0 => (below, *p && *q),
                    _ => (high.clone(), *q),
                })
            }
            (None, _) | (_, None) => None,
        };
        Range {
            low: Some((Coefficient::ZERO, false)),
            high,
        }
    }

    /// What is in both.
    pub(super) fn and(&self, other: &Range) -> Range {
        let pick = |a: &End, b: &End, larger: i32| match (a, b) {
            (Some((x, p)), Some((y, q))) => {
                let order = x.add(&y.neg()).signum() * larger;
                Some(match order {
                    1 => (x.clone(), *p),
                    0 => (x.clone(), *p || *q),
                    _ => (y.clone(), *q),
                })
            }
            (Some(end), None) | (None, Some(end)) => Some(end.clone()),
            (None, None) => None,
        };
        Range {
            low: pick(&self.low, &other.low, 1),
            high: pick(&self.high, &other.high, -1),
        }
    }
}

impl Range {
    /// One number.
    pub(super) fn constant(c: &Coefficient) -> Range {
        let end = Some((c.clone(), false));
        Range {
            low: end.clone(),
            high: end,
        }
    }
}
