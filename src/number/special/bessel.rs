//! Modified Bessel functions of the first kind, as the von Mises law needs them.

/// log I₀(x); relative error below 2e-15.
pub fn log_bessel_i0(x: f64) -> f64 {
    let x = x.abs();
    if x < 1.0 {
        // I₀(x) − 1 = Σ (x²/4)ᵏ/k!², k ≥ 1.
        let quarter = 0.25 * x * x;
        let (mut term, mut sum) = (quarter, quarter);
        for k in 2..20 {
            term *= quarter / f64::from(k * k);
            sum += term;
        }
        pxfm::f_log1p(sum)
    } else if x < 10.0 {
        pxfm::f_log(pxfm::f_i0(x))
    } else if x < f64::INFINITY {
        x + pxfm::f_log(pxfm::f_i0e(x))
    } else {
        x
    }
}

/// I₁(x)/I₀(x); relative error below 1e-15.
pub fn bessel_ratio(x: f64) -> f64 {
    if x.is_infinite() {
        return x.signum();
    }
    pxfm::f_i1e(x) / pxfm::f_i0e(x)
}
