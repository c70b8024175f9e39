//! Each quantity: the terms that it is, where its lines belong, and how it is judged.
//!
//! Each is its terms, its judge and its steps; here is their order, and what they share.

mod density;
mod slopes;

use super::paste::Line;
use super::work::{Accepted, Work};
use super::{Entry, Formula, Found, Quantity, Step};
use crate::check::judge::{Statement, judge};
use crate::check::points::Space;
use crate::check::{Context, Finding};
use crate::diagnostic::Span;
use crate::graph::{Graph, Id, Node};
use crate::model::{Definition, Model, Variable};
use density::{inverse, log_abs_det, log_density, log_density_of_distribution};
use rustc_hash::FxHashMap;
use slopes::{noise_derivative, path, score};

/// Everything, in the order in which one thing is used for the next.
pub(super) fn all(work: &mut Work) -> Vec<Entry> {
    let mut entries = Vec::new();
    let definition = work.models[0].definition;
    let mut add = |quantity, found| entries.push(Entry { quantity, found });
    if definition == Definition::Transform {
        add(Quantity::Inverse, inverse(work));
    }
    if definition != Definition::Target {
        add(Quantity::LogAbsDetJacobian, log_abs_det(work));
        add(Quantity::LogDensity, log_density(work));
    } else {
        add(Quantity::LogDensity, log_density_of_distribution(work));
    }
    add(Quantity::Score, score(work));
    if definition != Definition::Target {
        for parameter in work.models[0].parameters.clone() {
            let name = parameter.name;
            if definition == Definition::Standardization {
                let found = noise_derivative(work, &name);
                add(Quantity::NoiseDerivative(name.clone()), found);
            }
            let found = path(work, &name);
            add(Quantity::PathDerivative(name), found);
        }
    }
    entries
}

/// Takes what was found into the spec, if it can be pasted.
fn settle(work: &mut Work, accepted: Result<Accepted, String>, steps: Vec<Step>) -> Found {
    let accepted = match accepted {
        Ok(accepted) => accepted,
        Err(reason) => return Found::Missing(reason),
    };
    let lines = match accepted.work {
        Some((new, lines)) => {
            *work = new;
            Ok(lines)
        }
        None => Err("it differs from size to size".to_owned()),
    };
    Found::Derived(Box::new(Formula {
        blocks: accepted.blocks,
        finding: accepted.finding,
        lines,
        steps,
    }))
}

/// The one text of a quantity that holds at every size.
fn only_text(accepted: &Result<Accepted, String>) -> Option<String> {
    match accepted.as_ref().ok()?.blocks.as_slice() {
        [block] => match block.equations.as_slice() {
            [(_, text)] => Some(text.clone()),
            _ => None,
        },
        _ => None,
    }
}

fn step(left: &str, right: impl Into<String>, because: &str) -> Step {
    Step {
        left: (!left.is_empty()).then(|| left.to_owned()),
        right: right.into(),
        because: because.to_owned(),
    }
}

/// Terms in ε with z for what is g(ε), where that is more than a name.
fn folded(model: &mut Model, terms: &[Id]) -> Vec<Id> {
    let z = model.output_symbols();
    let Some(transform) = &model.transform else {
        return terms.to_vec();
    };
    let is_more = |graph: &Graph, id: Id| match graph.node(id) {
        Node::Unary(..) | Node::Binary(..) | Node::Ternary(..) => true,
        Node::Constant(_) | Node::Pi | Node::Infinity | Node::Symbol(_) => false,
    };
    let map: FxHashMap<Id, Id> = transform
        .elements
        .iter()
        .copied()
        .zip(z)
        .filter(|&(g, _)| is_more(&model.graph, g))
        .collect();
    model.graph.substitute(terms, &map)
}

/// Judges that terms are equal, over z or over the base symbols.
fn equal(context: &Context, model: &mut Model, sides: &[(Id, Id)], in_z: bool) -> Finding {
    let mut sides = sides.to_vec();
    let space = if in_z {
        let mut variables: Vec<Variable> = model.givens();
        variables.extend(model.outputs.iter().cloned());
        Space::new(&model.graph, variables)
    } else {
        for (a, b) in &mut sides {
            (*a, *b) = (model.rebased(*a), model.rebased(*b));
        }
        Space::new(&model.graph, model.base_variables())
    };
    let statement = Statement {
        left: "what was derived",
        right: "the derivative",
        sides,
        span: Span::default(),
        almost_everywhere: true,
    };
    judge(context, model, &space, &statement, |_, _| String::new())
}

/// A line for the support of an output.
pub(super) fn support_line(name: Option<&str>, domain: &str) -> Line {
    let mut path = vec!["support".to_owned()];
    path.extend(name.map(str::to_owned));
    Line {
        section: "target",
        path,
        text: domain.to_owned(),
    }
}
