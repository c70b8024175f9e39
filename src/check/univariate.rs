//! Integrals of terms at one choice of parameters, in binary64.

use crate::graph::{Graph, Id};
use crate::language::Domain;
use crate::model::Variable;
use crate::number::Rational;
use crate::quadrature::{Abscissae, Integral, Quadrature, Strip, locate_mass};
use crate::tape::Tape;

/// What is asked of integrals: integrands are densities times weights of moderate size, so an
/// absolute error of 10⁻¹¹ is small even where the integral vanishes by symmetry.
const QUADRATURE: Quadrature = Quadrature {
    relative: 1e-9,
    absolute: 1e-11,
    evaluations: 30_000,
};

/// Whether an integral says anything: its error is then to be reckoned with.
pub(crate) fn is_settled(integral: &Integral) -> bool {
    integral.undefined_at.is_none() && integral.error.is_finite()
}

/// A point in binary64.
pub(crate) fn numbers(point: &[Rational]) -> Vec<f64> {
    point.iter().map(|v| v.to_f64().value()).collect()
}

/// A term at a point; none when it depends on other symbols.
pub(crate) fn value(graph: &Graph, symbols: &[Id], at: &[f64], term: Id) -> Option<f64> {
    let tape = Tape::new(graph, symbols, &[term]).ok()?;
    tape.evaluate(at, &()).first().copied()
}

/// The ends of a scalar domain at a point; none for domains that are no interval.
pub(crate) fn ends(
    graph: &Graph,
    symbols: &[Id],
    at: &[f64],
    domain: &Domain,
) -> Option<(f64, f64)> {
    let inf = f64::INFINITY;
    let of = |id: Id| value(graph, symbols, at, id);
    Some(match domain {
        Domain::Real | Domain::Nonzero => (-inf, inf),
        Domain::Positive | Domain::Nonnegative => (0.0, inf),
        Domain::Negative => (-inf, 0.0),
        Domain::UnitInterval => (0.0, 1.0),
        Domain::Interval(low, high) => (of(*low)?, of(*high)?),
        Domain::GreaterThan(low) => (of(*low)?, inf),
        Domain::LessThan(high) => (-inf, of(*high)?),
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

/// A function of one variable: a term with the other symbols fixed.
pub(crate) struct Curve {
    tape: Tape,
    fixed: Vec<f64>,
    /// Added to every value.
    shift: f64,
}

impl Curve {
    /// `term` in `variable`, the symbols fixed at the values `at`.
    pub(crate) fn new(
        graph: &Graph,
        symbols: &[Id],
        at: &[f64],
        variable: Id,
        term: Id,
    ) -> Option<Curve> {
        let mut inputs = symbols.to_vec();
        inputs.push(variable);
        Some(Curve {
            tape: Tape::new(graph, &inputs, &[term]).ok()?,
            fixed: at.to_vec(),
            shift: 0.0,
        })
    }

    /// The values at many places.
    pub(crate) fn values(&self, x: &[f64]) -> Vec<f64> {
        let mut columns: Vec<&[f64]> = self.fixed.iter().map(std::slice::from_ref).collect();
        columns.push(x);
        let mut values = column(&self.tape, &columns);
        if self.shift != 0.0 {
            values.iter_mut().for_each(|v| *v += self.shift);
        }
        values
    }

    /// The value at one place, by the accurate scalar path.
    pub(crate) fn at(&self, x: f64) -> f64 {
        let mut inputs = self.fixed.clone();
        inputs.push(x);
        self.tape.evaluate(&inputs, &())[0] + self.shift
    }
}

/// A density on an interval: its logarithm as a curve, its ends, and where its mass is.
pub(crate) struct Line {
    /// log q.
    pub(crate) log_density: Curve,
    /// The lower end.
    pub(crate) lower: f64,
    /// The upper end.
    pub(crate) upper: f64,
    /// Where the mass is.
    pub(crate) hints: Vec<f64>,
}

impl Line {
    /// The density exp(`log_density`) in `variable` on (lower, upper).
    pub(crate) fn new(log_density: Curve, (lower, upper): (f64, f64)) -> Line {
        let mut logs = |at: &Abscissae| log_density.values(&at.x);
        let hints = locate_mass(&mut logs, lower, upper, &[]);
        Line {
            log_density,
            lower,
            upper,
            hints,
        }
    }

    /// Divides by the integral; none where there is none.
    pub(crate) fn normalize(&mut self) -> Option<()> {
        let total = self.integrate(&mut |x| vec![1.0; x.len()], None);
        if !is_settled(&total) || total.value <= 0.0 {
            return None;
        }
        self.log_density.shift -= total.value.ln();
        Some(())
    }

    /// Whether rounding next to a finite end other than zero can hide mass there: the distance
    /// from it is lost in a formula that mentions only the abscissa.
    pub(crate) fn hides_mass(&self) -> bool {
        [self.lower, self.upper].into_iter().any(|end| {
            if !end.is_finite() || end == 0.0 {
                return false;
            }
            let inward = if end == self.lower { 1.0 } else { -1.0 };
            let step = 1e-9 * end.abs();
            let near = self.log_density.at(end + inward * step).exp() * step;
            // For c·t^(−s) the mass within t is t·f(t)/(1 − s).
            near.is_nan() || near > 1e-7
        })
    }

    /// ∫ weight·q, where the weight is a function of the abscissa.
    pub(crate) fn integrate(
        &self,
        weight: &mut dyn FnMut(&[f64]) -> Vec<f64>,
        range: Option<(f64, f64)>,
    ) -> Integral {
        let (lower, upper) = range.unwrap_or((self.lower, self.upper));
        let mut integrand = |at: &Abscissae| {
            let logs = self.log_density.values(&at.x);
            let weights = weight(&at.x);
            logs.iter()
                .zip(weights)
                .map(|(log, w)| {
                    // Where the density underflows so does the integrand, whatever the weight.
                    let q = log.exp();
                    if q == 0.0 { 0.0 } else { q * w }
                })
                .collect()
        };
        QUADRATURE.integrate(&mut integrand, lower, upper, &self.hints)
    }
}

/// ∫ `term` over one or two scalar variables; none where their ends or the term are unknown.
pub(crate) fn integrate_over(
    graph: &Graph,
    symbols: &[Id],
    at: &[f64],
    term: Id,
    variables: &[Variable],
) -> Option<Integral> {
    let mut inputs = symbols.to_vec();
    inputs.extend(variables.iter().map(|v| v.symbols[0]));
    let tape = Tape::new(graph, &inputs, &[term]).ok()?;
    let range = |v: &Variable| ends(graph, symbols, at, &v.domain);
    let scan = |f: &mut dyn FnMut(&Abscissae) -> Vec<f64>, (lower, upper): (f64, f64)| {
        let mut logs = |at: &Abscissae| f(at).into_iter().map(f64::ln).collect();
        locate_mass(&mut logs, lower, upper, &[])
    };
    let batch = |fixed: &[f64], x: &[f64]| {
        let mut columns: Vec<&[f64]> = at.iter().map(std::slice::from_ref).collect();
        columns.extend(fixed.iter().map(std::slice::from_ref));
        columns.push(x);
        column(&tape, &columns)
    };
    match variables {
        [x] => {
            let range = range(x)?;
            let mut f = |a: &Abscissae| batch(&[], &a.x);
            let hints = scan(&mut f, range);
            Some(QUADRATURE.integrate(&mut f, range.0, range.1, &hints))
        }
        [x, y] => {
            let (rx, ry) = (range(x)?, range(y)?);
            let quadrature = Quadrature {
                relative: 1e-8,
                evaluations: 20_000,
                ..QUADRATURE
            };
            let mut strip = |x: f64| {
                let mut f = |a: &Abscissae| batch(&[x], &a.x);
                let hints = scan(&mut f, ry);
                Strip {
                    lower: ry.0,
                    upper: ry.1,
                    hints,
                }
            };
            let mut f = |x: f64, a: &Abscissae| batch(&[x], &a.x);
            Some(quadrature.integrate_plane(rx, &[], &mut strip, &mut f))
        }
        _ => None,
    }
}

/// The only output of a tape over columns.
fn column(tape: &Tape, columns: &[&[f64]]) -> Vec<f64> {
    let mut out = [Vec::new()];
    tape.evaluate_batch(columns, &mut out);
    let [values] = out;
    values
}
