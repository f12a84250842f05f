//! What an import changed or took away under an open request: votes, tokens and clearances that rest on it are void, and
//! who decides now is asked (rules V2, V5).

use super::check::{self, Finding};
use super::draft::Draft;
use super::{ask, open};
use crate::domain::approval::ApprovalState;
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::ItemNo;
use crate::domain::input::{ContractChanged, RegisterChanged};
use crate::domain::request::{Need, Request, Standing, Wait};

pub(super) fn decide(draft: &mut Draft<'_>, changed: &RegisterChanged) {
    let request = draft.snapshot.request.clone().filter(|request| request.reference == changed.reference);
    let Some(mut request) = request else { return };
    let before: Vec<(ItemNo, Standing)> = request.items.iter().map(|item| (item.no, item.standing.clone())).collect();
    for change in &changed.contracts {
        let what = match change.what {
            ContractChanged::Removed => "The register no longer has the contract.",
            ContractChanged::FactsChanged => "The register changed what it says of the contract.",
            ContractChanged::PeopleChanged => "The register changed who administers the contract.",
        };
        let open = request.items.iter().filter(|item| !item.standing.status().is_terminal());
        let items: Vec<ItemNo> =
            open.filter(|item| item.contract_number.as_ref() == Some(&change.number)).map(|item| item.no).collect();
        for no in items {
            draft.event(Event::new(EventKind::RegisterChanged, what).item(no));
            look_again(draft, &mut request, no, change.what);
        }
    }
    leave_out_removed(draft, &mut request);
    ask::tidy(draft, &mut request);
    let moved: Vec<ItemNo> = request
        .items
        .iter()
        .filter(|item| before.iter().any(|(no, standing)| *no == item.no && *standing != item.standing))
        .map(|item| item.no)
        .collect();
    if !moved.is_empty() {
        open::tell_sender_again(draft, &mut request, &moved);
    }
    draft.out.request = Some(request);
}

/// An item that has passed checks which rest on the contract runs through them again.
fn look_again(draft: &mut Draft<'_>, request: &mut Request, no: ItemNo, what: ContractChanged) {
    let Some(item) = request.item_mut(no) else { return };
    let rests_on_it = match &item.standing {
        Standing::AdministratorReview
        | Standing::VendorReview(Wait::Entitlement | Wait::NoAdministrator | Wait::Final)
        | Standing::FurtherAction(Need::ConsentRequired | Need::ContractTooNew) => true,
        Standing::VendorReview(Wait::Reading | Wait::SeveralPeople | Wait::Identity)
        | Standing::FurtherAction(
            Need::MissingInformation
            | Need::WrongAccessLevel
            | Need::PublicDomain
            | Need::CompanyMismatch
            | Need::SentBack,
        )
        | Standing::Approved(_)
        | Standing::Denied(..)
        | Standing::Cancelled(_)
        | Standing::Expired => false,
    };
    if !rests_on_it {
        return;
    }
    match what {
        ContractChanged::Removed | ContractChanged::FactsChanged => {
            item.revision = item.revision.saturating_add(1);
            open::place(draft, request, &[no], None, None);
        }
        ContractChanged::PeopleChanged => {
            let was = item.standing.clone();
            let finding = request.item(no).map(|item| check::third_party(draft.snapshot, request, item));
            if finding == Some(Finding::Stands(was.clone())) {
                if was == Standing::AdministratorReview {
                    ask::newcomers(draft, request, &[no]);
                }
            } else {
                open::place(draft, request, &[no], None, None);
            }
        }
    }
}

/// Who decides about nothing any more is waited for no longer. Should an answer come, it is told to a person (rule V5).
fn leave_out_removed(draft: &mut Draft<'_>, request: &mut Request) {
    let today = draft.snapshot.desk.calendar.day(draft.snapshot.now);
    let mut removed = Vec::new();
    for approval in request.approvals.iter().filter(|approval| approval.state == ApprovalState::Open) {
        let waiting = approval.waiting_items(request);
        let decides = waiting.iter().filter_map(|no| request.item(*no)).any(|item| {
            let contract = draft.snapshot.contract(item.contract_number.as_deref());
            match item.standing {
                Standing::FurtherAction(Need::ConsentRequired) => contract.is_some(),
                _ => contract.is_some_and(|contract| {
                    contract.may_decide(&approval.person, request.requester.email.as_ref(), today)
                }),
            }
        });
        if !waiting.is_empty() && !decides {
            removed.push(approval.no);
        }
    }
    for no in removed {
        if let Some(approval) = request.approvals.iter_mut().find(|known| known.no == no) {
            approval.state = ApprovalState::Removed;
            let person = approval.person.clone();
            draft.event(
                Event::new(EventKind::RegisterChanged, "No longer an administrator: not waited for any more.")
                    .approval(no)
                    .person(&person),
            );
        }
    }
}
