//! The smallest change of a claim that makes it true: a parameter of another kind, two exchanged,
//! a term of the other sign, a sum for a mean.
//!
//! Each change is made to the formula as it is claimed and compared with the truth at random
//! points; the first that leaves no residual is named.

use super::{alike, samples};
use crate::check::points::Space;
use crate::graph::{Graph, Id, Node};
use crate::model::{Model, Variable};
use crate::number::{Binary, Rational, Unary};
use rustc_hash::FxHashMap;

/// A claim, and what is left over of it when the truth is taken away.
pub(super) struct Claimed<'a> {
    /// The formula in z, φ and x.
    pub(super) formula: Id,
    /// What it is, as a noun.
    pub(super) what: &'a str,
    /// The truth, over the symbols of the space.
    pub(super) truth: Id,
    /// Whether the formula is about g(ε), not about z itself.
    pub(super) at_noise: bool,
}

/// More terms than this are not turned over one by one.
const MOST_TERMS: usize = 24;

/// More pairs of parameters than this are not exchanged.
const MOST_PAIRS: usize = 20;

impl Claimed<'_> {
    /// Whether the claim is true with another formula.
    fn holds_with(&self, model: &mut Model, space: &Space, formula: Id) -> bool {
        let formula = if self.at_noise {
            model.rebased(formula)
        } else {
            formula
        };
        let values = samples(&model.graph, space, &[formula, self.truth]);
        values.len() >= 6 && values.iter().all(|v| alike(v[0], v[1]))
    }
}

/// What to change, in words; none where no small change helps.
pub(super) fn repair(model: &mut Model, space: &Space, claim: &Claimed) -> Option<String> {
    scaled(model, space, claim)
        .or_else(|| other_parameter(model, space, claim))
        .or_else(|| exchanged(model, space, claim))
        .or_else(|| other_term(model, space, claim))
}

/// A size or its inverse as a factor: sums and means over an axis.
fn scaled(model: &mut Model, space: &Space, claim: &Claimed) -> Option<String> {
    let sizes: Vec<(String, usize)> = model
        .sizes
        .iter()
        .filter(|s| *s.1 > 1)
        .map(|(name, &size)| (name.clone(), size))
        .collect();
    let what = claim.what;
    for (name, size) in sizes {
        let n = model.graph.constant(Rational::from(size));
        let times = model.graph.mul(n, claim.formula);
        if claim.holds_with(model, space, times) {
            return Some(format!(
                "{what} is 1/{name} of what it should be: a mean in place of a sum, or a sum that leaves out the axis of {name}"
            ));
        }
        let part = model.graph.div(claim.formula, n);
        if claim.holds_with(model, space, part) {
            return Some(format!(
                "{what} is {name} times what it should be: a sum in place of a mean, or one that counts the axis of {name} twice"
            ));
        }
    }
    None
}

/// Another function of a parameter, and what taking it for the parameter means.
type Form = (fn(&mut Graph, Id) -> Id, &'static str, &'static str);

const FORMS: [Form; 10] = [
    (
        |g, s| g.square(s),
        "#^2",
        "a standard deviation is taken for a variance",
    ),
    (
        |g, s| g.unary(Unary::Sqrt, s),
        "sqrt(#)",
        "a variance is taken for a standard deviation",
    ),
    (
        |g, s| {
            let one = g.integer(1);
            g.div(one, s)
        },
        "1/#",
        "a rate is taken for a scale, or a scale for a rate",
    ),
    (|g, s| g.exp(s), "exp(#)", "the parameter is a logarithm"),
    (
        |g, s| {
            let half = half(g, s);
            g.exp(half)
        },
        "exp(#/2)",
        "the parameter is the logarithm of a variance, taken for a standard deviation",
    ),
    (
        |g, s| {
            let two = g.integer(2);
            let double = g.mul(two, s);
            g.exp(double)
        },
        "exp(2*#)",
        "the parameter is the logarithm of a standard deviation, taken for a variance",
    ),
    (
        half,
        "#/2",
        "the logarithm of a variance is taken for that of a standard deviation",
    ),
    (
        |g, s| {
            let two = g.integer(2);
            g.mul(two, s)
        },
        "2*#",
        "the logarithm of a standard deviation is taken for that of a variance",
    ),
    (|g, s| g.neg(s), "-#", "the parameter has the wrong sign"),
    (
        |g, s| {
            let one = g.integer(1);
            g.sub(one, s)
        },
        "1 - #",
        "it is the probability of the other outcome",
    ),
];

fn half(graph: &mut Graph, s: Id) -> Id {
    let two = graph.integer(2);
    graph.div(s, two)
}

/// The right formula of another parameterization.
fn other_parameter(model: &mut Model, space: &Space, claim: &Claimed) -> Option<String> {
    for variable in used(model, claim.formula) {
        for (form, written, why) in FORMS {
            let graph = &mut model.graph;
            let map: FxHashMap<Id, Id> = variable
                .symbols
                .iter()
                .map(|&s| (s, form(graph, s)))
                .collect();
            let formula = graph.substitute(&[claim.formula], &map)[0];
            if claim.holds_with(model, space, formula) {
                let name = &variable.name;
                let written = written.replace('#', name);
                return Some(format!(
                    "{} is right with {written} in place of {name}: {why}",
                    claim.what
                ));
            }
        }
    }
    None
}

/// Two parameters of one shape, each in the place of the other.
fn exchanged(model: &mut Model, space: &Space, claim: &Claimed) -> Option<String> {
    let variables = used(model, claim.formula);
    let pairs = variables.iter().enumerate().flat_map(|(i, a)| {
        let others = variables[i + 1..].iter();
        others.filter(|b| b.shape == a.shape).map(move |b| (a, b))
    });
    for (a, b) in pairs.take(MOST_PAIRS) {
        let there = a.symbols.iter().copied().zip(b.symbols.iter().copied());
        let back = b.symbols.iter().copied().zip(a.symbols.iter().copied());
        let map: FxHashMap<Id, Id> = there.chain(back).collect();
        let formula = model.graph.substitute(&[claim.formula], &map)[0];
        if claim.holds_with(model, space, formula) {
            return Some(format!(
                "{} is right with {} and {} exchanged",
                claim.what, a.name, b.name
            ));
        }
    }
    None
}

/// The parameters and inputs that a formula uses.
fn used(model: &Model, formula: Id) -> Vec<Variable> {
    let symbols = model.graph.symbols_of(&[formula]);
    let givens = model.givens().into_iter();
    givens
        .filter(|v| v.symbols.iter().any(|s| symbols.contains(s)))
        .collect()
}

/// A term of the sum, and its like for other components, that should be another multiple of itself.
fn other_term(model: &mut Model, space: &Space, claim: &Claimed) -> Option<String> {
    let groups = terms(&model.graph, claim.formula);
    if groups.len() > MOST_TERMS {
        return None;
    }
    let multiples = [
        (-2, 1, "has the wrong sign"),
        (1, 1, "is missing a factor 2"),
        (-1, 2, "is twice what it should be"),
        (-1, 1, "should not be there"),
    ];
    for (text, members) in groups {
        let signed: Vec<Id> = members
            .into_iter()
            .map(
                |(id, negative)| {
                    if negative { model.graph.neg(id) } else { id }
                },
            )
            .collect();
        let sum = model.graph.sum(&signed);
        for (above, below, why) in multiples {
            let factor = Rational::from(above) / Rational::from(below);
            let factor = model.graph.constant(factor);
            let change = model.graph.mul(factor, sum);
            let formula = model.graph.add(claim.formula, change);
            if claim.holds_with(model, space, formula) {
                return Some(format!("the term {text} of {} {why}", claim.what));
            }
        }
    }
    None
}

/// Terms of one kind: how the first is written, and each with whether it is taken away.
type Group = (String, Vec<(Id, bool)>);

/// The terms of a sum with their signs, those that differ in indices only together.
fn terms(graph: &Graph, formula: Id) -> Vec<Group> {
    let mut groups: Vec<(String, Group)> = Vec::new();
    let mut open = vec![(formula, false)];
    while let Some((id, negative)) = open.pop() {
        match graph.node(id) {
            Node::Binary(Binary::Add, a, b) => open.extend([(b, negative), (a, negative)]),
            Node::Binary(Binary::Sub, a, b) => open.extend([(b, !negative), (a, negative)]),
            Node::Unary(Unary::Neg, x) => open.push((x, !negative)),
            Node::Constant(_)
            | Node::Pi
            | Node::Infinity
            | Node::Symbol(_)
            | Node::Unary(..)
            | Node::Binary(..)
            | Node::Ternary(..) => {
                let sign = if negative { "-" } else { "" };
                let text = format!("{sign}{}", graph.display(id));
                let kind = without_indices(&text);
                match groups.iter_mut().find(|g| g.0 == kind) {
                    Some((_, (_, members))) => members.push((id, negative)),
                    None => groups.push((kind, (text, vec![(id, negative)]))),
                }
            }
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

fn without_indices(text: &str) -> String {
    let mut inside = false;
    text.chars()
        .filter(|&c| {
            inside = (inside || c == '[') && c != ']';
            !inside
        })
        .collect()
}
