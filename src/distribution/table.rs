//! The list. Formulas are from Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions
//! (2nd ed.); the von Mises from Mardia & Jupp, Directional Statistics (2000), on the interval of
//! length 2π about its location; the Dirichlet from Kotz, Balakrishnan & Johnson (2000), as a density
//! of the first k − 1 components.

use super::{Distribution, Law, Parameter};

const fn required(name: &'static str, domain: &'static str) -> Parameter {
    Parameter {
        name,
        domain,
        default: None,
    }
}

const fn optional(name: &'static str, domain: &'static str, default: &'static str) -> Parameter {
    Parameter {
        name,
        domain,
        default: Some(default),
    }
}

const LOC: Parameter = optional("loc", "real", "0");
const SCALE: Parameter = optional("scale", "positive", "1");
const CONCENTRATION: Parameter = required("concentration", "positive");

/// What most have in common.
const BASE: Distribution = Distribution {
    name: "",
    summary: "",
    parameters: &[LOC, SCALE],
    support: "real",
    log_density: "",
    cdf: None,
    quantile: None,
    mean: None,
    variance: None,
    entropy: None,
    discrete: false,
    multivariate: false,
    law: Law::Normal,
};

/// The built-in distributions, in the order of the format's page.
pub static DISTRIBUTIONS: &[Distribution] = &[
    Distribution {
        name: "normal",
        summary: "the normal distribution by location and standard deviation",
        log_density: "-log(2*pi)/2 - log(scale) - ((z - loc)/scale)^2/2",
        cdf: Some("normal_cdf((z - loc)/scale)"),
        quantile: Some("loc + scale*normal_icdf(u)"),
        mean: Some("loc"),
        variance: Some("scale^2"),
        entropy: Some("1/2 + log(2*pi)/2 + log(scale)"),
        law: Law::Normal,
        ..BASE
    },
    Distribution {
        name: "uniform",
        summary: "the uniform distribution between two bounds",
        parameters: &[
            optional("low", "real", "0"),
            optional("high", "greater_than(low)", "1"),
        ],
        support: "interval(low, high)",
        log_density: "-log(high - low)",
        cdf: Some("(z - low)/(high - low)"),
        quantile: Some("low + (high - low)*u"),
        mean: Some("(low + high)/2"),
        variance: Some("(high - low)^2/12"),
        entropy: Some("log(high - low)"),
        law: Law::Uniform,
        ..BASE
    },
    Distribution {
        name: "exponential",
        summary: "the exponential distribution by its rate (one over the mean)",
        parameters: &[optional("rate", "positive", "1")],
        support: "positive",
        log_density: "log(rate) - rate*z",
        cdf: Some("-expm1(-rate*z)"),
        quantile: Some("-log1p(-u)/rate"),
        mean: Some("1/rate"),
        variance: Some("1/rate^2"),
        entropy: Some("1 - log(rate)"),
        law: Law::Exponential,
        ..BASE
    },
    Distribution {
        name: "gumbel",
        summary: "the Gumbel distribution of maxima",
        log_density: "-(z - loc)/scale - exp(-(z - loc)/scale) - log(scale)",
        cdf: Some("exp(-exp(-(z - loc)/scale))"),
        quantile: Some("loc - scale*log(-log(u))"),
        mean: Some("loc - scale*digamma(1)"),
        variance: Some("pi^2*scale^2/6"),
        entropy: Some("log(scale) + 1 - digamma(1)"),
        law: Law::Gumbel,
        ..BASE
    },
    Distribution {
        name: "logistic",
        summary: "the logistic distribution",
        log_density: "-(z - loc)/scale - log(scale) - 2*softplus(-(z - loc)/scale)",
        cdf: Some("sigmoid((z - loc)/scale)"),
        quantile: Some("loc + scale*logit(u)"),
        mean: Some("loc"),
        variance: Some("pi^2*scale^2/3"),
        entropy: Some("log(scale) + 2"),
        law: Law::Logistic,
        ..BASE
    },
    Distribution {
        name: "laplace",
        summary: "the Laplace (double exponential) distribution",
        log_density: "-abs(z - loc)/scale - log(2*scale)",
        cdf: Some("where(z < loc, exp((z - loc)/scale)/2, 1 - exp(-(z - loc)/scale)/2)"),
        quantile: Some("loc - scale*sign(u - 1/2)*log1p(-2*abs(u - 1/2))"),
        mean: Some("loc"),
        variance: Some("2*scale^2"),
        entropy: Some("1 + log(2*scale)"),
        law: Law::Laplace,
        ..BASE
    },
    Distribution {
        name: "cauchy",
        summary: "the Cauchy distribution; it has no mean",
        log_density: "-log(pi) - log(scale) - log1p(((z - loc)/scale)^2)",
        cdf: Some("1/2 + atan((z - loc)/scale)/pi"),
        quantile: Some("loc + scale*tan(pi*(u - 1/2))"),
        mean: Some("0/0"),
        variance: Some("0/0"),
        entropy: Some("log(4*pi*scale)"),
        law: Law::Cauchy,
        ..BASE
    },
    Distribution {
        name: "student_t",
        summary: "Student's t distribution with df degrees of freedom",
        parameters: &[required("df", "positive"), LOC, SCALE],
        log_density: "-(df + 1)/2*log1p(((z - loc)/scale)^2/df) - log(df)/2 - lbeta(df/2, 1/2) - log(scale)",
        cdf: Some(
            "where(z < loc, beta_inc(df/2, 1/2, df/(df + ((z - loc)/scale)^2))/2, \
             1 - beta_inc(df/2, 1/2, df/(df + ((z - loc)/scale)^2))/2)",
        ),
        mean: Some("where(df > 1, loc, 0/0)"),
        variance: Some("where(df > 2, scale^2*df/(df - 2), where(df > 1, inf, 0/0))"),
        entropy: Some(
            "(df + 1)/2*(digamma((df + 1)/2) - digamma(df/2)) + log(df)/2 + lbeta(df/2, 1/2) + log(scale)",
        ),
        law: Law::StudentT,
        ..BASE
    },
    Distribution {
        name: "gamma",
        summary: "the gamma distribution by shape and rate (one over the scale)",
        parameters: &[CONCENTRATION, optional("rate", "positive", "1")],
        support: "positive",
        log_density: "concentration*log(rate) + (concentration - 1)*log(z) - rate*z - lgamma(concentration)",
        cdf: Some("gamma_p(concentration, rate*z)"),
        mean: Some("concentration/rate"),
        variance: Some("concentration/rate^2"),
        entropy: Some(
            "concentration - log(rate) + lgamma(concentration) + (1 - concentration)*digamma(concentration)",
        ),
        law: Law::Gamma,
        ..BASE
    },
    Distribution {
        name: "beta",
        summary: "the beta distribution; concentration1 pulls towards 1, concentration0 towards 0",
        parameters: &[
            required("concentration1", "positive"),
            required("concentration0", "positive"),
        ],
        support: "unit_interval",
        log_density: "(concentration1 - 1)*log(z) + (concentration0 - 1)*log1p(-z) \
                      - lbeta(concentration1, concentration0)",
        cdf: Some("beta_inc(concentration1, concentration0, z)"),
        mean: Some("concentration1/(concentration1 + concentration0)"),
        variance: Some(
            "concentration1*concentration0/((concentration1 + concentration0)^2\
             *(concentration1 + concentration0 + 1))",
        ),
        entropy: Some(
            "lbeta(concentration1, concentration0) - (concentration1 - 1)*digamma(concentration1) \
             - (concentration0 - 1)*digamma(concentration0) \
             + (concentration1 + concentration0 - 2)*digamma(concentration1 + concentration0)",
        ),
        law: Law::Beta,
        ..BASE
    },
    Distribution {
        name: "chi_squared",
        summary: "the chi-squared distribution with df degrees of freedom",
        parameters: &[required("df", "positive")],
        support: "positive",
        log_density: "(df/2 - 1)*log(z) - z/2 - df/2*log(2) - lgamma(df/2)",
        cdf: Some("gamma_p(df/2, z/2)"),
        mean: Some("df"),
        variance: Some("2*df"),
        entropy: Some("df/2 + log(2) + lgamma(df/2) + (1 - df/2)*digamma(df/2)"),
        law: Law::ChiSquared,
        ..BASE
    },
    Distribution {
        name: "log_normal",
        summary: "the law of exp(X), X normal with mean loc and standard deviation scale",
        support: "positive",
        log_density: "-log(2*pi)/2 - log(scale) - log(z) - ((log(z) - loc)/scale)^2/2",
        cdf: Some("normal_cdf((log(z) - loc)/scale)"),
        quantile: Some("exp(loc + scale*normal_icdf(u))"),
        mean: Some("exp(loc + scale^2/2)"),
        variance: Some("expm1(scale^2)*exp(2*loc + scale^2)"),
        entropy: Some("loc + 1/2 + log(2*pi)/2 + log(scale)"),
        law: Law::LogNormal,
        ..BASE
    },
    Distribution {
        name: "weibull",
        summary: "the Weibull distribution by scale and shape",
        parameters: &[required("scale", "positive"), CONCENTRATION],
        support: "positive",
        log_density: "log(concentration) - log(scale) + (concentration - 1)*(log(z) - log(scale)) \
                      - (z/scale)^concentration",
        cdf: Some("-expm1(-(z/scale)^concentration)"),
        quantile: Some("scale*(-log1p(-u))^(1/concentration)"),
        mean: Some("scale*exp(lgamma(1 + 1/concentration))"),
        variance: Some(
            "scale^2*(exp(lgamma(1 + 2/concentration)) - exp(2*lgamma(1 + 1/concentration)))",
        ),
        entropy: Some("-digamma(1)*(1 - 1/concentration) + log(scale/concentration) + 1"),
        law: Law::Weibull,
        ..BASE
    },
    Distribution {
        name: "pareto",
        summary: "the Pareto distribution above scale with tail index alpha",
        parameters: &[required("scale", "positive"), required("alpha", "positive")],
        support: "greater_than(scale)",
        log_density: "log(alpha) + alpha*log(scale) - (alpha + 1)*log(z)",
        cdf: Some("1 - (scale/z)^alpha"),
        quantile: Some("scale*(1 - u)^(-1/alpha)"),
        mean: Some("where(alpha > 1, alpha*scale/(alpha - 1), inf)"),
        variance: Some(
            "where(alpha > 2, alpha*scale^2/((alpha - 1)^2*(alpha - 2)), where(alpha > 1, inf, 0/0))",
        ),
        entropy: Some("log(scale/alpha) + 1/alpha + 1"),
        law: Law::Pareto,
        ..BASE
    },
    Distribution {
        name: "half_normal",
        summary: "the law of |X|, X normal with mean 0 and standard deviation scale",
        parameters: &[SCALE],
        support: "positive",
        log_density: "log(2)/2 - log(pi)/2 - log(scale) - (z/scale)^2/2",
        cdf: Some("erf(z/(scale*sqrt(2)))"),
        quantile: Some("scale*sqrt(2)*erfinv(u)"),
        mean: Some("scale*sqrt(2/pi)"),
        variance: Some("scale^2*(1 - 2/pi)"),
        entropy: Some("1/2 + log(pi/2)/2 + log(scale)"),
        law: Law::HalfNormal,
        ..BASE
    },
    Distribution {
        name: "half_cauchy",
        summary: "the law of |X|, X Cauchy about 0; its mean is infinite",
        parameters: &[SCALE],
        support: "positive",
        log_density: "log(2) - log(pi) - log(scale) - log1p((z/scale)^2)",
        cdf: Some("2*atan(z/scale)/pi"),
        quantile: Some("scale*tan(pi*u/2)"),
        mean: Some("inf"),
        variance: Some("0/0"),
        entropy: Some("log(2*pi*scale)"),
        law: Law::HalfCauchy,
        ..BASE
    },
    Distribution {
        name: "von_mises",
        summary: "the von Mises distribution of angles, between loc - pi and loc + pi",
        parameters: &[LOC, CONCENTRATION],
        support: "interval(loc - pi, loc + pi)",
        log_density: "concentration*cos(z - loc) - log(2*pi) - log_bessel_i0(concentration)",
        mean: Some("loc"),
        entropy: Some(
            "log(2*pi) + log_bessel_i0(concentration) - concentration*bessel_ratio_i1_i0(concentration)",
        ),
        law: Law::VonMises,
        ..BASE
    },
    Distribution {
        name: "inverse_gamma",
        summary: "the law of 1/X, X gamma with the same shape and rate",
        parameters: &[CONCENTRATION, optional("rate", "positive", "1")],
        support: "positive",
        log_density: "concentration*log(rate) - (concentration + 1)*log(z) - rate/z - lgamma(concentration)",
        cdf: Some("gamma_q(concentration, rate/z)"),
        mean: Some("where(concentration > 1, rate/(concentration - 1), inf)"),
        variance: Some(
            "where(concentration > 2, rate^2/((concentration - 1)^2*(concentration - 2)), \
             where(concentration > 1, inf, 0/0))",
        ),
        entropy: Some(
            "concentration + log(rate) + lgamma(concentration) - (1 + concentration)*digamma(concentration)",
        ),
        law: Law::InverseGamma,
        ..BASE
    },
    Distribution {
        name: "dirichlet",
        summary: "the Dirichlet distribution, as a density of the first k - 1 components",
        parameters: &[required("concentration", "positive[k]")],
        support: "simplex[k]",
        log_density: "sum((concentration - 1)*log(z)) + lgamma(sum(concentration)) - sum(lgamma(concentration))",
        mean: Some("concentration/sum(concentration)"),
        variance: Some(
            "concentration*(sum(concentration) - concentration)\
             /(sum(concentration)^2*(sum(concentration) + 1))",
        ),
        entropy: Some(
            "sum(lgamma(concentration)) - lgamma(sum(concentration)) \
             + (sum(concentration) - k)*digamma(sum(concentration)) \
             - sum((concentration - 1)*digamma(concentration))",
        ),
        multivariate: true,
        law: Law::Dirichlet,
        ..BASE
    },
    Distribution {
        name: "multivariate_normal",
        summary: "the normal distribution with covariance scale_tril @ transpose(scale_tril)",
        parameters: &[
            required("loc", "real[k]"),
            required("scale_tril", "lower_cholesky[k]"),
        ],
        support: "real[k]",
        log_density: "-k*log(2*pi)/2 - sum(log(diagonal(scale_tril))) \
                      - sum(solve_lower(scale_tril, z - loc)^2)/2",
        mean: Some("loc"),
        variance: Some("diagonal(scale_tril @ transpose(scale_tril))"),
        entropy: Some("k/2*(1 + log(2*pi)) + sum(log(diagonal(scale_tril)))"),
        multivariate: true,
        law: Law::MultivariateNormal,
        ..BASE
    },
    Distribution {
        name: "bernoulli",
        summary: "1 with probability prob, else 0",
        parameters: &[required("prob", "unit_interval")],
        support: "boolean",
        log_density: "where(z == 1, log(prob), log1p(-prob))",
        cdf: Some("where(z < 1, 1 - prob, 1)"),
        mean: Some("prob"),
        variance: Some("prob*(1 - prob)"),
        entropy: Some("-prob*log(prob) - (1 - prob)*log1p(-prob)"),
        discrete: true,
        law: Law::Bernoulli,
        ..BASE
    },
    Distribution {
        name: "categorical",
        summary: "i with probability probs[i], from zero",
        parameters: &[required("probs", "simplex[k]")],
        support: "integer_interval(0, k - 1)",
        log_density: "sum([where(z == i, log(probs[i]), 0) for i in 0..k])",
        cdf: Some("sum([where(i <= z, probs[i], 0) for i in 0..k])"),
        mean: Some("sum([i*probs[i] for i in 0..k])"),
        variance: Some("sum([i^2*probs[i] for i in 0..k]) - sum([i*probs[i] for i in 0..k])^2"),
        entropy: Some("-sum(probs*log(probs))"),
        discrete: true,
        law: Law::Categorical,
        ..BASE
    },
    Distribution {
        name: "poisson",
        summary: "the Poisson distribution by its mean",
        parameters: &[required("rate", "positive")],
        support: "nonnegative_integer",
        log_density: "z*log(rate) - rate - lgamma(z + 1)",
        cdf: Some("gamma_q(floor(z) + 1, rate)"),
        mean: Some("rate"),
        variance: Some("rate"),
        discrete: true,
        law: Law::Poisson,
        ..BASE
    },
    Distribution {
        name: "rademacher",
        summary: "-1 or 1 with equal probability (0 has none)",
        parameters: &[],
        support: "integer_interval(-1, 1)",
        log_density: "where(z == 0, -inf, -log(2))",
        cdf: Some("where(z < 1, 1/2, 1)"),
        mean: Some("0"),
        variance: Some("1"),
        entropy: Some("log(2)"),
        discrete: true,
        law: Law::Rademacher,
        ..BASE
    },
];
