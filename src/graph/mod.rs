//! One hash-consed arena of scalar expressions: what everything in a spec becomes.
//!
//! A node is a constant, a symbol, or an operator on earlier nodes, so ids are in topological
//! order: every argument of a node has a smaller [`Id`]. Equal expressions have equal ids. Vectors,
//! matrices and comprehensions do not exist here; elaboration has unrolled them.
//!
//! [`Graph::unary`], [`Graph::binary`] and [`Graph::ternary`] keep a formula as it was written
//! (stability is judged on that); the named constructors in `build` fold constants and identities
//! and serve for formulas the tool derives.

mod build;
mod differentiate;
mod print;
mod substitute;

pub use differentiate::NotDifferentiable;
pub(crate) use print::{rational_text, shortened, unary_name};

use crate::number::{Binary, Rational, Ternary, Unary};
use rustc_hash::FxHashMap;

/// A node of a [`Graph`]; smaller ids never depend on larger ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(u32);

impl Id {
    /// The position in the arena.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    /// An exact rational; the number is its place in the table of constants.
    Constant(u32),
    /// π.
    Pi,
    /// +∞.
    Infinity,
    /// A free variable; the number is its place in the table of symbols.
    Symbol(u32),
    /// A unary operator.
    Unary(Unary, Id),
    /// A binary operator.
    Binary(Binary, Id, Id),
    /// A ternary operator.
    Ternary(Ternary, Id, Id, Id),
}

impl Node {
    /// The nodes this one applies to.
    pub fn arguments(self) -> impl Iterator<Item = Id> {
        let arguments = match self {
            Node::Constant(_) | Node::Pi | Node::Infinity | Node::Symbol(_) => [None; 3],
            Node::Unary(_, x) => [Some(x), None, None],
            Node::Binary(_, x, y) => [Some(x), Some(y), None],
            Node::Ternary(_, x, y, z) => [Some(x), Some(y), Some(z)],
        };
        arguments.into_iter().flatten()
    }
}

/// A free variable: a component of a named quantity.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Symbol {
    /// The name in the spec.
    pub name: String,
    /// The component, counted from zero; empty for a scalar.
    pub index: Vec<usize>,
}

impl std::fmt::Display for Symbol {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)?;
        if self.index.is_empty() {
            return Ok(());
        }
        let index: Vec<String> = self.index.iter().map(usize::to_string).collect();
        write!(f, "[{}]", index.join(", "))
    }
}

/// The arena.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    nodes: Vec<Node>,
    ids: FxHashMap<Node, Id>,
    constants: Vec<Rational>,
    constant_ids: FxHashMap<Rational, u32>,
    symbols: Vec<Symbol>,
    symbol_ids: FxHashMap<Symbol, u32>,
}

impl Graph {
    /// An empty graph.
    pub fn new() -> Self {
        Graph::default()
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are no nodes.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// What a node is.
    pub fn node(&self, id: Id) -> Node {
        self.nodes[id.index()]
    }

    fn intern(&mut self, node: Node) -> Id {
        let nodes = &mut self.nodes;
        *self.ids.entry(node).or_insert_with(|| {
            let id = u32::try_from(nodes.len()).expect("invariant: elaboration limits the graph");
            nodes.push(node);
            Id(id)
        })
    }

    /// An exact constant.
    pub fn constant(&mut self, value: Rational) -> Id {
        let constants = &mut self.constants;
        let place = *self.constant_ids.entry(value).or_insert_with_key(|value| {
            constants.push(value.clone());
            constants.len() as u32 - 1
        });
        self.intern(Node::Constant(place))
    }

    /// An integer constant.
    pub fn integer(&mut self, value: i64) -> Id {
        self.constant(Rational::from(value))
    }

    /// The value of a constant node; none for any other node.
    pub fn as_constant(&self, id: Id) -> Option<&Rational> {
        match self.node(id) {
            Node::Constant(place) => Some(&self.constants[place as usize]),
            Node::Pi
            | Node::Infinity
            | Node::Symbol(_)
            | Node::Unary(..)
            | Node::Binary(..)
            | Node::Ternary(..) => None,
        }
    }

    /// The constant at a place of the table, as [`Node::Constant`] holds it.
    pub fn constant_value(&self, place: u32) -> &Rational {
        &self.constants[place as usize]
    }

    /// π.
    pub fn pi(&mut self) -> Id {
        self.intern(Node::Pi)
    }

    /// +∞.
    pub fn infinity(&mut self) -> Id {
        self.intern(Node::Infinity)
    }

    /// A free variable: component `index` (empty for a scalar) of the quantity `name`.
    pub fn symbol(&mut self, name: &str, index: &[usize]) -> Id {
        let symbol = Symbol {
            name: name.to_owned(),
            index: index.to_vec(),
        };
        let symbols = &mut self.symbols;
        let place = *self.symbol_ids.entry(symbol).or_insert_with_key(|symbol| {
            symbols.push(symbol.clone());
            symbols.len() as u32 - 1
        });
        self.intern(Node::Symbol(place))
    }

    /// What an operator is applied to; none for any other node.
    pub fn as_unary(&self, operator: Unary, id: Id) -> Option<Id> {
        match self.node(id) {
            Node::Unary(found, x) if found == operator => Some(x),
            Node::Constant(_)
            | Node::Pi
            | Node::Infinity
            | Node::Symbol(_)
            | Node::Unary(..)
            | Node::Binary(..)
            | Node::Ternary(..) => None,
        }
    }

    /// x of a square, written x² or x·x; none for any other node.
    pub fn as_square(&self, id: Id) -> Option<Id> {
        match self.node(id) {
            Node::Binary(Binary::Pow, x, two) if self.is_integer(two, 2) => Some(x),
            Node::Binary(Binary::Mul, x, y) if x == y => Some(x),
            Node::Constant(_)
            | Node::Pi
            | Node::Infinity
            | Node::Symbol(_)
            | Node::Unary(..)
            | Node::Binary(..)
            | Node::Ternary(..) => None,
        }
    }

    /// The variable of a symbol node; none for any other node.
    pub fn as_symbol(&self, id: Id) -> Option<&Symbol> {
        match self.node(id) {
            Node::Symbol(place) => Some(&self.symbols[place as usize]),
            Node::Constant(_)
            | Node::Pi
            | Node::Infinity
            | Node::Unary(..)
            | Node::Binary(..)
            | Node::Ternary(..) => None,
        }
    }

    /// A unary operator, as written.
    pub fn unary(&mut self, operator: Unary, x: Id) -> Id {
        self.intern(Node::Unary(operator, x))
    }

    /// A binary operator, as written.
    pub fn binary(&mut self, operator: Binary, x: Id, y: Id) -> Id {
        self.intern(Node::Binary(operator, x, y))
    }

    /// A ternary operator, as written.
    pub fn ternary(&mut self, operator: Ternary, x: Id, y: Id, z: Id) -> Id {
        self.intern(Node::Ternary(operator, x, y, z))
    }

    /// Every node that `roots` are made of, themselves included, each after its arguments.
    pub fn reachable(&self, roots: &[Id]) -> Vec<Id> {
        let Some(&top) = roots.iter().max() else {
            return Vec::new();
        };
        let mut seen = vec![false; top.index() + 1];
        let mut stack = roots.to_vec();
        while let Some(id) = stack.pop() {
            if !std::mem::replace(&mut seen[id.index()], true) {
                stack.extend(self.node(id).arguments());
            }
        }
        (0..=top.0).filter(|&i| seen[i as usize]).map(Id).collect()
    }

    /// The symbol nodes that `roots` depend on, in order of creation.
    pub fn symbols_of(&self, roots: &[Id]) -> Vec<Id> {
        self.reachable(roots)
            .into_iter()
            .filter(|&id| self.as_symbol(id).is_some())
            .collect()
    }
}
