//! What formulas unroll to: each beside the scalar formulas it stands for.

use super::unrolls_to;

#[test]
fn operators_unroll() {
    unrolls_to(&[
        ("x + y*2", "x + y*2"),
        ("-x^2", "-x^2"),
        ("(-x)^2", "(-x)^2"),
        ("2^-x", "2^-x"),
        ("2^3^x", "2^3^x"),
        ("(2^3)^x", "(2^3)^x"),
        ("x - (y - 1)", "x - (y - 1)"),
        ("x - y - 1", "x - y - 1"),
        ("x/y/2", "x/y/2"),
        ("x/(y/2)", "x/(y/2)"),
        ("-x*y", "-x*y"),
        ("x*-y", "x*-y"),
        ("--x", "--x"),
        ("- 2", "-2"),
        ("1/3", "1/3"),
        ("x^(1/3)", "x^(1/3)"),
        ("0.1 + .5 + 2. + 1e-3", "0.1 + 0.5 + 2 + 0.001"),
        ("σ + π + inf", "sigma + pi + inf"),
        ("d*x + n", "3*x + 2"),
        ("v + 1", "[3] v[0] + 1; v[1] + 1; v[2] + 1"),
        ("v*w", "[3] v[0]*w[0]; v[1]*w[1]; v[2]*w[2]"),
        ("gamma + exp(gamma)", "gamma + exp(gamma)"),
        ("where(x > 0, x, y)", "where(0 < x, x, y)"),
        ("where(x != y, x, y)", "where(x != y, x, y)"),
        (
            "where(all(x >= 0, x < 1), x, 0)",
            "where(all(0 <= x, x < 1), x, 0)",
        ),
        (
            "where(any(v > 0), x, 0)",
            "where(any(0 < v[0], any(0 < v[1], 0 < v[2])), x, 0)",
        ),
        ("where(not(any([])), x, 0)", "where(not(0 < 0), x, 0)"),
        (
            "where(u > x, u, 0)",
            "[2] where(x < u[0], u[0], 0); where(x < u[1], u[1], 0)",
        ),
    ]);
}

#[test]
fn vectors_and_indices_unroll() {
    unrolls_to(&[
        ("[x, 2, y]", "[3] x; 2; y"),
        ("[x, y,]", "[2] x; y"),
        ("[]", "[0] "),
        ("[[x, 1], [y, 2]]", "[2, 2] x; 1; y; 2"),
        ("v[0] + v[d - 1]", "v[0] + v[2]"),
        ("v[0:n]", "[2] v[0]; v[1]"),
        ("v[:1]", "[1] v[0]"),
        ("v[1:]", "[2] v[1]; v[2]"),
        ("v[d:]", "[0] "),
        ("v[floor(d/2)]", "v[1]"),
        ("A[1, 0]", "A[1, 0]"),
        ("A[1]", "[2] A[1, 0]; A[1, 1]"),
        ("A[:, 0]", "[2] A[0, 0]; A[1, 0]"),
        ("M[0:1, 1:3]", "[1, 2] M[0, 1]; M[0, 2]"),
        ("T[1, 0, :][1]", "T[1, 0, 1]"),
        ("(v + 1)[0]", "v[0] + 1"),
        ("[i*x for i in 0..3]", "[3] 0*x; 1*x; 2*x"),
        ("[v[d - 1 - i] for i in 0..d]", "[3] v[2]; v[1]; v[0]"),
        (
            "[[A[j, i] for j in 0..n] for i in 0..n]",
            "[2, 2] A[0, 0]; A[1, 0]; A[0, 1]; A[1, 1]",
        ),
        ("[A[i, :] for i in 1..2]", "[1, 2] A[1, 0]; A[1, 1]"),
        ("[x for i in 3..1]", "[0] "),
        ("sum([sum(v[0:i]) for i in 1..d])", "v[0] + (v[0] + v[1])"),
        ("cumsum(v)", "[3] v[0]; v[0] + v[1]; v[0] + v[1] + v[2]"),
        ("cumprod(u)", "[2] u[0]; u[0]*u[1]"),
        (
            "cumsum(A, 1)",
            "[2, 2] A[0, 0]; A[0, 0] + A[0, 1]; A[1, 0]; A[1, 0] + A[1, 1]",
        ),
        ("reverse(v)", "[3] v[2]; v[1]; v[0]"),
        (
            "reverse(A, axis=0)",
            "[2, 2] A[1, 0]; A[1, 1]; A[0, 0]; A[0, 1]",
        ),
        ("concat(x, u, [1])", "[4] x; u[0]; u[1]; 1"),
        (
            "concat(A, [u])",
            "[3, 2] A[0, 0]; A[0, 1]; A[1, 0]; A[1, 1]; u[0]; u[1]",
        ),
        (
            "outer(u, u)",
            "[2, 2] u[0]*u[0]; u[0]*u[1]; u[1]*u[0]; u[1]*u[1]",
        ),
    ]);
}

#[test]
fn reductions_and_functions_unroll() {
    unrolls_to(&[
        ("sum(v)", "v[0] + (v[1] + v[2])"),
        ("sum(x)", "x"),
        ("sum([])", "0"),
        ("prod([])", "1"),
        ("prod(u)", "u[0]*u[1]"),
        ("mean(u)", "(u[0] + u[1])/2"),
        (
            "sum(M, 0)",
            "[3] M[0, 0] + M[1, 0]; M[0, 1] + M[1, 1]; M[0, 2] + M[1, 2]",
        ),
        ("prod(A, axis=1)", "[2] A[0, 0]*A[0, 1]; A[1, 0]*A[1, 1]"),
        ("max(v)", "max(v[0], max(v[1], v[2]))"),
        ("min(x, y)", "min(x, y)"),
        ("max(x, y, 0)", "max(x, max(y, 0))"),
        (
            "max(A, axis=0)",
            "[2] max(A[0, 0], A[1, 0]); max(A[0, 1], A[1, 1])",
        ),
        ("norm(u)", "sqrt(u[0]^2 + u[1]^2)"),
        ("dot(u, u)", "u[0]*u[0] + u[1]*u[1]"),
        ("logsumexp(u)", "u[0] + softplus(u[1] - u[0])"),
        ("log_softmax(u)[1]", "u[1] - (u[0] + softplus(u[1] - u[0]))"),
        (
            "softmax(u)[0]",
            "exp(u[0] - (u[0] + softplus(u[1] - u[0])))",
        ),
        ("logit(x)", "log(x) - log1p(-x)"),
        ("log_sigmoid(x)", "-softplus(-x)"),
        ("relu(x)", "max(x, 0)"),
        ("leaky_relu(x)", "where(0 < x, x, 0.01*x)"),
        ("leaky_relu(x, slope=y)", "where(0 < x, x, y*x)"),
        ("elu(x)", "where(0 < x, x, 1*expm1(x))"),
        ("softsign(x)", "x/(1 + abs(x))"),
        ("clamp(x, 0, 1)", "min(max(x, 0), 1)"),
        ("square(x) + reciprocal(y) + pow(x, y)", "x^2 + 1/y + x^y"),
        ("lbeta(x, y)", "lgamma(x) + lgamma(y) - lgamma(x + y)"),
        ("atan2(y=x, x=y)", "atan2(x, y)"),
        ("polygamma(2, x)", "polygamma(2, x)"),
        ("stop_gradient(x)", "stop_gradient(x)"),
        ("diff(x^2*y, x)", "2*x*y"),
        ("diff(sum(u^2), u)", "[2] 2*u[0]; 2*u[1]"),
        ("diff(u*x, u)", "[2, 2] x; 0; 0; x"),
        ("diff(gamma_p(x, y), x)", "gamma_p_da(x, y)"),
        ("q(u)", "u[0]*u[1]*x"),
        ("q([x, y])", "x*y*x"),
        ("q(y)", "y*y*x"),
        ("h(b=1, a=x)", "x - 1"),
        ("h(x - 1, y)", "x - 1 - y"),
    ]);
}

#[test]
fn matrices_unroll() {
    unrolls_to(&[
        (
            "A @ u",
            "[2] A[0, 0]*u[0] + A[0, 1]*u[1]; A[1, 0]*u[0] + A[1, 1]*u[1]",
        ),
        (
            "u @ A",
            "[2] u[0]*A[0, 0] + u[1]*A[1, 0]; u[0]*A[0, 1] + u[1]*A[1, 1]",
        ),
        ("u @ u", "u[0]*u[0] + u[1]*u[1]"),
        ("diag(u) @ u", "[2] u[0]*u[0]; u[1]*u[1]"),
        (
            "tril(A) @ u",
            "[2] A[0, 0]*u[0]; A[1, 0]*u[0] + A[1, 1]*u[1]",
        ),
        (
            "identity(n) @ A",
            "[2, 2] A[0, 0]; A[0, 1]; A[1, 0]; A[1, 1]",
        ),
        ("transpose(M)[2, 0]", "M[0, 2]"),
        ("diagonal(A)", "[2] A[0, 0]; A[1, 1]"),
        ("trace(A)", "A[0, 0] + A[1, 1]"),
        ("det(A)", "A[0, 0]*A[1, 1] - A[0, 1]*A[1, 0]"),
        ("det(tril(A))", "A[0, 0]*A[1, 1]"),
        ("det(identity(9))", "1"),
        ("det([[0, x], [y, 0]])", "-(x*y)"),
        ("det(zeros(3, 3))", "0"),
        (
            "log_abs_det(tril(A))",
            "log(abs(A[0, 0])) + log(abs(A[1, 1]))",
        ),
        (
            "solve(A, u)[0]",
            "(u[0]*A[1, 1] - A[0, 1]*u[1])/(A[0, 0]*A[1, 1] - A[0, 1]*A[1, 0])",
        ),
        (
            "solve(tril(A), u)",
            "[2] u[0]/A[0, 0]; (u[1] - A[1, 0]*(u[0]/A[0, 0]))/A[1, 1]",
        ),
        (
            "solve_lower(A, u)",
            "[2] u[0]/A[0, 0]; (u[1] - A[1, 0]*(u[0]/A[0, 0]))/A[1, 1]",
        ),
        (
            "cholesky(A)",
            "[2, 2] sqrt(A[0, 0]); 0; A[1, 0]/sqrt(A[0, 0]); sqrt(A[1, 1] - (A[1, 0]/sqrt(A[0, 0]))^2)",
        ),
        ("zeros(n)", "[2] 0; 0"),
        ("ones(1, n)", "[1, 2] 1; 1"),
    ]);
}
