//! Calls: which function, which argument for which parameter, and what it does to components.

use super::ast::{Argument, Expr};
use super::elaborate::Elaborator;
use super::index::along;
use super::scope::{Value, shape_text};
use super::size::extent;
use super::table::{self, Action, Builtin, ELSEWHERE, Reduction, SYNONYMS};
use crate::diagnostic::{Diagnostic, Span, nearest};
use crate::graph::{Graph, Id};

/// A call of a built-in function, its arguments in the order of the parameters.
pub(super) struct Call<'e> {
    pub(super) builtin: &'static Builtin,
    /// Those before `…` and optional ones; none where left out.
    pub(super) arguments: Vec<Option<&'e Expr>>,
    /// Further ones in the place of `…`.
    pub(super) more: Vec<&'e Expr>,
    pub(super) span: &'e Span,
}

impl<'e> Call<'e> {
    /// A required argument.
    pub(super) fn argument(&self, at: usize) -> &'e Expr {
        self.arguments[at].expect("invariant: required arguments are there")
    }

    /// The required arguments up to `…`, and those in its place.
    pub(super) fn all(&self) -> Vec<&'e Expr> {
        let mut all = vec![self.argument(0)];
        all.extend(&self.more);
        all
    }
}

/// A parameter as [`Builtin::parameters`] writes it.
struct Parameter {
    name: &'static str,
    default: Option<&'static str>,
    optional: bool,
}

/// The parameters of a function, and whether and behind which one any number more may come.
fn parameters(builtin: &Builtin) -> (Vec<Parameter>, Option<usize>) {
    let mut parameters = Vec::new();
    let mut rest = None;
    for written in builtin.parameters.split(", ") {
        if written == "…" {
            rest = Some(parameters.len());
            continue;
        }
        let bare = written.trim_matches(['[', ']']);
        let (name, default) = match bare.split_once('=') {
            Some((name, default)) => (name, Some(default)),
            None => (bare, None),
        };
        parameters.push(Parameter {
            name,
            default,
            optional: default.is_some() || bare != written,
        });
    }
    (parameters, rest)
}

/// About how many nodes an expansion makes for each component.
const EXPANSION: usize = 4;

impl Elaborator<'_> {
    #[inline(never)]
    pub(super) fn call(
        &mut self,
        function: &str,
        function_span: &Span,
        arguments: &[Argument],
        span: &Span,
    ) -> Option<Value> {
        let scope = self.scope;
        if let Some(defined) = scope.functions.get(function) {
            return self.substitution(function, defined, arguments, span);
        }
        let Some(builtin) = table::find(function) else {
            let error = self.function_error(function, function_span);
            self.fail::<()>(error);
            // The arguments may have errors of their own.
            for argument in arguments {
                self.expression(&argument.value);
            }
            return None;
        };
        let call = self.resolve(builtin, arguments, span)?;
        self.apply(&call)
    }

    fn function_error(&self, function: &str, span: &Span) -> Diagnostic {
        let scope = self.scope;
        let error = Diagnostic::error(format!("unknown function `{function}`"), span.clone())
            .label("not a function")
            .once();
        if scope.values.contains_key(function)
            || scope.sizes.contains_key(function)
            || self.indices.iter().any(|(index, _)| index == function)
        {
            return Diagnostic::error(format!("`{function}` is not a function"), span.clone())
                .label("this is a quantity")
                .help(format!("write `{function}*(…)` for a product"));
        }
        if let Some((_, place)) = ELSEWHERE.iter().find(|(name, _)| *name == function) {
            return Diagnostic::error(format!("`{function}` is not available here"), span.clone())
                .label(*place);
        }
        if let Some((_, instead)) = SYNONYMS.iter().find(|(name, _)| *name == function) {
            return error.help(format!("write `{instead}`"));
        }
        let names = table::FUNCTIONS.iter().map(|builtin| builtin.name);
        let defined = scope.functions.keys().map(String::as_str);
        match nearest(function, names.chain(defined)) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error,
        }
    }

    /// Brings the arguments into the order of the parameters.
    fn resolve<'e>(
        &mut self,
        builtin: &'static Builtin,
        arguments: &'e [Argument],
        span: &'e Span,
    ) -> Option<Call<'e>> {
        let (parameters, rest) = parameters(builtin);
        let positional = rest.unwrap_or(parameters.len());
        let mut found: Vec<Option<&Expr>> = vec![None; parameters.len()];
        let mut more = Vec::new();
        let mut next = 0;
        let mut failed = false;
        for argument in arguments {
            let value = &argument.value;
            let place = match &argument.name {
                None if next < positional => {
                    next += 1;
                    next - 1
                }
                None if rest.is_some() => {
                    more.push(value);
                    continue;
                }
                None => {
                    failed = true;
                    self.fail::<()>(
                        Diagnostic::error(
                            format!("too many arguments for `{}`", builtin.name),
                            value.span.clone(),
                        )
                        .label("not expected")
                        .help(format!("write `{}`", builtin.signature())),
                    );
                    break;
                }
                Some((name, name_span)) => {
                    match parameters
                        .iter()
                        .position(|parameter| parameter.name == name)
                    {
                        Some(place) => place,
                        None => {
                            failed = true;
                            let error = Diagnostic::error(
                                format!("`{}` has no argument `{name}`", builtin.name),
                                name_span.clone(),
                            )
                            .label("not known")
                            .help(format!("write `{}`", builtin.signature()));
                            self.fail::<()>(error);
                            continue;
                        }
                    }
                }
            };
            if found[place].is_some() {
                failed = true;
                self.fail::<()>(
                    Diagnostic::error(
                        format!("argument `{}` is given twice", parameters[place].name),
                        value.span.clone(),
                    )
                    .label("given before"),
                );
            }
            found[place] = Some(value);
        }
        for (parameter, found) in parameters.iter().zip(&found) {
            if found.is_none() && !parameter.optional && !failed {
                failed = true;
                let message = format!(
                    "missing argument `{}` of `{}`",
                    parameter.name, builtin.name
                );
                self.fail::<()>(
                    Diagnostic::error(message, span.clone())
                        .label("an argument is missing")
                        .help(format!("write `{}`", builtin.signature())),
                );
            }
        }
        if failed {
            return None;
        }
        Some(Call {
            builtin,
            arguments: found,
            more,
            span,
        })
    }

    fn apply(&mut self, call: &Call<'_>) -> Option<Value> {
        match call.builtin.action {
            Action::Unary(operator) => {
                let value = self.number(call.argument(0))?;
                self.map(value, call.span, |graph, x| graph.unary(operator, x))
            }
            Action::Binary(operator) => {
                self.each(call, |graph, x| graph.binary(operator, x[0], x[1]))
            }
            Action::Ternary(operator) => {
                self.each(call, |graph, x| graph.ternary(operator, x[0], x[1], x[2]))
            }
            Action::Each(expansion) => self.each(call, expansion),
            Action::Reduce(reduction) => self.reduce(call, reduction, call.arguments[1]),
            Action::ReduceOrEach(reduction) => self.reduce_or_each(call, reduction),
            Action::Along(operation) => {
                let value = self.number(call.argument(0))?;
                let axis = self.axis(call.arguments[1], &value)?;
                if axis.is_none() && value.shape.len() != 1 {
                    return self.expected(call, call.argument(0), "a vector", &value);
                }
                self.charge(extent(&[extent(&value.shape), EXPANSION]), call.span)?;
                let axis = axis.unwrap_or(0);
                Some(along(self.graph, &value, axis, false, operation))
            }
            Action::Special(special) => special(self, call),
        }
    }

    /// That an argument has another shape than the function takes.
    pub(super) fn expected<T>(
        &mut self,
        call: &Call<'_>,
        argument: &Expr,
        expected: &str,
        found: &Value,
    ) -> Option<T> {
        let found = shape_text(&found.shape);
        self.fail(
            Diagnostic::error(
                format!("`{}` expects {expected}, found {found}", call.builtin.name),
                argument.span.clone(),
            )
            .label(format!("this is {found}"))
            .help(format!("write `{}`", call.builtin.signature())),
        )
    }

    /// An operation on corresponding components of all arguments.
    fn each(
        &mut self,
        call: &Call<'_>,
        operation: impl Fn(&mut Graph, &[Id]) -> Id,
    ) -> Option<Value> {
        let (parameters, _) = parameters(call.builtin);
        let mut values = Vec::with_capacity(parameters.len());
        for (parameter, argument) in parameters.iter().zip(&call.arguments) {
            values.push(match (argument, parameter.default) {
                (Some(argument), _) => self.number(argument),
                (None, default) => {
                    let default = default.and_then(super::number::numeral_value);
                    let default = default.expect("invariant: defaults are numerals");
                    Some(Value::scalar(self.graph.constant(default)))
                }
            });
        }
        let values: Vec<Value> = values.into_iter().collect::<Option<_>>()?;
        let count = values.iter().map(|v| v.elements.len()).max().unwrap_or(0);
        self.charge(count.saturating_mul(EXPANSION - 1), call.span)?;
        self.broadcast(&values, call.span, operation)
    }

    /// The axis that an argument names.
    #[expect(
        clippy::option_option,
        reason = "outside: whether it is right; inside: whether it is given"
    )]
    fn axis(&mut self, argument: Option<&Expr>, value: &Value) -> Option<Option<usize>> {
        let Some(argument) = argument else {
            return Some(None);
        };
        let axis = self.integer(argument)?;
        let axes = value.shape.len();
        match usize::try_from(axis) {
            Ok(axis) if axis < axes => Some(Some(axis)),
            _ => self.fail(
                Diagnostic::error(
                    format!("axis {axis} of {}", shape_text(&value.shape)),
                    argument.span.clone(),
                )
                .label(if axes == 0 {
                    "a scalar has no axes".to_owned()
                } else {
                    format!("axes run from 0 to {}", axes - 1)
                }),
            ),
        }
    }

    fn operand(&mut self, reduction: Reduction, argument: &Expr) -> Option<Value> {
        if reduction.conditions {
            self.condition(argument)
        } else {
            self.number(argument)
        }
    }

    fn reduce(
        &mut self,
        call: &Call<'_>,
        reduction: Reduction,
        axis: Option<&Expr>,
    ) -> Option<Value> {
        let argument = call.argument(0);
        let value = self.operand(reduction, argument)?;
        let axis = self.axis(axis, &value)?;
        let none = axis.map_or(value.elements.is_empty(), |axis| value.shape[axis] == 0);
        if none && !reduction.of_none {
            return self.fail(
                Diagnostic::error(
                    format!("`{}` of no components", call.builtin.name),
                    argument.span.clone(),
                )
                .label(format!("this has {}", shape_text(&value.shape))),
            );
        }
        self.charge(extent(&[extent(&value.shape), reduction.cost]), call.span)?;
        let combine = reduction.combine;
        Some(match axis {
            Some(axis) => along(self.graph, &value, axis, true, |graph, line| {
                vec![combine(graph, line)]
            }),
            None => Value::scalar(combine(self.graph, &value.elements)),
        })
    }

    fn reduce_or_each(&mut self, call: &Call<'_>, reduction: Reduction) -> Option<Value> {
        let axis = call.arguments[1];
        if call.more.is_empty() {
            return self.reduce(call, reduction, axis);
        }
        if let Some(axis) = axis {
            return self.fail(
                Diagnostic::error("an axis for several arguments", axis.span.clone())
                    .label("components are taken one by one")
                    .help("give one argument and an axis"),
            );
        }
        let values: Vec<Option<Value>> = call
            .all()
            .into_iter()
            .map(|argument| self.operand(reduction, argument))
            .collect();
        let values: Vec<Value> = values.into_iter().collect::<Option<_>>()?;
        let count = values.iter().map(|v| v.elements.len()).sum();
        self.charge(count, call.span)?;
        self.broadcast(&values, call.span, reduction.combine)
    }
}
