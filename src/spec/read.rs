//! From the YAML tree to a [`RawSpec`], collecting everything that is wrong on the way.

use super::raw::{
    CHECKS, EXPECTATION_KEYS, Estimator, Measure, Named, PerOutput, RawExpectation, RawLine,
    RawSpec, RawTarget, RawVariable, SPEC_KEYS, TARGET_KEYS, VERDICTS,
};
use super::reader::{Fields, Reader, is_identifier, lost_names, scalar};
use super::yaml::{self, Entry, MAX_ERRORS, Node, Value, shorten};
use super::{Formula, Located};
use crate::diagnostic::{Diagnostic, Severity, Span, nearest};

/// Sections that say what names stand for.
const NAMING: [&str; 7] = [
    "dimensions",
    "parameters",
    "inputs",
    "noise",
    "define",
    "transform",
    "target",
];

/// Reads the text of a spec file; beside the spec, warnings.
///
/// # Errors
/// Everything that is wrong with the file short of its expressions and the names in them, in the
/// order of the file; warnings are among them.
pub fn read(source: &str) -> Result<(RawSpec, Vec<Diagnostic>), Vec<Diagnostic>> {
    match read_what_stands(source) {
        (Some(spec), found) if found.iter().all(|d| d.severity == Severity::Warning) => {
            Ok((spec, found))
        }
        (_, found) => Err(found),
    }
}

/// The same, with whatever could be read beside the errors: so that what is wrong further on can
/// be reported with them. An expression that could not be read is an unread formula, and names
/// whose definitions could not be are in [`RawSpec::lost`].
pub fn read_what_stands(source: &str) -> (Option<RawSpec>, Vec<Diagnostic>) {
    if let Err(error) = yaml::text(source.as_bytes()) {
        return (None, vec![error]);
    }
    let (root, found) = yaml::parse(source);
    let mut reader = Reader { found };
    let spec = root.map(|root| reader.spec(&root));
    let mut found = reader.found;
    if spec.is_none() && found.is_empty() {
        found.push(Diagnostic::error("the file holds no spec", 0..0));
    }
    found.sort_by_key(|d| (d.span.start, d.span.end));
    if found.len() > MAX_ERRORS {
        found.truncate(MAX_ERRORS);
        if let Some(last) = found.last_mut() {
            last.notes
                .push("there are more errors than are shown".to_owned());
        }
    }
    (spec, found)
}

impl Reader {
    fn spec(&mut self, root: &Node) -> RawSpec {
        let fields = self.fields(root, "a spec", &SPEC_KEYS);
        let spec = RawSpec {
            name: self.spec_name(&fields),
            summary: fields.get("summary").and_then(|n| self.text(n)),
            references: self.items(&fields, "references", "a list of texts", Reader::text),
            dimensions: self.section(&fields, "dimensions", Reader::sizes),
            parameters: self.section(&fields, "parameters", Reader::variable),
            inputs: self.section(&fields, "inputs", Reader::variable),
            noise: self.section(&fields, "noise", Reader::formula),
            define: self.section(&fields, "define", Reader::formula),
            transform: self.section(&fields, "transform", Reader::formula),
            inverse: self.section(&fields, "inverse", Reader::formula),
            log_abs_det_jacobian: self.optional(&fields, "log_abs_det_jacobian"),
            velocity: self.section(&fields, "velocity", Reader::formula),
            target: self.given(&fields, "target").and_then(|n| self.target(n)),
            expectations: self.items(
                &fields,
                "expectations",
                "a list of expectations",
                |reader, node| Some(reader.expectation(node)),
            ),
            derivations: self.derivations(&fields),
            expect: self.expect(&fields),
            sections: sections(&fields),
            lost: lost_names(&fields, &NAMING),
            names_missing: NAMING.into_iter().any(|key| !is_map(&fields, key)),
        };
        let complete = match &root.value {
            Value::Map(_) => self.require_sections(&fields),
            Value::Scalar { .. } | Value::Sequence(_) => false,
        };
        RawSpec {
            names_missing: spec.names_missing || !complete,
            ..spec
        }
    }

    fn spec_name(&mut self, fields: &Fields<'_>) -> Located<String> {
        let Some(node) = fields.get("name") else {
            if fields.entries.is_empty() {
                return Located {
                    value: String::new(),
                    span: fields.span.clone(),
                };
            }
            if !is_meant(fields, "name") {
                let error = Diagnostic::error("the spec has no `name`", fields.span.clone())
                    .help("add a line such as `name: normal`");
                self.report(error);
            }
            return Located {
                value: String::new(),
                span: fields.span.clone(),
            };
        };
        let value = self.text(node).unwrap_or_default();
        let allowed = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '_' | '-');
        if !value.is_empty() && !value.chars().all(allowed) {
            let message = format!("`{}` cannot be the name of a spec", shorten(&value));
            let error = Diagnostic::error(message, node.span.clone())
                .help("use lowercase letters, digits, `_` and `-` only");
            self.report(error);
        }
        Located {
            value,
            span: node.span.clone(),
        }
    }

    /// Whether the sections are there that the others need; one under a misspelt key is reported as
    /// that only.
    fn require_sections(&mut self, fields: &Fields<'_>) -> bool {
        let is_empty = |key| fields.get(key).is_some_and(Node::is_null);
        let given = |key| is_meant(fields, key) && !is_empty(key);
        if !given("transform") && !given("inverse") && !given("target") {
            let message = "none of `transform`, `inverse` and `target` is given";
            let error = Diagnostic::error(message, fields.span.clone())
                .help("say what z is, or what law it has");
            self.report(error);
            return false;
        }
        for key in ["transform", "inverse"] {
            if let Some((key, _)) = fields.entry(key)
                && !given("noise")
            {
                let message = format!("`{}` is given without `noise`", key.value);
                let error = Diagnostic::error(message, key.span.clone())
                    .help("add a section such as `noise: {eps: \"normal(0, 1)\"}`");
                self.report(error);
                return false;
            }
        }
        true
    }

    fn sizes(&mut self, node: &Node) -> Vec<Located<usize>> {
        let sizes = self.list(node, "a list of sizes, such as [1, 3]", Reader::size);
        if matches!(&node.value, Value::Sequence(nodes) if nodes.is_empty()) {
            let error = Diagnostic::error("a dimension without a size", node.span.clone());
            self.report(error.help("list the sizes to check at, such as [1, 3]"));
        }
        sizes
    }

    fn size(&mut self, node: &Node) -> Option<Located<usize>> {
        let size = scalar(node).filter(|&size: &usize| size >= 1);
        if size.is_none() {
            self.wrong_value(node, "a size", "use a whole number from 1 up");
        }
        size.map(|value| Located {
            value,
            span: node.span.clone(),
        })
    }

    fn variable(&mut self, node: &Node) -> RawVariable {
        let Value::Map(_) = &node.value else {
            return RawVariable {
                domain: self.formula(node),
                range: None,
                description: None,
            };
        };
        let fields = self.fields(node, "a variable", &["domain", "range", "description"]);
        let domain = self.required(&fields, "domain", "the variable");
        let range = fields.get("range").and_then(|node| self.range(node));
        let description = fields.get("description").and_then(|n| self.text(n));
        RawVariable {
            domain,
            range,
            description,
        }
    }

    fn range(&mut self, node: &Node) -> Option<[Formula; 2]> {
        if let Value::Sequence(bounds) = &node.value
            && let [low, high] = bounds.as_slice()
        {
            return Some([self.formula(low), self.formula(high)]);
        }
        let error = Diagnostic::error("a range that is not two bounds", node.span.clone());
        self.report(error.help("write the lower and the upper bound, such as [0.1, 10]"));
        None
    }

    fn target(&mut self, node: &Node) -> Option<RawTarget> {
        let fields = self.fields(node, "a target", &TARGET_KEYS);
        if let (Some(_), Some((key, _))) = (fields.entry("log_density"), fields.entry("log_mass")) {
            let message = "both `log_density` and `log_mass` are given";
            let error = Diagnostic::error(message, key.span.clone());
            self.report(error.help("keep `log_mass` for a discrete z, `log_density` otherwise"));
        }
        let measure = fields.get("measure").and_then(|node| {
            let word = self.word(node, "a measure", &["coordinates", "hausdorff"])?;
            let value = match word {
                "hausdorff" => Measure::Hausdorff,
                _ => Measure::Coordinates,
            };
            Some(Located {
                value,
                span: node.span.clone(),
            })
        });
        let variable = fields.get("variable").and_then(|node| {
            let value = self.text(node)?;
            if !is_identifier(&value) {
                self.wrong_value(node, "a name", "use a letter, then letters, digits and `_`");
            }
            Some(Located {
                value,
                span: node.span.clone(),
            })
        });
        Some(RawTarget {
            span: node.span.clone(),
            support: self.per_output(&fields, "support"),
            log_density: self.optional(&fields, "log_density"),
            log_mass: self.optional(&fields, "log_mass"),
            distribution: self.per_output(&fields, "distribution"),
            sampler: self.per_output(&fields, "sampler"),
            variable,
            measure,
            whole_line: self.flag(&fields, "whole_line"),
            unnormalized: self.flag(&fields, "unnormalized"),
            cdf: self.per_output(&fields, "cdf"),
            quantile: self.per_output(&fields, "quantile"),
            mean: self.per_output(&fields, "mean"),
            variance: self.per_output(&fields, "variance"),
            skewness: self.per_output(&fields, "skewness"),
            kurtosis: self.per_output(&fields, "kurtosis"),
            entropy: self.optional(&fields, "entropy"),
            mode: self.per_output(&fields, "mode"),
            score: self.per_output(&fields, "score"),
        })
    }

    fn per_output(&mut self, fields: &Fields<'_>, key: &str) -> Option<PerOutput> {
        let node = fields.get(key)?;
        if let Value::Map(_) = &node.value {
            return Some(PerOutput::Each(self.named(node, true, Reader::formula)));
        }
        Some(PerOutput::One(self.formula(node)))
    }

    fn expectation(&mut self, node: &Node) -> RawExpectation {
        let fields = self.fields(node, "an expectation", &EXPECTATION_KEYS);
        let f = match &node.value {
            Value::Map(_) => self.required(&fields, "f", "the expectation"),
            Value::Scalar { .. } | Value::Sequence(_) => Formula::unread(node.span.clone()),
        };
        let value = self.optional(&fields, "value");
        let gradient = self.section(&fields, "gradient", Reader::formula);
        let estimator = match fields.get("estimator") {
            None => Estimator::Pathwise,
            Some(node) => self.estimator(node),
        };
        let name = fields.get("name").and_then(|n| self.text(n));
        RawExpectation {
            f,
            value,
            gradient,
            estimator,
            name,
            span: node.span.clone(),
        }
    }

    fn estimator(&mut self, node: &Node) -> Estimator {
        if let Value::Map(_) = &node.value {
            return Estimator::Custom(self.named(node, true, Reader::formula));
        }
        match self.word(node, "an estimator", &["pathwise", "score", "none"]) {
            Some("score") => Estimator::Score,
            Some("none") => Estimator::None,
            _ => Estimator::Pathwise,
        }
    }

    fn derivations(&mut self, fields: &Fields<'_>) -> Named<Vec<RawLine>> {
        let Some(node) = self.given(fields, "derivations") else {
            return Vec::new();
        };
        self.named(node, false, |reader, node| {
            let lines = reader.list(node, "a list of lines", |reader, node| {
                Some(reader.line(node))
            });
            if matches!(&node.value, Value::Sequence(nodes) if nodes.len() < 2) {
                let message = "a derivation of fewer than two lines";
                let error = Diagnostic::error(message, node.span.clone());
                reader.report(error.help("write each side of an equality on a line of its own"));
            }
            lines
        })
    }

    fn line(&mut self, node: &Node) -> RawLine {
        let Value::Map(_) = &node.value else {
            return RawLine {
                expr: self.formula(node),
                because: None,
            };
        };
        let fields = self.fields(node, "a line", &["expr", "because"]);
        let expr = self.required(&fields, "expr", "the line");
        let because = fields.get("because").and_then(|n| self.text(n));
        RawLine { expr, because }
    }

    fn expect(&mut self, fields: &Fields<'_>) -> Vec<(Located<String>, Located<String>)> {
        let Some(node) = self.given(fields, "expect") else {
            return Vec::new();
        };
        if let Value::Map(_) = &node.value {
            self.fields(node, "`expect`", &CHECKS);
        }
        let verdicts = self.named(node, false, |reader, node| {
            let word = reader.word(node, "a verdict", &VERDICTS)?;
            Some(Located {
                value: word.to_owned(),
                span: node.span.clone(),
            })
        });
        let read = |(name, verdict): (Located<String>, Option<_>)| Some((name, verdict?));
        verdicts.into_iter().filter_map(read).collect()
    }
}

fn sections(fields: &Fields<'_>) -> Vec<(&'static str, Span)> {
    let place = |(key, _): &Entry| {
        let known = SPEC_KEYS.into_iter().find(|known| *known == key.value)?;
        Some((known, key.span.clone()))
    };
    fields.entries.iter().filter_map(place).collect()
}

/// Whether a section is a map, or says nothing.
fn is_map(fields: &Fields<'_>, key: &str) -> bool {
    fields
        .get(key)
        .is_none_or(|node| node.is_null() || matches!(node.value, Value::Map(_)))
}

/// Whether a key of the spec is given, be it misspelt.
fn is_meant(fields: &Fields<'_>, key: &str) -> bool {
    let keys = || fields.entries.iter().map(|(k, _)| k.value.as_str());
    let mut unknown = keys().filter(|k| !SPEC_KEYS.contains(k)).take(MAX_ERRORS);
    keys().any(|k| k == key) || unknown.any(|k| nearest(k, SPEC_KEYS) == Some(key))
}
