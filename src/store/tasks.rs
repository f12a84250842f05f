//! Reviewer's tasks: opened with their cause, told by a letter at most once an hour, closed by a person.

use super::{DeskId, Moment, Result, Store, StoreError, TaskId};
use crate::domain::ids::{ApprovalNo, ItemNo, MailId, Reference};
use crate::domain::task::TaskCause;

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
        let _ = (desk, open_only, limit);
        Err(StoreError::OtherSchema)
    }

    /// One task.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn task(&self, id: TaskId) -> Result<Option<TaskRow>> {
        let _ = id;
        Err(StoreError::OtherSchema)
    }

    /// Closes a task, with an event in the chain.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn close_task(&self, id: TaskId, by: &str, comment: Option<&str>, now: Moment) -> Result<Closing> {
        let _ = (id, by, comment, now);
        Err(StoreError::OtherSchema)
    }
}
