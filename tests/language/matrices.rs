//! Functions of matrices, by the equations that define them.

use super::read;
use reparam_check::graph::{Graph, Id, Node};
use reparam_check::language::{Scope, Value};
use reparam_check::number::{Binary, Unary};

/// The value of a formula of elementary operators at the values of its symbols.
fn value(graph: &Graph, id: Id, at: &dyn Fn(&str, &[usize]) -> f64) -> f64 {
    let of = |id| value(graph, id, at);
    match graph.node(id) {
        Node::Constant(_) => graph.as_constant(id).unwrap().to_f64().value(),
        Node::Pi => std::f64::consts::PI,
        Node::Infinity => f64::INFINITY,
        Node::Symbol(_) => {
            let symbol = graph.as_symbol(id).unwrap();
            at(&symbol.name, &symbol.index)
        }
        Node::Unary(Unary::Neg, x) => -of(x),
        Node::Unary(Unary::Sqrt, x) => of(x).sqrt(),
        Node::Unary(Unary::Exp, x) => of(x).exp(),
        Node::Unary(Unary::Log, x) => of(x).ln(),
        Node::Unary(Unary::Abs, x) => of(x).abs(),
        Node::Unary(Unary::Softplus, x) => of(x).exp().ln_1p(),
        Node::Binary(Binary::Add, x, y) => of(x) + of(y),
        Node::Binary(Binary::Sub, x, y) => of(x) - of(y),
        Node::Binary(Binary::Mul, x, y) => of(x) * of(y),
        Node::Binary(Binary::Div, x, y) => of(x) / of(y),
        Node::Binary(Binary::Pow, x, y) => of(x).powf(of(y)),
        other => panic!("not an elementary operator: {other:?}"),
    }
}

/// Matrices against what they are defined by: each formula is 0.
#[test]
fn matrix_functions_satisfy_their_definitions() {
    let mut graph = Graph::new();
    let mut scope = Scope::default();
    for (name, shape) in [("A", vec![4, 4]), ("b", vec![4]), ("B", vec![4, 2])] {
        let value = Value::symbols(&mut graph, name, &shape);
        scope.values.insert(name.into(), value);
    }
    scope.sizes.insert("n".into(), 4);
    let at = |name: &str, index: &[usize]| {
        let i = index.iter().fold(0, |a, &i| 7 * a + i) as f64;
        let salt = name.bytes().map(f64::from).sum::<f64>();
        (1.3 * i + salt).sin() + f64::from(u8::from(index.len() == 2 && index[0] == index[1])) * 2.0
    };
    for text in [
        "A @ solve(A, b) - b",
        "A @ solve(A, B) - B",
        "solve(A, A) - identity(4)",
        "tril(A) @ solve_lower(A, b) - b",
        "transpose(tril(A)) @ solve(transpose(tril(A)), B) - B",
        "cholesky(A @ transpose(A)) @ transpose(cholesky(A @ transpose(A))) - A @ transpose(A)",
        "det(A @ transpose(A)) - det(A)^2",
        "log_abs_det(A) - log(abs(det(A)))",
        "det(A) - det(transpose(A))",
        "det([A[3, :], A[1, :], A[2, :], A[0, :]]) + det(A)",
        "det([reverse(tril(A)[i, :]) for i in 0..n]) - prod(diagonal(A))",
        // A block that is left when the triangular part is split off, with the columns mixed.
        "det([[1, A[0, 0], A[0, 1]], [0, A[1, 0], A[1, 1]], [0, A[2, 0], A[2, 1]]]) \
         - det(A[1:3, 0:2])",
        "det([[A[0, 0], b[0], A[0, 1]], [0, 2, 0], [A[1, 0], 0, A[1, 1]]]) - 2*det(A[0:2, 0:2])",
        "exp(logsumexp(b)) - sum(exp(b))",
        "sum(softmax(b)) - 1",
    ] {
        let value_ = read(text, &scope, &mut graph).unwrap_or_else(|e| panic!("{text}: {e:?}"));
        for &element in &value_.elements {
            let off = value(&graph, element, &at);
            assert!(off.abs() < 1e-9, "{text}: {off}");
        }
    }
}
