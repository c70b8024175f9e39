//! What holds of the repository as a whole: links lead somewhere, every check has its page and its
//! page is true, and every module uses only the floors below its own.

use reparam_check::check::{CHECKS, Effort, Verdict};
use reparam_check::report::Report;
use reparam_check::report::text::{TextOptions, text};
use reparam_check::run::{Options, run};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every file below a folder with an ending, sorted.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("the folder can be read") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The lines outside fenced blocks.
fn prose(markdown: &str) -> String {
    let mut fenced = false;
    markdown
        .lines()
        .filter(|line| {
            let fence = line.starts_with("```");
            fenced ^= fence;
            !fence && !fenced
        })
        .map(|line| format!("{line}\n"))
        .collect()
}

/// The heading as a book and a forge link to it.
fn anchor(heading: &str) -> String {
    heading
        .trim_start_matches('#')
        .trim()
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[test]
fn every_link_leads_somewhere() {
    let mut pages = files(&root().join("docs"), "md");
    pages.extend(["README.md", "CHANGELOG.md"].map(|name| root().join(name)));
    let mut broken = Vec::new();
    for page in pages {
        let text = read(&page);
        let here = page.parent().expect("a file is in a folder");
        let links = prose(&text);
        let links = links.split("](").skip(1).filter_map(|s| s.split_once(')'));
        let includes = text.split("{{#include ").skip(1);
        let includes = includes.filter_map(|s| s.split_once("}}"));
        for (target, _) in links.chain(includes) {
            // The gallery is made when the book is built.
            if target.starts_with("https://") || target == "gallery.html" {
                continue;
            }
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let file = if file.is_empty() {
                page.clone()
            } else {
                here.join(file)
            };
            let leads = file.exists()
                && (heading.is_empty()
                    || prose(&read(&file))
                        .lines()
                        .any(|line| line.starts_with('#') && anchor(line) == heading));
            if !leads {
                broken.push(format!("{}: {target}", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "broken links:\n{}", broken.join("\n"));
}

#[test]
fn every_chapter_is_in_the_summary() {
    let source = root().join("docs/src");
    let summary = read(&source.join("SUMMARY.md"));
    for page in files(&source, "md") {
        let name = page.strip_prefix(&source).expect("below the folder");
        let name = name.to_str().expect("a plain name");
        assert!(
            name == "SUMMARY.md" || summary.contains(&format!("]({name})")),
            "SUMMARY.md lacks {name}"
        );
    }
}

#[test]
fn every_spec_is_named_as_its_file() {
    for file in files(&root().join("specs"), "yaml") {
        let stem = file.file_stem().expect("a name").to_string_lossy();
        let first = format!("name: {stem}\n");
        assert!(read(&file).starts_with(&first), "{}", file.display());
    }
}

/// The parts of the page of a check, in order.
const PARTS: [&str; 6] = [
    "## What it establishes",
    "## Theory",
    "## How it is decided",
    "## Limits",
    "## A false claim",
    "## A true claim",
];

#[test]
fn every_check_has_a_page_and_a_chapter() {
    for check in CHECKS {
        let name = check.name;
        assert!(
            check.page.starts_with(&format!("# {name}\n")),
            "the page of {name} begins with its name"
        );
        let parts: Vec<&str> = check
            .page
            .lines()
            .filter(|l| l.starts_with("## "))
            .collect();
        assert_eq!(parts, PARTS, "the parts of the page of {name}");
        for line in check.page.lines() {
            assert!(line.chars().count() <= 80, "{name}: too long: {line}");
        }
        let chapter = read(&root().join(format!("docs/src/checks/{name}.md")));
        let include = format!("{{{{#include ../../../src/check/{name}.md}}}}");
        assert!(chapter.contains(&include), "the chapter of {name}");
        assert!(
            read(&root().join("docs/src/results.md")).contains(name)
                && read(&root().join("README.md")).contains(&format!("`{name}`")),
            "{name} is listed in the README and among the results"
        );
    }
}

/// What the check says about the first spec below a heading of its page.
fn example(check: &str, page: &str, heading: &str) -> Report {
    let part = page.split(heading).nth(1).expect("the part is there");
    let spec = part.split("```yaml\n").nth(1).expect("a spec is there");
    let spec = spec.split("```").next().expect("the fence is closed");
    let options = Options {
        checks: Some(vec![check.to_owned()]),
        ..Options::default()
    };
    let path = format!("{check}.yaml");
    let report = run(&[(path, spec.as_bytes().to_vec())], &options);
    let found = &report.specs[0].diagnostics;
    assert!(found.is_empty(), "{check}: {found:?}");
    report
}

/// The lines about the check alone, without the margin.
fn shown(report: &Report) -> String {
    let printed = text(report, &TextOptions::default());
    let lines = printed.lines().skip(1).take_while(|line| !line.is_empty());
    let lines: Vec<&str> = lines
        .map(|line| line.strip_prefix("  ").expect("a margin"))
        .collect();
    lines.join("\n") + "\n"
}

#[test]
fn every_page_shows_what_is_said_of_its_false_claim() {
    const HEADING: &str = "## A false claim";
    for check in CHECKS {
        let report = example(check.name, check.page, HEADING);
        assert_eq!(
            report.specs[0].checks[0].finding.verdict,
            Verdict::Refuted,
            "{}",
            check.name
        );
        let (before, rest) = check.page.split_once(HEADING).expect("the part is there");
        let (spec, rest) = rest.split_once("```text\n").expect("an output is there");
        let (told, after) = rest.split_once("```").expect("the fence is closed");
        let said = shown(&report);
        if std::env::var_os("REPARAM_BLESS").is_some() {
            let page = format!("{before}{HEADING}{spec}```text\n{said}```{after}");
            let path = root().join(format!("src/check/{}.md", check.name));
            std::fs::write(path, page).expect("the page can be written");
        } else {
            assert_eq!(
                said, told,
                "the page of {} shows something else; `REPARAM_BLESS=1 cargo test --test tidy` \
                 rewrites it",
                check.name
            );
        }
    }
}

#[test]
fn the_true_claim_of_every_page_holds() {
    for check in CHECKS {
        let report = example(check.name, check.page, "## A true claim");
        let finding = &report.specs[0].checks[0].finding;
        assert!(
            finding.verdict.holds(),
            "{}: {}: {}",
            check.name,
            finding.verdict,
            finding.message
        );
    }
}

#[test]
fn the_pages_state_the_numbers_of_each_effort() {
    let of = |number: fn(Effort) -> usize| {
        let [a, b, c] = [Effort::Quick, Effort::Standard, Effort::Thorough].map(number);
        format!("{a}, {b} or {c}")
    };
    for (check, numbers) in [
        ("density", of(Effort::points)),
        ("density", of(Effort::certified_points)),
        ("density", of(Effort::integrals)),
        ("inverse", of(Effort::points)),
        ("derivations", of(Effort::points)),
        ("normalization", of(Effort::integrals)),
        ("moments", of(Effort::integrals)),
        ("gradient", of(Effort::integrals)),
        ("law", of(Effort::draws)),
        ("stability", of(|effort| 40 * effort.certified_points())),
    ] {
        let page = CHECKS
            .iter()
            .find(|c| c.name == check)
            .expect("a check")
            .page;
        assert!(
            page.contains(&numbers),
            "the page of {check} lacks `{numbers}`"
        );
    }
}

#[test]
fn the_spec_reference_lists_every_name() {
    let page = read(&root().join("docs/src/spec.md"));
    for builtin in reparam_check::language::table::FUNCTIONS {
        let signature = format!("`{}`", builtin.signature());
        assert!(page.contains(&signature), "spec.md lacks {signature}");
    }
    for distribution in reparam_check::distribution::DISTRIBUTIONS {
        let start = format!("`{}(", distribution.name);
        assert!(page.contains(&start), "spec.md lacks {start}");
    }
}

/// The floor of each room. `report/mod.rs` is plain data, which `run` fills and the formats beside
/// it write; so it stands on the floor of `run`.
const FLOORS: [&[&str]; 10] = [
    &["number", "diagnostic"],
    &["graph", "stats"],
    &["algebra", "tape", "quadrature"],
    &["language", "distribution"],
    &["spec"],
    &["model"],
    &["check"],
    &["run"],
    &["vectors", "derive", "mutate", "report"],
    &["cli", "harness", "main", "lib"],
];

fn floor(room: &str) -> usize {
    FLOORS
        .iter()
        .position(|rooms| rooms.contains(&room))
        .unwrap_or_else(|| panic!("the room `{room}` is on no floor"))
}

/// The code without comments and without tests, which may look at any floor.
fn code(source: &str) -> String {
    let before = source.split("\n#[cfg(test)]\nmod ").next().unwrap_or("");
    let lines = before.lines().filter(|l| !l.trim_start().starts_with("//"));
    lines.map(|line| format!("{line}\n")).collect()
}

/// The rooms that a file imports by `crate::…`.
fn imports(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        let group = rest.strip_prefix('{');
        let names: Vec<&str> = match group {
            Some(group) => group.split('}').next().unwrap_or("").split(',').collect(),
            None => vec![rest],
        };
        for name in names {
            let name = name.trim_start();
            let end = name.find(|c: char| !c.is_alphanumeric() && c != '_');
            let name = &name[..end.unwrap_or(name.len())];
            // Capitals are items at the root of the crate; there are none, but macros may be.
            if name.starts_with(|c: char| c.is_lowercase()) {
                found.insert(name.to_owned());
            }
        }
    }
    found
}

#[test]
fn modules_use_only_the_floors_below() {
    let source = root().join("src");
    let mut wrong = Vec::new();
    for file in files(&source, "rs") {
        let inside = file.strip_prefix(&source).expect("below the folder");
        if inside.ends_with("tests.rs") {
            continue;
        }
        let first = inside.components().next().expect("a name");
        let first = Path::new(first.as_os_str()).with_extension("");
        let room = first.to_str().expect("a plain name");
        let is_data = inside == Path::new("report/mod.rs");
        let own = if is_data { floor("run") } else { floor(room) };
        for used in imports(&code(&read(&file))) {
            // The data of the report is what `run` returns.
            let of = if used == "report" && room == "run" {
                own
            } else {
                floor(&used)
            };
            // Rooms of one floor are built in the order in which the floor lists them.
            let before = of == own && {
                let place = |name: &str| FLOORS[own].iter().position(|r| *r == name);
                place(&used) < place(room)
            };
            let allowed = of < own || used == room || before || room == "run" && used == "report";
            if !allowed {
                wrong.push(format!("{} (F{own}) uses {used} (F{of})", inside.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
