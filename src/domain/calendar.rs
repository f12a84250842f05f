//! The desk's calendar: business hours in the desk's zone, and what "after two business days" means.

use chrono::{
    DateTime, Datelike, Days, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc, Weekday,
};
use chrono_tz::Tz;

/// Business hours, the same on every business day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    pub zone: Tz,
    pub opens: NaiveTime,
    pub closes: NaiveTime,
    /// Days of the week on which the desk works.
    pub weekdays: Vec<Weekday>,
}

impl Calendar {
    /// Monday to Friday, 9 to 18.
    pub fn plain(zone: Tz) -> Self {
        Self {
            zone,
            opens: NaiveTime::from_hms_opt(9, 0, 0).unwrap_or_default(),
            closes: NaiveTime::from_hms_opt(18, 0, 0).unwrap_or_default(),
            weekdays: vec![Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri],
        }
    }

    /// The day in the desk's zone.
    pub fn day(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.zone).date_naive()
    }

    /// Midnight at which a day of the desk's zone begins.
    pub fn start_of(&self, day: NaiveDate) -> DateTime<Utc> {
        self.instant(day.and_time(NaiveTime::MIN))
    }

    /// Whether the desk works on that day.
    pub fn is_business_day(&self, day: NaiveDate) -> bool {
        self.weekdays.contains(&day.weekday())
    }

    /// `count` business days after `from`, at the same time of day within business hours. What happens outside them
    /// counts from the next opening.
    pub fn after_business_days(&self, from: DateTime<Utc>, count: u32) -> DateTime<Utc> {
        let start = self.next_open(from).with_timezone(&self.zone).naive_local();
        let mut day = start.date();
        for _ in 0..count {
            day = self.next_business_day(day);
        }
        self.instant(day.and_time(start.time()))
    }

    /// `time` of business hours after `from`: what is not used up by closing goes on at the next opening.
    pub fn after_business_time(&self, from: DateTime<Utc>, time: TimeDelta) -> DateTime<Utc> {
        let mut at = self.next_open(from);
        let mut left = time;
        // A day has at least a minute of business hours: the config is read so. Ten years bound what it may say otherwise.
        for _ in 0..3653 {
            let day = at.with_timezone(&self.zone).date_naive();
            let today = self.instant(day.and_time(self.closes)) - at;
            if left <= today {
                break;
            }
            left -= today;
            at = self.instant(self.next_business_day(day).and_time(self.opens));
        }
        at.checked_add_signed(left).unwrap_or(at)
    }

    /// The first instant at or after `at` within business hours.
    pub fn next_open(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        let local = at.with_timezone(&self.zone).naive_local();
        if self.is_business_day(local.date()) {
            if local.time() < self.opens {
                return self.instant(local.date().and_time(self.opens));
            }
            if local.time() < self.closes {
                return at;
            }
        }
        self.instant(self.next_business_day(local.date()).and_time(self.opens))
    }

    /// `days` elapsed days after `from`, then on to the closing of that business day, or of the next one (rule C3).
    pub fn close_after_days(&self, from: DateTime<Utc>, days: u32) -> DateTime<Utc> {
        let reached = from.checked_add_signed(TimeDelta::days(i64::from(days))).unwrap_or(DateTime::<Utc>::MAX_UTC);
        let local = reached.with_timezone(&self.zone).naive_local();
        let today = self.is_business_day(local.date()) && local.time() <= self.closes;
        let day = if today { local.date() } else { self.next_business_day(local.date()) };
        self.instant(day.and_time(self.closes))
    }

    fn next_business_day(&self, day: NaiveDate) -> NaiveDate {
        // A week always holds a business day: `weekdays` is checked not to be empty when the config is read.
        (1..=7)
            .filter_map(|ahead| day.checked_add_days(Days::new(ahead)))
            .find(|day| self.is_business_day(*day))
            .unwrap_or(day)
    }

    /// A wall-clock time in the gap of a clock change moves forward past it; one in the fold is the earlier.
    fn instant(&self, local: NaiveDateTime) -> DateTime<Utc> {
        (0..=24)
            .filter_map(|quarters| local.checked_add_signed(TimeDelta::minutes(15 * quarters)))
            .find_map(|local| match self.zone.from_local_datetime(&local) {
                LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => Some(at.with_timezone(&Utc)),
                LocalResult::None => None,
            })
            .unwrap_or_else(|| local.and_utc())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokyo() -> Calendar {
        Calendar::plain(chrono_tz::Asia::Tokyo)
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse::<DateTime<chrono::FixedOffset>>().unwrap().to_utc()
    }

    #[test]
    fn c3_a_business_day_after_friday_noon_is_monday_noon() {
        assert_eq!(tokyo().after_business_days(at("2026-11-20T12:00:00+09:00"), 1), at("2026-11-23T12:00:00+09:00"));
        assert_eq!(tokyo().after_business_days(at("2026-11-20T12:00:00+09:00"), 3), at("2026-11-25T12:00:00+09:00"));
    }

    #[test]
    fn what_arrives_at_night_or_on_a_weekend_counts_from_the_next_opening() {
        assert_eq!(tokyo().after_business_days(at("2026-11-20T22:00:00+09:00"), 1), at("2026-11-24T09:00:00+09:00"));
        assert_eq!(tokyo().next_open(at("2026-11-21T12:00:00+09:00")), at("2026-11-23T09:00:00+09:00"));
        assert_eq!(tokyo().next_open(at("2026-11-20T18:00:00+09:00")), at("2026-11-23T09:00:00+09:00"));
    }

    #[test]
    fn two_business_hours_go_on_in_the_morning_after_the_weekend() {
        let after = |from| tokyo().after_business_time(at(from), TimeDelta::hours(2));
        assert_eq!(after("2026-11-20T10:00:00+09:00"), at("2026-11-20T12:00:00+09:00"));
        assert_eq!(after("2026-11-20T16:00:00+09:00"), at("2026-11-20T18:00:00+09:00"));
        assert_eq!(after("2026-11-20T17:30:00+09:00"), at("2026-11-23T10:30:00+09:00"));
        assert_eq!(after("2026-11-21T03:00:00+09:00"), at("2026-11-23T11:00:00+09:00"));
        assert_eq!(
            tokyo().after_business_time(at("2026-11-20T10:00:00+09:00"), TimeDelta::hours(20)),
            at("2026-11-24T12:00:00+09:00")
        );
    }

    #[test]
    fn c3_expiry_falls_on_the_end_of_a_business_day() {
        assert_eq!(tokyo().close_after_days(at("2026-11-02T10:00:00+09:00"), 14), at("2026-11-16T18:00:00+09:00"));
        // 14 days after a Saturday is a Saturday: the Monday after.
        assert_eq!(tokyo().close_after_days(at("2026-11-07T10:00:00+09:00"), 14), at("2026-11-23T18:00:00+09:00"));
    }

    #[test]
    fn a_time_in_the_gap_of_a_clock_change_moves_forward() {
        let mut calendar = Calendar::plain(chrono_tz::America::New_York);
        calendar.opens = NaiveTime::from_hms_opt(2, 30, 0).unwrap();
        calendar.weekdays.push(Weekday::Sun);
        assert_eq!(calendar.next_open(at("2027-03-14T00:10:00-05:00")), at("2027-03-14T03:00:00-04:00"));
    }
}
