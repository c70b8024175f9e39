//! The built-in functions: one list for elaboration, help, documentation and suggestions.

use super::call::Call;
use super::elaborate::Elaborator;
use super::scope::Value;
use super::{expand, matrix, special};
use crate::graph::{Graph, Id};
use crate::number::{Binary, Ternary, Unary};

/// A built-in function.
#[derive(Clone, Copy)]
pub struct Builtin {
    /// The group it is listed under.
    pub group: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Its parameters: `x` required, `alpha=1` with a default, `[axis]` optional, `…` any number
    /// more like the one before it. What follows `…` is given by name only.
    pub parameters: &'static str,
    /// What it is, in one line.
    pub meaning: &'static str,
    pub(super) action: Action,
}

/// What a call of a built-in function does.
#[derive(Clone, Copy)]
pub(super) enum Action {
    /// An operator on each component.
    Unary(Unary),
    /// An operator on corresponding components.
    Binary(Binary),
    /// An operator on corresponding components.
    Ternary(Ternary),
    /// An expansion on corresponding components.
    Each(fn(&mut Graph, &[Id]) -> Id),
    /// All components to one, or those along an axis.
    Reduce(Reduction),
    /// As `Reduce` for one argument, else the same on corresponding components.
    ReduceOrEach(Reduction),
    /// A vector to a vector of equal length, or so along an axis.
    Along(fn(&mut Graph, &[Id]) -> Vec<Id>),
    /// Anything else.
    Special(for<'e> fn(&mut Elaborator<'_>, &Call<'e>) -> Option<Value>),
}

/// How components become one.
#[derive(Clone, Copy)]
pub(super) struct Reduction {
    pub(super) combine: fn(&mut Graph, &[Id]) -> Id,
    /// Whether there is a value for no components.
    pub(super) of_none: bool,
    /// Whether it takes conditions, not numbers.
    pub(super) conditions: bool,
    /// Nodes it makes for each component.
    pub(super) cost: usize,
}

impl Builtin {
    /// How it is called: `leaky_relu(x, slope=0.01)`.
    pub fn signature(&self) -> String {
        format!("{}({})", self.name, self.parameters)
    }
}

impl std::fmt::Debug for Builtin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.signature())
    }
}

/// The built-in function of a name.
pub fn find(name: &str) -> Option<&'static Builtin> {
    FUNCTIONS.iter().find(|builtin| builtin.name == name)
}

/// Functions that only some formulas have, and which.
pub const ELSEWHERE: &[(&str, &str)] = &[
    ("integral", "known only in a derivation"),
    (
        "grad",
        "known only in a derivation; elsewhere write `diff(e, v)`",
    ),
    ("E", "known only in a derivation"),
    ("f", "known only in a derivation"),
    ("g", "known only in a derivation"),
    ("q", "known only in `expectations` and `derivations`"),
    ("p", "known only in `expectations` and `derivations`"),
];

/// Names of other languages for what is here, and what to write.
pub(super) const SYNONYMS: &[(&str, &str)] = &[
    ("ln", "log(x)"),
    ("log2", "log(x)/log(2)"),
    ("log10", "log(x)/log(10)"),
    ("log1m", "log1p(-x)"),
    ("exp2", "2^x"),
    ("cbrt", "x^(1/3)"),
    ("rsqrt", "1/sqrt(x)"),
    ("fabs", "abs(x)"),
    ("sgn", "sign(x)"),
    ("sqr", "square(x)"),
    ("power", "x^y"),
    ("arcsin", "asin(x)"),
    ("arccos", "acos(x)"),
    ("arctan", "atan(x)"),
    ("arctan2", "atan2(y, x)"),
    ("arcsinh", "asinh(x)"),
    ("arccosh", "acosh(x)"),
    ("arctanh", "atanh(x)"),
    ("expit", "sigmoid(x)"),
    ("logistic", "sigmoid(x)"),
    ("logsigmoid", "log_sigmoid(x)"),
    ("ndtr", "normal_cdf(x)"),
    ("ndtri", "normal_icdf(x)"),
    ("log_ndtr", "normal_log_cdf(x)"),
    ("Phi", "normal_cdf(x)"),
    ("probit", "normal_icdf(x)"),
    ("normal_quantile", "normal_icdf(x)"),
    ("normal_ppf", "normal_icdf(x)"),
    ("normal_logcdf", "normal_log_cdf(x)"),
    ("normal_sf", "normal_cdf(-x)"),
    ("normal_pdf", "exp(-x^2/2)/sqrt(2*pi)"),
    ("gamma", "exp(lgamma(x))"),
    ("gammaln", "lgamma(x)"),
    ("loggamma", "lgamma(x)"),
    ("psi", "digamma(x)"),
    ("gammainc", "gamma_p(a, x)"),
    ("gammaincc", "gamma_q(a, x)"),
    ("betainc", "beta_inc(a, b, x)"),
    ("betaln", "lbeta(a, b)"),
    ("minimum", "min(a, b)"),
    ("maximum", "max(a, b)"),
    ("clip", "clamp(x, low, high)"),
    ("average", "mean(x)"),
    ("product", "prod(x)"),
    ("matmul", "A @ B"),
    ("eye", "identity(n)"),
    ("inv", "solve(A, identity(n))"),
    ("inverse", "solve(A, identity(n))"),
    ("logdet", "log_abs_det(A)"),
    ("slogdet", "log_abs_det(A)"),
    ("tr", "trace(A)"),
    ("if", "where(condition, a, b)"),
    ("ifelse", "where(condition, a, b)"),
    ("and", "all(a, b)"),
    ("or", "any(a, b)"),
    ("argmax", "[where(x[i] == max(x), 1, 0) for i in 0..n]"),
    ("one_hot", "[where(i == k, 1, 0) for i in 0..n]"),
    ("detach", "stop_gradient(x)"),
    ("derivative", "diff(e, v)"),
];

const fn reduction(combine: fn(&mut Graph, &[Id]) -> Id, of_none: bool) -> Reduction {
    Reduction {
        combine,
        of_none,
        conditions: false,
        cost: 1,
    }
}

const fn costing(cost: usize, reduction: Reduction) -> Reduction {
    Reduction { cost, ..reduction }
}

const fn quantifier(combine: fn(&mut Graph, &[Id]) -> Id) -> Reduction {
    Reduction {
        combine,
        of_none: true,
        conditions: true,
        cost: 1,
    }
}

macro_rules! functions {
    ($($group:literal { $($name:literal ($parameters:literal) $meaning:literal $action:expr;)* })*) => {
        &[$($(Builtin {
            group: $group,
            name: $name,
            parameters: $parameters,
            meaning: $meaning,
            action: $action,
        },)*)*]
    };
}

use Action::{Along, Each, Reduce, ReduceOrEach, Special};
use Binary as B;
use Ternary as T;
use Unary as U;

/// Every built-in function, by group.
pub const FUNCTIONS: &[Builtin] = functions! {
    "elementary" {
        "exp" ("x") "e^x" Action::Unary(U::Exp);
        "log" ("x") "natural logarithm" Action::Unary(U::Log);
        "log1p" ("x") "log(1 + x)" Action::Unary(U::Log1p);
        "expm1" ("x") "e^x - 1" Action::Unary(U::Expm1);
        "sqrt" ("x") "square root" Action::Unary(U::Sqrt);
        "abs" ("x") "absolute value" Action::Unary(U::Abs);
        "sign" ("x") "-1, 0 or 1 with the sign of x" Action::Unary(U::Sign);
        "pow" ("x, y") "x^y" Action::Binary(B::Pow);
        "square" ("x") "x^2" Each(expand::square);
        "reciprocal" ("x") "1/x" Each(expand::reciprocal);
        "floor" ("x") "largest integer not above x" Action::Unary(U::Floor);
        "ceil" ("x") "smallest integer not below x" Action::Unary(U::Ceil);
        "round" ("x") "nearest integer, halves to even" Action::Unary(U::Round);
        "mod" ("x, y") "x - y*floor(x/y)" Action::Binary(B::Mod);
        "min" ("x, …, [axis]") "smallest component, or smaller argument" ReduceOrEach(reduction(expand::min, false));
        "max" ("x, …, [axis]") "largest component, or larger argument" ReduceOrEach(reduction(expand::max, false));
        "clamp" ("x, low, high") "min(max(x, low), high)" Each(expand::clamp);
    }
    "trigonometric, hyperbolic" {
        "sin" ("x") "sine of radians" Action::Unary(U::Sin);
        "cos" ("x") "cosine of radians" Action::Unary(U::Cos);
        "tan" ("x") "tangent of radians" Action::Unary(U::Tan);
        "asin" ("x") "inverse sine, in [-pi/2, pi/2]" Action::Unary(U::Asin);
        "acos" ("x") "inverse cosine, in [0, pi]" Action::Unary(U::Acos);
        "atan" ("x") "inverse tangent, in (-pi/2, pi/2)" Action::Unary(U::Atan);
        "atan2" ("y, x") "angle of the point (x, y)" Action::Binary(B::Atan2);
        "sinh" ("x") "hyperbolic sine" Action::Unary(U::Sinh);
        "cosh" ("x") "hyperbolic cosine" Action::Unary(U::Cosh);
        "tanh" ("x") "hyperbolic tangent" Action::Unary(U::Tanh);
        "asinh" ("x") "inverse hyperbolic sine" Action::Unary(U::Asinh);
        "acosh" ("x") "inverse hyperbolic cosine, x >= 1" Action::Unary(U::Acosh);
        "atanh" ("x") "inverse hyperbolic tangent, |x| < 1" Action::Unary(U::Atanh);
    }
    "machine learning" {
        "sigmoid" ("x") "1/(1 + exp(-x))" Action::Unary(U::Sigmoid);
        "logit" ("x") "log(x) - log1p(-x)" Each(expand::logit);
        "softplus" ("x") "log(1 + exp(x))" Action::Unary(U::Softplus);
        "log_sigmoid" ("x") "-softplus(-x)" Each(expand::log_sigmoid);
        "relu" ("x") "max(x, 0)" Each(expand::relu);
        "leaky_relu" ("x, slope=0.01") "x where positive, else slope*x" Each(expand::leaky_relu);
        "elu" ("x, alpha=1") "x where positive, else alpha*expm1(x)" Each(expand::elu);
        "softsign" ("x") "x/(1 + abs(x))" Each(expand::softsign);
    }
    "error and normal" {
        "erf" ("x") "error function" Action::Unary(U::Erf);
        "erfc" ("x") "1 - erf(x)" Action::Unary(U::Erfc);
        "erfinv" ("x") "inverse of erf" Action::Unary(U::ErfInv);
        "normal_cdf" ("x") "standard normal distribution function" Action::Unary(U::NormalCdf);
        "normal_icdf" ("u") "standard normal quantile function" Action::Unary(U::NormalIcdf);
        "normal_log_cdf" ("x") "log(normal_cdf(x))" Action::Unary(U::NormalLogCdf);
    }
    "gamma family" {
        "lgamma" ("x") "log of the absolute gamma function" Action::Unary(U::Lgamma);
        "digamma" ("x") "derivative of lgamma" Action::Unary(U::Polygamma(0));
        "trigamma" ("x") "derivative of digamma" Action::Unary(U::Polygamma(1));
        "polygamma" ("n, x") "n-th derivative of digamma, n a number" Special(special::polygamma);
        "lbeta" ("a, b") "log of the beta function" Each(expand::lbeta);
        "gamma_p" ("a, x") "regularized lower incomplete gamma function" Action::Binary(B::GammaP);
        "gamma_q" ("a, x") "1 - gamma_p(a, x)" Action::Binary(B::GammaQ);
        "gamma_p_da" ("a, x") "derivative of gamma_p(a, x) in a" Action::Binary(B::GammaPDa);
        "beta_inc" ("a, b, x") "regularized incomplete beta function" Action::Ternary(T::BetaInc);
        "beta_inc_da" ("a, b, x") "derivative of beta_inc(a, b, x) in a" Action::Ternary(T::BetaIncDa);
        "log_bessel_i0" ("x") "log of the modified Bessel function I0" Action::Unary(U::LogBesselI0);
        "bessel_ratio_i1_i0" ("x") "I1(x)/I0(x)" Action::Unary(U::BesselRatio);
    }
    "conditions, derivatives" {
        "where" ("condition, a, b") "a where the condition holds, else b" Special(special::select);
        "not" ("condition") "whether the condition fails" Special(special::not);
        "stop_gradient" ("x") "x, with derivative zero" Action::Unary(U::StopGradient);
        "diff" ("e, v") "partial derivative of e with respect to v" Special(special::diff);
    }
    "reductions" {
        "sum" ("x, [axis]") "sum of the components; 0 for none" Reduce(reduction(expand::sum, true));
        "prod" ("x, [axis]") "product of the components; 1 for none" Reduce(reduction(expand::prod, true));
        "mean" ("x, [axis]") "average of the components" Reduce(reduction(expand::mean, false));
        "logsumexp" ("x, [axis]") "log(sum(exp(x))), without overflow" Reduce(costing(3, reduction(expand::logsumexp, false)));
        "norm" ("x, [axis]") "sqrt(sum(x^2))" Reduce(costing(2, reduction(expand::norm, true)));
        "dot" ("x, y") "sum(x*y) of two vectors" Special(matrix::dot);
        "any" ("x, …, [axis]") "whether one condition holds" ReduceOrEach(quantifier(expand::any));
        "all" ("x, …, [axis]") "whether all conditions hold" ReduceOrEach(quantifier(expand::all));
    }
    "vectors" {
        "cumsum" ("x, [axis]") "running sums" Along(expand::cumsum);
        "cumprod" ("x, [axis]") "running products" Along(expand::cumprod);
        "softmax" ("x, [axis]") "exp(x - logsumexp(x))" Along(expand::softmax);
        "log_softmax" ("x, [axis]") "x - logsumexp(x)" Along(expand::log_softmax);
        "concat" ("x, …") "vectors and scalars joined, or matrices on top of each other" Special(matrix::concat);
        "reverse" ("x, [axis]") "the last component first" Along(expand::reverse);
        "outer" ("x, y") "the matrix of products x[i]*y[j]" Special(matrix::outer);
    }
    "matrices" {
        "transpose" ("A") "rows as columns" Special(matrix::transpose);
        "diagonal" ("A") "the vector of A[i, i]" Special(matrix::diagonal);
        "diag" ("x") "the matrix with x on its diagonal" Special(matrix::diag);
        "trace" ("A") "sum of the diagonal" Special(matrix::trace);
        "det" ("A") "determinant" Special(matrix::det);
        "log_abs_det" ("A") "log(abs(det(A)))" Special(matrix::log_abs_det);
        "solve" ("A, b") "the x with A @ x = b" Special(matrix::solve);
        "solve_lower" ("L, b") "the x with tril(L) @ x = b" Special(matrix::solve_lower);
        "cholesky" ("A") "the lower triangular L with L @ transpose(L) = A, from the lower triangle" Special(matrix::cholesky);
        "tril" ("A") "A with zeros above the diagonal" Special(matrix::tril);
        "identity" ("n") "the n by n identity matrix" Special(matrix::identity);
        "zeros" ("n, …") "zeros of a shape" Special(matrix::zeros);
        "ones" ("n, …") "ones of a shape" Special(matrix::ones);
    }
};
