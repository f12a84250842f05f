//! The outbox: letters are claimed before the server is dialed, and how each ended is written with what it causes.

use super::codec::{Row, clean, ms};
use super::{Connection, DeskId, LetterId, Moment, Result, Store, TaskId, inputs, tasks};
use crate::domain::address::EmailAddress;
use crate::domain::ids::{LetterNo, Reference};
use crate::domain::input::{Delivery, DeliveryResult};
use crate::domain::task::{NewTask, TaskCause};

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
    /// An operator sent it all the same, or it tells the operator of held letters: no breaker holds it.
    pub passes: bool,
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
    /// to one person only the earliest unsent one is ever claimed, and none behind one that is held (rule C1).
    ///
    /// # Errors
    /// Those of the database.
    pub async fn claim(&self, desk: DeskId, owner: &str, now: Moment, limit: u32) -> Result<Vec<Claimed>> {
        // Asked without the writer first: most of the time nothing waits.
        if self.next_letter_due(desk).await?.is_none_or(|due| due > now) {
            return Ok(Vec::new());
        }
        let mut rows: Vec<ClaimedColumns> = sqlx::query_as(CLAIM)
            .bind(&*clean(owner))
            .bind(ms(now))
            .bind(desk.0)
            .bind(i64::from(limit))
            .fetch_all(self.writer()?)
            .await?;
        // RETURNING promises no order.
        rows.sort_by_key(|row| (row.not_before, row.id));
        rows.into_iter().map(ClaimedColumns::read).collect()
    }

    /// Gives back what somebody else claimed (an earlier start of the program), and what was claimed before
    /// `claimed_before`. Gives the number.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn release_claims(&self, desk: DeskId, owner: &str, claimed_before: Moment) -> Result<u64> {
        let done = sqlx::query(RELEASE)
            .bind(desk.0)
            .bind(&*clean(owner))
            .bind(ms(claimed_before))
            .execute(self.writer()?)
            .await?;
        Ok(done.rows_affected())
    }

    /// Writes how attempts ended, each with the input that it causes, in one transaction. A letter that has ended already
    /// is left as it is.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn settle(&self, results: &[LetterResult]) -> Result<()> {
        if results.is_empty() {
            return Ok(());
        }
        let mut transaction = self.write().await?;
        for result in results {
            match result.result {
                SendResult::Accepted => end(&mut transaction, result, DeliveryResult::Accepted).await?,
                SendResult::Rejected => {
                    let rejected = DeliveryResult::Rejected { reply: result.reply.clone() };
                    end(&mut transaction, result, rejected).await?;
                }
                SendResult::Deferred { next_try } => defer(&mut transaction, result, next_try).await?,
            }
        }
        Ok(transaction.commit().await?)
    }

    /// When the next waiting letter may leave.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn next_letter_due(&self, desk: DeskId) -> Result<Option<Moment>> {
        let due: Option<i64> = sqlx::query_scalar(NEXT_DUE).bind(desk.0).fetch_optional(self.reader()).await?;
        Row::new("letter", &desk).time_opt(due)
    }

    /// Holds claimed or waiting letters back; a claim's attempt is taken back, since nobody dialed. Opens a task where none
    /// about held letters is open, so that the operator is told once.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn hold(&self, desk: DeskId, letters: &[LetterId], cause: &str, now: Moment) -> Result<Option<TaskId>> {
        let mut transaction = self.write().await?;
        let mut held = 0u64;
        for letter in letters {
            let done = sqlx::query(
                "UPDATE letter SET attempts = attempts - CASE WHEN state = 'sending' THEN 1 ELSE 0 END, state = 'held',
                     claimed_by = NULL, breaker = 'tripped', last_reply = $1
                 WHERE id = $2 AND desk_id = $3 AND state IN ('waiting', 'sending')",
            )
            .bind(&*clean(cause))
            .bind(letter.0)
            .bind(desk.0)
            .execute(&mut *transaction)
            .await?;
            held = held.saturating_add(done.rows_affected());
        }
        let told: Option<i64> = sqlx::query_scalar(
            "SELECT id FROM task WHERE desk_id = $1 AND closed_at IS NULL AND cause = $2 ORDER BY id LIMIT 1",
        )
        .bind(desk.0)
        .bind(TaskCause::LettersHeld.as_str())
        .fetch_optional(&mut *transaction)
        .await?;
        let task = if held == 0 || told.is_some() {
            None
        } else {
            let task = NewTask::new(TaskCause::LettersHeld, format!("Letters are held back: {cause}")).urgent();
            Some(tasks::open_apart(&mut transaction, desk, self.salts(), &task, now).await?)
        };
        transaction.commit().await?;
        Ok(task)
    }

    /// Lets a held letter leave after all. False where it is not held.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn release_held(&self, letter: LetterId, now: Moment) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE letter SET state = 'waiting', not_before = CASE WHEN not_before > $1 THEN not_before ELSE $1 END,
                 last_reply = NULL
             WHERE id = $2 AND state = 'held'",
        )
        .bind(ms(now))
        .bind(letter.0)
        .execute(self.writer()?)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Forgets the bytes of letters that ended before then (rule T10). Gives their number.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn clear_sent_bytes(&self, ended_before: Moment) -> Result<u64> {
        let done = sqlx::query(CLEAR).bind(ms(ended_before)).execute(self.writer()?).await?;
        Ok(done.rows_affected())
    }
}

pub(super) const CLAIM: &str = "UPDATE letter
    SET state = 'sending', attempts = attempts + 1, claimed_by = $1, attempted_at = $2
    WHERE id IN (
        SELECT due.id FROM letter due
        WHERE due.desk_id = $3 AND due.state = 'waiting' AND due.not_before <= $2
          AND NOT EXISTS (
              SELECT 1 FROM letter earlier
              WHERE earlier.reference = due.reference AND earlier.recipient_key = due.recipient_key
                AND earlier.id < due.id AND earlier.ended_at IS NULL)
        ORDER BY due.not_before, due.id LIMIT $4)
    RETURNING id, reference, no, name, recipient, bytes, attempts, written_at, not_before,
        breaker = 'passes' AS passes";
pub(super) const RELEASE: &str = "UPDATE letter SET state = 'waiting', claimed_by = NULL
    WHERE desk_id = $1 AND state = 'sending' AND (claimed_by <> $2 OR attempted_at < $3)";
pub(super) const NEXT_DUE: &str =
    "SELECT not_before FROM letter WHERE desk_id = $1 AND state = 'waiting' ORDER BY not_before LIMIT 1";
pub(super) const CLEAR: &str = "UPDATE letter SET bytes = NULL WHERE bytes IS NOT NULL AND ended_at < $1";

/// Ends a letter and causes what follows from it. What was sent counts as sent, whoever holds the claim by now.
async fn end(connection: &mut Connection, result: &LetterResult, delivery: DeliveryResult) -> Result<()> {
    let state = match &delivery {
        DeliveryResult::Accepted => "accepted",
        DeliveryResult::Rejected { .. } => "rejected",
    };
    let ended: Option<(i64, Option<String>, i64)> = sqlx::query_as(
        "UPDATE letter SET state = $1, ended_at = $2, last_reply = $3, claimed_by = NULL
         WHERE id = $4 AND state IN ('sending', 'waiting') RETURNING desk_id, reference, no",
    )
    .bind(state)
    .bind(ms(result.at))
    .bind(&*clean(&result.reply))
    .bind(result.letter.0)
    .fetch_optional(&mut *connection)
    .await?;
    let Some((desk, reference, no)) = ended else { return Ok(()) };
    // That a letter of no request arrived causes nothing.
    if reference.is_none() && delivery == DeliveryResult::Accepted {
        return Ok(());
    }
    let row = Row::new("letter", &result.letter);
    let delivery = Delivery {
        reference: row.reference_opt(reference.as_deref())?,
        letter: LetterNo(row.count(no)?),
        result: delivery,
        at: result.at,
    };
    inputs::insert_delivery(connection, DeskId(desk), &delivery, result.at).await?;
    Ok(())
}

async fn defer(connection: &mut Connection, result: &LetterResult, next_try: Moment) -> Result<()> {
    sqlx::query(
        "UPDATE letter SET state = 'waiting', claimed_by = NULL, not_before = $1, last_reply = $2
         WHERE id = $3 AND state = 'sending'",
    )
    .bind(ms(next_try))
    .bind(&*clean(&result.reply))
    .bind(result.letter.0)
    .execute(connection)
    .await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct ClaimedColumns {
    id: i64,
    reference: Option<String>,
    no: i64,
    name: String,
    recipient: String,
    bytes: Option<Vec<u8>>,
    attempts: i64,
    written_at: i64,
    not_before: i64,
    passes: bool,
}

impl ClaimedColumns {
    fn read(self) -> Result<Claimed> {
        let row = Row::new("letter", &self.id);
        Ok(Claimed {
            id: LetterId(self.id),
            reference: row.reference_opt(self.reference.as_deref())?,
            no: LetterNo(row.count(self.no)?),
            name: self.name,
            recipient: row.address(&self.recipient)?,
            bytes: row.sound(self.bytes, "a letter that waits has no bytes")?,
            attempts: row.count(self.attempts)?,
            written_at: row.time(self.written_at)?,
            passes: self.passes,
        })
    }
}
