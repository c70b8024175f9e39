//! The simplest point at which an equation fails: there is as little as possible to read in it.
//!
//! Whatever is tried in place of a point is decided as rigorously as the point itself.

use super::equation::{AtPoint, Equation};
use super::{Failure, Isolated, persists};
use crate::check::points::{Choice, Point, Space, power_of_ten, ratio};
use crate::number::Rational;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};

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

/// The simplest failing point that can be reached: proptest searches points made of small numbers
/// and shrinks what it finds; then values are replaced by simpler ones, one at a time.
pub(super) fn shrink(
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
