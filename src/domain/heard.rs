//! What a mail said, as the reading hands it over: words of a stranger, of which nothing is checked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::words::{AccessLevel, ItemVerdict, Kind, Part, Verdict};

/// What a request says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RequestReading {
    pub kind: Kind,
    pub access_level: AccessLevel,
    /// In the mail's order, ASCII, no separators.
    pub contract_numbers: Vec<String>,
    pub bill_to_ids: Vec<String>,
    pub serial_numbers: Vec<String>,
    pub requester: PersonReading,
    pub approver: PersonReading,
    pub reason: Option<String>,
    /// What the kind needs (DESIGN section 2) and the mail does not give.
    pub missing: Vec<Part>,
    /// Several distinct users or approvers: those fields are null and a person looks.
    #[serde(default)]
    pub several_people: bool,
}

/// A person as a mail names one: nothing of it is checked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonReading {
    pub email: Option<String>,
    /// Without 様/さん/Mr. and without the company.
    pub name: Option<String>,
    pub company: Option<String>,
}

/// What an answer to an approval letter says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AnswerReading {
    pub verdict: Verdict,
    /// One entry for each contract asked about, only where the verdict is `mixed`.
    pub items: BTreeMap<String, ItemVerdict>,
    pub delegate_to: Option<String>,
    pub comment: Option<String>,
    /// Some sentence gives a verdict, even where all of them together are unclear (rule R4).
    #[serde(skip)]
    pub speaks_of_deciding: bool,
    /// The rule and words behind the verdict.
    #[serde(skip)]
    pub evidence: Vec<Evidence>,
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Name of the field, spelled as in the JSON.
    pub field: String,
    /// Name of the rule.
    pub rule: String,
    /// The words that it matched.
    pub text: String,
}
