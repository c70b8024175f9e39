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
    /// Whether the same words at other places are the same mistake, as they are of a name that is
    /// not defined.
    pub once: bool,
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
            once: false,
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

    /// The same, to be told once for all places at which it stands.
    #[must_use]
    pub fn once(mut self) -> Self {
        self.once = true;
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

/// Diagnostics of a file in its order, none twice. A mistake that is to be told once is told at its
/// first place, with the lines of the others.
pub fn in_order(mut diagnostics: Vec<Diagnostic>, source: &str) -> Vec<Diagnostic> {
    diagnostics.sort_by(|a, b| {
        (a.span.start, a.span.end, &a.message).cmp(&(b.span.start, b.span.end, &b.message))
    });
    diagnostics.dedup();
    let mut told: Vec<(Diagnostic, Vec<Span>)> = Vec::new();
    for diagnostic in diagnostics {
        let is_same = |(first, _): &&mut (Diagnostic, _)| {
            first.message == diagnostic.message
                && first.label == diagnostic.label
                && first.help == diagnostic.help
        };
        match told.iter_mut().find(is_same).filter(|_| diagnostic.once) {
            Some((_, others)) => others.push(diagnostic.span),
            None => told.push((diagnostic, Vec::new())),
        }
    }
    let with_others = |(diagnostic, others): (Diagnostic, Vec<Span>)| {
        if others.is_empty() {
            return diagnostic;
        }
        diagnostic.note(other_uses(&others, source))
    };
    told.into_iter().map(with_others).collect()
}

/// How often else a mistake is made, and on which lines; the first few of many.
fn other_uses(places: &[Span], source: &str) -> String {
    const MOST: usize = 5;
    let mut lines: Vec<usize> = places
        .iter()
        .map(|span| line_column(source, span.start).0)
        .collect();
    lines.dedup();
    let listed: Vec<String> = lines.iter().take(MOST).map(usize::to_string).collect();
    let (uses, line) = match (places.len(), lines.len()) {
        (1, _) => ("1 more use".to_owned(), "line"),
        (n, 1) => (format!("{n} more uses"), "line"),
        (n, _) => (format!("{n} more uses"), "lines"),
    };
    let more = if lines.len() > MOST { ", …" } else { "" };
    format!("{uses}, on {line} {}{more}", listed.join(", "))
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

/// Words of other libraries for what has another name here.
const OTHER_WORDS: [(&str, &str); 30] = [
    ("bool", "boolean"),
    ("chi2", "chi_squared"),
    ("cholesky", "lower_cholesky"),
    ("constants", "inputs"),
    ("data", "inputs"),
    ("gaussian", "normal"),
    ("icdf", "quantile"),
    ("int", "integer_interval"),
    ("integer", "integer_interval"),
    ("invgamma", "inverse_gamma"),
    ("lebesgue", "coordinates"),
    ("lkj_cholesky", "corr_cholesky"),
    ("log_pdf", "log_density"),
    ("log_pmf", "log_mass"),
    ("log_prob", "log_density"),
    ("logpdf", "log_density"),
    ("logpmf", "log_mass"),
    ("median", "quantile"),
    ("mvn", "multivariate_normal"),
    ("pdf", "log_density"),
    ("pmf", "log_mass"),
    ("ppf", "quantile"),
    ("reinforce", "score"),
    ("sd", "variance"),
    ("sphere", "unit_vector"),
    ("std", "variance"),
    ("stddev", "variance"),
    ("surface", "hausdorff"),
    ("unit", "unit_interval"),
    ("var", "variance"),
];

/// The name among `known` that `unknown` is likely to mean: another word for it; or one that is near
/// enough to be misspelt, with at most a third of the letters changed, inserted, dropped or two
/// neighbours exchanged; or one that it shortens or lengthens.
pub fn nearest<'a>(unknown: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let known: Vec<&str> = known.into_iter().collect();
    let word = unknown.to_lowercase();
    let other = OTHER_WORDS.iter().find(|(other, _)| *other == word);
    if let Some((_, meant)) = other
        && let Some(name) = known.iter().find(|name| *name == meant)
    {
        return Some(name);
    }
    let limit = (unknown.chars().count() / 3).clamp(1, 3);
    let misspelt = known
        .iter()
        .map(|name| (edit_distance(unknown, name), *name))
        .filter(|&(distance, name)| distance <= limit && distance < name.chars().count())
        .min();
    let shortened = || known.iter().filter(|name| is_short_for(&word, name));
    let lengthened = || known.iter().filter(|name| is_short_for(name, &word));
    misspelt
        .map(|(_, name)| name)
        .or_else(|| shortened().min_by_key(|name| name.len()).copied())
        .or_else(|| lengthened().max_by_key(|name| name.len()).copied())
}

/// Whether a word is the beginning or the end of a longer one, or has a good part of its letters in
/// their order, from the first on: `dist`, `kurtosis` of `excess_kurtosis`, `log_det_jacobian`.
fn is_short_for(short: &str, long: &str) -> bool {
    let (length, whole) = (short.chars().count(), long.chars().count());
    let in_order = || {
        let mut rest = long.chars();
        short.chars().all(|c| rest.any(|other| other == c))
    };
    let begins_alike = || short.chars().next() == long.chars().next();
    let is_part = || long.starts_with(short) || long.ends_with(short);
    (4..whole).contains(&length)
        && (is_part() || (2 * length > whole && begins_alike() && in_order()))
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
    fn a_mistake_is_told_once_with_its_other_lines() {
        let source = "a: x\nb: x + x\nc: y\nd: x\n";
        let unknown = |at: usize| {
            let message = format!("unknown name `{}`", &source[at..=at]);
            Diagnostic::error(message, at..at + 1).once()
        };
        let other_help = unknown(22).help("did you mean `y`?");
        let found = vec![
            unknown(22),
            unknown(12),
            unknown(8),
            unknown(3),
            unknown(3),
            unknown(17),
        ];
        let told = in_order([found, vec![other_help.clone()]].concat(), source);
        assert_eq!(
            told,
            [
                unknown(3).note("3 more uses, on lines 2, 4"),
                unknown(17),
                other_help,
            ]
        );
        let same = Diagnostic::error("a wrong shape", 0..1);
        let two = vec![same.clone(), Diagnostic { span: 5..6, ..same }];
        assert_eq!(in_order(two.clone(), source), two);
    }

    #[test]
    fn nearest_name_is_a_likely_misspelling() {
        let known = ["normal", "gamma", "exponential"];
        assert_eq!(nearest("nromal", known), Some("normal"));
        assert_eq!(nearest("Gamma", known), Some("gamma"));
        assert_eq!(nearest("poisson", known), None);
        assert_eq!(nearest("gaussian", known), Some("normal"));
        assert_eq!(nearest("gaussian", ["gauss"]), Some("gauss"));
        assert_eq!(nearest("expo", known), Some("exponential"));
        assert_eq!(nearest("mean", ["log_mean_exp", "entropy"]), None);
        let keys = [
            "log_abs_det_jacobian",
            "kurtosis",
            "distribution",
            "cdf",
            "quantile",
        ];
        assert_eq!(
            nearest("log_det_jacobian", keys),
            Some("log_abs_det_jacobian")
        );
        assert_eq!(nearest("excess_kurtosis", keys), Some("kurtosis"));
        assert_eq!(nearest("dist", keys), Some("distribution"));
        assert_eq!(nearest("icdf", keys), Some("quantile"));
        assert_eq!(nearest("σσσσσ", ["σσσσσσσσσ"]), Some("σσσσσσσσσ"));
    }
}
