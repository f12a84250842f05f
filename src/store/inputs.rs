//! Inputs: causes that wait to be worked, in order, each with a counter that ends a crash loop.

use super::codec::{Row, clean, ms, to_json};
use super::{Connection, DeskId, InputId, Moment, Result, Store, StoreError, TaskId, tasks};
use crate::domain::ids::MailId;
use crate::domain::input::{Delivery, OperatorAct, Order, RegisterChanged, ReviewAct};
use crate::domain::outcome::{Folder, Reply};
use crate::domain::task::NewTask;
use crate::domain::timer::Timer;

/// The next thing to work.
#[derive(Debug, Clone, PartialEq)]
pub struct WaitingInput {
    pub id: InputId,
    pub cause: Cause,
    /// How often working it was begun before.
    pub attempts: u32,
    pub created_at: Moment,
}

/// What an input is about.
#[derive(Debug, Clone, PartialEq)]
pub enum Cause {
    Mail(MailId),
    Timer(Timer),
    Delivery(Delivery),
    Review(ReviewAct),
    Operator(OperatorAct),
    Register(RegisterChanged),
    /// A row that cannot be read: to be parked with this cause.
    Broken(String),
}

/// How an input stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InputState {
    Waiting,
    /// Worked; with the answer, where it was an order.
    Done(Option<Reply>),
    /// Put aside with this cause.
    Parked(String),
}

impl Store {
    /// Writes an order as an input of the desk.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn add_order(&self, desk: DeskId, order: &Order, now: Moment) -> Result<InputId> {
        let (kind, payload) = match order {
            Order::Operator(act) => ("operator", to_json(act, "input")?),
            Order::Review(act) => ("review", to_json(act, "input")?),
        };
        let id = sqlx::query_scalar(
            "INSERT INTO input (desk_id, kind, payload, created_at) VALUES ($1, $2, $3, $4) RETURNING id",
        )
        .bind(desk.0)
        .bind(kind)
        .bind(&*clean(&payload))
        .bind(ms(now))
        .fetch_one(self.writer()?)
        .await?;
        Ok(InputId(id))
    }

    /// How an input stands; `None` where there is none of that id.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn input_state(&self, input: InputId) -> Result<Option<InputState>> {
        let found: Option<(String, Option<String>, Option<String>)> =
            sqlx::query_as("SELECT state, cause, reply FROM input WHERE id = $1")
                .bind(input.0)
                .fetch_optional(self.reader())
                .await?;
        let Some((state, cause, reply)) = found else { return Ok(None) };
        let row = Row::new("input", &input);
        Ok(Some(match state.as_str() {
            "waiting" => InputState::Waiting,
            "done" => {
                let read = reply.map(|text| serde_json::from_str(&text)).transpose();
                InputState::Done(row.sound(read.ok(), "a reply that is none")?)
            }
            "parked" => InputState::Parked(cause.unwrap_or_default()),
            other => return row.sound(None, format!("the unknown state {other:?}")),
        }))
    }

    /// The oldest input that waits.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn next_input(&self, desk: DeskId) -> Result<Option<WaitingInput>> {
        Ok(self.next_inputs(desk, 1).await?.pop())
    }

    /// The oldest inputs that wait, in order.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn next_inputs(&self, desk: DeskId, limit: u32) -> Result<Vec<WaitingInput>> {
        let rows: Vec<Columns> =
            sqlx::query_as(NEXT).bind(desk.0).bind(i64::from(limit)).fetch_all(self.reader()).await?;
        rows.into_iter().map(Columns::read).collect()
    }

    /// How many inputs wait.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn waiting_inputs(&self, desk: DeskId) -> Result<u64> {
        let count: i64 = sqlx::query_scalar(WAITING).bind(desk.0).fetch_one(self.reader()).await?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    /// Counts an attempt and commits it, before the input is worked. Gives the count with this one in it.
    ///
    /// # Errors
    /// [`StoreError::Stale`] where the input does not wait any more.
    pub async fn begin_attempt(&self, input: InputId) -> Result<u32> {
        let mut transaction = self.write().await?;
        let attempts = count_attempt(&mut transaction, input).await?.ok_or(NOT_WAITING)?;
        transaction.commit().await?;
        Row::new("input", &input).count(attempts)
    }

    /// The same for several inputs that are about to be worked, with one commit. One that does not wait any more is passed
    /// over: writing its outcome will say so.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn begin_attempts(&self, inputs: &[InputId]) -> Result<()> {
        let mut transaction = self.write().await?;
        for input in inputs {
            count_attempt(&mut transaction, *input).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Takes an attempt back that a fault of the surroundings ended: such a fault never parks.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn forgive_attempt(&self, input: InputId) -> Result<()> {
        sqlx::query("UPDATE input SET attempts = attempts - 1 WHERE id = $1 AND state = 'waiting' AND attempts > 0")
            .bind(input.0)
            .execute(self.writer()?)
            .await?;
        Ok(())
    }

    /// Puts an input aside with its cause and a task; its mail goes to the folder for what could not be handled.
    ///
    /// # Errors
    /// [`StoreError::Stale`] where the input does not wait any more.
    pub async fn park(&self, input: InputId, cause: &str, task: &NewTask, now: Moment) -> Result<TaskId> {
        self.park_as(input, cause, task, false, now).await
    }

    /// The same for an input that was begun too often: it is tried once more by [`Store::unpark_crashed`].
    ///
    /// # Errors
    /// As [`Store::park`].
    pub async fn park_crashed(&self, input: InputId, cause: &str, task: &NewTask, now: Moment) -> Result<TaskId> {
        self.park_as(input, cause, task, true, now).await
    }

    /// Lets each input that the counter parked wait once more, with one attempt left: what ended the program may have lain
    /// elsewhere. Gives their number.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn unpark_crashed(&self, desk: DeskId) -> Result<u64> {
        let any: Option<i64> = sqlx::query_scalar(CRASHED).bind(desk.0).fetch_optional(self.reader()).await?;
        if any.is_none() {
            return Ok(0);
        }
        let mut transaction = self.write().await?;
        let mails: Vec<Option<i64>> = sqlx::query_scalar(
            "UPDATE input SET state = 'waiting', attempts = attempts - 1, crashed = 2, cause = NULL, done_at = NULL
             WHERE desk_id = $1 AND state = 'parked' AND crashed = 1 RETURNING mail_id",
        )
        .bind(desk.0)
        .fetch_all(&mut *transaction)
        .await?;
        for mail in mails.iter().flatten() {
            sqlx::query(
                "UPDATE mail SET taken_as = NULL, detail = NULL, worked_at = NULL, folder = NULL WHERE id = $1",
            )
            .bind(mail)
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(u64::try_from(mails.len()).unwrap_or_default())
    }

    async fn park_as(&self, input: InputId, cause: &str, task: &NewTask, crashed: bool, now: Moment) -> Result<TaskId> {
        let mut transaction = self.write().await?;
        let parked: Option<(i64, Option<i64>)> = sqlx::query_as(
            "UPDATE input SET state = 'parked', cause = $2, done_at = $3,
                 crashed = CASE WHEN $4 AND crashed = 0 THEN 1 ELSE crashed END WHERE id = $1 AND state = 'waiting'
             RETURNING desk_id, mail_id",
        )
        .bind(input.0)
        .bind(&*clean(cause))
        .bind(ms(now))
        .bind(crashed)
        .fetch_optional(&mut *transaction)
        .await?;
        let (desk, mail) = parked.ok_or(NOT_WAITING)?;
        if let Some(mail) = mail {
            sqlx::query("UPDATE mail SET taken_as = 'parked', detail = $1, worked_at = $2, folder = $3 WHERE id = $4")
                .bind(&*clean(cause))
                .bind(ms(now))
                .bind(Folder::Parked.as_str())
                .bind(mail)
                .execute(&mut *transaction)
                .await?;
        }
        let task = NewTask { mail: task.mail.or(mail.map(MailId)), ..task.clone() };
        let id = tasks::open_apart(&mut transaction, DeskId(desk), self.salts(), &task, now).await?;
        transaction.commit().await?;
        Ok(id)
    }

    /// Lets a parked input wait again, its attempts forgotten. False where it is not parked.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn unpark(&self, input: InputId) -> Result<bool> {
        let mut transaction = self.write().await?;
        let mail: Option<Option<i64>> = sqlx::query_scalar(
            "UPDATE input SET state = 'waiting', attempts = 0, cause = NULL, done_at = NULL
             WHERE id = $1 AND state = 'parked' RETURNING mail_id",
        )
        .bind(input.0)
        .fetch_optional(&mut *transaction)
        .await?;
        if let Some(Some(mail)) = mail {
            sqlx::query(
                "UPDATE mail SET taken_as = NULL, detail = NULL, worked_at = NULL, folder = NULL WHERE id = $1",
            )
            .bind(mail)
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(mail.is_some())
    }

    /// Adds what became of a letter as an input, where that did not happen in the outbox.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn add_delivery(&self, desk: DeskId, delivery: &Delivery, now: Moment) -> Result<InputId> {
        let mut transaction = self.write().await?;
        let id = insert_delivery(&mut transaction, desk, delivery, now).await?;
        transaction.commit().await?;
        Ok(id)
    }
}

pub(super) const NEXT: &str = "SELECT id, kind, mail_id, payload, attempts, created_at FROM input
    WHERE desk_id = $1 AND state = 'waiting' ORDER BY id LIMIT $2";
pub(super) const WAITING: &str = "SELECT count(*) FROM input WHERE desk_id = $1 AND state = 'waiting'";

pub(super) const CRASHED: &str = "SELECT id FROM input WHERE desk_id = $1 AND state = 'parked' AND crashed = 1 LIMIT 1";

pub(super) const NOT_WAITING: StoreError = StoreError::Stale { what: "the input does not wait any more" };

async fn count_attempt(connection: &mut Connection, input: InputId) -> Result<Option<i64>> {
    let attempts = sqlx::query_scalar(
        "UPDATE input SET attempts = attempts + 1 WHERE id = $1 AND state = 'waiting' RETURNING attempts",
    )
    .bind(input.0)
    .fetch_optional(connection)
    .await?;
    Ok(attempts)
}

pub(super) async fn insert_delivery(
    connection: &mut Connection,
    desk: DeskId,
    delivery: &Delivery,
    now: Moment,
) -> Result<InputId> {
    let id = sqlx::query_scalar(
        "INSERT INTO input (desk_id, kind, payload, created_at) VALUES ($1, 'delivery', $2, $3) RETURNING id",
    )
    .bind(desk.0)
    .bind(to_json(delivery, "input")?)
    .bind(ms(now))
    .fetch_one(connection)
    .await?;
    Ok(InputId(id))
}

#[derive(sqlx::FromRow)]
struct Columns {
    id: i64,
    kind: String,
    mail_id: Option<i64>,
    payload: Option<String>,
    attempts: i64,
    created_at: i64,
}

impl Columns {
    fn read(self) -> Result<WaitingInput> {
        let row = Row::new("input", &self.id);
        Ok(WaitingInput {
            id: InputId(self.id),
            cause: cause(&self.kind, self.mail_id, self.payload.as_deref()),
            attempts: row.count(self.attempts)?,
            created_at: row.time(self.created_at)?,
        })
    }
}

/// A payload that cannot be read is a cause of its own, so that it is parked and the queue goes on.
fn cause(kind: &str, mail: Option<i64>, payload: Option<&str>) -> Cause {
    let read = match (kind, mail, payload) {
        ("mail", Some(mail), _) => Ok(Cause::Mail(MailId(mail))),
        ("timer", _, Some(text)) => serde_json::from_str(text).map(Cause::Timer).map_err(|error| error.to_string()),
        ("delivery", _, Some(text)) => {
            serde_json::from_str(text).map(Cause::Delivery).map_err(|error| error.to_string())
        }
        ("review", _, Some(text)) => serde_json::from_str(text).map(Cause::Review).map_err(|error| error.to_string()),
        ("operator", _, Some(text)) => {
            serde_json::from_str(text).map(Cause::Operator).map_err(|error| error.to_string())
        }
        ("register", _, Some(text)) => {
            serde_json::from_str(text).map(Cause::Register).map_err(|error| error.to_string())
        }
        _ => Err(format!("an input of kind {kind:?} without what it is about")),
    };
    read.unwrap_or_else(Cause::Broken)
}
