//! Mutants for people: kinds by checks, the score, and each survivor with what was changed.

use super::judge::decides_a_claim;
use super::{Counts, Fate, Judged, Kind, SpecMutants, matrix};
use crate::check::{CHECKS, Verdict};
use crate::number::text::counted;
use std::fmt::Write;

/// The longest a side of a change is shown.
const LONGEST: usize = 60;

/// The whole report; a quiet one leaves out the table.
pub fn text(specs: &[SpecMutants], quiet: bool) -> String {
    let mut out = String::new();
    let _ = write_all(&mut out, specs, quiet);
    out
}

fn write_all(out: &mut String, specs: &[SpecMutants], quiet: bool) -> std::fmt::Result {
    let all = || specs.iter().flat_map(|spec| &spec.mutants);
    for spec in specs {
        for judged in &spec.mutants {
            survivor(out, &spec.path, judged)?;
        }
    }
    if !out.is_empty() {
        writeln!(out)?;
    }
    if !quiet {
        table(out, &all().collect::<Vec<_>>())?;
        writeln!(out)?;
    }
    let counts = Counts::of(all().map(|judged| &judged.fate));
    let aside = specs.iter().filter(|s| s.set_aside.is_some()).count();
    match (aside, specs) {
        (0, _) => {}
        (_, [only]) => {
            let reason = only.set_aside.as_deref().unwrap_or_default();
            writeln!(out, "set aside: {reason}")?;
        }
        _ => writeln!(
            out,
            "{} set aside: a check refutes them as they are",
            counted(aside, "spec")
        )?,
    }
    let mutated = specs.iter().filter(|s| !s.mutants.is_empty()).count();
    writeln!(
        out,
        "{} of {}: {} refuted, {} survived",
        counted(counts.total(), "mutant"),
        counted(mutated, "spec"),
        counts.refuted,
        counts.survived,
    )?;
    writeln!(
        out,
        "set aside: {} equivalent, {} still true, {} unreadable",
        counts.equivalent, counts.still_true, counts.unreadable
    )?;
    writeln!(out, "score {}", percent(counts))
}

/// To a hundredth of a percent, rounded down: 100 % means all.
pub(crate) fn percent(counts: Counts) -> String {
    let mistakes = (counts.refuted + counts.survived).max(1);
    let refuted = if counts.refuted + counts.survived == 0 {
        1
    } else {
        counts.refuted
    };
    let hundredths = refuted * 10_000 / mistakes;
    format!("{}.{:02} %", hundredths / 100, hundredths % 100)
}

fn survivor(out: &mut String, path: &str, judged: &Judged) -> std::fmt::Result {
    let reason = match &judged.fate {
        Fate::Survives { verdicts, shaken } => reason(verdicts, shaken),
        Fate::True => STILL_TRUE.to_owned(),
        Fate::Refuted { .. } | Fate::Equivalent | Fate::Unreadable(_) => return Ok(()),
    };
    let mutant = &judged.mutant;
    writeln!(
        out,
        "{path}:{}:{}: {} in {}",
        mutant.line,
        mutant.column,
        mutant.kind.name(),
        mutant.formula
    )?;
    let (before, after) = apart(&mutant.before, &mutant.after);
    writeln!(out, "    {before} → {after}")?;
    writeln!(out, "    {reason}")
}

/// Why a mutant that no check refutes is none of the survivors.
pub(super) const STILL_TRUE: &str = "still true: every claim is proved of it";

/// Why a mutant survives, as far as the verdicts say.
pub(crate) fn reason(verdicts: &[(&'static str, Verdict)], shaken: &[&'static str]) -> String {
    if !verdicts.iter().any(|(name, _)| decides_a_claim(name)) {
        return "nothing is claimed against it".to_owned();
    }
    let mut said: Vec<String> = verdicts
        .iter()
        .filter(|(name, _)| decides_a_claim(name) || shaken.contains(name))
        .map(|(name, verdict)| format!("{name} {verdict}"))
        .collect();
    if let [only] = shaken {
        said.push(format!("{only} was decided before"));
    } else if !shaken.is_empty() {
        said.push(format!("{} were decided before", shaken.join(", ")));
    }
    said.join(", ")
}

/// Both sides on one line each: white space drawn together, and of what is long the part around
/// the difference.
pub(crate) fn apart(before: &str, after: &str) -> (String, String) {
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (before, after) = (flat(before), flat(after));
    let (a, b): (Vec<char>, Vec<char>) = (before.chars().collect(), after.chars().collect());
    let same = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let cut = |text: &[char]| -> String {
        if text.len() <= LONGEST {
            return text.iter().collect();
        }
        let start = same.saturating_sub(LONGEST / 2).min(text.len() - LONGEST);
        let end = (start + LONGEST).min(text.len());
        let mut shown: String = text[start..end].iter().collect();
        if start > 0 {
            shown.insert(0, '…');
        }
        if end < text.len() {
            shown.push('…');
        }
        shown
    };
    (cut(&a), cut(&b))
}

/// A row for each kind, a column for each check that refuted something.
fn table(out: &mut String, all: &[&Judged]) -> std::fmt::Result {
    let matrix = matrix(all.iter().copied());
    let refutes = |check: &str| matrix.values().any(|row| row.contains_key(check));
    let checks: Vec<&str> = CHECKS
        .iter()
        .map(|c| c.name)
        .filter(|c| refutes(c))
        .collect();
    let short = |name: &str| name.chars().take(4).collect::<String>();
    write!(out, "{:<9}", "")?;
    for check in &checks {
        write!(out, " {:>4}", short(check))?;
    }
    writeln!(out, " | surv equi true unre  score")?;
    let row = |out: &mut String, name: &str, kinds: &[Kind]| {
        let of: Vec<&Judged> = all
            .iter()
            .copied()
            .filter(|judged| kinds.contains(&judged.mutant.kind))
            .collect();
        if of.is_empty() {
            return Ok(());
        }
        let counts = Counts::of(of.iter().map(|judged| &judged.fate));
        write!(out, "{name:<9}")?;
        for check in &checks {
            let times: usize = kinds
                .iter()
                .filter_map(|kind| matrix.get(kind)?.get(check))
                .sum();
            write!(out, " {:>4}", dot(times))?;
        }
        writeln!(
            out,
            " | {:>4} {:>4} {:>4} {:>4} {:>8}",
            dot(counts.survived),
            dot(counts.equivalent),
            dot(counts.still_true),
            dot(counts.unreadable),
            percent(counts)
        )
    };
    for kind in Kind::ALL {
        row(out, kind.name(), &[kind])?;
    }
    row(out, "all", &Kind::ALL)
}

fn dot(count: usize) -> String {
    match count {
        0 => ".".to_owned(),
        _ => count.to_string(),
    }
}
