//! Replacing nodes by others.

use super::{Graph, Id, Node};
use crate::number::Unary;
use rustc_hash::FxHashMap;

impl Graph {
    /// Each root with every node of `replacements` replaced, all at once (a replacement is not
    /// itself searched). Parts that do not change keep their ids, and everything is kept as
    /// written.
    pub fn substitute(&mut self, roots: &[Id], replacements: &FxHashMap<Id, Id>) -> Vec<Id> {
        let mut image: FxHashMap<Id, Id> = FxHashMap::default();
        for id in self.reachable(roots) {
            let of = |x: Id| image[&x];
            let new = if let Some(&replacement) = replacements.get(&id) {
                replacement
            } else {
                match self.node(id) {
                    Node::Constant(_) | Node::Pi | Node::Infinity | Node::Symbol(_) => id,
                    Node::Unary(operator, x) => {
                        let x = of(x);
                        self.unary(operator, x)
                    }
                    Node::Binary(operator, x, y) => {
                        let (x, y) = (of(x), of(y));
                        self.binary(operator, x, y)
                    }
                    Node::Ternary(operator, x, y, z) => {
                        let (x, y, z) = (of(x), of(y), of(z));
                        self.ternary(operator, x, y, z)
                    }
                }
            };
            image.insert(id, new);
        }
        roots.iter().map(|root| image[root]).collect()
    }

    /// Terms of another graph as terms of this one; a symbol is known by its name.
    pub fn import(&mut self, other: &Graph, roots: &[Id]) -> Vec<Id> {
        let mut image: FxHashMap<Id, Id> = FxHashMap::default();
        for id in other.reachable(roots) {
            let of = |x: Id| image[&x];
            let new = match other.node(id) {
                Node::Constant(place) => self.constant(other.constant_value(place).clone()),
                Node::Pi => self.pi(),
                Node::Infinity => self.infinity(),
                Node::Symbol(place) => {
                    let symbol = other.symbols[place as usize].clone();
                    self.symbol(&symbol.name, &symbol.index)
                }
                Node::Unary(operator, x) => self.unary(operator, of(x)),
                Node::Binary(operator, x, y) => self.binary(operator, of(x), of(y)),
                Node::Ternary(operator, x, y, z) => self.ternary(operator, of(x), of(y), of(z)),
            };
            image.insert(id, new);
        }
        roots.iter().map(|root| image[root]).collect()
    }

    /// Each root without `stop_gradient`: the same values, and the derivatives of what is computed
    /// instead of what an estimator follows.
    pub fn attached(&mut self, roots: &[Id]) -> Vec<Id> {
        let mut replaced = FxHashMap::default();
        for id in self.reachable(roots) {
            if let Node::Unary(Unary::StopGradient, x) = self.node(id) {
                let inner = self.substitute(&[x], &replaced)[0];
                replaced.insert(id, inner);
            }
        }
        self.substitute(roots, &replaced)
    }
}
