//! A spec in progress: its text with the lines found so far, and its model at each choice of sizes.

use super::paste::{Line, pasted};
use super::{Block, Sizes, lift};
use crate::algebra::Facts;
use crate::check::facts::facts;
use crate::check::points::Space;
use crate::check::{Context, Effort, Finding, Verdict, with_needed};
use crate::graph::Id;
use crate::language::Domain;
use crate::model::{self, Model, Variable};
use crate::spec::{self, RawSpec};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// The probability with which something true is taken for false by chance, each time.
const ERROR_RATE: f64 = 1e-9;

/// Texts that are tried for one quantity at most.
const MOST_TEXTS: usize = 8;

/// Characters of a formula that is written out for each choice of sizes, at most.
const LONGEST_BY_SIZE: usize = 400;

/// One formula: where it belongs, its name in equations, and terms that are all equal to it.
pub(super) struct Part {
    pub(super) path: Vec<String>,
    pub(super) label: String,
    pub(super) shape: Vec<usize>,
    /// Texts that are tried before those of the terms.
    pub(super) texts: Vec<String>,
    pub(super) alternatives: Vec<Vec<Id>>,
}

/// The formulas of a quantity at one choice of sizes.
pub(super) type Terms<'a> = &'a dyn Fn(&mut Model, &Facts) -> Result<Vec<Part>, String>;

/// Decides whether what a model claims of a quantity is true.
pub(super) type Judge<'a> = &'a dyn Fn(&Context, &mut Model) -> Finding;

/// A spec with lines added.
#[derive(Clone)]
pub(super) struct Work {
    pub(super) source: String,
    pub(super) raw: RawSpec,
    pub(super) models: Vec<Model>,
    original: (String, RawSpec),
    lines: Vec<Line>,
}

/// What was found of a quantity, and the spec that says so.
pub(super) struct Accepted {
    pub(super) blocks: Vec<Block>,
    pub(super) finding: Finding,
    /// The spec with the lines; none where the formulas differ by size.
    pub(super) work: Option<(Work, Vec<Line>)>,
}

impl Work {
    pub(super) fn new(source: &str, raw: RawSpec, models: Vec<Model>) -> Work {
        Work {
            source: source.to_owned(),
            original: (source.to_owned(), raw.clone()),
            raw,
            models,
            lines: Vec::new(),
        }
    }

    /// The model to derive at: the smallest at which components are told apart, or else the largest.
    pub(super) fn representative(&self) -> &Model {
        let size = |m: &Model| m.noise_symbols().len() + m.output_symbols().len();
        let several = |m: &&Model| m.sizes.values().all(|&n| n > 1);
        let smallest = self.models.iter().filter(several).min_by_key(|m| size(m));
        smallest
            .or_else(|| self.models.iter().max_by_key(|m| size(m)))
            .expect("invariant: at least one choice of sizes")
    }

    /// The same at one choice of sizes.
    fn at(&self, model: &Model) -> Work {
        Work {
            models: vec![model.clone()],
            ..self.clone()
        }
    }

    /// The spec with more lines; none where it cannot be read with them.
    pub(super) fn with(&self, lines: &[Line]) -> Option<Work> {
        let all = [self.lines.as_slice(), lines].concat();
        let source = pasted(&self.original.0, &self.original.1, &all)?;
        let (raw, _) = spec::read(&source).ok()?;
        let models: Result<Vec<Model>, _> = self
            .models
            .iter()
            .map(|m| model::build(&raw, &m.sizes))
            .collect();
        Some(Work {
            models: models.ok()?,
            source,
            raw,
            original: self.original.clone(),
            lines: all,
        })
    }

    /// The weakest finding over all sizes, with the sizes where it was made.
    pub(super) fn judged(&self, judge: Judge) -> Finding {
        let before = BTreeMap::new();
        let mut weakest: Option<Finding> = None;
        for model in &self.models {
            let mut model = model.clone();
            let sizes = model.sizes.clone();
            let context = self.context("derive", &sizes, &before);
            let finding = judge(&context, &mut model);
            if weakest.as_ref().is_none_or(|w| finding.verdict < w.verdict) {
                weakest = Some(finding);
            }
        }
        weakest.expect("invariant: at least one choice of sizes")
    }

    fn context<'a>(
        &'a self,
        check: &'static str,
        sizes: &'a Sizes,
        before: &'a BTreeMap<&'static str, Verdict>,
    ) -> Context<'a> {
        Context {
            seed: 0,
            effort: Effort::Standard,
            spec: &self.raw.name.value,
            check,
            sizes,
            proofs: false,
            error_rate: ERROR_RATE,
            before,
        }
    }

    /// The weakest finding of a check, after those that it builds on.
    pub(super) fn checked(&self, check: &str) -> Finding {
        let mut weakest: Option<Finding> = None;
        for model in &self.models {
            let mut model = model.clone();
            let sizes = model.sizes.clone();
            let mut before = BTreeMap::new();
            for one in with_needed(|c| c.name == check) {
                let context = self.context(one.name, &sizes, &before);
                let finding = (one.run)(&context, &mut model);
                before.insert(one.name, finding.verdict);
                if one.name != check {
                    continue;
                }
                if weakest.as_ref().is_none_or(|w| finding.verdict < w.verdict) {
                    weakest = Some(finding);
                }
            }
        }
        let mut finding = weakest.expect("invariant: at least one choice of sizes");
        if finding.verdict == Verdict::Proved
            && let Some(dimension) = spec::uniform(&self.raw, check)
        {
            finding.message = format!("{}, for every {dimension}", finding.message);
        }
        finding
    }

    /// Looks for texts of a quantity that hold at every size, or else at each size by itself.
    ///
    /// # Errors
    /// Why there are none.
    pub(super) fn find(
        &self,
        section: &'static str,
        terms: Terms,
        verify: &dyn Fn(&Work) -> Finding,
    ) -> Result<Accepted, String> {
        let first = self.find_at(section, terms, verify);
        if first.is_ok() || self.models.len() == 1 {
            return first;
        }
        let mut blocks = Vec::new();
        let mut weakest: Option<Finding> = None;
        for model in &self.models {
            let one = self.at(model).find_at(section, terms, verify)?;
            let mut texts = one.blocks.iter().flat_map(|b| &b.equations);
            if texts.any(|(_, text)| text.len() > LONGEST_BY_SIZE) {
                return Err(format!(
                    "it differs from size to size, and is longer than {LONGEST_BY_SIZE} characters"
                ));
            }
            blocks.extend(one.blocks.into_iter().map(|block| Block {
                sizes: Some(model.sizes.clone()),
                ..block
            }));
            if weakest
                .as_ref()
                .is_none_or(|w| one.finding.verdict < w.verdict)
            {
                weakest = Some(one.finding);
            }
        }
        Ok(Accepted {
            blocks,
            finding: weakest.expect("invariant: at least one choice of sizes"),
            work: None,
        })
    }

    fn find_at(
        &self,
        section: &'static str,
        terms: Terms,
        verify: &dyn Fn(&Work) -> Finding,
    ) -> Result<Accepted, String> {
        let mut model = self.representative().clone();
        let facts = all_facts(&mut model);
        let parts = terms(&mut model, &facts)?;
        let mut choices = Vec::new();
        for part in &parts {
            let texts = choices_of(&mut model, &facts, part);
            if texts.is_empty() {
                return Err(format!(
                    "`{}` is longer than {} characters",
                    part.label,
                    lift::LONGEST
                ));
            }
            choices.push(texts);
        }
        let levels = choices.iter().map(Vec::len).max().unwrap_or(0);
        let mut refused = None;
        for level in 0..levels.min(MOST_TEXTS) {
            let chosen: Vec<&String> = choices
                .iter()
                .map(|texts| &texts[level.min(texts.len() - 1)])
                .collect();
            let lines: Vec<Line> = parts
                .iter()
                .zip(&chosen)
                .map(|(part, text)| Line {
                    section,
                    path: part.path.clone(),
                    text: (*text).clone(),
                })
                .collect();
            let Some(work) = self.with(&lines) else {
                continue;
            };
            let finding = verify(&work);
            if finding.verdict.holds() {
                let equations = parts
                    .iter()
                    .zip(chosen)
                    .map(|(part, text)| (part.label.clone(), text.clone()));
                return Ok(Accepted {
                    blocks: vec![Block {
                        sizes: None,
                        equations: equations.collect(),
                    }],
                    finding,
                    work: Some((work, lines)),
                });
            }
            if refused
                .as_ref()
                .is_none_or(|f: &Finding| f.verdict == Verdict::Refuted)
            {
                refused = Some(finding);
            }
        }
        Err(match refused {
            Some(finding) if finding.verdict == Verdict::Refuted => {
                format!(
                    "what was found does not hold at every size: {}",
                    finding.message
                )
            }
            Some(finding) => format!("what was found could not be shown: {}", finding.message),
            None => "what was found cannot be written in the spec".to_owned(),
        })
    }
}

/// What the domains say of everything that a formula may mention.
pub(super) fn all_facts(model: &mut Model) -> Facts {
    let mut variables: Vec<Variable> = model.givens();
    variables.extend(model.outputs.iter().cloned());
    variables.extend(model.noise.iter().flat_map(crate::model::Noise::copies));
    let space = Space::new(&model.graph, variables);
    facts(&mut model.graph, &space)
}

/// The components above the diagonal of triangular matrices, which are zero.
pub(super) fn zeros(model: &mut Model) -> FxHashMap<Id, Id> {
    let zero = model.graph.integer(0);
    let mut found = FxHashMap::default();
    for variable in model
        .parameters
        .iter()
        .chain(&model.inputs)
        .chain(&model.outputs)
    {
        if matches!(
            variable.domain,
            Domain::LowerCholesky | Domain::CorrCholesky
        ) {
            let width = variable.shape.last().copied().unwrap_or(1).max(1);
            for (k, &symbol) in variable.symbols.iter().enumerate() {
                if k % width > (k / width) % width {
                    found.insert(symbol, zero);
                }
            }
        }
    }
    found
}

/// The texts of a part, those in vector notation first, and of equal kind the shorter.
fn choices_of(model: &mut Model, facts: &Facts, part: &Part) -> Vec<String> {
    let mut ranked: Vec<(usize, usize, String)> = Vec::new();
    let zeros = zeros(model);
    for terms in &part.alternatives {
        let terms = &model.graph.substitute(terms, &zeros);
        let texts = lift::texts(model, facts, &part.shape, terms);
        let last = texts.len();
        for (rank, text) in texts.into_iter().enumerate() {
            // What is written out by component comes last, whatever else there is.
            let rank = if rank + 1 == last && last > 1 {
                usize::MAX
            } else {
                rank
            };
            ranked.push((rank, text.chars().count(), text));
        }
    }
    ranked.sort();
    let mut texts = part.texts.clone();
    texts.extend(ranked.into_iter().map(|(_, _, text)| text));
    texts.dedup();
    texts
}
