//! Desks and their mailboxes.

use super::{DeskId, MailboxId, Moment, Result, Store, StoreError};

/// A mailbox as it stands when it is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailboxState {
    pub id: MailboxId,
    pub uid_validity: u32,
    /// Every UID up to here is recorded, proved absent, or a gap.
    pub cursor: u32,
    /// When the mailbox was opened for the very first time: what the server received before is backlog.
    pub first_opened_at: Moment,
    /// The server numbered its mails anew: the cursor was set back to 0. This is no first start.
    pub validity_changed: bool,
}

impl Store {
    /// The desk of that name; made where it is not there.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn desk(&self, name: &str) -> Result<DeskId> {
        let _ = name;
        Err(StoreError::OtherSchema)
    }

    /// The mailbox of that name, with the UIDVALIDITY that the server gives now. Rows of another validity stay.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn open_mailbox(&self, desk: DeskId, name: &str, uid_validity: u32, now: Moment) -> Result<MailboxState> {
        let _ = (desk, name, uid_validity, now);
        Err(StoreError::OtherSchema)
    }
}
