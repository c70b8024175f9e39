//! Which terms are integers, and what their bounds gain by it.

use super::Facts;
use crate::algebra::coefficient::Coefficient;
use crate::algebra::polynomial::{Atom, Polynomial};
use crate::algebra::ring::{Head, Ring};
use crate::algebra::signs::{End, Range};
use crate::graph::{Graph, Id};
use crate::number::{Binary, Ternary, Unary};

impl Facts {
    /// A symbol is an integer.
    pub fn integer(&mut self, symbol: Id) {
        self.integers.insert(symbol);
    }

    /// Whether a term is certainly an integer where it is a number.
    pub(in crate::algebra) fn is_whole(&self, ring: &mut Ring, graph: &Graph, id: Id) -> bool {
        ring.form(graph, id)
            .is_ok_and(|form| self.is_whole_form(ring, graph, &form))
    }

    /// Sums of products of integers.
    pub(in crate::algebra) fn is_whole_form(
        &self,
        ring: &Ring,
        graph: &Graph,
        p: &Polynomial,
    ) -> bool {
        p.terms.iter().all(|(monomial, c)| {
            let mut powers = monomial.powers.iter();
            c.as_integer().is_some()
                && monomial.exponent.is_none()
                && powers.all(|&(atom, n)| n > 0 && self.is_whole_atom(ring, graph, atom))
        })
    }

    fn is_whole_atom(&self, ring: &Ring, graph: &Graph, atom: Atom) -> bool {
        match ring.meaning(atom).head {
            Head::Leaf(id) => graph.as_symbol(id).is_some() && self.integers.contains(&id),
            Head::Unary(operator) => matches!(
                operator,
                Unary::Floor | Unary::Ceil | Unary::Round | Unary::Sign
            ),
            Head::Binary(operator) => match operator {
                Binary::Less | Binary::LessEqual | Binary::Equal => true,
                // (−1)ʸ, a number at integers y only.
                Binary::Pow => {
                    let base = ring.meaning(atom).arguments[0].as_constant();
                    base == Some(Coefficient::integer(-1))
                }
                Binary::Add
                | Binary::Sub
                | Binary::Mul
                | Binary::Div
                | Binary::Min
                | Binary::Max
                | Binary::Mod
                | Binary::Atan2
                | Binary::GammaP
                | Binary::GammaQ
                | Binary::GammaPDa
                | Binary::And
                | Binary::Or => false,
            },
            Head::Inverse
            | Head::Ternary(Ternary::Select | Ternary::BetaInc | Ternary::BetaIncDa) => false,
        }
    }

    /// The range of a symbol; of an integer, between integers that belong to it.
    pub(super) fn symbol_range(&self, symbol: Id) -> Range {
        let range = self.ranges.get(&symbol).cloned().unwrap_or(Range::ALL);
        if self.integers.contains(&symbol) {
            range.to_integers()
        } else {
            range
        }
    }

    /// The only value that a symbol can have.
    pub(in crate::algebra) fn only_value(&self, symbol: Id) -> Option<Coefficient> {
        let range = self.symbol_range(symbol);
        match (range.low, range.high) {
            (Some((low, false)), Some((high, false))) if low == high => Some(low),
            _ => None,
        }
    }

    /// Integers between bounds that are at most so far apart, with their least values.
    pub(in crate::algebra) fn few_values(&self, most: i64) -> Vec<(Id, Coefficient)> {
        let mut found: Vec<(Id, Coefficient)> = Vec::new();
        for &symbol in &self.integers {
            let range = self.symbol_range(symbol);
            if let (Some((low, _)), Some((high, _))) = (range.low, range.high) {
                let width = high.add(&low.neg()).as_integer();
                if width.is_some_and(|w| (1..=most).contains(&w)) {
                    found.push((symbol, low));
                }
            }
        }
        found.sort_unstable_by_key(|f| f.0);
        found
    }
}

impl Range {
    /// Without a number, where that is an end.
    pub(super) fn without_end(&self, value: &Coefficient) -> Range {
        let open = |end: &End| {
            end.as_ref()
                .map(|(at, open)| (at.clone(), *open || at == value))
        };
        Range {
            low: open(&self.low),
            high: open(&self.high),
        }
    }

    /// The least that holds the same integers, its ends among them.
    pub(super) fn to_integers(&self) -> Range {
        let one = Coefficient::ONE;
        // The least integer above, by the greatest below the opposite.
        let up = |end: &End, sign: i64| -> End {
            let (value, open) = end.as_ref()?;
            let turned = value.mul(&Coefficient::integer(-sign));
            let whole = Coefficient::integer(turned.floor()?);
            let at = if *open && whole == turned {
                whole.add(&one.neg())
            } else {
                whole
            };
            Some((at.mul(&Coefficient::integer(-sign)), false))
        };
        Range {
            low: up(&self.low, 1),
            high: up(&self.high, -1),
        }
    }
}
