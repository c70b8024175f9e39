//! The claimed log |det ∂g/∂ε| is that of g.
//!
//! The truth is symbolic; before it judges anything it must agree with dual numbers, with
//! Richardson finite differences, and (the determinant) with nalgebra's LU.

use super::coordinates::dependents;
use super::judge::{Statement, judge};
use super::points::{Kind, Space};
use super::{Context, Finding, explain};
use crate::algebra::{factorize, log_abs, volume_factor};
use crate::graph::{Graph, Id};
use crate::language::Domain;
use crate::model::{Definition, Model};
use crate::number::{Dual, Enclosure, Precision};
use crate::spec::raw::Measure;
use crate::tape::Tape;
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
    /// The sizes of the diagonal blocks.
    pub(crate) blocks: Vec<usize>,
    /// The row and column of each block of one entry.
    pub(crate) cells: Vec<(usize, usize)>,
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
                "g maps {noise} noise components to {outputs} free coordinates: its Jacobian is not square"
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
    let (outputs, symbols) = match model.definition {
        Definition::Transform => {
            let transform = model.transform.as_ref().ok_or(NoJacobian::NoMap)?;
            let kept: Vec<Id> = if hausdorff {
                transform.elements.clone()
            } else {
                free.iter().map(|&i| transform.elements[i]).collect()
            };
            (kept, noise)
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
            (inverse, free.iter().map(|&i| z[i]).collect())
        }
        Definition::Target => return Err(NoJacobian::NoMap),
    };
    let outputs = model.graph.attached(&outputs);
    let rows = model
        .graph
        .jacobian(&outputs, &symbols)
        .map_err(|e| NoJacobian::NotDifferentiable(e.to_string()))?;
    let (noise, coordinates) = (model.noise_symbols().len(), free.len());
    if noise != coordinates {
        return Err(NoJacobian::NotSquare {
            noise,
            outputs: coordinates,
        });
    }
    if outputs.len() > symbols.len() {
        let factor = volume_factor(&mut model.graph, &rows).ok_or(NoJacobian::Singular)?;
        let blocks = vec![symbols.len()];
        return Ok(Jacobian {
            rows,
            outputs,
            symbols,
            log_abs_det: factor,
            blocks,
            cells: Vec::new(),
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
        blocks: factorization.sizes,
        cells: factorization.cells,
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
    judge(context, model, &space, &statement, |model, failure| {
        explain::jacobian(model, &space, left, truth, failure)
    })
    .with("blocks", jacobian.blocks.clone())
    .with("points_where_all_routes_agree", agreement)
}

/// Relative and absolute slack within which independent numeric derivatives must meet; finite
/// differences are good to about 1e-9 where the function is smooth at that scale.
const ROUTES: f64 = 1e-5;

/// At how many points the symbolic Jacobian is that of dual numbers and of finite differences, and
/// the factored determinant that of nalgebra's LU.
///
/// # Errors
/// Where two routes that should meet do not: the tool, not the spec, is then in doubt.
fn routes_agree(
    context: &Context,
    graph: &Graph,
    space: &Space,
    jacobian: &Jacobian,
) -> Result<usize, String> {
    let Jacobian {
        rows,
        outputs,
        symbols,
        ..
    } = jacobian;
    let n = symbols.len();
    let entries: Vec<Id> = rows.iter().flatten().copied().collect();
    let unbound = |_| "a formula depends on something that no point fixes".to_owned();
    let map = Tape::new(graph, &space.symbols, outputs).map_err(unbound)?;
    let matrix = Tape::new(graph, &space.symbols, &entries).map_err(unbound)?;
    let determinant = Tape::new(graph, &space.symbols, &[jacobian.log_abs_det]).map_err(unbound)?;
    let places: Vec<usize> = symbols
        .iter()
        .filter_map(|s| space.symbols.iter().position(|t| t == s))
        .collect();
    let mut rng = context.stream("routes");
    let precision = Precision(160);
    let (mut agreed, mut apart) = (0, 0);
    for _ in 0..12 {
        let Some(point) = space.draw(Kind::Random, &mut rng) else {
            continue;
        };
        let at: Vec<f64> = point.iter().map(|v| v.to_f64().value()).collect();
        let symbolic = matrix.evaluate(&at, &());
        // Where float64 loses the digits of the symbolic entries, it loses those of the others.
        let exact: Vec<Enclosure> = point
            .iter()
            .map(|v| Enclosure::exact(v, precision))
            .collect();
        let exact = matrix.evaluate(&exact, &precision);
        let is_good = |(value, exact): (&f64, &Enclosure)| {
            let exact = exact.to_f64_nearest();
            exact.is_some_and(|exact| (value - exact).abs() <= 0.01 * ROUTES * exact.abs())
        };
        if !symbolic.iter().zip(&exact).all(is_good) {
            continue;
        }
        let scale = symbolic.iter().fold(1e-300f64, |a, v| a.max(v.abs()));
        let near = |a: f64, b: f64| (a - b).abs() <= ROUTES * scale.max(a.abs());
        let mut agrees = true;
        for (j, &place) in places.iter().enumerate() {
            let mut dual: Vec<Dual> = at.iter().map(|&v| Dual::constant(v)).collect();
            dual[place] = Dual::variable(at[place]);
            let columns = map.evaluate(&dual, &());
            let slopes = richardson(&map, &at, place);
            for i in 0..outputs.len() {
                let truth = symbolic[i * n + j];
                agrees &= near(truth, columns[i].derivative);
                agrees &= slopes[i].is_none_or(|slope| near(truth, slope));
            }
        }
        if outputs.len() == n {
            let lu = nalgebra::DMatrix::from_row_slice(n, n, &symbolic)
                .lu()
                .determinant();
            let log = determinant.evaluate(&at, &())[0];
            let log = if jacobian.implicit { -log } else { log };
            if lu.is_normal() && log.is_finite() {
                agrees &= (lu.abs().ln() - log).abs() <= ROUTES * (1.0 + log.abs());
            }
        }
        if agrees { agreed += 1 } else { apart += 1 }
    }
    if apart > agreed {
        return Err(format!(
            "symbolic, dual and finite-difference derivatives disagree at {apart} of {} points",
            agreed + apart
        ));
    }
    Ok(agreed)
}

/// Central differences extrapolated to step zero (Richardson 1911), for each output; none where the
/// extrapolations do not settle, as next to a kink.
fn richardson(map: &Tape, at: &[f64], place: usize) -> Vec<Option<f64>> {
    let difference = |step: f64| {
        let moved = |sign: f64| {
            let mut point = at.to_vec();
            point[place] += sign * step;
            map.evaluate(&point, &())
        };
        let (above, below) = (moved(1.0), moved(-1.0));
        above
            .into_iter()
            .zip(below)
            .map(|(a, b)| (a - b) / (2.0 * step))
            .collect::<Vec<f64>>()
    };
    let step = 1e-2
        * (at[place]
            .abs()
            .min(1.0 - at[place].abs())
            .abs()
            .clamp(1e-3, 1.0));
    let [a, b, c] = [step, step / 2.0, step / 4.0].map(difference);
    (0..a.len())
        .map(|i| {
            let coarse = b[i] + (b[i] - a[i]) / 3.0;
            let fine = c[i] + (c[i] - b[i]) / 3.0;
            let best = fine + (fine - coarse) / 15.0;
            ((best - fine).abs() <= 0.01 * ROUTES * (1e-300 + best.abs())).then_some(best)
        })
        .collect()
}
