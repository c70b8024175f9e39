//! Mistakes at the nodes of an expression: signs, factors, constants, exponents, functions and branches
//! taken for one another.

use super::{Mistake, Planter, is_loose, is_sum, pair};
use crate::diagnostic::Span;
use crate::language::{BinaryOp, Expr, ExprKind, IndexKind};
use crate::mutate::kind::Kind;
use crate::number::Rational;

/// Factors that are forgotten or put twice; a formula as a whole gets each, a term one of them.
pub(super) const FACTORS: [&str; 3] = ["2*", "1/2*", "sqrt(2*pi)*"];

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

impl<'a> Planter<'a> {
    /// A part that stands for itself: a summand or an argument.
    pub(super) fn term(&mut self, expr: &Expr) {
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

    pub(super) fn walk(&mut self, root: &Expr) {
        let mut stack = vec![root];
        while let Some(expr) = stack.pop() {
            stack.extend(self.at(expr).into_iter().rev());
        }
    }

    /// The mistakes at a node; returns the parts in which there may be more.
    pub(super) fn at<'e>(&mut self, expr: &'e Expr) -> Vec<&'e Expr> {
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
}
