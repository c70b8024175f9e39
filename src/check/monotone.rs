//! Whether derivatives keep one sign over all of a box: what makes a triangular map one-to-one.
//!
//! Theorem used: a map that is continuous on a box and whose diagonal derivatives are of one sign
//! each on its pieces (all of it but finitely many hyperplanes) is one-to-one off those
//! hyperplanes, one component after another. Noise domains are covered whole, infinite and open
//! ends included, by [`Open`] intervals; parameters and inputs run over a stated box.

use super::facts;
use super::points::Space;
use super::univariate::ends;
use crate::algebra::{Signs, prove_sign};
use crate::graph::{Graph, Id, Node};
use crate::language::Domain;
use crate::model::{Model, Variable};
use crate::number::{Binary, Interval, Number, Open, Rational, Ternary, Unary};
use crate::tape::Tape;
use std::collections::BTreeSet;

/// Parameters of unlimited domains run between these sizes.
const SMALLEST: f64 = 1e-3;
const LARGEST: f64 = 1e3;

/// The most boxes that one derivative is looked at on.
const MOST_BOXES: usize = 1000;

/// The most noise, at each end of a component, that a box may hold on which nothing is decided.
const TAIL: f64 = 1e-9;

/// How far the signs are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// On all of the noise domain.
    Whole,
    /// Between the quantiles [`TAIL`] and 1 − [`TAIL`] of each component.
    Quantiles,
}

/// A product of intervals in which the ends of noise are open.
pub(crate) type Sides = Vec<(f64, f64)>;

/// The ends of a component of a parameter, which finite ones of its domain belong to or not makes
/// no difference: none of them is reached. None for a domain whose components are not free.
fn given_sides(graph: &Graph, variable: &Variable) -> Option<Vec<(f64, f64)>> {
    if !variable.domain.is_elementwise() {
        return None;
    }
    if let Some([low, high]) = &variable.range {
        let tape = Tape::new(graph, &[], &[low.as_slice(), high.as_slice()].concat()).ok()?;
        let values: Vec<Interval> = tape.evaluate(&[], &());
        let half = low.len();
        let at = |i: usize| {
            (
                values[i.min(half - 1)].lo(),
                values[half + i.min(half - 1)].hi(),
            )
        };
        return Some((0..variable.symbols.len()).map(at).collect());
    }
    let (low, high) = match variable.domain {
        Domain::Real => (-LARGEST, LARGEST),
        Domain::Positive | Domain::Nonnegative | Domain::Nonzero => (SMALLEST, LARGEST),
        Domain::Negative => (-LARGEST, -SMALLEST),
        Domain::UnitInterval => (SMALLEST, 1.0 - SMALLEST),
        Domain::Interval(..) | Domain::GreaterThan(_) | Domain::LessThan(_) => {
            let (low, high) = ends(graph, &[], &[], &variable.domain)?;
            match (low.is_finite(), high.is_finite()) {
                (true, true) => {
                    let margin = SMALLEST * (high - low);
                    (low + margin, high - margin)
                }
                (true, false) => (low + SMALLEST, low + LARGEST),
                (false, true) => (high - LARGEST, high - SMALLEST),
                (false, false) => return None,
            }
        }
        Domain::Boolean
        | Domain::IntegerInterval(..)
        | Domain::NonnegativeInteger
        | Domain::Simplex
        | Domain::OneHot
        | Domain::Ordered
        | Domain::PositiveOrdered
        | Domain::UnitVector
        | Domain::LowerCholesky
        | Domain::CorrCholesky
        | Domain::PositiveDefinite => return None,
    };
    Some(vec![(low, high); variable.symbols.len()])
}

/// The ends of a component of noise, moved outward where binary64 has no such number: so that no
/// value of the noise is an end. None where they depend on something, or there are none.
pub(crate) fn noise_side(graph: &Graph, domain: &Domain) -> Option<(f64, f64)> {
    let (low, high) = ends(graph, &[], &[], domain)?;
    let bounds = domain.bounds();
    let tape = Tape::new(graph, &[], &bounds).ok()?;
    let values: Vec<Interval> = tape.evaluate(&[], &());
    let ends = values.iter().fold((low, high), |(low, high), value| {
        let near = |end: f64| value.contains(end);
        let low = if near(low) { value.lo() } else { low };
        (low, if near(high) { value.hi() } else { high })
    });
    (ends.0 < ends.1).then_some(ends)
}

/// The boxes of parameters and inputs that are looked at, in words.
pub(crate) fn givens_text(model: &Model) -> String {
    if model.givens().is_empty() {
        return String::new();
    }
    let ranged = model.givens().iter().any(|v| v.range.is_some());
    let or_range = if ranged { " or in their range" } else { "" };
    format!(
        "; parameters of sizes from 10^-3 to 10^3{or_range}, and as far from the ends of their domains"
    )
}

/// Whether each of `factors` is proved to vanish nowhere, and `map` to be a number and smooth
/// everywhere: a derivative that does not vanish along an interval keeps its sign there (Darboux).
pub(crate) fn one_sign_proved(
    model: &mut Model,
    space: &Space,
    map: &[Id],
    factors: &[(Id, bool)],
) -> bool {
    let given = model.givens().len();
    // Without a point left out: a slope may turn there.
    let is_interval = |domain: &Domain| domain.interval().is_some() && *domain != Domain::Nonzero;
    let mut random = space.variables.iter().skip(given);
    if !random.all(|v| is_interval(&v.domain)) {
        return false;
    }
    let known = facts::facts(&mut model.graph, space);
    let graph = &mut model.graph;
    map.iter().all(|&output| {
        is_smooth(graph, output) && prove_sign(graph, &known, output, Signs::UNKNOWN)
    }) && factors
        .iter()
        .all(|&(factor, _)| prove_sign(graph, &known, factor, Signs::NONZERO))
}

/// Whether each of `factors` that is needed keeps one sign, and `map` is continuous, over the noise
/// (or z) and a box of parameters; and on how many boxes that was seen. The sign may be another one
/// where a nonzero parameter is negative.
pub(crate) fn one_sign(
    model: &Model,
    variables: &[Variable],
    map: &[Id],
    factors: &[(Id, bool)],
) -> Option<(Reach, usize)> {
    let graph = &model.graph;
    let givens = model.givens();
    let mut symbols: Vec<Id> = Vec::new();
    let mut whole: Sides = Vec::new();
    let mut nonzero = Vec::new();
    for (i, variable) in variables.iter().enumerate() {
        if i < givens.len() {
            if variable.domain == Domain::Nonzero && variable.range.is_none() {
                nonzero.extend(whole.len()..whole.len() + variable.symbols.len());
            }
            whole.extend(given_sides(graph, variable)?);
        } else {
            let of = noise_side(graph, &variable.domain)?;
            whole.extend(vec![of; variable.symbols.len()]);
        }
        symbols.extend_from_slice(&variable.symbols);
    }
    if nonzero.len() > 6 {
        return None;
    }
    let first_noise: usize = givens.iter().map(|v| v.symbols.len()).sum();
    let cover = Cover::new(model, &symbols, first_noise)?;
    let (mut reach, mut boxes) = (Reach::Whole, 0);
    for signs in 0..1usize << nonzero.len() {
        let mut sides = whole.clone();
        for (bit, &place) in nonzero.iter().enumerate() {
            if signs >> bit & 1 == 1 {
                sides[place] = (-LARGEST, -SMALLEST);
            }
        }
        for &(factor, needed) in factors {
            let mut first = None;
            let one = |value: &[Open]| {
                let sign = (value[0].is_positive(), value[0].is_negative());
                sign != (false, false) && *first.get_or_insert(sign) == sign
            };
            match cover.decide(graph, &[factor], &sides, one, true) {
                Some(found) => {
                    reach = weaker(reach, found.0);
                    boxes += found.1;
                }
                None if needed => return None,
                None => {}
            }
        }
        for &output in map {
            let regular = |value: &[Open]| value[0].is_regular();
            let found = cover.decide(graph, &[output], &sides, regular, false)?;
            reach = weaker(reach, found.0);
            boxes += found.1;
        }
    }
    Some((reach, boxes))
}

pub(crate) fn weaker(a: Reach, b: Reach) -> Reach {
    if a == Reach::Quantiles { a } else { b }
}

/// What it takes to cover the space of points with boxes.
pub(crate) struct Cover<'a> {
    symbols: &'a [Id],
    first_noise: usize,
    /// The distribution function of each noise component that has one.
    cdf: Vec<Option<Tape>>,
}

impl<'a> Cover<'a> {
    /// Of points with values for `symbols`, of which those from `first_noise` on are noise (or z).
    pub(crate) fn new(model: &Model, symbols: &'a [Id], first_noise: usize) -> Option<Cover<'a>> {
        let mut cdf: Vec<Option<Tape>> = symbols.iter().map(|_| None).collect();
        for noise in &model.noise {
            for (i, symbol) in noise.variable.symbols.iter().enumerate() {
                if let (Some(place), Some(terms)) =
                    (symbols.iter().position(|s| s == symbol), &noise.cdf)
                {
                    cdf[place] = Tape::new(&model.graph, symbols, &[terms[i]]).ok();
                }
            }
        }
        (first_noise < symbols.len()).then_some(Cover {
            symbols,
            first_noise,
            cdf,
        })
    }

    /// Halves boxes until `holds` on each, or the box lies in the tails; none when that never
    /// comes to an end. Where `open`, the sides between boxes are left out.
    pub(crate) fn decide(
        &self,
        graph: &Graph,
        terms: &[Id],
        whole: &Sides,
        mut holds: impl FnMut(&[Open]) -> bool,
        open: bool,
    ) -> Option<(Reach, usize)> {
        let tape = Tape::new(graph, self.symbols, terms).ok()?;
        let used: BTreeSet<Id> = graph.symbols_of(terms).into_iter().collect();
        let places: Vec<usize> = (0..self.symbols.len())
            .filter(|&i| used.contains(&self.symbols[i]) && whole[i].0 < whole[i].1)
            .collect();
        let mut reach = Reach::Whole;
        let mut pending = vec![(whole.clone(), 0usize)];
        let mut seen = 0;
        while let Some((sides, depth)) = pending.pop() {
            seen += 1;
            if seen > MOST_BOXES {
                return None;
            }
            let inputs: Vec<Open> = sides
                .iter()
                .enumerate()
                .map(|(i, &(lo, hi))| {
                    // The ends of the domain of noise are no values of it; ends between boxes are,
                    // but all of them together have no probability.
                    let ends = |at: f64, end: f64| i >= self.first_noise && (open || at == end);
                    let (low, high) = (ends(lo, whole[i].0), ends(hi, whole[i].1));
                    Open::between((lo, low), (hi, high))
                })
                .collect();
            if holds(&tape.evaluate(&inputs, &())) {
                continue;
            }
            if self.is_tail(&sides) {
                reach = Reach::Quantiles;
                continue;
            }
            let place = places.get(depth % places.len().max(1))?;
            let (lo, hi) = sides[*place];
            let at = between(lo, hi);
            if !(lo < at && at < hi) || depth > 64 {
                return None;
            }
            for part in [(at, hi), (lo, at)] {
                let mut half = sides.clone();
                half[*place] = part;
                pending.push((half, depth + 1));
            }
        }
        Some((reach, seen))
    }

    fn is_tail(&self, sides: &Sides) -> bool {
        let inputs: Vec<Interval> = sides.iter().map(|s| Interval::new(s.0, s.1)).collect();
        self.cdf.iter().flatten().any(|tape| {
            let cdf = tape.evaluate(&inputs, &())[0];
            cdf.hi() < TAIL || cdf.lo() > 1.0 - TAIL
        })
    }
}

/// A map and its slope along one component of the noise, between finite ends.
pub(crate) struct Along {
    tape: Tape,
    /// The place of the component among the symbols.
    place: usize,
    ends: (f64, f64),
    /// Whether it rises, as far as was seen.
    pub(crate) rising: bool,
}

impl Along {
    /// None where the noise has no finite ends.
    pub(crate) fn new(
        graph: &Graph,
        space: &Space,
        (map, slope): (Id, Id),
        symbol: Id,
    ) -> Option<Along> {
        let variable = space
            .variables
            .iter()
            .find(|v| v.symbols.contains(&symbol))?;
        let ends = noise_side(graph, &variable.domain)?;
        (ends.0.is_finite() && ends.1.is_finite()).then_some(())?;
        Some(Along {
            tape: Tape::new(graph, &space.symbols, &[map, slope]).ok()?,
            place: space.symbols.iter().position(|s| *s == symbol)?,
            ends,
            rising: true,
        })
    }

    /// Whether the map rises (or falls) along the component, the others as at a point: it is a number
    /// and its slope has one sign on each of the pieces that the range is cut into, cuts included.
    /// None where that is not seen.
    pub(crate) fn rises(&self, point: &[Rational]) -> Option<bool> {
        let mut inputs: Vec<Open> = point.iter().map(|v| Open::rational(v, &())).collect();
        let (mut open, mut way, mut boxes) = (vec![self.ends], None, 0);
        while let Some((low, high)) = open.pop() {
            boxes += 1;
            let [first, last] = [low == self.ends.0, high == self.ends.1];
            inputs[self.place] = Open::between((low, first), (high, last));
            let values = self.tape.evaluate(&inputs, &());
            let (rises, falls) = (values[1].is_positive(), values[1].is_negative());
            if values[0].is_regular() && (rises || falls) {
                if *way.get_or_insert(rises) != rises {
                    return None;
                }
                continue;
            }
            let middle = low / 2.0 + high / 2.0;
            if boxes > MOST_BOXES || !(low < middle && middle < high) {
                return None;
            }
            open.extend([(low, middle), (middle, high)]);
        }
        way
    }
}

/// A number between two, in the middle of their orders of magnitude.
pub(crate) fn between(lo: f64, hi: f64) -> f64 {
    if lo < 0.0 && hi > 0.0 {
        return 0.0;
    }
    if hi <= 0.0 {
        return -between(-hi, -lo);
    }
    match (lo == 0.0, hi == f64::INFINITY) {
        (true, true) => 1.0,
        (true, false) => hi / 8.0,
        (false, true) => 8.0 * lo.max(0.25),
        (false, false) if hi > 4.0 * lo => (lo.ln() / 2.0 + hi.ln() / 2.0).exp(),
        (false, false) => lo / 2.0 + hi / 2.0,
    }
}

/// Whether a term is continuous wherever it is a number, and differentiable.
pub(crate) fn is_smooth(graph: &Graph, term: Id) -> bool {
    graph
        .reachable(&[term])
        .into_iter()
        .all(|id| match graph.node(id) {
            Node::Unary(operator, _) => !matches!(
                operator,
                Unary::Floor | Unary::Ceil | Unary::Round | Unary::Sign | Unary::Abs
            ),
            Node::Binary(operator, ..) => !matches!(
                operator,
                Binary::Mod
                    | Binary::Less
                    | Binary::LessEqual
                    | Binary::Equal
                    | Binary::Min
                    | Binary::Max
            ),
            Node::Ternary(operator, ..) => operator != Ternary::Select,
            Node::Constant(_) | Node::Pi | Node::Infinity | Node::Symbol(_) => true,
        })
}
