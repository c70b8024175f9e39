//! The quantities of a spec at a point, enclosed until they are known to thirty digits.

use super::Values;
use super::draw::{exact, lies_in, round};
use crate::check::jacobian::jacobian;
use crate::check::points::Space;
use crate::diagnostic::Diagnostic;
use crate::graph::Id;
use crate::language::Domain;
use crate::model::{Definition, Model, Variable};
use crate::number::{Enclosure, Precision, Rational};
use crate::tape::Tape;

/// Significant bits that make thirty decimal digits certain.
const BITS: i64 = 110;

/// Where a value stays wide at these many bits, it is not known.
const PRECISIONS: [usize; 5] = [160, 320, 640, 1280, 2560];

/// What is computed at points of one spec at one choice of sizes.
#[derive(Clone, Debug)]
pub struct Evaluator {
    /// The spec.
    pub model: Model,
    /// Parameters, inputs, and the noise (or z, where there is no transform).
    pub(super) space: Space,
    /// Parameters, inputs and z.
    around: Space,
    quantities: Vec<Quantity>,
}

#[derive(Clone, Debug)]
struct Quantity {
    name: String,
    shape: Vec<usize>,
    tape: Tape,
    /// Whether it is a function of z, rather than of the noise.
    of_z: bool,
    /// Whether a point without it is no point.
    needed: bool,
}

impl Evaluator {
    /// # Errors
    /// When parameters or noise lie on a sphere, where there are no binary64 points.
    pub(super) fn new(mut model: Model) -> Result<Evaluator, Vec<Diagnostic>> {
        let base = model.base_variables();
        if let Some(round) = base
            .iter()
            .find(|v| matches!(v.domain, Domain::UnitVector | Domain::CorrCholesky))
        {
            let message = format!(
                "`{}` lies on a sphere, which has no float64 points",
                round.name
            );
            return Err(vec![Diagnostic::error(message, 0..0)]);
        }
        let mut around = model.givens();
        around.extend(model.outputs.iter().cloned());
        let terms = terms(&mut model);
        let (space, around) = (
            Space::new(&model.graph, base),
            Space::new(&model.graph, around),
        );
        let quantities = terms
            .into_iter()
            .filter_map(|term| {
                let symbols = if term.of_z { &around } else { &space };
                // A density that mentions the noise is no function of z.
                let tape = Tape::new(&model.graph, &symbols.symbols, &term.elements).ok()?;
                Some(Quantity {
                    name: term.name,
                    shape: term.shape,
                    tape,
                    of_z: term.of_z,
                    needed: term.needed,
                })
            })
            .collect();
        Ok(Evaluator {
            model,
            space,
            around,
            quantities,
        })
    }

    /// The shape of each thing given and each quantity, by name.
    pub(super) fn shapes(&self) -> Vec<(String, Vec<usize>)> {
        let of =
            |group: &'static str, v: &Variable| (format!("{group}/{}", v.name), v.shape.clone());
        let model = &self.model;
        let given = model.parameters.iter().map(|v| of("parameters", v));
        let given = given.chain(model.inputs.iter().map(|v| of("inputs", v)));
        let given = given.chain(model.noise.iter().map(|n| of("noise", &n.variable)));
        let given = given.chain(
            model
                .whole_outputs()
                .iter()
                .map(|v| of("z", v))
                .collect::<Vec<_>>(),
        );
        let quantities = self.quantities.iter();
        given
            .chain(quantities.map(|q| (q.name.clone(), q.shape.clone())))
            .collect()
    }

    /// The names of what a space holds, in its order, with the numbers of components. Independent
    /// copies of a noise are variables of their own with one name.
    fn layout(&self, space: &Space) -> Vec<(String, usize)> {
        let (parameters, inputs) = (self.model.parameters.len(), self.model.inputs.len());
        let mut layout: Vec<(String, usize)> = Vec::new();
        for (i, variable) in space.variables.iter().enumerate() {
            let is_output = self.model.outputs.iter().any(|o| o.name == variable.name);
            let group = if i < parameters {
                "parameters"
            } else if i < parameters + inputs {
                "inputs"
            } else if is_output {
                "z"
            } else {
                "noise"
            };
            let name = format!("{group}/{}", variable.name);
            let count = variable.symbols.len();
            match layout.last_mut() {
                Some((last, total)) if *last == name => *total += count,
                _ => layout.push((name, count)),
            }
        }
        layout
    }

    /// What a library is given at a base point: its values, and z rounded to binary64 where that
    /// lies in the support.
    ///
    /// # Errors
    /// When g has no value there.
    pub(super) fn given(&self, base: &[Rational]) -> Result<Values<f64>, String> {
        let mut given = self.named(&self.space, base);
        let mut with_z = given.clone();
        for part in self.quantities.iter().filter(|q| q.needed) {
            let z: Option<Vec<f64>> = enclosures(&part.tape, base)
                .iter()
                .map(|e| e.as_ref()?.to_f64_nearest().filter(|v| v.is_finite()))
                .collect();
            let name = part.name.replace("transform/", "z/");
            with_z.insert(name, z.ok_or("g has no float64 value at the point")?);
        }
        // Rounding may lead off the support, where nothing is claimed; on a simplex it is mended.
        if let Ok(point) = self.collect(&self.around, &with_z) {
            let point = round(&self.around, &point);
            if lies_in(&self.around, &point) {
                given.extend(self.named(&self.around, &point));
            }
        }
        Ok(given)
    }

    /// The values of a space by name.
    fn named(&self, space: &Space, point: &[Rational]) -> Values<f64> {
        let mut values = point.iter().map(|v| v.to_f64().value());
        self.layout(space)
            .into_iter()
            .map(|(name, count)| (name, values.by_ref().take(count).collect()))
            .collect()
    }

    /// The values of a space, from what is given by name.
    fn collect(&self, space: &Space, given: &Values<f64>) -> Result<Vec<Rational>, String> {
        let mut point = Vec::new();
        for (name, count) in self.layout(space) {
            let values = given.get(&name).ok_or(format!("`{name}` is not given"))?;
            if values.len() != count {
                let found = values.len();
                return Err(format!(
                    "`{name}` has {found} components instead of {count}"
                ));
            }
            for &value in values {
                point.push(exact(value).ok_or(format!("`{name}` is not finite"))?);
            }
        }
        Ok(point)
    }

    /// Every quantity at what is given; those of z are left out where z is not given.
    ///
    /// # Errors
    /// When something is missing, of the wrong size, or outside its domain.
    pub fn expected(&self, given: &Values<f64>) -> Result<Values<Option<Enclosure>>, String> {
        let base = self.collect(&self.space, given)?;
        if !lies_in(&self.space, &base) {
            return Err("a value lies outside its domain or range".to_owned());
        }
        let z = if given.keys().any(|name| name.starts_with("z/")) {
            let z = self.collect(&self.around, given)?;
            if !lies_in(&self.around, &z) {
                return Err("z lies outside the support".to_owned());
            }
            Some(z)
        } else {
            None
        };
        let mut expected = Values::new();
        for quantity in &self.quantities {
            let point = if quantity.of_z {
                z.as_ref()
            } else {
                Some(&base)
            };
            if let Some(point) = point {
                let values = enclosures(&quantity.tape, point);
                expected.insert(quantity.name.clone(), values);
            }
        }
        Ok(expected)
    }
}

struct Term {
    name: String,
    shape: Vec<usize>,
    elements: Vec<Id>,
    of_z: bool,
    needed: bool,
}

/// One term for each variable, from a list over all of them.
fn parts(name: &str, variables: &[Variable], all: &[Id], of_z: bool) -> Vec<Term> {
    let mut all = all.iter().copied();
    variables
        .iter()
        .map(|variable| Term {
            name: format!("{name}/{}", variable.name),
            shape: variable.shape.clone(),
            elements: all.by_ref().take(variable.symbols.len()).collect(),
            of_z,
            needed: name == "transform",
        })
        .collect()
}

fn number(name: &str, term: Id, of_z: bool) -> Term {
    Term {
        name: name.to_owned(),
        shape: Vec::new(),
        elements: vec![term],
        of_z,
        needed: false,
    }
}

/// Every quantity that the spec defines, as terms.
fn terms(model: &mut Model) -> Vec<Term> {
    let mut terms = Vec::new();
    let implicit = model.definition != Definition::Transform;
    if let Some(transform) = model.transform.clone() {
        let g = model.rebase(&transform.elements);
        terms.extend(parts("transform", &model.whole_outputs(), &g, false));
    }
    if let Ok(found) = jacobian(model) {
        let log_abs_det = model.rebased(found.log_abs_det);
        terms.push(number("log_abs_det_jacobian", log_abs_det, implicit));
    }
    if let Some(inverse) = &model.inverse {
        let noise: Vec<Variable> = model.noise.iter().map(|n| n.variable.clone()).collect();
        terms.extend(parts("inverse", &noise, &inverse.elements, true));
    }
    if let Some(target) = model.target.clone().filter(|t| !t.unnormalized)
        && let Some(log_q) = target.log_density.or(target.distribution)
    {
        terms.push(number("log_density", log_q.elements[0], true));
        let z = model.output_symbols();
        if !target.discrete
            && let Ok(rows) = model.graph.jacobian(&log_q.elements, &z)
        {
            terms.extend(parts("score", &model.whole_outputs(), &rows.concat(), true));
        }
    }
    terms.extend(velocities(model));
    terms
}

/// ∂z/∂φ at fixed noise, for each output and parameter: of g, or by the implicit function theorem
/// where z is a scalar.
fn velocities(model: &mut Model) -> Vec<Term> {
    let mut terms = Vec::new();
    for parameter in model.parameters.clone() {
        let mut rows = match (&model.transform, &model.inverse, model.definition) {
            (Some(g), _, _) => {
                let g = model.rebase(&g.elements.clone());
                model.graph.jacobian(&g, &parameter.symbols).ok()
            }
            (None, Some(s), Definition::Standardization) => {
                let (s, z) = (s.elements.clone(), model.output_symbols());
                by_implicit_differentiation(model, &s, &z, &parameter.symbols)
            }
            (None, _, _) => None,
        }
        .unwrap_or_default()
        .into_iter();
        for output in model.whole_outputs() {
            let own: Vec<Vec<Id>> = rows.by_ref().take(output.symbols.len()).collect();
            if own.len() == output.symbols.len() {
                terms.push(Term {
                    name: format!("velocity/{}/{}", parameter.name, output.name),
                    shape: [output.shape.as_slice(), &parameter.shape].concat(),
                    elements: own.concat(),
                    of_z: model.definition != Definition::Transform,
                    needed: false,
                });
            }
        }
    }
    terms
}

/// −(∂S/∂φ)/(∂S/∂z).
fn by_implicit_differentiation(
    model: &mut Model,
    s: &[Id],
    z: &[Id],
    parameter: &[Id],
) -> Option<Vec<Vec<Id>>> {
    let ([_], [_]) = (s, z) else { return None };
    let slope = model.graph.jacobian(s, z).ok()?[0][0];
    let row = model.graph.jacobian(s, parameter).ok()?.remove(0);
    let velocity = row
        .into_iter()
        .map(|change| {
            let ratio = model.graph.div(change, slope);
            model.graph.neg(ratio)
        })
        .collect();
    Some(vec![velocity])
}

/// Each output of a tape, where it becomes narrow at some precision and is a real number.
fn enclosures(tape: &Tape, point: &[Rational]) -> Vec<Option<Enclosure>> {
    let mut known: Vec<Option<Enclosure>> = Vec::new();
    for bits in PRECISIONS {
        let precision = Precision(bits);
        let inputs: Vec<Enclosure> = point
            .iter()
            .map(|v| Enclosure::exact(v, precision))
            .collect();
        let values = tape.evaluate(&inputs, &precision);
        known.resize(values.len(), None);
        for (known, value) in known.iter_mut().zip(values) {
            let narrow = value.relative_bits().is_none_or(|bits| bits >= BITS);
            if known.is_none() && value.is_finite() && narrow && value.to_f64_nearest().is_some() {
                *known = Some(value);
            }
        }
        if known.iter().all(Option::is_some) {
            break;
        }
    }
    known
}
