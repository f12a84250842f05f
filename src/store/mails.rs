//! Recorded mails: looking at them, and moving them on the server.

use super::{DeskId, MailboxId, Moment, Result, Store, StoreError};
use crate::domain::ids::{MailId, Reference};
use crate::domain::outcome::Folder;

/// A row of the ledger, without the mail itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailRow {
    pub id: MailId,
    pub desk: DeskId,
    pub mailbox: MailboxId,
    pub mailbox_name: String,
    pub uid_validity: u32,
    pub uid: u32,
    pub received_at: Moment,
    pub recorded_at: Moment,
    pub message_id: Option<String>,
    /// Bytes on the server.
    pub size: u64,
    pub headers_only: bool,
    /// What it was taken for; `None` until it is worked.
    pub taken_as: Option<String>,
    /// Why, in one English sentence.
    pub detail: Option<String>,
    pub worked_at: Option<Moment>,
    /// The request that it opened or belongs to.
    pub reference: Option<Reference>,
    pub duplicate_of: Option<MailId>,
    /// Where it goes on the server.
    pub folder: Option<Folder>,
    /// When the move was done with, and how it ended.
    pub moved_at: Option<Moment>,
    pub move_result: Option<String>,
}

/// A mail with its bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredMail {
    pub row: MailRow,
    /// As the server gave it; of a duplicate, the bytes of the first copy.
    pub raw: Vec<u8>,
}

/// Which mails are listed. The default lists all.
#[derive(Debug, Clone, Default)]
pub struct MailFilter {
    pub desk: Option<DeskId>,
    /// Only what was taken for this: `request`, `answer`, `backlog`, …
    pub taken_as: Option<String>,
    /// Only what goes into this folder.
    pub folder: Option<Folder>,
    /// Only what is not worked yet.
    pub unworked: bool,
}

/// A mail to be moved on the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoveDue {
    pub mail: MailId,
    pub uid: u32,
    pub folder: Folder,
    /// To be compared with what the server has under the UID, before anything is moved.
    pub message_id: Option<String>,
}

impl Store {
    /// One mail.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn mail(&self, id: MailId) -> Result<Option<StoredMail>> {
        let _ = id;
        Err(StoreError::OtherSchema)
    }

    /// Rows of the ledger, the latest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn mails(&self, filter: &MailFilter, limit: u32) -> Result<Vec<MailRow>> {
        let _ = (filter, limit);
        Err(StoreError::OtherSchema)
    }

    /// Worked mails that are still to be moved, by UID; only within the UIDVALIDITY of their recording.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn moves_due(&self, mailbox: MailboxId, uid_validity: u32, limit: u32) -> Result<Vec<MoveDue>> {
        let _ = (mailbox, uid_validity, limit);
        Err(StoreError::OtherSchema)
    }

    /// Notes how moving a mail ended (`moved`, `gone`, …): it is not tried again.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn moved(&self, mail: MailId, result: &str, now: Moment) -> Result<()> {
        let _ = (mail, result, now);
        Err(StoreError::OtherSchema)
    }
}
