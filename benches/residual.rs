//! The density residual log p(ε) − log q(g(ε)) − log |det J| over columns, beside a scalar loop
//! written by hand. One thread; a portion of lanes that one thread takes at a time.
//!
//! Run with `cargo bench --bench residual`; a point is an item.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use reparam_check::graph::{Graph, Id};
use reparam_check::number::Unary;
use reparam_check::tape::Tape;

const LANES: usize = 8192;

fn main() {
    divan::main();
}

/// The noise, and its residual given log p(ε), z and log q(z).
fn residual(graph: &mut Graph, noise: Id, log_p: Id, z: Id, log_q: Id) -> Id {
    let slope = graph
        .differentiate(&[z], noise)
        .expect("invariant: elementary functions have derivatives")[0];
    let size = graph.unary(Unary::Abs, slope);
    let log_det = graph.log(size);
    let difference = graph.sub(log_p, log_q);
    graph.sub(difference, log_det)
}

/// −x²/2 − log(2π)/2.
fn standard_normal(graph: &mut Graph, x: Id) -> Id {
    let (two, pi) = (graph.integer(2), graph.pi());
    let two_pi = graph.mul(two, pi);
    let log = graph.log(two_pi);
    let square = graph.square(x);
    let sum = graph.add(square, log);
    let half = graph.div(sum, two);
    graph.neg(half)
}

fn normal() -> Tape {
    let mut graph = Graph::new();
    let [mu, sigma, eps] = ["mu", "sigma", "eps"].map(|name| graph.symbol(name, &[]));
    let scaled = graph.mul(sigma, eps);
    let z = graph.add(mu, scaled);
    let log_p = standard_normal(&mut graph, eps);
    let centred = graph.sub(z, mu);
    let standard = graph.div(centred, sigma);
    let log_q = standard_normal(&mut graph, standard);
    let log_sigma = graph.log(sigma);
    let log_q = graph.sub(log_q, log_sigma);
    let out = residual(&mut graph, eps, log_p, z, log_q);
    Tape::new(&graph, &[mu, sigma, eps], &[out]).expect("invariant: every symbol is an input")
}

fn kumaraswamy() -> Tape {
    let mut graph = Graph::new();
    let [a, b, u] = ["a", "b", "u"].map(|name| graph.symbol(name, &[]));
    let (zero, one) = (graph.integer(0), graph.integer(1));
    let (inverse_a, inverse_b) = (graph.div(one, a), graph.div(one, b));
    let rest = graph.sub(one, u);
    let power = graph.pow(rest, inverse_b);
    let base = graph.sub(one, power);
    let z = graph.pow(base, inverse_a);
    let (a1, b1) = (graph.sub(a, one), graph.sub(b, one));
    let ab = graph.mul(a, b);
    let log_z = graph.log(z);
    let z_a = graph.pow(z, a);
    let rest_z = graph.sub(one, z_a);
    let log_rest = graph.log(rest_z);
    let (first, second, third) = (graph.log(ab), graph.mul(a1, log_z), graph.mul(b1, log_rest));
    let log_q = graph.sum(&[first, second, third]);
    let out = residual(&mut graph, u, zero, z, log_q);
    Tape::new(&graph, &[a, b, u], &[out]).expect("invariant: every symbol is an input")
}

/// Points of the unit interval, far from its ends.
fn points() -> Vec<f64> {
    let step = 0.618_033_988_749_894_9;
    (0..LANES)
        .map(|i| 0.01 + 0.98 * (step * i as f64).fract())
        .collect()
}

fn run(bencher: Bencher, tape: &Tape, first: f64, second: f64, noise: &[f64]) {
    let mut out = vec![Vec::new()];
    bencher
        .counter(ItemsCount::new(noise.len()))
        .bench_local(|| {
            tape.evaluate_batch(&[&[first], &[second], black_box(noise)], &mut out);
            black_box(out[0][0])
        });
}

fn by_hand(bencher: Bencher, noise: &[f64], point: impl Fn(f64) -> f64) {
    let mut out = vec![0.0; noise.len()];
    bencher
        .counter(ItemsCount::new(noise.len()))
        .bench_local(|| {
            for (slot, &x) in out.iter_mut().zip(black_box(noise)) {
                *slot = point(x);
            }
            black_box(out[0])
        });
}

#[divan::bench]
fn normal_tape(bencher: Bencher) {
    let noise: Vec<f64> = points().iter().map(|u| 6.0 * u - 3.0).collect();
    run(bencher, &normal(), 0.5, 2.0, &noise);
}

#[divan::bench]
fn normal_by_hand(bencher: Bencher) {
    let noise: Vec<f64> = points().iter().map(|u| 6.0 * u - 3.0).collect();
    let (mu, sigma) = black_box((0.5f64, 2.0f64));
    let half_log = std::f64::consts::TAU.ln() / 2.0;
    by_hand(bencher, &noise, |eps| {
        let z = mu + sigma * eps;
        let standard = (z - mu) / sigma;
        let log_p = -eps * eps / 2.0 - half_log;
        let log_q = -standard * standard / 2.0 - half_log - sigma.ln();
        log_p - log_q - sigma.abs().ln()
    });
}

#[divan::bench]
fn kumaraswamy_tape(bencher: Bencher) {
    run(bencher, &kumaraswamy(), 2.5, 1.5, &points());
}

#[divan::bench]
fn kumaraswamy_by_hand(bencher: Bencher) {
    let (a, b) = black_box((2.5f64, 1.5f64));
    by_hand(bencher, &points(), |u| {
        let power = (1.0 - u).powf(1.0 / b);
        let base = 1.0 - power;
        let z = base.powf(1.0 / a);
        let log_q = (a * b).ln() + (a - 1.0) * z.ln() + (b - 1.0) * (1.0 - z.powf(a)).ln();
        let slope = z / (a * base) * power / (b * (1.0 - u));
        -log_q - slope.abs().ln()
    });
}
