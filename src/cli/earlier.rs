//! Reports that were written earlier, as JSON: the parts of a run put together, and the findings
//! that are known already.

use super::output::{Output, print};
use crate::report::{Outcome, Report};
use crate::run;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn read(path: &Path) -> Result<Value, String> {
    let name = path.display();
    let text =
        std::fs::read_to_string(path).map_err(|error| format!("cannot read `{name}`: {error}"))?;
    let report: Value =
        serde_json::from_str(&text).map_err(|error| format!("`{name}` is not JSON: {error}"))?;
    let is_ours = report["tool"] == "reparam-check" && report["schema"] == 1;
    if is_ours && report["specs"].is_array() {
        Ok(report)
    } else {
        Err(format!("`{name}` is no report of schema 1"))
    }
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value[key].as_array().into_iter().flatten()
}

/// One report of several, the specs sorted by path.
pub(super) fn merge(files: &[PathBuf], output: Option<&Path>) -> Result<u8, Vec<String>> {
    let output = match output {
        Some(path) => Some(Output::open(path).map_err(|error| vec![error])?),
        None => None,
    };
    let (merged, code) = merged(files).map_err(|error| vec![error])?;
    let text = format!("{merged:#}\n");
    match output {
        Some(output) => output.write(&text).map_err(|error| vec![error])?,
        None => print(&text)?,
    }
    Ok(code)
}

fn merged(files: &[PathBuf]) -> Result<(Value, u8), String> {
    let mut whole: Option<Value> = None;
    let mut specs: Vec<Value> = Vec::new();
    for file in files {
        let report = read(file)?;
        specs.extend(list(&report, "specs").cloned());
        let first = whole.get_or_insert_with(|| report.clone());
        for key in ["version", "seed"] {
            if first[key] != report[key] {
                let (a, b) = (&first[key], &report[key]);
                return Err(format!("`{}` has {key} {b}, others {a}", file.display()));
            }
        }
    }
    let path = |spec: &Value| spec["path"].as_str().map(PathBuf::from);
    specs.sort_by_key(path);
    if let Some(pair) = specs
        .windows(2)
        .find(|pair| path(&pair[0]) == path(&pair[1]))
    {
        return Err(format!(
            "`{}` is in more than one report",
            pair[0]["path"].as_str().unwrap_or_default()
        ));
    }
    let count = |outcome: &str| specs.iter().filter(|s| s["outcome"] == outcome).count();
    let counts = ["passed", "failed", "inconclusive", "error"].map(count);
    let [_, failed, inconclusive, errors] = counts;
    let code = if errors > 0 {
        2
    } else if failed > 0 {
        1
    } else if inconclusive > 0 {
        3
    } else {
        0
    };
    let mut whole = whole.unwrap_or_else(|| Value::Object(Map::new()));
    whole["summary"] = json!({
        "specs": specs.len(),
        "passed": counts[0],
        "failed": counts[1],
        "inconclusive": counts[2],
        "errors": counts[3],
    });
    whole["specs"] = Value::Array(specs);
    Ok((whole, code))
}

/// Findings of an earlier report: path, check, verdict and message.
pub(super) struct Baseline(BTreeSet<[String; 4]>);

impl Baseline {
    pub(super) fn read(path: &Path) -> Result<Baseline, String> {
        let report = read(path)?;
        let mut known = BTreeSet::new();
        for spec in list(&report, "specs") {
            for check in list(spec, "checks") {
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                known.insert([
                    text(&spec["path"]),
                    text(&check["check"]),
                    text(&check["verdict"]),
                    text(&check["message"]),
                ]);
            }
        }
        Ok(Baseline(known))
    }

    /// Marks what is not as it should be and was so before; it no longer counts.
    pub(super) fn accept(&self, report: &mut Report, deny: &[String]) {
        for spec in &mut report.specs {
            for check in &mut spec.checks {
                let finding = &check.finding;
                let key = [
                    spec.path.clone(),
                    check.check.to_owned(),
                    finding.verdict.name().to_owned(),
                    finding.message.clone(),
                ];
                check.known = run::judge(check, deny) != Outcome::Passed && self.0.contains(&key);
            }
            if spec.outcome != Outcome::Error {
                spec.outcome = run::outcome(&spec.checks, deny);
            }
        }
    }
}
