//! A distribution with its arguments, unrolled into the graph: `normal(mu, sigma)[d]`.

use super::{DISTRIBUTIONS, Distribution, Parameter, find};
use crate::diagnostic::{Diagnostic, Span, nearest};
use crate::graph::{Graph, Id};
use crate::language::{
    Applied, Domain, Scope, Value, canonical_name, elaborate, elaborate_domain, elaborate_shape,
    parse_applied, parse_expression,
};
use crate::number::Rational;

/// Independent copies of a distribution, each with its own arguments.
#[derive(Clone, Debug)]
pub struct Instance {
    /// Which.
    pub distribution: &'static Distribution,
    /// The shape of z: that of the copies, and for vectors their length as the last axis.
    pub shape: Vec<usize>,
    /// For each copy, its arguments in the order of the parameters.
    arguments: Vec<Vec<Value>>,
    span: Span,
    node_limit: usize,
}

/// How many axes a parameter has.
fn rank(parameter: &Parameter) -> usize {
    if parameter.domain.starts_with("lower_cholesky") {
        2
    } else {
        usize::from(parameter.domain.ends_with("[k]"))
    }
}

impl Instance {
    /// Reads a distribution as a spec writes it, its arguments elaborated in `scope`.
    ///
    /// The brackets give the shape of the copies; without them, the arguments do. An argument
    /// belongs to all copies, or has one more component for each: `normal(mu, 1)[d]` takes a mu
    /// that is a scalar or of shape `[d]`.
    ///
    /// # Errors
    /// Unknown distributions; unknown, missing, repeated or superfluous arguments; shapes that do
    /// not fit; constants outside an argument's domain; errors in the arguments themselves.
    pub fn new(
        applied: &Applied,
        scope: &Scope,
        graph: &mut Graph,
    ) -> Result<Self, Vec<Diagnostic>> {
        let distribution = known(applied).map_err(|error| vec![error])?;
        let (values, spans) = arguments(distribution, applied, scope, graph)?;
        let written = if applied.shape.is_empty() {
            None
        } else {
            Some(elaborate_shape(&applied.shape, scope)?)
        };
        let copies = copies(distribution, applied, &values, &spans, written)?;
        let count = copies.iter().product();
        let arguments: Vec<Vec<Value>> = (0..count)
            .map(|i| {
                let pairs = values.iter().zip(distribution.parameters);
                pairs
                    .map(|(value, p)| component(value, rank(p), i))
                    .collect()
            })
            .collect();
        let mut instance = Instance {
            distribution,
            shape: copies,
            arguments,
            span: applied.span.clone(),
            node_limit: scope.node_limit,
        };
        if distribution.multivariate {
            instance
                .shape
                .push(vector_length(distribution, &values).unwrap_or(0));
        }
        let errors = instance.outside(&spans, graph);
        if errors.is_empty() {
            Ok(instance)
        } else {
            Err(errors)
        }
    }

    /// How many independent copies there are.
    pub fn copies(&self) -> usize {
        self.arguments.len()
    }

    /// For each copy, its arguments in the order of [`Distribution::parameters`].
    pub fn arguments(&self) -> &[Vec<Value>] {
        &self.arguments
    }

    /// The log-density (or log-mass) of each copy at `z`, which has the instance's shape.
    ///
    /// # Errors
    /// A `z` of another shape, or more nodes than the scope's limit.
    pub fn log_densities(&self, z: &Value, graph: &mut Graph) -> Result<Vec<Id>, Vec<Diagnostic>> {
        let values = self.unroll(self.distribution.log_density, Some(("z", z)), graph)?;
        Ok(values.into_iter().flat_map(|v| v.elements).collect())
    }

    /// The joint log-density: the sum of [`Instance::log_densities`].
    ///
    /// # Errors
    /// As there.
    pub fn log_density(&self, z: &Value, graph: &mut Graph) -> Result<Id, Vec<Diagnostic>> {
        let terms = self.log_densities(z, graph)?;
        Ok(graph.sum(&terms))
    }

    /// The CDF of each component at `z` of the instance's shape; none where it has no closed form.
    ///
    /// # Errors
    /// As [`Instance::log_densities`].
    pub fn cdf(&self, z: &Value, graph: &mut Graph) -> Result<Option<Value>, Vec<Diagnostic>> {
        self.shaped(self.distribution.cdf, Some(("z", z)), graph)
    }

    /// The quantiles at `u` of the instance's shape; none where they have no closed form.
    ///
    /// # Errors
    /// As [`Instance::log_densities`].
    pub fn quantile(&self, u: &Value, graph: &mut Graph) -> Result<Option<Value>, Vec<Diagnostic>> {
        self.shaped(self.distribution.quantile, Some(("u", u)), graph)
    }

    /// The mean of each component.
    ///
    /// # Errors
    /// More nodes than the scope's limit.
    pub fn mean(&self, graph: &mut Graph) -> Result<Option<Value>, Vec<Diagnostic>> {
        self.shaped(self.distribution.mean, None, graph)
    }

    /// The variance of each component.
    ///
    /// # Errors
    /// As [`Instance::mean`].
    pub fn variance(&self, graph: &mut Graph) -> Result<Option<Value>, Vec<Diagnostic>> {
        self.shaped(self.distribution.variance, None, graph)
    }

    /// The entropy of all copies together.
    ///
    /// # Errors
    /// As [`Instance::mean`].
    pub fn entropy(&self, graph: &mut Graph) -> Result<Option<Id>, Vec<Diagnostic>> {
        let Some(text) = self.distribution.entropy else {
            return Ok(None);
        };
        let values = self.unroll(text, None, graph)?;
        let terms: Vec<Id> = values.into_iter().flat_map(|v| v.elements).collect();
        Ok(Some(graph.sum(&terms)))
    }

    /// The support of each copy; of its components, unless the domain is one of vectors.
    pub fn support(&self, graph: &mut Graph) -> Vec<Domain> {
        let applied = ours(parse_applied(self.distribution.support));
        (0..self.copies())
            .map(|copy| ours(elaborate_domain(&applied, &self.scope(copy), graph)).0)
            .collect()
    }

    fn shaped(
        &self,
        text: Option<&str>,
        at: Option<(&str, &Value)>,
        graph: &mut Graph,
    ) -> Result<Option<Value>, Vec<Diagnostic>> {
        let Some(text) = text else { return Ok(None) };
        let values = self.unroll(text, at, graph)?;
        Ok(Some(Value {
            shape: self.shape.clone(),
            elements: values.into_iter().flat_map(|v| v.elements).collect(),
        }))
    }

    /// A formula for each copy.
    fn unroll(
        &self,
        text: &str,
        at: Option<(&str, &Value)>,
        graph: &mut Graph,
    ) -> Result<Vec<Value>, Vec<Diagnostic>> {
        if let Some((name, value)) = at
            && value.shape != self.shape
        {
            return Err(vec![Diagnostic::error(
                format!(
                    "`{name}` has shape {:?}, but `{}` here has shape {:?}",
                    value.shape, self.distribution.name, self.shape
                ),
                self.span.clone(),
            )]);
        }
        let formula = ours(parse_expression(text));
        let event = usize::from(self.distribution.multivariate);
        (0..self.copies())
            .map(|copy| {
                let mut scope = self.scope(copy);
                if let Some((name, value)) = at {
                    scope
                        .values
                        .insert(name.to_owned(), component(value, event, copy));
                }
                // Our formulas are right; what remains is a limit, and its place is the spec's.
                elaborate(&formula, &scope, graph).map_err(|errors| self.at_home(errors))
            })
            .collect()
    }

    fn at_home(&self, errors: Vec<Diagnostic>) -> Vec<Diagnostic> {
        let place = |error| Diagnostic {
            span: self.span.clone(),
            ..error
        };
        errors.into_iter().map(place).collect()
    }

    fn scope(&self, copy: usize) -> Scope {
        let values = &self.arguments[copy];
        let mut scope = Scope {
            node_limit: self.node_limit,
            ..Scope::default()
        };
        for (parameter, value) in self.distribution.parameters.iter().zip(values) {
            scope
                .values
                .insert(parameter.name.to_owned(), value.clone());
        }
        if let Some(k) = vector_length(self.distribution, values) {
            scope.sizes.insert("k".to_owned(), k);
        }
        scope
    }

    /// Arguments that are constants outside their domains.
    fn outside(&self, spans: &[Span], graph: &mut Graph) -> Vec<Diagnostic> {
        let mut errors = Vec::new();
        for (i, parameter) in self.distribution.parameters.iter().enumerate() {
            let applied = ours(parse_applied(parameter.domain));
            let wrong = (0..self.copies()).any(|copy| {
                let (domain, _) = ours(elaborate_domain(&applied, &self.scope(copy), graph));
                certainly_outside(&domain, &self.arguments[copy][i], graph)
            });
            if wrong {
                errors.push(
                    Diagnostic::error(
                        format!(
                            "`{}` of `{}` is out of its domain",
                            parameter.name, self.distribution.name
                        ),
                        spans[i].clone(),
                    )
                    .label(format!("has to be {}", parameter.domain)),
                );
            }
        }
        errors
    }
}

/// Texts of the table are right: a test elaborates each of them.
fn ours<T>(result: Result<T, Vec<Diagnostic>>) -> T {
    match result {
        Ok(value) => value,
        Err(errors) => panic!("invariant: the built-in formulas are right: {errors:?}"),
    }
}

fn known(applied: &Applied) -> Result<&'static Distribution, Diagnostic> {
    find(&applied.name).ok_or_else(|| {
        let names = DISTRIBUTIONS.iter().map(|d| d.name);
        let list: Vec<&str> = names.clone().collect();
        let error = Diagnostic::error(
            format!("unknown distribution `{}`", applied.name),
            applied.name_span.clone(),
        )
        .label("not one of the built-in distributions");
        match nearest(&applied.name, names) {
            Some(name) => error.help(format!("write `{name}`")),
            None => error.note(format!("there are {}", list.join(", "))),
        }
    })
}

/// The arguments in the order of the parameters, and where each stands.
fn arguments(
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
                (
                    ours(elaborate(&default, &Scope::default(), graph)),
                    applied.span.clone(),
                )
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
fn copies(
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
fn vector_length(distribution: &Distribution, values: &[Value]) -> Option<usize> {
    let mut pairs = distribution.parameters.iter().zip(values);
    pairs.find_map(|(p, value)| value.shape.last().copied().filter(|_| rank(p) > 0))
}

/// The part of a value that belongs to one copy: its last `rank` axes.
fn component(value: &Value, rank: usize, copy: usize) -> Value {
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
fn certainly_outside(domain: &Domain, value: &Value, graph: &Graph) -> bool {
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
