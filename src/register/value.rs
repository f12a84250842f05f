//! What stands in a cell: numbers, days, persons and mail domains.

use chrono::{DateTime, LocalResult, NaiveDate, NaiveTime, TimeZone, Utc};
use unicode_normalization::UnicodeNormalization;

use super::Reading;
use super::faults::Complaint;
use crate::domain::address::{EmailAddress, covers};
use crate::domain::calendar::Calendar;
use crate::domain::contract::{Administrator, Quorum, folded_number};
use crate::domain::quote::one_line;
use crate::domain::words::Language;

/// Labels under which country registries let companies register: `co.jp`, `com.au`. The whole list of public suffixes
/// comes with the rules; these are the ones that a hurried person types.
const SECOND_LEVEL: &[&str] =
    &["ac", "ad", "co", "com", "ed", "edu", "go", "gov", "gr", "lg", "ltd", "ne", "net", "or", "org", "plc"];

type Parsed<T> = Result<T, Complaint>;

/// The parts of a list.
pub(super) fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split([';', '；']).map(str::trim).filter(|part| !part.is_empty())
}

/// Text as it stands.
pub(super) fn text(text: &str, _: Reading<'_>) -> Parsed<String> {
    Ok(text.to_owned())
}

/// A contract number, bill-to ID or serial number, folded.
pub(super) fn number(text: &str, _: Reading<'_>) -> Parsed<String> {
    folded_number(text).ok_or_else(|| {
        (
            format!("holds {}, which is no number", shown(text)),
            "Write digits and letters only; in a spreadsheet format the column as text.".into(),
        )
    })
}

/// Who of the administrators must agree.
pub(super) fn agreement(text: &str, _: Reading<'_>) -> Parsed<Quorum> {
    let folded: String = text.nfkc().collect();
    Quorum::parse(&folded.to_ascii_lowercase()).ok_or_else(|| {
        let remedy = "Write `any`, `all` or how many must agree; leave it blank for the desk's policy.";
        (format!("holds {}, which is no agreement", shown(text)), remedy.into())
    })
}

/// `ja` or `en`.
pub(super) fn language(text: &str, _: Reading<'_>) -> Parsed<Language> {
    Language::parse(&text.to_ascii_lowercase()).ok_or_else(|| {
        let known: Vec<&str> = Language::ALL.iter().map(|language| language.as_str()).collect();
        let remedy = format!("Write one of {}, or leave it blank for the language of the request.", known.join(", "));
        (format!("holds {}, which is no language of Ringi", shown(text)), remedy)
    })
}

/// An address.
pub(super) fn address(text: &str, _: Reading<'_>) -> Parsed<EmailAddress> {
    EmailAddress::parse(text).ok_or_else(|| {
        (format!("holds {}, which is no mail address", shown(text)), "Write it as `name@company.example`.".into())
    })
}

/// `Name <a@b>` or a bare address.
pub(super) fn person(text: &str, _: Reading<'_>) -> Parsed<Administrator> {
    let (name, address) = match text.rsplit_once('<') {
        Some((name, rest)) => (name.trim().trim_matches('"').trim(), rest.trim_end().strip_suffix('>')),
        None => ("", Some(text)),
    };
    let name = (!name.is_empty()).then(|| name.to_owned());
    let email = address.and_then(EmailAddress::parse);
    match email {
        Some(email) => Ok(Administrator { name, ..Administrator::new(email) }),
        None => Err((
            format!("holds {}, which is no person", shown(text)),
            "Write `Name <name@company.example>`; several persons are separated by `;`.".into(),
        )),
    }
}

/// A mail domain that one company has for itself.
pub(super) fn domain(text: &str, reading: Reading<'_>) -> Parsed<String> {
    let domain = text.strip_prefix('@').unwrap_or(text).to_lowercase();
    let instead = "Name the company's own domain, or its people one by one in `addresses`.";
    let refused = |why: &str| Err((format!("holds {}, {why}", shown(text)), instead.to_owned()));
    let labels: Vec<&str> = domain.split('.').collect();
    match labels.as_slice() {
        [_] => return refused("a single label: every company under it would be the holder"),
        [second, top] if top.len() == 2 && SECOND_LEVEL.contains(second) => {
            return refused("under which many companies register: each would be the holder");
        }
        _ => {}
    }
    if EmailAddress::parse(&format!("a@{domain}")).is_none() {
        let remedy = "Write it as `company.example`, without `*`, path or address.";
        return Err((format!("holds {}, which is no mail domain", shown(text)), remedy.into()));
    }
    if reading.free_mail.iter().any(|free| covers(free, &domain)) {
        return refused("where anybody gets an address: everybody would be the holder");
    }
    Ok(domain)
}

/// `YYYY-MM-DD` or `YYYY/MM/DD`.
pub(super) fn day(text: &str, _: Reading<'_>) -> Parsed<NaiveDate> {
    read_day(text).ok_or_else(|| {
        (format!("holds {}, which is no day", shown(text)), "Write it as YYYY-MM-DD, such as 2026-04-01.".into())
    })
}

/// A day, with or without a time of the desk's zone.
pub(super) fn instant(text: &str, reading: Reading<'_>) -> Parsed<DateTime<Utc>> {
    let folded: String = text.nfkc().collect();
    let (date, time) = match folded.split_once([' ', 'T']) {
        Some((date, time)) => (date, Some(time.trim())),
        None => (folded.as_str(), None),
    };
    let at = read_day(date).and_then(|day| match time {
        None => Some(Calendar::plain(reading.zone).start_of(day)),
        Some(time) => match reading.zone.from_local_datetime(&day.and_time(read_time(time)?)) {
            // In the hour that comes twice, the later one: a contract is too new for longer, never for shorter.
            LocalResult::Single(at) | LocalResult::Ambiguous(_, at) => Some(at.to_utc()),
            LocalResult::None => None,
        },
    });
    at.ok_or_else(|| {
        let remedy = "Write it as YYYY-MM-DD or YYYY-MM-DD HH:MM, in the desk's own time.";
        (format!("holds {}, which is no moment", shown(text)), remedy.into())
    })
}

fn read_day(text: &str) -> Option<NaiveDate> {
    let folded: String = text.nfkc().collect();
    let separator = if folded.contains('/') { '/' } else { '-' };
    let parts: Vec<&str> = folded.split(separator).collect();
    let [year, month, day] = parts.as_slice() else { return None };
    let digits = |text: &str, most: usize| {
        let sound = !text.is_empty() && text.len() <= most && text.bytes().all(|b| b.is_ascii_digit());
        sound.then(|| text.parse::<u32>().ok()).flatten()
    };
    if year.len() != 4 {
        return None;
    }
    // Spreadsheets write 2026/4/1.
    NaiveDate::from_ymd_opt(digits(year, 4)?.try_into().ok()?, digits(month, 2)?, digits(day, 2)?)
}

fn read_time(text: &str) -> Option<NaiveTime> {
    ["%H:%M:%S", "%H:%M"].iter().find_map(|form| NaiveTime::parse_from_str(text, form).ok())
}

fn shown(text: &str) -> String {
    format!("{:?}", one_line(text, 40))
}
