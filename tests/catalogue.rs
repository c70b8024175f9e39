//! The table of the catalogue in the book: complete, with links that lead somewhere, and verdicts that
//! the tool still gives.
//!
//! `REPARAM_BLESS=1 cargo test --test catalogue` rewrites the verdicts.
#![allow(clippy::unwrap_used, missing_docs)]

use reparam_check::run::{Options, run};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const PAGE: &str = "docs/src/catalogue.md";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Names of all files below `specs/`, without the ending.
fn specs() -> BTreeSet<String> {
    let mut folders: Vec<PathBuf> = vec![root().join("specs")];
    let mut found = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "yaml") {
                let name = path.strip_prefix(root().join("specs")).unwrap();
                let parts: Vec<_> = name.iter().map(|p| p.to_str().unwrap()).collect();
                found.insert(parts.join("/").trim_end_matches(".yaml").to_owned());
            }
        }
    }
    found
}

/// A row of the page: entry, spec, link, verdict of `density`.
fn row(line: &str) -> Option<[&str; 4]> {
    let cells: Vec<&str> = line
        .strip_prefix("| ")?
        .strip_suffix(" |")?
        .split(" | ")
        .collect();
    let [entry, link, verdict] = cells[..] else {
        return None;
    };
    let (name, link) = link
        .strip_prefix('[')?
        .strip_suffix(')')?
        .split_once("](")?;
    Some([entry, name, link, verdict])
}

#[test]
fn every_spec_is_in_the_table() {
    let page = std::fs::read_to_string(root().join(PAGE)).unwrap();
    let rows: Vec<_> = page.lines().filter_map(row).collect();
    let listed: BTreeSet<String> = rows.iter().map(|row| row[1].to_owned()).collect();
    assert_eq!(listed, specs());
    assert_eq!(
        rows.len(),
        page.lines().filter(|l| l.contains("](")).count(),
        "every line with a link is a row"
    );
    for [entry, name, link, _] in rows {
        assert!(!entry.is_empty(), "{name} has an entry");
        assert_eq!(link, format!("../../specs/{name}.yaml"));
        let target = root().join("docs/src").join(link);
        assert!(target.is_file(), "{link} leads nowhere");
    }
}

#[test]
fn verdicts_are_those_of_the_tool() {
    let path = root().join(PAGE);
    let page = std::fs::read_to_string(&path).unwrap();
    let files: Vec<(String, Vec<u8>)> = specs()
        .into_iter()
        .map(|name| {
            let file = root().join(format!("specs/{name}.yaml"));
            (name, std::fs::read(file).unwrap())
        })
        .collect();
    let options = Options {
        checks: Some(vec!["density".to_owned()]),
        ..Options::default()
    };
    let report = run(&files, &options);
    let verdicts: BTreeMap<&str, &str> = report
        .specs
        .iter()
        .map(|spec| {
            let check = spec.checks.iter().find(|c| c.check == "density").unwrap();
            (spec.path.as_str(), check.finding.verdict.name())
        })
        .collect();
    let line = |line: &str| match row(line) {
        Some([entry, name, link, _]) => {
            let verdict = verdicts.get(name).copied().unwrap_or("");
            format!("| {entry} | [{name}]({link}) | {verdict} |")
        }
        None => line.to_owned(),
    };
    let told: String = page.lines().map(|l| line(l) + "\n").collect();
    if std::env::var_os("REPARAM_BLESS").is_some() {
        std::fs::write(&path, told).unwrap();
    } else {
        assert!(page == told, "REPARAM_BLESS=1 cargo test --test catalogue");
    }
    // What the tool is for: of the maps that are right and have an inverse, four in five are proved to
    // preserve their density, and the others certified.
    let invertible: Vec<&str> = report
        .specs
        .iter()
        .filter(|spec| !spec.path.starts_with("wrong/"))
        .filter(|spec| {
            ["\ntransform:", "\ninverse:"]
                .iter()
                .all(|key| spec.source.contains(key))
        })
        .map(|spec| verdicts[spec.path.as_str()])
        .collect();
    let count = |verdict: &str| invertible.iter().filter(|v| **v == verdict).count();
    let (proved, certified) = (count("proved"), count("certified"));
    assert_eq!(proved + certified, invertible.len());
    assert!(
        proved * 5 >= invertible.len() * 4,
        "{proved} of {}",
        invertible.len()
    );
}
