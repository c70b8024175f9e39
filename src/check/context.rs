//! What a check knows beside the model: how hard to try, and its random streams.

use super::Verdict;
use crate::stats::Stream;
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;

/// How hard to try.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effort {
    /// For a first look.
    Quick,
    /// For everyday use.
    #[default]
    Standard,
    /// For a release.
    Thorough,
}

impl Effort {
    /// Points searched in binary64 for each equation.
    pub fn points(self) -> usize {
        match self {
            Effort::Quick => 96,
            Effort::Standard => 160,
            Effort::Thorough => 4096,
        }
    }

    /// Points evaluated in rigorous enclosures for each equation.
    pub fn certified_points(self) -> usize {
        match self {
            Effort::Quick => 2,
            Effort::Standard => 4,
            Effort::Thorough => 96,
        }
    }

    /// Points that look different in binary64 and are looked at again.
    pub fn suspects(self) -> usize {
        match self {
            Effort::Quick => 24,
            Effort::Standard => 48,
            Effort::Thorough => 400,
        }
    }

    /// Parameter values at which integrals are taken.
    pub fn integrals(self) -> usize {
        match self {
            Effort::Quick => 2,
            Effort::Standard => 3,
            Effort::Thorough => 40,
        }
    }

    /// Draws of a sequential test at most.
    pub fn draws(self) -> usize {
        match self {
            Effort::Quick => 2_048,
            Effort::Standard => 8_192,
            Effort::Thorough => 1 << 20,
        }
    }
}

/// The part of a run that one check of one spec at one choice of sizes is.
#[derive(Clone, Debug)]
pub struct Context<'a> {
    /// The seed of the run.
    pub seed: u64,
    /// How hard to try.
    pub effort: Effort,
    /// The name of the spec.
    pub spec: &'a str,
    /// The name of the check.
    pub check: &'static str,
    /// The sizes.
    pub sizes: &'a BTreeMap<String, usize>,
    /// Whether findings carry their proofs.
    pub proofs: bool,
    /// The probability with which this check may refute a true claim by chance.
    pub error_rate: f64,
    /// What the checks before this one decided for the same model.
    pub before: &'a BTreeMap<&'static str, Verdict>,
}

impl Context<'_> {
    /// The random stream for a purpose: a function of the seed, the spec, the check, the sizes and
    /// the purpose alone.
    pub fn stream(&self, purpose: &str) -> ChaCha8Rng {
        let Context {
            seed,
            spec,
            check,
            sizes,
            ..
        } = *self;
        Stream {
            seed,
            spec,
            check,
            sizes,
            purpose,
        }
        .rng()
    }

    /// Whether a check before this one decided in favour of its claim.
    pub fn holds(&self, check: &str) -> bool {
        self.before.get(check).is_some_and(|v| v.holds())
    }

    /// Whether a check before this one was refuted.
    pub fn is_refuted(&self, check: &str) -> bool {
        self.before.get(check) == Some(&Verdict::Refuted)
    }
}
