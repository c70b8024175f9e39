//! Names across sections: each defined once, none taken by the language, each used.

use super::raw::{Estimator, Named, PerOutput, RawSpec, RawVariable};
use super::{Formula, Located};
use crate::diagnostic::Diagnostic;
use crate::language::{canonical_name, parse_applied, parse_expression};
use std::collections::{BTreeMap, BTreeSet};

/// Names that mean something in every formula.
const RESERVED: [&str; 2] = ["pi", "inf"];

/// Names of sections, which would read as something else.
const SECTIONS: [&str; 16] = [
    "name",
    "summary",
    "references",
    "dimensions",
    "parameters",
    "inputs",
    "noise",
    "define",
    "transform",
    "inverse",
    "log_abs_det_jacobian",
    "velocity",
    "target",
    "expectations",
    "derivations",
    "expect",
];

/// Errors for names that are taken or defined twice, warnings for names that are never used.
pub fn names(spec: &RawSpec) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut defined: BTreeMap<String, (&str, &'static str)> = BTreeMap::new();
    for (name, kind) in definitions(spec) {
        let canonical = canonical_name(&name.value);
        if RESERVED.contains(&canonical.as_str()) {
            found.push(
                Diagnostic::error(format!("`{}` is a constant", name.value), name.span.clone())
                    .label("this name is taken")
                    .help("choose another name"),
            );
        } else if SECTIONS.contains(&canonical.as_str()) {
            found.push(
                Diagnostic::error(
                    format!("`{}` is the name of a section", name.value),
                    name.span.clone(),
                )
                .label("this name is taken")
                .help("choose another name"),
            );
        } else if let Some(&(spelled, other)) = defined.get(&canonical) {
            if (spelled, other) == (&name.value, kind) {
                continue; // a duplicate key, which the reader has reported
            }
            found.push(
                Diagnostic::error(
                    format!("`{}` is defined twice", name.value),
                    name.span.clone(),
                )
                .label(format!("it is already a {other}"))
                .help("choose another name"),
            );
        } else if let Some(what) = meant(spec, &canonical, kind) {
            found.push(
                Diagnostic::error(
                    format!("`{}` is the name of {what}", name.value),
                    name.span.clone(),
                )
                .label("this name is taken")
                .help("choose another name"),
            );
        } else {
            defined.insert(canonical, (&name.value, kind));
        }
    }
    // What a formula that cannot be read mentions is not known.
    let Some(used) = used(spec).filter(|_| found.is_empty()) else {
        return found;
    };
    for (name, kind) in definitions(spec) {
        // What `inverse` alone defines is used by being defined.
        let is_defined = kind == "noise" && spec.transform.is_empty();
        if kind != "output" && !is_defined && !used.contains(&canonical_name(&name.value)) {
            found.push(
                Diagnostic::warning(
                    format!("{kind} `{}` is never used", name.value),
                    name.span.clone(),
                )
                .label("no formula mentions it"),
            );
        }
    }
    found
}

/// What a name means without being defined: z where `target` does not rename it, and u in a
/// quantile, which noise may be called as well since it is not seen there.
fn meant(spec: &RawSpec, name: &str, kind: &str) -> Option<&'static str> {
    let target = spec.target.as_ref();
    let unnamed = spec.transform.is_empty()
        && output_names(spec).is_empty()
        && (target.is_some() || !spec.inverse.is_empty());
    let quantile = target.is_some_and(|t| t.quantile.is_some());
    match name {
        "z" if unnamed => Some("the output, unless `target.variable` renames it"),
        "u" if quantile && !matches!(kind, "noise" | "output") => {
            Some("the probability in `quantile`")
        }
        _ => None,
    }
}

/// The names of z where there is no transform, as far as they are written.
fn output_names(spec: &RawSpec) -> Vec<&Located<String>> {
    let Some(target) = &spec.target else {
        return Vec::new();
    };
    match (&target.support, &target.distribution) {
        (Some(PerOutput::Each(each)), _) | (None, Some(PerOutput::Each(each))) => {
            each.iter().map(|(name, _)| name).collect()
        }
        _ => target.variable.iter().collect(),
    }
}

/// Every name that the file defines, with what it is.
fn definitions(spec: &RawSpec) -> Vec<(&Located<String>, &'static str)> {
    let mut all = Vec::new();
    all.extend(spec.dimensions.iter().map(|(name, _)| (name, "dimension")));
    all.extend(spec.parameters.iter().map(|(name, _)| (name, "parameter")));
    all.extend(spec.inputs.iter().map(|(name, _)| (name, "input")));
    all.extend(spec.noise.iter().map(|(name, _)| (name, "noise")));
    all.extend(spec.define.iter().map(|(name, _)| (name, "definition")));
    all.extend(spec.transform.iter().map(|(name, _)| (name, "output")));
    if spec.transform.is_empty() {
        let outputs = output_names(spec).into_iter();
        all.extend(outputs.map(|name| (name, "output")));
    }
    all
}

/// Every name that a formula mentions; none where one of them cannot be parsed.
fn used(spec: &RawSpec) -> Option<BTreeSet<String>> {
    let mut used = BTreeSet::new();
    let mut complete = true;
    let mut applied = |formula: &Formula| match parse_applied(&formula.text) {
        Ok(applied) => used.extend(applied.names_used().into_keys()),
        Err(_) => complete = false,
    };
    let mut formulas: Vec<&Formula> = Vec::new();
    for (_, RawVariable { domain, range, .. }) in spec.parameters.iter().chain(&spec.inputs) {
        applied(domain);
        formulas.extend(range.iter().flatten());
    }
    spec.noise.iter().for_each(|(_, formula)| applied(formula));
    let named =
        |section: &'_ Named<Formula>| section.iter().map(|(_, f)| f.clone()).collect::<Vec<_>>();
    let mut owned: Vec<Formula> = Vec::new();
    for section in [&spec.define, &spec.transform, &spec.inverse, &spec.velocity] {
        owned.extend(named(section));
    }
    owned.extend(spec.log_abs_det_jacobian.clone());
    if let Some(target) = &spec.target {
        let applied_to = [&target.support, &target.distribution, &target.sampler];
        let each = applied_to.into_iter().flatten();
        each.flat_map(PerOutput::formulas).for_each(&mut applied);
        let single = [&target.log_density, &target.log_mass, &target.entropy];
        owned.extend(single.into_iter().flatten().cloned());
        let claims = [
            &target.cdf,
            &target.quantile,
            &target.mean,
            &target.variance,
            &target.skewness,
            &target.kurtosis,
            &target.mode,
            &target.score,
        ];
        let each = claims.into_iter().flatten();
        owned.extend(each.flat_map(PerOutput::formulas).cloned());
    }
    let mut parameters: Vec<&(Located<String>, Formula)> = spec.velocity.iter().collect();
    for expectation in &spec.expectations {
        owned.push(expectation.f.clone());
        owned.extend(expectation.value.clone());
        owned.extend(named(&expectation.gradient));
        parameters.extend(&expectation.gradient);
        if let Estimator::Custom(section) = &expectation.estimator {
            owned.extend(named(section));
            parameters.extend(section);
        }
    }
    for (_, lines) in &spec.derivations {
        owned.extend(lines.iter().map(|line| line.expr.clone()));
    }
    if spec.transform.is_empty() {
        // There the entries of `inverse` define z through the noise they are named for.
        used.extend(
            spec.inverse
                .iter()
                .map(|(name, _)| canonical_name(&name.value)),
        );
    }
    // What is claimed of a parameter mentions it.
    let claimed = parameters.into_iter();
    used.extend(claimed.map(|(name, _)| canonical_name(&name.value)));
    for formula in formulas.into_iter().chain(&owned) {
        match parse_expression(&formula.text) {
            Ok(expr) => used.extend(crate::language::names_used(&expr).into_keys()),
            Err(_) => complete = false,
        }
    }
    complete.then_some(used)
}
