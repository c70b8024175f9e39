//! What a domain demands of the components of a variable, as terms that are positive or vanish.

use crate::graph::{Graph, Id};
use crate::language::Domain;
use crate::model::Variable;
use crate::number::{Rational, Unary};

/// A quantity that the support wants positive (or zero), or equal to zero.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    /// The quantity, in z, φ and x.
    pub(crate) term: Id,
    /// Whether it must vanish; otherwise it must be positive, or zero on the edge.
    pub(crate) vanishes: bool,
    /// What it says, for messages: "z > 0".
    pub(crate) says: String,
}

/// What a domain demands of the components of a variable.
pub(crate) fn conditions(graph: &mut Graph, variable: &Variable) -> Vec<Condition> {
    let mut found = Vec::new();
    let name = |graph: &Graph, id: Id| graph.display(id);
    let mut positive = |graph: &mut Graph, large: Id, small: Id| {
        let term = graph.sub(large, small);
        let says = format!("{} > {}", name(graph, large), name(graph, small));
        found.push(Condition {
            term,
            vanishes: false,
            says,
        });
    };
    let (zero, one) = (graph.integer(0), graph.integer(1));
    let half = graph.constant(Rational::from_parts(1.into(), 2u8.into()));
    let symbols = &variable.symbols;
    let last = variable.shape.last().copied().unwrap_or(1).max(1);
    let mut vanishing: Vec<(Id, String)> = Vec::new();
    match variable.domain {
        Domain::Boolean | Domain::OneHot => {
            for &z in symbols {
                let rest = graph.sub(one, z);
                let says = format!("{} is 0 or 1", name(graph, z));
                vanishing.push((graph.mul(z, rest), says));
            }
        }
        Domain::IntegerInterval(..) | Domain::NonnegativeInteger => {
            for &z in symbols {
                let near = graph.unary(Unary::Round, z);
                let says = format!("{} is an integer", name(graph, z));
                vanishing.push((graph.sub(z, near), says));
            }
        }
        Domain::Real
        | Domain::Nonzero
        | Domain::Positive
        | Domain::Nonnegative
        | Domain::Negative
        | Domain::UnitInterval
        | Domain::Interval(..)
        | Domain::GreaterThan(_)
        | Domain::LessThan(_)
        | Domain::Simplex
        | Domain::Ordered
        | Domain::PositiveOrdered
        | Domain::UnitVector
        | Domain::LowerCholesky
        | Domain::CorrCholesky
        | Domain::PositiveDefinite => {}
    }
    match variable.domain {
        Domain::Real | Domain::Nonzero | Domain::Boolean => {}
        Domain::Positive | Domain::Nonnegative => {
            symbols.iter().for_each(|&z| positive(graph, z, zero));
        }
        // Edges of a discrete domain belong to it, so half a unit is left around them.
        Domain::NonnegativeInteger => {
            for &z in symbols {
                let low = graph.sub(zero, half);
                positive(graph, z, low);
            }
        }
        Domain::Negative => symbols.iter().for_each(|&z| positive(graph, zero, z)),
        Domain::UnitInterval => {
            for &z in symbols {
                positive(graph, z, zero);
                positive(graph, one, z);
            }
        }
        Domain::IntegerInterval(low, high) => {
            for &z in symbols {
                let (below, above) = (graph.sub(low, half), graph.add(high, half));
                positive(graph, z, below);
                positive(graph, above, z);
            }
        }
        Domain::Interval(low, high) => {
            for &z in symbols {
                positive(graph, z, low);
                positive(graph, high, z);
            }
        }
        Domain::GreaterThan(low) => symbols.iter().for_each(|&z| positive(graph, z, low)),
        Domain::LessThan(high) => symbols.iter().for_each(|&z| positive(graph, high, z)),
        Domain::Simplex | Domain::OneHot => {
            for row in symbols.chunks(last) {
                if variable.domain == Domain::Simplex {
                    row.iter().for_each(|&z| positive(graph, z, zero));
                }
                let sum = graph.sum(row);
                vanishing.push((
                    graph.sub(sum, one),
                    format!("the sum of {} is 1", variable.name),
                ));
            }
        }
        Domain::Ordered | Domain::PositiveOrdered => {
            for row in symbols.chunks(last) {
                if matches!(variable.domain, Domain::PositiveOrdered) {
                    positive(graph, row[0], zero);
                }
                row.windows(2)
                    .for_each(|pair| positive(graph, pair[1], pair[0]));
            }
        }
        Domain::UnitVector => {
            for row in symbols.chunks(last) {
                let squares: Vec<Id> = row.iter().map(|&z| graph.square(z)).collect();
                let sum = graph.sum(&squares);
                vanishing.push((
                    graph.sub(sum, one),
                    format!("the norm of {} is 1", variable.name),
                ));
            }
        }
        Domain::LowerCholesky | Domain::CorrCholesky => {
            for i in 0..last {
                positive(graph, symbols[i * last + i], zero);
                for j in i + 1..last {
                    let entry = symbols[i * last + j];
                    vanishing.push((entry, format!("{} is 0 above the diagonal", variable.name)));
                }
                if matches!(variable.domain, Domain::CorrCholesky) {
                    let row = &symbols[i * last..(i + 1) * last];
                    let squares: Vec<Id> = row.iter().map(|&z| graph.square(z)).collect();
                    let sum = graph.sum(&squares);
                    let says = format!("each row of {} has norm 1", variable.name);
                    vanishing.push((graph.sub(sum, one), says));
                }
            }
        }
        Domain::PositiveDefinite => {
            for i in 0..last {
                for j in 0..i {
                    let (below, above) = (symbols[i * last + j], symbols[j * last + i]);
                    let says = format!("{} is symmetric", variable.name);
                    vanishing.push((graph.sub(below, above), says));
                }
            }
            // Sylvester's criterion: every leading minor is positive.
            for size in 1..=last {
                let rows: Vec<Vec<Id>> = (0..size)
                    .map(|i| symbols[i * last..i * last + size].to_vec())
                    .collect();
                let minor = crate::algebra::determinant(graph, &rows);
                found.push(Condition {
                    term: minor,
                    vanishes: false,
                    says: format!("leading minor {size} of {} is positive", variable.name),
                });
            }
        }
    }
    found.extend(vanishing.into_iter().map(|(term, says)| Condition {
        term,
        vanishes: true,
        says,
    }));
    found
}
