//! For which f gradient and expectation may be exchanged: those that grow slower than a power of |z|,
//! said as a formula in the parameters where one fits.
//!
//! A class without any f is no pass. An objective whose slope along the path has no mean is refuted
//! where the divergence is certain, and open where it is only not known to converge: what holds for
//! some powers of |z| does not help an f that is named.

use super::domination::{Class, Moving, Tail, class, ends, is_separable};
use super::formula::Sample;
use super::jumps::Coordinate;
use super::power::Power;
use super::simple::{Near, near, simplified};
use super::{Germs, coordinates, divergence, map, poles, random_symbols};
use crate::check::jacobian::off_zero;
use crate::check::points::{Kind, Point, Space};
use crate::check::univariate::{self, numbers};
use crate::check::{Context, Counterexample, Finding, Verdict};
use crate::diagnostic::Span;
use crate::graph::{Graph, Id};
use crate::model::{Definition, Model};
use crate::number::Rational;
use rustc_hash::FxHashMap;

/// Parameter values at which tails are compared.
const PARAMETERS: usize = 2;

/// The same for objectives, whose slopes may have no mean at some of them.
const OBJECTIVES: usize = 6;

/// The same where a bound has to be read off as a formula.
const FITTED: usize = 12;

/// The class of f for which the difference quotients are dominated, and the objectives one by one.
pub(super) fn dominated(
    context: &Context,
    model: &mut Model,
    span: &Span,
    objectives: &[(Id, Span)],
) -> Finding {
    let (along, slopes) = match (along(model, objectives), slopes(model)) {
        (Ok(along), Ok(slopes)) => (along, slopes),
        (Err(reason), _) | (_, Err(reason)) => {
            return Finding::inconclusive(reason).at(span.clone());
        }
    };
    let space = Space::new(&model.graph, model.base_variables());
    let mut rng = context.stream("tails");
    let points: Vec<Point> = (0..3 * FITTED)
        .filter_map(|round| space.draw(Kind::of_round(round), &mut rng))
        // Where a component of the noise is 0, those beside it may have no say.
        .map(|point| off_zero(&space, point))
        .take(FITTED)
        .collect();
    if points.is_empty() {
        return Finding::inconclusive("no parameters could be drawn").at(span.clone());
    }
    let first = &points[..points.len().min(OBJECTIVES)];
    let objectives = match of_objectives(context, model, &space, first, &along) {
        Ok(all) => all,
        Err(finding) => return *finding,
    };
    let mut classes = Vec::new();
    for point in &points {
        let is_open =
            |class: &Class| class.exact && [Some(class.mean), class.square].iter().any(is_finite);
        if classes.len() >= PARAMETERS && !classes.iter().any(is_open) {
            break;
        }
        match of_slopes(model, &space, point, &slopes) {
            Ok(class) => classes.push(class),
            Err(_) if classes.len() >= PARAMETERS => break,
            Err(reason) => return Finding::inconclusive(reason).at(span.clone()),
        }
    }
    let total = classes.iter().fold(Class::ALL, |all, &one| all.and(one));
    let given: usize = model.givens().iter().map(|v| v.symbols.len()).sum();
    let read = |bounds: Vec<f64>| {
        let samples: Vec<Sample> = points
            .iter()
            .zip(bounds)
            .map(|(point, bound)| Sample {
                at: numbers(&point[..given]),
                bound,
            })
            .collect();
        Power::new(model, total.exact, &samples)
    };
    let mean = read(classes.iter().map(|c| c.mean).collect());
    let squares: Option<Vec<f64>> = classes.iter().map(|c| c.square).collect();
    let square = squares.map(|squares| {
        let pairs = || squares.iter().zip(&classes);
        if pairs().all(|(square, class)| *square <= class.mean) {
            return read(squares);
        }
        let least = pairs().map(|(square, class)| square.min(class.mean));
        let least = read(least.collect());
        let other = read(squares);
        if least.is_formula || !other.is_formula || !mean.is_formula {
            return least;
        }
        Power {
            text: format!("min({}, {})", mean.text, other.text),
            is_formula: true,
            ..least
        }
    });
    let finding = stated(&mean, square.as_ref(), total.exact && objectives.exact)
        .at(span.clone())
        .with("power", mean.evidence())
        .with("parameter_values", classes.len());
    let mut finding = match &square {
        Some(square) => finding.with("power_with_error", square.evidence()),
        None => finding,
    };
    if !along.is_empty() {
        finding = finding.with("slopes_of_f_with_a_standard_error", objectives.with_error);
    }
    if mean.least <= 0.0 && along.is_empty() {
        finding.verdict = Verdict::Inconclusive;
    }
    finding
}

fn is_finite(bound: &Option<f64>) -> bool {
    bound.is_some_and(f64::is_finite)
}

fn stated(mean: &Power, square: Option<&Power>, exact: bool) -> Finding {
    let verdict = if exact {
        Verdict::Certified
    } else {
        Verdict::Tested
    };
    if mean.least <= 0.0 {
        let known = if mean.least == f64::NEG_INFINITY {
            "no power of |z| is known to be dominated".to_owned()
        } else {
            format!(
                "no growth is known to be dominated: only f whose slope falls faster than |z|^({name} - 1), {name} < {}",
                mean.text,
                name = mean.name
            )
        };
        return Finding::new(verdict, known);
    }
    let mut message = format!("the exchange holds for f below {}", mean.class());
    if let Some(square) = square.filter(|s| s.text != mean.text) {
        message = if square.least > 0.0 {
            format!(
                "{message}, with a Monte-Carlo error below {}",
                square.class()
            )
        } else {
            format!("{message}, for none of them with a Monte-Carlo error")
        };
    }
    let powers = [Some(mean), square];
    let mut powers = powers.into_iter().flatten();
    if powers.any(|p| p.least.is_finite() && !p.is_formula) {
        message = format!("{message}, at the parameters tried");
    }
    Finding::new(verdict, message)
}

/// A slope of an objective along the path.
struct Along {
    f: Id,
    slope: Id,
    parameter: Id,
    span: Span,
}

/// ∂φ f(g(ε, φ)) of each objective in each parameter.
fn along(model: &mut Model, objectives: &[(Id, Span)]) -> Result<Vec<Along>, String> {
    let parameters: Vec<Id> = model
        .parameters
        .iter()
        .flat_map(|p| p.symbols.clone())
        .collect();
    let mut found = Vec::new();
    for (f, span) in objectives {
        for &parameter in &parameters {
            let slope = model.graph.differentiate(&[*f], parameter);
            let slope = slope.map_err(|e| e.to_string())?[0];
            if !model.graph.is_integer(slope, 0) {
                found.push(Along {
                    f: *f,
                    slope,
                    parameter,
                    span: span.clone(),
                });
            }
        }
    }
    Ok(found)
}

/// What is known of all objectives.
struct Objectives {
    exact: bool,
    /// Whether draws of each slope have a standard error.
    with_error: bool,
}

/// The class of one slope at one point.
fn class_of(model: &mut Model, space: &Space, point: &Point, slope: Id) -> Result<Class, String> {
    Tails::new(model, space, point)?.class(Moving::alone(slope))
}

/// Whether the slope of each objective has a mean; the finding where one has none.
fn of_objectives(
    context: &Context,
    model: &mut Model,
    space: &Space,
    points: &[Point],
    along: &[Along],
) -> Result<Objectives, Box<Finding>> {
    let mut all = Objectives {
        exact: true,
        with_error: true,
    };
    let given: usize = model.givens().iter().map(|v| v.symbols.len()).sum();
    for one in along {
        let name = model.graph.display(one.parameter);
        let mut simple: Option<(Near, Option<Id>)> = None;
        for (k, point) in points.iter().enumerate() {
            let has_mean = |class: &Result<Class, String>| match class {
                Ok(class) => class.mean >= 1.0,
                Err(_) => false,
            };
            let mut class = class_of(model, space, point, one.slope);
            if !has_mean(&class) {
                // What cancels in f(g) need not be seen to cancel in the limit.
                let near = near(model, space, point, one.f);
                let known = simple.take().filter(|(there, _)| *there == near);
                let (_, slope) = simple.insert(known.unwrap_or_else(|| {
                    let slope = simplified(model, &near, (one.f, one.parameter));
                    (near, slope)
                }));
                if let Some(slope) = *slope {
                    let other = class_of(model, space, point, slope);
                    if has_mean(&other) || class.is_err() {
                        class = other;
                    }
                }
            }
            let open = match class {
                Ok(class) if class.mean >= 1.0 => {
                    all.exact &= class.exact;
                    all.with_error &= class.square.is_some_and(|k| k >= 1.0);
                    continue;
                }
                Ok(_) => "is not known to have a mean".to_owned(),
                // What rests on values far out does not show everywhere.
                Err(_) if k >= PARAMETERS => continue,
                Err(reason) => reason,
            };
            let givens = Space::new(&model.graph, model.givens());
            let at = &point[..given];
            let what = format!("∂f/∂{name}");
            if let Some(lost) = divergence(context, model, at, one.slope) {
                let mut finding = Finding::new(
                    Verdict::Refuted,
                    format!("the path derivative {what} of f has no mean"),
                )
                .at(one.span.clone());
                let also = match divergence(context, model, at, one.f) {
                    Some(_) => "; E|f| is infinite there, too",
                    None => "",
                };
                finding.counterexample = Some(
                    Counterexample::at_point(model, &givens, at)
                        .sides(
                            (&format!("E|{what}|"), "inf".to_owned()),
                            ("a gradient that draws estimate", "finite".to_owned()),
                        )
                        .explained(format!(
                            "{}{also}",
                            lost.text.replace("|f|", &format!("|{what}|"))
                        )),
                );
                return Err(Box::new(finding));
            }
            return Err(Box::new(
                Finding::inconclusive(format!("{what}: {open}")).at(one.span.clone()),
            ));
        }
    }
    Ok(all)
}

/// Whether each term over base symbols has a mean and a second moment at a point of the parameters;
/// the reason where its tails are not known.
pub(crate) fn moments(
    context: &Context,
    model: &mut Model,
    givens: &[Rational],
    terms: &[Id],
) -> Vec<Result<(bool, bool), String>> {
    let space = Space::new(&model.graph, model.base_variables());
    let mut rng = context.stream("moments of an estimator");
    let Some(mut point) = space.draw(Kind::Random, &mut rng) else {
        return vec![Err("the noise cannot be drawn".to_owned()); terms.len()];
    };
    point[..givens.len()].clone_from_slice(givens);
    let mut tails = match Tails::new(model, &space, &point) {
        Ok(tails) => tails,
        Err(reason) => return vec![Err(reason); terms.len()],
    };
    terms
        .iter()
        .map(|&term| {
            let class = tails.class(Moving::alone(term))?;
            Ok((class.mean >= 1.0, class.square.is_some_and(|k| k >= 1.0)))
        })
        .collect()
}

/// Each component of z with its path derivative in each parameter, where that is not 0.
fn slopes(model: &mut Model) -> Result<Vec<Moving>, String> {
    let parameters: Vec<Id> = model
        .parameters
        .iter()
        .flat_map(|p| p.symbols.clone())
        .collect();
    let terms = map(model);
    let implicit = model.definition == Definition::Standardization;
    let outputs = model.output_symbols();
    let graph = &mut model.graph;
    let mut found = Vec::new();
    for (i, &term) in terms.iter().enumerate() {
        let stretch = if implicit {
            let slope = graph.differentiate(&[term], outputs[i]);
            Some(slope.map_err(|e| e.to_string())?[0])
        } else {
            None
        };
        for &parameter in &parameters {
            let slope = graph.differentiate(&[term], parameter);
            let slope = slope.map_err(|e| e.to_string())?[0];
            if !graph.is_integer(slope, 0) {
                found.push(Moving {
                    z: Some(if implicit { outputs[i] } else { term }),
                    slope,
                    stretch,
                });
            }
        }
    }
    Ok(found)
}

/// The class of all slopes at one point.
fn of_slopes(
    model: &mut Model,
    space: &Space,
    point: &Point,
    slopes: &[Moving],
) -> Result<Class, String> {
    let mut tails = Tails::new(model, space, point)?;
    slopes
        .iter()
        .try_fold(Class::ALL, |all, &moving| Ok(all.and(tails.class(moving)?)))
}

/// The tails of formulas at one point of the parameters: one component of the noise goes to an end,
/// the others stay.
struct Tails<'a> {
    model: &'a Model,
    space: &'a Space,
    point: &'a Point,
    random: Vec<Id>,
    coordinates: Vec<Coordinate>,
    /// What is known of both ends of a component, for all formulas.
    known: FxHashMap<Id, Vec<(Tail, Germs<'a>)>>,
}

impl<'a> Tails<'a> {
    fn new(model: &'a mut Model, space: &'a Space, point: &'a Point) -> Result<Tails<'a>, String> {
        let coordinates = coordinates(model);
        let model = &*model;
        let graph: &Graph = &model.graph;
        let at = numbers(point);
        let mut known = FxHashMap::default();
        for coordinate in &coordinates {
            let [symbol] = coordinate.variable.symbols[..] else {
                continue;
            };
            let range = univariate::ends(graph, &space.symbols, &at, &coordinate.variable.domain)
                .ok_or("the support of the noise is not an interval")?;
            let both = ends(range).map(|end| {
                let germs = Germs::new(graph, &space.symbols, point, (symbol, end));
                let log_density = coordinate.log_density;
                let tail = Tail {
                    symbol,
                    end,
                    log_density,
                };
                (tail, germs)
            });
            known.insert(symbol, both.into_iter().collect());
        }
        Ok(Tails {
            model,
            space,
            point,
            random: random_symbols(model),
            coordinates,
            known,
        })
    }

    /// The class of one slope: the least over the components of the noise that it depends on, and
    /// over both ends of each.
    fn class(&mut self, moving: Moving) -> Result<Class, String> {
        let graph = &self.model.graph;
        let roots = moving.roots();
        let mut total = poles::poles(
            self.model,
            self.space,
            self.point,
            &self.coordinates,
            moving,
        )?;
        let random = &self.random;
        total.exact &= roots.iter().all(|r| is_separable(graph, *r, random));
        for symbol in graph.symbols_of(&roots) {
            if !random.contains(&symbol) {
                continue;
            }
            let Some(tails) = self.known.get_mut(&symbol) else {
                // Discrete components have no tail to speak of; others depend on one another.
                let discrete = |n: &crate::model::Noise| {
                    n.is_discrete() && n.variable.symbols.contains(&symbol)
                };
                total.exact &= self.model.noise.iter().any(discrete);
                continue;
            };
            for (tail, germs) in tails {
                let at = (self.space.symbols.as_slice(), self.point.as_slice());
                let one = class(germs, at, tail, moving).ok_or_else(|| {
                    format!(
                        "the tail of the path derivative in {} is not known",
                        graph.display(symbol)
                    )
                })?;
                total = total.and(one);
            }
        }
        Ok(total)
    }
}
