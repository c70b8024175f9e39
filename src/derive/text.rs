//! Derivations for a terminal, and as YAML to paste.

use super::paste::{self, Line};
use super::{Derived, Found, Quantity, Sizes};
use std::fmt::Write;

/// Columns of a terminal.
const WIDTH: usize = 80;

impl Quantity {
    /// What it is called.
    pub fn name(&self) -> String {
        match self {
            Quantity::Inverse => "inverse".to_owned(),
            Quantity::LogAbsDetJacobian => "log |det ∂g/∂ε|".to_owned(),
            Quantity::LogDensity => "log-density".to_owned(),
            Quantity::Score => "score ∂ log q/∂z".to_owned(),
            Quantity::PathDerivative(of) => format!("path derivative ∂z/∂{of}"),
            Quantity::NoiseDerivative(of) => format!("∂ε/∂{of} at fixed z"),
        }
    }
}

/// `d = 3`, or several.
fn at(sizes: &Sizes) -> String {
    let all: Vec<String> = sizes.iter().map(|(n, s)| format!("{n} = {s}")).collect();
    all.join(", ")
}

/// A text over lines that begin with some white space, as far as words allow.
fn wrapped(out: &mut String, indent: usize, text: &str) {
    let space = " ".repeat(indent);
    let mut line = String::new();
    for word in text.split(' ') {
        let length = line.chars().count() + 1 + word.chars().count();
        if !line.is_empty() && indent + length > WIDTH {
            let _ = writeln!(out, "{space}{line}");
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    let _ = writeln!(out, "{space}{line}");
}

/// For people.
pub fn text(derived: &Derived) -> String {
    let mut out = format!("{}\n", derived.name);
    let mut stated = Vec::new();
    for entry in &derived.entries {
        let name = entry.quantity.name();
        match &entry.found {
            Found::Stated => stated.push(name),
            Found::Missing(reason) => {
                let _ = writeln!(out, "\n  {name}");
                wrapped(&mut out, 4, &format!("not derived: {reason}"));
            }
            Found::Derived(formula) => {
                let _ = writeln!(out, "\n  {name}");
                for block in &formula.blocks {
                    if let Some(sizes) = &block.sizes {
                        let _ = writeln!(out, "    at {}", at(sizes));
                    }
                    for (left, right) in &block.equations {
                        // A formula stays on one line, to be copied.
                        let _ = writeln!(out, "    {left} = {right}");
                    }
                }
                let finding = &formula.finding;
                let mut known = finding.verdict.name().to_owned();
                if !finding.message.is_empty() {
                    known = format!("{known}: {}", finding.message);
                }
                wrapped(&mut out, 4, &known);
                if let Err(reason) = &formula.lines {
                    wrapped(&mut out, 4, &format!("not a line of a spec: {reason}"));
                }
            }
        }
    }
    if !stated.is_empty() {
        out.push('\n');
        wrapped(&mut out, 2, &format!("stated: {}", stated.join(", ")));
    }
    out
}

/// The lines to paste into the spec; what cannot be pasted is a comment.
pub fn yaml(derived: &Derived) -> String {
    let mut out = String::new();
    let mut lines: Vec<Line> = Vec::new();
    for entry in &derived.entries {
        let name = entry.quantity.name();
        match &entry.found {
            Found::Stated => {}
            Found::Missing(reason) => {
                let _ = writeln!(out, "# {name}: not derived: {reason}");
            }
            Found::Derived(formula) => match &formula.lines {
                Ok(own) => lines.extend(own.iter().cloned()),
                Err(reason) => {
                    let _ = writeln!(out, "# {name}: {reason}");
                    for block in &formula.blocks {
                        let sizes = block.sizes.as_ref().map(at);
                        let sizes = sizes.map_or(String::new(), |s| format!("at {s}: "));
                        for (left, right) in &block.equations {
                            let _ = writeln!(out, "#   {sizes}{left} = {right}");
                        }
                    }
                }
            },
        }
    }
    out.push_str(&paste::yaml(&lines));
    out
}
