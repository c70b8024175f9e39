//! Tokens to syntax tree, by precedence climbing.
//!
//! Loosest first: comparisons (which do not chain), `+ -`, `* / @`, unary `-`, `^`. Chains of
//! operators are read in a loop; every recursion passes `Parser::unary`, which bounds its depth.

use super::ast::{Applied, Argument, BinaryOp, CompareOp, Expr, ExprKind, Index, IndexKind};
use super::cursor::{NESTING, Parser};
use super::lexer::Token;
use crate::diagnostic::Diagnostic;

/// Words of other languages that stand where an operator should, and what to write.
const WORDS: &[(&str, &str)] = &[
    ("and", "write `all(a, b)`"),
    ("or", "write `any(a, b)`"),
    ("if", "write `where(condition, a, b)`"),
    ("is", "write `==`"),
    ("mod", "write `mod(a, b)`"),
    ("div", "write `floor(a/b)`"),
];

/// Reads a formula.
///
/// # Errors
/// Everything that is wrong with the text, in the order of its place, at most twenty diagnostics;
/// spans are byte ranges of `text`.
pub fn parse_expression(text: &str) -> Result<Expr, Vec<Diagnostic>> {
    let mut parser = Parser::new(text);
    if parser.at_end() && parser.errors.is_empty() {
        return Err(vec![
            Diagnostic::error("empty formula", 0..text.len())
                .label("an expression is expected here"),
        ]);
    }
    let expr = parser.comparison();
    parser.finish(expr)
}

/// Reads a domain or a distribution: a name, arguments in parentheses, a shape in brackets, the
/// latter two where wanted.
///
/// # Errors
/// As [`parse_expression`].
pub fn parse_applied(text: &str) -> Result<Applied, Vec<Diagnostic>> {
    let mut parser = Parser::new(text);
    let applied = parser.applied();
    parser.finish(applied)
}

/// The grammar. Methods return nothing exactly when they have reported an error that they cannot
/// get past.
impl Parser<'_> {
    fn comparison(&mut self) -> Option<Expr> {
        let left = self.binary(1)?;
        let Some(operator) = self.comparison_operator() else {
            return Some(left);
        };
        let right = self.binary(1)?;
        let mut chained = None;
        while self.comparison_operator().is_some() {
            chained = Some(self.binary(1)?.span.end);
        }
        if let Some(end) = chained {
            self.error(
                Diagnostic::error("comparisons do not chain", left.span.start..end)
                    .label("more than one comparison")
                    .help("write `all(a < b, b < c)`"),
            );
        }
        let span = left.span.start..right.span.end;
        let kind = ExprKind::Compare(operator, Box::new(left), Box::new(right));
        Some(Expr { kind, span })
    }

    fn comparison_operator(&mut self) -> Option<CompareOp> {
        let operator = match self.peek() {
            Token::Less => CompareOp::Less,
            Token::LessEqual => CompareOp::LessEqual,
            Token::Greater => CompareOp::Greater,
            Token::GreaterEqual => CompareOp::GreaterEqual,
            Token::Equal => CompareOp::Equal,
            Token::NotEqual => CompareOp::NotEqual,
            _ => return None,
        };
        self.advance();
        Some(operator)
    }

    /// A chain of operators that bind at least as tightly as `tightest`: 1 sums, 2 products.
    fn binary(&mut self, tightest: u8) -> Option<Expr> {
        let mut left = self.unary()?;
        loop {
            let (operator, binding) = match self.peek() {
                Token::Plus => (BinaryOp::Add, 1),
                Token::Minus => (BinaryOp::Subtract, 1),
                Token::Star => (BinaryOp::Multiply, 2),
                Token::Slash => (BinaryOp::Divide, 2),
                Token::At => (BinaryOp::MatrixMultiply, 2),
                Token::Name(name) if matches!(name.as_str(), "for" | "in") => return Some(left),
                Token::Number(_) | Token::Name(_) | Token::OpenParen => {
                    self.missing_operator()?;
                    (BinaryOp::Multiply, 2)
                }
                _ => return Some(left),
            };
            if binding < tightest {
                return Some(left);
            }
            if !self.starts_operand() {
                self.advance();
            }
            let right = if binding == 1 {
                self.binary(2)?
            } else {
                self.unary()?
            };
            let span = left.span.start..right.span.end;
            let kind = ExprKind::Binary(operator, Box::new(left), Box::new(right));
            left = Expr { kind, span };
        }
    }

    fn starts_operand(&self) -> bool {
        matches!(
            self.peek(),
            Token::Number(_) | Token::Name(_) | Token::OpenParen
        )
    }

    /// Two operands stand side by side. Read on as if there were `*` between them, except for
    /// words that mean something else elsewhere.
    fn missing_operator(&mut self) -> Option<()> {
        let word = match self.peek() {
            Token::Name(name) => WORDS.iter().find(|(word, _)| word == name),
            _ => None,
        };
        if let Some((word, help)) = word {
            let error = Diagnostic::error(format!("`{word}` is not an operator"), self.span())
                .label("not known here")
                .help(*help);
            self.error(error);
            return None;
        }
        let left = &self.text[self.tokens[self.position - 1].1.clone()];
        let left = if left == ")" || left == "]" {
            "(…)"
        } else {
            left
        };
        let right = match self.peek() {
            Token::OpenParen => "(…)",
            _ => &self.text[self.span()],
        };
        let product = format!("write `{left}*{right}` for a product");
        let help = if self.in_arguments() {
            format!("{product}, or `,` between arguments")
        } else {
            product
        };
        let error = Diagnostic::error("missing operator", self.span())
            .label("an operator is expected before this")
            .help(help);
        self.error(error);
        Some(())
    }

    fn unary(&mut self) -> Option<Expr> {
        if self.depth >= NESTING {
            let error = Diagnostic::error(
                format!("formula nests deeper than {NESTING} levels"),
                self.span(),
            )
            .label("too deep here")
            .help("name a part of it under `define`");
            self.error(error);
            return None;
        }
        self.depth += 1;
        let expr = match self.peek() {
            Token::Minus => {
                let begin = self.advance().start;
                self.unary().map(|x| Expr {
                    span: begin..x.span.end,
                    kind: ExprKind::Negate(Box::new(x)),
                })
            }
            Token::Plus => {
                let error = Diagnostic::error("unary `+`", self.span())
                    .label("there is nothing to add to")
                    .help("leave out the `+`");
                self.error(error);
                self.advance();
                self.unary()
            }
            _ => self.power(),
        };
        self.depth -= 1;
        expr
    }

    fn power(&mut self) -> Option<Expr> {
        let base = self.postfix()?;
        if !self.take(&Token::Caret) {
            return Some(base);
        }
        let exponent = self.unary()?;
        let span = base.span.start..exponent.span.end;
        let kind = ExprKind::Binary(BinaryOp::Power, Box::new(base), Box::new(exponent));
        Some(Expr { kind, span })
    }

    fn postfix(&mut self) -> Option<Expr> {
        let mut expr = self.atom()?;
        // Each pair of brackets is a level of nesting.
        let outside = self.depth;
        while *self.peek() == Token::OpenBracket {
            self.depth += 1;
            let opened = self.advance();
            let indices = self.list(&Token::CloseBracket, opened.clone(), Self::index)?;
            let span = expr.span.start..self.end();
            if indices.is_empty() {
                let error = Diagnostic::error("empty index", opened.start..span.end)
                    .label("an index is expected here")
                    .help("write `z[0]`, `z[0:k]` or `A[i, :]`");
                self.error(error);
            }
            let base = Box::new(expr);
            expr = Expr {
                kind: ExprKind::Index { base, indices },
                span,
            };
        }
        self.depth = outside;
        Some(expr)
    }

    fn atom(&mut self) -> Option<Expr> {
        let span = self.span();
        match self.peek() {
            Token::Number(value) => {
                let kind = ExprKind::Number(value.clone());
                self.advance();
                Some(Expr { kind, span })
            }
            Token::Name(name) => {
                let name = name.clone();
                self.advance();
                if *self.peek() != Token::OpenParen {
                    let kind = ExprKind::Name(name);
                    return Some(Expr { kind, span });
                }
                let opened = self.advance();
                let arguments = self.list(&Token::CloseParen, opened, Self::argument)?;
                Some(Expr {
                    span: span.start..self.end(),
                    kind: ExprKind::Call {
                        function: name,
                        function_span: span,
                        arguments,
                    },
                })
            }
            Token::OpenParen => {
                self.advance();
                let mut inner = self.comparison()?;
                if *self.peek() == Token::Comma {
                    let error = Diagnostic::error("unexpected `,`", self.span())
                        .label("a list in parentheses")
                        .help("write `[a, b]` for a vector");
                    self.error(error);
                    return None;
                }
                self.close(&Token::CloseParen, span.clone())?;
                inner.span = span.start..self.end();
                Some(inner)
            }
            Token::OpenBracket => self.bracket(),
            _ => {
                self.unexpected("an expression");
                None
            }
        }
    }

    fn argument(&mut self) -> Option<Argument> {
        let next = self.tokens.get(self.position + 1).map(|(token, _)| token);
        let name = match (self.peek(), next) {
            (Token::Name(name), Some(Token::Assign)) => {
                let name = name.clone();
                let span = self.advance();
                self.advance();
                Some((name, span))
            }
            _ => None,
        };
        let value = self.comparison()?;
        if *self.peek() == Token::Assign {
            let error = Diagnostic::error("unexpected `=`", self.span())
                .label("only a name stands before `=`")
                .help("write `==` for a condition");
            self.error(error);
            return None;
        }
        Some(Argument { name, value })
    }

    fn index(&mut self) -> Option<Index> {
        let begin = self.span().start;
        let bound = |parser: &mut Self| match parser.peek() {
            Token::Colon | Token::Comma | Token::CloseBracket => Some(None),
            _ => parser.comparison().map(Some),
        };
        let from = bound(self)?;
        let kind = if self.take(&Token::Colon) {
            let to = bound(self)?;
            IndexKind::Slice { from, to }
        } else if let Some(at) = from {
            IndexKind::At(at)
        } else {
            self.unexpected("an index");
            return None;
        };
        let span = begin..self.end();
        Some(Index { kind, span })
    }

    /// `[a, b, …]` or `[body for variable in from..to]`.
    fn bracket(&mut self) -> Option<Expr> {
        let opened = self.advance();
        if self.take(&Token::CloseBracket) {
            let span = opened.start..self.end();
            let kind = ExprKind::Vector(Vec::new());
            return Some(Expr { kind, span });
        }
        let first = self.comparison()?;
        let word = |token: &Token, word: &str| matches!(token, Token::Name(name) if name == word);
        if !word(self.peek(), "for") {
            let mut entries = vec![first];
            if self.take(&Token::Comma) {
                entries.extend(self.list(
                    &Token::CloseBracket,
                    opened.clone(),
                    Self::comparison,
                )?);
            } else {
                self.close(&Token::CloseBracket, opened.clone())?;
            }
            let span = opened.start..self.end();
            let kind = ExprKind::Vector(entries);
            return Some(Expr { kind, span });
        }
        self.advance();
        let (variable, variable_span) = self.name("the name of an index")?;
        if !word(self.peek(), "in") {
            self.unexpected("`in`");
            return None;
        }
        self.advance();
        let from = self.binary(1)?;
        if !self.take(&Token::Range) {
            let message = format!("expected `..`, found {}", self.found());
            let error = Diagnostic::error(message, self.span())
                .label("an index runs over a range")
                .help("write `[… for i in 0..n]`; n is not included");
            self.error(error);
            return None;
        }
        let to = self.binary(1)?;
        if word(self.peek(), "for") {
            let error = Diagnostic::error("more than one `for`", self.span())
                .label("only one index in each pair of brackets")
                .help("write `[[… for j in 0..n] for i in 0..m]`");
            self.error(error);
            return None;
        }
        self.close(&Token::CloseBracket, opened.clone())?;
        let kind = ExprKind::Comprehension {
            body: Box::new(first),
            variable,
            variable_span,
            from: Box::new(from),
            to: Box::new(to),
        };
        let span = opened.start..self.end();
        Some(Expr { kind, span })
    }

    fn applied(&mut self) -> Option<Applied> {
        let (name, name_span) = self.name("a name")?;
        let mut arguments = Vec::new();
        if *self.peek() == Token::OpenParen {
            let opened = self.advance();
            arguments = self.list(&Token::CloseParen, opened, Self::argument)?;
        }
        let mut shape = Vec::new();
        if *self.peek() == Token::OpenBracket {
            let opened = self.advance();
            shape = self.list(&Token::CloseBracket, opened.clone(), Self::comparison)?;
            if shape.is_empty() {
                let error = Diagnostic::error("empty shape", opened.start..self.end())
                    .label("a size is expected here")
                    .help("leave out the brackets for a scalar");
                self.error(error);
            }
        }
        let span = name_span.start..self.end();
        Some(Applied {
            name,
            name_span,
            arguments,
            shape,
            span,
        })
    }
}
