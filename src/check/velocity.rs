//! The path derivative v moves the law as its density changes: ∂φ log q + v·∇ log q + ∇·v = 0, with
//! no flux through the ends of the support.
//!
//! v is the one claimed, else ∂φ g at g⁻¹(z), else −(∂z S)⁻¹ ∂φ S where g is implicit. In one
//! coordinate a claimed v must be that of g; in more it may differ by a field that moves nothing, so
//! only the equation judges it.

mod flux;
mod transport;

pub(crate) use transport::{detaches, path_derivative};

use super::judge::{Statement, judge};
use super::points::Space;
use super::{Context, Finding, Verdict};
use crate::diagnostic::Span;
use crate::graph::Id;
use crate::model::{Claim, Definition, Model};

pub(crate) fn run(context: &Context, model: &mut Model) -> Finding {
    if model.parameters.is_empty() {
        return Finding::skipped("there are no parameters");
    }
    let place = match model.definition {
        Definition::Target => return Finding::skipped("there is no path: z has no noise"),
        Definition::Transform => model.transform.as_ref(),
        Definition::Standardization => model.inverse.as_ref(),
    };
    let span = place.map_or_else(Span::default, |c| c.span.clone());
    let mut findings = Vec::new();
    // What is claimed to be the velocity of g, and is, needs no other evidence than g.
    let mut claims = Vec::new();
    for (name, claim) in model.velocity.clone() {
        let finding = equal(context, model, &name, &claim);
        let own = model.definition == Definition::Transform && finding.verdict.holds();
        findings.push(finding);
        if !own {
            claims.push((name, claim));
        }
    }
    let is_refuted = |findings: &[Finding]| findings.iter().any(|f| f.verdict == Verdict::Refuted);
    if !is_refuted(&findings) {
        findings.push(transport::transported(context, model, &claims, &span));
        let moves = findings
            .last()
            .is_some_and(|f| f.verdict != Verdict::Skipped);
        if moves && !is_refuted(&findings) {
            findings.push(flux::closed(context, model, &claims, &span));
        }
    }
    findings
        .into_iter()
        .reduce(Finding::and)
        .unwrap_or_else(|| Finding::skipped("no velocity is claimed"))
}

/// In one coordinate the claimed velocity is the path derivative; in more it may be.
fn equal(context: &Context, model: &mut Model, name: &str, claim: &Claim) -> Finding {
    let symbols = parameter(model, name);
    let nothing = Finding::skipped("in several coordinates the transport equation judges")
        .at(claim.span.clone());
    // With more noise than coordinates v may be any conditional mean of the path derivative.
    let mentions_noise = model
        .graph
        .symbols_of(&claim.elements)
        .iter()
        .any(|s| model.noise_symbols().contains(s));
    let is_only =
        model.output_symbols().len() == 1 && (model.noise_symbols().len() == 1 || mentions_noise);
    if !is_only && model.definition != Definition::Transform {
        return nothing;
    }
    let width = symbols.len();
    let mut sides = Vec::new();
    for (k, &symbol) in symbols.iter().enumerate() {
        let truth = match transport::path_derivative(model, symbol) {
            Ok(truth) => truth,
            Err(_) if !is_only => return nothing,
            Err(reason) => return Finding::inconclusive(reason).at(claim.span.clone()),
        };
        // A row for each component of z.
        for (row, truth) in truth.into_iter().enumerate() {
            let claimed = model.rebased(claim.elements[row * width + k]);
            sides.push((claimed, truth));
        }
    }
    let space = Space::new(&model.graph, model.base_variables());
    let left = format!("claimed ∂z/∂{name}");
    let statement = Statement {
        left: &left,
        right: "the path derivative",
        sides,
        span: claim.span.clone(),
        almost_everywhere: true,
    };
    let before = context.is_refuted("density");
    let finding = judge(context, model, &space, &statement, |_, _| {
        if before {
            String::new()
        } else {
            "in one coordinate no other velocity carries the law".to_owned()
        }
    });
    // In several coordinates another may serve as well.
    if is_only || finding.verdict.holds() {
        finding
    } else {
        nothing
    }
}

/// The components of a parameter.
fn parameter(model: &Model, name: &str) -> Vec<Id> {
    model
        .parameters
        .iter()
        .find(|p| p.name == name)
        .map_or(Vec::new(), |p| p.symbols.clone())
}
