//! What approval brings: the grant, and the letters that say so (rules H1, H4).

use super::draft::{Draft, Recipient};
use super::{check, tell};
use crate::domain::event::{Event, EventKind};
use crate::domain::grant::Grant;
use crate::domain::ids::ItemNo;
use crate::domain::letter::{ApprovedLetter, Body};
use crate::domain::request::{Decider, Request};

/// Where the grant exists already, the item is approved and points to it, without a second one.
pub(super) fn grant(draft: &mut Draft<'_>, request: &Request, no: ItemNo, by: &Decider) {
    let (Some(account), Some(item)) = (request.requester.email.clone(), request.item(no)) else { return };
    let contract = draft.snapshot.contract(item.contract_number.as_deref());
    let exists = contract.is_some_and(|contract| check::is_granted(draft.snapshot, request, contract));
    if exists {
        draft.event(Event::new(EventKind::Granted, "The account has this access already: no second grant.").item(no));
        return;
    }
    draft.event(
        Event::new(EventKind::Granted, format!("Access {} given.", request.access_level)).item(no).person(&account),
    );
    draft.out.grants.push(Grant {
        account,
        contract_number: item.contract_number.clone(),
        bill_to_id: item.bill_to_id.clone(),
        access_level: request.access_level,
        granted_at: draft.snapshot.now,
        granted_by: by.clone(),
        reference: request.reference.clone(),
        item: no,
    });
}

/// H1: the sender hears, and the requester, who hears for the first time. `told` are items of which the sender hears apart.
pub(super) fn tell_approved(draft: &mut Draft<'_>, request: &mut Request, items: &[ItemNo], told: Vec<ItemNo>) {
    let lines = tell::lines(draft, request, items);
    let requester_email = tell::requester_as_repeated(request).unwrap_or_default();
    let rest: Vec<ItemNo> =
        request.items.iter().map(|item| item.no).filter(|no| !items.contains(no) && !told.contains(no)).collect();
    let others = tell::lines(draft, request, &rest)
        .into_iter()
        // What may not be told of the others is not told here either.
        .filter(|line| !line.reason.is_some_and(tell::is_telling))
        .collect();
    let letter = |to_requester, others| {
        Body::Approved(ApprovedLetter {
            to_requester,
            requester_email: requester_email.clone(),
            access_level: request.access_level,
            lines: lines.clone(),
            others,
        })
    };
    let (to_sender, to_requester) = (letter(false, others), letter(true, Vec::new()));
    draft.tell(request, Recipient::sender_of(request), to_sender);
    if let Some(requester) = request.requester.email.clone().filter(|email| *email != request.sender) {
        let recipient = Recipient {
            address: requester,
            name: request.requester.name.clone(),
            language: request.language,
            thread: None,
        };
        draft.tell(request, recipient, to_requester);
    }
}
