//! `--until-idle`: everything in turn, until a whole round finds nothing to do.

use std::time::Duration;

use super::mailboxes::drained;
use super::{App, DeskApp};
use crate::engine::{EngineError, Step};
use crate::failure::Failure;
use crate::mailbox::worker::Next;

/// A server or database that fails so often in a row ends the run.
const PATIENCE: u32 = 3;

impl App {
    /// Drains mailboxes, inputs, due clocks and due letters. Ends when a whole round found nothing.
    ///
    /// # Errors
    /// A mailbox or the database that stays out of reach.
    pub async fn until_idle(&mut self) -> Result<(), Failure> {
        let clock = std::sync::Arc::clone(&self.clock);
        let mut broken = Vec::new();
        loop {
            let mut worked = 0;
            for (place, desk) in self.desks.iter_mut().enumerate() {
                if broken.iter().any(|(known, _)| *known == place) {
                    continue;
                }
                match desk.round(&clock).await {
                    Ok(done) => worked += done,
                    // The other desks go on: each has its own mailboxes and people.
                    Err(failure) => broken.push((place, failure)),
                }
            }
            if worked == 0 {
                break;
            }
        }
        broken.into_iter().next().map_or(Ok(()), |(_, failure)| Err(failure))
    }
}

impl DeskApp {
    /// One round; gives how much was done.
    async fn round(&mut self, clock: &super::Clock) -> Result<usize, Failure> {
        for mailbox in &mut self.mailboxes {
            let mut failures = 0;
            loop {
                match mailbox.step().await {
                    Next::Wait => break,
                    Next::Again => failures = 0,
                    Next::Retry(pause) => {
                        failures += 1;
                        if failures >= PATIENCE {
                            let what = mailbox.status().borrow().last_error.clone().unwrap_or_default();
                            return Err(Failure::Failed(format!("desk {}: {what}", self.name)));
                        }
                        tokio::time::sleep(pause).await;
                    }
                }
            }
        }
        let mut worked = 0;
        let mut failures = 0;
        loop {
            match self.engine.step(clock()).await {
                Ok(Step::Idle) => break,
                Ok(Step::Worked { .. } | Step::Parked { .. }) => {
                    worked += 1;
                    failures = 0;
                }
                Err(error) => {
                    failures += 1;
                    if failures >= PATIENCE || !may_pass(&error) {
                        return Err(Failure::Failed(format!("desk {}: {error}", self.name)));
                    }
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
        let statuses: Vec<_> = self.mailboxes.iter().map(super::Mailbox::status).collect();
        worked += self.timers.step(drained(statuses.iter()), clock()).await?;
        while !self.outbox.step(clock()).await?.is_idle() {
            worked += 1;
        }
        Ok(worked)
    }
}

/// Whether waiting may help.
pub(super) fn may_pass(error: &EngineError) -> bool {
    match error {
        EngineError::Store(error) => error.is_transient(),
        EngineError::Render(_) => false,
    }
}
