//! Proofs of falsehoods, written by hand: one step each, an instance of its rule or nearly so.

use super::entries::Entry;
use reparam_check::algebra::{Case, Condition, Proof, Rule, Signs, Step, replay};

/// Domain of x, the term rewritten, what it is said to equal, by which rule, and what is claimed
/// of the deciding term (the first argument of the operator).
const FORGED: &[(&str, &str, &str, Rule, Signs)] = &[
    ("real", "abs(x)", "x", Rule::Absolute, Signs::NONNEGATIVE),
    (
        "real",
        "abs(x)",
        "x",
        Rule::Decided(Signs::NONNEGATIVE),
        Signs::NONNEGATIVE,
    ),
    (
        "real",
        "abs(x)",
        "-x",
        Rule::Decided(Signs::NEGATIVE),
        Signs::NEGATIVE,
    ),
    ("positive", "abs(x)", "-x", Rule::Absolute, Signs::POSITIVE),
    (
        "positive",
        "abs(x)",
        "-x",
        Rule::Decided(Signs::POSITIVE),
        Signs::POSITIVE,
    ),
    (
        "nonnegative",
        "sign(x)",
        "1",
        Rule::Decided(Signs::POSITIVE),
        Signs::POSITIVE,
    ),
    (
        "nonnegative",
        "sqrt(x)",
        "exp(log(x)/2)",
        Rule::Definition,
        Signs::POSITIVE,
    ),
    (
        "real",
        "sqrt(x)",
        "exp(log(x)/2)",
        Rule::Definition,
        Signs::POSITIVE,
    ),
    (
        "positive",
        "sqrt(x)",
        "exp(log(x)/3)",
        Rule::Definition,
        Signs::POSITIVE,
    ),
    (
        "positive",
        "log(x)",
        "log(x + 1)",
        Rule::Logarithm,
        Signs::POSITIVE,
    ),
    (
        "real",
        "log(x^2)",
        "2*log(x)",
        Rule::Logarithm,
        Signs::POSITIVE,
    ),
    (
        "nonnegative",
        "log(x^2)",
        "2*log(x)",
        Rule::Logarithm,
        Signs::POSITIVE,
    ),
    (
        "real",
        "exp(x)",
        "exp(-x)",
        Rule::Reflection,
        Signs::UNKNOWN,
    ),
    (
        "real",
        "normal_cdf(x)",
        "normal_cdf(-x)",
        Rule::Reflection,
        Signs::UNKNOWN,
    ),
    (
        "real",
        "sin(x)",
        "sin(-x)",
        Rule::Reflection,
        Signs::UNKNOWN,
    ),
    (
        "real",
        "cos(x)",
        "-cos(-x)",
        Rule::Reflection,
        Signs::UNKNOWN,
    ),
    (
        "real",
        "sin(x)",
        "cos(x - pi/2)*2",
        Rule::Turn(1),
        Signs::UNKNOWN,
    ),
    (
        "real",
        "sin(x)",
        "cos(x + pi/2)",
        Rule::Turn(1),
        Signs::UNKNOWN,
    ),
    (
        "real",
        "sin(x)",
        "sin(x)*cos(x)",
        Rule::Ring,
        Signs::UNKNOWN,
    ),
    (
        "positive",
        "lgamma(x)",
        "lgamma(x - 1) + log(x - 1)",
        Rule::Shift(1),
        Signs::POSITIVE,
    ),
    (
        "real",
        "tanh(x)",
        "(exp(2*x) + 1)/(exp(2*x) - 1)",
        Rule::Definition,
        Signs::UNKNOWN,
    ),
    (
        "real",
        "tan(x)",
        "sin(x)/cos(x)",
        Rule::Definition,
        Signs::UNKNOWN,
    ),
    (
        "real",
        "log1p(x)",
        "log(1 + x)",
        Rule::Definition,
        Signs::POSITIVE,
    ),
    (
        "real",
        "x^3",
        "exp(3*log(x))",
        Rule::Definition,
        Signs::POSITIVE,
    ),
    (
        "nonnegative",
        "x^(1/2)",
        "exp(log(x)/2)",
        Rule::Definition,
        Signs::POSITIVE,
    ),
    ("real", "floor(x)", "x", Rule::Value, Signs::UNKNOWN),
    ("real", "floor(x)", "x", Rule::Whole, Signs::UNKNOWN),
    ("positive", "round(x)", "x", Rule::Whole, Signs::UNKNOWN),
    (
        "nonnegative",
        "floor(x)",
        "0",
        Rule::Step(0),
        Signs::NONNEGATIVE,
    ),
    (
        "unit_interval",
        "ceil(x)",
        "0",
        Rule::Step(0),
        Signs::POSITIVE,
    ),
    (
        "unit_interval",
        "floor(x)",
        "1",
        Rule::Step(1),
        Signs::POSITIVE,
    ),
    ("real", "sqrt(x^2)", "x", Rule::Absolute, Signs::NONNEGATIVE),
    (
        "positive",
        "sqrt(x^2)",
        "-x",
        Rule::Absolute,
        Signs::POSITIVE,
    ),
    ("positive", "sqrt(x)", "x", Rule::Absolute, Signs::POSITIVE),
    (
        "nonnegative_integer",
        "(-1)^x",
        "1",
        Rule::Parity,
        Signs::UNKNOWN,
    ),
    ("real", "(-1)^(2*x)", "1", Rule::Parity, Signs::UNKNOWN),
    (
        "positive",
        "lgamma(x)",
        "lgamma(x/2) + lgamma(x/2 + 1/2) + x*log(2) - log(pi)/2",
        Rule::Duplication,
        Signs::POSITIVE,
    ),
    (
        "real",
        "lgamma(x)",
        "lgamma(x/2) + lgamma(x/2 + 1/2) + (x - 1)*log(2) - log(pi)/2",
        Rule::Duplication,
        Signs::POSITIVE,
    ),
    (
        "real",
        "atan2(1, x)",
        "atan(1/x)",
        Rule::HalfPlane(0),
        Signs::POSITIVE,
    ),
    (
        "real",
        "atan2(x, 1)",
        "pi/2 - atan(1/x)",
        Rule::HalfPlane(1),
        Signs::POSITIVE,
    ),
    (
        "positive",
        "atan2(x, 1)",
        "-pi/2 - atan(1/x)",
        Rule::HalfPlane(-1),
        Signs::NEGATIVE,
    ),
    (
        "positive",
        "lgamma(x)",
        "log(pi) - log(sin(pi*x)) - lgamma(1 - x)",
        Rule::Reflection,
        Signs::POSITIVE,
    ),
    (
        "positive",
        "digamma(x)",
        "digamma(1 - x) - pi*cos(pi*x)/sin(pi*x)",
        Rule::Reflection,
        Signs::POSITIVE,
    ),
    (
        "unit_interval",
        "digamma(x)",
        "digamma(1 - x) + pi*cos(pi*x)/sin(pi*x)",
        Rule::Reflection,
        Signs::POSITIVE,
    ),
    (
        "real",
        "mod(1, x)",
        "1 - x*floor(1/x)",
        Rule::Definition,
        Signs::NONZERO,
    ),
    (
        "real",
        "acos(x)",
        "pi/2 - asin(x)",
        Rule::Definition,
        Signs::UNKNOWN,
    ),
    ("real", "x/x", "1", Rule::Ring, Signs::UNKNOWN),
    ("real", "1/x", "1/x", Rule::Ring, Signs::UNKNOWN),
];

#[test]
fn forged_steps_are_rejected() {
    for &(domain, from, to, rule, signs) in FORGED {
        let entry = Entry {
            line: 0,
            variables: vec![("x".to_owned(), domain.to_owned())],
            left: from.to_owned(),
            right: to.to_owned(),
            why: String::new(),
        };
        let mut terms = entry.terms().unwrap();
        let (from, to) = (terms.left, terms.right);
        let of = terms.graph.node(from).arguments().next().unwrap_or(from);
        let steps = vec![Step {
            rule,
            from,
            to,
            conditions: vec![Condition {
                of,
                signs,
                whole: false,
            }],
            branches: Vec::new(),
        }];
        let proof = Proof {
            left: from,
            right: to,
            steps,
        };
        let result = replay(&mut terms.graph, &terms.facts, &proof);
        assert!(result.is_err(), "{domain}: {entry:?} by {rule:?}");
    }
}

/// Cases that leave out what may be, or speak of what is no number.
#[test]
fn forged_cases_are_rejected() {
    let cases: [(&str, &str, &[Signs]); 7] = [
        ("real", "x", &[]),
        ("nonnegative", "x", &[]),
        ("real", "x", &[Signs::POSITIVE]),
        ("real", "x", &[Signs::POSITIVE, Signs::NEGATIVE]),
        ("nonnegative", "x", &[Signs::POSITIVE]),
        ("real", "log(x)", &[Signs::POSITIVE, Signs::NONPOSITIVE]),
        ("real", "1/x", &[Signs::POSITIVE, Signs::NONPOSITIVE]),
    ];
    for (domain, on, branches) in cases {
        let entry = Entry {
            line: 0,
            variables: vec![("x".to_owned(), domain.to_owned())],
            left: on.to_owned(),
            right: "abs(x)".to_owned(),
            why: String::new(),
        };
        let mut terms = entry.terms().unwrap();
        let (on, from) = (terms.left, terms.right);
        // |x| = |x| in each case: only the cases themselves are wrong.
        let step = Step {
            rule: Rule::Cases(on),
            from,
            to: from,
            conditions: Vec::new(),
            branches: branches
                .iter()
                .map(|&signs| Case {
                    signs,
                    steps: Vec::new(),
                })
                .collect(),
        };
        let proof = Proof {
            left: from,
            right: from,
            steps: vec![step],
        };
        let result = replay(&mut terms.graph, &terms.facts, &proof);
        assert!(result.is_err(), "{domain}: {on:?} {branches:?}");
    }
}
