//! Why something that was asked for was not done: by whose hand it can be mended decides the exit code.

use std::io::ErrorKind;
use std::path::Path;

use crate::fault::Fault;
use crate::store::{StoreError, Surroundings};

/// What ends a command early.
#[derive(Debug)]
pub enum Failure {
    /// The person at the keyboard can mend it: exit code 2.
    Faults(Vec<Fault>),
    /// An order was refused, in these sentences: exit code 2.
    Refused(Vec<String>),
    /// Something went wrong: exit code 1.
    Failed(String),
}

/// Why the database at `path` cannot be opened: mostly something that the person at the keyboard can mend.
pub fn opening(path: &Path) -> impl FnOnce(StoreError) -> Failure {
    move |error| {
        let fault = |what: &str, remedy: &str| Fault::new(what, remedy).in_file(path).into();
        match &error {
            _ if path.is_dir() => fault("the database is a folder", "Name a file in `store.path`."),
            StoreError::NoDatabase(_) => fault(
                "the file is no SQLite database",
                "Name Ringi's own database in `store.path`, or move this file away.",
            ),
            StoreError::Damaged(_) => {
                fault("the database file is damaged", "Stop the daemon and put the last backup in its place.")
            }
            // What cannot be asked about is not missing.
            StoreError::Missing { .. } if path.try_exists().is_err() => not_readable(path).into(),
            StoreError::Missing { .. } => fault(
                "there is no database yet",
                "Start `ringi run` once, or import the register with `ringi contracts import FILE`.",
            ),
            StoreError::OtherSchema if path.metadata().is_ok_and(|found| found.len() == 0) => fault(
                "the database is empty",
                "Start `ringi run` once, or import the register with `ringi contracts import FILE`.",
            ),
            StoreError::OtherSchema => fault(
                "the database was written by another version of Ringi",
                "`ringi run` brings an older one up to date; for a newer one install that version.",
            ),
            StoreError::Surroundings { kind: Surroundings::NotWritable, .. } => not_writable(path).into(),
            StoreError::Surroundings { kind: Surroundings::Io, .. } => unreachable_file(path)
                .map_or_else(|| Failure::Failed(format!("{}: {error}", path.display())), Failure::from),
            _ => Failure::Failed(format!("{}: {error}", path.display())),
        }
    }
}

fn not_writable(path: &Path) -> Fault {
    Fault::new(
        "the database may not be written by this user",
        "Let the user write the file and its folder, where SQLite keeps two more files beside it.",
    )
    .in_file(path)
}

fn not_readable(path: &Path) -> Fault {
    let remedy = "Let the user read the file, and enter the folders above it.";
    Fault::new("the database may not be read by this user", remedy).in_file(path)
}

/// SQLite says of each of these only that it cannot open the file.
fn unreachable_file(path: &Path) -> Option<Fault> {
    match std::fs::File::open(path) {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Some(not_readable(path)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            let remedy = "Make it, writable by the daemon's user alone, or name another in `store.path`.";
            Some(Fault::new("the database's folder is not there", remedy).in_file(path))
        }
        Err(_) => None,
        // The file is there and can be read: what fails are the files beside it.
        Ok(_) => Some(not_writable(path)),
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Faults(vec![fault])
    }
}

impl From<Vec<Fault>> for Failure {
    fn from(faults: Vec<Fault>) -> Self {
        Self::Faults(faults)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}
