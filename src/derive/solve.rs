//! z = g(ε) solved for ε, one component at a time.
//!
//! An equation is solved when one component of the noise is left in it and can be isolated. Of
//! several solutions the one is taken that is proved to lead back to the noise. What is found is
//! judged afterwards like a claimed inverse.

use super::tidy::{simplest, tidy};
use super::work::{all_facts, zeros};
use super::{Step, lift};
use crate::algebra::{Branch, Facts, Outcome, invert, prove};
use crate::graph::{Graph, Id, Node, shortened};
use crate::model::Model;
use crate::number::{Binary, Ternary, Unary};
use rustc_hash::{FxHashMap, FxHashSet};

/// Characters of a formula in a step.
const WIDTH: usize = 60;

/// Each component of the noise as a formula in z.
///
/// # Errors
/// Why there is none, or none is found.
pub(super) fn inverse(model: &mut Model, facts: &Facts) -> Result<Vec<Id>, String> {
    if model.noise.iter().any(|n| n.is_discrete()) {
        return Err("some noise is discrete".to_owned());
    }
    let noise = model.noise_symbols();
    let z = model.output_symbols();
    let transform = model.transform.clone().ok_or("there is no transform")?;
    let zeros = zeros(model);
    let transform = model.graph.substitute(&transform.elements, &zeros);
    if noise.len() > transform.len() {
        let (from, to) = (noise.len(), transform.len());
        return Err(format!(
            "g maps {from} components of noise to {to} of z, and forgets some"
        ));
    }
    let graph = &mut model.graph;
    let there: FxHashMap<Id, Id> = z.iter().copied().zip(transform.iter().copied()).collect();
    let mut solved: FxHashMap<Id, Id> = FxHashMap::default();
    let mut open: Vec<usize> = (0..transform.len()).collect();
    let mut reason = None;
    while solved.len() < noise.len() {
        let mut progress = false;
        for i in open.clone() {
            let used = graph.symbols_of(&[transform[i]]);
            let left: Vec<Id> = noise
                .iter()
                .copied()
                .filter(|e| used.contains(e) && !solved.contains_key(e))
                .collect();
            let [unknown] = left.as_slice() else {
                if left.is_empty() {
                    open.retain(|&j| j != i);
                }
                continue;
            };
            let term = graph.substitute(&[transform[i]], &solved)[0];
            match solve(graph, facts, (term, *unknown), z[i], &there) {
                Ok(solution) => {
                    let solution = simplest(graph, facts, solution);
                    solved.insert(*unknown, solution);
                    open.retain(|&j| j != i);
                    progress = true;
                    break;
                }
                Err(message) => reason = reason.or(Some(message)),
            }
        }
        if !progress {
            let missing: Vec<String> = noise
                .iter()
                .filter(|e| !solved.contains_key(e))
                .map(|&e| graph.display(e))
                .collect();
            return Err(reason.unwrap_or_else(|| {
                format!(
                    "no equation has one unknown only: {} are left",
                    missing.join(", ")
                )
            }));
        }
    }
    Ok(noise.iter().map(|e| solved[e]).collect())
}

/// The solution of term = z in one unknown.
fn solve(
    graph: &mut Graph,
    facts: &Facts,
    (term, unknown): (Id, Id),
    z: Id,
    there: &FxHashMap<Id, Id>,
) -> Result<Id, String> {
    let name = graph.display(unknown);
    let isolated = isolate(graph, facts, term, unknown);
    let branches = branches(graph, isolated, unknown, z, MOST_SPLITS);
    let Some(branches) = branches.or_else(|| odd(graph, isolated, unknown, z)) else {
        return Err(format!(
            "`{name}` cannot be isolated in {} = {}",
            graph.display(z),
            shortened(&graph.display(term), WIDTH)
        ));
    };
    if let [only] = branches.as_slice() {
        return Ok(only.solution);
    }
    for branch in &branches {
        let back = graph.substitute(&[branch.solution], there)[0];
        if let Outcome::Proved(..) = prove(graph, facts, back, unknown) {
            return Ok(branch.solution);
        }
    }
    let all: Vec<String> = branches
        .iter()
        .map(|b| shortened(&graph.display(b.solution), WIDTH))
        .collect();
    Err(format!(
        "g is {}-to-one in `{name}`: {}",
        branches.len(),
        all.join(", ")
    ))
}

/// Functions that are undone for their principal values only, and choices, at most inside one
/// another.
const MOST_SPLITS: usize = 3;

/// The solutions of term = value, and where none are known for all values those of the principal
/// branch of a periodic function, and of both sides of a choice that is free of the unknown.
fn branches(
    graph: &mut Graph,
    term: Id,
    unknown: Id,
    value: Id,
    splits: usize,
) -> Option<Vec<Branch>> {
    if let Some(found) = invert(graph, term, unknown, value) {
        return Some(found);
    }
    let splits = splits.checked_sub(1)?;
    // The outermost of them.
    let nodes = graph.reachable(&[term]);
    for &node in nodes.iter().rev() {
        if !graph.reachable(&[node]).contains(&unknown) {
            continue;
        }
        let inner: Option<(Id, Unary)> = match graph.node(node) {
            Node::Unary(Unary::Tan, x) => Some((x, Unary::Atan)),
            Node::Unary(Unary::Sin, x) => Some((x, Unary::Asin)),
            Node::Unary(Unary::Cos, x) => Some((x, Unary::Acos)),
            Node::Ternary(Ternary::Select, ..) => None,
            Node::Unary(..)
            | Node::Binary(..)
            | Node::Ternary(..)
            | Node::Constant(_)
            | Node::Pi
            | Node::Infinity
            | Node::Symbol(_) => continue,
        };
        let Some(outside) = invert(graph, term, node, value) else {
            continue;
        };
        let [outside] = outside.as_slice() else {
            continue;
        };
        let at = outside.solution;
        if let Node::Ternary(Ternary::Select, condition, a, b) = graph.node(node) {
            if graph.reachable(&[condition]).contains(&unknown) {
                continue;
            }
            let first = branches(graph, a, unknown, at, splits)?;
            let second = branches(graph, b, unknown, at, splits)?;
            let mut found = Vec::new();
            for one in &first {
                for other in &second {
                    found.push(Branch {
                        solution: graph.select(condition, one.solution, other.solution),
                        conditions: Vec::new(),
                        divisors: Vec::new(),
                    });
                }
            }
            return Some(found);
        }
        if let Some((x, function)) = inner {
            let principal = graph.unary(function, at);
            let mut angles = vec![principal];
            if function == Unary::Asin {
                let pi = graph.pi();
                angles.push(graph.sub(pi, principal));
            } else if function == Unary::Acos {
                angles.push(graph.neg(principal));
            }
            let mut found = Vec::new();
            for angle in angles {
                found.extend(branches(graph, x, unknown, angle, splits)?);
            }
            return Some(found);
        }
    }
    None
}

/// Both candidates where the unknown occurs as sign(x)·h(|x|), with h of one sign.
fn odd(graph: &mut Graph, term: Id, x: Id, z: Id) -> Option<Vec<Branch>> {
    let size = graph.unary(Unary::Abs, x);
    let sign = graph.unary(Unary::Sign, x);
    // The innermost product that holds both.
    let product = graph.reachable(&[term]).into_iter().find(|&id| {
        let inside = graph.reachable(&[id]);
        inside.contains(&size)
            && inside.contains(&sign)
            && matches!(graph.node(id), Node::Binary(Binary::Mul | Binary::Div, ..))
    })?;
    let one = graph.integer(1);
    let magnitude = graph.symbol("|x|", &[]);
    let parts = FxHashMap::from_iter([(sign, one), (size, magnitude)]);
    let h = graph.substitute(&[product], &parts)[0];
    let outside = invert(graph, term, product, z)?;
    let [outside] = outside.as_slice() else {
        return None;
    };
    let value = outside.solution;
    let (of, direction) = (
        graph.unary(Unary::Abs, value),
        graph.unary(Unary::Sign, value),
    );
    let mut found = Vec::new();
    for negative in [false, true] {
        let (of, direction) = if negative {
            (graph.neg(of), graph.neg(direction))
        } else {
            (of, direction)
        };
        for branch in invert(graph, h, magnitude, of)? {
            found.push(Branch {
                solution: graph.mul(direction, branch.solution),
                conditions: branch.conditions,
                divisors: branch.divisors,
            });
        }
    }
    Some(found)
}

/// The term with the unknown written once where it is a·x + b, or a quotient of two such.
fn isolate(graph: &mut Graph, facts: &Facts, term: Id, x: Id) -> Id {
    let mut image: FxHashMap<Id, Id> = FxHashMap::default();
    let mut holds: FxHashSet<Id> = FxHashSet::default();
    for id in graph.reachable(&[term]) {
        if id == x || graph.node(id).arguments().any(|a| holds.contains(&a)) {
            holds.insert(id);
        }
        let own: FxHashMap<Id, Id> = graph
            .node(id)
            .arguments()
            .filter_map(|a| Some((a, *image.get(&a)?)))
            .filter(|(a, b)| a != b)
            .collect();
        let mut new = graph.substitute(&[id], &own)[0];
        if let Node::Binary(operator, a, b) = graph.node(id)
            && holds.contains(&a)
            && holds.contains(&b)
        {
            if let Some((slope, rest)) = affine(graph, facts, new, x) {
                let product = graph.mul(slope, x);
                new = graph.add(product, rest);
            } else if operator == Binary::Div
                && let Some(once) = quotient(graph, facts, new, x)
            {
                new = once;
            } else if let Some(ratio) = log_of_quotient(graph, new)
                && let Some(once) = quotient(graph, facts, ratio, x)
            {
                new = graph.log(once);
            }
        }
        image.insert(id, new);
    }
    image[&term]
}

/// log a − log b, or with 1 + a or 1 + b, as the quotient under one logarithm.
fn log_of_quotient(graph: &mut Graph, term: Id) -> Option<Id> {
    let Node::Binary(Binary::Sub, a, b) = graph.node(term) else {
        return None;
    };
    let mut inside = |id: Id| match graph.node(id) {
        Node::Unary(Unary::Log, x) => Some(x),
        Node::Unary(Unary::Log1p, x) => {
            let one = graph.integer(1);
            Some(graph.add(one, x))
        }
        Node::Unary(..)
        | Node::Constant(_)
        | Node::Pi
        | Node::Infinity
        | Node::Symbol(_)
        | Node::Binary(..)
        | Node::Ternary(..) => None,
    };
    let (a, b) = (inside(a)?, inside(b)?);
    Some(graph.div(a, b))
}

/// a and b of a·x + b.
fn affine(graph: &mut Graph, facts: &Facts, term: Id, x: Id) -> Option<(Id, Id)> {
    let slope = graph.differentiate(&[term], x).ok()?[0];
    let slope = simplest(graph, facts, slope);
    if graph.symbols_of(&[slope]).contains(&x) {
        return None;
    }
    let zero = graph.integer(0);
    let rest = graph.substitute(&[term], &FxHashMap::from_iter([(x, zero)]))[0];
    let rest = simplest(graph, facts, rest);
    (!graph.is_integer(slope, 0)).then_some((slope, rest))
}

/// (p·x + q)/(r·x + s) as p/r + (q − p·s/r)/(r·x + s).
fn quotient(graph: &mut Graph, facts: &Facts, term: Id, x: Id) -> Option<Id> {
    let Node::Binary(Binary::Div, top, bottom) = graph.node(term) else {
        return None;
    };
    let (p, q) = affine(graph, facts, top, x)?;
    let (r, s) = affine(graph, facts, bottom, x)?;
    let whole = graph.div(p, r);
    let part = graph.mul(whole, s);
    let above = graph.sub(q, part);
    let above = simplest(graph, facts, above);
    let below = graph.mul(r, x);
    let below = graph.add(below, s);
    let fraction = graph.div(above, below);
    Some(graph.add(whole, fraction))
}

/// z = g(ε) undone one operator after another, for the noise and output that stand for all; none
/// where it is not solved in this way.
pub(super) fn steps(model: &Model) -> Vec<Step> {
    let mut model = model.clone();
    let facts = all_facts(&mut model);
    chain(&mut model, &facts).unwrap_or_default()
}

fn chain(model: &mut Model, facts: &Facts) -> Option<Vec<Step>> {
    let ([noise], [output]) = (model.noise.as_slice(), model.outputs.as_slice()) else {
        return None;
    };
    let at = usize::from(noise.variable.symbols.len() > 1);
    let unknown = noise.variable.symbols[at];
    let z = *output.symbols.get(at)?;
    let term = *model.transform.as_ref()?.elements.get(at)?;
    let index = model.graph.as_symbol(unknown)?.index.clone();
    let graph = &mut model.graph;
    let term = isolate(graph, facts, term, unknown);
    let shown = |graph: &mut Graph, term: Id| lift::elementwise(graph, term, &index);
    let left = shown(graph, z)?;
    let right = shown(graph, term)?;
    let mut steps = vec![Step {
        left: Some(left),
        right,
        because: "the transform".to_owned(),
    }];
    let mut node = term;
    while node != unknown {
        let inner = graph
            .node(node)
            .arguments()
            .find(|&a| graph.reachable(&[a]).contains(&unknown))?;
        let branches = invert(graph, term, inner, z)?;
        let [only] = branches.as_slice() else {
            return None;
        };
        let solution = only.solution;
        let solution = if inner == unknown {
            simplest(graph, facts, solution)
        } else {
            tidy(graph, facts, solution)
        };
        let because = undone(graph, node, inner);
        let (left, right) = (shown(graph, inner)?, shown(graph, solution)?);
        steps.push(Step {
            left: Some(left),
            right,
            because: because.to_owned(),
        });
        node = inner;
    }
    Some(steps)
}

/// In words, how a node is undone for one of its arguments.
fn undone(graph: &Graph, node: Id, inner: Id) -> &'static str {
    match graph.node(node) {
        Node::Binary(operator, first, _) => match operator {
            Binary::Add => "a summand moved over",
            Binary::Sub => "a summand moved over",
            Binary::Mul => "a factor divided by",
            Binary::Div if first == inner => "the denominator multiplied by",
            Binary::Div => "the quotient turned over",
            Binary::Pow if first == inner => "the root taken",
            Binary::Pow => "logarithms taken",
            Binary::Min
            | Binary::Max
            | Binary::Mod
            | Binary::Atan2
            | Binary::GammaP
            | Binary::GammaQ
            | Binary::GammaPDa
            | Binary::Less
            | Binary::LessEqual
            | Binary::Equal
            | Binary::And
            | Binary::Or => "solved",
        },
        Node::Unary(Unary::Neg, _) => "the sign changed",
        Node::Unary(Unary::Exp | Unary::Expm1, _) => "logarithms taken",
        Node::Unary(Unary::Log | Unary::Log1p, _) => "exponentials taken",
        Node::Unary(..) => "the inverse function applied",
        Node::Constant(_) | Node::Pi | Node::Infinity | Node::Symbol(_) | Node::Ternary(..) => {
            "solved"
        }
    }
}
