//! The claimed log |det ∂g/∂ε| is that of g.
//!
//! The truth is symbolic; before it judges anything it must agree with other routes ([`routes`]).

mod routes;

pub(crate) use routes::{off_zero, routes_agree};

use super::coordinates::dependents;
use super::judge::{Statement, judge};
use super::points::Space;
use super::{Context, Finding, explain};
use crate::algebra::{Block, factorize, log_abs, volume_factor};
use crate::graph::Id;
use crate::language::Domain;
use crate::model::{Definition, Model};
use crate::number::text;
use crate::spec::raw::Measure;
use rustc_hash::FxHashMap;

/// The Jacobian of the map between noise and output, over base symbols.
#[derive(Clone, Debug)]
pub(crate) struct Jacobian {
    /// ∂(free coordinates of z)/∂ε for a transform, ∂ε/∂(free coordinates of z) for an implicit
    /// reparameterization.
    pub(crate) rows: Vec<Vec<Id>>,
    /// What the rows are derivatives of.
    pub(crate) outputs: Vec<Id>,
    /// What they are derivatives in.
    pub(crate) symbols: Vec<Id>,
    /// log |det ∂g/∂ε|, or log √det JᵀJ.
    pub(crate) log_abs_det: Id,
    /// The diagonal blocks, and the determinant of each; one block without a determinant where the
    /// matrix is not square.
    pub(crate) blocks: Vec<Block>,
    pub(crate) factors: Vec<Id>,
    /// Whether the rows are those of the inverse.
    pub(crate) implicit: bool,
}

/// Why there is no determinant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NoJacobian {
    /// A derivative has no closed form.
    NotDifferentiable(String),
    /// More noise than output coordinates, or fewer.
    NotSquare {
        /// Components of the noise.
        noise: usize,
        /// Free coordinates of the output.
        outputs: usize,
    },
    /// The determinant is zero everywhere.
    Singular,
    /// Discrete noise has no derivative.
    Discrete,
    /// There is no map.
    NoMap,
    /// The free coordinates of the support leave two points to choose between.
    NoChart,
}

impl std::fmt::Display for NoJacobian {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NoJacobian::NotDifferentiable(what) => f.write_str(what),
            NoJacobian::NotSquare { noise, outputs } => write!(
                f,
                "g maps {} to {}: its Jacobian is not square",
                text::counted(*noise, "noise component"),
                text::counted(*outputs, "free coordinate")
            ),
            NoJacobian::Singular => {
                f.write_str("the determinant of the Jacobian is zero everywhere")
            }
            NoJacobian::Discrete => f.write_str("the noise is discrete: there is no Jacobian"),
            NoJacobian::NoMap => f.write_str("there is no transform"),
            NoJacobian::NoChart => f.write_str(
                "the free coordinates of a unit vector leave the sign of the last one open",
            ),
        }
    }
}

/// The Jacobian of a model.
pub(crate) fn jacobian(model: &mut Model) -> Result<Jacobian, NoJacobian> {
    if model.noise.iter().any(|n| n.is_discrete()) {
        return Err(NoJacobian::Discrete);
    }
    let free = model.free_outputs();
    let noise = model.noise_symbols();
    let hausdorff = model
        .target
        .as_ref()
        .is_some_and(|t| t.measure == Measure::Hausdorff);
    // Noise that sums to 1 has one component less.
    let mut tied = FxHashMap::default();
    for n in model.noise.clone() {
        tied.extend(dependents(model, &n.variable));
    }
    let is_free: Vec<bool> = noise.iter().map(|s| !tied.contains_key(s)).collect();
    let noise_count = is_free.iter().filter(|free| **free).count();
    let (outputs, symbols): (Vec<Id>, Vec<Id>) = match model.definition {
        Definition::Transform => {
            let transform = model.transform.as_ref().ok_or(NoJacobian::NoMap)?;
            let kept: Vec<Id> = if hausdorff {
                transform.elements.clone()
            } else {
                free.iter().map(|&i| transform.elements[i]).collect()
            };
            let kept = model.graph.substitute(&kept, &tied);
            let free = noise.into_iter().filter(|s| !tied.contains_key(s));
            (kept, free.collect())
        }
        Definition::Standardization => {
            let inverse = model.inverse.clone().ok_or(NoJacobian::NoMap)?.elements;
            let z = model.output_symbols();
            // Along the support: a component that the others determine moves with them.
            let mut determined = FxHashMap::default();
            for output in model.outputs.clone() {
                if output.domain == Domain::UnitVector {
                    return Err(NoJacobian::NoChart);
                }
                determined.extend(dependents(model, &output));
            }
            let inverse = model.graph.substitute(&inverse, &determined);
            let kept = inverse.into_iter().zip(&is_free).filter(|(_, free)| **free);
            let inverse: Vec<Id> = kept.map(|(row, _)| row).collect();
            (inverse, free.iter().map(|&i| z[i]).collect())
        }
        Definition::Target => return Err(NoJacobian::NoMap),
    };
    let outputs = model.graph.attached(&outputs);
    let rows = model
        .graph
        .jacobian(&outputs, &symbols)
        .map_err(|e| NoJacobian::NotDifferentiable(e.to_string()))?;
    let coordinates = free.len();
    if noise_count != coordinates {
        return Err(NoJacobian::NotSquare {
            noise: noise_count,
            outputs: coordinates,
        });
    }
    if outputs.len() > symbols.len() {
        let factor = volume_factor(&mut model.graph, &rows).ok_or(NoJacobian::Singular)?;
        let blocks = vec![Block {
            rows: (0..outputs.len()).collect(),
            columns: (0..symbols.len()).collect(),
        }];
        return Ok(Jacobian {
            rows,
            outputs,
            symbols,
            log_abs_det: factor,
            blocks,
            factors: Vec::new(),
            implicit: false,
        });
    }
    let factorization = factorize(&mut model.graph, &rows).ok_or(NoJacobian::Singular)?;
    let logs: Vec<Id> = factorization
        .factors
        .iter()
        .map(|&factor| log_abs(&mut model.graph, factor))
        .collect();
    let mut log_abs_det = model.graph.sum(&logs);
    let implicit = model.definition == Definition::Standardization;
    if implicit {
        log_abs_det = model.graph.neg(log_abs_det);
    }
    Ok(Jacobian {
        rows,
        outputs,
        symbols,
        log_abs_det,
        blocks: factorization.blocks,
        factors: factorization.factors,
        implicit,
    })
}

pub(crate) fn run(context: &Context, model: &mut Model) -> Finding {
    let Some(claim) = model.log_abs_det_jacobian.clone() else {
        return Finding::skipped("no log_abs_det_jacobian is claimed");
    };
    let jacobian = match jacobian(model) {
        Ok(jacobian) => jacobian,
        Err(NoJacobian::NoMap) => return Finding::skipped("there is no transform").at(claim.span),
        Err(reason) => return Finding::inconclusive(reason.to_string()).at(claim.span),
    };
    let space = Space::new(&model.graph, model.base_variables());
    let left = model.rebased(claim.elements[0]);
    let agreement = match routes_agree(context, &model.graph, &space, &jacobian) {
        Ok(agreement) => agreement,
        Err(reason) => return Finding::inconclusive(reason).at(claim.span),
    };
    let statement = Statement {
        left: "claimed log_abs_det_jacobian",
        right: "log |det ∂g/∂ε|",
        sides: vec![(left, jacobian.log_abs_det)],
        span: claim.span,
        almost_everywhere: true,
    };
    let truth = jacobian.log_abs_det;
    let sizes: Vec<usize> = jacobian.blocks.iter().map(|b| b.columns.len()).collect();
    judge(context, model, &space, &statement, |model, failure| {
        explain::jacobian(model, &space, left, truth, failure)
    })
    .with("blocks", sizes)
    .with("points_where_all_routes_agree", agreement.points)
    .with("points_where_determinants_agree", agreement.determinants)
}
