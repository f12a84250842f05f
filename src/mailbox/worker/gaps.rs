//! Gaps: UIDs that the server lists and does not deliver, tried again until they are recorded or proved absent.

use chrono::TimeDelta;

use super::{Ended, Open, Worker};
use crate::mailbox::ledger::{Gap, Ledger};
use crate::mailbox::source::Source;

/// How long a gap holds back the timers (rule C4).
const HOLDS_TIMERS: TimeDelta = TimeDelta::hours(1);

/// How long after its discovery a gap with so many fruitless tries behind it is tried again: at once, 30 seconds later,
/// then twice as long each time, then every 10 minutes.
pub(super) fn due_after(tries: u32) -> TimeDelta {
    let doubling: i64 = (0..tries.min(5)).map(|n| 30 << n).sum();
    TimeDelta::seconds(doubling + i64::from(tries.saturating_sub(5)) * 600)
}

impl<S: Source, L: Ledger> Worker<S, L> {
    /// Tries the due gaps again, one by one, those with the fewest tries first: a mail that breaks the connection each
    /// time sinks to the end.
    pub(super) async fn retry_gaps(&mut self, open: &mut Open) -> Result<(), Ended> {
        let now = self.now();
        let mut due: Vec<Gap> =
            open.gaps.iter().filter(|gap| gap.since + due_after(gap.tries) <= now).copied().collect();
        due.sort_unstable_by_key(|gap| (gap.tries, gap.uid));
        for gap in due {
            if self.stopping() {
                break;
            }
            let outcome = self.source.fetch(&[gap.uid]).await;
            if !outcome.as_ref().is_ok_and(|fetched| fetched.withheld.is_empty()) {
                // Counted although the connection may be lost.
                self.ledger.gap_tried(open.mailbox, open.uid_validity, gap.uid).await?;
            }
            // A gap lies below the cursor: the account of this batch begins just before it.
            self.record(open, gap.uid.saturating_sub(1), &[gap.uid], outcome?).await?;
        }
        Ok(())
    }

    /// Publishes how the mailbox stands after a pass.
    pub(super) fn tell(&mut self, open: &mut Open) {
        let now = self.now();
        let old = |gap: &Gap| now - gap.since > HOLDS_TIMERS;
        let reached = open.cursor.saturating_add(1) >= open.uid_next;
        let held = open.gaps.iter().any(|gap| gap.uid < open.uid_next && !old(gap));
        open.drained |= reached && !held;
        let (gaps, old_gaps) = (open.gaps.len(), open.gaps.iter().filter(|gap| old(gap)).count());
        let drained = open.drained.then_some(open.uid_next);
        self.status.send_if_modified(|status| {
            let before = status.clone();
            status.drained = drained;
            status.gaps = gaps;
            status.old_gaps = old_gaps;
            before != *status
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_tried_soon_at_first_and_every_ten_minutes_in_the_end() {
        let times: Vec<i64> = (0..8).map(|tries| due_after(tries).num_seconds()).collect();
        assert_eq!(times, [0, 30, 90, 210, 450, 930, 1530, 2130]);
    }
}
