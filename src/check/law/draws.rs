//! A stream of draws of terms over the noise at fixed parameters, keyed by its purpose.

use crate::check::Context;
use crate::check::points::Space;
use crate::distribution::Sampler;
use crate::graph::Id;
use crate::model::Model;
use crate::tape::Tape;
use rand_chacha::ChaCha8Rng;

/// Closer than this to 1 the distance has lost its digits.
const CROWDED: f64 = 1e-12;

/// A stream of draws of terms over the noise at fixed parameters.
pub(crate) struct Draws {
    tape: Tape,
    fixed: Vec<f64>,
    samplers: Vec<Sampler>,
    rng: ChaCha8Rng,
    width: usize,
    /// The places of continuous noise among the components, and whether it ends at 1.
    continuous: Vec<(usize, bool)>,
    /// Draws so far in which rounding has decided how far noise is from an end of its support.
    pub(super) crowded: usize,
    /// What is drawn, in words.
    pub(super) what: &'static str,
}

impl Draws {
    /// Draws of z.
    pub(super) fn new(
        context: &Context,
        model: &Model,
        space: &Space,
        at: &[f64],
        what: &'static str,
    ) -> Option<Draws> {
        let transform = model.transform.as_ref()?;
        let draws = Draws::of(context, model, space, at, &transform.elements, "noise")?;
        Some(Draws { what, ..draws })
    }

    /// Draws of terms in parameters, inputs and noise, from the stream for a purpose.
    pub(crate) fn of(
        context: &Context,
        model: &Model,
        space: &Space,
        at: &[f64],
        terms: &[Id],
        purpose: &str,
    ) -> Option<Draws> {
        let mut inputs = space.symbols.clone();
        inputs.extend(model.noise_symbols());
        let tape = Tape::new(&model.graph, &inputs, terms).ok()?;
        let mut samplers = Vec::new();
        let mut continuous = Vec::new();
        let mut place = 0;
        for noise in &model.noise {
            let ends_at_one = matches!(noise.law_name(), "beta" | "dirichlet");
            for _ in &noise.variable.symbols {
                if !noise.is_discrete() {
                    continuous.push((place, ends_at_one));
                }
                place += 1;
            }
            samplers.extend(noise.samplers(&model.graph, &space.symbols, at)?);
        }
        Some(Draws {
            tape,
            fixed: at.to_vec(),
            samplers,
            rng: context.stream(purpose),
            width: terms.len(),
            continuous,
            crowded: 0,
            what: "g(ε)",
        })
    }

    /// The next `count` draws, a column for each term.
    pub(crate) fn next(&mut self, count: usize) -> Vec<Vec<f64>> {
        let mut noise: Vec<Vec<f64>> = Vec::new();
        for sampler in &self.samplers {
            let mut columns = vec![Vec::with_capacity(count); sampler.length()];
            let mut event = vec![0.0; sampler.length()];
            for _ in 0..count {
                sampler.draw(&mut self.rng, &mut event);
                for (column, value) in columns.iter_mut().zip(&event) {
                    column.push(*value);
                }
            }
            noise.extend(columns);
        }
        for &(place, ends_at_one) in &self.continuous {
            let is_crowded = |v: &&f64| **v == 0.0 || (ends_at_one && 1.0 - **v < CROWDED);
            self.crowded += noise[place].iter().filter(is_crowded).count();
        }
        let mut columns: Vec<&[f64]> = self.fixed.iter().map(std::slice::from_ref).collect();
        columns.extend(noise.iter().map(Vec::as_slice));
        let mut out = vec![Vec::new(); self.width];
        self.tape.evaluate_batch(&columns, &mut out);
        // A term that is the same for every draw comes once.
        for column in &mut out {
            if let [value] = column[..] {
                column.resize(count, value);
            }
        }
        out
    }
}
