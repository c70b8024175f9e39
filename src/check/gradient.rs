//! The claimed values of expectations, and the mean of estimators of their gradients.
//!
//! E[f] is taken over the noise, by quadrature of independent parts. The gradient of E[f] is taken
//! without g: as the derivative of a verified value, as a sum over the atoms of a discrete law, or as
//! ∫ q (∂φ f + f ∂φ log q) dz. Where none of these is reached, the estimator and the score-function
//! estimator are drawn in pairs.

mod closed;
mod implicit;
mod sampled;

use super::coordinates::{free_parameters, has_free_coordinates};

use super::expect::{Estimate, Expectations};
use super::moments::{Law, law, line, split};
use super::normalization::{DISTRUST, TOO_COARSE, atoms, scalars};
use super::points::{Kind, Space};
use super::univariate::{Curve, Line, is_settled, numbers, value};
use super::{Context, Counterexample, Finding, Verdict, exact};
use crate::diagnostic::Span;
use crate::graph::{Graph, Id, Node};
use crate::language::Domain;
use crate::model::{Claim, Definition, Estimator, Expectation, Model, Variable};
use crate::number::{Binary, Rational, Unary};
use rustc_hash::FxHashMap;

pub(crate) fn run(context: &Context, model: &mut Model) -> Finding {
    if model.expectations.is_empty() {
        return by_default(context, model);
    }
    if model.definition == Definition::Target
        || (model.definition == Definition::Standardization && implicit::law_of(model).is_none())
    {
        return Finding::inconclusive(
            "expectations are taken over the noise of a transform, or over one coordinate of z",
        );
    }
    let expectations = model.expectations.clone();
    let findings = expectations
        .iter()
        .flat_map(|e| judge(context, model, e))
        .collect::<Vec<_>>();
    findings
        .into_iter()
        .reduce(Finding::and)
        .unwrap_or_else(|| Finding::skipped("no value, gradient or estimator is claimed"))
}

/// Without expectations, f is a bounded smooth function of z: what holds for the law at all holds for
/// it. Where it cannot be decided nothing was claimed, so nothing is left open.
fn by_default(context: &Context, model: &mut Model) -> Finding {
    let none = Finding::skipped("there are no expectations");
    let Some(target) = model.target.clone() else {
        return none;
    };
    let doubtful = ["support", "inverse", "density", "normalization"]
        .iter()
        .any(|check| context.is_refuted(check));
    // On a circle f would have to have its period.
    let wraps = model.transform.as_ref().is_some_and(|transform| {
        let nodes = model.graph.reachable(&transform.elements);
        let mut nodes = nodes.into_iter();
        nodes.any(|id| {
            matches!(
                model.graph.node(id),
                Node::Binary(Binary::Mod | Binary::Atan2, ..)
            )
        })
    });
    if doubtful
        || wraps
        || target.discrete
        || target.unnormalized
        || model.parameters.is_empty()
        || claimed_density(model).is_none()
        || model.definition == Definition::Target
        || !has_free_coordinates(model)
    {
        return none;
    }
    let f = bounded_objective(model);
    if law(model).components.is_none() {
        return along_a_direction(context, model, f, &target.span).unwrap_or(none);
    }
    let claim = Claim {
        elements: vec![f],
        span: target.span.clone(),
    };
    let expectation = Expectation {
        name: "a bounded f".to_owned(),
        f: claim,
        value: None,
        gradient: Vec::new(),
        estimator: Estimator::Pathwise,
    };
    let finding = judge(context, model, &expectation)
        .into_iter()
        .reduce(Finding::and)
        .unwrap_or(none);
    match finding.verdict {
        Verdict::Inconclusive => Finding::skipped(format!(
            "there are no expectations, and for a bounded f of the tool's choice: {}",
            finding.message
        )),
        Verdict::Refuted
        | Verdict::Tested
        | Verdict::Certified
        | Verdict::Proved
        | Verdict::Skipped => finding.with("f", "sum((1 + z)/(1 + z^2))"),
    }
}

/// The derivative of E f along one direction of the parameters, by paired draws: one test for all.
fn along_a_direction(context: &Context, model: &mut Model, f: Id, span: &Span) -> Option<Finding> {
    if model.definition != Definition::Transform {
        return None;
    }
    let expectation = Expectation {
        name: "a bounded f".to_owned(),
        f: Claim {
            elements: vec![f],
            span: span.clone(),
        },
        value: None,
        gradient: Vec::new(),
        estimator: Estimator::Pathwise,
    };
    let parts = estimator(model, &expectation).ok()?;
    let (mut estimators, mut scores) = (Vec::new(), Vec::new());
    for (k, part) in parts.iter().enumerate() {
        // Weights of no pattern, so that errors do not cancel.
        let weight = Rational::from_parts((3 + 7 * (k % 5) as i64).into(), 10u8.into());
        let weight = model.graph.constant(weight);
        let score = score(model, f, part.parameter).ok()?;
        estimators.push(model.graph.mul(weight, part.estimator));
        scores.push(model.graph.mul(weight, score));
    }
    let pair = sampled::Pair {
        estimator: model.graph.sum(&estimators),
        score: model.graph.sum(&scores),
        what: "gradient along a direction".to_owned(),
        span: span.clone(),
        tests: 1,
    };
    match sampled::paired(context, model, &pair) {
        Ok(finding) => Some(finding.with("f", "sum((1 + z)/(1 + z^2))")),
        Err(reason) => Some(Finding::skipped(format!(
            "there are no expectations, and a bounded f of the tool's choice is not decided: {reason}"
        ))),
    }
}

/// Σ (1 + z)/(1 + z²) over the components: bounded, smooth, and neither even nor odd.
fn bounded_objective(model: &mut Model) -> Id {
    let z = model.output_symbols();
    let graph = &mut model.graph;
    let one = graph.integer(1);
    let terms: Vec<Id> = z
        .into_iter()
        .map(|z| {
            let square = graph.square(z);
            let (above, below) = (graph.add(one, z), graph.add(one, square));
            graph.div(above, below)
        })
        .collect();
    graph.sum(&terms)
}

/// E[term] of a term over base symbols, by the route that the definition of z has.
fn mean(model: &mut Model, at: &[f64], term: Id) -> Option<Estimate> {
    match implicit::law_of(model) {
        Some(law) => implicit::mean(model, &law, at, term),
        None => Expectations::new(model, at.to_vec()).of(term),
    }
}

fn judge(context: &Context, model: &mut Model, expectation: &Expectation) -> Vec<Finding> {
    let mut findings = Vec::new();
    let f: Vec<Id> = expectation.f.elements.clone();
    if let Some(claim) = &expectation.value {
        let truth: Vec<Id> = model
            .rebase(&f)
            .into_iter()
            .map(|t| tidy(&mut model.graph, t))
            .collect();
        let in_closed_form = closed::value(context, model, &truth, claim);
        findings.push(in_closed_form.unwrap_or_else(|| {
            compare(context, model, claim, "value", move |model, at, i| {
                mean(model, at, truth[i])
            })
        }));
    }
    if let Estimator::Value = expectation.estimator {
        return findings;
    }
    // A claimed value that has been verified can be differentiated.
    let verified = expectation
        .value
        .as_ref()
        .filter(|v| v.elements.len() == 1 && findings.iter().all(|f| f.verdict.holds()))
        .map(|v| v.elements[0]);
    findings.push(match estimator(model, expectation) {
        Ok(parts) => with_variances(context, model, f[0], &parts, |context, model| {
            estimators(context, model, &f, verified, &parts)
        }),
        Err(reason) => Finding::inconclusive(reason).at(expectation.f.span.clone()),
    });
    for (parameter, claim) in &expectation.gradient {
        findings.push(claimed_gradient(
            context, model, &f, verified, parameter, claim,
        ));
    }
    findings
}

/// log(exp(x)) as x, so that log q(z) does not underflow on its way.
fn tidy(graph: &mut Graph, term: Id) -> Id {
    let logs: Vec<(Id, Id)> = graph
        .reachable(&[term])
        .into_iter()
        .filter_map(|id| match graph.node(id) {
            Node::Unary(Unary::Log, x) => match graph.node(x) {
                Node::Unary(Unary::Exp, inner) => Some((id, inner)),
                Node::Constant(_)
                | Node::Pi
                | Node::Infinity
                | Node::Symbol(_)
                | Node::Unary(..)
                | Node::Binary(..)
                | Node::Ternary(..) => None,
            },
            Node::Constant(_)
            | Node::Pi
            | Node::Infinity
            | Node::Symbol(_)
            | Node::Unary(..)
            | Node::Binary(..)
            | Node::Ternary(..) => None,
        })
        .collect();
    let map: FxHashMap<Id, Id> = logs.into_iter().collect();
    graph.substitute(&[term], &map)[0]
}

/// One estimator term with the parameter symbol whose gradient it estimates.
struct Part {
    parameter: Id,
    estimator: Id,
    span: Span,
}

fn estimator(model: &mut Model, expectation: &Expectation) -> Result<Vec<Part>, String> {
    let [f] = expectation.f.elements[..] else {
        return Err("the gradient of an f with several components is not decided".to_owned());
    };
    let span = expectation.f.span.clone();
    let mut parts = Vec::new();
    let (free, ties) = free_parameters(model);
    let parameters: Vec<(String, Vec<Id>)> = model
        .parameters
        .iter()
        .map(|p| {
            let symbols = p.symbols.iter().copied();
            (
                p.name.clone(),
                symbols.filter(|s| free.contains(s)).collect(),
            )
        })
        .collect();
    match &expectation.estimator {
        Estimator::Value => {}
        Estimator::Pathwise => {
            let implicit = model.definition == Definition::Standardization;
            let along = model.rebased(f);
            let along = tidy(&mut model.graph, along);
            let along = model.graph.substitute(&[along], &ties)[0];
            for (_, symbols) in parameters {
                for symbol in symbols {
                    if implicit {
                        let estimator = implicit::pathwise(model, f, symbol)?;
                        parts.push(Part {
                            parameter: symbol,
                            estimator,
                            span: span.clone(),
                        });
                        continue;
                    }
                    let slope = model
                        .graph
                        .differentiate(&[along], symbol)
                        .map_err(|e| e.to_string())?[0];
                    parts.push(Part {
                        parameter: symbol,
                        estimator: slope,
                        span: span.clone(),
                    });
                }
            }
        }
        Estimator::Score => {
            for (_, symbols) in parameters {
                for symbol in symbols {
                    let estimator = score(model, f, symbol)?;
                    parts.push(Part {
                        parameter: symbol,
                        estimator,
                        span: span.clone(),
                    });
                }
            }
        }
        Estimator::Custom(claims) => {
            for (name, claim) in claims {
                let symbols = parameters
                    .iter()
                    .find(|(n, _)| n == name)
                    .map(|(_, s)| s.clone());
                for (&symbol, &element) in symbols.iter().flatten().zip(&claim.elements) {
                    let estimator = model.rebased(element);
                    parts.push(Part {
                        parameter: symbol,
                        estimator,
                        span: claim.span.clone(),
                    });
                }
            }
        }
    }
    Ok(parts)
}

/// f ∂φ log q + ∂φ f over base symbols, in a free component of the parameters.
fn score(model: &mut Model, f: Id, parameter: Id) -> Result<Id, String> {
    let log_q = claimed_density(model).ok_or("no density is claimed")?;
    let noise = model.noise_symbols();
    if model
        .graph
        .symbols_of(&[f])
        .iter()
        .any(|s| noise.contains(s))
    {
        // At fixed z such an f moves with the parameters in a way that its formula does not show.
        return Err("f mentions the noise itself".to_owned());
    }
    let (_, ties) = free_parameters(model);
    let terms = model.graph.substitute(&[f, log_q], &ties);
    let slopes = model
        .graph
        .differentiate(&terms, parameter)
        .map_err(|e| e.to_string())?;
    let score = model.graph.mul(f, slopes[1]);
    let total = model.graph.add(slopes[0], score);
    let total = model.rebased(total);
    Ok(model.graph.substitute(&[total], &ties)[0])
}

fn claimed_density(model: &Model) -> Option<Id> {
    let target = model.target.as_ref()?;
    target
        .log_density
        .as_ref()
        .or(target.distribution.as_ref())
        .map(|c| c.elements[0])
}

/// The gradient of E[f] in one parameter, by a route that does not use the estimator.
enum Truth {
    /// The derivative of a claimed value that has been verified.
    OfValue(Id),
    /// Integrals in z-space.
    InZ(InZ),
}

impl Truth {
    fn value(&self, model: &mut Model, at: &[f64]) -> Option<Estimate> {
        match self {
            Truth::InZ(integrals) => integrals.value(model, at),
            Truth::OfValue(slope) => {
                let symbols: Vec<Id> = model
                    .givens()
                    .iter()
                    .flat_map(|v| v.symbols.clone())
                    .collect();
                let slope = value(&model.graph, &symbols, at, *slope).filter(|v| v.is_finite())?;
                Some(Estimate {
                    value: slope,
                    error: slope.abs() * 1e-15,
                })
            }
        }
    }
}

/// Integrals over one component of z each, for independent components.
struct InZ {
    parameter: Id,
    /// For each component: f's part in it, its log-density, and its place among the components.
    parts: Vec<(Id, usize)>,
    /// ∂ of the part of f without z.
    rest: Id,
    law: Law,
}

/// ∂φ E[f] in z-space, for independent components: Σ ∂φ ∫ qᵢ fᵢ dzᵢ.
fn true_gradient(
    model: &mut Model,
    f: Id,
    verified: Option<Id>,
    parameter: Id,
) -> Result<Truth, String> {
    // Components that depend on others are no parameters of their own.
    let (_, ties) = free_parameters(model);
    if let Some(value) = verified {
        let value = model.graph.substitute(&[value], &ties)[0];
        let slope = model
            .graph
            .differentiate(&[value], parameter)
            .map_err(|e| e.to_string())?[0];
        return Ok(Truth::OfValue(slope));
    }
    let log_q = claimed_density(model).ok_or("no density is claimed to take the gradient in")?;
    if let Some(value) = over_atoms(model, f, log_q) {
        let value = model.graph.substitute(&[value], &ties)[0];
        let slope = model
            .graph
            .differentiate(&[value], parameter)
            .map_err(|e| e.to_string())?[0];
        return Ok(Truth::OfValue(slope));
    }
    let noise = model.noise_symbols();
    if model
        .graph
        .symbols_of(&[f])
        .iter()
        .any(|s| noise.contains(s))
    {
        return Err("f mentions the noise itself".to_owned());
    }
    let law = law(model);
    if law.components.is_none() {
        return Err("the components of z depend on one another".to_owned());
    }
    let z = model.output_symbols();
    let (parts, rest) = split(&mut model.graph, f, &z)
        .ok_or("f is not a sum of terms in one component of z each")?;
    let rest = model
        .graph
        .differentiate(&[rest], parameter)
        .map_err(|e| e.to_string())?[0];
    let parts = parts
        .into_iter()
        .enumerate()
        .filter(|(_, part)| !model.graph.is_integer(*part, 0))
        .map(|(i, part)| (part, i))
        .collect();
    Ok(Truth::InZ(InZ {
        parameter,
        parts,
        rest,
        law,
    }))
}

/// Atoms of a discrete law are summed one by one up to this many.
const MOST_ATOMS: usize = 64;

/// E[f] of a discrete z with few values, as a formula in the parameters.
fn over_atoms(model: &mut Model, f: Id, log_mass: Id) -> Option<Id> {
    if !model.target.as_ref()?.discrete {
        return None;
    }
    let space = Space::new(&model.graph, Vec::new());
    let atoms = atoms(model, &space, &[]).filter(|atoms| atoms.len() <= MOST_ATOMS)?;
    let z = model.output_symbols();
    let graph = &mut model.graph;
    let mut terms = Vec::new();
    for atom in atoms {
        let map: FxHashMap<Id, Id> = z
            .iter()
            .zip(&atom)
            .map(|(&z, &value)| (z, graph.integer(value as i64)))
            .collect();
        let there = graph.substitute(&[f, log_mass], &map);
        let mass = graph.exp(there[1]);
        terms.push(graph.mul(there[0], mass));
    }
    let total = graph.sum(&terms);
    let noise = model.noise_symbols();
    let used = model.graph.symbols_of(&[total]);
    (!used.iter().any(|s| noise.contains(s))).then_some(total)
}

impl InZ {
    /// The value at given parameters: ∫ q (∂φ f + f ∂φ log q), and the flux through ends of the
    /// support that move.
    fn value(&self, model: &mut Model, at: &[f64]) -> Option<Estimate> {
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
            let integral = line.integrate(&mut |x| weight.values(x), None);
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
        let mut total = 0.0;
        for (k, bound) in bounds.iter().enumerate() {
            let velocity = model.graph.differentiate(&[*bound], self.parameter).ok()?[0];
            let velocity = value(&model.graph, symbols, at, velocity)?;
            if velocity == 0.0 {
                continue;
            }
            let upper = matches!(z.domain, Domain::LessThan(_)) || k == 1;
            let end = if upper { line.upper } else { line.lower };
            let f = Curve::new(&model.graph, symbols, at, z.symbols[0], part)?;
            let density = line.log_density.at(end).exp();
            let sign = if upper { 1.0 } else { -1.0 };
            total += sign * density * f.at(end) * velocity;
        }
        total.is_finite().then_some(Estimate {
            value: total,
            error: total.abs() * 1e-15,
        })
    }
}

/// The finding about the estimators of one f, with the variance of one draw of each beside that of
/// the score-function estimator.
fn with_variances(
    context: &Context,
    model: &mut Model,
    f: Id,
    parts: &[Part],
    judge: impl FnOnce(&Context, &mut Model) -> Finding,
) -> Finding {
    let finding = judge(context, model);
    if model.definition != Definition::Transform || finding.verdict == Verdict::Skipped {
        return finding;
    }
    let mut terms = Vec::new();
    let mut names = Vec::new();
    for part in parts {
        if let Ok(score) = score(model, f, part.parameter) {
            terms.extend([part.estimator, score]);
            names.push(model.graph.display(part.parameter));
        }
    }
    if terms.is_empty() {
        return finding;
    }
    let found = sampled::variances(context, model, &terms);
    let value = |v: Option<f64>| v.map_or(serde_json::Value::Null, Into::into);
    let pairs: serde_json::Map<String, serde_json::Value> = names
        .into_iter()
        .zip(found.chunks(2))
        .map(|(name, pair)| {
            let pair = serde_json::json!({"estimator": value(pair[0]), "score": value(pair[1])});
            (name, pair)
        })
        .collect();
    finding.with("variance_of_a_draw", pairs)
}

fn estimators(
    context: &Context,
    model: &mut Model,
    f: &[Id],
    verified: Option<Id>,
    parts: &[Part],
) -> Finding {
    let along = model.rebased(f[0]);
    let along = tidy(&mut model.graph, along);
    let mean = exact::expectation(model, along);
    let mut all: Option<Finding> = None;
    for part in parts {
        let of = (part.estimator, part.parameter);
        let in_closed_form =
            mean.and_then(|mean| closed::estimator(context, model, mean, of, &part.span));
        let finding = in_closed_form
            .unwrap_or_else(|| one_estimator(context, model, f[0], verified, part, parts.len()));
        all = Some(match all {
            None => finding,
            Some(before) => before.and(finding),
        });
    }
    all.unwrap_or_else(|| Finding::skipped("there are no parameters"))
}

fn one_estimator(
    context: &Context,
    model: &mut Model,
    f: Id,
    verified: Option<Id>,
    part: &Part,
    parts: usize,
) -> Finding {
    let name = model.graph.display(part.parameter);
    let what = format!("gradient in {name}");
    let by_quadrature = match true_gradient(model, f, verified, part.parameter) {
        Err(reason) => Finding::inconclusive(format!("{what}: {reason}")).at(part.span.clone()),
        Ok(truth) => two_routes(context, model, &what, false, &part.span, |model, at| {
            let mean = mean(model, at, part.estimator)?;
            Some((mean, truth.value(model, at)?))
        }),
    };
    if by_quadrature.verdict != Verdict::Inconclusive || model.definition != Definition::Transform {
        return by_quadrature;
    }
    let Ok(score) = score(model, f, part.parameter) else {
        return by_quadrature;
    };
    let pair = sampled::Pair {
        estimator: part.estimator,
        score,
        what,
        span: part.span.clone(),
        tests: parts * model.expectations.len().max(1),
    };
    match sampled::paired(context, model, &pair) {
        Ok(finding) => finding,
        Err(reason) => {
            let mut finding = by_quadrature;
            finding.message = format!("{}; {reason}", finding.message);
            finding
        }
    }
}

fn claimed_gradient(
    context: &Context,
    model: &mut Model,
    f: &[Id],
    verified: Option<Id>,
    parameter: &str,
    claim: &Claim,
) -> Finding {
    let symbols = model
        .parameters
        .iter()
        .find(|p| p.name == parameter)
        .map_or(Vec::new(), |p| p.symbols.clone());
    let mut integrands = Vec::new();
    for symbol in symbols {
        match true_gradient(model, f[0], verified, symbol) {
            Ok(pair) => integrands.push(pair),
            Err(reason) => return Finding::inconclusive(reason).at(claim.span.clone()),
        }
    }
    compare(context, model, claim, "gradient", move |model, at, i| {
        integrands.get(i)?.value(model, at)
    })
}

/// Compares a claimed formula with an estimate at several parameter values.
fn compare(
    context: &Context,
    model: &mut Model,
    claim: &Claim,
    what: &str,
    mut truth: impl FnMut(&mut Model, &[f64], usize) -> Option<Estimate>,
) -> Finding {
    let symbols: Vec<Id> = model
        .givens()
        .iter()
        .flat_map(|v| v.symbols.clone())
        .collect();
    let elements = claim.elements.clone();
    let mut result: Option<Finding> = None;
    for (i, element) in elements.into_iter().enumerate() {
        let finding = two_routes(context, model, what, true, &claim.span, |model, at| {
            let claimed = value(&model.graph, &symbols, at, element).filter(|v| v.is_finite())?;
            Some((Estimate::exact(claimed), truth(model, at, i)?))
        });
        result = Some(match result {
            None => finding,
            Some(before) => before.and(finding),
        });
    }
    result.unwrap_or_else(|| Finding::skipped("nothing is claimed"))
}

fn two_routes(
    context: &Context,
    model: &mut Model,
    what: &str,
    claimed: bool,
    span: &Span,
    mut sides: impl FnMut(&mut Model, &[f64]) -> Option<(Estimate, Estimate)>,
) -> Finding {
    let space = Space::new(&model.graph, model.givens());
    let mut rng = context.stream(what);
    let wanted = if space.symbols.is_empty() {
        1
    } else {
        context.effort.integrals()
    };
    let (mut agreed, mut tried, mut worst) = (0usize, 0usize, 0.0f64);
    for round in 0..4 * wanted {
        if agreed >= wanted {
            break;
        }
        let kind = Kind::of_round(round);
        let Some(point) = space.draw(kind, &mut rng) else {
            continue;
        };
        tried += 1;
        let Some((left, right)) = sides(model, &numbers(&point)) else {
            continue;
        };
        let size = left.value.abs().max(right.value.abs());
        let slack = DISTRUST * (left.error + right.error) + 1e-10 * size + 1e-13;
        if slack > TOO_COARSE * (size + 1e-3) {
            continue;
        }
        if (left.value - right.value).abs() > slack {
            return refutation(model, &space, &point, what, claimed, (left, right))
                .at(span.clone());
        }
        worst = worst.max((left.error + right.error) / size.max(1e-3));
        agreed += 1;
    }
    if agreed == 0 {
        return Finding::inconclusive(format!(
            "{what}: the expectation was not reached at {tried} points"
        ))
        .at(span.clone());
    }
    Finding::new(
        Verdict::Tested,
        format!("{what}: equal at {agreed} parameter values to an estimated relative error of {worst:.0e}"),
    )
    .at(span.clone())
}

fn refutation(
    model: &Model,
    space: &Space,
    point: &[Rational],
    what: &str,
    claimed: bool,
    (left, right): (Estimate, Estimate),
) -> Finding {
    let message = if claimed {
        format!("the claimed {what} is not that of the expectation")
    } else {
        format!("the estimator of the {what} is biased")
    };
    let text = |e: Estimate| {
        if e.error == 0.0 {
            format!("{:.10}", e.value)
        } else {
            format!("{:.10} ± {:.0e}", e.value, e.error)
        }
    };
    let (a, b) = if claimed {
        (format!("claimed {what}"), "by quadrature".to_owned())
    } else {
        (
            "mean of the estimator".to_owned(),
            format!("{what} of E[f]"),
        )
    };
    let explanation = if right.value.abs() > 1e-9 && left.value.abs() < 1e-9 * right.value.abs() {
        "the estimator is zero on average: a part that carries the gradient is detached or cancelled".to_owned()
    } else {
        format!("off by {:.6}", left.value - right.value)
    };
    let mut finding = Finding::new(Verdict::Refuted, message);
    finding.counterexample = Some(
        Counterexample::at_point(model, space, point)
            .sides((&a, text(left)), (&b, text(right)))
            .explained(explanation),
    );
    finding
}
