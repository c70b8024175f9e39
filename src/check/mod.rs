//! One file per check, and a page of prose beside it.
//!
//! A check takes the model of a spec at one choice of sizes and returns a [`Finding`]: a verdict
//! that never says more than was established, and what it rests on.

use crate::diagnostic::Span;
use std::collections::BTreeMap;

/// What was decided, weakest first where several are combined (see [`Verdict::weaker`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// False at a stated point, or at a stated error rate.
    Refuted,
    /// None of the others could be reached.
    Inconclusive,
    /// Statistical evidence at a stated error rate and resolution.
    Tested,
    /// Rigorous enclosures of both sides overlap at every point tried.
    Certified,
    /// Shown for every value in the domains.
    Proved,
    /// Does not apply.
    Skipped,
}

impl Verdict {
    /// Every verdict, weakest first.
    pub const ALL: [Verdict; 6] = [
        Verdict::Refuted,
        Verdict::Inconclusive,
        Verdict::Tested,
        Verdict::Certified,
        Verdict::Proved,
        Verdict::Skipped,
    ];

    /// The word for it in specs and reports.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Refuted => "refuted",
            Verdict::Inconclusive => "inconclusive",
            Verdict::Tested => "tested",
            Verdict::Certified => "certified",
            Verdict::Proved => "proved",
            Verdict::Skipped => "skipped",
        }
    }

    /// The weaker of two: what both together support. Something skipped does not weaken.
    #[must_use]
    pub fn weaker(self, other: Verdict) -> Verdict {
        self.min(other)
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// The point at which a claim fails.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Counterexample {
    /// Names and exact values of the parameters, in the order of the spec.
    pub parameters: Vec<(String, String)>,
    /// Names and exact values of the inputs.
    pub inputs: Vec<(String, String)>,
    /// Names and exact values of the noise.
    pub noise: Vec<(String, String)>,
    /// Names and values of further quantities at the point: z, u, a size.
    pub at: Vec<(String, String)>,
    /// What the left value is: "claimed log_abs_det_jacobian".
    pub left_label: String,
    /// The value of the left side, to the digits that are certain.
    pub left: String,
    /// What the right value is: "log |det ∂g/∂ε|".
    pub right_label: String,
    /// The value of the right side.
    pub right: String,
    /// What is off, in words; may be empty.
    pub explanation: String,
}

/// What a check found at one choice of sizes.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// What was decided.
    pub verdict: Verdict,
    /// One line that says what it rests on, or the reason.
    pub message: String,
    /// Numbers behind it, by name.
    pub evidence: BTreeMap<&'static str, serde_json::Value>,
    /// Where in the file the claim stands.
    pub span: Option<Span>,
    /// Only when refuted.
    pub counterexample: Option<Counterexample>,
}
