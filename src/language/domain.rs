//! Domains: where a quantity lives.
//!
//! What a domain means beyond its name (its free coordinates, facts about signs, points to try)
//! is the business of those who use it; here it is only read, with its bounds and its shape.

use super::ast::{Applied, Argument};
use super::elaborate::Elaborator;
use super::scope::{Scope, Value, shape_text};
use super::size::elaborate_shape;
use crate::diagnostic::{Diagnostic, nearest};
use crate::graph::{Graph, Id};

/// Where a quantity lives; each component of it, unless the domain is one of vectors or matrices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Domain {
    /// ℝ.
    Real,
    /// v > 0.
    Positive,
    /// v ≥ 0.
    Nonnegative,
    /// v < 0.
    Negative,
    /// v ≠ 0.
    Nonzero,
    /// 0 < v < 1.
    UnitInterval,
    /// a < v < b.
    Interval(Id, Id),
    /// v > a.
    GreaterThan(Id),
    /// v < a.
    LessThan(Id),
    /// 0 or 1.
    Boolean,
    /// An integer with a ≤ v ≤ b.
    IntegerInterval(Id, Id),
    /// An integer v ≥ 0.
    NonnegativeInteger,
    /// A vector of positive components that sum to 1.
    Simplex,
    /// A vector of zeros and one 1.
    OneHot,
    /// A vector of increasing components.
    Ordered,
    /// A vector of positive increasing components.
    PositiveOrdered,
    /// A vector of norm 1.
    UnitVector,
    /// A lower triangular matrix with positive diagonal.
    LowerCholesky,
    /// The same with rows of norm 1.
    CorrCholesky,
    /// A symmetric positive definite matrix.
    PositiveDefinite,
}

/// An end of a domain that is an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// There is none.
    Infinite,
    /// A number.
    At(i8),
    /// One of the [`Domain::bounds`], by its place.
    Bound(usize),
}

impl Domain {
    /// The ends, where each component ranges over an interval by itself: over all of it but at most a
    /// point inside.
    pub fn interval(&self) -> Option<[End; 2]> {
        Some(match self {
            Domain::Real | Domain::Nonzero => [End::Infinite, End::Infinite],
            Domain::Positive | Domain::Nonnegative => [End::At(0), End::Infinite],
            Domain::Negative => [End::Infinite, End::At(0)],
            Domain::UnitInterval => [End::At(0), End::At(1)],
            Domain::Interval(..) => [End::Bound(0), End::Bound(1)],
            Domain::GreaterThan(_) => [End::Bound(0), End::Infinite],
            Domain::LessThan(_) => [End::Infinite, End::Bound(0)],
            Domain::Boolean
            | Domain::IntegerInterval(..)
            | Domain::NonnegativeInteger
            | Domain::Simplex
            | Domain::OneHot
            | Domain::Ordered
            | Domain::PositiveOrdered
            | Domain::UnitVector
            | Domain::LowerCholesky
            | Domain::CorrCholesky
            | Domain::PositiveDefinite => return None,
        })
    }

    /// The bounds that it refers to, in the order in which they are written.
    pub fn bounds(&self) -> Vec<Id> {
        match *self {
            Domain::Interval(a, b) | Domain::IntegerInterval(a, b) => vec![a, b],
            Domain::GreaterThan(a) | Domain::LessThan(a) => vec![a],
            Domain::Real
            | Domain::Positive
            | Domain::Nonnegative
            | Domain::Negative
            | Domain::Nonzero
            | Domain::UnitInterval
            | Domain::Boolean
            | Domain::NonnegativeInteger
            | Domain::Simplex
            | Domain::OneHot
            | Domain::Ordered
            | Domain::PositiveOrdered
            | Domain::UnitVector
            | Domain::LowerCholesky
            | Domain::CorrCholesky
            | Domain::PositiveDefinite => Vec::new(),
        }
    }

    /// Vectors and matrices of one entry are numbers: those of an order, or of a definite matrix.
    fn simplified(self, shape: &[usize]) -> Domain {
        let is_one = shape.iter().product::<usize>() == 1;
        match self {
            Domain::Ordered if is_one => Domain::Real,
            Domain::PositiveOrdered | Domain::LowerCholesky | Domain::PositiveDefinite
                if is_one =>
            {
                Domain::Positive
            }
            other => other,
        }
    }

    /// Whether each component is a whole number.
    pub fn is_integral(&self) -> bool {
        matches!(
            self,
            Domain::Boolean | Domain::IntegerInterval(..) | Domain::NonnegativeInteger
        )
    }

    /// Whether it limits each component by itself.
    pub fn is_elementwise(&self) -> bool {
        match self {
            Domain::Real
            | Domain::Positive
            | Domain::Nonnegative
            | Domain::Negative
            | Domain::Nonzero
            | Domain::UnitInterval
            | Domain::Interval(..)
            | Domain::GreaterThan(_)
            | Domain::LessThan(_)
            | Domain::Boolean
            | Domain::IntegerInterval(..)
            | Domain::NonnegativeInteger => true,
            Domain::Simplex
            | Domain::OneHot
            | Domain::Ordered
            | Domain::PositiveOrdered
            | Domain::UnitVector
            | Domain::LowerCholesky
            | Domain::CorrCholesky
            | Domain::PositiveDefinite => false,
        }
    }
}

/// The shapes that a domain takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Any shape; each component lives in the domain.
    Each,
    /// `[k]`.
    Vector,
    /// `[d]`, which is a d×d matrix.
    Matrix,
}

/// A domain as specs write it.
struct Entry {
    name: &'static str,
    parameters: &'static [&'static str],
    form: Form,
    /// The domain with its bounds, as many as there are parameters.
    make: fn(&[Id]) -> Domain,
}

const fn entry(name: &'static str, form: Form, make: fn(&[Id]) -> Domain) -> Entry {
    Entry {
        name,
        parameters: &[],
        form,
        make,
    }
}

const fn bounded(
    name: &'static str,
    parameters: &'static [&'static str],
    make: fn(&[Id]) -> Domain,
) -> Entry {
    Entry {
        name,
        parameters,
        form: Form::Each,
        make,
    }
}

const DOMAINS: &[Entry] = &[
    entry("real", Form::Each, |_| Domain::Real),
    entry("positive", Form::Each, |_| Domain::Positive),
    entry("nonnegative", Form::Each, |_| Domain::Nonnegative),
    entry("negative", Form::Each, |_| Domain::Negative),
    entry("nonzero", Form::Each, |_| Domain::Nonzero),
    entry("unit_interval", Form::Each, |_| Domain::UnitInterval),
    bounded("interval", &["a", "b"], |x| Domain::Interval(x[0], x[1])),
    bounded("greater_than", &["a"], |x| Domain::GreaterThan(x[0])),
    bounded("less_than", &["a"], |x| Domain::LessThan(x[0])),
    entry("boolean", Form::Each, |_| Domain::Boolean),
    bounded("integer_interval", &["a", "b"], |x| {
        Domain::IntegerInterval(x[0], x[1])
    }),
    entry("nonnegative_integer", Form::Each, |_| {
        Domain::NonnegativeInteger
    }),
    entry("simplex", Form::Vector, |_| Domain::Simplex),
    entry("one_hot", Form::Vector, |_| Domain::OneHot),
    entry("ordered", Form::Vector, |_| Domain::Ordered),
    entry("positive_ordered", Form::Vector, |_| {
        Domain::PositiveOrdered
    }),
    entry("unit_vector", Form::Vector, |_| Domain::UnitVector),
    entry("lower_cholesky", Form::Matrix, |_| Domain::LowerCholesky),
    entry("corr_cholesky", Form::Matrix, |_| Domain::CorrCholesky),
    entry("positive_definite", Form::Matrix, |_| {
        Domain::PositiveDefinite
    }),
];

/// The names of all domains, in the order of the documentation.
pub fn domain_names() -> impl Iterator<Item = &'static str> {
    DOMAINS.iter().map(|entry| entry.name)
}

/// Reads a domain with its shape; a `lower_cholesky[d]` and its like have shape `[d, d]`.
///
/// # Errors
/// Unknown domains, missing and superfluous bounds, bounds that are not scalars, shapes that the
/// domain does not take, and what [`elaborate_shape`] refuses.
pub fn elaborate_domain(
    applied: &Applied,
    scope: &Scope,
    graph: &mut Graph,
) -> Result<(Domain, Vec<usize>), Vec<Diagnostic>> {
    let (mut domains, shape) = elaborated(applied, scope, graph, |bound| bound.is_scalar())?;
    Ok((domains.swap_remove(0), shape))
}

/// The same where each component may have bounds of its own, of the shape in brackets: one domain
/// for all components, or one for each.
///
/// # Errors
/// As [`elaborate_domain`].
pub fn elaborate_domains(
    applied: &Applied,
    scope: &Scope,
    graph: &mut Graph,
) -> Result<(Vec<Domain>, Vec<usize>), Vec<Diagnostic>> {
    let shape = elaborate_shape(&applied.shape, scope).unwrap_or_default();
    let fits = |bound: &Value| bound.is_scalar() || bound.shape == shape;
    elaborated(applied, scope, graph, fits)
}

fn elaborated(
    applied: &Applied,
    scope: &Scope,
    graph: &mut Graph,
    fits: impl Fn(&Value) -> bool,
) -> Result<(Vec<Domain>, Vec<usize>), Vec<Diagnostic>> {
    let Some(entry) = DOMAINS.iter().find(|entry| entry.name == applied.name) else {
        return Err(vec![unknown_domain(applied)]);
    };
    let mut errors = Vec::new();
    let shape = elaborate_shape(&applied.shape, scope)
        .map_err(|found| errors.extend(found))
        .ok()
        .and_then(|shape| {
            full_shape(entry, applied, shape, scope.node_limit)
                .map_err(|error| errors.push(error))
                .ok()
        });
    let bounds = bounds(entry, applied, scope, graph, fits)
        .map_err(|found| errors.extend(found))
        .ok();
    match (shape, bounds) {
        (Some(shape), Some(bounds)) => {
            let count = bounds.iter().map(|bound| bound.elements.len()).max();
            let of = |component: usize| {
                let bounds: Vec<Id> = bounds
                    .iter()
                    .map(|bound| bound.elements[component.min(bound.elements.len() - 1)])
                    .collect();
                (entry.make)(&bounds).simplified(&shape)
            };
            let domains = (0..count.unwrap_or(1)).map(of).collect();
            Ok((domains, shape))
        }
        _ => {
            errors.sort_by_key(|error| error.span.start);
            Err(errors)
        }
    }
}

fn unknown_domain(applied: &Applied) -> Diagnostic {
    let error = Diagnostic::error(
        format!("unknown domain `{}`", applied.name),
        applied.name_span.clone(),
    )
    .label("not a domain")
    .once();
    if let Some(near) = nearest(&applied.name, domain_names()) {
        error.help(format!("did you mean `{near}`?"))
    } else {
        let names: Vec<&str> = domain_names().collect();
        error.help(format!("use one of {}", names.join(", ")))
    }
}

/// The shape of the quantity from the sizes in brackets.
fn full_shape(
    entry: &Entry,
    applied: &Applied,
    shape: Vec<usize>,
    limit: usize,
) -> Result<Vec<usize>, Diagnostic> {
    let name = entry.name;
    let form = match entry.form {
        Form::Each => return Ok(shape),
        Form::Vector => "k",
        Form::Matrix => "d",
    };
    let [size] = shape[..] else {
        return Err(Diagnostic::error(
            format!("`{name}` expects one size, found {}", shape.len()),
            applied.span.clone(),
        )
        .label("the shape does not fit")
        .help(format!("write `{name}[{form}]`")));
    };
    if size == 0 {
        return Err(Diagnostic::error(
            format!("`{name}` of size 0"),
            applied.shape[0].span.clone(),
        )
        .label("this is 0")
        .help("use a size of at least 1"));
    }
    if entry.form == Form::Vector {
        return Ok(shape);
    }
    if size.saturating_mul(size) > limit {
        let span = applied.shape[0].span.clone();
        return Err(super::size::limit_error(limit, span));
    }
    Ok(vec![size, size])
}

/// The bounds of a domain, one for each parameter.
fn bounds(
    entry: &Entry,
    applied: &Applied,
    scope: &Scope,
    graph: &mut Graph,
    fits: impl Fn(&Value) -> bool,
) -> Result<Vec<Value>, Vec<Diagnostic>> {
    let signature = if entry.parameters.is_empty() {
        entry.name.to_owned()
    } else {
        format!("{}({})", entry.name, entry.parameters.join(", "))
    };
    let mut elaborator = Elaborator::new(scope, graph);
    let mut bounds = vec![None; entry.parameters.len()];
    let mut failed = false;
    for (at, Argument { name, value }) in applied.arguments.iter().enumerate() {
        let place = match name {
            Some((name, _)) => entry.parameters.iter().position(|p| p == name),
            None => Some(at),
        };
        let Some(slot @ None) = place.and_then(|place| bounds.get_mut(place)) else {
            failed = true;
            elaborator.fail::<()>(
                Diagnostic::error(
                    format!("unexpected bound of `{}`", entry.name),
                    value.span.clone(),
                )
                .label("not expected")
                .help(format!("write `{signature}`")),
            );
            continue;
        };
        let Some(bound) = elaborator.number(value) else {
            failed = true;
            continue;
        };
        if fits(&bound) && !bound.elements.is_empty() {
            *slot = Some(bound);
        } else {
            failed = true;
            let found = shape_text(&bound.shape);
            elaborator.fail::<()>(
                Diagnostic::error(
                    format!("a bound has to be a scalar, found {found}"),
                    value.span.clone(),
                )
                .label(format!("this is {found}")),
            );
        }
    }
    let there: Option<Vec<Value>> = bounds.into_iter().collect();
    if there.is_none() && !failed {
        elaborator.fail::<()>(
            Diagnostic::error(
                format!("missing bound of `{}`", entry.name),
                applied.span.clone(),
            )
            .label("a bound is missing")
            .help(format!("write `{signature}`")),
        );
    }
    elaborator.finish(there.filter(|_| !failed))
}
