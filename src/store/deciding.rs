//! The deciding transaction: everything that a decision is taken on is read in it, and all it brings is written in it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use sqlx::{Sqlite, Transaction};

use super::codec::{Row, ms};
use super::open::Salts;
use super::{DeskId, LetterId, Moment, Result, Store, StoreError, TaskId, grants, letters, load, register, tasks};
use crate::domain::address::EmailAddress;
use crate::domain::contract::Contract;
use crate::domain::entropy::TokenHash;
use crate::domain::grant::Grant;
use crate::domain::ids::{ApprovalNo, LetterNo, Reference};
use crate::domain::input::Whose;
use crate::domain::request::Request;
use crate::domain::snapshot::{Load, OpenItem, OpenTask};
use crate::domain::task::TaskCause;
use crate::domain::words::AccessLevel;

/// One transaction that excludes every other writer from its begin. Dropped without [`Deciding::commit`], it leaves nothing.
pub struct Deciding {
    pub(super) desk: DeskId,
    pub(super) transaction: Transaction<'static, Sqlite>,
    pub(super) salts: Salts,
    /// False from the begin of a write to its end: what a write left half done is not kept.
    pub(super) whole: bool,
}

/// Whose a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenOwner {
    pub reference: Reference,
    pub whose: Whose,
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
        Ok(Deciding { desk, transaction: self.write().await?, salts: self.salts().clone(), whole: true })
    }
}

impl Deciding {
    /// Whose these tokens are; what the desk does not know is left out.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn tokens(&mut self, hashes: &[TokenHash]) -> Result<BTreeMap<TokenHash, TokenOwner>> {
        let mut owners = BTreeMap::new();
        for hash in hashes {
            let found: Option<(String, Option<i64>, i64)> =
                sqlx::query_as(TOKEN).bind(&hash.0).bind(self.desk.0).fetch_optional(&mut *self.transaction).await?;
            let Some((reference, approval, letter)) = found else { continue };
            let row = Row::new("token", &reference);
            let owner = TokenOwner {
                reference: row.reference(&reference)?,
                whose: match approval {
                    Some(approval) => Whose::Approval(ApprovalNo(row.count(approval)?)),
                    None => Whose::Sender,
                },
                letter: LetterNo(row.count(letter)?),
            };
            owners.insert(hash.clone(), owner);
        }
        Ok(owners)
    }

    /// The desk's letter of that Message-ID (without brackets).
    ///
    /// # Errors
    /// Those of the database.
    pub async fn letter_by_message_id(&mut self, message_id: &str) -> Result<Option<KnownLetter>> {
        let found: Option<(i64, Option<String>, i64, String)> = sqlx::query_as(BY_MESSAGE_ID)
            .bind(letters::message_id_hash(message_id))
            .bind(self.desk.0)
            .fetch_optional(&mut *self.transaction)
            .await?;
        let Some((id, reference, no, recipient)) = found else { return Ok(None) };
        let row = Row::new("letter", &id);
        Ok(Some(KnownLetter {
            reference: row.reference_opt(reference.as_deref())?,
            letter: LetterNo(row.count(no)?),
            recipient: row.address(&recipient)?,
        }))
    }

    /// The one approval, among those of these requests, that waits for this person, who is registered as an administrator
    /// of what it asks about `today`, a day of the desk's zone (rule T3). `None` where there is none, or more than one.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn hinted(
        &mut self,
        references: &[Reference],
        person: &EmailAddress,
        today: NaiveDate,
    ) -> Result<Option<(Reference, ApprovalNo)>> {
        let mut open = Vec::new();
        for reference in references.iter().collect::<BTreeSet<_>>() {
            let Some(request) = self.request(reference).await? else { continue };
            for approval in request.approvals.iter().filter(|approval| approval.person == *person) {
                let waiting = approval.waiting_items(&request);
                if !waiting.is_empty() {
                    open.push((request.clone(), approval.no, waiting));
                }
            }
        }
        let [(request, approval, waiting)] = open.as_slice() else { return Ok(None) };
        for item in waiting.iter().filter_map(|no| request.item(*no)) {
            let Some(number) = &item.contract_number else { continue };
            let contract = register::contract(&mut self.transaction, number).await?;
            if contract.is_some_and(|contract| contract.may_decide(person, request.requester.email.as_ref(), today)) {
                return Ok(Some((request.reference.clone(), *approval)));
            }
        }
        Ok(None)
    }

    /// The desk's request of that reference.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] where its rows do not belong together.
    pub async fn request(&mut self, reference: &Reference) -> Result<Option<Request>> {
        let found = load::request(&mut self.transaction, reference).await?;
        Ok(found.filter(|(desk, _)| *desk == self.desk).map(|(_, request)| request))
    }

    /// Letters of the request that have not left and are not being sent.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn unsent(&mut self, reference: &Reference) -> Result<BTreeSet<LetterNo>> {
        Ok(letters::unsent(&mut self.transaction, reference).await?.into_iter().collect())
    }

    /// The contracts of these numbers that the register has, with whoever administers them.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn contracts(&mut self, numbers: &[String]) -> Result<BTreeMap<String, Contract>> {
        let mut contracts = BTreeMap::new();
        for number in numbers {
            if let Some(contract) = register::contract(&mut self.transaction, number).await? {
                contracts.insert(number.clone(), contract);
            }
        }
        Ok(contracts)
    }

    /// Active grants of an account.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn grants(&mut self, account: &EmailAddress) -> Result<Vec<Grant>> {
        grants::active(&mut self.transaction, self.desk, account).await
    }

    /// Items of other requests, still open, that ask for these contracts for the same account: at most 20 for each.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn open_elsewhere(
        &mut self,
        account: &EmailAddress,
        numbers: &[String],
        except: Option<&Reference>,
    ) -> Result<Vec<OpenItem>> {
        let mut items = Vec::new();
        for number in numbers {
            let rows: Vec<(String, String)> = sqlx::query_as(OPEN_ELSEWHERE)
                .bind(number)
                .bind(self.desk.0)
                .bind(account.key())
                .bind(except.map(Reference::as_str).unwrap_or_default())
                .fetch_all(&mut *self.transaction)
                .await?;
            for (reference, access_level) in rows {
                let row = Row::new("request", &reference);
                items.push(OpenItem {
                    reference: row.reference(&reference)?,
                    contract_number: number.clone(),
                    access_level: row.word(&access_level, AccessLevel::parse)?,
                });
            }
        }
        Ok(items)
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
        let since = ms(now).saturating_sub(DAY_MS);
        let mut load = Load::default();
        if !sender_verified {
            load.unanswered_of_sender = self.count(UNANSWERED, &sender.key(), None).await?;
        }
        let hour = ms(now).saturating_sub(HOUR_MS);
        let unverified: i64 =
            sqlx::query_scalar(UNVERIFIED).bind(self.desk.0).bind(hour).fetch_one(&mut *self.transaction).await?;
        load.unverified_this_hour = u32::try_from(unverified).unwrap_or(u32::MAX);
        load.unmatched_today = self.count(UNMATCHED, &sender.domain(), Some(since)).await?;
        let people: BTreeSet<String> = contracts
            .values()
            .flat_map(|contract| &contract.administrators)
            .flat_map(|administrator| {
                let substitutes = administrator.substitutes.iter().map(|substitute| substitute.email.key());
                std::iter::once(administrator.email.key()).chain(substitutes)
            })
            .collect();
        for person in people {
            let count: i64 = sqlx::query_scalar(ASKED)
                .bind(self.desk.0)
                .bind(&person)
                .bind(sender_verified)
                .bind(since)
                .fetch_one(&mut *self.transaction)
                .await?;
            load.asked_today.insert(person, u32::try_from(count).unwrap_or(u32::MAX));
        }
        Ok(load)
    }

    async fn count(&mut self, statement: &'static str, key: &str, since: Option<i64>) -> Result<u32> {
        let query = sqlx::query_scalar(statement).bind(self.desk.0).bind(key);
        let query = match since {
            Some(since) => query.bind(since),
            None => query,
        };
        let count: i64 = query.fetch_one(&mut *self.transaction).await?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// When the reviewers were last told of tasks.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn last_task_notice(&mut self) -> Result<Option<Moment>> {
        tasks::last_notice(&mut self.transaction, self.desk).await
    }

    /// Open tasks that no letter has told of, the oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn untold_tasks(&mut self) -> Result<Vec<OpenTask>> {
        tasks::untold(&mut self.transaction, self.desk).await
    }

    /// Whether an open task of no request says that a letter did not arrive.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn undelivered_known(&mut self) -> Result<bool> {
        tasks::is_open_apart(&mut self.transaction, self.desk, TaskCause::UndeliveredLetter).await
    }

    /// Keeps what was written.
    ///
    /// # Errors
    /// Those of the database, and [`StoreError::Stale`] after a write that failed: nothing was kept then.
    pub async fn commit(self) -> Result<()> {
        if !self.whole {
            self.transaction.rollback().await?;
            return Err(StoreError::Stale { what: "a write failed before: nothing of this decision is kept" });
        }
        Ok(self.transaction.commit().await?)
    }
}

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const HOUR_MS: i64 = 60 * 60 * 1000;

pub(super) const TOKEN: &str = "SELECT t.reference, t.approval_no, t.letter_no
    FROM token t JOIN request r ON r.reference = t.reference WHERE t.hash = $1 AND r.desk_id = $2";
pub(super) const BY_MESSAGE_ID: &str =
    "SELECT id, reference, no, recipient FROM letter WHERE message_id_hash = $1 AND desk_id = $2";
/// A letter names one of them; a few are enough.
pub(super) const OPEN_ELSEWHERE: &str = "SELECT i.reference, r.access_level
    FROM item i JOIN request r ON r.reference = i.reference
    WHERE i.contract_number = $1 AND i.decided_by IS NULL AND r.desk_id = $2 AND r.requester_key = $3
      AND i.reference <> $4 LIMIT 20";
/// Approvals of an unverified sender that wait for somebody. Counted to a limit: more than any policy allows is enough.
pub(super) const UNANSWERED: &str = "SELECT count(*) FROM (
    SELECT a.no FROM request r JOIN approval a ON a.reference = r.reference
    WHERE r.desk_id = $1 AND r.sender_key = $2 AND r.is_open AND NOT r.sender_verified AND a.state = 'open'
      AND EXISTS (
          SELECT 1 FROM ask k
          JOIN ask_shown s ON s.reference = k.reference AND s.letter_no = k.letter_no
          JOIN item i ON i.reference = s.reference AND i.no = s.item_no
          WHERE k.reference = a.reference AND k.approval_no = a.no AND i.status = 'pending_administrator_review'
            AND NOT EXISTS (
                SELECT 1 FROM vote v WHERE v.reference = i.reference AND v.item_no = i.no
                  AND v.person_key = a.person_key AND v.digest = s.digest))
    LIMIT 100) AS waiting";
pub(super) const UNMATCHED: &str = "SELECT count(*) FROM request r JOIN item i ON i.reference = r.reference
    WHERE r.desk_id = $1 AND r.sender_domain = $2 AND r.opened_at > $3 AND i.reason = 'contract_not_found'";
pub(super) const UNVERIFIED: &str =
    "SELECT count(*) FROM letter WHERE desk_id = $1 AND unverified = 1 AND written_at > $2";
pub(super) const ASKED: &str = "SELECT count(*) FROM letter
    WHERE desk_id = $1 AND recipient_key = $2 AND sender_verified = $3 AND written_at > $4";
