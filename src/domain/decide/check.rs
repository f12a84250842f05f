//! The checks of an item, in the order of section 3: the first that bites decides.

use chrono::{DateTime, TimeDelta, Utc};

use super::vote;
use crate::domain::approval::Say;
use crate::domain::company;
use crate::domain::contract::{AdministeredBy, Contract, Entitlement};
use crate::domain::policy::Desk;
use crate::domain::request::{Decider, Denial, Item, Need, Request, Standing, Wait};
use crate::domain::snapshot::Snapshot;
use crate::domain::words::{AccessLevel, Clearance, Kind};

/// Where an item comes to stand.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Finding {
    /// A check bit, or administrators are to be asked.
    Stands(Standing),
    /// Read, and not worked by Ringi yet: a person of the desk takes it from here.
    NotWorked(&'static str),
}

/// Whether the whole request must wait before its items are looked at.
pub(super) fn before_items(request: &Request, missing: bool, several_people: bool) -> Option<Finding> {
    if several_people {
        return Some(Finding::Stands(Standing::VendorReview(Wait::SeveralPeople)));
    }
    match request.kind {
        Kind::ThirdParty if missing => Some(Finding::Stands(Standing::FurtherAction(Need::MissingInformation))),
        Kind::ThirdParty => None,
        Kind::Contract => Some(Finding::NotWorked("Requests of kind contract are not worked yet.")),
        Kind::Download => Some(Finding::NotWorked("Requests of kind download are not worked yet.")),
        Kind::BillTo => Some(Finding::NotWorked("Requests of kind bill_to are not worked yet.")),
        Kind::Ordering => Some(Finding::NotWorked("Requests of kind ordering are not worked yet.")),
    }
}

/// Runs the checks of one `third_party` item.
pub(super) fn third_party(snapshot: &Snapshot<'_>, request: &Request, item: &Item) -> Finding {
    let desk = snapshot.desk;
    let denied = |denial| Finding::Stands(Standing::Denied(denial, Decider::Policy));
    let Some(contract) = snapshot.contract(item.contract_number.as_deref()) else {
        return denied(Denial::ContractNotFound);
    };
    if has_ended(snapshot, contract) {
        return denied(Denial::ContractInactive);
    }
    if too_new_until(contract, desk).is_some_and(|until| snapshot.now < until) {
        return Finding::Stands(Standing::FurtherAction(Need::ContractTooNew));
    }
    if is_granted(snapshot, request, contract) {
        return denied(Denial::AlreadyRegistered);
    }
    if lacks_profile(snapshot, request) {
        return denied(Denial::ProfileIncomplete);
    }
    let direct_support = contract
        .service_level
        .as_ref()
        .is_some_and(|level| desk.policy.direct_support_levels.iter().any(|direct| direct.eq_ignore_ascii_case(level)));
    if request.access_level == AccessLevel::Download && direct_support {
        return Finding::Stands(Standing::FurtherAction(Need::WrongAccessLevel));
    }
    if let Some(standing) = approver(request, item, contract, &desk.policy.legal_forms) {
        return Finding::Stands(standing);
    }
    let administered = match contract.administered_by {
        AdministeredBy::Desk => false,
        // A reviewer stands in for administrators who are missing or silent.
        AdministeredBy::Administrators | AdministeredBy::BillTo => {
            !request.is_cleared(item, Clearance::NoAdministrator)
        }
    };
    Finding::Stands(if administered {
        if vote::can_be_asked(snapshot, request, contract) {
            Standing::AdministratorReview
        } else {
            Standing::VendorReview(Wait::NoAdministrator)
        }
    } else if has_consent(request, item) {
        Standing::VendorReview(Wait::Final)
    } else {
        Standing::FurtherAction(Need::ConsentRequired)
    })
}

/// The approver has consented: as the authenticated sender of the request, or by an answer to the letter that asked.
pub(super) fn has_consent(request: &Request, item: &Item) -> bool {
    let Some(approver) = &request.approver.email else { return false };
    let by_writing = request.sender_verified && request.sender == *approver;
    let digest = request.shown_digest(item);
    let by_answer = item.votes.iter().rev().find(|vote| vote.person == *approver && vote.digest == digest);
    by_writing || by_answer.is_some_and(|vote| vote.says == Say::Approve)
}

/// The end day is still valid.
pub(super) fn has_ended(snapshot: &Snapshot<'_>, contract: &Contract) -> bool {
    contract.ends_on.is_some_and(|last_day| snapshot.desk.calendar.day(snapshot.now) > last_day)
}

/// Entitlement of the named approver: a matter of mail domain; a company name that contradicts goes to a reviewer.
pub(super) fn approver(
    request: &Request,
    item: &Item,
    contract: &Contract,
    legal_forms: &[String],
) -> Option<Standing> {
    let not_entitled = Standing::Denied(Denial::ApproverNotEntitled, Decider::Policy);
    let Some(approver) = &request.approver.email else {
        return Some(Standing::FurtherAction(Need::MissingInformation));
    };
    if Some(approver) == request.requester.email.as_ref() {
        return Some(not_entitled);
    }
    let cleared = request.is_cleared(item, Clearance::Entitlement);
    match contract.entitlement(approver) {
        Entitlement::Entitled | Entitlement::Unknown if cleared => None,
        Entitlement::NotEntitled => Some(not_entitled),
        Entitlement::Unknown => Some(Standing::VendorReview(Wait::Entitlement)),
        Entitlement::Entitled => {
            let contradicts = request
                .approver
                .company
                .as_deref()
                .is_some_and(|company| !company::is_one_of(company, contract.names(), legal_forms));
            contradicts.then_some(Standing::VendorReview(Wait::Entitlement))
        }
    }
}

/// Where accounts are kept: the account has no company or no address, or is not there at all.
fn lacks_profile(snapshot: &Snapshot<'_>, request: &Request) -> bool {
    let given = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.trim().is_empty());
    let profile = snapshot.accounts.iter().find(|account| Some(&account.email) == request.requester.email.as_ref());
    snapshot.accounts_kept && !profile.is_some_and(|account| given(&account.company) && given(&account.address))
}

/// Whether the account has the same access or a higher one, directly or by the contract's bill-to ID.
pub(super) fn is_granted(snapshot: &Snapshot<'_>, request: &Request, contract: &Contract) -> bool {
    snapshot.grants.iter().any(|grant| {
        let same_account = Some(&grant.account) == request.requester.email.as_ref();
        let direct = grant.contract_number.as_deref() == Some(contract.number.as_str());
        let by_bill_to = grant.bill_to_id.is_some() && grant.bill_to_id == contract.bill_to_id;
        same_account && (direct || by_bill_to) && grant.covers(request.access_level)
    })
}

/// Until when a contract is too new: its issue plus the policy's window, or its first day where that is later.
pub(super) fn too_new_until(contract: &Contract, desk: &Desk) -> Option<DateTime<Utc>> {
    let after_issue = contract
        .issued_at
        .filter(|_| desk.policy.too_new_for > TimeDelta::zero())
        .and_then(|issued| issued.checked_add_signed(desk.policy.too_new_for));
    let start = contract.starts_on.map(|day| desk.calendar.start_of(day));
    after_issue.max(start)
}
