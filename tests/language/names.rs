//! Names, definitions, places, and the table of functions.

use super::{read, scope, show};
use reparam_check::graph::Graph;
use reparam_check::language::table::FUNCTIONS;
use reparam_check::language::{
    canonical_name, elaborate_definition, elaborate_with_places, names_used, parse_applied,
    parse_expression,
};

#[test]
fn definitions_may_be_conditions() {
    let mut graph = Graph::new();
    let mut scope = scope(&mut graph);
    let inside = parse_expression("all(v > 0, v < 1)").unwrap();
    let inside = elaborate_definition(&inside, &scope, &mut graph).unwrap();
    scope.values.insert("inside".into(), inside);
    let value = read("where(inside, v, 0)[0]", &scope, &mut graph).unwrap();
    assert_eq!(
        show(&graph, &value),
        "where(all(0 < v[0], v[0] < 1), v[0], 0)"
    );
    assert!(read("inside + 1", &scope, &mut graph).is_err());
}

#[test]
fn names_are_found() {
    let expr = parse_expression("[σ*i + q(j) for i in 0..d] + sum(i) + pi + σ").unwrap();
    let names: Vec<String> = names_used(&expr).into_keys().collect();
    assert_eq!(names, ["d", "i", "j", "sigma"]);
    assert_eq!(names_used(&expr)["sigma"], 1..3);
    let functions: Vec<String> = expr.functions_used().into_keys().collect();
    assert_eq!(functions, ["q", "sum"]);
    let applied = parse_applied("normal(μ, scale=τ_1)[d - k]").unwrap();
    let names: Vec<String> = applied.names_used().into_keys().collect();
    assert_eq!(names, ["d", "k", "mu", "tau_1"]);
    assert_eq!(applied.arguments[1].name.as_ref().unwrap().0, "scale");
    assert_eq!(canonical_name("Σε"), "Sigmaepsilon");
}

#[test]
fn operations_keep_their_places() {
    let mut graph = Graph::new();
    let scope = scope(&mut graph);
    let text = "sum(v*exp(w)) + x + x";
    let expr = parse_expression(text).unwrap();
    let (_, places) = elaborate_with_places(&expr, &scope, &mut graph).unwrap();
    let place = |formula: &str| {
        let found = places
            .iter()
            .find(|(id, _)| graph.display(**id) == formula)
            .unwrap();
        &text[found.1.clone()]
    };
    assert_eq!(place("exp(w[1])"), "exp(w)");
    assert_eq!(place("v[1]*exp(w[1])"), "v*exp(w)");
    assert_eq!(place("x"), "x");
    let sum = "v[0]*exp(w[0]) + (v[1]*exp(w[1]) + v[2]*exp(w[2])) + x";
    assert_eq!(place(sum), "sum(v*exp(w)) + x");
}

#[test]
fn every_function_is_described_and_known() {
    let mut names: Vec<&str> = FUNCTIONS.iter().map(|f| f.name).collect();
    let spec = "exp log log1p expm1 sqrt abs sign pow square reciprocal floor ceil round mod min \
        max clamp sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh sigmoid logit \
        softplus log_sigmoid relu leaky_relu elu softsign erf erfc erfinv normal_cdf normal_icdf \
        normal_log_cdf lgamma digamma trigamma lbeta gamma_p gamma_q beta_inc log_bessel_i0 \
        bessel_ratio_i1_i0 sum prod mean max min logsumexp norm dot any all cumsum cumprod softmax \
        log_softmax concat reverse outer transpose diagonal diag trace det log_abs_det solve \
        solve_lower cholesky tril identity zeros ones where stop_gradient diff";
    for name in spec.split_whitespace() {
        assert!(names.contains(&name), "{name}");
    }
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
    // Whatever the arguments, a call gives a value or an error.
    let mut graph = Graph::new();
    let scope = scope(&mut graph);
    let arguments = [
        "x", "v", "u", "A", "M", "C", "T", "2", "-1", "x > 0", "[]", "v > 0", "axis=0",
    ];
    for function in FUNCTIONS {
        for a in arguments {
            let _ = read(&format!("{}({a})", function.name), &scope, &mut graph);
            for b in arguments {
                let _ = read(&format!("{}({a}, {b})", function.name), &scope, &mut graph);
                let _ = read(
                    &format!("{}({a}, {b}, {a})", function.name),
                    &scope,
                    &mut graph,
                );
            }
        }
    }
}
