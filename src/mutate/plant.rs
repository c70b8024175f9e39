//! From a formula to the mistakes that can be made in it.
//!
//! A mistake is a few replacements of bytes of the formula's text, found on its syntax tree; so it
//! is what a tired author would have typed, and can be typed again by hand.

mod expression;

use super::kind::Kind;
use super::names::Interchangeable;
use crate::diagnostic::Span;
use crate::language::{Applied, BinaryOp, Expr, ExprKind, parse_applied, parse_expression};
use expression::FACTORS;

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
                "factor: 1/2*mu - nu^2*eps/3",
                "factor: 1/2*(mu - nu^2*eps/3)",
                "factor: 2*(mu - nu^2*eps/3)",
                "factor: sqrt(2*pi)*(mu - nu^2*eps/3)",
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
