//! The report as JUnit XML: one suite for each spec, one case for each check.
//!
//! What is refuted is a failure, what is inconclusive or cannot be read an error; so a server that
//! counts both fails where the exit status does.

use super::standing::Standing;
use super::text::check_text;
use super::{CheckReport, Report, SpecReport, diagnostics};
use crate::diagnostic::Severity;
use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};
use std::time::Duration;

/// The whole report, ending in a line break. Wall times are given only when asked for.
pub fn junit(report: &Report, deny: &[String], timings: bool) -> String {
    let mut whole = quick_junit::Report::new("reparam-check");
    for spec in &report.specs {
        whole.add_test_suite(suite(spec, deny, timings));
    }
    whole
        .to_string()
        .expect("invariant: writing to memory cannot fail")
}

fn suite(spec: &SpecReport, deny: &[String], timings: bool) -> TestSuite {
    let mut suite = TestSuite::new(spec.path.as_str());
    let shown = |severity| -> Vec<String> {
        let found = spec.diagnostics.iter().filter(|d| d.severity == severity);
        found
            .map(|d| diagnostics::render(d, &spec.path, &spec.source, false))
            .collect()
    };
    let errors: Vec<_> = spec
        .diagnostics
        .iter()
        .filter(|d| d.severity == Severity::Error)
        .collect();
    if let Some(first) = errors.first() {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status
            .set_type("unreadable")
            .set_message(first.message.as_str())
            .set_description(shown(Severity::Error).join("\n"));
        let mut case = TestCase::new("spec", status);
        case.set_classname(spec.name.as_str());
        suite.add_test_case(case);
    }
    let warnings = shown(Severity::Warning);
    if !warnings.is_empty() {
        suite.set_system_out(warnings.join("\n"));
    }
    for check in &spec.checks {
        let mut case = case(check, spec, deny);
        if timings {
            case.set_time(Duration::try_from_secs_f64(check.seconds).unwrap_or_default());
        }
        suite.add_test_case(case);
    }
    suite
}

fn case(check: &CheckReport, spec: &SpecReport, deny: &[String]) -> TestCase {
    let finding = &check.finding;
    let wrong = |kind| {
        let mut status = TestCaseStatus::non_success(kind);
        status
            .set_type(finding.verdict.name())
            .set_message(finding.message.as_str())
            .set_description(check_text(check, spec, deny));
        status
    };
    let status = match Standing::of(check, deny) {
        Standing::Good | Standing::Advice => TestCaseStatus::success(),
        Standing::Silent => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(finding.message.as_str());
            status
        }
        Standing::Open => wrong(NonSuccessKind::Error),
        Standing::Bad => wrong(NonSuccessKind::Failure),
    };
    let passed = matches!(status, TestCaseStatus::Success { .. });
    let mut case = TestCase::new(check.check, status);
    case.set_classname(spec.name.as_str());
    if passed {
        case.set_system_out(check_text(check, spec, deny));
    }
    case
}
