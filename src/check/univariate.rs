//! Integrals of terms at one choice of parameters, in binary64.

mod places;

use super::decide::is_narrow;
use super::frame::Frame;
use super::surfaces;
use crate::graph::{Graph, Id};
use crate::language::{Domain, End};
use crate::model::Variable;
use crate::number::{Enclosure, Precision, Rational};
use crate::quadrature::{
    Abscissae, BoxIntegrand, Integral, Product, Quadrature, Strip, locate_mass,
};
use crate::tape::Tape;
use places::{Places, QUADRATURE, inside, integrate, integrate_by_distance};

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
    let bounds = domain.bounds();
    let [low, high] = domain.interval()?;
    let of = |end: End, infinite: f64| match end {
        End::Infinite => Some(infinite),
        End::At(number) => Some(f64::from(number)),
        End::Bound(place) => value(graph, symbols, at, bounds[place]),
    };
    Some((of(low, f64::NEG_INFINITY)?, of(high, f64::INFINITY)?))
}

/// Which ends of a scalar domain are constants that binary64 holds.
pub(crate) fn exact_ends(graph: &Graph, domain: &Domain) -> (bool, bool) {
    let bounds = domain.bounds();
    let is_exact = |end: End| match end {
        End::Infinite => false,
        End::At(_) => true,
        End::Bound(place) => graph
            .as_constant(bounds[place])
            .is_some_and(|v| Rational::try_from(v.to_f64().value()).is_ok_and(|f| f == *v)),
    };
    match domain.interval() {
        Some([low, high]) => (is_exact(low), is_exact(high)),
        None => (false, false),
    }
}

/// A function of one variable: a term with the other symbols fixed.
#[derive(Clone)]
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

    /// The values at places of an integral; next to an end other than zero, where an abscissa has lost
    /// its distance, at the distance itself when it is asked for.
    fn values_at(&self, places: &Places<'_>) -> Vec<f64> {
        let mut values = self.values(&places.x);
        if places.by_distance {
            for (i, value) in values.iter_mut().enumerate() {
                if let Some((end, distance)) = places.lost(i) {
                    *value = self.next_to(end, distance);
                }
            }
        }
        values
    }

    /// The value at a distance from an end that binary64 cannot tell from the end.
    fn next_to(&self, end: f64, distance: f64) -> f64 {
        let shared = (end / distance).abs().log2().ceil() as usize;
        let exact = |v: f64| Rational::try_from(v).ok();
        let (Some(end), Some(distance)) = (exact(end), exact(distance)) else {
            return f64::NAN;
        };
        let mut inputs: Vec<Enclosure> =
            self.fixed.iter().map(|&v| Enclosure::from_f64(v)).collect();
        inputs.push(Enclosure::exact(&(end + distance), Precision(shared + 96)));
        // Where the formula takes the distance before it rounds, the shared bits are gone by then.
        let at = |precision| self.tape.evaluate(&inputs, &precision).swap_remove(0);
        let mut value = at(Precision(128));
        if !is_narrow(&value) {
            value = at(Precision(shared + 96));
        }
        if is_narrow(&value) {
            value.midpoint_f64() + self.shift
        } else {
            f64::NAN
        }
    }

    /// The largest error of the values at some places, against enclosures at the exact point;
    /// infinite where none of them is enclosed.
    pub(crate) fn rounding(&self, point: &[Rational], x: &[f64]) -> f64 {
        let errors = x.iter().zip(self.values(x)).filter_map(|(&place, value)| {
            Some((value - self.shift - self.exact_at(point, place)?).abs())
        });
        errors.reduce(f64::max).unwrap_or(f64::INFINITY)
    }

    /// The value at a place and the exact point, to the last digit; none where no enclosure is narrow.
    fn exact_at(&self, point: &[Rational], place: f64) -> Option<f64> {
        let precision = Precision(256);
        let mut inputs = Enclosure::exact_each(point, precision);
        inputs.push(Enclosure::exact(
            &Rational::try_from(place).ok()?,
            precision,
        ));
        let truth = self.tape.evaluate(&inputs, &precision).swap_remove(0);
        is_narrow(&truth).then(|| truth.midpoint_f64())
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
    /// Which ends are known to be no rounded numbers.
    pub(crate) exact: (bool, bool),
}

impl Line {
    /// The density exp(`log_density`) in `variable` on (lower, upper).
    pub(crate) fn new(log_density: Curve, (lower, upper): (f64, f64)) -> Line {
        let mut logs = |at: &Abscissae| log_density.values(&inside(&at.x, (lower, upper), 0.0));
        let hints = locate_mass(&mut logs, lower, upper, &[]);
        Line {
            log_density,
            lower,
            upper,
            hints,
            exact: (false, false),
        }
    }

    /// What rounding of the log-density where the mass is may change an integral by, relatively.
    pub(crate) fn rounding(&self, point: &[Rational]) -> f64 {
        let inside = self
            .hints
            .iter()
            .filter(|x| **x > self.lower && **x < self.upper);
        let places: Vec<f64> = inside.take(16).copied().collect();
        self.log_density.rounding(point, &places) + self.overflow(point)
    }

    /// How much mass binary64 does not see next to 0 and far out, where a part of the formula over-
    /// or underflows.
    fn overflow(&self, point: &[Rational]) -> f64 {
        let sizes = (-300..=300).step_by(4).map(|k| 10f64.powi(k));
        let places = sizes.flat_map(|x| [x, -x]);
        let inside = places.filter(|x| *x > self.lower && *x < self.upper);
        let decades = 4.0 * std::f64::consts::LN_10;
        inside
            .filter_map(|x| {
                let seen = self.log_density.at(x).exp();
                let truth = (self.log_density.exact_at(point, x)? + self.log_density.shift).exp();
                // Where the formula is infinite or has no value, the integral tells.
                seen.is_finite()
                    .then(|| (truth - seen).abs() * x.abs() * decades)
            })
            .filter(|lost| !lost.is_nan())
            .sum()
    }

    /// Splits integrals at more places: where the density has a kink or jumps.
    pub(crate) fn split_at(&mut self, places: &[f64]) {
        self.hints.extend(places);
        self.hints.sort_by(f64::total_cmp);
        self.hints.dedup();
    }

    /// Divides by the integral; none where there is none.
    pub(crate) fn normalize(&mut self) -> Option<()> {
        let total = self.mass(None);
        if !is_settled(&total) || total.value <= 0.0 {
            return None;
        }
        self.log_density.shift -= total.value.ln();
        Some(())
    }

    /// ∫ q over a range, where formulas next to an end are taken as written; or over all.
    pub(crate) fn mass(&self, range: Option<(f64, f64)>) -> Integral {
        self.integrate_over(&mut |places, _| vec![1.0; places.x.len()], range)
    }

    /// ∫ weight·q, where the weight is a function of the abscissa and of log q.
    pub(crate) fn integrate(&self, weight: &dyn Fn(f64, f64) -> f64) -> Integral {
        let mut weights = |places: &Places<'_>, logs: &[f64]| -> Vec<f64> {
            let pairs = places.x.iter().zip(logs);
            pairs.map(|(&x, &log)| weight(x, log)).collect()
        };
        self.integrate_over(&mut weights, None)
    }

    /// ∫ weight·q, where the weight is a curve; next to an end formulas are taken as written.
    pub(crate) fn integrate_curve(&self, weight: &Curve) -> Integral {
        let range = Some((self.lower, self.upper));
        self.integrate_over(&mut |places, _| weight.values_at(places), range)
    }

    fn integrate_over(
        &self,
        weight: &mut dyn FnMut(&Places<'_>, &[f64]) -> Vec<f64>,
        range: Option<(f64, f64)>,
    ) -> Integral {
        let mut integrand = |places: &Places<'_>| -> Vec<f64> {
            let logs = self.log_density.values_at(places);
            let weights = weight(places, &logs);
            logs.iter()
                .zip(weights)
                .map(|(log, w)| {
                    // Where the density underflows so does the integrand, whatever the weight.
                    let q = log.exp();
                    if q == 0.0 { 0.0 } else { q * w }
                })
                .collect()
        };
        match range {
            Some(range) => integrate(&mut integrand, range, &self.hints),
            None => {
                let range = (self.lower, self.upper);
                integrate_by_distance(&mut integrand, range, self.exact, &self.hints)
            }
        }
    }
}

/// ∫ `term` over up to three scalar variables; none where their ends or the term are unknown. In the
/// plane and in space a product rule serves integrands that are smooth at scale 1; in the plane the
/// adaptive rule, which is a thousand times slower, is tried after it when `exhaustive`. `logs`, the
/// logarithms of its summands, show where the term is large that underflows elsewhere.
pub(crate) fn integrate_over(
    graph: &Graph,
    symbols: &[Id],
    at: &[f64],
    term: Id,
    variables: &[Variable],
    (logs, exhaustive): (&[Id], bool),
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
            let mut hints = scan(
                &mut |a: &Abscissae| batch(&[], &inside(&a.x, range, 0.0)),
                range,
            );
            for &log in logs {
                let curve = Curve::new(graph, symbols, at, x.symbols[0], log)?;
                let mut logs = |a: &Abscissae| curve.values(&inside(&a.x, range, 0.0));
                hints.extend(locate_mass(&mut logs, range.0, range.1, &[]));
            }
            hints.extend(surfaces::breaks(graph, symbols, at, x.symbols[0], term));
            hints.sort_by(f64::total_cmp);
            let curve = Curve::new(graph, symbols, at, x.symbols[0], term)?;
            Some(integrate_by_distance(
                &mut |places| curve.values_at(places),
                range,
                exact_ends(graph, &x.domain),
                &hints,
            ))
        }
        [x, y] => {
            let (rx, ry) = (range(x)?, range(y)?);
            let product = product(graph, inputs.len() - 2, &inputs, term);
            let mut f = |fixed: &[f64], y: &[f64]| batch(fixed, y);
            let frames = frames(graph, &inputs, at, logs, &[rx, ry])?;
            let (fine, met) = over_box(product, &[rx, ry], &mut f, frames);
            // The adaptive rule begins with fewer places, and finds no peak that these miss.
            if fine.converged || !exhaustive || !met {
                return Some(fine);
            }
            let quadrature = Quadrature {
                relative: 1e-8,
                evaluations: 20_000,
                ..QUADRATURE
            };
            let mut strip = |x: f64| {
                let mut f = |a: &Abscissae| batch(&[x], &inside(&a.x, ry, 0.0));
                let hints = scan(&mut f, ry);
                Strip {
                    lower: ry.0,
                    upper: ry.1,
                    hints,
                }
            };
            let mut f = |x: f64, a: &Abscissae| {
                let x = inside(&[x], rx, 0.0)[0];
                batch(&[x], &inside(&a.x, ry, 0.0))
            };
            Some(quadrature.integrate_plane(rx, &[], &mut strip, &mut f))
        }
        [x, y, z] => {
            let ranges = [range(x)?, range(y)?, range(z)?];
            let product = product(graph, inputs.len() - 3, &inputs, term);
            let mut f = |fixed: &[f64], z: &[f64]| batch(fixed, z);
            let frames = frames(graph, &inputs, at, logs, &ranges)?;
            Some(over_box(product, &ranges, &mut f, frames).0)
        }
        _ => None,
    }
}

/// Where each of some log-densities has its mass, the first inputs fixed; none where one of them
/// depends on something else.
fn frames(
    graph: &Graph,
    inputs: &[Id],
    at: &[f64],
    logs: &[Id],
    ranges: &[(f64, f64)],
) -> Option<Vec<Frame>> {
    let mut frames = Vec::new();
    for &log in logs {
        let tape = Tape::new(graph, inputs, &[log]).ok()?;
        frames.extend(Frame::of_peak(ranges, &mut along(&tape, at)));
    }
    Some(frames)
}

/// The values of a tape along one of its inputs after the first, which are fixed.
fn along(tape: &Tape, at: &[f64]) -> impl FnMut(&[f64], usize, &[f64]) -> Vec<f64> {
    move |place: &[f64], axis: usize, x: &[f64]| {
        let mut columns: Vec<&[f64]> = at.iter().map(std::slice::from_ref).collect();
        columns.extend(place.iter().map(std::slice::from_ref));
        columns[at.len() + axis] = x;
        let values = column(tape, &columns);
        (0..x.len())
            .map(|i| values[if values.len() == 1 { 0 } else { i }])
            .collect()
    }
}

/// Whether a density of several coordinates has peaks that a product rule around one of them may
/// miss: an integral that is too small says nothing then.
pub(crate) fn has_far_peaks(
    graph: &Graph,
    symbols: &[Id],
    at: &[f64],
    log_density: Id,
    variables: &[Variable],
) -> bool {
    let mut inputs = symbols.to_vec();
    inputs.extend(variables.iter().map(|v| v.symbols[0]));
    let ends = variables
        .iter()
        .map(|v| ends(graph, symbols, at, &v.domain));
    let Some(ranges) = ends.collect::<Option<Vec<_>>>() else {
        return true;
    };
    let Ok(tape) = Tape::new(graph, &inputs, &[log_density]) else {
        return true;
    };
    let mut along = along(&tape, at);
    Frame::of_peak(&ranges, &mut along)
        .is_some_and(|frame| frame.is_one_of_several(&ranges, &mut along))
}

/// The product rule on a box: in the frame of the only peak where the box has no ends. Where a peak
/// is narrower than the places are apart, nothing is known, and the second part of what is returned
/// is false.
fn over_box(
    product: Product,
    ranges: &[(f64, f64)],
    f: &mut BoxIntegrand<'_>,
    frames: Vec<Frame>,
) -> (Integral, bool) {
    let unbounded = ranges
        .iter()
        .all(|r| r.0 == f64::NEG_INFINITY && r.1 == f64::INFINITY);
    if let ([frame], true) = (frames.as_slice(), unbounded) {
        let scale = frame.determinant();
        let mut integral = product.integrate(ranges, &mut |fixed, last| {
            let (fixed, last) = frame.places(fixed, last);
            f(&fixed, &last).into_iter().map(|v| scale * v).collect()
        });
        if !frame.is_settled() {
            (integral.error, integral.converged) = (f64::INFINITY, false);
        }
        return (integral, frame.is_settled());
    }
    let mut integral = product.integrate(ranges, f);
    let met = frames.iter().all(|frame| frame.is_met(ranges));
    if !met {
        (integral.error, integral.converged) = (f64::INFINITY, false);
    }
    (integral, met)
}

/// The product rule for a term in the inputs from a place on: whether it is smooth in them is seen
/// from its operators.
fn product(graph: &Graph, from: usize, inputs: &[Id], term: Id) -> Product {
    Product {
        smooth: surfaces::is_smooth(graph, term, &inputs[from..]),
    }
}

/// The only output of a tape over columns.
fn column(tape: &Tape, columns: &[&[f64]]) -> Vec<f64> {
    let mut out = [Vec::new()];
    tape.evaluate_batch(columns, &mut out);
    let [values] = out;
    values
}
