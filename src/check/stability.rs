//! The formulas as written, in float64 and float32, against the exact value.
//!
//! A formula fails where it gives no finite number although the exact value is one that binary64 can
//! hold, or is off by more than 10⁻⁶ both relatively and absolutely, and by more than a unit in the last
//! place of z would explain.

mod accuracy;
mod blame;
mod edges;
mod points;

use super::{Context, Finding, Verdict};
use crate::diagnostic::Span;
use crate::graph::Id;
use crate::model::Model;
use crate::number::Enclosure;
use crate::tape::Tape;
use accuracy::{Came, come};
use blame::failure;
use edges::edges;
use points::{Maker, Origin, origins};

/// A formula with the place where it is claimed.
struct Formula {
    name: String,
    terms: Vec<Id>,
    span: Span,
    /// Whether it is one in z, to be asked at the ends of the support too.
    of_z: bool,
}

fn formulas(model: &Model) -> Vec<Formula> {
    let mut found = Vec::new();
    let mut add = |name: &str, terms: &[Id], span: &Span, of_z: bool| {
        let (name, terms, span) = (name.to_owned(), terms.to_vec(), span.clone());
        found.push(Formula {
            name,
            terms,
            span,
            of_z,
        });
    };
    if let Some(claim) = &model.transform {
        add("transform", &claim.elements, &claim.span, false);
    }
    if let Some(claim) = &model.inverse {
        add("inverse", &claim.elements, &claim.span, false);
    }
    if let Some(claim) = &model.log_abs_det_jacobian {
        add("log_abs_det_jacobian", &claim.elements, &claim.span, false);
    }
    if let Some(target) = &model.target {
        if let Some(claim) = &target.log_density {
            add("log_density", &claim.elements, &claim.span, true);
        }
        for (name, claim) in &target.moments {
            add(name, &claim.elements, &claim.span, *name == "cdf");
        }
        if let Some(claim) = &target.entropy {
            add("entropy", &claim.elements, &claim.span, false);
        }
    }
    found
}

pub(crate) fn run(context: &Context, model: &mut Model) -> Finding {
    let formulas = formulas(model);
    if formulas.is_empty() {
        return Finding::skipped("there is no formula");
    }
    let mut symbols: Vec<Id> = model
        .givens()
        .iter()
        .flat_map(|v| v.symbols.clone())
        .collect();
    let given = symbols.len();
    symbols.extend(model.noise_symbols());
    let noise = symbols.len() - given;
    let z = symbols.len()..symbols.len() + model.output_symbols().len();
    symbols.extend(model.output_symbols());
    symbols.extend(model.target.as_ref().and_then(|t| t.u));
    let tapes: Option<Vec<Tape>> = formulas
        .iter()
        .map(|f| Tape::new(&model.graph, &symbols, &f.terms).ok())
        .collect();
    let Some(tapes) = tapes else {
        return Finding::inconclusive("a formula depends on something that no point fixes");
    };
    let mut tally = Tally::default();
    let maker = Maker::new(model);
    let mut ahead: Vec<Ahead> = formulas.iter().map(|_| Ahead::default()).collect();
    let needed: Vec<Vec<usize>> = formulas
        .iter()
        .map(|f| places_of(model, f, &symbols))
        .collect();
    let attempt = |model: &mut Model, tally: &mut Tally, j: usize, point: &[f64]| {
        let (formula, tape) = (&formulas[j], &tapes[j]);
        // A formula that uses a value which the point does not have is not asked.
        if needed[j].iter().any(|&place| point[place].is_nan()) {
            return Ok(None);
        }
        tally.add(formula, come(tape, point, &z)).map_err(|fault| {
            let Fault { i, computed, exact } = fault;
            let term = formula.terms[i];
            let found = failure(model, &symbols, formula, term, point, computed, &exact);
            Box::new(found)
        })
    };
    for origin in origins(context, model, &maker, noise) {
        let point = maker.point(model, &origin);
        for (j, ahead) in ahead.iter_mut().enumerate() {
            match attempt(model, &mut tally, j, &point) {
                Ok(error) => ahead.add(error.unwrap_or(0.0), &origin),
                Err(found) => return *found,
            }
        }
    }
    // From there uphill, one value at a time: digits are lost in corners of several values at once.
    for (j, ahead) in ahead.into_iter().enumerate() {
        for (mut height, mut origin) in ahead.worst {
            let mut left = STEPS;
            while left > 0 {
                let mut best: Option<(f64, Origin)> = None;
                for next in maker.moves(&origin).into_iter().take(left) {
                    left -= 1;
                    let point = maker.point(model, &next);
                    match attempt(model, &mut tally, j, &point) {
                        Ok(Some(error)) if error > best.as_ref().map_or(height, |b| b.0) => {
                            best = Some((error, next));
                        }
                        Ok(_) => {}
                        Err(found) => return *found,
                    }
                }
                let Some(next) = best else { break };
                (height, origin) = next;
            }
        }
    }
    if let Some(found) = edges(context, model, &formulas) {
        return found;
    }
    if tally.tried == 0 {
        return Finding::inconclusive("no formula could be evaluated");
    }
    let message = format!(
        "float64 errors stay below {:.0e} in {} evaluations",
        tally.worst.0.max(1e-17),
        tally.tried
    );
    Finding::new(Verdict::Tested, message)
        .with("evaluations", tally.tried)
        .with("undecided", tally.unknown)
        .with("worst_error", tally.worst.0)
        .with("worst_formula", tally.worst.1)
        .with("worst_error_float32", tally.single)
        .with("not_finite_in_float32", tally.not_finite)
}

/// The places of a point that a formula uses.
fn places_of(model: &Model, formula: &Formula, symbols: &[Id]) -> Vec<usize> {
    let used = model.graph.symbols_of(&formula.terms);
    (0..symbols.len())
        .filter(|&place| used.contains(&symbols[place]))
        .collect()
}

/// A component of a formula that floating point does not give.
struct Fault {
    i: usize,
    computed: f64,
    exact: Enclosure,
}

/// How all evaluations came out.
#[derive(Default)]
struct Tally {
    worst: (f64, String),
    /// The largest error in float32, where that has a value.
    single: f64,
    /// How often float32 has none, where float64 has: its largest number is 3.4e38.
    not_finite: usize,
    tried: usize,
    unknown: usize,
}

impl Tally {
    /// The largest error among the components of a formula, where any is known.
    fn add(&mut self, formula: &Formula, came: Vec<Came>) -> Result<Option<f64>, Fault> {
        let mut largest = None;
        for (i, came) in came.into_iter().enumerate() {
            match came {
                Came::Unknown => self.unknown += 1,
                Came::Fine { error, single } => {
                    self.tried += 1;
                    match single {
                        Some(error) => self.single = self.single.max(error),
                        None => self.not_finite += 1,
                    }
                    largest = Some(error.max(largest.unwrap_or(0.0)));
                    if error > self.worst.0 {
                        self.worst = (error, formula.name.clone());
                    }
                }
                Came::Failed { computed, exact } => return Err(Fault { i, computed, exact }),
            }
        }
        Ok(largest)
    }
}

/// From smaller errors the search does not go uphill: nearly every formula loses its digits somewhere.
const SUSPICIOUS: f64 = 1e-7;

/// From how many points the search goes uphill, and how many evaluations each may take.
const STARTS: usize = 2;
const STEPS: usize = 300;

/// The points at which a formula came out worst so far.
#[derive(Default)]
struct Ahead {
    worst: Vec<(f64, Origin)>,
}

impl Ahead {
    fn add(&mut self, error: f64, origin: &Origin) {
        if error < SUSPICIOUS {
            return;
        }
        let place = self.worst.partition_point(|(known, _)| *known >= error);
        if place < STARTS {
            self.worst.insert(place, (error, origin.clone()));
            self.worst.truncate(STARTS);
        }
    }
}
