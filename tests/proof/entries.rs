//! The tables of statements, `left = right | why not` under `where name: domain; …`.

use reparam_check::algebra::{Bound, Facts, Signs};
use reparam_check::graph::{Graph, Id};
use reparam_check::language::{Scope, Value, elaborate, parse_expression};
use reparam_check::number::Rational;

/// One statement.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The line of the table.
    pub(crate) line: usize,
    /// Names and domains.
    pub(crate) variables: Vec<(String, String)>,
    pub(crate) left: String,
    pub(crate) right: String,
    /// Where it fails; empty for what is true.
    pub(crate) why: String,
}

pub(crate) fn identities() -> Vec<Entry> {
    read(include_str!("../data/identities.txt"))
}

pub(crate) fn near_misses() -> Vec<Entry> {
    read(include_str!("../data/near_misses.txt"))
}

pub(crate) fn read(table: &str) -> Vec<Entry> {
    let mut variables = Vec::new();
    let mut entries = Vec::new();
    for (place, text) in table.lines().enumerate() {
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let Some((left, rest)) = text.split_once(" = ") else {
            let list = text.strip_prefix("where ").expect("`where` or a statement");
            variables = list
                .split("; ")
                .map(|v| v.split_once(": ").expect("a domain"))
                .map(|(name, domain)| (name.to_owned(), domain.to_owned()))
                .collect();
            continue;
        };
        let (right, why) = rest.split_once(" | ").unwrap_or((rest, ""));
        entries.push(Entry {
            line: place + 1,
            variables: variables.clone(),
            left: left.to_owned(),
            right: right.to_owned(),
            why: why.to_owned(),
        });
    }
    entries
}

/// A statement as terms, with what its domains say.
pub(crate) struct Terms {
    pub(crate) graph: Graph,
    pub(crate) facts: Facts,
    pub(crate) left: Id,
    pub(crate) right: Id,
    pub(crate) symbols: Vec<Id>,
    pub(crate) domains: Vec<String>,
}

impl Entry {
    /// The terms; none where a domain is not an interval between numbers.
    pub(crate) fn terms(&self) -> Option<Terms> {
        let mut graph = Graph::new();
        let mut facts = Facts::default();
        let mut scope = Scope::default();
        let mut symbols = Vec::new();
        let mut domains = Vec::new();
        for (name, domain) in &self.variables {
            let value = Value::symbols(&mut graph, name, &[]);
            let symbol = value.elements[0];
            scope.values.insert(name.clone(), value);
            state(&mut facts, symbol, domain)?;
            symbols.push(symbol);
            domains.push(domain.clone());
        }
        let mut term = |text: &str| {
            let expression = parse_expression(text).expect("a formula");
            let value = elaborate(&expression, &scope, &mut graph);
            value.unwrap_or_else(|e| panic!("{text}: {e:?}")).elements[0]
        };
        let (left, right) = (term(&self.left), term(&self.right));
        Some(Terms {
            graph,
            facts,
            left,
            right,
            symbols,
            domains,
        })
    }
}

/// States a domain as facts; none for one that is no interval between numbers.
fn state(facts: &mut Facts, symbol: Id, domain: &str) -> Option<()> {
    let end = |value: i64, open: bool| -> Bound { Some((Rational::from(value), open)) };
    let (low, high) = match domain {
        "real" => (None, None),
        "positive" => (end(0, true), None),
        "nonnegative" => (end(0, false), None),
        "negative" => (None, end(0, true)),
        "unit_interval" => (end(0, true), end(1, true)),
        "interval(-1, 1)" => (end(-1, true), end(1, true)),
        "boolean" | "nonnegative_integer" | "integer_interval(-2, 2)" => {
            facts.integer(symbol);
            match domain {
                "boolean" => (end(0, false), end(1, false)),
                "nonnegative_integer" => (end(0, false), None),
                _ => (end(-2, false), end(2, false)),
            }
        }
        "nonzero" => {
            facts.assume(symbol, Signs::NONZERO);
            return Some(());
        }
        _ => return None,
    };
    facts.bound(symbol, &low, &high);
    Some(())
}
