//! Claims that are false, or true, where it is easy to say the opposite: each was once judged
//! wrongly. The verdict of one check is held, whatever the others say.

use reparam_check::check::Effort;
use reparam_check::run::{Options, run};

/// The body of a spec, the check, its verdict, and a part of the message.
type Case = (&'static str, &'static str, &'static str, &'static str);

/// An implicit map may leave noise out, or meet it twice: then nothing integrates to 1.
const IMPLICIT: &[Case] = &[
    (
        "noise: {u: \"uniform(0, 1)\"}\ninverse: {u: z/2}\ntarget: {support: unit_interval, log_density: -log(2)}",
        "normalization",
        "refuted",
        "does not integrate to 1",
    ),
    (
        "noise: {u: \"uniform(0, 1)\"}\ninverse: {u: \"where(z < 1/2, 2*z, 2*z - 1)\"}\ntarget: {support: unit_interval, log_density: log(2)}",
        "normalization",
        "refuted",
        "does not integrate to 1",
    ),
    (
        "noise: {x: \"cauchy(0, 1)\"}\ninverse: {x: tan(pi*z)}\ntarget: {support: \"interval(0, 2)\", log_density: 0}",
        "normalization",
        "refuted",
        "does not integrate to 1",
    ),
    (
        "noise: {x: \"exponential(1)\"}\ninverse: {x: z^2}\ntarget: {support: positive, log_density: log(2*z) - z^2}",
        "normalization",
        "tested",
        "∫ q = 1",
    ),
    // What turns over has no inverse; what jumps may have one.
    (
        "noise: {u: \"uniform(0, 1)\"}\ninverse: {u: 4*z*(1 - z)}\ntarget: {support: unit_interval, log_density: 0}",
        "inverse",
        "refuted",
        "turns over",
    ),
    (
        "noise: {u: \"uniform(0, 1)\"}\ninverse: {u: \"where(z < 1/2, z, 3/2 - z)\"}\ntarget: {support: unit_interval, log_density: 0}",
        "inverse",
        "skipped",
        "turns",
    ),
    // Along the simplex both entries move.
    (
        "noise: {u: \"uniform(0, 1)\"}\ninverse: {u: \"1 - z[1]\"}\ntarget: {support: \"simplex[2]\", log_density: 0}",
        "density",
        "proved",
        "",
    ),
];

/// Maps that jump or have poles: a derivative of one sign does not make them one-to-one, and their
/// densities sum over preimages.
const JUMPS: &[Case] = &[
    (
        "noise: {u: \"uniform(0, 1)\"}\ntransform: {z: tan(2*pi*u)}\ntarget: {support: real, distribution: \"cauchy(0, 1)\"}",
        "density",
        "inconclusive",
        "not known to be one-to-one",
    ),
    (
        "noise: {eps: \"normal(0, 1)\"}\ntransform: {z: eps - 1/eps}",
        "inverse",
        "skipped",
        "jumps",
    ),
    (
        "noise: {u: \"uniform(0, 1)\"}\ntransform: {z: \"where(u < 1/2, 2*u, 2*u - 1)\"}\ntarget: {support: unit_interval, log_density: 0}",
        "density",
        "inconclusive",
        "not known to be one-to-one",
    ),
    // At the jump alone the density is too small, beside it too large.
    (
        "noise: {eps: \"normal(0, 1)\"}\ntransform: {z: eps - 3*sign(eps)}\ntarget: {support: real, log_density: \"logsumexp([where(z > -3, -(z + 3)^2/2, -inf), where(z < 3, -(z - 3)^2/2, -inf)]) - log(2*pi)/2\"}",
        "density",
        "inconclusive",
        "not known to be one-to-one",
    ),
    // The second coordinate jumps, whatever the first is.
    (
        "noise: {a: \"normal(0, 1)\", u: \"uniform(0, 1)\"}\ntransform: {x: a, y: \"a + where(u < 1/2, 2*u, 2*u - 1)\"}\ntarget: {support: {x: real, y: real}, log_density: -x^2/2 - log(2*pi)/2 - log(2)}",
        "density",
        "inconclusive",
        "g jumps",
    ),
];

/// Laws without a density, and parameters at which a formula has no value though g has one.
const HOLES: &[Case] = &[
    (
        "parameters: {m: real}\nnoise: {a: \"normal(0, 1)\", b: \"normal(0, 1)\"}\ntransform: {x: a, y: m + a}\ntarget: {support: {x: real, y: real}, log_density: -log(2*pi) - x^2/2 - (y - m)^2/2}",
        "density",
        "refuted",
        "no density",
    ),
    (
        "noise: {a: \"normal(0, 1)\"}\ntransform: {x: a, y: a^3}\ntarget: {support: {x: real, y: real}, log_density: -x^2 - y^2}",
        "density",
        "refuted",
        "no density",
    ),
    // What an estimator detaches still moves z.
    (
        "parameters: {m: real}\nnoise: {eps: \"normal(0, 1)\"}\ntransform: {z: m + stop_gradient(eps)}\ntarget: {support: real, distribution: \"normal(m, 1)\"}",
        "density",
        "proved",
        "",
    ),
    (
        "parameters: {a: real}\nnoise: {eps: \"normal(0, 1)\"}\ntransform: {z: a*eps}\ntarget: {support: real, log_density: -log(2*pi)/2 - log(abs(a)) - (z/a)^2/2}",
        "density",
        "refuted",
        "undefined",
    ),
    (
        "parameters: {k: {domain: real, range: [-1, 1]}}\nnoise: {u: \"uniform(0, 1)\"}\ntransform: {z: \"where(k == 0, u, expm1(k*u)/expm1(k))\"}\ninverse: {u: log1p(z*expm1(k))/k}\ntarget: {support: unit_interval}",
        "inverse",
        "refuted",
        "undefined",
    ),
    // Where g has the same hole its limit is meant.
    (
        "parameters: {k: {domain: real, range: [-1, 1]}}\nnoise: {u: \"uniform(0, 1)\"}\ntransform: {z: expm1(k*u)/expm1(k)}\ninverse: {u: log1p(z*expm1(k))/k}\ntarget: {support: unit_interval}",
        "inverse",
        "certified",
        "",
    ),
    // A hole at a number without an end in binary.
    (
        "parameters: {lambda: {domain: positive}}\nnoise: {eps: \"normal(0, 1)\"}\ntransform: {z: \"where(lambda == 1.01/2, 7, log(lambda)) + eps\"}\ninverse: {eps: \"z - log(lambda)\"}",
        "inverse",
        "refuted",
        "differs",
    ),
    (
        "parameters: {lambda: {domain: positive}}\nnoise: {eps: \"normal(0, 1)\"}\ntransform: {z: \"where(lambda == 1.01/2, log(1.01/2), log(lambda)) + eps\"}\ninverse: {eps: \"z - log(lambda)\"}",
        "inverse",
        "proved",
        "",
    ),
];

/// Moments at the parameters that a claim names, and moments that do not exist.
const MOMENTS: &[Case] = &[
    // Next to a hole of its formula a variance may round to less than 0.
    (
        "parameters: {a: {domain: positive, range: [1/20, 1/20]}, h: {domain: positive, range: [1/1000000000000, 2/1000000000000]}}\nnoise: {u: \"uniform(0, 1)\"}\ntransform: {z: \"a*((a + h)/a)^u\"}\ntarget: {support: \"interval(a, a + h)\", log_density: \"-log(z) - log(log((a + h)/a))\", variance: \"((a + h)^2 - a^2)/(2*log((a + h)/a)) - (h/log((a + h)/a))^2\"}",
        "moments",
        "tested",
        "variance",
    ),
    (
        "parameters: {sigma: positive, xi: {domain: real, range: [-1, 0.4]}}\nnoise: {u: \"uniform(0, 1)\"}\ntransform: {z: \"sigma*where(xi == 0, -log1p(-u), expm1(-xi*log1p(-u))/xi)\"}\ntarget: {support: \"interval(0, where(xi < 0, -sigma/xi, inf))\", mean: \"where(xi == 0, 2*sigma, sigma/(1 - xi))\"}",
        "moments",
        "refuted",
        "mean",
    ),
    (
        "parameters: {alpha: {domain: positive, range: [0.5, 20]}}\ntarget: {support: positive, distribution: \"gamma(alpha, 1)\", mean: \"where(alpha > 17, alpha + 1, alpha)\"}",
        "moments",
        "refuted",
        "mean",
    ),
    (
        "inputs: {nu: {domain: positive, range: [0.5, 10]}}\ntarget: {support: real, distribution: \"student_t(nu)\", variance: nu/(nu - 2)}",
        "moments",
        "refuted",
        "variance",
    ),
    (
        "inputs: {nu: {domain: positive, range: [0.5, 10]}}\ntarget: {support: real, distribution: \"student_t(nu)\", mean: 0}",
        "moments",
        "refuted",
        "mean",
    ),
    (
        "inputs: {nu: {domain: greater_than(1), range: [1.01, 10]}}\ntarget: {support: real, distribution: \"student_t(nu)\", mean: 0}",
        "moments",
        "tested",
        "mean",
    ),
    (
        "inputs: {s: positive}\ntarget: {support: positive, distribution: half_cauchy(s), mean: inf}",
        "moments",
        "tested",
        "infinite",
    ),
    (
        "inputs: {s: positive}\ntarget: {support: positive, distribution: half_normal(s), mean: inf}",
        "moments",
        "refuted",
        "mean",
    ),
    // The mean of a law that has none by a trillionth only.
    (
        "inputs: {a: positive, b: greater_than(1)}\ntarget: {support: positive, log_density: \"(a - 1)*log(z) - (a + b)*log1p(z) - lbeta(a, b)\", mean: a/(b - 1)}",
        "moments",
        "tested",
        "mean",
    ),
    (
        "parameters: {p: unit_interval}\ntarget: {support: nonnegative_integer, log_mass: log(p) + z*log1p(-p), mean: (1 - p)/p, variance: (1 - p)/p}",
        "moments",
        "refuted",
        "variance",
    ),
];

/// Means over coordinates that depend on one another: opposite tails that cancel are no mean.
const JOINT_MEANS: &[Case] = &[
    (
        "parameters: {m: real}\ntarget: {variable: z, support: \"real[2]\", log_density: \"-log(2*pi) - 3/2*log1p((z[0] - m)^2 + (z[1] - z[0])^2)\", mean: \"[m, m]\"}",
        "moments",
        "inconclusive",
        "not reached",
    ),
    (
        "parameters: {m: real}\ntarget: {variable: z, support: \"real[2]\", log_density: \"-log(2*pi) - 5/2*log1p(((z[0] - m)^2 + (z[1] - z[0])^2)/3)\", mean: \"[m, 2*m]\"}",
        "moments",
        "refuted",
        "mean",
    ),
];

/// Means of quotients whose denominator changes sign within the support, or only seems to.
const POLES: &[Case] = &[
    (
        "parameters: {s: positive}\nnoise: {u: \"uniform(0, 1)\"}\ntransform: {z: s*(u - 1/2)}\nexpectations: [{f: \"1 + 2*s/z\", value: 1, estimator: none}]",
        "gradient",
        "refuted",
        "does not exist",
    ),
    (
        "parameters: {s: positive}\nnoise: {u: \"uniform(0, 1)\"}\ntransform: {z: 3*s*u}\nexpectations: [{f: \"(z^2 - s^2)/(z - s)\", value: 5/2*s, estimator: none}]",
        "gradient",
        "tested",
        "",
    ),
    (
        "parameters: {s: positive}\nnoise: {u: \"uniform(0, 1)\"}\ntransform: {z: s*u}\nexpectations: [{f: \"1/where(z < s/3, -1, 1)\", value: 1/3, estimator: none}]",
        "gradient",
        "tested",
        "equal",
    ),
];

/// Supports of atoms, spheres and matrices, and preimages of several coordinates.
const SUPPORTS: &[Case] = &[
    (
        "parameters: {p: unit_interval}\nnoise: {u: \"uniform(0, 1)\"}\ntransform: {z: \"where(u < p, 1, 0)\"}\ntarget: {support: boolean, distribution: bernoulli(p)}",
        "support",
        "certified",
        "inside",
    ),
    (
        "noise: {u: \"uniform(0, 1)\"}\ntransform: {z: \"where(u < 1/2, 1, 1/2)\"}\ntarget: {support: boolean, distribution: bernoulli(1/2)}",
        "support",
        "refuted",
        "leaves",
    ),
    (
        "noise: {g: \"gumbel(0, 1)[3]\"}\ntransform: {z: \"[where(g[i] >= max(g), 1, 0) for i in 0..3]\"}\ntarget: {support: \"one_hot[3]\", log_mass: -log(3)}",
        "support",
        "certified",
        "inside",
    ),
    (
        "noise: {eps: \"normal(0, 1)[3]\"}\ntransform: {z: eps/norm(eps)}\ntarget: {support: \"unit_vector[3]\", measure: hausdorff, log_density: -log(4*pi)}",
        "density",
        "tested",
        "surplus noise",
    ),
    // At the pole of the sphere alone the angle has no value.
    (
        "noise: {u: \"uniform(0, 1)\", v: \"uniform(0, 1)\"}\ntransform: {z: \"[2*sqrt(u*(1 - u))*cos(2*pi*v), 2*sqrt(u*(1 - u))*sin(2*pi*v), 2*u - 1]\"}\ninverse: {u: \"(1 + z[2])/2\", v: \"mod(atan2(z[1], z[0])/(2*pi), 1)\"}\ntarget: {support: \"unit_vector[3]\", measure: hausdorff, log_density: -log(4*pi)}",
        "inverse",
        "certified",
        "",
    ),
    // A range of a triangular matrix leaves it triangular.
    (
        "parameters: {L: {domain: \"lower_cholesky[2]\", range: [0.3, 2]}}\nnoise: {eps: \"normal(0, 1)[2]\"}\ntransform: {z: L @ eps}\ninverse: {eps: \"solve_lower(L, z)\"}\ntarget: {support: \"real[2]\"}",
        "inverse",
        "proved",
        "",
    ),
    // Given the noise that both coordinates share, they come apart.
    (
        "noise: {a: \"normal(0, 1)\", b: \"normal(0, 1)\", c: \"normal(0, 1)\"}\ntransform: {x: a + b, y: a + c}\ntarget: {support: {x: real, y: real}, log_density: -log(2*pi) - log(3)/2 - (x^2 - x*y + y^2)/3}",
        "density",
        "tested",
        "surplus noise",
    ),
    (
        "noise: {a: \"normal(0, 1)\", b: \"normal(0, 1)\", c: \"normal(0, 1)\"}\ntransform: {x: a + b, y: a + c}\ntarget: {support: {x: real, y: real}, log_density: -log(2*pi) - log(3)/2 - (x^2 + x*y + y^2)/3}",
        "density",
        "refuted",
        "surplus noise",
    ),
    // A length that all components share is left over, on simplices and spheres of any size.
    (
        "parameters: {a: \"real[3]\", t: positive}\nnoise: {g: \"gumbel(0, 1)[3]\"}\ntransform: {z: softmax((a + g)/t)}\ntarget: {support: \"simplex[3]\", log_density: \"log(2) + 2*log(t) + sum(a - (t + 1)*log(z)) - 3*logsumexp(a - t*log(z))\"}",
        "density",
        "tested",
        "surplus noise",
    ),
    (
        "parameters: {a: \"real[3]\", t: positive}\nnoise: {g: \"gumbel(0, 1)[3]\"}\ntransform: {z: softmax((a + g)/t)}\ntarget: {support: \"simplex[3]\", log_density: \"log(2) + 3*log(t) + sum(a - (t + 1)*log(z)) - 3*logsumexp(a - t*log(z))\"}",
        "density",
        "refuted",
        "surplus noise",
    ),
    (
        "noise: {eps: \"normal(0, 1)[5]\"}\ntransform: {z: eps/norm(eps)}\ntarget: {support: \"unit_vector[5]\", measure: hausdorff, log_density: log(3/(8*pi^2))}",
        "density",
        "tested",
        "surplus noise",
    ),
    (
        "noise: {eps: \"normal(0, 1)[5]\"}\ntransform: {z: eps/norm(eps)}\ntarget: {support: \"unit_vector[5]\", measure: hausdorff, log_density: log(3/(4*pi^2))}",
        "density",
        "refuted",
        "surplus noise",
    ),
    // Uniform on the sphere only with weights that are equal.
    (
        "noise: {eps: \"normal(0, 1)[3]\"}\ntransform: {z: \"eps*[1, 1, 2]/norm(eps*[1, 1, 2])\"}\ntarget: {support: \"unit_vector[3]\", measure: hausdorff, log_density: -log(4*pi)}",
        "density",
        "refuted",
        "surplus noise",
    ),
    (
        "parameters: {c: positive}\nnoise: {w: \"gamma(2, 1)[3]\"}\ntransform: {z: c*w/sum(c*w)}\ntarget: {support: \"simplex[3]\", measure: hausdorff, log_density: \"lgamma(6) - log(3)/2 + sum(log(z))\"}",
        "density",
        "tested",
        "surplus noise",
    ),
    (
        "parameters: {c: positive}\nnoise: {w: \"gamma(2, 1)[3]\"}\ntransform: {z: c*w/sum(c*w)}\ntarget: {support: \"simplex[3]\", measure: hausdorff, log_density: \"lgamma(6) + sum(log(z))\"}",
        "density",
        "refuted",
        "surplus noise",
    ),
    // The tool's own symbols are none that a spec can name.
    (
        "parameters: {k: positive}\nnoise: {u: \"uniform(0, 1)\"}\ntransform: {z: floor(u + k)}",
        "path",
        "refuted",
        "jumps across",
    ),
    (
        "parameters: {m: negative}\nnoise: {u: \"uniform(0, 1)\"}\ntransform: {z: floor(m - 3 - u)}",
        "path",
        "refuted",
        "jumps across",
    ),
    (
        "parameters: {angle: \"real[2]\"}\ntarget: {variable: z, support: \"unit_vector[2]\", measure: hausdorff, log_density: \"angle[0]*z[0] + angle[1]*z[1] - log(2*pi) - log_bessel_i0(sqrt(angle[0]^2 + angle[1]^2))\"}",
        "normalization",
        "tested",
        "",
    ),
    (
        "parameters: {coordinate: \"positive[3]\"}\ntarget: {variable: z, support: \"simplex[3]\", log_density: \"lgamma(sum(coordinate)) - sum(lgamma(coordinate)) + sum((coordinate - 1)*log(z))\"}",
        "normalization",
        "tested",
        "",
    ),
    (
        "parameters: {length: \"positive[3]\"}\nnoise: {eps: \"normal(0, 1)[3]\"}\ntransform: {z: eps*length/norm(eps*length)}\ntarget: {support: \"unit_vector[3]\", measure: hausdorff, log_density: \"-log(4*pi) - sum(log(length)) - 3/2*log(sum((z/length)^2))\"}",
        "density",
        "tested",
        "",
    ),
    (
        "parameters: {w: unit_interval, m: real}\nnoise: {c: bernoulli(w), eps: \"normal(0, 1)\"}\ntransform: {z: \"where(c == 1, m + eps, 2*eps)\"}\ntarget: {support: real, log_density: \"log(w*exp(-(z - m)^2/2) + (1 - w)*exp(-z^2/8)/2) - log(2*pi)/2\"}",
        "density",
        "proved",
        "",
    ),
];

/// Outside an integral z stands for g(ε), also where it is differentiated.
const DERIVATIONS: &[Case] = &[
    (
        "noise: {eps: \"normal(0, 1)\"}\ntransform: {z: 2*eps}\nderivations: {slope: [\"diff(z, eps)\", 2]}",
        "derivations",
        "proved",
        "",
    ),
    (
        "noise: {eps: \"normal(0, 1)\"}\ntransform: {z: 2*eps}\nderivations: {slope: [\"diff(z, eps)\", 0]}",
        "derivations",
        "refuted",
        "",
    ),
    (
        "noise: {eps: \"normal(0, 1)\"}\ntransform: {z: 2*eps}\nderivations: {slope: [\"diff(z^2, z)\", 4*eps]}",
        "derivations",
        "proved",
        "",
    ),
    (
        "noise: {eps: \"normal(0, 1)\"}\ntransform: {z: 2*eps}\nderivations: {slope: [\"diff(f(z), eps)\", \"2*diff(f(z), z)\"]}",
        "derivations",
        "proved",
        "",
    ),
];

/// A formula answers for the digits that it loses: near a hole of a parameter's domain, but not for
/// what the rounding of z to binary64 alone makes of the value.
const STABILITY: &[Case] = &[
    (
        "parameters: {s: positive, xi: nonzero}\nnoise: {eps: \"exponential(1)\"}\ntransform: {z: s*expm1(xi*eps)/xi}\ntarget: {support: positive, log_density: -log(s) - (1/xi + 1)*log1p(xi*z/s)}",
        "stability",
        "tested",
        "",
    ),
    (
        "parameters: {s: positive, xi: nonzero}\nnoise: {eps: \"exponential(1)\"}\ntransform: {z: s*expm1(xi*eps)/xi}\ntarget: {support: positive, log_density: -log(s) - (1/xi + 1)*log(1 + xi*z/s)}",
        "stability",
        "refuted",
        "loses the digits of log_density",
    ),
    (
        "parameters: {c: real}\nnoise: {u: \"uniform(0, 1)\"}\ntransform: {z: \"where(c == 0, u, ((u + c)^2 - u^2)/(2*c))\"}",
        "stability",
        "refuted",
        "loses the digits of transform",
    ),
];

/// Noise that has no say at some parameters: what is solved for it says nothing there.
const LOST: &[Case] = &[
    (
        "parameters: {d: {domain: real, range: [0, 0]}}\nnoise: {a: \"normal(0, 1)\", b: \"normal(0, 1)\"}\ntransform: {z: d*abs(a) + b}\ntarget: {support: real, log_density: log(2) - log(2*pi)/2 - log(1 + d^2)/2 - z^2/(2*(1 + d^2)) + normal_log_cdf(d*z/sqrt(1 + d^2))}",
        "density",
        "tested",
        "equal at",
    ),
    (
        "parameters: {d: {domain: real, range: [0, 0]}, c: {domain: real, range: [1, 1]}}\nnoise: {a: \"normal(0, 1)\", b: \"normal(0, 1)\"}\ntransform: {z: d*abs(a) + c*b}\ntarget: {support: real, log_density: log(2) - log(2*pi)/2 - log(c^2 + d^2)/2 - z^2/(2*(c^2 + d^2)) + normal_log_cdf(d*z/abs(c)/sqrt(c^2 + d^2))}",
        "density",
        "tested",
        "converged at 0",
    ),
];

/// Narrow densities of several coordinates, far from where a rule looks first.
const NARROW: &[Case] = &[
    (
        "parameters: {m: {domain: real, range: [18, 19]}, s: {domain: positive, range: [0.07, 0.08]}}\ntarget: {support: \"real[2]\", variable: z, log_density: \"-log(2*pi) - log(s) - ((z[0] - m)/s)^2/2 - (z[1] + 0.67)^2/2\"}",
        "normalization",
        "tested",
        "∫ q = 1",
    ),
    (
        "parameters: {m: {domain: real, range: [18, 19]}, s: {domain: positive, range: [0.07, 0.08]}}\ntarget: {support: \"real[2]\", variable: z, log_density: \"-log(pi) - log(s) - ((z[0] - m)/s)^2/2 - (z[1] + 0.67)^2/2\"}",
        "normalization",
        "refuted",
        "does not integrate to 1",
    ),
    // A ridge far from 0, and far narrower than it is long.
    (
        "parameters: {m: real}\ntarget: {support: \"real[2]\", variable: z, log_density: \"-log(2*pi) + log(10) - (z[0] - m)^2/2 - (10*(z[1] - z[0]))^2/2\"}",
        "normalization",
        "tested",
        "∫ q = 1",
    ),
    // What may be missed is no evidence: peaks far apart, or narrower than any rule on a box sees.
    (
        "inputs: {a: {domain: positive, range: [30, 60]}}\ntarget: {support: \"real[2]\", variable: z, log_density: \"-log(4*pi) + logsumexp([-sum(z^2)/2, -((z[0] - a)^2 + (z[1] - 3)^2)/2])\"}",
        "normalization",
        "inconclusive",
        "no integral converged",
    ),
    (
        "inputs: {a: {domain: positive, range: [100000, 2000000]}}\ntarget: {support: \"positive[2]\", variable: z, log_density: \"sum((a - 1)*log(z) - z - lgamma(a))\"}",
        "normalization",
        "inconclusive",
        "no integral converged",
    ),
];

#[test]
fn narrow_densities_are_found() {
    holds(NARROW);
}

#[test]
fn noise_without_a_say_is_no_evidence() {
    holds(LOST);
}

#[track_caller]
fn holds(cases: &[Case]) {
    for (body, check, verdict, says) in cases {
        let spec = format!("name: case\n{body}\n");
        // What comes before decides what a check may build on.
        let options = Options::default();
        let report = run(&[("case.yaml".to_owned(), spec.into_bytes())], &options);
        let checks = &report.specs[0].checks;
        let found = checks.iter().find(|c| c.check == *check);
        let found = found.unwrap_or_else(|| panic!("{body}: {:?}", report.specs[0].diagnostics));
        let finding = &found.finding;
        assert_eq!(
            finding.verdict.name(),
            *verdict,
            "{body}: {}",
            finding.message
        );
        assert!(
            finding.message.contains(says),
            "{body}: {}",
            finding.message
        );
    }
}

#[test]
fn implicit_laws_are_integrated() {
    holds(IMPLICIT);
}

#[test]
fn jumps_are_no_inverses() {
    holds(JUMPS);
}

#[test]
fn holes_are_judged_where_g_is_a_number() {
    holds(HOLES);
}

#[test]
fn moments_that_do_not_exist_are_not_claimed() {
    holds(MOMENTS);
}

/// Of 13 points of a quick run the claim is infinite at all, as it should be there.
#[test]
fn a_pole_leaves_no_mean() {
    holds(POLES);
}

#[test]
fn joint_means_exist() {
    holds(JOINT_MEANS);
}

#[test]
fn a_mean_that_is_often_infinite_is_held_where_it_is_a_number() {
    let source = "name: lomax\nparameters: {alpha: positive, lambda: positive}\n\
        noise: {u: \"uniform(0, 1)\"}\ntransform: {z: \"lambda*(u^(-1/alpha) - 1)\"}\n\
        target:\n  support: positive\n\
        \x20 log_density: log(alpha) - log(lambda) - (alpha + 1)*log1p(z/lambda)\n\
        \x20 mean: where(alpha > 1, -lambda, inf)\n";
    for effort in [Effort::Quick, Effort::Standard] {
        let options = Options {
            effort,
            ..Options::default()
        };
        let report = run(
            &[("lomax.yaml".to_owned(), source.as_bytes().to_vec())],
            &options,
        );
        let moments = report.specs[0].checks.iter().find(|c| c.check == "moments");
        let finding = &moments.expect("moments are checked").finding;
        assert_eq!(
            finding.verdict.name(),
            "refuted",
            "{effort:?}: {}",
            finding.message
        );
    }
}

#[test]
fn supports_are_moved_along() {
    holds(SUPPORTS);
}

#[test]
fn formulas_answer_for_their_own_errors() {
    holds(STABILITY);
}

#[test]
fn derivatives_look_through_g() {
    holds(DERIVATIONS);
}

/// A third moment that vanishes by symmetry, between ends with poles: quadrature leaves 10⁻¹⁰ of it.
const SYMMETRY: &[Case] = &[(
    "inputs: {tau: {domain: positive, range: [0.6456, 0.6456]}}\nnoise: {u: \"uniform(0, 1)\"}\ntransform: {z: sigmoid(logit(u)/tau)}\ntarget: {support: unit_interval, log_density: log(tau) - tau*logit(z) - 2*softplus(-tau*logit(z)) - log(z) - log1p(-z), skewness: 0}",
    "moments",
    "tested",
    "skewness",
)];

#[test]
fn what_vanishes_by_symmetry_may_leave_a_rest() {
    holds(SYMMETRY);
}
