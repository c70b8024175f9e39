//! The README shows what the command prints: its files are written out, its `reparam-check`
//! commands run, and each output is compared with the block below the command.
//! `REPARAM_BLESS=1` writes the outputs into the README instead.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A fenced block: its language, its lines, and the range of its lines in the file.
struct Block {
    language: String,
    text: String,
    /// The name given in a comment on the line above.
    file: Option<String>,
    first: usize,
    last: usize,
}

fn blocks(readme: &str) -> Vec<Block> {
    let lines: Vec<&str> = readme.lines().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let Some(language) = lines[at].strip_prefix("```") else {
            at += 1;
            continue;
        };
        let first = at + 1;
        let length = lines[first..]
            .iter()
            .position(|line| *line == "```")
            .expect("every fence is closed");
        let file = at
            .checked_sub(1)
            .and_then(|above| lines[above].strip_prefix("<!-- file: "))
            .and_then(|rest| rest.strip_suffix(" -->"));
        found.push(Block {
            language: language.to_owned(),
            text: lines[first..first + length].join("\n"),
            file: file.map(str::to_owned),
            first,
            last: first + length,
        });
        at = first + length + 1;
    }
    found
}

/// A folder with the README's files and a copy of `specs`.
fn folder(blocks: &[Block]) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("readme");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("specs")).expect("a folder can be made");
    for block in blocks {
        for word in block.text.split_whitespace() {
            if block.language == "sh" && word.starts_with("specs/") {
                std::fs::copy(root.join(word), folder.join(word)).expect("the spec exists");
            }
        }
        if let Some(name) = &block.file {
            let text = format!("{}\n", block.text);
            std::fs::write(folder.join(name), text).expect("a file can be written");
        }
    }
    folder
}

#[test]
fn the_readme_shows_what_the_command_prints() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(&path).expect("there is a README");
    let blocks = blocks(&readme);
    let folder = folder(&blocks);
    let mut lines: Vec<String> = readme.lines().map(str::to_owned).collect();
    let mut shown = 0;
    // From the end, so that lines before a rewritten block keep their numbers.
    for pair in blocks.windows(2).rev() {
        let [command, output] = pair else { continue };
        let arguments = command.text.strip_prefix("reparam-check ");
        let (Some(arguments), "text") = (arguments, output.language.as_str()) else {
            continue;
        };
        let ran = Command::new(env!("CARGO_BIN_EXE_reparam-check"))
            .args(arguments.split_whitespace())
            .current_dir(&folder)
            .stdin(Stdio::null())
            .output()
            .expect("the command runs");
        let printed = String::from_utf8(ran.stdout).expect("the report is UTF-8");
        let printed = printed.trim_end();
        if std::env::var_os("REPARAM_BLESS").is_some() {
            let new = printed.lines().map(str::to_owned);
            lines.splice(output.first..output.last, new);
        } else {
            assert_eq!(
                printed, output.text,
                "`{}` prints something else than line {} of the README shows; \
                 `REPARAM_BLESS=1 cargo test --test readme` rewrites it",
                command.text, output.first
            );
        }
        shown += 1;
    }
    assert!(shown >= 3, "the README shows {shown} outputs");
    if std::env::var_os("REPARAM_BLESS").is_some() {
        std::fs::write(&path, lines.join("\n") + "\n").expect("the README can be written");
    }
}
