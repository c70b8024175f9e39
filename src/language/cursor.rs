//! A place in the tokens of a formula, and what the parser does at it.

use super::lexer::{Placed, Token, tokens};
use crate::diagnostic::{Diagnostic, Span};

/// Deepest nesting of parentheses, brackets, signs and powers.
pub(super) const NESTING: usize = 200;

/// More errors than this in one formula are not shown.
pub(super) const MOST_ERRORS: usize = 20;

pub(super) struct Parser<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: Vec<Placed>,
    /// The current token.
    pub(super) position: usize,
    /// How many levels of nesting are open here.
    pub(super) depth: usize,
    pub(super) errors: Vec<Diagnostic>,
    /// Whether characters without a meaning have been left out: errors of the grammar may then be
    /// consequences.
    gaps: bool,
}

/// Every method returns nothing exactly when it has reported an error that it cannot get past.
impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let (tokens, errors, gaps) = tokens(text);
        Parser {
            text,
            tokens,
            position: 0,
            depth: 0,
            errors,
            gaps,
        }
    }

    pub(super) fn finish<T>(mut self, parsed: Option<T>) -> Result<T, Vec<Diagnostic>> {
        if parsed.is_some() && !self.at_end() && !self.gaps {
            let span = self.span();
            let error = match self.peek() {
                Token::CloseParen | Token::CloseBracket => {
                    let text = &self.text[span.clone()];
                    Diagnostic::error(format!("unmatched `{text}`"), span)
                        .label("nothing is open here")
                }
                Token::Assign => Diagnostic::error("unexpected `=`", span)
                    .label("not an operator")
                    .help("write `==` for a condition"),
                _ => {
                    let found = self.found();
                    Diagnostic::error(format!("unexpected {found}"), span)
                        .label("the formula should end here")
                }
            };
            self.errors.push(error);
        }
        match parsed {
            Some(parsed) if self.errors.is_empty() => Ok(parsed),
            _ => {
                self.errors.sort_by_key(|error| error.span.start);
                self.errors.truncate(MOST_ERRORS);
                Err(self.errors)
            }
        }
    }

    pub(super) fn peek(&self) -> &Token {
        &self.tokens[self.position].0
    }

    pub(super) fn span(&self) -> Span {
        self.tokens[self.position].1.clone()
    }

    pub(super) fn at_end(&self) -> bool {
        *self.peek() == Token::End
    }

    /// Goes past the current token; never past the end.
    pub(super) fn advance(&mut self) -> Span {
        let span = self.span();
        if !self.at_end() {
            self.position += 1;
        }
        span
    }

    pub(super) fn take(&mut self, token: &Token) -> bool {
        let here = self.peek() == token;
        if here {
            self.advance();
        }
        here
    }

    /// The end of the last token read.
    pub(super) fn end(&self) -> usize {
        self.position
            .checked_sub(1)
            .map_or(0, |last| self.tokens[last].1.end)
    }

    /// The current token in words.
    pub(super) fn found(&self) -> String {
        if self.at_end() {
            "the end of the formula".to_owned()
        } else {
            format!("`{}`", &self.text[self.span()])
        }
    }

    pub(super) fn error(&mut self, error: Diagnostic) {
        if self.errors.len() < MOST_ERRORS && !self.gaps {
            self.errors.push(error);
        }
    }

    pub(super) fn unexpected(&mut self, expected: &str) {
        let message = format!("expected {expected}, found {}", self.found());
        let error =
            Diagnostic::error(message, self.span()).label(format!("{expected} belongs here"));
        self.error(error);
    }

    pub(super) fn name(&mut self, expected: &str) -> Option<(String, Span)> {
        if let Token::Name(name) = self.peek() {
            let name = name.clone();
            Some((name, self.advance()))
        } else {
            self.unexpected(expected);
            None
        }
    }

    /// A closing token, or an error at the opening one.
    pub(super) fn close(&mut self, close: &Token, opened: Span) -> Option<()> {
        if self.take(close) {
            return Some(());
        }
        let (open, close) = if *close == Token::CloseParen {
            ('(', ')')
        } else {
            ('[', ']')
        };
        let ended = matches!(
            self.peek(),
            Token::End | Token::CloseParen | Token::CloseBracket
        );
        let error = if ended {
            Diagnostic::error(format!("unclosed `{open}`"), opened)
                .label("opened here")
                .help(format!("add `{close}` before {}", self.found()))
        } else {
            Diagnostic::error(
                format!("expected `,` or `{close}`, found {}", self.found()),
                self.span(),
            )
            .label(format!("the `{open}` is still open"))
        };
        self.error(error);
        None
    }

    /// Whether the innermost bracket that is open here holds arguments of a call.
    pub(super) fn in_arguments(&self) -> bool {
        let mut closed = 0;
        for place in (0..self.position).rev() {
            match self.tokens[place].0 {
                Token::CloseParen | Token::CloseBracket => closed += 1,
                Token::OpenParen | Token::OpenBracket if closed > 0 => closed -= 1,
                Token::OpenParen => {
                    let before = place.checked_sub(1).map(|before| &self.tokens[before].0);
                    return matches!(before, Some(Token::Name(_)));
                }
                Token::OpenBracket => return false,
                _ => {}
            }
        }
        false
    }

    /// Entries between commas up to a closing token, which is read too; a comma may stand behind
    /// the last.
    pub(super) fn list<T>(
        &mut self,
        close: &Token,
        opened: Span,
        entry: fn(&mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        let mut entries = Vec::new();
        while self.peek() != close {
            if self.at_end() {
                break;
            }
            entries.push(entry(self)?);
            if !self.take(&Token::Comma) {
                break;
            }
        }
        self.close(close, opened)?;
        Some(entries)
    }
}
