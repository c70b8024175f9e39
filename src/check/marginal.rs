//! The density of g(ε) at z as a term: preimages summed, discrete noise summed, surplus noise left
//! to be integrated.
//!
//! As many continuous noise components as there are output coordinates are solved for, one from
//! each coordinate in turn, by undoing g step by step ([`invert`]); the others stay as variables of
//! integration. With nothing left over the term is exact, and a k-to-one map is judged point by
//! point like any other.

use super::coordinates::dependents;
use super::support;
use crate::algebra::{invert, log_abs};
use crate::graph::{Graph, Id, Node};
use crate::model::{Model, Noise, Variable};
use crate::number::{Binary, Exact, Ternary};
use crate::spec::raw::Measure;
use crate::tape::Tape;
use rustc_hash::FxHashMap;

/// The most choices of components to solve for.
const MOST_CHOICES: usize = 64;

/// The most branches of one solution.
const MOST_BRANCHES: usize = 64;

/// The density of g(ε) at z.
#[derive(Clone, Debug)]
pub(crate) struct Marginal {
    /// The density, over φ, x, z and the components of `others`; zero where there is no preimage.
    pub(crate) density: Id,
    /// Noise components left to be integrated, as scalar variables with their supports.
    pub(crate) others: Vec<Variable>,
    /// Preimages and atoms that were summed.
    pub(crate) branches: usize,
    /// The logarithm of each summand: where it is large is seen from where the summand underflows.
    pub(crate) logs: Vec<Id>,
}

/// A component of the noise with its own log-density.
struct Component<'a> {
    noise: &'a Noise,
    symbol: Id,
    log_density: Id,
}

/// The density of g(ε) at z, where it can be written; the reason where it cannot.
pub(crate) fn marginal(model: &mut Model) -> Result<Marginal, String> {
    let transform = model.transform.clone().ok_or("there is no transform")?;
    let free = model.free_outputs();
    let z: Vec<Id> = {
        let all = model.output_symbols();
        free.iter().map(|&i| all[i]).collect()
    };
    let hausdorff = model.target.as_ref().map(|t| t.measure) == Some(Measure::Hausdorff);
    if hausdorff && free.len() < transform.elements.len() {
        return Err("it is one of surface area".to_owned());
    }
    let terms: Vec<Id> = free.iter().map(|&i| transform.elements[i]).collect();
    let mut terms = model.graph.attached(&terms);
    let mut determined = FxHashMap::default();
    for parameter in model.givens() {
        determined.extend(dependents(model, &parameter));
    }
    terms = model.graph.substitute(&terms, &determined);
    for term in &mut terms {
        *term = folded(&mut model.graph, *term);
    }
    let noise = model.noise.clone();
    let used = model.graph.symbols_of(&terms);
    let mut continuous = Vec::new();
    let mut discrete = Vec::new();
    for n in &noise {
        if !n.variable.symbols.iter().any(|s| used.contains(s)) {
            continue;
        }
        if n.log_densities.len() != n.variable.symbols.len() {
            return Err(format!(
                "the components of `{}` are not independent",
                n.variable.name
            ));
        }
        for (&symbol, &log_density) in n.variable.symbols.iter().zip(&n.log_densities) {
            if used.contains(&symbol) {
                let component = Component {
                    noise: n,
                    symbol,
                    log_density,
                };
                if n.is_discrete() {
                    discrete.push(component)
                } else {
                    continuous.push(component)
                }
            }
        }
    }
    let graph = &mut model.graph;
    // What several coordinates share is left over first: given it, they come apart.
    continuous.sort_by_key(|c| {
        let in_term = |t: &&Id| graph.symbols_of(&[**t]).contains(&c.symbol);
        terms.iter().filter(in_term).count()
    });
    let atoms = atoms(graph, &discrete)?;
    for chosen in choices(continuous.len(), z.len()) {
        let solved: Vec<&Component> = chosen.iter().map(|&k| &continuous[k]).collect();
        let rest = || {
            let left = (0..continuous.len()).filter(|k| !chosen.contains(k));
            left.map(|k| &continuous[k])
        };
        let Some(found) = contributions(graph, &terms, &z, &solved, &atoms) else {
            continue;
        };
        let of_others: Vec<Id> = rest().map(|c| c.log_density).collect();
        let of_others = graph.sum(&of_others);
        let (summands, logs): (Vec<Id>, Vec<Id>) = found.into_iter().unzip();
        let sum = graph.sum(&summands);
        let p = graph.exp(of_others);
        let density = if continuous.len() > z.len() {
            graph.mul(sum, p)
        } else {
            sum
        };
        let logs: Vec<Id> = logs.iter().map(|&log| graph.add(log, of_others)).collect();
        let others = rest().map(|c| Variable {
            name: graph.display(c.symbol),
            shape: Vec::new(),
            symbols: vec![c.symbol],
            domain: c.noise.variable.domain.clone(),
            range: None,
        });
        return Ok(Marginal {
            others: others.collect(),
            density,
            branches: logs.len(),
            logs,
        });
    }
    Err(match z.len() {
        1 => "no noise component could be solved for".to_owned(),
        n => format!("no {n} noise components could be solved for one after another"),
    })
}

/// Every choice of `count` of the first `of` numbers, up to a limit.
fn choices(of: usize, count: usize) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    for _ in 0..count {
        all = all
            .iter()
            .flat_map(|chosen: &Vec<usize>| {
                let next = chosen.last().map_or(0, |last| last + 1);
                (next..of).map(move |k| [chosen.as_slice(), &[k]].concat())
            })
            .take(16 * MOST_CHOICES)
            .collect();
    }
    all.truncate(MOST_CHOICES);
    all
}

type Atom = (FxHashMap<Id, Id>, Id);

/// Every combination of values of discrete noise, with the log of its probability.
fn atoms(graph: &mut Graph, discrete: &[Component]) -> Result<Vec<Atom>, String> {
    let zero = graph.integer(0);
    let mut all: Vec<Atom> = vec![(FxHashMap::default(), zero)];
    for component in discrete {
        let values: Vec<i64> = match component.noise.law_name() {
            "bernoulli" => vec![0, 1],
            "rademacher" => vec![-1, 1],
            "categorical" => {
                let arguments = component.noise.law.arguments().first();
                let count = arguments.and_then(|a| a.first()).map(|p| p.elements.len());
                (0..count.unwrap_or(0) as i64).collect()
            }
            name => return Err(format!("the atoms of `{name}` are not listed")),
        };
        let mut next = Vec::new();
        for (map, weight) in &all {
            for &value in &values {
                let mut map = map.clone();
                let at = graph.integer(value);
                map.insert(component.symbol, at);
                let mass = graph.substitute(&[component.log_density], &map)[0];
                next.push((map, graph.add(*weight, mass)));
            }
        }
        if next.len() > 64 {
            return Err("the discrete noise takes too many values".to_owned());
        }
        all = next;
    }
    Ok(all)
}

/// A term with every `where` decided whose condition has no symbols, and without products with
/// zero: what it does not depend on is then not mentioned.
fn folded(graph: &mut Graph, term: Id) -> Id {
    let zero = graph.integer(0);
    let mut decided = FxHashMap::default();
    for id in graph.reachable(&[term]) {
        let of = |x: Id| decided.get(&x).copied().unwrap_or(x);
        let kept = match graph.node(id) {
            Node::Ternary(Ternary::Select, condition, yes, no) => {
                let Ok(tape) = Tape::new(graph, &[], &[of(condition)]) else {
                    let (c, yes, no) = (of(condition), of(yes), of(no));
                    decided.insert(id, graph.select(c, yes, no));
                    continue;
                };
                let values: Vec<Exact> = tape.evaluate(&[], &());
                match values.first().and_then(|v| v.value()) {
                    Some(value) if value.is_zero() => of(no),
                    Some(_) => of(yes),
                    None => {
                        let (c, yes, no) = (of(condition), of(yes), of(no));
                        graph.select(c, yes, no)
                    }
                }
            }
            Node::Ternary(operator, x, y, z) => {
                let (x, y, z) = (of(x), of(y), of(z));
                graph.ternary(operator, x, y, z)
            }
            Node::Binary(Binary::Mul, x, y) if of(x) == zero || of(y) == zero => zero,
            Node::Binary(Binary::Add, x, y) if of(x) == zero => of(y),
            Node::Binary(Binary::Add | Binary::Sub, x, y) if of(y) == zero => of(x),
            Node::Binary(operator, x, y) => {
                let (x, y) = (of(x), of(y));
                graph.binary(operator, x, y)
            }
            Node::Unary(operator, x) => {
                let x = of(x);
                graph.unary(operator, x)
            }
            Node::Constant(_) | Node::Pi | Node::Infinity | Node::Symbol(_) => id,
        };
        decided.insert(id, kept);
    }
    decided.get(&term).copied().unwrap_or(term)
}

/// A way to solve for some of the noise: its values as formulas in z, where it exists, and the log
/// of the determinant so far.
#[derive(Clone)]
struct Solution {
    values: FxHashMap<Id, Id>,
    conditions: Vec<Id>,
    log_slopes: Id,
}

/// The summands of the density of z and their logarithms, one for each preimage and atom.
fn contributions(
    graph: &mut Graph,
    terms: &[Id],
    z: &[Id],
    solved: &[&Component],
    atoms: &[Atom],
) -> Option<Vec<(Id, Id)>> {
    let zero = graph.integer(0);
    let nothing = graph.log(zero);
    let mut contributions = Vec::new();
    for (map, weight) in atoms {
        let at_atom = graph.substitute(terms, map);
        let at_atom: Vec<Id> = at_atom.into_iter().map(|t| folded(graph, t)).collect();
        for solution in solutions(graph, &at_atom, z, solved)? {
            let mut conditions = solution.conditions;
            let mut log_mass = graph.sub(*weight, solution.log_slopes);
            for component in solved {
                let variable = Variable {
                    name: "noise".to_owned(),
                    shape: Vec::new(),
                    symbols: vec![component.symbol],
                    domain: component.noise.variable.domain.clone(),
                    range: None,
                };
                for condition in support::conditions(graph, &variable) {
                    let term = graph.substitute(&[condition.term], &solution.values)[0];
                    conditions.push(graph.binary(Binary::Less, zero, term));
                }
                let log_p = graph.substitute(&[component.log_density], &solution.values)[0];
                log_mass = graph.add(log_p, log_mass);
            }
            // Nested, so that a later condition is asked only where the earlier ones hold: the
            // solution need not be defined elsewhere.
            let mass = graph.exp(log_mass);
            let [mass, log] = [(mass, zero), (log_mass, nothing)].map(|(term, otherwise)| {
                let conditions = conditions.iter().rev();
                conditions.fold(term, |inner, &c| graph.select(c, inner, otherwise))
            });
            contributions.push((mass, log));
        }
    }
    Some(contributions)
}

/// Solves for the components, each from a coordinate in which it is the only one unknown; none
/// where that comes to no end.
fn solutions(
    graph: &mut Graph,
    terms: &[Id],
    z: &[Id],
    solved: &[&Component],
) -> Option<Vec<Solution>> {
    let mut open: Vec<(Id, Id)> = terms.iter().copied().zip(z.iter().copied()).collect();
    let mut unknown: Vec<Id> = solved.iter().map(|c| c.symbol).collect();
    let nothing = graph.integer(0);
    let mut found = vec![Solution {
        values: FxHashMap::default(),
        conditions: Vec::new(),
        log_slopes: nothing,
    }];
    while !open.is_empty() {
        let (next, symbol) = open.iter().enumerate().find_map(|(i, (term, _))| {
            let used = graph.symbols_of(&[*term]);
            let mut needed = unknown.iter().filter(|s| used.contains(s));
            match (needed.next(), needed.next()) {
                (Some(&symbol), None) => Some((i, symbol)),
                _ => None,
            }
        })?;
        let (term, z) = open.remove(next);
        unknown.retain(|s| *s != symbol);
        let slope = graph.differentiate(&[term], symbol).ok()?[0];
        let log_slope = log_abs(graph, slope);
        let mut longer = Vec::new();
        for before in &found {
            let term = graph.substitute(&[term], &before.values)[0];
            for branch in invert(graph, term, symbol, z)? {
                let mut values = before.values.clone();
                values.insert(symbol, branch.solution);
                let log_slope = graph.substitute(&[log_slope], &values)[0];
                longer.push(Solution {
                    log_slopes: graph.add(before.log_slopes, log_slope),
                    conditions: [before.conditions.as_slice(), &branch.conditions].concat(),
                    values,
                });
            }
        }
        if longer.len() > MOST_BRANCHES {
            return None;
        }
        found = longer;
    }
    Some(found)
}
