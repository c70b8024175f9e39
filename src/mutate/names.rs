//! Which names of a spec may be taken for one another.

use crate::language::{canonical_name, parse_applied};
use crate::spec::raw::RawSpec;
use std::collections::{BTreeMap, BTreeSet};

/// Names by what they stand for and the shape as it is written: those with one key may be taken
/// for one another.
#[derive(Clone, Debug, Default)]
pub(super) struct Interchangeable {
    keys: BTreeMap<String, (&'static str, String)>,
    parameters: BTreeSet<String>,
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
        let names = spec.parameters.iter().map(|(name, _)| &name.value);
        all.parameters = names.map(|name| canonical_name(name)).collect();
        all
    }

    pub(super) fn may_be_exchanged(&self, a: &str, b: &str) -> bool {
        matches!((self.keys.get(a), self.keys.get(b)), (Some(a), Some(b)) if a == b)
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
            parameters: names.iter().map(|n| (*n).to_owned()).collect(),
        }
    }
}
