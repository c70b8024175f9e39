//! CDF and quantile carried over from the noise: where a component of g is continuous and monotone
//! in one noise component, F(g(ε)) is the distribution function of the noise at ε, or one minus it.
//!
//! That it is monotone is proved; or, where no density says anything else, seen at single choices of
//! parameters by enclosures of the slope over all of the noise. A refutation rests on its own choice.

use crate::algebra::{Facts, Signs, prove_sign};
use crate::check::judge::{Statement, judge};
use crate::check::monotone::{Along, is_smooth};
use crate::check::points::{Kind, Space};
use crate::check::{Context, Finding, Verdict, facts};
use crate::graph::Id;
use crate::model::{Claim, Definition, Model};
use crate::number::Rational;
use rustc_hash::FxHashMap;

/// Choices of parameters at which a map is seen to be monotone.
const CHOICES: usize = 8;

/// One component of z as a monotone function of one component of the noise.
struct Monotone {
    image: Id,
    /// The distribution function of z at the image.
    level: Id,
    /// What is to be seen at single choices of parameters, where it is not proved.
    open: Option<Along>,
}

/// Whether the claimed cdf, or quantile, is that of g(ε), as far as g is monotone; none where that is
/// for others to decide.
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
    let (mut sides, mut open) = (Vec::new(), Vec::new());
    for (i, &element) in claim.elements.iter().enumerate() {
        let monotone = monotone(context, model, &known, i, !claims_density)?;
        open.extend(monotone.open);
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
    let mut failed = None;
    let mut finding = judge(context, model, &space, &statement, |_, failure| {
        failed = Some(failure.point.clone());
        String::new()
    });
    finding.message = match finding.verdict {
        Verdict::Proved if open.is_empty() => {
            format!("{what}: that of the noise, through the monotone g")
        }
        Verdict::Proved | Verdict::Certified if !claims_density => {
            if !open.is_empty() {
                finding.verdict = Verdict::Certified;
            }
            format!(
                "{what}: that of the noise, through g, which is monotone: {}",
                finding.message
            )
        }
        Verdict::Refuted if !claims_density => {
            let point = failed?;
            if !open
                .iter()
                .all(|along| along.rises(&point) == Some(along.rising))
            {
                return None;
            }
            format!("the claimed {what} is not that of the law")
        }
        Verdict::Proved
        | Verdict::Certified
        | Verdict::Refuted
        | Verdict::Tested
        | Verdict::Inconclusive
        | Verdict::Skipped => return None,
    };
    Some(finding)
}

/// Which way a component of g goes along a component of the noise, at several choices of parameters;
/// none where it is not seen to be monotone, or not always the same way.
fn seen(context: &Context, model: &Model, image: Id, symbol: Id, slope: Id) -> Option<Along> {
    let space = Space::new(&model.graph, model.base_variables());
    let mut along = Along::new(&model.graph, &space, (image, slope), symbol)?;
    let mut rng = context.stream("monotone");
    let points = (0..CHOICES).map(|i| space.draw(Kind::of_round(i), &mut rng));
    let ways: Vec<bool> = points
        .map(|point: Option<Vec<Rational>>| along.rises(&point?))
        .collect::<Option<_>>()?;
    along.rising = ways[0];
    ways.iter().all(|way| *way == ways[0]).then_some(along)
}

fn monotone(
    context: &Context,
    model: &mut Model,
    known: &Facts,
    i: usize,
    by_sight: bool,
) -> Option<Monotone> {
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
    let mut rises = prove_sign(&mut model.graph, known, slope, Signs::POSITIVE);
    let falls = !rises && prove_sign(&mut model.graph, known, slope, Signs::NEGATIVE);
    let mut open = None;
    if !rises && !falls {
        let along = by_sight
            .then(|| seen(context, model, image, symbol, slope))
            .flatten()?;
        rises = along.rising;
        open = Some(along);
    }
    let level = if rises {
        level
    } else {
        let one = model.graph.integer(1);
        model.graph.sub(one, level)
    };
    Some(Monotone { image, level, open })
}
