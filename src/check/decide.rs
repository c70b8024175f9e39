//! Deciding an equation of two terms: refuted at the simplest point found, or certified at all.
//!
//! Both sides are evaluated in binary64 at many points; where they look different, and at a
//! spread of other points, again in rigorous enclosures of rising precision. Disjoint enclosures
//! refute, overlapping narrow ones certify; nothing else does either. Undefined values follow one
//! rule: where the truth is certainly a number and the claim is certainly undefined, the claim is
//! false; where the truth is not a number the point decides nothing.

use super::neighbours::neighbour;
use super::points::{Choice, Kind, Point, Space, power_of_ten, ratio};
use super::{Context, surfaces};
use crate::graph::{Graph, Id, Node};
use crate::number::{Enclosure, Interval, Number, Precision, Rational, Ternary};
use crate::tape::Tape;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use rustc_hash::FxHashSet;

/// Enclosures narrower than this, relative to the larger of the value and 1, certify.
pub(crate) const CERTIFIED_BITS: usize = 50;

/// The same for binary64 intervals, which look at the other points.
pub(crate) const INTERVAL_BITS: i32 = 32;

/// Working precisions, in bits, until the sides are told apart or narrow enough.
const PRECISIONS: [usize; 4] = [80, 160, 384, 1024];

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
enum Glance {
    /// Both are narrow, and they overlap.
    Close,
    /// Finite and overlapping, but wide: rounding has eaten the digits.
    Blurred,
    /// Disjoint, undefined or unbounded.
    Apart,
}

/// Points at which rounding alone has blurred both sides that are looked at closely.
const BLURRED: usize = 3;

/// A claim (left) held against the truth (right), as terms over the symbols of a [`Space`].
#[derive(Clone, Debug)]
pub(crate) struct Equation {
    tape: Tape,
    approximates: bool,
}

/// Where and how an equation fails.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    /// The exact point.
    pub(crate) point: Point,
    /// Which of several equations.
    pub(crate) equation: usize,
    /// The claim there.
    pub(crate) left: Enclosure,
    /// The truth there.
    pub(crate) right: Enclosure,
}

/// What trying an equation at many points showed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trial {
    /// The simplest failure.
    pub(crate) failure: Option<Failure>,
    /// Points at which the sides certainly agree within 2^−[`CERTIFIED_BITS`].
    pub(crate) certified: usize,
    /// Further points at which they certainly agree within 2^−[`INTERVAL_BITS`].
    pub(crate) enclosed: usize,
    /// Points at which the enclosures stayed too wide.
    pub(crate) undecided: usize,
    /// Points at which the truth is no number.
    pub(crate) no_evidence: usize,
    /// A point at which the claim is an approximation only.
    pub(crate) approximation: Option<Failure>,
    /// Points looked at in binary64.
    pub(crate) searched: usize,
}

impl Equation {
    /// The equation `left = right`; none when a term has a symbol outside the space.
    pub(crate) fn new(graph: &Graph, space: &Space, left: Id, right: Id) -> Option<Equation> {
        let approximates = graph
            .reachable(&[left, right])
            .into_iter()
            .any(|id| matches!(graph.node(id), Node::Ternary(Ternary::Select, ..)));
        let tape = Tape::new(graph, &space.symbols, &[left, right]).ok()?;
        Some(Equation { tape, approximates })
    }

    /// Both sides in enclosures of a precision.
    fn sides(&self, point: &[Rational], bits: usize) -> (Enclosure, Enclosure) {
        let precision = Precision(bits);
        let inputs: Vec<Enclosure> = point
            .iter()
            .map(|v| Enclosure::exact(v, precision))
            .collect();
        let mut values = self.tape.evaluate(&inputs, &precision).into_iter();
        let left = values.next().expect("invariant: two outputs");
        (left, values.next().expect("invariant: two outputs"))
    }

    /// How binary64 intervals of both sides stand to each other: cheap, and good enough to know
    /// where to look closer.
    fn glance(&self, point: &[Rational]) -> Glance {
        let inputs: Vec<Interval> = point.iter().map(|v| Interval::rational(v, &())).collect();
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
    fn at_up_to(&self, point: &[Rational], count: usize) -> AtPoint {
        for bits in PRECISIONS.into_iter().take(count) {
            let (left, right) = self.sides(point, bits);
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

/// A set of points at which to try claims: simple ones first, then ordinary, then corners.
pub(crate) fn spread(space: &Space, count: usize, rng: &mut impl rand::Rng) -> Vec<Point> {
    let mut points = Vec::with_capacity(count);
    let mut seen: FxHashSet<Point> = FxHashSet::default();
    let mut add = |points: &mut Vec<Point>, point: Option<Point>| {
        if let Some(point) = point
            && seen.insert(point.clone())
        {
            points.push(point);
        }
    };
    // Enough distinct simple points exist unless there are no variables at all.
    for i in 0..count {
        let kind = match i % 8 {
            0..3 => Kind::Simple(2 + i / 8),
            3..5 => Kind::Random,
            5..7 => Kind::Corner,
            _ => Kind::Equal,
        };
        add(&mut points, space.draw(kind, rng));
    }
    points.sort_by_cached_key(|point| complexity(point));
    points
}

/// How much there is to read in a point: digits, with small integers first.
pub(crate) fn complexity(point: &[Rational]) -> usize {
    point
        .iter()
        .map(|value| {
            let bits = |n: &dashu_int::IBig| dashu_base::BitTest::bit_len(n);
            let numerator = bits(value.numerator());
            let denominator = dashu_base::BitTest::bit_len(value.denominator());
            4 * numerator
                + 6 * (denominator - 1)
                + usize::from(value.numerator() < &dashu_int::IBig::ZERO)
        })
        .sum()
}

/// Where a claim may fail without being false.
#[derive(Clone, Debug, Default)]
pub(crate) struct Isolated {
    /// Coordinates of the noise (or of z): a formula may be undefined at single values of them, as
    /// x/x is at 0.
    pub(crate) random: Vec<usize>,
    /// Those in which the claim is one about almost every value.
    pub(crate) almost: Vec<usize>,
    /// g(ε) over the space, where it is one of noise.
    pub(crate) transform: Option<Tape>,
}

impl Isolated {
    /// Whether g is a number at a point: then a claim without value there fails for its parameters.
    /// Where g itself has a hole its limit is meant, and so is that of a claim.
    fn is_defined(&self, point: &[Rational]) -> bool {
        self.transform
            .as_ref()
            .is_some_and(|tape| is_finite_at(tape, point))
    }
}

/// Whether all outputs of a tape are certainly finite at a point.
pub(crate) fn is_finite_at(tape: &Tape, point: &[Rational]) -> bool {
    let precision = Precision(PRECISIONS[0]);
    let inputs: Vec<Enclosure> = point
        .iter()
        .map(|v| Enclosure::exact(v, precision))
        .collect();
    let values = tape.evaluate(&inputs, &precision);
    values.iter().all(Enclosure::is_finite)
}

/// Whether a failure is more than an isolated point: a claim about almost every noise fails at a
/// neighbour in the noise too. Of the parameters every value counts at which g has one.
fn persists(
    space: &Space,
    equation: &Equation,
    point: &[Rational],
    (left, right): (&Enclosure, &Enclosure),
    isolated: &Isolated,
) -> bool {
    let all: Vec<usize> = (0..point.len()).collect();
    let places = if !left.is_certainly_undefined() {
        &isolated.almost
    } else if isolated.is_defined(point) {
        &isolated.random
    } else {
        &all
    };
    places.is_empty()
        || [true, false].into_iter().any(|up| {
            let near = neighbour(space, point, places, up);
            // In the same way: too large here and too small there are two things.
            matches!(equation.at(&near), AtPoint::Different(l, r) if left.is_certainly_undefined()
                || left.certainly_less(right) == l.certainly_less(&r))
        })
}

/// Tries equations of one claim at many points.
pub(crate) fn try_equations(
    context: &Context,
    graph: &Graph,
    space: &Space,
    sides: &[(Id, Id)],
    isolated: &Isolated,
) -> Option<Trial> {
    let mut rng = context.stream("points");
    let equations: Vec<Equation> = sides
        .iter()
        .map(|&(left, right)| Equation::new(graph, space, left, right))
        .collect::<Option<_>>()?;
    let mut points = spread(space, context.effort.points(), &mut rng);
    let terms: Vec<Id> = sides.iter().flat_map(|&(l, r)| [l, r]).collect();
    let special = surfaces::points(graph, space, &terms, &points, &mut rng);
    let certified = context.effort.certified_points();
    let mut trial = Trial {
        searched: points.len() + special.len(),
        ..Trial::default()
    };
    points.extend(special);
    for (i, equation) in equations.iter().enumerate() {
        let suspicion = suspicion(&equation.tape, &points);
        let mut order: Vec<usize> = (0..points.len()).collect();
        // Suspicious points first, simple ones first among them; then an even spread.
        let stride = (points.len() / (12 * certified).max(1)).max(1);
        order.retain(|&p| suspicion[p] || p % stride == 0);
        // A spread from the simplest to the extreme is looked at closely, the rest by intervals.
        let closely_stride = stride * 12;
        order.sort_by_key(|&p| (!suspicion[p], p % closely_stride != 0, p));
        let (mut closely, mut suspects, mut blurred) = (0, 0, 0);
        for p in order {
            if suspicion[p] {
                if suspects >= context.effort.suspects() {
                    continue;
                }
                match equation.glance(&points[p]) {
                    Glance::Apart => suspects += 1,
                    Glance::Blurred if blurred < BLURRED => blurred += 1,
                    Glance::Blurred => continue,
                    Glance::Close => {
                        trial.enclosed += 1;
                        continue;
                    }
                }
            } else if closely < certified {
                closely += 1;
            } else if equation.glance(&points[p]) == Glance::Close {
                trial.enclosed += 1;
                continue;
            } else if closely < 4 * certified {
                closely += 1;
            } else {
                continue;
            }
            // What stays open at the highest precision a few times will do so again.
            let count = if trial.undecided < BLURRED {
                PRECISIONS.len()
            } else {
                PRECISIONS.len() - 2
            };
            match equation.at_up_to(&points[p], count) {
                AtPoint::Equal => trial.certified += 1,
                AtPoint::Undecided => trial.undecided += 1,
                AtPoint::NoEvidence => trial.no_evidence += 1,
                AtPoint::Approximation(left, right) => {
                    let point = points[p].clone();
                    trial.approximation.get_or_insert(Failure {
                        point,
                        equation: i,
                        left,
                        right,
                    });
                }
                AtPoint::Different(left, right) => {
                    if !persists(space, equation, &points[p], (&left, &right), isolated) {
                        trial.no_evidence += 1;
                        continue;
                    }
                    let failure = Failure {
                        point: points[p].clone(),
                        equation: i,
                        left,
                        right,
                    };
                    trial.failure = Some(shrink(space, equation, failure, isolated));
                    return Some(trial);
                }
            }
        }
    }
    Some(trial)
}

/// Which points look different in binary64, or cannot be evaluated in it.
fn suspicion(tape: &Tape, points: &[Point]) -> Vec<bool> {
    let width = points.first().map_or(0, Vec::len);
    let columns: Vec<Vec<f64>> = (0..width)
        .map(|j| points.iter().map(|p| p[j].to_f64().value()).collect())
        .collect();
    let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    if points.is_empty() || width == 0 {
        return vec![true; points.len()];
    }
    let mut sides = [Vec::new(), Vec::new()];
    tape.evaluate_batch(&views, &mut sides);
    if sides[0].len() != points.len() {
        return vec![true; points.len()];
    }
    (0..points.len())
        .map(|p| {
            let (left, right) = (sides[0][p], sides[1][p]);
            let near = (left - right).abs() <= 1e-9 * (1.0 + left.abs() + right.abs());
            !(near || (left == right && left.is_infinite()))
        })
        .collect()
}

/// The simplest failing point that can be reached: proptest searches points made of small numbers
/// and shrinks what it finds; then values are replaced by simpler ones, one at a time.
fn shrink(
    space: &Space,
    equation: &Equation,
    mut failure: Failure,
    isolated: &Isolated,
) -> Failure {
    let replace = |failure: &mut Failure, point: Point| {
        if complexity(&point) < complexity(&failure.point)
            && let AtPoint::Different(left, right) = equation.at(&point)
            && persists(space, equation, &point, (&left, &right), isolated)
        {
            *failure = Failure {
                point,
                equation: failure.equation,
                left,
                right,
            };
            return true;
        }
        false
    };
    if complexity(&failure.point) > 24 * failure.point.len()
        && let Some(point) = search(space, equation)
    {
        replace(&mut failure, point);
    }
    for _ in 0..3 {
        let mut changed = false;
        for place in 0..failure.point.len() {
            for candidate in simpler(&failure.point[place]) {
                let mut point = failure.point.clone();
                point[place] = candidate;
                if space.admits(&point, place) && replace(&mut failure, point) {
                    changed = true;
                    break;
                }
            }
        }
        if !changed {
            break;
        }
    }
    failure
}

/// Values to try in place of one, simplest first.
pub(crate) fn simpler(value: &Rational) -> Vec<Rational> {
    let negative = *value < Rational::ZERO;
    let mut candidates: Vec<Rational> = [
        (1, 1),
        (0, 1),
        (2, 1),
        (-1, 1),
        (-2, 1),
        (1, 2),
        (3, 1),
        (1, 4),
        (3, 4),
        (-1, 2),
        (3, 2),
        (10, 1),
    ]
    .into_iter()
    .map(|(n, d)| ratio(n, d))
    .collect();
    let size = if negative {
        -value.clone()
    } else {
        value.clone()
    };
    candidates.extend(
        (-12..=12)
            .map(power_of_ten)
            .filter(|p| *p <= size && size < p * ratio(10, 1))
            .map(|p| if negative { -p } else { p }),
    );
    candidates.push(Rational::from(value.round()));
    candidates
}

/// A failing point of small numbers, found and shrunk by proptest from a fixed seed.
fn search(space: &Space, equation: &Equation) -> Option<Point> {
    let choice = (1u16..=12, 1u8..=4, -3i8..=3, any::<bool>()).prop_map(
        |(numerator, denominator, exponent, negative)| Choice {
            numerator,
            denominator,
            exponent,
            negative,
        },
    );
    let config = Config {
        cases: 64,
        max_shrink_iters: 200,
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner =
        TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let result = runner.run(&vec(choice, space.symbols.len()), |choices| {
        let fails = space
            .made_from(&choices)
            .is_some_and(|point| matches!(equation.at(&point), AtPoint::Different(..)));
        prop_assert!(!fails);
        Ok(())
    });
    match result {
        Err(TestError::Fail(_, choices)) => space.made_from(&choices),
        Err(TestError::Abort(_)) | Ok(()) => None,
    }
}
