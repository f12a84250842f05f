//! The ledger: each mail once by (mailbox, UIDVALIDITY, UID), and a cursor that moves only over what is accounted for.

use std::ops::RangeInclusive;

use super::{MailboxId, Moment, Result, Store, StoreError};
use crate::domain::ids::MailId;

/// A mail as it came from the server.
#[derive(Clone, PartialEq, Eq)]
pub struct Incoming {
    pub uid: u32,
    /// INTERNALDATE, where the server gave one; else the time of recording counts.
    pub received_at: Option<Moment>,
    /// RFC822.SIZE in bytes, which is more than `raw` has where only headers were fetched.
    pub size: u64,
    /// Over the size limit: `raw` is the headers alone.
    pub headers_only: bool,
    pub raw: Vec<u8>,
    /// Without brackets.
    pub message_id: Option<String>,
    /// Digest of Message-ID, From, Date and body: equal ones are one mail delivered twice.
    pub digest: String,
}

/// What one look at a mailbox brought.
#[derive(Clone, Default)]
pub struct Batch {
    pub mails: Vec<Incoming>,
    /// UIDs that the server proved not to exist (any more). Ranges, because UIDs may lie far apart.
    pub absent: Vec<RangeInclusive<u32>>,
    /// UIDs that the server has and did not give: they become gaps.
    pub withheld: Vec<u32>,
    /// How far the look reached. The cursor stops before the first UID that is neither recorded nor in one of the lists.
    pub up_to: u32,
}

/// What becomes of mails received before the mailbox was first opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backlog {
    /// Recorded and listed, neither answered nor moved. The default.
    Human,
    /// Worked like any other.
    Process,
    /// Recorded by their headers.
    Ignore,
}

/// What was recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Mails that became inputs, in the order of their UIDs.
    pub new: Vec<MailId>,
    /// Mails that the desk has already.
    pub duplicates: usize,
    /// Old mails left alone.
    pub backlog: usize,
    /// Where the cursor stands now.
    pub cursor: u32,
}

/// A UID that the server has and did not give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    pub uid: u32,
    pub since: Moment,
    /// How often it was asked for again.
    pub tries: u32,
    /// When the operator was told.
    pub told_at: Option<Moment>,
}

impl Store {
    /// Records a batch and moves the cursor, in one transaction. A UID that is recorded already is skipped.
    ///
    /// # Errors
    /// [`StoreError::Stale`] where the mailbox has another UIDVALIDITY by now.
    pub async fn record(
        &self,
        mailbox: MailboxId,
        uid_validity: u32,
        batch: &Batch,
        backlog: Backlog,
        now: Moment,
    ) -> Result<Recorded> {
        let _ = (mailbox, uid_validity, batch, backlog, now);
        Err(StoreError::OtherSchema)
    }

    /// The gaps of a mailbox, by UID.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn gaps(&self, mailbox: MailboxId, uid_validity: u32) -> Result<Vec<Gap>> {
        let _ = (mailbox, uid_validity);
        Err(StoreError::OtherSchema)
    }

    /// Counts one more fruitless try for each of these gaps.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn gaps_tried(&self, mailbox: MailboxId, uid_validity: u32, uids: &[u32]) -> Result<()> {
        let _ = (mailbox, uid_validity, uids);
        Err(StoreError::OtherSchema)
    }

    /// Notes that the operator was told of these gaps (rule C4).
    ///
    /// # Errors
    /// Those of the database.
    pub async fn gaps_told(&self, mailbox: MailboxId, uid_validity: u32, uids: &[u32], now: Moment) -> Result<()> {
        let _ = (mailbox, uid_validity, uids, now);
        Err(StoreError::OtherSchema)
    }
}
