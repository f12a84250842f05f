//! Letters as rows: written once, listed by their masked text, counted for the breakers.

use super::codec::{Row, clean, ms};
use super::{Connection, DeskId, LetterId, Moment, Result, Store, StoreError};
use crate::domain::address::EmailAddress;
use crate::domain::entropy::TokenHash;
use crate::domain::ids::{LetterNo, Reference};
use crate::domain::letter::{Body, Letter, Rendered};
use crate::domain::outbox::LetterState;
use crate::domain::task::TaskCause;
use crate::domain::words::Language;

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
        let rows: Vec<Columns> = sqlx::query_as(LIST)
            .bind(filter.desk.map(|desk| desk.0))
            .bind(filter.state.map(LetterState::as_str))
            .bind(filter.reference.as_ref().map(Reference::as_str))
            .bind(i64::from(limit))
            .fetch_all(self.reader())
            .await?;
        rows.into_iter().map(Columns::read).collect()
    }

    /// One letter.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn letter(&self, id: LetterId) -> Result<Option<LetterRow>> {
        let row: Option<Columns> = sqlx::query_as(ONE).bind(id.0).fetch_optional(self.reader()).await?;
        row.map(Columns::read).transpose()
    }

    /// Letters of a desk to one person, accepted or being sent since then.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn letters_to(&self, desk: DeskId, recipient: &EmailAddress, since: Moment) -> Result<u64> {
        let count: i64 = sqlx::query_scalar(LEFT_TO)
            .bind(desk.0)
            .bind(recipient.key())
            .bind(ms(since))
            .fetch_one(self.reader())
            .await?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    /// Letters about one request to one person, accepted or being sent since then.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn letters_of(&self, reference: &Reference, recipient: &EmailAddress, since: Moment) -> Result<u64> {
        let count: i64 = sqlx::query_scalar(LEFT_ABOUT)
            .bind(reference.as_str())
            .bind(recipient.key())
            .bind(ms(since))
            .fetch_one(self.reader())
            .await?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    /// All letters of a desk, accepted or being sent since then.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn letters_since(&self, desk: DeskId, since: Moment) -> Result<u64> {
        let count: i64 = sqlx::query_scalar(LEFT).bind(desk.0).bind(ms(since)).fetch_one(self.reader()).await?;
        Ok(u64::try_from(count).unwrap_or_default())
    }
}

pub(super) const LEFT: &str = "SELECT count(*) FROM letter
    WHERE desk_id = $1 AND attempted_at >= $2 AND state IN ('sending', 'accepted')";
pub(super) const LEFT_TO: &str = "SELECT count(*) FROM letter
    WHERE desk_id = $1 AND recipient_key = $2 AND attempted_at >= $3 AND state IN ('sending', 'accepted')";
pub(super) const LEFT_ABOUT: &str = "SELECT count(*) FROM letter
    WHERE reference = $1 AND recipient_key = $2 AND attempted_at >= $3 AND state IN ('sending', 'accepted')";
pub(super) const UNSENT: &str =
    "SELECT no FROM letter WHERE reference = $1 AND ended_at IS NULL AND state IN ('waiting', 'held')";

/// Writes a letter with its words; it waits to be sent.
pub(super) async fn insert(
    connection: &mut Connection,
    desk: DeskId,
    letter: &Letter,
    words: &Rendered,
    now: Moment,
) -> Result<LetterId> {
    let id = sqlx::query_scalar(
        "INSERT INTO letter (desk_id, reference, no, name, recipient, recipient_key, language, message_id_hash,
             subject, shown_text, bytes, sender_verified, unverified, written_at, not_before, breaker)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) RETURNING id",
    )
    .bind(desk.0)
    .bind(letter.reference.as_ref().map(Reference::as_str))
    .bind(i64::from(letter.no.0))
    .bind(letter.body.name())
    .bind(letter.to.as_str())
    .bind(letter.to.key())
    .bind(letter.language.as_str())
    .bind(message_id_hash(&words.message_id))
    .bind(&*clean(&words.subject))
    .bind(&*clean(&words.shown_text))
    .bind(words.bytes.as_slice())
    .bind(asks_for_verified(&letter.body))
    .bind(letter.unverified)
    .bind(ms(now))
    .bind(ms(letter.not_before.map_or(now, |not_before| not_before.max(now))))
    .bind(if tells_of_held(&letter.body) { "passes" } else { "obeys" })
    .fetch_one(connection)
    .await?;
    Ok(LetterId(id))
}

/// A Message-ID as the store keeps it: the one of a letter that asks holds a token (rule T8).
pub(super) fn message_id_hash(message_id: &str) -> String {
    TokenHash::of(message_id).0
}

/// Of a letter that asks: whether the sender it speaks of is verified (rule A3 counts apart).
const fn asks_for_verified(body: &Body) -> Option<bool> {
    match body {
        Body::ApprovalRequest(asked)
        | Body::ApprovalReminder(asked)
        | Body::ApprovalAgain(asked)
        | Body::ApprovalConfirmation(asked) => Some(asked.sender_verified),
        Body::Receipt(_)
        | Body::Status(_)
        | Body::MissingInformation(_)
        | Body::SentBack(_)
        | Body::CannotConfirm(_)
        | Body::Approved(_)
        | Body::DecisionRecorded(_)
        | Body::LateAnswer(_)
        | Body::AnswerReceipt(_)
        | Body::TaskNotice(_)
        | Body::Escalation(_)
        | Body::ReviewWarning(_) => None,
    }
}

/// The one letter that says that letters are held: a breaker must not hold it as well.
fn tells_of_held(body: &Body) -> bool {
    matches!(body, Body::TaskNotice(notice) if notice.tasks.iter().any(|task| task.cause == TaskCause::LettersHeld))
}

/// Withdraws a letter that has not left.
pub(super) async fn withdraw(
    connection: &mut Connection,
    reference: &Reference,
    no: LetterNo,
    now: Moment,
) -> Result<()> {
    let done = sqlx::query(
        "UPDATE letter SET state = 'withdrawn', ended_at = $3
         WHERE reference = $1 AND no = $2 AND state IN ('waiting', 'held')",
    )
    .bind(reference.as_str())
    .bind(i64::from(no.0))
    .bind(ms(now))
    .execute(connection)
    .await?;
    if done.rows_affected() == 1 {
        Ok(())
    } else {
        Err(StoreError::corrupt("letter", format!("{reference}/{no}"), "it is to be withdrawn, and is not unsent"))
    }
}

/// Letters of a request that have not left and are not being sent.
pub(super) async fn unsent(connection: &mut Connection, reference: &Reference) -> Result<Vec<LetterNo>> {
    let numbers: Vec<i64> = sqlx::query_scalar(UNSENT).bind(reference.as_str()).fetch_all(connection).await?;
    let row = Row::new("letter", reference);
    numbers.into_iter().map(|no| Ok(LetterNo(row.count(no)?))).collect()
}

/// The columns of a letter that may be shown, by one more condition.
macro_rules! letter_rows {
    ($rest:literal) => {
        concat!(
            "SELECT id, desk_id, reference, no, name, recipient, language, subject, shown_text, sender_verified,
                 written_at, not_before, state, attempts, ended_at, last_reply
             FROM letter ",
            $rest
        )
    };
}

const ONE: &str = letter_rows!("WHERE id = $1");
const LIST: &str = letter_rows!(
    "WHERE (CAST($1 AS BIGINT) IS NULL OR desk_id = $1) AND (CAST($2 AS TEXT) IS NULL OR state = $2)
       AND (CAST($3 AS TEXT) IS NULL OR reference = $3)
     ORDER BY id DESC LIMIT $4"
);

#[derive(sqlx::FromRow)]
struct Columns {
    id: i64,
    desk_id: i64,
    reference: Option<String>,
    no: i64,
    name: String,
    recipient: String,
    language: String,
    subject: String,
    shown_text: String,
    sender_verified: Option<bool>,
    written_at: i64,
    not_before: i64,
    state: String,
    attempts: i64,
    ended_at: Option<i64>,
    last_reply: Option<String>,
}

impl Columns {
    fn read(self) -> Result<LetterRow> {
        let row = Row::new("letter", &self.id);
        Ok(LetterRow {
            id: LetterId(self.id),
            desk: DeskId(self.desk_id),
            reference: row.reference_opt(self.reference.as_deref())?,
            no: LetterNo(row.count(self.no)?),
            name: self.name,
            recipient: row.address(&self.recipient)?,
            language: row.word(&self.language, Language::parse)?,
            subject: self.subject,
            shown_text: self.shown_text,
            asks: self.sender_verified.is_some(),
            written_at: row.time(self.written_at)?,
            not_before: row.time(self.not_before)?,
            state: row.word(&self.state, LetterState::parse)?,
            attempts: row.count(self.attempts)?,
            ended_at: row.time_opt(self.ended_at)?,
            last_reply: self.last_reply,
        })
    }
}
