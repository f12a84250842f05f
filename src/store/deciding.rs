//! The deciding transaction: everything that a decision is taken on is read in it, and all it brings is written in it.

use std::collections::{BTreeMap, BTreeSet};

use super::{DeskId, InputId, LetterId, Moment, Result, Store, StoreError, TaskId};
use crate::domain::address::EmailAddress;
use crate::domain::contract::Contract;
use crate::domain::entropy::TokenHash;
use crate::domain::grant::Grant;
use crate::domain::ids::{ApprovalNo, LetterNo, Reference};
use crate::domain::letter::Rendered;
use crate::domain::outcome::Outcome;
use crate::domain::request::Request;
use crate::domain::snapshot::{Load, OpenItem, OpenTask};

/// One transaction that excludes every other writer from its begin. Dropped without [`Deciding::commit`], it leaves nothing.
pub struct Deciding {
    _desk: DeskId,
}

/// Whose a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenOwner {
    pub reference: Reference,
    pub approval: ApprovalNo,
    pub letter: LetterNo,
}

/// A letter of ours, found by its Message-ID.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownLetter {
    pub reference: Option<Reference>,
    pub letter: LetterNo,
    pub recipient: EmailAddress,
}

/// What writing an outcome made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// In the order of the outcome's letters.
    pub letters: Vec<LetterId>,
    /// In the order of the outcome's tasks.
    pub tasks: Vec<TaskId>,
}

impl Store {
    /// Begins to decide for a desk. Waits while another writer is at work.
    ///
    /// # Errors
    /// Those of the database; transient ones where the writer is not free in time.
    pub async fn begin(&self, desk: DeskId) -> Result<Deciding> {
        let _ = desk;
        Err(StoreError::OtherSchema)
    }
}

impl Deciding {
    /// Whose these tokens are; what the desk does not know is left out.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn tokens(&mut self, hashes: &[TokenHash]) -> Result<BTreeMap<TokenHash, TokenOwner>> {
        let _ = hashes;
        Err(StoreError::OtherSchema)
    }

    /// The desk's letter of that Message-ID (without brackets).
    ///
    /// # Errors
    /// Those of the database.
    pub async fn letter_by_message_id(&mut self, message_id: &str) -> Result<Option<KnownLetter>> {
        let _ = message_id;
        Err(StoreError::OtherSchema)
    }

    /// The one approval, among those of these requests, that waits for this person, who is registered as an administrator
    /// of what it asks about now (rule T3). `None` where there is none, or more than one.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn hinted(
        &mut self,
        references: &[Reference],
        person: &EmailAddress,
    ) -> Result<Option<(Reference, ApprovalNo)>> {
        let _ = (references, person);
        Err(StoreError::OtherSchema)
    }

    /// The desk's request of that reference.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] where its rows do not belong together.
    pub async fn request(&mut self, reference: &Reference) -> Result<Option<Request>> {
        let _ = reference;
        Err(StoreError::OtherSchema)
    }

    /// Letters of the request that have not left and are not being sent.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn unsent(&mut self, reference: &Reference) -> Result<BTreeSet<LetterNo>> {
        let _ = reference;
        Err(StoreError::OtherSchema)
    }

    /// The contracts of these numbers that the register has, with whoever administers them.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn contracts(&mut self, numbers: &[String]) -> Result<BTreeMap<String, Contract>> {
        let _ = numbers;
        Err(StoreError::OtherSchema)
    }

    /// Active grants of an account.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn grants(&mut self, account: &EmailAddress) -> Result<Vec<Grant>> {
        let _ = account;
        Err(StoreError::OtherSchema)
    }

    /// Items of other requests, still open, that ask for these contracts for the same account.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn open_elsewhere(
        &mut self,
        account: &EmailAddress,
        numbers: &[String],
        except: Option<&Reference>,
    ) -> Result<Vec<OpenItem>> {
        let _ = (account, numbers, except);
        Err(StoreError::OtherSchema)
    }

    /// How much a sender, and the administrators of these contracts, have had already (rule A3).
    ///
    /// # Errors
    /// Those of the database.
    pub async fn load(
        &mut self,
        sender: &EmailAddress,
        sender_verified: bool,
        contracts: &BTreeMap<String, Contract>,
        now: Moment,
    ) -> Result<Load> {
        let _ = (sender, sender_verified, contracts, now);
        Err(StoreError::OtherSchema)
    }

    /// When the reviewers were last told of tasks.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn last_task_notice(&mut self) -> Result<Option<Moment>> {
        Err(StoreError::OtherSchema)
    }

    /// Open tasks that no letter has told of, the oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn untold_tasks(&mut self) -> Result<Vec<OpenTask>> {
        Err(StoreError::OtherSchema)
    }

    /// Writes everything that an input brought, and the input as done. `rendered` are the outcome's letters in words, in
    /// the same order. Nothing is kept before [`Deciding::commit`].
    ///
    /// # Errors
    /// [`StoreError::ReferenceTaken`] where an opened request's reference exists; [`StoreError::Stale`] where the input
    /// does not wait any more.
    pub async fn write(
        &mut self,
        input: InputId,
        outcome: &Outcome,
        rendered: &[Rendered],
        now: Moment,
    ) -> Result<Written> {
        let _ = (input, outcome, rendered, now);
        Err(StoreError::OtherSchema)
    }

    /// Keeps what was written.
    ///
    /// # Errors
    /// Those of the database: nothing was kept then.
    pub async fn commit(self) -> Result<()> {
        Err(StoreError::OtherSchema)
    }
}
