//! What is said of gradients: known values, tables, powers and moments that do not exist.
#![allow(clippy::unwrap_used, missing_docs)]

use reparam_check::check::{Effort, Finding, Verdict};
use reparam_check::run::{Options, run};

/// The finding of one check about a spec whose body is given.
#[track_caller]
fn finding(body: &str, check: &str, effort: Effort) -> Finding {
    let spec = format!("name: case\n{body}\n");
    let options = Options {
        effort,
        checks: Some(vec![check.to_owned()]),
        ..Options::default()
    };
    let report = run(&[("case.yaml".to_owned(), spec.into_bytes())], &options);
    let checks = &report.specs[0].checks;
    let found = checks.iter().find(|c| c.check == check);
    let found = found.unwrap_or_else(|| panic!("{body}: {:?}", report.specs[0].diagnostics));
    found.finding.clone()
}

#[track_caller]
fn holds(body: &str, check: &str, verdict: Verdict, says: &str) -> Finding {
    let finding = finding(body, check, Effort::Standard);
    assert_eq!(finding.verdict, verdict, "{body}: {}", finding.message);
    assert!(
        finding.message.contains(says),
        "{body}: {}",
        finding.message
    );
    finding
}

/// A normal law with the expectation `f`, at one choice of parameters.
fn normal(f: &str) -> String {
    format!(
        "parameters: {{sigma: {{domain: positive, range: [1.2, 1.2]}}}}\nnoise: {{eps: \"normal(0, 1)\"}}\ntransform: {{z: 0.3 + sigma*eps}}\ntarget: {{support: real, distribution: \"normal(0.3, sigma)\"}}\nexpectations: [{{f: \"{f}\"}}]"
    )
}

/// ∂σ E[z² + 1(z > 0.9)] = 2σ + φ(0.5)·0.6/σ² at z ~ N(0.3, 1.2²); the path sees 2σ.
#[test]
fn a_step_costs_what_crosses_it() {
    let step = normal("z^2 + where(z > 0.9, 1, 0)");
    let found = holds(&step, "gradient", Verdict::Refuted, "biased");
    let example = found.counterexample.unwrap();
    let number = |text: &str| -> f64 { text.split(' ').next().unwrap().parse().unwrap() };
    assert!((number(&example.left) - 2.4).abs() < 1e-6, "{example:?}");
    assert!(
        (number(&example.right) - 2.546_694).abs() < 1e-6,
        "{example:?}"
    );
    let found = holds(&step, "path", Verdict::Refuted, "jumps");
    let explanation = found.counterexample.unwrap().explanation;
    assert!(
        explanation.contains("misses 0.146694 in sigma"),
        "{explanation}"
    );
    // The same step in the noise, which σ does not move.
    holds(
        &normal("z^2 + where(eps > 0.9, 1, 0)"),
        "path",
        Verdict::Certified,
        "",
    );
}

#[test]
fn the_bias_of_a_relaxation_is_a_table() {
    let body = "parameters: {l: {domain: real, range: [-2, 2]}}\ninputs: {t: {domain: positive, range: [1/4, 5/4]}}\nnoise: {eps: \"logistic(0, 1)\"}\ntransform: {z: sigmoid((l + eps)/t)}\nexpectations:\n  - f: (where(l + eps > 0, 1, 0) - 45/100)^2\n    value: 2025/10000 + sigmoid(l)/10\n    estimator: {l: 2*(z - 45/100)*z*(1 - z)/t}";
    let found = holds(body, "gradient", Verdict::Refuted, "biased");
    let rows = found.evidence["bias"].as_array().unwrap();
    let of = |row: &serde_json::Value, name: &str| row[name].as_f64().unwrap();
    let temperatures: Vec<f64> = rows.iter().map(|r| of(r, "t")).collect();
    assert_eq!(temperatures, [0.25, 0.5, 0.75, 1.0, 1.25]);
    for row in rows {
        let bias = of(row, "estimator") - of(row, "gradient");
        assert!((bias - of(row, "bias")).abs() < 1e-12);
        assert!(bias.abs() > 1e-4, "{row}");
        assert_eq!(of(row, "gradient"), of(&rows[0], "gradient"));
    }
    let text = found.counterexample.unwrap().explanation;
    assert_eq!(text.lines().count(), 7, "{text}");
}

const STUDENT: &str = "parameters: {m: real, s: positive}\ninputs: {nu: {domain: positive, range: [NU]}}\nnoise: {eps: \"student_t(nu, 0, 1)\"}\ntransform: {z: m + s*eps}\ntarget: {support: real, distribution: \"student_t(nu, m, s)\"}\nexpectations: [{f: FUNCTION}]";

fn student(nu: &str, f: &str) -> String {
    STUDENT.replace("NU", nu).replace("FUNCTION", f)
}

#[test]
fn what_has_no_mean_is_said_to_have_none() {
    let body = student("1.2, 1.8", "z^2");
    let found = holds(
        &body,
        "gradient",
        Verdict::Inconclusive,
        "E f does not exist",
    );
    assert_eq!(found.evidence["verdict_instead"], "tested");
    // With the mean, but without the variance that draws would need: integrals decide.
    holds(&student("2.2, 2.8", "z^2"), "gradient", Verdict::Tested, "");
    let cauchy = "parameters: {m: real, s: positive}\nnoise: {eps: \"cauchy(0, 1)\"}\ntransform: {z: m + s*eps}\ntarget: {support: real, distribution: \"cauchy(m, s)\"}\nexpectations: [{f: z, value: m, estimator: none}]";
    let found = holds(cauchy, "gradient", Verdict::Refuted, "does not exist");
    assert_eq!(found.counterexample.unwrap().right, "inf");
    // Powers just below 1 have a mean.
    let root = cauchy.replace("f: z, value: m", "f: abs(z)^(9/10), value: 0");
    let found = finding(&root, "gradient", Effort::Standard);
    assert!(
        !found.message.contains("does not exist"),
        "{}",
        found.message
    );
}

#[test]
fn the_class_of_the_exchange_ends_at_the_degrees_of_freedom() {
    let found = holds(
        &student("5, 5", "z^2"),
        "path",
        Verdict::Certified,
        "k < 5, with a Monte-Carlo error below |z|^k, k < 5/2",
    );
    assert!((found.evidence["power"].as_f64().unwrap() - 5.0).abs() < 1e-6);
}

/// Three coordinates that depend on one another, and three noise components that do not come apart.
#[test]
fn dependent_coordinates_are_judged() {
    let body = "parameters: {a: {domain: real, range: [-1, 1]}, r: {domain: real, range: [-1, 1]}}\nnoise: {eps: \"normal(0, 1)[3]\"}\ntransform: {z: \"[a + eps[0], eps[1] + r*eps[0], eps[2] + r*eps[1]]\"}\ntarget: {support: \"real[3]\", log_density: \"-3*log(2*pi)/2 - ((z[0] - a)^2 + (z[1] - r*(z[0] - a))^2 + (z[2] - r*(z[1] - r*(z[0] - a)))^2)/2\"}\nexpectations: [{f: \"sin(z[0] + z[1]*z[2])\"ESTIMATOR}]";
    let right = body.replace("ESTIMATOR", "");
    holds(&right, "gradient", Verdict::Tested, "gradient in a");
    let slope = "(1 + r*z[2] + z[1]*r^2)";
    let wrong = body.replace(
        "ESTIMATOR",
        &format!(", estimator: {{a: \"{slope}*cos(z[0] + z[1]*z[2])\"}}"),
    );
    holds(&wrong, "gradient", Verdict::Refuted, "biased");
}

/// Over an implicit map in several coordinates, too.
#[test]
fn implicit_maps_of_several_coordinates_are_integrated() {
    let body = "parameters: {a: {domain: \"positive[3]\", range: [1.5, 3]}}\nnoise: {u: \"uniform(0, 1)[2]\"}\ninverse: {u: \"[beta_inc(a[0], a[1] + a[2], z[0]), beta_inc(a[1], a[2], z[1]/(1 - z[0]))]\"}\ntarget: {support: \"simplex[3]\", log_density: lgamma(sum(a)) - sum(lgamma(a)) + sum((a - 1)*log(z))}\nexpectations: [{f: \"z[0]*z[2]\", value: \"VALUE\"}]";
    let right = body.replace("VALUE", "a[0]*a[2]/(sum(a)*(sum(a) + 1))");
    holds(&right, "gradient", Verdict::Tested, "gradient in a[2]");
    holds(&right, "path", Verdict::Tested, "bounded slope");
    let wrong = body.replace("VALUE", "a[0]*a[2]/sum(a)^2");
    holds(&wrong, "gradient", Verdict::Refuted, "value");
}

/// Four noise components that do not come apart: only draws decide, and at `--effort thorough` they
/// find a bias of a fiftieth of the standard deviation of the estimator, which is 1.1.
#[test]
fn a_small_bias_is_found_by_many_draws() {
    let body = "parameters: {m: {domain: real, range: [0.1, 0.2]}}\nnoise: {eps: \"normal(0, 1)[4]\"}\ntransform: {z: m + eps}\ntarget: {support: \"real[4]\", log_density: \"sum(-log(2*pi)/2 - (z - m)^2/2)\"}\nexpectations: [{f: \"tanh(z[0]*z[1] + z[2]*z[3])\", estimator: {m: \"sum(z)*(1 - tanh(z[0]*z[1] + z[2]*z[3])^2) + BIAS\"}}]";
    let right = finding(&body.replace("BIAS", "0*m"), "gradient", Effort::Standard);
    assert_eq!(right.verdict, Verdict::Tested, "{}", right.message);
    assert!(right.message.contains("paired draws"), "{}", right.message);
    let variance = right.evidence["variance_of_a_draw"]["m"]["estimator"]
        .as_f64()
        .unwrap();
    assert!((1.0..1.2).contains(&variance.sqrt()), "{variance}");
    let wrong = finding(&body.replace("BIAS", "0.022"), "gradient", Effort::Thorough);
    assert_eq!(wrong.verdict, Verdict::Refuted, "{}", wrong.message);
}

/// At λ = ½ the formula of a hole has another slope than what the hole is in: the gradient there is
/// that of neither branch, and is not asked for.
#[test]
fn a_hole_in_a_parameter_has_no_gradient_of_its_own() {
    let body = "parameters: {t: {domain: real, range: [0, 0]}}\nnoise: {u: \"uniform(0, 1)\"}\ndefine: {m: \"where(t == 0, 1, expm1(t)/t)\"}\ntransform: {z: u}\ntarget: {support: unit_interval, log_density: 0*z}\nexpectations: [{f: exp(t*z), value: m}]";
    let at_the_hole = finding(body, "gradient", Effort::Standard);
    assert_ne!(
        at_the_hole.verdict,
        Verdict::Refuted,
        "{}",
        at_the_hole.message
    );
    let around = body.replace("[0, 0]", "[-2, 2]");
    holds(&around, "gradient", Verdict::Tested, "gradient in t");
    let wrong = around.replace("value: m", "value: m, estimator: {t: 2*z*exp(t*z)}");
    holds(&wrong, "gradient", Verdict::Refuted, "biased");
}

/// Two formulas of one estimator differ by rounding, and always to the same side.
#[test]
fn rounding_is_no_bias() {
    let body = "parameters: {lambda: {domain: positive, range: [1/2, 3]}}\nnoise: {n: poisson(lambda)}\ntransform: {z: n}\ntarget: {support: nonnegative_integer, log_mass: z*log(lambda) - lambda - lgamma(z + 1)}\nexpectations: [{f: z/(1 + z), estimator: {lambda: \"z/(1 + z)*(z/lambda - 1)BIAS\"}}]";
    let right = body.replace("BIAS", "");
    holds(&right, "gradient", Verdict::Tested, "gradient in lambda");
    let wrong = body.replace("BIAS", " + 1/1000");
    holds(&wrong, "gradient", Verdict::Refuted, "biased");
}

/// Terms of f(g) that cancel are lost in binary64 and in leading terms, and gone in normal form.
#[test]
fn what_cancels_in_f_of_g_is_gone() {
    let levy = "parameters: {m: real, c: positive}\nnoise: {u: \"uniform(0, 1)\"}\ntransform: {z: m + c/(2*erfinv(1 - u)^2)}\nexpectations: [{f: c/(z - m), value: VALUE}]";
    for seed in 0..6 {
        let options = Options {
            seed,
            checks: Some(vec!["path".to_owned()]),
            ..Options::default()
        };
        let spec = format!("name: case\n{}\n", levy.replace("VALUE", "1"));
        let report = run(&[("case.yaml".to_owned(), spec.into_bytes())], &options);
        let finding = &report.specs[0].checks[0].finding;
        assert!(finding.verdict.holds(), "{seed}: {}", finding.message);
    }
    // 1 − z is e^(−s·e), which is nothing where z has been rounded to 1.
    let saturated = "parameters: {s: {domain: positive, range: [1, 30]}}\nnoise: {e: \"exponential(1)\"}\ntransform: {z: \"-expm1(-s*(e + sinh(e/4)))\"}\nexpectations: [{f: log1p(-z), value: VALUE}]";
    let right = saturated.replace("VALUE", "-s*(1 + 4/15)");
    holds(&right, "path", Verdict::Certified, "every power");
    holds(&right, "gradient", Verdict::Tested, "gradient in s");
    let wrong = saturated.replace("VALUE", "-s*(1 + 4/17)");
    holds(&wrong, "gradient", Verdict::Refuted, "");
}

/// The mean of a square over a circle, E z₀² = 1/2: no integral reaches it, draws do.
#[test]
fn values_that_no_integral_reaches_are_judged_by_draws() {
    let circle = |value: &str| {
        format!(
            "noise: {{eps: \"normal(0, 1)[2]\"}}\ntransform: {{z: eps/norm(eps)}}\nexpectations: [{{f: \"z[0]^2\", value: \"{value}\"}}]"
        )
    };
    holds(&circle("1/2"), "gradient", Verdict::Tested, "draws");
    let found = holds(&circle("0.51"), "gradient", Verdict::Refuted, "expectation");
    assert!(found.counterexample.unwrap().left.starts_with("0.51"));
}

/// The mean direction and the variance of its coordinates, which no integral reaches either.
#[test]
fn moments_that_no_integral_reaches_are_judged_by_draws() {
    let circle = |mean: &str, variance: &str| {
        format!(
            "noise: {{eps: \"normal(0, 1)[2]\"}}\ntransform: {{z: eps/norm(eps)}}\ntarget: {{support: \"unit_vector[2]\", measure: hausdorff, log_density: -log(2*pi), mean: \"{mean}\", variance: \"{variance}\"}}"
        )
    };
    let right = circle("[0, 0]", "[1/2, 1/2]");
    holds(&right, "moments", Verdict::Tested, "draws");
    for (mean, variance) in [("[0, 1/20]", "[1/2, 1/2]"), ("[0, 0]", "[1/2, 11/20]")] {
        let wrong = circle(mean, variance);
        let found = holds(&wrong, "moments", Verdict::Refuted, "not that of the law");
        assert!(found.counterexample.is_some(), "{wrong}");
    }
}
