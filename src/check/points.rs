//! Where claims are tried: exact rational points of the parameters, inputs and noise.
//!
//! The order is that of [`Kind`]: small integers and halves first, then ordinary random values,
//! then the corners (small, large, equal, near the ends of the domains). Every point lies in the
//! domains exactly, structured ones (simplices, spheres, Cholesky factors) included: all are built
//! from rationals by rational operations. Law: `points_lie_in_their_domains` below.

use crate::check::decide::middle;
use crate::graph::{Graph, Id};
use crate::language::Domain;
use crate::model::{Variable, free_coordinates};
use crate::number::{Enclosure, Exact, Precision, Rational};
use crate::tape::Tape;
use rand::{Rng, RngExt};

/// Values of the symbols of a [`Space`], in its order.
pub type Point = Vec<Rational>;

/// The variables that range over their domains, in an order in which bounds refer to earlier ones.
#[derive(Clone, Debug)]
pub struct Space {
    /// The variables.
    pub variables: Vec<Variable>,
    /// Their symbols, one after another.
    pub symbols: Vec<Id>,
    bounds: Vec<Bounds>,
}

/// The numeric limits of one variable as functions of the symbols before it.
#[derive(Clone, Debug)]
struct Bounds {
    tape: Option<Tape>,
    ranged: bool,
}

/// How the values of a point are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Small integers and halves; larger ones with a larger number.
    Simple(usize),
    /// Ordinary values of three digits.
    Random,
    /// Some values small or large, or near an end of the domain.
    Corner,
    /// All values as equal as their domains allow.
    Equal,
}

impl Kind {
    /// The kind for a round of few points: simple and ordinary values in turn. Simple ones alone
    /// would hide mistakes that vanish at small integers, as log Γ does at 1 and 2.
    pub fn of_round(round: usize) -> Kind {
        if round % 2 == 1 {
            Kind::Random
        } else {
            Kind::Simple(6 + round)
        }
    }
}

/// The ingredients of one value of a point made from a list: what proptest varies and shrinks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Numerator, at least 1.
    pub numerator: u16,
    /// Denominator, at least 1.
    pub denominator: u8,
    /// A power of ten.
    pub exponent: i8,
    /// Whether the value is negative where the domain has both signs.
    pub negative: bool,
}

/// Values of a structured domain that are tried until one lies in its range.
const NARROWING: usize = 200;

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

/// A quotient of small integers.
pub fn ratio(numerator: i64, denominator: u64) -> Rational {
    Rational::from_parts(numerator.into(), denominator.into())
}

/// 10ᵏ.
pub fn power_of_ten(k: i32) -> Rational {
    let power = Rational::from(dashu_int::UBig::from(10u8).pow(k.unsigned_abs() as usize));
    if k < 0 { Rational::ONE / power } else { power }
}

impl Space {
    /// The space of `variables`, whose bounds are nodes of `graph`.
    pub fn new(graph: &Graph, variables: Vec<Variable>) -> Space {
        let mut symbols = Vec::new();
        let mut bounds = Vec::new();
        for variable in &variables {
            let (limits, ranged) = match &variable.range {
                Some([low, high]) => ([low.as_slice(), high.as_slice()].concat(), true),
                None => (variable.domain.bounds(), false),
            };
            let tape = if limits.is_empty() {
                None
            } else {
                Tape::new(graph, &symbols, &limits).ok()
            };
            bounds.push(Bounds { tape, ranged });
            symbols.extend_from_slice(&variable.symbols);
        }
        Space {
            variables,
            symbols,
            bounds,
        }
    }

    /// A random point of a kind; none where the domains leave no room (bounds that cross).
    pub fn draw(&self, kind: Kind, rng: &mut impl Rng) -> Option<Point> {
        let shared = (magnitude(Kind::Random, rng), unit(Kind::Random, rng));
        self.fill(&mut Drawn { kind, rng, shared })
    }

    /// The point made from a list of choices, one or more for each value; choices past the end
    /// of the list are 1.
    pub fn made_from(&self, choices: &[Choice]) -> Option<Point> {
        self.fill(&mut Listed {
            choices: choices.iter(),
        })
    }

    fn fill(&self, source: &mut impl Source) -> Option<Point> {
        let mut point: Point = Vec::with_capacity(self.symbols.len());
        for (variable, bounds) in self.variables.iter().zip(&self.bounds) {
            let limits = match &bounds.tape {
                Some(tape) => finite_limits(tape, &point)?,
                None => Vec::new(),
            };
            let values = if bounds.ranged && !variable.domain.is_elementwise() {
                narrowed(variable, &limits, source)?
            } else if bounds.ranged {
                let half = limits.len() / 2;
                (0..variable.symbols.len())
                    .map(|i| {
                        in_range(
                            &limits[i.min(half - 1)],
                            &limits[half + i.min(half - 1)],
                            source,
                        )
                    })
                    .collect::<Option<Vec<_>>>()?
            } else {
                values_in(&variable.domain, &variable.shape, &limits, source)?
            };
            debug_assert_eq!(values.len(), variable.symbols.len());
            point.extend(values);
        }
        Some(point)
    }

    /// Whether a point lies in the domains, as far as they limit each component by itself;
    /// structured domains admit only the values they have.
    pub fn admits(&self, point: &[Rational], change: usize) -> bool {
        let mut start = 0;
        for (variable, bounds) in self.variables.iter().zip(&self.bounds) {
            let end = start + variable.symbols.len();
            let limits = match &bounds.tape {
                // The limits depend on symbols before this variable only.
                Some(tape) => finite_limits(tape, &point[..start]),
                None => Some(Vec::new()),
            };
            let Some(limits) = limits else { return false };
            let changed = (start..end).contains(&change);
            for (i, value) in point[start..end].iter().enumerate() {
                let inside = if bounds.ranged && variable.domain.is_elementwise() {
                    let half = limits.len() / 2;
                    let (low, high) = (&limits[i.min(half - 1)], &limits[half + i.min(half - 1)]);
                    let is_pinned = low.is_some() && low == high;
                    is_between(value, low, high) || (is_pinned && low.as_ref() == Some(value))
                } else {
                    lies_in(&variable.domain, value, &limits).unwrap_or(!changed)
                };
                if !inside {
                    return false;
                }
            }
            start = end;
        }
        true
    }
}

fn is_between(value: &Rational, low: &Limit, high: &Limit) -> bool {
    low.as_ref().is_none_or(|low| value > low) && high.as_ref().is_none_or(|high| value < high)
}

/// Whether a component lies in a domain; none where it depends on the other components.
fn lies_in(domain: &Domain, value: &Rational, limits: &[Limit]) -> Option<bool> {
    let zero = &Rational::ZERO;
    Some(match domain {
        Domain::Real => true,
        Domain::Positive => value > zero,
        Domain::Nonnegative => value >= zero,
        Domain::Negative => value < zero,
        Domain::Nonzero => value != zero,
        Domain::UnitInterval => value > zero && *value < Rational::ONE,
        Domain::Interval(..) => is_between(value, &limits[0], &limits[1]),
        Domain::GreaterThan(_) => is_between(value, &limits[0], &None),
        Domain::LessThan(_) => is_between(value, &None, &limits[0]),
        Domain::Boolean
        | Domain::IntegerInterval(..)
        | Domain::NonnegativeInteger
        | Domain::Simplex
        | Domain::OneHot
        | Domain::Ordered
        | Domain::PositiveOrdered
        | Domain::UnitVector
        | Domain::LowerCholesky
        | Domain::CorrCholesky
        | Domain::PositiveDefinite => return None,
    })
}

/// A limit of a domain: finite, or none where it is infinite.
type Limit = Option<Rational>;

/// The limits at a point, rationals exactly and others by a rational within 10⁻³⁰ of them.
fn finite_limits(tape: &Tape, point: &[Rational]) -> Option<Vec<Limit>> {
    let inputs: Vec<Exact> = point.iter().cloned().map(Exact::new).collect();
    let exact = tape.evaluate(&inputs, &());
    let precision = Precision(128);
    let mut enclosures: Option<Vec<Enclosure>> = None;
    exact
        .into_iter()
        .enumerate()
        .map(|(i, value)| match value.value().cloned() {
            Some(value) => Some(Some(value)),
            None => {
                let all = enclosures.get_or_insert_with(|| {
                    let inputs: Vec<Enclosure> = point
                        .iter()
                        .map(|v| Enclosure::exact(v, precision))
                        .collect();
                    tape.evaluate(&inputs, &precision)
                });
                let enclosure = &all[i];
                if enclosure.is_exactly_infinite().is_some() {
                    Some(None)
                } else if enclosure.is_finite() {
                    Some(Some(middle(enclosure)))
                } else {
                    None
                }
            }
        })
        .collect()
}

/// Where the values of a point come from.
trait Source {
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
struct Drawn<'a, R: Rng> {
    kind: Kind,
    rng: &'a mut R,
    shared: (Rational, Rational),
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
struct Listed<'a> {
    choices: std::slice::Iter<'a, Choice>,
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

fn magnitude(kind: Kind, rng: &mut impl Rng) -> Rational {
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

fn unit(kind: Kind, rng: &mut impl Rng) -> Rational {
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

/// A value strictly between two limits.
fn between(low: &Limit, high: &Limit, source: &mut impl Source) -> Option<Rational> {
    match (low, high) {
        (None, None) => Some(source.real()),
        (Some(low), None) => Some(low + source.positive()),
        (None, Some(high)) => Some(high - source.positive()),
        (Some(low), Some(high)) => {
            let width = high - low;
            (width > Rational::ZERO).then(|| low + width * source.unit())
        }
    }
}

/// A value in a range, which may be a single one.
fn in_range(low: &Limit, high: &Limit, source: &mut impl Source) -> Option<Rational> {
    match (low, high) {
        (Some(only), Some(high)) if only == high => Some(only.clone()),
        _ => between(low, high, source),
    }
}

fn integer_between(low: &Limit, high: &Limit, source: &mut impl Source) -> Option<Rational> {
    let low = low
        .as_ref()
        .map_or(dashu_int::IBig::from(-20), Rational::ceil);
    let high = high.as_ref().map_or(&low + 40, Rational::floor);
    if low > high {
        return None;
    }
    let count = u64::try_from(&high - &low)
        .unwrap_or(u64::MAX)
        .min(1_000_000)
        + 1;
    Some(Rational::from(low + source.index(count)))
}

/// A rational point of the unit sphere, by stereographic projection from the last axis; the last
/// coordinate is made positive when `upper` is set.
fn unit_vector(n: usize, upper: bool, source: &mut impl Source) -> Vec<Rational> {
    if n == 0 {
        return Vec::new();
    }
    let mut t: Vec<Rational> = (1..n).map(|_| source.real()).collect();
    let mut norm: Rational = t.iter().map(|v| v * v).fold(Rational::ZERO, |a, b| a + b);
    if upper && norm >= Rational::ONE {
        // Inversion maps the lower half to the upper one.
        for v in &mut t {
            *v = &*v / (&norm * ratio(2, 1));
        }
        norm = t.iter().map(|v| v * v).fold(Rational::ZERO, |a, b| a + b);
    }
    let below = Rational::ONE + &norm;
    let mut point: Vec<Rational> = t.iter().map(|v| v * ratio(2, 1) / &below).collect();
    point.push((Rational::ONE - norm) / below);
    point
}

fn values_in<S: Source>(
    domain: &Domain,
    shape: &[usize],
    limits: &[Limit],
    source: &mut S,
) -> Option<Vec<Rational>> {
    let size: usize = shape.iter().product();
    let each = |source: &mut S, value: fn(&mut S, &[Limit]) -> Option<Rational>| {
        (0..size)
            .map(|_| value(source, limits))
            .collect::<Option<Vec<_>>>()
    };
    match domain {
        Domain::Real => each(source, |s, _| Some(s.real())),
        Domain::Positive | Domain::Nonnegative => each(source, |s, _| Some(s.positive())),
        Domain::Negative => each(source, |s, _| Some(-s.positive())),
        Domain::Nonzero => each(source, |s, _| Some(s.nonzero())),
        Domain::UnitInterval => each(source, |s, _| Some(s.unit())),
        Domain::Interval(..) => each(source, |s, l| between(&l[0], &l[1], s)),
        Domain::GreaterThan(_) => each(source, |s, l| between(&l[0], &None, s)),
        Domain::LessThan(_) => each(source, |s, l| between(&None, &l[0], s)),
        Domain::Boolean => each(source, |s, _| Some(Rational::from(s.index(2)))),
        Domain::IntegerInterval(..) => each(source, |s, l| integer_between(&l[0], &l[1], s)),
        Domain::NonnegativeInteger => each(source, |s, _| {
            integer_between(&Some(Rational::ZERO), &None, s)
        }),
        Domain::Simplex => Some(rows(shape, source, |n, s| {
            let weights: Vec<Rational> = (0..n).map(|_| s.positive()).collect();
            let total = weights.iter().fold(Rational::ZERO, |a, b| a + b);
            weights.iter().map(|w| w / &total).collect()
        })),
        Domain::OneHot => Some(rows(shape, source, |n, s| {
            let hot = s.index(n as u64) as usize;
            (0..n)
                .map(|i| {
                    if i == hot {
                        Rational::ONE
                    } else {
                        Rational::ZERO
                    }
                })
                .collect()
        })),
        Domain::Ordered | Domain::PositiveOrdered => Some(rows(shape, source, |n, s| {
            let mut at = if matches!(domain, Domain::Ordered) {
                s.real()
            } else {
                s.positive()
            };
            (0..n)
                .map(|_| {
                    let value = at.clone();
                    at = &at + s.positive();
                    value
                })
                .collect()
        })),
        Domain::UnitVector => Some(rows(shape, source, |n, s| unit_vector(n, false, s))),
        Domain::LowerCholesky => Some(lower(shape, source, |row, s| {
            (0..=row)
                .map(|j| if j == row { s.positive() } else { s.real() })
                .collect()
        })),
        Domain::CorrCholesky => Some(lower(shape, source, |row, s| unit_vector(row + 1, true, s))),
        Domain::PositiveDefinite => {
            let factor = lower(shape, source, |row, s| {
                (0..=row)
                    .map(|j| if j == row { s.positive() } else { s.real() })
                    .collect()
            });
            let n = shape.last().copied().unwrap_or(0);
            Some(
                (0..n * n)
                    .map(|k| {
                        let (i, j) = (k / n, k % n);
                        (0..n)
                            .map(|l| &factor[i * n + l] * &factor[j * n + l])
                            .fold(Rational::ZERO, |a, b| a + b)
                    })
                    .collect(),
            )
        }
    }
}

/// A value of a structured domain whose free components lie between the limits: those of a
/// triangular matrix are chosen there, of the others a value is kept that happens to.
fn narrowed(
    variable: &Variable,
    limits: &[Limit],
    source: &mut impl Source,
) -> Option<Vec<Rational>> {
    let Variable { domain, shape, .. } = variable;
    let half = limits.len() / 2;
    let limits_of = |i: usize| (&limits[i.min(half - 1)], &limits[half + i.min(half - 1)]);
    let free = free_coordinates(domain, shape);
    if *domain == Domain::LowerCholesky {
        let n = shape.last().copied().unwrap_or(1).max(1);
        let mut values = vec![Rational::ZERO; variable.symbols.len()];
        for i in free {
            let (low, high) = limits_of(i);
            let on_diagonal = i / n % n == i % n;
            let low = match low {
                Some(low) if on_diagonal && *low < Rational::ZERO => &Some(Rational::ZERO),
                None if on_diagonal => &Some(Rational::ZERO),
                other => other,
            };
            values[i] = in_range(low, high, source)?;
        }
        return Some(values);
    }
    (0..NARROWING).find_map(|_| {
        let values = values_in(domain, shape, &[], source)?;
        let inside = free.iter().all(|&i| {
            let (low, high) = limits_of(i);
            is_between(&values[i], low, high)
        });
        inside.then_some(values)
    })
}

/// Values for each vector along the last axis.
fn rows<S: Source>(
    shape: &[usize],
    source: &mut S,
    mut row: impl FnMut(usize, &mut S) -> Vec<Rational>,
) -> Vec<Rational> {
    let n = shape.last().copied().unwrap_or(1);
    let count: usize = shape.iter().rev().skip(1).product();
    (0..count).flat_map(|_| row(n, source)).collect()
}

/// A lower triangular matrix from its rows up to the diagonal.
fn lower<S: Source>(
    shape: &[usize],
    source: &mut S,
    mut row: impl FnMut(usize, &mut S) -> Vec<Rational>,
) -> Vec<Rational> {
    let n = shape.last().copied().unwrap_or(0);
    (0..n)
        .flat_map(|i| {
            let mut values = row(i, source);
            values.resize(n, Rational::ZERO);
            values
        })
        .collect()
}
