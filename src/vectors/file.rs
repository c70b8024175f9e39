//! Vectors as they come back from a library: JSON or CSV, only what is given and what was computed.

use super::{Point, Values, csv};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The points of a file with their sizes, what is given and what was computed.
///
/// # Errors
/// What is wrong with the file, and where.
pub fn read(text: &str) -> Result<Vec<Point>, String> {
    // Spreadsheets write a byte order mark.
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with('{') {
        from_json(text)
    } else {
        csv::read(text)
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
    let id = value.get("id").and_then(Value::as_u64);
    let place = id.and_then(|id| id.try_into().ok()).unwrap_or(place);
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

pub(super) fn number(text: &str) -> Result<f64, String> {
    let text = text.trim();
    text.parse()
        .map_err(|_| format!("`{text}` is not a number"))
}
