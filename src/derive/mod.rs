//! What a spec leaves out, derived from what it says: the inverse, log |det J|, the log-density, the
//! score, and the path derivatives.
//!
//! Terms are derived at one choice of sizes, simplified, written in the language of specs, read back
//! from that text at every choice of sizes, and judged there as a claim is. Law: nothing is printed
//! that was not judged, and every line for pasting gives a spec that passes those checks (test
//! `lines_pass_the_checks` in `tests/derive.rs`).

mod affine;
mod lift;
mod paste;
mod quantities;
mod solve;
mod support;
mod text;
mod tidy;
mod work;

pub use paste::Line;
pub use text::{text, yaml};

use crate::check::Finding;
use crate::diagnostic::Diagnostic;
use crate::run::read_whole;
use std::collections::BTreeMap;
use work::Work;

/// Something that follows from the definition of a reparameterization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// ε = g⁻¹(z).
    Inverse,
    /// log |det ∂g/∂ε|.
    LogAbsDetJacobian,
    /// log q(z).
    LogDensity,
    /// ∂ log q/∂z.
    Score,
    /// ∂z/∂φ at fixed noise, for one parameter.
    PathDerivative(String),
    /// ∂ε/∂φ at fixed z, for one parameter of an implicit reparameterization.
    NoiseDerivative(String),
}

/// The sizes at which something holds, or all of them where there are none.
pub type Sizes = BTreeMap<String, usize>;

/// Equations, `name = expression`, at every size or at those given.
#[derive(Clone, Debug)]
pub struct Block {
    /// Where they hold; none for every choice of sizes of the spec.
    pub sizes: Option<Sizes>,
    /// Left and right sides.
    pub equations: Vec<(String, String)>,
}

/// A line of a derivation.
#[derive(Clone, Debug)]
pub struct Step {
    /// What stands before the sign of equality; none where it continues the line above.
    pub left: Option<String>,
    /// What stands behind it.
    pub right: String,
    /// Why they are equal.
    pub because: String,
}

/// What was derived.
#[derive(Clone, Debug)]
pub struct Formula {
    /// The equations.
    pub blocks: Vec<Block>,
    /// How they are known: the weakest finding over all sizes.
    pub finding: Finding,
    /// The lines to paste, or why there are none.
    pub lines: Result<Vec<Line>, String>,
    /// How one comes to them.
    pub steps: Vec<Step>,
}

/// What came of one quantity.
#[derive(Clone, Debug)]
pub enum Found {
    /// The spec says it already.
    Stated,
    /// It follows.
    Derived(Box<Formula>),
    /// It could not be derived, with the reason.
    Missing(String),
}

/// One quantity with what came of it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What it is.
    pub quantity: Quantity,
    /// What came of it.
    pub found: Found,
}

/// A spec with what follows from it.
#[derive(Clone, Debug)]
pub struct Derived {
    /// Its name.
    pub name: String,
    /// Its text.
    pub source: String,
    /// The noise by name, as written in equations.
    pub noise: Vec<String>,
    /// The outputs by name.
    pub outputs: Vec<String>,
    /// In the order in which one derives them.
    pub entries: Vec<Entry>,
    /// Its text with every line that can be pasted.
    pub pasted: String,
}

impl Derived {
    /// Every line that can be pasted.
    pub fn lines(&self) -> Vec<Line> {
        let lines = self.entries.iter().filter_map(|e| match &e.found {
            Found::Derived(formula) => formula.lines.as_ref().ok().cloned(),
            Found::Stated | Found::Missing(_) => None,
        });
        lines.flatten().collect()
    }
}

/// Derives what a spec leaves out.
///
/// # Errors
/// What is wrong with the spec.
pub fn derive(source: &str) -> Result<Derived, Vec<Diagnostic>> {
    let (raw, models) = read_whole(source)?;
    let mut work = Work::new(source, raw, models);
    let entries = quantities::all(&mut work);
    let model = &work.models[0];
    Ok(Derived {
        name: work.raw.name.value.clone(),
        source: source.to_owned(),
        noise: model
            .noise
            .iter()
            .map(|n| n.variable.name.clone())
            .collect(),
        outputs: model.outputs.iter().map(|v| v.name.clone()).collect(),
        pasted: work.source.clone(),
        entries,
    })
}
