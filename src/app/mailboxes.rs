//! One worker a mailbox, whatever the mailbox is.

use std::sync::Arc;

use tokio::sync::{Notify, watch};

use super::ledger::StoreLedger;
use crate::mailbox::worker::{Next, Worker};
use crate::mailbox::{ImapSource, MaildirSource, Status};
use crate::timers::Drained;

/// What the mailboxes of a desk, taken together, let the clocks do.
pub fn drained<'a>(statuses: impl Iterator<Item = &'a watch::Receiver<Status>>) -> Drained {
    let mut drained = Drained::Yes;
    for status in statuses {
        let status = status.borrow();
        match (status.drained, status.old_gaps) {
            (None, _) => return Drained::No,
            (Some(_), 0) => {}
            (Some(_), _) => drained = Drained::ButForOldGaps,
        }
    }
    drained
}

/// The worker of one mailbox.
pub enum Mailbox {
    Imap(Box<Worker<ImapSource, StoreLedger>>),
    Maildir(Box<Worker<MaildirSource, StoreLedger>>),
}

impl Mailbox {
    /// One pass.
    pub async fn step(&mut self) -> Next {
        match self {
            Self::Imap(worker) => worker.step().await,
            Self::Maildir(worker) => worker.step().await,
        }
    }

    /// Passes and waits until `stop` says true.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        match self {
            Self::Imap(worker) => worker.run(stop).await,
            Self::Maildir(worker) => worker.run(stop).await,
        }
    }

    /// How the mailbox stands, now and from now on.
    pub fn status(&self) -> watch::Receiver<Status> {
        match self {
            Self::Imap(worker) => worker.status(),
            Self::Maildir(worker) => worker.status(),
        }
    }

    /// Ends a wait early: mails are to be moved.
    pub fn nudge(&self) -> Arc<Notify> {
        match self {
            Self::Imap(worker) => worker.nudge(),
            Self::Maildir(worker) => worker.nudge(),
        }
    }

    /// Lets the connection go.
    pub async fn close(&mut self) {
        match self {
            Self::Imap(worker) => worker.close().await,
            Self::Maildir(worker) => worker.close().await,
        }
    }
}
