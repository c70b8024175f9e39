//! How a check stands to what it should be: what every format shows, each in its own way.

use super::CheckReport;
use crate::check::Verdict;
use crate::run::ADVISORY;

/// How a check stands to what it should be, as far as it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// As it should be.
    Good,
    /// Says nothing.
    Silent,
    /// Worth knowing, and no more.
    Advice,
    /// Nothing could be decided.
    Open,
    /// Not as it should be.
    Bad,
}

impl Standing {
    pub(super) fn of(check: &CheckReport, deny: &[String]) -> Standing {
        if check.known {
            return Standing::Advice;
        }
        let verdict = check.finding.verdict;
        if let Some(expected) = check.expected {
            return if expected == verdict {
                Standing::Good
            } else {
                Standing::Bad
            };
        }
        let advice = ADVISORY.contains(&check.check) && !deny.iter().any(|d| d == check.check);
        match verdict {
            Verdict::Refuted | Verdict::Inconclusive if advice => Standing::Advice,
            Verdict::Refuted => Standing::Bad,
            Verdict::Inconclusive => Standing::Open,
            Verdict::Tested | Verdict::Certified | Verdict::Proved => Standing::Good,
            Verdict::Skipped => Standing::Silent,
        }
    }
}
