//! Vectors as JSON: every quantity as a number, and beside it as text of thirty digits.

use super::{Point, Values, Vectors};
use serde_json::{Map, Value, json};

/// Digits of the decimal texts.
pub(super) const DIGITS: usize = 30;

/// All points, ending in a line break. A library writes what it computed into `actual`, in the
/// form of `expected`.
pub fn write(vectors: &Vectors) -> String {
    let points: Vec<Value> = vectors.points.iter().map(|p| point(vectors, p)).collect();
    let whole = json!({
        "schema": 1,
        "tool": "reparam-check",
        "spec": vectors.spec,
        "points": points,
    });
    format!("{whole:#}\n")
}

fn point(vectors: &Vectors, point: &Point) -> Value {
    let mut object = Map::new();
    object.insert("id".to_owned(), json!(point.id));
    object.insert("kind".to_owned(), json!(point.kind));
    object.insert("dimensions".to_owned(), json!(point.sizes));
    nest(&mut object, vectors, point, &point.given, |v| json!(v));
    let mut expected = Map::new();
    nest(&mut expected, vectors, point, &point.expected, |v| {
        let float = v.as_ref().and_then(|v| v.to_f64_nearest());
        json!(float.filter(|f| f.is_finite()))
    });
    let mut decimal = Map::new();
    nest(&mut decimal, vectors, point, &point.expected, |v| {
        json!(v.as_ref().map(|v| v.digits(DIGITS)))
    });
    let mut actual = Map::new();
    nest(&mut actual, vectors, point, &point.actual, |v| json!(v));
    object.insert("expected".to_owned(), Value::Object(expected));
    object.insert("decimal".to_owned(), Value::Object(decimal));
    object.insert("actual".to_owned(), Value::Object(actual));
    Value::Object(object)
}

/// Paths as objects within objects, shapes as lists within lists.
fn nest<T>(
    into: &mut Map<String, Value>,
    vectors: &Vectors,
    point: &Point,
    values: &Values<T>,
    show: impl Fn(&T) -> Value,
) {
    for (name, values) in values {
        let leaves: Vec<Value> = values.iter().map(&show).collect();
        let leaf = shaped(&leaves, vectors.shape(point, name));
        let mut at = &mut *into;
        let mut steps: Vec<&str> = name.split('/').collect();
        let last = steps.pop().unwrap_or_default();
        for step in steps {
            let inner = at.entry(step).or_insert_with(|| Value::Object(Map::new()));
            at = inner
                .as_object_mut()
                .expect("invariant: a name is never both a group and a quantity");
        }
        at.insert(last.to_owned(), leaf);
    }
}

fn shaped(leaves: &[Value], shape: &[usize]) -> Value {
    match shape.split_first() {
        None => leaves.first().cloned().unwrap_or(Value::Null),
        Some((_, inner)) => {
            let size = inner.iter().product::<usize>().max(1);
            Value::Array(leaves.chunks(size).map(|c| shaped(c, inner)).collect())
        }
    }
}
