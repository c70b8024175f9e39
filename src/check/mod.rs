//! One file per check, and a page of prose beside it.
//!
//! A check takes the model of a spec at one choice of sizes and returns a [`Finding`]: a verdict
//! that never says more than was established, and what it rests on. [`CHECKS`] lists them.

mod averages;
mod by_parts;
mod chart;
mod context;
mod coordinates;
mod counterexample;
mod decide;
mod density;
mod derivations;
mod drawn;
mod exact;
mod expect;
mod explain;
pub(crate) mod facts;
mod frame;
mod gradient;
mod integrals;
mod inverse;
pub(crate) mod jacobian;
pub(crate) mod judge;
mod law;
mod listed;
mod marginal;
mod masses;
mod moments;
mod monotone;
mod neighbours;
mod normalization;
mod nothing;
mod path;
pub mod points;
mod stability;
mod sticks;
mod support;
mod surfaces;
mod test_function;
mod univariate;
pub(crate) mod velocity;
mod witness;

pub use context::{Context, Effort};
pub use counterexample::Counterexample;

use crate::diagnostic::Span;
use crate::model::Model;
use std::collections::BTreeMap;

/// A check: what it is called, what it establishes, its page, and how it is run.
pub struct Check {
    /// The name, as in specs and reports.
    pub name: &'static str,
    /// What it establishes, in one line.
    pub summary: &'static str,
    /// The page of prose.
    pub page: &'static str,
    /// The checks before it whose verdicts it looks at.
    pub needs: &'static [&'static str],
    /// Decides it for a model.
    pub run: fn(&Context, &mut Model) -> Finding,
}

/// Every check, in the order of reports. A check may look at the verdicts of those before it.
pub const CHECKS: &[Check] = &[
    Check {
        name: "support",
        summary: "g maps the noise support into the target's support",
        page: include_str!("support.md"),
        needs: &[],
        run: support::run,
    },
    Check {
        name: "inverse",
        summary: "the claimed inverse undoes g, and g the inverse; without a claim, g is one-to-one and onto",
        page: include_str!("inverse.md"),
        needs: &[],
        run: inverse::run,
    },
    Check {
        name: "jacobian",
        summary: "the claimed log |det J| is that of g",
        page: include_str!("jacobian.md"),
        needs: &[],
        run: jacobian::run,
    },
    Check {
        name: "density",
        summary: "log p(eps) = log q(g(eps)) + log |det J|",
        page: include_str!("density.md"),
        needs: &["inverse"],
        run: density::run,
    },
    Check {
        name: "normalization",
        summary: "the density integrates to 1 over the stated support",
        page: include_str!("normalization.md"),
        needs: &["inverse", "density"],
        run: normalization::run,
    },
    Check {
        name: "law",
        summary: "draws of g(eps) follow the target",
        page: include_str!("law.md"),
        needs: &[],
        run: law::run,
    },
    Check {
        name: "moments",
        summary: "the claimed mean, variance, entropy, CDF, quantile, mode and score are those of the law",
        page: include_str!("moments.md"),
        needs: &["density"],
        run: moments::run,
    },
    Check {
        name: "path",
        summary: "g is continuous along the parameters, and gradient and expectation may be exchanged",
        page: include_str!("path.md"),
        needs: &[],
        run: path::run,
    },
    Check {
        name: "velocity",
        summary: "the path derivative moves the law as its density changes, with no flux through the ends",
        page: include_str!("velocity.md"),
        needs: &["inverse", "density"],
        run: velocity::run,
    },
    Check {
        name: "gradient",
        summary: "the claimed values of expectations",
        page: include_str!("gradient.md"),
        needs: &["support", "inverse", "density", "normalization"],
        run: gradient::run,
    },
    Check {
        name: "derivations",
        summary: "each line of a derivation equals the line above it",
        page: include_str!("derivations.md"),
        needs: &["support", "inverse", "density", "normalization"],
        run: derivations::run,
    },
    Check {
        name: "stability",
        summary: "the formulas as written, in float64 and float32, against the exact value",
        page: include_str!("stability.md"),
        needs: &[],
        run: stability::run,
    },
];

/// The checks that are asked for, and those whose verdicts they look at, in order.
pub(crate) fn with_needed(asked: impl Fn(&Check) -> bool) -> Vec<&'static Check> {
    let mut wanted: Vec<&Check> = Vec::new();
    // What a check needs stands before it.
    for check in CHECKS.iter().rev() {
        if asked(check) || wanted.iter().any(|later| later.needs.contains(&check.name)) {
            wanted.push(check);
        }
    }
    wanted.reverse();
    wanted
}

/// What was decided, weakest first where several are combined (see [`Verdict::weaker`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// False at a stated point, or at a stated error rate.
    Refuted,
    /// None of the others could be reached.
    Inconclusive,
    /// Statistical evidence, or an integral with an estimated error.
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

    /// Whether it is in favour of the claim.
    pub fn holds(self) -> bool {
        matches!(self, Verdict::Tested | Verdict::Certified | Verdict::Proved)
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

impl Finding {
    /// A finding without evidence or place.
    pub fn new(verdict: Verdict, message: impl Into<String>) -> Finding {
        Finding {
            verdict,
            message: message.into(),
            evidence: BTreeMap::new(),
            span: None,
            counterexample: None,
        }
    }

    /// It does not apply.
    pub fn skipped(reason: impl Into<String>) -> Finding {
        Finding::new(Verdict::Skipped, reason)
    }

    /// Nothing could be reached.
    pub fn inconclusive(reason: impl Into<String>) -> Finding {
        Finding::new(Verdict::Inconclusive, reason)
    }

    /// The same at a place of the file.
    #[must_use]
    pub fn at(mut self, span: Span) -> Finding {
        self.span = Some(span);
        self
    }

    /// The same with a number behind it.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<serde_json::Value>) -> Finding {
        self.evidence.insert(name, value.into());
        self
    }

    /// What two findings about parts of one claim support together: the weaker verdict with its
    /// message, the evidence of both. A part that was skipped adds nothing.
    #[must_use]
    pub fn and(self, other: Finding) -> Finding {
        let (mut weak, strong) = if other.verdict < self.verdict {
            (other, self)
        } else {
            (self, other)
        };
        if weak.verdict == strong.verdict
            && weak.verdict != Verdict::Skipped
            && weak.message != strong.message
        {
            weak.message = format!("{}; {}", weak.message, strong.message);
        }
        for (name, value) in strong.evidence {
            // Of two counts the smaller holds for both parts; of two p-values twice the smaller.
            weak.evidence
                .entry(name)
                .and_modify(|v| {
                    if let ("p_value", Some(a), Some(b)) = (name, v.as_f64(), value.as_f64()) {
                        *v = (2.0 * a.min(b)).min(1.0).into();
                    } else if let (Some(a), Some(b)) = (v.as_u64(), value.as_u64()) {
                        *v = a.min(b).into();
                    } else if let (Some(all), Some(more)) = (v.as_array_mut(), value.as_array()) {
                        all.extend(more.iter().cloned());
                    }
                })
                .or_insert(value);
        }
        weak.span = weak.span.or(strong.span);
        weak
    }
}
