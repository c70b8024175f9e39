//! The calls that are not simply an operation on components: functions that a scope defines,
//! conditions, derivatives.

use super::ast::{Argument, Expr};
use super::call::Call;
use super::elaborate::Elaborator;
use super::scope::{Function, Value, shape_text};
use crate::diagnostic::{Diagnostic, Span};
use crate::graph::Id;
use crate::number::{Ternary, Unary};
use rustc_hash::FxHashMap;

impl Elaborator<'_> {
    /// A call of a function that the scope defines.
    pub(super) fn substitution(
        &mut self,
        name: &str,
        function: &Function,
        arguments: &[Argument],
        span: &Span,
    ) -> Option<Value> {
        let names: Vec<&str> = function
            .parameters
            .iter()
            .map(|(p, _)| p.as_str())
            .collect();
        let signature = format!("{name}({})", names.join(", "));
        let mut found: Vec<Option<&Expr>> = vec![None; names.len()];
        for (at, argument) in arguments.iter().enumerate() {
            let place = match &argument.name {
                Some((name, _)) => names.iter().position(|parameter| parameter == name),
                None => Some(at),
            };
            match place.and_then(|place| found.get_mut(place)) {
                Some(slot @ None) => *slot = Some(&argument.value),
                Some(Some(_)) | None => {
                    return self.fail(
                        Diagnostic::error(
                            format!("unexpected argument of `{name}`"),
                            argument.value.span.clone(),
                        )
                        .label("not expected")
                        .help(format!("write `{signature}`")),
                    );
                }
            }
        }
        let mut replacements = FxHashMap::default();
        let mut failed = false;
        for ((parameter, symbols), argument) in function.parameters.iter().zip(found) {
            let Some(argument) = argument else {
                return self.fail(
                    Diagnostic::error(
                        format!("missing argument `{parameter}` of `{name}`"),
                        span.clone(),
                    )
                    .label("an argument is missing")
                    .help(format!("write `{signature}`")),
                );
            };
            let Some(value) = self.number(argument) else {
                failed = true;
                continue;
            };
            if !value.is_scalar() && value.shape != symbols.shape {
                failed = true;
                let (expected, found) = (shape_text(&symbols.shape), shape_text(&value.shape));
                self.fail::<()>(
                    Diagnostic::error(
                        format!(
                            "argument `{parameter}` of `{name}` expects {expected}, found {found}"
                        ),
                        argument.span.clone(),
                    )
                    .label(format!("this is {found}")),
                );
                continue;
            }
            for (i, &symbol) in symbols.elements.iter().enumerate() {
                let at = if value.is_scalar() { 0 } else { i };
                replacements.insert(symbol, value.elements[at]);
            }
        }
        if failed {
            return None;
        }
        self.charge_search(&function.body.elements, 1, span)?;
        Some(Value {
            shape: function.body.shape.clone(),
            elements: self
                .graph
                .substitute(&function.body.elements, &replacements),
        })
    }

    /// Accounts for `times` passes over everything below `roots`: the nodes, and the bits of the
    /// search for them.
    fn charge_search(&mut self, roots: &[Id], times: usize, span: &Span) -> Option<()> {
        let top = roots.iter().max().map_or(0, |id| id.index());
        self.charge(times.saturating_mul(top / 64), span)?;
        let nodes = self.graph.reachable(roots).len();
        self.charge(times.saturating_mul(nodes), span)
    }
}

/// `where(condition, a, b)`.
pub(super) fn select(elaborator: &mut Elaborator<'_>, call: &Call<'_>) -> Option<Value> {
    let condition = elaborator.condition(call.argument(0));
    let a = elaborator.number(call.argument(1));
    let b = elaborator.number(call.argument(2));
    elaborator.broadcast(&[condition?, a?, b?], call.span, |graph, x| {
        graph.ternary(Ternary::Select, x[0], x[1], x[2])
    })
}

/// `not(condition)`.
pub(super) fn not(elaborator: &mut Elaborator<'_>, call: &Call<'_>) -> Option<Value> {
    let condition = elaborator.condition(call.argument(0))?;
    elaborator.map(condition, call.span, |graph, x| graph.unary(Unary::Not, x))
}

/// `polygamma(n, x)`.
pub(super) fn polygamma(elaborator: &mut Elaborator<'_>, call: &Call<'_>) -> Option<Value> {
    let order = elaborator.integer(call.argument(0));
    let value = elaborator.number(call.argument(1));
    let (order, value) = (order?, value?);
    let Ok(order) = u8::try_from(order) else {
        return elaborator.fail(
            Diagnostic::error("order out of range", call.argument(0).span.clone())
                .label(format!("this is {order}"))
                .help("use an order between 0 and 255"),
        );
    };
    elaborator.map(value, call.span, |graph, x| {
        graph.unary(Unary::Polygamma(order), x)
    })
}

/// `diff(e, v)`: the shape of e, then that of v.
pub(super) fn diff(elaborator: &mut Elaborator<'_>, call: &Call<'_>) -> Option<Value> {
    let expression = elaborator.number(call.argument(0));
    let variable = elaborator.number(call.argument(1));
    let (expression, variable) = (expression?, variable?);
    let is_variable = |id: &Id| elaborator.graph.as_symbol(*id).is_some();
    if !variable.elements.iter().all(is_variable) {
        return elaborator.fail(
            Diagnostic::error(
                "derivative with respect to what is not a variable",
                call.argument(1).span.clone(),
            )
            .label("a parameter, input, noise or output is expected here"),
        );
    }
    let (rows, columns) = (expression.elements.len(), variable.elements.len());
    elaborator.charge(rows.saturating_mul(columns), call.span)?;
    elaborator.charge_search(&expression.elements, columns, call.span)?;
    let mut derivatives = Vec::with_capacity(columns);
    for &symbol in &variable.elements {
        let column = match elaborator.graph.differentiate(&expression.elements, symbol) {
            Ok(column) => column,
            Err(error) => {
                return elaborator.fail(
                    Diagnostic::error(error.to_string(), call.span.clone()).label("needed here"),
                );
            }
        };
        elaborator.charge(0, call.span)?;
        derivatives.push(column);
    }
    let elements = (0..rows)
        .flat_map(|row| derivatives.iter().map(move |column| column[row]))
        .collect();
    let shape = [expression.shape, variable.shape].concat();
    Some(Value { shape, elements })
}
