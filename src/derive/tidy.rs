//! A term as one would write it: like summands and factors together, quotients with one bar,
//! logarithms and absolute values taken apart where signs are known.
//!
//! One file, although long: the rules for sums, products, powers and logarithms call one another.
//!
//! Law: what comes out equals what goes in wherever the facts hold. It is not trusted: whoever
//! prints a tidy term has it judged against the first (`find` in `work`).

use crate::algebra::{Facts, Signs, normal_form, prove_sign};
use crate::graph::{Graph, Id, Node};
use crate::number::{Binary, Rational, Ternary, Unary};
use rustc_hash::FxHashMap;

/// Larger terms are left as they are.
const MOST_NODES: usize = 3_000;

/// Terms up to this size are brought to the normal form of proofs, too, which may be shorter.
const MOST_NODES_OF_NORMAL_FORM: usize = 300;

/// Signs of larger terms are not looked for.
const MOST_NODES_OF_SIGN: usize = 120;

/// The shortest of the forms that are known of a term.
pub(super) fn simplest(graph: &mut Graph, facts: &Facts, term: Id) -> Id {
    let size = graph.reachable(&[term]).len();
    if size > MOST_NODES {
        return term;
    }
    let mut best = tidy(graph, facts, term);
    if size <= MOST_NODES_OF_NORMAL_FORM
        && let Some(form) = normal_form(graph, facts, term)
    {
        let other = tidy(graph, facts, form);
        if length(graph, other) < length(graph, best) {
            best = other;
        }
    }
    best
}

fn length(graph: &Graph, term: Id) -> usize {
    graph.display(term).chars().count()
}

/// Twice, since what has been put together may fit other parts.
pub(super) fn tidy(graph: &mut Graph, facts: &Facts, term: Id) -> Id {
    let mut term = term;
    for _ in 0..2 {
        if graph.reachable(&[term]).len() > MOST_NODES {
            return term;
        }
        let mut tidier = Tidier {
            graph,
            facts,
            done: FxHashMap::default(),
            signs: FxHashMap::default(),
        };
        term = tidier.all(term);
    }
    term
}

/// A rational times powers of terms times e to a term.
#[derive(Clone)]
struct Monomial {
    coefficient: Rational,
    powers: Vec<(Id, Rational)>,
    exponent: Option<Id>,
}

impl Monomial {
    fn constant(coefficient: Rational) -> Monomial {
        Monomial {
            coefficient,
            powers: Vec::new(),
            exponent: None,
        }
    }

    fn atom(term: Id) -> Monomial {
        Monomial {
            powers: vec![(term, Rational::ONE)],
            ..Monomial::constant(Rational::ONE)
        }
    }

    /// Whether two differ by their coefficients only.
    fn is_like(&self, other: &Monomial) -> bool {
        let sorted = |m: &Monomial| {
            let mut powers = m.powers.clone();
            powers.sort();
            powers
        };
        self.exponent == other.exponent && sorted(self) == sorted(other)
    }
}

struct Tidier<'a> {
    graph: &'a mut Graph,
    facts: &'a Facts,
    done: FxHashMap<Id, Id>,
    signs: FxHashMap<Id, Option<bool>>,
}

impl Tidier<'_> {
    fn all(&mut self, term: Id) -> Id {
        for id in self.graph.reachable(&[term]) {
            let tidy = self.node(id);
            self.done.insert(id, tidy);
        }
        self.done[&term]
    }

    /// A node of which the arguments are done.
    fn node(&mut self, id: Id) -> Id {
        match self.graph.node(id) {
            Node::Constant(_) | Node::Pi | Node::Infinity | Node::Symbol(_) => id,
            Node::Unary(operator, x) => {
                let x = self.done[&x];
                self.unary(operator, x)
            }
            Node::Binary(operator, x, y) => {
                let (x, y) = (self.done[&x], self.done[&y]);
                let node = self.graph.binary(operator, x, y);
                match operator {
                    Binary::Add | Binary::Sub | Binary::Mul | Binary::Div | Binary::Pow => {
                        self.arithmetic(node)
                    }
                    Binary::Min
                    | Binary::Max
                    | Binary::Mod
                    | Binary::Atan2
                    | Binary::GammaP
                    | Binary::GammaQ
                    | Binary::GammaPDa
                    | Binary::Less
                    | Binary::LessEqual
                    | Binary::Equal
                    | Binary::And
                    | Binary::Or => node,
                }
            }
            Node::Ternary(operator, x, y, z) => {
                let (x, y, z) = (self.done[&x], self.done[&y], self.done[&z]);
                match operator {
                    Ternary::Select => self.graph.select(x, y, z),
                    Ternary::BetaInc | Ternary::BetaIncDa => self.graph.ternary(operator, x, y, z),
                }
            }
        }
    }

    fn unary(&mut self, operator: Unary, x: Id) -> Id {
        if let Node::Unary(inner, y) = self.graph.node(x)
            && undoes(operator, inner)
        {
            return y;
        }
        match operator {
            Unary::Neg | Unary::Sqrt => {
                let node = self.graph.unary(operator, x);
                self.arithmetic(node)
            }
            Unary::Exp => {
                let monomial = self.exponential(x);
                self.signed(&monomial)
            }
            Unary::Log => self.log(x),
            Unary::Log1p => {
                let one = self.graph.integer(1);
                let sum = self.graph.binary(Binary::Add, one, x);
                let sum = self.arithmetic(sum);
                self.log(sum)
            }
            Unary::Abs => self.abs(x),
            Unary::Sign => match self.sign(x) {
                Some(true) => self.graph.integer(1),
                Some(false) => self.graph.integer(-1),
                None => self.graph.unary(operator, x),
            },
            Unary::Expm1
            | Unary::Floor
            | Unary::Ceil
            | Unary::Round
            | Unary::Sin
            | Unary::Cos
            | Unary::Tan
            | Unary::Asin
            | Unary::Acos
            | Unary::Atan
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
            | Unary::NormalCdf
            | Unary::NormalIcdf
            | Unary::NormalLogCdf
            | Unary::Lgamma
            | Unary::Polygamma(_)
            | Unary::LogBesselI0
            | Unary::BesselRatio
            | Unary::Not
            | Unary::StopGradient => self.graph.unary(operator, x),
        }
    }

    /// Whether a term is positive (true) or negative (false) wherever the facts hold.
    fn sign(&mut self, id: Id) -> Option<bool> {
        if let Some(&known) = self.signs.get(&id) {
            return known;
        }
        let sign = if self.graph.reachable(&[id]).len() > MOST_NODES_OF_SIGN {
            None
        } else if prove_sign(self.graph, self.facts, id, Signs::POSITIVE) {
            Some(true)
        } else if prove_sign(self.graph, self.facts, id, Signs::NEGATIVE) {
            Some(false)
        } else {
            None
        };
        self.signs.insert(id, sign);
        sign
    }

    fn is_positive(&mut self, id: Id) -> bool {
        self.sign(id) == Some(true)
    }

    fn arithmetic(&mut self, id: Id) -> Id {
        let mut terms = Vec::new();
        self.sum(id, &Rational::ONE, &mut terms);
        self.written(terms)
    }

    /// The summands of a term times a rational.
    fn sum(&mut self, id: Id, factor: &Rational, terms: &mut Vec<Monomial>) {
        let mut stack = vec![(id, factor.clone())];
        while let Some((id, factor)) = stack.pop() {
            match self.graph.node(id) {
                Node::Binary(Binary::Add, a, b) => {
                    stack.push((b, factor.clone()));
                    stack.push((a, factor));
                }
                Node::Binary(Binary::Sub, a, b) => {
                    stack.push((b, -factor.clone()));
                    stack.push((a, factor));
                }
                Node::Unary(Unary::Neg, a) => stack.push((a, -factor)),
                Node::Constant(_)
                | Node::Pi
                | Node::Infinity
                | Node::Symbol(_)
                | Node::Unary(..)
                | Node::Binary(..)
                | Node::Ternary(..) => {
                    let mut monomial = self.monomial(id);
                    monomial.coefficient *= &factor;
                    let size = monomial.coefficient.clone();
                    // A sum in parentheses with nothing before it.
                    if let [(base, power)] = monomial.powers.as_slice()
                        && *power == Rational::ONE
                        && monomial.exponent.is_none()
                        && (size == Rational::ONE || size == -Rational::ONE)
                        && matches!(
                            self.graph.node(*base),
                            Node::Binary(Binary::Add | Binary::Sub, ..)
                        )
                    {
                        stack.push((*base, size));
                        continue;
                    }
                    match terms.iter_mut().find(|other| other.is_like(&monomial)) {
                        Some(other) => other.coefficient += monomial.coefficient,
                        None => terms.push(monomial),
                    }
                }
            }
        }
    }

    /// A sum, positive summands first.
    fn written(&mut self, mut terms: Vec<Monomial>) -> Id {
        terms.retain(|t| !t.coefficient.is_zero());
        // 1 − sigmoid(x) is sigmoid(−x).
        if let [a, b] = terms.as_slice() {
            let (one, other) = if a.powers.is_empty() { (a, b) } else { (b, a) };
            if one.powers.is_empty()
                && one.exponent.is_none()
                && one.coefficient == Rational::ONE
                && other.coefficient == -Rational::ONE
                && other.exponent.is_none()
                && let [(base, power)] = other.powers.as_slice()
            {
                let inside = match self.graph.node(*base) {
                    Node::Unary(Unary::Sigmoid, x) if *power == Rational::ONE => Some(x),
                    _ if *power == -Rational::ONE => {
                        self.one_and_exp(*base).map(|x| self.graph.neg(x))
                    }
                    _ => None,
                };
                if let Some(inside) = inside {
                    let negative = self.graph.neg(inside);
                    let negative = self.arithmetic(negative);
                    return self.graph.unary(Unary::Sigmoid, negative);
                }
            }
        }
        let (positive, negative): (Vec<_>, Vec<_>) = terms
            .into_iter()
            .partition(|t| t.coefficient > Rational::ZERO);
        let mut sum: Option<Id> = None;
        for term in positive.iter().chain(&negative) {
            let is_negative = term.coefficient < Rational::ZERO;
            sum = Some(match sum {
                None => self.product_of(term, is_negative),
                Some(sum) => {
                    let size = self.product_of(term, false);
                    if is_negative {
                        self.graph.sub(sum, size)
                    } else {
                        self.graph.add(sum, size)
                    }
                }
            });
        }
        sum.unwrap_or_else(|| self.graph.integer(0))
    }

    fn signed(&mut self, monomial: &Monomial) -> Id {
        self.written(vec![monomial.clone()])
    }

    /// A product of which the coefficient is taken positive, or with a minus before its first
    /// factor: around the whole it would need parentheses.
    fn product_of(&mut self, monomial: &Monomial, minus: bool) -> Id {
        let coefficient = if monomial.coefficient < Rational::ZERO {
            -monomial.coefficient.clone()
        } else {
            monomial.coefficient.clone()
        };
        let (mut above, mut below) = (Vec::new(), Vec::new());
        let top = Rational::from(coefficient.numerator().clone());
        let bottom = Rational::from(coefficient.denominator().clone());
        if top != Rational::ONE {
            above.push(self.graph.constant(top));
        }
        if bottom != Rational::ONE {
            below.push(self.graph.constant(bottom));
        }
        for (base, power) in &monomial.powers {
            if *power > Rational::ZERO {
                above.push(self.power(*base, power));
            } else if let Some(sigmoid) = self.one_over(*base) {
                above.push(self.power(sigmoid, &-power.clone()));
            } else if *power < Rational::ZERO {
                below.push(self.power(*base, &-power.clone()));
            }
        }
        if let Some(exponent) = monomial.exponent {
            above.push(self.graph.exp(exponent));
        }
        if minus {
            let one = self.graph.integer(1);
            let first = above.first().copied().unwrap_or(one);
            let negative = self.graph.neg(first);
            match above.first_mut() {
                Some(first) => *first = negative,
                None => above.push(negative),
            }
        }
        // As written: the constructors that fold would take the minus out again.
        let product = |graph: &mut Graph, factors: &[Id]| {
            let factors = factors.iter().copied();
            factors.reduce(|p, f| graph.binary(Binary::Mul, p, f))
        };
        let (above, below) = (product(self.graph, &above), product(self.graph, &below));
        let above = above.unwrap_or_else(|| self.graph.integer(1));
        match below {
            Some(below) => self.graph.binary(Binary::Div, above, below),
            None => above,
        }
    }

    /// 1/(1 + eˣ) as the sigmoid of −x.
    fn one_over(&mut self, base: Id) -> Option<Id> {
        let exponent = self.one_and_exp(base)?;
        let negative = self.graph.neg(exponent);
        let negative = self.arithmetic(negative);
        Some(self.graph.unary(Unary::Sigmoid, negative))
    }

    /// x of 1 + eˣ.
    fn one_and_exp(&mut self, term: Id) -> Option<Id> {
        let Node::Binary(Binary::Add, a, b) = self.graph.node(term) else {
            return None;
        };
        let other = if self.graph.is_integer(a, 1) {
            b
        } else if self.graph.is_integer(b, 1) {
            a
        } else {
            return None;
        };
        match self.graph.node(other) {
            Node::Unary(Unary::Exp, x) => Some(x),
            _ => None,
        }
    }

    fn power(&mut self, base: Id, power: &Rational) -> Id {
        if *power == Rational::from_parts(1.into(), 2u8.into()) {
            return self.graph.unary(Unary::Sqrt, base);
        }
        let exponent = self.graph.constant(power.clone());
        self.graph.pow(base, exponent)
    }

    /// The factors of a term that is no sum.
    fn monomial(&mut self, id: Id) -> Monomial {
        match self.graph.node(id) {
            Node::Constant(_) => {
                let value = self.graph.as_constant(id).cloned();
                Monomial::constant(value.expect("invariant: it is a constant"))
            }
            Node::Unary(Unary::Neg, x) => {
                let mut monomial = self.monomial(x);
                monomial.coefficient = -monomial.coefficient;
                monomial
            }
            Node::Unary(Unary::Exp, x) => self.exponential(x),
            Node::Unary(Unary::Sqrt, x) => {
                let half = Rational::from_parts(1.into(), 2u8.into());
                self.root(id, x, &half)
            }
            Node::Binary(Binary::Mul, x, y) => {
                let (x, y) = (self.monomial(x), self.monomial(y));
                self.product(x, y)
            }
            Node::Binary(Binary::Div, x, y) => {
                let (x, y) = (self.monomial(x), self.monomial(y));
                match self.raised(&y, &-Rational::ONE) {
                    Some(y) => self.product(x, y),
                    None => Monomial::atom(id),
                }
            }
            Node::Binary(Binary::Pow, x, y) => match self.graph.as_constant(y).cloned() {
                Some(n) if n.is_int() && small(&n) => {
                    let base = self.monomial(x);
                    let raised = self.raised(&base, &n);
                    raised.unwrap_or_else(|| Monomial::atom(id))
                }
                Some(power) => self.root(id, x, &power),
                None => Monomial::atom(self.nested(id, x, y)),
            },
            Node::Pi
            | Node::Infinity
            | Node::Symbol(_)
            | Node::Unary(..)
            | Node::Binary(..)
            | Node::Ternary(..) => Monomial::atom(id),
        }
    }

    /// (xᵃ)ᵇ as xᵃᵇ for positive x.
    fn nested(&mut self, id: Id, base: Id, exponent: Id) -> Id {
        match self.graph.node(base) {
            Node::Binary(Binary::Pow, x, inner) if self.is_positive(x) => {
                let product = self.graph.binary(Binary::Mul, inner, exponent);
                let product = self.expanded(product);
                self.graph.pow(x, product)
            }
            _ => id,
        }
    }

    /// A product of sums multiplied out, where that is shorter.
    fn expanded(&mut self, product: Id) -> Id {
        let mut best = self.arithmetic(product);
        if let Some(form) = normal_form(self.graph, self.facts, product) {
            let form = self.arithmetic(form);
            if length(self.graph, form) < length(self.graph, best) {
                best = form;
            }
        }
        best
    }

    /// A power that is no whole number, of something positive.
    fn root(&mut self, id: Id, base: Id, power: &Rational) -> Monomial {
        let monomial = self.monomial(base);
        let plain = monomial.coefficient == Rational::ONE
            && monomial.powers.iter().all(|&(b, _)| self.is_positive(b));
        let raised = plain.then(|| self.raised(&monomial, power)).flatten();
        raised.unwrap_or_else(|| Monomial::atom(id))
    }

    fn raised(&mut self, monomial: &Monomial, power: &Rational) -> Option<Monomial> {
        let mut coefficient = monomial.coefficient.clone();
        if coefficient.is_zero() {
            return None;
        }
        if coefficient != Rational::ONE {
            let n: i64 = i64::try_from(power.numerator().clone()).ok()?;
            let base = if n < 0 {
                Rational::ONE / coefficient
            } else {
                coefficient
            };
            coefficient = (0..n.unsigned_abs()).fold(Rational::ONE, |p, _| p * &base);
        }
        let exponent = monomial.exponent.map(|e| {
            let factor = self.graph.constant(power.clone());
            let product = self.graph.mul(factor, e);
            self.arithmetic(product)
        });
        Some(Monomial {
            coefficient,
            powers: monomial
                .powers
                .iter()
                .map(|(b, p)| (*b, p * power))
                .collect(),
            exponent,
        })
    }

    fn product(&mut self, mut left: Monomial, right: Monomial) -> Monomial {
        left.coefficient *= right.coefficient;
        for (base, power) in right.powers {
            match left.powers.iter_mut().find(|(other, _)| *other == base) {
                Some((_, total)) => *total += power,
                None => left.powers.push((base, power)),
            }
        }
        left.exponent = match (left.exponent, right.exponent) {
            (Some(a), Some(b)) => {
                let sum = self.graph.binary(Binary::Add, a, b);
                let sum = self.arithmetic(sum);
                (!self.graph.is_integer(sum, 0)).then_some(sum)
            }
            (a, b) => a.or(b),
        };
        left.powers.retain(|(_, power)| !power.is_zero());
        self.merge_symbolic(left)
    }

    /// xᵃ·xᵇ as xᵃ⁺ᵇ for positive x, where a or b is no number.
    fn merge_symbolic(&mut self, mut monomial: Monomial) -> Monomial {
        let of = |graph: &Graph, id: Id| match graph.node(id) {
            Node::Binary(Binary::Pow, x, e) if graph.as_constant(e).is_none() => Some((x, e)),
            _ => None,
        };
        let bases: Vec<Id> = monomial
            .powers
            .iter()
            .filter_map(|&(b, _)| of(self.graph, b).map(|(x, _)| x))
            .collect();
        for x in bases {
            let (own, rest): (Vec<_>, Vec<_>) = monomial
                .powers
                .iter()
                .cloned()
                .partition(|&(b, _)| b == x || of(self.graph, b).is_some_and(|(y, _)| y == x));
            if own.len() < 2 || !self.is_positive(x) {
                continue;
            }
            let mut terms = Vec::new();
            for (b, power) in own {
                match of(self.graph, b) {
                    Some((_, e)) if b != x => {
                        let factor = self.graph.constant(power);
                        let product = self.graph.mul(factor, e);
                        self.sum(product, &Rational::ONE, &mut terms);
                    }
                    _ => {
                        let constant = self.graph.constant(power);
                        self.sum(constant, &Rational::ONE, &mut terms);
                    }
                }
            }
            let exponent = self.written(terms);
            monomial.powers = rest;
            match self.graph.as_constant(exponent).cloned() {
                Some(power) if power.is_zero() => {}
                Some(power) => monomial.powers.push((x, power)),
                None => {
                    let power = self.graph.pow(x, exponent);
                    monomial.powers.push((power, Rational::ONE));
                }
            }
        }
        monomial
    }

    /// eˣ, where logarithms among the summands of x become powers.
    fn exponential(&mut self, x: Id) -> Monomial {
        let mut terms = Vec::new();
        self.sum(x, &Rational::ONE, &mut terms);
        let mut powers = Vec::new();
        let mut rest = Vec::new();
        for term in terms {
            let inside = match term.powers.as_slice() {
                [(base, power)] if *power == Rational::ONE && term.exponent.is_none() => {
                    match self.graph.node(*base) {
                        Node::Unary(Unary::Log, y) => Some(y),
                        _ => None,
                    }
                }
                _ => None,
            };
            match inside {
                Some(y) if small(&term.coefficient) => powers.push((y, term.coefficient)),
                _ => rest.push(term),
            }
        }
        let mut monomial = Monomial::constant(Rational::ONE);
        for (y, power) in powers {
            let base = self.monomial(y);
            let raised = if power.is_int() || base.coefficient == Rational::ONE {
                self.raised(&base, &power)
            } else {
                None
            };
            let raised = raised.unwrap_or(Monomial {
                powers: vec![(y, power)],
                ..Monomial::constant(Rational::ONE)
            });
            monomial = self.product(monomial, raised);
        }
        let exponent = self.written(rest);
        if !self.graph.is_integer(exponent, 0) {
            let factor = Monomial {
                exponent: Some(exponent),
                ..Monomial::constant(Rational::ONE)
            };
            monomial = self.product(monomial, factor);
        }
        monomial
    }

    /// log x over the factors of x that are known to be positive.
    fn log(&mut self, x: Id) -> Id {
        let monomial = self.monomial(x);
        let is_number = |graph: &Graph, id: Id| matches!(graph.node(id), Node::Pi);
        let factors = monomial.powers.len() + usize::from(monomial.exponent.is_some());
        let plain = factors == 1
            && monomial.coefficient == Rational::ONE
            && monomial
                .powers
                .first()
                .is_some_and(|(_, p)| *p == Rational::ONE);
        let can = monomial.coefficient > Rational::ZERO
            && monomial
                .powers
                .clone()
                .iter()
                .all(|&(b, _)| self.is_positive(b));
        if plain || !can || factors == 0 {
            return self.log_of_one(x);
        }
        // 2π stays together.
        let (numbers, others): (Vec<_>, Vec<_>) = monomial
            .powers
            .iter()
            .cloned()
            .partition(|&(b, _)| is_number(self.graph, b));
        let mut terms = Vec::new();
        for (base, power) in others {
            let log = self.log_of_one(base);
            self.sum(log, &power, &mut terms);
        }
        if let Some(exponent) = monomial.exponent {
            self.sum(exponent, &Rational::ONE, &mut terms);
        }
        let numbers = Monomial {
            coefficient: monomial.coefficient,
            powers: numbers,
            exponent: None,
        };
        let number = self.product_of(&numbers, false);
        if !self.graph.is_integer(number, 1) {
            let log = self.graph.log(number);
            self.sum(log, &Rational::ONE, &mut terms);
        }
        self.written(terms)
    }

    /// log x, by log1p where x is 1 and something.
    fn log_of_one(&mut self, x: Id) -> Id {
        if let Node::Binary(Binary::Add | Binary::Sub, ..) = self.graph.node(x) {
            let mut terms = Vec::new();
            self.sum(x, &Rational::ONE, &mut terms);
            let one = terms.iter().position(|t| {
                t.powers.is_empty() && t.exponent.is_none() && t.coefficient == Rational::ONE
            });
            if let Some(one) = one {
                terms.remove(one);
                let rest = self.written(terms);
                if let Node::Unary(Unary::Expm1, y) = self.graph.node(rest) {
                    return y;
                }
                if let Node::Unary(Unary::Exp, y) = self.graph.node(rest) {
                    return self.graph.unary(Unary::Softplus, y);
                }
                return self.graph.unary(Unary::Log1p, rest);
            }
        }
        if let Node::Binary(Binary::Pow, base, exponent) = self.graph.node(x)
            && self.is_positive(base)
        {
            let log = self.log_of_one(base);
            let product = self.graph.binary(Binary::Mul, exponent, log);
            return self.expanded(product);
        }
        if let Node::Unary(Unary::Sigmoid, y) = self.graph.node(x) {
            let negative = self.graph.neg(y);
            let negative = self.arithmetic(negative);
            let softplus = self.graph.unary(Unary::Softplus, negative);
            return self.graph.neg(softplus);
        }
        self.graph.log(x)
    }

    fn abs(&mut self, x: Id) -> Id {
        // But at zero, where no noise lies.
        if let Node::Unary(Unary::Sign, _) = self.graph.node(x) {
            return self.graph.integer(1);
        }
        match self.sign(x) {
            Some(true) => return x,
            Some(false) => {
                let negative = self.graph.neg(x);
                return self.arithmetic(negative);
            }
            None => {}
        }
        let mut monomial = self.monomial(x);
        if monomial.coefficient < Rational::ZERO {
            monomial.coefficient = -monomial.coefficient;
        }
        let powers = std::mem::take(&mut monomial.powers);
        for (base, power) in powers {
            let even = (&power / Rational::from(2)).is_int();
            let factor = match self.sign(base) {
                Some(true) => base,
                Some(false) => {
                    let negative = self.graph.neg(base);
                    self.arithmetic(negative)
                }
                None if even => base,
                None => match self.graph.node(base) {
                    Node::Unary(Unary::Sign, _) => continue,
                    _ => self.graph.unary(Unary::Abs, base),
                },
            };
            monomial.powers.push((factor, power));
        }
        self.signed(&monomial)
    }
}

/// Exponents beyond this are not written out.
fn small(value: &Rational) -> bool {
    let limit = Rational::from(32);
    *value <= limit && *value >= -limit
}

/// Whether f(f⁻¹(x)) = x for an outer f and the inner one, wherever that is a number.
fn undoes(outer: Unary, inner: Unary) -> bool {
    matches!(
        (outer, inner),
        (Unary::Exp, Unary::Log)
            | (Unary::Log, Unary::Exp)
            | (Unary::Expm1, Unary::Log1p)
            | (Unary::Log1p, Unary::Expm1)
            | (Unary::Tanh, Unary::Atanh)
            | (Unary::Atanh, Unary::Tanh)
            | (Unary::Sinh, Unary::Asinh)
            | (Unary::Asinh, Unary::Sinh)
            | (Unary::Tan, Unary::Atan)
            | (Unary::Sin, Unary::Asin)
            | (Unary::Cos, Unary::Acos)
            | (Unary::Cosh, Unary::Acosh)
            | (Unary::Erf, Unary::ErfInv)
            | (Unary::ErfInv, Unary::Erf)
            | (Unary::NormalCdf, Unary::NormalIcdf)
            | (Unary::NormalIcdf, Unary::NormalCdf)
    )
}
