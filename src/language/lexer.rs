//! Text to tokens.
//!
//! What is not of the language but has one obvious meaning (`**`, `×`, `≤`, …) is an error that
//! names the right spelling, and is read on as if it were spelled so, so that the rest of the
//! formula is checked too.

use super::name::{begins_name, canonical_name, continues_name};
use super::number::{MOST_DIGITS, numeral_length, numeral_value};
use crate::diagnostic::{Diagnostic, Span};
use crate::number::Rational;

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A numeral.
    Number(Rational),
    /// A name, in its canonical spelling.
    Name(String),
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `*`
    Star,
    /// `/`
    Slash,
    /// `@`
    At,
    /// `^`
    Caret,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `=`, which names an argument.
    Assign,
    /// `(`
    OpenParen,
    /// `)`
    CloseParen,
    /// `[`
    OpenBracket,
    /// `]`
    CloseBracket,
    /// `,`
    Comma,
    /// `:`
    Colon,
    /// `..`
    Range,
    /// Behind the last token.
    End,
}

/// A token and the bytes it covers.
pub(super) type Placed = (Token, Span);

/// The tokens that are written with fixed characters; longer ones first.
const SYMBOLS: &[(&str, Token)] = &[
    ("<=", Token::LessEqual),
    (">=", Token::GreaterEqual),
    ("==", Token::Equal),
    ("!=", Token::NotEqual),
    ("..", Token::Range),
    ("+", Token::Plus),
    ("-", Token::Minus),
    ("*", Token::Star),
    ("/", Token::Slash),
    ("@", Token::At),
    ("^", Token::Caret),
    ("<", Token::Less),
    (">", Token::Greater),
    ("=", Token::Assign),
    ("(", Token::OpenParen),
    (")", Token::CloseParen),
    ("[", Token::OpenBracket),
    ("]", Token::CloseBracket),
    (",", Token::Comma),
    (":", Token::Colon),
];

/// Spellings from other languages: what is read instead (if anything), and what to write.
const FOREIGN: &[(&str, Option<Token>, &str)] = &[
    ("**", Some(Token::Caret), "write `^`"),
    ("//", Some(Token::Slash), "write `floor(a/b)`"),
    ("<>", Some(Token::NotEqual), "write `!=`"),
    ("=<", Some(Token::LessEqual), "write `<=`"),
    ("=>", Some(Token::GreaterEqual), "write `>=`"),
    ("&&", Some(Token::Comma), "write `all(a, b)`"),
    ("||", Some(Token::Comma), "write `any(a, b)`"),
    ("&", Some(Token::Comma), "write `all(a, b)`"),
    ("|", None, "write `abs(x)`"),
    ("!", None, "write `not(c)`"),
    ("%", Some(Token::Star), "write `mod(a, b)`"),
    ("−", Some(Token::Minus), "write `-`"),
    ("–", Some(Token::Minus), "write `-`"),
    ("×", Some(Token::Star), "write `*`"),
    ("·", Some(Token::Star), "write `*`"),
    ("⋅", Some(Token::Star), "write `*`"),
    ("∗", Some(Token::Star), "write `*`"),
    ("÷", Some(Token::Slash), "write `/`"),
    ("≤", Some(Token::LessEqual), "write `<=`"),
    ("≥", Some(Token::GreaterEqual), "write `>=`"),
    ("≠", Some(Token::NotEqual), "write `!=`"),
    ("²", None, "write `^2`"),
    ("³", None, "write `^3`"),
    ("√", None, "write `sqrt(x)`"),
    ("∞", None, "write `inf`"),
    ("∑", None, "write `sum(x)`"),
    ("∏", None, "write `prod(x)`"),
    ("{", None, "use parentheses"),
    ("}", None, "use parentheses"),
    (";", None, "separate with `,`"),
    ("'", None, "write `transpose(A)`"),
    (".T", None, "write `transpose(A)`"),
];

/// The tokens of a formula, the last of them [`Token::End`]; what is wrong with its characters; and
/// whether some of them had to be left out.
pub(super) fn tokens(text: &str) -> (Vec<Placed>, Vec<Diagnostic>, bool) {
    let mut tokens = Vec::new();
    let mut errors = Vec::new();
    let mut gaps = false;
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let begin = at;
        if first.is_whitespace() {
            at += first.len_utf8();
        } else if begins_name(first) {
            at += rest.find(|c| !continues_name(c)).unwrap_or(rest.len());
            tokens.push((Token::Name(canonical_name(&text[begin..at])), begin..at));
        } else if first.is_ascii_digit()
            || (first == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit()))
        {
            at += numeral_length(rest);
            let value = numeral_value(&text[begin..at]).unwrap_or_else(|| {
                errors.push(
                    Diagnostic::error("number out of range", begin..at)
                        .label("too many digits")
                        .help(format!(
                            "use at most {MOST_DIGITS} digits, and exponents between \
                             -{MOST_DIGITS} and {MOST_DIGITS}"
                        )),
                );
                Rational::ONE
            });
            tokens.push((Token::Number(value), begin..at));
        } else if let Some((spelling, token, help)) = foreign(rest) {
            at += spelling.len();
            errors.push(
                Diagnostic::error(format!("`{spelling}` is not an operator"), begin..at)
                    .label("not known here")
                    .help(*help),
            );
            gaps |= token.is_none();
            tokens.extend(token.clone().map(|token| (token, begin..at)));
        } else if let Some(prefix) = prefix(&tokens, text, at) {
            // `math.log` is read as `log`, so that the rest of the formula is looked at too.
            tokens.pop();
            at += 1;
            errors.push(foreign_prefix(text, prefix, at));
        } else if let Some((spelling, token)) = symbol(rest) {
            at += spelling.len();
            tokens.push((token.clone(), begin..at));
        } else {
            at += first.len_utf8();
            gaps = true;
            errors.push(stray(first, begin..at));
        }
    }
    tokens.push((Token::End, text.len()..text.len()));
    (tokens, errors, gaps)
}

fn symbol(text: &str) -> Option<&'static (&'static str, Token)> {
    SYMBOLS.iter().find(|(s, _)| text.starts_with(s))
}

/// A foreign spelling that is longer than any symbol of ours at the same place.
fn foreign(text: &str) -> Option<&'static (&'static str, Option<Token>, &'static str)> {
    let ours = symbol(text).map_or(0, |(s, _)| s.len());
    FOREIGN
        .iter()
        .find(|(s, ..)| text.starts_with(s) && s.len() > ours)
}

/// Where the name begins that a point at `at` joins to another name, as libraries write it.
fn prefix(tokens: &[Placed], text: &str, at: usize) -> Option<usize> {
    let (Token::Name(_), span) = tokens.last()? else {
        return None;
    };
    let joins = span.end == at && text[at..].strip_prefix('.')?.starts_with(begins_name);
    joins.then_some(span.start)
}

fn foreign_prefix(text: &str, from: usize, to: usize) -> Diagnostic {
    let rest = &text[to..];
    let name = &rest[..rest.find(|c| !continues_name(c)).unwrap_or(rest.len())];
    Diagnostic::error(format!("`{}` before a name", &text[from..to]), from..to)
        .label("names have no prefix")
        .help(format!("write `{name}`"))
}

fn stray(character: char, span: Span) -> Diagnostic {
    let name = if character.is_control() || character.is_whitespace() {
        format!("U+{:04X}", u32::from(character))
    } else {
        format!("`{character}`")
    };
    let error = Diagnostic::error(format!("unexpected character {name}"), span)
        .label("not part of a formula");
    if character == '.' {
        error.help("write `inf` for infinity, digits before or after the point of a number")
    } else if character.is_alphanumeric() {
        error.help("names are made of Latin and Greek letters, digits and `_`")
    } else {
        error
    }
}
