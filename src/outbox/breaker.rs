//! Breakers: a limit on letters that no sound day reaches, so that a loop ends with a few letters and not with thousands.

use std::collections::HashMap;
use std::fmt;

use crate::domain::ids::Reference;
use crate::domain::policy::Breakers;
use crate::store::Claimed;

/// Which breaker stopped a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Tripped {
    Address(u32),
    Request(u32, Reference),
    Hour(u32),
}

impl fmt::Display for Tripped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(limit) => write!(f, "over {limit} letters a day to one address"),
            Self::Request(limit, reference) => write!(f, "over {limit} letters a day about {reference} to one address"),
            Self::Hour(limit) => write!(f, "over {limit} letters an hour in all"),
        }
    }
}

/// What is counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Count {
    /// Letters of the desk to one folded address in 24 hours.
    Address(String),
    /// Letters about one request to one folded address in 24 hours.
    Request(Reference, String),
    /// Letters of the desk in an hour.
    Hour,
}

/// Counts the letters of one batch on top of those that left before it.
#[derive(Debug)]
pub(super) struct Tally {
    limits: Breakers,
    /// Letters of this batch: the store counts them as being sent already.
    in_batch: HashMap<Count, u64>,
    /// Letters that have left, or will with this batch.
    gone: HashMap<Count, u64>,
}

impl Tally {
    pub(super) fn new<'a>(limits: Breakers, batch: impl IntoIterator<Item = &'a Claimed>) -> Self {
        let mut in_batch = HashMap::new();
        for letter in batch {
            for (count, _) in counts(limits, letter) {
                *in_batch.entry(count).or_insert(0) += 1;
            }
        }
        Self { limits, in_batch, gone: HashMap::new() }
    }

    /// What must be known before the letter can be judged.
    pub(super) fn unknown(&self, letter: &Claimed) -> Vec<Count> {
        counts(self.limits, letter).into_iter().map(|(count, _)| count).filter(|c| !self.gone.contains_key(c)).collect()
    }

    /// Takes the store's count, in which the whole batch is counted as well.
    pub(super) fn know(&mut self, count: Count, with_the_batch: u64) {
        let claimed = self.in_batch.get(&count).copied().unwrap_or(0);
        self.gone.insert(count, with_the_batch.saturating_sub(claimed));
    }

    /// Lets a letter pass and counts it, or says which breaker it trips. A letter that is stopped counts nowhere.
    pub(super) fn admit(&mut self, letter: &Claimed) -> Option<Tripped> {
        let counts = counts(self.limits, letter);
        let tripped = counts.iter().find(|(count, limit)| {
            let gone = self.gone.get(count).copied().unwrap_or(0);
            gone >= u64::from(*limit)
        });
        if let Some((count, limit)) = tripped {
            return Some(match count {
                Count::Address(_) => Tripped::Address(*limit),
                Count::Request(reference, _) => Tripped::Request(*limit, reference.clone()),
                Count::Hour => Tripped::Hour(*limit),
            });
        }
        for (count, _) in counts {
            *self.gone.entry(count).or_insert(0) += 1;
        }
        None
    }
}

/// What a letter counts for, the narrowest first, each with its limit; where there is none, it does not count.
fn counts(limits: Breakers, letter: &Claimed) -> Vec<(Count, u32)> {
    if letter.passes {
        return Vec::new();
    }
    let address = letter.recipient.key();
    let request =
        letter.reference.clone().map(|reference| (Count::Request(reference, address.clone()), limits.request_daily));
    let others = [(Count::Address(address), limits.address_daily), (Count::Hour, limits.hourly)];
    request.into_iter().chain(others).filter(|(_, limit)| *limit > 0).collect()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::domain::address::EmailAddress;
    use crate::domain::ids::LetterNo;
    use crate::store::LetterId;

    /// The design's limits.
    const SOUND: Breakers = Breakers { address_daily: 20, request_daily: 6, hourly: 500 };

    fn letter(id: i64, reference: Option<&str>, to: &str) -> Claimed {
        Claimed {
            id: LetterId(id),
            reference: reference.map(|text| Reference::parse(text).unwrap()),
            no: LetterNo(1),
            name: "status".into(),
            recipient: EmailAddress::parse(to).unwrap(),
            bytes: Vec::new(),
            attempts: 1,
            written_at: DateTime::UNIX_EPOCH,
            passes: false,
        }
    }

    /// Judges a batch on top of what left before; gives what trips, letter by letter.
    fn judged(limits: Breakers, batch: &[Claimed], before: impl Fn(&Count) -> u64) -> Vec<Option<Tripped>> {
        let mut tally = Tally::new(limits, batch);
        let mut judged = Vec::new();
        for letter in batch {
            for count in tally.unknown(letter) {
                let in_batch = batch.iter().filter(|l| counts(limits, l).iter().any(|(c, _)| *c == count)).count();
                let all = before(&count) + in_batch as u64;
                tally.know(count, all);
            }
            judged.push(tally.admit(letter));
        }
        judged
    }

    #[test]
    fn the_seventh_letter_of_a_day_about_one_request_to_one_address_is_held() {
        let batch: Vec<_> = (0..8).map(|id| letter(id, Some("RG-7K3M9Q"), "kei@haruka.example")).collect();
        let tripped = judged(SOUND, &batch, |_| 0);
        assert!(tripped[..6].iter().all(Option::is_none) && tripped[6..].iter().all(Option::is_some), "{tripped:?}");
        let elsewhere =
            [letter(9, Some("RG-7K3M9R"), "kei@haruka.example"), letter(10, Some("RG-7K3M9Q"), "b@haruka.example")];
        let six_of_one = |count: &Count| match count {
            Count::Request(reference, address) if reference.as_str() == "RG-7K3M9Q" && address.starts_with("kei") => 6,
            Count::Request(..) | Count::Address(_) | Count::Hour => 0,
        };
        assert_eq!(judged(SOUND, &elsewhere, six_of_one), [None, None]);
    }

    #[test]
    fn the_twenty_first_letter_of_a_day_to_one_address_is_held_however_it_is_tagged() {
        let batch: Vec<_> = (0..3).map(|id| letter(id, None, &format!("kei+{id}@haruka.example"))).collect();
        let nineteen = |count: &Count| u64::from(matches!(count, Count::Address(_))) * 19;
        assert_eq!(judged(SOUND, &batch, nineteen), [None, Some(Tripped::Address(20)), Some(Tripped::Address(20))]);
    }

    #[test]
    fn the_five_hundred_and_first_letter_of_an_hour_is_held() {
        let batch: Vec<_> = (0..2).map(|id| letter(id, None, &format!("k{id}@haruka.example"))).collect();
        let many = |count: &Count| u64::from(matches!(count, Count::Hour)) * 499;
        assert_eq!(judged(SOUND, &batch, many), [None, Some(Tripped::Hour(500))]);
    }

    #[test]
    fn a_letter_that_is_held_takes_no_other_s_place() {
        let limits = Breakers { address_daily: 1, request_daily: 0, hourly: 2 };
        let batch = [letter(1, None, "a@x.example"), letter(2, None, "a@x.example"), letter(3, None, "b@x.example")];
        assert_eq!(judged(limits, &batch, |_| 0), [None, Some(Tripped::Address(1)), None]);
    }

    #[test]
    fn what_an_operator_sent_all_the_same_passes_every_breaker() {
        let passing = Claimed { passes: true, ..letter(1, Some("RG-7K3M9Q"), "a@x.example") };
        let batch = [passing, letter(2, Some("RG-7K3M9Q"), "a@x.example")];
        assert_eq!(
            judged(SOUND, &batch, |_| 500),
            [None, Some(Tripped::Request(6, batch[1].reference.clone().unwrap()))]
        );
    }

    #[test]
    fn zero_is_no_limit() {
        let none = Breakers { address_daily: 0, request_daily: 0, hourly: 0 };
        let batch = [letter(1, Some("RG-7K3M9Q"), "a@x.example")];
        assert_eq!(judged(none, &batch, |_| 1_000_000), [None]);
    }
}
