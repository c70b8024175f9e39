//! The distribution of Kolmogorov's statistic Dₙ = sup |Fₙ − F|, for continuous F.

/// P(Dₙ ≥ d) for a sample of `n` draws.
///
/// Up to 140 draws exact to about 1e-12: by the matrix formula of Marsaglia, Tsang & Wang (2003)
/// where n·d² < 4, above that by twice Smirnov's one-sided probability (the two sides exclude each
/// other up to a term of size exp(−8nd²); Simard & L'Ecuyer 2011). From 141 draws on, Kolmogorov's
/// limit at the corrected argument of Vrbik (2018), within 2e-4 of the truth. Never above the
/// bound 2·exp(−2nd²) of Massart (1990). Zero draws, or d that is not a number, give 1.
pub fn kolmogorov_survival(n: usize, d: f64) -> f64 {
    let size = n as f64;
    if n == 0 || d.is_nan() || d <= 0.5 / size {
        return 1.0;
    }
    if d >= 1.0 {
        return 0.0;
    }
    let massart = 2.0 * (-2.0 * size * d * d).exp();
    let survival = if n > 140 {
        let x = size.sqrt() * d;
        kolmogorov_limit_survival(x + 1.0 / (6.0 * size.sqrt()) + (x - 1.0) / (4.0 * size))
    } else if size * d * d < 4.0 {
        1.0 - matrix_formula(n, d)
    } else {
        2.0 * smirnov(n, d)
    };
    survival.clamp(0.0, 1.0).min(massart)
}

/// lim P(√n·Dₙ ≥ x): 2·Σ (−1)^(k−1) exp(−2k²x²), for small x in the form that converges there.
pub fn kolmogorov_limit_survival(x: f64) -> f64 {
    use std::f64::consts::PI;
    if x.is_nan() || x <= 0.0 {
        return 1.0;
    }
    if x < 1.0 {
        let term = |k: f64| (-(2.0 * k - 1.0).powi(2) * PI * PI / (8.0 * x * x)).exp();
        let cdf: f64 = (1..=6).map(|k| term(f64::from(k))).sum();
        return (1.0 - (2.0 * PI).sqrt() / x * cdf).clamp(0.0, 1.0);
    }
    let term = |k: f64| (-2.0 * k * k * x * x).exp();
    2.0 * (1..=5)
        .map(|k| term(f64::from(k)) * if k % 2 == 1 { 1.0 } else { -1.0 })
        .sum::<f64>()
}

/// P(Dₙ⁺ ≥ d) by Smirnov's formula d·Σⱼ C(n, j) (d + j/n)^(j−1) (1 − d − j/n)^(n−j).
fn smirnov(n: usize, d: f64) -> f64 {
    let size = n as f64;
    let mut log_binomial = 0.0f64;
    let mut sum = 0.0;
    for j in 0..n {
        let share = j as f64 / size;
        let rest = 1.0 - d - share;
        if rest <= 0.0 {
            break;
        }
        let power = (j as f64 - 1.0) * (d + share).ln() + (n - j) as f64 * rest.ln();
        sum += (log_binomial + power).exp();
        log_binomial += ((n - j) as f64 / (j + 1) as f64).ln();
    }
    d * sum
}

/// P(Dₙ < d) by the matrix formula; the matrix has about 2nd rows.
fn matrix_formula(n: usize, d: f64) -> f64 {
    let scaled = n as f64 * d;
    let k = scaled.floor() as usize + 1;
    let m = 2 * k - 1;
    let h = k as f64 - scaled;
    let mut matrix = vec![0.0; m * m];
    for i in 0..m {
        for j in 0..m.min(i + 2) {
            matrix[i * m + j] = 1.0;
        }
    }
    for i in 0..m {
        matrix[i * m] -= h.powi(i as i32 + 1);
        matrix[(m - 1) * m + i] -= h.powi((m - i) as i32);
    }
    if 2.0 * h > 1.0 {
        matrix[(m - 1) * m] += (2.0 * h - 1.0).powi(m as i32);
    }
    for i in 0..m {
        for j in 0..m {
            for g in 1..=(i + 1).saturating_sub(j) {
                matrix[i * m + j] /= g as f64;
            }
        }
    }
    let (power, mut exponent) = matrix_power(&matrix, m, n);
    let mut value = power[(k - 1) * m + k - 1];
    for i in 1..=n {
        value *= i as f64 / n as f64;
        if value < 1e-140 {
            value *= 1e140;
            exponent -= 140;
        }
    }
    value * 10f64.powi(exponent)
}

/// A power of a matrix as (entries, decimal exponent).
fn matrix_power(matrix: &[f64], m: usize, n: usize) -> (Vec<f64>, i32) {
    let multiply = |a: &[f64], b: &[f64]| {
        let mut product = vec![0.0; m * m];
        for i in 0..m {
            for l in 0..m {
                let factor = a[i * m + l];
                for j in 0..m {
                    product[i * m + j] += factor * b[l * m + j];
                }
            }
        }
        product
    };
    if n == 1 {
        return (matrix.to_vec(), 0);
    }
    let (half, half_exponent) = matrix_power(matrix, m, n / 2);
    let mut power = multiply(&half, &half);
    let mut exponent = 2 * half_exponent;
    if n % 2 == 1 {
        power = multiply(matrix, &power);
    }
    if power[(m / 2) * m + m / 2] > 1e140 {
        power.iter_mut().for_each(|x| *x *= 1e-140);
        exponent += 140;
    }
    (power, exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn near(value: f64, expected: f64, error: f64) {
        assert!(
            (value - expected).abs() <= error,
            "{value} is not {expected}"
        );
    }

    #[test]
    fn published_values() {
        // Marsaglia, Tsang & Wang (2003), section 1 and table; limits from Smirnov's table.
        near(
            1.0 - kolmogorov_survival(10, 0.274),
            0.628_479_615_456_504_3,
            1e-12,
        );
        near(kolmogorov_limit_survival(1.358_098_6), 0.05, 1e-7);
        near(kolmogorov_limit_survival(0.827_573_6), 0.5, 1e-7);
        near(
            kolmogorov_limit_survival(0.999_999_9),
            kolmogorov_limit_survival(1.0),
            1e-6,
        );
        // One draw: P(D ≥ d) = 2(1 − d) on [1/2, 1].
        for d in [0.5, 0.6, 0.75, 0.99] {
            near(kolmogorov_survival(1, d), 2.0 * (1.0 - d), 1e-14);
        }
    }

    #[test]
    fn the_pieces_join() {
        for n in [20, 60, 140] {
            let d = (4.0 / n as f64).sqrt();
            near(2.0 * smirnov(n, d), 1.0 - matrix_formula(n, d), 1e-12);
        }
        for i in 4..=30 {
            let d = f64::from(i) * 0.1 / 141f64.sqrt();
            let exact = if i < 20 {
                1.0 - matrix_formula(141, d)
            } else {
                2.0 * smirnov(141, d)
            };
            near(kolmogorov_survival(141, d), exact, 2e-4);
        }
    }

    #[test]
    fn tails_stay_relative_and_nonsense_is_no_evidence() {
        let p = kolmogorov_survival(100, 0.45);
        assert!(p > 0.0 && p < 2.0 * (-2.0f64 * 100.0 * 0.2025).exp());
        assert_eq!(kolmogorov_survival(0, 0.3), 1.0);
        assert_eq!(kolmogorov_survival(10, f64::NAN), 1.0);
        assert_eq!(kolmogorov_survival(10, 1.0), 0.0);
    }
}
