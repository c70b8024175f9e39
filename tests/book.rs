//! The commands of the book run: each `sh` block of a page, in the order of the page, in a folder
//! with a few specs.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const SPECS: [&str; 2] = ["normal", "exponential"];

/// The specs that the pages on applications run.
const APPLICATIONS: &str = "specs/applications";

/// A git repository with two specs and the applications, and a file that a library has filled in.
fn folder() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("book");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("specs")).expect("a folder can be made");
    for name in SPECS {
        let name = format!("specs/{name}.yaml");
        std::fs::copy(root.join(&name), folder.join(&name)).expect("the spec exists");
    }
    std::fs::create_dir_all(folder.join(APPLICATIONS)).expect("a folder can be made");
    for entry in std::fs::read_dir(root.join(APPLICATIONS)).expect("a folder") {
        let from = entry.expect("an entry").path();
        let to = folder
            .join(APPLICATIONS)
            .join(from.file_name().expect("a name"));
        std::fs::copy(from, to).expect("the spec exists");
    }
    std::fs::copy(
        root.join("specs/exponential.yaml"),
        folder.join("exponential.yaml"),
    )
    .expect("the spec exists");
    let filled = "point,kind,dimensions,quantity,index,float64,decimal,actual\n\
                  0,given,,parameters/lambda,,2.0,,\n0,given,,noise/u,,0.5,,\n\
                  0,given,,transform/z,,,,0.34657359027997264\n";
    std::fs::write(folder.join("filled.csv"), filled).expect("a file can be written");
    for arguments in [
        &["init", "-q"][..],
        &["add", "."],
        &["commit", "-qm", "specs"],
    ] {
        let done = Command::new("git")
            .args(["-c", "user.name=a", "-c", "user.email=a@b"])
            .args(arguments)
            .current_dir(&folder)
            .status();
        assert!(done.expect("git runs").success());
    }
    folder
}

/// The commands of a page with the lines where they stand; continued lines are one.
fn commands(page: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut inside = false;
    for (i, line) in page.lines().enumerate() {
        if line.starts_with("```") {
            inside = line == "```sh";
        } else if inside && line.starts_with("reparam-check ") {
            found.push((i + 1, line.to_owned()));
        }
    }
    found
}

#[test]
fn every_command_of_the_book_runs() {
    let folder = folder();
    let tool = Path::new(env!("CARGO_BIN_EXE_reparam-check"));
    let tool = tool.parent().expect("it lies in a folder");
    let path = format!(
        "{}:{}",
        tool.display(),
        std::env::var("PATH").unwrap_or_default()
    );
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/src");
    let mut ran = 0;
    let applications = std::fs::read_dir(pages.join("applications")).expect("a folder");
    for entry in std::fs::read_dir(&pages)
        .expect("a folder")
        .chain(applications)
    {
        let page = entry.expect("an entry").path();
        if page.extension().is_none_or(|e| e != "md") {
            continue;
        }
        let text = std::fs::read_to_string(&page).expect("a page");
        for (line, command) in commands(&text) {
            let output = Command::new("bash")
                .args(["-c", &command])
                .current_dir(&folder)
                .env("PATH", &path)
                .stdin(Stdio::null())
                .output()
                .expect("bash runs");
            assert!(
                output.status.success(),
                "{}:{line}: `{command}`: {}{}",
                page.display(),
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            );
            ran += 1;
        }
    }
    assert!(ran > 12, "the book has {ran} commands");
}
