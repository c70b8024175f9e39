//! Verdicts that a spec states, of checks that find something to do or nothing.

use reparam_check::report::Outcome;
use reparam_check::run::{Options, run};

#[test]
fn verdicts_come_out_as_stated() {
    for (expect, outcome) in [
        ("inverse: proved", Outcome::Passed),
        ("inverse: refuted", Outcome::Failed),
        ("jacobian: skipped", Outcome::Passed),
        ("jacobian: proved", Outcome::Failed),
        ("velocity: skipped, derivations: skipped", Outcome::Passed),
        ("velocity: refuted", Outcome::Failed),
    ] {
        let spec = format!(
            "name: e\nnoise: {{eps: \"normal(0, 1)\"}}\ntransform: {{z: 2*eps}}\nexpect: {{{expect}}}\n"
        );
        let report = run(
            &[("e.yaml".to_owned(), spec.into_bytes())],
            &Options::default(),
        );
        assert_eq!(report.specs[0].outcome, outcome, "{expect}");
        let named = expect.split(':').next();
        let checks = &report.specs[0].checks;
        let of = checks.iter().filter(|c| Some(c.check) == named);
        assert_eq!(of.count(), 1, "{expect}");
    }
}
