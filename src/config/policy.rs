//! `[desk.policy]`: what one desk decides otherwise than `rules/policy.toml`.

use chrono::TimeDelta;
use serde::Deserialize;

use crate::domain::contract::Quorum;
use crate::domain::policy::{Alignment, Policy};

/// Values that stand in for those of the rules; what is absent stays. Keys are spelled as in `rules/policy.toml`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyOverrides {
    /// `any`, `all` or a number of administrators who must agree.
    agreement: Option<Quorum>,
    /// Business days, ascending.
    remind_after: Option<Vec<u32>>,
    /// Business days.
    escalate_after: Option<u32>,
    /// Elapsed days.
    expire_after_days: Option<u32>,
    review_within_minutes: Option<u32>,
    review_warning_minutes: Option<u32>,
    too_new_hours: Option<u32>,
    direct_support_levels: Option<Vec<String>>,
    unverified_sender_limit: Option<u32>,
    administrator_daily_limit: Option<u32>,
    unmatched_numbers_daily_limit: Option<u32>,
    unverified_letters_hourly_limit: Option<u32>,
    #[serde(default)]
    letters: LetterLimits,
}

/// Letters that leave at most; 0 for no limit.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct LetterLimits {
    per_address_and_day: Option<u32>,
    per_request_recipient_and_day: Option<u32>,
    per_hour: Option<u32>,
}

impl PolicyOverrides {
    /// The policy of the rules with this desk's own values.
    pub fn over(&self, policy: Policy, alignment: Alignment) -> Policy {
        let mut policy = Policy { alignment, ..policy };
        set(&mut policy.agreement, self.agreement.as_ref());
        set(&mut policy.remind_after, self.remind_after.as_ref());
        set(&mut policy.escalate_after, self.escalate_after.as_ref());
        set(&mut policy.expire_after, self.expire_after_days.as_ref());
        set(&mut policy.too_new_for, self.too_new_hours.map(|hours| TimeDelta::hours(i64::from(hours))).as_ref());
        let minutes = |minutes: u32| TimeDelta::minutes(i64::from(minutes));
        let warning = self.review_warning_minutes.map_or(policy.review_within - policy.review_warning_after, minutes);
        set(&mut policy.review_within, self.review_within_minutes.map(minutes).as_ref());
        policy.review_warning_after = (policy.review_within - warning).max(TimeDelta::zero());
        set(&mut policy.direct_support_levels, self.direct_support_levels.as_ref());
        set(&mut policy.unverified_sender_limit, self.unverified_sender_limit.as_ref());
        set(&mut policy.administrator_daily_limit, self.administrator_daily_limit.as_ref());
        set(&mut policy.unmatched_daily_limit, self.unmatched_numbers_daily_limit.as_ref());
        set(&mut policy.unverified_hourly_limit, self.unverified_letters_hourly_limit.as_ref());
        set(&mut policy.breakers.address_daily, self.letters.per_address_and_day.as_ref());
        set(&mut policy.breakers.request_daily, self.letters.per_request_recipient_and_day.as_ref());
        set(&mut policy.breakers.hourly, self.letters.per_hour.as_ref());
        policy
    }
}

impl PolicyOverrides {
    /// What is wrong with the values, and what to write.
    pub(super) fn fault(&self) -> Option<(String, &'static str)> {
        let reminders = self.remind_after.as_deref().unwrap_or_default();
        if reminders.contains(&0) || !reminders.is_sorted_by(|a, b| a < b) {
            let what = format!("remind_after = {reminders:?} does not ascend from at least one day");
            return Some((what, "Give business days in ascending order, such as [1, 2]."));
        }
        if self.review_within_minutes == Some(0) {
            let what = "review_within_minutes is 0: nobody could look in time".to_owned();
            return Some((what, "Give at least one minute."));
        }
        if let (Some(escalate), Some(expire)) = (self.escalate_after, self.expire_after_days)
            && expire <= escalate
        {
            let what =
                format!("expire_after_days = {expire} ends a request before escalate_after = {escalate} tells of it");
            return Some((what, "Give more days until the end than until the reviewers are told."));
        }
        if self.escalate_after == Some(0) || self.expire_after_days == Some(0) {
            let what = "escalate_after or expire_after_days is 0: nobody could answer in time".to_owned();
            return Some((what, "Give at least one day."));
        }
        None
    }
}

fn set<T: Clone>(value: &mut T, own: Option<&T>) {
    if let Some(own) = own {
        *value = own.clone();
    }
}
