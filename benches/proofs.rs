//! How long proofs take: of density and log-determinant of every right univariate spec, and of
//! the multivariate ones at growing sizes. The whole tool runs on a spec held in memory, with these
//! two checks only; one thread.
//!
//! Run with `cargo bench --bench proofs`. Goals: 3 ms for `normal`, 20 ms for each other univariate
//! spec.

use divan::{Bencher, black_box};
use reparam_check::run::{Effort, Options, run};
use std::path::Path;

fn main() {
    divan::main();
}

fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("specs/{name}.yaml"));
    std::fs::read_to_string(path).expect("invariant: the spec is in the repository")
}

fn prove(bencher: Bencher, name: &str, text: String) {
    let files = [(format!("{name}.yaml"), text.into_bytes())];
    let options = Options {
        checks: Some(["jacobian", "density"].map(str::to_owned).to_vec()),
        effort: Effort::Quick,
        ..Options::default()
    };
    bencher.bench_local(|| black_box(run(black_box(&files), &options)));
}

/// Right specs of one coordinate with a transform, where density and log-determinant are proved.
const UNIVARIATE: &[&str] = &[
    "normal",
    "log_normal",
    "logistic",
    "laplace",
    "gumbel",
    "cauchy",
    "exponential",
    "uniform",
    "weibull",
    "pareto",
    "kumaraswamy",
    "half_normal",
    "tanh_normal",
    "constraints/sinh",
    "constraints/softplus",
    "inverse_cdf/johnson_su",
    "inverse_cdf/log_uniform",
    "inverse_cdf/sinh_arcsinh",
    "inverse_cdf/truncated_cauchy",
    "inverse_cdf/gompertz",
    "inverse_cdf/dagum",
    "inverse_cdf/frechet",
    "inverse_cdf/generalized_pareto",
    "location_scale/soft_laplace",
];

#[divan::bench(args = UNIVARIATE, sample_count = 20)]
fn univariate(bencher: Bencher, name: &str) {
    prove(bencher, name, read(name));
}

/// A spec with the list of sizes of one dimension replaced by a single one.
fn at_size(name: &str, dimension: &str, size: usize) -> String {
    let text = read(name);
    let (before, rest) = text
        .split_once(&format!("{dimension}: ["))
        .expect("invariant: the dimension is listed");
    let (_, after) = rest
        .split_once(']')
        .expect("invariant: the list has an end");
    format!("{before}{dimension}: [{size}]{after}")
}

#[divan::bench(args = [1, 2, 3, 5], sample_count = 10)]
fn multivariate_normal(bencher: Bencher, d: usize) {
    let name = "multivariate_normal";
    prove(bencher, name, at_size(name, "d", d));
}

#[divan::bench(args = [2, 3, 4], sample_count = 10)]
fn stick_breaking(bencher: Bencher, k: usize) {
    let name = "simplex_stick_breaking";
    prove(bencher, name, at_size(name, "k", k));
}

#[divan::bench(sample_count = 10)]
fn affine_coupling(bencher: Bencher) {
    prove(bencher, "affine_coupling", read("affine_coupling"));
}
