//! A YAML document as a tree that keeps its places in the file.
//!
//! The tree is built from the events of `saphyr-parser`, without recursion, and bounded while it
//! is built: nesting, aliases and text cannot grow past the limits below, so any file of at most
//! [`MAX_BYTES`] bytes is read or refused at once. Scalars keep the text they are written with: whether
//! `1e-6` or `no` is a number, a truth value or a name is decided by whoever asks for it.

use super::Located;
use super::offsets::{Offsets, Style, is_white, skip_properties};
use crate::diagnostic::{Diagnostic, Span};
use saphyr_parser::{Event, Parser, ScalarStyle, Tag};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The largest file that is read, in bytes.
pub const MAX_BYTES: usize = 1 << 20;
/// The deepest nesting of maps and sequences, aliases included.
const MAX_DEPTH: usize = 64;
/// The most values in a document, each alias counted as all it stands for.
const MAX_NODES: usize = 100_000;
/// The most errors that are collected; one more tells that there are more.
pub(super) const MAX_ERRORS: usize = 100;
/// The most text in a document, each alias counted as all it stands for.
const MAX_TEXT: usize = 2 * MAX_BYTES;

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
    let error = Diagnostic::error(format!("not valid YAML: {problem}"), at..end);
    if problem.contains("tabs") {
        return error.help("indent with spaces");
    }
    error.help(
        "put an expression in double quotes when it holds `: ` or ` #`, has brackets inside \
         brackets, or begins with one of [ { * & ! | > @ % ` \" '",
    )
}

/// How much a node stands for.
#[derive(Clone, Copy, Default)]
struct Size {
    nodes: usize,
    text: usize,
    height: usize,
}

impl Size {
    fn include(&mut self, child: Size) {
        self.nodes += child.nodes;
        self.text += child.text;
        self.height = self.height.max(child.height + 1);
    }
}

/// A map or sequence whose end has not been reached.
struct Open {
    anchor: usize,
    span: Span,
    size: Size,
    items: Items,
}

enum Items {
    Sequence(Vec<Rc<Node>>),
    Map(Vec<Entry>, Expects),
}

enum Expects {
    Key,
    Value(Located<String>),
    /// The value of a key that has been refused.
    Ignored,
}

struct Builder<'s> {
    source: &'s str,
    /// Byte offset of each character: the parser counts characters.
    bytes: Vec<usize>,
    open: Vec<Open>,
    anchors: BTreeMap<usize, (Rc<Node>, Size)>,
    total: Size,
    documents: usize,
    root: Option<Rc<Node>>,
    errors: Vec<Diagnostic>,
}

impl<'s> Builder<'s> {
    fn new(source: &'s str) -> Self {
        let ends = source.char_indices().map(|(at, _)| at);
        Builder {
            source,
            bytes: ends.chain([source.len()]).collect(),
            open: Vec::new(),
            anchors: BTreeMap::new(),
            total: Size::default(),
            documents: 0,
            root: None,
            errors: Vec::new(),
        }
    }

    fn byte(&self, character: usize) -> usize {
        self.bytes
            .get(character)
            .copied()
            .unwrap_or(self.source.len())
    }

    fn span(&self, start: usize, end: usize) -> Span {
        let start = self.byte(start);
        start..self.byte(end).max(start)
    }

    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Diagnostic> {
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err(Diagnostic::error("a second document in the file", span)
                        .label("begins here")
                        .help("write one spec per file"));
                }
                Ok(())
            }
            Event::Alias(anchor) => self.alias(anchor, span),
            Event::Scalar(text, style, anchor, tag) => {
                let style = match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted => Style::SingleQuoted,
                    ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
                    ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
                };
                let written = if anchor > 0 || tag.is_some() {
                    skip_properties(style, self.source, &span)
                } else {
                    span.clone()
                };
                self.check_tag(tag, "str", &span);
                self.scalar(text.into_owned(), style, anchor, written)
            }
            Event::SequenceStart(anchor, tag) => {
                self.check_tag(tag, "seq", &span);
                self.begin(anchor, span, Items::Sequence(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                self.check_tag(tag, "map", &span);
                self.begin(anchor, span, Items::Map(Vec::new(), Expects::Key))
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(&span),
        }
    }

    fn check_tag(&mut self, tag: Option<Cow<'_, Tag>>, known: &str, span: &Span) {
        if let Some(tag) = tag
            && !(tag.is_yaml_core_schema() && tag.suffix == known)
        {
            let error = Diagnostic::error("a YAML tag that means nothing here", span.clone())
                .help("remove it, or put the expression in double quotes");
            push(&mut self.errors, error);
        }
    }

    fn scalar(
        &mut self,
        text: String,
        style: Style,
        anchor: usize,
        mut span: Span,
    ) -> Result<(), Diagnostic> {
        span.end = span.start + trim(&self.source[span.clone()]).len();
        // A value that is not written has no place of its own: it lies at its key.
        if text.is_empty()
            && style == Style::Plain
            && let Some(Open {
                items: Items::Map(_, Expects::Value(key)),
                ..
            }) = self.open.last()
        {
            span = key.span.clone();
        }
        let offsets = Offsets::find(&text, style, self.source, &span);
        let size = Size {
            nodes: 1,
            text: text.len(),
            height: 0,
        };
        self.count(size, &span)?;
        let value = Value::Scalar {
            text,
            style,
            offsets,
        };
        self.place(anchor, Rc::new(Node { span, value }), size);
        Ok(())
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Diagnostic> {
        let Some((node, size)) = self.anchors.get(&anchor) else {
            return Err(
                Diagnostic::error("an alias inside the value that it stands for", span)
                    .label("would never end"),
            );
        };
        let (node, size) = (Rc::clone(node), *size);
        self.count(size, &span)?;
        self.place(0, node, size);
        Ok(())
    }

    fn begin(&mut self, anchor: usize, span: Span, items: Items) -> Result<(), Diagnostic> {
        let size = Size {
            nodes: 1,
            text: 0,
            height: 1,
        };
        self.count(size, &span)?;
        self.open.push(Open {
            anchor,
            span,
            size,
            items,
        });
        Ok(())
    }

    /// Refuses what would grow past a limit before it is stored.
    fn count(&mut self, size: Size, span: &Span) -> Result<(), Diagnostic> {
        self.total.nodes += size.nodes;
        self.total.text += size.text;
        let what = if self.open.len() + size.height > MAX_DEPTH {
            format!("nested more than {MAX_DEPTH} deep")
        } else if self.total.nodes > MAX_NODES {
            format!("more than {MAX_NODES} values, aliases expanded")
        } else if self.total.text > MAX_TEXT {
            format!("more than {MAX_TEXT} bytes of text, aliases expanded")
        } else {
            return Ok(());
        };
        Err(Diagnostic::error(what, span.clone()).label("the limit is passed here"))
    }

    fn end(&mut self, span: &Span) -> Result<(), Diagnostic> {
        let open = self
            .open
            .pop()
            .expect("invariant: the parser ends only what it began");
        let mut place = open.span;
        let value = match open.items {
            Items::Sequence(nodes) => Value::Sequence(nodes),
            Items::Map(mut entries, _) => {
                self.refuse_duplicates(&entries);
                self.refuse_cut_expressions(&mut entries);
                Value::Map(entries)
            }
        };
        let last = match &value {
            Value::Sequence(nodes) => nodes.last(),
            Value::Map(entries) => entries.last().map(|(_, node)| node),
            Value::Scalar { .. } => None,
        };
        place.end = last.map_or(place.end, |node| node.span.end.max(place.end));
        // The end of a collection in block style is wherever the next thing begins.
        if !span.is_empty() {
            let written = trim(&self.source[place.start..span.end]).len();
            place.end = place.start + written;
        }
        self.place(open.anchor, Rc::new(Node { span: place, value }), open.size);
        Ok(())
    }

    fn refuse_duplicates(&mut self, entries: &[Entry]) {
        let mut first: BTreeMap<&str, &Span> = BTreeMap::new();
        for (key, _) in entries {
            if let Some(earlier) = first.insert(&key.value, &key.span) {
                if self.errors.len() > MAX_ERRORS {
                    return;
                }
                let (line, _) = crate::diagnostic::line_column(self.source, earlier.start);
                let message = format!("duplicate key `{}`", shorten(&key.value));
                let error = Diagnostic::error(message, key.span.clone())
                    .label("given again here")
                    .note(format!("it is given before, on line {line}"));
                push(&mut self.errors, error);
            }
        }
    }

    /// In `{eps: normal(0, 1)}` YAML takes `1)` for another key: the comma ends a plain scalar. The
    /// pieces are joined again, so that the expression is read as it was meant.
    fn refuse_cut_expressions(&mut self, entries: &mut Vec<Entry>) {
        let mut open = 0;
        let mut cut: Option<usize> = None;
        let mut whole: Vec<Entry> = Vec::new();
        for (key, node) in entries.drain(..) {
            // A value that is not written lies at its key.
            let is_piece = open > 0 && node.is_null() && node.span == key.span;
            if is_piece {
                if cut.is_none() {
                    let message = "the expression is cut at the comma before this";
                    let error = Diagnostic::error(message, key.span.clone())
                        .label("read as another key")
                        .help("put an expression that has commas in double quotes inside { }");
                    push(&mut self.errors, error);
                }
                cut = Some(key.span.end);
                open += unclosed(&key.value);
                continue;
            }
            self.join(&mut whole, cut.take());
            open = match &node.value {
                Value::Scalar {
                    text,
                    style: Style::Plain,
                    ..
                } => unclosed(text),
                Value::Scalar { .. } | Value::Sequence(_) | Value::Map(_) => 0,
            };
            whole.push((key, node));
        }
        self.join(&mut whole, cut);
        *entries = whole;
    }

    /// Extends the value of the last entry to where its last piece ends.
    fn join(&self, entries: &mut [Entry], end: Option<usize>) {
        if let (Some(end), Some((_, node))) = (end, entries.last_mut()) {
            let span = node.span.start..end.max(node.span.end);
            let text = self.source[span.clone()].to_owned();
            let value = Value::Scalar {
                offsets: Offsets::find(&text, Style::Plain, self.source, &span),
                style: Style::Plain,
                text,
            };
            *node = Rc::new(Node { span, value });
        }
    }

    /// Hands a finished node to what it is part of.
    fn place(&mut self, anchor: usize, node: Rc<Node>, size: Size) {
        if anchor > 0 {
            self.anchors.insert(anchor, (Rc::clone(&node), size));
        }
        let Some(parent) = self.open.last_mut() else {
            self.root = Some(node);
            return;
        };
        parent.size.include(size);
        match &mut parent.items {
            Items::Sequence(nodes) => nodes.push(node),
            Items::Map(entries, expects) => match std::mem::replace(expects, Expects::Key) {
                Expects::Key => match &node.value {
                    Value::Scalar { text, .. } => {
                        *expects = Expects::Value(Located {
                            value: text.clone(),
                            span: node.span.clone(),
                        });
                    }
                    Value::Sequence(_) | Value::Map(_) => {
                        let message = format!("{} as a key", node.kind());
                        let error = Diagnostic::error(message, node.span.clone())
                            .label("a key is a name")
                            .help("put an expression in double quotes");
                        push(&mut self.errors, error);
                        *expects = Expects::Ignored;
                    }
                },
                Expects::Value(key) => entries.push((key, node)),
                Expects::Ignored => {}
            },
        }
    }
}

/// Without white space at the end. What else Unicode calls space is text to YAML.
pub(super) fn trim(text: &str) -> &str {
    text.trim_end_matches(is_white)
}

/// How many more brackets a text opens than it closes.
fn unclosed(text: &str) -> isize {
    text.chars()
        .map(|c| match c {
            '(' | '[' => 1,
            ')' | ']' => -1,
            _ => 0,
        })
        .sum()
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
