//! Vectors and matrices in terms of their scalar components.
//!
//! Entries that are the constant 0 are known to be so, and products with them are left out: the
//! sparsity of a matrix shows in the graph.

use super::ast::Expr;
use super::call::Call;
use super::determinant::{determinant_cost, determinant_factors};
use super::elaborate::Elaborator;
use super::expand;
use super::scope::Value;
use super::size::extent;
use crate::diagnostic::{Diagnostic, Span};
use crate::graph::{Graph, Id};
use crate::number::{Binary, Unary};

impl Elaborator<'_> {
    fn vector_argument(&mut self, call: &Call<'_>, at: usize) -> Option<Value> {
        let value = self.number(call.argument(at))?;
        if value.shape.len() == 1 {
            Some(value)
        } else {
            self.expected(call, call.argument(at), "a vector", &value)
        }
    }

    fn matrix_argument(&mut self, call: &Call<'_>, at: usize) -> Option<(Value, usize, usize)> {
        let value = self.number(call.argument(at))?;
        match value.shape[..] {
            [rows, columns] => Some((value, rows, columns)),
            _ => self.expected(call, call.argument(at), "a matrix", &value),
        }
    }

    fn square_argument(&mut self, call: &Call<'_>, at: usize) -> Option<(Value, usize)> {
        let (value, rows, columns) = self.matrix_argument(call, at)?;
        if rows == columns {
            Some((value, rows))
        } else {
            self.expected(call, call.argument(at), "a square matrix", &value)
        }
    }

    /// The right side of n linear equations: a vector of n, or a matrix of n rows.
    fn right_side(&mut self, call: &Call<'_>, n: usize) -> Option<(Value, usize)> {
        let value = self.number(call.argument(1))?;
        match value.shape[..] {
            [rows] if rows == n => Some((value, 1)),
            [rows, columns] if rows == n => Some((value, columns)),
            _ => {
                let expected = format!("{n} rows");
                self.expected(call, call.argument(1), &expected, &value)
            }
        }
    }

    fn factors(&mut self, n: usize, entries: &[Id], span: &Span) -> Option<Vec<Id>> {
        match determinant_factors(self.graph, n, entries) {
            Ok(factors) => Some(factors),
            Err(error) => self.fail(
                Diagnostic::error(error.to_string(), span.clone())
                    .label("needed here")
                    .help("work with a triangular factor: `lower_cholesky`, `solve_lower`"),
            ),
        }
    }

    /// The matrix product; a vector is a row on the left and a column on the right.
    #[inline(never)]
    pub(super) fn matrix_product(
        &mut self,
        (x, left): (Value, &Expr),
        (y, right): (Value, &Expr),
        span: &Span,
    ) -> Option<Value> {
        for (value, expr) in [(&x, left), (&y, right)] {
            if !matches!(value.shape.len(), 1 | 2) {
                return self.fail(
                    Diagnostic::error("`@` expects vectors or matrices", expr.span.clone())
                        .label(format!(
                            "this is {}",
                            super::scope::shape_text(&value.shape)
                        ))
                        .help("write `*` for a product with a scalar"),
                );
            }
        }
        let (rows, inner) = match x.shape[..] {
            [rows, inner] => (rows, inner),
            _ => (1, x.elements.len()),
        };
        let (height, columns) = match y.shape[..] {
            [height, columns] => (height, columns),
            _ => (y.elements.len(), 1),
        };
        if inner != height {
            let message = format!("shapes {:?} and {:?} do not match", x.shape, y.shape);
            return self.fail(
                Diagnostic::error(message, span.clone())
                    .label(format!("{inner} columns times {height} rows")),
            );
        }
        let cost = extent(&[rows, columns, 2 * inner + 1]);
        self.charge(cost, span)?;
        let mut elements = Vec::with_capacity(rows * columns);
        for i in 0..rows {
            for j in 0..columns {
                let row = (0..inner).map(|k| x.elements[i * inner + k]);
                let column = (0..inner).map(|k| y.elements[k * columns + j]);
                elements.push(inner_product(self.graph, row.zip(column)));
            }
        }
        let mut shape = Vec::new();
        shape.extend((x.shape.len() == 2).then_some(rows));
        shape.extend((y.shape.len() == 2).then_some(columns));
        Some(Value { shape, elements })
    }

    /// n×m entries by their place.
    fn build(
        &mut self,
        [rows, columns]: [usize; 2],
        span: &Span,
        entry: impl Fn(&mut Graph, usize, usize) -> Id,
    ) -> Option<Value> {
        self.charge(extent(&[rows, columns]), span)?;
        let mut elements = Vec::with_capacity(rows * columns);
        for i in 0..rows {
            for j in 0..columns {
                elements.push(entry(self.graph, i, j));
            }
        }
        Some(Value {
            shape: vec![rows, columns],
            elements,
        })
    }

    fn filled(&mut self, call: &Call<'_>, value: i64) -> Option<Value> {
        let sizes: Vec<Option<usize>> = call.all().into_iter().map(|e| self.size(e)).collect();
        let shape: Vec<usize> = sizes.into_iter().collect::<Option<_>>()?;
        self.charge(extent(&shape), call.span)?;
        let value = self.graph.integer(value);
        let count = shape.iter().product();
        Some(Value {
            shape,
            elements: vec![value; count],
        })
    }
}

/// Σ xₖ yₖ without the terms that are the constant 0.
fn inner_product(graph: &mut Graph, pairs: impl Iterator<Item = (Id, Id)>) -> Id {
    let terms: Vec<Id> = pairs.map(|(x, y)| graph.mul(x, y)).collect();
    let terms: Vec<Id> = terms
        .into_iter()
        .filter(|&term| !graph.is_integer(term, 0))
        .collect();
    expand::sum(graph, &terms)
}

/// `dot(x, y)`.
pub(super) fn dot(elaborator: &mut Elaborator<'_>, call: &Call<'_>) -> Option<Value> {
    let x = elaborator.vector_argument(call, 0);
    let y = elaborator.vector_argument(call, 1);
    let (x, y) = (x?, y?);
    let n = x.elements.len();
    let products = elaborator.broadcast(&[x, y], call.span, |graph, x| {
        graph.binary(Binary::Mul, x[0], x[1])
    })?;
    elaborator.charge(n, call.span)?;
    Some(Value::scalar(expand::sum(
        elaborator.graph,
        &products.elements,
    )))
}

/// `outer(x, y)`.
pub(super) fn outer(elaborator: &mut Elaborator<'_>, call: &Call<'_>) -> Option<Value> {
    let x = elaborator.vector_argument(call, 0);
    let y = elaborator.vector_argument(call, 1);
    let (x, y) = (x?.elements, y?.elements);
    elaborator.build([x.len(), y.len()], call.span, |graph, i, j| {
        graph.binary(Binary::Mul, x[i], y[j])
    })
}

/// `concat(x, …)`: scalars and vectors in a row, or matrices of equal width on top of each other.
pub(super) fn concat(elaborator: &mut Elaborator<'_>, call: &Call<'_>) -> Option<Value> {
    let arguments = call.all();
    let values: Vec<Option<Value>> = arguments.iter().map(|e| elaborator.number(e)).collect();
    let values: Vec<Value> = values.into_iter().collect::<Option<_>>()?;
    elaborator.charge(values.iter().map(|v| v.elements.len()).sum(), call.span)?;
    let axes_behind = |value: &Value| value.shape.get(1..).unwrap_or_default().to_vec();
    let behind = axes_behind(&values[0]);
    let odd = values
        .iter()
        .position(|v| axes_behind(v) != behind || (v.is_scalar() && !behind.is_empty()));
    if let Some(odd) = odd {
        let expected = if behind.is_empty() {
            "scalars and vectors".to_owned()
        } else {
            format!("rows of {behind:?}")
        };
        return elaborator.expected(call, arguments[odd], &expected, &values[odd]);
    }
    let rows = values
        .iter()
        .map(|v| v.shape.first().copied().unwrap_or(1))
        .sum();
    let shape = [vec![rows], behind].concat();
    let elements = values.into_iter().flat_map(|v| v.elements).collect();
    Some(Value { shape, elements })
}

/// `transpose(A)`.
pub(super) fn transpose(elaborator: &mut Elaborator<'_>, call: &Call<'_>) -> Option<Value> {
    let (a, rows, columns) = elaborator.matrix_argument(call, 0)?;
    elaborator.build([columns, rows], call.span, |_, i, j| {
        a.elements[j * columns + i]
    })
}

/// `diagonal(A)`.
pub(super) fn diagonal(elaborator: &mut Elaborator<'_>, call: &Call<'_>) -> Option<Value> {
    let (a, n) = elaborator.square_argument(call, 0)?;
    let elements = (0..n).map(|i| a.elements[i * n + i]).collect();
    Some(Value::vector(elements))
}

/// `diag(x)`.
pub(super) fn diag(elaborator: &mut Elaborator<'_>, call: &Call<'_>) -> Option<Value> {
    let x = elaborator.number(call.argument(0))?;
    let n = match x.shape[..] {
        [n] => n,
        [_, _] => {
            return elaborator.fail(
                Diagnostic::error("`diag` expects a vector, found a matrix", call.span.clone())
                    .label("this builds a diagonal matrix")
                    .help("write `diagonal(A)` for the diagonal of a matrix"),
            );
        }
        _ => return elaborator.expected(call, call.argument(0), "a vector", &x),
    };
    elaborator.build([n, n], call.span, |graph, i, j| {
        if i == j {
            x.elements[i]
        } else {
            graph.integer(0)
        }
    })
}

/// `trace(A)`.
pub(super) fn trace(elaborator: &mut Elaborator<'_>, call: &Call<'_>) -> Option<Value> {
    let diagonal = diagonal(elaborator, call)?;
    elaborator.charge(diagonal.elements.len(), call.span)?;
    let trace = expand::sum(elaborator.graph, &diagonal.elements);
    Some(Value::scalar(trace))
}

/// `det(A)`.
pub(super) fn det(elaborator: &mut Elaborator<'_>, call: &Call<'_>) -> Option<Value> {
    let (a, n) = elaborator.square_argument(call, 0)?;
    elaborator.charge(determinant_cost(n), call.span)?;
    let factors = elaborator.factors(n, &a.elements, call.span)?;
    Some(Value::scalar(elaborator.graph.product(&factors)))
}

/// `log_abs_det(A)`: the sum of the logarithms of the factors.
pub(super) fn log_abs_det(elaborator: &mut Elaborator<'_>, call: &Call<'_>) -> Option<Value> {
    let (a, n) = elaborator.square_argument(call, 0)?;
    elaborator.charge(determinant_cost(n), call.span)?;
    let factors = elaborator.factors(n, &a.elements, call.span)?;
    let graph = &mut *elaborator.graph;
    let logs: Vec<Id> = factors
        .into_iter()
        .map(|factor| {
            let size = graph.unary(Unary::Abs, factor);
            graph.unary(Unary::Log, size)
        })
        .collect();
    Some(Value::scalar(expand::sum(graph, &logs)))
}

/// `solve(A, b)`: by substitution where A is triangular, else by Cramer's rule.
pub(super) fn solve(elaborator: &mut Elaborator<'_>, call: &Call<'_>) -> Option<Value> {
    let (a, n) = elaborator.square_argument(call, 0)?;
    let (b, columns) = elaborator.right_side(call, n)?;
    let entry = |i: usize, j: usize| a.elements[i * n + j];
    let is_zero = |i: usize, j: usize| elaborator.graph.is_integer(entry(i, j), 0);
    let lower = (0..n).all(|i| (i + 1..n).all(|j| is_zero(i, j)));
    let upper = (0..n).all(|i| (0..i).all(|j| is_zero(i, j)));
    if lower || upper {
        return elaborator.substitute(&a, n, (b, columns), lower, call.span);
    }
    let unknowns = n.saturating_mul(columns);
    let cost = extent(&[determinant_cost(n), unknowns.saturating_add(1)]);
    elaborator.charge(cost, call.span)?;
    let factors = elaborator.factors(n, &a.elements, call.span)?;
    let below = elaborator.graph.product(&factors);
    let mut elements = Vec::with_capacity(unknowns);
    for i in 0..n {
        for column in 0..columns {
            let mut replaced = a.elements.clone();
            for row in 0..n {
                replaced[row * n + i] = b.elements[row * columns + column];
            }
            let factors = elaborator.factors(n, &replaced, call.span)?;
            let above = elaborator.graph.product(&factors);
            elements.push(elaborator.graph.div(above, below));
        }
    }
    let shape = b.shape;
    Some(Value { shape, elements })
}

/// `solve_lower(L, b)`: forward substitution; what stands above the diagonal is not looked at.
pub(super) fn solve_lower(elaborator: &mut Elaborator<'_>, call: &Call<'_>) -> Option<Value> {
    let (a, n) = elaborator.square_argument(call, 0)?;
    let (b, columns) = elaborator.right_side(call, n)?;
    elaborator.substitute(&a, n, (b, columns), true, call.span)
}

impl Elaborator<'_> {
    /// Forward (`lower`) or backward substitution.
    fn substitute(
        &mut self,
        a: &Value,
        n: usize,
        (b, columns): (Value, usize),
        lower: bool,
        span: &Span,
    ) -> Option<Value> {
        let cost = extent(&[2, n, n, columns]);
        self.charge(cost, span)?;
        let Value {
            shape,
            mut elements,
        } = b;
        for column in 0..columns {
            for step in 0..n {
                let i = if lower { step } else { n - 1 - step };
                let known = if lower { 0..i } else { i + 1..n };
                let done = known.map(|j| (a.elements[i * n + j], elements[j * columns + column]));
                let done = inner_product(self.graph, done.collect::<Vec<_>>().into_iter());
                let rest = self.graph.sub(elements[i * columns + column], done);
                elements[i * columns + column] = self.graph.div(rest, a.elements[i * n + i]);
            }
        }
        Some(Value { shape, elements })
    }
}

/// `cholesky(A)`, by columns: Lⱼⱼ = √(Aⱼⱼ − Σ Lⱼₖ²), Lᵢⱼ = (Aᵢⱼ − Σ Lᵢₖ Lⱼₖ)/Lⱼⱼ.
pub(super) fn cholesky(elaborator: &mut Elaborator<'_>, call: &Call<'_>) -> Option<Value> {
    let (a, n) = elaborator.square_argument(call, 0)?;
    elaborator.charge(extent(&[n, n, n + 1]), call.span)?;
    let graph = &mut *elaborator.graph;
    let mut l = vec![graph.integer(0); n * n];
    for j in 0..n {
        let squares: Vec<Id> = (0..j)
            .map(|k| l[j * n + k])
            .filter(|&x| !graph.is_integer(x, 0))
            .collect();
        let squares: Vec<Id> = squares.into_iter().map(|x| graph.square(x)).collect();
        let done = expand::sum(graph, &squares);
        let rest = graph.sub(a.elements[j * n + j], done);
        l[j * n + j] = graph.unary(Unary::Sqrt, rest);
        for i in j + 1..n {
            let pairs: Vec<(Id, Id)> = (0..j).map(|k| (l[i * n + k], l[j * n + k])).collect();
            let done = inner_product(graph, pairs.into_iter());
            let rest = graph.sub(a.elements[i * n + j], done);
            l[i * n + j] = graph.div(rest, l[j * n + j]);
        }
    }
    let shape = a.shape;
    Some(Value { shape, elements: l })
}

/// `tril(A)`.
pub(super) fn tril(elaborator: &mut Elaborator<'_>, call: &Call<'_>) -> Option<Value> {
    let (a, rows, columns) = elaborator.matrix_argument(call, 0)?;
    elaborator.build([rows, columns], call.span, |graph, i, j| {
        if j <= i {
            a.elements[i * columns + j]
        } else {
            graph.integer(0)
        }
    })
}

/// `identity(n)`.
pub(super) fn identity(elaborator: &mut Elaborator<'_>, call: &Call<'_>) -> Option<Value> {
    let n = elaborator.size(call.argument(0))?;
    elaborator.build([n, n], call.span, |graph, i, j| {
        graph.integer(i64::from(i == j))
    })
}

/// `zeros(n, …)`.
pub(super) fn zeros(elaborator: &mut Elaborator<'_>, call: &Call<'_>) -> Option<Value> {
    elaborator.filled(call, 0)
}

/// `ones(n, …)`.
pub(super) fn ones(elaborator: &mut Elaborator<'_>, call: &Call<'_>) -> Option<Value> {
    elaborator.filled(call, 1)
}
