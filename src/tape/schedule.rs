//! Which register each step writes: as few registers as the order of the steps allows.

use super::{Place, Step};
use crate::graph::Id;

#[derive(Clone, Debug)]
pub(super) struct Schedule {
    /// The register of each step; a step that does not run has none, and is given `usize::MAX`.
    pub(super) registers: Vec<usize>,
    /// How many registers there are.
    pub(super) count: usize,
}

impl Schedule {
    /// A register for each of the steps that run, in the order in which they do. It is free again
    /// after the step's last use, which for a step that nothing uses is at once; `outputs` are used
    /// at the end. A step never writes over one of its own arguments, so that columns can be
    /// borrowed apart.
    pub(super) fn new(
        steps: &[(Id, Step)],
        outputs: &[Place],
        order: impl Iterator<Item = usize> + Clone,
    ) -> Schedule {
        let mut last_use: Vec<usize> = (0..steps.len()).collect();
        for i in order.clone() {
            for place in steps[i].1.places() {
                if let Place::Step(argument) = place {
                    last_use[argument] = i;
                }
            }
        }
        for place in outputs {
            if let Place::Step(i) = place {
                last_use[*i] = usize::MAX;
            }
        }
        let mut registers = vec![usize::MAX; steps.len()];
        let (mut free, mut count) = (Vec::new(), 0);
        for i in order {
            registers[i] = free.pop().unwrap_or_else(|| {
                count += 1;
                count - 1
            });
            for place in steps[i].1.places() {
                if let Place::Step(argument) = place
                    && last_use[argument] == i
                    && registers[argument] != usize::MAX
                {
                    free.push(registers[argument]);
                    // An argument that is used twice in a step is freed once.
                    last_use[argument] = usize::MAX;
                }
            }
            if last_use[i] == i {
                free.push(registers[i]);
            }
        }
        Schedule { registers, count }
    }
}
