//! What is off, in words.
//!
//! A refutation is rigorous before it comes here; the words are a diagnosis. The residual between
//! claim and truth is compared, at many random points in binary64, with what the classical
//! mistakes would leave: a missing, doubled or negated log-determinant, a constant factor, a power
//! of a parameter, a wrong sign.

mod repairs;

use super::decide::Failure;
use super::facts;
use super::inverse::component;
use super::judge::random_places;
use super::points::{Kind, Space};
use super::univariate::numbers;
use crate::algebra::normal_form;
use crate::graph::{Graph, Id, Node};
use crate::model::Model;
use crate::number::text;
use crate::number::{Enclosure, Precision, Unary};
use crate::tape::Tape;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use repairs::{Claimed, repair};

/// A diagnosis is not a verdict: agreement to this relative accuracy is enough to name a mistake.
const LIKENESS: f64 = 1e-8;

/// What the claimed log |det J| is instead.
pub(crate) fn jacobian(
    model: &mut Model,
    space: &Space,
    claim: Id,
    truth: Id,
    failure: &Failure,
) -> String {
    if failure.left.is_certainly_undefined() {
        return undefined(model, space, claim, failure).map_or_else(String::new, |what| {
            format!("{what}: is the absolute value missing?")
        });
    }
    let residual = model.graph.sub(claim, truth);
    let guesses = log_det_guesses(&mut model.graph, truth);
    let common = common_guesses(model, "log_abs_det_jacobian");
    let formula = model.log_abs_det_jacobian.as_ref().map(|c| c.elements[0]);
    let claimed = formula.map(|formula| Claimed {
        formula,
        what: "the claim",
        truth,
        at_noise: true,
    });
    let words = recognise(&model.graph, space, residual, &guesses)
        .or_else(|| claimed.and_then(|claimed| repair(model, space, &claimed)))
        .or_else(|| recognise(&model.graph, space, residual, &common))
        .or_else(|| constant(&model.graph, space, residual, "the claim"))
        .or_else(|| proportional(&model.graph, space, claim, truth, "the claim"));
    let formula = in_normal_form(model, space, residual);
    together(formula.map(|r| format!("claim - truth = {r}")), words)
}

/// What is off in log q + log |det J| = log p.
pub(crate) fn density(
    model: &mut Model,
    space: &Space,
    left: Id,
    right: Id,
    log_det: Id,
    failure: &Failure,
) -> String {
    if failure.left.is_certainly_undefined() {
        return undefined(model, space, left, failure).unwrap_or_default();
    }
    if failure.left.is_exactly_infinite() == Some(-1) {
        return "the claimed density vanishes where draws occur".to_owned();
    }
    let residual = model.graph.sub(left, right);
    let guesses = density_guesses(&mut model.graph, log_det);
    let common = common_guesses(model, "log_density");
    let target = model.target.as_ref();
    let claim = target.and_then(|t| t.log_density.as_ref());
    let formula = claim.map(|c| c.elements[0]);
    let truth = model.graph.sub(right, log_det);
    let claimed = formula.map(|formula| Claimed {
        formula,
        what: "the claimed log-density",
        truth,
        at_noise: formula != left,
    });
    let words = recognise(&model.graph, space, residual, &guesses)
        .or_else(|| constant(&model.graph, space, residual, "the claimed log-density"))
        .or_else(|| varying_part(model, space, residual, log_det))
        .or_else(|| claimed.and_then(|claimed| repair(model, space, &claimed)))
        .or_else(|| recognise(&model.graph, space, residual, &common));
    let formula = in_normal_form(model, space, residual);
    let sides = if model.graph.is_integer(log_det, 0) {
        "log q - log p"
    } else {
        "log q + log|det J| - log p"
    };
    together(formula.map(|r| format!("{sides} = {r}")), words)
}

/// A formula and what it means.
fn together(formula: Option<String>, words: Option<String>) -> String {
    match (formula, words) {
        (Some(formula), Some(words)) => format!("{formula}: {words}"),
        (Some(text), None) | (None, Some(text)) => text,
        (None, None) => String::new(),
    }
}

/// Longer formulas explain nothing.
const LONGEST_FORMULA: usize = 60;

/// A term in normal form, where that is short.
pub(crate) fn in_normal_form(model: &mut Model, space: &Space, term: Id) -> Option<String> {
    let known = facts::facts(&mut model.graph, space);
    let form = normal_form(&mut model.graph, &known, term)?;
    let text = model.graph.display(form);
    (text.chars().count() <= LONGEST_FORMULA).then_some(text)
}

/// What a line is of the line above it: a factor or a summand in normal form, where one is short.
pub(crate) fn line(model: &mut Model, space: &Space, line: Id, above: Id) -> Option<String> {
    let ratio = model.graph.div(line, above);
    let difference = model.graph.sub(line, above);
    let factor = in_normal_form(model, space, ratio);
    let summand = in_normal_form(model, space, difference);
    match (factor, summand) {
        (Some(factor), Some(summand)) if summand.len() < factor.len() => {
            Some(format!("the line above plus {summand}"))
        }
        (Some(factor), _) => Some(format!("the line above times {factor}")),
        (None, Some(summand)) => Some(format!("the line above plus {summand}")),
        (None, None) => None,
    }
}

/// What the claimed inverse does instead.
pub(crate) fn inverse(
    model: &mut Model,
    space: &Space,
    back: &[Id],
    noise: &[Id],
    failure: &Failure,
) -> String {
    let (claim, truth) = (back[failure.equation], noise[failure.equation]);
    let name = component(model, failure);
    if failure.left.is_certainly_undefined() {
        return undefined(model, space, claim, failure).unwrap_or_default();
    }
    let residual = model.graph.sub(claim, truth);
    proportional(
        &model.graph,
        space,
        claim,
        truth,
        &format!("the claimed {name}"),
    )
    .or_else(|| {
        constant(
            &model.graph,
            space,
            residual,
            &format!("the claimed {name}"),
        )
    })
    .unwrap_or_default()
}

/// Residuals that mistakes with a log-determinant D leave, claim less truth.
fn log_det_guesses(graph: &mut Graph, log_det: Id) -> Vec<(Id, String)> {
    let two = graph.integer(2);
    let twice = graph.mul(two, log_det);
    let (minus, minus_twice) = (graph.neg(log_det), graph.neg(twice));
    vec![
        (minus, "the log-determinant is missing".to_owned()),
        (log_det, "the log-determinant is counted twice".to_owned()),
        (
            minus_twice,
            "the log-determinant has the wrong sign: it is that of the inverse".to_owned(),
        ),
        (
            twice,
            "the log-determinant has the wrong sign: it is that of the inverse".to_owned(),
        ),
    ]
}

/// Residuals that mistakes with the log-determinant D in log q = log p − D leave.
fn density_guesses(graph: &mut Graph, log_det: Id) -> Vec<(Id, String)> {
    let two = graph.integer(2);
    let twice = graph.mul(two, log_det);
    let minus = graph.neg(log_det);
    let says = |what: &str| format!("in the claimed log-density the log-determinant {what}");
    vec![
        (log_det, says("is missing")),
        (minus, says("is subtracted twice")),
        (twice, says("is added, and must be subtracted")),
    ]
}

/// A log-determinant of which only what the noise does not move is there, or is there twice.
fn varying_part(model: &mut Model, space: &Space, residual: Id, log_det: Id) -> Option<String> {
    let noise = random_places(model, space);
    if noise.is_empty() || free_of(model, space, log_det) || free_of(model, space, residual) {
        return None;
    }
    let graph = &mut model.graph;
    let (less, more) = (graph.sub(residual, log_det), graph.add(residual, log_det));
    let what = match (free_of(model, space, less), free_of(model, space, more)) {
        (true, _) => "missing",
        (_, true) => "subtracted twice",
        (false, false) => return None,
    };
    Some(format!(
        "in the claimed log-density the part of the log-determinant that varies with the noise is {what}"
    ))
}

/// Whether no noise moves a term, as far as random points show.
fn free_of(model: &mut Model, space: &Space, term: Id) -> bool {
    random_places(model, space).into_iter().all(|place| {
        let slope = model.graph.differentiate(&[term], space.symbols[place]);
        slope.is_ok_and(|slope| {
            let values = samples(&model.graph, space, &slope);
            values.len() >= 6 && values.iter().all(|v| alike(v[0], 0.0))
        })
    })
}

/// Residuals that are the log of a power of one positive parameter or input.
fn common_guesses(model: &mut Model, what: &str) -> Vec<(Id, String)> {
    let mut guesses = Vec::new();
    for variable in model.givens() {
        for &symbol in &variable.symbols {
            let name = model.graph.display(symbol);
            let graph = &mut model.graph;
            let size = graph.unary(Unary::Abs, symbol);
            let log = graph.log(size);
            for (factor, text) in [
                (
                    1,
                    format!("log({name}) is added once too often in the {what}"),
                ),
                (-1, format!("log({name}) is missing in the {what}")),
                (2, format!("2·log({name}) is added too much in the {what}")),
                (-2, format!("2·log({name}) is missing in the {what}")),
            ] {
                let factor = graph.integer(factor);
                guesses.push((graph.mul(factor, log), text));
            }
            let minus = graph.neg(symbol);
            guesses.push((
                symbol,
                format!("{name} is added once too often in the {what}"),
            ));
            guesses.push((minus, format!("{name} is missing in the {what}")));
        }
    }
    guesses
}

/// Values of terms at random points at which all are finite.
fn samples(graph: &Graph, space: &Space, terms: &[Id]) -> Vec<Vec<f64>> {
    let Ok(tape) = Tape::new(graph, &space.symbols, terms) else {
        return Vec::new();
    };
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    (0..40)
        .filter_map(|_| space.draw(Kind::Random, &mut rng))
        .map(|point| tape.evaluate(&numbers(&point), &()))
        .filter(|values| values.iter().all(|v| v.is_finite()))
        .collect()
}

fn alike(a: f64, b: f64) -> bool {
    (a - b).abs() <= LIKENESS * (1.0 + a.abs().max(b.abs()))
}

/// The text of the first guess that equals the residual wherever both are defined.
fn recognise(
    graph: &Graph,
    space: &Space,
    residual: Id,
    guesses: &[(Id, String)],
) -> Option<String> {
    guesses.iter().find_map(|(guess, text)| {
        let values = samples(graph, space, &[residual, *guess]);
        let informative = values.iter().any(|v| v[0].abs() > 1e-3);
        (values.len() >= 6 && informative && values.iter().all(|v| alike(v[0], v[1])))
            .then(|| text.clone())
    })
}

/// A residual that is the same everywhere, named where it is the log of a known constant.
fn constant(graph: &Graph, space: &Space, residual: Id, what: &str) -> Option<String> {
    let values = samples(graph, space, &[residual]);
    let first = values.first()?[0];
    if values.len() < 6 || !values.iter().all(|v| alike(v[0], first)) || first.abs() < 1e-12 {
        return None;
    }
    let pi = std::f64::consts::PI;
    let named = [
        (2f64, "2"),
        (4.0, "4"),
        (3.0, "3"),
        (pi, "pi"),
        (2.0 * pi, "2 pi"),
        ((2.0 * pi).sqrt(), "sqrt(2 pi)"),
        (2f64.sqrt(), "sqrt(2)"),
        (3f64.sqrt(), "sqrt(3)"),
        (pi.sqrt(), "sqrt(pi)"),
        ((pi / 2.0).sqrt(), "sqrt(pi/2)"),
    ];
    for (factor, name) in named {
        if alike(first, factor.ln()) {
            return Some(format!(
                "{what} is too large by log({name}): off by a factor of {name}"
            ));
        }
        if alike(-first, factor.ln()) {
            return Some(format!(
                "{what} is too small by log({name}): off by a factor of {name}"
            ));
        }
    }
    Some(format!(
        "{what} is off by the same {first} at every point",
        first = text::rounded(first, 6)
    ))
}

/// A claim that is a fixed multiple of the truth.
fn proportional(graph: &Graph, space: &Space, claim: Id, truth: Id, what: &str) -> Option<String> {
    let values = samples(graph, space, &[claim, truth]);
    let ratios: Vec<f64> = values
        .iter()
        .filter(|v| v[1].abs() > 1e-6)
        .map(|v| v[0] / v[1])
        .collect();
    let first = *ratios.first()?;
    if ratios.len() < 6 || !ratios.iter().all(|r| alike(*r, first)) {
        return None;
    }
    Some(if alike(first, -1.0) {
        format!("{what} has the wrong sign")
    } else if alike(first, 0.0) {
        format!("{what} is zero")
    } else if alike(first, 1.0) {
        format!("{what} is right elsewhere: it fails at single values, as where a branch is exact")
    } else {
        format!("{what} is {} times the true value", text::rounded(first, 6))
    })
}

/// The innermost sub-expression that has no value at a failing point.
fn undefined(model: &Model, space: &Space, term: Id, failure: &Failure) -> Option<String> {
    let precision = Precision(128);
    let tape = Tape::new(&model.graph, &space.symbols, &[term]).ok()?;
    let inputs = Enclosure::exact_each(&failure.point, precision);
    let trace = tape.trace(&inputs, &precision);
    let (id, _) = trace
        .iter()
        .find(|(_, value)| value.is_certainly_undefined())?;
    let text = model.graph.display(*id);
    let inner: Vec<String> = model
        .graph
        .node(*id)
        .arguments()
        .filter(|x| !matches!(model.graph.node(*x), Node::Constant(_)))
        .filter_map(|x| trace.iter().find(|(other, _)| *other == x))
        .map(|(x, value)| format!("{} = {}", model.graph.display(*x), value.digits(8)))
        .collect();
    Some(if inner.is_empty() {
        format!("{text} is undefined")
    } else {
        format!("{text} is undefined where {}", inner.join(", "))
    })
}
