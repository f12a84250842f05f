//! The audit chain: each event of a desk is hashed over the one before; personal payload stands beside it.

use super::{DeskId, Moment, Result, Store, StoreError, TaskId};
use crate::domain::address::EmailAddress;
use crate::domain::event::EventKind;
use crate::domain::ids::{ApprovalNo, ItemNo, LetterNo, MailId, Reference};

/// A chain that holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    pub events: u64,
    /// Events whose payload was erased: their place in the chain holds all the same.
    pub erased: u64,
}

/// Where a chain breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the audit chain breaks at event {seq}: {what}")]
pub struct ChainFault {
    pub seq: u64,
    pub what: &'static str,
}

/// One entry of a request's timeline.
#[derive(Debug, Clone, PartialEq)]
pub struct TimelineEntry {
    /// Its place in the desk's chain.
    pub seq: u64,
    pub at: Moment,
    pub kind: EventKind,
    pub item: Option<ItemNo>,
    pub approval: Option<ApprovalNo>,
    pub letter: Option<LetterNo>,
    pub mail: Option<MailId>,
    pub task: Option<TaskId>,
    /// `None` where nobody is named, or was erased.
    pub person: Option<EmailAddress>,
    /// `None` where it was erased.
    pub detail: Option<String>,
}

impl Store {
    /// Walks a desk's whole chain.
    ///
    /// # Errors
    /// Those of the database; where the chain breaks is the inner result.
    pub async fn verify_chain(&self, desk: DeskId) -> Result<std::result::Result<Verified, ChainFault>> {
        let _ = desk;
        Err(StoreError::OtherSchema)
    }

    /// What happened to a request, in order.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn timeline(&self, reference: &Reference) -> Result<Vec<TimelineEntry>> {
        let _ = reference;
        Err(StoreError::OtherSchema)
    }
}
