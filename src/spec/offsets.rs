//! Where each character of a scalar stands in the file.
//!
//! YAML folds lines, strips indentation and decodes escapes, so an offset into the text of a
//! scalar is not an offset into the file. [`Offsets`] is the map from one to the other, found by
//! reading the file's slice again beside the text. Its law, held by
//! `every_character_is_found_where_it_is_written` in the tests: each character that is not white space lies on the
//! piece of the file that spells it. White space may be folded away and then lies between its
//! neighbours.

use crate::diagnostic::Span;

/// How a scalar is written; decides what its characters may look like in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    SingleQuoted,
    DoubleQuoted,
    /// Folded or literal.
    Block,
}

/// A run of the text and the run of the file that spells it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Piece {
    text: usize,
    file: Span,
    /// Spelled byte for byte; otherwise the piece is one unit.
    verbatim: bool,
}

/// The map from byte offsets in a text to byte offsets in the file; pieces cover the text in order.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Offsets {
    pieces: Vec<Piece>,
    length: usize,
}

impl Offsets {
    /// Finds `text` in `file[span]`, the slice of the file that a YAML reader took it from. Where
    /// it is not found (which would be a bug in one of the readers), it lies on the whole slice.
    pub(super) fn find(text: &str, style: Style, file: &str, span: &Span) -> Offsets {
        let span = content(style, span);
        Offsets::align(text, style, file, &span).unwrap_or_else(|| {
            let mut whole = Offsets::default();
            if !text.is_empty() {
                whole.push(text.len(), span, false);
            }
            whole
        })
    }

    fn align(text: &str, style: Style, file: &str, span: &Span) -> Option<Offsets> {
        file.get(span.clone())?;
        let mut offsets = Offsets::default();
        let mut at = span.start;
        for character in text.chars() {
            let place = if is_white(character) {
                while style == Style::DoubleQuoted && is_continuation(&file[at..span.end]) {
                    at += 1;
                    at += leading_white(&file[at..span.end]);
                }
                match spelled(style, &file[at..span.end]) {
                    Some((written, length)) if written == character => at..at + length,
                    _ => at..at,
                }
            } else {
                let (written, length) = loop {
                    let (written, length) = spelled(style, &file[at..span.end])?;
                    if !is_white(written) {
                        break (written, length);
                    }
                    at += length;
                };
                if written != character {
                    return None;
                }
                at..at + length
            };
            at = place.end;
            let verbatim = place.len() == character.len_utf8();
            offsets.push(character.len_utf8(), place, verbatim);
        }
        Some(offsets)
    }

    /// Appends `length` bytes of text that `file` spells.
    pub(super) fn push(&mut self, length: usize, file: Span, verbatim: bool) {
        let text = self.length;
        self.length += length;
        if let Some(last) = self.pieces.last_mut()
            && last.verbatim
            && verbatim
            && last.file.end == file.start
        {
            last.file.end = file.end;
            return;
        }
        self.pieces.push(Piece {
            text,
            file,
            verbatim,
        });
    }

    /// Appends another text with its places.
    pub(super) fn append(&mut self, other: &Offsets) {
        for (i, piece) in other.pieces.iter().enumerate() {
            let end = other.pieces.get(i + 1).map_or(other.length, |p| p.text);
            self.push(end - piece.text, piece.file.clone(), piece.verbatim);
        }
    }

    /// Drops what follows the first `length` bytes of text.
    pub(super) fn truncate(&mut self, length: usize) {
        self.pieces.retain(|piece| piece.text < length);
        if let Some(last) = self.pieces.last_mut()
            && last.verbatim
            && length < self.length
        {
            last.file.end = last.file.end.min(last.file.start + (length - last.text));
        }
        self.length = self.length.min(length);
    }

    /// Where a span of the text stands in the file; offsets past the end stand at the end. None
    /// for an empty text.
    pub(super) fn locate(&self, span: &Span) -> Option<Span> {
        let start = self.start_of(span.start)?;
        if span.end <= span.start {
            return Some(start..start);
        }
        let last = self.piece(span.end.min(self.length).saturating_sub(1))?;
        let end = if last.verbatim {
            last.file.start + (span.end.min(self.length) - last.text)
        } else {
            last.file.end
        };
        Some(start..end.max(start))
    }

    fn start_of(&self, offset: usize) -> Option<usize> {
        if offset >= self.length {
            return self.pieces.last().map(|piece| piece.file.end);
        }
        let piece = self.piece(offset)?;
        Some(if piece.verbatim {
            piece.file.start + (offset - piece.text)
        } else {
            piece.file.start
        })
    }

    fn piece(&self, offset: usize) -> Option<&Piece> {
        let after = self.pieces.partition_point(|piece| piece.text <= offset);
        self.pieces.get(after.checked_sub(1)?)
    }
}

/// The slice that spells a scalar whose anchor or tag begins `file[span]`: from its first
/// character, its quote, or the line after the header of a block. A reader that meets a
/// scalar without either leaves the header out of its own accord.
pub(super) fn skip_properties(style: Style, file: &str, span: &Span) -> Span {
    let mut at = span.start;
    while let Some('&' | '!') = file[at..span.end].chars().next() {
        let rest = &file[at..span.end];
        at += rest.find(is_white).unwrap_or(rest.len());
        loop {
            at += leading_white(&file[at..span.end]);
            if !file[at..span.end].starts_with('#') {
                break;
            }
            at += line_length(&file[at..span.end]);
        }
    }
    if style == Style::Block {
        at += line_length(&file[at..span.end]);
    }
    at..span.end
}

/// The slice between the quotes, if there are any.
fn content(style: Style, span: &Span) -> Span {
    match style {
        Style::Plain | Style::Block => span.clone(),
        Style::SingleQuoted | Style::DoubleQuoted => {
            let end = span.end.saturating_sub(1).max(span.start);
            (span.start + 1).min(end)..end
        }
    }
}

/// The character that the file spells at its front, and the bytes of its spelling; none at the end
/// and at an escape that is none.
fn spelled(style: Style, file: &str) -> Option<(char, usize)> {
    let first = file.chars().next()?;
    match (style, first) {
        (Style::SingleQuoted, '\'') if file.starts_with("''") => Some(('\'', 2)),
        (Style::DoubleQuoted, '\\') => escaped(file),
        (Style::Plain | Style::Block | Style::SingleQuoted | Style::DoubleQuoted, _) => {
            Some((first, first.len_utf8()))
        }
    }
}

/// An escape of YAML 1.2.2, section 5.7. A line continuation counts as white space.
fn escaped(file: &str) -> Option<(char, usize)> {
    let code = file[1..].chars().next()?;
    let digits = match code {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        _ => 0,
    };
    if digits > 0 {
        let value = u32::from_str_radix(file.get(2..2 + digits)?, 16).ok()?;
        return Some((char::from_u32(value)?, 2 + digits));
    }
    let character = match code {
        '0' => '\0',
        'a' => '\x07',
        'b' => '\x08',
        't' | '\t' => '\t',
        'n' => '\n',
        'v' => '\x0b',
        'f' => '\x0c',
        'r' => '\r',
        'e' => '\x1b',
        'N' => '\u{85}',
        '_' => '\u{a0}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        ' ' | '"' | '/' | '\\' | '\n' | '\r' => code,
        _ => return None,
    };
    Some((character, 1 + code.len_utf8()))
}

fn is_continuation(file: &str) -> bool {
    file.starts_with("\\\n") || file.starts_with("\\\r")
}

pub(super) fn is_white(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r')
}

fn leading_white(file: &str) -> usize {
    file.len() - file.trim_start_matches(is_white).len()
}

/// Up to the line break, or the end.
fn line_length(file: &str) -> usize {
    file.find(['\n', '\r']).unwrap_or(file.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(file: &str, style: Style, text: &str, word: &str, expected: &str) {
        let mut span = 0..file.len();
        if file.starts_with('&') {
            span = skip_properties(style, file, &span);
        }
        let offsets = Offsets::find(text, style, file, &span);
        let start = text.find(word).unwrap();
        let span = offsets.locate(&(start..start + word.len())).unwrap();
        assert_eq!(&file[span], expected);
    }

    #[test]
    fn words_are_found_where_they_are_written() {
        check("&a a + b", Style::Plain, "a + b", "b", "b");
        check("a\n   + σ\n   + b", Style::Plain, "a + σ + b", "b", "b");
        check(
            "a\n   + σ\n   + b",
            Style::Plain,
            "a + σ + b",
            "σ + b",
            "σ\n   + b",
        );
        check("'it''s b'", Style::SingleQuoted, "it's b", "b", "b");
        check("'it''s b'", Style::SingleQuoted, "it's b", "'", "''");
        check(
            r#""a\u03c3 \t b""#,
            Style::DoubleQuoted,
            "aσ \t b",
            "σ",
            r"\u03c3",
        );
        check("\"a \\\n   \\ b\"", Style::DoubleQuoted, "a  b", "b", "b");
        check("&x >-\n  a\n  b\n", Style::Block, "a b", "b", "b");
        check(
            "| x |\n   > y\n",
            Style::Block,
            "| x |\n > y\n",
            "> y",
            "> y",
        );
    }

    #[test]
    fn what_is_not_found_lies_on_the_whole() {
        let offsets = Offsets::find("xyz", Style::Plain, "abc", &(0..3));
        assert_eq!(offsets.locate(&(1..2)), Some(0..3));
        assert_eq!(Offsets::default().locate(&(0..1)), None);
    }

    #[test]
    fn past_the_end_is_the_end() {
        let offsets = Offsets::find("ab", Style::DoubleQuoted, "\"ab\"", &(0..4));
        assert_eq!(offsets.locate(&(2..2)), Some(3..3));
        assert_eq!(offsets.locate(&(0..99)), Some(1..3));
    }
}
