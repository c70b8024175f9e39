//! What one coordinate does at the ends of the support: it tends to them, comes near them, or falls
//! short. A limit is one of exact asymptotics; "near" rests on enclosures next to the ends.

use super::Coordinate;
use super::slice::at_point;
use crate::check::path::{Germs, ends};
use crate::check::points::{Point, Space};
use crate::graph::Graph;
use crate::number::{Interval, Number};
use crate::tape::Tape;

/// How near to a finite end, as a share of the width (or of 1), values are asked to come where the
/// limit is not known; and, as the inverse of it, how far out.
const NEAR: f64 = 1e-6;

/// Steps towards an end of the noise, each half of what is left.
const STEPS: i32 = 60;

/// What the values of a coordinate do at one end of the support.
pub(super) enum Reach {
    /// They tend to it.
    Limit,
    /// They come near it, or go beyond.
    Near,
    /// They tend to what lies inside.
    Short(Interval),
    Unknown,
}

/// What a coordinate does at the lower and the upper end of the support.
pub(super) fn reached(
    graph: &Graph,
    space: &Space,
    point: &Point,
    coordinate: &Coordinate,
) -> Option<[Reach; 2]> {
    let symbols = &space.symbols;
    let at = Interval::rational_each(point, &());
    let source = at_point(graph, symbols, &at, &coordinate.source)?;
    let wanted = at_point(graph, symbols, &at, &coordinate.wanted)?;
    let exact = source.iter().all(|end| end.lo() == end.hi());
    let limits = ends((source[0].lo(), source[1].hi())).map(|end| {
        let moving = (coordinate.symbol, end);
        let limit = Germs::new(graph, symbols, point, moving).of(coordinate.value);
        limit.limit().filter(|_| exact)
    });
    let is_near = |limit: &Interval, end: &Interval| {
        let size = end.lo().abs().max(1.0);
        let narrow = limit.is_finite() && limit.width().max(end.width()) <= 1e-9 * size;
        limit == end || (narrow && !limit.disjoint(end))
    };
    let [low, high] = [0, 1].map(|side| {
        if limits.iter().flatten().any(|l| is_near(l, &wanted[side])) {
            return Reach::Limit;
        }
        if let [Some(a), Some(b)] = limits {
            let extreme = match side {
                0 if a.lo() < b.lo() => a,
                0 => b,
                _ if a.hi() > b.hi() => a,
                _ => b,
            };
            let inside = match side {
                0 => wanted[0].hi() < extreme.lo(),
                _ => extreme.hi() < wanted[1].lo(),
            };
            if inside {
                return Reach::Short(extreme);
            }
            let beyond = match side {
                0 => extreme.hi() < wanted[0].lo(),
                _ => wanted[1].hi() < extreme.lo(),
            };
            if beyond {
                return Reach::Near;
            }
        }
        Reach::Unknown
    });
    if !matches!((&low, &high), (Reach::Unknown, _) | (_, Reach::Unknown)) {
        return Some([low, high]);
    }
    let place = symbols.iter().position(|s| *s == coordinate.symbol)?;
    let tape = Tape::new(graph, symbols, &[coordinate.value]).ok()?;
    let values = next_to_ends(&tape, &at, place, &source);
    let scale = Some((wanted[1].hi() - wanted[0].lo()).min(1.0)).filter(|s| *s > 0.0)?;
    let goes = |side: usize| {
        let end = wanted[side];
        values.iter().any(|v| match (side, end.is_finite()) {
            (0, true) => v.hi() < end.lo() + NEAR * scale,
            (0, false) => v.hi() < -1.0 / NEAR,
            (_, true) => v.lo() > end.hi() - NEAR * scale,
            (_, false) => v.lo() > 1.0 / NEAR,
        })
    };
    let settled = |reach: Reach, side: usize| match reach {
        Reach::Unknown if goes(side) => Reach::Near,
        Reach::Limit | Reach::Near | Reach::Short(_) | Reach::Unknown => reach,
    };
    Some([settled(low, 0), settled(high, 1)])
}

/// Enclosures of the values nearer and nearer to both ends of what moves.
fn next_to_ends(
    tape: &Tape,
    at: &[Interval],
    place: usize,
    [low, high]: &[Interval; 2],
) -> Vec<Interval> {
    let mut values = Vec::new();
    for k in 0..STEPS {
        let step = 2f64.powi(-k);
        let (low, high) = (low.hi(), high.lo());
        let near = match (low.is_finite(), high.is_finite()) {
            (true, true) => {
                let width = 0.5 * (high - low) * step;
                [low + width, high - width]
            }
            (true, false) => [low + step, low + 1.0 / step],
            (false, true) => [high - 1.0 / step, high - step],
            (false, false) => [-1.0 / step, 1.0 / step],
        };
        for x in near.into_iter().filter(|x| low < *x && *x < high) {
            let mut inputs = at.to_vec();
            inputs[place] = Interval::point(x);
            let value = tape.evaluate(&inputs, &())[0];
            values.extend(value.is_finite().then_some(value));
        }
    }
    values
}
