//! An outcome into its rows: all of it, in the deciding transaction, or nothing.

use super::chain::{self, Entry};
use super::codec::{clean, ms};
use super::deciding::{Deciding, Written};
use super::{Connection, DeskId, InputId, Moment, Result, StoreError, TaskId};
use super::{grants, inputs, letters, orders, save, tasks, timers};
use crate::domain::address::EmailAddress;
use crate::domain::event::Event;
use crate::domain::ids::{MailId, Reference};
use crate::domain::letter::{Key, Letter, Rendered};
use crate::domain::outcome::{Disposition, Outcome};
use crate::domain::request::Request;

impl Deciding {
    /// Writes everything that an input brought, and the input as done. `rendered` are the outcome's letters in words, in
    /// the same order. Nothing is kept before [`Deciding::commit`], and nothing at all once a write has failed.
    ///
    /// # Errors
    /// [`StoreError::ReferenceTaken`] where an opened request's reference exists: begin anew and draw another;
    /// [`StoreError::Stale`] where the input does not wait any more.
    pub async fn write(
        &mut self,
        input: InputId,
        outcome: &Outcome,
        rendered: &[Rendered],
        now: Moment,
    ) -> Result<Written> {
        if rendered.len() != outcome.letters.len() {
            return Err(StoreError::corrupt("letter", "new", "each letter of an outcome needs its words"));
        }
        self.whole = false;
        let connection = &mut *self.transaction;
        let mail = finish(connection, self.desk, input, now).await?;
        if let Some(request) = &outcome.request {
            save::request(connection, self.desk, request, outcome.opened, now).await?;
        }
        // Before new tasks are opened: those that were settled stay settled.
        if let Some(request) = &outcome.request {
            tasks::close_reviews(connection, self.desk, request, &outcome.reviewed, now).await?;
        }
        let written = Written {
            letters: write_letters(connection, self.desk, outcome, rendered, now).await?,
            tasks: open_tasks(connection, self.desk, outcome, now).await?,
        };
        for grant in &outcome.grants {
            grants::insert(connection, self.desk, grant).await?;
        }
        tasks::told(connection, self.desk, &outcome.told_tasks, now).await?;
        for change in &outcome.timers {
            timers::change(connection, self.desk, change).await?;
        }
        if !outcome.tasks.is_empty() {
            let urgent = outcome.tasks.iter().any(|task| task.urgent);
            tasks::set_notice(connection, self.desk, urgent, now).await?;
        }
        if let Some(mail) = mail {
            let reference = outcome.request.as_ref().map(|request| &request.reference);
            dispose(connection, mail, outcome.disposition.as_ref(), reference, now).await?;
        }
        for (letter, act) in &outcome.letter_acts {
            orders::act(connection, self.desk, *letter, *act, now).await?;
        }
        if let Some(by) = &outcome.close_held_tasks {
            let salts = self.salts.clone();
            orders::close_held_tasks(connection, self.desk, &salts, by, now).await?;
        }
        if let Some(mail) = outcome.work_again {
            orders::work_again(connection, self.desk, mail, now).await?;
        }
        if let Some(reply) = &outcome.reply {
            orders::answer(connection, input, reply).await?;
        }
        self.write_events(outcome, &written.tasks, now).await?;
        self.whole = true;
        Ok(written)
    }

    /// The outcome's timeline, and an entry for each task.
    async fn write_events(&mut self, outcome: &Outcome, opened: &[TaskId], now: Moment) -> Result<()> {
        let reference = outcome.request.as_ref().map(|request| &request.reference);
        let of_tasks: Vec<(TaskId, Event)> =
            opened.iter().zip(&outcome.tasks).map(|(id, task)| (*id, tasks::opened(*id, task))).collect();
        let entries: Vec<Entry<'_>> = outcome
            .events
            .iter()
            .map(|event| Entry { event, reference, task: None })
            .chain(of_tasks.iter().map(|(id, event)| Entry { event, reference, task: Some(*id) }))
            .collect();
        chain::append(&mut self.transaction, self.desk, &self.salts, &entries, now).await
    }
}

/// Marks the input as done; gives the mail that it was about.
async fn finish(connection: &mut Connection, desk: DeskId, input: InputId, now: Moment) -> Result<Option<MailId>> {
    let mail: Option<Option<i64>> = sqlx::query_scalar(
        "UPDATE input SET state = 'done', done_at = $1 WHERE id = $2 AND desk_id = $3 AND state = 'waiting'
         RETURNING mail_id",
    )
    .bind(ms(now))
    .bind(input.0)
    .bind(desk.0)
    .fetch_optional(connection)
    .await?;
    Ok(mail.ok_or(inputs::NOT_WAITING)?.map(MailId))
}

async fn write_letters(
    connection: &mut Connection,
    desk: DeskId,
    outcome: &Outcome,
    rendered: &[Rendered],
    now: Moment,
) -> Result<Vec<super::LetterId>> {
    if let Some(request) = &outcome.request {
        for no in &outcome.withdraw {
            letters::withdraw(connection, &request.reference, *no, now).await?;
        }
    }
    let mut ids = Vec::with_capacity(outcome.letters.len());
    for (letter, words) in outcome.letters.iter().zip(rendered) {
        ids.push(letters::insert(connection, desk, letter, words, now).await?);
        keep_tokens(connection, outcome.request.as_ref(), letter).await?;
    }
    Ok(ids)
}

/// T8: of the tokens of a letter that asks only the hashes are kept, bound to approval (or sender) and letter.
async fn keep_tokens(connection: &mut Connection, request: Option<&Request>, letter: &Letter) -> Result<()> {
    let request = request.filter(|request| Some(&request.reference) == letter.reference.as_ref());
    let asked = |request: &Request| request.approvals.iter().find(|known| known.ask(letter.no).is_some()).map(|a| a.no);
    let (secrets, owner) = match &letter.key {
        Key::Tells(_) => return Ok(()),
        Key::Asks(secrets) => (secrets, request.and_then(|request| Some((request, Some(asked(request)?))))),
        Key::AsksSender(secrets) => (secrets, request.map(|request| (request, None))),
    };
    let Some((request, approval)) = owner else {
        return Err(StoreError::corrupt("token", letter.no, "a letter asks that no approval and no request knows"));
    };
    for hash in secrets.hashes() {
        sqlx::query("INSERT INTO token (hash, reference, approval_no, letter_no) VALUES ($1, $2, $3, $4)")
            .bind(hash.0)
            .bind(request.reference.as_str())
            .bind(approval.map(|approval| i64::from(approval.0)))
            .bind(i64::from(letter.no.0))
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

async fn open_tasks(connection: &mut Connection, desk: DeskId, outcome: &Outcome, now: Moment) -> Result<Vec<TaskId>> {
    let reference = outcome.request.as_ref().map(|request| &request.reference);
    let mut ids = Vec::with_capacity(outcome.tasks.len());
    for task in &outcome.tasks {
        ids.push(tasks::open(connection, desk, reference, task, now).await?);
    }
    Ok(ids)
}

/// What became of the mail. Copies of it under other UIDs that wait to know where they go learn it as well.
async fn dispose(
    connection: &mut Connection,
    mail: MailId,
    disposition: Option<&Disposition>,
    reference: Option<&Reference>,
    now: Moment,
) -> Result<()> {
    let folder = disposition.map(|disposition| disposition.folder.as_str());
    sqlx::query(
        "UPDATE mail SET taken_as = $1, detail = $2, folder = $3, reference = $4, worked_at = $5, from_address = $6,
             subject = $7 WHERE id = $8",
    )
    .bind(disposition.map(|disposition| clean(&disposition.taken_as).into_owned()))
    .bind(disposition.map(|disposition| clean(&disposition.detail).into_owned()))
    .bind(folder)
    .bind(reference.map(Reference::as_str))
    .bind(ms(now))
    .bind(disposition.and_then(|disposition| disposition.from.as_ref()).map(EmailAddress::as_str))
    .bind(disposition.map(|disposition| clean(&disposition.subject).into_owned()))
    .bind(mail.0)
    .execute(&mut *connection)
    .await?;
    sqlx::query("UPDATE mail SET folder = $1 WHERE duplicate_of = $2 AND folder IS NULL AND taken_as = 'duplicate'")
        .bind(folder)
        .bind(mail.0)
        .execute(connection)
        .await?;
    Ok(())
}
