//! What a spec says, as formulas in the order in which a reader wants them; for the formats that are
//! read as a paper is.

use super::math::{Math, applied, formula, name};
use super::{CheckReport, SpecReport};
use crate::language::canonical_name;
use crate::spec::raw::{Named, PerOutput, RawSpec, RawVariable};
use crate::spec::{self, Formula};

/// A part of a spec: a title, and lines `left sign right`.
pub(super) struct Part {
    pub(super) title: &'static str,
    pub(super) lines: Vec<[Math; 3]>,
}

/// A line of a derivation with what is known of it.
pub(super) struct Step {
    pub(super) math: Math,
    pub(super) because: Option<String>,
    /// Whether it equals the line above; none for the first, and where nothing was decided.
    pub(super) verdict: Option<String>,
}

/// A spec as it is read.
pub(super) struct Outline {
    pub(super) summary: Option<String>,
    pub(super) references: Vec<String>,
    pub(super) parts: Vec<Part>,
    pub(super) derivations: Vec<(String, Vec<Step>)>,
}

/// The outline of a spec; none where the file cannot be read.
pub(super) fn outline(report: &SpecReport) -> Option<Outline> {
    let (spec, _) = spec::read(&report.source).ok()?;
    let mut parts = Vec::new();
    let mut add = |title, lines: Vec<[Math; 3]>| {
        if !lines.is_empty() {
            parts.push(Part { title, lines });
        }
    };
    let equal = |section: &Named<Formula>| -> Vec<[Math; 3]> {
        let line = |(name, f): &(spec::Located<String>, Formula)| {
            [of(&name.value), Math::Sign("="), formula(&f.text)]
        };
        section.iter().map(line).collect()
    };
    add("Parameters", variables(&spec.parameters));
    add("Inputs", variables(&spec.inputs));
    let noise = spec.noise.iter();
    let noise = noise.map(|(n, f)| [of(&n.value), Math::Sign("∼"), applied(&f.text)]);
    add("Noise", noise.collect());
    add("Abbreviations", equal(&spec.define));
    add("Transform", equal(&spec.transform));
    add("Inverse", equal(&spec.inverse));
    if let Some(claim) = &spec.log_abs_det_jacobian {
        let left = vec![
            Math::word("log"),
            Math::Fenced(
                "|",
                Box::new(Math::Row(vec![Math::word("det"), Math::Letter('J')])),
                "|",
            ),
        ];
        let line = [Math::Row(left), Math::Sign("="), formula(&claim.text)];
        add("Jacobian", vec![line]);
    }
    add("Law", law(&spec));
    add("Claims", claims(&spec));
    let expectations = spec.expectations.iter().filter_map(|e| {
        let value = e.value.as_ref()?;
        let mean = vec![
            Math::Tight("𝔼"),
            Math::Fenced("[", Box::new(formula(&e.f.text)), "]"),
        ];
        Some([Math::Row(mean), Math::Sign("="), formula(&value.text)])
    });
    add("Expectations", expectations.collect());
    let check = report.checks.iter().find(|c| c.check == "derivations");
    let derivations = spec.derivations.iter().map(|(name, lines)| {
        let steps = lines.iter().enumerate().map(|(i, line)| Step {
            math: formula(&line.expr.text),
            because: line.because.clone(),
            verdict: check.and_then(|c| verdict(c, &name.value, i)),
        });
        (name.value.clone(), steps.collect())
    });
    Some(Outline {
        summary: spec.summary.clone(),
        references: spec.references.clone(),
        derivations: derivations.collect(),
        parts,
    })
}

fn of(text: &str) -> Math {
    name(&canonical_name(text))
}

/// What the check found of one line, from its evidence.
fn verdict(check: &CheckReport, derivation: &str, line: usize) -> Option<String> {
    let above = line.checked_sub(1)?;
    let found = check.finding.evidence.get("steps")?;
    Some(found.get(derivation)?.get(above)?.as_str()?.to_owned())
}

fn variables(section: &Named<RawVariable>) -> Vec<[Math; 3]> {
    section
        .iter()
        .map(|(name, variable)| {
            [
                of(&name.value),
                Math::Sign("∈"),
                applied(&variable.domain.text),
            ]
        })
        .collect()
}

fn law(spec: &RawSpec) -> Vec<[Math; 3]> {
    let Some(target) = &spec.target else {
        return Vec::new();
    };
    let z = target_name(spec);
    let q = || {
        let letter = Box::new(Math::Letter('z'));
        let argument = if spec.transform.len() > 1 {
            letter
        } else {
            Box::new(of(&z))
        };
        vec![Math::Letter('q'), Math::Fenced("(", argument, ")")]
    };
    let log_q = || Math::Row([vec![Math::word("log")], q()].concat());
    let mut lines = Vec::new();
    for (output, support) in each(target.support.as_ref(), &z) {
        lines.push([of(&output), Math::Sign("∈"), applied(&support.text)]);
    }
    for (output, distribution) in each(target.distribution.as_ref(), &z) {
        lines.push([of(&output), Math::Sign("∼"), applied(&distribution.text)]);
    }
    for density in target.log_density.iter().chain(&target.log_mass) {
        lines.push([log_q(), Math::Sign("="), formula(&density.text)]);
    }
    lines
}

fn claims(spec: &RawSpec) -> Vec<[Math; 3]> {
    let Some(target) = &spec.target else {
        return Vec::new();
    };
    let z = target_name(spec);
    let all = [
        ("mean", &target.mean),
        ("variance", &target.variance),
        ("skewness", &target.skewness),
        ("kurtosis", &target.kurtosis),
        ("mode", &target.mode),
        ("cdf", &target.cdf),
        ("quantile", &target.quantile),
        ("score", &target.score),
    ];
    let mut lines = Vec::new();
    for (what, claim) in all {
        for (output, claim) in each(claim.as_ref(), &z) {
            let argument = if what == "quantile" {
                Math::Letter('u')
            } else {
                of(&output)
            };
            let left = vec![Math::word(what), Math::Fenced("(", Box::new(argument), ")")];
            lines.push([Math::Row(left), Math::Sign("="), formula(&claim.text)]);
        }
    }
    if let Some(entropy) = &target.entropy {
        lines.push([
            Math::word("entropy"),
            Math::Sign("="),
            formula(&entropy.text),
        ]);
    }
    lines
}

fn each<'a>(claim: Option<&'a PerOutput>, z: &str) -> Vec<(String, &'a Formula)> {
    match claim {
        None => Vec::new(),
        Some(PerOutput::One(formula)) => vec![(z.to_owned(), formula)],
        Some(PerOutput::Each(all)) => all.iter().map(|(n, f)| (n.value.clone(), f)).collect(),
    }
}

/// The name of the one output, or z.
fn target_name(spec: &RawSpec) -> String {
    let named = spec.target.as_ref().and_then(|t| t.variable.as_ref());
    match (spec.transform.as_slice(), named) {
        ([(name, _)], _) => name.value.clone(),
        (_, Some(name)) => name.value.clone(),
        _ => "z".to_owned(),
    }
}
