//! Votes, and what settles an item (rules V1, V4, V5).

use super::draft::{Draft, Recipient};
use super::{ask, granted, open, tell};
use crate::domain::address::EmailAddress;
use crate::domain::approval::{Say, Vote};
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::{ApprovalNo, ItemNo};
use crate::domain::input::MailInput;
use crate::domain::letter::{Body, DecisionRecorded};
use crate::domain::request::{Decider, Denial, Need, Request, Standing};

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
    let mut consented = false;
    for no in items {
        let Some(digest) = request.item(*no).map(|item| request.shown_digest(item)) else { continue };
        let Some(item) = request.item_mut(*no) else { continue };
        let consents = item.standing == Standing::FurtherAction(Need::ConsentRequired);
        consented |= consents;
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
        if approves && consents {
            // What the approver consents to goes on through its checks, to the desk.
            open::place(draft, request, &[*no], None, Some(mail));
        } else if approves {
            granted::grant(draft, request, *no, &by);
            open::stand(draft, request, *no, Standing::Approved(by));
        } else {
            open::stand(draft, request, *no, Standing::Denied(Denial::Declined, by));
        }
    }
    tell_outcome(draft, request, approval, items, approves, consented, mail);
    ask::tidy(draft, request);
}

/// H1: denied goes to the sender only; the requester hears first at approved; who decided hears what was recorded.
/// H2: neither a comment nor the decider's name is passed on.
fn tell_outcome(
    draft: &mut Draft<'_>,
    request: &mut Request,
    approval: ApprovalNo,
    items: &[ItemNo],
    approves: bool,
    consent: bool,
    mail: &MailInput,
) {
    let lines = tell::lines(draft, request, items);
    let requester_email = tell::requester_as_repeated(request).unwrap_or_default();
    let (approved, others): (Vec<ItemNo>, Vec<ItemNo>) = items
        .iter()
        .copied()
        .partition(|no| request.item(*no).is_some_and(|item| matches!(item.standing, Standing::Approved(_))));
    if !approved.is_empty() {
        granted::tell_approved(draft, request, &approved);
    }
    if !others.is_empty() {
        let body = tell::status(draft, request, &others, false);
        draft.tell(request, Recipient::sender_of(request), body);
    }
    if let Some(asked) = request.approvals.iter().find(|known| known.no == approval).cloned() {
        let body = Body::DecisionRecorded(DecisionRecorded { approved: approves, consent, requester_email, lines });
        draft.tell(request, Recipient { language: asked.language, ..Recipient::asked(&asked, mail) }, body);
    }
}
