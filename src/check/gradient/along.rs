//! The bias of an estimator along an input that the gradient itself does not depend on, as a table:
//! the temperature of a relaxation whose objective is the discrete one.

use super::truth::Truth;
use crate::check::Finding;
use crate::check::points::{Point, Space};
use crate::check::univariate::numbers;
use crate::graph::Id;
use crate::model::Model;
use crate::number::Rational;
use std::fmt::Write as _;

/// Values of the input.
const ROWS: i64 = 5;

/// Adds the table to a refutation at a point; nothing where there is no such input.
pub(super) fn table(
    model: &mut Model,
    (estimator, truth): (Id, &Truth),
    point: &Point,
    mut finding: Finding,
    mean: &mut dyn FnMut(&mut Model, &[f64]) -> Option<f64>,
) -> Finding {
    let Truth::OfValue(slope) = *truth else {
        return finding;
    };
    let space = Space::new(&model.graph, model.givens());
    let (drawn, known) = (
        model.graph.symbols_of(&[estimator]),
        model.graph.symbols_of(&[slope]),
    );
    let relaxing = model
        .inputs
        .iter()
        .filter_map(|v| match (v.symbols.as_slice(), &v.range) {
            (&[symbol], Some(range)) if drawn.contains(&symbol) && !known.contains(&symbol) => {
                Some((symbol, v.name.clone(), range.clone()))
            }
            _ => None,
        });
    let Some((symbol, name, [low, high])) = relaxing.into_iter().next() else {
        return finding;
    };
    let Some(place) = space.symbols.iter().position(|s| *s == symbol) else {
        return finding;
    };
    let end = |bound: &[Id]| model.graph.as_constant(*bound.first()?).cloned();
    let (Some(low), Some(high)) = (end(&low), end(&high)) else {
        return finding;
    };
    let mut rows: Vec<[f64; 3]> = Vec::new();
    for k in 0..=ROWS - 1 {
        let share = Rational::from(k) / Rational::from(ROWS - 1);
        let mut there = point.clone();
        there[place] = &low + (&high - &low) * share;
        let at = numbers(&there);
        let gradient = crate::check::univariate::value(&model.graph, &space.symbols, &at, slope);
        if let (Some(gradient), Some(mean)) = (gradient, mean(model, &at)) {
            rows.push([at[place], mean, gradient]);
        }
    }
    if rows.len() < 2 {
        return finding;
    }
    let listed: Vec<serde_json::Value> = rows
        .iter()
        .map(|[t, mean, gradient]| {
            serde_json::json!({
                name.as_str(): t, "estimator": mean, "gradient": gradient, "bias": mean - gradient,
            })
        })
        .collect();
    finding.evidence.insert("bias", listed.into());
    if let Some(example) = &mut finding.counterexample {
        let _ = write!(
            example.explanation,
            "\n{name:<10} estimator   gradient   bias"
        );
        for [t, mean, gradient] in rows {
            let bias = mean - gradient;
            let _ = write!(
                example.explanation,
                "\n{t:<10.4} {mean:>9.6}  {gradient:>9.6}  {bias:>9.6}"
            );
        }
    }
    finding
}
