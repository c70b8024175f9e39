//! Near misses are proved in no role, identities are; through the whole tool.

use super::entries::{Entry, identities, near_misses};
use reparam_check::run::{Effort, Options, run};

/// What a statement is made: a line of a derivation, a claimed inverse, or weights of an
/// unspecified f under integrals, where sets without mass do not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Line,
    Inverse,
    Weight,
}

fn spec(entry: &Entry, role: Role) -> Option<String> {
    let Entry {
        variables,
        left,
        right,
        ..
    } = entry;
    let header = || {
        let domains: Vec<String> = variables
            .iter()
            .map(|(name, domain)| format!("  {name}: \"{domain}\"\n"))
            .collect();
        let noise = "noise: {noise0: \"normal(0, 1)\"}\n";
        format!("parameters:\n{}{noise}", domains.concat())
    };
    let text = match role {
        Role::Line => format!(
            "{}transform: {{out: noise0}}\nderivations:\n  d:\n    - \"{left}\"\n    - \"{right}\"\n",
            header()
        ),
        Role::Inverse => format!(
            "{}transform: {{out: \"noise0 + ({right})\"}}\ninverse: {{noise0: \"out - ({left})\"}}\n",
            header()
        ),
        Role::Weight => {
            let [(x, domain)] = variables.as_slice() else {
                return None;
            };
            let law = match domain.as_str() {
                "real" => "normal(0, 1)",
                "positive" => "exponential(1)",
                "unit_interval" => "uniform(0, 1)",
                "interval(-1, 1)" => "uniform(-1, 1)",
                "interval(0, 4)" => "uniform(0, 4)",
                _ => return None,
            };
            format!(
                "noise: {{{x}: \"{law}\"}}\ntransform: {{out: {x}}}\nderivations:\n  d:\n    \
                 - \"E(f({x})*({left}), {x})\"\n    - \"E(f({x})*({right}), {x})\"\n"
            )
        }
    };
    Some(format!("name: statement\n{text}"))
}

/// The verdicts of statements in a role.
fn verdicts(entries: &[Entry], role: Role) -> Vec<(Entry, String)> {
    let (cases, files): (Vec<Entry>, Vec<(String, Vec<u8>)>) = entries
        .iter()
        .filter_map(|e| Some((e.clone(), spec(e, role)?)))
        .map(|(e, text)| {
            let path = format!("line-{}.yaml", e.line);
            (e, (path, text.into_bytes()))
        })
        .unzip();
    let checks: &[&str] = match role {
        Role::Line => &["derivations"],
        Role::Inverse => &["inverse"],
        Role::Weight => &["inverse", "derivations"],
    };
    let options = Options {
        checks: Some(checks.iter().map(|c| (*c).to_owned()).collect()),
        effort: Effort::Quick,
        ..Options::default()
    };
    let report = run(&files, &options);
    let mut found = Vec::new();
    for (entry, spec) in cases.into_iter().zip(report.specs) {
        let check = spec.checks.iter().find(|c| Some(&c.check) == checks.last());
        let Some(check) = check else {
            panic!("{role:?} {entry:?}: {:?}", spec.diagnostics);
        };
        let verdict = check.finding.verdict.name().to_owned();
        found.push((entry, verdict));
    }
    found
}

#[track_caller]
fn none_is_proved(entries: &[Entry], role: Role, at_least: usize) {
    let found = verdicts(entries, role);
    assert!(found.len() >= at_least, "{} statements", found.len());
    let wrong: Vec<String> = found
        .into_iter()
        .filter(|(entry, verdict)| {
            // Under an integral a set without mass does not count.
            let almost_surely = role == Role::Weight && entry.why.starts_with("null: ");
            verdict == "proved" && !almost_surely
        })
        .map(|(e, _)| format!("{} = {}, which fails where {}", e.left, e.right, e.why))
        .collect();
    assert!(wrong.is_empty(), "proved: {wrong:#?}");
}

#[test]
fn no_near_miss_is_proved_as_a_line() {
    none_is_proved(&near_misses(), Role::Line, 760);
}

#[test]
fn no_near_miss_is_proved_as_an_inverse() {
    none_is_proved(&near_misses(), Role::Inverse, 760);
}

#[test]
fn no_near_miss_is_proved_under_an_integral() {
    none_is_proved(&near_misses(), Role::Weight, 300);
}

#[test]
fn every_identity_is_proved() {
    let found = verdicts(&identities(), Role::Line);
    assert!(found.len() >= 430, "{} statements", found.len());
    let open: Vec<String> = found
        .into_iter()
        .filter(|(_, verdict)| verdict != "proved")
        .map(|(e, verdict)| format!("{} = {}: {verdict}", e.left, e.right))
        .collect();
    assert!(open.is_empty(), "not proved: {open:#?}");
}

/// Identities spoiled by what no test in binary64 sees.
#[test]
fn no_spoiled_identity_is_proved() {
    let spoiled: Vec<Entry> = identities()
        .into_iter()
        .enumerate()
        .map(|(i, e)| {
            let name = &e.variables[0].0;
            // At few integers the polynomial vanishes, too.
            let domain = &e.variables[0].1;
            let scalar = !domain.contains('[') && domain != "boolean";
            let right = &e.right;
            // Either a constant, or a polynomial that vanishes at the simplest points.
            let right = if i % 2 == 0 || !scalar {
                format!("({right}) + 10^-30")
            } else {
                format!("({right}) + 10^-12*{name}*({name} - 1)*({name} - 2)*(2*{name} - 1)")
            };
            Entry {
                right,
                why: "everywhere, or but at a few points".to_owned(),
                ..e
            }
        })
        .collect();
    none_is_proved(&spoiled, Role::Line, 350);
}
