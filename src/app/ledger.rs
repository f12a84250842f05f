//! The mailbox workers' door to the store.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::Notify;

use super::Clock;
use crate::domain::event::OPERATOR_LOG;
use crate::domain::ids::MailId;
use crate::domain::task::{NewTask, TaskCause};
use crate::mailbox::{self, LedgerError, MoveResult, Opening};
use crate::reading::identity;
use crate::store::{self, Backlog, DeskId, MailboxId, Store};

/// How long a gap is the server's business alone (rule C4).
const TOLD_AFTER: chrono::TimeDelta = chrono::TimeDelta::hours(1);

/// The ledger of one mailbox, in the store.
pub struct StoreLedger {
    store: Store,
    desk: DeskId,
    backlog: Backlog,
    /// Rung when mail was recorded.
    engine: Arc<Notify>,
    clock: Clock,
}

impl StoreLedger {
    /// A door for one mailbox of a desk.
    pub fn new(store: Store, desk: DeskId, backlog: Backlog, engine: Arc<Notify>, clock: Clock) -> Self {
        Self { store, desk, backlog, engine, clock }
    }

    /// C4: the operator hears once of each mail that the server has listed for an hour and not delivered.
    async fn tell_of_old(&self, mailbox: MailboxId, uid_validity: u32, gaps: &[store::Gap]) -> Result<(), LedgerError> {
        let now = (self.clock)();
        let old: Vec<u32> = gaps
            .iter()
            .filter(|gap| gap.told_at.is_none() && now.signed_duration_since(gap.since) > TOLD_AFTER)
            .map(|gap| gap.uid)
            .collect();
        if !old.is_empty() {
            tracing::error!(target: OPERATOR_LOG, mails = old.len(), uids = ?old, "mail_withheld");
            let text = format!(
                "For over an hour the server lists {} mails and does not deliver them (UID {}). Nothing expires until they are read or gone.",
                old.len(),
                old.iter().take(10).map(u32::to_string).collect::<Vec<_>>().join(", ")
            );
            self.store.trouble(self.desk, &NewTask::new(TaskCause::MailWithheld, text).urgent(), now).await?;
            self.store.gaps_told(mailbox, uid_validity, &old, now).await?;
        }
        Ok(())
    }
}

impl mailbox::Ledger for StoreLedger {
    async fn open_mailbox(&self, name: &str, uid_validity: u32, now: DateTime<Utc>) -> Result<Opening, LedgerError> {
        let state = self.store.open_mailbox(self.desk, name, uid_validity, now).await?;
        if state.validity_changed {
            tracing::warn!(
                mailbox = name,
                "the server numbers its mails anew (UIDVALIDITY changed): all are looked at again"
            );
        }
        Ok(Opening { mailbox: state.id.0, cursor: state.cursor, first_opened_at: state.first_opened_at })
    }

    async fn record(&self, mailbox: i64, batch: mailbox::Batch, now: DateTime<Utc>) -> Result<u32, LedgerError> {
        let mails = batch.mails.into_iter().map(|mail| {
            let (from, subject) = identity::writer_and_subject(&mail.raw);
            store::Incoming {
                uid: mail.uid,
                received_at: Some(mail.received_at),
                size: mail.size,
                headers_only: mail.headers_only,
                raw: mail.raw,
                message_id: mail.identity.message_id,
                digest: mail.identity.digest,
                from,
                subject,
            }
        });
        let whole =
            store::Batch { mails: mails.collect(), absent: batch.absent, withheld: batch.withheld, up_to: batch.up_to };
        let recorded = self.store.record(MailboxId(mailbox), batch.uid_validity, &whole, self.backlog, now).await?;
        if recorded.backlog > 0 {
            tracing::info!(
                mails = recorded.backlog,
                "mails from before the first start are not worked: see `ringi mail list --taken-as backlog`; backlog = \"process\" works such mails"
            );
        }
        if !recorded.new.is_empty() {
            self.engine.notify_one();
        }
        Ok(recorded.cursor)
    }

    async fn gaps(&self, mailbox: i64, uid_validity: u32) -> Result<Vec<mailbox::Gap>, LedgerError> {
        let gaps = self.store.gaps(MailboxId(mailbox), uid_validity).await?;
        self.tell_of_old(MailboxId(mailbox), uid_validity, &gaps).await?;
        Ok(gaps.into_iter().map(|gap| mailbox::Gap { uid: gap.uid, since: gap.since, tries: gap.tries }).collect())
    }

    async fn gap_tried(&self, mailbox: i64, uid_validity: u32, uid: u32) -> Result<(), LedgerError> {
        Ok(self.store.gaps_tried(MailboxId(mailbox), uid_validity, &[uid]).await?)
    }

    async fn moves_due(
        &self,
        mailbox: i64,
        uid_validity: u32,
        limit: u32,
    ) -> Result<Vec<mailbox::MoveDue>, LedgerError> {
        let due = self.store.moves_due(MailboxId(mailbox), uid_validity, limit).await?;
        Ok(due
            .into_iter()
            .map(|due| mailbox::MoveDue {
                mail: due.mail,
                uid: due.uid,
                message_id: due.message_id,
                folder: due.folder,
            })
            .collect())
    }

    async fn moved(&self, mail: MailId, result: &MoveResult, now: DateTime<Utc>) -> Result<(), LedgerError> {
        Ok(self.store.moved(mail, &result.to_string(), now).await?)
    }
}
