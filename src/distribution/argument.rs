//! The arguments of a distribution as a spec writes them: which is which, and whether they fit.

use super::{DISTRIBUTIONS, Distribution, Parameter, find};
use crate::diagnostic::{Diagnostic, Span, nearest};
use crate::graph::{Graph, Id};
use crate::language::{Applied, Domain, Scope, Value, canonical_name, elaborate, parse_expression};
use crate::number::Rational;

/// How many axes a parameter has.
pub(super) fn rank(parameter: &Parameter) -> usize {
    if parameter.domain.starts_with("lower_cholesky") {
        2
    } else {
        usize::from(parameter.domain.ends_with("[k]"))
    }
}

pub(super) fn known(applied: &Applied) -> Result<&'static Distribution, Diagnostic> {
    find(&applied.name).ok_or_else(|| {
        let names = DISTRIBUTIONS.iter().map(|d| d.name);
        let list: Vec<&str> = names.clone().collect();
        let error = Diagnostic::error(
            format!("unknown distribution `{}`", applied.name),
            applied.name_span.clone(),
        )
        .label("not one of the built-in distributions")
        .once();
        match nearest(&applied.name, names) {
            Some(name) => error.help(format!("write `{name}`")),
            None => error.help(format!("use one of {}", list.join(", "))),
        }
    })
}

/// The arguments in the order of the parameters, and where each stands.
pub(super) fn arguments(
    distribution: &'static Distribution,
    applied: &Applied,
    scope: &Scope,
    graph: &mut Graph,
) -> Result<(Vec<Value>, Vec<Span>), Vec<Diagnostic>> {
    let parameters = distribution.parameters;
    let signature = distribution.signature();
    let mut given: Vec<Option<(Value, Span)>> = vec![None; parameters.len()];
    let mut taken = vec![false; parameters.len()];
    let mut errors = Vec::new();
    for (position, argument) in applied.arguments.iter().enumerate() {
        let span = argument.value.span.clone();
        let place = match &argument.name {
            None => Some(position).filter(|&i| i < parameters.len()),
            Some((name, _)) => parameters
                .iter()
                .position(|p| p.name == canonical_name(name)),
        };
        let Some(place) = place else {
            errors.push(match &argument.name {
                None => Diagnostic::error(
                    format!("too many arguments of `{}`", distribution.name),
                    span,
                )
                .label("one argument too many")
                .help(format!("write `{signature}`")),
                Some((name, span)) => {
                    let names = parameters.iter().map(|p| p.name);
                    let help = nearest(name, names).map_or(signature.clone(), |n| format!("{n}=…"));
                    Diagnostic::error(
                        format!("`{}` has no argument `{name}`", distribution.name),
                        span.clone(),
                    )
                    .label("unknown argument")
                    .help(format!("write `{help}`"))
                }
            });
            continue;
        };
        if std::mem::replace(&mut taken[place], true) {
            let name = parameters[place].name;
            errors.push(
                Diagnostic::error(format!("argument `{name}` given twice"), span).label("again"),
            );
            continue;
        }
        match elaborate(&argument.value, scope, graph) {
            Ok(value) => given[place] = Some((value, span)),
            Err(found) => errors.extend(found),
        }
    }
    let mut values = Vec::new();
    let mut spans = Vec::new();
    for ((parameter, value), taken) in parameters.iter().zip(given).zip(taken) {
        let (value, span) = match (value, parameter.default) {
            (Some((value, span)), _) => (value, span),
            (None, Some(default)) if !taken => {
                let default = ours(parse_expression(default));
                match elaborate(&default, scope, graph) {
                    Ok(value) => (value, applied.span.clone()),
                    Err(found) => {
                        errors.extend(at_home(found, &applied.span));
                        continue;
                    }
                }
            }
            (None, _) => {
                if !taken {
                    errors.push(
                        Diagnostic::error(
                            format!(
                                "`{}` needs its argument `{}`",
                                distribution.name, parameter.name
                            ),
                            applied.span.clone(),
                        )
                        .label(format!("`{}` is missing", parameter.name))
                        .help(format!("write `{signature}`")),
                    );
                }
                continue;
            }
        };
        values.push(value);
        spans.push(span);
    }
    if errors.is_empty() {
        Ok((values, spans))
    } else {
        Err(errors)
    }
}

/// The shape of the copies, after checking that every argument fits it.
pub(super) fn copies(
    distribution: &Distribution,
    applied: &Applied,
    values: &[Value],
    spans: &[Span],
    written: Option<Vec<usize>>,
) -> Result<Vec<usize>, Vec<Diagnostic>> {
    let mut errors = Vec::new();
    let mut shape = written;
    let length = vector_length(distribution, values);
    for ((parameter, value), span) in distribution.parameters.iter().zip(values).zip(spans) {
        let Some(leading) = value.shape.len().checked_sub(rank(parameter)) else {
            errors.push(
                Diagnostic::error(
                    format!(
                        "`{}` of `{}` has shape {:?}",
                        parameter.name, distribution.name, value.shape
                    ),
                    span.clone(),
                )
                .label(format!("has to be {}", parameter.domain)),
            );
            continue;
        };
        let (outer, event) = value.shape.split_at(leading);
        if event.iter().any(|&n| Some(n) != length || n == 0) {
            errors.push(
                Diagnostic::error(
                    format!(
                        "the arguments of `{}` have different lengths",
                        distribution.name
                    ),
                    span.clone(),
                )
                .label(format!("this has shape {:?}", value.shape)),
            );
        }
        match &shape {
            _ if outer.is_empty() => {}
            None => shape = Some(outer.to_vec()),
            Some(shape) if shape == outer => {}
            Some(shape) => errors.push(
                Diagnostic::error(
                    format!(
                        "`{}` has shape {outer:?}, but there are {shape:?} copies",
                        parameter.name
                    ),
                    span.clone(),
                )
                .label("does not fit")
                .help(format!(
                    "give `{}` as a scalar or with one entry for each copy",
                    parameter.name
                )),
            ),
        }
    }
    let shape = shape.unwrap_or_default();
    if errors.is_empty() && shape.contains(&0) {
        errors
            .push(Diagnostic::error("no copies at all", applied.span.clone()).label("a size is 0"));
    }
    if errors.is_empty() {
        Ok(shape)
    } else {
        Err(errors)
    }
}

/// The length k of the vector arguments.
pub(super) fn vector_length(distribution: &Distribution, values: &[Value]) -> Option<usize> {
    let mut pairs = distribution.parameters.iter().zip(values);
    pairs.find_map(|(p, value)| value.shape.last().copied().filter(|_| rank(p) > 0))
}

/// The part of a value that belongs to one copy: its last `rank` axes.
pub(super) fn component(value: &Value, rank: usize, copy: usize) -> Value {
    let shape = value.shape[value.shape.len() - rank..].to_vec();
    let size: usize = shape.iter().product();
    let start = if value.shape.len() == rank {
        0
    } else {
        copy * size
    };
    Value {
        shape,
        elements: value.elements[start..start + size].to_vec(),
    }
}

/// Whether a value is known to lie outside a domain because it is constant.
pub(super) fn certainly_outside(domain: &Domain, value: &Value, graph: &Graph) -> bool {
    let constants: Vec<Option<&Rational>> = value
        .elements
        .iter()
        .map(|&id| graph.as_constant(id))
        .collect();
    let zero = Rational::ZERO;
    let any = |test: &dyn Fn(&Rational) -> bool| constants.iter().flatten().any(|c| test(c));
    let bound = |id: Id| graph.as_constant(id);
    match domain {
        Domain::Real | Domain::Boolean | Domain::OneHot | Domain::NonnegativeInteger => false,
        Domain::Positive => any(&|c| *c <= zero),
        Domain::Nonnegative => any(&|c| *c < zero),
        Domain::Negative => any(&|c| *c >= zero),
        Domain::Nonzero => any(&|c| *c == zero),
        Domain::UnitInterval => any(&|c| *c <= zero || *c >= Rational::ONE),
        Domain::GreaterThan(a) => bound(*a).is_some_and(|a| any(&|c| c <= a)),
        Domain::LessThan(b) => bound(*b).is_some_and(|b| any(&|c| c >= b)),
        Domain::Interval(a, b) | Domain::IntegerInterval(a, b) => {
            bound(*a).is_some_and(|a| any(&|c| c < a)) || bound(*b).is_some_and(|b| any(&|c| c > b))
        }
        Domain::Simplex => {
            let known: Option<Vec<&Rational>> = constants.iter().copied().collect();
            let total = known.map(|c| c.into_iter().fold(Rational::ZERO, |sum, c| sum + c));
            any(&|c| *c <= zero) || total.is_some_and(|t| t != Rational::ONE)
        }
        Domain::LowerCholesky | Domain::CorrCholesky => {
            let k = value.shape.last().copied().unwrap_or(0);
            (0..k * k).any(|i| {
                let (row, column) = (i / k, i % k);
                constants[i]
                    .is_some_and(|c| (row == column && *c <= zero) || (row < column && *c != zero))
            })
        }
        Domain::Ordered
        | Domain::PositiveOrdered
        | Domain::UnitVector
        | Domain::PositiveDefinite => false,
    }
}

/// Our formulas are right; what remains is a limit, and its place is where the spec asks for them.
pub(super) fn at_home(errors: Vec<Diagnostic>, span: &Span) -> Vec<Diagnostic> {
    let place = |error| Diagnostic {
        span: span.clone(),
        ..error
    };
    errors.into_iter().map(place).collect()
}

/// Texts of the table parse: a test reads each of them.
pub(super) fn ours<T>(result: Result<T, Vec<Diagnostic>>) -> T {
    match result {
        Ok(value) => value,
        Err(errors) => panic!("invariant: the built-in formulas are right: {errors:?}"),
    }
}
