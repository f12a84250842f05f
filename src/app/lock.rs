//! One daemon a database: SQLite is for one node, and two engines would each answer every mail.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;

use crate::fault::Fault;

/// How long a daemon waits for a command to end: 40 times 50 ms.
const LOOKS: u32 = 40;
const LOOK_EVERY: Duration = Duration::from_millis(50);

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
        Self::try_take(database)?.ok_or_else(|| {
            Fault::new("another ringi works on this database", "Stop it first; all other commands work beside it.")
                .in_file(database)
        })
    }

    /// The same for a daemon: a command that steps the engine for a moment is waited for.
    ///
    /// # Errors
    /// As [`Lock::take`].
    pub async fn take_soon(database: &Path) -> Result<Self, Fault> {
        for _ in 0..LOOKS {
            if let Some(lock) = Self::try_take(database)? {
                return Ok(lock);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Self::take(database)
    }

    /// The same; `None` where another process holds it.
    ///
    /// # Errors
    /// The file cannot be made or locked.
    pub fn try_take(database: &Path) -> Result<Option<Self>, Fault> {
        let path = database.with_extension("lock");
        let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(|error| {
            Fault::new(
                format!("the lock cannot be made: {error}"),
                "Let the daemon's user write into the database's folder.",
            )
            .in_file(&path)
        })?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
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
