//! The formulas as written, in float64 and float32, against the exact value.
//!
//! Inputs are binary64 numbers, taken exactly; noise lies between its 10⁻⁹ and 1 − 10⁻⁹ quantiles,
//! parameters between 10⁻³ and 10³ in size or in their range, and nearer to zero where that is a
//! hole between values of both signs; z is the binary64 nearest to g(ε). A formula fails where it
//! gives no finite number although the exact value is one that binary64 can hold, or is off by more
//! than 10⁻⁶ both relatively and absolutely, and by more than a unit in the last place of z would
//! explain. At a finite end of the support, which draws in floating point do reach, it must give the
//! limit from inside where that is finite.

use super::counterexample::value_text;
use super::points::{Kind, Space, power_of_ten, ratio};
use super::{Context, Counterexample, Finding, Verdict};
use crate::diagnostic::Span;
use crate::graph::{Graph, Id, Node};
use crate::language::Domain;
use crate::model::{Model, Variable};
use crate::number::{Binary, Enclosure, Interval, Precision, Rational, Unary};
use crate::tape::Tape;
use rand::RngExt;
use std::ops::Range;

/// Larger errors, relative and absolute, are a failure.
const LARGEST_ERROR: f64 = 1e-6;

/// Precision at which the exact value is enclosed.
const EXACT: Precision = Precision(192);

/// Precision at which it is enclosed first: most formulas lose few digits, and need no more.
const FIRST: Precision = Precision(96);

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

/// How a formula came out at one point.
enum Came {
    Fine { error: f64, single: f64 },
    Failed { computed: f64, exact: Enclosure },
    Unknown,
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

/// Powers of ten at which a value stands that approaches a hole at zero.
const NEAR_HOLE: [i32; 3] = [-6, -9, -12];

/// Places of the givens of either sign that have a hole at zero: the domain leaves it out, or a
/// formula divides by them. There a formula is a limit, and its digits are lost all the sooner.
fn holes(model: &Model) -> Vec<usize> {
    let terms: Vec<Id> = formulas(model).into_iter().flat_map(|f| f.terms).collect();
    let divisors: Vec<Id> = model
        .graph
        .reachable(&terms)
        .into_iter()
        .filter_map(|id| match model.graph.node(id) {
            Node::Binary(Binary::Div, _, divisor) => Some(divisor),
            Node::Constant(_)
            | Node::Pi
            | Node::Infinity
            | Node::Symbol(_)
            | Node::Unary(..)
            | Node::Binary(..)
            | Node::Ternary(..) => None,
        })
        .flat_map(|divisor| factors(&model.graph, divisor))
        .collect();
    let givens = model.givens();
    let places = givens
        .iter()
        .flat_map(|v| v.symbols.iter().map(move |s| (v, s)));
    places
        .enumerate()
        .filter(|(_, (variable, symbol))| {
            variable.range.is_none()
                && (matches!(variable.domain, Domain::Nonzero)
                    || matches!(variable.domain, Domain::Real) && divisors.contains(symbol))
        })
        .map(|(place, _)| place)
        .collect()
}

/// The factors of a product.
fn factors(graph: &Graph, product: Id) -> Vec<Id> {
    let (mut open, mut found) = (vec![product], Vec::new());
    while let Some(id) = open.pop() {
        match graph.node(id) {
            Node::Binary(Binary::Mul, x, y) => open.extend([x, y]),
            Node::Constant(_)
            | Node::Pi
            | Node::Infinity
            | Node::Symbol(_)
            | Node::Unary(..)
            | Node::Binary(..)
            | Node::Ternary(..) => found.push(id),
        }
    }
    found
}

/// Values of parameters and inputs, noise, z and u, in that order; not a number where there is none.
fn points(context: &Context, model: &mut Model, given: usize, noise: usize) -> Vec<Vec<f64>> {
    let space = Space::new(&model.graph, model.givens());
    let z_space = {
        let mut variables = model.givens();
        variables.extend(model.outputs.iter().cloned());
        Space::new(&model.graph, variables)
    };
    let transform = model.transform.as_ref().map(|t| t.elements.clone());
    let outputs = model.output_symbols().len();
    let mut inputs = space.symbols.clone();
    inputs.extend(model.noise_symbols());
    let map = transform.and_then(|t| Tape::new(&model.graph, &inputs, &t).ok());
    let mut rng = context.stream("points");
    let mut found = Vec::new();
    let holes = holes(model);
    let regular = context.effort.certified_points() * 40;
    for i in 0..regular + holes.len() * NEAR_HOLE.len() * 4 {
        let near = i.checked_sub(regular).map(|i| i / 4);
        let kind = match (near, i % 4) {
            (None, 0) | (Some(_), _) => Kind::Simple(4 + i % 16),
            (None, 1) => Kind::Random,
            (None, _) => Kind::Corner,
        };
        // Where no noise makes z it is drawn with the parameters, on which its domain may depend.
        let source = if map.is_some() { &space } else { &z_space };
        let Some(mut point) = source.draw(kind, &mut rng) else {
            continue;
        };
        if let Some(near) = near {
            let place = holes[near / NEAR_HOLE.len()];
            let size = power_of_ten(NEAR_HOLE[near % NEAR_HOLE.len()]);
            point[place] = if i % 2 == 0 { size } else { -size };
            if !space.admits(&point[..given], place) {
                continue;
            }
        }
        let numbers = |values: &[Rational]| -> Vec<f64> {
            values.iter().map(|v| v.to_f64().value()).collect()
        };
        let drawn_z = numbers(&point[given..]);
        let mut values = numbers(&point[..given]);
        if values
            .iter()
            .any(|v| *v != 0.0 && !(1e-3..=1e3).contains(&v.abs()))
            && kind == Kind::Corner
        {
            continue;
        }
        let level = |rng: &mut rand_chacha::ChaCha8Rng| {
            let tail = [1e-9, 1e-6, 1e-3, 0.1, 0.5][rng.random_range(0..5usize)];
            if rng.random() {
                (tail, 1.0 - tail)
            } else {
                (1.0 - tail, tail)
            }
        };
        let drawn = draw_noise(model, &space.symbols, &values, &mut || level(&mut rng));
        values.extend(drawn.unwrap_or_else(|| vec![f64::NAN; noise]));
        let z: Vec<f64> = match &map {
            Some(map) if values.iter().all(|v| !v.is_nan()) => {
                image(map, &values).unwrap_or_else(|| vec![f64::NAN; outputs])
            }
            Some(_) => vec![f64::NAN; outputs],
            None => drawn_z,
        };
        // A z that rounding has pushed to the edge of the support is outside it.
        let mut at = values[..given].to_vec();
        at.extend(&z);
        let exact: Option<Vec<Rational>> = at.iter().map(|&v| Rational::try_from(v).ok()).collect();
        let is_scalar = model.outputs.iter().all(|o| is_interval(&o.domain));
        let inside = exact.as_ref().is_some_and(|p| {
            let is_admitted = || (given..p.len()).all(|place| z_space.admits(p, place));
            p.len() == given || (map.is_none() && !is_scalar) || is_admitted()
        });
        values.extend(if inside { z } else { vec![f64::NAN; outputs] });
        if model.target.as_ref().is_some_and(|t| t.u.is_some()) {
            values.push(level(&mut rng).0);
        }
        found.push(values);
    }
    found
}

/// Whether each component of a domain lies in an interval by itself.
fn is_interval(domain: &Domain) -> bool {
    domain.is_elementwise()
        && !matches!(
            domain,
            Domain::Boolean | Domain::IntegerInterval(..) | Domain::NonnegativeInteger
        )
}

/// Noise at quantiles of given levels; none where a law has no quantile function.
fn draw_noise(
    model: &Model,
    symbols: &[Id],
    at: &[f64],
    level: &mut dyn FnMut() -> (f64, f64),
) -> Option<Vec<f64>> {
    let mut values = Vec::new();
    for noise in &model.noise {
        for sampler in noise.samplers(&model.graph, symbols, at)? {
            let (lower, upper) = level();
            values.push(sampler.quantile(lower, upper)?);
        }
    }
    values.iter().all(|v| v.is_finite()).then_some(values)
}

/// g(ε) in binary64, to within a few units in the last place; none where it overflows or
/// underflows, or where even that is not known.
fn image(map: &Tape, values: &[f64]) -> Option<Vec<f64>> {
    let holds = |v: f64| v.is_finite() && (v == 0.0 || v.abs() > 1e-300);
    let inputs: Vec<Interval> = values.iter().map(|&v| Interval::point(v)).collect();
    let enclosed = map.evaluate(&inputs, &());
    if enclosed
        .iter()
        .all(|z| z.is_finite() && z.width() <= 1e-14 * z.midpoint().abs())
    {
        return enclosed
            .iter()
            .map(|z| Some(z.midpoint()).filter(|v| holds(*v)))
            .collect();
    }
    nearest(map, values)
        .iter()
        .map(|(_, z)| z.filter(|v| holds(*v)))
        .collect()
}

/// Each output of a tape exactly, with the binary64 nearest to it where that is known.
fn nearest(tape: &Tape, values: &[f64]) -> Vec<(Enclosure, Option<f64>)> {
    let inputs: Vec<Enclosure> = values.iter().map(|&v| Enclosure::from_f64(v)).collect();
    let at = |precision: Precision| -> Vec<(Enclosure, Option<f64>)> {
        let exact = tape.evaluate(&inputs, &precision).into_iter();
        exact
            .map(|v| (v.to_f64_nearest(), v))
            .map(|(f, v)| (v, f))
            .collect()
    };
    let first = at(FIRST);
    if first.iter().all(|(v, f)| v.is_finite() && f.is_some()) {
        first
    } else {
        at(EXACT)
    }
}

/// Each output of a tape in floating point and exactly.
fn come(tape: &Tape, point: &[f64], z: &Range<usize>) -> Vec<Came> {
    // Inputs that are not used may be missing; any number serves for them.
    let at: Vec<f64> = point
        .iter()
        .map(|v| if v.is_nan() { 0.5 } else { *v })
        .collect();
    let computed = tape.evaluate(&at, &());
    let singles: Vec<f32> = at.iter().map(|v| *v as f32).collect();
    let single = tape.evaluate(&singles, &());
    // A narrow interval bounds the error well enough; otherwise the exact value is enclosed.
    let points: Vec<Interval> = at.iter().map(|&v| Interval::point(v)).collect();
    let bounds = tape.evaluate(&points, &());
    let mut exact: Option<Vec<(Enclosure, Option<f64>)>> = None;
    let mut blurred: Option<Vec<Enclosure>> = None;
    let off = |value: f64, truth: f64| {
        let absolute = (value - truth).abs();
        if truth == 0.0 {
            absolute
        } else {
            absolute.min(absolute / truth.abs())
        }
    };
    (0..computed.len())
        .map(|i| {
            let (bound, value) = (&bounds[i], computed[i]);
            let scale = bound.midpoint().abs().max(1.0);
            let narrow = bound.is_finite() && bound.width() <= 0.1 * LARGEST_ERROR * scale;
            let (error, truth) = if narrow && bound.contains(value) {
                (bound.width() / scale, bound.midpoint())
            } else {
                let (exact, truth) = &exact.get_or_insert_with(|| nearest(tape, &at))[i];
                let Some(truth) = truth.filter(|_| exact.is_finite()) else {
                    return Came::Unknown;
                };
                if !truth.is_finite() {
                    return Came::Unknown; // binary64 cannot hold it: no formula could deliver it
                }
                if !value.is_finite() || off(value, truth) > LARGEST_ERROR {
                    let blurred = blurred.get_or_insert_with(|| blur(tape, &at, z));
                    if is_within(value, &blurred[i]) {
                        return Came::Unknown;
                    }
                    return Came::Failed {
                        computed: value,
                        exact: exact.clone(),
                    };
                }
                (off(value, truth), truth)
            };
            let single = off(f64::from(single[i]), truth);
            Came::Fine {
                error,
                single: if single.is_finite() { single } else { f64::MAX },
            }
        })
        .collect()
}

/// The exact values where z is known to a unit in its last place only. z is itself a rounded number:
/// what that alone does to the value is the condition of the problem, no fault of the formula.
fn blur(tape: &Tape, at: &[f64], z: &Range<usize>) -> Vec<Enclosure> {
    let inputs: Vec<Enclosure> = at
        .iter()
        .enumerate()
        .map(|(i, &v)| {
            if z.contains(&i) {
                Enclosure::from_f64(v.next_down()).hull(&Enclosure::from_f64(v.next_up()))
            } else {
                Enclosure::from_f64(v)
            }
        })
        .collect();
    tape.evaluate(&inputs, &EXACT)
}

/// Whether a computed value is one that the exact value may have, to [`LARGEST_ERROR`].
fn is_within(value: f64, exact: &Enclosure) -> bool {
    let slack = LARGEST_ERROR * value.abs().max(1.0);
    if value.is_finite() {
        exact.is_possibly_undefined()
            || (value + slack >= exact.lower_f64() && value - slack <= exact.upper_f64())
    } else {
        exact.is_possibly_undefined() || !exact.is_finite()
    }
}

fn failure(
    model: &Model,
    symbols: &[Id],
    formula: &Formula,
    term: Id,
    point: &[f64],
    computed: f64,
    exact: &Enclosure,
) -> Finding {
    let used = model.graph.symbols_of(&[term]);
    let at: Vec<(String, String)> = symbols
        .iter()
        .zip(point)
        .filter(|(s, _)| used.contains(s))
        .map(|(&s, v)| (model.graph.display(s), format!("{v:e}")))
        .collect();
    let message = if computed.is_finite() {
        format!("float64 loses the digits of {}", formula.name)
    } else {
        format!("float64 has no finite value for {}", formula.name)
    };
    let mut finding = Finding::new(Verdict::Refuted, message).at(formula.span.clone());
    let explanation = guilty(&model.graph, symbols, term, point);
    let mut example = Counterexample::default()
        .sides(
            ("in float64", format!("{computed:e}")),
            ("exactly", value_text(exact)),
        )
        .explained(explanation);
    for (name, value) in at {
        let in_variables = |variables: &[Variable]| variables.iter().any(|v| named(&v.name, &name));
        if in_variables(&model.parameters) {
            example.parameters.push((name, value));
        } else if in_variables(&model.inputs) {
            example.inputs.push((name, value));
        } else if model.noise.iter().any(|n| named(&n.variable.name, &name)) {
            example.noise.push((name, value));
        } else {
            example.at.push((name, value));
        }
    }
    finding.counterexample = Some(example);
    finding
}

fn named(variable: &str, component: &str) -> bool {
    component == variable
        || component
            .strip_prefix(variable)
            .is_some_and(|rest| rest.starts_with('['))
}

/// The first step that is far off although what goes into it is not, and a form that keeps digits.
fn guilty(graph: &Graph, symbols: &[Id], term: Id, point: &[f64]) -> String {
    let Ok(tape) = Tape::new(graph, symbols, &[term]) else {
        return String::new();
    };
    let at: Vec<f64> = point
        .iter()
        .map(|v| if v.is_nan() { 0.5 } else { *v })
        .collect();
    let inputs: Vec<Enclosure> = at.iter().map(|&v| Enclosure::from_f64(v)).collect();
    let computed = tape.trace(&at, &());
    let exact = tape.trace(&inputs, &EXACT);
    let off = |i: usize| {
        let (v, truth) = (computed[i].1, exact[i].1.midpoint_f64());
        if truth.is_nan() {
            return !v.is_nan() && exact[i].1.is_finite();
        }
        !v.is_finite() && truth.is_finite() || (v - truth).abs() > 1e-8 * truth.abs().max(1e-300)
    };
    // The last step that is far off and whose own arguments are not explains the result best.
    let blamed = (0..computed.len()).find(|&i| {
        off(i)
            && graph.node(computed[i].0).arguments().all(|x| {
                computed
                    .iter()
                    .position(|(id, _)| *id == x)
                    .is_none_or(|place| !off(place))
            })
    });
    let advice = graph
        .reachable(&[term])
        .into_iter()
        .find_map(|id| stabler(graph, id));
    let mut text = match blamed {
        Some(i) => {
            let id = computed[i].0;
            let what = if computed[i].1.is_infinite() {
                "overflows"
            } else if computed[i].1 == 0.0 {
                "underflows or cancels to zero"
            } else {
                "loses the digits"
            };
            format!("{} {what}", graph.display(id))
        }
        None => "rounding errors add up".to_owned(),
    };
    if let Some(advice) = advice {
        text.push_str(&format!("; write {advice}"));
    }
    text
}

/// x where a term is tanh(x)².
fn tanh_squared(graph: &Graph, id: Id) -> Option<Id> {
    let squared = match graph.node(id) {
        Node::Binary(Binary::Pow, base, two) if graph.is_integer(two, 2) => base,
        Node::Binary(Binary::Mul, a, b) if a == b => a,
        Node::Unary(..)
        | Node::Binary(..)
        | Node::Ternary(..)
        | Node::Constant(_)
        | Node::Pi
        | Node::Infinity
        | Node::Symbol(_) => return None,
    };
    match graph.node(squared) {
        Node::Unary(Unary::Tanh, x) => Some(x),
        Node::Unary(..)
        | Node::Binary(..)
        | Node::Ternary(..)
        | Node::Constant(_)
        | Node::Pi
        | Node::Infinity
        | Node::Symbol(_) => None,
    }
}

/// A form that keeps the digits of a sub-expression, where one is known.
fn stabler(graph: &Graph, id: Id) -> Option<String> {
    let show = |x: Id| graph.display(x);
    let operand = |x: Id| match graph.as_symbol(x) {
        Some(_) => show(x),
        None => format!("({})", show(x)),
    };
    let one = |x: Id| graph.is_integer(x, 1);
    match graph.node(id) {
        Node::Unary(Unary::Log, inner) => match graph.node(inner) {
            Node::Binary(Binary::Add, a, b) if one(a) || one(b) => {
                let other = if one(a) { b } else { a };
                Some(match graph.node(other) {
                    Node::Unary(Unary::Exp, x) => format!("softplus({}) for {}", show(x), show(id)),
                    _ => format!("log1p({}) for {}", show(other), show(id)),
                })
            }
            Node::Binary(Binary::Sub, a, b) if one(a) => Some(match tanh_squared(graph, b) {
                // tanh² is rounded to 1 before it is subtracted, so log1p keeps nothing.
                Some(x) => {
                    let x = operand(x);
                    format!("2*(log(2) - {x} - softplus(-2*{x})) for {}", show(id))
                }
                None => format!("log1p(-{}) for {}", operand(b), show(id)),
            }),
            Node::Unary(Unary::NormalCdf, x) => {
                Some(format!("normal_log_cdf({}) for {}", show(x), show(id)))
            }
            Node::Unary(Unary::Sigmoid, x) => {
                Some(format!("log_sigmoid({}) for {}", show(x), show(id)))
            }
            _ => None,
        },
        Node::Binary(Binary::Sub, a, b) if one(b) => match graph.node(a) {
            Node::Unary(Unary::Exp, x) => Some(format!("expm1({}) for {}", show(x), show(id))),
            _ => None,
        },
        Node::Unary(..)
        | Node::Binary(..)
        | Node::Ternary(..)
        | Node::Constant(_)
        | Node::Pi
        | Node::Infinity
        | Node::Symbol(_) => None,
    }
}

/// At a finite end of the support: the limit from inside, where it is a finite number.
fn edges(context: &Context, model: &mut Model, formulas: &[Formula]) -> Option<Finding> {
    let [output] = model.outputs.as_slice() else {
        return None;
    };
    let [z] = output.symbols[..] else { return None };
    let space = Space::new(&model.graph, model.givens());
    let bounds = output.domain.bounds();
    let limits = Tape::new(&model.graph, &space.symbols, &bounds).ok()?;
    let mut inputs = space.symbols.clone();
    inputs.push(z);
    let asked: Vec<(&Formula, Tape)> = formulas
        .iter()
        .filter(|f| f.of_z)
        .filter_map(|f| Some((f, Tape::new(&model.graph, &inputs, &f.terms).ok()?)))
        .collect();
    let mut rng = context.stream("edges");
    for round in 0..6 * context.effort.certified_points() {
        let Some(point) = space.draw(Kind::Simple(2 + round / 2), &mut rng) else {
            continue;
        };
        let at: Vec<Enclosure> = point.iter().map(|v| Enclosure::exact(v, EXACT)).collect();
        let ends = super::moments::ends_of(&output.domain, &limits.evaluate(&at, &EXACT));
        for (end, inward) in [(ends.0, 1i64), (ends.1, -1)] {
            let Some(end) = end else { continue };
            let mut floats: Vec<f64> = point.iter().map(|v| v.to_f64().value()).collect();
            floats.push(end.to_f64().value());
            for (formula, tape) in &asked {
                let computed = tape.evaluate(&floats, &())[0];
                if computed.is_finite() {
                    continue;
                }
                let near = |k: i32| {
                    let mut at = at.clone();
                    at.push(Enclosure::exact(
                        &(&end + power_of_ten(-k) * ratio(inward, 1)),
                        EXACT,
                    ));
                    tape.evaluate(&at, &EXACT).swap_remove(0)
                };
                let (a, b) = (near(20), near(40));
                if !a.is_finite() || !b.is_finite() {
                    continue;
                }
                let (a, b) = (a.midpoint_f64(), b.midpoint_f64());
                // Settled to twelve digits over twenty decades: the limit is finite.
                if (a - b).abs() > 1e-12 * (1.0 + b.abs()) {
                    continue;
                }
                let mut finding = Finding::new(
                    Verdict::Refuted,
                    format!(
                        "float64 has no finite value for {} at the end of the support",
                        formula.name
                    ),
                )
                .at(formula.span.clone());
                let mut example = Counterexample::at_point(model, &space, &point)
                    .sides(
                        ("in float64", format!("{computed}")),
                        ("the limit from inside", format!("{b:.12}")),
                    )
                    .explained("draws in floating point reach the end of the support");
                example
                    .at
                    .push((output.name.clone(), crate::graph::rational_text(&end)));
                finding.counterexample = Some(example);
                return Some(finding);
            }
        }
    }
    None
}
