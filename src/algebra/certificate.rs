//! Proofs on paper: JSON with everything that a check of them needs — the terms as a table of
//! nodes, the facts, the steps — and nothing of the spec they came from.
//!
//! Law: what is written and read again is replayed with the same result (test
//! `written_proofs_are_replayed`).

use super::facts::Facts;
use super::proof::{Case, Condition, Proof, Rule, Step};
use super::replay::{Rejection, Replayed, replay};
use super::signs::{End, Range, Signs};
use crate::graph::{Graph, Id, Node, unary_name};
use crate::number::{Binary, Rational, Ternary, Unary};
use rustc_hash::FxHashMap;
use serde_json::{Value, json};

/// Nodes of a proof that is read at most.
const MOST_NODES: usize = 1_000_000;

/// Cases inside cases of a proof that is read at most.
const DEEPEST: usize = 32;

fn binary_name(operator: Binary) -> &'static str {
    match operator {
        Binary::Add => "add",
        Binary::Sub => "subtract",
        Binary::Mul => "multiply",
        Binary::Div => "divide",
        Binary::Pow => "power",
        Binary::Min => "min",
        Binary::Max => "max",
        Binary::Mod => "mod",
        Binary::Atan2 => "atan2",
        Binary::GammaP => "gamma_p",
        Binary::GammaQ => "gamma_q",
        Binary::GammaPDa => "gamma_p_by_a",
        Binary::Less => "less",
        Binary::LessEqual => "less_equal",
        Binary::Equal => "equal",
        Binary::And => "and",
        Binary::Or => "or",
    }
}

fn ternary_name(operator: Ternary) -> &'static str {
    match operator {
        Ternary::Select => "where",
        Ternary::BetaInc => "beta_inc",
        Ternary::BetaIncDa => "beta_inc_by_a",
    }
}

const TERNARY: [Ternary; 3] = [Ternary::Select, Ternary::BetaInc, Ternary::BetaIncDa];

const SIGNS: [Signs; 7] = [
    Signs::NEGATIVE,
    Signs::ZERO,
    Signs::POSITIVE,
    Signs::NONPOSITIVE,
    Signs::NONNEGATIVE,
    Signs::NONZERO,
    Signs::UNKNOWN,
];

/// A proof with its facts as JSON.
pub fn write(graph: &Graph, facts: &Facts, proof: &Proof) -> Value {
    let mut roots = vec![proof.left, proof.right];
    collect(&proof.steps, &mut roots);
    roots.extend(facts.ranges.keys());
    roots.extend(facts.assumed.iter().map(|a| a.0));
    roots.extend(facts.definitions.iter().flat_map(|d| [d.0, d.1]));
    roots.extend(&facts.random);
    roots.extend(&facts.integers);
    let nodes = graph.reachable(&roots);
    let place: FxHashMap<Id, usize> = nodes.iter().enumerate().map(|(i, &id)| (id, i)).collect();
    let at = |id: &Id| place[id];
    let mut ranges: Vec<(usize, &Range)> = facts.ranges.iter().map(|(id, r)| (at(id), r)).collect();
    ranges.sort_by_key(|r| r.0);
    let mut integers: Vec<usize> = facts.integers.iter().map(at).collect();
    integers.sort_unstable();
    let end = |end: &End| match end {
        Some((value, open)) => json!([value.rational().to_string(), !open]),
        None => Value::Null,
    };
    json!({
        "statement": format!("{} = {}", graph.display(proof.left), graph.display(proof.right)),
        "nodes": nodes.iter().map(|&id| node(graph, id, &place)).collect::<Vec<_>>(),
        "ranges": ranges
            .iter()
            .map(|(i, r)| json!([i, end(&r.low), end(&r.high)]))
            .collect::<Vec<_>>(),
        "assumed": facts
            .assumed
            .iter()
            .map(|(id, signs)| json!([at(id), signs.relation()]))
            .collect::<Vec<_>>(),
        "integers": integers,
        "definitions": facts
            .definitions
            .iter()
            .map(|(a, b)| json!([at(a), at(b)]))
            .collect::<Vec<_>>(),
        "random": facts.random.iter().map(at).collect::<Vec<_>>(),
        "almost_everywhere": facts.almost_everywhere,
        "left": at(&proof.left),
        "right": at(&proof.right),
        "steps": proof.steps.iter().map(|s| step(s, &place)).collect::<Vec<_>>(),
    })
}

fn collect(steps: &[Step], roots: &mut Vec<Id>) {
    for step in steps {
        roots.extend([step.from, step.to]);
        roots.extend(step.conditions.iter().map(|c| c.of));
        match step.rule {
            Rule::Angles(a, b) => roots.extend([a, b]),
            Rule::Undone(t) | Rule::Cases(t) | Rule::HalfTurns(t) => roots.push(t),
            Rule::Definition
            | Rule::Decided(_)
            | Rule::Logarithm
            | Rule::Absolute
            | Rule::Shift(_)
            | Rule::Reflection
            | Rule::Value
            | Rule::Turn(_)
            | Rule::Duplication
            | Rule::HalfPlane(_)
            | Rule::Whole
            | Rule::Step(_)
            | Rule::Parity
            | Rule::Ring => {}
        }
        for case in &step.branches {
            collect(&case.steps, roots);
        }
    }
}

fn node(graph: &Graph, id: Id, place: &FxHashMap<Id, usize>) -> Value {
    match graph.node(id) {
        Node::Constant(c) => json!(["constant", graph.constant_value(c).to_string()]),
        Node::Pi => json!(["pi"]),
        Node::Infinity => json!(["infinity"]),
        Node::Symbol(_) => {
            let symbol = graph.as_symbol(id).expect("invariant: it is a symbol");
            json!(["symbol", symbol.name, symbol.index])
        }
        Node::Unary(operator, x) => json!([unary_name(operator), place[&x]]),
        Node::Binary(operator, x, y) => json!([binary_name(operator), place[&x], place[&y]]),
        Node::Ternary(operator, x, y, z) => {
            json!([ternary_name(operator), place[&x], place[&y], place[&z]])
        }
    }
}

fn step(step: &Step, place: &FxHashMap<Id, usize>) -> Value {
    let arguments = match step.rule {
        Rule::Decided(signs) => json!([signs.relation()]),
        Rule::Shift(n) => json!([n]),
        Rule::Turn(k) | Rule::HalfPlane(k) | Rule::Step(k) => json!([k]),
        Rule::Angles(a, b) => json!([place[&a], place[&b]]),
        Rule::Undone(t) | Rule::Cases(t) | Rule::HalfTurns(t) => json!([place[&t]]),
        Rule::Definition
        | Rule::Logarithm
        | Rule::Absolute
        | Rule::Reflection
        | Rule::Duplication
        | Rule::Whole
        | Rule::Parity
        | Rule::Value
        | Rule::Ring => json!([]),
    };
    let conditions: Vec<Value> = step
        .conditions
        .iter()
        .map(|c| match c.whole {
            true => json!([place[&c.of], c.signs.relation(), true]),
            false => json!([place[&c.of], c.signs.relation()]),
        })
        .collect();
    let cases: Vec<Value> = step
        .branches
        .iter()
        .map(|case| {
            let steps: Vec<Value> = case.steps.iter().map(|s| self::step(s, place)).collect();
            json!([case.signs.relation(), steps])
        })
        .collect();
    json!({
        "rule": step.rule.name(),
        "arguments": arguments,
        "from": place[&step.from],
        "to": place[&step.to],
        "conditions": conditions,
        "cases": cases,
    })
}

/// Why a written proof is not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotAccepted {
    /// It does not read as a proof; what is wrong with it.
    Unreadable(String),
    /// It is no proof.
    Rejected(Rejection),
}

impl std::fmt::Display for NotAccepted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NotAccepted::Unreadable(what) => write!(f, "this does not read as a proof: {what}"),
            NotAccepted::Rejected(rejection) => write!(f, "the proof is rejected: {rejection}"),
        }
    }
}

/// Checks a written proof; its statement and what was shown.
///
/// # Errors
/// Where it cannot be read, and where it is no proof.
pub fn replay_written(value: &Value) -> Result<(String, Replayed), NotAccepted> {
    let mut reader = Reader::default();
    let (facts, proof) = reader.proof(value).map_err(NotAccepted::Unreadable)?;
    let statement = format!(
        "{} = {}",
        reader.graph.display(proof.left),
        reader.graph.display(proof.right)
    );
    let replayed = replay(&mut reader.graph, &facts, &proof).map_err(NotAccepted::Rejected)?;
    Ok((statement, replayed))
}

#[derive(Default)]
struct Reader {
    graph: Graph,
    ids: Vec<Id>,
}

type Read<T> = Result<T, String>;

fn list<'v>(value: &'v Value, what: &str) -> Read<&'v [Value]> {
    let items = value.as_array().map(Vec::as_slice);
    items.ok_or_else(|| format!("`{what}` is no list"))
}

fn signs(value: Option<&Value>) -> Read<Signs> {
    let text = value.and_then(Value::as_str).unwrap_or("");
    let found = SIGNS.into_iter().find(|s| s.relation() == text);
    found.ok_or_else(|| format!("`{text}` is no relation to zero"))
}

fn rational(value: Option<&Value>) -> Read<Rational> {
    let text = value.and_then(Value::as_str).unwrap_or("");
    // Longer than any that is written.
    let short = (text.len() < 100_000).then(|| text.parse().ok()).flatten();
    short.ok_or_else(|| "a constant is no rational number".to_owned())
}

impl Reader {
    fn id(&self, value: Option<&Value>) -> Read<Id> {
        let place = value.and_then(Value::as_u64);
        place
            .and_then(|n| self.ids.get(usize::try_from(n).ok()?).copied())
            .ok_or_else(|| "a number stands for no node before it".to_owned())
    }

    fn proof(&mut self, value: &Value) -> Read<(Facts, Proof)> {
        let nodes = list(&value["nodes"], "nodes")?;
        if nodes.len() > MOST_NODES {
            return Err(format!("more than {MOST_NODES} nodes"));
        }
        for node in nodes {
            let id = self.node(list(node, "nodes")?)?;
            self.ids.push(id);
        }
        let mut facts = Facts::default();
        for entry in list(&value["ranges"], "ranges")? {
            let entry = list(entry, "ranges")?;
            let end = |value: Option<&Value>| -> Read<Option<(Rational, bool)>> {
                match value {
                    None | Some(Value::Null) => Ok(None),
                    Some(value) => {
                        let pair = list(value, "ranges")?;
                        let closed = pair.get(1).and_then(Value::as_bool).unwrap_or(false);
                        Ok(Some((rational(pair.first())?, !closed)))
                    }
                }
            };
            let symbol = self.id(entry.first())?;
            if self.graph.as_symbol(symbol).is_none() {
                return Err("a range of what is no symbol".to_owned());
            }
            facts.bound(symbol, &end(entry.get(1))?, &end(entry.get(2))?);
        }
        for entry in list(&value["assumed"], "assumed")? {
            let entry = list(entry, "assumed")?;
            facts.assume(self.id(entry.first())?, signs(entry.get(1))?);
        }
        for entry in value["integers"].as_array().into_iter().flatten() {
            let symbol = self.id(Some(entry))?;
            if self.graph.as_symbol(symbol).is_none() {
                return Err("an integer that is no symbol".to_owned());
            }
            facts.integer(symbol);
        }
        for entry in list(&value["definitions"], "definitions")? {
            let entry = list(entry, "definitions")?;
            let symbol = self.id(entry.first())?;
            if self.graph.as_symbol(symbol).is_none() {
                return Err("a definition of what is no symbol".to_owned());
            }
            facts.define(symbol, self.id(entry.get(1))?);
        }
        if value["almost_everywhere"].as_bool() == Some(true) {
            let random: Read<Vec<Id>> = list(&value["random"], "random")?
                .iter()
                .map(|v| self.id(Some(v)))
                .collect();
            facts.almost_everywhere(random?);
        }
        let proof = Proof {
            left: self.id(value.get("left"))?,
            right: self.id(value.get("right"))?,
            steps: self.steps(&value["steps"], 0)?,
        };
        Ok((facts, proof))
    }

    fn node(&mut self, parts: &[Value]) -> Read<Id> {
        let name = parts.first().and_then(Value::as_str).unwrap_or("");
        match name {
            "constant" => {
                let value = rational(parts.get(1))?;
                return Ok(self.graph.constant(value));
            }
            "pi" => return Ok(self.graph.pi()),
            "infinity" => return Ok(self.graph.infinity()),
            "symbol" => {
                let name = parts.get(1).and_then(Value::as_str);
                let name = name.ok_or("a symbol without a name")?;
                let index: Option<Vec<usize>> = list(&parts[parts.len() - 1], "symbol")?
                    .iter()
                    .map(|v| usize::try_from(v.as_u64()?).ok())
                    .collect();
                let index = index.ok_or("a symbol's index is no list of numbers")?;
                return Ok(self.graph.symbol(name, &index));
            }
            _ => {}
        }
        let x = self.id(parts.get(1))?;
        let unknown = || format!("`{name}` with {} arguments is unknown", parts.len() - 1);
        match parts.len() {
            2 => {
                let mut all = Unary::ALL
                    .into_iter()
                    .chain((1..=u8::MAX).map(Unary::Polygamma));
                let operator = all.find(|&o| unary_name(o) == name).ok_or_else(unknown)?;
                Ok(self.graph.unary(operator, x))
            }
            3 => {
                let mut all = Binary::ALL.into_iter();
                let operator = all.find(|&o| binary_name(o) == name).ok_or_else(unknown)?;
                let y = self.id(parts.get(2))?;
                Ok(self.graph.binary(operator, x, y))
            }
            4 => {
                let mut all = TERNARY.into_iter();
                let operator = all.find(|&o| ternary_name(o) == name).ok_or_else(unknown)?;
                let (y, z) = (self.id(parts.get(2))?, self.id(parts.get(3))?);
                Ok(self.graph.ternary(operator, x, y, z))
            }
            _ => Err(unknown()),
        }
    }

    fn steps(&self, value: &Value, depth: usize) -> Read<Vec<Step>> {
        if depth > DEEPEST {
            return Err(format!("more than {DEEPEST} cases inside one another"));
        }
        let steps = list(value, "steps")?.iter();
        steps.map(|step| self.step(step, depth)).collect()
    }

    fn step(&self, value: &Value, depth: usize) -> Read<Step> {
        let arguments = list(&value["arguments"], "arguments")?;
        let first = arguments.first();
        let name = value["rule"].as_str().unwrap_or("");
        let number = || {
            first
                .and_then(Value::as_i64)
                .ok_or("an argument is no number")
        };
        let rule = match name {
            "definition" => Rule::Definition,
            "decided" => Rule::Decided(signs(first)?),
            "logarithm" => Rule::Logarithm,
            "absolute" => Rule::Absolute,
            "shift" => Rule::Shift(u32::try_from(number()?).map_err(|e| e.to_string())?),
            "reflection" => Rule::Reflection,
            "value" => Rule::Value,
            "turn" => Rule::Turn(i32::try_from(number()?).map_err(|e| e.to_string())?),
            "whole" => Rule::Whole,
            "step" => Rule::Step(i32::try_from(number()?).map_err(|e| e.to_string())?),
            "half_turns" => Rule::HalfTurns(self.id(first)?),
            "parity" => Rule::Parity,
            "duplication" => Rule::Duplication,
            "half_plane" => Rule::HalfPlane(i32::try_from(number()?).map_err(|e| e.to_string())?),
            "angles" => Rule::Angles(self.id(first)?, self.id(arguments.get(1))?),
            "undone" => Rule::Undone(self.id(first)?),
            "ring" => Rule::Ring,
            "cases" => Rule::Cases(self.id(first)?),
            _ => return Err(format!("there is no rule `{name}`")),
        };
        let mut conditions = Vec::new();
        for entry in list(&value["conditions"], "conditions")? {
            let entry = list(entry, "conditions")?;
            conditions.push(Condition {
                of: self.id(entry.first())?,
                signs: signs(entry.get(1))?,
                whole: entry.get(2).and_then(Value::as_bool).unwrap_or(false),
            });
        }
        let mut branches = Vec::new();
        for entry in list(&value["cases"], "cases")? {
            let entry = list(entry, "cases")?;
            branches.push(Case {
                signs: signs(entry.first())?,
                steps: self.steps(entry.get(1).unwrap_or(&Value::Null), depth + 1)?,
            });
        }
        Ok(Step {
            rule,
            from: self.id(value.get("from"))?,
            to: self.id(value.get("to"))?,
            conditions,
            branches,
        })
    }
}
