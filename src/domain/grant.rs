//! What an approval gives: access of an account to a contract.

use chrono::{DateTime, Utc};

use super::address::EmailAddress;
use super::ids::{ItemNo, Reference};
use super::request::Decider;
use super::words::AccessLevel;

/// Account × contract (or bill-to ID) × access level; at most one active of each.
#[derive(Debug, Clone, PartialEq)]
pub struct Grant {
    pub account: EmailAddress,
    pub contract_number: Option<String>,
    pub bill_to_id: Option<String>,
    pub access_level: AccessLevel,
    pub granted_at: DateTime<Utc>,
    pub granted_by: Decider,
    /// The item that it was given for.
    pub reference: Reference,
    pub item: ItemNo,
}

impl Grant {
    /// Whether this grant gives what is asked: the same access or a higher one.
    pub fn covers(&self, asked: AccessLevel) -> bool {
        match (self.access_level, asked) {
            (AccessLevel::Full, AccessLevel::Full | AccessLevel::Download) => true,
            (AccessLevel::Download, AccessLevel::Download) => true,
            (AccessLevel::Ordering, AccessLevel::Ordering) => true,
            (AccessLevel::Full, AccessLevel::Ordering)
            | (AccessLevel::Download | AccessLevel::Ordering, AccessLevel::Full)
            | (AccessLevel::Download, AccessLevel::Ordering)
            | (AccessLevel::Ordering, AccessLevel::Download) => false,
        }
    }
}
