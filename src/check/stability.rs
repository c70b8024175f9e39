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
use crate::tape::Tape;
use accuracy::{Came, come};
use blame::failure;
use edges::edges;
use points::points;

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
    let mut worst = (0.0f64, String::new());
    let (mut worst_single, mut tried, mut unknown) = (0.0f64, 0usize, 0usize);
    for point in points(context, model, given, noise) {
        for (formula, tape) in formulas.iter().zip(&tapes) {
            let used = model.graph.symbols_of(&formula.terms);
            let missing = symbols
                .iter()
                .zip(&point)
                .any(|(s, v)| v.is_nan() && used.contains(s));
            if missing {
                continue;
            }
            for (i, came) in come(tape, &point, &z).into_iter().enumerate() {
                match came {
                    Came::Unknown => unknown += 1,
                    Came::Fine { error, single } => {
                        tried += 1;
                        worst_single = worst_single.max(single);
                        if error > worst.0 {
                            worst = (error, formula.name.clone());
                        }
                    }
                    Came::Failed { computed, exact } => {
                        return failure(
                            model,
                            &symbols,
                            formula,
                            formula.terms[i],
                            &point,
                            computed,
                            &exact,
                        );
                    }
                }
            }
        }
    }
    if let Some(found) = edges(context, model, &formulas) {
        return found;
    }
    if tried == 0 {
        return Finding::inconclusive("no formula could be evaluated");
    }
    let message = format!(
        "float64 errors stay below {:.0e} in {tried} evaluations",
        worst.0.max(1e-17)
    );
    Finding::new(Verdict::Tested, message)
        .with("evaluations", tried)
        .with("undecided", unknown)
        .with("worst_error", worst.0)
        .with("worst_formula", worst.1)
        .with("worst_error_float32", worst_single)
}
