//! A normal law with a full covariance, z = μ + Lε, and the same behind an elementwise nonlinearity:
//! building the Jacobian and its log-determinant, and evaluating them.
//!
//! Run with `cargo bench --bench jacobian`. The structure is read off the graph: nobody says that L is
//! triangular. A point is an item; an evaluation at d = 512 fills 131,328 entries.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use reparam_check::algebra::{factorize, log_abs};
use reparam_check::graph::{Graph, Id};
use reparam_check::number::Unary;
use reparam_check::tape::Tape;

/// Points of one evaluation.
const POINTS: usize = 256;

fn main() {
    divan::main();
}

/// μ + Lε, or tanh of it, and the entries of μ, L and ε.
struct Map {
    graph: Graph,
    fixed: Vec<Id>,
    noise: Vec<Id>,
    z: Vec<Id>,
}

fn map(d: usize, squashed: bool) -> Map {
    let mut graph = Graph::new();
    let mu: Vec<Id> = (0..d).map(|i| graph.symbol("mu", &[i])).collect();
    let noise: Vec<Id> = (0..d).map(|i| graph.symbol("eps", &[i])).collect();
    let mut fixed = mu.clone();
    let mut z = Vec::new();
    for (i, &mu) in mu.iter().enumerate() {
        let mut terms = Vec::new();
        for (j, &eps) in noise.iter().enumerate().take(i + 1) {
            let entry = graph.symbol("L", &[i, j]);
            fixed.push(entry);
            terms.push(graph.mul(entry, eps));
        }
        let sum = graph.sum(&terms);
        let moved = graph.add(mu, sum);
        z.push(if squashed {
            graph.unary(Unary::Tanh, moved)
        } else {
            moved
        });
    }
    Map {
        graph,
        fixed,
        noise,
        z,
    }
}

/// The entries of the Jacobian that are not 0, and its log-determinant.
fn derived(map: &mut Map) -> Vec<Id> {
    let rows = map
        .graph
        .jacobian(&map.z, &map.noise)
        .expect("invariant: elementary functions have derivatives");
    let factors = factorize(&mut map.graph, &rows).expect("invariant: the diagonal is not 0");
    let logs: Vec<Id> = factors
        .factors
        .iter()
        .map(|&factor| log_abs(&mut map.graph, factor))
        .collect();
    let zero = map.graph.integer(0);
    let mut out: Vec<Id> = rows.into_iter().flatten().filter(|&x| x != zero).collect();
    out.push(map.graph.sum(&logs));
    out
}

fn build(bencher: Bencher, d: usize, squashed: bool) {
    bencher
        .with_inputs(|| map(d, squashed))
        .bench_local_values(|mut map| black_box(derived(&mut map)));
}

fn evaluate(bencher: Bencher, d: usize, squashed: bool) {
    let mut map = map(d, squashed);
    let outputs = derived(&mut map);
    let inputs = [map.fixed.as_slice(), &map.noise].concat();
    let tape = Tape::new(&map.graph, &inputs, &outputs).expect("invariant: nothing is unbound");
    let step = 0.618_033_988_749_894_9;
    let fixed: Vec<f64> = (0..map.fixed.len())
        .map(|i| ((step * i as f64).fract() + 0.5) / d as f64)
        .collect();
    let noise: Vec<Vec<f64>> = (0..d)
        .map(|j| {
            (0..POINTS)
                .map(|i| (step * (i * d + j) as f64).fract() - 0.5)
                .collect()
        })
        .collect();
    let mut columns: Vec<&[f64]> = fixed.iter().map(std::slice::from_ref).collect();
    columns.extend(noise.iter().map(Vec::as_slice));
    let mut out = vec![Vec::new(); outputs.len()];
    bencher.counter(ItemsCount::new(POINTS)).bench_local(|| {
        tape.evaluate_batch(black_box(&columns), &mut out);
        black_box(out[0][0])
    });
}

const SIZES: [usize; 4] = [8, 32, 128, 512];

#[divan::bench(args = SIZES, sample_count = 5)]
fn build_linear(bencher: Bencher, d: usize) {
    build(bencher, d, false);
}

#[divan::bench(args = SIZES, sample_count = 5)]
fn build_squashed(bencher: Bencher, d: usize) {
    build(bencher, d, true);
}

#[divan::bench(args = SIZES, sample_count = 5)]
fn evaluate_linear(bencher: Bencher, d: usize) {
    evaluate(bencher, d, false);
}

#[divan::bench(args = SIZES, sample_count = 5)]
fn evaluate_squashed(bencher: Bencher, d: usize) {
    evaluate(bencher, d, true);
}
