use super::*;
use std::f64::consts::{E, LN_2, PI};

const INF: f64 = f64::INFINITY;

struct Case {
    name: &'static str,
    f: fn(f64, f64, f64) -> f64,
    range: (f64, f64),
    hints: &'static [f64],
    value: f64,
    /// Whether it must converge at the default tolerance; the error must cover the truth anyway.
    converges: bool,
}

fn case(name: &'static str, f: fn(f64, f64, f64) -> f64, range: (f64, f64), value: f64) -> Case {
    Case {
        name,
        f,
        range,
        hints: &[],
        value,
        converges: true,
    }
}

impl Case {
    fn hints(self, hints: &'static [f64]) -> Case {
        Case { hints, ..self }
    }
    /// Known to be out of reach at the default tolerance.
    fn hard(self) -> Case {
        Case {
            converges: false,
            ..self
        }
    }
}

fn bell(x: f64, mean: f64, scale: f64) -> f64 {
    (-((x - mean) / scale).powi(2) / 2.0).exp() / (scale * (2.0 * PI).sqrt())
}

/// f takes x and the distances from the lower and the upper end.
fn cases() -> Vec<Case> {
    let (all, unit) = ((-INF, INF), (0.0, 1.0));
    let up = (0.0, INF);
    vec![
        case("constant", |_, _, _| 3.0, (-1.0, 2.0), 9.0),
        case("polynomial", |x, _, _| x.powi(7) - x, (0.0, 2.0), 30.0),
        case("exponential", |x, _, _| x.exp(), unit, E - 1.0),
        case("sine", |x, _, _| x.sin(), (0.0, PI), 2.0),
        case("odd, zero", |x, _, _| x * x.cos(), (-1.0, 1.0), 0.0).hard(),
        case("reversed", |x, _, _| x, (1.0, 0.0), -0.5),
        case(
            "runge",
            |x, _, _| 1.0 / (1.0 + 25.0 * x * x),
            (-1.0, 1.0),
            0.4 * 5f64.atan(),
        ),
        case("root", |x, _, _| x.sqrt(), unit, 2.0 / 3.0),
        case("inverse root", |x, _, _| x.powf(-0.5), unit, 2.0),
        case("x^-0.9", |x, _, _| x.powf(-0.9), unit, 10.0),
        case("x^-0.95", |x, _, _| x.powf(-0.95), unit, 20.0),
        case("x^-0.999", |x, _, _| x.powf(-0.999), unit, 1000.0).hard(),
        case("divergent", |x, _, _| 1.0 / x, unit, INF).hard(),
        case("(1-x)^-0.9 by distance", |_, _, d| d.powf(-0.9), unit, 10.0),
        case(
            "(1-x)^-0.9 by subtraction",
            |x, _, _| (1.0 - x).powf(-0.9),
            unit,
            10.0,
        )
        .hard(),
        case(
            "(x-5)^-0.5 by subtraction",
            |x, _, _| (x - 5.0).powf(-0.5),
            (5.0, 6.0),
            2.0,
        )
        .hard(),
        case("log", |x, _, _| x.ln(), unit, -1.0),
        case("log squared", |x, _, _| x.ln().powi(2), unit, 2.0),
        case("log(1-x)", |_, _, d| d.ln(), unit, -1.0),
        case(
            "log log",
            |x, _, _| -(-x.ln()).ln(),
            unit,
            0.577_215_664_901_532_9,
        ),
        case("x log x", |x, _, _| x * x.ln(), unit, -0.25),
        case(
            "beta(0.1, 0.2)",
            |_, a, b| a.powf(-0.9) * b.powf(-0.8),
            unit,
            14.599_371_492_764_83,
        ),
        case("arcsine", |_, a, b| 1.0 / (a * b).sqrt(), (2.0, 5.0), PI),
        case("gaussian", |x, _, _| bell(x, 0.0, 1.0), all, 1.0),
        case(
            "second moment",
            |x, _, _| x * x * bell(x, 0.0, 1.0),
            all,
            1.0,
        ),
        case("narrow peak", |x, _, _| bell(x, 0.3, 1e-4), all, 1.0).hints(&[0.3]),
        case(
            "narrow peak, hint off",
            |x, _, _| bell(x, 0.3, 1e-4),
            all,
            1.0,
        )
        .hints(&[0.300_05]),
        case(
            "narrow peak, no hint",
            |x, _, _| bell(x, 0.3, 1e-4),
            all,
            1.0,
        )
        .hard(),
        case("far peak", |x, _, _| bell(x, 1e4, 1.0), all, 1.0).hints(&[1e4]),
        case(
            "two peaks",
            |x, _, _| (bell(x, -50.0, 0.01) + bell(x, 70.0, 3.0)) / 2.0,
            all,
            1.0,
        )
        .hints(&[-50.0, 70.0]),
        case("wide", |x, _, _| bell(x, 0.0, 1e6), all, 1.0),
        case("tiny", |x, _, _| bell(x, 0.0, 1e-6), all, 1.0),
        case("cauchy", |x, _, _| 1.0 / (PI * (1.0 + x * x)), all, 1.0),
        case(
            "cauchy, shifted",
            |x, _, _| 1.0 / (PI * (1.0 + (x - 7.0).powi(2))),
            all,
            1.0,
        ),
        case("x^-1.1", |x, _, _| x.powf(-1.1), (1.0, INF), 10.0),
        case("x^-1.01", |x, _, _| x.powf(-1.01), (1.0, INF), 100.0).hard(),
        case("exp(-x)", |x, _, _| (-x).exp(), up, 1.0),
        case(
            "gamma(0.1)",
            |x, _, _| x.powf(-0.9) * (-x).exp(),
            up,
            9.513_507_698_668_732,
        ),
        case(
            "gamma(20)",
            |x, _, _| (19.0 * x.ln() - x).exp() / 121_645_100_408_832_000.0,
            up,
            1.0,
        ),
        case(
            "x^-0.5/(1+x)",
            |x, _, _| 1.0 / (x.sqrt() * (1.0 + x)),
            up,
            PI,
        ),
        case("left tail", |x, _, _| x.exp(), (-INF, 0.0), 1.0),
        case(
            "laplace, kink off",
            |x, _, _| (-(x - 0.7).abs()).exp() / 2.0,
            all,
            1.0,
        ),
        case("kink", |x, _, _| (x - 0.3).abs(), unit, 0.29),
        case("kink, hinted", |x, _, _| (x - 0.3).abs(), unit, 0.29).hints(&[0.3]),
        case("jump", |x, _, _| if x < 0.3 { 0.0 } else { 1.0 }, unit, 0.7),
        case(
            "jump of a bell",
            |x, _, _| if x > 0.9 { bell(x, 0.0, 1.0) } else { 0.0 },
            all,
            0.184_060_125_346_759_53,
        ),
        case("floor", |x, _, _| x.floor(), (0.0, 4.5), 8.0),
        case(
            "oscillating",
            |x, _, _| (100.0 * x).cos(),
            unit,
            -0.005_063_656_411_097_588,
        )
        .hard(),
        case(
            "damped",
            |x, _, _| (-x).exp() * (10.0 * x).cos(),
            up,
            1.0 / 101.0,
        ),
        case("sin x / x", |x, _, _| x.sin() / x, up, PI / 2.0).hard(),
        case(
            "bell by bell",
            |x, _, _| (-x * x).exp() * (2.0 * x).cos(),
            all,
            PI.sqrt() / E,
        ),
        case(
            "logistic entropy",
            |x, _, _| {
                let p = 1.0 / (1.0 + (-x).exp());
                let q = 1.0 / (1.0 + x.exp());
                if p * q > 0.0 {
                    -p * q * (p * q).ln()
                } else {
                    0.0
                }
            },
            all,
            2.0,
        ),
        case(
            "bernoulli relaxed",
            |_, a, b| 0.1 * (a * b).powf(-0.9) / (a.powf(0.1) + b.powf(0.1)).powi(2),
            unit,
            1.0,
        ),
        case("ln 2", |x, _, _| 1.0 / (1.0 + x), unit, LN_2),
        case(
            "catalan",
            |x, _, _| if x == 0.0 { 1.0 } else { x.atan() / x },
            unit,
            0.915_965_594_177_219,
        ),
        case(
            "essential",
            |x, _, _| (-1.0 / x - x).exp(),
            up,
            0.279_731_763_633_044_86,
        ),
        case(
            "sign of sin",
            |x, _, _| x.sin().signum(),
            (0.0, 10.0),
            4.0 * PI - 10.0 - 2.0 * 0.0,
        )
        .hard(),
        case("nothing there", |_, _, _| 0.0, all, 0.0),
    ]
}

#[test]
fn the_error_covers_the_truth() {
    let mut wrong = Vec::new();
    for case in cases() {
        let mut f = |at: &Abscissae| {
            (0..at.x.len())
                .map(|i| (case.f)(at.x[i], at.from_lower[i], at.to_upper[i]))
                .collect()
        };
        let rule = Quadrature::default();
        let result = rule.integrate(&mut f, case.range.0, case.range.1, case.hints);
        let off = (result.value - case.value).abs();
        println!(
            "{:28} off {off:8.1e} error {:8.1e} {:6} {}",
            case.name, result.error, result.evaluations, result.converged
        );
        let covered = off <= result.error || case.value.is_infinite();
        let convergent = result.converged || !case.converges;
        if !covered || !convergent || (case.value.is_infinite() && result.converged) {
            wrong.push((case.name, off, result));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn peaks_are_found_from_the_logarithm() {
    let find = |log: fn(f64) -> f64, range: (f64, f64), near: &[f64]| {
        locate_mass(&mut pointwise(log), range.0, range.1, near)
    };
    let square = |x: f64| -x * x / 2.0;
    #[track_caller]
    fn near(places: &[f64], expected: &[f64]) {
        assert_eq!(places.len(), expected.len(), "{places:?}");
        for (place, value) in places.iter().zip(expected) {
            assert!(
                (place - value).abs() < 1e-6 * (1.0 + value.abs()),
                "{places:?}"
            );
        }
    }
    near(
        &find(|x| -((x - 0.3) / 1e-4).powi(2) / 2.0, (-INF, INF), &[]),
        &[0.3],
    );
    near(
        &find(|x| -(x - 1e4).powi(2) / 2.0, (-INF, INF), &[]),
        &[1e4],
    );
    near(
        &find(square, (2.0, 3.0), &[]),
        &find(square, (2.0, 3.0), &[2.5]),
    );
    near(
        &find(
            |x| (bell(x, -5.0, 0.5) + bell(x, 7.0, 0.5)).ln(),
            (-INF, INF),
            &[],
        ),
        &[-5.0, 7.0],
    );
    near(&find(|x| 19.0 * x.ln() - x, (0.0, INF), &[]), &[19.0]);
    assert!(find(|_| f64::NAN, (0.0, 1.0), &[]).is_empty());
    assert!(find(|x| -x, (1.0, 1.0), &[]).is_empty());
}

#[test]
fn far_narrow_peaks_integrate_with_found_hints() {
    for (mean, scale) in [(0.3, 1e-4), (1e4, 1.0), (-1e3, 1e-3), (2e5, 1e5)] {
        let mut log = pointwise(move |x: f64| -((x - mean) / scale).powi(2) / 2.0);
        let hints = locate_mass(&mut log, -INF, INF, &[]);
        let mut f = pointwise(|x| bell(x, mean, scale));
        let result = Quadrature::default().integrate(&mut f, -INF, INF, &hints);
        assert!(
            result.converged && (result.value - 1.0).abs() <= result.error,
            "{mean} {result:?}"
        );
    }
}

#[test]
fn what_is_not_a_number_is_reported_with_its_place() {
    let rule = Quadrature::default();
    let mut f = pointwise(|x| {
        if (0.4..0.41).contains(&x) {
            f64::NAN
        } else {
            1.0
        }
    });
    let result = rule.integrate(&mut f, 0.0, 1.0, &[0.405]);
    assert!(!result.converged && result.error == INF, "{result:?}");
    assert!(
        result
            .undefined_at
            .is_some_and(|x| (0.4..0.41).contains(&x)),
        "{result:?}"
    );
    let result = rule.integrate(&mut pointwise(|_| f64::NAN), 0.0, 1.0, &[]);
    assert!(
        !result.converged && result.undefined_at.is_some(),
        "{result:?}"
    );
    // Not a number only where it cannot matter.
    let mut f = pointwise(|x: f64| x * x * (-x * x).exp());
    assert!(rule.integrate(&mut f, -INF, INF, &[]).converged);
    // A batch answered short, bounds that are none, a range beyond the largest number.
    assert!(!rule.integrate(&mut |_| vec![], 0.0, 1.0, &[]).converged);
    assert!(
        !rule
            .integrate(&mut pointwise(|_| 1.0), f64::NAN, 1.0, &[f64::NAN])
            .converged
    );
    assert!(
        !rule
            .integrate(&mut pointwise(|_| 0.0), -f64::MAX, f64::MAX, &[])
            .converged
    );
    assert_eq!(
        rule.integrate(&mut pointwise(|x| x), 1.0, 1.0, &[]).value,
        0.0
    );
}

#[test]
fn planes() {
    let rule = Quadrature {
        relative: 1e-7,
        ..Quadrature::default()
    };
    let whole = |_: f64| Strip {
        lower: -INF,
        upper: INF,
        hints: vec![],
    };
    let check = |result: Integral, value: f64| {
        println!("{result:?}");
        assert!(
            result.converged && (result.value - value).abs() <= result.error,
            "{result:?}"
        );
    };
    check(
        rule.integrate_plane((-INF, INF), &[], &mut |_| whole(0.0), &mut |x, y| {
            y.x.iter()
                .map(|y| bell(x, 0.0, 1.0) * bell(*y, 0.5 * x, 2.0))
                .collect()
        }),
        1.0,
    );
    // The Dirichlet(1/2, 1/2, 1/2) density on the triangle, 2π its normalizer.
    check(
        rule.integrate_plane(
            (0.0, 1.0),
            &[],
            &mut |x| Strip {
                lower: 0.0,
                upper: 1.0 - x,
                hints: vec![],
            },
            &mut |x, y| {
                (0..y.x.len())
                    .map(|i| 1.0 / (x * y.from_lower[i] * y.to_upper[i]).sqrt())
                    .collect()
            },
        ),
        2.0 * PI,
    );
    // The area of the unit disc.
    check(
        rule.integrate_plane(
            (-1.0, 1.0),
            &[],
            &mut |x| {
                let half = (1.0 - x * x).sqrt();
                Strip {
                    lower: -half,
                    upper: half,
                    hints: vec![],
                }
            },
            &mut |_, y| vec![1.0; y.x.len()],
        ),
        PI,
    );
}
