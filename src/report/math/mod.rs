//! Formulas as they are set in print: one tree for MathML and LaTeX.
//!
//! Law: both have balanced groups, whatever the formula (test `every_formula_of_every_spec_is_set`
//! in `tests/report.rs`).

mod latex;
mod mathml;
mod names;
mod set;

pub(super) use latex::{escape, latex};
pub(super) use mathml::mathml;
pub(super) use names::name;
pub(super) use set::{applied, formula};

/// A formula as laid out.
#[derive(Clone, Debug)]
pub(super) enum Math {
    /// One after another.
    Row(Vec<Math>),
    /// A numeral.
    Number(String),
    /// A quantity, as one character or a Greek letter: italic.
    Letter(char),
    /// A longer name: upright.
    Word(String),
    /// An operator or a relation, with space around it.
    Sign(&'static str),
    /// A sign without space: a minus before a number, a factorial.
    Tight(&'static str),
    /// A small space, between factors.
    Times,
    /// One over the other.
    Fraction(Box<Math>, Box<Math>),
    /// The square root.
    Root(Box<Math>),
    /// Below to the right.
    Sub(Box<Math>, Box<Math>),
    /// Above to the right.
    Power(Box<Math>, Box<Math>),
    /// A large operator with what stands below and above it.
    Big(&'static str, Option<Box<(Math, Math)>>),
    /// Between two delimiters that grow.
    Fenced(&'static str, Box<Math>, &'static str),
    /// Rows of entries, between delimiters.
    Table(&'static str, Vec<Vec<Math>>, &'static str),
}

impl Math {
    pub(super) fn word(text: &str) -> Math {
        Math::Word(text.to_owned())
    }

    fn parenthesized(self) -> Math {
        Math::Fenced("(", Box::new(self), ")")
    }
}
