//! Libraries as published, and code of one's own, against specs and against themselves.

use rand::rand_core::{Infallible, TryRng};
use rand_distr::Distribution;
use reparam_check::harness::{
    Comparison, Differentiated, Generic, Implementation, Limits, Named, Scalar, check, consistent,
};
use statrs::distribution::Continuous;

fn source(name: &str) -> String {
    let file = format!("{}/specs/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(file).expect("the spec exists")
}

#[track_caller]
fn passes(spec: &str, code: &impl Implementation, quantities: &[&str]) -> Comparison {
    let found = check(spec, code, Limits::default()).expect("it fits");
    assert!(found.passed(), "{found}");
    let names: Vec<&str> = found.quantities.keys().map(String::as_str).collect();
    assert_eq!(names, quantities);
    found
}

/// Log-densities of statrs by the parameters of a spec.
struct Statrs(Density);

type Density = fn(&Named, f64) -> f64;

impl Implementation for Statrs {
    fn log_density(&self, given: &Named, z: &Named) -> Option<f64> {
        Some(self.0(given, z.number("z")))
    }
}

#[test]
fn densities_of_statrs_are_those_of_the_specs() {
    use statrs::distribution as law;
    let laws: [(&str, Density); 5] = [
        ("cauchy", |p, z| {
            let law = law::Cauchy::new(p.number("loc"), p.number("gamma"));
            law.expect("it is one").ln_pdf(z)
        }),
        ("laplace", |p, z| {
            let law = law::Laplace::new(p.number("mu"), p.number("b"));
            law.expect("it is one").ln_pdf(z)
        }),
        ("log_normal", |p, z| {
            let law = law::LogNormal::new(p.number("mu"), p.number("sigma"));
            law.expect("it is one").ln_pdf(z)
        }),
        ("pareto", |p, z| {
            let law = law::Pareto::new(p.number("m"), p.number("alpha"));
            law.expect("it is one").ln_pdf(z)
        }),
        ("exponential", |p, z| {
            let law = law::Exp::new(p.number("lambda"));
            law.expect("it is one").ln_pdf(z)
        }),
    ];
    for (name, density) in laws {
        passes(&source(name), &Statrs(density), &["log_density"]);
    }
}

/// A generator whose every number is the same: it turns a sampler into a function of its noise.
struct Always(u64);

impl TryRng for Always {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.0 >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.0)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.fill(0);
        Ok(())
    }
}

/// The generator at which `OpenClosed01` gives u; none where u is no multiple of 2⁻⁵³.
fn at(u: f64) -> Option<Always> {
    let steps = u * 2f64.powi(53);
    (steps.fract() == 0.0 && steps >= 1.0).then(|| Always((steps as u64 - 1) << 11))
}

/// Samplers of rand_distr that invert a distribution function.
struct RandDistr(fn(&Named, &mut Always) -> f64);

impl Implementation for RandDistr {
    fn transform(&self, given: &Named, noise: &Named) -> Option<Vec<f64>> {
        Some(vec![self.0(given, &mut at(noise.number("u"))?)])
    }
}

#[test]
fn samplers_of_rand_distr_are_the_transforms_of_specs() {
    let gumbel = RandDistr(|p, rng| {
        let law = rand_distr::Gumbel::new(p.number("mu"), p.number("beta"));
        law.expect("it is one").sample(rng)
    });
    passes(&source("gumbel"), &gumbel, &["transform/z"]);
    // Large where u is small: the mirror image of the inverse in specs/weibull.yaml.
    let spec = "
name: weibull
parameters: {scale: {domain: positive, range: [0.1, 10]}, k: {domain: positive, range: [0.5, 5]}}
noise: {u: \"uniform(0, 1)\"}
transform: {z: scale*(-log(u))^(1/k)}
";
    let weibull = RandDistr(|p, rng| {
        let law = rand_distr::Weibull::new(p.number("scale"), p.number("k"));
        law.expect("it is one").sample(rng)
    });
    passes(spec, &weibull, &["transform/z"]);
    let spec = "
name: pareto
parameters: {m: {domain: positive, range: [0.1, 10]}, alpha: {domain: positive, range: [0.5, 20]}}
noise: {u: \"uniform(0, 1)\"}
transform: {z: m*u^(-1/alpha)}
";
    let pareto = RandDistr(|p, rng| {
        let law = rand_distr::Pareto::new(p.number("m"), p.number("alpha"));
        law.expect("it is one").sample(rng)
    });
    passes(spec, &pareto, &["transform/z"]);
}

/// The Gumbel distribution for any numbers, with a mistake if it is asked for.
struct Gumbel {
    forgets_scale: bool,
}

impl Generic for Gumbel {
    fn transform<S: Scalar>(&self, given: &Named<S>, noise: &Named<S>) -> Vec<S> {
        let y = -(-noise.number("u").ln()).ln();
        vec![given.number("mu") + given.number("beta") * y]
    }

    fn inverse<S: Scalar>(&self, given: &Named<S>, z: &Named<S>) -> Option<Vec<S>> {
        let y = (z.number("z") - given.number("mu")) / given.number("beta");
        Some(vec![(-(-y).exp()).exp()])
    }

    fn log_density<S: Scalar>(&self, given: &Named<S>, z: &Named<S>) -> Option<S> {
        let beta = given.number("beta");
        let y = (z.number("z") - given.number("mu")) / beta;
        let standard = -y - (-y).exp();
        Some(if self.forgets_scale {
            standard
        } else {
            standard - beta.ln()
        })
    }

    fn log_abs_det_jacobian<S: Scalar>(&self, given: &Named<S>, noise: &Named<S>) -> Option<S> {
        let u = noise.number("u");
        let standard = -u.ln() - (-u.ln()).ln();
        Some(if self.forgets_scale {
            standard
        } else {
            standard + given.number("beta").ln()
        })
    }
}

#[test]
fn generic_code_is_compared_with_its_derivatives() {
    let right = Differentiated(Gumbel {
        forgets_scale: false,
    });
    passes(
        &source("gumbel"),
        &right,
        &[
            "inverse/u",
            "log_abs_det_jacobian",
            "log_density",
            "score/z",
            "transform/z",
            "velocity/beta/z",
            "velocity/mu/z",
        ],
    );
    let wrong = Differentiated(Gumbel {
        forgets_scale: true,
    });
    let found = check(&source("gumbel"), &wrong, Limits::default()).expect("it fits");
    let refuted: Vec<&str> = found
        .quantities
        .iter()
        .filter(|(_, q)| q.refuted > 0)
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(refuted, ["log_abs_det_jacobian", "log_density"]);
}

#[test]
fn the_parts_of_generic_code_are_held_against_one_another() {
    let point = |mu: f64, beta: f64, u: f64| {
        let given = Named::default().with("mu", [mu]).with("beta", [beta]);
        (given, Named::default().with("u", [u]))
    };
    let points = [
        point(0.5, 2.0, 0.25),
        point(-3.0, 0.1, 0.9),
        point(1.0, 7.0, 1e-6),
    ];
    let right = Gumbel {
        forgets_scale: false,
    };
    let found = consistent(&right, &points, |_| Some(0.0));
    assert!(found.passed(), "{found}");
    assert_eq!(found.statements.len(), 3);
    // Density and log-determinant are off by log beta each way, so that their sum is right: only
    // the Jacobian tells.
    let wrong = Gumbel {
        forgets_scale: true,
    };
    let found = consistent(&wrong, &points, |_| Some(0.0));
    assert_eq!(found.misses.len(), 3, "{found}");
    assert!(found.misses[0].starts_with("its log |det J|"), "{found}");
    assert!(found.statements.contains_key("its inverse leads back"));
}

/// A map of several coordinates: z = L ε, with L lower triangular.
struct Triangular {
    transposed: bool,
}

impl Generic for Triangular {
    fn transform<S: Scalar>(&self, given: &Named<S>, noise: &Named<S>) -> Vec<S> {
        let (l, e) = (given.vector("L"), noise.vector("eps"));
        vec![l[0] * e[0], l[2] * e[0] + l[3] * e[1]]
    }

    fn log_abs_det_jacobian<S: Scalar>(&self, given: &Named<S>, _: &Named<S>) -> Option<S> {
        let l = given.vector("L");
        let other = if self.transposed { l[2] } else { l[3] };
        Some((l[0] * other).abs().ln())
    }
}

#[test]
fn log_determinants_in_several_coordinates_are_those_of_dual_numbers() {
    let given = Named::default().with("L", [2.0, 0.0, -1.0, 0.5]);
    let points = [(given, Named::default().with("eps", [0.3, -1.2]))];
    let right = Triangular { transposed: false };
    let found = consistent(&right, &points, |_| None);
    assert!(found.passed(), "{found}");
    let wrong = Triangular { transposed: true };
    assert!(!consistent(&wrong, &points, |_| None).passed());
    assert!(!consistent(&right, &[], |_| None).passed());
}
