//! From a trial of equations to a finding.

use super::counterexample::{Counterexample, distinct_texts};
use super::decide::{self, Failure, Isolated, Trial};
use super::points::Space;
use super::{Context, Finding, Verdict, facts};
use crate::algebra::{Condition, Outcome, Proof, prove, write};
use crate::diagnostic::Span;
use crate::graph::Id;
use crate::language::Domain;
use crate::model::{Definition, Model};
use crate::number::text;
use crate::tape::Tape;

/// A claim that two terms are equal.
pub(crate) struct Statement<'a> {
    /// What the left side is, as a noun: "claimed log_abs_det_jacobian".
    pub(crate) left: &'a str,
    /// What the right side is.
    pub(crate) right: &'a str,
    /// Pairs of terms over the base symbols of the space.
    pub(crate) sides: Vec<(Id, Id)>,
    /// Where the claim stands.
    pub(crate) span: Span,
    /// Whether it is about almost every noise (or z) only.
    pub(crate) almost_everywhere: bool,
}

/// The places of the noise (or of z, where that is the base) in the space of base variables.
pub(crate) fn random_places(model: &Model, space: &Space) -> Vec<usize> {
    let given: usize = model.givens().iter().map(|v| v.symbols.len()).sum();
    (given..space.symbols.len()).collect()
}

/// Decides a statement at points of a space; `explain` says in words what is off.
pub(crate) fn judge(
    context: &Context,
    model: &mut Model,
    space: &Space,
    statement: &Statement,
    explain: impl FnOnce(&mut Model, &Failure) -> String,
) -> Finding {
    let almost = if statement.almost_everywhere {
        random_places(model, space)
    } else {
        Vec::new()
    };
    if let Some(proofs) = proved(context, model, space, statement, &almost) {
        return proofs.finding(model).at(statement.span.clone());
    }
    let isolated = Isolated {
        random: random_places(model, space),
        almost,
        transform: model
            .transform
            .as_ref()
            .and_then(|g| Tape::new(&model.graph, &space.symbols, &g.elements).ok()),
    };
    let Some(trial) =
        decide::try_equations(context, &model.graph, space, &statement.sides, &isolated)
    else {
        return Finding::inconclusive("a formula depends on something that no point fixes")
            .at(statement.span.clone());
    };
    if let Some(failure) = &trial.failure {
        let explanation = explain(model, failure);
        let texts = distinct_texts(&failure.left, &failure.right);
        let mut example = Counterexample::at_point(model, space, &failure.point)
            .sides((statement.left, texts.0), (statement.right, texts.1))
            .explained(explanation);
        if model.definition == Definition::Transform {
            example
                .at
                .extend(super::counterexample::images(model, space, &failure.point));
        }
        let message = if failure.left.is_certainly_undefined() {
            format!(
                "{} is undefined where {} is a number",
                statement.left, statement.right
            )
        } else {
            format!("{} differs from {}", statement.left, statement.right)
        };
        let mut finding = Finding::new(Verdict::Refuted, message).at(statement.span.clone());
        finding.counterexample = Some(example);
        return finding;
    }
    undecided(&trial, statement.span.clone())
}

/// A proof of a statement, as a finding; none where none is found.
pub(crate) fn proof(
    context: &Context,
    model: &mut Model,
    space: &Space,
    statement: &Statement,
) -> Option<Finding> {
    let almost = if statement.almost_everywhere {
        random_places(model, space)
    } else {
        Vec::new()
    };
    let proofs = proved(context, model, space, statement, &almost)?;
    Some(proofs.finding(model).at(statement.span.clone()))
}

/// Proofs of the equations of one statement.
struct Proofs {
    proofs: Vec<Proof>,
    /// The proofs as they are written, where that is asked for.
    written: Vec<serde_json::Value>,
    almost_everywhere: Vec<Condition>,
}

impl Proofs {
    fn finding(&self, model: &Model) -> Finding {
        let steps: usize = self.proofs.iter().map(Proof::len).sum();
        let mut message = format!("a proof of {}, replayed", text::counted(steps, "step"));
        let mut exceptions: Vec<String> = self
            .almost_everywhere
            .iter()
            .map(|c| format!("{} {}", model.graph.display(c.of), c.relation()))
            .collect();
        exceptions.dedup();
        if let Some(first) = exceptions.first() {
            message = format!("{message}; with probability 1, where {first}");
            if exceptions.len() > 1 {
                message = format!("{message} and the like");
            }
        }
        let mut finding = Finding::new(Verdict::Proved, message).with("proof_steps", steps);
        if !exceptions.is_empty() {
            finding = finding.with("side_conditions", exceptions);
        }
        if !self.written.is_empty() {
            finding = finding.with("proofs", self.written.clone());
        }
        finding
    }
}

/// The components that have a density with respect to length, whatever the others are: for these a
/// single value has no mass.
pub(crate) fn continuous(model: &Model) -> Vec<Id> {
    let is_continuous = |domain: &Domain| domain.is_elementwise() && !domain.is_integral();
    let mut found = Vec::new();
    if model.definition == Definition::Transform {
        let noise = model.noise.iter();
        let noise = noise.filter(|n| !n.is_discrete() && n.domains.iter().all(is_continuous));
        found.extend(noise.flat_map(|n| n.variable.symbols.clone()));
    }
    let discrete = model.target.as_ref().is_some_and(|t| t.discrete);
    let outputs = model.outputs.iter();
    let outputs = outputs.filter(|v| !discrete && is_continuous(&v.domain));
    found.extend(outputs.flat_map(|v| v.symbols.clone()));
    found
}

/// Proofs of all equations of a statement; none where one is not found.
fn proved(
    context: &Context,
    model: &mut Model,
    space: &Space,
    statement: &Statement,
    almost: &[usize],
) -> Option<Proofs> {
    let mut facts = facts::facts(&mut model.graph, space);
    if statement.almost_everywhere {
        let places = almost.iter().map(|&place| space.symbols[place]);
        let continuous = continuous(model);
        facts.almost_everywhere(places.filter(|s| continuous.contains(s)).collect());
    }
    let mut proofs = Vec::new();
    let mut written = Vec::new();
    let mut almost_everywhere = Vec::new();
    for &(left, right) in &statement.sides {
        match prove(&mut model.graph, &facts, left, right) {
            Outcome::Proved(proof, replayed) => {
                almost_everywhere.extend(replayed.almost_everywhere);
                if context.proofs {
                    written.push(write(&model.graph, &facts, &proof));
                }
                proofs.push(proof);
            }
            Outcome::Open(_) => {
                return None;
            }
        }
    }
    Some(Proofs {
        proofs,
        written,
        almost_everywhere,
    })
}

/// The finding of a trial without a failure.
pub(crate) fn undecided(trial: &Trial, span: Span) -> Finding {
    let finding = if let Some(near) = &trial.approximation {
        let (left, right) = distinct_texts(&near.left, &near.right);
        Finding::inconclusive(format!(
            "a branch of `where` approximates: {left} for {right}, closer than float64 can show"
        ))
    } else if trial.certified == 0 {
        Finding::inconclusive(if trial.undecided > 0 {
            format!("enclosures stay wide at all {} points", trial.undecided)
        } else {
            "no point was found at which the truth is a number".to_owned()
        })
    } else {
        Finding::new(
            Verdict::Certified,
            format!(
                "equal at {} exact points, to within 2^-{} at {} of them",
                trial.certified + trial.enclosed,
                decide::CERTIFIED_BITS,
                trial.certified
            ),
        )
    };
    finding
        .at(span)
        .with("certified_points", trial.certified)
        .with("enclosed_points", trial.enclosed)
        .with("undecided_points", trial.undecided)
        .with("searched_points", trial.searched)
}
