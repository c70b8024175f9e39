//! Where a report goes: standard output, or a file that is written whole or not at all.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Whoever reads no further has seen what they wanted.
pub(super) fn print(text: &str) -> Result<(), Vec<String>> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(vec![format!("cannot write the report: {error}")])
        }
        _ => Ok(()),
    }
}

/// A file that is written whole or not at all: beside it first, then renamed. What is no ordinary
/// file (a device, a pipe) is written as it is.
pub(super) struct Output {
    path: PathBuf,
    temporary: Option<PathBuf>,
    file: File,
}

impl Output {
    pub(super) fn open(path: &Path) -> Result<Output, String> {
        let cannot = |error: io::Error| format!("cannot write `{}`: {error}", path.display());
        // A link stays a link: what it leads to is replaced.
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if std::fs::metadata(&path).is_ok_and(|m| !m.is_file()) {
            let file = File::options().write(true).open(&path).map_err(cannot)?;
            return Ok(Output {
                path,
                temporary: None,
                file,
            });
        }
        let mut name = path.file_name().map(OsString::from).unwrap_or_default();
        name.push(format!(".{}.tmp", std::process::id()));
        let temporary = path.with_file_name(name);
        let file = File::create_new(&temporary).map_err(cannot)?;
        Ok(Output {
            path,
            temporary: Some(temporary),
            file,
        })
    }

    pub(super) fn write(mut self, text: &str) -> Result<(), String> {
        let written =
            self.file
                .write_all(text.as_bytes())
                .and_then(|()| match self.temporary.as_ref() {
                    Some(temporary) => std::fs::rename(temporary, &self.path),
                    None => Ok(()),
                });
        if written.is_ok() {
            self.temporary = None;
        }
        written.map_err(|error| format!("cannot write `{}`: {error}", self.path.display()))
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            let _ = std::fs::remove_file(temporary);
        }
    }
}
