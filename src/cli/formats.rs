//! Which formats a report is written in, and where each goes.

use super::output::{Output, print};
use crate::report::text::{TextOptions, text};
use crate::report::{
    Report, github::github, html::html, json::json, junit::junit, latex::latex, sarif::sarif,
};
use clap::ValueEnum;
use std::path::{Path, PathBuf};

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Text,
    /// For programs: schema 1
    Json,
    /// For test reports of a server
    Junit,
    /// For code scanning: SARIF 2.1.0
    Sarif,
    /// For annotations in a GitHub workflow
    Github,
    /// For people: one page with formulas and pictures
    Html,
    /// For papers: an article
    Latex,
}

/// Each format with its place; none is standard output.
pub(super) struct Formats(Vec<(Format, Option<Output>)>);

impl Formats {
    /// The first file is for the first format, and so on; at most one format is left to standard
    /// output. Every file is opened before the run, so that a run is not lost to a wrong path.
    pub(super) fn open(formats: &[Format], files: &[PathBuf]) -> Result<Formats, Vec<String>> {
        if files.len() > formats.len() {
            return Err(vec!["more of --output than of --format".to_owned()]);
        }
        let is_stdout = |place: usize| files.get(place).is_none_or(|f| f == Path::new("-"));
        if (0..formats.len()).filter(|&i| is_stdout(i)).count() > 1 {
            let message = "several formats on standard output: give an --output for each but one";
            return Err(vec![message.to_owned()]);
        }
        if let Some(twice) = (1..files.len()).find(|&i| files[..i].contains(&files[i])) {
            let path = files[twice].display();
            return Err(vec![format!("two formats for the one file `{path}`")]);
        }
        let mut all = Vec::new();
        for (i, &format) in formats.iter().enumerate() {
            let output = if is_stdout(i) {
                None
            } else {
                Some(Output::open(&files[i]).map_err(|error| vec![error])?)
            };
            all.push((format, output));
        }
        Ok(Formats(all))
    }

    /// Whether someone may be reading text as it is printed.
    pub(super) fn text_on_stdout(&self) -> bool {
        self.0
            .iter()
            .any(|(format, output)| *format == Format::Text && output.is_none())
    }

    pub(super) fn write(self, report: &Report, options: &TextOptions) -> Result<(), Vec<String>> {
        let to_terminal = self.text_on_stdout();
        for (format, output) in self.0 {
            let options = TextOptions {
                color: options.color && (output.is_none() || !to_terminal),
                ..options.clone()
            };
            let shown = match format {
                Format::Text => text(report, &options),
                Format::Json => json(report, options.timings),
                Format::Junit => junit(report, &options.deny, options.timings),
                Format::Sarif => sarif(report, &options.deny),
                Format::Github => github(report, &options.deny),
                Format::Html => html(report, &options.deny, options.timings),
                Format::Latex => latex(report),
            };
            match output {
                Some(output) => output.write(&shown).map_err(|error| vec![error])?,
                None => print(&shown)?,
            }
        }
        Ok(())
    }
}
