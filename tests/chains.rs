//! Derivations line by line: the chain of the change of variables is proved for every size, each of
//! its lines broken in turn is refuted there, and what integrals hide is not proved.

use reparam_check::check::{Finding, Verdict};
use reparam_check::run::{Options, run};

/// The diagonal normal with a chain.
fn normal(lines: &[&str]) -> String {
    let lines: Vec<String> = lines.iter().map(|l| format!("    - {l}\n")).collect();
    format!(
        "name: chain\ndimensions: {{d: [1, 3]}}\nparameters: {{mu: \"real[d]\", sigma: \"positive[d]\"}}\n\
         noise: {{eps: \"normal(0, 1)[d]\"}}\ntransform: {{z: mu + sigma*eps}}\n\
         inverse: {{eps: (z - mu)/sigma}}\n\
         target:\n  support: real[d]\n  log_density: sum(-log(2*pi)/2 - log(sigma) - ((z - mu)/sigma)^2/2)\n\
         derivations:\n  chain:\n{}",
        lines.concat()
    )
}

#[track_caller]
fn derivation(source: &str) -> Finding {
    let files = [("chain.yaml".to_owned(), source.as_bytes().to_vec())];
    let mut report = run(&files, &Options::default());
    let spec = report.specs.remove(0);
    assert!(spec.diagnostics.is_empty(), "{:?}", spec.diagnostics);
    let found = spec.checks.into_iter().find(|c| c.check == "derivations");
    found.expect("the check is made").finding
}

const DENSITY: [&str; 4] = [
    "q(z)*abs(det(J))",
    "prod(1/sqrt(2*pi*sigma^2)*exp(-(z - mu)^2/(2*sigma^2)))*prod(sigma)",
    "(2*pi)^(-d/2)*exp(-norm(eps)^2/2)",
    "p(eps)",
];

const EXPECTATION: [&str; 4] = [
    "E(f(z), z)",
    "integral(f(z)*q(z), z)",
    "integral(f(g(eps))*q(g(eps))*abs(det(J)), eps)",
    "integral(f(g(eps))*p(eps), eps)",
];

#[test]
fn the_chains_are_proved_for_every_size() {
    for chain in [DENSITY, EXPECTATION] {
        let finding = derivation(&normal(&chain));
        assert_eq!(finding.verdict, Verdict::Proved, "{}", finding.message);
        assert!(
            finding.message.contains("for every d"),
            "{}",
            finding.message
        );
    }
}

/// A chain, the line that is broken (counted from 1), what stands there instead, and a part of the
/// explanation.
const BROKEN: &[([&str; 4], usize, &str, &str)] = &[
    (
        DENSITY,
        2,
        "prod(1/sqrt(2*pi*sigma^2)*exp(-(z - mu)^2/(2*sigma^2)))*sum(sigma)",
        "",
    ),
    (DENSITY, 3, "(2*pi)^(-1/2)*exp(-norm(eps)^2/2)", "times"),
    (DENSITY, 4, "p(eps)*2", "the line above times 2"),
    (EXPECTATION, 2, "integral(f(z)*q(z)^2, z)", "times"),
    (
        EXPECTATION,
        3,
        "integral(f(g(eps))*q(g(eps)), eps)",
        "times 1/sigma[0]",
    ),
    (
        EXPECTATION,
        4,
        "integral(f(g(eps))*p(eps)*prod(sigma), eps)",
        "times sigma[0]",
    ),
];

#[test]
fn each_broken_line_is_refuted() {
    for (chain, line, text, explanation) in BROKEN {
        let mut lines = *chain;
        lines[line - 1] = text;
        let finding = derivation(&normal(&lines));
        assert_eq!(
            finding.verdict,
            Verdict::Refuted,
            "{text}: {}",
            finding.message
        );
        let named = format!("line {line} of `chain`");
        assert!(
            finding.message.starts_with(&named),
            "{text}: {}",
            finding.message
        );
        let example = finding.counterexample.expect("a refutation has a point");
        assert!(
            example.explanation.contains(explanation),
            "{text}: {}",
            example.explanation
        );
    }
}

/// Lines that are false, or true for reasons that are not shown.
const NOT_PROVED: &[&str] = &[
    // A boundary moves with the parameter: the derivative of the integral has a term there.
    "name: moving\nparameters: {mu: real}\nnoise: {eps: exponential(1)}\ntransform: {z: mu + eps}\n\
     target: {support: real, log_density: \"where(z > mu, -(z - mu), -inf)\"}\nderivations:\n  d:\n\
     \x20   - grad(integral(f(z)*where(z > mu, exp(-(z - mu)), 0), z), mu)\n\
     \x20   - integral(f(z)*where(z > mu, exp(-(z - mu)), 0), z)\n",
    // g is not onto the line.
    "name: onto\nnoise: {eps: \"normal(0, 1)\"}\ntransform: {z: exp(eps)}\ninverse: {eps: log(z)}\n\
     derivations:\n  d:\n    - integral(f(z), z)\n    - integral(f(exp(eps))*exp(eps), eps)\n",
    // Both integrals are infinite.
    "name: infinite\nnoise: {eps: \"normal(0, 1)\"}\ntransform: {z: eps}\nderivations:\n  d:\n\
     \x20   - E(exp(eps^2), eps) - E(exp(eps^2) - 1, eps)\n    - 1\n",
    // The density is not 1 outside its support.
    "name: outside\nnoise: {eps: \"uniform(0, 1)\"}\ntransform: {z: eps}\nderivations:\n  d:\n\
     \x20   - p(eps + 1)\n    - 1\n",
    // f may vanish on a set with mass.
    "name: zeros\nnoise: {eps: \"normal(0, 1)\"}\ntransform: {z: eps}\nderivations:\n  d:\n\
     \x20   - E(f(z)/f(z), z)\n    - 1\n",
];

#[test]
fn what_integrals_hide_is_not_proved() {
    for source in NOT_PROVED {
        let finding = derivation(source);
        assert_ne!(
            finding.verdict,
            Verdict::Proved,
            "{source}: {}",
            finding.message
        );
    }
}

/// A closed form beside an integral: by the means of the noise, also differentiated ones.
const MEANS: &[(&str, &str)] = &[
    (
        "E(log(q(z)) + log(2*pi)/2 + z^2/2, z)",
        "(sigma^2 + mu^2 - 1)/2 - log(sigma)",
    ),
    ("E((mu + sigma*eps)^2, eps)", "mu^2 + sigma^2"),
    ("E(z^2, z) - E(z, z)^2", "sigma^2"),
    ("integral(z^4*q(z), z)", "mu^4 + 6*mu^2*sigma^2 + 3*sigma^4"),
    (
        "grad(E(exp(mu + sigma*eps), eps), sigma)",
        "sigma*exp(mu + sigma^2/2)",
    ),
    ("E(eps*exp(sigma*eps), eps)", "sigma*exp(sigma^2/2)"),
];

fn scalar(lines: [&str; 2], log_density: &str) -> String {
    format!(
        "name: means\nparameters: {{mu: real, sigma: positive}}\nnoise: {{eps: \"normal(0, 1)\"}}\n\
         transform: {{z: mu + sigma*eps}}\ninverse: {{eps: (z - mu)/sigma}}\n\
         target:\n  support: real\n  log_density: {log_density}\n\
         derivations:\n  means:\n    - {}\n    - {}\n",
        lines[0], lines[1]
    )
}

#[test]
fn known_means_prove_closed_forms() {
    let log_density = "-log(2*pi)/2 - log(sigma) - ((z - mu)/sigma)^2/2";
    for &(integral, closed) in MEANS {
        let finding = derivation(&scalar([integral, closed], log_density));
        assert_eq!(finding.verdict, Verdict::Proved, "{integral}");
        for wrong in [
            format!("{closed} + 1/1000"),
            format!("({closed})*(1 + mu^2/100)"),
        ] {
            let finding = derivation(&scalar([integral, &wrong], log_density));
            assert_eq!(finding.verdict, Verdict::Refuted, "{integral} is {wrong}");
        }
        let finding = derivation(&scalar(
            [integral, &format!("{closed} + 10^-30")],
            log_density,
        ));
        assert_ne!(finding.verdict, Verdict::Proved, "{integral}");
    }
}

/// f at a draw is no constant, in a mean that is differentiated least of all.
#[test]
fn a_value_of_f_is_no_constant() {
    let log_density = "-log(2*pi)/2 - log(sigma) - ((z - mu)/sigma)^2/2";
    let mean = "E(f(g(eps)), eps)";
    for wrong in [
        format!("2*{mean}"),
        format!("-grad({mean}, mu)"),
        "E(2*f(z), z)".to_owned(),
        "E(f(z)*eps^2, eps)".to_owned(),
        "E(f(2*z), z)".to_owned(),
    ] {
        let right = if wrong.contains("grad") {
            format!("grad({mean}, mu)")
        } else {
            mean.to_owned()
        };
        let finding = derivation(&scalar([&wrong, &right], log_density));
        assert!(!finding.verdict.holds(), "{wrong} is {right}: {finding:?}");
    }
}

/// Of a density that is not that of g(ε) the noise says nothing.
#[test]
fn known_means_ask_for_the_law() {
    for log_density in [
        "-log(2*pi)/2 - log(sigma) - ((z - mu)/sigma)^2",
        "-log(2*pi)/2 - log(sigma) - ((z - mu + sigma)/sigma)^2/2",
    ] {
        let finding = derivation(&scalar(["E(z, z)", "mu"], log_density));
        assert_ne!(finding.verdict, Verdict::Proved, "{log_density}");
    }
}

/// Means of powers of logarithms of a uniform draw, and the moments of the Gumbel law.
const LOGARITHMS: &[(&str, &str)] = &[
    ("E(log(u)^2, u)", "2"),
    ("E(a*log1p(-u)^4, u)", "24*a"),
    ("E(u^a*log(u)^2, u)", "2/(a + 1)^3"),
    ("E(u^2*log(u), u)", "-1/9"),
    ("E((g + digamma(1))^4, g)", "3*pi^4/20"),
    ("E(a*g^3, g)", "E(-a*log(-log(u))^3, u)"),
    ("E(log(-log(u))^2, u)", "pi^2/6 + digamma(1)^2"),
];

#[test]
fn means_of_logarithms_are_known() {
    let spec = |integral: &str, closed: &str| {
        format!(
            "name: logarithms\nparameters: {{a: positive}}\n\
             noise: {{u: \"uniform(0, 1)\", g: \"gumbel(0, 1)\"}}\ntransform: {{z: u + a*g}}\n\
             derivations:\n  means:\n    - {integral}\n    - {closed}\n"
        )
    };
    for &(integral, closed) in LOGARITHMS {
        let finding = derivation(&spec(integral, closed));
        assert_eq!(finding.verdict, Verdict::Proved, "{integral}");
        let finding = derivation(&spec(integral, &format!("{closed} + 1/1000")));
        assert_eq!(finding.verdict, Verdict::Refuted, "{integral}");
    }
}

const NORMAL: &str = "parameters: {mu: real, sigma: positive}\nnoise: {eps: \"normal(0, 1)\"}\n\
    transform: {z: mu + sigma*eps}\n\
    target: {support: real, log_density: \"-log(2*pi)/2 - log(sigma) - ((z - mu)/sigma)^2/2\"}";
const UNIFORM: &str = "parameters: {a: positive}\nnoise: {u: \"uniform(0, 1)\"}\n\
    transform: {z: a*u}\ntarget: {support: \"interval(0, a)\", log_density: -log(a)}";
const EXPONENTIAL: &str = "parameters: {l: positive}\nnoise: {u: \"uniform(0, 1)\"}\n\
    transform: {z: -log(u)/l}\ntarget: {support: positive, log_density: log(l) - l*z}";
const BETA: &str = "\
    target: {support: unit_interval, log_density: log(6) + log(z) + log(1 - z)}";

/// Derivatives of f moved onto their factors: a law, two lines, and what becomes of the second.
const BY_PARTS: &[(&str, [&str; 2], Verdict)] = &[
    (
        NORMAL,
        ["E(diff(f(z), z), z)", "E(f(z)*(z - mu)/sigma^2, z)"],
        Verdict::Proved,
    ),
    (
        NORMAL,
        [
            "E(grad(f(mu + sigma*eps), sigma), eps)",
            "E(f(z)*(((z - mu)/sigma)^2 - 1)/sigma, z)",
        ],
        Verdict::Proved,
    ),
    (
        NORMAL,
        [
            "E(grad(f(mu + sigma*eps), sigma), eps)",
            "E(f(z)*((z - mu)/sigma)^2/sigma, z)",
        ],
        Verdict::Refuted,
    ),
    (
        NORMAL,
        [
            "grad(E(f(z), z), sigma)",
            "sigma*E(diff(diff(f(z), z), z), z)",
        ],
        Verdict::Proved,
    ),
    (
        NORMAL,
        ["integral(diff(f(z), z), z)", "0*mu"],
        Verdict::Proved,
    ),
    // What jumps leaves something where it jumps, a pole as well.
    (
        NORMAL,
        ["integral(sign(z)*diff(f(z), z), z)", "0*mu"],
        Verdict::Refuted,
    ),
    (
        NORMAL,
        ["integral(mod(z, 1)*diff(f(z), z), z)", "-integral(f(z), z)"],
        Verdict::Inconclusive,
    ),
    (
        NORMAL,
        ["integral(diff(f(z), z)/z, z)", "integral(f(z)/z^2, z)"],
        Verdict::Inconclusive,
    ),
    (
        NORMAL,
        ["integral(diff(diff(f(z), z), z)*z/sqrt(z^2)*z, z)", "0*mu"],
        Verdict::Refuted,
    ),
    // At an end f is what it is.
    (
        UNIFORM,
        ["integral(diff(f(z), z), z)", "0*a"],
        Verdict::Refuted,
    ),
    (
        UNIFORM,
        ["E(u*diff(f(z), z), u)", "E(-1/a*f(z), u)"],
        Verdict::Refuted,
    ),
    (
        UNIFORM,
        ["E(u*(1 - u)*diff(f(z), z), u)", "E((2*u - 1)/a*f(z), u)"],
        Verdict::Proved,
    ),
    (
        EXPONENTIAL,
        ["E(diff(f(z), z), z)", "E(l*f(z), z)"],
        Verdict::Refuted,
    ),
    (
        EXPONENTIAL,
        ["grad(E(f(z), z), l)", "E(-z/l*diff(f(z), z), z)"],
        Verdict::Proved,
    ),
    (
        BETA,
        ["E(diff(f(z), z), z)", "E(f(z)*(2*z - 1)/(z*(1 - z)), z)"],
        Verdict::Proved,
    ),
    (
        BETA,
        [
            "integral(diff(diff(f(z), z), z)*z*(1 - z), z)",
            "integral(-2*f(z), z)",
        ],
        Verdict::Refuted,
    ),
    // A support that moves: the derivative goes under the integral over the noise.
    (
        UNIFORM,
        ["grad(E(f(z), z), a)", "E(u*diff(f(z), z), u)"],
        Verdict::Proved,
    ),
    (
        UNIFORM,
        ["grad(E(f(z), z), a)", "E(diff(f(z), z), u)"],
        Verdict::Refuted,
    ),
    (
        UNIFORM,
        ["grad(E(f(z), z), a)", "E(-f(z)/a, z)"],
        Verdict::Refuted,
    ),
];

#[test]
fn derivatives_of_f_are_moved_by_parts() {
    for (law, [above, line], verdict) in BY_PARTS {
        let source =
            format!("name: parts\n{law}\nderivations:\n  chain:\n    - {above}\n    - {line}\n");
        let finding = derivation(&source);
        assert_eq!(
            finding.verdict, *verdict,
            "{above} = {line}: {}",
            finding.message
        );
    }
}
