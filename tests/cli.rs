//! The command: what it takes, what it prints where, and how it exits.

mod schema;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const GOOD: &str = "name: good\ntarget: {distribution: \"normal(0, 1)\", mean: 0}\n";
const BAD: &str = "nam: bad\ntarget: {distribution: \"normal(0, 1)\", mean: 0}\n";

/// A folder that is removed in the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(path.join("sub")).expect("a folder can be made");
        Folder(path)
    }

    fn with(self, name: &str, text: &str) -> Folder {
        std::fs::write(self.0.join(name), text).expect("a file can be written");
        self
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the command runs")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_reparam-check"));
        command
            .current_dir(&self.0)
            .args(arguments)
            .stdin(Stdio::null());
        command
    }

    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).expect("the folder is there");
        let mut names: Vec<String> = entries
            .map(|entry| {
                entry
                    .expect("an entry")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Exit code 2, nothing on standard output, and this on standard error.
#[track_caller]
fn check_refused(output: &Output, message: &str) {
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains(message), "{error}");
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert_eq!(out(output), "");
}

#[test]
fn wrong_usage_is_refused() {
    let folder = Folder::new("usage").with("a.yaml", GOOD);
    check_refused(&folder.run(&[]), "<PATH>");
    check_refused(&folder.run(&["nowhere"]), "cannot read `nowhere`");
    check_refused(&folder.run(&["nowhere", "sub"]), "cannot read `nowhere`");
    check_refused(
        &folder.run(&["nowhere", "sub"]),
        "the folder `sub` has no *.yaml",
    );
    check_refused(
        &folder.run(&["a.yaml", "--checks", "law,densty"]),
        "did you mean `density`?",
    );
    check_refused(
        &folder.run(&["a.yaml", "--deny", "all"]),
        "use one of support, inverse",
    );
    check_refused(&folder.run(&["a.yaml", "--seed", "x"]), "--seed");
    check_refused(&folder.run(&["a.yaml", "--format", "xml"]), "text");
    check_refused(
        &folder.run(&["explain", "densty"]),
        "did you mean `density`?",
    );
}

#[test]
fn help_and_version_are_printed() {
    let folder = Folder::new("help");
    let help = folder.run(&["--help"]);
    assert_eq!(help.status.code(), Some(0));
    for word in [
        "Usage: reparam-check",
        "Examples:",
        "Exit status:",
        "explain",
        "--timings",
    ] {
        assert!(out(&help).contains(word), "{}", out(&help));
    }
    assert_eq!(out(&folder.run(&["--version"])), "reparam-check 0.1.0\n");
}

#[test]
fn folders_are_searched_and_sorted() {
    let folder = Folder::new("folders")
        .with("b.yaml", BAD)
        .with("a.yaml", BAD)
        .with("sub/c.yaml", BAD)
        .with("no.yml", BAD)
        .with("no.txt", BAD);
    let json = out(&folder.run(&[".", "./a.yaml", "--format", "json"]));
    let report: serde_json::Value = serde_json::from_str(&json).expect("the report is JSON");
    let paths: Vec<&str> = report["specs"]
        .as_array()
        .expect("specs are a list")
        .iter()
        .map(|spec| spec["path"].as_str().expect("a path is text"))
        .collect();
    assert_eq!(paths, ["./a.yaml", "./b.yaml", "./sub/c.yaml"]);
    assert_eq!(report["specs"][0]["name"], "a");
    assert_eq!(
        report["specs"][0]["errors"][0]["help"],
        "did you mean `name`?"
    );
}

#[test]
fn a_spec_that_cannot_be_read_is_shown_with_its_place() {
    let folder = Folder::new("unreadable").with("bad.yaml", BAD);
    std::fs::write(folder.0.join("raw.yaml"), b"name: \xff").expect("a file can be written");
    let output = folder.run(&["bad.yaml", "raw.yaml"]);
    assert_eq!(output.status.code(), Some(2));
    let shown = out(&output);
    for word in [
        "error: unknown key `nam` in a spec\n --> bad.yaml:1:1",
        "error: not UTF-8 text: byte 6, on line 1, begins no character\n--> raw.yaml\n",
        "2 specs: 2 unreadable",
    ] {
        assert!(shown.contains(word), "{shown}");
    }
    let large = Folder::new("large").with("a.yaml", &" ".repeat((1 << 20) + 1));
    assert!(out(&large.run(&["a.yaml"])).contains("the file has more than 1048576 bytes"));
}

#[test]
fn output_is_written_whole_or_not_at_all() {
    let folder = Folder::new("output")
        .with("a.yaml", BAD)
        .with("old.txt", "old");
    let output = folder.run(&["a.yaml", "--output", "old.txt"]);
    assert_eq!((output.status.code(), out(&output).as_str()), (Some(2), ""));
    let written = std::fs::read_to_string(folder.0.join("old.txt")).expect("the report is there");
    assert_eq!(written, out(&folder.run(&["a.yaml"])));
    check_refused(
        &folder.run(&["a.yaml", "-o", "nowhere/x"]),
        "cannot write `nowhere/x`",
    );
    check_refused(&folder.run(&["a.yaml", "-o", "sub"]), "cannot write");
    check_refused(
        &folder.run(&["nowhere", "-o", "new.txt"]),
        "cannot read `nowhere`",
    );
    assert_eq!(folder.names(), ["a.yaml", "old.txt", "sub"]);
}

#[test]
fn several_formats_go_to_several_places() {
    let folder = Folder::new("formats").with("a.yaml", GOOD);
    let both = folder.run(&[
        "a.yaml", "--format", "junit", "-o", "a.xml", "--format", "json", "-o", "-", "--format",
        "sarif", "-o", "a.sarif",
    ]);
    assert_eq!(both.status.code(), Some(0));
    assert_eq!(
        out(&both),
        out(&folder.run(&["a.yaml", "--format", "json"]))
    );
    for (format, file) in [("junit", "a.xml"), ("sarif", "a.sarif")] {
        let written = std::fs::read_to_string(folder.0.join(file)).expect("the report is there");
        assert_eq!(written, out(&folder.run(&["a.yaml", "--format", format])));
    }
    for (arguments, message) in [
        (
            &["a.yaml", "--format", "json", "--format", "text"][..],
            "several formats on standard output",
        ),
        (
            &["a.yaml", "--format", "json", "-o", "x", "-o", "y"],
            "more of --output than of --format",
        ),
        (
            &[
                "a.yaml", "--format", "json", "--format", "text", "-o", "x", "-o", "x",
            ],
            "two formats for the one file `x`",
        ),
    ] {
        check_refused(&folder.run(arguments), message);
    }
    assert_eq!(folder.names(), ["a.sarif", "a.xml", "a.yaml", "sub"]);
}

#[test]
fn vectors_are_written_filled_in_and_compared() {
    const SHIFT: &str = "name: shift\nparameters: {mu: real}\nnoise: {eps: \"normal(0, 1)\"}\n\
                         transform: {z: mu + eps}\n";
    let wrong = format!("{SHIFT}target: {{distribution: \"normal(mu, 2)\"}}\n");
    let folder = Folder::new("vectors")
        .with("a.yaml", SHIFT)
        .with("wrong.yaml", &wrong)
        .with("bad.yaml", BAD);
    let empty = folder.run(&["vectors", "a.yaml", "--format", "csv", "-o", "a.csv"]);
    assert_eq!(empty.status.code(), Some(0));
    check_refused(
        &folder.run(&["compare", "a.yaml", "a.csv"]),
        "no values under `actual`",
    );
    let csv = std::fs::read_to_string(folder.0.join("a.csv")).expect("it is written");
    // A library that copies the expected number, or adds something to it.
    let fill = |more: f64| -> String {
        let rows = csv.lines().map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            match cells[5].parse::<f64>() {
                Ok(value) if cells[3] == "transform/z" => format!("{line}{:?}\n", value + more),
                _ => format!("{line}\n"),
            }
        });
        rows.collect()
    };
    for (more, code, shown) in [(0.0, 0, "correctly rounded"), (1e-3, 1, "is refuted")] {
        std::fs::write(folder.0.join("b.csv"), fill(more)).expect("a file can be written");
        let compared = folder.run(&["compare", "a.yaml", "b.csv"]);
        assert_eq!(compared.status.code(), Some(code));
        assert!(out(&compared).contains(shown), "{}", out(&compared));
    }
    let lenient = folder.run(&["compare", "a.yaml", "b.csv", "--tolerance", "0.01"]);
    assert_eq!(lenient.status.code(), Some(0));
    // What contradicts itself has no vectors.
    let wrong = folder.run(&["vectors", "wrong.yaml", "-o", "wrong.json"]);
    assert_eq!(wrong.status.code(), Some(1));
    let error = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert!(error.contains("density       refuted"), "{error}");
    check_refused(&folder.run(&["vectors", "bad.yaml"]), "unknown key `nam`");
    check_refused(&folder.run(&["vectors", "."]), "`.` is a folder");
    assert!(
        !folder
            .names()
            .iter()
            .any(|name| name.starts_with("wrong.json"))
    );
}

const WRONG: &str = "name: wrong\ntarget: {distribution: \"normal(0, 1)\", mean: 1}\n";

fn parsed(text: &str) -> serde_json::Value {
    serde_json::from_str(text).expect("it is JSON")
}

#[test]
fn shards_make_up_the_whole_report() {
    let folder = Folder::new("shards")
        .with("a.yaml", GOOD)
        .with("b.yaml", WRONG)
        .with("c.yaml", GOOD)
        .with("d.yaml", GOOD)
        .with("sub/e.yaml", GOOD);
    let whole = folder.run(&[".", "--format", "json"]);
    assert_eq!(whole.status.code(), Some(1));
    let mut seen = 0;
    for shard in ["1/3", "2/3", "3/3"] {
        let file = format!("{}.json", &shard[..1]);
        let part = folder.run(&[".", "--shard", shard, "--format", "json", "-o", &file]);
        assert!(matches!(part.status.code(), Some(0 | 1)));
        let written = std::fs::read_to_string(folder.0.join(&file)).expect("it is written");
        seen += usize::from(parsed(&written)["summary"]["specs"] != 5);
    }
    assert_eq!(seen, 3, "no shard is the whole");
    let merged = folder.run(&["merge", "3.json", "1.json", "2.json"]);
    assert_eq!(out(&merged), out(&whole));
    assert_eq!(merged.status.code(), Some(1));
    check_refused(
        &folder.run(&["merge", "1.json", "1.json", "2.json", "2.json"]),
        "in more than one",
    );
    check_refused(&folder.run(&["merge", "a.yaml"]), "`a.yaml` is not JSON");
    check_refused(&folder.run(&[".", "--shard", "4/3"]), "K/N");
    let other = folder.run(&["a.yaml", "--seed", "9", "--format", "json", "-o", "9.json"]);
    assert_eq!(other.status.code(), Some(0));
    check_refused(
        &folder.run(&["merge", "1.json", "9.json"]),
        "`9.json` has seed 9",
    );
}

#[test]
fn only_new_findings_fail_beside_a_baseline() {
    let folder = Folder::new("baseline").with("a.yaml", WRONG);
    let before = folder.run(&["a.yaml", "--format", "json", "-o", "old.json"]);
    assert_eq!(before.status.code(), Some(1));
    let known = folder.run(&["a.yaml", "--baseline", "old.json"]);
    assert_eq!(known.status.code(), Some(0), "{}", out(&known));
    assert!(
        out(&known).contains("! moments       refuted      known: "),
        "{}",
        out(&known)
    );
    let json = folder.run(&["a.yaml", "--baseline", "old.json", "--format", "json"]);
    let report = parsed(&out(&json));
    let schema = parsed(&out(&folder.run(&["schema", "report"])));
    assert_eq!(schema::errors(&schema, &report), Vec::<String>::new());
    let folder = folder.with(
        "a.yaml",
        &WRONG.replace("mean", "variance").replace(": 1}", ": 2}"),
    );
    let new = folder.run(&["a.yaml", "--baseline", "old.json"]);
    assert_eq!(new.status.code(), Some(1), "{}", out(&new));
    check_refused(
        &folder.run(&["a.yaml", "--baseline", "a.yaml"]),
        "is not JSON",
    );
}

#[test]
fn only_changed_files_are_checked_since_a_revision() {
    let folder = Folder::new("changed")
        .with("a.yaml", GOOD)
        .with("b.yaml", GOOD);
    let git = |arguments: &[&str]| {
        let done = Command::new("git")
            .args([
                "-c",
                "user.name=a",
                "-c",
                "user.email=a@b",
                "-c",
                "init.defaultBranch=main",
            ])
            .args(arguments)
            .current_dir(&folder.0)
            .output()
            .expect("git runs");
        assert!(done.status.success(), "{done:?}");
    };
    git(&["init", "-q"]);
    git(&["add", "."]);
    git(&["commit", "-q", "-m", "first"]);
    let paths = |revision: &str| -> Vec<String> {
        let output = folder.run(&[".", "--changed-since", revision, "--format", "json"]);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let report = parsed(&out(&output));
        let specs = report["specs"].as_array().expect("a list").clone();
        let path = |s: &serde_json::Value| s["path"].as_str().expect("text").to_owned();
        specs.iter().map(path).collect()
    };
    assert_eq!(paths("HEAD"), Vec::<String>::new());
    std::fs::write(folder.0.join("b.yaml"), format!("{GOOD}# more\n")).expect("written");
    std::fs::write(folder.0.join("sub/c d.yaml"), GOOD).expect("written");
    assert_eq!(paths("HEAD"), ["./b.yaml", "./sub/c d.yaml"]);
    git(&["add", "."]);
    git(&["commit", "-q", "-m", "second"]);
    assert_eq!(paths("HEAD"), Vec::<String>::new());
    assert_eq!(paths("HEAD~1"), ["./b.yaml", "./sub/c d.yaml"]);
    for revision in ["nothing", "--output=x"] {
        let output = folder.run(&[".", &format!("--changed-since={revision}")]);
        check_refused(&output, "git diff: ");
    }
    assert!(!folder.names().contains(&"x".to_owned()));
}

#[test]
fn a_new_spec_passes_as_it_is() {
    let folder = Folder::new("init");
    for (name, like) in [("my-own", "gumbel"), ("other", "exponential")] {
        let made = folder.run(&["init", name, "--like", like]);
        assert_eq!(made.status.code(), Some(0), "{made:?}");
        let file = format!("{name}.yaml");
        let checked = folder.run(&[&file, "--effort", "quick"]);
        assert_eq!(checked.status.code(), Some(0), "{}", out(&checked));
        assert!(out(&checked).starts_with(&format!("{name} ({file}): passed")));
    }
    check_refused(
        &folder.run(&["init", "other"]),
        "`other.yaml` is there already",
    );
    check_refused(&folder.run(&["init", "../x"]), "lowercase letters");
    check_refused(
        &folder.run(&["init", "x", "--like", "gumble"]),
        "did you mean `gumbel`?",
    );
}

#[test]
fn the_schema_of_a_spec_takes_every_spec_and_no_mistake() {
    let folder = Folder::new("schema");
    let schema = parsed(&out(&folder.run(&["schema"])));
    let keys = |value: &serde_json::Value| -> Vec<String> {
        value.as_object().expect("a map").keys().cloned().collect()
    };
    use reparam_check::spec::raw;
    let properties = &schema["properties"];
    assert_eq!(keys(properties), raw::SPEC_KEYS);
    assert_eq!(keys(&properties["target"]["properties"]), raw::TARGET_KEYS);
    assert_eq!(keys(&properties["expect"]["properties"]), raw::CHECKS);
    assert_eq!(
        schema["definitions"]["verdict"]["enum"],
        serde_json::json!(raw::VERDICTS)
    );
    let expectation = &properties["expectations"]["items"]["anyOf"][1]["properties"];
    assert_eq!(keys(expectation), raw::EXPECTATION_KEYS);
    let read =
        |text: &str| -> serde_json::Value { serde_yaml::from_str(text).expect("it is YAML") };
    let mut seen = 0;
    for folder in ["specs", "specs/wrong"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_file() {
                let text = std::fs::read_to_string(&path).expect("a file");
                let errors = schema::errors(&schema, &read(&text));
                assert_eq!(errors, Vec::<String>::new(), "{}", path.display());
                seen += 1;
            }
        }
    }
    assert!(seen > 30);
    for wrong in [
        "{name: a}",
        "{name: A b, target: {mean: 0}}",
        "{target: {mean: 0}}",
        "{name: a, target: {mena: 0}}",
        "{name: a, tranform: {z: 1}, target: {}}",
        "{name: a, target: {whole_line: 1}}",
        "{name: a, target: {}, expect: {law: right}}",
        "{name: a, target: {}, dimensions: {d: [0]}}",
        "{name: a, target: {}, derivations: {x: [1]}}",
        "{name: a, target: {}, expectations: [{value: 1}]}",
    ] {
        assert!(!schema::errors(&schema, &read(wrong)).is_empty(), "{wrong}");
    }
}

#[test]
fn completions_and_the_manual_page_name_every_command() {
    let folder = Folder::new("completions");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = out(&folder.run(&["completions", shell]));
        for word in ["explain", "vectors", "merge", "init", "baseline"] {
            assert!(script.contains(word), "{shell} lacks {word}");
        }
    }
    let page = out(&folder.run(&["man"]));
    assert!(
        page.contains(".TH reparam-check 1") && page.contains("changed\\-since"),
        "{page}"
    );
}

/// The script of the action is run as a workflow would, up to the installation.
#[cfg(target_os = "linux")]
#[test]
fn the_action_runs_what_it_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("action.yml")).expect("an action");
    let action: serde_yaml::Value = serde_yaml::from_str(&text).expect("it is YAML");
    let script = action["runs"]["steps"][1]["run"]
        .as_str()
        .expect("a script");
    let folder = Folder::new("action")
        .with("sub/a.yaml", WRONG)
        .with("sub/b.yaml", GOOD);
    let tool = Path::new(env!("CARGO_BIN_EXE_reparam-check"))
        .parent()
        .expect("a folder");
    let path = format!(
        "{}:{}",
        tool.display(),
        std::env::var("PATH").unwrap_or_default()
    );
    let run = |sarif: &str| {
        Command::new("bash")
            .args(["-eo", "pipefail", "-c", script])
            .current_dir(&folder.0)
            .env("PATH", &path)
            .env("PATHS", "sub")
            .env("ARGUMENTS", "--effort quick")
            .env("SARIF", sarif)
            .env("GITHUB_OUTPUT", folder.0.join("outputs"))
            .output()
            .expect("bash runs")
    };
    for sarif in ["", "a.sarif"] {
        let output = run(sarif);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(
            out(&output).starts_with("::error file=sub/a.yaml,line=2"),
            "{output:?}"
        );
    }
    let sarif = std::fs::read_to_string(folder.0.join("a.sarif")).expect("it is written");
    assert_eq!(parsed(&sarif)["runs"][0]["results"][0]["ruleId"], "moments");
    let outputs = std::fs::read_to_string(folder.0.join("outputs")).expect("it is written");
    assert_eq!(outputs, "status=1\nstatus=1\n");
    let hooks = std::fs::read_to_string(root.join(".pre-commit-hooks.yaml")).expect("hooks");
    let hooks: serde_yaml::Value = serde_yaml::from_str(&hooks).expect("it is YAML");
    let entry = hooks[0]["entry"].as_str().expect("a command");
    let mut words = entry.split(' ');
    assert_eq!(words.next(), Some("reparam-check"));
    let arguments: Vec<&str> = words.chain(["sub/b.yaml"]).collect();
    assert_eq!(folder.run(&arguments).status.code(), Some(0));
}

/// One spec alone takes several seconds here; nothing else would draw the bar.
#[cfg(target_os = "linux")]
#[test]
fn a_long_run_shows_a_bar_on_a_terminal() {
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs/implicit/student_t_implicit.yaml");
    let folder = Folder::new("bar");
    let tool = env!("CARGO_BIN_EXE_reparam-check");
    let line = format!(
        "'{tool}' '{}' --effort thorough >report.txt",
        spec.display()
    );
    // `script` runs a command on a terminal of its own.
    let output = Command::new("script")
        .args(["-qec", &line, "/dev/null"])
        .current_dir(&folder.0)
        .env("TERM", "xterm")
        .stdin(Stdio::null())
        .output();
    let output = match output {
        Ok(output) => output,
        Err(error) => {
            assert_eq!(error.kind(), std::io::ErrorKind::NotFound, "{error}");
            return;
        }
    };
    assert!(out(&output).contains("0/1 specs"), "{}", out(&output));
    let report = std::fs::read_to_string(folder.0.join("report.txt")).expect("it is written");
    assert!(report.contains("1 spec: 1 passed"), "{report}");
    let short = folder.run(&["/dev/null"]);
    assert_eq!(String::from_utf8_lossy(&short.stderr), "");
}

#[test]
fn colour_is_for_terminals_or_on_request() {
    let folder = Folder::new("color").with("a.yaml", BAD);
    assert!(!out(&folder.run(&["a.yaml"])).contains('\u{1b}'));
    assert!(out(&folder.run(&["a.yaml", "--color", "always"])).contains('\u{1b}'));
    assert!(!out(&folder.run(&["a.yaml", "--color", "never"])).contains('\u{1b}'));
}

#[test]
fn the_same_bytes_come_out_every_time() {
    let folder = Folder::new("same").with("a.yaml", BAD).with("b.yaml", GOOD);
    for format in ["text", "json", "junit", "sarif", "github"] {
        let once = folder.run(&[".", "--format", format]);
        let again = folder.run(&[".", "--format", format, "--jobs", "1"]);
        assert_eq!(out(&once), out(&again));
    }
}

/// Of each folder of the catalogue one or two: densities, integrals, draws, optimizers and refutations.
#[test]
fn any_number_of_threads_writes_the_same_bytes() {
    const SAMPLE: [&str; 8] = [
        "gumbel.yaml",
        "constraints/sphere.yaml",
        "constraints/ordered.yaml",
        "implicit/gamma_implicit.yaml",
        "multivariate/projected_normal.yaml",
        "wrong/gamma_rejection.yaml",
        "wrong/minima_for_maxima.yaml",
        "wrong/step_in_objective.yaml",
    ];
    let specs = concat!(env!("CARGO_MANIFEST_DIR"), "/specs/");
    let paths: Vec<String> = SAMPLE.iter().map(|path| format!("{specs}{path}")).collect();
    let folder = Folder::new("threads");
    let json = |jobs: &str| {
        let mut arguments: Vec<&str> = paths.iter().map(String::as_str).collect();
        arguments.extend(["--format", "json", "--effort", "quick", "--jobs", jobs]);
        out(&folder.run(&arguments))
    };
    let alone = json("1");
    assert_eq!(alone.matches("\"verdict\"").count() / SAMPLE.len(), 12);
    assert_eq!(alone, json("3"));
}

const RIGHT: &str = "name: right\nparameters: {rate: positive}\nnoise: {u: \"uniform(0, 1)\"}\n\
transform: {z: -log(u)/rate}\ntarget: {support: positive, log_density: log(rate) - rate*z}\n\
derivations: {one: [log(rate), \"log(rate) + 0*rate\"]}\n";

#[test]
fn mutants_are_planted_judged_and_kept() {
    let folder = Folder::new("mutate")
        .with("right.yaml", RIGHT)
        .with("bad.yaml", BAD);
    let quick = |more: &[&str]| {
        let mut arguments = vec!["mutate", "right.yaml", "--effort", "quick"];
        arguments.extend(more);
        folder.run(&arguments)
    };
    let output = quick(&["--kinds", "sign,term"]);
    assert_eq!(output.status.code(), Some(0));
    let text = out(&output);
    assert!(text.contains("sign") && text.contains("term"), "{text}");
    assert!(!text.contains("\nconstant"), "{text}");
    assert!(
        text.lines().last().is_some_and(|l| l.starts_with("score ")),
        "{text}"
    );
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    let json = parsed(&out(&quick(&["--format", "json", "--kinds", "factor"])));
    assert_eq!(json["summary"]["specs"], 1);
    let mutants = json["specs"][0]["mutants"].as_array().expect("a list");
    assert_eq!(json["summary"]["mutants"], mutants.len());
    assert!(
        mutants
            .iter()
            .all(|m| m["kind"] == "factor" && m["line"].is_u64())
    );
    assert!(
        mutants
            .iter()
            .any(|m| m["fate"] == "refuted" && m["check"] == "density")
    );
    // A generator of which nothing is claimed: everything survives, and is kept.
    let folder = folder.with(
        "generator.yaml",
        "name: generator\nnoise: {eps: \"normal(0, 1)\"}\ntransform: {z: 3*eps}\n",
    );
    let output = folder.run(&[
        "mutate",
        "generator.yaml",
        "--keep",
        "kept",
        "--minimum",
        "0.5",
    ]);
    assert_eq!(output.status.code(), Some(1));
    assert!(out(&output).contains("nothing is claimed against it"));
    let kept = folder.0.join("kept/generator-001-factor.yaml");
    let kept = std::fs::read_to_string(kept).expect("a survivor is kept");
    assert!(kept.contains("transform: {z: 1/2*3*eps}"), "{kept}");
    // What cannot be read, and wrong usage.
    let output = folder.run(&["mutate", "bad.yaml"]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("unknown key `nam`"), "{said}");
    let output = folder.run(&["mutate", "right.yaml", "--kinds", "sing"]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("did you mean `sign`"), "{said}");
    let output = folder.run(&["mutate", "right.yaml", "--minimum", "95"]);
    assert_eq!(output.status.code(), Some(2));
}

#[cfg(target_os = "linux")]
#[test]
fn a_device_is_written_and_stays_a_device() {
    let folder = Folder::new("device").with("a.yaml", BAD);
    let output = folder.run(&["a.yaml", "--output", "/dev/null"]);
    assert_eq!((output.status.code(), out(&output).as_str()), (Some(2), ""));
    let kind = std::fs::metadata("/dev/null")
        .expect("it is there")
        .file_type();
    assert!(!kind.is_file());
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .expect("it is there");
    let output = folder
        .command(&["a.yaml"])
        .stdout(full)
        .output()
        .expect("the command runs");
    check_refused(&output, "cannot write the report");
}

#[test]
fn a_closed_pipe_is_no_panic() {
    let folder = Folder::new("pipe").with("a.yaml", BAD);
    let mut child = folder
        .command(&["a.yaml"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the command ends");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn what_a_spec_leaves_out_is_derived() {
    let spec = "name: short\nparameters: {s: positive}\nnoise: {e: \"normal(0, 1)\"}\n\
                transform: {z: s*e}\ntarget: {support: real}\n";
    let wrong = format!("{spec}inverse: {{e: z*s}}\n");
    let folder = Folder::new("derive")
        .with("short.yaml", spec)
        .with("wrong.yaml", &wrong)
        .with("bad.yaml", BAD);
    let output = folder.run(&["derive", "short.yaml"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0));
    assert!(text.contains("\n    e = z/s\n    proved"), "{text}");
    let output = folder.run(&["derive", "short.yaml", "--format", "yaml"]);
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(lines.contains("inverse:\n  e: z/s\n"), "{lines}");
    let output = folder.run(&[
        "derive",
        "short.yaml",
        "--format",
        "latex",
        "--output",
        "short.tex",
    ]);
    assert_eq!(output.status.code(), Some(0));
    let article = std::fs::read_to_string(folder.0.join("short.tex")).expect("it is written");
    assert!(article.starts_with("\\documentclass") && article.ends_with("\\end{document}\n"));
    // From what contradicts itself nothing is derived.
    let output = folder.run(&["derive", "wrong.yaml"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    assert!(String::from_utf8_lossy(&output.stderr).contains("refuted"));
    for file in ["bad.yaml", "none.yaml", "."] {
        let output = folder.run(&["derive", file]);
        assert_eq!(output.status.code(), Some(2), "{file}");
    }
}
