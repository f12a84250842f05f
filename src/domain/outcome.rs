//! What a decision brings: all of it is written in one transaction, and nothing happens that is not written here.

use serde::{Deserialize, Serialize};

use super::address::EmailAddress;
use super::event::Event;
use super::grant::Grant;
use super::ids::{ItemNo, LetterNo};
use super::letter::Letter;
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
    /// What whoever gave the input is told at once, where the input came from a command.
    pub reply: Option<Reply>,
    /// What became of the mail, where the input was one.
    pub disposition: Option<Disposition>,
}

/// The answer to a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// False where nothing was changed, because the command cannot be followed.
    pub done: bool,
    /// What was done, or why not and what to do, in English.
    pub lines: Vec<String>,
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
