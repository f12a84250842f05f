//! Requests outside a decision: listed and shown.

use super::{DeskId, Result, Store, StoreError};
use crate::domain::ids::Reference;
use crate::domain::request::Request;
use crate::domain::words::Status;

/// Which requests are listed. The default lists all.
#[derive(Debug, Clone, Default)]
pub struct RequestFilter {
    pub desk: Option<DeskId>,
    /// Only requests with an item that stands there.
    pub status: Option<Status>,
    /// Only requests with an item that is not settled.
    pub open: bool,
}

impl Store {
    /// Requests, the latest received first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn requests(&self, filter: &RequestFilter, limit: u32) -> Result<Vec<Request>> {
        let _ = (filter, limit);
        Err(StoreError::OtherSchema)
    }

    /// One request.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn request(&self, reference: &Reference) -> Result<Option<Request>> {
        let _ = reference;
        Err(StoreError::OtherSchema)
    }
}
