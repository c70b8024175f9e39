//! Sizes and indices: expressions whose exact value is known at elaboration.
//!
//! They are made of numbers, sizes of `dimensions`, indices of comprehensions, arithmetic, and
//! `abs floor ceil min max mod`. Values stay below 2⁶³ in numerator and denominator, so a long
//! formula cannot make them grow.

use super::ast::{BinaryOp, Expr, ExprKind};
use super::scope::{Scope, unknown_name};
use crate::diagnostic::Diagnostic;
use crate::number::Rational;
use std::collections::BTreeMap;

/// What the names in a size stand for.
#[derive(Clone, Copy)]
pub(super) struct Sizes<'a> {
    /// The sizes of `dimensions`.
    pub(super) sizes: &'a BTreeMap<String, usize>,
    /// The indices of the comprehensions around, the innermost last.
    pub(super) indices: &'a [(String, i64)],
}

/// Elaborates the sizes between the brackets of a domain or distribution, such as `[m, n]`.
///
/// # Errors
/// Each entry that is not an integer of at least 0, and shapes with more components than
/// [`Scope::node_limit`].
pub fn elaborate_shape(shape: &[Expr], scope: &Scope) -> Result<Vec<usize>, Vec<Diagnostic>> {
    let sizes = Sizes {
        sizes: &scope.sizes,
        indices: &[],
    };
    let mut errors = Vec::new();
    let mut found = Vec::new();
    for entry in shape {
        match sizes.size(entry) {
            Ok(size) => found.push(size),
            Err(error) => errors.push(explain_name(error, entry, scope)),
        }
    }
    let count = extent(&found);
    if let (Some(first), Some(last)) = (shape.first(), shape.last())
        && count > scope.node_limit
    {
        errors.push(limit_error(
            scope.node_limit,
            first.span.start..last.span.end,
        ));
    }
    if errors.is_empty() {
        Ok(found)
    } else {
        Err(errors)
    }
}

/// How much work there may be in a value of a shape: its components, empty axes counted as one so
/// that the others still bound the loops over them.
pub(super) fn extent(shape: &[usize]) -> usize {
    shape
        .iter()
        .fold(1, |n, &size| n.saturating_mul(size.max(1)))
}

/// That something is larger than the limit on the nodes of the graph.
pub(super) fn limit_error(limit: usize, span: crate::diagnostic::Span) -> Diagnostic {
    Diagnostic::error(format!("more than {limit} nodes"), span)
        .label("this unrolls to more scalar operations than the limit")
        .help("choose smaller `dimensions`")
}

/// The nearest name to one that is no size.
fn explain_name(error: Diagnostic, entry: &Expr, scope: &Scope) -> Diagnostic {
    match &entry.kind {
        ExprKind::Name(name) if !scope.values.contains_key(name) => {
            unknown_name(name, entry.span.clone(), scope.sizes.keys())
        }
        _ => error,
    }
}

impl Sizes<'_> {
    /// The value of a size: an integer of at least 0.
    pub(super) fn size(self, expr: &Expr) -> Result<usize, Diagnostic> {
        let value = self.integer(expr)?;
        usize::try_from(value).map_err(|_| {
            Diagnostic::error("negative size", expr.span.clone())
                .label(format!("this is {value}"))
                .help("use a size of at least 0")
        })
    }

    /// The value of an index: an integer.
    pub(super) fn integer(self, expr: &Expr) -> Result<i64, Diagnostic> {
        let value = self.exact(expr)?;
        if value.is_int()
            && let Ok(value) = i64::try_from(value.numerator())
        {
            return Ok(value);
        }
        Err(Diagnostic::error("not an integer", expr.span.clone())
            .label(format!("this is {value}"))
            .help("write `floor(…)` to round down"))
    }

    fn exact(self, expr: &Expr) -> Result<Rational, Diagnostic> {
        // Chains of operators nest to the left without bound; everything else is bounded.
        let mut chain = Vec::new();
        let mut leftmost = expr;
        while let ExprKind::Binary(operator, left, right) = &leftmost.kind {
            chain.push((*operator, right, leftmost));
            leftmost = left;
        }
        let mut value = self.leaf(leftmost)?;
        for (operator, right, whole) in chain.into_iter().rev() {
            let right_value = self.exact(right)?;
            value = match operator {
                BinaryOp::Add => value + right_value,
                BinaryOp::Subtract => value - right_value,
                BinaryOp::Multiply => value * right_value,
                BinaryOp::Divide if right_value.is_zero() => {
                    return Err(Diagnostic::error("division by zero", whole.span.clone())
                        .label("the divisor is 0"));
                }
                BinaryOp::Divide => value / right_value,
                BinaryOp::Power => {
                    power(&value, &right_value).ok_or_else(|| out_of_range(whole))?
                }
                BinaryOp::MatrixMultiply => return Err(not_a_size(whole)),
            };
            value = small(value, whole)?;
        }
        Ok(value)
    }

    fn leaf(self, expr: &Expr) -> Result<Rational, Diagnostic> {
        match &expr.kind {
            ExprKind::Number(value) => small(value.clone(), expr),
            ExprKind::Name(name) => {
                let index = self.indices.iter().rev().find(|(index, _)| index == name);
                if let Some((_, value)) = index {
                    Ok(Rational::from(*value))
                } else if let Some(&size) = self.sizes.get(name) {
                    small(Rational::from(size as u64), expr)
                } else {
                    Err(not_a_size(expr))
                }
            }
            ExprKind::Negate(x) => Ok(-self.exact(x)?),
            ExprKind::Call {
                function,
                arguments,
                ..
            } => {
                let values = arguments
                    .iter()
                    .map(|argument| self.exact(&argument.value))
                    .collect::<Result<Vec<_>, _>>()?;
                match (function.as_str(), values.as_slice()) {
                    ("abs", [x]) => Ok(if *x < Rational::ZERO {
                        -x.clone()
                    } else {
                        x.clone()
                    }),
                    ("floor", [x]) => Ok(Rational::from(x.floor())),
                    ("ceil", [x]) => Ok(Rational::from(x.ceil())),
                    ("mod", [x, y]) if !y.is_zero() => {
                        let whole = Rational::from((x / y).floor());
                        small(x - y * whole, expr)
                    }
                    ("min", [first, rest @ ..]) => {
                        Ok(rest.iter().fold(first, |a, b| a.min(b)).clone())
                    }
                    ("max", [first, rest @ ..]) => {
                        Ok(rest.iter().fold(first, |a, b| a.max(b)).clone())
                    }
                    _ => Err(not_a_size(expr)),
                }
            }
            ExprKind::Binary(..) => self.exact(expr),
            ExprKind::Compare(..)
            | ExprKind::Vector(_)
            | ExprKind::Comprehension { .. }
            | ExprKind::Index { .. } => Err(not_a_size(expr)),
        }
    }
}

fn power(base: &Rational, exponent: &Rational) -> Option<Rational> {
    if !exponent.is_int() {
        return None;
    }
    let exponent = u8::try_from(exponent.numerator())
        .ok()
        .filter(|&n| n < 64)?;
    Some((0..exponent).fold(Rational::ONE, |power, _| power * base))
}

fn small(value: Rational, expr: &Expr) -> Result<Rational, Diagnostic> {
    let fits =
        i64::try_from(value.numerator()).is_ok() && i64::try_from(value.denominator()).is_ok();
    if fits {
        Ok(value)
    } else {
        Err(out_of_range(expr))
    }
}

fn out_of_range(expr: &Expr) -> Diagnostic {
    Diagnostic::error("size out of range", expr.span.clone())
        .label("this is not a number below 2^63")
}

fn not_a_size(expr: &Expr) -> Diagnostic {
    Diagnostic::error("not a size", expr.span.clone())
        .label("its value is not known when formulas are unrolled")
        .help("use numbers, `dimensions` and indices of comprehensions")
}
