//! The value of a formula at a finite end of a noise component, where it is continuous there: what
//! leading terms leave open when they cancel but for their rounding.
//!
//! Law: a value is given only if every operator on the way is continuous at its arguments at the end,
//! so that the value is the limit. It is computed to many digits; that it is exactly 0 is a proof.

use super::germ::End;
use super::germs::Germs;
use crate::algebra::{Facts, Outcome, prove};
use crate::graph::{Id, Node};
use crate::number::{Binary, Enclosure, Interval, Precision, Rational, Ternary, Unary};
use crate::tape::Tape;
use rustc_hash::FxHashMap;

/// Precision of the value.
const DIGITS: Precision = Precision(320);

/// Ends beyond this are not taken for exact.
const EXACT: f64 = 1e6;

/// A limit, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Limit {
    /// Exactly 0.
    Zero,
    /// A number of certain sign.
    Value(Interval),
    /// Not known.
    Unknown,
}

impl Germs<'_> {
    /// The limit of a term at a finite end.
    pub(super) fn limit_at_end(&mut self, id: Id) -> Limit {
        if let Some(known) = self.limits.get(&id) {
            return *known;
        }
        let found = self.limit(id).unwrap_or(Limit::Unknown);
        self.limits.insert(id, found);
        found
    }

    fn limit(&self, id: Id) -> Option<Limit> {
        let (moving, End::Finite(end, _)) = self.moving else {
            return None;
        };
        if end.fract() != 0.0 || end.abs() > EXACT {
            return None;
        }
        let end = Rational::try_from(end).ok()?;
        let graph = self.graph();
        let mut moves: FxHashMap<Id, bool> = FxHashMap::default();
        for node in graph.reachable(&[id]) {
            let moved = node == moving || graph.node(node).arguments().any(|x| moves[&x]);
            if moved && !is_continuous(graph.node(node), &moves) {
                return None;
            }
            moves.insert(node, moved);
        }
        let mut symbols: Vec<Id> = vec![moving];
        let mut values = vec![end];
        for (symbol, value) in self.point() {
            if *symbol != moving {
                symbols.push(*symbol);
                values.push(value.clone());
            }
        }
        // Finite throughout: each function is asked for where it is defined.
        let inner: Vec<Id> = moves.keys().copied().filter(|x| moves[x]).collect();
        let all = [vec![id], inner].concat();
        let tape = Tape::new(graph, &symbols, &all).ok()?;
        let inputs = Enclosure::exact_each(&values, DIGITS);
        let found = tape.evaluate(&inputs, &DIGITS);
        if !found
            .iter()
            .all(|e| e.is_finite() && !e.is_possibly_undefined())
        {
            return None;
        }
        let (low, high) = (found[0].lower_f64(), found[0].upper_f64());
        if low > 0.0 || high < 0.0 {
            return Some(Limit::Value(Interval::new(low, high)));
        }
        let mut graph = graph.clone();
        let fixed: FxHashMap<Id, Id> = symbols
            .iter()
            .zip(values)
            .map(|(s, v)| (*s, graph.constant(v)))
            .collect();
        let there = graph.substitute(&[id], &fixed)[0];
        let zero = graph.integer(0);
        match prove(&mut graph, &Facts::default(), there, zero) {
            Outcome::Proved(..) => Some(Limit::Zero),
            Outcome::Open(_) => None,
        }
    }
}

/// Whether an operator is continuous wherever it and its arguments are finite.
fn is_continuous(node: Node, moves: &FxHashMap<Id, bool>) -> bool {
    match node {
        Node::Constant(_) | Node::Pi | Node::Infinity | Node::Symbol(_) => true,
        Node::Unary(operator, _) => match operator {
            Unary::Neg
            | Unary::Exp
            | Unary::Log
            | Unary::Log1p
            | Unary::Expm1
            | Unary::Sqrt
            | Unary::Abs
            | Unary::Sin
            | Unary::Cos
            | Unary::Atan
            | Unary::Asin
            | Unary::Acos
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
            | Unary::StopGradient => true,
            Unary::Sign | Unary::Floor | Unary::Ceil | Unary::Round | Unary::Tan | Unary::Not => {
                false
            }
        },
        Node::Binary(operator, _, y) => match operator {
            Binary::Add | Binary::Sub | Binary::Mul | Binary::Div | Binary::Min | Binary::Max => {
                true
            }
            Binary::Pow => !moves[&y],
            Binary::Mod
            | Binary::Atan2
            | Binary::GammaP
            | Binary::GammaQ
            | Binary::GammaPDa
            | Binary::Less
            | Binary::LessEqual
            | Binary::Equal
            | Binary::And
            | Binary::Or => false,
        },
        Node::Ternary(Ternary::Select, condition, ..) => !moves[&condition],
        Node::Ternary(Ternary::BetaInc | Ternary::BetaIncDa, ..) => false,
    }
}
