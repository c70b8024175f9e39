//! A term as one would write it: like summands and factors together, quotients with one bar,
//! logarithms and absolute values taken apart where signs are known.
//!
//! The rules for sums, products and logarithms call one another: each has a file below, and all are
//! methods of the one [`Tidier`].
//!
//! Law: what comes out equals what goes in wherever the facts hold. It is not trusted: whoever
//! prints a tidy term has it judged against the first (`find` in `work`).

mod logarithm;
mod monomial;
mod sum;

use crate::algebra::{Facts, Signs, normal_form, prove_sign};
use crate::graph::{Graph, Id, Node};
use crate::number::{Binary, Rational, Ternary, Unary};
use rustc_hash::FxHashMap;

/// Larger terms are left as they are.
const MOST_NODES: usize = 3_000;

/// Terms up to this size are brought to the normal form of proofs, too, which may be shorter.
const MOST_NODES_OF_NORMAL_FORM: usize = 300;

/// Signs of larger terms are not looked for.
const MOST_NODES_OF_SIGN: usize = 120;

/// The shortest of the forms that are known of a term.
pub(super) fn simplest(graph: &mut Graph, facts: &Facts, term: Id) -> Id {
    let size = graph.reachable(&[term]).len();
    if size > MOST_NODES {
        return term;
    }
    let mut best = tidy(graph, facts, term);
    if size <= MOST_NODES_OF_NORMAL_FORM
        && let Some(form) = normal_form(graph, facts, term)
    {
        let other = tidy(graph, facts, form);
        if length(graph, other) < length(graph, best) {
            best = other;
        }
    }
    best
}

fn length(graph: &Graph, term: Id) -> usize {
    graph.display(term).chars().count()
}

/// Twice, since what has been put together may fit other parts.
pub(super) fn tidy(graph: &mut Graph, facts: &Facts, term: Id) -> Id {
    let mut term = term;
    for _ in 0..2 {
        if graph.reachable(&[term]).len() > MOST_NODES {
            return term;
        }
        let mut tidier = Tidier {
            graph,
            facts,
            done: FxHashMap::default(),
            signs: FxHashMap::default(),
        };
        term = tidier.all(term);
    }
    term
}

struct Tidier<'a> {
    graph: &'a mut Graph,
    facts: &'a Facts,
    done: FxHashMap<Id, Id>,
    signs: FxHashMap<Id, Option<bool>>,
}

impl Tidier<'_> {
    fn all(&mut self, term: Id) -> Id {
        for id in self.graph.reachable(&[term]) {
            let tidy = self.node(id);
            self.done.insert(id, tidy);
        }
        self.done[&term]
    }

    /// A node of which the arguments are done.
    fn node(&mut self, id: Id) -> Id {
        match self.graph.node(id) {
            Node::Constant(_) | Node::Pi | Node::Infinity | Node::Symbol(_) => id,
            Node::Unary(operator, x) => {
                let x = self.done[&x];
                self.unary(operator, x)
            }
            Node::Binary(operator, x, y) => {
                let (x, y) = (self.done[&x], self.done[&y]);
                let node = self.graph.binary(operator, x, y);
                match operator {
                    Binary::Add | Binary::Sub | Binary::Mul | Binary::Div | Binary::Pow => {
                        self.arithmetic(node)
                    }
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
                    | Binary::Or => node,
                }
            }
            Node::Ternary(operator, x, y, z) => {
                let (x, y, z) = (self.done[&x], self.done[&y], self.done[&z]);
                match operator {
                    Ternary::Select => self.graph.select(x, y, z),
                    Ternary::BetaInc | Ternary::BetaIncDa => self.graph.ternary(operator, x, y, z),
                }
            }
        }
    }

    fn unary(&mut self, operator: Unary, x: Id) -> Id {
        if let Node::Unary(inner, y) = self.graph.node(x)
            && undoes(operator, inner)
        {
            return y;
        }
        match operator {
            Unary::Neg | Unary::Sqrt => {
                let node = self.graph.unary(operator, x);
                self.arithmetic(node)
            }
            Unary::Exp => {
                let monomial = self.exponential(x);
                self.signed(&monomial)
            }
            Unary::Log => self.log(x),
            Unary::Log1p => {
                let one = self.graph.integer(1);
                let sum = self.graph.binary(Binary::Add, one, x);
                let sum = self.arithmetic(sum);
                self.log(sum)
            }
            Unary::Abs => self.abs(x),
            Unary::Sign => match self.sign(x) {
                Some(true) => self.graph.integer(1),
                Some(false) => self.graph.integer(-1),
                None => self.graph.unary(operator, x),
            },
            Unary::Expm1
            | Unary::Floor
            | Unary::Ceil
            | Unary::Round
            | Unary::Sin
            | Unary::Cos
            | Unary::Tan
            | Unary::Asin
            | Unary::Acos
            | Unary::Atan
            | Unary::Sinh
            | Unary::Cosh
            | Unary::Tanh
            | Unary::Asinh
            | Unary::Acosh
            | Unary::Atanh
            | Unary::Sigmoid
            | Unary::Softplus
            | Unary::Erf
            | Unary::Erfc
            | Unary::ErfInv
            | Unary::NormalCdf
            | Unary::NormalIcdf
            | Unary::NormalLogCdf
            | Unary::Lgamma
            | Unary::Polygamma(_)
            | Unary::LogBesselI0
            | Unary::BesselRatio
            | Unary::Not
            | Unary::StopGradient => self.graph.unary(operator, x),
        }
    }

    /// Whether a term is positive (true) or negative (false) wherever the facts hold.
    fn sign(&mut self, id: Id) -> Option<bool> {
        if let Some(&known) = self.signs.get(&id) {
            return known;
        }
        let sign = if self.graph.reachable(&[id]).len() > MOST_NODES_OF_SIGN {
            None
        } else if prove_sign(self.graph, self.facts, id, Signs::POSITIVE) {
            Some(true)
        } else if prove_sign(self.graph, self.facts, id, Signs::NEGATIVE) {
            Some(false)
        } else {
            None
        };
        self.signs.insert(id, sign);
        sign
    }

    fn is_positive(&mut self, id: Id) -> bool {
        self.sign(id) == Some(true)
    }

    fn arithmetic(&mut self, id: Id) -> Id {
        let mut terms = Vec::new();
        self.sum(id, &Rational::ONE, &mut terms);
        self.written(terms)
    }
}

/// Whether f(f⁻¹(x)) = x for an outer f and the inner one, wherever that is a number.
fn undoes(outer: Unary, inner: Unary) -> bool {
    matches!(
        (outer, inner),
        (Unary::Exp, Unary::Log)
            | (Unary::Log, Unary::Exp)
            | (Unary::Expm1, Unary::Log1p)
            | (Unary::Log1p, Unary::Expm1)
            | (Unary::Tanh, Unary::Atanh)
            | (Unary::Atanh, Unary::Tanh)
            | (Unary::Sinh, Unary::Asinh)
            | (Unary::Asinh, Unary::Sinh)
            | (Unary::Tan, Unary::Atan)
            | (Unary::Sin, Unary::Asin)
            | (Unary::Cos, Unary::Acos)
            | (Unary::Cosh, Unary::Acosh)
            | (Unary::Erf, Unary::ErfInv)
            | (Unary::ErfInv, Unary::Erf)
            | (Unary::NormalCdf, Unary::NormalIcdf)
            | (Unary::NormalIcdf, Unary::NormalCdf)
    )
}
