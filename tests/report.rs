//! What a report looks like in each format.

mod schema;

use reparam_check::check::{Counterexample, Finding, Verdict};
use reparam_check::diagnostic::Diagnostic;
use reparam_check::report::text::TextOptions;
use reparam_check::report::{
    CheckReport, Outcome, Report, SpecReport, github, html, json, junit, latex, sarif, text,
};
use std::collections::BTreeMap;

const SOURCE: &str = "\
name: normal
transform:
  z: mu + σ*eps
log_abs_det_jacobian: -sum(log(σ))
";

fn finding(verdict: Verdict, message: &str) -> Finding {
    Finding {
        verdict,
        message: message.to_owned(),
        evidence: BTreeMap::new(),
        span: None,
        counterexample: None,
    }
}

fn check(check: &'static str, finding: Finding) -> CheckReport {
    CheckReport {
        check,
        finding,
        sizes: BTreeMap::new(),
        expected: None,
        known: false,
        seconds: 0.25,
    }
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn refuted() -> Finding {
    let start = SOURCE.find("-sum").expect("the claim is there");
    Finding {
        span: Some(start..start + "-sum(log(σ))".len()),
        counterexample: Some(Counterexample {
            parameters: vec![pair("mu", "0"), pair("sigma", "1/2")],
            noise: vec![pair("eps", "[1, 1/3]")],
            left_label: "claimed log_abs_det_jacobian".to_owned(),
            left: "1.386294361119890".to_owned(),
            right_label: "log |det ∂g/∂ε|".to_owned(),
            right: "-1.386294361119890".to_owned(),
            explanation: "the claim has the opposite sign".to_owned(),
            ..Counterexample::default()
        }),
        ..finding(
            Verdict::Refuted,
            "the claim differs from the log-determinant of g at a point with small coordinates",
        )
    }
}

fn spec(name: &str, outcome: Outcome, checks: Vec<CheckReport>) -> SpecReport {
    SpecReport {
        name: name.to_owned(),
        path: format!("specs/{name}.yaml"),
        source: SOURCE.to_owned(),
        outcome,
        checks,
        diagnostics: Vec::new(),
    }
}

fn report() -> Report {
    let mut jacobian = check("jacobian", refuted());
    jacobian.sizes.insert("d".to_owned(), 2);
    let mut expected = check("jacobian", refuted());
    expected.expected = Some(Verdict::Refuted);
    let mut unexpected = check("law", finding(Verdict::Tested, "no difference"));
    unexpected.expected = Some(Verdict::Refuted);
    let density = finding(Verdict::Proved, "both sides have the same normal form");
    let mut stability = finding(Verdict::Refuted, "log(1 + x) loses digits");
    stability.evidence.insert("worst", 0.5.into());
    let mut unreadable = spec("d", Outcome::Error, Vec::new());
    let error = Diagnostic::error("unknown key `tranform`", 13..22)
        .label("here")
        .help("did you mean `transform`?");
    unreadable.diagnostics = vec![error, Diagnostic::warning("a warning", 0..4)];
    Report {
        seed: 7,
        specs: vec![
            spec(
                "a",
                Outcome::Passed,
                vec![
                    check("density", density),
                    check(
                        "velocity",
                        finding(Verdict::Skipped, "no velocity is claimed"),
                    ),
                    check("stability", stability),
                ],
            ),
            spec("b", Outcome::Failed, vec![jacobian, unexpected]),
            spec(
                "c",
                Outcome::Inconclusive,
                vec![
                    expected,
                    check(
                        "law",
                        finding(Verdict::Inconclusive, "the variance is infinite"),
                    ),
                ],
            ),
            unreadable,
        ],
    }
}

#[test]
fn text_says_what_matters_within_80_columns() {
    let shown = text::text(&report(), &TextOptions::default());
    for line in shown.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    insta::assert_snapshot!("text", shown);
}

#[test]
fn quiet_text_leaves_out_what_is_as_it_should_be() {
    let quiet = TextOptions {
        quiet: true,
        ..TextOptions::default()
    };
    let shown = text::text(&report(), &quiet);
    for word in ["specs/a.yaml", "as expected", "proved"] {
        assert!(!shown.contains(word), "{word}\n{shown}");
    }
    for word in ["specs/b.yaml", "expected refuted", "infinite", "4 specs:"] {
        assert!(shown.contains(word), "{word}\n{shown}");
    }
}

#[test]
fn colours_and_timings_are_shown_only_when_asked_for() {
    let plain = text::text(&report(), &TextOptions::default());
    assert!(!plain.contains('\u{1b}') && !plain.contains("0.25 s"));
    let all = TextOptions {
        color: true,
        timings: true,
        ..TextOptions::default()
    };
    let shown = text::text(&report(), &all);
    assert!(shown.contains("\u{1b}[31m") && shown.contains("(0.25 s)"));
}

#[test]
fn denied_advice_is_shown_as_wrong() {
    let deny = TextOptions {
        deny: vec!["stability".to_owned()],
        quiet: true,
        ..TextOptions::default()
    };
    let mut report = report();
    report.specs[0].outcome = Outcome::Failed;
    let shown = text::text(&report, &deny);
    assert!(shown.contains("✗ stability     refuted"), "{shown}");
}

#[test]
fn json_is_as_the_spec_language_says() {
    let shown = json::json(&report(), false);
    insta::assert_snapshot!("json", shown);
    let timed: serde_json::Value =
        serde_json::from_str(&json::json(&report(), true)).expect("it is JSON");
    assert_eq!(timed["specs"][0]["checks"][0]["seconds"], 0.25);
}

fn parsed(text: &str) -> serde_json::Value {
    serde_json::from_str(text).expect("it is JSON")
}

#[test]
fn json_follows_its_schema() {
    let schema = parsed(include_str!("../docs/src/schemas/report-1.json"));
    for timings in [false, true] {
        let mut shown = parsed(&json::json(&report(), timings));
        assert_eq!(schema::errors(&schema, &shown), Vec::<String>::new());
        // The schema is no friend of everything.
        shown["specs"][0]["checks"][0]["verdict"] = "true".into();
        shown["specs"][1]["surprise"] = 1.into();
        shown["specs"][3]["errors"] = serde_json::Value::Array(Vec::new());
        assert_eq!(schema::errors(&schema, &shown).len(), 3);
    }
}

#[test]
fn junit_has_a_suite_for_each_spec_and_a_case_for_each_check() {
    let shown = junit::junit(&report(), &[], false);
    insta::assert_snapshot!("junit", shown);
    assert!(!shown.contains("time="), "{shown}");
    assert!(junit::junit(&report(), &[], true).contains("time=\"0.250\""));
    let denied = junit::junit(&report(), &["stability".to_owned()], false);
    assert!(denied.contains("failures=\"3\" errors=\"2\""), "{denied}");
}

#[test]
fn github_annotates_what_is_not_as_it_should_be() {
    let shown = github::github(&report(), &[]);
    insta::assert_snapshot!("github", shown);
    for line in shown.lines() {
        let level = ["::error ", "::warning ", "::notice "];
        assert!(level.iter().any(|l| line.starts_with(l)), "{line}");
    }
}

#[test]
fn sarif_follows_the_official_schema() {
    let schema = parsed(include_str!("data/sarif-2.1.0.schema.json"));
    let shown = sarif::sarif(&report(), &[]);
    let mut shown = parsed(&shown);
    assert_eq!(schema::errors(&schema, &shown), Vec::<String>::new());
    let rules = shown["runs"][0]["tool"]["driver"]["rules"].clone();
    for result in shown["runs"][0]["results"].as_array().expect("a list") {
        let index = result["ruleIndex"].as_u64().expect("a place") as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert_eq!(result["level"] == "none", result["kind"] != "fail");
    }
    // The place of a rule changes with every check that is added.
    let mut results = shown["runs"][0]["results"].clone();
    for result in results.as_array_mut().expect("a list") {
        result.as_object_mut().expect("a map").remove("ruleIndex");
    }
    insta::assert_snapshot!("sarif", format!("{results:#}"));
    // The schema is no friend of everything.
    shown["runs"][0]["results"][0]["level"] = "fatal".into();
    shown["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] =
        0.into();
    assert_eq!(schema::errors(&schema, &shown).len(), 2);
}

const HOSTILE: &str = r#"
name: hostile
summary: "<script>alert(1)</script> 100% of $x_1$ & \\input{x} ~ ^ # {"
parameters: {sigma: positive, x1: "real[2, 3]"}
noise: {eps: "normal(0, 1)"}
define: {log_scale: "log(sigma) + 0*x1[0, 1:2]"}
transform: {z: "where(eps < 0, -sigma*eps^2, sum([eps*k for k in 1..3])*sqrt(sigma)/3)"}
target: {log_density: "-lgamma(1/2) - (a + b)*sum(z)*prod([z, 2])^(1/3)", support: "interval(0, 2*sigma)"}
derivations:
  "a </h3> & b":
    - q(z) * abs(det(J))
    - {expr: "prod(z) * prod(sigma)", because: "it is <so> & 50%"}
    - integral(f(g(eps)) * p(eps), eps)
    - grad(E(f(z), z), sigma) + diff(z^2, z) - 1/3*2/(3/4)*(-2)^2
"#;

fn hostile() -> Report {
    let mut derivations = finding(Verdict::Refuted, "a message with <b>, _ and % in it");
    derivations.evidence.insert(
        "steps",
        serde_json::json!({"a </h3> & b": ["certified", "refuted"]}),
    );
    let mut spec = spec(
        "hostile",
        Outcome::Failed,
        vec![check("derivations", derivations)],
    );
    spec.source = HOSTILE.to_owned();
    Report {
        seed: 0,
        specs: vec![spec],
    }
}

/// Every element that is opened is closed, in order.
#[track_caller]
fn check_nested(page: &str) {
    let mut open: Vec<&str> = Vec::new();
    for part in page.split('<').skip(1) {
        let (tag, _) = part.split_once('>').expect("a tag ends");
        let name = tag.split([' ', '/']).find(|n| !n.is_empty()).unwrap_or("");
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "</{name}>");
        } else if !matches!(name, "!DOCTYPE" | "meta" | "br") {
            open.push(name);
        }
    }
    assert_eq!(open, Vec::<&str>::new());
}

#[track_caller]
fn check_latex(article: &str) {
    let escaped = article
        .replace("\\\\", "")
        .replace("\\{", "")
        .replace("\\}", "");
    let mut depth = 0i32;
    for c in escaped.chars() {
        depth += i32::from(c == '{') - i32::from(c == '}');
        assert!(depth >= 0);
        assert!(
            c.is_ascii() || ('¡'..='\u{17f}').contains(&c),
            "{c} is no character of the font"
        );
    }
    assert_eq!(depth, 0);
    for (open, close) in [("\\left", "\\right"), ("\\begin{", "\\end{")] {
        let count = |word: &str| {
            let found = article.match_indices(word);
            let of = |(at, _): &(usize, &str)| !article[at + word.len()..].starts_with("arrow");
            found.filter(of).count()
        };
        assert_eq!(count(open), count(close), "{open}");
    }
    // Outside escapes, nothing of a spec is a comment or a parameter.
    assert!(
        !article.replace("\\%", "").contains('%') && !article.replace("\\#", "").contains("# ")
    );
}

#[test]
fn a_page_holds_all_it_shows_and_nothing_that_runs() {
    let page = html::html(&hostile(), &[], false);
    check_nested(&page);
    for word in [
        "<script",
        "src=",
        "url(",
        "@import",
        "http:",
        "https:",
        "javascript:",
        "<link",
    ] {
        assert!(!page.contains(word), "{word}");
    }
    for word in [
        "&lt;script&gt;alert(1)",
        "Derivation: a &lt;/h3&gt; &amp; b",
        "<span class=\"verdict\">certified</span>",
        "<span class=\"verdict\">refuted</span>",
        "<span class=\"verdict\">not looked at</span>",
        "because it is &lt;so&gt; &amp; 50%",
        "<mi>σ</mi>",
        "<munderover>",
        "prefers-color-scheme: dark",
    ] {
        assert!(page.contains(word), "{word}\n{page}");
    }
}

#[test]
fn latex_sets_formulas_and_escapes_text() {
    let article = latex::latex(&hostile());
    check_latex(&article);
    insta::assert_snapshot!("latex", article);
}

#[test]
fn every_formula_of_every_spec_is_set() {
    let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("specs")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    assert!(files.len() > 200);
    let of = |path: &std::path::PathBuf| {
        let mut report = spec("a", Outcome::Passed, Vec::new());
        report.source = std::fs::read_to_string(path).expect("a file");
        report
    };
    let specs = files.iter().map(of).collect();
    let report = Report { seed: 0, specs };
    let page = html::html(&report, &[], false);
    check_nested(&page);
    assert_eq!(page, html::html(&report, &[], false));
    assert!(page.matches("<svg").count() > 30 && page.matches("<math").count() > 300);
    check_latex(&latex::latex(&report));
}

/// Chains are as long as a file, and nesting is as deep as the parser allows.
#[test]
fn long_formulas_do_not_overflow_the_stack() {
    let long = vec!["z"; 5_000].join(" + ");
    let quotients = vec!["z"; 5_000].join("/");
    let deep = format!("{}z{}", "exp(".repeat(60), ")".repeat(60));
    let mut report = hostile();
    report.specs[0].source = format!(
        "name: long\ntarget: {{log_density: \"{long}\", mean: \"{quotients}\", entropy: \"{deep}\"}}\n"
    );
    check_nested(&html::html(&report, &[], false));
    check_latex(&latex::latex(&report));
}
