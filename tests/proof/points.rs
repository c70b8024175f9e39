//! What proofs rest on, at exact points inside and on the edges of the domains: every step's two
//! sides agree, every condition holds, and what is proved of random terms is so.

use super::entries::{Entry, Terms, identities};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use reparam_check::algebra::{Condition, Outcome, Signs, Step, prove};
use reparam_check::graph::{Graph, Id};
use reparam_check::number::{Enclosure, Precision, Rational};
use reparam_check::tape::Tape;
use std::collections::BTreeSet;

const PRECISION: Precision = Precision(160);

/// Values to try, the ends of the domains among them.
const VALUES: [(i64, i64); 17] = [
    (0, 1),
    (1, 1),
    (-1, 1),
    (1, 2),
    (-1, 2),
    (2, 1),
    (-2, 1),
    (1, 3),
    (3, 4),
    (-7, 4),
    (5, 2),
    (1, 1000),
    (-1, 1000),
    (999, 1000),
    (7, 1),
    (-9, 1),
    (40, 1),
];

fn lies_in(value: &Rational, domain: &str) -> bool {
    let (zero, one) = (Rational::ZERO, Rational::ONE);
    match domain {
        "real" => true,
        "positive" => *value > zero,
        "nonnegative" => *value >= zero,
        "negative" => *value < zero,
        "nonzero" => *value != zero,
        "unit_interval" => *value > zero && *value < one,
        "interval(-1, 1)" => *value > -Rational::ONE && *value < one,
        "boolean" => *value == zero || *value == one,
        "nonnegative_integer" => value.is_int() && *value >= zero,
        "integer_interval(-2, 2)" => {
            value.is_int() && *value < Rational::from(3) && *value > Rational::from(-3)
        }
        other => panic!("{other} is not sampled"),
    }
}

/// Points of the domains: every value of each symbol with changing values of the others.
pub(crate) fn points(domains: &[String]) -> Vec<Vec<Enclosure>> {
    let allowed: Vec<Vec<Rational>> = domains
        .iter()
        .map(|domain| {
            let values = VALUES
                .iter()
                .map(|&(n, d)| Rational::from(n) / Rational::from(d));
            values.filter(|v| lies_in(v, domain)).collect()
        })
        .collect();
    (0..40)
        .map(|i| {
            let mut rest = i;
            allowed
                .iter()
                .map(|values| {
                    let value = &values[rest % values.len()];
                    rest = rest / values.len() + i / 5;
                    Enclosure::exact(value, PRECISION)
                })
                .collect()
        })
        .collect()
}

/// The signs that an enclosed number may have.
fn possible(value: &Enclosure) -> Signs {
    if value.is_possibly_undefined() {
        return Signs::UNKNOWN;
    }
    let zero = Enclosure::exact(&Rational::ZERO, PRECISION);
    let mut signs = Signs::UNKNOWN;
    if zero.certainly_less(value) {
        signs = Signs::POSITIVE;
    } else if value.certainly_less(&zero) {
        signs = Signs::NEGATIVE;
    } else if value.is_point() {
        signs = Signs::ZERO;
    }
    signs
}

pub(crate) fn values(
    graph: &Graph,
    symbols: &[Id],
    terms: &[Id],
    at: &[Enclosure],
) -> Vec<Enclosure> {
    let tape = Tape::new(graph, symbols, terms).unwrap();
    tape.evaluate(at, &PRECISION)
}

/// Follows steps into their cases at one point; counts the equations that were held against it.
fn follow(terms: &Terms, steps: &[Step], at: &[Enclosure], rules: &mut BTreeSet<&str>) -> usize {
    let mut held = 0;
    for step in steps {
        let of = |conditions: &[Condition]| -> Vec<Signs> {
            let ids: Vec<Id> = conditions.iter().map(|c| c.of).collect();
            let values = values(&terms.graph, &terms.symbols, &ids, at);
            values.iter().map(possible).collect()
        };
        for (condition, signs) in step.conditions.iter().zip(of(&step.conditions)) {
            assert!(
                !signs.and(condition.signs).is_empty(),
                "{} {} is false at {at:?}",
                terms.graph.display(condition.of),
                condition.relation(),
            );
        }
        for condition in step.conditions.iter().filter(|c| c.whole) {
            let value = &values(&terms.graph, &terms.symbols, &[condition.of], at)[0];
            let exact = value.as_rational();
            assert!(
                exact.is_none_or(|v| v.is_int()),
                "{} is no integer at {at:?}",
                terms.graph.display(condition.of),
            );
        }
        if let reparam_check::algebra::Rule::Cases(on) = step.rule {
            let signs = of(&[Condition {
                of: on,
                signs: Signs::UNKNOWN,
                whole: false,
            }])[0];
            let known = step.branches.iter().find(|b| signs.within(b.signs));
            if let Some(branch) = known {
                held += follow(terms, &branch.steps, at, rules);
            }
        }
        let sides = values(&terms.graph, &terms.symbols, &[step.from, step.to], at);
        if sides.iter().any(Enclosure::is_possibly_undefined) {
            continue;
        }
        assert!(
            !sides[0].disjoint(&sides[1]),
            "{}: {} is not {} at {at:?}",
            step.rule.name(),
            terms.graph.display(step.from),
            terms.graph.display(step.to),
        );
        rules.insert(step.rule.name());
        held += 1;
    }
    held
}

#[test]
fn rules_hold_at_points() {
    let mut rules = BTreeSet::new();
    let mut held = 0;
    for entry in identities() {
        let Some(mut terms) = entry.terms() else {
            continue;
        };
        let found = prove(&mut terms.graph, &terms.facts, terms.left, terms.right);
        let Outcome::Proved(proof, _) = found else {
            panic!("{} = {} is not proved", entry.left, entry.right);
        };
        for at in points(&terms.domains) {
            held += follow(&terms, &proof.steps, &at, &mut rules);
        }
    }
    assert!(held > 20_000, "{held} equations");
    let names: Vec<&str> = rules.into_iter().collect();
    let all = [
        "absolute",
        "angles",
        "cases",
        "decided",
        "definition",
        "duplication",
        "half_plane",
        "half_turns",
        "logarithm",
        "parity",
        "reflection",
        "shift",
        "step",
        "turn",
        "undone",
        "value",
        "whole",
    ];
    assert_eq!(names, all);
}

/// A random formula over names.
fn formula(names: &[&str], depth: usize, rng: &mut impl Rng) -> String {
    let mut pick = |n: usize| rng.random_range(0..n);
    if depth == 0 || pick(6) == 0 {
        let constants = ["0", "1", "2", "3", "(-1)", "(-1/2)", "(1/2)"];
        return if pick(3) == 0 {
            constants[pick(constants.len())].to_owned()
        } else {
            names[pick(names.len())].to_owned()
        };
    }
    let kind = pick(20);
    let inner = formula(names, depth - 1, rng);
    let functions = [
        "exp", "log", "sqrt", "abs", "tanh", "sign", "sigmoid", "log1p", "expm1", "atan",
    ];
    match kind {
        0..10 => format!("{}({inner})", functions[kind]),
        10 => format!("({inner})^2"),
        11 => format!("({inner})^(-1)"),
        _ => {
            let other = formula(names, depth - 1, rng);
            match kind {
                12 => format!("({inner} + {other})"),
                13 => format!("({inner} - {other})"),
                14 | 15 => format!("({inner}*{other})"),
                16 => format!("({inner}/{other})"),
                17 => format!("min({inner}, {other})"),
                18 => format!("max({inner}, {other})"),
                _ => {
                    let then = formula(names, depth - 1, rng);
                    format!("where({inner} > {other}, {then}, {inner})")
                }
            }
        }
    }
}

/// Statements about signs of random terms, under random conditions: true, false or meaningless.
#[test]
fn signs_hold_at_points() {
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    let domains = [
        "real",
        "positive",
        "nonnegative",
        "negative",
        "nonzero",
        "unit_interval",
        "interval(-1, 1)",
    ];
    let relations = ["> 0", ">= 0", "< 0", "<= 0", "== 0", "!= 0"];
    let (mut proved, mut held) = (0, 0);
    for line in 0..800 {
        let mut draw = |n: usize| rng.random_range(0..n);
        let variables: Vec<(String, String)> = ["x", "y"]
            .map(|name| (name.to_owned(), domains[draw(domains.len())].to_owned()))
            .to_vec();
        let (relation, under) = (relations[draw(6)], relations[draw(6)]);
        let (cases, depth) = (draw(3), 1 + draw(3));
        let term = formula(&["x", "y"], depth, &mut rng);
        let mut left = format!("where({term} {relation}, 1, 0)");
        for _ in 0..cases {
            let on = formula(&["x", "y"], 2, &mut rng);
            left = format!("where({on} {under}, {left}, 1)");
        }
        let entry = Entry {
            line,
            variables,
            left,
            right: "1".to_owned(),
            why: String::new(),
        };
        let mut terms = entry.terms().unwrap();
        let found = prove(&mut terms.graph, &terms.facts, terms.left, terms.right);
        if !matches!(found, Outcome::Proved(..)) {
            continue;
        }
        proved += 1;
        for at in points(&terms.domains) {
            let sides = [terms.left, terms.right];
            let sides = values(&terms.graph, &terms.symbols, &sides, &at);
            assert!(
                !sides[0].is_certainly_undefined() && !sides[0].disjoint(&sides[1]),
                "{} is not 1 at {at:?}, where {:?}",
                entry.left,
                entry.variables,
            );
            held += usize::from(!sides[0].is_possibly_undefined());
        }
    }
    assert!(proved > 100, "{proved} proofs");
    assert!(held > 2_000, "{held} points");
}
