//! Contracts of the register, and who may decide about them.

use std::num::NonZeroU32;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::address::{EmailAddress, covers};
use super::words::Language;

/// A support contract as the register has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contract {
    /// ASCII, no separators.
    pub number: String,
    /// Name of the holder company.
    pub holder: String,
    pub aliases: Vec<String>,
    /// Mail domains of the holder, lower case.
    pub domains: Vec<String>,
    /// Addresses that speak for the holder whatever their domain.
    pub addresses: Vec<EmailAddress>,
    pub bill_to_id: Option<String>,
    pub service_level: Option<String>,
    /// An issue date without time is 00:00 of that day in the desk's zone.
    pub issued_at: Option<DateTime<Utc>>,
    /// A day in the desk's zone.
    pub starts_on: Option<NaiveDate>,
    /// A day in the desk's zone; the end day is still valid.
    pub ends_on: Option<NaiveDate>,
    pub serial_numbers: Vec<String>,
    pub administered_by: AdministeredBy,
    /// Who may decide: the contract's own, or those of its bill-to ID where `administered_by` says so.
    pub administrators: Vec<Administrator>,
}

/// A bill-to ID: groups contracts bought by one partner.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BillTo {
    /// ASCII, no separators.
    pub id: String,
    /// Name of the partner.
    pub company: String,
    /// Who may decide about contracts that are administered by their bill-to ID.
    pub administrators: Vec<Administrator>,
}

/// Who decides about a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdministeredBy {
    /// The desk itself.
    Desk,
    /// The administrators named for the contract.
    Administrators,
    /// The administrators of the contract's bill-to ID.
    BillTo,
}

impl AdministeredBy {
    /// As the import file spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Desk => "desk",
            Self::Administrators => "administrators",
            Self::BillTo => "bill_to",
        }
    }

    /// Reads the import file's spelling.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "desk" => Some(Self::Desk),
            "administrators" => Some(Self::Administrators),
            "bill_to" => Some(Self::BillTo),
            _ => None,
        }
    }
}

/// A person who may grant access.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Administrator {
    pub email: EmailAddress,
    pub name: Option<String>,
    /// The language to write in; the request's where the register does not say.
    pub language: Option<Language>,
}

/// How many administrators must agree (rule V4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Quorum {
    /// The first verdict settles.
    Any,
    /// Everybody approves; the first denial settles.
    All,
    /// So many approve; denied once so many cannot be reached.
    AtLeast(NonZeroU32),
}

impl Quorum {
    /// Reads `any`, `all` or a number from 1.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "any" => Some(Self::Any),
            "all" => Some(Self::All),
            number => number.parse().ok().map(Self::AtLeast),
        }
    }
}

impl std::fmt::Display for Quorum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Any => f.write_str("any"),
            Self::All => f.write_str("all"),
            Self::AtLeast(number) => number.fmt(f),
        }
    }
}

impl TryFrom<String> for Quorum {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or_else(|| format!("{text:?} is none of \"any\", \"all\" and a number from 1"))
    }
}

impl From<Quorum> for String {
    fn from(quorum: Quorum) -> Self {
        quorum.to_string()
    }
}

/// One voice in the decision about a contract.
#[derive(Debug, Clone, PartialEq)]
pub struct Seat {
    pub administrator: Administrator,
    /// Who may answer for the administrator.
    pub substitutes: Vec<Administrator>,
}

impl Seat {
    /// Everybody who may fill the seat.
    pub fn people(&self) -> impl Iterator<Item = &Administrator> {
        std::iter::once(&self.administrator).chain(&self.substitutes)
    }
}

/// Whether an address may speak for the holder of a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entitlement {
    /// The domain is registered, or the address itself is.
    Entitled,
    NotEntitled,
    /// No domain is registered: a person must say.
    Unknown,
}

/// A contract number, bill-to ID or serial number in the one spelling by which two are compared: ASCII letters in upper
/// case and digits, without blanks and hyphens. `None` where anything else is in it, or nothing at all.
pub fn folded_number(text: &str) -> Option<String> {
    let separator = |c: char| c.is_whitespace() || matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | 'ー');
    let folded: String = text.nfkc().filter(|c| !separator(*c)).map(|c| c.to_ascii_uppercase()).collect();
    (!folded.is_empty() && folded.bytes().all(|b| b.is_ascii_alphanumeric())).then_some(folded)
}

impl Contract {
    /// Entitlement is a matter of mail domain: a company name alone never entitles.
    pub fn entitlement(&self, address: &EmailAddress) -> Entitlement {
        let domain = address.domain();
        if self.addresses.contains(address) || self.domains.iter().any(|registered| covers(registered, &domain)) {
            Entitlement::Entitled
        } else if self.domains.is_empty() {
            Entitlement::Unknown
        } else {
            Entitlement::NotEntitled
        }
    }

    /// The holder's name and every alias.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.holder.as_str()).chain(self.aliases.iter().map(String::as_str))
    }

    /// The administrators who may decide about a grant to `requester`: never the requester (rule V5).
    pub fn deciders<'a>(&'a self, requester: Option<&'a EmailAddress>) -> impl Iterator<Item = &'a Administrator> {
        let named: &[Administrator] = match self.administered_by {
            AdministeredBy::Desk => &[],
            AdministeredBy::Administrators | AdministeredBy::BillTo => &self.administrators,
        };
        named.iter().filter(move |person| Some(&person.email) != requester)
    }

    /// The voices that may decide about a grant to `requester` on that day: never the requester's own (rule V5).
    pub fn seats(&self, requester: Option<&EmailAddress>, _today: NaiveDate) -> Vec<Seat> {
        self.deciders(requester).map(|one| Seat { administrator: one.clone(), substitutes: Vec::new() }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::folded_number;

    #[test]
    fn a_number_has_one_spelling() {
        for spelling in [
            "92168807",
            " ９２１６８８０７ ",
            "9216-8807",
            "9216 8807",
            "９２１６－８８０７",
            "9216‐8807",
            "9216ー8807",
        ] {
            assert_eq!(folded_number(spelling).as_deref(), Some("92168807"), "{spelling}");
        }
        assert_eq!(folded_number("sn-ab 12").as_deref(), Some("SNAB12"));
    }

    #[test]
    fn what_a_spreadsheet_made_of_a_number_is_none() {
        for text in ["", " - ", "9.2168807E+07", "92168807.0", "契約92168807", "#N/A", "9216;8807"] {
            assert_eq!(folded_number(text), None, "{text}");
        }
    }
}
