//! Takes mail from a source into the ledger, pass by pass, and carries out the moves that are due.

mod gaps;
mod run;

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use super::ledger::{Batch, Gap, Identity, Incoming, Ledger, LedgerError};
use super::source::{Fetched, MoveResult, Raw, Source, Trouble, TroubleKind, shorten};
use super::status::Status;
use crate::domain::address::masked_text;
use crate::domain::event::OPERATOR_LOG;
use crate::domain::ids::MailId;

/// What time it is. The worker waits by the runtime's clock, and decides and records by this one.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// Draws a mail's [`Identity`] from its bytes, which may be no more than a header.
pub type Identify = Arc<dyn Fn(&[u8]) -> Identity + Send + Sync>;

/// Mails in one fetch and one transaction.
const BATCH_MAILS: usize = 50;

/// Moves in one pass: new mail goes first.
const MOVES: u32 = 50;

/// A mail at whose fetch the connection broke this often, alone, is left as a gap, and one at whose move it did is left
/// where it is, so that the others get their turn.
const PATIENCE: u32 = 3;

const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(5 * 60);
/// Servers lock accounts after a few wrong passwords.
const PAUSE_AFTER_LOGIN: Duration = Duration::from_secs(30);

/// What to do after a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Another pass at once: there is more to do.
    Again,
    /// All is done for now: wait for mail ([`Worker::wait`]), then another pass.
    Wait,
    /// Something failed: another pass after this pause.
    Retry(Duration),
}

/// Takes mail from a source into the ledger.
pub struct Worker<S, L> {
    name: String,
    source: S,
    ledger: Arc<L>,
    clock: Clock,
    identify: Identify,
    status: watch::Sender<Status>,
    nudge: Arc<Notify>,
    stop: Option<watch::Receiver<bool>>,
    open: Option<Open>,
    /// Passes that failed since the last good one.
    failures: u32,
    suspect: Option<Suspect>,
    /// The move at which the connection broke last, and how often.
    stuck: Option<(MailId, u32)>,
    /// When a mail was last recorded: mail comes in clusters.
    flowed_at: Option<Instant>,
}

/// A mailbox that stands open.
#[derive(Debug)]
struct Open {
    mailbox: i64,
    uid_validity: u32,
    /// As seen at the (re)connect.
    uid_next: u32,
    cursor: u32,
    gaps: Vec<Gap>,
    /// `uid_next` was reached (rule C4).
    drained: bool,
}

/// A stretch of UIDs at which a fetch failed: fetched one by one up to `upto`.
#[derive(Debug, Clone, Copy)]
struct Suspect {
    uid: u32,
    failures: u32,
    upto: u32,
}

/// Why a pass ended early.
#[derive(Debug)]
enum Ended {
    Mailbox(Trouble),
    Ledger(LedgerError),
}

impl From<Trouble> for Ended {
    fn from(trouble: Trouble) -> Self {
        Self::Mailbox(trouble)
    }
}

impl From<LedgerError> for Ended {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}

impl<S: Source, L: Ledger> Worker<S, L> {
    /// A worker for the mailbox that the ledger knows as `name`. Nothing is connected yet.
    pub fn new(name: impl Into<String>, source: S, ledger: Arc<L>, clock: Clock, identify: Identify) -> Self {
        Self {
            name: name.into(),
            source,
            ledger,
            clock,
            identify,
            status: watch::Sender::new(Status::default()),
            nudge: Arc::new(Notify::new()),
            stop: None,
            open: None,
            failures: 0,
            suspect: None,
            stuck: None,
            flowed_at: None,
        }
    }

    /// How the mailbox stands, now and from now on.
    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.subscribe()
    }

    /// Ends a wait early: for whoever has committed something that a mail is to be moved for.
    pub fn nudge(&self) -> Arc<Notify> {
        Arc::clone(&self.nudge)
    }

    /// One pass: connects where there is no connection, records what is new, tries due gaps again, makes due moves.
    /// Does not sleep. Dropped half-way, it loses nothing: what was not committed is fetched again.
    pub async fn step(&mut self) -> Next {
        match self.pass().await {
            Ok(next) => {
                self.failures = 0;
                self.status.send_modify(|status| status.last_error = None);
                next
            }
            Err(ended) => self.failed(ended).await,
        }
    }

    async fn pass(&mut self) -> Result<Next, Ended> {
        // Taken out: a pass that fails leaves no connection that may be out of step.
        let mut open = match self.open.take() {
            Some(open) => open,
            None => self.connect().await?,
        };
        self.take_new(&mut open).await?;
        self.retry_gaps(&mut open).await?;
        self.tell(&mut open);
        let more = self.make_moves(&open).await?;
        self.open = Some(open);
        Ok(if more { Next::Again } else { Next::Wait })
    }

    async fn connect(&mut self) -> Result<Open, Ended> {
        let opened = self.source.open().await?;
        let opening = self.ledger.open_mailbox(&self.name, opened.uid_validity, self.now()).await?;
        let gaps = self.ledger.gaps(opening.mailbox, opened.uid_validity).await?;
        tracing::info!(target: OPERATOR_LOG, mailbox = self.name, cursor = opening.cursor, uid_next = opened.uid_next, "mailbox_open");
        let mut notes = opened.notes;
        if opened.uid_next <= opening.cursor {
            notes.push(format!(
                "The server counts on from UID {}, below UID {} that is recorded already: the mailbox was put back from a \
                 copy without a new UIDVALIDITY. Mails up to that UID are not seen; compare both sides.",
                opened.uid_next, opening.cursor
            ));
        }
        self.status.send_modify(|status| {
            status.connected = true;
            // Also after a pass that was dropped half-way: another connection, another UIDNEXT to reach (rule C4).
            status.drained = None;
            status.notes = notes;
        });
        Ok(Open {
            mailbox: opening.mailbox,
            uid_validity: opened.uid_validity,
            uid_next: opened.uid_next,
            cursor: opening.cursor,
            gaps,
            drained: false,
        })
    }

    /// Records what lies after the cursor, batch by batch.
    async fn take_new(&mut self, open: &mut Open) -> Result<(), Ended> {
        let listed = self.source.uids_after(open.cursor).await?;
        let mut rest: &[u32] = &listed;
        // Up to here the listing is accounted for.
        let mut settled = open.cursor;
        while let Some(first) = rest.first().copied()
            && !self.stopping()
        {
            self.status.send_modify(|status| status.lag = rest.len());
            let alone = self.suspect.filter(|suspect| first <= suspect.upto);
            let size = if alone.is_some() { 1 } else { BATCH_MAILS };
            let (asked, after) = rest.split_at_checked(size).unwrap_or((rest, &[]));
            let fetched = match alone {
                Some(Suspect { uid, failures, .. }) if uid == first && failures >= PATIENCE => {
                    tracing::warn!(
                        mailbox = self.name,
                        uid,
                        "the connection broke at this mail every time: left as a gap"
                    );
                    Fetched { withheld: vec![uid], ..Fetched::default() }
                }
                _ => self.source.fetch(asked).await.inspect_err(|_| self.suspect(asked))?,
            };
            let left = fetched.left.len();
            if left >= asked.len() {
                return Err(Trouble::new(TroubleKind::Protocol, "a fetch that fetches nothing").into());
            }
            let (answered, _) = asked.split_at_checked(asked.len() - left).unwrap_or((asked, &[]));
            settled = self.record(open, settled, answered, fetched).await?;
            rest = rest.get(answered.len()..).unwrap_or(after);
            if self.suspect.is_some_and(|suspect| settled >= suspect.upto) {
                self.suspect = None;
            }
        }
        self.status.send_modify(|status| status.lag = rest.len());
        // All that was listed is settled, and of what was there at the connect nothing else is listed: proved absent.
        let reached = open.uid_next.saturating_sub(1);
        if rest.is_empty() && settled < reached {
            let absent = proved_absent(settled, reached, &BTreeSet::new());
            let batch = Batch { uid_validity: open.uid_validity, absent, up_to: reached, ..Batch::default() };
            self.commit(open, batch).await?;
        }
        Ok(())
    }

    /// Hands over what was fetched of `asked`, UIDs above `settled` between which the source lists nothing else. A UID
    /// that is in none of the answers counts as withheld. Returns how far the account reaches now.
    async fn record(&mut self, open: &mut Open, settled: u32, asked: &[u32], fetched: Fetched) -> Result<u32, Ended> {
        let now = self.now();
        let mut unanswered: BTreeSet<u32> = asked.iter().copied().collect();
        for uid in &fetched.absent {
            unanswered.remove(uid);
        }
        let there = unanswered.clone();
        let mut mails: Vec<Incoming> = Vec::new();
        for raw in fetched.mails {
            // Asked for, and no answer twice.
            if unanswered.remove(&raw.uid) {
                mails.push(self.incoming(raw, now));
            }
        }
        let up_to = asked.last().copied().unwrap_or(settled);
        let absent = proved_absent(settled, up_to, &there);
        let withheld = unanswered.into_iter().collect();
        self.commit(open, Batch { uid_validity: open.uid_validity, mails, absent, withheld, up_to }).await?;
        Ok(up_to)
    }

    async fn commit(&mut self, open: &mut Open, batch: Batch) -> Result<(), Ended> {
        let mails = batch.mails.len();
        let gaps_change = !batch.withheld.is_empty() || !open.gaps.is_empty();
        open.cursor = self.ledger.record(open.mailbox, batch, self.now()).await?;
        if mails > 0 {
            self.flowed_at = Some(Instant::now());
        }
        if gaps_change {
            open.gaps = self.ledger.gaps(open.mailbox, open.uid_validity).await?;
        }
        Ok(())
    }

    /// The one place where a mail gets its identity.
    fn incoming(&self, raw: Raw, now: DateTime<Utc>) -> Incoming {
        let identity = (self.identify)(&raw.bytes);
        Incoming {
            uid: raw.uid,
            received_at: raw.internal_date.unwrap_or(now),
            size: raw.size,
            headers_only: raw.headers_only,
            raw: raw.bytes,
            identity,
        }
    }

    /// A fetch of these UIDs failed: one mail among them may be the cause.
    fn suspect(&mut self, asked: &[u32]) {
        let (Some(first), Some(last)) = (asked.first().copied(), asked.last().copied()) else { return };
        let alone = first == last;
        self.suspect = Some(match self.suspect {
            Some(known) if known.upto >= first => Suspect {
                uid: first,
                failures: if known.uid == first { known.failures + u32::from(alone) } else { u32::from(alone) },
                upto: known.upto,
            },
            _ => Suspect { uid: first, failures: u32::from(alone), upto: last },
        });
    }

    /// Makes due moves; says whether more are due.
    async fn make_moves(&mut self, open: &Open) -> Result<bool, Ended> {
        let due = self.ledger.moves_due(open.mailbox, open.uid_validity, MOVES).await?;
        let full = due.len() >= MOVES as usize;
        for wanted in due {
            if self.stopping() {
                return Ok(false);
            }
            let failures = self.stuck.filter(|(mail, _)| *mail == wanted.mail).map_or(0, |(_, failures)| failures);
            let result = if failures >= PATIENCE {
                MoveResult::Refused("the connection broke at this move every time".to_owned())
            } else {
                let identify = Arc::clone(&self.identify);
                let recorded = wanted.message_id;
                let same = move |header: &[u8]| identify(header).message_id == recorded;
                let attempt = self.source.move_mail(wanted.uid, &same, wanted.folder).await;
                attempt.inspect_err(|_| self.stuck = Some((wanted.mail, failures + 1)))?
            };
            self.ledger.moved(wanted.mail, &result, self.now()).await?;
        }
        Ok(full)
    }

    /// Closes the connection and says how long to keep away.
    async fn failed(&mut self, ended: Ended) -> Next {
        self.open = None;
        self.source.close().await;
        let (what, least) = match &ended {
            Ended::Mailbox(trouble) if trouble.kind == TroubleKind::Login => (trouble.what.clone(), PAUSE_AFTER_LOGIN),
            Ended::Mailbox(trouble) => (trouble.what.clone(), SHORTEST_PAUSE),
            Ended::Ledger(error) => (shorten(&format!("the ledger: {error}")), SHORTEST_PAUSE),
        };
        let pause = SHORTEST_PAUSE.saturating_mul(1 << self.failures.min(16)).clamp(least, LONGEST_PAUSE);
        self.failures = self.failures.saturating_add(1);
        tracing::warn!(target: OPERATOR_LOG, mailbox = self.name, pause = pause.as_secs(), trouble = masked_text(&what), "mailbox_trouble");
        self.status.send_modify(|status| {
            status.connected = false;
            status.drained = None;
            status.last_error = Some(what);
        });
        Next::Retry(pause)
    }

    fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }

    fn stopping(&self) -> bool {
        // A sender that is gone means that the program ends.
        self.stop.as_ref().is_some_and(|stop| *stop.borrow() || stop.has_changed().is_err())
    }
}

/// The UIDs above `settled` and up to `up_to` that are not `there`, as ranges.
fn proved_absent(settled: u32, up_to: u32, there: &BTreeSet<u32>) -> Vec<RangeInclusive<u32>> {
    let mut absent = Vec::new();
    let mut before = settled;
    for uid in there.iter().copied().filter(|uid| (settled..=up_to).contains(uid)) {
        if uid > before.saturating_add(1) {
            absent.push(before + 1..=uid - 1);
        }
        before = before.max(uid);
    }
    if up_to > before {
        absent.push(before + 1..=up_to);
    }
    absent
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_listing_leaves_out_is_absent_and_nothing_else_is() {
        let absent = |settled, up_to, there: &[u32]| proved_absent(settled, up_to, &there.iter().copied().collect());
        assert_eq!(absent(4, 9, &[6, 7, 9]), [5..=5, 8..=8]);
        assert_eq!(absent(4, 9, &[5]), [6..=9]);
        assert_eq!(absent(0, 3, &[1, 2, 3]), []);
        assert_eq!(absent(3, 3, &[]), []);
        assert_eq!(absent(0, u32::MAX, &[u32::MAX]), [1..=u32::MAX - 1]);
    }
}
