//! From a formula to the mistakes that can be made in it.
//!
//! A mistake is a few replacements of bytes of the formula's text, found on its syntax tree; so it
//! is what a tired author would have typed, and can be typed again by hand.

use super::kind::Kind;
use super::names::Interchangeable;
use crate::diagnostic::Span;
use crate::language::{
    Applied, BinaryOp, Expr, ExprKind, IndexKind, parse_applied, parse_expression,
};
use crate::number::Rational;

/// A mistake in one formula.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mistake {
    /// Its kind.
    pub(super) kind: Kind,
    /// Bytes of the formula's text and what stands there instead, in order, without overlap.
    pub(super) edits: Vec<(Bytes, String)>,
    /// The part of the formula that shows it.
    pub(super) shown: Bytes,
}

/// A span that can be ordered: first and behind the last byte.
pub(super) type Bytes = (usize, usize);

impl Mistake {
    /// A part of the formula's text with the mistake in it.
    pub(super) fn apply(&self, text: &str, within: Bytes) -> String {
        let mut result = String::new();
        let mut at = within.0;
        for ((start, end), new) in &self.edits {
            result.push_str(&text[at..*start]);
            result.push_str(new);
            at = *end;
        }
        result.push_str(&text[at..within.1]);
        result
    }
}

/// What a planter knows beside the formula.
pub(super) struct Site<'a> {
    /// Names that may be taken for one another.
    pub(super) names: &'a Interchangeable,
    /// Whether the formula is the log-determinant.
    pub(super) is_log_det: bool,
    /// Whether derivatives in the parameters are taken of it.
    pub(super) is_differentiated: bool,
}

/// Every mistake in an expression; none where it cannot be parsed.
pub(super) fn in_expression(text: &str, site: &Site) -> Vec<Mistake> {
    let Ok(expr) = parse_expression(text) else {
        return Vec::new();
    };
    let mut planter = Planter::new(text, site);
    planter.whole(&expr);
    planter.walk(&expr);
    planter.swaps(&[&expr]);
    planter.found()
}

/// Every mistake in the arguments of a distribution.
pub(super) fn in_distribution(text: &str, site: &Site) -> Vec<Mistake> {
    let Ok(applied) = parse_applied(text) else {
        return Vec::new();
    };
    let mut planter = Planter::new(text, site);
    let arguments: Vec<&Expr> = applied.arguments.iter().map(|a| &a.value).collect();
    for argument in &arguments {
        planter.term(argument);
        planter.walk(argument);
    }
    planter.swaps(&arguments);
    planter.found()
}

/// Every mistake in a support: wider ones.
pub(super) fn in_support(text: &str, site: &Site) -> Vec<Mistake> {
    let Ok(applied) = parse_applied(text) else {
        return Vec::new();
    };
    let mut planter = Planter::new(text, site);
    planter.bounds(&applied);
    planter.found()
}

/// Factors that are forgotten or put twice; a formula as a whole gets each, a term one of them.
const FACTORS: [&str; 3] = ["2*", "1/2*", "sqrt(2*pi)*"];

/// Functions of one argument that are taken for one another.
const NEAR_ZERO: [(&str, &str); 4] = [
    ("log", "log1p"),
    ("log1p", "log"),
    ("exp", "expm1"),
    ("expm1", "exp"),
];

/// Reductions that are taken for one another.
const REDUCTIONS: [(&str, &str); 8] = [
    ("sum", "mean"),
    ("mean", "sum"),
    ("prod", "sum"),
    ("logsumexp", "max"),
    ("norm", "sum"),
    ("min", "max"),
    ("max", "min"),
    ("cumsum", "cumprod"),
];

/// Functions whose arguments are sizes.
const OF_SIZES: [&str; 3] = ["identity", "zeros", "ones"];

struct Planter<'a> {
    text: &'a str,
    site: &'a Site<'a>,
    mistakes: Vec<Mistake>,
    terms: usize,
}

fn pair(span: &Span) -> Bytes {
    (span.start, span.end)
}

/// Whether it falls apart beside a product.
fn is_loose(expr: &Expr, text: &str) -> bool {
    let in_parentheses = text[expr.span.clone()].starts_with('(');
    let is_sum = matches!(
        expr.kind,
        ExprKind::Binary(BinaryOp::Add | BinaryOp::Subtract, ..)
            | ExprKind::Negate(_)
            | ExprKind::Compare(..)
    );
    is_sum && !in_parentheses
}

fn is_sum(expr: &Expr) -> bool {
    matches!(
        expr.kind,
        ExprKind::Binary(BinaryOp::Add | BinaryOp::Subtract, ..)
    )
}

impl<'a> Planter<'a> {
    fn new(text: &'a str, site: &'a Site<'a>) -> Self {
        Planter {
            text,
            site,
            mistakes: Vec::new(),
            terms: 0,
        }
    }

    /// Each once, by its place.
    fn found(mut self) -> Vec<Mistake> {
        // What is copied from several lines would not be indented as a block of YAML has to be.
        for (_, new) in self.mistakes.iter_mut().flat_map(|m| &mut m.edits) {
            if new.contains('\n') {
                *new = new.split_whitespace().collect::<Vec<_>>().join(" ");
            }
        }
        self.mistakes.sort_by(|a, b| {
            (a.kind, a.edits.first(), &a.edits).cmp(&(b.kind, b.edits.first(), &b.edits))
        });
        let all = (0, self.text.len());
        let mut seen = std::collections::BTreeSet::from([self.text.to_owned()]);
        self.mistakes
            .retain(|m| seen.insert(m.apply(self.text, all)));
        self.mistakes
    }

    fn add(&mut self, kind: Kind, span: Bytes, new: impl Into<String>, shown: &Span) {
        self.mistakes.push(Mistake {
            kind,
            edits: vec![(span, new.into())],
            shown: pair(shown),
        });
    }

    fn of(&self, expr: &Expr) -> &'a str {
        &self.text[expr.span.clone()]
    }

    /// What can go wrong with a formula as a whole.
    fn whole(&mut self, expr: &Expr) {
        let text = self.of(expr);
        let grouped = if is_loose(expr, self.text) {
            format!("({text})")
        } else {
            text.to_owned()
        };
        let span = pair(&expr.span);
        if self.site.is_log_det {
            self.add(Kind::LogDet, span, "0", &expr.span);
            self.add(Kind::LogDet, span, format!("2*{grouped}"), &expr.span);
            self.add(Kind::LogDet, span, format!("-{grouped}"), &expr.span);
            return;
        }
        if matches!(expr.kind, ExprKind::Compare(..)) {
            return;
        }
        self.add(Kind::Sign, span, format!("-{grouped}"), &expr.span);
        if text == "inf" {
            return;
        }
        for factor in FACTORS {
            self.add(Kind::Factor, span, format!("{factor}{grouped}"), &expr.span);
        }
    }

    /// A part that stands for itself: a summand or an argument.
    fn term(&mut self, expr: &Expr) {
        // A multiple of infinity is infinity.
        let is_infinite = matches!(&expr.kind, ExprKind::Name(name) if name == "inf");
        let is_plain = matches!(expr.kind, ExprKind::Number(_) | ExprKind::Compare(..));
        if is_sum(expr) || is_plain || is_infinite {
            return;
        }
        let factor = FACTORS[self.terms % FACTORS.len()];
        self.terms += 1;
        let text = self.of(expr);
        let new = if is_loose(expr, self.text) {
            format!("{factor}({text})")
        } else {
            format!("{factor}{text}")
        };
        self.add(Kind::Factor, pair(&expr.span), new, &expr.span);
    }

    fn walk(&mut self, root: &Expr) {
        let mut stack = vec![root];
        while let Some(expr) = stack.pop() {
            stack.extend(self.at(expr).into_iter().rev());
        }
    }

    /// The mistakes at a node; returns the parts in which there may be more.
    fn at<'e>(&mut self, expr: &'e Expr) -> Vec<&'e Expr> {
        match &expr.kind {
            ExprKind::Number(value) => {
                if let Some(off) = off_by_a_millionth(value) {
                    self.add(Kind::Constant, pair(&expr.span), off, &expr.span);
                }
                Vec::new()
            }
            ExprKind::Name(name) => {
                if name == "pi" {
                    self.add(Kind::Constant, pair(&expr.span), "3.14159", &expr.span);
                }
                if self.site.is_differentiated && self.site.names.is_parameter(name) {
                    let new = format!("stop_gradient({})", self.of(expr));
                    self.add(Kind::Detach, pair(&expr.span), new, &expr.span);
                }
                Vec::new()
            }
            ExprKind::Call {
                function,
                function_span,
                arguments,
            } => self.call(expr, function, function_span, arguments),
            ExprKind::Negate(inner) => {
                let start = expr.span.start
                    + self.text[expr.span.start..inner.span.start]
                        .find('-')
                        .unwrap_or(0);
                self.add(Kind::Sign, (start, inner.span.start), "", &expr.span);
                vec![inner]
            }
            ExprKind::Binary(operator, left, right) => {
                self.binary(expr, *operator, left, right);
                // An exponent is whole or it is another function: nobody is off by a millionth.
                let is_whole = *operator == BinaryOp::Power
                    && matches!(&right.kind, ExprKind::Number(n) if n.denominator().is_one());
                if is_whole {
                    vec![left]
                } else {
                    vec![left, right]
                }
            }
            ExprKind::Compare(_, left, right) => vec![left, right],
            ExprKind::Vector(entries) => {
                entries.iter().for_each(|entry| self.term(entry));
                entries.iter().collect()
            }
            ExprKind::Comprehension { body, .. } => {
                self.term(body);
                vec![body]
            }
            // Positions are no quantities.
            ExprKind::Index { base, indices } => {
                debug_assert!(
                    indices
                        .iter()
                        .all(|i| matches!(i.kind, IndexKind::At(_) | IndexKind::Slice { .. }))
                );
                vec![base]
            }
        }
    }

    fn binary(&mut self, expr: &Expr, operator: BinaryOp, left: &Expr, right: &Expr) {
        let between = left.span.end..right.span.start;
        let sign = |c: char| {
            let found = self.text[between.clone()].find(c);
            found.map(|at| between.start + at)
        };
        match operator {
            BinaryOp::Add | BinaryOp::Subtract => {
                let adds = operator == BinaryOp::Add;
                let (old, new) = if adds { ('+', "-") } else { ('-', "+") };
                let Some(at) = sign(old) else {
                    return;
                };
                // Of a long sum the neighbours show where.
                let beside = match &left.kind {
                    ExprKind::Binary(BinaryOp::Add | BinaryOp::Subtract, _, last)
                        if !self.of(left).starts_with('(') =>
                    {
                        last.span.start..right.span.end
                    }
                    _ => left.span.start..right.span.end,
                };
                self.add(Kind::Sign, (at, at + 1), new, &beside);
                let rest = (left.span.end, right.span.end);
                self.add(Kind::Term, rest, "", &beside);
                self.term(right);
                if !is_sum(left) {
                    let lead = if adds { "" } else { "-" };
                    let first = (left.span.start, right.span.start);
                    self.add(Kind::Term, first, lead, &beside);
                    if !matches!(left.kind, ExprKind::Negate(_)) {
                        let start = left.span.start;
                        self.add(Kind::Sign, (start, start), "-", &beside);
                    }
                    self.term(left);
                }
            }
            BinaryOp::Power => self.exponents(expr, right),
            BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::MatrixMultiply => {}
        }
    }

    fn exponents(&mut self, power: &Expr, exponent: &Expr) {
        let span = pair(&exponent.span);
        for step in [1, -1] {
            let new = match &exponent.kind {
                ExprKind::Number(n) if n.denominator().is_one() && *n >= Rational::ONE => {
                    (n + Rational::from(step)).to_string()
                }
                _ if step > 0 => format!("({} + 1)", self.of(exponent)),
                _ => format!("({} - 1)", self.of(exponent)),
            };
            self.add(Kind::Exponent, span, new, &power.span);
        }
    }

    fn call<'e>(
        &mut self,
        expr: &'e Expr,
        function: &str,
        function_span: &Span,
        arguments: &'e [crate::language::Argument],
    ) -> Vec<&'e Expr> {
        if OF_SIZES.contains(&function) {
            return Vec::new();
        }
        let name = pair(function_span);
        for (kind, table) in [
            (Kind::Log1p, &NEAR_ZERO[..]),
            (Kind::Reduction, &REDUCTIONS[..]),
        ] {
            for (_, new) in table.iter().filter(|(old, _)| *old == function) {
                self.add(kind, name, *new, &expr.span);
            }
        }
        let is_axis = |i: usize, argument: &crate::language::Argument| match &argument.name {
            Some((name, _)) => name == "axis",
            None => {
                i == 1
                    && crate::language::table::find(function)
                        .is_some_and(|f| f.parameters == "x, [axis]")
            }
        };
        let values: Vec<&Expr> = arguments
            .iter()
            .enumerate()
            .filter(|(i, argument)| !is_axis(*i, argument))
            .map(|(_, argument)| &argument.value)
            .collect();
        for (i, argument) in arguments.iter().enumerate() {
            if is_axis(i, argument)
                && let ExprKind::Number(axis) = &argument.value.kind
            {
                let other = if *axis == Rational::ZERO { "1" } else { "0" };
                let span = pair(&argument.value.span);
                self.add(Kind::Reduction, span, other, &expr.span);
            }
        }
        match (function, values.as_slice()) {
            ("where", [condition, a, b]) => {
                self.mistakes.push(Mistake {
                    kind: Kind::Branch,
                    edits: vec![
                        (pair(&a.span), self.of(b).to_owned()),
                        (pair(&b.span), self.of(a).to_owned()),
                    ],
                    shown: pair(&expr.span),
                });
                self.term(a);
                self.term(b);
                return vec![condition, a, b];
            }
            ("sqrt" | "square", [inner]) => {
                let new = format!("({})", self.of(inner));
                self.add(Kind::Exponent, pair(&expr.span), new, &expr.span);
                self.term(inner);
            }
            ("pow", [_, exponent]) => self.exponents(expr, exponent),
            // The variable of a derivative or an integral is a name.
            ("diff" | "grad" | "integral" | "E", [inner, ..]) => {
                self.term(inner);
                return vec![inner];
            }
            // The order of a polygamma is a plain number.
            ("polygamma", [_, inner]) => {
                self.term(inner);
                return vec![inner];
            }
            // The determinant of J: of nothing else are there derivations.
            ("det" | "log_abs_det" | "q" | "p" | "any" | "all" | "not" | "stop_gradient", _) => {}
            _ => values.iter().for_each(|value| self.term(value)),
        }
        values
    }

    /// Names that stand for quantities of one shape, exchanged throughout.
    fn swaps(&mut self, roots: &[&Expr]) {
        let names: Vec<(&str, Bytes)> = roots
            .iter()
            .flat_map(|root| root.subexpressions())
            .filter_map(|expr| match &expr.kind {
                ExprKind::Name(name) => Some((name.as_str(), pair(&expr.span))),
                ExprKind::Number(_)
                | ExprKind::Call { .. }
                | ExprKind::Negate(_)
                | ExprKind::Binary(..)
                | ExprKind::Compare(..)
                | ExprKind::Vector(_)
                | ExprKind::Comprehension { .. }
                | ExprKind::Index { .. } => None,
            })
            .collect();
        let mut seen: Vec<&str> = names.iter().map(|(name, _)| *name).collect();
        seen.sort_unstable();
        seen.dedup();
        for (i, a) in seen.iter().enumerate() {
            for b in &seen[i + 1..] {
                if !self.site.names.may_be_exchanged(a, b) {
                    continue;
                }
                let mut edits: Vec<(Bytes, String)> = names
                    .iter()
                    .filter(|(name, _)| name == a || name == b)
                    .map(|(name, span)| {
                        let other = if name == a { b } else { a };
                        (*span, (*other).to_owned())
                    })
                    .collect();
                edits.sort();
                let first = edits.first().map_or(0, |e| e.0.0);
                let last = edits.last().map_or(0, |e| e.0.1);
                self.mistakes.push(Mistake {
                    kind: Kind::Swap,
                    edits,
                    shown: (first, last),
                });
            }
        }
    }

    fn bounds(&mut self, support: &Applied) {
        let name = pair(&support.name_span);
        let head_end = self.text[support.span.clone()]
            .find('[')
            .map_or(support.span.end, |at| support.span.start + at);
        let head = (support.span.start, head_end.max(support.name_span.end));
        let widened = |planter: &mut Self, new: &str, whole: bool| {
            let span = if whole { head } else { name };
            planter.add(Kind::Bound, span, new, &support.span);
        };
        match support.name.as_str() {
            "positive" | "nonnegative" | "negative" => widened(self, "real", false),
            "unit_interval" => {
                widened(self, "positive", false);
                widened(self, "less_than(1)", false);
            }
            "greater_than" | "less_than" => widened(self, "real", true),
            "interval" | "integer_interval" => {
                if let [low, high] = support.arguments.as_slice() {
                    let (low, high) = (&low.value, &high.value);
                    let lower = format!("{} - 1", self.of(low));
                    self.add(Kind::Bound, pair(&low.span), lower, &support.span);
                    let upper = format!("{} + 1", self.of(high));
                    self.add(Kind::Bound, pair(&high.span), upper, &support.span);
                }
            }
            "boolean" => widened(self, "nonnegative_integer", false),
            "ordered" => widened(self, "real", false),
            "positive_ordered" => {
                widened(self, "positive", false);
                widened(self, "ordered", false);
            }
            _ => {}
        }
    }
}

/// A numeral a millionth larger, written as a decimal; zero becomes a millionth.
fn off_by_a_millionth(value: &Rational) -> Option<String> {
    let million = Rational::from(1_000_000);
    let mut off = if *value == Rational::ZERO {
        Rational::ONE / million
    } else {
        value * (Rational::ONE + Rational::ONE / million)
    };
    // A numeral is a decimal fraction, so some power of ten makes it whole.
    let mut places = 0usize;
    while !off.denominator().is_one() {
        off *= Rational::from(10);
        places += 1;
        if places > 60 {
            return None;
        }
    }
    let digits = format!(
        "{:0>width$}",
        off.numerator().to_string(),
        width = places + 1
    );
    let (whole, part) = digits.split_at(digits.len() - places);
    Some(if part.is_empty() {
        whole.to_owned()
    } else {
        format!("{whole}.{part}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str, site: &Site) -> Vec<String> {
        let whole = (0, text.len());
        in_expression(text, site)
            .iter()
            .map(|m| format!("{}: {}", m.kind.name(), m.apply(text, whole)))
            .collect()
    }

    #[test]
    fn mistakes_are_those_that_people_make() {
        let names = Interchangeable::of_parameters(&["mu", "nu"]);
        let site = Site {
            names: &names,
            is_log_det: false,
            is_differentiated: true,
        };
        assert_eq!(
            all("mu - nu^2*eps/3", &site),
            [
                "sign: -mu - nu^2*eps/3",
                "sign: -(mu - nu^2*eps/3)",
                "sign: mu + nu^2*eps/3",
                "factor: 1/2*(mu - nu^2*eps/3)",
                "factor: 2*(mu - nu^2*eps/3)",
                "factor: sqrt(2*pi)*(mu - nu^2*eps/3)",
                "factor: 1/2*mu - nu^2*eps/3",
                "factor: mu - 2*nu^2*eps/3",
                "exponent: mu - nu^1*eps/3",
                "exponent: mu - nu^3*eps/3",
                "swap: nu - mu^2*eps/3",
                "detach: stop_gradient(mu) - nu^2*eps/3",
                "detach: mu - stop_gradient(nu)^2*eps/3",
                "term: -nu^2*eps/3",
                "term: mu",
                "constant: mu - nu^2*eps/3.000003",
            ]
        );
    }
}
