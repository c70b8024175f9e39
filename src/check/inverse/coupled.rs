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

mod multiplier;
mod pencil;
mod split;

use crate::algebra::Block;
use crate::check::Context;
use crate::check::jacobian::Jacobian;
use crate::check::monotone::{Cover, Reach, Sides, noise_side, weaker};
use crate::check::points::{Kind, Space};
use crate::check::univariate::numbers;
use crate::graph::Id;
use crate::model::{Definition, Model};
use crate::number::{Interval, Number, Open};
use crate::tape::Tape;
use pencil::pencil;
use split::{Split, split};

/// The largest block that is looked at.
const LARGEST: usize = 6;

/// The most terms of the noise that the entries of a block are made of.
const MOST_TERMS: usize = 9;

/// Draws from which a constant matrix is found.
const DRAWS: usize = 48;

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
        let fixed = Interval::rational_each(&point[..given], &());
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
