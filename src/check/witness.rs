//! A function f for which two lines of a derivation differ.
//!
//! A derivation speaks of every smooth f with compact support, so one f for which two lines are
//! different numbers refutes the step. Bells e^(−|z − c|²) are tried in place of f: no such bell has
//! compact support, but cut off far out it has, and the lines for it cut off come as close to those
//! for the bell as one likes, wherever the integrals exist. So where the bell tells two lines apart,
//! so does some f that the derivation speaks of. Lines without f are compared as they are.

use super::expect::Estimate;
use super::gradient::routes::{Routes, estimates, shown};
use super::integrals::{linear, may_interchange};
use super::points::Space;
use super::univariate::{self, integrate_over, is_settled};
use super::{Context, Counterexample, Finding, Verdict};
use crate::graph::Id;
use crate::language::Domain;
use crate::model::{Integral, Model, Over, Variable};
use crate::number::Rational;
use crate::number::text;
use rustc_hash::FxHashMap;

/// The centres of the bells: none is symmetric about 0, 1/2 or 1.
const CENTRES: [(i64, u64); 2] = [(1, 3), (-3, 2)];

/// Compares two lines with integrals: refuted by some f, tested where there is no f, or none where
/// nothing is reached.
pub(crate) fn compare(
    context: &Context,
    model: &mut Model,
    (line, above): (Id, Id),
    name: &str,
    number: usize,
) -> Option<Finding> {
    let unspecified = mentions_f(model, line) || mentions_f(model, above);
    let centres = if unspecified {
        &CENTRES[..]
    } else {
        &CENTRES[..1]
    };
    let mut tested = None;
    for (i, &(n, d)) in centres.iter().enumerate() {
        let centre = Rational::from_parts(n.into(), d.into());
        let left = Line::new(model, line, &centre)?;
        let right = Line::new(model, above, &centre)?;
        let what = format!("line {number} of {name} for bell {i}");
        let routes = estimates(context, model, &what, &[], |model, at| {
            Some((left.value(model, at)?, right.value(model, at)?))
        });
        match routes {
            Routes::Apart(point, l, r) => {
                let space = Space::new(&model.graph, model.givens());
                let (a, b) = (format!("line {number}"), format!("line {}", number - 1));
                let mut how = "by quadrature".to_owned();
                if unspecified {
                    how = format!("by quadrature, for f(z) = {}", bell_text(model, &centre));
                }
                let message =
                    format!("line {number} of `{name}` is not equal to the line above it");
                let mut finding = Finding::new(Verdict::Refuted, message);
                finding.counterexample = Some(
                    Counterexample::at_point(model, &space, &point)
                        .sides((&a, shown(l)), (&b, shown(r)))
                        .explained(how),
                );
                return Some(finding);
            }
            Routes::Equal(agreed, worst) if !unspecified => {
                tested = Some(Finding::new(
                    Verdict::Tested,
                    format!(
                        "the integrals are equal at {values} {closely}",
                        values = text::counted(agreed, "parameter value"),
                        closely = text::agreement(worst)
                    ),
                ));
            }
            // That some f do not tell the lines apart says nothing of the others.
            Routes::Equal(..) | Routes::NotReached(_) => {}
        }
    }
    tested
}

/// Terms with a bell in place of f, and how it is written; none where f stands in integrals.
pub(crate) fn with_bell(model: &mut Model, terms: &[Id]) -> Option<(Vec<Id>, String)> {
    let (n, d) = CENTRES[0];
    let centre = Rational::from_parts(n.into(), d.into());
    let placed: Option<Vec<Id>> = terms.iter().map(|&t| bell_in(model, t, &centre)).collect();
    Some((placed?, bell_text(model, &centre)))
}

fn bell_text(model: &Model, centre: &Rational) -> String {
    if model.output_symbols().len() == 1 {
        let sign = if *centre < Rational::ZERO { '+' } else { '-' };
        let size = if *centre < Rational::ZERO {
            -centre.clone()
        } else {
            centre.clone()
        };
        format!("exp(-(z {sign} {size})^2)")
    } else {
        format!("exp(-sum((z - [c, 2*c, …])^2)) with c = {centre}")
    }
}

fn mentions_f(model: &Model, line: Id) -> bool {
    let inside = |term: Id| !model.opaque.applications_in(&model.graph, term).is_empty();
    inside(line)
        || model
            .opaque
            .integrals_in(&model.graph, line)
            .into_iter()
            .filter_map(|symbol| model.opaque.integral(symbol))
            .any(|integral| inside(integral.integrand))
}

/// A term with e^(−Σ(yᵢ − (i+1)c)²) and its derivatives in place of f(y) and its derivatives.
fn bell_in(model: &mut Model, term: Id, centre: &Rational) -> Option<Id> {
    let mut values = FxHashMap::default();
    for symbol in model.opaque.applications_in(&model.graph, term) {
        let application = model.opaque.application(symbol)?.clone();
        if application.arguments.len() != model.output_symbols().len() {
            return None;
        }
        let graph = &mut model.graph;
        // Symbols that no name of a spec can be, for the derivatives of the bell.
        let arguments: Vec<Id> = (0..application.arguments.len())
            .map(|i| graph.symbol("bell()", &[i]))
            .collect();
        let mut squares = Vec::new();
        for (i, &y) in arguments.iter().enumerate() {
            let shift = centre * Rational::from(i as u64 + 1);
            let shift = graph.constant(shift);
            let off = graph.sub(y, shift);
            squares.push(graph.square(off));
        }
        let sum = graph.sum(&squares);
        let exponent = graph.neg(sum);
        let mut value = graph.exp(exponent);
        for &place in &application.derivative {
            value = graph.differentiate(&[value], *arguments.get(place)?).ok()?[0];
        }
        let at: FxHashMap<Id, Id> = arguments
            .iter()
            .copied()
            .zip(application.arguments.iter().copied())
            .collect();
        values.insert(symbol, graph.substitute(&[value], &at)[0]);
    }
    Some(model.graph.substitute(&[term], &values)[0])
}

/// A line as numbers at parameter values: Σ cᵢ ∫ᵢ + rest.
struct Line {
    parts: Vec<(Id, Id, Vec<Variable>)>,
    rest: Id,
}

impl Line {
    fn new(model: &mut Model, line: Id, centre: &Rational) -> Option<Line> {
        let found = linear(model, line).ok()?;
        let mut parts = Vec::new();
        for (factor, symbol) in found.parts {
            let integral = model.opaque.integral(symbol)?.clone();
            if !integral.by.is_empty() {
                may_interchange(model, &integral).ok()?;
            }
            let mut integrand = bell_in(model, integral.integrand, centre)?;
            for &parameter in &integral.by {
                integrand = model.graph.differentiate(&[integrand], parameter).ok()?[0];
            }
            parts.push((factor, integrand, variables(model, &integral)?));
        }
        Some(Line {
            parts,
            rest: bell_in(model, found.rest, centre)?,
        })
    }

    fn value(&self, model: &Model, at: &[f64]) -> Option<Estimate> {
        let symbols: Vec<Id> = model
            .givens()
            .iter()
            .flat_map(|v| v.symbols.clone())
            .collect();
        let number = |term| {
            let value = univariate::value(&model.graph, &symbols, at, term);
            value.filter(|v| v.is_finite()).map(Estimate::exact)
        };
        let mut total = number(self.rest)?;
        for (factor, integrand, variables) in &self.parts {
            let integral = integrate_over(
                &model.graph,
                &symbols,
                at,
                *integrand,
                variables,
                (&[], false),
            )?;
            let estimate = Estimate {
                value: integral.value,
                error: integral.error,
            };
            if !is_settled(&integral) || !estimate.value.is_finite() {
                return None;
            }
            total = total.plus(number(*factor)?.times(estimate));
        }
        Some(total)
    }
}

/// The scalar variables of an integral; none where it does not run over lengths.
fn variables(model: &Model, integral: &Integral) -> Option<Vec<Variable>> {
    let whole: Vec<Variable> = match &integral.over {
        Over::Output if model.target.as_ref().is_some_and(|t| t.discrete) => return None,
        Over::Output => model.outputs.clone(),
        Over::Noise(names) => {
            let over = |n: &&crate::model::Noise| names.contains(&n.variable.name);
            let noise: Vec<_> = model.noise.iter().filter(over).collect();
            if noise.len() != names.len() || noise.iter().any(|n| n.is_discrete()) {
                return None;
            }
            noise.iter().flat_map(|n| n.copies()).collect()
        }
    };
    let is_length = |domain: &Domain| domain.is_elementwise() && !domain.is_integral();
    if !whole.iter().all(|v| is_length(&v.domain)) {
        return None;
    }
    let scalars = whole.iter().flat_map(|variable| {
        variable.symbols.iter().map(|&symbol| Variable {
            shape: Vec::new(),
            symbols: vec![symbol],
            ..variable.clone()
        })
    });
    Some(scalars.collect())
}
