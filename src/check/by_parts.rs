//! Integration by parts: derivatives of an unspecified f moved onto their factors.
//!
//! For f smooth with compact support and c continuously differentiable inside the domain,
//! ∫ c·∂ᵢf dz = [c·f] − ∫ ∂ᵢc·f dz, where the bracket is over the ends of zᵢ that are finite. Over the
//! noise, with zᵢ = gᵢ(εᵢ), ∂ᵢf at z is ∂f(g(ε))/∂εᵢ over gᵢ′. So Stein's identity, and with it that
//! the score function and the path have the same mean, come down to an equality of two factors of f.
//!
//! What is left out at an end must be proved to vanish there, as what the formula is at the end:
//! it has to be a number there, and all its operators continuous.

use crate::algebra::{Facts, Outcome, Signs, normal_form, prove, prove_sign};

use super::test_function::Factors;
use super::{facts, surfaces};
use crate::graph::{Graph, Id, Node};
use crate::language::{Domain, End};
use crate::model::{Model, Variable};
use crate::number::{Binary, Unary};
use rustc_hash::FxHashMap;

/// More derivatives than this are not moved.
const MOST: usize = 32;

/// What an integral runs over, for one argument of f.
struct Coordinate {
    symbol: Id,
    /// ∂zᵢ/∂symbol.
    slope: Id,
    domain: Domain,
    /// Whether z is infinite where the symbol is.
    is_proper: bool,
}

/// Two integrands without derivatives of f.
pub(super) struct Moved {
    /// The factors of f.
    pub(super) factors: Vec<Id>,
    /// What is left out.
    pub(super) ends: Ends,
}

/// The difference of two integrands that integration by parts leaves at the ends.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ends {
    /// Factors of f or a derivative of it at an end, which are not proved to be 0.
    pub(crate) open: Vec<Id>,
    /// Whether some are not known at all.
    pub(crate) unknown: bool,
}

impl Ends {
    /// Whether nothing is left out.
    pub(crate) fn are_closed(&self) -> bool {
        self.open.is_empty() && !self.unknown
    }
}

/// Two integrands, by their factors, with all derivatives of f moved; none where one of them is not
/// regular, or z does not come apart.
pub(super) fn moved(
    model: &mut Model,
    known: &Facts,
    mut factors: Vec<Factors>,
    over_output: bool,
) -> Option<Moved> {
    let coordinates = if over_output {
        let outputs = model.outputs.clone();
        outputs_of(&mut model.graph, &outputs)?
    } else {
        noise_of(model)?
    };
    let graph = &mut model.graph;
    let symbols: Vec<Id> = coordinates.iter().map(|c| c.symbol).collect();
    let mut ends = Ends::default();
    for _ in 0..MOST {
        let highest = factors.iter().flat_map(|f| f.keys());
        let highest = highest.max_by_key(|derivative| derivative.len())?.clone();
        let Some((&by, rest)) = highest.split_last() else {
            let empty = graph.integer(0);
            let sides = factors.iter().map(|f| f.get(&highest).copied());
            return Some(Moved {
                factors: sides.map(|side| side.unwrap_or(empty)).collect(),
                ends,
            });
        };
        let coordinate = coordinates.get(by)?;
        let zero = graph.integer(0);
        let mut carried = Vec::new();
        for side in &mut factors {
            let factor = side.remove(&highest).unwrap_or(zero);
            let factor = graph.div(factor, coordinate.slope);
            if !is_regular(graph, known, factor, &symbols) {
                return None;
            }
            let slope = graph.differentiate(&[factor], coordinate.symbol).ok()?[0];
            let before = side.get(rest).copied().unwrap_or(zero);
            side.insert(rest.to_vec(), graph.sub(before, slope));
            carried.push(factor);
        }
        let left_out = graph.sub(carried[0], carried[1]);
        leave(graph, known, left_out, coordinate, &mut ends);
    }
    None
}

/// The components of z, each on its own interval.
fn outputs_of(graph: &mut Graph, outputs: &[Variable]) -> Option<Vec<Coordinate>> {
    let one = graph.integer(1);
    let mut found = Vec::new();
    for output in outputs {
        output.domain.interval()?;
        found.extend(output.symbols.iter().map(|&symbol| Coordinate {
            symbol,
            slope: one,
            domain: output.domain.clone(),
            is_proper: true,
        }));
    }
    Some(found)
}

/// The noise components, each of which moves one component of z.
fn noise_of(model: &mut Model) -> Option<Vec<Coordinate>> {
    let transform = model.transform.clone()?;
    let noise = model.noise_symbols();
    let mut found: Vec<Coordinate> = Vec::new();
    for &term in &transform.elements {
        let used = model.graph.symbols_of(&[term]);
        let mut own = noise.iter().filter(|s| used.contains(s));
        let (Some(&symbol), None) = (own.next(), own.next()) else {
            return None;
        };
        if found.iter().any(|other| other.symbol == symbol) {
            return None;
        }
        let of = |n: &&crate::model::Noise| n.variable.symbols.contains(&symbol);
        let domain = model.noise.iter().find(of)?.variable.domain.clone();
        domain.interval()?;
        let slope = model.graph.differentiate(&[term], symbol).ok()?[0];
        let is_proper = !model.graph.symbols_of(&[slope]).contains(&symbol);
        found.push(Coordinate {
            symbol,
            slope,
            domain,
            is_proper,
        });
    }
    (found.len() == noise.len()).then_some(found)
}

/// Whether a term has a continuous derivative at every place of the domains.
fn is_regular(graph: &mut Graph, known: &Facts, term: Id, symbols: &[Id]) -> bool {
    if !surfaces::is_smooth(graph, term, symbols) {
        return false;
    }
    for id in graph.reachable(&[term]) {
        let base = match graph.node(id) {
            Node::Unary(Unary::Sqrt, x) => x,
            Node::Binary(Binary::Pow, x, y) if graph.as_constant(y).is_none_or(|c| !c.is_int()) => {
                x
            }
            _ => continue,
        };
        if !prove_sign(graph, known, base, Signs::POSITIVE) {
            return false;
        }
    }
    // A proof that it equals itself is one that it is a number.
    matches!(prove(graph, known, term, term), Outcome::Proved(..))
}

/// Adds what is left out at the ends of a coordinate and not proved to be 0.
fn leave(graph: &mut Graph, known: &Facts, left_out: Id, coordinate: &Coordinate, ends: &mut Ends) {
    let bounds = coordinate.domain.bounds();
    let Some(interval) = coordinate.domain.interval() else {
        ends.unknown = true;
        return;
    };
    // In normal form an exponential of a logarithm is a power, which is a number at 0.
    let mut written = vec![left_out];
    written.extend(normal_form(graph, known, left_out));
    for end in interval {
        let end = match end {
            End::Infinite => None,
            End::At(number) => Some(graph.integer(number.into())),
            End::Bound(place) => {
                Some(bounds[place]).filter(|&bound| !facts::is_infinite(graph, bound))
            }
        };
        let Some(end) = end else {
            ends.unknown |= !coordinate.is_proper;
            continue;
        };
        let there = FxHashMap::from_iter([(coordinate.symbol, end)]);
        let values = graph.substitute(&written, &there);
        let zero = graph.integer(0);
        let holds = |graph: &mut Graph, left: Id, right: Id| {
            matches!(prove(graph, known, left, right), Outcome::Proved(..))
        };
        if values.iter().any(|&value| holds(graph, value, zero)) {
            continue;
        }
        match values.iter().find(|&&value| holds(graph, value, value)) {
            Some(&value) => ends.open.push(value),
            None => ends.unknown = true,
        }
    }
}
