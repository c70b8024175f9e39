//! A message with its place in a source file; plain data, rendered by `report`.
//!
//! What a user got wrong is a [`Diagnostic`], collected and reported with all the others of the
//! file. The message is one lowercase clause, the label states the fact at the place, notes carry
//! numbers, help is imperative.

use std::ops::Range;

/// How serious a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The spec cannot be used.
    Error,
    /// The spec can be used, but probably says something other than was meant.
    Warning,
}

/// A half-open range of byte offsets into the source file.
pub type Span = Range<usize>;

/// A message with its place in the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How serious it is.
    pub severity: Severity,
    /// What is wrong: one lowercase clause without a full stop.
    pub message: String,
    /// Where: byte offsets into the file.
    pub span: Span,
    /// What stands at that place; may be empty.
    pub label: String,
    /// Further facts.
    pub notes: Vec<String>,
    /// What to do, in the imperative.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error at a place.
    pub fn error(message: impl Into<String>, span: Span) -> Self {
        Diagnostic {
            severity: Severity::Error,
            message: message.into(),
            span,
            label: String::new(),
            notes: Vec::new(),
            help: None,
        }
    }

    /// A warning at a place.
    pub fn warning(message: impl Into<String>, span: Span) -> Self {
        Diagnostic {
            severity: Severity::Warning,
            ..Diagnostic::error(message, span)
        }
    }

    /// The same with a label at the place.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// The same with a note added.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// The same with a line of help.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// The one-based line and column (in characters) of a byte offset.
pub fn line_column(source: &str, offset: usize) -> (usize, usize) {
    let offset = offset.min(source.len());
    let offset = (0..=offset)
        .rev()
        .find(|&o| source.is_char_boundary(o))
        .unwrap_or(0);
    let before = &source[..offset];
    let line_start = before.rfind('\n').map_or(0, |p| p + 1);
    (
        before.matches('\n').count() + 1,
        before[line_start..].chars().count() + 1,
    )
}

/// The name among `known` nearest to `unknown`, if it is near enough to be a likely misspelling:
/// at most a third of the letters changed, inserted, dropped or two neighbours exchanged.
pub fn nearest<'a>(unknown: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (unknown.chars().count() / 3).clamp(1, 3);
    known
        .into_iter()
        .map(|name| (edit_distance(unknown, name), name))
        .filter(|&(distance, name)| distance <= limit && distance < name.chars().count())
        .min()
        .map(|(_, name)| name)
}

/// Optimal string alignment distance, ignoring case.
fn edit_distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.to_lowercase().chars().take(64).collect();
    let b: Vec<char> = b.to_lowercase().chars().take(64).collect();
    let mut rows = vec![vec![0usize; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    rows[0] = (0..=b.len()).collect();
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let cost = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[i - 1][j] + 1)
                .min(rows[i][j - 1] + 1)
                .min(rows[i - 1][j - 1] + cost);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        assert_eq!(line_column("a: σ + b\nc", 6), (1, 6));
        assert_eq!(line_column("a: σ + b\nc", 10), (2, 1));
        assert_eq!(line_column("a", 99), (1, 2));
    }

    #[test]
    fn nearest_name_is_a_likely_misspelling() {
        let known = ["normal", "gamma", "exponential"];
        assert_eq!(nearest("nromal", known), Some("normal"));
        assert_eq!(nearest("Gamma", known), Some("gamma"));
        assert_eq!(nearest("poisson", known), None);
    }
}
