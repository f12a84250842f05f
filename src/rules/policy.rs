//! `rules/policy.toml`: what a desk may decide about its process.

use chrono::TimeDelta;
use serde::Deserialize;
use toml::Spanned;

use super::companies::CompanyRules;
use super::lists::{Case, with_lines};
use super::source::Source;
use crate::domain::contract::Quorum;
use crate::domain::policy::{Alignment, Breakers, Policy};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyFile {
    remind_after: Spanned<Vec<u32>>,
    escalate_after: Spanned<u32>,
    expire_after_days: Spanned<u32>,
    review_within_minutes: Spanned<u32>,
    review_warning_minutes: Spanned<u32>,
    too_new_hours: u32,
    direct_support_levels: Vec<String>,
    unverified_sender_limit: u32,
    administrator_daily_limit: u32,
    unmatched_numbers_daily_limit: u32,
    unverified_letters_hourly_limit: u32,
    letters: LetterLimits,
    #[serde(default, rename = "case")]
    cases: Vec<Spanned<PolicyCase>>,
}

/// The values of the file, checked: what `domain::policy::Policy` is made of.
#[derive(Debug)]
pub struct PolicyRules {
    /// Business days, ascending.
    pub remind_after: Vec<u32>,
    /// Business days.
    pub escalate_after: u32,
    /// Elapsed days; at least one.
    pub expire_after_days: u32,
    /// Business minutes; at least one.
    pub review_within_minutes: u32,
    /// Business minutes before `review_within_minutes` are over.
    pub review_warning_minutes: u32,
    /// Elapsed hours.
    pub too_new_hours: u32,
    /// As the register writes them; compared without regard to case.
    pub direct_support_levels: Vec<String>,
    /// 0 for no limit.
    pub unverified_sender_limit: u32,
    /// 0 for no limit.
    pub administrator_daily_limit: u32,
    /// 0 for no limit.
    pub unmatched_numbers_daily_limit: u32,
    /// 0 for no limit.
    pub unverified_letters_hourly_limit: u32,
    pub letters: LetterLimits,
    /// The file's own examples.
    pub cases: Vec<Case<PolicyCase>>,
}

/// Letters that leave at most; 0 for no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LetterLimits {
    pub per_address_and_day: u32,
    pub per_request_recipient_and_day: u32,
    pub per_hour: u32,
}

/// A service level and whether it is one with direct support.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyCase {
    pub service_level: String,
    pub direct_support: bool,
}

impl PolicyRules {
    /// The policy of a desk that overrides nothing, with the legal forms of `companies`.
    pub fn policy(&self, companies: &CompanyRules) -> Policy {
        Policy {
            alignment: Alignment::Required,
            agreement: Quorum::Any,
            remind_after: self.remind_after.clone(),
            escalate_after: self.escalate_after,
            expire_after: self.expire_after_days,
            review_within: TimeDelta::minutes(i64::from(self.review_within_minutes)),
            review_warning_after: TimeDelta::minutes(i64::from(
                self.review_within_minutes.saturating_sub(self.review_warning_minutes),
            )),
            too_new_for: TimeDelta::hours(i64::from(self.too_new_hours)),
            direct_support_levels: self.direct_support_levels.clone(),
            unverified_sender_limit: self.unverified_sender_limit,
            administrator_daily_limit: self.administrator_daily_limit,
            unmatched_daily_limit: self.unmatched_numbers_daily_limit,
            unverified_hourly_limit: self.unverified_letters_hourly_limit,
            legal_forms: companies.legal_forms.clone(),
            breakers: Breakers {
                address_daily: self.letters.per_address_and_day,
                request_daily: self.letters.per_request_recipient_and_day,
                hourly: self.letters.per_hour,
            },
        }
    }

    /// Whether a contract of this service level has direct support.
    pub fn has_direct_support(&self, service_level: &str) -> bool {
        let folded = |text: &str| text.trim().to_lowercase();
        self.direct_support_levels.iter().any(|level| folded(level) == folded(service_level))
    }
}

impl PolicyFile {
    pub(super) fn compile(self, source: &mut Source<'_>) -> PolicyRules {
        if !self.remind_after.get_ref().is_sorted_by(|a, b| a < b) || self.remind_after.get_ref().contains(&0) {
            source.fault(
                &self.remind_after.span(),
                format!("remind_after = {:?} does not ascend from at least one day", self.remind_after.get_ref()),
                "Give business days in ascending order, such as [1, 2].",
            );
        }
        if self.escalate_after.get_ref() == &0 {
            source.fault(
                &self.escalate_after.span(),
                "escalate_after = 0 tells the reviewers before anybody could answer",
                "Give at least one business day.",
            );
        }
        if self.expire_after_days.get_ref() == &0 {
            source.fault(
                &self.expire_after_days.span(),
                "expire_after_days = 0 ends an approval on the day it is asked",
                "Give at least one day.",
            );
        }
        if self.review_warning_minutes.get_ref() >= self.review_within_minutes.get_ref() {
            source.fault(
                &self.review_warning_minutes.span(),
                "the warning about a review would come before the review is due at all",
                "Give fewer minutes than review_within_minutes, which is at least 1.",
            );
        }
        PolicyRules {
            review_within_minutes: self.review_within_minutes.into_inner(),
            review_warning_minutes: self.review_warning_minutes.into_inner(),
            remind_after: self.remind_after.into_inner(),
            escalate_after: self.escalate_after.into_inner(),
            expire_after_days: self.expire_after_days.into_inner(),
            too_new_hours: self.too_new_hours,
            direct_support_levels: self.direct_support_levels,
            unverified_sender_limit: self.unverified_sender_limit,
            administrator_daily_limit: self.administrator_daily_limit,
            unmatched_numbers_daily_limit: self.unmatched_numbers_daily_limit,
            unverified_letters_hourly_limit: self.unverified_letters_hourly_limit,
            letters: self.letters,
            cases: with_lines(source, self.cases),
        }
    }
}
