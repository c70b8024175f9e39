//! Enclosures against enclosures of parts of their arguments, and of higher precision.

use crate::{Sequence, exact, operators, rational};
use reparam_check::number::{Enclosure, Number, Precision, Rational};

#[test]
fn wide_enclosures_hold_every_point_within() {
    let mut sequence = Sequence(7);
    for (operator, ranges) in operators() {
        for round in 0..50 {
            // From wide to narrow, down to a few units in the last place.
            let scale = 2f64.powi(-round);
            let boxes: Vec<[f64; 2]> = ranges
                .iter()
                .map(|&range| {
                    let a = sequence.point(range);
                    let b = a + (sequence.point(range) - a) * scale;
                    [a.min(b), a.max(b)]
                })
                .collect();
            let intervals: Vec<Enclosure> = boxes
                .iter()
                .map(|[a, b]| Enclosure::between(&exact(*a), &exact(*b), Precision(64)))
                .collect();
            let whole = operator.apply(&intervals, &Precision(64));
            for corner in 0..6 {
                let points: Vec<f64> = boxes
                    .iter()
                    .enumerate()
                    .map(|(k, &[a, b])| match corner {
                        0..4 => {
                            if corner >> (k % 2) & 1 == 0 {
                                a
                            } else {
                                b
                            }
                        }
                        _ => sequence.point([a, b]).clamp(a, b),
                    })
                    .collect();
                let arguments: Vec<Enclosure> =
                    points.iter().map(|&x| Enclosure::from_f64(x)).collect();
                let value = operator.apply(&arguments, &Precision(160));
                // Undefined points must be announced; values must lie inside.
                let inside = if value.is_certainly_undefined() {
                    whole.is_possibly_undefined()
                } else {
                    !whole.is_certainly_undefined() && meets(&whole, &value)
                };
                assert!(
                    inside,
                    "{operator:?} over {boxes:?} gives {} but at {points:?} {}",
                    whole.digits(20),
                    value.digits(20)
                );
            }
        }
    }
}

/// Whether a narrow enclosure lies in a wide one, its own width aside.
fn meets(whole: &Enclosure, value: &Enclosure) -> bool {
    let (low, high) = (value.lower_f64(), value.upper_f64());
    // f64 bounds are outward, so this only misses escapes below one unit in the last place.
    whole.lower_f64() <= high && low <= whole.upper_f64()
}

#[test]
fn higher_precision_refines() {
    let mut sequence = Sequence(11);
    for (operator, ranges) in operators() {
        for _ in 0..12 {
            let points: Vec<f64> = ranges.iter().map(|&range| sequence.point(range)).collect();
            let arguments: Vec<Enclosure> =
                points.iter().map(|&x| Enclosure::from_f64(x)).collect();
            let values: Vec<Enclosure> = [24, 53, 120, 300]
                .map(|bits| operator.apply(&arguments, &Precision(bits)))
                .to_vec();
            for (k, value) in values.iter().enumerate() {
                for finer in &values[k + 1..] {
                    assert!(
                        value.overlaps(finer) && value.definedness() == finer.definedness(),
                        "{operator:?} at {points:?}: {} and {}",
                        value.digits(40),
                        finer.digits(40)
                    );
                }
            }
            let last = &values[3];
            let narrow = last.relative_bits().is_none_or(|bits| bits >= 290);
            assert!(
                narrow || last.is_certainly_undefined(),
                "{operator:?} at {points:?}: {:?} bits, {}",
                last.relative_bits(),
                last.digits(60)
            );
        }
    }
}

/// Where functions vanish, saturate, or are reduced, arguments far closer than the precision.
#[test]
fn low_precision_agrees_with_high_beside_special_points() {
    let special = ["0", "1", "-1", "1/2", "2", "-2", "3", "16", "-3/2"];
    let mut points: Vec<Rational> = Vec::new();
    for offset in [3, 20, 65, 130, 400, 900] {
        let small = Rational::from(5) / Rational::from(2).pow(offset);
        for at in special {
            points.push(rational(at) + &small);
            points.push(rational(at) - &small);
        }
        // Multiples of π/4, cut at that many bits.
        let pi = Enclosure::pi(&Precision(offset.unsigned_abs() + 2))
            .lower()
            .unwrap();
        for multiple in [1, 2, 3, 4, 6, 8, 400, -2, -4] {
            points.push(&pi * Rational::from(multiple) / Rational::from(4));
        }
    }
    for (operator, ranges) in operators() {
        if ranges.len() > 1 {
            continue;
        }
        for x in &points {
            let argument = [Enclosure::exact(x, Precision(16))];
            let fine = operator.apply(&argument, &Precision(1100));
            for bits in [16, 53] {
                let coarse = operator.apply(&argument, &Precision(bits));
                let shown = || format!("{operator:?} at {}", argument[0].digits(400));
                assert_eq!(coarse.definedness(), fine.definedness(), "{}", shown());
                assert!(
                    coarse.overlaps(&fine),
                    "{} at {bits} bits: {} but {}",
                    shown(),
                    coarse.digits(30),
                    fine.digits(30)
                );
            }
        }
    }
}
