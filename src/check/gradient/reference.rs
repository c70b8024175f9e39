//! The score-function estimator where its mean is the gradient of E f, so that others can be held
//! against it.
//!
//! Its mean leaves out what crosses an edge of the density: φ ↦ ∫ f q has to be differentiated under
//! the integral, which it is where no edge moves with φ (test `edges_that_move_are_no_reference`).

use super::estimator::score;
use crate::graph::{Graph, Id, Node};
use crate::model::Model;
use crate::number::{Binary, Ternary, Unary};

/// f ∂φ log q + ∂φ f, the mean of which is ∂φ E f.
///
/// # Errors
/// Where there is no density to differentiate, or an edge of it moves with parameters.
pub(super) fn reference(model: &mut Model, f: Id, parameter: Id) -> Result<Id, String> {
    let target = model.target.as_ref();
    let claimed = target.and_then(|t| t.density());
    let log_q: Vec<Id> = claimed.map_or(Vec::new(), |claim| claim.elements.clone());
    if edge_moves(model, &log_q) {
        return Err(
            "the density ends or jumps where the parameters say, which its score does not see"
                .to_owned(),
        );
    }
    score(model, f, parameter)
}

/// Whether a density may end or jump at a z that depends on parameters.
pub(super) fn edge_moves(model: &Model, log_q: &[Id]) -> bool {
    let graph = &model.graph;
    let of = |symbols: Vec<Id>| {
        move |term: Id| {
            graph
                .symbols_of(&[term])
                .iter()
                .any(|s| symbols.contains(s))
        }
    };
    let given = of(model
        .parameters
        .iter()
        .flat_map(|v| v.symbols.clone())
        .collect());
    let on_z = of(model.output_symbols());
    let mut bounds = model
        .outputs
        .iter()
        .flat_map(|output| output.domain.bounds());
    if bounds.any(&given) {
        return true;
    }
    let mut nodes = graph.reachable(log_q).into_iter();
    nodes.any(|id| jumps(graph, id) && given(id) && on_z(id))
}

/// Whether a term may jump by its own operator.
fn jumps(graph: &Graph, id: Id) -> bool {
    match graph.node(id) {
        Node::Unary(operator, _) => {
            matches!(
                operator,
                Unary::Sign | Unary::Floor | Unary::Ceil | Unary::Round
            )
        }
        Node::Binary(operator, ..) => matches!(
            operator,
            Binary::Mod | Binary::Atan2 | Binary::Less | Binary::LessEqual | Binary::Equal
        ),
        Node::Ternary(operator, ..) => operator == Ternary::Select,
        Node::Constant(_) | Node::Pi | Node::Infinity | Node::Symbol(_) => false,
    }
}
