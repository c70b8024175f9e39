//! Mistakes that libraries made, and others like them, as pairs of specs in `tests/data/pairs`: the
//! right one and the wrong one. Something is refuted in every wrong spec that is not in the right
//! one, and nothing in the right ones, `stability` aside: a formula may be right and overflow.

use reparam_check::check::Verdict;
use reparam_check::run::{Options, run};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The refuted checks of every file, by its name.
fn refuted() -> BTreeMap<String, BTreeSet<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/pairs");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("it can be listed").path();
        let name = path
            .file_name()
            .expect("a file")
            .to_string_lossy()
            .into_owned();
        files.push((name, std::fs::read(&path).expect("it can be read")));
    }
    files.sort();
    let report = run(&files, &Options::default());
    assert_eq!(report.specs.len(), files.len());
    let of = |spec: &reparam_check::report::SpecReport| {
        assert!(
            !spec.checks.is_empty(),
            "{}: {:?}",
            spec.path,
            spec.diagnostics
        );
        let refuted = spec
            .checks
            .iter()
            .filter(|c| c.finding.verdict == Verdict::Refuted);
        refuted.map(|c| c.check.to_owned()).collect()
    };
    report
        .specs
        .iter()
        .map(|spec| (spec.path.clone(), of(spec)))
        .collect()
}

#[test]
fn the_wrong_one_is_refuted_and_the_right_one_is_not() {
    let all = refuted();
    let mut pairs = 0;
    let mut failures = Vec::new();
    for (name, right) in &all {
        let Some(stem) = name.strip_suffix(".right.yaml") else {
            continue;
        };
        pairs += 1;
        let wrong = &all[&format!("{stem}.wrong.yaml")];
        if wrong.is_subset(right) {
            failures.push(format!("{stem}: nothing is refuted in the wrong one"));
        }
        for check in right.iter().filter(|check| *check != "stability") {
            failures.push(format!("{stem}: `{check}` is refuted in the right one"));
        }
    }
    assert!(pairs >= 40, "{pairs} pairs");
    assert_eq!(all.len(), 2 * pairs, "a file without its partner");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
