//! Means over up to three coordinates of z that depend on one another, and the gradient of E[f] as one
//! of them: ∫ q (∂φ f + f ∂φ log q) dz.
//!
//! A product rule finds q where it is smooth at scale 1 around 0, so coordinates that range over the
//! whole line are first moved and scaled by the mean and covariance of some draws: an affine change
//! of variables, which changes no integral whatever the draws were.

use super::reference::edge_moves;
use crate::check::Context;
use crate::check::chart::free;
use crate::check::expect::Estimate;
use crate::check::frame::Frame;
use crate::check::law::Draws;
use crate::check::points::Space;
use crate::check::surfaces::is_smooth;
use crate::check::univariate::{ends, is_settled};
use crate::graph::Id;
use crate::model::{Model, Variable};
use crate::quadrature::Product;
use crate::spec::raw::Measure;
use crate::tape::Tape;
use rustc_hash::FxHashMap;

/// Coordinates of a joint integral at most.
const MOST_COORDINATES: usize = 3;

/// Draws by which coordinates are moved and scaled.
const PILOT: usize = 512;

/// ∫ q·weight dz.
pub(crate) struct Joint {
    variables: Vec<Variable>,
    log_density: Id,
    weight: Id,
    /// Whether the coordinates are the components of z themselves.
    direct: bool,
}

impl Joint {
    /// The gradient in a parameter, components that depend on others written out by `ties`.
    ///
    /// # Errors
    /// Where z has too many coordinates, its support is no box, or an edge of the density moves.
    pub(super) fn gradient(
        model: &mut Model,
        (f, log_q): (Id, Id),
        parameter: Id,
        ties: &FxHashMap<Id, Id>,
    ) -> Result<Joint, String> {
        if edge_moves(model, &[log_q]) {
            return Err("an end or a jump of the density moves with parameters".to_owned());
        }
        let terms = model.graph.substitute(&[f, log_q], ties);
        let slopes = model
            .graph
            .differentiate(&terms, parameter)
            .map_err(|e| e.to_string())?;
        let score = model.graph.mul(terms[0], slopes[1]);
        let weight = model.graph.add(slopes[0], score);
        Joint::mean(model, weight, terms[1])
    }

    /// The mean of a term in z under a claimed density.
    ///
    /// # Errors
    /// Where z has too many coordinates, or its support is no box.
    pub(crate) fn mean(model: &mut Model, term: Id, log_q: Id) -> Result<Joint, String> {
        let target = model.target.as_ref();
        if target.is_some_and(|t| t.unnormalized || t.measure == Measure::Hausdorff) {
            return Err("the density is not one over free coordinates".to_owned());
        }
        let free = free(model, log_q)?;
        let n = free.variables.len();
        if n > MOST_COORDINATES {
            return Err(format!(
                "the {n} coordinates of z depend on one another, and integrals are taken over {MOST_COORDINATES} at most"
            ));
        }
        let weight = model.graph.substitute(&[term], &free.places)[0];
        Ok(Joint {
            variables: free.variables,
            log_density: free.log_density,
            weight,
            direct: free.places.is_empty(),
        })
    }

    /// The value at given parameters.
    pub(crate) fn value(
        &self,
        context: &Context,
        model: &mut Model,
        at: &[f64],
    ) -> Option<Estimate> {
        let space = Space::new(&model.graph, model.givens());
        let symbols: Vec<Id> = self.variables.iter().map(|v| v.symbols[0]).collect();
        let inputs = [space.symbols.as_slice(), &symbols].concat();
        let tape = Tape::new(&model.graph, &inputs, &[self.log_density, self.weight]).ok()?;
        let ranges: Option<Vec<(f64, f64)>> = self
            .variables
            .iter()
            .map(|v| ends(&model.graph, &space.symbols, at, &v.domain))
            .collect();
        let ranges = ranges?;
        let frame = self
            .frame(context, model, &space, at, &ranges)
            .unwrap_or_else(|| Frame::identity(ranges.len()));
        let smooth = [self.log_density, self.weight]
            .iter()
            .all(|&term| is_smooth(&model.graph, term, &symbols));
        let scale = frame.determinant();
        let mut out = [Vec::new(), Vec::new()];
        let integral = Product { smooth }.integrate(&ranges, &mut |fixed, last| {
            let (z, along) = frame.places(fixed, last);
            let mut columns: Vec<&[f64]> = at.iter().map(std::slice::from_ref).collect();
            columns.extend(z.iter().map(std::slice::from_ref));
            columns.push(&along);
            tape.evaluate_batch(&columns, &mut out);
            let [logs, weights] = &out;
            let of = |column: &[f64], i: usize| column[if column.len() == 1 { 0 } else { i }];
            (0..last.len())
                .map(|i| {
                    let q = of(logs, i).exp();
                    // Where the density underflows so does the integrand.
                    if q == 0.0 {
                        0.0
                    } else {
                        scale * q * of(weights, i)
                    }
                })
                .collect()
        });
        is_settled(&integral).then_some(Estimate {
            value: integral.value,
            error: integral.error,
        })
    }

    /// Where the mass is, by some draws; none where nothing is drawn, or ends are finite.
    fn frame(
        &self,
        context: &Context,
        model: &Model,
        space: &Space,
        at: &[f64],
        ranges: &[(f64, f64)],
    ) -> Option<Frame> {
        let unbounded = ranges
            .iter()
            .all(|r| r.0 == f64::NEG_INFINITY && r.1 == f64::INFINITY);
        let transform = model
            .transform
            .as_ref()
            .filter(|_| self.direct && unbounded)?;
        let elements = &transform.elements;
        let mut draws = Draws::of(context, model, space, at, elements, "where the mass is")?;
        Frame::of_draws(&draws.next(PILOT))
    }
}
