//! A distribution with its arguments, unrolled into the graph: `normal(mu, sigma)[d]`.

use super::Distribution;
use super::argument::{
    arguments, at_home, certainly_outside, component, copies, known, ours, rank, vector_length,
};
use crate::diagnostic::{Diagnostic, Span};
use crate::graph::{Graph, Id};
use crate::language::{
    Applied, Domain, Scope, Value, elaborate, elaborate_domain, elaborate_shape, parse_applied,
    parse_expression,
};

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

impl Instance {
    /// The same law with arguments of which nothing is behind `stop_gradient`: what is drawn moves
    /// with a parameter, whether or not an estimator follows.
    pub(crate) fn attached(mut self, graph: &mut Graph) -> Self {
        for value in self.arguments.iter_mut().flatten() {
            value.elements = graph.attached(&value.elements);
        }
        self
    }

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
    ///
    /// # Errors
    /// As [`Instance::mean`].
    pub fn support(&self, graph: &mut Graph) -> Result<Vec<Domain>, Vec<Diagnostic>> {
        (0..self.copies())
            .map(|copy| self.domain(self.distribution.support, copy, graph))
            .collect()
    }

    fn domain(
        &self,
        text: &str,
        copy: usize,
        graph: &mut Graph,
    ) -> Result<Domain, Vec<Diagnostic>> {
        let applied = ours(parse_applied(text));
        match elaborate_domain(&applied, &self.scope(copy), graph) {
            Ok((domain, _)) => Ok(domain),
            Err(errors) => Err(at_home(errors, &self.span)),
        }
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
                elaborate(&formula, &scope, graph).map_err(|errors| at_home(errors, &self.span))
            })
            .collect()
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
            let mut wrong = false;
            for copy in 0..self.copies() {
                match self.domain(parameter.domain, copy, graph) {
                    Ok(domain) => {
                        wrong |= certainly_outside(&domain, &self.arguments[copy][i], graph);
                    }
                    Err(found) => return found,
                }
            }
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
