//! Every spec in `specs/` is a test of its own name: it must come out as passed, by the public
//! interface of the library and with the options that the command has by default.

use libtest_mimic::{Arguments, Failed, Trial};
use reparam_check::report::Outcome;
use reparam_check::report::text::{TextOptions, text};
use reparam_check::run::{Options, run};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    collect(&root.join("specs"), &mut files);
    files.sort();
    assert!(!files.is_empty(), "there are no specs");
    let trials = files
        .iter()
        .map(|file| {
            let path = file.strip_prefix(root).expect("it lies below the root");
            let path = path.to_string_lossy().replace('\\', "/");
            let name = path.trim_start_matches("specs/").trim_end_matches(".yaml");
            let file = file.clone();
            Trial::test(name.replace('/', "::"), move || passes(&path, &file))
        })
        .collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "yaml")
        {
            files.push(path);
        }
    }
}

/// The name in the file is its stem, nothing is warned of, and every verdict is as it should be.
fn passes(path: &str, file: &Path) -> Result<(), Failed> {
    let bytes = std::fs::read(file)?;
    // One thread a spec: the specs already run side by side.
    let options = Options {
        jobs: 1,
        ..Options::default()
    };
    let report = run(&[(path.to_owned(), bytes)], &options);
    let spec = &report.specs[0];
    let stem = file.file_stem().map(|stem| stem.to_string_lossy());
    if stem.as_deref() != Some(&spec.name) {
        return Err(format!("{path} is named `{}`", spec.name).into());
    }
    if spec.outcome != Outcome::Passed || !spec.diagnostics.is_empty() {
        return Err(text(&report, &TextOptions::default()).into());
    }
    Ok(())
}
