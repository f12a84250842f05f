//! Where mails come from, whatever the protocol: numbered mails that can be listed, fetched, waited for and moved.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::domain::outcome::Folder;

/// Folders of the mailbox that worked mails are moved to, in UTF-8, `/` between levels. One that is `None` is not used:
/// its mails stay in the inbox.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folders {
    pub done: Option<String>,
    pub human: Option<String>,
    pub parked: Option<String>,
}

impl Folders {
    /// The name of a folder, where it is used.
    pub fn name(&self, folder: Folder) -> Option<&str> {
        match folder {
            Folder::Done => self.done.as_deref(),
            Folder::Human => self.human.as_deref(),
            Folder::Parked => self.parked.as_deref(),
        }
    }

    /// The names in use, each once.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> =
            [&self.done, &self.human, &self.parked].into_iter().flatten().map(String::as_str).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

/// What a mailbox says of itself when it is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// UIDs mean the same mails as long as this is the same.
    pub uid_validity: u32,
    /// Every mail that is there now has a UID below this.
    pub uid_next: u32,
    /// What does not work as configured and keeps no mail from being read, each a sentence.
    pub notes: Vec<String>,
}

/// A mail as the server holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raw {
    pub uid: u32,
    pub internal_date: Option<DateTime<Utc>>,
    /// Of the whole mail, in bytes.
    pub size: u64,
    /// `bytes` is the header alone.
    pub headers_only: bool,
    pub bytes: Vec<u8>,
}

/// What became of the UIDs asked for: each is in exactly one of the four.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fetched {
    pub mails: Vec<Raw>,
    /// Proved: a listing that ended well does not hold them.
    pub absent: Vec<u32>,
    /// Listed, but not delivered.
    pub withheld: Vec<u32>,
    /// Not asked for yet: the others filled the batch.
    pub left: Vec<u32>,
}

/// Why a wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Woken {
    /// The server says that there is something new.
    NewMail,
    /// The time is over, or the interrupt came.
    Nothing,
}

/// How a move ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MoveResult {
    Moved,
    /// The mail is not in the inbox any more: a person or an earlier, interrupted move took it away.
    Gone,
    /// Another UIDVALIDITY or another Message-ID than recorded: that mail is left alone.
    NotTheSame,
    /// The folder is switched off.
    Off,
    /// The server will not or cannot, in its words; the mail stays where it is.
    Refused(String),
}

impl fmt::Display for MoveResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Moved => f.write_str("moved"),
            Self::Gone => f.write_str("gone"),
            Self::NotTheSame => f.write_str("not the same"),
            Self::Off => f.write_str("off"),
            Self::Refused(why) => write!(f, "refused: {why}"),
        }
    }
}

/// What kind of trouble a mailbox has: what an operator would do about it differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TroubleKind {
    /// No connection, or no encryption, could be had.
    Unreachable,
    /// User or password were refused.
    Login,
    /// The connection ended.
    Lost,
    /// No answer in time.
    Stalled,
    /// The server answered a command with NO or BAD.
    Refused,
    /// What came is not IMAP, or breaks a limit.
    Protocol,
    /// A file or folder of a Maildir cannot be read or written.
    Files,
}

/// A mailbox operation that failed. The connection is gone after it; [`Source::open`] makes a new one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct Trouble {
    pub kind: TroubleKind,
    /// One line, shortened, without any secret.
    pub what: String,
}

/// How much of a server's words is kept. A parse error of the IMAP library carries the whole input.
const KEPT: usize = 200;

impl Trouble {
    /// A trouble, its text brought to one short line.
    pub fn new(kind: TroubleKind, what: impl AsRef<str>) -> Self {
        Self { kind, what: shorten(what.as_ref()) }
    }

    /// The same, with every occurrence of a secret taken out: a server may echo what it was sent.
    #[must_use]
    pub fn without(mut self, secret: &str) -> Self {
        if !secret.is_empty() && self.what.contains(secret) {
            self.what = self.what.replace(secret, "…");
        }
        self
    }
}

/// One line of at most [`KEPT`] characters, control characters as blanks.
pub(crate) fn shorten(text: &str) -> String {
    let mut kept: String = text.chars().take(KEPT).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(KEPT).is_some() {
        kept.push('…');
    }
    kept
}

/// A mailbox. One that failed, or whose call was dropped half-way, is closed: every call but `open` then fails.
pub trait Source: Send {
    /// Connects, selects the inbox and makes missing folders.
    fn open(&mut self) -> impl Future<Output = Result<Opened, Trouble>> + Send;

    /// Lets the connection go, politely where that is quick.
    fn close(&mut self) -> impl Future<Output = ()> + Send;

    /// All UIDs above the cursor that the mailbox lists, ascending. What it does not list below the highest listed UID,
    /// or below the `uid_next` of an earlier [`Source::open`] on this connection, is proved absent.
    fn uids_after(&mut self, cursor: u32) -> impl Future<Output = Result<Vec<u32>, Trouble>> + Send;

    /// Takes as many of these mails, in their order, as fit in a batch of 4 MB, at least one.
    fn fetch(&mut self, uids: &[u32]) -> impl Future<Output = Result<Fetched, Trouble>> + Send;

    /// Waits for new mail. `short` polls quickly, once, because mail is flowing; else as long as the mailbox sees fit,
    /// at most `longest`. Ends soon after `interrupt`.
    fn wait(
        &mut self,
        short: bool,
        longest: Duration,
        interrupt: impl Future<Output = ()> + Send,
    ) -> impl Future<Output = Result<Woken, Trouble>> + Send;

    /// Moves a mail of the inbox to a folder, if `same` recognises its header.
    fn move_mail(
        &mut self,
        uid: u32,
        same: &(dyn Fn(&[u8]) -> bool + Sync),
        folder: Folder,
    ) -> impl Future<Output = Result<MoveResult, Trouble>> + Send;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trouble_is_one_short_line_and_shows_no_secret() {
        let trouble = Trouble::new(TroubleKind::Login, format!("no\r\n LOGIN desk geheim {}", "x".repeat(1000)));
        let shown = trouble.without("geheim").to_string();
        assert!(!shown.contains("geheim"));
        assert!(!shown.contains('\n'));
        assert!(shown.chars().count() <= KEPT + 1);
    }

    #[test]
    fn a_folder_named_twice_is_made_once() {
        let folders = Folders { done: Some("A".into()), human: Some("B".into()), parked: Some("A".into()) };
        assert_eq!(folders.names(), ["A", "B"]);
        assert_eq!(folders.name(Folder::Parked), Some("A"));
    }
}
