//! The report as annotations of a GitHub workflow: one line for each thing that is not as it should
//! be, at its place in the file.
//!
//! <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>

use super::standing::Standing;
use super::text::point_text;
use super::{CheckReport, Report, SpecReport};
use crate::diagnostic::{Diagnostic, Severity, Span, line_column};
use std::fmt::Write;

/// All annotations, each ending in a line break; nothing where all is as it should be.
pub fn github(report: &Report, deny: &[String]) -> String {
    let mut out = String::new();
    for spec in &report.specs {
        for diagnostic in &spec.diagnostics {
            let level = match diagnostic.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            };
            let text = diagnostic_text(diagnostic);
            annotate(&mut out, level, spec, Some(&diagnostic.span), "spec", &text);
        }
        for check in &spec.checks {
            let level = match Standing::of(check, deny) {
                Standing::Good | Standing::Silent => continue,
                Standing::Advice => "notice",
                Standing::Open => "warning",
                Standing::Bad => "error",
            };
            let title = title(check);
            let mut text = check.finding.message.clone();
            if let Some(point) = &check.finding.counterexample {
                text.push('\n');
                text.push_str(&point_text(point));
            }
            annotate(
                &mut out,
                level,
                spec,
                check.finding.span.as_ref(),
                &title,
                &text,
            );
        }
    }
    out
}

fn title(check: &CheckReport) -> String {
    let verdict = check.finding.verdict;
    match check.expected {
        Some(expected) => format!("{}: {verdict}, expected {expected}", check.check),
        None => format!("{}: {verdict}", check.check),
    }
}

/// The message with its label, notes and help, a line each.
pub(super) fn diagnostic_text(diagnostic: &Diagnostic) -> String {
    let mut text = diagnostic.message.clone();
    if !diagnostic.label.is_empty() {
        let _ = write!(text, " ({})", diagnostic.label);
    }
    for note in &diagnostic.notes {
        let _ = write!(text, "\nnote: {note}");
    }
    if let Some(help) = &diagnostic.help {
        let _ = write!(text, "\nhelp: {help}");
    }
    text
}

fn annotate(
    out: &mut String,
    level: &str,
    spec: &SpecReport,
    span: Option<&Span>,
    title: &str,
    text: &str,
) {
    let path = spec.path.strip_prefix("./").unwrap_or(&spec.path);
    let _ = write!(out, "::{level} file={}", property(path));
    if let Some(span) = span.filter(|_| !spec.source.is_empty()) {
        let (line, column) = line_column(&spec.source, span.start);
        let (last, end) = line_column(&spec.source, span.end);
        let _ = write!(out, ",line={line},endLine={last}");
        // Columns are taken only where all is on one line.
        if line == last {
            let _ = write!(out, ",col={column},endColumn={end}");
        }
    }
    let _ = writeln!(out, ",title={}::{}", property(title), message(text));
}

fn message(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_a_command_is_escaped() {
        assert_eq!(property("a:b,c%\r\n"), "a%3Ab%2Cc%25%0D%0A");
        assert_eq!(message("a:b,c%\n::error::x"), "a:b,c%25%0A::error::x");
    }
}
