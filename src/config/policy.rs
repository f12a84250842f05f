//! `[desk.policy]`: what one desk decides otherwise than `rules/policy.toml`.

use chrono::TimeDelta;
use serde::Deserialize;

use crate::domain::policy::{Alignment, Policy};

/// Values that stand in for those of the rules; what is absent stays. Keys are spelled as in `rules/policy.toml`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyOverrides {
    /// Business days, ascending.
    remind_after: Option<Vec<u32>>,
    /// Business days.
    escalate_after: Option<u32>,
    /// Elapsed days.
    expire_after_days: Option<u32>,
    too_new_hours: Option<u32>,
    direct_support_levels: Option<Vec<String>>,
    unverified_sender_limit: Option<u32>,
    administrator_daily_limit: Option<u32>,
    letters_per_address_daily: Option<u32>,
    letters_per_request_daily: Option<u32>,
    letters_hourly: Option<u32>,
}

impl PolicyOverrides {
    /// The policy of the rules with this desk's own values.
    pub fn over(&self, policy: Policy, alignment: Alignment) -> Policy {
        let mut policy = Policy { alignment, ..policy };
        set(&mut policy.remind_after, self.remind_after.as_ref());
        set(&mut policy.escalate_after, self.escalate_after.as_ref());
        set(&mut policy.expire_after, self.expire_after_days.as_ref());
        set(&mut policy.too_new_for, self.too_new_hours.map(|hours| TimeDelta::hours(i64::from(hours))).as_ref());
        set(&mut policy.direct_support_levels, self.direct_support_levels.as_ref());
        set(&mut policy.unverified_sender_limit, self.unverified_sender_limit.as_ref());
        set(&mut policy.administrator_daily_limit, self.administrator_daily_limit.as_ref());
        set(&mut policy.breakers.per_address_daily, self.letters_per_address_daily.as_ref());
        set(&mut policy.breakers.per_request_daily, self.letters_per_request_daily.as_ref());
        set(&mut policy.breakers.hourly, self.letters_hourly.as_ref());
        policy
    }
}

fn set<T: Clone>(value: &mut T, own: Option<&T>) {
    if let Some(own) = own {
        *value = own.clone();
    }
}
