//! Whether the difference quotients are dominated: the tails of ∂φ z, weighted with powers of z,
//! against the law of the noise.
//!
//! For |∇f| ≤ C(1 + |z|)^(k−1) gradient and expectation may be exchanged if
//! E[(1 + |z|)^(k−1)·|∂φ z|] is finite near φ (Glasserman; L'Ecuyer), and there is an expectation to
//! speak of if E|z|^k is. The orders of growth depend
//! continuously on φ, so a strict inequality at φ holds around it.

use super::germ::End;
use super::germs::Germs;
use super::size::{Shape, largest_power, number};
use crate::check::univariate::{Curve, numbers};
use crate::graph::{Graph, Id};
use crate::number::Rational;

/// One variable of integration at one end of its range.
pub(crate) struct Tail {
    /// What moves.
    pub(crate) symbol: Id,
    /// Where to.
    pub(crate) end: End,
    /// The logarithm of its density.
    pub(crate) log_density: Id,
}

/// The powers k of |z| below which the exchange holds, and a Monte-Carlo error exists.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Class {
    /// Below it, E[(1 + |z|)^(k−1)|∂φ z|] is finite.
    pub(crate) mean: f64,
    /// Below it, the second moment is, whether or not that is below the other; none where it is not
    /// known.
    pub(crate) square: Option<f64>,
    /// Whether it rests on exact asymptotics; else on values far out.
    pub(crate) exact: bool,
}

impl Class {
    /// No bound at all.
    pub(crate) const ALL: Class = Class {
        mean: f64::INFINITY,
        square: Some(f64::INFINITY),
        exact: true,
    };

    /// What holds where both do.
    #[must_use]
    pub(crate) fn and(self, other: Class) -> Class {
        Class {
            mean: self.mean.min(other.mean),
            square: self.square.zip(other.square).map(|(a, b)| a.min(b)),
            exact: self.exact && other.exact,
        }
    }
}

/// What moves along the path: the class of f rests on its tails.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moving {
    /// A component of z, powers of which f is compared with; none where the slope is that of f itself.
    pub(crate) z: Option<Id>,
    /// ∂φ z, or ∂φ S of an implicit map.
    pub(crate) slope: Id,
    /// ∂z S of an implicit map, of which p(S) is the weight: then q = p(S)·|∂z S| and q·v = p(S)·∂φ S.
    pub(crate) stretch: Option<Id>,
}

impl Moving {
    /// A slope by itself.
    pub(crate) fn alone(slope: Id) -> Moving {
        Moving {
            z: None,
            slope,
            stretch: None,
        }
    }

    /// All terms.
    pub(crate) fn roots(self) -> Vec<Id> {
        let all = [Some(self.slope), self.z, self.stretch];
        all.into_iter().flatten().collect()
    }
}

/// The class of f that one tail admits at a point; none where neither asymptotics nor values far out
/// tell.
pub(crate) fn class(
    germs: &mut Germs,
    (symbols, at): (&[Id], &[Rational]),
    tail: &Tail,
    moving: Moving,
) -> Option<Class> {
    by_asymptotics(germs, tail, moving)
        .or_else(|| by_values(germs.graph(), symbols, at, tail, moving))
}

fn by_asymptotics(germs: &mut Germs, tail: &Tail, moving: Moving) -> Option<Class> {
    let bound = |germs: &mut Germs, term: Option<Id>| match term.map(|t| germs.of(t).bound()) {
        None | Some(Ok(None)) => Some(Shape::one()),
        Some(Ok(Some(shape))) => Some(shape),
        Some(Err(())) => None,
    };
    let slope = germs.of(moving.slope).bound().ok()?;
    let density = germs.of(tail.log_density).exp_of_log()?;
    let weight = density.times(tail.end.speed())?;
    let z = bound(germs, moving.z)?;
    // E |z|^k has to be finite for there to be an expectation.
    let of_z = match (moving.z, moving.stretch) {
        (None, _) => f64::INFINITY,
        (Some(_), None) => largest_power(z, weight)?.lo(),
        (Some(_), stretch) => largest_power(z, weight.times(bound(germs, stretch)?)?)?.lo(),
    };
    let Some(slope) = slope else {
        return Some(Class {
            mean: of_z,
            ..Class::ALL
        });
    };
    let once = weight.times(slope)?;
    let mean = of_z.min(1.0 + largest_power(z, once)?.lo());
    let twice = match moving.stretch {
        None => once.times(slope),
        // q·v² = p(S)·(∂φ S)²/|∂z S|.
        Some(stretch) => {
            let inverse = germs.of(stretch).exact_shape();
            let inverse = inverse.and_then(|s| s.raised(number(-1.0)));
            inverse.and_then(|s| once.times(slope)?.times(s))
        }
    };
    let square = twice.and_then(|twice| largest_power(z, twice));
    Some(Class {
        mean,
        square: square.map(|k| 1.0 + k.lo() / 2.0),
        exact: true,
    })
}

/// How a term goes at an end where its integral diverges; none where it converges, or where no exact
/// asymptotics are known.
pub(super) fn diverging(
    graph: &Graph,
    (symbols, at): (&[Id], &[Rational]),
    (symbol, end): (Id, End),
    term: Id,
) -> Option<Shape> {
    let mut germs = Germs::new(graph, symbols, at, (symbol, end));
    // A bound is not enough: what is bounded by something that diverges may converge.
    let shape = germs.of(term).exact_shape()?.times(end.speed())?;
    (shape.is_integrable() == Some(false)).then_some(shape)
}

/// Decades of t at which values are asked for.
const DECADES: std::ops::RangeInclusive<i32> = 2..=9;

/// The orders from values in binary64 at ever larger t: what varies by less than a tenth between
/// the last decades is taken for a power.
fn by_values(
    graph: &Graph,
    symbols: &[Id],
    at: &[Rational],
    tail: &Tail,
    moving: Moving,
) -> Option<Class> {
    let orders = Orders::new(graph, symbols, at, tail)?;
    let density = orders.of(tail.log_density, true)?;
    let slope = orders.of(moving.slope, false)?;
    let z = match moving.z {
        Some(z) => orders.of(z, false)?.max(0.0),
        None => 0.0,
    };
    let stretch = match moving.stretch {
        Some(stretch) => orders.of(stretch, false)?,
        None => 0.0,
    };
    let speed = match tail.end {
        End::Infinite(_) => 0.0,
        End::Finite(..) => -2.0,
    };
    let largest = |rest: f64| {
        let room = -1.0 - rest - 0.05;
        if z < 0.05 || rest <= -40.0 {
            if room > 0.0 {
                f64::INFINITY
            } else {
                f64::NEG_INFINITY
            }
        } else {
            room / z
        }
    };
    let of_z = match moving.z {
        Some(_) => largest(density + stretch + speed),
        None => f64::INFINITY,
    };
    let mean = of_z.min(1.0 + largest(density + slope + speed));
    let square = 1.0 + largest(density + 2.0 * slope - stretch + speed) / 2.0;
    Some(Class {
        mean,
        square: Some(square),
        exact: false,
    })
}

/// Reads powers of t off values.
struct Orders<'a> {
    graph: &'a Graph,
    symbols: Vec<Id>,
    at: Vec<f64>,
    moving: Id,
    places: Vec<f64>,
}

impl<'a> Orders<'a> {
    fn new(graph: &'a Graph, symbols: &[Id], at: &[Rational], tail: &Tail) -> Option<Orders<'a>> {
        let place = symbols.iter().position(|s| *s == tail.symbol)?;
        let (mut symbols, mut at) = (symbols.to_vec(), numbers(at));
        symbols.remove(place);
        at.remove(place);
        let places = DECADES
            .map(|k| match tail.end {
                End::Infinite(sign) => sign * 10f64.powi(k),
                End::Finite(end, side) => end + side * 10f64.powi(-k),
            })
            .collect();
        Some(Orders {
            graph,
            symbols,
            at,
            moving: tail.symbol,
            places,
        })
    }

    /// The power of t as which a term (or, of a logarithm, what it is of) goes.
    fn of(&self, term: Id, is_log: bool) -> Option<f64> {
        let curve = Curve::new(self.graph, &self.symbols, &self.at, self.moving, term)?;
        let logs: Vec<f64> = self
            .places
            .iter()
            .map(|x| curve.at(*x))
            .map(|v| if is_log { v } else { v.abs().ln() })
            .collect();
        let steps: Vec<f64> = logs
            .windows(2)
            .map(|pair| {
                if pair[1] == f64::NEG_INFINITY {
                    f64::NEG_INFINITY
                } else {
                    (pair[1] - pair[0]) / 10f64.ln()
                }
            })
            .collect();
        let [.., a, b] = steps[..] else { return None };
        if b.is_nan() || b == f64::INFINITY {
            return None;
        }
        // Steeper and steeper is beyond every power.
        (b <= a + 0.1).then_some(if b < a - 0.1 { b.min(-50.0) } else { b })
    }
}

/// The powers of t as which the density of a tail and another term go, from values.
pub(crate) fn orders(
    graph: &Graph,
    (symbols, at): (&[Id], &[Rational]),
    tail: &Tail,
    term: Id,
) -> Option<(f64, f64)> {
    let orders = Orders::new(graph, symbols, at, tail)?;
    Some((orders.of(tail.log_density, true)?, orders.of(term, false)?))
}

/// The two ends of a range, as far as they are rational.
pub(crate) fn ends((lower, upper): (f64, f64)) -> [End; 2] {
    [
        if lower.is_finite() {
            End::Finite(lower, 1.0)
        } else {
            End::Infinite(-1.0)
        },
        if upper.is_finite() {
            End::Finite(upper, -1.0)
        } else {
            End::Infinite(1.0)
        },
    ]
}

/// Whether a term is a sum of products of functions of one of the symbols each, so that what holds
/// along each with the others fixed holds together.
pub(crate) fn is_separable(graph: &Graph, term: Id, symbols: &[Id]) -> bool {
    use crate::graph::Node;
    use crate::number::{Binary, Unary};
    let used = |id: Id| {
        graph
            .symbols_of(&[id])
            .iter()
            .filter(|s| symbols.contains(s))
            .count()
    };
    let mut open = vec![term];
    while let Some(id) = open.pop() {
        if used(id) <= 1 {
            continue;
        }
        match graph.node(id) {
            Node::Binary(Binary::Add | Binary::Sub | Binary::Mul, a, b) => open.extend([a, b]),
            Node::Binary(Binary::Div, a, b) if used(b) <= 1 => open.push(a),
            Node::Binary(Binary::Pow, a, b) if graph.is_integer(b, 2) => open.push(a),
            Node::Unary(Unary::Neg, a) => open.push(a),
            // e^(a + b) = e^a·e^b.
            Node::Unary(Unary::Exp, a) if is_sum(graph, a, &used) => {}
            Node::Constant(_)
            | Node::Pi
            | Node::Infinity
            | Node::Symbol(_)
            | Node::Unary(..)
            | Node::Binary(..)
            | Node::Ternary(..) => return false,
        }
    }
    true
}

/// Whether a term is a sum of functions of one symbol each.
fn is_sum(graph: &Graph, term: Id, used: &dyn Fn(Id) -> usize) -> bool {
    use crate::graph::Node;
    use crate::number::{Binary, Unary};
    let mut open = vec![term];
    while let Some(id) = open.pop() {
        if used(id) <= 1 {
            continue;
        }
        match graph.node(id) {
            Node::Binary(Binary::Add | Binary::Sub, a, b) => open.extend([a, b]),
            Node::Unary(Unary::Neg, a) => open.push(a),
            Node::Binary(Binary::Mul, a, b) if used(a) == 0 => open.push(b),
            Node::Binary(Binary::Mul | Binary::Div, a, b) if used(b) == 0 => open.push(a),
            Node::Constant(_)
            | Node::Pi
            | Node::Infinity
            | Node::Symbol(_)
            | Node::Unary(..)
            | Node::Binary(..)
            | Node::Ternary(..) => return false,
        }
    }
    true
}
