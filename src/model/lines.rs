//! Lines of derivations as terms: `f(·)`, `integral`, `E` and `grad` become symbols or terms of
//! their own before the rest of a line is elaborated like any formula.

use super::build::Builder;
use super::opaque::{Application, Integral, Opaque, Over};
use super::{Claim, Derivation, Noise, Variable};
use crate::algebra::vanishes;
use crate::diagnostic::Span;
use crate::graph::Id;
use crate::language::{self, Argument, Domain, Expr, ExprKind, IndexKind, Value};
use crate::spec::Formula;
use rustc_hash::FxHashMap;

/// What lines are read against.
pub(super) struct Setting<'m> {
    pub(super) noise: &'m [Noise],
    pub(super) outputs: &'m [Variable],
    /// g(ε), where there is a transform.
    pub(super) transform: Option<&'m Claim>,
    /// z by g(ε), or ε by S(z).
    pub(super) base: &'m FxHashMap<Id, Id>,
    /// log q(z), where a density is claimed.
    pub(super) log_q: Option<Id>,
}

/// Why a line is no term: a clause for a finding.
type Reason = String;

impl Builder<'_> {
    /// Each line as a term at z = g(ε); what a line cannot be a term of is kept as the reason.
    pub(super) fn derivations(&mut self, setting: &Setting<'_>) -> (Vec<Derivation>, Opaque) {
        let spec = self.spec;
        let mut opaque = Opaque::default();
        if spec.derivations.is_empty() {
            return (Vec::new(), opaque);
        }
        let saved = self.scope.values.clone();
        // A name of the spec is what it says there.
        if let Some(transform) = setting.transform
            && !self.scope.values.contains_key("J")
        {
            let symbols: Vec<Id> = setting
                .noise
                .iter()
                .flat_map(|n| n.variable.symbols.iter().copied())
                .collect();
            if let Ok(rows) = self.graph.jacobian(&transform.elements, &symbols) {
                let shape = vec![transform.elements.len(), symbols.len()];
                let elements = rows.into_iter().flatten().collect();
                self.scope
                    .values
                    .insert("J".to_owned(), Value { shape, elements });
            }
        }
        let derivations = spec
            .derivations
            .iter()
            .map(|(name, lines)| Derivation {
                name: name.value.clone(),
                lines: lines
                    .iter()
                    .map(|line| {
                        let values = self.scope.values.clone();
                        let read = self.line(&line.expr, setting, &mut opaque);
                        self.scope.values = values;
                        read
                    })
                    .collect(),
            })
            .collect();
        self.scope.values = saved;
        (derivations, opaque)
    }

    fn line(
        &mut self,
        formula: &Formula,
        setting: &Setting<'_>,
        opaque: &mut Opaque,
    ) -> Result<Claim, (Span, Reason)> {
        let failed = |reason: Reason| (formula.span(), reason);
        let mut expr = self
            .parse(formula)
            .ok_or_else(|| failed("the line cannot be read".to_owned()))?;
        let mut reader = Reader {
            builder: self,
            formula,
            setting,
            opaque,
            hoisted: 0,
        };
        reader.hoist(&mut expr, false).map_err(failed)?;
        let value = reader.elaborate(&expr).map_err(failed)?;
        let elements = value
            .elements
            .iter()
            .map(|&id| opaque.substitute(&mut self.graph, id, setting.base))
            .collect();
        Ok(Claim {
            elements,
            span: formula.span(),
        })
    }
}

struct Reader<'r, 'a, 'm> {
    builder: &'r mut Builder<'a>,
    formula: &'r Formula,
    setting: &'r Setting<'m>,
    opaque: &'r mut Opaque,
    hoisted: usize,
}

impl Reader<'_, '_, '_> {
    fn elaborate(&mut self, expr: &Expr) -> Result<Value, Reason> {
        language::elaborate(expr, &self.builder.scope, &mut self.builder.graph).map_err(|errors| {
            self.builder.report(self.formula, errors);
            "the line cannot be read".to_owned()
        })
    }

    /// Replaces the calls that only derivations know, innermost first, by names for their values.
    /// `bound` says that z is the variable of an integral here, not g(ε).
    fn hoist(&mut self, expr: &mut Expr, bound: bool) -> Result<(), Reason> {
        let mut at = expr;
        loop {
            let value = match &mut at.kind {
                ExprKind::Call {
                    function,
                    arguments,
                    ..
                } => self.special(function, arguments, bound)?,
                _ => None,
            };
            if let Some(value) = value {
                // No name of a spec has a space.
                let name = format!("hoisted {}", self.hoisted);
                self.hoisted += 1;
                self.builder.scope.values.insert(name.clone(), value);
                at.kind = ExprKind::Name(name);
                return Ok(());
            }
            match &mut at.kind {
                // Chains of operators nest to the left without bound.
                ExprKind::Binary(_, left, right) => {
                    self.hoist(right, bound)?;
                    at = left;
                }
                ExprKind::Number(_) | ExprKind::Name(_) => return Ok(()),
                ExprKind::Negate(inner) => return self.hoist(inner, bound),
                ExprKind::Compare(_, a, b) => {
                    self.hoist(a, bound)?;
                    return self.hoist(b, bound);
                }
                ExprKind::Vector(items) => {
                    return items
                        .iter_mut()
                        .try_for_each(|item| self.hoist(item, bound));
                }
                ExprKind::Comprehension { body, from, to, .. } => {
                    let special = ["f", "integral", "E", "grad"];
                    let used = body.functions_used();
                    if special.iter().any(|name| used.contains_key(*name)) {
                        return Err("an integral for each index of a list".to_owned());
                    }
                    let names = language::names_used(body);
                    let mut outputs = self.setting.outputs.iter();
                    if !bound
                        && used.contains_key("diff")
                        && outputs.any(|v| names.contains_key(&v.name))
                    {
                        return Err("a derivative of g(ε) for each index of a list".to_owned());
                    }
                    self.hoist(from, bound)?;
                    return self.hoist(to, bound);
                }
                ExprKind::Index { base, indices } => {
                    for index in indices {
                        if let IndexKind::At(place) = &mut index.kind {
                            self.hoist(place, bound)?;
                        }
                    }
                    at = base;
                }
                ExprKind::Call { arguments, .. } => {
                    return arguments
                        .iter_mut()
                        .try_for_each(|a| self.hoist(&mut a.value, bound));
                }
            }
        }
    }

    /// The value of a call that only derivations know; none for any other.
    fn special(
        &mut self,
        function: &str,
        arguments: &mut [Argument],
        bound: bool,
    ) -> Result<Option<Value>, Reason> {
        match function {
            "f" => self.application(arguments, bound).map(Some),
            "integral" => self.integral(arguments, false, bound).map(Some),
            "E" => self.integral(arguments, true, bound).map(Some),
            "grad" => self.gradient(arguments, bound).map(Some),
            "diff" => self.derivative(arguments, bound),
            "q" | "p" => self.at_draws(function, arguments, bound).map(|()| None),
            _ => Ok(None),
        }
    }

    /// Refuses a density at places where its formula may not be that of the density: elsewhere than
    /// at the draws themselves, unless the support is all of space.
    fn at_draws(
        &mut self,
        function: &str,
        arguments: &[Argument],
        bound: bool,
    ) -> Result<(), Reason> {
        let calls = ["f", "integral", "E", "grad"];
        let mut elements = Vec::new();
        for argument in arguments {
            let used = argument.value.functions_used();
            if calls.iter().any(|name| used.contains_key(*name)) {
                return Err(format!("`{function}` of what only a derivation knows"));
            }
            let value = self.elaborate(&argument.value)?;
            let graph = &mut self.builder.graph;
            for id in value.elements {
                elements.push(if bound {
                    id
                } else {
                    self.opaque.substitute(graph, id, self.setting.base)
                });
            }
        }
        let everywhere;
        let mut draws: Vec<Vec<Id>> = Vec::new();
        if function == "q" {
            let outputs = self.setting.outputs;
            everywhere = outputs.iter().all(|v| v.domain == Domain::Real);
            draws.push(outputs.iter().flat_map(|v| v.symbols.clone()).collect());
            draws.extend(self.setting.transform.map(|claim| claim.elements.clone()));
        } else {
            let noise = self.setting.noise;
            everywhere = noise
                .iter()
                .flat_map(|n| &n.domains)
                .all(|d| *d == Domain::Real);
            let symbols: Vec<Id> = noise
                .iter()
                .flat_map(|n| n.variable.symbols.clone())
                .collect();
            draws.push(self.builder.graph.substitute(&symbols, self.setting.base));
            draws.push(symbols);
        }
        if everywhere || draws.contains(&elements) {
            Ok(())
        } else {
            Err(format!(
                "`{function}` away from the draws, where its formula need not hold"
            ))
        }
    }

    fn application(&mut self, arguments: &mut [Argument], bound: bool) -> Result<Value, Reason> {
        let [argument] = arguments else {
            return Err("`f` takes one argument, of the shape of z".to_owned());
        };
        self.hoist(&mut argument.value, bound)?;
        let value = self.elaborate(&argument.value)?;
        let application = Application {
            derivative: Vec::new(),
            arguments: value.elements,
        };
        let id = self.opaque.apply(&mut self.builder.graph, application);
        Ok(Value::scalar(id))
    }

    fn integral(
        &mut self,
        arguments: &mut [Argument],
        is_mean: bool,
        bound: bool,
    ) -> Result<Value, Reason> {
        let name = if is_mean { "E" } else { "integral" };
        let [integrand, variable] = arguments else {
            return Err(format!("`{name}` takes a term and a variable"));
        };
        let ExprKind::Name(variable) = &variable.value.kind else {
            return Err(format!("`{name}` runs over a noise or output by its name"));
        };
        let noise = self
            .setting
            .noise
            .iter()
            .find(|n| n.variable.name == *variable);
        let is_output = self.setting.outputs.iter().any(|v| v.name == *variable);
        if noise.is_none() && !is_output {
            return Err(format!("`{variable}` is neither noise nor an output"));
        }
        if is_output && self.setting.outputs.len() > 1 {
            return Err("an integral over one of several outputs".to_owned());
        }
        // Without a claimed density, the mean over z is that over the noise.
        let by_noise = is_output && is_mean && self.setting.log_q.is_none();
        let over = if is_output && !by_noise {
            Over::Output
        } else {
            let mut names: Vec<String> = match noise {
                Some(noise) => vec![noise.variable.name.clone()],
                None => self
                    .setting
                    .noise
                    .iter()
                    .map(|n| n.variable.name.clone())
                    .collect(),
            };
            names.sort();
            Over::Noise(names)
        };
        let inside = over == Over::Output;
        if bound && inside {
            return Err("an integral over z inside another".to_owned());
        }
        self.hoist(&mut integrand.value, inside)?;
        let value = self.elaborate(&integrand.value)?;
        let graph = &mut self.builder.graph;
        let log_density = match (&over, is_mean) {
            (_, false) => None,
            (Over::Output, true) => self.setting.log_q,
            (Over::Noise(names), true) => {
                let terms: Vec<Id> = self
                    .setting
                    .noise
                    .iter()
                    .filter(|n| names.contains(&n.variable.name))
                    .flat_map(|n| n.log_densities.clone())
                    .collect();
                Some(graph.sum(&terms))
            }
        };
        let density = log_density.map(|log| graph.exp(log));
        let mut elements = Vec::new();
        for id in value.elements {
            let graph = &mut self.builder.graph;
            let mut integrand = density.map_or(id, |density| graph.mul(id, density));
            if !inside {
                integrand = self.opaque.substitute(graph, integrand, self.setting.base);
            }
            let integral = self.flattened(integrand, over.clone())?;
            elements.push(self.opaque.integrate(&mut self.builder.graph, integral));
        }
        Ok(Value {
            shape: value.shape,
            elements,
        })
    }

    /// An integral whose integrand is a multiple of one over other noise is one over both.
    fn flattened(&mut self, integrand: Id, over: Over) -> Result<Integral, Reason> {
        let graph = &mut self.builder.graph;
        let inner = self.opaque.integrals_in(graph, integrand);
        let (Over::Noise(outer), [symbol]) = (&over, inner.as_slice()) else {
            return if inner.is_empty() {
                Ok(Integral {
                    over,
                    integrand,
                    by: Vec::new(),
                })
            } else {
                Err("integrals inside an integral".to_owned())
            };
        };
        let nested = self
            .opaque
            .integral(*symbol)
            .cloned()
            .ok_or("integrals inside an integral")?;
        let factor = graph
            .differentiate(&[integrand], *symbol)
            .map_err(|e| e.to_string())?[0];
        let zero = graph.integer(0);
        let rest = graph.substitute(&[integrand], &FxHashMap::from_iter([(*symbol, zero)]))[0];
        let is_linear = self.opaque.integrals_in(graph, factor).is_empty();
        let Over::Noise(names) = &nested.over else {
            return Err("an integral over z inside another".to_owned());
        };
        let vanishes = vanishes(graph, rest);
        if !is_linear
            || !vanishes
            || !nested.by.is_empty()
            || names.iter().any(|name| outer.contains(name))
        {
            return Err("integrals inside an integral".to_owned());
        }
        let mut all = [outer.clone(), names.clone()].concat();
        all.sort();
        Ok(Integral {
            over: Over::Noise(all),
            integrand: graph.mul(factor, nested.integrand),
            by: nested.by,
        })
    }

    fn gradient(&mut self, arguments: &mut [Argument], bound: bool) -> Result<Value, Reason> {
        let [term, parameter] = arguments else {
            return Err("`grad` takes a term and a parameter".to_owned());
        };
        self.hoist(&mut term.value, bound)?;
        let value = self.elaborate(&term.value)?;
        let parameter = self.elaborate(&parameter.value)?;
        let graph = &mut self.builder.graph;
        if parameter
            .elements
            .iter()
            .any(|&id| graph.as_symbol(id).is_none())
        {
            return Err("`grad` is by a parameter".to_owned());
        }
        let mut elements = Vec::new();
        for id in value.elements {
            let at = if bound {
                id
            } else {
                self.opaque.substitute(graph, id, self.setting.base)
            };
            for &symbol in &parameter.elements {
                let slope = self.opaque.differentiate(graph, at, symbol);
                elements.push(slope.map_err(|e| e.to_string())?);
            }
        }
        Ok(Value {
            shape: [value.shape, parameter.shape].concat(),
            elements,
        })
    }

    /// `diff` where `z` stands for g(ε), or `f` is differentiated; none for what the language does
    /// by itself.
    fn derivative(
        &mut self,
        arguments: &mut [Argument],
        bound: bool,
    ) -> Result<Option<Value>, Reason> {
        let [term, variable] = arguments else {
            return Ok(None);
        };
        let by = self.elaborate(&variable.value)?;
        let graph = &self.builder.graph;
        if by.elements.iter().any(|&id| graph.as_symbol(id).is_none()) {
            return Ok(None);
        }
        self.hoist(&mut term.value, bound)?;
        let value = self.elaborate(&term.value)?;
        // In z itself a term is differentiated before g(ε) takes its place.
        let is_base = by
            .elements
            .iter()
            .any(|id| self.setting.base.contains_key(id));
        let mut elements = Vec::new();
        for id in value.elements {
            let graph = &mut self.builder.graph;
            if !self.opaque.integrals_in(graph, id).is_empty() {
                return Err("a derivative of an integral: write `grad`".to_owned());
            }
            let at = if bound || is_base {
                id
            } else {
                self.opaque.substitute(graph, id, self.setting.base)
            };
            for &symbol in &by.elements {
                let slope = self.opaque.differentiate(graph, at, symbol);
                elements.push(slope.map_err(|e| e.to_string())?);
            }
        }
        Ok(Some(Value {
            shape: [value.shape, by.shape].concat(),
            elements,
        }))
    }
}
