//! A proof is accepted as it was found, and rejected with anything in it changed.

use super::entries::{Terms, identities};
use reparam_check::algebra::{Outcome, Proof, Rule, Signs, Step, prove, replay};
use reparam_check::graph::Graph;
use reparam_check::number::Rational;

fn proofs() -> Vec<(String, Terms, Proof)> {
    let mut all = Vec::new();
    for entry in identities() {
        let Some(mut terms) = entry.terms() else {
            continue;
        };
        let found = prove(&mut terms.graph, &terms.facts, terms.left, terms.right);
        let text = format!("{} = {}", entry.left, entry.right);
        let Outcome::Proved(proof, _) = found else {
            panic!("{text} is not proved");
        };
        all.push((text, terms, proof));
    }
    assert!(all.len() > 200);
    all
}

/// Every step, those inside cases included, by its way down.
fn places(steps: &[Step], above: &[(usize, usize)]) -> Vec<Vec<(usize, usize)>> {
    let mut all = Vec::new();
    for (i, step) in steps.iter().enumerate() {
        let at = |branch: usize| [above, &[(i, branch)]].concat();
        all.push(at(usize::MAX));
        for (branch, case) in step.branches.iter().enumerate() {
            all.extend(places(&case.steps, &at(branch)));
        }
    }
    all
}

fn list<'a>(proof: &'a mut Proof, place: &[(usize, usize)]) -> (&'a mut Vec<Step>, usize) {
    let mut steps = &mut proof.steps;
    for &(i, branch) in &place[..place.len() - 1] {
        steps = &mut steps[i].branches[branch].steps;
    }
    (steps, place[place.len() - 1].0)
}

#[track_caller]
fn rejected(terms: &mut Terms, proof: &Proof, what: &str) {
    let result = replay(&mut terms.graph, &terms.facts, proof);
    assert!(result.is_err(), "accepted: {what}: {proof:?}");
}

/// A term and very little beside it.
fn spoiled(graph: &mut Graph, term: reparam_check::graph::Id) -> reparam_check::graph::Id {
    let tiny = Rational::ONE / Rational::from(10).pow(30);
    let tiny = graph.constant(tiny);
    graph.add(term, tiny)
}

#[test]
fn what_is_found_is_accepted() {
    for (text, mut terms, proof) in proofs() {
        let result = replay(&mut terms.graph, &terms.facts, &proof);
        assert!(result.is_ok(), "{text}: {result:?}");
    }
}

#[test]
fn mutated_proofs_are_rejected() {
    let mut counts = [0usize; 5];
    for (text, mut terms, proof) in proofs() {
        for side in [true, false] {
            let mut other = proof.clone();
            let term = if side {
                &mut other.left
            } else {
                &mut other.right
            };
            *term = spoiled(&mut terms.graph, *term);
            rejected(&mut terms, &other, &format!("another side of {text}"));
            counts[0] += 1;
        }
        for place in places(&proof.steps, &[]) {
            let (steps, i) = {
                let mut copy = proof.clone();
                let (steps, i) = list(&mut copy, &place);
                (steps.clone(), i)
            };
            let step = &steps[i];
            let changed = |change: &dyn Fn(&mut Step)| {
                let mut copy = proof.clone();
                let (steps, i) = list(&mut copy, &place);
                change(&mut steps[i]);
                copy
            };
            let to = spoiled(&mut terms.graph, step.to);
            rejected(
                &mut terms,
                &changed(&|s| s.to = to),
                &format!("another `to` in {text}"),
            );
            counts[1] += 1;
            for c in 0..step.conditions.len() {
                let twice = |s: &Step| {
                    s.conditions
                        .iter()
                        .filter(|d| **d == s.conditions[c])
                        .count()
                };
                let dropped = changed(&|s| {
                    s.conditions = [&s.conditions[..c], &s.conditions[c + 1..]].concat()
                });
                if twice(step) == 1 {
                    rejected(
                        &mut terms,
                        &dropped,
                        &format!("a condition dropped in {text}"),
                    );
                }
                let weak = changed(&|s| {
                    s.conditions[c].signs = Signs::UNKNOWN;
                    s.conditions[c].whole = false;
                });
                if twice(step) == 1 {
                    rejected(
                        &mut terms,
                        &weak,
                        &format!("a condition weakened in {text}"),
                    );
                }
                counts[2] += 1;
            }
            for b in 0..step.branches.len() {
                let dropped =
                    changed(&|s| s.branches = [&s.branches[..b], &s.branches[b + 1..]].concat());
                rejected(&mut terms, &dropped, &format!("a case dropped in {text}"));
                counts[3] += 1;
            }
            // Rules that have nothing to say about this operator.
            let absent = [
                Rule::Shift(25),
                Rule::Shift(0),
                Rule::Turn(1),
                Rule::Undone(step.from),
                Rule::Angles(step.from, step.to),
                Rule::Cases(step.from),
            ];
            for rule in absent {
                let is_same = rule.name() == step.rule.name();
                if is_same && !matches!(rule, Rule::Shift(_)) {
                    continue;
                }
                let renamed = changed(&|s| {
                    s.rule = rule;
                    s.branches.clear();
                });
                rejected(&mut terms, &renamed, &format!("{rule:?} in {text}"));
                counts[4] += 1;
            }
        }
    }
    for (count, least) in counts.into_iter().zip([600, 600, 400, 60, 3_500]) {
        assert!(count >= least, "{counts:?}");
    }
}

/// A proof without any one of its steps proves the same, or nothing: never what is false.
#[test]
fn proofs_without_a_step_prove_nothing_else() {
    let (mut kept, mut lost) = (0, 0);
    for (text, mut terms, proof) in proofs() {
        for place in places(&proof.steps, &[]) {
            let mut without = proof.clone();
            let (steps, i) = list(&mut without, &place);
            steps.remove(i);
            if replay(&mut terms.graph, &terms.facts, &without).is_ok() {
                kept += 1;
            } else {
                lost += 1;
            }
            without.left = spoiled(&mut terms.graph, without.left);
            rejected(&mut terms, &without, &text);
        }
    }
    assert!(lost > kept, "{kept} of {} steps are idle", kept + lost);
}
