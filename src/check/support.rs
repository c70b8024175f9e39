//! g maps the noise support into the target's support.
//!
//! A point certainly outside the closure of the support refutes. A point exactly on its edge does
//! not, unless a whole neighbourhood of the noise is mapped there (a clamped or rectified draw).

mod conditions;
mod membership;

pub(super) use self::conditions::conditions;

use self::conditions::Condition;
use self::membership::{Membership, PRECISIONS, Standing, untied};
use super::counterexample::Counterexample;
use super::decide::spread;
use super::neighbours::neighbour;
use super::points::{Point, Space};
use super::{Context, Finding, Verdict, facts, judge, surfaces};
use crate::algebra::{Outcome, Signs, prove, prove_sign};
use crate::graph::Id;
use crate::language::Domain;
use crate::model::{Definition, Model};
use crate::number::{Binary, Rational};
use crate::tape::Tape;

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
    let has_density = model.target.as_ref().and_then(|t| t.density()).is_some();
    let mut domains = model.outputs.iter().map(|o| &o.domain);
    let membership = Membership {
        tape,
        conditions,
        discrete,
        closed: !has_density && domains.all(|d| *d == Domain::Nonnegative),
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
        let standing = membership.standing_up_to(point, count);
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
    let mut known = facts::facts(&mut model.graph, space);
    // An edge that a set without mass is mapped to is no matter.
    known.almost_everywhere(judge::continuous(model));
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
            membership.standing(&near),
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
                let standing = membership.standing(&next);
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
    let standing = membership.standing(point);
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
