//! Equality of lines that hold integrals: by their integrands over one variable.
//!
//! A line that is linear in integrals is one integral. Over the same variable, equal integrands
//! make equal integrals; integrals over z and over ε meet by the change of variables z = g(ε), for
//! which g has to be one-to-one and onto, and derivatives of f are moved onto their factors by
//! integration by parts ([`by_parts`]). Integrands that differ refute only where f is
//! unspecified and stands at g(ε) on both sides: then some f tells the integrals apart, as g is
//! one-to-one (the fundamental lemma of the calculus of variations).

use super::by_parts::Ends;
use super::facts;
use super::jacobian::jacobian;
use super::points::Space;
use super::test_function::{Unified, unify};
use super::{Context, Verdict};
use crate::algebra::{Facts, Outcome, prove, vanishes};
use crate::graph::{Id, Node};
use crate::model::{Definition, Integral, Model, Over, Variable};
use crate::number::{Binary, Ternary, Unary};
use rustc_hash::FxHashMap;

/// Two integrands over one variable.
pub(crate) struct Integrands {
    /// Of the line, and of the line above it.
    pub(crate) sides: (Id, Id),
    /// The values of f that they mention, as variables.
    pub(crate) unspecified: Vec<Variable>,
    /// Whether they are over z rather than over the noise.
    pub(crate) over_output: bool,
    /// Whether different integrands make different integrals, for some f.
    pub(crate) decisive: bool,
    /// What is left out at the ends, where derivatives of f were moved onto their factors.
    pub(crate) by_parts: Option<Ends>,
    /// What a change of variables rests on.
    pub(crate) rests_on: Option<Verdict>,
    /// Whether a derivative was moved under an integral.
    pub(crate) interchanged: bool,
}

/// A line as Σ cᵢ·integralᵢ + rest.
pub(crate) struct Linear {
    /// The cᵢ, each with the symbol of its integral.
    pub(crate) parts: Vec<(Id, Id)>,
    /// What is no integral.
    pub(crate) rest: Id,
}

/// The same with what the integrals are.
struct Closed {
    parts: Vec<(Id, Over, Id)>,
    rest: Id,
}

/// The integrands of two lines of which at least one holds an integral.
///
/// # Errors
/// Why they cannot be compared.
pub(crate) fn integrands(
    context: &Context,
    model: &mut Model,
    line: Id,
    above: Id,
) -> Result<Integrands, String> {
    let (a, b) = (linear(model, line)?, linear(model, above)?);
    // Derivatives of equal integrals are equal: nothing has to go under them.
    if let Some(whole) = undifferentiated(model, &a, &b)
        && let Ok(found) = over_one_variable(context, model, &whole)
    {
        let (left, right) = found.sides;
        let known = known(model, &found);
        if let Outcome::Proved(..) = prove(&mut model.graph, &known, left, right) {
            return Ok(found);
        }
    }
    let mut moved_on = None;
    let mut lines = Vec::new();
    for line in [&a, &b] {
        lines.push(differentiated(context, model, line, &mut moved_on)?);
    }
    let lines = lines.try_into().map_err(|_| "two lines are compared")?;
    let mut found = over_one_variable(context, model, &lines)?;
    found.rests_on = weaker(found.rests_on, moved_on);
    found.interchanged = [&a, &b].iter().any(|line| {
        line.parts
            .iter()
            .filter_map(|p| model.opaque.integral(p.1))
            .any(|integral| !integral.by.is_empty())
    });
    Ok(found)
}

/// What is known of the variables of integrands.
fn known(model: &mut Model, found: &Integrands) -> Facts {
    let mut variables = model.givens();
    variables.extend(if found.over_output {
        model.outputs.clone()
    } else {
        model.noise.iter().flat_map(|n| n.copies()).collect()
    });
    let space = Space::new(&model.graph, variables);
    facts::facts(&mut model.graph, &space)
}

/// The same lines of integrals that are not differentiated, where all are by the same parameters
/// and nothing else depends on them.
fn undifferentiated(model: &Model, a: &Linear, b: &Linear) -> Option<[Closed; 2]> {
    let mut by: Option<Vec<Id>> = None;
    let mut lines = Vec::new();
    for line in [a, b] {
        if !model.graph.is_integer(line.rest, 0) {
            return None;
        }
        let mut parts = Vec::new();
        for &(factor, symbol) in &line.parts {
            let integral = model.opaque.integral(symbol)?;
            if integral.by.is_empty() || by.as_ref().is_some_and(|by| *by != integral.by) {
                return None;
            }
            let used = model.graph.symbols_of(&[factor]);
            if used.iter().any(|s| integral.by.contains(s)) {
                return None;
            }
            by = Some(integral.by.clone());
            parts.push((factor, integral.over.clone(), integral.integrand));
        }
        lines.push(Closed {
            parts,
            rest: line.rest,
        });
    }
    lines.try_into().ok()
}

/// The weaker of what two steps rest on.
fn weaker(one: Option<Verdict>, other: Option<Verdict>) -> Option<Verdict> {
    match (one, other) {
        (Some(a), Some(b)) => Some(a.weaker(b)),
        (a, b) => a.or(b),
    }
}

/// A line with its derivatives moved under the integrals; where the support moves, over the noise.
fn differentiated(
    context: &Context,
    model: &mut Model,
    line: &Linear,
    rests_on: &mut Option<Verdict>,
) -> Result<Closed, String> {
    let mut parts = Vec::new();
    for &(factor, symbol) in &line.parts {
        let integral = model.opaque.integral(symbol).cloned();
        let mut integral = integral.ok_or("an unknown integral")?;
        if !integral.by.is_empty()
            && let Err(reason) = may_interchange(model, &integral)
        {
            if integral.over != Over::Output || model.definition != Definition::Transform {
                return Err(reason);
            }
            integral.integrand = at_noise(context, model, integral.integrand, rests_on)?;
            integral.over = over_all_noise(model);
            may_interchange(model, &integral)?;
        }
        let mut integrand = integral.integrand;
        for &parameter in &integral.by {
            integrand = model
                .opaque
                .differentiate(&mut model.graph, integrand, parameter)
                .map_err(|e| e.to_string())?;
        }
        parts.push((factor, integral.over, integrand));
    }
    Ok(Closed {
        parts,
        rest: line.rest,
    })
}

fn over_one_variable(
    context: &Context,
    model: &mut Model,
    lines: &[Closed; 2],
) -> Result<Integrands, String> {
    let only_output = lines.iter().all(|line| {
        model.graph.is_integer(line.rest, 0) && line.parts.iter().all(|p| p.1 == Over::Output)
    });
    let over_output = only_output || model.definition != Definition::Transform;
    if !lines.iter().all(|line| may_be_summed(model, line)) {
        return Err("whether each of several integrals exists is not decided".to_owned());
    }
    let mut rests_on = None;
    let mut sides = Vec::new();
    for line in lines {
        sides.push(if over_output {
            over_z(context, model, line)?
        } else {
            over_noise(context, model, line, &mut rests_on)?
        });
    }
    let Unified {
        unspecified,
        decisive,
        by_parts,
    } = unify(context, model, &mut sides, over_output)?;
    Ok(Integrands {
        sides: (sides[0], sides[1]),
        unspecified,
        over_output,
        decisive,
        by_parts,
        rests_on,
        interchanged: false,
    })
}

/// A line by its integrals.
///
/// # Errors
/// Why it is no sum of multiples of integrals.
pub(crate) fn linear(model: &mut Model, line: Id) -> Result<Linear, String> {
    let symbols = model.opaque.integrals_in(&model.graph, line);
    let zero = model.graph.integer(0);
    let nothing: FxHashMap<Id, Id> = symbols.iter().map(|&s| (s, zero)).collect();
    let rest = model.graph.substitute(&[line], &nothing)[0];
    let mut varying = model.noise_symbols();
    varying.extend(model.output_symbols());
    let mut parts = Vec::new();
    for symbol in symbols {
        let factor = model
            .graph
            .differentiate(&[line], symbol)
            .map_err(|e| e.to_string())?[0];
        if !model.opaque.integrals_in(&model.graph, factor).is_empty() {
            return Err("a line that is not linear in its integrals".to_owned());
        }
        let used = model.graph.symbols_of(&[factor]);
        if used.iter().any(|s| varying.contains(s)) {
            return Err("an integral times what varies with the draw".to_owned());
        }
        parts.push((factor, symbol));
    }
    let rest = if vanishes(&model.graph, rest) {
        zero
    } else {
        rest
    };
    if model
        .graph
        .symbols_of(&[rest])
        .iter()
        .any(|s| varying.contains(s))
    {
        return Err("an integral is compared with what varies with the draw".to_owned());
    }
    Ok(Linear { parts, rest })
}

/// A derivative goes under an integral of a smooth f with compact support, when neither the
/// domain nor the law of integration moves (O6).
pub(crate) fn may_interchange(model: &mut Model, integral: &Integral) -> Result<(), String> {
    if has_steps(model, integral) {
        return Err(
            "what is integrated may jump as a parameter moves, and a derivative does not go under that"
                .to_owned(),
        );
    }
    let fixed: Vec<Id> = match integral.over {
        Over::Output => {
            let domains = model.outputs.iter().map(|v| &v.domain);
            domains.flat_map(|domain| domain.bounds()).collect()
        }
        Over::Noise(_) => {
            let laws = model.noise.iter().flat_map(|n| n.log_densities.clone());
            let domains = model.noise.iter().flat_map(|n| &n.domains);
            laws.chain(domains.flat_map(|d| d.bounds())).collect()
        }
    };
    let moving = model.graph.symbols_of(&fixed);
    if integral.by.iter().any(|s| moving.contains(s)) {
        return Err("the domain or the law of the integral moves with a parameter".to_owned());
    }
    // Linear in f and its derivatives, and nothing beside them.
    let zero = model.graph.integer(0);
    let values = model
        .opaque
        .applications_in(&model.graph, integral.integrand);
    let nothing: FxHashMap<Id, Id> = values.iter().map(|&s| (s, zero)).collect();
    let rest = model.graph.substitute(&[integral.integrand], &nothing)[0];
    if values.is_empty() || !vanishes(&model.graph, rest) {
        return Err(
            "no dominating function is known for a derivative under the integral".to_owned(),
        );
    }
    Ok(())
}

/// Whether an integrand goes by cases or in steps that depend on what it is differentiated by.
fn has_steps(model: &Model, integral: &Integral) -> bool {
    let graph = &model.graph;
    let mut roots = vec![integral.integrand];
    for symbol in model.opaque.applications_in(graph, integral.integrand) {
        let application = model.opaque.application(symbol);
        roots.extend(application.into_iter().flat_map(|a| a.arguments.clone()));
    }
    graph.reachable(&roots).into_iter().any(|id| {
        let is_step = match graph.node(id) {
            Node::Unary(operator, _) => matches!(
                operator,
                Unary::Sign | Unary::Floor | Unary::Ceil | Unary::Round
            ),
            Node::Binary(operator, ..) => matches!(
                operator,
                Binary::Mod
                    | Binary::Less
                    | Binary::LessEqual
                    | Binary::Equal
                    | Binary::And
                    | Binary::Or
                    | Binary::Atan2
            ),
            Node::Ternary(operator, ..) => operator == Ternary::Select,
            Node::Constant(_) | Node::Pi | Node::Infinity | Node::Symbol(_) => false,
        };
        is_step
            && graph
                .symbols_of(&[id])
                .iter()
                .any(|s| integral.by.contains(s))
    })
}

/// Whether a sum of integrals is one of finite numbers: f has compact support where it stands, and
/// nothing is known of integrals without it.
fn may_be_summed(model: &Model, line: &Closed) -> bool {
    let alone = line.parts.len() <= 1 && model.graph.is_integer(line.rest, 0);
    alone
        || line.parts.iter().all(|(_, _, integrand)| {
            let graph = &model.graph;
            let values = model.opaque.applications_in(graph, *integrand);
            !values.is_empty()
        })
}

fn over_z(context: &Context, model: &mut Model, line: &Closed) -> Result<Id, String> {
    let mut terms = Vec::new();
    for (factor, over, integrand) in &line.parts {
        if *over != Over::Output {
            return Err("an integral over the noise without a transform".to_owned());
        }
        terms.push(model.graph.mul(*factor, *integrand));
    }
    if !model.graph.is_integer(line.rest, 0) {
        let log_q = model
            .target
            .as_ref()
            .and_then(|t| t.density())
            .map(|claim| claim.elements[0])
            .ok_or("a number beside an integral over z without a density")?;
        if !context.holds("normalization") {
            return Err(
                "a number beside an integral over z: `normalization` does not hold".to_owned(),
            );
        }
        let q = model.graph.exp(log_q);
        terms.push(model.graph.mul(line.rest, q));
    }
    Ok(model.graph.sum(&terms))
}

/// All of the noise, as what an integral runs over.
fn over_all_noise(model: &Model) -> Over {
    let mut names: Vec<String> = model
        .noise
        .iter()
        .map(|n| n.variable.name.clone())
        .collect();
    names.sort_unstable();
    Over::Noise(names)
}

/// What is integrated over z, as what is integrated over the noise: z = g(ε).
fn at_noise(
    context: &Context,
    model: &mut Model,
    integrand: Id,
    rests_on: &mut Option<Verdict>,
) -> Result<Id, String> {
    let states = model.target.as_ref().is_some_and(|t| t.support.is_some());
    let needed = ["support", "inverse", "normalization"];
    if !states || !needed.iter().all(|check| context.holds(check)) {
        return Err(
            "the change of variables z = g(ε) needs g one-to-one and onto a stated support, as `support`, `inverse` and `normalization` show it".to_owned(),
        );
    }
    for check in needed {
        *rests_on = weaker(*rests_on, context.before.get(check).copied());
    }
    let found = jacobian(model).map_err(|e| e.to_string())?;
    let volume = model.graph.exp(found.log_abs_det);
    let base = model.base.clone();
    let at = model.opaque.substitute(&mut model.graph, integrand, &base);
    Ok(model.graph.mul(at, volume))
}

fn over_noise(
    context: &Context,
    model: &mut Model,
    line: &Closed,
    rests_on: &mut Option<Verdict>,
) -> Result<Id, String> {
    let names: usize = model.noise.len();
    let mut terms = Vec::new();
    for (factor, over, integrand) in &line.parts {
        let integrand = match over {
            Over::Noise(over) if over.len() == names => *integrand,
            Over::Noise(_) => return Err("an integral over a part of the noise".to_owned()),
            Over::Output => at_noise(context, model, *integrand, rests_on)?,
        };
        terms.push(model.graph.mul(*factor, integrand));
    }
    if !model.graph.is_integer(line.rest, 0) {
        let log_p = model.log_noise();
        let p = model.graph.exp(log_p);
        terms.push(model.graph.mul(line.rest, p));
    }
    Ok(model.graph.sum(&terms))
}
