//! Syntax tree to scalar graph: names, shapes, operators.
//!
//! A formula becomes a [`Value`]: a shape and one scalar node for each component, row by row.
//! What it will cost is predicted before it is built (`Elaborator::charge`): elaboration of one
//! formula does at most [`Scope::node_limit`] scalar operations, and a formula that would need
//! more is refused before the memory is taken.

use super::ast::{BinaryOp, CompareOp, Expr, ExprKind};
use super::cursor::MOST_ERRORS;
use super::scope::{Scope, Value, unknown_name};
use super::size::{Sizes, limit_error};
use super::table;
use crate::diagnostic::{Diagnostic, Span};
use crate::graph::{Graph, Id, Node};
use crate::number::{Binary, Unary};
use std::collections::BTreeMap;

/// Unrolls a formula.
///
/// # Errors
/// Unknown names and functions, wrong arguments, shapes that do not match, indices out of range,
/// conditions where numbers are expected and numbers where conditions are, and formulas beyond
/// [`Scope::node_limit`]: all that are found, at most twenty.
pub fn elaborate(expr: &Expr, scope: &Scope, graph: &mut Graph) -> Result<Value, Vec<Diagnostic>> {
    let mut elaborator = Elaborator::new(scope, graph);
    let value = elaborator.number(expr);
    elaborator.finish(value)
}

/// Unrolls a formula, and says for each scalar operation of it where it is written.
///
/// An operation that is written at several places has the first; one that comes from expanding a
/// function has none of its own unless it is the value of the call.
///
/// # Errors
/// As [`elaborate`].
pub fn elaborate_with_places(
    expr: &Expr,
    scope: &Scope,
    graph: &mut Graph,
) -> Result<(Value, Places), Vec<Diagnostic>> {
    let mut elaborator = Elaborator::new(scope, graph);
    elaborator.places = Some(Places::default());
    let value = elaborator.number(expr);
    let places = elaborator.places.take().unwrap_or_default();
    Ok((elaborator.finish(value)?, places))
}

/// Where operations are written, in bytes of the formula's text.
pub type Places = BTreeMap<Id, Span>;

/// Unrolls what a name is defined to stand for: a formula as in [`elaborate`], or a condition.
///
/// # Errors
/// As [`elaborate`], but a condition is allowed.
pub fn elaborate_definition(
    expr: &Expr,
    scope: &Scope,
    graph: &mut Graph,
) -> Result<Value, Vec<Diagnostic>> {
    let mut elaborator = Elaborator::new(scope, graph);
    let value = elaborator.expression(expr);
    elaborator.finish(value)
}

/// The work of unrolling one formula.
///
/// Its methods return nothing exactly when they have reported an error.
pub(super) struct Elaborator<'a> {
    pub(super) scope: &'a Scope,
    pub(super) graph: &'a mut Graph,
    /// The indices of the comprehensions around, the innermost last.
    pub(super) indices: Vec<(String, i64)>,
    pub(super) errors: Vec<Diagnostic>,
    /// Scalar operations so far.
    pub(super) work: usize,
    /// Where nodes are written, if that is asked for.
    places: Option<Places>,
    /// Most scalar operations here; less than the limit of the scope inside comprehensions.
    pub(super) work_limit: usize,
}

impl<'a> Elaborator<'a> {
    pub(super) fn new(scope: &'a Scope, graph: &'a mut Graph) -> Self {
        Elaborator {
            scope,
            graph,
            indices: Vec::new(),
            errors: Vec::new(),
            places: None,
            work: 0,
            work_limit: scope.node_limit,
        }
    }

    pub(super) fn finish<T>(mut self, value: Option<T>) -> Result<T, Vec<Diagnostic>> {
        match value {
            Some(value) if self.errors.is_empty() => Ok(value),
            _ => {
                self.errors.sort_by_key(|error| error.span.start);
                self.errors.truncate(MOST_ERRORS);
                Err(self.errors)
            }
        }
    }

    /// Reports an error.
    pub(super) fn fail<T>(&mut self, error: Diagnostic) -> Option<T> {
        if self.errors.len() < MOST_ERRORS {
            self.errors.push(error);
        }
        None
    }

    /// Accounts for `cost` scalar operations that are about to be done, or refuses them.
    pub(super) fn charge(&mut self, cost: usize, span: &Span) -> Option<()> {
        self.work = self.work.saturating_add(cost);
        let nodes = self.graph.len().saturating_add(cost);
        if self.work > self.work_limit || nodes > self.scope.node_limit {
            return self.fail(limit_error(self.scope.node_limit, span.clone()));
        }
        Some(())
    }

    /// The exact values of sizes here.
    pub(super) fn sizes(&self) -> Sizes<'_> {
        Sizes {
            sizes: &self.scope.sizes,
            indices: &self.indices,
        }
    }

    pub(super) fn integer(&mut self, expr: &Expr) -> Option<i64> {
        let result = self.sizes().integer(expr);
        self.accept(result)
    }

    pub(super) fn size(&mut self, expr: &Expr) -> Option<usize> {
        let result = self.sizes().size(expr);
        self.accept(result)
    }

    fn accept<T>(&mut self, result: Result<T, Diagnostic>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => self.fail(error),
        }
    }

    /// Whether a value is a condition; an empty one may be either.
    pub(super) fn is_condition(&self, value: &Value) -> Option<bool> {
        let first = self.graph.node(*value.elements.first()?);
        Some(match first {
            Node::Unary(operator, _) => operator == Unary::Not,
            Node::Binary(operator, ..) => matches!(
                operator,
                Binary::Less | Binary::LessEqual | Binary::Equal | Binary::And | Binary::Or
            ),
            Node::Constant(_) | Node::Pi | Node::Infinity | Node::Symbol(_) | Node::Ternary(..) => {
                false
            }
        })
    }

    /// An expression that has to be a number (or a vector, … of numbers).
    pub(super) fn number(&mut self, expr: &Expr) -> Option<Value> {
        let value = self.expression(expr)?;
        if self.is_condition(&value) == Some(true) {
            return self.fail(
                Diagnostic::error("a condition is not a number", expr.span.clone())
                    .label("a number is expected here")
                    .help("write `where(condition, 1, 0)`"),
            );
        }
        Some(value)
    }

    /// An expression that has to be a condition.
    pub(super) fn condition(&mut self, expr: &Expr) -> Option<Value> {
        let value = self.expression(expr)?;
        if self.is_condition(&value) == Some(false) {
            return self.fail(
                Diagnostic::error("a number is not a condition", expr.span.clone())
                    .label("a condition is expected here")
                    .help("compare it: `x > 0`, `x == 1`"),
            );
        }
        Some(value)
    }

    /// Any expression.
    pub(super) fn expression(&mut self, expr: &Expr) -> Option<Value> {
        let value = self.unplaced(expr)?;
        self.place(&value, &expr.span);
        Some(value)
    }

    /// Notes where the components of a value are written.
    fn place(&mut self, value: &Value, span: &Span) {
        if let Some(places) = &mut self.places {
            for &element in &value.elements {
                places.entry(element).or_insert_with(|| span.clone());
            }
        }
    }

    fn unplaced(&mut self, expr: &Expr) -> Option<Value> {
        match &expr.kind {
            ExprKind::Number(value) => {
                self.charge(1, &expr.span)?;
                Some(Value::scalar(self.graph.constant(value.clone())))
            }
            ExprKind::Name(name) => self.name(name, &expr.span),
            ExprKind::Call {
                function,
                function_span,
                arguments,
            } => self.call(function, function_span, arguments, &expr.span),
            ExprKind::Negate(x) => {
                let value = self.number(x)?;
                self.map(value, &expr.span, |graph, x| match graph.as_constant(x) {
                    Some(value) => {
                        let negative = -value;
                        graph.constant(negative)
                    }
                    None => graph.unary(Unary::Neg, x),
                })
            }
            ExprKind::Binary(..) => self.chain(expr),
            ExprKind::Compare(operator, x, y) => self.compare(*operator, x, y, &expr.span),
            ExprKind::Vector(entries) => self.vector(entries, &expr.span),
            ExprKind::Comprehension {
                body,
                variable,
                variable_span,
                from,
                to,
            } => self.comprehension(body, (variable, variable_span), (from, to), &expr.span),
            ExprKind::Index { base, indices } => self.index(base, indices, &expr.span),
        }
    }

    #[inline(never)]
    fn name(&mut self, name: &str, span: &Span) -> Option<Value> {
        let index = self.indices.iter().rev().find(|(index, _)| index == name);
        if let Some(&(_, value)) = index {
            self.charge(1, span)?;
            return Some(Value::scalar(self.graph.integer(value)));
        }
        if let Some(value) = self.scope.values.get(name) {
            self.charge(value.elements.len(), span)?;
            return Some(value.clone());
        }
        self.charge(1, span)?;
        if let Some(&size) = self.scope.sizes.get(name) {
            let size = crate::number::Rational::from(size as u64);
            return Some(Value::scalar(self.graph.constant(size)));
        }
        match name {
            "pi" => Some(Value::scalar(self.graph.pi())),
            "inf" => Some(Value::scalar(self.graph.infinity())),
            _ => {
                let error = self.name_error(name, span);
                self.fail(error)
            }
        }
    }

    /// Why a name means nothing here.
    pub(super) fn name_error(&self, name: &str, span: &Span) -> Diagnostic {
        if let Some(reason) = self.scope.unavailable.get(name) {
            return Diagnostic::error(format!("`{name}` is not available here"), span.clone())
                .label(reason.clone());
        }
        if let Some(builtin) = table::find(name) {
            return Diagnostic::error(format!("`{name}` is a function"), span.clone())
                .label("a quantity is expected here")
                .help(format!("write `{}`", builtin.signature()));
        }
        if self.scope.functions.contains_key(name) {
            return Diagnostic::error(format!("`{name}` is a function"), span.clone())
                .label("a quantity is expected here")
                .help(format!("write `{name}(…)`"));
        }
        let constants = ["pi".to_owned(), "inf".to_owned()];
        let known = self
            .scope
            .values
            .keys()
            .chain(self.scope.sizes.keys())
            .chain(self.indices.iter().map(|(name, _)| name))
            .chain(&constants);
        let error = unknown_name(name, span.clone(), known);
        match name {
            "e" => error.help("write `exp(1)` for Euler's number"),
            "infinity" | "oo" => error.help("write `inf`"),
            _ if error.help.is_none() => error.help(format!(
                "name `{name}` under `parameters`, `inputs`, `noise` or `define`"
            )),
            _ => error,
        }
    }

    /// A chain of arithmetic operators, which nests to the left without bound.
    #[inline(never)]
    fn chain(&mut self, expr: &Expr) -> Option<Value> {
        let mut links = Vec::new();
        let mut leftmost = expr;
        while let ExprKind::Binary(operator, left, right) = &leftmost.kind {
            links.push((*operator, &**left, &**right, &leftmost.span));
            leftmost = left;
        }
        let mut value = self.number(leftmost);
        for (operator, left, right, span) in links.into_iter().rev() {
            // After an error on the left, the right is still looked at for its own errors.
            let right_value = self.number(right);
            value = match (value, right_value) {
                (Some(x), Some(y)) => self.arithmetic(operator, (x, left), (y, right), span),
                _ => None,
            };
            if let Some(value) = &value {
                self.place(value, span);
            }
        }
        value
    }

    #[inline(never)]
    fn arithmetic(
        &mut self,
        operator: BinaryOp,
        (x, left): (Value, &Expr),
        (y, right): (Value, &Expr),
        span: &Span,
    ) -> Option<Value> {
        let operator = match operator {
            BinaryOp::Add => Binary::Add,
            BinaryOp::Subtract => Binary::Sub,
            BinaryOp::Multiply => Binary::Mul,
            BinaryOp::Divide => Binary::Div,
            BinaryOp::Power => Binary::Pow,
            BinaryOp::MatrixMultiply => return self.matrix_product((x, left), (y, right), span),
        };
        self.broadcast(&[x, y], span, |graph, arguments| {
            let (x, y) = (arguments[0], arguments[1]);
            // A quotient of integers is the rational that it writes: correctly rounded division
            // makes it the same number wherever both integers are representable.
            if operator == Binary::Div
                && let (Some(a), Some(b)) = (graph.as_constant(x), graph.as_constant(y))
                && a.is_int()
                && b.is_int()
                && !b.is_zero()
            {
                let quotient = a / b;
                return graph.constant(quotient);
            }
            graph.binary(operator, x, y)
        })
    }

    #[inline(never)]
    fn compare(&mut self, operator: CompareOp, x: &Expr, y: &Expr, span: &Span) -> Option<Value> {
        let (x, y) = (self.number(x), self.number(y));
        self.broadcast(&[x?, y?], span, |graph, arguments| {
            let (x, y) = (arguments[0], arguments[1]);
            match operator {
                CompareOp::Less => graph.binary(Binary::Less, x, y),
                CompareOp::LessEqual => graph.binary(Binary::LessEqual, x, y),
                CompareOp::Greater => graph.binary(Binary::Less, y, x),
                CompareOp::GreaterEqual => graph.binary(Binary::LessEqual, y, x),
                CompareOp::Equal => graph.binary(Binary::Equal, x, y),
                CompareOp::NotEqual => {
                    let equal = graph.binary(Binary::Equal, x, y);
                    graph.unary(Unary::Not, equal)
                }
            }
        })
    }

    /// An operation on each component.
    pub(super) fn map(
        &mut self,
        mut value: Value,
        span: &Span,
        operation: impl Fn(&mut Graph, Id) -> Id,
    ) -> Option<Value> {
        self.charge(value.elements.len(), span)?;
        for element in &mut value.elements {
            *element = operation(self.graph, *element);
        }
        Some(value)
    }

    /// An operation on corresponding components; scalars go with every component.
    pub(super) fn broadcast(
        &mut self,
        values: &[Value],
        span: &Span,
        operation: impl Fn(&mut Graph, &[Id]) -> Id,
    ) -> Option<Value> {
        let mut shape: &[usize] = &[];
        for value in values.iter().filter(|value| !value.is_scalar()) {
            if shape.is_empty() {
                shape = &value.shape;
            } else if *shape != *value.shape {
                return self.fail(
                    Diagnostic::error(
                        format!("shapes {shape:?} and {:?} do not match", value.shape),
                        span.clone(),
                    )
                    .label("operands of different shapes")
                    .help("only scalars go with every shape"),
                );
            }
        }
        let count: usize = shape.iter().product();
        self.charge(count, span)?;
        let mut arguments = Vec::with_capacity(values.len());
        let mut elements = Vec::with_capacity(count);
        for i in 0..count {
            arguments.clear();
            arguments.extend(values.iter().map(|value| {
                let at = if value.is_scalar() { 0 } else { i };
                value.elements[at]
            }));
            elements.push(operation(self.graph, &arguments));
        }
        let shape = shape.to_vec();
        Some(Value { shape, elements })
    }
}
