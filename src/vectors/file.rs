//! Vectors as they come back from a library: JSON or CSV, only what is given and what was computed.

use super::csv::HEADER;
use super::{Point, Values};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The points of a file with their sizes, what is given and what was computed.
///
/// # Errors
/// What is wrong with the file, and where.
pub fn read(text: &str) -> Result<Vec<Point>, String> {
    if text.trim_start().starts_with('{') {
        from_json(text)
    } else {
        from_csv(text)
    }
}

fn from_json(text: &str) -> Result<Vec<Point>, String> {
    let whole: Value = serde_json::from_str(text).map_err(|error| {
        format!("not JSON: {error} (write numbers that JSON lacks as \"nan\", \"inf\", \"-inf\")")
    })?;
    let points = whole.get("points").and_then(Value::as_array);
    let points = points.ok_or("there is no list `points`")?;
    points.iter().enumerate().map(point).collect()
}

fn point((place, value): (usize, &Value)) -> Result<Point, String> {
    let wrong = |what: &str| format!("point {place}: {what}");
    let group = |key: &str| -> Result<Map<String, Value>, String> {
        match value.get(key) {
            None => Ok(Map::new()),
            Some(Value::Object(map)) => Ok(map.clone()),
            Some(_) => Err(wrong(&format!("`{key}` is not an object"))),
        }
    };
    let mut sizes = BTreeMap::new();
    for (name, size) in group("dimensions")? {
        let size = size.as_u64().and_then(|s| usize::try_from(s).ok());
        sizes.insert(name, size.ok_or(wrong("a size is not a whole number"))?);
    }
    let mut given = Values::new();
    for key in ["parameters", "inputs", "noise", "z"] {
        for (name, value) in group(key)? {
            let mut values = Vec::new();
            flatten(&value, &mut values).map_err(|e| wrong(&e))?;
            let values: Option<Vec<f64>> = values.into_iter().collect();
            let values = values.ok_or(wrong(&format!("`{name}` is not given")))?;
            given.insert(format!("{key}/{name}"), values);
        }
    }
    let mut actual = Values::new();
    paths("", &Value::Object(group("actual")?), &mut actual).map_err(|e| wrong(&e))?;
    Ok(Point {
        id: place,
        kind: "given".to_owned(),
        sizes,
        given,
        expected: Values::new(),
        actual,
    })
}

/// Objects within objects as paths.
fn paths(prefix: &str, value: &Value, into: &mut Values<Option<f64>>) -> Result<(), String> {
    if let Value::Object(map) = value {
        for (key, inner) in map {
            let path = if prefix.is_empty() {
                key.clone()
            } else {
                format!("{prefix}/{key}")
            };
            paths(&path, inner, into)?;
        }
        return Ok(());
    }
    let mut values = Vec::new();
    flatten(value, &mut values)?;
    into.insert(prefix.to_owned(), values);
    Ok(())
}

fn flatten(value: &Value, into: &mut Vec<Option<f64>>) -> Result<(), String> {
    match value {
        Value::Null => into.push(None),
        Value::Number(number) => into.push(number.as_f64()),
        Value::String(text) => into.push(Some(number(text)?)),
        Value::Array(items) => return items.iter().try_for_each(|item| flatten(item, into)),
        Value::Bool(_) | Value::Object(_) => return Err(format!("{value} is not a number")),
    }
    Ok(())
}

fn number(text: &str) -> Result<f64, String> {
    let text = text.trim();
    text.parse()
        .map_err(|_| format!("`{text}` is not a number"))
}

fn from_csv(text: &str) -> Result<Vec<Point>, String> {
    let mut lines = text.lines().enumerate();
    if lines.next().map(|(_, line)| line.trim()) != Some(HEADER) {
        return Err(format!("the first line is not `{HEADER}`"));
    }
    let mut points: Vec<(String, Point)> = Vec::new();
    for (i, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        let wrong = |what: String| format!("line {}: {what}", i + 1);
        let cells: Vec<&str> = line.trim_end().split(',').collect();
        let [id, _, sizes, name, _, float, _, actual] = cells[..] else {
            return Err(wrong(format!("{} cells instead of 8", cells.len())));
        };
        if points.last().is_none_or(|(last, _)| last != id) {
            let point = Point {
                id: points.len(),
                kind: "given".to_owned(),
                sizes: sizes_of(sizes).map_err(wrong)?,
                given: Values::new(),
                expected: Values::new(),
                actual: Values::new(),
            };
            points.push((id.to_owned(), point));
        }
        let Some((_, point)) = points.last_mut() else {
            continue;
        };
        let is_given = ["parameters/", "inputs/", "noise/", "z/"]
            .iter()
            .any(|group| name.starts_with(group));
        if is_given {
            let value = number(float).map_err(wrong)?;
            point.given.entry(name.to_owned()).or_default().push(value);
        } else {
            let value = match actual.trim() {
                "" => None,
                text => Some(number(text).map_err(wrong)?),
            };
            point.actual.entry(name.to_owned()).or_default().push(value);
        }
    }
    Ok(points.into_iter().map(|(_, point)| point).collect())
}

fn sizes_of(cell: &str) -> Result<BTreeMap<String, usize>, String> {
    cell.split_whitespace()
        .map(|part| {
            let pair = part.split_once('=').and_then(|(name, size)| {
                let size = size.parse().ok()?;
                Some((name.to_owned(), size))
            });
            pair.ok_or(format!("`{part}` is not a size"))
        })
        .collect()
}
