//! What letters say of a request, and to whom how much may be told (section 3, "What a letter may tell").

use super::draft::Draft;
use crate::domain::address::EmailAddress;
use crate::domain::approval::{Approval, Purpose};
use crate::domain::company;
use crate::domain::contract::{Contract, Entitlement};
use crate::domain::heard::{PersonReading, RequestReading};
use crate::domain::ids::ItemNo;
use crate::domain::input::MailInput;
use crate::domain::letter::{ApprovalRequest, AskedItem, Body, Headline, ItemLine, Receipt, StatusLetter};
use crate::domain::quote::repeated;
use crate::domain::request::{Item, Need, Person, Request, Standing};
use crate::domain::words::{Reason, Status};

/// A neutral receipt.
pub(super) fn receipt(mail: &MailInput) -> Body {
    Body::Receipt(Receipt { about: repeated(&mail.subject, mail.authentication.is_aligned()) })
}

/// Whether the facts of a contract may go to the request's sender in full: an authenticated sender of the holder's domain.
pub(super) fn may_tell(request: &Request, contract: Option<&Contract>) -> bool {
    request.sender_verified
        && contract.is_some_and(|contract| contract.entitlement(&request.sender) == Entitlement::Entitled)
}

/// Reasons that would tell a stranger something about a contract or an account.
pub(super) const fn is_telling(reason: Reason) -> bool {
    match reason {
        Reason::ContractNotFound
        | Reason::ContractInactive
        | Reason::ContractTooNew
        | Reason::AlreadyRegistered
        | Reason::WrongAccessLevel
        | Reason::PublicDomain
        | Reason::CompanyMismatch
        | Reason::ApproverNotEntitled => true,
        Reason::MissingInformation
        | Reason::ProfileIncomplete
        | Reason::ConsentRequired
        | Reason::Declined
        | Reason::SentBack
        | Reason::NoAnswer
        | Reason::NoAdministrator
        | Reason::SeveralPeople => false,
    }
}

/// An item as its sender may see it: by the number that the mail gave.
pub(super) fn line(draft: &Draft<'_>, request: &Request, item: &Item) -> ItemLine {
    let looked_at_again = match item.standing {
        Standing::FurtherAction(Need::ContractTooNew) => draft
            .snapshot
            .contract(item.contract_number.as_deref())
            .and_then(|contract| super::check::too_new_until(contract, draft.snapshot.desk)),
        _ => None,
    };
    ItemLine {
        no: item.no,
        number: item.named_as().map(|number| repeated(number, request.sender_verified)),
        status: item.standing.status(),
        reason: item.standing.reason(),
        looked_at_again,
        reviewed_by: super::clock::promised_by(draft, item),
    }
}

/// The lines of some items.
pub(super) fn lines(draft: &Draft<'_>, request: &Request, of: &[ItemNo]) -> Vec<ItemLine> {
    request.items.iter().filter(|item| of.contains(&item.no)).map(|item| line(draft, request, item)).collect()
}

/// Where some items stand, as one letter to the sender.
pub(super) fn status(draft: &Draft<'_>, request: &Request, of: &[ItemNo], first: bool) -> Body {
    let lines = lines(draft, request, of);
    Body::Status(StatusLetter {
        first,
        headline: headline(&lines),
        requester_email: requester_as_repeated(request),
        lines,
    })
}

/// The requester's address as a letter may repeat it; an address stays whole, or nobody could check it.
pub(super) fn requester_as_repeated(request: &Request) -> Option<String> {
    request.requester.email.as_ref().map(|email| email.as_str().to_owned())
}

fn headline(lines: &[ItemLine]) -> Headline {
    let mut statuses = lines.iter().map(|line| line.status);
    let Some(first) = statuses.next() else { return Headline::Mixed };
    if statuses.any(|status| status != first) {
        return Headline::Mixed;
    }
    match first {
        Status::PendingAdministratorReview => Headline::AskingAdministrators,
        Status::PendingVendorReview => Headline::Reviewing,
        Status::PendingFurtherAction => Headline::FurtherAction,
        Status::Denied => Headline::Denied,
        Status::Expired => Headline::Expired,
        Status::Cancelled => Headline::Cancelled,
        Status::Approved => Headline::Mixed,
    }
}

/// What an administrator is shown (rule A1).
pub(super) fn asking(
    draft: &Draft<'_>,
    request: &Request,
    approval: &Approval,
    items: &[ItemNo],
    purpose: Purpose,
    your_words: Option<String>,
) -> Body {
    let verified = request.sender_verified;
    let given = |text: &Option<String>| text.as_deref().map(|text| repeated(text, verified));
    let desk = draft.snapshot.desk;
    let begun = approval.asked_at.unwrap_or(draft.snapshot.now);
    let letter = Box::new(ApprovalRequest {
        purpose,
        kind: request.kind,
        access_level: request.access_level,
        sender_email: request.sender.as_str().to_owned(),
        sender_name: given(&request.sender_name),
        sender_verified: verified,
        requester_email: requester_as_repeated(request).unwrap_or_default(),
        requester_name: given(&request.requester.name),
        requester_company: given(&request.requester.company),
        approver_email: request.approver.email.as_ref().map(|email| email.as_str().to_owned()),
        approver_name: given(&request.approver.name),
        approver_company: given(&request.approver.company),
        reason: given(&request.reason),
        items: items
            .iter()
            .filter_map(|no| request.item(*no))
            .filter_map(|item| {
                Some(asked_item(draft, request, item, draft.snapshot.contract(item.contract_number.as_deref())?))
            })
            .collect(),
        sender_words: draft.sender_words.clone(),
        again: draft.again,
        your_words,
        answer_by: Some(desk.calendar.day(desk.calendar.close_after_days(begun, desk.policy.expire_after))),
    });
    match purpose {
        Purpose::First => Body::ApprovalRequest(letter),
        Purpose::Reminder => Body::ApprovalReminder(letter),
        Purpose::AskAgain => Body::ApprovalAgain(letter),
        Purpose::Confirmation => Body::ApprovalConfirmation(letter),
    }
}

fn asked_item(draft: &Draft<'_>, request: &Request, item: &Item, contract: &Contract) -> AskedItem {
    let entitled = |email: &EmailAddress| contract.entitlement(email) == Entitlement::Entitled;
    let forms = &draft.snapshot.desk.policy.legal_forms;
    AskedItem {
        no: item.no,
        consent: item.standing == Standing::FurtherAction(Need::ConsentRequired),
        contract_number: contract.number.clone(),
        holder: contract.holder.clone(),
        service_level: contract.service_level.clone(),
        ends_on: contract.ends_on,
        approver_domain_registered: request.approver.email.as_ref().is_some_and(entitled),
        approver_company_matches: request
            .approver
            .company
            .as_deref()
            .map(|company| company::is_one_of(company, contract.names(), forms)),
        also_in: request
            .requester
            .email
            .as_ref()
            .and_then(|account| draft.snapshot.also_asked(account, &contract.number, request.access_level))
            .map(ToString::to_string),
    }
}

/// A person of a mail, its address checked for shape.
pub(super) fn person(reading: &PersonReading) -> Person {
    Person {
        email: reading.email.as_deref().and_then(EmailAddress::parse),
        name: reading.name.clone(),
        company: reading.company.clone(),
    }
}

/// The request in the words of a reading: what the form of a further letter is filled with.
pub(super) fn as_read(request: &Request) -> RequestReading {
    let person = |person: &Person| PersonReading {
        email: person.email.as_ref().map(|email| email.as_str().to_owned()),
        name: person.name.clone(),
        company: person.company.clone(),
    };
    RequestReading {
        kind: request.kind,
        access_level: request.access_level,
        contract_numbers: request.items.iter().filter_map(|item| item.contract_number.clone()).collect(),
        bill_to_ids: Vec::new(),
        serial_numbers: Vec::new(),
        requester: person(&request.requester),
        approver: person(&request.approver),
        reason: request.reason.clone(),
        missing: Vec::new(),
        several_people: false,
    }
}
