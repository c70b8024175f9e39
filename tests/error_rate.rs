//! The sampled tests keep their level when the claim is true and see it when it is false; and the
//! samplers draw from the laws whose formulas stand beside them. All seeds are fixed.
#![allow(clippy::unwrap_used, missing_docs)]

mod ours;

use ours::Ours;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use reparam_check::number::special::normal_cdf;
use reparam_check::quadrature::{Quadrature, pointwise};
use reparam_check::run::{Effort, Options, run};
use reparam_check::stats::{
    Outcome, Plan, has_masses, is_uniform, kolmogorov_survival, mean_is, mean_is_asymptotic,
    same_law,
};

fn rng(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

fn uniforms(seed: u64) -> impl FnMut(&mut [f64]) {
    let mut rng = rng(seed);
    move |out| out.iter_mut().for_each(|x| *x = rng.random())
}

fn normals(seed: u64, mean: f64, scale: f64) -> impl FnMut(&mut [f64]) {
    let mut rng = rng(seed);
    move |out| {
        for x in out {
            let noise: f64 = StandardNormal.sample(&mut rng);
            *x = mean + scale * noise;
        }
    }
}

fn distance_from_uniform(mut sample: Vec<f64>) -> f64 {
    sample.sort_by(f64::total_cmp);
    let n = sample.len() as f64;
    let gap = |(i, u): (usize, &f64)| (u - i as f64 / n).max((i + 1) as f64 / n - u);
    sample.iter().enumerate().map(gap).fold(0.0, f64::max)
}

#[test]
fn kolmogorov_p_values_are_uniform_under_the_null() {
    for n in [5, 40, 141, 600] {
        let p_values: Vec<f64> = (0..1500)
            .map(|seed| {
                let mut sample = vec![0.0; n];
                uniforms(seed)(&mut sample);
                kolmogorov_survival(n, distance_from_uniform(sample))
            })
            .collect();
        // A second Kolmogorov test, of the p-values.
        let p = kolmogorov_survival(1500, distance_from_uniform(p_values));
        assert!(p > 1e-3, "{n}: {p}");
    }
}

const RUNS: u64 = 2000;

/// Runs a test 2,000 times under its null and holds the frequencies of small p-values to their
/// levels, each up to a deviation that has probability 1e-5.
#[track_caller]
fn keeps_its_level(test: impl Fn(Plan, u64) -> Outcome) {
    let plan = Plan {
        alpha: 0.05,
        first: 128,
        last: 2048,
    };
    let outcomes: Vec<Outcome> = (0..RUNS).map(|seed| test(plan, seed)).collect();
    let p_value = |outcome: &Outcome| match *outcome {
        Outcome::Refuted { p_value, .. } | Outcome::NotRefuted { p_value, .. } => p_value,
        Outcome::Invalid { .. } => panic!("{outcome:?}"),
    };
    let refuted = |outcome: &&Outcome| matches!(outcome, Outcome::Refuted { .. });
    let count = outcomes.iter().filter(refuted).count();
    assert_eq!(
        count,
        outcomes.iter().filter(|o| p_value(o) <= 0.05).count()
    );
    for level in [0.05, 0.01, 0.002] {
        let seen = outcomes.iter().filter(|o| p_value(o) <= level).count() as f64;
        let expected = RUNS as f64 * level;
        let slack = 4.3 * expected.sqrt() + 4.0;
        assert!(seen <= expected + slack, "{seen} of {RUNS} at {level}");
    }
}

#[test]
fn uniformity_keeps_its_level() {
    keeps_its_level(|plan, seed| is_uniform(plan, uniforms(seed)));
}

#[test]
fn two_samples_keep_their_level() {
    let plan_from_512 = |plan: Plan| Plan { first: 512, ..plan };
    keeps_its_level(|plan, seed| {
        same_law(plan_from_512(plan), uniforms(seed), uniforms(seed + RUNS))
    });
}

#[test]
fn bounded_means_keep_their_level() {
    // A skew law of mean 0.01: the normal approximation would not do.
    keeps_its_level(|plan, seed| {
        let mut draws = uniforms(seed);
        mean_is(plan, 0.01, (0.0, 1.0), |out| {
            draws(out);
            out.iter_mut().for_each(|u| *u = f64::from(*u < 0.01));
        })
    });
    keeps_its_level(|plan, seed| mean_is(plan, 0.5, (0.0, 1.0), uniforms(seed)));
}

#[test]
fn asymptotic_means_keep_their_level() {
    let wide = |plan: Plan| Plan {
        first: 4096,
        last: 8192,
        ..plan
    };
    keeps_its_level(|plan, seed| mean_is_asymptotic(wide(plan), 3.0, normals(seed, 3.0, 2.0)));
}

#[test]
fn masses_keep_their_level() {
    let masses = [0.5, 0.3, 0.1, 0.05, 0.05];
    keeps_its_level(|plan, seed| {
        let mut rng = rng(seed);
        has_masses(plan, &masses, |out| {
            for cell in out {
                let mut left = rng.random::<f64>();
                *cell = masses
                    .iter()
                    .position(|m| {
                        left -= m;
                        left < 0.0
                    })
                    .unwrap_or(4);
            }
        })
    });
}

/// The level of one test among hundreds in a run of level 1e-6.
const SMALL: f64 = 1e-9;

#[track_caller]
fn refutes(outcome: Outcome, at_most: usize) {
    let Outcome::Refuted { draws, p_value, .. } = outcome else {
        panic!("{outcome:?}")
    };
    assert!(draws <= at_most && p_value <= SMALL, "{outcome:?}");
}

#[test]
fn a_scale_off_by_two_percent_is_seen() {
    let million = 1 << 20;
    let plan = Plan::new(SMALL);
    let pit = |outcome: &mut dyn FnMut(&mut [f64])| {
        is_uniform(plan, |out: &mut [f64]| {
            outcome(out);
            out.iter_mut().for_each(|z| *z = normal_cdf(*z));
        })
    };
    refutes(pit(&mut normals(1, 0.0, 1.02)), million);
    refutes(pit(&mut normals(2, 0.0, 0.98)), million);
    refutes(pit(&mut normals(3, 0.02, 1.0)), million);
    assert!(matches!(
        pit(&mut normals(4, 0.0, 1.0)),
        Outcome::NotRefuted { resolution, .. } if resolution < 0.006
    ));
    // With two samples the noise doubles: 2 % needs twice the draws.
    let longer = Plan {
        last: 1 << 21,
        ..plan
    };
    let other = |seed, scale| {
        same_law(
            longer,
            normals(seed, 0.0, scale),
            normals(seed + 1, 0.0, 1.0),
        )
    };
    refutes(other(5, 1.03), 1 << 21);
    // So does the second moment, once there are enough draws for the limit theorem.
    let mut draws = normals(7, 0.0, 1.02);
    let outcome = mean_is_asymptotic(plan, 1.0, |out| {
        draws(out);
        out.iter_mut().for_each(|z| *z *= *z);
    });
    refutes(outcome, million);
}

#[test]
fn a_wrong_mass_is_seen() {
    let mut uniform = uniforms(1);
    let mut buffer = Vec::new();
    let outcome = has_masses(Plan::new(SMALL), &[0.49, 0.51], |out| {
        buffer.resize(out.len(), 0.0);
        uniform(&mut buffer);
        for (cell, u) in out.iter_mut().zip(&buffer) {
            *cell = usize::from(*u < 0.5);
        }
    });
    refutes(outcome, 1 << 17);
}

/// Enough to see a defect of 0.025 in a CDF.
const DRAWS: Plan = Plan {
    alpha: 1e-6,
    first: 1 << 14,
    last: 1 << 14,
};

#[track_caller]
fn is_not_refuted(what: &str, outcome: Outcome) {
    assert!(
        matches!(outcome, Outcome::NotRefuted { .. }),
        "{what}: {outcome:?}"
    );
}

/// Fills with draws, put through a function.
fn draws<'a>(
    law: &'a Ours,
    seed: u64,
    then: impl Fn(f64) -> f64 + 'a,
) -> impl FnMut(&mut [f64]) + 'a {
    let mut rng = rng(seed);
    move |out| {
        for place in out {
            law.sampler.draw(&mut rng, std::slice::from_mut(place));
            *place = then(*place);
        }
    }
}

#[test]
fn samplers_follow_their_distribution_functions() {
    let laws = [
        "normal(0.7, 1.6)",
        "uniform(-1.5, 0.25)",
        "exponential(2.5)",
        "gumbel(-0.4, 1.7)",
        "logistic(0.3, 0.6)",
        "laplace(1.1, 2.2)",
        "cauchy(-0.8, 0.4)",
        "student_t(3.7, 0.6, 2.3)",
        "student_t(0.8)",
        "gamma(0.3, 2.1)",
        "gamma(4.2, 0.7)",
        "beta(0.4, 0.7)",
        "beta(3.5, 1.2)",
        "chi_squared(1.3)",
        "chi_squared(9)",
        "log_normal(0.2, 0.9)",
        "weibull(1.4, 0.6)",
        "pareto(0.7, 2.6)",
        "half_normal(1.3)",
        "half_cauchy(0.6)",
        "inverse_gamma(3.3, 1.9)",
    ];
    for (seed, text) in laws.iter().enumerate() {
        let law = Ours::new(text);
        let cdf = law.cdf.unwrap();
        let outcome = is_uniform(DRAWS, draws(&law, seed as u64, |z| law.at(cdf, z)));
        is_not_refuted(text, outcome);
    }
}

#[test]
fn von_mises_draws_follow_the_density() {
    let rule = Quadrature {
        relative: 1e-8,
        ..Quadrature::default()
    };
    for (seed, text, loc) in [
        (1, "von_mises(0.9, 0.001)", 0.9),
        (2, "von_mises(0.9, 0.7)", 0.9),
        (3, "von_mises(-1.2, 40)", -1.2),
    ] {
        let law = Ours::new(text);
        let density = |z: f64| law.at(law.log_density, z).exp();
        let from = loc - std::f64::consts::PI;
        // A table of the CDF, to be interpolated: 2,048 steps leave errors of 1e-5.
        let step = 2.0 * std::f64::consts::PI / 2048.0;
        let mut table = vec![0.0];
        for i in 0..2048 {
            let (a, b) = (from + f64::from(i) * step, from + f64::from(i + 1) * step);
            let piece = rule.integrate(&mut pointwise(density), a, b, &[]).value;
            table.push(table[table.len() - 1] + piece);
        }
        let cdf = |z: f64| {
            let place = (z - from) / step;
            let i = (place as usize).min(2047);
            table[i] + (place - i as f64) * (table[i + 1] - table[i])
        };
        is_not_refuted(text, is_uniform(DRAWS, draws(&law, seed, cdf)));
    }
}

#[test]
fn discrete_samplers_follow_their_masses() {
    for (seed, text, from, cells) in [
        (1, "bernoulli(0.3)", 0.0, 2),
        (2, "categorical([0.2, 0.5, 0.3])", 0.0, 3),
        (3, "poisson(3.7)", 0.0, 20),
        (4, "rademacher()", -1.0, 3),
    ] {
        let law = Ours::new(text);
        let mass = |cell: usize| law.at(law.log_density, from + cell as f64).exp();
        let masses: Vec<f64> = (0..cells).map(mass).collect();
        let mut rng = rng(seed);
        let outcome = has_masses(DRAWS, &masses, |out| {
            for cell in out {
                let mut draw = [0.0];
                law.sampler.draw(&mut rng, &mut draw);
                *cell = (draw[0] - from) as usize;
            }
        });
        is_not_refuted(text, outcome);
    }
}

#[test]
fn samplers_of_vectors_follow_their_marginals() {
    let sampler = |name: &str, arguments: &[Vec<f64>]| {
        let distribution = reparam_check::distribution::find(name).unwrap();
        reparam_check::distribution::Sampler::new(distribution, arguments).unwrap()
    };
    let follows =
        |what: &str, law: &reparam_check::distribution::Sampler, cdf: &dyn Fn(&[f64]) -> f64| {
            let mut rng = rng(9);
            let mut draw = vec![0.0; law.length()];
            let outcome = is_uniform(DRAWS, |out| {
                for place in out {
                    law.draw(&mut rng, &mut draw);
                    *place = cdf(&draw);
                }
            });
            is_not_refuted(what, outcome);
        };
    // A component of a Dirichlet law is a beta law, and so is a sum of components.
    let law = sampler("dirichlet", &[vec![0.3, 2.0, 1.7]]);
    let (one, two) = (Ours::new("beta(0.3, 3.7)"), Ours::new("beta(2.3, 1.7)"));
    follows("dirichlet", &law, &|z| one.at(one.cdf.unwrap(), z[0]));
    follows("dirichlet", &law, &|z| {
        two.at(two.cdf.unwrap(), z[0] + z[1])
    });
    // z = loc + L·e with L = [[2, 0], [3, 0.5]]: 3·z₀ − 2·z₁ has scale 1.
    let law = sampler(
        "multivariate_normal",
        &[vec![1.0, -2.0], vec![2.0, 0.0, 3.0, 0.5]],
    );
    follows("multivariate_normal", &law, &|z| {
        normal_cdf((z[0] - 1.0) / 2.0)
    });
    follows("multivariate_normal", &law, &|z| {
        normal_cdf(3.0 * z[0] - 2.0 * z[1] - 7.0)
    });
}

/// What the checks that draw report as p-values over many seeds, for claims that are true: a share of
/// at most p of them is below p. The law of two components, and a gradient that only draws decide.
#[test]
fn checks_that_draw_keep_their_level() {
    const SEEDS: u64 = 200;
    let law = "name: a\nparameters: {m: real, s: positive}\nnoise: {eps: \"normal(0, 1)[2]\"}\ntransform: {z: m + s*eps}\ntarget: {support: \"real[2]\", log_density: \"sum(-log(2*pi)/2 - log(s) - ((z - m)/s)^2/2)\"}\n";
    let masses = "name: b\nparameters: {p: unit_interval}\nnoise: {u: \"uniform(0, 1)\"}\ntransform: {z: \"where(u < p, 1, 0)\"}\ntarget: {support: boolean, log_mass: z*log(p) + (1 - z)*log1p(-p)}\n";
    let gradient = "name: c\nparameters: {m: {domain: real, range: [0.1, 0.2]}}\nnoise: {eps: \"normal(0, 1)[4]\"}\ntransform: {z: m + eps}\ntarget: {support: \"real[4]\", log_density: \"sum(-log(2*pi)/2 - (z - m)^2/2)\"}\nexpectations: [{f: \"tanh(z[0]*z[1] + z[2]*z[3])\"}]\n";
    for (spec, check) in [(law, "law"), (masses, "law"), (gradient, "gradient")] {
        let p_value = |seed: u64| {
            let options = Options {
                seed,
                effort: Effort::Quick,
                checks: Some(vec![check.to_owned()]),
                ..Options::default()
            };
            let file = ("null.yaml".to_owned(), spec.as_bytes().to_vec());
            let report = run(&[file], &options);
            let found = report.specs[0].checks.iter().find(|c| c.check == check);
            found.unwrap().finding.evidence["p_value"].as_f64().unwrap()
        };
        let found: Vec<f64> = (0..SEEDS).map(p_value).collect();
        assert!(
            found.iter().any(|p| *p < 1.0),
            "{check}: nothing is measured"
        );
        for level in [0.5, 0.2, 0.05] {
            let seen = found.iter().filter(|p| **p <= level).count() as f64;
            let expected = SEEDS as f64 * level;
            let slack = 4.3 * expected.sqrt();
            assert!(seen <= expected + slack, "{check}: {seen} at {level}");
        }
    }
}

/// A law whose draws lie hundreds of decades apart next to an end of its support: the table of its
/// distribution function has places between them.
#[test]
fn draws_next_to_an_end_are_told_apart() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/specs/constraints/frechet_cdf.yaml"
    );
    let file = ("frechet_cdf.yaml".to_owned(), std::fs::read(path).unwrap());
    let mut tested = 0;
    for seed in 0..24 {
        let options = Options {
            seed,
            checks: Some(vec!["law".to_owned()]),
            ..Options::default()
        };
        let report = run(std::slice::from_ref(&file), &options);
        let law = report.specs[0].checks.iter().find(|c| c.check == "law");
        let finding = &law.unwrap().finding;
        let name = finding.verdict.name();
        assert_ne!(name, "refuted", "{seed}: {}", finding.message);
        tested += usize::from(name == "tested");
    }
    assert!(tested >= 20, "{tested}");
}
