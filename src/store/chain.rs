//! The audit chain: each event of a desk is hashed over the one before; personal payload stands beside it.

use sha2::{Digest, Sha256};

use super::codec::{Row, clean, clean_opt, ms};
use super::open::Salts;
use super::{Connection, DeskId, Moment, Result, Store, StoreError, TaskId};
use crate::domain::address::EmailAddress;
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::{ApprovalNo, ItemNo, LetterNo, MailId, Reference};

/// A chain that holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    pub events: u64,
    /// Events whose payload was erased: their place in the chain holds all the same.
    pub erased: u64,
}

/// Where a chain breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the audit chain breaks at event {seq}: {what}")]
pub struct ChainFault {
    pub seq: u64,
    pub what: &'static str,
}

/// One entry of a request's timeline.
#[derive(Debug, Clone, PartialEq)]
pub struct TimelineEntry {
    /// Its place in the desk's chain.
    pub seq: u64,
    pub at: Moment,
    pub kind: EventKind,
    pub item: Option<ItemNo>,
    pub approval: Option<ApprovalNo>,
    pub letter: Option<LetterNo>,
    pub mail: Option<MailId>,
    pub task: Option<TaskId>,
    /// `None` where nobody is named, or was erased.
    pub person: Option<EmailAddress>,
    /// `None` where it was erased.
    pub detail: Option<String>,
}

impl Store {
    /// Walks a desk's whole chain.
    ///
    /// # Errors
    /// Those of the database; where the chain breaks is the inner result.
    pub async fn verify_chain(&self, desk: DeskId) -> Result<std::result::Result<Verified, ChainFault>> {
        let mut transaction = self.read().await?;
        let (mut walk, mut erased) = (Head { seq: 0, hash: String::new() }, 0u64);
        loop {
            let rows: Vec<Columns> =
                sqlx::query_as(WALK).bind(desk.0).bind(walk.seq).bind(WALK_STEP).fetch_all(&mut *transaction).await?;
            if rows.is_empty() {
                break;
            }
            for row in rows {
                let seq = walk.seq.saturating_add(1);
                if let Some(what) = row.fault(desk, seq, &walk.hash) {
                    return Ok(Err(ChainFault { seq: u64::try_from(seq).unwrap_or_default(), what }));
                }
                erased = erased.saturating_add(u64::from(row.salt.is_none()));
                walk = Head { seq, hash: row.hash };
            }
        }
        let head = head(&mut transaction, desk).await?;
        let events = u64::try_from(walk.seq).unwrap_or_default();
        if head != walk {
            // Rows cut off at the end would leave a chain that holds in itself.
            return Ok(Err(ChainFault { seq: events.saturating_add(1), what: "the chain ends before its head" }));
        }
        Ok(Ok(Verified { events, erased }))
    }

    /// What happened to a request, in order.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn timeline(&self, reference: &Reference) -> Result<Vec<TimelineEntry>> {
        let rows: Vec<Columns> = sqlx::query_as(TIMELINE).bind(reference.as_str()).fetch_all(self.reader()).await?;
        rows.into_iter().map(Columns::read).collect()
    }
}

/// An event that is to be appended, with what the domain's event does not know.
pub(super) struct Entry<'a> {
    pub event: &'a Event,
    pub reference: Option<&'a Reference>,
    pub task: Option<TaskId>,
}

/// Appends to a desk's chain. Its transaction must be the only one that writes: the head is read and written in it.
pub(super) async fn append(
    connection: &mut Connection,
    desk: DeskId,
    salts: &Salts,
    entries: &[Entry<'_>],
    now: Moment,
) -> Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    let mut head = head(connection, desk).await?;
    for entry in entries {
        let event = entry.event;
        let salt = salts.draw()?;
        let person = event.person.as_ref().map(EmailAddress::as_str);
        let detail = clean(&event.detail);
        let row = Columns {
            seq: head.seq.saturating_add(1),
            at: ms(now),
            kind: event.kind.as_str().to_owned(),
            reference: entry.reference.map(|reference| reference.as_str().to_owned()),
            item_no: event.item.map(|no| i64::from(no.0)),
            approval_no: event.approval.map(|no| i64::from(no.0)),
            letter_no: event.letter.map(|no| i64::from(no.0)),
            mail_id: event.mail.map(|mail| mail.0),
            task_id: entry.task.map(|task| task.0),
            payload_digest: payload_digest(&salt, person, &detail),
            previous: head.hash,
            hash: String::new(),
            salt: None,
            person: None,
            detail: None,
        };
        let hash = row.hashed(desk);
        insert(connection, desk, &row, &hash).await?;
        sqlx::query("INSERT INTO event_payload (desk_id, seq, salt, person, detail) VALUES ($1, $2, $3, $4, $5)")
            .bind(desk.0)
            .bind(row.seq)
            .bind(salt)
            .bind(clean_opt(person))
            .bind(&*detail)
            .execute(&mut *connection)
            .await?;
        head = Head { seq: row.seq, hash };
    }
    sqlx::query("UPDATE desk SET audit_seq = $1, audit_hash = $2 WHERE id = $3")
        .bind(head.seq)
        .bind(head.hash)
        .bind(desk.0)
        .execute(connection)
        .await?;
    Ok(())
}

async fn insert(connection: &mut Connection, desk: DeskId, row: &Columns, hash: &str) -> Result<()> {
    sqlx::query(
        "INSERT INTO event (desk_id, seq, at, kind, reference, item_no, approval_no, letter_no, mail_id, task_id,
             payload_digest, previous, hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(desk.0)
    .bind(row.seq)
    .bind(row.at)
    .bind(&row.kind)
    .bind(&row.reference)
    .bind(row.item_no)
    .bind(row.approval_no)
    .bind(row.letter_no)
    .bind(row.mail_id)
    .bind(row.task_id)
    .bind(&row.payload_digest)
    .bind(&row.previous)
    .bind(hash)
    .execute(connection)
    .await?;
    Ok(())
}

/// The last event of a chain; 0 and no hash where there is none yet.
#[derive(PartialEq)]
struct Head {
    seq: i64,
    hash: String,
}

async fn head(connection: &mut Connection, desk: DeskId) -> Result<Head> {
    let found: Option<(i64, String)> = sqlx::query_as("SELECT audit_seq, audit_hash FROM desk WHERE id = $1")
        .bind(desk.0)
        .fetch_optional(connection)
        .await?;
    let (seq, hash) = found.ok_or_else(|| StoreError::corrupt("desk", desk, "it is not there"))?;
    Ok(Head { seq, hash })
}

/// Events of a chain that are walked at once.
const WALK_STEP: i64 = 1000;

/// An event with its payload, by one more condition.
macro_rules! events {
    ($rest:literal) => {
        concat!(
            "SELECT e.seq, e.at, e.kind, e.reference, e.item_no, e.approval_no, e.letter_no, e.mail_id, e.task_id,
                 e.payload_digest, e.previous, e.hash, p.salt, p.person, p.detail
             FROM event e LEFT JOIN event_payload p ON p.desk_id = e.desk_id AND p.seq = e.seq ",
            $rest
        )
    };
}

pub(super) const WALK: &str = events!("WHERE e.desk_id = $1 AND e.seq > $2 ORDER BY e.seq LIMIT $3");
pub(super) const TIMELINE: &str = events!("WHERE e.reference = $1 ORDER BY e.seq");

#[derive(sqlx::FromRow)]
struct Columns {
    seq: i64,
    at: i64,
    kind: String,
    reference: Option<String>,
    item_no: Option<i64>,
    approval_no: Option<i64>,
    letter_no: Option<i64>,
    mail_id: Option<i64>,
    task_id: Option<i64>,
    payload_digest: String,
    previous: String,
    hash: String,
    salt: Option<String>,
    person: Option<String>,
    detail: Option<String>,
}

impl Columns {
    /// SHA-256 over the hash before, the fields of the row, and the digest of the payload.
    fn hashed(&self, desk: DeskId) -> String {
        let mut hash = Fields::default();
        hash.text(Some(&self.previous));
        hash.number(Some(desk.0)).number(Some(self.seq)).number(Some(self.at));
        hash.text(Some(&self.kind)).text(self.reference.as_deref());
        for number in [self.item_no, self.approval_no, self.letter_no, self.mail_id, self.task_id] {
            hash.number(number);
        }
        hash.text(Some(&self.payload_digest)).finish()
    }

    /// What is wrong with this row as the one at `seq` after `previous`.
    fn fault(&self, desk: DeskId, seq: i64, previous: &str) -> Option<&'static str> {
        if self.seq != seq {
            return Some("it is missing");
        }
        if self.previous != previous {
            return Some("it does not follow the one before");
        }
        if self.hashed(desk) != self.hash {
            return Some("its fields were changed");
        }
        // A payload that is gone was erased; one that is there must be the one that was hashed.
        let salt = self.salt.as_deref()?;
        let digest = payload_digest(salt, self.person.as_deref(), self.detail.as_deref().unwrap_or_default());
        (digest != self.payload_digest).then_some("its payload was changed")
    }

    fn read(self) -> Result<TimelineEntry> {
        let row = Row::new("event", &self.seq);
        Ok(TimelineEntry {
            seq: row.sound(u64::try_from(self.seq).ok(), "a negative place")?,
            at: row.time(self.at)?,
            kind: row.word(&self.kind, EventKind::parse)?,
            item: row.count_opt(self.item_no)?.map(ItemNo),
            approval: row.count_opt(self.approval_no)?.map(ApprovalNo),
            letter: row.count_opt(self.letter_no)?.map(LetterNo),
            mail: self.mail_id.map(MailId),
            task: self.task_id.map(TaskId),
            person: row.address_opt(self.person.as_deref())?,
            detail: self.detail,
        })
    }
}

fn payload_digest(salt: &str, person: Option<&str>, detail: &str) -> String {
    let mut hash = Fields::default();
    hash.text(Some(salt)).text(person).text(Some(detail)).finish()
}

/// A hash over fields, each with its length, so that no two lists of fields are one text.
#[derive(Default)]
struct Fields(Sha256);

impl Fields {
    fn text(&mut self, text: Option<&str>) -> &mut Self {
        match text {
            Some(text) => {
                self.0.update([1u8]);
                self.0.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
                self.0.update(text.as_bytes());
            }
            None => self.0.update([0u8]),
        }
        self
    }

    fn number(&mut self, number: Option<i64>) -> &mut Self {
        match number {
            Some(number) => {
                self.0.update([2u8]);
                self.0.update(number.to_be_bytes());
            }
            None => self.0.update([0u8]),
        }
        self
    }

    fn finish(&mut self) -> String {
        data_encoding::HEXLOWER.encode(&self.0.clone().finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_lists_of_fields_hash_alike() {
        let of = |texts: &[Option<&str>]| {
            let mut hash = Fields::default();
            for text in texts {
                hash.text(*text);
            }
            hash.finish()
        };
        assert_ne!(of(&[Some("ab"), Some("c")]), of(&[Some("a"), Some("bc")]));
        assert_ne!(of(&[Some("")]), of(&[None]));
        assert_ne!(payload_digest("s1", None, "x"), payload_digest("s2", None, "x"), "the salt counts");
    }
}
