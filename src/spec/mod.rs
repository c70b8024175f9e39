//! A spec as it is written: the YAML document, read into typed parts that keep their places.
//!
//! [`read`] takes the text of a file to a [`RawSpec`], or to everything that is wrong with it at
//! this level: syntax, unknown, missing and duplicate keys, values of the wrong kind. Expressions stay text (a
//! [`Formula`]), with a map that leads from any part of them back into the file.

mod formula;
mod names;
mod offsets;
pub mod raw;
mod read;
mod reader;
mod uniform;
mod yaml;

pub use formula::Formula;
pub use names::names;
pub use raw::RawSpec;
pub use read::{read, read_what_stands};
pub use uniform::uniform;
pub use yaml::{MAX_BYTES, text};

use crate::diagnostic::Span;

/// A value and its place in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Byte offsets into the file.
    pub span: Span,
}

#[cfg(test)]
mod tests {
    use super::yaml::{Node, Value, parse};

    /// The tree built from events holds what `serde_yaml` reads.
    fn agree(node: &Node, value: &serde_yaml::Value) {
        match (&node.value, value) {
            (Value::Scalar { text, .. }, serde_yaml::Value::String(string)) => {
                assert_eq!(text, string);
            }
            (Value::Scalar { text, .. }, value) => {
                assert_eq!(
                    &serde_yaml::from_str::<serde_yaml::Value>(text).unwrap(),
                    value
                );
            }
            (Value::Sequence(nodes), value) => {
                let values = value.as_sequence().unwrap();
                assert_eq!(nodes.len(), values.len());
                nodes.iter().zip(values).for_each(|(n, v)| agree(n, v));
            }
            (Value::Map(entries), value) => {
                let values = value.as_mapping().unwrap();
                assert_eq!(entries.len(), values.len());
                for ((key, node), (k, value)) in entries.iter().zip(values) {
                    match k {
                        serde_yaml::Value::String(string) => assert_eq!(&key.value, string),
                        other => assert_eq!(
                            &serde_yaml::from_str::<serde_yaml::Value>(&key.value).unwrap(),
                            other
                        ),
                    }
                    agree(node, value);
                }
            }
        }
    }

    #[test]
    fn both_yaml_readers_agree() {
        for source in [
            "a: 1\nb: [x, 0.10, ~, true, no, 0x10, 1_000, '2', \"\\u03c3 \\t\\\n  k\"]\n",
            "y: &a {n: no, on: off}\nz: *a\n1: 2\nnull: null\n",
            "a: |\n  x\n    y\n\n  z\nb: >-\n  x\n  y\n\n  z\nc: >+\n  x\n\n",
            "a: b\n  c\n  d # e\nf: 'it''s\n  k'\ng: !!str 1\n",
            "- {a: b, c: }\n- - 1\n  - 2\n-\n- \"\"\n- # nothing\n  3\n",
        ] {
            let (root, errors) = parse(source);
            assert_eq!(errors, []);
            agree(&root.unwrap(), &serde_yaml::from_str(source).unwrap());
        }
    }
}
