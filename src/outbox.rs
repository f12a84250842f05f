//! The outbox: takes the letters that are due, hands them over, and writes what became of each.
//!
//! The attempt is committed before the server is dialed, so a crash sends a letter twice at worst, with one Message-ID; it
//! never loses one.

mod breaker;
mod patience;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

use self::breaker::{Count, Tally, Tripped};
use self::patience::Patience;
use crate::domain::address::{EmailAddress, masked_text};
use crate::domain::event::OPERATOR_LOG;
use crate::domain::policy::Breakers;
use crate::sending::{Envelope, Sent, Transport};
use crate::store::{Claimed, DeskId, LetterId, LetterResult, Result, SendResult, Store};

/// Letters claimed at once: one commit to claim them, one to write how they ended.
const BATCH: u32 = 20;
/// Results are written after this long at the latest, however slow the server is: what is sent and not yet written is sent
/// again after a crash.
const UNWRITTEN: Duration = Duration::from_millis(500);
/// How soon to look again for a letter that is due and waits for another.
const BLOCKED: TimeDelta = TimeDelta::seconds(30);
/// A claim older than this was left behind by a step that was broken off.
const CLAIM_LASTS: TimeDelta = TimeDelta::hours(1);
/// After this long a letter's bytes, and its tokens with them, are forgotten (rule T10).
const BYTES_LAST: TimeDelta = TimeDelta::days(1);
/// How often old bytes and old claims are looked for.
const TIDY_EVERY: TimeDelta = TimeDelta::minutes(10);

/// A desk's outbox.
pub struct Outbox {
    store: Store,
    desk: DeskId,
    /// As the log names it.
    name: String,
    /// The envelope's sender: where delivery reports go.
    from: EmailAddress,
    /// Who claims: another name with each start.
    owner: String,
    transport: Transport,
    limits: Breakers,
    patience: Patience,
    /// Claimed, and not yet judged by the breakers. Outlives a step only where the store failed.
    claimed: VecDeque<Claimed>,
    /// To be sent now. Outlives a step only where the store failed or the step was dropped.
    live: VecDeque<Claimed>,
    /// Sent, and not yet written.
    results: Vec<LetterResult>,
    tidied_at: Option<DateTime<Utc>>,
}

/// What one step did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    pub accepted: usize,
    pub rejected: usize,
    pub deferred: usize,
    /// By a breaker.
    pub held: usize,
    /// When the next step has something to do; `None` where no letter waits. New letters may be due before.
    pub next: Option<DateTime<Utc>>,
}

impl Progress {
    /// Whether any letter was touched.
    pub const fn is_idle(&self) -> bool {
        self.accepted + self.rejected + self.deferred + self.held == 0
    }
}

impl Outbox {
    /// An outbox that has sent nothing yet. `owner` must differ from every earlier start's.
    pub fn new(
        store: Store,
        desk: DeskId,
        from: EmailAddress,
        owner: String,
        transport: Transport,
        limits: Breakers,
    ) -> Self {
        Self {
            store,
            desk,
            name: from.domain(),
            from,
            owner,
            transport,
            limits,
            patience: Patience::default(),
            claimed: VecDeque::new(),
            live: VecDeque::new(),
            results: Vec::new(),
            tidied_at: None,
        }
    }

    /// The same, under the desk's name in the log.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// Sends what is due, at most one batch. Never sleeps; whoever calls waits until [`Progress::next`].
    ///
    /// May be dropped half-way: the letter at hand is sent again then, by the next step or the next start. Dropped while
    /// it claims, the claims wait for the next start, or for an hour.
    ///
    /// # Errors
    /// Those of the store. What was claimed or sent by then is kept, and worked first by the next call.
    pub async fn step(&mut self, now: DateTime<Utc>) -> Result<Progress> {
        self.write_results().await?;
        self.tidy(now).await?;
        let mut progress = Progress::default();
        if let Some(until) = self.patience.paused_until(now) {
            progress.next = Some(until);
            return Ok(progress);
        }
        if self.live.is_empty() {
            if self.claimed.is_empty() {
                self.claimed = self.store.claim(self.desk, &self.owner, now, BATCH).await?.into();
            }
            self.hold_back(now, &mut progress).await?;
        }
        self.send_live(now, &mut progress).await?;
        progress.next = match self.patience.paused_until(now) {
            Some(until) => Some(until),
            None => self.store.next_letter_due(self.desk).await?,
        };
        // Due, and yet not to be had: it waits for an earlier one to the same person (rule C1).
        if progress.is_idle() {
            progress.next = progress.next.map(|due| due.max(now + BLOCKED));
        }
        Ok(progress)
    }

    /// Writes what is known, and takes leave of the server.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn close(&mut self) -> Result<()> {
        self.transport.close().await;
        self.write_results().await
    }

    /// Holds what a breaker stops; the rest of what was claimed may leave.
    async fn hold_back(&mut self, now: DateTime<Utc>, progress: &mut Progress) -> Result<()> {
        let mut tally = Tally::new(self.limits, &self.claimed);
        let mut stopped: Vec<(Tripped, Vec<LetterId>)> = Vec::new();
        for letter in &self.claimed {
            for count in tally.unknown(letter) {
                let all = self.count(&count, letter, now).await?;
                tally.know(count, all);
            }
            let Some(tripped) = tally.admit(letter) else { continue };
            match stopped.iter_mut().find(|(known, _)| *known == tripped) {
                Some((_, letters)) => letters.push(letter.id),
                None => stopped.push((tripped, vec![letter.id])),
            }
        }
        for (tripped, letters) in stopped {
            let cause = tripped.to_string();
            let task = self.store.hold(self.desk, &letters, &cause, now).await?;
            self.claimed.retain(|letter| !letters.contains(&letter.id));
            progress.held += letters.len();
            // A task is opened only where none is open: so is the operator told once.
            if let Some(task) = task {
                tracing::warn!(target: OPERATOR_LOG, desk = %self.name, %task, letters = letters.len(), cause, "letters_held");
            }
        }
        self.live.append(&mut self.claimed);
        Ok(())
    }

    async fn count(&self, count: &Count, letter: &Claimed, now: DateTime<Utc>) -> Result<u64> {
        let day = now - TimeDelta::days(1);
        match count {
            Count::Address(_) => self.store.letters_to(self.desk, &letter.recipient, day).await,
            Count::Request(reference, _) => self.store.letters_of(reference, &letter.recipient, day).await,
            Count::Hour => self.store.letters_since(self.desk, now - TimeDelta::hours(1)).await,
        }
    }

    async fn send_live(&mut self, now: DateTime<Utc>, progress: &mut Progress) -> Result<()> {
        let mut written_at = Instant::now();
        while let Some(letter) = self.live.front() {
            let envelope = Envelope { from: self.from.clone(), to: letter.recipient.clone() };
            let sent = self.transport.send(&envelope, &letter.bytes).await;
            // Taken out only now: where the call above is dropped, the letter is still there.
            let Some(letter) = self.live.pop_front() else { break };
            self.record(&letter, sent, now, progress);
            if let Some(until) = self.patience.paused_until(now) {
                self.put_off_the_rest(until, now, progress);
            }
            if written_at.elapsed() >= UNWRITTEN {
                self.write_results().await?;
                written_at = Instant::now();
            }
        }
        self.write_results().await
    }

    /// Any other letter would fare the same: they wait together, undialed.
    fn put_off_the_rest(&mut self, until: DateTime<Utc>, now: DateTime<Utc>, progress: &mut Progress) {
        progress.deferred += self.live.len();
        self.results.extend(self.live.drain(..).map(|letter| LetterResult {
            letter: letter.id,
            result: SendResult::Deferred { next_try: until },
            reply: "not tried: the letter before it met no working server".to_owned(),
            at: now,
        }));
    }

    /// Notes how a letter fared.
    fn record(&mut self, letter: &Claimed, sent: Sent, now: DateTime<Utc>, progress: &mut Progress) {
        let reference = letter.reference.as_ref().map_or("of the desk", |reference| reference.as_str());
        let (result, reply) = match sent {
            Sent::Accepted { reply } => {
                self.works_again(now);
                self.patience.ended(letter.id);
                progress.accepted += 1;
                if letter.reference.is_none() {
                    // Of a request's letter the timeline tells.
                    tracing::info!(target: OPERATOR_LOG, desk = %self.name, row = %letter.id, person = letter.recipient.masked(), "letter_accepted");
                }
                tracing::debug!(letter = %letter.id, reference, "accepted: {}", masked_text(&reply));
                (SendResult::Accepted, reply)
            }
            Sent::Rejected { reply } => {
                self.works_again(now);
                self.patience.ended(letter.id);
                progress.rejected += 1;
                tracing::warn!(target: OPERATOR_LOG, desk = %self.name, reference, row = %letter.id, person = letter.recipient.masked(), reply = masked_text(&reply), "letter_refused");
                (SendResult::Rejected, reply)
            }
            Sent::Deferred { reply, surroundings } => {
                let wait = if surroundings {
                    let fault = self.patience.broken(letter.id, now);
                    if fault.tell {
                        tracing::warn!(target: OPERATOR_LOG, desk = %self.name, reference, row = %letter.id, reply = masked_text(&reply), "letters_cannot_leave");
                    }
                    fault.wait
                } else {
                    self.works_again(now);
                    self.patience.refused(letter.id, now)
                };
                progress.deferred += 1;
                if wait.tell {
                    tracing::warn!(target: OPERATOR_LOG, desk = %self.name, reference, row = %letter.id, person = letter.recipient.masked(), reply = masked_text(&reply), "letter_put_off");
                }
                (SendResult::Deferred { next_try: wait.next_try }, reply)
            }
        };
        self.results.push(LetterResult { letter: letter.id, result, reply, at: now });
    }

    fn works_again(&mut self, now: DateTime<Utc>) {
        if let Some(since) = self.patience.works() {
            let minutes = (now - since).num_minutes();
            tracing::info!(target: OPERATOR_LOG, desk = %self.name, minutes, "letters_leave_again");
        }
    }

    async fn write_results(&mut self) -> Result<()> {
        if !self.results.is_empty() {
            self.store.settle(&self.results).await?;
            self.results.clear();
        }
        Ok(())
    }

    /// Old bytes and old claims; at the first step, the claims of an earlier start.
    async fn tidy(&mut self, now: DateTime<Utc>) -> Result<()> {
        if self.tidied_at.is_some_and(|at| now - at < TIDY_EVERY) {
            return Ok(());
        }
        let released = self.store.release_claims(self.desk, &self.owner, now - CLAIM_LASTS).await?;
        if released > 0 {
            tracing::info!(letters = released, "letters of a send that was broken off are sent again");
        }
        self.store.clear_sent_bytes(now - BYTES_LAST).await?;
        self.tidied_at = Some(now);
        Ok(())
    }
}
