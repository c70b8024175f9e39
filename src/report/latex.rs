//! The report as an article: a section for each spec, with what it defines and claims, each
//! derivation with the verdict of every step, and the checks.

use super::math::{Math, escape, latex as set};
use super::outline::{Part, Step, outline};
use super::{CheckReport, Report, SpecReport};
use std::fmt::Write;

/// Formulas wider than the page are made smaller.
pub(super) const PREAMBLE: &str = r"\documentclass{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{amsmath,amssymb,graphicx}
\usepackage[margin=2.5cm]{geometry}
\setlength{\parindent}{0pt}
\emergencystretch=3em
\newcommand{\fit}[2]{\resizebox{\ifdim\width>#1\linewidth #1\linewidth\else\width\fi}{!}{$\displaystyle #2$}}
\begin{document}
";

/// A left side whose source is longer than this is about a third of a line.
const WIDE: usize = 90;

/// The whole article, ending in a line break. It needs amsmath, amssymb, geometry and graphicx.
pub fn latex(report: &Report) -> String {
    let mut out = PREAMBLE.to_owned();
    for spec in &report.specs {
        section(&mut out, spec);
    }
    out.push_str("\\end{document}\n");
    out
}

fn section(out: &mut String, spec: &SpecReport) {
    let _ = writeln!(out, "\\section{{{}}}", escape(&spec.name));
    definition(out, spec);
    if !spec.checks.is_empty() {
        checks(out, &spec.checks);
    }
}

/// What a spec defines and claims, with its derivations.
pub(super) fn definition(out: &mut String, spec: &SpecReport) {
    match outline(spec) {
        None => {
            for found in &spec.diagnostics {
                let _ = writeln!(out, "{}\\par", escape(&found.message));
            }
        }
        Some(outline) => {
            if let Some(summary) = &outline.summary {
                let _ = writeln!(out, "{}\n", escape(summary));
            }
            outline.parts.iter().for_each(|p| part(out, p));
            for (name, steps) in &outline.derivations {
                derivation(out, name, steps);
            }
            for reference in &outline.references {
                let _ = writeln!(out, "{{\\footnotesize {}\\par}}", escape(reference));
            }
        }
    }
}

fn part(out: &mut String, part: &Part) {
    let _ = writeln!(out, "\\paragraph{{{}}}", part.title);
    let lines: Vec<String> = part
        .lines
        .iter()
        .map(|[left, sign, right]| {
            let (left, sign, right) = (set(left), set(sign), set(right));
            if left.len() > WIDE {
                // A line of its own, so that it leaves the right side its room.
                format!("& \\fit{{0.8}}{{{left}}} \\\\\n&\\qquad {sign} \\fit{{0.7}}{{{right}}}")
            } else {
                format!("{left} &{sign} \\fit{{0.75}}{{{right}}}")
            }
        })
        .collect();
    aligned(out, &lines);
}

/// No line of an alignment may be empty, and the last has no break.
pub(super) fn aligned(out: &mut String, lines: &[String]) {
    let _ = writeln!(
        out,
        "\\begin{{align*}}\n{}\n\\end{{align*}}",
        lines.join(" \\\\\n")
    );
}

fn derivation(out: &mut String, name: &str, steps: &[Step]) {
    let _ = writeln!(out, "\\paragraph{{Derivation: {}}}", escape(name));
    let lines: Vec<String> = steps
        .iter()
        .enumerate()
        .map(|(i, step)| {
            let sign = if i == 0 {
                Math::Row(Vec::new())
            } else {
                Math::Sign("=")
            };
            let said = match (&step.verdict, i) {
                (_, 0) => String::new(),
                (Some(verdict), _) => verdict.clone(),
                (None, _) => "not looked at".to_owned(),
            };
            let because = match &step.because {
                Some(because) => format!("{said}: {because}"),
                None => said,
            };
            let note = format!(
                "\\text{{\\footnotesize {}}}",
                escape(because.trim_start_matches(": "))
            );
            format!(
                "&{} \\fit{{0.6}}{{{}}} && {note}",
                set(&sign),
                set(&step.math)
            )
        })
        .collect();
    aligned(out, &lines);
}

fn checks(out: &mut String, checks: &[CheckReport]) {
    out.push_str("\\paragraph{Checks}\n\\begin{description}\n");
    for check in checks {
        let finding = &check.finding;
        let _ = write!(
            out,
            "\\item[{}] \\emph{{{}}}",
            escape(check.check),
            finding.verdict.name()
        );
        if let Some(expected) = check.expected {
            let _ = write!(out, " (expected {expected})");
        }
        let _ = writeln!(out, ": {}", escape(&finding.message));
        if let Some(point) = &finding.counterexample {
            let given = [&point.parameters, &point.inputs, &point.noise, &point.at];
            let given: Vec<String> = given
                .into_iter()
                .flatten()
                .map(|(name, value)| format!("{} = {}", escape(name), escape(value)))
                .collect();
            let _ = writeln!(
                out,
                "\\\\ at {}: {} is {}, {} is {}. {}",
                given.join(", "),
                escape(&point.left_label),
                escape(&point.left),
                escape(&point.right_label),
                escape(&point.right),
                escape(&point.explanation)
            );
        }
    }
    out.push_str("\\end{description}\n");
}
