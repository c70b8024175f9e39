//! Formulas as text, in the language they are written in.
//!
//! Law: parsing what is printed gives the formula back (test `printing_then_parsing` in
//! `tests/laws.rs`).

use super::{Graph, Id, Node};
use crate::number::{Binary, Rational, Ternary, Unary};

/// How tightly a printed formula binds; a smaller one needs parentheses inside a larger one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Binding {
    Comparison,
    Sum,
    Product,
    Negation,
    Power,
    Atom,
}

/// Text longer than this is cut with an ellipsis: a message is for reading.
const LONGEST: usize = 2_000;

/// Characters of a formula in a message at most.
const BRIEF: usize = 73;

/// Deeper formulas print as an ellipsis below this.
const DEEPEST: usize = 60;

/// A text of so many characters at most, cut with an ellipsis.
pub(crate) fn shortened(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let start: String = text.chars().take(width - 1).collect();
    format!("{start}…")
}

impl Graph {
    /// A formula as text, in the surface language; cut where it is too long to read.
    pub fn display(&self, id: Id) -> String {
        let mut text = String::new();
        self.write(&mut text, id, Binding::Comparison, 0);
        text
    }

    /// The beginning of a formula as text, for a message that names it.
    pub fn brief(&self, id: Id) -> String {
        shortened(&self.display(id), BRIEF)
    }

    fn write(&self, out: &mut String, id: Id, context: Binding, depth: usize) {
        if depth > DEEPEST || out.len() > LONGEST {
            out.push('…');
            return;
        }
        let binding = self.binding(id);
        let parenthesized = binding < context;
        if parenthesized {
            out.push('(');
        }
        let d = depth + 1;
        match self.node(id) {
            Node::Constant(place) => out.push_str(&rational_text(self.constant_value(place))),
            Node::Pi => out.push_str("pi"),
            Node::Infinity => out.push_str("inf"),
            Node::Symbol(_) => {
                let symbol = self.as_symbol(id).expect("invariant: it is a symbol");
                out.push_str(&symbol.to_string());
            }
            Node::Unary(Unary::Neg, x) => {
                out.push('-');
                self.write(out, x, Binding::Negation, d);
            }
            Node::Unary(Unary::Not, x) => {
                if let Node::Binary(Binary::Equal, a, b) = self.node(x) {
                    self.write_infix(out, (a, Binding::Sum), " != ", (b, Binding::Sum), d);
                } else {
                    self.write_call(out, "not", &[x], d);
                }
            }
            Node::Unary(Unary::Polygamma(n), x) if n > 1 => {
                // The order is an argument of the function that has a general one.
                out.push_str(&format!("polygamma({n}, "));
                self.write(out, x, Binding::Comparison, d);
                out.push(')');
            }
            Node::Unary(operator, x) => self.write_call(out, &unary_name(operator), &[x], d),
            Node::Binary(operator, x, y) => match binary_form(operator) {
                Form::Infix(symbol, left, right) => {
                    self.write_infix(out, (x, left), symbol, (y, right), d);
                }
                Form::Call(name) => self.write_call(out, name, &[x, y], d),
            },
            Node::Ternary(operator, x, y, z) => {
                let name = match operator {
                    Ternary::Select => "where",
                    Ternary::BetaInc => "beta_inc",
                    Ternary::BetaIncDa => "beta_inc_da",
                };
                self.write_call(out, name, &[x, y, z], d);
            }
        }
        if parenthesized {
            out.push(')');
        }
    }

    fn write_infix(
        &self,
        out: &mut String,
        (x, left): (Id, Binding),
        symbol: &str,
        (y, right): (Id, Binding),
        depth: usize,
    ) {
        self.write(out, x, left, depth);
        out.push_str(symbol);
        self.write(out, y, right, depth);
    }

    fn write_call(&self, out: &mut String, name: &str, arguments: &[Id], depth: usize) {
        out.push_str(name);
        out.push('(');
        for (i, &argument) in arguments.iter().enumerate() {
            if i > 0 {
                out.push_str(", ");
            }
            self.write(out, argument, Binding::Comparison, depth);
        }
        out.push(')');
    }

    fn binding(&self, id: Id) -> Binding {
        match self.node(id) {
            Node::Constant(place) => {
                let text = rational_text(self.constant_value(place));
                if text.contains('/') {
                    Binding::Product
                } else if text.starts_with('-') {
                    Binding::Negation
                } else {
                    Binding::Atom
                }
            }
            Node::Pi | Node::Infinity | Node::Symbol(_) | Node::Ternary(..) => Binding::Atom,
            Node::Unary(Unary::Neg, _) => Binding::Negation,
            Node::Unary(Unary::Not, x) => {
                if matches!(self.node(x), Node::Binary(Binary::Equal, ..)) {
                    Binding::Comparison
                } else {
                    Binding::Atom
                }
            }
            Node::Unary(..) => Binding::Atom,
            Node::Binary(operator, ..) => match operator {
                Binary::Add | Binary::Sub => Binding::Sum,
                Binary::Mul | Binary::Div => Binding::Product,
                Binary::Pow => Binding::Power,
                Binary::Less | Binary::LessEqual | Binary::Equal => Binding::Comparison,
                Binary::Min
                | Binary::Max
                | Binary::Mod
                | Binary::Atan2
                | Binary::GammaP
                | Binary::GammaQ
                | Binary::GammaPDa
                | Binary::And
                | Binary::Or => Binding::Atom,
            },
        }
    }
}

/// How a binary operator is written.
enum Form {
    /// Between its arguments, each of which binds at least this tightly.
    Infix(&'static str, Binding, Binding),
    /// Before them.
    Call(&'static str),
}

fn binary_form(operator: Binary) -> Form {
    use Binding::{Atom, Negation, Product, Sum};
    match operator {
        Binary::Add => Form::Infix(" + ", Sum, Product),
        Binary::Sub => Form::Infix(" - ", Sum, Product),
        Binary::Mul => Form::Infix("*", Product, Negation),
        Binary::Div => Form::Infix("/", Product, Negation),
        Binary::Pow => Form::Infix("^", Atom, Negation),
        Binary::Less => Form::Infix(" < ", Sum, Sum),
        Binary::LessEqual => Form::Infix(" <= ", Sum, Sum),
        Binary::Equal => Form::Infix(" == ", Sum, Sum),
        Binary::Min => Form::Call("min"),
        Binary::Max => Form::Call("max"),
        Binary::Mod => Form::Call("mod"),
        Binary::Atan2 => Form::Call("atan2"),
        Binary::GammaP => Form::Call("gamma_p"),
        Binary::GammaQ => Form::Call("gamma_q"),
        Binary::GammaPDa => Form::Call("gamma_p_da"),
        Binary::And => Form::Call("all"),
        Binary::Or => Form::Call("any"),
    }
}

/// The name of a function of one argument; the operators written otherwise have none.
pub(crate) fn unary_name(operator: Unary) -> std::borrow::Cow<'static, str> {
    match operator {
        Unary::Neg => "-".into(),
        Unary::Exp => "exp".into(),
        Unary::Log => "log".into(),
        Unary::Log1p => "log1p".into(),
        Unary::Expm1 => "expm1".into(),
        Unary::Sqrt => "sqrt".into(),
        Unary::Abs => "abs".into(),
        Unary::Sign => "sign".into(),
        Unary::Floor => "floor".into(),
        Unary::Ceil => "ceil".into(),
        Unary::Round => "round".into(),
        Unary::Sin => "sin".into(),
        Unary::Cos => "cos".into(),
        Unary::Tan => "tan".into(),
        Unary::Asin => "asin".into(),
        Unary::Acos => "acos".into(),
        Unary::Atan => "atan".into(),
        Unary::Sinh => "sinh".into(),
        Unary::Cosh => "cosh".into(),
        Unary::Tanh => "tanh".into(),
        Unary::Asinh => "asinh".into(),
        Unary::Acosh => "acosh".into(),
        Unary::Atanh => "atanh".into(),
        Unary::Sigmoid => "sigmoid".into(),
        Unary::Softplus => "softplus".into(),
        Unary::Erf => "erf".into(),
        Unary::Erfc => "erfc".into(),
        Unary::ErfInv => "erfinv".into(),
        Unary::NormalCdf => "normal_cdf".into(),
        Unary::NormalIcdf => "normal_icdf".into(),
        Unary::NormalLogCdf => "normal_log_cdf".into(),
        Unary::Lgamma => "lgamma".into(),
        Unary::Polygamma(0) => "digamma".into(),
        Unary::Polygamma(1) => "trigamma".into(),
        Unary::Polygamma(n) => format!("polygamma_{n}").into(),
        Unary::LogBesselI0 => "log_bessel_i0".into(),
        Unary::BesselRatio => "bessel_ratio_i1_i0".into(),
        Unary::Not => "not".into(),
        Unary::StopGradient => "stop_gradient".into(),
    }
}

/// An exact rational as the shortest text that reads as it: an integer, a finite decimal of at
/// most twelve places, or a fraction.
pub(crate) fn rational_text(value: &Rational) -> String {
    if value.is_int() {
        return value.numerator().to_string();
    }
    let mut scaled = value.clone();
    for places in 1..=12usize {
        scaled *= Rational::from(10);
        if scaled.is_int() {
            let digits = scaled.numerator().to_string();
            let (sign, digits) = match digits.strip_prefix('-') {
                Some(rest) => ("-", rest),
                None => ("", digits.as_str()),
            };
            let digits = format!("{digits:0>width$}", width = places + 1);
            let (whole, part) = digits.split_at(digits.len() - places);
            return format!("{sign}{whole}.{part}");
        }
    }
    format!("{}/{}", value.numerator(), value.denominator())
}
