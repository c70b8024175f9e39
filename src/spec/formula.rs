//! An expression as it is written in the file, with the way back to its place there.

use super::offsets::{Offsets, Style};
use super::yaml::{Node, Value, trim};
use crate::diagnostic::{Diagnostic, Span};

/// The text of an expression and where each part of it stands in the file. A YAML number is the text
/// it is written with, so `0.1` stays exactly 1/10; a sequence is a bracketed list of its parts, so
/// `[a, b]` reads the same with or without quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formula {
    /// The expression, without white space at its end; empty where none could be read.
    pub text: String,
    offsets: Offsets,
    span: Span,
}

impl Formula {
    /// In place of an expression that could not be read, which has been reported.
    pub(super) fn unread(span: Span) -> Formula {
        Formula {
            text: String::new(),
            offsets: Offsets::default(),
            span,
        }
    }

    /// Whether no expression could be read here; the reason has been reported.
    pub fn is_unread(&self) -> bool {
        self.text.is_empty()
    }

    /// Where the whole stands in the file.
    pub fn span(&self) -> Span {
        self.span.clone()
    }

    /// Where a range of bytes of `text` stands in the file; past its end is its end.
    pub fn locate(&self, span: Span) -> Span {
        self.offsets.locate(&span).unwrap_or_else(|| self.span())
    }

    /// The expression that a node reads as.
    ///
    /// # Errors
    /// The first part that is neither text nor a sequence, or is empty.
    pub(super) fn new(node: &Node) -> Result<Formula, Diagnostic> {
        match &node.value {
            Value::Scalar { text, offsets, .. } => {
                let text = trim(text);
                if node.is_null() || text.is_empty() {
                    return Err(expected(node).label("nothing is written here"));
                }
                let mut offsets = offsets.clone();
                offsets.truncate(text.len());
                let span = offsets
                    .locate(&(0..text.len()))
                    .unwrap_or_else(|| node.span.clone());
                Ok(Formula {
                    text: text.to_owned(),
                    offsets,
                    span,
                })
            }
            Value::Sequence(parts) => Formula::bracketed(node, parts),
            Value::Map(_) => Err(expected(node)
                .label("a map")
                .help("put an expression that holds braces or a colon in double quotes")),
        }
    }

    /// A comma in YAML's brackets separates as it does in an expression's, whatever it separates.
    fn bracketed(node: &Node, parts: &[std::rc::Rc<Node>]) -> Result<Formula, Diagnostic> {
        let whole = &node.span;
        let mut formula = Formula {
            text: String::new(),
            offsets: Offsets::default(),
            span: whole.clone(),
        };
        let mut at = whole.start;
        for (i, part) in parts.iter().enumerate() {
            let part = Formula::new(part)?;
            // An alias stands elsewhere; what joins it to its neighbours then has no length.
            let start = part.span.start.clamp(at, whole.end);
            formula.join(if i == 0 { "[" } else { ", " }, at..start);
            formula.text.push_str(&part.text);
            formula.offsets.append(&part.offsets);
            at = part.span.end.clamp(start, whole.end);
        }
        if parts.is_empty() {
            formula.join("[", at..at);
        }
        formula.join("]", at..whole.end);
        Ok(formula)
    }

    fn join(&mut self, text: &str, file: Span) {
        self.text.push_str(text);
        self.offsets.push(text.len(), file, false);
    }
}

fn expected(node: &Node) -> Diagnostic {
    let message = format!("expected an expression, found {}", node.kind());
    Diagnostic::error(message, node.span.clone())
}

/// Whether a scalar can be a number or a truth value: quotes make it text.
pub(super) fn is_plain(node: &Node) -> bool {
    matches!(
        &node.value,
        Value::Scalar {
            style: Style::Plain,
            ..
        }
    )
}
