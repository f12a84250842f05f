//! Inputs: causes that wait to be worked, in order, each with a counter that ends a crash loop.

use super::{DeskId, InputId, Moment, Result, Store, StoreError, TaskId};
use crate::domain::ids::MailId;
use crate::domain::input::Delivery;
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
    /// A row that cannot be read: to be parked with this cause.
    Broken(String),
}

impl Store {
    /// The oldest input that waits.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn next_input(&self, desk: DeskId) -> Result<Option<WaitingInput>> {
        let _ = desk;
        Err(StoreError::OtherSchema)
    }

    /// How many inputs wait.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn waiting_inputs(&self, desk: DeskId) -> Result<u64> {
        let _ = desk;
        Err(StoreError::OtherSchema)
    }

    /// Counts an attempt and commits it, before the input is worked. Gives the count with this one in it.
    ///
    /// # Errors
    /// [`StoreError::Stale`] where the input does not wait any more.
    pub async fn begin_attempt(&self, input: InputId) -> Result<u32> {
        let _ = input;
        Err(StoreError::OtherSchema)
    }

    /// Takes an attempt back that a fault of the surroundings ended: such a fault never parks.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn forgive_attempt(&self, input: InputId) -> Result<()> {
        let _ = input;
        Err(StoreError::OtherSchema)
    }

    /// Puts an input aside with its cause and a task; its mail goes to the folder for what could not be handled.
    ///
    /// # Errors
    /// [`StoreError::Stale`] where the input does not wait any more.
    pub async fn park(&self, input: InputId, cause: &str, task: &NewTask, now: Moment) -> Result<TaskId> {
        let _ = (input, cause, task, now);
        Err(StoreError::OtherSchema)
    }

    /// Lets a parked input wait again, its attempts forgotten. False where it is not parked.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn unpark(&self, input: InputId) -> Result<bool> {
        let _ = input;
        Err(StoreError::OtherSchema)
    }

    /// Adds what became of a letter as an input, where that did not happen in the outbox.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn add_delivery(&self, desk: DeskId, delivery: &Delivery, now: Moment) -> Result<InputId> {
        let _ = (desk, delivery, now);
        Err(StoreError::OtherSchema)
    }
}
