//! What the sections of a spec are made of: maps with known keys, maps from names, lists, expressions, words.
//!
//! Each function returns what could be read and reports what could not, so that one pass finds
//! every error; an expression that could not be read leaves an unread [`Formula`] in its place.
//! Expressions and names keep the text they are written with; sizes and truth values are read
//! by `serde_yaml`, each from its own scalar, so that they mean what YAML says.

use super::Formula;
use super::formula::is_plain;
use super::raw::{Named, SPEC_KEYS, TARGET_KEYS};
use super::yaml::{Entry, MAX_ERRORS, Node, Value, push, shorten, trim};
use crate::diagnostic::{Diagnostic, Span, nearest};
use crate::language::canonical_name;
use std::collections::BTreeSet;

/// The entries of a map whose keys are known.
pub(super) struct Fields<'n> {
    pub(super) entries: &'n [Entry],
    pub(super) span: Span,
}

impl<'n> Fields<'n> {
    pub(super) fn get(&self, key: &str) -> Option<&'n Node> {
        self.entry(key).map(|(_, node)| node.as_ref())
    }

    pub(super) fn entry(&self, key: &str) -> Option<&'n Entry> {
        self.entries.iter().find(|(k, _)| k.value == key)
    }
}

pub(super) struct Reader {
    pub(super) found: Vec<Diagnostic>,
}

impl Reader {
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        push(&mut self.found, diagnostic);
    }

    pub(super) fn wrong_kind(&mut self, node: &Node, expected: &str) {
        let message = format!("expected {expected}, found {}", node.kind());
        self.report(Diagnostic::error(message, node.span.clone()));
    }

    /// The entries of a map; keys that are not `known` are errors.
    pub(super) fn fields<'n>(
        &mut self,
        node: &'n Node,
        what: &str,
        known: &[&'static str],
    ) -> Fields<'n> {
        let entries = match &node.value {
            Value::Map(entries) => entries.as_slice(),
            Value::Scalar { .. } | Value::Sequence(_) => {
                self.wrong_kind(node, &format!("{what} (a map)"));
                &[]
            }
        };
        for (key, _) in entries {
            if known.contains(&key.value.as_str()) || self.found.len() > MAX_ERRORS {
                continue;
            }
            let message = format!("unknown key `{}` in {what}", shorten(&key.value));
            let mut error = Diagnostic::error(message, key.span.clone());
            error.help = Some(if key.value == "<<" {
                "write the entries out: merge keys are not read".to_owned()
            } else if what == "a spec" && TARGET_KEYS.contains(&key.value.as_str()) {
                format!("write `{}` under `target`", key.value)
            } else if let Some(name) = nearest(&key.value, known.iter().copied()) {
                format!("did you mean `{name}`?")
            } else {
                format!("use one of: {}", known.join(", "))
            });
            self.report(error);
        }
        let span = entries
            .first()
            .map_or(node.span.clone(), |(key, _)| key.span.clone());
        Fields { entries, span }
    }

    /// The entries of an optional section, a map from names.
    pub(super) fn section<T>(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        read: impl Fn(&mut Reader, &Node) -> T,
    ) -> Named<T> {
        match self.given(fields, key) {
            None => Vec::new(),
            Some(node) => self.named(node, true, read),
        }
    }

    /// An optional section; one in which nothing is written is as good as none.
    pub(super) fn given<'n>(&mut self, fields: &Fields<'n>, key: &str) -> Option<&'n Node> {
        let (key, node) = fields.entry(key)?;
        if node.is_null() {
            let warning = Diagnostic::warning("the section is empty", key.span.clone());
            self.report(warning.help("remove it"));
            return None;
        }
        Some(node)
    }

    /// A map from names, which are identifiers or free text.
    pub(super) fn named<T>(
        &mut self,
        node: &Node,
        identifiers: bool,
        read: impl Fn(&mut Reader, &Node) -> T,
    ) -> Named<T> {
        let Value::Map(entries) = &node.value else {
            self.wrong_kind(node, "a map from names");
            return Vec::new();
        };
        let mut named = Vec::new();
        for (name, node) in entries {
            if identifiers && !is_identifier(&name.value) {
                let message = format!("`{}` cannot be a name", shorten(&name.value));
                let error = Diagnostic::error(message, name.span.clone())
                    .help("use a letter, then letters, digits and `_`");
                self.report(error);
            }
            named.push((name.clone(), read(self, node)));
        }
        named
    }

    /// The items of an optional list.
    pub(super) fn items<T>(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        what: &str,
        read: impl Fn(&mut Reader, &Node) -> Option<T>,
    ) -> Vec<T> {
        match self.given(fields, key) {
            None => Vec::new(),
            Some(node) => self.list(node, what, read),
        }
    }

    pub(super) fn list<T>(
        &mut self,
        node: &Node,
        what: &str,
        read: impl Fn(&mut Reader, &Node) -> Option<T>,
    ) -> Vec<T> {
        match &node.value {
            Value::Sequence(nodes) => nodes.iter().filter_map(|n| read(self, n)).collect(),
            Value::Scalar { .. } | Value::Map(_) => {
                self.wrong_kind(node, what);
                Vec::new()
            }
        }
    }

    pub(super) fn optional(&mut self, fields: &Fields<'_>, key: &str) -> Option<Formula> {
        fields.get(key).map(|node| self.formula(node))
    }

    pub(super) fn formula(&mut self, node: &Node) -> Formula {
        Formula::new(node).unwrap_or_else(|error| {
            self.report(error);
            Formula::unread(node.span.clone())
        })
    }

    pub(super) fn text(&mut self, node: &Node) -> Option<String> {
        match &node.value {
            Value::Scalar { text, .. } if !node.is_null() => Some(trim(text).to_owned()),
            Value::Scalar { .. } | Value::Sequence(_) | Value::Map(_) => {
                self.wrong_kind(node, "text");
                None
            }
        }
    }

    pub(super) fn flag(&mut self, fields: &Fields<'_>, key: &str) -> bool {
        fields.get(key).is_some_and(|node| {
            scalar(node).unwrap_or_else(|| {
                self.wrong_value(node, "a truth value", "use `true` or `false`");
                false
            })
        })
    }

    pub(super) fn wrong_value(&mut self, node: &Node, expected: &str, help: &str) {
        match &node.value {
            Value::Scalar { text, .. } if !node.is_null() => {
                let message = format!("`{}` is not {expected}", shorten(text));
                self.report(Diagnostic::error(message, node.span.clone()).help(help));
            }
            Value::Scalar { .. } | Value::Sequence(_) | Value::Map(_) => {
                self.wrong_kind(node, expected);
            }
        }
    }

    /// One of a few words.
    pub(super) fn word(
        &mut self,
        node: &Node,
        what: &str,
        known: &[&'static str],
    ) -> Option<&'static str> {
        let text = self.text(node)?;
        let word = known.iter().copied().find(|word| *word == text);
        if word.is_none() {
            let help = match nearest(&text, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("use one of: {}", known.join(", ")),
            };
            self.wrong_value(node, what, &help);
        }
        word
    }

    pub(super) fn required(&mut self, fields: &Fields<'_>, key: &str, what: &str) -> Formula {
        self.optional(fields, key).unwrap_or_else(|| {
            let message = format!("{what} has no `{key}`");
            self.report(Diagnostic::error(message, fields.span.clone()));
            Formula::unread(fields.span.clone())
        })
    }
}

/// A size or a truth value, as YAML writes it; not one in quotes.
pub(super) fn scalar<T: serde::de::DeserializeOwned>(node: &Node) -> Option<T> {
    match &node.value {
        // No number or truth value is longer; what is, need not be looked at.
        Value::Scalar { text, .. } if is_plain(node) && text.len() <= 32 => {
            serde_yaml::from_str(text).ok()
        }
        Value::Scalar { .. } | Value::Sequence(_) | Value::Map(_) => None,
    }
}

/// A Latin or Greek letter or `_`, then also digits: what the language reads as one name.
pub(super) fn is_identifier(name: &str) -> bool {
    let name = canonical_name(name);
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The parts of a text that the language would read as names.
fn identifiers(text: &str) -> impl Iterator<Item = String> {
    let text = canonical_name(text);
    let parts: Vec<String> = text
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|part| is_identifier(part))
        .map(str::to_owned)
        .collect();
    parts.into_iter()
}

/// Names that the file means to define where nothing is read: under keys of the spec that are
/// unknown or given again, and as parts of what cannot be a name in a section that gives `names`.
pub(super) fn lost_names(fields: &Fields<'_>, names: &[&str]) -> BTreeSet<String> {
    let mut lost = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for (key, node) in fields.entries {
        let known = SPEC_KEYS.contains(&key.value.as_str());
        let is_naming = names.contains(&key.value.as_str());
        let again = !seen.insert(&key.value);
        let Value::Map(entries) = &node.value else {
            continue;
        };
        for (name, _) in entries {
            if !known || again || is_naming && !is_identifier(&name.value) {
                lost.extend(identifiers(&name.value));
            }
        }
    }
    lost
}
