//! What `inverse` says of maps without a claimed inverse.

use reparam_check::run::{Options, run};

/// Parameters, noise and transform, the verdict, and a part of the message.
const MAPS: &[(&str, &str, &str, &str, &str)] = &[
    (
        "mu: real, sigma: positive",
        "normal(0, 1)",
        "mu + sigma*eps",
        "certified",
        "cover the noise",
    ),
    (
        "a: nonzero",
        "normal(0, 1)",
        "a*eps^3",
        "certified",
        "one sign",
    ),
    (
        "a: positive",
        "normal(0, 1)",
        "exp(a*eps)",
        "certified",
        "10^-3 to 10^3",
    ),
    (
        "a: positive",
        "uniform(0, 1)",
        "-log(-log(eps))/a",
        "certified",
        "one sign",
    ),
    (
        "a: real",
        "normal(0, 1)[2]",
        "[[1, 2], [3, 1]] @ eps + a",
        "certified",
        "affine",
    ),
    (
        "a: real",
        "normal(0, 1)[2]",
        "[eps[0], a*eps[0]^2 + eps[1]]",
        "certified",
        "derivative",
    ),
    // The slope is 1 wherever there is one.
    (
        "a: positive",
        "normal(0, 1)",
        "a*mod(eps, 1)",
        "skipped",
        "jumps",
    ),
    (
        "a: positive",
        "normal(0, 1)",
        "a*(eps - 2*floor(eps/2))",
        "skipped",
        "jumps",
    ),
    (
        "a: positive",
        "normal(0, 1)",
        "a*where(eps < 1, eps, eps - 3)",
        "skipped",
        "jumps",
    ),
    ("a: positive", "normal(0, 1)", "a*eps^2", "skipped", "turns"),
    // It turns where noise hardly ever comes, and intervals must not call it monotone.
    (
        "a: positive",
        "normal(0, 1)",
        "a*(eps - exp(eps - 40))",
        "skipped",
        "turns",
    ),
    // Continuity across the condition is not known: only points speak for it.
    (
        "a: positive",
        "uniform(0, 1)",
        "a*where(eps < 1/2, log(2*eps), -log(2 - 2*eps))",
        "tested",
        "exact points",
    ),
    (
        "a: real",
        "normal(0, 1)[2]",
        "[eps[0]^2 - eps[1]^2 + a, eps[0]*eps[1]]",
        "skipped",
        "no law is claimed",
    ),
];

#[test]
fn maps_without_a_claimed_inverse() {
    for (parameters, noise, transform, verdict, says) in MAPS {
        let spec = format!(
            "name: map\nparameters: {{{parameters}}}\nnoise: {{eps: \"{noise}\"}}\ntransform: {{z: \"{transform}\"}}\n"
        );
        let options = Options {
            checks: Some(vec!["inverse".to_owned()]),
            ..Options::default()
        };
        let report = run(&[("map.yaml".to_owned(), spec.into_bytes())], &options);
        let found = report.specs[0].checks.first().map(|c| &c.finding);
        let found = found.unwrap_or_else(|| panic!("{transform}: {:?}", report.specs[0]));
        assert_eq!(
            found.verdict.name(),
            *verdict,
            "{transform}: {}",
            found.message
        );
        assert!(
            found.message.contains(says),
            "{transform}: {}",
            found.message
        );
    }
}
