//! Draws of a built-in sampler follow the target.
//!
//! A sampler is noise with z = ε: where its support lies in that of the target and its density is
//! the claimed one, that is proved or certified as it is for a transform; else draws are tested.

use super::draws;
use crate::check::judge::{Statement, judge};
use crate::check::points::Space;
use crate::check::{Context, Finding, Verdict, density, support};
use crate::model::{Claim, Definition, Model, Sampler};
use std::collections::BTreeMap;

/// Decides whether the sampler draws from the target.
pub(super) fn run(context: &Context, model: &Model, sampler: &Sampler) -> Finding {
    let mut model = identity(model, sampler);
    // The identity undoes itself.
    let before = BTreeMap::from([("inverse", Verdict::Proved)]);
    let context = Context {
        before: &before,
        ..context.clone()
    };
    let inside = support::run(&context, &mut model.clone());
    let same = same_density(&context, &mut model.clone());
    let finding = if inside.verdict == Verdict::Refuted {
        named(inside, "the sampler leaves the support")
    } else if same.verdict == Verdict::Refuted {
        named(same, "the density of the sampler is not the claimed one")
    } else if inside.verdict.holds() && same.verdict.holds() {
        let verdict = inside.verdict.weaker(same.verdict);
        let message = format!("the sampler has the claimed density: {}", same.message);
        Finding {
            message,
            verdict,
            ..same
        }
    } else {
        draws(&context, &mut model, "the sampler")
    };
    finding.at(sampler.span.clone())
}

/// Whether the density of the noise is the claimed one of z.
fn same_density(context: &Context, model: &mut Model) -> Finding {
    let target = model.target.clone();
    let target = target.filter(|target| !target.unnormalized);
    let Some(claim) = target.and_then(|t| t.log_density.or(t.distribution)) else {
        return density::run(context, model);
    };
    let claimed = model.rebased(claim.elements[0]);
    let space = Space::new(&model.graph, model.base_variables());
    let statement = Statement {
        left: "claimed log_density",
        right: "log-density of the sampler",
        sides: vec![(claimed, model.log_noise())],
        span: claim.span,
        almost_everywhere: true,
    };
    judge(context, model, &space, &statement, |_, _| String::new())
}

fn named(finding: Finding, message: &str) -> Finding {
    Finding {
        message: message.to_owned(),
        ..finding
    }
}

/// The model in which z is its own noise, drawn by the sampler.
fn identity(model: &Model, sampler: &Sampler) -> Model {
    let drawn: Vec<_> = sampler
        .draws
        .iter()
        .flat_map(|noise| noise.variable.symbols.iter().copied())
        .collect();
    let outputs = model.output_symbols();
    let claim = |elements| {
        Some(Claim {
            elements,
            span: sampler.span.clone(),
        })
    };
    Model {
        definition: Definition::Transform,
        transform: claim(drawn.clone()),
        inverse: claim(outputs.clone()),
        base: outputs.into_iter().zip(drawn).collect(),
        noise: sampler.draws.clone(),
        ..model.clone()
    }
}
