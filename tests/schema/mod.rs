//! JSON Schema (draft 7), the part of it that the schemas of this project and of SARIF use. A
//! keyword that is not known here panics: a schema is checked whole or not at all.

use serde_json::{Map, Value};

/// Keywords that say nothing about whether a value is valid.
const SILENT: [&str; 11] = [
    "$schema",
    "$id",
    "title",
    "description",
    "markdownDescription",
    "default",
    "examples",
    "definitions",
    // Formats are hints, also to most validators.
    "format",
    "additionalItems",
    "$comment",
];

/// What is wrong with a value, each with its place; nothing where it is valid.
pub(crate) fn errors(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    check(schema, schema, value, "$", &mut found);
    found
}

fn check(root: &Value, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    let schema = match schema {
        Value::Bool(true) => return,
        Value::Bool(false) => {
            found.push(format!("{at}: nothing is allowed here"));
            return;
        }
        schema => schema.as_object().expect("a schema is a map"),
    };
    if let Some(target) = schema.get("$ref") {
        let target = target.as_str().expect("a reference is text");
        let path = target.strip_prefix('#').expect("references are local");
        let target = root.pointer(path).expect("a reference leads somewhere");
        // Beside a reference, draft 7 looks at nothing else.
        return check(root, target, value, at, found);
    }
    for (keyword, rule) in schema {
        let count = |rules: &Value| {
            let rules = rules.as_array().expect("a list of schemas");
            let valid = |rule: &&Value| {
                let mut inner = Vec::new();
                check(root, rule, value, at, &mut inner);
                inner.is_empty()
            };
            rules.iter().filter(valid).count()
        };
        let holds = match keyword.as_str() {
            keyword if SILENT.contains(&keyword) => true,
            "type" => match rule {
                Value::Array(types) => types.iter().any(|t| is_of(t, value)),
                one => is_of(one, value),
            },
            "enum" => rule.as_array().expect("a list of values").contains(value),
            "const" => rule == value,
            "anyOf" => count(rule) > 0,
            "oneOf" => count(rule) == 1,
            "allOf" => count(rule) == rule.as_array().map_or(0, Vec::len),
            "not" => {
                let mut inner = Vec::new();
                check(root, rule, value, at, &mut inner);
                !inner.is_empty()
            }
            "minimum" => value.as_f64().is_none_or(|v| Some(v) >= rule.as_f64()),
            "maximum" => value.as_f64().is_none_or(|v| Some(v) <= rule.as_f64()),
            "minLength" => value
                .as_str()
                .is_none_or(|v| Some(v.chars().count() as u64) >= rule.as_u64()),
            "pattern" => value
                .as_str()
                .is_none_or(|v| matches(rule.as_str().expect("a pattern is text"), v)),
            "minItems" => value
                .as_array()
                .is_none_or(|v| Some(v.len() as u64) >= rule.as_u64()),
            "maxItems" => value
                .as_array()
                .is_none_or(|v| Some(v.len() as u64) <= rule.as_u64()),
            "minProperties" => value
                .as_object()
                .is_none_or(|v| Some(v.len() as u64) >= rule.as_u64()),
            "maxProperties" => value
                .as_object()
                .is_none_or(|v| Some(v.len() as u64) <= rule.as_u64()),
            "uniqueItems" => value
                .as_array()
                .is_none_or(|v| (1..v.len()).all(|i| !v[..i].contains(&v[i]))),
            "required" => value.as_object().is_none_or(|object| {
                let keys = rule.as_array().expect("a list of keys");
                keys.iter()
                    .all(|key| object.contains_key(key.as_str().expect("a key is text")))
            }),
            "items" => {
                for (i, item) in value.as_array().into_iter().flatten().enumerate() {
                    check(root, rule, item, &format!("{at}[{i}]"), found);
                }
                true
            }
            "propertyNames" => {
                for key in value.as_object().into_iter().flat_map(Map::keys) {
                    let name = Value::String(key.clone());
                    check(root, rule, &name, &format!("{at}.{key}"), found);
                }
                true
            }
            "properties" => {
                for (key, rule) in rule.as_object().expect("a map of schemas") {
                    if let Some(inner) = value.get(key) {
                        check(root, rule, inner, &format!("{at}.{key}"), found);
                    }
                }
                true
            }
            "additionalProperties" => {
                let listed = schema.get("properties").and_then(Value::as_object);
                for (key, inner) in value.as_object().into_iter().flatten() {
                    if listed.is_none_or(|l| !l.contains_key(key)) {
                        check(root, rule, inner, &format!("{at}.{key}"), found);
                    }
                }
                true
            }
            "dependencies" | "if" | "then" | "else" => panic!("`{keyword}` is not known here"),
            other => panic!("`{other}` is not known here"),
        };
        if !holds {
            found.push(format!("{at}: not as `{keyword}: {rule}` asks: {value}"));
        }
    }
}

/// The only pattern in use; others would need a library.
fn matches(pattern: &str, text: &str) -> bool {
    assert_eq!(pattern, "^[a-z0-9_-]+$", "the pattern is not known here");
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c);
    !text.is_empty() && text.chars().all(allowed)
}

fn is_of(kind: &Value, value: &Value) -> bool {
    match kind.as_str().expect("a type is text") {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        other => panic!("the type `{other}` is not known here"),
    }
}
