//! Clocks that are due become inputs, and never before the desk's mailboxes are drained (rule C4).

use chrono::{DateTime, Utc};

use crate::store::{DeskId, Result, Store};

/// At most so many clocks in one transaction.
const BATCH: u32 = 100;

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

    /// Turns what is due into inputs. Gives their number: 0 also where the mailboxes are not `drained`, because an answer
    /// that waits there must be heard before the clock that would end its request.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn step(&self, drained: bool, now: DateTime<Utc>) -> Result<usize> {
        if !drained {
            return Ok(0);
        }
        self.store.fire_due(self.desk, now, BATCH).await
    }

    /// When the next clock is due.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn next_due(&self) -> Result<Option<DateTime<Utc>>> {
        self.store.next_due(self.desk).await
    }
}
