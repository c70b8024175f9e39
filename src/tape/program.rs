//! A tape made ready for columns: the steps that are the same in every lane are parted from those
//! that vary, and these are put in an order that uses each result soon.
//!
//! Which inputs vary decides all of it, so that one program serves every batch of its kind.

use super::schedule::Schedule;
use super::{Place, Step, Tape};

/// Where a step over lanes finds an argument.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source {
    /// A column of the inputs.
    Input(u32),
    /// What an earlier step left.
    Register(u32),
    /// A value that all lanes share.
    Scalar(u32),
}

/// Where a step over lanes leaves its result.
#[derive(Clone, Copy, Debug)]
pub(super) enum Target {
    Register(u32),
    /// A column of the outputs; no later step asks for it.
    Output(u32),
}

#[derive(Clone, Debug)]
pub(super) struct Program {
    /// For each input whether it varies.
    pub(super) varying: Vec<bool>,
    /// The steps that do not vary, in their order. The shared values are those of the inputs, the
    /// constants, and these.
    pub(super) uniform: Vec<Step<Source>>,
    pub(super) steps: Vec<(Step<Source>, Target)>,
    /// How many registers the steps write.
    pub(super) registers: usize,
    /// The outputs that are copies, and of what, with the number of steps that must have run.
    pub(super) copies: Vec<(usize, u32, Source)>,
}

impl Program {
    pub(super) fn new(tape: &Tape, varying: Vec<bool>) -> Program {
        let varies = varying_steps(tape, &varying);
        let order = order(tape, &varies);
        let schedule = Schedule::new(&tape.steps, &[], order.iter().copied());
        let mut ranks = vec![0; tape.steps.len()];
        let before = tape.inputs.len() + tape.constants.len();
        let same = (0..tape.steps.len()).filter(|&i| !varies[i]);
        for (rank, i) in same.clone().enumerate() {
            ranks[i] = before + rank;
        }
        let source = |place| match place {
            Place::Input(i) if varying[i] => Source::Input(index(i)),
            Place::Input(i) => Source::Scalar(index(i)),
            Place::Constant(i) => Source::Scalar(index(tape.inputs.len() + i)),
            Place::Step(i) if varies[i] => Source::Register(index(schedule.registers[i])),
            Place::Step(i) => Source::Scalar(index(ranks[i])),
        };
        let targets = targets(tape, &varies, &order);
        let mut ran = vec![0; tape.steps.len()];
        let mut steps = Vec::with_capacity(order.len());
        for &i in &order {
            let register = || Target::Register(index(schedule.registers[i]));
            steps.push((
                tape.steps[i].1.map(source),
                targets[i].unwrap_or_else(register),
            ));
            ran[i] = steps.len();
        }
        let mut copies: Vec<(usize, u32, Source)> = Vec::new();
        for (k, &place) in tape.outputs.iter().enumerate() {
            let from = source(place);
            match place {
                Place::Step(i) if targets[i].is_some() => {}
                Place::Step(i) => copies.push((ran[i], index(k), from)),
                Place::Input(_) | Place::Constant(_) => copies.push((0, index(k), from)),
            }
        }
        copies.sort_unstable_by_key(|&(ran, k, _)| (ran, k));
        Program {
            uniform: same.map(|i| tape.steps[i].1.map(source)).collect(),
            registers: schedule.count,
            varying,
            steps,
            copies,
        }
    }
}

fn index(i: usize) -> u32 {
    u32::try_from(i).expect("invariant: a tape is shorter than 2^32")
}

/// Which steps rest on an input that varies.
fn varying_steps(tape: &Tape, varying: &[bool]) -> Vec<bool> {
    let mut varies = Vec::with_capacity(tape.steps.len());
    for (_, step) in &tape.steps {
        let any = step.places().any(|place| match place {
            Place::Input(i) => varying[i],
            Place::Constant(_) => false,
            Place::Step(i) => varies[i],
        });
        varies.push(any);
    }
    varies
}

/// The steps that vary and that an output needs, each after its arguments and as late as its first
/// use allows.
fn order(tape: &Tape, varies: &[bool]) -> Vec<usize> {
    let mut order = Vec::new();
    let mut seen = vec![false; tape.steps.len()];
    let mut stack = Vec::new();
    for place in &tape.outputs {
        let Place::Step(top) = *place else { continue };
        stack.push((top, false));
        while let Some((i, ready)) = stack.pop() {
            if ready {
                order.push(i);
            } else if varies[i] && !std::mem::replace(&mut seen[i], true) {
                stack.push((i, true));
                let first = stack.len();
                for place in tape.steps[i].1.places() {
                    if let Place::Step(argument) = place {
                        stack.push((argument, false));
                    }
                }
                stack[first..].reverse();
            }
        }
    }
    order
}

/// The output that a step can write at once: where it is that output alone and no step's argument.
fn targets(tape: &Tape, varies: &[bool], order: &[usize]) -> Vec<Option<Target>> {
    let mut uses = vec![0_u32; tape.steps.len()];
    let asked = order.iter().flat_map(|&i| tape.steps[i].1.places());
    for place in asked.chain(tape.outputs.iter().copied()) {
        if let Place::Step(i) = place {
            uses[i] += 1;
        }
    }
    let mut targets = vec![None; tape.steps.len()];
    for (k, place) in tape.outputs.iter().enumerate() {
        if let Place::Step(i) = *place
            && varies[i]
            && uses[i] == 1
        {
            targets[i] = Some(Target::Output(index(k)));
        }
    }
    targets
}
