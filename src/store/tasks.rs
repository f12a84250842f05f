//! Reviewer's tasks: opened with their cause, told by a letter at most once an hour, closed by a person.

use chrono::TimeDelta;

use super::chain::{self, Entry};
use super::codec::{Row, clean, clean_opt, ms};
use super::open::Salts;
use super::{Connection, DeskId, Moment, Result, Store, TaskId, timers};
use crate::domain::address::EmailAddress;
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::{ApprovalNo, ItemNo, MailId, Reference};
use crate::domain::request::Request;
use crate::domain::snapshot::OpenTask;
use crate::domain::task::{NewTask, TaskCause};
use crate::domain::timer::Timer;

/// A task.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskRow {
    pub id: TaskId,
    pub desk: DeskId,
    pub cause: TaskCause,
    pub urgent: bool,
    pub reference: Option<Reference>,
    pub item: Option<ItemNo>,
    pub approval: Option<ApprovalNo>,
    pub mail: Option<MailId>,
    pub detail: String,
    /// Who wrote the mail that the task is about; `None` where it is about none, or nobody wrote it.
    pub from: Option<EmailAddress>,
    /// The subject of that mail, on one line and cut.
    pub subject: Option<String>,
    pub opened_at: Moment,
    pub told_at: Option<Moment>,
    pub closed: Option<Closed>,
}

/// How a task was closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    pub at: Moment,
    pub by: String,
    pub comment: Option<String>,
}

/// What closing a task came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    Closed,
    /// Somebody was faster.
    AlreadyClosed,
    NoSuchTask,
}

impl Store {
    /// Tasks, the oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn tasks(&self, desk: Option<DeskId>, open_only: bool, limit: u32) -> Result<Vec<TaskRow>> {
        let rows: Vec<Columns> = sqlx::query_as(LIST)
            .bind(desk.map(|desk| desk.0))
            .bind(open_only)
            .bind(i64::from(limit))
            .fetch_all(self.reader())
            .await?;
        rows.into_iter().map(Columns::read).collect()
    }

    /// One task.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn task(&self, id: TaskId) -> Result<Option<TaskRow>> {
        let row: Option<Columns> = sqlx::query_as(ONE).bind(id.0).fetch_optional(self.reader()).await?;
        row.map(Columns::read).transpose()
    }

    /// Opens a task about the machinery, unless an open one says the same: the operator hears of each trouble once, when
    /// it begins.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn trouble(&self, desk: DeskId, task: &NewTask, now: Moment) -> Result<Option<TaskId>> {
        let mut transaction = self.write().await?;
        let known = open_of(&mut transaction, desk, task.cause).await?;
        if known.iter().any(|open| open.detail == task.detail) {
            return Ok(None);
        }
        let id = open_apart(&mut transaction, desk, self.salts(), task, now).await?;
        transaction.commit().await?;
        Ok(Some(id))
    }

    /// Closes a task, with an event in the chain.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn close_task(&self, id: TaskId, by: &str, comment: Option<&str>, now: Moment) -> Result<Closing> {
        let mut transaction = self.write().await?;
        let row: Option<Columns> = sqlx::query_as(ONE).bind(id.0).fetch_optional(&mut *transaction).await?;
        let Some(task) = row.map(Columns::read).transpose()? else { return Ok(Closing::NoSuchTask) };
        if task.closed.is_some() {
            return Ok(Closing::AlreadyClosed);
        }
        close(&mut transaction, self.salts(), &task, by, comment, now).await?;
        transaction.commit().await?;
        Ok(Closing::Closed)
    }
}

/// Closes an open task, with its event.
pub(super) async fn close(
    connection: &mut Connection,
    salts: &Salts,
    task: &TaskRow,
    by: &str,
    comment: Option<&str>,
    now: Moment,
) -> Result<()> {
    sqlx::query("UPDATE task SET closed_at = $1, closed_by = $2, comment = $3 WHERE id = $4")
        .bind(ms(now))
        .bind(&*clean(by))
        .bind(clean_opt(comment))
        .bind(task.id.0)
        .execute(&mut *connection)
        .await?;
    let comment = comment.map(|comment| format!(": {comment}")).unwrap_or_default();
    let text = format!("Task {} ({}) closed by {by}{comment}.", task.id, task.cause);
    let event =
        Event { item: task.item, approval: task.approval, mail: task.mail, ..Event::new(EventKind::TaskClosed, text) };
    let entry = Entry { event: &event, reference: task.reference.as_ref(), task: Some(task.id) };
    chain::append(connection, task.desk, salts, &[entry], now).await
}

/// Open tasks of a cause that belong to no request.
pub(super) async fn open_of(connection: &mut Connection, desk: DeskId, cause: TaskCause) -> Result<Vec<TaskRow>> {
    let rows: Vec<Columns> = sqlx::query_as(OPEN_OF).bind(desk.0).bind(cause.as_str()).fetch_all(connection).await?;
    rows.into_iter().map(Columns::read).collect()
}

/// How often the reviewers are told of tasks, at most; of urgent ones at once.
const NOTICE_EVERY: TimeDelta = TimeDelta::hours(1);

/// Writes a task; its event and the notice are the caller's.
pub(super) async fn open(
    connection: &mut Connection,
    desk: DeskId,
    reference: Option<&Reference>,
    task: &NewTask,
    now: Moment,
) -> Result<TaskId> {
    let id = sqlx::query_scalar(
        "INSERT INTO task (desk_id, cause, urgent, reference, item_no, approval_no, mail_id, detail, opened_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id",
    )
    .bind(desk.0)
    .bind(task.cause.as_str())
    .bind(task.urgent)
    .bind(reference.map(Reference::as_str))
    .bind(task.item.map(|no| i64::from(no.0)))
    .bind(task.approval.map(|no| i64::from(no.0)))
    .bind(task.mail.map(|mail| mail.0))
    .bind(&*clean(&task.detail))
    .bind(ms(now))
    .fetch_one(connection)
    .await?;
    Ok(TaskId(id))
}

/// Closes the tasks of items that wait for a reviewer no more; those of the whole request once no item does.
pub(super) async fn close_reviews(
    connection: &mut Connection,
    desk: DeskId,
    request: &Request,
    reviewed: &[ItemNo],
    now: Moment,
) -> Result<()> {
    if reviewed.is_empty() {
        return Ok(());
    }
    let waits = request.items.iter().any(|item| item.standing.awaiting().is_some());
    let open: Vec<(i64, String, Option<i64>)> =
        sqlx::query_as(OF_REQUEST).bind(request.reference.as_str()).bind(desk.0).fetch_all(&mut *connection).await?;
    for (id, cause, item) in open {
        let row = Row::new("task", &id);
        let about = row.count_opt(item)?.map(ItemNo);
        let settled = about.map_or(!waits, |no| reviewed.contains(&no));
        if settled && row.word(&cause, TaskCause::parse)?.is_review() {
            sqlx::query("UPDATE task SET closed_at = $1, closed_by = 'ringi', comment = $2 WHERE id = $3")
                .bind(ms(now))
                .bind("Settled by what happened to the request.")
                .bind(id)
                .execute(&mut *connection)
                .await?;
        }
    }
    Ok(())
}

pub(super) const OF_REQUEST: &str =
    "SELECT id, cause, item_no FROM task WHERE reference = $1 AND desk_id = $2 AND closed_at IS NULL";

/// A task that no decision opens, with its event and its notice.
pub(super) async fn open_apart(
    connection: &mut Connection,
    desk: DeskId,
    salts: &Salts,
    task: &NewTask,
    now: Moment,
) -> Result<TaskId> {
    let id = open(connection, desk, None, task, now).await?;
    let event = opened(id, task);
    chain::append(connection, desk, salts, &[Entry { event: &event, reference: None, task: Some(id) }], now).await?;
    set_notice(connection, desk, task.urgent, now).await?;
    Ok(id)
}

/// The timeline's entry for a new task.
pub(super) fn opened(id: TaskId, task: &NewTask) -> Event {
    Event {
        item: task.item,
        approval: task.approval,
        mail: task.mail,
        ..Event::new(EventKind::TaskOpened, format!("Task {id} ({}): {}", task.cause, task.detail))
    }
}

/// The reviewers are told at once, or an hour after the last notice; of something urgent at once in any case.
pub(super) async fn set_notice(connection: &mut Connection, desk: DeskId, urgent: bool, now: Moment) -> Result<()> {
    let earliest = last_notice(connection, desk).await?.and_then(|last| last.checked_add_signed(NOTICE_EVERY));
    let due = if urgent { now } else { earliest.map_or(now, |earliest| earliest.max(now)) };
    timers::set_no_later(connection, desk, &Timer::TaskNotice, due).await
}

/// Whether a task of this cause that belongs to no request is open.
pub(super) async fn is_open_apart(connection: &mut Connection, desk: DeskId, cause: TaskCause) -> Result<bool> {
    Ok(sqlx::query_scalar(OPEN_APART).bind(desk.0).bind(cause.as_str()).fetch_one(connection).await?)
}

pub(super) async fn last_notice(connection: &mut Connection, desk: DeskId) -> Result<Option<Moment>> {
    let last: Option<Option<i64>> = sqlx::query_scalar("SELECT last_task_notice FROM desk WHERE id = $1")
        .bind(desk.0)
        .fetch_optional(connection)
        .await?;
    Row::new("desk", &desk).time_opt(last.flatten())
}

/// Notes that a letter tells of these tasks.
pub(super) async fn told(connection: &mut Connection, desk: DeskId, tasks: &[i64], now: Moment) -> Result<()> {
    if tasks.is_empty() {
        return Ok(());
    }
    for task in tasks {
        sqlx::query("UPDATE task SET told_at = $1 WHERE id = $2 AND desk_id = $3")
            .bind(ms(now))
            .bind(task)
            .bind(desk.0)
            .execute(&mut *connection)
            .await?;
    }
    sqlx::query("UPDATE desk SET last_task_notice = $1 WHERE id = $2")
        .bind(ms(now))
        .bind(desk.0)
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn untold(connection: &mut Connection, desk: DeskId) -> Result<Vec<OpenTask>> {
    let rows: Vec<Columns> = sqlx::query_as(UNTOLD).bind(desk.0).fetch_all(connection).await?;
    rows.into_iter()
        .map(|columns| {
            let task = columns.read()?;
            Ok(OpenTask {
                id: task.id.0,
                cause: task.cause,
                urgent: task.urgent,
                reference: task.reference,
                opened_at: task.opened_at,
                detail: task.detail,
                from: task.from,
                subject: task.subject,
            })
        })
        .collect()
}

pub(super) const OPEN_APART: &str = "SELECT EXISTS (SELECT 1 FROM task
    WHERE desk_id = $1 AND cause = $2 AND reference IS NULL AND closed_at IS NULL)";

/// The columns of a task and of the mail that it is about, by one more condition.
macro_rules! task_rows {
    ($rest:literal) => {
        concat!(
            "SELECT task.id, task.desk_id, task.cause, task.urgent, task.reference, task.item_no, task.approval_no,
                 task.mail_id, task.detail, mail.from_address, mail.subject, task.opened_at, task.told_at,
                 task.closed_at, task.closed_by, task.comment
             FROM task LEFT JOIN mail ON mail.id = task.mail_id ",
            $rest
        )
    };
}

const ONE: &str = task_rows!("WHERE task.id = $1");
const LIST: &str = task_rows!(
    "WHERE (CAST($1 AS BIGINT) IS NULL OR task.desk_id = $1) AND (NOT $2 OR task.closed_at IS NULL)
     ORDER BY task.id LIMIT $3"
);
const OPEN_OF: &str = task_rows!(
    "WHERE task.desk_id = $1 AND task.closed_at IS NULL AND task.reference IS NULL AND task.cause = $2 ORDER BY task.id"
);
pub(super) const UNTOLD: &str =
    task_rows!("WHERE task.desk_id = $1 AND task.closed_at IS NULL AND task.told_at IS NULL ORDER BY task.id");

#[derive(sqlx::FromRow)]
struct Columns {
    id: i64,
    desk_id: i64,
    cause: String,
    urgent: bool,
    reference: Option<String>,
    item_no: Option<i64>,
    approval_no: Option<i64>,
    mail_id: Option<i64>,
    detail: String,
    from_address: Option<String>,
    subject: Option<String>,
    opened_at: i64,
    told_at: Option<i64>,
    closed_at: Option<i64>,
    closed_by: Option<String>,
    comment: Option<String>,
}

impl Columns {
    fn read(self) -> Result<TaskRow> {
        let row = Row::new("task", &self.id);
        let closed = match (row.time_opt(self.closed_at)?, self.closed_by) {
            (Some(at), Some(by)) => Some(Closed { at, by, comment: self.comment }),
            (None, None) => None,
            _ => return row.sound(None, "closed by nobody, or never"),
        };
        Ok(TaskRow {
            id: TaskId(self.id),
            desk: DeskId(self.desk_id),
            cause: row.word(&self.cause, TaskCause::parse)?,
            urgent: self.urgent,
            reference: row.reference_opt(self.reference.as_deref())?,
            item: row.count_opt(self.item_no)?.map(ItemNo),
            approval: row.count_opt(self.approval_no)?.map(ApprovalNo),
            mail: self.mail_id.map(MailId),
            detail: self.detail,
            from: row.address_opt(self.from_address.as_deref())?,
            subject: self.subject,
            opened_at: row.time(self.opened_at)?,
            told_at: row.time_opt(self.told_at)?,
            closed,
        })
    }
}
