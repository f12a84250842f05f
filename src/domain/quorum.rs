//! Whether enough people agree: votes counted against the seats of a contract (rules V4 and V5).
//!
//! A seat is one voice: an administrator, or whoever stands in for that person. A person fills one seat only, whatever the
//! number of seats that person could fill, so that nobody agrees twice.

use super::address::EmailAddress;
use super::approval::Say;
use super::contract::Quorum;

/// The people who may fill one seat. Never the requester (rule V5): whoever makes the seats leaves that person out.
pub type Seat = Vec<EmailAddress>;

/// One person's word on the item as it is shown now; at most one for each person, in the order in which they came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ballot<'a> {
    pub person: &'a EmailAddress,
    pub says: Say,
}

/// How the votes stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tally {
    /// Enough people approve.
    Approved,
    /// So many deny that enough can never approve.
    Denied,
    /// One send_back settles.
    SentBack,
    /// More answers are needed, and can come.
    Open {
        /// Seats that approve.
        approvals: u32,
        /// Seats that must approve.
        needed: u32,
    },
    /// More answers are needed than can come: fewer people are eligible and reachable than must agree.
    Short,
}

/// Counts. `can_answer` says of a person who has not voted whether an answer can still come.
///
/// Words of people who have no seat count for nothing. A denial weighs before an approval of the same seat: where an
/// administrator and the substitute contradict each other, nobody gets access on the word of one of them.
pub fn tally(
    quorum: Quorum,
    seats: &[Seat],
    votes: &[Ballot<'_>],
    can_answer: &dyn Fn(&EmailAddress) -> bool,
) -> Tally {
    let mut everybody: Vec<&EmailAddress> = Vec::new();
    for person in seats.iter().flatten() {
        if !everybody.contains(&person) {
            everybody.push(person);
        }
    }
    let said = |person: &EmailAddress| votes.iter().find(|vote| vote.person == person).map(|vote| vote.says);
    let who_say = |says| everybody.iter().copied().filter(move |person| said(person) == Some(says));
    if who_say(Say::SendBack).next().is_some() {
        return Tally::SentBack;
    }
    let denied = who_say(Say::Deny).next().is_some();
    // Empty where only the requester sat there.
    let filled_seats = seats.iter().filter(|seat| !seat.is_empty()).count();
    let needed = match quorum {
        Quorum::Any => 1,
        Quorum::All => filled_seats.max(1),
        Quorum::AtLeast(n) => usize::try_from(n.get()).unwrap_or(usize::MAX),
    };
    match quorum {
        Quorum::Any | Quorum::All if denied => return Tally::Denied,
        Quorum::Any | Quorum::All | Quorum::AtLeast(_) => {}
    }
    if Seating::over(seats).seat(everybody.iter().copied()) < needed {
        return Tally::Short;
    }
    let mut seating = Seating::over(seats);
    seating.seat(who_say(Say::Deny));
    let approvals = seating.seat(who_say(Say::Approve));
    if approvals >= needed {
        return Tally::Approved;
    }
    let silent = || everybody.iter().copied().filter(|person| said(person).is_none());
    let could_come = seating.clone().seat(silent());
    if approvals.saturating_add(could_come) < needed {
        return if denied { Tally::Denied } else { Tally::Short };
    }
    let can_come = seating.seat(silent().filter(|person| can_answer(person)));
    if approvals.saturating_add(can_come) < needed {
        return Tally::Short;
    }
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Tally::Open { approvals: count(approvals), needed: count(needed) }
}

/// Who sits where: as many people as fit, each on one seat. Whoever sits keeps a seat, though perhaps another one.
#[derive(Clone)]
struct Seating<'a> {
    seats: &'a [Seat],
    sits: Vec<Option<&'a EmailAddress>>,
}

impl<'a> Seating<'a> {
    fn over(seats: &'a [Seat]) -> Self {
        Self { seats, sits: vec![None; seats.len()] }
    }

    /// Seats people in order; gives how many of them found a seat.
    fn seat(&mut self, people: impl Iterator<Item = &'a EmailAddress>) -> usize {
        people.filter(|person| self.find(person, &mut vec![false; self.seats.len()])).count()
    }

    /// Kuhn's augmenting path: somebody who sits moves on where another seat is free.
    fn find(&mut self, person: &'a EmailAddress, tried: &mut [bool]) -> bool {
        for (no, seat) in self.seats.iter().enumerate() {
            let first_look =
                tried.get_mut(no).is_some_and(|tried| seat.contains(person) && !std::mem::replace(tried, true));
            if !first_look {
                continue;
            }
            let sitting = self.sits.get(no).copied().flatten();
            if sitting.is_none_or(|sitting| self.find(sitting, tried))
                && let Some(place) = self.sits.get_mut(no)
            {
                *place = Some(person);
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    fn address(name: &str) -> EmailAddress {
        EmailAddress::parse(&format!("{name}@holder.example")).unwrap()
    }

    /// `"a s, b"`: the seat of a with the substitute s, and the seat of b.
    fn seats(text: &str) -> Vec<Seat> {
        text.split(',').map(|seat| seat.split_whitespace().map(address).collect()).collect()
    }

    fn quorum(text: &str) -> Quorum {
        match text {
            "any" => Quorum::Any,
            "all" => Quorum::All,
            n => Quorum::AtLeast(NonZeroU32::new(n.parse().unwrap()).unwrap()),
        }
    }

    /// `"a+ b- c<"`: a approves, b denies, c sends back. Those in `gone` cannot be reached.
    fn count(needs: &str, of: &str, votes: &str, gone: &str) -> String {
        let said: Vec<(EmailAddress, Say)> = votes
            .split_whitespace()
            .map(|vote| {
                let (name, says) = vote.split_at(vote.len() - 1);
                let says = match says {
                    "+" => Say::Approve,
                    "-" => Say::Deny,
                    _ => Say::SendBack,
                };
                (address(name), says)
            })
            .collect();
        let ballots: Vec<Ballot<'_>> = said.iter().map(|(person, says)| Ballot { person, says: *says }).collect();
        let gone: Vec<EmailAddress> = gone.split_whitespace().map(address).collect();
        match tally(quorum(needs), &seats(of), &ballots, &|person| !gone.contains(person)) {
            Tally::Open { approvals, needed } => format!("{approvals}/{needed}"),
            other => format!("{other:?}").to_lowercase(),
        }
    }

    #[test]
    fn v4_each_quorum_settles_where_the_rule_says() {
        for (needs, of, votes, gone, expected) in [
            // Any: the first verdict.
            ("any", "a, b", "", "", "0/1"),
            ("any", "a, b", "b+", "", "approved"),
            ("any", "a, b", "b-", "", "denied"),
            ("any", "a, b", "b<", "", "sentback"),
            // All: the first denial; else everybody.
            ("all", "a, b, c", "a+", "", "1/3"),
            ("all", "a, b, c", "a+ b+", "", "2/3"),
            ("all", "a, b, c", "a+ b+ c+", "", "approved"),
            ("all", "a, b, c", "a+ b-", "", "denied"),
            ("all", "a", "a+", "", "approved"),
            // n: so many approvals; denied once they cannot be reached.
            ("2", "a, b, c", "a+", "", "1/2"),
            ("2", "a, b, c", "a-", "", "0/2"),
            ("2", "a, b, c", "a- b+", "", "1/2"),
            ("2", "a, b, c", "a- b+ c+", "", "approved"),
            ("2", "a, b, c", "a- b-", "", "denied"),
            ("2", "a, b, c", "a+ b<", "", "sentback"),
            ("3", "a, b, c", "a-", "", "denied"),
        ] {
            assert_eq!(count(needs, of, votes, gone), expected, "{needs} of {of}: {votes}");
        }
    }

    #[test]
    fn v5_fewer_eligible_and_reachable_people_than_needed_is_for_a_person_to_settle() {
        for (needs, of, votes, gone, expected) in [
            ("any", "", "", "", "short"),
            ("any", "a", "", "a", "short"),
            ("any", "a, b", "", "a", "0/1"),
            ("all", "a, b", "", "a", "short"),
            ("all", "a, b", "b+", "a", "short"),
            ("2", "a", "", "", "short"),
            ("2", "a", "a+", "", "short"),
            ("2", "a, b, c", "", "a", "0/2"),
            ("2", "a, b, c", "", "a b", "short"),
            // An answer that came counts, whatever is thought of the letter; what nobody denied is not denied.
            ("2", "a, b, c", "a+ b+", "a b c", "approved"),
            ("2", "a, b, c", "a-", "b", "short"),
            // The seat in which only the requester sat is no seat.
            ("all", "a,", "a+", "", "approved"),
        ] {
            assert_eq!(count(needs, of, votes, gone), expected, "{needs} of {of}: {votes}, gone {gone}");
        }
    }

    #[test]
    fn v4_a_person_fills_one_seat_only() {
        for (needs, of, votes, gone, expected) in [
            // s stands in for both: one voice all the same.
            ("2", "a s, b s", "s+", "", "1/2"),
            ("all", "a s, b s", "s+", "", "1/2"),
            // s takes the seat that the others leave, in any order.
            ("2", "a s, b s", "s+ a+", "", "approved"),
            ("2", "a s, b s", "s+ b+", "", "approved"),
            ("2", "a s, b s", "a+ b+", "", "approved"),
            // An administrator and the substitute are one voice.
            ("2", "a s, b", "a+ s+", "", "1/2"),
            // Where they contradict each other, the seat does not approve.
            ("2", "a s, b, c", "s+ a- b+", "", "1/2"),
            ("2", "a s, b", "s+ a-", "", "denied"),
            // Both administrators away, one substitute for two: not enough people.
            ("2", "s, s", "", "", "short"),
            ("all", "s, s", "s+", "", "short"),
            ("2", "a s, b s", "", "a b", "short"),
            // Who has no seat has no voice.
            ("any", "a", "x+", "", "0/1"),
            ("any", "a", "x-", "", "0/1"),
            ("all", "a, b", "a+ x<", "", "1/2"),
        ] {
            assert_eq!(count(needs, of, votes, gone), expected, "{needs} of {of}: {votes}, gone {gone}");
        }
    }

    /// Every way in which four people, two of them with a part in two seats, can have answered or be out of reach.
    fn all_cases(mut look: impl FnMut(&str, &str, &[(char, char)])) {
        for needs in ["any", "all", "2", "3"] {
            for of in ["a d, b d, c", "a, b c, c d, d"] {
                for case in 0..5usize.pow(4) {
                    let state = |nth: u32| ['+', '-', '<', '.', '!'][case / 5usize.pow(nth) % 5];
                    look(needs, of, &[('a', state(0)), ('b', state(1)), ('c', state(2)), ('d', state(3))]);
                }
            }
        }
    }

    fn count_case(needs: &str, of: &str, people: &[(char, char)]) -> String {
        let voted = |(name, state): &(char, char)| "+-<".contains(*state).then(|| format!("{name}{state} "));
        let votes: String = people.iter().filter_map(voted).collect();
        let gone: String =
            people.iter().filter(|(_, state)| *state == '!').map(|(name, _)| format!("{name} ")).collect();
        count(needs, of, &votes, &gone)
    }

    #[test]
    fn v4_nothing_is_approved_by_fewer_people_than_needed_or_against_a_denial_that_settles() {
        all_cases(|needs, of, people| {
            let result = count_case(needs, of, people);
            let approving = people.iter().filter(|(_, state)| *state == '+').count();
            let denying = people.iter().any(|(_, state)| *state == '-');
            if result == "approved" {
                let least = match needs {
                    "any" => 1,
                    "all" => of.split(',').count(),
                    n => n.parse().unwrap(),
                };
                assert!(approving >= least, "{needs} of {of}: {people:?}");
                assert!(!denying || !matches!(needs, "any" | "all"), "{needs} of {of}: {people:?}");
                assert!(people.iter().all(|(_, state)| *state != '<'), "{needs} of {of}: {people:?}");
            }
            if result == "denied" {
                assert!(denying, "{needs} of {of}: {people:?}");
            }
        });
    }

    #[test]
    fn v4_the_order_of_the_votes_changes_nothing_and_a_denial_never_helps() {
        all_cases(|needs, of, people| {
            let result = count_case(needs, of, people);
            let reversed: Vec<(char, char)> = people.iter().rev().copied().collect();
            assert_eq!(result, count_case(needs, of, &reversed), "{needs} of {of}: {people:?}");
            for nth in 0..people.len() {
                let mut denied = people.to_vec();
                denied[nth].1 = '-';
                if count_case(needs, of, &denied) == "approved" && people[nth].1 != '<' {
                    assert_eq!(result, "approved", "{needs} of {of}: {people:?} against {denied:?}");
                }
            }
        });
    }

    #[test]
    fn v4_an_open_count_can_still_be_settled_by_those_who_can_answer() {
        all_cases(|needs, of, people| {
            let result = count_case(needs, of, people);
            if result.contains('/') {
                let answered: Vec<(char, char)> =
                    people.iter().map(|(name, state)| (*name, if *state == '.' { '+' } else { *state })).collect();
                assert_eq!(count_case(needs, of, &answered), "approved", "{needs} of {of}: {people:?}");
            }
        });
    }
}
