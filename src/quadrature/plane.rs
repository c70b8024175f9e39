//! Integrals over a region of the plane, one inside the other.

use super::{Abscissae, Integral, Integrand, Quadrature};

/// The inner range at a fixed outer coordinate.
#[derive(Clone, Debug, PartialEq)]
pub struct Strip {
    /// Its lower end; may be −∞.
    pub lower: f64,
    /// Its upper end; may be +∞.
    pub upper: f64,
    /// Where the inner integrand has its mass, or is not smooth.
    pub hints: Vec<f64>,
}

/// Values of the integrand after which the rest is given up: its error is then infinite.
const MOST: usize = 4_000_000;

impl Quadrature {
    /// ∫∫ f(x, y) dy dx over x in `range`, y in `strip(x)`.
    ///
    /// `f` is called for one x and a batch of y. The inner integrals are taken ten times more
    /// accurately, and the errors they report are integrated along with their values, so the error
    /// covers both.
    pub fn integrate_plane(
        &self,
        range: (f64, f64),
        hints: &[f64],
        strip: &mut dyn FnMut(f64) -> Strip,
        f: &mut dyn FnMut(f64, &Abscissae) -> Vec<f64>,
    ) -> Integral {
        let inner = Quadrature {
            relative: self.relative / 10.0,
            absolute: self.absolute / 10.0,
            evaluations: self.evaluations,
        };
        let mut evaluations = 0;
        let mut outer = |at: &Abscissae| {
            at.x.iter()
                .map(|&x| {
                    if evaluations > MOST {
                        return (0.0, f64::INFINITY);
                    }
                    let Strip {
                        lower,
                        upper,
                        hints,
                    } = strip(x);
                    let mut slice = |at: &Abscissae| f(x, at);
                    let slice: &mut Integrand<'_> = &mut slice;
                    let integral = inner.integrate(slice, lower, upper, &hints);
                    evaluations += integral.evaluations;
                    if integral.undefined_at.is_some() {
                        (f64::NAN, 0.0)
                    } else {
                        (integral.value, integral.error)
                    }
                })
                .collect()
        };
        let integral = self.integrate_uncertain(&mut outer, range, hints);
        Integral {
            evaluations,
            ..integral
        }
    }
}
