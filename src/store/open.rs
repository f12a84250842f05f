//! Opening the database: one writer, a few readers, the schema brought up to date.

use std::path::Path;

use super::{Result, StoreError};
use crate::domain::entropy::Entropy;

/// The desk's memory. Cheap to clone; all clones share their connections.
#[derive(Clone)]
pub struct Store {}

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
        let _ = (path, create);
        Err(StoreError::OtherSchema)
    }

    /// Opens the database for reading alone: for lists, while the daemon runs and writes. Changes no schema.
    ///
    /// # Errors
    /// [`StoreError::Missing`], or [`StoreError::OtherSchema`] where the schema is not of this version.
    pub async fn open_read_only(path: &Path) -> Result<Self> {
        let _ = path;
        Err(StoreError::OtherSchema)
    }

    /// The same store, with the salts of its audit chain drawn from `entropy`: for tests that compare chains.
    #[must_use]
    pub fn with_salts(self, entropy: Box<dyn Entropy>) -> Self {
        let _ = entropy;
        self
    }

    /// Whether the database at `path` has the schema of this version; `None` where there is no database. Changes nothing.
    ///
    /// # Errors
    /// What keeps the file from being read.
    pub async fn schema_is_current(path: &Path) -> Result<Option<bool>> {
        let _ = path;
        Err(StoreError::OtherSchema)
    }

    /// Writes everything back and closes. Clones are closed with it.
    pub async fn close(&self) {}
}
