//! A discrete law of few values as terms: its values, and the mass of each, so that sums over them
//! are identities, which can be proved.
//!
//! Law: the masses are those of every value there is, whatever the parameters are.

use super::judge::{Statement, judge};
use super::masses::atoms;
use super::points::Space;
use super::{Context, Finding};
use crate::diagnostic::Span;
use crate::graph::Id;
use crate::model::Model;
use crate::number::Rational;
use rustc_hash::FxHashMap;

/// Laws of more values are left to sums of numbers.
const MOST: usize = 64;

/// The values of z and their masses.
pub(crate) struct Listed {
    /// Each value: its components.
    pub(crate) values: Vec<Vec<Rational>>,
    /// The mass of each, over parameters and inputs.
    pub(crate) masses: Vec<Id>,
}

impl Listed {
    /// Those of the claimed law; none where z is not discrete, where its values are too many or
    /// depend on parameters, or where the claimed mass does.
    pub(crate) fn new(model: &mut Model) -> Option<Listed> {
        let target = model.target.as_ref().filter(|t| t.discrete)?;
        let log_mass = target.log_mass()?;
        let nowhere = Space::new(&model.graph, Vec::new());
        let atoms = atoms(model, &nowhere, &[])?;
        if atoms.open != (false, false) || atoms.values.len() > MOST {
            return None;
        }
        let z = model.output_symbols();
        let mut masses = Vec::new();
        let mut values = Vec::new();
        for atom in atoms.values {
            let value: Option<Vec<Rational>> =
                atom.iter().map(|&v| Rational::try_from(v).ok()).collect();
            let value = value?;
            let there = at(model, &z, &value, log_mass);
            masses.push(model.graph.exp(there));
            values.push(value);
        }
        let givens = Space::new(&model.graph, model.givens()).symbols;
        let used = model.graph.symbols_of(&masses);
        let is_given = used.iter().all(|s| givens.contains(s));
        (is_given && !values.is_empty()).then_some(Listed { values, masses })
    }

    /// E of a term in z, where every value is listed.
    pub(crate) fn mean(&self, model: &mut Model, term: Id) -> Option<Id> {
        let z = model.output_symbols();
        let mut terms = Vec::new();
        for (value, &mass) in self.values.iter().zip(&self.masses) {
            let there = at(model, &z, value, term);
            terms.push(model.graph.mul(there, mass));
        }
        Some(model.graph.sum(&terms))
    }

    /// Whether claimed terms equal true ones at all parameters.
    pub(crate) fn equal(
        &self,
        context: &Context,
        model: &mut Model,
        (left, right): (&str, &str),
        sides: Vec<(Id, Id)>,
        span: Span,
    ) -> Finding {
        let space = Space::new(&model.graph, model.givens());
        let statement = Statement {
            left,
            right,
            sides,
            span,
            almost_everywhere: false,
        };
        judge(context, model, &space, &statement, |_, _| String::new())
    }
}

/// A term at a value of z.
fn at(model: &mut Model, z: &[Id], value: &[Rational], term: Id) -> Id {
    let graph = &mut model.graph;
    let map: FxHashMap<Id, Id> = z
        .iter()
        .zip(value)
        .map(|(&z, value)| (z, graph.constant(value.clone())))
        .collect();
    graph.substitute(&[term], &map)[0]
}
