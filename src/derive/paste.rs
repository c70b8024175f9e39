//! Derived lines as YAML, and put into the text of a spec.

use crate::spec::RawSpec;

/// Where a line belongs: a top-level key, and a key below it, if any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The top-level key.
    pub section: &'static str,
    /// The keys below it.
    pub path: Vec<String>,
    /// The expression.
    pub text: String,
}

/// The text of a spec with lines added; none where it is written in a way in which lines cannot
/// be added (the whole in braces, or a section that is an alias).
pub(super) fn pasted(source: &str, raw: &RawSpec, lines: &[Line]) -> Option<String> {
    let mut text = source.to_owned();
    if !text.ends_with('\n') {
        text.push('\n');
    }
    let sections: Vec<&'static str> = lines.iter().map(|l| l.section).collect();
    let mut done: Vec<&'static str> = Vec::new();
    let mut inserts: Vec<(usize, String)> = Vec::new();
    for section in sections {
        if done.contains(&section) {
            continue;
        }
        done.push(section);
        let own: Vec<&Line> = lines.iter().filter(|l| l.section == section).collect();
        let Some(key) = raw.section(section) else {
            inserts.push((text.len(), block(section, &own)));
            continue;
        };
        let after = key.end + source.get(key.end..)?.find(':')? + 1;
        let line_end = source[after..]
            .find('\n')
            .map_or(source.len(), |n| after + n);
        let rest = source[after..line_end].trim_start();
        if rest.starts_with('{') {
            let open = after + source[after..].find('{')? + 1;
            let entries = below(&own);
            inserts.push((open, entries));
        } else if rest.is_empty() || rest.starts_with('#') {
            let indent = indentation(source.get(line_end + 1..)?)?;
            let entries = nested(&own, indent);
            inserts.push((line_end + 1, entries));
        } else {
            return None;
        }
    }
    inserts.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    // What goes to one place keeps its order: later insertions come before.
    let mut by_place: Vec<(usize, String)> = Vec::new();
    for (at, new) in inserts {
        match by_place.last_mut() {
            Some((place, all)) if *place == at => all.push_str(&new),
            _ => by_place.push((at, new)),
        }
    }
    for (at, new) in by_place {
        text.insert_str(at, &new);
    }
    Some(text)
}

/// The lines as they are pasted into a spec that has none of their sections.
pub(super) fn yaml(lines: &[Line]) -> String {
    let mut text = String::new();
    let mut done = Vec::new();
    for line in lines {
        if !done.contains(&line.section) {
            done.push(line.section);
            let own: Vec<&Line> = lines.iter().filter(|l| l.section == line.section).collect();
            text.push_str(&block(line.section, &own));
        }
    }
    text
}

fn block(section: &str, lines: &[&Line]) -> String {
    match lines {
        [only] if only.path.is_empty() => format!("{section}: {}\n", scalar(&only.text)),
        _ => format!("{section}:\n{}", nested(lines, 2)),
    }
}

/// Lines below a key, with two levels at most.
fn nested(lines: &[&Line], indent: usize) -> String {
    let space = " ".repeat(indent);
    let mut text = String::new();
    let mut last: Option<&str> = None;
    for line in lines {
        match line.path.as_slice() {
            [key] => {
                text.push_str(&format!("{space}{key}: {}\n", scalar(&line.text)));
                last = None;
            }
            [key, name] => {
                if last != Some(key) {
                    text.push_str(&format!("{space}{key}:\n"));
                    last = Some(key);
                }
                text.push_str(&format!("{space}{space}{name}: {}\n", scalar(&line.text)));
            }
            _ => {}
        }
    }
    text
}

/// Lines in braces.
fn below(lines: &[&Line]) -> String {
    let mut text = String::new();
    let mut done: Vec<&String> = Vec::new();
    for line in lines {
        match line.path.as_slice() {
            [key] => text.push_str(&format!("{key}: \"{}\", ", line.text)),
            [key, _] if !done.contains(&key) => {
                done.push(key);
                let own = lines.iter().filter(|l| l.path.first() == Some(key));
                let parts: Vec<String> = own
                    .map(|l| format!("{}: \"{}\"", l.path[1], l.text))
                    .collect();
                text.push_str(&format!("{key}: {{{}}}, ", parts.join(", ")));
            }
            _ => {}
        }
    }
    text
}

/// The indentation of the first line that is neither empty nor a comment.
fn indentation(text: &str) -> Option<usize> {
    let line = text
        .lines()
        .find(|l| !l.trim().is_empty() && !l.trim_start().starts_with('#'))?;
    let indent = line.len() - line.trim_start_matches(' ').len();
    (indent > 0).then_some(indent)
}

/// An expression as a YAML scalar. None holds a quote or a backslash.
pub(super) fn scalar(text: &str) -> String {
    // A minus begins a list only before a space, and a number is read as it is written.
    let special = text.starts_with(|c: char| "[{*&!|>@%`\"'#?,".contains(c));
    if special || text.contains(": ") || text.contains(" #") {
        format!("\"{text}\"")
    } else {
        text.to_owned()
    }
}
