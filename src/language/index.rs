//! Vectors by entry and by index, and the components of a value.

use super::ast::{Expr, ExprKind, Index, IndexKind};
use super::elaborate::Elaborator;
use super::scope::{Value, shape_text};
use super::size::{extent, limit_error};
use crate::diagnostic::{Diagnostic, Span};
use crate::graph::{Graph, Id};

/// How much costlier than the average one iteration of a comprehension may be before it is
/// refused: the first and the last are tried, and cost grows at most about quadratically.
const UNEVEN: usize = 4;

impl Elaborator<'_> {
    /// `[a, b, …]`: equal shapes, stacked along a new first axis.
    #[inline(never)]
    pub(super) fn vector(&mut self, entries: &[Expr], span: &Span) -> Option<Value> {
        let values: Vec<Option<Value>> = entries.iter().map(|e| self.expression(e)).collect();
        let values: Vec<Value> = values.into_iter().collect::<Option<_>>()?;
        for (value, entry) in values.iter().zip(entries).skip(1) {
            let first = &values[0];
            if value.shape != first.shape {
                let message = format!(
                    "entries of {} and {} in one vector",
                    shape_text(&first.shape),
                    shape_text(&value.shape)
                );
                return self.fail(
                    Diagnostic::error(message, entry.span.clone())
                        .label("differs from the first entry")
                        .help("write `concat(a, b)` to join vectors"),
                );
            }
            if let (Some(a), Some(b)) = (self.is_condition(first), self.is_condition(value))
                && a != b
            {
                return self.fail(
                    Diagnostic::error("conditions and numbers in one vector", entry.span.clone())
                        .label("differs from the first entry"),
                );
            }
        }
        self.charge(values.iter().map(|v| v.elements.len()).sum(), span)?;
        Some(stack(values))
    }

    /// `[body for variable in from..to]`.
    ///
    /// The first and the last iteration are unrolled first, under a bound that the rest of the
    /// formula can afford for each of them; their cost predicts that of all.
    #[inline(never)]
    pub(super) fn comprehension(
        &mut self,
        body: &Expr,
        (variable, variable_span): (&str, &Span),
        (from, to): (&Expr, &Expr),
        span: &Span,
    ) -> Option<Value> {
        let taken = matches!(variable, "pi" | "inf")
            || self.scope.values.contains_key(variable)
            || self.scope.sizes.contains_key(variable)
            || self.indices.iter().any(|(index, _)| index == variable);
        if taken {
            return self.fail(
                Diagnostic::error(
                    format!("`{variable}` is already a name"),
                    variable_span.clone(),
                )
                .label("the index would hide it")
                .help("choose another name for the index"),
            );
        }
        let (from, to) = (self.integer(from), self.integer(to));
        let (from, to) = (from?, to?);
        let count = usize::try_from(to.saturating_sub(from)).unwrap_or(0);
        self.charge(count, span)?;
        if count == 0 {
            return Some(Value::vector(Vec::new()));
        }
        let outer_limit = self.work_limit;
        let left = outer_limit.saturating_sub(self.work);
        let share = (left / count).saturating_mul(UNEVEN).min(left);
        let before = self.work;
        self.work_limit = self.work.saturating_add(share);
        let first = self.iteration(body, variable, from);
        self.work_limit = self.work.saturating_add(share).min(outer_limit);
        let last = match first {
            Some(_) if count > 1 => self.iteration(body, variable, to - 1),
            _ => None,
        };
        self.work_limit = outer_limit;
        let first = first?;
        let mut values = vec![first];
        if count > 1 {
            let last = last?;
            let spent = self.work - before;
            let rest = (spent / 2).saturating_mul(count - 2);
            if self.work.saturating_add(rest) > self.work_limit {
                return self.fail(limit_error(self.scope.node_limit, span.clone()));
            }
            for index in from + 1..to - 1 {
                values.push(self.iteration(body, variable, index)?);
            }
            values.push(last);
        }
        let uneven = values.iter().position(|v| v.shape != values[0].shape);
        if let Some(at) = uneven {
            let message = format!(
                "{} for `{variable}` = {from}, but {} for `{variable}` = {}",
                shape_text(&values[0].shape),
                shape_text(&values[at].shape),
                from + at as i64
            );
            return self.fail(
                Diagnostic::error(message, body.span.clone())
                    .label("its shape depends on the index"),
            );
        }
        self.charge(values.iter().map(|v| v.elements.len()).sum(), span)?;
        Some(stack(values))
    }

    fn iteration(&mut self, body: &Expr, variable: &str, index: i64) -> Option<Value> {
        self.indices.push((variable.to_owned(), index));
        let value = self.expression(body);
        self.indices.pop();
        value
    }

    /// `base[i, j:k]`; axes without an entry stay whole.
    #[inline(never)]
    pub(super) fn index(&mut self, base: &Expr, indices: &[Index], span: &Span) -> Option<Value> {
        let scope = self.scope;
        let computed;
        // A named quantity is looked into where it is: copying it for each component of a
        // comprehension would take quadratic time.
        let value = match &base.kind {
            ExprKind::Name(name) if scope.values.contains_key(name) => &scope.values[name],
            _ => {
                computed = self.expression(base)?;
                &computed
            }
        };
        if indices.len() > value.shape.len() {
            let message = format!("{} indices for {}", indices.len(), shape_text(&value.shape));
            return self.fail(
                Diagnostic::error(message, span.clone())
                    .label(format!("it has {} axes", value.shape.len())),
            );
        }
        let mut ranges = Vec::with_capacity(value.shape.len());
        for (index, &size) in indices.iter().zip(&value.shape) {
            ranges.push(self.range(index, size));
        }
        let mut ranges: Vec<(usize, usize, bool)> = ranges.into_iter().collect::<Option<_>>()?;
        ranges.extend(value.shape[indices.len()..].iter().map(|&n| (0, n, true)));
        let shape: Vec<usize> = ranges.iter().filter(|r| r.2).map(|r| r.1 - r.0).collect();
        self.charge(extent(&shape), span)?;
        let mut offsets = vec![0];
        for (&(from, to, _), &size) in ranges.iter().zip(&value.shape) {
            offsets = offsets
                .into_iter()
                .flat_map(|offset| (from..to).map(move |at| offset * size + at))
                .collect();
        }
        let elements = offsets.into_iter().map(|at| value.elements[at]).collect();
        Some(Value { shape, elements })
    }

    /// The half-open range that an entry selects, and whether the axis stays.
    fn range(&mut self, index: &Index, size: usize) -> Option<(usize, usize, bool)> {
        let mut bound = |expr: Option<&Expr>, default: usize| match expr {
            Some(expr) => self.integer(expr),
            None => Some(default as i64),
        };
        let (from, to, stays) = match &index.kind {
            IndexKind::At(at) => {
                let value = bound(Some(at), 0)?;
                if (0..size as i64).contains(&value) {
                    return Some((value as usize, value as usize + 1, false));
                }
                (value, value, false)
            }
            IndexKind::Slice { from, to } => {
                let (from, to) = (bound(from.as_ref(), 0), bound(to.as_ref(), size));
                let (from, to) = (from?, to?);
                if 0 <= from && from <= to && to <= size as i64 {
                    return Some((from as usize, to as usize, true));
                }
                (from, to, true)
            }
        };
        let message = if stays {
            format!("slice {from}:{to} is out of range for size {size}")
        } else {
            format!("index {from} is out of range for size {size}")
        };
        let error = Diagnostic::error(message, index.span.clone());
        let error = match size {
            0 => error.label("there are no components"),
            1 => error.label("the only index is 0"),
            _ => error.label(format!("indices run from 0 to {}", size - 1)),
        };
        self.fail(if from < 0 {
            error.help("count from the beginning: the last component is `z[n - 1]`")
        } else {
            error
        })
    }
}

/// Values of one shape along a new first axis.
fn stack(values: Vec<Value>) -> Value {
    let mut shape = vec![values.len()];
    if let Some(first) = values.first() {
        shape.extend(&first.shape);
    }
    let elements = values.into_iter().flat_map(|v| v.elements).collect();
    Value { shape, elements }
}

/// Replaces each line of components along an axis by what `operation` makes of it: all of one
/// length, or one component each with `reduce`, which drops the axis.
pub(super) fn along(
    graph: &mut Graph,
    value: &Value,
    axis: usize,
    reduce: bool,
    mut operation: impl FnMut(&mut Graph, &[Id]) -> Vec<Id>,
) -> Value {
    let size = value.shape[axis];
    let inner: usize = value.shape[axis + 1..].iter().product();
    let outer: usize = value.shape[..axis].iter().product();
    let mut shape = value.shape.clone();
    if reduce {
        shape.remove(axis);
    }
    let kept = if reduce { 1 } else { size };
    let mut elements = vec![None; outer * kept * inner];
    for o in 0..outer {
        for i in 0..inner {
            let line: Vec<Id> = (0..size)
                .map(|k| value.elements[(o * size + k) * inner + i])
                .collect();
            for (k, id) in operation(graph, &line).into_iter().enumerate() {
                elements[(o * kept + k) * inner + i] = Some(id);
            }
        }
    }
    let elements = elements
        .into_iter()
        .map(|id| id.expect("invariant: every line gives as many components as are kept"))
        .collect();
    Value { shape, elements }
}
