//! The report as SARIF 2.1.0, for code scanning: a rule for each check, a result for each thing
//! that is not as it should be.
//!
//! Law: what is written is valid by the official schema (test `sarif_follows_the_official_schema`
//! in `tests/report.rs`).

use super::github::diagnostic_text;
use super::standing::Standing;
use super::text::point_text;
use super::{CheckReport, Report, SpecReport};
use crate::check::CHECKS;
use crate::diagnostic::{Diagnostic, Severity, Span, line_column};
use serde::Serialize;
use std::collections::BTreeMap;

/// The rule of what is wrong with the file itself.
const SPEC_RULE: &str = "spec";

/// The whole report, ending in a line break.
pub fn sarif(report: &Report, deny: &[String]) -> String {
    let mut results = Vec::new();
    for spec in &report.specs {
        results.extend(spec.diagnostics.iter().map(|d| of_diagnostic(d, spec)));
        results.extend(spec.checks.iter().filter_map(|c| of_check(c, spec, deny)));
    }
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "reparam-check",
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    rules: rules(),
                },
            },
            column_kind: "unicodeCodePoints",
            results,
        }],
    };
    let text = serde_json::to_string_pretty(&log).expect("invariant: plain data can be written");
    text + "\n"
}

fn rules() -> Vec<Rule> {
    let file = Rule {
        id: SPEC_RULE,
        short_description: Text::plain("the spec file can be read"),
        help: Help {
            text: "the spec language is described in the book, under \"The spec language\"",
            markdown: None,
        },
    };
    let checks = CHECKS.iter().map(|check| Rule {
        id: check.name,
        short_description: Text::plain(check.summary),
        help: Help {
            text: check.page,
            markdown: Some(check.page),
        },
    });
    std::iter::once(file).chain(checks).collect()
}

fn rule_index(id: &str) -> usize {
    CHECKS
        .iter()
        .position(|check| check.name == id)
        .map_or(0, |place| place + 1)
}

fn of_diagnostic(diagnostic: &Diagnostic, spec: &SpecReport) -> Result {
    let level = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let text = diagnostic_text(diagnostic);
    let span = Some(&diagnostic.span);
    let mut result = result(SPEC_RULE, level, "fail", text, span, spec);
    for fingerprint in result.partial_fingerprints.values_mut() {
        fingerprint.push('/');
        fingerprint.push_str(&diagnostic.message);
    }
    result
}

fn of_check(check: &CheckReport, spec: &SpecReport, deny: &[String]) -> Option<Result> {
    let (level, kind) = match Standing::of(check, deny) {
        Standing::Good | Standing::Silent => return None,
        Standing::Advice => ("note", "fail"),
        // The level of what is no failure is "none" (section 3.27.10 of the standard).
        Standing::Open => ("none", "open"),
        Standing::Bad => ("error", "fail"),
    };
    let finding = &check.finding;
    let mut text = match check.expected {
        Some(expected) => format!("expected {expected}, {}: ", finding.verdict),
        None => format!("{}: ", finding.verdict),
    };
    text.push_str(&finding.message);
    if let Some(point) = &finding.counterexample {
        text.push('\n');
        text.push_str(&point_text(point));
    }
    let mut result = result(check.check, level, kind, text, finding.span.as_ref(), spec);
    result.properties = Some(Properties {
        verdict: finding.verdict.name(),
        dimensions: check.sizes.clone(),
    });
    Some(result)
}

fn result(
    rule: &'static str,
    level: &'static str,
    kind: &'static str,
    text: String,
    span: Option<&Span>,
    spec: &SpecReport,
) -> Result {
    let region = span
        .filter(|_| !spec.source.is_empty())
        .map(|span| region(&spec.source, span));
    // A finding stays the same finding when lines are added above it.
    let fingerprint = format!("{}/{rule}/{level}", spec.name);
    Result {
        rule_id: rule,
        rule_index: rule_index(rule),
        level,
        kind,
        message: Text { text },
        locations: [Location {
            physical_location: PhysicalLocation {
                artifact_location: ArtifactLocation {
                    uri: uri(&spec.path),
                },
                region,
            },
        }],
        partial_fingerprints: [("specAndCheck/v1", fingerprint)].into(),
        properties: None,
    }
}

fn region(source: &str, span: &Span) -> Region {
    let (start_line, start_column) = line_column(source, span.start);
    let (end_line, end_column) = line_column(source, span.end.max(span.start));
    Region {
        start_line,
        start_column,
        end_line,
        end_column,
    }
}

/// A path as a relative (or file) reference: bytes outside the unreserved ones are escaped.
fn uri(path: &str) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    let mut out = String::new();
    if path.starts_with('/') {
        out.push_str("file://");
    }
    for byte in path.replace('\\', "/").bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    column_kind: &'static str,
    results: Vec<Result>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    short_description: Text,
    help: Help,
}

#[derive(Serialize)]
struct Help {
    text: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    markdown: Option<&'static str>,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

impl Text {
    fn plain(text: &str) -> Text {
        Text {
            text: text.to_owned(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Result {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    kind: &'static str,
    message: Text,
    locations: [Location; 1],
    partial_fingerprints: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    properties: Option<Properties>,
}

#[derive(Serialize)]
struct Properties {
    verdict: &'static str,
    dimensions: BTreeMap<String, usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: PhysicalLocation,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_written_as_references() {
        assert_eq!(uri("./a b/σ.yaml"), "a%20b/%CF%83.yaml");
        assert_eq!(uri("/tmp/a.yaml"), "file:///tmp/a.yaml");
    }
}
