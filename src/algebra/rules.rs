//! The rules of proofs: which equations are instances, and under which conditions.
//!
//! Every rule is an identity of real functions wherever its conditions hold and both sides are
//! defined; each is also evaluated at points inside and on the boundary of its conditions (test
//! `rules_hold_at_points`). Identities: Abramowitz & Stegun (1972), chapters 4, 6, 7 and 26.

use super::definedness::{minus, plus};
use super::proof::{Condition, Rule};
use super::ring::{Head, Ring, Stop};
use super::signs::Signs;
use crate::graph::{Graph, Id, Node};
use crate::number::{Binary, Rational, Ternary, Unary};

/// Shifts by more are not taken: the sums get long.
pub(super) const LONGEST_SHIFT: u32 = 24;

/// What `from` equals by a rule that leaves no choice, and the conditions; none where the rule
/// does not fit.
pub(super) fn instance(graph: &mut Graph, rule: Rule, from: Id) -> Option<(Id, Vec<Condition>)> {
    match rule {
        Rule::Definition => definition(graph, from),
        Rule::Decided(signs) => decided(graph, signs, from),
        Rule::Shift(n) if (1..=LONGEST_SHIFT).contains(&n) => shift(graph, n, from),
        Rule::Shift(_) => None,
        Rule::Reflection => reflection(graph, from),
        Rule::Turn(k) => turn(graph, k, from),
        Rule::Logarithm
        | Rule::Absolute
        | Rule::Value
        | Rule::Angles(..)
        | Rule::Undone(_)
        | Rule::Ring
        | Rule::Cases(_) => None,
    }
}

/// The conditions under which `from = to` is an instance of a rule; none where it is not one.
pub(super) fn conditions(
    graph: &mut Graph,
    ring: &mut Ring,
    rule: Rule,
    from: Id,
    to: Id,
) -> Result<Option<Vec<Condition>>, Stop> {
    if let Some((expected, conditions)) = instance(graph, rule, from) {
        let same = expected == to || ring.same(graph, expected, to)?;
        return Ok(same.then_some(conditions));
    }
    Ok(match (rule, graph.node(from)) {
        (Rule::Logarithm, Node::Unary(Unary::Log, x)) => {
            let exponential = graph.unary(Unary::Exp, to);
            ring.same(graph, exponential, x)?
                .then(|| vec![is(x, Signs::POSITIVE)])
        }
        (Rule::Absolute, Node::Unary(Unary::Abs, x)) => {
            let (a, b) = (graph.square(to), graph.square(x));
            ring.same(graph, a, b)?
                .then(|| vec![is(to, Signs::NONNEGATIVE)])
        }
        (Rule::Value, _) => match value(graph, ring, from)? {
            Some(expected) if expected == to || ring.same(graph, expected, to)? => Some(Vec::new()),
            _ => None,
        },
        (Rule::Angles(l, r), Node::Unary(operator @ (Unary::Sin | Unary::Cos), x)) => {
            let sum = graph.binary(Binary::Add, l, r);
            let expected = angles(graph, operator, l, r);
            (ring.same(graph, sum, x)? && ring.same(graph, expected, to)?).then(Vec::new)
        }
        (Rule::Undone(t), Node::Unary(operator, x)) if t == to => {
            undone(graph, ring, operator, x, t)?
        }
        (Rule::Ring, _) => ring.same(graph, from, to)?.then(Vec::new),
        _ => None,
    })
}

fn is(of: Id, signs: Signs) -> Condition {
    Condition { of, signs }
}

/// An operator through simpler ones.
fn definition(graph: &mut Graph, from: Id) -> Option<(Id, Vec<Condition>)> {
    let two = graph.integer(2);
    let no = Vec::new;
    Some(match graph.node(from) {
        Node::Unary(operator, x) => match operator {
            Unary::Log1p => {
                let above = plus(graph, x, 1);
                (graph.log(above), no())
            }
            Unary::Expm1 => {
                let e = graph.exp(x);
                (plus(graph, e, -1), no())
            }
            Unary::Sqrt => {
                let log = graph.log(x);
                let half = graph.div(log, two);
                (graph.exp(half), vec![is(x, Signs::POSITIVE)])
            }
            Unary::Sinh | Unary::Cosh => {
                let down = graph.neg(x);
                let (up, down) = (graph.exp(x), graph.exp(down));
                let sum = if operator == Unary::Sinh {
                    graph.sub(up, down)
                } else {
                    graph.add(up, down)
                };
                (graph.div(sum, two), no())
            }
            Unary::Tanh => {
                let double = graph.mul(two, x);
                let e = graph.exp(double);
                let (above, below) = (plus(graph, e, -1), plus(graph, e, 1));
                (graph.div(above, below), no())
            }
            Unary::Asinh | Unary::Acosh => {
                let square = graph.square(x);
                let one = if operator == Unary::Asinh { 1 } else { -1 };
                let under = plus(graph, square, one);
                let root = graph.unary(Unary::Sqrt, under);
                let sum = graph.add(x, root);
                (graph.log(sum), no())
            }
            Unary::Atanh => {
                let (above, below) = (plus(graph, x, 1), minus(graph, 1, x));
                let (above, below) = (graph.log(above), graph.log(below));
                let difference = graph.sub(above, below);
                (graph.div(difference, two), no())
            }
            Unary::Sigmoid => {
                let down = graph.neg(x);
                let e = graph.exp(down);
                let below = plus(graph, e, 1);
                let one = graph.integer(1);
                (graph.div(one, below), no())
            }
            Unary::Softplus => {
                let e = graph.exp(x);
                let sum = plus(graph, e, 1);
                (graph.log(sum), no())
            }
            Unary::Erf | Unary::Erfc => {
                // erf x = 2Φ(√2 x) − 1.
                let root = graph.unary(Unary::Sqrt, two);
                let scaled = graph.mul(root, x);
                let phi = graph.unary(Unary::NormalCdf, scaled);
                let double = graph.mul(two, phi);
                let value = if operator == Unary::Erf {
                    plus(graph, double, -1)
                } else {
                    minus(graph, 2, double)
                };
                (value, no())
            }
            Unary::ErfInv => {
                let above = plus(graph, x, 1);
                let u = graph.div(above, two);
                let quantile = graph.unary(Unary::NormalIcdf, u);
                let root = graph.unary(Unary::Sqrt, two);
                (graph.div(quantile, root), no())
            }
            Unary::NormalLogCdf => {
                let phi = graph.unary(Unary::NormalCdf, x);
                (graph.log(phi), no())
            }
            Unary::Tan => {
                let (s, c) = (graph.unary(Unary::Sin, x), graph.unary(Unary::Cos, x));
                (graph.div(s, c), no())
            }
            Unary::Not => (minus(graph, 1, x), no()),
            Unary::StopGradient => (x, no()),
            Unary::Neg
            | Unary::Exp
            | Unary::Log
            | Unary::Abs
            | Unary::Sign
            | Unary::Floor
            | Unary::Ceil
            | Unary::Round
            | Unary::Sin
            | Unary::Cos
            | Unary::Asin
            | Unary::Acos
            | Unary::Atan
            | Unary::NormalCdf
            | Unary::NormalIcdf
            | Unary::Lgamma
            | Unary::Polygamma(_)
            | Unary::LogBesselI0
            | Unary::BesselRatio => return None,
        },
        Node::Binary(operator, x, y) => match operator {
            Binary::Pow => {
                let log = graph.log(x);
                let exponent = graph.mul(y, log);
                (graph.exp(exponent), vec![is(x, Signs::POSITIVE)])
            }
            Binary::GammaQ => {
                let p = graph.binary(Binary::GammaP, x, y);
                (minus(graph, 1, p), no())
            }
            Binary::And => (graph.mul(x, y), no()),
            Binary::Or => {
                let (sum, product) = (graph.add(x, y), graph.mul(x, y));
                (graph.sub(sum, product), no())
            }
            Binary::Add
            | Binary::Sub
            | Binary::Mul
            | Binary::Div
            | Binary::Min
            | Binary::Max
            | Binary::Mod
            | Binary::Atan2
            | Binary::GammaP
            | Binary::GammaPDa
            | Binary::Less
            | Binary::LessEqual
            | Binary::Equal => return None,
        },
        Node::Constant(_) | Node::Pi | Node::Infinity | Node::Symbol(_) | Node::Ternary(..) => {
            return None;
        }
    })
}

/// The term whose sign decides which case of an operator holds.
pub(super) fn deciding(graph: &mut Graph, id: Id) -> Option<Id> {
    match graph.node(id) {
        Node::Unary(Unary::Abs | Unary::Sign, x) => Some(x),
        Node::Binary(Binary::Min | Binary::Max, x, y) => Some(graph.sub(x, y)),
        Node::Binary(Binary::Less | Binary::LessEqual | Binary::Equal, x, y) => {
            Some(graph.sub(y, x))
        }
        Node::Ternary(Ternary::Select, condition, ..) => Some(condition),
        Node::Constant(_)
        | Node::Pi
        | Node::Infinity
        | Node::Symbol(_)
        | Node::Unary(..)
        | Node::Binary(..)
        | Node::Ternary(..) => None,
    }
}

fn decided(graph: &mut Graph, signs: Signs, from: Id) -> Option<(Id, Vec<Condition>)> {
    let of = deciding(graph, from)?;
    let below = signs.within(Signs::NONPOSITIVE);
    let above = signs.within(Signs::NONNEGATIVE);
    let truth = |graph: &mut Graph, yes: Signs| {
        if signs.within(yes) {
            Some(graph.integer(1))
        } else if signs.and(yes).is_empty() {
            Some(graph.integer(0))
        } else {
            None
        }
    };
    let to = match graph.node(from) {
        Node::Unary(Unary::Abs, x) if above => x,
        Node::Unary(Unary::Abs, x) if below => graph.neg(x),
        Node::Unary(Unary::Sign, _) => match signs {
            Signs::POSITIVE => graph.integer(1),
            Signs::ZERO => graph.integer(0),
            Signs::NEGATIVE => graph.integer(-1),
            _ => return None,
        },
        Node::Binary(Binary::Min, x, y) if below || above => {
            if below {
                x
            } else {
                y
            }
        }
        Node::Binary(Binary::Max, x, y) if below || above => {
            if above {
                x
            } else {
                y
            }
        }
        Node::Binary(Binary::Less, ..) => truth(graph, Signs::POSITIVE)?,
        Node::Binary(Binary::LessEqual, ..) => truth(graph, Signs::NONNEGATIVE)?,
        Node::Binary(Binary::Equal, ..) => truth(graph, Signs::ZERO)?,
        Node::Ternary(Ternary::Select, _, a, b) => match signs {
            Signs::POSITIVE => a,
            Signs::ZERO => b,
            _ => return None,
        },
        Node::Constant(_)
        | Node::Pi
        | Node::Infinity
        | Node::Symbol(_)
        | Node::Unary(..)
        | Node::Binary(..)
        | Node::Ternary(..) => return None,
    };
    Some((to, vec![is(of, signs)]))
}

/// f(x) through f(x − n): log Γ(x) = log Γ(x − n) + Σ log(x − n + j), and its derivatives;
/// P(a, x) = P(a − n, x) − Σ x^(a−n+j) e⁻ˣ/Γ(a − n + j + 1).
fn shift(graph: &mut Graph, n: u32, from: Id) -> Option<(Id, Vec<Condition>)> {
    let (argument, x) = match graph.node(from) {
        Node::Unary(Unary::Lgamma | Unary::Polygamma(0 | 1), x) => (x, None),
        Node::Binary(Binary::GammaP, a, x) => (a, Some(x)),
        _ => return None,
    };
    let lower = plus(graph, argument, -i64::from(n));
    let mut terms = Vec::new();
    for j in 0..n {
        let at = plus(graph, lower, i64::from(j));
        let one = graph.integer(1);
        terms.push(match (graph.node(from), x) {
            (Node::Unary(Unary::Lgamma, _), _) => graph.log(at),
            (Node::Unary(Unary::Polygamma(0), _), _) => graph.div(one, at),
            (Node::Unary(..), _) => {
                let square = graph.square(at);
                let term = graph.div(one, square);
                graph.neg(term)
            }
            (_, Some(x)) => {
                let next = plus(graph, at, 1);
                let (log, gamma) = (graph.log(x), graph.unary(Unary::Lgamma, next));
                let power = graph.mul(at, log);
                let power = graph.sub(power, x);
                let exponent = graph.sub(power, gamma);
                let term = graph.exp(exponent);
                graph.neg(term)
            }
            (_, None) => return None,
        });
    }
    let rest = graph.sum(&terms);
    let mut conditions = vec![is(lower, Signs::POSITIVE)];
    let low = match (graph.node(from), x) {
        (Node::Unary(operator, _), _) => graph.unary(operator, lower),
        (_, Some(x)) => {
            conditions.push(is(x, Signs::POSITIVE));
            graph.binary(Binary::GammaP, lower, x)
        }
        (_, None) => return None,
    };
    Some((graph.add(low, rest), conditions))
}

/// f(x) through f(−x) or f(1 − x).
fn reflection(graph: &mut Graph, from: Id) -> Option<(Id, Vec<Condition>)> {
    let no = Vec::new;
    Some(match graph.node(from) {
        Node::Unary(operator, x) => {
            let opposite = graph.neg(x);
            match operator {
                Unary::Sin | Unary::Atan | Unary::Asin | Unary::BesselRatio | Unary::Sign => {
                    let value = graph.unary(operator, opposite);
                    (graph.neg(value), no())
                }
                Unary::Cos | Unary::LogBesselI0 | Unary::Abs => {
                    (graph.unary(operator, opposite), no())
                }
                Unary::NormalCdf => {
                    let value = graph.unary(operator, opposite);
                    (minus(graph, 1, value), no())
                }
                Unary::NormalIcdf => {
                    let other = minus(graph, 1, x);
                    let value = graph.unary(operator, other);
                    (graph.neg(value), no())
                }
                Unary::Lgamma => {
                    // Γ(x)Γ(1 − x) = π/sin πx.
                    let (pi, other) = (graph.pi(), minus(graph, 1, x));
                    let angle = graph.mul(pi, x);
                    let sine = graph.unary(Unary::Sin, angle);
                    let (log_pi, log_sine) = (graph.log(pi), graph.log(sine));
                    let value = graph.unary(operator, other);
                    let rest = graph.sub(log_pi, log_sine);
                    (
                        graph.sub(rest, value),
                        vec![
                            is(x, Signs::POSITIVE),
                            is(other, Signs::POSITIVE),
                            is(sine, Signs::POSITIVE),
                        ],
                    )
                }
                Unary::Neg
                | Unary::Exp
                | Unary::Log
                | Unary::Log1p
                | Unary::Expm1
                | Unary::Sqrt
                | Unary::Floor
                | Unary::Ceil
                | Unary::Round
                | Unary::Tan
                | Unary::Acos
                | Unary::Sinh
                | Unary::Cosh
                | Unary::Tanh
                | Unary::Asinh
                | Unary::Acosh
                | Unary::Atanh
                | Unary::Sigmoid
                | Unary::Softplus
                | Unary::Erf
                | Unary::Erfc
                | Unary::ErfInv
                | Unary::NormalLogCdf
                | Unary::Polygamma(_)
                | Unary::Not
                | Unary::StopGradient => return None,
            }
        }
        Node::Ternary(Ternary::BetaInc, a, b, x) => {
            let other = minus(graph, 1, x);
            let value = graph.ternary(Ternary::BetaInc, b, a, other);
            (minus(graph, 1, value), no())
        }
        Node::Constant(_)
        | Node::Pi
        | Node::Infinity
        | Node::Symbol(_)
        | Node::Binary(..)
        | Node::Ternary(..) => return None,
    })
}

/// sin and cos after k quarter turns.
fn turn(graph: &mut Graph, k: i32, from: Id) -> Option<(Id, Vec<Condition>)> {
    let Node::Unary(operator @ (Unary::Sin | Unary::Cos), x) = graph.node(from) else {
        return None;
    };
    let pi = graph.pi();
    let quarter = graph.constant(Rational::from(k) / Rational::from(2));
    let angle = graph.mul(quarter, pi);
    let rest = graph.sub(x, angle);
    let (s, c) = (graph.unary(Unary::Sin, rest), graph.unary(Unary::Cos, rest));
    let is_sine = operator == Unary::Sin;
    let to = match (k.rem_euclid(4), is_sine) {
        (0, true) | (3, false) => s,
        (1, true) | (0, false) => c,
        (2, true) | (1, false) => graph.neg(s),
        _ => graph.neg(c),
    };
    Some((to, Vec::new()))
}

/// sin and cos of l + r.
pub(super) fn angles(graph: &mut Graph, operator: Unary, l: Id, r: Id) -> Id {
    let (sl, cl) = (graph.unary(Unary::Sin, l), graph.unary(Unary::Cos, l));
    let (sr, cr) = (graph.unary(Unary::Sin, r), graph.unary(Unary::Cos, r));
    if operator == Unary::Sin {
        let (a, b) = (graph.mul(sl, cr), graph.mul(cl, sr));
        graph.add(a, b)
    } else {
        let (a, b) = (graph.mul(cl, cr), graph.mul(sl, sr));
        graph.sub(a, b)
    }
}

/// The value of a function where its arguments are special.
pub(super) fn value(graph: &mut Graph, ring: &mut Ring, from: Id) -> Result<Option<Id>, Stop> {
    let constant = |ring: &mut Ring, graph: &Graph, x: Id| {
        ring.form(graph, x)
            .map(|form| form.as_constant().map(|c| c.rational()))
    };
    let half = Rational::ONE / Rational::from(2);
    Ok(match graph.node(from) {
        Node::Unary(operator, x) => {
            let Some(at) = constant(ring, graph, x)? else {
                return of_arcus(graph, ring, operator, x);
            };
            let (zero, one) = (at == Rational::ZERO, at == Rational::ONE);
            match operator {
                Unary::Sin
                | Unary::Asin
                | Unary::Atan
                | Unary::LogBesselI0
                | Unary::BesselRatio
                    if zero =>
                {
                    Some(graph.integer(0))
                }
                Unary::Cos if zero => Some(graph.integer(1)),
                Unary::NormalCdf if zero => Some(graph.constant(half)),
                Unary::NormalIcdf if at == half => Some(graph.integer(0)),
                Unary::Lgamma if one => Some(graph.integer(0)),
                Unary::Lgamma if at == half => {
                    let pi = graph.pi();
                    let (log, two) = (graph.log(pi), graph.integer(2));
                    Some(graph.div(log, two))
                }
                Unary::Polygamma(0) if at == half => {
                    // ψ(½) = ψ(1) − 2 log 2.
                    let (one, two) = (graph.integer(1), graph.integer(2));
                    let (base, log) = (graph.unary(operator, one), graph.log(two));
                    let double = graph.mul(two, log);
                    Some(graph.sub(base, double))
                }
                Unary::Polygamma(1) if one || at == half => {
                    let pi = graph.pi();
                    let (square, below) =
                        (graph.square(pi), graph.integer(if one { 6 } else { 2 }));
                    Some(graph.div(square, below))
                }
                Unary::Asin | Unary::Acos | Unary::Atan if one => {
                    let (pi, below) = (
                        graph.pi(),
                        graph.integer(if operator == Unary::Atan { 4 } else { 2 }),
                    );
                    Some(if operator == Unary::Acos {
                        graph.integer(0)
                    } else {
                        graph.div(pi, below)
                    })
                }
                Unary::Floor | Unary::Ceil | Unary::Round if at.is_int() => {
                    Some(graph.constant(at))
                }
                _ => None,
            }
        }
        Node::Binary(Binary::GammaP, a, x) => match constant(ring, graph, a)? {
            Some(a) if a == Rational::ONE => {
                let down = graph.neg(x);
                let e = graph.exp(down);
                Some(minus(graph, 1, e))
            }
            Some(a) if a == half => {
                // P(½, x) = erf √x.
                let root = graph.unary(Unary::Sqrt, x);
                Some(graph.unary(Unary::Erf, root))
            }
            _ => None,
        },
        Node::Ternary(Ternary::BetaInc, a, b, x) => {
            let one = Some(Rational::ONE);
            if constant(ring, graph, b)? == one {
                Some(graph.pow(x, a))
            } else if constant(ring, graph, a)? == one {
                let rest = minus(graph, 1, x);
                let power = graph.pow(rest, b);
                Some(minus(graph, 1, power))
            } else {
                None
            }
        }
        Node::Constant(_)
        | Node::Pi
        | Node::Infinity
        | Node::Symbol(_)
        | Node::Binary(..)
        | Node::Ternary(..) => None,
    })
}

/// sin x = t/√(1 + t²) and cos x = 1/√(1 + t²) for x = atan t.
fn of_arcus(
    graph: &mut Graph,
    ring: &mut Ring,
    operator: Unary,
    x: Id,
) -> Result<Option<Id>, Stop> {
    if !matches!(operator, Unary::Sin | Unary::Cos) {
        return Ok(None);
    }
    let Some(atom) = ring.form(graph, x)?.as_atom() else {
        return Ok(None);
    };
    let meaning = ring.meaning(atom).clone();
    if meaning.head != Head::Unary(Unary::Atan) {
        return Ok(None);
    }
    let t = ring.term(graph, &meaning.arguments[0]);
    let square = graph.square(t);
    let under = plus(graph, square, 1);
    let root = graph.unary(Unary::Sqrt, under);
    let above = if operator == Unary::Sin {
        t
    } else {
        graph.integer(1)
    };
    Ok(Some(graph.div(above, root)))
}

/// The conditions under which f(x) = t: x = f⁻¹(t), and t where f⁻¹ is inverted by f.
fn undone(
    graph: &mut Graph,
    ring: &mut Ring,
    f: Unary,
    x: Id,
    t: Id,
) -> Result<Option<Vec<Condition>>, Stop> {
    let between = |graph: &mut Graph, low: (i64, i64), high: (i64, i64), signs: Signs| {
        // low·π < t < high·π
        let pi = graph.pi();
        let mut bound = |(n, d): (i64, i64)| {
            let factor = graph.constant(Rational::from(n) / Rational::from(d));
            graph.mul(factor, pi)
        };
        let (low, high) = (bound(low), bound(high));
        vec![is(graph.sub(t, low), signs), is(graph.sub(high, t), signs)]
    };
    Ok(match f {
        Unary::Atan => {
            // x cos t = sin t.
            let (s, c) = (graph.unary(Unary::Sin, t), graph.unary(Unary::Cos, t));
            let product = graph.mul(x, c);
            ring.same(graph, product, s)?
                .then(|| between(graph, (-1, 2), (1, 2), Signs::POSITIVE))
        }
        Unary::Asin => {
            let s = graph.unary(Unary::Sin, t);
            ring.same(graph, s, x)?
                .then(|| between(graph, (-1, 2), (1, 2), Signs::NONNEGATIVE))
        }
        Unary::Acos => {
            let c = graph.unary(Unary::Cos, t);
            ring.same(graph, c, x)?
                .then(|| between(graph, (0, 1), (1, 1), Signs::NONNEGATIVE))
        }
        Unary::NormalIcdf => {
            let phi = graph.unary(Unary::NormalCdf, t);
            ring.same(graph, phi, x)?.then(Vec::new)
        }
        Unary::NormalCdf => {
            let quantile = graph.unary(Unary::NormalIcdf, t);
            let rest = minus(graph, 1, t);
            ring.same(graph, quantile, x)?
                .then(|| vec![is(t, Signs::POSITIVE), is(rest, Signs::POSITIVE)])
        }
        Unary::Sin | Unary::Cos => {
            // Of an arcus: sin(asin t) = t, cos(acos t) = t, −1 ≤ t ≤ 1.
            let inverse = if f == Unary::Sin {
                Unary::Asin
            } else {
                Unary::Acos
            };
            let arcus = graph.unary(inverse, t);
            let (above, below) = (plus(graph, t, 1), minus(graph, 1, t));
            ring.same(graph, arcus, x)?
                .then(|| vec![is(above, Signs::NONNEGATIVE), is(below, Signs::NONNEGATIVE)])
        }
        Unary::Neg
        | Unary::Exp
        | Unary::Log
        | Unary::Log1p
        | Unary::Expm1
        | Unary::Sqrt
        | Unary::Abs
        | Unary::Sign
        | Unary::Floor
        | Unary::Ceil
        | Unary::Round
        | Unary::Tan
        | Unary::Sinh
        | Unary::Cosh
        | Unary::Tanh
        | Unary::Asinh
        | Unary::Acosh
        | Unary::Atanh
        | Unary::Sigmoid
        | Unary::Softplus
        | Unary::Erf
        | Unary::Erfc
        | Unary::ErfInv
        | Unary::NormalLogCdf
        | Unary::Lgamma
        | Unary::Polygamma(_)
        | Unary::LogBesselI0
        | Unary::BesselRatio
        | Unary::Not
        | Unary::StopGradient => None,
    })
}
