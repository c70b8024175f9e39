//! The support of z where the spec states no target: the first of a few domains on which the derived
//! density is that of g(ε) and integrates to 1.

use super::quantities::support_line;
use super::work::{Accepted, Terms, Work};
use crate::check::{Finding, Verdict};
use crate::model::Model;

/// Looks for the support and the log-density on it.
///
/// # Errors
/// Why there is none.
pub(super) fn find(work: &Work, terms: Terms) -> Result<Accepted, String> {
    let [output] = work.models[0].outputs.as_slice() else {
        return Err("several outputs, and no support is stated".to_owned());
    };
    let shape = shape(work, output.shape.len());
    let mut reason = None;
    for domain in domains(work.representative()) {
        let line = support_line(None, &format!("{domain}{shape}"));
        // A target needs more than a support: the density comes with it.
        let Some(stated) = work.with(std::slice::from_ref(&line)) else {
            continue;
        };
        let holds = stated.checked("support");
        if !holds.verdict.holds() {
            continue;
        }
        let verify = |w: &Work| {
            let density = w.checked("density");
            if !density.verdict.holds() {
                return density;
            }
            let normal = w.checked("normalization");
            match normal.verdict {
                Verdict::Refuted | Verdict::Inconclusive => normal,
                Verdict::Tested | Verdict::Certified | Verdict::Proved | Verdict::Skipped => {
                    density.and(Finding::skipped(""))
                }
            }
        };
        match stated.find("target", terms, &verify) {
            Ok(mut found) => {
                for block in &mut found.blocks {
                    let name = output.name.clone();
                    block
                        .equations
                        .insert(0, (format!("support of {name}"), line.text.clone()));
                }
                if let Some((_, lines)) = &mut found.work {
                    lines.insert(0, line);
                }
                return Ok(found);
            }
            Err(message) => reason = reason.or(Some(message)),
        }
    }
    Err(reason.unwrap_or_else(|| "no target is stated, and no support was found".to_owned()))
}

/// The shape in brackets, by the names of its dimensions.
fn shape(work: &Work, axes: usize) -> String {
    if axes == 0 {
        return String::new();
    }
    let sizes = |axis: usize| {
        let of = |m: &Model| m.outputs[0].shape[axis];
        let named = work.models[0].sizes.keys().find(|name| {
            let is_size = |m: &Model| m.sizes.get(*name) == Some(&of(m));
            work.models.iter().all(is_size)
        });
        named.map_or_else(|| of(&work.models[0]).to_string(), |name| name.clone())
    };
    let all: Vec<String> = (0..axes).map(sizes).collect();
    format!("[{}]", all.join(", "))
}

/// Domains from the narrow to the wide, so that the first that holds is the range.
fn domains(model: &Model) -> Vec<String> {
    let _ = model;
    [
        "unit_interval",
        "interval(-1, 1)",
        "greater_than(1)",
        "positive",
        "negative",
        "real",
    ]
    .map(str::to_owned)
    .to_vec()
}
