//! The kinds of mistake that are planted.

/// A kind of mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A sign turned.
    Sign,
    /// A factor of 2, 1/2 or √(2π) too many.
    Factor,
    /// An exponent off by one, a root or a square forgotten.
    Exponent,
    /// Two names exchanged throughout a formula.
    Swap,
    /// A parameter detached from the gradient.
    Detach,
    /// The log-determinant forgotten, doubled or negated.
    LogDet,
    /// A term dropped from a sum.
    Term,
    /// `log` for `log1p`, `exp` for `expm1`, and back.
    Log1p,
    /// A mean for a sum, another axis, and the like.
    Reduction,
    /// A bound of the support widened.
    Bound,
    /// The branches of a `where` exchanged.
    Branch,
    /// A constant off by one part in a million.
    Constant,
}

impl Kind {
    /// Every kind, in the order of tables.
    pub const ALL: [Kind; 12] = [
        Kind::Sign,
        Kind::Factor,
        Kind::Exponent,
        Kind::Swap,
        Kind::Detach,
        Kind::LogDet,
        Kind::Term,
        Kind::Log1p,
        Kind::Reduction,
        Kind::Bound,
        Kind::Branch,
        Kind::Constant,
    ];

    /// The word for it in arguments and tables.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Sign => "sign",
            Kind::Factor => "factor",
            Kind::Exponent => "exponent",
            Kind::Swap => "swap",
            Kind::Detach => "detach",
            Kind::LogDet => "logdet",
            Kind::Term => "term",
            Kind::Log1p => "log1p",
            Kind::Reduction => "reduction",
            Kind::Bound => "bound",
            Kind::Branch => "branch",
            Kind::Constant => "constant",
        }
    }

    /// What it is, in one line.
    pub fn meaning(self) -> &'static str {
        match self {
            Kind::Sign => "a sign turned",
            Kind::Factor => "a factor 2, 1/2 or sqrt(2*pi) too many",
            Kind::Exponent => "an exponent off by one, a root or a square forgotten",
            Kind::Swap => "two parameters exchanged",
            Kind::Detach => "a parameter behind `stop_gradient`",
            Kind::LogDet => "the log-determinant 0, doubled or negated",
            Kind::Term => "a term dropped from a sum",
            Kind::Log1p => "`log` for `log1p`, `exp` for `expm1`, and back",
            Kind::Reduction => "`mean` for `sum`, another axis, and the like",
            Kind::Bound => "a bound of the support widened",
            Kind::Branch => "the branches of a `where` exchanged",
            Kind::Constant => "a constant off by one part in a million",
        }
    }
}
