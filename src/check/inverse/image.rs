//! Whether a map without a claimed inverse is onto: g onto the stated support, or S onto the noise.
//!
//! Along one noise component, the components before it fixed, a continuous g takes every value
//! between its limits at the ends of the noise. Where these limits are the ends of the support,
//! given the coordinates before it, every value is taken; a triangular g is then onto one
//! coordinate after another. Limits come from exact asymptotics ([`Germs`]), at exact points; where
//! they are not known, enclosures next to the ends show how far the values go.
//!
//! A limit that falls short refutes only with a bound on all the values of the map, by enclosures
//! on boxes that cover the noise, and where the density claimed at a z beyond it is positive.

mod reach;
mod short;
mod slice;

use super::one_to_one::Shown;
use crate::algebra::Block;
use crate::check::jacobian::Jacobian;
use crate::check::points::{Kind, Space};
use crate::check::{Context, Finding};
use crate::graph::{Graph, Id};
use crate::model::{Model, Variable};
use reach::{Reach, reached};
use short::short;
use slice::{Ends, slice};

/// What a map reaches.
pub(super) enum Image {
    /// No support is stated.
    Unasked,
    /// All of the support, at this many exact points; and whether by limits alone.
    Whole(usize, bool),
    /// Not all of it.
    Short(Box<Finding>),
    /// Not all of it, but no density is claimed at any place tried that is not reached; what is
    /// reached, in words.
    Empty(String),
    /// Not decided, with the reason.
    Unknown(String),
}

/// One component that moves and the coordinate that it moves, over base symbols.
struct Coordinate {
    /// What moves, and between which ends.
    symbol: Id,
    source: Ends,
    /// The coordinate as a formula, and as a symbol.
    value: Id,
    image: Id,
    /// The ends that it is to have.
    wanted: Ends,
    /// Whether these are the same whatever the other coordinates are.
    alone: bool,
}

/// What the map reaches of the stated support (of the noise, where it is implicit).
pub(super) fn image(
    context: &Context,
    model: &mut Model,
    space: &Space,
    jacobian: &Jacobian,
    shown: &Shown,
) -> Image {
    if model.target.as_ref().is_none_or(|t| t.support.is_none()) {
        return Image::Unasked;
    }
    let found = match coordinates(model, space, jacobian, shown) {
        Ok(found) => found,
        Err(reason) => return Image::Unknown(reason),
    };
    let wanted = if space.symbols.len() == 1 {
        1
    } else {
        4 * context.effort.certified_points()
    };
    let mut rng = context.stream("image");
    let (mut points, mut by_limits) = (0, true);
    for round in 0..2 * wanted {
        if points >= wanted {
            break;
        }
        let Some(point) = space.draw(Kind::of_round(round), &mut rng) else {
            continue;
        };
        for coordinate in &found {
            let reached = reached(&model.graph, space, &point, coordinate);
            let Some(reached) = reached else {
                let name = model.graph.display(coordinate.image);
                return Image::Unknown(format!("the ends of {name} could not be enclosed"));
            };
            for (side, reach) in reached.into_iter().enumerate() {
                match reach {
                    Reach::Limit => {}
                    Reach::Near => by_limits = false,
                    Reach::Short(limit) => {
                        return short(model, space, &point, coordinate, (side, limit));
                    }
                    Reach::Unknown => {
                        let name = model.graph.display(coordinate.image);
                        return Image::Unknown(format!(
                            "the limits of {name} at the ends of {} are not known",
                            model.graph.display(coordinate.symbol)
                        ));
                    }
                }
            }
        }
        points += 1;
    }
    if points == 0 {
        return Image::Unknown("no point could be drawn".to_owned());
    }
    Image::Whole(points, by_limits)
}

/// Each single entry of the triangle with its ends; a block of several is onto by itself, or not.
fn coordinates(
    model: &mut Model,
    space: &Space,
    jacobian: &Jacobian,
    shown: &Shown,
) -> Result<Vec<Coordinate>, String> {
    let free = model.free_outputs();
    let z = model.output_symbols();
    let z: Vec<Id> = free.iter().map(|&i| z[i]).collect();
    let noise = model.noise_symbols();
    let (sources, images) = if jacobian.implicit {
        (z, noise)
    } else {
        (noise, z)
    };
    let of_noise = &space.variables[model.givens().len()..];
    let (from, to): (Vec<Variable>, Vec<Variable>) = if jacobian.implicit {
        let copies = model.noise.iter().flat_map(|n| n.copies());
        (model.outputs.clone(), copies.collect())
    } else {
        (of_noise.to_vec(), model.outputs.clone())
    };
    let (mut moved, mut placed) = (Vec::new(), Vec::new());
    let mut found = Vec::new();
    for (place, Block { rows, columns }) in jacobian.blocks.iter().enumerate() {
        let of = |variables: &[Variable], symbol: Id| {
            let holds = |v: &&Variable| v.symbols.contains(&symbol);
            variables.iter().find(holds).cloned()
        };
        let no_interval = |graph: &Graph, symbol: Id| {
            format!("{} does not range over an interval", graph.display(symbol))
        };
        for (&row, &column) in rows.iter().zip(columns) {
            let (symbol, image) = (sources[column], images[row]);
            let mut interval = |variables: &[Variable], symbol: Id, before: &[Id]| {
                of(variables, symbol)
                    .and_then(|v| slice(&mut model.graph, &v, symbol, before))
                    .ok_or_else(|| no_interval(&model.graph, symbol))
            };
            let source = interval(&from, symbol, &moved)?;
            let wanted = interval(&to, image, &placed)?;
            if rows.len() > 1 {
                let coupled = shown.coupled.as_ref();
                let whole = coupled.is_some_and(|c| c.onto.contains(&place));
                if !whole || wanted != [None, None] {
                    return Err(
                        "no limits of outputs that the noise moves together were looked for"
                            .to_owned(),
                    );
                }
                continue;
            }
            let mut terms: Vec<Id> = wanted.iter().flatten().copied().collect();
            terms = model.rebase(&terms);
            let mut terms = terms.into_iter();
            let wanted = wanted.map(|end| end.and_then(|_| terms.next()));
            let alone = of(&to, image).is_some_and(|v| v.domain.is_elementwise());
            found.push(Coordinate {
                symbol,
                source,
                value: jacobian.outputs[row],
                image,
                wanted,
                alone,
            });
        }
        moved.extend(columns.iter().map(|&c| sources[c]));
        placed.extend(rows.iter().map(|&r| images[r]));
    }
    Ok(found)
}
