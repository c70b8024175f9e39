//! What is said of wrong specs: for each classical mistake the words that name it.
//!
//! The phrases are those a reader needs; the full texts are snapshots of `tests/golden.rs`.

use reparam_check::check::Verdict;
use reparam_check::run::{Effort, Options, run};
use std::path::Path;

/// A file of `specs/wrong`, a check, and a phrase of its explanation.
const SAID: &[(&str, &str, &str)] = &[
    (
        "log_det_forgotten",
        "density",
        "the log-determinant that varies with the noise is missing",
    ),
    (
        "log_det_wrong_sign",
        "jacobian",
        "it is that of the inverse",
    ),
    (
        "log_det_of_inverse",
        "jacobian",
        "it is that of the inverse",
    ),
    (
        "log_det_counted_twice",
        "density",
        "varies with the noise is subtracted twice",
    ),
    (
        "log_det_added",
        "jacobian",
        "the log-determinant is counted twice",
    ),
    (
        "log_det_added",
        "density",
        "the log-determinant is added, and must be subtracted",
    ),
    (
        "log_det_without_abs",
        "jacobian",
        "is the absolute value missing?",
    ),
    (
        "log_det_wrong_axis",
        "jacobian",
        "the claim is 1/m of what it should be",
    ),
    ("mean_for_sum", "jacobian", "a mean in place of a sum"),
    ("mean_for_sum", "density", "a mean in place of a sum"),
    ("half_without_factor", "density", "off by a factor of 2"),
    (
        "two_pi_without_root",
        "density",
        "off by a factor of sqrt(2 pi)",
    ),
    ("two_pi_forgotten", "density", "off by a factor of 2 pi"),
    (
        "simplex_off_by_root_k",
        "density",
        "off by a factor of sqrt(2)",
    ),
    (
        "variance_for_deviation",
        "density",
        "right with sqrt(sigma) in place of sigma",
    ),
    (
        "deviation_for_variance",
        "density",
        "right with sigma^2 in place of sigma: a standard deviation is taken for a variance",
    ),
    (
        "log_variance_as_log_deviation",
        "density",
        "right with 2*logvar in place of logvar: the logarithm of a standard deviation",
    ),
    (
        "rate_for_scale",
        "density",
        "right with 1/rate in place of rate: a rate is taken for a scale",
    ),
    (
        "log_scale_of_wrong_sign",
        "density",
        "the log-determinant is added, and must be subtracted",
    ),
    (
        "exponent_of_wrong_sign",
        "density",
        "the term -(a - 1)*log(z) of the claimed log-density has the wrong sign",
    ),
    (
        "square_without_half",
        "density",
        "is twice what it should be",
    ),
    (
        "shape_and_rate_exchanged",
        "density",
        "right with scale and shape exchanged",
    ),
    (
        "other_outcome",
        "density",
        "1 - p in place of p: it is the probability of the other outcome",
    ),
    (
        "temperature_without_normalizer",
        "density",
        "log(tau) is missing in the log_density",
    ),
    ("entropy_in_bits", "moments", "the claim is in bits"),
    (
        "quantile_reversed",
        "moments",
        "it is that of 1 − u, or of −z",
    ),
];

#[track_caller]
fn explanation(stem: &str, check: &str) -> String {
    let path = format!("specs/wrong/{stem}.yaml");
    let text = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(&path));
    let files = [(path, text.expect("the spec is there"))];
    let options = Options {
        checks: Some(
            ["inverse", "jacobian", "density", "moments"]
                .map(str::to_owned)
                .to_vec(),
        ),
        effort: Effort::Quick,
        ..Options::default()
    };
    let report = run(&files, &options);
    let checks = &report.specs[0].checks;
    let finding = checks.iter().find(|c| c.check == check).map(|c| &c.finding);
    let finding = finding.expect("the check ran");
    assert_eq!(finding.verdict, Verdict::Refuted, "{stem}: {check}");
    let example = finding.counterexample.as_ref().expect("a counterexample");
    example.explanation.clone()
}

#[test]
fn mistakes_are_named() {
    let silent: Vec<String> = SAID
        .iter()
        .filter_map(|&(stem, check, phrase)| {
            let text = explanation(stem, check);
            (!text.contains(phrase)).then(|| format!("{stem}, {check}: {text}"))
        })
        .collect();
    assert!(silent.is_empty(), "{silent:#?}");
}
