//! The store: the only place that speaks SQL.
//!
//! One writer, many readers. Everything that one input brings is one transaction ([`Deciding`]); mails are recorded, and
//! results of the outbox written, in batches. Times are kept in whole milliseconds: what is finer is cut off.

mod affected;
mod chain;
mod codec;
mod deciding;
mod desks;
mod difference;
mod error;
mod grants;
mod import;
mod inputs;
mod ledger;
mod letters;
mod load;
mod mails;
mod open;
mod orders;
mod outbox;
mod register;
mod requests;
mod save;
mod staging;
mod tasks;
mod timers;
mod write;

#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};

pub use crate::domain::ids::LetterId;
pub use crate::domain::outbox::LetterState;
pub use chain::{ChainFault, TimelineEntry, Verified};
pub use deciding::{Deciding, KnownLetter, TokenOwner, Written};
pub use desks::MailboxState;
pub use difference::{Change, DETAILED, Difference, FieldChange, ImportReport};
pub use error::{StoreError, Surroundings};
pub use import::{ImportMode, Importing};
pub use inputs::{Cause, InputState, WaitingInput};
pub use ledger::{Backlog, Batch, Gap, Incoming, Recorded};
pub use letters::{LetterFilter, LetterRow};
pub use mails::{MailFilter, MailRow, MoveDue, StoredMail};
pub use open::{Create, Store};
pub use outbox::{Claimed, LetterResult, SendResult};
pub use register::ContractFilter;
pub use requests::RequestFilter;
pub use tasks::{Closed, Closing, TaskRow};

/// The result of everything here.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Declares a row's id.
macro_rules! row_id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.fmt(f) }
        }
    };
}

row_id! {
    /// A desk.
    DeskId
}
row_id! {
    /// A mailbox of a desk.
    MailboxId
}
row_id! {
    /// A cause that waits to be worked, or was.
    InputId
}
row_id! {
    /// A reviewer's task.
    TaskId
}

/// The connection type of the one database so far; PostgreSQL will make a choice of it.
pub(crate) type Connection = sqlx::SqliteConnection;

/// A moment, as the store keeps it.
type Moment = DateTime<Utc>;
