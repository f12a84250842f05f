//! Answers to approval letters: whether a mail counts, and what it then decides (rules R1 to R4, T1 to T9, V5, V6).

use super::draft::{Draft, Recipient};
use super::{ask, check, mail as ways, tell, vote};
use crate::domain::address::EmailAddress;
use crate::domain::approval::{Approval, Purpose, Say};
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::{ApprovalNo, ItemNo};
use crate::domain::input::MailInput;
use crate::domain::letter::{AnswerReceipt, Body, LateAnswer};
use crate::domain::outcome::Folder;
use crate::domain::policy::Alignment;
use crate::domain::quote::repeated;
use crate::domain::request::{Need, Request, Standing};
use crate::domain::task::{NewTask, TaskCause};
use crate::domain::trust::{Authentication, Carrier};
use crate::domain::words::Verdict;

/// A mail that bears a token of ours.
pub(super) fn decide(draft: &mut Draft<'_>, mail: &MailInput, from: &EmailAddress) {
    let Some((carried, request, approval)) = carrier(draft, mail) else {
        // The store named a token whose request is gone: nothing to decide about.
        return ways::plain(draft, mail, from);
    };
    // R4: a request for something else, alone, is a new request and leaves the token untouched.
    if asks_for_something_else(mail, &request) {
        if !mail.answer.as_ref().is_some_and(|answer| answer.speaks_of_deciding) {
            return ways::plain(draft, mail, from);
        }
        let why = "The mail answers an approval and asks for something else as well. Nothing was decided.";
        return hand_over(draft, mail, request, &approval, TaskCause::AnswerAndRequest, why);
    }
    if *from != approval.person {
        return from_another(draft, mail, request, &approval, from);
    }
    let live = approval.live_items(carried.letter, &request);
    if live.is_empty() {
        return late(draft, mail, request, &approval);
    }
    // V5: eligibility is looked up at the deciding moment.
    let eligible: Vec<ItemNo> = live.into_iter().filter(|no| is_eligible(draft, &request, *no, from)).collect();
    if eligible.is_empty() {
        let why = "The answer came from somebody who no longer administers the contract. It was not counted.";
        return not_counted(draft, mail, request, &approval, TaskCause::NoLongerEligible, why);
    }
    if let Some(cause) = not_aligned(draft, mail) {
        return confirm(draft, mail, request, &approval, &cause);
    }
    judge(draft, mail, request, &approval, &eligible);
}

/// A mail of a registered administrator whose bare reference names exactly one open approval (rule T3).
pub(super) fn without_token(draft: &mut Draft<'_>, mail: &MailInput, request: Request, approval: ApprovalNo) {
    let Some(approval) = request.approvals.iter().find(|known| known.no == approval).cloned() else {
        return;
    };
    if mail.authentication.is_aligned() {
        return confirm(draft, mail, request, &approval, "it bears no token");
    }
    // T4: neither token nor alignment: the timeline, no letter.
    draft.event(
        Event::new(EventKind::AnswerNotCounted, "It bears no token, and its sender is not verified.")
            .approval(approval.no)
            .mail(mail.mail),
    );
    draft.taken_as("answer", Folder::Human, "Neither token nor verified sender: not counted.");
    draft.out.request = Some(request);
}

/// The carrier that decides, with its request and approval: the first in the order of rule T8.
fn carrier(draft: &Draft<'_>, mail: &MailInput) -> Option<(crate::domain::input::Carried, Request, Approval)> {
    let carried = mail.carried.first()?;
    let request = draft.snapshot.request.clone().filter(|request| request.reference == carried.reference)?;
    let approval = request.approvals.iter().find(|approval| approval.no == carried.approval)?.clone();
    Some((carried.clone(), request, approval))
}

/// The verdict that counts. Reply addresses and In-Reply-To that name different approvals make any answer unclear (rule T8).
fn verdict(mail: &MailInput) -> Verdict {
    let mut named = mail
        .carried
        .iter()
        .filter(|carried| matches!(carried.carrier, Carrier::ReplyAddress | Carrier::InReplyTo))
        .map(|carried| (&carried.reference, carried.approval));
    let first = named.next();
    let contradicts = named.any(|other| Some(other) != first);
    match &mail.answer {
        Some(answer) if !contradicts => answer.verdict,
        _ => Verdict::Unclear,
    }
}

/// Whether the mail asks for numbers or persons that the request does not name (rule R4).
pub(super) fn asks_for_something_else(mail: &MailInput, request: &Request) -> bool {
    let Some(reading) = &mail.request else { return false };
    let known = |number: &String| {
        request.items.iter().any(|item| {
            [&item.contract_number, &item.bill_to_id, &item.serial_number]
                .into_iter()
                .any(|own| own.as_ref() == Some(number))
        })
    };
    let other_number = reading
        .contract_numbers
        .iter()
        .chain(&reading.bill_to_ids)
        .chain(&reading.serial_numbers)
        .any(|number| !known(number));
    let other_person =
        reading.requester.email.as_deref().and_then(EmailAddress::parse).is_some_and(|email| {
            Some(&email) != request.requester.email.as_ref() && Some(&email) != mail.from.as_ref()
        });
    other_number || other_person
}

/// Why From does not count, where the policy asks for alignment (rule T2).
fn not_aligned(draft: &Draft<'_>, mail: &MailInput) -> Option<String> {
    match (draft.snapshot.desk.policy.alignment, &mail.authentication) {
        (Alignment::NotRequired, _) | (Alignment::Required, Authentication::Aligned { .. }) => None,
        (Alignment::Required, Authentication::NotAligned { cause }) => Some(cause.clone()),
        (Alignment::Required, Authentication::DmarcFail) => Some("dmarc=fail".to_owned()),
    }
}

/// V5: an administrator of the item's contract, now, and not its requester; where consent is asked, the approver, who is
/// still entitled.
fn is_eligible(draft: &Draft<'_>, request: &Request, no: ItemNo, person: &EmailAddress) -> bool {
    let Some(item) = request.item(no) else { return false };
    let Some(contract) = draft.snapshot.contract(item.contract_number.as_deref()) else { return false };
    match item.standing {
        Standing::FurtherAction(Need::ConsentRequired) => {
            request.approver.email.as_ref() == Some(person)
                && check::approver(request, item, contract, &draft.snapshot.desk.policy.legal_forms).is_none()
        }
        _ => {
            let today = draft.snapshot.desk.calendar.day(draft.snapshot.now);
            contract.may_decide(person, request.requester.email.as_ref(), today)
        }
    }
}

/// An answer that counts.
fn judge(draft: &mut Draft<'_>, mail: &MailInput, mut request: Request, approval: &Approval, items: &[ItemNo]) {
    let verdict = verdict(mail);
    answered(draft, mail, approval, format!("Read as {verdict}."));
    match verdict {
        Verdict::Approve | Verdict::Deny => {
            vote::cast(draft, &mut request, approval.no, &approval.person, items, verdict == Verdict::Approve, mail);
            draft.taken_as("answer", Folder::Done, format!("Verdict {verdict} recorded."));
            draft.out.request = Some(request);
        }
        Verdict::Unclear if !approval.asked_again => {
            // R2: one letter that says how it was read and asks again.
            let words = repeated(&mail.visible_text, mail.authentication.is_aligned());
            update(&mut request, approval.no, |approval| approval.asked_again = true);
            let words = (!words.is_empty()).then_some(words);
            ask::write(draft, &mut request, approval.no, items, Purpose::AskAgain, words, None);
            draft.taken_as("answer", Folder::Done, "Unclear: asked again, once.");
            draft.out.request = Some(request);
        }
        Verdict::Unclear => {
            let why = "An administrator's answer is unclear for the second time. Nothing was decided.";
            hand_over(draft, mail, request, approval, TaskCause::UnclearAnswer, why);
        }
        Verdict::SendBack | Verdict::Mixed | Verdict::Delegate | Verdict::Question => {
            let why = format!(
                "An administrator's answer reads as {verdict}, which a person must carry out. Nothing was decided."
            );
            hand_over(draft, mail, request, approval, TaskCause::VerdictNotWorked, &why);
        }
    }
}

/// T3: one confirmation with fresh tokens to the registered address, at most one for each approval and person; after that a task.
fn confirm(draft: &mut Draft<'_>, mail: &MailInput, mut request: Request, approval: &Approval, cause: &str) {
    answered(draft, mail, approval, format!("Not counted: {cause}."));
    let waiting = approval.waiting_items(&request);
    if waiting.is_empty() {
        return late(draft, mail, request, approval);
    }
    if approval.confirmation_sent {
        let why = format!("An answer could not be counted ({cause}), and its confirmation did not suffice either.");
        return not_counted(draft, mail, request, approval, TaskCause::AnswerNotConfirmed, &why);
    }
    update(&mut request, approval.no, |approval| approval.confirmation_sent = true);
    draft.event(
        Event::new(EventKind::ConfirmationAsked, format!("One confirmation goes to the registered address: {cause}."))
            .approval(approval.no)
            .mail(mail.mail)
            .person(&approval.person),
    );
    ask::write(draft, &mut request, approval.no, &waiting, Purpose::Confirmation, None, None);
    draft.taken_as("answer", Folder::Done, format!("Not counted ({cause}): a confirmation was asked for."));
    draft.out.request = Some(request);
}

/// T4: a living token from anybody but the addressed person decides nothing, and opens one task for each approval.
fn from_another(
    draft: &mut Draft<'_>,
    mail: &MailInput,
    mut request: Request,
    approval: &Approval,
    from: &EmailAddress,
) {
    let own = request.approvals.iter().find(|known| known.person == *from).cloned();
    if let Some(own) = own
        && mail.authentication.is_aligned()
        && own.waiting_items(&request).iter().any(|no| is_eligible(draft, &request, *no, from))
    {
        return confirm(draft, mail, request, &own, "it bears the token of somebody else's letter");
    }
    draft.event(
        Event::new(EventKind::AnswerNotCounted, "It bears a token of this approval and comes from another address.")
            .approval(approval.no)
            .mail(mail.mail)
            .person(from),
    );
    if !approval.stranger_told {
        update(&mut request, approval.no, |approval| approval.stranger_told = true);
        let why = format!("An approval letter was answered from {from}, who was not asked. Nothing was decided.");
        draft.task(NewTask::new(TaskCause::AnswerFromAnother, why).mail(mail.mail).approval(approval.no));
    }
    draft.taken_as("answer", Folder::Human, "From is not the person who was asked: not counted.");
    draft.out.request = Some(request);
}

/// Nothing waits for this person any more (rules V6, C4).
fn late(draft: &mut Draft<'_>, mail: &MailInput, mut request: Request, approval: &Approval) {
    let shown: Vec<ItemNo> = {
        let mut items: Vec<ItemNo> =
            approval.asks.iter().flat_map(|ask| ask.shown.iter().map(|shown| shown.item)).collect();
        items.sort();
        items.dedup();
        items
    };
    let verdict = verdict(mail);
    answered(draft, mail, approval, format!("Read as {verdict}, after nothing waited for this person any more."));
    let in_time = shown
        .iter()
        .filter_map(|no| request.item(*no))
        .any(|item| item.standing == Standing::Expired && mail.received_at <= item.since);
    if in_time {
        let why = "An answer arrived in time and was recorded after the request had expired. Expired stays; a person must decide.";
        draft.task(NewTask::new(TaskCause::AnswerAfterExpiry, why).mail(mail.mail).approval(approval.no).urgent());
        draft.taken_as("answer", Folder::Human, "In time, but recorded after expiry.");
        draft.out.request = Some(request);
        return;
    }
    let waiting = approval.waiting_items(&request);
    let waits_elsewhere = shown.iter().filter(|no| !waiting.contains(no)).filter_map(|no| request.item(*no));
    if waits_elsewhere.map(|item| item.standing.status()).any(|status| !status.is_terminal()) {
        let why = "An administrator answered while the item does not wait for that person any more, and is not settled. Nothing was decided.";
        return hand_over(draft, mail, request, approval, TaskCause::VerdictNotWorked, why);
    }
    let withdrawal = verdict == Verdict::Deny
        && shown.iter().filter_map(|no| request.item(*no)).any(|item| {
            matches!(item.standing, Standing::Approved(_))
                && item.votes.iter().any(|vote| vote.person == approval.person && vote.says == Say::Approve)
        });
    match verdict {
        Verdict::Approve | Verdict::Deny => {
            if withdrawal {
                let why = "Who approved takes it back. The access stands until a person revokes it.";
                draft.task(NewTask::new(TaskCause::Revoke, why).mail(mail.mail).approval(approval.no).urgent());
            }
            let body = Body::LateAnswer(LateAnswer {
                requester_email: tell::requester_as_repeated(&request).unwrap_or_default(),
                lines: tell::lines(draft, &request, &shown),
                withdrawal,
            });
            draft.tell(&mut request, Recipient::asked(approval, mail), body);
            let folder = if withdrawal { Folder::Human } else { Folder::Done };
            draft.taken_as("answer", folder, "Late: told the outcome, changed nothing.");
            draft.out.request = Some(request);
        }
        Verdict::SendBack | Verdict::Mixed | Verdict::Delegate | Verdict::Question | Verdict::Unclear => {
            let why = "An administrator wrote again after the decision. Nothing was changed.";
            hand_over(draft, mail, request, approval, TaskCause::VerdictNotWorked, why);
        }
    }
}

/// Status and token stay as they are; a person of the desk reads the answer, and its writer is told so.
fn hand_over(
    draft: &mut Draft<'_>,
    mail: &MailInput,
    mut request: Request,
    approval: &Approval,
    cause: TaskCause,
    why: &str,
) {
    draft.task(NewTask::new(cause, why).mail(mail.mail).approval(approval.no));
    let written_by_the_person = mail.from.as_ref() == Some(&approval.person) && not_aligned(draft, mail).is_none();
    if written_by_the_person {
        let shown: Vec<ItemNo> = approval.waiting_items(&request);
        let body = Body::AnswerReceipt(AnswerReceipt {
            requester_email: tell::requester_as_repeated(&request).unwrap_or_default(),
            lines: tell::lines(draft, &request, &shown),
        });
        draft.tell(&mut request, Recipient::asked(approval, mail), body);
    }
    draft.taken_as("answer", Folder::Human, why);
    draft.out.request = Some(request);
}

/// An answer that does not count, and that a person should know of.
fn not_counted(
    draft: &mut Draft<'_>,
    mail: &MailInput,
    request: Request,
    approval: &Approval,
    cause: TaskCause,
    why: &str,
) {
    draft.event(Event::new(EventKind::AnswerNotCounted, why).approval(approval.no).mail(mail.mail));
    draft.task(NewTask::new(cause, why).mail(mail.mail).approval(approval.no));
    draft.taken_as("answer", Folder::Human, why);
    draft.out.request = Some(request);
}

fn answered(draft: &mut Draft<'_>, mail: &MailInput, approval: &Approval, text: String) {
    let event = Event::new(EventKind::Answered, text).approval(approval.no).mail(mail.mail);
    draft.event(match &mail.from {
        Some(from) => event.person(from),
        None => event,
    });
}

fn update(request: &mut Request, no: ApprovalNo, change: impl FnOnce(&mut Approval)) {
    if let Some(approval) = request.approvals.iter_mut().find(|known| known.no == no) {
        change(approval);
    }
}
