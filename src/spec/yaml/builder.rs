//! From the events of the parser to a tree, without recursion.
//!
//! Whatever would grow past a limit is refused before it is stored, aliases counted as all they stand
//! for.

use super::{Entry, MAX_BYTES, MAX_DEPTH, MAX_ERRORS, Node, Value, push, shorten, trim};
use crate::diagnostic::{Diagnostic, Span};
use crate::spec::Located;
use crate::spec::offsets::{Offsets, Style, skip_properties};
use saphyr_parser::{Event, ScalarStyle, Tag};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The most values in a document, each alias counted as all it stands for.
const MAX_NODES: usize = 100_000;

/// The most text in a document, each alias counted as all it stands for.
const MAX_TEXT: usize = 2 * MAX_BYTES;

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

pub(super) struct Builder<'s> {
    source: &'s str,
    /// Byte offset of each character: the parser counts characters.
    bytes: Vec<usize>,
    open: Vec<Open>,
    anchors: BTreeMap<usize, (Rc<Node>, Size)>,
    total: Size,
    documents: usize,
    pub(super) root: Option<Rc<Node>>,
    pub(super) errors: Vec<Diagnostic>,
}

impl<'s> Builder<'s> {
    pub(super) fn new(source: &'s str) -> Self {
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

    pub(super) fn byte(&self, character: usize) -> usize {
        self.bytes
            .get(character)
            .copied()
            .unwrap_or(self.source.len())
    }

    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        let start = self.byte(start);
        start..self.byte(end).max(start)
    }

    pub(super) fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Diagnostic> {
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
