use super::*;
use crate::graph::{Graph, Id, Node};
use crate::language::{Domain, Scope, Value, parse_applied};
use crate::number::Number;
use crate::quadrature::{Quadrature, pointwise};
use std::collections::BTreeMap;

const INF: f64 = f64::INFINITY;

/// Values of scalar nodes in binary64 at values of the symbols.
fn evaluate(graph: &Graph, roots: &[Id], at: &BTreeMap<Id, f64>) -> Vec<f64> {
    let mut values: BTreeMap<Id, f64> = BTreeMap::new();
    for id in graph.reachable(roots) {
        let value = match graph.node(id) {
            Node::Constant(place) => f64::rational(graph.constant_value(place), &()),
            Node::Pi => f64::pi(&()),
            Node::Infinity => INF,
            Node::Symbol(_) => at[&id],
            Node::Unary(op, x) => f64::unary(op, &values[&x], &()),
            Node::Binary(op, x, y) => f64::binary(op, &values[&x], &values[&y], &()),
            Node::Ternary(op, x, y, z) => {
                f64::ternary(op, &values[&x], &values[&y], &values[&z], &())
            }
        };
        values.insert(id, value);
    }
    roots.iter().map(|id| values[id]).collect()
}

/// A distribution of numbers at numeric arguments, its formulas as functions.
struct Case {
    graph: Graph,
    z: Id,
    u: Id,
    log_density: Id,
    cdf: Option<Id>,
    quantile: Option<Id>,
    moments: [Option<Id>; 3],
    support: (f64, f64),
    sampler: Sampler,
}

fn numbers(arguments: &[Value], graph: &Graph) -> Vec<Vec<f64>> {
    let number = |v: &Value| evaluate(graph, &v.elements, &BTreeMap::new());
    arguments.iter().map(number).collect()
}

fn read(text: &str, graph: &mut Graph) -> Instance {
    let applied = parse_applied(text).unwrap();
    Instance::new(&applied, &Scope::default(), graph).unwrap_or_else(|e| panic!("{text}: {e:#?}"))
}

impl Case {
    fn new(text: &str) -> Self {
        let mut graph = Graph::new();
        let instance = read(text, &mut graph);
        let (z, u) = (graph.symbol("z", &[]), graph.symbol("u", &[]));
        let scalar = |v: Option<Value>| v.map(|v| v.elements[0]);
        let (at_z, at_u) = (Value::scalar(z), Value::scalar(u));
        let log_density = instance.log_density(&at_z, &mut graph).unwrap();
        let cdf = scalar(instance.cdf(&at_z, &mut graph).unwrap());
        let quantile = scalar(instance.quantile(&at_u, &mut graph).unwrap());
        let moments = [
            scalar(instance.mean(&mut graph).unwrap()),
            scalar(instance.variance(&mut graph).unwrap()),
            instance.entropy(&mut graph).unwrap(),
        ];
        let support = instance.support(&mut graph).unwrap();
        let number = |id: Id| evaluate(&graph, &[id], &BTreeMap::new())[0];
        let support = match support[0] {
            Domain::Real => (-INF, INF),
            Domain::Positive | Domain::NonnegativeInteger => (0.0, INF),
            Domain::UnitInterval | Domain::Boolean => (0.0, 1.0),
            Domain::Interval(a, b) | Domain::IntegerInterval(a, b) => (number(a), number(b)),
            Domain::GreaterThan(a) => (number(a), INF),
            ref other => panic!("{other:?}"),
        };
        let arguments = numbers(&instance.arguments()[0], &graph);
        let sampler = Sampler::new(instance.distribution, &arguments).unwrap();
        Case {
            graph,
            z,
            u,
            log_density,
            cdf,
            quantile,
            moments,
            support,
            sampler,
        }
    }

    fn at(&self, formula: Id, value: f64) -> f64 {
        let at = BTreeMap::from([(self.z, value), (self.u, value)]);
        evaluate(&self.graph, &[formula], &at)[0]
    }
}

/// Every distribution of numbers, away from the arguments at which mistakes cancel.
const CONTINUOUS: &[&str] = &[
    "normal(0.7, 1.6)",
    "uniform(-1.5, 0.25)",
    "exponential(2.5)",
    "gumbel(-0.4, 1.7)",
    "logistic(0.3, 0.6)",
    "laplace(1.1, 2.2)",
    "cauchy(-0.8, 0.4)",
    "student_t(3.7, 0.6, 2.3)",
    "student_t(0.8)",
    "student_t(2.5, scale=3)",
    "gamma(0.3, 2.1)",
    "gamma(4.2, 0.7)",
    "gamma(75)",
    "beta(0.4, 0.7)",
    "beta(3.5, 1.2)",
    "beta(60, 45)",
    "chi_squared(1.3)",
    "chi_squared(9)",
    "log_normal(0.2, 0.9)",
    "weibull(1.4, 0.6)",
    "weibull(0.8, 3.1)",
    "pareto(0.7, 2.6)",
    "half_normal(1.3)",
    "half_cauchy(0.6)",
    "von_mises(0.9, 0.4)",
    "von_mises(-1.2, 7)",
    "von_mises(0.1, 300)",
    "inverse_gamma(3.3, 1.9)",
    "inverse_gamma(0.6, 0.5)",
];

#[track_caller]
fn near(name: &str, value: f64, expected: f64, tolerance: f64) {
    let close = (value - expected).abs() <= tolerance * (1.0 + expected.abs());
    assert!(
        close || value == expected,
        "{name}: {value} is not {expected}"
    );
}

#[test]
fn formulas_agree() {
    let rule = Quadrature {
        relative: 1e-9,
        ..Quadrature::default()
    };
    for text in CONTINUOUS {
        let case = Case::new(text);
        let median = case.sampler.quantile(0.5, 0.5).unwrap();
        let density = |x: f64| case.at(case.log_density, x).exp();
        let (lower, upper) = case.support;
        let integral = |f: &dyn Fn(f64) -> f64, lower, upper| {
            rule.integrate(&mut pointwise(f), lower, upper, &[median])
        };
        let whole = integral(&density, lower, upper);
        // beta(0.4, 0.7) near 1 is asked by z alone, which rounds: as good as that allows.
        near(
            &format!("{text} total"),
            whole.value,
            1.0,
            whole.error.min(1e-4) + 1e-9,
        );
        for p in [1e-9, 1e-3, 0.2, 0.5, 0.71, 1.0 - 1e-3, 1.0 - 1e-9] {
            let x = case.sampler.quantile(p, 1.0 - p).unwrap();
            if let Some(cdf) = case.cdf {
                near(
                    &format!("{text} cdf of quantile {p}"),
                    case.at(cdf, x),
                    p,
                    2e-14,
                );
            }
            let below = integral(&density, lower, x);
            near(
                &format!("{text} integral below quantile {p}"),
                below.value,
                p,
                below.error.min(1e-6) + 1e-11,
            );
            if let Some(quantile) = case.quantile {
                // u of the upper tail is rounded before the formula sees it.
                let condition = 1e-16 / (p.min(1.0 - p) * density(x) / p.min(1.0 - p));
                near(
                    &format!("{text} quantile {p}"),
                    case.at(quantile, p),
                    x,
                    1e-13 + 4.0 * condition,
                );
            }
        }
        let [mean, variance, entropy] = case.moments.map(|m| m.map(|id| case.at(id, 0.0)));
        if let Some(mean) = mean.filter(|m| m.is_finite()) {
            let found = integral(&|x| x * density(x), lower, upper);
            near(
                &format!("{text} mean"),
                found.value,
                mean,
                found.error.min(1e-4) + 1e-9,
            );
            if let Some(variance) = variance.filter(|v| v.is_finite()) {
                let found = integral(&|x| (x - mean).powi(2) * density(x), lower, upper);
                near(
                    &format!("{text} variance"),
                    found.value,
                    variance,
                    found.error.min(1e-4) + 1e-9,
                );
            }
        }
        let entropy = entropy.unwrap();
        let surprise = |x: f64| {
            let log = case.at(case.log_density, x);
            if log > -700.0 { -log * log.exp() } else { 0.0 }
        };
        let found = integral(&surprise, lower, upper);
        near(
            &format!("{text} entropy"),
            found.value,
            entropy,
            found.error.min(1e-3) + 1e-8,
        );
    }
}

#[test]
fn discrete_formulas_agree() {
    for text in [
        "bernoulli(0.3)",
        "categorical([0.2, 0.5, 0.3])",
        "poisson(3.7)",
        "poisson(0.2)",
        "rademacher()",
    ] {
        let case = Case::new(text);
        let (lower, upper) = (case.support.0 as i32, case.support.1.min(80.0) as i32);
        let mut sums = [0.0; 4];
        for x in (lower..=upper).map(f64::from) {
            let mass = case.at(case.log_density, x).exp();
            let terms = [
                mass,
                mass * x,
                mass * x * x,
                if mass > 0.0 { -mass * mass.ln() } else { 0.0 },
            ];
            sums.iter_mut()
                .zip(terms)
                .for_each(|(sum, term)| *sum += term);
            near(
                &format!("{text} cdf at {x}"),
                case.at(case.cdf.unwrap(), x),
                sums[0],
                1e-14,
            );
            if mass > 1e-12 {
                let p = sums[0] - mass / 2.0;
                assert_eq!(case.sampler.quantile(p, 1.0 - p), Some(x), "{text}");
            }
        }
        near(text, sums[0], 1.0, 1e-14);
        let [mean, variance, entropy] = case.moments.map(|m| m.map(|id| case.at(id, 0.0)));
        near(text, mean.unwrap(), sums[1], 1e-13);
        near(text, variance.unwrap(), sums[2] - sums[1] * sums[1], 1e-13);
        if let Some(entropy) = entropy {
            near(text, entropy, sums[3], 1e-13);
        }
    }
}

#[test]
fn vectors() {
    let mut graph = Graph::new();
    let dirichlet = read("dirichlet([0.5, 2, 1.5])[2]", &mut graph);
    assert_eq!(
        (dirichlet.shape.as_slice(), dirichlet.copies()),
        (&[2, 3][..], 2)
    );
    let z = Value::symbols(&mut graph, "z", &[2, 3]);
    let joint = dirichlet.log_density(&z, &mut graph).unwrap();
    let point = [0.2, 0.5, 0.3, 0.1, 0.1, 0.8];
    let at: BTreeMap<Id, f64> = z.elements.iter().copied().zip(point).collect();
    // Γ(4)/(Γ(1/2)·Γ(2)·Γ(3/2)) = 6/(√π·√π/2).
    let log_normalizer = (12.0 / std::f64::consts::PI).ln();
    let expected: f64 = [&point[..3], &point[3..]]
        .iter()
        .map(|z| log_normalizer - 0.5 * z[0].ln() + z[1].ln() + 0.5 * z[2].ln())
        .sum();
    near(
        "dirichlet",
        evaluate(&graph, &[joint], &at)[0],
        expected,
        1e-13,
    );
    let mean = dirichlet.mean(&mut graph).unwrap().unwrap();
    assert_eq!(mean.shape, [2, 3]);
    assert_eq!(
        evaluate(&graph, &mean.elements, &at)[..3],
        [0.125, 0.5, 0.375]
    );

    // Two independent normals, turned: the density factors along z = L·e.
    let normal = read(
        "multivariate_normal([1, -2], [[2, 0], [3, 0.5]])",
        &mut graph,
    );
    let z = Value::symbols(&mut graph, "y", &[2]);
    let joint = normal.log_density(&z, &mut graph).unwrap();
    let (e0, e1) = (0.3f64, -1.1f64);
    let point = [1.0 + 2.0 * e0, -2.0 + 3.0 * e0 + 0.5 * e1];
    let at: BTreeMap<Id, f64> = z.elements.iter().copied().zip(point).collect();
    let expected = -(2.0 * std::f64::consts::PI).ln() - (e0 * e0 + e1 * e1) / 2.0;
    near(
        "multivariate normal",
        evaluate(&graph, &[joint], &at)[0],
        expected,
        1e-14,
    );
    let variance = normal.variance(&mut graph).unwrap().unwrap();
    assert_eq!(evaluate(&graph, &variance.elements, &at), [4.0, 9.25]);
    let entropy = normal.entropy(&mut graph).unwrap().unwrap();
    near(
        "entropy",
        evaluate(&graph, &[entropy], &at)[0],
        (2.0 * std::f64::consts::PI).ln() + 1.0,
        1e-14,
    );
}

#[test]
fn copies_take_their_own_arguments() {
    let mut graph = Graph::new();
    let mut scope = Scope::default();
    let mu = Value::symbols(&mut graph, "mu", &[2]);
    scope.values.insert("mu".to_owned(), mu.clone());
    scope.sizes.insert("d".to_owned(), 2);
    for text in [
        "normal(mu, 2)",
        "normal(mu, 2)[d]",
        "normal(scale=2, loc=mu)",
    ] {
        let instance = Instance::new(&parse_applied(text).unwrap(), &scope, &mut graph).unwrap();
        assert_eq!(instance.shape, [2], "{text}");
        let z = Value::symbols(&mut graph, "z", &[2]);
        let joint = instance.log_density(&z, &mut graph).unwrap();
        let at = BTreeMap::from([
            (mu.elements[0], 1.0),
            (mu.elements[1], -1.0),
            (z.elements[0], 2.0),
            (z.elements[1], 3.0),
        ]);
        let expected = -(2.0 * std::f64::consts::PI).ln() - 4f64.ln() - 1.0 / 8.0 - 16.0 / 8.0;
        near(text, evaluate(&graph, &[joint], &at)[0], expected, 1e-14);
    }
}

#[test]
fn wrong_uses_are_told() {
    let cases: &[(&str, &str, Option<&str>)] = &[
        (
            "nromal(0, 1)",
            "unknown distribution `nromal`",
            Some("write `normal`"),
        ),
        (
            "normal(0, 1, 2)",
            "too many arguments of `normal`",
            Some("write `normal(loc=0, scale=1)`"),
        ),
        (
            "normal(scael=1)",
            "`normal` has no argument `scael`",
            Some("write `scale=…`"),
        ),
        ("normal(0, loc=1)", "argument `loc` given twice", None),
        (
            "gamma()",
            "`gamma` needs its argument `concentration`",
            Some("write `gamma(concentration, rate=1)`"),
        ),
        (
            "normal(0, -1)",
            "`scale` of `normal` is out of its domain",
            None,
        ),
        (
            "uniform(1, 1)",
            "`high` of `uniform` is out of its domain",
            None,
        ),
        (
            "bernoulli(1.5)",
            "`prob` of `bernoulli` is out of its domain",
            None,
        ),
        (
            "categorical([0.5, 0.6])",
            "`probs` of `categorical` is out of its domain",
            None,
        ),
        (
            "dirichlet(1)",
            "`concentration` of `dirichlet` has shape []",
            None,
        ),
        (
            "normal([0, 1], [1, 2, 3])",
            "`scale` has shape [3], but there are [2] copies",
            Some("give `scale` as a scalar or with one entry for each copy"),
        ),
        (
            "multivariate_normal([0, 1], [[1]])",
            "the arguments of `multivariate_normal` have different lengths",
            None,
        ),
        ("normal(0, x)", "unknown name `x`", None),
    ];
    for (text, message, help) in cases {
        let mut graph = Graph::new();
        let applied = parse_applied(text).unwrap();
        let errors = Instance::new(&applied, &Scope::default(), &mut graph).unwrap_err();
        assert_eq!(errors[0].message, *message, "{text}: {errors:#?}");
        assert!(
            help.is_none() || errors[0].help.as_deref() == *help,
            "{text}: {errors:#?}"
        );
        assert!(errors[0].span.end <= text.len() && !errors[0].span.is_empty());
    }
    let mut graph = Graph::new();
    let instance = read("normal()[2]", &mut graph);
    let z = Value::symbols(&mut graph, "z", &[3]);
    assert!(instance.log_density(&z, &mut graph).is_err());
}

#[test]
fn every_formula_reads() {
    for distribution in DISTRIBUTIONS {
        let arguments: Vec<&str> = distribution
            .parameters
            .iter()
            .map(|p| match p.domain {
                "real" => "0",
                "positive" => "2",
                "greater_than(low)" => "1",
                "unit_interval" => "1/3",
                "positive[k]" => "[1, 2]",
                "simplex[k]" => "[1/3, 2/3]",
                "real[k]" => "[0, 1]",
                "lower_cholesky[k]" => "[[1, 0], [2, 3]]",
                other => panic!("{other}"),
            })
            .collect();
        let text = format!("{}({})[2]", distribution.name, arguments.join(", "));
        let mut graph = Graph::new();
        let instance = read(&text, &mut graph);
        let z = Value::symbols(&mut graph, "z", &instance.shape);
        instance.log_density(&z, &mut graph).unwrap();
        instance.cdf(&z, &mut graph).unwrap();
        instance.quantile(&z, &mut graph).unwrap();
        instance.mean(&mut graph).unwrap();
        instance.variance(&mut graph).unwrap();
        instance.entropy(&mut graph).unwrap();
        assert_eq!(instance.support(&mut graph).unwrap().len(), 2);
        assert_eq!(find(distribution.name), Some(distribution));
    }
}

#[test]
fn samplers_refuse_what_is_no_argument() {
    let refuse =
        |name, arguments: &[Vec<f64>]| Sampler::new(find(name).unwrap(), arguments).unwrap_err().0;
    assert_eq!(refuse("normal", &[vec![0.0]]), "scale");
    assert_eq!(refuse("normal", &[vec![f64::NAN], vec![1.0]]), "loc");
    assert_eq!(refuse("normal", &[vec![0.0], vec![-1.0]]), "scale");
    assert_eq!(refuse("normal", &[vec![], vec![]]), "loc");
    assert_eq!(refuse("uniform", &[vec![2.0], vec![1.0]]), "high");
    assert_eq!(refuse("categorical", &[vec![0.5, 0.4]]), "probs");
    assert_eq!(
        refuse("multivariate_normal", &[vec![0.0, 0.0], vec![1.0]]),
        "scale_tril"
    );
    assert_eq!(refuse("poisson", &[vec![1e300]]), "rate");
    let sampler = Sampler::new(find("normal").unwrap(), &[vec![0.0], vec![1.0]]).unwrap();
    assert_eq!(sampler.quantile(0.0, 1.0), None);
    assert_eq!(sampler.quantile(f64::NAN, 0.5), None);
    assert!(sampler.quantile(1e-300, 1.0).is_some());
}
