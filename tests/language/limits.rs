//! What is too large or too deep is refused, at once and without overflowing the stack.

use super::{read, scope};
use reparam_check::graph::Graph;
use reparam_check::language::{elaborate, names_used, parse_expression};
use std::time::Instant;

#[test]
fn what_is_too_large_is_refused_at_once() {
    let mut graph = Graph::new();
    let mut scope = scope(&mut graph);
    scope.sizes.insert("big".into(), 3000);
    let started = Instant::now();
    let before = graph.len();
    for text in [
        "zeros(100000, 100000)",
        "ones(9223372036854775807, 9223372036854775807)",
        "identity(1000000)",
        "[x for i in 0..1000000000]",
        "[x for i in -9223372036854775807..9223372036854775807]",
        "[[i*j + x for i in 0..big] for j in 0..big]",
        "[[[i*j + k + x for i in 0..400] for j in 0..400] for k in 0..400]",
        "zeros(big, big) @ zeros(big, big)",
        "outer([x*i for i in 0..4000], [y + i for i in 0..4000])",
        "[sum([x + j for j in 0..i]) for i in 0..6000]",
        "exp(zeros(big, big)) + 1",
    ] {
        let errors = read(text, &scope, &mut graph).unwrap_err();
        assert!(
            errors[0].message.contains("10000000 nodes"),
            "{text}: {errors:?}"
        );
    }
    assert!(graph.len() - before < 100_000, "{} nodes", graph.len());
    assert!(started.elapsed().as_secs() < 2, "{:?}", started.elapsed());
    let mut graph = Graph::new();
    let mut scope = crate::scope(&mut graph);
    scope.node_limit = 1000;
    assert!(read("[exp(x + i) for i in 0..500]", &scope, &mut graph).is_err());
    assert!(read("[exp(x + i) for i in 0..50]", &scope, &mut graph).is_ok());
}

#[test]
fn long_chains_do_not_overflow_the_stack() {
    let mut graph = Graph::new();
    let scope = scope(&mut graph);
    for joint in [" + x", "*x", " - 2*x", "/x", " @ u"] {
        let start = if joint == " @ u" { "A" } else { "x" };
        let text = start.to_owned() + &joint.repeat(100_000);
        let expr = parse_expression(&text).unwrap();
        assert!(!names_used(&expr).is_empty());
        let copy = expr.clone();
        drop(expr);
        let value = elaborate(&copy, &scope, &mut graph);
        assert_eq!(value.is_ok(), joint != " @ u");
    }
    let text = "v[".to_owned() + "0 + ".repeat(100_000).as_str() + "1]";
    assert!(read(&text, &scope, &mut graph).is_ok());
}

#[test]
fn deep_nesting_is_refused_not_overflowed() {
    let mut graph = Graph::new();
    let scope = scope(&mut graph);
    for (open, middle, close) in [
        ("(", "x", ")"),
        ("x + 2*-x^(", "x", ")"),
        ("exp(", "x", ")"),
        ("[", "x", "]"),
        ("-", "x", ""),
        ("x^", "x", ""),
        ("", "x", "[0]"),
        ("where(x < 1 + 2*-x^max(2, ", "x", "), 1, 2)"),
        ("v[", "0", "]"),
        ("v[1 + 2*", "0", "]"),
        ("[1 + 2*", "x", " for i in 0..1]"),
        ("x + (x*(y + ", "x", "))"),
    ] {
        for depth in [30, 99, 198, 250, 100_000] {
            let text = open.repeat(depth) + middle + &close.repeat(depth);
            let found = read(&text, &scope, &mut graph);
            if depth == 100_000 {
                let errors = found.unwrap_err();
                assert!(
                    errors[0].message.contains("nests deeper than 200 levels"),
                    "{open}: {errors:?}"
                );
            }
        }
    }
    assert!(
        read(
            &("(".repeat(150) + "x" + &")".repeat(150)),
            &scope,
            &mut graph
        )
        .is_ok()
    );
}
