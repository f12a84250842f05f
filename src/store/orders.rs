//! Orders given at the keyboard: what they name, and what they change once they are decided.

use super::codec::{Row, ms, to_json};
use super::deciding::Deciding;
use super::open::Salts;
use super::{Connection, DeskId, InputId, Moment, Result, StoreError, tasks};
use crate::domain::ids::{LetterId, LetterNo, MailId};
use crate::domain::input::OperatorAct;
use crate::domain::outbox::{LetterOnItsWay, LetterState, Named, OutboxAct, RecordedMail};
use crate::domain::outcome::Reply;
use crate::domain::task::TaskCause;

impl Deciding {
    /// What an operator's order names; `None` where the desk has no such row.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn named(&mut self, act: &OperatorAct) -> Result<Option<Named>> {
        match act {
            OperatorAct::Outbox { letter, .. } => Ok(self.named_letter(*letter).await?.map(Named::Letter)),
            OperatorAct::Reprocess { mail, .. } => Ok(self.named_mail(*mail).await?.map(Named::Mail)),
        }
    }

    async fn named_letter(&mut self, id: LetterId) -> Result<Option<LetterOnItsWay>> {
        let found: Option<(Option<String>, i64, String, String, bool, bool)> =
            sqlx::query_as(LETTER).bind(id.0).bind(self.desk.0).fetch_optional(&mut *self.transaction).await?;
        let Some((reference, no, recipient, state, has_bytes, others_held)) = found else { return Ok(None) };
        let row = Row::new("letter", &id);
        let state = row.word(&state, LetterState::parse)?;
        Ok(Some(LetterOnItsWay {
            id,
            reference: row.reference_opt(reference.as_deref())?,
            no: LetterNo(row.count(no)?),
            recipient: row.address(&recipient)?,
            state,
            has_bytes,
            last_held: state == LetterState::Held && !others_held,
        }))
    }

    async fn named_mail(&mut self, id: MailId) -> Result<Option<RecordedMail>> {
        let found: Option<MailColumns> =
            sqlx::query_as(MAIL).bind(id.0).bind(self.desk.0).fetch_optional(&mut *self.transaction).await?;
        let Some(found) = found else { return Ok(None) };
        let row = Row::new("mail", &id.0);
        Ok(Some(RecordedMail {
            id,
            taken_as: found.taken_as,
            waits: found.waits,
            reference: row.reference_opt(found.reference.as_deref())?,
            opened_it: found.opened_it,
            is_open: found.is_open,
            headers_only: found.headers_only,
        }))
    }
}

#[derive(sqlx::FromRow)]
struct MailColumns {
    taken_as: Option<String>,
    waits: bool,
    reference: Option<String>,
    opened_it: bool,
    is_open: bool,
    headers_only: bool,
}

pub(super) const LETTER: &str = "SELECT letter.reference, letter.no, letter.recipient, letter.state,
        letter.bytes IS NOT NULL,
        EXISTS (SELECT 1 FROM letter other
            WHERE other.desk_id = letter.desk_id AND other.state = 'held' AND other.id <> letter.id)
    FROM letter WHERE letter.id = $1 AND letter.desk_id = $2";
/// A second copy speaks for the first: what that one opened, or waits for, it would open again.
pub(super) const MAIL: &str = "SELECT mail.taken_as, mail.headers_only, request.reference AS reference,
        coalesce(request.mail_id IN (mail.id, mail.duplicate_of), 0) AS opened_it,
        coalesce(request.is_open, 0) AS is_open,
        EXISTS (SELECT 1 FROM input WHERE input.mail_id = mail.id AND input.state = 'waiting')
            OR EXISTS (SELECT 1 FROM input WHERE input.mail_id = mail.duplicate_of AND input.state = 'waiting') AS waits
    FROM mail LEFT JOIN mail first ON first.id = mail.duplicate_of
    LEFT JOIN request ON request.reference = coalesce(mail.reference, first.reference)
    WHERE mail.id = $1 AND mail.desk_id = $2";

/// Does to a letter what was decided.
pub(super) async fn act(
    connection: &mut Connection,
    desk: DeskId,
    letter: LetterId,
    act: OutboxAct,
    now: Moment,
) -> Result<()> {
    let statement = match act {
        // It passes the breakers from now on: a person has looked at it.
        OutboxAct::Retry => {
            "UPDATE letter SET state = 'waiting', breaker = 'passes', not_before = $1, ended_at = NULL
             WHERE id = $2 AND desk_id = $3 AND bytes IS NOT NULL AND state IN ('waiting', 'held', 'rejected')"
        }
        OutboxAct::Hold => {
            "UPDATE letter SET state = 'held', breaker = CASE WHEN breaker = 'passes' THEN 'obeys' ELSE breaker END
             WHERE $1 > 0 AND id = $2 AND desk_id = $3 AND state = 'waiting'"
        }
        OutboxAct::Drop => {
            "UPDATE letter SET state = 'dropped', ended_at = $1
             WHERE id = $2 AND desk_id = $3 AND state IN ('waiting', 'held')"
        }
    };
    let done = sqlx::query(statement).bind(ms(now)).bind(letter.0).bind(desk.0).execute(connection).await?;
    if done.rows_affected() == 1 {
        Ok(())
    } else {
        Err(StoreError::corrupt("letter", letter, format!("{act} is decided, and its state does not allow it")))
    }
}

/// Nothing is held any more: the tasks that told of it are done.
pub(super) async fn close_held_tasks(
    connection: &mut Connection,
    desk: DeskId,
    salts: &Salts,
    by: &str,
    now: Moment,
) -> Result<()> {
    for task in tasks::open_of(connection, desk, TaskCause::LettersHeld).await? {
        tasks::close(connection, salts, &task, by, Some("no letter is held any more"), now).await?;
    }
    Ok(())
}

/// Lets a mail wait in the queue again, as if it had just been recorded. Where it lies on the server it stays.
pub(super) async fn work_again(connection: &mut Connection, desk: DeskId, mail: MailId, now: Moment) -> Result<()> {
    let parked: Option<i64> = sqlx::query_scalar(
        "UPDATE input SET state = 'waiting', attempts = 0, cause = NULL, done_at = NULL
         WHERE mail_id = $1 AND desk_id = $2 AND state = 'parked' RETURNING id",
    )
    .bind(mail.0)
    .bind(desk.0)
    .fetch_optional(&mut *connection)
    .await?;
    if parked.is_none() {
        sqlx::query("INSERT INTO input (desk_id, kind, mail_id, created_at) VALUES ($1, 'mail', $2, $3)")
            .bind(desk.0)
            .bind(mail.0)
            .bind(ms(now))
            .execute(&mut *connection)
            .await?;
    }
    sqlx::query("UPDATE mail SET taken_as = NULL, detail = NULL, worked_at = NULL, folder = NULL WHERE id = $1")
        .bind(mail.0)
        .execute(connection)
        .await?;
    Ok(())
}

/// Keeps the answer for whoever waits for it.
pub(super) async fn answer(connection: &mut Connection, input: InputId, reply: &Reply) -> Result<()> {
    sqlx::query("UPDATE input SET reply = $1 WHERE id = $2")
        .bind(to_json(reply, "input")?)
        .bind(input.0)
        .execute(connection)
        .await?;
    Ok(())
}
