//! The step of a formula that loses the digits, and a form that keeps them.

use super::Formula;
use super::accuracy::EXACT;
use crate::check::counterexample::value_text;
use crate::check::{Counterexample, Finding, Verdict};
use crate::graph::{Graph, Id, Node};
use crate::model::{Model, Variable};
use crate::number::text;
use crate::number::{Binary, Enclosure, Unary};
use crate::tape::Tape;

pub(super) fn failure(
    model: &Model,
    symbols: &[Id],
    formula: &Formula,
    term: Id,
    point: &[f64],
    computed: f64,
    exact: &Enclosure,
) -> Finding {
    let used = model.graph.symbols_of(&[term]);
    let at: Vec<(String, String)> = symbols
        .iter()
        .zip(point)
        .filter(|(s, _)| used.contains(s))
        .map(|(&s, v)| (model.graph.display(s), text::exact(*v)))
        .collect();
    let message = if computed.is_finite() {
        format!("float64 loses the digits of {}", formula.name)
    } else {
        format!("float64 has no finite value for {}", formula.name)
    };
    let mut finding = Finding::new(Verdict::Refuted, message).at(formula.span.clone());
    let explanation = guilty(&model.graph, symbols, term, point);
    let mut example = Counterexample::default()
        .sides(
            ("in float64", text::exact(computed)),
            ("exactly", value_text(exact)),
        )
        .explained(explanation);
    for (name, value) in at {
        let in_variables = |variables: &[Variable]| variables.iter().any(|v| named(&v.name, &name));
        if in_variables(&model.parameters) {
            example.parameters.push((name, value));
        } else if in_variables(&model.inputs) {
            example.inputs.push((name, value));
        } else if model.noise.iter().any(|n| named(&n.variable.name, &name)) {
            example.noise.push((name, value));
        } else {
            example.at.push((name, value));
        }
    }
    finding.counterexample = Some(example);
    finding
}

fn named(variable: &str, component: &str) -> bool {
    component == variable
        || component
            .strip_prefix(variable)
            .is_some_and(|rest| rest.starts_with('['))
}

/// The first step that is far off although what goes into it is not, and a form that keeps digits.
fn guilty(graph: &Graph, symbols: &[Id], term: Id, point: &[f64]) -> String {
    let Ok(tape) = Tape::new(graph, symbols, &[term]) else {
        return String::new();
    };
    let at: Vec<f64> = point
        .iter()
        .map(|v| if v.is_nan() { 0.5 } else { *v })
        .collect();
    let inputs: Vec<Enclosure> = at.iter().map(|&v| Enclosure::from_f64(v)).collect();
    let computed = tape.trace(&at, &());
    let exact = tape.trace(&inputs, &EXACT);
    let off = |i: usize| {
        let (v, truth) = (computed[i].1, exact[i].1.midpoint_f64());
        if truth.is_nan() {
            return !v.is_nan() && exact[i].1.is_finite();
        }
        !v.is_finite() && truth.is_finite() || (v - truth).abs() > 1e-8 * truth.abs().max(1e-300)
    };
    // The last step that is far off and whose own arguments are not explains the result best.
    let blamed = (0..computed.len()).find(|&i| {
        off(i)
            && graph.node(computed[i].0).arguments().all(|x| {
                computed
                    .iter()
                    .position(|(id, _)| *id == x)
                    .is_none_or(|place| !off(place))
            })
    });
    let advice = graph
        .reachable(&[term])
        .into_iter()
        .find_map(|id| stabler(graph, id));
    let mut text = match blamed {
        Some(i) => {
            let id = computed[i].0;
            let what = if computed[i].1.is_infinite() {
                "overflows"
            } else if computed[i].1 == 0.0 {
                "underflows or cancels to zero"
            } else {
                "loses the digits"
            };
            format!("{} {what}", graph.display(id))
        }
        None => "rounding errors add up".to_owned(),
    };
    if let Some(advice) = advice {
        text.push_str(&format!("; write {advice}"));
    }
    text
}

/// A form that keeps the digits of a sub-expression, where one is known.
fn stabler(graph: &Graph, id: Id) -> Option<String> {
    let show = |x: Id| graph.display(x);
    let operand = |x: Id| match graph.as_symbol(x) {
        Some(_) => show(x),
        None => format!("({})", show(x)),
    };
    let one = |x: Id| graph.is_integer(x, 1);
    let tanh_squared = |x: Id| graph.as_unary(Unary::Tanh, graph.as_square(x)?);
    match graph.node(id) {
        Node::Unary(Unary::Log, inner) => match graph.node(inner) {
            Node::Binary(Binary::Add, a, b) if one(a) || one(b) => {
                let other = if one(a) { b } else { a };
                Some(match graph.node(other) {
                    Node::Unary(Unary::Exp, x) => format!("softplus({}) for {}", show(x), show(id)),
                    _ => format!("log1p({}) for {}", show(other), show(id)),
                })
            }
            Node::Binary(Binary::Sub, a, b) if one(a) => Some(match tanh_squared(b) {
                // tanh² is rounded to 1 before it is subtracted, so log1p keeps nothing.
                Some(x) => {
                    let x = operand(x);
                    format!("2*(log(2) - {x} - softplus(-2*{x})) for {}", show(id))
                }
                None => format!("log1p(-{}) for {}", operand(b), show(id)),
            }),
            Node::Unary(Unary::NormalCdf, x) => {
                Some(format!("normal_log_cdf({}) for {}", show(x), show(id)))
            }
            Node::Unary(Unary::Sigmoid, x) => {
                Some(format!("log_sigmoid({}) for {}", show(x), show(id)))
            }
            _ => None,
        },
        Node::Binary(Binary::Sub, a, b) if one(b) => match graph.node(a) {
            Node::Unary(Unary::Exp, x) => Some(format!("expm1({}) for {}", show(x), show(id))),
            _ => None,
        },
        Node::Unary(..)
        | Node::Binary(..)
        | Node::Ternary(..)
        | Node::Constant(_)
        | Node::Pi
        | Node::Infinity
        | Node::Symbol(_) => None,
    }
}
