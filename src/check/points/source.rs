//! Where the values of a point come from: drawn at random by its [`Kind`], or made from a list of
//! choices, which a search can vary and shrink.

use super::{Choice, Kind, power_of_ten, ratio};
use crate::number::Rational;
use rand::{Rng, RngExt};

/// Nonzero magnitudes in order of simplicity.
const LADDER: [(i64, u64); 14] = [
    (2, 1),
    (1, 1),
    (1, 2),
    (3, 1),
    (3, 2),
    (4, 1),
    (1, 4),
    (5, 1),
    (5, 2),
    (1, 3),
    (6, 1),
    (10, 1),
    (1, 10),
    (8, 1),
];

/// Fractions of the unit interval in order of simplicity.
const UNITS: [(i64, u64); 13] = [
    (1, 4),
    (3, 4),
    (1, 2),
    (1, 3),
    (2, 3),
    (1, 10),
    (9, 10),
    (1, 5),
    (4, 5),
    (1, 8),
    (7, 8),
    (1, 100),
    (99, 100),
];

/// Where the values of a point come from.
pub(super) trait Source {
    /// A positive value.
    fn positive(&mut self) -> Rational;
    /// A value of either sign, now and then zero.
    fn real(&mut self) -> Rational;
    /// A value of either sign, never zero.
    fn nonzero(&mut self) -> Rational;
    /// A value strictly between 0 and 1.
    fn unit(&mut self) -> Rational;
    /// An integer below `count`, small ones first where that is asked for.
    fn index(&mut self, count: u64) -> u64;
}

/// Values drawn at random.
pub(super) struct Drawn<'a, R: Rng> {
    pub(super) kind: Kind,
    pub(super) rng: &'a mut R,
    pub(super) shared: (Rational, Rational),
}

impl<R: Rng> Source for Drawn<'_, R> {
    fn positive(&mut self) -> Rational {
        match self.kind {
            Kind::Equal => self.shared.0.clone(),
            Kind::Simple(_) | Kind::Random | Kind::Corner => magnitude(self.kind, self.rng),
        }
    }

    fn real(&mut self) -> Rational {
        if self.kind != Kind::Equal && self.rng.random_range(0..8u8) == 0 {
            return Rational::ZERO;
        }
        self.nonzero()
    }

    fn nonzero(&mut self) -> Rational {
        let value = self.positive();
        if self.kind != Kind::Equal && self.rng.random() {
            -value
        } else {
            value
        }
    }

    fn unit(&mut self) -> Rational {
        match self.kind {
            Kind::Equal => self.shared.1.clone(),
            Kind::Simple(_) | Kind::Random | Kind::Corner => unit(self.kind, self.rng),
        }
    }

    fn index(&mut self, count: u64) -> u64 {
        let count = if let Kind::Simple(_) = self.kind {
            count.min(5)
        } else {
            count
        };
        self.rng.random_range(0..count.max(1))
    }
}

/// Values made from a list.
pub(super) struct Listed<'a> {
    pub(super) choices: std::slice::Iter<'a, Choice>,
}

impl Listed<'_> {
    fn next(&mut self) -> Choice {
        let one = Choice {
            numerator: 1,
            denominator: 1,
            exponent: 0,
            negative: false,
        };
        self.choices.next().copied().unwrap_or(one)
    }

    fn size(choice: Choice) -> Rational {
        let (n, d) = (choice.numerator.max(1), choice.denominator.max(1));
        ratio(i64::from(n), u64::from(d)) * power_of_ten(i32::from(choice.exponent))
    }
}

impl Source for Listed<'_> {
    fn positive(&mut self) -> Rational {
        Self::size(self.next())
    }

    fn real(&mut self) -> Rational {
        self.nonzero()
    }

    fn nonzero(&mut self) -> Rational {
        let choice = self.next();
        if choice.negative {
            -Self::size(choice)
        } else {
            Self::size(choice)
        }
    }

    fn unit(&mut self) -> Rational {
        let size = self.positive();
        &size / (Rational::ONE + &size)
    }

    fn index(&mut self, count: u64) -> u64 {
        u64::from(self.next().numerator - 1) % count.max(1)
    }
}

pub(super) fn magnitude(kind: Kind, rng: &mut impl Rng) -> Rational {
    match kind {
        Kind::Simple(level) => {
            let (n, d) = LADDER[rng.random_range(0..level.clamp(1, LADDER.len()))];
            ratio(n, d)
        }
        Kind::Random | Kind::Equal => {
            // Log-uniform over [1/20, 20], three significant digits.
            let exponent: f64 = rng.random_range(-1.3..1.3);
            let value = 10f64.powf(exponent);
            if value < 1.0 {
                ratio((value * 1000.0).round().max(1.0) as i64, 1000)
            } else {
                ratio((value * 100.0).round() as i64, 100)
            }
        }
        Kind::Corner => {
            let exponent =
                [-3, -3, -2, -1, 0, 1, 2, 3, 3, -6, 6, -12][rng.random_range(0..12usize)];
            let (n, d) = LADDER[rng.random_range(0..3usize)];
            ratio(n, d) * power_of_ten(exponent)
        }
    }
}

pub(super) fn unit(kind: Kind, rng: &mut impl Rng) -> Rational {
    match kind {
        Kind::Simple(level) => {
            let (n, d) = UNITS[rng.random_range(0..level.clamp(1, UNITS.len()))];
            ratio(n, d)
        }
        Kind::Random | Kind::Equal => ratio(rng.random_range(1..1000), 1000),
        Kind::Corner => {
            let exponent = [-1, -2, -3, -6, -9, -10, -12][rng.random_range(0..7usize)];
            let near = power_of_ten(exponent);
            if rng.random() {
                near
            } else {
                Rational::ONE - near
            }
        }
    }
}
