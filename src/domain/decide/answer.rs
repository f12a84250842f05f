//! Answers to approval letters: whether a mail counts, and what it then decides (rules R1 to R4, T1 to T9, V5).

use super::draft::{Draft, Recipient};
use super::{ask, check, late, mail as ways, tell, vote};
use crate::domain::address::EmailAddress;
use crate::domain::approval::{Approval, Purpose, Say};
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::{ApprovalNo, ItemNo, LetterNo};
use crate::domain::input::{MailInput, Whose};
use crate::domain::letter::{Again, AnswerReceipt, Body};
use crate::domain::outcome::Folder;
use crate::domain::policy::Alignment;
use crate::domain::quote::{passed_on, repeated, without_names};
use crate::domain::request::{Need, Request, Standing};
use crate::domain::task::{NewTask, TaskCause};
use crate::domain::trust::{Authentication, Carrier};
use crate::domain::words::{ItemVerdict, Verdict};

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
    let mut live = approval.live_items(carried.letter, &request);
    let changed = if live.is_empty() { asked_anew(&request, &approval, carried.letter) } else { Vec::new() };
    let outdated = !changed.is_empty();
    live.extend(changed);
    if live.is_empty() {
        return late::decide(draft, mail, request, &approval);
    }
    // V5: eligibility is looked up at the deciding moment. Nobody administers a contract that is gone: its item ends.
    let counts = |no: &ItemNo| is_eligible(draft, &request, *no, from) || vote::is_gone(draft.snapshot, &request, *no);
    let eligible: Vec<ItemNo> = live.into_iter().filter(counts).collect();
    if eligible.is_empty() {
        let why = "The answer came from somebody who no longer administers the contract. It was not counted.";
        return not_counted(draft, mail, request, &approval, TaskCause::NoLongerEligible, why);
    }
    if let Some(cause) = not_aligned(draft, mail) {
        return confirm(draft, mail, request, &approval, &cause);
    }
    if outdated {
        // V2: what the answer is about has changed since. The letter that shows it as it is now may not have been read.
        draft.again = Again::Changed;
        answered(draft, mail, &approval, "It answers a letter that shows the item as it was before.".to_owned());
        return unclear(draft, mail, request, &approval, &eligible);
    }
    judge(draft, mail, request, &approval, &eligible);
}

/// Items of this letter that wait for the person as they are now, and that the letter shows as they were (rule V2).
fn asked_anew(request: &Request, approval: &Approval, letter: LetterNo) -> Vec<ItemNo> {
    let waiting = approval.waiting_items(request);
    let shown = approval.ask(letter).map(|ask| ask.shown.as_slice()).unwrap_or_default();
    shown.iter().map(|shown| shown.item).filter(|no| waiting.contains(no)).collect()
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
    let approval = request.approvals.iter().find(|known| carried.whose == Whose::Approval(known.no))?.clone();
    Some((carried.clone(), request, approval))
}

/// Whether reply address and In-Reply-To name different approvals: any answer is unclear then (rule T8).
pub(super) fn contradicts(mail: &MailInput) -> bool {
    let mut named = mail
        .carried
        .iter()
        .filter(|carried| matches!(carried.carrier, Carrier::ReplyAddress | Carrier::InReplyTo))
        .map(|carried| (&carried.reference, carried.whose));
    let first = named.next();
    named.any(|other| Some(other) != first)
}

/// The verdict that counts.
pub(super) fn verdict(mail: &MailInput) -> Verdict {
    match &mail.answer {
        Some(answer) if !contradicts(mail) => answer.verdict,
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
pub(super) fn not_aligned(draft: &Draft<'_>, mail: &MailInput) -> Option<String> {
    match (draft.snapshot.desk.policy.alignment, &mail.authentication) {
        (Alignment::NotRequired, _) | (Alignment::Required, Authentication::Aligned { .. }) => None,
        (Alignment::Required, Authentication::NotAligned { cause }) => Some(cause.clone()),
        (Alignment::Required, Authentication::DmarcFail) => Some("dmarc=fail".to_owned()),
    }
}

/// V5: an administrator of the item's contract, now, and not its requester; where consent is asked, the approver, who is
/// still entitled.
pub(super) fn is_eligible(draft: &Draft<'_>, request: &Request, no: ItemNo, person: &EmailAddress) -> bool {
    let Some(item) = request.item(no) else { return false };
    let Some(contract) = draft.snapshot.contract(item.contract_number.as_deref()) else { return false };
    match item.standing {
        Standing::FurtherAction(Need::ConsentRequired) => {
            request.approver.email.as_ref() == Some(person)
                && check::approver(request, item, contract, &draft.snapshot.desk.policy.legal_forms).is_none()
        }
        _ => vote::is_eligible(draft.snapshot, request, no, person),
    }
}

/// An answer that counts.
fn judge(draft: &mut Draft<'_>, mail: &MailInput, request: Request, approval: &Approval, items: &[ItemNo]) {
    let verdict = verdict(mail);
    answered(draft, mail, approval, format!("Read as {verdict}."));
    match verdict {
        Verdict::Approve => by_item(draft, mail, request, approval, &all(items, ItemVerdict::Approve)),
        Verdict::Deny => by_item(draft, mail, request, approval, &all(items, ItemVerdict::Deny)),
        Verdict::SendBack => by_item(draft, mail, request, approval, &all(items, ItemVerdict::SendBack)),
        Verdict::Mixed => {
            let said = mixed(mail, &request, items);
            if said.is_empty() {
                return unclear(draft, mail, request, approval, items);
            }
            by_item(draft, mail, request, approval, &said);
        }
        Verdict::Unclear => unclear(draft, mail, request, approval, items),
        Verdict::Delegate | Verdict::Question => {
            let why = format!(
                "An administrator's answer reads as {verdict}, which a person must carry out. Nothing was decided."
            );
            hand_over(draft, mail, request, approval, TaskCause::VerdictNotWorked, &why);
        }
    }
}

fn all(items: &[ItemNo], verdict: ItemVerdict) -> Vec<(ItemNo, ItemVerdict)> {
    items.iter().map(|no| (*no, verdict)).collect()
}

/// What a mixed answer says of each item that the token holds for. What it does not name is not here: it stays asked.
fn mixed(mail: &MailInput, request: &Request, items: &[ItemNo]) -> Vec<(ItemNo, ItemVerdict)> {
    let Some(answer) = &mail.answer else { return Vec::new() };
    let said = |no: &ItemNo| {
        let number = request.item(*no)?.named_as()?;
        Some((*no, *answer.items.get(number)?))
    };
    items.iter().filter_map(said).collect()
}

/// Each item by its own verdict. What is left without one is asked about again, or a person reads it.
fn by_item(
    draft: &mut Draft<'_>,
    mail: &MailInput,
    mut request: Request,
    approval: &Approval,
    said: &[(ItemNo, ItemVerdict)],
) {
    let of = |verdict: ItemVerdict| said.iter().filter(move |(_, own)| *own == verdict).map(|(no, _)| *no);
    let votes: Vec<(ItemNo, Say)> = said
        .iter()
        .filter_map(|(no, verdict)| match verdict {
            ItemVerdict::Approve => Some((*no, Say::Approve)),
            ItemVerdict::Deny => Some((*no, Say::Deny)),
            ItemVerdict::SendBack => Some((*no, Say::SendBack)),
            ItemVerdict::Question | ItemVerdict::Unclear => None,
        })
        .collect();
    let (asked, doubtful): (Vec<ItemNo>, Vec<ItemNo>) =
        (of(ItemVerdict::Question).collect(), of(ItemVerdict::Unclear).collect());
    let question = "An administrator asks back about a part of the items. What was clear is recorded.";
    if votes.is_empty() {
        if asked.is_empty() {
            return unclear(draft, mail, request, approval, &doubtful);
        }
        return hand_over(draft, mail, request, approval, TaskCause::VerdictNotWorked, question);
    }
    let denies = votes.iter().any(|(_, says)| *says == Say::Deny);
    let sends_back = votes.iter().any(|(_, says)| *says == Say::SendBack);
    let comment = comment(mail, approval).filter(|_| sends_back);
    if denies && comment.is_some() {
        // H2: nobody can say which of the words belong to the denial, which is not explained to anybody.
        let why = "One answer denies and sends back. Its comment was not passed on: it may be about the denial.";
        draft.task(NewTask::new(TaskCause::VerdictNotWorked, why).mail(mail.mail).approval(approval.no));
    }
    let undecided = asked.iter().chain(&doubtful).copied().collect();
    let answer = vote::Answer { approval, votes, undecided, comment: comment.filter(|_| !denies), mail };
    vote::cast(draft, &mut request, &answer);
    let mut folder = Folder::Done;
    if !asked.is_empty() {
        draft.task(NewTask::new(TaskCause::VerdictNotWorked, question).mail(mail.mail).approval(approval.no));
        folder = Folder::Human;
    }
    if !doubtful.is_empty() && !ask_again(draft, mail, &mut request, approval, &doubtful) {
        let why = "An administrator's answer is unclear about a part of the items, for the second time.";
        draft.task(NewTask::new(TaskCause::UnclearAnswer, why).mail(mail.mail).approval(approval.no));
        folder = Folder::Human;
    }
    draft.taken_as("answer", folder, format!("{} verdict(s) recorded.", answer.votes.len()));
    draft.out.request = Some(request);
}

/// R2: one letter that says how it was read and asks again, and after that a task.
fn unclear(draft: &mut Draft<'_>, mail: &MailInput, mut request: Request, approval: &Approval, items: &[ItemNo]) {
    if ask_again(draft, mail, &mut request, approval, items) {
        draft.taken_as("answer", Folder::Done, "Unclear: asked again, once.");
        draft.out.request = Some(request);
    } else {
        let why = "An administrator's answer is unclear for the second time. Nothing was decided.";
        hand_over(draft, mail, request, approval, TaskCause::UnclearAnswer, why);
    }
}

/// Asks again about these items, unless that was done before.
fn ask_again(
    draft: &mut Draft<'_>,
    mail: &MailInput,
    request: &mut Request,
    approval: &Approval,
    items: &[ItemNo],
) -> bool {
    if approval.asked_again {
        return false;
    }
    let words = repeated(&mail.visible_text, mail.authentication.is_aligned());
    update(request, approval.no, |approval| approval.asked_again = true);
    let words = (!words.is_empty()).then_some(words);
    ask::write(draft, request, approval.no, items, Purpose::AskAgain, words, None);
    true
}

/// What is passed on with a send_back (rule H2): the comment, without the name of whoever wrote it.
fn comment(mail: &MailInput, approval: &Approval) -> Option<String> {
    let comment = mail.answer.as_ref()?.comment.as_deref()?;
    let names = [approval.name.as_deref(), mail.from_name.as_deref(), Some(approval.person.as_str())];
    let told = passed_on(&without_names(comment, names.into_iter().flatten()));
    (!told.is_empty()).then_some(told)
}

/// T3: one confirmation with fresh tokens to the registered address, at most one for each approval and person; after that a task.
fn confirm(draft: &mut Draft<'_>, mail: &MailInput, mut request: Request, approval: &Approval, cause: &str) {
    answered(draft, mail, approval, format!("Not counted: {cause}."));
    let waiting = approval.waiting_items(&request);
    if waiting.is_empty() {
        return late::decide(draft, mail, request, approval);
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

/// Status and token stay as they are; a person of the desk reads the answer, and its writer is told so.
pub(super) fn hand_over(
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

pub(super) fn answered(draft: &mut Draft<'_>, mail: &MailInput, approval: &Approval, text: String) {
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
