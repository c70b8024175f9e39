//! Estimators of a gradient as terms over base symbols: the claimed one, and that of the score
//! function.

use super::implicit;
use crate::check::coordinates::free_parameters;
use crate::diagnostic::Span;
use crate::graph::{Graph, Id, Node};
use crate::model::{Definition, Estimator, Expectation, Model};
use crate::number::{Binary, Unary};
use rustc_hash::FxHashMap;

/// One estimator term with the parameter symbol whose gradient it estimates.
pub(super) struct Part {
    /// The component of a parameter.
    pub(super) parameter: Id,
    /// What is drawn.
    pub(super) estimator: Id,
    /// Whether it is another formula than the slope of f along the path: one that is written out, or
    /// one of which a part is behind `stop_gradient`.
    pub(super) is_own: bool,
    /// Where the claim stands.
    pub(super) span: Span,
}

pub(super) fn estimator(model: &mut Model, expectation: &Expectation) -> Result<Vec<Part>, String> {
    let [f] = expectation.f.elements[..] else {
        return Err("the gradient of an f with several components is not decided".to_owned());
    };
    let span = expectation.f.span.clone();
    let mut parts = Vec::new();
    let (free, ties) = free_parameters(model);
    let parameters: Vec<(String, Vec<Id>)> = model
        .parameters
        .iter()
        .map(|p| {
            let symbols = p.symbols.iter().copied();
            (
                p.name.clone(),
                symbols.filter(|s| free.contains(s)).collect(),
            )
        })
        .collect();
    match &expectation.estimator {
        Estimator::Value => {}
        Estimator::Pathwise => {
            let implicit = model.definition == Definition::Standardization;
            let along = model.rebased(f);
            let along = tidy(&mut model.graph, along);
            let along = model.graph.substitute(&[along], &ties)[0];
            let is_own = model.graph.attached(&[along]) != [along];
            for (_, symbols) in parameters {
                for symbol in symbols {
                    if implicit {
                        let estimator = implicit::pathwise(model, f, symbol)?;
                        parts.push(Part {
                            parameter: symbol,
                            estimator,
                            is_own: false,
                            span: span.clone(),
                        });
                        continue;
                    }
                    let slope = model
                        .graph
                        .differentiate(&[along], symbol)
                        .map_err(|e| e.to_string())?[0];
                    parts.push(Part {
                        parameter: symbol,
                        estimator: slope,
                        is_own,
                        span: span.clone(),
                    });
                }
            }
        }
        Estimator::Score => {
            for (_, symbols) in parameters {
                for symbol in symbols {
                    let estimator = score(model, f, symbol)?;
                    parts.push(Part {
                        parameter: symbol,
                        estimator,
                        is_own: false,
                        span: span.clone(),
                    });
                }
            }
        }
        Estimator::Custom(claims) => {
            for (name, claim) in claims {
                let symbols = parameters
                    .iter()
                    .find(|(n, _)| n == name)
                    .map(|(_, s)| s.clone());
                for (&symbol, &element) in symbols.iter().flatten().zip(&claim.elements) {
                    let estimator = model.rebased(element);
                    parts.push(Part {
                        parameter: symbol,
                        estimator,
                        is_own: true,
                        span: claim.span.clone(),
                    });
                }
            }
        }
    }
    Ok(parts)
}

/// f ∂φ log q + ∂φ f over base symbols, in a free component of the parameters.
pub(super) fn score(model: &mut Model, f: Id, parameter: Id) -> Result<Id, String> {
    // As it is written: what is detached there is no part of the score.
    let log_q = written_density(model).ok_or("no density is claimed")?;
    let noise = model.noise_symbols();
    if model
        .graph
        .symbols_of(&[f])
        .iter()
        .any(|s| noise.contains(s))
    {
        // At fixed z such an f moves with the parameters in a way that its formula does not show.
        return Err("f mentions the noise itself".to_owned());
    }
    let (_, ties) = free_parameters(model);
    let terms = model.graph.substitute(&[f, log_q], &ties);
    let slopes = model
        .graph
        .differentiate(&terms, parameter)
        .map_err(|e| e.to_string())?;
    let score = model.graph.mul(f, slopes[1]);
    let total = model.graph.add(slopes[0], score);
    let total = model.rebased(total);
    Ok(model.graph.substitute(&[total], &ties)[0])
}

/// The logarithm of the claimed density.
pub(super) fn claimed_density(model: &mut Model) -> Option<Id> {
    let log_q = written_density(model)?;
    Some(model.graph.attached(&[log_q])[0])
}

/// The same with what is behind `stop_gradient` there.
pub(super) fn written_density(model: &Model) -> Option<Id> {
    let density = model.target.as_ref()?.density()?;
    density.elements.first().copied()
}

/// A formula without the detours that lose digits in binary64 and hold for every real number:
/// log(exp(x)) and atanh(tanh(x)) are x, exp(x)/exp(y) is exp(x − y), and log1p(−tanh(x)²) is 2(log 2 − x − softplus(−2x)).
pub(crate) fn tidy(graph: &mut Graph, term: Id) -> Id {
    let mut map: FxHashMap<Id, Id> = FxHashMap::default();
    for id in graph.reachable(&[term]) {
        let direct = match graph.node(id) {
            Node::Unary(Unary::Log, x) => graph.as_unary(Unary::Exp, x),
            Node::Unary(Unary::Atanh, x) => graph.as_unary(Unary::Tanh, x),
            Node::Unary(Unary::Log1p, x) => squashed(graph, x).map(|x| {
                let two = graph.integer(2);
                let log = graph.log(two);
                let twice = graph.mul(two, x);
                let minus = graph.neg(twice);
                let soft = graph.unary(Unary::Softplus, minus);
                let rest = graph.sub(log, x);
                let rest = graph.sub(rest, soft);
                graph.mul(two, rest)
            }),
            Node::Binary(Binary::Div, x, y) => graph
                .as_unary(Unary::Exp, x)
                .zip(graph.as_unary(Unary::Exp, y))
                .map(|(x, y)| {
                    let difference = graph.sub(x, y);
                    graph.exp(difference)
                }),
            Node::Constant(_)
            | Node::Pi
            | Node::Infinity
            | Node::Symbol(_)
            | Node::Unary(..)
            | Node::Binary(..)
            | Node::Ternary(..) => None,
        };
        if let Some(direct) = direct {
            // What is nested has been met before.
            let direct = graph.substitute(&[direct], &map)[0];
            map.insert(id, direct);
        }
    }
    graph.substitute(&[term], &map)[0]
}

/// x of −tanh(x)².
fn squashed(graph: &Graph, term: Id) -> Option<Id> {
    let square = graph.as_unary(Unary::Neg, term)?;
    graph.as_unary(Unary::Tanh, graph.as_square(square)?)
}
