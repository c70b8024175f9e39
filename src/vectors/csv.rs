//! Vectors as CSV: a row for each component of each thing given and each quantity.

use super::json::DIGITS;
use super::{Point, Vectors};
use std::fmt::Write;

/// The first row.
pub(super) const HEADER: &str = "point,kind,dimensions,quantity,index,float64,decimal,actual";

/// All points, ending in a line break. A library writes what it computed into the last column. No
/// cell holds a comma or a quotation mark.
pub fn write(vectors: &Vectors) -> String {
    let mut out = format!("{HEADER}\n");
    for point in &vectors.points {
        for (name, values) in &point.given {
            for (i, value) in values.iter().enumerate() {
                row(&mut out, vectors, point, (name, i), &format!("{value:?},,"));
            }
        }
        for (name, values) in &point.expected {
            for (i, value) in values.iter().enumerate() {
                let float = value.as_ref().and_then(|v| v.to_f64_nearest());
                let float = float.map_or_else(String::new, |v| format!("{v:?}"));
                let decimal = value
                    .as_ref()
                    .map_or_else(String::new, |v| v.digits(DIGITS));
                let actual = point.actual.get(name).and_then(|a| *a.get(i)?);
                let actual = actual.map_or_else(String::new, |v| format!("{v:?}"));
                let cells = format!("{float},{decimal},{actual}");
                row(&mut out, vectors, point, (name, i), &cells);
            }
        }
    }
    out
}

fn row(out: &mut String, vectors: &Vectors, point: &Point, at: (&str, usize), cells: &str) {
    let (name, i) = at;
    let sizes: Vec<String> = point
        .sizes
        .iter()
        .map(|(n, s)| format!("{n}={s}"))
        .collect();
    let index = index(i, vectors.shape(point, name));
    let _ = writeln!(
        out,
        "{},{},{},{name},{index},{cells}",
        point.id,
        point.kind,
        sizes.join(" ")
    );
}

/// The place of a component in a shape, row by row, as `1;0`.
fn index(mut i: usize, shape: &[usize]) -> String {
    let mut places = Vec::new();
    for &size in shape.iter().rev() {
        places.push((i % size.max(1)).to_string());
        i /= size.max(1);
    }
    places.reverse();
    places.join(";")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_row_by_row() {
        assert_eq!(index(0, &[]), "");
        assert_eq!(index(5, &[2, 3]), "1;2");
        assert_eq!(index(3, &[4]), "3");
    }
}
