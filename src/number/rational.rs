//! Exact rationals: the value of an expression where it is a rational that can be written down.
//!
//! Law: a value that is there is exactly right; none says nothing (irrational, undefined, infinite,
//! or too long). `tests/rigour` holds enclosures against it.

use crate::number::{Binary, Number, Rational, Ternary, Unary};
use dashu_base::{Abs, BitTest, Signed, SquareRootRem, UnsignedAbs};
use dashu_int::{IBig, UBig};

/// Longer numerators and denominators, in bits, are given up.
const LONGEST: usize = 4096;

/// An exact rational value, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exact(Option<Rational>);

impl Exact {
    /// A known value; none where it is longer than 4096 bits.
    pub fn new(value: Rational) -> Self {
        let fits = value
            .numerator()
            .bit_len()
            .max(value.denominator().bit_len())
            <= LONGEST;
        Exact(fits.then_some(value))
    }

    /// No value that can be written down.
    pub fn unknown() -> Self {
        Exact(None)
    }

    /// The value.
    pub fn value(&self) -> Option<&Rational> {
        self.0.as_ref()
    }

    fn of(value: Option<Rational>) -> Self {
        value.map_or(Exact(None), Exact::new)
    }

    fn truth(value: bool) -> Self {
        Exact(Some(if value { Rational::ONE } else { Rational::ZERO }))
    }
}

impl Number for Exact {
    type Context = ();

    fn rational(value: &Rational, _context: &()) -> Self {
        Exact::new(value.clone())
    }

    fn pi(_context: &()) -> Self {
        Exact::unknown()
    }

    fn infinity(_context: &()) -> Self {
        Exact::unknown()
    }

    fn unary(operator: Unary, x: &Self, _context: &()) -> Self {
        match &x.0 {
            Some(x) => Exact::of(unary(operator, x)),
            None => Exact::unknown(),
        }
    }

    fn binary(operator: Binary, x: &Self, y: &Self, _context: &()) -> Self {
        match (&x.0, &y.0) {
            (Some(x), Some(y)) => binary(operator, x, y),
            _ => Exact::unknown(),
        }
    }

    fn ternary(operator: Ternary, x: &Self, y: &Self, z: &Self, _context: &()) -> Self {
        match operator {
            Ternary::Select => match &x.0 {
                Some(condition) if condition.is_one() => y.clone(),
                Some(_) => z.clone(),
                None => Exact::unknown(),
            },
            Ternary::BetaInc | Ternary::BetaIncDa => {
                let (Some(a), Some(b), Some(x)) = (&x.0, &y.0, &z.0) else {
                    return Exact::unknown();
                };
                let at_end = x.is_zero() || x.is_one();
                if !is_positive(a) || !is_positive(b) || !at_end {
                    return Exact::unknown();
                }
                match operator {
                    Ternary::BetaInc => Exact::new(x.clone()),
                    Ternary::BetaIncDa => Exact::new(Rational::ZERO),
                    Ternary::Select => Exact::unknown(),
                }
            }
        }
    }
}

fn is_positive(x: &Rational) -> bool {
    !x.is_zero() && !x.is_negative()
}

fn half() -> Rational {
    Rational::from_parts(IBig::ONE, UBig::from(2u8))
}

/// Halves to even.
fn round(x: &Rational) -> Rational {
    let below = Rational::from((x + half()).floor());
    let is_tie = &below - x == half();
    let is_odd = below.numerator() % IBig::from(2) != IBig::ZERO;
    if is_tie && is_odd {
        below - Rational::ONE
    } else {
        below
    }
}

fn square_root(x: &Rational) -> Option<Rational> {
    if x.is_negative() {
        return None;
    }
    let root = |n: &UBig| {
        let (root, rest) = n.sqrt_rem();
        rest.is_zero().then_some(root)
    };
    let numerator = root(&x.numerator().clone().unsigned_abs())?;
    Some(Rational::from_parts(
        numerator.into(),
        root(x.denominator())?,
    ))
}

/// Values at 0 and 1 where a transcendental function is rational, and rational functions.
fn unary(operator: Unary, x: &Rational) -> Option<Rational> {
    let zero = || x.is_zero().then_some(Rational::ZERO);
    let at_zero = |value: Rational| x.is_zero().then_some(value);
    match operator {
        Unary::Neg => Some(-x.clone()),
        Unary::Abs => Some(x.clone().abs()),
        Unary::Sign => Some(if x.is_zero() {
            Rational::ZERO
        } else if x.is_negative() {
            -Rational::ONE
        } else {
            Rational::ONE
        }),
        Unary::Floor => Some(x.floor().into()),
        Unary::Ceil => Some(x.ceil().into()),
        Unary::Round => Some(round(x)),
        Unary::Sqrt => square_root(x),
        Unary::Not => Some(Rational::ONE - x),
        Unary::StopGradient => Some(x.clone()),
        Unary::Exp | Unary::Cos | Unary::Cosh | Unary::Erfc => at_zero(Rational::ONE),
        Unary::Sigmoid | Unary::NormalCdf => at_zero(half()),
        Unary::Log | Unary::Acos | Unary::Acosh => x.is_one().then_some(Rational::ZERO),
        Unary::NormalIcdf => (*x == half()).then_some(Rational::ZERO),
        Unary::Lgamma => (x.is_one() || *x == Rational::from(2)).then_some(Rational::ZERO),
        Unary::Log1p
        | Unary::Expm1
        | Unary::Sin
        | Unary::Tan
        | Unary::Asin
        | Unary::Atan
        | Unary::Sinh
        | Unary::Tanh
        | Unary::Asinh
        | Unary::Atanh
        | Unary::Erf
        | Unary::ErfInv
        | Unary::LogBesselI0
        | Unary::BesselRatio => zero(),
        Unary::Softplus | Unary::NormalLogCdf | Unary::Polygamma(_) => None,
    }
}

fn binary(operator: Binary, x: &Rational, y: &Rational) -> Exact {
    match operator {
        Binary::Add => Exact::new(x + y),
        Binary::Sub => Exact::new(x - y),
        Binary::Mul => Exact::new(x * y),
        Binary::Div => Exact::of((!y.is_zero()).then(|| x / y)),
        Binary::Pow => Exact::of(power(x, y)),
        Binary::Min => Exact::new(x.min(y).clone()),
        Binary::Max => Exact::new(x.max(y).clone()),
        Binary::Mod => Exact::of((!y.is_zero()).then(|| x - y * Rational::from((x / y).floor()))),
        Binary::Atan2 => {
            let on_ray = is_positive(y) && x.is_zero();
            Exact::of(on_ray.then_some(Rational::ZERO))
        }
        Binary::GammaP | Binary::GammaPDa => {
            Exact::of((is_positive(x) && y.is_zero()).then_some(Rational::ZERO))
        }
        Binary::GammaQ => Exact::of((is_positive(x) && y.is_zero()).then_some(Rational::ONE)),
        Binary::Less => Exact::truth(x < y),
        Binary::LessEqual => Exact::truth(x <= y),
        Binary::Equal => Exact::truth(x == y),
        Binary::And => Exact::new(x.min(y).clone()),
        Binary::Or => Exact::new(x.max(y).clone()),
    }
}

/// xʸ for whole y, and for y = n/2 where x is a square.
fn power(x: &Rational, y: &Rational) -> Option<Rational> {
    if y.is_zero() || x.is_one() {
        return Some(Rational::ONE);
    }
    if x.is_zero() {
        return is_positive(y).then_some(Rational::ZERO);
    }
    let (base, exponent) = if *y.denominator() == UBig::ONE {
        (x.clone(), y.numerator().clone())
    } else if *y.denominator() == UBig::from(2u8) {
        (square_root(x)?, y.numerator().clone())
    } else {
        return None;
    };
    let size = usize::try_from(exponent.clone().unsigned_abs()).ok()?;
    let length = base.numerator().bit_len().max(base.denominator().bit_len());
    // −1 to any power is short; anything else grows.
    if base == -Rational::ONE {
        return Some(if size.is_multiple_of(2) {
            Rational::ONE
        } else {
            -Rational::ONE
        });
    }
    if size
        .checked_mul(length.max(2) - 1)
        .is_none_or(|bits| bits > LONGEST)
    {
        return None;
    }
    let value = base.pow(isize::try_from(size).ok()?);
    Some(if exponent.is_negative() {
        Rational::ONE / value
    } else {
        value
    })
}
