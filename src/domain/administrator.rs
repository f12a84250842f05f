//! Who may decide about a contract: administrators, those who stand in for them, and how many of them must agree.

use std::num::NonZeroU32;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::address::EmailAddress;
use super::words::Language;

/// Who of a scope must agree (rule V4). What the register leaves open is the desk's policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Quorum {
    /// The first verdict settles.
    Any,
    /// Everybody; the first deny settles.
    All,
    /// So many approvals; denied once they cannot be reached.
    AtLeast(NonZeroU32),
}

impl Quorum {
    /// Reads `any`, `all` or a number from 1.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "any" => Some(Self::Any),
            "all" => Some(Self::All),
            number if number.bytes().all(|b| b.is_ascii_digit()) => number.parse().ok().map(Self::AtLeast),
            _ => None,
        }
    }

    /// How many of so many seats must approve: at least one.
    pub fn needed(self, seats: usize) -> usize {
        match self {
            Self::Any => 1,
            Self::All => seats.max(1),
            Self::AtLeast(count) => usize::try_from(count.get()).unwrap_or(usize::MAX),
        }
    }
}

impl std::fmt::Display for Quorum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Any => f.pad("any"),
            Self::All => f.pad("all"),
            Self::AtLeast(count) => count.fmt(f),
        }
    }
}

impl TryFrom<String> for Quorum {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or_else(|| format!("{text:?} is no agreement; write any, all or a number"))
    }
}

impl From<Quorum> for String {
    fn from(quorum: Quorum) -> Self {
        quorum.to_string()
    }
}

/// A person who may grant access.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Administrator {
    pub email: EmailAddress,
    pub name: Option<String>,
    /// The language to write in; the request's where the register does not say.
    pub language: Option<Language>,
    /// Who may speak for this administrator, each on certain days.
    pub substitutes: Vec<Substitute>,
}

/// Somebody who stands in for an administrator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Substitute {
    pub email: EmailAddress,
    pub name: Option<String>,
    /// As in [`Administrator`].
    pub language: Option<Language>,
    /// The first day, in the desk's zone; `None` for always up to `until`.
    pub from: Option<NaiveDate>,
    /// The last day, in the desk's zone, itself included; `None` for ever.
    pub until: Option<NaiveDate>,
}

impl Substitute {
    /// Whether the substitute may speak on that day of the desk's zone.
    pub fn is_in_effect(&self, today: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= today) && self.until.is_none_or(|until| today <= until)
    }
}

/// Somebody who may speak for a seat: whom to write to, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Speaker {
    pub email: EmailAddress,
    pub name: Option<String>,
    pub language: Option<Language>,
}

/// One voice in a decision: an administrator, with everybody who may speak for it.
///
/// Somebody may speak for several seats: an administrator who stands in for another one.
#[derive(Debug, Clone, PartialEq)]
pub struct Seat<'a> {
    pub administrator: &'a Administrator,
    /// The administrator first, then the substitutes in effect, each person once. Never the requester, never empty.
    pub people: Vec<Speaker>,
}

impl Seat<'_> {
    /// Whether that person may speak for this seat.
    pub fn seats(&self, person: &EmailAddress) -> bool {
        self.people.iter().any(|speaker| speaker.email == *person)
    }
}

impl Administrator {
    /// An administrator of whom only the address is known.
    pub const fn new(email: EmailAddress) -> Self {
        Self { email, name: None, language: None, substitutes: Vec::new() }
    }

    /// Everybody who may speak for this administrator on that day about a grant to `requester`. `None` for the requester's
    /// own seat: neither the requester nor a substitute of the requester's choice decides about it (rule V5).
    pub(super) fn seat(&self, requester: Option<&EmailAddress>, today: NaiveDate) -> Option<Seat<'_>> {
        if Some(&self.email) == requester {
            return None;
        }
        let mut people = vec![Speaker { email: self.email.clone(), name: self.name.clone(), language: self.language }];
        for substitute in self.substitutes.iter().filter(|substitute| substitute.is_in_effect(today)) {
            let known = people.iter().any(|speaker| speaker.email == substitute.email);
            if !known && Some(&substitute.email) != requester {
                people.push(Speaker {
                    email: substitute.email.clone(),
                    name: substitute.name.clone(),
                    language: substitute.language,
                });
            }
        }
        Some(Seat { administrator: self, people })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v4_an_agreement_is_any_all_or_a_number_from_one() {
        for text in ["any", "all", "1", "2", "17"] {
            assert_eq!(Quorum::parse(text).map(|quorum| quorum.to_string()).as_deref(), Some(text));
        }
        for text in ["", "0", "-1", "+1", "ALL", "both", "1.5", "99999999999"] {
            assert_eq!(Quorum::parse(text), None, "{text}");
        }
    }

    #[test]
    fn v4_how_many_must_approve_is_at_least_one_and_never_fewer_than_asked_for() {
        let three = Quorum::parse("3").unwrap();
        for seats in 0..6 {
            assert_eq!(Quorum::Any.needed(seats), 1);
            assert_eq!(Quorum::All.needed(seats), seats.max(1));
            assert_eq!(three.needed(seats), 3, "fewer seats than are needed do not lower it");
        }
    }
}
