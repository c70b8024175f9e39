//! Dual numbers: a value and its derivative, carried through every operator together.
//!
//! The rules are written on their own, often in another form than in `graph::differentiate`, so
//! that each checks the other (test `symbolic_derivatives_are_the_dual_ones` in `tests/laws.rs`).
//! Where the language has no closed form (∂/∂a of `GammaPDa`, ∂/∂a and ∂/∂b of `BetaIncDa`) the
//! derivative is an extrapolated difference quotient, good to about eight digits.
//!
//! As in the symbolic rules the derivative is the one that holds almost everywhere, and an
//! argument that does not vary contributes nothing, whatever its factor.

use super::{Binary, Number, Rational, Ternary, Unary, special};
use std::f64::consts::{FRAC_2_SQRT_PI, SQRT_2, TAU};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// f(x) together with f′(x) in one direction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dual {
    /// The value.
    pub value: f64,
    /// The derivative.
    pub derivative: f64,
}

impl Dual {
    /// The variable that is differentiated by, at a value.
    pub fn variable(value: f64) -> Dual {
        Dual {
            value,
            derivative: 1.0,
        }
    }

    /// A value that does not vary.
    pub fn constant(value: f64) -> Dual {
        Dual {
            value,
            derivative: 0.0,
        }
    }

    /// f(x), given f and f′ at the value of x.
    fn chain(self, value: f64, slope: f64) -> Dual {
        Dual {
            value,
            derivative: times(slope, self.derivative),
        }
    }
}

/// slope·tangent, which is zero where nothing varies even if the slope is infinite or undefined.
fn times(slope: f64, tangent: f64) -> f64 {
    if tangent == 0.0 { 0.0 } else { slope * tangent }
}

impl From<f64> for Dual {
    fn from(value: f64) -> Dual {
        Dual::constant(value)
    }
}

impl Neg for Dual {
    type Output = Dual;
    fn neg(self) -> Dual {
        self.chain(-self.value, -1.0)
    }
}

impl Add for Dual {
    type Output = Dual;
    fn add(self, other: Dual) -> Dual {
        Dual {
            value: self.value + other.value,
            derivative: self.derivative + other.derivative,
        }
    }
}

impl Sub for Dual {
    type Output = Dual;
    fn sub(self, other: Dual) -> Dual {
        Dual {
            value: self.value - other.value,
            derivative: self.derivative - other.derivative,
        }
    }
}

impl Mul for Dual {
    type Output = Dual;
    fn mul(self, other: Dual) -> Dual {
        Dual {
            value: self.value * other.value,
            derivative: times(other.value, self.derivative) + times(self.value, other.derivative),
        }
    }
}

impl Div for Dual {
    type Output = Dual;
    fn div(self, other: Dual) -> Dual {
        let value = self.value / other.value;
        let numerator = self.derivative - times(value, other.derivative);
        Dual {
            value,
            derivative: times(1.0 / other.value, numerator),
        }
    }
}

impl Number for Dual {
    type Context = ();

    fn rational(value: &Rational, (): &()) -> Dual {
        Dual::constant(f64::rational(value, &()))
    }

    fn pi((): &()) -> Dual {
        Dual::constant(f64::pi(&()))
    }

    fn infinity((): &()) -> Dual {
        Dual::constant(f64::INFINITY)
    }

    fn unary(operator: Unary, x: &Dual, (): &()) -> Dual {
        let y = f64::unary(operator, &x.value, &());
        x.chain(y, slope(operator, x.value, y))
    }

    fn binary(operator: Binary, x: &Dual, y: &Dual, (): &()) -> Dual {
        let (a, b) = (x.value, y.value);
        let value = f64::binary(operator, &a, &b, &());
        let by = |of_x: f64, of_y: f64| Dual {
            value,
            derivative: times(of_x, x.derivative) + times(of_y, y.derivative),
        };
        match operator {
            Binary::Add => *x + *y,
            Binary::Sub => *x - *y,
            Binary::Mul => *x * *y,
            Binary::Div => *x / *y,
            Binary::Pow => {
                let of_y = if y.derivative == 0.0 || value == 0.0 {
                    0.0
                } else {
                    value * pxfm::f_log(a)
                };
                let of_x = if b == 0.0 {
                    0.0
                } else {
                    b * f64::binary(Binary::Pow, &a, &(b - 1.0), &())
                };
                by(of_x, of_y)
            }
            Binary::Min if a <= b => by(1.0, 0.0),
            Binary::Min => by(0.0, 1.0),
            Binary::Max if b <= a => by(1.0, 0.0),
            Binary::Max => by(0.0, 1.0),
            Binary::Mod => by(1.0, -(a / b).floor()),
            Binary::Atan2 => {
                // In two steps, against overflow of the squares.
                let radius = pxfm::f_hypot(a, b);
                by(b / radius / radius, -a / radius / radius)
            }
            Binary::GammaP => by(special::gamma_p_da(a, b), special::gamma_density(a, b)),
            Binary::GammaQ => by(-special::gamma_p_da(a, b), -special::gamma_density(a, b)),
            Binary::GammaPDa => {
                let of_a = quotient(x, |a| special::gamma_p_da(a, b), 0.0);
                let score = pxfm::f_log(b) - special::digamma(a);
                by(of_a, special::gamma_density(a, b) * score)
            }
            Binary::Less | Binary::LessEqual | Binary::Equal | Binary::And | Binary::Or => {
                by(0.0, 0.0)
            }
        }
    }

    fn ternary(operator: Ternary, x: &Dual, y: &Dual, z: &Dual, (): &()) -> Dual {
        let (a, b, c) = (x.value, y.value, z.value);
        let value = f64::ternary(operator, &a, &b, &c, &());
        let by = |of_x: f64, of_y: f64, of_z: f64| Dual {
            value,
            derivative: times(of_x, x.derivative)
                + times(of_y, y.derivative)
                + times(of_z, z.derivative),
        };
        match operator {
            Ternary::Select if a == 1.0 => *y,
            Ternary::Select if a == 0.0 => *z,
            Ternary::Select => Dual {
                value,
                derivative: f64::NAN,
            },
            Ternary::BetaInc => by(
                special::beta_inc_da(a, b, c),
                -special::beta_inc_da(b, a, 1.0 - c),
                special::beta_density(a, b, c),
            ),
            Ternary::BetaIncDa => {
                let of_a = quotient(x, |a| special::beta_inc_da(a, b, c), 0.0);
                let of_b = quotient(y, |b| special::beta_inc_da(a, b, c), 0.0);
                let score = pxfm::f_log(c) - (special::digamma(a) - special::digamma(a + b));
                by(of_a, of_b, special::beta_density(a, b, c) * score)
            }
        }
    }
}

/// f′(x); `y` is f(x).
fn slope(operator: Unary, x: f64, y: f64) -> f64 {
    match operator {
        Unary::Neg => -1.0,
        Unary::Exp => y,
        Unary::Log => 1.0 / x,
        Unary::Log1p => 1.0 / (1.0 + x),
        Unary::Expm1 => y + 1.0,
        Unary::Sqrt => 0.5 / y,
        Unary::Abs => f64::unary(Unary::Sign, &x, &()),
        Unary::Sign | Unary::Floor | Unary::Ceil | Unary::Round => 0.0,
        Unary::Sin => pxfm::f_cos(x),
        Unary::Cos => -pxfm::f_sin(x),
        Unary::Tan => 1.0 / square(pxfm::f_cos(x)),
        Unary::Asin => 1.0 / ((1.0 - x) * (1.0 + x)).sqrt(),
        Unary::Acos => -1.0 / ((1.0 - x) * (1.0 + x)).sqrt(),
        Unary::Atan => square(1.0 / pxfm::f_hypot(1.0, x)),
        Unary::Sinh => pxfm::f_cosh(x),
        Unary::Cosh => pxfm::f_sinh(x),
        Unary::Tanh => square(1.0 / pxfm::f_cosh(x)),
        Unary::Asinh => 1.0 / pxfm::f_hypot(1.0, x),
        Unary::Acosh => 1.0 / ((x - 1.0).sqrt() * (x + 1.0).sqrt()),
        Unary::Atanh => 1.0 / ((1.0 - x) * (1.0 + x)),
        Unary::Sigmoid => {
            let e = pxfm::f_exp(-x.abs());
            e / square(1.0 + e)
        }
        Unary::Softplus => 1.0 / (1.0 + pxfm::f_exp(-x)),
        Unary::Erf => FRAC_2_SQRT_PI * pxfm::f_exp(-x * x),
        Unary::Erfc => -FRAC_2_SQRT_PI * pxfm::f_exp(-x * x),
        Unary::ErfInv => pxfm::f_exp(y * y) / FRAC_2_SQRT_PI,
        Unary::NormalCdf => pxfm::f_exp(-0.5 * x * x) / TAU.sqrt(),
        Unary::NormalIcdf => TAU.sqrt() * pxfm::f_exp(0.5 * y * y),
        Unary::NormalLogCdf if x < 0.0 => {
            // φ/Φ as √(2/π)/erfcx, which does not underflow.
            FRAC_2_SQRT_PI / SQRT_2 / pxfm::f_erfcx(-x / SQRT_2)
        }
        Unary::NormalLogCdf => pxfm::f_exp(-0.5 * x * x) / TAU.sqrt() / special::normal_cdf(x),
        Unary::Lgamma => special::digamma(x),
        Unary::Polygamma(n) => special::polygamma(n.saturating_add(1), x),
        Unary::LogBesselI0 => special::bessel_ratio(x),
        Unary::BesselRatio => bessel_ratio_slope(x),
        Unary::Not | Unary::StopGradient => 0.0,
    }
}

fn square(x: f64) -> f64 {
    x * x
}

/// (I₁/I₀)′: Gauss's continued fraction r = 1/(2/x + 1/(4/x + …)) differentiated from the
/// inside out; from 50 on, the asymptotic series of r (DLMF 10.40.1) differentiated.
fn bessel_ratio_slope(x: f64) -> f64 {
    let x = x.abs();
    if x == 0.0 {
        return 0.5;
    }
    if x >= 50.0 {
        let t = 1.0 / x;
        let tail = 65.0 / 32.0 + t * (3219.0 / 512.0);
        return t * t * (0.5 + t * (0.25 + t * (0.375 + t * (25.0 / 32.0 + t * tail))));
    }
    let x = Dual::variable(x);
    let mut r = Dual::constant(0.0);
    for k in (1..120).rev() {
        r = Dual::from(1.0) / (Dual::from(2.0 * f64::from(k)) / x + r);
    }
    r.derivative
}

/// f′ at x > `lower` by central differences at six steps, each half the last, with Richardson's
/// extrapolation; zero where x does not vary.
fn quotient(x: &Dual, f: impl Fn(f64) -> f64, lower: f64) -> f64 {
    if x.derivative == 0.0 {
        return 0.0;
    }
    let x = x.value;
    let mut step = 0.1 * (x - lower).abs().min(1.0 + x.abs());
    let mut row: Vec<f64> = Vec::new();
    for _ in 0..6 {
        let mut entry = (f(x + step) - f(x - step)) / ((x + step) - (x - step));
        let mut weight = 1.0;
        for slot in &mut row {
            let previous = std::mem::replace(slot, entry);
            weight *= 4.0;
            entry += (entry - previous) / (weight - 1.0);
        }
        row.push(entry);
        step *= 0.5;
    }
    row.last().copied().unwrap_or(f64::NAN)
}
