//! The parts of generic code against one another, without a spec: its log-determinant against the
//! Jacobian of its transform by dual numbers, its inverse, and the density identity.

use super::generic::log_abs_det;
use super::{Generic, Named};
use std::collections::BTreeMap;

/// Errors, absolute or relative, up to which two parts agree: what cancels in a log-density loses
/// digits, and a wrong formula is off by more.
const TOLERANCE: f64 = 1e-8;

/// How the parts of an implementation fit together.
#[derive(Clone, Debug, Default)]
pub struct Consistency {
    /// For each statement, at how many points it was looked at, and the largest error there, the
    /// smaller of absolute and relative.
    pub statements: BTreeMap<&'static str, (usize, f64)>,
    /// Where one failed: the statement, the point, and both sides.
    pub misses: Vec<String>,
}

impl Consistency {
    /// Whether something was looked at, and all of it held.
    pub fn passed(&self) -> bool {
        !self.statements.is_empty() && self.misses.is_empty()
    }

    fn compare(&mut self, statement: &'static str, sides: (f64, f64), at: &(Named, Named)) {
        let (left, right) = sides;
        let off = (left - right).abs();
        let error = if left == right {
            0.0
        } else {
            off.min(off / left.abs().max(right.abs()))
        };
        let entry = self.statements.entry(statement).or_insert((0, 0.0));
        entry.0 += 1;
        // What is not a number is an error, and never the smaller one.
        if error.is_nan() || error > entry.1 {
            entry.1 = error;
        }
        if error.is_nan() || error > TOLERANCE {
            let point = format!("{} with noise {}", shown(&at.0), shown(&at.1));
            self.misses
                .push(format!("{statement}: {left} and {right} at {point}"));
        }
    }
}

fn shown(values: &Named) -> String {
    let of = |name: &str| format!("{name} = {:?}", values.vector(name));
    values.names().map(of).collect::<Vec<_>>().join(", ")
}

impl std::fmt::Display for Consistency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (statement, (points, worst)) in &self.statements {
            writeln!(
                f,
                "{statement}: {points} points, off by {worst:.1e} at most"
            )?;
        }
        self.misses
            .iter()
            .try_for_each(|miss| writeln!(f, "{miss}"))
    }
}

/// Holds the parts of an implementation against one another at points: parameters and inputs, and
/// noise. z is passed under the name `z`, and an inverse gives the noise in the order of its names,
/// sorted. `log_noise` is log p(ε), and makes of log p(ε) = log q(g(ε)) + log |det J| a statement
/// about the density.
///
/// # Example
/// ```
/// use reparam_check::harness::{Generic, Named, Scalar, consistent};
///
/// struct LogNormal;
///
/// impl Generic for LogNormal {
///     fn transform<S: Scalar>(&self, given: &Named<S>, noise: &Named<S>) -> Vec<S> {
///         vec![(given.number("mu") + noise.number("eps")).exp()]
///     }
///     fn log_abs_det_jacobian<S: Scalar>(&self, given: &Named<S>, noise: &Named<S>) -> Option<S> {
///         Some(given.number("mu") + noise.number("eps"))
///     }
/// }
///
/// let at = |mu: f64, eps: f64| {
///     (Named::default().with("mu", [mu]), Named::default().with("eps", [eps]))
/// };
/// let found = consistent(&LogNormal, &[at(0.5, -1.0), at(-2.0, 0.25)], |_| None);
/// assert!(found.passed(), "{found}");
/// ```
pub fn consistent(
    code: &impl Generic,
    points: &[(Named, Named)],
    log_noise: impl Fn(&Named) -> Option<f64>,
) -> Consistency {
    let mut found = Consistency::default();
    for point in points {
        let (given, noise) = point;
        let z = Named::default().with("z", code.transform(given, noise));
        let dual = log_abs_det(code, given, noise);
        let own = code.log_abs_det_jacobian(given, noise);
        if let (Some(own), Some(dual)) = (own, dual) {
            let statement = "its log |det J| is that of its transform";
            found.compare(statement, (own, dual), point);
        }
        if let Some(back) = code.inverse(given, &z) {
            let there = noise.flat();
            let statement = "its inverse leads back";
            if back.len() == there.len() {
                for sides in back.into_iter().zip(there) {
                    found.compare(statement, sides, point);
                }
            } else {
                found.compare(statement, (f64::NAN, f64::NAN), point);
            }
        }
        if let (Some(log_q), Some(log_p), Some(log_det)) =
            (code.log_density(given, &z), log_noise(noise), own.or(dual))
        {
            let statement = "log q(g(eps)) + log |det J| is log p(eps)";
            found.compare(statement, (log_q + log_det, log_p), point);
        }
    }
    found
}
