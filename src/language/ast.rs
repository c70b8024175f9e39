//! The syntax tree of a formula.
//!
//! Spans are byte ranges in the formula's own text, parentheses included. Long chains `a + b + …`
//! nest to the left without bound, every other way of nesting is bounded by the parser
//! (`NESTING` there); so whatever walks a tree goes down left operands in a loop, as cloning and
//! dropping do here (test `long_chains_do_not_overflow_the_stack` in `tests/language/`).

use crate::diagnostic::Span;
use crate::number::Rational;
use std::collections::BTreeMap;

/// An expression and the place where it is written.
#[derive(Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// The bytes it covers.
    pub span: Span,
}

/// What an expression is.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// A numeral.
    Number(Rational),
    /// A quantity, by its canonical name.
    Name(String),
    /// `function(arguments)`.
    Call {
        /// The canonical name before the parenthesis.
        function: String,
        /// Where that name stands.
        function_span: Span,
        /// What stands between the parentheses.
        arguments: Vec<Argument>,
    },
    /// `-x`.
    Negate(Box<Expr>),
    /// An arithmetic operator between its operands.
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// A comparison.
    Compare(CompareOp, Box<Expr>, Box<Expr>),
    /// `[a, b, …]`.
    Vector(Vec<Expr>),
    /// `[body for variable in from..to]`.
    Comprehension {
        /// What is computed for each index.
        body: Box<Expr>,
        /// The name of the index.
        variable: String,
        /// Where that name stands.
        variable_span: Span,
        /// The first index.
        from: Box<Expr>,
        /// Behind the last index.
        to: Box<Expr>,
    },
    /// `base[i, j:k]`.
    Index {
        /// What is indexed.
        base: Box<Expr>,
        /// One entry for each axis, from the first.
        indices: Vec<Index>,
    },
}

/// An arithmetic operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOp {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `@`, the matrix product.
    MatrixMultiply,
    /// `^`
    Power,
}

/// A comparison operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompareOp {
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
}

/// An argument of a call.
#[derive(Clone, Debug)]
pub struct Argument {
    /// The parameter it is for and where that is written, if it is given by name.
    pub name: Option<(String, Span)>,
    /// Its value.
    pub value: Expr,
}

/// One entry between the brackets of an index.
#[derive(Clone, Debug)]
pub struct Index {
    /// What it selects.
    pub kind: IndexKind,
    /// The bytes it covers.
    pub span: Span,
}

/// What one entry of an index selects.
#[derive(Clone, Debug)]
pub enum IndexKind {
    /// One position; the axis vanishes.
    At(Expr),
    /// A half-open range of positions; the axis stays.
    Slice {
        /// The first position, 0 if left out.
        from: Option<Expr>,
        /// Behind the last position, the size of the axis if left out.
        to: Option<Expr>,
    },
}

/// A domain or a distribution: `normal(0, 1)[d]`, `positive[m, n]`, `simplex[k]`.
#[derive(Clone, Debug)]
pub struct Applied {
    /// Its canonical name.
    pub name: String,
    /// Where the name stands.
    pub name_span: Span,
    /// What stands between the parentheses; empty without them.
    pub arguments: Vec<Argument>,
    /// What stands between the brackets; empty without them.
    pub shape: Vec<Expr>,
    /// The bytes of the whole.
    pub span: Span,
}

impl Applied {
    /// The expressions in it: the arguments, then the sizes.
    pub fn expressions(&self) -> impl Iterator<Item = &Expr> {
        self.arguments.iter().map(|a| &a.value).chain(&self.shape)
    }

    /// The free names in it, each with the first place where it stands.
    pub fn names_used(&self) -> BTreeMap<String, Span> {
        let mut used = BTreeMap::new();
        for expr in self.expressions() {
            collect_names(expr, &mut used);
        }
        used
    }
}

impl Expr {
    /// The immediate parts, in the order in which they are written.
    pub fn children(&self) -> Vec<&Expr> {
        match &self.kind {
            ExprKind::Number(_) | ExprKind::Name(_) => Vec::new(),
            ExprKind::Call { arguments, .. } => arguments.iter().map(|a| &a.value).collect(),
            ExprKind::Negate(x) => vec![x],
            ExprKind::Binary(_, x, y) | ExprKind::Compare(_, x, y) => vec![x, y],
            ExprKind::Vector(entries) => entries.iter().collect(),
            ExprKind::Comprehension { body, from, to, .. } => vec![body, from, to],
            ExprKind::Index { base, indices } => {
                let mut children: Vec<&Expr> = vec![base];
                for index in indices {
                    match &index.kind {
                        IndexKind::At(at) => children.push(at),
                        IndexKind::Slice { from, to } => children.extend(from.iter().chain(to)),
                    }
                }
                children
            }
        }
    }

    /// This expression and every one inside it, each before its parts.
    pub fn subexpressions(&self) -> impl Iterator<Item = &Expr> {
        let mut stack = vec![self];
        std::iter::from_fn(move || {
            let expr = stack.pop()?;
            stack.extend(expr.children().into_iter().rev());
            Some(expr)
        })
    }

    /// The functions called in it, each with the first place where it stands.
    pub fn functions_used(&self) -> BTreeMap<String, Span> {
        let mut used = BTreeMap::new();
        for expr in self.subexpressions() {
            if let ExprKind::Call {
                function,
                function_span,
                ..
            } = &expr.kind
                && !used.contains_key(function)
            {
                used.insert(function.clone(), function_span.clone());
            }
        }
        used
    }
}

/// The free names of an expression, each with the first place where it stands. The index of a
/// comprehension is not free in its body; `pi`, `inf` and the names of functions are not counted.
pub fn names_used(expr: &Expr) -> BTreeMap<String, Span> {
    let mut used = BTreeMap::new();
    collect_names(expr, &mut used);
    used
}

fn collect_names(expr: &Expr, used: &mut BTreeMap<String, Span>) {
    enum Step<'a> {
        Visit(&'a Expr),
        Bind(&'a str),
        Unbind,
    }
    let mut bound: Vec<&str> = Vec::new();
    let mut stack = vec![Step::Visit(expr)];
    while let Some(step) = stack.pop() {
        match step {
            Step::Bind(name) => bound.push(name),
            Step::Unbind => {
                bound.pop();
            }
            Step::Visit(expr) => match &expr.kind {
                ExprKind::Name(name) => {
                    if !matches!(name.as_str(), "pi" | "inf")
                        && !bound.contains(&name.as_str())
                        && !used.contains_key(name)
                    {
                        used.insert(name.clone(), expr.span.clone());
                    }
                }
                ExprKind::Comprehension {
                    body,
                    variable,
                    from,
                    to,
                    ..
                } => {
                    stack.extend([Step::Visit(to), Step::Visit(from), Step::Unbind]);
                    stack.extend([Step::Visit(body), Step::Bind(variable)]);
                }
                ExprKind::Number(_)
                | ExprKind::Call { .. }
                | ExprKind::Negate(_)
                | ExprKind::Binary(..)
                | ExprKind::Compare(..)
                | ExprKind::Vector(_)
                | ExprKind::Index { .. } => {
                    stack.extend(expr.children().into_iter().rev().map(Step::Visit));
                }
            },
        }
    }
}

impl Clone for Expr {
    fn clone(&self) -> Self {
        let mut chain = Vec::new();
        let mut leftmost = self;
        while let ExprKind::Binary(operator, left, right) = &leftmost.kind {
            chain.push((*operator, right, &leftmost.span));
            leftmost = left;
        }
        let mut copy = Expr {
            kind: leftmost.kind.clone(),
            span: leftmost.span.clone(),
        };
        for (operator, right, span) in chain.into_iter().rev() {
            copy = Expr {
                kind: ExprKind::Binary(operator, Box::new(copy), right.clone()),
                span: span.clone(),
            };
        }
        copy
    }
}

impl Drop for Expr {
    fn drop(&mut self) {
        // The derived glue would recurse down a chain of left operands.
        while let ExprKind::Binary(_, left, _) = &mut self.kind {
            self.kind = std::mem::replace(&mut left.kind, ExprKind::Number(Rational::ZERO));
        }
    }
}
