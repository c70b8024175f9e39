//! Vectors as CSV: a row for each component of each thing given and each quantity. What is read may
//! have its rows and columns in any order, as tables have after a journey through other programs.

use super::file::number;
use super::json::DIGITS;
use super::{Point, Values, Vectors};
use std::collections::BTreeMap;
use std::fmt::Write;

/// The first row.
const HEADER: &str = "point,kind,dimensions,quantity,index,float64,decimal,actual";

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

/// Where a row of a table has what is read of it; the order of columns is free, and others may be
/// there.
struct Columns {
    point: usize,
    quantity: usize,
    float64: usize,
    actual: usize,
    /// Without it every quantity has one component.
    index: Option<usize>,
    /// Without it the spec has no sizes.
    dimensions: Option<usize>,
}

impl Columns {
    fn of(header: &[String]) -> Result<Columns, String> {
        let place = |name: &str| header.iter().position(|cell| cell.trim() == name);
        let needed = |name: &str| {
            place(name).ok_or_else(|| {
                format!("line 1: there is no column `{name}`: the columns are `{HEADER}`")
            })
        };
        Ok(Columns {
            point: needed("point")?,
            quantity: needed("quantity")?,
            float64: needed("float64")?,
            actual: needed("actual")?,
            index: place("index"),
            dimensions: place("dimensions"),
        })
    }
}

/// A point as its rows tell of it, in any order: each component has its place.
#[derive(Default)]
struct Rows {
    sizes: BTreeMap<String, usize>,
    given: BTreeMap<String, BTreeMap<Vec<usize>, f64>>,
    actual: BTreeMap<String, BTreeMap<Vec<usize>, Option<f64>>>,
}

/// The points of a table, in the order in which they are first named. Rows may come in any order.
///
/// # Errors
/// What is wrong with the table, and on which line.
pub(super) fn read(text: &str) -> Result<Vec<Point>, String> {
    let mut lines = text.lines().enumerate();
    let header = lines.next().map_or_else(Vec::new, |(_, line)| cells(line));
    let columns = Columns::of(&header)?;
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut points: Vec<(String, Rows)> = Vec::new();
    for (i, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        let wrong = |what: String| format!("line {}: {what}", i + 1);
        let cells = cells(line);
        if cells.len() != header.len() {
            let (found, right) = (cells.len(), header.len());
            return Err(wrong(format!("{found} cells instead of {right}")));
        }
        let optional = |place: Option<usize>| place.map_or("", |place| cells[place].trim());
        let id = cells[columns.point].trim();
        let place = *places.entry(id.to_owned()).or_insert(points.len());
        let sizes = sizes_of(optional(columns.dimensions)).map_err(wrong)?;
        if place == points.len() {
            let rows = Rows {
                sizes,
                ..Rows::default()
            };
            points.push((id.to_owned(), rows));
        } else if points[place].1.sizes != sizes {
            return Err(wrong(format!("point {id} has other sizes above")));
        }
        let rows = &mut points[place].1;
        let name = cells[columns.quantity].trim();
        let index = index_of(optional(columns.index)).map_err(wrong)?;
        let is_given = ["parameters/", "inputs/", "noise/", "z/"]
            .iter()
            .any(|group| name.starts_with(group));
        let is_new = if is_given {
            let value = number(&cells[columns.float64]).map_err(wrong)?;
            let components = rows.given.entry(name.to_owned()).or_default();
            components.insert(index, value).is_none()
        } else {
            let value = match cells[columns.actual].trim() {
                "" => None,
                text => Some(number(text).map_err(wrong)?),
            };
            let components = rows.actual.entry(name.to_owned()).or_default();
            components.insert(index, value).is_none()
        };
        if !is_new {
            return Err(wrong(format!("`{name}` is there twice at point {id}")));
        }
    }
    let point = |(place, (id, rows)): (usize, (String, Rows))| Point {
        id: id.parse().unwrap_or(place),
        kind: "given".to_owned(),
        sizes: rows.sizes,
        given: in_order(rows.given),
        expected: Values::new(),
        actual: in_order(rows.actual),
    };
    Ok(points.into_iter().enumerate().map(point).collect())
}

/// Components row by row.
fn in_order<T>(named: BTreeMap<String, BTreeMap<Vec<usize>, T>>) -> Values<T> {
    let of = |(name, components): (String, BTreeMap<Vec<usize>, T>)| {
        (name, components.into_values().collect())
    };
    named.into_iter().map(of).collect()
}

/// The cells of a line. One in quotation marks may hold a comma, and two marks for one.
fn cells(line: &str) -> Vec<String> {
    let mut cells = Vec::new();
    let (mut cell, mut quoted, mut last) = (String::new(), false, None);
    for c in line.trim_end_matches('\r').chars() {
        match c {
            '"' => {
                if !quoted && last == Some('"') && !cell.is_empty() {
                    cell.push('"');
                }
                quoted = !quoted;
            }
            ',' if !quoted => cells.push(std::mem::take(&mut cell)),
            _ => cell.push(c),
        }
        last = Some(c);
    }
    cells.push(cell);
    cells
}

/// A place such as `1;0`; a scalar has the empty one.
fn index_of(cell: &str) -> Result<Vec<usize>, String> {
    let places = cell.split(';').filter(|part| !part.is_empty());
    let place = |part: &str| {
        // Programs that take a column with gaps for floating-point numbers write `0.0`.
        let part = part.trim().trim_end_matches(".0");
        let wrong = |_| format!("`{cell}` is not an index");
        part.parse().map_err(wrong)
    };
    places.map(place).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_may_be_quoted() {
        assert_eq!(cells("a,,b\r"), ["a", "", "b"]);
        assert_eq!(cells(r#""a,b","say ""so""",c"#), ["a,b", "say \"so\"", "c"]);
        assert_eq!(cells(r#""",1"#), ["", "1"]);
    }

    #[test]
    fn places_count_row_by_row() {
        assert_eq!(index(0, &[]), "");
        assert_eq!(index(5, &[2, 3]), "1;2");
        assert_eq!(index(3, &[4]), "3");
    }
}
