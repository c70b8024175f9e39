//! The scalar operators: the one small set that every room of the crate knows.
//!
//! Everything a spec says is a graph of these. What an operator *means* is said once per number
//! system, in the files beside this one; what its derivative is, in [`crate::graph`]. A match on
//! operators names every one of them, so adding an operator is a list of compile errors to mend.
//!
//! Booleans are numbers: a comparison yields 0 or 1 (an enclosure of a condition that cannot be
//! decided is [0, 1]), and [`Ternary::Select`] chooses by them.

/// An operator of one argument. Outside the stated domain it is undefined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Unary {
    /// −x.
    Neg,
    /// eˣ.
    Exp,
    /// Natural logarithm, x > 0; −∞ at 0.
    Log,
    /// log(1 + x), x > −1; −∞ at −1.
    Log1p,
    /// eˣ − 1.
    Expm1,
    /// √x, x ≥ 0.
    Sqrt,
    /// |x|.
    Abs,
    /// −1, 0 or 1 with the sign of x.
    Sign,
    /// Largest integer not above x.
    Floor,
    /// Smallest integer not below x.
    Ceil,
    /// Nearest integer; halves go to the even one, as IEEE 754 and Python round.
    Round,
    /// Sine, radians.
    Sin,
    /// Cosine, radians.
    Cos,
    /// Tangent, radians.
    Tan,
    /// Inverse sine on [−1, 1], in [−π/2, π/2].
    Asin,
    /// Inverse cosine on [−1, 1], in [0, π].
    Acos,
    /// Inverse tangent, in (−π/2, π/2).
    Atan,
    /// Hyperbolic sine.
    Sinh,
    /// Hyperbolic cosine.
    Cosh,
    /// Hyperbolic tangent.
    Tanh,
    /// Inverse hyperbolic sine.
    Asinh,
    /// Inverse hyperbolic cosine, x ≥ 1.
    Acosh,
    /// Inverse hyperbolic tangent on (−1, 1); ±∞ at the ends.
    Atanh,
    /// 1/(1 + e⁻ˣ).
    Sigmoid,
    /// log(1 + eˣ).
    Softplus,
    /// Error function.
    Erf,
    /// 1 − erf(x).
    Erfc,
    /// Inverse of erf on (−1, 1); ±∞ at the ends.
    ErfInv,
    /// Φ, the standard normal distribution function.
    NormalCdf,
    /// Φ⁻¹ on (0, 1); ±∞ at the ends.
    NormalIcdf,
    /// log Φ(x).
    NormalLogCdf,
    /// log |Γ(x)|, x not a pole 0, −1, −2, …
    Lgamma,
    /// ψ⁽ⁿ⁾(x), x not a pole: digamma is n = 0, trigamma n = 1.
    Polygamma(u8),
    /// log I₀(x), the modified Bessel function of the first kind.
    LogBesselI0,
    /// I₁(x)/I₀(x).
    BesselRatio,
    /// 1 − x for a truth value x.
    Not,
    /// x, with derivative zero.
    StopGradient,
}

impl Unary {
    /// Each operator once; of the polygammas the first.
    pub const ALL: [Unary; 37] = [
        Unary::Neg,
        Unary::Exp,
        Unary::Log,
        Unary::Log1p,
        Unary::Expm1,
        Unary::Sqrt,
        Unary::Abs,
        Unary::Sign,
        Unary::Floor,
        Unary::Ceil,
        Unary::Round,
        Unary::Sin,
        Unary::Cos,
        Unary::Tan,
        Unary::Asin,
        Unary::Acos,
        Unary::Atan,
        Unary::Sinh,
        Unary::Cosh,
        Unary::Tanh,
        Unary::Asinh,
        Unary::Acosh,
        Unary::Atanh,
        Unary::Sigmoid,
        Unary::Softplus,
        Unary::Erf,
        Unary::Erfc,
        Unary::ErfInv,
        Unary::NormalCdf,
        Unary::NormalIcdf,
        Unary::NormalLogCdf,
        Unary::Lgamma,
        Unary::LogBesselI0,
        Unary::BesselRatio,
        Unary::Not,
        Unary::StopGradient,
        Unary::Polygamma(0),
    ];
}

/// An operator of two arguments, in the order in which they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Binary {
    /// x + y.
    Add,
    /// x − y.
    Sub,
    /// x·y.
    Mul,
    /// x/y, y ≠ 0.
    Div,
    /// xʸ: x > 0, or x = 0 with y ≥ 0 (0⁰ = 1), or x < 0 with integer y.
    Pow,
    /// The smaller.
    Min,
    /// The larger.
    Max,
    /// x − y·⌊x/y⌋, y ≠ 0: the sign of y, as in Python.
    Mod,
    /// atan2(y, x): the angle of (x, y), arguments in the order y, x.
    Atan2,
    /// P(a, x), the regularized lower incomplete gamma function, a > 0, x ≥ 0.
    GammaP,
    /// Q(a, x) = 1 − P(a, x).
    GammaQ,
    /// ∂P(a, x)/∂a.
    GammaPDa,
    /// 1 if x < y, else 0.
    Less,
    /// 1 if x ≤ y, else 0.
    LessEqual,
    /// 1 if x = y, else 0.
    Equal,
    /// Both of two truth values.
    And,
    /// Either of two truth values.
    Or,
}

impl Binary {
    /// Each operator once.
    pub const ALL: [Binary; 17] = [
        Binary::Add,
        Binary::Sub,
        Binary::Mul,
        Binary::Div,
        Binary::Pow,
        Binary::Min,
        Binary::Max,
        Binary::Mod,
        Binary::Atan2,
        Binary::GammaP,
        Binary::GammaQ,
        Binary::GammaPDa,
        Binary::Less,
        Binary::LessEqual,
        Binary::Equal,
        Binary::And,
        Binary::Or,
    ];
}

/// An operator of three arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Ternary {
    /// `where(condition, a, b)`: a where the condition is 1, else b; the branch not taken need not
    /// be defined.
    Select,
    /// I_x(a, b), the regularized incomplete beta function, arguments a, b, x; a, b > 0, 0 ≤ x ≤ 1.
    BetaInc,
    /// ∂I_x(a, b)/∂a, arguments a, b, x.
    BetaIncDa,
}
