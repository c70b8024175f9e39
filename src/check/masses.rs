//! A discrete law as terms: its values, and the mass of each.
//!
//! Law: where the list is complete, the masses are those of every value there is, whatever the
//! parameters are.

use super::judge::{Statement, judge};
use super::normalization::atoms;
use super::points::Space;
use super::{Context, Finding, Verdict};
use crate::diagnostic::Span;
use crate::graph::Id;
use crate::model::Model;
use crate::number::Rational;
use rustc_hash::FxHashMap;

/// Values are summed one by one up to this many.
const MOST: usize = 64;

/// Values of an infinite law that are looked at.
const FIRST: usize = 24;

/// The values of z and their masses.
pub(crate) struct Masses {
    /// Each value: its components.
    pub(crate) values: Vec<Vec<Rational>>,
    /// The mass of each, over parameters and inputs.
    pub(crate) masses: Vec<Id>,
    /// Whether no value is missing.
    pub(crate) complete: bool,
}

impl Masses {
    /// Those of the claimed law; none where z is not discrete, where its values are too many or
    /// depend on parameters, or where the claimed mass does.
    pub(crate) fn new(model: &mut Model) -> Option<Masses> {
        let target = model.target.as_ref().filter(|t| t.discrete)?;
        let log_mass = target
            .log_density
            .as_ref()
            .or(target.distribution.as_ref())?;
        let log_mass = log_mass.elements[0];
        let nowhere = Space::new(&model.graph, Vec::new());
        let mut atoms = atoms(model, &nowhere, &[])?;
        let complete = atoms.len() <= MOST;
        if !complete {
            let infinite = model.outputs.len() == 1
                && model.outputs[0].domain == crate::language::Domain::NonnegativeInteger;
            atoms.truncate(if infinite { FIRST } else { 0 });
        }
        let z = model.output_symbols();
        let mut masses = Vec::new();
        let mut values = Vec::new();
        for atom in atoms {
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
        (is_given && !values.is_empty()).then_some(Masses {
            values,
            masses,
            complete,
        })
    }

    /// E of a term in z, where every value is listed.
    pub(crate) fn mean(&self, model: &mut Model, term: Id) -> Option<Id> {
        if !self.complete {
            return None;
        }
        let z = model.output_symbols();
        let mut terms = Vec::new();
        for (value, &mass) in self.values.iter().zip(&self.masses) {
            let there = at(model, &z, value, term);
            terms.push(model.graph.mul(there, mass));
        }
        Some(model.graph.sum(&terms))
    }

    /// The mass up to each value, where z is one number and its values ascend.
    pub(crate) fn cumulative(&self, model: &mut Model) -> Option<Vec<Id>> {
        let ascend = self.values.windows(2).all(|pair| pair[0] < pair[1]);
        if !ascend || self.values[0].len() != 1 {
            return None;
        }
        let mut sums = Vec::new();
        for place in 1..=self.masses.len() {
            sums.push(model.graph.sum(&self.masses[..place]));
        }
        Some(sums)
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
        let mut finding = judge(context, model, &space, &statement, |_, _| String::new());
        if !self.complete && finding.verdict == Verdict::Proved {
            finding.verdict = Verdict::Certified;
            finding.message = format!("{} at the first {FIRST} values", finding.message);
        }
        finding
    }
}

/// A term at a value of z.
pub(crate) fn at(model: &mut Model, z: &[Id], value: &[Rational], term: Id) -> Id {
    let graph = &mut model.graph;
    let map: FxHashMap<Id, Id> = z
        .iter()
        .zip(value)
        .map(|(&z, value)| (z, graph.constant(value.clone())))
        .collect();
    graph.substitute(&[term], &map)[0]
}
