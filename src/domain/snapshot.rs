//! What a decision is taken on: read in the deciding transaction, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::address::EmailAddress;
use super::contract::Contract;
use super::grant::Grant;
use super::ids::{ApprovalNo, LetterNo, Reference};
use super::outbox::Named;
use super::policy::Desk;
use super::register::Account;
use super::request::Request;
use super::words::AccessLevel;

/// One moment of the desk, as far as one input is concerned.
#[derive(Debug, Clone)]
pub struct Snapshot<'a> {
    pub desk: &'a Desk,
    pub now: DateTime<Utc>,
    /// The request that a token, a reference or a clock names.
    pub request: Option<Request>,
    /// Letters of that request that have not left and are not being sent.
    pub unsent: BTreeSet<LetterNo>,
    /// The approval of that request that a bare reference (no token) names for this sender, where it is exactly one and
    /// the sender a registered administrator (rule T3).
    pub hinted: Option<ApprovalNo>,
    /// The mail is of the request's sender or requester and names, by reference, that request, of which something waits for
    /// missing information or was sent back.
    pub continued: bool,
    /// Contracts by number: those that the mail or the request names and the register has.
    pub contracts: BTreeMap<String, Contract>,
    /// Active grants of the accounts that the request or the mail names.
    pub grants: Vec<Grant>,
    /// Whether the register keeps accounts: profiles are looked at only then.
    pub accounts_kept: bool,
    /// Profiles of the accounts that the request or the mail names, where the register has them.
    pub accounts: Vec<Account>,
    /// Items of other requests, still open, with the account that they are for.
    pub open_elsewhere: Vec<(EmailAddress, OpenItem)>,
    /// Letters and approvals already on their way.
    pub load: Load,
    /// When the reviewers were last told of tasks.
    pub last_task_notice: Option<DateTime<Utc>>,
    /// Open tasks that no letter has told of.
    pub untold_tasks: Vec<OpenTask>,
    /// Whether an open task says already that a letter of the desk itself did not arrive.
    pub undelivered_known: bool,
    /// What an operator's order names, where it is there.
    pub named: Option<Named>,
}

/// An item of another request.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenItem {
    pub reference: Reference,
    pub contract_number: String,
    pub access_level: AccessLevel,
}

/// A task as a notice names it.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenTask {
    pub id: i64,
    pub cause: super::task::TaskCause,
    pub urgent: bool,
    pub reference: Option<Reference>,
    pub opened_at: DateTime<Utc>,
    pub detail: String,
    /// Who wrote the mail that the task is about; `None` where it is about none, or nobody wrote it.
    pub from: Option<EmailAddress>,
    /// The subject of that mail.
    pub subject: Option<String>,
}

/// How much somebody has had already (rule A3).
#[derive(Debug, Clone, Default)]
pub struct Load {
    /// Approvals without an answer that this sender, unverified, has open.
    pub unanswered_of_sender: u32,
    /// Numbers of this sender's domain that matched no contract in the last 24 hours (section 3).
    pub unmatched_today: u32,
    /// Letters written in the last hour because of senders for whom nobody vouches.
    pub unverified_this_hour: u32,
    /// Approval letters written in the last 24 hours, by the administrator's folded address, for senders that are
    /// verified or unverified as this one is.
    pub asked_today: BTreeMap<String, u32>,
}

impl Snapshot<'_> {
    /// The contract of that number.
    pub fn contract(&self, number: Option<&str>) -> Option<&Contract> {
        self.contracts.get(number?)
    }

    /// Another open request that asks the same access to the same contract for the same account.
    pub fn also_asked(&self, account: &EmailAddress, contract: &str, level: AccessLevel) -> Option<&Reference> {
        self.open_elsewhere
            .iter()
            .find(|(of, item)| of == account && item.contract_number == contract && item.access_level == level)
            .map(|(_, item)| &item.reference)
    }

    /// How many approval letters an administrator has had today.
    pub fn asked_today(&self, administrator: &EmailAddress) -> u32 {
        self.load.asked_today.get(&administrator.key()).copied().unwrap_or_default()
    }
}
