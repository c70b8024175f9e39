//! One formula of the file as a value: read, elaborated and held to its shape.
//!
//! What a mistake elsewhere made unreadable is passed over, so that each mistake is reported once.

use super::{Builder, Hidden};
use crate::diagnostic::{Diagnostic, nearest};
use crate::distribution::Instance;
use crate::graph::Id;
use crate::language::{self, Applied, Expr, Value, canonical_name, names_used};
use crate::model::{Claim, Noise, Variable};
use crate::spec::{Formula, Located};
use rustc_hash::FxHashSet;

impl Builder<'_> {
    /// Reports diagnostics of a formula at their places in the file; those that only follow from
    /// an earlier failure are dropped.
    pub(in crate::model) fn report(&mut self, formula: &Formula, diagnostics: Vec<Diagnostic>) {
        for mut diagnostic in diagnostics {
            let rest = formula.text.get(diagnostic.span.end..).unwrap_or("");
            let named = formula.text.get(diagnostic.span.clone());
            if let Some(name) = named.map(canonical_name)
                && (self.broken.contains(&name) || !rest.starts_with('('))
                && self.is_lost(&name)
            {
                continue;
            }
            diagnostic.span = formula.locate(diagnostic.span);
            self.errors.push(diagnostic);
        }
    }

    /// Whether a name is unknown only because of an earlier failure.
    pub(super) fn is_lost(&self, name: &str) -> bool {
        let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let is_known = self.scope.values.contains_key(name)
            || self.scope.functions.contains_key(name)
            || self.scope.sizes.contains_key(name);
        is_name && !is_known && self.is_broken(name)
    }

    /// Whether a name that an entry of a map is for may have been meant to exist.
    pub(super) fn is_broken(&self, name: &str) -> bool {
        self.spec.names_missing || self.broken.contains(name)
    }

    /// Whether a formula can be looked at.
    pub(super) fn is_read(&mut self, formula: &Formula) -> bool {
        self.has_holes |= formula.is_unread();
        !formula.is_unread()
    }

    pub(in crate::model) fn parse(&mut self, formula: &Formula) -> Option<Expr> {
        if !self.is_read(formula) {
            return None;
        }
        language::parse_expression(&formula.text)
            .map_err(|errors| self.report(formula, errors))
            .ok()
    }

    /// Where a quantity lives.
    pub(super) fn parse_domain(&mut self, formula: &Formula) -> Option<Applied> {
        self.parse_applied(
            formula,
            "name a domain, such as `real`, `positive`, `unit_interval` or `interval(a, b)`",
        )
    }

    /// How a quantity is distributed.
    pub(super) fn parse_distribution(&mut self, formula: &Formula) -> Option<Applied> {
        self.parse_applied(
            formula,
            "name a distribution, such as `normal(0, 1)` or `uniform(0, 1)`",
        )
    }

    fn parse_applied(&mut self, formula: &Formula, help: &str) -> Option<Applied> {
        if !self.is_read(formula) {
            return None;
        }
        let helped = |error: Diagnostic| match error.help {
            Some(_) => error,
            None => error.help(help),
        };
        language::parse_applied(&formula.text)
            .map_err(|errors| self.report(formula, errors.into_iter().map(helped).collect()))
            .ok()
    }

    /// Whether sizes have been found beyond the limit: then nothing more is unrolled, so that the
    /// refusal comes at once.
    pub(super) fn is_too_large(&self) -> bool {
        let message = format!("more than {} nodes", self.scope.node_limit);
        self.errors.iter().any(|e| e.message == message)
    }

    pub(super) fn value(&mut self, formula: &Formula) -> Option<Value> {
        if self.is_too_large() {
            return None;
        }
        let expr = self.parse(formula)?;
        let value = language::elaborate_definition(&expr, &self.scope, &mut self.graph)
            .map_err(|errors| self.report(formula, errors))
            .ok()?;
        let is_in_place = self.is_in_place(formula, &value.elements);
        is_in_place.then_some(value)
    }

    /// Hides noise from the formulas that follow.
    pub(super) fn hide_noise(&mut self, noise: &[Noise], why: &'static str) {
        let variables = noise.iter().map(|n| &n.variable);
        self.hide(variables, why);
    }

    /// Hides variables from the formulas that follow.
    pub(super) fn hide<'v>(
        &mut self,
        variables: impl Iterator<Item = &'v Variable>,
        why: &'static str,
    ) {
        self.hidden.extend(variables.map(|v| Hidden {
            name: v.name.clone(),
            symbols: v.symbols.clone(),
            why,
        }));
    }

    /// Whether terms depend on nothing that is hidden here; what does is reported.
    pub(super) fn is_in_place(&mut self, formula: &Formula, terms: &[Id]) -> bool {
        if self.hidden.is_empty() {
            return true;
        }
        let used: FxHashSet<Id> = self.graph.symbols_of(terms).into_iter().collect();
        let depends = |hidden: &&Hidden| hidden.symbols.iter().any(|s| used.contains(s));
        let Some(hidden) = self.hidden.iter().find(depends) else {
            return true;
        };
        let mentioned = language::parse_expression(&formula.text)
            .ok()
            .and_then(|expr| names_used(&expr).get(&hidden.name).cloned());
        let mut error = Diagnostic::error(
            format!("`{}` is not available here", hidden.name),
            formula.locate(mentioned.clone().unwrap_or(0..formula.text.len())),
        )
        .label(hidden.why);
        if mentioned.is_none() {
            error = error.note("it is mentioned by a definition");
        }
        self.errors.push(error);
        false
    }

    /// A formula of one component.
    pub(super) fn single(&mut self, formula: &Formula) -> Option<Claim> {
        let value = self.value(formula)?;
        if value.elements.len() != 1 {
            let message = "expected one number, found a value of several components";
            self.errors.push(
                Diagnostic::error(message, formula.span())
                    .label(format!("of shape {}", shape_text(&value.shape)))
                    .help("reduce it, for example with `sum(…)`"),
            );
            return None;
        }
        Some(Claim {
            elements: value.elements,
            span: formula.span(),
        })
    }

    /// A formula of a given shape; a single component stands for all.
    pub(super) fn shaped(
        &mut self,
        formula: &Formula,
        shape: &[usize],
        what: &str,
    ) -> Option<Claim> {
        let value = self.value(formula)?;
        let size: usize = shape.iter().product();
        let elements = if value.shape == shape || (value.elements.len() == size && size == 1) {
            value.elements
        } else if value.elements.len() == 1 {
            vec![value.elements[0]; size]
        } else {
            self.wrong_shape(what, formula, shape, &value.shape);
            return None;
        };
        Some(Claim {
            elements,
            span: formula.span(),
        })
    }

    pub(super) fn wrong_shape(
        &mut self,
        what: &str,
        formula: &Formula,
        wanted: &[usize],
        found: &[usize],
    ) {
        let label = match (wanted, found) {
            ([], _) => format!("expected a scalar, found shape {}", shape_text(found)),
            (_, []) => format!("expected shape {}, found a scalar", shape_text(wanted)),
            _ => {
                let (wanted, found) = (shape_text(wanted), shape_text(found));
                format!("expected shape {wanted}, found {found}")
            }
        };
        self.errors.push(
            Diagnostic::error(format!("{what} has the wrong shape"), formula.span()).label(label),
        );
    }

    /// The distribution that a formula names, with its arguments.
    pub(super) fn instance(&mut self, formula: &Formula) -> Option<Instance> {
        if self.is_too_large() {
            return None;
        }
        let applied = self.parse_distribution(formula)?;
        let law = Instance::new(&applied, &self.scope, &mut self.graph)
            .map_err(|errors| self.report(formula, errors))
            .ok()?;
        let arguments = law.arguments().iter().flatten();
        let terms: Vec<Id> = arguments.flat_map(|a| a.elements.clone()).collect();
        self.is_in_place(formula, &terms).then_some(law)
    }

    pub(super) fn unknown(&mut self, name: &Located<String>, kind: &str, known: &[&str]) {
        let mut diagnostic = Diagnostic::error(
            format!("unknown {kind} `{}`", name.value),
            name.span.clone(),
        )
        .label(format!("no {kind} has this name"));
        if let Some(near) = nearest(&name.value, known.iter().copied()) {
            diagnostic = diagnostic.help(format!("write `{near}`"));
        }
        self.errors.push(diagnostic);
    }
}

pub(super) fn shape_text(shape: &[usize]) -> String {
    let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
    format!("[{}]", sizes.join(", "))
}
