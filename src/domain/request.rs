//! A request and its items: where each stands and why.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::address::EmailAddress;
use super::approval::{Approval, Vote};
use super::ids::{ItemNo, LetterNo, MailId, Reference};
use super::words::{AccessLevel, Clearance, Kind, Language, Reason, Status};

/// One mail opens one request.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    pub reference: Reference,
    pub kind: Kind,
    pub access_level: AccessLevel,
    /// The mail server's time of receipt (INTERNALDATE), never the Date header.
    pub received_at: DateTime<Utc>,
    /// The language of whoever wrote the request.
    pub language: Language,
    /// From of the request's mail.
    pub sender: EmailAddress,
    pub sender_name: Option<String>,
    /// Whether From was aligned (rule T5).
    pub sender_verified: bool,
    pub mail: MailId,
    /// Message-ID and subject of the request's mail: letters to the sender go into that thread.
    pub message_id: Option<String>,
    pub subject: String,
    pub requester: Person,
    pub approver: Person,
    /// As given in the mail.
    pub reason: Option<String>,
    /// In the mail's order; numbered from 1.
    pub items: Vec<Item>,
    /// One for each person asked; numbered from 1.
    pub approvals: Vec<Approval>,
    /// The last number given to a letter of this request.
    pub last_letter: LetterNo,
    /// Whether the reviewers were told that nobody answers.
    pub escalated: bool,
    /// The one confirmation to the original address was sent (rule V3).
    pub confirmation_sent: bool,
}

/// A person as the request names one. The address is checked for shape, the rest is as given in the mail.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Person {
    pub email: Option<EmailAddress>,
    pub name: Option<String>,
    pub company: Option<String>,
}

/// One contract (or serial number, or bill-to ID) that the request asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    pub no: ItemNo,
    pub contract_number: Option<String>,
    pub bill_to_id: Option<String>,
    pub serial_number: Option<String>,
    pub standing: Standing,
    pub votes: Vec<Vote>,
    /// What reviewers have cleared, in order.
    pub clearings: Vec<Clearing>,
    /// Counts the changes from outside the request (an import) that void what was shown (rule V2).
    pub revision: u32,
    /// Since when the item has stood where it stands.
    pub since: DateTime<Utc>,
}

/// A reviewer's word on one item: gives one clearance, to the item as it was then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clearing {
    pub clearance: Clearance,
    /// Name of a configured reviewer.
    pub reviewer: String,
    pub at: DateTime<Utc>,
    pub digest: ReviewedDigest,
    /// Stands in for silent or missing administrators (`--override`).
    pub overrides: bool,
    pub comment: Option<String>,
}

/// Where an item stands, with what each place needs: an approval without a decider cannot be written down.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing {
    Approved(Decider),
    AdministratorReview,
    VendorReview(Wait),
    FurtherAction(Need),
    Denied(Denial, Decider),
    Cancelled(Decider),
    Expired,
}

/// What a reviewer must settle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    Reading,
    /// Several distinct users or approvers in one mail; waits for `reading`.
    SeveralPeople,
    Identity,
    Entitlement,
    NoAdministrator,
    Final,
}

/// What somebody outside the desk must do, or time must bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    MissingInformation,
    ContractTooNew,
    WrongAccessLevel,
    PublicDomain,
    CompanyMismatch,
    ConsentRequired,
    SentBack,
}

/// Why an item was denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denial {
    ContractNotFound,
    ContractInactive,
    AlreadyRegistered,
    ProfileIncomplete,
    ApproverNotEntitled,
    Declined,
}

/// Who settled an item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decider {
    /// An administrator, by a mail that counted.
    Person(EmailAddress),
    /// A configured reviewer.
    Reviewer(String),
    /// A check or a clock.
    Policy,
}

impl std::fmt::Display for Decider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Person(address) => address.fmt(f),
            Self::Reviewer(name) => write!(f, "reviewer:{name}"),
            Self::Policy => f.write_str("policy"),
        }
    }
}

impl Decider {
    /// Reads what `Display` wrote.
    pub fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix("reviewer:") {
            Some(name) => Some(Self::Reviewer(name.to_owned())),
            None if text == "policy" => Some(Self::Policy),
            None => EmailAddress::parse(text).map(Self::Person),
        }
    }
}

impl Standing {
    /// The fixed status.
    pub const fn status(&self) -> Status {
        match self {
            Self::Approved(_) => Status::Approved,
            Self::AdministratorReview => Status::PendingAdministratorReview,
            Self::VendorReview(_) => Status::PendingVendorReview,
            Self::FurtherAction(_) => Status::PendingFurtherAction,
            Self::Denied(..) => Status::Denied,
            Self::Cancelled(_) => Status::Cancelled,
            Self::Expired => Status::Expired,
        }
    }

    /// The fixed reason, where the status has one.
    pub const fn reason(&self) -> Option<Reason> {
        match self {
            Self::Approved(_) | Self::AdministratorReview | Self::Cancelled(_) => None,
            Self::VendorReview(wait) => match wait {
                Wait::SeveralPeople => Some(Reason::SeveralPeople),
                Wait::NoAdministrator => Some(Reason::NoAdministrator),
                Wait::Reading | Wait::Identity | Wait::Entitlement | Wait::Final => None,
            },
            Self::FurtherAction(need) => Some(match need {
                Need::MissingInformation => Reason::MissingInformation,
                Need::ContractTooNew => Reason::ContractTooNew,
                Need::WrongAccessLevel => Reason::WrongAccessLevel,
                Need::PublicDomain => Reason::PublicDomain,
                Need::CompanyMismatch => Reason::CompanyMismatch,
                Need::ConsentRequired => Reason::ConsentRequired,
                Need::SentBack => Reason::SentBack,
            }),
            Self::Denied(denial, _) => Some(match denial {
                Denial::ContractNotFound => Reason::ContractNotFound,
                Denial::ContractInactive => Reason::ContractInactive,
                Denial::AlreadyRegistered => Reason::AlreadyRegistered,
                Denial::ProfileIncomplete => Reason::ProfileIncomplete,
                Denial::ApproverNotEntitled => Reason::ApproverNotEntitled,
                Denial::Declined => Reason::Declined,
            }),
            Self::Expired => Some(Reason::NoAnswer),
        }
    }

    /// The clearance that an item in `pending_vendor_review` waits for.
    pub const fn awaiting(&self) -> Option<Clearance> {
        match self {
            Self::VendorReview(wait) => Some(match wait {
                Wait::Reading | Wait::SeveralPeople => Clearance::Reading,
                Wait::Identity => Clearance::Identity,
                Wait::Entitlement => Clearance::Entitlement,
                Wait::NoAdministrator => Clearance::NoAdministrator,
                Wait::Final => Clearance::Final,
            }),
            Self::Approved(_)
            | Self::AdministratorReview
            | Self::FurtherAction(_)
            | Self::Denied(..)
            | Self::Cancelled(_)
            | Self::Expired => None,
        }
    }

    /// Whether an answer to an approval letter moves the item: of its administrators, or of the approver who is to consent.
    pub const fn awaits_answer(&self) -> bool {
        match self {
            Self::AdministratorReview | Self::FurtherAction(Need::ConsentRequired) => true,
            Self::FurtherAction(
                Need::MissingInformation
                | Need::ContractTooNew
                | Need::WrongAccessLevel
                | Need::PublicDomain
                | Need::CompanyMismatch
                | Need::SentBack,
            )
            | Self::Approved(_)
            | Self::VendorReview(_)
            | Self::Denied(..)
            | Self::Cancelled(_)
            | Self::Expired => false,
        }
    }

    /// Who settled the item, where somebody has.
    pub const fn decided_by(&self) -> Option<&Decider> {
        match self {
            Self::Approved(by) | Self::Denied(_, by) | Self::Cancelled(by) => Some(by),
            Self::Expired => Some(&Decider::Policy),
            Self::AdministratorReview | Self::VendorReview(_) | Self::FurtherAction(_) => None,
        }
    }

    /// Puts a stored standing together again; `None` where the four parts do not belong together.
    pub fn from_parts(
        status: Status,
        reason: Option<Reason>,
        awaiting: Option<Clearance>,
        by: Option<Decider>,
    ) -> Option<Self> {
        let standing = match (status, reason, by) {
            (Status::Approved, None, Some(by)) => Self::Approved(by),
            (Status::PendingAdministratorReview, None, None) => Self::AdministratorReview,
            (Status::PendingVendorReview, reason, None) => Self::VendorReview(match (reason, awaiting?) {
                (None, Clearance::Reading) => Wait::Reading,
                (Some(Reason::SeveralPeople), Clearance::Reading) => Wait::SeveralPeople,
                (None, Clearance::Identity) => Wait::Identity,
                (None, Clearance::Entitlement) => Wait::Entitlement,
                (Some(Reason::NoAdministrator), Clearance::NoAdministrator) => Wait::NoAdministrator,
                (None, Clearance::Final) => Wait::Final,
                _ => return None,
            }),
            (Status::PendingFurtherAction, Some(reason), None) => Self::FurtherAction(match reason {
                Reason::MissingInformation => Need::MissingInformation,
                Reason::ContractTooNew => Need::ContractTooNew,
                Reason::WrongAccessLevel => Need::WrongAccessLevel,
                Reason::PublicDomain => Need::PublicDomain,
                Reason::CompanyMismatch => Need::CompanyMismatch,
                Reason::ConsentRequired => Need::ConsentRequired,
                Reason::SentBack => Need::SentBack,
                _ => return None,
            }),
            (Status::Denied, Some(reason), Some(by)) => Self::Denied(
                match reason {
                    Reason::ContractNotFound => Denial::ContractNotFound,
                    Reason::ContractInactive => Denial::ContractInactive,
                    Reason::AlreadyRegistered => Denial::AlreadyRegistered,
                    Reason::ProfileIncomplete => Denial::ProfileIncomplete,
                    Reason::ApproverNotEntitled => Denial::ApproverNotEntitled,
                    Reason::Declined => Denial::Declined,
                    _ => return None,
                },
                by,
            ),
            (Status::Cancelled, None, Some(by)) => Self::Cancelled(by),
            (Status::Expired, Some(Reason::NoAnswer), Some(Decider::Policy)) => Self::Expired,
            _ => return None,
        };
        (standing.awaiting() == awaiting).then_some(standing)
    }
}

/// Digest of an item as a letter showed it: requester's address, number, access level, reason (rule V1).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ShownDigest(pub String);

/// Digest of what a reviewer clears: the item as shown, and the approver.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReviewedDigest(pub String);

impl Item {
    /// The number by which the request's mail named the item.
    pub fn named_as(&self) -> Option<&str> {
        self.contract_number.as_deref().or(self.bill_to_id.as_deref()).or(self.serial_number.as_deref())
    }
}

impl Request {
    /// The item of that number.
    pub fn item(&self, no: ItemNo) -> Option<&Item> {
        self.items.iter().find(|item| item.no == no)
    }

    /// The item of that number, to change it.
    pub fn item_mut(&mut self, no: ItemNo) -> Option<&mut Item> {
        self.items.iter_mut().find(|item| item.no == no)
    }

    /// The next letter's number.
    pub fn next_letter(&mut self) -> LetterNo {
        self.last_letter = LetterNo(self.last_letter.0.saturating_add(1));
        self.last_letter
    }

    /// Whether the item waits for the answer of this person, who was asked about it: as one of its administrators, or as
    /// the approver who is to consent. Who administers it now is looked up when the answer comes (rule V5).
    pub fn awaits(&self, item: &Item, person: &EmailAddress) -> bool {
        match &item.standing {
            Standing::FurtherAction(Need::ConsentRequired) => self.approver.email.as_ref() == Some(person),
            standing => standing.awaits_answer(),
        }
    }

    /// What a vote on this item is bound to.
    pub fn shown_digest(&self, item: &Item) -> ShownDigest {
        ShownDigest(self.digest(item, &[]))
    }

    /// What a clearance of this item is bound to.
    pub fn reviewed_digest(&self, item: &Item) -> ReviewedDigest {
        let approver = self.approver.email.as_ref().map(EmailAddress::key);
        ReviewedDigest(self.digest(item, &[approver.as_deref(), self.approver.company.as_deref()]))
    }

    /// Whether a reviewer has given this clearance to the item as it is now.
    pub fn is_cleared(&self, item: &Item, clearance: Clearance) -> bool {
        let digest = self.reviewed_digest(item);
        item.clearings.iter().any(|given| given.clearance == clearance && given.digest == digest)
    }

    /// Fields are separated by a character that none can hold.
    fn digest(&self, item: &Item, further: &[Option<&str>]) -> String {
        let mut hash = Sha256::new();
        let email = self.requester.email.as_ref().map(EmailAddress::key);
        let own = [
            email.as_deref(),
            item.contract_number.as_deref(),
            item.bill_to_id.as_deref(),
            item.serial_number.as_deref(),
            Some(self.access_level.as_str()),
            self.reason.as_deref(),
        ];
        for field in own.iter().chain(further) {
            match field {
                Some(text) => hash.update(text.as_bytes()),
                None => hash.update([1u8]),
            }
            hash.update([0u8]);
        }
        hash.update(item.revision.to_be_bytes());
        data_encoding::HEXLOWER.encode(&hash.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_standing_is_put_together_again_from_its_stored_parts() {
        let by = || Decider::Reviewer("ito".into());
        let standings = [
            Standing::Approved(by()),
            Standing::AdministratorReview,
            Standing::VendorReview(Wait::SeveralPeople),
            Standing::VendorReview(Wait::Entitlement),
            Standing::VendorReview(Wait::NoAdministrator),
            Standing::FurtherAction(Need::SentBack),
            Standing::Denied(Denial::Declined, by()),
            Standing::Cancelled(by()),
            Standing::Expired,
        ];
        for standing in standings {
            let again = Standing::from_parts(
                standing.status(),
                standing.reason(),
                standing.awaiting(),
                standing.decided_by().cloned(),
            );
            assert_eq!(again, Some(standing));
        }
    }

    #[test]
    fn a_status_without_what_it_needs_cannot_be_put_together() {
        assert_eq!(Standing::from_parts(Status::Approved, None, None, None), None);
        assert_eq!(Standing::from_parts(Status::PendingFurtherAction, Some(Reason::Declined), None, None), None);
        assert_eq!(Standing::from_parts(Status::PendingVendorReview, None, None, None), None);
    }
}
