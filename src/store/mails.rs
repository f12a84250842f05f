//! Recorded mails: looking at them, and moving them on the server.

use super::codec::{Row, clean, ms};
use super::{DeskId, MailboxId, Moment, Result, Store};
use crate::domain::address::EmailAddress;
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
    /// The sole From mailbox.
    pub from: Option<EmailAddress>,
    /// The subject, decoded, on one line and cut.
    pub subject: Option<String>,
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
    /// Only what was received then or later.
    pub since: Option<Moment>,
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
        let mut transaction = self.read().await?;
        let columns: Option<Columns> = sqlx::query_as(ONE).bind(id.0).fetch_optional(&mut *transaction).await?;
        let Some(columns) = columns else { return Ok(None) };
        let holder = columns.duplicate_of;
        let raw: Option<Vec<u8>> = sqlx::query_scalar(
            "SELECT raw FROM mail WHERE raw IS NOT NULL AND (id = $1 OR id = $2) ORDER BY id DESC LIMIT 1",
        )
        .bind(id.0)
        .bind(holder.unwrap_or(id.0))
        .fetch_optional(&mut *transaction)
        .await?;
        let raw = Row::new("mail", &id.0).sound(raw, "it has no bytes")?;
        Ok(Some(StoredMail { row: columns.read()?, raw }))
    }

    /// Rows of the ledger, the latest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn mails(&self, filter: &MailFilter, limit: u32) -> Result<Vec<MailRow>> {
        let rows: Vec<Columns> = sqlx::query_as(LIST)
            .bind(filter.desk.map(|desk| desk.0))
            .bind(filter.taken_as.as_deref())
            .bind(filter.folder.map(Folder::as_str))
            .bind(filter.unworked)
            .bind(filter.since.map(ms))
            .bind(i64::from(limit))
            .fetch_all(self.reader())
            .await?;
        rows.into_iter().map(Columns::read).collect()
    }

    /// Worked mails that are still to be moved, by UID; only within the UIDVALIDITY of their recording.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn moves_due(&self, mailbox: MailboxId, uid_validity: u32, limit: u32) -> Result<Vec<MoveDue>> {
        let rows: Vec<(i64, i64, String, Option<String>)> = sqlx::query_as(MOVES)
            .bind(mailbox.0)
            .bind(i64::from(uid_validity))
            .bind(i64::from(limit))
            .fetch_all(self.reader())
            .await?;
        rows.into_iter()
            .map(|(id, uid, folder, message_id)| {
                let row = Row::new("mail", &id);
                Ok(MoveDue {
                    mail: MailId(id),
                    uid: row.count(uid)?,
                    folder: row.word(&folder, Folder::parse)?,
                    message_id,
                })
            })
            .collect()
    }

    /// Notes how moving a mail ended (`moved`, `gone`, …): it is not tried again.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn moved(&self, mail: MailId, result: &str, now: Moment) -> Result<()> {
        self.moved_all(&[mail], result, now).await
    }

    /// The same for several mails, in one transaction.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn moved_all(&self, mails: &[MailId], result: &str, now: Moment) -> Result<()> {
        let mut transaction = self.write().await?;
        for mail in mails {
            sqlx::query("UPDATE mail SET moved_at = $1, move_result = $2 WHERE id = $3 AND moved_at IS NULL")
                .bind(ms(now))
                .bind(&*clean(result))
                .bind(mail.0)
                .execute(&mut *transaction)
                .await?;
        }
        Ok(transaction.commit().await?)
    }
}

pub(super) const MOVES: &str = "SELECT id, uid, folder, message_id FROM mail
    WHERE mailbox_id = $1 AND uid_validity = $2 AND folder IS NOT NULL AND moved_at IS NULL ORDER BY uid LIMIT $3";

/// The columns of a [`MailRow`], and what they are read from.
macro_rules! mail_rows {
    ($rest:literal) => {
        concat!(
            "SELECT mail.id, mail.desk_id, mail.mailbox_id, mailbox.name AS mailbox_name, mail.uid_validity, mail.uid,
                 mail.received_at, mail.recorded_at, mail.message_id, mail.size, mail.headers_only, mail.taken_as,
                 mail.detail, mail.from_address, mail.subject, mail.worked_at, mail.reference, mail.duplicate_of,
                 mail.folder, mail.moved_at, mail.move_result
             FROM mail JOIN mailbox ON mailbox.id = mail.mailbox_id ",
            $rest
        )
    };
}

const ONE: &str = mail_rows!("WHERE mail.id = $1");
const LIST: &str = mail_rows!(
    "WHERE (CAST($1 AS BIGINT) IS NULL OR mail.desk_id = $1) AND (CAST($2 AS TEXT) IS NULL OR mail.taken_as = $2)
       AND (CAST($3 AS TEXT) IS NULL OR mail.folder = $3) AND (NOT $4 OR mail.worked_at IS NULL)
       AND (CAST($5 AS BIGINT) IS NULL OR mail.received_at >= $5)
     ORDER BY mail.id DESC LIMIT $6"
);

#[derive(sqlx::FromRow)]
struct Columns {
    id: i64,
    desk_id: i64,
    mailbox_id: i64,
    mailbox_name: String,
    uid_validity: i64,
    uid: i64,
    received_at: i64,
    recorded_at: i64,
    message_id: Option<String>,
    size: i64,
    headers_only: bool,
    taken_as: Option<String>,
    detail: Option<String>,
    from_address: Option<String>,
    subject: Option<String>,
    worked_at: Option<i64>,
    reference: Option<String>,
    duplicate_of: Option<i64>,
    folder: Option<String>,
    moved_at: Option<i64>,
    move_result: Option<String>,
}

impl Columns {
    fn read(self) -> Result<MailRow> {
        let row = Row::new("mail", &self.id);
        Ok(MailRow {
            id: MailId(self.id),
            desk: DeskId(self.desk_id),
            mailbox: MailboxId(self.mailbox_id),
            mailbox_name: self.mailbox_name,
            uid_validity: row.count(self.uid_validity)?,
            uid: row.count(self.uid)?,
            received_at: row.time(self.received_at)?,
            recorded_at: row.time(self.recorded_at)?,
            message_id: self.message_id,
            size: row.sound(u64::try_from(self.size).ok(), "a negative size")?,
            headers_only: self.headers_only,
            taken_as: self.taken_as,
            detail: self.detail,
            from: row.address_opt(self.from_address.as_deref())?,
            subject: self.subject,
            worked_at: row.time_opt(self.worked_at)?,
            reference: row.reference_opt(self.reference.as_deref())?,
            duplicate_of: self.duplicate_of.map(MailId),
            folder: row.word_opt(self.folder.as_deref(), Folder::parse)?,
            moved_at: row.time_opt(self.moved_at)?,
            move_result: self.move_result,
        })
    }
}
