//! The density of g(ε) at z as a term: preimages summed, discrete noise summed, surplus noise left
//! to be integrated.
//!
//! As many continuous noise components as there are output coordinates are solved for, one from
//! each coordinate in turn, by undoing g step by step ([`invert`]); the others stay as variables of
//! integration. On a simplex or a sphere what all components share can take the place of one of
//! them ([`length`]). With nothing left over the term is exact, and a k-to-one map is judged point by
//! point like any other. Where g does not vary with a component that was solved for, the term is not
//! a number: noise that is lost there leaves no density to be read off so.

mod length;

use super::coordinates::dependents;
use super::points::Space;
use super::{facts, support};
use crate::algebra::{Signs, invert, log_abs, prove_sign};
use crate::graph::{Graph, Id, Node};
use crate::model::{Model, Noise, Variable};
use crate::number::{Binary, Exact, Ternary};
use crate::spec::raw::Measure;
use crate::tape::Tape;
use length::Length;
use rustc_hash::FxHashMap;

/// The most choices of components to solve for.
const MOST_CHOICES: usize = 64;

/// The most branches of one solution.
const MOST_BRANCHES: usize = 64;

impl Component<'_> {
    /// It as a scalar variable.
    fn variable(&self, graph: &Graph) -> Variable {
        Variable {
            name: graph.display(self.symbol),
            shape: Vec::new(),
            symbols: vec![self.symbol],
            domain: self.noise.variable.domain.clone(),
            range: None,
        }
    }
}

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
    let (z, free) = (model.output_symbols(), model.free_outputs());
    let terms = prepared(model, &transform.elements);
    let noise = model.noise.clone();
    let (mut continuous, discrete) = components(&model.graph, &noise, &terms)?;
    let on_surface = free.len() < z.len();
    let of_area =
        on_surface && model.target.as_ref().map(|t| t.measure) == Some(Measure::Hausdorff);
    if !of_area {
        let of_free = |all: &[Id]| -> Vec<Id> { free.iter().map(|&i| all[i]).collect() };
        let (terms, z) = (of_free(&terms), of_free(&z));
        let space = Space::new(&model.graph, model.base_variables());
        let graph = &mut model.graph;
        let known = facts::facts(graph, &space);
        let atoms = atoms(graph, &discrete)?;
        // What several coordinates share is left over first: given it, they come apart.
        continuous.sort_by_key(|c| {
            let in_term = |t: &&Id| graph.symbols_of(&[**t]).contains(&c.symbol);
            terms.iter().filter(in_term).count()
        });
        let mut other = None;
        for (solved, rest) in choices(&continuous, z.len()) {
            let Some(found) = contributions(graph, &terms, &z, &solved, &atoms, None) else {
                continue;
            };
            // A choice that serves at all parameters is better than one that fails at some.
            let everywhere = found
                .divisors
                .iter()
                .all(|&divisor| prove_sign(graph, &known, divisor, Signs::NONZERO));
            if everywhere || other.is_none() {
                let others = rest.iter().map(|c| c.variable(graph)).collect();
                other = Some(assembled(graph, found.summands, &rest, others));
            }
            if everywhere {
                break;
            }
        }
        if let Some(found) = other {
            return Ok(found);
        }
    }
    if on_surface && discrete.is_empty() {
        for (solved, rest) in choices(&continuous, z.len()) {
            let symbols: Vec<Id> = solved.iter().map(|c| c.symbol).collect();
            let Some(length) = length::length(model, &terms, &symbols) else {
                continue;
            };
            let Some(ways) = solutions(&mut model.graph, &length.terms, &z, &solved) else {
                continue;
            };
            if !ways
                .iter()
                .all(|way| length.is_consistent(model, &way.values))
            {
                continue;
            }
            let graph = &mut model.graph;
            let none = [(FxHashMap::default(), graph.integer(0))];
            let terms = &length.terms;
            if let Some(found) = contributions(graph, terms, &z, &solved, &none, Some(&length)) {
                let mut others = vec![length.variable];
                others.extend(rest.iter().map(|c| c.variable(graph)));
                return Ok(assembled(graph, found.summands, &rest, others));
            }
        }
    }
    Err(match free.len() {
        _ if of_area => "no length that all components share was found".to_owned(),
        1 => "no noise component could be solved for".to_owned(),
        n => format!("no {n} noise components could be solved for one after another"),
    })
}

/// Terms over the noise without what is attached to the tape only, or what other parameters say.
fn prepared(model: &mut Model, terms: &[Id]) -> Vec<Id> {
    let mut determined = FxHashMap::default();
    for parameter in model.givens() {
        determined.extend(dependents(model, &parameter));
    }
    let graph = &mut model.graph;
    let attached = graph.attached(terms);
    let terms = graph.substitute(&attached, &determined);
    terms.into_iter().map(|t| folded(graph, t)).collect()
}

/// The noise components that terms mention: continuous and discrete ones.
fn components<'a>(
    graph: &Graph,
    noise: &'a [Noise],
    terms: &[Id],
) -> Result<(Vec<Component<'a>>, Vec<Component<'a>>), String> {
    let used = graph.symbols_of(terms);
    let (mut continuous, mut discrete) = (Vec::new(), Vec::new());
    for n in noise {
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
    Ok((continuous, discrete))
}

/// The density from its summands and their logarithms, with the noise that is left over.
fn assembled(
    graph: &mut Graph,
    found: Vec<(Id, Id)>,
    rest: &[&Component],
    others: Vec<Variable>,
) -> Marginal {
    let of_rest: Vec<Id> = rest.iter().map(|c| c.log_density).collect();
    let of_rest = graph.sum(&of_rest);
    let (summands, logs): (Vec<Id>, Vec<Id>) = found.into_iter().unzip();
    let mut density = graph.sum(&summands);
    if !rest.is_empty() {
        let p = graph.exp(of_rest);
        density = graph.mul(density, p);
    }
    Marginal {
        density,
        others,
        branches: logs.len(),
        logs: logs.iter().map(|&log| graph.add(log, of_rest)).collect(),
    }
}

/// Every choice of `count` components, and what it leaves, up to a limit.
fn choices<'a, 'b>(
    of: &'a [Component<'b>],
    count: usize,
) -> Vec<(Vec<&'a Component<'b>>, Vec<&'a Component<'b>>)> {
    let mut all = vec![Vec::new()];
    for _ in 0..count {
        all = all
            .iter()
            .flat_map(|chosen: &Vec<usize>| {
                let next = chosen.last().map_or(0, |last| last + 1);
                (next..of.len()).map(move |k| [chosen.as_slice(), &[k]].concat())
            })
            .take(16 * MOST_CHOICES)
            .collect();
    }
    let parted = all.into_iter().take(MOST_CHOICES).map(|chosen| {
        let (solved, rest): (Vec<_>, Vec<_>) =
            of.iter().enumerate().partition(|(k, _)| chosen.contains(k));
        let only = |some: Vec<(usize, &'a Component<'b>)>| some.into_iter().map(|c| c.1).collect();
        (only(solved), only(rest))
    });
    parted.collect()
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
    divisors: Vec<Id>,
    log_slopes: Id,
}

/// What one choice of components comes to.
struct Found {
    /// The summands of the density of z and their logarithms, one for each preimage and atom.
    summands: Vec<(Id, Id)>,
    /// At their zeros the summands are not numbers.
    divisors: Vec<Id>,
}

/// The density of z by what is solved for.
fn contributions(
    graph: &mut Graph,
    terms: &[Id],
    z: &[Id],
    solved: &[&Component],
    atoms: &[Atom],
    length: Option<&Length>,
) -> Option<Found> {
    let (zero, minus_one) = (graph.integer(0), graph.integer(-1));
    let (nothing, undefined) = (graph.log(zero), graph.log(minus_one));
    let mut found = Found {
        summands: Vec::new(),
        divisors: Vec::new(),
    };
    for (map, weight) in atoms {
        let at_atom = graph.substitute(terms, map);
        let at_atom: Vec<Id> = at_atom.into_iter().map(|t| folded(graph, t)).collect();
        let volume = match length {
            Some(length) => length.log_volume(graph, &at_atom, z)?,
            None => zero,
        };
        for solution in solutions(graph, &at_atom, z, solved)? {
            let mut conditions = solution.conditions;
            let volume = graph.substitute(&[volume], &solution.values)[0];
            let volume = graph.sub(volume, solution.log_slopes);
            let mut log_mass = graph.add(*weight, volume);
            for component in solved {
                let variable = component.variable(graph);
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
                let there = conditions.fold(term, |inner, &c| graph.select(c, inner, otherwise));
                let divisors = solution.divisors.iter();
                divisors.fold(there, |inner, &divisor| {
                    let vanishes = graph.binary(Binary::Equal, divisor, zero);
                    graph.select(vanishes, undefined, inner)
                })
            });
            found.summands.push((mass, log));
            found.divisors.extend(solution.divisors);
        }
    }
    Some(found)
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
        divisors: Vec::new(),
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
        // What the coordinate itself is in its slope need not be computed from the solution.
        let slope = graph.substitute(&[slope], &FxHashMap::from_iter([(term, z)]))[0];
        let log_slope = log_abs(graph, slope);
        let mut longer = Vec::new();
        for before in &found {
            let term = graph.substitute(&[term], &before.values)[0];
            for branch in invert(graph, term, symbol, z)? {
                let mut values = before.values.clone();
                values.insert(symbol, branch.solution);
                let log_slope = graph.substitute(&[log_slope], &values)[0];
                let divisors = [before.divisors.as_slice(), &branch.divisors].concat();
                longer.push(Solution {
                    log_slopes: graph.add(before.log_slopes, log_slope),
                    conditions: [before.conditions.as_slice(), &branch.conditions].concat(),
                    divisors,
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
