//! How a point stands to the support, by rigorous enclosures of what the support demands.

use super::conditions::Condition;
use crate::check::decide::is_narrow;
use crate::graph::{Graph, Id, Node};
use crate::number::{Binary, Enclosure, Interval, Number, Precision, Rational};
use crate::tape::Tape;
use rustc_hash::FxHashMap;

/// How a point stands to the support.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Inside,
    Edge,
    Outside(usize),
    Undefined,
    Unknown,
}

/// Working precisions, in bits, until a point is known to lie inside or outside.
pub(super) const PRECISIONS: [usize; 3] = [96, 256, 1024];

pub(super) struct Membership {
    pub(super) tape: Tape,
    pub(super) conditions: Vec<Condition>,
    /// Whether the support is one of atoms: then its ends belong to it.
    pub(super) discrete: bool,
    /// Whether its ends belong to it although it is none of atoms: 0 is nonnegative, and where no
    /// density is claimed z may have mass there.
    pub(super) closed: bool,
}

impl Membership {
    pub(super) fn standing(&self, point: &[Rational]) -> Standing {
        self.standing_up_to(point, PRECISIONS.len())
    }

    /// The same with only the first so many precisions.
    pub(super) fn standing_up_to(&self, point: &[Rational], count: usize) -> Standing {
        // Cheap intervals first; a zero they never show.
        if self.conditions.iter().all(|c| !c.vanishes) {
            let near = Interval::rational_each(point, &());
            let values = self.tape.evaluate(&near, &());
            if values.iter().all(Interval::certainly_positive) {
                return Standing::Inside;
            }
        }
        for bits in PRECISIONS.into_iter().take(count) {
            let precision = Precision(bits);
            let inputs = Enclosure::exact_each(point, precision);
            let values = self.tape.evaluate(&inputs, &precision);
            let zero = Enclosure::exact(&Rational::ZERO, precision);
            let mut standing = Standing::Inside;
            for (i, (condition, value)) in self.conditions.iter().zip(&values).enumerate() {
                let one = if value.is_certainly_undefined() {
                    Standing::Undefined
                } else if value.is_possibly_undefined() {
                    Standing::Unknown
                } else if condition.vanishes {
                    // Never shown equal, only shown different.
                    if value.disjoint(&zero) {
                        Standing::Outside(i)
                    } else {
                        Standing::Inside
                    }
                } else if zero.certainly_less(value) {
                    Standing::Inside
                } else if value.certainly_less(&zero) {
                    Standing::Outside(i)
                } else if value.as_rational() == Some(Rational::ZERO) {
                    if self.discrete || self.closed {
                        Standing::Inside
                    } else {
                        Standing::Edge
                    }
                } else if self.discrete && is_narrow(value) {
                    // Of an atom at an end no enclosure shows more.
                    Standing::Inside
                } else {
                    Standing::Unknown
                };
                standing = match (standing, one) {
                    (Standing::Outside(i), _) => Standing::Outside(i),
                    (_, Standing::Outside(i)) => Standing::Outside(i),
                    (Standing::Undefined, _) | (_, Standing::Undefined) => Standing::Undefined,
                    (Standing::Unknown, _) | (_, Standing::Unknown) => Standing::Unknown,
                    (Standing::Edge, _) | (_, Standing::Edge) => Standing::Edge,
                    (Standing::Inside, Standing::Inside) => Standing::Inside,
                };
            }
            if standing != Standing::Unknown {
                return standing;
            }
        }
        Standing::Unknown
    }
}

/// Terms in which a quantity is compared with the others instead of with the largest of all, itself
/// among them: of which enclosures can never tell that it is not larger.
pub(super) fn untied(graph: &mut Graph, terms: &[Id]) -> Vec<Id> {
    let mut replaced = FxHashMap::default();
    for id in graph.reachable(terms) {
        let (largest, own) = match graph.node(id) {
            Node::Binary(Binary::LessEqual | Binary::Equal, a, b) => (a, b),
            Node::Binary(..)
            | Node::Unary(..)
            | Node::Ternary(..)
            | Node::Constant(_)
            | Node::Pi
            | Node::Infinity
            | Node::Symbol(_) => continue,
        };
        let (mut open, mut rivals, mut among) = (vec![largest], Vec::new(), false);
        while let Some(next) = open.pop() {
            if next == own {
                among = true;
            } else if let Node::Binary(Binary::Max, a, b) = graph.node(next) {
                open.extend([a, b]);
            } else {
                rivals.push(next);
            }
        }
        if among && !rivals.is_empty() {
            let mut all = graph.integer(1);
            for rival in rivals {
                let below = graph.binary(Binary::LessEqual, rival, own);
                all = graph.binary(Binary::And, all, below);
            }
            replaced.insert(id, all);
        }
    }
    graph.substitute(terms, &replaced)
}
