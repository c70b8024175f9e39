//! The gradient of E[f] as an integral over z: ∫ q (∂φ f + f ∂φ log q) dz and what flows through ends
//! of the support that move.

use crate::check::expect::Estimate;
use crate::check::moments::{Law, line};
use crate::check::normalization::scalars;
use crate::check::points::Space;
use crate::check::univariate::{Curve, Line, is_settled, value};
use crate::graph::Id;
use crate::language::Domain;
use crate::model::{Model, Variable};

/// Integrals over one component of z each, for independent components.
pub(super) struct InZ {
    /// The parameter.
    pub(super) parameter: Id,
    /// For each component: f's part in it, its log-density, and its place among the components.
    pub(super) parts: Vec<(Id, usize)>,
    /// ∂ of the part of f without z.
    pub(super) rest: Id,
    /// The law of z.
    pub(super) law: Law,
}

impl InZ {
    /// The value at given parameters: ∫ q (∂φ f + f ∂φ log q), and the flux through ends of the
    /// support that move.
    pub(super) fn value(&self, model: &mut Model, at: &[f64]) -> Option<Estimate> {
        let space = Space::new(&model.graph, model.givens());
        let symbols = space.symbols.clone();
        let mut total = Estimate::exact(value(&model.graph, &symbols, at, self.rest)?);
        for &(part, i) in &self.parts {
            let line = line(model, &self.law, &space, at, i)?;
            let log_q = self.law.components.as_ref()?[i];
            let z = model.outputs.iter().flat_map(scalars).nth(i)?;
            let slopes = model
                .graph
                .differentiate(&[part, log_q], self.parameter)
                .ok()?;
            let score = model.graph.mul(part, slopes[1]);
            let integrand = model.graph.add(slopes[0], score);
            let weight = Curve::new(&model.graph, &symbols, at, z.symbols[0], integrand)?;
            let integral = line.integrate_curve(&weight);
            if !is_settled(&integral) {
                return None;
            }
            total = total.plus(Estimate {
                value: integral.value,
                error: integral.error,
            });
            total = total.plus(self.flux(model, &symbols, at, &line, &z, part)?);
        }
        Some(total)
    }

    /// q·f times the velocity of each end of the support, outward.
    fn flux(
        &self,
        model: &mut Model,
        symbols: &[Id],
        at: &[f64],
        line: &Line,
        z: &Variable,
        part: Id,
    ) -> Option<Estimate> {
        let bounds = z.domain.bounds();
        let mut total = Estimate::exact(0.0);
        for (k, bound) in bounds.iter().enumerate() {
            let velocity = model.graph.differentiate(&[*bound], self.parameter).ok()?[0];
            let velocity = value(&model.graph, symbols, at, velocity)?;
            if velocity == 0.0 {
                continue;
            }
            let upper = matches!(z.domain, Domain::LessThan(_)) || k == 1;
            let end = if upper { line.upper } else { line.lower };
            let f = Curve::new(&model.graph, symbols, at, z.symbols[0], part)?;
            let sign = if upper { 1.0 } else { -1.0 };
            // The limit from inside: at the end itself a formula may say what holds outside.
            let scale = (line.upper - line.lower).min(1.0 + end.abs());
            let [near, far] = [1e-11, 1e-7].map(|distance| {
                let place = end - sign * distance * scale;
                line.log_density.at(place).exp() * f.at(place)
            });
            let change = (near - far).abs();
            if near.abs() < 0.4 * far.abs() {
                continue; // it falls to zero by a power of the distance
            }
            if !change.is_finite() || change > 1e-3 * (near.abs() + far.abs()) {
                return None;
            }
            total = total.plus(Estimate {
                value: sign * near * velocity,
                error: (1e-3 * change + 1e-10 * near.abs()) * velocity.abs(),
            });
        }
        Some(total)
    }
}
