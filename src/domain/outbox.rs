//! The outbox as decisions see it: where a letter is on its way, and what an operator may do to it.

use super::address::EmailAddress;
use super::ids::{LetterId, LetterNo, MailId, Reference};
use super::words::vocabulary;

vocabulary! {
    /// Where a letter is on its way.
    LetterState {
        Waiting = "waiting",
        Sending = "sending",
        Accepted = "accepted",
        Rejected = "rejected",
        Withdrawn = "withdrawn",
        Held = "held",
        /// By an operator: it never leaves.
        Dropped = "dropped",
    }
}

vocabulary! {
    /// What an operator does to a letter.
    OutboxAct {
        /// Send it now.
        Retry = "retry",
        /// Do not send it until it is retried.
        Hold = "hold",
        /// Never send it.
        Drop = "drop",
    }
}

/// A letter that an operator names.
#[derive(Debug, Clone, PartialEq)]
pub struct LetterOnItsWay {
    pub id: LetterId,
    pub reference: Option<Reference>,
    pub no: LetterNo,
    pub recipient: EmailAddress,
    pub state: LetterState,
    /// Its bytes are still kept: for a day after it ended (rule T10).
    pub has_bytes: bool,
    /// No other letter of the desk is held.
    pub last_held: bool,
}

/// A mail of the ledger that an operator names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedMail {
    pub id: MailId,
    /// What it was taken for; `None` until it is worked.
    pub taken_as: Option<String>,
    /// It waits in the queue, and is worked without anybody's doing.
    pub waits: bool,
    /// The request that it opened, as far as it is known by its reference.
    pub reference: Option<Reference>,
    /// Whether it opened that request, rather than answered about it.
    pub opened_it: bool,
    /// Whether that request has an item that is not settled.
    pub is_open: bool,
    /// Only its headers were kept.
    pub headers_only: bool,
}

/// What an operator's order names, as the deciding transaction finds it.
#[derive(Debug, Clone, PartialEq)]
pub enum Named {
    Letter(LetterOnItsWay),
    Mail(RecordedMail),
}
