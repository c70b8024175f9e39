//! What the checks see: mistakes planted in right specs, and which check refutes each.

use reparam_check::check::{Effort, Finding, Verdict};
use reparam_check::mutate::{Counts, Fate, Kind, Mutant, Options, Original, mutants, run, text};
use reparam_check::spec;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn right_specs() -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<PathBuf> = Vec::new();
    let mut folders = vec![root().join("specs")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "yaml") {
                files.push(path);
            }
        }
    }
    files.retain(|path| !path.components().any(|c| c.as_os_str() == "wrong"));
    files.sort();
    files
        .into_iter()
        .map(|path| {
            let bytes = std::fs::read(&path).expect("it can be read");
            let name = path.strip_prefix(root()).expect("below the root");
            (name.to_string_lossy().replace('\\', "/"), bytes)
        })
        .collect()
}

fn named(names: &[&str]) -> Vec<(String, Vec<u8>)> {
    let mut files = right_specs();
    files.retain(|(path, _)| names.iter().any(|n| path.ends_with(&format!("/{n}.yaml"))));
    assert_eq!(files.len(), names.len());
    files
}

/// Every mutant of every right spec is where it is said to be: the file differs from the original
/// in the formula alone, which reads as said.
#[test]
fn a_mistake_is_where_it_is_said() {
    let mut kinds = std::collections::BTreeMap::new();
    for (path, bytes) in right_specs() {
        let source = String::from_utf8(bytes).expect("a text");
        let (raw, _) = spec::read(&source).expect("a right spec can be read");
        let all = mutants(&raw, &source);
        assert!(!all.is_empty(), "{path}");
        for mutant in &all {
            let at = format!("{path}:{}:{}", mutant.line, mutant.column);
            *kinds.entry(mutant.kind).or_insert(0) += 1;
            assert_ne!(mutant.before, mutant.after, "{at}");
            let (changed, _) = spec::read(&mutant.source)
                .unwrap_or_else(|errors| panic!("{at}: {}: {errors:?}", mutant.after));
            let (was, is) = (
                reparam_check::mutate::places(&raw),
                reparam_check::mutate::places(&changed),
            );
            assert_eq!(was.len(), is.len(), "{at}");
            for (i, (was, is)) in was.iter().zip(&is).enumerate() {
                let expected = if i == mutant.place {
                    &mutant.text
                } else {
                    &was.formula.text
                };
                assert_eq!(&is.formula.text, expected, "{at}: {}", is.name);
            }
            let line = source.lines().nth(mutant.line - 1).expect("a line");
            assert!(mutant.column <= line.chars().count() + 1, "{at}");
        }
    }
    for kind in Kind::ALL {
        assert!(
            kinds.contains_key(&kind),
            "no spec has room for {}",
            kind.name()
        );
    }
}

/// One mutant of each of some specs for each kind of mistake: the matrix of kinds by checks and
/// every survivor, to be reviewed.
#[test]
fn every_kind_of_mistake_is_seen() {
    let files = named(&[
        "normal",
        "gumbel",
        "weibull",
        "half_normal",
        "kumaraswamy",
        "planar",
        "affine_coupling",
    ]);
    let options = Options {
        sample: Some(12),
        effort: Effort::Quick,
        ..Options::default()
    };
    let specs = run(&files, &options);
    assert!(
        specs
            .iter()
            .all(|s| s.set_aside.is_none() && s.errors.is_empty())
    );
    insta::assert_snapshot!("power", text(&specs, false));
}

fn original(source: &str) -> Original {
    Original::new("test.yaml", source.as_bytes(), &Options::default())
        .map_err(|aside| format!("{aside:?}"))
        .expect("a right spec")
}

fn all(source: &str) -> Vec<(Mutant, Fate)> {
    let (raw, _) = spec::read(source).expect("a right spec");
    let original = original(source);
    mutants(&raw, source)
        .into_iter()
        .map(|mutant| {
            let fate = original.judge(&mutant);
            (mutant, fate)
        })
        .collect()
}

#[track_caller]
fn finding(source: &str, check: &str) -> Finding {
    let files = [("a.yaml".to_owned(), source.as_bytes().to_vec())];
    let mut report = reparam_check::run::run(&files, &reparam_check::run::Options::default());
    let spec = report.specs.remove(0);
    assert!(spec.diagnostics.is_empty(), "{:?}", spec.diagnostics);
    let mut checks = spec.checks.into_iter();
    let found = checks.find(|c| c.check == check);
    found.expect("the check is made").finding
}

const SYMMETRIC: &str = "
name: symmetric
parameters: {m: real, s: positive}
noise: {eps: \"normal(0, 1)\"}
transform: {z: m + s*eps}
target:
  support: real
  log_density: -log(2*pi)/2 - log(s) - ((z - m)/s)^2/2
  mean: m + 0*s
  variance: (-s)^2
";

/// What the algebra proves to be no mistake must not be refuted: if it is, a check or the algebra
/// is wrong.
#[test]
fn equivalent_mutants_are_not_refuted() {
    let (raw, _) = spec::read(SYMMETRIC).expect("a right spec");
    let original = original(SYMMETRIC);
    let mut equivalent = Vec::new();
    for mutant in mutants(&raw, SYMMETRIC) {
        let fate = original.judge(&mutant);
        if original.is_equivalent(&mutant) {
            assert_eq!(fate, Fate::Equivalent, "{}", mutant.after);
            equivalent.push(mutant.text);
        } else {
            assert_ne!(fate, Fate::Equivalent, "{}", mutant.after);
        }
    }
    equivalent.sort();
    // The law of eps is its own mirror image.
    for text in ["(s)^2", "m", "m - s*eps"] {
        assert!(
            equivalent.iter().any(|e| *e == text),
            "{text}: {equivalent:?}"
        );
    }
    // A mean of another sign or size is none of them.
    assert!(
        !equivalent.iter().any(|e| e.starts_with("-m")),
        "{equivalent:?}"
    );
}

/// One of two noise variables mirrored by itself draws the same z; both it and a definition of it are
/// mentioned by g only. A change of the other, which is no mirror image, is a mistake.
#[test]
fn part_of_the_noise_is_mirrored() {
    let found = all("
name: student
parameters: {m: real}
inputs: {nu: {domain: positive, range: [3, 9]}}
noise: {eps: \"normal(0, 1)\", w: chi_squared(nu)}
define: {t: eps*sqrt(nu/w)}
transform: {z: m + t}
target:
  support: real
  log_density: lgamma((nu + 1)/2) - lgamma(nu/2) - log(nu*pi)/2 - (nu + 1)/2*log1p((z - m)^2/nu)
");
    let of = |text: &str| {
        let mut found = found.iter().filter(|(m, _)| m.text == text);
        found.next().map(|(_, fate)| fate.clone())
    };
    assert_eq!(of("m - t"), Some(Fate::Equivalent));
    assert!(matches!(of("m + 2*t"), Some(Fate::Refuted { .. })));
}

/// What every check that decides it proves of a mutant is right: no survivor, and no equivalent.
#[test]
fn a_claim_that_is_proved_again_is_still_true() {
    let found = all("
name: zero
parameters: {m: real, s: positive}
noise: {eps: \"normal(0, 1)\"}
transform: {z: m + s*eps}
expectations: [{f: z - m, value: 0}]
");
    let of = |text: &str| {
        let mut found = found.iter().filter(|(m, _)| m.text == text);
        found.next().map(|(_, fate)| fate.clone())
    };
    assert_eq!(of("2*(z - m)"), Some(Fate::True));
    assert!(matches!(of("z + m"), Some(Fate::Refuted { .. })));
    assert!(matches!(of("0.000001"), Some(Fate::Refuted { .. })));
}

#[test]
fn a_detached_parameter_is_seen_by_the_gradient() {
    let found = all("
name: detached
parameters: {m: real, s: positive}
noise: {eps: \"normal(0, 1)\"}
transform: {z: m + s*eps}
target: {support: real, log_density: -log(2*pi)/2 - log(s) - ((z - m)/s)^2/2}
expectations: [{f: z^2, value: m^2 + s^2}]
");
    let detached: Vec<_> = found
        .iter()
        .filter(|(m, _)| m.kind == Kind::Detach)
        .collect();
    assert_eq!(detached.len(), 2);
    for (mutant, fate) in detached {
        assert!(
            matches!(
                fate,
                Fate::Refuted {
                    check: "path" | "gradient",
                    ..
                }
            ),
            "{}: {fate:?}",
            mutant.after
        );
    }
}

/// What is behind `stop_gradient` has no path derivative, explicit or implicit: the transport
/// equation must not be taken for the derivative of the density identity there.
#[test]
fn a_detached_path_does_not_carry_the_law() {
    for source in [
        "name: explicit\nparameters: {m: real, s: positive}\nnoise: {eps: \"normal(0, 1)\"}\n\
         transform: {z: m + stop_gradient(s)*eps}\n\
         target: {support: real, log_density: -log(2*pi)/2 - log(s) - ((z - m)/s)^2/2}\n",
        "name: implicit\nparameters: {a: positive}\nnoise: {u: \"uniform(0, 1)\"}\n\
         inverse: {u: -expm1(-stop_gradient(a)*z)}\n\
         target: {support: positive, log_density: log(a) - a*z}\n",
    ] {
        let attached = source.replace("stop_gradient", "");
        assert!(finding(&attached, "velocity").verdict.holds(), "{source}");
        let verdict = finding(source, "velocity").verdict;
        assert_eq!(verdict, Verdict::Refuted, "{source}");
    }
}

/// Lines about an unspecified f under integrals: an f that is known tells false ones apart.
#[test]
fn lines_of_integrals_are_refuted_by_an_f_that_is_known() {
    let spec = |above: &str, line: &str| {
        format!(
            "name: lines\nparameters: {{m: real, s: positive}}\nnoise: {{eps: \"normal(0, 1)\"}}\n\
             transform: {{z: m + s*eps}}\ninverse: {{eps: (z - m)/s}}\n\
             target: {{support: real, log_density: -log(2*pi)/2 - log(s) - ((z - m)/s)^2/2}}\n\
             derivations: {{one: [\"{above}\", \"{line}\"]}}\n"
        )
    };
    for (above, line, verdict) in [
        (
            "grad(E(f(z), z), m)",
            "2*E(grad(f(g(eps)), m), eps)",
            Verdict::Refuted,
        ),
        (
            "grad(E(f(z), z), m)",
            "E(grad(f(g(eps)), m), eps)",
            // By parts, for every smooth f with compact support.
            Verdict::Proved,
        ),
        ("E(f(z), z)", "E(f(-g(eps)), eps)", Verdict::Refuted),
        ("E(z^2, z)", "m^2 + s^2", Verdict::Proved),
        ("E(cos(z), z)", "exp(-s^2/2)*cos(m)", Verdict::Tested),
        ("E(z^2, z)", "m^2 + s", Verdict::Refuted),
        ("f(g(eps)) + f(eps)", "f(eps) + f(m)", Verdict::Refuted),
    ] {
        let source = spec(above, line);
        let finding = finding(&source, "derivations");
        assert_eq!(
            finding.verdict, verdict,
            "{above} = {line}: {}",
            finding.message
        );
    }
}

/// A generator of which nothing is claimed may be any.
#[test]
fn nothing_is_claimed_against_a_generator() {
    let found = all("
name: generator
parameters: {w: real}
noise: {eps: \"normal(0, 1)\"}
transform: {z: tanh(w*eps) + eps}
");
    let counts = Counts::of(found.iter().map(|(_, fate)| fate));
    assert_eq!(counts.refuted, 0);
    assert!(counts.survived > 5);
}

/// Same options, same bytes, on any number of threads; and a sample is a part of the whole.
#[test]
fn runs_are_deterministic() {
    let files = named(&["normal", "exponential"]);
    let with = |jobs: usize| {
        let options = Options {
            sample: Some(4),
            seed: 7,
            effort: Effort::Quick,
            jobs,
            ..Options::default()
        };
        reparam_check::mutate::json(&run(&files, &options), 7)
    };
    let one = with(1);
    assert_eq!(one, with(3));
    let value: serde_json::Value = serde_json::from_str(&one).expect("it is JSON");
    assert_eq!(value["summary"]["mutants"], 8);
    let wanted = |seed| {
        let options = Options {
            sample: Some(4),
            seed,
            kinds: Some(vec![Kind::Sign]),
            effort: Effort::Quick,
            ..Options::default()
        };
        let specs = run(&named(&["exponential"]), &options);
        let texts = specs[0]
            .mutants
            .iter()
            .map(|j| (j.mutant.kind, j.mutant.text.clone()));
        texts.collect::<Vec<_>>()
    };
    assert!(wanted(1).iter().all(|(kind, _)| *kind == Kind::Sign));
    assert_ne!(wanted(1), wanted(2));
}

/// What stands in the README's first spec is held by some check, all of it.
#[test]
fn no_mistake_in_the_normal_law_survives() {
    let source = std::fs::read_to_string(root().join("specs/normal.yaml")).expect("it is there");
    let fates = all(&source);
    assert!(fates.len() > 200, "{} mutants", fates.len());
    for (mutant, fate) in fates {
        assert!(
            matches!(fate, Fate::Refuted { .. } | Fate::Equivalent),
            "{mutant:?}: {fate:?}"
        );
    }
}

/// A definition is changed where a formula that uses it meets one that does not, and only there.
#[test]
fn definitions_are_changed_where_it_can_show() {
    let spec = |transform: &str, density: &str| {
        format!(
            "name: shared\nparameters: {{m: real}}\nnoise: {{eps: \"normal(0, 1)\"}}\n\
             define: {{c: 2*m}}\ntransform: {{z: {transform}}}\n\
             target: {{support: real, log_density: \"{density}\"}}\n"
        )
    };
    let normal = |mean: &str| format!("-log(2*pi)/2 - (z - {mean})^2/2");
    let fates = |source: &str| -> Vec<Fate> {
        let judged = all(source).into_iter();
        let in_define = judged.filter(|(mutant, _)| mutant.formula == "define.c");
        in_define.map(|(_, fate)| fate).collect()
    };
    assert!(fates(&spec("c + eps", &normal("c"))).is_empty());
    for (g, density) in [("c + eps", "2*m"), ("2*m + eps", "c")] {
        let fates = fates(&spec(g, &normal(density)));
        assert!(!fates.is_empty(), "{g}, {density}");
        let is_seen = |fate: &Fate| matches!(fate, Fate::Refuted { .. });
        assert!(fates.iter().all(is_seen), "{g}, {density}: {fates:?}");
    }
}
