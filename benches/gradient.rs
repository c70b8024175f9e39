//! A million draws of the value, the pathwise gradient and the score-function gradient of E z² for a
//! normal law, beside a loop written by hand, on all cores.
//!
//! Run with `cargo bench --bench gradient`; a draw is an item, and the noise is drawn beforehand.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use rayon::prelude::*;
use reparam_check::graph::Graph;
use reparam_check::tape::Tape;

const DRAWS: usize = 1_000_000;

fn main() {
    divan::main();
}

fn noise() -> Vec<f64> {
    let step = 0.618_033_988_749_894_9;
    (0..DRAWS)
        .map(|i| 6.0 * (step * i as f64).fract() - 3.0)
        .collect()
}

/// z², its slopes in μ and σ along the path, and the same by the score of the density.
fn tape() -> Tape {
    let mut graph = Graph::new();
    let [mu, sigma, eps, z] = ["mu", "sigma", "eps", "z"].map(|name| graph.symbol(name, &[]));
    let scaled = graph.mul(sigma, eps);
    let path = graph.add(mu, scaled);
    let f = graph.square(path);
    let centred = graph.sub(z, mu);
    let standard = graph.div(centred, sigma);
    let (square, two) = (graph.square(standard), graph.integer(2));
    let half = graph.div(square, two);
    let (minus, log) = (graph.neg(half), graph.log(sigma));
    let log_q = graph.sub(minus, log);
    let mut outputs = vec![f];
    for parameter in [mu, sigma] {
        let slope = |graph: &mut Graph, term| {
            graph
                .differentiate(&[term], parameter)
                .expect("invariant: elementary functions have derivatives")[0]
        };
        outputs.push(slope(&mut graph, f));
        let score = slope(&mut graph, log_q);
        let there = graph.substitute(&[score], &[(z, path)].into_iter().collect())[0];
        outputs.push(graph.mul(f, there));
    }
    Tape::new(&graph, &[mu, sigma, eps], &outputs).expect("invariant: every symbol is an input")
}

#[divan::bench]
fn by_tape(bencher: Bencher) {
    let (tape, noise) = (tape(), noise());
    let mut out = vec![Vec::new(); 5];
    bencher.counter(ItemsCount::new(DRAWS)).bench_local(|| {
        tape.evaluate_batch(&[&[0.3], &[1.2], black_box(&noise)], &mut out);
        black_box(out[0][0])
    });
}

#[divan::bench]
fn by_hand(bencher: Bencher) {
    const PORTION: usize = 8192;
    let noise = noise();
    let mut out = vec![vec![0.0; DRAWS]; 5];
    let (mu, sigma) = black_box((0.3f64, 1.2f64));
    bencher.counter(ItemsCount::new(DRAWS)).bench_local(|| {
        let [f, along_mu, score_mu, along_sigma, score_sigma] = &mut out[..] else {
            return;
        };
        let columns = f
            .par_chunks_mut(PORTION)
            .zip(along_mu.par_chunks_mut(PORTION))
            .zip(score_mu.par_chunks_mut(PORTION))
            .zip(along_sigma.par_chunks_mut(PORTION))
            .zip(score_sigma.par_chunks_mut(PORTION))
            .zip(black_box(&noise).par_chunks(PORTION));
        columns.for_each(|(((((f, am), sm), a_s), ss), noise)| {
            for i in 0..noise.len() {
                let z = mu + sigma * noise[i];
                let standard = (z - mu) / sigma;
                f[i] = z * z;
                am[i] = 2.0 * z;
                sm[i] = z * z * standard / sigma;
                a_s[i] = 2.0 * z * noise[i];
                ss[i] = z * z * (standard * standard - 1.0) / sigma;
            }
        });
    });
    black_box(out[0][0]);
}
