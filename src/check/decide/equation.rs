//! An equation of two terms at one exact point: equal, different, or not decided.
//!
//! Disjoint enclosures are different, overlapping narrow ones equal; nothing else is either.

use crate::check::points::{Space, ratio};
use crate::graph::{Graph, Id, Node};
use crate::number::{Binary, Enclosure, Exact, Interval, Number, Precision, Rational, Ternary};
use crate::tape::Tape;

/// Enclosures narrower than this, relative to the larger of the value and 1, certify.
pub(crate) const CERTIFIED_BITS: usize = 50;

/// The same for binary64 intervals, which look at the other points.
pub(crate) const INTERVAL_BITS: i32 = 32;

/// Working precisions, in bits, until the sides are told apart or narrow enough.
pub(super) const PRECISIONS: [usize; 4] = [80, 160, 384, 1024];

/// What holds at one point.
#[derive(Clone, Debug)]
pub(crate) enum AtPoint {
    /// The enclosures overlap and are narrow.
    Equal,
    /// The enclosures are disjoint, or the claim is undefined where the truth is a number.
    Different(Enclosure, Enclosure),
    /// Different, but by less than a binary64 number can show, on a branch of a `where`: a series
    /// that stands in for the formula near a removable singularity.
    Approximation(Enclosure, Enclosure),
    /// The enclosures stay too wide.
    Undecided,
    /// The truth is not a finite number here.
    NoEvidence,
}

/// What binary64 intervals show at a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Glance {
    /// Both are narrow, and they overlap.
    Close,
    /// Finite and overlapping, but wide: rounding has eaten the digits.
    Blurred,
    /// Disjoint, undefined or unbounded.
    Apart,
}

/// A claim (left) held against the truth (right), as terms over the symbols of a [`Space`].
#[derive(Clone, Debug)]
pub(crate) struct Equation {
    pub(super) tape: Tape,
    approximates: bool,
    conditional: Option<Conditional>,
}

/// The same with the conditions among its terms given: an enclosure of a number that has no end in
/// binary never tells whether it is another, and the rational numbers do.
#[derive(Clone, Debug)]
struct Conditional {
    conditions: Tape,
    /// Both sides, over the symbols and the conditions.
    given: Tape,
}

impl Conditional {
    fn new(graph: &Graph, symbols: &[Id], sides: [Id; 2]) -> Option<Conditional> {
        let mut conditions = graph.reachable(&sides);
        conditions.retain(|&id| {
            matches!(
                graph.node(id),
                Node::Binary(Binary::Equal | Binary::Less | Binary::LessEqual, ..)
            )
        });
        if conditions.is_empty() {
            return None;
        }
        let inputs = [symbols, &conditions].concat();
        Some(Conditional {
            given: Tape::new(graph, &inputs, &sides).ok()?,
            conditions: Tape::new(graph, symbols, &conditions).ok()?,
        })
    }

    fn sides(&self, point: &[Rational], bits: usize) -> (Enclosure, Enclosure) {
        let precision = Precision(bits);
        let exact: Vec<Exact> = point.iter().cloned().map(Exact::new).collect();
        let mut inputs = Enclosure::exact_each(point, precision);
        let enclosed = self.conditions.evaluate(&inputs, &precision);
        let known = self.conditions.evaluate(&exact, &());
        inputs.extend(enclosed.into_iter().zip(known).map(|(enclosed, known)| {
            let known = known.value();
            known.map_or(enclosed, |truth| Enclosure::exact(truth, precision))
        }));
        pair(self.given.evaluate(&inputs, &precision))
    }
}

fn pair(values: Vec<Enclosure>) -> (Enclosure, Enclosure) {
    let mut values = values.into_iter();
    let left = values.next().expect("invariant: two outputs");
    (left, values.next().expect("invariant: two outputs"))
}

impl Equation {
    /// The equation `left = right`; none when a term has a symbol outside the space.
    pub(crate) fn new(graph: &Graph, space: &Space, left: Id, right: Id) -> Option<Equation> {
        let approximates = graph
            .reachable(&[left, right])
            .into_iter()
            .any(|id| matches!(graph.node(id), Node::Ternary(Ternary::Select, ..)));
        let tape = Tape::new(graph, &space.symbols, &[left, right]).ok()?;
        Some(Equation {
            tape,
            approximates,
            conditional: Conditional::new(graph, &space.symbols, [left, right]),
        })
    }

    /// Both sides in enclosures of a precision.
    fn sides(&self, point: &[Rational], bits: usize) -> (Enclosure, Enclosure) {
        let precision = Precision(bits);
        let inputs = Enclosure::exact_each(point, precision);
        pair(self.tape.evaluate(&inputs, &precision))
    }

    /// How binary64 intervals of both sides stand to each other: cheap, and good enough to know
    /// where to look closer.
    pub(super) fn glance(&self, point: &[Rational]) -> Glance {
        let inputs = Interval::rational_each(point, &());
        let sides = self.tape.evaluate(&inputs, &());
        let narrow = |side: &Interval| {
            side.width() <= 2f64.powi(-INTERVAL_BITS) * side.midpoint().abs().max(1.0)
        };
        if !sides.iter().all(Interval::is_finite) || sides[0].disjoint(&sides[1]) {
            Glance::Apart
        } else if sides.iter().all(narrow) {
            Glance::Close
        } else {
            Glance::Blurred
        }
    }

    /// What holds at a point.
    pub(crate) fn at(&self, point: &[Rational]) -> AtPoint {
        self.at_up_to(point, PRECISIONS.len())
    }

    /// The same with only the first so many precisions.
    pub(super) fn at_up_to(&self, point: &[Rational], count: usize) -> AtPoint {
        let plain = |bits| self.sides(point, bits);
        match (self.told(&PRECISIONS[..count], plain), &self.conditional) {
            (AtPoint::Undecided, Some(conditional)) => {
                self.told(&PRECISIONS[..1], |bits| conditional.sides(point, bits))
            }
            (told, _) => told,
        }
    }

    /// What the sides tell at the first precision at which they do.
    fn told(
        &self,
        precisions: &[usize],
        sides: impl Fn(usize) -> (Enclosure, Enclosure),
    ) -> AtPoint {
        for &bits in precisions {
            let (left, right) = sides(bits);
            if right.is_certainly_undefined() || right.is_exactly_infinite().is_some() {
                return AtPoint::NoEvidence;
            }
            if !right.is_finite() {
                continue;
            }
            if left.is_certainly_undefined() || left.disjoint(&right) {
                let approximates = self.approximates && is_below_binary64(&left, &right);
                return if approximates {
                    AtPoint::Approximation(left, right)
                } else {
                    AtPoint::Different(left, right)
                };
            }
            if is_narrow(&left) && is_narrow(&right) {
                return AtPoint::Equal;
            }
        }
        AtPoint::Undecided
    }
}

/// Whether an enclosure is a finite number known to [`CERTIFIED_BITS`].
pub(crate) fn is_narrow(value: &Enclosure) -> bool {
    value.is_finite() && is_narrower_than(value, CERTIFIED_BITS)
}

/// Whether the width of an enclosure is below 2^−bits, absolutely or relatively.
fn is_narrower_than(value: &Enclosure, bits: usize) -> bool {
    let enough = |width: Option<i64>| width.is_none_or(|b| b >= bits as i64);
    enough(value.absolute_bits()) || enough(value.relative_bits())
}

/// A rational inside an enclosure of a finite number; zero where its ends are too long to write.
pub(crate) fn middle(value: &Enclosure) -> Rational {
    match (value.lower(), value.upper()) {
        (Some(low), Some(high)) => (low + high) / Rational::from(2),
        (Some(end), None) | (None, Some(end)) => end,
        (None, None) => Rational::ZERO,
    }
}

/// Whether two sides differ by less than the distance of neighbouring binary64 numbers.
fn is_below_binary64(left: &Enclosure, right: &Enclosure) -> bool {
    if left.is_certainly_undefined() || !left.is_finite() {
        return false;
    }
    let (l, r) = (middle(left), middle(right));
    let size = [magnitude(&l), magnitude(&r), Rational::ONE]
        .into_iter()
        .fold(Rational::ZERO, |a, b| if a > b { a } else { b });
    let unit = ratio(1, 1 << 52);
    magnitude(&(l - r)) <= size * unit
}

fn magnitude(value: &Rational) -> Rational {
    if *value < Rational::ZERO {
        -value.clone()
    } else {
        value.clone()
    }
}

/// Whether all outputs of a tape are certainly finite at a point.
pub(crate) fn is_finite_at(tape: &Tape, point: &[Rational]) -> bool {
    let precision = Precision(PRECISIONS[0]);
    let inputs = Enclosure::exact_each(point, precision);
    let values = tape.evaluate(&inputs, &precision);
    values.iter().all(Enclosure::is_finite)
}
