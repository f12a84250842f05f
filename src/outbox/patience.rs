//! When a letter that did not leave is tried again, and when somebody is told of it.
//!
//! Kept in memory alone: a restart tries everything at once, which does no harm, and counts anew.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use crate::store::LetterId;

/// Minutes until the next try of a letter that the server put off; the last one for ever after.
const AFTER_REFUSAL: &[i64] = &[1, 5, 15, 60];
/// Seconds that all letters wait while no server can be reached.
const WHILE_BROKEN: &[i64] = &[30, 60, 120, 300];
/// A letter, or the whole outbox, that waits longer is told of once.
const TOLD_AFTER: TimeDelta = TimeDelta::hours(4);
/// A letter not heard of for so long has been withdrawn.
const FORGOTTEN_AFTER: TimeDelta = TimeDelta::days(1);

/// What is remembered of letters that did not leave, and of a server that did not answer.
#[derive(Debug, Default)]
pub(super) struct Patience {
    letters: HashMap<LetterId, Unsent>,
    /// The faults of the surroundings since the last letter that was answered.
    outage: Option<Outage>,
}

#[derive(Debug)]
struct Unsent {
    refusals: usize,
    first: DateTime<Utc>,
    last: DateTime<Utc>,
    told: bool,
}

#[derive(Debug)]
struct Outage {
    faults: usize,
    since: DateTime<Utc>,
    until: DateTime<Utc>,
    told_twice: bool,
}

/// When a letter is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wait {
    pub(super) next_try: DateTime<Utc>,
    /// The letter has waited too long: somebody should know, now and not again.
    pub(super) tell: bool,
}

/// What a fault of the surroundings brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) wait: Wait,
    /// The outage began, or has lasted too long: somebody should know, now and not again.
    pub(super) tell: bool,
}

impl Patience {
    /// Until when nobody is dialed; `None` where letters may leave.
    pub(super) fn paused_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.outage.as_ref().map(|outage| outage.until).filter(|until| *until > now)
    }

    /// The server put this letter off.
    pub(super) fn refused(&mut self, letter: LetterId, now: DateTime<Utc>) -> Wait {
        self.letters.retain(|_, unsent| now - unsent.last < FORGOTTEN_AFTER);
        let unsent = self.letters.entry(letter).or_insert(Unsent { refusals: 0, first: now, last: now, told: false });
        let next_try = now + TimeDelta::minutes(rung(AFTER_REFUSAL, unsent.refusals));
        unsent.refusals += 1;
        unsent.last = now;
        let tell = !unsent.told && now - unsent.first >= TOLD_AFTER;
        unsent.told |= tell;
        Wait { next_try, tell }
    }

    /// No server could be talked to while this letter was at hand.
    ///
    /// It waits longer than the others: where it is the letter that breaks the connection, they go first. The first fault
    /// after a letter that went counts as its own refusal as well, so that such a letter is tried ever more rarely.
    pub(super) fn broken(&mut self, letter: LetterId, now: DateTime<Utc>) -> Fault {
        let begins = self.outage.is_none();
        let outage = self.outage.get_or_insert(Outage { faults: 0, since: now, until: now, told_twice: false });
        let pause = TimeDelta::seconds(rung(WHILE_BROKEN, outage.faults));
        outage.faults += 1;
        outage.until = now + pause;
        let lasts = !outage.told_twice && now - outage.since >= TOLD_AFTER;
        outage.told_twice |= lasts;

        let after_the_others = now + pause * 2;
        let wait = if begins {
            let wait = self.refused(letter, now);
            Wait { next_try: wait.next_try.max(after_the_others), tell: wait.tell }
        } else {
            Wait { next_try: after_the_others, tell: false }
        };
        Fault { wait, tell: begins || lasts }
    }

    /// The server answered. Gives when the outage that this ends began.
    pub(super) fn works(&mut self) -> Option<DateTime<Utc>> {
        self.outage.take().map(|outage| outage.since)
    }

    /// The letter is through.
    pub(super) fn ended(&mut self, letter: LetterId) {
        self.letters.remove(&letter);
    }
}

/// The ladder's rung, the last one for ever after.
fn rung(ladder: &[i64], count: usize) -> i64 {
    ladder.get(count).or(ladder.last()).copied().unwrap_or(60)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: LetterId = LetterId(1);
    const TWO: LetterId = LetterId(2);

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    #[test]
    fn a_letter_put_off_is_tried_after_1_5_15_and_then_every_60_minutes() {
        let mut patience = Patience::default();
        let mut now = 0;
        for minutes in [1, 5, 15, 60, 60, 60] {
            let wait = patience.refused(ONE, at(now));
            assert_eq!(wait.next_try, at(now + minutes));
            now += minutes;
        }
        assert_eq!(patience.refused(TWO, at(now)).next_try, at(now + 1), "each letter climbs for itself");
        patience.ended(ONE);
        assert_eq!(patience.refused(ONE, at(now)).next_try, at(now + 1));
    }

    #[test]
    fn a_letter_put_off_for_four_hours_is_told_of_once() {
        let mut patience = Patience::default();
        let told: Vec<bool> = (0..8).map(|hour| patience.refused(ONE, at(hour * 60)).tell).collect();
        assert_eq!(told, [false, false, false, false, true, false, false, false]);
    }

    #[test]
    fn a_fault_of_the_surroundings_pauses_everything_and_is_told_at_once_and_after_four_hours() {
        let mut patience = Patience::default();
        let mut told = Vec::new();
        let mut pauses = Vec::new();
        let mut now = at(0);
        while now < at(6 * 60) {
            if patience.broken(ONE, now).tell {
                told.push((now - at(0)).num_hours());
            }
            let until = patience.paused_until(now).unwrap();
            pauses.push((until - now).num_seconds());
            now = until;
        }
        assert_eq!(told, [0, 4]);
        assert_eq!(pauses[..5], [30, 60, 120, 300, 300]);
        assert_eq!(patience.works(), Some(at(0)));
        assert_eq!(patience.paused_until(now), None);
        assert_eq!(patience.works(), None);
    }

    #[test]
    fn a_letter_that_breaks_each_connection_does_not_hold_up_the_others() {
        let mut patience = Patience::default();
        let mut now = at(0);
        let mut waits = Vec::new();
        for _ in 0..4 {
            let fault = patience.broken(ONE, now);
            let others = patience.paused_until(now).unwrap();
            assert!(fault.wait.next_try > others, "the others go first");
            patience.works();
            waits.push((fault.wait.next_try - now).num_minutes());
            now = fault.wait.next_try;
        }
        assert_eq!(waits, [1, 5, 15, 60]);
    }

    #[test]
    fn two_such_letters_do_not_either() {
        let mut patience = Patience::default();
        let first = patience.broken(ONE, at(0));
        let resumed = patience.paused_until(at(0)).unwrap();
        let second = patience.broken(TWO, resumed);
        let others = patience.paused_until(resumed).unwrap();
        assert!(second.wait.next_try > others && first.wait.next_try >= resumed);
    }

    #[test]
    fn letters_that_are_never_heard_of_again_are_forgotten() {
        let mut patience = Patience::default();
        for id in 0..100 {
            patience.refused(LetterId(id), at(0));
        }
        patience.refused(LetterId(100), at(25 * 60));
        assert_eq!(patience.letters.len(), 1);
    }
}
