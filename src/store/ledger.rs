//! The ledger: each mail once by (mailbox, UIDVALIDITY, UID), and a cursor that moves only over what is accounted for.

use std::ops::RangeInclusive;

use super::codec::{Row, clean, clean_opt, ms};
use super::{Connection, MailboxId, Moment, Result, Store, StoreError};
use crate::domain::address::EmailAddress;
use crate::domain::ids::MailId;
use crate::domain::outcome::Folder;

/// A mail as it came from the server.
#[derive(Clone, PartialEq, Eq)]
pub struct Incoming {
    pub uid: u32,
    /// INTERNALDATE, where the server gave one; else the time of recording counts.
    pub received_at: Option<Moment>,
    /// RFC822.SIZE in bytes, which is more than `raw` has where only headers were fetched.
    pub size: u64,
    /// Over the size limit: `raw` is the headers alone.
    pub headers_only: bool,
    pub raw: Vec<u8>,
    /// Without brackets.
    pub message_id: Option<String>,
    /// Digest of Message-ID, From, Date and body: equal ones are one mail delivered twice.
    pub digest: String,
    /// The sole From mailbox, as far as the header alone tells.
    pub from: Option<EmailAddress>,
    /// Decoded, on one line and cut; empty where there is none.
    pub subject: String,
}

/// What one look at a mailbox brought.
#[derive(Clone, Default)]
pub struct Batch {
    pub mails: Vec<Incoming>,
    /// UIDs that the server proved not to exist (any more). Ranges, because UIDs may lie far apart.
    pub absent: Vec<RangeInclusive<u32>>,
    /// UIDs that the server has and did not give: they become gaps.
    pub withheld: Vec<u32>,
    /// How far the look reached. The cursor stops before the first UID that is neither recorded nor in one of the lists.
    pub up_to: u32,
}

/// What becomes of mails received before the mailbox was first opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backlog {
    /// Recorded and listed, neither answered nor moved. The default.
    Human,
    /// Worked like any other.
    Process,
    /// Recorded by their headers.
    Ignore,
}

/// What was recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Mails that became inputs, in the order of their UIDs.
    pub new: Vec<MailId>,
    /// Mails that the desk has already.
    pub duplicates: usize,
    /// Old mails left alone.
    pub backlog: usize,
    /// Where the cursor stands now.
    pub cursor: u32,
}

/// A UID that the server has and did not give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    pub uid: u32,
    pub since: Moment,
    /// How often it was asked for again.
    pub tries: u32,
    /// When the operator was told.
    pub told_at: Option<Moment>,
}

impl Store {
    /// Records a batch and moves the cursor, in one transaction. A UID that is recorded already is skipped.
    ///
    /// # Errors
    /// [`StoreError::Stale`] where the mailbox has another UIDVALIDITY by now.
    pub async fn record(
        &self,
        mailbox: MailboxId,
        uid_validity: u32,
        batch: &Batch,
        backlog: Backlog,
        now: Moment,
    ) -> Result<Recorded> {
        let mut transaction = self.write().await?;
        let place = Place::read(&mut transaction, mailbox, uid_validity).await?;
        let mut recorded = Recorded::default();
        let mut mails: Vec<&Incoming> = batch.mails.iter().collect();
        mails.sort_by_key(|mail| mail.uid);
        for mail in mails {
            let kept = place.keep(&mut transaction, mail, backlog, now).await?;
            match kept {
                Kept::New(id) => recorded.new.push(id),
                Kept::Duplicate => recorded.duplicates = recorded.duplicates.saturating_add(1),
                Kept::Backlog => recorded.backlog = recorded.backlog.saturating_add(1),
                Kept::Before => {}
            }
        }
        place.note_gaps(&mut transaction, batch, now).await?;
        recorded.cursor = place.move_cursor(&mut transaction, batch).await?;
        transaction.commit().await?;
        Ok(recorded)
    }

    /// The gaps of a mailbox, by UID.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn gaps(&self, mailbox: MailboxId, uid_validity: u32) -> Result<Vec<Gap>> {
        let rows: Vec<(i64, i64, i64, Option<i64>)> = sqlx::query_as(
            "SELECT uid, since, tries, told_at FROM mail_gap WHERE mailbox_id = $1 AND uid_validity = $2 ORDER BY uid",
        )
        .bind(mailbox.0)
        .bind(i64::from(uid_validity))
        .fetch_all(self.reader())
        .await?;
        rows.into_iter()
            .map(|(uid, since, tries, told_at)| {
                let row = Row::new("mail_gap", &uid);
                Ok(Gap {
                    uid: row.count(uid)?,
                    since: row.time(since)?,
                    tries: row.count(tries)?,
                    told_at: row.time_opt(told_at)?,
                })
            })
            .collect()
    }

    /// Counts one more fruitless try for each of these gaps.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn gaps_tried(&self, mailbox: MailboxId, uid_validity: u32, uids: &[u32]) -> Result<()> {
        let mut transaction = self.write().await?;
        for uid in uids {
            sqlx::query(
                "UPDATE mail_gap SET tries = tries + 1 WHERE mailbox_id = $1 AND uid_validity = $2 AND uid = $3",
            )
            .bind(mailbox.0)
            .bind(i64::from(uid_validity))
            .bind(i64::from(*uid))
            .execute(&mut *transaction)
            .await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Notes that the operator was told of these gaps (rule C4).
    ///
    /// # Errors
    /// Those of the database.
    pub async fn gaps_told(&self, mailbox: MailboxId, uid_validity: u32, uids: &[u32], now: Moment) -> Result<()> {
        let mut transaction = self.write().await?;
        for uid in uids {
            sqlx::query(
                "UPDATE mail_gap SET told_at = $4 WHERE mailbox_id = $1 AND uid_validity = $2 AND uid = $3
                 AND told_at IS NULL",
            )
            .bind(mailbox.0)
            .bind(i64::from(uid_validity))
            .bind(i64::from(*uid))
            .bind(ms(now))
            .execute(&mut *transaction)
            .await?;
        }
        Ok(transaction.commit().await?)
    }
}

/// What recording one mail came to.
enum Kept {
    New(MailId),
    Duplicate,
    Backlog,
    /// Its UID was recorded before.
    Before,
}

/// The first copy of a mail that the desk has already.
#[derive(sqlx::FromRow)]
struct Copy {
    id: i64,
    mailbox_id: i64,
    uid_validity: i64,
    folder: Option<String>,
    moved_at: Option<i64>,
}

/// How a mail is entered in the ledger.
struct Entry<'a> {
    raw: Option<&'a [u8]>,
    headers_only: bool,
    /// What it was taken for and why; `None` for a mail that is to be worked.
    taken: Option<(&'static str, &'static str)>,
    folder: Option<String>,
}

/// The mailbox that a batch belongs to, as the transaction finds it.
struct Place {
    mailbox: MailboxId,
    desk: i64,
    uid_validity: i64,
    cursor: u32,
    /// INTERNALDATE has whole seconds: a mail of the very second in which the mailbox was opened is no backlog.
    backlog_before: i64,
}

impl Place {
    async fn read(connection: &mut Connection, mailbox: MailboxId, uid_validity: u32) -> Result<Self> {
        let found: Option<(i64, i64, i64, i64)> =
            sqlx::query_as("SELECT desk_id, uid_validity, cursor, first_opened_at FROM mailbox WHERE id = $1")
                .bind(mailbox.0)
                .fetch_optional(connection)
                .await?;
        let row = Row::new("mailbox", &mailbox);
        let (desk, known, cursor, first_opened_at) = row.sound(found, "it is not there")?;
        if known != i64::from(uid_validity) {
            return Err(StoreError::Stale { what: "the mailbox has another UIDVALIDITY by now" });
        }
        Ok(Self {
            mailbox,
            desk,
            uid_validity: known,
            cursor: row.count(cursor)?,
            backlog_before: first_opened_at - first_opened_at.rem_euclid(1000),
        })
    }

    async fn keep(&self, connection: &mut Connection, mail: &Incoming, backlog: Backlog, now: Moment) -> Result<Kept> {
        let received_at = mail.received_at.unwrap_or(now);
        let copy: Option<Copy> = sqlx::query_as(
            "SELECT id, mailbox_id, uid_validity, folder, moved_at FROM mail
             WHERE desk_id = $1 AND digest = $2 ORDER BY id LIMIT 1",
        )
        .bind(self.desk)
        .bind(&mail.digest)
        .fetch_optional(&mut *connection)
        .await?;
        let old = ms(received_at) < self.backlog_before && backlog != Backlog::Process;
        let entry = self.entry(mail, copy.as_ref(), old.then_some(backlog));
        let id: Option<i64> = sqlx::query_scalar(
            "INSERT INTO mail (desk_id, mailbox_id, uid_validity, uid, received_at, recorded_at, message_id, digest, size,
                 headers_only, raw, taken_as, detail, worked_at, duplicate_of, folder, from_address, subject)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
             ON CONFLICT (mailbox_id, uid_validity, uid) DO NOTHING RETURNING id",
        )
        .bind(self.desk)
        .bind(self.mailbox.0)
        .bind(self.uid_validity)
        .bind(i64::from(mail.uid))
        .bind(ms(received_at))
        .bind(ms(now))
        .bind(clean_opt(mail.message_id.as_deref()))
        .bind(&*clean(&mail.digest))
        .bind(i64::try_from(mail.size).unwrap_or(i64::MAX))
        .bind(entry.headers_only)
        .bind(entry.raw)
        .bind(entry.taken.map(|(taken_as, _)| taken_as))
        .bind(entry.taken.map(|(_, detail)| detail))
        .bind(entry.taken.map(|_| ms(now)))
        .bind(copy.as_ref().map(|copy| copy.id))
        .bind(entry.folder)
        .bind(mail.from.as_ref().map(EmailAddress::as_str))
        .bind(&*clean(&mail.subject))
        .fetch_optional(&mut *connection)
        .await?;
        let Some(id) = id else { return Ok(Kept::Before) };
        match entry.taken {
            Some(("backlog", _)) => return Ok(Kept::Backlog),
            Some(_) => return Ok(Kept::Duplicate),
            None => {}
        }
        sqlx::query("INSERT INTO input (desk_id, kind, mail_id, created_at) VALUES ($1, 'mail', $2, $3)")
            .bind(self.desk)
            .bind(id)
            .bind(ms(now))
            .execute(connection)
            .await?;
        Ok(Kept::New(MailId(id)))
    }

    fn entry<'a>(&self, mail: &'a Incoming, copy: Option<&Copy>, old: Option<Backlog>) -> Entry<'a> {
        let whole = copy.is_none().then_some(mail.raw.as_slice());
        match (old, copy) {
            // Before the duplicates: after a change of UIDVALIDITY old mails come again, and stay where they lie.
            (Some(Backlog::Ignore), _) => Entry {
                raw: whole.map(headers),
                headers_only: true,
                taken: Some(("backlog", "Received before the mailbox was first opened: only its headers were kept.")),
                folder: None,
            },
            (Some(Backlog::Human | Backlog::Process), _) => Entry {
                raw: whole,
                headers_only: mail.headers_only,
                taken: Some(("backlog", "Received before the mailbox was first opened: left to a person.")),
                folder: None,
            },
            (None, Some(copy)) => Entry {
                raw: None,
                headers_only: mail.headers_only,
                taken: Some(("duplicate", "The desk has this mail already.")),
                folder: self.folder_of_duplicate(copy),
            },
            (None, None) => Entry { raw: whole, headers_only: mail.headers_only, taken: None, folder: None },
        }
    }

    /// A second copy is done with. Where the server has only numbered its mails anew, it is the first copy under another
    /// UID, and goes where that one was to go: once that is known.
    fn folder_of_duplicate(&self, copy: &Copy) -> Option<String> {
        let renumbered = copy.mailbox_id == self.mailbox.0 && copy.uid_validity != self.uid_validity;
        if renumbered && copy.moved_at.is_none() { copy.folder.clone() } else { Some(Folder::Done.as_str().to_owned()) }
    }

    /// Writes what was withheld as gaps, and closes gaps that are recorded by now or proved absent.
    async fn note_gaps(&self, connection: &mut Connection, batch: &Batch, now: Moment) -> Result<()> {
        for uid in &batch.withheld {
            sqlx::query(
                "INSERT INTO mail_gap (mailbox_id, uid_validity, uid, since)
                 SELECT $1, $2, $3, $4 WHERE NOT EXISTS
                     (SELECT 1 FROM mail WHERE mailbox_id = $1 AND uid_validity = $2 AND uid = $3)
                 ON CONFLICT (mailbox_id, uid_validity, uid) DO NOTHING",
            )
            .bind(self.mailbox.0)
            .bind(self.uid_validity)
            .bind(i64::from(*uid))
            .bind(ms(now))
            .execute(&mut *connection)
            .await?;
        }
        sqlx::query(
            "DELETE FROM mail_gap WHERE mailbox_id = $1 AND uid_validity = $2 AND EXISTS
                 (SELECT 1 FROM mail WHERE mail.mailbox_id = mail_gap.mailbox_id
                      AND mail.uid_validity = mail_gap.uid_validity AND mail.uid = mail_gap.uid)",
        )
        .bind(self.mailbox.0)
        .bind(self.uid_validity)
        .execute(&mut *connection)
        .await?;
        for absent in &batch.absent {
            sqlx::query("DELETE FROM mail_gap WHERE mailbox_id = $1 AND uid_validity = $2 AND uid >= $3 AND uid <= $4")
                .bind(self.mailbox.0)
                .bind(self.uid_validity)
                .bind(i64::from(*absent.start()))
                .bind(i64::from(*absent.end()))
                .execute(&mut *connection)
                .await?;
        }
        Ok(())
    }

    /// Moves the cursor over what is accounted for, and not one further.
    async fn move_cursor(&self, connection: &mut Connection, batch: &Batch) -> Result<u32> {
        let known: Vec<i64> = sqlx::query_scalar(
            "SELECT uid FROM mail WHERE mailbox_id = $1 AND uid_validity = $2 AND uid > $3 AND uid <= $4
             UNION SELECT uid FROM mail_gap WHERE mailbox_id = $1 AND uid_validity = $2 AND uid > $3 AND uid <= $4",
        )
        .bind(self.mailbox.0)
        .bind(self.uid_validity)
        .bind(i64::from(self.cursor))
        .bind(i64::from(batch.up_to))
        .fetch_all(&mut *connection)
        .await?;
        let known = known.into_iter().filter_map(|uid| u32::try_from(uid).ok()).map(|uid| uid..=uid);
        let cursor = reached(self.cursor, known.chain(batch.absent.iter().cloned()).collect(), batch.up_to);
        if cursor > self.cursor {
            sqlx::query("UPDATE mailbox SET cursor = $1 WHERE id = $2")
                .bind(i64::from(cursor))
                .bind(self.mailbox.0)
                .execute(connection)
                .await?;
        }
        Ok(cursor)
    }
}

/// How far what is accounted for reaches without a hole, from the cursor on.
fn reached(cursor: u32, mut accounted: Vec<RangeInclusive<u32>>, up_to: u32) -> u32 {
    accounted.sort_by_key(|range| *range.start());
    let mut reached = cursor;
    for range in accounted {
        if *range.start() > reached.saturating_add(1) {
            break;
        }
        reached = reached.max(*range.end());
    }
    reached.min(up_to).max(cursor)
}

/// The mail up to the blank line, that line included.
fn headers(raw: &[u8]) -> &[u8] {
    let end = (0..raw.len()).find_map(|at| {
        let rest = raw.get(at..)?;
        [b"\r\n\r\n".as_slice(), b"\n\n"].iter().find(|blank| rest.starts_with(blank)).map(|blank| at + blank.len())
    });
    end.and_then(|end| raw.get(..end)).unwrap_or(raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_stops_before_the_first_uid_that_nothing_accounts_for() {
        assert_eq!(reached(4, vec![7..=9, 5..=5], 9), 5);
        assert_eq!(reached(4, vec![5..=5, 1..=6, 7..=9], 9), 9);
        assert_eq!(reached(4, vec![5..=4_000_000_000], 7), 7, "never over what was looked at");
        assert_eq!(reached(4, vec![], 9), 4);
        assert_eq!(reached(u32::MAX, vec![1..=u32::MAX], u32::MAX), u32::MAX);
    }

    #[test]
    fn headers_end_with_their_blank_line() {
        assert_eq!(headers(b"A: 1\r\n\r\nbody\r\n\r\n"), b"A: 1\r\n\r\n");
        assert_eq!(headers(b"A: 1\n\nbody"), b"A: 1\n\n");
        assert_eq!(headers(b"A: 1"), b"A: 1");
    }
}
