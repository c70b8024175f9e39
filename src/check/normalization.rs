//! ∫ q = 1 over the stated support: with `density`, the check that g is onto.

use super::points::{Kind, Space};
use super::univariate::{Curve, Line, ends, integrate_over, is_settled, numbers};
use super::{Context, Counterexample, Finding, Verdict, surfaces};
use crate::graph::{Graph, Id};
use crate::language::Domain;
use crate::model::{Definition, Model, Variable};
use crate::number::{Rational, Unary};
use crate::spec::raw::Measure;
use rustc_hash::FxHashMap;

/// Estimated errors are multiplied by this before they are believed.
pub(crate) const DISTRUST: f64 = 100.0;

/// Integrals with a larger relative uncertainty decide nothing.
pub(crate) const TOO_COARSE: f64 = 1e-5;

pub(crate) fn run(context: &Context, model: &mut Model) -> Finding {
    let Some(target) = model.target.clone() else {
        return Finding::skipped("no target is claimed");
    };
    let Some(claim) = target.log_density.clone().or(target.distribution.clone()) else {
        return Finding::skipped("no density is claimed");
    };
    let span = claim.span.clone();
    if target.unnormalized {
        return Finding::skipped("the density is claimed up to a factor only").at(span);
    }
    if target.support.is_none() && target.distribution.is_none() {
        return Finding::skipped("no support is stated").at(span);
    }
    if target.discrete {
        return masses(context, model, claim.elements[0]).at(span);
    }
    // An implicit S has been shown to preserve the density only: the integral is then the
    // probability of the noise that S reaches, which nothing has shown to be all.
    let carried = context.holds("density")
        && model.definition == Definition::Transform
        && context.holds("inverse")
        && target.support.is_some();
    let by_change_of_variables = |context: &Context| {
        Finding::new(
            context.before["density"].weaker(context.before["inverse"]),
            "by change of variables: the density is preserved and every z of the support is reached",
        )
        .at(span.clone())
    };
    if carried && model.inverse.is_some() {
        return by_change_of_variables(context);
    }
    let over_the_domain = if target.measure == Measure::Hausdorff {
        surface(model, claim.elements[0])
    } else {
        free(model, claim.elements[0]).map(|free| (free.log_density, free.variables))
    };
    // Without a claimed inverse an integral, which owes nothing to g, says more.
    let (log_q, components) = match over_the_domain {
        Ok((_, components)) if carried && components.len() > 2 => {
            return by_change_of_variables(context);
        }
        Err(_) if carried => return by_change_of_variables(context),
        Ok(free) => free,
        Err(reason) => return Finding::inconclusive(reason).at(span),
    };
    match components.len() {
        1 | 2 => {}
        n => {
            let reason = format!(
                "z has {n} coordinates, and no claimed inverse carries the integral over to the noise"
            );
            return Finding::inconclusive(reason).at(span);
        }
    }
    integrals(context, model, log_q, &components).at(span)
}

/// A density over coordinates that range over intervals.
pub(crate) struct Free {
    /// Its logarithm.
    pub(crate) log_density: Id,
    /// The coordinates.
    pub(crate) variables: Vec<Variable>,
    /// What the components of z are in them, where they are not the components themselves.
    pub(crate) places: FxHashMap<Id, Id>,
}

/// log q over free coordinates that range over intervals: those of a simplex are broken from a
/// stick, z₁ = t₁, z₂ = (1 − t₁)·t₂, …, with the factor that this brings.
pub(crate) fn free(model: &mut Model, log_q: Id) -> Result<Free, String> {
    let as_they_are = |variables| Free {
        log_density: log_q,
        variables,
        places: FxHashMap::default(),
    };
    let [output] = model.outputs.as_slice() else {
        let all = model.outputs.iter();
        return Ok(as_they_are(all.flat_map(scalars).collect()));
    };
    if output.domain.is_elementwise() {
        return Ok(as_they_are(scalars(output)));
    }
    let (Domain::Simplex, [_]) = (&output.domain, output.shape.as_slice()) else {
        return Err("the support is not a product of intervals".to_owned());
    };
    let output = output.clone();
    let graph = &mut model.graph;
    let mut left = graph.integer(1);
    let mut replaced = FxHashMap::default();
    let mut sticks = Vec::new();
    let mut total = log_q;
    let (last, first) = output
        .symbols
        .split_last()
        .expect("invariant: a simplex has components");
    for (i, &z) in first.iter().enumerate() {
        let t = graph.symbol("stick", &[i]);
        replaced.insert(z, graph.mul(left, t));
        let log_left = graph.log(left);
        total = graph.add(total, log_left);
        let (one, share) = (graph.integer(1), t);
        let rest = graph.sub(one, share);
        left = graph.mul(left, rest);
        sticks.push(Variable {
            name: format!("stick[{i}]"),
            shape: Vec::new(),
            symbols: vec![t],
            domain: Domain::UnitInterval,
            range: None,
        });
    }
    replaced.insert(*last, left);
    Ok(Free {
        log_density: graph.substitute(&[total], &replaced)[0],
        variables: sticks,
        places: replaced,
    })
}

/// log q over coordinates that range over intervals, with the factor that surface area brings.
fn surface(model: &mut Model, log_q: Id) -> Result<(Id, Vec<Variable>), String> {
    match model.outputs.as_slice() {
        [output] if output.domain == Domain::UnitVector => sphere(model, log_q),
        [output] if output.domain == Domain::Simplex => {
            // All of it is one flat piece, √k times as large as its shadow on k − 1 coordinates.
            let size = output.symbols.len() as i64;
            let Free {
                log_density: log_q,
                variables: sticks,
                ..
            } = free(model, log_q)?;
            let graph = &mut model.graph;
            let (size, two) = (graph.integer(size), graph.integer(2));
            let log = graph.log(size);
            let stretch = graph.div(log, two);
            Ok((graph.add(log_q, stretch), sticks))
        }
        outputs if outputs.iter().all(|o| o.domain.is_elementwise()) => {
            free(model, log_q).map(|free| (free.log_density, free.variables))
        }
        _ => Err("surface integrals are taken over circles, spheres and simplices only".to_owned()),
    }
}

/// log q over the angles of a circle or a sphere.
fn sphere(model: &mut Model, log_q: Id) -> Result<(Id, Vec<Variable>), String> {
    let sphere = model.outputs.first().filter(|output| {
        model.outputs.len() == 1
            && output.domain == Domain::UnitVector
            && matches!(output.shape[..], [2 | 3])
    });
    let Some(output) = sphere.cloned() else {
        return Err("surface integrals are taken over circles and spheres only".to_owned());
    };
    let graph = &mut model.graph;
    let (pi, two) = (graph.pi(), graph.integer(2));
    let turn = graph.mul(two, pi);
    let zero = graph.integer(0);
    let angle = |graph: &mut Graph, index: usize, end: Id| Variable {
        name: format!("angle[{index}]"),
        shape: Vec::new(),
        symbols: vec![graph.symbol("angle", &[index])],
        domain: Domain::Interval(zero, end),
        range: None,
    };
    let around = angle(graph, 0, turn);
    let (cosine, sine) = (
        graph.unary(Unary::Cos, around.symbols[0]),
        graph.unary(Unary::Sin, around.symbols[0]),
    );
    let mut places = vec![cosine, sine];
    let mut total = log_q;
    let mut angles = vec![around];
    if output.symbols.len() == 3 {
        let down = angle(graph, 1, pi);
        let (height, radius) = (
            graph.unary(Unary::Cos, down.symbols[0]),
            graph.unary(Unary::Sin, down.symbols[0]),
        );
        places = places.iter().map(|&p| graph.mul(p, radius)).collect();
        places.push(height);
        let area = graph.log(radius);
        total = graph.add(total, area);
        angles.push(down);
    }
    let map: FxHashMap<Id, Id> = output.symbols.iter().copied().zip(places).collect();
    Ok((graph.substitute(&[total], &map)[0], angles))
}

/// Each component as a variable of its own.
pub(crate) fn scalars(variable: &Variable) -> Vec<Variable> {
    variable
        .symbols
        .iter()
        .map(|&symbol| Variable {
            symbols: vec![symbol],
            shape: Vec::new(),
            ..variable.clone()
        })
        .collect()
}

fn integrals(context: &Context, model: &mut Model, log_q: Id, z: &[Variable]) -> Finding {
    let space = Space::new(&model.graph, model.givens());
    let mut rng = context.stream("parameters");
    let wanted = if space.symbols.is_empty() {
        1
    } else {
        context.effort.integrals()
    };
    let density = model.graph.exp(log_q);
    let (mut agreed, mut tried, mut worst, mut last) = (0usize, 0usize, 0.0f64, String::new());
    // In the plane the adaptive rule, which takes a second where an integral diverges, is for what
    // the fast one reaches nowhere.
    let rounds = if z.len() > 1 { wanted } else { 0 };
    for i in 0..4 * wanted + rounds {
        let exhaustive = i >= 4 * wanted;
        if agreed >= wanted || (agreed > 0 && exhaustive) {
            break;
        }
        let kind = Kind::of_round(i);
        let Some(point) = space.draw(kind, &mut rng) else {
            continue;
        };
        let at = numbers(&point);
        tried += 1;
        let integral = if let [z] = z {
            let Some(ends) = ends(&model.graph, &space.symbols, &at, &z.domain) else {
                return Finding::inconclusive("the support is not an interval");
            };
            let Some(curve) = Curve::new(&model.graph, &space.symbols, &at, z.symbols[0], log_q)
            else {
                return Finding::inconclusive(
                    "the density depends on something that no point fixes",
                );
            };
            let mut line = Line::new(curve, ends);
            line.split_at(&surfaces::breaks(
                &model.graph,
                &space.symbols,
                &at,
                z.symbols[0],
                log_q,
            ));
            line.integrate(&mut |x| vec![1.0; x.len()], None)
        } else {
            match integrate_over(
                &model.graph,
                &space.symbols,
                &at,
                density,
                z,
                (&[], exhaustive),
            ) {
                Some(integral) => integral,
                None => return Finding::inconclusive("the support is not a product of intervals"),
            }
        };
        let slack = DISTRUST * integral.error + 1e-11;
        if !is_settled(&integral) || slack > TOO_COARSE {
            last = match integral.undefined_at {
                Some(place) => format!("the density is not a finite number near z = {place:.6}"),
                None => format!(
                    "the integral is {:.6} ± {:.0e}",
                    integral.value, integral.error
                ),
            };
            continue;
        }
        if (integral.value - 1.0).abs() > slack {
            return refutation(model, &space, &point, integral.value, integral.error);
        }
        worst = worst.max(integral.error);
        agreed += 1;
    }
    if agreed == 0 {
        return Finding::inconclusive(format!("no integral converged at {tried} points; {last}"));
    }
    Finding::new(
        Verdict::Tested,
        format!("∫ q = 1 at {agreed} parameter values, by two quadrature rules with estimated error {worst:.0e}"),
    )
    .with("points", agreed)
    .with("error", worst)
}

fn refutation(model: &Model, space: &Space, point: &[Rational], value: f64, error: f64) -> Finding {
    let mut finding = Finding::new(
        Verdict::Refuted,
        "the density does not integrate to 1 over the stated support",
    );
    finding.counterexample = Some(
        Counterexample::at_point(model, space, point)
            .sides(
                ("∫ q over the support", format!("{value:.10} ± {error:.0e}")),
                ("a density", "1".to_owned()),
            )
            .explained(factor_text(value)),
    );
    finding
}

/// What a wrong total says: a named factor, or a support that is too wide or too narrow.
fn factor_text(value: f64) -> String {
    let pi = std::f64::consts::PI;
    let named = [
        (2.0, "2"),
        (0.5, "1/2"),
        (pi, "pi"),
        (2.0 * pi, "2 pi"),
        ((2.0 * pi).sqrt(), "sqrt(2 pi)"),
        (pi.sqrt(), "sqrt(pi)"),
        (2f64.sqrt(), "sqrt(2)"),
    ];
    for (factor, name) in named {
        if (value / factor - 1.0).abs() < 1e-7 {
            return format!("the density is {name} times a density");
        }
        if (value * factor - 1.0).abs() < 1e-7 {
            return format!("the density is a density divided by {name}");
        }
    }
    if value < 1.0 {
        format!(
            "a share {:.6} of the mass is missing: the normalizer is wrong, or mass lies outside the stated support",
            1.0 - value
        )
    } else {
        format!(
            "the total is {value:.6}: the normalizer is wrong, or the stated support is too wide"
        )
    }
}

/// Σ of the masses is 1.
fn masses(context: &Context, model: &mut Model, log_mass: Id) -> Finding {
    let space = Space::new(&model.graph, model.givens());
    let mut rng = context.stream("parameters");
    let wanted = if space.symbols.is_empty() {
        1
    } else {
        context.effort.integrals()
    };
    let (mut agreed, mut tried) = (0usize, 0usize);
    for i in 0..3 * wanted {
        if agreed >= wanted {
            break;
        }
        let Some(point) = space.draw(Kind::Simple(6 + i), &mut rng) else {
            continue;
        };
        let at = numbers(&point);
        tried += 1;
        let Some(atoms) = atoms(model, &space, &at) else {
            return Finding::inconclusive("the discrete support is not listed");
        };
        let Some(total) = total(model, &space, &at, log_mass, &atoms) else {
            continue;
        };
        if (total - 1.0).abs() > 1e-9 {
            return refutation(model, &space, &point, total, 1e-12);
        }
        agreed += 1;
    }
    if agreed == 0 {
        return Finding::inconclusive(format!("no sum converged at {tried} points"));
    }
    Finding::new(
        Verdict::Tested,
        format!("the masses sum to 1 at {agreed} parameter values"),
    )
    .with("points", agreed)
}

/// The atoms of a discrete output: every value of a finite support, or many of an infinite one.
pub(crate) fn atoms(model: &Model, space: &Space, at: &[f64]) -> Option<Vec<Vec<f64>>> {
    let [output] = model.outputs.as_slice() else {
        return None;
    };
    let bound = |id: Id| super::univariate::value(&model.graph, &space.symbols, at, id);
    let n = output.symbols.len();
    match (&output.domain, n) {
        (Domain::Boolean, 1) => Some(vec![vec![0.0], vec![1.0]]),
        (Domain::IntegerInterval(low, high), 1) => {
            let (low, high) = (bound(*low)?, bound(*high)?);
            (low.is_finite() && high - low <= 1e5).then(|| {
                (low.ceil() as i64..=high.floor() as i64)
                    .map(|k| vec![k as f64])
                    .collect()
            })
        }
        (Domain::NonnegativeInteger, 1) => Some((0..20_000).map(|k| vec![f64::from(k)]).collect()),
        (Domain::OneHot, _) => Some(
            (0..n)
                .map(|hot| (0..n).map(|i| f64::from(u8::from(i == hot))).collect())
                .collect(),
        ),
        _ => None,
    }
}

fn total(
    model: &Model,
    space: &Space,
    at: &[f64],
    log_mass: Id,
    atoms: &[Vec<f64>],
) -> Option<f64> {
    let mut inputs = space.symbols.clone();
    inputs.extend(model.output_symbols());
    let tape = crate::tape::Tape::new(&model.graph, &inputs, &[log_mass]).ok()?;
    let (mut total, mut last) = (0.0, 0.0);
    let mut point = at.to_vec();
    for atom in atoms {
        point.truncate(at.len());
        point.extend(atom);
        let mass = tape.evaluate(&point, &())[0].exp();
        if mass.is_nan() {
            return None;
        }
        total += mass;
        last = mass;
    }
    // Of an infinite support only a beginning is listed: the rest must be negligible.
    let infinite = model
        .outputs
        .iter()
        .any(|o| o.domain == Domain::NonnegativeInteger);
    (!infinite || last * 1e6 < 1e-12).then_some(total)
}
