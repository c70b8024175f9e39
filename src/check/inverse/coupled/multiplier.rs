//! A constant matrix that makes others definite, looked for in binary64. Nothing rests on it: who uses
//! it encloses what it does.

use nalgebra::DMatrix;

/// Corrections of a first guess.
const CORRECTIONS: usize = 300;

/// A constant M that makes M·J positive definite for the matrices seen, or comes near it: for the
/// two that differ most by Lyapunov's equation, then corrected along what fails most (Rosenblatt
/// 1958).
pub(super) fn multiplier(seen: &[DMatrix<f64>]) -> Option<DMatrix<f64>> {
    let scaled = |m: DMatrix<f64>| {
        let norm = m.norm();
        m / norm
    };
    let mut m = scaled(first_multiplier(seen)?);
    let mut best: Option<(f64, DMatrix<f64>)> = None;
    for _ in 0..CORRECTIONS {
        let mut worst: Option<(f64, DMatrix<f64>)> = None;
        for j in seen {
            let product = &m * j;
            let norm = product.norm();
            let eigen = (&product + product.transpose()).symmetric_eigen();
            let (place, least) = eigen.eigenvalues.argmin();
            let least = least / norm;
            if !least.is_finite() {
                return None;
            }
            if worst.as_ref().is_none_or(|w| least < w.0) {
                let x = eigen.eigenvectors.column(place).into_owned();
                let image = j * &x;
                let step = &x * image.transpose() / image.norm().max(1e-300);
                worst = Some((least, step));
            }
        }
        let (least, step) = worst?;
        if best.as_ref().is_none_or(|b| least > b.0) {
            best = Some((least, m.clone()));
        }
        // What satisfies Lyapunov's equation does so by little where J is nearly singular.
        if least > 1e-6 {
            break;
        }
        m = scaled(m + 0.1 * step);
    }
    best.map(|b| b.1)
}

/// P·A⁻¹ with P·C + Cᵀ·P = 1 for C = A⁻¹·B, of which A⁻¹·B is furthest from 1.
fn first_multiplier(seen: &[DMatrix<f64>]) -> Option<DMatrix<f64>> {
    let a = seen.first()?.clone().try_inverse()?;
    let n = a.nrows();
    let one = DMatrix::<f64>::identity(n, n);
    let distance = |c: &DMatrix<f64>| (c - &one).norm();
    let c = seen
        .iter()
        .map(|b| &a * b)
        .max_by(|c, d| distance(c).total_cmp(&distance(d)))?;
    if distance(&c) < 1e-9 {
        return Some(a);
    }
    // The equation for the entries of P, row by row.
    let system = one.kronecker(&c.transpose()) + c.transpose().kronecker(&one);
    let flat = DMatrix::from_fn(n * n, 1, |k, _| one[(k / n, k % n)]);
    let p = system.lu().solve(&flat)?;
    let p = DMatrix::from_fn(n, n, |i, j| p[(i * n + j, 0)]);
    // Of both A and C.
    Some((&p + p.transpose()) * a)
}
