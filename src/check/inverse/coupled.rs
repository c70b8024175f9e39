//! Whether a map is one-to-one in several noise components that move its outputs together.
//!
//! Theorems used, for a block g of as many outputs as noise components, continuous on a box of
//! these, the other noise and the parameters fixed, with Jacobian J:
//!
//! - If some constant matrix M makes M·J + (M·J)ᵀ positive definite everywhere, then g is
//!   one-to-one: along the line from x to y, (y − x)·M(g(y) − g(x)) grows. If that holds with one
//!   positive bound on all of ℝⁿ, then g is onto ℝⁿ (Browder 1963; Minty 1963).
//! - If g is differentiable and every principal minor of M·J is positive, then g is one-to-one
//!   (Gale & Nikaido 1965, theorem 4).
//!
//! M is found in binary64 from draws, and owes nothing to how it was found: the matrices above are
//! enclosed on boxes that cover the noise. What entries of J share is kept together, J being
//! J₀ + Σ sₖJₖ for a few terms sₖ of the noise, so that definiteness is asked only where each sₖ
//! is at an end of its range. This is done at exact values of the parameters, one after another.

use crate::algebra::Block;
use crate::check::Context;
use crate::check::jacobian::Jacobian;
use crate::check::monotone::{Cover, Reach, Sides, noise_side, weaker};
use crate::check::points::{Kind, Space};
use crate::check::univariate::numbers;
use crate::graph::{Graph, Id, Node};
use crate::model::{Definition, Model};
use crate::number::{Binary, Interval, Number, Open, Unary};
use crate::tape::Tape;
use nalgebra::DMatrix;
use std::collections::BTreeMap;

/// The largest block that is looked at.
const LARGEST: usize = 6;

/// The most terms of the noise that the entries of a block are made of.
const MOST_TERMS: usize = 9;

/// The largest block of which all principal minors are enclosed.
const LARGEST_MINORS: usize = 4;

/// Draws from which a constant matrix is found, and corrections of it.
const DRAWS: usize = 48;
const CORRECTIONS: usize = 300;

/// What blocks of several entries were seen to be one-to-one by.
#[derive(Clone, Debug)]
pub(crate) struct Coupled {
    /// How much of the noise was covered.
    pub(crate) reach: Reach,
    /// By how many boxes.
    pub(crate) boxes: usize,
    /// At how many exact values of the parameters; and at how many it was not decided.
    pub(crate) points: usize,
    pub(crate) undecided: usize,
    /// Blocks, by their places, whose outputs take every value in ℝⁿ.
    pub(crate) onto: Vec<usize>,
}

/// A block of the Jacobian at one choice of parameters: J₀, and the terms sₖ each with Jₖ.
struct Pencil {
    constant: Vec<Interval>,
    parts: Vec<Vec<Interval>>,
    size: usize,
}

/// Entries of a block as sums of terms of the noise, with coefficients that are free of it.
struct Split {
    terms: Vec<Id>,
    /// For each entry, its coefficients: of 1, then of each term.
    coefficients: Vec<Vec<Id>>,
}

/// What the blocks with several entries are one-to-one by, at each of a few parameter values.
///
/// # Errors
/// The reason why that is not decided.
pub(super) fn coupled(
    context: &Context,
    model: &Model,
    space: &Space,
    jacobian: &Jacobian,
) -> Result<Coupled, String> {
    let open = |what: &str| {
        format!("the Jacobian is not triangular, and {what}: no sign of a determinant decides")
    };
    let givens = model.givens();
    let given: usize = givens.iter().map(|v| v.symbols.len()).sum();
    let mut rng = context.stream("coupled");
    let wanted = if given == 0 {
        1
    } else {
        context.effort.certified_points()
    };
    let mut found = Coupled {
        reach: Reach::Whole,
        boxes: 0,
        points: 0,
        undecided: 0,
        onto: Vec::new(),
    };
    let mut graph = model.graph.clone();
    let blocks: Vec<(usize, &Block)> = (0..).zip(&jacobian.blocks).collect();
    let blocks: Vec<(usize, &Block, Split)> = blocks
        .into_iter()
        .filter(|(_, block)| block.size() > 1)
        .map(|(place, block)| {
            let split = split(&mut graph, jacobian, block)?;
            Some((place, block, split))
        })
        .collect::<Option<_>>()
        .ok_or_else(|| open("its entries are made of too many terms"))?;
    let mut sides: Sides = vec![(0.0, 0.0); given];
    for variable in &space.variables[givens.len()..] {
        // The ends of a support may move with a parameter, and are then not looked at.
        let side = noise_side(&graph, &variable.domain)
            .ok_or_else(|| open("the map is not one of a box"))?;
        sides.extend(vec![side; variable.symbols.len()]);
    }
    let cover = Cover::new(model, &space.symbols, given).ok_or_else(|| open("nothing moves it"))?;
    found.onto = blocks
        .iter()
        .filter(|(_, block, _)| is_whole(space, &sides, jacobian, block))
        .map(|(place, ..)| *place)
        .collect();
    for round in 0..4 * wanted {
        if found.points >= wanted {
            break;
        }
        let Some(point) = space.draw(Kind::of_round(round), &mut rng) else {
            continue;
        };
        let fixed: Vec<Interval> = point[..given]
            .iter()
            .map(|v| Interval::rational(v, &()))
            .collect();
        for (side, value) in sides.iter_mut().zip(&fixed) {
            *side = (value.lo(), value.hi());
        }
        let draws: Vec<Vec<f64>> = (0..DRAWS)
            .filter_map(|i| {
                let kind = [Kind::Simple(4), Kind::Random, Kind::Corner][i % 3];
                let mut other = space.draw(kind, &mut rng)?;
                other[..given].clone_from_slice(&point[..given]);
                Some(numbers(&other))
            })
            .collect();
        let here = blocks.iter().map(|(place, block, split)| {
            let tape = Tape::new(&graph, &space.symbols, &split.terms).ok()?;
            let seen = (draws.as_slice(), &tape);
            let pencil = pencil(&graph, &space.symbols[..given], &fixed, block, split)?;
            let by = pencil.decided(&graph, &cover, (&sides, given), seen, &split.terms)?;
            let outputs: Vec<Id> = block.rows.iter().map(|&r| jacobian.outputs[r]).collect();
            let regular = |values: &[Open]| values.iter().all(Open::is_regular);
            let continuous = cover.decide(&graph, &outputs, &sides, regular, false)?;
            let reach = weaker(by.reach, continuous.0);
            Some((
                *place,
                by.onto && reach == Reach::Whole,
                reach,
                by.boxes + continuous.1,
            ))
        });
        let Some(here) = here.collect::<Option<Vec<_>>>() else {
            found.undecided += 1;
            if found.points == 0 && found.undecided >= 2 {
                break;
            }
            continue;
        };
        for (place, onto, reach, boxes) in here {
            if !onto {
                found.onto.retain(|b| *b != place);
            }
            found.reach = weaker(found.reach, reach);
            found.boxes += boxes;
        }
        found.points += 1;
    }
    if found.points == 0 {
        return Err(open("no constant matrix makes it definite"));
    }
    if model.definition != Definition::Transform {
        found.onto.clear();
    }
    Ok(found)
}

/// Whether the noise of a block ranges over all of ℝⁿ.
fn is_whole(space: &Space, sides: &Sides, jacobian: &Jacobian, block: &Block) -> bool {
    block.columns.iter().all(|&c| {
        let place = space.symbols.iter().position(|s| *s == jacobian.symbols[c]);
        place.is_some_and(|p| sides[p] == (f64::NEG_INFINITY, f64::INFINITY))
    })
}

/// The ranges of terms that are all continuous and bounded.
fn ranges(values: &[Open]) -> Option<Vec<Interval>> {
    values
        .iter()
        .map(|value| {
            let [(lo, _), (hi, _)] = value.ends();
            let bounded = value.is_regular() && lo.is_finite() && hi.is_finite();
            bounded.then(|| Interval::new(lo, hi))
        })
        .collect()
}

/// The entries of a block taken apart; none where they are made of too many terms.
fn split(graph: &mut Graph, jacobian: &Jacobian, block: &Block) -> Option<Split> {
    if block.size() > LARGEST || block.rows.len() != block.columns.len() {
        return None;
    }
    let entries: Vec<Id> = block
        .rows
        .iter()
        .flat_map(|&r| block.columns.iter().map(move |&c| (r, c)))
        .map(|(r, c)| jacobian.rows[r][c])
        .collect();
    let sums: Vec<Vec<(Id, Vec<Id>)>> = entries
        .iter()
        .map(|&entry| summands(graph, &jacobian.symbols, entry))
        .collect();
    let mut places: BTreeMap<Vec<Id>, usize> = BTreeMap::new();
    for (_, factors) in sums.iter().flatten() {
        let next = places.len();
        if !factors.is_empty() {
            places.entry(factors.clone()).or_insert(next);
        }
    }
    if places.len() > MOST_TERMS {
        return None;
    }
    let zero = graph.integer(0);
    let coefficients = sums
        .iter()
        .map(|sum| {
            let mut row = vec![zero; 1 + places.len()];
            for (coefficient, factors) in sum {
                let place = places.get(factors).map_or(0, |p| 1 + p);
                row[place] = graph.add(row[place], *coefficient);
            }
            row
        })
        .collect();
    let mut terms = vec![zero; places.len()];
    for (factors, place) in places {
        terms[place] = graph.product(&factors);
    }
    Some(Split {
        terms,
        coefficients,
    })
}

/// A term as a sum of products: of what is free of the symbols, and the factors that are not.
fn summands(graph: &mut Graph, symbols: &[Id], term: Id) -> Vec<(Id, Vec<Id>)> {
    let free = |graph: &Graph, id: Id| !graph.symbols_of(&[id]).iter().any(|s| symbols.contains(s));
    if free(graph, term) {
        return vec![(term, Vec::new())];
    }
    match graph.node(term) {
        Node::Unary(Unary::Neg, x) => summands(graph, symbols, x)
            .into_iter()
            .map(|(c, f)| (graph.neg(c), f))
            .collect(),
        Node::Binary(Binary::Add, x, y) => {
            let mut all = summands(graph, symbols, x);
            all.extend(summands(graph, symbols, y));
            all
        }
        Node::Binary(Binary::Sub, x, y) => {
            let mut all = summands(graph, symbols, x);
            for (c, f) in summands(graph, symbols, y) {
                all.push((graph.neg(c), f));
            }
            all
        }
        Node::Binary(Binary::Mul, x, y) => {
            let (a, b) = (summands(graph, symbols, x), summands(graph, symbols, y));
            if a.len() * b.len() > 2 * MOST_TERMS {
                let one = graph.integer(1);
                return vec![(one, vec![term])];
            }
            let mut all = Vec::new();
            for (c, f) in &a {
                for (d, g) in &b {
                    let mut factors = [f.as_slice(), g].concat();
                    factors.sort_unstable();
                    all.push((graph.mul(*c, *d), factors));
                }
            }
            all
        }
        Node::Binary(Binary::Div, x, y) if free(graph, y) => summands(graph, symbols, x)
            .into_iter()
            .map(|(c, f)| (graph.div(c, y), f))
            .collect(),
        Node::Constant(_)
        | Node::Pi
        | Node::Infinity
        | Node::Symbol(_)
        | Node::Unary(..)
        | Node::Binary(..)
        | Node::Ternary(..) => {
            let one = graph.integer(1);
            vec![(one, vec![term])]
        }
    }
}

/// The coefficients at exact parameters; none where one is not a finite number.
fn pencil(
    graph: &Graph,
    givens: &[Id],
    at: &[Interval],
    block: &Block,
    split: &Split,
) -> Option<Pencil> {
    let all: Vec<Id> = split.coefficients.iter().flatten().copied().collect();
    let values: Vec<Interval> = Tape::new(graph, givens, &all).ok()?.evaluate(at, &());
    if values.iter().any(|v| !v.is_finite()) {
        return None;
    }
    let width = 1 + split.terms.len();
    let part = |k: usize| values.iter().skip(k).step_by(width).copied().collect();
    Some(Pencil {
        constant: part(0),
        parts: (1..width).map(part).collect(),
        size: block.size(),
    })
}

fn add(x: Interval, y: Interval) -> Interval {
    Interval::binary(Binary::Add, &x, &y, &())
}

fn sub(x: Interval, y: Interval) -> Interval {
    Interval::binary(Binary::Sub, &x, &y, &())
}

fn mul(x: Interval, y: Interval) -> Interval {
    Interval::binary(Binary::Mul, &x, &y, &())
}

/// What a block was decided by at one choice of parameters.
struct Decided {
    reach: Reach,
    boxes: usize,
    /// Whether the bound from below is positive everywhere, by definiteness.
    onto: bool,
}

impl Pencil {
    /// Whether the block is one-to-one by one theorem or the other, M being found from draws of the
    /// noise and the corners of what the terms range over.
    fn decided(
        &self,
        graph: &Graph,
        cover: &Cover,
        (sides, given): (&Sides, usize),
        (draws, tape): (&[Vec<f64>], &Tape),
        terms: &[Id],
    ) -> Option<Decided> {
        let seen: Vec<DMatrix<f64>> = draws
            .iter()
            .map(|at| self.at(&tape.evaluate(at, &())))
            .filter(|j| j.iter().all(|v| v.is_finite()))
            .collect();
        let candidates = [
            multiplier(&self.corners(tape, sides, given)),
            multiplier(&seen),
        ];
        let by_definiteness = candidates.iter().flatten().find_map(|m| {
            let definite =
                |values: &[Open]| ranges(values).is_some_and(|ranges| self.is_definite(m, &ranges));
            cover.decide(graph, terms, sides, definite, true)
        });
        if let Some((reach, boxes)) = by_definiteness {
            let onto = true;
            return Some(Decided { reach, boxes, onto });
        }
        let m = candidates.into_iter().flatten().last()?;
        if self.size > LARGEST_MINORS {
            return None;
        }
        let minors = |values: &[Open]| {
            ranges(values).is_some_and(|ranges| self.has_positive_minors(&m, &ranges))
        };
        // Differentiable everywhere, the sides between boxes included.
        let (reach, boxes) = cover.decide(graph, terms, sides, minors, false)?;
        let onto = false;
        Some(Decided { reach, boxes, onto })
    }

    /// J in binary64.
    fn at(&self, terms: &[f64]) -> DMatrix<f64> {
        DMatrix::from_fn(self.size, self.size, |i, j| {
            let place = i * self.size + j;
            let parts = self.parts.iter().zip(terms);
            let sum: f64 = parts.map(|(part, s)| part[place].midpoint() * s).sum();
            self.constant[place].midpoint() + sum
        })
    }

    /// J where each term is at an end of its range over all of the noise; none where a range is not
    /// bounded.
    fn corners(&self, tape: &Tape, sides: &Sides, given: usize) -> Vec<DMatrix<f64>> {
        let inputs: Vec<Open> = sides
            .iter()
            .enumerate()
            .map(|(i, &(lo, hi))| Open::between((lo, i >= given), (hi, i >= given)))
            .collect();
        let Some(ranges) = ranges(&tape.evaluate(&inputs, &())) else {
            return Vec::new();
        };
        (0..1usize << ranges.len())
            .map(|corner| {
                let end = |(k, range): (usize, &Interval)| match corner >> k & 1 {
                    1 => range.hi(),
                    _ => range.lo(),
                };
                let terms: Vec<f64> = ranges.iter().enumerate().map(end).collect();
                self.at(&terms)
            })
            .collect()
    }

    /// M·J where each term lies in its range.
    fn product(&self, m: &DMatrix<f64>, terms: &[Interval]) -> Vec<Vec<Interval>> {
        let n = self.size;
        let entry = |place: usize| {
            let parts = self.parts.iter().zip(terms);
            parts.fold(self.constant[place], |sum, (part, &s)| {
                add(sum, mul(part[place], s))
            })
        };
        let j: Vec<Interval> = (0..n * n).map(entry).collect();
        let dot = |i: usize, c: usize| {
            (0..n).fold(Interval::point(0.0), |sum, k| {
                add(sum, mul(Interval::point(m[(i, k)]), j[k * n + c]))
            })
        };
        (0..n)
            .map(|i| (0..n).map(|c| dot(i, c)).collect())
            .collect()
    }

    /// Whether M·J + (M·J)ᵀ is positive definite wherever the terms lie in their ranges: it is
    /// affine in them, so that the ends of the ranges decide.
    fn is_definite(&self, m: &DMatrix<f64>, ranges: &[Interval]) -> bool {
        (0..1usize << ranges.len()).all(|corner| {
            let mut repeated = false;
            let terms: Vec<Interval> = ranges
                .iter()
                .enumerate()
                .map(|(k, range)| {
                    let high = corner >> k & 1 == 1;
                    repeated |= high && range.lo() == range.hi();
                    Interval::point(if high { range.hi() } else { range.lo() })
                })
                .collect();
            repeated || is_positive_definite(&self.product(m, &terms))
        })
    }

    /// Whether every principal minor of M·J is positive wherever the terms lie in their ranges.
    fn has_positive_minors(&self, m: &DMatrix<f64>, ranges: &[Interval]) -> bool {
        let product = self.product(m, ranges);
        (1..1usize << self.size).all(|chosen| {
            let kept: Vec<usize> = (0..self.size).filter(|i| chosen >> i & 1 == 1).collect();
            let rows: Vec<Vec<Interval>> = kept
                .iter()
                .map(|&i| kept.iter().map(|&j| product[i][j]).collect())
                .collect();
            determinant(&rows).certainly_positive()
        })
    }
}

/// Whether A + Aᵀ is positive definite: every pivot of its elimination is positive.
fn is_positive_definite(a: &[Vec<Interval>]) -> bool {
    let n = a.len();
    let mut s: Vec<Vec<Interval>> = (0..n)
        .map(|i| (0..n).map(|j| add(a[i][j], a[j][i])).collect())
        .collect();
    for k in 0..n {
        let pivot = s[k][k];
        if !pivot.certainly_positive() {
            return false;
        }
        for i in k + 1..n {
            let factor = Interval::binary(Binary::Div, &s[i][k], &pivot, &());
            let above = s[k].clone();
            for (entry, &up) in s[i].iter_mut().zip(&above).skip(k + 1) {
                *entry = sub(*entry, mul(factor, up));
            }
        }
    }
    true
}

/// A determinant, expanded along its first row.
fn determinant(rows: &[Vec<Interval>]) -> Interval {
    let Some((first, below)) = rows.split_first() else {
        return Interval::point(1.0);
    };
    let mut total = Interval::point(0.0);
    for (column, &entry) in first.iter().enumerate() {
        let rest: Vec<Vec<Interval>> = below
            .iter()
            .map(|row| [&row[..column], &row[column + 1..]].concat())
            .collect();
        let term = mul(entry, determinant(&rest));
        total = if column % 2 == 0 {
            add(total, term)
        } else {
            sub(total, term)
        };
    }
    total
}

/// A constant M that makes M·J positive definite for the matrices seen, or comes near it: for the
/// two that differ most by Lyapunov's equation, then corrected along what fails most (Rosenblatt
/// 1958).
fn multiplier(seen: &[DMatrix<f64>]) -> Option<DMatrix<f64>> {
    let scaled = |m: DMatrix<f64>| {
        let norm = m.norm();
        m / norm
    };
    let mut m = scaled(first_multiplier(seen)?);
    let mut best: Option<(f64, DMatrix<f64>)> = None;
    for _ in 0..CORRECTIONS {
        let mut worst: Option<(f64, DMatrix<f64>)> = None;
        for j in seen {
            let product = &m * j;
            let norm = product.norm();
            let eigen = (&product + product.transpose()).symmetric_eigen();
            let (place, least) = eigen.eigenvalues.argmin();
            let least = least / norm;
            if !least.is_finite() {
                return None;
            }
            if worst.as_ref().is_none_or(|w| least < w.0) {
                let x = eigen.eigenvectors.column(place).into_owned();
                let image = j * &x;
                let step = &x * image.transpose() / image.norm().max(1e-300);
                worst = Some((least, step));
            }
        }
        let (least, step) = worst?;
        if best.as_ref().is_none_or(|b| least > b.0) {
            best = Some((least, m.clone()));
        }
        // What satisfies Lyapunov's equation does so by little where J is nearly singular.
        if least > 1e-6 {
            break;
        }
        m = scaled(m + 0.1 * step);
    }
    best.map(|b| b.1)
}

/// P·A⁻¹ with P·C + Cᵀ·P = 1 for C = A⁻¹·B, of which A⁻¹·B is furthest from 1.
fn first_multiplier(seen: &[DMatrix<f64>]) -> Option<DMatrix<f64>> {
    let a = seen.first()?.clone().try_inverse()?;
    let n = a.nrows();
    let one = DMatrix::<f64>::identity(n, n);
    let distance = |c: &DMatrix<f64>| (c - &one).norm();
    let c = seen
        .iter()
        .map(|b| &a * b)
        .max_by(|c, d| distance(c).total_cmp(&distance(d)))?;
    if distance(&c) < 1e-9 {
        return Some(a);
    }
    // The equation for the entries of P, row by row.
    let system = one.kronecker(&c.transpose()) + c.transpose().kronecker(&one);
    let flat = DMatrix::from_fn(n * n, 1, |k, _| one[(k / n, k % n)]);
    let p = system.lu().solve(&flat)?;
    let p = DMatrix::from_fn(n, n, |i, j| p[(i * n + j, 0)]);
    // Of both A and C.
    Some((&p + p.transpose()) * a)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The matrices that are accepted have no vector that they turn by a right angle or more,
        /// at the corners and between them.
        #[test]
        fn definite_pencils_are_definite_inside(
            entries in prop::collection::vec(-4i32..=4, 12),
            share in prop::collection::vec(0u8..=8, 2),
            x in prop::collection::vec(-5i32..=5, 2),
        ) {
            let part = |k: usize| -> Vec<Interval> {
                entries[4 * k..4 * k + 4]
                    .iter()
                    .map(|&v| Interval::point(f64::from(v)))
                    .collect()
            };
            let pencil = Pencil { constant: part(0), parts: vec![part(1), part(2)], size: 2 };
            let ranges = [Interval::new(-0.5, 1.0), Interval::new(0.0, 2.0)];
            let identity = DMatrix::identity(2, 2);
            prop_assume!(x != [0, 0]);
            if pencil.is_definite(&identity, &ranges) {
                let at: Vec<f64> = ranges
                    .iter()
                    .zip(&share)
                    .map(|(r, &s)| r.lo() + (r.hi() - r.lo()) * f64::from(s) / 8.0)
                    .collect();
                let j = pencil.at(&at);
                let x = nalgebra::DVector::from_iterator(2, x.iter().map(|&v| f64::from(v)));
                prop_assert!(x.dot(&(&j * &x)) > 0.0);
            }
        }

        /// A matrix with positive principal minors turns the sign of no vector (Gale & Nikaido,
        /// theorem 2), and enclosed minors are those of the matrices inside.
        #[test]
        fn positive_minors_turn_no_vector(
            entries in prop::collection::vec(-4i32..=4, 9),
            x in prop::collection::vec(-5i32..=5, 3),
        ) {
            let constant = entries.iter().map(|&v| Interval::point(f64::from(v))).collect();
            let pencil = Pencil { constant, parts: Vec::new(), size: 3 };
            prop_assume!(x != [0, 0, 0]);
            if pencil.has_positive_minors(&DMatrix::identity(3, 3), &[]) {
                let j = pencil.at(&[]);
                let x = nalgebra::DVector::from_iterator(3, x.iter().map(|&v| f64::from(v)));
                let y = &j * &x;
                prop_assert!((0..3).any(|i| x[i] * y[i] > 0.0));
            }
        }
    }
}
