//! From a syntax tree to its layout.

use super::{Math, name};
use crate::graph::rational_text;
use crate::language::{
    Applied, Argument, BinaryOp, CompareOp, Expr, ExprKind, Index, IndexKind, parse_applied,
    parse_expression,
};

/// How tightly a part binds; looser ones stand in parentheses inside tighter ones.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Binding {
    Compare,
    Sum,
    Product,
    Negation,
    Power,
    Atom,
}

/// Formulas nested deeper than this are cut: nobody reads them, and a browser would choke.
const DEEPEST: usize = 40;

/// A formula of a spec. One that cannot be read is shown as it is written.
pub(in crate::report) fn formula(text: &str) -> Math {
    match parse_expression(text) {
        Ok(expr) => set(&expr, Binding::Compare, 0),
        Err(_) => Math::word(text),
    }
}

/// A domain or a distribution with its shape.
pub(in crate::report) fn applied(text: &str) -> Math {
    let Ok(applied) = parse_applied(text) else {
        return Math::word(text);
    };
    let mut row = vec![Math::word(&applied.name)];
    if !applied.arguments.is_empty() {
        row.push(list(&applied.arguments, 0).parenthesized());
    }
    let base = Math::Row(row);
    if applied.shape.is_empty() {
        return base;
    }
    Math::Power(Box::new(base), Box::new(shape(&applied)))
}

fn shape(applied: &Applied) -> Math {
    let sizes = applied.shape.iter().map(|s| set(s, Binding::Product, 1));
    separated(sizes.collect(), "×")
}

fn separated(parts: Vec<Math>, sign: &'static str) -> Math {
    let mut row = Vec::new();
    for part in parts {
        if !row.is_empty() {
            row.push(Math::Sign(sign));
        }
        row.push(part);
    }
    Math::Row(row)
}

fn list(arguments: &[Argument], depth: usize) -> Math {
    let mut row = Vec::new();
    for argument in arguments {
        if !row.is_empty() {
            row.push(Math::Sign(","));
        }
        if let Some((parameter, _)) = &argument.name {
            row.push(name(parameter));
            row.push(Math::Sign("="));
        }
        row.push(set(&argument.value, Binding::Compare, depth + 1));
    }
    Math::Row(row)
}

fn set(expr: &Expr, context: Binding, depth: usize) -> Math {
    if depth > DEEPEST {
        return Math::Tight("…");
    }
    let (math, binding) = inner(expr, depth);
    if binding < context {
        math.parenthesized()
    } else {
        math
    }
}

fn inner(expr: &Expr, depth: usize) -> (Math, Binding) {
    let d = depth + 1;
    match &expr.kind {
        ExprKind::Number(value) => {
            let text = rational_text(value);
            match text.split_once('/') {
                Some((top, bottom)) => {
                    let part = |text: &str| Box::new(Math::Number(text.to_owned()));
                    (Math::Fraction(part(top), part(bottom)), Binding::Negation)
                }
                None => (Math::Number(text), Binding::Atom),
            }
        }
        ExprKind::Name(text) => (name(text), Binding::Atom),
        ExprKind::Call {
            function,
            arguments,
            ..
        } => call(function, arguments, d),
        ExprKind::Negate(x) => {
            let row = vec![Math::Tight("−"), set(x, Binding::Product, d)];
            (Math::Row(row), Binding::Negation)
        }
        ExprKind::Binary(operator, x, y) => binary(expr, *operator, x, y, d),
        ExprKind::Compare(operator, x, y) => {
            let sign = match operator {
                CompareOp::Less => "<",
                CompareOp::LessEqual => "≤",
                CompareOp::Greater => ">",
                CompareOp::GreaterEqual => "≥",
                CompareOp::Equal => "=",
                CompareOp::NotEqual => "≠",
            };
            let (x, y) = (set(x, Binding::Sum, d), set(y, Binding::Sum, d));
            (Math::Row(vec![x, Math::Sign(sign), y]), Binding::Compare)
        }
        ExprKind::Vector(entries) => (vector(entries, d), Binding::Atom),
        ExprKind::Comprehension {
            body,
            variable,
            from,
            to,
            ..
        } => {
            let (low, high) = limits(variable, from, to, d);
            let body = Box::new(set(body, Binding::Compare, d).parenthesized());
            let range = Math::Row(vec![low, Math::Sign("…"), high]);
            (Math::Sub(body, Box::new(range)), Binding::Atom)
        }
        ExprKind::Index { base, indices } => {
            let base = set(base, Binding::Atom, d);
            let places = indices.iter().map(|index| place(index, d)).collect();
            let index = separated(places, ",");
            (Math::Sub(Box::new(base), Box::new(index)), Binding::Atom)
        }
    }
}

/// `i = from` and the last index, which is one less than the bound that is written.
fn limits(variable: &str, from: &Expr, to: &Expr, depth: usize) -> (Math, Math) {
    let low = vec![
        name(variable),
        Math::Sign("="),
        set(from, Binding::Sum, depth),
    ];
    let high = match &to.kind {
        ExprKind::Number(value) if value.is_int() => {
            let last = value - crate::number::Rational::ONE;
            Math::Number(rational_text(&last))
        }
        _ => Math::Row(vec![
            set(to, Binding::Sum, depth),
            Math::Sign("−"),
            Math::Number("1".to_owned()),
        ]),
    };
    (Math::Row(low), high)
}

fn place(index: &Index, depth: usize) -> Math {
    let of = |e: &Expr| set(e, Binding::Sum, depth);
    match &index.kind {
        IndexKind::At(at) => of(at),
        IndexKind::Slice { from, to } => {
            let mut row = Vec::new();
            row.extend(from.as_ref().map(of));
            row.push(Math::Tight(":"));
            row.extend(to.as_ref().map(of));
            Math::Row(row)
        }
    }
}

fn vector(entries: &[Expr], depth: usize) -> Math {
    let rows = entries.iter().map(|entry| match &entry.kind {
        ExprKind::Vector(row) => row
            .iter()
            .map(|e| set(e, Binding::Compare, depth))
            .collect(),
        _ => vec![set(entry, Binding::Compare, depth)],
    });
    let rows: Vec<Vec<Math>> = rows.collect();
    let is_matrix = entries
        .iter()
        .any(|e| matches!(e.kind, ExprKind::Vector(_)));
    if is_matrix {
        Math::Table("[", rows, "]")
    } else {
        let row = separated(rows.into_iter().flatten().collect(), ",");
        Math::Fenced("[", Box::new(row), "]")
    }
}

/// The operands of a chain that nests to the left, first to last, each with the sign before it. In a
/// loop: chains are as long as a file.
fn chain(expr: &Expr, belongs: impl Fn(BinaryOp) -> bool) -> (&Expr, Vec<(BinaryOp, &Expr)>) {
    let mut parts = Vec::new();
    let mut at = expr;
    while let ExprKind::Binary(operator, x, y) = &at.kind
        && belongs(*operator)
    {
        parts.push((*operator, &**y));
        at = x;
    }
    parts.reverse();
    (at, parts)
}

fn binary(expr: &Expr, operator: BinaryOp, x: &Expr, y: &Expr, depth: usize) -> (Math, Binding) {
    match operator {
        BinaryOp::Add | BinaryOp::Subtract => {
            let (first, rest) = chain(expr, |o| matches!(o, BinaryOp::Add | BinaryOp::Subtract));
            let mut row = vec![set(first, Binding::Sum, depth)];
            for (operator, part) in rest {
                let sign = if operator == BinaryOp::Add {
                    "+"
                } else {
                    "−"
                };
                row.push(Math::Sign(sign));
                row.push(set(part, Binding::Product, depth));
            }
            (Math::Row(row), Binding::Sum)
        }
        BinaryOp::Multiply | BinaryOp::MatrixMultiply => {
            let belongs = |o| matches!(o, BinaryOp::Multiply | BinaryOp::MatrixMultiply);
            let (first, rest) = chain(expr, belongs);
            // A large operator before a factor would take it in: it stands in parentheses.
            let mut row = vec![set(first, Binding::Negation, depth)];
            for (_, part) in rest {
                let part = set(part, Binding::Negation, depth);
                // Two numbers side by side would read as one.
                let digit = matches!(part, Math::Number(_) | Math::Fraction(..));
                row.push(if digit { Math::Sign("·") } else { Math::Times });
                row.push(part);
            }
            (Math::Row(row), Binding::Product)
        }
        BinaryOp::Divide => {
            let (top, bottom) = (
                set(x, Binding::Compare, depth),
                set(y, Binding::Compare, depth),
            );
            let fraction = Math::Fraction(Box::new(top), Box::new(bottom));
            // A fraction holds its parts together, but not under a power.
            (fraction, Binding::Negation)
        }
        BinaryOp::Power => {
            let base = set(x, Binding::Atom, depth);
            let exponent = set(y, Binding::Compare, depth);
            let power = Math::Power(Box::new(base), Box::new(exponent));
            (power, Binding::Power)
        }
    }
}

fn call(function: &str, arguments: &[Argument], depth: usize) -> (Math, Binding) {
    let values: Vec<&Expr> = arguments.iter().map(|a| &a.value).collect();
    let of = |e: &Expr, binding| Box::new(set(e, binding, depth));
    let fenced = |open, e: &Expr, close| Math::Fenced(open, of(e, Binding::Compare), close);
    let upright = |word: &str| Math::word(word);
    let power =
        |base: &Expr, exponent: Math| Math::Power(of(base, Binding::Atom), Box::new(exponent));
    let number = |n: &str| Math::Number(n.to_owned());
    let math = match (function, values.as_slice()) {
        ("sqrt", [x]) => Math::Root(of(x, Binding::Compare)),
        ("abs", [x]) => fenced("|", x, "|"),
        ("norm", [x]) => fenced("‖", x, "‖"),
        ("floor", [x]) => fenced("⌊", x, "⌋"),
        ("ceil", [x]) => fenced("⌈", x, "⌉"),
        ("square", [x]) => return (power(x, number("2")), Binding::Power),
        ("pow", [x, y]) => {
            let exponent = set(y, Binding::Compare, depth);
            return (power(x, exponent), Binding::Power);
        }
        ("reciprocal", [x]) => {
            let fraction = Math::Fraction(Box::new(number("1")), of(x, Binding::Compare));
            return (fraction, Binding::Negation);
        }
        ("transpose", [x]) => return (power(x, Math::Tight("⊤")), Binding::Power),
        ("sum" | "prod", [x]) => {
            let sign = if function == "sum" { "∑" } else { "∏" };
            let row = match &x.kind {
                ExprKind::Comprehension {
                    body,
                    variable,
                    from,
                    to,
                    ..
                } => {
                    let limits = limits(variable, from, to, depth);
                    let sign = Math::Big(sign, Some(Box::new(limits)));
                    vec![sign, set(body, Binding::Product, depth)]
                }
                _ => vec![Math::Big(sign, None), set(x, Binding::Product, depth)],
            };
            return (Math::Row(row), Binding::Product);
        }
        ("where", [condition, a, b]) => {
            let row = |value: &Expr, words: Vec<Math>| {
                vec![set(value, Binding::Compare, depth), Math::Row(words)]
            };
            let condition = set(condition, Binding::Compare, depth);
            let rows = vec![
                row(a, vec![Math::word("if "), condition]),
                row(b, vec![Math::word("otherwise")]),
            ];
            Math::Table("{", rows, "")
        }
        ("diff", [e, v]) => {
            let below = vec![Math::Tight("∂"), set(v, Binding::Atom, depth)];
            let d = Math::Fraction(Box::new(Math::Tight("∂")), Box::new(Math::Row(below)));
            let row = vec![d, set(e, Binding::Atom, depth)];
            return (Math::Row(row), Binding::Product);
        }
        ("grad", [e, v]) => {
            let nabla = Math::Sub(Box::new(Math::Tight("∇")), of(v, Binding::Atom));
            let row = vec![nabla, set(e, Binding::Atom, depth)];
            return (Math::Row(row), Binding::Product);
        }
        ("integral", [e, v]) => {
            let row = vec![
                Math::Big("∫", None),
                set(e, Binding::Product, depth),
                Math::Times,
                Math::Tight("d"),
                set(v, Binding::Atom, depth),
            ];
            return (Math::Row(row), Binding::Product);
        }
        ("E", [e, v]) => {
            let mean = Math::Sub(Box::new(Math::Tight("𝔼")), of(v, Binding::Atom));
            Math::Row(vec![mean, fenced("[", e, "]")])
        }
        _ => {
            let head = match function {
                "lgamma" => Math::Row(vec![upright("log"), Math::Letter('Γ')]),
                "digamma" => Math::Letter('ψ'),
                "normal_cdf" => Math::Letter('Φ'),
                "normal_icdf" => Math::Power(
                    Box::new(Math::Letter('Φ')),
                    Box::new(Math::Row(vec![Math::Tight("−"), number("1")])),
                ),
                "normal_log_cdf" => Math::Row(vec![upright("log"), Math::Letter('Φ')]),
                "det" | "exp" | "log" | "sin" | "cos" | "tan" | "min" | "max" => upright(function),
                other => name(other),
            };
            // `log |x|`, `log q(z)`, `det J`: what stands together without parentheses.
            if let [x] = values.as_slice()
                && stands_alone(function, x)
            {
                let argument = set(x, Binding::Atom, depth);
                let row = match argument {
                    Math::Fenced(..) => vec![head, argument],
                    _ => vec![head, Math::Times, argument],
                };
                return (Math::Row(row), Binding::Product);
            }
            Math::Row(vec![head, list(arguments, depth).parenthesized()])
        }
    };
    (math, Binding::Atom)
}

/// Whether a function is written before its argument as it is.
fn stands_alone(function: &str, argument: &Expr) -> bool {
    match &argument.kind {
        ExprKind::Name(_) => function == "det",
        ExprKind::Call { function: of, .. } => {
            function == "log" && matches!(of.as_str(), "abs" | "q" | "p" | "norm")
        }
        ExprKind::Number(_)
        | ExprKind::Negate(_)
        | ExprKind::Binary(..)
        | ExprKind::Compare(..)
        | ExprKind::Vector(_)
        | ExprKind::Comprehension { .. }
        | ExprKind::Index { .. } => false,
    }
}
