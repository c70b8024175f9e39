//! g maps the noise support into the target's support.
//!
//! A point certainly outside the closure of the support refutes. A point exactly on its edge does
//! not, unless a whole neighbourhood of the noise is mapped there (a clamped or rectified draw).

use super::counterexample::Counterexample;
use super::decide::{is_narrow, spread};
use super::neighbours::neighbour;
use super::points::{Point, Space};
use super::{Context, Finding, Verdict, facts, judge, surfaces};
use crate::algebra::{Outcome, Signs, prove, prove_sign};
use crate::graph::{Graph, Id, Node};
use crate::language::Domain;
use crate::model::{Definition, Model, Variable};
use crate::number::{Binary, Enclosure, Precision, Rational, Unary};
use crate::tape::Tape;
use rustc_hash::FxHashMap;

/// A quantity that the support wants positive (or zero), or equal to zero.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    /// The quantity, in z, φ and x.
    pub(crate) term: Id,
    /// Whether it must vanish; otherwise it must be positive, or zero on the edge.
    pub(crate) vanishes: bool,
    /// What it says, for messages: "z > 0".
    pub(crate) says: String,
}

/// What a domain demands of the components of a variable.
pub(crate) fn conditions(graph: &mut Graph, variable: &Variable) -> Vec<Condition> {
    let mut found = Vec::new();
    let name = |graph: &Graph, id: Id| graph.display(id);
    let mut positive = |graph: &mut Graph, large: Id, small: Id| {
        let term = graph.sub(large, small);
        let says = format!("{} > {}", name(graph, large), name(graph, small));
        found.push(Condition {
            term,
            vanishes: false,
            says,
        });
    };
    let (zero, one) = (graph.integer(0), graph.integer(1));
    let half = graph.constant(Rational::from_parts(1.into(), 2u8.into()));
    let symbols = &variable.symbols;
    let last = variable.shape.last().copied().unwrap_or(1).max(1);
    let mut vanishing: Vec<(Id, String)> = Vec::new();
    match variable.domain {
        Domain::Boolean | Domain::OneHot => {
            for &z in symbols {
                let rest = graph.sub(one, z);
                let says = format!("{} is 0 or 1", name(graph, z));
                vanishing.push((graph.mul(z, rest), says));
            }
        }
        Domain::IntegerInterval(..) | Domain::NonnegativeInteger => {
            for &z in symbols {
                let near = graph.unary(Unary::Round, z);
                let says = format!("{} is an integer", name(graph, z));
                vanishing.push((graph.sub(z, near), says));
            }
        }
        Domain::Real
        | Domain::Nonzero
        | Domain::Positive
        | Domain::Nonnegative
        | Domain::Negative
        | Domain::UnitInterval
        | Domain::Interval(..)
        | Domain::GreaterThan(_)
        | Domain::LessThan(_)
        | Domain::Simplex
        | Domain::Ordered
        | Domain::PositiveOrdered
        | Domain::UnitVector
        | Domain::LowerCholesky
        | Domain::CorrCholesky
        | Domain::PositiveDefinite => {}
    }
    match variable.domain {
        Domain::Real | Domain::Nonzero => {}
        Domain::Positive | Domain::Nonnegative => {
            symbols.iter().for_each(|&z| positive(graph, z, zero));
        }
        // Edges of a discrete domain belong to it, so half a unit is left around them.
        Domain::NonnegativeInteger => {
            for &z in symbols {
                let low = graph.sub(zero, half);
                positive(graph, z, low);
                let nearest = graph.unary(Unary::Round, z);
                vanishing.push((
                    graph.sub(z, nearest),
                    format!("{} is an integer", variable.name),
                ));
            }
        }
        Domain::Negative => symbols.iter().for_each(|&z| positive(graph, zero, z)),
        Domain::Boolean => {
            for &z in symbols {
                let other = graph.sub(one, z);
                let product = graph.mul(z, other);
                vanishing.push((product, format!("{} is 0 or 1", variable.name)));
            }
        }
        Domain::UnitInterval => {
            for &z in symbols {
                positive(graph, z, zero);
                positive(graph, one, z);
            }
        }
        Domain::IntegerInterval(low, high) => {
            for &z in symbols {
                let (below, above) = (graph.sub(low, half), graph.add(high, half));
                positive(graph, z, below);
                positive(graph, above, z);
                let nearest = graph.unary(Unary::Round, z);
                vanishing.push((
                    graph.sub(z, nearest),
                    format!("{} is an integer", variable.name),
                ));
            }
        }
        Domain::Interval(low, high) => {
            for &z in symbols {
                positive(graph, z, low);
                positive(graph, high, z);
            }
        }
        Domain::GreaterThan(low) => symbols.iter().for_each(|&z| positive(graph, z, low)),
        Domain::LessThan(high) => symbols.iter().for_each(|&z| positive(graph, high, z)),
        Domain::Simplex | Domain::OneHot => {
            for row in symbols.chunks(last) {
                for &z in row {
                    if variable.domain == Domain::Simplex {
                        positive(graph, z, zero);
                        continue;
                    }
                    let other = graph.sub(one, z);
                    let product = graph.mul(z, other);
                    vanishing.push((product, format!("each of {} is 0 or 1", variable.name)));
                }
                let sum = graph.sum(row);
                vanishing.push((
                    graph.sub(sum, one),
                    format!("the sum of {} is 1", variable.name),
                ));
            }
        }
        Domain::Ordered | Domain::PositiveOrdered => {
            for row in symbols.chunks(last) {
                if matches!(variable.domain, Domain::PositiveOrdered) {
                    positive(graph, row[0], zero);
                }
                row.windows(2)
                    .for_each(|pair| positive(graph, pair[1], pair[0]));
            }
        }
        Domain::UnitVector => {
            for row in symbols.chunks(last) {
                let squares: Vec<Id> = row.iter().map(|&z| graph.square(z)).collect();
                let sum = graph.sum(&squares);
                vanishing.push((
                    graph.sub(sum, one),
                    format!("the norm of {} is 1", variable.name),
                ));
            }
        }
        Domain::LowerCholesky | Domain::CorrCholesky => {
            for i in 0..last {
                positive(graph, symbols[i * last + i], zero);
                for j in i + 1..last {
                    let entry = symbols[i * last + j];
                    vanishing.push((entry, format!("{} is 0 above the diagonal", variable.name)));
                }
                if matches!(variable.domain, Domain::CorrCholesky) {
                    let row = &symbols[i * last..(i + 1) * last];
                    let squares: Vec<Id> = row.iter().map(|&z| graph.square(z)).collect();
                    let sum = graph.sum(&squares);
                    let says = format!("each row of {} has norm 1", variable.name);
                    vanishing.push((graph.sub(sum, one), says));
                }
            }
        }
        Domain::PositiveDefinite => {
            for i in 0..last {
                for j in 0..i {
                    let (below, above) = (symbols[i * last + j], symbols[j * last + i]);
                    let says = format!("{} is symmetric", variable.name);
                    vanishing.push((graph.sub(below, above), says));
                }
            }
            // Sylvester's criterion: every leading minor is positive.
            for size in 1..=last {
                let rows: Vec<Vec<Id>> = (0..size)
                    .map(|i| symbols[i * last..i * last + size].to_vec())
                    .collect();
                let minor = crate::algebra::determinant(graph, &rows);
                found.push(Condition {
                    term: minor,
                    vanishes: false,
                    says: format!("leading minor {size} of {} is positive", variable.name),
                });
            }
        }
    }
    found.extend(vanishing.into_iter().map(|(term, says)| Condition {
        term,
        vanishes: true,
        says,
    }));
    found
}

/// How a point stands to the support.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Inside,
    Edge,
    Outside(usize),
    Undefined,
    Unknown,
}

/// Working precisions, in bits, until a point is known to lie inside or outside.
const PRECISIONS: [usize; 3] = [96, 256, 1024];

struct Membership {
    tape: Tape,
    conditions: Vec<Condition>,
    /// Whether the support is one of atoms: then its ends belong to it.
    discrete: bool,
}

impl Membership {
    fn standing(&self, point: &[Rational]) -> (Standing, Vec<Enclosure>) {
        self.standing_up_to(point, PRECISIONS.len())
    }

    /// The same with only the first so many precisions.
    fn standing_up_to(&self, point: &[Rational], count: usize) -> (Standing, Vec<Enclosure>) {
        let mut last = Vec::new();
        for bits in PRECISIONS.into_iter().take(count) {
            let precision = Precision(bits);
            let inputs: Vec<Enclosure> = point
                .iter()
                .map(|v| Enclosure::exact(v, precision))
                .collect();
            last = self.tape.evaluate(&inputs, &precision);
            let zero = Enclosure::exact(&Rational::ZERO, precision);
            let mut standing = Standing::Inside;
            for (i, (condition, value)) in self.conditions.iter().zip(&last).enumerate() {
                let one = if value.is_certainly_undefined() {
                    Standing::Undefined
                } else if value.is_possibly_undefined() {
                    Standing::Unknown
                } else if condition.vanishes {
                    // Never shown equal, only shown different.
                    if value.disjoint(&zero) {
                        Standing::Outside(i)
                    } else {
                        Standing::Inside
                    }
                } else if zero.certainly_less(value) {
                    Standing::Inside
                } else if value.certainly_less(&zero) {
                    Standing::Outside(i)
                } else if value.as_rational() == Some(Rational::ZERO) {
                    if self.discrete {
                        Standing::Inside
                    } else {
                        Standing::Edge
                    }
                } else if self.discrete && is_narrow(value) {
                    // Of an atom at an end no enclosure shows more.
                    Standing::Inside
                } else {
                    Standing::Unknown
                };
                standing = match (standing, one) {
                    (Standing::Outside(i), _) => Standing::Outside(i),
                    (_, Standing::Outside(i)) => Standing::Outside(i),
                    (Standing::Undefined, _) | (_, Standing::Undefined) => Standing::Undefined,
                    (Standing::Unknown, _) | (_, Standing::Unknown) => Standing::Unknown,
                    (Standing::Edge, _) | (_, Standing::Edge) => Standing::Edge,
                    (Standing::Inside, Standing::Inside) => Standing::Inside,
                };
            }
            if standing != Standing::Unknown {
                return (standing, last);
            }
        }
        (Standing::Unknown, last)
    }
}

/// Terms in which a quantity is compared with the others instead of with the largest of all, itself
/// among them: of which enclosures can never tell that it is not larger.
fn untied(graph: &mut Graph, terms: &[Id]) -> Vec<Id> {
    let mut replaced = FxHashMap::default();
    for id in graph.reachable(terms) {
        let (largest, own) = match graph.node(id) {
            Node::Binary(Binary::LessEqual | Binary::Equal, a, b) => (a, b),
            Node::Binary(..)
            | Node::Unary(..)
            | Node::Ternary(..)
            | Node::Constant(_)
            | Node::Pi
            | Node::Infinity
            | Node::Symbol(_) => continue,
        };
        let (mut open, mut rivals, mut among) = (vec![largest], Vec::new(), false);
        while let Some(next) = open.pop() {
            if next == own {
                among = true;
            } else if let Node::Binary(Binary::Max, a, b) = graph.node(next) {
                open.extend([a, b]);
            } else {
                rivals.push(next);
            }
        }
        if among && !rivals.is_empty() {
            let mut all = graph.integer(1);
            for rival in rivals {
                let below = graph.binary(Binary::LessEqual, rival, own);
                all = graph.binary(Binary::And, all, below);
            }
            replaced.insert(id, all);
        }
    }
    graph.substitute(terms, &replaced)
}

pub(crate) fn run(context: &Context, model: &mut Model) -> Finding {
    if model.definition != Definition::Transform {
        return Finding::skipped("there is no transform");
    }
    let Some(span) = model.target.as_ref().and_then(|t| t.support.clone()) else {
        return Finding::skipped("no support is stated");
    };
    let mut all = Vec::new();
    for output in model.outputs.clone() {
        all.extend(conditions(&mut model.graph, &output));
    }
    let space = Space::new(&model.graph, model.base_variables());
    // A support without conditions still asks that g is defined.
    let transform = model
        .transform
        .clone()
        .expect("invariant: there is a transform")
        .elements;
    let mut conditions = all;
    if conditions.is_empty() {
        let (zero, one) = (model.graph.integer(0), model.graph.integer(1));
        for &z in &model.output_symbols() {
            let nothing = model.graph.binary(Binary::Mul, zero, z);
            let term = model.graph.binary(Binary::Add, one, nothing);
            conditions.push(Condition {
                term,
                vanishes: false,
                says: "z is a number".to_owned(),
            });
        }
    }
    let terms: Vec<Id> = conditions.iter().map(|c| c.term).collect();
    let terms = model.rebase(&terms);
    let terms = untied(&mut model.graph, &terms);
    let Ok(tape) = Tape::new(&model.graph, &space.symbols, &terms) else {
        return Finding::inconclusive("the support depends on something that no point fixes")
            .at(span);
    };
    if proved(model, &space, &conditions, &terms) {
        return Finding::new(
            Verdict::Proved,
            "each condition of the support follows from the domains",
        )
        .at(span)
        .with("conditions", conditions.len());
    }
    let discrete = model.outputs.iter().all(|o| {
        matches!(
            o.domain,
            Domain::Boolean
                | Domain::OneHot
                | Domain::IntegerInterval(..)
                | Domain::NonnegativeInteger
        )
    });
    let membership = Membership {
        tape,
        conditions,
        discrete,
    };
    let mut rng = context.stream("points");
    let mut points = spread(&space, context.effort.points() / 2, &mut rng);
    let mut surface_terms = terms.clone();
    surface_terms.extend(&transform);
    points.extend(surfaces::points(
        &model.graph,
        &space,
        &surface_terms,
        &points,
        &mut rng,
    ));
    let random = judge::random_places(model, &space);
    let (mut inside, mut edge, mut unknown) = (0usize, 0usize, 0usize);
    for point in &points {
        // What stays open at the highest precision a few times will do so again.
        let count = if unknown < 3 { PRECISIONS.len() } else { 1 };
        let (standing, _) = membership.standing_up_to(point, count);
        match standing {
            Standing::Inside => inside += 1,
            Standing::Unknown => unknown += 1,
            Standing::Edge | Standing::Outside(_) | Standing::Undefined => {
                if persists(&space, &membership, point, &random, standing) {
                    let point = simplest(&space, &membership, point, &random);
                    return refutation(model, &space, &membership, &point).at(span);
                }
                edge += 1;
            }
        }
    }
    if inside == 0 {
        return Finding::inconclusive(format!(
            "no point is certainly inside ({unknown} undecided)"
        ))
        .at(span);
    }
    Finding::new(
        Verdict::Certified,
        format!("inside at {inside} exact points"),
    )
    .at(span)
    .with("certified_points", inside)
    .with("edge_points", edge)
    .with("undecided_points", unknown)
}

/// Whether all conditions follow from the domains; integers and holes are not conditions on signs.
fn proved(model: &mut Model, space: &Space, conditions: &[Condition], terms: &[Id]) -> bool {
    let by_signs = model.outputs.iter().all(|v| {
        !matches!(
            v.domain,
            Domain::Nonzero
                | Domain::Boolean
                | Domain::IntegerInterval(..)
                | Domain::NonnegativeInteger
                | Domain::OneHot
        )
    });
    if !by_signs {
        return false;
    }
    let known = facts::facts(&mut model.graph, space);
    let zero = model.graph.integer(0);
    conditions.iter().zip(terms).all(|(condition, &term)| {
        if condition.vanishes {
            let outcome = prove(&mut model.graph, &known, term, zero);
            matches!(outcome, Outcome::Proved(..))
        } else {
            prove_sign(&mut model.graph, &known, term, Signs::POSITIVE)
        }
    })
}

/// Whether neighbours in the noise are not inside either.
fn persists(
    space: &Space,
    membership: &Membership,
    point: &[Rational],
    random: &[usize],
    standing: Standing,
) -> bool {
    if random.is_empty() {
        return standing != Standing::Edge;
    }
    // Where g is undefined, neighbours in the parameters count too: a formula may have a hole.
    let all: Vec<usize> = (0..point.len()).collect();
    let places = if standing == Standing::Undefined {
        &all
    } else {
        random
    };
    let near = |up: bool| {
        let near = neighbour(space, point, places, up);
        matches!(
            membership.standing(&near).0,
            Standing::Edge | Standing::Outside(_) | Standing::Undefined
        )
    };
    match standing {
        // One side of an open set of noise outside is enough; an edge must hold all around.
        Standing::Outside(_) | Standing::Undefined => near(true) || near(false),
        Standing::Edge => near(true) && near(false),
        Standing::Inside | Standing::Unknown => false,
    }
}

/// A simpler point that is not inside either.
fn simplest(space: &Space, membership: &Membership, point: &[Rational], random: &[usize]) -> Point {
    let mut best = point.to_vec();
    for place in 0..best.len() {
        for candidate in super::decide::simpler(&best[place]) {
            let mut next = best.clone();
            next[place] = candidate;
            if super::decide::complexity(&next) < super::decide::complexity(&best)
                && space.admits(&next, place)
            {
                let standing = membership.standing(&next).0;
                let bad = matches!(
                    standing,
                    Standing::Edge | Standing::Outside(_) | Standing::Undefined
                );
                if bad && persists(space, membership, &next, random, standing) {
                    best = next;
                    break;
                }
            }
        }
    }
    best
}

fn refutation(
    model: &mut Model,
    space: &Space,
    membership: &Membership,
    point: &[Rational],
) -> Finding {
    let standing = membership.standing(point).0;
    let images = super::counterexample::images(model, space, point);
    let text: Vec<String> = images
        .iter()
        .map(|(name, value)| format!("{name} = {value}"))
        .collect();
    let (message, right, explanation) = match standing {
        Standing::Outside(i) => {
            let says = &membership.conditions[i].says;
            (
                "g leaves the stated support".to_owned(),
                says.clone(),
                format!("the support demands that {says}"),
            )
        }
        Standing::Undefined => (
            "g is undefined at a point of the noise support".to_owned(),
            "a number".to_owned(),
            "the formula of the transform has no value there".to_owned(),
        ),
        Standing::Edge | Standing::Inside | Standing::Unknown => (
            "g puts mass on the edge of the stated support".to_owned(),
            "a point inside".to_owned(),
            "every noise near this one is mapped to the edge, so a point there has positive probability"
                .to_owned(),
        ),
    };
    let mut finding = Finding::new(Verdict::Refuted, message);
    let mut example = Counterexample::at_point(model, space, point)
        .sides(("g(ε)", text.join(", ")), ("the support", right))
        .explained(explanation);
    example.at.extend(images);
    finding.counterexample = Some(example);
    finding
}
