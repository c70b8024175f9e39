//! Evaluation over columns: structure of arrays, a few hundred lanes at a time.
//!
//! A step whose arguments are all the same for every lane (parameters and constants) runs once for
//! the batch; only the others run over lanes, each over a whole chunk before the next step, so that
//! the registers stay in the first-level cache. Chunks are dealt to all cores in a fixed
//! partition, and a lane does not depend on its place: the bits are the same on any number of
//! threads.

use super::schedule::Schedule;
use super::{Place, Step, Tape};
use crate::number::lanes::{self, Lanes};
use crate::number::{Binary, Number, Ternary, Unary};
use rayon::prelude::*;
use std::ops::Range;

/// Lanes that a step runs over before the next step does.
const CHUNK: usize = 256;
/// Lanes that one thread takes at a time, at most and at least.
const PORTION: [usize; 2] = [32 * CHUNK, CHUNK / 2];
/// Values that one thread computes at a time: a long tape is dealt out in fewer lanes.
const WORK: usize = 1 << 21;

/// Where an instruction finds an argument.
#[derive(Clone, Copy)]
enum Operand {
    /// The same for every lane.
    Scalar(f64),
    /// A column of inputs.
    Input(usize),
    Register(usize),
    /// An output that has been written.
    Output(usize),
}

/// Where an instruction leaves its result.
#[derive(Clone, Copy)]
enum Target {
    Register(usize),
    /// An output is written where it belongs, so that a thousand outputs need no thousand registers.
    Output(usize),
}

#[derive(Clone, Copy)]
enum Operation {
    Unary(Unary, Operand),
    Binary(Binary, Operand, Operand),
    Ternary(Ternary, Operand, Operand, Operand),
}

/// One evaluation: the steps that vary, with the values of those that do not.
struct Run<'a> {
    columns: &'a [&'a [f64]],
    program: Vec<(Operation, Target)>,
    registers: usize,
    /// Outputs that no instruction writes.
    copied: Vec<(usize, Operand)>,
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
        let [most, least] = PORTION;
        let length = (WORK / run.program.len().max(1)).clamp(least, most);
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
        // The first output that each step is.
        let mut written = vec![usize::MAX; tape.steps.len()];
        for (k, place) in tape.outputs.iter().enumerate().rev() {
            if let Place::Step(i) = *place {
                written[i] = k;
            }
        }
        let runs = |i: usize| uniform[i].is_none();
        let schedule = Schedule::new(&tape.steps, &[], runs, |i| written[i] == usize::MAX);
        let operand = |place: Place| match (known(place, columns, &tape.floats, &uniform), place) {
            (Some(&value), _) => Operand::Scalar(value),
            (None, Place::Input(i)) => Operand::Input(i),
            (None, Place::Constant(i)) => Operand::Scalar(tape.floats[i]),
            (None, Place::Step(i)) if written[i] != usize::MAX => Operand::Output(written[i]),
            (None, Place::Step(i)) => Operand::Register(schedule.registers[i]),
        };
        let mut program = Vec::new();
        for (i, &(_, step)) in tape.steps.iter().enumerate() {
            if uniform[i].is_some() {
                continue;
            }
            let operation = match step {
                Step::Unary(operator, x) => Operation::Unary(operator, operand(x)),
                Step::Binary(operator, x, y) => Operation::Binary(operator, operand(x), operand(y)),
                Step::Ternary(operator, x, y, z) => {
                    Operation::Ternary(operator, operand(x), operand(y), operand(z))
                }
            };
            let target = match written[i] {
                usize::MAX => Target::Register(schedule.registers[i]),
                k => Target::Output(k),
            };
            program.push((operation, target));
        }
        let outputs = tape.outputs.iter().map(|&place| operand(place));
        let copied = outputs.enumerate().filter(|(k, from)| match from {
            Operand::Output(first) => first != k,
            Operand::Scalar(_) | Operand::Input(_) | Operand::Register(_) => true,
        });
        Run {
            columns,
            copied: copied.collect(),
            program,
            registers: schedule.count,
        }
    }

    /// Writes the lanes from `start` on, as many as `out` holds.
    fn portion(&self, start: usize, out: &mut [&mut [f64]]) {
        let total = out.first().map_or(0, |column| column.len());
        let mut registers = vec![vec![0.0; CHUNK.min(total)]; self.registers];
        for from in (0..total).step_by(CHUNK) {
            let range = from..total.min(from + CHUNK);
            self.chunk(start, range, &mut registers, out);
        }
    }

    /// Runs the instructions over a range of the lanes from `start` on.
    fn chunk(
        &self,
        start: usize,
        range: Range<usize>,
        registers: &mut [Vec<f64>],
        out: &mut [&mut [f64]],
    ) {
        let lanes = start + range.start..start + range.end;
        let length = range.len();
        for &(operation, target) in &self.program {
            // Out of its place while it is written; no argument is in it.
            match target {
                Target::Register(i) => {
                    let mut taken = std::mem::take(&mut registers[i]);
                    let slots = &mut taken[..length];
                    run(operation, slots, |x| {
                        look(x, self.columns, &lanes, &range, registers, out)
                    });
                    registers[i] = taken;
                }
                Target::Output(k) => {
                    let taken = std::mem::take(&mut out[k]);
                    let slots = &mut taken[range.clone()];
                    run(operation, slots, |x| {
                        look(x, self.columns, &lanes, &range, registers, out)
                    });
                    out[k] = taken;
                }
            }
        }
        for &(k, from) in &self.copied {
            let taken = std::mem::take(&mut out[k]);
            let slots = &mut taken[range.clone()];
            match look(from, self.columns, &lanes, &range, registers, out) {
                Lanes::Column(values) => slots.copy_from_slice(values),
                Lanes::Scalar(value) => slots.fill(value),
            }
            out[k] = taken;
        }
    }
}

/// Writes the result of one instruction.
fn run<'r>(operation: Operation, slots: &mut [f64], at: impl Fn(Operand) -> Lanes<'r>) {
    match operation {
        Operation::Unary(operator, x) => match at(x) {
            Lanes::Column(x) => lanes::unary(operator, x, slots),
            Lanes::Scalar(_) => unreachable!("invariant: a varying step has a column"),
        },
        Operation::Binary(operator, x, y) => lanes::binary(operator, at(x), at(y), slots),
        Operation::Ternary(operator, x, y, z) => {
            lanes::ternary(operator, at(x), at(y), at(z), slots);
        }
    }
}

/// An argument over the lanes of a chunk, which are a range of the outputs of a portion.
fn look<'r>(
    operand: Operand,
    columns: &'r [&[f64]],
    lanes: &Range<usize>,
    range: &Range<usize>,
    registers: &'r [Vec<f64>],
    out: &'r [&mut [f64]],
) -> Lanes<'r> {
    match operand {
        Operand::Scalar(value) => Lanes::Scalar(value),
        Operand::Input(i) => Lanes::Column(&columns[i][lanes.clone()]),
        Operand::Register(i) => Lanes::Column(&registers[i][..range.len()]),
        Operand::Output(k) => Lanes::Column(&out[k][range.clone()]),
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
