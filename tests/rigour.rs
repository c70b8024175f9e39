//! Enclosures against exact rationals, a table of true values, and themselves.

use quickcheck::{Arbitrary, Gen, QuickCheck};
use reparam_check::number::{
    Binary, Definedness, Enclosure, Exact, Number, Precision, Rational, Ternary, Unary,
};

const TABLE: &str = include_str!("data/truth.csv");

/// An operator of any number of arguments.
#[derive(Clone, Copy, Debug)]
enum Operator {
    Unary(Unary),
    Binary(Binary),
    Ternary(Ternary),
}

impl Operator {
    fn apply<N: Number>(self, arguments: &[N], context: &N::Context) -> N {
        match (self, arguments) {
            (Operator::Unary(f), [x]) => N::unary(f, x, context),
            (Operator::Binary(f), [x, y]) => N::binary(f, x, y, context),
            (Operator::Ternary(f), [x, y, z]) => N::ternary(f, x, y, z, context),
            _ => panic!("{self:?} of {} arguments", arguments.len()),
        }
    }
}

fn operator(name: &str) -> Operator {
    let unary = |f| Operator::Unary(f);
    let binary = |f| Operator::Binary(f);
    match name {
        "exp" => unary(Unary::Exp),
        "log" => unary(Unary::Log),
        "log1p" => unary(Unary::Log1p),
        "expm1" => unary(Unary::Expm1),
        "sqrt" => unary(Unary::Sqrt),
        "sin" => unary(Unary::Sin),
        "cos" => unary(Unary::Cos),
        "tan" => unary(Unary::Tan),
        "asin" => unary(Unary::Asin),
        "acos" => unary(Unary::Acos),
        "atan" => unary(Unary::Atan),
        "sinh" => unary(Unary::Sinh),
        "cosh" => unary(Unary::Cosh),
        "tanh" => unary(Unary::Tanh),
        "asinh" => unary(Unary::Asinh),
        "acosh" => unary(Unary::Acosh),
        "atanh" => unary(Unary::Atanh),
        "sigmoid" => unary(Unary::Sigmoid),
        "softplus" => unary(Unary::Softplus),
        "erf" => unary(Unary::Erf),
        "erfc" => unary(Unary::Erfc),
        "erfinv" => unary(Unary::ErfInv),
        "normal_cdf" => unary(Unary::NormalCdf),
        "normal_icdf" => unary(Unary::NormalIcdf),
        "normal_log_cdf" => unary(Unary::NormalLogCdf),
        "lgamma" => unary(Unary::Lgamma),
        "log_bessel_i0" => unary(Unary::LogBesselI0),
        "bessel_ratio" => unary(Unary::BesselRatio),
        "pow" => binary(Binary::Pow),
        "atan2" => binary(Binary::Atan2),
        "gamma_p" => binary(Binary::GammaP),
        "gamma_q" => binary(Binary::GammaQ),
        "gamma_p_da" => binary(Binary::GammaPDa),
        "beta_inc" => Operator::Ternary(Ternary::BetaInc),
        "beta_inc_da" => Operator::Ternary(Ternary::BetaIncDa),
        _ => match name.strip_prefix("polygamma").map(str::parse) {
            Some(Ok(order)) => unary(Unary::Polygamma(order)),
            _ => panic!("unknown operator {name}"),
        },
    }
}

/// An integer, a decimal with or without exponent, or a fraction, exactly.
fn rational(text: &str) -> Rational {
    if let Some((top, bottom)) = text.split_once('/') {
        return rational(top) / rational(bottom);
    }
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: dashu_int::IBig = format!("{whole}{fraction}").parse().unwrap();
    let exponent = exponent.parse::<isize>().unwrap() - fraction.len() as isize;
    Rational::from(digits) * Rational::from(10).pow(exponent)
}

struct Row {
    text: &'static str,
    operator: Operator,
    arguments: Vec<Rational>,
    /// Around the true value: half a unit in the last digit of the table, and a little more.
    low: Rational,
    high: Rational,
}

fn rows() -> Vec<Row> {
    let row = |text: &'static str| {
        let fields: Vec<&str> = text.split(',').collect();
        let [name, arguments, value] = fields[..] else {
            panic!("three fields in {text}");
        };
        let value = rational(value);
        let slack = &value * rational("1e-39");
        let ends = [&value - &slack, &value + &slack];
        let [low, high] = if ends[0] < ends[1] {
            ends
        } else {
            [ends[1].clone(), ends[0].clone()]
        };
        Row {
            text,
            operator: operator(name),
            arguments: arguments.split(' ').map(rational).collect(),
            low,
            high,
        }
    };
    TABLE.lines().skip(1).map(row).collect()
}

/// Arguments so narrow that what is lost is the operator's own doing.
fn narrow(arguments: &[Rational]) -> Vec<Enclosure> {
    arguments
        .iter()
        .map(|x| Enclosure::exact(x, Precision(3000)))
        .collect()
}

#[test]
fn true_values_are_enclosed_narrowly() {
    let rows = rows();
    assert!(rows.len() >= 1000, "{} rows", rows.len());
    let mut failures = Vec::new();
    for row in &rows {
        for bits in [64, 128, 256] {
            let arguments = narrow(&row.arguments);
            let value = row.operator.apply(&arguments, &Precision(bits));
            let truth = Enclosure::between(&row.low, &row.high, Precision(300));
            let narrow = value
                .relative_bits()
                .is_none_or(|known| known >= bits as i64 - 8);
            let is_right = value.definedness() == Definedness::Defined && value.overlaps(&truth);
            if !is_right || !narrow {
                let what = if is_right { "wide" } else { "WRONG" };
                let known = value.relative_bits();
                failures.push(format!(
                    "{what} at {bits} bits: {} gives {} ({known:?} bits)",
                    row.text,
                    value.digits(40)
                ));
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{} failures:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

/// A small tree of rational operations.
#[derive(Clone, Debug)]
enum Tree {
    Leaf(i16, u8),
    Unary(u8, Box<Tree>),
    Binary(u8, Box<Tree>, Box<Tree>),
    Select(Box<Tree>, Box<Tree>, Box<Tree>, Box<Tree>),
}

const UNARY: [Unary; 8] = [
    Unary::Neg,
    Unary::Abs,
    Unary::Sign,
    Unary::Floor,
    Unary::Ceil,
    Unary::Round,
    Unary::Sqrt,
    Unary::StopGradient,
];

const BINARY: [Binary; 12] = [
    Binary::Add,
    Binary::Sub,
    Binary::Mul,
    Binary::Div,
    Binary::Add,
    Binary::Mul,
    Binary::Sub,
    Binary::Div,
    Binary::Min,
    Binary::Max,
    Binary::Mod,
    Binary::Pow,
];

impl Arbitrary for Tree {
    fn arbitrary(g: &mut Gen) -> Self {
        fn grow(g: &mut Gen, depth: usize) -> Tree {
            if depth == 0 || u8::arbitrary(g).is_multiple_of(5) {
                return Tree::Leaf(i16::arbitrary(g) % 50, u8::arbitrary(g) % 12 + 1);
            }
            let mut below = || Box::new(grow(g, depth - 1));
            let (a, b, c, d) = (below(), below(), below(), below());
            match u8::arbitrary(g) % 8 {
                0 => Tree::Select(a, b, c, d),
                1 | 2 => Tree::Unary(u8::arbitrary(g), a),
                _ => Tree::Binary(u8::arbitrary(g), a, b),
            }
        }
        grow(g, 4)
    }
}

impl Tree {
    fn evaluate<N: Number>(&self, context: &N::Context) -> N {
        match self {
            Tree::Leaf(n, d) => N::rational(&(Rational::from(*n) / Rational::from(*d)), context),
            Tree::Unary(f, x) => N::unary(
                UNARY[*f as usize % UNARY.len()],
                &x.evaluate(context),
                context,
            ),
            Tree::Binary(f, x, y) => {
                let f = BINARY[*f as usize % BINARY.len()];
                // Exponents are kept small and whole.
                let y = if f == Binary::Pow {
                    let three = N::rational(&Rational::from(3), context);
                    let floor = N::unary(Unary::Floor, &y.evaluate(context), context);
                    N::binary(Binary::Mod, &floor, &three, context)
                } else {
                    y.evaluate(context)
                };
                N::binary(f, &x.evaluate(context), &y, context)
            }
            Tree::Select(x, y, a, b) => {
                let less = N::binary(
                    Binary::Less,
                    &x.evaluate(context),
                    &y.evaluate(context),
                    context,
                );
                N::ternary(
                    Ternary::Select,
                    &less,
                    &a.evaluate(context),
                    &b.evaluate(context),
                    context,
                )
            }
        }
    }
}

#[test]
fn exact_rationals_are_enclosed() {
    fn law(tree: Tree) -> bool {
        let exact: Exact = tree.evaluate(&());
        [32, 128].into_iter().all(|bits| {
            let value: Enclosure = tree.evaluate(&Precision(bits));
            exact.value().is_none_or(|exact| {
                let not_lost = value.is_possibly_undefined() || value.is_finite();
                value.contains_rational(exact) && not_lost
            })
        })
    }
    QuickCheck::new()
        .tests(4000)
        .quickcheck(law as fn(Tree) -> bool);
}

/// Every operator, with ranges of arguments that meet its domain, its edge and beyond.
fn operators() -> Vec<(Operator, Vec<[f64; 2]>)> {
    use Unary::*;
    let unary: [(Unary, [f64; 2]); 40] = [
        (Neg, [-9.0, 9.0]),
        (Exp, [-40.0, 40.0]),
        (Log, [-0.5, 30.0]),
        (Log1p, [-1.2, 5.0]),
        (Expm1, [-5.0, 5.0]),
        (Sqrt, [-0.5, 9.0]),
        (Abs, [-9.0, 9.0]),
        (Sign, [-1.0, 1.0]),
        (Floor, [-4.0, 4.0]),
        (Ceil, [-4.0, 4.0]),
        (Round, [-4.0, 4.0]),
        (Sin, [-20.0, 20.0]),
        (Cos, [-20.0, 20.0]),
        (Tan, [-8.0, 8.0]),
        (Asin, [-1.1, 1.1]),
        (Acos, [-1.1, 1.1]),
        (Atan, [-9.0, 9.0]),
        (Sinh, [-9.0, 9.0]),
        (Cosh, [-9.0, 9.0]),
        (Tanh, [-9.0, 9.0]),
        (Asinh, [-9.0, 9.0]),
        (Acosh, [0.9, 9.0]),
        (Atanh, [-1.1, 1.1]),
        (Sigmoid, [-30.0, 30.0]),
        (Softplus, [-30.0, 30.0]),
        (Erf, [-4.0, 4.0]),
        (Erfc, [-4.0, 20.0]),
        (ErfInv, [-1.05, 1.05]),
        (NormalCdf, [-15.0, 6.0]),
        (NormalIcdf, [-0.05, 1.05]),
        (NormalLogCdf, [-40.0, 9.0]),
        (Lgamma, [-6.0, 9.0]),
        (Polygamma(0), [-5.0, 9.0]),
        (Polygamma(1), [-5.0, 9.0]),
        (Polygamma(2), [-5.0, 9.0]),
        (Polygamma(5), [-3.0, 5.0]),
        (LogBesselI0, [-90.0, 90.0]),
        (BesselRatio, [-90.0, 90.0]),
        (Not, [0.0, 1.0]),
        (StopGradient, [-3.0, 3.0]),
    ];
    let wide = [-5.0, 5.0];
    let binary: [(Binary, [[f64; 2]; 2]); 17] = [
        (Binary::Add, [wide, wide]),
        (Binary::Sub, [wide, wide]),
        (Binary::Mul, [wide, wide]),
        (Binary::Div, [wide, wide]),
        (Binary::Pow, [[-2.0, 6.0], wide]),
        (Binary::Min, [wide, wide]),
        (Binary::Max, [wide, wide]),
        (Binary::Mod, [[-20.0, 20.0], [-3.0, 6.0]]),
        (Binary::Atan2, [wide, wide]),
        (Binary::GammaP, [[-0.1, 12.0], [-0.5, 30.0]]),
        (Binary::GammaQ, [[-0.1, 12.0], [-0.5, 30.0]]),
        (Binary::GammaPDa, [[-0.1, 12.0], [-0.5, 30.0]]),
        (Binary::Less, [wide, wide]),
        (Binary::LessEqual, [wide, wide]),
        (Binary::Equal, [wide, wide]),
        (Binary::And, [[0.0, 1.0], [0.0, 1.0]]),
        (Binary::Or, [[0.0, 1.0], [0.0, 1.0]]),
    ];
    let ternary: [(Ternary, [[f64; 2]; 3]); 3] = [
        (Ternary::Select, [[0.0, 1.0], wide, wide]),
        (Ternary::BetaInc, [[-0.1, 9.0], [-0.1, 9.0], [-0.05, 1.05]]),
        (
            Ternary::BetaIncDa,
            [[-0.1, 9.0], [-0.1, 9.0], [-0.05, 1.05]],
        ),
    ];
    let mut all: Vec<(Operator, Vec<[f64; 2]>)> = Vec::new();
    all.extend(unary.map(|(f, range)| (Operator::Unary(f), vec![range])));
    all.extend(binary.map(|(f, ranges)| (Operator::Binary(f), ranges.to_vec())));
    all.extend(ternary.map(|(f, ranges)| (Operator::Ternary(f), ranges.to_vec())));
    all
}

/// A fixed sequence of numbers in [0, 1), for choosing points (SplitMix64).
struct Sequence(u64);

impl Sequence {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A point of a range; now and then a multiple of 1/2, where things happen.
    fn point(&mut self, [low, high]: [f64; 2]) -> f64 {
        let x = low + (high - low) * self.unit();
        if self.next().is_multiple_of(4) {
            ((2.0 * x).round() / 2.0).clamp(low, high)
        } else {
            x
        }
    }
}

fn exact(x: f64) -> Rational {
    Rational::try_from(x).unwrap()
}

#[test]
fn wide_enclosures_hold_every_point_within() {
    let mut sequence = Sequence(7);
    for (operator, ranges) in operators() {
        for round in 0..120 {
            // From wide to narrow, down to a few units in the last place.
            let scale = 2f64.powi(-(round % 50));
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
