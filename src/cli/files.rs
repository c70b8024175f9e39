//! Which files are read: those given, and every `*.yaml` below the folders given, sorted.

use crate::spec::MAX_BYTES;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

/// Paths as given or found, each with the bytes of its file.
pub(super) type Files = Vec<(String, Vec<u8>)>;

/// The bytes of each file, by the path as given or found.
pub(super) fn read_files(paths: &[PathBuf]) -> Result<Files, Vec<String>> {
    let mut found: Vec<PathBuf> = Vec::new();
    let mut errors = Vec::new();
    for path in paths {
        if !path.is_dir() {
            found.push(path.clone());
            continue;
        }
        let before = (found.len(), errors.len());
        find_specs(path, &mut found, &mut errors);
        found[before.0..].sort();
        if before == (found.len(), errors.len()) {
            errors.push(format!("the folder `{}` has no *.yaml", path.display()));
        }
    }
    let mut files = Files::new();
    let mut seen = BTreeSet::new();
    for path in found {
        let name = path.display().to_string();
        if !seen.insert(plain(&path)) {
            continue;
        }
        match read_bytes(&path) {
            Ok(bytes) => files.push((name, bytes)),
            Err(error) => errors.push(format!("cannot read `{name}`: {error}")),
        }
    }
    if errors.is_empty() {
        Ok(files)
    } else {
        Err(errors)
    }
}

/// A path without the parts that lead nowhere: `./a` is `a`.
fn plain(path: &Path) -> PathBuf {
    let parts = path.components();
    parts.filter(|part| *part != Component::CurDir).collect()
}

/// One byte more than is allowed shows that a file is too large; a link to a folder is not
/// followed, so there is no way around in circles.
fn read_bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(MAX_BYTES)
        .unwrap_or(u64::MAX)
        .saturating_add(1);
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn find_specs(folder: &Path, found: &mut Vec<PathBuf>, errors: &mut Vec<String>) {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let mut visit = || -> io::Result<()> {
            for entry in std::fs::read_dir(&folder)? {
                let entry = entry?;
                let path = entry.path();
                if entry.file_type()?.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|e| e == "yaml") && !path.is_dir() {
                    found.push(path);
                }
            }
            Ok(())
        };
        if let Err(error) = visit() {
            errors.push(format!(
                "cannot read the folder `{}`: {error}",
                folder.display()
            ));
        }
    }
}
