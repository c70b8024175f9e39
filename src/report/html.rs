//! The report as one page: no script, nothing loaded from elsewhere, light and dark, for a screen of
//! any width and for paper.

#[cfg(test)]
mod contrast;

use super::math::{Math, mathml};
use super::outline::{Outline, Step, outline};
use super::picture::{pictures, variances};
use super::standing::Standing;
use super::{CheckReport, Outcome, Report, SpecReport, diagnostics};
use crate::check::Counterexample;
use crate::number::text;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// The whole page, ending in a line break.
pub fn html(report: &Report, deny: &[String], timings: bool) -> String {
    let count = |outcome| report.specs.iter().filter(|s| s.outcome == outcome).count();
    let all = [
        Outcome::Passed,
        Outcome::Failed,
        Outcome::Inconclusive,
        Outcome::Error,
    ];
    let specs = text::counted(report.specs.len(), "spec");
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "reparam-check: " (specs) }
                style { (PreEscaped(include_str!("html/style.css"))) }
            }
            body {
                h1 { "reparam-check" }
                p {
                    (specs) ": "
                    @for (i, outcome) in all.into_iter().filter(|&o| count(o) > 0).enumerate() {
                        @if i > 0 { ", " }
                        span class=(class(outcome)) { (count(outcome)) " " (word(outcome)) }
                    }
                    " " span.quiet { "(version " (env!("CARGO_PKG_VERSION")) ", seed " (report.seed) ")" }
                }
                nav aria-label="Specs" { ul {
                    @for (i, spec) in report.specs.iter().enumerate() {
                        li {
                            span class=(class(spec.outcome)) { (mark(spec.outcome)) } " "
                            a href=(format!("#spec-{i}")) { (spec.name) }
                        }
                    }
                } }
                main { @for (i, spec) in report.specs.iter().enumerate() {
                    (one_spec(spec, i, report.seed, deny, timings))
                } }
            }
        }
    };
    page.into_string() + "\n"
}

fn class(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "good",
        Outcome::Failed | Outcome::Error => "bad",
        Outcome::Inconclusive => "open",
    }
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "passed",
        Outcome::Failed => "failed",
        Outcome::Inconclusive => "inconclusive",
        Outcome::Error => "unreadable",
    }
}

fn mark(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "✓",
        Outcome::Failed | Outcome::Error => "✗",
        Outcome::Inconclusive => "?",
    }
}

fn one_spec(spec: &SpecReport, place: usize, seed: u64, deny: &[String], timings: bool) -> Markup {
    let outline = outline(spec);
    html! {
        section aria-labelledby=(format!("spec-{place}")) {
            h2 id=(format!("spec-{place}")) {
                (spec.name) " "
                span class=(class(spec.outcome)) { (mark(spec.outcome)) " " (word(spec.outcome)) }
            }
            p.where { (spec.path) }
            @for found in &spec.diagnostics {
                pre { (diagnostics::render(found, &spec.path, &spec.source, false)) }
            }
            @if let Some(outline) = &outline { (formulas(outline)) }
            (gallery(spec, seed))
            @if let Some(outline) = &outline {
                @for (name, steps) in &outline.derivations { (derivation(name, steps)) }
            }
            @if !spec.checks.is_empty() {
                h3 { "Checks" }
                @for check in &spec.checks { (one_check(check, spec, deny, timings)) }
            }
        }
    }
}

fn gallery(spec: &SpecReport, seed: u64) -> Markup {
    let (at, plots) = pictures(spec, seed).unwrap_or_default();
    let variances = variances(spec);
    html! {
        @if !plots.is_empty() || variances.is_some() {
            h3 { "Pictures" }
            @if !at.is_empty() { p.quiet { "At " (at) } }
            div.pictures {
                @for plot in &plots {
                    figure {
                        (plot.svg())
                        figcaption {
                            (plot.title)
                            @for (class, name) in plot.legend() {
                                (legend(&format!("curve {class}"), &name))
                            }
                        }
                    }
                }
                @if let Some(picture) = &variances {
                    figure {
                        (picture)
                        figcaption {
                            "Variance of a draw"
                            (legend("dot c0", "estimator"))
                            (legend("dot c1", "score function"))
                        }
                    }
                }
            }
        }
    }
}

/// What a mark in a picture stands for, beside the mark.
fn legend(class: &str, name: &str) -> Markup {
    html! {
        span.legend {
            svg.key viewBox="0 0 26 10" aria-hidden="true" {
                @if class.starts_with("dot") {
                    circle class=(class) cx="18" cy="5" r="4" {}
                } @else {
                    path class=(class) d="M0 5H26" {}
                }
            }
            (name)
        }
    }
}

fn formulas(outline: &Outline) -> Markup {
    html! {
        @if let Some(summary) = &outline.summary { p { (summary) } }
        dl.formulas {
            @for part in &outline.parts {
                dt { (part.title) }
                dd { @for line in &part.lines {
                    div { (mathml(&Math::Row(line.to_vec()))) }
                } }
            }
        }
        @if !outline.references.is_empty() {
            p.quiet { @for reference in &outline.references { (reference) br; } }
        }
    }
}

fn derivation(name: &str, steps: &[Step]) -> Markup {
    html! {
        h3 { "Derivation: " (name) }
        ol.steps {
            @for (i, step) in steps.iter().enumerate() {
                @let class = match step.verdict.as_deref() {
                    Some("refuted") => "bad",
                    Some("inconclusive") => "open",
                    Some(_) => "good",
                    None => "silent",
                };
                li class=(class) {
                    @if i > 0 {
                        (mathml(&Math::Row(vec![Math::Sign("="), step.math.clone()])))
                        " " span.verdict { (step.verdict.as_deref().unwrap_or("not looked at")) }
                    } @else {
                        (mathml(&step.math))
                    }
                    @if let Some(because) = &step.because { div.because { "because " (because) } }
                }
            }
        }
    }
}

fn one_check(check: &CheckReport, spec: &SpecReport, deny: &[String], timings: bool) -> Markup {
    let standing = Standing::of(check, deny);
    let (class, mark) = match standing {
        Standing::Good => ("good", "✓"),
        Standing::Silent => ("silent", "·"),
        Standing::Advice => ("advice", "!"),
        Standing::Open => ("open", "?"),
        Standing::Bad => ("bad", "✗"),
    };
    let finding = &check.finding;
    let sizes: Vec<String> = check
        .sizes
        .iter()
        .map(|(n, s)| format!("{n} = {s}"))
        .collect();
    html! {
        div class=(format!("check {class}")) {
            p {
                strong { (check.check) } " "
                span class=(format!("verdict {class}")) { (mark) " " (finding.verdict.name()) }
                @if let Some(expected) = check.expected { " (expected " (expected.name()) ")" }
                @if check.known { " (known)" }
                ": " (finding.message)
                @if !sizes.is_empty() { " [" (sizes.join(", ")) "]" }
                @if timings { (format!(" ({:.2} s)", check.seconds)) }
            }
            @if let Some(point) = &finding.counterexample { (counterexample(point)) }
            @if let (Some(span), true) = (&finding.span, standing == Standing::Bad) {
                pre { (diagnostics::render_place(&spec.path, &spec.source, span, "", false)) }
            }
            @if !finding.evidence.is_empty() {
                details {
                    summary { "evidence" }
                    table { @for (name, value) in &finding.evidence {
                        tr { th scope="row" { (name.replace('_', " ")) } td { (evidence(value)) } }
                    } }
                }
            }
        }
    }
}

/// A piece of evidence as it is read: no quotes, and numbers to six digits.
fn evidence(value: &serde_json::Value) -> String {
    use serde_json::Value;
    match value {
        Value::Null => String::new(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => match number.as_f64() {
            Some(value) if number.is_f64() => text::rounded(value, 6),
            _ => number.to_string(),
        },
        Value::String(text) => text.clone(),
        Value::Array(values) => {
            let texts: Vec<String> = values.iter().map(evidence).collect();
            texts.join(", ")
        }
        Value::Object(entries) => {
            let texts: Vec<String> = entries
                .iter()
                .map(|(name, value)| match value {
                    Value::Object(_) => format!("{name} ({})", evidence(value)),
                    _ => format!("{name} {}", evidence(value)),
                })
                .collect();
            texts.join("; ")
        }
    }
}

fn counterexample(point: &Counterexample) -> Markup {
    let given = [&point.parameters, &point.inputs, &point.noise, &point.at];
    html! {
        table {
            @for (name, value) in given.into_iter().flatten() {
                tr { th scope="row" { (name) } td { (value) } }
            }
            tr { th scope="row" { (point.left_label) } td { strong { (point.left) } } }
            tr { th scope="row" { (point.right_label) } td { strong { (point.right) } } }
        }
        @if !point.explanation.is_empty() { p { (point.explanation) } }
    }
}
