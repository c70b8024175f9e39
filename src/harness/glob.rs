//! Files by pattern: `*` and `?` within a name, `**` for any folders, and a folder for every
//! `*.yaml` below it.

use std::io;
use std::path::{Path, PathBuf};

/// The files that match, sorted.
pub(super) fn find(pattern: &str) -> io::Result<Vec<PathBuf>> {
    let pattern = if Path::new(pattern).is_dir() {
        format!("{}/**/*.yaml", pattern.trim_end_matches('/'))
    } else {
        pattern.to_owned()
    };
    let parts: Vec<&str> = pattern.split('/').collect();
    let fixed = parts.iter().take_while(|p| !p.contains(['*', '?'])).count();
    if fixed == parts.len() {
        let file = PathBuf::from(&pattern);
        return Ok(file.is_file().then_some(file).into_iter().collect());
    }
    let base = parts[..fixed].join("/");
    let base = match base.as_str() {
        "" if pattern.starts_with('/') => PathBuf::from("/"),
        "" => PathBuf::from("."),
        base => PathBuf::from(base),
    };
    let mut found = Vec::new();
    descend(&base, &parts[fixed..], &mut found)?;
    found.sort();
    found.dedup();
    Ok(found)
}

/// A link to a folder is not followed, so there is no way around in circles.
fn descend(folder: &Path, parts: &[&str], found: &mut Vec<PathBuf>) -> io::Result<()> {
    let Some((first, rest)) = parts.split_first() else {
        return Ok(());
    };
    if *first == "**" {
        descend(folder, rest, found)?;
    }
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let path = path.strip_prefix("./").unwrap_or(&path).to_owned();
        let is_folder = entry.file_type()?.is_dir();
        if *first == "**" {
            if is_folder {
                descend(&path, parts, found)?;
            }
        } else if matches(first.as_bytes(), entry.file_name().as_encoded_bytes()) {
            if rest.is_empty() && !is_folder {
                found.push(path);
            } else if !rest.is_empty() && is_folder {
                descend(&path, rest, found)?;
            }
        }
    }
    Ok(())
}

/// A name against a pattern, by backtracking to the last star only.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        if pattern.get(p) == Some(&b'*') {
            star = Some((p, n));
            p += 1;
        } else if pattern.get(p) == Some(&name[n]) || pattern.get(p) == Some(&b'?') {
            (p, n) = (p + 1, n + 1);
        } else if let Some((at, from)) = star {
            star = Some((at, from + 1));
            (p, n) = (at + 1, from + 1);
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|&c| c == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_any_part_of_a_name() {
        for (pattern, name, expected) in [
            ("*.yaml", "a.yaml", true),
            ("*.yaml", "a.yaml.bak", false),
            ("a*b*c", "aXbXbc", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("", "", true),
            ("*", "", true),
        ] {
            let found = matches(pattern.as_bytes(), name.as_bytes());
            assert_eq!(found, expected, "{pattern} {name}");
        }
    }

    #[test]
    fn folders_and_double_stars_are_searched() {
        let all = find("specs/**/*.yaml").unwrap();
        assert!(all.contains(&PathBuf::from("specs/normal.yaml")));
        assert!(all.contains(&PathBuf::from("specs/wrong/rate_for_scale.yaml")));
        assert_eq!(find("specs").unwrap(), all);
        assert_eq!(find("spe*/**/*.yaml").unwrap(), all);
        let right = find("specs/*.yaml").unwrap();
        assert!(right.len() < all.len() && right.len() > 5);
        assert_eq!(find("specs/normal.yaml").unwrap().len(), 1);
        assert_eq!(find("specs/nothing.yaml").unwrap().len(), 0);
    }
}
