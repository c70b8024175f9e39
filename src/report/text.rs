//! The report as text for people, wrapped at 80 columns.

use super::diagnostics::{WIDTH, render, render_place, wrap};
use super::standing::Standing;
use super::{CheckReport, Outcome, Report, SpecReport};
use crate::check::{Counterexample, Verdict};
use crate::number::text::counted;
use std::fmt::Write;

/// What of the report is shown, and how.
#[derive(Clone, Debug, Default)]
pub struct TextOptions {
    /// With terminal colours.
    pub color: bool,
    /// Only what is not as it should be, and the summary.
    pub quiet: bool,
    /// With wall times.
    pub timings: bool,
    /// The checks that count although they are advice by default.
    pub deny: Vec<String>,
}

impl Standing {
    fn mark(self) -> &'static str {
        match self {
            Standing::Good => "✓",
            Standing::Silent => "·",
            Standing::Advice => "!",
            Standing::Open => "?",
            Standing::Bad => "✗",
        }
    }

    fn color(self) -> Color {
        match self {
            Standing::Good => Color::Green,
            Standing::Silent => Color::Dim,
            Standing::Advice | Standing::Open => Color::Yellow,
            Standing::Bad => Color::Red,
        }
    }
}

#[derive(Clone, Copy)]
enum Color {
    Green,
    Yellow,
    Red,
    Dim,
    Bold,
}

/// The whole report, ending in a line break.
pub fn text(report: &Report, options: &TextOptions) -> String {
    let mut writer = Writer {
        out: String::new(),
        options,
    };
    for spec in &report.specs {
        if !options.quiet || spec.outcome != Outcome::Passed {
            writer.spec(spec);
        }
    }
    writer.summary(report);
    writer.out
}

/// One check as the text report shows it, without colours.
pub(super) fn check_text(check: &CheckReport, spec: &SpecReport, deny: &[String]) -> String {
    let options = TextOptions {
        deny: deny.to_vec(),
        ..TextOptions::default()
    };
    let mut writer = Writer {
        out: String::new(),
        options: &options,
    };
    writer.check(check, Standing::of(check, deny), spec);
    writer.out
}

/// A counterexample as the text report shows it.
pub(super) fn point_text(point: &Counterexample) -> String {
    let mut writer = Writer {
        out: String::new(),
        options: &TextOptions::default(),
    };
    writer.counterexample(point);
    let lines: Vec<&str> = writer.out.lines().map(str::trim).collect();
    lines.join("\n")
}

struct Writer<'a> {
    out: String,
    options: &'a TextOptions,
}

impl Writer<'_> {
    fn line(&mut self, line: &str) {
        self.out.push_str(line.trim_end());
        self.out.push('\n');
    }

    fn paint(&self, text: &str, color: Color) -> String {
        if !self.options.color {
            return text.to_owned();
        }
        let code = match color {
            Color::Green => "32",
            Color::Yellow => "33",
            Color::Red => "31",
            Color::Dim => "2",
            Color::Bold => "1",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }

    fn spec(&mut self, spec: &SpecReport) {
        let (standing, outcome) = match spec.outcome {
            Outcome::Passed => (Standing::Good, "passed"),
            Outcome::Failed => (Standing::Bad, "failed"),
            Outcome::Inconclusive => (Standing::Open, "inconclusive"),
            Outcome::Error => (Standing::Bad, "error"),
        };
        let name = self.paint(&spec.name, Color::Bold);
        let outcome = self.paint(outcome, standing.color());
        self.line(&format!("{name} ({}): {outcome}", spec.path));
        for diagnostic in &spec.diagnostics {
            let shown = render(diagnostic, &spec.path, &spec.source, self.options.color);
            self.line(&shown);
            self.line("");
        }
        for check in &spec.checks {
            let standing = Standing::of(check, &self.options.deny);
            if !self.options.quiet || matches!(standing, Standing::Open | Standing::Bad) {
                self.check(check, standing, spec);
            }
        }
        if spec.diagnostics.is_empty() || !spec.checks.is_empty() {
            self.line("");
        }
    }

    fn check(&mut self, check: &CheckReport, standing: Standing, spec: &SpecReport) {
        const INDENT: usize = 31;
        let finding = &check.finding;
        let mut message = match check.expected {
            Some(expected) if expected == finding.verdict => "as expected: ".to_owned(),
            Some(expected) => format!("expected {expected}: "),
            None => String::new(),
        };
        if check.known {
            message.insert_str(0, "known: ");
        }
        message.push_str(&finding.message);
        if !check.sizes.is_empty() {
            let sizes: Vec<String> = check
                .sizes
                .iter()
                .map(|(name, size)| format!("{name} = {size}"))
                .collect();
            let _ = write!(message, " [{}]", sizes.join(", "));
        }
        if self.options.timings {
            let _ = write!(message, " ({:.2} s)", check.seconds);
        }
        let mark = self.paint(standing.mark(), standing.color());
        let verdict = self.paint(&format!("{:<13}", finding.verdict.name()), standing.color());
        let lines = wrap(&message, WIDTH - INDENT);
        self.line(&format!(
            "  {mark} {:<13} {verdict}{}",
            check.check, lines[0]
        ));
        for line in &lines[1..] {
            self.line(&format!("{:INDENT$}{line}", ""));
        }
        if let Some(point) = &finding.counterexample {
            self.counterexample(point);
        }
        let refuted = finding.verdict == Verdict::Refuted;
        if let Some(span) = &finding.span
            && (refuted || standing == Standing::Bad)
        {
            let shown = render_place(&spec.path, &spec.source, span, "", self.options.color);
            for line in shown.lines() {
                self.line(&format!("      {line}"));
            }
        }
    }

    fn counterexample(&mut self, point: &Counterexample) {
        let given = [&point.parameters, &point.inputs, &point.noise, &point.at];
        let values: Vec<String> = given
            .into_iter()
            .flatten()
            .map(|(name, value)| format!("{name} = {value}"))
            .collect();
        if !values.is_empty() {
            self.paragraph("at ", &values.join(", "));
        }
        // A minus sign stands before the digits it is compared with.
        let signed = point.left.starts_with('-') || point.right.starts_with('-');
        let hang = |value: &str| {
            let lead = if signed && !value.starts_with('-') {
                " "
            } else {
                ""
            };
            format!("{lead}{value}")
        };
        let sides = [
            (&point.left_label, hang(&point.left)),
            (&point.right_label, hang(&point.right)),
        ];
        let width = sides
            .iter()
            .map(|(label, _)| label.chars().count())
            .max()
            .unwrap_or(0);
        // Side by side where the lines stay short, else the value below its label.
        let beside = sides
            .iter()
            .all(|(_, v)| 10 + width + v.chars().count() <= WIDTH);
        for (label, value) in sides {
            if beside {
                self.line(&format!("        {label:<width$}  {value}"));
            } else {
                self.line(&format!("        {label}"));
                self.paragraph("    ", value.trim_start());
            }
        }
        if !point.explanation.is_empty() {
            self.paragraph("", &point.explanation);
        }
    }

    /// Wrapped lines under the verdict, hanging behind a first word.
    fn paragraph(&mut self, first: &str, text: &str) {
        let indent = 6 + first.len();
        for (i, line) in wrap(text, WIDTH - indent).iter().enumerate() {
            let lead = if i == 0 { first } else { "" };
            self.line(&format!("      {lead:<0$}{line}", first.len()));
        }
    }

    fn summary(&mut self, report: &Report) {
        let count = |outcome| report.specs.iter().filter(|s| s.outcome == outcome).count();
        let parts: Vec<String> = [
            (count(Outcome::Passed), "passed", Color::Green),
            (count(Outcome::Failed), "failed", Color::Red),
            (count(Outcome::Inconclusive), "inconclusive", Color::Yellow),
            (count(Outcome::Error), "unreadable", Color::Red),
        ]
        .into_iter()
        .filter(|(count, _, _)| *count > 0)
        .map(|(count, word, color)| self.paint(&format!("{count} {word}"), color))
        .collect();
        let specs = report.specs.len();
        let parts = if parts.is_empty() {
            "none".to_owned()
        } else {
            parts.join(", ")
        };
        self.line(&format!(
            "{}: {parts} (seed {})",
            counted(specs, "spec"),
            report.seed
        ));
    }
}
