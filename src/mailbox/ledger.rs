//! What a mailbox worker asks of the store, and nothing more.

use std::future::Future;
use std::ops::RangeInclusive;

use chrono::{DateTime, Utc};

use super::source::MoveResult;
use crate::domain::ids::MailId;
use crate::domain::outcome::Folder;

/// Why the ledger could not be written or read. Always a fault of the surroundings (disk, busy, connection): the worker
/// backs off and does the same again.
pub type LedgerError = Box<dyn std::error::Error + Send + Sync>;

/// What tells two mails apart, drawn from their bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// Without the angle brackets.
    pub message_id: Option<String>,
    /// Over Message-ID, From, Date and body.
    pub digest: String,
}

/// A mail to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    pub uid: u32,
    /// The server's INTERNALDATE (a Maildir file's mtime), else the time of recording; never the Date header.
    pub received_at: DateTime<Utc>,
    /// Of the whole mail on the server, in bytes.
    pub size: u64,
    /// `raw` is the header alone: the mail is above [`super::WHOLE_MAIL_LIMIT`].
    pub headers_only: bool,
    pub raw: Vec<u8>,
    pub identity: Identity,
}

/// Where a mailbox stands in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opening {
    /// The mailbox's row.
    pub mailbox: i64,
    /// Every UID up to here is recorded, proved absent, or a gap.
    pub cursor: u32,
    /// When this mailbox was first opened, under whatever UIDVALIDITY: what the server received before is backlog.
    pub first_opened_at: DateTime<Utc>,
}

/// What one transaction writes down: an account of every UID from the cursor up to `up_to`, and of gaps below it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    pub uid_validity: u32,
    /// New mails, and mails that were a gap: recording one closes its gap. Each (validity, UID) is recorded once; one
    /// that is there already is left alone.
    pub mails: Vec<Incoming>,
    /// UIDs proved absent: their gaps, where they had one, are closed.
    pub absent: Vec<RangeInclusive<u32>>,
    /// UIDs that the server lists and did not deliver: each becomes a gap.
    pub withheld: Vec<u32>,
    /// How far this account reaches.
    pub up_to: u32,
}

/// A UID below the cursor that is neither recorded nor proved absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    pub uid: u32,
    pub since: DateTime<Utc>,
    /// Fruitless ones since it became a gap.
    pub tries: u32,
}

/// A recorded mail that is to leave the inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoveDue {
    pub mail: MailId,
    pub uid: u32,
    /// As recorded ([`Identity::message_id`]): the move is made only where the server's mail still has the same.
    pub message_id: Option<String>,
    pub folder: Folder,
}

/// The narrow door to the store. Each call is one transaction.
pub trait Ledger: Send + Sync {
    /// Finds or makes the mailbox's row. A UIDVALIDITY other than the stored one is stored and the cursor becomes 0;
    /// `first_opened_at` stays what it was the first time.
    fn open_mailbox(
        &self,
        name: &str,
        uid_validity: u32,
        now: DateTime<Utc>,
    ) -> impl Future<Output = Result<Opening, LedgerError>> + Send;

    /// Writes a batch down: mails with their inputs, gaps opened and closed, and the cursor, which moves up to `up_to` at
    /// most and stops before the first UID that is neither recorded, nor absent, nor a gap. Returns the cursor.
    fn record(
        &self,
        mailbox: i64,
        batch: Batch,
        now: DateTime<Utc>,
    ) -> impl Future<Output = Result<u32, LedgerError>> + Send;

    /// The gaps under this UIDVALIDITY, by UID.
    fn gaps(&self, mailbox: i64, uid_validity: u32) -> impl Future<Output = Result<Vec<Gap>, LedgerError>> + Send;

    /// Counts one more fruitless try for a gap.
    fn gap_tried(
        &self,
        mailbox: i64,
        uid_validity: u32,
        uid: u32,
    ) -> impl Future<Output = Result<(), LedgerError>> + Send;

    /// At most `limit` mails recorded under this UIDVALIDITY that are to be moved and have no result yet, oldest first.
    fn moves_due(
        &self,
        mailbox: i64,
        uid_validity: u32,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<MoveDue>, LedgerError>> + Send;

    /// Writes down how a move ended; it is not due any more.
    fn moved(
        &self,
        mail: MailId,
        result: &MoveResult,
        now: DateTime<Utc>,
    ) -> impl Future<Output = Result<(), LedgerError>> + Send;
}
