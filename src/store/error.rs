//! What can go wrong in the store, told apart by what helps: waiting, a person, or a new reference.

use std::path::PathBuf;

use crate::domain::ids::Reference;

/// A fault of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The surroundings fail: wait and try again, and never park an input for it.
    #[error("the database cannot work just now ({kind})")]
    Surroundings { kind: Surroundings, source: Option<Box<dyn std::error::Error + Send + Sync>> },
    /// A row says what no row may say. Trying again does not help.
    #[error("row {id} of {table} is broken: {what}")]
    Corrupt { table: &'static str, id: String, what: String },
    /// The drawn reference exists already: draw another.
    #[error("the reference {0} is taken")]
    ReferenceTaken(Reference),
    /// What the caller decided on has changed since: somebody else was faster.
    #[error("{what}")]
    Stale { what: &'static str },
    /// There is no database.
    #[error("there is no database at {}", path.display())]
    Missing { path: PathBuf },
    /// The schema is not the one that this program knows: `run` brings an older one up to date.
    #[error("the database's schema is not of this version")]
    OtherSchema,
    /// The store was opened for reading alone.
    #[error("the database was opened for reading only")]
    ReadOnlyStore,
    /// The file is something else.
    #[error("the file is no SQLite database")]
    NoDatabase(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The database file is damaged.
    #[error("the database file is damaged")]
    Damaged(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A statement is wrong.
    #[error("the database refuses")]
    Refused(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What of the surroundings fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surroundings {
    /// Another writer held the database for longer than we wait.
    Busy,
    /// Reading or writing the file failed.
    Io,
    /// No room is left.
    DiskFull,
    /// The file or its folder may not be written.
    NotWritable,
    /// The operating system gives no memory or no random bytes.
    System,
}

impl std::fmt::Display for Surroundings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Busy => "another program is writing",
            Self::Io => "reading or writing fails",
            Self::DiskFull => "the disk is full",
            Self::NotWritable => "it may not be written",
            Self::System => "the operating system refuses",
        })
    }
}

impl StoreError {
    /// Whether waiting may help: the same call is to be made again.
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Surroundings { .. })
    }

    /// A broken row.
    pub(super) fn corrupt(table: &'static str, id: impl std::fmt::Display, what: impl Into<String>) -> Self {
        Self::Corrupt { table, id: id.to_string(), what: what.into() }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let code = match &error {
            sqlx::Error::Database(fault) => primary(fault.code().as_deref()),
            _ => None,
        };
        let kind = match (&error, code) {
            // SQLITE_NOTADB
            (_, Some(26)) => return Self::NoDatabase(Box::new(error)),
            // SQLITE_CORRUPT
            (_, Some(11)) => return Self::Damaged(Box::new(error)),
            (_, Some(code)) => of_sqlite(code),
            (sqlx::Error::PoolTimedOut, _) => Some(Surroundings::Busy),
            (sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed | sqlx::Error::PoolClosed, _) => Some(Surroundings::Io),
            _ => None,
        };
        match kind {
            Some(kind) => Self::Surroundings { kind, source: Some(Box::new(error)) },
            None => Self::Refused(Box::new(error)),
        }
    }
}

/// The low byte of an extended result code is the primary one (<https://sqlite.org/rescode.html>).
fn primary(code: Option<&str>) -> Option<u32> {
    code?.parse::<u32>().ok().map(|code| code & 0xff)
}

/// SQLite's primary result codes that speak of the surroundings.
const fn of_sqlite(code: u32) -> Option<Surroundings> {
    match code {
        // SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL
        5 | 6 | 15 => Some(Surroundings::Busy),
        // SQLITE_NOMEM
        7 => Some(Surroundings::System),
        // SQLITE_PERM, SQLITE_READONLY
        3 | 8 => Some(Surroundings::NotWritable),
        // SQLITE_IOERR, SQLITE_CANTOPEN
        10 | 14 => Some(Surroundings::Io),
        // SQLITE_FULL
        13 => Some(Surroundings::DiskFull),
        _ => None,
    }
}
