//! Open intervals against enclosures of points inside their boxes.

use crate::{Operator, Sequence, operators};
use reparam_check::number::{Binary, Enclosure, Open, Precision, Ternary, Unary};

#[test]
fn open_intervals_hold_what_is_inside() {
    let mut sequence = Sequence(11);
    let (mut regular, mut open) = (0, 0);
    for (operator, ranges) in operators() {
        for _ in 0..20 {
            let boxes: Vec<[f64; 2]> = ranges
                .iter()
                .map(|&range| {
                    let (a, b) = (sequence.point(range), sequence.point(range));
                    [a.min(b), a.max(b)]
                })
                .collect();
            if boxes.iter().any(|[a, b]| b - a < 1e-3) {
                continue;
            }
            let sides: Vec<Open> = boxes
                .iter()
                .map(|&[a, b]| Open::between((a, true), (b, true)))
                .collect();
            let whole = operator.apply(&sides, &());
            if !whole.is_regular() {
                continue;
            }
            regular += 1;
            let [(low, open_low), (high, open_high)] = whole.ends();
            open += usize::from(open_low) + usize::from(open_high);
            for corner in 0..6 {
                let points: Vec<Enclosure> = boxes
                    .iter()
                    .enumerate()
                    .map(|(k, &[a, b])| match corner {
                        0..4 if corner >> (k % 2) & 1 == 0 => a + (b - a) / 1e6,
                        0..4 => b - (b - a) / 1e6,
                        _ => sequence
                            .point([a, b])
                            .clamp(a + (b - a) / 1e6, b - (b - a) / 1e6),
                    })
                    .map(Enclosure::from_f64)
                    .collect();
                let value = operator.apply(&points, &Precision(160));
                let bound = |at: f64| Enclosure::from_f64(at);
                let above = match open_low {
                    true => bound(low).certainly_less(&value),
                    false => !value.certainly_less(&bound(low)),
                };
                let below = match open_high {
                    true => value.certainly_less(&bound(high)),
                    false => !bound(high).certainly_less(&value),
                };
                assert!(
                    value.is_finite() && above && below,
                    "{operator:?} over {boxes:?} gives {whole:?} but at {points:?} {}",
                    value.digits(20)
                );
            }
        }
    }
    assert!(
        regular > 300 && open > 250,
        "{regular} regular, {open} open ends"
    );
}

#[test]
fn jumps_and_poles_are_not_regular() {
    let across = |end: f64| Open::between((-end, false), (end, false));
    let right = Open::between((0.0, false), (2.0, false));
    for (operator, sides) in [
        (Operator::Unary(Unary::Floor), vec![right]),
        (Operator::Unary(Unary::Ceil), vec![right]),
        (Operator::Unary(Unary::Round), vec![right]),
        (Operator::Unary(Unary::Sign), vec![right]),
        (Operator::Unary(Unary::Log), vec![right]),
        (Operator::Unary(Unary::Tan), vec![across(2.0)]),
        (Operator::Unary(Unary::Lgamma), vec![across(0.5)]),
        (Operator::Unary(Unary::Polygamma(0)), vec![across(0.5)]),
        (Operator::Unary(Unary::Polygamma(1)), vec![across(0.5)]),
        (Operator::Binary(Binary::Div), vec![right, right]),
        (Operator::Binary(Binary::Mod), vec![right, right]),
        (Operator::Binary(Binary::Pow), vec![across(1.0), right]),
        (
            Operator::Binary(Binary::Atan2),
            vec![across(1.0), across(1.0)],
        ),
        (Operator::Binary(Binary::Less), vec![across(1.0), right]),
        (
            Operator::Ternary(Ternary::Select),
            vec![Open::between((0.0, false), (1.0, false)), right, right],
        ),
    ] {
        let value = operator.apply(&sides, &());
        assert!(!value.is_regular(), "{operator:?} gives {value:?}");
    }
}
