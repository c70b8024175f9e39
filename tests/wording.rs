//! What is said where nothing is refuted: names, counts, and numbers that mean something.

use reparam_check::check::Finding;
use reparam_check::run::{Options, run};

/// What one check says of a spec.
#[track_caller]
fn said(check: &str, spec: &str) -> Finding {
    let options = Options {
        checks: Some(vec![check.to_owned()]),
        ..Options::default()
    };
    let report = run(&[("said.yaml".to_owned(), spec.into())], &options);
    let found = &report.specs[0].diagnostics;
    assert!(found.is_empty(), "{found:?}");
    report.specs[0].checks[0].finding.clone()
}

const NORMAL: &str = "\
name: said
parameters: {mu: real}
noise: {eps: \"normal(0, 1)\"}
transform: {z: mu + eps}
";

#[test]
fn one_of_several_expectations_has_its_name() {
    let one = said(
        "gradient",
        &format!("{NORMAL}expectations: [{{f: z, value: mu}}]\n"),
    );
    assert!(one.message.starts_with("value: "), "{}", one.message);
    let entries = "[{f: z, value: mu}, {name: second moment, f: z^2, value: mu^2 + 1}]";
    let two = said("gradient", &format!("{NORMAL}expectations: {entries}\n"));
    assert!(two.message.starts_with("`z`: value: "), "{}", two.message);
    assert!(
        two.message.contains("; `second moment`: value: "),
        "{}",
        two.message
    );
}

#[test]
fn an_error_estimated_as_nothing_is_none() {
    let spec = "\
name: said
parameters: {p: unit_interval}
noise: {b: bernoulli(1/3)}
transform: {z: p*b}
expectations: [{f: cos(z), value: 2/3 + cos(p)/3}]
";
    let finding = said("gradient", spec);
    assert!(!finding.message.contains("0e0"), "{}", finding.message);
}

#[test]
fn counts_of_one_are_in_the_singular() {
    let spec = "\
name: said
noise: {a: \"normal(0, 1)\", b: \"normal(0, 1)\"}
transform: {z: a + b}
";
    let message = said("inverse", spec).message;
    assert!(
        message.contains("2 noise components to 1 free coordinate:"),
        "{message}"
    );
    let message = said(
        "derivations",
        &format!("{NORMAL}derivations: {{shift: [z, eps + mu]}}\n"),
    )
    .message;
    assert!(message.starts_with("the one step is proved"), "{message}");
}

#[test]
fn float32_without_a_value_is_counted_and_is_no_error() {
    let spec = "\
name: said
parameters: {s: real}
noise: {u: \"uniform(0, 1)\"}
transform: {z: u*exp(s)*exp(-s)}
";
    let spec = spec.replace("{s: real}", "{s: {domain: real, range: [95, 110]}}");
    let finding = said("stability", &spec);
    let number = |name: &str| finding.evidence[name].as_f64().expect("a number");
    assert!(number("not_finite_in_float32") > 0.0, "{finding:?}");
    assert!(number("worst_error_float32") < 1e30, "{finding:?}");
}
