//! What `inverse` says of maps without a claimed inverse.

use proptest::prelude::*;
use reparam_check::run::{Options, run};

/// Parameters, noise and transform, the verdict, and a part of the message.
const MAPS: &[(&str, &str, &str, &str, &str)] = &[
    (
        "mu: real, sigma: positive",
        "normal(0, 1)",
        "mu + sigma*eps",
        "proved",
        "one-to-one: it has an inverse in closed form",
    ),
    (
        "a: nonzero",
        "normal(0, 1)",
        "a*eps^3",
        "proved",
        "one-to-one: it has an inverse in closed form",
    ),
    (
        "a: positive",
        "normal(0, 1)",
        "exp(a*eps)",
        "proved",
        "one-to-one: it has an inverse in closed form",
    ),
    (
        "a: positive",
        "uniform(0, 1)",
        "-log(-log(eps))/a",
        "proved",
        "one-to-one: it has an inverse in closed form",
    ),
    (
        "a: real",
        "normal(0, 1)[2]",
        "[[1, 2], [3, 1]] @ eps + a",
        "certified",
        "constant matrix",
    ),
    (
        "a: real",
        "normal(0, 1)[2]",
        "[eps[0], a*eps[0]^2 + eps[1]]",
        "proved",
        "one-to-one: it has an inverse in closed form",
    ),
    // No inverse in closed form.
    (
        "a: positive",
        "normal(0, 1)",
        "a*eps + sinh(eps)",
        "proved",
        "vanish nowhere",
    ),
    (
        "a: nonzero",
        "normal(0, 1)",
        "a*(eps + eps^3)",
        "proved",
        "vanish nowhere",
    ),
    (
        "a: positive, b: positive",
        "exponential(1)",
        "a*eps + b*eps^2",
        "proved",
        "vanish nowhere",
    ),
    (
        "a: positive",
        "uniform(0, 9)",
        "a*(2*eps + cos(eps) + sin(eps))",
        "certified",
        "10^-3 to 10^3",
    ),
    (
        "a: real",
        "normal(0, 1)",
        "eps + a*eps^3",
        "skipped",
        "turns",
    ),
    // Increasing all along, and not a value between 0 and 1.
    (
        "a: positive",
        "normal(0, 1)",
        "a*where(eps < 0, eps, eps + 1)",
        "tested",
        "leaps over values",
    ),
    (
        "a: positive",
        "normal(0, 1)",
        "where(eps < 0, a*eps, eps)",
        "tested",
        "one sign",
    ),
    // The slope has one sign wherever it has any.
    (
        "mu: real, sigma: positive",
        "normal(0, 1)",
        "relu(mu + sigma*eps)",
        "skipped",
        "one value",
    ),
    (
        "mu: real",
        "normal(0, 1)",
        "mu + max(eps, -1)",
        "skipped",
        "one value",
    ),
    (
        "a: positive",
        "normal(0, 1)",
        "a*clamp(eps, -2, 2)",
        "skipped",
        "one value",
    ),
    (
        "a: positive",
        "normal(0, 1)",
        "a*where(eps < 0, eps, where(eps < 1, 0, eps - 1))",
        "skipped",
        "one value",
    ),
    // The slope is 1 wherever there is one.
    (
        "a: positive",
        "normal(0, 1)",
        "a*mod(eps, 1)",
        "skipped",
        "jumps",
    ),
    (
        "a: positive",
        "normal(0, 1)",
        "a*(eps - 2*floor(eps/2))",
        "skipped",
        "jumps",
    ),
    (
        "a: positive",
        "normal(0, 1)",
        "a*where(eps < 1, eps, eps - 3)",
        "skipped",
        "jumps",
    ),
    ("a: positive", "normal(0, 1)", "a*eps^2", "skipped", "turns"),
    // It turns where noise hardly ever comes, and intervals must not call it monotone.
    (
        "a: positive",
        "normal(0, 1)",
        "a*(eps - exp(eps - 40))",
        "skipped",
        "turns",
    ),
    // Continuity across the condition is not known: only points speak for it.
    (
        "a: positive",
        "uniform(0, 1)",
        "a*where(eps < 1/2, log(2*eps), -log(2 - 2*eps))",
        "tested",
        "exact points",
    ),
    // Sheared and bent: no entry alone decides, a constant matrix does.
    (
        "a: real",
        "normal(0, 1)[2]",
        "eps + [[1/4, 0], [0, 1/2]] @ tanh([[1/2, -1], [1, 1/3]] @ eps + a)",
        "certified",
        "constant matrix",
    ),
    // Mixed after each is bent.
    (
        "a: real",
        "uniform(0, 1)[2]",
        "[[1, 2], [3, -1]] @ [exp(eps[0]), 1/(1 + eps[1])] + a",
        "certified",
        "constant matrix",
    ),
    // Planar, one-to-one since 1 + w·u > 0.
    (
        "a: real",
        "normal(0, 1)[2]",
        "eps + [2, -2]*tanh(eps[0] + 2*eps[1]/3 + a)",
        "certified",
        "constant matrix",
    ),
    // The determinant is positive, and the map has a period.
    (
        "a: real",
        "normal(0, 1)[2]",
        "[exp(eps[0])*cos(eps[1]) + a, exp(eps[0])*sin(eps[1])]",
        "skipped",
        "no law is claimed",
    ),
    // 1 + w·u < 0 somewhere.
    (
        "a: real",
        "normal(0, 1)[2]",
        "eps + [1, -3]*tanh(eps[0] + eps[1] + a)",
        "skipped",
        "turns",
    ),
    // The slope in the second is of either sign, but of one once the first is known.
    (
        "a: positive",
        "normal(0, 1)[2]",
        "[eps[0], a*eps[0]*eps[1]]",
        "proved",
        "one-to-one: it has an inverse in closed form",
    ),
    (
        "a: real",
        "normal(0, 1)[2]",
        "[eps[0]^2 - eps[1]^2 + a, eps[0]*eps[1]]",
        "skipped",
        "no law is claimed",
    ),
];

/// Noise, transform, support, the verdict, and a part of the message or of the counterexample.
const IMAGES: &[(&str, &str, &str, &str, &str)] = &[
    (
        "normal(0, 1)",
        "sinh(eps)",
        "real",
        "proved",
        "one-to-one and onto: it has an inverse in closed form",
    ),
    (
        "normal(0, 1)",
        "tanh(eps)",
        "interval(-1, 1)",
        "proved",
        "one-to-one and onto: it has an inverse in closed form",
    ),
    (
        "normal(0, 1)",
        "tanh(eps)",
        "real",
        "refuted",
        "comes from no noise",
    ),
    (
        "normal(0, 1)",
        "exp(eps)",
        "nonnegative",
        "proved",
        "one-to-one and onto: it has an inverse in closed form",
    ),
    (
        "normal(0, 1)",
        "exp(eps)",
        "real",
        "refuted",
        "comes from no noise",
    ),
    (
        "normal(0, 1)",
        "-softplus(eps)",
        "negative",
        "proved",
        "one-to-one and onto: it has an inverse in closed form",
    ),
    (
        "uniform(0, 1)",
        "-log1p(-eps)",
        "positive",
        "proved",
        "one-to-one and onto: it has an inverse in closed form",
    ),
    (
        "uniform(0, 1)",
        "2*eps",
        "interval(0, 3)",
        "refuted",
        "comes from no noise",
    ),
    (
        "uniform(0, 1)",
        "2*eps",
        "interval(0, 2)",
        "proved",
        "one-to-one and onto: it has an inverse in closed form",
    ),
    (
        "uniform(0, 1)",
        "1/eps",
        "greater_than(1)",
        "proved",
        "one-to-one and onto: it has an inverse in closed form",
    ),
    (
        "uniform(0, 1)",
        "1/eps",
        "positive",
        "refuted",
        "comes from no noise",
    ),
    // No inverse in closed form.
    (
        "normal(0, 1)",
        "eps + sinh(eps)",
        "real",
        "certified",
        "limits are the ends",
    ),
    (
        "normal(0, 1)",
        "exp(eps) + exp(2*eps)",
        "nonnegative",
        "certified",
        "limits are the ends",
    ),
    (
        "uniform(0, 1)",
        "eps + eps^2",
        "interval(0, 2)",
        "certified",
        "limits are the ends",
    ),
    (
        "uniform(0, 1)",
        "eps + eps^2",
        "interval(0, 1)",
        "certified",
        "or beyond",
    ),
    (
        "uniform(0, 1)",
        "eps + eps^2",
        "interval(0, 3)",
        "refuted",
        "comes from no noise",
    ),
    (
        "normal(0, 1)[2]",
        "[eps[0], eps[0] + exp(eps[1]) + exp(3*eps[1])]",
        "ordered[2]",
        "certified",
        "onto",
    ),
    (
        "normal(0, 1)[2]",
        "[eps[0], eps[0] - exp(eps[1])]",
        "ordered[2]",
        "inconclusive",
        "not known to be onto",
    ),
    (
        "exponential(1)",
        "exp(eps)",
        "positive",
        "refuted",
        "comes from no noise",
    ),
    // More than the support, which `support` refutes.
    (
        "uniform(0, 1)",
        "2*eps",
        "interval(0, 1)",
        "proved",
        "one-to-one and onto: it has an inverse in closed form",
    ),
    (
        "uniform(0, 1)[2]",
        "[eps[0], eps[1]*(1 - eps[0]), (1 - eps[0])*(1 - eps[1])]",
        "simplex[3]",
        "proved",
        "one-to-one and onto: it has an inverse in closed form",
    ),
    (
        "uniform(0, 1)[2]",
        "[eps[0]/2, eps[1]*(1 - eps[0]/2), (1 - eps[0]/2)*(1 - eps[1])]",
        "simplex[3]",
        "inconclusive",
        "short of the support",
    ),
    (
        "normal(0, 1)[2]",
        "[eps[0], eps[0] + exp(eps[1])]",
        "ordered[2]",
        "proved",
        "one-to-one and onto: it has an inverse in closed form",
    ),
    (
        "normal(0, 1)[2]",
        "[exp(eps[0]), exp(eps[0]) + exp(eps[1])]",
        "positive_ordered[2]",
        "proved",
        "one-to-one and onto: it has an inverse in closed form",
    ),
    (
        "normal(0, 1)[3]",
        "[[exp(eps[0]), 0], [eps[1], exp(eps[2])]]",
        "lower_cholesky[2]",
        "proved",
        "one-to-one and onto: it has an inverse in closed form",
    ),
    (
        "normal(0, 1)",
        "[[1, 0], [tanh(eps), 1/cosh(eps)]]",
        "corr_cholesky[2]",
        "certified",
        "onto",
    ),
    (
        "normal(0, 1)[3]",
        "[[exp(2*eps[0]), exp(eps[0])*eps[1]], [exp(eps[0])*eps[1], eps[1]^2 + exp(2*eps[2])]]",
        "positive_definite[2]",
        "certified",
        "onto",
    ),
    (
        "normal(0, 1)[2]",
        "[[1, 2], [3, 1]] @ eps",
        "real[2]",
        "certified",
        "onto",
    ),
    (
        "normal(0, 1)[2]",
        "[[1, 2], [3, 1]] @ [eps[0], exp(eps[1])]",
        "real[2]",
        "inconclusive",
        "not known to be onto",
    ),
];

#[test]
fn images_without_a_claimed_inverse() {
    for (noise, transform, support, verdict, says) in IMAGES {
        let spec = format!(
            "name: image\nnoise: {{eps: \"{noise}\"}}\ntransform: {{z: \"{transform}\"}}\ntarget: {{support: \"{support}\"}}\n"
        );
        let found = inverse(&spec);
        assert_eq!(found.0, *verdict, "{transform} on {support}: {}", found.1);
        assert!(
            found.1.contains(says),
            "{transform} on {support}: {}",
            found.1
        );
    }
}

/// The verdict and the message of `inverse` for a spec.
fn inverse(spec: &str) -> (&'static str, String) {
    let options = Options {
        checks: Some(vec!["inverse".to_owned()]),
        ..Options::default()
    };
    let report = run(
        &[("map.yaml".to_owned(), spec.as_bytes().to_vec())],
        &options,
    );
    let found = report.specs[0].checks.first().map(|c| &c.finding);
    let found = found.unwrap_or_else(|| panic!("{spec}: {:?}", report.specs[0]));
    (found.verdict.name(), found.message.clone())
}

/// A map of the plane with small coefficients in quarters.
fn plane(a: &[i32]) -> String {
    let [a, b, c, d, p, q] = [0, 1, 2, 3, 4, 5].map(|i| a[i]);
    format!(
        "[{a}*eps[0]/4 + {b}*eps[1]/4 + {p}*tanh(eps[1])/4, {c}*eps[0]/4 + {d}*eps[1]/4 + {q}*tanh(eps[0])/4]"
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// No map is called one-to-one whose determinant has both signs, and none is said to turn whose
    /// determinant has one: ad − bc − bq·s − cp·t − pq·s·t over s, t in (0, 1) is extreme at corners.
    #[test]
    fn maps_of_the_plane_are_one_to_one_only_where_their_determinant_keeps_its_sign(
        a in prop::collection::vec(-4i32..=4, 6)
    ) {
        let corner = |s: i32, t: i32| a[0] * a[3] - (a[1] + a[4] * s) * (a[2] + a[5] * t);
        let corners = [corner(0, 0), corner(0, 1), corner(1, 0), corner(1, 1)];
        let turns = corners.iter().any(|&c| c > 0) && corners.iter().any(|&c| c < 0);
        let transform = plane(&a);
        let spec = format!(
            "name: plane\nnoise: {{eps: \"normal(0, 1)[2]\"}}\ntransform: {{z: \"{transform}\"}}\nlog_abs_det_jacobian: 0\n"
        );
        let (verdict, message) = inverse(&spec);
        if turns {
            prop_assert!(verdict != "certified" && verdict != "proved", "{}: {}", transform, message);
        } else {
            prop_assert!(!message.contains("turns"), "{}: {}", transform, message);
        }
    }

    /// A uniform draw stretched claims no more than its image: what is stated beyond is refuted.
    #[test]
    fn a_support_beyond_the_image_is_refuted(low in -5i32..=5, width in 1i32..=9, more in 0i32..=3, slope in 1u8..=3) {
        let spec = format!(
            "name: stretched\nnoise: {{u: \"uniform(0, 1)\"}}\ntransform: {{z: \"{low} + {width}*(u + u^{})/2\"}}\n\
             target: {{support: \"interval({low}, {})\"}}\n",
            slope + 1,
            low + width + more
        );
        let (verdict, message) = inverse(&spec);
        prop_assert_eq!(verdict, if more > 0 { "refuted" } else { "certified" }, "{}: {}", spec, message);
    }
}

#[test]
fn maps_without_a_claimed_inverse() {
    for (parameters, noise, transform, verdict, says) in MAPS {
        let spec = format!(
            "name: map\nparameters: {{{parameters}}}\nnoise: {{eps: \"{noise}\"}}\ntransform: {{z: \"{transform}\"}}\n"
        );
        let (found, message) = inverse(&spec);
        assert_eq!(found, *verdict, "{transform}: {message}");
        assert!(message.contains(says), "{transform}: {message}");
    }
}
