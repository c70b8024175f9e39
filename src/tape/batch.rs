//! Evaluation over columns: structure of arrays, a few hundred lanes at a time.
//!
//! A step whose arguments are all the same for every lane (parameters and constants) runs once for
//! the batch; only the others run over lanes, each over a whole chunk before the next step, so that
//! the registers stay in the first-level cache. Chunks are dealt to all cores in a fixed
//! partition, and a lane does not depend on its place: the bits are the same on any number of
//! threads.

use super::program::{Program, Source, Target};
use super::{Step, Tape};
use crate::number::lanes::{self, Lanes};
use rayon::prelude::*;
use std::ops::Range;

/// Lanes that a step runs over before the next step does.
const CHUNK: usize = 256;
/// Lanes that one thread takes at a time, at most and at least.
const PORTION: [usize; 2] = [32 * CHUNK, CHUNK / 2];
/// Values that one thread computes at a time: a long tape is dealt out in fewer lanes.
const WORK: usize = 1 << 21;

/// One evaluation.
struct Run<'a> {
    program: &'a Program,
    columns: &'a [&'a [f64]],
    /// The values that all lanes share.
    scalars: Vec<f64>,
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
        let varying: Vec<bool> = columns.iter().map(|column| column.len() != 1).collect();
        let mut other = None;
        let mut program = self
            .program
            .get_or_init(|| Program::new(self, varying.clone()));
        if program.varying != varying {
            program = other.insert(Program::new(self, varying));
        }
        let run = Run {
            program,
            columns,
            scalars: self.scalars(program, columns),
        };
        for column in out.iter_mut() {
            column.resize(lanes, 0.0);
        }
        let [most, least] = PORTION;
        let length = (WORK / program.steps.len().max(1)).clamp(least, most);
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

    /// The values that all lanes share, in the order of [`Program::uniform`].
    fn scalars(&self, program: &Program, columns: &[&[f64]]) -> Vec<f64> {
        let inputs = columns.iter().map(|column| match column {
            [value] => *value,
            _ => f64::NAN,
        });
        let mut scalars: Vec<f64> = inputs.chain(self.floats.iter().copied()).collect();
        for step in &program.uniform {
            let at = |source| match source {
                Source::Scalar(i) => &scalars[i as usize],
                Source::Input(_) | Source::Register(_) => {
                    unreachable!("invariant: a step that does not vary has no argument that does")
                }
            };
            let value = step.run(at, &());
            scalars.push(value);
        }
        scalars
    }
}

impl Run<'_> {
    /// Writes the lanes from `start` on, as many as `out` holds.
    fn portion(&self, start: usize, out: &mut [&mut [f64]]) {
        let total = out.first().map_or(0, |column| column.len());
        let mut registers = vec![vec![0.0; CHUNK.min(total)]; self.program.registers];
        for from in (0..total).step_by(CHUNK) {
            let length = CHUNK.min(total - from);
            self.chunk(start + from, from..from + length, &mut registers, out);
        }
    }

    /// Runs the steps over the lanes from `start` on and writes the outputs to a range of `out`.
    fn chunk(
        &self,
        start: usize,
        to: Range<usize>,
        registers: &mut [Vec<f64>],
        out: &mut [&mut [f64]],
    ) {
        let length = to.len();
        let mut copies = self.program.copies.iter().peekable();
        let mut copy = |ran, registers: &[Vec<f64>], out: &mut [&mut [f64]]| {
            while let Some(&(_, k, from)) = copies.next_if(|(after, ..)| *after == ran) {
                let slots = &mut out[k as usize][to.clone()];
                match self.look(from, start, length, registers) {
                    Lanes::Column(values) => slots.copy_from_slice(values),
                    Lanes::Scalar(value) => slots.fill(value),
                }
            }
        };
        copy(0, registers, out);
        for (i, (step, target)) in self.program.steps.iter().enumerate() {
            match *target {
                Target::Output(k) => {
                    self.step(step, start, registers, &mut out[k as usize][to.clone()]);
                }
                Target::Register(register) => {
                    // Out of its place while it is written; no argument is in it.
                    let mut target = std::mem::take(&mut registers[register as usize]);
                    self.step(step, start, registers, &mut target[..length]);
                    registers[register as usize] = target;
                    copy(i + 1, registers, out);
                }
            }
        }
    }

    fn step(&self, step: &Step<Source>, start: usize, registers: &[Vec<f64>], slots: &mut [f64]) {
        let at = |source| self.look(source, start, slots.len(), registers);
        match *step {
            Step::Unary(operator, x) => match at(x) {
                Lanes::Column(x) => lanes::unary(operator, x, slots),
                Lanes::Scalar(_) => unreachable!("invariant: a varying step has a column"),
            },
            Step::Binary(operator, x, y) => lanes::binary(operator, at(x), at(y), slots),
            Step::Ternary(operator, x, y, z) => {
                lanes::ternary(operator, at(x), at(y), at(z), slots);
            }
        }
    }

    fn look<'r>(
        &'r self,
        source: Source,
        start: usize,
        length: usize,
        registers: &'r [Vec<f64>],
    ) -> Lanes<'r> {
        match source {
            Source::Input(i) => Lanes::Column(&self.columns[i as usize][start..start + length]),
            Source::Register(i) => Lanes::Column(&registers[i as usize][..length]),
            Source::Scalar(i) => Lanes::Scalar(self.scalars[i as usize]),
        }
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
    fn outputs_may_repeat_feed_others_and_vary_in_another_batch() {
        let mut graph = Graph::new();
        let (x, y) = (graph.symbol("x", &[]), graph.symbol("y", &[]));
        let product = graph.mul(x, y);
        let square = graph.mul(y, y);
        let sum = graph.add(product, square);
        let outputs = [sum, product, sum, square, product, x];
        let tape = Tape::new(&graph, &[x, y], &outputs).unwrap();
        let (many, one) = (vec![2.0, 3.0, 5.0], vec![7.0]);
        for (xs, ys) in [(&many, &one), (&one, &many), (&many, &many), (&one, &one)] {
            let mut out = vec![Vec::new(); outputs.len()];
            tape.evaluate_batch(&[xs, ys], &mut out);
            for lane in 0..xs.len().max(ys.len()) {
                let at = |column: &Vec<f64>| column[lane.min(column.len() - 1)];
                let want = tape.evaluate(&[at(xs), at(ys)], &());
                assert_eq!(out.iter().map(at).collect::<Vec<f64>>(), want);
            }
        }
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
