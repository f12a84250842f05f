//! Opening the database: one writer, a few readers, the schema brought up to date.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Sqlite, Transaction};

use super::{Result, StoreError, Surroundings};
use crate::domain::entropy::Entropy;

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// How long a writer waits for another program's transaction.
const BUSY: Duration = Duration::from_secs(10);
/// How long a call waits for this program's own writer: longer than that writer may itself wait.
const OWN_WRITER: Duration = Duration::from_secs(30);
/// Lists and the outbox's counts read beside the writer.
const READERS: u32 = 4;

/// The desk's memory. Cheap to clone; all clones share their connections.
#[derive(Clone)]
pub struct Store {
    /// One connection: SQLite has one writer at a time anyway. `None` in a store opened for reading alone.
    writer: Option<SqlitePool>,
    reader: SqlitePool,
    salts: Salts,
}

/// Whether a database that is not there is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Create {
    Yes,
    No,
}

impl Store {
    /// Opens the database for reading and writing and brings its schema up to date.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where it is not there and is not to be made; [`StoreError::OtherSchema`] where it was
    /// written by a later version.
    pub async fn open(path: &Path, create: Create) -> Result<Self> {
        match create {
            Create::Yes => make_private(path)?,
            Create::No => must_exist(path)?,
        }
        // SQLite waits for a transaction, but not for another program that is just switching a new file to WAL.
        let begun = Instant::now();
        loop {
            match Self::connect(path).await {
                Err(StoreError::Surroundings { kind: Surroundings::Busy, .. }) if begun.elapsed() < BUSY => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                done => return done,
            }
        }
    }

    async fn connect(path: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            // What is forgotten (rule T10) is overwritten, not only unlinked.
            .pragma("secure_delete", "on")
            .busy_timeout(BUSY);
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(OWN_WRITER)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options)
            .await?;
        migrate(&writer).await?;
        Ok(Self { writer: Some(writer), reader: readers(path).await?, salts: Salts::default() })
    }

    /// An empty database that nobody else sees and that ends with this store: for a trial.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn scratch() -> Result<Self> {
        // The empty name is SQLite's for a private file that is gone when it is closed (<https://sqlite.org/inmemorydb.html>).
        let options = SqliteConnectOptions::new().filename("");
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options)
            .await?;
        MIGRATIONS.run(&writer).await.map_err(|error| StoreError::Refused(Box::new(error)))?;
        Ok(Self { reader: writer.clone(), writer: Some(writer), salts: Salts::default() })
    }

    /// Opens the database for reading alone: for lists, while the daemon runs and writes. Changes no schema.
    ///
    /// # Errors
    /// [`StoreError::Missing`], or [`StoreError::OtherSchema`] where the schema is not of this version.
    pub async fn open_read_only(path: &Path) -> Result<Self> {
        must_exist(path)?;
        let reader = readers(path).await?;
        if !is_current(&reader).await? {
            reader.close().await;
            return Err(StoreError::OtherSchema);
        }
        Ok(Self { writer: None, reader, salts: Salts::default() })
    }

    /// The same store, with the salts of its audit chain drawn from `entropy`: for tests that compare chains.
    #[must_use]
    pub fn with_salts(mut self, entropy: Box<dyn Entropy>) -> Self {
        self.salts = Salts(Some(Arc::new(Mutex::new(entropy))));
        self
    }

    /// Whether the database at `path` has the schema of this version; `None` where there is no database. Changes nothing.
    ///
    /// # Errors
    /// What keeps the file from being read.
    pub async fn schema_is_current(path: &Path) -> Result<Option<bool>> {
        if must_exist(path).is_err() {
            return Ok(None);
        }
        let reader = readers(path).await?;
        let current = is_current(&reader).await;
        reader.close().await;
        current.map(Some)
    }

    /// Writes everything back and closes. Clones are closed with it.
    pub async fn close(&self) {
        self.reader.close().await;
        if let Some(writer) = &self.writer {
            writer.close().await;
        }
    }

    /// Begins a transaction that excludes every other writer from now on, not only from its first write.
    pub(super) async fn write(&self) -> Result<Transaction<'static, Sqlite>> {
        let writer = self.writer.as_ref().ok_or(StoreError::ReadOnlyStore)?;
        Ok(writer.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// The writer, for what is one statement.
    pub(super) fn writer(&self) -> Result<&SqlitePool> {
        self.writer.as_ref().ok_or(StoreError::ReadOnlyStore)
    }

    /// The readers: they see the last commit.
    pub(super) const fn reader(&self) -> &SqlitePool {
        &self.reader
    }

    /// A transaction of a reader: all its statements see the same moment.
    pub(super) async fn read(&self) -> Result<Transaction<'static, Sqlite>> {
        Ok(self.reader.begin().await?)
    }

    pub(super) const fn salts(&self) -> &Salts {
        &self.salts
    }
}

fn must_exist(path: &Path) -> Result<()> {
    if path.exists() { Ok(()) } else { Err(StoreError::Missing { path: path.to_path_buf() }) }
}

/// Makes an empty file that its owner alone may read, which SQLite then fills: letters on their way hold tokens. Its
/// companions (`-wal`, `-shm`) get the same mode.
fn make_private(path: &Path) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => {
            let kind = match error.kind() {
                std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
                    Surroundings::NotWritable
                }
                std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Surroundings::DiskFull,
                _ => Surroundings::Io,
            };
            Err(StoreError::Surroundings { kind, source: Some(Box::new(error)) })
        }
    }
}

async fn readers(path: &Path) -> Result<SqlitePool> {
    let options = SqliteConnectOptions::new().filename(path).read_only(true).busy_timeout(BUSY);
    Ok(SqlitePoolOptions::new()
        .max_connections(READERS)
        .acquire_timeout(OWN_WRITER)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(options)
        .await?)
}

async fn migrate(writer: &SqlitePool) -> Result<()> {
    if is_current(writer).await? {
        return Ok(());
    }
    let mut done = MIGRATIONS.run(writer).await;
    if matches!(done, Err(MigrateError::Execute(_) | MigrateError::ExecuteMigration(..))) {
        // sqlx takes no lock on SQLite: of two programs that start at once, one finds the other's tables half-way and sees
        // the second time that nothing is left to do.
        done = MIGRATIONS.run(writer).await;
    }
    match done {
        Ok(()) => Ok(()),
        Err(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) => Err(error.into()),
        Err(MigrateError::VersionMissing(_) | MigrateError::VersionTooNew(..) | MigrateError::VersionMismatch(_)) => {
            Err(StoreError::OtherSchema)
        }
        Err(other) => Err(StoreError::Refused(Box::new(other))),
    }
}

/// Whether exactly the migrations of this version were applied, each with the text that it has here.
async fn is_current(reader: &SqlitePool) -> Result<bool> {
    let table: i64 =
        sqlx::query_scalar("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = '_sqlx_migrations'")
            .fetch_one(reader)
            .await?;
    if table == 0 {
        return Ok(false);
    }
    let applied: Vec<(i64, Vec<u8>, bool)> =
        sqlx::query_as("SELECT version, checksum, success FROM _sqlx_migrations ORDER BY version")
            .fetch_all(reader)
            .await?;
    let known: Vec<(i64, Vec<u8>, bool)> =
        MIGRATIONS.iter().map(|migration| (migration.version, migration.checksum.to_vec(), true)).collect();
    Ok(applied == known)
}

/// Where the salts of the audit chain come from: the operating system, unless a test says otherwise.
#[derive(Clone, Default)]
pub(super) struct Salts(Option<Arc<Mutex<Box<dyn Entropy>>>>);

impl Salts {
    /// 128 bits in hexadecimal.
    pub fn draw(&self) -> Result<String> {
        let mut salt = [0u8; 16];
        match &self.0 {
            Some(entropy) => entropy.lock().unwrap_or_else(PoisonError::into_inner).fill(&mut salt),
            None => getrandom::fill(&mut salt).map_err(|error| StoreError::Surroundings {
                kind: Surroundings::System,
                source: Some(Box::new(std::io::Error::other(error.to_string()))),
            })?,
        }
        Ok(data_encoding::HEXLOWER.encode(&salt))
    }
}
