//! Integrals of terms at one choice of parameters, in binary64.

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
    let bounds = domain.bounds();
    let [low, high] = domain.interval()?;
    let of = |end: End, infinite: f64| match end {
        End::Infinite => Some(infinite),
        End::At(number) => Some(f64::from(number)),
        End::Bound(place) => value(graph, symbols, at, bounds[place]),
    };
    Some((of(low, f64::NEG_INFINITY)?, of(high, f64::INFINITY)?))
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

    /// The largest error of the values at some places, against enclosures at the exact point;
    /// infinite where none of them is enclosed.
    pub(crate) fn rounding(&self, point: &[Rational], x: &[f64]) -> f64 {
        let precision = Precision(256);
        let mut worst = None;
        for (&place, value) in x.iter().zip(self.values(x)) {
            let Ok(exact) = Rational::try_from(place) else {
                continue;
            };
            let inputs: Vec<Enclosure> = point
                .iter()
                .chain([&exact])
                .map(|v| Enclosure::exact(v, precision))
                .collect();
            let truth = self.tape.evaluate(&inputs, &precision).swap_remove(0);
            if is_narrow(&truth) {
                let error = (value - self.shift - truth.midpoint_f64()).abs();
                worst = Some(error.max(worst.unwrap_or(0.0)));
            }
        }
        worst.unwrap_or(f64::INFINITY)
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
        let mut logs = |at: &Abscissae| log_density.values(&inside(&at.x, (lower, upper), 0.0));
        let hints = locate_mass(&mut logs, lower, upper, &[]);
        Line {
            log_density,
            lower,
            upper,
            hints,
        }
    }

    /// What rounding of the log-density where the mass is may change an integral by, relatively.
    pub(crate) fn rounding(&self, point: &[Rational]) -> f64 {
        let inside = self
            .hints
            .iter()
            .filter(|x| **x > self.lower && **x < self.upper);
        let places: Vec<f64> = inside.take(16).copied().collect();
        self.log_density.rounding(point, &places)
    }

    /// Splits integrals at more places: where the density has a kink or jumps.
    pub(crate) fn split_at(&mut self, places: &[f64]) {
        self.hints.extend(places);
        self.hints.sort_by(f64::total_cmp);
        self.hints.dedup();
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

    /// ∫ weight·q, where the weight is a function of the abscissa.
    pub(crate) fn integrate(
        &self,
        weight: &mut dyn FnMut(&[f64]) -> Vec<f64>,
        range: Option<(f64, f64)>,
    ) -> Integral {
        let (lower, upper) = range.unwrap_or((self.lower, self.upper));
        let mut integrand = |x: &[f64]| -> Vec<f64> {
            let logs = self.log_density.values(x);
            let weights = weight(x);
            logs.iter()
                .zip(weights)
                .map(|(log, w)| {
                    // Where the density underflows so does the integrand, whatever the weight.
                    let q = log.exp();
                    if q == 0.0 { 0.0 } else { q * w }
                })
                .collect()
        };
        integrate(&mut integrand, (lower, upper), &self.hints)
    }
}

/// ∫ f over an interval, for formulas that know only the abscissa.
fn integrate(f: &mut dyn FnMut(&[f64]) -> Vec<f64>, range: (f64, f64), hints: &[f64]) -> Integral {
    let mut attempt = |margin: f64| {
        QUADRATURE.integrate(
            &mut |at: &Abscissae| f(&inside(&at.x, range, margin)),
            range.0,
            range.1,
            hints,
        )
    };
    let mut integral = attempt(0.0);
    let mut margin = 0.0;
    let ends = [range.0, range.1];
    if let Some(place) = integral.undefined_at
        && ends.iter().any(|end| (place - end).abs() < 1e-12)
    {
        // A formula such as log(1 − 2|u − ½|) is lost before its abscissa is.
        margin = 1e-14;
        integral = attempt(margin);
    }
    for (end, inward) in [(range.0, 1.0), (range.1, -1.0)] {
        if end != 0.0 || margin > 0.0 {
            integral.error += hidden(f, end, inward);
        }
        if end == 0.0 || end.is_infinite() {
            integral.error += out_of_reach(f, end, inward);
        }
    }
    integral
}

/// What lies out of reach next to zero or beyond all numbers, where a law falls by a small power: with
/// t·f(t) known at two distances the rest is extrapolated as a power of t.
fn out_of_reach(f: &mut dyn FnMut(&[f64]) -> Vec<f64>, end: f64, inward: f64) -> f64 {
    // A formula may square its argument, which must not overflow.
    let (near, far) = if end == 0.0 {
        (1e-280, 1e-290)
    } else {
        (1e140, 1e150)
    };
    let sign = if end == 0.0 { inward } else { end.signum() };
    let values = f(&[sign * near, sign * far]);
    let (at_near, at_far) = (values[0].abs() * near, values[1].abs() * far);
    // Where there is no number the quadrature has met that as well.
    if at_far == 0.0 || !at_near.is_finite() || !at_far.is_finite() {
        return 0.0;
    }
    let power = (at_near / at_far).log10() / 10.0;
    if power <= 1e-12 {
        return f64::INFINITY;
    }
    at_far / (power * std::f64::consts::LN_10)
}

/// Abscissae that rounding has moved to an end, moved back inside, at least by a margin.
fn inside(x: &[f64], (lower, upper): (f64, f64), margin: f64) -> Vec<f64> {
    let low = (lower + margin).max(lower.next_up());
    let high = (upper - margin).min(upper.next_down());
    // Ends that cross are reported by whoever integrates; here they must only do no harm.
    x.iter()
        .map(|v| if low <= high { v.clamp(low, high) } else { *v })
        .collect()
}

/// What rounding next to a finite end other than zero may hide: closer than one unit in the last
/// place the distance from the end is lost. With t·f(t) known at two distances it is extrapolated
/// as a power of t.
fn hidden(f: &mut dyn FnMut(&[f64]) -> Vec<f64>, end: f64, inward: f64) -> f64 {
    if !end.is_finite() {
        return 0.0;
    }
    let scale = if end == 0.0 { 1.0 } else { end.abs() };
    let (far, near) = (1e-9 * scale, 1e-13 * scale);
    let values = f(&[end + inward * far, end + inward * near]);
    let (at_far, at_near) = (values[0].abs() * far, values[1].abs() * near);
    if at_near == 0.0 {
        return 0.0;
    }
    if !at_far.is_finite() || !at_near.is_finite() || at_near >= at_far {
        return f64::INFINITY;
    }
    // Four decades took a factor at_near/at_far; three and a half more lead to one unit. The
    // integral of c·t^(p−1) from 0 is t·f(t)/p, with p from the same two values.
    let ratio = at_near / at_far;
    let power = -ratio.log10() / 4.0;
    at_near * ratio.powf(3.5 / 4.0) / power.max(1e-3)
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
            Some(integrate(&mut |x| batch(&[], x), range, &hints))
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
