//! The report as JSON, schema 1: the keys and their order are fixed by the spec language's page on
//! results.

use super::{CheckReport, Outcome, Report, SpecReport};
use crate::check::Counterexample;
use crate::diagnostic::{Diagnostic, Severity, line_column};
use serde_json::{Map, Value, json};

/// The whole report, ending in a line break. Wall times are the one thing that differs between
/// runs, so they are given only when asked for.
pub fn json(report: &Report, timings: bool) -> String {
    let count = |outcome| report.specs.iter().filter(|s| s.outcome == outcome).count();
    let specs: Vec<Value> = report.specs.iter().map(|s| spec(s, timings)).collect();
    let whole = json!({
        "schema": 1,
        "tool": "reparam-check",
        "version": env!("CARGO_PKG_VERSION"),
        "seed": report.seed,
        "summary": {
            "specs": report.specs.len(),
            "passed": count(Outcome::Passed),
            "failed": count(Outcome::Failed),
            "inconclusive": count(Outcome::Inconclusive),
            "errors": count(Outcome::Error),
        },
        "specs": specs,
    });
    format!("{whole:#}\n")
}

fn spec(spec: &SpecReport, timings: bool) -> Value {
    let mut object = Map::new();
    let outcome = match spec.outcome {
        Outcome::Passed => "passed",
        Outcome::Failed => "failed",
        Outcome::Inconclusive => "inconclusive",
        Outcome::Error => "error",
    };
    object.insert("name".to_owned(), json!(spec.name));
    object.insert("path".to_owned(), json!(spec.path));
    object.insert("outcome".to_owned(), json!(outcome));
    let of = |severity| -> Vec<Value> {
        let found = spec.diagnostics.iter().filter(|d| d.severity == severity);
        found.map(|d| diagnostic(d, &spec.source)).collect()
    };
    if spec.outcome == Outcome::Error {
        object.insert("errors".to_owned(), json!(of(Severity::Error)));
    }
    let warnings = of(Severity::Warning);
    if !warnings.is_empty() {
        object.insert("warnings".to_owned(), json!(warnings));
    }
    let checks: Vec<Value> = spec
        .checks
        .iter()
        .map(|c| check(c, spec, timings))
        .collect();
    object.insert("checks".to_owned(), json!(checks));
    Value::Object(object)
}

fn diagnostic(diagnostic: &Diagnostic, source: &str) -> Value {
    let (line, column) = line_column(source, diagnostic.span.start);
    json!({
        "message": diagnostic.message,
        "line": line,
        "column": column,
        "help": diagnostic.help,
    })
}

fn check(check: &CheckReport, spec: &SpecReport, timings: bool) -> Value {
    let finding = &check.finding;
    let mut object = Map::new();
    object.insert("check".to_owned(), json!(check.check));
    object.insert("verdict".to_owned(), json!(finding.verdict.name()));
    if let Some(expected) = check.expected {
        object.insert("expected".to_owned(), json!(expected.name()));
    }
    if check.known {
        object.insert("known".to_owned(), json!(true));
    }
    object.insert("message".to_owned(), json!(finding.message));
    if !check.sizes.is_empty() {
        object.insert("dimensions".to_owned(), json!(check.sizes));
    }
    object.insert("evidence".to_owned(), json!(finding.evidence));
    if let Some(span) = &finding.span {
        let (line, column) = line_column(&spec.source, span.start);
        let location = json!({"line": line, "column": column});
        object.insert("location".to_owned(), location);
    }
    if let Some(point) = &finding.counterexample {
        object.insert("counterexample".to_owned(), counterexample(point));
    }
    if timings {
        object.insert("seconds".to_owned(), json!(check.seconds));
    }
    Value::Object(object)
}

fn counterexample(point: &Counterexample) -> Value {
    let mut object = Map::new();
    let groups = [
        ("parameters", &point.parameters),
        ("inputs", &point.inputs),
        ("noise", &point.noise),
        ("at", &point.at),
    ];
    for (key, values) in groups {
        if !values.is_empty() {
            let values: Map<String, Value> = values
                .iter()
                .map(|(name, text)| (name.clone(), value(text)))
                .collect();
            object.insert(key.to_owned(), Value::Object(values));
        }
    }
    object.insert("left".to_owned(), json!(point.left));
    object.insert("right".to_owned(), json!(point.right));
    object.insert("explanation".to_owned(), json!(point.explanation));
    Value::Object(object)
}

/// A number where JSON has exactly this one, a list where the parts of a vector are given, else
/// the text.
fn value(text: &str) -> Value {
    if let Some(number) = exact_number(text) {
        return number;
    }
    // Parts of a list hold no brackets of their own at this level: `[[1, 2], [3, 4]]` stays text.
    if let Some(parts) = text.strip_prefix('[').and_then(|t| t.strip_suffix(']'))
        && !parts.contains(['[', '(', '{'])
        && !parts.is_empty()
    {
        return Value::Array(parts.split(',').map(|part| value(part.trim())).collect());
    }
    Value::String(text.to_owned())
}

fn exact_number(text: &str) -> Option<Value> {
    if let Ok(whole) = text.parse::<i64>() {
        return (whole.to_string() == text).then(|| json!(whole));
    }
    // A fraction over a power of two below 2^53 is a float64, and a decimal.
    if let Some((top, bottom)) = text.split_once('/') {
        let (top, bottom) = (top.parse::<i32>().ok()?, bottom.parse::<u32>().ok()?);
        let exact = bottom.is_power_of_two();
        return exact.then(|| json!(f64::from(top) / f64::from(bottom)));
    }
    // A decimal is kept where printing gives it back.
    let decimal: f64 = text.parse().ok().filter(|x: &f64| x.is_finite())?;
    let printed = json!(decimal);
    let shown = printed.to_string();
    (shown == text).then_some(printed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_values_are_numbers_and_others_text() {
        for (text, shown) in [
            ("2", "2"),
            ("-3", "-3"),
            ("1/2", "0.5"),
            ("-7/8", "-0.875"),
            ("1/3", "\"1/3\""),
            ("0.1", "0.1"),
            ("0.10000000000000000001", "\"0.10000000000000000001\""),
            ("100000000000000000000", "\"100000000000000000000\""),
            ("+2", "\"+2\""),
            ("inf", "\"inf\""),
            ("NaN", "\"NaN\""),
            ("[1, 1/2]", "[1,0.5]"),
            ("[[1], [2]]", "\"[[1], [2]]\""),
            ("log(2)", "\"log(2)\""),
            ("1/0", "\"1/0\""),
            ("", "\"\""),
        ] {
            assert_eq!(value(text).to_string(), shown);
        }
    }
}
