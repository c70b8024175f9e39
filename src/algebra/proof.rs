//! Proofs of equations as data: a list of rewritings, each an instance of one rule.
//!
//! A step says that two terms of the graph are equal, by which rule and under which conditions.
//! Proofs are found by [`super::search`] and believed by nobody: [`super::replay`] checks them.

use super::signs::Signs;
use crate::graph::Id;

/// That a term has one of some signs, and is an integer where that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Condition {
    /// The term.
    pub of: Id,
    /// Its possible signs.
    pub signs: Signs,
    /// Whether it is an integer.
    pub whole: bool,
}

impl Condition {
    /// In words, after the term.
    pub fn relation(self) -> &'static str {
        if self.whole {
            "is an integer"
        } else {
            self.signs.relation()
        }
    }
}

/// Why two terms are equal. `x` and `y` are the arguments of the term on the left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// An operator by its definition through simpler ones: sinh x = (eˣ − e⁻ˣ)/2.
    Definition,
    /// An operator that goes by cases, in the case of these signs of the deciding term: |x| = −x.
    Decided(Signs),
    /// log x = t, because eᵗ = x in the ring and x > 0.
    Logarithm,
    /// |x| = t, because t² = x² in the ring and t ≥ 0; √x = t, because t² = x and t ≥ 0.
    Absolute,
    /// A function at x through its value at x − n.
    Shift(u32),
    /// A function at x through its value at −x or 1 − x.
    Reflection,
    /// A function at x through its values at x/2 and x/2 + 1/2.
    Duplication,
    /// atan2 in the right (0), upper (1) or lower (−1) half plane.
    HalfPlane(i32),
    /// A step function of an integer.
    Whole,
    /// ⌊x⌋ = n, where n ≤ x < n + 1.
    Step(i32),
    /// sin or cos at x through x − tπ, t an integer.
    HalfTurns(Id),
    /// A power of −1 with an integer exponent, taken apart.
    Parity,
    /// A function at a point where it has a simpler value.
    Value,
    /// sin or cos at x through x − kπ/2.
    Turn(i32),
    /// sin or cos of a sum of these two.
    Angles(Id, Id),
    /// f(x) = t, because x is f⁻¹(t) in the ring.
    Undone(Id),
    /// Both sides have one normal form.
    Ring,
    /// By cases of the sign of this term.
    Cases(Id),
}

impl Rule {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Rule::Definition => "definition",
            Rule::Decided(_) => "decided",
            Rule::Logarithm => "logarithm",
            Rule::Absolute => "absolute",
            Rule::Shift(_) => "shift",
            Rule::Reflection => "reflection",
            Rule::Duplication => "duplication",
            Rule::HalfPlane(_) => "half_plane",
            Rule::Whole => "whole",
            Rule::Step(_) => "step",
            Rule::HalfTurns(_) => "half_turns",
            Rule::Parity => "parity",
            Rule::Value => "value",
            Rule::Turn(_) => "turn",
            Rule::Angles(..) => "angles",
            Rule::Undone(_) => "undone",
            Rule::Ring => "ring",
            Rule::Cases(_) => "cases",
        }
    }
}

/// One case: what is assumed of the deciding term, and the steps under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// The signs assumed.
    pub signs: Signs,
    /// What follows.
    pub steps: Vec<Step>,
}

/// One rewriting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// By which rule.
    pub rule: Rule,
    /// The term rewritten.
    pub from: Id,
    /// What it equals.
    pub to: Id,
    /// What has to hold for it.
    pub conditions: Vec<Condition>,
    /// The cases of [`Rule::Cases`]; empty otherwise.
    pub branches: Vec<Case>,
}

/// A proof that two terms are equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// One side.
    pub left: Id,
    /// The other.
    pub right: Id,
    /// Rewritings after which both have one normal form.
    pub steps: Vec<Step>,
}

impl Proof {
    /// How many steps there are, those of cases included.
    pub fn len(&self) -> usize {
        count(&self.steps)
    }

    /// Whether both sides have one normal form as they stand.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
}

fn count(steps: &[Step]) -> usize {
    steps
        .iter()
        .map(|s| 1 + s.branches.iter().map(|b| count(&b.steps)).sum::<usize>())
        .sum()
}
