//! The germs of formulas: what each operator does to them.

use super::germ::{End, Germ, Rest, bounded, constant};
use super::limits::Limit;
use super::size::{Shape, Size, number, sign};
use crate::graph::{Graph, Id, Node};
use crate::number::{Binary, Interval, Number, Rational, Ternary, Unary};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// The germs of formulas as one symbol goes to an end, the others fixed.
pub(crate) struct Germs<'a> {
    graph: &'a Graph,
    fixed: FxHashMap<Id, Interval>,
    point: Vec<(Id, Rational)>,
    pub(super) moving: (Id, End),
    known: FxHashMap<Id, Germ>,
    /// Limits at a finite end that were asked for.
    pub(super) limits: FxHashMap<Id, Limit>,
    /// What `max`, `min`, `abs` and `where` come to, so that x − max(x, y) is seen to be 0.
    chosen: FxHashMap<Id, Id>,
}

impl<'a> Germs<'a> {
    /// Of formulas in `symbols`, fixed at rational values, while `moving` goes to its end.
    pub(crate) fn new(
        graph: &'a Graph,
        symbols: &[Id],
        at: &[Rational],
        moving: (Id, End),
    ) -> Germs<'a> {
        Germs {
            graph,
            fixed: symbols
                .iter()
                .zip(at)
                .map(|(s, v)| (*s, Interval::rational(v, &())))
                .collect(),
            point: symbols.iter().copied().zip(at.iter().cloned()).collect(),
            moving,
            known: FxHashMap::default(),
            limits: FxHashMap::default(),
            chosen: FxHashMap::default(),
        }
    }

    /// The graph of the formulas.
    pub(crate) fn graph(&self) -> &'a Graph {
        self.graph
    }

    /// Where the other symbols are fixed.
    pub(super) fn point(&self) -> &[(Id, Rational)] {
        &self.point
    }

    /// The germ of a term.
    pub(crate) fn of(&mut self, term: Id) -> Germ {
        for id in self.graph.reachable(&[term]) {
            if !self.known.contains_key(&id) {
                let germ = self.node(id);
                let germ = self.settled(id, germ);
                self.known.insert(id, germ);
            }
        }
        self.known[&term]
    }

    /// A sum or logarithm of what has a limit, whose own is lost to rounding, by its value at the end.
    fn settled(&mut self, id: Id, germ: Germ) -> Germ {
        let rest = match (self.graph.node(id), germ) {
            (_, Germ::Zero | Germ::Like(..)) => return germ,
            (_, Germ::AtMost(shape)) if !shape.is_constant() => return germ,
            (Node::Binary(operator @ (Binary::Add | Binary::Sub), x, y), Germ::AtMost(_)) => {
                let (x, y) = (self.known[&x], self.known[&y]);
                x.rest_of_sum(if operator == Binary::Sub {
                    y.negated()
                } else {
                    y
                })
            }
            (Node::Unary(Unary::Log1p, x), Germ::Unknown) => self.known[&x].rest(),
            _ => return germ,
        };
        let Some(rest) = rest else { return germ };
        let limit = self.limit_at_end(id);
        match (self.graph.node(id), limit) {
            (_, Limit::Unknown) => germ,
            (_, Limit::Zero) if rest == Germ::Unknown => germ,
            (Node::Unary(..), Limit::Value(value)) => {
                // log(1 + x + r) = log(1 + x) + r/(1 + x) + …
                let slope = constant(value).negated().exp();
                Germ::constant_with(value, rest.times(slope))
            }
            (Node::Unary(..), Limit::Zero) => rest,
            (_, Limit::Value(value)) => Germ::constant_with(value, rest),
            (_, Limit::Zero) => rest,
        }
    }

    fn alias(&self, id: Id) -> Id {
        self.chosen.get(&id).copied().unwrap_or(id)
    }

    fn choose(&mut self, id: Id, choice: Id) -> Germ {
        let choice = self.alias(choice);
        self.chosen.insert(id, choice);
        self.known[&choice]
    }

    fn difference(&self, x: Id, y: Id) -> Germ {
        if self.alias(x) == self.alias(y) {
            return Germ::Zero;
        }
        self.known[&x].plus(self.known[&y].negated())
    }

    fn node(&mut self, id: Id) -> Germ {
        match self.graph.node(id) {
            Node::Constant(place) => {
                constant(Interval::rational(self.graph.constant_value(place), &()))
            }
            Node::Pi => constant(Interval::pi(&())),
            Node::Infinity => Germ::Unknown,
            Node::Symbol(_) if id == self.moving.0 => self.moving.1.germ(),
            Node::Symbol(_) => self.fixed.get(&id).map_or(Germ::Unknown, |v| constant(*v)),
            Node::Unary(operator, x) => self.unary(id, operator, x),
            Node::Binary(operator, x, y) => self.binary(id, operator, x, y),
            Node::Ternary(Ternary::Select, condition, x, y) => {
                match self.known[&condition].fixed().map(|v| (v.lo(), v.hi())) {
                    Some((1.0, 1.0)) => self.choose(id, x),
                    Some((0.0, 0.0)) => self.choose(id, y),
                    _ => match (self.known[&x].bound(), self.known[&y].bound()) {
                        (Ok(a), Ok(b)) => {
                            let of = |s: Option<Shape>| s.map_or(Germ::Zero, Germ::AtMost);
                            of(a).plus(of(b))
                        }
                        _ => Germ::Unknown,
                    },
                }
            }
            Node::Ternary(operator @ (Ternary::BetaInc | Ternary::BetaIncDa), a, b, x) => {
                let [a, b, x] = [a, b, x].map(|i| self.known[&i]);
                self.incomplete_beta(operator == Ternary::BetaIncDa, a, b, x)
            }
        }
    }

    /// I_x(a, b) ~ x^a/(a·B(a, b)) at 0, its complement likewise at 1; in a, a factor log x more.
    fn incomplete_beta(&self, slope: bool, a: Germ, b: Germ, x: Germ) -> Germ {
        let (Some(a), Some(b)) = (a.fixed(), b.fixed()) else {
            return Germ::Unknown;
        };
        let one = constant(number(1.0));
        if x.through_zero(1.0).is_some() && x != Germ::Zero {
            let power = x.raised(a);
            return if slope {
                power.times(x.log()).bounded()
            } else {
                unscaled(power)
            };
        }
        let left = one.plus(x.negated());
        if left.through_zero(1.0).is_some() && left != Germ::Zero {
            let power = left.raised(b);
            return if slope {
                power.bounded()
            } else {
                one.plus(unscaled(power).negated())
            };
        }
        bounded()
    }

    /// A product with equal factors above and below cancelled, as the chain rule leaves them.
    fn product(&self, id: Id) -> Germ {
        let mut powers: BTreeMap<Id, Rational> = BTreeMap::new();
        let mut sign = 1.0;
        let mut open = vec![(id, Rational::ONE)];
        while let Some((term, power)) = open.pop() {
            match self.graph.node(term) {
                Node::Binary(Binary::Mul, x, y) => open.extend([(x, power.clone()), (y, power)]),
                Node::Binary(Binary::Div, x, y) => open.extend([(x, power.clone()), (y, -power)]),
                Node::Unary(Unary::Neg, x) if power.is_int() => {
                    if !(&power / Rational::from(2)).is_int() {
                        sign = -sign;
                    }
                    open.push((x, power));
                }
                Node::Binary(Binary::Pow, x, e)
                    if self.graph.as_constant(e).is_some_and(Rational::is_int) =>
                {
                    let e = self.graph.as_constant(e).cloned().unwrap_or(Rational::ONE);
                    open.push((x, power * e));
                }
                Node::Constant(_)
                | Node::Pi
                | Node::Infinity
                | Node::Symbol(_)
                | Node::Unary(..)
                | Node::Binary(..)
                | Node::Ternary(..) => {
                    *powers.entry(self.alias(term)).or_insert(Rational::ZERO) += power;
                }
            }
        }
        let mut total = constant(number(sign));
        let mut exponent = Germ::Zero;
        for (term, power) in powers {
            if power.is_zero() {
                continue;
            }
            let power = Interval::rational(&power, &());
            // Exponentials are multiplied by adding what they are of.
            let factor = match self.graph.node(term) {
                Node::Unary(Unary::Exp, x) if self.known[&x].fixed().is_none() => {
                    exponent = exponent.plus(self.known[&x].times(constant(power)));
                    continue;
                }
                _ if power == number(1.0) => self.known[&term],
                _ => self.known[&term].raised(power),
            };
            total = total.times(factor);
        }
        if exponent == Germ::Zero {
            return total;
        }
        total.times(exponent.exp())
    }

    /// tan(π·y) as y goes to ±1/2.
    fn tangent_of_pi(&self, x: Id) -> Option<Germ> {
        let Node::Binary(Binary::Mul, a, b) = self.graph.node(x) else {
            return None;
        };
        let y = match (self.graph.node(a), self.graph.node(b)) {
            (Node::Pi, _) => b,
            (_, Node::Pi) => a,
            _ => return None,
        };
        let Germ::Like(size, Rest::Known(rest)) = self.known[&y] else {
            return None;
        };
        let half = size.shape.is_constant() && size.factor.width() == 0.0;
        (half && size.factor.lo().abs() == 0.5).then(|| {
            // tan(π(±1/2 + r)) = −1/tan(πr).
            let r = Germ::Like(rest, Rest::Unknown).times(constant(Interval::pi(&())));
            r.raised(number(-1.0)).negated()
        })
    }

    fn binary(&mut self, id: Id, operator: Binary, x: Id, y: Id) -> Germ {
        let (a, b) = (self.known[&x], self.known[&y]);
        if let (Some(a), Some(b)) = (a.fixed(), b.fixed()) {
            return constant(Interval::binary(operator, &a, &b, &()));
        }
        let truth = |holds: Option<bool>| match holds {
            Some(true) => constant(number(1.0)),
            Some(false) => Germ::Zero,
            None => bounded(),
        };
        let below = |difference: Germ| difference.sign().map(|s| (s < 0.0, s <= 0.0));
        match operator {
            Binary::Add => a.plus(b),
            Binary::Sub => self.difference(x, y),
            Binary::Mul | Binary::Div => self.product(id),
            Binary::Pow => match b.fixed() {
                Some(exponent) => a.raised(exponent),
                None => b.times(a.log()).exp(),
            },
            Binary::Min | Binary::Max => match self.difference(x, y).sign() {
                Some(s) => {
                    let first = (s <= 0.0) == (operator == Binary::Min);
                    self.choose(id, if first { x } else { y })
                }
                None => a.bounded().plus(b.bounded()),
            },
            Binary::Mod => b.bounded(),
            Binary::Atan2 => bounded(),
            Binary::GammaP | Binary::GammaQ | Binary::GammaPDa => incomplete_gamma(operator, a, b),
            Binary::Less => truth(below(self.difference(x, y)).map(|(less, _)| less)),
            Binary::LessEqual => truth(below(self.difference(x, y)).map(|(_, at_most)| at_most)),
            Binary::Equal => truth(self.difference(x, y).sign().map(|s| s == 0.0)),
            Binary::And | Binary::Or => bounded(),
        }
    }

    fn unary(&mut self, id: Id, operator: Unary, x: Id) -> Germ {
        let germ = self.known[&x];
        if let Some(value) = germ.fixed() {
            return constant(Interval::unary(operator, &value, &()));
        }
        let of = |value: f64| constant(number(value));
        let infinity = germ.towards_infinity();
        match operator {
            Unary::Neg => germ.negated(),
            Unary::Exp => germ.exp(),
            Unary::Log => germ.log(),
            Unary::Log1p => germ
                .through_zero(1.0)
                .unwrap_or_else(|| germ.plus(of(1.0)).log()),
            Unary::Expm1 => germ
                .through_zero(1.0)
                .unwrap_or_else(|| germ.exp().plus(of(-1.0))),
            Unary::Sqrt => germ.raised(number(0.5)),
            Unary::Abs => match germ.sign() {
                Some(s) if s > 0.0 => self.choose(id, x),
                Some(_) => germ.negated(),
                None => germ.bounded(),
            },
            Unary::Sign => germ.sign().map_or(bounded(), of),
            Unary::Floor | Unary::Ceil | Unary::Round => germ.bounded().plus(bounded()),
            Unary::StopGradient => self.choose(id, x),
            Unary::Sin
            | Unary::Atan
            | Unary::Tanh
            | Unary::Asinh
            | Unary::Sinh
            | Unary::Atanh
            | Unary::Asin
            | Unary::Tan
                if germ.through_zero(1.0).is_some() =>
            {
                like_of(germ)
            }
            Unary::Sin | Unary::Cos | Unary::Not => bounded(),
            Unary::Atan | Unary::BesselRatio => bounded(),
            Unary::Tanh => match infinity {
                // tanh x = 1 − 2/(e^2x + 1).
                Some(s) => {
                    let growth = germ.times(of(2.0 * s)).exp().plus(of(1.0));
                    let tanh = of(1.0).plus(growth.inverse().times(of(-2.0)));
                    tanh.times(of(s))
                }
                None => self.continuous(operator, germ),
            },
            Unary::Sigmoid => of(1.0).plus(germ.negated().exp()).inverse(),
            Unary::Softplus => {
                let exp = germ.exp();
                exp.through_zero(1.0)
                    .unwrap_or_else(|| exp.plus(of(1.0)).log())
            }
            Unary::Sinh | Unary::Cosh => match infinity {
                Some(s) => {
                    let half = germ.times(of(s)).exp().times(of(0.5));
                    half.times(of(if operator == Unary::Sinh { s } else { 1.0 }))
                }
                None => self.continuous(operator, germ),
            },
            Unary::Asinh | Unary::Acosh => match infinity {
                Some(s) => germ.times(of(2.0 * s)).log().times(of(s)),
                None => self.continuous(operator, germ),
            },
            Unary::Atanh => half_log_odds(germ).unwrap_or_else(|| self.continuous(operator, germ)),
            Unary::Erf => match infinity {
                Some(s) => of(s).plus(bell(germ, 1.0).times(of(-s))),
                None if germ.through_zero(1.0).is_some() => unscaled(germ),
                None => self.continuous(operator, germ),
            },
            Unary::Erfc => match infinity {
                Some(s) if s > 0.0 => bell(germ, 1.0),
                Some(_) => of(2.0).plus(bell(germ, 1.0).negated()),
                None => self.continuous(operator, germ),
            },
            Unary::NormalCdf => match infinity {
                Some(s) if s < 0.0 => bell(germ, 0.5),
                Some(_) => of(1.0).plus(bell(germ, 0.5).negated()),
                None => self.continuous(operator, germ),
            },
            Unary::NormalLogCdf => match infinity {
                Some(s) if s < 0.0 => germ.raised(number(2.0)).times(of(-0.5)),
                Some(_) => bell(germ, 0.5).negated(),
                None => self.continuous(operator, germ),
            },
            Unary::NormalIcdf => {
                let from = |left: Germ| {
                    let near = left != Germ::Zero && left.through_zero(1.0).is_some();
                    near.then(|| left.log().times(of(-2.0)).raised(number(0.5)))
                };
                let upper = from(of(1.0).plus(germ.negated()));
                from(germ)
                    .map(Germ::negated)
                    .or(upper)
                    .unwrap_or_else(|| self.continuous(operator, germ))
            }
            Unary::ErfInv => {
                let left = of(1.0).plus(germ.abs().negated());
                let near = left != Germ::Zero && left.through_zero(1.0).is_some();
                match germ.sign() {
                    Some(s) if near => left.log().negated().raised(number(0.5)).times(of(s)),
                    _ if germ.through_zero(1.0).is_some() => unscaled(germ),
                    _ => self.continuous(operator, germ),
                }
            }
            Unary::Lgamma => match infinity {
                Some(s) if s > 0.0 => germ.times(germ.log()),
                // log |Γ(x)| ~ −log x at 0.
                _ if germ.through_zero(1.0).is_some() => germ.abs().log().negated(),
                _ => self.continuous(operator, germ),
            },
            Unary::Polygamma(0) if infinity == Some(1.0) => germ.log(),
            Unary::Polygamma(n) if germ.through_zero(1.0).is_some() => {
                unscaled(germ.raised(number(-1.0 - f64::from(n))))
            }
            Unary::LogBesselI0 => match infinity {
                Some(_) => germ.abs(),
                None => self.continuous(operator, germ),
            },
            Unary::Tan => self
                .tangent_of_pi(x)
                .unwrap_or_else(|| self.continuous(operator, germ)),
            Unary::Asin | Unary::Acos | Unary::Polygamma(_) => self.continuous(operator, germ),
        }
    }

    /// A function that is continuous at a finite limit.
    fn continuous(&self, operator: Unary, germ: Germ) -> Germ {
        let limit = match germ {
            Germ::Like(size, _) if size.shape.is_constant() => size.factor,
            _ if germ.through_zero(1.0).is_some() => number(0.0),
            Germ::Zero | Germ::Like(..) | Germ::AtMost(_) | Germ::Unknown => return Germ::Unknown,
        };
        let value = Interval::unary(operator, &limit, &());
        if !value.is_finite() {
            return Germ::Unknown;
        }
        match sign(value) {
            Some(_) => Germ::Like(Size::constant(value), Rest::Unknown),
            None => bounded(),
        }
    }
}

fn like_of(germ: Germ) -> Germ {
    germ.through_zero(1.0).unwrap_or(Germ::Unknown)
}

/// A positive factor that is not computed.
fn unscaled(germ: Germ) -> Germ {
    germ.times(Germ::Like(
        Size::constant(Interval::new(1e-300, 1e300)),
        Rest::Unknown,
    ))
}

/// exp(−r·x²) up to a power of x.
fn bell(x: Germ, rate: f64) -> Germ {
    x.raised(number(2.0)).times(constant(number(-rate))).exp()
}

/// atanh x = ±½·log(2/(1 ∓ x)) next to ±1.
fn half_log_odds(x: Germ) -> Option<Germ> {
    let s = x.sign()?;
    let left = constant(number(1.0)).plus(x.abs().negated());
    (left != Germ::Zero && left.through_zero(1.0).is_some())
        .then(|| left.log().times(constant(number(-0.5 * s))))
}

/// P(a, x) ~ xᵃ/Γ(a + 1) at 0 and 1 − x^(a−1)e⁻ˣ/Γ(a) at ∞; ∂P/∂a has a factor log x more.
fn incomplete_gamma(operator: Binary, a: Germ, x: Germ) -> Germ {
    let Some(a) = a.fixed() else {
        return Germ::Unknown;
    };
    let one = constant(number(1.0));
    let lower = if x != Germ::Zero && x.through_zero(1.0).is_some() {
        let power = x.raised(a);
        if operator == Binary::GammaPDa {
            return power.times(x.log()).bounded();
        }
        unscaled(power)
    } else if x.towards_infinity() == Some(1.0) {
        let tail = x.negated().exp();
        if operator == Binary::GammaPDa {
            return tail.bounded();
        }
        if operator == Binary::GammaQ {
            return tail;
        }
        one.plus(tail.negated())
    } else {
        return bounded();
    };
    if operator == Binary::GammaQ {
        one.plus(lower.negated())
    } else {
        lower
    }
}
