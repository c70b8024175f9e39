//! The surface language: what formulas unroll to, what is wrong with bad ones, and its laws.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

mod laws;
mod limits;
mod matrices;
mod mistakes;
mod names;
mod unroll;

use reparam_check::diagnostic::Diagnostic;
use reparam_check::graph::Graph;
use reparam_check::language::{Function, Scope, Value, elaborate, parse_expression};
use reparam_check::number::Binary;

/// Quantities of every shape: x y (scalars), v w [3], u [2], A B [2, 2], M [2, 3], C [9, 9];
/// sizes d = 3, n = 2; q(z) = z[0]*z[1]*x and h(a, b) = a - b.
fn scope(graph: &mut Graph) -> Scope {
    let mut scope = Scope::default();
    let quantities: [(&str, &[usize]); 12] = [
        ("x", &[]),
        ("y", &[]),
        ("gamma", &[]),
        ("sigma", &[]),
        ("v", &[3]),
        ("w", &[3]),
        ("u", &[2]),
        ("A", &[2, 2]),
        ("B", &[2, 2]),
        ("M", &[2, 3]),
        ("C", &[9, 9]),
        ("T", &[2, 2, 2]),
    ];
    for (name, shape) in quantities {
        let value = Value::symbols(graph, name, shape);
        scope.values.insert(name.into(), value);
    }
    scope.sizes.insert("d".into(), 3);
    scope.sizes.insert("n".into(), 2);
    let z = Value::symbols(graph, "z", &[2]);
    let xs = scope.values["x"].elements[0];
    let product = graph.binary(Binary::Mul, z.elements[0], z.elements[1]);
    let body = graph.binary(Binary::Mul, product, xs);
    scope.functions.insert(
        "q".into(),
        Function {
            parameters: vec![("z".into(), z)],
            body: Value::scalar(body),
        },
    );
    let (a, b) = (
        Value::symbols(graph, "a", &[]),
        Value::symbols(graph, "b", &[]),
    );
    let body = graph.binary(Binary::Sub, a.elements[0], b.elements[0]);
    scope.functions.insert(
        "h".into(),
        Function {
            parameters: vec![("a".into(), a), ("b".into(), b)],
            body: Value::scalar(body),
        },
    );
    scope
        .unavailable
        .insert("eps".into(), "noise is not available in a domain".into());
    scope
}

fn read(text: &str, scope: &Scope, graph: &mut Graph) -> Result<Value, Vec<Diagnostic>> {
    elaborate(&parse_expression(text)?, scope, graph)
}

/// A value as text: a scalar by its formula, others by shape and components.
fn show(graph: &Graph, value: &Value) -> String {
    let elements: Vec<String> = value.elements.iter().map(|&e| graph.display(e)).collect();
    if value.is_scalar() {
        elements.concat()
    } else {
        format!("{:?} {}", value.shape, elements.join("; "))
    }
}

/// Diagnostics as text: the place in the formula, message, label, help.
fn show_errors(text: &str, errors: &[Diagnostic]) -> String {
    let lines: Vec<String> = errors
        .iter()
        .map(|e| {
            assert!(e.span.start <= e.span.end && e.span.end <= text.len());
            let help = e.help.as_ref().map_or(String::new(), |h| format!(" | {h}"));
            format!(
                "‹{}› {} | {}{help}",
                &text[e.span.clone()],
                e.message,
                e.label
            )
        })
        .collect();
    lines.join("\n")
}

#[track_caller]
fn unrolls_to(cases: &[(&str, &str)]) {
    let mut graph = Graph::new();
    let scope = scope(&mut graph);
    let mut wrong = String::new();
    for (text, expected) in cases {
        let found = match read(text, &scope, &mut graph) {
            Ok(value) => show(&graph, &value),
            Err(errors) => show_errors(text, &errors),
        };
        if found != *expected {
            wrong += &format!("({text:?}, {found:?}),\n");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
