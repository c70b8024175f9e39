//! Diagnostics as people read them: the message, the line of the file, a caret under the place.

use crate::diagnostic::{Diagnostic, Severity, Span, line_column};
use annotate_snippets::{
    AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet, normalize_untrusted_str,
};

/// The width that text is wrapped to, in columns.
pub(super) const WIDTH: usize = 80;
/// A line of the file longer than this, in bytes, is not shown.
const LONGEST_LINE: usize = 10_000;

/// One diagnostic of the file `path` with the text `source` (empty where it could not be read),
/// ending in a line break.
pub fn render(diagnostic: &Diagnostic, path: &str, source: &str, color: bool) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    // The title hangs under `warning: `, a note under `   = note: `.
    let title = wrap(&clean(&diagnostic.message), WIDTH - 9).join("\n");
    let mut group = Group::with_title(level.primary_title(title));
    group = group.element(place(path, source, &diagnostic.span, &diagnostic.label));
    for note in &diagnostic.notes {
        group = group.element(Level::NOTE.message(hanging(note)));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(hanging(help)));
    }
    renderer(color).render(&[group]) + "\n"
}

/// The line of the file at a span, with a caret and a label, ending in a line break.
pub fn render_place(path: &str, source: &str, span: &Span, label: &str, color: bool) -> String {
    let group = Group::with_level(Level::NOTE).element(place(path, source, span, label));
    renderer(color).render(&[group]) + "\n"
}

fn renderer(color: bool) -> Renderer {
    let renderer = if color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    renderer.term_width(WIDTH)
}

/// Only the line at hand is handed over: the cost does not grow with the file, and what spans several
/// lines is marked on its first.
fn place<'a>(path: &'a str, source: &'a str, span: &Span, label: &'a str) -> Element<'a> {
    let (number, column) = line_column(source, span.start);
    if source.is_empty() {
        return Origin::path(path).into();
    }
    let Some((line, within)) = line_at(source, span) else {
        return Origin::path(path).line(number).char_column(column).into();
    };
    let mut annotation = AnnotationKind::Primary.span(within);
    if !label.is_empty() {
        annotation = annotation.label(label);
    }
    Snippet::source(line)
        .line_start(number)
        .path(path)
        .annotation(annotation)
        .into()
}

/// The line where a span begins, and the part of the span on it.
fn line_at<'a>(source: &'a str, span: &Span) -> Option<(&'a str, Span)> {
    let before = source.get(..span.start)?;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let rest = &source[span.start..];
    let end = span.start + rest.find('\n').unwrap_or(rest.len());
    if end - start > LONGEST_LINE {
        return None;
    }
    let line = source[start..end].trim_end_matches('\r');
    let from = (span.start - start).min(line.len());
    let to = (span.end.max(span.start) - start).min(line.len());
    let to = if line.is_char_boundary(to) {
        to
    } else {
        line.len()
    };
    Some((line, from..to))
}

/// Notes and help are not cleaned by the library, and may quote the file.
fn hanging(text: &str) -> String {
    wrap(&clean(text), WIDTH - 14).join("\n")
}

fn clean(text: &str) -> String {
    normalize_untrusted_str(text)
}

/// Lines of at most `width` characters, broken at spaces; a longer word has a line of its own. At
/// least one line.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        let mut length = 0;
        for word in paragraph.split(' ') {
            let word_length = word.chars().count();
            if !line.is_empty() && length + 1 + word_length > width {
                lines.push(std::mem::take(&mut line));
                length = 0;
            } else if !line.is_empty() {
                line.push(' ');
                length += 1;
            }
            line.push_str(word);
            length += word_length;
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carets_stand_under_the_place() {
        let source = "name: a\ntarget: {mode: σ*μu + k}\n";
        let start = source.find("μu").unwrap();
        let diagnostic = Diagnostic::error("unknown name `μu`", start..start + 3)
            .label("not defined")
            .note("a fact")
            .help("define it");
        let expected = "\
error: unknown name `μu`
 --> a.yaml:2:18
  |
2 | target: {mode: σ*μu + k}
  |                  ^^ not defined
  |
  = note: a fact
  = help: define it
";
        assert_eq!(render(&diagnostic, "a.yaml", source, false), expected);
        assert!(render(&diagnostic, "a.yaml", source, true).contains("\u{1b}["));
    }

    #[test]
    fn any_span_of_any_text_is_shown() {
        for source in ["", "a", "σ\r\nb\n\n", "\t\tσ\u{301}x", "\u{feff}a"] {
            for start in 0..source.len() + 2 {
                for end in 0..source.len() + 2 {
                    let shown = render(&Diagnostic::error("m", start..end), "p", source, false);
                    assert!(shown.starts_with("error: m\n"), "{shown}");
                }
            }
        }
    }

    #[test]
    fn lines_are_broken_at_spaces() {
        assert_eq!(wrap("aa bb cc", 5), ["aa bb", "cc"]);
        assert_eq!(wrap("aaaaaaa b", 5), ["aaaaaaa", "b"]);
        assert_eq!(wrap("", 5), [""]);
    }
}
