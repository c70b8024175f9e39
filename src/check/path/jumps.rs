//! Where a term jumps as the parameters move: thresholds of comparisons, `sign`, `floor`, `ceil`,
//! `round` and `mod`, whose place in the noise depends on a parameter.
//!
//! The surface is solved for one noise component, so the term on either side of it is a formula, and
//! continuity is an equation like any other. Across a jump the pathwise estimator misses
//! ∫ p·∂φσ·(below − above) over the surface ε = σ (Lee, Yu & Yang 2018). A threshold that no
//! parameter moves, or that is a matter of the parameters alone, misses nothing.

use crate::algebra::{Outcome, invert, prove};
use crate::check::expect::Expectations;
use crate::check::judge::{Statement, judge};
use crate::check::points::{Kind, Space, ratio};
use crate::check::univariate::numbers;
use crate::check::{Context, Finding, Verdict, facts, support};
use crate::diagnostic::Span;
use crate::graph::{Graph, Id, Node};
use crate::language::{Domain, End};
use crate::model::{Model, Variable};
use crate::number::text;
use crate::number::{Binary, Unary};
use crate::tape::Tape;
use rustc_hash::FxHashMap;

/// More surfaces than this are not looked at.
const MOST_SURFACES: usize = 24;

/// The symbol for that integer, which no spec can name.
const LATTICE: &str = "k′";

/// Numbers k on either side of 0 at which a jump of `floor` and the like is summed.
const LATTICE_SIZE: i64 = 40;

/// Where the mass of a coordinate without an end is looked for.
const MASS: i64 = 3;

/// Points that are tried for one on a surface.
const MOST_TRIALS: usize = 256;

/// A random coordinate that a surface may be solved for.
#[derive(Clone)]
pub(crate) struct Coordinate {
    /// As a scalar variable with its support.
    pub(crate) variable: Variable,
    /// The logarithm of its density.
    pub(crate) log_density: Id,
}

/// A set {left = right} across which some nodes change.
struct Surface {
    left: Id,
    right: Id,
    /// What the nodes are where left < right.
    below: FxHashMap<Id, Id>,
    /// What they are where left > right.
    above: FxHashMap<Id, Id>,
    /// The integer that `right` mentions.
    lattice: Option<Id>,
    /// Whether it is the seam of a remainder.
    seam: bool,
}

/// What was found about the jumps of one term.
pub(crate) enum Jumps {
    /// No surface moves.
    None,
    /// Surfaces move, and the term is continuous across them, or that is not known.
    Judged(Box<Finding>),
    /// It jumps at the seam of `mod` only: it is continuous on a circle.
    Seam,
}

/// A term under scrutiny.
pub(crate) struct Subject<'a> {
    /// How it is called: "z", "f".
    pub(crate) name: &'a str,
    /// The term over base symbols.
    pub(crate) term: Id,
    /// Where it stands.
    pub(crate) span: Span,
}

/// Decides whether a term jumps across a surface that moves.
pub(crate) fn jumps(
    context: &Context,
    model: &mut Model,
    coordinates: &[Coordinate],
    subject: &Subject,
) -> Jumps {
    let parameters: Vec<Id> = model
        .parameters
        .iter()
        .flat_map(|p| p.symbols.clone())
        .collect();
    let random: Vec<Id> = super::random_symbols(model);
    let lattice = model.graph.symbol(LATTICE, &[]);
    let subject = &Subject {
        term: model.graph.attached(&[subject.term])[0],
        span: subject.span.clone(),
        ..*subject
    };
    let surfaces = surfaces(&mut model.graph, subject.term, lattice);
    let moving: Vec<Surface> = surfaces
        .into_iter()
        .filter(|s| {
            let used = model.graph.symbols_of(&[s.left, s.right]);
            used.iter().any(|u| parameters.contains(u)) && used.iter().any(|u| random.contains(u))
        })
        .collect();
    let mut all: Option<Finding> = None;
    let mut only_seams = false;
    for (count, surface) in moving.iter().enumerate() {
        if count == MOST_SURFACES {
            let more = Finding::inconclusive(format!("more than {MOST_SURFACES} surfaces move"));
            all = Some(all.map_or(more.clone(), |before| before.and(more)));
            break;
        }
        let finding = across(context, model, coordinates, &parameters, subject, surface);
        if finding.verdict == Verdict::Refuted {
            if surface.seam && subject.name != "f" {
                only_seams = true;
                continue;
            }
            return Jumps::Judged(Box::new(finding));
        }
        all = Some(all.map_or(finding.clone(), |before| before.and(finding)));
    }
    match all {
        Some(finding) => Jumps::Judged(Box::new(finding)),
        None if only_seams => Jumps::Seam,
        None => Jumps::None,
    }
}

/// Every surface across which a node of the term is not continuous.
fn surfaces(graph: &mut Graph, term: Id, lattice: Id) -> Vec<Surface> {
    let mut found: Vec<Surface> = Vec::new();
    let (zero, one) = (graph.integer(0), graph.integer(1));
    for id in graph.reachable(&[term]) {
        let (left, right, below, above, uses_lattice, seam) = match graph.node(id) {
            Node::Binary(Binary::Less | Binary::LessEqual, a, b) => (a, b, one, zero, false, false),
            Node::Binary(Binary::Mod, x, y) => (graph.div(x, y), lattice, y, zero, true, true),
            // The cut of the angle, along the negative half of the axis.
            Node::Binary(Binary::Atan2, y, x) => {
                let (pi, behind) = (graph.pi(), graph.binary(Binary::Less, x, zero));
                let minus = graph.neg(pi);
                let (low, high) = (
                    graph.select(behind, minus, zero),
                    graph.select(behind, pi, zero),
                );
                (y, zero, low, high, false, true)
            }
            Node::Unary(Unary::Sign, x) => {
                let minus = graph.integer(-1);
                (x, zero, minus, one, false, false)
            }
            Node::Unary(operator @ (Unary::Floor | Unary::Ceil | Unary::Round), x) => {
                let two = graph.integer(2);
                let half = graph.div(one, two);
                let (at, low) = match operator {
                    Unary::Floor => (lattice, graph.sub(lattice, one)),
                    Unary::Round => (graph.add(lattice, half), lattice),
                    _ => (lattice, lattice),
                };
                let high = graph.add(low, one);
                (x, at, low, high, true, false)
            }
            Node::Constant(_)
            | Node::Pi
            | Node::Infinity
            | Node::Symbol(_)
            | Node::Unary(..)
            | Node::Binary(..)
            | Node::Ternary(..) => continue,
        };
        // The same surface may be named by several nodes, in either order.
        let same = found
            .iter_mut()
            .find(|s| (s.left, s.right) == (left, right) || (s.left, s.right) == (right, left));
        match same {
            Some(surface) if surface.left == left => {
                surface.below.insert(id, below);
                surface.above.insert(id, above);
            }
            Some(surface) => {
                surface.below.insert(id, above);
                surface.above.insert(id, below);
            }
            None => found.push(Surface {
                left,
                right,
                below: FxHashMap::from_iter([(id, below)]),
                above: FxHashMap::from_iter([(id, above)]),
                lattice: uses_lattice.then_some(lattice),
                seam,
            }),
        }
    }
    found
}

/// A surface as a graph over one coordinate: one branch of the solution.
struct Sheet {
    coordinate: Coordinate,
    /// The coordinate as a formula of the others.
    place: Id,
    /// 1 where the branch exists, lies in the support, and moves.
    exists: Id,
    /// The term on the side where left < right, and on the other.
    sides: (Id, Id),
    /// The slope of left − right in the coordinate, on the surface.
    slope: Id,
}

fn across(
    context: &Context,
    model: &mut Model,
    coordinates: &[Coordinate],
    parameters: &[Id],
    subject: &Subject,
    surface: &Surface,
) -> Finding {
    let says = format!(
        "{} = {}",
        model.graph.brief(surface.left),
        model.graph.brief(surface.right)
    );
    let Some(sheets) = sheets(model, coordinates, parameters, subject.term, surface) else {
        return Finding::inconclusive(format!(
            "the surface {says} could not be solved for a noise component"
        ))
        .at(subject.span.clone());
    };
    let mut all: Option<Finding> = None;
    for sheet in &sheets {
        let variables = variables(model, surface, sheet);
        let space = Space::new(&model.graph, variables);
        let left = model
            .graph
            .select(sheet.exists, sheet.sides.0, sheet.sides.1);
        let (one_side, other_side) = (
            format!("{} just before {says}", subject.name),
            format!("{} just after it", subject.name),
        );
        let statement = Statement {
            left: &one_side,
            right: &other_side,
            sides: vec![(left, sheet.sides.1)],
            span: subject.span.clone(),
            almost_everywhere: true,
        };
        let mut place = None;
        let mut finding = judge(context, model, &space, &statement, |model, failure| {
            let at = numbers(&failure.point);
            let coordinate = model.graph.display(sheet.coordinate.variable.symbols[0]);
            place = crate::check::univariate::value(&model.graph, &space.symbols, &at, sheet.place)
                .map(|v| (coordinate, text::rounded(v, 6)));
            let given: usize = model.givens().iter().map(|v| v.symbols.len()).sum();
            explanation(model, &sheets, surface, parameters, &at[..given])
        });
        if finding.verdict == Verdict::Refuted {
            finding.message = format!("{} jumps across {says}, which moves", subject.name);
            if let Some(example) = &mut finding.counterexample {
                example.noise.extend(place);
            }
            return finding;
        }
        if finding.verdict >= Verdict::Certified && !is_met(context, model, &space, sheet) {
            finding = Finding::inconclusive(format!(
                "no point of the support was found on the surface {says}"
            ))
            .at(subject.span.clone());
        }
        all = Some(all.map_or(finding.clone(), |before| before.and(finding)));
    }
    all.unwrap_or_else(|| {
        Finding::new(
            Verdict::Certified,
            format!("the surface {says} does not meet the support"),
        )
    })
}

/// Whether some point of the space lies on the surface, or provably none does: what holds at no
/// point at all is no evidence.
fn is_met(context: &Context, model: &mut Model, space: &Space, sheet: &Sheet) -> bool {
    let Ok(tape) = Tape::new(&model.graph, &space.symbols, &[sheet.exists]) else {
        return false;
    };
    let mut rng = context.stream("surface");
    let met = (0..MOST_TRIALS).any(|round| {
        let point = space.draw(Kind::of_round(round % 16), &mut rng);
        point.is_some_and(|point| tape.evaluate(&numbers(&point), &())[0] == 1.0)
    });
    if met {
        return true;
    }
    let known = facts::facts(&mut model.graph, space);
    let zero = model.graph.integer(0);
    let outcome = prove(&mut model.graph, &known, sheet.exists, zero);
    matches!(outcome, Outcome::Proved(..))
}

/// What a point on the surface is made of.
fn variables(model: &mut Model, surface: &Surface, sheet: &Sheet) -> Vec<Variable> {
    let solved = sheet.coordinate.variable.symbols[0];
    let mut variables = model.givens();
    for variable in super::random_variables(model) {
        if !variable.symbols.contains(&solved) {
            variables.push(variable);
        } else if variable.domain.is_elementwise() {
            variables.extend(
                crate::check::normalization::scalars(&variable)
                    .into_iter()
                    .filter(|v| v.symbols[0] != solved)
                    .map(|v| Variable {
                        name: model.graph.display(v.symbols[0]),
                        ..v
                    }),
            );
        }
    }
    if let Some(symbol) = surface.lattice {
        variables.push(Variable {
            name: LATTICE.to_owned(),
            shape: Vec::new(),
            symbols: vec![symbol],
            domain: lattice_range(model, surface, &sheet.coordinate.variable),
            range: None,
        });
    }
    variables
}

/// The integers at which the surface is met as the coordinate runs over where its mass may be.
fn lattice_range(model: &mut Model, surface: &Surface, coordinate: &Variable) -> Domain {
    let bounds = coordinate.domain.bounds();
    let ends = coordinate.domain.interval();
    let graph = &mut model.graph;
    let end = |graph: &mut Graph, end: Option<End>, infinite: i64| match end {
        Some(End::At(number)) => graph.integer(number.into()),
        Some(End::Bound(place)) => bounds[place],
        Some(End::Infinite) | None => graph.integer(infinite),
    };
    let low = end(graph, ends.map(|e| e[0]), -MASS);
    let high = end(graph, ends.map(|e| e[1]), MASS);
    let (small, zero) = (graph.constant(ratio(1, 1 << 10)), graph.integer(0));
    let width = graph.sub(high, low);
    let inward = graph.mul(width, small);
    let (low, high) = (graph.add(low, inward), graph.sub(high, inward));
    let base = surface.lattice.map(|symbol| (symbol, zero));
    let offset = graph.substitute(&[surface.right], &base.into_iter().collect())[0];
    let height = graph.sub(surface.left, offset);
    let [a, b] = [low, high].map(|place| {
        let there = FxHashMap::from_iter([(coordinate.symbols[0], place)]);
        graph.substitute(&[height], &there)[0]
    });
    Domain::IntegerInterval(
        graph.binary(Binary::Min, a, b),
        graph.binary(Binary::Max, a, b),
    )
}

/// The surface solved for the first coordinate that allows it.
fn sheets(
    model: &mut Model,
    coordinates: &[Coordinate],
    parameters: &[Id],
    term: Id,
    surface: &Surface,
) -> Option<Vec<Sheet>> {
    let graph = &mut model.graph;
    let (left, right) = (surface.left, surface.right);
    for coordinate in coordinates {
        let symbol = coordinate.variable.symbols[0];
        let inside = |graph: &Graph, id: Id| graph.symbols_of(&[id]).contains(&symbol);
        let solved = match (inside(graph, left), inside(graph, right)) {
            (true, false) => invert(graph, left, symbol, right),
            (false, true) => invert(graph, right, symbol, left),
            (true, true) => {
                let (difference, zero) = (graph.sub(left, right), graph.integer(0));
                invert(graph, difference, symbol, zero)
            }
            (false, false) => continue,
        };
        let Some(branches) = solved else { continue };
        let difference = graph.sub(left, right);
        let slope = graph.differentiate(&[difference], symbol).ok()?[0];
        let mut sheets = Vec::new();
        for branch in branches {
            let there = FxHashMap::from_iter([(symbol, branch.solution)]);
            let speeds: Vec<Id> = parameters
                .iter()
                .map(|&p| graph.differentiate(&[branch.solution], p).map(|d| d[0]))
                .collect::<Result<_, _>>()
                .ok()?;
            let speeds: Vec<Id> = speeds
                .into_iter()
                .map(|s| graph.unary(Unary::Abs, s))
                .collect();
            let speed = graph.sum(&speeds);
            let zero = graph.integer(0);
            let mut conditions = branch.conditions.clone();
            for condition in support::conditions(graph, &coordinate.variable) {
                let term = graph.substitute(&[condition.term], &there)[0];
                conditions.push(graph.binary(Binary::Less, zero, term));
            }
            conditions.push(graph.binary(Binary::Less, zero, speed));
            let one = graph.integer(1);
            // Nested, so that a later condition is asked only where the earlier ones hold.
            let exists = conditions
                .iter()
                .rev()
                .fold(one, |inner, &c| graph.select(c, inner, zero));
            let mut side = |values: &FxHashMap<Id, Id>| {
                let on_one_side = graph.substitute(&[term], values)[0];
                graph.substitute(&[on_one_side], &there)[0]
            };
            let sides = (side(&surface.below), side(&surface.above));
            let slope = graph.substitute(&[slope], &there)[0];
            sheets.push(Sheet {
                coordinate: coordinate.clone(),
                place: branch.solution,
                exists,
                sides,
                slope,
            });
        }
        return Some(sheets);
    }
    None
}

/// What the pathwise estimator of each parameter misses, as terms: p(σ)·∂φσ·(below − above).
fn missed(model: &mut Model, sheets: &[Sheet], surface: &Surface, parameter: Id) -> Option<Id> {
    let graph = &mut model.graph;
    let mut terms = Vec::new();
    for sheet in sheets {
        let symbol = sheet.coordinate.variable.symbols[0];
        let there = FxHashMap::from_iter([(symbol, sheet.place)]);
        let log_density = graph.substitute(&[sheet.coordinate.log_density], &there)[0];
        let density = graph.exp(log_density);
        let speed = graph.differentiate(&[sheet.place], parameter).ok()?[0];
        let sign = graph.unary(Unary::Sign, sheet.slope);
        let jump = graph.sub(sheet.sides.0, sheet.sides.1);
        let product = graph.product(&[density, speed, sign, jump]);
        let zero = graph.integer(0);
        terms.push(graph.select(sheet.exists, product, zero));
    }
    let total = graph.sum(&terms);
    let Some(lattice) = surface.lattice else {
        return Some(total);
    };
    let each: Vec<Id> = (-LATTICE_SIZE..=LATTICE_SIZE)
        .map(|k| {
            let k = graph.integer(k);
            graph.substitute(&[total], &FxHashMap::from_iter([(lattice, k)]))[0]
        })
        .collect();
    Some(graph.sum(&each))
}

fn explanation(
    model: &mut Model,
    sheets: &[Sheet],
    surface: &Surface,
    parameters: &[Id],
    at: &[f64],
) -> String {
    let mut texts = Vec::new();
    for &parameter in parameters {
        let Some(term) = missed(model, sheets, surface, parameter) else {
            continue;
        };
        let estimate = Expectations::new(model, at.to_vec()).of(term);
        if let Some(estimate) = estimate.filter(|e| e.value != 0.0) {
            let name = model.graph.display(parameter);
            texts.push(format!("{} in {name}", text::rounded(estimate.value, 6)));
        }
    }
    if texts.is_empty() {
        "the density charges the surface, and the mass that crosses it shows in no path derivative"
            .to_owned()
    } else {
        format!(
            "mass crosses the surface as the parameters move: of the gradient of the mean, the pathwise estimator misses {}",
            texts.join(", ")
        )
    }
}
