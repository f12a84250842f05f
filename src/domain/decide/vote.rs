//! Votes, and what settles an item (rules V1, V4, V5).

use super::draft::{Draft, Recipient};
use super::{ask, check, open, tell};
use crate::domain::address::EmailAddress;
use crate::domain::approval::{Say, Vote};
use crate::domain::event::{Event, EventKind};
use crate::domain::grant::Grant;
use crate::domain::ids::{ApprovalNo, ItemNo};
use crate::domain::input::MailInput;
use crate::domain::letter::{ApprovedLetter, Body, DecisionRecorded};
use crate::domain::request::{Decider, Denial, Request, Standing};

/// Records one person's verdict on the items and settles them: with `any`, the first verdict settles (rule V4).
pub(super) fn cast(
    draft: &mut Draft<'_>,
    request: &mut Request,
    approval: ApprovalNo,
    person: &EmailAddress,
    items: &[ItemNo],
    approves: bool,
    mail: &MailInput,
) {
    for no in items {
        let Some(digest) = request.item(*no).map(|item| request.shown_digest(item)) else { continue };
        let Some(item) = request.item_mut(*no) else { continue };
        item.votes.push(Vote {
            person: person.clone(),
            says: if approves { Say::Approve } else { Say::Deny },
            digest,
            at: draft.snapshot.now,
            mail: mail.mail,
        });
        let verdict = if approves { "approve" } else { "deny" };
        draft.event(
            Event::new(EventKind::Voted, format!("Verdict {verdict}, bound to the item as shown."))
                .item(*no)
                .approval(approval)
                .mail(mail.mail)
                .person(person),
        );
        let by = Decider::Person(person.clone());
        if approves {
            grant(draft, request, *no, &by);
            open::stand(draft, request, *no, Standing::Approved(by));
        } else {
            open::stand(draft, request, *no, Standing::Denied(Denial::Declined, by));
        }
    }
    tell_outcome(draft, request, approval, items, approves, mail);
    ask::tidy(draft, request);
}

/// Where the grant exists already, the item is approved and points to it, without a second one.
fn grant(draft: &mut Draft<'_>, request: &Request, no: ItemNo, by: &Decider) {
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

/// H1: denied goes to the sender only; the requester hears first at approved; who decided hears what was recorded.
/// H2: neither a comment nor the decider's name is passed on.
fn tell_outcome(
    draft: &mut Draft<'_>,
    request: &mut Request,
    approval: ApprovalNo,
    items: &[ItemNo],
    approves: bool,
    mail: &MailInput,
) {
    let lines = tell::lines(draft, request, items);
    let requester_email = tell::requester_as_repeated(request).unwrap_or_default();
    if approves {
        let rest: Vec<ItemNo> = request.items.iter().map(|item| item.no).filter(|no| !items.contains(no)).collect();
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
    } else {
        let body = tell::status(draft, request, items, false);
        draft.tell(request, Recipient::sender_of(request), body);
    }
    if let Some(asked) = request.approvals.iter().find(|known| known.no == approval).cloned() {
        let body = Body::DecisionRecorded(DecisionRecorded { approved: approves, requester_email, lines });
        draft.tell(request, Recipient { language: asked.language, ..Recipient::asked(&asked, mail) }, body);
    }
}
