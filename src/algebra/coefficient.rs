//! Exact rational coefficients: two machine words while they last, then any size.
//!
//! Law: agrees with [`Rational`] on every operation (test `coefficients_are_rationals`).

use crate::number::Rational;
use dashu_int::{IBig, UBig};

/// An exact rational number.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Coefficient {
    /// In lowest terms, with a positive denominator.
    Small(i64, i64),
    /// What does not fit.
    Large(Box<Rational>),
}

const fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

impl Coefficient {
    pub(super) const ZERO: Coefficient = Coefficient::Small(0, 1);
    pub(super) const ONE: Coefficient = Coefficient::Small(1, 1);

    pub(super) fn integer(value: i64) -> Coefficient {
        Coefficient::of_wide(i128::from(value), 1)
    }

    /// n/d in lowest terms; d ≠ 0.
    pub(super) fn fraction(n: i64, d: i64) -> Coefficient {
        Coefficient::of_wide(i128::from(n), i128::from(d))
    }

    fn of_wide(n: i128, d: i128) -> Coefficient {
        let (n, d) = if d < 0 { (-n, -d) } else { (n, d) };
        if let (Ok(small), Ok(below)) = (i64::try_from(n), i64::try_from(d))
            && small != i64::MIN
        {
            let common = gcd(small.unsigned_abs(), below.unsigned_abs()).max(1) as i64;
            return Coefficient::Small(small / common, below / common);
        }
        let below = UBig::try_from(IBig::from(d)).expect("invariant: denominators are positive");
        Coefficient::from(&Rational::from_parts(IBig::from(n), below))
    }

    pub(super) fn rational(&self) -> Rational {
        match self {
            Coefficient::Small(n, d) => {
                Rational::from_parts(IBig::from(*n), UBig::from(d.unsigned_abs()))
            }
            Coefficient::Large(value) => (**value).clone(),
        }
    }

    pub(super) fn is_zero(&self) -> bool {
        *self == Coefficient::ZERO
    }

    pub(super) fn is_one(&self) -> bool {
        *self == Coefficient::ONE
    }

    /// −1, 0 or 1.
    pub(super) fn signum(&self) -> i32 {
        match self {
            Coefficient::Small(n, _) => n.signum() as i32,
            Coefficient::Large(value) => {
                if **value > Rational::ZERO {
                    1
                } else {
                    -1
                }
            }
        }
    }

    pub(super) fn neg(&self) -> Coefficient {
        self.mul(&Coefficient::integer(-1))
    }

    pub(super) fn add(&self, other: &Coefficient) -> Coefficient {
        if let (Coefficient::Small(a, b), Coefficient::Small(c, d)) = (self, other)
            && let (Some(left), Some(right)) = (
                i128::from(*a).checked_mul(i128::from(*d)),
                i128::from(*c).checked_mul(i128::from(*b)),
            )
            && let Some(sum) = left.checked_add(right)
        {
            return Coefficient::of_reduced(sum, i128::from(*b) * i128::from(*d));
        }
        Coefficient::from(&(self.rational() + other.rational()))
    }

    pub(super) fn mul(&self, other: &Coefficient) -> Coefficient {
        if let (Coefficient::Small(a, b), Coefficient::Small(c, d)) = (self, other) {
            return Coefficient::of_reduced(
                i128::from(*a) * i128::from(*c),
                i128::from(*b) * i128::from(*d),
            );
        }
        Coefficient::from(&(self.rational() * other.rational()))
    }

    /// Reduces before asking whether two words are enough.
    fn of_reduced(n: i128, d: i128) -> Coefficient {
        let (mut a, mut b) = (n.unsigned_abs(), d.unsigned_abs());
        if u64::try_from(a).is_ok() && u64::try_from(b).is_ok() {
            let common = i128::from(gcd(a as u64, b as u64).max(1));
            return Coefficient::of_wide(n / common, d / common);
        }
        while b != 0 {
            (a, b) = (b, a % b);
        }
        let common = i128::try_from(a.max(1)).unwrap_or(1);
        Coefficient::of_wide(n / common, d / common)
    }

    /// 1/x; none for zero.
    pub(super) fn recip(&self) -> Option<Coefficient> {
        match self {
            Coefficient::Small(0, _) => None,
            Coefficient::Small(n, d) => Some(Coefficient::fraction(*d, *n)),
            Coefficient::Large(value) => {
                Some(Coefficient::from(&(Rational::ONE / (**value).clone())))
            }
        }
    }

    /// The largest integer not above x; none beyond a machine word.
    pub(super) fn floor(&self) -> Option<i64> {
        match self {
            Coefficient::Small(n, d) => Some(n.div_euclid(*d)),
            Coefficient::Large(value) => i64::try_from(&value.floor()).ok(),
        }
    }

    /// The value of an integer that fits a machine word.
    pub(super) fn as_integer(&self) -> Option<i64> {
        match self {
            Coefficient::Small(n, 1) => Some(*n),
            Coefficient::Small(..) | Coefficient::Large(_) => None,
        }
    }
}

impl From<&Rational> for Coefficient {
    fn from(value: &Rational) -> Coefficient {
        match (
            i64::try_from(value.numerator()),
            i64::try_from(value.denominator()),
        ) {
            (Ok(n), Ok(d)) if n != i64::MIN => Coefficient::Small(n, d),
            _ => Coefficient::Large(Box::new(value.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coefficients_are_rationals() {
        let values = [
            0,
            1,
            -1,
            2,
            -7,
            30,
            i64::MAX,
            i64::MIN + 1,
            i64::MIN,
            1 << 40,
            -(1 << 62),
        ];
        for &a in &values {
            for &b in values.iter().filter(|b| **b != 0) {
                for &c in &values {
                    let x = Coefficient::fraction(a, b);
                    let y = Coefficient::fraction(c, 3);
                    let (p, q) = (x.rational(), y.rational());
                    assert_eq!(p, Rational::from(a) / Rational::from(b));
                    assert_eq!(x.add(&y), Coefficient::from(&(p.clone() + q.clone())));
                    assert_eq!(x.mul(&y), Coefficient::from(&(p.clone() * q.clone())));
                    assert_eq!(x.neg(), Coefficient::from(&-p.clone()));
                    assert_eq!(x.signum() > 0, p > Rational::ZERO);
                    assert_eq!(
                        x.floor().map(Rational::from),
                        Some(Rational::from(p.floor())).filter(|f| {
                            *f <= Rational::from(i64::MAX) && *f >= Rational::from(i64::MIN)
                        })
                    );
                    if let Some(r) = x.recip() {
                        assert_eq!(r.rational() * p, Rational::ONE);
                    }
                }
            }
        }
    }
}
