//! What was derived of a spec as an article: its definition, and how each formula follows.

use super::latex::{PREAMBLE, aligned, definition};
use super::math::{escape, formula, latex as set};
use super::{Outcome, SpecReport};
use crate::derive::{Derived, Entry, Found, Quantity, Step};
use crate::run::{self, Options};
use std::fmt::Write;

/// The whole article, ending in a line break; it needs what the report needs.
pub fn latex(derived: &Derived) -> String {
    let mut out = PREAMBLE.to_owned();
    let _ = writeln!(out, "\\section{{{}}}", escape(&derived.name));
    definition(&mut out, &report(derived));
    for entry in &derived.entries {
        part(&mut out, entry);
    }
    out.push_str("\\end{document}\n");
    out
}

/// The spec as it stands, with the verdicts of its own derivations.
fn report(derived: &Derived) -> SpecReport {
    let options = Options {
        checks: Some(vec!["derivations".to_owned()]),
        ..Options::default()
    };
    let file = (derived.name.clone(), derived.source.clone().into_bytes());
    let mut specs = run::run(&[file], &options).specs;
    specs.pop().unwrap_or_else(|| SpecReport {
        name: derived.name.clone(),
        path: String::new(),
        source: derived.source.clone(),
        outcome: Outcome::Error,
        checks: Vec::new(),
        diagnostics: Vec::new(),
    })
}

fn title(quantity: &Quantity) -> String {
    match quantity {
        Quantity::Inverse => "Inverse, derived".to_owned(),
        Quantity::LogAbsDetJacobian => "Jacobian, derived".to_owned(),
        Quantity::LogDensity => "Log-density, derived".to_owned(),
        Quantity::Score => "Score, derived".to_owned(),
        Quantity::PathDerivative(of) => format!("Path derivative in {of}, derived"),
        Quantity::NoiseDerivative(of) => format!("Derivative of the noise in {of}, derived"),
    }
}

fn part(out: &mut String, entry: &Entry) {
    let found = match &entry.found {
        Found::Stated => return,
        Found::Missing(reason) => {
            let title = escape(&title(&entry.quantity));
            let title = title.trim_end_matches(", derived");
            let _ = writeln!(
                out,
                "\\paragraph{{{title}}} Not derived: {}.\\par",
                escape(reason)
            );
            return;
        }
        Found::Derived(found) => found,
    };
    let _ = writeln!(out, "\\paragraph{{{}}}", escape(&title(&entry.quantity)));
    if found.steps.is_empty() {
        for block in &found.blocks {
            let lines: Vec<String> = block
                .equations
                .iter()
                .map(|(left, right)| {
                    let left = format!("\\text{{{}}}", escape(left));
                    format!("{left} &= \\fit{{0.75}}{{{}}}", set(&formula(right)))
                })
                .collect();
            if let Some(sizes) = &block.sizes {
                let sizes: Vec<String> = sizes.iter().map(|(n, s)| format!("{n} = {s}")).collect();
                let _ = writeln!(out, "At {}:", escape(&sizes.join(", ")));
            }
            aligned(out, &lines);
        }
    } else {
        let lines: Vec<String> = found.steps.iter().map(line).collect();
        // The columns as wide as they are, or the reasons would run off the page.
        let _ = writeln!(
            out,
            "\\begin{{alignat*}}{{2}}\n{}\n\\end{{alignat*}}",
            lines.join(" \\\\\n")
        );
    }
    let finding = &found.finding;
    let _ = writeln!(
        out,
        "{{\\footnotesize \\emph{{{}}}: {}\\par}}",
        finding.verdict.name(),
        escape(&finding.message)
    );
}

fn line(step: &Step) -> String {
    let left = step.left.as_ref().map_or(String::new(), |left| {
        format!("\\fit{{0.25}}{{{}}}", set(&formula(left)))
    });
    format!(
        "{left} &= \\fit{{0.5}}{{{}}} &\\quad& \\text{{\\footnotesize {}}}",
        set(&formula(&step.right)),
        escape(&step.because)
    )
}
