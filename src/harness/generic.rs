//! Code that is generic over its numbers: run with dual numbers it is its own derivative.

use super::{Implementation, Named, Scalar};
use crate::number::Dual;
use nalgebra::DMatrix;

/// What a library has of a reparameterization, for any [`Scalar`]; what it does not have stays
/// `None`. Layouts are those of [`Implementation`].
pub trait Generic {
    /// z = g(ε).
    fn transform<S: Scalar>(&self, given: &Named<S>, noise: &Named<S>) -> Vec<S>;

    /// ε = g⁻¹(z).
    fn inverse<S: Scalar>(&self, given: &Named<S>, z: &Named<S>) -> Option<Vec<S>> {
        let _ = (given, z);
        None
    }

    /// log q(z).
    fn log_density<S: Scalar>(&self, given: &Named<S>, z: &Named<S>) -> Option<S> {
        let _ = (given, z);
        None
    }

    /// log |det ∂g/∂ε|.
    fn log_abs_det_jacobian<S: Scalar>(&self, given: &Named<S>, noise: &Named<S>) -> Option<S> {
        let _ = (given, noise);
        None
    }
}

/// Generic code with its derivatives, to be held against a spec: log |det J| where it has none of
/// its own, path derivatives and score are taken by dual numbers.
///
/// # Example
/// ```
/// use reparam_check::harness::{Differentiated, Generic, Limits, Named, Scalar, check};
///
/// struct Exponential;
///
/// impl Generic for Exponential {
///     fn transform<S: Scalar>(&self, given: &Named<S>, noise: &Named<S>) -> Vec<S> {
///         vec![-(-noise.number("u")).ln_1p() / given.number("rate")]
///     }
/// }
///
/// let spec = "
/// name: exponential
/// parameters: {rate: positive}
/// noise: {u: \"uniform(0, 1)\"}
/// transform: {z: -log1p(-u)/rate}
/// ";
/// let compared = check(spec, &Differentiated(Exponential), Limits::default()).unwrap();
/// assert!(compared.passed(), "{compared}");
/// // Its derivatives were compared, too.
/// assert!(compared.quantities.contains_key("velocity/rate/z"));
/// assert!(compared.quantities.contains_key("log_abs_det_jacobian"));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Differentiated<T>(pub T);

/// The derivatives of f in each component of `at`, a row for each component of f.
pub(super) fn rows(
    at: &Named,
    f: impl Fn(&Named<Dual>) -> Option<Vec<Dual>>,
) -> Option<Vec<Vec<f64>>> {
    let count = at.flat().len();
    let mut columns = Vec::new();
    for k in 0..count {
        let mut place = 0;
        let moved = at.map(|value| {
            place += 1;
            if place == k + 1 {
                Dual::variable(value)
            } else {
                Dual::constant(value)
            }
        });
        columns.push(f(&moved)?);
    }
    let rows = columns.first().map_or(0, Vec::len);
    let row = |i: usize| columns.iter().map(|c| c[i].derivative).collect();
    Some((0..rows).map(row).collect())
}

/// log |det ∂g/∂ε| by dual numbers; none where g is not square.
pub(super) fn log_abs_det(code: &impl Generic, given: &Named, noise: &Named) -> Option<f64> {
    let given = given.map(Dual::constant);
    let rows = rows(noise, |noise| Some(code.transform(&given, noise)))?;
    let n = rows.len();
    if rows.iter().any(|row| row.len() != n) {
        return None;
    }
    let matrix = DMatrix::from_row_slice(n, n, &rows.concat());
    // The factors one by one: a product of many overflows first.
    let factors = matrix.lu().u().diagonal();
    Some(factors.iter().map(|f| f.abs().ln()).sum())
}

impl<T: Generic> Implementation for Differentiated<T> {
    fn transform(&self, given: &Named, noise: &Named) -> Option<Vec<f64>> {
        Some(self.0.transform(given, noise))
    }

    fn inverse(&self, given: &Named, z: &Named) -> Option<Vec<f64>> {
        self.0.inverse(given, z)
    }

    fn log_density(&self, given: &Named, z: &Named) -> Option<f64> {
        self.0.log_density(given, z)
    }

    fn log_abs_det_jacobian(&self, given: &Named, noise: &Named) -> Option<f64> {
        self.0
            .log_abs_det_jacobian(given, noise)
            .or_else(|| log_abs_det(&self.0, given, noise))
    }

    fn velocity(&self, given: &Named, noise: &Named, parameter: &str) -> Option<Vec<f64>> {
        let noise = noise.map(Dual::constant);
        let own = Named::default().with(parameter, given.vector(parameter).iter().copied());
        let rest = given.map(Dual::constant);
        let rows = rows(&own, |moved| {
            let moved = moved.vector(parameter).iter().copied();
            Some(
                self.0
                    .transform(&rest.clone().with(parameter, moved), &noise),
            )
        })?;
        Some(rows.concat())
    }

    fn score(&self, given: &Named, z: &Named) -> Option<Vec<f64>> {
        let given = given.map(Dual::constant);
        let rows = rows(z, |z| Some(vec![self.0.log_density(&given, z)?]))?;
        Some(rows.concat())
    }
}
