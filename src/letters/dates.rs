//! Days and times as letters write them, in the desk's zone.

use chrono::{DateTime, Datelike, NaiveDate, Utc, Weekday};
use chrono_tz::Tz;

use crate::domain::words::Language;

/// `2026年11月24日(火)`, `24 November 2026 (Tue)`.
pub fn day(day: NaiveDate, language: Language) -> String {
    match language {
        Language::Japanese => {
            format!("{}年{}月{}日({})", day.year(), day.month(), day.day(), japanese_weekday(day.weekday()))
        }
        Language::English => day.format("%-d %B %Y (%a)").to_string(),
    }
}

/// The day, then `10:15 JST`: the zone is named, because correspondents may live in another one.
pub fn time(at: DateTime<Utc>, zone: Tz, language: Language) -> String {
    let local = at.with_timezone(&zone);
    format!("{} {}", day(local.date_naive(), language), local.format("%H:%M %Z"))
}

const fn japanese_weekday(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Mon => "月",
        Weekday::Tue => "火",
        Weekday::Wed => "水",
        Weekday::Thu => "木",
        Weekday::Fri => "金",
        Weekday::Sat => "土",
        Weekday::Sun => "日",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_in_the_desk_s_zone_and_names_it() {
        let at = "2026-11-23T16:15:00Z".parse().unwrap();
        let tokyo = chrono_tz::Asia::Tokyo;
        assert_eq!(time(at, tokyo, Language::Japanese), "2026年11月24日(火) 01:15 JST");
        assert_eq!(time(at, tokyo, Language::English), "24 November 2026 (Tue) 01:15 JST");
    }
}
