//! Watches the mailboxes of a desk: one that cannot be reached for a quarter of an hour is told of, once each time.

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;

use crate::domain::address::masked_text;
use crate::domain::task::{NewTask, TaskCause};
use crate::mailbox::Status;
use crate::store::{DeskId, Result, Store};

/// How long a mailbox may be out of reach before a person is told.
const PATIENCE: TimeDelta = TimeDelta::minutes(15);

/// The mailboxes of one desk.
pub struct Watch {
    store: Store,
    desk: DeskId,
    mailboxes: Vec<Watched>,
}

struct Watched {
    name: String,
    status: watch::Receiver<Status>,
    /// Since when it is out of reach.
    since: Option<DateTime<Utc>>,
    told: bool,
}

impl Watch {
    /// A watch over these mailboxes, each with its name.
    pub fn new(store: Store, desk: DeskId, mailboxes: impl Iterator<Item = (String, watch::Receiver<Status>)>) -> Self {
        let mailboxes = mailboxes.map(|(name, status)| Watched { name, status, since: None, told: false });
        Self { store, desk, mailboxes: mailboxes.collect() }
    }

    /// Looks at each mailbox.
    ///
    /// # Errors
    /// Those of the database; the trouble is told by the next look then.
    pub async fn step(&mut self, now: DateTime<Utc>) -> Result<()> {
        for mailbox in &mut self.mailboxes {
            let error = mailbox.status.borrow().last_error.clone();
            let Some(error) = error else {
                mailbox.since = None;
                mailbox.told = false;
                continue;
            };
            let since = *mailbox.since.get_or_insert(now);
            if mailbox.told || now - since < PATIENCE {
                continue;
            }
            let text = format!(
                "The mailbox {} cannot be read since {}: {}. No clock of the desk fires meanwhile.",
                mailbox.name,
                since.format("%Y-%m-%d %H:%M UTC"),
                masked_text(&error)
            );
            self.store.trouble(self.desk, &NewTask::new(TaskCause::MailboxUnreachable, text).urgent(), now).await?;
            mailbox.told = true;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Create;

    #[tokio::test]
    async fn a_mailbox_out_of_reach_is_told_of_once_each_time_that_it_begins() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("ringi.db"), Create::Yes).await.unwrap();
        let desk = store.desk("support").await.unwrap();
        let (status, told) = watch::channel(Status::default());
        let mut watch = Watch::new(store.clone(), desk, std::iter::once(("inbox".to_owned(), told)));
        let start: DateTime<Utc> = "2026-11-24T01:00:00Z".parse().unwrap();
        let at = |minutes| start + TimeDelta::minutes(minutes);
        let down = |error: Option<&str>| status.send_modify(|status| status.last_error = error.map(str::to_owned));
        let tasks = async || store.tasks(Some(desk), true, 9).await.unwrap().len();
        down(Some("login of ann@vendor.example refused"));
        for (minute, expected) in [(0, 0), (14, 0), (15, 1), (16, 1), (600, 1)] {
            watch.step(at(minute)).await.unwrap();
            assert_eq!(tasks().await, expected, "minute {minute}");
        }
        let detail = store.tasks(Some(desk), true, 9).await.unwrap().remove(0).detail;
        assert!(detail.contains("inbox") && detail.contains("a…@vendor.example"), "{detail}");
        down(None);
        watch.step(at(601)).await.unwrap();
        down(Some("refused"));
        for (minute, expected) in [(602, 1), (620, 2)] {
            watch.step(at(minute)).await.unwrap();
            assert_eq!(tasks().await, expected, "minute {minute}");
        }
    }
}
