//! Densities over coordinates that range over intervals, for integrals: a stick is broken for the
//! simplex, steps lead through ordered vectors, correlations stand for matrices, angles for
//! spheres. Each chart covers its domain but for a null set, and brings its volume factor (tests in
//! `tests/pairs.rs`, where each has a density with a known total).

use super::normalization::scalars;
use crate::graph::{Graph, Id};
use crate::language::Domain;
use crate::model::{Model, Variable};
use crate::number::Unary;
use rustc_hash::FxHashMap;

/// Coordinates with what they stand for, and the logarithm of the volume factor.
struct Chart {
    coordinates: Vec<Variable>,
    places: FxHashMap<Id, Id>,
    log_volume: Vec<Id>,
}

impl Chart {
    fn coordinate(&mut self, graph: &mut Graph, domain: Domain) -> Id {
        let index = self.coordinates.len();
        let symbol = graph.symbol("coordinate()", &[index]);
        self.coordinates.push(Variable {
            name: format!("coordinate[{index}]"),
            shape: Vec::new(),
            symbols: vec![symbol],
            domain,
            range: None,
        });
        symbol
    }
}

/// A density over coordinates that range over intervals.
pub(crate) struct Free {
    /// Its logarithm, with the factor that the coordinates bring.
    pub(crate) log_density: Id,
    /// The coordinates.
    pub(crate) variables: Vec<Variable>,
    /// What the components of z are in them, where they are not the components themselves.
    pub(crate) places: FxHashMap<Id, Id>,
}

/// log q over coordinates that range over intervals.
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
    let output = output.clone();
    let graph = &mut model.graph;
    let mut chart = Chart {
        coordinates: Vec::new(),
        places: FxHashMap::default(),
        log_volume: Vec::new(),
    };
    match (&output.domain, output.shape.as_slice()) {
        (Domain::Simplex, [_]) => simplex(graph, &output.symbols, &mut chart),
        (Domain::Ordered | Domain::PositiveOrdered, [_]) => {
            let first = if output.domain == Domain::Ordered {
                Domain::Real
            } else {
                Domain::Positive
            };
            steps(graph, &output.symbols, first, &mut chart);
        }
        (Domain::LowerCholesky, &[n, _]) => triangle(graph, &output.symbols, n, &mut chart),
        (Domain::CorrCholesky, &[n, _]) if n > 1 => rows(graph, &output.symbols, n, &mut chart),
        (Domain::PositiveDefinite, [2, 2]) => pair(graph, &output.symbols, &mut chart),
        _ => return Err("the support is not a product of intervals".to_owned()),
    }
    let log_q = graph.substitute(&[log_q], &chart.places)[0];
    let volume = graph.sum(&chart.log_volume);
    Ok(Free {
        log_density: graph.add(log_q, volume),
        variables: chart.coordinates,
        places: chart.places,
    })
}

/// z₁ = t₁, z₂ = (1 − t₁)·t₂, …
fn simplex(graph: &mut Graph, z: &[Id], chart: &mut Chart) {
    let (last, first) = z.split_last().expect("invariant: a simplex has components");
    let one = graph.integer(1);
    let mut left = one;
    for &z in first {
        let t = chart.coordinate(graph, Domain::UnitInterval);
        chart.places.insert(z, graph.mul(left, t));
        chart.log_volume.push(graph.log(left));
        let rest = graph.sub(one, t);
        left = graph.mul(left, rest);
    }
    chart.places.insert(*last, left);
}

/// z₁, then each z above the one before.
fn steps(graph: &mut Graph, z: &[Id], first: Domain, chart: &mut Chart) {
    let mut before: Option<Id> = None;
    for &z in z {
        let domain = if before.is_none() {
            first.clone()
        } else {
            Domain::Positive
        };
        let step = chart.coordinate(graph, domain);
        let place = before.map_or(step, |before| graph.add(before, step));
        chart.places.insert(z, place);
        before = Some(place);
    }
}

/// The entries of a lower triangular matrix with positive diagonal.
fn triangle(graph: &mut Graph, z: &[Id], n: usize, chart: &mut Chart) {
    let zero = graph.integer(0);
    for (k, &z) in z.iter().enumerate() {
        let (i, j) = (k / n, k % n);
        let place = match i.cmp(&j) {
            std::cmp::Ordering::Less => zero,
            std::cmp::Ordering::Equal => chart.coordinate(graph, Domain::Positive),
            std::cmp::Ordering::Greater => chart.coordinate(graph, Domain::Real),
        };
        chart.places.insert(z, place);
    }
}

/// Rows of norm 1 by partial correlations: row (r₁, r₂√(1 − r₁²), …, √∏(1 − rᵢ²)).
fn rows(graph: &mut Graph, z: &[Id], n: usize, chart: &mut Chart) {
    let (zero, one, two) = (graph.integer(0), graph.integer(1), graph.integer(2));
    let minus = graph.neg(one);
    for i in 0..n {
        let mut left = one;
        for j in 0..n {
            let place = match j.cmp(&i) {
                std::cmp::Ordering::Less => {
                    let r = chart.coordinate(graph, Domain::Interval(minus, one));
                    let root = graph.unary(Unary::Sqrt, left);
                    let log = graph.log(left);
                    chart.log_volume.push(graph.div(log, two));
                    let square = graph.square(r);
                    let rest = graph.sub(one, square);
                    left = graph.mul(left, rest);
                    graph.mul(r, root)
                }
                std::cmp::Ordering::Equal => graph.unary(Unary::Sqrt, left),
                std::cmp::Ordering::Greater => zero,
            };
            chart.places.insert(z[i * n + j], place);
        }
    }
}

/// A 2×2 matrix by its diagonal and its correlation; a volume is one of the lower triangle.
fn pair(graph: &mut Graph, z: &[Id], chart: &mut Chart) {
    let one = graph.integer(1);
    let minus = graph.neg(one);
    let x = chart.coordinate(graph, Domain::Positive);
    let r = chart.coordinate(graph, Domain::Interval(minus, one));
    let y = chart.coordinate(graph, Domain::Positive);
    let product = graph.mul(x, y);
    let root = graph.unary(Unary::Sqrt, product);
    let covariance = graph.mul(r, root);
    chart
        .places
        .extend([(z[0], x), (z[1], covariance), (z[2], covariance), (z[3], y)]);
    chart.log_volume.push(graph.log(root));
}

/// log q over coordinates that range over intervals, with the factor that surface area brings.
pub(crate) fn surface(model: &mut Model, log_q: Id) -> Result<(Id, Vec<Variable>), String> {
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

/// log q over the angles of a circle or a sphere, with the factor that surface area brings.
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
        symbols: vec![graph.symbol("angle()", &[index])],
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
