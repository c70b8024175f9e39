//! Slopes of f along the path in normal form, in which what cancels in f(g) is gone, on the side of
//! each comparison on which a point of the parameters lies.

use super::{random_symbols, size};
use crate::algebra::{Signs, normal_form};
use crate::check::facts;
use crate::check::gradient::tidy;
use crate::check::points::{Point, Space};
use crate::graph::{Id, Node};
use crate::model::Model;
use crate::number::{Binary, Interval, Number};
use crate::tape::Tape;

/// Signs that terms have around a point of the parameters.
pub(super) type Near = Vec<(Id, Signs)>;

/// On which side a point lies of the comparisons in a term that are free of the noise.
pub(super) fn near(model: &mut Model, space: &Space, point: &Point, term: Id) -> Near {
    let random = random_symbols(model);
    let graph = &mut model.graph;
    let mut found = Vec::new();
    for id in graph.reachable(&[term]) {
        let Node::Binary(Binary::Less | Binary::LessEqual | Binary::Equal, a, b) = graph.node(id)
        else {
            continue;
        };
        let apart = graph.sub(a, b);
        let symbols = graph.symbols_of(&[apart]);
        let Ok(tape) = Tape::new(graph, &space.symbols, &[apart]) else {
            continue;
        };
        let inputs = Interval::rational_each(point, &());
        let sign = size::sign(tape.evaluate(&inputs, &())[0]);
        if let Some(sign) = sign
            && !symbols.iter().any(|s| random.contains(s))
        {
            let above = sign > 0.0;
            found.push((
                apart,
                if above {
                    Signs::POSITIVE
                } else {
                    Signs::NEGATIVE
                },
            ));
        }
    }
    found
}

/// The slope of an objective by its normal form, in normal form; none where it has none.
pub(super) fn simplified(model: &mut Model, near: &Near, (f, parameter): (Id, Id)) -> Option<Id> {
    let mut known = facts::of_base(model);
    for &(term, signs) in near {
        known.assume(term, signs);
    }
    let graph = &mut model.graph;
    let f = tidy(graph, f);
    let f = normal_form(graph, &known, f)?;
    let slope = *graph.differentiate(&[f], parameter).ok()?.first()?;
    normal_form(graph, &known, slope)
}
