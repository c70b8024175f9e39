//! Spec files as they are written: what is read, what is refused, and where each thing stands.

use reparam_check::diagnostic::{Diagnostic, Severity, line_column};
use reparam_check::spec::raw::{CHECKS, Estimator, Measure, PerOutput, VERDICTS};
use reparam_check::spec::{Formula, RawSpec, read, text};

#[track_caller]
fn good(source: &str) -> RawSpec {
    match read(source) {
        Ok((spec, warnings)) => {
            assert_eq!(warnings, [], "{source}");
            spec
        }
        Err(errors) => panic!("{source}\n{errors:#?}"),
    }
}

#[track_caller]
fn bad(source: &str) -> Vec<Diagnostic> {
    match read(source) {
        Ok((spec, _)) => panic!("{source}\nwas read as {spec:#?}"),
        Err(errors) => errors,
    }
}

/// Errors as `line:column text-there: message`.
#[track_caller]
fn check_errors(source: &str, expected: &[&str]) {
    let shown: Vec<String> = bad(source)
        .iter()
        .map(|error| {
            let (line, column) = line_column(source, error.span.start);
            let there = source[error.span.clone()].lines().next().unwrap_or("");
            format!("{line}:{column} {there}: {}", error.message)
        })
        .collect();
    assert_eq!(shown, expected, "{source}");
}

/// The place of `word` in a formula is where the file spells it.
#[track_caller]
fn check_place(source: &str, formula: &Formula, word: &str, spelled: &str) {
    let start = formula.text.find(word).expect("the word is in the formula");
    let span = formula.locate(start..start + word.len());
    assert_eq!(&source[span], spelled, "in `{}`", formula.text);
}

const NORMAL: &str = r#"name: normal
summary: Diagonal normal by location and scale.
references: ["Kingma & Welling 2014, Auto-Encoding Variational Bayes, section 2.4"]
dimensions: {d: [1, 3]}        # every check runs at each of these sizes
parameters:
  mu: real[d]
  sigma: {domain: "positive[d]", range: [0.1, 1e-6], description: scale}
noise:
  eps: normal(0, 1)[d]
transform:
  z: mu + sigma*eps
inverse:
  eps: (z - mu)/sigma
log_abs_det_jacobian: sum(log(sigma))
target:
  support: real[d]
  log_density: sum(-log(2*pi)/2 - log(sigma) - ((z - mu)/sigma)^2/2)
  mean: {z: mu}
  whole_line: true
  measure: hausdorff
expectations:
  - f: sum(z^2)
    value: sum(mu^2 + sigma^2)
    estimator: none
  - {f: z, estimator: {mu: 1}, name: first}
derivations:
  density preservation:
    - q(z) * abs(det(J))
    - expr: p(eps)
      because: it is
expect: {density: proved, law: refuted}
"#;

#[test]
fn a_whole_spec_is_read() {
    let spec = good(NORMAL);
    assert_eq!(spec.name.value, "normal");
    assert_eq!(spec.references.len(), 1);
    assert_eq!(spec.dimensions[0].1[1].value, 3);
    let (name, sigma) = &spec.parameters[1];
    assert_eq!(name.value, "sigma");
    assert_eq!(sigma.domain.text, "positive[d]");
    let [low, high] = sigma.range.clone().expect("a range is given");
    assert_eq!((low.text.as_str(), high.text.as_str()), ("0.1", "1e-6"));
    assert_eq!(sigma.description.as_deref(), Some("scale"));
    let target = spec.target.clone().expect("a target is given");
    assert!(target.whole_line && !target.unnormalized);
    assert_eq!(target.measure.map(|m| m.value), Some(Measure::Hausdorff));
    assert!(matches!(target.mean, Some(PerOutput::Each(each)) if each[0].1.text == "mu"));
    assert_eq!(spec.expectations[0].estimator, Estimator::None);
    assert!(matches!(&spec.expectations[1].estimator, Estimator::Custom(c) if c[0].1.text == "1"));
    assert_eq!(spec.derivations[0].1[1].because.as_deref(), Some("it is"));
    assert_eq!(spec.expect[1].1.value, "refuted");
    let place = spec.section("noise").expect("noise is given");
    assert_eq!(line_column(NORMAL, place.start), (8, 1));
    assert_eq!(spec.section("velocity"), None);
}

/// A spec whose formula is `value`.
fn around(value: &str) -> String {
    format!("name: a\nnoise: {{e: normal()}}\ntransform:\n  z: {value}\n")
}

#[track_caller]
fn check_formula(value: &str, text: &str) {
    assert_eq!(good(&around(value)).transform[0].1.text, text);
}

#[test]
fn numbers_words_and_sequences_are_the_text_they_are_written_with() {
    for text in [
        "0.1", "1e-6", "0x10", ".5", "1_000", "no", "y", "-0.0", "a - b", "010",
    ] {
        check_formula(text, text);
    }
    check_formula("[a, [b,  0.10]]", "[a, [b, 0.10]]");
    check_formula("\n    - a\n    - b + c\n", "[a, b + c]");
    check_formula("[e for i in 0..n]", "[e for i in 0..n]");
    check_formula("[]", "[]");
    check_formula("'it''s'", "it's");
    check_formula("|\n    a +\n    b\n", "a +\nb");
    check_formula(">-\n    a +\n    b\n", "a + b");
    check_formula("!!str 0.1", "0.1");
}

#[test]
fn names_are_the_text_they_are_written_with() {
    let source = "name: a\nparameters: {y: real, n: real, no: real, on: real, ~x: real}\n";
    check_errors(
        &format!("{source}target: {{mean: y}}"),
        &["2:52 ~x: `~x` cannot be a name"],
    );
    let source = "name: a\nparameters: {y: real, n: real, null: real, σ: real}\ntarget: {mean: y}";
    let spec = good(source);
    let names: Vec<&str> = spec
        .parameters
        .iter()
        .map(|(n, _)| n.value.as_str())
        .collect();
    assert_eq!(names, ["y", "n", "null", "σ"]);
}

#[test]
fn parts_of_a_formula_are_found_where_they_are_written() {
    #[track_caller]
    fn place(value: &str, word: &str, spelled: &str) {
        let source = around(value);
        let spec = good(&source);
        check_place(&source, &spec.transform[0].1, word, spelled);
    }
    place("σ + muu", "muu", "muu");
    place("σ +\n     muu", "muu", "muu");
    place("\"σ + \\\n     m\\u00b5 + k\"", "mµ", "m\\u00b5");
    place("\"σ + \\\n     m\\u00b5 + k\"", "k", "k");
    place("'a'' + k'", "k", "k");
    place("|\n    a\n    # no comment\n      + k\n", "k", "k");
    place("&x >-\n    a\n    + k\n", "k", "k");
    place("[a, \n    k - kk, [b]]", "k - kk", "k - kk");
    place("[a, \n    -kk, [b]]", "b", "b");
    place("[a, b]", "[a, b]", "[a, b]");
    // Found by fuzzing: a block that begins as an anchor or a tag does; spaces that YAML keeps.
    place("|\n    !x + k\n", "!x", "!x");
    place("|\n    &x + k\n", "k", "k");
    place("a + k\u{a0}", "k", "k");
    place("\n    - a\n    - b*kk\n", "kk", "kk");
}

#[test]
fn a_place_in_an_alias_is_where_the_anchor_is() {
    let source = "name: a\ndefine: {m: &v \"q + k\"}\ntarget: {mean: *v, mode: [*v, 1]}\n";
    let target = good(source).target.expect("a target is given");
    let (Some(PerOutput::One(mean)), Some(PerOutput::One(mode))) = (target.mean, target.mode)
    else {
        panic!("the claims are about one output")
    };
    check_place(source, &mean, "k", "k");
    assert_eq!(mode.text, "[q + k, 1]");
    check_place(source, &mode, "k", "k");
    check_place(source, &mode, "1", "1");
}

#[test]
fn every_error_of_a_file_is_reported() {
    check_errors(
        "nam: a\ndimensions: {d: [], e: [0, x, \"3\"], f: 3}\nsupport: real\nparameters: [mu]\n\
         noise: {eps: ~}\ntransform: {z: {a: b}}\ntransform: {w: 1}\n\
         target: {log_density: a, log_mass: b, measur: 3, whole_line: maybe, kurtosis:}\n\
         expectations: [{g: 1}, 3]\nderivations: {d: [a]}\nexpect: {densty: proved, law: prooved}\n",
        &[
            "1:1 nam: unknown key `nam` in a spec",
            "2:17 []: a dimension without a size",
            "2:25 0: `0` is not a size",
            "2:28 x: `x` is not a size",
            "2:31 \"3\": `3` is not a size",
            "2:40 3: expected a list of sizes, such as [1, 3], found text",
            "3:1 support: unknown key `support` in a spec",
            "4:13 [mu]: expected a map from names, found a sequence",
            "5:14 ~: expected an expression, found nothing",
            "6:16 {a: b}: expected an expression, found a map",
            "7:1 transform: duplicate key `transform`",
            "8:26 log_mass: both `log_density` and `log_mass` are given",
            "8:39 measur: unknown key `measur` in a target",
            "8:62 maybe: `maybe` is not a truth value",
            "8:69 kurtosis: expected an expression, found nothing",
            "9:17 g: unknown key `g` in an expectation",
            "9:17 g: the expectation has no `f`",
            "9:24 3: expected an expectation (a map), found text",
            "10:18 [a]: a derivation of fewer than two lines",
            "11:10 densty: unknown key `densty` in `expect`",
            "11:31 prooved: `prooved` is not a verdict",
        ],
    );
}

#[test]
fn help_names_the_nearest_or_the_right_place() {
    let errors = bad("name: a\ntarget: {mode: 1}\ntranform: {z: 1}\nsupport: real\n");
    let help: Vec<_> = errors
        .iter()
        .map(|e| e.help.clone().unwrap_or_default())
        .collect();
    assert_eq!(
        help,
        [
            "did you mean `transform`?",
            "write `support` under `target`"
        ]
    );
}

#[test]
fn files_that_are_no_spec_are_refused() {
    check_errors("", &["1:1 : the file holds no spec"]);
    check_errors("# nothing\n", &["1:1 : the file holds no spec"]);
    check_errors(
        "name: a b\ntarget: {mode: 1}",
        &["1:7 a b: `a b` cannot be the name of a spec"],
    );
    check_errors(
        "- a",
        &["1:1 - a: expected a spec (a map), found a sequence"],
    );
    check_errors(
        "name: a\n--- \nname: b",
        &["2:1 ---: a second document in the file"],
    );
    check_errors(
        "name: a",
        &["1:1 name: none of `transform`, `inverse` and `target` is given"],
    );
    check_errors(
        "name: a\ntransform: {z: 1}",
        &["2:1 transform: `transform` is given without `noise`"],
    );
    check_errors(
        "name: a\ntarget: {mode: !x 1}",
        &["2:16 !x 1: a YAML tag that means nothing here"],
    );
    check_errors(
        "name: a\ntarget: {mode: 1, ? [a] : b}",
        &["2:21 [a]: a sequence as a key"],
    );
    check_errors(
        "name: a\ntarget: &t {mode: [*t]}",
        &["2:20 *t: an alias inside the value that it stands for"],
    );
    check_errors(
        "name: a\ntarget: {mode: [z[0], 1]}",
        &["2:18 [: not valid YAML: while parsing a flow sequence, expected ',' or ']'"],
    );
    check_errors(
        "name: a\0",
        &["1:8 \0: the control character U+0000 is not text"],
    );
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let error = text(b"name: a\nb\xff").expect_err("0xff begins no character");
    assert_eq!(
        error.message,
        "not UTF-8 text: byte 9, on line 2, begins no character"
    );
    assert!(text(&vec![b' '; (1 << 20) + 1]).is_err());
    assert!(text(&vec![b' '; 1 << 20]).is_ok());
}

#[test]
fn an_empty_section_is_a_warning() {
    let (_, warnings) = read("name: a\ninputs:\ntarget: {mode: 1}").expect("the spec is usable");
    assert_eq!(warnings.len(), 1);
    assert_eq!(warnings[0].severity, Severity::Warning);
    assert_eq!(warnings[0].span, 8..14);
}

#[test]
fn bombs_are_refused_at_once() {
    let laughs: String = (1..20)
        .map(|i| {
            format!(
                "a{i}: &a{i} [{}]\n",
                vec![format!("*a{}", i - 1); 9].join(", ")
            )
        })
        .collect();
    let text = "x".repeat(1 << 19);
    let bombs = [
        "[".repeat(100_000),
        "{a: ".repeat(1000),
        "- ".repeat(1000),
        "? ".repeat(100_000),
        format!("a0: &a0 lol\n{laughs}"),
        format!("a: &a {text}\nb: [*a, *a, *a, *a, *a]\n"),
        "a: b\n".repeat(200_000),
        "[],".repeat(300_000),
        "!x ".repeat(300_000),
        "&a ".repeat(300_000),
        "*a ".repeat(300_000),
        "'".repeat(1 << 20),
        "a: \"".repeat(200_000),
        "\n".repeat(1 << 20),
        " ".repeat(1 << 20),
        "\t".repeat(1 << 20),
        "a:".repeat(500_000),
        "a: ".repeat(300_000),
        format!("a: {}", "b ".repeat(500_000)),
        format!("a: |\n{}", " \n".repeat(500_000)),
        format!("a: >\n{}", "  b\n".repeat(250_000)),
        format!("{{{}", "a,".repeat(500_000)),
        (0..90_000).map(|i| format!("a{i}: 1\n")).collect(),
        (0..40_000).map(|i| format!("&a{i} a{i}: 1\n")).collect(),
        "%TAG !a! b\n".repeat(90_000),
        "---\n".repeat(250_000),
        "#\n".repeat(500_000),
    ];
    for bomb in bombs {
        let start = std::time::Instant::now();
        let errors = bad(&bomb);
        let time = start.elapsed().as_secs_f64();
        let head: String = bomb.chars().take(20).collect();
        assert!(time < 1.0, "{head:?} took {time} s");
        assert!(!errors.is_empty() && errors.len() <= 100, "{head:?}");
    }
}

#[test]
fn names_of_checks_and_verdicts_are_those_of_the_engine() {
    let mut verdicts = reparam_check::check::Verdict::ALL.map(|v| v.name());
    let mut known = VERDICTS;
    verdicts.sort_unstable();
    known.sort_unstable();
    assert_eq!(verdicts, known);
    assert_eq!(CHECKS.len(), 12);
}
