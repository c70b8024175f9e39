//! Laws of the number systems, of differentiation and of the tape.

use quickcheck::{TestResult, quickcheck};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use reparam_check::graph::{Graph, Id};
use reparam_check::number::{
    Binary, Definedness, Dual, Enclosure, Interval, Number, Precision, Rational, Ternary, Unary,
};
use reparam_check::tape::Tape;

/// Every unary operator with a range of arguments, away from its kinks and poles.
const UNARY: [(Unary, f64, f64); 42] = [
    (Unary::Neg, -5.0, 5.0),
    (Unary::Exp, -5.0, 5.0),
    (Unary::Log, 0.01, 9.0),
    (Unary::Log1p, -0.9, 9.0),
    (Unary::Expm1, -5.0, 5.0),
    (Unary::Sqrt, 0.01, 9.0),
    (Unary::Abs, 0.1, 5.0),
    (Unary::Abs, -5.0, -0.1),
    (Unary::Sign, 0.1, 5.0),
    (Unary::Floor, 0.1, 0.9),
    (Unary::Ceil, 0.1, 0.9),
    (Unary::Round, 0.6, 1.4),
    (Unary::Sin, -9.0, 9.0),
    (Unary::Cos, -9.0, 9.0),
    (Unary::Tan, -1.4, 1.4),
    (Unary::Asin, -0.95, 0.95),
    (Unary::Acos, -0.95, 0.95),
    (Unary::Atan, -9.0, 9.0),
    (Unary::Sinh, -5.0, 5.0),
    (Unary::Cosh, -5.0, 5.0),
    (Unary::Tanh, -3.0, 3.0),
    (Unary::Asinh, -9.0, 9.0),
    (Unary::Acosh, 1.1, 9.0),
    (Unary::Atanh, -0.95, 0.95),
    (Unary::Sigmoid, -9.0, 9.0),
    (Unary::Softplus, -9.0, 9.0),
    (Unary::Erf, -3.0, 3.0),
    (Unary::Erfc, -3.0, 5.0),
    (Unary::ErfInv, -0.99, 0.99),
    (Unary::NormalCdf, -5.0, 5.0),
    (Unary::NormalIcdf, 0.001, 0.999),
    (Unary::NormalLogCdf, -30.0, 5.0),
    (Unary::Lgamma, 0.1, 20.0),
    (Unary::Lgamma, -2.9, -2.1),
    (Unary::Polygamma(0), 0.1, 20.0),
    (Unary::Polygamma(1), 0.1, 20.0),
    (Unary::Polygamma(3), -1.9, -1.1),
    (Unary::LogBesselI0, -20.0, 20.0),
    (Unary::BesselRatio, 0.1, 20.0),
    (Unary::BesselRatio, 51.0, 90.0),
    (Unary::Not, 1.0, 1.0),
    (Unary::StopGradient, -5.0, 5.0),
];

/// Every binary operator with ranges of both arguments.
const BINARY: [(Binary, [f64; 2], [f64; 2]); 19] = [
    (Binary::Add, [-5.0, 5.0], [-5.0, 5.0]),
    (Binary::Sub, [-5.0, 5.0], [-5.0, 5.0]),
    (Binary::Mul, [-5.0, 5.0], [-5.0, 5.0]),
    (Binary::Div, [-5.0, 5.0], [0.1, 5.0]),
    (Binary::Pow, [0.1, 5.0], [-5.0, 5.0]),
    (Binary::Min, [-5.0, 5.0], [-5.0, 5.0]),
    (Binary::Max, [-5.0, 5.0], [-5.0, 5.0]),
    (Binary::Mod, [7.1, 7.9], [1.8, 2.2]),
    (Binary::Mod, [-7.9, -7.1], [1.8, 2.2]),
    (Binary::Atan2, [-5.0, 5.0], [-5.0, 5.0]),
    (Binary::GammaP, [0.1, 20.0], [0.1, 30.0]),
    (Binary::GammaQ, [0.1, 20.0], [0.1, 30.0]),
    (Binary::GammaPDa, [0.5, 20.0], [0.1, 30.0]),
    (Binary::Less, [-5.0, 5.0], [-5.0, 5.0]),
    (Binary::LessEqual, [-5.0, 5.0], [-5.0, 5.0]),
    (Binary::Equal, [-5.0, 5.0], [-5.0, 5.0]),
    (Binary::And, [0.0, 0.0], [1.0, 1.0]),
    (Binary::Or, [0.0, 0.0], [1.0, 1.0]),
    (Binary::Pow, [-3.0, -0.1], [3.0, 3.0]),
];

/// Every ternary operator with ranges of its arguments.
const TERNARY: [(Ternary, [[f64; 2]; 3]); 4] = [
    (Ternary::Select, [[0.0, 0.0], [-5.0, 5.0], [-5.0, 5.0]]),
    (Ternary::Select, [[1.0, 1.0], [-5.0, 5.0], [-5.0, 5.0]]),
    (Ternary::BetaInc, [[0.2, 20.0], [0.2, 20.0], [0.01, 0.99]]),
    (Ternary::BetaIncDa, [[0.5, 20.0], [0.5, 20.0], [0.01, 0.99]]),
];

fn draw(random: &mut ChaCha8Rng, [low, high]: [f64; 2]) -> f64 {
    low + (high - low) * random.random::<f64>()
}

/// Each operator applied to symbols, with ranges for them, by name.
fn applications(graph: &mut Graph) -> Vec<(String, Id, Vec<[f64; 2]>)> {
    let [x, y, z] = symbols(graph);
    let mut all = Vec::new();
    for (operator, low, high) in UNARY {
        let node = graph.unary(operator, x);
        all.push((format!("{operator:?}"), node, vec![[low, high]]));
    }
    for (operator, first, second) in BINARY {
        let node = graph.binary(operator, x, y);
        all.push((format!("{operator:?}"), node, vec![first, second]));
    }
    for (operator, ranges) in TERNARY {
        let node = graph.ternary(operator, x, y, z);
        all.push((format!("{operator:?}"), node, ranges.to_vec()));
    }
    all
}

fn symbols(graph: &mut Graph) -> [Id; 3] {
    ["x", "y", "z"].map(|name| graph.symbol(name, &[]))
}

/// Both undefined, or equal to nine digits beside values of the size of `scale`.
fn near(a: f64, b: f64, scale: f64) -> bool {
    (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-9 * (a.abs() + b.abs() + scale)
}

#[test]
fn symbolic_derivatives_are_the_dual_ones() {
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let mut graph = Graph::new();
    let inputs = symbols(&mut graph);
    for (name, node, ranges) in applications(&mut graph) {
        let outputs: Vec<Option<Id>> = (0..ranges.len())
            .map(|i| Some(graph.differentiate(&[node], inputs[i]).ok()?[0]))
            .collect();
        for (i, derivative) in outputs.iter().enumerate() {
            let Some(derivative) = *derivative else {
                assert!(["GammaPDa", "BetaIncDa"].contains(&name.as_str()), "{name}");
                continue;
            };
            let symbolic = Tape::new(&graph, &inputs, &[derivative]).unwrap();
            let dual = Tape::new(&graph, &inputs, &[node]).unwrap();
            for _ in 0..200 {
                let mut point = [0.5; 3];
                for (value, &range) in point.iter_mut().zip(&ranges) {
                    *value = draw(&mut random, range);
                }
                let mut varied = point.map(Dual::constant);
                varied[i] = Dual::variable(point[i]);
                let want = dual.evaluate(&varied, &())[0];
                let got = symbolic.evaluate(&point, &())[0];
                let scale = if name == "BesselRatio" { 1e-3 } else { 0.0 };
                assert!(
                    near(got, want.derivative, scale + 1e-12 * want.value.abs()),
                    "∂{name}{point:?}/∂{i}: symbolic {got:e}, dual {:e}",
                    want.derivative
                );
            }
        }
    }
}

/// Every dual rule, also those that have no symbolic counterpart, against a difference quotient of
/// the value along a random direction; a large second difference allows a large error.
#[test]
fn dual_numbers_follow_the_chain_rule() {
    let mut random = ChaCha8Rng::seed_from_u64(4);
    let mut graph = Graph::new();
    let inputs = symbols(&mut graph);
    for (name, node, ranges) in applications(&mut graph) {
        let tape = Tape::new(&graph, &inputs, &[node]).unwrap();
        for _ in 0..20 {
            let mut point = [0.5; 3];
            let mut direction = [0.0; 3];
            for (i, &range) in ranges.iter().enumerate() {
                point[i] = draw(&mut random, range);
                direction[i] = if range[0] < range[1] {
                    draw(&mut random, [-1.0, 1.0])
                } else {
                    0.0
                };
            }
            if name == "StopGradient" {
                continue;
            }
            let step = 1e-5;
            let at = |t: f64| -> f64 {
                let moved = [0, 1, 2].map(|i| point[i] + t * direction[i]);
                tape.evaluate(&moved, &())[0]
            };
            let slope = (at(step) - at(-step)) / (2.0 * step);
            let curve = (at(step) - 2.0 * at(0.0) + at(-step)).abs() / step;
            let varied = [0, 1, 2].map(|i| Dual {
                value: point[i],
                derivative: direction[i],
            });
            let dual = tape.evaluate(&varied, &())[0];
            let allowed = 1e-5 * (1.0 + dual.derivative.abs() + at(0.0).abs()) + curve;
            assert!(
                (dual.derivative - slope).abs() <= allowed,
                "{name}{point:?} along {direction:?}: {:e}, {slope:e}",
                dual.derivative
            );
        }
    }
}

#[test]
fn batches_are_lanes_of_scalars() {
    let mut random = ChaCha8Rng::seed_from_u64(5);
    let mut graph = Graph::new();
    let inputs = symbols(&mut graph);
    for (name, node, ranges) in applications(&mut graph) {
        let tape = Tape::new(&graph, &inputs, &[node]).unwrap();
        let mut columns = vec![vec![0.5; 1000]; 3];
        for (column, &range) in columns.iter_mut().zip(&ranges) {
            column.fill_with(|| draw(&mut random, range));
        }
        // Each pattern of columns and broadcast values.
        for pattern in 0..8 {
            let given: Vec<&[f64]> = (0..3)
                .map(|i| {
                    if pattern >> i & 1 == 1 {
                        &columns[i][..1]
                    } else {
                        &columns[i][..]
                    }
                })
                .collect();
            let mut out = vec![Vec::new()];
            tape.evaluate_batch(&given, &mut out);
            for (lane, got) in out[0].iter().enumerate() {
                let point: Vec<f64> = given.iter().map(|c| c[lane.min(c.len() - 1)]).collect();
                let want = tape.evaluate(&point, &())[0];
                let same = got.to_bits() == want.to_bits() || (got.is_nan() && want.is_nan());
                let kernel = ["Exp", "Log", "Log1p", "Expm1", "Sigmoid", "Softplus", "Pow"]
                    .contains(&name.as_str());
                let close = kernel && (got - want).abs() <= 4.0 * f64::EPSILON * want.abs();
                assert!(
                    same || close,
                    "{name}{point:?}: {want:e} alone, {got:e} in a lane"
                );
            }
        }
    }
}

/// Intervals hold the true values of the table (which another implementation made).
#[test]
fn intervals_hold_the_value() {
    for line in include_str!("data/special.txt").lines() {
        let mut words = line.split(' ');
        let name = words.next().unwrap();
        let numbers: Vec<f64> = words.map(|w| w.parse().unwrap()).collect();
        let (&want, arguments) = numbers.split_last().unwrap();
        let at: Vec<Interval> = arguments.iter().map(|&x| Interval::point(x)).collect();
        let one = |operator| Interval::unary(operator, &at[0], &());
        let two = |operator| Interval::binary(operator, &at[0], &at[1], &());
        let three = |operator| Interval::ternary(operator, &at[0], &at[1], &at[2], &());
        let got = match name {
            "normal_cdf" => one(Unary::NormalCdf),
            "normal_icdf" => one(Unary::NormalIcdf),
            "normal_log_cdf" => one(Unary::NormalLogCdf),
            "erfinv" => one(Unary::ErfInv),
            "erf" => one(Unary::Erf),
            "erfc" => one(Unary::Erfc),
            "lgamma" => one(Unary::Lgamma),
            "digamma" => one(Unary::Polygamma(0)),
            "trigamma" => one(Unary::Polygamma(1)),
            "polygamma_2" => one(Unary::Polygamma(2)),
            "polygamma_7" => one(Unary::Polygamma(7)),
            "log_bessel_i0" => one(Unary::LogBesselI0),
            "bessel_ratio" => one(Unary::BesselRatio),
            "sigmoid" => one(Unary::Sigmoid),
            "softplus" => one(Unary::Softplus),
            "gamma_p" => two(Binary::GammaP),
            "gamma_q" => two(Binary::GammaQ),
            "gamma_p_da" => two(Binary::GammaPDa),
            "beta_inc" => three(Ternary::BetaInc),
            "beta_inc_da" => three(Ternary::BetaIncDa),
            other => panic!("the table names an unknown function {other}"),
        };
        // The value was rounded when it was read.
        let held = got.lo() <= want.next_up() && want.next_down() <= got.hi();
        assert!(held, "{line}: [{:e}, {:e}]", got.lo(), got.hi());
        let wide = name.ends_with("_da")
            || (name.starts_with("polygamma") || name == "trigamma") && arguments[0] < 0.0;
        let allowed = 1e-9 * (want.abs() + 1e-3);
        let long = ["gamma_p", "gamma_q", "beta_inc"].contains(&name) && arguments[0] > 300.0;
        let bessel = name == "bessel_ratio" && arguments[0].abs() > 100.0;
        if !wide && !long && !bessel && name != "normal_log_cdf" {
            assert!(got.width() <= allowed, "{line}: width {:e}", got.width());
        }
    }
}

/// The value at a point of an interval lies in the enclosure at the point and in that of the
/// interval, so these two meet; and what is certainly undefined at a point is not certainly
/// defined over the interval.
#[test]
fn intervals_are_monotone_under_inclusion() {
    let mut random = ChaCha8Rng::seed_from_u64(6);
    let mut graph = Graph::new();
    let inputs = symbols(&mut graph);
    for (name, node, ranges) in applications(&mut graph) {
        let tape = Tape::new(&graph, &inputs, &[node]).unwrap();
        for round in 0..400 {
            let mut wide = [Interval::point(0.5); 3];
            let mut thin = wide;
            for (i, &[low, high]) in ranges.iter().enumerate() {
                // Half of the time far outside the domain of the operator.
                let reach = if round % 2 == 0 {
                    0.0
                } else {
                    2.0 * (high - low)
                };
                let range = [low - reach, high + reach];
                let (a, b) = (draw(&mut random, range), draw(&mut random, range));
                wide[i] = Interval::new(a.min(b), a.max(b));
                let inside = draw(&mut random, [wide[i].lo(), wide[i].hi()]);
                thin[i] = Interval::point(inside.clamp(wide[i].lo(), wide[i].hi()));
            }
            let over = tape.evaluate(&wide, &())[0];
            let at = tape.evaluate(&thin, &())[0];
            use Definedness::{Defined, Undefined};
            let both = (over.definedness(), at.definedness());
            assert!(
                both != (Defined, Undefined) && both != (Undefined, Defined),
                "{name}: {wide:?} gives {over:?}, {thin:?} gives {at:?}"
            );
            if at.definedness() != Undefined && over.definedness() != Undefined {
                assert!(
                    over.intersect(&at).is_some(),
                    "{name}: {wide:?} gives {over:?}, {thin:?} gives {at:?}"
                );
            }
        }
    }
}

/// The true value lies in the enclosure of any precision and in the binary64 interval, so these two
/// meet and agree on whether there is one; and the binary64 value is near.
#[test]
fn number_systems_agree_with_the_enclosures() {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let mut graph = Graph::new();
    let inputs = symbols(&mut graph);
    for (name, node, ranges) in applications(&mut graph) {
        let tape = Tape::new(&graph, &inputs, &[node]).unwrap();
        for round in 0..30 {
            let mut point = [0.5; 3];
            for (i, &[low, high]) in ranges.iter().enumerate() {
                let reach = if round % 2 == 0 {
                    0.0
                } else {
                    2.0 * (high - low)
                };
                point[i] = draw(&mut random, [low - reach, high + reach]);
                if round % 4 == 3 {
                    point[i] = point[i].round();
                }
            }
            let truth = &tape.evaluate(&point.map(Enclosure::from_f64), &Precision(80))[0];
            let interval = tape.evaluate(&point.map(Interval::point), &())[0];
            let value = tape.evaluate(&point, &())[0];
            let (low, high) = (truth.lower_f64(), truth.upper_f64());
            let text = format!("{name}{point:?}: {truth:?}, {interval:?}, {value:e}");
            let (one, two) = (truth.definedness(), interval.definedness());
            assert!(
                one.max(two) != Definedness::Undefined || one.min(two) != Definedness::Defined,
                "{text}"
            );
            if one == Definedness::Defined && two != Definedness::Undefined {
                assert!(interval.lo() <= high && low <= interval.hi(), "{text}");
                // Absolutely, near the zeros that some of these have.
                let off = (value - low).abs().min((value - high).abs());
                assert!(value == low || off <= 1e-12 * (low.abs() + 1e-3), "{text}");
            }
        }
    }
}

/// The functions of `graph::build` beside the operators they stand for.
#[test]
fn folding_keeps_the_value() {
    let mut graph = Graph::new();
    let [x, y, _] = symbols(&mut graph);
    let mut operands = vec![x, y, graph.neg(x), graph.neg(y), graph.pi()];
    for (numerator, denominator) in [(0, 1u64), (1, 1), (-1, 1), (2, 1), (-3, 1), (1, 2), (-2, 7)] {
        let value = Rational::from_parts(i64::into(numerator), denominator.into());
        operands.push(graph.constant(value));
    }
    let mut pairs: Vec<(Id, Id)> = Vec::new();
    for &a in &operands {
        pairs.push((graph.neg(a), graph.unary(Unary::Neg, a)));
        pairs.push((graph.exp(a), graph.unary(Unary::Exp, a)));
        pairs.push((graph.log(a), graph.unary(Unary::Log, a)));
        let two = graph.integer(2);
        pairs.push((graph.square(a), graph.binary(Binary::Pow, a, two)));
        for &b in &operands {
            pairs.push((graph.add(a, b), graph.binary(Binary::Add, a, b)));
            pairs.push((graph.sub(a, b), graph.binary(Binary::Sub, a, b)));
            pairs.push((graph.mul(a, b), graph.binary(Binary::Mul, a, b)));
            pairs.push((graph.div(a, b), graph.binary(Binary::Div, a, b)));
            pairs.push((graph.pow(a, b), graph.binary(Binary::Pow, a, b)));
            for condition in [0, 1] {
                let condition = graph.integer(condition);
                let written = graph.ternary(Ternary::Select, condition, a, b);
                pairs.push((graph.select(condition, a, b), written));
            }
            let written = graph.binary(Binary::Add, a, b);
            let written = graph.binary(Binary::Add, x, written);
            pairs.push((graph.sum(&[x, a, b]), written));
            let written = graph.binary(Binary::Mul, a, b);
            let written = graph.binary(Binary::Mul, x, written);
            pairs.push((graph.product(&[x, a, b]), written));
        }
    }
    for (folded, written) in pairs {
        let tape = Tape::new(&graph, &[x, y], &[folded, written]).unwrap();
        for (x, y) in [(0.7f64, -1.3), (2.5, 3.0), (-4.0, 0.1), (0.0, 1.0)] {
            let values = tape.evaluate(&[x, y], &());
            let (got, want) = (values[0], values[1]);
            if want.is_finite() {
                let text = (graph.display(folded), graph.display(written));
                assert!(
                    (got - want).abs() <= 1e-14 * (1.0 + want.abs()),
                    "{text:?} at {x}, {y}"
                );
            }
        }
    }
}

/// A quotient of small whole numbers.
fn rational(numerator: i32, denominator: u16) -> Rational {
    Rational::from_parts(numerator.into(), (u32::from(denominator) + 1).into())
}

fn holds(interval: &Interval, exact: &Rational) -> bool {
    let end = |v: f64| Rational::try_from(v).ok();
    interval.definedness() == Definedness::Defined
        && end(interval.lo()).is_none_or(|lo| lo <= *exact)
        && end(interval.hi()).is_none_or(|hi| *exact <= hi)
}

quickcheck! {
    fn interval_arithmetic_holds_the_exact_result(a: i32, b: u16, c: i32, d: u16) -> TestResult {
        let (x, y) = (rational(a, b), rational(c, d));
        let [i, j] = [&x, &y].map(|v| Interval::rational(v, &()));
        if c == 0 {
            return TestResult::discard();
        }
        let whole = (x.clone() / y.clone()).floor();
        let modulo = Interval::binary(Binary::Mod, &i, &j, &());
        let exact_modulo = &x - &y * Rational::from(whole);
        TestResult::from_bool(
            holds(&i, &x)
                && holds(&(i + j), &(&x + &y))
                && holds(&(i - j), &(&x - &y))
                && holds(&(i * j), &(&x * &y))
                && holds(&(i / j), &(&x / &y))
                && holds(&Interval::binary(Binary::Pow, &i, &Interval::point(3.0), &()), &(&x * &x * &x))
                && (modulo.width() > 0.5 || holds(&modulo, &exact_modulo)),
        )
    }

    fn interval_arithmetic_of_any_bits_holds_the_exact_result(a: f64, b: f64) -> TestResult {
        let (Ok(x), Ok(y)) = (Rational::try_from(a), Rational::try_from(b)) else {
            return TestResult::discard();
        };
        let (i, j) = (Interval::point(a), Interval::point(b));
        let quotient = b == 0.0 || holds(&(i / j), &(&x / if b == 0.0 { Rational::ONE } else { y.clone() }));
        let root = Interval::unary(Unary::Sqrt, &Interval::point(a.abs()), &());
        let square = |v: f64| Rational::try_from(v).map(|r| &r * &r);
        let magnitude = Rational::try_from(a.abs()).unwrap();
        let root = square(root.lo()).is_ok_and(|lo| lo <= magnitude)
            && square(root.hi()).is_ok_and(|hi| magnitude <= hi);
        TestResult::from_bool(
            holds(&(i + j), &(&x + &y)) && holds(&(i * j), &(&x * &y)) && quotient && root,
        )
    }

    fn a_sum_of_binary32_is_that_of_the_machine(a: f32, b: f32) -> bool {
        let got = f32::binary(Binary::Add, &a, &b, &());
        got.to_bits() == (a + b).to_bits() || got.is_nan()
    }

    fn a_remainder_has_the_sign_of_the_divisor(a: f64, b: f64) -> TestResult {
        if !a.is_finite() || !b.is_finite() || b == 0.0 {
            return TestResult::discard();
        }
        let rest = f64::binary(Binary::Mod, &a, &b, &());
        TestResult::from_bool(rest == 0.0 || ((rest < 0.0) == (b < 0.0) && rest.abs() <= b.abs()))
    }

    fn the_complements_of_the_families_add_up(a: u8, b: u8, x: u16) -> bool {
        let (a, b, x) = (0.1 + f64::from(a) / 4.0, 0.1 + f64::from(b) / 4.0, f64::from(x) / 1024.0);
        let p = f64::binary(Binary::GammaP, &a, &x, &()) + f64::binary(Binary::GammaQ, &a, &x, &());
        let u = x / 64.0;
        let i = f64::ternary(Ternary::BetaInc, &a, &b, &u, &())
            + f64::ternary(Ternary::BetaInc, &b, &a, &(1.0 - u), &());
        (p - 1.0).abs() < 1e-13 && (i - 1.0).abs() < 1e-12
    }
}
