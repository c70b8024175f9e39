//! `reparam-check replay`: the proofs of a JSON report, checked again without the spec.

use super::output::print;
use crate::algebra::{NotAccepted, replay_written};
use crate::graph::shortened;
use serde_json::Value;
use std::path::Path;

/// Characters of a statement in a line.
const WIDTH: usize = 60;

/// Checks every proof in a report; exit status 1 when one is rejected.
pub(super) fn replay(file: &Path) -> Result<u8, Vec<String>> {
    let at = file.display();
    let text = std::fs::read_to_string(file).map_err(|e| vec![format!("{at}: {e}")])?;
    let report: Value =
        serde_json::from_str(&text).map_err(|e| vec![format!("{at} is no JSON: {e}")])?;
    let specs = report["specs"]
        .as_array()
        .ok_or_else(|| vec![format!("{at} is no JSON report: it has no `specs`")])?;
    let mut lines = String::new();
    let (mut accepted, mut rejected) = (0usize, 0usize);
    let mut unreadable = Vec::new();
    for spec in specs {
        let name = spec["name"].as_str().unwrap_or("?");
        for check in spec["checks"].as_array().into_iter().flatten() {
            let what = check["check"].as_str().unwrap_or("?");
            for proof in check["evidence"]["proofs"].as_array().into_iter().flatten() {
                match replay_written(proof) {
                    Ok((statement, _)) => {
                        accepted += 1;
                        lines.push_str(&format!(
                            "✓ {name} {what}: {}\n",
                            shortened(&statement, WIDTH)
                        ));
                    }
                    Err(NotAccepted::Rejected(reason)) => {
                        rejected += 1;
                        lines.push_str(&format!("✗ {name} {what}: {reason}\n"));
                    }
                    Err(error @ NotAccepted::Unreadable(_)) => {
                        unreadable.push(format!("{at}: {name} {what}: {error}"));
                    }
                }
            }
        }
    }
    if !unreadable.is_empty() {
        return Err(unreadable);
    }
    if accepted + rejected == 0 {
        let help = "write the report with `--format json --proofs`";
        return Err(vec![format!("{at} holds no proof: {help}")]);
    }
    print(&format!(
        "{lines}\n{accepted} accepted, {rejected} rejected\n"
    ))?;
    Ok(u8::from(rejected > 0))
}
