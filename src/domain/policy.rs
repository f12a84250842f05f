//! What a desk may decide about the process. Every value has the default of the design.

use chrono::TimeDelta;

use super::address::EmailAddress;
use super::calendar::Calendar;
use super::contract::Quorum;
use super::words::Language;

/// A desk: who it is, when it works, how strict it is.
#[derive(Debug, Clone)]
pub struct Desk {
    /// Short name, unique in the config.
    pub name: String,
    /// What letters are signed with, by language.
    pub signature: Signature,
    /// The address that letters come from and answers go to.
    pub address: EmailAddress,
    /// All the desk's own addresses, `address` among them.
    pub addresses: Vec<EmailAddress>,
    /// Whom tasks and escalations are told to.
    pub reviewers: Vec<EmailAddress>,
    /// Who may approve, deny and cancel for the desk, as the config names them.
    pub reviewer_names: Vec<String>,
    /// The language of letters to the desk's own people.
    pub language: Language,
    /// Whether the server delivers `local+token@domain` to the mailbox.
    pub plus_addressing: bool,
    pub calendar: Calendar,
    pub policy: Policy,
}

/// The name that letters are signed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    pub japanese: String,
    pub english: String,
}

impl Signature {
    /// The name in the correspondent's language.
    pub fn of(&self, language: Language) -> &str {
        match language {
            Language::Japanese => &self.japanese,
            Language::English => &self.english,
        }
    }
}

/// The values that a desk may change.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Whether an answer's From must be aligned besides bearing a token (rule T2).
    pub alignment: Alignment,
    /// How many of a contract's administrators must agree (rule V4).
    pub agreement: Quorum,
    /// Business days after which an administrator is reminded (rule C3), ascending.
    pub remind_after: Vec<u32>,
    /// Business days after which the reviewers are told.
    pub escalate_after: u32,
    /// Elapsed days after which an approval ends, at the end of a business day.
    pub expire_after: u32,
    /// Business time in which a reviewer looks at what waits for the desk: what senders are promised.
    pub review_within: TimeDelta,
    /// Business time after which the reviewers are warned that the promise comes due; shorter than `review_within`.
    pub review_warning_after: TimeDelta,
    /// How long after its issue a contract is too new.
    pub too_new_for: TimeDelta,
    /// Service levels with direct support: a mere download makes no sense there.
    pub direct_support_levels: Vec<String>,
    /// Unanswered approvals that one unverified sender may have open (rule A3); 0 for no limit.
    pub unverified_sender_limit: u32,
    /// Approval letters to one administrator in a day (rule A3), counted apart for verified and unverified senders; 0 for
    /// no limit.
    pub administrator_daily_limit: u32,
    /// Numbers of one sender's domain that match nothing in a day, above which no letter leaves (section 3); 0 for no limit.
    pub unmatched_daily_limit: u32,
    /// Letters that unverified senders can make the desk write in an hour, all of them together, so that a flood never uses
    /// up what honest letters need; 0 for no limit.
    pub unverified_hourly_limit: u32,
    /// Legal forms of companies, from the rules.
    pub legal_forms: Vec<String>,
    pub breakers: Breakers,
}

/// How many letters may leave before something must be wrong (section 5); 0 for no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Breakers {
    /// To one address in 24 hours.
    pub address_daily: u32,
    /// About one request to one address in 24 hours.
    pub request_daily: u32,
    /// In all, in an hour.
    pub hourly: u32,
}

/// How sure From must be for an answer to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alignment {
    /// DMARC or DKIM must have passed for From's domain. The default.
    Required,
    /// For a desk whose mail never leaves its own server: the token suffices.
    NotRequired,
}
