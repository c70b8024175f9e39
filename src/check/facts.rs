//! What the domains of a model say, as facts for proofs.

use super::points::Space;
use crate::algebra::{Facts, Signs, normal_form};
use crate::graph::{Graph, Id, Node};
use crate::language::Domain;
use crate::model::{Definition, Model, Variable};
use crate::number::Rational;

/// What holds of the variables wherever they lie in their domains.
pub(crate) fn facts(graph: &mut Graph, space: &Space) -> Facts {
    let mut facts = Facts::default();
    for variable in &space.variables {
        of_variable(graph, variable, &mut facts);
    }
    facts
}

/// What holds of the base variables of a model, for statements about almost all noise where it is
/// continuous.
pub(crate) fn of_base(model: &mut Model) -> Facts {
    let space = Space::new(&model.graph, model.base_variables());
    let mut known = facts(&mut model.graph, &space);
    if model.noise.iter().all(|n| !n.is_discrete()) {
        known.almost_everywhere(match model.definition {
            Definition::Transform => model.noise_symbols(),
            Definition::Standardization | Definition::Target => model.output_symbols(),
        });
    }
    known
}

/// A term over base symbols in normal form, in which what cancels is gone: it has the same value with
/// probability 1. None where it has none.
pub(crate) fn normal(model: &mut Model, term: Id) -> Option<Id> {
    let known = of_base(model);
    normal_form(&mut model.graph, &known, term)
}

fn of_variable(graph: &mut Graph, variable: &Variable, facts: &mut Facts) {
    let symbols = &variable.symbols;
    let last = variable.shape.last().copied().unwrap_or(1).max(1);
    let zero = || Some((Rational::ZERO, true));
    let one = || Some((Rational::ONE, true));
    let closed = |b: Option<(Rational, bool)>| b.map(|(value, _)| (value, false));
    let each = |facts: &mut Facts, low, high| {
        for &symbol in symbols {
            facts.bound(symbol, &low, &high);
        }
    };
    let is_whole = matches!(
        variable.domain,
        Domain::Boolean | Domain::OneHot | Domain::IntegerInterval(..) | Domain::NonnegativeInteger
    );
    if is_whole {
        symbols.iter().for_each(|&symbol| facts.integer(symbol));
    }
    match variable.domain {
        Domain::Real => {}
        Domain::UnitVector => {
            each(facts, Some((-Rational::ONE, false)), closed(one()));
            for row in symbols.chunks(last) {
                let (_, others) = row.split_last().expect("invariant: chunks are not empty");
                let squares: Vec<Id> = others.iter().map(|&z| graph.square(z)).collect();
                let (sum, whole) = (graph.sum(&squares), graph.integer(1));
                let rest = graph.sub(whole, sum);
                facts.assume(rest, Signs::NONNEGATIVE);
            }
        }
        Domain::Positive => each(facts, zero(), None),
        Domain::Nonnegative | Domain::NonnegativeInteger => each(facts, closed(zero()), None),
        Domain::Negative => each(facts, None, zero()),
        Domain::Nonzero => {
            for &symbol in symbols {
                facts.assume(symbol, Signs::NONZERO);
            }
        }
        Domain::UnitInterval => each(facts, zero(), one()),
        Domain::Boolean | Domain::OneHot => each(facts, closed(zero()), closed(one())),
        Domain::Interval(a, b) => {
            // A bound may be infinite.
            between(graph, symbols, (Some(a), Some(b)), Signs::POSITIVE, facts);
        }
        Domain::IntegerInterval(a, b) => {
            between(
                graph,
                symbols,
                (Some(a), Some(b)),
                Signs::NONNEGATIVE,
                facts,
            );
        }
        Domain::GreaterThan(a) => {
            between(graph, symbols, (Some(a), None), Signs::POSITIVE, facts);
        }
        Domain::LessThan(b) => between(graph, symbols, (None, Some(b)), Signs::POSITIVE, facts),
        Domain::Simplex => {
            each(facts, zero(), one());
            for row in symbols.chunks(last) {
                // The last component is what the others leave.
                let (end, others) = row.split_last().expect("invariant: chunks are not empty");
                let sum = graph.sum(others);
                let whole = graph.integer(1);
                let rest = graph.sub(whole, sum);
                facts.define(*end, rest);
                facts.assume(rest, Signs::POSITIVE);
            }
        }
        Domain::Ordered | Domain::PositiveOrdered => {
            if variable.domain == Domain::PositiveOrdered {
                each(facts, zero(), None);
            }
            for row in symbols.chunks(last) {
                for pair in row.windows(2) {
                    let step = graph.sub(pair[1], pair[0]);
                    facts.assume(step, Signs::POSITIVE);
                }
            }
        }
        Domain::LowerCholesky | Domain::CorrCholesky | Domain::PositiveDefinite => {
            for (place, &symbol) in symbols.iter().enumerate() {
                let (i, j) = ((place / last) % last, place % last);
                if i == j {
                    facts.bound(symbol, &zero(), &None);
                } else if j > i && variable.domain != Domain::PositiveDefinite {
                    let nothing = graph.integer(0);
                    facts.define(symbol, nothing);
                } else if j > i {
                    facts.define(symbol, symbols[place - i * last - j + j * last + i]);
                }
            }
        }
    }
}

/// Constants become bounds; other ends, differences of a known sign.
fn between(
    graph: &mut Graph,
    symbols: &[Id],
    (low, high): (Option<Id>, Option<Id>),
    signs: Signs,
    facts: &mut Facts,
) {
    let open = signs == Signs::POSITIVE;
    for &symbol in symbols {
        for (end, is_low) in [(low, true), (high, false)] {
            let Some(end) = end else {
                continue;
            };
            if is_infinite(graph, end) {
                continue;
            }
            if let Some(value) = graph.as_constant(end).cloned() {
                let bound = Some((value, open));
                if is_low {
                    facts.bound(symbol, &bound, &None);
                } else {
                    facts.bound(symbol, &None, &bound);
                }
            } else {
                let difference = if is_low {
                    graph.sub(symbol, end)
                } else {
                    graph.sub(end, symbol)
                };
                facts.assume(difference, signs);
            }
        }
    }
    if let (Some(low), Some(high)) = (low, high)
        && !is_infinite(graph, low)
        && !is_infinite(graph, high)
        && !symbols.is_empty()
    {
        let width = graph.sub(high, low);
        facts.assume(width, signs);
    }
}

pub(crate) fn is_infinite(graph: &Graph, id: Id) -> bool {
    match graph.node(id) {
        Node::Infinity => true,
        Node::Unary(_, x) => is_infinite(graph, x),
        Node::Constant(_) | Node::Pi | Node::Symbol(_) | Node::Binary(..) | Node::Ternary(..) => {
            false
        }
    }
}
