//! Which names of a spec may be taken for one another.
//!
//! Two parameters of one domain that stand in a single formula of the whole spec are not among
//! them: to exchange them is to rename them.

use crate::language::{canonical_name, parse_applied};
use crate::spec::raw::RawSpec;
use std::collections::{BTreeMap, BTreeSet};

/// Names by what they stand for and the shape as it is written: those with one key may be taken
/// for one another.
#[derive(Clone, Debug, Default)]
pub(super) struct Interchangeable {
    keys: BTreeMap<String, (&'static str, String)>,
    parameters: BTreeSet<String>,
    /// How a name is declared, and how many formulas mention it.
    declared: BTreeMap<String, (String, usize)>,
}

impl Interchangeable {
    pub(super) fn new(spec: &RawSpec) -> Interchangeable {
        let mut all = Interchangeable::default();
        // Of what cannot be read nothing is exchanged.
        let shape = |text: &str| {
            let applied = parse_applied(text).ok()?;
            let first = applied.shape.first()?.span.start;
            let last = applied.shape.last()?.span.end;
            Some(text[first..last].to_owned())
        };
        let mut add = |name: &str, what: &'static str, text: &str| {
            let key = (what, shape(text).unwrap_or_default());
            all.keys.insert(canonical_name(name), key);
        };
        for (name, variable) in spec.parameters.iter().chain(&spec.inputs) {
            add(&name.value, "given", &variable.domain.text);
        }
        for (name, law) in &spec.noise {
            add(&name.value, "noise", &law.text);
        }
        for (name, _) in &spec.transform {
            add(&name.value, "output", "");
        }
        let variables = spec.parameters.iter().chain(&spec.inputs);
        let variables = variables.map(|(name, variable)| {
            let bounds: Vec<&str> = variable.range.iter().flatten().map(|f| &*f.text).collect();
            let text = format!("{} {}", variable.domain.text, bounds.join(", "));
            (name, text)
        });
        let noise = spec
            .noise
            .iter()
            .map(|(name, law)| (name, law.text.clone()));
        let formulas = super::place::formulas(spec);
        for (name, text) in variables.chain(noise) {
            let name = canonical_name(&name.value);
            let mentions = |used: &&BTreeSet<String>| used.contains(&name);
            let count = formulas.iter().filter(mentions).count();
            all.declared.insert(name, (text, count));
        }
        let names = spec.parameters.iter().map(|(name, _)| &name.value);
        all.parameters = names.map(|name| canonical_name(name)).collect();
        all
    }

    pub(super) fn may_be_exchanged(&self, a: &str, b: &str) -> bool {
        let is_renaming = match (self.declared.get(a), self.declared.get(b)) {
            (Some((of_a, in_a)), Some((of_b, in_b))) => of_a == of_b && in_a + in_b <= 2,
            _ => false,
        };
        let same = matches!((self.keys.get(a), self.keys.get(b)), (Some(a), Some(b)) if a == b);
        same && !is_renaming
    }

    pub(super) fn is_parameter(&self, name: &str) -> bool {
        self.parameters.contains(name)
    }

    #[cfg(test)]
    pub(super) fn of_parameters(names: &[&str]) -> Interchangeable {
        let keys = names
            .iter()
            .map(|n| ((*n).to_owned(), ("given", String::new())));
        Interchangeable {
            keys: keys.collect(),
            declared: BTreeMap::new(),
            parameters: names.iter().map(|n| (*n).to_owned()).collect(),
        }
    }
}
