//! A fault in what a person gave us: which file, which line, what is wrong, what to do.

use std::fmt;
use std::path::{Path, PathBuf};

/// Something that the person who runs Ringi must mend. Ends the command with exit code 2 and changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Fault {
    /// The file, as the person named it; `None` where no file is at fault.
    pub file: Option<PathBuf>,
    /// 1-based.
    pub line: Option<usize>,
    /// What is wrong: one sentence without full stop, naming the value.
    pub what: String,
    /// What to do: one sentence in the imperative, with full stop.
    pub remedy: String,
}

impl Fault {
    /// A fault that lies in no file.
    pub fn new(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { file: None, line: None, what: what.into(), remedy: remedy.into() }
    }

    /// The same fault, with its file.
    #[must_use]
    pub fn in_file(mut self, file: impl AsRef<Path>) -> Self {
        self.file = Some(file.as_ref().to_path_buf());
        self
    }

    /// The same fault, with its 1-based line.
    #[must_use]
    pub fn at_line(mut self, line: usize) -> Self {
        self.line = Some(line);
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.file, self.line) {
            (Some(file), Some(line)) => write!(f, "{}:{line}: ", file.display())?,
            (Some(file), None) => write!(f, "{}: ", file.display())?,
            (None, _) => {}
        }
        let stop = if self.what.ends_with('?') { "" } else { "." };
        write!(f, "{}{stop} {}", self.what, self.remedy)
    }
}

/// The 1-based line of a byte offset, as TOML and JSON errors give one.
pub fn line_of(text: &str, offset: usize) -> usize {
    let upto = text.as_bytes().get(..offset.min(text.len())).unwrap_or_default();
    1 + upto.iter().filter(|b| **b == b'\n').count()
}
