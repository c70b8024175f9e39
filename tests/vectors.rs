//! Test vectors: what is written, what comes back, and a library's own code against a spec.

use reparam_check::harness::{Implementation, Limits, Named, check};
use reparam_check::vectors::{Vectors, compare, csv, evaluators, json, read, vectors};
use statrs::distribution::{Continuous, ContinuousCDF};
use std::path::Path;

fn source(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("specs")
        .join(name);
    std::fs::read_to_string(path).expect("the spec is there")
}

fn all(name: &str) -> (String, Vectors) {
    let source = source(name);
    let all = vectors(&source, 9, 0).expect("the spec can be read");
    assert!(!all.points.is_empty(), "{name} has points");
    (source, all)
}

/// A library that rounds correctly.
fn fill(mut all: Vectors) -> Vectors {
    for point in &mut all.points {
        for (name, values) in &point.expected {
            let rounded = values.iter().map(|v| v.as_ref()?.to_f64_nearest());
            point.actual.insert(name.clone(), rounded.collect());
        }
    }
    all
}

#[test]
fn filled_in_vectors_are_within_half_a_unit() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|e| e != "yaml") {
            continue;
        }
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let (source, all) = all(&name);
        let (_, evaluators) = evaluators(&source).expect("the spec can be read");
        let all = fill(all);
        let mut by_format = Vec::new();
        for text in [json(&all), csv(&all)] {
            let points = read(&text).expect("what is written can be read");
            assert_eq!(points.len(), all.points.len());
            let found = compare(&evaluators, &points, Limits::default()).expect("it fits");
            assert!(found.passed(), "{name}: {found}");
            for (quantity, found) in &found.quantities {
                let worst = found.worst.expect("a value is compared").0;
                assert!(worst <= 0.5, "{name}: {quantity} is {worst} ulp off");
            }
            by_format.push(found.to_string());
        }
        assert_eq!(by_format[0], by_format[1], "{name}");
        seen += 1;
    }
    assert!(seen > 10, "{seen} specs");
}

/// Values of mpmath 1.4 at 45 digits, at the float64 numbers given.
#[test]
fn decimals_are_those_of_another_implementation() {
    let (_, all) = all("gumbel.yaml");
    let first = &all.points[0];
    assert_eq!(first.given["noise/u"], [0.25]);
    assert_eq!(first.given["parameters/beta"], [2.0]);
    assert_eq!(first.given["z/z"], [-0.653268519956562]);
    for (name, digits) in [
        ("transform/z", "-0.653268519956561964809585926451"),
        ("log_density", "-1.75280728170155495037199857372"),
        ("score/z", "0.193147180559945317536835398964"),
        ("log_abs_det_jacobian", "1.75280728170155494584690340115"),
        ("velocity/beta/z", "-0.326634259978280982404792963226"),
    ] {
        let value = first.expected[name][0].as_ref().expect("it is known");
        assert_eq!(value.digits(30), digits, "{name}");
    }
}

/// A density by the first coordinates and one by all of them agree on the simplex only.
#[test]
fn z_on_a_simplex_sums_to_one_exactly() {
    let (_, all) = all("simplex_stick_breaking.yaml");
    let mut seen = 0;
    for z in all.points.iter().filter_map(|point| point.given.get("z/z")) {
        // Multiples of 2⁻⁴⁰ below 1 add without rounding.
        assert_eq!(z.iter().sum::<f64>(), 1.0, "{z:?}");
        assert!(z.iter().all(|&v| v > 0.0));
        seen += 1;
    }
    assert!(seen > 3, "{seen} points have a z");
}

#[test]
fn a_wrong_value_is_refuted_where_it_stands() {
    let (source, all) = all("gumbel.yaml");
    let (_, evaluators) = evaluators(&source).expect("the spec can be read");
    let mut points = fill(all).points;
    for (value, refuted) in [
        (1.0 + 1e-9, false),
        (1.0 + 1e-5, true),
        (f64::NAN, true),
        (f64::INFINITY, true),
    ] {
        let old = points[4].actual["log_density"][0].expect("it is filled in");
        let slot = points[4]
            .actual
            .get_mut("log_density")
            .expect("it is there");
        slot[0] = Some(old * value);
        let found = compare(&evaluators, &points, Limits::default()).expect("it fits");
        assert_eq!(found.misses.len(), usize::from(refuted), "{value}");
        if refuted {
            let miss = &found.misses[0];
            assert_eq!((miss.point, miss.quantity.as_str()), (4, "log_density"));
        }
        points[4]
            .actual
            .get_mut("log_density")
            .expect("it is there")[0] = Some(old);
    }
    let strict = Limits {
        ulps: Some(0.5),
        ..Limits::default()
    };
    assert!(
        compare(&evaluators, &points, strict)
            .expect("it fits")
            .passed()
    );
    let slot = points[0]
        .actual
        .get_mut("transform/z")
        .expect("it is there");
    slot[0] = slot[0].map(f64::next_up);
    let found = compare(&evaluators, &points, strict).expect("it fits");
    assert_eq!(found.misses.len(), 1, "{found}");
}

#[track_caller]
fn check_refused(text: &str, message: &str) {
    let (_, evaluators) = evaluators(&source("gumbel.yaml")).expect("the spec can be read");
    let found = read(text).and_then(|points| compare(&evaluators, &points, Limits::default()));
    let error = found.expect_err("it is refused");
    assert!(error.contains(message), "{error}");
}

#[test]
fn files_that_do_not_fit_are_refused() {
    let point =
        |given: &str, actual: &str| format!("{{\"points\": [{{{given}, \"actual\": {actual}}}]}}");
    let given = r#""parameters": {"mu": 0, "beta": 1}, "noise": {"u": 0.5}"#;
    check_refused(
        &point(given, r#"{"mean": 1}"#),
        "the spec has no `mean` there",
    );
    check_refused(
        &point(given, r#"{"transform": {"z": [1, 2]}}"#),
        "2 values instead of 1",
    );
    check_refused(
        &point(given, r#"{"transform": {"z": "x"}}"#),
        "`x` is not a number",
    );
    check_refused(
        &point(given, r#"{"transform": {"z": true}}"#),
        "true is not a number",
    );
    check_refused(
        &point(
            r#""parameters": {"mu": 0, "beta": -1}, "noise": {"u": 0.5}"#,
            r#"{"transform": {"z": 1}}"#,
        ),
        "outside its domain",
    );
    check_refused(
        &point(r#""parameters": {"mu": 0}, "noise": {"u": 0.5}"#, "{}"),
        "`parameters/beta` is not given",
    );
    check_refused(&point(r#""dimensions": {"d": 2}"#, "{}"), "no such sizes");
    check_refused("{\"points\": [{\"noise\": {\"u\": NaN}}]}", "not JSON");
    check_refused("{}", "no list `points`");
    check_refused("a,b\n1,2\n", "there is no column `point`");
    check_refused(
        "point,kind,dimensions,quantity,index,float64,decimal,actual\n0,a,,noise/u\n",
        "line 2: 4 cells instead of 8",
    );
}

/// The Gumbel distribution of statrs, and inverse-transform sampling with its quantile.
struct Statrs;

fn gumbel(given: &Named) -> statrs::distribution::Gumbel {
    statrs::distribution::Gumbel::new(given.number("mu"), given.number("beta"))
        .expect("the parameters are good")
}

impl Implementation for Statrs {
    fn transform(&self, given: &Named, noise: &Named) -> Option<Vec<f64>> {
        Some(vec![gumbel(given).inverse_cdf(noise.number("u"))])
    }

    fn inverse(&self, given: &Named, z: &Named) -> Option<Vec<f64>> {
        Some(vec![gumbel(given).cdf(z.number("z"))])
    }

    fn log_density(&self, given: &Named, z: &Named) -> Option<f64> {
        Some(gumbel(given).ln_pdf(z.number("z")))
    }

    fn velocity(&self, _: &Named, noise: &Named, parameter: &str) -> Option<Vec<f64>> {
        let slope = if parameter == "mu" {
            1.0
        } else {
            -(-noise.number("u").ln()).ln()
        };
        Some(vec![slope])
    }
}

#[test]
fn the_gumbel_distribution_of_statrs_is_that_of_the_spec() {
    let found = check(&source("gumbel.yaml"), &Statrs, Limits::default()).expect("it fits");
    assert!(found.passed(), "{found}");
    let quantities: Vec<&str> = found.quantities.keys().map(String::as_str).collect();
    let claimed = [
        "inverse/u",
        "log_density",
        "transform/z",
        "velocity/beta/z",
        "velocity/mu/z",
    ];
    assert_eq!(quantities, claimed);
}

/// As in a library that took the rate for the scale.
struct RateForScale;

impl Implementation for RateForScale {
    fn transform(&self, given: &Named, noise: &Named) -> Option<Vec<f64>> {
        let y = -(-noise.number("u").ln()).ln();
        Some(vec![given.number("mu") + y / given.number("beta")])
    }
}

#[test]
fn a_wrong_implementation_is_refuted() {
    let found = check(&source("gumbel.yaml"), &RateForScale, Limits::default()).expect("it fits");
    assert!(!found.passed() && found.misses.len() > 30, "{found}");
}

/// Rows and columns in another order, a further column, quoted cells, and a byte order mark: what
/// spreadsheets and data frames make of a table.
#[test]
fn a_table_may_come_back_in_another_order() {
    for name in ["normal.yaml", "multivariate_normal.yaml"] {
        let (source, all) = all(name);
        let (_, evaluators) = evaluators(&source).expect("the spec can be read");
        let table = csv(&fill(all));
        let mut rows: Vec<String> = table
            .lines()
            .map(|line| {
                let mut cells: Vec<String> =
                    line.split(',').map(|cell| format!("\"{cell}\"")).collect();
                cells.reverse();
                cells.push("\"a, note\"".to_owned());
                cells.join(",")
            })
            .collect();
        rows[1..].reverse();
        let text = format!("\u{feff}{}\r\n", rows.join("\r\n"));
        let points = read(&text).expect("it can be read");
        let found = compare(&evaluators, &points, Limits::default()).expect("it fits");
        let straight = read(&table).expect("it can be read");
        let right = compare(&evaluators, &straight, Limits::default()).expect("it fits");
        assert!(right.passed(), "{name}: {right}");
        for (quantity, right) in &right.quantities {
            let found = &found.quantities[quantity];
            assert_eq!((found.values, found.refuted), (right.values, 0));
            assert_eq!(found.missing, right.missing, "{name}: {quantity}");
        }
    }
}

#[test]
fn what_is_wrong_with_a_table_is_said_at_its_line() {
    let (_, all) = all("gumbel.yaml");
    let table = csv(&fill(all));
    let first = table.lines().nth(1).expect("a row");
    for (wrong, message) in [
        (
            table.replacen("actual", "value", 1),
            "line 1: there is no column `actual`",
        ),
        (format!("{table}{first}\n"), "is there twice at point 0"),
        (format!("{table}1,2\n"), "2 cells instead of 8"),
        (
            table.replacen("0,simple,,noise/u,,", "0,simple,,noise/u,x,", 1),
            "line 2: `x` is not an index",
        ),
    ] {
        let error = read(&wrong).expect_err("it is wrong");
        assert!(error.contains(message), "{error}");
    }
}

#[test]
fn values_left_out_are_counted() {
    let (source, all) = all("gumbel.yaml");
    let (_, evaluators) = evaluators(&source).expect("the spec can be read");
    let mut all = fill(all);
    for point in all.points.iter_mut().skip(2) {
        point.actual.insert("log_density".to_owned(), vec![None]);
    }
    let left_out = all.points.len() - 2;
    let points = read(&csv(&all)).expect("it can be read");
    let found = compare(&evaluators, &points, Limits::default()).expect("it fits");
    assert_eq!(found.quantities["log_density"].values, 2);
    assert_eq!(found.quantities["log_density"].missing, left_out);
    assert!(
        found.to_string().contains("2 values, 7 not filled in"),
        "{found}"
    );
    all.points[0]
        .actual
        .insert("log_prob".to_owned(), vec![Some(1.0)]);
    let points = read(&json(&all)).expect("it can be read");
    let error = compare(&evaluators, &points, Limits::default()).expect_err("no such quantity");
    assert!(
        error.contains("no `log_prob` there, but `inverse/u`"),
        "{error}"
    );
}
