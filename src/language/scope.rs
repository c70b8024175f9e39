//! What formulas are made of and what their names stand for.

use crate::diagnostic::{Diagnostic, Span, nearest};
use crate::graph::{Graph, Id};
use std::collections::BTreeMap;

/// Most scalar operations of one formula, and most nodes of a graph, unless a [`Scope`] says
/// otherwise.
pub const NODE_LIMIT: usize = 10_000_000;

/// A formula unrolled: a scalar, vector, matrix, … of scalar nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// The sizes of its axes; none for a scalar.
    pub shape: Vec<usize>,
    /// Its components, the last axis running fastest.
    pub elements: Vec<Id>,
}

impl Value {
    /// A scalar.
    pub fn scalar(element: Id) -> Self {
        Value {
            shape: Vec::new(),
            elements: vec![element],
        }
    }

    /// A vector.
    pub fn vector(elements: Vec<Id>) -> Self {
        Value {
            shape: vec![elements.len()],
            elements,
        }
    }

    /// The free variable `name`, one symbol for each component.
    pub fn symbols(graph: &mut Graph, name: &str, shape: &[usize]) -> Self {
        let count = shape.iter().product();
        let mut index = vec![0; shape.len()];
        let mut elements = Vec::with_capacity(count);
        for _ in 0..count {
            elements.push(graph.symbol(name, &index));
            for axis in (0..shape.len()).rev() {
                index[axis] += 1;
                if index[axis] < shape[axis] {
                    break;
                }
                index[axis] = 0;
            }
        }
        Value {
            shape: shape.to_vec(),
            elements,
        }
    }

    /// Whether it is a scalar.
    pub fn is_scalar(&self) -> bool {
        self.shape.is_empty()
    }
}

/// A function that a scope defines: a call replaces the parameters in the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// The parameters in order; their elements are symbol nodes.
    pub parameters: Vec<(String, Value)>,
    /// What a call stands for, in terms of the parameters.
    pub body: Value,
}

/// What names stand for; names are canonical.
#[derive(Clone, Debug)]
pub struct Scope {
    /// Quantities.
    pub values: BTreeMap<String, Value>,
    /// Functions beside the built-in ones, which they hide.
    pub functions: BTreeMap<String, Function>,
    /// The sizes of `dimensions`, usable as numbers and in shapes.
    pub sizes: BTreeMap<String, usize>,
    /// Names that exist but not in this formula, with the reason as a clause: "noise is not
    /// available in a domain".
    pub unavailable: BTreeMap<String, String>,
    /// Most scalar operations of one formula, and most nodes of the graph.
    pub node_limit: usize,
}

impl Default for Scope {
    fn default() -> Self {
        Scope {
            values: BTreeMap::new(),
            functions: BTreeMap::new(),
            sizes: BTreeMap::new(),
            unavailable: BTreeMap::new(),
            node_limit: NODE_LIMIT,
        }
    }
}

/// An unknown name, with the nearest known one.
pub(super) fn unknown_name<'k>(
    name: &str,
    span: Span,
    known: impl IntoIterator<Item = &'k String>,
) -> Diagnostic {
    let error = Diagnostic::error(format!("unknown name `{name}`"), span)
        .label("not defined here")
        .once();
    match nearest(name, known.into_iter().map(String::as_str)) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error,
    }
}

/// A shape in words.
pub(super) fn shape_text(shape: &[usize]) -> String {
    if shape.is_empty() {
        "a scalar".to_owned()
    } else {
        format!("shape {shape:?}")
    }
}
