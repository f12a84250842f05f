//! The outbox: letters are claimed before the server is dialed, and how each ended is written with what it causes.

use super::{DeskId, LetterId, Moment, Result, Store, StoreError, TaskId};
use crate::domain::address::EmailAddress;
use crate::domain::ids::{LetterNo, Reference};

/// A letter that a sender has claimed and may hand to the server now.
#[derive(Clone, PartialEq)]
pub struct Claimed {
    pub id: LetterId,
    pub reference: Option<Reference>,
    pub no: LetterNo,
    pub name: String,
    pub recipient: EmailAddress,
    /// Byte for byte what leaves.
    pub bytes: Vec<u8>,
    /// This attempt counted.
    pub attempts: u32,
    pub written_at: Moment,
}

/// How one attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterResult {
    pub letter: LetterId,
    pub result: SendResult,
    /// The server's reply, or what happened instead.
    pub reply: String,
    pub at: Moment,
}

/// What the server said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendResult {
    Accepted,
    /// 5xx for this recipient: the letter is not sent again.
    Rejected,
    /// 4xx, or no answer: tried again then.
    Deferred {
        next_try: Moment,
    },
}

impl Store {
    /// Claims letters that may leave now, in order, and commits the attempt before anybody dials. Of one request's letters
    /// to one person only the earliest unsent one is ever claimed (rule C1).
    ///
    /// # Errors
    /// Those of the database.
    pub async fn claim(&self, desk: DeskId, owner: &str, now: Moment, limit: u32) -> Result<Vec<Claimed>> {
        let _ = (desk, owner, now, limit);
        Err(StoreError::OtherSchema)
    }

    /// Gives back what somebody else claimed (an earlier start of the program), and what was claimed before `claimed_before`.
    /// Gives the number.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn release_claims(&self, desk: DeskId, owner: &str, claimed_before: Moment) -> Result<u64> {
        let _ = (desk, owner, claimed_before);
        Err(StoreError::OtherSchema)
    }

    /// Writes how attempts ended, each with the input that it causes, in one transaction. A letter that has ended already
    /// is left as it is.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn settle(&self, results: &[LetterResult]) -> Result<()> {
        let _ = results;
        Err(StoreError::OtherSchema)
    }

    /// When the next waiting letter may leave.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn next_letter_due(&self, desk: DeskId) -> Result<Option<Moment>> {
        let _ = desk;
        Err(StoreError::OtherSchema)
    }

    /// Holds claimed or waiting letters back; a claim's attempt is taken back, since nobody dialed. Opens a task where none
    /// about held letters is open, so that the operator is told once.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn hold(&self, desk: DeskId, letters: &[LetterId], cause: &str, now: Moment) -> Result<Option<TaskId>> {
        let _ = (desk, letters, cause, now);
        Err(StoreError::OtherSchema)
    }

    /// Lets a held letter leave after all. False where it is not held.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn release_held(&self, letter: LetterId, now: Moment) -> Result<bool> {
        let _ = (letter, now);
        Err(StoreError::OtherSchema)
    }

    /// Forgets the bytes of letters that ended before then (rule T10). Gives their number.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn clear_sent_bytes(&self, ended_before: Moment) -> Result<u64> {
        let _ = ended_before;
        Err(StoreError::OtherSchema)
    }
}
