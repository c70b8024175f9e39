//! The variance of one draw of an estimator, beside that of the score-function estimator.

use super::estimator::{Part, score};
use crate::check::law::Draws;
use crate::check::path;
use crate::check::points::{Kind, Space};
use crate::check::univariate::numbers;
use crate::check::{Context, Finding, Verdict};
use crate::graph::Id;
use crate::model::{Definition, Model};

/// The finding about the estimators of one f, with the variance of one draw of each beside that of
/// the score-function estimator.
pub(super) fn with_variances(
    context: &Context,
    model: &mut Model,
    f: Id,
    parts: &[Part],
    judge: impl FnOnce(&Context, &mut Model) -> Finding,
) -> Finding {
    let finding = judge(context, model);
    if model.definition != Definition::Transform || finding.verdict == Verdict::Skipped {
        return finding;
    }
    let mut terms = Vec::new();
    let mut names = Vec::new();
    for part in parts {
        if let Ok(score) = score(model, f, part.parameter) {
            terms.extend([part.estimator, score]);
            names.push(model.graph.display(part.parameter));
        }
    }
    if terms.is_empty() {
        return finding;
    }
    let found = variances(context, model, &terms);
    let value = |v: Option<f64>| v.map_or(serde_json::Value::Null, Into::into);
    let pairs: serde_json::Map<String, serde_json::Value> = names
        .into_iter()
        .zip(found.chunks(2))
        .map(|(name, pair)| {
            let pair = serde_json::json!({"estimator": value(pair[0]), "score": value(pair[1])});
            (name, pair)
        })
        .collect();
    finding.with("variance_of_a_draw", pairs)
}

/// Draws from which variances are reported.
const DRAWS: usize = 1_024;

/// The variance of one draw of each term at ordinary parameters; none where it is not known to exist.
fn variances(context: &Context, model: &mut Model, terms: &[Id]) -> Vec<Option<f64>> {
    let none = vec![None; terms.len()];
    let space = Space::new(&model.graph, model.givens());
    let mut rng = context.stream("variance");
    let Some(point) = space.draw(Kind::Random, &mut rng) else {
        return none;
    };
    let at = numbers(&point);
    let Some(mut draws) = Draws::of(context, model, &space, &at, terms, "variance noise") else {
        return none;
    };
    let columns = draws.next(DRAWS);
    path::moments(context, model, &point, terms)
        .into_iter()
        .zip(columns)
        .map(|(moments, column)| {
            let (_, exists) = moments.ok()?;
            let n = column.len() as f64;
            let mean = column.iter().sum::<f64>() / n;
            let squares = column.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
            let variance = squares / (n - 1.0);
            // Two digits are what so many draws are good for.
            let text = format!("{variance:.1e}");
            (exists && variance.is_finite())
                .then(|| text.parse().ok())
                .flatten()
        })
        .collect()
}
