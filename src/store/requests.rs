//! Requests outside a decision: listed and shown.

use super::codec::Row;
use super::{DeskId, Result, Store, StoreError, load};
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
        let mut transaction = self.read().await?;
        let references: Vec<String> = sqlx::query_scalar(LIST)
            .bind(filter.desk.map(|desk| desk.0))
            .bind(filter.status.map(Status::as_str))
            .bind(filter.open)
            .bind(i64::from(limit))
            .fetch_all(&mut *transaction)
            .await?;
        let mut requests = Vec::with_capacity(references.len());
        for reference in &references {
            let reference = Row::new("request", reference).reference(reference)?;
            let found = load::request(&mut transaction, &reference).await?;
            let (_, request) = found.ok_or_else(|| StoreError::corrupt("request", &reference, "it is not there"))?;
            requests.push(request);
        }
        Ok(requests)
    }

    /// The desk that a request belongs to; `None` where there is no such request.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn desk_of_request(&self, reference: &Reference) -> Result<Option<DeskId>> {
        let mut transaction = self.read().await?;
        Ok(load::request(&mut transaction, reference).await?.map(|(desk, _)| desk))
    }

    /// One request.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn request(&self, reference: &Reference) -> Result<Option<Request>> {
        let mut transaction = self.read().await?;
        Ok(load::request(&mut transaction, reference).await?.map(|(_, request)| request))
    }
}

const LIST: &str = "SELECT reference FROM request r
    WHERE (CAST($1 AS BIGINT) IS NULL OR r.desk_id = $1)
      AND (CAST($2 AS TEXT) IS NULL
           OR EXISTS (SELECT 1 FROM item i WHERE i.reference = r.reference AND i.status = $2))
      AND (NOT $3 OR r.is_open)
    ORDER BY r.received_at DESC, r.reference LIMIT $4";
