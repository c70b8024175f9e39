//! Claims that are integrals: mean, variance, skewness, kurtosis, entropy.

use super::Law;
use super::tails::{Tails, Truth, without_constants};
use crate::check::decide::{is_finite_at, is_narrow};
use crate::check::expect::{Estimate, Expectations};
use crate::check::judge::{Statement, judge};
use crate::check::masses::Masses;
use crate::check::normalization::{DISTRUST, TOO_COARSE, scalars};
use crate::check::points::{Kind, Point, Space};
use crate::check::univariate::{Curve, Line, ends, is_settled, numbers};
use crate::check::{Context, Counterexample, Finding, Verdict, exact, surfaces};
use crate::graph::Id;
use crate::model::{Claim, Definition, Model, Target};
use crate::number::{Enclosure, Precision, Rational};
use crate::tape::Tape;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Decides claimed moments of each component, all from one set of integrals.
pub(crate) fn moments(
    context: &Context,
    model: &mut Model,
    law: &Law,
    claims: &[(&'static str, Claim)],
) -> Vec<Finding> {
    let powers: Vec<i32> = [("variance", 2), ("skewness", 3), ("kurtosis", 4)]
        .into_iter()
        .filter(|(name, power)| {
            claims
                .iter()
                .any(|(what, _)| what == name || (*power == 2 && *what != "mean"))
        })
        .map(|(_, power)| power)
        .collect();
    let mut known: BTreeMap<(Vec<u64>, usize), Option<Central>> = BTreeMap::new();
    let mut tails: BTreeMap<(Vec<u64>, usize), Tails> = BTreeMap::new();
    let terms = without_constants(model, law);
    claims
        .iter()
        .map(|(what, claim)| {
            if let Some(finding) = in_closed_form(context, model, what, claim) {
                return finding;
            }
            decide(context, model, what, claim, |model, space, at, i, wants| {
                let key = (at.iter().map(|v| v.to_bits()).collect::<Vec<u64>>(), i);
                let tails = tails
                    .entry(key.clone())
                    .or_insert_with(|| Tails::new(model, &terms, space, at, i));
                if let Some(truth) = tails.beyond(what) {
                    return Some(truth);
                }
                if wants == Wanted::Existence {
                    return None;
                }
                let central = known
                    .entry(key)
                    .or_insert_with(|| {
                        from_masses(model, space, at, i, &powers)
                            .or_else(|| from_density(model, law, space, at, i, &powers))
                            .or_else(|| from_noise(model, at, i, &powers))
                    })
                    .clone()?;
                let of = |power: i32| central.get(&power).copied();
                let moment = match *what {
                    "mean" => of(1),
                    "variance" => of(2),
                    "skewness" => ratio(of(3)?, of(2)?, 1.5, 0.0),
                    "kurtosis" => ratio(of(4)?, of(2)?, 2.0, 3.0),
                    _ => None,
                };
                moment.map(Truth::Number)
            })
        })
        .collect()
}

/// The mean (power 1) and central moments by their power, as far as they exist.
type Central = BTreeMap<i32, Estimate>;

/// Decides the claimed entropy.
pub(crate) fn entropy(context: &Context, model: &mut Model, law: &Law, claim: &Claim) -> Finding {
    if let Some(finding) = in_closed_form(context, model, "entropy", claim) {
        return finding;
    }
    let density_holds = context.holds("density");
    let law = law.clone();
    decide(
        context,
        model,
        "entropy",
        claim,
        move |model, space, at, _, wants| {
            if wants == Wanted::Existence {
                return None;
            }
            if let Some(log_mass) = model.target.as_ref().and_then(Target::log_mass) {
                let masses = Masses::new(model, space, at, log_mass)?;
                return masses.sum(&|_, log| -log).map(Truth::Number);
            }
            if let Some(components) = &law.components {
                let lines: Option<Vec<Rc<Line>>> = (0..components.len())
                    .map(|i| line(model, &law, space, at, i))
                    .collect();
                if let Some(lines) = lines {
                    let mut total = Estimate::exact(0.0);
                    for line in &lines {
                        let mut minus_log = |x: &[f64]| {
                            line.log_density.values(x).into_iter().map(|v| -v).collect()
                        };
                        let integral = line.integrate(&mut minus_log, None);
                        if !is_settled(&integral) {
                            return None;
                        }
                        total = total.plus(Estimate {
                            value: integral.value,
                            error: integral.error,
                        });
                    }
                    return Some(Truth::Number(total));
                }
            }
            if model.definition != Definition::Transform || !density_holds {
                return None;
            }
            // −log q(g(ε)) = log |det J| − log p(ε), which density has established.
            let log_p = model.log_noise();
            let log_det = crate::check::jacobian::jacobian(model).ok()?.log_abs_det;
            let surprise = model.graph.sub(log_det, log_p);
            Expectations::new(model, at.to_vec())
                .of(surprise)
                .map(Truth::Number)
        },
    )
}

/// moment/variance^power − excess.
fn ratio(moment: Estimate, variance: Estimate, power: f64, excess: f64) -> Option<Estimate> {
    let scale = variance.value.powf(power);
    let value = moment.value / scale;
    let error = moment.error / scale + value.abs() * power * variance.error / variance.value;
    (variance.value > 0.0).then_some(Estimate {
        value: value - excess,
        error,
    })
}

/// Component i of z as a line, when it is independent of the others.
pub(crate) fn line(
    model: &Model,
    law: &Law,
    space: &Space,
    at: &[f64],
    i: usize,
) -> Option<Rc<Line>> {
    let key = (at.iter().map(|v| v.to_bits()).collect(), i);
    if let Some(known) = law.lines.borrow().get(&key) {
        return known.clone();
    }
    let line = new_line(model, law, space, at, i).map(Rc::new);
    law.lines.borrow_mut().insert(key, line.clone());
    line
}

fn new_line(model: &Model, law: &Law, space: &Space, at: &[f64], i: usize) -> Option<Line> {
    let components = law.components.as_ref()?;
    let log_q = *components.get(i)?;
    let z = model.outputs.iter().flat_map(scalars).nth(i)?;
    let ends = ends(&model.graph, &space.symbols, at, &z.domain)?;
    let curve = Curve::new(&model.graph, &space.symbols, at, z.symbols[0], log_q)?;
    let mut line = Line::new(curve, ends);
    let (graph, symbols) = (&model.graph, &space.symbols);
    line.split_at(&surfaces::breaks(graph, symbols, at, z.symbols[0], log_q));
    if components.len() > 1 {
        // Constants may have been booked on another component: each is normalized by itself.
        line.normalize()?;
    }
    Some(line)
}

/// Moments of component i of a discrete law, as sums over its atoms.
fn from_masses(
    model: &Model,
    space: &Space,
    at: &[f64],
    i: usize,
    powers: &[i32],
) -> Option<Central> {
    let log_mass = model.target.as_ref()?.log_mass()?;
    let masses = Masses::new(model, space, at, log_mass)?;
    let total = masses.sum(&|_, _| 1.0)?;
    // What the total is off has been lost somewhere.
    let lost = (total.value - 1.0).abs() + total.error;
    if lost > 1e-9 {
        return None;
    }
    let sum = |weight: &dyn Fn(f64) -> f64| {
        let moment = masses.sum(&|z, _| weight(z[i]))?;
        let error = moment.error + lost * moment.value.abs();
        Some(Estimate { error, ..moment })
    };
    let Some(mean) = sum(&|z| z) else {
        return Some(Central::new());
    };
    let mut central = Central::from([(1, mean)]);
    for &power in powers {
        let moment = sum(&|z| (z - mean.value).powi(power));
        central.extend(moment.map(|m| (power, m)));
    }
    Some(central)
}

fn from_density(
    model: &Model,
    law: &Law,
    space: &Space,
    at: &[f64],
    i: usize,
    powers: &[i32],
) -> Option<Central> {
    let line = line(model, law, space, at, i)?;
    let integral = |weight: &mut dyn FnMut(&[f64]) -> Vec<f64>| {
        let integral = line.integrate(weight, None);
        is_settled(&integral).then_some(Estimate {
            value: integral.value,
            error: integral.error,
        })
    };
    let mut central = Central::new();
    let Some(mean) = integral(&mut |x| x.to_vec()) else {
        return Some(central);
    };
    central.insert(1, mean);
    for &power in powers {
        let moment = integral(&mut |x| x.iter().map(|v| (v - mean.value).powi(power)).collect());
        central.extend(moment.map(|m| (power, m)));
    }
    Some(central)
}

/// Moments of g(ε), from independent parts of the noise.
fn from_noise(model: &mut Model, at: &[f64], i: usize, powers: &[i32]) -> Option<Central> {
    let term = model.transform.as_ref()?.elements.get(i).copied()?;
    let mut expectations = Expectations::new(model, at.to_vec());
    let mean = expectations.of(term)?;
    let mut central = Central::from([(1, mean)]);
    let center = expectations
        .graph()
        .constant(Rational::try_from(mean.value).ok()?);
    let deviation = expectations.graph().sub(term, center);
    for &power in powers {
        let graph = expectations.graph();
        let exponent = graph.integer(i64::from(power));
        let term = graph.pow(deviation, exponent);
        central.extend(expectations.of(term).map(|m| (power, m)));
    }
    Some(central)
}

/// Decides a claim by the moments of the noise, where g(ε) is a sum of functions whose means are
/// known; none where it is not.
fn in_closed_form(
    context: &Context,
    model: &mut Model,
    what: &str,
    claim: &Claim,
) -> Option<Finding> {
    let claims_density = model
        .target
        .as_ref()
        .is_some_and(|t| t.log_density.is_some() || t.distribution.is_some());
    if claims_density && !context.holds("density") {
        return None;
    }
    let truths = if what == "entropy" {
        let log_p = model.log_noise();
        let log_det = crate::check::jacobian::jacobian(model).ok()?.log_abs_det;
        let surprise = model.graph.sub(log_det, log_p);
        vec![exact::expectation(model, surprise)?]
    } else {
        let terms = model.transform.as_ref()?.elements.clone();
        let moments = terms.iter().map(|&term| exact_moment(model, what, term));
        moments.collect::<Option<Vec<Id>>>()?
    };
    if truths.len() != claim.elements.len() {
        return None;
    }
    let (left, right) = (format!("claimed {what}"), format!("{what} of the law"));
    let statement = Statement {
        left: &left,
        right: &right,
        sides: claim.elements.iter().copied().zip(truths).collect(),
        span: claim.span.clone(),
        almost_everywhere: false,
    };
    let space = Space::new(&model.graph, model.givens());
    let mut finding = judge(context, model, &space, &statement, |_, failure| {
        let (claimed, truth) = (failure.left.midpoint_f64(), failure.right.midpoint_f64());
        explanation(what, claimed, truth)
    });
    match finding.verdict {
        Verdict::Inconclusive => return None,
        Verdict::Refuted => {
            finding.message = format!("the claimed {what} is not that of the law");
        }
        Verdict::Proved | Verdict::Certified | Verdict::Tested | Verdict::Skipped => {
            if let Some(&density) = context.before.get("density").filter(|_| claims_density) {
                finding.verdict = finding.verdict.weaker(density);
            }
            finding.message = format!("{what}: by known means of the noise");
        }
    }
    Some(finding)
}

/// A moment of a term over the noise.
fn exact_moment(model: &mut Model, what: &str, term: Id) -> Option<Id> {
    let mean = exact::expectation(model, term)?;
    let deviation = model.graph.sub(term, mean);
    let central = |model: &mut Model, power: i64| {
        let power = model.graph.integer(power);
        let term = model.graph.pow(deviation, power);
        exact::expectation(model, term)
    };
    match what {
        "mean" => Some(mean),
        "variance" => central(model, 2),
        "skewness" => {
            let (above, variance) = (central(model, 3)?, central(model, 2)?);
            let exponent = model.graph.constant(Rational::from(3) / Rational::from(2));
            let below = model.graph.pow(variance, exponent);
            Some(model.graph.div(above, below))
        }
        "kurtosis" => {
            let (above, variance) = (central(model, 4)?, central(model, 2)?);
            let below = model.graph.square(variance);
            let ratio = model.graph.div(above, below);
            let three = model.graph.integer(3);
            Some(model.graph.sub(ratio, three))
        }
        _ => None,
    }
}

/// The most parameter values that a claim names and is tried at.
const MOST_NAMED: usize = 9;

/// What is asked of the law at a point.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// The moment.
    Everything,
    /// Whether there is one, which costs next to nothing.
    Existence,
}

/// What a claim says at a point.
#[derive(Clone, Copy)]
pub(super) enum Claimed {
    Number(f64),
    Infinite(f64),
    Undefined,
    Unknown,
}

/// A claim at an exact point, by enclosures: binary64 may lose its digits next to a hole.
pub(super) fn claimed_at(tape: &Tape, point: &[Rational]) -> Claimed {
    for bits in [96, 384] {
        let precision = Precision(bits);
        let inputs: Vec<Enclosure> = point
            .iter()
            .map(|v| Enclosure::exact(v, precision))
            .collect();
        let value = tape.evaluate(&inputs, &precision).swap_remove(0);
        if value.is_certainly_undefined() {
            return Claimed::Undefined;
        }
        if let Some(sign) = value.is_exactly_infinite() {
            return Claimed::Infinite(f64::from(sign));
        }
        if is_narrow(&value) {
            return Claimed::Number(value.midpoint_f64());
        }
    }
    Claimed::Unknown
}

/// Parameter values at which claims are held against integrals: drawn ones, and those that the
/// claim itself names.
pub(super) fn parameters(
    context: &Context,
    model: &Model,
    space: &Space,
    claim: &Claim,
) -> (Vec<Point>, Vec<Point>) {
    // The same for every claim, so that integrals are shared.
    let mut rng = context.stream("parameters");
    if space.symbols.is_empty() {
        return (vec![Vec::new()], Vec::new());
    }
    let mut drawn: Vec<Point> = (0..4 * context.effort.integrals())
        .filter_map(|round| space.draw(Kind::of_round(round), &mut rng))
        .collect();
    let graph = &model.graph;
    let mut named = surfaces::points_apart(graph, space, &claim.elements, &drawn, &mut rng);
    named.dedup();
    named.truncate(MOST_NAMED);
    // Near the ends of the domains and ranges moments cease to exist.
    drawn.extend((0..6).filter_map(|_| space.draw(Kind::Corner, &mut rng)));
    (drawn, named)
}

/// Whether g is a number at a choice of parameters; without a transform nothing says otherwise.
fn transform_has_value(context: &Context, model: &Model, givens: &[Rational]) -> bool {
    let Some(transform) = &model.transform else {
        return true;
    };
    let space = Space::new(&model.graph, model.base_variables());
    let Ok(tape) = Tape::new(&model.graph, &space.symbols, &transform.elements) else {
        return false;
    };
    let mut rng = context.stream("holes");
    (0..4).any(|_| {
        space.draw(Kind::Random, &mut rng).is_some_and(|mut point| {
            point[..givens.len()].clone_from_slice(givens);
            is_finite_at(&tape, &point)
        })
    })
}

/// Compares a claim with the truth at several parameter values.
fn decide(
    context: &Context,
    model: &mut Model,
    what: &'static str,
    claim: &Claim,
    mut truth: impl FnMut(&mut Model, &Space, &[f64], usize, Wanted) -> Option<Truth>,
) -> Finding {
    let space = Space::new(&model.graph, model.givens());
    let tapes: Result<Vec<Tape>, _> = claim
        .elements
        .iter()
        .map(|&element| Tape::new(&model.graph, &space.symbols, &[element]))
        .collect();
    let Ok(tapes) = tapes else {
        return Finding::inconclusive(format!(
            "the claimed {what} depends on something that no point fixes"
        ));
    };
    let (drawn, named) = parameters(context, model, &space, claim);
    let wanted = context.effort.integrals().min(drawn.len());
    let (mut agreed, mut tried, mut worst, mut infinite) = (0usize, 0usize, 0.0f64, false);
    let drawn = drawn.iter().map(|point| (point, false));
    for (point, is_named) in drawn.chain(named.iter().map(|point| (point, true))) {
        let enough = agreed >= wanted || tried >= 4 * wanted;
        let wants = if enough && !is_named {
            Wanted::Existence
        } else {
            Wanted::Everything
        };
        let at = numbers(point);
        tried += usize::from(wants == Wanted::Everything && !is_named);
        let mut all = true;
        for (i, tape) in tapes.iter().enumerate() {
            let claimed = claimed_at(tape, point);
            if let Claimed::Number(claimed) = claimed
                && what == "variance"
                && claimed < 0.0
            {
                let sides = (format!("{claimed:.10}"), "at least 0".to_owned());
                return refuted(model, &space, point, what, sides, "no variance is negative")
                    .at(claim.span.clone());
            }
            let Some(truth) = truth(model, &space, &at, i, wants) else {
                all = false;
                continue;
            };
            let refuted = |left: String, right: String, why: &str| {
                refuted(model, &space, point, what, (left, right), why).at(claim.span.clone())
            };
            let settled = |truth: Estimate, size: f64| {
                let slack = DISTRUST * truth.error + 1e-10 * size + 1e-14;
                (slack <= TOO_COARSE * (size + 1e-3)).then_some(slack)
            };
            match (claimed, truth) {
                (Claimed::Unknown, _)
                | (Claimed::Undefined, Truth::Infinite(..) | Truth::Nothing(_)) => {
                    all = false;
                }
                (Claimed::Number(claimed), Truth::Number(truth)) => {
                    let size = truth.value.abs().max(claimed.abs()).min(1e300);
                    let Some(slack) = settled(truth, size) else {
                        all = false;
                        continue;
                    };
                    if (claimed - truth.value).abs() > slack {
                        return refutation(model, &space, point, what, claimed, truth)
                            .at(claim.span.clone());
                    }
                    worst = worst.max(truth.error / size.max(1e-3));
                }
                (Claimed::Undefined | Claimed::Infinite(_), Truth::Number(truth)) => {
                    let is_hole = matches!(claimed, Claimed::Undefined)
                        && !transform_has_value(context, model, point);
                    if is_hole || settled(truth, truth.value.abs()).is_none() {
                        all = false;
                        continue;
                    }
                    let left = match claimed {
                        Claimed::Infinite(sign) if sign < 0.0 => "-inf",
                        Claimed::Infinite(_) => "inf",
                        Claimed::Undefined | Claimed::Number(_) | Claimed::Unknown => "undefined",
                    };
                    let right = format!("{:.10} ± {:.0e}", truth.value, truth.error);
                    return refuted(left.to_owned(), right, "the claim has no value there");
                }
                (Claimed::Number(claimed), Truth::Infinite(_, power) | Truth::Nothing(power)) => {
                    let right = match truth {
                        Truth::Infinite(sign, _) if sign < 0.0 => "-inf",
                        Truth::Infinite(..) => "inf",
                        Truth::Nothing(_) | Truth::Number(_) => "does not exist",
                    };
                    let why = format!(
                        "its integrand falls no faster than |z|^{power:.4}, so the integral diverges"
                    );
                    return refuted(format!("{claimed:.10}"), right.to_owned(), &why);
                }
                (Claimed::Infinite(claimed), Truth::Infinite(sign, _)) if claimed == sign => {
                    infinite = true;
                }
                (Claimed::Infinite(claimed), Truth::Infinite(sign, _)) => {
                    let text = |sign: f64| if sign < 0.0 { "-inf" } else { "inf" }.to_owned();
                    return refuted(text(claimed), text(sign), "it diverges at the other end");
                }
                (Claimed::Infinite(_), Truth::Nothing(_)) => all = false,
            }
        }
        agreed += usize::from(all);
    }
    if agreed == 0 {
        return Finding::inconclusive(format!(
            "the integral for the {what} was not reached at {tried} points"
        ))
        .at(claim.span.clone());
    }
    let at = format!("{what}: equal at {agreed} parameter values");
    let message = match (infinite, worst > 0.0) {
        (true, false) => format!("{at}, infinite by the power of its tail"),
        (true, true) | (false, _) => format!("{at} to an estimated relative error of {worst:.0e}"),
    };
    Finding::new(Verdict::Tested, message).at(claim.span.clone())
}

fn refutation(
    model: &Model,
    space: &Space,
    point: &[Rational],
    what: &str,
    claimed: f64,
    truth: Estimate,
) -> Finding {
    let mut explanation = explanation(what, claimed, truth.value);
    // Of a truth that is zero but for its error there is no factor.
    if truth.value.abs() <= DISTRUST * truth.error + 1e-12 * claimed.abs() {
        explanation = format!("the claim is off by {:.6}", claimed - truth.value);
    }
    let sides = (
        format!("{claimed:.10}"),
        format!("{:.10} ± {:.0e}", truth.value, truth.error),
    );
    refuted(model, space, point, what, sides, &explanation)
}

pub(super) fn refuted(
    model: &Model,
    space: &Space,
    point: &[Rational],
    what: &str,
    (left, right): (String, String),
    why: &str,
) -> Finding {
    let message = format!("the claimed {what} is not that of the law");
    let mut finding = Finding::new(Verdict::Refuted, message);
    finding.counterexample = Some(
        Counterexample::at_point(model, space, point)
            .sides(
                (&format!("claimed {what}"), left),
                (&format!("{what} of the law"), right),
            )
            .explained(why),
    );
    finding
}

/// What a wrong moment is instead, in words.
fn explanation(what: &str, claimed: f64, truth: f64) -> String {
    let ratio = claimed / truth;
    let difference = claimed - truth;
    let near = |a: f64, b: f64| (a - b).abs() < 1e-7 * b.abs();
    if near(ratio, -1.0) {
        format!("the claimed {what} has the wrong sign")
    } else if what == "variance" && near(claimed * claimed, truth) {
        "the claim is the standard deviation, not the variance".to_owned()
    } else if what == "entropy" && near(ratio, 1.0 / std::f64::consts::LN_2) {
        "the claim is in bits; entropy is in nats".to_owned()
    } else if near(ratio, ratio.round()) && ratio.round() != 0.0 && ratio.abs() < 100.0 {
        format!("the claim is {} times the true value", ratio.round())
    } else if near(1.0 / ratio, (1.0 / ratio).round()) && (1.0 / ratio).abs() < 100.0 {
        format!(
            "the true value is {} times the claim",
            (1.0 / ratio).round()
        )
    } else {
        format!("the claim is off by {difference:.6}, a factor of {ratio:.6}")
    }
}
