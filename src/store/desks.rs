//! Desks and their mailboxes.

use super::codec::{Row, clean, ms};
use super::{DeskId, MailboxId, Moment, Result, Store};

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
        let name = clean(name);
        if let Some(id) = self.find_desk(&name).await? {
            return Ok(id);
        }
        let mut transaction = self.write().await?;
        sqlx::query("INSERT INTO desk (name) VALUES ($1) ON CONFLICT (name) DO NOTHING")
            .bind(&*name)
            .execute(&mut *transaction)
            .await?;
        let id =
            sqlx::query_scalar("SELECT id FROM desk WHERE name = $1").bind(&*name).fetch_one(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(DeskId(id))
    }

    /// The desk of that name, where it is there: for a store opened for reading alone.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_desk(&self, name: &str) -> Result<Option<DeskId>> {
        let id = sqlx::query_scalar("SELECT id FROM desk WHERE name = $1")
            .bind(&*clean(name))
            .fetch_optional(self.reader())
            .await?;
        Ok(id.map(DeskId))
    }

    /// The mailbox of that name, with the UIDVALIDITY that the server gives now. Rows of another validity stay.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn open_mailbox(&self, desk: DeskId, name: &str, uid_validity: u32, now: Moment) -> Result<MailboxState> {
        let mut transaction = self.write().await?;
        sqlx::query(
            "INSERT INTO mailbox (desk_id, name, uid_validity, first_opened_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (desk_id, name) DO NOTHING",
        )
        .bind(desk.0)
        .bind(&*clean(name))
        .bind(i64::from(uid_validity))
        .bind(ms(now))
        .execute(&mut *transaction)
        .await?;
        let (id, known, cursor, first_opened_at): (i64, i64, i64, i64) = sqlx::query_as(
            "SELECT id, uid_validity, cursor, first_opened_at FROM mailbox WHERE desk_id = $1 AND name = $2",
        )
        .bind(desk.0)
        .bind(&*clean(name))
        .fetch_one(&mut *transaction)
        .await?;
        let validity_changed = known != i64::from(uid_validity);
        if validity_changed {
            sqlx::query("UPDATE mailbox SET uid_validity = $1, cursor = 0 WHERE id = $2")
                .bind(i64::from(uid_validity))
                .bind(id)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        let row = Row::new("mailbox", &id);
        Ok(MailboxState {
            id: MailboxId(id),
            uid_validity,
            cursor: if validity_changed { 0 } else { row.count(cursor)? },
            first_opened_at: row.time(first_opened_at)?,
            validity_changed,
        })
    }
}
