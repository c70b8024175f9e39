//! What is said about specs that are wrong on purpose, and about files that cannot be read.
//!
//! The check that must be refuted and the line of the file it must point at are stated by hand; the
//! full text is a snapshot, to be read before it is accepted.

use reparam_check::check::Verdict;
use reparam_check::diagnostic::Severity;
use reparam_check::report::text::{TextOptions, text};
use reparam_check::report::{Outcome, Report};
use reparam_check::run::{Options, run};
use std::collections::BTreeSet;
use std::path::Path;

/// Each file of `specs/wrong`: every check that is refuted, and the text at the start of the place
/// that the refutation points at.
const WRONG: &[(&str, &[(&str, &str)])] = &[
    (
        "bernoulli_threshold",
        &[("path", "- f: z"), ("gradient", "- f: z")],
    ),
    (
        "clamped_normal",
        &[
            ("support", "support: interval(-1, 1)"),
            ("inverse", "z: clamp(m + s*eps, -1, 1)"),
            ("density", "log_density: -log(2*pi)/2 - log(s) - ((z"),
            ("normalization", "log_density: -log(2*pi)/2 - log(s) - ((z"),
            ("law", "log_density: -log(2*pi)/2 - log(s) - ((z"),
            ("path", "z: clamp(m + s*eps, -1, 1)"),
        ],
    ),
    (
        "clamped_tails",
        &[
            ("inverse", "z: mu + sigma*clamp(eps, -2, 2)"),
            ("density", "log_density: -log(2*pi)/2 - log(sigma) -"),
            ("law", "log_density: -log(2*pi)/2 - log(sigma) -"),
            ("path", "z: mu + sigma*clamp(eps, -2, 2)"),
        ],
    ),
    (
        "coupling_reads_wrong_half",
        &[("jacobian", "log_abs_det_jacobian: tanh(w*e2)")],
    ),
    (
        "covariance_without_factor_two",
        &[("jacobian", "log_abs_det_jacobian: 3*y[0] + 2*y[2]")],
    ),
    ("detached_scale", &[("gradient", "- f: z^2")]),
    (
        "detached_whole_log_density",
        &[("gradient", "f: -log(2*pi)/2 - z^2/2 - stop_gradient(")],
    ),
    (
        "determinant_without_abs",
        &[("derivations", "- q(z)*det(J)")],
    ),
    (
        "deviation_for_variance",
        &[
            ("density", "log_density: -log(2*pi)/2 - log(sigma)/2 - (z"),
            ("law", "log_density: -log(2*pi)/2 - log(sigma)/2 - (z"),
        ],
    ),
    (
        "entropy_in_bits",
        &[("moments", "entropy: (2 + log(alpha/beta))/log(2)")],
    ),
    (
        "entropy_without_location",
        &[("moments", "entropy: 1/2 + log(2*pi)/2 + log(sigma)")],
    ),
    (
        "exponent_of_wrong_sign",
        &[
            ("density", "log_density: log(a) - (a - 1)*log(z)"),
            ("normalization", "log_density: log(a) - (a - 1)*log(z)"),
            ("law", "log_density: log(a) - (a - 1)*log(z)"),
            ("stability", "log_density: log(a) - (a - 1)*log(z)"),
        ],
    ),
    (
        "forgotten_score_term",
        &[("gradient", "mu: mu*z^2*(z - mu)/sigma^2")],
    ),
    (
        "gamma_rejection",
        &[("path", "z: eps"), ("gradient", "- f: z^2")],
    ),
    (
        "gumbel_max",
        &[
            ("path", "- f: z[0] + 2*z[1]"),
            ("gradient", "- f: z[0] + 2*z[1]"),
        ],
    ),
    (
        "half_without_factor",
        &[
            ("density", "log_density: -log(2*pi)/2 - log(sigma) -"),
            ("normalization", "log_density: -log(2*pi)/2 - log(sigma) -"),
            ("law", "log_density: -log(2*pi)/2 - log(sigma) -"),
        ],
    ),
    ("inverse_multiplies", &[("inverse", "eps: (z - mu)*sigma")]),
    (
        "kl_divergence_of_wrong_sign",
        &[("gradient", "value: (1 + logvar - mu^2 - exp(logvar))")],
    ),
    (
        "leaky_step_moved",
        &[("path", "- f: z"), ("gradient", "- f: z")],
    ),
    (
        "log_det_added",
        &[
            ("jacobian", "log_abs_det_jacobian: 2*sum(log(sigma))"),
            ("density", "log_density: sum(-log(2*pi)/2 + log(sigma)"),
            (
                "normalization",
                "log_density: sum(-log(2*pi)/2 + log(sigma)",
            ),
            ("law", "log_density: sum(-log(2*pi)/2 + log(sigma)"),
        ],
    ),
    (
        "log_det_counted_twice",
        &[
            ("jacobian", "log_abs_det_jacobian: log(sigma) + 2*(mu"),
            (
                "density",
                "log_density: -log(2*pi)/2 - log(sigma) - 2*log(z)",
            ),
            (
                "normalization",
                "log_density: -log(2*pi)/2 - log(sigma) - 2*log(z)",
            ),
            ("law", "log_density: -log(2*pi)/2 - log(sigma) - 2*log(z)"),
        ],
    ),
    (
        "log_det_forgotten",
        &[
            ("density", "log_density: -log(2*pi)/2 - log(sigma) -"),
            ("normalization", "log_density: -log(2*pi)/2 - log(sigma) -"),
            ("law", "log_density: -log(2*pi)/2 - log(sigma) -"),
        ],
    ),
    (
        "log_det_of_inverse",
        &[("jacobian", "log_abs_det_jacobian: -log1p(-z^2) - log")],
    ),
    (
        "log_det_without_abs",
        &[("jacobian", "log_abs_det_jacobian: log(scale)")],
    ),
    (
        "log_det_wrong_axis",
        &[("jacobian", "log_abs_det_jacobian: sum(log(sigma))")],
    ),
    (
        "log_det_wrong_sign",
        &[("jacobian", "log_abs_det_jacobian: -sum(log(sigma))")],
    ),
    (
        "log_scale_of_wrong_sign",
        &[
            ("density", "log_density: -log(2*pi)/2 + log(sigma) - ((z"),
            (
                "normalization",
                "log_density: -log(2*pi)/2 + log(sigma) - ((z",
            ),
            ("law", "log_density: -log(2*pi)/2 + log(sigma) - ((z"),
        ],
    ),
    (
        "log_variance_as_log_deviation",
        &[
            ("density", "log_density: -log(2*pi)/2 - logvar/2 - ("),
            ("law", "log_density: -log(2*pi)/2 - logvar/2 - ("),
        ],
    ),
    (
        "mean_for_sum",
        &[
            ("jacobian", "log_abs_det_jacobian: mean(log(sigma))"),
            ("density", "log_density: mean(-log(2*pi)/2 - log(sig"),
            ("normalization", "log_density: mean(-log(2*pi)/2 - log(sig"),
        ],
    ),
    ("mean_of_cauchy", &[("gradient", "value: m")]),
    (
        "minima_for_maxima",
        &[
            ("density", "log_density: -(z - mu)/beta - exp(-(z -"),
            ("law", "log_density: -(z - mu)/beta - exp(-(z -"),
        ],
    ),
    (
        "mixture_weights_without_path",
        &[("path", "- f: z"), ("gradient", "- f: z")],
    ),
    (
        "noise_with_parameter",
        &[("path", "z: e"), ("gradient", "- f: z")],
    ),
    (
        "other_outcome",
        &[
            ("density", "log_density: log1p(-p) - p*log(z)"),
            ("law", "log_density: log1p(-p) - p*log(z)"),
        ],
    ),
    (
        "pareto_near_exponential",
        &[("stability", "log_density: -log(sigma) - (1/xi + 1)*log(1")],
    ),
    (
        "policy_without_correction",
        &[
            ("jacobian", "log_abs_det_jacobian: log_std"),
            ("density", "log_density: -log(2*pi)/2 - log_std - (("),
            ("normalization", "log_density: -log(2*pi)/2 - log_std - (("),
            ("law", "log_density: -log(2*pi)/2 - log_std - (("),
            ("moments", "entropy: (1 + log(2*pi))/2 + log_std"),
        ],
    ),
    (
        "quantile_of_other_tail",
        &[("moments", "quantile: c/normal_icdf(u)^2")],
    ),
    (
        "quantile_reversed",
        &[("moments", "quantile: -log(u)/rate")],
    ),
    (
        "rate_for_scale",
        &[
            ("density", "log_density: log(rate) - rate*z"),
            ("law", "log_density: log(rate) - rate*z"),
        ],
    ),
    (
        "relaxed_for_discrete",
        &[
            ("gradient", "estimator: {l: 2*(z - 45/100)*z*(1 - z)/"),
            ("stability", "log_density: log(t) + l - (t + 1)*(log(z"),
        ],
    ),
    (
        "second_moment_without_square",
        &[("gradient", "value: mu^2 + sigma")],
    ),
    (
        "shape_and_rate_exchanged",
        &[
            ("density", "log_density: log(scale/shape) + (scale - 1)"),
            ("law", "log_density: log(scale/shape) + (scale - 1)"),
            ("stability", "log_density: log(scale/shape) + (scale - 1)"),
        ],
    ),
    (
        "simplex_off_by_root_k",
        &[
            ("density", "log_density: lgamma(k) - log(k)/2"),
            ("normalization", "log_density: lgamma(k) - log(k)/2"),
        ],
    ),
    (
        "spline_derivative_upside_down",
        &[("jacobian", "log_abs_det_jacobian: 2*log(bend) - log(")],
    ),
    (
        "square_without_half",
        &[
            (
                "density",
                "log_density: -log(2*pi)/2 - log(sigma) - ((z - mu)/sigma)^2",
            ),
            (
                "normalization",
                "log_density: -log(2*pi)/2 - log(sigma) - ((z - mu)/sigma)^2",
            ),
            (
                "law",
                "log_density: -log(2*pi)/2 - log(sigma) - ((z - mu)/sigma)^2",
            ),
        ],
    ),
    (
        "step_in_objective",
        &[
            ("path", "- f: z^2 + where(z > 9/10, 1, 0)"),
            ("gradient", "- f: z^2 + where(z > 9/10, 1, 0)"),
        ],
    ),
    (
        "step_seen_by_scale",
        &[
            ("path", "- f: z^2 + where(z > 0.9"),
            ("gradient", "- f: z^2 + where(z > 0.9"),
        ],
    ),
    (
        "straight_through",
        &[
            ("path", "- f: (z - 45/100)^2"),
            ("gradient", "- f: (z - 45/100)^2"),
        ],
    ),
    (
        "straight_through_relaxed",
        &[
            ("path", "- f: (z - 45/100)^2"),
            ("gradient", "- f: (z - 45/100)^2"),
        ],
    ),
    (
        "student_t_with_own_chi_squared",
        &[("gradient", "value: nu^2/((nu - 2)*(nu - 4))")],
    ),
    (
        "support_twice_as_wide",
        &[
            ("inverse", "z: a + b*u"),
            ("normalization", "log_density: -log(b)"),
        ],
    ),
    (
        "support_too_wide",
        &[
            ("normalization", "log_density: log(2/pi)/2 - log(sigma) -"),
            ("law", "log_density: log(2/pi)/2 - log(sigma) -"),
        ],
    ),
    (
        "temperature_without_normalizer",
        &[
            ("density", "log_density: -(tau*logit(z) - logit(p))"),
            ("normalization", "log_density: -(tau*logit(z) - logit(p))"),
            ("law", "log_density: -(tau*logit(z) - logit(p))"),
        ],
    ),
    (
        "two_pi_forgotten",
        &[
            ("density", "log_density: -2*log(sigma) - sum(z^2)"),
            ("normalization", "log_density: -2*log(sigma) - sum(z^2)"),
        ],
    ),
    (
        "two_pi_without_root",
        &[
            ("density", "log_density: -log(2*pi) - log(sigma) - ("),
            ("normalization", "log_density: -log(2*pi) - log(sigma) - ("),
            ("law", "log_density: -log(2*pi) - log(sigma) - ("),
        ],
    ),
    (
        "unstable_correction",
        &[("stability", "log_abs_det_jacobian: log(sigma) + log(1")],
    ),
    (
        "variance_for_deviation",
        &[
            ("density", "log_density: -log(2*pi)/2 - log(sigma) -"),
            ("law", "log_density: -log(2*pi)/2 - log(sigma) -"),
        ],
    ),
    ("velocity_of_variance", &[("velocity", "s: (z - m)/(2*s)")]),
];

/// Files with a mistake, by name: what is said about each is in the snapshot of that name.
const BAD: &[(&str, &str)] = &[
    ("empty", ""),
    ("not_a_map", "- name: list\n"),
    (
        "broken_yaml",
        "name: broken\ntarget:\n  support: real\n  log_density: [1, 2\n",
    ),
    (
        "tab_for_indentation",
        "name: tabs\ntarget:\n\tsupport: real\n",
    ),
    (
        "colon_in_text",
        "name: colon\nsummary: a law: the normal\ntarget: {distribution: \"normal(0, 1)\"}\n",
    ),
    (
        "duplicate_key",
        "name: twice\ntarget: {distribution: \"normal(0, 1)\"}\nname: again\n",
    ),
    (
        "duplicate_key_in_section",
        "name: twice\ntarget:\n  distribution: normal(0, 1)\n  mean: 0\n  mean: 1\n",
    ),
    (
        "unknown_key",
        "name: unknown\nnoise: {eps: \"normal(0, 1)\"}\ntranform: {z: eps}\n",
    ),
    (
        "unknown_key_in_target",
        "name: unknown\ntarget:\n  support: real\n  logdensity: -z^2/2\n",
    ),
    (
        "unknown_key_in_expectation",
        "name: unknown\nnoise: {eps: \"normal(0, 1)\"}\ntransform: {z: eps}\nexpectations:\n  - f: z\n    vaule: 0\n",
    ),
    ("no_name", "target: {distribution: \"normal(0, 1)\"}\n"),
    (
        "bad_name",
        "name: Two Words\ntarget: {distribution: \"normal(0, 1)\"}\n",
    ),
    ("no_law", "name: empty\nparameters: {mu: real}\n"),
    ("no_noise", "name: silent\ntransform: {z: eps + 1}\n"),
    (
        "sizes",
        "name: sizes\ndimensions: {d: [0, 2.5, two], e: [], f: 3}\nnoise: {eps: \"normal(0, 1)[d, e, f]\"}\ntransform: {z: eps}\n",
    ),
    (
        "missing_parenthesis",
        "name: open\nparameters: {sigma: positive}\nnoise: {eps: \"normal(0, 1)\"}\ntransform: {z: sigma*exp(eps}\n",
    ),
    (
        "superfluous_parenthesis",
        "name: closed\nnoise: {eps: \"normal(0, 1)\"}\ntransform: {z: exp(eps))}\n",
    ),
    (
        "missing_operator",
        "name: juxtaposed\nparameters: {σ: positive}\nnoise: {ε: \"normal(0, 1)\"}\ntransform: {z: 2 σ*ε}\n",
    ),
    (
        "missing_comma",
        "name: juxtaposed\nnoise: {eps: normal(0 1)}\ntransform: {z: eps}\n",
    ),
    (
        "key_without_colon",
        "name: key\nparameters:\n  mu: real\n  sigma\nnoise:\n  eps: normal(0, 1)\ntransform:\n  z: mu + sigma*eps\n",
    ),
    (
        "scalar_for_vector",
        "name: shapes\nparameters: {c: \"positive[2]\"}\nnoise: {u: \"uniform(0, 1)\"}\ntransform: {z: c*u}\ninverse: {u: z/c}\n",
    ),
    (
        "foreign_power",
        "name: power\nnoise: {eps: \"normal(0, 1)\"}\ntransform: {z: eps**3}\n",
    ),
    (
        "unknown_names",
        "\
name: misspelt
parameters: {mu: real, sigma: positive}
noise: {eps: \"normal(0, 1)\"}
transform:
  z: mu + sigma*epz
target:
  support: reel
  log_density: -log(2*pi)/2 - log(simga) - ((z - mu)/sigma)^2/2
  mean: mean(mu) + lgama(sigma)
",
    ),
    (
        "unknown_name_used_often",
        "\
name: often
noise: {eps: \"normal(0, 1)\"}
transform:
  z: mu + eps
log_abs_det_jacobian: mu
target:
  support: real
  log_density: -(z - mu)^2/2
",
    ),
    (
        "broken_definition_is_reported_once",
        "\
name: once
dimensions: {d: [1, 2, 3]}
parameters: {mu: \"real[d]\"}
noise: {eps: \"normal(0, 1)[d]\"}
define:
  shift: mu + missing
transform:
  z: eps + shift
inverse:
  eps: z - shift
",
    ),
    (
        "unknown_distribution",
        "name: law\nnoise: {eps: \"gausian(0, 1)\"}\ntransform: {z: eps}\n",
    ),
    (
        "distribution_arguments",
        "\
name: arguments
noise:
  a: normal(0, 1, 2)
  b: normal(0, scal=1)
  c: gamma()
  d: normal(0, -1)
  e: normal
transform: {z: \"a + b + c + d + e\"}
",
    ),
    (
        "unknown_domain",
        "name: domain\nparameters: {p: unit_intervall, q: \"interval(0)\", r: \"simplex\"}\nnoise: {eps: \"normal(0, 1)\"}\ntransform: {z: p*q*eps + sum(r)}\n",
    ),
    (
        "shapes",
        "\
name: shapes
dimensions: {d: [2, 3]}
parameters: {mu: \"real[d]\", A: \"real[d, 4]\"}
noise: {eps: \"normal(0, 1)[d]\"}
transform:
  z: mu + A @ eps
",
    ),
    (
        "claims_of_the_wrong_shape",
        "\
name: claims
noise: {eps: \"normal(0, 1)[3]\"}
transform: {z: 2*eps}
inverse: {eps: \"z[0:2]\"}
log_abs_det_jacobian: log(2)*ones(3)
target:
  support: real[2]
  log_density: -(z/2)^2/2
  mean: [0, 0]
",
    ),
    (
        "index_out_of_bounds",
        "name: index\nnoise: {eps: \"normal(0, 1)[3]\"}\ntransform: {z: \"[eps[1], eps[2], eps[3]]\"}\n",
    ),
    (
        "condition_as_a_number",
        "name: condition\nnoise: {u: \"uniform(0, 1)\"}\ntransform: {z: 2*(u < 1/2)}\n",
    ),
    (
        "number_as_a_condition",
        "name: condition\nnoise: {u: \"uniform(0, 1)\"}\ntransform: {z: \"where(u, 1, 0)\"}\n",
    ),
    (
        "unused_names",
        "\
name: unused
dimensions: {d: [1, 2]}
parameters: {mu: real, sigma: positive}
inputs: {x: real}
noise: {eps: \"normal(0, 1)\", eta: \"normal(0, 1)\"}
define: {half: 1/2}
transform: {z: mu + eps}
",
    ),
    (
        "defined_twice",
        "name: twice\nparameters: {sigma: positive}\ninputs: {σ: real}\nnoise: {eps: \"normal(0, 1)\"}\ntransform: {z: sigma*eps}\n",
    ),
    (
        "taken_names",
        "name: taken\nparameters: {pi: positive, target: real}\nnoise: {eps: \"normal(0, 1)\"}\ntransform: {z: pi*eps + target}\n",
    ),
    (
        "inverse_of_another_name",
        "name: names\nparameters: {mu: real}\nnoise: {eps: \"normal(0, 1)\"}\ntransform: {z: mu + eps}\ninverse: {esp: z - mu}\n",
    ),
    (
        "claims_of_other_outputs",
        "\
name: outputs
noise: {a: \"normal(0, 1)\", b: \"normal(0, 1)\"}
transform: {x: a + b, y: a - b}
target:
  support: {x: real, w: real}
  mean: 0
",
    ),
    (
        "expect_of_nothing",
        "name: expect\ntarget: {distribution: \"normal(0, 1)\"}\nexpect: {densty: refuted, law: refuted}\n",
    ),
    (
        "expect_another_verdict",
        "name: expect\ntarget: {distribution: \"normal(0, 1)\"}\nexpect: {density: wrong}\n",
    ),
    (
        "derivation_of_one_line",
        "name: short\nnoise: {eps: \"normal(0, 1)\"}\ntransform: {z: eps}\nderivations:\n  a start: [p(eps)]\n",
    ),
    (
        "derivation_with_unknown_names",
        "name: lines\nnoise: {eps: \"normal(0, 1)\"}\ntransform: {z: eps}\nderivations:\n  a chain:\n    - q(z)*abs(det(K))\n    - {expr: p(esp), becase: typing}\n",
    ),
    (
        "in_a_folded_text",
        "\
name: folded
parameters: {μ: real, σ: positive}
noise: {eps: \"normal(0, 1)\"}
transform: {z: μ + σ*eps}
target:
  support: real
  log_density: >
    -log(2*pi)/2
    - log(σ)
    - ((z - μ)/sgima)^2/2
",
    ),
    (
        "in_a_quoted_text",
        "name: quoted\nparameters: {μ: real}\nnoise: {eps: \"normal(0, 1)\"}\ntransform: {z: \"\\u03bc + epps\"}\n",
    ),
    (
        "range_of_three",
        "name: range\nparameters: {mu: {domain: real, range: [0, 1, 2]}, nu: {domain: real, rang: [0, 1]}}\nnoise: {eps: \"normal(0, 1)\"}\ntransform: {z: mu + nu + eps}\n",
    ),
    (
        "many_kinds_at_once",
        "\
name: Many Kinds
dimensions: {d: [2, 3], k: [none]}
parameters:
  mu: real[d]
  mu: real[d]
  sigma: positve[d]
  alpha: {range: [1, 2]}
  w: real[k]
  2nd: real
noise: {eps: \"normal(0, 1)[d]\", eta: \"normal(0, scal=2)\"}
define:
  shift: mu + epz
  tail:
transform:
  z: mu + sigma*eps + shift + tail*alpha + eta + sum(w)
log_abs_det_jacobian: sum(log(sgima)) + lgama(d)
target:
  support: real[d]
  logdensity: -z^2/2
  log_density: -log(2*pi)/2 - (z - mu)^2/2)
  mean: ones(4) + mu
  variance: {z: 1, y: 2}
expectations:
  - f: sum(z) + q(z)
    value: \"mu @ mu[0\"
  - value: 0
derivations:
  short: [p(eps) + unheard]
expect: {densty: refuted}
",
    ),
    (
        "names_under_a_misspelt_section",
        "\
name: section
parametrs: {mu: real, sigma: positive}
noise: {eps: normal(0, 1)}
transform: {z: mu + sigma*eps + nu}
target:
  support: reals
  log_density: -((z - mu)/sigma)^2/2 + log(1,
  whole_line: perhaps
",
    ),
    (
        "a_section_that_is_no_map",
        "\
name: list
parameters: [mu, sigma]
noise: {eps: \"normal(mu, 1, 2)\"}
transform: {z: mu + sigma*eps}
target: {support: reel, log_density: lgama(z) - z^2/2, entropy: 2 +* 1}
",
    ),
    (
        "wrong_at_one_size_only",
        "\
name: one-size
dimensions: {d: [2, 3, 4]}
noise: {eps: \"normal(0, 1)[d]\"}
transform: {z: eps}
target: {support: \"real[d]\", mean: [0, 0], log_density: \"eps[2] - q(zz)\"}
",
    ),
    (
        "outputs_that_failed",
        "\
name: outputs
noise: {a: \"normal(0, 1)\", b: \"normal(0, 1)[2]\"}
transform: {x: a + c, y: b}
inverse: {a: x, bb: y}
target:
  support: {x: real, y: \"real[2]\"}
  log_density: x + y
  mean: {x: 0, y: \"[0, 0, 0]\"}
  mode: 0
  entropy: 1 +
expectations:
  - {f: q(x) + g(a), gradient: {mu: 1 + nu}}
derivations:
  jacobian: [det(J), det(J)]
",
    ),
    (
        "support_of_some_outputs",
        "\
name: some
noise: {a: \"normal(0, 1)\", b: \"normal(0, 1)\", c: \"normal(0, 1)\"}
transform: {x: exp(a), y: b, w: exp(c)}
target:
  support: {x: positive}
  mean: {x: exp(1/2), y: 0}
",
    ),
    (
        "log_density_and_log_mass",
        "name: both\ntarget: {support: real, log_density: -z^2/2, log_mass: 0}\n",
    ),
];

fn report(path: &str, bytes: Vec<u8>) -> Report {
    run(&[(path.to_owned(), bytes)], &Options::default())
}

/// The line that holds a byte of a text, without the space around it.
fn line_at(source: &str, offset: usize) -> &str {
    let start = source[..offset]
        .rfind('\n')
        .map_or(0, |newline| newline + 1);
    let end = source[offset..]
        .find('\n')
        .map_or(source.len(), |n| offset + n);
    source[start..end].trim()
}

#[test]
fn wrong_specs_are_refuted_at_the_guilty_line() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs/wrong");
    let found: BTreeSet<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    let listed: BTreeSet<String> = WRONG.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(found, listed, "every wrong spec is listed here");
    for (name, refuted) in WRONG {
        let bytes = std::fs::read(folder.join(format!("{name}.yaml"))).unwrap();
        let mut report = report(&format!("specs/wrong/{name}.yaml"), bytes);
        let spec = &mut report.specs[0];
        // What is right about it, and how well that is known, is not the matter of the snapshot.
        spec.checks
            .retain(|check| check.finding.verdict == Verdict::Refuted);
        let checks: Vec<&str> = spec.checks.iter().map(|check| check.check).collect();
        let wanted: Vec<&str> = refuted.iter().map(|(check, _)| *check).collect();
        assert_eq!(checks, wanted, "the refuted checks of {name}");
        for (check, (_, line)) in spec.checks.iter().zip(*refuted) {
            let span = check.finding.span.clone();
            let start = span
                .unwrap_or_else(|| panic!("{name}: {} has a place", check.check))
                .start;
            let at = line_at(&spec.source, start);
            assert!(
                at.starts_with(line),
                "{name}: {} points at {at}",
                check.check
            );
        }
        insta::assert_snapshot!(
            format!("wrong__{name}"),
            text(&report, &TextOptions::default())
        );
    }
}

#[test]
fn bad_files_are_explained() {
    for (name, source) in BAD {
        let mut report = report(&format!("{name}.yaml"), source.as_bytes().to_vec());
        let spec = &mut report.specs[0];
        let warned = spec
            .diagnostics
            .iter()
            .all(|d| d.severity == Severity::Warning);
        assert!(!spec.diagnostics.is_empty(), "nothing is said about {name}");
        assert_eq!(spec.outcome == Outcome::Error, !warned, "{name}");
        spec.checks.clear();
        insta::assert_snapshot!(
            format!("bad__{name}"),
            text(&report, &TextOptions::default())
        );
    }
}
