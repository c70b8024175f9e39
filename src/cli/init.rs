//! A new spec file, like one that is known to pass.

use super::output::print;
use crate::diagnostic::nearest;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;

macro_rules! specs {
    ($($name:literal),* $(,)?) => {
        /// Specs to start from, by name.
        pub(super) const SPECS: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../specs/", $name, ".yaml")))),*];
    };
}

specs![
    "affine_coupling",
    "cauchy",
    "exponential",
    "gamma_density",
    "gumbel",
    "half_normal",
    "kumaraswamy",
    "laplace",
    "log_normal",
    "logistic",
    "multivariate_normal",
    "normal",
    "pareto",
    "simplex_stick_breaking",
    "simplex_uniform",
    "tanh_normal",
    "uniform",
    "weibull",
];

/// Writes `NAME.yaml` here, unless there is one.
pub(super) fn init(name: &str, like: &str) -> Result<u8, Vec<String>> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c);
    if name.is_empty() || !name.chars().all(allowed) {
        let message = "a name has lowercase letters, digits, `_` and `-` only";
        return Err(vec![format!("{message}: `{name}`")]);
    }
    let names = || SPECS.iter().map(|(name, _)| *name);
    let Some((_, text)) = SPECS.iter().find(|(other, _)| *other == like) else {
        return Err(vec![match nearest(like, names()) {
            Some(near) => format!("no spec `{like}` to start from; did you mean `{near}`?"),
            None => {
                let all: Vec<&str> = names().collect();
                format!(
                    "no spec `{like}` to start from; use one of {}",
                    all.join(", ")
                )
            }
        }]);
    };
    let text = text.replacen(&format!("name: {like}\n"), &format!("name: {name}\n"), 1);
    let path = PathBuf::from(format!("{name}.yaml"));
    let written = File::create_new(&path).and_then(|mut file| file.write_all(text.as_bytes()));
    match written {
        Ok(()) => {
            let path = path.display();
            print(&format!(
                "wrote {path}; check it with `reparam-check {path}`\n"
            ))?;
            Ok(0)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            Err(vec![format!("`{}` is there already", path.display())])
        }
        Err(error) => Err(vec![format!("cannot write `{}`: {error}", path.display())]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_spec_is_named_as_it_is_listed() {
        for (name, text) in SPECS {
            assert!(text.starts_with(&format!("name: {name}\n")), "{name}");
        }
        assert!(SPECS.is_sorted_by_key(|(name, _)| *name));
    }
}
