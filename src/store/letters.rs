//! Letters as rows: written once, listed by their masked text, counted for the breakers.

use super::{DeskId, LetterId, Moment, Result, Store, StoreError};
use crate::domain::address::EmailAddress;
use crate::domain::ids::{LetterNo, Reference};
use crate::domain::words::Language;
use crate::domain::words::vocabulary;

vocabulary! {
    /// Where a letter is on its way.
    LetterState {
        Waiting = "waiting",
        Sending = "sending",
        Accepted = "accepted",
        Rejected = "rejected",
        Withdrawn = "withdrawn",
        Held = "held",
    }
}

/// A letter as it may be shown: its tokens masked.
#[derive(Debug, Clone, PartialEq)]
pub struct LetterRow {
    pub id: LetterId,
    pub desk: DeskId,
    pub reference: Option<Reference>,
    pub no: LetterNo,
    /// The template's name.
    pub name: String,
    pub recipient: EmailAddress,
    pub language: Language,
    pub subject: String,
    /// The text part, tokens masked.
    pub shown_text: String,
    pub asks: bool,
    pub written_at: Moment,
    pub not_before: Moment,
    pub state: LetterState,
    pub attempts: u32,
    pub ended_at: Option<Moment>,
    /// The server's last reply, or why the letter is held.
    pub last_reply: Option<String>,
}

/// Which letters are listed. The default lists all.
#[derive(Debug, Clone, Default)]
pub struct LetterFilter {
    pub desk: Option<DeskId>,
    pub state: Option<LetterState>,
    pub reference: Option<Reference>,
}

impl Store {
    /// Letters, the latest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn letters(&self, filter: &LetterFilter, limit: u32) -> Result<Vec<LetterRow>> {
        let _ = (filter, limit);
        Err(StoreError::OtherSchema)
    }

    /// One letter.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn letter(&self, id: LetterId) -> Result<Option<LetterRow>> {
        let _ = id;
        Err(StoreError::OtherSchema)
    }

    /// Letters of a desk to one person, accepted or being sent since then.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn letters_to(&self, desk: DeskId, recipient: &EmailAddress, since: Moment) -> Result<u64> {
        let _ = (desk, recipient, since);
        Err(StoreError::OtherSchema)
    }

    /// Letters about one request to one person, accepted or being sent since then.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn letters_of(&self, reference: &Reference, recipient: &EmailAddress, since: Moment) -> Result<u64> {
        let _ = (reference, recipient, since);
        Err(StoreError::OtherSchema)
    }

    /// All letters of a desk, accepted or being sent since then.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn letters_since(&self, desk: DeskId, since: Moment) -> Result<u64> {
        let _ = (desk, since);
        Err(StoreError::OtherSchema)
    }
}
