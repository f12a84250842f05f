//! One daemon a database: SQLite is for one node, and two engines would each answer every mail.

use std::fs::{File, TryLockError};
use std::path::Path;

use crate::fault::Fault;

/// Held as long as the daemon runs; the operating system lets go of it however the process ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock beside the database.
    ///
    /// # Errors
    /// Another process holds it, or the file cannot be made.
    pub fn take(database: &Path) -> Result<Self, Fault> {
        let path = database.with_extension("lock");
        let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(|error| {
            Fault::new(
                format!("the lock cannot be made: {error}"),
                "Let the daemon's user write into the database's folder.",
            )
            .in_file(&path)
        })?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(Fault::new(
                "another ringi works on this database",
                "Stop it first; lists and `tasks close` work beside it.",
            )
            .in_file(database)),
            Err(TryLockError::Error(error)) => Err(Fault::new(
                format!("the lock cannot be taken: {error}"),
                "Keep the database on a local file system.",
            )
            .in_file(&path)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_daemon_on_the_same_database_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("ringi.db");
        let first = Lock::take(&database).unwrap();
        assert!(Lock::take(&database).unwrap_err().what.contains("another ringi"));
        drop(first);
        Lock::take(&database).unwrap();
    }
}
