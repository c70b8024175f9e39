//! The spec language as its page states it: for each sentence, specs that use it in the ordinary and
//! in the unusual way, with what must come out.
//!
//! The rows are in `tests/data/contract`. A row opens with `# ` and the rule it holds, then the spec
//! without its name, then what must come out of it:
//!
//! ```text
//! => passed                        the outcome
//! => density: proved | certified   one of these verdicts
//! => 3:10 unknown name ~ did you   an error at a place, the beginning of its message and its help
//! => warning 3:10 parameter        a warning in the same way
//! ```
//!
//! Every error and every warning of a spec is stated.

use reparam_check::diagnostic::{Severity, line_column};
use reparam_check::report::{Outcome, SpecReport};
use reparam_check::run::{Effort, Options, run};
use std::path::Path;

struct Row {
    place: String,
    rule: String,
    spec: String,
    expected: Vec<String>,
}

fn rows(file: &str) -> Vec<Row> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/contract")
        .join(file);
    let text = std::fs::read_to_string(&path).expect("the file is there");
    let mut rows: Vec<Row> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if let Some(rule) = line.strip_prefix("# ") {
            rows.push(Row {
                place: format!("{file}:{}", number + 1),
                rule: rule.to_owned(),
                spec: "name: row\n".to_owned(),
                expected: Vec::new(),
            });
            continue;
        }
        let Some(row) = rows.last_mut() else {
            assert_eq!(line, "", "{file} opens with a rule");
            continue;
        };
        match line.strip_prefix("=> ") {
            Some(expected) => row.expected.push(expected.to_owned()),
            None if line.is_empty() => {}
            None => {
                assert!(row.expected.is_empty(), "{}: a spec after `=>`", row.place);
                row.spec.push_str(&format!("{line}\n"));
            }
        }
    }
    rows
}

fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "passed",
        Outcome::Failed => "failed",
        Outcome::Inconclusive => "inconclusive",
        Outcome::Error => "error",
    }
}

/// What is wrong with a report, by the rows that state it.
fn problems(row: &Row, report: &SpecReport) -> Vec<String> {
    let mut problems = Vec::new();
    let mut told: Vec<String> = report
        .diagnostics
        .iter()
        .map(|d| {
            let (line, column) = line_column(&report.source, d.span.start);
            let kind = match d.severity {
                Severity::Error => "",
                Severity::Warning => "warning ",
            };
            let help = d.help.clone().unwrap_or_default();
            format!("{kind}{line}:{column} {} ~ {help}", d.message)
        })
        .collect();
    for expected in &row.expected {
        if expected.contains(": ") && !expected.contains('~') && !starts_with_place(expected) {
            let (check, verdicts) = expected.split_once(": ").expect("it has a colon");
            let found = report.checks.iter().find(|c| c.check == check);
            let found = found.map_or("nothing", |c| c.finding.verdict.name());
            if !verdicts.split(" | ").any(|verdict| verdict == found) {
                problems.push(format!("{check} came out {found}, not {verdicts}"));
            }
        } else if starts_with_place(expected) {
            let (message, help) = expected.split_once(" ~ ").unwrap_or((expected, ""));
            let place = told.iter().position(|told| {
                let (told, given) = told.split_once(" ~ ").expect("it has a help");
                told.starts_with(message) && given.starts_with(help)
            });
            match place {
                Some(place) => drop(told.remove(place)),
                None => problems.push(format!("not said: {expected}")),
            }
        } else if outcome(report.outcome) != expected {
            let found = outcome(report.outcome);
            problems.push(format!("the spec came out {found}, not {expected}"));
        }
    }
    problems.extend(
        told.iter()
            .map(|told| format!("said, and not stated: {told}")),
    );
    problems
}

fn starts_with_place(expected: &str) -> bool {
    let place = expected.strip_prefix("warning ").unwrap_or(expected);
    place.starts_with(|c: char| c.is_ascii_digit())
}

#[track_caller]
fn check(file: &str) {
    let rows = rows(file);
    let files: Vec<(String, Vec<u8>)> = rows
        .iter()
        .map(|row| (row.place.clone(), row.spec.clone().into_bytes()))
        .collect();
    let options = Options {
        effort: Effort::Quick,
        ..Options::default()
    };
    let report = run(&files, &options);
    let mut shown = Vec::new();
    for (row, report) in rows.iter().zip(&report.specs) {
        assert!(!row.expected.is_empty(), "{} states nothing", row.place);
        for problem in problems(row, report) {
            let checks: Vec<String> = report
                .checks
                .iter()
                .filter(|c| !matches!(c.finding.verdict.name(), "skipped"))
                .map(|c| format!("{}: {:?} {}", c.check, c.finding.verdict, c.finding.message))
                .collect();
            shown.push(format!(
                "{} ({}): {problem}\n  {}",
                row.place,
                row.rule,
                checks.join("\n  ")
            ));
        }
    }
    assert!(shown.is_empty(), "{}", shown.join("\n"));
}

#[test]
fn names_mean_what_they_are_defined_as() {
    check("names.txt");
}

#[test]
fn keys_hold_what_the_table_says() {
    check("keys.txt");
}

#[test]
fn targets_and_their_claims_are_judged() {
    check("targets.txt");
}

#[test]
fn each_distribution_is_itself() {
    check("distributions.txt");
}

#[test]
fn expectations_and_derivations_are_judged() {
    check("expectations.txt");
}
