//! The built-in densities, CDFs, quantiles and moments against statrs, at a thousand points each.
//!
//! statrs is another implementation, not the truth: where it is known to be less accurate, the
//! difference that is allowed stands in the data beside the reason. Of the built-in distributions it
//! lacks `logistic` and `von_mises`, which `tests/data/distributions.csv` and the crate's own
//! quadratures hold; `half_normal`, `half_cauchy` and `rademacher` are folded from what it has.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

mod ours;

use ours::{Ours, evaluate};
use reparam_check::distribution::Instance;
use reparam_check::graph::{Graph, Id};
use reparam_check::language::{Scope, Value, parse_applied};
use statrs::distribution::{self as reference, Continuous, ContinuousCDF, Discrete, DiscreteCDF};
use statrs::statistics::Distribution as Moments;
use std::collections::BTreeMap;

trait Law: Continuous<f64, f64> + ContinuousCDF<f64, f64> + Moments<f64> {}
impl<T: Continuous<f64, f64> + ContinuousCDF<f64, f64> + Moments<f64>> Law for T {}

/// A law of ours beside one of theirs, and the largest differences allowed: absolute in the
/// log-density, relative to 1 + size in the CDF and in the quantile.
struct Row {
    ours: &'static str,
    theirs: Box<dyn Law>,
    log_density: f64,
    cdf: f64,
    quantile: f64,
}

/// The differences that rounding explains.
fn row(ours: &'static str, theirs: impl Law + 'static) -> Row {
    Row {
        ours,
        theirs: Box::new(theirs),
        log_density: 2e-14,
        cdf: 2e-14,
        quantile: 2e-14,
    }
}

fn rows() -> Vec<Row> {
    use reference::{
        Beta, Cauchy, ChiSquared, Exp, Gamma, Gumbel, InverseGamma, Laplace, LogNormal,
    };
    use reference::{Normal, Pareto, StudentsT, Uniform, Weibull};
    // Their erfc has relative errors up to 1e-10.
    let by_erfc = |row: Row| Row { cdf: 3e-11, ..row };
    // Their inversion of the gamma CDF stops at a step of 1e-8.
    let by_search = |row: Row| Row {
        quantile: 5e-9,
        ..row
    };
    vec![
        by_erfc(row("normal(0.7, 1.6)", Normal::new(0.7, 1.6).unwrap())),
        row("uniform(-1.5, 0.25)", Uniform::new(-1.5, 0.25).unwrap()),
        row("exponential(2.5)", Exp::new(2.5).unwrap()),
        row("gumbel(-0.4, 1.7)", Gumbel::new(-0.4, 1.7).unwrap()),
        row("laplace(1.1, 2.2)", Laplace::new(1.1, 2.2).unwrap()),
        // tan(π(u − ½)) loses the digits of a small u; ours takes the tail by 1/tan(πu).
        Row {
            quantile: 1e-7,
            ..row("cauchy(-0.8, 0.4)", Cauchy::new(-0.8, 0.4).unwrap())
        },
        // Near the median their search loses digits: mpmath has 0.59384874282749998 at u = 250/501.
        Row {
            quantile: 1e-13,
            ..row(
                "student_t(3.7, 0.6, 2.3)",
                StudentsT::new(0.6, 2.3, 3.7).unwrap(),
            )
        },
        // Their search for the quantile does not reach far tails: at u = 1e-7 it gives −6.0e7,
        // where −1.3e8 has that CDF (see `a_far_quantile`).
        Row {
            quantile: f64::INFINITY,
            ..row("student_t(0.8)", StudentsT::new(0.0, 1.0, 0.8).unwrap())
        },
        by_search(row("gamma(0.3, 2.1)", Gamma::new(0.3, 2.1).unwrap())),
        by_search(row("gamma(4.2, 0.7)", Gamma::new(4.2, 0.7).unwrap())),
        by_search(row("gamma(75)", Gamma::new(75.0, 1.0).unwrap())),
        row("beta(0.4, 0.7)", Beta::new(0.4, 0.7).unwrap()),
        row("beta(3.5, 1.2)", Beta::new(3.5, 1.2).unwrap()),
        // Terms of size 100 cancel in the log-density, and their logarithm is the CDF's scale.
        Row {
            log_density: 3e-13,
            cdf: 1e-13,
            quantile: 1e-13,
            ..row("beta(60, 45)", Beta::new(60.0, 45.0).unwrap())
        },
        by_search(row("chi_squared(1.3)", ChiSquared::new(1.3).unwrap())),
        by_search(row("chi_squared(9)", ChiSquared::new(9.0).unwrap())),
        by_erfc(row(
            "log_normal(0.2, 0.9)",
            LogNormal::new(0.2, 0.9).unwrap(),
        )),
        row("weibull(1.4, 0.6)", Weibull::new(0.6, 1.4).unwrap()),
        row("weibull(0.8, 3.1)", Weibull::new(3.1, 0.8).unwrap()),
        row("pareto(0.7, 2.6)", Pareto::new(0.7, 2.6).unwrap()),
        row(
            "inverse_gamma(3.3, 1.9)",
            InverseGamma::new(3.3, 1.9).unwrap(),
        ),
        row(
            "inverse_gamma(0.6, 0.5)",
            InverseGamma::new(0.6, 0.5).unwrap(),
        ),
    ]
}

/// A thousand probabilities from 1e-9 to 1 − 1e-9: half of them evenly over the middle, the others evenly
/// over the decades of both tails.
fn probabilities() -> Vec<f64> {
    let middle = (1..=500).map(|i| f64::from(i) / 501.0);
    let tail = (1..=250).map(|i| 10f64.powf(-9.0 * f64::from(i) / 250.0));
    middle.chain(tail.flat_map(|p| [p, 1.0 - p])).collect()
}

/// Our mean, variance and entropy, where the built-in table has them.
fn moments(text: &str) -> [Option<f64>; 3] {
    let mut graph = Graph::new();
    let applied = parse_applied(text).unwrap();
    let instance = Instance::new(&applied, &Scope::default(), &mut graph).unwrap();
    let mean = instance.mean(&mut graph).unwrap().map(|v| v.elements[0]);
    let variance = instance.variance(&mut graph).unwrap();
    let variance = variance.map(|v| v.elements[0]);
    let entropy = instance.entropy(&mut graph).unwrap();
    [mean, variance, entropy].map(|id| id.map(|id| evaluate(&graph, id, &BTreeMap::new())))
}

#[track_caller]
fn near(what: &str, ours: f64, theirs: f64, allowed: f64) {
    let off = (ours - theirs).abs();
    assert!(
        ours == theirs || off <= allowed || allowed == f64::INFINITY,
        "{what}: {ours} is not {theirs}, off {off:e}"
    );
}

#[test]
fn continuous_laws() {
    let mut misses: BTreeMap<String, (f64, String)> = BTreeMap::new();
    for row in rows() {
        let (text, ours, theirs) = (row.ours, Ours::new(row.ours), &row.theirs);
        let cdf = ours.cdf.expect("all of these have one");
        let mut hold = |what: &str, at: f64, ours: f64, theirs: f64, allowed: f64| {
            let off = (ours - theirs).abs() / allowed;
            let worst = misses.entry(format!("{text} {what}")).or_default();
            if ours != theirs && allowed.is_finite() && (off.is_nan() || off > 1.0_f64.max(worst.0))
            {
                *worst = (off, format!("at {at}: {ours} is not {theirs}"));
            }
        };
        for p in probabilities() {
            let x = ours.sampler.quantile(p, 1.0 - p).unwrap();
            let density = ours.at(ours.log_density, x);
            hold("log-density", x, density, theirs.ln_pdf(x), row.log_density);
            hold("CDF", x, ours.at(cdf, x), theirs.cdf(x), 2.0 * row.cdf);
            let allowed = row.quantile * (1.0 + x.abs());
            hold("quantile", p, x, theirs.inverse_cdf(p), allowed);
        }
    }
    let misses: Vec<String> = misses
        .into_iter()
        .filter(|(_, (off, _))| *off != 0.0)
        .map(|(what, (off, at))| format!("{what}, {off:.1} times what is allowed, {at}"))
        .collect();
    assert!(misses.is_empty(), "{}", misses.join("\n"));
}

#[test]
fn a_thousand_points() {
    assert_eq!(probabilities().len(), 1000);
}

#[test]
fn means_variances_entropies() {
    let mut compared = [0; 3];
    for row in rows() {
        let theirs = [
            row.theirs.mean(),
            row.theirs.variance(),
            row.theirs.entropy(),
        ];
        let names = ["mean", "variance", "entropy"];
        for (i, (ours, theirs)) in moments(row.ours).into_iter().zip(theirs).enumerate() {
            let (Some(ours), Some(theirs)) = (ours, theirs) else {
                continue;
            };
            let what = format!("{} {}", row.ours, names[i]);
            near(&what, ours, theirs, 1e-12 * (1.0 + theirs.abs()));
            compared[i] += 1;
        }
    }
    assert!(compared.iter().all(|n| *n > 15), "{compared:?} compared");
}

#[test]
fn folded_laws() {
    let (normal, cauchy) = (
        reference::Normal::new(0.0, 1.4).unwrap(),
        reference::Cauchy::new(0.0, 2.5).unwrap(),
    );
    for (text, half, cdf) in [
        ("half_normal(1.4)", &normal as &dyn Law, 3e-11),
        ("half_cauchy(2.5)", &cauchy, 2e-14),
    ] {
        let ours = Ours::new(text);
        for p in probabilities() {
            let x = ours.sampler.quantile(p, 1.0 - p).unwrap();
            let what = format!("{text} at {x}");
            let density = half.ln_pdf(x) + std::f64::consts::LN_2;
            near(&what, ours.at(ours.log_density, x), density, 2e-14);
            let theirs = 2.0 * half.cdf(x) - 1.0;
            near(&what, ours.at(ours.cdf.unwrap(), x), theirs, 4.0 * cdf);
            near(&what, ours.at(ours.cdf.unwrap(), x), p, 1e-14);
        }
    }
    let [mean, variance, _] = moments("half_normal(1.4)");
    let second = variance.unwrap() + mean.unwrap().powi(2);
    near("half_normal", second, normal.variance().unwrap(), 1e-14);
}

#[test]
fn a_far_quantile() {
    // mpmath: betainc(0.4, 0.5, 0, 0.8/(0.8 + t²), regularized=True)/2 = 1e-7.
    let x = Ours::new("student_t(0.8)")
        .sampler
        .quantile(1e-7, 1.0 - 1e-7)
        .unwrap();
    near("student_t(0.8)", x, FAR, 1e-13 * FAR.abs());
}

const FAR: f64 = -130_468_721.769_093_72;

#[test]
fn discrete_laws() {
    use reference::{Bernoulli, Categorical, Poisson};
    let check = |text: &str, points: u64, mass: &dyn Fn(u64) -> f64, cdf: &dyn Fn(u64) -> f64| {
        let ours = Ours::new(text);
        for n in 0..points {
            let z = n as f64;
            near(
                &format!("{text} at {n}"),
                ours.at(ours.log_density, z),
                mass(n),
                1e-13 * (1.0 + mass(n).abs()),
            );
            near(
                &format!("{text} CDF at {n}"),
                ours.at(ours.cdf.unwrap(), z),
                cdf(n),
                1e-13,
            );
        }
    };
    let law = Bernoulli::new(0.3).unwrap();
    check("bernoulli(0.3)", 2, &|n| law.ln_pmf(n), &|n| law.cdf(n));
    // A rademacher variable is twice a fair coin less one.
    let (coin, sign) = (Bernoulli::new(0.5).unwrap(), Ours::new("rademacher()"));
    for n in 0..2u64 {
        let z = 2.0 * n as f64 - 1.0;
        near(
            "rademacher",
            sign.at(sign.log_density, z),
            coin.ln_pmf(n),
            1e-15,
        );
        near(
            "rademacher",
            sign.at(sign.cdf.unwrap(), z),
            coin.cdf(n),
            1e-15,
        );
    }
    let law = Categorical::new(&[0.2, 0.5, 0.3]).unwrap();
    check(
        "categorical([0.2, 0.5, 0.3])",
        3,
        &|n| law.ln_pmf(n),
        &|n| law.cdf(n),
    );
    for rate in [0.2, 3.7, 80.0] {
        let law = Poisson::new(rate).unwrap();
        check(
            &format!("poisson({rate})"),
            1000,
            &|n| law.ln_pmf(n),
            &|n| law.cdf(n),
        );
    }
}

#[test]
fn laws_of_vectors() {
    use statrs::statistics::{MeanN, VarianceN};
    let check = |text: &str, z: &[f64], log_density: f64, mean: &[f64], variance: &[f64]| {
        let mut graph = Graph::new();
        let instance =
            Instance::new(&parse_applied(text).unwrap(), &Scope::default(), &mut graph).unwrap();
        let symbols = Value::symbols(&mut graph, "z", &[z.len()]);
        let at: BTreeMap<Id, f64> = symbols
            .elements
            .iter()
            .copied()
            .zip(z.iter().copied())
            .collect();
        let joint = instance.log_density(&symbols, &mut graph).unwrap();
        near(text, evaluate(&graph, joint, &at), log_density, 1e-13);
        let means = instance.mean(&mut graph).unwrap().unwrap();
        let variances = instance.variance(&mut graph).unwrap().unwrap();
        for i in 0..z.len() {
            near(
                text,
                evaluate(&graph, means.elements[i], &at),
                mean[i],
                1e-14,
            );
            near(
                text,
                evaluate(&graph, variances.elements[i], &at),
                variance[i],
                1e-14,
            );
        }
    };
    let law = reference::Dirichlet::new(vec![0.5, 2.0, 1.5]).unwrap();
    let point = [0.2, 0.5, 0.3];
    let variance = law.variance().unwrap().diagonal();
    check(
        "dirichlet([0.5, 2, 1.5])",
        &point,
        law.ln_pdf(&point.to_vec().into()),
        law.mean().unwrap().as_slice(),
        variance.as_slice(),
    );
    // Σ = L·Lᵀ with L = [[2, 0], [3, 0.5]].
    let law =
        reference::MultivariateNormal::new(vec![1.0, -2.0], vec![4.0, 6.0, 6.0, 9.25]).unwrap();
    let point = [0.4, -3.1];
    check(
        "multivariate_normal([1, -2], [[2, 0], [3, 0.5]])",
        &point,
        law.ln_pdf(&point.to_vec().into()),
        &[1.0, -2.0],
        &[4.0, 9.25],
    );
}
