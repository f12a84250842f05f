//! Clocks: set and cleared by decisions, turned into inputs when they are due.

use super::codec::{Row, ms, to_json};
use super::{Connection, DeskId, Moment, Result, Store};
use crate::domain::timer::{Timer, TimerChange};

impl Store {
    /// Turns clocks that are due into inputs, the earliest first, in one transaction. Gives their number. With
    /// `hold_expiry` no approval ends: a mail that the server does not deliver may be its answer (rule C4).
    ///
    /// # Errors
    /// Those of the database.
    pub async fn fire_due(&self, desk: DeskId, now: Moment, limit: u32, hold_expiry: bool) -> Result<usize> {
        // Asked without the writer first: most of the time nothing is due.
        if self.next_due(desk).await?.is_none_or(|due| due > now) {
            return Ok(0);
        }
        let mut transaction = self.write().await?;
        let due: Vec<(i64, String)> = sqlx::query_as(DUE)
            .bind(desk.0)
            .bind(ms(now))
            .bind(i64::from(limit))
            .bind(hold_expiry)
            .fetch_all(&mut *transaction)
            .await?;
        for (id, clock) in &due {
            sqlx::query("INSERT INTO input (desk_id, kind, payload, created_at) VALUES ($1, 'timer', $2, $3)")
                .bind(desk.0)
                .bind(clock)
                .bind(ms(now))
                .execute(&mut *transaction)
                .await?;
            sqlx::query("DELETE FROM timer WHERE id = $1").bind(id).execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        Ok(due.len())
    }

    /// When the next clock is due.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn next_due(&self, desk: DeskId) -> Result<Option<Moment>> {
        let due: Option<i64> = sqlx::query_scalar(NEXT_DUE).bind(desk.0).fetch_optional(self.reader()).await?;
        Row::new("timer", &desk).time_opt(due)
    }
}

pub(super) const DUE: &str = "SELECT id, clock FROM timer
    WHERE desk_id = $1 AND due <= $2 AND NOT ($4 AND clock LIKE '{\"timer\":\"expire\"%')
    ORDER BY due, id LIMIT $3";
pub(super) const NEXT_DUE: &str = "SELECT due FROM timer WHERE desk_id = $1 ORDER BY due LIMIT 1";

/// Writes one change of a decision.
pub(super) async fn change(connection: &mut Connection, desk: DeskId, change: &TimerChange) -> Result<()> {
    match change {
        TimerChange::Set { timer, due } => {
            sqlx::query(
                "INSERT INTO timer (desk_id, clock, reference, approval_no, due) VALUES ($1, $2, $3, $4, $5)
                 ON CONFLICT (desk_id, clock) DO UPDATE SET due = excluded.due",
            )
            .bind(desk.0)
            .bind(to_json(timer, "timer")?)
            .bind(timer.reference().map(|reference| reference.as_str()))
            .bind(timer.approval().map(|no| i64::from(no.0)))
            .bind(ms(*due))
            .execute(connection)
            .await?;
        }
        TimerChange::ClearApproval { reference, approval } => {
            sqlx::query("DELETE FROM timer WHERE reference = $1 AND approval_no = $2 AND desk_id = $3")
                .bind(reference.as_str())
                .bind(i64::from(approval.0))
                .bind(desk.0)
                .execute(connection)
                .await?;
        }
        TimerChange::Clear { timer } => {
            sqlx::query("DELETE FROM timer WHERE desk_id = $1 AND clock = $2")
                .bind(desk.0)
                .bind(to_json(timer, "timer")?)
                .execute(connection)
                .await?;
        }
    }
    Ok(())
}

/// Sets a clock, or moves it forward; one that is due earlier already stays.
pub(super) async fn set_no_later(connection: &mut Connection, desk: DeskId, timer: &Timer, due: Moment) -> Result<()> {
    let clock = to_json(timer, "timer")?;
    let known: Option<i64> = sqlx::query_scalar("SELECT due FROM timer WHERE desk_id = $1 AND clock = $2")
        .bind(desk.0)
        .bind(&clock)
        .fetch_optional(&mut *connection)
        .await?;
    if known.is_some_and(|known| known <= ms(due)) {
        return Ok(());
    }
    change(connection, desk, &TimerChange::Set { timer: timer.clone(), due }).await
}
