use super::germ::{End, Germ};
use super::germs::Germs;
use super::size::Shape;
use crate::check::Verdict;
use crate::graph::{Graph, Id};
use crate::language::{Scope, Value, elaborate, parse_expression};
use crate::run::{Options, run};
use crate::tape::Tape;

fn formula(text: &str) -> (Graph, Id, Id) {
    let mut graph = Graph::new();
    let x = graph.symbol("x", &[]);
    let mut scope = Scope::default();
    scope.values.insert("x".to_owned(), Value::scalar(x));
    let expr = parse_expression(text).unwrap();
    let value = elaborate(&expr, &scope, &mut graph).unwrap();
    let term = value.elements[0];
    (graph, x, term)
}

/// Formulas in x, where x goes, and whether the leading term is known (else a bound).
const GERMS: &[(&str, End, bool)] = &[
    ("3*x^2 - x", End::Infinite(-1.0), true),
    ("-log(x)", End::Finite(0.0, 1.0), true),
    ("-log(-log(x))", End::Finite(1.0, -1.0), true),
    ("log(x) - log1p(-x)", End::Finite(1.0, -1.0), true),
    ("log1p(-x)/3", End::Finite(1.0, -1.0), true),
    ("(1 - (1 - x)^(1/3))^2", End::Finite(1.0, -1.0), true),
    ("(1 - (1 - x)^(1/3))^2", End::Finite(0.0, 1.0), true),
    ("x/(1 + x^2)^2", End::Infinite(1.0), true),
    ("x - max(x, 2)", End::Infinite(1.0), true),
    ("max(x, 0) + log1p(exp(-abs(x)))", End::Infinite(1.0), true),
    ("tan(pi*(x - 1/2))", End::Finite(1.0, -1.0), true),
    ("tan(pi*(x - 1/2))", End::Finite(0.0, 1.0), true),
    ("normal_icdf(x)", End::Finite(0.0, 1.0), true),
    ("where(x > 5, 7*x, exp(x))", End::Infinite(1.0), true),
    ("lgamma(x)", End::Infinite(1.0), true),
    ("asinh(x)", End::Infinite(-1.0), true),
    ("sqrt(x)*log(x)/(1 + sqrt(x))", End::Infinite(1.0), true),
    ("exp(2*log(x) + 1/x)", End::Infinite(1.0), false),
    // Constants that cancel exactly, or but for what rounding hides.
    (
        "sqrt(2 + log1p((1 - x)*expm1(-8))/4)",
        End::Finite(0.0, 1.0),
        true,
    ),
    (
        "2 + log1p((1 - x)*expm1(-40))/20",
        End::Finite(1.0, -1.0),
        true,
    ),
    ("sqrt(9 - (3 - x)^2)", End::Finite(0.0, 1.0), true),
    ("x*sin(x)", End::Infinite(1.0), false),
    ("floor(x)/x", End::Infinite(1.0), false),
    ("gamma_p(2, x)", End::Finite(0.0, 1.0), false),
    ("beta_inc(2, 3, x)", End::Finite(0.0, 1.0), false),
];

#[test]
fn germs_are_the_limits_of_values() {
    for (text, end, exact) in GERMS {
        let (graph, x, term) = formula(text);
        let germ = Germs::new(&graph, &[], &[], (x, *end)).of(term);
        let tape = Tape::new(&graph, &[x], &[term]).unwrap();
        let value = |t: f64| {
            let at = match *end {
                End::Infinite(sign) => sign * t,
                End::Finite(end, side) => end + side / t,
            };
            tape.evaluate(&[at], &())[0]
        };
        let size = |shape: Shape, t: f64| match shape {
            Shape::Power(p, q) => t.powf(p.hi()) * t.ln().powf(q.hi()),
            Shape::Exponential(..) | Shape::Beyond(_) => panic!("{text}: {germ:?}"),
        };
        let (near, far) = (2f64.powi(20), 2f64.powi(34));
        match germ {
            Germ::Zero => assert_eq!(value(far), 0.0, "{text}"),
            Germ::Like(like, _) if *exact => {
                // Where a logarithm leads, the next term is smaller by a logarithm only.
                let ratio = |t: f64| value(t) / (like.factor.midpoint() * size(like.shape, t));
                let (at_near, at_far) = ((ratio(near) - 1.0).abs(), (ratio(far) - 1.0).abs());
                assert!(
                    at_far <= at_near.max(1e-4) && at_far < 0.3,
                    "{text}: {germ:?}, off by {at_near} and {at_far}"
                );
            }
            Germ::Like(like, _) => {
                let ratio = (value(far) / size(like.shape, far)).abs();
                assert!(ratio < 100.0, "{text}: {germ:?}, {ratio}");
            }
            Germ::AtMost(shape) if !*exact => {
                for t in [near, far] {
                    let ratio = (value(t) / size(shape, t)).abs();
                    assert!(ratio < 100.0, "{text}: {germ:?}, {ratio}");
                }
            }
            Germ::AtMost(_) | Germ::Unknown => panic!("{text}: {germ:?}"),
        }
    }
}

#[test]
fn exponentials_are_ordered() {
    let shape = |text: &str| {
        let (graph, x, term) = formula(text);
        let germ = Germs::new(&graph, &[], &[], (x, End::Infinite(1.0))).of(term);
        match germ.bound() {
            Ok(Some(shape)) => shape,
            other => panic!("{text}: {other:?}"),
        }
    };
    let integrable = |text: &str| shape(text).is_integrable();
    assert_eq!(integrable("x^9*exp(3*x - x^2/2)"), Some(true));
    assert_eq!(integrable("exp(x^2/2 - x^3/9)"), Some(true));
    assert_eq!(integrable("exp(x - exp(-x))"), Some(false));
    assert_eq!(integrable("exp(-exp(x))*exp(x)"), Some(true));
    assert_eq!(integrable("1/(1 + x)"), Some(false));
    assert_eq!(integrable("1/(x*(1 + log(x))^2)"), Some(true));
    assert_eq!(integrable("sigmoid(-x)*x^3"), Some(true));
}

fn path(spec: &str) -> crate::check::Finding {
    let options = Options {
        checks: Some(vec!["path".to_owned()]),
        ..Options::default()
    };
    let report = run(
        &[("path.yaml".to_owned(), spec.as_bytes().to_vec())],
        &options,
    );
    let mut spec = report.specs.into_iter().next().unwrap();
    assert!(spec.diagnostics.is_empty(), "{:?}", spec.diagnostics);
    spec.checks.remove(0).finding
}

fn spec(noise: &str, transform: &str, rest: &str) -> String {
    format!(
        "name: path\nparameters: {{m: real, s: positive}}\nnoise: {{e: \"{noise}\"}}\n\
         transform: {{z: \"{transform}\"}}\n{rest}"
    )
}

/// Noise, g, the verdict, and a part of the message.
const PATHS: &[(&str, &str, Verdict, &str)] = &[
    ("normal(0, 1)", "m + s*e", Verdict::Certified, "every power"),
    ("gumbel(0, 1)", "m + s*e", Verdict::Certified, "every power"),
    (
        "logistic(0, 1)",
        "m + s*e",
        Verdict::Certified,
        "every power",
    ),
    (
        "laplace(0, 1)",
        "m + s*e",
        Verdict::Certified,
        "every power",
    ),
    (
        "student_t(3, 0, 1)",
        "m + s*e",
        Verdict::Certified,
        "k < 3, with a Monte-Carlo error below |z|^k, k < 3/2",
    ),
    (
        "cauchy(0, 1)",
        "m + s*e",
        Verdict::Certified,
        "k < 1, with a Monte-Carlo error below |z|^k, k < 1/2",
    ),
    ("pareto(1, 5)", "m + s*e", Verdict::Certified, "k < 5,"),
    (
        "uniform(0, 1)",
        "m + s*(e/(1 - e))^(1/4)",
        Verdict::Certified,
        "k < 4,",
    ),
    ("gamma(2, 1)", "m + s/e", Verdict::Certified, "k < 2,"),
    (
        "normal(0, 1)",
        "m + exp(s*e)",
        Verdict::Certified,
        "every power",
    ),
    (
        "exponential(1)",
        "m + s*exp(e/3)",
        Verdict::Certified,
        "k < 3,",
    ),
    (
        "normal(0, 1)",
        "m + s*abs(e)",
        Verdict::Certified,
        "every power",
    ),
    // No power of |z| has a mean, so there is no class to speak of.
    (
        "cauchy(0, 1)",
        "exp(m + s*e)",
        Verdict::Inconclusive,
        "no growth is known to be dominated",
    ),
    // Formulas in the parameters, of several shapes.
    (
        "exponential(1)",
        "m + exp(e/s)",
        Verdict::Certified,
        "k < s, with a Monte-Carlo error below |z|^k, k < s/2",
    ),
    (
        "exponential(1)",
        "m^2 + exp(e*s)",
        Verdict::Certified,
        "k < 1/s, with a Monte-Carlo error below |z|^k, k < 1/(2*s)",
    ),
    (
        "exponential(1)",
        "s*exp(2*m*e)",
        Verdict::Certified,
        "k < 1/(2*m) where m > 0",
    ),
    (
        "student_t(3, 0, 1)",
        "m + s*sinh(e)",
        Verdict::Inconclusive,
        "no growth is known to be dominated",
    ),
    // A threshold in the noise alone stays where it is.
    (
        "normal(0, 1)",
        "where(e > 0, m + e, m - s*e)",
        Verdict::Certified,
        "no surface",
    ),
    // A kink is no jump.
    (
        "normal(0, 1)",
        "where(m + e > 0, (m + e)/s, s*(m + e))",
        Verdict::Certified,
        "free of the parameters",
    ),
    (
        "normal(0, 1)",
        "where(m + e > 0, s + e, s - e)",
        Verdict::Refuted,
        "z jumps across 0 = m + e",
    ),
    (
        "normal(0, 1)",
        "s*floor(m + e)",
        Verdict::Refuted,
        "z jumps across m + e = k",
    ),
    (
        "normal(0, 1)",
        "e + sign(m + s*e)",
        Verdict::Refuted,
        "z jumps",
    ),
    (
        "normal(m, 1)",
        "s*e",
        Verdict::Refuted,
        "the law of the noise `e` depends on m",
    ),
    (
        "uniform(0, s)",
        "m + e",
        Verdict::Refuted,
        "the law of the noise `e` depends on s",
    ),
    // A pole within the support.
    (
        "normal(0, 1)",
        "s/(m + e)",
        Verdict::Inconclusive,
        "vanishes",
    ),
];

#[test]
fn paths_are_judged() {
    for (noise, transform, verdict, message) in PATHS {
        let finding = path(&spec(noise, transform, ""));
        assert_eq!(
            finding.verdict, *verdict,
            "{noise}, {transform}: {}",
            finding.message
        );
        assert!(
            finding.message.contains(message),
            "{noise}, {transform}: {}",
            finding.message
        );
    }
}

/// Without its scale as a parameter the slope of a Student's t is 1, and has a mean times |z|^(k−1)
/// for k < ν + 1; |z|^k itself has one for k < ν only.
#[test]
fn what_has_no_expectation_is_not_in_the_class() {
    let finding = path(
        "name: located\nparameters: {m: real}\ninputs: {nu: positive, s: positive}\n\
         noise: {e: \"student_t(nu, 0, 1)\"}\ntransform: {z: m + s*e}\n",
    );
    assert_eq!(finding.verdict, Verdict::Certified);
    let class = "k < nu, with a Monte-Carlo error below |z|^k, k < min(nu, nu/2 + 1)";
    assert!(finding.message.ends_with(class), "{}", finding.message);
}

/// Where the slope of a named f has no mean at some parameters, that it has one at others is no help.
#[test]
fn an_objective_without_a_mean_slope_is_refuted() {
    let student = |f: &str, range: &str| {
        path(&format!(
            "name: heavy\nparameters: {{m: real, s: positive}}\n\
             inputs: {{nu: {{domain: positive, range: [{range}]}}}}\n\
             noise: {{e: \"student_t(nu, 0, 1)\"}}\ntransform: {{z: m + s*e}}\n\
             expectations: [{{f: {f}}}]\n"
        ))
    };
    for range in ["1, 4", "3/2, 19/10"] {
        let finding = student("z^2", range);
        assert_eq!(finding.verdict, Verdict::Refuted, "{}", finding.message);
        assert!(finding.message.contains("has no mean"));
        assert_eq!(finding.counterexample.unwrap().left, "inf");
    }
    let with_error = |f: &str, range: &str| {
        let finding = student(f, range);
        assert_eq!(finding.verdict, Verdict::Certified, "{}", finding.message);
        finding.evidence["slopes_of_f_with_a_standard_error"].as_bool()
    };
    assert_eq!(with_error("z^2", "5/2, 3"), Some(false));
    assert_eq!(with_error("z^2", "9/2, 5"), Some(true));
    // The class has no f in it, but this f is bounded along the path.
    let bounded = "name: far\nparameters: {m: real, s: positive}\nnoise: {e: \"cauchy(0, 1)\"}\n\
                   transform: {z: exp(m + s*e)}\nexpectations: [{f: F}]\n";
    let finding = path(&bounded.replace('F', "1/(1 + z^2)"));
    assert_ne!(finding.verdict, Verdict::Refuted, "{}", finding.message);
    let finding = path(&bounded.replace('F', "z"));
    assert_eq!(finding.verdict, Verdict::Refuted, "{}", finding.message);
}

/// z ~ N(0.3, 1.2²), f = z² + 1[z > 0.9]: of the slope 2.546694 in σ, the pathwise estimator gives
/// 2.4, and φ(0.5)·0.6/1.44 is what the jump costs.
#[test]
fn the_missing_term_of_a_step_is_that_of_the_literature() {
    let finding = path(
        "\
name: step
parameters:
  mu: {domain: real, range: [299999/1000000, 300001/1000000]}
  sigma: {domain: positive, range: [1199999/1000000, 1200001/1000000]}
noise: {eps: \"normal(0, 1)\"}
transform: {z: mu + sigma*eps}
expectations:
  - f: z^2 + where(z > 9/10, 1, 0)
",
    );
    assert_eq!(finding.verdict, Verdict::Refuted);
    let example = finding.counterexample.unwrap();
    let density = (-0.125f64).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let missed = format!("{:.6} in sigma", density * 0.6 / 1.44);
    assert_eq!(missed, "0.146694 in sigma");
    assert!(example.explanation.contains(&missed), "{example:?}");
}

#[test]
fn a_clamp_is_an_atom_only_where_a_density_is_claimed() {
    let clamped = |target: &str| path(&spec("normal(0, 1)", "max(m + s*e, 0)", target));
    let finding = clamped("target: {support: real, distribution: \"normal(m, s)\"}");
    assert_eq!(finding.verdict, Verdict::Refuted);
    assert_eq!(finding.message, "g puts mass on a point");
    assert_eq!(clamped("").verdict, Verdict::Certified);
}

/// A remainder jumps at its seam, which only a function of its period does not see.
#[test]
fn a_seam_is_judged_by_f() {
    let wrapped = |f: &str| {
        let rest = format!("expectations:\n  - f: {f}\n");
        path(&spec("normal(0, 1)", "mod(m + s*e, 2*pi)", &rest))
    };
    assert_eq!(wrapped("z").verdict, Verdict::Refuted);
    assert_ne!(wrapped("cos(z)").verdict, Verdict::Refuted);
}
