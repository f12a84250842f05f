//! What a decision brings: all of it is written in one transaction, and nothing happens that is not written here.

use serde::{Deserialize, Serialize};

use super::address::EmailAddress;
use super::event::Event;
use super::grant::Grant;
use super::ids::{ItemNo, LetterId, LetterNo, MailId};
use super::letter::Letter;
use super::outbox::OutboxAct;
use super::request::Request;
use super::task::NewTask;
use super::timer::TimerChange;

/// The consequences of one input.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outcome {
    /// The request after the input: new, or changed.
    pub request: Option<Request>,
    /// Whether `request` is new.
    pub opened: bool,
    /// The timeline, in order.
    pub events: Vec<Event>,
    /// Letters to write.
    pub letters: Vec<Letter>,
    /// Unsent letters of the request that ask about what is settled.
    pub withdraw: Vec<LetterNo>,
    pub tasks: Vec<NewTask>,
    /// Tasks that a letter of this outcome tells of.
    pub told_tasks: Vec<i64>,
    pub timers: Vec<TimerChange>,
    pub grants: Vec<Grant>,
    /// Items that wait for a reviewer no more: their tasks are closed.
    pub reviewed: Vec<ItemNo>,
    /// What became of the mail, where the input was one.
    pub disposition: Option<Disposition>,
    /// Letters that an operator sends, holds or drops.
    pub letter_acts: Vec<(LetterId, OutboxAct)>,
    /// Nothing is held any more, by this operator's doing: the tasks that tell of held letters are closed.
    pub close_held_tasks: Option<String>,
    /// A mail that is to be worked again.
    pub work_again: Option<MailId>,
    /// What is told to whoever gave the order, where the input was one.
    pub reply: Option<Reply>,
}

/// The answer to an order that was given at the keyboard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// Whether it was done. Where not, nothing was changed, and the lines say why and what to do.
    pub done: bool,
    /// Sentences for the person at the keyboard.
    pub lines: Vec<String>,
}

impl Reply {
    /// It was done.
    pub fn done(line: impl Into<String>) -> Self {
        Self { done: true, lines: vec![line.into()] }
    }

    /// It was not done: why, and what to do.
    pub fn refused(why: impl Into<String>) -> Self {
        Self { done: false, lines: vec![why.into()] }
    }
}

/// What became of a mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disposition {
    /// What it was taken for: `request`, `answer`, `inquiry`, `noise`, `own`, …
    pub taken_as: String,
    pub folder: Folder,
    /// Why, in one English sentence.
    pub detail: String,
    /// The sole From mailbox, so that lists can name the writer.
    pub from: Option<EmailAddress>,
    /// The decoded subject, on one line of at most [`SUBJECT_LENGTH`] characters; empty where the mail has none.
    pub subject: String,
}

/// The longest subject that the ledger keeps beside a mail, in characters.
pub const SUBJECT_LENGTH: usize = 200;

/// Where a worked mail goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Folder {
    Done,
    /// A person must look.
    Human,
    /// Could not be handled.
    Parked,
}

impl Folder {
    /// As the ledger spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Human => "human",
            Self::Parked => "parked",
        }
    }

    /// Reads the ledger's spelling.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "done" => Some(Self::Done),
            "human" => Some(Self::Human),
            "parked" => Some(Self::Parked),
            _ => None,
        }
    }
}
