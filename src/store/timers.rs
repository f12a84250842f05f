//! Clocks: set and cleared by decisions, turned into inputs when they are due.

use super::{DeskId, Moment, Result, Store, StoreError};

impl Store {
    /// Turns clocks that are due into inputs, the earliest first, in one transaction. Gives their number.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn fire_due(&self, desk: DeskId, now: Moment, limit: u32) -> Result<usize> {
        let _ = (desk, now, limit);
        Err(StoreError::OtherSchema)
    }

    /// When the next clock is due.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn next_due(&self, desk: DeskId) -> Result<Option<Moment>> {
        let _ = desk;
        Err(StoreError::OtherSchema)
    }
}
