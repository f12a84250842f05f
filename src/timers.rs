//! Clocks that are due become inputs, and never before the desk's mailboxes are drained (rule C4).

use chrono::{DateTime, Utc};

use crate::store::{DeskId, Result, Store};

/// At most so many clocks in one transaction.
const BATCH: u32 = 100;

/// What is known of the desk's mailboxes (rule C4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drained {
    /// Mail may be waiting unseen: no clock fires.
    No,
    /// All is recorded but mails that the server has not delivered for over an hour: nothing expires.
    ButForOldGaps,
    Yes,
}

/// The clocks of one desk.
#[derive(Clone)]
pub struct Timers {
    store: Store,
    desk: DeskId,
}

impl Timers {
    /// The clocks of a desk.
    pub const fn new(store: Store, desk: DeskId) -> Self {
        Self { store, desk }
    }

    /// Turns what is due into inputs. Gives their number: 0 also where the mailboxes are not drained, because an answer
    /// that waits there must be heard before the clock that would end its request.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn step(&self, drained: Drained, now: DateTime<Utc>) -> Result<usize> {
        match drained {
            Drained::No => Ok(0),
            Drained::ButForOldGaps => self.store.fire_due(self.desk, now, BATCH, true).await,
            Drained::Yes => self.store.fire_due(self.desk, now, BATCH, false).await,
        }
    }

    /// When the next clock is due.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn next_due(&self) -> Result<Option<DateTime<Utc>>> {
        self.store.next_due(self.desk).await
    }
}
