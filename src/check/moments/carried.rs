//! CDF and quantile carried over from the noise: where a component of g is continuous and monotone
//! in one noise component, F(g(ε)) is the distribution function of the noise at ε, or one minus it.

use crate::algebra::{Facts, Signs, prove_sign};
use crate::check::judge::{Statement, judge};
use crate::check::monotone::is_smooth;
use crate::check::points::Space;
use crate::check::{Context, Finding, Verdict, facts};
use crate::graph::Id;
use crate::model::{Claim, Definition, Model};
use rustc_hash::FxHashMap;

/// One component of z as a monotone function of one component of the noise.
struct Monotone {
    image: Id,
    /// The distribution function of z at the image.
    level: Id,
}

/// A proof that the claimed cdf, or quantile, is that of g(ε); none where there is none.
pub(crate) fn carried(
    context: &Context,
    model: &mut Model,
    what: &str,
    claim: &Claim,
) -> Option<Finding> {
    if model.definition != Definition::Transform {
        return None;
    }
    let claims_density = model
        .target
        .as_ref()
        .is_some_and(|t| t.log_density.is_some() || t.distribution.is_some());
    // Beside a density, that of g(ε) is the one in question only if the two agree.
    if claims_density && context.before.get("density") != Some(&Verdict::Proved) {
        return None;
    }
    let space = Space::new(&model.graph, model.base_variables());
    let known = facts::facts(&mut model.graph, &space);
    let u = model.target.as_ref().and_then(|t| t.u);
    let mut sides = Vec::new();
    for (i, &element) in claim.elements.iter().enumerate() {
        let monotone = monotone(model, &known, i)?;
        sides.push(if what == "cdf" {
            (model.rebased(element), monotone.level)
        } else {
            let at = FxHashMap::from_iter([(u?, monotone.level)]);
            (model.graph.substitute(&[element], &at)[0], monotone.image)
        });
    }
    let (left, right) = if what == "cdf" {
        ("claimed cdf at g(ε)", "that of the noise at ε")
    } else {
        ("claimed quantile at the level of ε", "g(ε)")
    };
    let statement = Statement {
        left,
        right,
        sides,
        span: claim.span.clone(),
        almost_everywhere: false,
    };
    let mut finding = judge(context, model, &space, &statement, |_, _| String::new());
    finding.message = format!("{what}: that of the noise, through the monotone g");
    (finding.verdict == Verdict::Proved).then_some(finding)
}

fn monotone(model: &mut Model, known: &Facts, i: usize) -> Option<Monotone> {
    let image = *model.transform.as_ref()?.elements.get(i)?;
    let used = model.graph.symbols_of(&[image]);
    let mut found = None;
    for noise in &model.noise {
        for (place, symbol) in noise.variable.symbols.iter().enumerate() {
            if used.contains(symbol) {
                if found.is_some() {
                    return None;
                }
                found = Some((*symbol, *noise.cdf.as_ref()?.get(place)?));
            }
        }
    }
    let (symbol, level) = found?;
    if !is_smooth(&model.graph, image)
        || !prove_sign(&mut model.graph, known, image, Signs::UNKNOWN)
    {
        return None;
    }
    let slope = model.graph.differentiate(&[image], symbol).ok()?[0];
    let rises = prove_sign(&mut model.graph, known, slope, Signs::POSITIVE);
    let falls = !rises && prove_sign(&mut model.graph, known, slope, Signs::NEGATIVE);
    if rises {
        Some(Monotone { image, level })
    } else if falls {
        let one = model.graph.integer(1);
        let level = model.graph.sub(one, level);
        Some(Monotone { image, level })
    } else {
        None
    }
}
