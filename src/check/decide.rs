//! Deciding an equation of two terms: refuted at the simplest point found, or certified at all.
//!
//! Both sides are evaluated in binary64 at many points; where they look different, and at a
//! spread of other points, again in rigorous enclosures of rising precision. Disjoint enclosures
//! refute, overlapping narrow ones certify; nothing else does either. Undefined values follow one
//! rule: where the truth is certainly a number and the claim is certainly undefined, the claim is
//! false; where the truth is not a number the point decides nothing.

mod equation;
mod shrink;

pub(crate) use equation::{AtPoint, CERTIFIED_BITS, Equation, is_finite_at, is_narrow, middle};
pub(crate) use shrink::{complexity, simpler};

use super::neighbours::neighbour;
use super::points::{Kind, Point, Space};
use super::{Context, surfaces};
use crate::graph::{Graph, Id};
use crate::number::{Enclosure, Rational};
use crate::tape::Tape;
use equation::{Glance, PRECISIONS};
use rustc_hash::FxHashSet;
use shrink::shrink;

/// Points at which rounding alone has blurred both sides that are looked at closely.
const BLURRED: usize = 3;

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
