//! Mutants as JSON.

use super::table::{STILL_TRUE, reason};
use super::{Counts, Fate, Judged, SpecMutants, matrix};
use serde_json::{Value, json};

/// The whole report, ending in a line break.
pub fn json(specs: &[SpecMutants], seed: u64) -> String {
    let all = || specs.iter().flat_map(|spec| &spec.mutants);
    let counts = Counts::of(all().map(|judged| &judged.fate));
    let matrix: serde_json::Map<String, Value> = matrix(all())
        .into_iter()
        .map(|(kind, row)| (kind.name().to_owned(), json!(row)))
        .collect();
    let listed: Vec<Value> = specs.iter().map(spec).collect();
    let whole = json!({
        "schema": 1,
        "tool": "reparam-check mutate",
        "version": env!("CARGO_PKG_VERSION"),
        "seed": seed,
        "summary": {
            "specs": specs.len(),
            "mutants": counts.total(),
            "refuted": counts.refuted,
            "survived": counts.survived,
            "equivalent": counts.equivalent,
            "true": counts.still_true,
            "unreadable": counts.unreadable,
            "score": counts.score(),
        },
        "matrix": matrix,
        "specs": listed,
    });
    format!("{whole:#}\n")
}

fn spec(spec: &SpecMutants) -> Value {
    let mutants: Vec<Value> = spec.mutants.iter().map(mutant).collect();
    let mut value = json!({
        "name": spec.name,
        "path": spec.path,
        "mutants": mutants,
    });
    if let Some(reason) = &spec.set_aside {
        value["set_aside"] = json!(reason);
    }
    value
}

fn mutant(judged: &Judged) -> Value {
    let mutant = &judged.mutant;
    let mut value = json!({
        "line": mutant.line,
        "column": mutant.column,
        "formula": mutant.formula,
        "kind": mutant.kind.name(),
        "before": mutant.before,
        "after": mutant.after,
        "text": mutant.text,
    });
    match &judged.fate {
        Fate::Refuted { check, message } => {
            value["fate"] = json!("refuted");
            value["check"] = json!(check);
            value["message"] = json!(message);
        }
        Fate::Equivalent => value["fate"] = json!("equivalent"),
        Fate::True => {
            value["fate"] = json!("true");
            value["message"] = json!(STILL_TRUE);
        }
        Fate::Unreadable(message) => {
            value["fate"] = json!("unreadable");
            value["message"] = json!(message);
        }
        Fate::Survives { verdicts, shaken } => {
            value["fate"] = json!("survived");
            value["message"] = json!(reason(verdicts, shaken));
            let verdicts = verdicts.iter().map(|(name, verdict)| {
                let said = verdict.name().to_owned();
                ((*name).to_owned(), Value::from(said))
            });
            value["verdicts"] = Value::Object(verdicts.collect());
        }
    }
    value
}
