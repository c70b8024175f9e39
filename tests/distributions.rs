//! Distributions of the catalogue against true values from an independent source.
//!
//! `tests/data/distributions.py` integrates textbook densities by mpmath and holds them to scipy; here the
//! formulas of `specs/` are evaluated at the same numbers, in enclosures of 128 bits and in binary64.
#![allow(clippy::unwrap_used, missing_docs)]

use reparam_check::graph::Id;
use reparam_check::model::Model;
use reparam_check::number::{Enclosure, Precision, Rational};
use reparam_check::tape::Tape;
use reparam_check::vectors::evaluators;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const TABLE: &str = include_str!("data/distributions.csv");

const BITS: Precision = Precision(128);

/// Half a unit in the 18th digit of the table, and the digits of u that it leaves out.
const TRUE: f64 = 2e-17;

/// What binary64 may lose, relative to 1 + size: some CDFs cancel a few digits.
const FLOAT64: f64 = 1e-12;

fn rational(text: &str) -> Rational {
    let (text, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (top, bottom) = text.split_once('/').unwrap_or((text, "1"));
    let (whole, fraction) = top.split_once('.').unwrap_or((top, ""));
    let digits: Rational = format!("{whole}{fraction}").parse().unwrap();
    let bottom: Rational = bottom.parse().unwrap();
    let shift = exponent.parse::<isize>().unwrap() - isize::try_from(fraction.len()).unwrap();
    digits * Rational::from(10).pow(shift) / bottom
}

/// A line of the table.
struct Row {
    text: &'static str,
    spec: &'static str,
    given: BTreeMap<&'static str, Vec<Rational>>,
    quantity: &'static str,
    argument: Option<Rational>,
    value: Rational,
}

fn rows() -> Vec<Row> {
    let row = |text: &'static str| {
        let cells: Vec<&str> = text.split(',').collect();
        let [spec, given, quantity, argument, value] = cells[..] else {
            panic!("{text} has five cells");
        };
        let given = given.split(' ').map(|pair| {
            let (name, values) = pair.split_once('=').unwrap();
            (name, values.split(';').map(rational).collect())
        });
        Row {
            text,
            spec,
            given: given.collect(),
            quantity,
            argument: (!argument.is_empty()).then(|| rational(argument)),
            value: rational(value),
        }
    };
    TABLE.lines().skip(1).map(row).collect()
}

/// The spec at its smallest sizes.
fn model(spec: &str) -> Model {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("specs/{spec}.yaml"));
    let source = std::fs::read_to_string(path).unwrap();
    evaluators(&source).unwrap().1.swap_remove(0).model
}

/// The formula that a spec claims for a quantity of a scalar z, and the symbol of its argument.
fn claimed(model: &Model, quantity: &str) -> Option<(Id, Option<Id>)> {
    let target = model.target.as_ref()?;
    let z = model.output_symbols()[0];
    let claim = match quantity {
        "log_density" => target.log_density.as_ref().or(target.distribution.as_ref()),
        "entropy" => target.entropy.as_ref(),
        _ => target.moments.get(quantity),
    }?;
    let argument = match quantity {
        "log_density" | "cdf" => Some(z),
        "quantile" => target.u,
        _ => None,
    };
    Some((claim.elements[0], argument))
}

/// One row against the formula; none where the spec claims no such quantity.
#[track_caller]
fn compare(row: &Row, model: &Model) -> Option<()> {
    let (formula, argument) = claimed(model, row.quantity)?;
    let (mut symbols, mut values) = (Vec::new(), Vec::new());
    for variable in model.parameters.iter().chain(&model.inputs) {
        let given = &row.given[variable.name.as_str()];
        assert_eq!(given.len(), variable.symbols.len(), "{}", row.text);
        symbols.extend(&variable.symbols);
        values.extend(given.iter().cloned());
    }
    if let Some(symbol) = argument {
        symbols.push(symbol);
        values.push(row.argument.clone().unwrap());
    }
    let tape = Tape::new(&model.graph, &symbols, &[formula]).unwrap();
    let exact: Vec<Enclosure> = values.iter().map(|v| Enclosure::exact(v, BITS)).collect();
    let found = tape.evaluate(&exact, &BITS).swap_remove(0);
    let scale = 1.0 + row.value.to_f64().value().abs();
    let slack = Rational::try_from(TRUE * scale).unwrap();
    let (low, high) = (&row.value - &slack, &row.value + &slack);
    let near = Enclosure::between(&low, &high, BITS);
    assert!(
        found.upper_f64() - found.lower_f64() <= 1e-15 * scale,
        "{}: only {} is known",
        row.text,
        found.digits(20)
    );
    assert!(
        near.overlaps(&found),
        "{}: found {}",
        row.text,
        found.digits(20)
    );
    let floats: Vec<f64> = values.iter().map(|v| v.to_f64().value()).collect();
    let float = tape.evaluate(&floats, &())[0];
    let off = (float - row.value.to_f64().value()).abs();
    assert!(
        off <= FLOAT64 * scale,
        "{}: float64 finds {float}, off {off:e}",
        row.text
    );
    Some(())
}

#[test]
fn the_catalogue_has_the_true_values() {
    let mut models: BTreeMap<&str, Model> = BTreeMap::new();
    let mut seen: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in rows() {
        let model = models.entry(row.spec).or_insert_with(|| model(row.spec));
        if compare(&row, model).is_some() {
            seen.entry(row.quantity).or_default().insert(row.spec);
        }
    }
    // What is compared for how many distributions: a claim that vanishes from a spec shows here.
    for (quantity, least) in [
        ("log_density", 55),
        ("cdf", 52),
        ("quantile", 39),
        ("mean", 43),
        ("variance", 41),
        ("entropy", 40),
    ] {
        let count = seen[quantity].len();
        assert!(count >= least, "{quantity} of {count} distributions only");
    }
}

#[test]
#[should_panic(expected = "variance")]
fn a_wrong_value_is_seen() {
    let mut row = rows()
        .into_iter()
        .find(|row| row.spec == "log_normal" && row.quantity == "variance")
        .unwrap();
    row.value *= rational("1.0000000000000001");
    compare(&row, &model("log_normal"));
}
