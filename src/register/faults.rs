//! The faults of one file, as many as a person can work on at once.

use std::path::{Path, PathBuf};

use crate::fault::Fault;

/// More are only counted: one wrong habit fills every row.
const MOST: usize = 50;

/// What is wrong and what to do, before it is known where.
pub(super) type Complaint = (String, String);

/// All faults of a file, in order.
#[derive(Debug)]
pub(super) struct Faults {
    file: PathBuf,
    list: Vec<Fault>,
    more: usize,
}

impl Faults {
    pub(super) fn new(file: &Path) -> Self {
        Self { file: file.to_path_buf(), list: Vec::new(), more: 0 }
    }

    /// Adds a fault of a 1-based line.
    pub(super) fn at(&mut self, line: usize, what: impl Into<String>, remedy: impl Into<String>) {
        if self.list.len() < MOST {
            self.list.push(Fault::new(what, remedy).in_file(&self.file).at_line(line));
        } else {
            self.more += 1;
        }
    }

    /// Adds a fault of the whole file.
    pub(super) fn whole(&mut self, what: impl Into<String>, remedy: impl Into<String>) {
        self.list.push(Fault::new(what, remedy).in_file(&self.file));
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The register where nothing was wrong, else the faults.
    pub(super) fn or<T>(mut self, register: T) -> Result<T, Vec<Fault>> {
        if self.is_empty() {
            return Ok(register);
        }
        if self.more > 0 {
            let more = self.more;
            self.whole(format!("{more} more faults are not listed"), "Mend the ones above and import again.");
        }
        Err(self.list)
    }
}
