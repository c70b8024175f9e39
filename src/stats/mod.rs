//! Random streams and sequential tests with a stated error rate; knows numbers only.
//!
//! Law: each test rejects a true claim with probability at most its `alpha`, whatever the sample
//! size at which it stops (`tests/error_rate.rs` counts rejections over null runs). The bounds are
//! finite-sample inequalities, not limits, except where a function's name says `asymptotic`.
//!
//! A test looks at its sample when it has `first`, 2·`first`, 4·`first`, … draws, and spends
//! alpha/(k(k+1)) at look k. These sum to alpha over any number of looks, so by the union bound
//! one may stop at any of them, for any reason. Doubling loses at most a factor of two in draws
//! against looking after every draw.

mod discrete;
mod kolmogorov;
mod law;
mod mean;
mod stream;

pub use discrete::has_masses;
pub use kolmogorov::{kolmogorov_limit_survival, kolmogorov_survival};
pub use law::{is_uniform, same_law};
pub use mean::{mean_is, mean_is_asymptotic};
pub use stream::Stream;

/// The probability that a whole run refutes anything that is true, shared among its tests.
///
/// By the union bound the shares may be added without any assumption about dependence. The share
/// depends only on how many tests there are, never on what they find.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ErrorBudget {
    alpha: f64,
}

impl ErrorBudget {
    /// A budget of `alpha` for the run, held to (0, 1); not-a-number gives the smallest positive
    /// budget, with which nothing is ever refuted.
    pub fn new(alpha: f64) -> Self {
        let least = f64::MIN_POSITIVE;
        ErrorBudget {
            alpha: if alpha.is_nan() {
                least
            } else {
                alpha.clamp(least, 1.0 - f64::EPSILON)
            },
        }
    }

    /// The whole.
    pub fn total(self) -> f64 {
        self.alpha
    }

    /// What each of `tests` equal shares may spend (the whole when there is at most one).
    pub fn share(self, tests: usize) -> f64 {
        self.alpha / tests.max(1) as f64
    }
}

/// How far a sequential test may go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// The probability of refuting a claim that is true, over all looks together.
    pub alpha: f64,
    /// Draws at the first look; at least 1.
    pub first: usize,
    /// No look takes more draws than this; the first is always taken.
    pub last: usize,
}

impl Plan {
    /// 1,024 draws at first, 2²⁰ at most.
    pub fn new(alpha: f64) -> Self {
        Plan {
            alpha,
            first: 1 << 10,
            last: 1 << 20,
        }
    }

    /// The looks: draws by then, and the fraction of alpha spent there.
    fn looks(self) -> impl Iterator<Item = (usize, f64)> {
        let first = self.first.max(1);
        let sizes = std::iter::successors(Some(first), move |&n| {
            n.checked_mul(2).filter(|&next| next <= self.last)
        });
        sizes.zip((1..).map(|k: u32| 1.0 / (f64::from(k) * f64::from(k + 1))))
    }
}

/// The probability with which a defect of the size of a stated resolution would have been seen.
pub const POWER: f64 = 0.99;

/// How a sequential test came out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outcome {
    /// The claim is false, at the plan's error rate.
    Refuted {
        /// Draws at the look that refuted it.
        draws: usize,
        /// Valid at any stopping time: under the claim, at most α with probability at most α.
        p_value: f64,
        /// The place of the worst deviation: a quantile level, a cell, or the claimed mean.
        at: f64,
        /// What was seen there.
        observed: f64,
        /// What the claim says.
        expected: f64,
    },
    /// Nothing was seen.
    NotRefuted {
        /// Draws at the last look.
        draws: usize,
        /// Valid at any stopping time.
        p_value: f64,
        /// A defect of this size (in the test's own distance) would have been refuted with
        /// probability at least [`POWER`]; infinite where nothing can be said.
        resolution: f64,
    },
    /// A draw is not a number or lies outside what was promised: nothing is decided.
    Invalid {
        /// Which draw, from zero.
        draw: usize,
        /// Its value.
        value: f64,
    },
}

/// What one look at the sample found.
struct Look {
    /// log of a bound on the p-value of this look alone.
    log_p: f64,
    at: f64,
    observed: f64,
    expected: f64,
}

/// Runs a plan: grows the sample with `fill`, looks at it with `look` (given the draws so far),
/// and asks `resolution` (given draws and the log of the level at the last look) at the end.
fn run(
    plan: Plan,
    mut grow: impl FnMut(usize) -> Result<(), (usize, f64)>,
    mut look: impl FnMut(usize) -> Look,
    resolution: impl FnOnce(usize, f64) -> f64,
) -> Outcome {
    // Not-a-number spends nothing rather than everything.
    let log_alpha = plan.alpha.max(0.0).ln();
    let (mut log_p_value, mut last) = (0.0f64, (0, f64::NEG_INFINITY));
    for (draws, weight) in plan.looks() {
        if let Err((draw, value)) = grow(draws) {
            return Outcome::Invalid { draw, value };
        }
        let found = look(draws);
        log_p_value = log_p_value.min(found.log_p - weight.ln());
        if log_p_value <= log_alpha {
            return Outcome::Refuted {
                draws,
                p_value: log_p_value.exp(),
                at: found.at,
                observed: found.observed,
                expected: found.expected,
            };
        }
        last = (draws, log_alpha + weight.ln());
    }
    Outcome::NotRefuted {
        draws: last.0,
        p_value: log_p_value.exp(),
        resolution: resolution(last.0, last.1),
    }
}

/// Appends draws up to `size`, refusing those that `valid` refuses.
fn extend(
    sample: &mut Vec<f64>,
    size: usize,
    fill: &mut impl FnMut(&mut [f64]),
    valid: impl Fn(f64) -> bool,
) -> Result<(), (usize, f64)> {
    let old = sample.len();
    sample.resize(size, f64::NAN);
    fill(&mut sample[old..]);
    match sample[old..].iter().position(|&x| !valid(x)) {
        Some(place) => Err((old + place, sample[old + place])),
        None => Ok(()),
    }
}

/// The Kullback-Leibler divergence of a coin of heads probability `p` from one of `q`, in nats.
fn coin_divergence(p: f64, q: f64) -> f64 {
    let part = |a: f64, b: f64| if a > 0.0 { a * (a / b).ln() } else { 0.0 };
    (part(p, q) + part(1.0 - p, 1.0 - q)).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spending_sums_to_the_whole() {
        let plan = Plan {
            alpha: 0.1,
            first: 1,
            last: usize::MAX,
        };
        let spent: f64 = plan.looks().map(|(_, w)| w).sum();
        assert!(spent <= 1.0 && spent > 0.98, "{spent}");
        assert_eq!(
            plan.looks().map(|(n, _)| n).take(3).collect::<Vec<_>>(),
            [1, 2, 4]
        );
    }

    #[test]
    fn shares_add_up() {
        let budget = ErrorBudget::new(1e-6);
        assert_eq!(budget.share(0), 1e-6);
        assert!(budget.share(1000) * 1000.0 <= 1e-6 * (1.0 + 1e-15));
        assert!(ErrorBudget::new(f64::NAN).total() < 1e-300);
        assert!(ErrorBudget::new(7.0).total() < 1.0);
    }

    #[test]
    fn a_plan_of_nonsense_neither_panics_nor_refutes() {
        for alpha in [f64::NAN, 0.0, -1.0] {
            let plan = Plan {
                alpha,
                first: 0,
                last: 0,
            };
            let outcome = is_uniform(plan, |out| out.fill(0.25));
            assert!(matches!(outcome, Outcome::NotRefuted { draws: 1, .. }));
        }
    }
}
