//! Approvals: who was asked, by which letters, and the votes that came back.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::address::EmailAddress;
use super::ids::{ApprovalNo, ItemNo, LetterNo, MailId};
use super::request::{Request, ShownDigest};
use super::words::{Language, vocabulary};

/// One person who can decide, and all that was sent to that person about one request (rule A1).
#[derive(Debug, Clone, PartialEq)]
pub struct Approval {
    pub no: ApprovalNo,
    pub person: EmailAddress,
    pub name: Option<String>,
    pub language: Language,
    pub state: ApprovalState,
    /// Every letter that asks, the first one first. Each has tokens of its own (rule T9).
    pub asks: Vec<Ask>,
    /// When SMTP accepted the first letter: the clocks start then (rule C1).
    pub asked_at: Option<DateTime<Utc>>,
    /// An unclear answer was asked back once (rule R2).
    pub asked_again: bool,
    /// The one confirmation was sent (rule T3).
    pub confirmation_sent: bool,
    /// The one task about an answer from another address was opened (rule T4).
    pub stranger_told: bool,
}

/// Whether an approval can still bring an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalState {
    Open,
    /// The letter came back for good (rule C2).
    Unreachable,
    /// Nobody answered in time (rule C3).
    Expired,
    /// The register took away what the person could decide about (rule V5).
    Removed,
}

/// A letter that asks: what it showed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ask {
    pub letter: LetterNo,
    pub purpose: Purpose,
    /// The items as shown.
    pub shown: Vec<Shown>,
}

/// An item as a letter showed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    pub item: ItemNo,
    pub digest: ShownDigest,
}

/// Why a letter asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    First,
    Reminder,
    /// The answer before it was unclear (rule R2).
    AskAgain,
    /// From was not aligned, or the token was missing (rule T3).
    Confirmation,
}

vocabulary! {
    /// What a vote says.
    Say { Approve = "approve", Deny = "deny", SendBack = "send_back" }
}

/// One person's word on one item as shown (rule V1).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Vote {
    pub person: EmailAddress,
    pub says: Say,
    pub digest: ShownDigest,
    pub at: DateTime<Utc>,
    /// The mail that said so.
    pub mail: MailId,
    /// What is passed on to the sender with a send_back, as a letter may repeat it (rule H2); else nothing.
    pub comment: Option<String>,
}

impl Approval {
    /// The letter of that number, where it asked.
    pub fn ask(&self, letter: LetterNo) -> Option<&Ask> {
        self.asks.iter().find(|ask| ask.letter == letter)
    }

    /// The items for which a letter's tokens still hold: shown as they are now, still waiting for this person (rule T9).
    pub fn live_items(&self, letter: LetterNo, request: &Request) -> Vec<ItemNo> {
        // A report that a letter failed may be premature or forged: whoever answers it was reached.
        if self.state == ApprovalState::Expired {
            return Vec::new();
        }
        let shown = self.ask(letter).map(|ask| ask.shown.as_slice()).unwrap_or_default();
        shown
            .iter()
            .filter(|shown| {
                request.item(shown.item).is_some_and(|item| {
                    request.shown_digest(item) == shown.digest
                        && request.awaits(item, &self.person)
                        && !item.votes.iter().any(|vote| vote.person == self.person && vote.digest == shown.digest)
                })
            })
            .map(|shown| shown.item)
            .collect()
    }

    /// The items that wait for this person, whichever letter showed them.
    pub fn waiting_items(&self, request: &Request) -> Vec<ItemNo> {
        let mut items: Vec<ItemNo> = self.asks.iter().flat_map(|ask| self.live_items(ask.letter, request)).collect();
        items.sort();
        items.dedup();
        items
    }
}
