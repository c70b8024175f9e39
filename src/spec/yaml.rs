//! A YAML document as a tree that keeps its places in the file.
//!
//! The tree is built from the events of `saphyr-parser`, without recursion, and bounded while it
//! is built: nesting, aliases and text cannot grow past the limits below, so any file of at most
//! [`MAX_BYTES`] bytes is read or refused at once. Scalars keep the text they are written with: whether
//! `1e-6` or `no` is a number, a truth value or a name is decided by whoever asks for it.

mod builder;

use super::Located;
use super::offsets::{Offsets, Style, is_white};
use crate::diagnostic::{Diagnostic, Span};
use builder::Builder;
use saphyr_parser::Parser;
use std::rc::Rc;

/// The largest file that is read, in bytes.
pub const MAX_BYTES: usize = 1 << 20;

/// The deepest nesting of maps and sequences, aliases included.
const MAX_DEPTH: usize = 64;

/// The most errors that are collected; one more tells that there are more.
pub(super) const MAX_ERRORS: usize = 100;

/// A value and its place.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) span: Span,
    pub(super) value: Value,
}

/// An entry of a map.
pub(super) type Entry = (Located<String>, Rc<Node>);

#[derive(Debug)]
pub(super) enum Value {
    Scalar {
        text: String,
        style: Style,
        offsets: Offsets,
    },
    Sequence(Vec<Rc<Node>>),
    Map(Vec<Entry>),
}

impl Node {
    /// Written as nothing, `~` or `null`.
    pub(super) fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, style: Style::Plain, .. }
            if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// What stands here, in words.
    pub(super) fn kind(&self) -> &'static str {
        match &self.value {
            Value::Scalar { .. } if self.is_null() => "nothing",
            Value::Scalar { text, .. } if text.trim().is_empty() => "empty text",
            Value::Scalar { .. } => "text",
            Value::Sequence(_) => "a sequence",
            Value::Map(_) => "a map",
        }
    }
}

/// The text of a file, or why it is not one.
///
/// # Errors
/// More than [`MAX_BYTES`] bytes, not UTF-8, or control characters.
pub fn text(bytes: &[u8]) -> Result<&str, Diagnostic> {
    if bytes.len() > MAX_BYTES {
        let message = format!("the file has more than {MAX_BYTES} bytes");
        return Err(Diagnostic::error(message, 0..0).help("split it into several specs"));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let offset = error.valid_up_to();
        let line = bytes[..offset].iter().filter(|&&b| b == b'\n').count() + 1;
        let message = format!("not UTF-8 text: byte {offset}, on line {line}, begins no character");
        Diagnostic::error(message, offset..offset).help("save the file as UTF-8")
    })?;
    // YAML 1.2.2, section 5.1. A NUL in particular would end the document for some readers.
    let forbidden =
        |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{85}') || c == '\u{fffe}';
    match text.char_indices().find(|&(_, c)| forbidden(c)) {
        None => Ok(text),
        Some((at, c)) => {
            let message = format!("the control character U+{:04X} is not text", u32::from(c));
            Err(Diagnostic::error(message, at..at + c.len_utf8()).help("remove it"))
        }
    }
}

/// Reads the one document of a file; nothing where it is empty or cannot be read, and then the
/// list says why. Duplicate keys and the like leave a tree as well as errors.
pub(super) fn parse(source: &str) -> (Option<Rc<Node>>, Vec<Diagnostic>) {
    let mut builder = Builder::new(source);
    let mut parser = Parser::new_from_str(source);
    while let Some(next) = parser.next_event() {
        let step = match next {
            Ok((event, span)) => {
                let span = builder.span(span.start.index(), span.end.index());
                builder.event(event, span)
            }
            Err(error) => {
                let at = builder.byte(error.marker().index());
                Err(not_yaml(source, error.info(), at))
            }
        };
        if let Err(fatal) = step {
            builder.errors.push(fatal);
            return (None, builder.errors);
        }
    }
    (builder.root, builder.errors)
}

fn not_yaml(source: &str, problem: &str, at: usize) -> Diagnostic {
    let at = at.min(source.len());
    let end = source[at..]
        .chars()
        .next()
        .map_or(at, |c| at + c.len_utf8());
    if problem == "recursion limit exceeded" {
        let error = Diagnostic::error(format!("nested more than {MAX_DEPTH} deep"), at..end);
        return error.label("the limit is passed here");
    }
    // Seen by the scanner at what stands after the key.
    if problem.contains("simple key expect")
        && let Some(key) = source[..at].trim_end().lines().next_back()
        && !key.trim_start().is_empty()
    {
        let end = source[..at].trim_end().len();
        let start = end - key.trim_start().len();
        return Diagnostic::error("not valid YAML: a key without `:`", start..end)
            .label("`:` and a value belong behind this")
            .help("write `key: value`");
    }
    let error = Diagnostic::error(format!("not valid YAML: {problem}"), at..end);
    if problem.contains("tabs") {
        return error.help("indent with spaces");
    }
    if problem.contains("block mapping") || problem.contains("block collection") {
        return error.help(
            "begin the keys of one map in the same column, and put an expression in double \
             quotes when it holds `: ` or ` #`",
        );
    }
    error.help(
        "put an expression in double quotes when it holds `: ` or ` #`, has brackets inside \
         brackets, or begins with one of [ { * & ! | > @ % ` \" '",
    )
}

/// Without white space at the end. What else Unicode calls space is text to YAML.
pub(super) fn trim(text: &str) -> &str {
    text.trim_end_matches(is_white)
}

/// Adds an error, unless there are more than anyone will read.
pub(super) fn push(errors: &mut Vec<Diagnostic>, error: Diagnostic) {
    if errors.len() <= MAX_ERRORS {
        errors.push(error);
    }
}

/// A text short enough to quote in a message, on one line.
pub(super) fn shorten(text: &str) -> String {
    let line: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(41)
        .collect();
    match line.char_indices().nth(40) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}
