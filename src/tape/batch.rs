//! Evaluation over columns: structure of arrays, a few hundred lanes at a time.
//!
//! A step whose arguments are all the same for every lane (parameters and constants) runs once for
//! the batch; only the others run over lanes, each over a whole chunk before the next step, so that
//! the registers stay in the first-level cache. Chunks are dealt to all cores in a fixed
//! partition, and a lane does not depend on its place: the bits are the same on any number of
//! threads.

use super::schedule::Schedule;
use super::{Place, Step, Tape};
use crate::number::Number;
use crate::number::lanes::{self, Lanes};
use rayon::prelude::*;
use std::ops::Range;

/// Lanes that a step runs over before the next step does.
const CHUNK: usize = 256;
/// Lanes that one thread takes at a time, at most and at least.
const PORTION: [usize; 2] = [32 * CHUNK, CHUNK / 2];
/// Values that one thread computes at a time: a long tape is dealt out in fewer lanes.
const WORK: usize = 1 << 21;

/// One evaluation: which values vary, and the value of those that do not.
struct Run<'a> {
    tape: &'a Tape,
    columns: &'a [&'a [f64]],
    /// The value of each step that is the same for every lane.
    uniform: Vec<Option<f64>>,
    schedule: Schedule,
    /// Steps that vary with the outputs that they are, in the order of the steps: each leaves its
    /// register at once, so that a thousand outputs need no thousand registers.
    emitted: Vec<(usize, usize)>,
}

impl Tape {
    /// The outputs, one column each, over columns of inputs; a column of one value is that value
    /// in every lane. Column lengths other than one must agree. The columns of `out` are resized
    /// and written over.
    ///
    /// Lanes may differ from [`Tape::evaluate`] by a few units in the last place, where a step is
    /// one of the kernels of [`crate::number::lanes`]: no verdict may rest on them alone.
    ///
    /// # Panics
    /// When the number of columns is not that of the inputs, that of `out` not that of the
    /// outputs, or column lengths disagree.
    pub fn evaluate_batch(&self, columns: &[&[f64]], out: &mut [Vec<f64>]) {
        assert_eq!(
            columns.len(),
            self.inputs.len(),
            "one column for each input"
        );
        assert_eq!(out.len(), self.outputs.len(), "one column for each output");
        let lengths = columns.iter().map(|column| column.len());
        let lanes = lengths.clone().find(|&length| length != 1).unwrap_or(1);
        assert!(
            lengths.clone().all(|length| length == 1 || length == lanes),
            "columns of one length"
        );
        let run = Run::new(self, columns);
        for column in out.iter_mut() {
            column.resize(lanes, 0.0);
        }
        let varying = run.uniform.iter().filter(|value| value.is_none()).count();
        let [most, least] = PORTION;
        let length = (WORK / varying.max(1)).clamp(least, most);
        let mut portions: Vec<Vec<&mut [f64]>> = Vec::new();
        for column in out.iter_mut() {
            for (i, part) in column.chunks_mut(length).enumerate() {
                if portions.len() == i {
                    portions.push(Vec::with_capacity(self.outputs.len()));
                }
                portions[i].push(part);
            }
        }
        if let [portion] = portions.as_mut_slice() {
            run.portion(0, portion);
        } else {
            let numbered = portions.par_iter_mut().enumerate();
            numbered.for_each(|(i, portion)| run.portion(i * length, portion));
        }
    }
}

impl<'a> Run<'a> {
    fn new(tape: &'a Tape, columns: &'a [&'a [f64]]) -> Run<'a> {
        let mut uniform: Vec<Option<f64>> = Vec::with_capacity(tape.steps.len());
        for &(_, step) in &tape.steps {
            let at = |place| known(place, columns, &tape.floats, &uniform);
            let value = match step {
                Step::Unary(operator, x) => at(x).map(|x| f64::unary(operator, x, &())),
                Step::Binary(operator, x, y) => at(x)
                    .zip(at(y))
                    .map(|(x, y)| f64::binary(operator, x, y, &())),
                Step::Ternary(operator, x, y, z) => at(x)
                    .zip(at(y))
                    .zip(at(z))
                    .map(|((x, y), z)| f64::ternary(operator, x, y, z, &())),
            };
            uniform.push(value);
        }
        let schedule = Schedule::new(&tape.steps, &[], |i| uniform[i].is_none());
        let mut emitted: Vec<(usize, usize)> = tape
            .outputs
            .iter()
            .enumerate()
            .filter_map(|(k, place)| match *place {
                Place::Step(i) if uniform[i].is_none() => Some((i, k)),
                Place::Step(_) | Place::Input(_) | Place::Constant(_) => None,
            })
            .collect();
        emitted.sort_unstable();
        Run {
            tape,
            columns,
            uniform,
            schedule,
            emitted,
        }
    }

    /// Writes the lanes from `start` on, as many as `out` holds.
    fn portion(&self, start: usize, out: &mut [&mut [f64]]) {
        let total = out.first().map_or(0, |column| column.len());
        let mut registers = vec![vec![0.0; CHUNK.min(total)]; self.schedule.count];
        for from in (0..total).step_by(CHUNK) {
            let length = CHUNK.min(total - from);
            self.chunk(start + from, from..from + length, &mut registers, out);
            for (column, &place) in out.iter_mut().zip(&self.tape.outputs) {
                if matches!(place, Place::Step(i) if self.uniform[i].is_none()) {
                    continue;
                }
                let slots = &mut column[from..from + length];
                match self.look(place, start + from, length, &registers) {
                    Lanes::Column(values) => slots.copy_from_slice(values),
                    Lanes::Scalar(value) => slots.fill(value),
                }
            }
        }
    }

    /// Runs the steps over the lanes from `start` on and writes the outputs that vary to a range of `out`.
    fn chunk(
        &self,
        start: usize,
        to: Range<usize>,
        registers: &mut [Vec<f64>],
        out: &mut [&mut [f64]],
    ) {
        let length = to.len();
        let mut emitted = self.emitted.iter().peekable();
        for (i, &(_, step)) in self.tape.steps.iter().enumerate() {
            if self.uniform[i].is_some() {
                continue;
            }
            let register = self.schedule.registers[i];
            // Out of its place while it is written; no argument is in it.
            let mut target = std::mem::take(&mut registers[register]);
            let at = |place| self.look(place, start, length, registers);
            let slots = &mut target[..length];
            match step {
                Step::Unary(operator, x) => match at(x) {
                    Lanes::Column(x) => lanes::unary(operator, x, slots),
                    Lanes::Scalar(_) => unreachable!("invariant: a varying step has a column"),
                },
                Step::Binary(operator, x, y) => lanes::binary(operator, at(x), at(y), slots),
                Step::Ternary(operator, x, y, z) => {
                    lanes::ternary(operator, at(x), at(y), at(z), slots);
                }
            }
            while let Some((_, k)) = emitted.next_if(|(step, _)| *step == i) {
                out[*k][to.clone()].copy_from_slice(&target[..length]);
            }
            registers[register] = target;
        }
    }

    fn look<'r>(
        &'r self,
        place: Place,
        start: usize,
        length: usize,
        registers: &'r [Vec<f64>],
    ) -> Lanes<'r> {
        if let Some(&value) = known(place, self.columns, &self.tape.floats, &self.uniform) {
            return Lanes::Scalar(value);
        }
        match place {
            Place::Input(i) => Lanes::Column(&self.columns[i][start..start + length]),
            Place::Step(i) => Lanes::Column(&registers[self.schedule.registers[i]][..length]),
            Place::Constant(i) => Lanes::Scalar(self.tape.floats[i]),
        }
    }
}

/// The value at a place if it is the same for every lane.
fn known<'r>(
    place: Place,
    columns: &'r [&[f64]],
    constants: &'r [f64],
    uniform: &'r [Option<f64>],
) -> Option<&'r f64> {
    match place {
        Place::Input(i) => match columns[i] {
            [value] => Some(value),
            _ => None,
        },
        Place::Constant(i) => Some(&constants[i]),
        Place::Step(i) => uniform[i].as_ref(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Graph;

    #[test]
    fn many_threads_give_the_bits_of_one() {
        let mut graph = Graph::new();
        let (x, y) = (graph.symbol("x", &[]), graph.symbol("y", &[]));
        let power = graph.pow(x, y);
        let log = graph.log(power);
        let out = graph.add(log, y);
        let tape = Tape::new(&graph, &[x, y], &[out, y, x]).unwrap();
        let xs: Vec<f64> = (0..50_000).map(|i| 0.001 * f64::from(i)).collect();
        let mut all = vec![Vec::new(); 3];
        tape.evaluate_batch(&[&xs, &[0.3]], &mut all);
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(1)
            .build()
            .unwrap();
        let mut one = vec![Vec::new(); 3];
        pool.install(|| tape.evaluate_batch(&[&xs, &[0.3]], &mut one));
        let bits = |columns: &[Vec<f64>]| -> Vec<u64> {
            columns.iter().flatten().map(|v| v.to_bits()).collect()
        };
        assert_eq!(bits(&all), bits(&one));
        assert_eq!(all[1], vec![0.3; xs.len()]);
        assert_eq!(all[2], xs);
        let (left, _) = xs.split_at(777);
        tape.evaluate_batch(&[left, &[0.3]], &mut one);
        assert_eq!(bits(&one[..1]), bits(&[all[0][..777].to_vec()]));
    }

    #[test]
    fn no_lanes_and_no_columns_are_fine() {
        let mut graph = Graph::new();
        let (x, three) = (graph.symbol("x", &[]), graph.integer(3));
        let out = graph.exp(x);
        let tape = Tape::new(&graph, &[x], &[out, three]).unwrap();
        let mut columns = vec![vec![1.0], vec![2.0]];
        tape.evaluate_batch(&[&[]], &mut columns);
        assert_eq!(columns, vec![Vec::<f64>::new(), Vec::new()]);
        let constant = Tape::new(&graph, &[], &[three]).unwrap();
        let mut columns = vec![vec![]];
        constant.evaluate_batch(&[], &mut columns);
        assert_eq!(columns, vec![vec![3.0]]);
    }
}
