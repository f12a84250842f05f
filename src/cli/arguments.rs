//! Numbers on the command line, with faults in words: the parser's own say "invalid digit found in string".

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::domain::address::EmailAddress;
use crate::domain::ids::Reference;

/// The number of a mail, letter or task, as the lists show them.
pub fn row(text: &str) -> Result<i64, String> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| "no number of the list; one looks like 12".to_owned())
}

/// How many at most.
pub fn count(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| "no count; one looks like 200".to_owned())
}

/// A request's reference.
pub fn reference(text: &str) -> Result<Reference, String> {
    Reference::parse(text).ok_or_else(|| "no reference; one looks like RG-7K3M9Q".to_owned())
}

/// A mail address.
pub fn address(text: &str) -> Result<EmailAddress, String> {
    EmailAddress::parse(text).ok_or_else(|| "no address; one looks like ito@vendor.example".to_owned())
}

/// From when on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    Day(NaiveDate),
    Ago(TimeDelta),
}

impl Since {
    /// The moment that is meant, days beginning in that zone.
    pub fn from(self, now: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
        match self {
            Self::Day(day) => {
                let begins = day.and_time(NaiveTime::MIN).and_local_timezone(zone).earliest();
                begins.map_or_else(|| day.and_time(NaiveTime::MIN).and_utc(), |begins| begins.to_utc())
            }
            Self::Ago(time) => now.checked_sub_signed(time).unwrap_or(DateTime::<Utc>::MIN_UTC),
        }
    }
}

/// `2026-11-20`, `3d` or `12h`.
pub fn since(text: &str) -> Result<Since, String> {
    let counted = |unit| text.strip_suffix(unit).and_then(|count| count.parse::<u32>().ok()).map(i64::from);
    let day = || text.parse().ok().map(Since::Day);
    let hours = || counted('h').map(|hours| Since::Ago(TimeDelta::hours(hours)));
    let days = counted('d').map(|days| Since::Ago(TimeDelta::hours(days.saturating_mul(24))));
    days.or_else(hours).or_else(day).ok_or_else(|| "no time; write 2026-11-20, 3d or 12h".to_owned())
}
