//! Which of the files found are checked: a shard of them, or those that changed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One of N parts of all files, by a hash of their paths: a file stays in its part whatever other
/// files there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shard {
    /// Counted from 1.
    part: u64,
    parts: u64,
}

impl std::str::FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Shard, String> {
        let pair = text.split_once('/').and_then(|(part, parts)| {
            let (part, parts) = (part.parse().ok()?, parts.parse().ok()?);
            (1..=parts).contains(&part).then_some(Shard { part, parts })
        });
        pair.ok_or_else(|| "expected K/N with 1 ≤ K ≤ N, such as 2/5".to_owned())
    }
}

impl Shard {
    pub(super) fn holds(self, path: &str) -> bool {
        hash(path) % self.parts == self.part - 1
    }
}

/// FNV-1a over the path as every machine writes it, mixed so that its low bits are as good as its
/// high ones.
fn hash(path: &str) -> u64 {
    let path = path.replace('\\', "/");
    let path = path.strip_prefix("./").unwrap_or(&path);
    let hash = path.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash ^ (hash >> 32)
}

/// The files that differ from a revision of the repository here, and those that git does not know
/// yet.
pub(super) fn changed_since(revision: &str) -> Result<BTreeSet<PathBuf>, String> {
    let root = git(&["rev-parse", "--show-toplevel"])?;
    let root = PathBuf::from(root.trim_end_matches('\n'));
    let lists = [
        git(&[
            "diff",
            "--name-only",
            "-z",
            "--end-of-options",
            revision,
            "--",
        ])?,
        git(&[
            "ls-files",
            "--others",
            "--exclude-standard",
            "--full-name",
            "-z",
            ":/",
        ])?,
    ];
    Ok(lists
        .iter()
        .flat_map(|list| list.split('\0'))
        .filter(|name| !name.is_empty())
        .filter_map(|name| root.join(name).canonicalize().ok())
        .collect())
}

pub(super) fn is_among(path: &str, changed: &BTreeSet<PathBuf>) -> bool {
    Path::new(path)
        .canonicalize()
        .is_ok_and(|path| changed.contains(&path))
}

fn git(arguments: &[&str]) -> Result<String, String> {
    let output = Command::new("git")
        .args(arguments)
        .output()
        .map_err(|error| format!("cannot run git: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let said = said.lines().next().unwrap_or("it failed").to_owned();
    Err(format!("git {}: {said}", arguments[0]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_is_in_one_shard_and_stays_there() {
        let paths: Vec<String> = (0..300).map(|i| format!("specs/{i}.yaml")).collect();
        let shards: Vec<Shard> = ["1/3", "2/3", "3/3"].map(|t| t.parse().unwrap()).into();
        for path in &paths {
            let holding = shards.iter().filter(|s| s.holds(path)).count();
            assert_eq!(holding, 1, "{path}");
        }
        for shard in &shards {
            let size = paths.iter().filter(|p| shard.holds(p)).count();
            assert!((60..=140).contains(&size), "{size}");
        }
        assert_eq!(hash("./a.yaml"), hash("a.yaml"));
        // A file must not move between shards with a new version.
        assert_eq!(hash("specs/normal.yaml") % 1000, 324);
        for wrong in ["0/3", "4/3", "1", "a/b", "1/0", ""] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
