//! Causes: everything that can make the engine decide, in the words of the domain.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::address::EmailAddress;
use super::contract::{AdministeredBy, Contract};
use super::heard::{AnswerReading, RequestReading};
use super::ids::{ApprovalNo, ItemNo, LetterId, LetterNo, MailId, Reference};
use super::outbox::OutboxAct;
use super::request::Request;
use super::timer::Timer;
use super::trust::{Authentication, Carrier};
use super::words::{Class, Clearance, Language, vocabulary};

/// One cause.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    Mail(Box<MailInput>),
    Timer(Timer),
    Delivery(Delivery),
    Register(RegisterChanged),
    Operator(OperatorAct),
    Review(ReviewAct),
}

/// What a person asks for at the keyboard: becomes an input, and is answered by [`super::outcome::Reply`].
#[derive(Debug, Clone, PartialEq)]
pub enum Order {
    Operator(OperatorAct),
    Review(ReviewAct),
}

/// What who runs the desk's machinery does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "snake_case")]
pub enum OperatorAct {
    /// A letter is to be sent now, held or dropped.
    Outbox { letter: LetterId, act: OutboxAct, comment: Option<String>, by: String },
    /// A mail is to be worked again.
    Reprocess { mail: MailId, by: String },
}

/// What a reviewer does to a request, from the command line or the console.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewAct {
    pub reference: Reference,
    pub act: Act,
    /// The items meant; empty for every item that the act can be about.
    pub items: Vec<ItemNo>,
    /// Where the reviewer saw the items stand. An approval holds for that clearance and no further one: the same order
    /// given twice must not give two.
    pub seen: Vec<Seen>,
    /// As the config names the reviewer.
    pub reviewer: String,
    pub comment: Option<String>,
    /// Stands in for silent or missing administrators.
    pub overrides: bool,
}

/// An item as a reviewer saw it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    pub item: ItemNo,
    /// The clearance that it waited for; none where it did not wait for a reviewer.
    pub awaiting: Option<Clearance>,
}

impl Seen {
    /// The items of a request as they are now.
    pub fn all(request: &Request) -> Vec<Self> {
        request.items.iter().map(|item| Self { item: item.no, awaiting: item.standing.awaiting() }).collect()
    }
}

vocabulary! {
    /// What a reviewer says.
    Act { Approve = "approve", Deny = "deny", Cancel = "cancel" }
}

/// A recorded mail after reading, with what the store knows of its tokens.
#[derive(Debug, Clone, PartialEq)]
pub struct MailInput {
    pub mail: MailId,
    /// INTERNALDATE, else the time of recording; never the Date header.
    pub received_at: DateTime<Utc>,
    /// The sole From mailbox; `None` means that nobody wrote it.
    pub from: Option<EmailAddress>,
    pub from_name: Option<String>,
    pub message_id: Option<String>,
    pub subject: String,
    pub language: Language,
    pub class: Class,
    /// What made it noise or unreadable.
    pub class_cause: Option<String>,
    /// A letter back would reach nobody, or a machine that answers it in turn (RFC 3834).
    pub unanswerable: bool,
    /// The mail was over the size limit: only its headers are here.
    pub headers_only: bool,
    pub authentication: Authentication,
    /// Present where it reads as a request.
    pub request: Option<RequestReading>,
    /// The newly written text by itself asks to look again ("再申請"), whatever form comes back below it.
    pub asks_again: bool,
    /// Present where the mail bears a token of ours: what it says as an answer.
    pub answer: Option<AnswerReading>,
    /// Newly written text.
    pub visible_text: String,
    /// Tokens that the store knows, in the order of rule T8.
    pub carried: Vec<Carried>,
    /// The letter of ours that a delivery report returns, with what the report says.
    pub returned: Option<Returned>,
}

/// A token of ours in a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    pub carrier: Carrier,
    pub reference: Reference,
    pub whose: Whose,
    pub letter: LetterNo,
}

/// To whom the letter went that bore a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// To the person of this approval: an answer decides.
    Approval(ApprovalNo),
    /// To the request's sender: an answer continues the request (rule V3).
    Sender,
}

/// A delivery report about a letter of ours (rule C2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Returned {
    pub reference: Option<Reference>,
    pub letter: LetterNo,
    /// `Action: failed` for the letter's own recipient.
    pub failed: bool,
    pub status: Option<String>,
}

/// What became of a letter in our own SMTP session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    pub reference: Option<Reference>,
    pub letter: LetterNo,
    pub result: DeliveryResult,
    pub at: DateTime<Utc>,
}

/// An import changed or took away contracts that open items of a request name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterChanged {
    pub reference: Reference,
    /// Never empty. A contract comes twice where both its facts and its people changed.
    pub contracts: Vec<ContractChange>,
}

/// What an import did to a contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContractChange {
    pub number: String,
    pub what: ContractChanged,
}

/// The kinds of change that something may rest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContractChanged {
    /// The register has it no more.
    Removed,
    /// Holder, names, domains, addresses, bill-to ID, service level, dates or serial numbers.
    FactsChanged,
    /// Who administers it, who stands in for them and when, or how many must agree: its own or its bill-to ID's.
    PeopleChanged,
}

impl ContractChange {
    /// What became of a contract. How somebody is called, and in which language, is no change that anything rests on.
    pub fn between(number: &str, old: &Contract, new: Option<&Contract>) -> Vec<Self> {
        let change = |what| Self { number: number.to_owned(), what };
        let Some(new) = new else { return vec![change(ContractChanged::Removed)] };
        let facts = |contract: &Contract| Contract {
            administered_by: AdministeredBy::Desk,
            administrators: Vec::new(),
            quorum: None,
            ..contract.clone()
        };
        let people = |contract: &Contract| {
            let mut seats: Vec<_> = contract
                .administrators
                .iter()
                .map(|administrator| {
                    let mut substitutes: Vec<_> = administrator
                        .substitutes
                        .iter()
                        .map(|substitute| (substitute.email.key(), substitute.from, substitute.until))
                        .collect();
                    substitutes.sort();
                    (administrator.email.key(), substitutes)
                })
                .collect();
            seats.sort();
            (contract.administered_by, contract.quorum, seats)
        };
        let mut changes = Vec::new();
        if facts(old) != facts(new) {
            changes.push(change(ContractChanged::FactsChanged));
        }
        if people(old) != people(new) {
            changes.push(change(ContractChanged::PeopleChanged));
        }
        changes
    }
}

/// How a letter ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum DeliveryResult {
    Accepted,
    /// 5xx for this recipient.
    Rejected {
        reply: String,
    },
}
