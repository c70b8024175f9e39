//! Edges of domains, infinities, enormous values, and conversions.

use crate::{Operator, Sequence, exact, operators, rational};
use reparam_check::number::{Binary, Enclosure, Number, Precision, Rational, Ternary, Unary};

fn parse(text: &str) -> Enclosure {
    match text {
        "inf" => Enclosure::from_f64(f64::INFINITY),
        "-inf" => Enclosure::from_f64(f64::NEG_INFINITY),
        "nan" => Enclosure::undefined(),
        _ => match text.split_once("..") {
            Some((low, "inf")) => parse(low).hull(&parse("inf")),
            Some(("-inf", high)) => parse("-inf").hull(&parse(high)),
            Some((low, high)) => Enclosure::between(&rational(low), &rational(high), Precision(64)),
            None => Enclosure::exact(&rational(text), Precision(64)),
        },
    }
}

#[track_caller]
fn check(operator: Operator, arguments: &str, expected: &str) {
    let arguments: Vec<Enclosure> = arguments.split(' ').map(parse).collect();
    let value = operator.apply(&arguments, &Precision(64));
    assert_eq!(value.digits(16), expected, "{operator:?} {arguments:?}");
}

#[test]
fn edges_of_domains_are_told() {
    use Binary::*;
    use Unary::*;
    let unary = [
        (Log, "0", "-inf"),
        (Log, "-1", "undefined"),
        (Log, "0..1", "[-inf, 0]"),
        (Log, "-1..1", "[-inf, 0] or undefined"),
        (Log, "inf", "inf"),
        (Log1p, "-1", "-inf"),
        (Exp, "-inf", "0"),
        (Exp, "inf", "inf"),
        (Sqrt, "-1", "undefined"),
        (Sqrt, "9/4", "1.5"),
        (Sqrt, "-1..4", "[0, 2] or undefined"),
        (Sin, "inf", "undefined"),
        (Sin, "3..inf", "[-1, 1] or undefined"),
        (Sin, "0..7", "[-1, 1]"),
        (Tan, "1..2", "[-inf, inf] or undefined"),
        (Asin, "2", "undefined"),
        (Acosh, "1", "0"),
        (Acosh, "1/2", "undefined"),
        (Atanh, "1", "inf"),
        (Atanh, "-1", "-inf"),
        (Atanh, "2", "undefined"),
        (Tanh, "inf", "1"),
        (Sigmoid, "-inf", "0"),
        (Softplus, "-inf", "0"),
        (Erf, "-inf", "-1"),
        (Erfc, "inf", "0"),
        (ErfInv, "1", "inf"),
        (ErfInv, "1.5", "undefined"),
        (NormalIcdf, "0", "-inf"),
        (NormalIcdf, "1/2", "0"),
        (NormalIcdf, "-1", "undefined"),
        (NormalLogCdf, "-inf", "-inf"),
        (NormalLogCdf, "inf", "0"),
        (Lgamma, "0", "undefined"),
        (Lgamma, "-3", "undefined"),
        (Lgamma, "-3..-2.5", "[-inf, inf] or undefined"),
        (Lgamma, "2", "0"),
        (Lgamma, "inf", "inf"),
        (Polygamma(0), "-1", "undefined"),
        (Polygamma(1), "inf", "0"),
        (Floor, "-1/2", "-1"),
        (Floor, "inf", "inf"),
        (Round, "5/2", "2"),
        (Round, "-3/2", "-2"),
        (Round, "0.4..0.6", "[0, 1]"),
        (Sign, "-inf", "-1"),
        (Sign, "-1..0", "[-1, 0]"),
        (Not, "1", "0"),
        (Neg, "nan", "undefined"),
        (LogBesselI0, "-inf", "inf"),
        (BesselRatio, "-inf", "-1"),
    ];
    for (f, arguments, expected) in unary {
        check(Operator::Unary(f), arguments, expected);
    }
    let binary = [
        (Add, "inf -inf", "undefined"),
        (Add, "inf 1", "inf"),
        (Add, "1..inf -inf", "[-inf, inf] or undefined"),
        (Sub, "inf inf", "undefined"),
        (Mul, "0 inf", "undefined"),
        (Mul, "0 1..inf", "0 or undefined"),
        (Mul, "-2 inf", "-inf"),
        (Div, "1 0", "undefined"),
        (Div, "0 0", "undefined"),
        (Div, "1 0..1", "[1, inf] or undefined"),
        (Div, "1 -1..1", "[-inf, inf] or undefined"),
        (Div, "1 inf", "0"),
        (Div, "inf inf", "undefined"),
        (Div, "inf -2", "-inf"),
        (Pow, "0 0", "1"),
        (Pow, "0 -1", "undefined"),
        (Pow, "0 1/3", "0"),
        (Pow, "-8 1/3", "undefined"),
        (Pow, "-8 0.3..0.4", "undefined"),
        (Pow, "-2 2.5..3.5", "[-11.3, 11.3] or undefined"),
        (Pow, "-2 3", "-8"),
        (Pow, "-2 -2", "0.25"),
        (Pow, "0..2 -1", "[0.5, inf] or undefined"),
        (Pow, "-1..2 2", "[0, 4]"),
        (Pow, "0 0..1", "[0, 1]"),
        (Pow, "2 inf", "inf"),
        (Pow, "1/2 inf", "0"),
        (Pow, "1 inf", "undefined"),
        (Pow, "inf 0", "1"),
        (Mod, "7 3", "1"),
        (Mod, "-7 3", "2"),
        (Mod, "7 -3", "-2"),
        (Mod, "1 0", "undefined"),
        (Mod, "1..2 0..1", "[0, 1] or undefined"),
        (Mod, "inf 2", "undefined"),
        (Atan2, "0 1", "0"),
        (Atan2, "0 0", "undefined"),
        (Atan2, "0 -1", "3.141592653589793"),
        (Atan2, "-1 0", "-1.570796326794897"),
        (Atan2, "-1..1 -1", "[-3.14, 3.14]"),
        (Less, "1 2", "1"),
        (Less, "2 2", "0"),
        (LessEqual, "2 2", "1"),
        (Less, "1..3 2", "[0, 1]"),
        (Equal, "2 2", "1"),
        (Equal, "inf inf", "1"),
        (Equal, "1 2", "0"),
        (Equal, "1..3 2", "[0, 1]"),
        (And, "0..1 0", "0"),
        (And, "0..1 1", "[0, 1]"),
        (Or, "0..1 1", "1"),
        (GammaP, "0 1", "undefined"),
        (GammaP, "-1 1", "undefined"),
        (GammaP, "1 -1", "undefined"),
        (GammaP, "1 0", "0"),
        (GammaQ, "1 0", "1"),
        (GammaP, "2 inf", "1"),
        (GammaQ, "2 inf", "0"),
        (GammaPDa, "2 0", "0"),
        (GammaPDa, "2 inf", "0"),
    ];
    for (f, arguments, expected) in binary {
        check(Operator::Binary(f), arguments, expected);
    }
    let ternary = [
        (Ternary::Select, "1 2 nan", "2"),
        (Ternary::Select, "0 nan 3", "3"),
        (Ternary::Select, "0..1 2 3", "[2, 3]"),
        (Ternary::Select, "0..1 2 nan", "2 or undefined"),
        (Ternary::Select, "nan 2 2", "undefined"),
        (Ternary::BetaInc, "1 1 0", "0"),
        (Ternary::BetaInc, "1 1 1", "1"),
        (Ternary::BetaInc, "1 1 2", "undefined"),
        (Ternary::BetaInc, "0 1 1/2", "undefined"),
        (Ternary::BetaInc, "1 inf 1/2", "undefined"),
        (Ternary::BetaIncDa, "1 1 1", "0"),
    ];
    for (f, arguments, expected) in ternary {
        check(Operator::Ternary(f), arguments, expected);
    }
}

#[test]
fn enormous_values_neither_hang_nor_deceive() {
    let p = Precision(128);
    let unary = |f, x: &Enclosure| Enclosure::unary(f, x, &p);
    let ten = Enclosure::from_f64(10.0);
    let power = |n: f64| Enclosure::binary(Binary::Pow, &ten, &Enclosure::from_f64(n), &p);
    // log and exp undo each other as far out as exponents go.
    for x in [1e6, -1e9, 1e12] {
        let x = Enclosure::from_f64(x);
        let back = unary(Unary::Log, &unary(Unary::Exp, &x));
        assert!(back.encloses(&x) && back.relative_bits().is_none_or(|bits| bits > 80));
    }
    let nothing = unary(Unary::NormalLogCdf, &power(300.0));
    assert_eq!((nothing.lower_f64(), nothing.upper_f64()), (-5e-324, 0.0));
    let far = Enclosure::unary(Unary::Neg, &power(300.0), &p);
    assert_eq!(unary(Unary::NormalLogCdf, &far).digits(5), "-5e599");
    assert_eq!(
        unary(Unary::Exp, &Enclosure::from_f64(1e6)).digits(5),
        "3.0332e434294"
    );
    // Beyond the kept exponents bounds are lost, but never wrongly.
    let beyond = unary(Unary::Exp, &power(40.0));
    assert!(!beyond.is_finite() && beyond.is_exactly_infinite().is_none());
    assert!(ten.certainly_less(&beyond));
    let arguments: Vec<Enclosure> = [1e300, -1e300, 1e-300, -1e-300, 5e-324, 1e17, -1e17, 0.1]
        .map(Enclosure::from_f64)
        .into_iter()
        .chain([
            power(1e6),
            power(-1e6),
            power(1e11),
            power(-1e11),
            beyond,
            parse("-inf..inf"),
        ])
        .collect();
    for (operator, ranges) in operators() {
        let mut sequence = Sequence(3);
        for x in &arguments {
            let mut pick = || arguments[sequence.next() as usize % arguments.len()].clone();
            let chosen: Vec<Enclosure> = std::iter::once(x.clone())
                .chain(std::iter::repeat_with(&mut pick))
                .take(ranges.len())
                .collect();
            let coarse = operator.apply(&chosen, &Precision(40));
            let fine = operator.apply(&chosen, &Precision(100));
            let shown: Vec<String> = chosen.iter().map(|x| x.digits(5)).collect();
            assert!(coarse.overlaps(&fine), "{operator:?} {shown:?}");
        }
    }
}

#[test]
fn conversions_round_as_they_say() {
    let mut sequence = Sequence(5);
    for _ in 0..2000 {
        // Every binary64, bit pattern by bit pattern, and midpoints between neighbours.
        let x = f64::from_bits(sequence.next());
        if !x.is_finite() {
            continue;
        }
        let point = Enclosure::from_f64(x);
        assert_eq!(point.to_f64_nearest(), Some(x));
        assert_eq!((point.lower_f64(), point.upper_f64()), (x, x));
        assert_eq!(point.to_f32_nearest(), Some(x as f32));
        let parsed: f64 = point.digits(17).parse().unwrap();
        assert_eq!(parsed, x, "{}", point.digits(17));
        let next = x.next_up();
        if next.is_finite() {
            let middle = (exact(x) + exact(next)) / Rational::from(2);
            let even = if x.to_bits().is_multiple_of(2) {
                x
            } else {
                next
            };
            let middle = Enclosure::exact(&middle, Precision(64));
            assert_eq!(middle.to_f64_nearest(), Some(even));
            assert_eq!((middle.lower_f64(), middle.upper_f64()), (x, next));
        }
    }
    assert_eq!(parse("1e400").to_f64_nearest(), Some(f64::INFINITY));
    assert_eq!(parse("1..2").to_f64_nearest(), None);
    for (text, digits, expected) in [
        ("2", 16, "2"),
        ("-3/2", 16, "-1.5"),
        ("1/3", 5, "0.33333"),
        ("2.3e-17", 2, "2.3e-17"),
        ("123456789", 3, "1.23e8"),
        ("1e30", 5, "1e30"),
        ("0.00012", 5, "0.00012"),
        ("999.9999", 3, "1000"),
        ("0", 3, "0"),
        ("-inf", 3, "-inf"),
        ("nan", 3, "undefined"),
    ] {
        assert_eq!(parse(text).digits(digits), expected);
    }
}
