//! What is derived is what a textbook says, passes the checks when it is pasted, and is not printed
//! where a guess fails.

use rayon::prelude::*;
use reparam_check::check::{Effort, Verdict};
use reparam_check::derive::{Derived, Found, Quantity, derive, text, yaml};
use reparam_check::report::derived::latex;
use reparam_check::run::{Options, run};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[track_caller]
fn derived(source: &str) -> Derived {
    match derive(source) {
        Ok(derived) => derived,
        Err(errors) => panic!("{errors:?}"),
    }
}

/// The equations of a quantity that hold at every size; none where it was not derived so.
fn equations(derived: &Derived, quantity: &Quantity) -> Option<Vec<String>> {
    let entry = derived.entries.iter().find(|e| e.quantity == *quantity)?;
    let Found::Derived(formula) = &entry.found else {
        return None;
    };
    match formula.blocks.as_slice() {
        [block] if block.sizes.is_none() => Some(
            block
                .equations
                .iter()
                .map(|(_, right)| right.clone())
                .collect(),
        ),
        _ => None,
    }
}

#[track_caller]
fn derives(source: &str, expected: &[(Quantity, &str)]) {
    let derived = derived(source);
    for (quantity, right) in expected {
        let found = equations(&derived, quantity);
        let last = found.as_ref().and_then(|all| all.last());
        assert_eq!(
            last.map(String::as_str),
            Some(*right),
            "{quantity:?}\n{}",
            text(&derived)
        );
    }
}

#[test]
fn formulas_are_those_of_the_textbook() {
    use Quantity::{Inverse, LogAbsDetJacobian, LogDensity, PathDerivative, Score};
    derives(
        "name: normal
dimensions: {d: [1, 3]}
parameters: {mu: \"real[d]\", sigma: \"positive[d]\"}
noise: {eps: \"normal(0, 1)[d]\"}
transform: {z: mu + sigma*eps}
",
        &[
            (Inverse, "(z - mu)/sigma"),
            (LogAbsDetJacobian, "sum(log(sigma))"),
            (
                LogDensity,
                "sum(-(z - mu)^2/(2*sigma^2) - log(sigma) - log(2*pi)/2)",
            ),
            (Score, "(mu - z)/sigma^2"),
            (PathDerivative("mu".to_owned()), "1"),
            (PathDerivative("sigma".to_owned()), "eps"),
        ],
    );
    derives(
        "name: logistic
parameters: {mu: real, s: positive}
noise: {u: \"uniform(0, 1)\"}
transform: {z: mu + s*logit(u)}
",
        &[
            (Inverse, "sigmoid((z - mu)/s)"),
            (LogAbsDetJacobian, "log(s) - log1p(-u) - log(u)"),
        ],
    );
    derives(
        "name: cauchy
parameters: {loc: real, gamma: positive}
noise: {u: \"uniform(0, 1)\"}
transform: {z: loc + gamma*tan(pi*(u - 1/2))}
target: {support: real}
",
        &[
            (Inverse, "atan((z - loc)/gamma)/pi + 1/2"),
            (
                LogDensity,
                "-log(gamma) - log1p((z - loc)^2/gamma^2) - log(pi)",
            ),
        ],
    );
    derives(
        "name: correlated
dimensions: {d: [2, 3]}
parameters: {mu: \"real[d]\", L: \"lower_cholesky[d]\"}
noise: {eps: \"normal(0, 1)[d]\"}
transform: {z: mu + L @ eps}
target: {support: \"real[d]\"}
",
        &[
            (Inverse, "solve_lower(L, z - mu)"),
            (LogAbsDetJacobian, "sum([log(L[i, i]) for i in 0..d])"),
        ],
    );
    derives(
        "name: gamma
parameters: {a: positive, b: positive}
noise: {u: \"uniform(0, 1)\"}
inverse: {u: \"gamma_p(a, b*z)\"}
target: {support: positive}
",
        &[
            (LogDensity, "a*log(b) + a*log(z) - b*z - log(z) - lgamma(a)"),
            (Score, "a/z - b - 1/z"),
        ],
    );
}

#[test]
fn the_support_is_looked_for_where_there_is_no_target() {
    let source = "name: squashed
parameters: {s: positive}
noise: {eps: \"normal(0, 1)\"}
transform: {z: exp(s*eps)}
";
    let derived = derived(source);
    let found = equations(&derived, &Quantity::LogDensity).expect("it is derived");
    assert_eq!(found[0], "positive");
    assert!(
        derived.pasted.contains("  support: positive\n"),
        "{}",
        derived.pasted
    );
    let report = run(
        &[(String::new(), derived.pasted.into_bytes())],
        &Options::default(),
    );
    for check in ["support", "inverse", "jacobian", "density", "normalization"] {
        let found = report.specs[0].checks.iter().find(|c| c.check == check);
        assert!(found.is_some_and(|c| c.finding.verdict.holds()), "{check}");
    }
}

#[test]
fn a_guess_that_fails_at_another_size_is_not_printed() {
    // At d = 2 the last summand is 2 log 2, and neither 2 log 2 nor d log 2 at every size.
    let source = "name: sized
dimensions: {d: [1, 2, 3]}
parameters: {sigma: \"positive[d]\"}
noise: {eps: \"normal(0, 1)[d]\"}
transform: {z: d*sigma*eps}
";
    let sized = derived(source);
    assert_eq!(equations(&sized, &Quantity::LogAbsDetJacobian), None);
    let shown = text(&sized);
    for line in [
        "at d = 1\n    log|det J| = log(sigma[0])\n",
        "at d = 2\n    log|det J| = ",
        "differs from size to size",
    ] {
        assert!(shown.contains(line), "{line}\n{shown}");
    }
    // Components that differ are not written as one.
    let source = "name: unlike
parameters: {a: positive}
noise: {eps: \"normal(0, 1)[2]\"}
transform: {z: \"[a*eps[0], eps[1] + a]\"}
";
    derives(
        source,
        &[
            (Quantity::Inverse, "[z[0]/a, z[1] - a]"),
            (Quantity::LogAbsDetJacobian, "log(a)"),
            (Quantity::PathDerivative("a".to_owned()), "[eps[0], 1]"),
        ],
    );
}

#[test]
fn reasons_are_given() {
    for (transform, reason) in [
        ("a*eps^2", "g is 2-to-one in `eps`"),
        (
            "eps + exp(a*eps)",
            "`eps` cannot be isolated in z = eps + exp(a*eps)",
        ),
        (
            "a*eps + other",
            "g maps 2 components of noise to 1 of z, and forgets some",
        ),
    ] {
        let other = if transform.contains("other") {
            "\n  other: normal(0, 1)"
        } else {
            ""
        };
        let source = format!(
            "name: hard\nparameters: {{a: positive}}\nnoise:\n  eps: normal(0, 1){other}\n\
             transform:\n  z: {transform}\n"
        );
        let derived = derived(&source);
        let Found::Missing(found) = &derived.entries[0].found else {
            panic!("{transform} has an inverse");
        };
        assert!(found.starts_with(reason), "{found}");
        assert!(
            yaml(&derived).contains("# inverse: not derived: "),
            "{}",
            yaml(&derived)
        );
    }
}

fn specs() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("specs")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() && !path.ends_with("wrong") {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "yaml") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The verdicts of the checks that look at what is derived.
fn verdicts(source: &str) -> BTreeMap<&'static str, Verdict> {
    let checks = [
        "support", "inverse", "jacobian", "density", "moments", "velocity",
    ];
    let options = Options {
        effort: Effort::Quick,
        checks: Some(checks.map(str::to_owned).to_vec()),
        jobs: 1,
        ..Options::default()
    };
    let report = run(&[(String::new(), source.as_bytes().to_vec())], &options);
    let spec = &report.specs[0];
    assert!(!spec.checks.is_empty(), "{:?}\n{source}", spec.diagnostics);
    spec.checks
        .iter()
        .map(|c| (c.check, c.finding.verdict))
        .collect()
}

/// Every spec with the lines that are derived for it; what a check says of it then is no worse than
/// before.
#[test]
fn lines_pass_the_checks() {
    let bad = |v: &Verdict| matches!(v, Verdict::Refuted | Verdict::Inconclusive);
    let worse: Vec<String> = specs()
        .par_iter()
        .flat_map(|path| {
            let source = std::fs::read_to_string(path).expect("a spec");
            let derived = derived(&source);
            if derived.lines().is_empty() {
                return Vec::new();
            }
            assert_ne!(derived.pasted, source, "{}", path.display());
            let after = verdicts(&derived.pasted);
            if !after.values().any(bad) {
                return Vec::new();
            }
            let before = verdicts(&source);
            after
                .iter()
                .filter(|(check, verdict)| bad(verdict) && before[*check] != **verdict)
                .map(|(check, verdict)| format!("{}: {check} {verdict}", path.display()))
                .collect()
        })
        .collect();
    assert!(worse.is_empty(), "{}", worse.join("\n"));
}

/// A spec without what can be derived of it.
fn stripped(source: &str) -> String {
    let (mut kept, mut keeps, mut in_target) = (String::new(), true, false);
    for line in source.lines() {
        let key = line.split(':').next().unwrap_or("");
        if !line.starts_with([' ', '#']) && !line.is_empty() {
            let dropped = [
                "inverse",
                "log_abs_det_jacobian",
                "velocity",
                "derivations",
                "expect",
            ];
            keeps = !dropped.contains(&key);
            in_target = key == "target";
        } else if in_target && line.starts_with("  ") && !line.starts_with("   ") {
            keeps = matches!(key.trim(), "support" | "measure");
        }
        if keeps {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

/// Of what specs claim, most is derived again without it.
#[test]
fn what_is_taken_away_is_derived_again() {
    let counts: Vec<[usize; 4]> = specs()
        .par_iter()
        .filter_map(|path| {
            let source = std::fs::read_to_string(path).expect("a spec");
            if !source.contains("\ntransform:") || !source.contains("\ninverse:") {
                return None;
            }
            let source = stripped(&source);
            let derived = derive(&source).ok()?;
            let found = |quantity: &Quantity| {
                let entry = derived.entries.iter().find(|e| e.quantity == *quantity);
                usize::from(entry.is_some_and(|e| matches!(e.found, Found::Derived(_))))
            };
            Some([
                1,
                found(&Quantity::Inverse),
                found(&Quantity::LogAbsDetJacobian),
                found(&Quantity::LogDensity),
            ])
        })
        .collect();
    let total = counts.iter().fold([0; 4], |mut sum, one| {
        for (s, n) in sum.iter_mut().zip(one) {
            *s += n;
        }
        sum
    });
    let [all, inverses, determinants, densities] = total;
    assert!(all > 90, "{total:?}");
    assert!(inverses * 100 >= all * 75, "{total:?}");
    assert!(determinants * 100 >= all * 85, "{total:?}");
    assert!(densities * 100 >= all * 70, "{total:?}");
}

#[test]
fn articles_are_well_formed() {
    for name in [
        "normal",
        "kumaraswamy",
        "multivariate_normal",
        "implicit/gamma_implicit",
    ] {
        let path = format!("{}/specs/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
        let source = std::fs::read_to_string(path).expect("a spec");
        for source in [stripped(&source), source] {
            let Ok(derived) = derive(&source) else {
                continue;
            };
            let article = latex(&derived);
            let (mut depth, mut escaped) = (0i32, false);
            for c in article.chars() {
                match c {
                    '{' if !escaped => depth += 1,
                    '}' if !escaped => depth -= 1,
                    _ => {}
                }
                escaped = c == '\\' && !escaped;
                assert!(depth >= 0, "{article}");
            }
            assert_eq!(depth, 0, "{article}");
            let mut open: Vec<&str> = Vec::new();
            for part in article.split('\\').skip(1) {
                let name = |rest: &'static str| {
                    let rest = part.strip_prefix(rest)?;
                    rest.split('}').next()
                };
                if let Some(name) = name("begin{") {
                    open.push(name);
                } else if let Some(name) = name("end{") {
                    assert_eq!(open.pop(), Some(name), "{article}");
                }
            }
            assert!(open.is_empty(), "{open:?}");
            assert_eq!(
                article.matches("\\left").count(),
                article.matches("\\right").count()
            );
            assert!(article.is_ascii() || article.contains("utf8"), "{article}");
            // No line of an alignment is empty: TeX stops there.
            for environment in article.split("\\begin{al").skip(1) {
                let body = environment.split("\\end{al").next().unwrap_or("");
                assert!(!body.contains("\n\n"), "{body}");
            }
        }
    }
}

#[test]
fn lines_are_put_where_they_belong() {
    for source in [
        "name: a\nnoise: {e: \"normal(0, 1)\"}\nparameters: {s: positive}\n\
         transform: {z: s*e}\ntarget: {support: real}",
        "name: a\nnoise:\n  e: normal(0, 1)\nparameters:\n  s: positive\n\
         target:\n    # where z lies\n    support: real\ntransform:\n  z: s*e\n",
        "name: a\nparameters: {s: positive, t: real}\nnoise: {e: \"normal(0, 1)\"}\n\
         transform: {z: t + s*e}\nvelocity:   # of one\n  t: 1\n",
    ] {
        let derived = derived(source);
        assert!(derived.lines().len() >= 4, "{}", text(&derived));
        let after = verdicts(&derived.pasted);
        let holds = |check: &str| after[check].holds();
        assert!(
            holds("inverse") && holds("jacobian") && holds("density") && holds("velocity"),
            "{after:?}\n{}",
            derived.pasted
        );
    }
}
