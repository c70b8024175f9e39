//! Expectations over the noise in closed form: sums of products of functions of one noise component
//! each, whose means are known for the built-in laws (Johnson, Kotz & Balakrishnan 1994, 1995).

use super::facts;
use super::points::Space;
use super::sticks::Sticks;
use crate::algebra::{Factor, Facts, Outcome, Signs, expand, prove, prove_sign};
use crate::distribution::Instance;
use crate::graph::{Graph, Id};
use crate::model::{Definition, Model};
use crate::number::{Rational, Unary};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// Powers above this are left to quadrature.
const HIGHEST_POWER: u32 = 8;

/// Terms of a sum at most.
const MOST_TERMS: usize = 400;

/// E of a term over the noise; none where it is not a sum of known means.
pub(crate) fn expectation(model: &mut Model, term: Id) -> Option<Id> {
    if model.definition != Definition::Transform {
        return None;
    }
    let sticks = Sticks::new(model);
    let term = model.rebased(term);
    let term = sticks.broken(&mut model.graph, term);
    let mut variables = model.base_variables();
    variables.extend(sticks.each.iter().map(|s| s.variable.clone()));
    let space = Space::new(&model.graph, variables);
    let mut facts = facts::facts(&mut model.graph, &space);
    let mut noise = model.noise_symbols();
    noise.extend(sticks.each.iter().map(|s| s.variable.symbols[0]));
    if model.noise.iter().all(|n| !n.is_discrete()) {
        facts.almost_everywhere(noise.clone());
    }
    let sum = expand(&mut model.graph, &facts, term, &noise)?;
    if sum.len() > MOST_TERMS {
        return None;
    }
    let expanded = written(&mut model.graph, &sum);
    let Outcome::Proved(..) = prove(&mut model.graph, &facts, term, expanded) else {
        return None;
    };
    let mut laws = laws(model);
    laws.extend(sticks.each.iter().map(|stick| {
        let (a, b) = stick.concentrations;
        (stick.variable.symbols[0], Law::Beta(a, b))
    }));
    let mut terms = Vec::new();
    for (coefficient, factors) in &sum {
        let mut product = *coefficient;
        for (symbol, factor) in factors {
            let law = laws.get(symbol)?;
            let mean = law.mean(&mut model.graph, &facts, factor)?;
            product = model.graph.mul(product, mean);
        }
        terms.push(product);
    }
    Some(model.graph.sum(&terms))
}

/// The sum as a term.
fn written(graph: &mut Graph, sum: &[(Id, BTreeMap<Id, Factor>)]) -> Id {
    let mut terms = Vec::new();
    for (coefficient, factors) in sum {
        let mut product = *coefficient;
        for (&v, factor) in factors {
            let power = graph.integer(i64::from(factor.power));
            let power = graph.pow(v, power);
            product = graph.mul(product, power);
            let one = graph.integer(1);
            let rest = graph.sub(one, v);
            let log = graph.log(v);
            let minus = graph.neg(log);
            let bases = [v, rest, minus];
            for (&base, &n) in bases.iter().zip(&factor.logarithms) {
                let (log, n) = (graph.log(base), graph.integer(i64::from(n)));
                let power = graph.pow(log, n);
                if !graph.is_integer(n, 0) {
                    product = graph.mul(product, power);
                }
            }
            if let Some(slope) = factor.slope {
                let exponent = graph.mul(slope, v);
                let e = graph.exp(exponent);
                product = graph.mul(product, e);
            }
            for (base, exponent) in [(v, factor.exponent), (rest, factor.other_exponent)] {
                if let Some(exponent) = exponent {
                    let power = graph.pow(base, exponent);
                    product = graph.mul(product, power);
                }
            }
        }
        terms.push(product);
    }
    graph.sum(&terms)
}

/// A law whose means are known.
enum Law {
    Normal,
    Uniform,
    Logistic,
    Gumbel,
    Laplace,
    Rademacher,
    HalfNormal,
    /// By its concentration, and its scale where that is not 1.
    Gamma(Id, Option<Id>),
    Beta(Id, Id),
    Bernoulli(Id),
    Poisson(Id),
}

fn laws(model: &mut Model) -> FxHashMap<Id, Law> {
    let mut laws = FxHashMap::default();
    for noise in model.noise.clone() {
        let arguments = arguments(&noise.law);
        for (&symbol, arguments) in noise.variable.symbols.iter().zip(arguments) {
            laws.extend(law(&mut model.graph, noise.law_name(), &arguments).map(|l| (symbol, l)));
        }
    }
    laws
}

/// The scalar arguments of each copy; none for laws of vectors.
fn arguments(law: &Instance) -> Vec<Vec<Id>> {
    let copies = law.arguments().iter();
    copies
        .map(|values| values.iter().flat_map(|v| v.elements.clone()).collect())
        .filter(|_| !law.distribution.multivariate)
        .collect()
}

fn law(graph: &mut Graph, name: &str, arguments: &[Id]) -> Option<Law> {
    let are = |graph: &Graph, values: &[i64]| {
        arguments.len() == values.len()
            && arguments
                .iter()
                .zip(values)
                .all(|(&id, &value)| graph.is_integer(id, value))
    };
    Some(match (name, arguments) {
        ("normal", _) if are(graph, &[0, 1]) => Law::Normal,
        ("uniform", _) if are(graph, &[0, 1]) => Law::Uniform,
        ("logistic", _) if are(graph, &[0, 1]) => Law::Logistic,
        ("gumbel", _) if are(graph, &[0, 1]) => Law::Gumbel,
        ("laplace", _) if are(graph, &[0, 1]) => Law::Laplace,
        ("rademacher", _) => Law::Rademacher,
        ("half_normal", _) if are(graph, &[1]) => Law::HalfNormal,
        ("exponential", &[rate]) => Law::Gamma(graph.integer(1), scale(graph, rate)),
        ("gamma", &[concentration, rate]) => Law::Gamma(concentration, scale(graph, rate)),
        ("chi_squared", &[df]) => {
            let two = graph.integer(2);
            Law::Gamma(graph.div(df, two), Some(two))
        }
        ("beta", &[a, b]) => Law::Beta(a, b),
        ("bernoulli", &[p]) => Law::Bernoulli(p),
        ("poisson", &[rate]) => Law::Poisson(rate),
        _ => return None,
    })
}

/// One over a rate that is not 1.
fn scale(graph: &mut Graph, rate: Id) -> Option<Id> {
    let one = graph.integer(1);
    (rate != one).then(|| graph.div(one, rate))
}

impl Law {
    /// The mean of one factor.
    fn mean(&self, graph: &mut Graph, facts: &Facts, factor: &Factor) -> Option<Id> {
        if factor.power > HIGHEST_POWER {
            return None;
        }
        let n = factor.power;
        let logs = factor.logarithms;
        let has_logs = logs != [0, 0, 0];
        let has_powers = factor.exponent.is_some() || factor.other_exponent.is_some();
        match self {
            Law::Normal if !has_logs && !has_powers => Some(normal(graph, n, factor.slope)),
            Law::Gumbel if !has_logs && !has_powers => gumbel(graph, facts, n, factor.slope),
            Law::Gamma(a, scale) if factor.slope.is_none() && factor.other_exponent.is_none() => {
                gamma(graph, facts, (*a, *scale), factor)
            }
            Law::Uniform if factor.slope.is_none() => {
                let one = graph.integer(1);
                match logs {
                    // −log(−log u) follows the Gumbel law.
                    [0, 0, k] if k > 0 && n == 0 && !has_powers => {
                        let mean = gumbel(graph, facts, k, None)?;
                        let sign = graph.integer(if k % 2 == 0 { 1 } else { -1 });
                        return Some(graph.mul(sign, mean));
                    }
                    [k, 0, 0] if k > 0 && factor.other_exponent.is_none() => {
                        return logarithms(graph, facts, k, n, factor.exponent);
                    }
                    [0, k, 0] if k > 0 && n == 0 && factor.exponent.is_none() => {
                        return logarithms(graph, facts, k, 0, factor.other_exponent);
                    }
                    _ => {}
                }
                beta(graph, facts, (one, one), factor)
            }
            Law::Beta(a, b) if factor.slope.is_none() => beta(graph, facts, (*a, *b), factor),
            Law::Logistic if is_power(factor) => match n {
                0 => Some(graph.integer(1)),
                2 | 4 => {
                    // π²/3 and 7π⁴/15.
                    let pi = graph.pi();
                    let (exponent, factor) = (graph.integer(i64::from(n)), [(1, 3), (7, 15)]);
                    let (above, below) = factor[n as usize / 2 - 1];
                    let power = graph.pow(pi, exponent);
                    let factor = constant(graph, above, below);
                    Some(graph.mul(factor, power))
                }
                n if n % 2 == 1 => Some(graph.integer(0)),
                _ => None,
            },
            Law::Laplace if is_power(factor) => {
                Some(graph.integer(if n % 2 == 1 { 0 } else { factorial(n) }))
            }
            Law::Rademacher if is_power(factor) => {
                Some(graph.integer(i64::from(n.is_multiple_of(2))))
            }
            Law::HalfNormal if is_power(factor) => {
                if n.is_multiple_of(2) {
                    return Some(normal(graph, n, None));
                }
                // 2^((n−1)/2) ((n−1)/2)! √(2/π).
                let k = n / 2;
                let (pi, two) = (graph.pi(), graph.integer(2));
                let ratio = graph.div(two, pi);
                let root = graph.unary(Unary::Sqrt, ratio);
                let factor = graph.integer((1 << k) * factorial(k));
                Some(graph.mul(factor, root))
            }
            Law::Bernoulli(p) if is_power(factor) => {
                Some(if n == 0 { graph.integer(1) } else { *p })
            }
            Law::Poisson(rate) if is_power(factor) => Some(poisson(graph, *rate, n)),
            Law::Normal
            | Law::Uniform
            | Law::Logistic
            | Law::Gumbel
            | Law::Laplace
            | Law::Rademacher
            | Law::HalfNormal
            | Law::Gamma(..)
            | Law::Beta(..)
            | Law::Bernoulli(_)
            | Law::Poisson(_) => None,
        }
    }
}

fn is_power(factor: &Factor) -> bool {
    *factor
        == Factor {
            power: factor.power,
            ..Factor::default()
        }
}

fn factorial(n: u32) -> i64 {
    (1..=i64::from(n)).product()
}

fn constant(graph: &mut Graph, above: i64, below: i64) -> Id {
    graph.constant(Rational::from(above) / Rational::from(below))
}

/// E[εⁿ e^(tε)] = e^(t²/2) Σ (n choose k) t^(n−k) E[εᵏ].
fn normal(graph: &mut Graph, n: u32, slope: Option<Id>) -> Id {
    let moment = |k: u32| {
        if k % 2 == 1 {
            0
        } else {
            (1..i64::from(k)).step_by(2).product()
        }
    };
    let Some(t) = slope else {
        return graph.integer(moment(n));
    };
    let mut terms = Vec::new();
    let mut choose = 1i64;
    for k in 0..=n {
        let factor = graph.integer(choose * moment(k));
        let exponent = graph.integer(i64::from(n - k));
        let power = graph.pow(t, exponent);
        terms.push(graph.mul(factor, power));
        choose = choose * i64::from(n - k) / i64::from(k + 1);
    }
    let sum = graph.sum(&terms);
    let (square, two) = (graph.square(t), graph.integer(2));
    let half = graph.div(square, two);
    let e = graph.exp(half);
    graph.mul(e, sum)
}

/// E[uⁿ⁺ˢ (log u)ᵏ] = (−1)ᵏ k!/(n + s + 1)ᵏ⁺¹ for n + s > −1.
fn logarithms(graph: &mut Graph, facts: &Facts, k: u32, n: u32, s: Option<Id>) -> Option<Id> {
    if k > HIGHEST_POWER {
        return None;
    }
    let mut below = graph.integer(i64::from(n) + 1);
    if let Some(s) = s {
        below = graph.add(s, below);
        if !prove_sign(graph, facts, below, Signs::POSITIVE) {
            return None;
        }
    }
    let exponent = graph.integer(i64::from(k) + 1);
    let below = graph.pow(below, exponent);
    let sign = if k.is_multiple_of(2) { 1 } else { -1 };
    let above = graph.integer(sign * factorial(k));
    Some(graph.div(above, below))
}

/// The first four moments, from the cumulants −ψ(1), π²/6, −ψ″(1), π⁴/15; E e^(tε) = Γ(1 − t) for
/// t < 1.
fn gumbel(graph: &mut Graph, facts: &Facts, n: u32, slope: Option<Id>) -> Option<Id> {
    let one = graph.integer(1);
    if let Some(t) = slope {
        let rest = graph.sub(one, t);
        if n != 0 || !prove_sign(graph, facts, rest, Signs::POSITIVE) {
            return None;
        }
        let log = graph.unary(Unary::Lgamma, rest);
        return Some(graph.exp(log));
    }
    let psi = graph.unary(Unary::Polygamma(0), one);
    match n {
        0 => Some(one),
        1 => Some(graph.neg(psi)),
        2 => {
            let (pi, six) = (graph.pi(), graph.integer(6));
            let square = graph.square(pi);
            let (variance, mean) = (graph.div(square, six), graph.square(psi));
            Some(graph.add(variance, mean))
        }
        3 | 4 => {
            let (pi, mean) = (graph.pi(), graph.neg(psi));
            let term = |graph: &mut Graph, factor: (i64, i64), powers: &[(Id, i64)]| {
                let mut product = constant(graph, factor.0, factor.1);
                for &(base, n) in powers {
                    let n = graph.integer(n);
                    let power = graph.pow(base, n);
                    product = graph.mul(product, power);
                }
                product
            };
            let third = graph.unary(Unary::Polygamma(2), one);
            let terms = if n == 3 {
                // κ₃ + 3κ₂κ₁ + κ₁³
                vec![
                    term(graph, (-1, 1), &[(third, 1)]),
                    term(graph, (1, 2), &[(pi, 2), (mean, 1)]),
                    term(graph, (1, 1), &[(mean, 3)]),
                ]
            } else {
                // κ₄ + 4κ₃κ₁ + 3κ₂² + 6κ₂κ₁² + κ₁⁴
                vec![
                    term(graph, (1, 15), &[(pi, 4)]),
                    term(graph, (-4, 1), &[(third, 1), (mean, 1)]),
                    term(graph, (1, 12), &[(pi, 4)]),
                    term(graph, (1, 1), &[(pi, 2), (mean, 2)]),
                    term(graph, (1, 1), &[(mean, 4)]),
                ]
            };
            Some(graph.sum(&terms))
        }
        _ => None,
    }
}

/// E[εⁿ] = Σ S(n, j) λʲ, with the Stirling numbers of the second kind (Touchard).
fn poisson(graph: &mut Graph, rate: Id, n: u32) -> Id {
    let mut row = vec![1i64];
    for _ in 0..n {
        let next = |j: usize| {
            let kept = row.get(j).map_or(0, |s| s * j as i64);
            kept + j.checked_sub(1).map_or(0, |before| row[before])
        };
        row = (0..=row.len()).map(next).collect();
    }
    let terms: Vec<Id> = (0i64..)
        .zip(&row)
        .filter(|(_, s)| **s != 0)
        .map(|(j, &s)| {
            let (s, j) = (graph.integer(s), graph.integer(j));
            let power = graph.pow(rate, j);
            graph.mul(s, power)
        })
        .collect();
    graph.sum(&terms)
}

/// E[ε^s] = c^s Γ(a + s)/Γ(a), a + s > 0, and E[log ε] = ψ(a) + log c, for the scale c.
fn gamma(
    graph: &mut Graph,
    facts: &Facts,
    (a, scale): (Id, Option<Id>),
    factor: &Factor,
) -> Option<Id> {
    let n = graph.integer(i64::from(factor.power));
    let power = match (factor.exponent, factor.logarithms) {
        (None, [1, 0, 0]) if factor.power == 0 => {
            let mean = graph.unary(Unary::Polygamma(0), a);
            let log = scale.map(|scale| graph.log(scale));
            return Some(log.map_or(mean, |log| graph.add(mean, log)));
        }
        (None, [0, 0, 0]) => n,
        (Some(s), [0, 0, 0]) => graph.add(s, n),
        _ => return None,
    };
    let mean = if factor.exponent.is_none() {
        rising(graph, a, factor.power)
    } else {
        let total = graph.add(a, power);
        if !prove_sign(graph, facts, total, Signs::POSITIVE) {
            return None;
        }
        let (above, below) = (
            graph.unary(Unary::Lgamma, total),
            graph.unary(Unary::Lgamma, a),
        );
        let log = graph.sub(above, below);
        graph.exp(log)
    };
    let Some(scale) = scale else {
        return Some(mean);
    };
    let scale = graph.pow(scale, power);
    Some(graph.mul(mean, scale))
}

/// a(a + 1)…(a + n − 1).
fn rising(graph: &mut Graph, a: Id, n: u32) -> Id {
    let factors: Vec<Id> = (0..n)
        .map(|j| {
            let j = graph.integer(i64::from(j));
            graph.add(a, j)
        })
        .collect();
    graph.product(&factors)
}

/// E[v^s (1 − v)^r] = B(a + s, b + r)/B(a, b), and E[log v] = ψ(a) − ψ(a + b).
fn beta(graph: &mut Graph, facts: &Facts, (a, b): (Id, Id), factor: &Factor) -> Option<Id> {
    let total = graph.add(a, b);
    let n = factor.power;
    let has_powers = factor.exponent.is_some() || factor.other_exponent.is_some();
    match factor.logarithms {
        [0, 0, 0] if !has_powers => {
            let (above, below) = (rising(graph, a, n), rising(graph, total, n));
            Some(graph.div(above, below))
        }
        [0, 0, 0] => {
            let zero = graph.integer(0);
            let n = graph.integer(i64::from(n));
            let s = graph.add(factor.exponent.unwrap_or(zero), n);
            let r = factor.other_exponent.unwrap_or(zero);
            let (x, y) = (graph.add(a, s), graph.add(b, r));
            if !prove_sign(graph, facts, x, Signs::POSITIVE)
                || !prove_sign(graph, facts, y, Signs::POSITIVE)
            {
                return None;
            }
            let both = graph.add(x, y);
            let mut lgamma = |x: Id| graph.unary(Unary::Lgamma, x);
            let plus = [lgamma(x), lgamma(y), lgamma(total)];
            let minus = [lgamma(both), lgamma(a), lgamma(b)];
            let (plus, minus) = (graph.sum(&plus), graph.sum(&minus));
            let log = graph.sub(plus, minus);
            Some(graph.exp(log))
        }
        [1, 0, 0] | [0, 1, 0] if n == 0 && !has_powers => {
            let of = if factor.logarithms[0] == 1 { a } else { b };
            let (x, y) = (
                graph.unary(Unary::Polygamma(0), of),
                graph.unary(Unary::Polygamma(0), total),
            );
            Some(graph.sub(x, y))
        }
        _ => None,
    }
}
