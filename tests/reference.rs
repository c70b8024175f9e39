//! The built-in densities, CDFs and quantiles against statrs.
//!
//! statrs is another implementation, not the truth: where it is known to be less accurate, the
//! difference that is allowed stands in the data beside the reason. Ours are held to quadrature and to each
//! other in the crate's own tests.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use reparam_check::distribution::{Instance, Sampler};
use reparam_check::graph::{Graph, Id, Node};
use reparam_check::language::{Scope, Value, parse_applied};
use reparam_check::number::Number;
use statrs::distribution::{self as reference, Continuous, ContinuousCDF, Discrete, DiscreteCDF};
use std::collections::BTreeMap;

fn evaluate(graph: &Graph, root: Id, at: &BTreeMap<Id, f64>) -> f64 {
    let mut values: BTreeMap<Id, f64> = BTreeMap::new();
    for id in graph.reachable(&[root]) {
        let value = match graph.node(id) {
            Node::Constant(place) => f64::rational(graph.constant_value(place), &()),
            Node::Pi => f64::pi(&()),
            Node::Infinity => f64::INFINITY,
            Node::Symbol(_) => at[&id],
            Node::Unary(op, x) => f64::unary(op, &values[&x], &()),
            Node::Binary(op, x, y) => f64::binary(op, &values[&x], &values[&y], &()),
            Node::Ternary(op, x, y, z) => {
                f64::ternary(op, &values[&x], &values[&y], &values[&z], &())
            }
        };
        values.insert(id, value);
    }
    values[&root]
}

/// A distribution of ours at numeric arguments.
struct Ours {
    graph: Graph,
    z: Id,
    log_density: Id,
    cdf: Option<Id>,
    sampler: Sampler,
}

impl Ours {
    fn new(text: &str) -> Self {
        let mut graph = Graph::new();
        let applied = parse_applied(text).unwrap();
        let instance = Instance::new(&applied, &Scope::default(), &mut graph).unwrap();
        let z = graph.symbol("z", &[]);
        let at = Value::scalar(z);
        let log_density = instance.log_density(&at, &mut graph).unwrap();
        let cdf = instance.cdf(&at, &mut graph).unwrap().map(|v| v.elements[0]);
        let number = |id: &Id| evaluate(&graph, *id, &BTreeMap::new());
        let arguments: Vec<Vec<f64>> = instance.arguments()[0]
            .iter()
            .map(|v| v.elements.iter().map(number).collect())
            .collect();
        let sampler = Sampler::new(instance.distribution, &arguments).unwrap();
        Ours { graph, z, log_density, cdf, sampler }
    }

    fn at(&self, formula: Id, z: f64) -> f64 {
        evaluate(&self.graph, formula, &BTreeMap::from([(self.z, z)]))
    }
}

trait Law: Continuous<f64, f64> + ContinuousCDF<f64, f64> {}
impl<T: Continuous<f64, f64> + ContinuousCDF<f64, f64>> Law for T {}

/// Largest differences allowed: absolute in the log-density, relative in the CDF and in the
/// quantile (both relative to 1 + size).
struct Allowed {
    log_density: f64,
    cdf: f64,
    quantile: f64,
}

fn worst(text: &str, theirs: &dyn Law) -> Allowed {
    let ours = Ours::new(text);
    let mut worst = Allowed { log_density: 0.0, cdf: 0.0, quantile: 0.0 };
    let mut tails: Vec<f64> = (1..=18).map(|i| 10f64.powf(f64::from(-i) / 2.0)).collect();
    tails.extend([0.45, 0.2]);
    for p in tails {
        for (lower, upper) in [(p, 1.0 - p), (1.0 - p, p)] {
            let x = ours.sampler.quantile(lower, upper).unwrap();
            let relative = |a: f64, b: f64| if a == b { 0.0 } else { (a - b).abs() / (1.0 + b.abs()) };
            let log = (ours.at(ours.log_density, x) - theirs.ln_pdf(x)).abs();
            worst.log_density = worst.log_density.max(if log.is_nan() { f64::INFINITY } else { log });
            if let Some(cdf) = ours.cdf {
                worst.cdf = worst.cdf.max(relative(ours.at(cdf, x), theirs.cdf(x)));
            }
            let back = theirs.inverse_cdf(lower);
            let off = relative(x, back);
            if off > 1e-9 { println!("{text} {lower} {x} {back}"); }
            worst.quantile = worst.quantile.max(off);
        }
    }
    worst
}

#[test]
fn measure() {
    let laws: Vec<(&str, Box<dyn Law>)> = vec![
        ("normal(0.7, 1.6)", Box::new(reference::Normal::new(0.7, 1.6).unwrap())),
        ("uniform(-1.5, 0.25)", Box::new(reference::Uniform::new(-1.5, 0.25).unwrap())),
        ("exponential(2.5)", Box::new(reference::Exp::new(2.5).unwrap())),
        ("gumbel(-0.4, 1.7)", Box::new(reference::Gumbel::new(-0.4, 1.7).unwrap())),
        ("laplace(1.1, 2.2)", Box::new(reference::Laplace::new(1.1, 2.2).unwrap())),
        ("cauchy(-0.8, 0.4)", Box::new(reference::Cauchy::new(-0.8, 0.4).unwrap())),
        ("student_t(3.7, 0.6, 2.3)", Box::new(reference::StudentsT::new(0.6, 2.3, 3.7).unwrap())),
        ("student_t(0.8)", Box::new(reference::StudentsT::new(0.0, 1.0, 0.8).unwrap())),
        ("gamma(0.3, 2.1)", Box::new(reference::Gamma::new(0.3, 2.1).unwrap())),
        ("gamma(4.2, 0.7)", Box::new(reference::Gamma::new(4.2, 0.7).unwrap())),
        ("gamma(75, 1)", Box::new(reference::Gamma::new(75.0, 1.0).unwrap())),
        ("beta(0.4, 0.7)", Box::new(reference::Beta::new(0.4, 0.7).unwrap())),
        ("beta(3.5, 1.2)", Box::new(reference::Beta::new(3.5, 1.2).unwrap())),
        ("beta(60, 45)", Box::new(reference::Beta::new(60.0, 45.0).unwrap())),
        ("chi_squared(1.3)", Box::new(reference::ChiSquared::new(1.3).unwrap())),
        ("chi_squared(9)", Box::new(reference::ChiSquared::new(9.0).unwrap())),
        ("log_normal(0.2, 0.9)", Box::new(reference::LogNormal::new(0.2, 0.9).unwrap())),
        ("weibull(1.4, 0.6)", Box::new(reference::Weibull::new(0.6, 1.4).unwrap())),
        ("weibull(0.8, 3.1)", Box::new(reference::Weibull::new(3.1, 0.8).unwrap())),
        ("pareto(0.7, 2.6)", Box::new(reference::Pareto::new(0.7, 2.6).unwrap())),
        ("inverse_gamma(3.3, 1.9)", Box::new(reference::InverseGamma::new(3.3, 1.9).unwrap())),
        ("inverse_gamma(0.6, 0.5)", Box::new(reference::InverseGamma::new(0.6, 0.5).unwrap())),
    ];
    for (text, theirs) in &laws {
        let w = worst(text, theirs.as_ref());
        println!("## {text:28} {:8.1e} {:8.1e} {:8.1e}", w.log_density, w.cdf, w.quantile);
    }
}
