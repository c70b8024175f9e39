//! What the repository gives to the continuous integration of others, run as it is written: the
//! steps of the GitHub action, and the hook of pre-commit.
#![cfg(unix)]

use serde_yaml::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const BINARY: &str = env!("CARGO_BIN_EXE_reparam-check");
const GOOD: &str = "name: good\ntarget: {distribution: \"normal(0, 1)\", mean: 0}\n";
const WRONG: &str = "name: wrong\ntarget: {distribution: \"normal(0, 1)\", mean: 1}\n";

fn file(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let text = std::fs::read_to_string(path).expect("the file is there");
    serde_yaml::from_str(&text).expect("it is YAML")
}

/// A folder with specs that is empty at first.
fn folder(name: &str, specs: &[(&str, &str)]) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(path.join("specs")).expect("a folder can be made");
    for (name, text) in specs {
        std::fs::write(path.join("specs").join(name), text).expect("a file can be written");
    }
    path
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().expect("a text")
}

/// The expressions of a workflow that the action uses.
fn filled(text: &str, inputs: &BTreeMap<String, String>) -> String {
    let mut text = text.replace("${{ github.action_path }}", env!("CARGO_MANIFEST_DIR"));
    for (name, value) in inputs {
        text = text.replace(&format!("${{{{ inputs.{name} }}}}"), value);
    }
    assert!(!text.contains("${{"), "an expression is left: {text}");
    text
}

/// Runs the step `check` of the action as a runner does; what it wrote to its outputs comes too.
fn check(folder: &Path, inputs: &[(&str, &str)]) -> (Output, String) {
    let action = file("action.yml");
    let declared = action["inputs"].as_mapping().expect("inputs");
    let mut values: BTreeMap<String, String> = declared
        .iter()
        .map(|(name, input)| {
            let name = name.as_str().expect("a name").to_owned();
            (name, text(input, "default").to_owned())
        })
        .collect();
    for (name, value) in inputs {
        let known = values.insert((*name).to_owned(), (*value).to_owned());
        assert!(known.is_some(), "{name} is an input");
    }
    let steps = action["runs"]["steps"].as_sequence().expect("steps");
    let step = steps
        .iter()
        .find(|step| step["id"] == "check")
        .expect("the step");
    assert_eq!(text(step, "shell"), "bash");
    let outputs = folder.join("outputs");
    let path = format!(
        "{}:{}",
        Path::new(BINARY).parent().expect("a folder").display(),
        std::env::var("PATH").unwrap_or_default()
    );
    let mut command = Command::new("bash");
    command
        .args(["--noprofile", "--norc", "-eo", "pipefail", "-c"])
        .arg(text(step, "run"))
        .current_dir(folder)
        .env("PATH", path)
        .env("GITHUB_OUTPUT", &outputs);
    for (name, value) in step["env"].as_mapping().expect("variables") {
        let value = filled(value.as_str().expect("a text"), &values);
        command.env(name.as_str().expect("a name"), value);
    }
    let done = command.output().expect("bash runs");
    let said = std::fs::read_to_string(outputs).expect("outputs are written");
    (done, said)
}

#[test]
fn the_action_is_silent_where_all_is_well() {
    let folder = folder("action-good", &[("good.yaml", GOOD)]);
    let (done, said) = check(&folder, &[]);
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    assert!(done.stdout.is_empty(), "{done:?}");
    assert_eq!(said, "status=0\n");
}

#[test]
fn the_action_annotates_and_writes_sarif() {
    let folder = folder(
        "action-wrong",
        &[("good.yaml", GOOD), ("wrong.yaml", WRONG)],
    );
    let given = [("sarif", "found.sarif"), ("arguments", "--effort quick")];
    let (done, said) = check(&folder, &given);
    assert_eq!(done.status.code(), Some(1), "{done:?}");
    let annotations = String::from_utf8(done.stdout).expect("text");
    assert!(annotations.starts_with("::error file=specs/wrong.yaml,line=2,"));
    assert_eq!(said, "status=1\n");
    let sarif = std::fs::read_to_string(folder.join("found.sarif")).expect("it is written");
    assert!(sarif.contains("\"2.1.0\"") && sarif.contains("specs/wrong.yaml"));
}

#[test]
fn the_action_fails_on_what_is_not_there() {
    let folder = folder("action-missing", &[("good.yaml", GOOD)]);
    let (done, said) = check(&folder, &[("paths", "specs nowhere")]);
    assert_eq!(done.status.code(), Some(2), "{done:?}");
    assert_eq!(said, "status=2\n");
}

#[test]
fn the_hook_takes_files() {
    let hooks = file(".pre-commit-hooks.yaml");
    let hook = &hooks[0];
    assert_eq!(text(hook, "language"), "rust");
    let mut words = text(hook, "entry").split(' ');
    assert_eq!(words.next(), Some("reparam-check"));
    let folder = folder("hook", &[("good.yaml", GOOD), ("wrong one.yaml", WRONG)]);
    let words: Vec<&str> = words.collect();
    let run = |files: &[&str]| {
        let mut command = Command::new(BINARY);
        command.args(&words).args(files).current_dir(&folder);
        command.output().expect("it runs").status.code()
    };
    assert_eq!(run(&["specs/good.yaml"]), Some(0));
    assert_eq!(run(&["specs/good.yaml", "specs/wrong one.yaml"]), Some(1));
}
