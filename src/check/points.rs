//! Where claims are tried: exact rational points of the parameters, inputs and noise.
//!
//! The order is that of [`Kind`]: small integers and halves first, then ordinary random values,
//! then the corners (small, large, equal, near the ends of the domains). Every point lies in the
//! domains exactly, structured ones (simplices, spheres, Cholesky factors) included: all are built
//! from rationals by rational operations. Law: `points_lie_in_their_domains` in `values`.

mod source;
mod values;

use crate::check::decide::middle;
use crate::graph::{Graph, Id};
use crate::language::{Domain, End};
use crate::model::Variable;
use crate::number::{Enclosure, Exact, Precision, Rational};
use crate::tape::Tape;
use rand::Rng;
use source::{Drawn, Listed, Source, magnitude, unit};
use values::{in_range, narrowed, values_in};

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

    /// Whether a component is a whole number.
    pub(crate) fn is_integral(&self, place: usize) -> bool {
        let symbol = self.symbols[place];
        let mut variables = self.variables.iter();
        variables.any(|v| v.symbols.contains(&symbol) && v.domain.is_integral())
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
                    let between = is_between(value, low, high);
                    (between || (is_pinned && low.as_ref() == Some(value)))
                        && (value.is_int() || !variable.domain.is_integral())
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
    if domain.is_integral() {
        let [low, high] = match (domain, limits) {
            (Domain::IntegerInterval(..), [low, high]) => [low.clone(), high.clone()],
            (Domain::Boolean, _) => [Some(Rational::ZERO), Some(Rational::ONE)],
            _ => [Some(Rational::ZERO), None],
        };
        let from = low.is_none_or(|low| *value >= low);
        return Some(value.is_int() && from && high.is_none_or(|high| *value <= high));
    }
    let [low, high] = domain.interval()?.map(|end| match end {
        End::Infinite => None,
        End::At(number) => Some(Rational::from(number)),
        End::Bound(place) => limits[place].clone(),
    });
    Some(if *domain == Domain::Nonnegative {
        *value >= Rational::ZERO
    } else if *domain == Domain::Nonzero {
        !value.is_zero()
    } else {
        is_between(value, &low, &high)
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
                    let inputs = Enclosure::exact_each(point, precision);
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
